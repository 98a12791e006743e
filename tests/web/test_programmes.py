"""Programmes over HTTP: JSON, forms, who may do what."""

import re
from datetime import date, datetime
from typing import Any

import httpx
import pytest
from litestar import Litestar

from outreach.accounts.tables import JournalEntry, Organisation
from outreach.programmes.tables import Holiday, Programme, ProgrammeYear, Tally, Target
from outreach.shared.actors import Role
from outreach.shared.time import ZONE
from tests.factories.accounts import browser_of, client_of, make_actor, make_organisation
from tests.factories.programmes import make_programme, make_tally, make_target, make_year
from tests.support.clock import FixedClock
from tests.support.pages import post_form

pytestmark = pytest.mark.usefixtures("database")

PROGRAMME: dict[str, Any] = {
    "year": 2015,
    "code": "psychology",
    "name": "职工心理健康促进计划",
    "scheduled": True,
    "kinds": ["讲座"],
    "targets": [
        {
            "key": "lectures",
            "metric": "sessions",
            "unit": "场",
            "bound": "about",
            "value": 50,
            "counting": "flow",
            "wording": "组织50场左右的讲座",
        }
    ],
}


async def make_tree() -> tuple[Organisation, Organisation, Organisation]:
    """A federation, a union below it, and somebody else's federation."""
    federation = await make_organisation()
    return federation, await make_organisation(parent=federation), await make_organisation()


