"""Pages and downloads of papers: what stands there, and who may open them."""

import hashlib
import io
import re
import zipfile
from pathlib import Path
from urllib.parse import unquote

import httpx
import msgspec
import pypdf
import pytest
import python_calamine
from litestar import Litestar

from outreach.papers import packages
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from tests.db.test_papers import LONG, World, evidence, person
from tests.factories.accounts import browser_of, make_actor, make_organisation
from tests.factories.bookings import make_booking, make_headcount
from tests.factories.events import make_provider
from tests.factories.orders import make_order
from tests.support.districts import two_districts
from tests.support.pages import form_token, post_form


@pytest.fixture
async def world(database: None) -> World:
    made = await World().build()
    await make_booking(made.session, made.union, is_host=True, state="attended")
    await make_headcount(made.session, total=96, workers=90)
    await person(made.session, "沈月娥", made.union, tail="0012", by_number=True)
    await person(made.session, "李强", made.other)
    return made


async def got(app: Litestar, actor: Actor | None, path: str) -> httpx.Response:
    async with browser_of(app, actor) as browser:
        return await browser.get(path)


def pdf_text(data: bytes) -> str:
    return "".join(one.extract_text() for one in pypdf.PdfReader(io.BytesIO(data)).pages)


# --- who opens what --------------------------------------------------------------------------------------------------


async def test_only_who_runs_hosts_or_ordered_opens_the_papers_of_a_session(app: Litestar, world: World) -> None:
    """Strangers to the session do not learn that it exists; who knows it reads no paper of it."""
    id_, programme = world.session.id, world.programme.id
    booked = await make_organisation(parent=world.root, name="另一家工会")
    await make_booking(world.session, booked, seats=2, state="attended")
    lecturer = await make_actor(Role.PROVIDER, world.root)
    provider = await make_provider(world.root, person=lecturer.person_id)
    await db.execute(
        "INSERT INTO events_session_provider (id, session, provider, position) VALUES (gen_random_uuid(), $1, $2, 1)",
        id_,
        provider.id,
    )
    ordering = await make_organisation(parent=world.root, name="点单的工会")
    await make_order(world.event, ordering, state="fulfilled", session=id_)
    people: dict[str, Actor | None] = {
        "staff": world.organiser,
        "host": world.contact,
        "ordered": await make_actor(Role.CONTACT, ordering),
        "booked": await make_actor(Role.CONTACT, booked),
        "lecturer": lecturer,
        "evaluator": await make_actor(Role.EVALUATOR, world.root),
        "other unit": world.rival,
        "other city": await make_actor(Role.ORGANISER, await make_organisation(name="别的市总工会")),
        "stranger": None,
    }
    await make_booking(world.session, ordering, seats=1, state="attended")
    paths = {
        "receipt": f"/sessions/{id_}/receipt",
        "receipt.pdf": f"/sessions/{id_}/receipt.pdf",
        "certificates": f"/sessions/{id_}/certificates",
        "desk certificates": f"/desk/sessions/{id_}/certificates",
        "ledger": f"/desk/sessions/{id_}/ledger.xlsx",
        "package": f"/desk/sessions/{id_}/evidence.zip",
        "programme ledger": f"/desk/programmes/{programme}/ledger.xlsx",
        "programme package": f"/desk/programmes/{programme}/evidence.zip",
        "programme papers": f"/desk/programmes/{programme}/papers",
    }
    answers = {
        who: {name: (await got(app, actor, path)).status_code for name, path in paths.items()}
        for who, actor in people.items()
    }
    desk = ["desk certificates", "ledger", "package", "programme ledger", "programme package", "programme papers"]
    assert answers["staff"] == dict.fromkeys(paths, 200)
    assert answers["host"] == {**dict.fromkeys(paths, 200), **dict.fromkeys(desk, 403)}
    assert answers["ordered"] == {**dict.fromkeys(paths, 403), "receipt": 200, "receipt.pdf": 200}
    assert answers["booked"] == dict.fromkeys(paths, 403)
    assert answers["lecturer"] == dict.fromkeys(paths, 403)
    hidden = {"receipt": 404, "receipt.pdf": 404, "certificates": 404}
    assert answers["evaluator"] == {**dict.fromkeys(paths, 403), **hidden}
    assert answers["other unit"] == {**dict.fromkeys(paths, 403), **hidden}
    assert answers["other city"] == dict.fromkeys(paths, 404)
    assert answers["stranger"] == dict.fromkeys(paths, 303)


