"""What a mail about a booking carries: where and when, the way to cancel, and an invitation for the calendar.

The invitation tells the booking as it is when the mail leaves, under the UID that the private feed has for it. Of
several messages about one booking the newest carries it: mails that waited for a server to come back do not overtake
each other, and none brings back to life what was cancelled meanwhile.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, Literal
from uuid import UUID

from outreach.calendars import queries
from outreach.calendars.domain.ical import BookingFacts, Origin, booking_event_bytes, invitation_bytes
from outreach.notifications.channels.letter import Calendar
from outreach.notifications.parts import Addressed, Parts
from outreach.notifications.parts import Origin as Sender
from outreach.shared import db
from outreach.shared.i18n import gettext as _
from outreach.shared.i18n import language
from outreach.web.wording import when_text

__all__ = ["ADDED_TO", "INVITING", "invitations_of"]

#: After these a booking has its seats: from then on calendars may hold it.
_CONFIRMING = ("booking-confirmed", "booking-promoted", "order-scheduled")
#: Kinds that tell of a change of a booking's time, place, title or state.
INVITING = (
    *_CONFIRMING,
    "booking-cancelled",
    "order-returned",
    "order-withdrawn",
    "rain-date-used",
    "session-cancelled",
    "session-moved",
    "session-taken-over",
)
#: Kinds whose letters say where and when.
ADDED_TO = (
    *INVITING,
    "booking-offered",
    "booking-promoted-pending",
    "booking-waitlisted",
    "headcount-asked",
)


@dataclass(frozen=True, slots=True)
class _About:
    booking_id: UUID
    is_newest: bool
    was_confirmed: bool


async def invitations_of(letters: Sequence[Addressed], sender: Sender, now: datetime) -> Mapping[UUID, Parts]:
    """What is added to letters to organisations about bookings; others are left out. Three statements for all."""
    about = await _bookings_of(letters)
    facts = await queries.booking_facts([one.booking_id for one in about.values()], now)
    origin = await queries.origin_of(sender.base_url, sender.site_name)
    added: dict[UUID, Parts] = {}
    for letter in letters:
        known = about.get(letter.delivery_id)
        if known is not None and known.booking_id in facts:
            booking = facts[known.booking_id]
            calendar = _calendar(letter, known, booking, origin, sender)
            added[letter.delivery_id] = Parts(
                calendar=calendar,
                ident=f"booking-{booking.id}.{booking.sequence}.{calendar.method.lower()}" if calendar else "",
                where=booking.session.place,
                rows=_rows(letter, booking),
                actions=_actions(booking, sender.base_url, now),
            )
    return added


async def _bookings_of(letters: Sequence[Addressed]) -> dict[UUID, _About]:
    """The booking that each letter is about: its own, or the receiving organisation's last one of the session."""
    told = [one for one in letters if one.organisation_id is not None]
    found = await db.rows(
        """SELECT g.delivery, b.id AS booking,
                  NOT EXISTS (SELECT 1 FROM notifications_outbox_message n
                               WHERE n.organisation_id = g.organisation AND n.kind = ANY($6)
                                 AND (n.object_id IN (b.id, b.session) OR n.facts ->> 'session_id' = b.session::text)
                                 AND (n.created_at, n.id) > (m.created_at, m.id)) AS is_newest,
                  EXISTS (SELECT 1 FROM notifications_outbox_message n
                           WHERE n.organisation_id = g.organisation AND n.kind = ANY($7)
                             AND (n.object_id = b.id OR n.facts ->> 'session_id' = b.session::text)) AS was_confirmed
             FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[])
                    AS g (delivery, message, organisation, booking, session)
             JOIN notifications_outbox_message m ON m.id = g.message
             JOIN bookings_booking b ON b.id = coalesce(g.booking, (
                      SELECT x.id FROM bookings_booking x
                       WHERE x.session = g.session AND x.organisation = g.organisation
                       ORDER BY x.id DESC LIMIT 1))""",
        [one.delivery_id for one in told],
        [one.message_id for one in told],
        [one.organisation_id for one in told],
        [one.object_id if one.object_kind == "booking" else None for one in told],
        [one.object_id if one.object_kind == "session" else _id_of(one.facts.get("session_id")) for one in told],
        list(INVITING),
        list(_CONFIRMING),
    )
    return {one["delivery"]: _About(one["booking"], one["is_newest"], one["was_confirmed"]) for one in found}


