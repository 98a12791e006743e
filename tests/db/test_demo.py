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
from outreach.shared.files import file_path

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
    assert {row["state"] for row in states} == {
        "pending", "confirmed", "waitlisted", "offered", "attended", "no_show", "cancelled", "declined",
    }  # fmt: skip
    assert {row["state"]: row["n"] for row in states}["pending"] == 7
    assert full >= 2


async def test_everything_published_held_or_assigned_ties_its_people_and_its_place(loaded: DemoLoaded) -> None:
    """That nothing is tied twice, the exclusion constraint says at the load."""
    untied = await db.rows("""
        SELECT s.title, s.starts_at FROM events_session s
         WHERE (s.state IN ('published', 'held', 'closed') OR s.assigned)
           AND (s.venue IS NOT NULL AND NOT EXISTS (SELECT 1 FROM events_occupation o
                                                     WHERE o.session = s.id AND o.resource_id = s.venue)
                OR EXISTS (SELECT 1 FROM events_session_provider sp WHERE sp.session = s.id AND NOT EXISTS
                              (SELECT 1 FROM events_occupation o
                                WHERE o.session = s.id AND o.resource_id = sp.provider)))
            OR s.state IN ('draft', 'cancelled') AND NOT s.assigned
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
         UNION ALL SELECT state FROM bookings_order
             WHERE greatest(submitted_at, endorsed_at, approved_at, assigned_at, scheduled_at, fulfilled_at,
                            reviewed_at, ended_at, changed_at) > '{now}'
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
         WHERE phone <> '' UNION SELECT contact_phone FROM bookings_booking
         UNION SELECT contact_phone FROM bookings_order""")

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


# --- orders, queues, openings -----------------------------------------------------------------------------------------

NOW = "2015-09-15T09:00+08:00"


async def test_orders_stand_in_every_state(loaded: DemoLoaded) -> None:
    """Four wait for dispatch, five came through the opening; what became sessions has them, and only that."""
    found = {
        row["state"]: row["n"]
        for row in await db.rows("SELECT state, count(*)::int AS n FROM bookings_order GROUP BY state")
    }
    wrong = await db.rows("""
        SELECT r.state, s.state AS session_state, s.assigned FROM bookings_order r
          LEFT JOIN events_session s ON s.id = r.session
         WHERE CASE r.state WHEN 'assigned' THEN NOT (s.state = 'draft' AND s.assigned AND r.answer_by > s.revised_at)
                            WHEN 'scheduled' THEN s.state IS DISTINCT FROM 'published'
                            WHEN 'fulfilled' THEN s.state NOT IN ('held', 'closed')
                            WHEN 'reviewed' THEN s.state NOT IN ('held', 'closed')
                            ELSE s.id IS NOT NULL END
            OR s.host IS DISTINCT FROM r.organisation AND s.id IS NOT NULL
            OR s.event IS DISTINCT FROM r.event AND s.id IS NOT NULL
            OR r.state IN ('scheduled', 'fulfilled', 'reviewed')
               AND NOT EXISTS (SELECT 1 FROM bookings_booking b WHERE b.session = r.session AND b.is_host
                                  AND b.organisation = r.organisation AND b.seats = r.audience)
            OR r.state IN ('scheduled', 'fulfilled', 'reviewed')
               AND EXISTS (SELECT 1 FROM events_session_provider sp WHERE sp.session = r.session AND NOT EXISTS
                              (SELECT 1 FROM bookings_order_answer a WHERE a.order_id = r.id AND a.accepted
                                  AND a.provider = sp.provider AND a.assignment = r.assignment))
            OR r.state = 'reviewed' AND NOT EXISTS (SELECT 1 FROM bookings_review v WHERE v.session = r.session)""")
    windows = await db.rows("""
        SELECT r.id FROM bookings_order r
          JOIN bookings_order_window w ON w.order_id = r.id GROUP BY r.id
        HAVING max(w.position) > 5 OR min(w."on") <> r.first_on OR max(w."on") <> r.last_on
            OR max(w.position) <> count(*) OR min(w.position) <> 1""")

    assert {state: found[state] for state in ("submitted", "endorsed", "approved", "assigned", "declined")} == {
        "submitted": 11, "endorsed": 1, "approved": 4, "assigned": 4, "declined": 2,
    }  # fmt: skip
    assert found["withdrawn"] == 2
    assert min(found[state] for state in ("scheduled", "fulfilled", "reviewed")) >= 5
    assert wrong == []
    assert windows == []
    assert await db.value("SELECT count(*) FROM bookings_order r WHERE NOT EXISTS "
                          "(SELECT 1 FROM bookings_order_window w WHERE w.order_id = r.id)") == 0  # fmt: skip


