"""The list of a session's people as a page, by forms and as JSON, for those who keep it and those who do not."""

import logging
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar

from outreach.attendance.tables import Attendee, Tick
from outreach.events.tables import Session
from outreach.shared import db
from outreach.shared.actors import Role
from tests.factories.accounts import browser_of, client_of, make_actor, make_organisation
from tests.factories.bookings import BookingWorld, make_booking
from tests.factories.events import STARTS_AT
from tests.support.clock import FixedClock
from tests.support.pages import form_token, post_form
from tests.support.queries import counted

pytestmark = pytest.mark.usefixtures("database")

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def world(clock: FixedClock) -> BookingWorld:
    made = await BookingWorld().build()
    clock.moment = STARTS_AT
    return made


async def expect(world: BookingWorld, *names: str, **given: Any) -> list[Attendee]:
    made = [
        Attendee(
            **{
                "session": world.session.id, "on": STARTS_AT.date(), "name": name, "unit_name": world.union.name,
                "identity": uuid4().hex * 2, "expected": True, "created_at": STARTS_AT, "changed_at": STARTS_AT,
                **given,
            }
        )
        for name in names
    ]  # fmt: skip
    for first in range(0, len(made), 1000):
        await Attendee.insert(*made[first : first + 1000])
    return made


def path_of(world: BookingWorld, tail: str = "") -> str:
    return f"/sessions/{world.session.id}/list{tail}"


async def sent(client: httpx.AsyncClient, world: BookingWorld, *ticks: dict[str, Any], **given: Any) -> httpx.Response:
    body = {"on": "2015-09-24", "ticks": [{"key": str(uuid4()), "present": True, **one} for one in ticks], **given}
    return await client.post(f"/api/v1/sessions/{world.session.id}/ticks", json=body)


async def test_the_page_says_who_is_expected_and_how_many_are_there(app: Litestar, world: BookingWorld) -> None:
    await make_booking(world.session, world.union)
    (long, _second) = await expect(world, "阿" * 60, "顾梅", tail="5678", by_number=True)
    async with browser_of(app, world.organiser) as keeper:
        page = await keeper.get(path_of(world))
        found = await keeper.get(path_of(world, "?q=顾"))
        tail = await keeper.get(path_of(world, "?q=5678"))
        nobody = await keeper.get(path_of(world, "?q=没有的人"))
    assert page.status_code == 200
    for word in ('已到<b id="present">0</b>人', '<span id="expected">2</span>人', "阿" * 60, "尾号5678", "添加一位",
                 f'<option value="{world.union.name}">', f'value="{long.id}:1"', "noindex", "list.js"):  # fmt: skip
        assert word in page.text, word
    assert 'name="phone"' not in page.text
    assert page.headers["x-keep-seconds"] == str(58 * 3600)
    assert ("顾梅" in found.text, "阿阿" in found.text) == (True, False)
    assert ("顾梅" in tail.text, "阿阿" in tail.text) == (True, True)
    assert "名单上没有“没有的人”" in nobody.text


