"""Where an attendee's telephone number could be after it was typed or imported: nowhere; and who reads a name."""

import csv
import io
import json
import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zipfile import BadZipFile, ZipFile

import httpx
import pytest
from litestar import Litestar
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from outreach.attendance.opening_doors import open_door
from outreach.events.tables import Session
from outreach.programmes.tables import Programme
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from outreach.work import work_once
from tests.conftest import NOW
from tests.factories.accounts import browser_of, client_of, make_actor
from tests.factories.bookings import make_booking
from tests.factories.events import make_session
from tests.factories.programmes import make_target
from tests.support.districts import District, two_districts
from tests.support.pages import form_token
from tests.support.sheets import xlsx_of

pytestmark = pytest.mark.usefixtures("database")

ROLES = ("stranger", "contact", "lecturer", "evaluator", "organiser", "administrator")
#: Who is named to whom: staff of the session and the contact of its host.
NAMED_TO = ("contact", "organiser", "administrator")

#: Everybody who came, each by another way: name, number as typed, its digits. A number of an identity card is refused.
PEOPLE = {
    "roster": ("齐白桦", "137 6543 2101", "13765432101"),
    "rejected": ("", "13765432102", "13765432102"),
    "duplicate": ("齐白桦", "１３７６５４３２１０１", "13765432101"),
    "card": ("鲁青松", "320504198001012345", "320504198001012345"),
    "poster": ("尹红杉", "+86 137-6543-2103", "13765432103"),
    "code": ("尹红柳", "13765432104", "13765432104"),
    "api": ("尹红槐", "13765432105", "13765432105"),
    "list": ("尹红枫", "13765432106", "13765432106"),
    "remark": ("齐白榆", "13765432107", "13765432107"),
}
NUMBERS = sorted({digits for _name, _typed, digits in PEOPLE.values()})
NAMES = sorted({name for name, _typed, _digits in PEOPLE.values() if name})


@dataclass(slots=True)
class Scene:
    """One session under way, with people who came by every way."""

    town: District
    session: Session
    token: str
    seen: list[tuple[str, str]] = field(default_factory=list)

    def note(self, where: str, answer: httpx.Response) -> None:
        """Keep what was answered, and every header of it."""
        self.seen.append((where, _text_of(answer) + str(answer.headers)))


def _text_of(answer: httpx.Response) -> str:
    """What a person reads in an answer, also inside workbooks, zips and PDFs."""
    return _readable(answer.content)


def _readable(content: bytes) -> str:
    if content.startswith(b"%PDF-"):
        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    if content.startswith(b"PK"):
        try:
            with ZipFile(io.BytesIO(content)) as packed:
                inner = "\n".join(f"{one} {_readable(packed.read(one))}" for one in packed.namelist())
        except BadZipFile:
            return repr(content)
        try:
            book = CalamineWorkbook.from_filelike(io.BytesIO(content))
            cells = (
                cell for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python() for cell in row
            )
            return inner + "\n".join(str(cell) for cell in cells)
        except Exception:
            return inner
    return content.decode("utf-8", errors="replace")


def _digits_only(text: str) -> str:
    """Numbers without what people put between digits: a number split by blanks or dashes is a number."""
    return re.sub(r"(?<=\d)[\s\u3000\-–—.,]+(?=\d)", "", text)


def _numbers_in(text: str) -> list[str]:
    joined = _digits_only(text)
    return [number for number in NUMBERS if number in joined or number[:7] + "****" + number[-4:] in text]


def _sheet() -> bytes:
    rows: list[list[Any]] = [["姓名", "单位", "手机", "备注"]]
    for way in ("roster", "rejected", "duplicate", "card", "remark"):
        name, typed, _digits = PEOPLE[way]
        rows.append([name, "姑苏机械厂工会", typed, f"家属电话{typed}" if way == "remark" else ""])
    return xlsx_of(rows)


