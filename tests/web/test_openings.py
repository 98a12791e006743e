"""Openings and limits by JSON and by the desk's pages."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from litestar import Litestar

from outreach.accounts.tables import Organisation
from outreach.events.domain.openings import Quota
from outreach.events.openings import opening_by_id, things_of
from outreach.events.tables import Event, Opening, Session
from outreach.programmes.tables import Programme, ProgrammeYear
from outreach.shared.actors import Role
from tests.factories.accounts import browser_of, client_of, make_actor, make_organisation
from tests.factories.bookings import make_booking
from tests.factories.events import make_event, make_session
from tests.factories.openings import make_opening
from tests.factories.programmes import make_programme, make_year
from tests.support.pages import form_token, post_form
from tests.support.queries import counted

pytestmark = pytest.mark.usefixtures("database")


class World:
    """A city with a programme, a session and a menu item, and one of its unions."""

    city: Organisation
    union: Organisation
    programme: Programme
    event: Event
    session: Session


@pytest.fixture
async def world(database: None) -> World:
    made = World()
    made.city = await make_organisation(name="苏州市总工会")
    made.union = await make_organisation(parent=made.city, district="吴中区")
    made.programme = await make_programme(made.city, name="送文化进基层", short_name="送文化")
    made.event = await make_event(made.programme)
    made.session = await make_session(made.event)
    return made


def body(world: World, **given: Any) -> dict[str, Any]:
    return {
        "programme_id": str(world.programme.id),
        "name": "第一批",
        "opens_at": "2015-09-15T09:00:00+08:00",
        "session_ids": [str(world.session.id)],
        **given,
    }


def fields(answer: Any) -> list[str]:
    assert answer.status_code == 422, answer.text
    return [one["field"] for one in answer.json()["errors"]]


async def test_an_opening_is_made_read_changed_and_taken_back(app: Litestar, world: World) -> None:
    """The whole life by JSON, with ETag and If-Match."""
    async with client_of(app, await make_actor(Role.ORGANISER, world.city)) as client:
        quotas = [{"district": "吴中区", "places": 2}, {"district": "", "places": 1}]
        made = await client.post(
            "/api/v1/openings",
            json=body(world, places=6, quotas=quotas, max_per_organisation=2, event_ids=[str(world.event.id)]),
        )
        path = made.headers["location"]
        assert (made.status_code, made.headers["etag"], path) == (201, '"1"', f"/api/v1/openings/{made.json()['id']}")
        await make_booking(world.session, world.union, opening=UUID(made.json()["id"]))

        read = await client.get(path)
        assert read.json() == {
            "id": made.json()["id"],
            "programme_id": str(world.programme.id),
            "programme_name": "送文化进基层",
            "name": "第一批",
            "state": "open",
            "opens_at": "2015-09-15T09:00:00+08:00",
            "closes_at": None,
            "for_whom": "all",
            "districts": [],
            "unserved_years": None,
            "max_per_organisation": 2,
            "places": 6,
            "taken": 1,
            "quotas": [{"district": "", "places": 1, "taken": 0}, {"district": "吴中区", "places": 2, "taken": 1}],
            "session_ids": [str(world.session.id)],
            "event_ids": [str(world.event.id)],
            "revision": 1,
        }
        changed = await client.patch(
            path, json={"name": "第一批（改）", "quotas": [], "places": None}, headers={"If-Match": '"1"'}
        )
        assert (changed.status_code, changed.json()["name"], changed.json()["quotas"]) == (200, "第一批（改）", [])
        assert changed.json()["session_ids"] == [str(world.session.id)]
        stale = await client.patch(path, json={"places": 3}, headers={"If-Match": '"1"'})
        assert (stale.status_code, stale.json()["type"]) == (412, "/problems/stale")
        used = await client.delete(path)
        assert (used.status_code, used.json()["type"]) == (409, "/problems/opening-in-use")

        other = (await client.post("/api/v1/openings", json=body(world, name="第二批"))).headers["location"]
        assert (await client.delete(other, headers={"If-Match": '"9"'})).status_code == 412
        assert (await client.delete(other)).status_code == 204
        assert (await client.get(other)).status_code == 404


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"name": ""}, ["name"]),
        ({"name": "第一\u202e批"}, ["name"]),
        ({"opens_at": "2015-09-15T09:00:00"}, ["opens_at"]),
        ({"closes_at": "2015-09-15T09:00:00+08:00"}, ["closes_at"]),
        ({"for_whom": "friends"}, ["for_whom"]),
        ({"for_whom": "districts"}, ["districts"]),
        ({"for_whom": "unserved"}, ["unserved_years"]),
        ({"for_whom": "unserved", "unserved_years": 11}, ["unserved_years"]),
        ({"max_per_organisation": 0}, ["max_per_organisation"]),
        ({"places": 2_000_000_001}, ["places"]),
        ({"places": 1, "quotas": [{"district": "吴中区", "places": 2}]}, ["quotas"]),
        ({"quotas": [{"district": "吴中区", "places": 0}]}, ["quotas.0.places"]),
        ({"session_ids": []}, ["session_ids"]),
        ({"session_ids": ["018f0000-0000-7000-8000-000000000000"]}, ["session_ids"]),
        ({"event_ids": ["x"]}, ["event_ids.0"]),
        ({"programme_id": "018f0000-0000-7000-8000-000000000000"}, ["programme_id"]),
        ({"waves": 2}, ["waves"]),
    ],
)
async def test_bad_openings_are_refused_by_field(
    app: Litestar, world: World, change: dict[str, Any], named: list[str]
) -> None:
    """Nothing is stored of them."""
    async with client_of(app, await make_actor(Role.ORGANISER, world.city)) as client:
        assert fields(await client.post("/api/v1/openings", json=body(world, **change))) == named
    assert await Opening.count() == 0


async def test_who_reads_and_writes(app: Litestar, world: World) -> None:
    """A contact below reads and may not write; another federation's organiser finds nothing; a stranger logs in."""
    opening = await make_opening(world.programme, sessions=(world.session,))
    path = f"/api/v1/openings/{opening.id}"
    async with client_of(app, await make_actor(Role.CONTACT, world.union)) as client:
        assert (await client.get(path)).json()["name"] == "第一批"
        assert [one["id"] for one in (await client.get("/api/v1/openings")).json()["items"]] == [str(opening.id)]
        for answer in (
            await client.post("/api/v1/openings", json=body(world)),
            await client.patch(path, json={"name": "x"}),
            await client.delete(path),
        ):
            assert answer.status_code == 403
    async with client_of(app, await make_actor(Role.ORGANISER, await make_organisation())) as client:
        assert (await client.get("/api/v1/openings")).json() == {"items": [], "next": None, "total": 0}
        for answer in (await client.get(path), await client.patch(path, json={"name": "x"}), await client.delete(path)):
            assert answer.status_code == 404
        assert (await client.get("/api/v1/openings/x")).status_code == 404
    async with client_of(app, None) as client:
        assert (await client.get("/api/v1/openings")).status_code == 401


