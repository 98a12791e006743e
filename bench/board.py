"""Pages that everybody waits for: the dispatch board with 2,000 open orders and 60 providers, the menu, one's own page.

Statements are counted in this process, at two sizes; CPU is that of a served process, beside a no-op request.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from bench.bookings import cpu_of, noop
from bench.stock import Stock, database, make_stock, make_unions
from bench.support import Answer, Client, Row, home_folder, served
from outreach.accounts.tables import Organisation
from outreach.app import create_app
from outreach.settings import Settings
from outreach.shared import db
from outreach.shared.actors import Role
from tests.factories.accounts import make_actor, make_api_token
from tests.support.queries import counted

__all__ = ["measure"]

SIZES = ((20, 6), (2000, 60))
MOST_STATEMENTS = 15
REQUESTS = 200
PAGES = ("/desk/orders", "/desk/orders?state=to_approve", "/menu", "/my")

_ITEMS = """
INSERT INTO events_event (id, programme, title, kind, topic, duration_minutes, active, revision, created_at)
SELECT gen_random_uuid(), $1, '讲座' || n, '讲座', '心理健康', 90, true, 1, now()
  FROM generate_series($2::int, $3::int) n
"""
_PROVIDERS = """
INSERT INTO events_provider (id, organisation, kind, name, topics, home_district, max_per_week, max_per_month,
                             created_at)
SELECT gen_random_uuid(), $1, 'lecturer', '讲师' || n, ARRAY['心理健康'], '姑苏区', 4, 12, now()
  FROM generate_series($2::int, $3::int) n
"""
_ABLE = """
INSERT INTO events_event_provider (id, event, provider)
SELECT gen_random_uuid(), e.id, r.id FROM events_event e, events_provider r
 WHERE NOT EXISTS (SELECT 1 FROM events_event_provider x WHERE x.event = e.id AND x.provider = r.id)
"""
_SESSIONS = """
INSERT INTO events_session (id, event, programme, organisation, title, kind, address, district, starts_at, ends_at,
                            capacity, visibility, state, revised_at, published_at, created_at)
SELECT gen_random_uuid(), (SELECT id FROM events_event ORDER BY title LIMIT 1), $1, $2, '讲座', '讲座', '礼堂', '',
       $3::timestamptz + n * interval '1 day', $3::timestamptz + n * interval '1 day' + interval '90 minutes',
       100, 'public', 'published', now(), now(), now() FROM generate_series(1, 20) n
"""
_GIVEN = """
INSERT INTO events_session_provider (id, session, provider) SELECT gen_random_uuid(), s.id, r.id
  FROM (SELECT id, row_number() OVER (ORDER BY starts_at, id) AS n FROM events_session) s
  JOIN (SELECT id, row_number() OVER (ORDER BY name) AS n, count(*) OVER () AS many FROM events_provider) r
    ON s.n % r.many + 1 = r.n
 WHERE NOT EXISTS (SELECT 1 FROM events_session_provider x WHERE x.session = s.id)
"""
_TIED = """
INSERT INTO events_occupation (id, session, resource_kind, resource_id, slot, starts_at, ends_at)
SELECT gen_random_uuid(), s.id, 'provider', sp.provider, row_number() OVER (PARTITION BY sp.provider ORDER BY s.id),
       s.starts_at, s.ends_at FROM events_session_provider sp JOIN events_session s ON s.id = sp.session
 WHERE NOT EXISTS (SELECT 1 FROM events_occupation x WHERE x.session = s.id)
"""
_ORDERS = """
INSERT INTO bookings_order (id, event, organisation, state, audience, address, district, contact_name, contact_phone,
                            first_on, last_on, submitted_at, approved_at, changed_at)
SELECT gen_random_uuid(), e.id, u.id, CASE WHEN made.n % 2 = 0 THEN 'approved' ELSE 'submitted' END, 60, '食堂',
       u.district, '陈巧云', '13800000000', $2::date + made.n % 30, $2::date + made.n % 30, now(),
       CASE WHEN made.n % 2 = 0 THEN now() END, now()
  FROM generate_series(1, $1::int) made (n)
  JOIN (SELECT id, row_number() OVER (ORDER BY title) AS n, count(*) OVER () AS many FROM events_event) e
    ON made.n % e.many + 1 = e.n
  JOIN (SELECT id, district, row_number() OVER (ORDER BY code) AS n, count(*) OVER () AS many
          FROM accounts_organisation WHERE kind = 'grassroots_union') u ON made.n % u.many + 1 = u.n
"""
_WINDOWS = """
INSERT INTO bookings_order_window (id, order_id, position, "on", part)
SELECT gen_random_uuid(), o.id, 1, o.first_on, 'afternoon' FROM bookings_order o
 WHERE NOT EXISTS (SELECT 1 FROM bookings_order_window w WHERE w.order_id = o.id)
"""
_BOOKINGS = """
INSERT INTO bookings_booking (id, session, organisation, seats, state, contact_name, contact_phone, created_at,
                              changed_at)
SELECT gen_random_uuid(), s.id, $1, 2, 'confirmed', '陈巧云', '13800000000', now(), now() FROM events_session s
    ON CONFLICT DO NOTHING
