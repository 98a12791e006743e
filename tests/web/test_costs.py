"""Costs as browsers and programs see them: lines, budget, the sheet that is signed, the workbook."""

import io
import re
import zipfile
from datetime import datetime
from typing import Any

import httpx
import pytest
from litestar import Litestar
from python_calamine import CalamineWorkbook

from outreach.attendance.costs.queries import costs_of
from outreach.attendance.tables import Cost
from outreach.events.tables import Provider, Session
from outreach.shared import db
from outreach.shared.actors import Role
from outreach.shared.ids import new_id
from outreach.shared.time import ZONE
from tests.factories.accounts import LONG_AGO, browser_of, client_of, make_actor, make_organisation
from tests.factories.bookings import BookingWorld, make_headcount
from tests.factories.events import make_provider, make_session
from tests.factories.programmes import make_year
from tests.support.districts import two_districts
from tests.support.pages import form_token, post_form
from tests.support.queries import counted

MAY = datetime(2015, 5, 12, 9, tzinfo=ZONE)
CARD = "320501198001011234"


class CostWorld(BookingWorld):
    """A session of May that was held with 96 visits, given by one lecturer."""

    lecturer: Provider

    @property
    def path(self) -> str:
        return f"/desk/sessions/{self.session.id}/costs"

    @property
    def api(self) -> str:
        return f"/api/v1/sessions/{self.session.id}/costs"

    @property
    def budget(self) -> str:
        return f"/desk/programmes/{self.programme.id}/costs"


@pytest.fixture
async def world(database: None) -> CostWorld:
    made = CostWorld()
    await made.build(programme={"budget_yuan": 5_000, "name": "职工心理健康"})
    made.lecturer = await make_provider(made.root, name="沈若兰")
    made.session = await make_session(made.event, state="held", starts_at=MAY, providers=(made.lecturer,))
    await make_headcount(made.session, total=96)
    return made


async def make_cost(session: Session, **given: Any) -> Cost:
    values = {
        "session": session.id, "kind": "fee", "amount_fen": 120_050, "source": "财政资金", "created_at": LONG_AGO,
        "changed_at": LONG_AGO,
    }  # fmt: skip
    made = Cost(**{**values, **given})
    await made.save()
    return made


async def lines(world: CostWorld) -> list[tuple[str, int]]:
    return [(one.kind, one.amount_fen) for one in (await costs_of([world.session.id]))[world.session.id]]


# --- the lines of a session ------------------------------------------------------------------------------------------


async def test_a_line_is_typed_and_shown(app: Litestar, world: CostWorld) -> None:
    async with browser_of(app, world.organiser) as browser:
        empty = await browser.get(world.path)
        form: dict[str, object] = {
            "kind": "fee", "provider_id": str(world.lecturer.id), "hours": "1.5", "per_hour": "６００元", "amount": "",
            "source": "本级工会经费", "note": "睡眠讲座",
        }  # fmt: skip
        sent = await post_form(browser, world.path, form)
        shown = await browser.get(world.path)

    assert "还没有登记费用" in empty.text
    assert f'<option value="{world.lecturer.id}" selected>沈若兰' in empty.text
    assert '<option value="上级补助"></option>' in empty.text
    assert (sent.status_code, sent.headers["location"]) == (303, world.path)
    assert "一共900.00元，96人次，每人次9.38元。" in shown.text
    for words in ("沈若兰，1.5课时", "本级工会经费", "睡眠讲座", "已登记900.00元。"):
        assert words in shown.text
    assert f'href="/desk/sessions/{world.session.id}/fee-sheet"' in shown.text


async def test_a_double_tap_is_one_line(app: Litestar, world: CostWorld) -> None:
    async with browser_of(app, world.organiser) as browser:
        opened = (await browser.get(world.path)).text
        key = re.search(r'name="form_key"[^>]* value="([0-9a-f-]{36})"', opened)
        assert key is not None
        form = {"kind": "other", "amount": "12", "form_key": key[1], "_csrf_token": form_token(opened)}
        answers = [(await browser.post(world.path, data=form)).status_code for _ in range(2)]

    assert answers == [303, 303]
    assert await lines(world) == [("other", 1_200)]


