"""1,000 orders at the second at which an opening opens, by 64 HTTP clients: exact to the last place, and what it costs.

Every union orders once. 300 places, of which 120 and 60 are kept for two districts: the first has more unions than
places, the second fewer, so ten of its places stay unused and the rest is shared by everybody else.
"""

import asyncio
import json
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.bookings import CLIENTS, bare_cpu, cpu_of, noop
from bench.stock import Stock, database, make_sessions, make_stock, make_unions
from bench.support import Answer, Client, Row, home_folder, served
from outreach.shared import db
from tests.factories.openings import make_opening

__all__ = ["measure"]

UNIONS = {"姑苏区": 400, "太仓市": 50, "昆山市": 550}
QUOTAS = {"姑苏区": 120, "太仓市": 60}
PLACES = 300
#: 50 out of the district with too few unions, 120 of the other one's own, and the rest for all.
EXPECTED = 50 + 120 + (PLACES - 120 - 60)
#: From the preparation to the opening.
AHEAD = timedelta(seconds=12)


async def _prepare(home: Path) -> tuple[Stock, datetime, dict[str, Any]]:
    async with database(home, migrating=True):
        stock = await make_stock()
        unions = await make_unions(stock.root, UNIONS)
        stock.unions = [one for one, _district in unions]
        session = (await make_sessions(stock.event, 1, len(unions)))[0]
        opens_at = datetime.now(UTC) + AHEAD
        await make_opening(stock.programme, events=(stock.event,), quotas=QUOTAS, places=PLACES, opens_at=opens_at)
    given = {
        "organisation": str(stock.root.id),
        "actor": str(stock.actor.person_id),
        "jobs": [(str(session.id), str(one)) for one in stock.unions],
    }
    return stock, opens_at, given


async def _counted(home: Path) -> tuple[dict[str, int], int]:
    """Orders by district of the union; unions with more than one."""
    async with database(home):
        found = await db.rows(
            """SELECT o.district, count(*)::int AS number FROM bookings_order r
                 JOIN accounts_organisation o ON o.id = r.organisation AND r.opening IS NOT NULL GROUP BY o.district"""
        )
        twice = await db.value("SELECT count(*) - count(DISTINCT organisation) FROM bookings_order")
    return {one["district"]: one["number"] for one in found}, int(twice)


def measure() -> list[Row]:
    with home_folder() as home:
        stock, opens_at, given = asyncio.run(_prepare(home))
        on = (datetime.now(UTC) + timedelta(days=20)).date().isoformat()

        async def order(client: Client, union: str) -> Answer:
            body = {
                "event_id": str(stock.event.id), "organisation_id": union, "audience": 60, "address": "食堂二楼",
                "windows": [{"date": on, "part": "afternoon"}], "contact_name": "陈巧云",
                "contact_phone": "13800000000",
            }  # fmt: skip
            while True:
                answer = await client.ask("POST", "/api/v1/orders", body)
                if answer.status != 409 or json.loads(answer.body).get("why") != "not-open-yet":
                    return answer

        with served(home) as (port, pid):
            jobs = [str(one) for one in stock.unions]
            _answers, idle, _seconds = cpu_of(port, pid, jobs, noop, stock.headers)
            time.sleep(max(0.0, (opens_at - datetime.now(UTC)).total_seconds()))
            answers, cpu, seconds = cpu_of(port, pid, jobs, order, stock.headers)
            bare = bare_cpu(home, given)
        by_district, twice = asyncio.run(_counted(home))
    statuses = Counter(answer.status for answer in answers)
    each, floor = cpu / len(jobs), (idle + bare["cpu"]) / len(jobs)
    exact = (
        statuses == {201: EXPECTED, 409: len(jobs) - EXPECTED}
        and sum(by_district.values()) == EXPECTED
        and by_district["太仓市"] == 50
        and by_district["姑苏区"] >= QUOTAS["姑苏区"]
        and twice == 0
    )
    said = "、".join(f"{district} {by_district.get(district, 0)}" for district in UNIONS)
    return [
        Row(
            f"{len(jobs)} orders at the second of opening, {PLACES} places, quotas 120 and 60, {CLIENTS} clients",
            f"{statuses[201]} taken ({said}), {statuses[409]} refused in {seconds:.1f} s",
            "",
            None,
            f"exactly {EXPECTED}",
            exact,
        ),
        Row(
            "CPU of answering one of them",
            f"{each * 1e3:.2f} ms ({len(jobs) / seconds:.0f}/s)",
            f"no-op + bare booking {floor * 1e3:.2f} ms",
            each / floor,
            "≤ 4 × floor",
            each <= 4 * floor,
        ),
    ]
