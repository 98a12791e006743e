"""Pages of messages: hooks, own words, whom to tell, what each person chooses, and the links of mails."""

import re
from datetime import timedelta
from typing import Any

import httpx
import pytest
from litestar import Litestar

from outreach.accounts.tables import Organisation
from outreach.notifications.channels.console import ConsoleChannel
from outreach.notifications.domain.confirming import GOOD_FOR
from outreach.notifications.domain.unsubscribing import token_for
from outreach.notifications.own_words import read_own_words, words_for
from outreach.notifications.routing import route
from outreach.notifications.tables import Choice, Delivery, Hook, OutboxMessage
from outreach.settings import Settings
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from outreach.shared.ids import new_id
from tests.factories.accounts import LONG_AGO, browser_of, make_actor, make_grant, make_organisation, make_person
from tests.factories.bookings import BookingWorld, make_booking
from tests.support.clock import FixedClock
from tests.support.letters import tell
from tests.support.pages import form_token, post_form
from tests.support.receiving import receiving

pytestmark = pytest.mark.usefixtures("database")

SECRET = b"t" * 40
#: In examples, since the tests' own server has no network.
WECOM = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=0123456789abcdef"


@pytest.fixture
async def world() -> BookingWorld:
    return await BookingWorld().build()


@pytest.fixture
async def neighbour(world: BookingWorld) -> Actor:
    """Runs another tree."""
    return await make_actor(Role.ORGANISER, await make_organisation(name="别的市总工会"))


# --- hooks ------------------------------------------------------------------------------------------------------------


def hook_form(organisation: Organisation, **given: Any) -> dict[str, Any]:
    return {
        "organisation_id": str(organisation.id),
        "name": "工作群",
        "shape": "wecom",
        "url": WECOM,
        "secret": "",
        "kinds": ["session-moved", "session-cancelled"],
        **given,
    }


async def test_a_hook_is_made_changed_paused_and_shows_no_key(app: Litestar, world: BookingWorld) -> None:
    async with browser_of(app, world.organiser) as browser:
        made = await post_form(browser, "/desk/hooks/new", hook_form(world.root))
        place = made.headers["location"]
        shown = await browser.get(place)
        changed = await post_form(
            browser, place, {"name": "排班群", "url": "", "kinds": ["session-moved"], "revision": "1"}, page=place
        )
        stale = await post_form(
            browser, place, {"name": "晚了", "kinds": ["session-moved"], "revision": "1"}, page=place
        )
        paused = await post_form(browser, f"{place}/pause", {}, page=place)
        listed = await browser.get("/desk/hooks")
        resumed = await post_form(browser, f"{place}/resume", {}, page=place)

    assert [one.status_code for one in (made, changed, stale, paused, resumed)] == [303, 303, 409, 303, 303]
    assert "0123456789abcdef" not in shown.text
    assert "https://qyapi.weixin.qq.com/cgi-bin/…cdef" in shown.text
    assert "已暂停" in listed.text
    assert "排班群" in listed.text
    hook = (await Hook.objects())[0]
    assert (hook.url, hook.kinds) == (WECOM, ["session-moved"])
    assert await db.value("SELECT paused_at FROM notifications_hook") is None
    actions = await db.rows("SELECT action FROM accounts_journal WHERE object_kind = 'hook' ORDER BY id")
    assert [one["action"] for one in actions] == ["hook.created", "hook.changed", "hook.paused", "hook.resumed"]


async def test_the_secret_for_another_system_is_shown_once(app: Litestar, world: BookingWorld) -> None:
    async with browser_of(app, world.organiser) as browser:
        made = await post_form(
            browser, "/desk/hooks/new", hook_form(world.root, shape="json", url="https://example.cn/in", secret="own")
        )
        hook = (await Hook.objects())[0]
        again = await browser.get(f"/desk/hooks/{hook.id}")
        renewed = await post_form(browser, f"/desk/hooks/{hook.id}/secret", {}, page=f"/desk/hooks/{hook.id}")
        after = (await Hook.objects())[0]

    assert len(hook.secret) == 43
    assert hook.secret in made.text
    assert hook.secret not in again.text
    assert after.secret in renewed.text
    assert after.secret != hook.secret


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"url": "http://example.cn/"}, "url"),
        ({"url": "https://10.0.0.1/"}, "url"),
        ({"url": ""}, "url"),
        ({"kinds": []}, "kinds"),
        ({"kinds": ["weekly-summary"]}, "kinds"),
        ({"secret": "SEC"}, "secret"),
        ({"name": " "}, "name"),
        ({"shape": "telegram"}, "shape"),
        ({"organisation_id": str(new_id())}, "organisation_id"),
        ({"organisation_id": "x"}, "organisation_id"),
    ],
)
async def test_what_a_hook_lacks_is_said_at_its_field(
    app: Litestar, world: BookingWorld, given: dict[str, Any], field: str
) -> None:
    async with browser_of(app, world.organiser) as browser:
        answer = await post_form(browser, "/desk/hooks/new", hook_form(world.root, **given))

    assert answer.status_code == 422
    assert f'id="e-{field.replace("_", "-")}"' in answer.text
    assert await Hook.count() == 0


