"""Units report figures; the organiser confirms or corrects them; nothing counts before."""

import asyncio
import json
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from outreach.accounts.authentication import actor_of_person
from outreach.accounts.tables import Person
from outreach.attendance import commands
from outreach.attendance.commands import Figures
from outreach.attendance.domain.errors import NotStartedError
from outreach.attendance.queries import headcounts_of
from outreach.attendance.reported.asking import ask_for_headcounts
from outreach.attendance.reported.commands import confirm_reports, report_headcount
from outreach.attendance.reported.domain.errors import (
    CorrectInsteadError,
    NothingToConfirmError,
    ReportClosedError,
)
from outreach.attendance.reported.queries import DayOfReports, ReportRow, reports_of, waiting_days
from outreach.counting.desk import waiting_for
from outreach.events.domain.errors import SessionStateError
from outreach.events.queries import session_by_id
from outreach.programmes.domain.errors import ClosedYearError
from outreach.shared import db
from outreach.shared.actors import Role
from outreach.shared.errors import ForbiddenError, InvalidError, NotFoundError, StaleError
from outreach.shared.time import ZONE
from outreach.work import work_once
from tests.factories.accounts import make_actor, make_grant, make_organisation
from tests.factories.bookings import BookingWorld, make_booking
from tests.factories.events import STARTS_AT, make_session
from tests.factories.programmes import make_year
from tests.support.queries import counted

AFTER = STARTS_AT + timedelta(hours=3)
MORNING = datetime(2015, 9, 25, 8, 1, tzinfo=ZONE)
DAY = date(2015, 9, 24)


def figures(total: int = 96, on: date = DAY, **given: Any) -> Figures:
    return Figures(on=on, total=total, **given)


async def hosted(**session: Any) -> BookingWorld:
    """A session that the union hosts, as claims and orders leave it."""
    world = await BookingWorld().build()
    world.session = await make_session(world.event, host=world.union.id, visibility="host", **session)
    await make_booking(world.session, world.union, is_host=True)
    return world


async def shared(**session: Any) -> BookingWorld:
    """A session without a host that both unions booked."""
    world = await BookingWorld().build(**session)
    await make_booking(world.session, world.union)
    await make_booking(world.session, world.other)
    return world


async def told(kind: str) -> list[tuple[Any, dict[str, Any]]]:
    found = await db.rows(
        "SELECT organisation_id, facts FROM notifications_outbox_message WHERE kind = $1 ORDER BY id", kind
    )
    return [(one["organisation_id"], json.loads(one["facts"])) for one in found]


async def noted() -> list[str]:
    return [one["action"] for one in await db.rows("SELECT action FROM accounts_journal ORDER BY id")]


async def states(world: BookingWorld) -> list[tuple[int, str]]:
    return [(one.total, one.state) for one in await reports_of(world.session.id)]


# --- reporting -------------------------------------------------------------------------------------------------------


async def test_what_the_host_reports_waits_and_counts_nothing(database: None) -> None:
    world = await hosted()

    row = await report_headcount(
        world.contact,
        AFTER,
        session_id=world.session.id,
        figures=figures(workers=90, breakdown={"women": 41}, estimated=True),
        remark=" 照签到表数 ",
    )

    assert (row.total, row.workers, row.breakdown, row.estimated, row.remark, row.state) == (
        96, 90, {"women": 41}, True, "照签到表数", "reported",
    )  # fmt: skip
    assert (await session_by_id(world.session.id)).state == "published"
    assert await headcounts_of(world.session.id) == []
    assert [(one, facts["visits"]) for one, facts in await told("headcount-reported")] == [(world.root.id, 96)]
    waiting = await waiting_for(world.organiser, AFTER)
    assert (waiting.reported, waiting.reported_since) == (1, AFTER)
    assert await noted() == ["headcount.reported"]


async def test_the_same_again_changes_nothing_and_other_figures_take_its_place(database: None) -> None:
    world = await hosted()
    for total in (96, 96, 98):
        await report_headcount(world.contact, AFTER, session_id=world.session.id, figures=figures(total))

    assert await states(world) == [(98, "reported")]
    assert [facts["visits"] for _one, facts in await told("headcount-reported")] == [96, 98]


async def test_two_taps_at_once_are_one_report(database: None) -> None:
    world = await hosted()

    await asyncio.gather(
        *(report_headcount(world.contact, AFTER, session_id=world.session.id, figures=figures()) for _ in range(6))
    )

    assert await states(world) == [(96, "reported")]
    assert len(await told("headcount-reported")) == 1


