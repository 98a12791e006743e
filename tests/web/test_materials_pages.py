"""Materials as browsers and programs see them: stock, rounds, allocation, the signed list, a unit's own pages."""

import io
import re
from datetime import date, datetime
from uuid import UUID

import pytest
from litestar import Litestar
from python_calamine import CalamineWorkbook

from outreach.materials.commands.handing_out import hand_out
from outreach.materials.commands.items import add_item
from outreach.materials.commands.rounds import gather_round
from outreach.shared import db
from outreach.shared.actors import Role
from outreach.shared.ids import new_id
from tests.factories.accounts import browser_of, client_of, make_actor, make_organisation
from tests.factories.events import make_event, make_session
from tests.support.handing_in import picture
from tests.support.materials import TODAY, MaterialWorld, stock_of
from tests.support.pages import form_token, post_form


@pytest.fixture
async def world(database: None, now: datetime) -> MaterialWorld:
    return await MaterialWorld().build(now)


def desk(round_id: UUID) -> str:
    return f"/desk/materials/rounds/{round_id}"


# --- stock ----------------------------------------------------------------------------------------------------


async def test_an_item_is_added_stocked_and_given_out(app: Litestar, world: MaterialWorld) -> None:
    async with browser_of(app, world.organiser) as browser:
        empty = await browser.get("/desk/materials")
        added = await post_form(
            browser, "/desk/materials",
            {"name": "心理健康自助手册", "unit": "本", "organisation_id": str(world.root.id)},
        )  # fmt: skip
        item = added.headers["location"]
        stocked = await post_form(
            browser, f"{item}/movements", {"kind": "receipt", "quantity": "500", "on": "2015-09-15"}, page=item
        )
        given = await post_form(
            browser, f"{item}/hand-outs",
            {
                "promise": f"{world.programme.id}:{world.target.id}", "quantity": "30", "on": "2015-09-15",
                "receiver": "讲座现场",
            },
            page=item,
        )  # fmt: skip
        shown = await browser.get(item)
        listed = await browser.get("/desk/materials")

    assert "安全生产知识丛书" in empty.text
    assert [one.status_code for one in (added, stocked, given)] == [303, 303, 303]
    assert "库存470本，其中0本已经确定给单位，还能用470本。" in shown.text
    assert "讲座现场" in shown.text
    assert "470本" in listed.text
    assert await world.tallies() == [(30, "讲座现场")]


async def test_mistakes_are_named_and_what_was_typed_stays(app: Litestar, world: MaterialWorld) -> None:
    item = f"/desk/materials/items/{world.item_id}"
    async with browser_of(app, world.organiser) as browser:
        lost = await post_form(
            browser, f"{item}/movements", {"kind": "loss", "quantity": "2000", "on": "2015-09-15", "note": "受潮"},
            page=item,
        )  # fmt: skip
        unsaid = await post_form(
            browser, f"{item}/movements", {"kind": "loss", "quantity": "x", "on": "2015-13-01"}, page=item
        )
        given = await post_form(browser, f"{item}/hand-outs", {"quantity": "0", "receiver": "某厂"}, page=item)
        nameless = await post_form(browser, "/desk/materials", {"unit": "本", "organisation_id": str(world.root.id)})
        early = await post_form(
            browser, f"{item}/rounds",
            {
                "title": "第一轮", "promise": str(world.programme.id), "quantity": "10",
                "apply_until": "2015-09-14", "hazard_percent": "50",
            },
        )  # fmt: skip

    assert (lost.status_code, unsaid.status_code, given.status_code) == (409, 422, 422)
    assert "没有确定给单位的只有1000套，要登记损耗2000套" in lost.text
    assert 'value="2000"' in lost.text
    assert 'value="受潮"' in lost.text
    assert 'id="move-quantity"' in unsaid.text
    assert 'href="#give-promise"' in given.text
    assert 'value="某厂"' in given.text
    assert nameless.status_code == 422
    assert early.status_code == 422
    assert 'href="#hazard-percent"' in early.text
    assert await stock_of(world.item_id) == (1000, 0)


async def test_an_item_is_renamed_but_keeps_its_unit(app: Litestar, world: MaterialWorld) -> None:
    item = f"/desk/materials/items/{world.item_id}"
    async with browser_of(app, world.organiser) as browser:
        renamed = await post_form(browser, item, {"name": "安全知识丛书", "unit": "套", "note": "一套六册"})
        other = await post_form(browser, item, {"name": "安全知识丛书", "unit": "本"})
        stale = await post_form(browser, item, {"name": "丛书", "unit": "套", "revision": "1"})
        shown = await browser.get(item)

    assert [one.status_code for one in (renamed, other, stale)] == [303, 422, 412]
    assert "已经按“套”登记过，计量单位不能再改。" in other.text
    assert "<h1>安全知识丛书</h1>" in shown.text


