"""The floor of a roster: python-calamine reads the file, asyncpg copies its rows into a table like the real one.

``python -m bench.bare_roster DSN FILE``; prints the seconds of both. No rules: the number stands for the identity.
"""

import asyncio
import gc
import sys
import time
import uuid
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import asyncpg
from python_calamine import CalamineWorkbook

_COLUMNS = (
    "id", "session", "on", "name", "unit_name", "identity", "by_number", "tail", "groups", "expected", "present",
    "came_by", "checked_in_at", "device", "created_at", "changed_at", "revision",
)  # fmt: skip


async def _copied(dsn: str, rows: list[list[Any]]) -> None:
    connection = await asyncpg.connect(dsn)
    session, now, day = uuid.uuid4(), datetime.now(UTC), date(2015, 9, 10)
    records = [
        (uuid.uuid4(), session, day, row[1], row[2], str(row[3]), True, "", [], False, True, "import", now, "", now, now, 1)
        for row in rows[1:]
    ]  # fmt: skip
    async with connection.transaction():
        await connection.copy_records_to_table("bare_attendee", columns=_COLUMNS, records=records)
    await connection.close()


async def _empty(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute("DROP TABLE IF EXISTS bare_attendee")
    await connection.execute("CREATE TABLE bare_attendee (LIKE attendance_attendee INCLUDING ALL)")
    await connection.close()


def main() -> None:
    dsn, file = sys.argv[1:]
    asyncio.run(_empty(dsn))
    gc.disable()
    began = time.perf_counter()
    rows = CalamineWorkbook.from_path(Path(file)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    asyncio.run(_copied(dsn, rows))
    sys.stdout.write(f"{time.perf_counter() - began:.4f}\n")


if __name__ == "__main__":
    main()
