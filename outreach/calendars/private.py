"""A person's own feed: who may read it, and what is in it.

The address is the secret: whoever has it reads the feed, without logging in. It is looked up at every request, so an
address that was renewed or revoked is unknown at once, in every process and for conditional requests as well.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from outreach.accounts.authentication import actor_of_person
from outreach.accounts.journal import note_within
from outreach.bookings.orders.domain.states import ENDED, OPEN
from outreach.calendars import queries
from outreach.calendars.domain.ical import (
    BookingFacts,
    EventFacts,
    OrderFacts,
    Origin,
    booking_event_bytes,
    calendar_bytes,
    duty_event_bytes,
    order_event_bytes,
)
from outreach.calendars.domain.keys import window_of
from outreach.calendars.feeds import Feed, rendered
from outreach.events.domain.parts import PART_WORDS, DayPart, part_bounds
from outreach.events.domain.visibility import own_organisations
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.errors import NotFoundError
from outreach.shared.ids import new_id
from outreach.shared.time import local_day
from outreach.web.security import new_token, token_digest

__all__ = ["OwnFeed", "make_own_feed", "own_feed_of", "private_feed", "private_path", "revoke_own_feed"]

_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class OwnFeed:
    """A person's feed as its page shows it; the token is kept as a hash only. ``read_at`` is exact to a minute."""

    id: UUID
    created_at: datetime
    read_at: datetime | None


def private_path(token: str) -> str:
    """Where the feed with this token is found."""
    return f"/calendars/private/{token}.ics"


async def own_feed_of(person_id: UUID) -> OwnFeed | None:
    """The person's feed that is in use, if any."""
    found = await db.row(
        "SELECT id, created_at, read_at FROM calendars_private_feed WHERE person = $1 AND revoked_at IS NULL", person_id
    )
    return None if found is None else OwnFeed(**found)


async def make_own_feed(actor: Actor, now: datetime) -> str:
    """Make the actor's feed; return its token, which is stored nowhere. The address before stops working."""
    token = new_token()
    async with db.atomic():
        # Two presses at once: the second waits here and replaces what the first has made.
        await db.execute("SELECT 1 FROM accounts_person WHERE id = $1 FOR NO KEY UPDATE", actor.person_id)
        await _end_within(actor, now)
        await db.execute(
            "INSERT INTO calendars_private_feed (id, person, token_hash, created_at, reads) VALUES ($1, $2, $3, $4, 0)",
            new_id(),
            actor.person_id,
            token_digest(token),
            now,
        )
        await note_within(actor, now, "private_feed.made", "person", actor.person_id)
    return token


async def revoke_own_feed(actor: Actor, now: datetime) -> None:
    """End the actor's feed.

    Raises:
        NotFoundError: there is none.
    """
    async with db.atomic():
        if not await _end_within(actor, now):
            raise NotFoundError
        await note_within(actor, now, "private_feed.revoked", "person", actor.person_id)


async def _end_within(actor: Actor, now: datetime) -> bool:
    ended = await db.value(
        "UPDATE calendars_private_feed SET revoked_at = $2 WHERE person = $1 AND revoked_at IS NULL RETURNING id",
        actor.person_id,
        now,
    )
    if ended is not None:
        await db.execute("DELETE FROM calendars_answer WHERE path = $1", _answer_path(ended))
    return ended is not None


def _answer_path(feed_id: UUID) -> str:
    return f"private feed {feed_id}"


async def private_feed(token: str, origin: Origin, now: datetime) -> Feed:
    """The feed with this token: bookings and orders of the person's organisations, sessions that the person gives.

    Raises:
        NotFoundError: nobody has this token now, or the person may not log in any more.
    """
    found = await db.row(
        """SELECT f.id, f.person, f.read_at FROM calendars_private_feed f JOIN accounts_person p ON p.id = f.person
            WHERE f.token_hash = $1 AND f.revoked_at IS NULL AND p.disabled_at IS NULL""",
        token_digest(token),
    )
    reader = None if found is None else await actor_of_person(found["person"], now)
    if found is None or reader is None:
        raise NotFoundError
    if found["read_at"] is None or found["read_at"] <= now - _NOTED_EVERY:
        await db.execute(
            "UPDATE calendars_private_feed SET read_at = $2, reads = reads + 1 WHERE id = $1", found["id"], now
        )
    entries: list[BookingFacts | OrderFacts | _Duty] = [
        *await _bookings(reader, now),
        *await _orders(reader, now),
        *await _duties(reader, now),
    ]
    entries.sort(key=lambda one: (one.starts_at, one.id.bytes))
    # Neither the token nor the person's name stands in the file: it may be handed on.
    body = calendar_bytes(f"{origin.name}：我的预约和任务", None, origin, [_written(one, origin) for one in entries])
    changed_at = max((one.revised_at for one in entries), default=now)
    return await rendered(_answer_path(found["id"]), body, changed_at, now)


