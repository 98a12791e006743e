"""Whom to tell, unit by unit: what happened, the number to tap, the text to copy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from outreach.notifications.domain.topics import TOPIC_OF
from outreach.notifications.own_words import OwnWords, read_own_words
from outreach.notifications.wording import message_href
from outreach.shared import db
from outreach.shared.actors import Actor

__all__ = [
    "MOST",
    "SCOPE_SQL",
    "Callee",
    "ToTell",
    "ToTellCounts",
    "Unit",
    "counts_of",
    "telling_waits",
    "units_to_tell",
]

#: Shown at once; who has told these sees the next.
MOST = 200

State = Literal["waiting", "told", "past"]

#: A line ``d`` of the list about message ``m`` is for those who run what it is about, and have to call; where nobody
#: does, for those above the receiver. ``o`` is that organisation; $1 the paths that the caller runs.
SCOPE_SQL = """('/' = ANY($1::text[]) OR EXISTS (
    SELECT 1 FROM unnest($1::text[]) AS run (path) WHERE starts_with(o.path, run.path)))"""
_FROM = """
  FROM notifications_delivery d JOIN notifications_outbox_message m ON m.id = d.message
  LEFT JOIN accounts_organisation o ON o.id = coalesce(d.owner_id, m.organisation_id)
  LEFT JOIN accounts_organisation u ON u.id = m.organisation_id
 WHERE d.channel = 'list'
"""
#: What took place already is told to nobody any more.
_PAST_SQL = "coalesce((coalesce(m.facts->>'ends_at', m.facts->>'starts_at'))::timestamptz <= $2, false)"
_STATES: dict[State, str] = {
    "waiting": f"d.state = 'waiting' AND NOT {_PAST_SQL}",
    "told": "d.state = 'sent' AND $2::timestamptz IS NOT NULL",
    "past": f"d.state = 'waiting' AND {_PAST_SQL}",
}


@dataclass(frozen=True, slots=True)
class Callee:
    """Somebody to ring. ``phone``: digits, or empty."""

    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class ToTell:
    """One thing to tell a unit."""

    id: UUID
    kind: str
    text: str
    href: str
    created_at: datetime
    told_at: datetime | None
    told_by_name: str


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit, or a person who belongs to none, with everything there is to tell; the oldest first."""

    name: str
    callees: tuple[Callee, ...]
    messages: tuple[ToTell, ...]


@dataclass(frozen=True, slots=True)
class ToTellCounts:
    """How many messages wait, since when, and how many are past."""

    waiting: int
    since: datetime | None
    past: int


async def counts_of(actor: Actor, now: datetime) -> ToTellCounts:
    """For tabs and for the desk; one statement."""
    found = await db.row(
        f"""SELECT count(DISTINCT m.id) FILTER (WHERE NOT {_PAST_SQL})::int AS waiting,
                   min(m.created_at) FILTER (WHERE NOT {_PAST_SQL}) AS since,
                   count(DISTINCT m.id) FILTER (WHERE {_PAST_SQL})::int AS past
            {_FROM} AND d.state = 'waiting' AND {SCOPE_SQL}""",
        list(actor.organised_paths),
        now,
    )
    assert found is not None  # an aggregate always has one
    return ToTellCounts(**found)


async def telling_waits(actor: Actor, now: datetime) -> int:
    """How many messages wait to be told by staff like the caller."""
    return (await counts_of(actor, now)).waiting


