"""The scorecard, verdicts and the evaluators' workspace, as browsers and programs use them."""

import io
import re
from datetime import date

import httpx
import msgspec
import pytest
from litestar import Litestar
from python_calamine import CalamineWorkbook

from outreach.attendance.attendees import identity_key
from outreach.attendance.domain.identity import identity_of
from outreach.attendance.people import pseudonym_of
from outreach.settings import Settings
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from outreach.shared.ids import new_id
from tests.factories.accounts import browser_of, client_of, make_actor, make_organisation
from tests.factories.programmes import make_programme
from tests.support.evaluating import NUMBER, SECRETS, EvaluatedYear
from tests.support.pages import form_token, post_form


@pytest.fixture
async def world(database: None, settings: Settings) -> EvaluatedYear:
    return await EvaluatedYear().build(settings)


async def text_of(answer: httpx.Response) -> str:
    """The words of a page, a JSON answer, a text file or all cells of a workbook."""
    if "spreadsheet" not in answer.headers["content-type"]:
        return answer.text
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    rows = [row for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python()]
    return "\n".join("\t".join(str(cell) for cell in row) for row in rows)


def verdict_form(**given: object) -> dict[str, object]:
    return {"decision": "change", "note": "缩短到一小时", "revision": "0", **given}


# --- the organiser's scorecard ---------------------------------------------------------------------------------------


async def test_the_organiser_reads_four_dimensions(app: Litestar, world: EvaluatedYear) -> None:
    async with browser_of(app, world.organiser) as browser:
        shown = await browser.get("/desk/scorecard?year=2015&as_of=2015-09-15")
        early = await browser.get("/desk/scorecard?year=2015&as_of=2015-05-31")

    assert shown.status_code == 200
    for words in (
        "2个项目办了3场，494人次。", "每人次花费最高的是“职工心理健康”，5.56元。", "2个项目还没有定取舍。",
        "2场，场均47人次", "实名4人", "预约不足5个，到场率不评", "座位用了72.3%（130个座位）",
        "职工评价5份</small>", "最想改：时长（2份）", "单位评价1份，不足3份不评",
        "已花500.00元", "预算10,000.00元，用了5%", "2场里1场登记了费用", "下级共3个，占66.7%", "到了2个区（共3个）",
        "非公有占50%（已知所有制的2个）", "去年没有服务过的1个", "排第2（共2个）", "没有填预算",
    ):  # fmt: skip
        assert words in shown.text, words
    assert "1场，场均90人次" in early.text
    assert "职工评价0份，不足5份不评" in early.text


async def test_the_desk_in_english_and_a_bad_day(app: Litestar, world: EvaluatedYear) -> None:
    async with browser_of(app, world.organiser) as browser:
        english = await browser.get("/desk/scorecard?year=2015&lang=en")
        bad = await browser.get("/desk/scorecard?year=2015&as_of=yesterday")
        far = await browser.get("/desk/scorecard?as_of=1815-01-01")

    assert (english.status_code, '<html lang="en">' in english.text) == (200, True)
    assert (bad.status_code, far.status_code) == (422, 422)


async def test_years_without_programmes_say_so(app: Litestar, world: EvaluatedYear) -> None:
    async with browser_of(app, world.organiser) as browser:
        desk = await browser.get("/desk/scorecard?year=2013")
        workspace = await browser.get("/evaluation?year=2013")
        sessions = await browser.get("/evaluation/sessions?year=2013")
        print_ = await browser.get("/desk/scorecard/print?year=2013")
        sheet = await browser.get("/desk/scorecard.xlsx?year=2013")
        files = [await browser.get(f"/evaluation/{name}") for name in ("2013/sessions.xlsx", "1999/attendees.csv")]

    assert "2013年没有可以评分的项目" in desk.text
    assert "2013年没有可以评估的项目" in workspace.text
    assert "没有办过的场次" in sessions.text
    assert (print_.status_code, sheet.status_code) == (404, 200)
    assert [one.status_code for one in files] == [404, 404]