async def test_others_hooks_are_not_there(app: Litestar, world: BookingWorld, neighbour: Actor) -> None:
    """Neither to read nor to use, nor may one be made for others; contacts have none at all."""
    hook = Hook(
        organisation=world.root.id, name="群", shape="json", url="https://e.cn/", secret="s" * 43, created_at=LONG_AGO
    )
    await hook.save()
    async with browser_of(app, neighbour) as browser:
        token = form_token((await browser.get("/desk/hooks/new")).text)
        place = f"/desk/hooks/{hook.id}"
        data: dict[str, Any] = {"_csrf_token": token, "name": "x", "kinds": "session-moved", "revision": "1"}
        paths = ("", "/pause", "/resume", "/test", "/secret", f"/deliveries/{new_id()}/again")
        answers = [(await browser.post(place + path, data=data)).status_code for path in paths]
        listed = await browser.get("/desk/hooks")
        made = await browser.post("/desk/hooks/new", data={**hook_form(world.root), "_csrf_token": token})
        seen = await browser.get(place)
    async with browser_of(app, world.contact) as browser:
        refused = (await browser.get("/desk/hooks")).status_code

    assert answers == [404] * len(paths)
    assert (seen.status_code, made.status_code, refused) == (404, 422, 403)
    assert "群</a>" not in listed.text


async def test_a_test_message_says_what_came_of_it(app: Litestar, world: BookingWorld) -> None:
    """Into the house it is not sent, whatever is stored."""
    async with receiving() as receiver:
        hook = Hook(
            organisation=world.root.id, name="群", shape="json", url=receiver.url, secret="s" * 43, created_at=LONG_AGO
        )
        await hook.save()
        async with browser_of(app, world.organiser) as browser:
            answer = await post_form(browser, f"/desk/hooks/{hook.id}/test", {}, page=f"/desk/hooks/{hook.id}")

    assert "地址通向内部网络，没有发" in answer.text
    assert receiver.requests == []


# --- own words --------------------------------------------------------------------------------------------------------

MOVED = "/desk/wordings/session-moved"


def words_form(organisation: Organisation, **given: Any) -> dict[str, Any]:
    return {
        "organisation_id": str(organisation.id),
        "language": "zh_CN",
        "subject": "改期了：{what}",
        "body": "“{what}”改到{when}。\n原因：{reason}",
        "revision": "0",
        **given,
    }


async def test_own_words_are_looked_at_kept_and_taken_back(app: Litestar, world: BookingWorld) -> None:
    facts = {"title": "讲座", "starts_at": "2015-09-24T14:00:00+08:00"}
    async with browser_of(app, world.organiser) as browser:
        looked = await post_form(browser, MOVED, words_form(world.root, preview="1"))
        before = await words_for(world.union.path, "session-moved", "zh_CN", facts)
        kept = await post_form(browser, MOVED, words_form(world.root))
        after = await words_for(world.union.path, "session-moved", "zh_CN", facts)
        stale = await post_form(browser, MOVED, words_form(world.root, subject="晚了"))
        page = await browser.get(kept.headers["location"])
        listed = await browser.get("/desk/wordings")
        reset = await post_form(
            browser, f"{MOVED}/reset", {"organisation_id": str(world.root.id), "language": "zh_CN"}, page=MOVED
        )
        last = await words_for(world.union.path, "session-moved", "zh_CN", facts)

    assert [one.status_code for one in (looked, kept, stale, reset)] == [200, 303, 409, 303]
    assert "改期了：职场减压与情绪管理" in looked.text
    assert "还没有保存" in looked.text
    assert after == ("改期了：讲座", "“讲座”改到2015年9月24日（周四）14:00。")
    assert (last, after != before) == (before, True)
    assert "自己的写法" in page.text
    assert "自己的写法" in listed.text
    assert (await read_own_words()).by_path == {}


