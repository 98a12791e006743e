"""A notice is pasted, read, looked through and stored in one go."""

import asyncio
import re
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from litestar import Litestar

from outreach.accounts.tables import JournalEntry, Organisation
from outreach.programmes.tables import Programme, ProgrammeYear, Target
from outreach.shared.actors import Role
from tests.factories.accounts import browser_of, make_actor, make_organisation
from tests.factories.programmes import make_programme, make_year
from tests.support.pages import form_token

pytestmark = pytest.mark.usefixtures("database")

PATH = "/desk/programmes/from-notice?year=2016"
SAVE = "/desk/programmes/from-notice/save?year=2016"
NOTICE = """2016年普惠职工实事项目

一、加大送文化进基层活动力度。全年送文化进基层超过150场次，组织和吸引不少于10万人次的职工参加活动。
二、实施职工心理健康促进计划。通过组织50场左右的讲座，帮助职工；通过免费发放20000本以上手册，广泛普及。支持5个服务圈开展服务。
三、对会员特殊困难进行救助。对患大病的会员一次性给予5000元救助。
"""


async def browser(app: Litestar, organisation: Organisation | None, role: Role = Role.ORGANISER) -> Any:
    return browser_of(app, await make_actor(role, organisation))


def fields_of(html: str) -> dict[str, str]:
    """What the second form of the page would send as it stands, as a browser does."""
    form = html[html.index('action="/desk/programmes/from-notice/save') :]
    form = form[: form.index("</form>")]
    found: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        given = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if given.get("type") != "checkbox" or " checked" in tag:
            found[given["name"]] = given.get("value", "on")
    found |= dict(re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>\n(.*?)</textarea>', form, re.DOTALL))
    for name, options in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options) or re.search(r'value="([^"]*)"', options)
        found[name] = chosen[1] if chosen else ""
    return found


async def read(client: httpx.AsyncClient, text: str, path: str = PATH) -> httpx.Response:
    token = form_token((await client.get(path)).text)
    return await client.post(path, data={"text": text, "_csrf_token": token})


async def save(client: httpx.AsyncClient, fields: dict[str, str], path: str = SAVE) -> httpx.Response:
    return await client.post(
        path,
        content=urlencode(fields),
        headers={"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"},
    )


async def stored() -> dict[str, list[tuple[Any, ...]]]:
    found: dict[str, list[tuple[Any, ...]]] = {}
    for one in await Programme.select(Programme.id, Programme.code).order_by(Programme.position):
        rows = await Target.select().where(Target.programme == one["id"]).order_by(Target.position)
        found[one["code"]] = [(row["key"], row["metric"], row["bound"], row["value"], row["unit"]) for row in rows]
    return found


async def test_reading_stores_nothing_and_shows_every_figure_with_its_clause(app: Litestar) -> None:
    owner = await make_organisation()
    async with await browser(app, owner) as client:
        answer = await read(client, NOTICE)
        assert answer.status_code == 200
        fields = fields_of(answer.text)
        assert [fields[f"t{row}-wording"] for row in range(5)] == [
            "全年送文化进基层超过150场次",
            "组织和吸引不少于10万人次的职工参加活动",
            "通过组织50场左右的讲座",
            "通过免费发放20000本以上手册",
            "支持5个服务圈开展服务",
        ]
        assert [fields[f"p{place}-code"] for place in range(3)] == ["culture", "psychology", "relief"]
        assert fields["t1-metric"] == "visits-workers"
        assert "t4-taken" not in fields  # a figure that describes is shown, not ticked, and says why
        assert "像是情况说明，没有勾" in answer.text
        assert "一次性给予5000元救助" in answer.text.split("这些话里也有数字", 1)[1]
        assert "从3段里读出5个数字，其中1个拿不准" in answer.text
    assert await Programme.count() == 0
    assert await ProgrammeYear.count() == 0


