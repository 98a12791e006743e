"""The worker's page, the poster, the six digits, and the list as JSON."""

import hashlib
import logging
from datetime import timedelta
from typing import Any

import httpx
import pytest
from litestar import Litestar

from outreach.attendance.doors import DoorRow, door_of
from outreach.attendance.opening_doors import change_door, open_door
from outreach.attendance.tables import Attendee, Door
from outreach.events.tables import Session
from outreach.shared import db
from outreach.shared.actors import Role
from tests.factories.accounts import browser_of, client_of, make_actor
from tests.factories.bookings import BookingWorld, make_booking, make_headcount
from tests.factories.events import STARTS_AT
from tests.support.clock import FixedClock
from tests.support.pages import form_token, post_form

pytestmark = pytest.mark.usefixtures("database")

WECHAT = (
    "Mozilla/5.0 (Linux; Android 12) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/107.0 Mobile "
    "Safari/537.36 MicroMessenger/8.0.49(0x28003137) NetType/WIFI Language/zh_CN"
)
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def world(clock: FixedClock) -> BookingWorld:
    made = await BookingWorld().build()
    clock.moment = STARTS_AT
    return made


async def door(world: BookingWorld, **settings: Any) -> DoorRow:
    if settings:
        given = {"walk_ins": True, "opens_minutes": 60, "closes_minutes": 120, **settings}
        return await change_door(world.organiser, STARTS_AT, session_id=world.session.id, **given)
    return await open_door(world.organiser, STARTS_AT, session_id=world.session.id)


async def people() -> int:
    found: int = await Attendee.count()
    return found


async def test_in_wechat_two_words_and_one_tap(app: Litestar, world: BookingWorld, clock: FixedClock) -> None:
    """Reading changes nothing; the button answers; the phone remembers; again is the first time again."""
    await make_booking(world.session, world.union)
    path = f"/checkin/{(await door(world)).token}"
    async with browser_of(app, None) as phone:
        phone.headers["user-agent"] = WECHAT
        opened = await phone.get(path)
        assert opened.status_code == 200
        for word in ("倒班职工的睡眠与情绪", "2015年9月24日", "<option", world.union.name, ">签到</button>", "noindex"):
            assert word in opened.text
        assert 'name="phone"' not in opened.text
        assert await people() == 0

        done = await post_form(phone, path, {"name": "苏婉", "unit": world.union.name})
        assert done.status_code == 200
        assert "已签到" in done.text
        assert "14:00" in done.text
        assert "签到成功" in done.text
        cookie = next(one for one in done.headers.get_list("set-cookie") if one.startswith("outreach_who="))
        assert "HttpOnly" in cookie
        assert "Path=/checkin" in cookie

        clock.moment = STARTS_AT + 7 * MINUTE
        again = await phone.get(path)
        assert "已签到" in again.text
        assert "14:00" in again.text
        assert 'method="post" action="/checkin' not in again.text
        other = await phone.get(path + "?other=1")
        assert 'value="苏婉"' not in other.text
        second = await post_form(phone, path, {"name": "苏 婉", "unit": world.union.name}, page=path + "?other=1")
        assert "14:00" in second.text
        assert "已经签过了" in second.text
    assert await people() == 1


async def test_the_next_session_finds_the_form_filled(app: Litestar, world: BookingWorld) -> None:
    one = await door(world)
    async with browser_of(app, None) as phone:
        await post_form(phone, f"/checkin/{one.token}", {"name": "苏婉", "unit": "胥江机械厂"})
        await Attendee.delete(force=True)
        again = await phone.get(f"/checkin/{one.token}")
    assert 'value="苏婉"' in again.text
    assert 'value="胥江机械厂"' in again.text


