"""The first run: its code, what its steps ask of the data, copying at once and over years."""

import asyncio
import re
from dataclasses import replace
from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.accounts.queries import organisation_by_id
from outreach.guide import examples
from outreach.guide.command_line import start_line
from outreach.guide.commands import resume_step, skip_step
from outreach.guide.domain.start_code import is_start_code, start_code
from outreach.guide.domain.steps import (
    MINUTES,
    OPTIONAL,
    Figures,
    Step,
    StepState,
    current_of,
    is_done,
    open_of,
    states_of,
)
from outreach.guide.examples import Copied, copy_programmes, shipped
from outreach.guide.queries import first_steps_of, guide_of
from outreach.programmes.domain.promise import TargetFacts
from outreach.programmes.domain.targets import Bound, Counting, Metric
from outreach.programmes.queries import programmes_of_year, targets_of
from outreach.settings import Settings, secret_of
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from outreach.shared.errors import ForbiddenError, InvalidError, NotFoundError
from tests.conftest import NOW
from tests.factories.accounts import make_actor, make_grant, make_organisation, make_person
from tests.factories.events import make_event, make_provider, make_session, make_venue
from tests.factories.programmes import make_programme, make_target, make_year
from tests.support.queries import counted
from tests.support.serving import command, home_of_its_own, serving

SECRET = b"s" * 40


def test_the_code_is_the_same_in_every_process_and_another_with_another_secret() -> None:
    assert start_code(SECRET) == start_code(SECRET)
    assert start_code(SECRET) != start_code(b"t" * 40)
    groups = start_code(SECRET).split("-")
    assert [len(one) for one in groups] == [4, 4, 4]
    assert set("".join(groups)) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")


@given(st.binary(min_size=1, max_size=64))
def test_the_code_is_known_however_it_is_typed(secret: bytes) -> None:
    code = start_code(secret)

    for typed in (code, code.lower(), code.replace("-", ""), f"  {code.replace('-', ' ')} ", code.replace("-", "—")):
        assert is_start_code(secret, typed)
    assert is_start_code(secret, code.translate({ord(one): ord(one) + 0xFEE0 for one in "ABCDEFGHIJKLMNOP234567"}))
    assert is_start_code(secret, code.replace("O", "0").replace("I", "1").replace("B", "8"))


@given(st.text(max_size=30))
def test_nothing_else_is_the_code(typed: str) -> None:
    letters = "".join(one for one in typed if one.isalnum())

    assert not is_start_code(SECRET, typed) or len(letters) == 12
    assert not is_start_code(SECRET, start_code(SECRET)[:-1])
    assert not is_start_code(SECRET, start_code(SECRET) + "A")


def test_every_step_begins_open_and_can_be_skipped_or_done() -> None:
    assert set(MINUTES) == set(Step)
    assert sum(MINUTES[step] for step in open_of(states_of(Figures(has_organisation=True, has_site=True), ()))) == 10
    for step in Step:
        assert not is_done(step, Figures())
        assert states_of(Figures(), ())[step] is StepState.OPEN
        assert states_of(Figures(), (step,))[step] is StepState.SKIPPED
    everything = Figures(
        has_organisation=True, has_site=True, colleagues=1, programmes=1, targets=1, units=1, contacts=1,
        units_with_contact=1, events=1, providers=1, venues=1, published=1, openings=1, held=1,
    )  # fmt: skip
    assert set(states_of(everything, Step).values()) == {StepState.DONE}
    assert current_of(states_of(everything, ())) is None
    # What need not be done at all is never the next thing to do.
    assert open_of(states_of(replace(everything, held=0), ())) == []
    assert {Step.PAST} == OPTIONAL


async def test_the_line_of_serve_is_there_until_somebody_is(database: None, settings: Settings) -> None:
    line = await start_line(settings, "http://127.0.0.1:8000")
    assert line.endswith(f"http://127.0.0.1:8000/start?code={start_code(secret_of(settings))}")
    assert "No administrator yet" in line
    await make_actor(Role.ADMINISTRATOR, None)

    assert await start_line(settings, "http://127.0.0.1:8000") == ""


async def _guided() -> Actor:
    root = await make_organisation(name="临江市总工会")
    return await make_actor(Role.ORGANISER, root)


