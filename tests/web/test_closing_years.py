"""Closing a year on pages and as JSON: the checklist, closing, corrections in sight, opening again, carrying over."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from litestar import Litestar

from outreach.attendance.commands import correct_headcount
from outreach.evaluation.domain.verdicts import Decision
from outreach.evaluation.verdicts import give_verdict
from outreach.shared import db
from outreach.shared.actors import Role
from tests.factories.accounts import browser_of, client_of, make_actor, make_organisation
from tests.factories.bookings import BookingWorld, make_headcount
from tests.factories.events import STARTS_AT, make_session
from tests.factories.programmes import make_programme, make_target, make_year
from tests.support.clock import FixedClock
from tests.support.pages import post_form

PATH = "/desk/years/2015"
API = "/api/v1/years/2015"
NEXT_YEAR = datetime(2016, 1, 20, 1, 0, tzinfo=UTC)


@pytest.fixture
async def world(database: None, clock: FixedClock) -> BookingWorld:
    """The year is over; one session is unrecorded, one held."""
    clock.moment = NEXT_YEAR
    made = await BookingWorld().build()
    await make_year(made.root)
    await make_target(made.programme, label="讲座")
    held = await make_session(made.event, state="held", title="九月专场", starts_at=STARTS_AT - timedelta(days=9))
    await make_headcount(held, on=held.starts_at.date(), total=80)
    made.session = held
    return made


async def test_from_the_checklist_to_a_closed_year_and_back(app: Litestar, world: BookingWorld) -> None:
    async with browser_of(app, world.organiser) as browser:
        newest = await browser.get("/desk/years")
        opened = await browser.get(PATH)
        refused = await post_form(browser, f"{PATH}/close", {"reason": ""}, page=PATH)
        held = await post_form(browser, f"{PATH}/close-held", {"reason": "佐证归纸档"}, page=PATH)
        closed = await post_form(browser, f"{PATH}/close", {"reason": "年度已过"}, page=PATH)
        shown = await browser.get(PATH)
        again = await post_form(browser, f"{PATH}/close", {"reason": "年度已过"}, page="/account")
        reopening = await post_form(browser, f"{PATH}/reopen", {"reason": "补登"}, page="/account")
    async with browser_of(app, await make_actor(Role.ADMINISTRATOR, None)) as browser:
        path = f"?organisation={world.root.id}"
        reopened = await post_form(browser, f"{PATH}/reopen{path}", {"reason": "补登"}, page=f"{PATH}{path}")

    assert newest.headers["location"] == PATH
    for words in ("场已过期未登记", "场办过还没有结项", "份全年报告没有定稿"):
        assert words in opened.text
    assert refused.status_code == 422
    assert "请写明为什么现在就结账" in refused.text
    assert "已结项1场" in held.text
    assert closed.status_code == 303
    assert "已结账，之后没有更正过数" in shown.text
    assert "重开这一年" not in shown.text
    assert again.status_code == 409
    assert "这一年的结账情况刚刚变了" in again.text
    assert (reopening.status_code, reopened.status_code) == (403, 303)
    assert await db.value("SELECT state FROM programmes_year") == "open"


async def test_later_corrections_stand_there_with_both_values(app: Litestar, world: BookingWorld) -> None:
    await make_target(world.programme, metric="visits", unit="人次", label="听众", position=2)
    async with browser_of(app, world.organiser) as browser:
        await post_form(browser, f"{PATH}/close", {"reason": "年度已过"}, page=PATH)
        await correct_headcount(
            world.organiser, NEXT_YEAR + timedelta(days=1), session_id=world.session.id, field_name="total",
            on=world.session.starts_at.date(), value=95, reason="数错了一排",
        )  # fmt: skip
        shown = await browser.get(PATH)

    assert "之后更正过1个数" in shown.text
    assert "数错了一排" in shown.text
    for figure in ("<span>80</span>", "<span>95</span>", "<span>80人次</span>", "<span>95人次</span>"):
        assert figure in shown.text


async def test_programs_close_read_and_carry_over(app: Litestar, world: BookingWorld) -> None:
    async with client_of(app, world.organiser) as client:
        before = (await client.get(API)).json()
        refused = await client.post(f"{API}/close", json={})
        closed = (await client.post(f"{API}/close", json={"reason": "年度已过"})).json()
        twice = await client.post(f"{API}/close", json={"reason": "年度已过"})
        headcount = await client.put(
            f"/api/v1/sessions/{world.session.id}/headcount", json={"on": "2015-09-15", "total": 3}
        )
        copied = await client.post(f"{API}/copy", json={"programme_ids": [str(world.programme.id)]})
        again = await client.post(f"{API}/copy", json={"programme_ids": [str(world.programme.id)]})
        reopen = await client.post(f"{API}/reopen", json={"reason": "补登"})
        nothing = [(await client.get(f"/api/v1/years/{year}")).status_code for year in (2014, 1999, 99999)]

    counts = {one["kind"]: one["count"] for one in before["open"]}
    assert (before["state"], counts["held"], counts["unrecorded"]) == ("open", 1, 1)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "reason")
    assert (closed["state"], closed["open"], closed["closing"]["visits"]) == ("closed", [], 80)
    assert (twice.status_code, twice.json()["type"]) == (409, "/problems/year-state")
    assert (headcount.status_code, headcount.json()["type"]) == (409, "/problems/closed-year")
    made = {"year": 2016, "programmes": 1, "targets": 1, "items": 1, "already": []}
    nothing_more = {"year": 2016, "programmes": 0, "targets": 0, "items": 0, "already": [world.programme.name]}
    assert (copied.status_code, copied.json()) == (201, made)
    assert (again.status_code, again.json()) == (200, nothing_more)
    assert reopen.status_code == 403
    assert nothing == [404, 404, 404]


async def test_carried_over_as_it_was_decided_and_typed(app: Litestar, world: BookingWorld) -> None:
    dropped = await make_programme(world.root, code="old", name="老项目")
    changed = await make_programme(world.root, code="new", name="要调整的")
    target = await make_target(changed, label="场数")
    for one, decision in ((dropped, Decision.DROP), (changed, Decision.CHANGE)):
        await give_verdict(world.organiser, NEXT_YEAR, programme_id=one.id, decision=decision, note="来年另议")
    path, field = f"{PATH}/copy", f"value-{target.id}"
    async with browser_of(app, world.organiser) as browser:
        shown = await browser.get(path)
        bad = await post_form(browser, path, {"programmes": str(changed.id), field: "很多"})
        nothing = await post_form(browser, path, {})
        done = await post_form(browser, path, {"programmes": str(changed.id), field: "1,200"})
        twice = await post_form(browser, path, {"programmes": str(changed.id), field: "1200"})

    def ticked(id_: Any) -> bool:
        return f'value="{id_}" checked' in shown.text

    assert [ticked(one.id) for one in (world.programme, dropped, changed)] == [True, False, True]
    assert "来年另议" in shown.text
    assert (bad.status_code, nothing.status_code, done.status_code, twice.status_code) == (422, 422, 303, 303)
    assert 'value="很多"' in bad.text
    assert "请填大于0的数" in bad.text
    assert "请至少选一个项目" in nothing.text
    assert "没有再复制" in unquote(twice.headers["set-cookie"])
    found = await db.rows(
        """SELECT p.code, t.value FROM programmes_programme p JOIN programmes_target t ON t.programme = p.id
            WHERE p.year = 2016"""
    )
    assert [(one["code"], one["value"]) for one in found] == [("new", 1200)]


async def test_years_of_others_answer_404(app: Litestar, world: BookingWorld) -> None:
    stranger = await make_actor(Role.ORGANISER, await make_organisation(name="别市总工会"))
    asked = f"?organisation={world.root.id}"
    async with browser_of(app, stranger) as browser:
        foreign = [
            (await browser.get(f"{PATH}{asked}")).status_code,
            (await browser.get(f"{PATH}/copy{asked}")).status_code,
            (await post_form(browser, f"{PATH}/close{asked}", {"reason": "x"}, page="/account")).status_code,
            (await browser.get(PATH)).status_code,
            (await browser.get(f"/desk/years{asked}")).status_code,
        ]
        none_yet = await browser.get("/desk/years")
    async with client_of(app, stranger) as client:
        foreign.append((await client.get(f"{API}{asked}")).status_code)
        body = {"organisation_id": str(world.root.id), "reason": "x"}
        foreign.append((await client.post(f"{API}/close", json=body)).status_code)
    async with browser_of(app, world.contact) as browser:
        contact = (await browser.get(PATH)).status_code

    assert foreign == [404] * 7
    assert (none_yet.status_code, "还没有年度" in none_yet.text) == (200, True)
    assert contact == 403
    assert await db.value("SELECT state FROM programmes_year WHERE organisation = $1", world.root.id) == "open"
