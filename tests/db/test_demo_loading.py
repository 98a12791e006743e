"""Loading the demo: the same each time, all or nothing, never over other data."""

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from outreach.demo import DemoLoaded, DemoRefusedError, load_demo
from outreach.demo.rows import WRITTEN
from outreach.shared import db
from tests.factories.accounts import make_organisation

REAL_NOW = datetime(2026, 11, 21, 3, 4, 5, tzinfo=UTC)


async def load(home: Path, **given: Any) -> DemoLoaded:
    return await load_demo(REAL_NOW, home, **{"progress": lambda _words, _share: None, **given})


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def empty() -> None:
    names = [table._meta.tablename for table in WRITTEN]
    await db.execute(f"TRUNCATE {', '.join(names)}, accounts_installation_fact, programmes_holiday CASCADE")


async def digest() -> dict[str, str]:
    """Table → what all its rows say, without password hashes."""
    found = {}
    for table in WRITTEN:
        rows = await db.rows(f"SELECT to_jsonb(t) - 'password_hash' AS row FROM {table._meta.tablename} t ORDER BY id")
        found[table.__name__] = hashlib.sha256("\n".join(row["row"] for row in rows).encode()).hexdigest()
    return found


async def test_same_seed_gives_the_same_rows_and_another_seed_others(database: None, tmp_path: Path) -> None:
    await load(tmp_path)
    first = await digest()
    await empty()
    await load(tmp_path)
    again = await digest()
    await empty()
    await load(tmp_path, seed=2)
    other = await digest()

    assert again == first
    assert {name for name in first if other[name] == first[name]} == set()


@pytest.mark.parametrize("year", [2015, 2020])
async def test_year_is_believable(database: None, tmp_path: Path, year: int) -> None:
    await load(tmp_path, year=year)
    festival = {
        row["on"]
        for row in await db.rows("""SELECT "on" FROM programmes_holiday WHERE kind = 'off' AND name = '春节'""")
    }
    off = {row["on"] for row in await db.rows("""SELECT "on" FROM programmes_holiday WHERE kind = 'off'""")}
    sessions = await db.rows("""
        SELECT timezone('Asia/Shanghai', s.starts_at) AS starts_at, timezone('Asia/Shanghai', s.ends_at) AS ends_at,
               s.kind, s.multi_day, s.state, p.code
          FROM events_session s JOIN programmes_programme p ON p.id = s.programme""")
    on_days_off = [row for row in sessions if row["starts_at"].date() in off]
    by_month: dict[str, list[int]] = {code: [0] * 12 for code in ("culture", "women", "psychology", "safety-books")}
    for row in sessions:
        by_month[row["code"]][row["starts_at"].month - 1] += row["state"] in ("held", "closed", "published")

    assert len(festival) >= 7
    assert {row["starts_at"].year for row in sessions} == {year}
    assert [r for r in sessions for n in range(30) if r["starts_at"].date() + timedelta(days=n) in festival
            and n <= (r["ends_at"].date() - r["starts_at"].date()).days] == []  # fmt: skip
    assert {row["kind"] for row in on_days_off} <= {"演出", "戏曲", "电影"}
    assert len(on_days_off) <= 6
    assert {row["starts_at"].hour for row in sessions if row["kind"] == "讲座"} <= {9, 13, 14, 18}
    assert max(by_month["women"][:8]) == by_month["women"][2]
    assert max(by_month["culture"][:8]) == by_month["culture"][4]
    assert {row["kind"] for row in sessions if row["multi_day"]} == {"展览"}


async def test_database_with_other_data_is_refused_and_left_alone(database: None, tmp_path: Path) -> None:
    await make_organisation()

    with pytest.raises(DemoRefusedError) as refused:
        await load(tmp_path)

    assert refused.value.facts["why"] == "other-data"
    assert "OUTREACH_HOME" in str(refused.value)
    assert await db.value("SELECT count(*) FROM accounts_organisation") == 1
    assert names_in(tmp_path) == []


async def test_second_demo_is_refused_and_the_first_stays(database: None, tmp_path: Path) -> None:
    await load(tmp_path)
    before = (tmp_path / "demo.json").read_bytes()

    with pytest.raises(DemoRefusedError) as refused:
        await load(tmp_path, seed=2)

    assert refused.value.facts["why"] == "demo-loaded"
    assert (tmp_path / "demo.json").read_bytes() == before


async def test_year_without_known_holidays_is_refused(database: None, tmp_path: Path) -> None:
    with pytest.raises(DemoRefusedError) as refused:
        await load(tmp_path, year=2030)

    assert (refused.value.facts["why"], refused.value.facts["year"]) == ("unknown-year", 2030)


async def test_load_that_breaks_off_leaves_nothing(database: None, tmp_path: Path) -> None:
    def break_off(_words: str, share: float) -> None:
        if share > 0.8:
            raise RuntimeError("pulled the plug")

    with pytest.raises(RuntimeError, match="pulled the plug"):
        await load(tmp_path, progress=break_off)

    assert [await db.value(f"SELECT count(*) FROM {table._meta.tablename}") for table in WRITTEN] == [0] * len(WRITTEN)
    assert await db.value("SELECT count(*) FROM accounts_installation_fact") == 0
    assert names_in(tmp_path) == []


async def test_load_killed_after_its_commit_is_finished_by_the_next(database: None, tmp_path: Path) -> None:
    loaded = await load(tmp_path)
    mark = msgspec.json.decode(await db.value("SELECT value FROM accounts_installation_fact WHERE name = 'demo'"))[
        "mark"
    ]
    (tmp_path / "demo.json").rename(tmp_path / f".demo-{mark}.json")

    finished = await load(tmp_path)

    assert finished == loaded
    assert names_in(tmp_path) == ["demo.json", "files"]


async def test_journal_goes_on_after_the_demo(database: None, tmp_path: Path) -> None:
    """The lines are numbered by the demo itself, so the sequence must stand behind them."""
    await load(tmp_path)
    last = await db.value("SELECT max(id) FROM accounts_journal")
    await db.execute(
        """INSERT INTO accounts_journal (at, actor_name, action, object_kind, object_id, reason, facts)
           VALUES (now(), '', 'demo.tried', 'demo', gen_random_uuid(), '', '{}')"""
    )

    assert await db.value("SELECT max(id) FROM accounts_journal") == last + 1