async def test_a_district_reads_no_other_districts_papers(app: Litestar, database: None) -> None:
    town = await two_districts()
    held, programme = town.there.held, town.there.programme
    for path in (
        f"/sessions/{held.id}/receipt",
        f"/desk/sessions/{held.id}/ledger.xlsx",
        f"/desk/sessions/{held.id}/evidence.zip",
        f"/desk/sessions/{held.id}/certificates",
        f"/desk/programmes/{programme.id}/ledger.xlsx",
        f"/desk/programmes/{programme.id}/papers",
    ):
        answer = await got(app, town.here.organiser, path)
        assert answer.status_code == 404, path
        assert not [secret for secret in town.there.secrets if secret in answer.text]
        assert (await got(app, town.organiser, path)).status_code == 200, path


async def test_people_of_others_stand_on_nobodys_sheet(app: Litestar, database: None) -> None:
    world = await World().build()
    await db.execute("UPDATE events_session SET visibility = 'members', host = NULL")
    await make_booking(world.session, world.union, seats=2)
    await make_booking(world.session, world.other, seats=2)
    for name, unit in (("沈月娥", world.union), ("李强", world.other)):
        await person(world.session, name, unit, expected=True)
    path = f"/sessions/{world.session.id}/sign-in-sheet"

    sheets = {actor: (await got(app, actor, path)).text for actor in (world.organiser, world.contact, world.rival)}

    seen = [[name for name in ("沈月娥", "李强") if f">{name}</td>" in sheet] for sheet in sheets.values()]
    assert seen == [["沈月娥", "李强"], ["沈月娥"], ["李强"]]
    assert all("counter(page)" in sheet for sheet in sheets.values())
    await db.execute("UPDATE programmes_programme SET confidential = true")
    assert "沈月娥" not in (await got(app, world.organiser, path)).text


# --- receipts --------------------------------------------------------------------------------------------------------


async def test_a_receipt_leads_to_everything_around_it(app: Litestar, world: World) -> None:
    own, desk = f"/sessions/{world.session.id}", f"/desk/sessions/{world.session.id}"
    staff, host = await got(app, world.organiser, f"{own}/receipt"), await got(app, world.contact, f"{own}/receipt")

    def links(answer: httpx.Response) -> set[str]:
        return set(re.findall(rf'href="(/[a-z]*/?sessions/{world.session.id}[^"]*)"', answer.text))

    assert links(staff) == {
        desk, f"{own}/receipt.pdf", f"{own}/evidence", f"{desk}/certificates", f"{desk}/ledger.xlsx",
        f"{desk}/evidence.zip",
    }  # fmt: skip
    assert links(host) == {own, f"{own}/receipt.pdf", f"{own}/evidence", f"{own}/certificates"}
    assert "承办单位（盖章）" in host.text
    assert "96人次" in host.text


async def test_a_receipt_as_pdf_fits_a_page_with_the_longest_names(app: Litestar, world: World) -> None:
    await db.execute("UPDATE events_session SET title = $1", LONG)
    await db.execute("UPDATE accounts_organisation SET name = $2 WHERE id = $1", world.union.id, LONG)

    answer = await got(app, world.organiser, f"/sessions/{world.session.id}/receipt.pdf")

    read = pypdf.PdfReader(io.BytesIO(answer.content))
    text = pdf_text(answer.content).replace("\n", "")
    assert len(read.pages) == 1
    assert text.count(LONG[-20:]) == 2
    for words in ("活动回执表", "HZ20150512-", "96人次", "职工：90", "主办单位（盖章）", "市总工会"):
        assert words in text
    assert "未盖章" not in text
    assert unquote(answer.headers["content-disposition"]).endswith(".pdf")


# --- downloads -------------------------------------------------------------------------------------------------------


async def test_downloads_are_journalled_without_names(app: Litestar, world: World, home: Path) -> None:
    await evidence(home, world.session, "receipt", b"scan")
    session = f"/desk/sessions/{world.session.id}"
    programme = f"/desk/programmes/{world.programme.id}"

    ledger = await got(app, world.organiser, f"{session}/ledger.xlsx")
    whole = await got(app, world.organiser, f"{programme}/ledger.xlsx?year=2015&from=2015-01-01&to=2015-12-31")
    package = await got(app, world.organiser, f"{programme}/evidence.zip?to=2015-12-31")

    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(ledger.content))
    assert book.sheet_names == ["台账", "材料清单", "更正记录", "参加人员"]
    all_of_it = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(whole.content))
    assert all_of_it.sheet_names == ["台账", "材料清单", "更正记录"]
    assert "沈月娥" not in str([all_of_it.get_sheet_by_name(name).to_python() for name in all_of_it.sheet_names])
    archive = zipfile.ZipFile(io.BytesIO(package.content))
    assert archive.namelist() == [
        "2015-05-12_倒班职工的睡眠与情绪_胥江机械厂工会/2015-05-12_胥江机械厂工会_回执表_1.jpg",
        "清单.xlsx",
    ]
    assert package.headers["content-type"] == "application/zip"
    assert package.headers["cache-control"] == "private, no-store"
    assert "_2015-12-31.zip" in unquote(package.headers["content-disposition"])
    lines = await db.rows(
        "SELECT object_kind, facts FROM accounts_journal WHERE action = 'papers.exported' ORDER BY id"
    )
    assert [(one["object_kind"], msgspec.json.decode(one["facts"])) for one in lines] == [
        ("session", {"paper": "ledger", "sessions": 1, "files": 1}),
        ("programme", {"paper": "ledger", "sessions": 2, "files": 1}),
        ("programme", {"paper": "evidence", "sessions": 1, "files": 1}),
    ]