async def test_limits_by_json(app: Litestar, world: World) -> None:
    """Of the programme, and of its organisation's year; null takes one away."""
    path = f"/api/v1/programmes/{world.programme.id}/limits"
    async with client_of(app, await make_actor(Role.ORGANISER, world.city)) as client:
        empty = await client.get(path)
        assert (empty.json(), empty.headers["etag"]) == ({"per_programme": None, "per_year": None}, '"1"')
        put = await client.put(path, json={"per_programme": 2, "per_year": 6}, headers={"If-Match": '"1"'})
        assert (put.status_code, put.json(), put.headers["etag"]) == (200, {"per_programme": 2, "per_year": 6}, '"2"')
        assert (
            await client.put(path, json={"per_programme": 3, "per_year": 6}, headers={"If-Match": '"1"'})
        ).status_code == 412
        for bad, field in (
            ({"per_programme": 0, "per_year": None}, "per_programme"),
            ({"per_programme": 1}, "per_year"),
            ({"per_programme": 1, "per_year": 2.5}, "per_year"),
        ):
            assert fields(await client.put(path, json=bad)) == [field]
        other = await make_programme(world.city)
        assert (await client.get(f"/api/v1/programmes/{other.id}/limits")).json() == {
            "per_programme": None,
            "per_year": 6,
        }
        await client.put(path, json={"per_programme": 2, "per_year": None})
    year = await ProgrammeYear.objects().first()
    assert year is not None
    assert year.max_per_organisation is None
    async with client_of(app, await make_actor(Role.CONTACT, world.union)) as client:
        assert (await client.get(path)).json() == {"per_programme": 2, "per_year": None}
        assert (await client.put(path, json={"per_programme": 9, "per_year": 9})).status_code == 403
    async with client_of(app, await make_actor(Role.ORGANISER, await make_organisation())) as client:
        assert (await client.get(path)).status_code == 404
        assert (await client.put(path, json={"per_programme": 9, "per_year": 9})).status_code == 404


async def test_a_closed_year_keeps_its_limits(app: Litestar, world: World) -> None:
    """As every other change of a programme."""
    await make_year(world.city, state="closed")
    async with client_of(app, await make_actor(Role.ORGANISER, world.city)) as client:
        answer = await client.put(
            f"/api/v1/programmes/{world.programme.id}/limits", json={"per_programme": 2, "per_year": 6}
        )
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/closed-year")


