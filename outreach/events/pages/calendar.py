"""The calendar: a month, a list, a day. Nothing is closed here; what is seen depends on who asks."""

import calendar
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from outreach.events.domain.districts import short_district
from outreach.events.month import grid_bounds, holiday_sentences, month_after, month_asked, weeks_of
from outreach.events.queries import (
    SessionFilter,
    SessionRow,
    filter_choices,
    sessions_of_days,
    sessions_of_month,
    sessions_page,
)
from outreach.programmes.holidays import holidays_between, years_without_holidays
from outreach.programmes.labels import campaigns_text, festivals_of_day, labels_between
from outreach.shared.actors import Actor
from outreach.shared.time import FIRST_YEAR, LAST_YEAR, day_bounds, local_day
from outreach.web.templates import page

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]
PER_PAGE = 50
#: Days after the month whose holidays are announced, so that a long weekend behind it is seen in time.
AHEAD = timedelta(days=10)


@get("/calendar", opt={"public": True}, include_in_schema=False)
async def calendar_page(
    request: AnyRequest,
    visitor: NamedDependency[Actor | None],
    now: NamedDependency[datetime],
    month: FromQuery[str] = "",
    day: FromQuery[str] = "",
    view: FromQuery[str] = "",
    after: FromQuery[str] = "",
) -> Response[Any]:
    """A month as a table; ``view=list`` as a list; ``day`` one day."""
    wanted = _wanted(request)
    on = _day(day)
    if on is not None:
        return await _one_day(request, visitor, now, on)
    year, number = month_asked(month) or (local_day(now).year, local_day(now).month)
    if view == "list":
        return await _as_list(request, visitor, now, (year, number), wanted, after)
    return await _as_month(request, visitor, now, (year, number), wanted)


async def _as_month(
    request: AnyRequest, visitor: Actor | None, now: datetime, month: tuple[int, int], wanted: SessionFilter
) -> Response[Any]:
    today = local_day(now)
    first, last = grid_bounds(*month)
    sessions = await sessions_of_month(visitor, *month, now, wanted)
    holidays = await holidays_between(first, last + AHEAD)
    labels = await labels_between(first, last)
    from_day = max(date(*month, 1), today) if month == (today.year, today.month) else date(*month, 1)
    return page(
        request,
        "events/calendar.html",
        **await _frame(request, visitor, month, now),
        weeks=weeks_of(*month, today, holidays, sessions, labels),
        campaigns=campaigns_text([one for one in labels if one.touches(*_days_of(month))]),
        public_count=len([one for one in sessions if one.state != "draft"]),
        open_count=len([one for one in sessions if _is_free(one, now)]),
        holidays=holiday_sentences(from_day, last + AHEAD, holidays),
        unknown_years=await years_without_holidays([month[0]]),
        marks=_marks(sessions),
        earlier=month == (today.year, today.month) and today.day > 1,
    )


async def _as_list(
    request: AnyRequest,
    visitor: Actor | None,
    now: datetime,
    month: tuple[int, int],
    wanted: SessionFilter,
    after: str,
) -> Response[Any]:
    today = local_day(now)
    first, last = _days_of(month)
    whole = request.query_params.get("whole") == "1" or month != (today.year, today.month)
    start, end = day_bounds(first if whole else today, last)
    part = replace(wanted, starts_from=start, starts_before=end, without_cancelled=True)
    found = await sessions_page(visitor, part, now, limit=PER_PAGE, after=after or None)
    labels = await labels_between(first if whole else today, last)
    return page(
        request,
        "events/calendar_list.html",
        **await _frame(request, visitor, month, now),
        days=by_day(found.items),
        campaigns=campaigns_text(labels),
        festivals=lambda on: festivals_of_day(on, labels),
        total=found.total,
        whole=whole,
        next_href=_href(request, after=found.next) if found.next else None,
    )