@pytest.mark.parametrize("who", ["rival", "organiser"])
async def test_nobody_reports_for_the_host(database: None, who: str) -> None:
    world = await hosted()

    with pytest.raises(NotFoundError if who == "rival" else ForbiddenError):
        await report_headcount(getattr(world, who), AFTER, session_id=world.session.id, figures=figures())

    assert await states(world) == []


async def test_a_booked_unit_does_not_report_where_there_is_a_host(database: None) -> None:
    world = await hosted()
    await make_booking(world.session, world.other)

    with pytest.raises(ForbiddenError):
        await report_headcount(world.rival, AFTER, session_id=world.session.id, figures=figures())


@pytest.mark.parametrize("state", ["pending", "no_show", "cancelled", "declined", "waitlisted"])
async def test_who_was_not_there_does_not_report(database: None, state: str) -> None:
    world = await BookingWorld().build()
    await make_booking(world.session, world.union, state=state)

    with pytest.raises(ForbiddenError):
        await report_headcount(world.contact, AFTER, session_id=world.session.id, figures=figures())


async def test_a_contact_of_two_units_says_which(database: None) -> None:

    world = await shared()
    person = await Person.objects().get(Person.id == world.contact.person_id)
    assert person is not None
    await make_grant(person, Role.CONTACT, world.other)
    both = await actor_of_person(person.id, AFTER)
    assert both is not None

    with pytest.raises(InvalidError) as refusal:
        await report_headcount(both, AFTER, session_id=world.session.id, figures=figures(20))
    row = await report_headcount(
        both, AFTER, session_id=world.session.id, figures=figures(20), organisation_id=world.other.id
    )

    assert [(one.field, one.code) for one in refusal.value.problems] == [("organisation_id", "required")]
    assert row.organisation_id == world.other.id


async def test_when_nothing_can_be_reported(database: None) -> None:
    world = await hosted()

    async def refusal(expected: type[Exception], at: datetime = AFTER, **given: Any) -> Any:
        with pytest.raises(expected) as refused:
            await report_headcount(world.contact, at, session_id=world.session.id, figures=figures(**given))
        return refused.value

    await refusal(NotStartedError, STARTS_AT - timedelta(minutes=1))
    problems = (await refusal(InvalidError, total=10, workers=11, on=DAY + timedelta(days=1))).problems
    assert [one.field for one in problems] == ["on", "workers"]
    await make_year(world.root, state="closed")
    await refusal(ClosedYearError)
    await db.execute("UPDATE events_session SET state = 'cancelled'")
    await refusal(SessionStateError)
    await db.execute("UPDATE events_session SET state = 'closed'")
    await refusal(ReportClosedError)
    assert await states(world) == []


# --- confirming ------------------------------------------------------------------------------------------------------


async def test_one_tap_makes_it_the_head_count_and_tells_the_unit(database: None) -> None:
    world = await hosted()
    said: dict[str, Any] = {"workers": 90, "breakdown": {"women": 41}, "estimated": True}
    await report_headcount(world.contact, AFTER, session_id=world.session.id, figures=figures(**said))

    row = await confirm_reports(world.organiser, AFTER, session_id=world.session.id, on=DAY, revision=1)

    assert (row.total, row.workers, row.breakdown, row.estimated) == (96, 90, {"women": 41}, True)
    assert (await session_by_id(world.session.id)).state == "held"
    assert await states(world) == [(96, "confirmed")]
    assert [(one, facts["visits"]) for one, facts in await told("headcount-confirmed")] == [(world.union.id, 96)]
    assert await noted() == [
        "headcount.reported", "headcount.recorded", "headcount.report_confirmed", "session.held",
    ]  # fmt: skip
    assert (await waiting_for(world.organiser, AFTER)).reported == 0


async def test_a_correction_keeps_both_values_and_tells_the_unit(database: None) -> None:
    world = await hosted()
    await report_headcount(world.contact, AFTER, session_id=world.session.id, figures=figures())

    await commands.put_headcount(world.organiser, AFTER, session_id=world.session.id, figures=figures(80))

    assert await states(world) == [(96, "replaced")]
    [(unit, facts)] = await told("headcount-changed")
    assert (unit, facts["visits"], facts["reported"]) == (world.union.id, 80, 96)
    kept = await db.value("SELECT facts FROM accounts_journal WHERE action = 'headcount.report_replaced'")
    assert (json.loads(kept)["reported"]["total"], json.loads(kept)["to"]["total"]) == (96, 80)


async def test_the_same_figures_typed_by_hand_confirm_as_well(database: None) -> None:
    world = await hosted()
    await report_headcount(world.contact, AFTER, session_id=world.session.id, figures=figures())

    await commands.put_headcount(world.organiser, AFTER, session_id=world.session.id, figures=figures())

    assert await states(world) == [(96, "confirmed")]