async def test_the_figures_are_of_one_tree_and_one_year(database: None) -> None:
    organiser = await _guided()
    root = await organisation_by_id(organiser.grants[0].organisation_id)  # type: ignore[arg-type]
    other = await make_organisation(name="外地总工会")
    theirs = await make_programme(other)
    await make_target(theirs)
    event = await make_event(theirs)
    await make_session(event)
    await make_provider(other)
    await make_venue(other)
    await make_grant(await make_person(), Role.CONTACT, await make_organisation(parent=other))
    await make_actor(Role.ORGANISER, other)

    guide = await guide_of(organiser, NOW, root, 2015)

    assert guide.figures == Figures(has_organisation=True)
    assert guide.current is Step.ORGANISATION
    outside = await guide_of(await make_actor(Role.ORGANISER, other), NOW, await organisation_by_id(other.id), 2016)
    assert (outside.figures.programmes, outside.figures.established) == (0, True)
    assert (outside.figures.colleagues, outside.figures.contacts) == (1, 1)


async def test_who_is_gone_is_no_colleague_and_no_contact(database: None) -> None:
    organiser = await _guided()
    root_id = organiser.grants[0].organisation_id
    assert root_id is not None
    root = await organisation_by_id(root_id)
    from outreach.accounts.tables import Organisation

    row = await Organisation.objects().get(Organisation.id == root_id)
    assert row is not None
    await make_grant(await make_person(disabled_at=NOW), Role.ORGANISER, row)
    await make_grant(await make_person(), Role.ORGANISER, row, until_on=NOW.date())
    await make_grant(await make_person(), Role.CONTACT, row, until_on=NOW.date())
    await make_organisation(parent=row, closed_on=NOW.date())

    figures = (await guide_of(organiser, NOW, root)).figures

    assert (figures.colleagues, figures.contacts, figures.units) == (0, 0, 0)


async def test_the_desk_asks_nothing_once_everything_is_done(database: None, monkeypatch: pytest.MonkeyPatch) -> None:
    organiser = await _guided()
    assert await first_steps_of(organiser, NOW) is not None
    for step in Step:
        await skip_step(organiser, NOW, step=step)
    assert await first_steps_of(organiser, NOW) is None
    await resume_step(organiser, NOW, step=Step.MENU)
    steps = await first_steps_of(organiser, NOW)
    assert steps is not None
    assert (steps.left, steps.next_title) == (1, "菜单")
    part = await make_actor(Role.ORGANISER, await make_organisation(parent=await make_organisation()))
    assert await first_steps_of(part, NOW) is None


async def test_only_who_sets_it_up_skips(database: None) -> None:
    organiser = await _guided()
    root_id = str(organiser.grants[0].organisation_id)
    stranger = await make_actor(Role.ORGANISER, await make_organisation())
    administrator = await make_actor(Role.ADMINISTRATOR, None)
    with pytest.raises(NotFoundError):
        await skip_step(stranger, NOW, step=Step.MENU, organisation=root_id)
    with pytest.raises(ForbiddenError):
        part = await make_organisation(parent=await make_organisation())
        await skip_step(await make_actor(Role.ORGANISER, part), NOW, step=Step.MENU)
    await skip_step(administrator, NOW, step=Step.MENU, organisation=root_id)

    row = await db.row("SELECT organisation, step, skipped_at, skipped_by FROM guide_step")
    assert row is not None
    assert (str(row["organisation"]), row["step"], row["skipped_at"], row["skipped_by"]) == (
        root_id,
        "menu",
        NOW,
        administrator.person_id,
    )


async def test_copied_at_once_each_programme_is_there_once(database: None) -> None:
    organiser = await _guided()
    root_id = organiser.grants[0].organisation_id
    assert root_id is not None
    codes = [one.code for one in shipped()["suzhou-2015"].programmes]

    made = await asyncio.gather(
        *(
            copy_programmes(organiser, NOW, example="suzhou-2015", codes=codes, organisation_id=root_id, year=2016)
            for _ in range(3)
        )
    )

    assert sorted(one.programmes for one in made) == [0, 0, 8]
    assert sorted(one.targets for one in made) == [0, 0, 12]
    rows = await programmes_of_year(2016)
    assert [(row.position, row.code) for row in rows] == list(enumerate(codes, 1))