def fields(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 422, answer.text
    return [one["field"] for one in answer.json()["errors"]]


async def test_a_programme_is_made_read_and_changed(app: Litestar) -> None:
    federation, _union, _foreign = await make_tree()
    actor = await make_actor(Role.ORGANISER, federation)
    async with client_of(app, actor) as client:
        made = await client.post("/api/v1/programmes", json=PROGRAMME)
        assert made.status_code == 201
        body = made.json()
        target = body["targets"][0]
        assert {name: target[name] for name in ("key", "value", "tolerance_percent", "wording", "counting")} == {
            "key": "lectures",
            "value": 50,
            "tolerance_percent": 10.0,
            "wording": "组织50场左右的讲座",
            "counting": "flow",
        }
        assert (body["mark"], body["short_name"], body["position"]) == ("心", "心理健康", 1)
        path = f"/api/v1/programmes/{body['id']}"
        assert made.headers["location"] == path
        read = await client.get(path)
        assert read.json() == body
        tag = read.headers["etag"]
        more = [{**PROGRAMME["targets"][0], "value": 60}, {**PROGRAMME["targets"][0], "key": "more", "bound": "plain"}]
        changed = await client.patch(path, json={"name": "心理讲座", "targets": more}, headers={"If-Match": tag})
        assert changed.status_code == 200
        assert (changed.json()["name"], changed.json()["kinds"]) == ("心理讲座", ["讲座"])
        assert [(one["key"], one["value"], one["id"] == target["id"]) for one in changed.json()["targets"]] == [
            ("lectures", 60, True),
            ("more", 50, False),
        ]
        stale = await client.patch(path, json={"name": "又改"}, headers={"If-Match": tag})
        assert stale.status_code == 412
        listed = (await client.get("/api/v1/programmes", params={"year": 2015})).json()
        assert (listed["total"], listed["next"], [one["id"] for one in listed["items"]]) == (1, None, [body["id"]])
        assert (await client.get("/api/v1/programmes", params={"year": 2016})).json()["items"] == []
    actions = [one["action"] for one in await JournalEntry.select(JournalEntry.action).order_by(JournalEntry.id)]
    assert actions == ["programme.created", "programme.changed"]


async def test_the_list_comes_in_pages(app: Litestar) -> None:
    federation, _union, _foreign = await make_tree()
    ids = [str((await make_programme(federation, position=number)).id) for number in (1, 2, 3)]
    older = await make_programme(federation, year=2014)
    async with client_of(app, await make_actor(Role.CONTACT, federation)) as client:
        first = (await client.get("/api/v1/programmes", params={"limit": 2})).json()
        second = (await client.get("/api/v1/programmes", params={"limit": 2, "after": first["next"]})).json()
        assert [one["id"] for one in first["items"] + second["items"]] == [*ids, str(older.id)]
        assert (first["total"], second["next"]) == (4, None)
        for bad in ({"limit": 0}, {"limit": 201}, {"after": "x"}, {"year": "abc"}, {"year": 1999}):
            assert fields(await client.get("/api/v1/programmes", params=bad)) == list(bad)


async def test_who_knows_which_programmes(app: Litestar) -> None:
    federation, union, foreign = await make_tree()
    theirs, own, below = [await make_programme(one) for one in (foreign, federation, union)]
    async with client_of(app, None) as client:
        assert (await client.get("/api/v1/programmes")).status_code == 401
        assert (await client.get(f"/api/v1/programmes/{own.id}")).status_code == 401
    for role, organisation in (
        (Role.CONTACT, union),
        (Role.EVALUATOR, federation),
        (Role.ORGANISER, federation),
        (Role.PROVIDER, union),
    ):
        async with client_of(app, await make_actor(role, organisation)) as client:
            listed = (await client.get("/api/v1/programmes")).json()
            assert {one["id"] for one in listed["items"]} == {str(own.id), str(below.id)}
            assert (await client.get(f"/api/v1/programmes/{own.id}")).status_code == 200
            for path in (f"/api/v1/programmes/{theirs.id}", "/api/v1/programmes/none"):
                assert (await client.get(path)).status_code == 404
    async with client_of(app, await make_actor(Role.ADMINISTRATOR, None)) as client:
        assert (await client.get("/api/v1/programmes")).json()["total"] == 3


@pytest.mark.parametrize("role", [Role.CONTACT, Role.EVALUATOR, Role.PROVIDER])
async def test_only_organisers_write(app: Litestar, role: Role) -> None:
    federation, _union, _foreign = await make_tree()
    programme = await make_programme(federation)
    target = await make_target(programme, metric="tally", key="books")
    async with client_of(app, await make_actor(role, federation)) as client:
        path = f"/api/v1/programmes/{programme.id}"
        tally = {"target_id": str(target.id), "on": "2015-05-01", "quantity": 1}
        assert (await client.post("/api/v1/programmes", json=PROGRAMME)).status_code == 403
        assert (await client.patch(path, json={"name": "x"})).status_code == 403
        assert (await client.post(f"{path}/tallies", json=tally)).status_code == 403
    assert (await Programme.count(), await Tally.count()) == (1, 0)


async def test_an_organiser_below_and_a_foreign_one(app: Litestar) -> None:
    federation, union, foreign = await make_tree()
    programme = await make_programme(federation)
    path = f"/api/v1/programmes/{programme.id}"
    for organisation, status in ((union, 403), (foreign, 404)):
        async with client_of(app, await make_actor(Role.ORGANISER, organisation)) as client:
            assert (await client.patch(path, json={"name": "x"})).status_code == status
            other = await client.post("/api/v1/programmes", json={**PROGRAMME, "organisation_id": str(federation.id)})
            assert other.status_code == (403 if status == 403 else 422)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"year": 1900}, ["year"]),
        ({"code": "送"}, ["code"]),
        ({"code": ""}, ["code"]),
        ({"name": "长" * 100_000}, ["name"]),
        ({"name": "a\u0000b"}, ["name"]),
        ({"colour": "red"}, ["colour"]),
        ({"quarter_shares": [50, 50]}, ["quarter_shares"]),
        ({"budget_yuan": -1}, ["budget_yuan"]),
        ({"budget_yuan": 10**30}, ["budget_yuan"]),
        ({"organisation_id": "nobody"}, ["organisation_id"]),
        ({"targets": [{**PROGRAMME["targets"][0], "bound": "around"}]}, ["targets.0.bound"]),
        ({"targets": [{**PROGRAMME["targets"][0], "value": -1}]}, ["targets.0.value"]),
        ({"targets": PROGRAMME["targets"] * 2}, ["targets.1.key"]),
        ({"targets": [{**PROGRAMME["targets"][0], "kinds": ["演出"]}]}, ["targets.0.kinds"]),
    ],
)
async def test_bad_programmes_are_refused_by_field(app: Litestar, change: dict[str, Any], named: list[str]) -> None:
    federation, _union, _foreign = await make_tree()
    async with client_of(app, await make_actor(Role.ORGANISER, federation)) as client:
        assert fields(await client.post("/api/v1/programmes", json={**PROGRAMME, **change})) == named
    assert (await Programme.count(), await ProgrammeYear.count()) == (0, 0)


