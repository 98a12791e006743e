"""Calendar, menu, and the desk's pages of sessions, menu, providers and venues."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import httpx
import pytest
from litestar import Litestar

from outreach.accounts.tables import Organisation
from outreach.events.tables import Event, EventProvider, Provider, Venue
from outreach.programmes.tables import Holiday, Programme
from outreach.shared import db
from outreach.shared.actors import Role
from outreach.shared.ids import new_id
from outreach.shared.time import ZONE
from tests.factories.accounts import browser_of, make_actor, make_organisation
from tests.factories.events import STARTS_AT, make_event, make_provider, make_session, make_venue
from tests.factories.programmes import make_programme
from tests.support.pages import post_form


@dataclass
class Town:
    federation: Organisation
    programme: Programme
    event: Event
    provider: Provider
    venue: Venue
    desk: httpx.AsyncClient
    anyone: httpx.AsyncClient


@pytest.fixture
async def town(app: Litestar, database: None) -> AsyncIterator[Town]:
    federation = await make_organisation()
    programme = await make_programme(federation, name="职工心理健康", code="psychology")
    event = await make_event(programme, title="倒班职工的睡眠")
    provider = await make_provider(federation, name="甲老师")
    await EventProvider(event=event.id, provider=provider.id).save()
    venue = await make_venue(federation, name="文化宫")
    organiser = await make_actor(Role.ORGANISER, federation)
    async with browser_of(app, organiser) as desk, browser_of(app, None) as anyone:
        yield Town(federation, programme, event, provider, venue, desk, anyone)


def cell(html: str, day: str) -> str:
    """The cell of a day in the month's table."""
    found = re.search(
        rf'<td[^>]*><p class="d">(?:<span class="sr">今天</span>)?<time datetime="{day}">.*?</td>', html, re.DOTALL
    )
    assert found is not None, day
    return found[0]


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


async def page(browser: httpx.AsyncClient, path: str, status: int = 200) -> str:
    answer = await browser.get(path)
    assert answer.status_code == status, answer.text[:500]
    return answer.text


async def test_the_month_shows_seats_and_only_what_strangers_may_see(town: Town) -> None:
    await make_session(town.event, seats_taken=100, district="吴中区")
    await make_session(town.event, title="排练", state="draft")
    await make_session(town.event, title="营区演出", visibility="host")
    await make_session(town.event, title="取消了的", state="cancelled")
    html = await page(town.anyone, "/calendar")

    assert words(cell(html, "2015-09-24")) == "24 周四 14:00 吴中 余20 心 职工心理健康： 倒班职工的睡眠"
    assert 'class="now none"' in cell(html, "2015-09-15")
    assert "本月公开1场，还有1场可约。" in html
    for hidden in ("排练", "营区演出", "取消了的"):
        assert hidden not in html
    desk = await page(town.desk, "/calendar")
    assert "草稿" in cell(desk, "2015-09-24")
    assert "营区演出" in desk


async def test_the_month_names_holidays_and_weekend_days_worked(town: Town) -> None:
    for on, kind, name in ((date(2015, 9, 27), "off", "中秋节"), (date(2015, 9, 26), "work", "")):
        await Holiday(on=on, kind=kind, name=name).save()
    html = await page(town.anyone, "/calendar?month=2015-09")
    assert words(cell(html, "2015-09-27")) == "27 周日 休 中秋节"
    assert 'class="off"' in cell(html, "2015-09-27")
    assert words(cell(html, "2015-09-26")) == "26 周六 班 调休上班"
    assert '<td class="off' not in cell(html, "2015-09-26")
    assert 'class="off none"' in cell(html, "2015-09-20")
    assert "9月26日（周六）上班，中秋节9月27日放假。" in html
    assert "2016年的放假安排还没有录入" in await page(town.anyone, "/calendar?month=2016-01")


async def test_a_full_day_leads_to_its_list(town: Town) -> None:
    for number in range(5):
        await make_session(town.event, title=f"第{number}场", starts_at=STARTS_AT + timedelta(minutes=number))
    html = await page(town.anyone, "/calendar")
    assert "还有2场" in cell(html, "2015-09-24")
    assert "/calendar?day=2015-09-24" in cell(html, "2015-09-24")
    day = await page(town.anyone, "/calendar?day=2015-09-24")
    assert [f"第{number}场" in day for number in range(5)] == [True] * 5
    assert "这天有5场。" in day


