"""The demo as it lies in the database after a real load; loaded once, since these tests only read."""

import re
import stat
import tomllib
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from litestar import Litestar

import outreach.programmes
from outreach.accounts.passwords import check_password
from outreach.demo import DemoLoaded, load_demo
from outreach.demo.rows import WRITTEN
from outreach.shared import db

REAL_NOW = datetime(2026, 11, 21, 3, 4, 5, tzinfo=UTC)


async def empty() -> None:
    names = [table._meta.tablename for table in WRITTEN]
    await db.execute(f"TRUNCATE {', '.join(names)}, accounts_installation_fact, programmes_holiday CASCADE")


@pytest.fixture(scope="module")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
async def loaded(app: Litestar, demo_home: Path) -> AsyncIterator[DemoLoaded]:
    """The demo of 2015 with seed 1."""
    await empty()
    yield await load_demo(REAL_NOW, demo_home)
    await empty()


async def test_federation_menu_and_year_have_the_promised_size(loaded: DemoLoaded) -> None:
    counts = await db.row("""
        SELECT (SELECT count(*) FROM accounts_organisation WHERE kind = 'grassroots_union') AS unions,
               (SELECT count(*) FROM accounts_organisation
                 WHERE kind = 'federation' AND parent IS NOT NULL) AS districts,
               (SELECT count(*) FROM events_provider WHERE kind = 'lecturer') AS lecturers,
               (SELECT count(*) FROM events_provider WHERE kind = 'troupe') AS troupes,
               (SELECT count(*) FROM events_venue) AS venues,
               (SELECT count(DISTINCT district) FROM events_venue) AS venue_districts,
               (SELECT count(*) FROM programmes_programme) AS programmes,
               (SELECT string_agg(mark, '' ORDER BY position) FROM programmes_programme) AS marks""")

    assert counts is not None
    assert dict(counts) == {
        "unions": 120, "districts": 10, "lecturers": 24, "troupes": 8, "venues": 40, "venue_districts": 10,
        "programmes": 8, "marks": "困法妈文心学女安",
    }  # fmt: skip


async def test_targets_are_those_of_the_notice(loaded: DemoLoaded) -> None:
    assert outreach.programmes.__file__ is not None
    notice = tomllib.loads((Path(outreach.programmes.__file__).parent / "data/suzhou-2015.toml").read_text())
    expected = [
        (
            programme["code"],
            target["id"],
            target["wording"],
            target["bound"],
            float(target["value"]),
            target["counting"],
        )
        for programme in notice["programme"]
        for target in programme.get("target", [])
    ]

    stored = await db.rows("""
        SELECT p.code, t.key, t.wording, t.bound, t.value, t.counting
          FROM programmes_target t JOIN programmes_programme p ON p.id = t.programme ORDER BY p.position, t.position""")

    assert [tuple(row) for row in stored] == expected


async def test_some_targets_are_met_one_is_at_risk_and_one_behind(loaded: DemoLoaded) -> None:
    """By hand: forecast = actual + 0.95 × planned, low 0.85 ×."""
    rows = await db.rows("""
        SELECT p.code, count(*) FILTER (WHERE s.state IN ('held', 'closed'))::int AS actual,
               count(*) FILTER (WHERE s.state = 'published' AND s.starts_at >= '2015-09-16T00:00+08:00')::int AS planned
          FROM events_session s JOIN programmes_programme p ON p.id = s.programme GROUP BY p.code""")
    sessions = {row["code"]: (row["actual"], row["planned"]) for row in rows}
    workers = await db.value("""
        SELECT sum(h.workers)::int FROM attendance_headcount h JOIN events_session s ON s.id = h.session
          JOIN programmes_programme p ON p.id = s.programme WHERE p.code = 'culture'""")
    tallies = await db.rows("""
        SELECT t.key, CASE t.counting WHEN 'flow' THEN sum(y.quantity)
                      ELSE (array_agg(y.quantity ORDER BY y."on" DESC))[1] END AS actual
          FROM programmes_tally y JOIN programmes_target t ON t.id = y.target GROUP BY t.key, t.counting""")
    lecturers = await db.value("""
        SELECT count(DISTINCT ep.provider)::int FROM events_event_provider ep JOIN events_event e ON e.id = ep.event
          JOIN programmes_programme p ON p.id = e.programme
          JOIN events_provider r ON r.id = ep.provider AND r.kind = 'lecturer' AND r.active
         WHERE p.code = 'women'""")

    assert (sessions["culture"], sessions["psychology"], sessions["women"]) == ((118, 36), (27, 14), (38, 15))
    # 超过150: at risk, since the forecast passes and its low end does not
    assert (118 + 0.95 * 36 > 150, 118 + 0.85 * 36 > 150) == (True, False)
    # 50左右, from 45 on: behind. 50以上: on track
    assert (27 + 0.95 * 14 < 45, 38 + 0.85 * 15 >= 50) == (True, True)
    assert (workers, lecturers) == (81_460, 22)
    assert {row["key"]: row["actual"] for row in tallies} == {
        "lawyers": 118, "stations": 47, "members-recruited": 1_036, "handbooks": 14_800,
        "students": 412, "subsidy": 50, "book-sets": 7_460,
    }  # fmt: skip


