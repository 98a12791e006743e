"""Reads for handing over and merging."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from outreach.accounts.domain.permissions import may_see_person
from outreach.accounts.queries import held_by
from outreach.persons.domain.merging import Moved
from outreach.persons.domain.work import HandedOver, Work, WorkKind
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.errors import NotFoundError
from outreach.shared.time import local_day

__all__ = [
    "MOST_LISTED",
    "HandoverRow",
    "MergeRow",
    "Twins",
    "handover_for",
    "handovers",
    "merge_by_id",
    "merges",
    "open_work",
    "same_names",
]

MOST_LISTED = 100

_WORK = """
WITH me AS (SELECT name, coalesce(phone, '') AS phone FROM accounts_person WHERE id = $1)
SELECT 'order' AS kind, q.id, e.title, u.name AS unit, q.first_on AS day, q.state,
       q.contact_name = me.name OR (me.phone <> '' AND q.contact_phone = me.phone) AS moves
  FROM me, bookings_order q JOIN events_event e ON e.id = q.event JOIN accounts_organisation u ON u.id = q.organisation
 WHERE q.organisation = ANY($2::uuid[]) AND q.state IN ('submitted', 'endorsed', 'approved', 'assigned', 'scheduled')
   AND (q.created_by = $1 OR q.contact_name = me.name OR (me.phone <> '' AND q.contact_phone = me.phone))
UNION ALL
SELECT 'booking', b.id, s.title, u.name, (s.starts_at AT TIME ZONE 'Asia/Shanghai')::date, b.state,
       b.contact_name = me.name OR (me.phone <> '' AND b.contact_phone = me.phone)
  FROM me, bookings_booking b JOIN events_session s ON s.id = b.session
  JOIN accounts_organisation u ON u.id = b.organisation
 WHERE b.organisation = ANY($2::uuid[]) AND b.state IN ('pending', 'offered', 'confirmed', 'waitlisted')
   AND s.state = 'published' AND s.ends_at > $4
   AND (b.created_by = $1 OR b.contact_name = me.name OR (me.phone <> '' AND b.contact_phone = me.phone))
UNION ALL
SELECT 'table', t.id, r.year || '年' || f.title, u.name, t.due_on, t.state, false
  FROM statistics_table t JOIN statistics_round r ON r.id = t.round JOIN statistics_form f ON f.id = r.form
  JOIN accounts_organisation u ON u.id = t.organisation
 WHERE t.organisation = ANY($2::uuid[] || $3::uuid[]) AND t.state IN ('open', 'returned')
UNION ALL
SELECT CASE WHEN s.ends_at > $4 THEN 'session' ELSE 'closing' END, s.id, s.title, u.name,
       (s.starts_at AT TIME ZONE 'Asia/Shanghai')::date, s.state, false
  FROM events_session s JOIN accounts_organisation u ON u.id = s.organisation
 WHERE CASE WHEN s.ends_at > $4 THEN s.state IN ('draft', 'published') ELSE s.state IN ('published', 'held') END
   AND ((s.created_by = $1 AND EXISTS (SELECT 1 FROM accounts_organisation o
                                        WHERE o.id = ANY($3::uuid[]) AND starts_with(u.path, o.path)))
        OR (s.host = ANY($2::uuid[]) AND s.ends_at <= $4))
"""


async def open_work(
    person_id: UUID, now: datetime, *, units: Sequence[UUID], organisations: Sequence[UUID]
) -> list[Work]:
    """What the person has in hand.

    Args:
        units: organisations that the person is a contact of: bookings and orders that the person made or is named in,
            tables that are due, sessions at the unit that are not closed.
        organisations: those that the person runs: tables that are due, sessions that the person made at or below them.
    """
    found = await db.rows(_WORK, person_id, list(units), list(organisations), now)
    return [
        Work(
            kind=WorkKind(one["kind"]),
            id=one["id"],
            title=one["title"],
            unit=one["unit"],
            on=one["day"],
            state=one["state"],
            moves=one["moves"],
        )
        for one in found
    ]


@dataclass(frozen=True, slots=True)
class HandoverRow:
    """A hand-over as it was done."""

    id: UUID
    giver_id: UUID
    taker_id: UUID
    giver_name: str
    taker_name: str
    note: str
    items: HandedOver
    created_by_name: str
    created_at: datetime


_HANDOVER = """
SELECT h.id, h.giver AS giver_id, h.taker AS taker_id, h.giver_name, h.taker_name, h.note, h.items, h.created_by_name,
       h.created_at FROM persons_handover h