async def test_the_list_starts_today_and_filters(town: Town) -> None:
    other = await make_event(
        await make_programme(town.federation, code="culture", name="送文化"), title="评弹", kind="演出"
    )
    await make_session(town.event, starts_at=datetime(2015, 9, 10, 14, tzinfo=ZONE), title="上旬的", state="held")
    await make_session(town.event, title="约满的", seats_taken=120)
    await make_session(other, title="评弹专场")
    listed = await page(town.anyone, "/calendar?view=list")
    assert [title in listed for title in ("上旬的", "约满的", "评弹专场")] == [False, True, True]
    assert "上旬的" in await page(town.anyone, "/calendar?view=list&whole=1")
    filtered = await page(town.anyone, "/calendar?view=list&programme=culture&kind=演出&open=true")
    assert [title in filtered for title in ("约满的", "评弹专场")] == [False, True]
    assert '<option value="culture" selected>送文化</option>' in filtered
    assert "这个月没有符合的场次" in await page(town.anyone, "/calendar?district=火星")


@pytest.mark.parametrize(
    "query",
    ["month=9999-99", "month=abc", "month=0000-00", "day=1900-01-01", "month=2000-01", "month=2100-12", "day=x"],
)
async def test_odd_dates_show_a_page(town: Town, query: str) -> None:
    assert "</table>" in await page(town.anyone, f"/calendar?{query}")


async def test_the_menu_says_what_for_whom_how_long_and_when(town: Town) -> None:
    await Event.update({Event.audience: "倒班职工", Event.site_needs: "投影"}).where(Event.id == town.event.id)
    await make_event(town.programme, title="撤下的", active=False)
    await make_session(town.event)
    menu = await page(town.anyone, "/menu")
    item = await page(town.anyone, f"/menu/{town.event.id}")
    assert "撤下的" not in menu
    assert [word in words(menu) for word in ("倒班职工的睡眠", "90分钟", "9月24日（周四）")] == [True] * 3
    assert [word in words(item) for word in ("倒班职工", "投影", "90分钟", "甲老师", "余120")] == [True] * 5
    await page(town.anyone, "/menu/nonsense", 404)
    assert "改这一项" not in item
    assert "改这一项" in await page(town.desk, f"/menu/{town.event.id}")


@pytest.mark.parametrize(
    "path", ["sessions", "sessions/new", "events", "events/new", "providers", "providers/new", "venues", "venues/new"]
)
async def test_the_desk_is_for_staff(app: Litestar, town: Town, path: str) -> None:
    stranger = await town.anyone.get(f"/desk/{path}")
    async with browser_of(app, await make_actor(Role.CONTACT, town.federation)) as contact:
        known = await contact.get(f"/desk/{path}")
    assert (stranger.status_code, known.status_code) == (303, 403)
    await page(town.desk, f"/desk/{path}")


def typed(town: Town, **given: Any) -> dict[str, Any]:
    return {
        "event_id": str(town.event.id),
        "title": "倒班职工的睡眠",
        "kind": "讲座",
        "starts_at": "2015-09-24T14:00",
        "provider_ids": str(town.provider.id),
        "venue_id": str(town.venue.id),
        "visibility": "public",
        **given,
    }


async def test_a_session_is_drafted_changed_and_published_by_page(town: Town) -> None:
    new = f"/desk/sessions/new?event={town.event.id}"
    assert "甲老师" in await page(town.desk, new)
    made = await post_form(town.desk, "/desk/sessions/new", typed(town), page=new)
    assert made.status_code == 303
    edit = made.headers["location"]
    shown = await page(town.desk, edit)
    assert "讲师团队和场地这个时间都空着" in shown
    assert '"2015-09-24T15:30"' in shown
    changed = await post_form(town.desk, edit, typed(town, title="新题目", capacity="60", revision="1"))
    assert (changed.status_code, changed.headers["location"]) == (303, edit)
    published = await post_form(town.desk, edit.replace("/edit", "/publish"), {}, page=edit)
    assert published.status_code == 303
    assert dict((await db.rows("SELECT state, title, capacity, revision FROM events_session"))[0]) == {
        "state": "published", "title": "新题目", "capacity": 60, "revision": 3,
    }  # fmt: skip
    assert (await town.desk.get(edit)).headers["location"] == edit.replace("/edit", "/move")


async def test_what_was_typed_stays_and_every_bad_field_is_named(town: Town) -> None:
    new = f"/desk/sessions/new?event={town.event.id}"
    bad = typed(town, title="", starts_at="2015-09-24T14:00", ends_at="2015-09-24T13:00", capacity="0", note="带笔记本")
    refused = await post_form(town.desk, "/desk/sessions/new", bad, page=new)
    assert refused.status_code == 422
    assert '<a href="#title">场次名称：请填写。</a>' in refused.text
    assert '<a href="#capacity">名额：不能小于1。</a>' in refused.text
    assert [text in refused.text for text in ("带笔记本", 'value="2015-09-24T13:00"')] == [True, True]
    late = await post_form(
        town.desk, "/desk/sessions/new", typed(town, ends_at="2015-09-24T13:00", host="查无"), page=new
    )
    assert late.status_code == 422
    assert "单位编码或全称" in late.text
    assert await db.value("SELECT count(*) FROM events_session") == 0


