"""Head-counts, holding, closing, correcting and entering past sessions."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from outreach.attendance import commands
from outreach.attendance.commands import Figures
from outreach.attendance.domain.errors import NotStartedError
from outreach.attendance.queries import corrections_of, headcounts_of, unrecorded_sessions
from outreach.bookings.domain.errors import BookingStateError
from outreach.events.commands import publish_session
from outreach.events.domain.drafts import SessionGiven
from outreach.events.domain.errors import SessionStateError
from outreach.events.queries import session_by_id
from outreach.events.tables import Session
from outreach.programmes.domain.errors import ClosedYearError
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from outreach.shared.errors import ForbiddenError, InvalidError, NotFoundError, StaleError
from outreach.shared.time import ZONE
from tests.conftest import NOW
from tests.factories.accounts import make_actor, make_organisation
from tests.factories.bookings import make_booking
from tests.factories.events import STARTS_AT, make_event, make_provider, make_session
from tests.factories.programmes import make_programme, make_year
from tests.support.queries import counted

AFTER = STARTS_AT + timedelta(hours=3)
DAY = date(2015, 9, 24)


class World:
    """A federation, its organiser, a union with a contact, and one published session."""

    async def build(self, **session: Any) -> "World":
        self.root = await make_organisation()
        self.union = await make_organisation(parent=self.root)
        self.other = await make_organisation(parent=self.root)
        self.organiser: Actor = await make_actor(Role.ORGANISER, self.root)
        self.contact: Actor = await make_actor(Role.CONTACT, self.union)
        self.programme = await make_programme(self.root)
        self.event = await make_event(self.programme)
        self.session: Session = await make_session(self.event, **session)
        return self


def figures(total: int = 96, on: date = DAY, **given: Any) -> Figures:
    return Figures(on=on, total=total, **given)


async def test_the_first_headcount_makes_a_published_session_held(database: None) -> None:
    world = await World().build()

    row = await commands.put_headcount(
        world.organiser,
        AFTER,
        session_id=world.session.id,
        figures=figures(workers=90, breakdown={"migrant": 30, "new_generation_migrant": 12, "women": 41}),
    )

    session = await session_by_id(world.session.id)
    assert (session.state, session.held_at, session.revision) == ("held", AFTER.astimezone(UTC), 2)
    assert (row.total, row.workers, row.breakdown["women"], row.revision) == (96, 90, 41, 1)
    actions = [one["action"] for one in await db.rows("SELECT action FROM accounts_journal ORDER BY id")]
    assert actions == ["headcount.recorded", "session.held"]


async def test_a_second_headcount_of_the_day_takes_the_place_of_the_first(database: None) -> None:
    world = await World().build()
    await commands.put_headcount(world.organiser, AFTER, session_id=world.session.id, figures=figures())

    again = await commands.put_headcount(
        world.organiser, AFTER, session_id=world.session.id, figures=figures(100, estimated=True), revision=1
    )

    assert [(one.total, one.estimated, one.revision) for one in await headcounts_of(world.session.id)] == [
        (100, True, 2)
    ]
    assert again.revision == 2
    with pytest.raises(StaleError):
        await commands.put_headcount(
            world.organiser, AFTER, session_id=world.session.id, figures=figures(1), revision=1
        )


@pytest.mark.parametrize("moment", [STARTS_AT - timedelta(minutes=1), STARTS_AT - timedelta(days=9)])
async def test_nothing_is_recorded_before_the_start(database: None, moment: datetime) -> None:
    world = await World().build()

    with pytest.raises(NotStartedError):
        await commands.put_headcount(world.organiser, moment, session_id=world.session.id, figures=figures())
    with pytest.raises(NotStartedError):
        await commands.hold_session(world.organiser, moment, session_id=world.session.id)

    assert (await session_by_id(world.session.id)).state == "published"
    assert await headcounts_of(world.session.id) == []


@pytest.mark.parametrize("state", ["draft", "cancelled", "closed"])
async def test_only_published_and_held_sessions_take_headcounts(database: None, state: str) -> None:
    world = await World().build(state=state)

    with pytest.raises(SessionStateError) as refusal:
        await commands.put_headcount(world.organiser, AFTER, session_id=world.session.id, figures=figures())

    assert refusal.value.facts["state"] == state


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"total": 10, "workers": 11}, ["workers"]),
        ({"total": 10, "breakdown": {"women": 11}}, ["breakdown.women"]),
        (
            {"total": 10, "breakdown": {"migrant": 3, "new_generation_migrant": 4}},
            ["breakdown.new_generation_migrant"],
        ),
        ({"total": 10, "on": DAY + timedelta(days=1)}, ["on"]),
        ({"total": 10, "on": DAY - timedelta(days=1)}, ["on"]),
    ],
)
async def test_figures_that_do_not_fit_are_named_and_not_stored(
    database: None, given: dict[str, Any], fields: list[str]
) -> None:
    world = await World().build()

    with pytest.raises(InvalidError) as refusal:
        await commands.put_headcount(world.organiser, AFTER, session_id=world.session.id, figures=figures(**given))

    assert [one.field for one in refusal.value.problems] == fields
    assert await headcounts_of(world.session.id) == []


@pytest.mark.parametrize(
    ("total", "workers", "breakdown"),
    [
        (-1, None, "{}"),
        (1_000_001, None, "{}"),
        (10, 11, "{}"),
        (10, None, '{"women": 11}'),
        (10, None, '{"migrant": 3, "new_generation_migrant": 4}'),
    ],
)
async def test_the_database_itself_keeps_parts_within_their_whole(
    database: None, total: int, workers: int | None, breakdown: str
) -> None:
    """Rule 6 holds on every path, also for what is written past the commands."""
    world = await World().build()

    with pytest.raises(asyncpg.CheckViolationError):
        await db.execute(
            """INSERT INTO attendance_headcount
                      (id, session, "on", total, workers, estimated, breakdown, recorded_at, revision)
               VALUES (gen_random_uuid(), $1, $2, $3, $4, false, $5, now(), 1)""",
            world.session.id, DAY, total, workers, breakdown,
        )  # fmt: skip


async def test_an_evening_on_31_december_belongs_to_its_own_day_and_year(database: None) -> None:
    starts_at = datetime(2015, 12, 31, 22, 30, tzinfo=ZONE)
    world = await World().build(starts_at=starts_at, ends_at=datetime(2016, 1, 1, 0, 0, tzinfo=ZONE))
    new_year = datetime(2016, 1, 1, 0, 30, tzinfo=ZONE)

    with pytest.raises(InvalidError):
        await commands.put_headcount(
            world.organiser, new_year, session_id=world.session.id, figures=figures(on=date(2016, 1, 1))
        )
    row = await commands.put_headcount(
        world.organiser, new_year, session_id=world.session.id, figures=figures(on=date(2015, 12, 31))
    )

    assert row.on == date(2015, 12, 31)


async def test_an_exhibition_is_counted_day_by_day_and_not_ahead(database: None) -> None:
    starts_at = datetime(2015, 9, 13, 9, tzinfo=ZONE)
    world = await World().build(
        starts_at=starts_at, ends_at=datetime(2015, 9, 20, 17, tzinfo=ZONE), multi_day=True, capacity=None
    )
    third_day = datetime(2015, 9, 15, 18, tzinfo=ZONE)

    for day in (13, 15):
        await commands.put_headcount(
            world.organiser, third_day, session_id=world.session.id, figures=figures(day, on=date(2015, 9, day))
        )
    with pytest.raises(InvalidError):
        await commands.put_headcount(
            world.organiser, third_day, session_id=world.session.id, figures=figures(on=date(2015, 9, 16))
        )

    assert [(one.on.day, one.total) for one in await headcounts_of(world.session.id)] == [(13, 13), (15, 15)]


async def test_two_first_headcounts_at_once_hold_the_session_once(database: None) -> None:
    world = await World().build()

    await asyncio.gather(
        *(
            commands.put_headcount(world.organiser, AFTER, session_id=world.session.id, figures=figures(total))
            for total in (10, 20, 30)
        )
    )

    assert (await session_by_id(world.session.id)).state == "held"
    assert [one.revision for one in await headcounts_of(world.session.id)] == [3]
    assert await db.value("SELECT count(*) FROM accounts_journal WHERE action = 'session.held'") == 1


async def test_recording_belongs_to_who_runs_the_session(database: None) -> None:
    world = await World().build()
    hidden = await make_session(world.event, visibility="host", host=world.other.id)

    with pytest.raises(ForbiddenError):
        await commands.put_headcount(world.contact, AFTER, session_id=world.session.id, figures=figures())
    with pytest.raises(NotFoundError):
        await commands.put_headcount(world.contact, AFTER, session_id=hidden.id, figures=figures())


# --- holding and closing ---------------------------------------------------------------------------------------------


async def test_holding_names_no_shows_and_closing_settles_the_rest(database: None) -> None:
    world = await World().build()
    came = await make_booking(world.session, world.union, seats=20)
    stayed_away = await make_booking(world.session, world.other, seats=30)
    unanswered = await make_booking(world.session, await make_organisation(parent=world.root), seats=5, state="pending")

    held = await commands.hold_session(world.organiser, AFTER, session_id=world.session.id, no_shows=[stayed_away.id])
    assert (held.state, held.seats_taken) == ("held", 25)
    closed = await commands.close_session(world.organiser, AFTER, session_id=world.session.id)

    states = {one["id"]: one["state"] for one in await db.rows("SELECT id, state FROM bookings_booking")}
    assert (closed.state, closed.seats_taken) == ("closed", 0)
    assert states == {came.id: "attended", stayed_away.id: "no_show", unanswered.id: "declined"}
    with pytest.raises(SessionStateError):
        await commands.close_session(world.organiser, AFTER, session_id=world.session.id)


async def test_once_held_the_rain_date_is_free(database: None) -> None:
    world = await World().build()
    rain = STARTS_AT + timedelta(days=2)
    film = await make_session(
        world.event, state="draft", published_at=None, providers=(await make_provider(world.root),),
        starts_at=STARTS_AT + timedelta(hours=2), ends_at=STARTS_AT + timedelta(hours=4),
        rain_starts_at=rain, rain_ends_at=rain + timedelta(hours=2),
    )  # fmt: skip
    await publish_session(world.organiser, NOW, session_id=film.id)
    ties = "SELECT is_rain FROM events_occupation WHERE session = $1 ORDER BY starts_at"
    assert [one["is_rain"] for one in await db.rows(ties, film.id)] == [False, True]

    held = await commands.hold_session(world.organiser, AFTER, session_id=film.id)

    assert (held.state, held.rain_starts_at, held.rain_ends_at) == ("held", None, None)
    assert [one["is_rain"] for one in await db.rows(ties, film.id)] == [False]


async def test_a_no_show_is_a_confirmed_booking_of_this_session(database: None) -> None:
    world = await World().build()
    elsewhere = await make_booking(await make_session(world.event), world.union)
    cancelled = await make_booking(world.session, world.union, state="cancelled")

    with pytest.raises(InvalidError) as refusal:
        await commands.hold_session(
            world.organiser, AFTER, session_id=world.session.id, no_shows=[cancelled.id, elsewhere.id]
        )
    assert [one.field for one in refusal.value.problems] == ["no_shows.1"]
    with pytest.raises(BookingStateError):
        await commands.hold_session(world.organiser, AFTER, session_id=world.session.id, no_shows=[cancelled.id])
    assert (await session_by_id(world.session.id)).state == "published"


# --- corrections -----------------------------------------------------------------------------------------------------


async def closed_world() -> World:
    world = await World().build()
    await commands.put_headcount(
        world.organiser, AFTER, session_id=world.session.id, figures=figures(100, workers=90, breakdown={"women": 40})
    )
    await commands.close_session(world.organiser, AFTER, session_id=world.session.id)
    return world


async def correct(world: World, field: str, value: int | None, reason: str = "漏数了一排") -> Any:
    return await commands.correct_headcount(
        world.organiser, AFTER, session_id=world.session.id, field_name=field, on=DAY, value=value, reason=reason
    )


async def test_a_closed_session_changes_by_correction_only(database: None) -> None:
    world = await closed_world()

    with pytest.raises(SessionStateError):
        await commands.put_headcount(world.organiser, AFTER, session_id=world.session.id, figures=figures(110))
    await correct(world, "total", 110)
    await correct(world, "breakdown.women", 45)
    await correct(world, "workers", None, reason="没有分开统计")

    (row,) = await headcounts_of(world.session.id)
    assert (row.total, row.workers, row.breakdown) == (110, None, {"women": 45})
    assert [
        (one.field, one.old_value, one.new_value, one.reason) for one in await corrections_of(world.session.id)
    ] == [
        ("total", 100, 110, "漏数了一排"),
        ("breakdown.women", 40, 45, "漏数了一排"),
        ("workers", 90, None, "没有分开统计"),
    ]


@pytest.mark.parametrize(
    ("field", "value", "reason", "named"),
    [
        ("total", 89, "x", ["value"]),
        ("workers", 101, "x", ["value"]),
        ("total", None, "x", ["value"]),
        ("total", 110, "  ", ["reason"]),
        ("title", 1, "x", ["field"]),
        ("total", -1, "x", ["value"]),
    ],
)
async def test_a_correction_that_does_not_fit_is_refused(
    database: None, field: str, value: int | None, reason: str, named: list[str]
) -> None:
    world = await closed_world()

    with pytest.raises(InvalidError) as refusal:
        await correct(world, field, value, reason)

    assert [one.field for one in refusal.value.problems] == named
    assert await corrections_of(world.session.id) == []


async def test_a_closed_year_refuses_records_and_takes_corrections_with_a_reason(database: None) -> None:
    """Rule 7: figures of a closed year change only by a correction with a reason."""
    world = await closed_world()
    open_one = await make_session(world.event)
    await make_year(world.root, state="closed")

    for refused in (
        commands.put_headcount(world.organiser, AFTER, session_id=open_one.id, figures=figures()),
        commands.hold_session(world.organiser, AFTER, session_id=open_one.id),
    ):
        with pytest.raises(ClosedYearError):
            await refused
    await correct(world, "total", 120)

    assert [one.total for one in await headcounts_of(world.session.id)] == [120]


# --- entered afterwards ----------------------------------------------------------------------------------------------


async def test_a_past_session_is_entered_straight_as_held(database: None, now: datetime) -> None:
    """The lecturer was busy elsewhere by our books at that time: the past is not checked for clashes."""
    world = await World().build()
    lecturer = await make_provider(world.root)
    begun = datetime(2015, 8, 3, 14, tzinfo=ZONE)
    await make_session(world.event, providers=(lecturer,), occupying=True, starts_at=begun)
    given = SessionGiven(
        event_id=world.event.id,
        starts_at=begun,
        provider_ids=(lecturer.id,),
        address="古城墙下",
        host_id=world.union.id,
    )

    made = await commands.record_past_session(
        world.organiser, now, given=given, headcounts=[figures(88, on=date(2015, 8, 3), estimated=True)]
    )

    assert (made.state, made.host_id, made.provider_ids) == ("held", world.union.id, (lecturer.id,))
    assert [(one.total, one.estimated) for one in await headcounts_of(made.id)] == [(88, True)]
    assert await db.value("SELECT count(*) FROM events_occupation WHERE session = $1", made.id) == 0


@pytest.mark.parametrize(
    ("starts_at", "headcounts", "named"),
    [
        (datetime(2015, 9, 20, 14, tzinfo=ZONE), [figures(on=date(2015, 9, 20))], ["ends_at"]),
        (datetime(2015, 8, 3, 14, tzinfo=ZONE), [], ["headcounts"]),
        (datetime(2015, 8, 3, 14, tzinfo=ZONE), [figures(on=date(2015, 8, 4))], ["headcounts.0.on"]),
        (
            datetime(2015, 8, 3, 14, tzinfo=ZONE),
            [figures(1, on=date(2015, 8, 3)), figures(2, on=date(2015, 8, 3), workers=3)],
            ["headcounts.1.workers", "headcounts.1.on"],
        ),
    ],
)
async def test_what_is_not_past_or_does_not_fit_is_not_entered(
    database: None, now: datetime, starts_at: datetime, headcounts: list[Figures], named: list[str]
) -> None:
    world = await World().build()
    before = await db.value("SELECT count(*) FROM events_session")
    given = SessionGiven(event_id=world.event.id, starts_at=starts_at, address="古城墙下")

    with pytest.raises(InvalidError) as refusal:
        await commands.record_past_session(world.organiser, now, given=given, headcounts=headcounts)

    assert [one.field for one in refusal.value.problems] == named
    assert await db.value("SELECT count(*) FROM events_session") == before


# --- what is unrecorded ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 3])
async def test_unrecorded_sessions_are_listed_to_those_who_run_them(database: None, now: datetime, number: int) -> None:
    """Future, held and foreign sessions are there and are not listed."""
    world = await World().build()
    past = [
        await make_session(world.event, starts_at=datetime(2015, 9, day, 14, tzinfo=ZONE))
        for day in range(1, number + 1)
    ]
    await make_session(world.event, starts_at=datetime(2015, 8, 1, 14, tzinfo=ZONE), state="held")
    foreign = await make_event(await make_programme(await make_organisation()))
    await make_session(foreign, starts_at=datetime(2015, 9, 1, 14, tzinfo=ZONE))

    with counted() as sent:
        found, total = await unrecorded_sessions(world.organiser, now, limit=50)

    assert ([one.id for one in found], total) == ([one.id for one in past], number)
    assert sum("pg_advisory_unlock_all" not in one for one in sent) == 2
