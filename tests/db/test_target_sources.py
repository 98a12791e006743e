"""Every figure of a random year can be opened, and what stands behind it adds up: whole, by month, by district."""

from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest

from outreach.accounts.tables import Organisation
from outreach.attendance.tables import Headcount
from outreach.counting.counters import recount
from outreach.counting.figures import ProgrammeProgress
from outreach.counting.queries import district_table, part_progress, programme_progress
from outreach.counting.target_sources import Asked, Source, districts_behind, sources_behind
from outreach.events.tables import EventProvider, Session
from outreach.programmes.domain.targets import Metric
from outreach.programmes.queries import ProgrammeRow, TargetRow, programme_by_id, targets_of
from outreach.shared.errors import InvalidError
from outreach.shared.time import ZONE, local_day
from tests.db.test_counters import be_there
from tests.factories.accounts import make_organisation
from tests.factories.bookings import make_headcount
from tests.factories.events import make_event, make_provider, make_session
from tests.factories.programmes import make_programme, make_tally, make_target
from tests.support.queries import counted

pytestmark = pytest.mark.usefixtures("database")

NOW = datetime(2016, 2, 29, 9, tzinfo=ZONE)
YEAR_END = date(2015, 12, 31)
MONTHS = range(1, 13)


def at(month: int, day: int, hour: int = 14) -> datetime:
    return datetime(2015, month, day, hour, tzinfo=ZONE)


