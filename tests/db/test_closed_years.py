"""What a closed year keeps, and the edges: midnight of 31 December, promises over several years, leap days, names."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from outreach.attendance.attendees import identity_key
from outreach.attendance.closing.erasing import erase_names
from outreach.attendance.commands import Figures, put_headcount
from outreach.attendance.queries import unrecorded_sessions
from outreach.attendance.rosters.commands import import_roster
from outreach.bookings.session_changes import cancel_session
from outreach.counting.desk import waiting_for
from outreach.counting.queries import programme_progress
from outreach.counting.target_sources import Asked, sources_behind
from outreach.events.commands import change_provider
from outreach.events.domain.drafts import ProviderDraft
from outreach.events.tables import EventProvider, Provider
from outreach.programmes.domain.errors import ClosedYearError
from outreach.programmes.queries import programme_by_id, programmes_of_year, target_by_id, targets_of
from outreach.programmes.tables import Target
from outreach.reports.years.commands import close_held, close_year, reopen_year
from outreach.reports.years.copying import Copied, copy_year, copyable
from outreach.reports.years.queries import last_closing, open_items, own_year
from outreach.settings import Settings
from outreach.shared import db
from outreach.shared.actors import Role
from outreach.shared.errors import InvalidError
from tests.factories.accounts import make_actor
from tests.factories.bookings import BookingWorld, make_booking, make_headcount
from tests.factories.events import STARTS_AT, make_event, make_provider, make_session
from tests.factories.programmes import make_programme, make_target, make_year

pytestmark = pytest.mark.usefixtures("database")

#: 31 December 2015, 23:59 and 24:00 in Shanghai.
LAST_MINUTE = datetime(2015, 12, 31, 15, 59, tzinfo=UTC)
MIDNIGHT = datetime(2015, 12, 31, 16, 0, tzinfo=UTC)
NEXT_YEAR = datetime(2016, 1, 20, 1, 0, tzinfo=UTC)
YEAR_END = date(2015, 12, 31)


@pytest.fixture
async def world() -> BookingWorld:
    """A federation with its year, a programme, and a session that is published."""
    made = await BookingWorld().build()
    await make_year(made.root)
    return made


async def close(world: BookingWorld, now: datetime = NEXT_YEAR, year: int = 2015) -> None:
    await close_year(world.organiser, now, organisation_id=world.root.id, year=year, reason="年度已过")


async def reopen(world: BookingWorld, now: datetime = NEXT_YEAR) -> None:
    administrator = await make_actor(Role.ADMINISTRATOR, None)
    await reopen_year(administrator, now, organisation_id=world.root.id, year=2015, reason="补登")


# --- lecturers --------------------------------------------------------------------------------------------------------


async def lecturers(world: BookingWorld, target: Target) -> tuple[float, float, set[str]]:
    """The figure, the figure behind its list, and the names on the list."""
    progress = await programme_progress(world.programme.id, YEAR_END, now=NEXT_YEAR)
    (shown,) = [one.actual for one in progress.targets if one.id == target.id]
    found, figure = await sources_behind(
        await programme_by_id(world.programme.id),
        await target_by_id(target.id),
        Asked(as_of=YEAR_END),
        names=True,
        limit=50,
    )
    return shown, figure, {one.title for one in found.items}


async def retire(world: BookingWorld, provider: Provider, **given: Any) -> None:
    draft = ProviderDraft(
        **{"organisation_id": world.root.id, "kind": "lecturer", "name": provider.name, "active": False, **given}
    )
    await change_provider(world.organiser, NEXT_YEAR, provider_id=provider.id, draft=draft)


async def test_who_leaves_later_was_a_lecturer_of_the_closed_year_all_the_same(world: BookingWorld) -> None:
    target = await make_target(world.programme, metric="lecturers", unit="人", counting="level", value=20.0)
    first, second, gone = [await make_provider(world.root, name=name) for name in ("甲", "乙", "早已离任")]
    await Provider.update({Provider.active: False}).where(Provider.id == gone.id)
    for one in (first, second, gone):
        await EventProvider(event=world.event.id, provider=one.id).save()
    assert await lecturers(world, target) == (2, 2, {"甲", "乙"})
    await close(world)

    await retire(world, first)
    await retire(world, second, kind="troupe", active=True)
    await Provider.update({Provider.active: True}).where(Provider.id == gone.id)
    assert await lecturers(world, target) == (2, 2, {"甲", "乙"})
    closing = await last_closing(await own_year(world.organiser, world.root.id, 2015))
    assert closing is not None
    assert [one.actual for one in closing.targets] == [2]

    await reopen(world)
    assert await lecturers(world, target) == (1, 1, {"早已离任"})
    await close(world)
    assert await lecturers(world, target) == (1, 1, {"早已离任"})


async def test_a_programme_without_lecturers_keeps_none(world: BookingWorld) -> None:
    target = await make_target(world.programme, metric="lecturers", unit="人", counting="level", value=20.0)
    await close(world)
    late = await make_provider(world.root)
    await db.execute(
        "INSERT INTO events_event_provider (id, event, provider) VALUES (gen_random_uuid(), $1, $2)",
        world.event.id,
        late.id,
    )

    assert await lecturers(world, target) == (0, 0, set())


# --- what is past and what is to come ---------------------------------------------------------------------------------


async def test_an_unrecorded_session_of_a_closed_year_stays_and_nobody_is_asked_for_it(world: BookingWorld) -> None:
    await make_booking(world.session, world.union, state="pending")
    before = await waiting_for(world.organiser, NEXT_YEAR)
    assert (before.unrecorded, before.pending) == (1, 1)
    await close(world)

    with pytest.raises(ClosedYearError):
        await cancel_session(
            world.organiser, NEXT_YEAR, session_id=world.session.id, by="organiser", reason="其实没有办"
        )
    assert await db.value("SELECT state FROM events_session WHERE id = $1", world.session.id) == "published"
    assert (await unrecorded_sessions(world.organiser, NEXT_YEAR, limit=9))[1] == 0
    after = await waiting_for(world.organiser, NEXT_YEAR)
    assert (after.unrecorded, after.unrecorded_since, after.pending) == (0, None, 0)
    await reopen(world)
    assert (await unrecorded_sessions(world.organiser, NEXT_YEAR, limit=9))[1] == 1
    await cancel_session(world.organiser, NEXT_YEAR, session_id=world.session.id, by="organiser", reason="其实没有办")


async def test_one_to_come_in_a_year_closed_early_is_cancelled_and_everybody_told(world: BookingWorld) -> None:
    early = STARTS_AT - timedelta(days=2)
    await make_booking(world.session, world.union)
    draft = await make_session(world.event, state="draft", starts_at=STARTS_AT - timedelta(days=9))
    await close(world, now=early)
    for one in (world.session, draft):
        done = await cancel_session(world.organiser, early, session_id=one.id, by="organiser", reason="提前结账")
        assert done.state == "cancelled"

    told = await db.value("SELECT count(*) FROM notifications_outbox_message WHERE kind = 'session-cancelled'")
    assert told >= 1


# --- midnight of 31 December ------------------------------------------------------------------------------------------


async def test_a_session_belongs_to_the_year_of_its_local_start(world: BookingWorld) -> None:
    """23:59 on New Year's Eve is the old year, also where it ends in the new one; 24:00 is the new one."""
    await db.execute("UPDATE events_session SET state = 'cancelled', cancelled_at = now()")
    old = await make_session(world.event, starts_at=LAST_MINUTE)
    new = await make_session(world.event, starts_at=MIDNIGHT)
    await close(world)
    after = MIDNIGHT + timedelta(hours=1)
    with pytest.raises(ClosedYearError):
        await put_headcount(world.organiser, after, session_id=old.id, figures=Figures(on=YEAR_END, total=9))
    await put_headcount(world.organiser, after, session_id=new.id, figures=Figures(on=date(2016, 1, 1), total=9))

    states = {one["id"]: one["state"] for one in await db.rows("SELECT id, state FROM events_session")}
    assert (states[old.id], states[new.id]) == ("published", "held")


