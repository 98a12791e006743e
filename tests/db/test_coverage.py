"""Coverage against a count by hand, its goals, services of another system."""

import asyncio
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from outreach.accounts.tables import Organisation
from outreach.attendance.tables import Attendee
from outreach.counting.coverage.access import cut_asked
from outreach.counting.coverage.figures import CoverageRow
from outreach.counting.coverage.queries import coverage_of, ramp_of
from outreach.events.tables import Event, Session
from outreach.programmes.coverage.commands import (
    GoalGiven,
    record_outside_service,
    remove_outside_service,
    set_goals,
)
from outreach.programmes.coverage.queries import goals_for, outside_services
from outreach.programmes.domain.errors import ClosedYearError
from outreach.programmes.tables import Programme
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from outreach.shared.errors import ForbiddenError, InvalidError, NotFoundError
from outreach.shared.time import ZONE
from tests.factories.accounts import LONG_AGO, make_actor, make_organisation
from tests.factories.bookings import make_headcount
from tests.factories.events import make_event, make_session
from tests.factories.programmes import make_programme, make_year
from tests.support.queries import counted

pytestmark = pytest.mark.usefixtures("database")

TODAY = date(2015, 9, 15)


def at(month: int, day: int, hour: int = 14, year: int = 2015) -> datetime:
    return datetime(year, month, day, hour, tzinfo=ZONE)


async def attend(session: Session, unit: Organisation | None, *who: str, **given: Any) -> None:
    """People who were there by name; ``who`` are identities."""
    for one in who:
        await Attendee(
            **{
                "session": session.id,
                "on": session.starts_at.date(),
                "name": "某某",
                "organisation": unit.id if unit else None,
                "identity": one,
                "present": True,
                "came_by": "qr",
                "checked_in_at": session.starts_at,
                "created_at": LONG_AGO,
                "changed_at": LONG_AGO,
                **given,
            }
        ).save()


async def coverage_rows(owner: Organisation, **given: Any) -> dict[str, CoverageRow]:
    found = await coverage_of(owner.id, **{"year": 2015, "as_of": TODAY, **given})
    return {"": found.whole, **{one.name: one for one in found.by_organisation}}


def figures(row: CoverageRow) -> tuple[int | None, int, int, int]:
    return row.members, row.visits, row.people, row.unnamed_visits


class City:
    """A city with two districts and units of its own; one programme with a menu item."""

    root: Organisation
    gusu: Organisation
    mill: Organisation
    women: Organisation
    school: Organisation
    wuzhong: Organisation
    works: Organisation
    bureau: Organisation
    programme: Programme
    event: Event


async def make_city() -> City:
    city = City()
    city.root = await make_organisation(name="市总工会")
    city.gusu = await make_organisation(
        parent=city.root, name="姑苏区总工会", kind="federation", district="姑苏区", member_count=200
    )
    city.mill = await make_organisation(parent=city.gusu, name="丝织厂工会", district="姑苏区", member_count=60)
    city.women = await make_organisation(
        parent=city.mill, name="丝织厂女职工委员会", kind="womens_committee", member_count=50
    )
    city.school = await make_organisation(parent=city.mill, name="某小学", kind="guest", member_count=900)
    city.wuzhong = await make_organisation(parent=city.root, name="吴中区总工会", kind="federation", district="吴中区")
    city.works = await make_organisation(parent=city.wuzhong, name="木渎机械厂工会", district="吴中区", member_count=40)
    city.bureau = await make_organisation(
        parent=city.root, name="水务局工会", kind="direct_unit", district="", member_count=10
    )
    city.programme = await make_programme(city.root)
    city.event = await make_event(city.programme)
    return city


