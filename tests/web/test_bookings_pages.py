"""Pages of one session, of one's own bookings and of the desk: what they show, to whom, and how they refuse."""

from datetime import date, timedelta
from typing import Any

import pytest
from litestar import Litestar

from outreach.bookings.tables import Booking
from outreach.programmes.tables import Programme
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from tests.factories.accounts import browser_of, make_actor, make_organisation
from tests.factories.bookings import make_booking, make_headcount
from tests.factories.events import STARTS_AT, make_event, make_provider, make_session
from tests.factories.openings import make_opening
from tests.factories.programmes import make_programme
from tests.support.clock import FixedClock
from tests.support.pages import post_form
from tests.support.queries import counted


class World:
    """A federation, a union with a contact, a rival, and a published session."""

    async def build(self, **session: Any) -> "World":
        self.root = await make_organisation(name="市总工会")
        self.union = await make_organisation(parent=self.root, name="胥江机械厂工会")
        self.other = await make_organisation(parent=self.root, name="虞山服饰工会")
        self.organiser: Actor = await make_actor(Role.ORGANISER, self.root, name="顾秀文")
        self.contact: Actor = await make_actor(Role.CONTACT, self.union, name="陈巧云", phone="13800000000")
        self.event = await make_event(await make_programme(self.root, name="职工心理健康促进计划"))
        self.lecturer = await make_provider(self.root, name="沈若兰")
        self.session = await make_session(self.event, providers=(self.lecturer,), **session)
        self.path = f"/sessions/{self.session.id}"
        return self

    def wish(self, **given: Any) -> dict[str, object]:
        return {
            "organisation_id": str(self.union.id),
            "seats": "20",
            "contact_name": "陈巧云",
            "contact_phone": "13800000000",
            "note": "",
            "agree": "on",
            **given,
        }


async def test_a_stranger_reads_the_session_and_is_led_to_the_login(app: Litestar, database: None) -> None:
    world = await World().build()
    await make_booking(world.session, world.other, seats=44, contact_phone="13811112222", contact_name="周明")

    async with browser_of(app, None) as browser:
        shown = await browser.get(world.path)

    assert shown.status_code == 200
    assert "沈若兰" in shown.text
    assert "余76个" in shown.text
    assert f'href="/login?next={world.path}"' in shown.text
    assert f"预约：http://testserver{world.path}" in shown.text
    assert f'href="{world.path}.ics"' in shown.text
    for secret in ("13811112222", "周明", "虞山服饰工会", f'action="{world.path}/book"'):
        assert secret not in shown.text


async def test_a_contact_finds_the_form_filled_with_name_and_phone(app: Litestar, database: None) -> None:
    world = await World().build(max_seats_per_booking=40)

    async with browser_of(app, world.contact) as browser:
        shown = await browser.get(world.path)

    assert "还余120个，每个单位最多40个" in shown.text
    assert 'value="陈巧云"' in shown.text
    assert 'value="13800000000"' in shown.text


async def test_a_refused_form_names_every_field_and_keeps_what_was_typed(app: Litestar, database: None) -> None:
    world = await World().build(capacity=38)
    typed = world.wish(seats="45", contact_phone="1380000000", note="要<b>前排</b>")
    del typed["agree"]

    async with browser_of(app, world.contact) as browser:
        answer = await post_form(browser, f"{world.path}/book", typed, page=world.path)

    assert answer.status_code == 422
    assert "还没提交，有3处要改" in answer.text
    for words in (
        "这场只剩38个名额。可改为38个以内，排候补，或改约另一场。",
        "手机号要11位，现在是10位。",
        "勾选后才能提交。",
    ):
        assert words in answer.text
    assert 'value="45"' in answer.text
    assert "要&lt;b&gt;前排&lt;/b&gt;" in answer.text
    assert await db.value("SELECT count(*) FROM bookings_booking") == 0


