"""The report of 10,000 sessions as xlsx, beside bare XlsxWriter with the same cells in the same formats.

CPU of this process, the best of several rounds, so that neither waits for the other's disk. What bare XlsxWriter writes
is read back from our own file. What reading the figures takes is told beside it.
"""

import asyncio
import gc
import io
import time
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import xlsxwriter
from python_calamine import CalamineWorkbook

from bench.counting import KINDS
from bench.stock import database
from bench.support import Row, home_folder
from outreach.counting.counters import recount
from outreach.reports.content.document import document_of
from outreach.reports.data import ReportData
from outreach.reports.queries import report_data
from outreach.reports.sheets import report_xlsx
from outreach.shared import db
from outreach.shared.time import ZONE
from tests.factories.accounts import make_organisation
from tests.factories.events import make_event
from tests.factories.programmes import make_programme, make_target

__all__ = ["measure"]

SESSIONS, YEAR, ROUNDS = 10_000, 2025, 5
AS_OF, NOW = date(YEAR, 12, 31), datetime(2026, 1, 1, 9, tzinfo=ZONE)

_SESSIONS = """
INSERT INTO events_session (id, event, programme, organisation, title, kind, address, district, starts_at, ends_at,
                            capacity, visibility, state, revised_at, published_at, created_at)
SELECT gen_random_uuid(), $1, $2, $3, '第' || n || '场 锡剧折子戏专场', ($4::text[])[1 + n % cardinality($4::text[])],
       n || '号职工活动中心三楼报告厅', ('{姑苏区,吴中区,相城区,""}'::text[])[1 + n % 4], at,
       at + interval '90 minutes', 120, 'public', 'closed', now(), now(), now()
  FROM generate_series(0, $5::int - 1) n
 CROSS JOIN LATERAL (SELECT make_timestamptz($6, 1, 1, 1, 0, 0, 'UTC') + n * (interval '360 days' / $5::int) AS at) t
"""
_HEADS = """
INSERT INTO attendance_headcount (id, session, "on", total, workers, breakdown, recorded_at)
SELECT gen_random_uuid(), id, timezone('Asia/Shanghai', starts_at)::date, 80, 60, '{}', now() FROM events_session
"""


async def _prepare() -> None:
    owner = await make_organisation(name="市总工会")
    programme = await make_programme(owner, year=YEAR, kinds=KINDS)
    await make_target(programme, value=9000.0)
    event = await make_event(programme)
    async with db.atomic():
        await db.execute(_SESSIONS, event.id, programme.id, owner.id, KINDS, SESSIONS, YEAR)
        await db.execute(_HEADS)
    await recount(NOW)
    await db.execute("VACUUM ANALYZE")


async def _data() -> tuple[ReportData, float]:
    """The figures, and the seconds that reading them takes, all of it waiting for the database included."""
    with home_folder() as home:
        async with database(home, migrating=True):
            await _prepare()
            began = time.perf_counter()
            return await report_data(year=YEAR, as_of=AS_OF, now=NOW), time.perf_counter() - began


def _bare(sheets: dict[str, list[list[Any]]]) -> bytes:
    """The cells with bare XlsxWriter: numbers, dates and texts, a format for each, and nothing around them."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False})
    text, whole, figures, moment = (
        book.add_format({"valign": "top", **given})
        for given in (
            {"text_wrap": True}, {"num_format": "#,##0"}, {"num_format": "#,##0.##"}, {"num_format": "yyyy-mm-dd hh:mm"}
        )
    )  # fmt: skip
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for line, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, str):
                    if value:
                        sheet.write_string(line, column, value, text)
                elif isinstance(value, date):
                    sheet.write_datetime(line, column, value, moment)
                else:
                    sheet.write_number(line, column, value, whole if value == int(value) else figures)
    book.close()
    return out.getvalue()


def _cpu(work: Callable[[], object]) -> float:
    """The least CPU seconds of several rounds."""
    found = []
    for _round in range(ROUNDS):
        gc.collect()
        began = time.process_time()
        work()
        found.append(time.process_time() - began)
    return min(found)


def measure() -> list[Row]:
    data, reading = asyncio.run(_data())

    def ours() -> bytes:
        return asyncio.run(report_xlsx(data, document_of(data, data.annexes)))

    made = ours()
    book = CalamineWorkbook.from_filelike(io.BytesIO(made))
    sheets = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
    cells = sum(value != "" for rows in sheets.values() for row in rows for value in row)
    assert len(sheets["场次"]) == SESSIONS + 1
    mine, bare = _cpu(ours), _cpu(lambda: _bare(sheets))
    return [
        Row(
            f"xlsx of {SESSIONS:,} sessions, {cells:,} cells on {len(sheets)} sheets (CPU)",
            f"{mine:.2f} s, {len(made) / 1e6:.1f} MB (its figures read in {reading:.1f} s)",
            f"bare XlsxWriter {bare:.2f} s",
            mine / bare,
            "≤ 2 ×",
            mine <= 2 * bare,
        )
    ]