async def test_a_movement_is_corrected_on_the_page(app: Litestar, world: MaterialWorld) -> None:
    item = f"/desk/materials/items/{world.item_id}"
    movement = await db.value("SELECT id FROM materials_movement")
    path = f"/desk/materials/movements/{movement}/correct"
    async with browser_of(app, world.organiser) as browser:
        refused = await post_form(browser, path, {"quantity": "990"}, page=item)
        done = await post_form(browser, path, {"quantity": "990", "reason": "少了一箱"}, page=item)
        shown = await browser.get(item)

    assert (refused.status_code, done.status_code) == (422, 303)
    assert '<details class="confirm"' in refused.text
    assert 'value="990"' in refused.text
    assert "更正入库" in shown.text
    assert "更正为990" in shown.text
    assert await stock_of(world.item_id) == (990, 0)


# --- a round from the first to the last -----------------------------------------------------------------------


async def test_a_round_from_applications_to_receipts(app: Litestar, world: MaterialWorld, now: datetime) -> None:
    """申报 → 汇总 → 确定 → 发放 → 签收, by forms only."""
    item = f"/desk/materials/items/{world.item_id}"
    promise = f"{world.programme.id}:{world.target.id}"
    async with browser_of(app, world.organiser) as staff, browser_of(app, world.contacts[0]) as unit:
        opened = await post_form(
            staff, f"{item}/rounds",
            {
                "title": "2015年第一轮", "promise": promise, "quantity": "600", "apply_until": "2015-09-20",
                "hazard_percent": "150", "note": "存在职业危害的非公有制企业优先",
            },
        )  # fmt: skip
        path = opened.headers["location"]
        round_id = UUID(path.rpartition("/")[2])
        own = f"/materials/{round_id}"
        listed = await unit.get("/materials")
        asked = await post_form(
            unit, own,
            {"organisation_id": str(world.unions[0].id), "wanted": "500", "members": "300", "hazard": "on"},
        )  # fmt: skip
        behalf = await post_form(
            staff, f"{path}/applications",
            {"organisation_id": str(world.unions[1].id), "wanted": "400", "members": ""}, page=path,
        )  # fmt: skip
        waiting = await unit.get(own)
        gathered = await post_form(staff, f"{path}/gather", {}, page=path)
        proposal = await staff.get(path)
        lines = await world.lines(round_id)
        revision = re.search(r'name="revision" value="(\d+)"', proposal.text)
        assert revision is not None
        refused = await post_form(
            staff, f"{path}/allocation", {f"granted-{lines[0].id}": "400", "revision": revision[1]}, page=path
        )
        edited = await post_form(
            staff, f"{path}/allocation",
            {f"granted-{lines[0].id}": "400", f"reason-{lines[0].id}": "外来务工多", "revision": revision[1]},
            page=path,
        )  # fmt: skip
        confirmed = await post_form(staff, f"{path}/confirm", {}, page=path)
        granted = await unit.get(own)
        given = await post_form(
            staff, f"{path}/hand-outs", {"application_id": str(lines[0].id), "on": "2015-09-15"}, page=path
        )
        arrived = await unit.get(own)
        signed = await post_form(unit, f"/materials/applications/{lines[0].id}/receive", {}, page=own)
        received = await unit.get(own)
        handing = await staff.get(path)
        left = await post_form(staff, f"{path}/end", {}, page=path)
        ended = await post_form(staff, f"{path}/end", {"reason": "停产，没有来领"}, page=path)
        over = await staff.get(path)

    steps = [opened, asked, behalf, gathered, edited, confirmed, given, signed, ended]
    assert [one.status_code for one in steps] == [303] * 9
    assert "2015年第一轮" in listed.text
    assert "去申报" in listed.text
    assert "9月20日以前可以修改或撤回" in waiting.text
    # 300 × 1.5 : 200 of 600, the first wants no more than 500.
    assert "按450人算" in proposal.text
    assert [one.proposed for one in lines] == [415, 185]
    assert refused.status_code == 422
    assert (
        f'<a href="#allocation-reason-{lines[0].id}">胥江机械厂工会：和按规则算的不一样，请写明理由。</a>'
        in refused.text
    )
    assert 'value="400"' in refused.text
    assert "分到400套" in granted.text
    assert "外来务工多" in granted.text
    assert "确认收到400套" in arrived.text
    assert "已签收400套。" in received.text
    assert "已签收" in handing.text
    assert left.status_code == 422
    assert "还有185套没有领走" in left.text
    assert "发放完毕，一共发了400套。" in over.text
    assert await world.tallies() == [(400, "胥江机械厂工会")]
    assert await stock_of(world.item_id) == (600, 0)


