"""The desk's bookings: rivals side by side, search, the workbook, the waiting list, moving with warnings, no-shows."""

import io
from datetime import datetime, timedelta
from typing import Any

import pytest
from litestar import Litestar
from python_calamine import CalamineWorkbook

from outreach.accounts.tables import Organisation
from outreach.bookings.tables import Booking
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from outreach.shared.ids import new_id
from tests.factories.accounts import browser_of, make_actor, make_organisation
from tests.factories.bookings import make_booking
from tests.factories.events import STARTS_AT, make_event, make_provider, make_session
from tests.factories.programmes import make_programme
from tests.support.clock import FixedClock
from tests.support.dispatching import Dispatch
from tests.support.pages import post_form
from tests.support.queries import counted


class Desk:
    """A federation with a session of 60 seats that asks for approval, three unions, and one in another tree."""

    async def build(self, **session: Any) -> "Desk":
        self.city = await make_organisation(name="市总工会")
        self.organiser: Actor = await make_actor(Role.ORGANISER, self.city, name="顾秀文")
        names = ("胥江机械厂工会", "虞山服饰工会", "阳山精工工会")
        self.unions: list[Organisation] = [await make_organisation(parent=self.city, name=name) for name in names]
        self.contact: Actor = await make_actor(Role.CONTACT, self.unions[0])
        self.event = await make_event(await make_programme(self.city))
        self.lecturer = await make_provider(self.city, name="沈若兰", home_district="吴中区")
        given = {"capacity": 60, "approval_needed": True, **session}
        self.session = await make_session(self.event, providers=(self.lecturer,), occupying=True, **given)
        self.foreign_city = await make_organisation(name="外市总工会")
        self.stranger: Actor = await make_actor(Role.ORGANISER, self.foreign_city)
        return self

    async def queue(self, *seats: int) -> list[Booking]:
        """The session full, and groups of so many people that wait."""
        await make_booking(self.session, await make_organisation(parent=self.city, name="占满工会"), seats=60)
        return [
            await make_booking(
                self.session, unit, state="waitlisted", queue_number=number, seats=wanted, times_skipped=number - 1
            )
            for number, (unit, wanted) in enumerate(zip(self.unions, seats, strict=True), 1)
        ]


async def test_rivals_of_a_session_stand_side_by_side_with_what_is_known_of_them(app: Litestar, database: None) -> None:
    desk = await Desk().build()
    await make_booking(desk.session, desk.unions[0], state="pending", seats=20)
    await make_booking(desk.session, desk.unions[1], state="pending", seats=25)
    past = await make_session(desk.event, state="closed", starts_at=STARTS_AT - timedelta(days=60))
    await make_booking(past, desk.unions[0], state="no_show")
    await make_booking(past, desk.unions[1], state="attended")
    late = await make_session(desk.event, state="closed", starts_at=STARTS_AT - timedelta(days=70))
    await make_booking(late, desk.unions[0], state="cancelled", is_late=True, cancelled_by="unit")
    await make_booking(late, desk.unions[1], state="cancelled", is_late=True, cancelled_by="session")
    other = await make_session(desk.event, title="另一场", capacity=None)
    await make_booking(other, desk.unions[2], state="pending", seats=9)

    async with browser_of(app, desk.organiser) as browser:
        shown = await browser.get("/desk/bookings")

    first, second = shown.text.split('<section class="sec contest"')[1:]
    assert "2个单位在等，共45人；另余15个" in first
    assert "未到场1次，临时取消1次" in first
    assert "第一次来" not in first
    assert "名额不限" in second
    assert "第一次来" in second


async def test_rivals_of_a_session_that_one_does_not_run_stay_hidden(app: Litestar, database: None) -> None:
    """Who runs a union sees its booking of a foreign session, and not who else asked for it."""
    desk = await Desk().build()
    abroad = await make_event(await make_programme(desk.foreign_city))
    session = await make_session(abroad, title="外市的讲座", approval_needed=True)
    await make_booking(session, desk.unions[0], state="pending", contact_phone="13911112222")
    rival = await make_organisation(parent=desk.foreign_city, name="外市某工会")
    await make_booking(session, rival, state="pending", contact_name="外市的人")

    async with browser_of(app, desk.organiser) as browser:
        shown = await browser.get("/desk/bookings?show=pending")

    assert "胥江机械厂工会" in shown.text
    for secret in ("外市某工会", "外市的人", "13911112222", "/confirm"):
        assert secret not in shown.text


async def test_bookings_are_found_by_unit_contact_and_end_of_the_phone(app: Litestar, database: None) -> None:
    desk = await Desk().build()
    await make_booking(desk.session, desk.unions[0], contact_phone="13812345678")
    await make_booking(desk.session, desk.unions[1], contact_phone="13800001111", contact_name="周明", state="pending")

    found = {}
    async with browser_of(app, desk.organiser) as browser:
        for query in ("q=胥江", "q=5678", "q=678", "q=周明", "q=周明&show=confirmed", "q=%00", "show=nonsense"):
            text = (await browser.get(f"/desk/bookings?{query}")).text
            found[query] = text.count('<td role="cell" class="key">')

    assert found == {
        "q=胥江": 1, "q=5678": 1, "q=678": 0, "q=周明": 1, "q=周明&show=confirmed": 0, "q=%00": 1, "show=nonsense": 1,
    }  # fmt: skip


