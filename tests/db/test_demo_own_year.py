"""What the demo shows of materials, tours, leave, requests, merges and labels; loaded once, since these only read."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import pytest
from litestar import Litestar

from outreach.accounts.authentication import actor_of_person
from outreach.accounts.requests.queries import waiting_requests
from outreach.demo import DemoLoaded, load_demo
from outreach.demo.rows import WRITTEN
from outreach.materials.applications import applications_to_share
from outreach.materials.domain.allocation import allocate
from outreach.programmes.labels import labels_between
from outreach.shared import db
from outreach.shared.actors import Actor
from tests.conftest import NOW
from tests.factories.accounts import browser_of

REAL_NOW = datetime(2026, 11, 21, 3, 4, 5, tzinfo=UTC)


async def empty() -> None:
    names = [table._meta.tablename for table in WRITTEN]
    await db.execute(f"TRUNCATE {', '.join(names)}, accounts_installation_fact, programmes_holiday CASCADE")


@pytest.fixture(scope="module")
async def loaded(app: Litestar, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[DemoLoaded]:
    """The demo of 2015 with seed 1."""
    await empty()
    yield await load_demo(REAL_NOW, tmp_path_factory.mktemp("demo"))
    await empty()


async def who(login: str) -> Actor:
    found = await actor_of_person(await db.value("SELECT id FROM accounts_person WHERE login_name = $1", login), NOW)
    assert found is not None
    return found


async def test_the_stock_is_the_sum_of_its_movements_and_holds_what_is_promised(loaded: DemoLoaded) -> None:
    item = await db.row("""
        SELECT i.stock, i.reserved, (SELECT sum(change)::int FROM materials_movement m WHERE m.item = i.id) AS moved,
               (SELECT sum(a.granted - a.handed)::int FROM materials_application a
                  JOIN materials_round r ON r.id = a.round WHERE r.item = i.id AND r.state = 'confirmed') AS promised
          FROM materials_item i""")
    handed = await db.rows("""
        SELECT a.handed, -m.change AS left_stock, t.quantity::int AS tallied, t.receiver, o.name,
               t."on" = m."on" AS same
          FROM materials_movement m JOIN materials_application a ON a.id = m.application
          JOIN accounts_organisation o ON o.id = a.organisation LEFT JOIN programmes_tally t ON t.id = m.tally_id
         WHERE m.kind = 'handout'""")

    assert item is not None
    assert (item["stock"], item["reserved"]) == (item["moved"], item["promised"])
    assert len(handed) == 3
    assert all(one["handed"] == one["left_stock"] == one["tallied"] for one in handed)
    assert all(one["receiver"] == one["name"] and one["same"] for one in handed)
    assert await db.value("SELECT count(*) FROM materials_application WHERE handed > 0") == 3


async def test_the_round_in_distribution_follows_the_rule_but_for_two_with_reasons(loaded: DemoLoaded) -> None:
    round_ = await db.row("SELECT id, quantity, hazard_percent FROM materials_round WHERE state = 'confirmed'")
    assert round_ is not None
    applied = await applications_to_share(round_["id"])
    parts = allocate(applied, round_["quantity"], hazard_percent=round_["hazard_percent"])
    rows = await db.rows(
        "SELECT id, state, proposed, granted, reason FROM materials_application WHERE round = $1", round_["id"]
    )
    states = sorted(one["state"] for one in rows)

    assert {one["id"]: one["proposed"] for one in rows} == {**parts}
    assert [bool(one["reason"]) for one in rows if one["granted"] != one["proposed"]] == [True, True]
    assert states == ["declined", *["granted"] * 6, "handed_out", "received", "received"]
    assert await db.value("SELECT count(*) FROM materials_follow_up WHERE round = $1", round_["id"]) == 2
    assert await db.value("""SELECT count(*) FROM materials_application a JOIN materials_round r ON r.id = a.round
                              WHERE r.state = 'applying'""") == 3  # fmt: skip


async def test_the_tour_is_made_of_sessions_that_tie_its_troupe(loaded: DemoLoaded) -> None:
    rows = await db.rows("""
        SELECT x.number, x.starts_at = s.starts_at AND x.host = s.host AND t.event = s.event AS agrees, s.state,
               timezone('Asia/Shanghai', s.starts_at)::date AS day, t.first_on, t.last_on,
               (SELECT count(*)::int FROM events_occupation c WHERE c.session = s.id AND c.resource_id = t.provider)
                   AS tied
          FROM tours_stop x JOIN tours_tour t ON t.id = x.tour JOIN events_session s ON s.id = x.session
         WHERE t.state = 'made' ORDER BY x.number""")

    assert [(one["number"], one["agrees"], one["state"], one["tied"]) for one in rows] == [
        (number, True, "published", 1) for number in range(1, 5)
    ]
    assert [one["day"] for one in rows] == [rows[0]["first_on"] + timedelta(days=n) for n in range(4)]
    assert rows[-1]["day"] == rows[0]["last_on"]


async def test_somebody_is_away_somebody_asks_and_one_stood_there_twice(loaded: DemoLoaded) -> None:
    leave = await db.row("""
        SELECT l.from_on, l.until_on, g.person = l.deputy AND g.is_deputy AND g.until_on = l.until_on AS stands_in
          FROM accounts_leave l JOIN accounts_role_grant g ON g.id = ANY(l.grants)""")
    merged = await db.row("""
        SELECT m.kept_name = m.dropped_name AS same, d.disabled_at IS NOT NULL AS out, k.disabled_at IS NULL AS here,
               (SELECT count(*) FROM accounts_role_grant g WHERE g.person = d.id AND g.until_on IS NULL) AS open
          FROM persons_merge m JOIN accounts_person d ON d.id = m.dropped JOIN accounts_person k ON k.id = m.kept""")

    assert leave is not None
    assert merged is not None
    assert (leave["from_on"] <= date(2015, 9, 15) < leave["until_on"], leave["stands_in"]) == (True, True)
    assert dict(merged) == {"same": True, "out": True, "here": True, "open": 0}
    for login in ("organiser", "organiser2"):
        assert await waiting_requests(await who(login)) == 1
    told = await db.rows("""
        SELECT o.name, p.login_name FROM notifications_outbox_message m
          JOIN accounts_organisation o ON o.id = m.organisation_id
          JOIN accounts_role_grant g ON g.organisation = o.id AND g.role = 'organiser'
          JOIN accounts_person p ON p.id = g.person WHERE m.kind = 'contact-request'""")
    assert [one["login_name"] for one in told] == ["organiser2"]


async def test_labels_are_changed_and_added(loaded: DemoLoaded) -> None:
    found = {
        one.name: (one.from_on, one.last_on) for one in await labels_between(date(2015, 10, 5), date(2015, 10, 15))
    }

    assert found["金秋助学"] == (date(2015, 8, 1), date(2015, 10, 15))
    assert found["职工文化月"] == (date(2015, 10, 10), date(2015, 11, 10))


async def test_every_page_of_them_opens(app: Litestar, loaded: DemoLoaded) -> None:
    tour = await db.value("SELECT id FROM tours_tour")
    rounds = [one["id"] for one in await db.rows("SELECT id FROM materials_round ORDER BY created_at")]
    item = await db.value("SELECT id FROM materials_item")
    asked = await db.value("SELECT id FROM accounts_contact_request")
    away = await db.value("SELECT person FROM accounts_leave")
    pages = {
        "organiser": [
            ("/desk", "联系人申请等着办"), ("/desk/materials", "安全生产知识丛书"),
            (f"/desk/materials/items/{item}", "受潮"),
            *((f"/desk/materials/rounds/{one}", "安全生产知识丛书") for one in rounds),
            ("/desk/tours", "锡剧进厂区巡演"), (f"/desk/tours/{tour}", "虞山服饰工会"), (f"/tours/{tour}", "沙洲路"),
            ("/desk/merges", "导入时又建了一次"), (f"/desk/requests/{asked}", "木渎家具工会"),
            (f"/desk/people/{away}/leave", "年休假"), ("/desk/holidays?year=2015", "职工文化月"),
        ],
        "contact1": [("/my", "等您签收"), ("/materials", "第二批安全生产知识丛书"),
                     (f"/materials/{rounds[0]}", "签收")],
        "provider2": [("/duties", f"/tours/{tour}"), (f"/tours/{tour}", "浏河港务工会")],
    }  # fmt: skip
    for login, wanted in pages.items():
        async with browser_of(app, await who(login)) as browser:
            for path, words in wanted:
                answer = await browser.get(path)
                assert (answer.status_code, words in answer.text) == (200, True), (login, path)
