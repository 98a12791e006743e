"""Units are asked for figures again, organisations are reminded once a week; nobody at night, nobody twice."""

import asyncio
import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from outreach.attendance.closing.reminding import remind_of_closing
from outreach.attendance.commands import Figures
from outreach.attendance.reported.asking import ask_for_headcounts
from outreach.attendance.reported.commands import report_headcount
from outreach.shared import db
from outreach.shared.time import ZONE
from tests.factories.accounts import make_organisation
from tests.factories.bookings import BookingWorld, make_booking
from tests.factories.events import STARTS_AT, make_event, make_session
from tests.factories.programmes import make_programme, make_year

pytestmark = pytest.mark.usefixtures("database")

#: The day after the session of Thursday, 24 September 2015.
FRIDAY = datetime(2015, 9, 25, 8, 1, tzinfo=ZONE)
#: Fifteen days later, when the usual fourteen are over, and the Monday after it.
OVERDUE = datetime(2015, 10, 9, 8, 1, tzinfo=ZONE)
MONDAY = datetime(2015, 10, 12, 8, 0, tzinfo=ZONE)
DAY = timedelta(days=1)


async def told(kind: str) -> list[tuple[Any, dict[str, Any]]]:
    found = await db.rows(
        "SELECT organisation_id, facts FROM notifications_outbox_message WHERE kind = $1 ORDER BY id", kind
    )
    return [(one["organisation_id"], json.loads(one["facts"])) for one in found]


async def hosted(**session: Any) -> BookingWorld:
    world = await BookingWorld().build()
    world.session = await make_session(world.event, host=world.union.id, visibility="host", **session)
    return world


# --- figures ----------------------------------------------------------------------------------------------------------


async def test_a_silent_host_is_asked_after_one_four_and_eight_days() -> None:
    """Once on each of the three days, however often and by however many it is tried."""
    world = await hosted()
    asked_on = []
    for day in range(14):
        for hour in (0, 4, 12):
            at = FRIDAY + day * DAY + timedelta(hours=hour)
            asked_on += [day] * sum(await asyncio.gather(*(ask_for_headcounts(at) for _ in range(3))))

    assert asked_on == [0, 3, 7]
    assert [unit for unit, _facts in await told("headcount-asked")] == [world.union.id] * 3
    row = await db.row("SELECT asked_at, times, last_asked_at FROM attendance_report_request")
    assert row is not None
    assert (row["asked_at"], row["times"], row["last_asked_at"]) == (FRIDAY, 3, FRIDAY + 7 * DAY)


async def test_who_was_away_for_a_week_does_not_ask_twice_in_a_row() -> None:
    """The program stood still after the first time: the second waits for no one, the third keeps its distance."""
    await hosted()
    at = [FRIDAY, *(FRIDAY + day * DAY for day in (9, 10, 11, 12, 13))]

    assert [await ask_for_headcounts(one) for one in at] == [1, 1, 0, 0, 0, 1]


async def test_who_has_answered_is_not_asked_again() -> None:
    world = await BookingWorld().build()
    await make_booking(world.session, world.union)
    await make_booking(world.session, world.other)
    assert await ask_for_headcounts(FRIDAY) == 2
    await report_headcount(
        world.contact, FRIDAY, session_id=world.session.id, figures=Figures(on=STARTS_AT.date(), total=20)
    )

    assert await ask_for_headcounts(FRIDAY + 3 * DAY) == 1
    assert (await told("headcount-asked"))[-1][0] == world.other.id


@pytest.mark.parametrize("hour", [0, 7, 21, 23])
async def test_nobody_is_asked_at_night(hour: int) -> None:
    await hosted(state="held")
    night = OVERDUE.replace(hour=hour, minute=30)

    assert await ask_for_headcounts(night - 14 * DAY) == 0
    assert await remind_of_closing(night) == 0


# --- closing ----------------------------------------------------------------------------------------------------------


async def test_the_owner_is_reminded_once_a_week_of_all_that_is_overdue() -> None:
    """By two processes at once; the next week again."""
    world = await hosted(state="held")
    await make_session(world.event, starts_at=STARTS_AT - 2 * DAY)  # past, and nobody recorded it
    await make_session(world.event, state="held", starts_at=OVERDUE - 3 * DAY)  # its days are not over
    await make_session(world.event, state="cancelled", starts_at=STARTS_AT - 9 * DAY)

    at_once = await asyncio.gather(*(remind_of_closing(OVERDUE) for _ in range(4)))
    later = [await remind_of_closing(OVERDUE + timedelta(hours=one)) for one in (1, 5, 24, 48)]
    monday = await remind_of_closing(MONDAY)

    assert (sorted(at_once), later, monday) == ([0, 0, 0, 1], [0, 0, 0, 0], 1)
    # The session that the world was built with took place on the 24th, too, without a record.
    facts = {"count": 3, "oldest": "2015-09-22"}
    assert await told("closing-due") == [(world.root.id, facts), (world.root.id, facts)]
    kinds = await db.rows("SELECT DISTINCT object_kind FROM notifications_outbox_message")
    assert [one["object_kind"] for one in kinds] == ["closing"]


async def test_every_owner_is_told_of_its_own() -> None:
    world = await hosted(state="held")
    district = await make_organisation(parent=world.root, kind="district_federation")
    theirs = await make_event(await make_programme(district, closing_days=3))
    await make_session(theirs, state="held", starts_at=OVERDUE - 4 * DAY)

    assert await remind_of_closing(OVERDUE) == 2
    assert sorted((unit, facts["count"]) for unit, facts in await told("closing-due")) == sorted(
        [(world.root.id, 2), (district.id, 1)]
    )


@pytest.mark.parametrize("why", ["closed", "days left", "closed year", "dissolved"])
async def test_nobody_is_reminded_of_what_is_done_or_cannot_be_done(why: str) -> None:
    world = await hosted(state="held")
    await db.execute("UPDATE events_session SET state = 'held'")
    if why == "closed":
        await db.execute("UPDATE events_session SET state = 'closed'")
    elif why == "days left":
        await db.execute("UPDATE programmes_programme SET closing_days = 30")
    elif why == "closed year":
        await make_year(world.root, state="closed")
    else:
        await db.execute("UPDATE accounts_organisation SET closed_on = '2015-10-01' WHERE id = $1", world.root.id)

    assert await remind_of_closing(OVERDUE) == 0


async def test_the_last_night_of_the_year_belongs_to_the_old_one() -> None:
    """A closed 2015 silences a session that began on 31 December, also where it ended in 2016."""
    starts_at = datetime(2015, 12, 31, 22, 0, tzinfo=ZONE)
    world = await BookingWorld().build(
        state="held", starts_at=starts_at, ends_at=starts_at + timedelta(hours=4), host=None
    )
    february = datetime(2016, 2, 1, 9, 0, tzinfo=ZONE)
    await make_year(world.root, year=2016, state="closed")
    assert await remind_of_closing(february) == 1

    await make_year(world.root, year=2015, state="closed")
    assert await remind_of_closing(february + 7 * DAY) == 0