async def test_who_lost_the_last_seats_is_told_when_and_offered_two_ways(app: Litestar, database: None) -> None:
    world = await World().build(capacity=20)
    other_date = await make_session(world.event, starts_at=STARTS_AT + timedelta(days=6))

    async with browser_of(app, world.contact) as browser:
        await make_booking(world.session, world.other, seats=20, created_at=STARTS_AT - timedelta(days=9, hours=5.5))
        answer = await post_form(browser, f"{world.path}/book", world.wish(note="靠窗"), page="/my")

    assert answer.status_code == 409
    assert "刚刚被约满了" in answer.text
    assert "最后的名额在08:30被别的单位约走。您填的内容还在。" in answer.text
    assert "靠窗" in answer.text
    assert f'href="/sessions/{other_date.id}"' in answer.text
    assert 'href="/calendar"' in answer.text


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"state": "cancelled", "cancel_reason": "内部原因"}, "这场已经取消"),
        ({"state": "held"}, "这场已经办过"),
        ({"booking_opens_at": STARTS_AT - timedelta(days=2)}, "还没有开放预约"),
        ({"booking_closes_at": STARTS_AT - timedelta(days=20)}, "预约已经截止"),
        ({"moved_from": STARTS_AT - timedelta(days=7)}, "改过期：原定9月17日（周四）14:00"),
        ({"claimable": True, "address": ""}, "在领走的单位办，地点由您定"),
    ],
)
async def test_the_page_shows_what_became_of_the_session(
    app: Litestar, database: None, given: dict[str, Any], words: str
) -> None:
    world = await World().build(**given)

    async with browser_of(app, world.contact) as browser:
        shown = await browser.get(world.path)

    assert words in shown.text
    assert "内部原因" not in shown.text
    assert (f'action="{world.path}/book"' in shown.text) == ("moved_from" in given)
    assert (f'action="{world.path}/claim"' in shown.text) == ("claimable" in given)


async def test_hidden_sessions_are_404_pages_and_open_to_those_concerned(app: Litestar, database: None) -> None:
    world = await World().build(visibility="host", host=None)
    await db.execute("UPDATE events_session SET host = $1", world.union.id)
    rival = await make_actor(Role.CONTACT, world.other)

    answers = {}
    for name, actor in (("stranger", None), ("rival", rival), ("host", world.contact), ("staff", world.organiser)):
        async with browser_of(app, actor) as browser:
            shown = await browser.get(world.path)
            answers[name] = shown.status_code
            assert ("沈若兰" in shown.text) == (name in ("host", "staff"))

    assert answers == {"stranger": 404, "rival": 404, "host": 200, "staff": 200}


async def test_who_booked_still_sees_a_session_that_was_hidden_since(app: Litestar, database: None) -> None:
    world = await World().build()
    await make_booking(world.session, world.union)
    await db.execute("UPDATE events_session SET visibility = 'host', host = $1", world.other.id)

    async with browser_of(app, world.contact) as browser:
        shown = await browser.get(world.path)

    assert shown.status_code == 200
    assert "您单位的预约" in shown.text


async def test_a_form_without_its_token_is_refused(app: Litestar, database: None) -> None:
    world = await World().build()

    async with browser_of(app, world.contact) as browser:
        answer = await browser.post(f"{world.path}/book", data=world.wish())

    assert answer.status_code == 403
    assert await db.value("SELECT count(*) FROM bookings_booking") == 0


# --- the waiting list and openings ------------------------------------------------------------------------------------


async def test_a_full_session_offers_the_queue_and_says_how_long_it_is(app: Litestar, database: None) -> None:
    world = await World().build(capacity=20)
    await make_booking(world.session, world.other, seats=20)
    third = await make_organisation(parent=world.root)
    await make_booking(world.session, third, seats=8, state="waitlisted")

    async with browser_of(app, world.contact) as browser:
        shown = await browser.get(world.path)
        queued = await post_form(browser, f"{world.path}/book", world.wish(waitlist="on"), page=world.path)
        booking, session = await browser.get(queued.headers["location"]), await browser.get(world.path)
        my = await browser.get("/my")

    assert "名额已经约满。前面有1个单位在候补，共8人。" in shown.text
    assert '<input type="hidden" name="waitlist" value="on">' in shown.text
    assert '<button class="btn main">排候补</button>' in shown.text
    for page in (booking, session, my):
        assert '<span class="st waitlisted">候补第2位</span>' in page.text
        assert "有空位马上通知您，最晚等到9月24日" in page.text
    assert "候补2个单位28人" in session.text
    assert "退出候补" in booking.text
    for secret in (third.name, "虞山服饰工会"):
        assert secret not in session.text


