"""JSON of the menu, providers, venues and sessions."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from litestar import Litestar

from outreach.accounts.tables import Organisation
from outreach.events.tables import Event, Session
from outreach.programmes.tables import Programme
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from tests.factories.accounts import client_of, make_actor, make_organisation
from tests.factories.events import make_event, make_provider, make_session, make_venue
from tests.factories.programmes import make_programme


@dataclass
class Town:
    """A federation with a district union, an enterprise union, and the people who act for them."""

    federation: Organisation
    district: Organisation
    union: Organisation
    programme: Programme
    event: Event
    organiser: Actor
    district_organiser: Actor
    contact: Actor
    desk: httpx.AsyncClient


@pytest.fixture
async def town(app: Litestar, database: None) -> AsyncIterator[Town]:
    federation = await make_organisation()
    district = await make_organisation(parent=federation, kind="joint_union")
    union = await make_organisation(parent=district)
    programme = await make_programme(federation)
    organiser = await make_actor(Role.ORGANISER, federation)
    async with client_of(app, organiser) as desk:
        yield Town(
            federation,
            district,
            union,
            programme,
            await make_event(programme),
            organiser,
            await make_actor(Role.ORGANISER, district),
            await make_actor(Role.CONTACT, union),
            desk,
        )


def draft(town: Town, **given: Any) -> dict[str, Any]:
    return {"event_id": str(town.event.id), "starts_at": "2015-09-24T14:00:00+08:00", "address": "人民路1号", **given}


def bad_fields(response: httpx.Response) -> list[str]:
    assert response.status_code == 422, response.text
    assert response.headers["content-type"] == "application/problem+json"
    return sorted(error["field"] for error in response.json()["errors"])


async def test_an_event_is_added_read_by_anyone_and_changed_by_its_keeper(
    town: Town, client: httpx.AsyncClient
) -> None:
    lecturer = await make_provider(town.federation, name="甲老师")
    body = {
        "programme_id": str(town.programme.id),
        "title": "女职工权益",
        "kind": "讲座",
        "duration_minutes": 120,
        "providers": [str(lecturer.id)],
    }
    added = await town.desk.post("/api/v1/events", json=body)
    path = f"/api/v1/events/{added.json()['id']}"
    read = await client.get(path)
    changed = await town.desk.patch(path, json={"title": "权益新讲"}, headers={"If-Match": read.headers["etag"]})
    stale = await town.desk.patch(path, json={"title": "再改"}, headers={"If-Match": read.headers["etag"]})

    assert added.status_code == 201
    assert (read.json()["title"], read.json()["provider_names"], read.json()["active"]) == (
        "女职工权益",
        ["甲老师"],
        True,
    )
    assert (changed.status_code, changed.json()["title"], changed.json()["duration_minutes"]) == (200, "权益新讲", 120)
    assert stale.status_code == 412


async def test_an_event_names_every_bad_field(town: Town) -> None:
    foreign = await make_provider(await make_organisation())
    body = {
        "programme_id": str(town.programme.id),
        "title": "题目",
        "kind": "马戏",
        "duration_minutes": 60,
        "min_audience": 50,
        "max_audience": 20,
        "providers": [str(foreign.id)],
    }
    assert bad_fields(await town.desk.post("/api/v1/events", json=body)) == ["kind", "max_audience", "providers"]
    assert bad_fields(await town.desk.post("/api/v1/events", json={"title": "a\x07b", "duration_minutes": 0})) == [
        "duration_minutes",
        "kind",
        "programme_id",
        "title",
    ]


async def test_only_organisers_of_the_programme_change_the_menu(app: Litestar, town: Town) -> None:
    async with client_of(app, town.contact) as contact, client_of(app, town.district_organiser) as district:
        path = f"/api/v1/events/{town.event.id}"
        assert (await contact.patch(path, json={"title": "x"})).status_code == 403
        assert (await district.patch(path, json={"title": "x"})).status_code == 403
    hidden = await make_event(town.programme, active=False)
    async with client_of(app, town.contact) as contact:
        assert (await contact.get(f"/api/v1/events/{hidden.id}")).status_code == 404
        assert (await contact.patch(f"/api/v1/events/{hidden.id}", json={"title": "x"})).status_code == 404
        listed = (await contact.get("/api/v1/events")).json()
    assert [one["id"] for one in listed["items"]] == [str(town.event.id)]


async def test_providers_and_venues_belong_to_their_keepers(app: Litestar, town: Town) -> None:
    troupe = await town.desk.post(
        "/api/v1/providers",
        json={
            "kind": "troupe",
            "name": "职工艺术团",
            "parallel_teams": 2,
            "phone": "138 0000 0000",
            "topics": ["戏曲"],
        },
    )
    place = await town.desk.post(
        "/api/v1/venues", json={"name": "工人文化宫", "district": "姑苏区", "capacity": 300, "rooms": 3}
    )
    assert (troupe.status_code, troupe.json()["phone"], troupe.json()["organisation_id"]) == (
        201,
        "13800000000",
        str(town.federation.id),
    )
    assert (place.status_code, place.json()["rooms"]) == (201, 3)
    for path in (f"/api/v1/providers/{troupe.json()['id']}", f"/api/v1/venues/{place.json()['id']}"):
        assert (await town.desk.get(path)).status_code == 200
        assert (await town.desk.patch(path, json={"name": "新名字"})).json()["name"] == "新名字"
        assert bad_fields(await town.desk.patch(path, json={"name": ""})) == ["name"]
        async with client_of(app, town.district_organiser) as district, client_of(app, town.contact) as contact:
            assert (await district.get(path)).status_code == 404
            assert (await district.patch(path, json={"name": "x"})).status_code == 404
            assert (await contact.get(path)).status_code == 403
    async with client_of(app, town.district_organiser) as district:
        assert (await district.get("/api/v1/venues")).json() == {"items": [], "next": None, "total": 0}


async def test_a_draft_takes_its_defaults_from_event_venue_and_programme(town: Town) -> None:
    await Programme.update({Programme.approval_needed: True}).where(Programme.id == town.programme.id)
    venue = await make_venue(town.federation, capacity=180, setup_minutes=30, takedown_minutes=20)
    made = await town.desk.post("/api/v1/sessions", json=draft(town, venue_id=str(venue.id), address=""))

    assert made.status_code == 201
    session = made.json()
    assert {name: session[name] for name in (
        "title", "kind", "starts_at", "ends_at", "capacity", "seats_left", "seats_taken", "visibility", "state",
        "approval_needed", "district", "venue_name", "setup_minutes", "takedown_minutes", "revision", "unrecorded",
    )} == {
        "title": "倒班职工的睡眠与情绪", "kind": "讲座", "starts_at": "2015-09-24T14:00:00+08:00",
        "ends_at": "2015-09-24T15:30:00+08:00", "capacity": 180, "seats_left": 180, "seats_taken": 0,
        "visibility": "public", "state": "draft", "approval_needed": True, "district": "吴中区",
        "venue_name": venue.name,
        "setup_minutes": 30, "takedown_minutes": 20, "revision": 1, "unrecorded": False,
    }  # fmt: skip
    open_air = await town.desk.post("/api/v1/sessions", json=draft(town, venue_id=str(venue.id), capacity=None))
    assert (open_air.json()["capacity"], open_air.json()["seats_left"]) == (None, None)


@pytest.mark.parametrize("seats", [0, -1, 10**9, "many", 1.5])
async def test_impossible_seats_name_capacity(town: Town, seats: object) -> None:
    assert bad_fields(await town.desk.post("/api/v1/sessions", json=draft(town, capacity=seats))) == ["capacity"]
    assert await db.value("SELECT count(*) FROM events_session") == 0


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"ends_at": "2015-09-24T13:00:00+08:00"}, ["ends_at"]),
        ({"ends_at": "2015-12-24T13:00:00+08:00"}, ["ends_at"]),
        ({"starts_at": "1900-01-01T00:00:00+08:00"}, ["starts_at"]),
        ({"starts_at": "9999-12-31T23:59:59+08:00"}, ["starts_at"]),
        ({"starts_at": "0001-01-01T00:00:00+08:00"}, ["starts_at"]),
        ({"starts_at": "2015-09-24T14:00:00"}, ["starts_at"]),
        ({"starts_at": "tomorrow"}, ["starts_at"]),
        ({"title": "字" * 100_000}, ["title"]),
        ({"title": "开\x00头"}, ["title"]),
        ({"title": "翻\u202e转"}, ["title"]),
        ({"note": "字" * 100_000}, ["note"]),
        ({"colour": "red"}, ["colour"]),
        ({"event_id": "7"}, ["event_id"]),
        ({"visibility": "secret"}, ["visibility"]),
        ({"kind": "马戏"}, ["kind"]),
        ({"booking_opens_at": "2015-09-25T00:00:00+08:00"}, ["booking_opens_at"]),
        ({"booking_closes_at": "2015-09-25T00:00:00+08:00"}, ["booking_closes_at"]),
        (
            {"title": "", "capacity": 0, "ends_at": "x", "provider_ids": "all"},
            ["capacity", "ends_at", "provider_ids", "title"],
        ),
    ],
)  # fmt: skip
async def test_a_bad_draft_names_every_bad_field_and_stores_nothing(
    town: Town, given: dict[str, Any], fields: list[str]
) -> None:
    assert bad_fields(await town.desk.post("/api/v1/sessions", json=draft(town, **given))) == fields
    assert await db.value("SELECT count(*) FROM events_session") == 0


async def test_broken_and_wrong_bodies_are_refused(town: Town) -> None:
    broken = await town.desk.post("/api/v1/sessions", content=b"{", headers={"Content-Type": "application/json"})
    wrong = await town.desk.post("/api/v1/sessions", content=b"a=1", headers={"Content-Type": "text/plain"})
    assert broken.status_code in (400, 422)
    assert wrong.status_code in (400, 415, 422)


async def test_things_of_others_are_not_found_in_fields(town: Town, app: Litestar) -> None:
    other = await make_organisation()
    given = draft(
        town,
        provider_ids=[str((await make_provider(other)).id)],
        venue_id=str((await make_venue(other)).id),
        host_id=str(other.id),
        organisation_id=str(other.id),
    )
    assert bad_fields(await town.desk.post("/api/v1/sessions", json=given)) == [
        "host_id",
        "organisation_id",
        "provider_ids",
        "venue_id",
    ]
    async with client_of(app, await make_actor(Role.ORGANISER, other)) as stranger:
        assert bad_fields(await stranger.post("/api/v1/sessions", json=draft(town))) == ["event_id"]
    async with client_of(app, town.contact) as contact:
        assert (await contact.post("/api/v1/sessions", json=draft(town))).status_code == 403


async def test_a_district_makes_sessions_of_its_own_from_the_federations_menu(town: Town, app: Litestar) -> None:
    async with client_of(app, town.district_organiser) as district:
        made = await district.post("/api/v1/sessions", json=draft(town))
        assert (made.status_code, made.json()["organisation_id"]) == (201, str(town.district.id))


async def test_an_emoji_title_is_kept_as_it_is(town: Town) -> None:
    made = await town.desk.post("/api/v1/sessions", json=draft(town, title="健步走🚶‍♀️"))
    assert (made.status_code, made.json()["title"]) == (201, "健步走🚶‍♀️")


async def test_publishing_shows_the_session_and_a_second_time_is_refused(town: Town, client: httpx.AsyncClient) -> None:
    made = (await town.desk.post("/api/v1/sessions", json=draft(town))).json()
    path = f"/api/v1/sessions/{made['id']}"
    assert (await client.get(path)).status_code == 404
    published = await town.desk.post(f"{path}/publish")
    again = await town.desk.post(f"{path}/publish")

    assert (published.status_code, published.json()["state"], published.json()["revision"]) == (200, "published", 2)
    assert (await client.get(path)).json()["open"] is True
    assert (again.status_code, again.json()["type"]) == (409, "/problems/wrong-state")


async def test_publishing_asks_for_a_start_to_come_and_a_place(town: Town) -> None:
    past = await town.desk.post("/api/v1/sessions", json=draft(town, starts_at="2015-09-14T14:00:00+08:00", address=""))
    claimable = await town.desk.post("/api/v1/sessions", json=draft(town, address="", claimable=True))

    refused = await town.desk.post(f"/api/v1/sessions/{past.json()['id']}/publish")
    assert bad_fields(refused) == ["address", "starts_at"]
    assert (await town.desk.post(f"/api/v1/sessions/{claimable.json()['id']}/publish")).status_code == 200


async def test_a_clash_names_the_resource_and_the_sessions_that_the_caller_may_see(town: Town) -> None:
    lecturer = await make_provider(town.federation, name="甲老师")
    taken = await make_session(town.event, providers=(lecturer,), occupying=True)
    made = (await town.desk.post("/api/v1/sessions", json=draft(town, provider_ids=[str(lecturer.id)]))).json()
    refused = await town.desk.post(f"/api/v1/sessions/{made['id']}/publish")

    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/clash")
    assert (refused.json()["resources"], refused.json()["sessions"]) == (["甲老师"], [str(taken.id)])
    assert (await town.desk.get(f"/api/v1/sessions/{made['id']}")).json()["state"] == "draft"


async def test_the_list_filters_and_turns_pages(town: Town, client: httpx.AsyncClient) -> None:
    made = [
        await make_session(town.event, starts_at=at, ends_at=at.replace(hour=16), district=district, title=title)
        for at, district, title in (
            (town_time(24), "姑苏区", "评弹专场"),
            (town_time(25), "吴中区", "亲子沟通"),
            (town_time(26), "吴中区", "50%折扣_讲座"),
        )
    ]
    await Session.update({Session.seats_taken: 120}).where(Session.id == made[0].id)

    async def titles(query: str) -> list[str]:
        answer = await client.get(f"/api/v1/sessions?{query}")
        assert answer.status_code == 200, answer.text
        assert answer.json()["total"] == len(answer.json()["items"])
        return [one["title"] for one in answer.json()["items"]]

    assert await titles("") == ["评弹专场", "亲子沟通", "50%折扣_讲座"]
    assert await titles("from=2015-09-25") == ["亲子沟通", "50%折扣_讲座"]
    assert await titles("to=2015-09-24") == ["评弹专场"]
    assert await titles("from=2015-09-25T14:00:01%2B08:00&to=2015-09-26") == ["50%折扣_讲座"]
    assert await titles(f"programme={town.programme.code}&district=吴中区&q=亲子") == ["亲子沟通"]
    assert await titles(f"programme={town.programme.id}&kind=讲座&state=published") == [
        "评弹专场",
        "亲子沟通",
        "50%折扣_讲座",
    ]
    assert await titles("open=true") == ["亲子沟通", "50%折扣_讲座"]
    assert await titles("q=50%25") == ["50%折扣_讲座"]
    assert await titles("q=0_折") == []

    first = (await client.get("/api/v1/sessions?limit=2")).json()
    second = (await client.get(f"/api/v1/sessions?limit=2&after={first['next']}")).json()
    assert [one["title"] for one in first["items"] + second["items"]] == ["评弹专场", "亲子沟通", "50%折扣_讲座"]
    assert (first["total"], second["total"], second["next"]) == (3, 3, None)


@pytest.mark.parametrize(
    "query", ["from=yesterday", "to=2015-13-01", "from=1900-01-01", "after=zzz", "limit=0", "state=new"]
)
async def test_a_bad_filter_is_refused(client: httpx.AsyncClient, query: str) -> None:
    assert bad_fields(await client.get(f"/api/v1/sessions?{query}")) == [query.split("=", maxsplit=1)[0]]


@pytest.mark.parametrize("path", ["events", "providers", "venues", "sessions"])
async def test_ids_that_are_none_are_not_found(town: Town, path: str) -> None:
    for id_ in ("nonsense", "0190a0a0-0000-7000-8000-000000000000"):
        assert (await town.desk.get(f"/api/v1/{path}/{id_}")).status_code == 404


def town_time(day: int) -> Any:
    from outreach.shared.time import ZONE
    from tests.factories.events import STARTS_AT

    return STARTS_AT.replace(day=day, tzinfo=ZONE)
