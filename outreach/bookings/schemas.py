"""Bookings as JSON. Input refuses unknown fields and names every bad one."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from outreach.bookings.domain.permissions import may_see_phone
from outreach.bookings.queries import BookingRow
from outreach.events.schemas import SessionOut
from outreach.shared.actors import Actor
from outreach.shared.text import Line, LongText, OptionalLine, Phone, ShortLine
from outreach.shared.time import local

__all__ = [
    "MOST_SEATS",
    "BookingIn",
    "BookingList",
    "BookingOut",
    "BookingPatch",
    "CancelIn",
    "CancelSessionIn",
    "ClaimIn",
    "ClaimOut",
    "DeclineIn",
    "Note",
    "OfferIn",
    "QueueIn",
    "SessionPatch",
    "booking_out",
    "given_of",
]

#: More people than any site holds: a slip of the finger.
MOST_SEATS = 100_000

Seats = Annotated[int, Meta(ge=1, le=MOST_SEATS, description="people")]
Note = Annotated[str, Meta(max_length=400, pattern=LongText.__metadata__[0].pattern)]
Minutes = Annotated[int, Meta(ge=0, le=10_080)]
Moment = Annotated[datetime, Meta(tz=True)]
District = Annotated[str, Meta(max_length=40, pattern=OptionalLine.__metadata__[0].pattern)]
MustPhone = Annotated[Phone, Meta(min_length=1)]


class BookingIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A request for seats of a session.

    ``waitlist``: queue when there are not enough free seats; where there are, it simply books.
    """

    session_id: UUID
    organisation_id: UUID
    seats: Seats
    contact_name: ShortLine
    contact_phone: MustPhone
    note: Note = ""
    waitlist: bool = False