async def test_who_wants_more_than_is_left_may_queue_at_once(app: Litestar, database: None) -> None:
    world = await World().build(capacity=38)

    async with browser_of(app, world.contact) as browser:
        shown = await browser.get(world.path)
        too_many = await post_form(
            browser, f"{world.path}/book", world.wish(seats="60", waitlist="on"), page=world.path
        )
        await make_booking(world.session, world.other, seats=20)
        queued = await post_form(browser, f"{world.path}/book", world.wish(seats="30", waitlist="on"), page=world.path)

    assert "名额不够时排候补，空出来按先后递补" in shown.text
    assert too_many.status_code == 422
    assert "一共只有38个名额" in too_many.text
    assert queued.status_code == 303
    assert await db.value("SELECT state FROM bookings_booking WHERE seats = 30") == "waitlisted"


async def test_an_offer_is_taken_or_let_go(app: Litestar, database: None, clock: FixedClock) -> None:
    world = await World().build(capacity=20)
    await make_booking(world.session, world.other, seats=8)
    until = clock.moment + timedelta(hours=6)
    given: dict[str, Any] = {"seats": 12, "seats_wanted": 20, "state": "offered", "offer_expires_at": until}
    mine = await make_booking(world.session, world.union, **given)
    path = f"/bookings/{mine.id}"

    async with browser_of(app, world.contact) as browser:
        my, shown = await browser.get("/my"), await browser.get(path)
        refused = await post_form(browser, f"{path}/refuse-offer", {}, page=path)
        waiting = await browser.get(path)
        await db.execute(
            """UPDATE bookings_booking SET state = 'offered', seats = 12, seats_wanted = 20, offer_expires_at = $1
                WHERE id = $2""",
            until,
            mine.id,
        )
        await db.execute("UPDATE events_session SET seats_taken = 20")
        opened = await browser.get(path)
        clock.moment = until
        late = await post_form(browser, f"{path}/take-offer", {}, page="/account")
        expired = await browser.get(path)
        clock.moment = until - timedelta(minutes=1)
        taken = await post_form(browser, f"{path}/take-offer", {}, page=path)

    assert "候补到了12个名额，要在9月15日15:00以前接受" in my.text
    assert "还有1件事等您办。" in my.text
    assert "为您留着12个名额，到9月15日（周二）15:00为止（还有6小时）" in shown.text
    assert "原来要20人，现在能给12人" in shown.text
    assert f'action="{path}/take-offer"' in opened.text
    assert f'action="{path}"' not in shown.text  # an offer is taken or let go as it is
    assert refused.status_code == 303
    assert "候补第1位" in waiting.text
    assert late.status_code == 409
    assert "已经过了答复的时间" in late.text
    assert "名额已让给后面的单位，您仍在候补" in expired.text
    assert f'action="{path}/take-offer"' not in expired.text
    assert taken.status_code == 303
    assert tuple(await db.row("SELECT state, seats FROM bookings_booking WHERE id = $1", mine.id) or ()) == (
        "confirmed", 12,
    )  # fmt: skip


async def test_only_the_unit_takes_its_offer(app: Litestar, database: None, clock: FixedClock) -> None:
    world = await World().build()
    later = clock.moment + timedelta(hours=1)
    foreign = await make_booking(world.session, world.other, state="offered", offer_expires_at=later)
    path = f"/bookings/{foreign.id}"

    async with browser_of(app, None) as anyone:
        stranger = await anyone.get(path)
    async with browser_of(app, world.contact) as browser:
        answers = [await post_form(browser, f"{path}/{what}-offer", {}, page="/account") for what in ("take", "refuse")]

    assert stranger.status_code == 303
    assert [one.status_code for one in answers] == [404, 404]
    assert await db.value("SELECT state FROM bookings_booking") == "offered"


async def test_openings_say_when_and_for_whom(app: Litestar, database: None, clock: FixedClock) -> None:
    world = await World().build()
    programme = await Programme.objects().get(Programme.id == world.session.programme)
    assert programme is not None
    opens_at = clock.moment + timedelta(days=1)
    await make_opening(
        programme,
        sessions=(world.session,),
        name="第一批",
        opens_at=opens_at,
        for_whom="districts",
        districts=["姑苏区"],
    )

    async with browser_of(app, world.contact) as browser:
        before = await browser.get(world.path)
        clock.moment = opens_at
        after = await browser.get(world.path)

    assert "9月16日（周三）09:00开放，面向姑苏区，先到先得" in before.text
    assert f'action="{world.path}/book"' not in before.text
    assert "面向姑苏区" in after.text
    assert f'action="{world.path}/book"' in after.text


