"""Sessions, bookings and orders as entries of a calendar: what is shown of each, nothing about people.

A feed, a person's own feed and the invitations by mail are written from the same facts.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from outreach.calendars.domain.writing import (
    Entry,
    Origin,
    calendar_bytes,
    calendar_frame,
    entry_bytes,
    host_of,
    invitation_bytes,
)

__all__ = [
    "BookingFacts",
    "EventFacts",
    "OrderFacts",
    "Origin",
    "booking_event_bytes",
    "booking_uid",
    "calendar_bytes",
    "calendar_frame",
    "duty_event_bytes",
    "event_bytes",
    "host_of",
    "invitation_bytes",
    "order_event_bytes",
]

#: What stands before the title while nobody knows yet whether it comes to pass, or when it does not.
_BOOKING_MARKS = {
    "pending": "【待审核】",
    "waitlisted": "【候补】",
    "offered": "【等您确认】",
    "declined": "【未获批准】",
}
_ORDER_MARKS = {"assigned": "【待确认】", "declined": "【未获批准】", "withdrawn": "【已撤回】"}
_GONE = frozenset({"cancelled", "declined", "withdrawn"})
_SETTLED = frozenset({"confirmed", "attended", "no_show"})


@dataclass(frozen=True, slots=True)
class EventFacts:
    """What a calendar shows of one session: nothing about people.

    ``is_moved`` while a session that was moved has not taken place yet; ``is_busy`` when the reader means to be there.
    """

    id: UUID
    title: str
    kind: str
    topic: str
    programme_name: str
    audience: str
    summary: str
    place: str
    starts_at: datetime
    ends_at: datetime
    is_cancelled: bool
    is_moved: bool
    revision: int
    revised_at: datetime
    is_busy: bool = False


@dataclass(frozen=True, slots=True)
class BookingFacts:
    """What a calendar shows of a booking: the session, and how the booking stands; no contact, no telephone.

    ``state`` is a ``BookingState``; ``revision`` and ``changed_at`` are the booking's own.
    """

    id: UUID
    session: EventFacts
    state: str
    seats: int
    revision: int
    changed_at: datetime

    @property
    def starts_at(self) -> datetime:
        """When the session begins."""
        return self.session.starts_at

    @property
    def sequence(self) -> int:
        """Goes up with every change of the session and of the booking: a booking never changes its session."""
        return (self.session.revision - 1) + (self.revision - 1)

    @property
    def revised_at(self) -> datetime:
        """Of the later of both changes."""
        return max(self.session.revised_at, self.changed_at)

    @property
    def is_cancelled(self) -> bool:
        """Whether nobody of the unit comes: the booking ended, or the session will not be."""
        return self.session.is_cancelled or self.state in _GONE


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """What a calendar shows of an order that has no date yet, and of one that never got one.

    ``starts_at`` and ``ends_at`` are those of the assignment, else of the first wish; ``wishes`` are all wishes in
    words. ``assignment_revision`` is that of the assigned draft, 1 without one.
    """

    id: UUID
    title: str
    kind: str
    topic: str
    programme_name: str
    place: str
    state: str
    audience: int
    starts_at: datetime
    ends_at: datetime
    wishes: tuple[str, ...]
    revision: int
    assignment_revision: int
    revised_at: datetime


def _marked(facts: EventFacts) -> str:
    """The title with what happened to the session."""
    if facts.is_cancelled:
        return f"【已取消】{facts.title}"
    return f"【改期】{facts.title}" if facts.is_moved else facts.title


def _notes(facts: EventFacts) -> tuple[str, ...]:
    """What the description says of a session."""
    audience = f"对象：{facts.audience}" if facts.audience else ""
    return tuple(part for part in (f"项目：{facts.programme_name}", audience, facts.summary) if part)


def _session_entry(facts: EventFacts) -> Entry:
    """The session as everybody sees it."""
    return Entry(
        ident=f"session-{facts.id}",
        sequence=facts.revision - 1,
        revised_at=facts.revised_at,
        starts_at=facts.starts_at,
        ends_at=facts.ends_at,
        summary=_marked(facts),
        place=facts.place,
        notes=_notes(facts),
        categories=(facts.kind, facts.topic),
        path=f"/sessions/{facts.id}",
        status="CANCELLED" if facts.is_cancelled else "CONFIRMED",
        is_busy=facts.is_busy and not facts.is_cancelled,
    )


def event_bytes(facts: EventFacts, origin: Origin) -> bytes:
    """One VEVENT of a session. The same facts give the same bytes, whenever and wherever they are written."""
    return entry_bytes(_session_entry(facts), origin)


def booking_uid(booking_id: UUID, origin: Origin) -> str:
    """The same in the private feed and in every invitation."""
    return f"booking-{booking_id}@{origin.host}"


def _booking_entry(facts: BookingFacts) -> Entry:
    session = facts.session
    if facts.is_cancelled:
        summary = f"{_BOOKING_MARKS.get(facts.state, '【已取消】')}{session.title}"
    else:
        summary = f"{_BOOKING_MARKS.get(facts.state, '')}{_marked(session)}"
    status = "CANCELLED" if facts.is_cancelled else "CONFIRMED" if facts.state in _SETTLED else "TENTATIVE"
    return Entry(
        ident=f"booking-{facts.id}",
        sequence=facts.sequence,
        revised_at=facts.revised_at,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        summary=summary,
        place=session.place,
        notes=(f"本单位预约：{facts.seats}人", *_notes(session)),
        categories=(session.kind, session.topic),
        path=f"/sessions/{session.id}",
        status=status,
        is_busy=status == "CONFIRMED",
    )


def booking_event_bytes(
    facts: BookingFacts, origin: Origin, *, attendee: str | None = None, organizer: str | None = None
) -> bytes:
    """One VEVENT of a booking, with the UID ``booking-<uuid>@host``; ``attendee`` and ``organizer`` as addresses."""
    return entry_bytes(_booking_entry(facts), origin, attendee=attendee, organizer=organizer)


def order_event_bytes(facts: OrderFacts, origin: Origin) -> bytes:
    """One VEVENT of an order: tentative until it has a date, when its booking takes its place."""
    is_gone = facts.state in _GONE
    entry = Entry(
        ident=f"order-{facts.id}",
        # Every assignment has a draft of its own, which begins at 1: the order's revision outweighs it.
        sequence=(facts.revision - 1) * 100 + min(facts.assignment_revision - 1, 99),
        revised_at=facts.revised_at,
        starts_at=facts.starts_at,
        ends_at=facts.ends_at,
        summary=f"{_ORDER_MARKS.get(facts.state, '【点单】')}{facts.title}",
        place=facts.place,
        notes=(
            f"项目：{facts.programme_name}",
            f"参加：{facts.audience}人",
            *([f"希望的时间：{'；'.join(facts.wishes)}"] if facts.wishes else []),
        ),
        categories=(facts.kind, facts.topic),
        path=f"/orders/{facts.id}",
        status="CANCELLED" if is_gone else "TENTATIVE",
        is_busy=False,
    )
    return entry_bytes(entry, origin)


def duty_event_bytes(facts: EventFacts, origin: Origin, *, is_asked: bool) -> bytes:
    """One VEVENT of a session for those who give it; ``is_asked``: they have not all answered yet."""
    entry = _session_entry(facts)
    if is_asked and not facts.is_cancelled:
        entry = replace(entry, summary=f"【待答复】{facts.title}", status="TENTATIVE", is_busy=False)
    return entry_bytes(entry, origin)
