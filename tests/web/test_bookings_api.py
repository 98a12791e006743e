"""Bookings, claims and attendance over HTTP: answers, problems, and who sees what."""

import asyncio
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from litestar import Litestar

from outreach.shared import db
from outreach.shared.actors import Actor, Role
from outreach.shared.ids import new_id
from tests.factories.accounts import client_of, make_actor, make_organisation
from tests.factories.bookings import make_booking
from tests.factories.events import STARTS_AT, make_event, make_session
from tests.factories.programmes import make_programme
from tests.support.clock import FixedClock


class World:
    """Two unions below a federation, and a published session."""

    async def build(self, **session: Any) -> "World":
        self.root = await make_organisation()
        self.union = await make_organisation(parent=self.root, name="胥江机械厂工会")
        self.other = await make_organisation(parent=self.root)
        self.organiser: Actor = await make_actor(Role.ORGANISER, self.root)
        self.contact: Actor = await make_actor(Role.CONTACT, self.union)
        self.rival: Actor = await make_actor(Role.CONTACT, self.other)
        self.event = await make_event(await make_programme(self.root))
        self.session = await make_session(self.event, **session)
        return self

    def wish(self, **given: Any) -> dict[str, Any]:
        return {
            "session_id": str(self.session.id),
            "organisation_id": str(self.union.id),
            "seats": 20,
            "contact_name": "陈巧云",
            "contact_phone": "13800000000",
            **given,
        }


def problem(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["type"]


async def test_a_booking_answers_201_with_its_state_and_is_read_again(app: Litestar, database: None) -> None:
    world = await World().build()

    async with client_of(app, world.contact) as client:
        made = await client.post("/api/v1/bookings", json=world.wish(note="两个班组"))
        read = await client.get(f"/api/v1/bookings/{made.json()['id']}")
        listed = await client.get("/api/v1/bookings", params={"state": "confirmed"})

    assert made.status_code == 201
    assert made.headers["etag"] == '"1"'
    body = made.json()
    assert (body["state"], body["seats"], body["contact_phone"], body["note"]) == (
        "confirmed",
        20,
        "13800000000",
        "两个班组",
    )
    assert body["starts_at"] == "2015-09-24T14:00:00+08:00"
    assert read.json() == body
    assert (listed.json()["items"], listed.json()["next"], listed.json()["total"]) == ([body], None, 1)


async def test_refusals_say_how_many_are_left_and_what_to_do(app: Litestar, database: None) -> None:
    world = await World().build(capacity=25)
    await make_booking(world.session, world.other, seats=20)

    async with client_of(app, world.contact) as client:
        full = await client.post("/api/v1/bookings", json=world.wish(seats=6))
        first = await client.post("/api/v1/bookings", json=world.wish(seats=5))
        twice = await client.post("/api/v1/bookings", json=world.wish(seats=1))
        words = await client.get("/problems/session-full", headers={"Accept": "text/html"})

    assert problem(full) == (409, "/problems/session-full")
    assert (full.json()["free"], full.json()["detail"]) == (
        5,
        "这场只剩5个名额。可改为5个以内，排候补，或改约同一内容的另一场。",
    )
    assert first.status_code == 201
    assert problem(twice) == (409, "/problems/already-booked")
    assert words.status_code == 200


async def test_a_closed_booking_says_since_when(app: Litestar, database: None) -> None:
    world = await World().build(booking_closes_at=STARTS_AT - timedelta(days=20))

    async with client_of(app, world.contact) as client:
        answer = await client.post("/api/v1/bookings", json=world.wish())

    assert problem(answer) == (409, "/problems/booking-closed")
    assert (answer.json()["why"], answer.json()["closed_at"]) == ("over", "2015-09-04T14:00:00+08:00")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"seats": 0}, "seats"),
        ({"seats": -1}, "seats"),
        ({"seats": 10**9}, "seats"),
        ({"seats": 10**30}, "seats"),
        ({"seats": 1.5}, "seats"),
        ({"contact_name": "陈\x00巧云"}, "contact_name"),
        ({"contact_name": "陈\u202e巧云"}, "contact_name"),
        ({"contact_name": ""}, "contact_name"),
        ({"contact_name": "陈" * 61}, "contact_name"),
        ({"contact_phone": "1380000000"}, "contact_phone"),
        ({"contact_phone": "打我电话"}, "contact_phone"),
        ({"note": "x" * 100_000}, "note"),
        ({"note": "a\x07b"}, "note"),
        ({"session_id": "7"}, "session_id"),
        ({"unknown": 1}, "unknown"),
    ],
)
async def test_bad_values_are_named_and_nothing_is_stored(
    app: Litestar, database: None, given: dict[str, Any], field: str
) -> None:
    world = await World().build(capacity=None)

    async with client_of(app, world.contact) as client:
        answer = await client.post("/api/v1/bookings", json=world.wish(**given))

    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["errors"]] == [field]
    assert answer.json()["errors"][0]["message"]
    assert await db.value("SELECT count(*) FROM bookings_booking") == 0
    assert await db.value("SELECT seats_taken FROM events_session WHERE id = $1", world.session.id) == 0


