"""Any interleaving of what people do with one session, on the database and in a model that knows nothing of it.

After every step both agree in every booking's state and seats and in the order of the queue, a refusal is the one that
the model foresaw, and DESIGN's rules 1 to 5 hold.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from outreach.attendance import commands as attendance
from outreach.bookings import claims, commands, session_changes, waiting
from outreach.bookings.changing import change_booking
from outreach.shared import db
from outreach.shared.errors import OutreachError
from tests.factories.bookings import BookingWorld, make_booking
from tests.factories.events import STARTS_AT, make_provider, make_session

T = TypeVar("T")

UNITS = 5
CLOSES_BEFORE = timedelta(hours=48)
CANCEL_HOURS = 72
OFFER_HOURS = 24
LIVE = ("pending", "confirmed", "offered", "waitlisted")
SEATED = ("pending", "confirmed", "offered")


class RefusedError(Exception):
    """The code of the refusal that the model foresees."""


@dataclass
class Group:
    """The last booking of a unit."""

    state: str = "none"
    seats: int = 0
    wanted: int | None = None
    until: datetime | None = None
    let_go: bool = False
    skipped: int = 0
    ran_out: bool = False


@dataclass
class Model:
    """One session as the rules say it behaves. ``queue``: units that wait or hold an offer, in their order."""

    now: datetime
    starts_at: datetime
    capacity: int
    approval: bool
    limited: bool
    busy_at: datetime  # the lecturer is somewhere else then
    state: str = "published"
    groups: dict[int, Group] = field(default_factory=lambda: {unit: Group() for unit in range(UNITS)})
    queue: list[int] = field(default_factory=list)

    # what can be read off

    @property
    def taken(self) -> int:
        return sum(group.seats for group in self.groups.values() if group.state in SEATED)

    @property
    def free(self) -> int:
        return self.capacity - self.taken

    @property
    def is_over(self) -> bool:
        return self.now >= self.starts_at - CLOSES_BEFORE

    @property
    def is_served(self) -> bool:
        return self.state == "published" and self.now < self.starts_at

    def has(self, state: str) -> bool:
        return any(group.state == state for group in self.groups.values())

    def fits(self, unit: int) -> bool:
        group = self.groups[unit]
        return group.state == "waitlisted" and not group.let_go and group.seats <= self.free

    # what happens by itself

    def settle(self, *, freed: bool = False) -> None:
        """Offers run out, then the first that fits, again and again."""
        if freed:
            for group in self.groups.values():
                group.let_go = False
        for unit in list(self.queue):
            group = self.groups[unit]
            if group.state == "offered" and group.until is not None and group.until <= self.now:
                self.put_back(unit)
                group.ran_out = True
        while self.is_served and any(self.fits(unit) for unit in self.queue):
            first = next(unit for unit in self.queue if self.fits(unit))
            for unit in self.queue[: self.queue.index(first)]:
                if self.groups[unit].state == "waitlisted" and not self.groups[unit].let_go:
                    self.groups[unit].skipped += 1
            self.serve(first)

    def serve(self, unit: int) -> None:
        group = self.groups[unit]
        group.ran_out = False
        if self.is_over:
            self.offer(unit, group.seats)
            return
        group.state = "pending" if self.approval else "confirmed"
        self.queue.remove(unit)

    def offer(self, unit: int, seats: int) -> None:
        group = self.groups[unit]
        group.state, group.wanted, group.seats, group.let_go, group.ran_out = (
            "offered",
            group.seats,
            seats,
            False,
            False,
        )
        group.until = min(self.now + timedelta(hours=OFFER_HOURS), self.starts_at)

    def put_back(self, unit: int) -> None:
        group = self.groups[unit]
        assert group.wanted is not None
        if group.wanted == group.seats:
            group.let_go = True
            self.queue.remove(unit)
            self.queue.append(unit)
        group.state, group.seats, group.wanted, group.until = "waitlisted", group.wanted, None, None

    def end(self, unit: int, state: str) -> None:
        group = self.groups[unit]
        if unit in self.queue:
            self.queue.remove(unit)
        group.state, group.wanted, group.until, group.let_go = state, None, None, False

    # what people do

    def book(self, unit: int, seats: int, waitlist: bool) -> None:
        group = self.groups[unit]
        if group.state in LIVE:
            raise RefusedError("already-booked")
        if self.state != "published" or self.is_over:
            raise RefusedError("booking-closed")
        if self.limited and unit == 0:
            raise RefusedError("limit-reached")
        self.settle()
        if seats <= self.free:
            state = "pending" if self.approval else "confirmed"
        elif not waitlist:
            raise RefusedError("session-full")
        elif seats > self.capacity:
            raise RefusedError("invalid")
        else:
            state = "waitlisted"
            self.queue.append(unit)
        self.groups[unit] = Group(state, seats)

    def change(self, unit: int, seats: int, staff: bool) -> None:
        group = self.groups[unit]
        if group.state not in LIVE:
            raise RefusedError("wrong-state")
        if self.now >= self.starts_at and not staff:
            raise RefusedError("too-late")
        group.ran_out = False
        if seats == group.seats:
            return
        if group.state == "offered":
            raise RefusedError("wrong-state")
        if seats < group.seats:
            late = self.now >= self.starts_at - timedelta(hours=CANCEL_HOURS)
            if late and not staff and group.state != "waitlisted":
                raise RefusedError("too-late")
        elif group.state == "waitlisted" and seats > self.capacity:
            raise RefusedError("invalid")
        elif not staff and (self.is_over or self.state != "published"):
            raise RefusedError("booking-closed")
        elif not staff and self.approval and group.state == "confirmed":
            raise RefusedError("invalid")
        freed = group.state in SEATED and seats < group.seats
        if group.state in SEATED and seats > group.seats:
            self.settle()
            if seats - group.seats > self.free:
                raise RefusedError("session-full")
        group.seats, group.let_go = seats, False
        self.settle(freed=freed)

    def cancel(self, unit: int, staff: bool) -> None:
        group = self.groups[unit]
        if self.now >= self.starts_at and group.state in LIVE and not staff:
            raise RefusedError("too-late")
        if group.state not in LIVE:
            raise RefusedError("wrong-state")
        freed = group.state in SEATED
        self.end(unit, "cancelled")
        self.settle(freed=freed)

    def decide(self, unit: int, to: str) -> None:
        if self.groups[unit].state != "pending":
            raise RefusedError("wrong-state")
        self.end(unit, to)
        if to == "declined":
            self.settle(freed=True)

    def offer_part(self, unit: int, seats: int) -> None:
        self.settle()
        group = self.groups[unit]
        if group.state != "waitlisted":
            raise RefusedError("wrong-state")
        if not self.is_served:
            raise RefusedError("booking-closed")
        if seats > group.seats:
            raise RefusedError("invalid")
        if seats > self.free:
            raise RefusedError("session-full")
        self.offer(unit, seats)

    def answer(self, unit: int, take: bool) -> None:
        group = self.groups[unit]
        if group.until is not None and group.until <= self.now:
            raise RefusedError("offer-expired")
        if group.state == "waitlisted" and group.ran_out:
            raise RefusedError("offer-expired")
        if group.state != "offered":
            raise RefusedError("wrong-state")
        if take:
            self.end(unit, "confirmed")
        else:
            self.put_back(unit)
            self.settle()

    def queue_at(self, unit: int, place: int) -> None:
        self.settle()
        if self.groups[unit].state != "waitlisted":
            raise RefusedError("wrong-state")
        waits = self.waiting()
        if place > len(waits):
            raise RefusedError("invalid")
        wanted = [one for one in waits if one != unit]
        wanted.insert(place - 1, unit)
        following = iter(wanted)
        self.queue = [next(following) if one in waits else one for one in self.queue]
        self.groups[unit].ran_out = False

    def waiting(self) -> list[int]:
        return [unit for unit in self.queue if self.groups[unit].state == "waitlisted"]

    def resize(self, capacity: int) -> None:
        if self.state != "published":
            raise RefusedError("wrong-state")
        if capacity < self.taken:
            raise RefusedError("invalid")
        if capacity == self.capacity:
            return
        freed = capacity > self.capacity
        self.capacity = capacity
        self.settle(freed=freed)

    def move(self, days: int) -> None:
        if self.state != "published":
            raise RefusedError("wrong-state")
        new = self.starts_at + timedelta(days=days)
        if new <= self.now:
            raise RefusedError("invalid")
        if new == self.busy_at:
            raise RefusedError("clash")
        self.starts_at = new
        for group in self.groups.values():
            group.until = None if group.until is None else min(group.until, new)
        self.settle()

    def call_off(self) -> None:
        if self.state != "published":
            raise RefusedError("wrong-state")
        self.state = "cancelled"
        for unit, group in self.groups.items():
            if group.state in LIVE:
                self.end(unit, "cancelled")


def copied(model: Model) -> Model:
    groups = {unit: Group(**vars(group)) for unit, group in model.groups.items()}
    return Model(**{**vars(model), "groups": groups, "queue": list(model.queue)})


some_seats = st.integers(1, 10)
#: What people do, by how often.
STEPS = (
    *("book",) * 3, *("cancel",) * 4, *("change",) * 3, *("decide",) * 2, *("offer_part",) * 2, *("answer",) * 3,
    *("time_passes",) * 2, "queue_at", "resize", "resize", "move", "call_off",
)  # fmt: skip


class Walk(RuleBasedStateMachine):
    """Takes each step on the database and in the model; a refused step changes neither."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self.loop = loop

    def run(self, coroutine: Awaitable[T]) -> T:
        return self.loop.run_until_complete(coroutine)

    @initialize(
        capacity=st.integers(6, 14),
        approval=st.booleans(),
        limited=st.booleans(),
        wishes=st.lists(some_seats, min_size=UNITS - 1, max_size=UNITS - 1),
        hours_ahead=st.sampled_from([100, 70, 47, 30]),
    )
    def begin(self, capacity: int, approval: bool, limited: bool, wishes: list[int], hours_ahead: int) -> None:
        """Most units ask for seats while booking is open; then the walk begins some hours before the session."""
        began_at = STARTS_AT - timedelta(days=6)
        self.model = Model(began_at, STARTS_AT, capacity, approval, limited, STARTS_AT + timedelta(days=1))
        self.run(self._build())
        for unit, seats in enumerate(wishes, 1):
            self._book(unit, min(seats, capacity), waitlist=True, staff=False)
        self.model.now = STARTS_AT - timedelta(hours=hours_ahead)

    async def _build(self) -> None:
        limit = {"max_per_organisation": 1} if self.model.limited else {}
        self.world = await BookingWorld().build(
            programme={"cancel_hours": CANCEL_HOURS, "offer_hours": OFFER_HOURS, **limit}
        )
        lecturer = await make_provider(self.world.root)
        self.session = await make_session(
            self.world.event,
            providers=(lecturer,),
            occupying=True,
            capacity=self.model.capacity,
            approval_needed=self.model.approval,
            booking_closes_at=STARTS_AT - CLOSES_BEFORE,
        )
        elsewhere = await make_session(
            self.world.event, providers=(lecturer,), occupying=True, starts_at=self.model.busy_at
        )
        made = await self.world.unions(UNITS)
        self.contacts, self.units = [actor for actor, _union in made], [union for _actor, union in made]
        if self.model.limited:
            await make_booking(elsewhere, self.units[0], seats=1)

    def _booking(self, unit: int) -> UUID | None:
        found: UUID | None = self.run(
            db.value(
                """SELECT id FROM bookings_booking WHERE session = $1 AND organisation = $2
                    ORDER BY created_at DESC, id DESC LIMIT 1""",
                self.session.id,
                self.units[unit].id,
            )
        )
        return found

    def _both(self, foreseen: Callable[[Model], None], done: Awaitable[Any]) -> None:
        """Both succeed, or both refuse with the same code and nothing is changed."""
        after = copied(self.model)
        try:
            foreseen(after)
            expected = "done"
        except RefusedError as refusal:
            expected, after = refusal.args[0], self.model
        try:
            self.run(done)
            outcome = "done"
        except OutreachError as refusal:
            outcome = refusal.code
        assert outcome == expected
        self.model = after

    def _on(
        self,
        number: int,
        states: tuple[str, ...],
        foreseen: Callable[[Model, int], None],
        command: Callable[[int, UUID], Awaitable[Any]],
    ) -> None:
        """A step on the booking of one of the units in these states; with 0 of any unit that ever booked."""
        groups = self.model.groups
        concerned = [one for one in groups if groups[one].state in states] if number else []
        candidates = concerned or [one for one in groups if groups[one].state != "none"]
        if candidates:
            unit = candidates[number % len(candidates)]
            booking_id = self._booking(unit)
            assert booking_id is not None
            self._both(lambda model: foreseen(model, unit), command(unit, booking_id))

    def _book(self, unit: int, seats: int, *, waitlist: bool, staff: bool) -> None:
        self._both(
            lambda model: model.book(unit, seats, waitlist),
            commands.book_seats(
                self.world.organiser if staff else self.contacts[unit],
                self.model.now,
                session_id=self.session.id,
                organisation_id=self.units[unit].id,
                seats=seats,
                contact_name="某人",
                contact_phone="13800000000",
                waitlist=waitlist,
            ),
        )

    @rule(
        what=st.sampled_from(STEPS),
        number=st.integers(0, 12),
        seats=some_seats,
        yes=st.booleans(),
        staff=st.booleans(),
    )
    def step(self, what: str, number: int, seats: int, yes: bool, staff: bool) -> None:
        """One of the steps, by how often people take them; where it makes no sense somebody books."""
        model = self.model
        match what:
            case "change":
                self.change(number, seats, staff)
            case "cancel":
                self.cancel(number, staff)
            case "decide" if model.has("pending"):
                self.decide(number, yes)
            case "offer_part" if model.has("waitlisted"):
                self.offer_part(number, seats)
            case "answer" if model.has("offered") or any(group.ran_out for group in model.groups.values()):
                self.answer(number, yes)
            case "queue_at" if len(model.waiting()) > 1:
                self.queue_at(number, 1 + seats % 3)
            case "time_passes":
                self.time_passes((1, 12, 25)[seats % 3], yes)
            case "resize":
                self.resize(seats - 4)
            case "move" if model.now > STARTS_AT - timedelta(hours=60):
                self.move((-2, -1, 1, 2)[seats % 4])
            case "call_off" if model.now >= STARTS_AT - timedelta(hours=24):
                self.call_off()
            case _:
                self.book(number, seats, yes, staff)

    def book(self, number: int, seats: int, waitlist: bool, staff: bool) -> None:
        without = [one for one, group in self.model.groups.items() if group.state not in LIVE]
        units = without if number and without else list(self.model.groups)
        self._book(units[number % len(units)], seats, waitlist=waitlist, staff=staff)

    def change(self, number: int, seats: int, staff: bool) -> None:
        now = self.model.now
        self._on(
            number,
            LIVE,
            lambda model, unit: model.change(unit, seats, staff),
            lambda unit, id_: change_booking(
                self.world.organiser if staff else self.contacts[unit], now, booking_id=id_, changes={"seats": seats}
            ),
        )

    def cancel(self, number: int, staff: bool) -> None:
        now = self.model.now
        self._on(
            number,
            SEATED,
            lambda model, unit: model.cancel(unit, staff),
            lambda unit, id_: commands.cancel_booking(
                self.world.organiser if staff else self.contacts[unit], now, booking_id=id_, reason="走不开"
            ),
        )

    def decide(self, number: int, approve: bool) -> None:
        who, now = self.world.organiser, self.model.now
        self._on(
            number,
            ("pending",),
            lambda model, unit: model.decide(unit, "confirmed" if approve else "declined"),
            lambda _unit, id_: (
                commands.confirm_booking(who, now, booking_id=id_)
                if approve
                else commands.decline_booking(who, now, booking_id=id_, reason="名额有限")
            ),
        )

    def offer_part(self, number: int, seats: int) -> None:
        """As a rule not more than is free."""
        who, now = self.world.organiser, self.model.now
        seats = seats if number % 3 == 0 else max(1, min(seats, self.model.free))
        self._on(
            number,
            ("waitlisted",),
            lambda model, unit: model.offer_part(unit, seats),
            lambda _unit, id_: waiting.offer_part(who, now, booking_id=id_, seats=seats, reason="先给一部分"),
        )

    def answer(self, number: int, take: bool) -> None:
        now, command = self.model.now, waiting.take_offer if take else waiting.refuse_offer
        self._on(
            number,
            ("offered",),
            lambda model, unit: model.answer(unit, take),
            lambda unit, id_: command(self.contacts[unit], now, booking_id=id_),
        )

    def queue_at(self, number: int, place: int) -> None:
        who, now = self.world.organiser, self.model.now
        self._on(
            number,
            ("waitlisted",),
            lambda model, unit: model.queue_at(unit, place),
            lambda _unit, id_: waiting.move_in_queue(who, now, booking_id=id_, place=place, reason="没来过"),
        )

    def time_passes(self, hours: int, settling: bool) -> None:
        """With or without the background round coming by."""
        self.model.now += timedelta(hours=hours)
        if settling:
            self._both(lambda model: model.settle(), waiting.expire_offers(self.model.now))

    def resize(self, more: int) -> None:
        capacity = max(1, self.model.capacity + more)
        self._both(lambda model: model.resize(capacity), self._changed({"capacity": capacity}))

    def move(self, days: int) -> None:
        new = self.model.starts_at + timedelta(days=days)
        self._both(lambda model: model.move(days), self._changed({"starts_at": new}))

    def _changed(self, changes: dict[str, Any]) -> Awaitable[Any]:
        return session_changes.change_session(
            self.world.organiser, self.model.now, session_id=self.session.id, changes=changes
        )

    def call_off(self) -> None:
        self._both(
            lambda model: model.call_off(),
            session_changes.cancel_session(
                self.world.organiser, self.model.now, session_id=self.session.id, by="weather", reason="台风"
            ),
        )

    @invariant()
    def both_agree_and_the_rules_hold(self) -> None:
        if not hasattr(self, "session"):
            return
        session = self.run(db.row("SELECT * FROM events_session WHERE id = $1", self.session.id))
        found = self.run(
            db.rows(
                """SELECT DISTINCT ON (organisation) * FROM bookings_booking WHERE session = $1
                    ORDER BY organisation, created_at DESC, id DESC""",
                self.session.id,
            )
        )
        tied = self.run(db.rows("SELECT resource_id, starts_at FROM events_occupation ORDER BY starts_at"))
        assert session is not None
        model, by_unit = self.model, {one["organisation"]: one for one in found}
        assert (session["state"], session["capacity"], session["starts_at"]) == (
            model.state, model.capacity, model.starts_at,
        )  # fmt: skip
        stored = {
            unit: Group() if (one := by_unit.get(self.units[unit].id)) is None else _group(one) for unit in range(UNITS)
        }
        assert {unit: _seen(group) for unit, group in stored.items()} == {
            unit: _seen(group) for unit, group in model.groups.items()
        }
        numbered = [one for one in found if one["state"] == "waitlisted"]
        order = [one["organisation"] for one in sorted(numbered, key=lambda one: one["queue_number"])]
        assert order == [self.units[unit].id for unit in model.waiting()]
        # Rule 1, by the database alone.
        assert session["seats_taken"] == sum(one["seats"] for one in found if one["state"] in SEATED)
        assert 0 <= session["seats_taken"] <= session["capacity"]
        # Rule 2: nothing ties the lecturer twice at a time; what is called off ties nobody.
        assert len({tuple(one) for one in tied}) == len(tied) == (2 if model.state == "published" else 1)
        # Rule 5: nobody who waits and fits is left waiting.
        if model.is_served:
            free = session["capacity"] - session["seats_taken"]
            assert [one for one in numbered if not one["let_go"] and one["seats"] <= free] == []


