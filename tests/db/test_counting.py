"""Every metric at any day, with figures counted by hand."""

from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from outreach.accounts.tables import Organisation
from outreach.counting.figures import ProgrammeProgress, TargetProgress
from outreach.counting.queries import (
    burn_up,
    counted_sessions,
    district_table,
    programme_progress,
    year_progress,
)
from outreach.events.tables import Event, EventProvider, Session, SessionOrganiser
from outreach.programmes.domain.targets import Metric, Status
from outreach.programmes.tables import Programme
from outreach.shared.errors import NotFoundError
from outreach.shared.time import ZONE
from tests.factories.accounts import make_organisation
from tests.factories.bookings import make_headcount
from tests.factories.events import make_event, make_provider, make_session
from tests.factories.programmes import make_programme, make_tally, make_target, make_year
from tests.support.queries import counted

pytestmark = pytest.mark.usefixtures("database")

TODAY = date(2015, 9, 15)


def at(month: int, day: int, hour: int = 14, minute: int = 0, year: int = 2015) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=ZONE)


async def make_lectures(**given: object) -> tuple[Programme, Event]:
    programme = await make_programme(await make_organisation(), **given)
    return programme, await make_event(programme)


async def hold(event: Event, starts_at: datetime, total: int | None = None, **given: Any) -> Session:
    """A held session, with a head-count of its first day if ``total`` is given."""
    workers = given.pop("workers", None)
    session = await make_session(event, state="held", starts_at=starts_at, **given)
    if total is not None:
        await make_headcount(session, on=starts_at.date(), total=total, workers=workers)
    return session


async def progress(programme: Programme, as_of: date = TODAY, now: datetime | None = None) -> ProgrammeProgress:
    return await programme_progress(programme.id, as_of, now=now or at(9, 15, 9))


async def only(programme: Programme, as_of: date = TODAY, now: datetime | None = None) -> TargetProgress:
    (target,) = (await progress(programme, as_of, now)).targets
    return target


def figures(target: TargetProgress) -> dict[str, object]:
    names = ("actual", "planned", "percent", "pace", "forecast", "forecast_low", "forecast_high", "status")
    return {name: value for name, value in asdict(target).items() if name in names}


async def test_sessions_held_planned_cancelled_drafts_and_unrecorded() -> None:
    programme, event = await make_lectures()
    await make_target(programme, value=10.0)
    await hold(event, at(3, 2))
    await make_session(event, state="closed", starts_at=at(9, 15))
    await make_session(event, starts_at=at(9, 14))  # published, past, no record
    await make_session(event, starts_at=at(9, 15, 8))  # this morning, not over at 9
    await make_session(event, starts_at=at(9, 16))
    await make_session(event, starts_at=at(12, 31, 23, 30))
    await make_session(event, state="draft", starts_at=at(10, 1))
    await make_session(event, state="cancelled", starts_at=at(4, 1))
    counted_now = await progress(programme)
    assert counted_now.unrecorded == 1
    assert figures(counted_now.targets[0]) == {
        "actual": 2,
        "planned": 2,
        "percent": 20.0,
        "pace": 7.1,  # 10 × 258 of 365 days: a plan of 7 could not keep the promise of 10
        # Of three due one was lost: 0.93 of 12, two of three, and again the kind's own: 0.8352 of each planned one.
        "forecast": 3.67,
        "forecast_low": 3.0,
        "forecast_high": 4.0,
        "status": Status.BEHIND,
    }


async def test_the_last_half_hour_of_the_year_is_this_year_and_the_next_minute_is_not() -> None:
    programme, event = await make_lectures()
    await make_target(programme, value=2.0)
    await hold(event, at(12, 31, 23, 30), 40)
    await hold(event, at(1, 1, 0, 0), 5)
    await hold(event, at(1, 1, 0, 0, year=2016), 70)
    await hold(event, at(12, 31, 23, 59, year=2014), 80)
    visits = await make_target(programme, key="visits", metric="visits", unit="人次", value=45.0, position=2)
    later = await progress(programme, date(2016, 2, 1), at(2, 1, year=2016))
    assert [(one.actual, one.planned, one.status) for one in later.targets] == [(2, 0, "met"), (45, 0, "met")]
    before = await progress(programme, date(2015, 12, 30))
    assert [(one.actual, one.planned) for one in before.targets] == [(1, 1), (5, 40)]
    assert before.targets[1].id == visits.id
    december = [one for one in later.months if one.month == 12]
    assert [(one.metric, one.actual) for one in december] == [(Metric.SESSIONS, 1), (Metric.VISITS, 40)]