async def test_every_mistake_is_named_and_what_was_typed_stays(app: Litestar, world: CostWorld) -> None:
    form: dict[str, object] = {
        "kind": "venue",
        "amount": "zwölf",
        "hours": "1.25",
        "note": f"身份证{CARD}",
        "source": "财政资金",
    }
    async with browser_of(app, world.organiser) as browser:
        refused = await post_form(browser, world.path, form)
        reckoned = await post_form(
            browser, world.path, {"kind": "fee", "hours": "2", "per_hour": "600", "amount": "1000"}
        )

    assert refused.status_code == 422
    for name, said in (
        ("amount", "请填以元为单位的金额"),
        ("hours", "课时要填0.5到200之间的数"),
        ("note", "里面像是有身份证号或银行账号"),
    ):
        assert f'href="#{name}"' in refused.text
        assert said in refused.text
    assert 'value="zwölf"' in refused.text
    assert 'value="财政资金"' in refused.text
    assert "按每课时算出来是1,200.00元" in reckoned.text
    assert await lines(world) == []


async def test_the_same_in_english(app: Litestar, world: CostWorld) -> None:
    async with browser_of(app, world.organiser) as browser:
        browser.cookies.set("outreach_lang", "en")
        shown = await browser.get(world.path)
        refused = await post_form(browser, world.path, {"kind": "venue", "amount": ""})
        budget = await browser.get(world.budget)

    assert (shown.status_code, refused.status_code, budget.status_code) == (200, 422, 200)
    assert '<html lang="en"' in refused.text


async def test_a_line_is_changed_and_the_slower_one_is_told(app: Litestar, world: CostWorld) -> None:
    line = await make_cost(world.session)
    path = f"/desk/costs/{line.id}"
    async with browser_of(app, world.organiser) as browser:
        opened = await browser.get(path)
        form: dict[str, object] = {"kind": "fee", "amount": "1300", "revision": "1", "source": "财政资金"}
        won = await post_form(browser, path, form)
        lost = await post_form(browser, path, {**form, "amount": "1400"})
        bad = await post_form(browser, path, {**form, "amount": "", "revision": "2"})
        again = await post_form(browser, path, {**form, "amount": "1400", "revision": "2"})

    assert 'value="1200.50"' in opened.text
    assert (won.status_code, won.headers["location"]) == (303, world.path)
    assert lost.status_code == 412
    assert "刚刚有人改过这一笔" in lost.text
    assert "1,300.00元" in lost.text
    assert 'value="1400"' in lost.text
    assert 'name="revision" value="2"' in lost.text
    assert (bad.status_code, again.status_code) == (422, 303)
    assert await lines(world) == [("fee", 140_000)]


async def test_a_line_is_taken_back_with_a_reason(app: Litestar, world: CostWorld) -> None:
    line = await make_cost(world.session)
    path = f"/desk/costs/{line.id}/remove"
    async with browser_of(app, world.organiser) as browser:
        bare = await post_form(browser, path, {"reason": "", "revision": "1"}, page=world.path)
        stale = await post_form(browser, path, {"reason": "重复", "revision": "7"}, page=world.path)
        done = await post_form(browser, path, {"reason": "重复", "revision": "1"}, page=world.path)
        gone = await post_form(browser, path, {"reason": "重复", "revision": "1"}, page=world.path)
        journal = await browser.get("/desk/journal")

    assert (bare.status_code, "请填写" in bare.text) == (422, True)
    assert (stale.status_code, "内容已被别人改过" in stale.text) == (412, True)
    assert (done.status_code, done.headers["location"]) == (303, world.path)
    assert gone.status_code == 404
    assert await lines(world) == []
    assert "1,200.50元" in journal.text


