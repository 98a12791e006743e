"""The programme with three targets counted in sessions, each by kinds of its own, and promises over several years."""

from datetime import date, datetime
from uuid import UUID

import pytest

from outreach.accounts.tables import Organisation
from outreach.counting.queries import year_progress
from outreach.events.tables import Event
from outreach.programmes.commands import change_target, create_target, load_programmes
from outreach.programmes.domain.promise import TargetFacts
from outreach.programmes.domain.targets import Bound, Counting, Metric
from outreach.programmes.queries import programmes_of_year, target_by_id, targets_of
from outreach.programmes.tables import Programme
from outreach.programmes.toml import shipped_notices
from outreach.shared.actors import Role
from outreach.shared.errors import InvalidError
from outreach.shared.time import ZONE
from tests.db.test_counters import be_there
from tests.factories.accounts import make_actor, make_organisation
from tests.factories.bookings import make_headcount
from tests.factories.events import make_event, make_session
from tests.factories.programmes import make_programme

pytestmark = pytest.mark.usefixtures("database")

NOW = datetime(2017, 12, 31, 9, tzinfo=ZONE)


async def test_every_figure_of_yangpu_is_counted_by_its_own_kinds() -> None:
    """Counted on paper: contests 2 + 1 of 15, venue subsidies 3, project subsidies 1; 4 fairs; 30 people at trainings,
    one of them twice; two courses with 21 visits."""
    loaded = await load_programmes(shipped_notices()["yangpu-2017"], now=NOW)
    rows = {one.code: one for one in await programmes_of_year(2017)}

    async def hold(code: str, kinds: list[str], *, events: int = 1) -> list[UUID]:
        programme = await Programme.objects().get(Programme.id == rows[code].id)
        assert programme is not None
        menu: list[Event] = [await make_event(programme) for _ in range(events)]
        held = []
        for number, kind in enumerate(kinds):
            at = datetime(2017, 1 + number, 5, 14, tzinfo=ZONE)
            made = await make_session(menu[number % events], kind=kind, state="held", starts_at=at)
            held.append(made.id)
            if code == "gongyi-lexue":
                await make_headcount(made, on=at.date(), total=7)
        return held

    await hold("sports-culture", ["区级赛事", "主题活动", "区级赛事", "场地补贴", "场地补贴", "场地补贴", "项目补贴"])
    await hold("job-fairs", ["招聘会"] * 4)
    await hold("gongyi-lexue", ["培训课程"] * 3, events=2)
    first, second = await hold("craftsmen", ["技师岗位培训"] * 2)
    for number in range(29):
        await be_there(first, date(2017, 1, 5), f"p{number}")
    for person in ("p3", "p30"):
        await be_there(second, date(2017, 2, 5), person)

    owner = await Organisation.objects().get(Organisation.id == loaded.organisation_id)
    assert owner is not None
    year = await year_progress(2017, date(2017, 12, 31), organisation_path=owner.path, now=NOW)
    actual = {(one.programme.code, target.key): target.actual for one in year.programmes for target in one.targets}
    counted = {key: value for key, value in actual.items() if value}
    assert counted == {
        ("sports-culture", "contests"): 3,
        ("sports-culture", "venue-subsidies"): 3,
        ("sports-culture", "project-subsidies"): 1,
        ("job-fairs", "fairs"): 4,
        ("gongyi-lexue", "visits"): 21,
        ("gongyi-lexue", "courses"): 2,
        ("craftsmen", "people"): 30,
    }
    assert len(actual) == 14


def over_years(value: float, *ramp: tuple[int, float]) -> TargetFacts:
    return TargetFacts(
        key="rate", metric=Metric.TALLY, unit="%", bound=Bound.PLAIN, value=value, counting=Counting.LEVEL, ramp=ramp
    )


async def test_a_promise_over_several_years_is_kept_with_its_values() -> None:
    root = await make_organisation()
    actor = await make_actor(Role.ORGANISER, root)
    programme = await make_programme(root)
    made = await create_target(actor, NOW, programme.id, over_years(20, (2015, 20), (2019, 80)))
    assert (await target_by_id(made)).ramp == ((2015, 20), (2019, 80))
    await change_target(actor, NOW, made, over_years(30, (2015, 30), (2016, 40.5)))
    (target,) = (await targets_of([programme.id]))[programme.id]
    assert (target.value, target.ramp) == (30, ((2015, 30), (2016, 40.5)))
    for wrong in (over_years(30, (2016, 40)), over_years(31, (2015, 30))):
        with pytest.raises(InvalidError):
            await change_target(actor, NOW, made, wrong)
    await change_target(actor, NOW, made, over_years(30))
    assert (await target_by_id(made)).ramp == ()