@pytest.mark.parametrize(
    ("given", "field", "sentence"),
    [
        (
            {"body": "人数{seats}"},
            "body",
            "{seats}在这条通知里填不了。能用的是：{what}、{when}、{where}、{before}、{reason}、{link}。",
        ),
        ({"subject": "{what"}, "subject", "“{”不成对"),
        ({"subject": "<b>{what.title}</b>"}, "subject", "{what.title}在这条通知里填不了"),
        ({"body": "长" * 2001}, "body", "最多2000个字"),
        ({"body": " "}, "body", "正文里要有几个字"),
        ({"subject": ""}, "subject", "请填写"),
    ],
)
@pytest.mark.parametrize("way", ["keep", "look"])
async def test_words_that_cannot_be_filled_are_refused_at_their_field(
    app: Litestar, world: BookingWorld, given: dict[str, Any], field: str, sentence: str, way: str
) -> None:
    given = {**given, **({"preview": "1"} if way == "look" else {})}
    async with browser_of(app, world.organiser) as browser:
        answer = await post_form(browser, MOVED, words_form(world.root, **given))

    assert answer.status_code == 422
    error = re.search(rf'id="e-{field}">(.*?)</p>', answer.text, re.DOTALL)
    assert error is not None
    assert sentence in error[1]
    assert (await read_own_words()).by_path == {}


async def test_others_words_are_not_ours_to_write(app: Litestar, world: BookingWorld, neighbour: Actor) -> None:
    async with browser_of(app, neighbour) as browser:
        answers = [
            await post_form(browser, MOVED, words_form(world.root)),
            await post_form(
                browser, f"{MOVED}/reset", {"organisation_id": str(world.root.id), "language": "en"}, page=MOVED
            ),
            await browser.get(f"{MOVED}?organisation={world.root.id}"),
            await browser.get("/desk/wordings/nonsense"),
            await browser.get(f"{MOVED}?language=xx"),
        ]

    assert [one.status_code for one in answers] == [404] * 5


# --- whom to tell -----------------------------------------------------------------------------------------------------


async def listed(world: BookingWorld, clock: FixedClock) -> None:
    """Two messages to one union whose contact has a telephone, one to another that nobody speaks for."""
    await db.execute(
        "UPDATE accounts_person SET phone = '13912345678', name = '俞静微' WHERE id = $1", world.contact.person_id
    )
    facts: dict[str, Any] = {
        "session_id": str(world.session.id),
        "starts_at": world.session.starts_at.isoformat(),
        "ends_at": world.session.ends_at.isoformat(),
    }
    nobody = await make_organisation(parent=world.root, name="无人工会")
    await make_booking(world.session, nobody, contact_phone="13800001111", contact_name="陶思舟")
    for kind, unit, hours in (
        ("session-moved", world.union, 30),
        ("booking-confirmed", nobody, 20),
        ("headcount-asked", world.union, 10),
    ):
        at = clock.moment - timedelta(hours=hours)
        await tell(kind, at, organisation_id=unit.id, object_id=world.session.id, **facts)
    await route(clock.moment, set())


async def test_whom_to_ring_stands_unit_by_unit_the_longest_waiting_first(
    app: Litestar, world: BookingWorld, clock: FixedClock
) -> None:
    await listed(world, clock)
    async with browser_of(app, world.organiser) as browser:
        shown = await browser.get("/desk/to-tell")
        found = await browser.get("/desk/to-tell?q=无人")
        topic = await browser.get("/desk/to-tell?topic=attendance")

    assert re.findall(r'<h2 id="u-\d+">(.*?)</h2>', shown.text) == ["胥江机械厂工会", "无人工会"]
    assert re.findall(r'href="tel:(\d+)"', shown.text) == ["13912345678", "13800001111"]
    assert "有3条要打电话或发微信告诉" in shown.text
    assert f"http://testserver/sessions/{world.session.id}" in shown.text
    assert re.findall(r'<h2 id="u-\d+">(.*?)</h2>', found.text) == ["无人工会"]
    assert len(re.findall('class="tell"', topic.text)) == 1


async def test_who_left_no_number_is_rung_by_that_of_the_booking(
    app: Litestar, world: BookingWorld, clock: FixedClock
) -> None:
    await make_booking(world.session, world.union, contact_phone="13800002222", contact_name="俞静微")
    await listed(world, clock)
    await db.execute("UPDATE accounts_person SET phone = NULL")
    async with browser_of(app, world.organiser) as browser:
        shown = await browser.get("/desk/to-tell?q=胥江")

    assert re.findall(r'href="tel:(\d+)"', shown.text) == ["13800002222"]
    assert "俞静微没有留电话" not in shown.text


