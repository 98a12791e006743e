"""Entries for what no session yields. Pure."""

from outreach.imports.domain.columns import Column, Kind
from outreach.imports.domain.kinds.shared import DATE, ID, PROGRAMME
from outreach.shared.i18n import phrase

__all__ = ["TALLIES"]

TALLIES = Kind(
    key="tallies",
    title=phrase("补充填报"),
    about=phrase("没有场次的数字：发放手册、新入会、建档"),
    columns=(
        PROGRAMME,
        Column(
            key="target",
            title=phrase("指标"),
            english="Target",
            also=("指标名称", "指标代码", "填报项目"),
            required=True,
            most=400,
            listed="targets",
            width=28,
            hint=phrase("指标的名称、原文或代码。"),
            example="发放安全健康知识手册",
        ),
        DATE,
        Column(
            key="quantity",
            title=phrase("数量"),
            english="Quantity",
            parse="decimal",
            most=1_000_000_000,
            also=("数值", "数目", "发放数量"),
            required=True,
            width=12,
            hint=phrase("只写数字，单位在指标里。"),
            example="500",
        ),
        Column(
            key="receiver",
            title=phrase("对象"),
            english="Receiver",
            also=("接收单位", "发放对象", "领取单位", "单位"),
            width=26,
            hint=phrase("给了谁。"),
            example="胥江机械厂工会",
        ),
        Column(
            key="note",
            title=phrase("备注"),
            english="Note",
            also=("说明",),
            most=400,
            width=26,
            hint=phrase("可不填。"),
            example="",
        ),
        ID,
    ),
)
