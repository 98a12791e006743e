"""Coverage over HTTP: the JSON, the page in both languages, its forms, who may."""

from datetime import date, datetime
from uuid import UUID, uuid4

import httpx
import pytest
from litestar import Litestar

from outreach.accounts.tables import Organisation
from outreach.attendance.tables import Attendee
from outreach.shared import db
from outreach.shared.actors import Role
from outreach.shared.time import ZONE
from tests.factories.accounts import LONG_AGO, browser_of, client_of, make_actor, make_organisation
from tests.factories.bookings import make_headcount
from tests.factories.events import make_event, make_session
from tests.factories.programmes import make_programme, make_year
from tests.support.districts import two_districts
from tests.support.pages import form_token, post_form

pytestmark = pytest.mark.usefixtures("database")

STARTS_AT = datetime(2015, 3, 2, 14, tzinfo=ZONE)


async def make_city() -> tuple[Organisation, Organisation, Organisation]:
    """200 members in 姑苏 with 30 visits of 20 people, 100 in 吴中 with none; ten visits without a name."""
    city = await make_organisation(name="市总工会")
    gusu = await make_organisation(
        parent=city, name="姑苏区总工会", kind="federation", district="姑苏区", member_count=200
    )
    wuzhong = await make_organisation(
        parent=city, name="吴中区总工会", kind="federation", district="吴中区", member_count=100
    )
    event = await make_event(await make_programme(city))
    for people, heads in ((20, 30), (10, 0)):
        session = await make_session(event, state="held", starts_at=STARTS_AT, host=gusu.id)
        if heads:
            await make_headcount(session, on=STARTS_AT.date(), total=heads)
        for number in range(people):
            await Attendee(
                session=session.id, on=STARTS_AT.date(), organisation=gusu.id, identity=f"{number:064x}", present=True,
                name="不该出现的名字", came_by="qr", checked_in_at=STARTS_AT, created_at=LONG_AGO, changed_at=LONG_AGO,
            ).save()  # fmt: skip
    return city, gusu, wuzhong