@dataclass(frozen=True, slots=True)
class _Duty:
    session: EventFacts
    is_asked: bool

    @property
    def id(self) -> UUID:
        return self.session.id

    @property
    def starts_at(self) -> datetime:
        return self.session.starts_at

    @property
    def revised_at(self) -> datetime:
        return self.session.revised_at


@lru_cache(maxsize=20_000)
def _written(facts: BookingFacts | OrderFacts | _Duty, origin: Origin) -> bytes:
    """The VEVENT; kept, since a client asks every hour and hardly anything changes."""
    if isinstance(facts, BookingFacts):
        return booking_event_bytes(facts, origin)
    if isinstance(facts, OrderFacts):
        return order_event_bytes(facts, origin)
    return duty_event_bytes(facts.session, origin, is_asked=facts.is_asked)


async def _bookings(reader: Actor, now: datetime) -> list[BookingFacts]:
    """Of several bookings of one session that a unit made one after the other, the last."""
    window = window_of(now)
    ids = await db.rows(
        """SELECT DISTINCT ON (b.session, b.organisation) b.id
             FROM bookings_booking b JOIN events_session s ON s.id = b.session
            WHERE b.organisation = ANY($1::uuid[]) AND s.ends_at > $2 AND s.starts_at < $3
            ORDER BY b.session, b.organisation, b.id DESC""",
        own_organisations(reader),
        window.start,
        window.end,
    )
    found = await queries.booking_facts([one["id"] for one in ids], now)
    return [
        one
        for one in found.values()
        if window.holds(one.session.starts_at, one.session.ends_at, is_cancelled=one.is_cancelled)
    ]


async def _orders(reader: Actor, now: datetime) -> list[OrderFacts]:
    """Those without a date; one that had a date is told by its booking, whatever became of it."""
    window = window_of(now)
    found = await db.rows(
        """SELECT q.id, e.title, e.kind, e.topic, p.name AS programme_name, q.address, q.state, q.audience, q.last_on,
                  q.revision, q.changed_at, s.starts_at, s.ends_at, s.revision AS draft_revision,
                  s.revised_at AS draft_revised_at, windows.days, windows.parts
             FROM bookings_order q
             JOIN events_event e ON e.id = q.event
             JOIN programmes_programme p ON p.id = e.programme
             LEFT JOIN events_session s ON s.id = q.session
             CROSS JOIN LATERAL (
                 SELECT array_agg(w."on" ORDER BY w.position) AS days, array_agg(w.part ORDER BY w.position) AS parts
                   FROM bookings_order_window w WHERE w.order_id = q.id
             ) windows
            WHERE q.organisation = ANY($1::uuid[]) AND q.last_on >= $4 AND q.first_on <= $5
              AND (q.state = ANY($2::text[])
                   OR (q.state = ANY($3::text[]) AND q.scheduled_at IS NULL AND q.last_on >= $6))""",
        own_organisations(reader),
        [one.value for one in OPEN],
        [one.value for one in ENDED],
        local_day(window.start),
        local_day(window.end),
        local_day(window.cancelled_from),
    )
    return [_order_facts(one) for one in found if one["days"]]


def _order_facts(found: Any) -> OrderFacts:
    wishes = list(zip(found["days"], found["parts"], strict=True))
    first, last = part_bounds(wishes[0][0], DayPart(wishes[0][1]))
    return OrderFacts(
        id=found["id"],
        title=found["title"],
        kind=found["kind"],
        topic=found["topic"],
        programme_name=found["programme_name"],
        place=found["address"],
        state=found["state"],
        audience=found["audience"],
        starts_at=found["starts_at"] or first,
        ends_at=found["ends_at"] or last,
        wishes=tuple(_wish(on, part) for on, part in wishes),
        revision=found["revision"],
        assignment_revision=found["draft_revision"] or 1,
        revised_at=max(found["changed_at"], found["draft_revised_at"] or found["changed_at"]),
    )


def _wish(on: date, part: str) -> str:
    """In Chinese like everything in a feed: it does not follow the language of a request."""
    return f"{on.month}月{on.day}日{PART_WORDS[DayPart(part)]}"


async def _duties(reader: Actor, now: datetime) -> list[_Duty]:
    """Sessions that the person gives; the draft of an order while the providers are asked."""
    if not reader.is_provider:
        return []
    window = window_of(now)
    found = await db.rows(
        f"""{queries.SESSION_FACTS}
            WHERE s.ends_at > $2 AND s.starts_at < $3 AND s.id IN (
                  SELECT x.session FROM events_session_provider x JOIN events_provider r ON r.id = x.provider
                   WHERE r.person = $1)
              AND (s.published_at IS NOT NULL OR (s.state = 'draft' AND s.assigned))""",  # noqa: S608 - columns of ours
        reader.person_id,
        window.start,
        window.end,
    )
    return [
        _Duty(queries.event_facts(one, now, is_busy=True), is_asked=one["state"] == "draft")
        for one in found
        if window.holds(one["starts_at"], one["ends_at"], is_cancelled=one["state"] == "cancelled")
    ]
