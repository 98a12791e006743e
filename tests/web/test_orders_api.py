"""Orders over HTTP: the life of an order, problems, and who sees what."""

from datetime import datetime
from typing import Any

import httpx
import pytest
from litestar import Litestar

from outreach.shared import db
from outreach.shared.actors import Role
from outreach.shared.ids import new_id
from tests.factories.accounts import client_of, make_actor, make_organisation
from tests.factories.events import make_event, make_session
from tests.factories.orders import make_order
from tests.factories.programmes import make_programme
from tests.support.clock import FixedClock
from tests.support.orders import OrderWorld


def wish(world: OrderWorld, **given: Any) -> dict[str, Any]:
    return {
        "event_id": str(world.event.id),
        "organisation_id": str(world.union.id),
        "joined_by": [],
        "windows": [{"date": "2015-09-24", "part": "afternoon"}, {"date": "2015-09-25", "part": "morning"}],
        "audience": 80,
        "address": "金山路8号食堂二楼",
        "contact_name": "陈巧云",
        "contact_phone": "13800000000",
        "note": "两个班组",
        **given,
    }


def assignment(world: OrderWorld, **given: Any) -> dict[str, Any]:
    return {
        "provider_ids": [str(world.provider.id)],
        "starts_at": "2015-09-24T14:00:00+08:00",
        "ends_at": "2015-09-24T15:30:00+08:00",
        "address": "金山路8号三楼",
        **given,
    }


