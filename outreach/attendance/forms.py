"""HTML forms of attendance: what is posted, and the fields in their order for the list of errors."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from outreach.attendance.commands import Figures
from outreach.attendance.domain.headcounts import GROUPS, MOST_VISITS
from outreach.events.domain.drafts import SessionGiven
from outreach.shared.errors import FieldProblem, InvalidError
from outreach.shared.i18n import gettext as _
from outreach.shared.text import Line, OptionalLine
from outreach.shared.time import local_day
from outreach.web.forms import parse_form, problems_in

__all__ = [
    "CorrectionForm",
    "HeadcountForm",
    "NoShowForm",
    "PastForm",
    "correction_order",
    "field_words",
    "figures_order",
    "headcount_values",
    "no_shows_given",
    "past_order",
    "plain_fields",
    "reason_field",
]

Visits = Annotated[int, Meta(ge=0, le=MOST_VISITS)]
Moment = Annotated[dt.datetime, Meta(tz=True)]


class _FiguresForm(msgspec.Struct, kw_only=True):
    """Visits of one day; an empty field was not reported."""

    total: Visits
    workers: Visits | None = None
    migrant: Visits | None = None
    new_generation_migrant: Visits | None = None
    women: Visits | None = None
    estimated: bool = False

    def figures_on(self, on: dt.date) -> Figures:
        groups = {group: getattr(self, group) for group in GROUPS}
        return Figures(
            on=on,
            total=self.total,
            workers=self.workers,
            estimated=self.estimated,
            breakdown={group: visits for group, visits in groups.items() if visits is not None},
        )


class HeadcountForm(_FiguresForm, kw_only=True):
    """The head-count of one day of a session."""

    on: dt.date


class NoShowForm(msgspec.Struct, kw_only=True):
    """The bookings whose organisation did not come; why stands beside each, in ``reason-<id>``."""

    no_shows: Annotated[list[UUID], Meta(max_length=1000)] = []


class _Why(msgspec.Struct, kw_only=True):
    reason: OptionalLine = ""


def no_shows_given(values: Mapping[str, Any]) -> dict[UUID, str]:
    """The ticked bookings with the reasons typed beside them, empty where none was.

    Raises:
        InvalidError: names every bad field.
    """
    ids = parse_form(NoShowForm, values).no_shows
    typed = {id_: values.get(reason_field(id_), "") for id_ in ids}
    problems = [
        FieldProblem(reason_field(id_), one.code, one.facts)
        for id_, text in typed.items()
        for one in problems_in(_Why, {"reason": text})
    ]
    if problems:
        raise InvalidError(problems)
    return typed


def reason_field(booking_id: UUID) -> str:
    """Where it stands why an organisation did not come."""
    return f"reason-{booking_id}"


class CorrectionForm(msgspec.Struct, kw_only=True):
    """One figure, the right value (empty: not reported), and why it was wrong."""

    field: Literal["total", "workers", "breakdown.migrant", "breakdown.new_generation_migrant", "breakdown.women"]
    on: dt.date
    value: Visits | None = None
    reason: Line


class PastForm(_FiguresForm, kw_only=True):
    """补录: what took place on one day, and what came of it."""

    event_id: UUID
    title: OptionalLine = ""
    starts_at: Moment
    ends_at: Moment | None = None
    provider_ids: list[UUID] = []
    venue_id: UUID | None = None
    host_id: UUID | None = None
    address: OptionalLine = ""

    def given(self) -> SessionGiven:
        return SessionGiven(
            event_id=self.event_id,
            title=self.title or None,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            provider_ids=tuple(self.provider_ids),
            venue_id=self.venue_id,
            host_id=self.host_id,
            address=self.address,
        )

    def figures(self) -> Figures:
        return self.figures_on(local_day(self.starts_at))


def plain_fields(error: InvalidError) -> InvalidError:
    """The same problems under the names of the form's fields instead of JSON's (``breakdown.women``)."""
    return InvalidError([FieldProblem(_plain(one.field), one.code, one.facts) for one in error.problems])


def _plain(name: str) -> str:
    parts = [part for part in name.split(".") if part not in ("headcounts", "breakdown") and not part.isdigit()]
    return parts[-1] if parts else name


def headcount_values(figures: Sequence[Figures], on: dt.date) -> dict[str, object]:
    """What the form of a day shows: the stored figures, or nothing."""
    for one in figures:
        if one.on == on:
            given = {"total": one.total, "workers": one.workers, "estimated": one.estimated, **one.breakdown}
            return {"on": on.isoformat(), **given}
    return {"on": on.isoformat()}


def figures_order() -> list[tuple[str, str]]:
    """Fields of a head-count with their labels."""
    return [
        ("on", _("日期")),
        ("total", _("总人次")),
        ("workers", _("其中职工")),
        *((group, _(words)) for group, words in GROUPS.items()),
    ]


def correction_order() -> list[tuple[str, str]]:
    """Fields of a correction with their labels."""
    return [("on", _("日期")), ("field", _("更正哪一项")), ("value", _("正确的数")), ("reason", _("原因"))]


def field_words() -> list[tuple[str, str]]:
    """What a correction can change, with its words."""
    return [
        ("total", _("总人次")),
        ("workers", _("其中职工")),
        *((f"breakdown.{group}", _(words)) for group, words in GROUPS.items()),
    ]


def past_order() -> list[tuple[str, str]]:
    """Fields of a session entered afterwards, with their labels."""
    return [
        ("event_id", _("活动")),
        ("title", _("标题")),
        ("starts_at", _("开始")),
        ("ends_at", _("结束")),
        ("provider_ids", _("讲师、团队")),
        ("host_id", _("承办单位")),
        ("venue_id", _("场地")),
        ("address", _("地址")),
        *figures_order()[1:],
    ]