async def test_a_closed_year_and_a_draft_take_no_lines(app: Litestar, world: CostWorld) -> None:
    line = await make_cost(world.session)
    draft = await make_session(world.event, state="draft", published_at=None)
    async with browser_of(app, world.organiser) as browser:
        early = await browser.get(f"/desk/sessions/{draft.id}/costs")
        token = form_token((await browser.get(world.path)).text)
        await make_year(world.root, state="closed")
        shown = await browser.get(world.path)

        async def post(path: str, **form: str) -> httpx.Response:
            return await browser.post(path, data={**form, "_csrf_token": token})

        late = await post(world.path, kind="other", amount="5")
        change = await post(f"/desk/costs/{line.id}", kind="other", amount="5")
        remove = await post(f"/desk/costs/{line.id}/remove", reason="重复")
        drafted = await post(f"/desk/sessions/{draft.id}/costs", kind="other", amount="5")

    assert "发布以后再登记费用" in early.text
    assert "这一年已经关账" in shown.text
    assert f'href="/desk/costs/{line.id}"' not in shown.text
    assert [one.status_code for one in (late, change, remove, drafted)] == [409] * 4
    assert await lines(world) == [("fee", 120_050)]


async def test_a_cancelled_session_may_owe_a_fee_that_does_not_count(app: Litestar, world: CostWorld) -> None:
    await db.execute("UPDATE events_session SET state = 'cancelled' WHERE id = $1", world.session.id)
    async with browser_of(app, world.organiser) as browser:
        sent = await post_form(browser, world.path, {"kind": "fee", "amount": "300"})
        budget = await browser.get(world.budget)

    assert sent.status_code == 303
    assert "预算5,000元，还没有登记费用。" in budget.text
    assert "取消的1场有费用300.00元，不计入。" in budget.text


async def test_nobody_else_sees_or_writes_costs(app: Litestar, world: CostWorld) -> None:
    line = await make_cost(world.session, note="只给自己人看")
    hidden = await make_session(world.event, state="held", starts_at=MAY, visibility="host")
    unseen = await make_cost(hidden)
    foreign = await make_actor(Role.ORGANISER, await make_organisation(name="邻市总工会"))
    evaluator = await make_actor(Role.EVALUATOR, world.root)
    lecturer = await make_actor(Role.PROVIDER, world.root)
    gets = (world.path, f"/desk/costs/{line.id}", f"/desk/sessions/{world.session.id}/fee-sheet")
    programme = (world.budget, f"{world.budget}.xlsx", f"/desk/programmes/{world.programme.id}/fee-sheet")
    for actor, other in ((foreign, 404), (world.contact, 403), (evaluator, 403), (lecturer, 403)):
        async with browser_of(app, actor) as browser:
            for path in gets:
                seen = await browser.get(path)
                assert (seen.status_code, "1,200.50" in seen.text) == (403, False)
            for path in programme:
                assert (await browser.get(path)).status_code == other
            hidden_page = await browser.get(f"/desk/sessions/{hidden.id}/costs")
            assert hidden_page.status_code in (403, 404)
            sent = await post_form(browser, world.path, {"kind": "other", "amount": "5"}, page="/account")
            assert sent.status_code == 403
        async with client_of(app, actor) as client:
            assert (await client.get(world.api)).status_code == 403
            assert (await client.get(f"/api/v1/sessions/{hidden.id}/costs")).status_code == 404
            assert (await client.post(world.api, json={"kind": "other", "amount": "5"})).status_code == 403
            assert (await client.patch(f"/api/v1/costs/{unseen.id}", json={"amount": "5"})).status_code == 404
            remove = await client.post(f"/api/v1/costs/{unseen.id}/remove", json={"reason": "重复"})
            assert remove.status_code == 404
    async with browser_of(app, None) as browser:
        assert (await browser.get(world.path)).headers["location"].startswith("/login")

    assert await Cost.count() == 2


