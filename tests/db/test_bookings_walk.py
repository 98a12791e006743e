"""Whatever is done in whatever order, a session counts exactly the seats that its bookings hold."""

import contextlib
from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from outreach.attendance import commands as attendance
from outreach.bookings import claims, commands, session_changes
from outreach.bookings.changing import change_booking
from outreach.shared import db
from outreach.shared.actors import Role
from outreach.shared.errors import OutreachError
from tests.factories.accounts import make_actor, make_organisation
from tests.factories.events import STARTS_AT, make_event, make_session
from tests.factories.programmes import make_programme

UNIONS = 3
unit, seats = st.integers(0, UNIONS - 1), st.integers(1, 30)
STEP = st.one_of(
    st.tuples(st.just("book"), unit, seats),
    st.tuples(st.just("claim"), unit, seats),
    st.tuples(st.just("change"), unit, seats),
    st.tuples(st.sampled_from(["confirm", "decline", "cancel", "no_show"]), unit, st.just(0)),
    st.tuples(st.just("capacity"), st.just(0), seats),
    st.tuples(st.sampled_from(["hold", "close", "cancel_session"]), st.just(0), st.just(0)),
)


class Walk:
    """One session of 40 seats, three unions, and the steps that people take."""

    async def begin(self, now: datetime, *, approval_needed: bool, claimable: bool) -> None:
        self.now = now
        root = await make_organisation()
        self.unions = [await make_organisation(parent=root) for _ in range(UNIONS)]
        self.contacts = [await make_actor(Role.CONTACT, one) for one in self.unions]
        self.organiser = await make_actor(Role.ORGANISER, root)
        event = await make_event(await make_programme(root))
        self.session = await make_session(event, capacity=40, approval_needed=approval_needed, claimable=claimable)

    async def step(self, what: str, who: int, number: int) -> None:
        """Take a step; a named refusal is an outcome like any other."""
        with contextlib.suppress(OutreachError):
            await self._taken(what, who, number)

    async def _taken(self, what: str, who: int, number: int) -> None:
        contact, union, session_id = self.contacts[who], self.unions[who], self.session.id
        asked: dict[str, Any] = {"session_id": session_id, "organisation_id": union.id, "contact_name": "某人"}
        later = STARTS_AT + timedelta(hours=2)
        match what:
            case "book":
                await commands.book_seats(contact, self.now, seats=number, contact_phone="13800000000", **asked)
            case "claim":
                await claims.claim_session(
                    contact, self.now, audience=number * 4, address="食堂", contact_phone="13800000000", **asked
                )
            case "hold":
                await attendance.hold_session(self.organiser, later, session_id=session_id)
            case "close":
                await attendance.close_session(self.organiser, later, session_id=session_id)
            case "cancel_session":
                await session_changes.cancel_session(
                    self.organiser, self.now, session_id=session_id, by="weather", reason="台风"
                )
            case "capacity":
                await session_changes.change_session(
                    self.organiser, self.now, session_id=session_id, changes={"capacity": number}
                )
            case _:
                await self._changed(what, union.id, number)

    async def _changed(self, what: str, union_id: Any, number: int) -> None:
        booking_id = await db.value(
            "SELECT id FROM bookings_booking WHERE session = $1 AND organisation = $2 ORDER BY id DESC LIMIT 1",
            self.session.id,
            union_id,
        )
        if booking_id is None:
            return
        match what:
            case "change":
                await change_booking(self.organiser, self.now, booking_id=booking_id, changes={"seats": number})
            case "confirm":
                await commands.confirm_booking(self.organiser, self.now, booking_id=booking_id)
            case "decline":
                await commands.decline_booking(self.organiser, self.now, booking_id=booking_id, reason="x")
            case "cancel":
                await commands.cancel_booking(self.organiser, self.now, booking_id=booking_id)
            case "no_show":
                await attendance.hold_session(
                    self.organiser, STARTS_AT + timedelta(hours=2), session_id=self.session.id, no_shows=[booking_id]
                )

    async def check(self) -> None:
        found = await db.row(
            """SELECT s.capacity, s.seats_taken, s.state,
                      (SELECT coalesce(sum(b.seats), 0) FROM bookings_booking b
                        WHERE b.session = s.id AND b.state IN ('pending', 'offered', 'confirmed')) AS held,
                      (SELECT count(*) FROM bookings_booking b
                        WHERE b.session = s.id AND b.state IN ('pending', 'offered', 'confirmed')) AS live
                 FROM events_session s WHERE s.id = $1""",
            self.session.id,
        )
        assert found is not None
        assert found["seats_taken"] == found["held"] <= found["capacity"]
        assert not (found["live"] and found["state"] in ("cancelled", "closed"))


@settings(max_examples=25, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(STEP, min_size=3, max_size=14), approval_needed=st.booleans(), claimable=st.booleans())
async def test_seats_taken_is_always_the_sum_of_seated_bookings(
    database: None, now: datetime, steps: list[tuple[str, int, int]], approval_needed: bool, claimable: bool
) -> None:
    walk = Walk()
    await walk.begin(now, approval_needed=approval_needed, claimable=claimable)

    for step in steps:
        await walk.step(*step)
        await walk.check()