# --- pages ----------------------------------------------------------------------------


async def test_an_opening_by_its_form(app: Litestar, world: World) -> None:
    """Programme first, then the form; what was typed stays when something is wrong; then it is stored whole."""
    async with browser_of(app, await make_actor(Role.ORGANISER, world.city)) as browser:
        chosen = await browser.get("/desk/openings/new")
        page = f"/desk/openings/new?programme={world.programme.id}"
        assert page in chosen.text
        form: dict[str, object] = {
            "name": "第一批",
            "opens_at": "2015-09-20T09:00",
            "closes_at": "2015-09-19T09:00",
            "for_whom": "districts",
            "districts": ["吴中区", "-"],
            "max_per_organisation": "2",
            "places": "10",
            "quota:吴中区": "三",
            "quota:-": "2",
            "session_ids": [str(world.session.id)],
            "event_ids": [str(world.event.id)],
        }
        refused = await post_form(browser, page, form)
        assert refused.status_code == 422
        assert f"2015年{world.programme.short_name or world.programme.name}。到了开放的那一秒" in refused.text
        assert 'href="#quota:吴中区"' in refused.text
        assert 'value="三"' in refused.text
        wrong = await post_form(browser, page, {**form, "quota:吴中区": "9"})
        assert wrong.status_code == 422
        assert "预约截止要晚于开放预约。" in wrong.text
        assert "各区保留的合计11个，超过了总名额10个。" in wrong.text
        assert f'value="{world.session.id}" checked' in wrong.text
        assert 'value="districts" checked' in wrong.text
        assert await Opening.count() == 0

        made = await post_form(browser, page, {**form, "closes_at": "", "quota:吴中区": "3"})
        assert (made.status_code, made.headers["location"]) == (303, "/desk/openings")
        [stored] = await Opening.select(Opening.id)
        row = await opening_by_id(stored["id"])
        assert (row.for_whom, row.districts) == ("districts", ("吴中区", ""))
        assert row.quotas == (Quota("", 2), Quota("吴中区", 3))
        assert (row.opens_at.isoformat(), row.places) == ("2015-09-20T01:00:00+00:00", 10)
        assert await things_of([row.id]) == {row.id: ((world.session.id,), (world.event.id,))}

        listed = await browser.get("/desk/openings")
        assert "“第一批”9月20日09:00开放。" in listed.text
        assert "未开放" in listed.text
        edit = f"/desk/openings/{row.id}/edit"
        shown = await browser.get(edit)
        assert 'value="2015-09-20T09:00"' in shown.text
        saved = await post_form(
            browser, edit, {"name": "第一批", "opens_at": "2015-09-14T09:00", "for_whom": "all",
                            "event_ids": str(world.event.id), "revision": "1"},
        )  # fmt: skip
        assert saved.status_code == 303
        row = await opening_by_id(row.id)
        assert (row.districts, row.quotas, row.places, row.revision) == ((), (), None, 2)
        stale = await post_form(
            browser,
            edit,
            {"name": "甲", "opens_at": "2015-09-14T09:00", "event_ids": str(world.event.id), "revision": "1"},
        )
        assert stale.status_code == 412
        assert 'value="甲"' in stale.text
        assert 'name="revision" value="2"' in stale.text


async def test_the_list_shows_what_is_taken(app: Litestar, world: World, now: Any) -> None:
    """By district in words and bars; the state of each wave; a constant number of statements."""
    first = await make_opening(world.programme, sessions=(world.session,), places=6, quotas={"吴中区": 2})
    for district in ("吴中区", "吴中区", "吴中区", "虎丘区", ""):
        unit = await make_organisation(parent=world.city, district=district)
        await make_booking(world.session, unit, seats=1, opening=first.id)
    over = now - timedelta(days=1)
    await make_opening(world.programme, sessions=(world.session,), name="去年那批", closes_at=over)
    foreign = await make_programme(await make_organisation())
    await make_opening(foreign, events=(await make_event(foreign),), name="别市的")

    async with browser_of(app, await make_actor(Role.ORGANISER, world.city)) as browser:
        await browser.get("/desk/openings")
        with counted() as sent:
            listed = await browser.get("/desk/openings")
    queries = [one for one in sent if "events_opening" in one]

    assert "1批正在开放，已约出5个名额。" in listed.text
    assert "按地区：吴中区3、市直属1、虎丘区1" in listed.text
    assert "吴中区：已约2个，共2个" in listed.text
    assert "各区共用：已约3个，共4个" in listed.text
    assert "已截止" in listed.text
    assert "别市的" not in listed.text
    assert len(queries) == 4  # the count, the page, what each opens, how many places are taken


