"""What the journal and the contacts' messages tell of the year."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from outreach.accounts.tables import JournalEntry
from outreach.demo.rows import Batch
from outreach.demo.run import Booked, Run
from outreach.demo.unions import Somebody
from outreach.notifications.tables import OutboxMessage
from outreach.shared.time import local

__all__ = ["History"]

# Messages older than this would have been read and forgotten.
_MESSAGES_KEPT = timedelta(days=40)
_UNREAD = timedelta(days=3)


@dataclass(slots=True)
class History:
    """Collects lines in any order; ``write`` puts them into the order of time."""

    now: datetime
    lines: list[dict[str, Any]] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)

    def note(
        self, at: datetime, actor: Somebody, action: str, kind: str, id_: UUID, organisation: UUID, *,
        before: str | None = None, after: str | None = None, reason: str = "", facts: dict[str, Any] | None = None,
    ) -> None:  # fmt: skip
        """One line of the journal."""
        self.lines.append({
            "at": at, "actor_id": actor.id, "actor_name": actor.name, "action": action, "object_kind": kind,
            "object_id": id_, "organisation_id": organisation, "from_state": before, "to_state": after,
            "reason": reason, "facts": msgspec.json.encode(facts or {}).decode(),
        })  # fmt: skip

    def of_session(self, run: Run, staff: Somebody) -> None:
        """From draft to what it is now."""

        def step(at: datetime | None, action: str, before: str | None, after: str, reason: str = "") -> None:
            if at is not None:
                self.note(
                    at,
                    staff,
                    f"session.{action}",
                    "session",
                    run.id,
                    run.owner.id,
                    before=before,
                    after=after,
                    reason=reason,
                )

        step(run.created_at, "drafted", None, "draft")
        step(run.published_at, "published", "draft", "published")
        step(run.moved_at, "moved", "published", "published")
        step(run.held_at, "held", "published", "held")
        step(run.closed_at, "closed", "held", "closed")
        step(run.cancelled_at, "cancelled", "published", "cancelled", run.planned.why)

    def of_booking(self, id_: UUID, run: Run, booked: Booked, contact: Somebody, staff: Somebody) -> None:
        """Made, then perhaps confirmed, declined or cancelled; and what the booker was told."""
        facts = {"session_id": str(run.id), "organisation": booked.booker.name, "seats": booked.seats}
        first = "pending" if run.planned.approval and not booked.is_host else "confirmed"
        if booked.queue_number is not None:
            first = "waitlisted"
        action = "booking.submitted"
        if booked.is_host:
            action = "booking.confirmed" if run.ordered else "booking.claimed"
        self.note(booked.created_at, contact, action, "booking", id_, run.owner.id, after=first, facts=facts)
        if booked.state in ("declined", "cancelled") or (first == "pending" and booked.state == "confirmed"):
            actor = contact if booked.state == "cancelled" and run.cancelled_at is None else staff
            self.note(
                booked.changed_at, actor, f"booking.{booked.state}", "booking", id_, run.owner.id, before=first,
                after=booked.state, reason=booked.reason, facts=facts,
            )  # fmt: skip
        if booked.state in ("confirmed", "declined", "cancelled"):
            kind = "session-cancelled" if run.cancelled_at is not None else f"booking-{booked.state}"
            self._tell(kind, booked.changed_at, id_, run, booked, booked.booker.id)
        elif booked.state == "pending":
            self._tell("booking-received", booked.created_at, id_, run, booked, run.owner.id)
        elif booked.queue_number is not None:
            self._tell("booking-waitlisted", booked.created_at, id_, run, booked, booked.booker.id)
        if booked.state == "offered":
            self._offered(id_, run, booked, staff)
        if run.moved_at is not None and booked.state == "confirmed" and booked.created_at < run.moved_at:
            self._tell("session-moved", run.moved_at, id_, run, booked, booked.booker.id)

    def _offered(self, id_: UUID, run: Run, booked: Booked, staff: Somebody) -> None:
        """A part of what the group waits for, offered by the organiser."""
        self.note(
            booked.changed_at, staff, "booking.offered", "booking", id_, run.owner.id, before="waitlisted",
            after="offered", reason=booked.reason, facts={"organisation": booked.booker.name, "seats": booked.seats},
        )  # fmt: skip
        self._tell("booking-offered", booked.changed_at, id_, run, booked, booked.booker.id)

    def tell(
        self, kind: str, at: datetime, object_kind: str, object_id: UUID, receiver: UUID, facts: dict[str, Any], *,
        to_person: bool = False,
    ) -> None:  # fmt: skip
        """One message to an organisation or a person; what is long past was read and forgotten.

        The newest wait for the first background work: nobody of the demo has a mail address, so they come to the list
        of people to tell.
        """
        if self.now - at > _MESSAGES_KEPT:
            return
        is_read = self.now - at > _UNREAD
        self.messages.append({
            "at": at, "kind": kind, "person_id" if to_person else "organisation_id": receiver,
            "facts": msgspec.json.encode(facts).decode(), "object_kind": object_kind, "object_id": object_id,
            "delivered_at": at + timedelta(minutes=1) if is_read else None, "attempts": int(is_read),
            "read_at": at + timedelta(hours=5) if is_read else None,
        })  # fmt: skip

    def _tell(self, kind: str, at: datetime, id_: UUID, run: Run, booked: Booked, receiver: UUID) -> None:
        facts: dict[str, Any] = {
            "session_id": str(run.id),
            "title": run.planned.title,
            "starts_at": local(run.planned.starts_at).isoformat(),
            "ends_at": local(run.planned.ends_at).isoformat(),
            "seats": booked.seats_wanted or booked.seats if kind == "booking-waitlisted" else booked.seats,
            "organisation": booked.booker.name,
            "reason": booked.reason if kind != "booking-waitlisted" else "",
        }
        if kind == "session-moved" and run.moved_from is not None:
            facts["old_starts_at"] = local(run.moved_from).isoformat()
        if booked.offer_expires_at is not None:
            facts["until"] = local(booked.offer_expires_at).isoformat()
        about_session = kind.startswith("session-")
        self.tell(
            kind, at, "session" if about_session else "booking", run.id if about_session else id_, receiver, facts
        )

    def write(self, batch: Batch) -> int:
        """Everything in the order of time; return how many lines the journal has."""
        for number, line in enumerate(sorted(self.lines, key=lambda line: (line["at"], str(line["object_id"]))), 1):
            batch.add(JournalEntry, line["at"], id=number, **line)
        for message in sorted(self.messages, key=lambda message: (message["at"], str(message["object_id"]))):
            batch.add(OutboxMessage, message.pop("at"), **message)
        return len(self.lines)
