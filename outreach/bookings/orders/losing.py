"""Who loses by an assignment: orders that only these providers could have served, at this time only.

The loser is told and offered other dates (rule 4). A constant number of statements, whatever the number of losers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from outreach.bookings.orders.domain.drafts import Window, windows_within
from outreach.bookings.orders.queries import OrderRow
from outreach.events.domain.fitting import is_free
from outreach.events.domain.occupation import Span
from outreach.events.domain.parts import DayPart, part_code, usual_start
from outreach.events.domain.warnings import Giver, Stint
from outreach.events.fitting import candidates_of
from outreach.events.queries.givers import giver_of, stints_of
from outreach.events.warnings import load_bounds
from outreach.shared import db
from outreach.shared.ids import new_id
from outreach.shared.time import local

__all__ = ["tell_losers_within"]


@dataclass(frozen=True, slots=True)
class _Waiting:
    """An order without a date that wished for the time in question."""

    id: UUID
    organisation_id: UUID
    organisation_name: str
    event_id: UUID
    title: str
    minutes: int
    windows: tuple[Window, ...]


_WAITING = """
SELECT q.id, q.organisation AS organisation_id, u.name AS organisation_name, q.event AS event_id, e.title,
       e.duration_minutes AS minutes,
       array_agg(w."on" ORDER BY w.position) AS days, array_agg(w.part ORDER BY w.position) AS parts
  FROM bookings_order q
  JOIN events_event e ON e.id = q.event
  JOIN accounts_organisation u ON u.id = q.organisation
  JOIN bookings_order_window w ON w.order_id = q.id
 WHERE q.id <> $1 AND q.state IN ('submitted', 'endorsed', 'approved')
   AND EXISTS (SELECT 1 FROM bookings_order_window hit
                 JOIN unnest($2::date[], $3::text[]) AS taken (day, part)
                   ON taken.day = hit."on" AND taken.part = hit.part
                WHERE hit.order_id = q.id)
 GROUP BY q.id, u.name, e.title, e.duration_minutes ORDER BY q.id
"""


async def tell_losers_within(now: datetime, order: OrderRow) -> int:
    """Tell ``order-window-taken`` to the units that lose by the assignment of ``order``; return how many orders lose.

    An order loses if somebody could have come in one of its windows before, and nobody can any longer. The providers of
    ``order`` are tied already.
    """
    if order.session_id is None or order.session_starts_at is None or order.session_ends_at is None:
        return 0
    taken = windows_within(order.session_starts_at, order.session_ends_at)
    found = await db.rows(_WAITING, order.id, [one.on for one in taken], [one.part.value for one in taken])
    waiting = [
        _Waiting(
            one["id"],
            one["organisation_id"],
            one["organisation_name"],
            one["event_id"],
            one["title"],
            one["minutes"],
            tuple(Window(on, DayPart(part)) for on, part in zip(one["days"], one["parts"], strict=True)),
        )
        for one in found
    ]
    able: dict[UUID, list[Giver]] = {}
    for record in await candidates_of(list({one.event_id for one in waiting})) if waiting else []:
        able.setdefault(record["event_id"], []).append(giver_of(record))
    assigned = set(order.provider_ids)
    waiting = [one for one in waiting if assigned & {giver.id for giver in able.get(one.event_id, [])}]
    if not waiting:
        return 0
    people = {giver.id for one in waiting for giver in able[one.event_id]}
    stints = await stints_of(people, *load_bounds([window.on for one in waiting for window in one.windows]))
    losers = [one for one in waiting if _loses(one, able[one.event_id], stints, order.session_id, now)]
    if losers:
        await _tell_within(now, order.session_starts_at, order.session_ends_at, losers)
    return len(losers)


def _loses(
    one: _Waiting, able: Sequence[Giver], stints: Mapping[UUID, Sequence[Stint]], session_id: UUID, now: datetime
) -> bool:
    """Whether the order could be served without the session, and with it cannot."""
    without = {id_: [stint for stint in theirs if stint.session_id != session_id] for id_, theirs in stints.items()}
    return not _servable(one, able, stints, now) and _servable(one, able, without, now)


def _servable(one: _Waiting, able: Sequence[Giver], stints: Mapping[UUID, Sequence[Stint]], now: datetime) -> bool:
    for window in one.windows:
        start = usual_start(window.on, window.part)
        wanted = Span(start, start + timedelta(minutes=one.minutes))
        if start > now and any(_comes(giver, window, wanted, stints[giver.id]) for giver in able):
            return True
    return False


def _comes(giver: Giver, window: Window, wanted: Span, stints: Sequence[Stint]) -> bool:
    if giver.available_parts and part_code(window.on, window.part) not in giver.available_parts:
        return False
    return is_free(giver, wanted, window.on, _touching(stints, wanted), stints)


def _touching(stints: Sequence[Stint], wanted: Span) -> list[Stint]:
    return [stint for stint in stints if stint.span.overlaps(wanted)]


async def _tell_within(now: datetime, starts_at: datetime, ends_at: datetime, losers: Sequence[_Waiting]) -> None:
    """One statement for all: which time is gone. Who was faster is not theirs to know."""
    times = {"starts_at": local(starts_at).isoformat(), "ends_at": local(ends_at).isoformat()}
    await db.copy_rows(
        "notifications_outbox_message",
        ["id", "kind", "organisation_id", "object_kind", "object_id", "facts", "created_at", "attempts", "error"],
        [
            (
                new_id(),
                "order-window-taken",
                one.organisation_id,
                "order",
                one.id,
                msgspec.json.encode(
                    {"order_id": str(one.id), "title": one.title, "organisation": one.organisation_name, **times}
                ).decode(),
                now,
                0,
                "",
            )
            for one in losers
        ],
    )
