"""What people type on pages of tours."""

import re
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

from outreach.shared.errors import FieldProblem, InvalidError
from outreach.shared.i18n import gettext as _
from outreach.shared.text import LINE_PATTERN, VISIBLE_LINE_PATTERN, District, LongText, OptionalLine
from outreach.shared.time import local
from outreach.tours.domain.drafts import StopDraft, TourDraft
from outreach.tours.queries import StopRow, TourRow

__all__ = [
    "CancelForm",
    "HostsForm",
    "MakeForm",
    "StopForm",
    "TourForm",
    "clock_text",
    "stop_order",
    "stop_values",
    "tour_order",
    "tour_values",
]

Clock = Annotated[str, Meta(max_length=8)]
Revision = Annotated[int, Meta(ge=1, le=2_000_000_000)]
Reason = Annotated[str, Meta(min_length=1, max_length=400, pattern=VISIBLE_LINE_PATTERN)]
_CLOCK = re.compile(r"([01]?\d|2[0-3])[:：]([0-5]\d)(?::00)?")


class TourForm(msgspec.Struct, kw_only=True):
    """A tour; hours as ``9:00``."""

    name: Annotated[str, Meta(min_length=1, max_length=100, pattern=VISIBLE_LINE_PATTERN)]
    event_id: UUID
    provider_id: UUID
    first_on: date
    last_on: date
    on_days_off: bool = False
    minutes: Annotated[int, Meta(ge=5, le=720)]
    day_starts: Clock
    day_ends: Clock
    break_starts: Clock = ""
    break_ends: Clock = ""
    most_per_day: Annotated[int, Meta(ge=1, le=15)] | None = None
    start_district: District = ""
    note: LongText = ""
    revision: Revision | None = None

    def draft(self) -> TourDraft:
        """As the command takes it.

        Raises:
            InvalidError: names every hour that is none.
        """
        given = msgspec.structs.asdict(self)
        del given["revision"]
        hours = _minutes_of(given, ("day_starts", "day_ends", "break_starts", "break_ends"))
        return TourDraft(**{**given, **hours})


class HostsForm(msgspec.Struct, kw_only=True):
    """Units to be put down, one a line."""

    hosts: Annotated[str, Meta(min_length=1, max_length=8000)]


class StopForm(msgspec.Struct, kw_only=True):
    """One stop; hours as ``9:00``."""

    address: OptionalLine = ""
    district: District = ""
    needs: Annotated[str, Meta(max_length=400, pattern=LINE_PATTERN)] = ""
    only_on: date | None = None
    earliest: Clock = ""
    latest: Clock = ""
    starts_at: datetime | None = None

    def draft(self) -> StopDraft:
        """As the command takes it.

        Raises:
            InvalidError: names every hour that is none.
        """
        given = msgspec.structs.asdict(self)
        return StopDraft(**{**given, **_minutes_of(given, ("earliest", "latest"))})


class MakeForm(msgspec.Struct, kw_only=True):
    """Making the sessions: as drafts or published, and why warnings are set aside."""

    publish: bool = False
    override_reason: Annotated[str, Meta(max_length=400, pattern=LINE_PATTERN)] = ""
    revision: Revision | None = None


class CancelForm(msgspec.Struct, kw_only=True):
    """Why a tour is called off; units and the troupe read it."""

    reason: Reason


def _minutes_of(given: dict[str, Any], names: tuple[str, ...]) -> dict[str, int | None]:
    found: dict[str, int | None] = {}
    problems = []
    for name in names:
        text = given[name].strip()
        clock = _CLOCK.fullmatch(text)
        if text and clock is None:
            problems.append(FieldProblem(name, "not-clock"))
        found[name] = int(clock[1]) * 60 + int(clock[2]) if clock else None
    if problems:
        raise InvalidError(problems)
    return found


def clock_text(minute: int | None) -> str:
    """``09:00`` of 540; empty for none."""
    return "" if minute is None else f"{minute // 60:02}:{minute % 60:02}"


def tour_values(tour: TourRow) -> dict[str, Any]:
    """A stored tour as its form shows it."""
    values = {name: getattr(tour, name) for name in TourForm.__struct_fields__}
    for name in ("day_starts", "day_ends", "break_starts", "break_ends"):
        values[name] = clock_text(values[name])
    for name in ("first_on", "last_on"):
        values[name] = values[name].isoformat()
    return {**values, "most_per_day": "" if tour.most_per_day is None else tour.most_per_day}


def stop_values(stop: StopRow) -> dict[str, Any]:
    """A stored stop as its form shows it."""
    return {
        "address": stop.address,
        "district": stop.district,
        "needs": stop.needs,
        "only_on": stop.only_on.isoformat() if stop.only_on else "",
        "earliest": clock_text(stop.earliest),
        "latest": clock_text(stop.latest),
        "starts_at": local(stop.starts_at).strftime("%Y-%m-%dT%H:%M") if stop.starts_at else "",
    }


def tour_order() -> list[tuple[str, str]]:
    """Fields of a tour in the order of the page, with their labels."""
    return [
        ("name", _("名称")),
        ("event_id", _("活动")),
        ("provider_id", _("讲师或团队")),
        ("first_on", _("第一天")),
        ("last_on", _("最后一天")),
        ("minutes", _("每家多长时间")),
        ("most_per_day", _("每天最多")),
        ("day_starts", _("最早几点开始")),
        ("day_ends", _("最晚几点结束")),
        ("break_starts", _("午休从")),
        ("break_ends", _("午休到")),
        ("start_district", _("从哪里出发")),
        ("note", _("给带队人的话")),
    ]


def stop_order() -> list[tuple[str, str]]:
    """Fields of a stop in the order of the page, with their labels."""
    return [
        ("address", _("地点")),
        ("district", _("地区")),
        ("needs", _("要准备什么")),
        ("only_on", _("只能哪天")),
        ("earliest", _("不早于")),
        ("latest", _("不晚于")),
        ("starts_at", _("定在几点")),
    ]