async def test_nobody_without_programmes_finds_the_door_locked(app: Litestar, world: EvaluatedYear) -> None:
    fresh = await make_actor(Role.ORGANISER, await make_organisation(name="新区总工会"))
    async with browser_of(app, fresh) as browser:
        answers = [await browser.get(path) for path in ("/desk/scorecard", "/evaluation", "/evaluation/sessions")]

    assert [one.status_code for one in answers] == [200, 200, 200]
    assert all("职工心理健康" not in one.text for one in answers)


async def test_print_and_workbook_say_the_same(app: Litestar, world: EvaluatedYear) -> None:
    async with browser_of(app, world.organiser) as browser:
        await post_form(
            browser, f"/desk/scorecard/{world.programme_id}/verdict", verdict_form(),
            page=f"/desk/scorecard/{world.programme_id}",
        )  # fmt: skip
        print_ = await browser.get("/desk/scorecard/print?year=2015&as_of=2015-09-15")
        sheet = await browser.get("/desk/scorecard.xlsx?year=2015&as_of=2015-09-15")

    assert "缩短到一小时" in print_.text
    assert "签发" in print_.text
    book = CalamineWorkbook.from_filelike(io.BytesIO(sheet.content))
    head, first, second = book.get_sheet_by_index(0).to_python()
    row = dict(zip(head, first, strict=True))
    figures = ("场次", "人次", "其中职工", "实名人数", "职工打分", "每人次（元）")
    assert [row[name] for name in figures] == [2, 94, 82, 4, 4.2, 5.56]
    assert [row[name] for name in ("项目", "取舍", "取舍说明")] == ["职工心理健康", "调整", "缩短到一小时"]
    assert (row["单位打分"], row["单位评价份数"], second[1]) == ("", 1, "送文化进基层")
    assert book.get_sheet_by_index(1).to_python()[1][0] == "职工心理健康"


async def test_a_programme_shows_words_and_takes_a_verdict(app: Litestar, world: EvaluatedYear) -> None:
    path = f"/desk/scorecard/{world.programme_id}"
    async with browser_of(app, world.organiser) as browser:
        shown = await browser.get(path)
        done = await browser.post(f"{path}/verdict", data={**verdict_form(), "_csrf_token": form_token(shown.text)})
        twice = await browser.post(f"{path}/verdict", data={**verdict_form(), "_csrf_token": form_token(shown.text)})
        after = await browser.get(path)

    assert "老钱讲得好" in shown.text
    assert (done.status_code, done.headers["location"], twice.status_code) == (303, path, 303)
    assert "调整" in after.text
    assert re.search(r'value="change"\s+checked', after.text)
    assert await db.value("SELECT count(*) FROM accounts_journal WHERE action = 'verdict.given'") == 1


async def test_what_was_typed_stays(app: Litestar, world: EvaluatedYear) -> None:
    path = f"/desk/scorecard/{world.programme_id}"
    async with browser_of(app, world.organiser) as browser:
        missing = await post_form(browser, f"{path}/verdict", verdict_form(decision="drop", note=""), page=path)
        nothing = await post_form(browser, f"{path}/verdict", {"note": "想了很久"}, page=path)
        await post_form(browser, f"{path}/verdict", verdict_form(), page=path)
        late = await post_form(browser, f"{path}/verdict", verdict_form(decision="drop", note="报名太少"), page=path)
        again = await browser.post(
            f"{path}/verdict",
            data=verdict_form(decision="drop", note="报名太少", revision="1", _csrf_token=form_token(late.text)),
        )

    assert (missing.status_code, nothing.status_code) == (422, 422)
    assert "请写明理由" in missing.text
    assert re.search(r'value="drop"\s+checked', missing.text)
    assert "想了很久" in nothing.text
    assert late.status_code == 409
    assert "刚才有别人定了取舍" in late.text
    assert "现在定的是：调整" in late.text
    assert "报名太少" in late.text
    assert 'name="revision" value="1"' in late.text
    assert again.status_code == 303
    assert await db.value("SELECT decision FROM evaluation_verdict") == "drop"


# --- programs --------------------------------------------------------------------------------------------------------


