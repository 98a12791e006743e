"""Previews of 5,000 organisations and of a year of 2,000 sessions sent as xlsx over HTTP, beside python-calamine
reading the same files, and storing that year.

The baseline is a bare process that opens the file and takes its rows, with its start, as whoever reads a file in a
process of its own pays for it; beside it stands the reading alone. Preview and baseline take turns, so that what else
runs on the machine meets both, and the lower quartiles of all rounds are compared: a preview is handed on between four
processes, which on a busy machine wait for their turn each time, where the baseline waits once. The medians are told.
The previews are thrown away by the next one of the same file; the last one is confirmed.
"""

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from statistics import median

import xlsxwriter

from bench.stock import database, make_stock
from bench.support import Row, home_folder, percentile, served
from outreach.shared import db
from tests.factories.accounts import make_organisation
from tests.factories.events import make_provider, make_venue

__all__ = ["measure"]

UNITS, SESSIONS, ROUNDS = 5000, 2000, 11
#: Somebody looks for the file; a reader starts in 0.2 s, on a busy machine in a second.
LOOKING_SECONDS = 1.5
#: What a person waits for a year of sessions to be stored, published with people and places.
STORING_SECONDS = 8.0

_BARE = """
import sys, time
began = time.perf_counter()
from python_calamine import CalamineWorkbook
reading = time.perf_counter()
rows = CalamineWorkbook.from_path(sys.argv[1]).get_sheet_by_index(0).to_python(skip_empty_area=False)
print(time.perf_counter() - reading, len(rows))
"""