async def _one_day(request: AnyRequest, visitor: Actor | None, now: datetime, on: date) -> Response[Any]:
    sessions = await sessions_of_days(visitor, SessionFilter(), now, on, on)
    holiday = (await holidays_between(on, on)).get(on)
    labels = await labels_between(on, on)
    return page(
        request,
        "events/calendar_day.html",
        on=on,
        today=local_day(now),
        holiday=holiday,
        festivals=festivals_of_day(on, labels, day_off=holiday.name if holiday and holiday.is_off else ""),
        campaigns=campaigns_text(labels),
        sessions=sessions,
        before=on - timedelta(days=1),
        following=on + timedelta(days=1),
        is_free=lambda one: _is_free(one, now),
    )


async def _frame(request: AnyRequest, visitor: Actor | None, month: tuple[int, int], now: datetime) -> dict[str, Any]:
    """What the month and the list have in common: heading, ways to other months, filters."""
    today = local_day(now)
    before, following = month_after(*month, -1), month_after(*month)
    return {
        "year": month[0],
        "month": month[1],
        "month_key": _key(month),
        "today": today,
        "is_now": month == (today.year, today.month),
        "before": _href(request, month=_key(before), after=None, whole=None) if before[0] >= FIRST_YEAR else None,
        "following": _href(request, month=_key(following), after=None, whole=None)
        if following[0] <= LAST_YEAR
        else None,
        "current": _href(request, month=None, after=None, whole=None),
        "as_list": _href(request, view="list", after=None, whole=None),
        "as_whole_list": _href(request, view="list", after=None, whole="1"),
        "as_month": _href(request, view=None, after=None, whole=None),
        "choices": await filter_choices(visitor, month[0]),
        "chosen": {name: request.query_params.get(name, "") for name in ("programme", "kind", "district", "open")},
        "short_district": short_district,
        "is_free": lambda one: _is_free(one, now),
    }


def _days_of(month: tuple[int, int]) -> tuple[date, date]:
    """The first and the last day of a month."""
    return date(*month, 1), date(*month, calendar.monthrange(*month)[1])


def _key(month: tuple[int, int]) -> str:
    return f"{month[0]:04}-{month[1]:02}"


def _href(request: AnyRequest, **changed: str | None) -> str:
    """This page with some of its parameters changed; ``None`` takes one out."""
    known = ("month", "view", "programme", "kind", "district", "open", "whole")
    given = {name: request.query_params[name] for name in known if request.query_params.get(name)}
    kept = {name: value for name, value in {**given, **changed}.items() if value}
    return "/calendar" + (f"?{urlencode(kept)}" if kept else "")


def _wanted(request: AnyRequest) -> SessionFilter:
    def text(name: str) -> str:
        return request.query_params.get(name, "")[:100].replace("\x00", "")

    return SessionFilter(
        programme=text("programme"), kind=text("kind"), district=text("district"), open=bool(text("open"))
    )


def _day(text: str) -> date | None:
    try:
        on = date.fromisoformat(text)
    except ValueError:
        return None
    return on if FIRST_YEAR <= on.year <= LAST_YEAR else None


def _is_free(session: SessionRow, now: datetime) -> bool:
    """Whether somebody can book or claim it now."""
    if session.claimable:
        return session.host_id is None and session.is_open(now)
    return session.is_open(now) and (session.seats_left is None or session.seats_left > 0)


def by_day(sessions: Sequence[SessionRow]) -> list[tuple[date, list[SessionRow]]]:
    """Sessions in time order, day by day."""
    days: dict[date, list[SessionRow]] = {}
    for session in sessions:
        days.setdefault(local_day(session.starts_at), []).append(session)
    return list(days.items())


def _marks(sessions: Sequence[SessionRow]) -> list[tuple[str, str]]:
    """Marks in use with their programmes, in the order of the notice."""
    used = {(one.programme_position, one.programme_mark, one.programme_short) for one in sessions}
    return list(dict.fromkeys((mark, name) for _position, mark, name in sorted(used) if mark))


ROUTES = [calendar_page]