async def test_figures_equal_a_count_by_hand() -> None:
    city = await make_city()
    # A head-count of 30, five check-ins and a roster of two, one of them checked in: six names, 24 without one.
    first = await make_session(city.event, state="held", starts_at=at(3, 2), host=city.works.id)
    await make_headcount(first, on=date(2015, 3, 2), total=30)
    await attend(first, city.mill, "a", "b")
    await attend(first, city.women, "c", expected=True)
    await attend(first, None, "d", "e")  # the host's
    await attend(first, city.mill, "expected", present=False, expected=True, came_by="", checked_in_at=None)
    await attend(first, city.bureau, "f", came_by="import")
    # No head-count, no host: the names count, and who names no unit belongs to nobody known.
    second = await make_session(city.event, state="closed", starts_at=at(9, 15))
    await attend(second, city.mill, "a")  # again: a second visit of the same person
    await attend(second, city.works, "b")  # the same phone in two units
    await attend(second, None, "g")
    await attend(second, city.school, "h", "i")
    await attend(second, city.root, "j")
    # More names than heads: no visit without a name, and never fewer than none.
    third = await make_session(city.event, state="held", starts_at=at(4, 1), host=city.gusu.id)
    await make_headcount(third, on=date(2015, 4, 1), total=1)
    await attend(third, None, "k", "l")
    # What does not count.
    await attend(await make_session(city.event, starts_at=at(9, 14)), city.mill, "never-recorded")
    await attend(await make_session(city.event, state="held", starts_at=at(9, 16)), city.mill, "tomorrow")
    await attend(await make_session(city.event, state="held", starts_at=at(12, 31, 23, 2014)), city.mill, "last-year")
    await attend(await make_session(city.event, state="cancelled", starts_at=at(5, 1)), city.mill, "cancelled")

    rows = await coverage_rows(city.root)
    assert {name: figures(row) for name, row in rows.items()} == {
        # a b c d e f g j k l, of 200 + 40 + 10 members; h and i of the school are no members.
        "": (250, 12, 10, 24),
        "姑苏区总工会": (200, 6, 5, 0),  # a b c, a again, k l of the host
        "吴中区总工会": (40, 3, 3, 24),  # d e of the host, b
        "市直属": (10, 2, 2, 0),  # f, and j of the city's own office
        "没有对应到单位": (None, 1, 1, 0),
        "其他服务对象和外单位": (None, 2, 2, 0),
    }
    whole = rows[""]
    assert (whole.visit_percent, whole.people_percent, whole.unnamed_percent) == (4.8, 4.0, 2400 / 36)
    assert (rows["吴中区总工会"].visit_percent, rows["没有对应到单位"].visit_percent) == (7.5, None)

    found = await coverage_of(city.root.id, year=2015, as_of=TODAY)
    assert {one.name: figures(one) for one in found.by_district} == {
        name: figures(rows[other])
        for name, other in (
            ("姑苏区", "姑苏区总工会"),
            ("吴中区", "吴中区总工会"),
            ("市直属", "市直属"),
            ("没有对应到单位", "没有对应到单位"),
            ("其他服务对象和外单位", "其他服务对象和外单位"),
        )
    }
    assert (found.only_this_system, found.goal_percent, found.owner_name) == (True, None, "市总工会")


async def test_cut_by_the_day() -> None:
    city = await make_city()
    several = await make_session(
        city.event, state="held", starts_at=at(12, 30), ends_at=at(1, 2, 16, 2016), kind="演出"
    )
    await attend(several, city.mill, "a", on=date(2015, 12, 30))
    await attend(several, city.mill, "a", "b", on=date(2015, 12, 31))
    await attend(several, city.mill, "c", on=date(2016, 1, 1))
    late = await make_session(city.event, state="held", starts_at=at(12, 31, 23))
    await attend(late, city.mill, "d")

    async def cut(day: date, year: int = 2015) -> tuple[int, int]:
        whole = (await coverage_of(city.root.id, year=year, as_of=day)).whole
        return whole.visits, whole.people

    assert await cut(date(2015, 12, 29)) == (0, 0)
    assert await cut(date(2015, 12, 30)) == (1, 1)
    assert await cut(date(2015, 12, 31)) == (4, 3)
    # The day on which a session starts decides its year.
    assert await cut(date(2016, 2, 1)) == (5, 4)
    assert await cut(date(2016, 2, 1), 2016) == (0, 0)


async def test_a_subtree_counts_its_own_programmes_and_people() -> None:
    city = await make_city()
    own = await make_event(await make_programme(city.gusu))
    session = await make_session(own, state="held", starts_at=at(5, 5))
    await attend(session, city.mill, "a", "b")
    await attend(session, city.works, "c")  # of another district
    await attend(await make_session(city.event, state="held", starts_at=at(5, 6)), city.mill, "of the city's own")
    rows = await coverage_rows(city.gusu)
    assert {name: figures(row) for name, row in rows.items()} == {
        "": (200, 2, 2, 0),
        "直属单位": (60, 2, 2, 0),
        "其他服务对象和外单位": (None, 1, 1, 0),
    }
    # The city counts both.
    assert (await coverage_rows(city.root))[""].visits == 4


