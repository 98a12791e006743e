"""The statements of a booking by bare asyncpg: the floor of ``bench.bookings``. Reads JSON, prints CPU and seconds."""

import asyncio
import json
import sys
import time
from datetime import UTC, datetime
from uuid import UUID, uuid4

import asyncpg

from outreach.bookings import placing, records

JOURNAL = """INSERT INTO accounts_journal
    (at, actor_id, actor_name, action, object_kind, object_id, organisation_id, from_state, to_state, reason, facts)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"""
OUTBOX = """INSERT INTO notifications_outbox_message
    (id, kind, organisation_id, person_id, object_kind, object_id, facts, created_at, attempts, error)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, '')"""


async def main() -> None:
    given = json.load(sys.stdin)
    jobs = [(UUID(session), UUID(union)) for session, union in given["jobs"]]
    actor, organisation = UUID(given["actor"]), UUID(given["organisation"])
    pool = await asyncpg.create_pool(given["dsn"], min_size=2, max_size=10)
    now = datetime.now(UTC)

    async def one() -> None:
        while jobs:
            session, union = jobs.pop()
            booking = uuid4()
            async with pool.acquire() as connection, connection.transaction():
                found = await connection.fetchrow(placing.TAKE_SEATS, session, union, 1, now)
                assert found is not None
                await connection.execute(
                    records._INSERT,
                    booking,
                    session,
                    union,
                    1,
                    "confirmed",
                    False,
                    "陈巧云",
                    "13800000000",
                    "",
                    actor,
                    now,
                )
                await connection.execute(
                    JOURNAL,
                    now,
                    actor,
                    "x",
                    "booking.made",
                    "booking",
                    booking,
                    organisation,
                    None,
                    "confirmed",
                    "",
                    "{}",
                )
                await connection.execute(
                    OUTBOX, uuid4(), "booking-confirmed", union, None, "booking", booking, "{}", now
                )

    cpu, began = time.process_time(), time.perf_counter()
    await asyncio.gather(*(one() for _ in range(given["clients"])))
    print(json.dumps({"cpu": time.process_time() - cpu, "seconds": time.perf_counter() - began}))
    await pool.close()


asyncio.run(main())