@pytest.fixture
async def scene(app: Litestar) -> Scene:
    """One session, set up."""
    return await _set_up(app)


async def _set_up(app: Litestar) -> Scene:
    """Everybody comes in, by file, poster, code, API and list; what is answered on the way is kept."""
    world = await two_districts()
    town = world.here
    # What another file left behind is stored: previews go after two days.
    await db.execute("UPDATE attendance_roster SET stored_at = created_at")
    await Programme.update({Programme.real_names: True}).where(Programme.id == town.programme.id)
    await make_target(town.programme, metric="people", key="people", unit="人", label="人数")
    session = await make_session(
        town.event, host=town.union.id, visibility="public", starts_at=NOW - timedelta(minutes=30),
        providers=(town.provider,),
    )  # fmt: skip
    await make_booking(session, town.union, is_host=True, contact_phone="13900000001")
    door = await open_door(town.organiser, NOW, session_id=session.id)
    made = Scene(town=town, session=session, token=door.token)
    await _by_file(app, made)
    await _by_phone(app, made, door.code)
    await _by_staff(app, made)
    return made


async def _by_file(app: Litestar, scene: Scene) -> None:
    base = f"/desk/sessions/{scene.session.id}/roster"
    async with browser_of(app, scene.town.organiser) as desk:
        token = form_token((await desk.get(base)).text)
        on = f"{NOW:%Y-%m-%d}"
        sent = await desk.post(
            base, data={"presence": "present", "on": on, "_csrf_token": token}, files={"file": ("名单.xlsx", _sheet())}
        )
        assert sent.status_code == 303, sent.text
        preview = await desk.get(sent.headers["location"])
        scene.note("preview", preview)
        scene.note("rejected rows", await desk.get(f"{sent.headers['location']}/rejected.xlsx"))
        stored = await desk.post(f"{sent.headers['location']}/confirm", data={"_csrf_token": form_token(preview.text)})
        assert stored.status_code == 303, stored.text
        scene.note("stored", await desk.get(stored.headers["location"]))


async def _by_phone(app: Litestar, scene: Scene, code: str) -> None:
    name, typed, _digits = PEOPLE["poster"]
    async with browser_of(app, None) as phone:
        opened = await phone.get(f"/checkin/{scene.token}")
        data = {"name": name, "unit": "姑苏机械厂工会", "phone": typed, "_csrf_token": form_token(opened.text)}
        wrong = await phone.post(f"/checkin/{scene.token}", data={**data, "name": "", "phone": typed})
        assert wrong.status_code == 422  # the form keeps what its own reader typed, and that answer is for nobody else
        done = await phone.post(f"/checkin/{scene.token}", data=data)
        assert "已签到" in done.text
        scene.note("checked in", done)
        scene.note("checked in, again", await phone.get(f"/checkin/{scene.token}"))
    async with client_of(app, None) as program:
        name, typed, _digits = PEOPLE["code"]
        answer = await program.post(
            "/api/v1/checkins", json={"code": code, "name": name, "unit": "姑苏机械厂工会", "phone": typed}
        )
        assert answer.status_code == 201, answer.text
        scene.note("checkins", answer)


async def _by_staff(app: Litestar, scene: Scene) -> None:
    async with client_of(app, scene.town.contact) as program:
        name, typed, _digits = PEOPLE["api"]
        path = f"/api/v1/sessions/{scene.session.id}"
        answer = await program.post(
            f"{path}/attendees", json={"name": name, "unit": "姑苏机械厂工会", "phone": typed},
            headers={"Idempotency-Key": str(uuid4())},
        )  # fmt: skip
        assert answer.status_code == 201, answer.text
        scene.note("attendees", answer)
        name, typed, _digits = PEOPLE["list"]
        tick = {"key": str(uuid4()), "name": name, "unit": "姑苏机械厂工会", "phone": typed, "present": True}
        ticked = await program.post(f"{path}/ticks", json={"on": f"{NOW:%Y-%m-%d}", "ticks": [tick]})
        assert ticked.status_code == 200, ticked.text
        scene.note("ticks", ticked)


