"""A federation with a lecturer's title on the menu, units that order it, and those who dispatch and give it."""

from datetime import date
from typing import Any

from outreach.accounts.tables import Organisation, Person
from outreach.bookings.orders import commands
from outreach.bookings.orders.queries import OrderRow, order_by_id
from outreach.bookings.tables import Order
from outreach.events.domain.parts import DayPart
from outreach.events.tables import Provider
from outreach.shared.actors import Actor, Role
from tests.conftest import NOW
from tests.factories.accounts import make_actor, make_organisation
from tests.factories.events import STARTS_AT, make_event, make_provider
from tests.factories.orders import WINDOW, make_giver, make_order
from tests.factories.programmes import make_programme

__all__ = ["Dispatch"]


class Dispatch:
    """``lecturer`` has a login, ``other`` a telephone only; both give ``event``."""

    async def build(self, **programme: Any) -> "Dispatch":
        self.city = await make_organisation(name="市总工会", code="SZ")
        self.union = await make_organisation(parent=self.city, name="阳山精工工会")
        self.rival = await make_organisation(parent=self.city, name="虞山服饰工会")
        self.organiser: Actor = await make_actor(Role.ORGANISER, self.city, name="顾秀文")
        self.contact: Actor = await make_actor(Role.CONTACT, self.union, name="梁佩文")
        self.own: Actor = await make_actor(Role.PROVIDER, self.city, name="沈若兰")
        person = await Person.objects().get(Person.id == self.own.person_id)
        self.programme = await make_programme(self.city, name="职工心理健康促进计划", mark="心", **programme)
        self.event = await make_event(self.programme, title="一线班组长的情绪急救", topic="心理")
        self.lecturer = await make_provider(
            self.city, name="沈若兰", home_district="吴中区", max_per_month=6, person=person, phone="13700000001"
        )
        self.other = await make_provider(self.city, name="钱伯远", home_district="姑苏区", phone="13700000002")
        for one in (self.lecturer, self.other):
            await make_giver(self.event, one)
        return self

    async def order(self, unit: Organisation | None = None, **given: Any) -> Order:
        """An order that was submitted the day before."""
        windows = given.pop("windows", (WINDOW, (date(2015, 9, 25), DayPart.AFTERNOON)))
        return await make_order(
            self.event, unit or self.union, windows=windows, **{"submitted_at": NOW, "contact_name": "梁佩文", **given}
        )

    async def assigned(self, provider: Provider | None = None, **given: Any) -> OrderRow:
        """An order that was given to ``provider`` for the afternoon of 2015-09-24."""
        rain = given.pop("rain_starts_at", None)
        order = await self.order(state="approved", **given)
        await commands.assign_order(
            self.organiser,
            NOW,
            order_id=order.id,
            provider_ids=((provider or self.lecturer).id,),
            starts_at=STARTS_AT,
            rain_starts_at=rain,
        )
        return await order_by_id(order.id)

    async def scheduled(self, **given: Any) -> OrderRow:
        """An order that its lecturer accepted."""
        order = await self.assigned(**given)
        return await commands.accept_order(self.organiser, NOW, order_id=order.id, by_phone=True)