async def test_real_names_ask_for_the_number_once_and_never_show_it(
    app: Litestar, world: BookingWorld, clock: FixedClock, caplog: pytest.LogCaptureFixture
) -> None:
    """No page, cookie, answer or log line has it; the phone knows it by hash and tail."""
    await db.execute("UPDATE programmes_programme SET real_names = true")
    made = await door(world)
    path, number, seen = f"/checkin/{made.token}", "13912345678", []
    with caplog.at_level(logging.DEBUG):
        async with browser_of(app, None) as phone:
            missing = await post_form(phone, path, {"name": "苏婉", "unit": "胥江机械厂"})
            assert missing.status_code == 422
            assert "还没提交" in missing.text
            done = await post_form(phone, path, {"name": "苏婉", "unit": "胥江机械厂", "phone": number})
            assert "签到成功" in done.text
            await Attendee.update({Attendee.present: False}).where(Attendee.tail == "5678")
            clock.moment = STARTS_AT + MINUTE
            filled = await phone.get(path)
            assert "尾号5678" in filled.text
            without = await post_form(phone, path, {"name": "苏婉", "unit": "胥江机械厂"})
            assert "签到成功" in without.text
            stranger = await post_form(phone, path, {"name": "顾梅", "unit": "胥江机械厂"}, page=path + "?other=1")
            assert stranger.status_code == 422  # the number is somebody else's
            seen += [done.text, filled.text, without.text, str(phone.cookies), str(done.headers)]
        async with client_of(app, world.organiser) as staff:
            listed = await staff.get(f"/api/v1/sessions/{world.session.id}/attendees")
            seen.append(listed.text)
        async with browser_of(app, world.organiser) as desk:
            seen += [(await desk.get(f"/desk/sessions/{world.session.id}{tail}")).text for tail in ("", "/door")]
    assert [(one["name"], one["phone_tail"]) for one in listed.json()["items"]] == [("苏婉", "5678")]
    # What httpx writes is the test's own browser; the program names routes, never addresses.
    lines = [line.getMessage() for line in caplog.records if not line.name.startswith("httpx")]
    assert number not in "\n".join([*seen, *lines])
    assert made.token not in "\n".join(lines)
    assert await people() == 1
    tables = await db.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    for table in tables:
        name = table["tablename"]
        assert not await db.value(f'SELECT 1 FROM "{name}" t WHERE t::text LIKE $1 LIMIT 1', f"%{number}%"), name


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(-61, "签到还没有开放"), (-60, None), (90 + 120, None), (90 + 121, "签到已经结束")],
)
async def test_the_window_by_the_servers_clock(
    app: Litestar, world: BookingWorld, clock: FixedClock, minutes: int, words: str | None
) -> None:
    path = f"/checkin/{(await door(world)).token}"
    clock.moment = STARTS_AT
    async with browser_of(app, None) as phone:
        token = form_token((await phone.get(path)).text)
        clock.moment = STARTS_AT + minutes * MINUTE
        page = await phone.get(path)
        sent = await phone.post(path, data={"name": "苏婉", "unit": "胥江机械厂", "_csrf_token": token})
    if words is None:
        assert sent.status_code == 200
    else:
        assert words in page.text
        assert 'method="post" action="/checkin' not in page.text
        assert (sent.status_code, words in sent.text) == (409, True)
        assert 'value="苏婉"' in sent.text
    assert await people() == (words is None)


async def test_who_is_not_on_the_list_is_told_kindly(app: Litestar, world: BookingWorld) -> None:
    path = f"/checkin/{(await door(world, walk_ins=False)).token}"
    async with browser_of(app, None) as phone:
        refused = await post_form(phone, path, {"name": "苏婉", "unit": "胥江机械厂"})
    assert refused.status_code == 409
    assert "名单上没有找到您" in refused.text
    assert 'value="苏婉"' in refused.text


async def test_forged_tokens_and_forms_are_refused(app: Litestar, world: BookingWorld) -> None:
    made = await door(world)
    async with browser_of(app, None) as phone:
        for token in ("x", made.token[:-1], made.token + "A", "%00", "é"):
            assert (await phone.get(f"/checkin/{token}")).status_code == 404, token
        forged = await phone.post(f"/checkin/{made.token}", data={"name": "苏婉", "unit": "胥江机械厂"})
        assert forged.status_code == 403
        phone.cookies.set("outreach_who", "forged.cookie", path="/checkin")
        assert (await phone.get(f"/checkin/{made.token}")).status_code == 200
    assert await people() == 0


async def test_six_digits_and_ten_wrong_tries_a_minute(app: Litestar, world: BookingWorld, clock: FixedClock) -> None:
    made = await door(world)
    wrong = f"{(int(made.code) + 1) % 10**6:06d}"
    full_width = made.code.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    async with browser_of(app, None) as phone:
        found = await post_form(phone, "/checkin", {"code": full_width[:3] + " " + full_width[3:]})
        assert (found.status_code, found.headers["location"]) == (303, f"/checkin/{made.token}?by=code")
        done = await post_form(
            phone,
            f"/checkin/{made.token}",
            {"name": "苏婉", "unit": "厂", "by": "code"},
            page=found.headers["location"],
        )
        assert "签到成功" in done.text
        for _ in range(10):
            told = await post_form(phone, "/checkin", {"code": wrong})
            assert told.status_code == 422
            assert "没有这个签到码" in told.text
        for code in (wrong, made.code):
            limited = await post_form(phone, "/checkin", {"code": code})
            assert (limited.status_code, "retry-after" in limited.headers) == (429, True)
        clock.moment += MINUTE
        assert (await post_form(phone, "/checkin", {"code": made.code})).status_code == 303
    assert [row["came_by"] for row in await Attendee.select()] == ["code"]


