"""The menu for those who choose from it. It lives here because it shows what hosts and attendees said of each."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from outreach.attendance.opinions.domain.opinions import LEAST_TO_SHOW
from outreach.attendance.opinions.queries import opinions_of_events
from outreach.bookings.admission import openings_for
from outreach.bookings.notices import people_label
from outreach.bookings.orders.queries import ratings_of
from outreach.bookings.orders.windows import free_days, free_weeks, free_windows_of
from outreach.bookings.orders.wording import weeks_text
from outreach.bookings.wording import LEAST_ANSWERS, opening_lines
from outreach.events.domain.parts import PART_WORDS
from outreach.events.domain.permissions import may_keep
from outreach.events.menu import EventRow, event_by_id, menu_of_year
from outreach.events.queries import SessionFilter, next_by_event, sessions_page
from outreach.shared.actors import Actor
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path
from outreach.shared.time import local_day
from outreach.web.templates import page

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]
#: Dates shown under one item.
NEXT = 10
#: Free weeks named beside an item.
WEEKS_NAMED = 3
#: How far ahead the list looks: every part of every day is tried for every lecturer and troupe.
WEEKS_AHEAD = 4
#: Names that find room beside an item.
NAMES = 3


class _Choices(NamedTuple):
    """What the filters offer."""

    programmes: list[tuple[str, str]]
    kinds: list[str]
    topics: list[str]


@get("/menu", opt={"public": True}, include_in_schema=False)
async def menu_page(
    request: AnyRequest,
    visitor: NamedDependency[Actor | None],
    now: NamedDependency[datetime],
    programme: FromQuery[str] = "",
    kind: FromQuery[str] = "",
    topic: FromQuery[str] = "",
) -> Response[Any]:
    """What there is this year, programme by programme: for whom, how long, who gives it, when it is possible."""
    year = local_day(now).year
    events = await menu_of_year(year)
    chosen = [
        one
        for one in events
        if programme in ("", one.programme_code) and kind in ("", one.kind) and topic in ("", one.topic)
    ]
    orderable = [one.id for one in chosen if one.orderable]
    windows = await free_windows_of(orderable, now, weeks=WEEKS_AHEAD)
    return page(
        request,
        "events/menu.html",
        year=year,
        groups=[list(items) for _key, items in groupby(chosen, key=lambda one: one.programme_id)],
        count=len(events),
        shown=len(chosen),
        choices=_choices(events),
        chosen={"programme": programme, "kind": kind, "topic": topic},
        upcoming=await next_by_event(visitor, now, year),
        weeks={id_: weeks_text(free_weeks(found)[:WEEKS_NAMED]) for id_, found in windows.items()},
        ratings=await ratings_of(event_ids=[one.id for one in chosen]),
        least_answers=LEAST_ANSWERS,
        opinions=await opinions_of_events([one.id for one in chosen]),
        least_opinions=LEAST_TO_SHOW,
        names=NAMES,
        people_label=people_label,
    )


def _choices(events: Sequence[EventRow]) -> _Choices:
    return _Choices(
        list(dict.fromkeys((one.programme_code, one.programme_name) for one in events)),
        list(dict.fromkeys(one.kind for one in events)),
        sorted({one.topic for one in events if one.topic}),
    )


@get("/menu/{event_id:str}", opt={"public": True}, include_in_schema=False)
async def event_page(
    request: AnyRequest,
    event_id: FromPath[str],
    visitor: NamedDependency[Actor | None],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """What it is, for whom, how long, what the site must have, when it is on and when it is possible."""
    event = await event_by_id(visitor, id_in_path(event_id))
    wanted = SessionFilter(event_id=event.id, state="published", starts_from=now)
    found = (await free_windows_of([event.id] if event.orderable else [], now)).get(event.id, [])
    openings = await openings_for(event_ids=[event.id])
    return page(
        request,
        "events/event.html",
        event=event,
        upcoming=await sessions_page(visitor, wanted, now, limit=NEXT),
        may_keep=may_keep(visitor, event.organisation_path),
        today=local_day(now),
        days=free_days(found),
        part_words={code: _(words) for code, words in PART_WORDS.items()},
        weeks=weeks_text(free_weeks(found)[:WEEKS_NAMED]),
        rating=(await ratings_of(event_ids=[event.id])).get(event.id),
        least_answers=LEAST_ANSWERS,
        opinion=(await opinions_of_events([event.id])).get(event.id),
        least_opinions=LEAST_TO_SHOW,
        openings=opening_lines(openings.get(event.id, []), now),
    )


ROUTES = [menu_page, event_page]