async def test_a_confidential_ledger_has_no_sheet_of_people(app: Litestar, world: World) -> None:
    await db.execute("UPDATE programmes_programme SET confidential = true")

    answer = await got(app, world.organiser, f"/desk/sessions/{world.session.id}/ledger.xlsx")

    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    assert book.sheet_names == ["台账", "材料清单", "更正记录"]


async def test_the_third_package_at_once_waits_and_places_come_back(app: Litestar, world: World) -> None:
    path = f"/desk/sessions/{world.session.id}/evidence.zip"
    async with browser_of(app, world.organiser) as browser:
        turns = [packages.take_turn() for _ in range(packages.MOST_AT_ONCE)]
        busy = await browser.get(path)
        turns.pop()()
        answers = [(await browser.get(path)).status_code for _ in range(3)]
        turns.pop()()

    assert (busy.status_code, busy.headers["retry-after"], answers) == (503, "60", [200, 200, 200])
    assert "正在打包别的材料" in busy.text


@pytest.mark.parametrize("query", ["from=2015-13-01", "to=x", "from=2015-05-02&to=2015-05-01", "year=abc"])
async def test_bad_days_are_named(app: Litestar, world: World, query: str) -> None:
    base = f"/desk/programmes/{world.programme.id}"
    assert (await got(app, world.organiser, f"{base}/ledger.xlsx?{query}")).status_code == 422
    if "year" not in query:
        page = await got(app, world.organiser, f"{base}/papers?{query}")
        assert (page.status_code, 'class="err"' in page.text) == (422, True)


async def test_the_page_of_a_programme_says_what_is_missing(app: Litestar, world: World, home: Path) -> None:
    base = f"/desk/programmes/{world.programme.id}"
    await db.execute("UPDATE events_session SET title = '<i>一讲' WHERE id = $1", world.session.id)
    lacking = await got(app, world.organiser, f"{base}/papers?from=2015-05-01&to=2015-05-31")
    for kind in ("photo", "sheet", "receipt"):
        await evidence(home, world.session, kind, kind.encode())
    complete = await got(app, world.organiser, f"{base}/papers")
    empty = await got(app, world.organiser, f"{base}/papers?from=2015-01-01&to=2015-01-02")

    assert "办了1场，有1场还缺材料。" in lacking.text
    assert "现场照片、签到表、回执表" in lacking.text
    assert "&lt;i&gt;一讲" in lacking.text
    assert f'href="{base}/ledger.xlsx?from=2015-05-01&amp;to=2015-05-31"' in lacking.text
    assert f'href="/sessions/{world.session.id}/receipt"' in lacking.text
    assert "办了1场，材料都交齐了。" in complete.text
    assert "这段时间没有场次。" in empty.text
    assert "evidence.zip" not in empty.text


# --- certificates ----------------------------------------------------------------------------------------------------


async def chosen(browser: httpx.AsyncClient, path: str) -> dict[str, object]:
    """The form as the page offers it."""
    page = await browser.get(path)
    people = re.findall(r'name="people" value="([0-9a-f-]+)" checked', page.text)
    hours = re.search(r'name="hours"[^>]*value="([^"]*)"', page.text)
    assert hours is not None
    return {"_csrf_token": form_token(page.text), "people": people, "hours": hours[1]}