async def test_a_hall_behind_one_address_checks_in_by_code(client: httpx.AsyncClient, world: BookingWorld) -> None:
    """Right codes are not counted; the same person again is 200 with the first time."""
    made = await door(world)
    for number in range(15):
        done = await client.post(
            "/api/v1/checkins", json={"code": made.code, "name": f"职工{number}", "organisation": "胥江机械厂"}
        )
        assert done.status_code == 201, done.text
    again = await client.post("/api/v1/checkins", json={"token": made.token, "name": "职工0", "unit": "胥江机械厂"})
    assert again.status_code == 200
    assert {name: value for name, value in again.json().items() if name not in ("attendee_id", "opinion")} == {
        "session_id": str(world.session.id),
        "on": "2015-09-24",
        "name": "职工0",
        "unit": "胥江机械厂",
        "first": False,
        "checked_in_at": "2015-09-24T14:00:00+08:00",
    }


async def test_a_key_lets_nobody_try_codes_for_nothing(app: Litestar, world: BookingWorld) -> None:
    """Who is logged in and sends an Idempotency-Key is counted like everybody, and nothing of who came is kept."""
    made = await door(world)
    given = {"name": "苏婉", "unit": "胥江机械厂"}
    wrong = "000000" if made.code != "000000" else "000001"
    async with client_of(app, world.rival) as client:
        done = await client.post(
            "/api/v1/checkins", json={**given, "code": made.code}, headers={"Idempotency-Key": "mine"}
        )
        tried = [
            await client.post("/api/v1/checkins", json={**given, "code": wrong}, headers={"Idempotency-Key": f"k{n}"})
            for n in range(12)
        ]
    assert done.status_code == 201
    assert [one.status_code for one in tried] == [404] * 10 + [429] * 2
    assert await db.value("SELECT count(*) FROM web_idempotency_answer") == 0


async def test_what_is_kept_of_a_request_is_no_plain_hash_of_it(app: Litestar, world: BookingWorld) -> None:
    """A body holds a number, and numbers are few: whoever reads the table must not find it by trying."""
    path = f"/api/v1/sessions/{world.session.id}/attendees"
    body = b'{"name":"x","unit":"y","phone":"13812345678"}'
    async with client_of(app, world.organiser) as client:
        headers = {"Idempotency-Key": "k", "Content-Type": "application/json"}
        answers = [await client.post(path, content=body, headers=headers) for _ in range(2)]
    kept = await db.value("SELECT fingerprint FROM web_idempotency_answer")
    assert [(one.status_code, one.headers.get("idempotent-replayed")) for one in answers] == [
        (201, None),
        (201, "true"),
    ]
    assert len(kept) == 64
    for target in (path.encode(), path.encode() + b"?"):
        assert kept != hashlib.sha256(b"\n".join((b"POST", target, body))).hexdigest()


async def test_what_the_api_refuses(client: httpx.AsyncClient, world: BookingWorld, clock: FixedClock) -> None:
    made = await door(world)
    given = {"name": "苏婉", "unit": "胥江机械厂"}
    assert (await client.post("/api/v1/checkins", json={**given, "token": "x" * 24})).status_code == 404
    assert (await client.post("/api/v1/checkins", json=given)).json()["errors"][0]["field"] == "code"
    nameless = await client.post("/api/v1/checkins", json={"code": made.code, "name": "苏婉"})
    assert [one["field"] for one in nameless.json()["errors"]] == ["unit"]
    clock.moment = STARTS_AT - 2 * 60 * MINUTE
    early = await client.post("/api/v1/checkins", json={**given, "code": made.code})
    assert early.status_code == 409
    problem = early.json()
    assert (problem["type"], problem["why"], problem["opens_at"]) == (
        "/problems/checkin-closed",
        "too-early",
        "2015-09-24T13:00:00+08:00",
    )