async def test_no_members_is_no_division_by_zero() -> None:
    owner = await make_organisation()
    unit = await make_organisation(parent=owner, kind="federation", member_count=0)
    event = await make_event(await make_programme(owner))
    await attend(await make_session(event, state="held", starts_at=at(5, 5)), unit, "a")
    found = await coverage_of(owner.id, year=2015, as_of=TODAY)
    assert (found.whole.visit_percent, found.whole.people_percent, found.whole.visits) == (None, None, 1)
    assert [one.visit_percent for one in found.by_organisation] == [None]
    assert await ramp_of(found) == []
    with pytest.raises(NotFoundError):
        await coverage_of(uuid4(), year=2015, as_of=TODAY)


@pytest.mark.parametrize("number", [1, 3])
async def test_five_statements_for_coverage_and_four_for_its_ramp(number: int) -> None:
    owner = await make_organisation()
    organiser = await make_actor(Role.ORGANISER, owner)
    event = await make_event(await make_programme(owner))
    for n in range(number):
        unit = await make_organisation(parent=owner, kind="federation", member_count=100, district=f"第{n}区")
        session = await make_session(event, state="held", starts_at=at(5, 5 + n), host=unit.id)
        await attend(session, unit, "a", f"b{n}")
        await record_outside_service(
            organiser, at(9, 15), organisation_id=unit.id, on=date(2015, 5, 5), name="体检", visits=3
        )
    await set_goals(organiser, at(9, 15), organisation_id=owner.id, goals=[GoalGiven(2014, 10), GoalGiven(2015, 20)])
    with counted() as sent:
        found = await coverage_of(owner.id, year=2015, as_of=TODAY)
    assert len(sent) == 5
    assert len(found.by_organisation) == number
    assert (found.whole.visits, found.whole.people, found.whole.outside_visits) == (2 * number, number + 1, 3 * number)
    with counted() as sent:
        await ramp_of(found)
    assert len(sent) == 4


async def test_the_ramp_has_each_year_that_has_begun() -> None:
    city = await make_city()
    organiser = await make_actor(Role.ORGANISER, city.root)
    goals = [GoalGiven(year, percent) for year, percent in ((2014, 10), (2015, 20), (2016, 35))]
    await set_goals(organiser, at(9, 15), organisation_id=city.root.id, goals=goals)
    await attend(await make_session(city.event, state="held", starts_at=at(3, 2)), city.mill, "a", "b")
    before = await make_event(await make_programme(city.root, year=2014))
    old = await make_session(before, state="closed", starts_at=at(12, 31, 23, 2014))
    await attend(old, city.mill, "a")
    await attend(old, None, "b", "c")
    await attend(old, city.school, "no member")
    await attend(await make_session(before, state="closed", starts_at=at(6, 1, 9, 2014)), city.mill, "a")
    await record_outside_service(
        organiser, at(9, 15), organisation_id=city.gusu.id, on=date(2014, 6, 1), name="体检", visits=6, people=5
    )
    points = await ramp_of(await coverage_of(city.root.id, year=2015, as_of=TODAY))
    assert [(one.year, one.goal_percent, one.visit_percent, one.people_percent) for one in points] == [
        (2014, 10, 4.0, 3.2),  # 4 + 6 visits, 3 + 5 people of 250
        (2015, 20, 0.8, 0.8),
        (2016, 35, None, None),
    ]
    # Asked for last year, the same figures stand in the same years; asked for next year, none is made up.
    last = await ramp_of(await coverage_of(city.root.id, year=2014, as_of=TODAY))
    assert [one.visit_percent for one in last] == [4.0, 0.8, None]
    following = await ramp_of(await coverage_of(city.root.id, year=2016, as_of=TODAY))
    assert [one.visit_percent for one in following] == [4.0, 0.8, None]


async def test_the_ramp_says_of_a_year_what_its_own_page_says() -> None:
    """A session over midnight of New Year's Eve: both are cut at the last day of its year."""
    city = await make_city()
    organiser = await make_actor(Role.ORGANISER, city.root)
    goals = [GoalGiven(2014, 10), GoalGiven(2015, 20)]
    await set_goals(organiser, at(9, 15), organisation_id=city.root.id, goals=goals)
    event = await make_event(await make_programme(city.root, year=2014))
    eve = await make_session(
        event, state="held", starts_at=at(12, 31, 22, 2014), ends_at=at(12, 31, 22, 2014) + timedelta(hours=4)
    )
    await attend(eve, city.mill, "a")
    await attend(eve, city.mill, "b", on=date(2015, 1, 1))

    year, day = cut_asked(2014, None, at(9, 15))
    own = await coverage_of(city.root.id, year=year, as_of=day)
    points = await ramp_of(await coverage_of(city.root.id, year=2015, as_of=TODAY))
    assert points[0].visit_percent == own.whole.visit_percent == 0.4