async def test_the_other_district_is_not_found(app: Litestar, database: None) -> None:
    city = await two_districts()
    there = city.there
    line = await make_cost(there.held, note="别区的费用")
    async with browser_of(app, city.here.organiser) as browser:
        for path in (
            f"/desk/sessions/{there.held.id}/costs",
            f"/desk/sessions/{there.held.id}/fee-sheet",
            f"/desk/costs/{line.id}",
            f"/desk/programmes/{there.programme.id}/costs",
            f"/desk/programmes/{there.programme.id}/costs.xlsx",
            f"/desk/programmes/{there.programme.id}/fee-sheet?month=2015-05",
        ):
            seen = await browser.get(path)
            assert (seen.status_code, "别区的费用" in seen.text) == (404, False)
        for path in (f"/desk/costs/{line.id}", f"/desk/costs/{line.id}/remove"):
            sent = await post_form(
                browser, path, {"kind": "other", "amount": "5", "reason": "重复"}, page="/desk/sessions/past"
            )
            assert sent.status_code == 404
    async with browser_of(app, city.organiser) as browser:
        assert (await browser.get(f"/desk/sessions/{there.held.id}/costs")).status_code == 200


async def test_no_line_without_the_token_of_the_form(app: Litestar, world: CostWorld) -> None:
    line = await make_cost(world.session)
    async with browser_of(app, world.organiser) as browser:
        for path in (world.path, f"/desk/costs/{line.id}", f"/desk/costs/{line.id}/remove"):
            sent = await browser.post(path, data={"kind": "other", "amount": "5", "reason": "重复"})
            assert sent.status_code == 403

    assert await lines(world) == [("fee", 120_050)]


# --- programs --------------------------------------------------------------------------------------------------------


async def test_a_program_records_changes_and_removes(app: Litestar, world: CostWorld) -> None:
    body = {"kind": "fee", "amount": "1200.50", "hours": "2", "provider_id": str(world.lecturer.id)}
    async with client_of(app, world.organiser) as client:
        made = await client.post(world.api, json=body)
        path = f"/api/v1/costs/{made.json()['id']}"
        tag = made.headers["etag"]
        changed = await client.patch(path, json={"amount": "1300", "hours": None}, headers={"If-Match": tag})
        stale = await client.patch(path, json={"amount": "1400"}, headers={"If-Match": tag})
        listed = await client.get(world.api)
        late = await client.post(f"{path}/remove", json={"reason": "重复"}, headers={"If-Match": tag})
        removed = await client.post(f"{path}/remove", json={"reason": "重复"})
        gone = await client.patch(path, json={"amount": "1"})

    assert (made.status_code, tag) == (201, '"1"')
    assert {name: made.json()[name] for name in ("amount", "hours", "kind", "provider_name", "source")} == {
        "amount": "1200.50", "hours": "2", "kind": "fee", "provider_name": "沈若兰", "source": "",
    }  # fmt: skip
    assert (changed.status_code, changed.headers["etag"], changed.json()["hours"]) == (200, '"2"', None)
    assert (stale.status_code, stale.json()["type"]) == (412, "/problems/stale")
    assert {name: listed.json()[name] for name in ("total", "next", "amount", "visits", "per_visit")} == {
        "total": 1, "next": None, "amount": "1300.00", "visits": 96, "per_visit": "13.54",
    }  # fmt: skip
    assert (late.status_code, removed.status_code, gone.status_code) == (412, 200, 404)
    assert removed.json()["amount"] == "1300.00"


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"kind"}),
        ({"kind": "fee"}, {"amount"}),
        ({"kind": "bribe", "amount": "1"}, {"kind"}),
        ({"kind": "fee", "amount": 12.5}, {"amount"}),
        ({"kind": "fee", "amount": "1.005"}, {"amount"}),
        ({"kind": "fee", "amount": "-1"}, {"amount"}),
        ({"kind": "fee", "amount": "9" * 30}, {"amount"}),
        ({"kind": "fee", "amount": "1", "hours": "0.3"}, {"hours"}),
        ({"kind": "travel", "amount": "1", "hours": "1"}, {"hours"}),
        ({"kind": "fee", "amount": "1", "provider_id": str(new_id())}, {"provider_id"}),
        ({"kind": "fee", "amount": "1", "note": f"证{CARD}"}, {"note"}),
        ({"kind": "fee", "amount": "1", "source": "6222 0212 3456 7890 123"}, {"source"}),
        ({"kind": "fee", "amount": "1", "source": "长" * 61}, {"source"}),
        ({"kind": "fee", "amount": "1", "note": "a\u0000b"}, {"note"}),
        ({"kind": "fee", "amount": "1", "bank": "x"}, {"bank"}),
    ],
)
async def test_what_a_program_may_not_send(
    app: Litestar, world: CostWorld, body: dict[str, Any], fields: set[str]
) -> None:
    async with client_of(app, world.organiser) as client:
        sent = await client.post(world.api, json=body)

    assert sent.status_code == 422
    assert {one["field"] for one in sent.json()["errors"]} == fields
    assert await lines(world) == []