async def test_what_was_confirmed_and_is_corrected_later_is_told_again(database: None) -> None:
    world = await hosted()
    await report_headcount(world.contact, AFTER, session_id=world.session.id, figures=figures())
    await confirm_reports(world.organiser, AFTER, session_id=world.session.id, on=DAY)
    await commands.close_session(world.organiser, AFTER, session_id=world.session.id)

    await commands.correct_headcount(
        world.organiser, AFTER, session_id=world.session.id, field_name="total", on=DAY, value=90, reason="签到表重复"
    )

    assert await states(world) == [(96, "replaced")]
    assert [facts["visits"] for _one, facts in await told("headcount-changed")] == [90]


async def test_units_without_a_host_are_added_up(database: None) -> None:
    world = await shared()
    await report_headcount(world.contact, AFTER, session_id=world.session.id, figures=figures(20, workers=18))
    await confirm_reports(world.organiser, AFTER, session_id=world.session.id, on=DAY)
    await report_headcount(world.rival, AFTER, session_id=world.session.id, figures=figures(31, workers=30))
    assert [one.total for one in await headcounts_of(world.session.id)] == [20]

    await confirm_reports(world.organiser, AFTER, session_id=world.session.id, on=DAY)

    assert [(one.total, one.workers) for one in await headcounts_of(world.session.id)] == [(51, 48)]
    assert sorted(await states(world)) == [(20, "confirmed"), (31, "confirmed")]
    assert [facts["visits"] for _one, facts in await told("headcount-confirmed")] == [20, 31]


async def test_nobody_confirms_what_he_has_not_seen(database: None) -> None:
    world = await hosted()
    await report_headcount(world.contact, AFTER, session_id=world.session.id, figures=figures())
    await report_headcount(world.contact, AFTER, session_id=world.session.id, figures=figures(196))

    with pytest.raises(StaleError):
        await confirm_reports(world.organiser, AFTER, session_id=world.session.id, on=DAY, revision=1)

    assert await headcounts_of(world.session.id) == []


async def test_two_confirm_at_once_and_one_is_told_that_it_is_done(database: None) -> None:
    world = await hosted()
    deputy = await make_actor(Role.ORGANISER, world.root)
    await report_headcount(world.contact, AFTER, session_id=world.session.id, figures=figures())

    made = await asyncio.gather(
        *(
            confirm_reports(one, AFTER, session_id=world.session.id, on=DAY, revision=1)
            for one in (world.organiser, deputy)
        ),
        return_exceptions=True,
    )

    assert sorted(type(one).__name__ for one in made) == ["HeadcountRow", "NothingToConfirmError"]
    assert [(one.total, one.revision) for one in await headcounts_of(world.session.id)] == [(96, 1)]
    assert len(await told("headcount-confirmed")) == 1


async def test_the_host_reports_again_while_the_organiser_confirms(database: None) -> None:
    world = await hosted()
    await report_headcount(world.contact, AFTER, session_id=world.session.id, figures=figures())

    made = await asyncio.gather(
        confirm_reports(world.organiser, AFTER, session_id=world.session.id, on=DAY, revision=1),
        report_headcount(world.contact, AFTER, session_id=world.session.id, figures=figures(98)),
        return_exceptions=True,
    )

    [report] = await reports_of(world.session.id)
    assert (report.total, report.state) == (98, "reported")
    # Whoever came first, nothing but what was seen is counted.
    counts = [one.total for one in await headcounts_of(world.session.id)]
    assert counts == ([] if isinstance(made[0], StaleError) else [96])


async def test_only_who_runs_the_session_confirms(database: None) -> None:
    world = await hosted()
    await report_headcount(world.contact, AFTER, session_id=world.session.id, figures=figures())
    foreign = await make_actor(Role.ORGANISER, await make_organisation(name="邻市总工会"))

    with pytest.raises(ForbiddenError):
        await confirm_reports(world.contact, AFTER, session_id=world.session.id, on=DAY)
    with pytest.raises(NotFoundError):
        await confirm_reports(foreign, AFTER, session_id=world.session.id, on=DAY)
    assert (await waiting_days(foreign, limit=10), (await waiting_for(foreign, AFTER)).reported) == (([], 0), 0)
    with pytest.raises(NothingToConfirmError):
        await confirm_reports(world.organiser, AFTER, session_id=world.session.id, on=DAY - timedelta(days=1))


async def test_a_closed_session_is_corrected_and_what_waited_is_not_used(database: None) -> None:
    world = await hosted(state="held")
    await report_headcount(world.contact, AFTER, session_id=world.session.id, figures=figures())

    await commands.close_session(world.organiser, AFTER, session_id=world.session.id)

    assert await states(world) == [(96, "replaced")]
    assert [(one, facts["reported"]) for one, facts in await told("headcount-unused")] == [(world.union.id, 96)]
    assert await waiting_days(world.organiser, limit=10) == ([], 0)
    with pytest.raises(CorrectInsteadError):
        await confirm_reports(world.organiser, AFTER, session_id=world.session.id, on=DAY)