async def test_services_outside_join_the_shares() -> None:
    city = await make_city()
    organiser = await make_actor(Role.ORGANISER, city.root)
    await attend(await make_session(city.event, state="held", starts_at=at(3, 2)), city.mill, "a")

    async def record(unit: Organisation, day: date, visits: int, people: int | None) -> UUID:
        return await record_outside_service(
            organiser, at(9, 15), organisation_id=unit.id, on=day, name="职工体检", visits=visits, people=people
        )

    await record(city.mill, date(2015, 1, 1), 20, 15)
    await record(city.works, TODAY, 8, None)
    await record(city.root, date(2015, 2, 1), 5, 5)
    await record(city.gusu, date(2014, 12, 31), 1000, 1000)
    mistaken = await record(city.mill, date(2015, 2, 2), 700, 700)
    await remove_outside_service(organiser, at(9, 15), mistaken, reason="填错了")
    rows = await coverage_rows(city.root)
    assert {name: (row.outside_visits, row.outside_people) for name, row in rows.items()} == {
        "": (33, None),
        "姑苏区总工会": (20, 15),
        "吴中区总工会": (8, None),
        "市直属": (0, 0),
        "没有对应到单位": (5, 5),  # entered for all of the city's members
    }
    assert (rows["姑苏区总工会"].visit_percent, rows["姑苏区总工会"].people_percent) == (10.5, 8.0)
    assert rows[""].people_percent == 0.4  # without those outside, since one entry does not know them
    found = await coverage_of(city.root.id, year=2015, as_of=TODAY)
    assert not found.only_this_system
    assert (await coverage_of(city.root.id, year=2015, as_of=date(2014, 12, 31))).only_this_system


async def journal() -> list[tuple[str, str, Any]]:
    rows = await db.rows("SELECT action, reason, facts FROM accounts_journal ORDER BY id")
    return [(one["action"], one["reason"], one["facts"]) for one in rows]


async def test_goals_are_set_changed_and_removed_with_a_line_each() -> None:
    owner = await make_organisation(name="市总工会")
    organiser = await make_actor(Role.ORGANISER, owner)

    async def put(*goals: GoalGiven) -> dict[int, float]:
        await set_goals(organiser, at(9, 15), organisation_id=owner.id, goals=goals)
        return {one.year: one.percent for one in await goals_for(owner.id)}

    assert await put(GoalGiven(2015, 20, "达到20%"), GoalGiven(2019, 80)) == {2015: 20, 2019: 80}
    assert await put(GoalGiven(2015, 20, "达到20%"), GoalGiven(2016, None), GoalGiven(2019, 85)) == {2015: 20, 2019: 85}
    assert await put(GoalGiven(2019, None)) == {2015: 20}
    assert [action for action, _reason, _facts in await journal()] == [
        "coverage.goal_set", "coverage.goal_set", "coverage.goal_set", "coverage.goal_removed",
    ]  # fmt: skip
    with pytest.raises(InvalidError):
        await put(GoalGiven(2015, 20), GoalGiven(2015, 30))


async def test_a_unit_without_goals_has_those_above_it() -> None:
    city = await make_city()
    await set_goals(
        await make_actor(Role.ORGANISER, city.root), at(9, 15), organisation_id=city.root.id,
        goals=[GoalGiven(2015, 20), GoalGiven(2016, 35)],
    )  # fmt: skip
    await set_goals(
        await make_actor(Role.ORGANISER, city.gusu),
        at(9, 15),
        organisation_id=city.gusu.id,
        goals=[GoalGiven(2015, 30)],
    )
    found = await goals_for(city.mill.id)
    assert [(one.year, one.percent, one.organisation_name) for one in found] == [
        (2015, 30, "姑苏区总工会"),
        (2016, 35, "市总工会"),
    ]
    coverage = await coverage_of(city.works.id, year=2015, as_of=TODAY)
    assert (coverage.goal_percent, coverage.goal_of) == (20, "市总工会")


