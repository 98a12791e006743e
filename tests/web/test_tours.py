"""Pages of tours: from an empty form to ten sessions, the itinerary for who travels, and nobody else."""

from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from litestar import Litestar

from outreach.shared import db
from outreach.shared.actors import Role
from outreach.tours import commands
from outreach.tours.queries import stops_of
from tests.conftest import NOW
from tests.db.test_tours import FIRST, World, planned
from tests.factories.accounts import browser_of, make_actor, make_grant, make_organisation, make_person
from tests.factories.events import make_session
from tests.support.pages import post_form

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
async def world(database: None) -> World:
    return await World().build()


def typed(world: World, **given: str) -> dict[str, object]:
    return {
        "name": "新春送春联",
        "event_id": str(world.event.id),
        "provider_id": str(world.provider.id),
        "first_on": FIRST.isoformat(),
        "last_on": (FIRST + timedelta(days=4)).isoformat(),
        "minutes": "60",
        "day_starts": "09:00",
        "day_ends": "17:00",
        "break_starts": "11:30",
        "break_ends": "13:00",
        "start_district": "姑苏区",
        **given,
    }


def path_of(answer: httpx.Response) -> str:
    assert answer.status_code == 303, answer.text[:2000]
    return str(answer.headers["location"])


async def test_from_an_empty_form_to_sessions(app: Litestar, world: World) -> None:
    async with browser_of(app, world.organiser) as browser:
        assert "还没有巡回" in (await browser.get("/desk/tours")).text
        path = path_of(await post_form(browser, "/desk/tours/new", typed(world)))
        assert "还没有选单位" in (await browser.get(path)).text
        names = "\n".join(f"{one.name}，{one.name}大门" for one in world.units)
        path_of(await post_form(browser, f"{path}/stops", {"hosts": names}, page=path))
        assert "还没有排顺序" in (await browser.get(path)).text
        path_of(await post_form(browser, f"{path}/propose", {}, page=path))
        shown = await browser.get(path)
        assert "10家" in shown.text
        assert "路上共" in shown.text
        check = await browser.get(f"{path}/make")
        assert check.status_code == 200
        reason: dict[str, object] = {"publish": "on", "override_reason": "年前都要去"}
        path_of(await post_form(browser, f"{path}/make", reason))
        assert "写确认函" in (await browser.get(path)).text
        assert "新春送春联" in (await browser.get("/desk/tours")).text

    assert await db.value("SELECT count(*) FROM events_session WHERE state = 'published'") == 10


async def test_the_itinerary_is_for_staff_and_for_who_travels(app: Litestar, world: World) -> None:
    tour_id = await planned(world, 3)
    await make_grant(await make_person(name="梁佩文", phone="13700000001"), Role.CONTACT, world.units[0])
    contact = await make_actor(Role.CONTACT, world.units[1])
    other = await make_actor(Role.ORGANISER, await make_organisation(name="外地总工会"))
    path = f"/tours/{tour_id}"
    for actor, expected in ((world.traveller, 404), (contact, 404), (other, 404), (None, 303), (world.organiser, 200)):
        async with browser_of(app, actor) as browser:
            answer = await browser.get(path)
        assert answer.status_code == expected
        assert ("13700000001" in answer.text) == (expected == 200)
    await commands.make_tour(world.organiser, NOW, tour_id=tour_id, override_reason="有理由")
    for actor, expected in ((world.traveller, 200), (contact, 404), (other, 404)):
        async with browser_of(app, actor) as browser:
            answer = await browser.get(path)
            desk = await browser.get(f"/desk{path}")
        assert answer.status_code == expected
        assert desk.status_code in (403, 404)
        assert ("13700000001" in answer.text) == (expected == 200)
    async with browser_of(app, world.traveller) as browser:
        text = (await browser.get(path)).text
    assert all(words in text for words in ("八张桌子", "第0厂工会大门", "路上约", "tel:13700000001"))


async def test_a_clash_is_shown_before_and_after(app: Litestar, world: World) -> None:
    tour_id = await planned(world, 2)
    stops = await stops_of(tour_id)
    await make_session(
        world.event, title="早就定的", providers=(world.provider,), occupying=True, starts_at=stops[0].starts_at
    )
    async with browser_of(app, world.organiser) as browser:
        before = await browser.get(f"/desk/tours/{tour_id}/make")
        answer = await post_form(browser, f"/desk/tours/{tour_id}/make", {"publish": "on", "override_reason": "有理由"})

    assert "早就定的" in before.text
    assert "1场和别的场次撞了" in before.text
    assert answer.status_code == 409
    assert "有理由" in answer.text
    assert await db.value("SELECT count(*) FROM events_session") == 1


async def test_what_was_typed_stays_when_something_is_wrong(app: Litestar, world: World) -> None:
    async with browser_of(app, world.organiser) as browser:
        answer = await post_form(browser, "/desk/tours/new", typed(world, day_starts="很早", last_on="2015-09-01"))
        assert answer.status_code == 422
        assert "新春送春联" in answer.text
        assert "很早" in answer.text
        path = path_of(await post_form(browser, "/desk/tours/new", typed(world)))
        answer = await post_form(browser, f"{path}/stops", {"hosts": "没有这家"}, page=path)
        assert answer.status_code == 422
        assert "没有找到：没有这家" in answer.text
        await post_form(browser, f"{path}/stops", {"hosts": world.units[0].name}, page=path)
        stop = (await stops_of(UUID(path.rsplit("/", 1)[-1])))[0]
        bad: dict[str, object] = {"earliest": "9:00", "latest": "9:30", "only_on": "2015-10-09", "address": "东门"}
        answer = await post_form(browser, f"{path}/stops/{stop.id}", bad)
        assert answer.status_code == 422
        assert "东门" in answer.text
        good: dict[str, object] = {
            "earliest": "9:00",
            "latest": "11:00",
            "only_on": "2015-09-23",
            "address": "东门",
            "district": "吴中区",
        }
        path_of(await post_form(browser, f"{path}/stops/{stop.id}", good))
        path_of(await post_form(browser, f"{path}/propose", {}, page=path))
        assert "9月23日" in (await browser.get(path)).text
        path_of(await post_form(browser, f"{path}/stops/{stop.id}/remove", {}, page=path))
        answer = await post_form(browser, f"{path}/cancel", {"reason": ""}, page=path)
        assert answer.status_code == 422
        path_of(await post_form(browser, f"{path}/cancel", {"reason": "不去了"}, page=path))
        assert "不去了" in (await browser.get(path)).text


async def test_a_made_tour_takes_no_more_units(app: Litestar, world: World) -> None:
    tour_id = await planned(world, 2)
    path = f"/desk/tours/{tour_id}"
    await commands.make_tour(world.organiser, NOW, tour_id=tour_id, override_reason="有理由")
    async with browser_of(app, world.organiser) as browser:
        answer = await post_form(browser, f"{path}/stops", {"hosts": world.units[5].name}, page=path)
        edit = await post_form(browser, f"{path}/edit", typed(world), page=path)

    assert (answer.status_code, edit.status_code) == (409, 409)
    assert "已经不能改了" in answer.text