async def test_the_checklist_and_closing_at_once_end_at_midnight(world: BookingWorld) -> None:
    await db.execute("UPDATE events_session SET state = 'cancelled', cancelled_at = now()")
    for starts_at in (LAST_MINUTE, MIDNIGHT):
        held = await make_session(world.event, state="held", starts_at=starts_at)
        await make_headcount(held, on=(starts_at + timedelta(hours=8)).date(), total=9)
    items = {one.kind.value: one.count for one in await open_items(world.root.id, 2015, NEXT_YEAR)}
    assert items["held"] == 1
    done = await close_held(world.organiser, NEXT_YEAR, organisation_id=world.root.id, year=2015, reason="佐证归纸档")
    assert (done.closed, done.left) == (1, 0)
    await close(world)
    closing = await last_closing(await own_year(world.organiser, world.root.id, 2015))
    assert closing is not None
    assert (closing.sessions, closing.visits, closing.as_of) == (1, 9, YEAR_END)


async def test_the_year_is_over_at_midnight_and_not_a_minute_before(world: BookingWorld) -> None:
    days = [
        {one.kind.value: one.count for one in await open_items(world.root.id, 2015, now)}.get("days", 0)
        for now in (LAST_MINUTE - timedelta(days=1), LAST_MINUTE, MIDNIGHT)
    ]
    assert days == [2, 1, 0]
    await make_year(world.root, year=2016)
    with pytest.raises(InvalidError) as refused:
        await close(world, now=LAST_MINUTE, year=2016)
    assert [one.code for one in refused.value.problems] == ["year-to-come"]
    await close(world, now=MIDNIGHT, year=2016)