async def test_seats_taken_are_those_of_live_bookings(loaded: DemoLoaded) -> None:
    wrong = await db.rows("""
        SELECT s.title, s.seats_taken, s.state FROM events_session s
         WHERE s.seats_taken <> coalesce((SELECT sum(b.seats) FROM bookings_booking b
                                           WHERE b.session = s.id
                                             AND b.state IN ('pending', 'offered', 'confirmed')), 0)
            OR s.state IN ('draft', 'cancelled', 'closed') AND s.seats_taken > 0""")
    states = await db.rows("SELECT state, count(*)::int AS n FROM bookings_booking GROUP BY state")
    full = await db.value("SELECT count(*) FROM events_session WHERE state = 'published' AND seats_taken = capacity")

    assert wrong == []
    assert {row["state"] for row in states} == {"pending", "confirmed", "attended", "no_show", "cancelled", "declined"}
    assert {row["state"]: row["n"] for row in states}["pending"] == 7
    assert full >= 2


async def test_everything_published_or_held_ties_its_people_and_its_place(loaded: DemoLoaded) -> None:
    """That nothing is tied twice, the exclusion constraint says at the load."""
    untied = await db.rows("""
        SELECT s.title, s.starts_at FROM events_session s
         WHERE s.state IN ('published', 'held', 'closed')
           AND (s.venue IS NOT NULL AND NOT EXISTS (SELECT 1 FROM events_occupation o
                                                     WHERE o.session = s.id AND o.resource_id = s.venue)
                OR EXISTS (SELECT 1 FROM events_session_provider sp WHERE sp.session = s.id AND NOT EXISTS
                              (SELECT 1 FROM events_occupation o
                                WHERE o.session = s.id AND o.resource_id = sp.provider)))
            OR s.state IN ('draft', 'cancelled')
               AND EXISTS (SELECT 1 FROM events_occupation o WHERE o.session = s.id)""")
    beyond = await db.rows("""
        SELECT o.slot FROM events_occupation o
          LEFT JOIN events_provider r ON r.id = o.resource_id LEFT JOIN events_venue v ON v.id = o.resource_id
         WHERE o.slot NOT BETWEEN 1 AND coalesce(r.parallel_teams, v.rooms)""")

    assert untied == []
    assert beyond == []