@pytest.mark.parametrize("number", [1, 3])
async def test_the_desk_asks_the_same_number_of_questions_whatever_waits(
    app: Litestar, database: None, number: int
) -> None:
    desk = await Desk().build()
    for unit in desk.unions[:number]:
        session = await make_session(desk.event, approval_needed=True)
        await make_booking(session, unit, state="pending", seats=5)

    async with browser_of(app, desk.organiser) as browser:
        with counted() as sent:
            shown = await browser.get("/desk/bookings")

    assert shown.text.count('<section class="sec contest"') == number
    assert len(sent) == 8


async def test_the_workbook_holds_dates_numbers_and_phones_as_text(app: Litestar, database: None) -> None:
    desk = await Desk().build()
    await make_booking(desk.session, desk.unions[0], seats=12, contact_phone="051265550000", note="=HYPERLINK(1)")
    abroad = await make_session(await make_event(await make_programme(desk.foreign_city)), title="外市的讲座")
    await make_booking(abroad, desk.unions[1], contact_phone="13911112222")

    async with browser_of(app, desk.organiser) as browser:
        answer = await browser.get("/desk/bookings.xlsx?show=confirmed")
    async with browser_of(app, desk.contact) as browser:
        contact = await browser.get("/desk/bookings.xlsx")

    head, first, second = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    row = dict(zip(head, first, strict=True))
    assert (row["单位"], row["名额"], row["电话"], row["备注"]) == (
        "胥江机械厂工会", 12, "051265550000", "=HYPERLINK(1)",
    )  # fmt: skip
    assert row["开始"] == datetime(2015, 9, 24, 14, 0)  # noqa: DTZ001 - a sheet knows the wall clock only
    assert dict(zip(head, second, strict=True))["电话"] == ""
    assert contact.status_code == 403


# --- the waiting list ------------------------------------------------------------------------------------------------


async def test_a_session_shows_its_queue_in_order_with_who_was_passed_over(app: Litestar, database: None) -> None:
    desk = await Desk().build()
    first, second, third = await desk.queue(30, 10, 20)

    async with browser_of(app, desk.organiser) as browser:
        shown = await browser.get(f"/desk/sessions/{desk.session.id}")

    queue = shown.text.split('id="queue"')[1].split("</section>")[0]
    assert "3个单位，要60人" in queue
    assert queue.index(str(first.id)) < queue.index(str(second.id)) < queue.index(str(third.id))
    assert "空位不够，让过2次" in queue
    assert f'href="/desk/bookings/{third.id}/queue"' in queue
    assert "还有3个单位候补，要60人。" in shown.text
    assert "虞山服饰工会" not in shown.text.split('id="bookings"')[1].split("</section>")[0]


async def test_a_part_is_offered_and_the_reason_asked_where_others_are_passed_over(
    app: Litestar, database: None
) -> None:
    desk = await Desk().build()
    first, second, _third = await desk.queue(30, 25, 20)
    await db.execute("UPDATE events_session SET capacity = 75 WHERE id = $1", desk.session.id)
    path = f"/desk/bookings/{first.id}"

    async with browser_of(app, desk.organiser) as browser:
        shown = await browser.get(f"{path}/queue")
        too_many = await post_form(browser, f"{path}/offer", {"seats": "20"}, page=f"{path}/queue")
        nonsense = await post_form(browser, f"{path}/offer", {"seats": "viele"}, page=f"{path}/queue")
        passing = await post_form(browser, f"/desk/bookings/{second.id}/offer", {"seats": "15"}, page=f"{path}/queue")
        done = await post_form(browser, f"{path}/offer", {"seats": "15"}, page=f"{path}/queue")
        again = await post_form(browser, f"{path}/offer", {"seats": "1"}, page=f"{path}/queue")
        session = await browser.get(f"/desk/sessions/{desk.session.id}")

    assert "要30个名额，排在第1位；现在余15个。" in shown.text
    assert (too_many.status_code, nonsense.status_code, passing.status_code) == (409, 422, 422)
    assert (done.status_code, done.headers["location"]) == (303, f"/desk/sessions/{desk.session.id}#queue")
    assert again.status_code == 409
    assert "它已经不在候补里了" in again.text
    assert "等对方确认" in session.text
    assert "要30人" in session.text
    row = await db.row("SELECT state, seats, seats_wanted FROM bookings_booking WHERE id = $1", first.id)
    assert tuple(row or ()) == ("offered", 15, 30)