def problem(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["type"]


def ok(answer: httpx.Response, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    body = dict(answer.json())
    assert answer.headers["etag"] == f'"{body["revision"]}"'
    return body


async def test_an_order_lives_over_http(app: Litestar, database: None, now: datetime, clock: FixedClock) -> None:
    """Submit, change, approve, assign, decline by phone, assign again, accept, hold, review: states and times."""
    world = await OrderWorld().build()

    async with (
        client_of(app, world.contact) as unit,
        client_of(app, world.organiser) as staff,
        client_of(app, world.lecturer) as lecturer,
    ):
        made = ok(await unit.post("/api/v1/orders", json=wish(world, joined_by=[str(world.small.id)])), 201)
        url = f"/api/v1/orders/{made['id']}"
        stale = await unit.patch(url, json={"audience": 90}, headers={"If-Match": '"7"'})
        changed = ok(await unit.patch(url, json={"audience": 90}, headers={"If-Match": '"1"'}))
        approved = ok(await staff.post(f"{url}/approve"))
        assigned = ok(await staff.post(f"{url}/assign", json=assignment(world)))
        refused = ok(await staff.post(f"{url}/decline", json={"by_phone": True, "reason": "那天上课"}))
        again = ok(await staff.post(f"{url}/assign", json=assignment(world)))
        accepted = ok(await lecturer.post(f"{url}/accept"))
        clock.moment = datetime.fromisoformat("2015-09-24T16:00:00+08:00")
        held = await staff.post(f"/api/v1/sessions/{accepted['session_id']}/hold", json={"no_shows": []})
        marks = {"lecturer": 5, "content": 4, "organising": 3, "again": True, "words": "再来"}
        reviewed = ok(await unit.post(f"{url}/review", json=marks))
        twice = await unit.post(f"{url}/review", json=marks)

    assert problem(stale) == (412, "/problems/stale")
    assert [one["state"] for one in (made, approved, assigned, refused, again, accepted, reviewed)] == [
        "submitted",
        "approved",
        "assigned",
        "approved",
        "assigned",
        "scheduled",
        "reviewed",
    ]
    assert (changed["audience"], changed["windows"][1]) == (90, {"date": "2015-09-25", "part": "morning"})
    assert made["joined_by"] == [{"id": str(world.small.id), "name": "虞山服饰工会"}]
    assert (assigned["assignment"], again["assignment"]) == (1, 2)
    assert refused["session_id"] is None
    assert again["answer_by"] == "2015-09-18T09:00:00+08:00"
    assert (accepted["starts_at"], accepted["ends_at"]) == ("2015-09-24T14:00:00+08:00", "2015-09-24T15:30:00+08:00")
    assert accepted["providers"] == [{"id": str(world.provider.id), "name": "沈若兰", "phone": None, "accepted": True}]
    assert "沈若兰" in again["next_step"]
    assert held.status_code == 200
    assert reviewed["score"] == 4.0
    assert problem(twice) == (409, "/problems/wrong-state")


async def test_actions_without_words_take_an_empty_post(app: Litestar, database: None) -> None:
    """Endorse, approve, accept, decline by the provider, take back, withdraw: nothing has to be sent."""
    world = await OrderWorld().build(two_step_orders=True)

    async with (
        client_of(app, world.contact) as unit,
        client_of(app, world.endorser) as parent,
        client_of(app, world.organiser) as staff,
        client_of(app, world.lecturer) as lecturer,
    ):
        made = ok(await unit.post("/api/v1/orders", json=wish(world)), 201)
        url = f"/api/v1/orders/{made['id']}"
        early = await staff.post(f"{url}/approve")
        states = [ok(await parent.post(f"{url}/endorse"))["state"], ok(await staff.post(f"{url}/approve"))["state"]]
        for client, action in ((lecturer, "decline"), (staff, "take-back"), (unit, "withdraw")):
            ok(await staff.post(f"{url}/assign", json=assignment(world)))
            states.append(ok(await client.post(f"{url}/{action}"))["state"])
        without_reason = await staff.post(f"{url}/decline")

    assert problem(early) == (409, "/problems/wrong-state")
    assert states == ["endorsed", "approved", "approved", "approved", "withdrawn"]
    assert problem(without_reason) == (409, "/problems/wrong-state")


async def test_a_joined_unit_leaves_over_http(app: Litestar, database: None) -> None:
    """Nothing comes back, since the order is not its own to read any more; a second time there is none."""
    world = await OrderWorld().build()
    order = await make_order(world.event, world.union, joined=(world.small,))
    url = f"/api/v1/orders/{order.id}"

    async with client_of(app, world.rival) as joined, client_of(app, world.contact) as unit:
        own = await unit.post(f"{url}/leave")
        left = await joined.post(f"{url}/leave", json={"organisation_id": str(world.small.id), "reason": "人手不够"})
        twice, read = await joined.post(f"{url}/leave"), await joined.get(url)
        after = ok(await unit.get(url))

    assert problem(own) == (404, "/problems/not-found")
    assert (left.status_code, left.content) == (204, b"")
    assert problem(twice) == problem(read) == (404, "/problems/not-found")
    assert (after["joined_by"], after["state"]) == ([], "submitted")


async def test_declining_an_order_needs_a_reason(app: Litestar, database: None) -> None:
    world = await OrderWorld().build()
    order = await make_order(world.event, world.union)

    async with client_of(app, world.organiser) as staff:
        empty = await staff.post(f"/api/v1/orders/{order.id}/decline")
        phone = await staff.post(f"/api/v1/orders/{order.id}/decline", json={"by_phone": True})
        done = ok(await staff.post(f"/api/v1/orders/{order.id}/decline", json={"reason": "排满了"}))

    assert problem(empty) == (422, "/problems/invalid")
    assert [one["field"] for one in empty.json()["errors"]] == ["reason"]
    assert problem(phone) == (409, "/problems/wrong-state")
    assert (done["state"], done["reason"]) == ("declined", "排满了")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"windows": []}, "windows"),
        ({"windows": [{"date": f"2015-10-0{n}", "part": "noon"} for n in range(1, 7)]}, "windows"),
        ({"windows": [{"date": "2015-09-24", "part": "night"}]}, "windows.0.part"),
        ({"windows": [{"date": "2015-09-14", "part": "noon"}]}, "windows.0.date"),
        ({"windows": [{"date": "9999-12-31", "part": "evening"}]}, "windows.0.date"),
        ({"windows": [{"date": "0001-01-01", "part": "morning"}]}, "windows.0.date"),
        ({"audience": 0}, "audience"),
        ({"audience": -1}, "audience"),
        ({"audience": 2**40}, "audience"),
        ({"contact_phone": "138"}, "contact_phone"),
        ({"address": "   "}, "address"),
        ({"organisers": [{"part": "boss", "organisation_id": str(new_id())}]}, "organisers.0.part"),
        ({"unknown": 1}, "unknown"),
    ],
)
async def test_bad_fields_are_named_and_nothing_is_stored(
    app: Litestar, database: None, given: dict[str, Any], field: str
) -> None:
    world = await OrderWorld().build()

    async with client_of(app, world.contact) as unit:
        answer = await unit.post("/api/v1/orders", json=wish(world, **given))

    assert problem(answer) == (422, "/problems/invalid")
    assert [one["field"] for one in answer.json()["errors"]] == [field]
    assert await db.value("SELECT count(*) FROM bookings_order") == 0