async def test_a_program_repeats_with_a_key(app: Litestar, world: CostWorld) -> None:
    async with client_of(app, world.organiser) as client:
        answers = [
            await client.post(world.api, json={"kind": "other", "amount": "5"}, headers={"Idempotency-Key": "k-1"})
            for _ in range(2)
        ]

    assert answers[0].json() == answers[1].json()
    assert await lines(world) == [("other", 500)]


# --- the budget of a programme ---------------------------------------------------------------------------------------


async def test_the_budget_says_its_news_first(app: Litestar, world: CostWorld) -> None:
    await make_cost(world.session, provider=world.lecturer.id, half_hours=4)
    await make_cost(world.session, kind="venue", amount_fen=30_000, source="")
    missing = await make_session(world.event, state="closed", starts_at=MAY, title="没有登记的一场")
    async with browser_of(app, world.organiser) as browser:
        shown = await browser.get(world.budget)
        only = await browser.get(f"{world.budget}?show=missing")
        before = await browser.get(f"{world.budget}?as_of=2015-05-11")
        bad = await browser.get(f"{world.budget}?as_of=gestern")
        odd = await browser.get(f"{world.budget}?after=x")
        await make_cost(missing, amount_fen=500_000)
        over = await browser.get(world.budget)

    assert '<p class="lede">预算5,000元，已用1,500.50元（30%），每场1,500.50元，每人次15.63元。</p>' in shown.text
    assert '<span class="st on_track">在预算内</span> 还有3,499.50元' in shown.text
    for words in ("财政资金", "没有写明", "80%", "沈若兰", "2课时", "还有1场办过的没有登记费用。"):
        assert words in shown.text
    assert ("没有登记的一场" in only.text, f'href="/desk/sessions/{world.session.id}/costs"' in only.text) == (
        True,
        False,
    )
    assert "还没有登记费用" in before.text
    assert (bad.status_code, odd.status_code) == (422, 422)
    assert '<span class="st behind">超出预算</span> 超出1,500.50元' in over.text
    assert "超出预算1,500.50元" in over.text


@pytest.mark.parametrize("number", [1, 3])
async def test_the_budget_asks_as_often_for_three_sessions_as_for_one(
    app: Litestar, world: CostWorld, number: int
) -> None:
    for _ in range(number):
        session = await make_session(world.event, state="held", starts_at=MAY, providers=(world.lecturer,))
        await make_cost(session, provider=world.lecturer.id)
        await make_headcount(session)
    async with browser_of(app, world.organiser) as browser:
        await browser.get(world.budget)
        with counted() as sent:
            assert (await browser.get(world.budget)).status_code == 200
        asked = [one for one in sent if "attendance_cost" in one or "programmes_programme" in one]

    assert len(asked) == 5