def _group(one: Any) -> Group:
    return Group(
        one["state"], one["seats"], one["seats_wanted"], one["offer_expires_at"], one["let_go"], one["times_skipped"]
    )


def _seen(group: Group) -> tuple[Any, ...]:
    seats = group.seats if group.state in LIVE else 0
    return (group.state, seats, group.wanted, group.until, group.let_go, group.skipped)


@pytest.fixture
async def loop(database: None) -> asyncio.AbstractEventLoop:
    """The event loop that the pool of connections lives in; it stands still while a plain test runs."""
    return asyncio.get_running_loop()


def test_the_database_does_what_the_model_says(loop: asyncio.AbstractEventLoop) -> None:
    def fresh() -> Walk:
        # Sessions of earlier walks are no concern of this one.
        loop.run_until_complete(db.execute("DELETE FROM events_occupation"))
        return Walk(loop)

    run_state_machine_as_test(
        fresh,  # type: ignore[arg-type]  # a function that makes one will do
        settings=settings(
            max_examples=36,
            stateful_step_count=28,
            deadline=None,
            derandomize=True,
            database=None,
            phases=(Phase.generate,),  # a walk that fails is printed as it was: making it shorter takes minutes
            suppress_health_check=list(HealthCheck),
        ),
    )


# --- claims and attendance, without a model: the sum must hold -------------------------------------------------------

