"""The questions on the phone, in both states of the check-in page; what desk, host, provider and evaluator read."""

import logging
import re
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar

from outreach.attendance.opening_doors import change_door, open_door
from outreach.attendance.opinions.who import who_of
from outreach.attendance.tables import Attendee, Opinion
from outreach.events.tables import Session
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from tests.factories.accounts import browser_of, client_of, make_actor, make_organisation
from tests.factories.bookings import BookingWorld
from tests.factories.events import STARTS_AT, make_provider
from tests.support.clock import FixedClock
from tests.support.pages import form_token, post_form

pytestmark = pytest.mark.usefixtures("database")

MINUTE = timedelta(minutes=1)
ENDS_AT = STARTS_AT + 90 * MINUTE
GOOD: dict[str, object] = {"useful": "5", "delivery": "4", "arrangement": "5", "change": "length", "words": "短一点"}
WHO: dict[str, object] = {"name": "苏婉", "unit": "胥江机械厂"}


@pytest.fixture
async def world(clock: FixedClock) -> BookingWorld:
    made = await BookingWorld().build()
    clock.moment = STARTS_AT
    return made


async def door_of(world: BookingWorld) -> str:
    return f"/checkin/{(await open_door(world.organiser, STARTS_AT, session_id=world.session.id)).token}"


def link_in(html: str) -> str:
    found = re.search(r'href="(/checkin/[^"]+/opinion\?who=[^"]+)"', html)
    assert found is not None, "the page has no link to the questions"
    return found[1]


async def answer(phone: httpx.AsyncClient, link: str, data: dict[str, object]) -> httpx.Response:
    path, _mark, who = link.partition("?who=")
    return await post_form(phone, path, {"who": who, **data}, page=link)


async def say(world: BookingWorld, number: int, words: str = "") -> None:
    for _ in range(number):
        await Opinion(
            id=uuid4(), session=world.session.id, given_by=uuid4().hex * 2, useful=5, delivery=4, arrangement=3,
            change="length", words=words, on=STARTS_AT.date(),
        ).save()  # fmt: skip


# --- on the phone ----------------------------------------------------------------------------------------------------


async def test_from_the_check_in_to_the_answer(app: Litestar, world: BookingWorld, clock: FixedClock) -> None:
    """Before the start it says when; then the link; five taps; again it says that it is there."""
    path = await door_of(world)
    clock.moment = STARTS_AT - 10 * MINUTE
    async with browser_of(app, None) as phone:
        early = await post_form(phone, path, WHO)
        assert "签到成功" in early.text
        assert "活动结束后再打开这个页面，答三个问题" in early.text
        assert "/opinion?who=" not in early.text
        assert "活动结束后再打开这个页面" in (await phone.get(path + "/opinion")).text

        clock.moment = STARTS_AT + 10 * MINUTE
        opened = await phone.get(path)
        assert "已签到" in opened.text
        link = link_in(opened.text)
        asked = await phone.get(link)
        for words in ("对我有用", "讲得清楚", "时间地点合适", "最想改的是", "都挺好", "不记名", "noindex"):
            assert words in asked.text
        assert asked.text.count('type="radio"') == 3 * 5 + 7
        assert "<script" not in re.sub(r'<script src="/static[^>]+></script>', "", asked.text)
        assert asked.headers["referrer-policy"] == "same-origin"
        assert await Opinion.count() == 0

        done = await answer(phone, link, GOOD)
        assert (done.status_code, "已收到" in done.text) == (200, True)
        clock.moment = ENDS_AT + timedelta(days=3)
        page = await phone.get(path)
        assert "您的评价已经收到" in page.text
        again = await phone.get(link_in(page.text) if "/opinion?who=" in page.text else link)
        assert "已收到" in again.text
        assert 'type="radio"' not in again.text
        assert "已收到" in (await phone.get(path + "/opinion")).text
    (row,) = await Opinion.select()
    assert (row["useful"], row["delivery"], row["arrangement"], row["change"], row["words"]) == (
        5,
        4,
        5,
        "length",
        "短一点",
    )


