"""The list of a session's people: read by who keeps it, added to and taken back one by one."""

import hashlib
import hmac
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from outreach.accounts.journal import note_within
from outreach.attendance.attendees import (
    CameBy,
    PersonGiven,
    Recorded,
    record_presence_within,
    session_for_list_within,
)
from outreach.attendance.domain.permissions import may_keep_list, may_read_pseudonyms
from outreach.attendance.doors import booked_unit, kept_session
from outreach.attendance.records import held_within
from outreach.bookings.queries import readable_session
from outreach.events.domain.visibility import may_see
from outreach.events.queries import SessionRow, session_by_id
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.errors import ForbiddenError, NotFoundError, invalid
from outreach.shared.paging import Page, id_after, page_of
from outreach.shared.text import clean_line

__all__ = [
    "AttendeeRow",
    "PresenceDay",
    "add_person",
    "attendee_by_id",
    "attendees_page",
    "presence_by_day",
    "pseudonym_of",
    "undo_presence",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendeeRow:
    """A person of a session on one day. ``tail``: the last four of the number, if there was one."""

    id: UUID
    session_id: UUID
    on: date
    name: str
    unit_name: str
    organisation_id: UUID | None
    organisation_name: str
    by_number: bool
    tail: str
    is_worker: bool | None
    groups: tuple[str, ...]
    expected: bool
    present: bool
    came_by: str
    checked_in_at: datetime | None
    revision: int


_COLUMNS = """SELECT {id} AS id, a.session AS session_id, a."on", a.name, a.unit_name,
       a.organisation AS organisation_id, coalesce(o.name, '') AS organisation_name, a.by_number, a.tail, a.is_worker,
       a.groups, a.expected, a.present, a.came_by, a.checked_in_at, a.revision, a.identity,
       o.kind = 'guest' AS of_guest
  FROM attendance_attendee a LEFT JOIN accounts_organisation o ON o.id = a.organisation"""
_SELECT = _COLUMNS.format(id="a.id")
#: An id tells when its row was made: for evaluators it is another one, that tells nothing. $6 is a secret.
_NAMELESS_ID = "md5($6 || a.id::text)::uuid"


def _row(record: Any, pseudonyms: bytes | None = None) -> AttendeeRow:
    values = {**record, "groups": tuple(record["groups"])}
    identity, of_guest = values.pop("identity"), values.pop("of_guest")
    made = AttendeeRow(**values)
    if pseudonyms is None:
        return made
    # Barracks, schools and homes are named to nobody outside.
    unit = "" if of_guest else made.organisation_name
    organisation_id = None if of_guest else made.organisation_id
    return replace(
        made, name=pseudonym_of(pseudonyms, identity), unit_name=unit, organisation_id=organisation_id,
        organisation_name=unit, tail="", checked_in_at=None,
    )  # fmt: skip


def pseudonym_of(key: bytes, identity: str) -> str:
    """``P-0f3a…`` of an identity's hash: the same person has the same one everywhere.

    Nobody without the key finds the person behind it, not even by trying every telephone number: both the hash and
    the pseudonym are keyed.
    """
    return f"P-{hmac.new(key, b'pseudonym:' + identity.encode(), hashlib.sha256).hexdigest()[:12]}"


async def attendees_page(
    actor: Actor,
    key: bytes,
    *,
    session_id: UUID,
    on: date | None = None,
    present: bool | None = None,
    limit: int,
    after: str | None = None,
) -> Page[AttendeeRow]:
    """Who is expected or was there, in the order of entry.

    Evaluators read pseudonyms, in an order that tells nothing and without times: the order of entry is that of the
    sheet of paper, and would tell who is who.

    Args:
        key: ``attendees.identity_key(settings)``; pseudonyms come from it.
        present: only those who were there, or only those who were not.

    Raises:
        NotFoundError, ForbiddenError: not for this caller.
    """
    pseudonyms = None if await _reads_names(actor, session_id) else key
    where = """ WHERE a.session = $1 AND (a.expected OR a.present) AND ($2::date IS NULL OR a."on" = $2)
                  AND ($3::bool IS NULL OR a.present = $3)"""
    given: list[object] = [session_id, on, present, id_after(after), limit + 1]
    shown_id = "a.id"
    if pseudonyms is not None:
        shown_id = _NAMELESS_ID
        given.append(hmac.new(pseudonyms, b"rows", hashlib.sha256).hexdigest())
    found = await db.rows(
        _COLUMNS.format(id=shown_id) + where + f" AND ($4::uuid IS NULL OR {shown_id} > $4) ORDER BY 1 LIMIT $5",
        *given,
    )
    total = await db.value("SELECT count(*) FROM attendance_attendee a" + where, session_id, on, present)  # noqa: S608 - ours
    return page_of([_row(one, pseudonyms) for one in found], limit, int(total), lambda one: (str(one.id),))


async def _reads_names(actor: Actor, session_id: UUID) -> bool:
    session = await session_by_id(session_id)
    if may_keep_list(actor, session.facts):
        return True
    if may_read_pseudonyms(actor, session.facts):
        return False
    if may_see(actor, session.facts):
        raise ForbiddenError
    await readable_session(actor, session_id)  # who has booked it knows it, and still reads no names
    raise ForbiddenError


async def attendee_by_id(session_id: UUID, attendee_id: UUID) -> AttendeeRow:
    """One person of a session, for who may read names.

    Raises:
        NotFoundError: none of this session.
    """
    found = await db.row(_SELECT + " WHERE a.session = $1 AND a.id = $2", session_id, attendee_id)
    if found is None:
        raise NotFoundError
    return _row(found)


async def add_person(
    actor: Actor,
    now: datetime,
    *,
    session_id: UUID,
    on: date,
    person: PersonGiven,
    expected_only: bool = False,
    came_by: CameBy = "api",
) -> Recorded:
    """Write one person as present (or expected); the first present one from the start on makes the session held.

    Raises:
        NotFoundError, ForbiddenError, SessionStateError, NoNamesError, ClosedYearError, InvalidError:
            as ``session_for_list_within``.
    """
    async with db.atomic():
        session = await session_for_list_within(actor, now, session_id=session_id, on=on, expected_only=expected_only)
        person = replace(person, organisation_id=await _organisation_within(session, person))
        (recorded,) = await record_presence_within(
            actor, now, session_id=session_id, on=on, people=[person], came_by=came_by, expected_only=expected_only
        )
        if recorded.first:
            # No name: the journal outlives the time for which names are kept.
            await note_within(
                actor,
                now,
                "attendance.expected" if expected_only else "attendance.present",
                "session",
                session_id,
                organisation_id=session.organisation_id,
                facts={"attendee_id": str(recorded.attendee_id), "on": on.isoformat(), "came_by": came_by},
            )
        if not expected_only and session.state == "published" and now >= session.starts_at:
            await held_within(actor, now, session)
    return recorded


async def _organisation_within(session: SessionRow, person: PersonGiven) -> UUID | None:
    """The organisation given, if it lies below the owner or has booked; else the booked one of the unit's name."""
    if person.organisation_id is None:
        return await booked_unit(session.id, person.unit_name)
    known = await db.value(
        """SELECT 1 FROM accounts_organisation o
            WHERE o.id = $1 AND (starts_with(o.path, $2) OR o.id = $3
                  OR o.id IN (SELECT organisation FROM bookings_booking WHERE session = $4))""",
        person.organisation_id,
        session.organisation_path,
        session.host_id,
        session.id,
    )
    if known is None:
        raise invalid("organisation_id", "not-found")
    return person.organisation_id


async def undo_presence(
    actor: Actor, now: datetime, *, session_id: UUID, attendee_id: UUID, reason: str
) -> AttendeeRow:
    """Take back that a person was there; who is expected stays so. A second call changes nothing.

    Raises:
        NotFoundError, ForbiddenError: not the caller's session, or nobody of it.
        SessionStateError: it is closed or cancelled.
        ClosedYearError: its year is closed.
        InvalidError: no reason.
    """
    if not clean_line(reason):
        raise invalid("reason", "required")
    async with db.atomic():
        await kept_session(actor, session_id)  # asked before anything is told about the person
        before = await attendee_by_id(session_id, attendee_id)
        session = await session_for_list_within(actor, now, session_id=session_id, on=before.on, expected_only=True)
        undone = await db.row(
            """UPDATE attendance_attendee
                  SET present = false, came_by = '', checked_in_at = NULL, device = '', changed_at = $3,
                      revision = revision + 1
                WHERE session = $1 AND id = $2 AND present RETURNING id""",
            session_id,
            attendee_id,
            now,
        )
        if undone is not None:
            await note_within(
                actor,
                now,
                "attendance.undone",
                "session",
                session_id,
                organisation_id=session.organisation_id,
                reason=clean_line(reason),
                facts={"attendee_id": str(attendee_id), "on": before.on.isoformat(), "came_by": before.came_by},
            )
        return await attendee_by_id(session_id, attendee_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class PresenceDay:
    """People who were there on one day, by name; ``workers`` ``None``: nobody said. ``groups``: key → people."""

    on: date
    present: int
    workers: int | None
    groups: dict[str, int]


async def presence_by_day(session_id: UUID) -> list[PresenceDay]:
    """Check-ins, ticks and imported presence of a session by day."""
    found = await db.rows(
        """SELECT "on", count(*)::int AS present, count(*) FILTER (WHERE is_worker)::int AS workers,
                  count(is_worker)::int AS said
             FROM attendance_attendee WHERE session = $1 AND present GROUP BY 1 ORDER BY 1""",
        session_id,
    )
    groups: dict[date, dict[str, int]] = {}
    for one in await db.rows(
        """SELECT "on", g AS name, count(*)::int AS people
             FROM attendance_attendee, unnest(groups) g WHERE session = $1 AND present GROUP BY "on", g""",
        session_id,
    ):
        groups.setdefault(one["on"], {})[one["name"]] = one["people"]
    return [
        PresenceDay(
            on=one["on"],
            present=one["present"],
            workers=one["workers"] if one["said"] else None,
            groups=groups.get(one["on"], {}),
        )
        for one in found
    ]