async def test_the_same_key_books_once(app: Litestar, database: None) -> None:
    """Replay, reuse for something else, and two at once."""
    world = await World().build()

    async with client_of(app, world.contact) as client:
        both = await asyncio.gather(
            *(client.post("/api/v1/bookings", json=world.wish(), headers={"Idempotency-Key": "k"}) for _ in range(2))
        )
        again = await client.post("/api/v1/bookings", json=world.wish(), headers={"Idempotency-Key": "k"})
        reused = await client.post("/api/v1/bookings", json=world.wish(seats=1), headers={"Idempotency-Key": "k"})

    assert [one.status_code for one in [*both, again]] == [201, 201, 201]
    assert both[0].json() == both[1].json() == again.json()
    assert problem(reused) == (422, "/problems/idempotency-key-reused")
    assert await db.value("SELECT count(*) FROM bookings_booking") == 1
    assert await db.value("SELECT count(*) FROM notifications_outbox_message") == 1


async def test_a_refused_request_leaves_its_key_free(app: Litestar, database: None) -> None:
    world = await World().build(capacity=10)
    blocking = await make_booking(world.session, world.other, seats=10)

    async with client_of(app, world.contact) as client:
        refused = await client.post("/api/v1/bookings", json=world.wish(), headers={"Idempotency-Key": "k"})
        async with client_of(app, world.rival) as rival:
            gone = await rival.post(f"/api/v1/bookings/{blocking.id}/cancel")
        taken = await client.post("/api/v1/bookings", json=world.wish(seats=10), headers={"Idempotency-Key": "k"})

    assert (refused.status_code, gone.status_code, taken.status_code) == (409, 200, 201)


async def test_thirty_clients_at_once_get_every_seat_and_not_one_more(app: Litestar, database: None) -> None:
    world = await World().build(capacity=50)
    unions = [await make_organisation(parent=world.root) for _ in range(30)]

    async with AsyncExitStack() as stack:
        clients = [
            await stack.enter_async_context(client_of(app, await make_actor(Role.CONTACT, one))) for one in unions
        ]
        answers = await asyncio.gather(
            *(
                client.post("/api/v1/bookings", json=world.wish(organisation_id=str(union.id), seats=3))
                for client, union in zip(clients, unions, strict=True)
            )
        )

    assert sorted(one.status_code for one in answers) == [201] * 16 + [409] * 14
    assert await db.value("SELECT seats_taken FROM events_session WHERE id = $1", world.session.id) == 48
    assert await db.value("SELECT sum(seats) FROM bookings_booking") == 48


async def test_foreign_bookings_do_not_exist(app: Litestar, database: None) -> None:
    """Reading, deciding, changing, listing: the same 404 as for an id that nobody has."""
    world = await World().build(approval_needed=True)
    booking = await make_booking(world.session, world.union, state="pending", contact_phone="13811112222")

    async with client_of(app, world.rival) as client:
        for id_ in (booking.id, new_id(), "7"):
            answers = [
                await client.get(f"/api/v1/bookings/{id_}"),
                await client.patch(f"/api/v1/bookings/{id_}", json={"seats": 1}),
                await client.post(f"/api/v1/bookings/{id_}/confirm"),
                await client.post(f"/api/v1/bookings/{id_}/decline", json={"reason": "x"}),
                await client.post(f"/api/v1/bookings/{id_}/cancel"),
            ]
            assert [problem(one) for one in answers] == [(404, "/problems/not-found")] * 5
        listed = await client.get("/api/v1/bookings")
        for_others = await client.post("/api/v1/bookings", json=world.wish())

    assert (listed.json()["items"], listed.json()["total"]) == ([], 0)
    assert problem(for_others) == (404, "/problems/not-found")
    assert await db.value("SELECT state FROM bookings_booking WHERE id = $1", booking.id) == "pending"


