"""Festivals and campaigns on the pages: month, list, day, frame, session form, and where they are kept."""

from datetime import UTC, date, datetime, timedelta

import httpx
import pytest
from litestar import Litestar

from outreach.programmes.tables import CalendarLabel, Holiday
from outreach.shared.actors import Role
from tests.factories.accounts import browser_of, make_actor, make_organisation
from tests.factories.bookings import BookingWorld
from tests.factories.events import make_session
from tests.support.clock import FixedClock
from tests.support.pages import post_form

pytestmark = pytest.mark.usefixtures("database")

FORM = "/desk/holidays/labels"


async def test_every_calendar_carries_the_labels(app: Litestar, client: httpx.AsyncClient) -> None:
    world = await BookingWorld().build()
    day = datetime(2015, 9, 27, 6, 0, tzinfo=UTC)  # 中秋节, an afternoon
    shown = await make_session(world.event, title="中秋晚会", starts_at=day, ends_at=day + timedelta(hours=2))
    draft = await make_session(
        world.event, title="草稿一场", state="draft", starts_at=day, ends_at=day + timedelta(hours=1)
    )
    pages = {
        "month": await client.get("/calendar?month=2015-09"),
        "list": await client.get("/calendar?month=2015-09&view=list&whole=1"),
        "day": await client.get("/calendar?day=2015-09-27"),
        "frame": await client.get("/embed/sessions"),
    }
    async with browser_of(app, world.organiser) as desk:
        edit = await desk.get(f"/desk/sessions/{draft.id}/edit")
        new = await desk.get(f"/desk/sessions/new?event={world.event.id}")

    assert [one.status_code for one in (*pages.values(), edit, new)] == [200] * 6
    for name, answer in pages.items():
        assert "中秋节" in answer.text, name
        assert "金秋助学" in answer.text, name
    assert "<em>中秋节</em>" in pages["month"].text
    assert "教师节" in pages["month"].text
    assert "活动时段：夏送清凉（6月15日至9月15日）、金秋助学（8月1日至9月30日）" in pages["month"].text
    assert "正在进行：" in pages["frame"].text
    assert "这一天：中秋节、金秋助学（8月1日至9月30日）" in edit.text
    assert "近两个月：" in new.text
    assert str(shown.id) in pages["list"].text


async def test_labels_are_changed_hidden_put_back_and_added(app: Litestar) -> None:
    async with browser_of(app, await make_actor(Role.ORGANISER, await make_organisation())) as desk:
        listed = await desk.get("/desk/holidays?year=2015")
        opened = await desk.get(f"{FORM}?code=warmth&year=2015")
        given: dict[str, object] = {
            "name": "送温暖",
            "kind": "campaign",
            "from_on": "2015-12-25",
            "last_on": "2016-02-07",
        }
        changed = await post_form(desk, FORM, {**given, "code": "warmth", "year": "2015"})
        hidden = await post_form(desk, f"{FORM}/hide", {"code": "army", "year": "2015"}, page=FORM)
        added = await post_form(desk, FORM, {"name": "职工读书日", "kind": "festival", "from_on": "2015-11-03"})
        after = await desk.get("/desk/holidays?year=2015")
        rows = {one.name: one for one in await CalendarLabel.objects()}
        own = await desk.get(f"{FORM}?label={rows['职工读书日'].id}")
        moved: dict[str, object] = {
            "name": "职工读书日",
            "kind": "festival",
            "from_on": "2015-11-04",
            "id": str(rows["职工读书日"].id),
        }
        await post_form(desk, FORM, moved)
        back = await post_form(desk, f"{FORM}/{rows['八一建军节'].id}/remove", {}, page=FORM)

    assert listed.status_code == 200
    assert [words in listed.text for words in ("送温暖", "12月22日至2月7日", "重阳节", "这一年不写它")] == [True] * 4
    assert 'value="2015-12-22"' in opened.text
    for answer in (changed, hidden, added, back):
        assert (answer.status_code, answer.headers["location"]) == (303, "/desk/holidays?year=2015")
    assert [
        words in after.text for words in ("12月25日至2月7日", "（改过）", "这一年不写", "职工读书日", "恢复原样")
    ] == [True] * 5
    assert rows["职工读书日"].last_on == date(2015, 11, 3)
    assert 'value="2015-11-03"' in own.text
    stored = {one.name: one for one in await CalendarLabel.objects()}
    assert stored["职工读书日"].from_on == date(2015, 11, 4)
    assert set(stored) == {"送温暖", "职工读书日"}


async def test_what_was_typed_stays_when_it_is_refused(app: Litestar) -> None:
    async with browser_of(app, await make_actor(Role.ORGANISER, await make_organisation())) as desk:
        bad: dict[str, object] = {
            "name": "读书月",
            "kind": "feast",
            "from_on": "2015-11-30",
            "last_on": "2015-11-01",
            "code": "army",
        }
        wrong = await post_form(desk, FORM, bad)
        order = await post_form(desk, FORM, {**bad, "kind": "campaign", "code": ""})
        nothing = await post_form(desk, f"{FORM}/hide", {"code": "army", "year": "1066"}, page=FORM)
        unknown = await desk.get(f"{FORM}?code=army")
        garbage = await desk.get(f"{FORM}?label=garbage")
    assert (wrong.status_code, order.status_code) == (422, 422)
    assert 'value="读书月"' in wrong.text
    assert "最后一天不能早于第一天。" in order.text
    assert (nothing.status_code, unknown.status_code, garbage.status_code) == (422, 404, 404)
    assert await CalendarLabel.count() == 0


async def test_from_november_on_the_next_year_is_asked_for(app: Litestar, clock: FixedClock) -> None:
    await Holiday(on=date(2015, 10, 1), kind="off", name="国庆节").save()
    async with browser_of(app, await make_actor(Role.ORGANISER, await make_organisation())) as desk:
        before = await desk.get("/desk/holidays")
        clock.moment = datetime(2015, 11, 2, 1, 0, tzinfo=UTC)
        after = await desk.get("/desk/holidays")
        there = await desk.get("/desk/holidays?year=2016")
    assert "放假安排还没有填" not in before.text
    assert "2016年的放假安排还没有填" in after.text
    assert there.text.count("2016年的放假安排还没有填") == 1


async def test_only_staff_keep_labels(app: Litestar, client: httpx.AsyncClient) -> None:
    async with browser_of(app, await make_actor(Role.CONTACT, await make_organisation())) as contact:
        assert (await contact.get(FORM)).status_code == 403
        assert (await contact.get("/desk/holidays")).status_code == 403
    assert (await client.get(FORM, headers={"Accept": "text/html"})).headers["location"].startswith("/login")