async def test_a_clash_is_shown_before_and_when_publishing(town: Town) -> None:
    taken = await make_session(town.event, providers=(town.provider,), title="早已排的", occupying=True)
    made = await post_form(
        town.desk, "/desk/sessions/new", typed(town), page=f"/desk/sessions/new?event={town.event.id}"
    )
    edit = made.headers["location"]
    assert f'甲老师这个时间已排给<a href="/desk/sessions/{taken.id}">早已排的</a>' in await page(town.desk, edit)
    refused = await post_form(town.desk, edit.replace("/edit", "/publish"), {}, page=edit)
    assert refused.status_code == 409
    assert "时间冲突" in refused.text
    assert await db.value("SELECT state FROM events_session WHERE id <> $1", taken.id) == "draft"


async def test_a_stale_form_keeps_what_was_typed(town: Town) -> None:
    session = await make_session(town.event, state="draft")
    stale = await post_form(town.desk, f"/desk/sessions/{session.id}/edit", typed(town, title="我的题目", revision="7"))
    assert stale.status_code == 409
    assert [text in stale.text for text in ("刚刚被别人改过", "我的题目", 'name="revision" value="1"')] == [True] * 3


async def test_a_copy_brings_everything_but_the_time(town: Town) -> None:
    session = await make_session(town.event, providers=(town.provider,), title="原来那场", note="带笔记本")
    html = await page(town.desk, f"/desk/sessions/new?copy={session.id}")
    assert [text in html for text in ("原来那场", "带笔记本", f'value="{town.provider.id}" checked')] == [True] * 3
    assert 'type="datetime-local" class="short day" value=""' in html


async def test_drafts_of_others_are_not_found(app: Litestar, town: Town) -> None:
    session = await make_session(town.event, state="draft")
    async with browser_of(app, await make_actor(Role.ORGANISER, await make_organisation())) as other:
        for path in (f"/desk/sessions/{session.id}/edit", f"/desk/sessions/new?copy={session.id}"):
            await page(other, path, 404)
        for path in (f"/desk/providers/{town.provider.id}/edit", f"/desk/venues/{town.venue.id}/edit"):
            await page(other, path, 404)


async def test_the_desks_list_has_tabs_search_and_empty_states(town: Town) -> None:
    assert "还没有场次" in await page(town.desk, "/desk/sessions")
    await make_session(town.event, state="draft", title="草稿那场")
    await make_session(town.event, starts_at=datetime(2015, 9, 1, 14, tzinfo=ZONE), title="没登记的")
    listed = await page(town.desk, "/desk/sessions")
    assert [text in listed for text in ("全部 2", "草稿 1", "已过期未登记 1", "草稿那场", "没登记的")] == [True] * 5
    unrecorded = await page(town.desk, "/desk/sessions?state=unrecorded")
    assert [text in unrecorded for text in ("草稿那场", "没登记的")] == [False, True]
    found = await page(town.desk, "/desk/sessions?q=草稿&from=2015-09-20&to=2015-09-30")
    assert [text in found for text in ("草稿那场", "没登记的")] == [True, False]
    assert "没有符合的场次" in await page(town.desk, "/desk/sessions?q=%25")