UNIONS = 3
unit, seats = st.integers(0, UNIONS - 1), st.integers(1, 30)
STEP = st.one_of(
    st.tuples(st.just("book"), unit, seats),
    st.tuples(st.just("claim"), unit, seats),
    st.tuples(st.sampled_from(["cancel", "no_show"]), unit, st.just(0)),
    st.tuples(st.sampled_from(["hold", "close", "cancel_session"]), st.just(0), st.just(0)),
)


class Attended:
    """One session of 40 seats, three unions, and the steps that people take."""

    async def begin(self, now: datetime, *, claimable: bool) -> None:
        self.now = now
        self.world = await BookingWorld().build(capacity=40, claimable=claimable)
        self.unions = await self.world.unions(UNIONS)
        self.session = self.world.session

    async def step(self, what: str, who: int, number: int) -> None:
        """Take a step; a named refusal is an outcome like any other."""
        with contextlib.suppress(OutreachError):
            await self._taken(what, who, number)

    async def _taken(self, what: str, who: int, number: int) -> None:
        (contact, union), session_id, staff = self.unions[who], self.session.id, self.world.organiser
        asked: dict[str, Any] = {"session_id": session_id, "organisation_id": union.id, "contact_name": "某人"}
        later = STARTS_AT + timedelta(hours=2)
        booking_id = await db.value(
            "SELECT id FROM bookings_booking WHERE session = $1 AND organisation = $2 ORDER BY id DESC LIMIT 1",
            session_id,
            union.id,
        )
        match what:
            case "book":
                await commands.book_seats(
                    contact, self.now, seats=number, contact_phone="13800000000", waitlist=True, **asked
                )
            case "claim":
                await claims.claim_session(
                    contact, self.now, audience=number * 4, address="食堂", contact_phone="13800000000", **asked
                )
            case "hold":
                await attendance.hold_session(staff, later, session_id=session_id)
            case "close":
                await attendance.close_session(staff, later, session_id=session_id)
            case "cancel_session":
                await session_changes.cancel_session(
                    staff, self.now, session_id=session_id, by="weather", reason="台风"
                )
            case "cancel" if booking_id is not None:
                await commands.cancel_booking(staff, self.now, booking_id=booking_id)
            case "no_show" if booking_id is not None:
                await attendance.hold_session(
                    staff, later, session_id=session_id, no_shows=[booking_id], reasons={booking_id: "没有请假"}
                )

    async def check(self) -> None:
        found = await db.row(
            """SELECT s.capacity, s.seats_taken, s.state,
                      (SELECT coalesce(sum(b.seats), 0) FROM bookings_booking b
                        WHERE b.session = s.id AND b.state IN ('pending', 'offered', 'confirmed')) AS held,
                      (SELECT count(*) FROM bookings_booking b WHERE b.session = s.id
                          AND b.state IN ('pending', 'offered', 'confirmed', 'waitlisted')) AS live
                 FROM events_session s WHERE s.id = $1""",
            self.session.id,
        )
        assert found is not None
        assert found["seats_taken"] == found["held"] <= found["capacity"]
        assert not (found["live"] and found["state"] in ("cancelled", "closed"))


@settings(max_examples=12, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(STEP, min_size=3, max_size=12), claimable=st.booleans())
async def test_seats_taken_is_always_the_sum_of_seated_bookings(
    database: None, now: datetime, steps: list[tuple[str, int, int]], claimable: bool
) -> None:
    walk = Attended()
    await walk.begin(now, claimable=claimable)

    for step in steps:
        await walk.step(*step)
        await walk.check()
