"""The public feed of 10,000 sessions: unchanged it costs nearly nothing, after one change one event, made first it
costs what icalendar costs."""

import asyncio
import json
import statistics
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.support import Answer, Client, Row, home_folder, load, served

__all__ = ["measure"]

SESSIONS = 10_000
CLIENTS = 16
REQUESTS = 6_000
BODIES, READERS = 150, 4
CHANGES = 25


async def _prepare(home: Path) -> None:
    from outreach.app import connected
    from outreach.settings import Settings
    from outreach.shared import db
    from tests.factories.accounts import make_organisation
    from tests.factories.events import make_event, make_session
    from tests.factories.programmes import make_programme

    async with connected(Settings(home=home)):
        root = await make_organisation()
        event = await make_event(await make_programme(root, year=datetime.now(UTC).year))
        first = await make_session(event, starts_at=datetime.now(UTC) + timedelta(hours=1))
        columns = [r["column_name"] for r in await db.rows(
            """SELECT column_name FROM information_schema.columns
                WHERE table_name = 'events_session' ORDER BY ordinal_position"""
        )]  # fmt: skip
        changed = {
            "id": "gen_random_uuid()",
            "starts_at": "starts_at + n * interval '47 minutes'",
            "ends_at": "ends_at + n * interval '47 minutes'",
        }
        names = ", ".join(columns)
        values = ", ".join(changed.get(name, name) for name in columns)
        await db.execute(
            f"INSERT INTO events_session ({names}) SELECT {values} FROM events_session, "
            f"generate_series(1, {SESSIONS - 1}) n WHERE id = $1",
            first.id,
        )


def _bare(body: bytes) -> float:
    """Building and serialising the same events with icalendar alone: CPU seconds."""
    from icalendar import Calendar, Event

    events = [dict(one.property_items(recursive=False)) for one in Calendar.from_ical(body).walk("VEVENT")]
    plain: list[dict[str, Any]] = [{k: v for k, v in one.items() if k not in ("BEGIN", "END")} for one in events]
    decoded = [
        {
            "uid": str(one["UID"]), "summary": str(one["SUMMARY"]),
            "dtstart": one["DTSTART"].dt, "dtend": one["DTEND"].dt,
            "dtstamp": one["DTSTAMP"].dt, "last-modified": one["LAST-MODIFIED"].dt, "sequence": int(one["SEQUENCE"]),
            "location": str(one.get("LOCATION", "")), "url": str(one.get("URL", "")),
            "description": str(one.get("DESCRIPTION", "")), "status": str(one.get("STATUS", "CONFIRMED")),
            "transp": str(one.get("TRANSP", "OPAQUE")),
        }
        for one in plain
    ]  # fmt: skip
    began = time.process_time()
    calendar = Calendar()
    calendar.add("prodid", "-//bench//")
    calendar.add("version", "2.0")
    for one in decoded:
        event = Event()
        for name, value in one.items():
            event.add(name, value)
        calendar.add_component(event)
    calendar.to_ical()
    return time.process_time() - began


async def _ask(port: int, path: str) -> Answer:
    client = Client(port)
    answer = await client.ask("GET", path)
    await client.close()
    return answer


async def _changes(port: int) -> list[float]:
    """Seconds until the whole feed stands after one change, each time after another one."""
    told = [json.loads((await _ask(port, "/bench/feed-after-one-change")).body) for _ in range(CHANGES)]
    return [one["wall"] for one in told]


def measure() -> list[Row]:
    from bench.support import cpu_seconds

    with home_folder() as home:
        asyncio.run(_prepare(home))
        with served(home) as (port, pid):
            before = cpu_seconds(pid)
            first = asyncio.run(_ask(port, "/calendars/public.ics"))
            full = cpu_seconds(pid) - before
            assert first.status == 200, first
            events = first.body.count(b"BEGIN:VEVENT")
            tag = first.headers["etag"]

            async def unchanged(client: Client, _job: Any) -> Answer:
                return await client.ask("GET", "/calendars/public.ics", headers={"If-None-Match": tag})

            async def noop(client: Client, _job: Any) -> Answer:
                return await client.ask("GET", "/bench/open")

            size = len(first.body)

            async def whole(client: Client, _job: Any) -> Answer:
                return await client.ask("GET", "/calendars/public.ics")

            async def as_much(client: Client, _job: Any) -> Answer:
                return await client.ask("GET", f"/bench/bytes?size={size}")

            jobs = list(range(REQUESTS))
            asyncio.run(load(port, CLIENTS, jobs[:500], noop))
            rates: dict[str, float] = {"noop": 0.0, "304": 0.0, "bytes": 0.0, "full": 0.0}
            for _ in range(3):
                _answers, seconds = asyncio.run(load(port, CLIENTS, jobs, noop))
                rates["noop"] = max(rates["noop"], REQUESTS / seconds)
                answers, seconds = asyncio.run(load(port, CLIENTS, jobs, unchanged))
                assert {one.status for one in answers} == {304}
                rates["304"] = max(rates["304"], REQUESTS / seconds)
                for name, send in (("bytes", as_much), ("full", whole)):
                    answers, seconds = asyncio.run(load(port, READERS, jobs[:BODIES], send))
                    assert {(one.status, len(one.body)) for one in answers} == {(200, size)}
                    rates[name] = max(rates[name], BODIES / seconds)
            changed = asyncio.run(_changes(port))
        bare = _bare(first.body)
    share, full_share = rates["304"] / rates["noop"], rates["full"] / rates["bytes"]
    after_change = statistics.median(changed)
    return [
        Row("304 of the public feed, unchanged", f"{rates['304']:.0f}/s", f"no-op handler {rates['noop']:.0f}/s", share,
            "≥ 0.5 ×", share >= 0.5),
        Row(f"whole public feed, unchanged ({size / 1e6:.1f} MB)", f"{rates['full']:.0f}/s",
            f"no-op handler with as many bytes {rates['bytes']:.0f}/s", full_share, "≥ 0.5 ×", full_share >= 0.5),
        Row(f"public feed of {events:,} sessions after one change", f"{after_change * 1e3:.1f} ms (median {CHANGES})",
            f"built anew {full:.2f} s", after_change / full, "≤ 15 ms", after_change <= 0.015),
        Row(f"public feed of {events:,} sessions, first time (CPU)", f"{full:.2f} s", f"bare icalendar {bare:.2f} s",
            full / bare, "≤ 1.5 ×", full / bare <= 1.5),
    ]  # fmt: skip
