"""Progress over HTTP: the JSON of INTERFACE, what strangers see, and the desk."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest
from litestar import Litestar

from outreach.accounts.tables import Organisation
from outreach.programmes.tables import Programme
from outreach.shared.actors import Role
from outreach.shared.time import ZONE
from tests.factories.accounts import browser_of, client_of, make_actor, make_organisation
from tests.factories.bookings import make_booking, make_headcount
from tests.factories.events import make_event, make_session
from tests.factories.programmes import make_programme, make_tally, make_target, make_year
from tests.support.clock import FixedClock

pytestmark = pytest.mark.usefixtures("database")


def at(month: int, day: int, hour: int = 14) -> datetime:
    return datetime(2015, month, day, hour, tzinfo=ZONE)


async def make_psychology(**given: Any) -> tuple[Organisation, Programme]:
    """27 lectures held, 14 planned, one past without a record, 14,350 handbooks."""
    owner = await make_organisation(name="苏州市总工会")
    await make_year(owner, **given)
    programme = await make_programme(
        owner, code="psychology", name="职工心理健康促进计划", short_name="心理健康", kinds=["讲座"], position=5
    )
    await make_target(
        programme, key="lectures", bound="about", tolerance_percent=10.0, value=50.0, wording="组织50场左右的讲座"
    )
    books = await make_target(
        programme, key="handbooks", metric="tally", label="自助手册", unit="本", value=20000.0, position=2,
        wording="免费发放20000本以上手册",
    )  # fmt: skip
    event = await make_event(programme)
    for number in range(27):
        session = await make_session(event, state="held", starts_at=at(3, 1) + timedelta(days=7 * number))
        await make_headcount(session, on=session.starts_at.date(), total=60, workers=50)
    for number in range(14):
        await make_session(event, starts_at=at(9, 24) + timedelta(days=7 * number))
    await make_session(event, starts_at=at(9, 8), title="没登记的一场")
    await make_tally(books, on=date(2015, 9, 1), quantity=14350.0)
    return owner, programme


def fields(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 422, answer.text
    return [one["field"] for one in answer.json()["errors"]]


async def test_progress_of_one_programme_is_the_json_of_the_interface(app: Litestar) -> None:
    owner, programme = await make_psychology()
    async with client_of(app, await make_actor(Role.ORGANISER, owner)) as client:
        answer = await client.get(f"/api/v1/programmes/{programme.id}/progress")
    body = answer.json()
    assert (body["year"], body["as_of"], body["unrecorded"]) == (2015, "2015-09-15", 1)
    assert (body["programme"]["id"], body["programme"]["code"]) == (str(programme.id), "psychology")
    lectures, books = body["targets"]
    assert {name: value for name, value in lectures.items() if name != "id"} == {
        "key": "lectures",
        "metric": "sessions",
        "basis": "all",
        "label": "讲座",
        "wording": "组织50场左右的讲座",
        "unit": "场",
        "bound": "about",
        "tolerance_percent": 10.0,
        "counting": "flow",
        "value": 50,
        "actual": 27,
        "total": None,
        "planned": 14,
        "percent": 54,
        "pace": 35.3,
        # 27 of 27 due were held: programme (27 + 0.93 × 12) ÷ 39 = 0.978462, its kind (27 + 0.978462 × 12) ÷ 39 =
        # 0.993373; 27 + 14 × 0.993373 = 40.91. The low end is one fewer than all, by the dice of this key and day.
        "forecast": 40.91,
        "forecast_low": 40,
        "forecast_high": 41,
        "status": "behind",
    }
    assert (books["actual"], books["planned"], books["forecast"], books["status"]) == (14350, 0, 20301.36, "at_risk")
    assert len(body["months"]) == 24
    assert body["months"][2] == {"month": 3, "metric": "sessions", "actual": 5, "planned": 0}
    assert body["months"][14] == {"month": 3, "metric": "visits", "actual": 300, "planned": 0}
    assert body["months"][9] == {"month": 10, "metric": "sessions", "actual": 0, "planned": 5}
    # Figures are written without a point where they have none.
    assert '"actual":27,' in answer.text


async def test_progress_at_another_day(app: Litestar) -> None:
    owner, programme = await make_psychology()
    async with client_of(app, await make_actor(Role.EVALUATOR, owner)) as client:
        path = f"/api/v1/programmes/{programme.id}/progress"
        spring = (await client.get(path, params={"as_of": "2015-03-31"})).json()
        assert [(one["actual"], one["planned"]) for one in spring["targets"]] == [(5, 37), (0, 0)]
        assert spring["unrecorded"] == 0
        over = (await client.get(path, params={"as_of": "2016-01-01"})).json()
        assert (over["targets"][0]["actual"], over["targets"][0]["planned"], over["targets"][0]["pace"]) == (27, 0, 50)
        for bad in ("2015-02-30", "soon", "1900-01-01", "9999-12-31", "20150931"):
            assert fields(await client.get(path, params={"as_of": bad})) == ["as_of"]


async def test_progress_of_a_year(app: Litestar) -> None:
    owner, programme = await make_psychology(document="〔2015〕2号")
    foreign = await make_programme(await make_organisation())
    async with client_of(app, await make_actor(Role.ORGANISER, owner)) as client:
        body = (await client.get("/api/v1/progress")).json()
        assert (body["year"], body["as_of"], body["document"], body["unrecorded"]) == (
            2015,
            "2015-09-15",
            "〔2015〕2号",
            1,
        )
        assert [one["programme"]["id"] for one in body["items"]] == [str(programme.id)]
        one = (await client.get(f"/api/v1/programmes/{programme.id}/progress")).json()
        assert body["items"] == [one]
        other = (await client.get("/api/v1/progress", params={"year": 2014, "as_of": "2015-01-01"})).json()
        assert (other["year"], other["items"], other["total"]) == (2014, [], 0)
        assert fields(await client.get("/api/v1/progress", params={"year": 1}))[0] == "year"
    async with client_of(app, await make_actor(Role.ADMINISTRATOR, None)) as client:
        body = (await client.get("/api/v1/progress", params={"year": 2015})).json()
        assert {one["programme"]["id"] for one in body["items"]} == {str(programme.id), str(foreign.id)}


async def test_who_reads_unreleased_figures(app: Litestar) -> None:
    owner, programme = await make_psychology()
    union = await make_organisation(parent=owner)
    foreign = await make_organisation()
    path = f"/api/v1/programmes/{programme.id}/progress"
    for role, organisation, status, shown in (
        (Role.ORGANISER, owner, 200, 1),
        (Role.ORGANISER, union, 200, 1),  # a culture palace works for its federation
        (Role.EVALUATOR, owner, 200, 1),
        (Role.CONTACT, union, 403, 0),
        (Role.PROVIDER, owner, 403, 0),
        (Role.ORGANISER, foreign, 404, 0),
    ):
        async with client_of(app, await make_actor(role, organisation)) as client:
            assert (await client.get(path)).status_code == status
            assert (await client.get("/api/v1/progress", params={"year": 2015})).json()["total"] == shown
    async with client_of(app, None) as client:
        for one in (path, "/api/v1/progress"):
            assert (await client.get(one)).status_code == 401


async def test_strangers_see_released_figures_only(app: Litestar) -> None:
    owner, _programme = await make_psychology()
    async with browser_of(app, None) as browser:
        for path in ("/", "/progress", "/progress?year=2015"):
            page = await browser.get(path)
            assert page.status_code == 200
            assert "50场左右" not in page.text
    await make_year(owner, year=2016, released_as_of=date(2016, 1, 31))
    from outreach.programmes.tables import ProgrammeYear

    await ProgrammeYear.update({ProgrammeYear.released_as_of: date(2015, 3, 31)}).where(ProgrammeYear.year == 2015)
    async with browser_of(app, None) as browser:
        home = (await browser.get("/")).text
        progress = (await browser.get("/progress?year=2015")).text
    for page_text in (home, progress):
        assert "截至" in page_text
        assert "50场左右" in page_text
        assert '<b class="fig">5</b>' in page_text  # as of the released day, not 27
        for word in ("慢于序时", "有风险", "年底预计", "b-pace", "b-fore"):
            assert word not in page_text


async def test_the_home_lists_what_is_on_next(app: Litestar) -> None:
    owner, programme = await make_psychology()
    event = await make_event(programme, title="新员工适应期的压力管理")
    await make_session(event, starts_at=at(9, 16), claimable=True, address="", district="")
    await make_session(event, starts_at=at(9, 17), title="已满的一场", capacity=20, seats_taken=20)
    await make_session(event, starts_at=at(9, 18), title="只给会员看", visibility="members")
    await make_session(event, starts_at=at(9, 19), title="还是草稿", state="draft")
    await make_session(event, starts_at=at(9, 20), title="露天电影", capacity=None)
    await make_session(event, starts_at=at(9, 21), title="不约了", booking_closes_at=at(9, 1))
    await make_session(event, starts_at=at(9, 22), title="后天才约", booking_opens_at=at(9, 17))
    async with browser_of(app, None) as browser:
        home = (await browser.get("/")).text
        for words in (
            "登录后预约",
            "领走一场",
            "地点由领走的单位定",
            "已满",
            "直接去看",
            "预约已截止",
            "9月17日起可约",
        ):
            assert words in home
        for words in ("只给会员看", "还是草稿", "没登记的一场"):
            assert words not in home
        assert "全部19" in home
        second = await browser.get("/?page=2")
        assert 'aria-current="page">2<' in second.text
        empty = await browser.get("/?page=9")
        assert "这一页没有场次" in empty.text
        unknown = await browser.get("/?programme=nothing")
        assert "全部19" in unknown.text
    async with browser_of(app, await make_actor(Role.CONTACT, await make_organisation(parent=owner))) as browser:
        assert "只给会员看" in (await browser.get("/")).text


async def test_a_programme_of_two_years_is_one_tab_of_the_home(app: Litestar) -> None:
    owner, programme = await make_psychology()
    await make_session(await make_event(programme), starts_at=at(12, 30))
    next_year = await make_programme(
        owner, code="psychology", name="职工心理健康促进计划", short_name="心理关爱", year=2016, position=1
    )
    await make_session(await make_event(next_year), starts_at=datetime(2016, 1, 8, 14, tzinfo=ZONE), title="新年的一场")
    county = await make_organisation(parent=owner)
    of_county = await make_programme(county, code="psychology", name="区里的心理健康", short_name="区心理", position=9)
    await make_session(await make_event(of_county), starts_at=at(12, 1), title="区里的一场")
    async with browser_of(app, None) as browser:
        home = (await browser.get("/")).text
        assert re.findall(r'href="/\?programme=([^"]*)"[^>]*>([^<]*)<', home) == [
            ("psychology", "心理健康16"),
            (str(of_county.id), "区心理1"),
        ]
        assert "心理健康、区心理，后面还有17场" in home
        last = (await browser.get("/?programme=psychology&page=2")).text
        assert ("新年的一场" in last, "区里的一场" in last) == (True, False)
        county_only = (await browser.get(f"/?programme={of_county.id}")).text
        assert ("区里的一场" in county_only, "新年的一场" in county_only) == (True, False)


async def test_the_desk_says_its_news_and_what_waits(app: Litestar) -> None:
    owner, _programme = await make_psychology()
    union = await make_organisation(parent=owner)
    from outreach.events.tables import Session

    session = await Session.objects().where(Session.state == "published").order_by(Session.starts_at).first()
    assert session is not None
    await make_booking(session, union, state="pending", created_at=at(9, 13, 9))
    async with browser_of(app, await make_actor(Role.ORGANISER, owner)) as browser:
        desk = (await browser.get("/desk")).text
        assert "一个项目，两项指标" in desk
        assert "2项指标中，1项有风险，1项慢于序时。" in desk
        assert "心理健康讲座照现在的安排，到年底约41场，离“50场左右”的下限45还差5场。" in desk
        assert "再排5场，才够得着下限45" in desk
        assert "最早的一件是2天前的" in desk
        assert "已过期未登记6天" in desk
        assert "全年已过70.7%" in desk
        assert "还有107天" in desk
        earlier = (await browser.get("/desk?as_of=2015-03-31")).text
        assert "截至2015年3月31日（周二），按今天知道的数" in earlier
        assert (await browser.get("/desk?as_of=yesterday")).status_code == 422
        empty = (await browser.get("/desk?as_of=2013-05-01")).text
        assert "2013年还没有项目" in empty


async def test_on_the_first_days_the_desk_and_the_report_forecast_nothing_from_tallies(app: Litestar) -> None:
    owner = await make_organisation()
    await make_year(owner)
    programme = await make_programme(owner, code="books", name="安全生产丛书", short_name="安全丛书")
    books = await make_target(programme, key="books", metric="tally", label="丛书", unit="本", value=20000.0)
    await make_tally(books, on=date(2015, 1, 1), quantity=3500.0)
    organiser = await make_actor(Role.ORGANISER, owner)
    async with browser_of(app, organiser) as browser, client_of(app, organiser) as client:
        for as_of, early, figure in (("2015-01-02", True, "63.9万"), ("2015-01-30", False, "4.26万")):
            told = await client.get(f"/api/v1/programmes/{programme.id}/progress?as_of={as_of}")
            assert told.json()["targets"][0]["forecast"] > 40000
            for path in ("/desk", f"/desk/programmes/{programme.id}"):
                html = (await browser.get(f"{path}?as_of={as_of}")).text
                assert (">还太早<" in html, figure in html) == (early, not early)
                assert ("刚到年初，累计填报的年底能到多少，还太早。" in html) == early


async def test_the_desk_of_a_palace_shows_its_federation(app: Litestar) -> None:
    owner, _programme = await make_psychology()
    palace = await make_organisation(parent=owner, kind="culture_palace")
    district = await make_organisation(parent=owner, kind="federation")
    await make_target(await make_programme(district, name="区里的项目"))
    for organisation, shown, hidden in (
        (palace, "职工心理健康促进计划", "区里的项目"),
        (owner, "职工心理健康促进计划", "区里的项目"),
        (district, "区里的项目", "职工心理健康促进计划"),
    ):
        async with browser_of(app, await make_actor(Role.ORGANISER, organisation)) as browser:
            desk = (await browser.get("/desk")).text
            assert shown in desk
            assert hidden not in desk


async def test_the_page_of_one_programme(app: Litestar, clock: FixedClock) -> None:
    owner, programme = await make_psychology()
    path = f"/desk/programmes/{programme.id}"
    async with browser_of(app, await make_actor(Role.ORGANISER, owner)) as browser:
        shown = (await browser.get(path)).text
        assert "1场已过期未登记" in shown
        assert "1,620" in shown  # visits of the year
        clock.moment = datetime(2016, 3, 1, tzinfo=UTC)
        assert "截至2015年12月31日" in (await browser.get(path)).text
    async with browser_of(app, await make_actor(Role.ORGANISER, await make_organisation())) as browser:
        assert (await browser.get(path)).status_code == 404
        assert (await browser.get("/desk/programmes/nothing")).status_code == 404


async def test_how_figures_come_about_is_public(app: Litestar) -> None:
    async with browser_of(app, None) as browser:
        shown = await browser.get("/how-counted")
    assert shown.status_code == 200
    for words in ("151才算完成", "场次少时向93%靠拢（当作另有12场）", "模拟400遍", "上下浮动10%"):
        assert words in shown.text


async def test_an_empty_installation_has_pages_all_the_same(app: Litestar) -> None:
    async with browser_of(app, None) as browser:
        assert "眼下没有排出的场次" in (await browser.get("/")).text
        assert "2015年还没有公布数字" in (await browser.get("/progress")).text
    async with browser_of(app, await make_actor(Role.ADMINISTRATOR, None)) as browser:
        assert "2015年还没有项目" in (await browser.get("/desk")).text
        for path in ("/desk/programmes", "/desk/tallies", "/desk/holidays"):
            assert (await browser.get(path)).status_code == 200
