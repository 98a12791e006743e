"""Reporting figures, confirming them and saying how it was, as browsers and programs do it."""

import re
from datetime import date, timedelta

import pytest
from litestar import Litestar

from outreach.attendance.queries import headcounts_of
from outreach.attendance.reported.queries import reports_of
from outreach.bookings.tables import Review
from outreach.shared import db
from outreach.shared.actors import Role
from outreach.shared.ids import new_id
from tests.factories.accounts import browser_of, client_of, make_actor, make_organisation
from tests.factories.bookings import BookingWorld, make_booking
from tests.factories.events import STARTS_AT, make_session
from tests.support.clock import FixedClock
from tests.support.pages import form_token, post_form

DAY = date(2015, 9, 24)
AFTER = STARTS_AT + timedelta(hours=3)
BODY = {"on": "2015-09-24", "total": 96, "workers": 90, "breakdown": {"women": 41}, "remark": "照签到表数"}
FORM: dict[str, object] = {"on": "2015-09-24", "total": "96", "workers": "90", "women": "41", "remark": "照签到表数"}
MARKS: dict[str, object] = {"lecturer": "5", "content": "4", "organising": "4", "again": "yes", "words": "话筒声音小"}


@pytest.fixture
async def world(database: None, clock: FixedClock) -> BookingWorld:
    """A session that the union hosts, three hours after its start."""
    clock.moment = AFTER
    made = await BookingWorld().build()
    made.session = await make_session(made.event, host=made.union.id, visibility="host")
    await make_booking(made.session, made.union, is_host=True)
    return made


# --- programs --------------------------------------------------------------------------------------------------------


async def test_a_program_reports_and_repeats(app: Litestar, world: BookingWorld) -> None:
    path = f"/api/v1/sessions/{world.session.id}/reported-headcount"
    async with client_of(app, world.contact) as client:
        first = await client.put(path, json=BODY)
        again = await client.put(path, json=BODY)

    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()
    assert {key: first.json()[key] for key in ("total", "workers", "breakdown", "state", "organisation_name")} == {
        "total": 96,
        "workers": 90,
        "breakdown": {"women": 41},
        "state": "reported",
        "organisation_name": "胥江机械厂工会",
    }
    assert first.json()["reported_at"].endswith("+08:00")


async def test_guards_of_the_programs_ways(app: Litestar, world: BookingWorld) -> None:
    feedback = {"lecturer": 5, "content": 4, "organising": 4, "again": True}
    paths = (("PUT", "reported-headcount", BODY), ("POST", "feedback", feedback))
    for method, name, body in paths:
        answers = {}
        for who, actor in (("rival", world.rival), ("organiser", world.organiser), ("stranger", None)):
            async with client_of(app, actor) as client:
                sent = await client.request(method, f"/api/v1/sessions/{world.session.id}/{name}", json=body)
                answers[who] = sent.status_code
        async with client_of(app, world.contact) as client:
            unknown = await client.request(method, f"/api/v1/sessions/{new_id()}/{name}", json=body)
        assert answers == {"rival": 404, "organiser": 403, "stranger": 401}
        assert unknown.status_code == 404
    assert await reports_of(world.session.id) == []


async def test_bad_figures_are_named(app: Litestar, world: BookingWorld) -> None:
    body = {**BODY, "workers": 97, "remark": "x" * 401, "extra": 1}
    async with client_of(app, world.contact) as client:
        shape = await client.put(f"/api/v1/sessions/{world.session.id}/reported-headcount", json=body)
        rule = await client.put(f"/api/v1/sessions/{world.session.id}/reported-headcount", json={**BODY, "workers": 97})

    assert sorted(one["field"] for one in shape.json()["errors"]) == ["extra", "remark"]
    assert [one["field"] for one in rule.json()["errors"]] == ["workers"]


async def test_a_closed_session_refuses_kindly(app: Litestar, world: BookingWorld) -> None:
    await db.execute("UPDATE events_session SET state = 'closed' WHERE id = $1", world.session.id)
    async with client_of(app, world.contact) as client:
        refused = await client.put(f"/api/v1/sessions/{world.session.id}/reported-headcount", json=BODY)

    assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (409, "report-closed")
    assert "主办单位更正" in refused.json()["detail"]


