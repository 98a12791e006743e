"""Orders in hostile and unlucky hands: two at once, the turn of the year, very long names, a neighbour's ids."""

import asyncio
import io
from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import httpx
import pytest
from litestar import Litestar

from outreach.accounts.tables import Organisation
from outreach.events.domain.parts import DayPart
from outreach.events.tables import Event, Provider
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from outreach.shared.time import ZONE
from tests.factories.accounts import browser_of, client_of, make_actor, make_organisation
from tests.factories.bookings import make_booking
from tests.factories.events import make_event, make_provider, make_session
from tests.factories.orders import make_giver, make_order
from tests.factories.programmes import make_programme, make_year

START = "2015-10-12T14:00:00+08:00"
WINDOWS = ((date(2015, 10, 12), DayPart.AFTERNOON),)


class World:
    """A city with two unions, a menu item and one lecturer for it."""

    city: Organisation
    union: Organisation
    other: Organisation
    organiser: Actor
    event: Event
    lecturer: Provider

    async def build(self) -> "World":
        self.city = await make_organisation(name="市总工会")
        self.union = await make_organisation(parent=self.city, name="胥江机械厂工会")
        self.other = await make_organisation(parent=self.city, name="虞山服饰工会")
        self.organiser = await make_actor(Role.ORGANISER, self.city)
        self.event = await make_event(await make_programme(self.city))
        self.lecturer = await make_provider(self.city)
        await make_giver(self.event, self.lecturer)
        return self

    def assign(self, client: httpx.AsyncClient, order: UUID, **given: Any) -> Any:
        body = {"provider_ids": [str(self.lecturer.id)], "starts_at": START, "override_reason": "问过了", **given}
        return client.post(f"/api/v1/orders/{order}/assign", json=body)


@pytest.fixture
async def world(app: Litestar, database: None) -> World:
    return await World().build()


#: What must never be found, whatever won.
_NEVER = {
    "an order that waits for an answer without what ties its providers": """
        SELECT r.id FROM bookings_order r LEFT JOIN events_session s ON s.id = r.session
         WHERE r.state = 'assigned' AND (s.state IS DISTINCT FROM 'draft' OR NOT s.assigned
            OR NOT EXISTS (SELECT 1 FROM events_occupation o WHERE o.session = s.id))""",
    "a scheduled order without its session and its host's booking": """
        SELECT r.id FROM bookings_order r LEFT JOIN events_session s ON s.id = r.session
         WHERE r.state = 'scheduled' AND (s.state IS DISTINCT FROM 'published' OR s.assigned OR s.seats_taken <> (
               SELECT coalesce(sum(b.seats), 0) FROM bookings_booking b
                WHERE b.session = s.id AND b.is_host AND b.state = 'confirmed'))""",
    "a session of an order that is not its any more": """
        SELECT s.id FROM events_session s WHERE s.state <> 'cancelled'
           AND NOT EXISTS (SELECT 1 FROM bookings_order r WHERE r.session = s.id)""",
    "something tied by what is cancelled": """
        SELECT o.id FROM events_occupation o JOIN events_session s ON s.id = o.session WHERE s.state = 'cancelled'""",
}


async def _troubles() -> list[str]:
    return [name for name, sql in _NEVER.items() if await db.rows(sql)]


async def test_eight_orders_for_one_lecturer_at_one_time_are_assigned_once(app: Litestar, world: World) -> None:
    orders = [await make_order(world.event, world.union, state="approved", windows=WINDOWS) for _ in range(8)]

    async with client_of(app, world.organiser) as desk:
        answers = await asyncio.gather(*(world.assign(desk, one.id) for one in orders))
        again = await asyncio.gather(*(world.assign(desk, orders[0].id, reason="改派") for _ in range(4)))

    assert Counter(one.status_code for one in answers) == {200: 1, 409: 7}
    assert {one.json()["type"] for one in answers if one.status_code == 409} == {"/problems/clash"}
    assert {one.status_code for one in again} <= {200, 409}
    assert await _troubles() == []
    assert await db.value("SELECT count(*) FROM bookings_order WHERE state = 'assigned'") == 1


async def test_whatever_happens_to_an_order_at_once_leaves_it_whole(app: Litestar, world: World) -> None:
    """Assigned, taken back, accepted by phone, declined, withdrawn and given to somebody else in the same moment."""
    second = await make_provider(world.city)
    await make_giver(world.event, second)
    contact = await make_actor(Role.CONTACT, world.union)
    known = {"/problems/wrong-state", "/problems/clash", "/problems/stale", "/problems/invalid", "/problems/forbidden"}
    bad = list[str]()

    async with client_of(app, world.organiser) as desk, client_of(app, contact) as unit:
        for number in range(6):
            start = datetime(2015, 10, 12 + number, 14, tzinfo=ZONE)
            windows = ((start.date(), DayPart.AFTERNOON),)
            order = await make_order(world.event, world.union, state="approved", windows=windows)
            assert (await world.assign(desk, order.id, starts_at=start.isoformat())).status_code == 200
            path = f"/api/v1/orders/{order.id}"
            answers = await asyncio.gather(
                desk.post(f"{path}/accept", json={"by_phone": True}),
                desk.post(f"{path}/decline", json={"by_phone": True, "reason": "出差"}),
                desk.post(f"{path}/take-back", json={"reason": "另派"}),
                desk.post(f"{path}/substitute", json={"provider_ids": [str(second.id)], "reason": "病假"}),
                unit.post(f"{path}/withdraw", json={"reason": "不办了"}),
                world.assign(desk, order.id, starts_at=start.isoformat(), reason="改派"),
            )
            bad += [one.text for one in answers if one.status_code >= 400 and one.json()["type"] not in known]
            assert any(one.status_code == 200 for one in answers)

    assert bad == []
    assert await _troubles() == []


