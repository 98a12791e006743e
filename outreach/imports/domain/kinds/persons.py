"""People and what they are where. Pure."""

from outreach.imports.domain.columns import Choice, Column, Kind
from outreach.shared.actors import Role
from outreach.shared.i18n import phrase

__all__ = ["PERSONS"]

#: Administrators are made one by one, by administrators.
_ROLES = (
    Choice(Role.CONTACT, phrase("联系人"), "Contact", ("单位联系人", "经办人")),
    Choice(Role.ORGANISER, phrase("组织者"), "Organiser", ("管理", "主管", "组织人")),
    Choice(Role.PROVIDER, phrase("讲师或团队"), "Lecturer or troupe", ("讲师", "团队", "讲师团队")),
    Choice(Role.EVALUATOR, phrase("评估人"), "Evaluator", ("评估",)),
)

PERSONS = Kind(
    key="persons",
    title=phrase("人员"),
    about=phrase("谁在哪个单位做什么：联系人、组织者，几个单位写几行"),
    columns=(
        Column(
            key="name",
            title=phrase("姓名"),
            english="Name",
            also=("联系人姓名", "人员姓名", "负责人", "名字"),
            parse="name",
            required=True,
            most=60,
            width=12,
            hint=phrase("一个人写一行。"),
            example="顾明",
        ),
        Column(
            key="unit",
            title=phrase("单位"),
            english="Unit",
            parse="ref",
            also=("单位名称", "单位编码", "所在单位", "组织", "工会名称", "组织编码", "组织名称", "工作单位"),
            required=True,
            listed="units",
            width=28,
            hint=phrase("单位的名称或编码；在几个单位都有角色的，写几行。"),
            example="胥江机械厂工会",
        ),
        Column(
            key="role",
            title=phrase("角色"),
            english="Role",
            parse="choice",
            choices=_ROLES,
            also=("身份", "职责"),
            required=True,
            width=12,
            hint=phrase("从列表里选。管理员请在“人员”里加。"),
            example="contact",
        ),
        Column(
            key="phone",
            title=phrase("手机"),
            english="Phone",
            parse="phone",
            also=("手机号", "手机号码", "电话", "联系电话", "联系方式", "电话号码"),
            most=30,
            width=16,
            hint=phrase("11位手机号，用它登录，也按它认出同一个人。"),
            example="13800000000",
        ),
        Column(
            key="email",
            title=phrase("邮箱"),
            english="E-mail",
            parse="mail",
            also=("电子邮箱", "邮件", "电子邮件", "mail", "email"),
            most=254,
            width=24,
            hint=phrase("可不填；本人确认以后才往那里发。"),
            example="",
        ),
        Column(
            key="is_deputy",
            title=phrase("副手"),
            english="Deputy",
            parse="yes",
            also=("是否副手", "代理"),
            keeps=True,
            width=8,
            hint=phrase("是或否。"),
            example="否",
        ),
        Column(
            key="from_on",
            title=phrase("开始日期"),
            english="From",
            parse="day",
            also=("任职日期", "起始日期"),
            keeps=True,
            width=14,
            hint=phrase("不填就是导入的当天。"),
            example="2015-01-01",
        ),
        Column(
            key="until_on",
            title=phrase("结束日期"),
            english="Until",
            parse="day",
            also=("离任日期", "截止日期"),
            width=14,
            hint=phrase("从这一天起不再有这个角色；不填就一直有。"),
            example="",
        ),
    ),
)