async def test_the_list_is_printed_and_downloaded(app: Litestar, world: MaterialWorld, now: datetime) -> None:
    round_id = await world.confirmed(now, 400, 200)
    async with browser_of(app, world.organiser) as browser:
        printed = await browser.get(desk(round_id) + "/list")
        file = await browser.get(desk(round_id) + "/list.xlsx")

    for words in ("安全生产知识丛书发放签收表", "胥江机械厂工会", "虞山服饰工会", "签名", "领取日期", "<b>600</b>"):
        assert words in printed.text
    assert "木渎电子厂工会" not in printed.text
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(file.content)).get_sheet_by_index(0).to_python()
    assert sheet[0] == ["序号", "单位", "地区", "数量（套）", "已发", "领取人", "电话", "签名", "领取日期"]
    assert [row[:4] for row in sheet[1:]] == [
        [1, "胥江机械厂工会", "姑苏区", 400], [2, "虞山服饰工会", "姑苏区", 200], ["合计", "", "", 600],
    ]  # fmt: skip
    assert "attachment" in file.headers["content-disposition"]


async def test_the_signed_list_is_scanned_and_attached(app: Litestar, world: MaterialWorld, now: datetime) -> None:
    path = desk(await world.confirmed(now, 400))
    async with browser_of(app, world.organiser) as browser:
        opened = await browser.get(path)
        token = form_token(opened.text)
        bad = await browser.post(
            f"{path}/scans", data={"_csrf_token": token}, files={"files": ("a.exe", b"MZ", "image/jpeg")}
        )
        sent = await browser.post(
            f"{path}/scans", data={"_csrf_token": token, "note": "第一页"},
            files={"files": ("签收表.jpg", picture(), "image/jpeg")},
        )  # fmt: skip
        shown = await browser.get(path)
        found = re.search(rf'href="({path}/scans/[0-9a-f-]+)"', shown.text)
        assert found is not None
        bytes_ = await browser.get(found[1])
        unsaid = await post_form(browser, f"{found[1]}/remove", {}, page=path)
        removed = await post_form(browser, f"{found[1]}/remove", {"reason": "传错了"}, page=path)
        gone = await browser.get(found[1])
    async with browser_of(app, world.contacts[0]) as stranger:
        refused = await stranger.get(found[1])

    assert (bad.status_code, sent.status_code) == (422, 303)
    assert "第一页" in shown.text
    assert bytes_.headers["content-type"] == "image/jpeg"
    assert "sandbox" in bytes_.headers["content-security-policy"]
    assert (unsaid.status_code, removed.status_code, gone.status_code) == (422, 303, 404)
    assert refused.status_code == 403


async def test_follow_ups_are_linked_and_shown_to_their_host(
    app: Litestar, world: MaterialWorld, now: datetime
) -> None:
    round_id = await world.confirmed(now, 400, 200)
    event = await make_event(world.programme, title="安全操作训练", kind="操作训练")
    session = await make_session(event, host=world.unions[0].id, visibility="host")
    async with browser_of(app, world.organiser) as browser:
        linked = await post_form(
            browser, desk(round_id) + "/follow-ups", {"session_id": str(session.id)}, page=desk(round_id)
        )
        wrong = await post_form(
            browser, desk(round_id) + "/follow-ups", {"session_id": str(new_id())}, page=desk(round_id)
        )
        shown = await browser.get(desk(round_id))
        pages = []
        for contact in world.contacts[:2]:
            async with browser_of(app, contact) as unit:
                pages.append((await unit.get(f"/materials/{round_id}")).text)
        taken = await post_form(browser, f"{desk(round_id)}/follow-ups/{session.id}/remove", {}, page=desk(round_id))

    assert (linked.status_code, wrong.status_code, taken.status_code) == (303, 422, 303)
    assert f'href="/desk/sessions/{session.id}"' in shown.text
    assert ["安全操作训练" in text for text in pages] == [True, False]


