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
from outreach.attendance.doors import DoorView, booked_unit
from outreach.attendance.records import held_within
from outreach.bookings.domain.contact import phone_problems
from outreach.events.queries import session_by_id
from outreach.shared import db
from outreach.shared.errors import FieldProblem, InvalidError
from outreach.shared.text import clean_line

__all__ = ["CheckedIn", "check_in", "own_check_in"]


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

    A list may have numbers where the poster asks for none, and the other way round: it is the same person.

    Raises:
        CheckinClosedError: nobody is let in who is not expected, and the person is neither expected nor there already.
    """
    by_name = identity_of(key, name=name, unit=unit)
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
    for one in found:
        as_listed = Identity(one["identity"], by_number=one["by_number"], tail=one["tail"])
        if one["identity"] in (who.hash, by_name.hash):
            return as_listed
        # Another number is another person of the same name.
        same_name = comparable(one["name"]) == comparable(name)
        same_unit = comparable(one["unit_name"]) in ("", comparable(unit))
        if same_name and same_unit and not (typed and one["by_number"]):
            return as_listed
    if not door.walk_ins:
        raise CheckinClosedError(why="not-on-list")
    return None


async def own_check_in(door: DoorView, now: datetime, identities: list[str], name: str, device: str) -> datetime | None:
    """When who holds this phone checked in today, as far as its cookie tells; ``None``: not yet."""
    found: datetime | None = await db.value(
        """SELECT checked_in_at FROM attendance_attendee
            WHERE session = $1 AND "on" = $2 AND present
              AND (identity = ANY($3::text[]) OR device <> '' AND device = $4 AND name = $5)
            ORDER BY checked_in_at LIMIT 1""",
        door.session_id,
        day_at(door.starts_at, door.ends_at, now),
        identities,
        device,
        name,
    )
    return found