def _paths(app: Litestar, scene: Scene, extra: dict[str, Any]) -> Iterable[str]:
    """Every address that is read, filled with this town's identifiers."""
    words = {**scene.town.ids, "session_id": scene.session.id, "name": "public.ics", "code": "sessions", "year": 2015,
             "programme_year": 2015, "token": scene.token, **extra}  # fmt: skip
    for route in sorted({one.path_format for one in app.routes if "GET" in one.methods}):
        if route.startswith("/static"):
            continue
        yield re.sub(r"{(\w+)}", lambda found: str(words.get(found[1], UUID(int=0))), route)
    yield f"/calendars/programmes/2015/{scene.town.programme.code}.ics"
    yield f"/sessions/{scene.session.id}.ics"
    town = scene.town
    yield f"/calendars/organisations/{town.place.code}.ics"
    yield f"/calendars/organisations/{town.union.code}.ics"
    yield f"/calendars/districts/{town.place.district}.ics"
    yield f"/calendars/kinds/{scene.session.kind}.ics"
    yield f"/calendars/providers/{town.provider.id}.ics"
    yield f"/calendars/venues/{town.venue.id}.ics"
    yield f"/api/v1/sessions/{scene.session.id}/attendees?limit=200"
    yield f"/sessions/{scene.session.id}/list?q=2106"
    yield "/reports/2015.xlsx?as_of=2015-09-15"


async def _extra_ids(scene: Scene) -> dict[str, Any]:
    roster = await db.value("SELECT id FROM attendance_roster WHERE session = $1", scene.session.id)
    attendee = await db.value("SELECT min(id::text) FROM attendance_attendee WHERE session = $1", scene.session.id)
    return {"roster_id": roster, "attendee_id": attendee}


async def test_no_page_answer_feed_or_file_shows_a_number(app: Litestar, scene: Scene) -> None:
    """Every address of the application, as everybody: no full number; names to those only who keep the list."""
    extra, leaks, named, empty = await _extra_ids(scene), list[str](), dict[str, list[str]](), set[str]()
    for role in ROLES:
        actor: Actor | None = getattr(scene.town, role, None)
        if role == "administrator":
            actor = await make_actor(Role.ADMINISTRATOR, None)
        named[role] = []
        async with browser_of(app, actor) as browser, client_of(app, actor) as program:
            for path in _paths(app, scene, extra):
                answer = await (program if path.startswith("/api/") else browser).get(path)
                text = _text_of(answer) + str(answer.headers)
                leaks += [f"{role} {path} {number}" for number in _numbers_in(text)]
                named[role] += [path for name in NAMES if name in text]
                if role == "organiser" and answer.status_code >= 500:
                    empty.add(f"{path} {answer.status_code}")
    for where, text in scene.seen:
        leaks += [f"{where} {number}" for number in _numbers_in(text)]

    assert leaks == []
    assert empty == set()
    assert {role: sorted(set(paths)) for role, paths in named.items() if role not in NAMED_TO and paths} == {}
    assert all(named[role] for role in NAMED_TO)


async def test_no_row_of_the_database_holds_a_number(app: Litestar, scene: Scene) -> None:
    """Not in any column of any table, the journal, the outbox, kept answers and rosters included."""
    tables = await db.rows("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")
    found = []
    for one in tables:
        rows = await db.rows(f'SELECT t::text AS told FROM "{one["relname"]}" t')
        found += [f"{one['relname']}: {number}" for row in rows for number in _numbers_in(row["told"])]
    journal = await db.rows("SELECT j::text AS told FROM accounts_journal j")
    outbox = await db.rows("SELECT m::text AS told FROM notifications_outbox_message m")

    assert found == []
    assert [name for name in NAMES for row in [*journal, *outbox] if name in row["told"]] == []
    # The search would find it: the contacts' own number is there.
    assert await db.value("SELECT count(*) FROM bookings_booking WHERE contact_phone = '13900000001'") > 0