def fields(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 422, answer.text
    return [one["field"] for one in answer.json()["errors"]]


async def goals() -> dict[int, tuple[float, str]]:
    rows = await db.rows("SELECT year, percent, wording FROM programmes_coverage_goal ORDER BY year")
    return {one["year"]: (one["percent"], one["wording"]) for one in rows}


async def test_the_json_of_coverage(app: Litestar) -> None:
    city, gusu, wuzhong = await make_city()
    async with client_of(app, await make_actor(Role.ORGANISER, city)) as client:
        body = {"goals": [{"year": 2015, "percent": 20, "wording": "达到20%"}, {"year": 2016, "percent": 35.5}]}
        put = await client.put("/api/v1/coverage/goals", json=body)
        assert put.status_code == 200, put.text
        assert put.json() == {
            "items": [
                {
                    "year": year, "percent": percent, "wording": wording, "organisation_id": str(city.id),
                    "organisation_name": "市总工会",
                }
                for year, percent, wording in ((2015, 20, "达到20%"), (2016, 35.5, ""))
            ]
        }  # fmt: skip
        answer = await client.get("/api/v1/coverage", params={"year": 2015, "as_of": "2015-09-15"})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    whole, rows = body.pop("whole"), body.pop("by_organisation")
    assert [one["name"] for one in body.pop("by_district")] == ["姑苏区", "吴中区"]
    assert body == {
        "year": 2015,
        "as_of": "2015-09-15",
        "organisation": {"id": str(city.id), "name": "市总工会"},
        "goal_percent": 20,
        "only_this_system": True,
        "ramp": [
            {"year": 2015, "goal_percent": 20, "visit_percent": 10, "people_percent": 6.7},
            {"year": 2016, "goal_percent": 35.5, "visit_percent": None, "people_percent": None},
        ],
    }
    assert whole == {
        "part": "whole",
        "organisation_id": str(city.id),
        "name": "市总工会",
        "members": 300,
        "visits": 30,
        "people": 20,
        "outside_visits": 0,
        "outside_people": 0,
        "unnamed_visits": 10,
        "visit_percent": 10,
        "people_percent": 6.7,
        "unnamed_percent": 25,
        "visit_goal_percent": 50,
        "people_goal_percent": 33.3,
    }
    assert [(one["organisation_id"], one["visits"], one["visit_percent"]) for one in rows] == [
        (str(gusu.id), 30, 15),
        (str(wuzhong.id), 0, 0),
    ]


async def test_another_day_another_year_and_bad_questions(app: Litestar) -> None:
    city, gusu, _wuzhong = await make_city()
    async with client_of(app, await make_actor(Role.EVALUATOR, city)) as client:

        async def read(**asked: object) -> tuple[int, str, int]:
            body = (await client.get("/api/v1/coverage", params=asked)).json()  # type: ignore[arg-type]
            return body["year"], body["as_of"], body["whole"]["visits"]

        assert await read() == (2015, "2015-09-15", 30)
        assert await read(as_of="2015-03-01") == (2015, "2015-03-01", 0)
        assert await read(year=2014) == (2014, "2014-12-31", 0)
        assert await read(year=2016) == (2016, "2015-09-15", 0)
        assert await read(organisation=str(gusu.id)) == (2015, "2015-09-15", 0)  # none of the district's own
        for bad in ({"as_of": "soon"}, {"as_of": "1900-01-01"}, {"year": 1}, {"organisation": "x"}):
            assert fields(await client.get("/api/v1/coverage", params=bad)) == [next(iter(bad))]


async def test_bad_goals_are_named_and_nothing_is_stored(app: Litestar) -> None:
    city, _gusu, _wuzhong = await make_city()
    async with client_of(app, await make_actor(Role.ORGANISER, city)) as client:
        for body, field in (
            ({"goals": []}, "goals"),
            ({"goals": [{"year": 2015, "percent": 0}]}, "goals.0.percent"),
            ({"goals": [{"year": 2015, "percent": 1000.1}]}, "goals.0.percent"),
            ({"goals": [{"year": 1999, "percent": 20}]}, "goals.0.year"),
            ({"goals": [{"year": 2015, "percent": 20, "wording": "长" * 201}]}, "goals.0.wording"),
            ({"goals": [{"year": 2015, "percent": 20}, {"year": 2015, "percent": 21}]}, "goals"),
            ({"goals": [{"year": 2015, "percent": 20}], "other": 1}, "other"),
        ):
            assert fields(await client.put("/api/v1/coverage/goals", json=body)) == [field]
    assert await goals() == {}


async def test_services_of_another_system_by_json(app: Litestar) -> None:
    city, gusu, _wuzhong = await make_city()
    async with client_of(app, await make_actor(Role.ORGANISER, city)) as client:
        sent = {"organisation_id": str(gusu.id), "on": "2015-06-01", "name": "职工体检", "visits": 50, "people": 40}
        made = await client.post("/api/v1/outside-services", json=sent, headers={"Idempotency-Key": "once"})
        again = await client.post("/api/v1/outside-services", json=sent, headers={"Idempotency-Key": "once"})
        assert (made.status_code, again.json()["id"]) == (201, made.json()["id"])
        assert {name: made.json()[name] for name in sent} == sent
        body = (await client.get("/api/v1/coverage")).json()
        assert (body["only_this_system"], body["whole"]["visit_percent"]) == (False, 26.7)
        listed = (await client.get("/api/v1/outside-services", params={"year": 2015})).json()
        assert ([one["id"] for one in listed["items"]], listed["next"], listed["total"]) == (
            [made.json()["id"]],
            None,
            1,
        )
        assert (await client.get("/api/v1/outside-services", params={"year": 2014})).json()["total"] == 0
        path = f"/api/v1/outside-services/{made.json()['id']}/remove"
        assert fields(await client.post(path, json={"reason": " "})) == ["reason"]
        assert (await client.post(path, json={"reason": "填错了"})).json()["removed"] is True
        assert (await client.post(path, json={"reason": "再来一次"})).status_code == 200
        assert (await client.get("/api/v1/coverage")).json()["only_this_system"] is True
        assert (
            await client.post(f"/api/v1/outside-services/{uuid4()}/remove", json={"reason": "x"})
        ).status_code == 404
        for bad, field in (
            ({"visits": -1}, "visits"),
            ({"visits": 10_000_001}, "visits"),
            ({"people": 51}, "people"),
            ({"on": "2015-09-16"}, "on"),
            ({"name": ""}, "name"),
            ({"organisation_id": "x"}, "organisation_id"),
        ):
            assert fields(await client.post("/api/v1/outside-services", json={**sent, **bad})) == [field]


async def test_a_closed_year_is_a_conflict(app: Litestar) -> None:
    city, _gusu, _wuzhong = await make_city()
    await make_year(city, state="closed")
    async with client_of(app, await make_actor(Role.ORGANISER, city)) as client:
        answer = await client.put("/api/v1/coverage/goals", json={"goals": [{"year": 2015, "percent": 20}]})
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/closed-year")


async def test_the_page_says_its_news_in_both_languages(app: Litestar) -> None:
    city, gusu, _wuzhong = await make_city()
    organiser = await make_actor(Role.ORGANISER, city)
    async with browser_of(app, organiser) as browser:
        bare = (await browser.get("/desk/coverage")).text
        assert "这一年还没有定目标" in bare
        ramp: dict[str, object] = {"first": 2015, "last": 2016, "goal:2015": "20", "goal:2016": "35"}
        await post_form(browser, "/desk/coverage/goals", ramp, page="/desk/coverage")
        shown = (await browser.get("/desk/coverage")).text
        assert "实名服务30人次，是会员数的10%，达到目标20%的50%；按人数是6.7%。最低的是吴中区总工会，0%。" in shown
        assert "截至2015年9月15日（周二），仅本系统" in shown
        assert "2015年离目标20%还差10个百分点" in shown
        assert "覆盖率目标：2015年目标20%，实际10%；2016年目标35%。" in shown
        assert f"/desk/coverage?organisation={gusu.id}" in shown
        assert "不该出现的名字" not in shown
        english = await browser.get("/desk/coverage", params={"lang": "en"})
        assert english.status_code == 200
        assert 'lang="en"' in english.text
        below = (await browser.get("/desk/coverage", params={"organisation": str(gusu.id)})).text
        assert "2015、2016年的目标是市总工会定的" in below


async def test_a_proposal_stores_nothing_until_it_is_saved(app: Litestar) -> None:
    city, _gusu, _wuzhong = await make_city()
    async with browser_of(app, await make_actor(Role.ORGANISER, city)) as browser:
        ramp = {"first": "2015", "last": "2019", "goal:2015": "20", "goal:2019": "80%", "wording": "到2019年提高至80%"}

        async def send(**more: str) -> httpx.Response:
            return await post_form(browser, "/desk/coverage/goals", {**ramp, **more}, page="/desk/coverage")

        proposed = await send(do="line")
        assert proposed.status_code == 200
        for year, percent in ((2015, 20), (2016, 35), (2017, 50), (2018, 65), (2019, 80)):
            assert f'id="goal:{year}" name="goal:{year}" type="text"' in proposed.text
            assert f'value="{percent}"' in proposed.text
        assert "还没有保存" in proposed.text
        assert await goals() == {}
        other = await send(do="years", last="2016")
        assert ("goal:2016" in other.text, "goal:2017" in other.text) == (True, False)
        alone = await send(**{"do": "line", "goal:2019": ""})
        assert alone.status_code == 422
        assert "先填首年和末年的目标" in alone.text
        bad = await send(**{"goal:2017": "很多"})
        assert bad.status_code == 422
        assert 'href="#goal:2017"' in bad.text
        assert 'value="很多"' in bad.text
        assert "到2019年提高至80%" in bad.text
        assert await goals() == {}
        saved = await send(**{"goal:2017": "５０"})
        assert (saved.status_code, saved.headers["location"]) == (303, "/desk/coverage")
        assert await goals() == {2015: (20, ramp["wording"]), 2017: (50, ""), 2019: (80, ramp["wording"])}
        # An empty year has no goal any more.
        await send(**{"goal:2019": ""})
        assert sorted(await goals()) == [2015]


async def test_an_entry_by_form_and_its_removal(app: Litestar) -> None:
    city, gusu, _wuzhong = await make_city()
    async with browser_of(app, await make_actor(Role.ORGANISER, city)) as browser:
        opened = (await browser.get("/desk/coverage")).text
        token = form_token(opened)
        key = opened.split('name="form_key" value="')[1].split('"')[0]
        entry = {
            "organisation_id": str(gusu.id), "on": "2015-06-01", "name": "职工体检", "visits": "50", "people": "",
            "form_key": key, "_csrf_token": token,
        }  # fmt: skip
        for _tap in range(2):
            answer = await browser.post("/desk/coverage/services", data=entry)
            assert (answer.status_code, answer.headers["location"]) == (303, "/desk/coverage")
        assert await db.value("SELECT count(*) FROM programmes_outside_service") == 1
        shown = (await browser.get("/desk/coverage")).text
        assert "职工体检" in shown
        assert "人数覆盖率，不含系统外" in shown
        assert "仅本系统" not in shown.split("<footer")[0].split('class="empty"')[0]
        bad = await browser.post("/desk/coverage/services", data={**entry, "people": "60", "note": "打字还在"})
        assert bad.status_code == 422
        assert "人数不能比人次（50）还多" in bad.text
        assert 'value="打字还在"' in bad.text
        made: UUID = await db.value("SELECT id FROM programmes_outside_service")
        path = f"/desk/coverage/services/{made}/remove"
        refused = await browser.post(path, data={"reason": "", "_csrf_token": token})
        assert refused.status_code == 422
        assert f'id="remove-{made}-e"' in refused.text
        assert (await browser.post(path, data={"reason": "填错了", "_csrf_token": token})).status_code == 303
        assert await db.value("SELECT count(*) FROM programmes_outside_service WHERE removed_at IS NULL") == 0


async def test_rubbish_in_the_forms_is_refused_and_not_a_crash(app: Litestar) -> None:
    city, _gusu, _wuzhong = await make_city()
    async with browser_of(app, await make_actor(Role.ORGANISER, city)) as browser:
        for path in ("/desk/coverage/goals", "/desk/coverage/services"):
            for rubbish in ({}, {"first": "x", "last": "999999"}, {"form_key": "x", "visits": ["1", "x"], "on": "nie"}):
                answer = await post_form(browser, path, rubbish, page="/desk/coverage")  # type: ignore[arg-type]
                assert answer.status_code == 422, (path, rubbish)


async def test_who_reads_and_who_writes(app: Litestar) -> None:
    both = await two_districts()
    city, here, there = both.city, both.here, both.there
    service = {"organisation_id": str(here.union.id), "on": "2015-06-01", "name": "体检", "visits": 5}
    async with client_of(app, here.organiser) as client:
        made = (await client.post("/api/v1/outside-services", json=service)).json()["id"]
    for actor, own, above, foreign, write in (
        (here.organiser, 200, 403, 404, 200),
        (here.evaluator, 200, 403, 404, 403),
        (here.contact, 403, 403, 404, 403),
        (there.organiser, 404, 403, 200, 404),
        (both.organiser, 200, 200, 200, 200),
        (both.administrator, 200, 200, 200, 200),
    ):
        async with client_of(app, actor) as client:
            for place, status in ((here.place, own), (city, above), (there.place, foreign)):
                asked = {"organisation": str(place.id)}
                for path in ("/api/v1/coverage", "/api/v1/outside-services", "/desk/coverage"):
                    assert (await client.get(path, params=asked)).status_code == status, (path, place.name)
            body = {"organisation_id": str(here.place.id), "goals": [{"year": 2015, "percent": 20}]}
            assert (await client.put("/api/v1/coverage/goals", json=body)).status_code == write
            added = await client.post("/api/v1/outside-services", json=service)
            assert added.status_code == (201 if write == 200 else write)
            removal = await client.post(f"/api/v1/outside-services/{made}/remove", json={"reason": "填错了"})
            assert removal.status_code == write
    async with client_of(app, here.contact) as client:
        assert (await client.get("/desk/coverage")).status_code == 403
        assert (await client.get("/api/v1/coverage")).status_code == 403
    async with client_of(app, None) as client:
        assert (await client.get("/api/v1/coverage")).status_code == 401


async def test_who_evaluates_reads_and_finds_no_form(app: Litestar) -> None:
    city, _gusu, _wuzhong = await make_city()
    async with browser_of(app, await make_actor(Role.EVALUATOR, city)) as browser:
        shown = await browser.get("/desk/coverage")
        assert shown.status_code == 200
        assert "/desk/coverage/goals" not in shown.text
        assert "/desk/coverage/services" not in shown.text
        assert date(2015, 9, 15).isoformat() in shown.text
