"""Orders, and who gives an event."""

from datetime import date
from typing import Any

from outreach.accounts.tables import Organisation
from outreach.bookings.tables import Order, OrderUnit, OrderWindow
from outreach.events.domain.parts import DayPart
from outreach.events.tables import Event, EventProvider, Provider
from tests.factories.accounts import LONG_AGO

#: The afternoon on which ``make_session`` lies.
WINDOW = (date(2015, 9, 24), DayPart.AFTERNOON)


async def make_giver(event: Event, provider: Provider) -> EventProvider:
    """The provider stands on the menu for the event."""
    made = EventProvider(event=event.id, provider=provider.id)
    await made.save()
    return made


async def make_order(
    event: Event,
    organisation: Organisation,
    *,
    windows: tuple[tuple[date, DayPart], ...] = (WINDOW,),
    joined: tuple[Organisation, ...] = (),
    **given: Any,
) -> Order:
    """An order of 80 people for the afternoon of 2015-09-24, submitted; no session whatever its state."""
    days = [on for on, _part in windows]
    made = Order(
        **{
            "event": event.id,
            "organisation": organisation.id,
            "state": "submitted",
            "audience": 80,
            "address": "金山路8号食堂二楼",
            "district": "吴中区",
            "contact_name": "陈巧云",
            "contact_phone": "13800000000",
            "first_on": min(days),
            "last_on": max(days),
            "submitted_at": LONG_AGO,
            "changed_at": LONG_AGO,
            **given,
        }
    )
    await made.save()
    for position, (on, part) in enumerate(windows, 1):
        await OrderWindow(order_id=made.id, position=position, on=on, part=part.value).save()
    for unit in joined:
        await OrderUnit(order_id=made.id, organisation=unit.id).save()
    return made
