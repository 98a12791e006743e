"""Webhooks: told once, in order, signed, whatever the other side does; never into the house."""

import asyncio
import hashlib
import hmac
import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from outreach.accounts.tables import Organisation
from outreach.notifications.channels.calling import Caller
from outreach.notifications.channels.hooks import HooksChannel
from outreach.notifications.hooks.commands import new_secret, replay, set_paused, try_hook
from outreach.notifications.hooks.domain.errors import NothingToReplayError, NotOursToSignError
from outreach.notifications.hooks.records import GIVE_UP_AFTER
from outreach.notifications.outbox import enqueue_within
from outreach.notifications.tables import Delivery, Hook
from outreach.notifications.working import deliver_due
from outreach.settings import Settings
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from outreach.shared.errors import NotFoundError
from outreach.shared.ids import new_id
from tests.factories.accounts import make_actor, make_organisation
from tests.support.clock import FixedClock
from tests.support.receiving import Receiver, Request, receiving

pytestmark = pytest.mark.usefixtures("database")

MINUTE = timedelta(minutes=1)
SECRET = "s" * 43


@pytest.fixture
async def root() -> Organisation:
    return await make_organisation(name="市总工会")


@pytest.fixture
async def union(root: Organisation) -> Organisation:
    return await make_organisation(parent=root, name="胥江机械厂工会")


@pytest.fixture
def open_settings(settings: Settings) -> Settings:
    return Settings(home=settings.home, base_url=settings.base_url, secret_key="t" * 40, hooks_anywhere=True)


async def make_hook(organisation: Organisation, url: str, now: datetime, **given: Any) -> Hook:
    made = Hook(
        **{
            "organisation": organisation.id,
            "name": "对接",
            "shape": "json",
            "url": url,
            "secret": SECRET,
            "kinds": [],
            "created_at": now,
            **given,
        }
    )
    await made.save()
    return made


async def tell(now: datetime, to: Organisation, title: str, **facts: Any) -> UUID:
    about = new_id()
    async with db.atomic():
        await enqueue_within(
            "session-moved",
            now,
            object_kind="session",
            object_id=about,
            organisation_id=to.id,
            facts={"title": title, "starts_at": "2015-09-24T14:00:00+08:00", **facts},
        )
    return about


async def deliver(clock: FixedClock, settings: Settings) -> int:
    channel = HooksChannel(settings)
    try:
        return await deliver_due(clock, settings, channels={"hook": channel})
    finally:
        await channel.close()


async def states() -> list[str]:
    found = await db.rows("SELECT state FROM notifications_delivery WHERE channel = 'hook' ORDER BY created_at, id")
    return [one["state"] for one in found]


def titles(receiver: Receiver) -> list[str]:
    return [one.json["facts"]["title"] for one in receiver.requests]