async def units_to_tell(
    actor: Actor, now: datetime, *, base_url: str, state: State = "waiting", text: str = "", topic: str = ""
) -> list[Unit]:
    """What is to be told, by unit; the unit that waits longest first, at most ``MOST`` messages.

    Args:
        base_url: what links begin with.
        text: part of the name of the unit or of who is rung.
        topic: a ``MessageTopic``; ``""``: all.
    """
    found = await db.rows(
        f"""SELECT m.id, m.kind, m.facts, m.object_kind, m.object_id, m.organisation_id, m.created_at,
                   coalesce(o.path, u.path, '') AS path, u.name AS unit_name, max(d.sent_at) AS told_at,
                   max(d.told_by_name) AS told_by_name, array_remove(array_agg(DISTINCT d.person), NULL) AS people
            {_FROM} AND {_STATES[state]} AND {SCOPE_SQL}
               AND ($3 = '' OR u.name ILIKE '%' || $3 || '%' OR EXISTS (
                    SELECT 1 FROM accounts_person p WHERE p.id = d.person AND p.name ILIKE '%' || $3 || '%'))
               AND ($5::text[] IS NULL OR m.kind = ANY($5::text[]))
             GROUP BY m.id, o.path, u.path, u.name
             ORDER BY {"max(d.sent_at) DESC" if state == "told" else "m.created_at"}, m.id LIMIT $4""",  # noqa: S608
        list(actor.organised_paths),
        now,
        text.replace("\\", "").replace("%", "").replace("_", ""),
        MOST,
        [kind for kind, of in TOPIC_OF.items() if of.value == topic] if topic else None,
    )
    people = await _people({id_ for one in found for id_ in one["people"]})
    # Nobody speaks for the unit here, or whoever does left no number: who booked did.
    contacts = await _booked_by(
        [one for one in found if not any(people[id_].phone for id_ in one["people"] if id_ in people)]
    )
    return _by_unit(found, people, contacts, await read_own_words(), base_url)


def _by_unit(
    rows: Sequence[Any],
    people: Mapping[UUID, Callee],
    contacts: Mapping[UUID, Callee],
    words: OwnWords,
    base_url: str,
) -> list[Unit]:
    units: dict[object, tuple[str, dict[Callee, None], list[ToTell]]] = {}
    for one in rows:
        callees = [people[id_] for id_ in one["people"] if id_ in people]
        callees += [contacts[one["id"]]] if one["id"] in contacts else []
        name = one["unit_name"] or (callees[0].name if callees else "")
        _name, reached, messages = units.setdefault(one["organisation_id"] or name, (name, {}, []))
        reached |= dict.fromkeys(callees)
        facts = msgspec.json.decode(one["facts"])
        href = base_url + message_href(one["object_kind"], one["object_id"], facts)
        _subject, text = words.words_for(one["path"], one["kind"], "zh_CN", {**facts, "link": href})
        messages.append(
            ToTell(one["id"], one["kind"], text, href, one["created_at"], one["told_at"], one["told_by_name"] or "")
        )
    return [Unit(name, tuple(reached), tuple(messages)) for name, reached, messages in units.values()]


async def _people(ids: set[UUID]) -> dict[UUID, Callee]:
    found = await db.rows(
        "SELECT id, name, coalesce(phone, '') AS phone FROM accounts_person WHERE id = ANY($1::uuid[])", list(ids)
    )
    return {one["id"]: Callee(one["name"], one["phone"]) for one in found}


async def _booked_by(rows: Sequence[Any]) -> dict[UUID, Callee]:
    """Who gave name and number with the booking or order, by message."""
    if not rows:
        return {}
    found = await db.rows(
        """SELECT DISTINCT ON (m.id) m.id, c.contact_name, c.contact_phone
             FROM notifications_outbox_message m
             JOIN LATERAL (
                 SELECT b.contact_name, b.contact_phone, b.changed_at FROM bookings_booking b
                  WHERE b.organisation = m.organisation_id
                    AND b.session::text IN (m.facts->>'session_id', m.object_id::text)
                 UNION ALL
                 SELECT q.contact_name, q.contact_phone, q.changed_at FROM bookings_order q
                  WHERE q.organisation = m.organisation_id
                    AND q.id::text IN (m.facts->>'order_id', m.object_id::text)
             ) c ON true
            WHERE m.id = ANY($1::uuid[]) ORDER BY m.id, c.changed_at DESC""",
        [one["id"] for one in rows],
    )
    return {one["id"]: Callee(one["contact_name"], one["contact_phone"]) for one in found}