async def test_an_opening_in_use_stays(app: Litestar, world: World) -> None:
    """The page says why; an unused one goes."""
    used = await make_opening(world.programme, sessions=(world.session,))
    fresh = await make_opening(world.programme, sessions=(world.session,), name="第二批")
    await make_booking(world.session, world.union, opening=used.id)

    async with browser_of(app, await make_actor(Role.ORGANISER, world.city)) as browser:
        page = f"/desk/openings/{used.id}/edit"
        kept = await post_form(browser, f"/desk/openings/{used.id}/delete", {}, page=page)
        assert kept.status_code == 409
        assert "已经有单位从这里预约" in kept.text
        gone = await post_form(browser, f"/desk/openings/{fresh.id}/delete", {}, page=page)
        assert gone.status_code == 303
    assert [one["id"] for one in await Opening.select(Opening.id)] == [used.id]


async def test_pages_of_others(app: Litestar, world: World) -> None:
    """A contact has no desk; an organiser below may not write; another federation's finds nothing."""
    opening = await make_opening(world.programme, sessions=(world.session,))
    edit, new = f"/desk/openings/{opening.id}/edit", f"/desk/openings/new?programme={world.programme.id}"
    async with browser_of(app, await make_actor(Role.CONTACT, world.union)) as browser:
        assert (await browser.get("/desk/openings")).status_code == 403
    async with browser_of(app, await make_actor(Role.ORGANISER, world.union)) as browser:
        assert [(await browser.get(path)).status_code for path in (edit, new)] == [403, 403]
        assert "还没有开放预约" in (await browser.get("/desk/openings")).text
    async with browser_of(app, await make_actor(Role.ORGANISER, await make_organisation())) as browser:
        own = await browser.get("/desk/openings/new")
        token = {"_csrf_token": form_token((await browser.get("/account")).text)}
        assert str(world.programme.id) not in own.text
        assert [(await browser.get(path)).status_code for path in (edit, new)] == [404, 404]
        for path in (edit, new, f"/desk/openings/{opening.id}/delete"):
            assert (await browser.post(path, data=token)).status_code == 404
    assert (await opening_by_id(opening.id)).revision == 1


async def test_limits_and_hours_by_the_programmes_form(app: Litestar, world: World) -> None:
    """Limits, deadlines and steps; empty hours are the usual ones; a limit of nought is refused with what was typed."""
    edit = f"/desk/programmes/{world.programme.id}/edit"
    form: dict[str, object] = {
        "name": "送文化",
        "code": world.programme.code,
        "kinds": "讲座、演出",
        "scheduled": "on",
        "max_per_organisation": "2",
        "cancel_hours": "48",
        "two_step_orders": "on",
        "offer_hours": "12",
        "answer_hours": "",
        "revision": "1",
    }
    async with browser_of(app, await make_actor(Role.ORGANISER, world.city)) as browser:
        bad = await post_form(browser, edit, {**form, "max_per_organisation": "0", "offer_hours": "721"})
        assert bad.status_code == 422
        assert "有2处要改" in bad.text
        assert 'value="721"' in bad.text
        saved = await post_form(browser, edit, form)
        assert saved.status_code == 303
        stored = await Programme.objects().get(Programme.id == world.programme.id)
        assert stored is not None
        assert (stored.max_per_organisation, stored.cancel_hours, stored.two_step_orders) == (2, 48, True)
        assert (stored.offer_hours, stored.answer_hours) == (12, 72)
        assert 'value="48"' in (await browser.get(edit)).text
        year = "/desk/programmes/years/2015"
        refused = await post_form(browser, year, {"title": "2015年", "max_per_organisation": "-1"})
        assert refused.status_code == 422
        await post_form(browser, year, {"title": "2015年", "max_per_organisation": "6"})
        assert "6次" in (await browser.get("/desk/programmes?year=2015")).text


async def test_limits_and_hours_by_json(app: Litestar, world: World) -> None:
    """Fields of the programme like its others."""
    path = f"/api/v1/programmes/{world.programme.id}"
    async with client_of(app, await make_actor(Role.ORGANISER, world.city)) as client:
        changed = await client.patch(
            path, json={"max_per_organisation": 3, "cancel_hours": 0, "two_step_orders": True, "offer_hours": 6}
        )
        names = ("max_per_organisation", "cancel_hours", "two_step_orders", "offer_hours", "answer_hours")
        assert [changed.json()[name] for name in names] == [3, 0, True, 6, 72]
        cleared = await client.patch(path, json={"max_per_organisation": None, "cancel_hours": None})
        assert [cleared.json()[name] for name in names] == [None, None, True, 6, 72]
        bad = {"cancel_hours": 2161, "answer_hours": 0, "offer_hours": None}
        assert sorted(fields(await client.patch(path, json=bad))) == sorted(bad)