def _units(path: Path, root: str) -> None:
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(
        0, 0, ["编码", "名称", "类别", "上级", "地区", "所有制", "行业", "会员数", "会员数统计日期", "女职工数"]
    )
    for n in range(UNITS):
        parent = root if n < 100 else f"B{n % 100}"
        sheet.write_row(
            n + 1, 0,
            [f"B{n}", f"第{n}机械厂工会", "基层工会", parent, "吴中区", "非公有", "机械", n, "2015-01-01", n // 2],
        )  # fmt: skip
    book.close()


def _sessions(path: Path, programme: str, event: str, year: int) -> None:
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet()
    head = ["项目", "活动", "日期", "开始", "结束", "场地", "地址", "讲师团队", "承接单位", "名额", "谁能看到", "状态"]
    sheet.write_row(0, 0, head)
    for n in range(SESSIONS):
        on = date(year, 1, 1) + timedelta(days=n % 360)
        hour = 8 + n // 360 * 2
        row = [programme, event, on.isoformat(), f"{hour:02d}:00", f"{hour + 1:02d}:30", f"第{n % 20}会场", f"{n}号厅"]
        sheet.write_row(n + 1, 0, [*row, f"讲师甲{n % 40}", f"第{n % 500}承接工会", 100, "所有人", "发布"])
    book.close()


async def _prepare(home: Path, folder: Path) -> dict[str, str]:
    async with database(home, migrating=True):
        stock = await make_stock()
        programme, root = stock.programme, stock.root
        for n in range(40):
            await make_provider(root, name=f"讲师甲{n}")
        for n in range(20):
            await make_venue(root, name=f"第{n}会场")
        for n in range(500):
            await make_organisation(parent=root, name=f"第{n}承接工会")
        # Sessions to come: the bench runs by the system's own clock.
        year = (date.today() + timedelta(days=366)).year  # noqa: DTZ011 - a year is enough
        await db.execute("UPDATE programmes_programme SET year = $2 WHERE id = $1", programme.id, year)
        await db.execute("ANALYZE")
        _units(folder / "units.xlsx", root.code)
        _sessions(folder / "sessions.xlsx", programme.name, stock.event.title, year)
        return stock.headers


async def _sent(port: int, headers: dict[str, str], kind: str, content: bytes, rows: int) -> tuple[float, str]:
    """Seconds until the answer says where the preview is, and where."""
    mark = "-----------------7081"
    body = (
        f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="a.xlsx"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    ).encode()
    body += content + f"\r\n--{mark}--\r\n".encode()
    began = time.perf_counter()
    answer = await _post(port, headers, f"/desk/imports/{kind}", body, f"multipart/form-data; boundary={mark}")
    seconds = time.perf_counter() - began
    where = _location(answer)
    assert f"会新建{rows:,}条".encode() in await _page(port, headers, where), answer[:400]
    return seconds, where


async def _confirmed(port: int, headers: dict[str, str], where: str, rows: int) -> float:
    """Seconds until everything is stored."""
    began = time.perf_counter()
    answer = await _post(port, headers, f"{where}/confirm", b"", "application/x-www-form-urlencoded")
    seconds = time.perf_counter() - began
    assert f"新{rows:,}条".encode() in await _page(port, headers, _location(answer)), answer[:400]
    return seconds


def _location(answer: bytes) -> str:
    line = next(line for line in answer.split(b"\r\n") if line.lower().startswith(b"location:"))
    return line.split()[1].decode()


async def _post(port: int, headers: dict[str, str], path: str, body: bytes, kind: str) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = [
        f"POST {path} HTTP/1.1", "Host: 127.0.0.1", "Accept: text/html",
        f"Content-Type: {kind}", f"Content-Length: {len(body)}", "Connection: close",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]  # fmt: skip
    writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
    answer = await reader.read()
    writer.close()
    return answer


async def _page(port: int, headers: dict[str, str], path: str) -> bytes:
    """A page; the form's own, too, which lets a reader be ready."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", "Accept: text/html", "Connection: close",
             *(f"{name}: {value}" for name, value in headers.items())]  # fmt: skip
    writer.write("\r\n".join(lines).encode() + b"\r\n\r\n")
    answer = await reader.read()
    writer.close()
    return answer


def _bare(file: Path) -> tuple[float, float]:
    """Seconds of a process that reads the file, and of the reading alone."""
    began = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", _BARE, str(file)], capture_output=True, text=True, check=True)
    return time.perf_counter() - began, float(done.stdout.split()[0])


def _rounds(port: int, headers: dict[str, str], kind: str, file: Path, rows: int) -> tuple[Row, str]:
    """The line of a kind, and where its last preview is."""
    took: list[float] = []
    bare: list[tuple[float, float]] = []
    where = ""
    for _ in range(ROUNDS):
        asyncio.run(_page(port, headers, f"/desk/imports/{kind}"))
        time.sleep(LOOKING_SECONDS)
        bare.append(_bare(file))
        seconds, where = asyncio.run(_sent(port, headers, kind, file.read_bytes(), rows))
        took.append(seconds)
    whole, alone = _quartile(one for one, _two in bare), _quartile(two for _one, two in bare)
    ratio = _quartile(took) / whole
    line = Row(
        f"preview of {rows:,} {'organisations' if kind == 'units' else kind}, xlsx over HTTP",
        f"{_quartile(took) * 1e3:.0f} ms (median {median(took) * 1e3:.0f}, fastest {min(took) * 1e3:.0f})",
        f"bare process with calamine {whole * 1e3:.0f} ms (median {median(one for one, _two in bare) * 1e3:.0f};"
        f" reading alone {alone * 1e3:.0f})",
        ratio,
        "≤ 3",
        ratio <= 3,
    )
    return line, where


def _quartile(seconds: Iterable[float]) -> float:
    """A quarter is as fast or faster."""
    return percentile(list(seconds), 0.25)


def measure() -> list[Row]:
    rows: list[Row] = []
    with home_folder() as home, tempfile.TemporaryDirectory() as folder:
        headers, where = asyncio.run(_prepare(home, Path(folder))), ""
        with served(home) as (port, _pid):
            for kind, number in (("units", UNITS), ("sessions", SESSIONS)):
                line, where = _rounds(port, headers, kind, Path(folder) / f"{kind}.xlsx", number)
                rows.append(line)
            seconds = asyncio.run(_confirmed(port, headers, where, SESSIONS))
    rows.append(
        Row(
            f"storing {SESSIONS:,} published sessions",
            f"{seconds:.1f} s",
            "",
            None,
            f"≤ {STORING_SECONDS:.0f} s",
            seconds <= STORING_SECONDS,
        )
    )
    return rows
