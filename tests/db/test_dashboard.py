"""The analysis of a year: every figure of a small one counted on paper (``tests.support.small_year``)."""

from dataclasses import asdict
from datetime import date, datetime, timedelta

import pytest

from outreach.accounts.tables import Organisation
from outreach.counting.months import Sum, month_grid, sources_of
from outreach.counting.overview import Overview, overview_of
from outreach.counting.queries import counted_sessions, district_table, year_progress
from outreach.counting.scope import Scope, Span, scope_asked, year_earlier
from outreach.programmes.domain.targets import Metric
from outreach.shared.actors import Role
from outreach.shared.errors import ForbiddenError, NotFoundError
from tests.factories.accounts import make_actor, make_organisation
from tests.factories.bookings import make_headcount
from tests.factories.events import make_event
from tests.factories.programmes import make_programme, make_target
from tests.support.queries import counted
from tests.support.small_year import BARRACKS, SITE, TODAY, at, hold, make_small_year

pytestmark = pytest.mark.usefixtures("database")


async def asked(organisation: Organisation, as_of: date = TODAY, year: int = 2015) -> Scope:
    actor = await make_actor(Role.ORGANISER, organisation)
    return await scope_asked(actor, at(9, 15, 9), year=year, as_of=as_of)


async def overview(organisation: Organisation, as_of: date = TODAY, *, years: int = 1, year: int = 2015) -> Overview:
    return await overview_of(await asked(organisation, as_of, year), unserved_years=years, most_units=50)


def pair(sum_: Sum) -> tuple[int, int]:
    return sum_.sessions, sum_.visits


async def test_months_and_districts_of_the_small_year() -> None:
    small = await make_small_year()
    grid = (await overview(small.city)).grid
    cells = {
        (name, month): pair(one) for name, row in grid.rows.items() for month, one in enumerate(row, 1) if one != Sum()
    }
    assert cells == {
        ("姑苏区", 1): (1, 100),
        ("姑苏区", 2): (1, 50),
        ("吴中区", 3): (1, 10),
        ("吴中区", 4): (0, 20),
        ("吴中区", 5): (1, 0),
        ("吴中区", 9): (1, 30),
        ("", 5): (1, 40),
    }
    assert list(grid.rows) == ["吴中区", "姑苏区", ""]
    assert [pair(one) for one in grid.months] == [
        (1, 100), (1, 50), (1, 10), (0, 20), (2, 40), (0, 0), (0, 0), (0, 0), (1, 30), (0, 0), (0, 0), (0, 0),
    ]  # fmt: skip
    assert grid.whole == Sum(sessions=6, visits=250, workers=130, counted=5)
    assert {name: pair(one) for name, one in grid.totals.items()} == {
        "吴中区": (3, 60),
        "姑苏区": (2, 150),
        "": (1, 40),
    }


async def test_figures_that_leaders_ask_for() -> None:
    small = await make_small_year()
    leaders = (await overview(small.city)).leaders
    assert asdict(leaders) == {
        "sums": {"sessions": 6, "visits": 250, "workers": 130, "counted": 5},
        "units": 3,  # 姑苏机械厂, 木渎电子厂 (and its guest), 胥口服饰
        "units_first_time": 1,  # 胥口服饰: the others had a show in 2014
        "ownership_known": 2,
        "non_public": 1,
        "spent_fen": 150_050,
        "budgeted_fen": 120_050,
        "budget_fen": 1_000_000,
        "asked": 6,
        "withdrawn": 1,
        "served": 2,
        "delivery_days": 10.0,  # of 6 and 14
    }
    assert leaders.visits_per_session == 50
    assert leaders.non_public_percent == 50
    assert leaders.budget_percent == pytest.approx(12.005)
    assert leaders.fulfilled_percent == 40


async def test_nothing_to_divide_by_gives_no_figure() -> None:
    owner = await make_organisation()
    await make_programme(owner)
    leaders = (await overview(owner)).leaders
    assert (leaders.units, leaders.units_first_time) == (0, None)
    shares = (leaders.visits_per_session, leaders.non_public_percent, leaders.budget_percent, leaders.fulfilled_percent)
    assert (*shares, leaders.delivery_days) == (None, None, None, None, None)