async def test_a_day_is_local_on_both_sides_of_midnight() -> None:
    programme, event = await make_lectures()
    await make_target(programme, value=2.0)
    await hold(event, at(5, 12, 0, 30))  # still 11 May in UTC
    await hold(event, at(5, 12, 23, 30))
    assert [(await only(programme, date(2015, 5, day))).actual for day in (11, 12, 13)] == [0, 2, 2]


async def test_visits_are_head_counts_by_day_and_workers_stand_apart() -> None:
    programme, event = await make_lectures()
    await make_target(programme, metric="visits", basis="workers", unit="人次", value=1000.0)
    exhibition = await make_session(
        event, state="held", starts_at=at(5, 10), ends_at=at(5, 12, 17), multi_day=True, kind="演出"
    )
    for day, total, workers in ((10, 100, 60), (11, 50, None), (12, 30, 30)):
        await make_headcount(exhibition, on=date(2015, 5, day), total=total, workers=workers)
    await hold(event, at(6, 1), 20, workers=20)
    await make_session(event, state="held", starts_at=at(6, 2))  # nobody counted
    seen = {day: await only(programme, date(2015, 5, day)) for day in (9, 10, 11, 12)}
    assert [(one.actual, one.total) for one in seen.values()] == [(0, 0), (60, 100), (60, 150), (90, 180)]
    assert [(one.actual, one.total) for one in [await only(programme)]] == [(110, 200)]


async def test_planned_visits_are_what_counted_sessions_brought_on_average() -> None:
    programme, event = await make_lectures()
    await make_target(programme, metric="visits", unit="人次", value=200.0, bound="at_least")
    for day in (1, 2, 3):
        await make_session(event, starts_at=at(10, day), capacity=30)
    assert (await only(programme)).planned == 90  # nothing counted yet: the seats
    await hold(event, at(5, 1), 60)
    await hold(event, at(5, 2), 40)
    target = await only(programme)
    # Chance: programme (2 + 0.93 × 12) ÷ (2 + 12) = 0.94; its only kind (2 + 0.94 × 12) ÷ (2 + 12) = 0.948571.
    # Mean: two sessions of 50, drawn to the programme's 50. So 100 + 3 × 0.948571 × 50 = 242.29.
    low, high = target.forecast_low, target.forecast_high
    assert figures(target) == {
        "actual": 100,
        "planned": 150,
        "percent": 50.0,
        "pace": 80.0,  # two of the plan's five sessions were due
        "forecast": 242.29,
        "forecast_low": low,
        "forecast_high": high,
        "status": Status.AT_RISK,
    }
    # The ends are simulated, by dice of the target's key: short of the 200 promised, and not beyond 120 a session, more
    # than twice the mean (which two sessions tell to within a third).
    assert 100 < low < 200 < 242.29 < high < 100 + 3 * 120
    # As of spring the one held since is planned with what it brought, known today.
    assert (await only(programme, date(2015, 5, 1))).planned == 40 + 3 * 60


async def test_kinds_that_a_target_names_and_no_others() -> None:
    programme, event = await make_lectures(kinds=["讲座", "演出"])
    await make_target(programme, value=1.0, kinds=["演出"])
    await make_target(programme, key="v", metric="visits", unit="人次", value=1.0, kinds=["演出"], position=2)
    await hold(event, at(3, 1), 10)
    await hold(event, at(3, 2), 7, kind="演出")
    assert [one.actual for one in (await progress(programme)).targets] == [1, 7]


