"""The analysis of a year over HTTP: the JSON, the pages of the desk, who reads them."""

from typing import Any

import pytest
from litestar import Litestar

from outreach.accounts.tables import Organisation
from outreach.shared.actors import Role
from tests.factories.accounts import browser_of, client_of, make_actor, make_organisation
from tests.factories.events import make_event
from tests.factories.programmes import make_programme, make_target
from tests.support.queries import counted
from tests.support.small_year import BARRACKS, SITE, at, hold, make_small_year

pytestmark = pytest.mark.usefixtures("database")


async def page_of(app: Litestar, organisation: Organisation | None, path: str, role: Role = Role.ORGANISER) -> str:
    async with browser_of(app, await make_actor(role, organisation)) as browser:
        answer = await browser.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text


async def test_figures_as_json(app: Litestar) -> None:
    small = await make_small_year()
    async with client_of(app, await make_actor(Role.EVALUATOR, small.city)) as client:
        answer = await client.get("/api/v1/figures", params={"year": 2015})
        body = answer.json()
        assert (body["organisation"], body["year"], body["as_of"]) == (
            {"id": str(small.city.id), "name": "苏州市总工会"}, 2015, "2015-09-15",
        )  # fmt: skip
        assert body["leaders"] == {
            "sessions": 6, "visits": 250, "workers": 130, "visits_per_session": 50,
            "units": 3, "first_time": 1, "non_public": 1, "ownership_known": 2, "non_public_percent": 50,
            "units_below": 4, "unserved_units": 0,
            "spent_fen": 150050, "budget_spent_fen": 120050, "budget_fen": 1000000, "budget_percent": 12.01,
            "orders_asked": 6, "orders_served": 2, "orders_scheduled": 1, "orders_waiting": 1, "orders_declined": 1,
            "orders_withdrawn": 1, "fulfilled_percent": 40, "delivery_days": 10,
        }  # fmt: skip
        assert body["months"][0] == {"district": "吴中区", "month": 3, "sessions": 1, "visits": 10, "workers": 0}
        assert len(body["months"]) == 7
        assert sum(one["sessions"] for one in body["months"]) == sum(one["sessions"] for one in body["districts"]) == 6
        assert sum(one["visits"] for one in body["months"]) == sum(one["visits"] for one in body["districts"]) == 250
        assert sum(one["home_visits"] for one in body["districts"]) == 250
        assert sum(one["home_sessions"] for one in body["districts"]) == 6
        assert body["districts"][0] == {
            "district": "姑苏区", "members": 400, "sessions": 2, "visits": 150, "visits_per_thousand": 375,
            "home_sessions": 1, "home_visits": 100, "home_visits_per_thousand": 250,
        }  # fmt: skip
        assert [(one["quarter"], one["actual"], one["planned_percent"]) for one in body["quarters"]] == [
            (1, 3, 30), (2, 1, 30), (3, 0, 30), (4, 0, 10), (1, 0, 0), (2, 0, 50), (3, 30, 25), (4, 0, 25),
        ]  # fmt: skip
        assert body["last_year"] == {"sessions": 2, "visits": 79}
        earlier = (await client.get("/api/v1/figures", params={"as_of": "2015-02-28"})).json()
        assert (earlier["leaders"]["sessions"], earlier["leaders"]["visits"]) == (2, 150)
        other = (await client.get("/api/v1/figures", params={"organisation": str(small.district.id)})).json()
        by_code = (await client.get("/api/v1/figures", params={"organisation": small.district.code})).json()
        assert by_code == other
        assert (await client.get("/api/v1/figures", params={"organisation": "nowhere"})).status_code == 404
        assert (other["organisation"]["name"], other["leaders"]["visits"]) == ("吴中区总工会", 100)
        for name in (BARRACKS, SITE, "胥口"):
            assert name not in answer.text


async def test_who_reads_the_figures(app: Litestar) -> None:
    small = await make_small_year()
    foreign = await make_organisation()
    api, page = "/api/v1/figures", "/desk/figures"
    for role, organisation, given, of_api, of_page in (
        (Role.ORGANISER, small.city, small.district, 200, 200),
        (Role.ORGANISER, small.city, foreign, 404, 404),
        (Role.ORGANISER, small.district, small.city, 403, 403),
        (Role.ORGANISER, small.district, small.machines, 404, 404),
        (Role.EVALUATOR, small.city, small.city, 200, 403),
        (Role.CONTACT, small.machines, small.machines, 403, 403),
        (Role.ADMINISTRATOR, None, foreign, 200, 200),
    ):
        actor = await make_actor(role, organisation)
        params = {"organisation": str(given.id)}
        async with client_of(app, actor) as client:
            assert (await client.get(api, params=params)).status_code == of_api
        async with browser_of(app, actor) as browser:
            for path in (page, f"{page}/sessions"):
                assert (await browser.get(path, params=params)).status_code == of_page
    async with client_of(app, None) as client:
        assert (await client.get(api)).status_code == 401


async def test_bad_questions_are_refused(app: Litestar) -> None:
    small = await make_small_year()
    actor = await make_actor(Role.ORGANISER, small.city)
    bad: tuple[dict[str, Any], ...] = (
        {"as_of": "2015-02-30"}, {"as_of": "1900-01-01"}, {"year": 1},
    )  # fmt: skip
    async with client_of(app, actor) as client, browser_of(app, actor) as browser:
        for params in bad:
            assert (await client.get("/api/v1/figures", params=params)).status_code == 422
            assert (await browser.get("/desk/figures", params=params)).status_code == 422
        for params in ({"unserved": 0}, {"unserved": 11}):
            assert (await browser.get("/desk/figures", params=params)).status_code == 422
        for params in ({"month": 13}, {"month": 0}, {"page": 0}, {"district": "长" * 41}):
            assert (await browser.get("/desk/figures/sessions", params=params)).status_code == 422