async def test_who_was_told_is_noted_and_can_be_taken_back(
    app: Litestar, world: BookingWorld, clock: FixedClock
) -> None:
    """All of a unit by one call; a slip is undone within a week."""
    await listed(world, clock)
    messages = await OutboxMessage.objects().where(OutboxMessage.organisation_id == world.union.id)
    ids = [str(one.id) for one in messages]
    async with browser_of(app, world.organiser) as browser:
        await post_form(browser, "/desk/to-tell/told", {"message_ids": ids}, page="/desk/to-tell")
        left = await browser.get("/desk/to-tell")
        told = await browser.get("/desk/to-tell?state=told")
        await post_form(browser, "/desk/to-tell/undo", {"message_ids": ids[:1]}, page="/desk/to-tell?state=told")
        back = await browser.get("/desk/to-tell")
        clock.moment += timedelta(days=8)
        await browser.post("/desk/to-tell/undo", data={"message_ids": ids[1:], "_csrf_token": form_token(back.text)})

    assert "有1条要打电话" in left.text
    assert f"{world.organiser.name}在9月15日09:00通知" in told.text
    assert "有2条要打电话" in back.text
    rows = await Delivery.objects().where(Delivery.message.is_in([one.id for one in messages])).order_by(Delivery.id)
    assert sorted((one.state, one.told_by_name) for one in rows) == [("sent", world.organiser.name), ("waiting", "")]
    actions = await db.rows("SELECT action FROM accounts_journal WHERE object_kind = 'message' ORDER BY id")
    assert [one["action"] for one in actions] == ["message.told", "message.told", "message.not_told"]


async def test_numbers_are_for_those_who_must_call(
    app: Litestar, world: BookingWorld, neighbour: Actor, clock: FixedClock
) -> None:
    await listed(world, clock)
    message = (await OutboxMessage.objects())[0]
    async with browser_of(app, neighbour) as browser:
        shown = await browser.get("/desk/to-tell")
        token = form_token((await browser.get("/desk/hooks/new")).text)
        answer = await browser.post("/desk/to-tell/told", data={"message_ids": str(message.id), "_csrf_token": token})
    async with browser_of(app, world.rival) as browser:
        contact = await browser.get("/desk/to-tell")

    assert "13912345678" not in shown.text
    assert "没有要打电话的" in shown.text
    assert (answer.status_code, contact.status_code) == (404, 403)


async def test_what_took_place_is_told_to_nobody_any_more(
    app: Litestar, world: BookingWorld, clock: FixedClock
) -> None:
    await listed(world, clock)
    clock.moment = world.session.ends_at + timedelta(hours=1)
    async with browser_of(app, world.organiser) as browser:
        waiting = await browser.get("/desk/to-tell")
        past = await browser.get("/desk/to-tell?state=past")

    assert "没有要打电话的" in waiting.text
    assert len(re.findall('class="tell"', past.text)) == 3


# --- what each person chooses -----------------------------------------------------------------------------------------


async def test_an_address_counts_once_it_was_confirmed_from_its_mailbox(
    app: Litestar, world: BookingWorld, clock: FixedClock
) -> None:
    async with browser_of(app, world.contact) as browser:
        asked = await post_form(
            browser, "/account/messages/email", {"email": "me@example.cn"}, page="/account/messages"
        )
        waiting = await browser.get("/account/messages")
    message = (await OutboxMessage.objects())[0]
    token = await db.value("SELECT facts->>'token' FROM notifications_outbox_message")
    await route(clock.moment, {"mail"})
    delivery = (await Delivery.objects())[0]
    link = f"/account/messages/confirm/{token}"
    async with browser_of(app, None) as browser:
        looked = await browser.get(link)
        unconfirmed = await db.value(
            "SELECT email_confirmed_at FROM accounts_person WHERE id = $1", world.contact.person_id
        )
        confirmed = await post_form(browser, link, {})
        again = await post_form(browser, link, {})
        clock.moment += GOOD_FOR
        late = await browser.get(link)

    assert (asked.status_code, message.kind, delivery.address) == (303, "address-asked", "me@example.cn")
    assert "还没有确认" in waiting.text
    assert (looked.status_code, unconfirmed) == (200, None)
    assert looked.headers["referrer-policy"] == "no-referrer"
    assert [one.status_code for one in (confirmed, again, late)] == [200, 200, 404]
    assert "邮箱已确认" in confirmed.text
    row = await db.row("SELECT email, email_confirmed_at FROM accounts_person WHERE id = $1", world.contact.person_id)
    assert row is not None
    assert (row["email"], row["email_confirmed_at"] is not None) == ("me@example.cn", True)


