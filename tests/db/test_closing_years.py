"""Closing a year: what is open, every path that changes a figure, races, opening again, carrying over."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from outreach.attendance import commands as attending
from outreach.attendance.attendees import identity_key
from outreach.attendance.checking_in import check_in
from outreach.attendance.closing.commands import remark_session
from outreach.attendance.commands import Figures, correct_headcount, hold_session, put_headcount
from outreach.attendance.costs.commands import record_cost
from outreach.attendance.costs.domain.drafts import CostDraft
from outreach.attendance.domain.errors import CheckinClosedError
from outreach.attendance.doors import door_by_token
from outreach.attendance.opening_doors import open_door
from outreach.attendance.reported.commands import report_headcount
from outreach.attendance.rosters.commands import import_roster
from outreach.attendance.ticking.commands import TickGiven, record_ticks
from outreach.bookings.session_changes import change_session
from outreach.evaluation.domain.verdicts import Decision
from outreach.evaluation.verdicts import give_verdict
from outreach.events.commands import add_event, change_event, publish_session
from outreach.events.domain.drafts import EventDraft, SessionGiven
from outreach.events.tables import EventProvider
from outreach.programmes.commands.programmes import change_programme, change_target, create_programme
from outreach.programmes.commands.tallies import add_tally, remove_tally
from outreach.programmes.domain.errors import ClosedYearError
from outreach.programmes.domain.promise import ProgrammeFacts, TargetFacts
from outreach.programmes.domain.targets import Bound, Counting, Metric
from outreach.programmes.queries import programmes_of_year, targets_of
from outreach.reports.years.commands import close_held, close_year, reopen_year
from outreach.reports.years.copying import copy_year, copyable
from outreach.reports.years.domain.checklist import WHAT, OpenKind
from outreach.reports.years.domain.errors import YearStateError
from outreach.reports.years.queries import YearToClose, corrections_since, last_closing, open_items, own_year
from outreach.settings import Settings
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from outreach.shared.errors import ForbiddenError, InvalidError, NotFoundError
from outreach.shared.ids import new_id
from tests.factories.accounts import make_actor, make_organisation
from tests.factories.bookings import BookingWorld, make_booking, make_headcount
from tests.factories.events import STARTS_AT, make_event, make_provider, make_session
from tests.factories.programmes import make_programme, make_tally, make_target, make_year
from tests.support.queries import counted

pytestmark = pytest.mark.usefixtures("database")

#: After the session of the world has begun, and after the year.
DURING = STARTS_AT + timedelta(minutes=30)
NEXT_YEAR = datetime(2016, 1, 20, 1, 0, tzinfo=UTC)
DAY = STARTS_AT.date()


@pytest.fixture
async def world() -> BookingWorld:
    """A federation with its year, a programme, and a session that is published."""
    made = await BookingWorld().build()
    await make_year(made.root)
    return made


async def close(world: BookingWorld, now: datetime = NEXT_YEAR, reason: str = "年度已过") -> YearToClose:
    return await close_year(world.organiser, now, organisation_id=world.root.id, year=2015, reason=reason)


async def year_of(world: BookingWorld) -> YearToClose:
    return await own_year(world.organiser, world.root.id, 2015)


async def kinds(world: BookingWorld, now: datetime = NEXT_YEAR) -> dict[str, int]:
    return {one.kind.value: one.count for one in await open_items(world.root.id, 2015, now)}


# --- the checklist ----------------------------------------------------------------------------------------------------


async def test_everything_that_is_open_is_counted(world: BookingWorld) -> None:
    """Only of this organisation and year: sessions of the next year and of others are not."""
    event = world.event
    await make_session(event, state="held", starts_at=STARTS_AT - timedelta(days=9))
    await make_session(event, state="held", starts_at=STARTS_AT - timedelta(days=8))
    await make_session(event, state="draft", starts_at=STARTS_AT + timedelta(days=60))
    await make_session(event, state="closed", starts_at=STARTS_AT - timedelta(days=20))
    await make_session(event, state="held", starts_at=datetime(2016, 1, 3, 2, tzinfo=UTC))
    await make_booking(world.session, world.union, state="pending")
    other = await make_organisation(name="别市总工会")
    await make_session(await make_event(await make_programme(other)), state="held")

    now = STARTS_AT - timedelta(days=1)
    assert await kinds(world, now) == {
        "days": 100,
        "held": 2,
        "coming": 1,
        "drafts": 1,
        "bookings": 1,
        "accounts": 1,
        "text": 1,
        "snapshot": 1,
    }
    assert await kinds(world) == {
        "unrecorded": 1,
        "held": 2,
        "drafts": 1,
        "bookings": 1,
        "accounts": 1,
        "text": 1,
        "snapshot": 1,
    }


async def test_the_checklist_is_one_statement_however_much_is_open(world: BookingWorld) -> None:
    statements = []
    for number in (1, 3):
        for _ in range(number):
            await make_session(world.event, state="held", starts_at=STARTS_AT - timedelta(days=9))
        with counted() as sent:
            await open_items(world.root.id, 2015, NEXT_YEAR)
        statements.append(len(sent))

    assert statements == [1, 1]
    assert set(WHAT) == set(OpenKind)


# --- closing ----------------------------------------------------------------------------------------------------------


async def test_closing_keeps_the_figures_and_needs_a_reason_where_something_is_open(world: BookingWorld) -> None:
    await make_target(world.programme, key="sessions", label="讲座")
    held = await make_session(world.event, state="held", starts_at=STARTS_AT - timedelta(days=9))
    await make_headcount(held, on=held.starts_at.date(), total=80)
    with pytest.raises(InvalidError) as refused:
        await close(world, reason=" ")
    assert [(one.field, one.code) for one in refused.value.problems] == [("reason", "open-needs-reason")]
    assert (await year_of(world)).state == "open"

    closed = await close(world)
    closing = await last_closing(closed)
    assert (closed.state, closed.closed_at) == ("closed", NEXT_YEAR)
    assert closing is not None
    assert (closing.reason, closing.as_of, closing.sessions, closing.visits) == ("年度已过", date(2015, 12, 31), 1, 80)
    assert [(one.key, one.value, one.actual) for one in closing.targets] == [("sessions", 50, 1)]
    assert closing.actor_name == world.organiser.name
    with pytest.raises(YearStateError):
        await close(world)


async def test_a_year_that_has_not_begun_is_not_closed(world: BookingWorld) -> None:
    with pytest.raises(InvalidError) as refused:
        await close(world, now=datetime(2014, 12, 31, 15, 59, tzinfo=UTC))
    assert [one.code for one in refused.value.problems] == ["year-to-come"]


async def test_who_closes_and_who_opens_again(world: BookingWorld) -> None:
    below = await make_organisation(parent=world.root, kind="federation")
    administrator = await make_actor(Role.ADMINISTRATOR, None)
    evaluator = await make_actor(Role.EVALUATOR, world.root)
    strangers = [
        await make_actor(Role.ORGANISER, below),
        await make_actor(Role.ORGANISER, await make_organisation(name="别市总工会")),
        world.contact,
        evaluator,
    ]
    given: dict[str, Any] = {"organisation_id": world.root.id, "year": 2015, "reason": "为什么"}
    for one in strangers:
        for doing in (close_year, reopen_year):
            with pytest.raises(NotFoundError):
                await doing(one, NEXT_YEAR, **given)
    await close(world)
    with pytest.raises(ForbiddenError):
        await reopen_year(world.organiser, NEXT_YEAR, **given)
    with pytest.raises(InvalidError):
        await reopen_year(administrator, NEXT_YEAR, **{**given, "reason": ""})
    opened = await reopen_year(administrator, NEXT_YEAR, **given)

    assert (opened.state, opened.closed_at) == ("open", None)
    with pytest.raises(YearStateError):
        await reopen_year(administrator, NEXT_YEAR, **given)
    noted = await db.rows("SELECT action, reason FROM accounts_journal WHERE object_kind = 'year' ORDER BY id")
    assert [(one["action"], one["reason"]) for one in noted] == [
        ("year.closed", "年度已过"),
        ("year.reopened", "为什么"),
    ]


async def test_held_sessions_are_closed_each_by_itself(world: BookingWorld) -> None:
    """Those without figures or evidence are refused without a reason, and closed with one."""
    for days in (9, 8, 7):
        await make_session(world.event, state="held", starts_at=STARTS_AT - timedelta(days=days))
    await make_session(world.event, state="held", starts_at=datetime(2016, 1, 3, 2, tzinfo=UTC))
    given: dict[str, Any] = {"organisation_id": world.root.id, "year": 2015}
    refused = await close_held(world.organiser, NEXT_YEAR, **given)
    done = await close_held(world.organiser, NEXT_YEAR, **given, reason="佐证已归纸档")

    assert (refused.closed, len(refused.refused), refused.left) == (0, 3, 3)
    assert (done.closed, done.refused, done.left) == (3, (), 0)
    states = await db.rows("SELECT state FROM events_session ORDER BY starts_at")
    assert [one["state"] for one in states] == ["closed", "closed", "closed", "published", "held"]


# --- rule 7: every path -----------------------------------------------------------------------------------------------

Deed = Callable[[BookingWorld, Settings], Awaitable[Any]]


def _facts(**given: Any) -> TargetFacts:
    values: dict[str, Any] = {
        "key": "more",
        "metric": Metric.SESSIONS,
        "unit": "场",
        "bound": Bound.PLAIN,
        "value": 5.0,
        "counting": Counting.FLOW,
    }
    return TargetFacts(**{**values, **given})


async def _headcount(world: BookingWorld, _settings: Settings) -> None:
    await put_headcount(world.organiser, DURING, session_id=world.session.id, figures=Figures(on=DAY, total=9))


async def _hold(world: BookingWorld, _settings: Settings) -> None:
    await hold_session(world.organiser, DURING, session_id=world.session.id)


async def _past(world: BookingWorld, _settings: Settings) -> None:
    starts_at = STARTS_AT - timedelta(days=3)
    given = SessionGiven(
        event_id=world.event.id, starts_at=starts_at, ends_at=starts_at + timedelta(hours=1), address="礼堂"
    )
    await attending.record_past_session(
        world.organiser, DURING, given=given, headcounts=[Figures(on=starts_at.date(), total=9)]
    )


async def _roster(world: BookingWorld, settings: Settings) -> None:
    await import_roster(
        world.organiser, DURING, session_id=world.session.id, content="姓名,单位\n李四,一厂\n".encode(),
        name="名单.csv", presence=True, on=DAY, key=identity_key(settings),
    )  # fmt: skip


async def _reported(world: BookingWorld, _settings: Settings) -> None:
    await db.execute("UPDATE events_session SET host = $2 WHERE id = $1", world.session.id, world.union.id)
    await report_headcount(world.contact, DURING, session_id=world.session.id, figures=Figures(on=DAY, total=9))


async def _remark(world: BookingWorld, _settings: Settings) -> None:
    await remark_session(world.organiser, DURING, session_id=world.session.id, remarks="顺利")


async def _cost(world: BookingWorld, _settings: Settings) -> None:
    draft = CostDraft(kind="venue", provider_id=None, amount_fen=100, half_hours=None, source="", note="")
    await record_cost(world.organiser, DURING, session_id=world.session.id, draft=draft)


async def _tally(world: BookingWorld, _settings: Settings) -> None:
    await add_tally(
        world.organiser, DURING, programme_id=world.programme.id, target="books", on=date(2015, 5, 1), quantity=3
    )


async def _tally_back(world: BookingWorld, _settings: Settings) -> None:
    tally = await db.value("SELECT id FROM programmes_tally")
    await remove_tally(world.organiser, DURING, tally, reason="填错")


async def _target(world: BookingWorld, _settings: Settings) -> None:
    target = await db.value("SELECT id FROM programmes_target WHERE key = 'sessions'")
    await change_target(world.organiser, DURING, target, _facts(key="sessions"))


async def _programme(world: BookingWorld, _settings: Settings) -> None:
    await change_programme(world.organiser, DURING, world.programme.id, {"name": "别的名字"})


async def _new_programme(world: BookingWorld, _settings: Settings) -> None:
    facts = ProgrammeFacts(code="new", name="新项目")
    await create_programme(world.organiser, DURING, organisation_id=world.root.id, year=2015, facts=facts)


async def _publish(world: BookingWorld, _settings: Settings) -> None:
    draft = await make_session(world.event, state="draft", starts_at=STARTS_AT + timedelta(days=9))
    await publish_session(world.organiser, DURING, session_id=draft.id)


async def _move_out(world: BookingWorld, _settings: Settings) -> None:
    before = STARTS_AT - timedelta(days=1)
    changes = {"starts_at": datetime(2016, 3, 1, 6, tzinfo=UTC)}
    await change_session(world.organiser, before, session_id=world.session.id, changes=changes)


async def _move_in(world: BookingWorld, _settings: Settings) -> None:
    later = await make_session(world.event, starts_at=datetime(2016, 3, 1, 6, tzinfo=UTC))
    changes = {"starts_at": STARTS_AT + timedelta(days=9)}
    await change_session(world.organiser, DURING, session_id=later.id, changes=changes)


def _menu(world: BookingWorld, **given: Any) -> EventDraft:
    values: dict[str, Any] = {
        "programme_id": world.programme.id,
        "title": "倒班职工的睡眠与情绪",
        "kind": "讲座",
        "duration_minutes": 90,
    }
    return EventDraft(**{**values, **given})


async def _menu_item(world: BookingWorld, _settings: Settings) -> None:
    await add_event(world.organiser, DURING, draft=_menu(world))


async def _menu_givers(world: BookingWorld, _settings: Settings) -> None:
    giver = await make_provider(world.root)
    await change_event(world.organiser, DURING, event_id=world.event.id, draft=_menu(world, provider_ids=(giver.id,)))


@pytest.mark.parametrize(
    "deed",
    [
        _headcount, _hold, _past, _roster, _reported, _remark, _cost, _tally, _tally_back, _target, _programme,
        _new_programme, _publish, _move_out, _move_in, _menu_item, _menu_givers,
    ],
)  # fmt: skip
async def test_a_closed_year_refuses_and_an_open_one_does_not(
    world: BookingWorld, settings: Settings, deed: Deed
) -> None:
    """Rule 7, and that the refusal is the closed year's and nothing else's: opened again, the same deed is done."""
    await make_target(world.programme, key="sessions")
    books = await make_target(world.programme, key="books", metric="tally", unit="本", position=2)
    await make_tally(books)
    before = await db.rows("SELECT id, state, starts_at FROM events_session ORDER BY id")
    await close(world)
    with pytest.raises(ClosedYearError):
        await deed(world, settings)
    after = {one["id"]: one for one in await db.rows("SELECT id, state, starts_at FROM events_session")}
    assert [after[one["id"]] for one in before] == before

    administrator = await make_actor(Role.ADMINISTRATOR, None)
    await reopen_year(administrator, NEXT_YEAR, organisation_id=world.root.id, year=2015, reason="补登")
    await deed(world, settings)


async def test_doors_and_ticks_of_a_closed_year_refuse(world: BookingWorld, settings: Settings) -> None:
    """Also for the worker whose page was opened before."""
    key = identity_key(settings)
    row = await open_door(world.organiser, DURING, session_id=world.session.id)
    door = await door_by_token(row.token)
    await close(world)
    for known in (door, await door_by_token(row.token)):
        with pytest.raises(CheckinClosedError):
            await check_in(DURING, door=known, key=key, name="李四", unit="一厂", came_by="qr")
    ticks = [TickGiven(key=new_id(), name="李四", unit="一厂")]
    (answer,) = await record_ticks(world.organiser, DURING, key=key, session_id=world.session.id, on=DAY, ticks=ticks)

    assert answer.refusal is not None
    assert answer.refusal.code == "closed-year"
    assert await db.value("SELECT count(*) FROM attendance_attendee") == 0
    assert await db.value("SELECT state FROM events_session WHERE id = $1", world.session.id) == "published"


async def test_a_correction_is_the_way_and_both_values_stay_in_sight(world: BookingWorld) -> None:
    await make_target(world.programme, key="visits", metric="visits", unit="人次")
    held = await make_session(world.event, state="held", starts_at=STARTS_AT - timedelta(days=9))
    on = held.starts_at.date()
    await make_headcount(held, on=on, total=80)
    early = NEXT_YEAR - timedelta(hours=1)
    await correct_headcount(
        world.organiser, early, session_id=held.id, field_name="total", on=on, value=81, reason="结账前"
    )
    closed = await close(world)
    await correct_headcount(
        world.organiser, NEXT_YEAR + timedelta(days=1), session_id=held.id, field_name="total", on=on, value=95,
        reason="数错了一排",
    )  # fmt: skip

    assert closed.closed_at is not None
    late = await corrections_since(world.root.id, 2015, closed.closed_at)
    assert [(one.session_id, one.correction.old_value, one.correction.new_value) for one in late] == [(held.id, 81, 95)]
    closing = await last_closing(await year_of(world))
    assert closing is not None
    assert [one.actual for one in closing.targets] == [81]


# --- races ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("_round", range(20))
async def test_what_is_written_while_the_year_closes_is_in_the_figures_or_refused(
    world: BookingWorld, settings: Settings, _round: int
) -> None:
    """Twelve people at the door, a head-count of another session and the closing, all at once: whatever was taken is in
    the figures that were closed, and the rest changed nothing."""
    key = identity_key(settings)
    other = await make_session(world.event, starts_at=STARTS_AT - timedelta(days=1))
    row = await open_door(world.organiser, DURING, session_id=world.session.id)
    door = await door_by_token(row.token)

    async def come(number: int) -> None:
        await asyncio.sleep(0.002 * (number % 4))
        await check_in(DURING, door=door, key=key, name=f"职工{number}", unit="一厂", came_by="qr")

    async def count() -> None:
        await asyncio.sleep(0.003)
        figures = Figures(on=other.starts_at.date(), total=50)
        await put_headcount(world.organiser, DURING, session_id=other.id, figures=figures)

    async def end() -> YearToClose:
        await asyncio.sleep(0.001 * _round)
        return await close(world, now=DURING)

    results = await asyncio.gather(*(come(number) for number in range(12)), count(), end(), return_exceptions=True)
    *came, counted_other, closed = results

    assert isinstance(closed, YearToClose)
    assert all(one is None or isinstance(one, CheckinClosedError) for one in came)
    assert counted_other is None or isinstance(counted_other, ClosedYearError)
    taken = sum(one is None for one in came)
    visits = taken + (50 if counted_other is None else 0)
    closing = await last_closing(closed)
    assert closing is not None
    assert (closing.sessions, closing.visits) == ((taken > 0) + (counted_other is None), visits)
    assert await db.value("SELECT count(*) FROM attendance_attendee WHERE present") == taken


async def test_two_close_at_once_and_one_does(world: BookingWorld) -> None:
    done = await asyncio.gather(*(close(world) for _ in range(4)), return_exceptions=True)

    assert sum(isinstance(one, YearToClose) for one in done) == 1
    assert sum(isinstance(one, YearStateError) for one in done) == 3
    assert await db.value("SELECT count(*) FROM accounts_journal WHERE action = 'year.closed'") == 1


# --- carrying over ----------------------------------------------------------------------------------------------------


async def carried(world: BookingWorld, values: dict[Any, float] | None = None, **given: Any) -> Any:
    year = await year_of(world)
    there = await copyable(year)
    chosen = given.get("chosen", [one.programme.id for one in there])
    return await copy_year(world.organiser, NEXT_YEAR, year=year, chosen=chosen, values=values or {})


async def test_programme_menu_targets_and_limits_come_along_and_dates_do_not(world: BookingWorld) -> None:
    await db.execute("UPDATE programmes_year SET max_per_organisation = 4, released_as_of = '2015-06-30'")
    await db.execute(
        """UPDATE programmes_programme
              SET max_per_organisation = 2, real_names = true, account = '已办完', budget_yuan = 9000,
                  quarter_shares = '{30,30,30,10}'"""
    )
    kept = await make_target(world.programme, key="sessions", wording="全年50场以上")
    new = await make_target(
        world.programme, key="visits", metric="visits", unit="人次", wording="不少于50人次", position=2
    )
    giver, gone = await make_provider(world.root), await make_provider(world.root, active=False)
    for one in (giver, gone):
        await EventProvider(event=world.event.id, provider=one.id).save()
    await make_event(world.programme, title="下架了的", active=False)
    made = await carried(world, {new.id: 60.0})

    (programme,) = await programmes_of_year(2016, world.root.path)
    targets = {one.key: one for one in (await targets_of([programme.id]))[programme.id]}
    assert (made.year, made.programmes, made.targets, made.items) == (2016, 1, 2, 1)
    assert (programme.code, programme.position) == (world.programme.code, world.programme.position)
    assert (programme.max_per_organisation, programme.quarter_shares) == (2, (30, 30, 30, 10))
    assert (programme.account, programme.budget_yuan) == ("", None)
    assert (targets["sessions"].value, targets["sessions"].wording) == (kept.value, "全年50场以上")
    assert (targets["visits"].value, targets["visits"].wording) == (60, "")
    assert await db.value("SELECT real_names FROM programmes_programme WHERE year = 2016")
    year = await db.row("SELECT * FROM programmes_year WHERE year = 2016")
    assert year is not None
    assert (year["max_per_organisation"], year["released_as_of"], year["submissions_due"]) == (4, None, None)
    menu = await db.rows(
        """SELECT e.title, ep.provider FROM events_event e LEFT JOIN events_event_provider ep ON ep.event = e.id
            WHERE e.programme = $1""",
        programme.id,
    )
    assert [(one["title"], one["provider"]) for one in menu] == [(world.event.title, giver.id)]
    assert await db.value("SELECT count(*) FROM events_session") == 1
    noted = await db.value("SELECT facts FROM accounts_journal WHERE action = 'year.copied'")
    assert json.loads(noted)["programmes"] == [world.programme.code]


async def test_a_programme_is_carried_over_once_also_by_two_at_once(world: BookingWorld) -> None:
    done = await asyncio.gather(*(carried(world) for _ in range(3)))
    later = await make_programme(world.root, code="later")

    assert sorted(one.programmes for one in done) == [0, 0, 1]
    assert sorted(one.already for one in done) == [(), (world.programme.name,), (world.programme.name,)]
    (copied,) = await programmes_of_year(2016, world.root.path)
    await db.execute("UPDATE programmes_programme SET name = '新名字' WHERE id = $1", copied.id)
    there = {one.programme.code: one for one in await copyable(await year_of(world))}
    assert [one.known for one in there.values()] == [True, False]
    both = await carried(world)
    assert (both.programmes, both.already) == (1, (world.programme.name,))
    again = await carried(world, {}, chosen=[later.id])
    assert (again.programmes, again.targets, again.items, again.already) == (0, 0, 0, (later.name,))
    assert {one.name for one in await programmes_of_year(2016, world.root.path)} == {"新名字", later.name}
    assert await db.value("SELECT count(*) FROM events_event") == 2
    assert await db.value("SELECT count(*) FROM accounts_journal WHERE action = 'year.copied'") == 2


async def test_what_was_decided_is_suggested(world: BookingWorld) -> None:
    programmes = {"keep": world.programme}
    for code in ("change", "drop", "none"):
        programmes[code] = await make_programme(world.root, code=code)
    for decision in Decision:
        await give_verdict(
            world.organiser, NEXT_YEAR, programme_id=programmes[decision.value].id, decision=decision, note="理由"
        )
    there = {one.programme.id: one for one in await copyable(await year_of(world))}

    suggested = {code: there[one.id].suggested for code, one in programmes.items()}
    assert suggested == {"keep": True, "change": True, "drop": False, "none": True}


@pytest.mark.parametrize("value", [0.0, -1.0, float("nan"), float("inf"), 1e13])
async def test_a_bad_value_is_named_and_nothing_is_copied(world: BookingWorld, value: float) -> None:
    target = await make_target(world.programme)
    with pytest.raises(InvalidError) as refused:
        await carried(world, {target.id: value})

    assert [one.field for one in refused.value.problems] == [f"value-{target.id}"]
    assert await programmes_of_year(2016, world.root.path) == []


async def test_only_own_programmes_into_an_open_year(world: BookingWorld) -> None:
    foreign = await make_programme(await make_organisation(name="别市总工会"))
    for chosen, code in (([], "nothing-chosen"), ([foreign.id], "not-found")):
        with pytest.raises(InvalidError) as refused:
            await carried(world, chosen=chosen)
        assert [(one.field, one.code) for one in refused.value.problems] == [("programmes", code)]
    stranger: Actor = await make_actor(Role.ORGANISER, await make_organisation(name="别市总工会"))
    with pytest.raises(NotFoundError):
        await copy_year(stranger, NEXT_YEAR, year=await year_of(world), chosen=[world.programme.id], values={})
    await make_year(world.root, year=2016, state="closed")
    with pytest.raises(ClosedYearError):
        await carried(world)