async def test_districts_per_thousand_members_by_place_and_by_home() -> None:
    small = await make_small_year()
    found = (await overview(small.city)).compared
    rows = [
        (row.name, row.members, pair(row.here), row.here_per_thousand, pair(row.theirs), row.theirs_per_thousand)
        for row in found.districts
    ]
    assert rows == [
        ("姑苏区", 400, (2, 150), 375.0, (1, 100), 250.0),
        ("吴中区", 500, (3, 60), 120.0, (2, 60), 120.0),
    ]
    assert (found.direct.members, pair(found.direct.theirs)) == (100, (0, 0))
    assert (pair(found.own), pair(found.nowhere), pair(found.others)) == ((2, 50), (1, 40), (1, 40))
    assert (found.whole.members, found.whole.here_per_thousand) == (1000, 250.0)


async def test_demand_by_item_of_the_menu() -> None:
    small = await make_small_year()
    demand = (await overview(small.city)).demand
    rows = {
        row.title: (
            row.orders.asked,
            row.orders.served,
            row.orders.unserved,
            row.orders.scheduled,
            row.orders.withdrawn,
        )
        for row in demand.ordered
    }
    assert rows == {"锡剧折子戏": (3, 1, 2, 0, 0), "睡眠与情绪": (3, 1, 0, 1, 1)}
    assert [row.title for row in demand.ordered] == ["锡剧折子戏", "睡眠与情绪"]
    assert [row.title for row in demand.never_ordered] == ["灯谜竞猜"]
    assert asdict(demand.whole) == {
        "asked": 6, "served": 2, "scheduled": 1, "waiting": 1, "declined": 1, "withdrawn": 1,
    }  # fmt: skip


async def test_orders_as_they_stood_on_an_earlier_day() -> None:
    small = await make_small_year()
    whole = (await overview(small.city, date(2015, 9, 4))).demand.whole
    assert asdict(whole) == {
        "asked": 6, "served": 1, "scheduled": 0, "waiting": 5, "declined": 0, "withdrawn": 0,
    }  # fmt: skip


async def test_units_without_a_session_in_so_many_years() -> None:
    small = await make_small_year()
    one = (await overview(small.city, years=1)).unserved
    assert [(unit.name, unit.members, unit.last_on) for unit in one.items] == [("市直机关工会", 100, date(2014, 3, 1))]
    assert (one.total, one.units) == (1, 4)
    two = (await overview(small.city, years=2)).unserved
    assert ([unit.name for unit in two.items], two.total, two.units) == ([], 0, 4)
    # The year before, seen from today: what was served is of that year, what was not is of the two before today.
    then = await overview(small.city, TODAY, years=1, year=2014)
    assert (then.leaders.units, [unit.name for unit in then.unserved.items]) == (3, ["市直机关工会"])
    spring = (await overview(small.city, date(2014, 2, 1), year=2014)).unserved
    assert [(unit.name, unit.last_on) for unit in spring.items] == [
        ("姑苏机械厂工会", None), ("木渎电子厂工会", None), ("胥口服饰工会", None), ("市直机关工会", None),
        ("撤并的工会", None),  # closed a year later
    ]  # fmt: skip


async def test_the_year_before_at_the_same_day() -> None:
    small = await make_small_year()
    found = await overview(small.city)
    assert [(one.mark, one.now and pair(one.now), one.before and pair(one.before)) for one in found.years] == [
        ("文", (4, 220), (2, 79)),
        ("心", (2, 30), None),
    ]
    assert pair(found.before) == (2, 79)
    later = await overview(small.city, date(2015, 9, 16))
    assert pair(later.before) == (3, 84)


def test_the_same_day_a_year_earlier() -> None:
    assert year_earlier(date(2016, 2, 29)) == date(2015, 2, 28)
    assert year_earlier(date(2015, 2, 28)) == date(2014, 2, 28)
    assert year_earlier(date(2015, 12, 31)) == date(2014, 12, 31)


