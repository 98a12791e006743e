"""Rosters over HTTP and on the command line: upload, preview, confirm, files to download, refusals."""

import asyncio
import io
import os
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from litestar import Litestar
from python_calamine import CalamineWorkbook

from outreach.attendance.rosters.domain.found import REASONS
from outreach.settings import Settings
from outreach.shared import db
from outreach.shared.time import ZONE
from tests.factories.accounts import browser_of, client_of
from tests.factories.bookings import BookingWorld, make_booking
from tests.support.messy import MESSY
from tests.support.pages import form_token
from tests.support.sheets import csv_of, xlsx_of

pytestmark = pytest.mark.usefixtures("database")

STARTED = datetime(2015, 9, 10, 14, 0, tzinfo=ZONE)
ROWS: list[list[Any]] = [
    ["姓名", "单位", "手机"],
    ["张明", "一厂", 13800000001],
    ["李芳", "一厂", 13800000002],
    [None, "一厂", 13800000003],
    ["张明", "一厂", 13800000001],
]
SHEET = xlsx_of(ROWS)


@pytest.fixture
async def world(database: None) -> BookingWorld:
    return await BookingWorld().build(starts_at=STARTED)


async def sent(
    browser: httpx.AsyncClient, path: str, content: bytes = SHEET, name: str = "名单.xlsx", **fields: str
) -> httpx.Response:
    opened = await browser.get(path)
    data = {"presence": "present", "on": "2015-09-10", **fields, "_csrf_token": form_token(opened.text)}
    return await browser.post(path, data=data, files={"file": (name, content)})


async def press(browser: httpx.AsyncClient, page: str, action: str) -> httpx.Response:
    token = form_token((await browser.get(page)).text)
    return await browser.post(f"{page}/{action}", data={"_csrf_token": token})


async def count() -> int:
    return int(await db.value("SELECT count(*) FROM attendance_attendee"))


async def test_upload_preview_confirm_and_the_list_of_files(app: Litestar, world: BookingWorld) -> None:
    path = f"/desk/sessions/{world.session.id}/roster"
    async with browser_of(app, world.organiser) as browser:
        manage = await browser.get(f"/desk/sessions/{world.session.id}")
        assert f'href="{path}"' in manage.text
        answer = await sent(browser, path)
        assert answer.status_code == 303, answer.text
        preview = answer.headers["location"]
        assert re.fullmatch(rf"{path}/[0-9a-f-]{{36}}", preview)
        text = (await browser.get(preview)).text
        assert "可以存入2人" in text
        assert ">A4<" in text
        assert ">A5<" in text
        assert "没有姓名" in text
        assert "1380000" not in text
        assert "****0003" in text
        assert await count() == 0

        sheet = await browser.get(f"{preview}/rejected.xlsx")
        told = CalamineWorkbook.from_object(io.BytesIO(sheet.content)).get_sheet_by_index(0).to_python()
        assert told[1][:4] == ["A4", 4.0, "没有姓名", REASONS["name-missing"][1]]
        assert "no-store" in sheet.headers["cache-control"]

        stored = await press(browser, preview, "confirm")
        assert (stored.status_code, stored.headers["location"]) == (303, path)
        assert await count() == 2
        listed = (await browser.get(path)).text
        assert "名单.xlsx" in listed
        assert "2人" in listed
        assert "已存入2人，其中2人是新的。" in listed

        again = await sent(browser, path)
        assert again.headers["location"] == preview
        assert "没有再存" in (await browser.get(preview)).text
        assert await count() == 2
        journal = (await browser.get(f"/desk/sessions/{world.session.id}")).text
        assert "导入名单" in journal


async def test_form_asks_what_the_people_are_and_keeps_what_was_chosen(app: Litestar, world: BookingWorld) -> None:
    path = f"/desk/sessions/{world.session.id}/roster"
    async with browser_of(app, world.organiser) as browser:
        nothing = await sent(browser, path, presence="")
        assert nothing.status_code == 422
        assert "名单上是" in nothing.text
        no_head = await sent(browser, path, content=csv_of([["x"], ["y"]]), name="a.csv", presence="expected")
        assert no_head.status_code == 422
        assert "没有找到写着“姓名”的表头" in no_head.text
        assert re.search(r'value="expected" checked', no_head.text)
        token = form_token(nothing.text)
        missing = await browser.post(path, data={"presence": "present", "on": "2015-09-10", "_csrf_token": token})
        assert missing.status_code == 422
        assert 'id="e-file"' in missing.text
        wrong = await sent(browser, path, on="2015-09-11")
        assert wrong.status_code == 422
        page = (await browser.get(path)).text
        assert " checked" not in page