async def test_the_session_page_asks_as_often_however_many_wait(app: Litestar, database: None) -> None:
    world = await World().build(capacity=20)
    await make_booking(world.session, world.other, seats=20)

    async with browser_of(app, world.contact) as browser:
        await browser.get(world.path)
        with counted() as few:
            await browser.get(world.path)
        for _number in range(3):
            await make_booking(world.session, await make_organisation(parent=world.root), state="waitlisted")
        with counted() as many:
            await browser.get(world.path)

    assert (len(few), len(many)) == (10, 10)


async def test_a_late_cancellation_is_named_and_recorded(app: Litestar, database: None, clock: FixedClock) -> None:
    world = await World().build()
    await db.execute("UPDATE programmes_programme SET cancel_hours = 24")
    booking = await make_booking(world.session, world.union)
    path = f"/bookings/{booking.id}"
    fewer: dict[str, object] = {
        "seats": "5", "contact_name": "陈巧云", "contact_phone": "13800000000", "note": "", "revision": "1",
    }  # fmt: skip

    async with browser_of(app, world.contact) as browser:
        early = await browser.get(path)
        clock.moment = STARTS_AT - timedelta(hours=23)
        late, asking = await browser.get(path), await browser.get(f"{path}/cancel")
        kept = await post_form(browser, path, fewer)
        nameless = await post_form(browser, f"{path}/cancel", {"reason": ""})
        gone = await post_form(browser, f"{path}/cancel", {"reason": "临时停电"})
        shown = await browser.get(path)

    assert "9月23日（周三）14:00以前可以减少" in early.text
    assert "9月23日（周三）14:00以前取消，不留记录。以后取消会记为临时取消。" in early.text
    assert "已过取消期限，只能增加" in late.text
    assert "现在取消会记为临时取消，主办单位看得到原因。" in asking.text
    assert (kept.status_code, nameless.status_code, gone.status_code) == (409, 422, 303)
    assert "临时取消" in shown.text
    found = await db.row("SELECT state, is_late, cancelled_by FROM bookings_booking")
    assert tuple(found or ()) == ("cancelled", True, "unit")


# --- my bookings -----------------------------------------------------------------------------------------------------


async def test_my_page_says_what_is_next_and_shows_nothing_of_others(app: Litestar, database: None) -> None:
    world = await World().build()
    soon = await make_session(world.event, title="体检报告怎么读", starts_at=STARTS_AT - timedelta(days=7))
    await make_booking(soon, world.union, seats=20)
    await make_booking(world.session, world.union, state="pending", seats=30)
    foreign = await make_session(world.event, title="别家的讲座")
    await make_booking(foreign, world.other)

    async with browser_of(app, world.contact) as browser:
        shown = await browser.get("/my")

    assert "后天14:00有一场，20人，已确认。有1个预约等主办单位审核。还有1件事等您办。" in shown.text
    assert f'href="/sessions/{soon.id}/sign-in-sheet"' in shown.text
    assert "等市总工会答复" in shown.text
    assert "手机尾号0000" in shown.text
    assert "别家的讲座" not in shown.text


async def test_an_empty_my_page_leads_on(app: Litestar, database: None) -> None:
    world = await World().build()

    async with browser_of(app, world.contact) as browser:
        shown, past = await browser.get("/my"), await browser.get("/my?past=true")

    assert "还没有预约" in shown.text
    assert "没有更早的预约" in past.text


@pytest.mark.parametrize("path", ["/my", "/desk/bookings", "/desk/unrecorded", "/desk/sessions/past"])
async def test_strangers_are_sent_to_the_login_and_contacts_stay_off_the_desk(
    app: Litestar, database: None, path: str
) -> None:
    world = await World().build()

    async with browser_of(app, None) as browser:
        stranger = await browser.get(path)
    async with browser_of(app, world.contact) as browser:
        contact = await browser.get(path)

    assert (stranger.status_code, stranger.headers["location"]) == (303, f"/login?next={path}")
    assert contact.status_code == (200 if path == "/my" else 403)