async def test_by_forms_alone_tick_undo_and_add(app: Litestar, world: BookingWorld, clock: FixedClock) -> None:
    (one,) = await expect(world, "苏婉")
    path = path_of(world)
    async with browser_of(app, world.organiser) as keeper:
        given: dict[str, object] = {"on": "2015-09-24", "tick": f"{one.id}:1"}
        done = await post_form(keeper, path + "/tick", given, page=path)
        assert (done.status_code, done.headers["location"]) == (303, f"{path}?on=2015-09-24#p-{one.id}")
        clock.moment += 5 * MINUTE
        twice = await post_form(keeper, path + "/tick", given, page=path)
        assert twice.status_code == 303
        page = await keeper.get(path)
        assert "已经是到场的" in page.text
        assert "已到 14:00" in page.text

        asked = await keeper.get(f"{path}?on=2015-09-24&undo={one.id}")
        assert "撤回苏婉的到场" in asked.text
        assert 'value="点错了"' in asked.text
        no_reason = await post_form(keeper, path + "/undo", {"on": "2015-09-24", "undo": f"{one.id}:2"}, page=path)
        assert no_reason.status_code == 422
        undone = await post_form(
            keeper, path + "/undo", {"on": "2015-09-24", "undo": f"{one.id}:2", "reason": "点错了"}, page=path
        )
        assert undone.status_code == 303
        late = await post_form(keeper, path + "/tick", given, page=path)
        assert (late.status_code, "没有点到" in late.text, f'value="{one.id}:3"' in late.text) == (409, True, True)

        added = await post_form(
            keeper, path + "/add", {"on": "2015-09-24", "name": "顾梅", "unit": world.union.name}, page=path
        )
        assert added.status_code == 303
        nameless = await post_form(keeper, path + "/add", {"on": "2015-09-24", "unit": "别处的厂"}, page=path)
        assert (nameless.status_code, 'value="别处的厂"' in nameless.text) == (422, True)
    rows = await Attendee.select().order_by(Attendee.created_at)
    assert {(row["name"], row["present"], row["came_by"]) for row in rows} == {
        ("苏婉", False, ""),
        ("顾梅", True, "list"),
    }


async def test_real_names_ask_for_the_number_and_show_the_last_four(
    app: Litestar, world: BookingWorld, caplog: pytest.LogCaptureFixture
) -> None:
    await db.execute("UPDATE programmes_programme SET real_names = true")
    path, number, seen = path_of(world), "13912345678", []
    with caplog.at_level(logging.DEBUG):
        async with browser_of(app, world.organiser) as keeper:
            bad = await post_form(
                keeper, path + "/add", {"on": "2015-09-24", "name": "苏婉", "phone": "1391234"}, page=path
            )
            assert bad.status_code == 422
            assert "11" in bad.text
            assert 'value="苏婉"' in bad.text
            await post_form(keeper, path + "/add", {"on": "2015-09-24", "name": "苏婉", "phone": number}, page=path)
            seen += [(await keeper.get(path)).text, (await keeper.get("/desk/journal")).text]
    assert "尾号5678" in seen[0]
    lines = [line.getMessage() for line in caplog.records if not line.name.startswith("httpx")]
    assert number not in "\n".join([*seen, *lines])
    assert "苏婉" not in "\n".join([seen[1], *lines])


async def test_ticks_as_json(app: Litestar, world: BookingWorld, clock: FixedClock) -> None:
    """The phone's clock a day off changes nothing; the same key again is the same answer."""
    (one,) = await expect(world, "苏婉")
    wanted = {
        "key": str(uuid4()),
        "attendee_id": str(one.id),
        "seen_revision": 1,
        "made_at": "2015-09-25T20:00:00+08:00",
    }
    async with client_of(app, world.organiser) as phone:
        first = await sent(phone, world, wanted)
        clock.moment += 9 * MINUTE
        again = await sent(phone, world, wanted)
        second = await sent(phone, world, {"attendee_id": str(one.id)}, {"name": "苏婉", "unit": world.union.name})
        refused = await sent(phone, world, {"name": " "}, {"attendee_id": str(uuid4())})
    assert first.status_code == 200
    assert first.json() == {
        "ticks": [
            {
                "key": wanted["key"],
                "outcome": "done",
                "attendee": {
                    "id": str(one.id),
                    "present": True,
                    "checked_in_at": "2015-09-24T14:00:00+08:00",
                    "came_by": "list",
                    "revision": 2,
                },
                "problem": None,
            }
        ]
    }
    assert again.json() == first.json()
    assert [answer["outcome"] for answer in second.json()["ticks"]] == ["already", "already"]
    assert {answer["attendee"]["checked_in_at"] for answer in second.json()["ticks"]} == {"2015-09-24T14:00:00+08:00"}
    assert [(answer["outcome"], answer["problem"]["type"]) for answer in refused.json()["ticks"]] == [
        ("refused", "/problems/invalid"),
        ("refused", "/problems/not-found"),
    ]
    assert [error["field"] for error in refused.json()["ticks"][0]["problem"]["errors"]] == ["name"]
    assert all(answer["problem"]["title"] for answer in refused.json()["ticks"])


