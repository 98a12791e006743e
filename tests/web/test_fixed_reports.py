"""定稿 on pages: fixing, downloading, beside today, withdrawing."""

import re
from datetime import date, datetime, timedelta
from typing import Any

import httpx
import pytest
from litestar import Litestar

from outreach.accounts.tables import Organisation
from outreach.attendance.commands import correct_headcount
from outreach.events.tables import Session
from outreach.reports.fixed import commands
from outreach.reports.jobs import running
from outreach.settings import Settings
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from outreach.shared.files import file_path
from outreach.shared.ids import new_id
from tests.factories.accounts import browser_of, make_actor, make_organisation
from tests.factories.bookings import make_headcount
from tests.factories.events import STARTS_AT, make_event, make_session
from tests.factories.programmes import make_programme, make_target, make_year
from tests.support.pages import post_form

PATH = "/desk/reports/fixed"
HELD_AT = STARTS_AT - timedelta(days=30)


class World:
    """A federation with one programme and one held session."""

    root: Organisation
    organiser: Actor
    evaluator: Actor
    held: Session


@pytest.fixture
async def world(database: None, monkeypatch: pytest.MonkeyPatch) -> World:
    """Documents without their layout: that is tested where it is made."""

    async def plain(data: Any, kind: str, _form: str, *, number: int | None = None) -> bytes:
        return f"{kind} 第{number}号 {len(data.sessions)}".encode()

    monkeypatch.setattr(commands, "document_of", plain)
    made = World()
    made.root = await make_organisation(name="市总工会", code="CITY")
    made.organiser = await make_actor(Role.ORGANISER, made.root)
    made.evaluator = await make_actor(Role.EVALUATOR, made.root)
    await make_year(made.root)
    programme = await make_programme(made.root, code="mind", name="职工心理健康")
    await make_target(programme, label="讲座")
    made.held = await make_session(await make_event(programme), state="held", starts_at=HELD_AT)
    await make_headcount(made.held, on=HELD_AT.date(), total=80)
    return made


async def fix(browser: httpx.AsyncClient, **given: str) -> str:
    """Fix by the form, watch the job, and return where the snapshot is."""
    begun = await post_form(browser, PATH, {"year": "2015", "as_of": "2015-09-15", **given})
    assert begun.status_code == 303, begun.text
    await running.settled()
    watched = await browser.get(begun.headers["location"])
    found = re.search(rf'href="({PATH}/[0-9a-f-]+)"', watched.text)
    assert found is not None, watched.text
    return found[1]


async def test_fixed_by_a_form_downloaded_and_listed(app: Litestar, world: World) -> None:
    async with browser_of(app, world.organiser) as browser:
        empty = await browser.get(PATH)
        where = await fix(browser, note="报市总常委会")
        shown = await browser.get(where)
        files = {kind: await browser.get(f"{where}/report.{kind}") for kind in ("pdf", "docx", "xlsx", "csv")}
        missing = [(await browser.get(f"{where}/{name}")).status_code for name in ("report.exe", "other.pdf", "pdf")]
        listed = await browser.get(f"{PATH}?year=2015")

    assert "还没有定过稿" in empty.text
    assert "现在的数和定稿时一样" in shown.text
    assert "报市总常委会" in shown.text
    assert {kind: answer.text for kind, answer in files.items()} == {kind: f"{kind} 第1号 1" for kind in files}
    assert files["pdf"].headers["content-disposition"].startswith('inline; filename="report-2015-1.pdf"')
    assert files["xlsx"].headers["content-disposition"].startswith("attachment")
    assert missing == [404, 404, 404]
    assert "第1号定稿" in listed.text


