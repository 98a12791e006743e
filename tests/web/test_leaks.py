"""What of orders and bookings reaches whom: the neighbour, who joins, the committee, the evaluator, anybody."""

import io
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx
import pytest
from litestar import Litestar
from python_calamine import CalamineWorkbook

from outreach.accounts.authentication import actor_of_person
from outreach.accounts.tables import Person
from outreach.bookings.orders import commands
from outreach.bookings.orders.queries import OrderRow, order_by_id
from outreach.events.tables import Session
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from tests.factories.accounts import browser_of, client_of, make_actor, make_grant, make_organisation
from tests.factories.bookings import make_booking
from tests.factories.events import make_event, make_provider, make_session
from tests.factories.orders import make_giver, make_order
from tests.factories.programmes import make_programme
from tests.support.districts import TwoDistricts, two_districts
from tests.support.orders import OrderWorld
from tests.support.pages import form_token

PHONE = "13800000000"
LECTURERS_PHONE = "13900000000"


def cells(workbook: bytes) -> str:
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(workbook)).get_sheet_by_index(0)
    return "\n".join("\t".join(str(cell) for cell in row) for row in sheet.to_python())


async def both_roles(first: tuple[Role, Any], second: tuple[Role, Any], now: datetime) -> Actor:
    actor = await make_actor(*first)
    person = await Person.objects().get(Person.id == actor.person_id)
    assert person is not None
    await make_grant(person, *second)
    made = await actor_of_person(actor.person_id, now)
    assert made is not None
    return made


# --- the neighbouring district and the programme of the city ---------------------------------------------------------


async def _orders_of_the_city(world: TwoDistricts) -> tuple[Any, Any]:
    """Both districts want the same lecturer of the city on the same afternoon."""
    event = await make_event(await make_programme(world.city, code="city", two_step_orders=True), title="市里的课")
    await make_giver(event, await make_provider(world.city, name="沈若兰", phone=LECTURERS_PHONE))
    mine = await make_order(event, world.here.union, contact_phone="13811110001")
    theirs = await make_order(
        event,
        world.there.union,
        contact_phone="13811110002",
        contact_name="对方联系人",
        address="对方食堂",
        note="对方备注",
    )
    return mine, theirs


async def test_who_endorses_reads_of_his_own_part_only(app: Litestar, database: None) -> None:
    """Rivals of the other district are the city's to weigh; so are the numbers of the lecturers."""
    world = await two_districts()
    mine, theirs = await _orders_of_the_city(world)

    async with browser_of(app, world.here.organiser) as browser:
        board = await browser.get(f"/desk/orders?order={mine.id}")
        listed = await browser.get("/desk/orders/list")
        sheet = await browser.get("/desk/orders.xlsx")
        refused = await browser.get(f"/desk/orders?order={theirs.id}")
    async with client_of(app, world.here.organiser) as client:
        json = await client.get("/api/v1/orders")
    async with browser_of(app, world.organiser) as browser:
        whole = await browser.get(f"/desk/orders?order={mine.id}")

    assert refused.status_code == 404
    for text in (board.text, listed.text, cells(sheet.content), json.text):
        assert "姑苏机械厂工会" in text
        for word in ("吴中机械厂工会", "对方联系人", "对方食堂", "对方备注", "13811110002", str(theirs.id)):
            assert word not in text
    assert LECTURERS_PHONE not in board.text
    assert "吴中机械厂工会" in whole.text.split('id="rivals"')[1]


async def test_the_neighbours_desk_changes_nothing(app: Litestar, database: None) -> None:
    """Every deed on an order of the other district is no page and no address."""
    world = await two_districts()
    _mine, theirs = await _orders_of_the_city(world)
    deeds = ("endorse", "approve", "decline", "assign", "accept", "refuse", "take-back", "substitute", "rain")
    async with browser_of(app, world.here.organiser) as browser:
        token = form_token((await browser.get("/desk/orders")).text)
        found = {
            deed: (
                await browser.post(f"/desk/orders/{theirs.id}/{deed}", data={"_csrf_token": token, "reason": "看看"})
            ).status_code
            for deed in deeds
        }
    assert found == dict.fromkeys(deeds, 404)
    assert (await order_by_id(theirs.id)).revision == 1


# --- who reads an order and calls nobody ------------------------------------------------------------------------------