async def test_a_program_says_how_it_was_once(app: Litestar, world: BookingWorld) -> None:
    path = f"/api/v1/sessions/{world.session.id}/feedback"
    body = {"lecturer": 5, "content": 4, "organising": 3, "again": False, "words": "话筒声音小"}
    async with client_of(app, world.contact) as client:
        early = await client.post(path, json=body)
        await db.execute("UPDATE events_session SET state = 'held' WHERE id = $1", world.session.id)
        made = await client.post(path, json=body)
        again = await client.post(path, json=body)
        bad = await client.post(path, json={**body, "lecturer": 6})

    assert (early.status_code, early.json()["type"].rpartition("/")[2]) == (409, "not-held")
    assert (made.status_code, made.json()["organising"], made.json()["again"]) == (201, 3, False)
    assert (again.status_code, again.json()["type"].rpartition("/")[2]) == (409, "already-rated")
    assert (bad.status_code, [one["field"] for one in bad.json()["errors"]]) == (422, ["lecturer"])


# --- the unit's page -------------------------------------------------------------------------------------------------


async def test_the_host_reports_from_the_sessions_page(app: Litestar, world: BookingWorld) -> None:
    path = f"/sessions/{world.session.id}"
    async with browser_of(app, world.contact) as browser:
        shown = await browser.get(path)
        sent = await post_form(browser, f"{path}/report", FORM)
        after = await browser.get(f"{path}/report")

    assert f'<a class="btn main" href="{path}/report">报人次</a>' in shown.text
    assert "评价这场" not in shown.text
    assert sent.status_code == 303
    assert sent.headers["location"] == f"{path}/report?on=2015-09-24&unit={world.union.id}"
    assert "已报96人次，等市总工会确认。确认以前可以再改。" in after.text
    assert 'value="96"' in after.text
    assert "等主办单位确认" in after.text


async def test_a_bad_form_comes_back_with_what_was_typed(app: Litestar, world: BookingWorld) -> None:
    path = f"/sessions/{world.session.id}/report"
    async with browser_of(app, world.contact) as browser:
        above = await post_form(browser, path, {**FORM, "workers": "97"})
        empty = await post_form(browser, path, {**FORM, "total": "", "women": "很多"})

    assert (above.status_code, empty.status_code) == (422, 422)
    assert "不能多于总人次96。" in above.text
    assert 'value="97"' in above.text
    assert "照签到表数" in above.text
    assert 'value="很多"' in empty.text
    assert await reports_of(world.session.id) == []


async def test_several_days_are_reported_one_by_one(app: Litestar, world: BookingWorld, clock: FixedClock) -> None:
    session = await make_session(
        world.event, host=world.union.id, multi_day=True, ends_at=STARTS_AT + timedelta(days=2)
    )
    clock.moment = STARTS_AT + timedelta(days=1, hours=5)
    path = f"/sessions/{session.id}/report"
    async with browser_of(app, world.contact) as browser:
        await post_form(browser, path, FORM)
        second = await browser.get(path)
        early = await post_form(browser, path, {**FORM, "on": "2015-09-26"})

    assert "9月24日（已报）" in second.text
    assert 'name="on" id="on" value="2015-09-25"' in second.text
    assert early.status_code == 422
    assert [(one.on, one.total) for one in await reports_of(session.id)] == [(DAY, 96)]


async def test_who_may_open_the_units_pages(app: Litestar, world: BookingWorld) -> None:
    foreign = await make_actor(Role.CONTACT, await make_organisation(name="邻市总工会"))
    for name in ("report", "feedback"):
        path = f"/sessions/{world.session.id}/{name}"
        statuses = {}
        for who, actor in (("foreign", foreign), ("organiser", world.organiser), ("contact", world.contact)):
            async with browser_of(app, actor) as browser:
                statuses[who] = (await browser.get(path)).status_code
        async with browser_of(app, None) as browser:
            stranger = await browser.get(path)
        assert statuses == {"foreign": 404, "organiser": 403, "contact": 200}
        assert stranger.status_code in (303, 401)


