"""Figures that can be opened, over HTTP: the list, its permissions, parts of the tree, and advice on the page."""

import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from litestar import Litestar

from outreach.accounts.tables import Organisation
from outreach.programmes.tables import Programme, Target
from outreach.shared.actors import Role
from outreach.shared.time import ZONE
from tests.factories.accounts import browser_of, client_of, make_actor, make_organisation
from tests.factories.bookings import make_headcount
from tests.factories.events import make_event, make_session
from tests.factories.programmes import make_programme, make_tally, make_target

pytestmark = pytest.mark.usefixtures("database")


def at(month: int, day: int, hour: int = 14) -> datetime:
    return datetime(2015, month, day, hour, tzinfo=ZONE)


class City:
    """A city with a district, a programme with five sessions, three of them at the district's unit, and entries."""

    owner: Organisation
    district: Organisation
    unit: Organisation
    programme: Programme
    sessions: Target
    visits: Target
    books: Target

    async def build(self, **programme: Any) -> "City":
        self.owner = await make_organisation(name="市总工会")
        self.district = await make_organisation(parent=self.owner, kind="federation", code="QU1", name="区总工会")
        self.unit = await make_organisation(parent=self.district, name="胥江机械厂工会")
        self.programme = await make_programme(self.owner, short_name="心理健康", **programme)
        self.sessions = await make_target(self.programme, key="s", position=1, value=50.0)
        self.visits = await make_target(self.programme, key="v", metric="visits", unit="人次", position=2, value=1e4)
        self.books = await make_target(self.programme, key="b", metric="tally", unit="本", position=3, value=100.0)
        event = await make_event(self.programme)
        for number in range(5):
            session = await make_session(
                event,
                state="held",
                title=f"第{number}讲",
                starts_at=at(3, 2) + timedelta(days=20 * number),
                host=self.unit.id if number < 3 else None,
                district="吴中区" if number % 2 else "",
            )
            await make_headcount(session, on=session.starts_at.date(), total=10 + number, workers=number)
        await make_tally(self.books, on=date(2015, 4, 1), quantity=30.0, receiver="胥江机械厂")
        await make_session(event, starts_at=at(10, 8), capacity=80, seats_taken=30)
        await make_session(event, starts_at=at(10, 9), capacity=80, claimable=True)
        return self

    def api(self, target: Target) -> str:
        return f"/api/v1/programmes/{self.programme.id}/targets/{target.id}/sources"

    def page(self, target: Target) -> str:
        return f"/desk/programmes/{self.programme.id}/targets/{target.id}/sources"


async def test_the_json_behind_a_figure(app: Litestar) -> None:
    city = await City().build()
    async with client_of(app, await make_actor(Role.ORGANISER, city.owner)) as client:
        body = (await client.get(city.api(city.visits), params={"limit": 2})).json()
        assert {name: body[name] for name in body if name not in ("items", "next")} == {
            "target_id": str(city.visits.id), "metric": "visits", "unit": "人次", "as_of": "2015-09-15", "figure": 60,
            "total": 5,
        }  # fmt: skip
        first = body["items"][0]
        del first["id"]
        assert first == {
            "what": "session", "at": "2015-03-02T14:00:00+08:00", "amount": 10, "total": None, "title": "第0讲",
            "kind": "讲座", "district": "", "place": "吴中区木渎镇职工活动中心三楼报告厅", "host": "胥江机械厂工会",
            "note": "",
        }  # fmt: skip
        second = (await client.get(city.api(city.visits), params={"limit": 200, "after": body["next"]})).json()
        assert ([one["amount"] for one in second["items"]], second["next"]) == ([12, 13, 14], None)
        books = (await client.get(city.api(city.books))).json()
        assert [(one["what"], one["amount"], one["note"]) for one in books["items"]] == [("tally", 30, "胥江机械厂")]
        march = (await client.get(city.api(city.sessions), params={"month": 3})).json()
        wuzhong = (await client.get(city.api(city.sessions), params={"district": "吴中区"})).json()
        early = (await client.get(city.api(city.sessions), params={"as_of": "2015-03-22"})).json()
        assert (march["figure"], wuzhong["figure"], early["figure"]) == (2, 2, 2)


async def test_bad_questions_are_named(app: Litestar) -> None:
    city = await City().build()
    async with client_of(app, await make_actor(Role.ORGANISER, city.owner)) as client:
        for asked, field in (
            ({"month": 13}, "month"), ({"month": "x"}, "month"), ({"as_of": "1900-01-01"}, "as_of"),
            ({"after": "nothing"}, "after"), ({"limit": 0}, "limit"), ({"district": "长" * 41}, "district"),
        ):  # fmt: skip
            answer = await client.get(city.api(city.sessions), params=asked)
            assert (answer.status_code, [one["field"] for one in answer.json()["errors"]]) == (422, [field])
        for target, asked in ((city.books, {"district": "吴中区"}),):
            answer = await client.get(city.api(target), params=asked)
            assert (answer.status_code, answer.json()["errors"][0]["message"]) == (
                422,
                "这个指标不分地点，请去掉地点。",
            )
        foreign = await make_target(await make_programme(await make_organisation()))
        for path in (city.api(foreign), city.api(city.sessions).replace(str(city.sessions.id), "nothing")):
            assert (await client.get(path)).status_code == 404
        assert (await client.get(city.api(city.sessions), params={"organisation": "NONE"})).status_code == 404