async def test_a_foreign_booking_is_a_404_page(app: Litestar, database: None) -> None:
    world = await World().build()
    foreign = await make_booking(world.session, world.other)

    async with browser_of(app, world.contact) as browser:
        answers = [await browser.get(f"/bookings/{foreign.id}{rest}") for rest in ("", "/cancel")]

    assert [one.status_code for one in answers] == [404, 404]


async def test_a_booking_changed_meanwhile_keeps_what_was_typed(app: Litestar, database: None) -> None:
    world = await World().build()
    booking = await make_booking(world.session, world.union, seats=20)
    path = f"/bookings/{booking.id}"
    typed: dict[str, object] = {
        "seats": "25", "contact_name": "陈巧云", "contact_phone": "13800000000", "note": "", "revision": "1",
    }  # fmt: skip

    async with browser_of(app, world.contact) as browser:
        await Booking.update({Booking.revision: 2, Booking.note: "别人改的"}).where(Booking.id == booking.id)
        stale = await post_form(browser, path, typed)
        saved = await post_form(browser, path, {**typed, "revision": "2"})

    assert stale.status_code == 412
    assert "内容已被别人改过" in stale.text
    assert 'value="25"' in stale.text
    assert (saved.status_code, saved.headers["location"]) == (303, path)
    assert await db.value("SELECT seats FROM bookings_booking") == 25


# --- the desk --------------------------------------------------------------------------------------------------------


async def test_the_desk_lists_what_waits_first_with_phones_of_its_own_sessions(app: Litestar, database: None) -> None:
    world = await World().build(approval_needed=True)
    waiting = await make_booking(world.session, world.union, state="pending", contact_phone="13811112222")
    await make_booking(world.session, world.other, contact_phone="13833334444")
    foreign_root = await make_organisation()
    foreign = await make_session(await make_event(await make_programme(foreign_root)), title="外地的讲座")
    await make_booking(foreign, await make_organisation(parent=foreign_root), state="pending")

    async with browser_of(app, world.organiser) as browser:
        shown = await browser.get("/desk/bookings")
        everything = await browser.get("/desk/bookings?show=all")

    assert "有1个预约等审核" in shown.text
    assert f'action="/desk/bookings/{waiting.id}/confirm"' in shown.text
    assert ("13811112222" in shown.text, "13833334444" in shown.text) == (True, False)
    assert ("13833334444" in everything.text, "外地的讲座" in everything.text) == (True, False)


async def test_declining_asks_for_a_reason_and_tells_it(app: Litestar, database: None) -> None:
    world = await World().build(approval_needed=True)
    waiting = await make_booking(world.session, world.union, state="pending")
    path = f"/desk/bookings/{waiting.id}/decline"

    async with browser_of(app, world.organiser) as browser:
        nameless = await post_form(browser, path, {"reason": " "})
        done = await post_form(browser, path, {"reason": "名额先给没参加过的单位"})
        late = await post_form(browser, f"/desk/bookings/{waiting.id}/confirm", {}, page="/desk/sessions/past")

    assert (nameless.status_code, done.status_code, late.status_code) == (422, 303, 303)
    found = await db.row("SELECT state, reason FROM bookings_booking")
    assert tuple(found or ()) == ("declined", "名额先给没参加过的单位")


async def test_staff_book_for_a_union_that_called(app: Litestar, database: None) -> None:
    world = await World().build()
    path = f"/desk/bookings/new?session_id={world.session.id}"
    typed = {name: value for name, value in world.wish().items() if name != "agree"}

    async with browser_of(app, world.organiser) as browser:
        made = await post_form(browser, path, typed)
        twice = await post_form(browser, path, typed)

    assert (made.status_code, made.headers["location"]) == (303, f"/desk/sessions/{world.session.id}")
    assert twice.status_code == 409
    assert "您单位已经约过这场" in twice.text
    assert await db.value("SELECT count(*) FROM bookings_booking") == 1


