"""Long reports on pages and as JSON."""

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

import httpx
import pytest
from litestar import Litestar

from outreach.accounts.tables import Organisation
from outreach.reports.jobs import running, working
from outreach.reports.jobs.domain import progress
from outreach.reports.jobs.storing import forget_jobs
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from outreach.shared.ids import new_id
from tests.factories.accounts import browser_of, client_of, make_actor, make_organisation
from tests.factories.bookings import make_headcount
from tests.factories.events import STARTS_AT, make_event, make_session
from tests.factories.programmes import make_programme, make_target, make_year
from tests.support.pages import post_form

PATH = "/api/v1/report-jobs"
PAGES = "/desk/reports/jobs"
BODY: dict[str, Any] = {"kind": "csv", "year": 2015, "as_of": "2015-09-15"}


class World:
    """A federation with one programme and one held session."""

    root: Organisation
    organiser: Actor
    evaluator: Actor
    stranger: Actor


@pytest.fixture
async def world(database: None) -> World:
    made = World()
    made.root = await make_organisation(name="市总工会", code="CITY")
    made.organiser = await make_actor(Role.ORGANISER, made.root)
    made.evaluator = await make_actor(Role.EVALUATOR, made.root)
    made.stranger = await make_actor(Role.ORGANISER, await make_organisation(name="别市总工会"))
    await make_year(made.root)
    programme = await make_programme(made.root, code="mind", name="职工心理健康")
    await make_target(programme)
    held = await make_session(await make_event(programme), state="held", starts_at=STARTS_AT - timedelta(days=30))
    await make_headcount(held, on=held.starts_at.date(), total=80)
    return made


async def asked(client: httpx.AsyncClient, **given: Any) -> dict[str, Any]:
    answer = await client.post(PATH, json={**BODY, **given})
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"{PATH}/{answer.json()['id']}"
    return dict(answer.json())


# --- JSON -------------------------------------------------------------------------------------------------------------


async def test_a_program_asks_looks_and_downloads(app: Litestar, world: World) -> None:
    async with client_of(app, world.evaluator) as client:
        job = await asked(client)
        await running.settled()
        done = (await client.get(f"{PATH}/{job['id']}")).json()
        file = await client.get(done["file"])
        direct = await client.get("/reports/2015.csv", params={"as_of": "2015-09-15"})

    assert (job["state"], job["file"], job["snapshot_id"]) == ("waiting", None, None)
    assert job["organisation"]["code"] == "CITY"
    assert (done["state"], done["percent"], done["failure"]) == ("done", 100, None)
    assert done["asked_at"] == "2015-09-15T09:00:00+08:00"
    assert done["kept_until"].startswith("2015-10-15T")
    assert file.content == direct.content
    assert len(file.content) == done["size_bytes"]
    assert file.headers["content-type"].startswith("text/csv")
    assert "report-2015.csv" in file.headers["content-disposition"]
    assert file.headers["cache-control"] == "private, no-store"


async def test_a_repeated_request_is_one_job_and_begins_after_its_commit(app: Litestar, world: World) -> None:
    async with client_of(app, world.organiser) as client:
        answers = [await client.post(PATH, json=BODY, headers={"Idempotency-Key": "once"}) for _ in range(3)]
        await running.settled()
        done = (await client.get(f"{PATH}/{answers[0].json()['id']}")).json()

    assert {answer.text for answer in answers} == {answers[0].text}
    assert done["state"] == "done"
    assert await db.value("SELECT count(*) FROM reports_job") == 1