async def test_preview_is_thrown_away(app: Litestar, world: BookingWorld) -> None:
    async with browser_of(app, world.organiser) as browser:
        preview = (await sent(browser, f"/desk/sessions/{world.session.id}/roster")).headers["location"]
        await press(browser, preview, "discard")
        assert (await browser.get(preview)).status_code == 404
    assert (await db.value("SELECT count(*) FROM attendance_roster"), await count()) == (0, 0)


async def test_confirming_twice_or_too_late(app: Litestar, world: BookingWorld) -> None:
    path = f"/desk/sessions/{world.session.id}/roster"
    async with browser_of(app, world.organiser) as browser:
        first = (await sent(browser, path)).headers["location"]
        token = form_token((await browser.get(first)).text)
        answers = [await browser.post(f"{first}/confirm", data={"_csrf_token": token}) for _ in range(2)]
        assert [one.status_code for one in answers] == [303, 303]
        assert await count() == 2
        second = (await sent(browser, path, content=csv_of(ROWS), name="b.csv")).headers["location"]
        await db.execute("UPDATE events_session SET state = 'closed'")
        late = await press(browser, second, "confirm")
        assert late.status_code == 409
        assert await count() == 2


async def test_contacts_hand_in_their_own_people_only(app: Litestar, world: BookingWorld) -> None:
    own, desk = f"/sessions/{world.session.id}/roster", f"/desk/sessions/{world.session.id}/roster"
    async with browser_of(app, world.rival) as browser:
        assert (await browser.get(own)).status_code == 403
        await make_booking(world.session, world.other)
        page = await browser.get(own)
        assert page.status_code == 200
        assert "虞山服饰工会预计参加的人" in page.text
        assert (await browser.get(desk)).status_code == 403
        preview = (await sent(browser, own)).headers["location"]
        await press(browser, preview, "confirm")
        row = await db.row("SELECT expected, present, organisation FROM attendance_attendee LIMIT 1")
        assert row is not None
        assert tuple(row) == (True, False, world.other.id)
    async with browser_of(app, world.organiser) as browser:
        await sent(browser, desk, content=csv_of(ROWS))
        theirs = await db.value("SELECT id FROM attendance_roster WHERE stored_at IS NULL")
    async with browser_of(app, world.rival) as browser:
        assert (await browser.get(f"{own}/{theirs}")).status_code == 404
        assert (await browser.get(f"{own}/{theirs}/rejected.xlsx")).status_code == 404
    async with browser_of(app, world.contact) as browser:
        assert (await browser.get(own)).status_code == 403


async def test_template_is_for_who_is_known(app: Litestar, world: BookingWorld) -> None:
    async with client_of(app, None) as stranger:
        assert (await stranger.get("/rosters/template.xlsx")).status_code == 401
    async with browser_of(app, world.contact) as browser:
        made = await browser.get("/rosters/template.xlsx")
    assert made.content[:2] == b"PK"