async def test_the_page_shows_every_figure(app: Litestar) -> None:
    small = await make_small_year()
    text = await page_of(app, small.city, "/desk/figures?unserved=1")
    for words in (
        "到这一天办了6场，250人次，比去年同一天多4场、多171人次。每千名会员的人次，姑苏最多（375），吴中最少（120）。",
        '<dt>服务的单位</dt><dd class="fig">3<small>家</small>',
        '<dt>其中首次</dt><dd class="fig">1<small>家</small>',
        '<dt>非公单位</dt><dd class="fig">50%</dd>',
        '<dt>场均人次</dt><dd class="fig">50<small>人次</small>',
        '<dt>预算执行</dt><dd class="fig">12%</dd><dd class="note-line">已登记1,200.50元，预算10,000.00元</dd>',
        '<dt>点单兑现</dt><dd class="fig">40%</dd>',
        '<dt>从点单到办成</dt><dd class="fig">10<small>天</small>',
        '<dt>没有服务过的单位</dt><dd class="fig">1<small>家</small></dd><dd class="note-line">近1年，共4个单位</dd>',
        "市直机关工会",
        "2014年3月1日（周六）",
        "菜单上还没有人点的1项：灯谜竞猜。",
        "姑苏区：每千名会员375人次，全部平均250人次。",
        "送文化进基层：今年4场，去年同一天2场。",
        "心理健康讲座：今年2场，去年没有这个项目。",
        "第一季度：3场，占指标30%，计划30%。",
        "锡剧折子戏：点了3单，办成1单，没排上2单。",
        "各地区各月场次，共6场；5月最多，2场；吴中最多，3场。",
    ):
        assert words in text, words
    for name in (BARRACKS, SITE):
        assert name not in text
    day = f"year=2015&amp;as_of=2015-09-15&amp;organisation={small.city.id}"
    assert f'href="/desk/figures/sessions?{day}&amp;month=1&amp;district=%E5%A7%91%E8%8B%8F%E5%8C%BA"' in text


async def test_a_figure_opens_to_its_sessions(app: Litestar) -> None:
    small = await make_small_year()
    path = "/desk/figures/sessions?year=2015&as_of=2015-09-15"
    text = await page_of(app, small.city, f"{path}&month=4&district=吴中区")
    assert "2015年4月，吴中区的场次" in text
    assert "一共0场，20人次。" in text
    assert "在别的月份开始，场次不算在这里" in text
    assert f"/desk/sessions/{small.sessions[3].id}" in text
    text = await page_of(app, small.city, f"{path}&district=")
    assert "未填地区的场次" in text
    assert "送戏进军营" in text
    text = await page_of(app, small.city, path)
    assert "一共6场，250人次。" in text
    for name in (BARRACKS, SITE, "胥口服饰工会"):
        assert name not in text
    assert "没有场次" in await page_of(app, small.city, f"{path}&month=12")


async def test_the_pages_in_english_and_without_anything(app: Litestar) -> None:
    small = await make_small_year()
    empty = await make_organisation()
    async with browser_of(app, await make_actor(Role.ORGANISER, small.city, locale="en")) as browser:
        for path in ("/desk", "/desk/figures", "/desk/figures/sessions?month=5"):
            answer = await browser.get(path)
            assert answer.status_code == 200
            assert '<html lang="en">' in answer.text
    assert "2015年还没有项目" in await page_of(app, empty, "/desk/figures")
    owner = await make_organisation()
    await make_target(await make_programme(owner))
    text = await page_of(app, owner, "/desk/figures")
    for words in ("到这一天还没有办过场次。", "还没有点单", "每个单位都服务过", "没有往年的记录，无从比较"):
        assert words in text
    assert "2015年数字分析" in await page_of(app, None, "/desk/figures", Role.ADMINISTRATOR)


async def test_the_desk_leads_to_the_analysis_and_shows_its_curves_as_tables(app: Litestar) -> None:
    small = await make_small_year()
    text = await page_of(app, small.city, "/desk")
    assert '<a href="/desk/figures">' in text
    assert "看每个月的数" in text
    assert '<a href="/desk/figures?as_of=2015-05-06">' in await page_of(app, small.city, "/desk?as_of=2015-05-06")


async def test_the_desk_takes_a_fixed_number_of_statements(app: Litestar) -> None:
    """Equal for one programme of one year and for three of three years, so that ten years open as fast as one."""
    numbers = []
    for programmes, first_year in ((1, 2015), (3, 2013)):
        owner = await make_organisation()
        for year in range(first_year, 2016):
            for number in range(programmes):
                programme = await make_programme(owner, year=year, code=f"c{number}")
                await make_target(programme)
                event = await make_event(programme)
                for month in (1, 5, 9):
                    await hold(event, at(month, 1 + number, year=year), 10)
        async with browser_of(app, await make_actor(Role.ORGANISER, owner)) as browser:
            for _look in ("first", "second"):
                with counted() as sent:
                    assert (await browser.get("/desk")).status_code == 200
                numbers.append(len(sent))
    # The second time the facts of the year are remembered, and that a union with earlier years needs no first steps.
    assert numbers == [18, 14, 18, 13]