async def test_phones_are_shown_to_the_organisation_and_to_the_sessions_staff_only(
    app: Litestar, database: None
) -> None:
    world = await World().build()
    district = await make_organisation(parent=world.root, kind="federation")
    union = await make_organisation(parent=district)
    booking = await make_booking(world.session, union, contact_phone="13811112222")
    readers = [
        await make_actor(Role.CONTACT, union),
        world.organiser,
        await make_actor(Role.ORGANISER, district),
    ]

    seen = []
    for reader in readers:
        async with client_of(app, reader) as client:
            seen.append((await client.get(f"/api/v1/bookings/{booking.id}")).json()["contact_phone"])

    assert seen == ["13811112222", "13811112222", None]


async def test_strangers_are_told_to_log_in(app: Litestar, database: None) -> None:
    world = await World().build()

    async with client_of(app, None) as client:
        answers = [
            await client.get("/api/v1/bookings"),
            await client.post("/api/v1/bookings", json=world.wish()),
            await client.post(f"/api/v1/sessions/{world.session.id}/cancel"),
        ]

    assert [one.status_code for one in answers[:1]] == [401]
    assert {one.status_code for one in answers[1:]} <= {401, 403}


async def test_if_match_keeps_two_editors_apart(app: Litestar, database: None) -> None:
    world = await World().build()
    booking = await make_booking(world.session, world.union, seats=10)

    async with client_of(app, world.contact) as client:
        first = await client.patch(f"/api/v1/bookings/{booking.id}", json={"seats": 12}, headers={"If-Match": '"1"'})
        second = await client.patch(f"/api/v1/bookings/{booking.id}", json={"seats": 30}, headers={"If-Match": '"1"'})

    assert (first.status_code, first.headers["etag"], first.json()["seats"]) == (200, '"2"', 12)
    assert problem(second) == (412, "/problems/stale")


async def test_a_claim_makes_the_caller_host_and_hides_the_session(app: Litestar, database: None) -> None:
    world = await World().build(claimable=True, address="", capacity=None)
    wish = {
        "organisation_id": str(world.union.id), "address": "胥江路9号职工食堂", "audience": 80,
        "contact_name": "陈巧云", "contact_phone": "13800000000",
    }  # fmt: skip
    path = f"/api/v1/sessions/{world.session.id}"

    async with client_of(app, world.contact) as client, client_of(app, world.rival) as rival:
        async with client_of(app, None) as stranger:
            before = (await stranger.get(path)).status_code
            made = await client.post(f"{path}/claim", json=wish)
            lost = await rival.post(f"{path}/claim", json={**wish, "organisation_id": str(world.other.id)})
            after = [(await one.get(path)).status_code for one in (client, rival, stranger)]

    assert made.status_code == 201
    body = made.json()
    assert (body["state"], body["is_host"], body["session"]["host_id"]) == ("confirmed", True, str(world.union.id))
    assert body["session"]["address"] == "胥江路9号职工食堂"
    assert problem(lost) == (409, "/problems/booking-closed")
    assert (before, after) == (200, [200, 404, 404])


async def test_sessions_change_move_and_are_cancelled(app: Litestar, database: None) -> None:
    world = await World().build()
    path = f"/api/v1/sessions/{world.session.id}"

    async with client_of(app, world.organiser) as client, client_of(app, world.contact) as contact:
        await contact.post("/api/v1/bookings", json=world.wish())
        too_small = await client.patch(path, json={"capacity": 19})
        not_mine = await contact.patch(path, json={"capacity": 30})
        stale = await client.patch(path, json={"capacity": 30}, headers={"If-Match": '"7"'})
        moved = await client.patch(path, json={"starts_at": "2015-10-08T14:00:00+08:00"}, headers={"If-Match": '"1"'})
        cancelled = await client.post(f"{path}/cancel", json={"by": "weather", "reason": "台风"})
        again = await client.post(f"{path}/cancel", json={"by": "weather", "reason": "台风"})
        mine = await contact.get("/api/v1/bookings")

    assert [one["field"] for one in too_small.json()["errors"]] == ["capacity"]
    assert problem(not_mine) == (403, "/problems/forbidden")
    assert problem(stale) == (412, "/problems/stale")
    assert (moved.json()["ends_at"], moved.json()["moved_from"], moved.headers["etag"]) == (
        "2015-10-08T15:30:00+08:00",
        "2015-09-24T14:00:00+08:00",
        '"2"',
    )
    assert cancelled.json()["state"] == "cancelled"
    assert problem(again) == (409, "/problems/wrong-state")
    assert [(one["state"], one["reason"]) for one in mine.json()["items"]] == [("cancelled", "台风")]