async def test_quarters_against_shares_that_are_set_and_against_the_published_plan() -> None:
    small = await make_small_year()
    lines = (await overview(small.city)).quarters
    figures = [
        (line.programme.code, line.is_set, [(q.actual, q.percent, q.planned_percent) for q in line.quarters])
        for line in lines
    ]
    assert figures == [
        ("culture", True, [(3, 30, 30), (1, 10, 30), (0, 0, 30), (0, 0, 10)]),
        ("talks", False, [(0, 0, 0), (0, 0, 50), (30, 30, 25), (0, 0, 25)]),
    ]


async def test_months_and_districts_are_the_figures_of_everything_else() -> None:
    """At any day: equal to the progress, to the table of the report and to the list of sessions; never fewer later."""
    small = await make_small_year()
    before = Sum()
    for day in (date(2015, 1, 9), date(2015, 2, 28), date(2015, 3, 31), date(2015, 4, 1), TODAY, date(2016, 3, 1)):
        scope = await asked(small.city, day)
        grid = (await overview_of(scope, unserved_years=1, most_units=1)).grid
        progress = await year_progress(2015, day, organisation_path=small.city.path, now=at(9, 15, 9))
        listed = await counted_sessions(2015, day, small.city.path)
        by_place = await district_table(2015, day, small.city.path)
        months = {
            (metric, month): sum(
                one.actual for programme in progress.programmes for one in programme.months
                if (one.metric, one.month) == (metric, month)
            )
            for metric in (Metric.SESSIONS, Metric.VISITS)
            for month in range(1, 13)
        }  # fmt: skip
        assert grid.whole.sessions == len(listed)
        assert grid.whole.visits == sum(one.visits or 0 for one in listed)
        for name, total in grid.totals.items():
            there = [one for one in by_place if one.district == name]
            assert pair(total) == (sum(one.sessions for one in there), sum(one.visits for one in there))
        for month, one in enumerate(grid.months, 1):
            assert (one.sessions, one.visits) == (months[Metric.SESSIONS, month], months[Metric.VISITS, month])
        assert sum(one.visits for one in grid.months) == sum(one.visits for one in grid.totals.values())
        assert (before.sessions <= grid.whole.sessions, before.visits <= grid.whole.visits) == (True, True)
        before = grid.whole


async def test_every_figure_can_be_opened_and_adds_up() -> None:
    small = await make_small_year()
    scope = await asked(small.city)
    grid = (await overview_of(scope, unserved_years=1, most_units=1)).grid
    for name, row in grid.rows.items():
        for month, one in enumerate(row, 1):
            found, sums = await sources_of(scope.now, scope.span, month=month, district=name, limit=50)
            assert (sums.sessions, sums.visits) == pair(one)
            assert sum(source.counts for source in found.items) == one.sessions
            assert sum(source.visits or 0 for source in found.items) == one.visits
    found, sums = await sources_of(scope.now, scope.span, limit=50)
    assert (found.total, *pair(sums)) == (6, 6, 250)
    part, sums = await sources_of(scope.now, scope.span, limit=2, offset=2)
    assert ([one.id for one in part.items], part.total, pair(sums)) == (
        [small.sessions[3].id, small.sessions[4].id], 6, (6, 250),
    )  # fmt: skip


async def test_what_must_not_be_named_is_not_in_the_sources() -> None:
    small = await make_small_year()
    scope = await asked(small.city)
    found, _sums = await sources_of(scope.now, scope.span, limit=50)
    shown = {one.id: (one.place, one.host) for one in found.items}
    assert shown[small.sessions[4].id] == ("", "")  # a guest's: its district, and none was given
    assert shown[small.sessions[6].id] == ("", "")  # confidential
    assert shown[small.sessions[1].id] == ("吴中区木渎镇职工活动中心三楼报告厅", "姑苏机械厂工会")
    assert BARRACKS not in str(found.items)
    assert SITE not in str(found.items)