async def test_after_check_in_is_over_the_phone_finds_its_own_again(
    app: Litestar, world: BookingWorld, clock: FixedClock
) -> None:
    path = await door_of(world)
    async with browser_of(app, None) as phone, browser_of(app, None) as stranger:
        await post_form(phone, path, WHO)
        await change_door(
            world.organiser, STARTS_AT, session_id=world.session.id, walk_ins=True, opens_minutes=60, closes_minutes=0
        )
        await Session.update({Session.state: "closed"}).where(Session.id == world.session.id)
        clock.moment = ENDS_AT + timedelta(days=2)
        page = await phone.get(path)
        assert "已签到" in page.text
        assert "答三个问题" in page.text
        direct = await phone.get(path + "/opinion")
        assert 'type="radio"' in direct.text
        sent = await post_form(phone, path + "/opinion", {**GOOD, "who": link_in(page.text).partition("who=")[2]})
        assert "已收到" in sent.text
        assert "没有找到您的签到" in (await stranger.get(path + "/opinion")).text
        assert "/opinion" not in (await stranger.get(path)).text
        clock.moment = ENDS_AT + timedelta(days=15)
        assert "/opinion" not in (await phone.get(path)).text


async def test_every_bad_field_is_named_and_what_was_tapped_stays(app: Litestar, world: BookingWorld) -> None:
    path = await door_of(world)
    async with browser_of(app, None) as phone:
        link = link_in((await post_form(phone, path, WHO)).text)
        bad = await answer(phone, link, {"useful": "9", "delivery": "4", "change": "weather", "words": "长" * 301})
        assert bad.status_code == 422
        assert "有4处要改" in bad.text
        for words in ("对我有用：", "时间地点合适：", "最想改的是：", "还想说的："):
            assert words in bad.text
        assert re.search(r'name="delivery" value="4" required checked', bad.text)
        assert "长" * 301 in bad.text
        assert await Opinion.count() == 0
        good = await phone.post(
            path + "/opinion",
            data={**GOOD, "who": link.partition("who=")[2], "_csrf_token": form_token(bad.text)},
        )
        assert "已收到" in good.text


async def test_forged_foreign_and_taken_back(app: Litestar, world: BookingWorld, clock: FixedClock) -> None:
    path = await door_of(world)
    other = await BookingWorld().build()
    foreign = await door_of(other)
    async with browser_of(app, None) as phone:
        link = link_in((await post_form(phone, path, WHO)).text)
        who = link.partition("who=")[2]
        mine = who.partition(".")[0]
        token = form_token((await phone.get(link)).text)

        async def sent(where: str, given: str) -> httpx.Response:
            return await phone.post(where + "/opinion", data={**GOOD, "who": given, "_csrf_token": token})

        for where, given in (
            (path, ""),
            (path, mine),
            (path, f"{mine}.{'0' * 43}"),
            (path, f"{uuid4()}.{who.partition('.')[2]}"),
            (path, who_of(app.state.secret, uuid4())),
            (foreign, who),
        ):
            refused = await sent(where, given)
            assert (refused.status_code, "没有找到您的签到" in refused.text) == (422, True)
        assert "没有找到您的签到" in (await phone.get(f"{foreign}/opinion?who={who}")).text
        assert (await phone.get(f"/checkin/nowhere/opinion?who={who}")).status_code == 404

        await Attendee.update({Attendee.present: False, Attendee.expected: True}).where(Attendee.name == "苏婉")
        gone = await sent(path, who)
        assert (gone.status_code, "没有您的签到" in gone.text) == (409, True)
        assert "没有您的签到" in (await phone.get(link)).text
        await Attendee.update({Attendee.present: True}).where(Attendee.name == "苏婉")
        await Session.update({Session.state: "cancelled"}).where(Session.id == world.session.id)
        assert "这场已经取消" in (await sent(path, who)).text
        await Session.update({Session.state: "held"}).where(Session.id == world.session.id)
        clock.moment = ENDS_AT + timedelta(days=15)
        late = await sent(path, who)
        assert (late.status_code, "评价已经截止" in late.text) == (409, True)
    assert await Opinion.count() == 0