async def test_one_order_is_joined_one_has_a_rain_date_one_was_returned(loaded: DemoLoaded) -> None:
    joined = await db.rows("""
        SELECT o.name, count(*)::int AS units, (SELECT count(*)::int FROM bookings_order_organiser p
                                                 WHERE p.order_id = r.id AND p.part = 'support') AS support
          FROM bookings_order_unit u JOIN bookings_order r ON r.id = u.order_id
          JOIN accounts_organisation o ON o.id = r.organisation GROUP BY r.id, o.name""")
    rain = await db.rows("""
        SELECT s.title, s.rain_starts_at - s.starts_at AS after, count(*) FILTER (WHERE c.is_rain)::int AS tied
          FROM events_session s JOIN events_occupation c ON c.session = s.id
         WHERE s.rain_starts_at IS NOT NULL GROUP BY s.id""")
    again = await db.rows("""
        SELECT o.name, r.state, r.assignment, r.reason FROM bookings_order r
          JOIN accounts_organisation o ON o.id = r.organisation
         WHERE r.assignment > 1 OR r.state = 'approved' AND r.assignment > 0 ORDER BY r.state""")

    assert [tuple(row) for row in joined] == [("阳澄包装工会", 2, 2)]
    assert [tuple(row) for row in rain] == [("露天电影专场", timedelta(days=1), 1)]
    assert [tuple(row) for row in again] == [
        ("浏河港务工会", "approved", 1, "放映机送修，那天赶不回来"),
        ("胥江机械厂工会", "assigned", 2, "台风来了，厂区停工"),
    ]


async def test_every_contact_and_provider_who_logs_in_has_something_to_do(loaded: DemoLoaded) -> None:
    open_orders = await db.rows("""
        SELECT p.login_name, array_agg(r.state ORDER BY r.state) FILTER (WHERE r.state IN
                   ('submitted', 'approved', 'assigned', 'fulfilled')) AS orders
          FROM accounts_person p JOIN accounts_role_grant g ON g.person = p.id AND g.role = 'contact'
          JOIN bookings_order r ON r.organisation = g.organisation
         WHERE p.login_name LIKE 'contact%' GROUP BY p.login_name ORDER BY 1""")
    bookings = await db.rows(f"""
        SELECT p.login_name, array_agg(DISTINCT b.state ORDER BY b.state) AS states
          FROM accounts_person p JOIN accounts_role_grant g ON g.person = p.id AND g.role = 'contact'
          JOIN bookings_booking b ON b.organisation = g.organisation
          JOIN events_session s ON s.id = b.session AND s.starts_at > '{NOW}'
         WHERE p.login_name LIKE 'contact%' AND b.state IN ('pending', 'confirmed', 'offered', 'waitlisted')
         GROUP BY p.login_name ORDER BY 1""")
    asked = await db.rows("""
        SELECT p.login_name, r.state FROM bookings_order r JOIN events_session_provider sp ON sp.session = r.session
          JOIN events_provider v ON v.id = sp.provider JOIN accounts_person p ON p.id = v.person
         WHERE r.state = 'assigned' AND p.login_name LIKE 'provider%' ORDER BY 1""")
    endorsing = await db.value("""
        SELECT count(*) FROM bookings_order r JOIN accounts_organisation u ON u.id = r.organisation
          JOIN events_event e ON e.id = r.event JOIN programmes_programme g ON g.id = e.programme
          JOIN accounts_role_grant d ON d.organisation = u.parent JOIN accounts_person p ON p.id = d.person
         WHERE r.state = 'submitted' AND g.two_step_orders AND p.login_name = 'organiser2'""")

    assert {row["login_name"]: set(row["orders"]) for row in open_orders} == {
        "contact1": {"assigned", "fulfilled"}, "contact2": {"submitted", "approved"}, "contact3": {"approved"},
    }  # fmt: skip
    assert {row["login_name"]: row["states"] for row in bookings} == {
        "contact1": ["confirmed", "pending", "waitlisted"], "contact2": ["confirmed"],
        "contact3": ["confirmed", "offered"],
    }  # fmt: skip
    assert [tuple(row) for row in asked] == [("provider1", "assigned"), ("provider2", "assigned")]
    assert endorsing == 1


