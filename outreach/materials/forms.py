"""HTML forms of materials, and their fields in order for the list of errors."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from outreach.materials.commands.deciding import Decided
from outreach.materials.domain.allocation import HAZARD_PERCENTS, LARGEST_AMOUNT
from outreach.shared.errors import FieldProblem, InvalidError
from outreach.shared.i18n import gettext as _
from outreach.shared.text import LINE_PATTERN, VISIBLE_LINE_PATTERN, Line, LongText, OptionalLine

__all__ = [
    "Amount",
    "ApplyForm",
    "CorrectForm",
    "GiveForm",
    "GrantForm",
    "HandOutForm",
    "ItemForm",
    "LinkForm",
    "MoveForm",
    "NameForm",
    "ReasonForm",
    "ReopenForm",
    "RoundForm",
    "ScanForm",
    "apply_order",
    "item_order",
    "move_order",
    "parts_typed",
    "promise_ids",
    "revision_of",
    "round_order",
]

#: In the item's unit.
Amount = Annotated[int, Meta(ge=1, le=LARGEST_AMOUNT)]
AmountOrNone = Annotated[int, Meta(ge=0, le=LARGEST_AMOUNT)]
Percent = Annotated[int, Meta(ge=HAZARD_PERCENTS[0], le=HAZARD_PERCENTS[1])]


class ItemForm(msgspec.Struct, kw_only=True):
    """A new item."""

    name: Line
    unit: Annotated[str, Meta(min_length=1, max_length=10, pattern=VISIBLE_LINE_PATTERN)]
    organisation_id: UUID
    note: OptionalLine = ""
    form_key: UUID | None = None


class NameForm(msgspec.Struct, kw_only=True):
    """What an item is called."""

    name: Line
    unit: Annotated[str, Meta(min_length=1, max_length=10, pattern=VISIBLE_LINE_PATTERN)]
    note: OptionalLine = ""


class MoveForm(msgspec.Struct, kw_only=True):
    """Books that came in, or were lost."""

    kind: Literal["receipt", "loss"]
    quantity: Amount
    on: date
    note: OptionalLine = ""
    form_key: UUID | None = None


class GiveForm(msgspec.Struct, kw_only=True):
    """A hand-out without a round; ``promise``: programme, or programme and target, joined by a colon."""

    quantity: Amount
    on: date
    promise: Annotated[str, Meta(min_length=1, max_length=80, pattern=r"^[0-9a-f-]{36}(:[0-9a-f-]{36})?\Z")]
    receiver: Line
    note: OptionalLine = ""
    form_key: UUID | None = None


class RoundForm(msgspec.Struct, kw_only=True):
    """A new round."""

    title: Line
    promise: Annotated[str, Meta(min_length=1, max_length=80, pattern=r"^[0-9a-f-]{36}(:[0-9a-f-]{36})?\Z")]
    quantity: Amount
    apply_until: date
    hazard_percent: Percent = 150
    note: LongText = ""
    form_key: UUID | None = None


class ApplyForm(msgspec.Struct, kw_only=True):
    """What a unit needs; without ``members`` what was collected of it counts."""

    organisation_id: UUID
    wanted: Amount
    members: AmountOrNone | None = None
    hazard: bool = False
    note: OptionalLine = ""


class HandOutForm(msgspec.Struct, kw_only=True):
    """Units that got what was left of theirs; ``quantity`` for a part of one unit's."""

    on: date
    application_id: Annotated[list[UUID], Meta(max_length=500)] = []
    quantity: Amount | None = None
    note: OptionalLine = ""
    form_key: UUID | None = None


class CorrectForm(msgspec.Struct, kw_only=True):
    """How many it really were."""

    quantity: AmountOrNone
    reason: Line
    form_key: UUID | None = None


class GrantForm(msgspec.Struct, kw_only=True):
    """What one unit gets after all."""

    granted: AmountOrNone
    reason: Line


class ReopenForm(msgspec.Struct, kw_only=True):
    """Until when units may apply again."""

    apply_until: date
    reason: Line


class ReasonForm(msgspec.Struct, kw_only=True):
    """Why; whether it may be left out is the command's matter."""

    reason: OptionalLine = ""


class LinkForm(msgspec.Struct, kw_only=True):
    """A session that follows the round up."""

    session_id: UUID


class ScanForm(msgspec.Struct, kw_only=True):
    """What is said of scans; the files are read one by one."""

    note: Annotated[str, Meta(max_length=200, pattern=LINE_PATTERN)] = ""


def promise_ids(promise: str) -> tuple[UUID, UUID | None]:
    """Programme and target of a choice.

    Raises:
        InvalidError: names ``promise``.
    """
    programme, _colon, target = promise.partition(":")
    try:
        return UUID(programme), UUID(target) if target else None
    except ValueError:
        raise InvalidError([FieldProblem("promise", "not-an-id")]) from None


def revision_of(values: Mapping[str, Any]) -> int | None:
    """The revision that the form was made from; ``None``: it says none."""
    text = str(values.get("revision", ""))
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None


def parts_typed(values: Mapping[str, Any]) -> dict[UUID, Decided]:
    """The parts of an allocation: fields ``granted-<id>`` and ``reason-<id>``.

    Raises:
        InvalidError: names every field that is no whole number.
    """
    parts: dict[UUID, Decided] = {}
    problems: list[FieldProblem] = []
    for name, value in values.items():
        if not name.startswith("granted-") or not isinstance(value, str):
            continue
        reason = values.get(f"reason-{name.removeprefix('granted-')}", "")
        try:
            id_ = UUID(name.removeprefix("granted-"))
            amount = int(value) if value.isascii() and value.isdigit() and len(value) <= 9 else None
        except ValueError:
            continue
        if amount is None:
            problems.append(FieldProblem(name, "required" if not value else "not-whole-number"))
        elif len(str(reason)) > 200:
            problems.append(FieldProblem(f"reason-{id_}", "too-long", {"most": 200, "length": len(str(reason))}))
        else:
            parts[id_] = Decided(amount, str(reason))
    if problems:
        raise InvalidError(problems)
    return parts


def item_order() -> list[tuple[str, str]]:
    """Fields of an item."""
    return [("organisation_id", _("单位")), ("name", _("名称")), ("unit", _("计量单位")), ("note", _("备注"))]


def move_order() -> list[tuple[str, str]]:
    """Fields of a movement."""
    return [
        ("kind", _("是什么")), ("promise", _("计入")), ("quantity", _("数量")), ("on", _("日期")),
        ("receiver", _("发给谁")), ("note", _("说明")), ("reason", _("理由")),
    ]  # fmt: skip


def round_order() -> list[tuple[str, str]]:
    """Fields of a round."""
    return [
        ("title", _("这一轮的名称")), ("promise", _("计入")), ("quantity", _("最多发多少")),
        ("apply_until", _("申报截止")), ("hazard_percent", _("职业危害的权重")), ("note", _("申报说明")),
    ]  # fmt: skip


def apply_order() -> list[tuple[str, str]]:
    """Fields of an application."""
    return [
        ("organisation_id", _("单位")), ("wanted", _("要多少")), ("members", _("会员数")),
        ("hazard", _("职业危害")), ("note", _("说明")),
    ]  # fmt: skip