async def test_programs_answer_with_what_the_check_in_gave(app: Litestar, world: BookingWorld) -> None:
    path = await door_of(world)
    async with client_of(app, None) as program:
        came = await program.post("/api/v1/checkins", json={"token": path.rpartition("/")[2], **WHO})
        given = {"who": came.json()["opinion"], "useful": 5, "delivery": 4, "arrangement": 5}
        first = await program.post("/api/v1/opinions", json={**given, "words": "好"})
        again = await program.post("/api/v1/opinions", json={**given, "useful": 1})
        assert (first.status_code, first.json()) == (201, {"first": True})
        assert (again.status_code, again.json()) == (200, {"first": False})
        bad = await program.post("/api/v1/opinions", json={**given, "useful": 0, "change": "x", "delivery": "5"})
        assert bad.status_code == 422
        assert {one["field"] for one in bad.json()["errors"]} == {"useful", "change", "delivery"}
        forged = await program.post("/api/v1/opinions", json={**given, "who": "x"})
        assert [one["field"] for one in forged.json()["errors"]] == ["who"]
        await Session.update({Session.state: "cancelled"}).where(Session.id == world.session.id)
        await Opinion.delete(force=True)
        closed = await program.post("/api/v1/opinions", json=given)
        assert (closed.status_code, closed.json()["why"]) == (409, "cancelled")
        document = (await program.get("/api/v1/openapi.json")).json()
    assert {"giveOpinion", "readOpinions"} <= {
        act["operationId"]
        for one in document["paths"].values()
        for act in one.values()
        if isinstance(act, dict) and "operationId" in act
    }


async def test_a_key_keeps_nothing_of_who_answered_when(app: Litestar, world: BookingWorld) -> None:
    """Also of one who is logged in while answering: no answer, no request, no moment."""
    path = await door_of(world)
    async with client_of(app, world.contact) as program:
        came = await program.post("/api/v1/checkins", json={"token": path.rpartition("/")[2], **WHO})
        given = {"who": came.json()["opinion"], "useful": 5, "delivery": 4, "arrangement": 5}
        keyed = {"Idempotency-Key": "k"}
        answers = [await program.post("/api/v1/opinions", json=given, headers=keyed) for _ in range(2)]
    assert [one.status_code for one in answers] == [201, 200]
    assert await Opinion.count() == 1
    assert await db.value("SELECT count(*) FROM web_idempotency_answer") == 0


async def test_no_line_of_the_log_says_who(
    app: Litestar, world: BookingWorld, caplog: pytest.LogCaptureFixture
) -> None:
    path = await door_of(world)
    async with browser_of(app, None) as phone:
        link = link_in((await post_form(phone, path, WHO)).text)
        caplog.clear()
        with caplog.at_level(logging.DEBUG):
            await answer(phone, link, GOOD)
    ours = [one.getMessage() + str(one.__dict__) for one in caplog.records if one.name.startswith("outreach")]
    for mark in (link.partition("who=")[2][:36], "苏婉", "短一点"):
        assert not any(mark in line for line in ours)


# --- who reads it ----------------------------------------------------------------------------------------------------


async def lecturer_of(world: BookingWorld) -> Actor:
    actor = await make_actor(Role.PROVIDER, world.root)
    provider = await make_provider(world.root, person=actor.person_id, name="沈若兰")
    await db.execute(
        "INSERT INTO events_session_provider (id, session, provider, position) VALUES ($1, $2, $3, 1)",
        uuid4(), world.session.id, provider.id,
    )  # fmt: skip
    return actor


async def test_a_provider_never_reads_marks_or_words_of_fewer_than_five(
    app: Litestar, world: BookingWorld, clock: FixedClock
) -> None:
    lecturer = await lecturer_of(world)
    await Session.update({Session.state: "held"}).where(Session.id == world.session.id)
    path, api = f"/sessions/{world.session.id}/opinions", f"/api/v1/sessions/{world.session.id}/opinions"
    clock.moment = ENDS_AT
    async with browser_of(app, lecturer) as browser, client_of(app, lecturer) as program:
        for number in range(1, 5):
            await say(world, 1, "太长了")
            pages = [
                (await browser.get(one)).text for one in (path, "/duties/opinions", f"/menu/{world.event.id}", "/menu")
            ]
            assert f"还差{5 - number}份才显示" in pages[0]
            assert f"还差{5 - number}份才显示" in pages[1]
            for text in pages:
                assert "太长了" not in text
                assert "4.0分" not in text
                assert "参加人评" not in text.replace("参加人评价", "")
            found = (await program.get(api)).json()
            assert (found["answers"], found["least"], found["mean"]) == (number, 5, None)
            assert (found["marks"], found["changes"], found["words"]) == ({}, {}, [])
        await say(world, 1, "太长了")
        shown = (await browser.get(path)).text
        assert shown.count("太长了") == 5
        assert "5份里，最想改的是时长，5份。" in shown
        assert "4.0分" in (await browser.get("/duties/opinions")).text
        assert "参加人评4.0分（满分5分，5份）" in (await browser.get(f"/menu/{world.event.id}")).text
        found = (await program.get(api)).json()
        assert (found["mean"], found["marks"]["useful"], found["changes"]["length"]) == (4.0, [0, 0, 0, 0, 5], 5)
        assert len(found["words"]) == 5
        assert (await browser.get(f"/desk/sessions/{world.session.id}/opinions")).status_code == 403
        assert (await browser.get("/desk/opinions")).status_code == 403


