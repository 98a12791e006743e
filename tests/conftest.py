"""One PostgreSQL cluster a run, real commits, every table emptied before a test."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import hypothesis
import pytest
from litestar import Litestar

from outreach.app import create_app
from outreach.calendars import feeds
from outreach.reports.jobs import running
from outreach.settings import Settings
from outreach.shared import db
from outreach.shared.postgres import EmbeddedPostgres
from tests.support.clock import FixedClock

# Deadlines time a noisy machine, not the code; the first draw of text builds a table of characters, which is slow.
hypothesis.settings.register_profile(
    "outreach", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow], max_examples=60
)
hypothesis.settings.load_profile("outreach")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """One process where all of them would empty the tables of the same given database; else one more than cores, since
    a third of the time goes by in waiting for servers and browsers."""
    return 1 if os.environ.get("OUTREACH_TEST_DATABASE_URL") else (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes minutes first: a file stays with one process, and what comes last is waited for."""
    slow = ("test_breaking.py", "test_schemathesis.py", "test_pages.py", "browser", "journeys", "clients")

    def place(item: pytest.Item) -> int:
        names = (item.path.name, item.path.parent.name)
        return min((slow.index(name) for name in names if name in slow), default=len(slow))

    items.sort(key=place)


#: A table that has grown beyond is emptied with its files: dead rows slow down every walk through it.
MOST_BYTES = 400_000

NOW = datetime(2015, 9, 15, 1, 0, tzinfo=UTC)  # 2015-09-15 09:00 in Shanghai


@pytest.fixture(scope="session")
def home() -> Iterator[Path]:
    """An OUTREACH_HOME of this run alone."""
    made = Path(tempfile.mkdtemp(prefix="outreach-test-"))
    made.chmod(0o711)  # where root has no user namespaces, the server's unprivileged account must pass through
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="session")
def dsn(home: Path) -> Iterator[str]:
    """The test database: ``OUTREACH_TEST_DATABASE_URL`` or an embedded cluster of this run."""
    given = os.environ.get("OUTREACH_TEST_DATABASE_URL")
    if given:
        yield given
        return
    server = EmbeddedPostgres(home)
    yield server.start()
    server.stop()


@pytest.fixture(scope="session")
def clock() -> FixedClock:
    """The clock of the application under test; tests may set ``clock.moment``, it is reset before each."""
    return FixedClock(NOW)


@pytest.fixture(scope="session")
def settings(home: Path) -> Settings:
    return Settings(home=home, base_url="http://testserver", secret_key="t" * 40)


@pytest.fixture(scope="session")
async def app(settings: Settings, dsn: str, clock: FixedClock) -> AsyncIterator[Litestar]:
    """The whole application on the test database, started once."""
    made = create_app(settings, dsn=dsn, clock=clock)
    started, stop = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        # In a task of its own: a lifespan must end in the task it began in, and fixtures do not.
        async with made.lifespan():
            started.set()
            await stop.wait()

    living = asyncio.create_task(live())
    waiting = asyncio.create_task(started.wait())
    await asyncio.wait({living, waiting}, return_when=asyncio.FIRST_COMPLETED)
    if living.done():
        waiting.cancel()
        await living
    yield made
    stop.set()
    await living


@pytest.fixture(scope="session")
async def rules_can_rest(app: Litestar) -> bool:
    """Whether foreign keys and triggers can be left aside: a superuser may, and a given database may have none."""
    return bool(await db.value("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"))


@pytest.fixture
async def database(app: Litestar, clock: FixedClock, rules_can_rest: bool) -> None:
    """Every table empty, the clock at its start. Real commits: what a test wrote is seen by every connection."""
    clock.moment = NOW
    await running.close()  # a report that a test asked for and did not wait for
    await feeds.close()  # told of rows that go by triggers, which rest below
    tables = await db.rows(
        """SELECT tablename, pg_relation_size(quote_ident(tablename)::regclass) AS bytes FROM pg_tables
            WHERE schemaname = 'public' AND tablename <> 'migration' ORDER BY 1"""
    )
    names = [row["tablename"] for row in tables if row["bytes"]]
    if not names:
        return
    if max(row["bytes"] for row in tables) > MOST_BYTES or not rules_can_rest:
        await db.execute("TRUNCATE " + ", ".join(row["tablename"] for row in tables))
        return
    async with db.atomic():
        # TRUNCATE writes new files for every table and index and takes 0.2 s, thousands of times over.
        await db.execute("SET LOCAL session_replication_role = replica")
        for name in names:
            await db.execute(f"DELETE FROM {name}")


@pytest.fixture
async def client(app: Litestar, database: None) -> AsyncIterator[httpx.AsyncClient]:
    """A stranger's browser."""
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as made:
        yield made


@pytest.fixture
def now(clock: FixedClock) -> datetime:
    """The moment at which the application under test lives."""
    return clock.moment
