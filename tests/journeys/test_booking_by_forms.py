"""A union's contact books, changes and gives up a lecture in the browser; the organiser approves and records it."""

from datetime import timedelta

import httpx
from litestar import Litestar

from outreach.shared import db
from outreach.shared.actors import Role
from tests.factories.accounts import browser_of, make_actor, make_organisation
from tests.factories.events import STARTS_AT, make_event, make_session
from tests.factories.programmes import make_programme
from tests.support.clock import FixedClock
from tests.support.pages import post_form


async def _followed(browser: httpx.AsyncClient, answer: httpx.Response) -> httpx.Response:
    assert answer.status_code == 303, answer.text
    return await browser.get(answer.headers["location"])


async def test_a_lecture_is_booked_approved_held_and_closed_by_forms_alone(
    app: Litestar, database: None, clock: FixedClock
) -> None:
    root = await make_organisation(name="市总工会")
    union = await make_organisation(parent=root, name="胥江机械厂工会")
    contact = await make_actor(Role.CONTACT, union, name="陈巧云", phone="13800000000")
    organiser = await make_actor(Role.ORGANISER, root)
    session = await make_session(
        await make_event(await make_programme(root)), capacity=30, approval_needed=True, title="倒班职工的睡眠与情绪"
    )
    page, desk = f"/sessions/{session.id}", f"/desk/sessions/{session.id}"
    wish: dict[str, object] = {
        "organisation_id": str(union.id), "seats": "20", "contact_name": "陈巧云", "contact_phone": "13800000000",
        "note": "两个班组", "agree": "on",
    }  # fmt: skip

    async with browser_of(app, contact) as mine, browser_of(app, organiser) as theirs:
        booked = await _followed(mine, await post_form(mine, f"{page}/book", wish, page=page))
        assert "预约已提交，等主办单位审核。" in booked.text
        assert "等市总工会答复" in booked.text
        assert "您单位的预约" in (await mine.get(page)).text

        waiting = await theirs.get("/desk/bookings")
        assert "有1个预约等审核" in waiting.text
        booking_id = await db.value("SELECT id FROM bookings_booking")
        confirm = f"/desk/bookings/{booking_id}/confirm"
        confirmed = await _followed(theirs, await post_form(theirs, confirm, {}, page="/desk/bookings"))
        assert "已确认胥江机械厂工会的预约，20人。" in confirmed.text

        my = await mine.get("/my")
        assert "9月24日（周四）14:00有一场，20人，已确认。" in my.text
        assert "预约已确认：“倒班职工的睡眠与情绪”" in my.text
        change: dict[str, object] = {
            "seats": "15", "contact_name": "陈巧云", "contact_phone": "13800000000", "note": "", "revision": "2",
        }  # fmt: skip
        changed = await _followed(mine, await post_form(mine, f"/bookings/{booking_id}", change))
        assert "15人" in changed.text
        assert "余15个" in (await mine.get(page)).text
        assert (await mine.get(f"{page}/sign-in-sheet")).text.count("<td>胥江机械厂工会</td>") == 15

        clock.moment = STARTS_AT + timedelta(hours=2)
        late = await mine.get(f"/bookings/{booking_id}/cancel")
        assert "这场已经开始" in late.text
        assert "已经办完，还没有登记人次" in (await theirs.get(desk)).text
        count: dict[str, object] = {"on": "2015-09-24", "total": "14", "workers": "14"}
        recorded = await _followed(theirs, await post_form(theirs, f"{desk}/headcount", count, page=desk))
        assert "已办过，共14人次。材料齐了就可以结项。" in recorded.text
        why: dict[str, object] = {"missing_reason": "没有照片"}
        closed = await _followed(theirs, await post_form(theirs, f"{desk}/close", why, page=desk))
        assert "已结项，共14人次" in closed.text
        assert "已参加" in (await mine.get("/my")).text


async def test_a_booking_given_up_frees_its_seats_for_the_next(app: Litestar, database: None) -> None:
    root = await make_organisation()
    unions = [await make_organisation(parent=root) for _ in range(2)]
    contacts = [await make_actor(Role.CONTACT, one) for one in unions]
    session = await make_session(await make_event(await make_programme(root)), capacity=20)
    page = f"/sessions/{session.id}"

    def wish(number: int) -> dict[str, object]:
        return {
            "organisation_id": str(unions[number].id), "seats": "20", "contact_name": "某人",
            "contact_phone": "13800000000", "agree": "on",
        }  # fmt: skip

    async with browser_of(app, contacts[0]) as first, browser_of(app, contacts[1]) as second:
        assert (await post_form(first, f"{page}/book", wish(0), page=page)).status_code == 303
        full = await second.get(page)
        assert "名额已经约满" in full.text
        booking_id = await db.value("SELECT id FROM bookings_booking")
        cancel = f"/bookings/{booking_id}/cancel"
        assert "20个名额会马上让给别的单位" in (await first.get(cancel)).text
        assert (await post_form(first, cancel, {"reason": ""})).status_code == 422
        gone = await _followed(first, await post_form(first, cancel, {"reason": "生产任务紧"}))
        assert "预约已取消，名额已让出。" in gone.text
        assert (await post_form(second, f"{page}/book", wish(1), page=page)).status_code == 303

    states = await db.rows("SELECT organisation, state FROM bookings_booking ORDER BY id")
    assert [(one["organisation"], one["state"]) for one in states] == [
        (unions[0].id, "cancelled"),
        (unions[1].id, "confirmed"),
    ]


async def test_a_whole_date_is_claimed_by_form_and_the_second_is_told(app: Litestar, database: None) -> None:
    root = await make_organisation()
    unions = [await make_organisation(parent=root) for _ in range(2)]
    contacts = [await make_actor(Role.CONTACT, one) for one in unions]
    event = await make_event(await make_programme(root))
    session = await make_session(event, claimable=True, address="", capacity=None)
    page = f"/sessions/{session.id}"

    def wish(number: int, **given: object) -> dict[str, object]:
        return {
            "organisation_id": str(unions[number].id), "address": "职工食堂", "audience": "80", "contact_name": "某人",
            "contact_phone": "13800000000", **given,
        }  # fmt: skip

    async with browser_of(app, contacts[0]) as first, browser_of(app, contacts[1]) as second:
        assert "领走这一场" in (await second.get(page)).text
        bad = await post_form(first, f"{page}/claim", wish(0, address="", audience="0"), page=page)
        assert "还没提交，有2处要改" in bad.text
        won = await _followed(first, await post_form(first, f"{page}/claim", wish(0), page=page))
        assert "整场领走，在您单位办" in won.text
        lost = await post_form(second, f"{page}/claim", wish(1), page="/my")

    assert lost.status_code == 409
    assert "刚刚被别的单位领走了" in lost.text
    assert await db.value("SELECT host FROM events_session") == unions[0].id
