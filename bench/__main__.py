"""``make bench``: runs the measurements named (all by default) and prints one table.

``--write`` puts the table into ``bench/RESULTS.md`` with the day.
"""

import argparse
import importlib
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

from bench.support import Row

PARTS = (
    "setup", "start", "bookings", "orders", "board", "feeds", "report", "rosters", "checkins", "counting", "forecast",
    "sheets", "dashboard", "mail", "imports", "notice",
)  # fmt: skip


def table(rows: list[Row]) -> str:
    lines = ["| what | measured | baseline of the same run | ratio | bound | kept |", "|---|---|---|---|---|---|"]
    for row in rows:
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        cells = (row.name, row.measured, row.baseline, ratio, row.bound, "yes" if row.kept else "**no**")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], default=[], help="which measurements")
    parser.add_argument("--write", action="store_true", help="write bench/RESULTS.md")
    given = parser.parse_args()
    rows: list[Row] = []
    for part in given.parts or PARTS:
        print(f"measuring {part} …", file=sys.stderr, flush=True)
        rows += importlib.import_module(f"bench.{part}").measure()
    text = table(rows)
    print(text)
    if given.write:
        day = datetime.now(UTC).date().isoformat()
        where = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
        Path(__file__).with_name("RESULTS.md").write_text(
            f"# Results\n\nMeasured {day} on {where} by `make bench`. "
            f"Ratios are against a baseline of the same run.\n\n{text}\n",
            encoding="utf-8",
        )
    return 0 if all(row.kept for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