class Year:
    """A city's programme with two districts below it, every metric, and a year by dice."""

    city: Organisation
    districts: list[Organisation]
    programme: ProgrammeRow
    targets: list[TargetRow]

    def __init__(self, seed: int) -> None:
        self.dice = Random(seed)

    async def build(self) -> "Year":
        self.city = await make_organisation(name="市总工会")
        self.districts = [await make_organisation(parent=self.city, kind="federation") for _ in range(2)]
        units = [await make_organisation(parent=one) for one in self.districts] + [
            await make_organisation(parent=self.city)
        ]
        made = await make_programme(self.city)
        promised: tuple[tuple[str, dict[str, Any]], ...] = (
            ("sessions", {}), ("sessions", {"kinds": ["演出"]}), ("visits", {}), ("visits", {"basis": "workers"}),
            ("people", {}), ("people", {"kinds": ["讲座"]}), ("courses", {}), ("lecturers", {"counting": "level"}),
            ("tally", {}), ("tally", {"counting": "level"}),
        )  # fmt: skip
        for position, (metric, given) in enumerate(promised):
            await make_target(made, key=f"t{position}", metric=metric, position=position, value=1000.0, **given)
        self.programme = await programme_by_id(UUID(str(made.id)))
        self.targets = (await targets_of([self.programme.id]))[self.programme.id]
        events = [await make_event(made) for _ in range(4)]
        for number in range(3):
            lecturer = await make_provider(self.city, active=number < 2)
            await EventProvider(event=events[number].id, provider=lecturer.id).save()
        for _ in range(25):
            await self._session(self.dice.choice(events), self.dice.choice([*units, None]))
        for target in self.targets[-2:]:
            for _ in range(6):
                on = date(2014, 11, 1) + timedelta(days=self.dice.randrange(440))
                await make_tally_of(target.id, on, float(self.dice.randrange(50)))
        return self

    async def _session(self, event: object, host: Organisation | None) -> None:
        start = at(1, 1, 9) + timedelta(days=self.dice.randrange(365), hours=self.dice.randrange(14))
        days = self.dice.choice([0, 0, 0, 3])
        session = await make_session(
            event,  # type: ignore[arg-type]
            state=self.dice.choice(["held", "held", "closed", "published", "cancelled"]),
            kind=self.dice.choice(["讲座", "演出"]),
            starts_at=start,
            ends_at=start + timedelta(days=days, hours=2),
            district=self.dice.choice(["姑苏区", "吴中区", ""]),
            host=host.id if host else None,
        )
        for n in range(days + 1):
            on = start.date() + timedelta(days=n)
            if self.dice.random() < 0.5:
                total = self.dice.randrange(1, 60)
                await make_headcount(session, on=on, total=total, workers=self.dice.choice([None, total // 2]))
            for _ in range(self.dice.randrange(4)):
                person = f"p{self.dice.randrange(20)}"
                await be_there(session.id, on, person, worker=self.dice.choice([None, True, False]))


async def make_tally_of(target: UUID, on: date, quantity: float) -> None:
    from outreach.programmes.tables import Target

    found = await Target.objects().get(Target.id == target)
    assert found is not None
    await make_tally(found, on=on, quantity=quantity)


async def opened(year: Year, target: TargetRow, asked: Asked) -> tuple[list[Source], float]:
    """Everything behind a figure, page by page; the sum that is told is that of the lines."""
    found: list[Source] = []
    after: str | None = None
    while True:
        page, figure = await sources_behind(year.programme, target, asked, names=True, limit=7, after=after)
        found += page.items
        if page.next is None:
            assert (page.total, figure) == (len(found), sum(one.amount for one in found))
            assert [(one.at, one.id) for one in found] == sorted((one.at, one.id) for one in found)
            return found, figure
        after = page.next


async def figures(year: Year, as_of: date, within: str | None = None) -> ProgrammeProgress:
    return await programme_progress(year.programme.id, as_of, now=NOW, within=within)


@pytest.mark.parametrize("seed", range(3))
async def test_what_stands_behind_a_figure_adds_up_to_it(seed: int) -> None:
    year = await Year(seed).build()
    if seed % 2:
        await recount(NOW)
    districts = [*await districts_behind(year.programme), "没有的地点"]
    for as_of in (YEAR_END, date(2015, 1, 1) + timedelta(days=year.dice.randrange(364)), NOW.date()):
        shown = {one.id: one for one in (await figures(year, as_of)).targets}
        for target in year.targets:
            _lines, whole = await opened(year, target, Asked(as_of=as_of))
            assert (target.key, whole) == (target.key, shown[target.id].actual)
            if target.metric is not Metric.LECTURERS:
                months = [(await opened(year, target, Asked(as_of=as_of, month=month)))[1] for month in MONTHS]
                assert sum(months) == whole
            if target.metric.comes_from_sessions:
                places = [(await opened(year, target, Asked(as_of=as_of, district=one)))[1] for one in districts]
                assert (sum(places), places[-1]) == (whole, 0)


@pytest.mark.parametrize("seed", [5])
async def test_the_months_of_the_page_are_the_lists_behind_them(seed: int) -> None:
    year = await Year(seed).build()
    shown = await figures(year, YEAR_END)
    for target in (year.targets[0], year.targets[2]):
        behind = [(await opened(year, target, Asked(as_of=YEAR_END, month=month)))[1] for month in MONTHS]
        assert behind == [one.actual for one in shown.months if one.metric is target.metric]


@pytest.mark.parametrize("seed", range(2))
async def test_parts_of_the_tree_and_the_rest_are_the_whole(seed: int) -> None:
    """Sessions and visits of each part; what no session yields belongs to the owner alone."""
    year = await Year(seed).build()
    parts = [one.path for one in year.districts]
    whole = (await figures(year, YEAR_END)).targets
    of_parts = [(await figures(year, YEAR_END, within=path)).targets for path in parts]
    for index, target in enumerate(year.targets):
        for path, counted_there in zip(parts, of_parts, strict=True):
            _lines, behind = await opened(year, target, Asked(as_of=YEAR_END, within=path))
            assert behind == counted_there[index].actual
        if target.metric in (Metric.LECTURERS, Metric.TALLY):
            assert [one[index].actual for one in of_parts] == [0, 0]
        elif target.metric in (Metric.SESSIONS, Metric.VISITS):
            homes = await homes_of_counted(year, target)
            assert [one[index].actual for one in of_parts] == [
                sum(amount for home, amount in homes if home.startswith(path)) for path in parts
            ]
            assert sum(amount for _home, amount in homes) == whole[index].actual


async def homes_of_counted(year: Year, target: TargetRow) -> list[tuple[str, float]]:
    """Each line behind the whole figure with the path of its host, without one of who runs it."""
    paths = {str(one["id"]): one["path"] for one in await Organisation.select(Organisation.id, Organisation.path)}
    lines, _sum = await opened(year, target, Asked(as_of=YEAR_END))
    found = []
    for one in lines:
        session = await Session.objects().get(Session.id == one.id)
        assert session is not None
        found.append((paths[str(session.host or session.organisation)], one.amount))
    return found


async def test_a_part_of_the_tree_has_its_own_programmes_in_full() -> None:
    city = await make_organisation()
    district, other = [await make_organisation(parent=city, kind="federation") for _ in range(2)]
    of_city, of_district = await make_programme(city), await make_programme(district)
    await make_programme(other)
    for programme in (of_city, of_district):
        await make_target(programme, value=3.0)
        event = await make_event(programme)
        for host in (None, other, district):
            owner = {"organisation": programme.organisation, "host": host.id if host else None}
            await make_session(event, state="held", starts_at=at(3, 2), **owner)
    found = await part_progress(2015, YEAR_END, organisation_path=district.path, now=NOW)
    assert [(one.programme.id, one.targets[0].actual) for one in found.programmes] == [
        (of_city.id, 1),
        (of_district.id, 3),
    ]


@pytest.mark.parametrize("seed", [6, 7])
async def test_a_later_day_never_shows_fewer_sessions_or_visits(seed: int) -> None:
    year = await Year(seed).build()
    before = [0.0] * len(year.targets)
    flows = [i for i, one in enumerate(year.targets) if one.metric not in (Metric.TALLY, Metric.LECTURERS)]
    for month in MONTHS:
        for day in (1, 11, 21):
            now = [one.actual for one in (await figures(year, date(2015, month, day))).targets]
            assert [now[i] >= before[i] for i in flows] == [True] * len(flows)
            before = now


@pytest.mark.parametrize("seed", [8])
async def test_by_district_the_table_of_places_is_the_list_behind(seed: int) -> None:
    year = await Year(seed).build()
    rows = await district_table(2015, YEAR_END, year.city.path)
    for row in rows:
        asked = Asked(as_of=YEAR_END, district=row.district)
        assert (await opened(year, year.targets[0], asked))[1] == row.sessions
        assert (await opened(year, year.targets[2], asked))[1] == row.visits
        assert (await opened(year, year.targets[3], asked))[1] == row.workers
    shown = {one.id: one.actual for one in (await figures(year, YEAR_END)).targets}
    assert sum(one.sessions for one in rows) == shown[year.targets[0].id]
    assert sum(one.visits for one in rows) == shown[year.targets[2].id]


async def test_a_correction_changes_no_other_sessions_line() -> None:
    year = await Year(3).build()
    asked, visits = Asked(as_of=YEAR_END), year.targets[2]
    before = {one.id: one.amount for one in (await opened(year, visits, asked))[0]}
    head = await Headcount.objects().where(Headcount.session.is_in(list(before))).first()
    assert head is not None
    await Headcount.update({Headcount.total: head.total + 7, Headcount.workers: None}).where(Headcount.id == head.id)
    after = {one.id: one.amount for one in (await opened(year, visits, asked))[0]}
    session = UUID(str(head.session))
    assert after == before | {session: before[session] + 7}


async def test_a_night_belongs_to_its_days_and_the_year_to_the_start() -> None:
    """From 30 December 20:00 to 2 January: one session of December, visits of four nights, the last two clamped."""
    owner = await make_organisation()
    made = await make_programme(owner)
    await make_target(made, key="s", position=1)
    await make_target(made, key="v", metric="visits", unit="人次", position=2)
    show = await make_session(
        await make_event(made), state="held", starts_at=at(12, 30, 20), ends_at=datetime(2016, 1, 2, 1, tzinfo=ZONE)
    )
    for day, total in ((date(2015, 12, 30), 5), (date(2015, 12, 31), 7), (date(2016, 1, 1), 11)):
        await make_headcount(show, on=day, total=total)

    async def shown(as_of: date) -> list[float]:
        return [one.actual for one in (await programme_progress(UUID(str(made.id)), as_of, now=NOW)).targets]

    days = [date(2015, 12, 29), date(2015, 12, 30), date(2015, 12, 31), date(2016, 1, 1)]
    assert [await shown(day) for day in days] == [[0, 0], [1, 5], [1, 12], [1, 23]]
    assert local_day(show.starts_at) == date(2015, 12, 30)


async def test_the_leap_day_is_a_day_of_february() -> None:
    made = await make_programme(await make_organisation(), year=2016)
    await make_target(made, key="s", position=1)
    target = (await targets_of([UUID(str(made.id))]))[UUID(str(made.id))][0]
    event = await make_event(made)
    await make_session(event, state="held", starts_at=datetime(2016, 2, 29, 23, 59, tzinfo=ZONE))
    await make_session(event, state="held", starts_at=datetime(2016, 3, 1, 0, 0, tzinfo=ZONE))
    programme = await programme_by_id(UUID(str(made.id)))
    seen = []
    for as_of in (date(2016, 2, 28), date(2016, 2, 29), date(2016, 3, 1)):
        asked = Asked(as_of=as_of, month=2)
        seen.append((await sources_behind(programme, target, asked, names=True, limit=5))[1])
    assert seen == [0, 1, 1]
    assert (await programme_progress(programme.id, date(2016, 3, 1), now=NOW)).targets[0].actual == 2


async def test_a_programme_without_sessions_has_nothing_behind_it() -> None:
    year = Year(0)
    made = await make_programme(await make_organisation())
    await make_target(made)
    year.programme = await programme_by_id(UUID(str(made.id)))
    target = (await targets_of([year.programme.id]))[year.programme.id][0]
    assert await opened(year, target, Asked(as_of=YEAR_END)) == ([], 0)


async def test_lecturers_have_no_month_and_entries_no_place() -> None:
    year = await Year(1).build()
    lecturers, tally = year.targets[7], year.targets[8]
    for target, asked, field in (
        (lecturers, Asked(as_of=YEAR_END, month=3), "month"),
        (lecturers, Asked(as_of=YEAR_END, district="吴中区"), "district"),
        (tally, Asked(as_of=YEAR_END, district=""), "district"),
    ):
        with pytest.raises(InvalidError) as refused:
            await sources_behind(year.programme, target, asked, names=True, limit=5)
        assert [one.field for one in refused.value.problems] == [field]


async def test_confidential_programmes_name_neither_place_nor_host_and_guests_only_their_district() -> None:
    city = await make_organisation()
    barracks = await make_organisation(parent=city, kind="guest", name="某部驻军")
    union = await make_organisation(parent=city, name="某厂工会")
    seen = []
    for confidential in (False, True):
        made = await make_programme(city, confidential=confidential)
        await make_target(made)
        event = await make_event(made)
        for day, host in ((2, barracks), (3, union)):
            await make_session(
                event, state="held", starts_at=at(3, day), host=host.id, address="某处", district="虎丘区"
            )
        programme = await programme_by_id(UUID(str(made.id)))
        target = (await targets_of([programme.id]))[programme.id][0]
        for names in (True, False):
            page, figure = await sources_behind(programme, target, Asked(as_of=YEAR_END), names=names, limit=5)
            assert figure == 2
            seen.append([(one.district, one.place, one.host) for one in page.items])
    assert seen == [
        [("虎丘区", "", ""), ("虎丘区", "某处", "某厂工会")],
        [("虎丘区", "", ""), ("虎丘区", "", "")],
        [("", "", ""), ("", "", "")],
        [("", "", ""), ("", "", "")],
    ]


@pytest.mark.parametrize("held", [1, 3])
async def test_a_list_takes_one_statement(held: int) -> None:
    made = await make_programme(await make_organisation())
    await make_target(made, metric="visits", unit="人次")
    event = await make_event(made)
    for number in range(held):
        session = await make_session(event, state="held", starts_at=at(3, 1 + number))
        await make_headcount(session, on=date(2015, 3, 1 + number), total=5)
    programme = await programme_by_id(UUID(str(made.id)))
    target = (await targets_of([programme.id]))[programme.id][0]
    with counted() as statements:
        _page, figure = await sources_behind(programme, target, Asked(as_of=YEAR_END), names=True, limit=50)
    assert (figure, len(statements)) == (5 * held, 1)