async def test_a_browser_needs_the_token_of_its_own_page(app: Litestar, world: BookingWorld) -> None:
    """A page kept from an earlier login has an old token: 403 csrf, and the page fetched again has a good one."""
    async with browser_of(app, world.organiser) as before:
        old = form_token((await before.get(path_of(world))).text)
    async with browser_of(app, world.organiser) as phone:
        page = await phone.get(path_of(world))
        for headers in ({}, {"x-csrf-token": old}):
            phone.headers.update(headers)
            forged = await sent(phone, world, {"name": "苏婉"})
            assert (forged.status_code, forged.json()["type"]) == (403, "/problems/csrf")
        phone.headers["x-csrf-token"] = form_token(page.text)
        assert (await sent(phone, world, {"name": "苏婉"})).json()["ticks"][0]["outcome"] == "done"
    assert await Attendee.count() == 1


async def test_who_is_logged_out_is_told_so_without_a_page(app: Litestar, world: BookingWorld) -> None:
    """What the worker and the script of the page meet: 401 without a page, a redirect for a person."""
    async with browser_of(app, None) as stranger:
        person = await stranger.get(path_of(world))
        script = await stranger.get(path_of(world), headers={"accept": "*/*"})
        ticks = await sent(stranger, world, {"name": "苏婉"})
    assert (person.status_code, person.headers["location"]) == (303, f"/login?next={path_of(world)}")
    assert (script.status_code, ticks.status_code) == (401, 401)


async def test_only_who_keeps_the_list_sees_it(app: Litestar, world: BookingWorld) -> None:
    await Session.update({Session.host: world.union.id, Session.visibility: "host"}, force=True)
    await expect(world, "苏婉")
    district = await make_organisation(parent=world.root)
    readers = {
        200: [world.organiser, world.contact],
        404: [await make_actor(Role.ORGANISER, district), world.rival, await make_actor(Role.EVALUATOR, world.root)],
    }
    for status, actors in readers.items():
        for actor in actors:
            async with browser_of(app, actor) as browser, client_of(app, actor) as program:
                page = await browser.get(path_of(world))
                answer = await sent(program, world, {"name": "新来的"})
            assert (page.status_code, answer.status_code) == (status, status)
            assert ("苏婉" in page.text) == (status == 200)
    await Session.update({Session.visibility: "public"}, force=True)
    for role, place in ((Role.CONTACT, world.other), (Role.PROVIDER, world.root), (Role.EVALUATOR, world.root)):
        actor = await make_actor(role, place)
        async with browser_of(app, actor) as browser:
            assert (await browser.get(path_of(world))).status_code == 403


@pytest.mark.parametrize(
    ("state", "words"), [("closed", "已经结项"), ("cancelled", "已经取消"), ("draft", "还没有发布")]
)
async def test_what_takes_no_ticks_shows_none(app: Litestar, world: BookingWorld, state: str, words: str) -> None:
    (one,) = await expect(world, "苏婉")
    async with browser_of(app, world.organiser) as keeper:
        token = form_token((await keeper.get(path_of(world))).text)
        await Session.update({Session.state: state}, force=True)
        page = await keeper.get(path_of(world))
        late = await keeper.post(
            path_of(world, "/tick"), data={"_csrf_token": token, "on": "2015-09-24", "tick": f"{one.id}:1"}
        )
    assert words in page.text
    assert ('name="tick"' in page.text, "list.js" in page.text) == (False, False)
    assert page.headers["x-keep-seconds"] == "0"
    assert late.status_code == 409
    assert not (await Attendee.select().first())["present"]  # type: ignore[index]