async def test_a_grant_is_changed_and_a_round_reopened_or_cancelled(
    app: Litestar, world: MaterialWorld, now: datetime
) -> None:
    first = await world.confirmed(now, 400)
    line = (await world.lines(first))[0]
    second = await world.a_round(now, title="第二轮")
    await world.applied(now, second, 0, 50)
    await gather_round(world.organiser, now, round_id=second)
    async with browser_of(app, world.organiser) as browser:
        path = f"/desk/materials/applications/{line.id}/grant"
        refused = await post_form(browser, path, {"granted": "401", "reason": "多"}, page=desk(first))
        changed = await post_form(browser, path, {"granted": "300", "reason": "减产"}, page=desk(first))
        stale = await post_form(browser, desk(second) + "/confirm", {"revision": "1"}, page=desk(second))
        again = await post_form(browser, desk(second) + "/propose", {}, page=desk(second))
        unsaid = await post_form(browser, desk(second) + "/reopen", {"reason": "太少"}, page=desk(second))
        reopened = await post_form(
            browser, desk(second) + "/reopen", {"reason": "太少", "apply_until": "2015-10-01"}, page=desk(second)
        )
        nothing = await post_form(browser, desk(second) + "/cancel", {}, page=desk(second))
        cancelled = await post_form(browser, desk(second) + "/cancel", {"reason": "书没有印"}, page=desk(second))
        late = await post_form(browser, desk(second) + "/gather", {}, page=desk(first))

    assert (refused.status_code, changed.status_code) == (422, 303)
    assert "要在0（已经发的）到400（申报的）之间。" in refused.text
    assert (stale.status_code, again.status_code) == (412, 303)
    assert [one.status_code for one in (unsaid, reopened, nothing, cancelled)] == [422, 303, 422, 303]
    assert (late.status_code, "这一轮已经取消。" in late.text) == (409, True)


# --- the unit's side ------------------------------------------------------------------------------------------


def without_ids(html: str) -> str:
    """The page without ids, form tokens and tags of files, which hold any digits."""
    return re.sub(r"[0-9a-f-]{32,}|\?v=[0-9a-f]+", "", html)


async def test_a_unit_sees_its_own_and_nobody_elses(app: Litestar, world: MaterialWorld, now: datetime) -> None:
    round_id = await world.a_round(now)
    await world.applied(now, round_id, 431, 217)
    stranger = await make_actor(Role.CONTACT, await make_organisation())
    async with browser_of(app, world.contacts[0]) as unit, browser_of(app, stranger) as other:
        shown = await unit.get(f"/materials/{round_id}")
        at_desk = await unit.get(desk(round_id))
        foreign = await other.get(f"/materials/{round_id}")
        listed = await other.get("/materials")
        applications = await world.lines(round_id)
        mine = await post_form(
            unit, f"/materials/applications/{applications[0].id}/withdraw", {}, page=f"/materials/{round_id}"
        )
        theirs = await post_form(
            unit, f"/materials/applications/{applications[1].id}/withdraw", {}, page=f"/materials/{round_id}"
        )

    assert "431" in shown.text
    assert "217" not in without_ids(shown.text)
    assert "虞山" not in shown.text
    assert (at_desk.status_code, foreign.status_code) == (403, 404)
    assert "第一轮" not in listed.text
    assert (mine.status_code, theirs.status_code) == (303, 404)


async def test_a_proposal_is_not_shown_before_it_is_confirmed(
    app: Litestar, world: MaterialWorld, now: datetime
) -> None:
    round_id = await world.a_round(now, quantity=123)
    await world.applied(now, round_id, 500, 500)
    await gather_round(world.organiser, now, round_id=round_id)
    (line, _other) = await world.lines(round_id)
    async with browser_of(app, world.contacts[0]) as unit, client_of(app, world.contacts[0]) as program:
        shown = await unit.get(f"/materials/{round_id}")
        told = (await program.get(f"/api/v1/materials/rounds/{round_id}")).json()

    assert line.proposed == 74
    assert "74" not in without_ids(shown.text)
    assert told["own"][0]["granted"] is None


async def test_applying_too_late_says_whom_to_ask(app: Litestar, world: MaterialWorld, now: datetime) -> None:
    round_id = await world.a_round(now, apply_until=TODAY)
    await db.execute("UPDATE materials_round SET apply_until = $1", date(2015, 9, 14))
    async with browser_of(app, world.contacts[0]) as unit:
        shown = await unit.get(f"/materials/{round_id}")
        late = await post_form(
            unit, f"/materials/{round_id}", {"organisation_id": str(world.unions[0].id), "wanted": "5"}
        )

    assert "申报已经截止。" in shown.text
    assert late.status_code == 409
    assert "申报到2015-09-14为止" in late.text