async def test_the_list_as_json(app: Litestar, world: BookingWorld) -> None:
    await Session.update({Session.host: world.union.id}).where(Session.id == world.session.id)
    await make_booking(world.session, world.other)
    path = f"/api/v1/sessions/{world.session.id}/attendees"
    evaluator = await make_actor(Role.EVALUATOR, world.root)
    async with client_of(app, world.contact) as host, client_of(app, world.rival) as rival:
        one = await host.post(path, json={"name": "苏婉", "unit": world.union.name, "phone": "13912345678"})
        assert (one.status_code, one.json()["present"], one.json()["organisation_id"]) == (
            201,
            True,
            str(world.union.id),
        )
        assert (await host.post(path, json={"name": "苏婉", "phone": "139 1234 5678"})).status_code == 200
        two = await host.post(path, json={"name": "顾梅", "unit": "路过", "expected": True, "on": "2015-09-24"})
        assert (two.json()["present"], two.json()["expected"], two.json()["checked_in_at"]) == (False, True, None)
        for bad, field in (
            ({"name": "甲", "phone": "12"}, "phone"),
            ({"name": "甲", "on": "2015-09-25"}, "on"),
            ({"name": "甲", "organisation_id": "01890000-0000-7000-8000-000000000000"}, "organisation_id"),
            ({"name": "甲", "groups": ["x"]}, "groups"),
        ):
            refused = await host.post(path, json=bad)
            assert (refused.status_code, refused.json()["errors"][0]["field"].split(".")[0]) == (422, field), bad
        listed = (await host.get(path, params={"limit": 1})).json()
        rest = (await host.get(path, params={"limit": 1, "after": listed["next"]})).json()
        assert [one["name"] for one in (*listed["items"], *rest["items"])] == ["苏婉", "顾梅"]
        assert (listed["total"], rest["next"]) == (2, None)
        undone = await host.post(f"{path}/{one.json()['id']}/undo", json={"reason": "点错了"})
        assert (undone.status_code, undone.json()["present"]) == (200, False)
        assert (await host.get(path)).json()["total"] == 1
        for answer in (await rival.get(path), await rival.post(path, json={"name": "甲"})):
            assert answer.status_code == 403
        assert (await rival.post(f"{path}/{two.json()['id']}/undo", json={"reason": "x"})).status_code == 403
    async with client_of(app, evaluator) as reads, client_of(app, None) as stranger:
        seen = (await reads.get(path)).json()["items"]
        assert [(one["name"][:2], one["phone_tail"]) for one in seen] == [("P-", "")]
        assert (await reads.post(path, json={"name": "甲"})).status_code == 403
        assert (await stranger.get(path)).status_code == 401


async def test_the_poster_is_made_by_a_button(app: Litestar, world: BookingWorld) -> None:
    await Session.update({Session.host: world.union.id}).where(Session.id == world.session.id)
    await make_booking(world.session, world.union, is_host=True)
    path = f"/sessions/{world.session.id}/poster"
    async with browser_of(app, world.contact) as host, browser_of(app, world.rival) as rival:
        before = await host.get(path)
        assert "开放签到，做海报" in before.text
        assert await Door.count() == 0
        assert (await post_form(host, path, {})).headers["location"] == path
        made = await door_of(world.session.id)
        assert made is not None
        poster = await host.get(path)
        assert (await rival.get(path)).status_code == 403
        assert path in (await host.get(f"/sessions/{world.session.id}")).text
    for words in (
        "微信扫一扫签到",
        "<svg",
        f"{made.code[:3]} {made.code[3:]}",
        "http://testserver/checkin",
        "2015年9月24日",
    ):
        assert words in poster.text


async def test_staff_set_the_door_and_see_both_counts(app: Litestar, world: BookingWorld) -> None:
    path = f"/desk/sessions/{world.session.id}/door"
    async with browser_of(app, world.organiser) as desk:
        assert "还没有开放签到" in (await desk.get(path)).text
        bad = await post_form(desk, path, {"opens_minutes": "2000", "closes_minutes": "60"})
        assert bad.status_code == 422
        saved = await post_form(desk, path, {"opens_minutes": "30", "closes_minutes": "60"})
        assert saved.headers["location"] == path
        made = await door_of(world.session.id)
        assert made is not None
        assert (made.walk_ins, made.opens_minutes, made.closes_minutes) == (False, 30, 60)
        await post_form(desk, path, {"opens_minutes": "30", "closes_minutes": "60", "walk_ins": "on"})
        async with client_of(app, None) as phones:
            for number in range(7):
                await phones.post("/api/v1/checkins", json={"code": made.code, "name": f"职工{number}", "unit": "厂"})
        alone = await desk.get(f"/desk/sessions/{world.session.id}")
        assert "统计用签到的人数" in alone.text
        assert "已办过，共7人次" in alone.text
        assert path in alone.text
        await make_headcount(world.session, on=STARTS_AT.date(), total=10)
        asked = await desk.get(f"/desk/sessions/{world.session.id}")
    assert "登记10人次，签到7人，相差超过两成" in asked.text
    assert "已办过，共10人次" in asked.text