async def test_what_is_ticked_is_stored_in_one_go(app: Litestar) -> None:
    owner = await make_organisation()
    async with await browser(app, owner) as client:
        fields = fields_of((await read(client, NOTICE)).text)
        fields |= {"p1-name": "心理健康", "t2-value": "60", "t0-value": "1.2万"}
        fields |= {"t5-programme": "1", "t5-value": "一百", "t5-unit": "人", "t5-label": "志愿者"}
        del fields["p2-taken"]
        answer = await save(client, fields)
        assert (answer.status_code, answer.headers["location"]) == (303, "/desk/programmes?year=2016")
        page = await client.get(answer.headers["location"])
        assert "已新建2个项目、5项指标。" in page.text
    assert await stored() == {
        "culture": [
            ("sessions", "sessions", "more_than", 12000.0, "场次"),
            ("visits", "visits", "at_least", 100000.0, "人次"),
        ],
        "psychology": [
            ("sessions", "sessions", "about", 60.0, "场"),
            ("figure", "tally", "at_least", 20000.0, "本"),
            ("figure-2", "tally", "at_least", 100.0, "人"),
        ],
    }
    row = await Programme.select().where(Programme.code == "psychology").first()
    assert row is not None
    assert (row["name"], row["year"], row["position"], row["scheduled"], row["kinds"]) == (
        "心理健康",
        2016,
        2,
        True,
        ["讲座"],
    )
    visits = await Target.select().where(Target.key == "visits").first()
    assert visits is not None
    assert (visits["basis"], visits["wording"]) == ("workers", "组织和吸引不少于10万人次的职工参加活动")
    lectures = await Target.select().where(Target.value == 60).first()
    assert lectures is not None
    assert lectures["tolerance_percent"] == 10
    actions = [one["action"] for one in await JournalEntry.select(JournalEntry.action)]
    assert actions == ["programme.created", "programme.created"]


async def test_a_refused_field_names_its_row_and_nothing_is_stored(app: Litestar) -> None:
    owner = await make_organisation()
    await make_programme(owner, year=2016, code="psychology")
    async with await browser(app, owner) as client:
        fields = fields_of((await read(client, NOTICE)).text)
        wrong = {
            **fields,
            "t0-value": "很多",
            "t1-metric": "guess",
            "t3-unit": "",
            "p2-code": "中文",
            "t5-value": "3",
            "t6-programme": "1",
            "t6-label": "没有数",
        }
        answer = await save(client, wrong)
        assert answer.status_code == 422
        for field in ("t0-value", "t1-metric", "t3-unit", "p2-code", "t5-programme", "t6-value"):
            assert f'id="e-{field}"' in answer.text, field
            assert f'href="#{field}"' in answer.text, field
        kept = fields_of(answer.text)
        assert kept == {**wrong, "t1-metric": "sessions", "_csrf_token": kept["_csrf_token"]}
        assert "一次性给予5000元救助" in answer.text.split("这些话里也有数字", 1)[1]
        taken = await save(client, fields)
        assert taken.status_code == 422
        assert "这一年已经有项目用了这个代码，请换一个。" in taken.text
        assert 'id="e-p1-code"' in taken.text
        assert list(await stored()) == ["psychology"]
        twice = await save(client, {**fields, "p1-code": "culture"})
        assert "“culture”出现了两次" in twice.text
        assert list(await stored()) == ["psychology"]
        assert (await save(client, {**fields, "p1-code": "minds"})).status_code == 303
    assert list(await stored()) == ["psychology", "culture", "minds", "relief"]


async def test_kinds_of_a_row_must_be_those_of_its_programme(app: Litestar) -> None:
    owner = await make_organisation()
    text = "三、举办15场区级赛事和主题活动，提供1000场次文体活动场地补贴。"
    async with await browser(app, owner) as client:
        fields = fields_of((await read(client, text)).text)
        assert (fields["p0-kinds"], fields["t0-kinds"]) == (
            "区级赛事、主题活动、文体活动场地补贴",
            "区级赛事、主题活动",
        )
        refused = await save(client, {**fields, "p0-kinds": "区级赛事"})
        assert refused.status_code == 422
        assert 'id="e-t0-kinds"' in refused.text
        assert (await save(client, {**fields, "t1-metric": "tally"})).status_code == 303
    rows = await Target.select(Target.key, Target.kinds).order_by(Target.position)
    assert [(one["key"], one["kinds"]) for one in rows] == [("sessions", ["区级赛事", "主题活动"]), ("figure", [])]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("一、做好宣传工作。\n二、加强组织领导。", "没有读出数字"),
        ("\x00\x07\u200b", "没有读出项目"),
    ],
)
async def test_text_without_figures_gets_a_sentence(app: Litestar, text: str, said: str) -> None:
    async with await browser(app, await make_organisation()) as client:
        answer = await read(client, text)
        assert answer.status_code == 200
        assert said in answer.text