async def test_no_line_of_the_log_holds_a_number_or_name(
    app: Litestar,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """With everything logged, from the first request to a round of background work."""
    caplog.set_level(logging.DEBUG)
    made = await _set_up(app)
    async with browser_of(app, made.town.organiser) as desk:
        await desk.get(f"/desk/sessions/{made.session.id}")
        await desk.get(f"/sessions/{made.session.id}/list?q=2106")
    await work_once(NOW + timedelta(days=2))
    printed = capsys.readouterr()
    told = "\n".join([*(f"{one.getMessage()} {one.__dict__}" for one in caplog.records), printed.out, printed.err])

    assert _numbers_in(told) == []
    assert [name for name in NAMES if name in told] == []


async def test_evaluators_recognise_people_and_know_nobody(app: Litestar, scene: Scene) -> None:
    """The same pseudonym for the same person, another for another; neither name, nor tail, nor what was typed."""
    async with client_of(app, scene.town.evaluator) as program:
        answer = await program.get(f"/api/v1/sessions/{scene.session.id}/attendees?limit=200")
    read = answer.json()["items"]
    tails = {digits[-4:] for _name, _typed, digits in PEOPLE.values()}

    assert answer.status_code == 200
    assert len({one["name"] for one in read}) == len(read) == 6
    assert all(re.fullmatch(r"P-[0-9a-f]{12}", one["name"]) for one in read)
    assert {one.get("tail", "") for one in read} == {""}
    assert not [tail for tail in tails if tail in json.dumps([{**one, "checked_in_at": "", "id": ""} for one in read])]


async def test_erasing_names_changes_no_figure(app: Litestar, scene: Scene) -> None:
    """A year and a month after the year was closed nobody is named any more, and every figure is the same."""
    closed_at = datetime(2016, 1, 20, tzinfo=NOW.tzinfo)
    await db.execute(
        """INSERT INTO programmes_year (id, organisation, year, title, state, created_at, closed_at)
           VALUES (gen_random_uuid(), $1, 2015, '实事项目', 'closed', $2, $2)""",
        scene.town.place.id,
        closed_at,
    )
    async with client_of(app, scene.town.organiser) as program:
        path = f"/api/v1/programmes/{scene.town.programme.id}/progress?as_of=2015-12-31"
        before = (await program.get(path)).json()
        await work_once(closed_at + timedelta(days=300))
        kept = await db.value("SELECT count(*) FROM attendance_attendee WHERE name <> ''")
        await work_once(closed_at + timedelta(days=397))
        after = (await program.get(path)).json()
    left = await db.rows(
        """SELECT a.name, a.tail, a.unit_name, a.device
             FROM attendance_attendee a JOIN events_session s ON s.id = a.session
            WHERE s.programme = $1 AND a.name || a.tail || a.unit_name || a.device <> ''""",
        scene.town.programme.id,
    )
    rosters = await db.rows("SELECT rows::text AS told FROM attendance_roster")

    assert kept > 0
    assert left == []
    assert [name for name in NAMES for row in rosters if name in row["told"]] == []
    assert after == before
    assert [one["actual"] for one in after["targets"] if one["metric"] == "people"] == [6]


def test_the_reader_of_files_finds_what_is_hidden() -> None:
    """The walk is worth something: a number in a cell, in pieces or in a file of a file is found."""
    inner = xlsx_of([["电话"], ["137-6543-2101"], [13765432105]])
    packed = io.BytesIO()
    with ZipFile(packed, "w") as outer:
        outer.writestr("名单.xlsx", inner)
    lines = io.StringIO()
    csv.writer(lines).writerow(["137 6543 2103"])

    assert _numbers_in(_readable(packed.getvalue())) == ["13765432101", "13765432105"]
    assert _numbers_in(_readable(lines.getvalue().encode())) == ["13765432103"]