async def test_staff_who_only_join_see_no_telephone(app: Litestar, database: None, now: datetime) -> None:
    """An organiser elsewhere who is the contact of a unit that joins reads the order on the desk, without numbers."""
    world = await OrderWorld().build()
    elsewhere = await make_organisation(parent=world.root, name="虎丘区总工会", kind="federation")
    joins = await make_organisation(parent=elsewhere, name="虎丘仪表工会")
    reader = await both_roles((Role.ORGANISER, elsewhere), (Role.CONTACT, joins), now)
    order = await world.approve(now, await world.submit(now, joined_by=(joins.id,)))
    order = await world.assign(now, order)

    async with browser_of(app, reader) as browser:
        pages = [
            (await browser.get(path)).text
            for path in (f"/desk/orders?order={order.id}", "/desk/orders/list", f"/orders/{order.id}", "/my")
        ]
        sheet = await browser.get("/desk/orders.xlsx")
        forms = [await browser.get(f"/orders/{order.id}/{name}") for name in ("form", "scan", "change", "withdraw")]

    assert "胥江机械厂工会" in cells(sheet.content)
    for text in (*pages, cells(sheet.content)):
        assert PHONE not in text
        assert LECTURERS_PHONE not in text
    assert [one.status_code for one in forms] == [403, 404, 403, 403]


# --- who reads nothing ------------------------------------------------------------------------------------------------


async def _outsiders(world: OrderWorld, now: datetime) -> dict[str, Actor]:
    committee = await make_organisation(parent=world.union, name="女职工委员会", kind="womens_committee")
    guest = await make_organisation(parent=world.union, name="某部队", kind="guest")
    return {
        "committee": await make_actor(Role.CONTACT, committee),
        "guest": await make_actor(Role.CONTACT, guest),
        "evaluator": await make_actor(Role.EVALUATOR, world.root),
        "other provider": world.stranger,
        "neighbour": world.rival,
        "contact above": await make_actor(Role.CONTACT, world.district),
        "foreign staff": await make_actor(Role.ORGANISER, world.foreign),
    }


_ACTIONS = ("endorse", "approve", "assign", "accept", "decline", "withdraw", "take-back", "substitute", "review")
_BODIES: dict[str, dict[str, Any]] = {
    "assign": {"provider_ids": ["00000000-0000-7000-8000-000000000000"], "starts_at": "2015-09-24T14:00:00+08:00"},
    "substitute": {"provider_ids": ["00000000-0000-7000-8000-000000000000"], "reason": "看看"},
    "review": {"lecturer": 1, "content": 1, "organising": 1, "again": False},
}


async def test_an_order_does_not_exist_for_outsiders(app: Litestar, database: None, now: datetime) -> None:
    """A committee does not read its union's order, nor a contact of the union above, nor an evaluator."""
    world = await OrderWorld().build()
    order = await world.scheduled(now)
    booking_id: UUID = await db.value("SELECT id FROM bookings_booking")
    for name, actor in (await _outsiders(world, now)).items():
        async with client_of(app, actor) as client:
            answers = [await client.get(f"/api/v1/orders/{order.id}")]
            answers += [
                await client.post(f"/api/v1/orders/{order.id}/{one}", json=_BODIES.get(one, {})) for one in _ACTIONS
            ]
            answers += [
                await client.patch(f"/api/v1/orders/{order.id}", json={"audience": 1}),
                await client.get(f"/api/v1/bookings/{booking_id}"),
                await client.post(f"/api/v1/bookings/{booking_id}/cancel", json={"reason": "看看"}),
                await client.get(f"/api/v1/sessions/{order.session_id}"),
                await client.post(f"/api/v1/sessions/{order.session_id}/rain-date", json={"use": False}),
            ]
            lists = [await client.get(f"/api/v1/{what}") for what in ("orders", "bookings", "sessions")]
        assert {one.status_code for one in answers} == {404}, (name, [one.status_code for one in answers])
        assert [one.json()["total"] for one in lists] == [0, 0, 0], name
        async with browser_of(app, actor) as browser:
            pages = [f"/orders/{order.id}", f"/bookings/{booking_id}", f"/bookings/{booking_id}/cancel"]
            pages += [f"/orders/{order.id}/{one}" for one in ("change", "withdraw", "form", "scan")]
            pages += [f"/sessions/{order.session_id}", f"/sessions/{order.session_id}/sign-in-sheet"]
            found = {path: (await browser.get(path)).status_code for path in pages}
            token = form_token((await browser.get("/account")).text)
            sent = {"_csrf_token": token, "reason": "看看"}
            posts = [f"/orders/{order.id}/{one}" for one in ("change", "withdraw", "scan", "review")]
            posts += [f"/duties/{order.id}/{one}" for one in ("accept", "refuse")]
            posts += [f"/bookings/{booking_id}/{one}" for one in ("cancel", "take-offer", "refuse-offer")]
            posts.append(f"/bookings/{booking_id}")
            found |= {path: (await browser.post(path, data=sent)).status_code for path in posts}
        assert set(found.values()) == {404}, (name, found)
    assert (await order_by_id(order.id)).state == "scheduled"