async def test_a_part_of_the_tree_has_what_is_at_home_in_it() -> None:
    small = await make_small_year()
    found = await overview(small.district)
    assert pair(found.grid.whole) == (3, 100)  # sessions 3, 4 (its guest's) and 6
    assert {row.name: (row.members, pair(row.here)) for row in found.compared.districts} == {"吴中区": (500, (2, 60))}
    assert (found.leaders.units, found.leaders.spent_fen, found.leaders.budget_fen) == (2, 0, 0)
    assert found.demand.whole.asked == 3  # those of 胥口服饰
    assert [unit.name for unit in found.unserved.items] == []
    assert found.quarters == []  # the promise is the city's
    offices = await overview(small.offices, years=1)
    assert pair(offices.grid.whole) == (0, 0)


async def test_who_may_ask_for_which_part() -> None:
    small = await make_small_year()
    now = at(9, 15, 9)
    district = await make_actor(Role.ORGANISER, small.district)
    scope = await scope_asked(district, now, year=None, as_of=None)
    assert (scope.owner.id, scope.span) == (small.district.id, Span(2015, TODAY))
    below = await scope_asked(district, now, year=2014, as_of=None, organisation=str(small.clothes.id))
    assert (below.owner.id, below.span) == (small.clothes.id, Span(2014, date(2014, 12, 31)))
    with pytest.raises(ForbiddenError):
        await scope_asked(district, now, year=None, as_of=None, organisation=str(small.city.id))
    with pytest.raises(NotFoundError):
        await scope_asked(district, now, year=None, as_of=None, organisation=str(small.machines.id))
    with pytest.raises(NotFoundError):
        await scope_asked(district, now, year=None, as_of=None, organisation="nowhere")
    with pytest.raises(ForbiddenError):
        contact = await make_actor(Role.CONTACT, small.machines)
        await scope_asked(contact, now, year=None, as_of=None, organisation=str(small.machines.id))
    admin = await make_actor(Role.ADMINISTRATOR, None)
    assert (await scope_asked(admin, now, year=None, as_of=None)).owner.id == small.city.id


async def _grown(owner: Organisation, programmes: int, first_year: int = 2015) -> None:
    for year in range(first_year, 2016):
        for number in range(programmes):
            programme = await make_programme(owner, year=year, code=f"c{number}")
            await make_target(programme)
            event = await make_event(programme)
            for month in (1, 5, 9):
                await hold(event, at(month, 1 + number, year=year), 10, district=f"第{number}区")


async def test_a_fixed_number_of_statements() -> None:
    """Equal for one programme of one year and for three of three years."""
    small = await make_organisation()
    large = await make_organisation()
    await _grown(small, 1)
    await _grown(large, 3, first_year=2013)
    for owner in (small, large):
        actor = await make_actor(Role.ORGANISER, owner)
        with counted() as sent:
            scope = await scope_asked(actor, at(9, 15, 9), year=2015, as_of=TODAY)
            await overview_of(scope, unserved_years=2, most_units=10)
        assert len(sent) == 10


def test_an_empty_grid() -> None:
    assert (month_grid([]).rows, month_grid([]).most_sessions, month_grid([]).whole) == ({}, 0, Sum())


async def test_a_session_over_midnight_and_the_last_hour_of_the_year() -> None:
    """31 December 16:00 UTC is the next year's; the visits of a session that runs into it stay in December."""
    owner = await make_organisation()
    event = await make_event(await make_programme(owner))
    late = await hold(event, at(12, 31, 23, 59), 40, district="姑苏区")
    next_year: datetime = at(1, 1, 0, 0, year=2016)
    await hold(event, next_year, 70, district="姑苏区")
    await make_headcount(late, on=date(2016, 1, 1), total=2)
    grid = (await overview(owner, date(2015, 12, 31))).grid
    assert (pair(grid.months[11]), pair(grid.whole)) == ((1, 40), (1, 40))
    grid = (await overview(owner, date(2016, 1, 1) + timedelta(days=1))).grid
    assert (pair(grid.months[11]), pair(grid.whole)) == ((1, 42), (1, 42))
