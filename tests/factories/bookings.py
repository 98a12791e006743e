"""Bookings and head-counts."""

from datetime import date
from typing import Any

from outreach.accounts.tables import Organisation
from outreach.attendance.tables import Headcount
from outreach.bookings.tables import Booking
from outreach.events.tables import Event, Session
from outreach.programmes.tables import Programme
from outreach.shared.actors import Actor, Role
from tests.factories.accounts import LONG_AGO, make_actor, make_organisation
from tests.factories.events import make_event, make_session
from tests.factories.programmes import make_programme


class BookingWorld:
    """A federation with two unions, their contacts, an organiser, and one published session of 120 seats."""

    root: Organisation
    union: Organisation
    other: Organisation
    organiser: Actor
    contact: Actor
    rival: Actor
    programme: Programme
    event: Event
    session: Session

    async def build(self, *, programme: dict[str, Any] | None = None, **session: Any) -> "BookingWorld":
        self.root = await make_organisation(name="市总工会")
        self.union = await make_organisation(parent=self.root, name="胥江机械厂工会")
        self.other = await make_organisation(parent=self.root, name="虞山服饰工会")
        self.organiser = await make_actor(Role.ORGANISER, self.root)
        self.contact = await make_actor(Role.CONTACT, self.union)
        self.rival = await make_actor(Role.CONTACT, self.other)
        self.programme = await make_programme(self.root, **(programme or {}))
        self.event = await make_event(self.programme)
        self.session = await make_session(self.event, **session)
        return self

    async def unions(self, number: int) -> list[tuple[Actor, Organisation]]:
        """Further unions with their contacts."""
        made = [await make_organisation(parent=self.root) for _ in range(number)]
        return [(await make_actor(Role.CONTACT, one), one) for one in made]


async def make_booking(session: Session, organisation: Organisation, **given: Any) -> Booking:
    """A confirmed booking of 20 seats; the session's seats_taken goes up with it while it holds seats.

    A waiting one comes last to the queue unless ``queue_number`` is given.
    """
    if given.get("state") in ("waitlisted", "offered") and "queue_number" not in given:
        waiting = await Booking.count().where(Booking.session == session.id, Booking.queue_number.is_not_null())
        given["queue_number"] = waiting + 1
    made = Booking(
        **{
            "session": session.id,
            "organisation": organisation.id,
            "seats": 20,
            "state": "confirmed",
            "contact_name": "陈巧云",
            "contact_phone": "13800000000",
            "created_at": LONG_AGO,
            "changed_at": LONG_AGO,
            **given,
        }
    )
    await made.save()
    if made.state in ("pending", "offered", "confirmed"):
        await Session.update({Session.seats_taken: Session.seats_taken + made.seats}).where(Session.id == session.id)
    return made


async def make_headcount(session: Session, **given: Any) -> Headcount:
    made = Headcount(**{"session": session.id, "on": date(2015, 5, 12), "total": 100, "recorded_at": LONG_AGO, **given})
    await made.save()
    return made
