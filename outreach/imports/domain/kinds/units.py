"""Organisations with their tree. Pure."""

from outreach.accounts.domain.organisations import KIND_NAMES, OWNERSHIP_NAMES, OrganisationKind, Ownership
from outreach.imports.domain.columns import Choice, Column, Kind
from outreach.imports.domain.kinds.shared import DISTRICT
from outreach.shared.i18n import phrase

__all__ = ["UNITS"]

#: People of one organisation, at most.
COUNT = 20_000_000

_UNIT_KINDS = (
    Choice(
        OrganisationKind.FEDERATION,
        KIND_NAMES[OrganisationKind.FEDERATION],
        "Federation",
        ("市总工会", "区总工会", "总工会机关"),
    ),
    Choice(
        OrganisationKind.JOINT_UNION,
        KIND_NAMES[OrganisationKind.JOINT_UNION],
        "Joint union",
        ("联合工会", "工会联合会"),
    ),
    Choice(
        OrganisationKind.WORK_COMMITTEE,
        KIND_NAMES[OrganisationKind.WORK_COMMITTEE],
        "Work committee",
        ("工会工委", "工委"),
    ),
    Choice(
        OrganisationKind.INDUSTRY_UNION,
        KIND_NAMES[OrganisationKind.INDUSTRY_UNION],
        "Industry union",
        ("产业", "行业工会"),
    ),
    Choice(
        OrganisationKind.COMPANY_UNION,
        KIND_NAMES[OrganisationKind.COMPANY_UNION],
        "Company union",
        ("局(公司)工会", "局工会", "公司工会", "集团工会"),
    ),
    Choice(
        OrganisationKind.DIRECT_UNIT, KIND_NAMES[OrganisationKind.DIRECT_UNIT], "Direct unit", ("直属单位", "直属工会")
    ),
    Choice(
        OrganisationKind.TOWNSHIP_UNION,
        KIND_NAMES[OrganisationKind.TOWNSHIP_UNION],
        "Township union",
        ("乡镇工会", "街道工会", "镇(街道)工会", "镇总工会", "街道总工会"),
    ),
    Choice(
        OrganisationKind.GRASSROOTS_UNION,
        KIND_NAMES[OrganisationKind.GRASSROOTS_UNION],
        "Grassroots union",
        ("基层", "企业工会", "基层工会组织", "单位工会"),
    ),
    Choice(
        OrganisationKind.WOMENS_COMMITTEE,
        KIND_NAMES[OrganisationKind.WOMENS_COMMITTEE],
        "Women's committee",
        ("女职委", "女职工委"),
    ),
    Choice(OrganisationKind.CULTURE_PALACE, KIND_NAMES[OrganisationKind.CULTURE_PALACE], "Culture palace", ("文化宫",)),
    Choice(OrganisationKind.GUEST, KIND_NAMES[OrganisationKind.GUEST], "Guest", ("其他", "其他对象")),
)

_OWNERSHIPS = (
    Choice(Ownership.PUBLIC, OWNERSHIP_NAMES[Ownership.PUBLIC], "Public", ("公有制", "国有", "集体")),
    Choice(
        Ownership.NON_PUBLIC,
        OWNERSHIP_NAMES[Ownership.NON_PUBLIC],
        "Non-public",
        ("非公有制", "非公", "民营", "私营", "外资"),
    ),
)

UNITS = Kind(
    key="units",
    title=phrase("组织"),
    about=phrase("工会组织树：编码、上级、类别、会员数"),
    columns=(
        Column(
            key="code",
            title=phrase("编码"),
            english="Code",
            parse="code",
            also=(
                "代码",
                "组织编码",
                "单位编码",
                "组织代码",
                "单位代码",
                "工会编码",
                "组织机构代码",
                "统一社会信用代码",
            ),
            required=True,
            most=40,
            width=16,
            hint=phrase("字母、数字、点、横线，不能重复；按它认出同一个组织。"),
            example="SZ-WZ-0012",
        ),
        Column(
            key="name",
            title=phrase("名称"),
            english="Name",
            also=("组织名称", "单位名称", "工会名称", "单位", "企业名称", "工会组织名称", "全称"),
            required=True,
            width=30,
            hint=phrase("全称。"),
            example="胥江机械厂工会",
        ),
        Column(
            key="kind",
            title=phrase("类别"),
            english="Kind",
            parse="choice",
            choices=_UNIT_KINDS,
            also=("组织类别", "组织类型", "工会类别", "单位类别", "类型"),
            required=True,
            width=16,
            hint=phrase("从列表里选。"),
            example="grassroots_union",
        ),
        Column(
            key="parent",
            title=phrase("上级"),
            english="Parent",
            parse="ref",
            also=(
                "上级编码",
                "上级代码",
                "上级组织",
                "上级工会",
                "上级名称",
                "主管工会",
                "上级单位",
                "parent_code",
                "parent_id",
            ),
            listed="units",
            width=24,
            hint=phrase("上级的编码或名称；上级可以在同一个文件里，先后不限。"),
            example="SZ-WZ",
        ),
        DISTRICT,
        Column(
            key="ownership",
            title=phrase("所有制"),
            english="Ownership",
            parse="choice",
            choices=_OWNERSHIPS,
            also=("经济类型", "企业性质", "单位性质", "性质"),
            width=10,
            hint=phrase("从列表里选。"),
            example="non_public",
        ),
        Column(
            key="industry",
            title=phrase("行业"),
            english="Industry",
            also=("所属行业", "行业类别"),
            most=60,
            width=14,
            hint=phrase("如机械、纺织、物流。"),
            example="机械",
        ),
        Column(
            key="member_count",
            title=phrase("会员数"),
            english="Members",
            parse="whole",
            most=COUNT,
            also=("已采集会员数", "会员人数", "工会会员数", "会员总数"),
            width=10,
            hint=phrase("已采集的会员人数。"),
            example="860",
        ),
        Column(
            key="member_count_on",
            title=phrase("会员数统计日期"),
            english="Members counted on",
            parse="day",
            also=("统计日期", "采集日期", "会员数日期"),
            width=16,
            hint=phrase("会员数是哪一天的。"),
            example="2015-01-01",
        ),
        Column(
            key="women_count",
            title=phrase("女职工数"),
            english="Women",
            parse="whole",
            most=COUNT,
            also=("女职工人数", "女会员数", "女工人数"),
            width=10,
            hint=phrase("女职工人数。"),
            example="310",
        ),
    ),
)
