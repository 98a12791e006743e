"""Who a message is for, today: the people behind an organisation, how each can be reached and what they chose."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from outreach.notifications.domain.choosing import QUIET_FROM, QUIET_UNTIL
from outreach.notifications.domain.quiet import not_before
from outreach.notifications.domain.topics import TO_STAFF
from outreach.notifications.domain.ways import Reachable
from outreach.shared import db

__all__ = ["Receiver", "Receivers", "receivers_of"]


@dataclass(frozen=True, slots=True)
class Receiver:
    """One person; ``quiet`` are their hours of rest, minutes after midnight."""

    id: UUID
    who: Reachable
    quiet: tuple[int, int] | None = None

    def not_before(self, now: datetime) -> datetime:
        """When the person may be written to at the earliest."""
        return not_before(now, *self.quiet) if self.quiet else now


@dataclass(frozen=True, slots=True)
class Receivers:
    """The people behind the organisations and ids of one batch of messages."""

    contacts: Mapping[UUID, list[Receiver]]
    organisers: Mapping[UUID, list[Receiver]]
    people: Mapping[UUID, Receiver]

    def of(self, kind: str, organisation_id: UUID | None, person_id: UUID | None) -> list[Receiver]:
        """Whom a message reaches: the person; else the organisation's contacts, or who runs it where it has none.

        What is for those who run the organisation goes to nobody else.
        """
        if person_id is not None:
            return [self.people[person_id]] if person_id in self.people else []
        if organisation_id is None:
            return []
        staff = self.organisers.get(organisation_id, [])
        return staff if kind in TO_STAFF else self.contacts.get(organisation_id, []) or staff


# Who is away is left out where the deputy has the very role there today and is not away as well: nothing is told to
# somebody who may not know of it, and nothing is told to nobody.
_GRANTED = """
WITH held AS (
    SELECT DISTINCT g.organisation, g.role, g.person FROM accounts_role_grant g
     WHERE g.organisation = ANY($1::uuid[]) AND g.role IN ('contact', 'organiser')
       AND g.from_on <= $2 AND (g.until_on IS NULL OR g.until_on > $2)),
away AS (
    SELECT l.person, l.deputy FROM accounts_leave l
     WHERE l.ended_at IS NULL AND l.from_on <= $2 AND l.until_on > $2)
SELECT h.organisation, h.role, h.person FROM held h
 WHERE NOT EXISTS (
    SELECT 1 FROM away a JOIN held d ON d.person = a.deputy AND d.organisation = h.organisation AND d.role = h.role
      JOIN accounts_person p ON p.id = a.deputy
     WHERE a.person = h.person AND p.disabled_at IS NULL AND a.deputy NOT IN (SELECT person FROM away))
 ORDER BY h.person
"""
_PEOPLE = """
SELECT p.id, CASE WHEN p.email_confirmed_at IS NULL THEN '' ELSE coalesce(p.email, '') END AS email,
       coalesce(p.phone, '') AS phone, q.from_minute, q.until_minute,
       (SELECT array_agg(c.topic || ' ' || c.channel || ' ' || c.wanted::int)
          FROM notifications_choice c WHERE c.person = p.id) AS choices
  FROM accounts_person p LEFT JOIN notifications_quiet_hours q ON q.person = p.id
 WHERE p.id = ANY($1::uuid[]) AND p.disabled_at IS NULL
"""


async def receivers_of(organisation_ids: Collection[UUID], person_ids: Collection[UUID], today: date) -> Receivers:
    """Everybody who may be meant; roles are those valid on ``today``, deputies' too; two statements.

    Who is away on ``today`` gets nothing that a deputy gets: what is for the person alone still goes to the person.
    """
    granted = await db.rows(_GRANTED, list(organisation_ids), today)
    wanted = {one["person"] for one in granted} | set(person_ids)
    people = {one["id"]: one for one in await db.rows(_PEOPLE, list(wanted))}
    contacts: dict[UUID, list[Receiver]] = {}
    organisers: dict[UUID, list[Receiver]] = {}
    for one in granted:
        if one["person"] in people:
            is_staff = one["role"] == "organiser"
            (organisers if is_staff else contacts).setdefault(one["organisation"], []).append(
                _receiver(people[one["person"]], reads_desk=is_staff)
            )
    return Receivers(contacts, organisers, {id_: _receiver(one) for id_, one in people.items()})


def _receiver(one: Any, *, reads_desk: bool = False) -> Receiver:
    choices = {}
    for choice in one["choices"] or ():
        topic, channel, wanted = choice.split(" ")
        choices[topic, channel] = wanted == "1"
    quiet = (QUIET_FROM, QUIET_UNTIL) if one["from_minute"] is None else (one["from_minute"], one["until_minute"])
    return Receiver(one["id"], Reachable(one["email"], one["phone"], choices, reads_desk), quiet)
