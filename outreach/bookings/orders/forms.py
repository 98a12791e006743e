"""HTML forms of orders as units fill them: what is posted, and the fields in their order for the list of errors."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from outreach.bookings.orders.domain.drafts import MOST_WINDOWS, Window
from outreach.bookings.schemas import MOST_SEATS, Note
from outreach.events.domain.parts import DayPart
from outreach.shared.errors import FieldProblem
from outreach.shared.i18n import gettext as _
from outreach.shared.text import District, Line, LongText, Phone, ShortLine

__all__ = [
    "ChangeOrderForm",
    "LeaveForm",
    "NewOrderForm",
    "ReviewForm",
    "WithdrawForm",
    "change_fields",
    "named_in_form",
    "order_fields",
    "review_fields",
    "typed_windows",
    "windows_in_form",
]

People = Annotated[int, Meta(ge=1, le=MOST_SEATS)]
MustPhone = Annotated[Phone, Meta(min_length=1)]
#: One name or code a line.
Names = Annotated[str, Meta(max_length=4000, pattern=LongText.__metadata__[0].pattern)]
Score = Annotated[int, Meta(ge=1, le=5)]
Revision = Annotated[int, Meta(ge=1, le=2**31 - 1)]


class _SiteForm(msgspec.Struct, kw_only=True):
    """How many people, where, and whom to call."""

    audience: People
    address: Line
    district: District = ""
    site_lacks: Note = ""
    contact_name: ShortLine
    contact_phone: MustPhone
    note: Note = ""


class NewOrderForm(_SiteForm, kw_only=True):
    """点单. The windows are numbered fields (``on_1``, ``part_1`` …), read by ``typed_windows``."""

    organisation_id: UUID
    joined: Names = ""
    support: Names = ""
    agrees_public: bool = False
    form_key: UUID | None = None


class ChangeOrderForm(_SiteForm, kw_only=True):
    """What a unit changes of an order that has no date yet; ``revision`` is the one that the page showed."""

    revision: Revision


class WithdrawForm(msgspec.Struct, kw_only=True):
    """Why an order is withdrawn; the organiser reads it."""

    reason: Line


class LeaveForm(msgspec.Struct, kw_only=True):
    """退出拼场: why, and which unit where somebody is the contact of several that joined."""

    organisation_id: UUID | None = None
    reason: Line


class ReviewForm(msgspec.Struct, kw_only=True):
    """评单: three questions from 1 to 5, whether again, and what to change."""

    lecturer: Score
    content: Score
    organising: Score
    again: Literal["yes", "no"]
    words: Note = ""


def typed_windows(values: Mapping[str, Any]) -> tuple[list[Window], list[int], list[FieldProblem]]:
    """The windows of a posted form, the number of the row of each, and what is wrong with the rows.

    A row without a day is left out; one without a part of the day is named.
    """
    windows: list[Window] = []
    numbers: list[int] = []
    problems: list[FieldProblem] = []
    for number in range(1, MOST_WINDOWS + 1):
        on, part = str(values.get(f"on_{number}", "")), str(values.get(f"part_{number}", ""))
        if not on:
            continue
        try:
            day = date.fromisoformat(on)
        except ValueError:
            problems.append(FieldProblem(f"on_{number}", "not-date"))
            continue
        if part not in list(DayPart):
            problems.append(FieldProblem(f"part_{number}", "required"))
            continue
        windows.append(Window(day, DayPart(part)))
        numbers.append(number)
    return windows, numbers, problems


def named_in_form(problems: Iterable[FieldProblem], numbers: list[int]) -> list[FieldProblem]:
    """The problems with the names of the form's fields, each once: ``windows.1.date`` is the day of its row."""
    named: dict[tuple[str, str], FieldProblem] = {}
    for one in problems:
        first, _dot, rest = one.field.partition(".")
        field = {"joined_by": "joined", "organisers": "support"}.get(first, one.field)
        if first == "windows":
            at = rest.partition(".")[0]
            number = numbers[int(at)] if at.isdigit() and int(at) < len(numbers) else 1
            field = f"{'part' if rest.endswith('.part') else 'on'}_{number}"
        named.setdefault((field, one.code), FieldProblem(field, one.code, one.facts))
    return list(named.values())


def windows_in_form(windows: Sequence[Window], *, first: int = 1) -> dict[str, str]:
    """Stored windows as the fields of a form show them, from row ``first`` on."""
    shown: dict[str, str] = {}
    for number, one in enumerate(windows, first):
        shown |= {f"on_{number}": one.on.isoformat(), f"part_{number}": one.part.value}
    return shown


def _window_fields() -> list[tuple[str, str]]:
    named = []
    for number in range(1, MOST_WINDOWS + 1):
        label = _("时间%(number)s") % {"number": number}
        named += [(f"on_{number}", label), (f"part_{number}", label)]
    return named


def _site_fields() -> list[tuple[str, str]]:
    return [
        ("audience", _("人数")),
        ("address", _("地点")),
        ("district", _("地区")),
        ("site_lacks", _("场地缺什么")),
        ("contact_name", _("联系人")),
        ("contact_phone", _("手机")),
        ("note", _("备注")),
    ]


def order_fields() -> list[tuple[str, str]]:
    """Fields of the order form, with their labels."""
    return [
        ("organisation_id", _("单位")),
        ("event_id", _("活动")),
        *_window_fields(),
        *_site_fields(),
        ("joined", _("一起办的单位")),
        ("support", _("协办单位")),
        ("agrees_public", _("同意公开")),
    ]


def change_fields() -> list[tuple[str, str]]:
    """Fields of the form that changes an order, with their labels."""
    return [*_window_fields(), *_site_fields()]


def review_fields() -> list[tuple[str, str]]:
    """Fields of the review, with their labels."""
    return [
        ("lecturer", _("讲师或团队")),
        ("content", _("内容")),
        ("organising", _("组织")),
        ("again", _("再来一次")),
        ("words", _("您希望改进什么")),
    ]