class BookingPatch(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What of a booking changes; a field that is left out stays."""

    seats: Seats | UnsetType = UNSET
    contact_name: ShortLine | UnsetType = UNSET
    contact_phone: MustPhone | UnsetType = UNSET
    note: Note | UnsetType = UNSET


class DeclineIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Why a booking is declined; the organisation reads it."""

    reason: OptionalLine = ""


class CancelIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Why a booking is given up; needed from a unit after the programme's deadline.

    ``by``: ``unit`` when staff enter what the unit said on the telephone; left out: whoever the caller is.
    """

    reason: OptionalLine = ""
    by: Literal["", "unit", "organiser"] = ""


class OfferIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Seats that a waiting group is offered: a part of what it asked for, or all.

    ``reason``: needed when groups before it are passed over.
    """

    seats: Seats
    reason: OptionalLine = ""


class QueueIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Another place in the waiting list, 1 is next, and why."""

    place: Seats
    reason: OptionalLine


class CancelSessionIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Whose doing it is that a session is cancelled, and why."""

    by: Literal["organiser", "host", "provider", "weather"] = "organiser"
    reason: OptionalLine = ""


class SessionPatch(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is to change of a draft or published session; what is left out stays.

    A changed start alone keeps the length and moves the times of booking along. ``capacity`` null: not limited.
    ``reason`` is told to those who booked; ``override_reason`` says why warnings are set aside.
    """

    title: Line | UnsetType = UNSET
    kind: ShortLine | UnsetType = UNSET
    starts_at: Moment | UnsetType = UNSET
    ends_at: Moment | UnsetType = UNSET
    provider_ids: Annotated[list[UUID], Meta(max_length=50)] | UnsetType = UNSET
    venue_id: UUID | UnsetType | None = UNSET
    host_id: UUID | UnsetType | None = UNSET
    address: OptionalLine | UnsetType = UNSET
    district: District | UnsetType = UNSET
    multi_day: bool | UnsetType = UNSET
    setup_minutes: Minutes | UnsetType = UNSET
    takedown_minutes: Minutes | UnsetType = UNSET
    capacity: Seats | UnsetType | None = UNSET
    claimable: bool | UnsetType = UNSET
    visibility: Literal["public", "members", "host"] | UnsetType = UNSET
    approval_needed: bool | UnsetType = UNSET
    booking_opens_at: Moment | UnsetType | None = UNSET
    booking_closes_at: Moment | UnsetType | None = UNSET
    max_seats_per_booking: Seats | UnsetType | None = UNSET
    note: LongText | UnsetType = UNSET
    reason: OptionalLine = ""
    override_reason: OptionalLine = ""

    def changes(self) -> dict[str, Any]:
        """The given fields of ``SessionDraft``."""
        given = given_of(self)
        del given["reason"], given["override_reason"]
        if "provider_ids" in given:
            given["provider_ids"] = tuple(dict.fromkeys(given["provider_ids"]))
        return given


def given_of(patch: msgspec.Struct) -> dict[str, Any]:
    """The fields that a patch gives."""
    return {name: value for name, value in msgspec.structs.asdict(patch).items() if value is not UNSET}


class ClaimIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """领走一场: the site, and how many people are expected there."""

    organisation_id: UUID
    address: Line
    audience: Seats
    contact_name: ShortLine
    contact_phone: MustPhone


class BookingOut(msgspec.Struct, kw_only=True):
    """An organisation's claim on seats of a session.

    ``contact_phone`` is null for everybody but the organisation itself and the staff who must call.
    Waiting list: ``place_in_queue`` is 1 for the group that is next; while a part is offered until
    ``offer_expires_at`` (exclusive) ``seats`` is the part and ``seats_wanted`` what the group waits for.
    ``cancelled_by``: unit, organiser, or session when that was cancelled as a whole; ``is_late``: the unit cancelled
    after ``deadline_at``.
    """

    id: UUID
    session_id: UUID
    session_title: str
    starts_at: datetime
    ends_at: datetime
    organisation_id: UUID
    organisation_name: str
    seats: int
    state: Literal["pending", "confirmed", "waitlisted", "offered", "attended", "no_show", "declined", "cancelled"]
    is_host: bool
    contact_name: str
    contact_phone: str | None
    note: str
    reason: str
    created_at: datetime
    changed_at: datetime
    revision: int
    opening_id: UUID | None
    place_in_queue: int | None
    seats_wanted: int | None
    offer_expires_at: datetime | None
    times_skipped: int
    cancelled_by: Literal["", "unit", "organiser", "session"]
    is_late: bool
    deadline_at: datetime


class BookingList(msgspec.Struct, kw_only=True):
    """A page of bookings, newest first."""

    items: list[BookingOut]
    next: str | None
    total: int


class ClaimOut(BookingOut, kw_only=True):
    """The host booking that a claim made, and the session as it now is."""

    session: SessionOut


def booking_out(actor: Actor, row: BookingRow) -> BookingOut:
    """The booking as ``actor`` may see it."""
    return BookingOut(
        id=row.id,
        session_id=row.session_id,
        session_title=row.title,
        starts_at=local(row.starts_at),
        ends_at=local(row.ends_at),
        organisation_id=row.organisation_id,
        organisation_name=row.organisation_name,
        seats=row.seats,
        state=row.state,  # type: ignore[arg-type]  # the database's check knows the same words
        is_host=row.is_host,
        contact_name=row.contact_name,
        contact_phone=row.contact_phone if may_see_phone(actor, row.facts) else None,
        note=row.note,
        reason=row.reason,
        created_at=local(row.created_at),
        changed_at=local(row.changed_at),
        revision=row.revision,
        opening_id=row.opening_id,
        place_in_queue=row.place_in_queue,
        seats_wanted=row.seats_wanted,
        offer_expires_at=None if row.offer_expires_at is None else local(row.offer_expires_at),
        times_skipped=row.times_skipped,
        cancelled_by=row.cancelled_by,  # type: ignore[arg-type]  # written by cancel_booking and cancel_session only
        is_late=row.is_late,
        deadline_at=local(row.deadline_at),
    )