async def test_ticked_drafts_are_published_each_by_itself(app: Litestar, town: Town) -> None:
    programme = await make_programme(await make_organisation(), code="culture")
    foreign = await make_session(await make_event(programme), state="draft", title="别家的草稿", published_at=None)
    assert "发布选中的" not in await page(town.desk, "/desk/sessions")

    async def draft(title: str, **given: Any) -> Any:
        return await make_session(town.event, **{"state": "draft", "published_at": None, "title": title, **given})

    free, other = await draft("没有妨碍的"), await draft("也没有妨碍", starts_at=STARTS_AT + timedelta(days=2))
    first = await draft("先排的", providers=(town.provider,))
    clashing = await draft("撞上了", providers=(town.provider,))
    late = await draft("出了这一年", starts_at=datetime(2016, 1, 8, 14, tzinfo=ZONE))
    past = await draft("过去的", starts_at=datetime(2015, 9, 1, 14, tzinfo=ZONE))
    placeless = await draft("没有地点", address="", district="")
    done = await make_session(town.event, title="早发布了")
    await draft("点单派的", assigned=True)
    listed = await page(town.desk, "/desk/sessions?state=draft")
    assert (listed.count('name="session_ids"'), listed.count("checked")) == (7, 0)
    assert 'href="/desk/sessions?state=draft&amp;all=1"' in listed
    everything = await page(town.desk, "/desk/sessions?state=draft&all=1&q=妨碍")
    assert (everything.count('name="session_ids"'), everything.count(" checked>")) == (2, 2)

    path, here = "/desk/sessions/publish?state=draft", "/desk/sessions?state=draft"
    nothing = await post_form(town.desk, path, {}, page=here)
    assert (nothing.status_code, "请至少勾选一场。" in nothing.text) == (422, True)
    too_many = await post_form(town.desk, path, {"session_ids": [str(new_id()) for _ in range(201)]}, page=here)
    assert too_many.status_code == 422

    unknown = new_id()
    ids = [free.id, first.id, clashing.id, late.id, past.id, placeless.id, done.id, foreign.id, unknown]
    answer = await post_form(town.desk, path, {"session_ids": [str(one) for one in ids]}, page=here)
    assert answer.status_code == 200
    note = re.search(r'<div class="note warn">.*?</div>', answer.text, re.DOTALL)
    assert note is not None
    assert words(note[0]) == (
        "已发布2场，7场没有发布 "
        "撞上了 9月24日（周四） ：时间冲突，这个时间已经有别的场次：甲老师。请换时间，或换讲师、团队、场地。 "
        "出了这一年 1月8日（周五） ：要写明理由，2016年1月8日（周五）不在2015年，算不进这个项目2015年的数字。"
        "请选2016年的菜单项，或者写明理由照办 "
        "过去的 9月1日（周二） ：开始时间已经过了。以后的场次才能发布；已经办过的请用补录。 "
        "没有地点 9月24日（周四） ：还没有地点。请选场地或填地址，或者设为整场可领。 "
        "早发布了 9月24日（周四） ：已经发布了 "
        "没有找到的场次：没有找到 没有找到的场次：没有找到"
    )
    states = await db.rows("SELECT title, state FROM events_session WHERE id = ANY($1::uuid[])", ids)
    assert {one["title"] for one in states if one["state"] == "published"} == {"没有妨碍的", "先排的", "早发布了"}
    assert "别家的草稿" not in answer.text

    none = await post_form(town.desk, path, {"session_ids": [str(late.id)]}, page=here)
    assert (none.status_code, "1场都没有发布" in none.text) == (409, True)
    alone = await post_form(town.desk, path, {"session_ids": str(other.id)}, page=here)
    assert (alone.status_code, alone.headers["location"]) == (303, "/desk/sessions?state=published")
    assert "已发布1场，各单位可以预约了。" in await page(town.desk, "/desk/sessions?state=published")


async def test_only_who_runs_a_session_publishes_it_among_many(app: Litestar, town: Town) -> None:
    draft = await make_session(town.event, state="draft", published_at=None)
    union = await make_organisation(parent=town.federation)
    sent: dict[str, object] = {"session_ids": [str(draft.id)]}
    for role in (Role.ORGANISER, Role.CONTACT):
        async with browser_of(app, await make_actor(role, union)) as browser:
            answer = await post_form(browser, "/desk/sessions/publish", sent, page="/account")
            assert answer.status_code == (409 if role is Role.ORGANISER else 403)
            assert draft.title not in answer.text
    assert (await post_form(town.anyone, "/desk/sessions/publish", sent, page="/login")).status_code in (303, 401)
    assert await db.value("SELECT state FROM events_session WHERE id = $1", draft.id) == "draft"


async def test_menu_providers_and_venues_are_kept_by_page(town: Town) -> None:
    forms: list[tuple[str, dict[str, Any], str]] = [
        (
            "events",
            {
                "programme_id": str(town.programme.id),
                "title": "压力",
                "kind": "讲座",
                "duration_minutes": "60",
                "active": "on",
            },
            str(town.event.id),
        ),
        (
            "providers",
            {"kind": "troupe", "name": "艺术团", "parallel_teams": "2", "topics_text": "评弹、锡剧，", "active": "on"},
            str(town.provider.id),
        ),
        (
            "venues",
            {"name": "少年宫", "rooms": "2", "setup_minutes": "10", "takedown_minutes": "0", "active": "on"},
            str(town.venue.id),
        ),
    ]
    for name, data, stored in forms:
        label = data.get("title") or data["name"]
        added = await post_form(town.desk, f"/desk/{name}/new", data)
        assert added.status_code == 303, added.text
        assert label in await page(town.desk, f"/desk/{name}")
        changed = await post_form(town.desk, f"/desk/{name}/{stored}/edit", {**data, "revision": "1"})
        stale = await post_form(town.desk, f"/desk/{name}/{stored}/edit", {**data, "revision": "1"})
        emptied = {**data, "title": "", "name": ""}
        refused = await post_form(town.desk, f"/desk/{name}/{stored}/edit", emptied)
        assert (changed.status_code, stale.status_code, refused.status_code) == (303, 409, 422)
        assert "没有符合的" in await page(town.desk, f"/desk/{name}?q=zzz")
    topics = await db.value("SELECT topics FROM events_provider WHERE id = $1", town.provider.id)
    assert topics == ["评弹", "锡剧"]