async def test_a_confidential_programme_shows_no_names(app: Litestar, world: BookingWorld) -> None:
    await expect(world, "苏婉")
    await db.execute("UPDATE programmes_programme SET confidential = true")
    async with browser_of(app, world.organiser) as keeper:
        page = await keeper.get(path_of(world))
    assert "不登记姓名" in page.text
    assert "苏婉" not in page.text


async def test_the_servers_day_and_the_days_of_a_long_session(app: Litestar, clock: FixedClock) -> None:
    world = await BookingWorld().build(ends_at=STARTS_AT + timedelta(days=2))
    async with browser_of(app, world.organiser) as keeper:
        before = await keeper.get(path_of(world))
        assert "当天才能点名" in before.text
        clock.moment = STARTS_AT + timedelta(days=1)
        page = await keeper.get(path_of(world))
        assert 'data-on="2015-09-25"' in page.text
        assert all(f"?on=2015-09-{day}" in page.text for day in (24, 25, 26))
        to_come = await keeper.get(path_of(world, "?on=2015-09-26"))
        assert "list.js" not in to_come.text
        nonsense = await keeper.get(path_of(world, "?on=x&undo=y"))
        assert 'data-on="2015-09-25"' in nonsense.text


async def test_statements_do_not_grow_with_the_people(app: Litestar, world: BookingWorld) -> None:
    numbers = []
    async with browser_of(app, world.organiser) as keeper:
        await keeper.get(path_of(world))
        for more in (1, 2, 197):
            await expect(world, *(f"职工{n}" for n in range(more)))
            with counted() as statements:
                page = await keeper.get(path_of(world))
            numbers.append(len(statements))
            assert page.text.count('name="tick"') == await Attendee.count()
    assert len(set(numbers)) == 1


async def test_two_thousand_stand_on_the_page_and_the_search_finds_the_others(
    app: Litestar, world: BookingWorld
) -> None:
    await expect(world, *(f"职工{n:04d}" for n in range(2003)))
    async with browser_of(app, world.organiser) as keeper:
        page = await keeper.get(path_of(world))
        found = await keeper.get(path_of(world, "?q=职工2002"))
    assert page.text.count('name="tick"') == 2000
    assert "还有3人没有列出来" in page.text
    assert len(page.content) < 1_500_000
    assert "职工2002" in found.text


async def test_the_worker_may_serve_the_lists_and_nothing_above(app: Litestar, world: BookingWorld) -> None:
    """Its address decides what it may serve: below /sessions/; it is asked for again each time."""
    async with browser_of(app, world.organiser) as keeper:
        worker = await keeper.get("/sessions/list-worker.js")
        page = await keeper.get(path_of(world))
    assert worker.status_code == 200
    assert worker.headers["content-type"].startswith("text/javascript")
    assert worker.headers["cache-control"] == "no-cache"
    assert "service-worker-allowed" not in worker.headers
    assert "list-worker" not in page.text


async def test_what_is_no_tick_is_refused_whole(app: Litestar, world: BookingWorld) -> None:
    async with client_of(app, world.organiser) as phone:
        bodies: list[dict[str, Any]] = [
            {"ticks": []},
            {"ticks": [{"key": str(uuid4()), "present": True, "name": "苏婉"}] * 201},
            {"ticks": [{"key": "x", "present": True}]},
            {"ticks": [{"key": str(uuid4()), "present": True, "seen_revision": 2**31}]},
            {"ticks": [{"key": str(uuid4()), "present": True, "name": "苏\u0000婉"}]},
            {"ticks": [{"key": str(uuid4()), "present": True, "name": "苏婉"}], "on": "2015-09-25"},
        ]
        for body in bodies:
            answer = await phone.post(f"/api/v1/sessions/{world.session.id}/ticks", json={"on": "2015-09-24", **body})
            assert answer.status_code == 422, body
    assert (await Tick.count(), await Attendee.count()) == (0, 0)
