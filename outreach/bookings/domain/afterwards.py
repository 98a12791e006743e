"""What units say of a session that has begun: its figures, and how it was. Pure."""

from collections.abc import Collection, Sequence
from uuid import UUID

from outreach.bookings.domain.states import BookingState
from outreach.shared.actors import Actor
from outreach.shared.errors import ForbiddenError, invalid

__all__ = ["TOOK_PART", "chosen_unit", "rating_units", "reporting_units"]

#: Bookings whose unit was there, as far as anybody knows.
TOOK_PART = frozenset({BookingState.CONFIRMED, BookingState.ATTENDED})


def reporting_units(actor: Actor, host_id: UUID | None, booked: Collection[UUID]) -> list[UUID]:
    """The organisations for which the actor reports the figures: the host; without a host, each that was there.

    Nobody reports in a unit's name: staff write the head-count itself.

    Args:
        booked: organisations with a booking in ``TOOK_PART``.
    """
    if host_id is not None:
        return [host_id] if actor.represents(host_id) else []
    return [one for one in dict.fromkeys(booked) if actor.represents(one)]


def rating_units(actor: Actor, host_id: UUID | None, booked: Collection[UUID]) -> list[UUID]:
    """The organisations for which the actor says how it was: the host, and each that was there."""
    named = [*([host_id] if host_id is not None else []), *booked]
    return [one for one in dict.fromkeys(named) if actor.represents(one)]


def chosen_unit(units: Sequence[UUID], wanted: UUID | None) -> UUID:
    """The one of ``units`` that speaks: the one wanted, or the only one.

    Raises:
        ForbiddenError: there is none, or another is wanted.
        InvalidError: there are several, and none is named.
    """
    if not units or (wanted is not None and wanted not in units):
        raise ForbiddenError
    if wanted is None and len(units) > 1:
        raise invalid("organisation_id", "required")
    return wanted or units[0]