def signed_rightly(request: Request, secret: str) -> bool:
    stamp, _comma, given = request.headers["outreach-signature"].removeprefix("t=").partition(",v1=")
    made = hmac.new(secret.encode(), stamp.encode() + b"." + request.body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(made, given)


async def test_a_receiver_that_is_down_for_an_hour_gets_everything_once_and_in_order(
    root: Organisation, union: Organisation, clock: FixedClock, open_settings: Settings
) -> None:
    """By two workers each minute; it answers 503 for a while, then nobody listens, then it comes back."""
    start = clock.moment
    async with receiving(lambda _request: (503, b"", {})) as receiver:
        hook = await make_hook(root, receiver.url, start)
        port = receiver.port
        for minute in range(0, 20, 4):
            clock.moment = start + minute * MINUTE
            await tell(clock.moment, union, f"第{minute:02}分")
            await asyncio.gather(deliver(clock, open_settings), deliver(clock, open_settings))
        refused = len(receiver.requests)
        assert set(titles(receiver)) == {"第00分"}
    for minute in range(20, 60, 4):
        clock.moment = start + minute * MINUTE
        await tell(clock.moment, union, f"第{minute:02}分")
        await asyncio.gather(deliver(clock, open_settings), deliver(clock, open_settings))
    row = await db.row("SELECT error, paused_at, sent_at FROM notifications_hook WHERE id = $1", hook.id)
    assert row is not None
    assert (row["error"].split()[0], row["paused_at"], row["sent_at"]) == ("connection", None, None)

    async with receiving(port=port) as receiver:
        for minute in range(60, 150, 5):
            clock.moment = start + minute * MINUTE
            while any(await asyncio.gather(deliver(clock, open_settings), deliver(clock, open_settings))):
                pass

    assert refused >= 2
    assert titles(receiver) == [f"第{minute:02}分" for minute in range(0, 60, 4)]
    assert all(signed_rightly(one, SECRET) for one in receiver.requests)
    assert len({one.headers["outreach-delivery"] for one in receiver.requests}) == 15
    assert [one.json["id"] for one in receiver.requests] == [
        one.headers["outreach-delivery"] for one in receiver.requests
    ]
    assert set(await states()) == {"sent"}


async def test_what_is_told_names_nobody(
    root: Organisation, union: Organisation, clock: FixedClock, open_settings: Settings
) -> None:
    """Neither who booked nor why, nor where: a reason may hold anybody's name."""
    async with receiving() as receiver:
        await make_hook(root, receiver.url, clock.moment)
        about = await tell(
            clock.moment,
            union,
            "睡眠与情绪",
            organisation="胥江机械厂工会",
            reason="陈巧云13800000000请假",
            where="某部营区",
            seats=40,
        )
        await deliver(clock, open_settings)

    body = receiver.requests[0].body.decode()
    assert receiver.requests[0].json == {
        "id": receiver.requests[0].headers["outreach-delivery"],
        "kind": "session-moved",
        "at": "2015-09-15T09:00:00+08:00",
        "object": {"kind": "session", "id": str(about), "href": f"http://testserver/sessions/{about}"},
        "text": "场次有变动：“睡眠与情绪”，2015年9月24日（周四）14:00。您的预约仍然有效，时间不合适请取消。",
        "facts": {"title": "睡眠与情绪", "starts_at": "2015-09-24T14:00:00+08:00", "seats": 40},
    }
    assert not any(word in body for word in ("陈巧云", "138", "胥江", "营区"))


async def test_a_hook_hears_of_its_part_of_the_tree_and_of_the_kinds_it_asked_for(
    root: Organisation, union: Organisation, clock: FixedClock, open_settings: Settings
) -> None:
    other = await make_organisation(parent=root)
    async with receiving() as receiver:
        await make_hook(union, receiver.url, clock.moment, kinds=["session-moved"])
        await make_hook(union, receiver.url, clock.moment, kinds=["session-cancelled"])
        await make_hook(other, receiver.url, clock.moment)
        await make_hook(root, receiver.url, clock.moment, paused_at=clock.moment)
        await tell(clock.moment, union, "一")
        await deliver(clock, open_settings)

    assert titles(receiver) == ["一"]


def robot(errcode: int) -> Any:
    return lambda _request: (
        200,
        json.dumps({"errcode": errcode, "errmsg": "ok" if not errcode else "no"}).encode(),
        {},
    )


@pytest.mark.parametrize(
    ("shape", "body", "state"),
    [
        ("wecom", b'{"errcode":0,"errmsg":"ok"}', "sent"),
        ("wecom", b'{"errcode":93000,"errmsg":"invalid webhook url"}', "dead"),
        ("wecom", b'{"errcode":45009,"errmsg":"api freq out of limit"}', "waiting"),
        ("dingtalk", b'{"errcode":0,"errmsg":"ok"}', "sent"),
        ("dingtalk", b'{"errcode":310000,"errmsg":"keywords not in content"}', "dead"),
        ("dingtalk", b'{"errcode":130101,"errmsg":"send too fast"}', "waiting"),
        ("feishu", b'{"code":0,"msg":"success","data":{}}', "sent"),
        ("feishu", b'{"StatusCode":0,"StatusMessage":"success"}', "sent"),
        ("feishu", b'{"code":19021,"msg":"sign match fail or timestamp is not within one hour"}', "dead"),
        ("feishu", b'{"code":11232,"msg":"frequency limited"}', "waiting"),
        ("wecom", b"<html>welcome</html>", "waiting"),
    ],
)
async def test_a_robot_that_answers_200_has_not_always_taken_it(
    root: Organisation, clock: FixedClock, open_settings: Settings, shape: str, body: bytes, state: str
) -> None:
    async with receiving(lambda _request: (200, body, {})) as receiver:
        await make_hook(root, receiver.url, clock.moment, shape=shape, secret="SEC1" if shape != "wecom" else "")
        await tell(clock.moment, root, "一")
        await deliver(clock, open_settings)

    assert await states() == [state]
    assert len(receiver.requests) == 1


async def test_a_robot_that_falls_silent_is_for_a_person_to_decide(
    root: Organisation, clock: FixedClock, open_settings: Settings
) -> None:
    """It may have said it in the group; another system would know the delivery by its id and is asked again."""
    async with receiving(lambda _request: None) as receiver:
        await make_hook(root, receiver.url, clock.moment, shape="wecom", secret="")
        await make_hook(root, receiver.url, clock.moment)
        await tell(clock.moment, root, "一")
        await deliver(clock, open_settings)

    found = await Delivery.objects().where(Delivery.channel == "hook").order_by(Delivery.state)
    assert [(one.state, one.error.split()[0]) for one in found] == [("dead", "uncertain"), ("waiting", "again")]
    assert len(receiver.requests) == 2


@pytest.mark.parametrize(("status", "state"), [(302, "dead"), (400, "dead"), (404, "waiting"), (500, "waiting")])
async def test_a_redirect_is_not_followed_and_what_may_be_mended_is_tried_again(
    root: Organisation, clock: FixedClock, open_settings: Settings, status: int, state: str
) -> None:
    async with receiving() as inside:
        async with receiving(lambda _request: (status, b"", {"Location": inside.url})) as receiver:
            await make_hook(root, receiver.url, clock.moment)
            await tell(clock.moment, root, "一")
            await deliver(clock, open_settings)

    assert (await states(), len(receiver.requests), len(inside.requests)) == ([state], 1, 0)


async def test_how_long_to_wait_is_the_other_sides_to_say(
    root: Organisation, clock: FixedClock, open_settings: Settings
) -> None:
    async with receiving(lambda _request: (429, b"", {"Retry-After": "1800"})) as receiver:
        await make_hook(root, receiver.url, clock.moment)
        await tell(clock.moment, root, "一")
        await deliver(clock, open_settings)

    delivery = await Delivery.objects().where(Delivery.channel == "hook").first()
    assert delivery is not None
    assert delivery.next_at == clock.moment + timedelta(minutes=30)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::ffff:127.0.0.1]", "localhost"])