async def test_other_programmes_years_and_organisations_are_not_counted() -> None:
    owner = await make_organisation()
    programme = await make_programme(owner)
    event = await make_event(programme)
    await make_target(programme, value=5.0)
    foreign, foreign_event = await make_lectures()
    await make_target(foreign, value=5.0)
    session = await hold(event, at(3, 1), 10)
    for part in ("host", "organiser", "support"):
        await SessionOrganiser(session=session.id, organisation=foreign.organisation, part=part).save()
    await hold(foreign_event, at(3, 1), 99)
    assert (await only(programme)).actual == 1
    assert (await only(foreign)).actual == 1
    year = await year_progress(2015, TODAY, organisation_path=owner.path, now=at(9, 15, 9))
    assert [one.programme.id for one in year.programmes] == [programme.id]
    empty = await year_progress(2014, TODAY, organisation_path=owner.path, now=at(9, 15, 9))
    assert (empty.programmes, empty.title, empty.unrecorded) == ((), "", 0)


async def test_lecturers_are_the_active_ones_of_the_menu_each_once() -> None:
    programme, event = await make_lectures()
    await make_target(programme, metric="lecturers", counting="level", unit="名", value=2.0, label="讲师团")
    owner = await Organisation.objects().get(Organisation.id == programme.organisation)
    assert owner is not None
    both = await make_provider(owner)
    another_event = await make_event(programme)
    for item, provider in (
        (event, both),
        (another_event, both),
        (event, await make_provider(owner, kind="troupe")),
        (event, await make_provider(owner, active=False)),
    ):
        await EventProvider(event=item.id, provider=provider.id).save()
    await make_provider(owner)  # on no menu item
    target = await only(programme)
    assert (target.actual, target.planned, target.forecast, target.status) == (1, 0, 1, Status.BEHIND)
    await EventProvider(event=event.id, provider=(await make_provider(owner)).id).save()
    assert (await only(programme)).status is Status.MET


async def test_courses_are_distinct_menu_items_with_a_held_session() -> None:
    programme, event = await make_lectures()
    await make_target(programme, metric="courses", unit="门", value=3.0, bound="plain")
    second, third, _unused = [await make_event(programme) for _ in range(3)]
    await hold(event, at(3, 1))
    await hold(event, at(4, 1))
    await hold(second, at(9, 20))
    await make_session(event, starts_at=at(10, 1))
    await make_session(third, starts_at=at(10, 2))
    target = await only(programme)
    assert (target.actual, target.planned, target.forecast_high) == (1, 2, 3)
    assert (await only(programme, date(2015, 9, 30))).actual == 2


async def test_people_wait_for_named_attendees() -> None:
    programme, event = await make_lectures()
    await make_target(programme, metric="people", unit="名", value=10.0)
    await hold(event, at(3, 1), 50)
    target = await only(programme)
    assert (target.actual, target.planned, target.status) == (0, 0, Status.BEHIND)


async def test_tallies_add_up_or_the_latest_counts() -> None:
    programme = await make_programme(await make_organisation(), scheduled=False)
    flow = await make_target(programme, key="a", metric="tally", unit="本", value=365.0)
    level = await make_target(programme, key="b", metric="tally", unit="名", counting="level", value=120.0, position=2)
    for target, on, quantity in (
        (flow, date(2015, 2, 1), 100.0),
        (flow, date(2015, 9, 15), 58.5),
        (flow, date(2015, 9, 16), 1000.0),
        (level, date(2014, 12, 1), 80.0),
        (level, date(2015, 5, 1), 130.0),
        (level, date(2015, 9, 1), 110.0),
    ):
        await make_tally(target, on=on, quantity=quantity)
    added, latest = (await progress(programme)).targets
    assert figures(added) == {
        "actual": 158.5,
        "planned": 0,
        "percent": 43.4,
        "pace": 258.0,
        "forecast": 224.23,
        "forecast_low": 191.76,
        "forecast_high": 256.71,
        "status": Status.BEHIND,
    }
    assert (latest.actual, latest.forecast, latest.status) == (110, 110, Status.BEHIND)
    assert [(await progress(programme, date(2015, month, 2))).targets[1].actual for month in (1, 5, 9)] == [
        80,
        130,
        110,
    ]
    assert (await progress(programme)).months == ()