async def test_staff_queue_a_union_for_a_full_session(app: Litestar, database: None) -> None:
    world = await World().build(capacity=20)
    path = f"/desk/bookings/new?session_id={world.session.id}"
    typed = {name: value for name, value in world.wish(seats="15").items() if name != "agree"}
    booking = await make_booking(world.session, world.other, seats=16)
    changed = {**typed, "seats": "21", "revision": "1"}

    async with browser_of(app, world.organiser) as browser:
        short = await post_form(browser, path, typed)
        more = await post_form(browser, f"/bookings/{booking.id}", changed, page=path)
        await make_booking(world.session, await make_organisation(), seats=4)
        full = await post_form(browser, path, typed)
        queued = await post_form(browser, path, {**typed, "waitlist": "on"})

    assert "可改为4个以内，排候补，或改约另一场。" in short.text
    assert "加上您单位现有的，最多20个。请改为20个以内。" in more.text
    assert "名额已经约满。可以排候补，或改约另一场。" in full.text
    assert 'name="waitlist"' in full.text
    assert (queued.status_code, await db.value("SELECT max(queue_number) FROM bookings_booking")) == (303, 1)


async def test_a_published_session_is_moved_from_the_desk(app: Litestar, database: None) -> None:
    world = await World().build()
    await make_booking(world.session, world.union)
    path = f"/desk/sessions/{world.session.id}/move"
    typed: dict[str, object] = {
        "title": "倒班职工的睡眠与情绪", "starts_at": "2015-10-08T14:00", "ends_at": "2015-10-08T15:30",
        "provider_ids": str(world.lecturer.id), "address": "木渎镇职工活动中心", "capacity": "120",
        "visibility": "public", "note": "", "reason": "讲师出差", "revision": "1",
    }  # fmt: skip

    async with browser_of(app, world.organiser) as browser:
        backwards = await post_form(browser, path, {**typed, "ends_at": "2015-10-08T13:00", "capacity": "3"})
        moved = await post_form(browser, path, typed)
        stale = await post_form(browser, path, typed)

    assert backwards.status_code == 422
    assert "结束要晚于开始。" in backwards.text
    assert (moved.status_code, stale.status_code) == (303, 412)
    found = await db.row("SELECT starts_at, moved_from, revision FROM events_session")
    assert tuple(found or ()) == (STARTS_AT + timedelta(days=14), STARTS_AT, 2)


async def test_the_manage_page_records_closes_and_shows_the_journal(
    app: Litestar, database: None, clock: FixedClock
) -> None:
    world = await World().build()
    booking = await make_booking(world.session, world.union, contact_phone="13811112222")
    path = f"/desk/sessions/{world.session.id}"
    count: dict[str, object] = {"on": "2015-09-24", "total": "96", "workers": "", "women": "97"}

    async with browser_of(app, world.organiser) as browser:
        before = await browser.get(path)
        clock.moment = STARTS_AT + timedelta(days=1)
        bad = await post_form(browser, f"{path}/headcount", count, page=path)
        good = await post_form(browser, f"{path}/headcount", {**count, "women": "41"}, page=path)
        held = await post_form(browser, f"{path}/hold", {"no_shows": str(booking.id)}, page=path)
        closed = await post_form(browser, f"{path}/close", {"missing_reason": "没有照片"}, page=path)
        wrong = await post_form(
            browser, f"{path}/correct", {"field": "total", "on": "2015-09-24", "value": "3", "reason": "x"}
        )
        corrected = await post_form(
            browser, f"{path}/correct", {"field": "total", "on": "2015-09-24", "value": "99", "reason": "漏数"}
        )
        after = await browser.get(path)

    assert "13811112222" in before.text
    assert f'action="{path}/headcount"' not in before.text
    assert bad.status_code == 422
    assert "不能多于总人次96。" in bad.text
    assert [one.status_code for one in (good, held, closed, wrong, corrected)] == [303, 303, 303, 422, 303]
    assert "96改为99" in after.text
    assert "顾秀文" in after.text
    assert "未到" in after.text
    assert "已结项，共99人次" in after.text


async def test_a_contact_and_a_foreign_organiser_do_not_manage(app: Litestar, database: None) -> None:
    world = await World().build(visibility="members")
    stranger = await make_actor(Role.ORGANISER, await make_organisation())
    path = f"/desk/sessions/{world.session.id}"

    for actor, status in ((world.contact, 403), (stranger, 404)):
        async with browser_of(app, actor) as browser:
            for rest in ("", "/move", "/cancel", "/correct"):
                assert (await browser.get(path + rest)).status_code == status