async def test_who_declined_an_assignment_reads_it_no_longer(app: Litestar, database: None, now: datetime) -> None:
    world = await OrderWorld().build()
    order = await world.assign(now, await world.approve(now, await world.submit(now)))
    await commands.refuse_order(world.lecturer, now, order_id=order.id, reason="出差")
    async with browser_of(app, world.lecturer) as browser:
        duties, own = await browser.get("/duties"), await browser.get(f"/orders/{order.id}")
    assert (own.status_code, PHONE in duties.text, "胥江机械厂工会" in duties.text) == (404, False, False)


# --- strangers --------------------------------------------------------------------------------------------------------


async def _outside(browser: httpx.AsyncClient, event_id: UUID) -> str:
    """Everything that anybody reads without a login."""
    paths = ("/", "/calendar?month=2015-09", "/menu", f"/menu/{event_id}", "/progress", "/calendars/public.ics")
    api = ("/api/v1/sessions", f"/api/v1/sessions?event_id={event_id}")
    return "".join([(await browser.get(path)).text for path in (*paths, *api)])


async def test_a_draft_that_was_refused_is_shown_to_nobody(app: Litestar, database: None, now: datetime) -> None:
    """The unit agreed to be seen at its session, not at every attempt to find a lecturer."""
    world = await OrderWorld().build()
    order = await world.approve(now, await world.submit(now, agrees_public=True))
    assigned = await world.assign(now, order)
    await commands.refuse_order(world.lecturer, now, order_id=order.id, reason="出差")
    session = await Session.objects().get(Session.id == assigned.session_id)
    assert session is not None
    assert (session.state, session.visibility) == ("cancelled", "public")

    for actor in (None, await make_actor(Role.CONTACT, world.foreign), world.rival):
        async with browser_of(app, actor) if actor else client_of(app, None) as browser:
            found = [await browser.get(path) for path in (f"/sessions/{session.id}", f"/sessions/{session.id}.ics")]
            text = await _outside(browser, world.event.id)
        async with client_of(app, actor) as client:
            found.append(await client.get(f"/api/v1/sessions/{session.id}"))
        assert [one.status_code for one in found] == [404, 404, 404]
        assert str(session.id) not in text
        assert "金山路8号食堂二楼" not in text


@pytest.mark.parametrize("kind", ["guest", "joined"])
async def test_a_barracks_is_nowhere_outside(app: Litestar, database: None, now: datetime, kind: str) -> None:
    """Ordered or joined, however much somebody agreed: no name, no place, no date of it (rule 10)."""
    world = await OrderWorld().build()
    barracks = await make_organisation(parent=world.union, name="某部队机关", kind="guest")
    given: dict[str, Any] = {"agrees_public": True, "address": "某营区礼堂"}
    if kind == "guest":
        world.contact = await make_actor(Role.CONTACT, barracks)
        given["organisation_id"] = barracks.id
    else:
        given["joined_by"] = (barracks.id,)
    order: OrderRow = await world.scheduled(now, **given)

    async with client_of(app, None) as stranger:
        found = await stranger.get(f"/sessions/{order.session_id}")
        text = await _outside(stranger, world.event.id)

    assert found.status_code == 404
    for word in ("某部队机关", "某营区礼堂", str(order.session_id)):
        assert word not in text


async def test_the_waiting_list_of_others_is_a_number(app: Litestar, database: None) -> None:
    """Who waits and for how many is between the unit and the organiser."""
    world = await OrderWorld().build()
    session = await make_session(world.event, capacity=10)
    await make_booking(session, world.union, seats=10, contact_name="先到的人")
    await make_booking(session, world.small, seats=7, state="waitlisted", contact_name="排队的人")
    async with client_of(app, None) as stranger:
        shown = await stranger.get(f"/sessions/{session.id}")
    assert shown.status_code == 200
    for word in ("胥江机械厂工会", "虞山服饰工会", "先到的人", "排队的人", PHONE):
        assert word not in shown.text