async def test_ids_of_others_answer_404_and_contacts_are_refused(app: Litestar, world: World) -> None:
    async with client_of(app, world.organiser) as client:
        job = await asked(client)
        await running.close()
        unready = await client.get(f"{PATH}/{job['id']}/file")
        nobody = [(await client.get(f"{PATH}/{one}")).status_code for one in (new_id(), "x")]
    async with client_of(app, world.stranger) as client:
        foreign = [
            (await client.get(f"{PATH}/{job['id']}")).status_code,
            (await client.get(f"{PATH}/{job['id']}/file")).status_code,
            (await client.post(f"{PATH}/{job['id']}/cancel")).status_code,
            (await client.post(f"{PATH}/{job['id']}/retry")).status_code,
        ]
        other = await client.post(PATH, json={**BODY, "organisation": "CITY"})
    async with client_of(app, world.evaluator) as client:
        others_job = (await client.post(f"{PATH}/{job['id']}/cancel")).status_code
        fixing = (await client.post(PATH, json={**BODY, "kind": "fix"})).status_code
    async with client_of(app, await make_actor(Role.CONTACT, world.root)) as client:
        contact = (await client.post(PATH, json=BODY)).status_code
    async with client_of(app, None) as client:
        anonymous = (await client.post(PATH, json=BODY)).status_code

    assert (unready.status_code, unready.json()["type"]) == (409, "/problems/report-job-not-done")
    assert nobody == [404, 404]
    assert foreign == [404, 404, 404, 404]
    assert (other.status_code, other.json()["errors"][0]["field"]) == (422, "organisation")
    assert (others_job, fixing, contact, anonymous) == (403, 403, 403, 401)


async def test_called_off_and_tried_again(app: Litestar, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_args: Any, **_given: Any) -> bytes:
        raise ValueError

    async with client_of(app, world.organiser) as client:
        with monkeypatch.context() as patched:
            patched.setattr(working, "document_of", broken)
            job = await asked(client)
            await running.settled()
        failed = (await client.get(f"{PATH}/{job['id']}")).json()
        again = (await client.post(f"{PATH}/{job['id']}/retry")).json()
        await running.settled()
        done = (await client.get(f"{PATH}/{job['id']}")).json()
        late = await client.post(f"{PATH}/{job['id']}/cancel")

    assert (failed["state"], failed["failure"]["type"]) == ("failed", "/problems/internal")
    assert failed["failure"]["title"] == "程序出错了"
    assert (again["state"], again["failure"], done["state"]) == ("waiting", None, "done")
    assert (late.status_code, late.json()["type"]) == (409, "/problems/report-job-state")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"kind": "doc"}, "kind"),
        ({"year": 1999}, "year"),
        ({"year": 2101}, "year"),
        ({"as_of": "2014-12-31"}, "as_of"),
        ({"as_of": "heute"}, "as_of"),
        ({"programme": "nothing"}, "programme"),
        ({"period": "2015-13"}, "period"),
        ({"period": "2014-Q1"}, "period"),
        ({"note": "x" * 401}, "note"),
        ({"more": 1}, "more"),
    ],
)
async def test_bad_fields_are_named(app: Litestar, world: World, given: dict[str, Any], field: str) -> None:
    async with client_of(app, world.organiser) as client:
        answer = await client.post(PATH, json={**BODY, **given})

    assert (answer.status_code, [one["field"] for one in answer.json()["errors"]]) == (422, [field])
    assert await db.value("SELECT count(*) FROM reports_job") == 0


# --- pages ------------------------------------------------------------------------------------------------------------


async def test_a_long_report_leads_a_person_to_the_button_and_a_program_waits(
    app: Litestar, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "DIRECT_SECONDS", 0.0)
    query = {"as_of": "2015-09-15", "organisation": "CITY"}
    async with client_of(app, world.organiser) as client:
        program = await client.get("/reports/2015.pdf", params=query)
    async with browser_of(app, world.organiser) as browser:
        led = await browser.get("/reports/2015.pdf", params=query)
        opened = await browser.get(led.headers["location"])
        begun = await post_form(
            browser, PAGES, {"kind": "pdf", "form": "full", "year": "2015", **query}, page=led.headers["location"]
        )
        watched = await browser.get(begun.headers["location"])
        await running.settled()
        done = await browser.get(begun.headers["location"])
        file = await browser.get(f"{begun.headers['location']}/file")
        listed = await browser.get(PAGES)

    assert program.content.startswith(b"%PDF-")
    assert led.status_code == 303
    assert led.headers["location"].startswith(f"{PAGES}/new?year=2015&kind=pdf&")
    assert 'value="CITY"' in opened.text
    assert (begun.status_code, watched.status_code) == (303, 200)
    assert 'hx-trigger="every 2s"' in watched.text
    assert '<noscript><meta http-equiv="refresh"' in watched.text
    assert "<progress" in watched.text
    assert "hx-trigger" not in done.text
    assert "下载报告" in done.text
    assert file.content == program.content
    assert begun.headers["location"] in listed.text


