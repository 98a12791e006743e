"""Reminders of sessions and orders, and the week's summary: at the right hour, once, no flood after a standstill."""

import asyncio
import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from outreach.attendance.reminders.orders import remind_of_orders
from outreach.attendance.reminders.sessions import remind_of_sessions
from outreach.counting.weekly import send_weekly_summaries
from outreach.notifications.saying_once import Once, enqueue_once_within
from outreach.notifications.tables import Choice
from outreach.shared import db
from outreach.shared.actors import Role
from outreach.shared.ids import new_id
from outreach.shared.time import ZONE
from tests.factories.accounts import LONG_AGO, make_actor, make_organisation, make_person
from tests.factories.bookings import BookingWorld, make_booking
from tests.factories.events import STARTS_AT, make_provider, make_session
from tests.factories.orders import make_order
from tests.factories.programmes import make_target

pytestmark = pytest.mark.usefixtures("database")

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
#: Eight in the morning of the day of the session, Thursday, 24 September 2015.
MORNING = STARTS_AT.replace(hour=8)


async def told(*kinds: str) -> list[tuple[str, Any, dict[str, Any]]]:
    found = await db.rows(
        """SELECT kind, coalesce(organisation_id, person_id) AS whom, facts FROM notifications_outbox_message
            WHERE kind = ANY($1::text[]) ORDER BY created_at, kind, once""",
        list(kinds),
    )
    return [(one["kind"], one["whom"], json.loads(one["facts"])) for one in found]


async def reminded() -> list[str]:
    return [kind for kind, _whom, _facts in await told("session-soon", "session-hosted-soon", "duty-soon")]


# --- sessions ---------------------------------------------------------------------------------------------------------


async def test_who_comes_hosts_and_gives_is_reminded_twice() -> None:
    """Three days before and the morning before; by three processes at once, each hour, all night."""
    world = await BookingWorld().build()
    person = await make_person()
    lecturer = await make_provider(world.root, person=person.id)
    session = await make_session(world.event, providers=(lecturer,), host=world.other.id)
    await make_booking(session, world.union, seats=25)
    await make_booking(session, await make_organisation(parent=world.root), state="pending")
    await db.execute("UPDATE events_session SET state = 'draft' WHERE id = $1", world.session.id)

    said = []
    for hour in range(6 * 24):
        at = MORNING - 5 * DAY + hour * HOUR
        number = sum(await asyncio.gather(*(remind_of_sessions(at) for _ in range(3))))
        said += [(at, number)] if number else []

    assert said == [(MORNING - 3 * DAY, 3), (MORNING - DAY, 3)]
    assert [(kind, whom) for kind, whom, _ in await told("session-soon", "session-hosted-soon", "duty-soon")] == [
        ("duty-soon", person.id),
        ("session-hosted-soon", world.other.id),
        ("session-soon", world.union.id),
    ] * 2
    assert (await told("session-soon"))[0][2] == {
        "session_id": str(session.id),
        "title": "倒班职工的睡眠与情绪",
        "starts_at": "2015-09-24T14:00:00+08:00",
        "ends_at": "2015-09-24T15:30:00+08:00",
        "where": "吴中区木渎镇职工活动中心三楼报告厅",
        "seats": 25,
    }


@pytest.mark.parametrize(
    ("days", "morning", "expected"),
    [
        (3, True, [3, 1]),
        (3, False, [3]),
        (0, True, [1]),
        (0, False, []),
        (1, True, [1]),
        (1, False, [1]),
        (7, True, [7, 1]),
    ],
)
async def test_the_programme_says_when(days: int, morning: bool, expected: list[int]) -> None:
    world = await BookingWorld().build(programme={"remind_days": days, "remind_morning": morning})
    await make_booking(world.session, world.union)

    said = [before for before in range(9, -1, -1) if await remind_of_sessions(MORNING - before * DAY)]

    assert said == expected


async def test_after_a_standstill_one_reminder_is_said_and_not_both() -> None:
    """Away from the fourth day before to the second: the first is late. Away until the day before: only the second.
    Away until the day itself: none, everybody is on their way."""
    world = await BookingWorld().build()
    await make_booking(world.session, world.union)
    assert await remind_of_sessions(MORNING - 2 * DAY) == 1

    await db.execute("DELETE FROM notifications_outbox_message")
    assert [await remind_of_sessions(MORNING - DAY + hour * HOUR) for hour in (0, 1)] == [1, 0]

    await db.execute("DELETE FROM notifications_outbox_message")
    assert await remind_of_sessions(MORNING) == 0


async def test_who_booked_just_now_is_not_reminded_in_the_same_breath() -> None:
    world = await BookingWorld().build()
    await make_booking(world.session, world.union, changed_at=MORNING - 3 * DAY + HOUR)
    await make_booking(world.session, world.other, changed_at=MORNING - 4 * DAY)

    assert await remind_of_sessions(MORNING - 3 * DAY + 2 * HOUR) == 1
    assert await remind_of_sessions(MORNING - DAY) == 2