async def test_a_past_session_is_entered_by_form(app: Litestar, database: None) -> None:
    world = await World().build()
    typed: dict[str, object] = {
        "event_id": str(world.event.id), "title": "", "starts_at": "2015-08-03T14:00", "ends_at": "",
        "provider_ids": str(world.lecturer.id), "host_id": str(world.union.id), "venue_id": "", "address": "职工食堂",
        "total": "88", "workers": "", "women": "90",
    }  # fmt: skip

    async with browser_of(app, world.organiser) as browser:
        bad = await post_form(browser, "/desk/sessions/past", typed)
        good = await post_form(browser, "/desk/sessions/past", {**typed, "women": "40"})

    assert bad.status_code == 422
    assert "不能多于总人次88。" in bad.text
    assert good.status_code == 303
    assert await db.value("SELECT state FROM events_session WHERE address = '职工食堂'") == "held"


async def test_unrecorded_sessions_wait_on_their_page(app: Litestar, database: None) -> None:
    world = await World().build(starts_at=STARTS_AT - timedelta(days=16))

    async with browser_of(app, world.organiser) as browser:
        shown = await browser.get("/desk/unrecorded")

    assert "已过期未登记7天" in shown.text
    assert f'href="/desk/sessions/{world.session.id}#headcount"' in shown.text


# --- the sign-in sheet -----------------------------------------------------------------------------------------------


async def test_a_sheet_lists_all_units_for_staff_and_ones_own_for_who_booked(app: Litestar, database: None) -> None:
    world = await World().build()
    long_name = "长" * 60
    long_union = await make_organisation(parent=world.root, name=long_name)
    await make_booking(world.session, long_union, seats=3)
    await make_booking(world.session, world.union, seats=2)
    await make_booking(world.session, world.other, seats=9, state="pending")
    rival = await make_actor(Role.CONTACT, world.other)
    path = f"{world.path}/sign-in-sheet"

    pages = {}
    for name, actor in (("staff", world.organiser), ("booked", world.contact), ("pending", rival), ("none", None)):
        async with browser_of(app, actor) as browser:
            pages[name] = await browser.get(path)

    counts = {name: (shown.text.count(f"<td>{long_name}</td>"), shown.text.count("<td>胥江机械厂工会</td>"))
              for name, shown in pages.items()}  # fmt: skip
    assert counts == {"staff": (3, 2), "booked": (0, 2), "pending": (0, 0), "none": (0, 0)}
    assert [shown.status_code for shown in pages.values()] == [200, 200, 403, 303]
    for column in ("序号", "单位", "姓名", "部门", "签名"):
        assert f">{column}</th>" in pages["staff"].text
    assert "虞山服饰工会" not in pages["staff"].text


async def test_the_host_prints_the_sheet_of_everybody(app: Litestar, database: None) -> None:
    world = await World().build(visibility="host")
    await db.execute("UPDATE events_session SET host = $1", world.union.id)
    await make_booking(world.session, world.union, seats=2, is_host=True)
    await make_booking(world.session, world.other, seats=3)
    await make_headcount(world.session, on=date(2015, 9, 24))

    async with browser_of(app, world.contact) as browser:
        shown = await browser.get(f"{world.path}/sign-in-sheet")

    assert (shown.text.count("<td>胥江机械厂工会</td>"), shown.text.count("<td>虞山服饰工会</td>")) == (2, 3)


async def test_a_lecturer_sees_the_own_sessions_and_no_other(app: Litestar, database: None) -> None:
    """What a lecturer gives stands on the own page; another lecturer's host-only session does not."""
    root = await make_organisation()
    own = await make_actor(Role.PROVIDER, root)
    lecturer = await make_provider(root, name="沈若兰", person=own.person_id)
    other = await make_provider(root, name="陆知微")
    event = await make_event(await make_programme(root))
    await make_session(event, providers=(lecturer,), title="倒班与睡眠", visibility="host")
    await make_session(event, providers=(other,), title="别人的一讲", visibility="host")

    async with browser_of(app, own) as browser:
        page = await browser.get("/my")

    assert page.status_code == 200
    assert "倒班与睡眠" in page.text
    assert "别人的一讲" not in page.text
    assert "您要去的场次" in page.text