async def test_a_place_in_the_waiting_list_until_it_is_taken(app: Litestar, database: None, clock: FixedClock) -> None:
    """Queued, moved, offered a part, run out, offered again, taken; the answers name place, part and end."""
    world = await World().build(capacity=30)
    await make_booking(world.session, world.other, seats=25)
    third = await make_organisation(parent=world.root)
    await make_booking(world.session, third, seats=30, state="waitlisted")
    path = "/api/v1/bookings"

    async with client_of(app, world.contact) as client, client_of(app, world.organiser) as staff:
        too_many = await client.post(path, json=world.wish(seats=31, waitlist=True))
        made = await client.post(path, json=world.wish(seats=20, waitlist=True))
        one = f"{path}/{made.json()['id']}"
        not_mine = await client.post(f"{one}/offer", json={"seats": 5})
        no_reason = await staff.post(f"{one}/queue", json={"place": 1, "reason": ""})
        moved = await staff.post(f"{one}/queue", json={"place": 1, "reason": "没有参加过"})
        no_offer = await client.post(f"{one}/take-offer")
        offered = await staff.post(f"{one}/offer", json={"seats": 5})
        clock.moment += timedelta(hours=24)
        expired = await client.post(f"{one}/take-offer")
        again = await staff.post(f"{one}/offer", json={"seats": 5})
        refused = await client.post(f"{one}/refuse-offer")
        last = await staff.post(f"{one}/offer", json={"seats": 4})
        taken = await client.post(f"{one}/take-offer")
        words = await client.get("/problems/offer-expired", headers={"Accept": "text/html"})

    assert [(each["field"]) for each in too_many.json()["errors"]] == ["seats"]
    assert (made.status_code, made.json()["state"], made.json()["place_in_queue"]) == (201, "waitlisted", 2)
    assert problem(not_mine) == (403, "/problems/forbidden")
    assert [each["field"] for each in no_reason.json()["errors"]] == ["reason"]
    assert moved.json()["place_in_queue"] == 1
    assert problem(no_offer) == (409, "/problems/wrong-state")
    body = offered.json()
    assert (body["state"], body["seats"], body["seats_wanted"], body["offer_expires_at"]) == (
        "offered", 5, 20, "2015-09-16T09:00:00+08:00",
    )  # fmt: skip
    assert problem(expired) == (409, "/problems/offer-expired")
    assert expired.json()["expired_at"] == "2015-09-16T09:00:00+08:00"
    assert (again.json()["state"], refused.json()["state"], refused.json()["seats"]) == ("offered", "waitlisted", 20)
    assert last.json()["seats"] == 4
    assert (taken.json()["state"], taken.json()["seats"], taken.json()["seats_wanted"]) == ("confirmed", 4, None)
    assert words.status_code == 200


async def test_a_late_cancellation_says_why(app: Litestar, database: None, clock: FixedClock) -> None:
    world = await World().build()
    await db.execute("UPDATE programmes_programme SET cancel_hours = 24")
    booking = await make_booking(world.session, world.union)
    one = f"/api/v1/bookings/{booking.id}"
    clock.moment = STARTS_AT - timedelta(hours=24)

    async with client_of(app, world.contact) as client:
        fewer = await client.patch(one, json={"seats": 3})
        silent = await client.post(f"{one}/cancel")
        gone = await client.post(f"{one}/cancel", json={"reason": "产线停不下来"})

    assert problem(fewer) == (409, "/problems/too-late")
    assert fewer.json()["deadline_at"] == "2015-09-23T14:00:00+08:00"
    assert [each["field"] for each in silent.json()["errors"]] == ["reason"]
    body = gone.json()
    assert (body["state"], body["cancelled_by"], body["is_late"], body["reason"]) == (
        "cancelled", "unit", True, "产线停不下来",
    )  # fmt: skip


async def test_bookings_are_found_by_unit_contact_and_the_end_of_the_telephone(app: Litestar, database: None) -> None:
    """The telephone only by those who may see it."""
    world = await World().build()
    district = await make_organisation(parent=world.root, kind="federation")
    below = await make_organisation(parent=district, name="木渎镇工会")
    first = await make_booking(world.session, below, contact_name="陆知微", contact_phone="13811112222")
    await make_booking(world.session, world.union, contact_phone="13800003333")
    district_staff = await make_actor(Role.ORGANISER, district)

    async def found(actor: Actor, q: str) -> list[str]:
        async with client_of(app, actor) as client:
            answer = await client.get("/api/v1/bookings", params={"q": q})
        return [one["id"] for one in answer.json()["items"]]

    mine = [str(first.id)]
    assert [await found(world.organiser, q) for q in ("木渎", "知微", "2222", "1 2222", "222", "%")] == [
        mine, mine, mine, mine, [], [],
    ]  # fmt: skip
    assert [await found(district_staff, q) for q in ("木渎", "2222")] == [mine, []]


