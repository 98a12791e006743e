"""Bookings and head-counts."""

from datetime import date
from typing import Any

from outreach.accounts.tables import Organisation
from outreach.attendance.tables import Headcount
from outreach.bookings.tables import Booking
from outreach.events.tables import Session
from tests.factories.accounts import LONG_AGO


async def make_booking(session: Session, organisation: Organisation, **given: Any) -> Booking:
    """A confirmed booking of 20 seats; the session's seats_taken goes up with it while it holds seats."""
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