async def test_a_moved_session_is_reminded_of_anew_and_a_cancelled_one_not_at_all() -> None:
    world = await BookingWorld().build()
    await make_booking(world.session, world.union)
    assert await remind_of_sessions(MORNING - 3 * DAY) == 1
    await db.execute(
        "UPDATE events_session SET starts_at = starts_at + interval '7 days', ends_at = ends_at + interval '7 days'"
    )
    assert await remind_of_sessions(MORNING - DAY) == 0
    assert await remind_of_sessions(MORNING + 4 * DAY) == 1
    await db.execute("UPDATE events_session SET state = 'cancelled'")
    assert await remind_of_sessions(MORNING + 6 * DAY) == 0


@pytest.mark.parametrize("hour", [0, 7, 21, 23])
async def test_nobody_is_reminded_at_night(hour: int) -> None:
    world = await BookingWorld().build()
    await make_booking(world.session, world.union)
    await make_order(world.event, world.union, submitted_at=LONG_AGO, changed_at=LONG_AGO)

    assert await remind_of_sessions((MORNING - 3 * DAY).replace(hour=hour)) == 0
    assert await remind_of_orders(MORNING.replace(hour=hour)) == 0


# --- orders -----------------------------------------------------------------------------------------------------------


async def test_who_lets_orders_wait_is_told_once_a_week() -> None:
    """The organiser of all that waits for it, and since when; the week after again."""
    world = await BookingWorld().build()
    since = MORNING - 6 * DAY
    await make_order(world.event, world.union, submitted_at=since, changed_at=since)
    await make_order(world.event, world.other, submitted_at=since + HOUR, changed_at=since, state="approved")
    await make_order(world.event, world.other, submitted_at=MORNING - 4 * DAY, changed_at=MORNING - 4 * DAY)
    await make_order(world.event, world.other, submitted_at=since, changed_at=since, state="declined")

    said = [
        sum(await asyncio.gather(*(remind_of_orders(MORNING + hour * HOUR) for _ in range(3))))
        for hour in range(0, 96, 3)
    ]

    assert (said[0], sum(said)) == (1, 1)
    assert await told("order-waiting") == [
        ("order-waiting", world.root.id, {"count": 2, "oldest": "2015-09-18", "href": "/desk/orders"})
    ]
    assert await remind_of_orders(datetime(2015, 9, 28, 8, 0, tzinfo=ZONE)) == 1


async def test_the_first_of_two_steps_waits_for_the_organisation_above_the_unit() -> None:
    world = await BookingWorld().build(programme={"two_step_orders": True})
    district = await make_organisation(parent=world.root, kind="district_federation")
    unit = await make_organisation(parent=district)
    since = MORNING - 6 * DAY
    await make_order(world.event, unit, submitted_at=since, changed_at=since)
    await make_order(world.event, unit, submitted_at=since, changed_at=since, state="endorsed")

    assert await remind_of_orders(MORNING) == 2
    assert {(whom, facts["count"]) for _kind, whom, facts in await told("order-waiting")} == {
        (district.id, 1),
        (world.root.id, 1),
    }


# --- the week ---------------------------------------------------------------------------------------------------------

MONDAY = datetime(2015, 9, 21, 8, 30, tzinfo=ZONE)


async def wish(person_id: Any, wanted: bool = True) -> None:
    await Choice(person=person_id, topic="summary", channel="mail", wanted=wanted, changed_at=LONG_AGO).save()


async def test_the_summary_is_for_organisers_who_want_it_on_monday_at_half_past_eight() -> None:
    world = await BookingWorld().build()
    await make_target(world.programme)
    await make_booking(world.session, world.union, state="pending")
    await wish(world.organiser.person_id)
    await wish((await make_actor(Role.ORGANISER, world.root)).person_id, wanted=False)
    await wish(world.contact.person_id)
    english = await make_actor(Role.ORGANISER, await make_organisation(), locale="en")
    await wish(english.person_id)

    said = []
    for quarter in range(14 * 24 * 2):
        at = MONDAY - HOUR + quarter * timedelta(minutes=30)
        number = sum(await asyncio.gather(*(send_weekly_summaries(at) for _ in range(2))))
        said += [(at, number)] if number else []

    assert said == [(MONDAY, 2), (MONDAY + 7 * DAY, 2)]
    summaries = {whom: facts["summary"] for _kind, whom, facts in (await told("weekly-summary"))[:2]}
    assert summaries[world.organiser.person_id].endswith("等着处理：预约待审核1件。")
    assert "1项指标中" in summaries[world.organiser.person_id]
    assert set(summaries) == {world.organiser.person_id, english.person_id}


@pytest.mark.parametrize(("days", "said"), [(1, 1), (2, 1), (3, 0), (6, 0)])
async def test_a_summary_that_was_missed_comes_until_wednesday(days: int, said: int) -> None:
    world = await BookingWorld().build()
    await wish(world.organiser.person_id)

    assert await send_weekly_summaries(MONDAY + days * DAY) == said


async def test_what_is_said_under_one_name_is_said_once() -> None:
    """By many at once; the others of the same call are said all the same."""
    world = await BookingWorld().build()

    async def say(names: list[str]) -> int:
        async with db.atomic():
            return await enqueue_once_within(
                LONG_AGO,
                [
                    Once(
                        once=name,
                        kind="order-waiting",
                        object_kind="desk",
                        object_id=new_id(),
                        organisation_id=world.root.id,
                    )
                    for name in names
                ],
            )

    said = await asyncio.gather(*(say(["a", "b", f"c{number % 2}"]) for number in range(6)))

    assert sum(said) == 4
    assert (await say(["a"]), await say([])) == (0, 0)