async def test_before_the_start_and_after_the_end_the_page_says_why_not(
    app: Litestar, world: BookingWorld, clock: FixedClock
) -> None:
    path = f"/sessions/{world.session.id}/report"
    async with browser_of(app, world.contact) as browser:
        token = form_token((await browser.get(path)).text)
        clock.moment = STARTS_AT - timedelta(hours=1)
        early = await browser.get(path)
        page = await browser.get(f"/sessions/{world.session.id}")
        refused = await browser.post(path, data={**FORM, "_csrf_token": token})
        clock.moment = AFTER
        await db.execute("UPDATE events_session SET state = 'closed' WHERE id = $1", world.session.id)
        closed = await browser.get(path)
        late = await browser.post(path, data={**FORM, "_csrf_token": token})

    assert "开始以后再报。9月24日（周四）14:00开始。" in early.text
    assert "报人次" not in page.text
    assert refused.status_code == 409
    assert "这场已经结项。数字不对的，请告诉市总工会，由他们更正。" in closed.text
    assert (late.status_code, "这场已经结项，不能再报" in late.text) == (409, True)


# --- the organiser ---------------------------------------------------------------------------------------------------


async def report(app: Litestar, world: BookingWorld) -> None:
    async with client_of(app, world.contact) as client:
        assert (await client.put(f"/api/v1/sessions/{world.session.id}/reported-headcount", json=BODY)).is_success


async def test_the_organiser_finds_it_on_the_desk_and_confirms_with_one_tap(app: Litestar, world: BookingWorld) -> None:
    await report(app, world)
    async with browser_of(app, world.organiser) as browser:
        desk = await browser.get("/desk")
        waiting = await browser.get("/desk/reports-in")
        form: dict[str, object] = {"on": "2015-09-24", "revision": "1", "back": "list"}
        done = await post_form(browser, f"/desk/sessions/{world.session.id}/reports", form, page="/desk/reports-in")
        empty = await browser.get("/desk/reports-in")
        session = await browser.get(f"/desk/sessions/{world.session.id}")
    async with browser_of(app, world.contact) as browser:
        told = await browser.get("/my")
        own = await browser.get(f"/sessions/{world.session.id}/report")

    assert "单位报来的人次待确认" in desk.text
    assert 'href="/desk/reports-in"' in desk.text
    assert "有1件报来的人次等您确认。" in waiting.text
    assert "确认96人次" in waiting.text
    assert "备注：照签到表数" in waiting.text
    assert (done.status_code, done.headers["location"]) == (303, "/desk/reports-in")
    assert "没有等确认的人次" in empty.text
    assert "确认单位报的人次" in session.text
    assert "已办过，共96人次。" in session.text
    assert "您报的人次已经确认" in told.text
    assert f'href="/sessions/{world.session.id}/report"' in told.text
    assert "您报的96人次，市总工会已经确认。" in own.text


async def test_the_desks_form_is_filled_with_what_was_reported_to_be_corrected(
    app: Litestar, world: BookingWorld
) -> None:
    await report(app, world)
    path = f"/desk/sessions/{world.session.id}"
    async with browser_of(app, world.organiser) as browser:
        shown = await browser.get(path)
        await post_form(browser, f"{path}/headcount", {"on": "2015-09-24", "total": "80"}, page=path)
        after = await browser.get(path)
    async with browser_of(app, world.contact) as browser:
        told = await browser.get("/my")
        own = await browser.get(f"/sessions/{world.session.id}/report")

    assert re.search(r'name="total"[^>]* value="96"', shown.text)
    assert "单位报来的人次" in shown.text
    assert "主办单位另行登记" in after.text
    assert "没有采用单位报的人次" in after.text
    assert "主办单位登记的人次和您报的不一样" in told.text
    assert "80人次（您报的是96人次）" in told.text
    assert "主办单位登记的是80人次" in own.text