async def test_certificates_from_the_list_to_the_check(app: Litestar, world: World) -> None:
    path = f"/sessions/{world.session.id}/certificates"
    async with browser_of(app, world.contact) as host:
        form = await chosen(host, path)
        printed = await host.post(path, data={**form, "form": "page"})
        pdf = await host.post(path, data={**form, "hours": "2.5", "form": "pdf"})

    assert (form["hours"], len(list(form["people"]))) == ("2", 2)  # type: ignore[call-overload]
    numbers = re.findall(r"编号：([0-9A-Z-]+)<", printed.text)
    assert len(set(numbers)) == 2
    assert printed.text.count("<svg") == 2
    text = pdf_text(pdf.content).replace("\n", "")
    assert len(pypdf.PdfReader(io.BytesIO(pdf.content)).pages) == 1
    assert all(words in text for words in ("沈月娥", "李强", " 2.5 学时", "2015年5月12日", "市总工会"))
    found = await got(app, None, f"/certificates/{numbers[0].lower()}")
    assert found.status_code == 200
    assert all(words in found.text for words in ("沈*", "倒班职工的睡眠与情绪", "<dd>2</dd>", "这张证明是市总工会开的"))
    assert not [secret for secret in ("沈月娥", "0012", "胥江机械厂", "木渎") if secret in found.text]
    typed = await got(app, None, f"/certificates?number={numbers[0]}")
    assert (typed.status_code, typed.headers["location"]) == (303, f"/certificates/{numbers[0]}")
    wrong = await got(app, None, "/certificates/1-1-AAAAAAAA")
    assert (wrong.status_code, "没有这个编号" in wrong.text) == (404, True)


async def test_a_refused_form_keeps_what_was_typed(app: Litestar, world: World) -> None:
    path = f"/desk/sessions/{world.session.id}/certificates"
    async with browser_of(app, world.organiser) as desk:
        form = await chosen(desk, path)
        one = list(form["people"])[:1]  # type: ignore[call-overload]
        halves = await desk.post(path, data={**form, "people": one, "hours": "2.3"})
        words = await desk.post(path, data={**form, "people": one, "hours": "两小时"})
        nobody = await desk.post(path, data={"_csrf_token": form["_csrf_token"], "hours": "3"})
        forged = await desk.post(path, data={**form, "people": ["x"], "hours": "3"})
        await db.execute("UPDATE events_session SET state = 'published'")
        late = await desk.post(path, data=form)

    assert [answer.status_code for answer in (halves, words, nobody, forged, late)] == [422, 422, 422, 422, 409]
    assert "学时写到半个为止" in halves.text
    assert 'value="2.3"' in halves.text
    assert halves.text.count("checked>") == 1
    assert 'value="两小时"' in words.text
    assert "请至少选一个人" in nobody.text
    assert "这场不能开学时证明" in late.text
    assert await db.value("SELECT count(*) FROM accounts_journal WHERE action = 'certificate.issued'") == 0


async def test_people_without_a_name_are_shown_and_not_offered(app: Litestar, world: World) -> None:
    await person(world.session, "", world.union, identity=hashlib.sha256(b"gone").hexdigest())
    path = f"/desk/sessions/{world.session.id}/certificates"
    page = await got(app, world.organiser, path)
    found = await got(app, world.organiser, f"{path}?q=李")
    none = await got(app, world.organiser, f"{path}?q=<b>")
    await db.execute("UPDATE programmes_programme SET confidential = true")
    confidential = await got(app, world.organiser, path)

    assert (page.text.count(" checked>"), page.text.count(" disabled>")) == (2, 1)
    assert "姓名已按规定清除" in page.text
    assert ("李强" in found.text, "沈月娥" in found.text) == (True, False)
    assert "没有找到“&lt;b&gt;”" in none.text
    assert "保密项目不留姓名" in confidential.text
    assert "沈月娥" not in confidential.text


async def test_guessing_numbers_is_slowed_down(app: Litestar, world: World) -> None:
    async with browser_of(app, None) as stranger:
        codes = [(await stranger.get(f"/certificates/{n}-1-AAAAAAAA")).status_code for n in range(1, 13)]
    assert codes == [404] * 10 + [429] * 2


async def test_pages_speak_english_too(app: Litestar, world: World) -> None:
    for path in (
        f"/sessions/{world.session.id}/receipt",
        f"/desk/sessions/{world.session.id}/certificates",
        f"/desk/programmes/{world.programme.id}/papers",
        f"/sessions/{world.session.id}/sign-in-sheet",
        "/certificates",
    ):
        assert (await got(app, world.organiser, f"{path}?lang=en")).status_code == 200


async def test_a_form_sent_from_elsewhere_is_refused(app: Litestar, world: World) -> None:
    path = f"/desk/sessions/{world.session.id}/certificates"
    async with browser_of(app, world.organiser) as desk:
        assert (await desk.post(path, data={"hours": "2"})).status_code == 403
        assert (await post_form(desk, path, {"hours": "2", "people": []})).status_code == 422