async def test_a_program_reads_the_scorecard(app: Litestar, world: EvaluatedYear) -> None:
    async with client_of(app, world.organiser) as client:
        made = await client.put(
            f"/api/v1/programmes/{world.programme_id}/verdict", json={"decision": "keep", "note": "照办"}
        )
        answer = await client.get("/api/v1/scorecard?year=2015&as_of=2015-09-15&organisation=CITY")
    async with client_of(app, world.evaluator) as client:
        seen = await client.get("/api/v1/scorecard?year=2015&as_of=2015-09-15")

    assert (made.status_code, made.headers["etag"]) == (200, '"1"')
    body = answer.json()
    assert (body["organisation"]["code"], body["year"], body["as_of"], body["total"]) == ("CITY", 2015, "2015-09-15", 2)
    talks = body["items"][0]
    assert talks["programme"]["code"] == "talks"
    assert talks["participation"] == {
        "sessions": 2, "sessions_counted": 2, "visits": 94, "workers": 82, "people": 4, "units": 2,
        "visits_per_session": {"value": 47.0, "rests_on": 2, "least": 1},
        "attendance": {"value": None, "rests_on": 4, "least": 5},
        "seats_used": {"value": 0.7231, "rests_on": 130, "least": 1},
    }  # fmt: skip
    assert talks["satisfaction"]["attendees"] == {"value": 4.2, "shrunk": 4.2, "rests_on": 5, "least": 5}
    assert talks["satisfaction"]["change"] == "length"
    assert talks["cost"]["spent"] == "500.00"
    assert talks["cost"]["per_visit"] == {"value": "5.56", "rests_on": 90}
    assert talks["reach"]["new_units"] == 1
    assert talks["ranks"] == {
        "participation": {"place": 2, "of": 2}, "cost": {"place": 2, "of": 2}, "reach": {"place": 1, "of": 2},
    }  # fmt: skip
    assert (talks["targets"][0]["actual"], talks["verdict"]["note"]) == (2, "照办")
    nameless = seen.json()["items"][0]
    assert {**nameless, "verdict": None} == {**talks, "verdict": None}
    assert (nameless["verdict"]["decision"], nameless["verdict"]["note"]) == ("keep", "")
    assert nameless["verdict"]["decided_by_name"] == ""


async def test_a_program_decides_with_if_match(app: Litestar, world: EvaluatedYear) -> None:
    path = f"/api/v1/programmes/{world.programme_id}/verdict"
    async with client_of(app, world.organiser) as client:
        bad = await client.put(path, json={"decision": "drop"})
        shape = await client.put(path, json={"decision": "burn", "note": "x" * 401, "extra": 1})
        made = await client.put(path, json={"decision": "drop", "note": "报名太少"}, headers={"If-Match": '"0"'})
        stale = await client.put(path, json={"decision": "keep"}, headers={"If-Match": '"0"'})
        changed = await client.put(path, json={"decision": "keep"}, headers={"If-Match": made.headers["etag"]})

    assert (bad.status_code, [one["field"] for one in bad.json()["errors"]]) == (422, ["note"])
    assert (shape.status_code, sorted(one["field"] for one in shape.json()["errors"])) == (
        422, ["decision", "extra", "note"],
    )  # fmt: skip
    assert (made.status_code, stale.status_code, changed.status_code) == (200, 412, 200)
    assert (changed.json()["decision"], changed.json()["revision"]) == ("keep", 2)
    assert changed.json()["decided_at"].endswith("+08:00")


# --- who -------------------------------------------------------------------------------------------------------------