async def test_another_place_in_the_queue_needs_a_reason(app: Litestar, database: None) -> None:
    desk = await Desk().build()
    _first, _second, third = await desk.queue(30, 25, 20)
    path = f"/desk/bookings/{third.id}/queue"

    async with browser_of(app, desk.organiser) as browser:
        nameless = await post_form(browser, path, {"place": "1", "reason": ""})
        beyond = await post_form(browser, path, {"place": "9", "reason": "首次参加"})
        done = await post_form(browser, path, {"place": "1", "reason": "首次参加"})

    assert (nameless.status_code, beyond.status_code, done.status_code) == (422, 422, 303)
    order = await db.rows("SELECT organisation FROM bookings_booking WHERE state = 'waitlisted' ORDER BY queue_number")
    assert [one["organisation"] for one in order] == [desk.unions[number].id for number in (2, 0, 1)]
    assert await db.value("SELECT reason FROM accounts_journal WHERE action = 'booking.queue_moved'") == "首次参加"


async def test_the_queue_is_nobody_elses(app: Litestar, database: None) -> None:
    desk = await Desk().build()
    first, *_rest = await desk.queue(30, 25, 20)
    path = f"/desk/bookings/{first.id}"

    for actor, status in ((desk.contact, 403), (desk.stranger, 404)):
        async with browser_of(app, actor) as browser:
            assert (await browser.get(f"{path}/queue")).status_code == status
            for deed in ("offer", "queue"):
                answer = await post_form(
                    browser, f"{path}/{deed}", {"seats": "1", "place": "1", "reason": "x"}, page="/account"
                )
                assert answer.status_code == status
    async with browser_of(app, None) as browser:
        assert (await browser.get(f"{path}/queue")).status_code == 303


# --- moving, drafts of orders, no-shows -------------------------------------------------------------------------------


async def test_moving_into_a_warning_asks_for_the_reason(app: Litestar, database: None) -> None:
    desk = await Desk().build()
    await make_session(
        desk.event, providers=(desk.lecturer,), occupying=True, district="常熟市", address="海虞路3号",
        starts_at=STARTS_AT + timedelta(days=14, hours=2),
    )  # fmt: skip
    path = f"/desk/sessions/{desk.session.id}/move"
    typed: dict[str, object] = {
        "title": "倒班职工的睡眠与情绪", "starts_at": "2015-10-08T14:00", "ends_at": "2015-10-08T15:30",
        "provider_ids": str(desk.lecturer.id), "address": "木渎镇职工活动中心", "capacity": "60",
        "visibility": "public", "note": "", "reason": "场地检修", "revision": "1", "approval_needed": "on",
    }  # fmt: skip

    async with browser_of(app, desk.organiser) as browser:
        asked = await post_form(browser, path, typed)
        moved = await post_form(browser, path, {**typed, "override_reason": "常熟那边派车接"})

    assert asked.status_code == 409
    assert '<li class="w">沈若兰16:00—17:30在常熟' in asked.text
    assert 'name="override_reason"' in asked.text
    assert 'value="场地检修"' in asked.text
    assert moved.status_code == 303
    found = await db.row("SELECT starts_at, override_reason FROM events_session WHERE id = $1", desk.session.id)
    assert tuple(found or ()) == (STARTS_AT + timedelta(days=14), "常熟那边派车接")


async def test_the_draft_of_an_order_is_worked_on_through_its_order(app: Litestar, database: None) -> None:
    world = await Dispatch().build()
    order = await world.assigned()

    async with browser_of(app, world.organiser) as browser:
        shown = await browser.get(f"/desk/sessions/{order.session_id}")

    assert "点单派出的，等沈若兰答复。接单以后自动发布。" in shown.text
    assert f'href="/desk/orders?order={order.id}#order"' in shown.text
    for deed in ("publish", "edit", "cancel"):
        assert f"/desk/sessions/{order.session_id}/{deed}" not in shown.text


async def test_a_no_show_keeps_its_reason(app: Litestar, database: None, clock: FixedClock) -> None:
    desk = await Desk().build()
    first, second, third = [await make_booking(desk.session, union, seats=20) for union in desk.unions]
    path = f"/desk/sessions/{desk.session.id}"
    clock.moment = STARTS_AT + timedelta(hours=3)
    typed: dict[str, object] = {
        "no_shows": [str(first.id), str(second.id)],
        f"reason-{first.id}": "生产临时加班",
        f"reason-{second.id}": "",
        f"reason-{third.id}": "没有勾选",
    }

    async with browser_of(app, desk.organiser) as browser:
        bad = await post_form(browser, f"{path}/hold", {**typed, f"reason-{second.id}": "长" * 201}, page=path)
        foreign = await post_form(browser, f"{path}/hold", {"no_shows": str(new_id())}, page=path)
        unheld = await db.value("SELECT state FROM events_session")
        held = await post_form(browser, f"{path}/hold", typed, page=path)
        shown = await browser.get(path)

    assert (bad.status_code, foreign.status_code, unheld) == (422, 422, "published")
    assert f'<a href="#reason-{second.id}">虞山服饰工会：' in bad.text
    assert bad.text.count(" checked>") == 2
    assert f'name="reason-{first.id}" maxlength="200" value="生产临时加班"' in bad.text
    assert held.status_code == 303
    assert "生产临时加班" in shown.text
    found = await db.rows("SELECT state, reason FROM bookings_booking ORDER BY id")
    assert [tuple(one) for one in found] == [("no_show", "生产临时加班"), ("no_show", ""), ("confirmed", "")]