async def test_nothing_is_sent_into_private_networks(
    root: Organisation, clock: FixedClock, settings: Settings, host: str
) -> None:
    """Also where the address was stored before it was forbidden."""
    async with receiving() as receiver:
        await make_hook(root, receiver.url.replace("127.0.0.1", host), clock.moment)
        await tell(clock.moment, root, "一")
        await deliver(clock, settings)

    assert (await states(), receiver.requests) == (["dead"], [])


async def test_a_name_is_asked_for_once_and_held_to_its_answer(open_settings: Settings) -> None:
    """A name that answers with a private address among others is refused; one that changes its mind is not followed."""
    asked: list[str] = []

    async def resolve(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["192.0.2.1"]

    async def mixed(_host: str, _port: int) -> list[str]:
        return ["93.184.215.14", "10.0.0.8"]

    async with receiving() as receiver:
        caller = Caller(anywhere=True, resolve=resolve)
        answer = await caller.call("POST", receiver.url.replace("127.0.0.1", "hooks.example.cn"), b"x", {})
        await caller.close()
        assert (answer.status, asked) == (200, ["hooks.example.cn"])
        assert receiver.requests[0].headers["host"] == f"hooks.example.cn:{receiver.port}"
        strict = Caller(anywhere=False, resolve=mixed)
        with pytest.raises(Exception, match="example") as refused:
            await strict.call("POST", "https://hooks.example.cn/", b"x", {})
        await strict.close()

    assert type(refused.value).__name__ == "NotAllowedError"


async def test_an_answer_is_read_no_further_than_needed(open_settings: Settings) -> None:
    async with receiving(lambda _request: (200, b"a" * 5_000_000, {})) as receiver:
        caller = Caller(anywhere=True)
        answer = await caller.call("POST", receiver.url, b"x", {})
        await caller.close()

    assert len(answer.body) == 16_384


async def test_a_proxy_of_the_environment_is_not_used(
    root: Organisation, clock: FixedClock, open_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with receiving() as receiver:
        await make_hook(root, receiver.url, clock.moment)
        await tell(clock.moment, root, "一")
        await deliver(clock, open_settings)

    assert titles(receiver) == ["一"]


async def test_after_a_day_of_failures_a_hook_is_paused_and_its_organisers_are_told_once(
    root: Organisation, clock: FixedClock, open_settings: Settings
) -> None:
    """What waited is sent, in order, when it goes on."""
    start = clock.moment
    organiser = await make_actor(Role.ORGANISER, root)
    async with receiving(lambda _request: (500, b"", {})) as receiver:
        hook = await make_hook(root, receiver.url, start, kinds=["session-moved"])
        await tell(start, root, "一")
        await tell(start + MINUTE, root, "二")
        for hour in range(32):
            clock.moment = start + timedelta(hours=hour)
            await deliver(clock, open_settings)
        tried = len(receiver.requests)
        row = await db.row("SELECT paused_at, error FROM notifications_hook WHERE id = $1", hook.id)
        assert row is not None
        assert row["paused_at"] >= start + GIVE_UP_AFTER
        assert row["error"] == "HTTP 500"
        assert set(titles(receiver)) == {"一"}
        told = await db.rows(
            "SELECT organisation_id, facts FROM notifications_outbox_message WHERE kind = 'hook-paused'"
        )
        assert [(one["organisation_id"], json.loads(one["facts"])) for one in told] == [(root.id, {"title": "对接"})]

        receiver.answering = lambda _request: (200, b"", {})
        clock.moment += timedelta(hours=3)
        await deliver(clock, open_settings)
        assert len(receiver.requests) == tried  # paused
        await set_paused(organiser, clock.moment, hook.id, paused=False)
        await deliver(clock, open_settings)
        await deliver(clock, open_settings)

    assert titles(receiver)[tried:] == ["一", "二"]


async def test_who_says_that_nobody_listens_any_more_is_paused_at_once(
    root: Organisation, clock: FixedClock, open_settings: Settings
) -> None:
    async with receiving(lambda _request: (410, b"", {})) as receiver:
        hook = await make_hook(root, receiver.url, clock.moment)
        await tell(clock.moment, root, "一")
        await deliver(clock, open_settings)

    assert await states() == ["dead"]
    assert await db.value("SELECT paused_at FROM notifications_hook WHERE id = $1", hook.id) == clock.moment


async def test_a_delivery_is_sent_again_under_its_id(
    root: Organisation, clock: FixedClock, open_settings: Settings
) -> None:
    organiser, stranger = (
        await make_actor(Role.ORGANISER, root),
        await make_actor(Role.ORGANISER, await make_organisation()),
    )
    async with receiving() as receiver:
        hook = await make_hook(root, receiver.url, clock.moment)
        await tell(clock.moment, root, "一")
        await deliver(clock, open_settings)
        delivery = (await Delivery.objects().where(Delivery.channel == "hook"))[0]
        with pytest.raises(NotFoundError):
            await replay(stranger, clock.moment, hook_id=hook.id, delivery_id=delivery.id)
        await replay(organiser, clock.moment, hook_id=hook.id, delivery_id=delivery.id)
        with pytest.raises(NothingToReplayError):
            await replay(organiser, clock.moment, hook_id=hook.id, delivery_id=delivery.id)
        await deliver(clock, open_settings)

    assert [one.headers["outreach-delivery"] for one in receiver.requests] == [str(delivery.id)] * 2
    assert receiver.requests[0].body == receiver.requests[1].body


async def test_a_test_message_says_that_it_is_one(
    root: Organisation, clock: FixedClock, open_settings: Settings
) -> None:
    organiser: Actor = await make_actor(Role.ORGANISER, root)
    async with receiving() as receiver:
        hook = await make_hook(root, receiver.url, clock.moment)
        secret = await new_secret(organiser, clock.moment, hook.id)
        verdict = await try_hook(organiser, clock.moment, hook.id, open_settings, site_name="市总")
        receiver.answering = lambda _request: (500, b"", {})
        failed = await try_hook(organiser, clock.moment, hook.id, open_settings, site_name="市总")

    assert (verdict.taken, failed.taken, failed.reason) == (True, False, "HTTP 500")
    assert receiver.requests[0].json["test"] is True
    assert signed_rightly(receiver.requests[0], secret)
    assert not signed_rightly(receiver.requests[0], SECRET)
    assert secret not in str(await db.rows("SELECT facts FROM accounts_journal"))


async def test_the_secret_of_a_robot_is_its_makers(root: Organisation, clock: FixedClock) -> None:
    organiser = await make_actor(Role.ORGANISER, root)
    hook = await make_hook(
        root, "https://oapi.example.cn/robot/send", clock.moment, shape="dingtalk", secret="SEC" + "a" * 64
    )

    with pytest.raises(NotOursToSignError):
        await new_secret(organiser, clock.moment, hook.id)