async def test_the_rate_of_the_first_days_is_a_figure_but_nothing_to_speak_of() -> None:
    programme = await make_programme(await make_organisation(), scheduled=True)
    flow = await make_target(programme, metric="tally", unit="本", value=20000.0)
    level = await make_target(programme, key="b", metric="tally", unit="名", counting="level", value=9.0, position=2)
    await make_target(programme, key="c", metric="sessions", value=9.0, position=3)
    for target in (flow, level):
        await make_tally(target, on=date(2015, 1, 1), quantity=3500.0)
    first, day_29, day_30 = [(await progress(programme, date(2015, 1, day))).targets for day in (1, 29, 30)]
    assert (first[0].forecast, first[0].status) == (1_277_500, Status.ON_TRACK)
    assert [[one.too_early for one in targets] for targets in (first, day_29, day_30)] == [
        [True, False, False],
        [True, False, False],
        [False, False, False],
    ]


async def test_two_entries_of_one_day_the_later_one_holds() -> None:
    programme = await make_programme(await make_organisation())
    level = await make_target(programme, metric="tally", unit="名", counting="level", value=10.0)
    for minute, quantity in ((1, 7.0), (2, 9.0)):
        await make_tally(level, on=TODAY, quantity=quantity, created_at=at(9, 15, 8, minute))
    assert (await only(programme)).actual == 9


async def test_unrecorded_waits_for_the_end_and_for_the_day_asked_for() -> None:
    programme, event = await make_lectures()
    await make_session(event, starts_at=at(9, 15, 8), ends_at=at(9, 15, 9))
    await make_session(event, starts_at=at(9, 14))
    await make_session(event, state="held", starts_at=at(9, 14))
    for as_of, now, expected in (
        (TODAY, at(9, 15, 8, 59), 1),
        (TODAY, at(9, 15, 9, 0), 2),
        (date(2015, 9, 14), at(9, 15, 12), 1),
        (date(2015, 9, 13), at(9, 15, 12), 0),
    ):
        assert (await progress(programme, as_of, now)).unrecorded == expected


async def test_pace_follows_the_published_plan_then_quarters_then_days() -> None:
    programme, event = await make_lectures(quarter_shares=[30, 30, 30, 10])
    await make_target(programme, value=4.0, bound="about", tolerance_percent=25.0)
    await hold(event, at(2, 1))
    await make_session(event, starts_at=at(11, 1))
    half_of_quarter_three = date(2015, 8, 15)
    assert (await only(programme, half_of_quarter_three)).pace == 3.0  # 4 × (60 + 30 × 46/92) %
    await make_session(
        event, state="cancelled", cancelled_by="weather", published_at=at(1, 5), starts_at=at(3, 1)
    )  # promised, then lost: with it the plan reaches the lower limit of 3
    assert (await only(programme, half_of_quarter_three)).pace == 2.0
    assert (await only(programme, date(2015, 11, 1))).pace == 3.0


# The low end of 27 + 22 lies at 47 or 48 whatever the dice, that of 5 + 43 at 41 to 44 (about 47 in the middle).
@pytest.mark.parametrize(("held", "planned", "status"), [(45, 0, "met"), (27, 22, "on_track"), (5, 43, "at_risk")])
async def test_status_of_about_fifty(held: int, planned: int, status: str) -> None:
    programme, event = await make_lectures()
    await make_target(programme, bound="about", tolerance_percent=10.0)
    for number in range(held):
        await hold(event, at(3, 1) + timedelta(days=number))
    for number in range(planned):
        await make_session(event, starts_at=at(10, 1) + timedelta(days=number))
    assert (await only(programme)).status == status