async def test_a_link_for_an_address_that_was_changed_since_confirms_nothing(
    app: Litestar, world: BookingWorld
) -> None:
    async with browser_of(app, world.contact) as browser:
        await post_form(browser, "/account/messages/email", {"email": "one@example.cn"}, page="/account/messages")
        token = await db.value("SELECT facts->>'token' FROM notifications_outbox_message")
        await post_form(browser, "/account/messages/email", {"email": "two@example.cn"}, page="/account/messages")
        page = await browser.get("/account/messages")
        answer = await browser.post(f"/account/messages/confirm/{token}", data={"_csrf_token": form_token(page.text)})

    assert answer.status_code == 404
    assert await db.value("SELECT email_confirmed_at FROM accounts_person WHERE email = 'two@example.cn'") is None


@pytest.mark.parametrize(
    "email", ["no", "a@b", "a b@example.cn", "a@example.cn\r\nBcc: x@y.cn", "名@example.cn", "a@-x.cn,b@y.cn"]
)
async def test_what_is_no_address_is_refused(app: Litestar, world: BookingWorld, email: str) -> None:
    async with browser_of(app, world.contact) as browser:
        answer = await post_form(browser, "/account/messages/email", {"email": email}, page="/account/messages")

    assert answer.status_code == 422
    assert "邮箱要写成name@example.cn这样" in answer.text
    assert await OutboxMessage.count() == 0


async def test_nobody_fills_anothers_mailbox_with_links(app: Litestar, world: BookingWorld) -> None:
    async with browser_of(app, world.contact) as browser:
        answers = [
            await post_form(
                browser, "/account/messages/email", {"email": f"a{one}@example.cn"}, page="/account/messages"
            )
            for one in range(6)
        ]

    assert [one.status_code for one in answers] == [303] * 5 + [429]


async def test_staff_give_the_address_of_a_contact_who_confirms_it(
    app: Litestar, world: BookingWorld, neighbour: Actor
) -> None:
    path = f"/desk/people/{world.contact.person_id}"
    async with browser_of(app, world.organiser) as browser:
        given = await post_form(browser, f"{path}/email", {"email": "c@example.cn"}, page=path)
        shown = await browser.get(path)
        bad = await post_form(browser, f"{path}/email", {"email": "c"}, page=path)
    async with browser_of(app, neighbour) as browser:
        token = form_token((await browser.get("/desk/hooks/new")).text)
        refused = await browser.post(f"{path}/email", data={"email": "x@example.cn", "_csrf_token": token})

    assert (given.status_code, bad.status_code, refused.status_code) == (303, 303, 404)
    assert 'value="c@example.cn"' in shown.text
    assert await db.value("SELECT email_confirmed_at FROM accounts_person WHERE email = 'c@example.cn'") is None


async def test_what_is_chosen_decides_and_what_was_left_alone_is_not_kept(
    app: Litestar, world: BookingWorld, clock: FixedClock
) -> None:
    person = world.contact.person_id
    await db.execute(
        "UPDATE accounts_person SET email = 'c@example.cn', email_confirmed_at = $1 WHERE id = $2", LONG_AGO, person
    )
    async with browser_of(app, world.contact) as browser:
        form: dict[str, Any] = {
            "mail": ["bookings", "orders", "sessions", "statistics", "materials", "reminders"],
            "quiet": "on",
            "quiet_from": "22:30",
            "quiet_until": "07:00",
            "locale": "en",
        }
        kept = await post_form(browser, "/account/messages", form)
        same = await post_form(browser, "/account/messages", {**form, "quiet_until": "22:30"})
        bad = await post_form(browser, "/account/messages", {**form, "quiet_from": "25:00"})

    assert [one.status_code for one in (kept, same, bad)] == [303, 422, 422]
    assert [(one.topic, one.channel, one.wanted) for one in await Choice.objects()] == [("attendance", "mail", False)]
    row = await db.row("SELECT from_minute, until_minute FROM notifications_quiet_hours WHERE person = $1", person)
    assert row is not None
    assert tuple(row) == (1350, 420)
    assert await db.value("SELECT locale FROM accounts_person WHERE id = $1", person) == "en"
    await tell("headcount-asked", clock.moment, organisation_id=world.union.id)
    await tell("order-declined", clock.moment, organisation_id=world.union.id)
    await route(clock.moment, {"mail"})
    kinds = await db.rows(
        """SELECT m.kind FROM notifications_delivery d JOIN notifications_outbox_message m ON m.id = d.message"""
    )
    assert [one["kind"] for one in kinds] == ["order-declined"]