async def test_one_that_fails_says_why_and_has_the_button(
    app: Litestar, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_args: Any, **_given: Any) -> bytes:
        raise ValueError("<secret>")

    async with browser_of(app, world.organiser) as browser:
        with monkeypatch.context() as patched:
            patched.setattr(working, "document_of", broken)
            begun = await post_form(browser, PAGES, {"kind": "csv", "year": "2015"}, page=f"{PAGES}/new?year=2015")
            await running.settled()
        where = begun.headers["location"]
        failed = await browser.get(where)
        again = await post_form(browser, f"{where}/again", {}, page=where)
        await running.settled()
        done = await browser.get(where)
        late = await post_form(browser, f"{where}/cancel", {}, page=f"{PAGES}/new?year=2015")

    assert "程序出错了" in failed.text
    assert "secret" not in failed.text
    assert "再试一次" in failed.text
    assert again.status_code == 303
    assert "下载报告" in done.text
    assert late.status_code == 409
    assert "这份报告现在不能这样办" in late.text


async def test_a_file_past_its_time_says_so_and_leads_to_the_same_again(app: Litestar, world: World) -> None:
    async with client_of(app, world.organiser) as client:
        job = await asked(client)
        await running.settled()
        where = f"{PAGES}/{job['id']}"
        home = app.state.settings.home
        await forget_jobs(datetime(2015, 10, 15, 2, tzinfo=UTC), home=home)
        answer = (await client.get(f"{PATH}/{job['id']}")).json()
        file = await client.get(f"{PATH}/{job['id']}/file")
    async with browser_of(app, world.organiser) as browser:
        shown = await browser.get(where)
        listed = await browser.get(PAGES)
        link = re.search(rf'href="({PAGES}/new[^"]+)"', shown.text)
        assert link is not None
        again = await browser.get(unescape(link[1]))

    assert (answer["state"], answer["file"], answer["kept_until"][:10]) == ("done", None, "2015-10-15")
    assert (file.status_code, file.json()["type"]) == (404, "/problems/report-job-file-gone")
    assert "只留30天" in file.json()["detail"]
    assert "到期已自动删去" in shown.text
    assert "文件已经删去" in listed.text
    assert again.status_code == 200
    assert 'value="2015-09-15"' in again.text


async def test_in_an_empty_installation_there_is_nothing_to_make_and_the_pages_say_so(
    app: Litestar, database: None
) -> None:
    administrator = await make_actor(Role.ADMINISTRATOR, None)
    async with browser_of(app, administrator) as browser:
        pages = {
            path: await browser.get(path) for path in (PAGES, f"{PAGES}/new", "/desk/reports/fixed", "/desk/years")
        }
    async with client_of(app, administrator) as client:
        job = await client.post(PATH, json=BODY)
        year = await client.get("/api/v1/years/2015")

    assert {path: answer.status_code for path, answer in pages.items()} == dict.fromkeys(pages, 200)
    assert "还没有后台做的报告" in pages[PAGES].text
    assert "还没有定过稿" in pages["/desk/reports/fixed"].text
    assert "还没有年度" in pages["/desk/years"].text
    assert (job.status_code, job.json()["type"]) == (404, "/problems/no-programmes")
    assert year.status_code == 404


async def test_a_bad_form_is_shown_again_with_what_was_typed(app: Litestar, world: World) -> None:
    async with browser_of(app, world.organiser) as browser:
        given: dict[str, object] = {"kind": "pdf", "year": "1815", "as_of": "2015-09-15", "programme": "nothing"}
        answer = await post_form(browser, PAGES, given, page=f"{PAGES}/new?year=2015")

    assert answer.status_code == 422
    assert 'value="1815"' in answer.text
    assert 'value="2015-09-15"' in answer.text


async def test_pages_of_others_answer_404(app: Litestar, world: World) -> None:
    async with client_of(app, world.organiser) as client:
        job = await asked(client, as_of=date(2015, 9, 1).isoformat())
        await running.settled()
    where = f"{PAGES}/{job['id']}"
    for actor, expected in ((world.stranger, 404), (world.evaluator, 200)):
        async with browser_of(app, actor) as browser:
            assert (await browser.get(where)).status_code == expected
            assert (await browser.get(f"{where}/file")).status_code == expected
    async with browser_of(app, await make_actor(Role.CONTACT, world.root)) as browser:
        assert (await browser.get(PAGES)).status_code == 403
        assert (await browser.get(where)).status_code == 404
