"""The sign-in sheet 签到表: who may print it, and its rows. Pure but for its types."""

from collections.abc import Sequence
from dataclasses import dataclass

from outreach.bookings.queries import BookingRow
from outreach.events.domain.visibility import may_manage
from outreach.events.queries import SessionRow
from outreach.shared.actors import Actor

__all__ = ["MOST_ROWS", "SheetRow", "bookings_on_sheet", "sheet_rows"]

#: More rows than anybody prints at once; units beyond them add sheets of their own.
MOST_ROWS = 1000
#: At least so many lines for those who come without a booking, and a multiple of ``PER_PAGE`` in all.
BLANK_ROWS, PER_PAGE = 5, 25

#: Bookings whose people stand on the sheet: approved ones.
LISTED = ("confirmed", "attended")


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A numbered line; ``unit`` is empty on a blank one."""

    number: int
    unit: str


def bookings_on_sheet(actor: Actor, session: SessionRow, bookings: Sequence[BookingRow]) -> list[BookingRow] | None:
    """The bookings that the caller's sheet lists: all for staff and the host, their own for others who booked.

    ``None``: no sheet for this caller.
    """
    listed = [one for one in bookings if one.state in LISTED]
    is_host = session.host_id is not None and actor.represents(session.host_id)
    if may_manage(actor, session.facts) or is_host:
        return listed
    own = [one for one in listed if actor.represents(one.organisation_id)]
    return own or None


def sheet_rows(bookings: Sequence[BookingRow]) -> list[SheetRow]:
    """A line for every seat, unit by unit, then blank ones to the end of the last page."""
    units = [one.organisation_name for one in bookings for _seat in range(min(one.seats, MOST_ROWS))][:MOST_ROWS]
    blank = BLANK_ROWS + (-(len(units) + BLANK_ROWS)) % PER_PAGE
    return [SheetRow(number, unit) for number, unit in enumerate([*units, *[""] * blank], 1)]