async def test_empty_and_too_long_texts_are_refused(app: Litestar) -> None:
    async with await browser(app, await make_organisation()) as client:
        for text, shown in (("", "请填写"), ("一" * 200_001, "一" * 1000)):
            answer = await read(client, text)
            assert answer.status_code == 422
            assert shown in answer.text
            assert 'id="e-text"' in answer.text


async def test_a_long_text_is_read_in_parts(app: Litestar) -> None:
    async with await browser(app, await make_organisation()) as client:
        answer = await read(client, "\n".join(f"{number}、举办讲座{number}场。" for number in range(1, 90)))
        assert "文字太长，后面的没有读" in answer.text
        assert "从60段里读出60个数字" in answer.text
        assert (await save(client, fields_of(answer.text))).status_code == 303
    assert await Programme.count() == 60


async def test_nothing_ticked_is_refused(app: Litestar) -> None:
    async with await browser(app, await make_organisation()) as client:
        fields = fields_of((await read(client, NOTICE)).text)
        none = {name: said for name, said in fields.items() if not re.fullmatch(r"p\d-taken", name)}
        answer = await save(client, none)
        assert answer.status_code == 422
        assert "一个项目也没有勾" in answer.text
        answer = await save(client, {"_csrf_token": fields["_csrf_token"], "programmes": "x", "rows": "-1"})
        assert answer.status_code == 422


async def test_of_two_who_save_at_once_one_is_told(app: Litestar) -> None:
    owner = await make_organisation()
    async with await browser(app, owner) as one, await browser(app, owner) as other:
        forms = [fields_of((await read(client, NOTICE)).text) for client in (one, other)]
        answers = await asyncio.gather(save(one, forms[0]), save(other, forms[1]))
    assert sorted(answer.status_code for answer in answers) == [303, 422]
    assert await Programme.count() == 3
    assert [len(targets) for targets in (await stored()).values()] == [2, 2, 0]


async def test_markup_and_strange_characters_in_the_text_do_no_harm(app: Litestar) -> None:
    text = "一、<script>alert(1)</script>讲座\x00\u202e“课堂”。\u3000举办\u200b５０场左右讲座，\t发放1，000本手册。"
    async with await browser(app, await make_organisation()) as client:
        answer = await read(client, text)
        assert "<script>alert(1)" not in answer.text
        assert (await save(client, fields_of(answer.text))).status_code == 303
    rows = await Target.select(Target.value, Target.wording).order_by(Target.position)
    assert [(one["value"], one["wording"]) for one in rows] == [
        (50.0, "举办５０场左右讲座"),
        (1000.0, "发放1，000本手册"),
    ]


async def test_a_closed_year_takes_nothing(app: Litestar, now: datetime) -> None:
    owner = await make_organisation()
    async with await browser(app, owner) as client:
        fields = fields_of((await read(client, NOTICE)).text)
        await make_year(owner, year=2016, state="closed", closed_at=now)
        answer = await save(client, fields)
        assert answer.status_code == 409
        assert "2016年已经结账" in answer.text
        assert fields_of(answer.text)["t0-value"] == fields["t0-value"]
    assert await Programme.count() == 0


async def test_only_who_runs_the_organisation_reads_into_it(app: Litestar) -> None:
    owner, foreign = await make_organisation(), await make_organisation()
    union = await make_organisation(parent=owner)
    async with await browser(app, union, Role.CONTACT) as client:
        assert (await client.get(PATH)).status_code in (403, 404)
    async with await browser(app, owner) as client:
        fields = fields_of((await read(client, NOTICE)).text)
        there = f"&organisation={foreign.id}"
        assert (await client.get(PATH + there)).status_code == 404
        assert (await save(client, fields, SAVE + there)).status_code == 404
        assert (await save(client, fields, f"{SAVE}&organisation={union.id}")).status_code == 303
    assert {one["organisation"] for one in await Programme.select(Programme.organisation)} == {union.id}
    async with await browser(app, None, Role.ADMINISTRATOR) as client:
        page = await client.get(f"/desk/programmes/from-notice?year=2016&organisation={foreign.id}")
        assert foreign.name in page.text


async def test_the_list_leads_to_it(app: Litestar) -> None:
    async with await browser(app, await make_organisation()) as client:
        page = await client.get("/desk/programmes?year=2016")
        assert 'href="/desk/programmes/from-notice?year=2016"' in page.text