async def test_a_form_sent_twice_is_one_entry_and_another_typed_into_it_is_another() -> None:
    owner = await make_organisation()
    organiser = await make_actor(Role.ORGANISER, owner)
    key = uuid4()

    async def send(visits: int, who: Actor = organiser) -> UUID:
        return await record_outside_service(
            who, at(9, 15), organisation_id=owner.id, on=TODAY, name="体检", visits=visits, form_key=key
        )

    first, again = await asyncio.gather(send(5), send(5))
    assert first == again == await send(5)
    assert await send(6) != first
    with pytest.raises(InvalidError):
        await send(5, await make_actor(Role.ORGANISER, owner))
    found = await outside_services(owner.path, 2015)
    assert sorted(one.visits for one in found.items) == [5, 6]
    assert [action for action, _reason, _facts in await journal()] == ["outside_service.recorded"] * 2
    await remove_outside_service(organiser, at(9, 15), first, reason="填错了")
    await remove_outside_service(organiser, at(9, 15), first, reason="又点了一次")
    assert [line[:2] for line in (await journal())[2:]] == [("outside_service.removed", "填错了")]


async def test_what_is_wrong_with_an_entry_is_named() -> None:
    city = await make_city()
    organiser = await make_actor(Role.ORGANISER, city.root)
    with pytest.raises(InvalidError) as refused:
        await record_outside_service(
            organiser, at(9, 15), organisation_id=city.school.id, on=date(2015, 9, 16), name="x", visits=1, people=2
        )
    assert [(one.field, one.code) for one in refused.value.problems] == [
        ("on", "in-the-future"),
        ("organisation_id", "guest-without-members"),
        ("people", "more-people-than-visits"),
    ]


async def test_a_closed_year_stays_as_it_is() -> None:
    city = await make_city()
    organiser = await make_actor(Role.ORGANISER, city.root)
    made = await record_outside_service(
        organiser, at(9, 15), organisation_id=city.mill.id, on=TODAY, name="体检", visits=1
    )
    await set_goals(organiser, at(9, 15), organisation_id=city.root.id, goals=[GoalGiven(2015, 20)])
    await make_year(city.root, state="closed")
    with pytest.raises(ClosedYearError):
        await record_outside_service(
            organiser, at(9, 15), organisation_id=city.mill.id, on=TODAY, name="体检", visits=1
        )
    with pytest.raises(ClosedYearError):
        await remove_outside_service(organiser, at(9, 15), made, reason="晚了")
    with pytest.raises(ClosedYearError):
        await set_goals(organiser, at(9, 15), organisation_id=city.root.id, goals=[GoalGiven(2015, 30)])
    # What changes nothing is let through, and another year is open.
    await set_goals(
        organiser, at(9, 15), organisation_id=city.root.id, goals=[GoalGiven(2015, 20), GoalGiven(2016, 35)]
    )


async def test_only_who_runs_the_organisation_writes() -> None:
    city = await make_city()
    district = await make_actor(Role.ORGANISER, city.gusu)
    contact = await make_actor(Role.CONTACT, city.mill)
    evaluator = await make_actor(Role.EVALUATOR, city.root)
    stranger = await make_actor(Role.ORGANISER, await make_organisation())
    made = await record_outside_service(
        district, at(9, 15), organisation_id=city.mill.id, on=TODAY, name="体检", visits=1
    )
    for actor, unit, error in (
        (district, city.root, ForbiddenError),
        (district, city.wuzhong, NotFoundError),
        (contact, city.mill, ForbiddenError),
        (contact, city.wuzhong, NotFoundError),
        (evaluator, city.root, ForbiddenError),
        (stranger, city.root, NotFoundError),
    ):
        with pytest.raises(error):
            await set_goals(actor, at(9, 15), organisation_id=unit.id, goals=[GoalGiven(2015, 20)])
        with pytest.raises(error):
            await record_outside_service(actor, at(9, 15), organisation_id=unit.id, on=TODAY, name="体检", visits=1)
    for actor, error in ((contact, ForbiddenError), (evaluator, ForbiddenError), (stranger, NotFoundError)):
        with pytest.raises(error):
            await remove_outside_service(actor, at(9, 15), made, reason="x")


@pytest.mark.parametrize("number", [1, 3])
async def test_the_list_of_entries_takes_two_statements(number: int) -> None:
    owner = await make_organisation()
    organiser = await make_actor(Role.ORGANISER, owner)
    for n in range(number):
        await record_outside_service(
            organiser, at(9, 15), organisation_id=owner.id, on=date(2015, 1, 1 + n), name=f"第{n}次", visits=n
        )
    with counted() as sent:
        first = await outside_services(owner.path, 2015, limit=2)
    assert len(sent) == 2
    assert (len(first.items), first.total) == (min(number, 2), number)
    if number == 3:
        rest = await outside_services(owner.path, 2015, limit=2, after=first.next)
        assert [one.name for one in [*first.items, *rest.items]] == ["第2次", "第1次", "第0次"]