async def test_the_workbook_has_every_line_and_no_formula(app: Litestar, world: CostWorld) -> None:
    await make_cost(world.session, provider=world.lecturer.id, half_hours=3, note='=HYPERLINK("http://x")')
    await make_cost(world.session, kind="other", amount_fen=30_000, source="+1+1")
    await make_session(world.event, state="held", starts_at=MAY, title="@SUM(1)")
    async with browser_of(app, world.organiser) as browser:
        sent = await browser.get(f"{world.budget}.xlsx?as_of=2015-09-01")

    book = CalamineWorkbook.from_filelike(io.BytesIO(sent.content))
    sheets = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
    assert list(sheets) == ["汇总", "讲师团队", "场次", "明细"]
    assert ["已用", "", 1500.5] in sheets["汇总"]
    assert ["资金来源", "+1+1", 300.0] in sheets["汇总"]
    assert sheets["讲师团队"][1:] == [["沈若兰", 1.0, 1.5, 1200.5]]
    assert sorted(row[1] for row in sheets["场次"][1:]) == ["@SUM(1)", world.session.title]
    assert [row[6:] for row in sheets["明细"][1:]] == [
        [1200.5, "财政资金", '=HYPERLINK("http://x")'],
        [300.0, "+1+1", ""],
    ]
    with zipfile.ZipFile(io.BytesIO(sent.content)) as parts:
        assert not any(b"<f>" in parts.read(name) for name in parts.namelist() if name.startswith("xl/worksheets"))
    assert "2015-09-01" in sent.headers["content-disposition"]


# --- the sheet that is signed ----------------------------------------------------------------------------------------


async def test_the_sheet_of_a_session(app: Litestar, world: CostWorld) -> None:
    await make_cost(world.session, provider=world.lecturer.id, half_hours=4, note="两节课")
    await make_cost(world.session, amount_fen=30_000)
    await make_cost(world.session, kind="venue", amount_fen=77_700)
    async with browser_of(app, world.organiser) as browser:
        sheet = (await browser.get(f"/desk/sessions/{world.session.id}/fee-sheet")).text

    for words in (
        "讲课费、演出费领取表", "沈若兰", "两节课", "5月12日", "1,200.50", "人民币（大写）壹仟贰佰元伍角整",
        "人民币（大写）叁佰元整", "人民币（大写）壹仟伍佰元伍角整", "身份证号", "开户行及账号", "经办人：", "审核人：",
        "负责人：", "资金来源：财政资金", "市总工会",
    ):  # fmt: skip
        assert words in sheet
    assert "777.00" not in sheet


async def test_the_sheet_of_a_month(app: Litestar, world: CostWorld) -> None:
    await make_cost(world.session, provider=world.lecturer.id)
    again = await make_session(world.event, state="held", starts_at=MAY.replace(day=20), title="第二场")
    await make_cost(again, provider=world.lecturer.id, amount_fen=79_950)
    december = await make_session(world.event, state="held", starts_at=MAY.replace(month=12, day=31))
    await make_cost(december, amount_fen=100)
    path = f"/desk/programmes/{world.programme.id}/fee-sheet"
    async with browser_of(app, world.organiser) as browser:
        may = await browser.get(f"{path}?month=2015-05")
        last = await browser.get(f"{path}?month=2015-12")
        now = await browser.get(path)
        bad = [(await browser.get(f"{path}?month={month}")).status_code for month in ("2015-13", "may", "9999-01")]

    assert may.text.count("沈若兰") == 1
    assert "人民币（大写）贰仟元整" in may.text
    assert "职工心理健康，2015年5月" in may.text
    assert "人民币（大写）壹元整" in last.text
    assert "没有讲课费、演出费。" in now.text
    assert bad == [422, 422, 422]