async def test_queues_stand_in_order_before_full_sessions(loaded: DemoLoaded) -> None:
    """While a session has a queue no waiting group fits; nobody waits for a session twice."""
    queues = await db.rows("""
        SELECT v.name, array_agg(b.state || ' ' || b.seats ORDER BY b.queue_number) AS queue,
               array_agg(b.queue_number ORDER BY b.queue_number) AS numbers, sum(b.times_skipped)::int AS skipped,
               min(s.capacity - s.seats_taken) AS free
          FROM bookings_booking b JOIN events_session s ON s.id = b.session JOIN events_venue v ON v.id = s.venue
         WHERE b.queue_number IS NOT NULL GROUP BY v.name ORDER BY v.name""")
    offers = await db.rows(f"""
        SELECT b.seats, b.seats_wanted, b.offer_expires_at > '{NOW}' AS stands, o.name FROM bookings_booking b
          JOIN accounts_organisation o ON o.id = b.organisation WHERE b.state = 'offered'""")
    doubles = await db.rows("""
        SELECT b.session FROM bookings_booking b
         WHERE b.state IN ('pending', 'confirmed', 'waitlisted', 'offered')
         GROUP BY b.session, b.organisation HAVING count(*) > 1""")

    assert [(row["name"], row["queue"], row["numbers"], row["skipped"], row["free"]) for row in queues] == [
        ("平江社区中心", ["waitlisted 26", "waitlisted 12", "waitlisted 18", "waitlisted 9"], [1, 2, 3, 4], 1, 0),
        ("盛泽丝织三厂会议室", ["offered 10", "waitlisted 20"], [1, 2], 0, 0),
    ]
    assert [tuple(row) for row in offers] == [(10, 18, True, "虞山服饰女职工委员会")]
    assert doubles == []


async def test_openings_have_places_left_and_one_is_still_to_come(loaded: DemoLoaded) -> None:
    found = await db.rows(f"""
        SELECT p.name, p.opens_at <= '{NOW}' AS open, p.for_whom, p.places,
               (SELECT count(*)::int FROM events_opening_quota q WHERE q.opening = p.id) AS quotas,
               (SELECT count(*)::int FROM events_opening_event e WHERE e.opening = p.id) AS items,
               (SELECT count(*)::int FROM events_opening_session s WHERE s.opening = p.id) AS sessions,
               (SELECT count(*)::int FROM bookings_order r WHERE r.opening = p.id) AS taken
          FROM events_opening p ORDER BY p.opens_at""")
    wrong = await db.rows(f"""
        SELECT r.id FROM bookings_order r JOIN events_opening_event e ON e.event = r.event
          JOIN events_opening p ON p.id = e.opening AND p.opens_at <= '{NOW}'
         WHERE (r.submitted_at >= p.opens_at) <> (r.opening IS NOT DISTINCT FROM p.id)""")
    by_district = await db.rows("""
        SELECT u.district, count(*)::int AS n, max(q.places) AS kept FROM bookings_order r
          JOIN accounts_organisation u ON u.id = r.organisation
          LEFT JOIN events_opening_quota q ON q.opening = r.opening AND q.district = u.district
         WHERE r.opening IS NOT NULL GROUP BY u.district ORDER BY u.district""")

    assert [tuple(row)[1:] for row in found[:2]] == [(True, "all", 16, 3, 4, 0, 5), (False, "unserved", 12, 0, 4, 0, 0)]
    assert (found[2]["open"], found[2]["for_whom"], found[2]["sessions"] > 0) == (False, "districts", True)
    assert wrong == []
    assert [tuple(row) for row in by_district] == [
        ("吴江区", 1, None), ("太仓市", 1, 2), ("姑苏区", 1, None), ("常熟市", 2, 3),
    ]  # fmt: skip