async def test_what_is_not_the_callers_is_not_found(app: Litestar, database: None) -> None:
    """A foreign event, a foreign unit, an order of another unit, and any id on every action."""
    world = await OrderWorld().build()
    foreign = await make_event(await make_programme(world.foreign))
    order = await make_order(world.event, world.union)

    async with client_of(app, world.rival) as rival, client_of(app, None) as stranger:
        answers = [
            await rival.post("/api/v1/orders", json=wish(world)),
            await rival.post(
                "/api/v1/orders", json=wish(world, organisation_id=str(world.small.id), event_id=str(foreign.id))
            ),
            await rival.get(f"/api/v1/orders/{order.id}"),
            await rival.get("/api/v1/orders/nothing"),
            *[
                await rival.post(f"/api/v1/orders/{id_}/{action}")
                for id_ in (order.id, new_id())
                for action in ("endorse", "approve", "accept", "decline", "withdraw", "take-back")
            ],
            await rival.post(f"/api/v1/orders/{order.id}/assign", json=assignment(world)),
            await rival.post(f"/api/v1/sessions/{new_id()}/rain-date", json={"use": False}),
        ]
        anonymous = await stranger.get("/api/v1/orders")

    assert [problem(one) for one in answers] == [(404, "/problems/not-found")] * len(answers)
    assert problem(anonymous) == (401, "/problems/login-required")


async def test_known_and_not_allowed_is_forbidden(app: Litestar, database: None) -> None:
    world = await OrderWorld().build()
    order = await make_order(world.event, world.union)

    async with client_of(app, world.contact) as unit:
        answers = [await unit.post(f"/api/v1/orders/{order.id}/{action}") for action in ("endorse", "approve")]
        answers.append(await unit.post(f"/api/v1/orders/{order.id}/assign", json=assignment(world)))

    assert [problem(one) for one in answers] == [(403, "/problems/forbidden")] * 3


async def test_telephones_are_seen_by_those_who_must_call_only(app: Litestar, database: None, now: datetime) -> None:
    """The unit, its staff, the lecturer who comes; not who joins. The lecturer's own number: staff only."""
    world = await OrderWorld().build()
    order = await world.assign(now, await world.approve(now, await world.submit(now, joined_by=(world.small.id,))))
    seen = {}

    for name in ("contact", "rival", "organiser", "endorser", "lecturer"):
        async with client_of(app, getattr(world, name)) as client:
            body = ok(await client.get(f"/api/v1/orders/{order.id}"))
        seen[name] = (body["contact_phone"], body["providers"][0]["phone"])

    assert seen == {
        "contact": ("13800000000", None),
        "rival": (None, None),
        "organiser": ("13800000000", "13900000000"),
        "endorser": ("13800000000", None),
        "lecturer": ("13800000000", None),
    }


async def test_lists_are_filtered_and_go_on(app: Litestar, database: None) -> None:
    world = await OrderWorld().build()
    orders = [await make_order(world.event, world.union) for _ in range(3)]
    approved = await make_order(world.event, world.small, state="approved")
    done = await make_order(world.event, world.small, state="declined")

    async def ids(**params: Any) -> list[str]:
        body = (await staff.get("/api/v1/orders", params=params)).json()
        return [one["id"] for one in body["items"]]

    async with client_of(app, world.organiser) as staff:
        first = (await staff.get("/api/v1/orders", params={"limit": 2})).json()
        second = (await staff.get("/api/v1/orders", params={"limit": 2, "after": first["next"]})).json()
        assert await ids(open="true") == [str(one.id) for one in (*orders, approved)]
        assert await ids(state="declined") == [str(done.id)]
        assert await ids(organisation=str(world.small.id)) == [str(one.id) for one in (approved, done)]
        assert len(await ids(programme=world.programme.code)) == 5
        assert await ids(q="虞山") == [str(one.id) for one in (approved, done)]
        wrong = [
            await staff.get("/api/v1/orders", params=params)
            for params in ({"state": "lost"}, {"organisation": "x"}, {"after": "x"}, {"limit": 0})
        ]

    assert (first["total"], [one["id"] for one in first["items"]]) == (5, [str(one.id) for one in orders[:2]])
    assert [one["id"] for one in second["items"]] == [str(orders[2].id), str(approved.id)]
    assert [one.status_code for one in wrong] == [422, 422, 422, 422]