async def test_who_may_open_a_figure_and_read_names(app: Litestar) -> None:
    city = await City().build()
    other = await make_organisation()
    for role, organisation, status in (
        (Role.ORGANISER, city.owner, 200),
        (Role.EVALUATOR, city.owner, 200),
        (Role.ORGANISER, city.district, 200),
        (Role.CONTACT, city.unit, 403),
        (Role.ORGANISER, other, 404),
    ):
        async with client_of(app, await make_actor(role, organisation)) as client:
            answer = await client.get(city.api(city.sessions))
            assert (role, answer.status_code) == (role, status)
            if status == 200:
                # The district's organiser reads the city's figures, and no other union's name and place.
                seen = {one["host"] for one in answer.json()["items"]}
                assert seen == ({""} if organisation is city.district else {"", "胥江机械厂工会"})
    async with client_of(app, None) as client:
        assert (await client.get(city.api(city.sessions))).status_code == 401


async def test_the_list_as_a_page_and_the_way_to_it(app: Litestar) -> None:
    city = await City().build()
    async with browser_of(app, await make_actor(Role.ORGANISER, city.owner)) as browser:
        for path in ("/desk", f"/desk/programmes/{city.programme.id}"):
            shown = (await browser.get(path)).text
            assert f'href="{city.page(city.visits)}?as_of=2015-09-15"' in shown
        months = (await browser.get(f"/desk/programmes/{city.programme.id}")).text
        assert f'href="{city.page(city.visits)}?as_of=2015-09-15&amp;month=3">21</a>' in months
        listed = (await browser.get(f"{city.page(city.visits)}?as_of=2015-09-15&month=3")).text
        assert "2015年3月已完成21人次，下面的2条加起来就是这个数。" in listed
        assert re.findall(r">(第\d讲)</a>", listed) == ["第0讲", "第1讲"]
        books = (await browser.get(city.page(city.books))).text
        assert "胥江机械厂" in books
        assert "30" in books
        empty = (await browser.get(f"{city.page(city.sessions)}?month=12")).text
        assert "这里还没有可数的" in empty
        assert "第2页" not in empty
        nowhere = (await browser.get(f"{city.page(city.sessions)}?district=")).text
        assert "没有填地点的已完成3场" in nowhere
    async with browser_of(app, await make_actor(Role.ORGANISER, city.district)) as browser:
        seen = (await browser.get(city.page(city.visits))).text
        assert "胥江机械厂" not in seen
        assert "/desk/sessions/0" not in seen
    async with browser_of(app, await make_actor(Role.CONTACT, city.unit)) as browser:
        assert (await browser.get(city.page(city.visits))).status_code == 403


async def test_a_confidential_programme_shows_counts_alone(app: Litestar) -> None:
    city = await City().build(confidential=True)
    async with client_of(app, await make_actor(Role.ORGANISER, city.owner)) as client:
        body = (await client.get(city.api(city.visits))).json()
        assert (body["figure"], {(one["district"], one["place"], one["host"]) for one in body["items"]}) == (
            60,
            {("", "", "")},
        )
        assert (await client.get(city.api(city.visits), params={"district": "吴中区"})).status_code == 422
    async with browser_of(app, await make_actor(Role.ORGANISER, city.owner)) as browser:
        shown = (await browser.get(city.page(city.visits))).text
        for word in ("胥江机械厂", "木渎镇", "吴中区"):
            assert word not in shown
        assert "保密项目只计数" in shown


async def test_progress_of_a_part_of_the_tree(app: Litestar) -> None:
    city = await City().build()
    own = await make_programme(city.district)
    await make_target(own)
    async with client_of(app, await make_actor(Role.ORGANISER, city.owner)) as client:
        path = f"/api/v1/programmes/{city.programme.id}/progress"
        for organisation in ("QU1", str(city.district.id)):
            part = (await client.get(path, params={"organisation": organisation})).json()
            assert [(one["actual"], one["value"]) for one in part["targets"]] == [(3, 50), (33, 10000), (0, 100)]
        whole = (await client.get(path, params={"organisation": str(city.owner.id)})).json()
        assert whole == (await client.get(path)).json()
        year = (await client.get("/api/v1/progress", params={"organisation": "QU1"})).json()
        assert [(one["programme"]["id"], one["targets"][0]["actual"]) for one in year["items"]] == [
            (str(city.programme.id), 3),
            (str(own.id), 0),
        ]
        behind = (await client.get(city.api(city.visits), params={"organisation": "QU1"})).json()
        assert behind["figure"] == 33
    async with client_of(app, await make_actor(Role.ORGANISER, await make_organisation())) as client:
        assert (await client.get("/api/v1/progress", params={"organisation": "QU1"})).status_code == 404
    async with browser_of(app, await make_actor(Role.ORGANISER, city.owner)) as browser:
        shown = (await browser.get(f"/desk/programmes/{city.programme.id}?organisation=QU1")).text
        assert "只看区总工会和下属单位" in shown
        assert f'{city.page(city.visits)}?as_of=2015-09-15&amp;organisation={city.district.id}">33<' in shown


async def test_advice_stands_by_the_chart(app: Litestar) -> None:
    """50 wanted and 5 held by 15 September: 45 in the three and a half months left, counted as four: 12 a month. One
    date has no taker, and 50 of 80 seats of the other one are free."""
    city = await City().build()
    said = "还差45场，已排2场，今年还有4个月，每月要办12场。已发布的场次里，1场可领走的还没有单位领。"
    seats = "每月要有2,485人次。已发布的场次里，1场可领走的还没有单位领，1场还空着50个名额。"
    async with browser_of(app, await make_actor(Role.ORGANISER, city.owner)) as browser:
        page = (await browser.get(f"/desk/programmes/{city.programme.id}")).text
        assert said in page
        assert seats in page  # 10,000 − 60 = 9,940 in four months
        desk = (await browser.get("/desk")).text
        assert (said in desk) or (seats in desk)
        over = (await browser.get(f"/desk/programmes/{city.programme.id}?as_of=2015-12-31")).text
        assert "今年还有" not in over