async def test_burn_up_ends_with_the_figures_of_the_table() -> None:
    programme, event = await make_lectures()
    target = await make_target(programme, value=4.0)
    for month in (1, 1, 3, 9):
        await hold(event, at(month, 10))
    await make_session(event, starts_at=at(9, 20))
    await make_session(event, starts_at=at(11, 20))
    year = await burn_up(programme.id, target.id, TODAY, now=at(9, 15, 9))
    assert [point.value for point in year.actual] == [2, 2, 3, 3, 3, 3, 3, 3, 4]
    assert year.actual[-1].on == TODAY
    assert [point.value for point in year.plan] == [2, 2, 3, 3, 3, 3, 3, 3, 5, 5, 6, 6]
    # Chance: programme (4 + 11.16) ÷ 16 = 0.9475; kind (4 + 0.9475 × 12) ÷ 16 = 0.960625, one session of September and
    # one of November: 4.96 and 5.92. Of one session both ends are known (a range reaches the middle); of two the low
    # end is 5 or the middle, as the dice fall: both are held in 92 of 100 years.
    middles = [(point.on.month, point.middle) for point in year.forecast]
    assert middles == [(9, 4.96), (10, 4.96), (11, 5.92), (12, 5.92)]
    assert [(point.low, point.high) for point in year.forecast[:2]] == [(4, 5), (4, 5)]
    assert {point.low for point in year.forecast[2:]} <= {5.0, 5.92}
    assert {point.high for point in year.forecast[2:]} == {6.0}
    assert (year.target.actual, year.target.forecast) == (4, year.forecast[-1].middle)
    over = await burn_up(programme.id, target.id, date(2016, 3, 1), now=at(3, 1, year=2016))
    assert (len(over.actual), over.actual[-1].value, over.forecast) == (12, 4, ())
    early = await burn_up(programme.id, target.id, date(2014, 3, 1), now=at(3, 1, year=2014))
    assert (early.actual, early.target.actual, early.target.planned) == ((), 0, 6)


async def test_burn_up_of_a_foreign_target_is_not_found() -> None:
    programme, _event = await make_lectures()
    other = await make_target((await make_lectures())[0])
    with pytest.raises(NotFoundError):
        await burn_up(programme.id, other.id, TODAY, now=at(9, 15))


async def test_districts_by_place() -> None:
    programme, event = await make_lectures()
    await hold(event, at(3, 1), 10, workers=4, district="吴中区")
    await hold(event, at(3, 2), 20, district="吴中区")
    await hold(event, at(3, 3), 5, district="")
    await hold(event, at(10, 3), 5, district="昆山市")
    owner = await Organisation.objects().get(Organisation.id == programme.organisation)
    assert owner is not None
    rows = await district_table(2015, TODAY, owner.path)
    assert [(row.district, row.sessions, row.visits, row.workers) for row in rows] == [
        ("吴中区", 2, 30, 4),
        ("", 1, 5, 0),
    ]


async def test_counted_sessions_name_neither_guests_nor_confidential_places() -> None:
    owner = await make_organisation()
    open_ = await make_programme(owner)
    secret = await make_programme(owner, confidential=True)
    barracks = await make_organisation(parent=owner, kind="guest", name="某部驻军")
    event, secret_event = await make_event(open_), await make_event(secret)
    await hold(event, at(3, 1), 10, workers=5)
    await hold(event, at(3, 2), host=barracks.id, address="营区礼堂", district="虎丘区")
    await hold(secret_event, at(3, 3), 1, host=barracks.id, address="某室")
    rows = await counted_sessions(2015, TODAY, owner.path)
    assert [(row.place, row.district, row.host, row.visits, row.workers) for row in rows] == [
        ("吴中区木渎镇职工活动中心三楼报告厅", "吴中区", "", 10, 5),
        ("虎丘区", "虎丘区", "", None, None),
        ("", "", "", 1, None),
    ]


@pytest.mark.parametrize("programmes", [1, 3])
async def test_a_year_takes_eight_statements_and_four_the_second_time(programmes: int) -> None:
    owner = await make_organisation()
    await make_year(owner, title="2015年实事项目", document="〔2015〕2号")
    ids: list[UUID] = []
    for _ in range(programmes):
        programme = await make_programme(owner)
        event = await make_event(programme)
        for metric in ("sessions", "visits", "courses", "lecturers", "tally"):
            await make_target(programme, metric=metric, key=metric)
        for _ in range(programmes):
            await hold(event, at(3, 1), 10)
        ids.append(programme.id)
    with counted() as statements:
        year = await year_progress(2015, TODAY, organisation_path=owner.path, now=at(9, 15, 9))
    assert len(statements) == 8
    with counted() as statements:
        assert await year_progress(2015, TODAY, organisation_path=owner.path, now=at(9, 15, 9)) == year
    assert len(statements) == 4  # programmes, notice, targets, and whether anything changed
    assert (year.title, year.document, [one.programme.id for one in year.programmes]) == (
        "2015年实事项目",
        "〔2015〕2号",
        ids,
    )
    actual = {target.metric: target.actual for target in year.programmes[0].targets}
    assert actual == {"sessions": programmes, "visits": programmes * 10, "courses": 1, "lecturers": 0, "tally": 0}


