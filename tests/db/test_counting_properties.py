"""What holds of the figures of every year, whatever took place: found by hypothesis, against a count in plain Python.

Each example is a city of its own, so that examples do not meet.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from outreach.accounts.tables import Organisation
from outreach.attendance.closing.correcting import correct_headcount
from outreach.attendance.domain.headcounts import PART_OF
from outreach.counting.counters import recount
from outreach.counting.coverage.queries import coverage_of
from outreach.counting.figures import CountedSession
from outreach.counting.groups import group_figures
from outreach.counting.months import Cell, Sum, counted_of, month_grid
from outreach.counting.queries import counted_sessions, district_table, part_progress, year_progress
from outreach.counting.scope import Ours, Span
from outreach.programmes.queries import programmes_of_year
from outreach.shared.actors import Role
from outreach.shared.time import ZONE, local_day
from tests.factories.accounts import LONG_AGO, make_actor, make_organisation
from tests.factories.bookings import make_headcount
from tests.factories.events import make_event, make_session
from tests.factories.programmes import make_programme, make_target

pytestmark = pytest.mark.usefixtures("database")

#: Each example writes a city and its sessions.
few = settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])

YEAR = 2016  # a leap year
NOW = datetime(2017, 3, 1, 9, tzinfo=ZONE)
LAST = date(YEAR, 12, 31)
MONTHS = range(1, 13)
DAY = 1440  # minutes
DISTRICTS, KINDS = ("姑苏区", "吴中区", ""), ("演出", "讲座")
COUNTED_STATES = ("held", "closed")


@dataclass(frozen=True)
class Heads:
    """The head-count of one day of a session."""

    day: int
    total: int
    workers: int | None
    migrant: int | None
    young: int | None


@dataclass(frozen=True)
class Happening:
    """A session; ``unit`` is where it is at home: 0 and 1 in a district's part, 2 directly below, 3 at nobody's."""

    minute: int
    days: int
    state: str
    kind: int
    district: int
    unit: int
    heads: tuple[Heads, ...]

    @property
    def starts_at(self) -> datetime:
        return datetime(YEAR, 1, 1, tzinfo=ZONE) + timedelta(minutes=self.minute)


@st.composite
def heads_of(draw: st.DrawFn, day: int) -> Heads:
    total = draw(st.integers(0, 500))
    workers = draw(st.none() | st.integers(0, total))
    migrant = draw(st.none() | st.integers(0, total))
    young = None if migrant is None else draw(st.none() | st.integers(0, migrant))
    return Heads(day, total, workers, migrant, young)


@st.composite
def happenings(draw: st.DrawFn) -> Happening:
    """Any minute of the leap year and of the days around it, over one to four days."""
    days = draw(st.sampled_from((1, 1, 1, 2, 4)))
    known = draw(st.sets(st.integers(0, days - 1)))
    return Happening(
        minute=draw(st.integers(-2 * DAY, 368 * DAY) | st.sampled_from((-1, 0, 59 * DAY, 366 * DAY - 1, 366 * DAY))),
        days=days,
        state=draw(st.sampled_from(("held", "held", "closed", "closed", "published", "cancelled", "draft"))),
        kind=draw(st.integers(0, 1)),
        district=draw(st.integers(0, 2)),
        unit=draw(st.integers(0, 3)),
        heads=tuple(draw(heads_of(day)) for day in sorted(known)),
    )  # fmt: skip


years = st.lists(happenings(), max_size=9)
any_day = st.dates(date(YEAR - 1, 12, 30), date(YEAR + 1, 1, 5))


class City:
    """A city with two programmes (by kind) and what happened in it."""

    city: Organisation
    district: Organisation
    ours: Ours

    async def build(self, happened: list[Happening]) -> "City":
        self.city = await make_organisation(name="市总工会", member_count=1000)
        self.district = await make_organisation(parent=self.city, kind="federation", district="姑苏区")
        units = [
            await make_organisation(parent=self.district, district="姑苏区", member_count=300),
            await make_organisation(parent=self.district, member_count=200),
            await make_organisation(parent=self.city),
        ]
        events = []
        for kind in KINDS:
            programme = await make_programme(self.city, year=YEAR)
            await make_target(programme, key="s", value=50.0)
            await make_target(programme, key="v", metric="visits", unit="人次", position=2, value=900.0)
            await make_target(
                programme, key="w", metric="visits", basis="workers", unit="人次", position=3, value=900.0
            )
            events.append(await make_event(programme, kind=kind))
        self.happened: dict[UUID, Happening] = {}
        for one in happened:
            session = await make_session(
                events[one.kind], kind=KINDS[one.kind], starts_at=one.starts_at, state=one.state,
                ends_at=one.starts_at + timedelta(days=one.days - 1, minutes=90), multi_day=one.days > 1,
                district=DISTRICTS[one.district], host=units[one.unit].id if one.unit < 3 else None,
                published_at=None if one.state == "draft" else LONG_AGO,
            )  # fmt: skip
            self.happened[UUID(str(session.id))] = one
            for head in one.heads:
                groups = {"migrant": head.migrant, "new_generation_migrant": head.young}
                await make_headcount(
                    session, on=local_day(one.starts_at) + timedelta(days=head.day), total=head.total,
                    workers=head.workers, breakdown={name: n for name, n in groups.items() if n is not None},
                )  # fmt: skip
        own = tuple(await programmes_of_year(YEAR, self.city.path))
        self.ours = Ours(path=self.city.path, own=own, above=())
        return self

    async def actuals(self, day: date) -> list[float]:
        found = await year_progress(YEAR, day, organisation_path=self.city.path, now=NOW)
        return [target.actual for one in found.programmes for target in one.targets]

    async def cells(self, day: date) -> list[Cell]:
        return list((await counted_of(self.ours, Span(YEAR, day))).cells)

    async def listed(self, day: date) -> list[CountedSession]:
        return await counted_sessions(YEAR, day, self.city.path)

    def by_hand(self, day: date) -> Counter[tuple[int, str, int, str]]:
        """Programme, district, month and measure → how many, by going through what happened one by one."""
        sums: Counter[tuple[int, str, int, str]] = Counter()
        for one in self.happened.values():
            start = local_day(one.starts_at)
            if one.state not in COUNTED_STATES or start.year != YEAR or start > day:
                continue
            place = (one.kind, DISTRICTS[one.district])
            sums[*place, start.month, "sessions"] += 1
            for head in one.heads:
                on = start + timedelta(days=head.day)
                if on <= day:
                    month = on.month if on.year == YEAR else 12
                    sums[*place, month, "visits"] += head.total
                    sums[*place, month, "workers"] += head.workers or 0
        return sums


def added(sums: Counter[tuple[int, str, int, str]], measure: str, **where: object) -> int:
    names = ("programme", "district", "month")
    return sum(
        n for key, n in sums.items()
        if key[3] == measure and all(key[names.index(name)] == value for name, value in where.items())
    )  # fmt: skip


MEASURES = ("sessions", "visits", "workers")


@few
@given(happened=years, day=any_day, counted_before=st.booleans())
async def test_months_make_the_year_and_districts_the_whole(
    happened: list[Happening], day: date, *, counted_before: bool
) -> None:
    city = await City().build(happened)
    if counted_before:
        await recount(NOW)
    paper = city.by_hand(day)
    assert await city.actuals(day) == [
        added(paper, measure, programme=number) for number in (0, 1) for measure in MEASURES
    ]
    progress = await year_progress(YEAR, day, organisation_path=city.city.path, now=NOW)
    for number, one in enumerate(progress.programmes):
        assert [(figure.metric.value, figure.actual) for figure in one.months] == [
            (measure, added(paper, measure, programme=number, month=month))
            for measure in ("sessions", "visits") for month in MONTHS
        ]  # fmt: skip
    grid = month_grid(await city.cells(day))
    for month, total in zip(MONTHS, grid.months, strict=True):
        assert figures(total) == [added(paper, measure, month=month) for measure in MEASURES]
    for district in DISTRICTS:
        expected = [added(paper, measure, district=district) for measure in MEASURES]
        assert figures(grid.totals.get(district, Sum())) == expected
        rows = [one for one in await district_table(YEAR, day, city.city.path) if one.district == district]
        assert [sum(getattr(one, measure) for one in rows) for measure in MEASURES] == expected
    assert figures(grid.whole) == [added(paper, measure) for measure in MEASURES]
    listed = await city.listed(day)
    assert [len(listed), *(sum(getattr(one, name) or 0 for one in listed) for name in ("visits", "workers"))] == [
        added(paper, measure) for measure in MEASURES
    ]  # fmt: skip


def figures(total: Sum) -> list[int]:
    return [total.sessions, total.visits, total.workers]


@few
@given(happened=years, days=st.lists(any_day, min_size=2, max_size=5))
async def test_a_later_day_never_shows_fewer(happened: list[Happening], days: list[date]) -> None:
    city = await City().build(happened)
    before, seen = [0.0] * 6, dict.fromkeys(city.happened, 0)
    for day in sorted(days):
        now = await city.actuals(day)
        assert all(later >= earlier for later, earlier in zip(now, before, strict=True))
        each = {one.id: one.visits or 0 for one in await city.listed(day)}
        assert all(each.get(name, 0) >= visits for name, visits in seen.items())
        before, seen = now, seen | each


@few
@given(happened=years, day=any_day)
async def test_a_part_is_never_more_than_its_whole(happened: list[Happening], day: date) -> None:
    city = await City().build(happened)
    for cell in await city.cells(day):
        assert 0 <= cell.workers <= cell.visits
    for listed in await city.listed(day):
        assert (listed.workers or 0) <= (listed.visits or 0)
    for row in await district_table(YEAR, day, city.city.path):
        assert row.workers <= row.visits
    groups = {one.group: one for one in await group_figures(city.ours, Span(YEAR, day))}
    whole = Sum.of(await city.cells(day))
    for name, one in groups.items():
        assert one.estimated <= one.visits <= one.of_visits <= whole.visits
        if (parent := PART_OF.get(name)) and name in groups:
            assert one.visits <= groups[parent].visits
    in_part = await part_progress(YEAR, day, organisation_path=city.district.path, now=NOW)
    of_whole = await year_progress(YEAR, day, organisation_path=city.city.path, now=NOW)
    for part, full in zip(in_part.programmes, of_whole.programmes, strict=True):
        assert all(a.actual <= b.actual for a, b in zip(part.targets, full.targets, strict=True))
    covered = await coverage_of(city.city.id, year=YEAR, as_of=day)
    for line in covered.by_organisation:
        assert line.all_visits <= covered.whole.all_visits
        assert line.all_people <= covered.whole.all_people


@few
@given(happened=st.lists(happenings(), min_size=1, max_size=6), dice=st.randoms(use_true_random=False))
async def test_a_correction_changes_the_figures_of_its_session_alone(happened: list[Happening], dice: Random) -> None:
    city = await City().build(happened)
    await recount(NOW)
    known = [
        (name, head) for name, one in city.happened.items() for head in one.heads
        if one.state in COUNTED_STATES and local_day(one.starts_at).year == YEAR
    ]  # fmt: skip
    if not known:
        return
    name, head = dice.choice(known)
    session = city.happened[name]
    before = {one.id: (one.visits, one.workers) for one in await city.listed(LAST + timedelta(days=9))}
    actuals = await city.actuals(LAST + timedelta(days=9))
    actor = await make_actor(Role.ORGANISER, city.city)
    await correct_headcount(
        actor, NOW, session_id=name, field_name="total", on=local_day(session.starts_at) + timedelta(days=head.day),
        value=head.total + 7, reason="签到表漏了一页",
    )  # fmt: skip
    after = {one.id: (one.visits, one.workers) for one in await city.listed(LAST + timedelta(days=9))}
    visits, workers = before[name]
    assert after == before | {name: ((visits or 0) + 7, workers)}
    expected = [*actuals]
    expected[session.kind * 3 + 1] += 7
    assert await city.actuals(LAST + timedelta(days=9)) == expected
