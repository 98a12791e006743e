"""A small tree with an event and a lecturer, orders at every step, and what was said and tied."""

from collections.abc import Awaitable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import msgspec
import pytest

from outreach.accounts.tables import Organisation
from outreach.bookings.orders import commands
from outreach.bookings.orders.domain.drafts import OrderDraft, Window
from outreach.bookings.orders.domain.errors import OrderStateError
from outreach.bookings.orders.links import LinkGrant
from outreach.bookings.orders.queries import (
    OrderRow,
)
from outreach.events.domain.parts import DayPart
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from outreach.shared.errors import InvalidError
from outreach.shared.time import ZONE
from tests.factories.accounts import make_actor, make_organisation
from tests.factories.events import STARTS_AT, make_event, make_provider
from tests.factories.orders import make_giver
from tests.factories.programmes import make_programme

AFTERNOON = Window(date(2015, 9, 24), DayPart.AFTERNOON)
LATER = Window(date(2015, 9, 25), DayPart.MORNING)
RAIN = datetime(2015, 9, 29, 14, 0, tzinfo=ZONE)


class OrderWorld:
    """City, district, two unions below the district and one beside it, an event with a lecturer who has a login."""

    root: Organisation
    union: Organisation
    organiser: Actor
    contact: Actor

    async def build(self, *, event: dict[str, Any] | None = None, **programme: Any) -> "OrderWorld":
        self.root = await make_organisation(name="市总工会")
        self.district = await make_organisation(parent=self.root, name="吴中区总工会", kind="federation")
        self.union = await make_organisation(parent=self.district, name="胥江机械厂工会", district="吴中区")
        self.small = await make_organisation(parent=self.district, name="虞山服饰工会", district="吴中区")
        self.foreign = await make_organisation(name="邻市总工会")
        self.organiser = await make_actor(Role.ORGANISER, self.root, name="高蕾")
        self.endorser = await make_actor(Role.ORGANISER, self.district)
        self.contact = await make_actor(Role.CONTACT, self.union)
        self.rival = await make_actor(Role.CONTACT, self.small)
        self.lecturer = await make_actor(Role.PROVIDER, self.root)
        self.stranger = await make_actor(Role.PROVIDER, self.root)
        self.programme = await make_programme(self.root, **programme)
        self.event = await make_event(self.programme, **(event or {}))
        self.provider = await make_provider(
            self.root, name="沈若兰", person=self.lecturer.person_id, phone="13900000000"
        )
        await make_giver(self.event, self.provider)
        return self

    def draft(self, **given: Any) -> OrderDraft:
        made = OrderDraft(
            event_id=self.event.id,
            organisation_id=self.union.id,
            windows=(AFTERNOON, LATER),
            audience=80,
            address="金山路8号食堂二楼",
            contact_name="陈巧云",
            contact_phone="13800000000",
        )
        return replace(made, **given)

    async def submit(self, now: datetime, **given: Any) -> OrderRow:
        return await commands.submit_order(self.contact, now, draft=self.draft(**given))

    async def approve(self, now: datetime, order: OrderRow) -> OrderRow:
        return await commands.approve_order(self.organiser, now, order_id=order.id)

    async def assign(self, now: datetime, order: OrderRow, **given: Any) -> OrderRow:
        values = {"provider_ids": [self.provider.id], "starts_at": STARTS_AT, **given}
        return await commands.assign_order(self.organiser, now, order_id=order.id, **values)

    async def accept(self, now: datetime, order: OrderRow) -> OrderRow:
        return await commands.accept_order(self.lecturer, now, order_id=order.id)

    async def scheduled(self, now: datetime, **given: Any) -> OrderRow:
        """An order with its published session."""
        order = await self.approve(now, await self.submit(now, **given))
        return await self.accept(now, await self.assign(now, order))

    def grant(self, order: OrderRow, **given: Any) -> LinkGrant:
        assert order.answer_by is not None
        return replace(LinkGrant(order.id, self.provider.id, order.assignment, order.answer_by), **given)


async def told(kind: str) -> list[tuple[Any, Any]]:
    """Receivers of the messages of a kind: (organisation, person)."""
    found = await db.rows(
        "SELECT organisation_id, person_id FROM notifications_outbox_message WHERE kind = $1 ORDER BY id", kind
    )
    return [(one["organisation_id"], one["person_id"]) for one in found]


async def said(kind: str) -> dict[str, Any]:
    text = await db.value("SELECT facts FROM notifications_outbox_message WHERE kind = $1 ORDER BY id LIMIT 1", kind)
    return dict(msgspec.json.decode(text))


async def journal(order: OrderRow) -> list[tuple[str, str | None, str | None]]:
    found = await db.rows(
        "SELECT action, from_state, to_state FROM accounts_journal WHERE object_id = $1 ORDER BY id", order.id
    )
    return [(one["action"], one["from_state"], one["to_state"]) for one in found]


async def occupied() -> list[tuple[Any, datetime, bool]]:
    found = await db.rows("SELECT resource_id, starts_at, is_rain FROM events_occupation ORDER BY starts_at")
    return [(one["resource_id"], one["starts_at"], one["is_rain"]) for one in found]


async def codes(awaited: Awaitable[Any]) -> list[tuple[str, str]]:
    with pytest.raises(InvalidError) as refused:
        await awaited
    return [(one.field, one.code) for one in refused.value.problems]


async def refusal(awaited: Awaitable[Any]) -> dict[str, Any]:
    with pytest.raises(OrderStateError) as refused:
        await awaited
    return refused.value.facts