async def test_attendance_over_http(app: Litestar, database: None, clock: FixedClock) -> None:
    """Too early, recorded, held with a no-show, closed, corrected."""
    world = await World().build()
    booking = await make_booking(world.session, world.union)
    path = f"/api/v1/sessions/{world.session.id}"
    count = {"on": "2015-09-24", "total": 96, "workers": None, "breakdown": {"migrant": 30, "women": None}}

    async with client_of(app, world.organiser) as client:
        early = await client.put(f"{path}/headcount", json=count)
        clock.moment = STARTS_AT + timedelta(hours=2)
        wrong = await client.put(f"{path}/headcount", json={**count, "breakdown": {"children": 3}})
        recorded = await client.put(f"{path}/headcount", json=count)
        unknown = await client.post(f"{path}/hold", json={"reasons": {str(booking.id): "没有请假"}})
        held = await client.post(
            f"{path}/hold", json={"no_shows": [str(booking.id)], "reasons": {str(booking.id): "没有请假"}}
        )
        closed = await client.post(f"{path}/close")
        late = await client.put(f"{path}/headcount", json=count)
        corrected = await client.post(
            f"{path}/corrections", json={"field": "total", "on": "2015-09-24", "value": 99, "reason": "漏数"}
        )
        no_reason = await client.post(f"{path}/corrections", json={"field": "total", "on": "2015-09-24", "value": 99})

    assert problem(early) == (409, "/problems/not-started")
    assert [one["field"] for one in wrong.json()["errors"]] == ["breakdown.children"]
    assert recorded.status_code == 200
    assert (recorded.json()["total"], recorded.json()["workers"], recorded.json()["breakdown"]) == (
        96,
        None,
        {"migrant": 30},
    )
    assert (held.json()["state"], closed.json()["state"]) == ("held", "closed")
    assert problem(late) == (409, "/problems/wrong-state")
    assert (corrected.status_code, corrected.json()["old_value"], corrected.json()["new_value"]) == (201, 96, 99)
    assert no_reason.status_code == 422
    assert [one["field"] for one in unknown.json()["errors"]] == [f"reasons.{booking.id}"]
    kept = await db.row("SELECT state, reason FROM bookings_booking WHERE id = $1", booking.id)
    assert tuple(kept or ()) == ("no_show", "没有请假")


async def test_bodies_that_may_be_left_out_name_their_bad_fields_too(app: Litestar, database: None) -> None:
    world = await World().build(approval_needed=True)
    booking = await make_booking(world.session, world.union, state="pending")

    async with client_of(app, world.organiser) as client:
        answers = [
            await client.post(f"/api/v1/bookings/{booking.id}/decline", json={"reason": "x" * 300}),
            await client.post(f"/api/v1/bookings/{booking.id}/cancel", json={"why": "x"}),
            await client.post(f"/api/v1/sessions/{world.session.id}/cancel", json={"by": "nobody"}),
            await client.post(f"/api/v1/sessions/{world.session.id}/hold", json={"no_shows": ["7"]}),
        ]

    assert [[one["field"] for one in answer.json()["errors"]] for answer in answers] == [
        ["reason"],
        ["why"],
        ["by"],
        ["no_shows.0"],
    ]


async def test_a_past_session_comes_in_by_json(app: Litestar, database: None, now: datetime) -> None:
    world = await World().build()
    given = {
        "event_id": str(world.event.id), "starts_at": "2015-08-03T14:00:00+08:00", "address": "古城墙下",
        "headcounts": [{"on": "2015-08-03", "total": 88}],
    }  # fmt: skip

    async with client_of(app, world.organiser) as client, client_of(app, world.contact) as contact:
        made = await client.post("/api/v1/sessions/past", json=given)
        bad = await client.post("/api/v1/sessions/past", json={**given, "starts_at": "1900-08-03T14:00:00+08:00"})
        not_mine = await contact.post("/api/v1/sessions/past", json=given)

    assert (made.status_code, made.json()["state"]) == (201, "held")
    assert "starts_at" in [one["field"] for one in bad.json()["errors"]]
    assert not_mine.status_code == 403