async def be_there(session: Session, on: date, *names: str, workers: int | None = None) -> None:
    """People present at a session on one day; of the first ``workers`` of them it is known that they are workers."""
    from outreach.attendance.tables import Attendee

    for number, name in enumerate(names):
        await Attendee(
            session=session.id,
            on=on,
            name=name,
            identity=f"{name:0>64}",
            is_worker=None if workers is None else number < workers,
            present=True,
            came_by="qr",
            checked_in_at=at(9, 1),
            created_at=at(9, 1),
            changed_at=at(9, 1),
        ).save()


async def test_visits_are_check_ins_where_nobody_counted_heads() -> None:
    """Day by day: 3 of an exhibition's first day by name, 40 of its second by head-count, though 2 checked in."""
    programme, event = await make_lectures()
    await make_target(programme, metric="visits", unit="人次", value=100.0)
    await make_target(programme, metric="visits", basis="workers", unit="人次", value=100.0, position=2)
    shown = await hold(event, at(5, 11), multi_day=True, ends_at=at(5, 13))
    await be_there(shown, date(2015, 5, 11), "a", "b", "c", workers=2)
    await be_there(shown, date(2015, 5, 12), "a", "d", workers=2)
    await make_headcount(shown, on=date(2015, 5, 12), total=40, workers=30)
    counted_only = await hold(event, at(6, 1), total=10)
    named_only = await hold(event, at(6, 2))
    await be_there(named_only, date(2015, 6, 2), "a", "e")
    published = await make_session(event, starts_at=at(9, 15, 8))
    await be_there(published, date(2015, 9, 15), "z")

    everybody, workers = (await progress(programme)).targets
    assert everybody.actual == 3 + 40 + 10 + 2
    assert (workers.actual, workers.total) == (2 + 30, 55)
    assert (await progress(programme, date(2015, 5, 11))).targets[0].actual == 3

    root = await Organisation.objects().get(Organisation.id == programme.organisation)
    assert root is not None
    rows = {row.id: (row.visits, row.workers) for row in await counted_sessions(2015, TODAY, root.path)}
    assert rows == {shown.id: (43, 32), counted_only.id: (10, None), named_only.id: (2, None)}
    (district,) = await district_table(2015, TODAY, root.path)
    assert (district.visits, district.workers) == (55, 32)


async def test_people_are_distinct_identities_of_held_sessions() -> None:
    """a came three times and is one; who came to a session that is not held, or after the day, is none."""
    programme, event = await make_lectures()
    await make_target(programme, metric="people", unit="人", value=100.0)
    await make_target(programme, metric="people", unit="人", value=100.0, kinds=["演出"], position=2)
    await be_there(await hold(event, at(3, 2)), date(2015, 3, 2), "a", "b")
    await be_there(await hold(event, at(4, 2), kind="演出", total=500), date(2015, 4, 2), "a", "c")
    await be_there(await make_session(event, starts_at=at(5, 2), state="closed"), date(2015, 5, 2), "a")
    await be_there(await make_session(event, starts_at=at(9, 15, 8)), date(2015, 9, 15), "x")
    await be_there(await hold(event, at(10, 2)), date(2015, 10, 2), "y")

    everybody, shows = (await progress(programme)).targets
    assert (everybody.actual, shows.actual) == (3, 2)
    assert (await progress(programme, date(2015, 3, 31))).targets[0].actual == 2
    curve = await burn_up(programme.id, everybody.id, TODAY, now=at(9, 15, 9))
    assert [(point.on.month, point.value) for point in curve.actual][2:5] == [(3, 2), (4, 3), (5, 3)]


@pytest.mark.parametrize("held", [1, 3])
async def test_named_people_cost_no_further_statement(held: int) -> None:
    programme, event = await make_lectures()
    await make_target(programme, metric="people", unit="人", value=100.0)
    for number in range(held):
        await be_there(await hold(event, at(3, number + 1)), date(2015, 3, number + 1), "a", f"n{number}")
    with counted() as statements:
        await progress(programme)
    assert len(statements) == 7