async def test_a_late_tap_is_told_what_happened(app: Litestar, world: BookingWorld) -> None:
    await report(app, world)
    path = f"/desk/sessions/{world.session.id}/reports"
    form: dict[str, object] = {"on": "2015-09-24", "revision": "1"}
    async with browser_of(app, world.organiser) as browser:
        token = form_token((await browser.get("/desk/reports-in")).text)

        async def tap(**given: str) -> tuple[int, str]:
            sent = await browser.post(path, data={**form, **given, "_csrf_token": token})
            return sent.status_code, sent.text

        stale = await tap(revision="7")
        bad = await tap(on="gestern")
        first = await tap()
        second = await tap()
        await db.execute("UPDATE events_session SET state = 'closed' WHERE id = $1", world.session.id)
        closed = await tap()

    assert (stale[0], "单位刚刚又改了数" in stale[1]) == (412, True)
    assert bad[0] == 422
    assert first[0] == 303
    assert (second[0], "这一天没有等确认的数" in second[1]) == (409, True)
    assert (closed[0], f'href="/desk/sessions/{world.session.id}/correct"' in closed[1]) == (409, True)
    assert [one.total for one in await headcounts_of(world.session.id)] == [96]


async def test_the_list_and_the_tap_are_the_organisers(app: Litestar, world: BookingWorld) -> None:
    await report(app, world)
    foreign = await make_actor(Role.ORGANISER, await make_organisation(name="邻市总工会"))
    form: dict[str, object] = {"on": "2015-09-24", "revision": "1"}
    async with browser_of(app, foreign) as browser:
        seen = await browser.get("/desk/reports-in")
        sent = await post_form(browser, f"/desk/sessions/{world.session.id}/reports", form, page="/desk/sessions/past")
    async with browser_of(app, world.contact) as browser:
        lists = await browser.get("/desk/reports-in")
        tap = await post_form(browser, f"/desk/sessions/{world.session.id}/reports", form, page="/account")

    assert "没有等确认的人次" in seen.text
    assert (sent.status_code, lists.status_code, tap.status_code) == (404, 403, 403)
    assert await headcounts_of(world.session.id) == []


# --- how it was ------------------------------------------------------------------------------------------------------


async def test_the_host_says_how_it_was_and_reads_it_again(app: Litestar, world: BookingWorld) -> None:
    await db.execute("UPDATE events_session SET state = 'closed' WHERE id = $1", world.session.id)
    path = f"/sessions/{world.session.id}"
    async with browser_of(app, world.contact) as browser:
        due = await browser.get(path)
        missing = await post_form(browser, f"{path}/feedback", {"words": "话筒声音小"})
        sent = await post_form(browser, f"{path}/feedback", MARKS)
        after = await browser.get(path)
        own = await browser.get(f"{path}/feedback")

    assert f'<a class="btn main" href="{path}/feedback">评价这场</a>' in due.text
    assert missing.status_code == 422
    assert "话筒声音小" in missing.text
    for name in ("lecturer", "content", "organising", "again"):
        assert f'href="#{name}"' in missing.text
    assert (sent.status_code, sent.headers["location"]) == (303, path)
    assert "评价这场" not in after.text
    assert "您单位已经评过，谢谢。" in own.text
    assert await Review.count() == 1


async def test_before_it_is_held_there_is_nothing_to_say(app: Litestar, world: BookingWorld) -> None:
    async with browser_of(app, world.contact) as browser:
        shown = await browser.get(f"/sessions/{world.session.id}/feedback")
        token = form_token((await browser.get(f"/sessions/{world.session.id}/report")).text)
        sent = await browser.post(f"/sessions/{world.session.id}/feedback", data={**MARKS, "_csrf_token": token})

    assert "还不能评价" in shown.text
    assert (sent.status_code, "这场还不能评价" in sent.text) == (409, True)


async def test_how_marks_are_counted_is_explained(app: Litestar, database: None) -> None:
    async with browser_of(app, None) as browser:
        shown = await browser.get("/how-counted")

    assert 'id="ratings"' in shown.text
    assert "（单位数×平均分＋5×项目平均分）÷（单位数＋5）" in shown.text
    assert "菜单上不满3个不显示" in shown.text
