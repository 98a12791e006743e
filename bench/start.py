"""From the command to the first answered request, and the memory of the idle process."""

import subprocess
import sys
import time

from bench.support import Row, home_folder, resident_bytes, served

__all__ = ["measure"]


def measure() -> list[Row]:
    with home_folder() as home:
        with served(home):
            pass  # makes the database
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import litestar, piccolo.table, asyncpg, jinja2, granian"], check=True)
        imports = time.perf_counter() - began
        best, memory = 99.0, 0
        for _ in range(3):
            began = time.perf_counter()
            with served(home, target="outreach.asgi:application") as (_port, pid):
                best = min(best, time.perf_counter() - began)
                time.sleep(1)
                memory = max(memory, resident_bytes(pid))
    mebibytes = memory / 2**20
    return [
        Row("start to first answer, embedded database", f"{best:.2f} s", f"importing the libraries {imports:.2f} s",
            best / imports, "≤ 3 s", best <= 3),
        Row("idle memory of the app process", f"{mebibytes:.0f} MiB", "", None, "≤ 200 MiB", mebibytes <= 200),
    ]  # fmt: skip