async def test_the_year_of_a_limit_is_that_of_the_local_day(app: Litestar, world: World) -> None:
    """One a year: 31 December 23:30 is the old one, midnight the new one, in bookings and in orders alike."""
    for year in (2015, 2016):
        await make_year(world.city, year=year, max_per_organisation=1)
    midnight = datetime(2016, 1, 1, tzinfo=ZONE)
    late, afternoon, early, first = [
        await make_session(world.event, starts_at=moment)
        for moment in (
            midnight - timedelta(minutes=30), midnight - timedelta(hours=10), midnight, midnight + timedelta(hours=9),
        )
    ]  # fmt: skip
    contact = {"contact_name": "陈巧云", "contact_phone": "13800000000"}

    async with client_of(app, await make_actor(Role.CONTACT, world.union)) as client:

        async def book(session: Any) -> tuple[int, Any]:
            body = {"session_id": str(session.id), "organisation_id": str(world.union.id), "seats": 3, **contact}
            answer = await client.post("/api/v1/bookings", json=body)
            return answer.status_code, answer.json().get("year")

        async def order(*days: str) -> tuple[int, Any]:
            body = {
                "event_id": str(world.event.id), "organisation_id": str(world.union.id), "audience": 50,
                "address": "食堂", "windows": [{"date": day, "part": "afternoon"} for day in days], **contact,
            }  # fmt: skip
            answer = await client.post("/api/v1/orders", json=body)
            return answer.status_code, answer.json().get("year")

        found = [
            await book(late), await book(afternoon), await order("2015-12-31"),
            await order("2016-01-04", "2015-12-30"), await order("2016-01-04"), await book(early), await book(first),
        ]  # fmt: skip

    assert found == [(201, None), (409, 2015), (409, 2015), (409, 2015), (201, None), (409, 2016), (409, 2016)]


async def test_a_name_of_sixty_characters_is_shown_whole(app: Litestar, world: World) -> None:
    """On the board, in the list, on the order's page, on the form and in the workbook."""
    name = f"{('独墅湖新能源汽车动力电池精密制造有限责任公司' * 3)[:54]}联合工会委员"
    assert len(name) == 60
    union = await make_organisation(parent=world.city, name=name)
    order = await make_order(world.event, union, state="approved", windows=WINDOWS, joined=(world.other,))
    await make_booking(await make_session(world.event), union, state="pending")

    async with browser_of(app, world.organiser) as browser:
        pages = {
            path: (await browser.get(path)).text
            for path in (
                "/desk/orders", f"/desk/orders?order={order.id}", "/desk/orders/list", f"/orders/{order.id}",
                f"/orders/{order.id}/form", "/desk/bookings",
            )
        }  # fmt: skip
        book = (await browser.get("/desk/orders.xlsx")).content
    parts = ZipFile(io.BytesIO(book))

    assert [path for path, text in pages.items() if name not in text] == []
    assert any(name in parts.read(one).decode() for one in parts.namelist() if one.endswith(".xml"))


async def test_a_neighbouring_union_is_told_of_no_order(app: Litestar, world: World) -> None:
    """Under the same roof, in the same district: somebody else's order, booking and queue do not exist."""
    order = await make_order(world.event, world.union, windows=WINDOWS, contact_phone="13911112222", address="秘密食堂")
    session = await make_session(world.event, capacity=20)
    await make_booking(session, world.other)
    waiting = await make_booking(session, world.union, state="waitlisted", contact_phone="13911112222")
    stranger = await make_actor(Role.CONTACT, world.other)
    bodies: dict[str, dict[str, Any]] = {
        f"/api/v1/orders/{order.id}/withdraw": {"reason": "不办了"},
        f"/api/v1/orders/{order.id}/leave": {"organisation_id": str(world.other.id)},
        f"/api/v1/orders/{order.id}/review": {"lecturer": 1, "content": 1, "organising": 1, "again": False},
        f"/api/v1/orders/{order.id}/endorse": {},
        f"/api/v1/orders/{order.id}/approve": {},
        f"/api/v1/orders/{order.id}/accept": {"by_phone": True},
        f"/api/v1/bookings/{waiting.id}/take-offer": {},
        f"/api/v1/bookings/{waiting.id}/refuse-offer": {},
        f"/api/v1/bookings/{waiting.id}/cancel": {},
        f"/api/v1/bookings/{waiting.id}/offer": {"seats": 3},
        f"/api/v1/bookings/{waiting.id}/queue": {"place": 1, "reason": "先来"},
    }

    async with client_of(app, stranger) as client, browser_of(app, stranger) as browser:
        posted = {path: (await client.post(path, json=body)).status_code for path, body in bodies.items()}
        changed = await client.patch(f"/api/v1/orders/{order.id}", json={"audience": 1})
        read = [
            (await browser.get(f"/orders/{order.id}{page}")).status_code
            for page in ("", "/change", "/withdraw", "/form", "/scan")
        ]
        listed = (await client.get("/api/v1/orders")).json()
        texts = [(await browser.get(path)).text for path in ("/my", f"/sessions/{session.id}", "/menu")]

    assert posted == dict.fromkeys(bodies, 404)
    assert (changed.status_code, read) == (404, [404] * 5)
    assert (listed["total"], listed["items"]) == (0, [])
    assert [word for word in ("13911112222", "秘密食堂", "胥江机械厂") for text in texts if word in text] == []