"""


# Some are the contact's own, at any size.
_OWN = """
UPDATE bookings_order SET organisation = $1 WHERE id IN (SELECT id FROM bookings_order ORDER BY first_on, id LIMIT $2)
"""


async def _grow(stock: Stock, orders: int, providers: int, before: tuple[int, int]) -> None:
    """From what was there to so many open orders and providers; menu items grow with the providers."""
    first = (datetime.now(UTC) + timedelta(days=12)).date()
    await db.execute(_ITEMS, stock.programme.id, before[1] + 1, providers)
    await db.execute(_PROVIDERS, stock.root.id, before[1] + 1, providers)
    await db.execute(_ABLE)
    for hour in range(before[1] and 1, providers // 6):
        moment = datetime.combine(first, datetime.min.time(), UTC) + timedelta(minutes=95 * (hour % 14))
        await db.execute(_SESSIONS, stock.programme.id, stock.root.id, moment)
    await db.execute(_GIVEN)
    await db.execute(_TIED)
    await db.execute(_ORDERS, orders - before[0], first)
    await db.execute(_WINDOWS)
    await db.execute(_OWN, stock.unions[0], orders // 10)
    await db.execute(_BOOKINGS, stock.unions[0])
    await db.execute("ANALYZE")


async def _statements(home: Path, dsn: str, tokens: dict[str, str]) -> dict[str, int]:
    """Page → statements that it sends, when nothing has to be made ready any more."""
    app = create_app(Settings(home=home), dsn=dsn)
    found: dict[str, int] = {}
    async with app.lifespan():
        transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
            for path in PAGES:
                headers = {"Authorization": f"Bearer {tokens[path]}", "Accept": "text/html"}
                await client.get(path, headers=headers)
                with counted() as sent:
                    answer = await client.get(path, headers=headers)
                assert answer.status_code == 200, (path, answer.status_code, answer.text[:300])
                found[path] = len(sent)
    return found


async def _prepared(home: Path) -> tuple[list[dict[str, int]], str]:
    """Statements of each page at each size; leaves the largest behind. And the token of a desk."""
    counts: list[dict[str, int]] = []
    before = (0, 0)
    async with database(home, migrating=True) as dsn:
        stock = await make_stock()
        stock.unions = [one for one, _district in await make_unions(stock.root, {"姑苏区": 50, "太仓市": 50})]
        union = await Organisation.objects().get(Organisation.id == stock.unions[0])
        desk = await make_api_token((await make_actor(Role.ORGANISER, stock.root)).person_id)
        contact = await make_api_token((await make_actor(Role.CONTACT, union)).person_id)
        for orders, providers in SIZES:
            await _grow(stock, orders, providers, before)
            before = (orders, providers)
            tokens = {path: desk if path.startswith("/desk") else contact for path in PAGES}
            counts.append(await _counted_apart(home, dsn, tokens))
    return counts, desk


async def _counted_apart(home: Path, dsn: str, tokens: dict[str, str]) -> dict[str, int]:
    """The application opens the database itself, so that ours is closed for as long."""
    await db.disconnect()
    try:
        return await _statements(home, dsn, tokens)
    finally:
        await db.connect(dsn)


def measure() -> list[Row]:
    with home_folder() as home:
        counts, token = asyncio.run(_prepared(home))
        headers = {"Authorization": f"Bearer {token}", "Accept": "text/html"}

        async def open_board(client: Client, _job: Any) -> Answer:
            return await client.ask("GET", "/desk/orders")

        with served(home) as (port, pid):
            jobs = list(range(REQUESTS))
            cpu_of(port, pid, jobs[:20], open_board, headers)
            _answers, idle, idle_seconds = cpu_of(port, pid, jobs, noop, headers)
            answers, cpu, seconds = cpu_of(port, pid, jobs, open_board, headers)
        assert {answer.status for answer in answers} == {200}
    small, large = counts
    board = max(large["/desk/orders"], large["/desk/orders?state=to_approve"])
    pages = "、".join(f"{path} {large[path]}" for path in ("/menu", "/my"))
    before = "、".join(f"{path} {small[path]}" for path in ("/menu", "/my"))
    return [
        Row(
            f"dispatch board, {SIZES[1][0]} open orders, {SIZES[1][1]} providers: statements",
            str(board),
            f"{SIZES[0][0]} orders, {SIZES[0][1]} providers: {max(small[one] for one in PAGES[:2])}",
            None,
            f"≤ {MOST_STATEMENTS}, the same",
            board <= MOST_STATEMENTS and all(small[one] == large[one] for one in PAGES[:2]),
        ),
        Row(
            "CPU of serving it",
            f"{cpu / REQUESTS * 1e3:.1f} ms ({REQUESTS / seconds:.0f}/s)",
            f"no-op {idle / REQUESTS * 1e3:.2f} ms ({REQUESTS / idle_seconds:.0f}/s)",
            cpu / idle,
            "told",
            True,
        ),
        Row(
            "menu and own page: statements",
            pages,
            f"with {SIZES[0][1]} items and {SIZES[0][0]} orders: {before}",
            None,
            "the same",
            all(small[one] == large[one] for one in ("/menu", "/my")),
        ),
    ]
