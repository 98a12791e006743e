"""A report of 100 pages, beside bare WeasyPrint on the same HTML; and who waits while the demo year's is made."""

import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bench.support import Client, Row, home_folder, percentile, served

__all__ = ["measure"]

AS_OF = "2015-09-15"
#: Of the long report: its annexes fill about 85 pages.
SESSIONS, CORRECTIONS = 990, 820
PROBE_SECONDS = 12.0
PAUSE_SECONDS = 0.01


async def _demo(home: Path) -> None:
    from outreach.app import connected
    from outreach.demo import load_demo
    from outreach.settings import Settings
    from outreach.shared.time import Clock

    async with connected(Settings(home=home)):
        await load_demo(Clock().now(), home, year=2015, seed=1, progress=lambda _text, _share: None)


async def _token_and_html(home: Path) -> tuple[str, str, str]:
    """An administrator's token, the very HTML that the demo's report is made of, and that of a long one."""
    from datetime import date

    from outreach.accounts.commands import create_token_for
    from outreach.app import connected, load_clock
    from outreach.reports.documents import report_html
    from outreach.reports.queries import report_data
    from outreach.settings import Settings

    async with connected(Settings(home=home), migrating=False):
        now = (await load_clock()).now()
        data = await report_data(year=2015, as_of=date.fromisoformat(AS_OF), now=now)
        return await create_token_for(name="admin", now=now), report_html(data), report_html(_long(data))


def _long(data: Any) -> Any:
    """The same report with so many sessions and corrections that it has 100 pages."""
    from dataclasses import replace
    from datetime import UTC, datetime
    from uuid import UUID

    from outreach.attendance.queries import CorrectionRow
    from outreach.reports.data import CorrectedFigure

    times = SESSIONS // len(data.sessions) + 1
    sessions = (data.sessions * times)[:SESSIONS]
    corrections = [
        CorrectedFigure(
            one,
            CorrectionRow(
                id=UUID(int=number), session_id=one.id, field="total", on=None, old_value=number,
                new_value=number + 2, reason="现场点数漏了两位，照签到表补上", corrected_by_name="",
                corrected_at=datetime(2015, 9, 1, tzinfo=UTC),
            ),
        )
        for number, one in enumerate(sessions[:CORRECTIONS])
    ]  # fmt: skip
    return replace(data, sessions=sessions, corrections=tuple(corrections))


async def _probe(port: int, until: "asyncio.Future[Any] | float", token: str) -> list[float]:
    """Seconds of no-op requests, one after another, while something goes on or for some seconds."""
    client = Client(port, {"Authorization": f"Bearer {token}"})
    seconds: list[float] = []
    end = time.monotonic() + (until if isinstance(until, float) else PROBE_SECONDS)
    while time.monotonic() < end and (isinstance(until, float) or not until.done()):
        seconds.append((await client.ask("GET", "/bench/open")).seconds)
        await asyncio.sleep(PAUSE_SECONDS)
    await client.close()
    return seconds


async def _beside_ours(port: int, token: str) -> tuple[list[float], float]:
    """Probe while reports of different days render, so that none is answered from what was kept."""
    waits: list[float] = []
    client = Client(port, {"Authorization": f"Bearer {token}"})
    first = 0.0
    for day in (15, 16):
        began = time.perf_counter()
        making = asyncio.ensure_future(client.ask("GET", f"/reports/2015.pdf?as_of=2015-09-{day}"))
        waits += await _probe(port, making, token)
        answer = await making
        assert answer.status == 200, answer.body[:300]
        first = first or time.perf_counter() - began
    await client.close()
    return waits, first


async def _beside_bare(port: int, token: str, html: Path) -> list[float]:
    """Probe while a niced process renders the same with bare WeasyPrint."""
    waits: list[float] = []
    for _ in range(2):
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bench.bare_report",
            str(html),
            preexec_fn=lambda: os.nice(10),
            stdout=subprocess.DEVNULL,
        )
        waits += await _probe(port, asyncio.ensure_future(process.wait()), token)
        await process.wait()
    return waits


def _rendered(html: Path, *how: str) -> dict[str, Any]:
    """CPU seconds, pages and bytes."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.bare_report", *how, str(html)], capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def measure() -> list[Row]:
    with home_folder() as home:
        asyncio.run(_demo(home))
        token, html, long_html = asyncio.run(_token_and_html(home))
        page, long_page = home / "report.html", home / "long.html"
        page.write_text(html, encoding="utf-8")
        long_page.write_text(long_html, encoding="utf-8")
        bare, ours = _rendered(long_page), _rendered(long_page, "--ours")
        with served(home) as (port, _pid):
            asyncio.run(_probe(port, 2.0, token))
            ours_waits, first = asyncio.run(_beside_ours(port, token))
            bare_waits = asyncio.run(_beside_bare(port, token, page))
    own, other = percentile(ours_waits, 0.99), percentile(bare_waits, 0.99)
    return [
        Row(
            f"report as PDF, {ours['pages']} pages (CPU)",
            f"{ours['cpu']:.2f} s (the demo year's first over HTTP {first:.1f} s)",
            f"bare WeasyPrint {bare['cpu']:.2f} s",
            ours["cpu"] / bare["cpu"],
            "≤ 1.3 ×",
            ours["pages"] >= 100 and ours["cpu"] / bare["cpu"] <= 1.3,
        ),
        Row(
            f"p99 of a no-op request while it renders ({len(ours_waits)} requests)",
            f"{own * 1e3:.1f} ms",
            f"beside a niced bare WeasyPrint {other * 1e3:.1f} ms",
            own / other,
            "≤ 2 ×",
            own / other <= 2,
        ),
    ]
