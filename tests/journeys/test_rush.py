"""The second at which an opening opens: everybody at once, and not one place too many or too few."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest

from outreach.accounts.tables import Organisation
from outreach.bookings.commands import book_seats
from outreach.bookings.domain.errors import BookingClosedError, LimitReachedError, QuotaUsedError
from outreach.bookings.orders.commands import submit_order
from outreach.bookings.orders.domain.drafts import OrderDraft, Window
from outreach.events.domain.parts import DayPart
from outreach.events.tables import Event
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from outreach.shared.errors import OutreachError
from tests.conftest import NOW
from tests.factories.accounts import make_actor, make_organisation
from tests.factories.events import make_event, make_session
from tests.factories.openings import make_opening
from tests.factories.programmes import make_programme

#: At once; more than the pool of connections many times over.
AT_ONCE = 64


async def _unions(root: Organisation, by_district: dict[str, int]) -> list[tuple[UUID, str]]:
    """Unions of the districts, mixed."""
    for district, count in by_district.items():
        await db.execute(
            """INSERT INTO accounts_organisation
                      (id, code, name, kind, parent, path, district, ownership, industry, revision, created_at)
               SELECT made.id, $2 || made.n, $2 || made.n || '厂工会', 'grassroots_union', $1, $3 || made.id || '/',
                      $2, '', '', 1, '2014-01-01'
                 FROM (SELECT gen_random_uuid() AS id, n FROM generate_series(1, $4::int) n) made""",
            root.id,
            district,
            root.path,
            count,
        )
    found = await db.rows(
        "SELECT id, district FROM accounts_organisation WHERE parent = $1 ORDER BY md5(code)", root.id
    )
    return [(one["id"], one["district"]) for one in found]


async def _order(actor: Actor, now: datetime, event: Event, union: UUID) -> str:
    """``taken``, or the code of the refusal."""
    draft = OrderDraft(
        event_id=event.id,
        organisation_id=union,
        windows=(Window(date(2015, 10, 14), DayPart.AFTERNOON),),
        audience=60,
        address="食堂二楼",
        contact_name="陈巧云",
        contact_phone="13800000000",
    )
    try:
        await submit_order(actor, now, draft=draft)
    except (BookingClosedError, LimitReachedError, QuotaUsedError) as error:
        return str(error.facts.get("why", error.code))
    return "taken"


async def _all(actor: Actor, now: datetime, event: Event, unions: Sequence[UUID]) -> list[str]:
    """Everybody's order, so many at once as there are clients; the answers in the order of ``unions``."""
    waiting, answers = list(enumerate(unions)), [""] * len(unions)

    async def client() -> None:
        while waiting:
            number, union = waiting.pop(0)
            answers[number] = await _order(actor, now, event, union)

    await asyncio.gather(*(client() for _ in range(AT_ONCE)))
    return answers


@pytest.mark.postgres_server
async def test_a_thousand_orders_at_the_second_of_opening_fill_it_exactly(database: None) -> None:
    """300 places, 120 kept for 400 unions of one district, 60 for the 50 unions of another: its ten stay unused."""
    root = await make_organisation()
    staff = await make_actor(Role.ADMINISTRATOR, None)
    programme = await make_programme(root)
    event = await make_event(programme)
    await make_opening(programme, events=(event,), quotas={"姑苏区": 120, "太仓市": 60}, places=300, opens_at=NOW)
    unions = await _unions(root, {"姑苏区": 400, "太仓市": 50, "昆山市": 550})
    ids = [one for one, _district in unions]

    early = await _all(staff, NOW - timedelta(microseconds=1), event, ids[:20])
    began = time.perf_counter()
    answers = await _all(staff, NOW, event, ids)
    seconds = time.perf_counter() - began
    late = await _all(staff, NOW, event, [one for one, district in unions if district != "太仓市"][-20:])

    taken = Counter(district for (_id, district), said in zip(unions, answers, strict=True) if said == "taken")
    stored = {
        row["district"]: row["n"]
        for row in await db.rows("""
            SELECT o.district, count(*)::int AS n FROM bookings_order r
              JOIN accounts_organisation o ON o.id = r.organisation GROUP BY o.district""")
    }
    assert set(early) == {"not-open-yet"}
    assert Counter(answers) == {"taken": 290, "quota-used": 710}
    assert dict(taken) == stored
    assert stored["太仓市"] == 50
    assert stored["姑苏区"] >= 120
    assert stored["姑苏区"] + stored["昆山市"] == 240
    assert set(late) == {"quota-used"}
    assert await db.value("SELECT count(DISTINCT organisation) FROM bookings_order") == 290
    assert await db.value("SELECT count(*) FROM accounts_journal WHERE action = 'order.submitted'") == 290
    assert seconds < 60


async def test_one_union_with_many_hands_gets_no_more_than_its_limit(database: None) -> None:
    """A union, its committee and two guests send forty orders and bookings at once: three are taken, whoever wins."""
    root = await make_organisation()
    union = await make_organisation(parent=root)
    group = [
        union,
        await make_organisation(parent=union, kind="womens_committee"),
        await make_organisation(parent=union, kind="guest"),
        await make_organisation(parent=union, kind="guest"),
    ]
    staff = await make_actor(Role.ADMINISTRATOR, None)
    programme = await make_programme(root, max_per_organisation=3)
    events = [await make_event(programme, title=f"讲座{number}") for number in range(5)]
    sessions = [await make_session(events[0], starts_at=NOW + timedelta(days=9 + number)) for number in range(5)]

    async def book(number: int) -> str:
        try:
            await book_seats(
                staff, NOW, session_id=sessions[number % 5].id, organisation_id=group[number % 4].id, seats=2,
                contact_name="陈巧云", contact_phone="13800000000",
            )  # fmt: skip
        except OutreachError as error:
            return error.code
        return "taken"

    answers = await asyncio.gather(
        *(book(number) for number in range(20)),
        *(_order(staff, NOW, events[number % 5], group[number % 4].id) for number in range(20)),
    )

    counts = Counter(answers)
    stored = await db.value("SELECT (SELECT count(*) FROM bookings_order) + (SELECT count(*) FROM bookings_booking)")
    assert counts["taken"] == stored == 3
    assert counts.keys() <= {"taken", "limit-reached", "already-booked"}