@pytest.mark.parametrize("number", [1, 3])
async def test_the_list_asks_as_often_whatever_waits(database: None, number: int) -> None:
    world = await BookingWorld().build()
    for one in range(number):
        session = await make_session(world.event, host=world.union.id, starts_at=STARTS_AT + timedelta(days=one))
        on = DAY + timedelta(days=one)
        await report_headcount(
            world.contact, AFTER + timedelta(days=one), session_id=session.id, figures=figures(50 + one, on)
        )

    with counted() as statements:
        days, total = await waiting_days(world.organiser, limit=10)

    assert (len(statements), total) == (2, number)
    assert [(one.day.proposed.total, one.host_name, one.counted) for one in days] == [
        (50 + one, world.union.name, None) for one in range(number)
    ]
    assert await waiting_days(world.organiser, limit=1) == (days[:1], number)


async def test_the_database_keeps_one_report_and_its_parts_within(database: None) -> None:
    world = await hosted()
    row = """INSERT INTO attendance_report (id, session, "on", organisation, total, workers, breakdown, reported_at)
             VALUES (gen_random_uuid(), $1, $2, $3, 10, $4, $5, $6)"""
    args = (world.session.id, DAY, world.union.id)

    for workers, breakdown in ((11, "{}"), (None, '{"women": 11}')):
        with pytest.raises(asyncpg.CheckViolationError):
            await db.execute(row, *args, workers, breakdown, AFTER)
    await db.execute(row, *args, 10, "{}", AFTER)
    with pytest.raises(asyncpg.UniqueViolationError):
        await db.execute(row, *args, 10, "{}", AFTER)


def test_a_day_shows_the_hosts_figures_only() -> None:
    host = uuid4()
    ones = tuple(
        ReportRow(
            id=uuid4(), session_id=uuid4(), on=DAY, organisation_id=id_, organisation_name="", total=total,
            workers=None, estimated=False, breakdown={}, remark="", reported_by_name="", reported_at=AFTER,
            state="reported", settled_at=None, revision=2,
        )
        for id_, total in ((host, 90), (uuid4(), 20))
    )  # fmt: skip

    assert DayOfReports(DAY, ones, host).proposed.total == 90
    assert DayOfReports(DAY, ones, None).proposed.total == 110
    assert DayOfReports(DAY, ones, None).revision == 4


# --- asking ----------------------------------------------------------------------------------------------------------


async def test_the_host_is_asked_once_the_day_after(database: None) -> None:
    world = await hosted()

    assert await ask_for_headcounts(STARTS_AT + timedelta(hours=8)) == 0
    assert await ask_for_headcounts(MORNING - timedelta(hours=1)) == 0
    asked = await asyncio.gather(*(ask_for_headcounts(MORNING) for _ in range(4)))
    await work_once(MORNING + timedelta(days=1))

    assert sum(asked) == 1
    [(unit, facts)] = await told("headcount-asked")
    assert (unit, facts["session_id"]) == (world.union.id, str(world.session.id))


async def test_every_unit_that_was_there_is_asked_where_there_is_no_host(database: None) -> None:
    world = await shared()
    third = await make_organisation(parent=world.root)
    await make_booking(world.session, third, state="no_show")
    await report_headcount(world.rival, AFTER, session_id=world.session.id, figures=figures(20))

    await ask_for_headcounts(MORNING)

    assert [one for one, _facts in await told("headcount-asked")] == [world.union.id]


@pytest.mark.parametrize("why", ["counted", "cancelled", "closed year", "long ago", "reported", "dissolved"])
async def test_nobody_is_asked_for_what_is_known_or_past(database: None, why: str) -> None:
    world = await hosted()
    now = MORNING
    if why == "counted":
        await commands.put_headcount(world.organiser, AFTER, session_id=world.session.id, figures=figures())
    elif why == "cancelled":
        await db.execute("UPDATE events_session SET state = 'cancelled' WHERE id = $1", world.session.id)
    elif why == "closed year":
        await make_year(world.root, state="closed")
    elif why == "reported":
        await report_headcount(world.contact, AFTER, session_id=world.session.id, figures=figures())
    elif why == "dissolved":
        await db.execute("UPDATE accounts_organisation SET closed_on = $2 WHERE id = $1", world.union.id, DAY)
    else:
        now = MORNING + timedelta(days=20)

    assert await ask_for_headcounts(now) == 0