async def test_after_a_correction_both_values_and_the_reason_stand_there(
    app: Litestar, world: World, now: datetime
) -> None:
    async with browser_of(app, world.organiser) as browser:
        where = await fix(browser)
        before = (await browser.get(f"{where}/report.csv")).content
        await correct_headcount(
            world.organiser, now + timedelta(days=1), session_id=world.held.id, field_name="total", on=HELD_AT.date(),
            value=95, reason="数错了一排",
        )  # fmt: skip
        shown = await browser.get(where)
        after = (await browser.get(f"{where}/report.csv")).content
    async with browser_of(app, world.evaluator) as browser:
        evaluated = await browser.get(where)

    assert after == before
    for page in (shown, evaluated):
        assert page.status_code == 200
        assert "合计人次" in page.text
        assert "80人次改为95人次" in page.text
        assert "数错了一排" in page.text
    assert "撤回这份定稿" in shown.text
    assert "撤回这份定稿" not in evaluated.text


async def test_withdrawn_with_a_reason(app: Litestar, world: World) -> None:
    async with browser_of(app, world.organiser) as browser:
        where = await fix(browser)
        empty = await post_form(browser, f"{where}/withdraw", {"reason": ""}, page=where)
        done = await post_form(browser, f"{where}/withdraw", {"reason": "漏了一个项目"}, page=where)
        again = await post_form(browser, f"{where}/withdraw", {"reason": "再来"}, page=PATH)
        shown = await browser.get(where)
        file = await browser.get(f"{where}/report.pdf")

    assert (empty.status_code, done.status_code, again.status_code) == (422, 303, 409)
    assert "请填写" in empty.text
    assert "这份定稿已经撤回" in again.text
    assert "漏了一个项目" in shown.text
    assert file.status_code == 200


async def test_who_may(app: Litestar, world: World) -> None:
    async with browser_of(app, world.organiser) as browser:
        where = await fix(browser)
    stranger = await make_actor(Role.ORGANISER, await make_organisation(name="别市总工会"))
    async with browser_of(app, stranger) as browser:
        foreign = [
            (await browser.get(where)).status_code,
            (await browser.get(f"{where}/report.pdf")).status_code,
            (await post_form(browser, f"{where}/withdraw", {"reason": "x"}, page="/account")).status_code,
            (await browser.get(f"{PATH}/{new_id()}")).status_code,
            (await browser.get(f"{PATH}/x")).status_code,
        ]
        listed = await browser.get(PATH)
    async with browser_of(app, world.evaluator) as browser:
        reading = (await browser.get(f"{where}/report.pdf")).status_code
        own_list = await browser.get(PATH)
        changing = [
            (await post_form(browser, PATH, {"year": "2015"}, page="/account")).status_code,
            (await post_form(browser, f"{where}/withdraw", {"reason": "x"}, page="/account")).status_code,
        ]
    async with browser_of(app, await make_actor(Role.CONTACT, world.root)) as browser:
        contact = [(await browser.get(PATH)).status_code, (await browser.get(where)).status_code]

    assert foreign == [404, 404, 404, 404, 404]
    assert "第1号定稿" not in listed.text
    assert (reading, changing, contact) == (200, [403, 403], [403, 404])
    assert "第1号定稿" in own_list.text
    assert "定稿编号" not in own_list.text


async def test_a_bad_form_keeps_what_was_typed(app: Litestar, world: World) -> None:
    async with browser_of(app, world.organiser) as browser:
        given: dict[str, object] = {"year": "2015", "as_of": "2014-09-15", "note": "报市总"}
        answer = await post_form(browser, PATH, given)

    assert answer.status_code == 422
    assert "要在2015年1月1日以后" in answer.text
    assert 'value="报市总"' in answer.text
    assert await db.value("SELECT count(*) FROM reports_job") == 0


async def test_a_file_that_is_gone_says_so(app: Litestar, world: World, settings: Settings) -> None:
    async with browser_of(app, world.organiser) as browser:
        where = await fix(browser, as_of=date(2015, 9, 14).isoformat())
        digest = await db.value("SELECT digest FROM reports_snapshot_file WHERE kind = 'csv'")
        path = file_path(settings.home, digest)
        kept = path.read_bytes()
        path.write_bytes(b"other bytes")
        gone = await browser.get(f"{where}/report.csv")
        path.write_bytes(kept)

    assert gone.status_code == 503
    assert "定稿的文件不在了" in gone.text
