"""Imports on pages and on the command line: upload, preview, confirm, files to download, who may."""

import asyncio
import html
import io
import os
import re
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import httpx
import pytest
from litestar import Litestar
from python_calamine import CalamineWorkbook

from outreach.imports.domain.kinds import KINDS
from outreach.imports.wording import reason_text
from outreach.shared import db
from outreach.shared.actors import Role
from tests.factories.accounts import browser_of, make_actor
from tests.support.importing import MISTAKES, Federation, sheet_of
from tests.support.pages import form_token

#: A reason says what to write, what fits, what to do, or which cell to look at.
TELLS_THE_WAY_OUT = re.compile("请|[要应]|只[能写]|可以填|不能|最多|写一行|还没有到|不用填报|见[A-Z]+[0-9]+")

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
async def city(database: None) -> Federation:
    return await Federation().build()


async def sent(browser: httpx.AsyncClient, kind: str, content: bytes, name: str = "表格.xlsx") -> httpx.Response:
    opened = await browser.get(f"/desk/imports/{kind}")
    data = {"_csrf_token": form_token(opened.text)}
    return await browser.post(f"/desk/imports/{kind}", data=data, files={"file": (name, content)})


async def press(browser: httpx.AsyncClient, path: str, action: str) -> httpx.Response:
    token = form_token((await browser.get(path)).text)
    return await browser.post(f"{path}/{action}", data={"_csrf_token": token})


async def test_upload_preview_confirm_and_the_list_of_files(app: Litestar, city: Federation) -> None:
    before = await db.value("SELECT count(*) FROM accounts_organisation")
    async with browser_of(app, city.organiser) as browser:
        assert 'href="/desk/imports"' in (await browser.get("/desk/manage")).text
        answer = await sent(browser, "units", sheet_of("units", [{}, {"会员数": "很多"}, {"编码": "A1"}]))
        assert answer.status_code == 303, answer.text
        path = answer.headers["location"]
        assert re.fullmatch(r"/desk/imports/units/[0-9a-f-]{36}", path)
        text = (await browser.get(path)).text
        assert "会新建1条，改0条，还没有存" in text
        assert ">H3<" in text
        assert "应是数字。" in text
        assert "很多" in text
        assert await db.value("SELECT count(*) FROM accounts_organisation") == before
        doubled = (await browser.get(f"{path}?tab=duplicates")).text
        assert ">A4<" in doubled
        assert ">A2<" in doubled

        refused = await browser.get(f"{path}/rejected.xlsx")
        rows = CalamineWorkbook.from_filelike(io.BytesIO(refused.content)).get_sheet_by_index(0).to_python()
        assert rows[1][:5] == ["H3", 3.0, "会员数", "很多", "应是数字。"]

        stored = await press(browser, path, "confirm")
        assert stored.status_code == 303
        assert "已存入：新1条，改0条" in (await browser.get(path)).text
        again = await browser.post(f"{path}/confirm", data={"_csrf_token": form_token((await browser.get(path)).text)})
        assert again.status_code == 303
        assert "表格.xlsx" in (await browser.get("/desk/imports")).text
    assert await db.value("SELECT count(*) FROM accounts_organisation") == before + 1


async def test_preview_is_thrown_away(app: Litestar, city: Federation) -> None:
    async with browser_of(app, city.organiser) as browser:
        path = (await sent(browser, "venues", sheet_of("venues", [{}]))).headers["location"]
        gone = await press(browser, path, "discard")
        assert gone.headers["location"] == "/desk/imports/venues"
        assert (await browser.get(path)).status_code == 404
    assert await db.value("SELECT count(*) FROM imports_preview") == 0


async def test_form_names_what_is_wrong_with_the_file(app: Litestar, city: Federation) -> None:
    async with browser_of(app, city.organiser) as browser:
        answer = await sent(browser, "units", "名称,类别\n一厂,基层工会\n".encode(), "a.csv")
        assert answer.status_code == 422
        assert "表头里缺少编码。请加上，或用我们的模板。" in answer.text
        token = form_token((await browser.get("/desk/imports/units")).text)
        empty = await browser.post("/desk/imports/units", data={"_csrf_token": token})
        assert empty.status_code == 422
        assert "请填写。" in empty.text


async def test_preview_that_became_stale_is_shown_anew(app: Litestar, city: Federation) -> None:
    content = sheet_of("units", [{"编码": "SZ-1", "名称": "胥江机械厂工会", "行业": "机械"}])
    async with browser_of(app, city.organiser) as browser:
        path = (await sent(browser, "units", content)).headers["location"]
        await db.execute("UPDATE accounts_organisation SET industry = '纺织' WHERE code = 'SZ-1'")
        answer = await press(browser, path, "confirm")
        assert answer.status_code == 409
        assert "刚刚有人改过" in answer.text
        assert "纺织 → 机械" in answer.text
        assert (await press(browser, path, "confirm")).status_code == 303
    assert await db.value("SELECT industry FROM accounts_organisation WHERE code = 'SZ-1'") == "机械"


