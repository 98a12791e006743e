"""The floor of a roster: python-calamine reads the file, asyncpg copies its rows into the table of attendees.

``python -m bench.bare_roster DSN FILE SESSION``; prints the seconds of both. No rules: the number stands for the
identity.
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


async def _copied(dsn: str, rows: list[list[Any]], session: uuid.UUID) -> None:
    connection = await asyncpg.connect(dsn)
    now, day = datetime.now(UTC), date(2015, 9, 10)
    same: tuple[Any, ...] = (True, "", [], False, True, "import", now, "", now, now, 1)
    records: list[tuple[Any, ...]] = [
        (uuid.uuid4(), session, day, row[1], row[2], str(row[3]), *same) for row in rows[1:]
    ]
    async with connection.transaction():
        await connection.copy_records_to_table("attendance_attendee", columns=_COLUMNS, records=records)
    await connection.close()


def main() -> None:
    dsn, file, session = sys.argv[1:]
    gc.disable()
    began = time.perf_counter()
    rows = CalamineWorkbook.from_path(Path(file)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    asyncio.run(_copied(dsn, rows, uuid.UUID(session)))
    sys.stdout.write(f"{time.perf_counter() - began:.4f}\n")


if __name__ == "__main__":
    main()