async def test_no_unit_is_beyond_the_limit_of_a_programme(loaded: DemoLoaded) -> None:
    """Six a year for lectures of the psychology programme, the women's committee and guests with their union."""
    most = await db.rows("""
        WITH used AS (
            SELECT b.organisation, s.programme FROM bookings_booking b JOIN events_session s ON s.id = b.session
             WHERE b.state NOT IN ('declined', 'cancelled')
             UNION ALL SELECT r.organisation, e.programme FROM bookings_order r JOIN events_event e ON e.id = r.event
             WHERE r.state IN ('submitted', 'endorsed', 'approved', 'assigned')
             UNION ALL SELECT u.organisation, e.programme FROM bookings_order_unit u
              JOIN bookings_order r ON r.id = u.order_id JOIN events_event e ON e.id = r.event
             WHERE r.state NOT IN ('declined', 'withdrawn'))
        SELECT p.code, p.max_per_organisation, count(*)::int AS n FROM used
          JOIN programmes_programme p ON p.id = used.programme AND p.max_per_organisation IS NOT NULL
          JOIN accounts_organisation o ON o.id = used.organisation
         GROUP BY p.code, p.max_per_organisation,
                  CASE WHEN o.kind IN ('womens_committee', 'guest') THEN o.parent ELSE o.id END
         ORDER BY n DESC LIMIT 1""")

    assert [(row["code"], row["max_per_organisation"]) for row in most] == [("psychology", 6)]
    assert 3 <= most[0]["n"] <= 6


async def test_late_cancellations_and_absences_are_told_with_their_reason(loaded: DemoLoaded) -> None:
    late = await db.rows("""
        SELECT b.is_late, b.reason <> '' AS said, p.cancel_hours FROM bookings_booking b
          JOIN events_session s ON s.id = b.session JOIN programmes_programme p ON p.id = s.programme
         WHERE b.cancelled_by = 'unit' AND p.cancel_hours > 0
           AND (b.changed_at >= s.starts_at - p.cancel_hours * interval '1 hour') <> b.is_late""")
    counts = await db.row("""
        SELECT count(*) FILTER (WHERE is_late)::int AS late,
               count(*) FILTER (WHERE state = 'no_show' AND reason <> '')::int AS missed,
               count(*) FILTER (WHERE state = 'no_show')::int AS no_shows,
               count(*) FILTER (WHERE (state = 'cancelled') <> (cancelled_by <> ''))::int AS wrong,
               count(*) FILTER (WHERE cancelled_by = 'session' AND is_late)::int AS blamed
          FROM bookings_booking""")

    assert counts is not None
    assert late == []
    assert counts["late"] >= 5
    assert counts["missed"] == counts["no_shows"] >= 5
    assert (counts["wrong"], counts["blamed"]) == (0, 0)


async def test_ordinary_assignments_in_free_weeks_of_autumn_give_no_load_warning(loaded: DemoLoaded) -> None:
    """Each provider could give one more session in October and in November, in a week without any of its own."""
    rows = await db.rows("""
        SELECT v.name, month, v.max_per_month, v.max_per_week, v.max_per_day, v.available_parts,
               (SELECT count(DISTINCT s.id)::int
                  FROM events_session_provider sp JOIN events_session s ON s.id = sp.session
                 WHERE sp.provider = v.id AND (s.state = 'published' OR s.assigned)
                   AND extract(month FROM timezone('Asia/Shanghai', s.starts_at)) = month) AS given,
               (SELECT count(*)::int FROM generate_series(make_date(2015, month, 5), make_date(2015, month, 24),
                                                          interval '7 days') monday
                 WHERE NOT EXISTS (SELECT 1 FROM events_occupation c WHERE c.resource_id = v.id
                                      AND c.starts_at < monday + interval '7 days' AND c.ends_at > monday)
                   AND NOT EXISTS (SELECT 1 FROM events_provider_absence a WHERE a.provider = v.id
                                      AND a.from_on < monday + interval '7 days' AND a.until_on > monday)) AS free_weeks
          FROM events_provider v, generate_series(10, 11) month""")

    assert len(rows) == 64
    assert [row["name"] for row in rows if row["given"] + 1 > row["max_per_month"]] == []
    assert [row["name"] for row in rows if min(row["max_per_week"], row["max_per_day"]) < 1] == []
    assert [row["name"] for row in rows if row["free_weeks"] < 1 and row["max_per_day"] == 1] == []