async def test_who_reads_what(app: Litestar, world: EvaluatedYear) -> None:
    outside = await make_organisation(name="外地总工会", code="FAR")
    await make_programme(outside)
    far_organiser = await make_actor(Role.ORGANISER, outside)
    far_evaluator = await make_actor(Role.EVALUATOR, outside)
    june, paths = world.sessions["june"].id, {}
    for path in (
        "/desk/scorecard", f"/desk/scorecard/{world.programme_id}", "/desk/scorecard.xlsx?organisation=CITY",
        "/desk/scorecard/print?organisation=CITY", "/evaluation", "/evaluation?organisation=CITY",
        f"/evaluation/programmes/{world.programme_id}", "/evaluation/sessions?organisation=CITY",
        f"/evaluation/sessions/{june}", "/evaluation/2015/sessions.xlsx?organisation=CITY",
        "/evaluation/2015/attendees.csv?organisation=CITY", "/api/v1/scorecard?organisation=CITY",
    ):  # fmt: skip
        paths[path] = [
            await status(app, who, path)
            for who in (world.organiser, world.evaluator, world.contact, far_organiser, far_evaluator)
        ]

    staff_only, readers = [200, 403, 403, 404, 403], [200, 200, 403, 404, 404]
    assert paths == {
        "/desk/scorecard": [200, 403, 403, 200, 403],
        f"/desk/scorecard/{world.programme_id}": staff_only,
        "/desk/scorecard.xlsx?organisation=CITY": staff_only,
        "/desk/scorecard/print?organisation=CITY": staff_only,
        "/evaluation": [200, 200, 403, 200, 200],
        "/evaluation?organisation=CITY": readers,
        f"/evaluation/programmes/{world.programme_id}": readers,
        "/evaluation/sessions?organisation=CITY": readers,
        f"/evaluation/sessions/{june}": readers,
        "/evaluation/2015/sessions.xlsx?organisation=CITY": readers,
        "/evaluation/2015/attendees.csv?organisation=CITY": readers,
        "/api/v1/scorecard?organisation=CITY": readers,
    }
    strangers = {await status(app, None, path) for path in paths}
    assert strangers <= {303, 401}
    assert await status(app, world.evaluator, f"/evaluation/sessions/{new_id()}") == 404
    assert await status(app, world.evaluator, "/evaluation/sessions/nothing") == 404
    assert await status(app, world.evaluator, "/evaluation/20x5/attendees.csv") == 404


async def status(app: Litestar, who: Actor | None, path: str) -> int:
    async with browser_of(app, who) as browser:
        return (await browser.get(path)).status_code


async def test_an_evaluator_of_a_part_reads_only_that(app: Litestar, world: EvaluatedYear) -> None:
    district = await make_organisation(parent=world.root, kind="federation", name="吴中区总工会")
    await make_programme(district, name="吴中区自己的项目")
    of_district = await make_actor(Role.EVALUATOR, district)
    async with browser_of(app, of_district) as browser:
        shown = await browser.get("/evaluation?year=2015")
    async with browser_of(app, world.evaluator) as browser:
        both = await browser.get("/evaluation?year=2015")
        chosen = await browser.get(f"/evaluation?year=2015&organisation={district.code}")

    assert "吴中区自己的项目" in shown.text
    assert "职工心理健康" not in shown.text
    assert "职工心理健康" in both.text
    assert f'<option value="{district.code}"' in both.text
    assert "吴中区自己的项目" in chosen.text


# --- nobody's name ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["evaluator", "organiser"])
async def test_walking_everything_of_the_workspace_meets_nobody(
    app: Litestar, world: EvaluatedYear, settings: Settings, role: str
) -> None:
    """From the first page over every link that stays in the workspace, files and all; staff see the same there."""
    seen: dict[str, str] = {}
    waiting = ["/evaluation?year=2015"]
    async with browser_of(app, getattr(world, role)) as browser:
        while waiting:
            path = waiting.pop()
            answer = await browser.get(path)
            assert answer.status_code == 200, path
            seen[path] = await text_of(answer)
            links = re.findall(r'(?:href|action)="((?:/evaluation|\?)[^"#]*)"', seen[path].replace("&amp;", "&"))
            base = path.partition("?")[0]
            found = [base + one if one.startswith("?") else one for one in links]
            waiting += [one for one in dict.fromkeys(found) if one not in seen and one not in waiting]

    kinds = {re.sub(r"[0-9a-f-]{36}", "id", path.partition("?")[0]).replace("2014", "2015") for path in seen}
    assert kinds == {
        "/evaluation", "/evaluation/programmes/id", "/evaluation/sessions", "/evaluation/sessions/id",
        "/evaluation/2015/sessions.xlsx", "/evaluation/2015/attendees.csv",
    }  # fmt: skip
    for path, text in seen.items():
        assert [one for one in (*SECRETS, "某部三连") if one in text] == [], path
    key = identity_key(settings)
    pseudonym = pseudonym_of(key, identity_of(key, number=NUMBER).hash)
    assert pseudonym in seen[f"/evaluation/sessions/{world.sessions['june'].id}"]
    assert any(pseudonym in text for path, text in seen.items() if path.endswith("attendees.csv") or ".csv?" in path)