async def test_a_code_is_taken_once(app: Litestar) -> None:
    federation, _union, _foreign = await make_tree()
    async with client_of(app, await make_actor(Role.ORGANISER, federation)) as client:
        assert (await client.post("/api/v1/programmes", json=PROGRAMME)).status_code == 201
        assert fields(await client.post("/api/v1/programmes", json=PROGRAMME)) == ["code"]
        assert (await client.post("/api/v1/programmes", json={**PROGRAMME, "year": 2016})).status_code == 201


async def test_tallies(app: Litestar) -> None:
    federation, _union, _foreign = await make_tree()
    programme = await make_programme(federation)
    target = await make_target(programme, metric="tally", key="books", unit="本")
    await make_target(programme, key="lectures")
    actor = await make_actor(Role.ORGANISER, federation)
    path = f"/api/v1/programmes/{programme.id}/tallies"
    good = {"target_id": str(target.id), "on": "2015-05-01", "quantity": 120, "receiver": "吴中区总工会"}
    async with client_of(app, actor) as client:
        made = await client.post(path, json=good)
        assert made.status_code == 201
        assert (made.json()["quantity"], made.json()["entered_by"]) == (120, actor.name)
        by_key = await client.post(path, json={**good, "target_id": "books", "on": "2015-06-01"})
        assert by_key.json()["target_id"] == str(target.id)
        listed = (await client.get(path)).json()
        assert (listed["total"], [one["on"] for one in listed["items"]]) == (2, ["2015-06-01", "2015-05-01"])
        for change, named in (
            ({"target_id": "lectures"}, "target_id"),
            ({"target_id": "none"}, "target_id"),
            ({"quantity": -1}, "quantity"),
            ({"quantity": 1.5}, "quantity"),
            ({"quantity": 1e10}, "quantity"),
            ({"on": "2014-12-31"}, "on"),
            ({"on": "2015-09-16"}, "on"),
            ({"on": "9999-01-01"}, "on"),
            ({"on": "May"}, "on"),
            ({"session_id": str(target.id)}, "session_id"),
            ({"note": "x" * 401}, "note"),
            ({"by": "me"}, "by"),
        ):
            assert fields(await client.post(path, json={**good, **change})) == [named], change
    assert await Tally.count() == 2


async def test_a_closed_year_takes_nothing(app: Litestar) -> None:
    federation, _union, _foreign = await make_tree()
    programme = await make_programme(federation)
    await make_year(federation, state="closed")
    target = await make_target(programme, metric="tally", key="books")
    async with client_of(app, await make_actor(Role.ORGANISER, federation)) as client:
        path = f"/api/v1/programmes/{programme.id}"
        tally = {"target_id": str(target.id), "on": "2015-05-01", "quantity": 1}
        for answer in (
            await client.post(f"{path}/tallies", json=tally),
            await client.patch(path, json={"name": "x"}),
            await client.post("/api/v1/programmes", json=PROGRAMME),
        ):
            assert (answer.status_code, answer.json()["type"]) == (409, "/problems/closed-year")
    assert await Tally.count() == 0


async def test_a_programme_by_its_form(app: Litestar) -> None:
    federation, _union, _foreign = await make_tree()
    async with browser_of(app, await make_actor(Role.ORGANISER, federation)) as browser:
        form: dict[str, object] = {
            "name": "送文化",
            "code": "culture",
            "scheduled": "on",
            "kinds": "演出、戏曲",
            "quarter_shares": "30/30/30/10",
        }
        made = await post_form(browser, "/desk/programmes/new?year=2015", form)
        assert made.status_code == 303
        programme = await Programme.objects().get(Programme.code == "culture")
        assert programme is not None
        assert (programme.kinds, programme.quarter_shares, programme.mark) == (["演出", "戏曲"], [30, 30, 30, 10], "文")
        edit = made.headers["location"]
        target: dict[str, object] = {"key": "shows", "metric": "sessions", "bound": "more_than", "value": "150",
                  "unit": "场次", "counting": "flow", "basis": "all",
                  "tolerance_percent": "10", "kinds": "演出"}  # fmt: skip
        added = await post_form(browser, f"/desk/programmes/{programme.id}/targets/new", target)
        assert added.headers["location"] == edit
        shown = await browser.get(edit)
        assert "超过150场次" in shown.text
        assert 'value="30/30/30/10"' in shown.text
        bad = await post_form(browser, edit, {**form, "name": "", "quarter_shares": "1/2", "revision": "2"})
        assert bad.status_code == 422
        assert "有1处要改" in bad.text  # the fields first, what contradicts itself after
        wrong = await post_form(browser, edit, {**form, "quarter_shares": "1/2", "revision": "2"})
        assert "四个季度的百分比" in wrong.text
        stale = await post_form(browser, edit, {**form, "revision": "1"})
        assert stale.status_code == 412
        assert "刚被别人改过" in stale.text
        saved = await post_form(browser, edit, {**form, "name": "送文化进基层", "revision": "2"})
        assert saved.headers["location"] == f"/desk/programmes/{programme.id}"
        page = await browser.get(saved.headers["location"])
        assert "送文化进基层" in page.text
        listed = await browser.get("/desk/programmes?year=2015")
        assert "超过150场次" in listed.text