async def test_imports_are_for_staff_and_previews_their_senders(app: Litestar, city: Federation) -> None:
    async with browser_of(app, city.organiser) as browser:
        path = (await sent(browser, "venues", sheet_of("venues", [{}]))).headers["location"]
        assert (await browser.get("/desk/imports/nothing")).status_code == 404
        assert (await browser.get(path.replace("venues", "units"))).status_code == 404
    contact = await make_actor(Role.CONTACT, city.unit)
    other = await make_actor(Role.ORGANISER, city.root)
    for actor, status in ((contact, 403), (other, 404)):
        async with browser_of(app, actor) as browser:
            assert (await browser.get(path)).status_code == status
            assert (await browser.get(f"{path}/rejected.xlsx")).status_code == status
    async with browser_of(app, contact) as browser:
        for page in ("/desk/imports", "/desk/imports/units", "/desk/imports/persons/export.xlsx"):
            assert (await browser.get(page)).status_code == 403


@pytest.mark.parametrize("kind", list(KINDS))
async def test_every_kind_has_words_for_its_mistakes_a_template_and_an_export(
    app: Litestar, city: Federation, now: datetime, kind: str
) -> None:
    await city.crowd()
    async with browser_of(app, city.organiser) as browser:
        mistakes = MISTAKES[kind]
        rows = [{**one.also, one.column: one.cell} for one in mistakes]
        path = (await sent(browser, kind, sheet_of(kind, rows))).headers["location"]
        text = (await browser.get(path)).text
        assert "这个值不能用" not in text
        _row, shown = await city.preview(now, kind, sheet_of(kind, rows))
        said = {one.code: reason_text(KINDS[kind], one) for one in shown.rejected}
        assert said.keys() == {one.code for one in mistakes}
        assert [one for one in said.values() if not TELLS_THE_WAY_OUT.search(one)] == []
        assert [one for one in said.values() if one not in html.unescape(text)] == []
        assert "{" not in text[text.index("<main") : text.index("</main")]
        for name in ("template", "export"):
            answer = await browser.get(f"/desk/imports/{kind}/{name}.xlsx")
            assert answer.status_code == 200
            book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
            sheet = book.get_sheet_by_index(0).to_python()
            assert sheet[0] == [one.title for one in KINDS[kind].columns]
            assert book.sheet_names[1:3] == ["填写说明", "示例"]
            assert len(book.get_sheet_by_name("示例").to_python()) == 2
        assert KINDS[kind].columns[0].title in (await browser.get(f"/desk/imports/{kind}")).text


SOFFICE = shutil.which("soffice") or shutil.which("libreoffice")


@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed")
async def test_libreoffice_opens_the_template_with_its_lists(app: Litestar, city: Federation, tmp_path: Path) -> None:
    assert SOFFICE is not None
    async with browser_of(app, city.organiser) as browser:
        template = await browser.get("/desk/imports/units/template.xlsx")
    file = tmp_path / "units.xlsx"
    file.write_bytes(template.content)
    done = await asyncio.to_thread(
        subprocess.run,
        [SOFFICE, "--headless", f"-env:UserInstallation=file://{tmp_path}/profile", "--convert-to", "fods",
         "--outdir", str(tmp_path), str(file)],
        capture_output=True, text=True, timeout=180,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "units.fods").read_text(encoding="utf-8")
    assert "table:content-validation " in text
    assert "基层工会" in text
    assert "苏州市总工会" in text
    assert 'table:name="填写说明"' in text


def run(tmp_path: Path, dsn: str, *words: str) -> subprocess.CompletedProcess[str]:
    clean = {name: text for name, text in os.environ.items() if not name.startswith("OUTREACH_")}
    return subprocess.run(
        [sys.executable, "-m", "outreach", *words],
        env={**clean, "OUTREACH_HOME": str(tmp_path), "OUTREACH_DATABASE_URL": dsn},
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip


async def test_commands_say_every_refused_cell_and_store_all_or_nothing(
    city: Federation, now: datetime, tmp_path: Path, dsn: str
) -> None:
    units, sessions = tmp_path / "u.csv", tmp_path / "s.xlsx"
    units.write_text("代码,名称,类别,上级代码\nN1,一厂,基层工会,SZ\nN2,二厂,没有这类,SZ\n", encoding="gb18030")
    refused = run(tmp_path, dsn, "organisations", "load", str(units))
    assert refused.returncode == 1
    assert "第3行（C3，类别）：不在列表里。" in refused.stdout
    assert "什么都没有存" in refused.stdout
    assert await db.value("SELECT count(*) FROM accounts_organisation WHERE code LIKE 'N%'") == 0
    units.write_text("代码,名称,类别,上级代码\nN1,一厂,基层工会,SZ\n", encoding="utf-8")
    made = run(tmp_path, dsn, "organisations", "load", str(units))
    assert (made.returncode, made.stderr.count("Error")) == (0, 0), made.stderr
    assert "新建 1 个" in made.stdout

    sessions.write_bytes(sheet_of("sessions", [{"日期": "2031-10-08"}]))
    await db.execute("UPDATE programmes_programme SET year = 2031")
    tried = run(tmp_path, dsn, "sessions", "load", str(sessions), "--dry-run")
    assert "只读了一遍，没有存" in tried.stdout, tried.stdout + tried.stderr
    assert await db.value("SELECT count(*) FROM events_session") == 0
    stored = run(tmp_path, dsn, "sessions", "load", str(sessions))
    assert "已存入" in stored.stdout, stored.stdout + stored.stderr
    assert await db.value("SELECT count(*) FROM events_session") == 1