async def test_a_repeated_request_makes_one_order(app: Litestar, database: None) -> None:
    world = await OrderWorld().build()
    key = {"Idempotency-Key": "one"}

    async with client_of(app, world.contact) as unit:
        first = await unit.post("/api/v1/orders", json=wish(world), headers=key)
        again = await unit.post("/api/v1/orders", json=wish(world), headers=key)
        other = await unit.post("/api/v1/orders", json=wish(world, audience=9), headers=key)

    assert (first.status_code, again.status_code, first.json() == again.json()) == (201, 201, True)
    assert problem(other) == (422, "/problems/idempotency-key-reused")
    assert await db.value("SELECT count(*) FROM bookings_order") == 1


async def test_conflicts_of_an_assignment_say_what_stands_in_the_way(app: Litestar, database: None) -> None:
    """A clash names the session, warnings are named and set aside with a reason, the second caller learns the state."""
    world = await OrderWorld().build()
    order = await make_order(world.event, world.union, state="approved", site_lacks="没有投影")
    url = f"/api/v1/orders/{order.id}/assign"

    async with client_of(app, world.organiser) as staff:
        warned = await staff.post(url, json=assignment(world))
        done = ok(await staff.post(url, json=assignment(world, override_reason="自带投影")))
        second = await staff.post(url, json=assignment(world, override_reason="自带投影"))
        taken = await make_session(
            world.event,
            providers=(world.provider,),
            starts_at=datetime.fromisoformat("2015-09-28T14:00:00+08:00"),
            occupying=True,
        )
        other = await make_order(world.event, world.small, state="approved")
        clash = await staff.post(
            f"/api/v1/orders/{other.id}/assign",
            json=assignment(world, starts_at="2015-09-28T15:00:00+08:00", ends_at="2015-09-28T16:00:00+08:00"),
        )
        foreign = await staff.post(
            f"/api/v1/orders/{other.id}/assign", json=assignment(world, provider_ids=[str(new_id())])
        )

    assert problem(warned) == (409, "/problems/needs-reason")
    assert [one["code"] for one in warned.json()["warnings"]] == ["site-unmet"]
    assert done["state"] == "assigned"
    assert (problem(second), second.json()["state"]) == ((409, "/problems/wrong-state"), "assigned")
    assert (problem(clash), clash.json()["sessions"]) == ((409, "/problems/clash"), [str(taken.id)])
    assert problem(foreign) == (422, "/problems/invalid")


async def test_rain_dates_and_substitutes_over_http(app: Litestar, database: None, now: datetime) -> None:
    world = await OrderWorld().build()
    order = await make_order(world.event, world.union, state="approved")
    url = f"/api/v1/orders/{order.id}"

    async with client_of(app, world.organiser) as staff:
        assigned = ok(
            await staff.post(f"{url}/assign", json=assignment(world, rain_starts_at="2015-09-29T14:00:00+08:00"))
        )
        accepted = ok(await staff.post(f"{url}/accept", json={"by_phone": True}))
        rain = f"/api/v1/sessions/{accepted['session_id']}/rain-date"
        without = await staff.post(rain, json={"use": True})
        moved = ok(await staff.post(rain, json={"use": True, "reason": "大雨"}))
        gone = await staff.post(rain, json={"use": False})
        bare = await staff.post(f"{url}/substitute", json={"provider_ids": [str(world.provider.id)]})
        same = ok(
            await staff.post(f"{url}/substitute", json={"provider_ids": [str(world.provider.id)], "reason": "仍由本人"})
        )

    assert assigned["rain_starts_at"] == "2015-09-29T14:00:00+08:00"
    assert [problem(one)[0] for one in (without, gone, bare)] == [422, 422, 422]
    assert (moved["starts_at"], moved["ends_at"], moved["rain_starts_at"]) == (
        "2015-09-29T14:00:00+08:00",
        "2015-09-29T15:30:00+08:00",
        None,
    )
    assert same["state"] == "scheduled"


async def test_a_limit_is_told_over_http(app: Litestar, database: None) -> None:
    world = await OrderWorld().build(max_per_organisation=1)
    await make_order(world.event, world.union)
    committee = await make_organisation(parent=world.union, kind="womens_committee")
    member = await make_actor(Role.CONTACT, committee)

    async with client_of(app, member) as client:
        answer = await client.post("/api/v1/orders", json=wish(world, organisation_id=str(committee.id)))

    assert problem(answer) == (409, "/problems/limit-reached")