async def test_a_target_needs_neither_code_nor_unit(app: Litestar) -> None:
    federation, _union, _foreign = await make_tree()
    programme = await make_programme(federation, kinds=["讲座"])
    await make_year(federation)
    new = f"/desk/programmes/{programme.id}/targets/new"
    given: dict[str, object] = {"bound": "at_least", "value": "50", "counting": "flow", "basis": "all", "key": "",
                                "unit": ""}  # fmt: skip
    async with browser_of(app, await make_actor(Role.ORGANISER, federation)) as browser:
        for more in (
            {"metric": "sessions"},
            {"metric": "visits"},
            {"metric": "visits", "basis": "workers"},
            {"metric": "sessions", "label": "心理讲座"},
            {"metric": "sessions", "label": "夜场", "unit": "场次"},
            {"metric": "people", "label": "EAP 热线"},
            {"metric": "courses"},
            {"metric": "lecturers"},
            {"metric": "tally", "unit": "本", "label": "自助手册"},
        ):
            assert (await post_form(browser, new, {**given, **more})).status_code == 303
        bare = await post_form(browser, new, {**given, "metric": "tally"})
        assert (bare.status_code, "有1处要改" in bare.text, 'id="e-unit"' in bare.text) == (422, True, True)
        targets = await Target.objects().order_by(Target.position)
        assert [(one.key, one.unit) for one in targets] == [
            ("sessions", "场"),
            ("visits", "人次"),
            ("worker-visits", "人次"),
            ("psychology", "场"),
            ("sessions-2", "场次"),
            ("eap", "人"),
            ("courses", "门"),
            ("lecturers", "名"),
            ("figure", "本"),
        ]
        first, _visits, _workers, _label, own = targets[:5]
        edit = f"/desk/programmes/{programme.id}/targets/"
        for one in (first, own):  # the unit is left as the form showed it, under another metric
            changed = {**given, "metric": "courses", "unit": one.unit}
            assert (await post_form(browser, f"{edit}{one.id}", changed)).status_code == 303
        kept = await Target.objects().where(Target.id.is_in([first.id, own.id])).order_by(Target.position)
        assert [(one.key, one.unit) for one in kept] == [("sessions", "门"), ("sessions-2", "场次")]
        listed = (await browser.get(f"/desk/programmes/{programme.id}/edit")).text
        assert ("：职工人次</span>" in listed, "：worker-visits" in listed) == (True, False)


async def test_from_october_on_the_next_year_is_copied_from_this_one(app: Litestar, clock: FixedClock) -> None:
    federation, union, _foreign = await make_tree()
    await make_programme(federation)
    await make_programme(union, code="reading")
    await make_year(union)
    of_union = f"/desk/years/2015/copy?organisation={union.id}"
    async with browser_of(app, await make_actor(Role.ORGANISER, union)) as browser:
        september = (await browser.get("/desk/programmes")).text
        clock.moment = datetime(2015, 10, 1, 0, 5, tzinfo=ZONE)
        october = (await browser.get("/desk/programmes")).text
        earlier = (await browser.get("/desk/programmes?year=2014")).text
        empty = (await browser.get("/desk/programmes?year=2016")).text
        await make_programme(union, code="reading", year=2016)
        begun = (await browser.get("/desk/programmes?year=2016")).text
        copying = await browser.get(of_union)
    links = [re.findall(r'"(/desk/years/[^"]*)"', one) for one in (september, october, earlier, empty, begun)]
    assert links == [[], [of_union], [], [of_union], []]  # the federation's is not the union's to copy
    assert ("year=2016" in september, 'href="/desk/programmes?year=2016"' in october) == (False, True)
    assert (copying.status_code, "复制到2016年" in copying.text) == (200, True)


