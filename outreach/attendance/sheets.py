"""The sign-in sheet 签到表: who may print it, whose names stand on it, and its rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from outreach.bookings.queries import BookingRow
from outreach.events.domain.visibility import may_manage
from outreach.events.queries import SessionRow
from outreach.shared import db
from outreach.shared.actors import Actor

__all__ = ["MOST_ROWS", "ExpectedPerson", "SheetRow", "bookings_on_sheet", "expected_people", "sheet_rows"]

#: More rows than anybody prints at once; units beyond them add sheets of their own.
MOST_ROWS = 1000
#: At least so many lines for those who come without a booking, and a multiple of ``PER_PAGE`` in all.
BLANK_ROWS, PER_PAGE = 5, 25

#: Bookings whose people stand on the sheet: approved ones.
LISTED = ("confirmed", "attended")


@dataclass(frozen=True, slots=True)
class ExpectedPerson:
    """Somebody on a roster of people expected; ``organisation_id``: the unit, where it was recognised."""

    name: str
    unit_name: str
    organisation_id: UUID | None


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A numbered line; ``unit`` is empty on a blank one, ``name`` where nobody said who comes."""

    number: int
    unit: str
    name: str = ""


def bookings_on_sheet(actor: Actor, session: SessionRow, bookings: Sequence[BookingRow]) -> list[BookingRow] | None:
    """The bookings that the caller's sheet lists: all for staff and the host, their own for others who booked.

    ``None``: no sheet for this caller.
    """
    listed = [one for one in bookings if one.state in LISTED]
    if _reads_all(actor, session):
        return listed
    own = [one for one in listed if actor.represents(one.organisation_id)]
    return own or None


async def expected_people(actor: Actor, session: SessionRow, bookings: Sequence[BookingRow]) -> list[ExpectedPerson]:
    """Who was announced by name, in the order of entry: all for staff and the host, else those of the own units.

    Args:
        bookings: those on the caller's sheet. A confidential session has no names.
    """
    if session.confidential:
        return []
    units = None if _reads_all(actor, session) else [one.organisation_id for one in bookings]
    found = await db.rows(
        """SELECT name, unit_name, organisation AS organisation_id
             FROM (SELECT DISTINCT ON (identity) id, name, unit_name, organisation FROM attendance_attendee
                    WHERE session = $1 AND expected AND name <> ''
                      AND ($2::uuid[] IS NULL OR organisation = ANY($2)) ORDER BY identity, id) people
            ORDER BY id LIMIT $3""",
        session.id,
        units,
        MOST_ROWS,
    )
    return [ExpectedPerson(**one) for one in found]


def _reads_all(actor: Actor, session: SessionRow) -> bool:
    is_host = session.host_id is not None and actor.represents(session.host_id)
    return may_manage(actor, session.facts) or is_host


def sheet_rows(bookings: Sequence[BookingRow], people: Sequence[ExpectedPerson] = ()) -> list[SheetRow]:
    """A line for every seat, unit by unit, those with a name first, then blank ones to the end of the last page.

    People of units that booked nothing follow behind the units, each with the unit as it was handed in.
    """
    by_unit: dict[UUID, list[str]] = {one.organisation_id: [] for one in bookings}
    others: list[tuple[str, str]] = []
    for person in people:
        names = by_unit.get(person.organisation_id) if person.organisation_id else None
        if names is None:
            others.append((person.unit_name, person.name))
        else:
            names.append(person.name)
    lines: list[tuple[str, str]] = []
    for one in bookings:
        lines += _of_unit(one, by_unit[one.organisation_id])
    lines = [*lines, *sorted(others, key=lambda pair: pair[0])][:MOST_ROWS]
    blank = BLANK_ROWS + (-(len(lines) + BLANK_ROWS)) % PER_PAGE
    return [SheetRow(number, unit, name) for number, (unit, name) in enumerate([*lines, *[("", "")] * blank], 1)]


def _of_unit(booking: BookingRow, names: Sequence[str]) -> Iterable[tuple[str, str]]:
    free = max(0, min(booking.seats, MOST_ROWS) - len(names))
    return [(booking.organisation_name, name) for name in [*names, *[""] * free]]
