"""HTML forms of programmes: what is posted, and the fields in the order in which a page shows them."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from outreach.programmes.domain.promise import DEFAULT_TOLERANCE_PERCENT, ProgrammeFacts, TargetFacts, ramp_of
from outreach.programmes.domain.tallies import LARGEST_QUANTITY
from outreach.programmes.domain.target_names import key_of
from outreach.programmes.domain.targets import Basis, Bound, Metric
from outreach.programmes.queries import ProgrammeRow, TargetRow, YearRow
from outreach.programmes.schemas import (
    Document,
    HolidayName,
    LimitPerUnit,
    ProgrammeFields,
    Quantity,
    TargetFields,
    Wording,
    Year,
    number,
)
from outreach.programmes.wording import unit_of
from outreach.shared.errors import FieldProblem, InvalidError, invalid
from outreach.shared.i18n import gettext as _
from outreach.shared.i18n import language
from outreach.shared.text import Code, Line, LongText, OptionalLine
from outreach.web.wording import joined

__all__ = [
    "HolidayForm",
    "ProgrammeForm",
    "ReasonForm",
    "ReleaseForm",
    "SeedForm",
    "TallyForm",
    "TargetForm",
    "YearForm",
    "completed_target",
    "holiday_order",
    "names_in",
    "programme_order",
    "programme_values",
    "tally_order",
    "target_order",
    "target_values",
    "year_order",
    "year_values",
]

Order = list[tuple[str, str]]

#: Between several names in one field.
_BETWEEN = re.compile(r"[、，,;；\n/]+")
_LISTS = ("audiences", "kinds", "forms", "topics", "channels", "reservable_by")
_MOST_NAMES, _LONGEST_NAME = 50, 60


class ProgrammeForm(ProgrammeFields, kw_only=True):
    """A programme as a page shows it; lists are texts with 、 between."""

    audiences: LongText = ""
    kinds: LongText = ""
    forms: LongText = ""
    topics: LongText = ""
    channels: LongText = ""
    reservable_by: LongText = ""
    quarter_shares: OptionalLine = ""
    account: LongText = ""
    revision: Annotated[int, Meta(ge=1, le=2_147_483_647)] | None = None

    def facts(self) -> ProgrammeFacts:
        """What the form says.

        Raises:
            InvalidError: a list has too many or too long names, or the shares are no numbers.
        """
        given = msgspec.structs.asdict(self)
        del given["revision"]
        problems: list[FieldProblem] = []
        for name in _LISTS:
            given[name] = names_in(given[name])
            problems += _names_problems(name, given[name])
        given["quarter_shares"], wrong = _shares(self.quarter_shares)
        problems += wrong
        if problems:
            raise InvalidError(problems)
        return ProgrammeFacts(**given)


def names_in(text: str) -> tuple[str, ...]:
    """The names of a field that takes several, each once."""
    return tuple(dict.fromkeys(name.strip() for name in _BETWEEN.split(text) if name.strip()))


def _names_problems(field: str, names: tuple[str, ...]) -> list[FieldProblem]:
    longest = max((len(name) for name in names), default=0)
    if longest > _LONGEST_NAME:
        return [FieldProblem(field, "too-long", {"most": _LONGEST_NAME, "length": longest})]
    if len(names) > _MOST_NAMES:
        return [FieldProblem(field, "too-many-names", {"most": _MOST_NAMES, "count": len(names)})]
    return []


def _shares(text: str) -> tuple[tuple[int, ...], list[FieldProblem]]:
    parts = [part.strip().rstrip("%") for part in _BETWEEN.split(text) if part.strip()]
    if not all(part.isascii() and part.isdigit() and len(part) <= 3 for part in parts):
        return (), [FieldProblem("quarter_shares", "not-whole-number")]
    return tuple(int(part) for part in parts), []


#: ``2015=20`` of 各年的数值.
_OF_YEAR = re.compile(r"(20[0-9]{2})年? *[=＝:：] *([0-9]{1,13}(?:\.[0-9]{1,4})?)")


class TargetForm(TargetFields, kw_only=True):
    key: Code
    kinds: list[Line] = msgspec.field(default_factory=list)
    values: OptionalLine = ""

    def facts(self) -> TargetFacts:
        """What the form says; a tolerance that the page filled in for another bound is left out.

        Raises:
            InvalidError: the values by year cannot be read.
        """
        given = msgspec.structs.asdict(self)
        given["ramp"] = _ramp(given.pop("values"))
        given["kinds"] = tuple(self.kinds)
        if self.bound is not Bound.ABOUT:
            given["tolerance_percent"] = None
        return TargetFacts(**given)


def _ramp(text: str) -> tuple[tuple[int, float], ...]:
    parts = [part.strip() for part in _BETWEEN.split(text) if part.strip()]
    found = [_OF_YEAR.fullmatch(part) for part in parts]
    values = {one[1]: float(one[2]) for one in found if one}
    if len(values) != len(parts) or any(value <= 0 or value > LARGEST_QUANTITY for value in values.values()):
        raise invalid("values", "not-years")
    return ramp_of(values)


class YearForm(msgspec.Struct, kw_only=True):
    title: Line
    document: Document = ""
    submissions_due: date | None = None
    max_per_organisation: LimitPerUnit | None = None


class ReleaseForm(msgspec.Struct, kw_only=True):
    as_of: date | None = None


class TallyForm(msgspec.Struct, kw_only=True):
    target_id: Annotated[str, Meta(min_length=1, max_length=40)]
    on: date
    quantity: Quantity
    receiver: OptionalLine = ""
    note: Wording = ""


class ReasonForm(msgspec.Struct, kw_only=True):
    reason: Line


class HolidayForm(msgspec.Struct, kw_only=True):
    on: date
    kind: Literal["off", "work"]
    name: HolidayName = ""


class SeedForm(msgspec.Struct, kw_only=True):
    year: Year


def programme_order() -> Order:
    return [
        ("name", _("名称")),
        ("code", _("代码")),
        ("short_name", _("简称")),
        ("mark", _("字标")),
        ("department", _("承办单位")),
        ("kinds", _("种类")),
        ("topics", _("题目")),
        ("forms", _("形式")),
        ("audiences", _("对象")),
        ("channels", _("渠道")),
        ("reservable_by", _("谁可以约")),
        ("budget_yuan", _("预算")),
        ("zones", _("服务圈")),
        ("quarter_shares", _("按季度的序时")),
        ("account", _("完成情况")),
        ("max_per_organisation", _("每个单位最多")),
        ("cancel_hours", _("取消截止")),
        ("two_step_orders", _("点单要上级先同意")),
        ("offer_hours", _("候补名额保留")),
        ("answer_hours", _("讲师答复时限")),
        ("closing_days", _("结项时限")),
        ("remind_days", _("提前几天提醒")),
        ("remind_morning", _("前一天早上提醒")),
    ]


def programme_values(row: ProgrammeRow) -> dict[str, Any]:
    """What the form of a stored programme shows."""
    values: dict[str, Any] = {name: getattr(row, name) for name in ProgrammeForm.__struct_fields__}
    values["short_name"] = row.short
    values["remind_morning"] = "yes" if row.remind_morning else "no"
    values["quarter_shares"] = "/".join(str(share) for share in row.quarter_shares)
    for name in _LISTS:
        values[name] = joined(getattr(row, name), language())
    return values


def target_order() -> Order:
    return [
        ("label", _("指标名称")),
        ("key", _("代码")),
        ("metric", _("怎样统计")),
        ("bound", _("约束")),
        ("value", _("数值")),
        ("values", _("各年的数值")),
        ("unit", _("单位")),
        ("tolerance_percent", _("上下浮动")),
        ("counting", _("累计还是时点")),
        ("basis", _("数谁的人次")),
        ("kinds", _("只算这些种类")),
        ("wording", _("通知原文")),
    ]


def target_values(row: TargetRow | None) -> dict[str, Any]:
    """What the form of a stored target shows, or that of a new one."""
    if row is None:
        return {
            "metric": "sessions",
            "bound": "at_least",
            "counting": "flow",
            "basis": "all",
            "unit": "",
            "tolerance_percent": number(DEFAULT_TOLERANCE_PERCENT),
        }
    values: dict[str, Any] = {name: getattr(row, name) for name in TargetForm.__struct_fields__ if name != "values"}
    values["values"] = _("，").join(f"{year}={number(value)}" for year, value in row.ramp)
    tolerance = DEFAULT_TOLERANCE_PERCENT if row.tolerance_percent is None else row.tolerance_percent
    return {**values, "value": number(row.value), "tolerance_percent": number(tolerance)}


def completed_target(
    values: Mapping[str, Any], stored: TargetRow | None, others: Sequence[TargetRow]
) -> Mapping[str, Any]:
    """What was posted, with code and unit where they were left out or left as they were under another metric.

    Args:
        stored: the target that is changed; its code stays when the field was emptied.
        others: the targets of the programme, whose codes are taken.
    """
    metric = values.get("metric")
    if metric not in list(Metric):
        return values
    measured = Metric(str(metric))
    basis = Basis.WORKERS if values.get("basis") == Basis.WORKERS else Basis.ALL
    shown = (stored.metric, stored.unit) if stored else None
    unit = unit_of(measured, str(values.get("unit", "")), shown=shown)
    taken = [one.key for one in others]
    proposed = stored.key if stored else key_of(measured, basis, str(values.get("label", "")), taken)
    return {**values, "unit": unit, "key": values.get("key") or proposed}


def year_order() -> Order:
    return [
        ("title", _("通知标题")),
        ("document", _("文号")),
        ("submissions_due", _("上报截止")),
        ("max_per_organisation", _("每个单位全年最多")),
    ]


def year_values(row: YearRow | None, year: int, organisation: str) -> Mapping[str, Any]:
    """What the form of a stored year shows, or that of a new one."""
    if row is None:
        title = _("%(year)s年%(organisation)s实事项目") % {"year": year, "organisation": organisation}
        return {"title": title, "document": "", "submissions_due": None, "max_per_organisation": None}
    return {name: getattr(row, name) for name in YearForm.__struct_fields__}


def tally_order() -> Order:
    return [
        ("target_id", _("指标")),
        ("on", _("日期")),
        ("quantity", _("数量")),
        ("receiver", _("发给谁、在哪里")),
        ("note", _("备注")),
    ]


def holiday_order() -> Order:
    return [("on", _("日期")), ("kind", _("休还是班")), ("name", _("名称"))]