async def test_a_target_with_entries_stays(app: Litestar) -> None:
    federation, _union, _foreign = await make_tree()
    programme = await make_programme(federation)
    await make_year(federation)
    target = await make_target(programme, metric="tally", key="books", unit="本")
    tally = await make_tally(target)
    path = f"/desk/programmes/{programme.id}/targets/{target.id}"
    async with browser_of(app, await make_actor(Role.ORGANISER, federation)) as browser:
        kept = await post_form(browser, f"{path}/remove", {"reason": "写错了"}, page=path)
        assert (kept.status_code, await Target.count()) == (409, 1)
        assert "已经有填报" in kept.text or "有填报的数字" in kept.text
        no_reason = await post_form(browser, f"/desk/tallies/{tally.id}/remove", {"reason": ""}, page="/desk/tallies")
        assert (no_reason.status_code, await Tally.count()) == (422, 1)
        gone = await post_form(
            browser, f"/desk/tallies/{tally.id}/remove", {"reason": "多填一个零"}, page="/desk/tallies"
        )
        assert (gone.status_code, await Tally.count()) == (303, 0)
        removed = await post_form(browser, f"{path}/remove", {"reason": "写错了"}, page=path)
        assert (removed.status_code, await Target.count()) == (303, 0)
    noted = await JournalEntry.select(JournalEntry.action, JournalEntry.reason).order_by(JournalEntry.id)
    assert [tuple(one.values()) for one in noted] == [("tally.removed", "多填一个零"), ("target.removed", "写错了")]


async def test_a_tally_by_its_form(app: Litestar) -> None:
    federation, _union, _foreign = await make_tree()
    programme = await make_programme(federation)
    await make_year(federation)
    target = await make_target(programme, metric="tally", key="books", unit="本", label="手册")
    async with browser_of(app, await make_actor(Role.ORGANISER, federation)) as browser:
        form: dict[str, object] = {
            "target_id": str(target.id),
            "on": "2015-09-01",
            "quantity": "350",
            "receiver": "昆山市",
        }
        refused = await post_form(browser, "/desk/tallies", {**form, "quantity": "很多"})
        assert refused.status_code == 422
        assert 'value="昆山市"' in refused.text
        made = await post_form(browser, "/desk/tallies", form)
        assert made.status_code == 303
        shown = await browser.get("/desk/tallies")
        assert "350本" in shown.text


async def test_the_notice_and_the_release(app: Litestar) -> None:
    federation, union, _foreign = await make_tree()
    page = "/desk/programmes/years/2015"
    async with browser_of(app, await make_actor(Role.ORGANISER, federation)) as browser:
        saved = await post_form(browser, page, {"title": "2015年实事项目", "document": "〔2015〕2号"})
        assert saved.status_code == 303
        for bad in ("2015-09-16", "2014-12-31"):
            refused = await post_form(browser, f"{page}/release", {"as_of": bad}, page=page)
            assert refused.status_code == 422
        released = await post_form(browser, f"{page}/release", {"as_of": "2015-08-31"}, page=page)
        assert released.status_code == 303
        year = await ProgrammeYear.objects().first()
        assert year is not None
        assert (year.document, year.released_as_of) == ("〔2015〕2号", date(2015, 8, 31))
        await post_form(browser, f"{page}/release", {"as_of": ""}, page=page)
        year = await ProgrammeYear.objects().first()
        assert year is not None
        assert year.released_as_of is None
        assert (await browser.get("/desk/programmes/years/1812")).status_code == 404
    async with browser_of(app, await make_actor(Role.ORGANISER, union)) as browser:
        assert (await browser.get(f"{page}?organisation={federation.id}")).status_code == 404


