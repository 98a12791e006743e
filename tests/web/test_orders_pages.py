"""The menu and orders as units see them: what pages show, to whom, how forms refuse, and how often they ask."""

import re
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from litestar import Litestar

from outreach.accounts.tables import Organisation, Person
from outreach.bookings.orders.commands import accept_order, approve_order, assign_order
from outreach.bookings.orders.queries import order_by_id
from outreach.bookings.tables import OrderUnit, Review
from outreach.events.domain.parts import DayPart
from outreach.events.tables import Event
from outreach.programmes.tables import Holiday, Programme
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from outreach.shared.time import ZONE
from tests.factories.accounts import LONG_AGO, browser_of, make_actor, make_grant, make_organisation
from tests.factories.bookings import make_booking
from tests.factories.events import make_event, make_provider, make_session
from tests.factories.openings import make_opening
from tests.factories.orders import make_giver, make_order
from tests.factories.programmes import make_programme, make_year
from tests.support.clock import FixedClock
from tests.support.pages import form_token, post_form
from tests.support.queries import counted

AFTERNOON = datetime(2015, 9, 24, 14, tzinfo=ZONE)


def words(html: str) -> str:
    """What a page says, without its markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html))


class World:
    """A city with a district, two unions in it, an item of the menu and who gives it."""

    root: Organisation
    union: Organisation
    near: Organisation
    contact: Actor
    organiser: Actor
    programme: Programme
    event: Event

    async def build(self, *, programme: dict[str, Any] | None = None, **event: Any) -> "World":
        self.root = await make_organisation(name="市总工会")
        self.district = await make_organisation(
            parent=self.root, name="姑苏区总工会", kind="federation", district="姑苏区"
        )
        self.union = await make_organisation(parent=self.district, name="胥江机械厂工会", code="GS-1")
        self.near = await make_organisation(parent=self.district, name="阊门小厂工会", code="GS-2")
        self.contact = await make_actor(Role.CONTACT, self.union, name="陈巧云", phone="13800000000")
        self.organiser = await make_actor(Role.ORGANISER, self.root)
        self.programme = await make_programme(self.root, name="职工心理健康促进计划", **(programme or {}))
        self.event = await make_event(
            self.programme,
            **{"audience": "倒班职工", "site_needs": "投影、话筒", "topic": "心理健康", "lead_days": 3, **event},
        )
        self.lecturer = await make_provider(self.root, name="沈若兰")
        await make_giver(self.event, self.lecturer)
        self.new = f"/orders/new?event_id={self.event.id}"
        return self

    def wish(self, **given: Any) -> dict[str, object]:
        return {
            "organisation_id": str(self.union.id), "on_1": "2015-09-24", "part_1": "afternoon", "audience": "80",
            "address": "金山路8号食堂二楼", "district": "姑苏区", "contact_name": "陈巧云",
            "contact_phone": "13800000000", **given,
        }  # fmt: skip

    async def assigned(self, now: datetime) -> UUID:
        """An order that waits for its lecturer."""
        made = await make_order(self.event, self.union)
        await approve_order(self.organiser, now, order_id=made.id)
        await assign_order(
            self.organiser, now, order_id=made.id, provider_ids=[self.lecturer.id], starts_at=AFTERNOON,
            override_reason="已商量",
        )  # fmt: skip
        return made.id


# --- the menu ---------------------------------------------------------------------------------------------------------


async def test_the_menu_says_who_when_and_how_well_and_leads_to_the_order(app: Litestar, database: None) -> None:
    world = await World().build()
    for number in range(3):
        host = await make_organisation(parent=world.district)
        held = await make_session(world.event, state="closed", host=host.id, starts_at=AFTERNOON - timedelta(days=90))
        await Review(
            session=held.id, organisation=host.id, lecturer=5, content=4, organising=3 + number, again=True,
            created_at=LONG_AGO,
        ).save()  # fmt: skip
    await make_event(world.programme, title="只看不点", orderable=False)

    async with browser_of(app, None) as anyone:
        menu, item = await anyone.get("/menu"), await anyone.get(f"/menu/{world.event.id}")
        order = await anyone.get(world.new)

    text = words(menu.text)
    for said in ("倒班职工", "90分钟", "投影、话筒", "沈若兰", "4.3分（满分5分，3个单位评）", "9月第3、4、5周"):
        assert said in text, said
    assert menu.text.count('href="/orders/new?event_id=') == 1
    assert "只约现成的场次" in text
    assert f'href="/orders/new?event_id={world.event.id}&amp;window=2015-09-18.morning"' in item.text
    assert (order.status_code, order.headers["location"]) == (
        303, f"/login?next=/orders/new%3Fevent_id%3D{world.event.id}",
    )  # fmt: skip


async def test_two_answers_are_no_rating(app: Litestar, database: None) -> None:
    world = await World().build()
    for _number in range(2):
        host = await make_organisation(parent=world.district)
        held = await make_session(world.event, state="closed", host=host.id)
        await Review(
            session=held.id, organisation=host.id, lecturer=1, content=1, organising=1, again=False,
            created_at=LONG_AGO,
        ).save()  # fmt: skip

    async with browser_of(app, None) as anyone:
        pages = [await anyone.get("/menu"), await anyone.get(f"/menu/{world.event.id}")]

    assert ["满分5分" in one.text for one in pages] == [False, False]


async def test_the_menu_is_filtered_by_programme_kind_and_topic(app: Litestar, database: None) -> None:
    world = await World().build()
    other = await make_programme(world.root, code="culture", name="送文化")
    await make_event(other, title="评弹进厂区", kind="演出", topic="戏曲")

    async with browser_of(app, None) as anyone:
        found = {
            query: (await anyone.get(f"/menu?{query}")).text
            for query in ("programme=culture", "kind=讲座", "topic=戏曲", "kind=讲座&topic=戏曲")
        }

    shown = {query: ("评弹进厂区</a>" in text, "倒班职工的睡眠与情绪</a>" in text) for query, text in found.items()}
    assert shown == {
        "programme=culture": (True, False), "kind=讲座": (False, True), "topic=戏曲": (True, False),
        "kind=讲座&topic=戏曲": (False, False),
    }  # fmt: skip
    assert "没有符合的活动" in found["kind=讲座&topic=戏曲"]
    assert "看全部2项" in found["programme=culture"]


async def test_the_menu_asks_as_often_whatever_it_lists(app: Litestar, database: None) -> None:
    world = await World().build()

    async with browser_of(app, world.contact) as browser:
        await browser.get("/menu")
        with counted() as few:
            await browser.get("/menu")
        for _number in range(3):
            event = await make_event(world.programme)
            await make_giver(event, await make_provider(world.root))
            await make_session(event)
        with counted() as many:
            await browser.get("/menu")

    assert (len(few), len(many)) == (9, 9)


# --- the form ---------------------------------------------------------------------------------------------------------


async def test_the_form_is_filled_with_what_is_known(app: Litestar, database: None) -> None:
    world = await World().build(programme={"max_per_organisation": 3}, min_audience=40, max_audience=160)
    await make_opening(world.programme, events=(world.event,), name="秋季点单")
    await make_order(world.event, world.union, address="金山路8号食堂二楼", state="withdrawn")

    async with browser_of(app, world.contact) as browser:
        shown = await browser.get(f"{world.new}&window=2015-09-23.evening")

    text = words(shown.text)
    for value in ('value="陈巧云"', 'value="13800000000"', 'value="金山路8号食堂二楼"', 'value="2015-09-23"'):
        assert value in shown.text
    assert '<option value="evening" selected>' in shown.text
    for said in ("适合40—160人", "投影、话筒", "主办是市总工会", "秋季点单，面向所有单位", "已用0次，还有3次"):
        assert said in text, said
    assert "9月18日（周五）上午、中午、下午、晚上" in text


async def test_every_field_is_refused_at_once_and_everything_typed_stays(app: Litestar, database: None) -> None:
    world = await World().build(min_audience=40)
    typed = world.wish(
        on_1="2015-09-16", on_2="2015-09-24", part_2="", on_3="2015-13-01", part_3="morning", audience="20",
        contact_phone="1380", joined="GS-2\n没有的厂", support="也没有", note="要<b>早</b>",
    )  # fmt: skip

    async with browser_of(app, world.contact) as browser:
        answer = await post_form(browser, world.new, typed)
        empty = await post_form(
            browser, world.new, {"organisation_id": str(world.union.id), "audience": "", "address": ""}
        )

    assert (answer.status_code, empty.status_code) == (422, 422)
    assert "还没提交，有7处要改" in answer.text
    for said in (
        "没有找到“没有的厂”",
        "没有找到“也没有”",
        "手机号要11位，现在是4位。",
        "至少要40人",
        "要&lt;b&gt;早&lt;/b&gt;",
    ):
        assert said in answer.text, said
    for field in ("on-1", "part-2", "on-3", "audience", "contact-phone", "joined", "support"):
        assert f'href="#{field}"' in answer.text, field
    for value in ('value="2015-09-16"', 'value="2015-13-01"', 'value="20"', "GS-2\n没有的厂</textarea>"):
        assert value in answer.text
    for field in ("on-1", "audience", "address", "contact-name", "contact-phone"):
        assert f'href="#{field}"' in empty.text, field
    assert await db.value("SELECT count(*) FROM bookings_order") == 0


async def test_an_order_keeps_all_that_was_said(app: Litestar, database: None) -> None:
    world = await World().build()
    typed = world.wish(
        on_2="2015-09-25", part_2="evening", on_4="2015-10-08", part_4="noon", site_lacks="没有话筒",
        joined="gs-2", support="姑苏区总工会", agrees_public="on", note="倒班",
    )  # fmt: skip

    async with browser_of(app, world.contact) as browser:
        page = await browser.get(world.new)
        key = re.search(r'name="form_key" value="([0-9a-f-]+)"', page.text)
        assert key is not None
        sent = {**typed, "form_key": key[1], "_csrf_token": form_token(page.text)}
        made, again = await browser.post(world.new, data=sent), await browser.post(world.new, data=sent)
        shown = await browser.get(made.headers["location"])

    order = await order_by_id(await db.value("SELECT id FROM bookings_order"))
    assert (made.status_code, made.headers["location"]) == (303, f"/orders/{order.id}")
    assert again.headers["location"] == made.headers["location"]
    assert [(one.on, one.part) for one in order.windows] == [
        (date(2015, 9, 24), DayPart.AFTERNOON),
        (date(2015, 9, 25), DayPart.EVENING),
        (date(2015, 10, 8), DayPart.NOON),
    ]
    assert (order.joined_ids, order.organisers) == ((world.near.id,), (("support", world.district.id),))
    assert (order.audience, order.site_lacks, order.agrees_public) == (80, "没有话筒", True)
    text = words(shown.text)
    for said in ("等市总工会批准，最晚10月8日", "阊门小厂工会", "协办：姑苏区总工会", "没有话筒", "已提交", "等批准"):
        assert said in text, said


@pytest.mark.parametrize(
    ("programme", "opening", "said"),
    [
        ({"max_per_organisation": 1}, None, "您填的内容还在"),
        (None, {"opens_at": datetime(2015, 9, 20, 9, tzinfo=ZONE)}, "9月20日（周日）09:00开放"),
        (None, {"for_whom": "districts", "districts": ["吴中区"]}, "不对您单位开放"),
        (None, {"places": 1, "quotas": {"吴中区": 1}}, "您填的内容还在"),
    ],
)
async def test_limits_and_openings_refuse_with_two_ways_on(
    app: Litestar, database: None, programme: Any, opening: Any, said: str
) -> None:
    world = await World().build(programme=programme)
    if opening is not None:
        await make_opening(world.programme, events=(world.event,), **opening)
    if programme is not None:
        await make_order(world.event, world.union)
    before = await db.value("SELECT count(*) FROM bookings_order")

    async with browser_of(app, world.contact) as browser:
        answer = await post_form(browser, world.new, world.wish(note="靠窗"))

    assert answer.status_code == 409
    assert said in answer.text
    assert "靠窗" in answer.text
    assert f'href="/menu/{world.event.id}#next"' in answer.text
    assert ('href="/my"' in answer.text, 'href="/menu"' in answer.text) == (True, True)
    assert await db.value("SELECT count(*) FROM bookings_order") == before


async def test_who_may_not_order_is_told_who_may(app: Litestar, database: None) -> None:
    world = await World().build()
    lecturer = await make_actor(Role.PROVIDER, world.root)
    fixed = await make_event(world.programme, orderable=False)

    async with browser_of(app, lecturer) as browser:
        theirs = await browser.get(world.new)
    async with browser_of(app, world.contact) as browser:
        closed = await browser.get(f"/orders/new?event_id={fixed.id}")
        nothing = await browser.get("/orders/new?event_id=nonsense")
    async with browser_of(app, world.organiser) as desk:
        staff = await desk.get(world.new)
        made = await post_form(desk, world.new, world.wish(on_1="2015-09-16"))

    assert "点单由基层工会的联系人办" in theirs.text
    assert "这项活动不接受点单" in closed.text
    assert nothing.status_code == 404
    assert "胥江机械厂工会</option>" in staff.text
    assert made.status_code == 303


# --- the order --------------------------------------------------------------------------------------------------------


async def test_strangers_log_in_and_others_find_nothing(app: Litestar, database: None) -> None:
    world = await World().build()
    order = await make_order(world.event, world.union)
    stranger_union = await make_organisation(parent=world.district)
    rival = await make_actor(Role.CONTACT, stranger_union)
    paths = [f"/orders/{order.id}{rest}" for rest in ("", "/change", "/withdraw", "/form", "/scan")]

    async with browser_of(app, None) as anyone, browser_of(app, rival) as other, browser_of(app, world.contact) as own:
        strangers = [(await anyone.get(path)).status_code for path in paths]
        others = [(await other.get(path)).status_code for path in paths]
        mine = [(await own.get(path)).status_code for path in paths]
        token = form_token((await other.get("/account")).text)
        posts = [
            (await other.post(f"/orders/{order.id}/{name}", data={"_csrf_token": token, "reason": "x"})).status_code
            for name in ("change", "withdraw", "review", "scan")
        ]

    assert strangers == [303] * 5
    assert others == [404] * 5
    assert mine == [200, 200, 200, 200, 404]
    assert set(posts) <= {404, 422}
    assert await db.value("SELECT state FROM bookings_order") == "submitted"


async def test_a_joined_unit_reads_and_does_not_decide(app: Litestar, database: None) -> None:
    world = await World().build()
    order = await make_order(world.event, world.union, joined=(world.near,), contact_phone="13911112222")
    joined = await make_actor(Role.CONTACT, world.near)

    async with browser_of(app, joined) as browser:
        shown, my = await browser.get(f"/orders/{order.id}"), await browser.get("/my")
        change = await browser.get(f"/orders/{order.id}/change")

    assert shown.status_code == 200
    assert "13911112222" not in shown.text
    assert "撤回点单" not in shown.text
    assert f'href="/orders/{order.id}/leave"' in shown.text
    assert "和胥江机械厂工会一起办" in my.text
    assert change.status_code == 403


async def test_a_joined_unit_leaves_and_finds_nothing_more(
    app: Litestar, database: None, now: datetime, clock: FixedClock
) -> None:
    """Asked for the reason first; the unit that ordered neither leaves nor sees the button."""
    world = await World().build()
    order = await make_order(world.event, world.union, joined=(world.near,))
    path = f"/orders/{order.id}"

    async with browser_of(app, await make_actor(Role.CONTACT, world.near)) as browser:
        asked = await browser.get(f"{path}/leave")
        nameless = await post_form(browser, f"{path}/leave", {"reason": " "})
        done = await post_form(browser, f"{path}/leave", {"reason": "人手不够"})
        my, after = await browser.get("/my"), await browser.get(path)
        twice = await post_form(browser, f"{path}/leave", {"reason": "再来"}, page="/account")
    async with browser_of(app, world.contact) as browser:
        shown, theirs, told = await browser.get(path), await browser.get(f"{path}/leave"), await browser.get("/my")

    assert "胥江机械厂工会的点单照办" in asked.text
    assert (nameless.status_code, done.status_code, done.headers["location"]) == (422, 303, "/my")
    assert "已退出拼场，不占您单位的次数。" in my.text
    assert path not in my.text
    assert (after.status_code, twice.status_code, theirs.status_code) == (404, 404, 404)
    assert "阊门小厂工会退出了一起点的单：“倒班职工的睡眠与情绪”。原因：人手不够" in words(told.text)
    assert "退出拼场" not in shown.text


async def test_the_contact_of_two_joined_units_chooses_which_leaves(app: Litestar, database: None) -> None:
    world = await World().build()
    second = await make_organisation(parent=world.district, name="平江小厂工会")
    order = await make_order(world.event, world.union, joined=(world.near, second))
    joined = await make_actor(Role.CONTACT, world.near)
    person = await Person.objects().get(Person.id == joined.person_id)
    assert person is not None
    await make_grant(person, Role.CONTACT, second)
    path = f"/orders/{order.id}/leave"

    async with browser_of(app, joined) as browser:
        unsaid = await post_form(browser, path, {"reason": "人手不够"})
        done = await post_form(browser, path, {"reason": "人手不够", "organisation_id": str(second.id)})

    assert (unsaid.status_code, 'href="#organisation-id"' in unsaid.text) == (422, True)
    assert f'<option value="{second.id}">平江小厂工会</option>' in unsaid.text
    assert done.status_code == 303
    assert (await order_by_id(order.id)).joined_ids == (world.near.id,)


async def test_it_is_too_late_to_leave_what_has_begun(
    app: Litestar, database: None, now: datetime, clock: FixedClock
) -> None:
    """No button, and who had the page open reads why."""
    world = await World().build()
    joined = await make_actor(Role.CONTACT, world.near)
    id_ = await world.assigned(now)
    await OrderUnit(order_id=id_, organisation=world.near.id).save()
    clock.moment = AFTERNOON

    async with browser_of(app, joined) as browser:
        shown, asked = await browser.get(f"/orders/{id_}"), await browser.get(f"/orders/{id_}/leave")
        late = await post_form(browser, f"/orders/{id_}/leave", {"reason": "不来了"}, page="/account")

    assert "退出拼场" not in shown.text
    assert "现在不能退出了" in asked.text
    assert (late.status_code, "现在来不及改了" in late.text) == (409, True)


async def test_two_steps_name_who_endorses(app: Litestar, database: None) -> None:
    world = await World().build(programme={"two_step_orders": True})
    order = await make_order(world.event, world.union)

    async with browser_of(app, world.contact) as browser:
        shown = await browser.get(f"/orders/{order.id}")

    assert "等姑苏区总工会同意，最晚9月24日" in shown.text
    assert re.findall(r'<li aria-current="step">([^<]*)', shown.text) == ["等上级同意"]


async def test_an_assigned_order_says_who_answers_and_until_when(app: Litestar, database: None, now: datetime) -> None:
    world = await World().build()
    id_ = await world.assigned(now)

    async with browser_of(app, world.contact) as browser:
        shown = words((await browser.get(f"/orders/{id_}")).text)
        change = await browser.get(f"/orders/{id_}/change")
        await accept_order(world.organiser, now, order_id=id_, by_phone=True)
        scheduled = await browser.get(f"/orders/{id_}")
        my = words((await browser.get("/my")).text)

    assert "等沈若兰答复，最晚9月18日09:00" in shown
    assert "2015年9月24日（周四）14:00—15:30" in shown
    assert "现在不能改了" in change.text
    session_id = await db.value("SELECT session FROM bookings_order")
    assert f'href="/sessions/{session_id}.ics"' in scheduled.text
    assert f'href="/sessions/{session_id}/sign-in-sheet"' in scheduled.text
    assert "请您单位备好场地和签到表，9月24日14:00举办" in words(scheduled.text)
    assert "9月24日（周四）14:00，沈若兰，80人。下一步：请您单位备好场地和签到表" in my
    # The host booking stands for the order: it is not listed a second time among the bookings.
    assert "还没有预约" in my


async def test_days_off_are_named_gently(app: Litestar, database: None) -> None:
    world = await World().build()
    await Holiday(on=date(2015, 9, 27), kind="off", name="中秋节").save()
    windows = ((date(2015, 9, 27), DayPart.MORNING), (date(2015, 9, 26), DayPart.MORNING))
    order = await make_order(world.event, world.union, windows=windows)

    async with browser_of(app, world.contact) as browser:
        shown = words((await browser.get(f"/orders/{order.id}")).text)

    assert "9月27日（周日）上午 （中秋节，请确认有人来）" in shown
    assert "9月26日（周六）上午 （周末，请确认有人来）" in shown


async def test_times_that_are_gone_are_replaced_in_one_step(app: Litestar, database: None) -> None:
    world = await World().build()
    order = await make_order(world.event, world.union)
    path = f"/orders/{order.id}"

    async with browser_of(app, world.contact) as browser:
        before = await browser.get(path)
        await make_session(world.event, providers=(world.lecturer,), occupying=True)
        after, my = await browser.get(path), await browser.get("/my")
        changing = await browser.get(f"{path}/change?window=2015-09-25.afternoon")

    assert "您选的时间都过去了，或者被别的单位约走了" not in before.text
    assert "您选的时间都过去了，或者被别的单位约走了" in after.text
    assert f'href="{path}/change?window=2015-09-25.afternoon"' in after.text
    assert "“倒班职工的睡眠与情绪”选的时间都没有了" in my.text
    assert re.findall(r'name="on_[12]"[^>]* value="([^"]*)"', changing.text) == ["2015-09-25", "2015-09-24"]


async def test_an_order_is_changed_and_a_stale_page_is_told(app: Litestar, database: None) -> None:
    world = await World().build()
    order = await make_order(world.event, world.union)
    path = f"/orders/{order.id}"
    typed = {**world.wish(on_1="2015-09-30", part_1="evening", audience="60"), "revision": "1"}
    del typed["organisation_id"]

    async with browser_of(app, world.contact) as browser:
        bad = await post_form(browser, f"{path}/change", {**typed, "audience": "0", "part_1": ""})
        saved = await post_form(browser, f"{path}/change", typed)
        stale = await post_form(browser, f"{path}/change", {**typed, "audience": "61"})

    assert (bad.status_code, saved.status_code, stale.status_code) == (422, 303, 412)
    assert ('href="#audience"' in bad.text, 'href="#part-1"' in bad.text) == (True, True)
    assert 'value="61"' in stale.text
    stored = await order_by_id(order.id)
    assert (stored.audience, [(one.on, one.part) for one in stored.windows]) == (
        60, [(date(2015, 9, 30), DayPart.EVENING)],
    )  # fmt: skip


async def test_withdrawing_asks_for_a_reason_and_ends_it(app: Litestar, database: None) -> None:
    world = await World().build()
    order = await make_order(world.event, world.union)
    path = f"/orders/{order.id}"

    async with browser_of(app, world.contact) as browser:
        nameless = await post_form(browser, f"{path}/withdraw", {"reason": " "})
        done = await post_form(browser, f"{path}/withdraw", {"reason": "检修提前"})
        late = await post_form(browser, f"{path}/withdraw", {"reason": "再来"}, page="/account")
        shown = await browser.get(path)

    assert (nameless.status_code, done.status_code, late.status_code) == (422, 303, 409)
    assert "已经撤回，不占您单位的次数。原因：检修提前" in shown.text
    assert f'href="/orders/new?event_id={world.event.id}"' in shown.text
    assert await db.value("SELECT reason FROM bookings_order") == "检修提前"


# --- the stamped form -------------------------------------------------------------------------------------------------


async def test_the_application_form_has_everything_to_be_signed(app: Litestar, database: None) -> None:
    world = await World().build()
    order = await make_order(world.event, world.union, joined=(world.near,), site_lacks="没有话筒", note="倒班")

    async with browser_of(app, world.contact) as browser:
        shown = await browser.get(f"/orders/{order.id}/form")

    text = words(shown.text)
    for said in (
        "职工心理健康促进计划点单申请表",
        "胥江机械厂工会",
        "阊门小厂工会",
        "倒班职工的睡眠与情绪",
        "9月24日（周四）下午",
        "金山路8号食堂二楼",
        "没有话筒",
        "80人",
        "陈巧云",
        "13800000000",
        "单位意见",
        "上级工会意见",
        "主办单位意见",
    ):  # fmt: skip
        assert said in text, said
    assert text.count("（盖章）") == 3
    assert 'class="nav"' not in shown.text


async def test_a_scan_is_kept_and_shown_to_those_concerned(app: Litestar, database: None) -> None:
    world = await World().build()
    order = await make_order(world.event, world.union)
    path = f"/orders/{order.id}"
    data = b"%PDF-1.4 stamped"

    async with browser_of(app, world.contact) as browser:
        token = form_token((await browser.get(path)).text)
        nothing = await browser.post(f"{path}/scan", data={"_csrf_token": token})
        wrong = await browser.post(
            f"{path}/scan", data={"_csrf_token": token}, files={"file": ("a.txt", b"text", "text/plain")}
        )
        kept = await browser.post(
            f"{path}/scan", data={"_csrf_token": token}, files={"file": ("申请表.pdf", data, "application/pdf")}
        )
        shown, scan = await browser.get(path), await browser.get(f"{path}/scan")
    async with browser_of(app, world.organiser) as desk:
        theirs = await desk.get(f"{path}/scan")

    assert (nothing.status_code, wrong.status_code, kept.status_code) == (422, 422, 303)
    assert 'href="#file"' in wrong.text
    assert "申请表.pdf" in shown.text
    assert (scan.content, scan.headers["content-type"]) == (data, "application/pdf")
    assert theirs.content == data


# --- review -----------------------------------------------------------------------------------------------------------


async def test_a_review_needs_three_marks_and_is_given_once(app: Litestar, database: None) -> None:
    world = await World().build()
    held = await make_session(
        world.event, state="held", host=world.union.id, starts_at=AFTERNOON - timedelta(days=20), visibility="host"
    )
    order = await make_order(
        world.event, world.union, state="fulfilled", session=held.id, fulfilled_at=AFTERNOON - timedelta(days=20)
    )
    path = f"/orders/{order.id}"
    marks: dict[str, object] = {"lecturer": "5", "content": "4", "organising": "3", "again": "yes", "words": "再长些"}

    async with browser_of(app, world.contact) as browser:
        my = await browser.get("/my")
        bad = await post_form(browser, f"{path}/review", {"lecturer": "6", "words": "好"}, page=path)
        done = await post_form(browser, f"{path}/review", marks, page=path)
        twice = await post_form(browser, f"{path}/review", marks, page=path)
        shown = await browser.get(path)

    assert "9月4日的倒班职工的睡眠与情绪还没评单" in my.text
    assert "10月5日前请评" in my.text
    assert bad.status_code == 422
    for field in ("lecturer", "content", "organising", "again"):
        assert f'href="#{field}"' in bad.text, field
    assert "好</textarea>" in bad.text
    assert (done.status_code, twice.status_code) == (303, 409)
    assert "您单位给了4.0分，满分5分。" in shown.text
    found = await db.row("SELECT lecturer, content, organising, again, words FROM bookings_review")
    assert tuple(found or ()) == (5, 4, 3, True, "再长些")


# --- 我的 -------------------------------------------------------------------------------------------------------------


async def test_my_page_shows_what_is_used_and_what_is_left(app: Litestar, database: None) -> None:
    world = await World().build(programme={"max_per_organisation": 2})
    await make_year(world.root, max_per_organisation=6)
    await make_booking(await make_session(world.event), world.union)
    await make_order(world.event, world.union)

    async with browser_of(app, world.contact) as browser:
        shown = words((await browser.get("/my")).text)

    assert "已用2次还可约4次" in shown
    assert "每个单位每年最多6次，预约、领走和点单合在一起算。女职工委员会与本单位工会共用。" in shown
    assert "已用2次，还可约0次" in shown
    assert "有1个点单正在办。" in shown
    assert "今年1单" not in shown  # submitted long ago


async def test_without_a_limit_of_the_year_the_tightest_one_stands_first(app: Litestar, database: None) -> None:
    world = await World().build(programme={"max_per_organisation": 4})
    tight = await make_programme(world.root, name="心理关爱", max_per_organisation=2)
    await make_booking(await make_session(await make_event(tight)), world.union)

    async with browser_of(app, world.contact) as browser:
        shown = words((await browser.get("/my")).text)

    assert "已用1次还可约1次心理关爱：每个单位全年最多2次。" in shown
    assert "每个单位全年最多4次。已用0次，还可约4次" in shown


async def test_ended_orders_move_to_the_earlier_ones(app: Litestar, database: None) -> None:
    world = await World().build()
    await make_order(world.event, world.union, state="declined", reason="排满了", ended_at=LONG_AGO)
    recent = datetime(2015, 9, 10, 9, tzinfo=ZONE)
    await make_order(world.event, world.union, state="withdrawn", reason="检修", ended_at=recent)

    async with browser_of(app, world.contact) as browser:
        now_shown, past = await browser.get("/my"), await browser.get("/my?past=true")

    assert ("排满了" in now_shown.text, "检修" in now_shown.text) == (False, True)
    assert ("排满了" in past.text, "检修" in past.text) == (True, False)


async def test_my_page_asks_as_often_whatever_it_lists(app: Litestar, database: None) -> None:
    world = await World().build(programme={"max_per_organisation": 9})
    await make_order(world.event, world.union)
    await make_booking(await make_session(world.event), world.union)

    async with browser_of(app, world.contact) as browser:
        await browser.get("/my")
        with counted() as few:
            await browser.get("/my")
        for number in range(3):
            event = await make_event(world.programme)
            await make_giver(event, await make_provider(world.root))
            await make_order(event, world.union)
            await make_booking(
                await make_session(event, starts_at=AFTERNOON + timedelta(days=number)), world.union, state="waitlisted"
            )
        with counted() as many:
            await browser.get("/my")

    assert (len(few), len(many)) == (13, 13)