async def test_providers_have_their_times_homes_and_absences(loaded: DemoLoaded) -> None:
    rows = await db.rows("""
        SELECT v.name, v.home_district, v.available_parts, v.kind, v.max_per_month,
               (SELECT count(*)::int FROM events_provider_absence a WHERE a.provider = v.id) AS absences
          FROM events_provider v""")
    broken = await db.rows("""
        SELECT v.name FROM events_provider_absence a JOIN events_provider v ON v.id = a.provider
          JOIN events_occupation c ON c.resource_id = v.id AND c.starts_at < a.until_on AND c.ends_at > a.from_on""")
    parts = {part for row in rows for part in row["available_parts"]}

    assert all(row["home_district"] and row["max_per_month"] for row in rows)
    assert sum(row["absences"] for row in rows) == 6
    assert broken == []
    assert [row["name"] for row in rows if row["kind"] == "lecturer" and not row["available_parts"]] == []
    assert parts == {f"{day}-{part}" for day in range(1, 6) for part in ("morning", "afternoon", "evening")} | {
        f"{day}-{part}" for day in (6, 7) for part in ("morning", "noon", "afternoon", "evening")
    }


async def test_menu_items_have_ratings(loaded: DemoLoaded) -> None:
    rows = await db.rows("""
        SELECT s.event, count(*)::int AS answers, avg((r.lecturer + r.content + r.organising) / 3.0) AS mean
          FROM bookings_review r JOIN events_session s ON s.id = r.session GROUP BY s.event""")

    assert len(rows) >= 10
    assert sum(row["answers"] for row in rows) >= 30
    assert all(3 <= row["mean"] <= 5 for row in rows)


async def test_what_is_not_given_by_order_cannot_be_ordered(loaded: DemoLoaded) -> None:
    rows = await db.rows("SELECT title, kind FROM events_event WHERE NOT orderable ORDER BY title")

    assert {row["title"] for row in rows} == {"职工书画展", "职工收藏展", "职工歌会", "班组安全知识竞赛"}
    assert await db.value("""SELECT count(*) FROM bookings_order r JOIN events_event e ON e.id = r.event
                              WHERE NOT e.orderable""") == 0  # fmt: skip


async def test_evidence_lies_on_the_disk_and_the_first_contact_has_some(loaded: DemoLoaded, demo_home: Path) -> None:
    """Ten closed sessions have a photo and a signed sheet; three small pictures stand for all of them."""
    rows = await db.rows("""
        SELECT e.kind, e.digest, e.size_bytes, s.state, s.id AS session, coalesce(h.name, '') AS host
          FROM attendance_evidence e JOIN events_session s ON s.id = e.session
          LEFT JOIN accounts_organisation h ON h.id = s.host""")
    sizes = {row["digest"]: file_path(demo_home, row["digest"]).stat().st_size for row in rows}

    assert {row["state"] for row in rows} == {"closed"}
    assert [len({row["session"] for row in rows if row["kind"] == kind}) for kind in ("photo", "sheet")] == [10, 10]
    assert {row["kind"] for row in rows} == {"photo", "sheet", "receipt"}
    assert "胥江机械厂工会" in {row["host"] for row in rows}
    assert len(sizes) == 3
    assert all(sizes[row["digest"]] == row["size_bytes"] < 30_000 for row in rows)