async def test_no_quiet_hours_at_all_is_a_choice_too(app: Litestar, world: BookingWorld) -> None:
    async with browser_of(app, world.contact) as browser:
        await post_form(browser, "/account/messages", {"locale": "zh_CN"})
        shown = await browser.get("/account/messages")

    assert re.search(r'name="quiet" value="on"(?! checked)', shown.text)
    assert re.search(r'name="quiet_from"[^>]*value="21:00"', shown.text)


async def test_a_topic_is_left_by_the_button_and_by_the_mail_program(
    app: Litestar, client: httpx.AsyncClient, world: BookingWorld
) -> None:
    """RFC 8058: a POST without login, cookie or token of a form; looking changes nothing."""
    link = f"/unsubscribe/{token_for(world.contact.person_id, 'reminders', SECRET)}"
    looked = await client.get(link)
    before = await Choice.count()
    left = await client.post(
        link, data={"List-Unsubscribe": "One-Click"}, headers={"Origin": "https://mail.example.com"}
    )
    again = await client.post(link)
    wrong = [await client.get("/unsubscribe/abc"), await client.post("/unsubscribe/abc")]
    strange = await client.post(f"/unsubscribe/{token_for(world.contact.person_id, 'nonsense', SECRET)}")
    nobody = await client.post(f"/unsubscribe/{token_for(new_id(), 'reminders', SECRET)}")

    assert (looked.status_code, before) == (200, 0)
    assert looked.headers["referrer-policy"] == "no-referrer"
    assert [one.status_code for one in (left, again)] == [200, 200]
    assert [one.status_code for one in (*wrong, strange, nobody)] == [404] * 4
    assert [(one.topic, one.channel, one.wanted) for one in await Choice.objects()] == [("reminders", "mail", False)]


@pytest.mark.parametrize(
    "path", ["/account/messages", "/desk/hooks", "/desk/hooks/new", "/desk/wordings", MOVED, "/desk/to-tell"]
)
async def test_strangers_are_asked_to_log_in(app: Litestar, path: str) -> None:
    async with browser_of(app, None) as browser:
        answer = await browser.get(path)

    assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/login")


async def test_when_and_whether_to_remind_is_set_on_the_programme(app: Litestar, world: BookingWorld) -> None:
    path = f"/desk/programmes/{world.programme.id}/edit"
    form: dict[str, object] = {
        "name": "送文化",
        "code": world.programme.code,
        "remind_days": "5",
        "remind_morning": "no",
    }
    async with browser_of(app, world.organiser) as browser:
        saved = await post_form(browser, path, {**form, "revision": "1"})
        bad = await post_form(browser, path, {**form, "remind_days": "31", "revision": "2"})
        shown = await browser.get(path)

    row = await db.row("SELECT remind_days, remind_morning FROM programmes_programme WHERE id = $1", world.programme.id)
    assert row is not None
    assert (saved.status_code, bad.status_code, tuple(row)) == (303, 422, (5, False))
    assert re.search(r'name="remind_morning" value="no" checked', shown.text)


async def test_own_words_reach_the_letter(
    world: BookingWorld, clock: FixedClock, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    """The nearest organisation up the tree from the one that runs what it is about."""
    from outreach.notifications.working import deliver_due

    await db.execute(
        """INSERT INTO notifications_wording (id, organisation, kind, language, subject, body, changed_at, revision)
           VALUES ($1, $2, 'session-moved', 'zh_CN', '市总提醒{what}', '改到{when}，看{link}', $3, 1)""",
        new_id(),
        world.root.id,
        LONG_AGO,
    )
    person = await make_person(email="x@example.cn", email_confirmed_at=LONG_AGO)
    await make_grant(person, Role.CONTACT, world.union)
    await tell("session-moved", clock.moment, organisation_id=world.union.id, object_id=world.session.id)
    with caplog.at_level("INFO"):
        await deliver_due(clock, settings, channels={"console": ConsoleChannel()})

    assert "市总提醒倒班职工的睡眠与情绪" in caplog.text
    assert f"看http://testserver/sessions/{world.session.id}" in caplog.text