# --- names ------------------------------------------------------------------------------------------------------------


async def test_names_go_some_months_after_the_closing_and_opening_again_stops_the_clock(
    world: BookingWorld, settings: Settings
) -> None:
    during = STARTS_AT + timedelta(minutes=30)
    await import_roster(
        world.organiser, during, session_id=world.session.id, content="姓名,单位\n李四,一厂\n".encode(),
        name="名单.csv", presence=True, on=STARTS_AT.date(), key=identity_key(settings),
    )  # fmt: skip
    await close(world)
    due = datetime(2017, 1, 20, 1, 0, tzinfo=UTC)
    await reopen(world, now=due - timedelta(days=1))
    assert await erase_names(due, 12) == 0
    await close(world, now=due)
    assert await erase_names(due + timedelta(days=364), 12) == 0
    assert await db.value("SELECT name FROM attendance_attendee") == "李四"
    assert await erase_names(due + timedelta(days=365), 12) == 1

    assert await db.value("SELECT name FROM attendance_attendee") == ""
    assert await erase_names(due + timedelta(days=400), 12) == 0
    found = await db.value("SELECT facts FROM accounts_journal WHERE action = 'names.erased'")
    assert json.loads(found)["attendees"] == 1


# --- carrying over ----------------------------------------------------------------------------------------------------


async def carried(world: BookingWorld, year: int, values: dict[Any, float] | None = None) -> Copied:
    row = await own_year(world.organiser, world.root.id, year)
    chosen = [one.programme.id for one in await copyable(row)]
    return await copy_year(world.organiser, NEXT_YEAR, year=row, chosen=chosen, values=values or {})


async def target_of(world: BookingWorld, year: int) -> Any:
    (programme,) = await programmes_of_year(year, world.root.path)
    (target,) = (await targets_of([programme.id]))[programme.id]
    return target


RAMP = '{"2015": 20, "2016": 35.5, "2017": 60}'


async def test_a_promise_over_several_years_goes_on_with_the_next_years_value(world: BookingWorld) -> None:
    """Until its last year; after it the value stays and there is nothing promised any more."""
    await make_target(world.programme, value=20.0, ramp=RAMP, wording="2017年达到60场")
    await carried(world, 2015)
    second = await target_of(world, 2016)
    await carried(world, 2016)
    third = await target_of(world, 2017)
    await carried(world, 2017)
    fourth = await target_of(world, 2018)

    ramp = ((2015, 20), (2016, 35.5), (2017, 60))
    assert (second.value, second.ramp, second.wording) == (35.5, ramp, "2017年达到60场")
    assert (third.value, third.ramp, third.wording) == (60, ramp, "2017年达到60场")
    assert (fourth.value, fourth.ramp, fourth.wording) == (60, (), "2017年达到60场")


async def test_another_value_than_the_promised_one_ends_the_promise(world: BookingWorld) -> None:
    target = await make_target(world.programme, value=20.0, ramp=RAMP, wording="2017年达到60场")
    await carried(world, 2015, {target.id: 40.0})

    made = await target_of(world, 2016)
    assert (made.value, made.ramp, made.wording) == (40, (), "")


async def test_nothing_with_a_date_comes_along_from_a_leap_year(world: BookingWorld) -> None:
    leap = date(2016, 2, 29)
    await make_year(world.root, year=2016, released_as_of=leap, submissions_due=leap)
    programme = await make_programme(world.root, year=2016, code="leap")
    await make_target(programme)
    event = await make_event(programme)
    await make_session(event, state="held", starts_at=datetime(2016, 2, 29, 6, tzinfo=UTC))
    made = await carried(world, 2016)

    assert (made.year, made.programmes, made.items) == (2017, 1, 1)
    year = await db.row("SELECT released_as_of, submissions_due, state FROM programmes_year WHERE year = 2017")
    assert year is not None
    assert tuple(year.values()) == (None, None, "open")
    sessions = await db.value(
        "SELECT count(*) FROM events_session s JOIN programmes_programme p ON p.id = s.programme WHERE p.year = 2017"
    )
    assert sessions == 0


async def test_the_last_year_of_the_program_has_no_next_one(world: BookingWorld) -> None:
    await make_year(world.root, year=2100)
    await make_programme(world.root, year=2100)
    with pytest.raises(InvalidError) as refused:
        await carried(world, 2100)

    assert [one.field for one in refused.value.problems] == ["year"]
