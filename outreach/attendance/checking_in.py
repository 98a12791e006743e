"""A worker checks in by the poster or its code: one tap, and again the same answer."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from outreach.attendance.attendees import (
    CameBy,
    PersonGiven,
    lock_session_within,
    record_presence_within,
)
from outreach.attendance.domain.doors import day_at
from outreach.attendance.domain.errors import CheckinClosedError
from outreach.attendance.domain.identity import Identity, comparable, identity_of
from outreach.attendance.domain.listed import Listed, listed_as
from outreach.attendance.doors import DoorView, booked_unit
from outreach.attendance.queries import year_closed_at
from outreach.attendance.records import held_within
from outreach.attendance.remembering import Remembered, device_of_phone
from outreach.bookings.domain.contact import phone_problems
from outreach.events.queries import session_by_id
from outreach.shared import db
from outreach.shared.errors import FieldProblem, InvalidError
from outreach.shared.text import clean_line

__all__ = ["CheckedIn", "OwnCheckIn", "check_in", "check_ins_of_phone"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedIn:
    """``first``: by this very request; ``at``: the first time, by the server's clock."""

    attendee_id: UUID
    session_id: UUID
    on: date
    name: str
    unit_name: str
    identity: Identity
    first: bool
    at: datetime


async def check_in(
    now: datetime,
    *,
    door: DoorView,
    key: bytes,
    name: str,
    unit: str,
    phone: str = "",
    known: Identity | None = None,
    came_by: CameBy,
    device: str = "",
) -> CheckedIn:
    """Record the presence of who stands before the door; the first one from the start on makes the session held.

    Args:
        key: ``attendees.identity_key(settings)``.
        phone: as typed; hashed here and kept nowhere.
        known: who the same phone was before, used where a number is asked for and none was typed.
        device: hash of the phone's own cookie.

    Raises:
        NotFoundError: the session was never out.
        CheckinClosedError: too early, over, cancelled; or walk-ins are not let in and the person is not expected.
        InvalidError: names every bad field.
    """
    door.check_open(now)
    name, unit = clean_line(name), clean_line(unit)
    who = _identified(door, key, name, unit, phone, known)
    on = day_at(door.starts_at, door.ends_at, now)
    async with db.atomic():
        state = await lock_session_within(now, door.session_id, door.state, door.starts_at)
        if state not in ("published", "held"):
            raise CheckinClosedError(why="cancelled" if state == "cancelled" else "over")
        if await year_closed_at(door.programme_id, door.starts_at):
            raise CheckinClosedError(why="over")
        who = await _expected_within(door, who, key, name, unit, typed=bool(phone)) or who
        person = PersonGiven(
            name=name, unit_name=unit, organisation_id=await booked_unit(door.session_id, unit), identity=who
        )
        (recorded,) = await record_presence_within(
            None, now, session_id=door.session_id, on=on, people=[person], came_by=came_by, device=device
        )
        if state == "published" and now >= door.starts_at:
            await held_within(None, now, await session_by_id(door.session_id))
    assert recorded.checked_in_at is not None
    return CheckedIn(
        attendee_id=recorded.attendee_id,
        session_id=door.session_id,
        on=on,
        name=name,
        unit_name=unit,
        identity=who,
        first=recorded.first,
        at=recorded.checked_in_at,
    )


def _identified(door: DoorView, key: bytes, name: str, unit: str, phone: str, known: Identity | None) -> Identity:
    problems = [
        FieldProblem(field, "required") for field, text in (("name", name), ("unit", unit)) if not comparable(text)
    ]
    if phone:
        problems += phone_problems("phone", phone)
    elif door.real_names and known is None:
        problems.append(FieldProblem("phone", "required"))
    if problems:
        raise InvalidError(problems)
    if not phone and door.real_names and known is not None:
        return known
    return identity_of(key, number=phone, name=name, unit=unit)


async def _expected_within(
    door: DoorView, who: Identity, key: bytes, name: str, unit: str, *, typed: bool
) -> Identity | None:
    """As whom the list of those expected knows this person: by the same identity, else by name and unit.

    Raises:
        CheckinClosedError: nobody is let in who is not expected, and the person is neither expected nor there already.
    """
    by_name = identity_of(key, name=name, unit=unit) if who.by_number else who
    found = await db.rows(
        """SELECT identity, by_number, tail, name, unit_name FROM attendance_attendee
            WHERE session = $1 AND (expected OR present)
              AND (identity = $2 OR identity = $3 OR replace(name, ' ', '') = $4)
            ORDER BY identity = $2 DESC, identity = $3 DESC, by_number, id LIMIT 50""",
        door.session_id,
        who.hash,
        by_name.hash,
        name.replace(" ", ""),
    )
    listed = [
        Listed(
            identity=Identity(one["identity"], by_number=one["by_number"], tail=one["tail"]),
            name=one["name"],
            unit_name=one["unit_name"],
        )
        for one in found
    ]
    if known := listed_as(listed, who, by_name, name=name, unit=unit, typed=typed):
        return known
    if not door.walk_ins:
        raise CheckinClosedError(why="not-on-list")
    return None


@dataclass(frozen=True, slots=True)
class OwnCheckIn:
    """One day on which who holds a phone checked in; ``at``: by the server's clock."""

    attendee_id: UUID
    on: date
    at: datetime


async def check_ins_of_phone(door: DoorView, key: bytes, who: Remembered) -> list[OwnCheckIn]:
    """When who holds this phone checked in, as far as its cookie tells; the latest day first. One statement.

    Args:
        key: ``attendees.identity_key(settings)``.
    """
    hashes = [identity_of(key, name=who.name, unit=who.unit).hash]
    hashes += [who.number.hash] if who.number else []
    found = await db.rows(
        """SELECT DISTINCT ON ("on") id, "on", checked_in_at FROM attendance_attendee
            WHERE session = $1 AND present
              AND (identity = ANY($2::text[]) OR device <> '' AND device = $3 AND name = $4)
            ORDER BY "on" DESC, checked_in_at, id""",
        door.session_id,
        hashes,
        device_of_phone(who)[1],
        who.name,
    )
    return [OwnCheckIn(one["id"], one["on"], one["checked_in_at"]) for one in found]