"""
#: Whoever has or had a role in the part of the tree that the actor runs.
_SEEN = """('/%' = ANY($1::text[]) OR EXISTS (
    SELECT 1 FROM accounts_role_grant g JOIN accounts_organisation o ON o.id = g.organisation
     WHERE g.person = {person} AND o.path LIKE ANY($1::text[])))"""
_GIVERS = _SEEN.format(person="h.giver")
_KEPT = _SEEN.format(person="m.kept")
_NAMED = _SEEN.format(person="p.id")


def _patterns(actor: Actor) -> list[str]:
    return [f"{path}%" for path in actor.organised_paths]


def _handover(row: Any) -> HandoverRow:
    return HandoverRow(**{**row, "items": msgspec.json.decode(row["items"], type=HandedOver)})


async def handovers(actor: Actor) -> list[HandoverRow]:
    """What people in the actor's part of the tree handed over, the latest first."""
    found = await db.rows(
        _HANDOVER + " WHERE " + _GIVERS + " ORDER BY h.created_at DESC, h.id LIMIT $2", _patterns(actor), MOST_LISTED
    )
    return [_handover(row) for row in found]


async def handover_for(actor: Actor, now: datetime, handover_id: UUID) -> HandoverRow:
    """One of them.

    Raises:
        NotFoundError: there is none for this caller.
    """
    row = await db.row(_HANDOVER + " WHERE h.id = $1", handover_id)
    if row is None or not may_see_person(actor, await held_by(row["giver_id"], local_day(now))):
        raise NotFoundError
    return _handover(row)


@dataclass(frozen=True, slots=True)
class MergeRow:
    """A merge; ``undone_at`` is set when it was put back."""

    id: UUID
    kept_id: UUID
    dropped_id: UUID
    kept_name: str
    dropped_name: str
    reason: str
    moved: Moved
    created_by_name: str
    created_at: datetime
    undone_at: datetime | None


_MERGE = """
SELECT m.id, m.kept AS kept_id, m.dropped AS dropped_id, m.kept_name, m.dropped_name, m.reason, m.moved,
       m.created_by_name, m.created_at, m.undone_at FROM persons_merge m
"""


def _merge(row: Any) -> MergeRow:
    return MergeRow(**{**row, "moved": msgspec.json.decode(row["moved"], type=Moved)})


async def merges(actor: Actor) -> list[MergeRow]:
    """Merges in the actor's part of the tree, the latest first."""
    found = await db.rows(
        _MERGE + " WHERE " + _KEPT + " ORDER BY m.created_at DESC, m.id LIMIT $2", _patterns(actor), MOST_LISTED
    )
    return [_merge(row) for row in found]


async def merge_by_id(merge_id: UUID) -> MergeRow | None:
    row = await db.row(_MERGE + " WHERE m.id = $1", merge_id)
    return None if row is None else _merge(row)


@dataclass(frozen=True, slots=True)
class Twins:
    """People of one name whom somebody should look at; ``people`` are id, and units or telephone to tell them apart."""

    name: str
    people: list[tuple[UUID, str]]


_TWINS = """
SELECT p.name, json_agg(json_build_array(p.id, coalesce(u.units, ''), coalesce(p.phone, ''),
                                         coalesce(p.login_name, '')) ORDER BY p.id) AS people
  FROM accounts_person p
  LEFT JOIN LATERAL (SELECT string_agg(DISTINCT o.name, '、' ORDER BY o.name) AS units
                       FROM accounts_role_grant g JOIN accounts_organisation o ON o.id = g.organisation
                      WHERE g.person = p.id AND o.path LIKE ANY($1::text[])) u ON true
"""
_GROUPED = " GROUP BY p.name HAVING count(*) > 1 ORDER BY p.name LIMIT 50"


class _TwinJson(msgspec.Struct, array_like=True):
    id: UUID
    units: str
    phone: str
    login_name: str


async def same_names(actor: Actor, name: str | None = None) -> list[Twins]:
    """People of one name in the actor's part of the tree who are not shut out; of one ``name`` when that is given."""
    found = await db.rows(
        _TWINS + " WHERE p.disabled_at IS NULL AND ($2::text IS NULL OR p.name = $2) AND " + _NAMED + _GROUPED,
        _patterns(actor),
        name,
    )
    return [
        Twins(
            row["name"],
            [
                (one.id, "，".join(part for part in (one.units, one.phone or one.login_name) if part))
                for one in msgspec.json.decode(row["people"], type=list[_TwinJson])
            ],
        )
        for row in found
    ]
