"""Sessions with all that hangs on them, as rows."""

from datetime import datetime, timedelta
from random import Random
from uuid import UUID

import msgspec

from outreach.attendance.tables import Headcount
from outreach.bookings.tables import Booking
from outreach.demo.history import History
from outreach.demo.rows import Batch
from outreach.demo.run import Booked, Run
from outreach.demo.supply import Supply
from outreach.demo.unions import Somebody, Unions
from outreach.demo.visits import Counted, Entry
from outreach.events.domain.occupation import Span, people_spans, place_span
from outreach.events.tables import Occupation, Session, SessionOrganiser, SessionProvider
from outreach.programmes.tables import Tally

__all__ = ["Writer"]

#: Set-up and take-down of a show, an exhibition; a lecture needs none.
_SETUP = {"演出": 60, "戏曲": 60, "电影": 30, "展览": 120}


class Writer:
    """Turns runs, counts and entries into rows and lines of the journal."""

    def __init__(
        self, batch: Batch, history: History, dice: Random, unions: Unions, supply: Supply, staff: Somebody
    ) -> None:
        self.batch, self.history, self.dice, self.unions, self.supply = batch, history, dice, unions, supply
        self.staff = staff
        self._slots: dict[UUID, list[tuple[int, Span]]] = {}

    def write_session(self, run: Run) -> None:
        planned = run.planned
        site = planned.place.address if planned.place else planned.host.site if planned.host else ""
        setup = _SETUP.get(planned.dish.kind, 0)
        self.batch.add(
            Session, run.created_at, id=run.id, event=self.supply.events[planned.dish.title],
            programme=self.supply.programmes[planned.dish.programme], organisation=run.owner.id, title=planned.title,
            kind=planned.dish.kind, host=planned.host.id if planned.host else None,
            venue=planned.place.id if planned.place else None, address=site, district=planned.district,
            starts_at=planned.starts_at, ends_at=planned.ends_at, multi_day=planned.multi_day, setup_minutes=setup,
            takedown_minutes=setup // 2, capacity=planned.capacity, seats_taken=run.seats_taken,
            claimable=planned.claimable, visibility=planned.visibility, state=run.state,
            approval_needed=planned.approval, booking_opens_at=run.opens_at, booking_closes_at=run.closes_at,
            max_seats_per_booking=40 if planned.capacity and not planned.claimable else None, note=planned.note,
            revision=run.revision, revised_at=run.revised_at, moved_from=run.moved_from, published_at=run.published_at,
            held_at=run.held_at, closed_at=run.closed_at, cancelled_at=run.cancelled_at,
            cancelled_by=planned.cancelled_by, cancel_reason=planned.why, created_by=self.staff.id,
        )  # fmt: skip
        for position, giver in enumerate(planned.givers, 1):
            self.batch.add(SessionProvider, run.created_at, session=run.id, provider=giver.id, position=position)
        self._write_organisers(run)
        if run.state in ("published", "held", "closed"):
            self._occupy(run, setup)
        self.history.of_session(run, self.staff)
        for booked in run.bookings:
            self._write_booking(run, booked)

    def _write_organisers(self, run: Run) -> None:
        parts = [("host", run.owner.id)]
        if run.planned.dish.programme == "culture":
            parts.append(("organiser", self.unions.palace.id))
        if run.ordered and run.planned.host is not None:
            parts.append(("organiser", run.planned.host.id))
        district = self.unions.districts.get(run.planned.district)
        if district and district.id != run.owner.id and self.dice.random() < 0.4:
            parts.append(("support", district.id))
        for part, organisation in parts:
            self.batch.add(SessionOrganiser, run.created_at, session=run.id, organisation=organisation, part=part)

    def _occupy(self, run: Run, setup: int) -> None:
        planned = run.planned
        times = (planned.starts_at, planned.ends_at)
        for giver in planned.givers:
            spans = people_spans(*times, multi_day=planned.multi_day, setup_minutes=setup, takedown_minutes=setup // 2)
            for span in spans:
                self.tie(run.id, run.created_at, "provider", giver.id, giver.teams, span)
        if planned.place is not None:
            span = place_span(*times, setup_minutes=max(30, setup), takedown_minutes=max(30, setup // 2))
            self.tie(run.id, run.created_at, "venue", planned.place.id, planned.place.rooms, span)

    def tie(
        self, session: UUID, when: datetime, kind: str, resource: UUID, slots: int, span: Span, *, is_rain: bool = False
    ) -> None:
        """Occupy the first free team or room.

        Raises:
            StopIteration: all are busy; the plan was wrong.
        """
        taken = self._slots.setdefault(resource, [])
        held = {slot for slot, other in taken if other.overlaps(span)}
        slot = next(n for n in range(1, slots + 1) if n not in held)
        taken.append((slot, span))
        self.batch.add(
            Occupation, when, session=session, resource_kind=kind, resource_id=resource, slot=slot,
            starts_at=span.starts_at, ends_at=span.ends_at, is_rain=is_rain,
        )  # fmt: skip

    def _write_booking(self, run: Run, booked: Booked) -> None:
        contact = booked.booker.contact
        assert contact is not None, booked.booker.name
        id_ = self.batch.add(
            Booking, booked.created_at, session=run.id, organisation=booked.booker.id, seats=booked.seats,
            state=booked.state, is_host=booked.is_host, contact_name=contact.name, contact_phone=contact.phone,
            note=booked.note, reason=booked.reason, created_by=contact.id, changed_at=booked.changed_at,
            revision=1 + (booked.changed_at > booked.created_at), queue_number=booked.queue_number,
            seats_wanted=booked.seats_wanted, offer_expires_at=booked.offer_expires_at,
            times_skipped=booked.times_skipped, cancelled_by=booked.cancelled_by, is_late=booked.is_late,
        )  # fmt: skip
        self.history.of_booking(id_, run, booked, contact, self.staff)

    def write_count(self, counted: Counted) -> None:
        run = counted.run
        assert run.held_at is not None
        recorded = run.held_at if counted.on >= run.planned.ends_at.date() else _evening(run, counted)
        self.batch.add(
            Headcount, recorded, session=run.id, on=counted.on, total=counted.total, workers=counted.workers,
            estimated=counted.estimated, breakdown=msgspec.json.encode(counted.breakdown).decode(),
            recorded_by=self.staff.id, recorded_at=recorded,
        )  # fmt: skip

    def write_entry(self, entry: Entry) -> None:
        at_ = datetime.combine(entry.on, datetime.min.time(), self.history.now.tzinfo) + timedelta(
            hours=16, minutes=self.dice.randint(0, 59)
        )
        id_ = self.batch.add(
            Tally, at_, target=self.supply.targets[entry.target], on=entry.on, quantity=float(entry.quantity),
            receiver=entry.receiver, note=entry.note, session_id=entry.run.id if entry.run else None,
            created_by=self.staff.id,
        )  # fmt: skip
        self.history.note(
            at_, self.staff, "tally.added", "tally", id_, self.unions.root.id, facts={"quantity": entry.quantity}
        )


def _evening(run: Run, counted: Counted) -> datetime:
    """An exhibition is counted each day when it closes."""
    return run.planned.ends_at + (counted.on - run.planned.ends_at.date()) + timedelta(minutes=20)