async def test_staff_host_and_evaluator_read_from_three_on(
    app: Litestar, world: BookingWorld, clock: FixedClock
) -> None:
    await Session.update({Session.host: world.union.id}).where(Session.id == world.session.id)
    evaluator = await make_actor(Role.EVALUATOR, world.root)
    checkin, clock.moment = await door_of(world), ENDS_AT
    async with browser_of(app, None) as phone:
        for number in range(4):
            await post_form(phone, checkin + "?other=1", {"name": f"职工{number}", "unit": "厂"})
    desk, own = f"/desk/sessions/{world.session.id}/opinions", f"/sessions/{world.session.id}/opinions"
    async with (
        browser_of(app, world.organiser) as staff,
        browser_of(app, world.contact) as host,
        browser_of(app, evaluator) as reads,
    ):
        readers = ((staff, desk), (staff, own), (host, own), (reads, own))
        assert ["还没有人评价" in (await one.get(where)).text for one, where in readers] == [True] * 4
        await say(world, 2, "太长了")
        for one, where in readers:
            few = (await one.get(where)).text
            assert "收到2份，还差1份才显示" in few
            assert "签到4人，收到2份，回收率50%" in few
            assert "太长了" not in few
        await say(world, 1, "<b>太长了</b>")
        for one, where in readers:
            full = (await one.get(where)).text
            assert "3份里，最想改的是时长，3份。" in full
            # Words may name somebody: who reads pseudonyms reads none.
            assert ("&lt;b&gt;太长了" in full) == (one is not reads)
            assert "<b>太长了" not in full
            assert "回收率75%" in full
            for number in range(4):
                assert f"职工{number}" not in full
        assert (await host.get(desk)).status_code == 403
        assert (await reads.get(desk)).status_code == 403


async def test_others_know_nothing_of_it(app: Litestar, world: BookingWorld) -> None:
    await Session.update({Session.visibility: "host", Session.host: world.union.id}).where(
        Session.id == world.session.id
    )
    await say(world, 9)
    district = await make_organisation(parent=world.root, name="东区总工会")
    elsewhere = await make_actor(Role.ORGANISER, district)
    pages = [f"{start}/sessions/{world.session.id}/opinions" for start in ("/desk", "", "/api/v1")]
    async with (
        browser_of(app, elsewhere) as other,
        browser_of(app, world.rival) as rival,
        client_of(app, None) as stranger,
    ):
        assert [(await other.get(one)).status_code for one in pages] == [404] * 3
        assert [(await rival.get(one)).status_code for one in pages[1:]] == [404] * 2
        assert (await stranger.get(pages[2])).status_code == 401
        assert "市总工会" not in (await other.get("/desk/opinions")).text.partition("<main")[2].partition("</main")[0]
    async with browser_of(app, world.rival) as contact:
        assert (await contact.get("/duties/opinions")).status_code == 403


async def test_both_scores_stand_beside_each_other(app: Litestar, world: BookingWorld, clock: FixedClock) -> None:
    """单位评 by its mean, 参加人评 shrunk; the menu and the desk say how many answered."""
    await lecturer_of(world)
    await Session.update({Session.state: "held"}).where(Session.id == world.session.id)
    clock.moment = ENDS_AT
    for _ in range(3):
        union = await make_organisation(parent=world.root)
        await db.execute(
            """INSERT INTO bookings_review
                      (id, session, organisation, lecturer, content, organising, again, words, created_at)
               VALUES ($1, $2, $3, 5, 5, 4, true, '', $4)""",
            uuid4(), world.session.id, union.id, STARTS_AT,
        )  # fmt: skip
    await say(world, 6)
    async with browser_of(app, world.organiser) as staff:
        for where in ("/menu", f"/menu/{world.event.id}"):
            assert "单位评4.7分（3份），参加人评4.0分（6份）" in (await staff.get(where)).text
        desk = (await staff.get("/desk/opinions")).text
    for words in ("4.7分（3份）", "4.0分（6份）", "5.0分（3份）", "沈若兰", "派单排先后只看单位评"):
        assert words in desk