async def test_what_is_over_is_recorded_but_for_three(loaded: DemoLoaded) -> None:
    now = "2015-09-15T09:00+08:00"

    unrecorded = await db.rows(
        f"SELECT title FROM events_session WHERE state = 'published' AND ends_at <= '{now}' ORDER BY starts_at"
    )
    uncounted = await db.rows("""
        SELECT title FROM events_session s WHERE state IN ('held', 'closed')
           AND NOT EXISTS (SELECT 1 FROM attendance_headcount h WHERE h.session = s.id)""")
    ahead = await db.rows(f"""
        SELECT title FROM events_session WHERE state IN ('held', 'closed') AND ends_at > '{now}'
            OR greatest(created_at, published_at, held_at, closed_at, cancelled_at, revised_at) > '{now}'
         UNION ALL SELECT state FROM bookings_booking WHERE greatest(created_at, changed_at) > '{now}'
         UNION ALL SELECT action FROM accounts_journal WHERE at > '{now}'
         UNION ALL SELECT kind FROM notifications_outbox_message WHERE created_at > '{now}'""")
    cancelled = await db.rows("SELECT DISTINCT cancelled_by FROM events_session WHERE state = 'cancelled'")
    claimable = await db.value(
        "SELECT count(*) FROM events_session WHERE claimable AND state = 'published' AND host IS NULL"
    )

    assert [row["title"] for row in unrecorded] == ["锡剧折子戏", "投资理财入门", "广场文艺演出"]
    assert (uncounted, ahead) == ([], [])
    assert {row["cancelled_by"] for row in cancelled} == {"weather", "provider", "host", "organiser"}
    assert claimable >= 1


async def test_guests_are_never_shown_outside(loaded: DemoLoaded) -> None:
    rows = await db.rows("""
        SELECT s.visibility, count(*)::int AS n FROM events_session s JOIN accounts_organisation h ON h.id = s.host
         WHERE h.kind = 'guest' GROUP BY s.visibility""")

    assert [row["visibility"] for row in rows] == ["host"]


async def test_nobody_can_be_telephoned(loaded: DemoLoaded) -> None:
    rows = await db.rows("""
        SELECT phone FROM accounts_person WHERE phone IS NOT NULL UNION SELECT phone FROM events_provider
         WHERE phone <> '' UNION SELECT contact_phone FROM bookings_booking""")

    assert [row["phone"] for row in rows if not re.fullmatch(r"138000000\d\d|0512-0000-0000", row["phone"])] == []


async def test_logins_of_every_role_open_and_lie_in_a_file_of_their_own(loaded: DemoLoaded, demo_home: Path) -> None:
    file = demo_home / "demo.json"
    stored = {row["login_name"]: row for row in await db.rows("""
        SELECT p.login_name, p.password_hash, g.role, coalesce(o.name, '') AS organisation FROM accounts_person p
          JOIN accounts_role_grant g ON g.person = p.id LEFT JOIN accounts_organisation o ON o.id = g.organisation
         WHERE p.login_name IS NOT NULL""")}  # fmt: skip

    assert msgspec.json.decode(file.read_bytes(), type=DemoLoaded) == loaded
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert {one.role for one in loaded.logins} == {"administrator", "organiser", "contact", "provider", "evaluator"}
    assert len({one.organisation for one in loaded.logins if one.role == "contact"}) == 3
    assert [(one.name, one.role, one.organisation) for one in loaded.logins] == [
        (one.name, stored[one.name]["role"], stored[one.name]["organisation"]) for one in loaded.logins
    ]
    assert [await check_password(one.password, stored[one.name]["password_hash"]) for one in loaded.logins] == (
        [True] * len(loaded.logins)
    )


async def test_clock_shows_the_demo_morning(loaded: DemoLoaded) -> None:
    facts = {
        row["name"]: msgspec.json.decode(row["value"])
        for row in await db.rows("SELECT name, value FROM accounts_installation_fact")
    }

    assert REAL_NOW + timedelta(seconds=facts["clock"]["offset_seconds"]) == datetime(2015, 9, 15, 1, tzinfo=UTC)
    assert (facts["site"]["name"], facts["demo"]["seed"], facts["demo"]["year"]) == ("苏州市总工会", 1, 2015)


async def test_members_were_counted_before_the_year(loaded: DemoLoaded) -> None:
    rows = await db.rows("""
        SELECT DISTINCT member_count_on FROM accounts_organisation WHERE kind = 'grassroots_union'""")
    incomplete = await db.value("""
        SELECT count(*) FROM accounts_organisation WHERE kind = 'grassroots_union'
           AND (member_count IS NULL OR women_count > member_count OR ownership = '' OR industry = '')""")

    assert ([row["member_count_on"] for row in rows], incomplete) == ([date(2014, 12, 31)], 0)
