"""The one transaction helper: commits, rolls back, releases, names errors, joins an outer one."""

import asyncio

import pytest

from outreach.shared import db
from outreach.shared.errors import ConflictError

pytestmark = pytest.mark.usefixtures("database")

INSERT = "INSERT INTO web_tries (name, tried, window_ends_at) VALUES ($1, 1, now())"


class TakenError(ConflictError):
    """For these tests."""

    code = "wrong-state"


async def _names() -> list[str]:
    return [row["name"] for row in await db.rows("SELECT name FROM web_tries ORDER BY name")]


async def test_a_block_that_ends_is_committed() -> None:
    async with db.atomic():
        await db.execute(INSERT, "a")

    assert await _names() == ["a"]


async def test_a_block_that_raises_leaves_nothing() -> None:
    with pytest.raises(RuntimeError, match="stop"):
        async with db.atomic():
            await db.execute(INSERT, "a")
            raise RuntimeError("stop")

    assert await _names() == []
    assert not db.in_transaction()


async def test_the_violation_of_a_constraint_gets_its_name() -> None:
    async with db.atomic():
        await db.execute(INSERT, "a")

    with pytest.raises(TakenError):
        async with db.atomic({"web_tries_name_key": TakenError}):
            await db.execute(INSERT, "a")

    assert not db.in_transaction()


async def test_nesting_is_refused() -> None:
    with pytest.raises(RuntimeError, match="inside"):
        async with db.atomic():
            async with db.atomic():
                pass


async def test_a_cancelled_block_gives_its_connection_back() -> None:
    """Twice as many cancelled blocks as the pool has connections, and the pool still serves."""

    async def forever() -> None:
        async with db.atomic():
            await db.execute(INSERT, "x")
            await asyncio.sleep(60)

    for _ in range(20):
        task = asyncio.create_task(forever())
        await asyncio.sleep(0.005)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    assert await _names() == []


async def test_jobs_run_after_the_commit_only() -> None:
    seen: list[list[str]] = []

    async def look() -> None:
        seen.append(await _names())

    async with db.atomic():
        await db.execute(INSERT, "a")
        db.after_commit(look)
        assert seen == []
    with pytest.raises(RuntimeError, match="stop"):
        async with db.atomic():
            db.after_commit(look)
            raise RuntimeError("stop")

    assert seen == [["a"]]


async def test_one_command_joins_an_outer_transaction_and_a_second_is_refused() -> None:
    with pytest.raises(RuntimeError, match="inside"):
        async with db.outer_transaction():
            async with db.atomic():
                await db.execute(INSERT, "a")
            async with db.atomic():
                pass

    assert await _names() == []