async def test_organisers_below_apply_for_their_units(app: Litestar, world: MaterialWorld, now: datetime) -> None:
    district = await make_organisation(parent=world.root, kind="federation", name="姑苏区总工会")
    factory = await make_organisation(parent=district, name="平江印刷厂工会", member_count=80)
    organiser = await make_actor(Role.ORGANISER, district)
    round_id = await world.a_round(now)
    async with browser_of(app, organiser) as browser:
        asked = await post_form(browser, f"/materials/{round_id}", {"organisation_id": str(factory.id), "wanted": "60"})
        shown = await browser.get(f"/materials/{round_id}")
        at_desk = await browser.get(desk(round_id))

    assert (asked.status_code, at_desk.status_code) == (303, 403)
    assert "平江印刷厂工会" in shown.text


# --- programs -------------------------------------------------------------------------------------------------


async def test_programs_list_and_apply(app: Litestar, world: MaterialWorld, now: datetime) -> None:
    round_id = await world.a_round(now)
    wish = {"organisation_id": str(world.unions[0].id), "wanted": 50, "hazard": True}
    async with client_of(app, world.contacts[0]) as program:
        applied = await program.post(f"/api/v1/materials/rounds/{round_id}/applications", json=wish)
        listed = (await program.get("/api/v1/materials/rounds")).json()
        wrong = await program.post(
            f"/api/v1/materials/rounds/{round_id}/applications", json={**wish, "wanted": 0, "more": 1}
        )
        other = await program.post(
            f"/api/v1/materials/rounds/{round_id}/applications",
            json={**wish, "organisation_id": str(world.unions[1].id)},
        )
        lost = await program.get(f"/api/v1/materials/rounds/{new_id()}")
    async with client_of(app, None) as stranger:
        closed = await stranger.get("/api/v1/materials/rounds")

    assert applied.status_code == 201
    assert (applied.json()["state"], applied.json()["members"], applied.json()["granted"]) == ("submitted", 300, None)
    assert (listed["total"], listed["next"]) == (1, None)
    assert listed["items"][0]["own"][0]["wanted"] == 50
    assert {one["field"] for one in wrong.json()["errors"]} == {"wanted", "more"}
    assert (other.status_code, lost.status_code, closed.status_code) == (422, 404, 401)


# --- who may not ----------------------------------------------------------------------------------------------


async def test_other_organisers_find_nothing(app: Litestar, world: MaterialWorld, now: datetime) -> None:
    round_id = await world.confirmed(now, 400)
    line = (await world.lines(round_id))[0]
    (moved,) = await hand_out(world.organiser, now, round_id=round_id, on=TODAY, lines={line.id: 1})
    away = await make_organisation()
    stranger = await make_actor(Role.ORGANISER, away)
    await add_item(stranger, now, organisation_id=away.id, name="别处的书", unit="本")
    item = f"/desk/materials/items/{world.item_id}"
    paths = [item, f"{item}/rounds", desk(round_id), f"{desk(round_id)}/list", f"{desk(round_id)}/list.xlsx"]
    posts: dict[str, dict[str, object]] = {
        item: {"name": "书", "unit": "套"},
        f"{item}/movements": {"kind": "receipt", "quantity": "1", "on": "2015-09-15"},
        f"{item}/hand-outs": {
            "promise": str(world.programme.id), "quantity": "1", "on": "2015-09-15", "receiver": "某厂",
        },
        f"/desk/materials/movements/{moved.id}/correct": {"quantity": "3", "reason": "改"},
        f"/desk/materials/applications/{line.id}/grant": {"granted": "3", "reason": "改"},
        f"/desk/materials/applications/{line.id}/withdraw": {},
        f"{desk(round_id)}/end": {"reason": "完"},
        f"{desk(round_id)}/confirm": {},
        f"{desk(round_id)}/follow-ups": {"session_id": str(new_id())},
    }  # fmt: skip
    async with browser_of(app, stranger) as browser:
        opened = await browser.get("/desk/materials")
        seen = [(await browser.get(path)).status_code for path in paths]
        tried = [
            (await post_form(browser, path, dict(data), page="/desk/materials")).status_code
            for path, data in posts.items()
        ]

    assert "别处的书" in opened.text
    assert "安全生产知识丛书" not in opened.text
    assert seen == [404] * len(paths)
    assert tried == [404] * len(posts)
    assert await stock_of(world.item_id) == (999, 399)