async def test_import_by_a_program(app: Litestar, world: BookingWorld) -> None:
    path = f"/api/v1/sessions/{world.session.id}/attendees/import"
    kind = {"Content-Type": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
    async with client_of(app, world.organiser) as client:
        tried = await client.post(f"{path}?dry_run=true&filename=a.xlsx", content=SHEET, headers=kind)
        assert tried.status_code == 200, tried.text
        assert (tried.json()["accepted"], tried.json()["stored"], await count()) == (2, False, 0)
        made = (await client.post(f"{path}?filename=a.xlsx", content=SHEET, headers=kind)).json()
        again = (await client.post(path, files={"file": ("b.xlsx", SHEET)}, data={"presence": "true"})).json()
        expected = (await client.post(path, files={"file": ("b.xlsx", SHEET)}, data={"presence": "false"})).json()

    assert {name: made[name] for name in ("accepted", "new", "rejected", "duplicates", "stored", "again", "on")} == {
        "accepted": 2, "new": 2, "rejected": 1, "duplicates": 1, "stored": True, "again": False, "on": "2015-09-10",
    }  # fmt: skip
    assert made["rejected_rows"] == [
        {
            "cell": "A4",
            "line": 4,
            "reason": "name-missing",
            "message": "没有姓名",
            "remedy": REASONS["name-missing"][1],
            "name": "",
            "unit": "一厂",
            "text": "一厂 ****0003",
        }
    ]
    assert made["duplicate_rows"] == [{"cell": "A5", "line": 5, "name": "张明", "unit": "一厂", "first": "A2"}]
    assert (again["again"], again["new"], again["roster_id"]) == (True, 0, made["roster_id"])
    assert (expected["presence"], expected["new"]) == (False, 2)
    assert await count() == 2


async def test_import_with_an_idempotency_key(app: Litestar, world: BookingWorld) -> None:
    path = f"/api/v1/sessions/{world.session.id}/attendees/import"
    headers = {"Idempotency-Key": "k1", "Content-Type": "text/csv"}
    async with client_of(app, world.organiser) as client:
        answers = [await client.post(path, content=csv_of(ROWS), headers=headers) for _ in range(2)]
    assert [one.json()["new"] for one in answers] == [2, 2]
    assert await count() == 2


async def test_refusals_of_the_api(app: Litestar, world: BookingWorld) -> None:
    path = f"/api/v1/sessions/{world.session.id}/attendees/import"
    kind = {"Content-Type": "text/csv"}
    stranger = await BookingWorld().build()
    async with client_of(app, world.organiser) as client:
        empty = await client.post(path, content=b"", headers=kind)
        web = await client.post(path, content=b"<html><table></table></html>", headers=kind)
        large = await client.post(path, content=b"x" * (20 * 1024 * 1024 + 1), headers=kind)
        day = await client.post(f"{path}?on=2015-09-12", content=csv_of(ROWS), headers=kind)
        no_file = await client.post(path, files={"other": ("a.csv", b"x")})
    for answer, field in ((empty, "file"), (web, "file"), (large, "file"), (day, "on"), (no_file, "file")):
        assert (answer.status_code, [one["field"] for one in answer.json()["errors"]]) == (422, [field]), answer.text
    async with client_of(app, stranger.contact) as client:
        assert (await client.post(path, content=csv_of(ROWS), headers=kind)).status_code in (403, 404)
    async with client_of(app, None) as client:
        assert (await client.post(path, content=csv_of(ROWS), headers=kind)).status_code == 401


async def test_other_pages_answer_while_a_file_is_read(app: Litestar, world: BookingWorld) -> None:
    """The reader is a process of its own: the event loop is free all the time."""
    path = f"/api/v1/sessions/{world.session.id}/attendees/import"
    names = "".join(f"张{chr(0x4E00 + n % 300)}{chr(0x4E00 + n // 300)},一厂\r\n" for n in range(20_000))
    longest, last = 0.0, asyncio.get_running_loop().time()
    done = False

    async def watch() -> None:
        nonlocal longest, last
        while not done:
            await asyncio.sleep(0.005)
            now = asyncio.get_running_loop().time()
            longest, last = max(longest, now - last), now

    async with client_of(app, world.organiser) as client:
        watching = asyncio.create_task(watch())
        made = await client.post(path, content=("姓名,单位\r\n" + names).encode(), headers={"Content-Type": "text/csv"})
        done = True
        await watching
    assert made.json()["new"] == 20_000
    assert longest < 0.5


# --- command line -----------------------------------------------------------------------------------------------------


@pytest.fixture
def outreach(settings: Settings, dsn: str, tmp_path: Path) -> Any:
    """The command in a process of its own, since the tests' pool lives in this one."""

    async def run(session_id: UUID, content: bytes, name: str, *words: str) -> tuple[int, str]:
        file = tmp_path / name
        file.write_bytes(content)
        environment = {
            **os.environ,
            "OUTREACH_HOME": str(settings.home),
            "OUTREACH_DATABASE_URL": dsn,
            "OUTREACH_SECRET_KEY": "t" * 40,
        }
        command = [sys.executable, "-m", "outreach", "attendance", "import", str(session_id), str(file), *words]
        made = await asyncio.to_thread(
            subprocess.run, command, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        return made.returncode, made.stdout + made.stderr

    return run


async def test_command_stores_nothing_when_rows_are_rejected(outreach: Any, world: BookingWorld) -> None:
    code, said = await outreach(world.session.id, SHEET, "a.xlsx")
    assert code == 1
    assert "第4行（A4）：没有姓名" in said
    assert "没有存" in said
    assert "1380000" not in said
    assert await count() == 0

    code, said = await outreach(world.session.id, SHEET, "a.xlsx", "--skip-rejected")
    assert (code, await count()) == (0, 2)
    assert "其中新的 2 人" in said
    code, said = await outreach(world.session.id, SHEET, "a.xlsx", "--skip-rejected", "--dry-run")
    assert "导入过了" in said

    code, said = await outreach(world.session.id, csv_of(ROWS[:3]), "b.csv", "--expected")
    assert (code, await db.value("SELECT count(*) FROM attendance_attendee WHERE expected")) == (0, 2)


async def test_command_reads_only_with_dry_run_and_says_what_is_wrong(outreach: Any, world: BookingWorld) -> None:
    code, said = await outreach(world.session.id, MESSY["a workbook of Excel 97"].content, "a.xls", "--dry-run")
    assert (code, await count()) == (0, 0)
    assert "可收 2 人" in said
    code, said = await outreach(world.session.id, b"<html><table>", "a.xls")
    assert code == 1
    assert "网页存成的表格" in said
    code, said = await outreach(UUID(int=1), SHEET, "a.xlsx")
    assert code == 1