async def test_the_session_shows_marks_counts_and_nothing_else(app: Litestar, world: EvaluatedYear) -> None:
    async with browser_of(app, world.evaluator) as browser:
        may = await browser.get(f"/evaluation/sessions/{world.sessions['may'].id}")
        june = await browser.get(f"/evaluation/sessions/{world.sessions['june'].id}")
        listed = await browser.get("/evaluation/sessions?year=2015&as_of=2015-09-15")
        only = await browser.get(f"/evaluation/sessions?year=2015&as_of=2015-09-15&programme={world.other.id}")

    assert "90人次，按姓名签到0。" in may.text
    assert "500.00元" in may.text
    assert "1件" in may.text
    assert "这场没有按姓名登记。" in may.text
    assert "4人次，按姓名签到4。" in june.text
    assert len(re.findall(r"P-[0-9a-f]{12}", june.text)) == 4
    assert "办过3场。" in listed.text
    assert "锡剧折子戏" in only.text
    assert "倒班与睡眠" not in only.text


async def test_files_are_journalled_with_how_much_and_nobody(app: Litestar, world: EvaluatedYear) -> None:
    async with browser_of(app, world.evaluator) as browser:
        sheet = await browser.get("/evaluation/2015/sessions.xlsx?as_of=2015-09-15")
        names = await browser.get("/evaluation/2015/attendees.csv?as_of=2015-09-15")

    assert "attachment" in sheet.headers["content-disposition"]
    assert names.headers["content-type"].startswith("text/csv")
    assert names.headers["cache-control"] == "private, no-store"
    book = CalamineWorkbook.from_filelike(io.BytesIO(sheet.content)).get_sheet_by_index(0).to_python()
    rows = [dict(zip(book[0], row, strict=True)) for row in book[1:]]
    assert [(row["人次"], row["按姓名签到"], row["花费（元）"]) for row in rows] == [
        (90, 0, 500),
        (4, 4, ""),
        (400, 0, 2000),
    ]
    assert rows[1]["场次"] == "=1+1 倒班与睡眠"
    lines = await db.rows("SELECT actor_id, action, object_id, facts FROM accounts_journal ORDER BY id")
    assert [(one["actor_id"], one["action"], one["object_id"], msgspec.json.decode(one["facts"])) for one in lines] == [
        (world.evaluator.person_id, "papers.exported", world.root.id, {"what": what, "year": 2015, "rows": rows_})
        for what, rows_ in (("evaluation-sessions", 3), ("evaluation-attendees", 4))
    ]


async def test_the_workspace_in_english(app: Litestar, world: EvaluatedYear) -> None:
    june = world.sessions["june"].id
    async with browser_of(app, world.evaluator) as browser:
        for path in (
            "/evaluation",
            "/evaluation/sessions",
            f"/evaluation/sessions/{june}",
            "/evaluation/2015/attendees.csv",
        ):
            answer = await browser.get(path, params={"lang": "en"})
            assert answer.status_code == 200, path


async def test_long_lists_go_on(app: Litestar, world: EvaluatedYear) -> None:
    june = world.sessions["june"]
    for number in range(60):
        await world.attendee(june, f"某{number}", organisation=world.union.id, on=date(2015, 6, 10))
    async with browser_of(app, world.evaluator) as browser:
        first = await browser.get(f"/evaluation/sessions/{june.id}")
        after = re.search(r'href="(\?after=[^"]+)"', first.text)
        assert after is not None
        second = await browser.get(f"/evaluation/sessions/{june.id}{after[1]}")
        beyond = await browser.get("/evaluation/sessions?year=2015&page=9")

    codes = [re.findall(r"P-[0-9a-f]{12}", one.text) for one in (first, second)]
    assert (len(codes[0]), len(codes[1]), len({*codes[0], *codes[1]})) == (50, 14, 64)
    assert beyond.status_code == 200