async def test_every_shipped_programme_can_be_copied_as_it_is(database: None) -> None:
    organiser = await _guided()
    root_id = organiser.grants[0].organisation_id
    assert root_id is not None
    for name, notice in shipped().items():
        year = notice.year + 10
        made = await copy_programmes(
            organiser, NOW, example=name, codes=[one.code for one in notice.programmes], organisation_id=root_id,
            year=year,
        )  # fmt: skip
        assert made.programmes == len(notice.programmes)
        rows = await programmes_of_year(year)
        targets = await targets_of([row.id for row in rows])
        for row, given_ in zip(rows, notice.programmes, strict=True):
            assert (row.code, row.name, row.kinds, row.scheduled) == (
                given_.code, given_.name, given_.kinds, given_.scheduled,
            )  # fmt: skip
            assert [(one.key, one.metric, one.bound, one.value, one.unit) for one in targets[row.id]] == [
                (one.key, one.metric, one.bound, one.value, one.unit) for one in given_.targets
            ]
            said = " ".join([row.department, *row.reservable_by, *(one.label + one.wording for one in targets[row.id])])
            assert not any(place in said for place in ("苏州", "杨浦", "上海", "沪东"))


async def test_values_by_year_move_with_the_year(database: None, monkeypatch: pytest.MonkeyPatch) -> None:
    notice = shipped()["suzhou-2015"]
    ramp = TargetFacts(
        key="covered", metric=Metric.TALLY, unit="%", bound=Bound.AT_LEAST, value=20, counting=Counting.LEVEL,
        label="苏州市总工会服务覆盖", ramp=((2015, 20), (2019, 80)),
    )  # fmt: skip
    programme = replace(
        notice.programmes[0],
        department="苏州市工人文化宫",
        reservable_by=("各级工会", "苏州市女职工委员会"),
        targets=(ramp,),
    )
    monkeypatch.setattr(examples, "shipped", lambda: {"x": replace(notice, programmes=(programme,))})
    organiser = await _guided()
    root_id = organiser.grants[0].organisation_id
    assert root_id is not None

    made = await copy_programmes(organiser, NOW, example="x", codes=["relief"], organisation_id=root_id, year=2017)

    assert made == Copied(1, 1, ())
    [row] = await programmes_of_year(2017)
    assert (row.department, row.reservable_by) == ("", ("各级工会",))
    [target] = (await targets_of([row.id]))[row.id]
    assert (target.label, target.value, target.ramp) == ("总工会服务覆盖", 20, ((2017, 20), (2021, 80)))


async def test_copying_is_for_who_runs_it(database: None) -> None:
    organiser = await _guided()
    stranger = await make_actor(Role.ORGANISER, await make_organisation())
    root_id = organiser.grants[0].organisation_id
    assert root_id is not None
    with pytest.raises(InvalidError):
        await copy_programmes(
            stranger, NOW, example="suzhou-2015", codes=["culture"], organisation_id=root_id, year=2015
        )
    assert await db.value("SELECT count(*) FROM programmes_programme") == 0


async def test_the_guide_asks_the_same_however_much_there_is(database: None) -> None:
    organiser = await _guided()
    root = await organisation_by_id(organiser.grants[0].organisation_id)  # type: ignore[arg-type]
    with counted() as few:
        await guide_of(organiser, NOW, root)
    for year in (2013, 2014, 2015):
        await make_year(root, year=year)  # type: ignore[arg-type]
    with counted() as many:
        await guide_of(organiser, NOW, root)

    assert (len(few), len(many)) == (1, 1)


@pytest.mark.postgres_server
def test_serve_prints_the_address_once_and_the_same_after_a_restart() -> None:
    with home_of_its_own() as home:
        said = []
        for _ in range(2):
            with serving(home) as server:
                server.wait_until_ready()
                said.append(re.findall(r"http://\S+/start\?code=\S+", server.log.read_text(encoding="utf-8")))
                assert urlsplit(said[-1][0])[:2] == urlsplit(server.url)[:2]
                feed = httpx.get(f"{server.url}/subscribe").text
                assert server.url in feed
                assert "http://127.0.0.1:8000" not in feed
                form = httpx.get(said[-1][0])
                assert (form.status_code, form.text.count('name="code"')) == (200, 1)
                assert server.stop() == 0
        command(home, "init", "--admin", "keeper", "--password-stdin", given="three words apart\n")
        with serving(home) as server:
            server.wait_until_ready()
            assert "/start" not in server.log.read_text(encoding="utf-8")
            assert httpx.get(f"{server.url}/start").headers["location"] == "/login"
            assert server.stop() == 0

    assert len({urlsplit(one).query for (one,) in said}) == 1