async def test_holidays_are_seeded_and_edited_and_a_missing_year_only_warns(app: Litestar) -> None:
    federation, _union, _foreign = await make_tree()
    async with browser_of(app, await make_actor(Role.ORGANISER, federation)) as browser:
        assert "放假安排还没有填" in (await browser.get("/desk/holidays?year=2015")).text
        seeded = await post_form(browser, "/desk/holidays/seed", {"year": "2015"}, page="/desk/holidays")
        assert seeded.headers["location"] == "/desk/holidays?year=2015"
        days = {one.on: (one.kind, one.name) for one in await Holiday.objects()}
        assert (days[date(2015, 10, 1)], days[date(2015, 10, 10)]) == (("off", "国庆节"), ("work", "国庆节"))
        shown = await browser.get("/desk/holidays?year=2015")
        assert "放假安排还没有填" not in shown.text
        unknown = await post_form(browser, "/desk/holidays/seed", {"year": "2099"}, page="/desk/holidays")
        assert unknown.status_code == 303
        added = await post_form(browser, "/desk/holidays", {"on": "2099-10-01", "kind": "off", "name": "国庆节"})
        assert added.headers["location"] == "/desk/holidays?year=2099"
        bad = await post_form(browser, "/desk/holidays", {"on": "1066-10-14", "kind": "feast"})
        assert bad.status_code == 422
        day = await Holiday.objects().get(Holiday.on == date(2099, 10, 1))
        assert day is not None
        await post_form(browser, f"/desk/holidays/{day.id}/remove", {}, page="/desk/holidays?year=2099")
        assert await Holiday.objects().get(Holiday.on == date(2099, 10, 1)) is None


@pytest.mark.parametrize(
    "path", ["/desk/programmes", "/desk/tallies", "/desk/holidays", "/desk/programmes/new", "/desk"]
)
async def test_staff_pages_are_for_staff(app: Litestar, path: str) -> None:
    federation, _union, _foreign = await make_tree()
    async with browser_of(app, None) as browser:
        assert (await browser.get(path)).headers["location"].startswith("/login?next=")
    async with browser_of(app, await make_actor(Role.CONTACT, federation)) as browser:
        assert (await browser.get(path)).status_code == 403
    async with browser_of(app, await make_actor(Role.ORGANISER, federation)) as browser:
        assert (await browser.get(path)).status_code == 200


async def test_a_promise_over_several_years_and_one_of_nothing(app: Litestar) -> None:
    federation, _union, _foreign = await make_tree()
    programme = await make_programme(federation)
    actor = await make_actor(Role.ORGANISER, federation)
    new = f"/desk/programmes/{programme.id}/targets/new"
    form: dict[str, object] = {
        "key": "rate", "metric": "tally", "bound": "plain", "value": "20", "unit": "%", "counting": "level",
        "basis": "all", "values": "2019年=80；2015=20.5",
    }  # fmt: skip
    async with browser_of(app, actor) as browser:
        for typed, words in (
            ({"values": "2015"}, "请写成“2015=20，2019=80”"),
            ({"values": "2015=20，2015=30"}, "请写成“2015=20，2019=80”"),
            ({"values": "2016=20"}, "各年的数值里没有2015年"),
            ({}, "各年的数值里2015年是20.5"),
            ({"values": "", "value": "0"}, "大于0"),
        ):
            refused = await post_form(browser, new, {**form, **typed})
            assert (refused.status_code, words, words in refused.text) == (422, words, True)
        assert (await post_form(browser, new, {**form, "value": "20.5"})).status_code == 303
        target = await Target.objects().first()
        assert target is not None
        page = await browser.get(f"/desk/programmes/{programme.id}/targets/{target.id}")
        assert 'value="2015=20.5，2019=80"' in page.text
    async with client_of(app, actor) as client:
        path = f"/api/v1/programmes/{programme.id}"
        body = (await client.get(path)).json()
        assert body["targets"][0]["values"] == {"2015": 20.5, "2019": 80}
        again = {name: value for name, value in body["targets"][0].items() if name != "id"}
        changed = await client.patch(path, json={"targets": [{**again, "value": 30, "values": {"2015": 30}}]})
        assert (changed.status_code, changed.json()["targets"][0]["values"]) == (200, {"2015": 30})
        for wrong, field in (
            ({"value": 0, "values": {}}, "targets.0.value"),
            ({"value": 5}, "targets.0.value"),
            ({"values": {"2016": 5}}, "targets.0.values"),
            ({"values": {"1": 5}}, "targets"),
        ):
            refused = await client.patch(path, json={"targets": [{**again, **wrong}]})
            assert refused.status_code == 422
            assert refused.json()["errors"][0]["field"].startswith(field)