def _id_of(given: Any) -> UUID | None:
    try:
        return UUID(given)
    except (TypeError, ValueError):
        return None


def _is_address(address: str) -> bool:
    """Whether it can stand in a line of a calendar; one that cannot is refused by the mail as well."""
    return address.isascii() and address.isprintable() and "@" in address


def _calendar(
    letter: Addressed, about: _About, booking: BookingFacts, origin: Origin, sender: Sender
) -> Calendar | None:
    if letter.kind not in INVITING or not about.is_newest or not about.was_confirmed or not _is_address(letter.address):
        return None
    if not booking.is_cancelled and booking.state != "confirmed":
        return None
    method: Literal["REQUEST", "CANCEL"] = "CANCEL" if booking.is_cancelled else "REQUEST"
    head, end = _frame(method)
    event = _event(replace(booking, id=_NOBODY), origin, sender.from_address)
    event = event.replace(str(_NOBODY).encode(), str(booking.id).encode())
    begin, mark, rest = event.partition(b"BEGIN:VEVENT\r\n")
    return Calendar(head + begin + mark + _attendee(letter.address) + rest + end, method)


#: Stands for the booking in what many invitations have in common; every id is as long, so lines fold the same.
_NOBODY = UUID(int=0)


@lru_cache(maxsize=1_000)
def _event(facts: BookingFacts, origin: Origin, organizer: str) -> bytes:
    """The VEVENT without who is invited: when a session moves, hundreds of bookings share it."""
    return booking_event_bytes(facts, origin, organizer=organizer)


def _attendee(address: str) -> bytes:
    """The booking says who comes: no answer is asked for, and programs show no buttons that would answer nobody."""
    line = f"ATTENDEE;PARTSTAT=ACCEPTED;ROLE=REQ-PARTICIPANT;RSVP=FALSE:mailto:{address}"
    folded = [line[:75], *(line[at : at + 74] for at in range(75, len(line), 74))]  # RFC 5545, 3.1; it is ASCII
    return "\r\n ".join(folded).encode("ascii") + b"\r\n"


@cache
def _frame(method: Literal["REQUEST", "CANCEL"]) -> tuple[bytes, bytes]:
    """What stands around the event, always the same."""
    head, mark, _rest = invitation_bytes(method, []).rpartition(b"END:VCALENDAR")
    return head, mark + b"\r\n"


def _rows(letter: Addressed, booking: BookingFacts) -> tuple[tuple[str, str], ...]:
    session = booking.session
    rows = (
        (_("时间"), when_text(session.starts_at, session.ends_at, language())),
        (_("地点"), session.place if language() == "en" else session.place.replace(", ", "，")),
        (_("单位"), str(letter.facts.get("organisation") or "")),
        (_("人数"), _("%(seats)s人") % {"seats": booking.seats}),
    )
    return tuple((label, value) for label, value in rows if value)


def _actions(booking: BookingFacts, base_url: str, now: datetime) -> tuple[tuple[str, str], ...]:
    """Links to pages with the buttons: opening one changes nothing, since programs open links before people do."""
    if booking.is_cancelled or booking.session.starts_at <= now:
        return ()
    if booking.state == "offered":
        return ((_("确认或放弃名额"), f"{base_url}/bookings/{booking.id}"),)
    if booking.state == "confirmed":
        return ((_("去不了，取消预约"), f"{base_url}/bookings/{booking.id}/cancel"),)
    return ()
