"""统计表 through the tree: a tree small enough to count on paper, and everything that may not happen."""

import asyncio
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from outreach.attendance.tables import Attendee
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from outreach.shared.errors import ForbiddenError, InvalidError, NotFoundError, OutreachError, StaleError
from outreach.shared.time import ZONE
from outreach.statistics.commands.deciding import correct_table, lock_table, remind_below, return_table
from outreach.statistics.commands.filling import hand_in, save_values
from outreach.statistics.commands.opening import open_below, open_form
from outreach.statistics.domain.errors import (
    AlreadyOpenedError,
    NobodyBelowError,
    TableStateError,
    UpperHandedInError,
)
from outreach.statistics.domain.states import TableState
from outreach.statistics.domain.values import Entry, Value
from outreach.statistics.filled import Filled, filled_table
from outreach.statistics.keeping import forms_known_to, store_form
from outreach.statistics.queries import TableRow, lower_tables, readable_table, table_by_id, tables_page
from outreach.statistics.toml import shipped_forms
from tests.factories.accounts import make_actor, make_organisation
from tests.factories.bookings import make_headcount
from tests.factories.events import make_event, make_session
from tests.factories.programmes import make_programme, make_tally, make_target
from tests.factories.statistics import CENTRES, THEN, WARMTH, StatisticsWorld
from tests.support.queries import counted

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
async def world(database: None) -> StatisticsWorld:
    return await StatisticsWorld().build()


def typed(**values: float | bool) -> dict[str, Entry]:
    """``_9B1=120``: what is typed, without notes."""
    return {
        name.strip("_"): Entry(value if isinstance(value, bool) else Decimal(str(value)))
        for name, value in values.items()
    }


async def opened(world: StatisticsWorld, form: str = WARMTH, year: int = 2016) -> dict[str, TableRow]:
    """The form opened by the city and handed on by both districts; tables by organisation's code."""
    top = await open_form(world.organiser, THEN, form=form, year=year, organisation_id=world.city.id)
    for actor, district in ((world.east_organiser, world.east), (world.west_organiser, world.west)):
        table = await table_of(top, district.id)
        await open_below(actor, THEN, table_id=table.id, due_on=date(2016, 1, 10) if form == WARMTH else None)
    rows = (await tables_page(world.organiser, year=year, form_code=form, limit=50)).items
    return {row.organisation_code: row for row in rows}


async def table_of(top: TableRow, organisation_id: UUID) -> TableRow:
    found = await db.value(
        "SELECT id FROM statistics_table WHERE round = $1 AND organisation = $2", top.round_id, organisation_id
    )
    row = await table_by_id(found)
    assert row is not None
    return row


async def seen(row: TableRow) -> Filled:
    fresh = await table_by_id(row.id)
    assert fresh is not None
    return await filled_table(fresh)


async def totals(row: TableRow) -> dict[str, Value]:
    return {cell: value for cell, value in (await seen(row)).totals.items() if value is not None}


async def report(actor: Actor, row: TableRow, **values: float | bool) -> None:
    await save_values(actor, THEN, table_id=row.id, entries=typed(**values), then_hand_in=True)


def codes(refused: pytest.ExceptionInfo[InvalidError]) -> list[tuple[str, str]]:
    return [(problem.field, problem.code) for problem in refused.value.problems]


# --- the tree on paper ---------------------------------------------------------------------------------------------


async def test_three_units_two_districts_and_a_city_roll_up_exactly(world: StatisticsWorld) -> None:
    """
    | cell                  | mill   | dock | east own | east   | farm  | west own | west  | city own | city    |
    |-----------------------|--------|------|----------|--------|-------|----------|-------|----------|---------|
    | 1A1 职工总数           | 300    | 200  | 20       | 520    | 100   | —        | 100   | 5        | 625     |
    | 1A2 其中农民工         | 120    | 80   | 0        | 200    | 60    | —        | 60    | —        | 260     |
    | 5A1 筹集慰问款物 万元   | 12.50  | 3.25 | —        | 15.75  | 0.05  | —        | 0.05  | 100      | 115.80  |
    | 7C1 就业岗位           | 0      | —    | —        | 0      | —     | —        | —     | —        | 0       |
    """
    tables = await opened(world)
    await report(world.contact, tables["MILL"], _1A1=300, _1A2=120, _5A1=12.5, _7C1=0)
    await report(world.dock_contact, tables["DOCK"], _1A1=200, _1A2=80, _5A1=3.25)
    await report(world.east_organiser, tables["EAST"], _1A1=20, _1A2=0)
    await report(world.farm_contact, tables["FARM"], _1A1=100, _1A2=60, _5A1=0.05)
    await report(world.west_organiser, tables["WEST"])
    await report(world.organiser, tables["CITY"], _1A1=5, _5A1=100)

    assert await totals(tables["EAST"]) == {"1A1": 520, "1A2": 200, "5A1": Decimal("15.75"), "7C1": 0}
    assert await totals(tables["WEST"]) == {"1A1": 100, "1A2": 60, "5A1": Decimal("0.05")}
    assert await totals(tables["CITY"]) == {"1A1": 625, "1A2": 260, "5A1": Decimal("115.80"), "7C1": 0}
    city = await seen(tables["CITY"])
    assert (city.figures["1A1"].own, city.figures["1A1"].below) == (5, 620)
    assert city.blanks == 67 - 4  # zero is reported, the others are not


async def test_yes_and_no_are_not_summed(world: StatisticsWorld) -> None:
    tables = await opened(world, CENTRES, 2015)
    await report(world.contact, tables["MILL"], _5A1=10, _5B1=True, _8A1=4, _8A2=1.5)
    await report(world.dock_contact, tables["DOCK"], _5A1=10, _5B1=False)

    east = await seen(tables["EAST"])

    assert (east.totals["5B1"], east.totals["5A1"], east.figures["5A1"].below) == (True, None, 20)
    assert (east.totals["8A1"], east.totals["8A2"]) == (4, Decimal("1.5"))


async def test_only_what_is_handed_in_counts_above(world: StatisticsWorld) -> None:
    tables = await opened(world)
    await save_values(world.contact, THEN, table_id=tables["MILL"].id, entries=typed(_1A1=300))
    assert await totals(tables["EAST"]) == {}

    await hand_in(world.contact, THEN, table_id=tables["MILL"].id)
    assert await totals(tables["EAST"]) == {"1A1": 300}

    await return_table(world.east_organiser, THEN, table_id=tables["MILL"].id, note="农民工没有填")
    assert await totals(tables["EAST"]) == {}


async def test_the_upper_sees_who_is_missing_and_reminds_once_a_day(world: StatisticsWorld) -> None:
    tables = await opened(world)
    await report(world.dock_contact, tables["DOCK"], _1A1=200)
    east = await readable_table(world.east_organiser, tables["EAST"].id)

    assert (east.waiting, east.handed_in, east.locked) == (1, 1, 0)
    below = await lower_tables(east.id)
    assert [(row.organisation_code, row.state) for row in below] == [("MILL", "open"), ("DOCK", "submitted")]
    assert [row.due_on for row in below] == [date(2016, 1, 10)] * 2

    assert await remind_below(world.east_organiser, THEN, table_id=east.id) == 1
    assert await remind_below(world.east_organiser, THEN, table_id=east.id) == 0
    assert await remind_below(world.east_organiser, THEN + timedelta(days=1), table_id=east.id) == 1
    told = await db.rows(
        """SELECT kind, facts FROM notifications_outbox_message WHERE organisation_id = $1 ORDER BY created_at, id""",
        world.mill.id,
    )
    assert [row["kind"] for row in told] == ["statistics-due"] * 3  # opening, and two days
    assert '"oldest":"2016-01-10"' in told[0]["facts"].replace(" ", "")


# --- what a rule counts ----------------------------------------------------------------------------------------------


async def a_show(organisation: Any, on: datetime, code: str = "culture", **given: Any) -> Any:
    programme = given.pop("programme", None) or await make_programme(
        organisation, year=on.year, code=code, kinds=["演出"]
    )
    event = await make_event(programme, kind="演出")
    return await make_session(event, kind="演出", state="held", starts_at=on, ends_at=on + timedelta(hours=2), **given)


def at(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T14:00").replace(tzinfo=ZONE)


async def test_rules_count_what_belongs_to_each_and_nothing_twice(world: StatisticsWorld) -> None:
    """The city's troupe had 500 visits, 40 of 新生代农民工, the east district's 90; before and after more."""
    inside = await a_show(world.city, at("2015-12-31"))
    await make_headcount(
        inside, on=date(2015, 12, 31), total=500, breakdown={"migrant": 60, "new_generation_migrant": 40}
    )
    before = await a_show(world.city, at("2015-12-21"), code="other")
    await make_headcount(before, on=date(2015, 12, 21), total=7000)
    after = await a_show(world.city, at("2016-01-13"))  # after the cut-off, before the festival
    await make_headcount(after, on=date(2016, 1, 13), total=9000)
    hosted = await a_show(world.east, at("2016-01-02"), host=world.mill.id)
    await make_headcount(hosted, on=date(2016, 1, 2), total=90)
    tables = await opened(world)

    city, east, west, mill = [await seen(tables[code]) for code in ("CITY", "EAST", "WEST", "MILL")]

    assert [city.figures[cell].rule for cell in ("9B1", "9B2")] == [500, 40]
    assert [east.figures[cell].rule for cell in ("9B1", "9B2")] == [90, 0]
    assert (west.figures["9B1"].rule, mill.figures["9B1"].rule) == (None, None)  # not theirs, so nothing is known
    await report(world.contact, tables["MILL"])
    await report(world.dock_contact, tables["DOCK"])
    await report(world.east_organiser, tables["EAST"], _9T1=90, _9T2=0)
    assert {cell: (await totals(tables["CITY"]))[cell] for cell in ("9B1", "9B2")} == {"9B1": 590, "9B2": 40}


async def test_a_district_without_tables_below_counts_all_below_it(world: StatisticsWorld) -> None:
    own = await a_show(world.mill, at("2016-01-02"))
    await make_headcount(own, on=date(2016, 1, 2), total=33)
    top = await open_form(world.organiser, THEN, form=WARMTH, year=2016, organisation_id=world.city.id)
    east = await table_of(top, world.east.id)
    assert (await seen(east)).figures["9B1"].rule == 33

    await open_below(world.east_organiser, THEN, table_id=east.id)
    assert (await seen(east)).figures["9B1"].rule is None
    assert (await seen(await table_of(top, world.mill.id))).figures["9B1"].rule == 33


EVERY_FIGURE = """
code = "every"
title = "各种算法"
[period]
from = { on = "01-01" }
until = { on = "12-31" }
[cut_off]
on = "12-31"
[hand_in]
on = "01-12"
years = 1
[[item]]
number = 1
[[item.row]]
text = "{s}{h}{w}{t}{l}{m}{f}"
cells = [
  { id = "s", label = "场次", rule = { figure = "sessions", programmes = ["culture"], kinds = ["演出"] } },
  { id = "h", label = "在本单位办的场次", rule = { figure = "sessions", programmes = ["culture"], by = "host" } },
  { id = "w", label = "职工人次", rule = { figure = "visits", programmes = ["culture"], workers = true } },
  { id = "t", label = "发放", rule = { figure = "tally", programmes = ["books"], target = "given" } },
  { id = "l", label = "在读", rule = { figure = "tally", programmes = ["books"], target = "level" } },
  { id = "m", label = "会员", rule = { figure = "members" } },
  { id = "f", label = "女会员", rule = { figure = "women_members" } },
]
"""


async def test_every_word_of_the_vocabulary(world: StatisticsWorld) -> None:
    await db.execute(
        "UPDATE accounts_organisation SET member_count = 560, women_count = 10 WHERE id = $1", world.east.id
    )
    culture = await make_programme(world.east, year=2015, code="culture", kinds=["演出", "讲座"])
    one = await a_show(world.east, at("2015-05-12"), programme=culture, host=world.mill.id)
    await make_headcount(one, total=100, workers=70)
    await a_show(world.east, at("2015-06-12"), programme=culture)
    await make_session(
        await make_event(culture), kind="讲座", state="closed", starts_at=at("2015-07-01"), ends_at=at("2015-07-02")
    )
    await make_session(
        await make_event(culture), kind="演出", state="cancelled", starts_at=at("2015-07-01"), ends_at=at("2015-07-02")
    )
    books = await make_programme(world.east, year=2015, code="books", scheduled=False)
    given, level = (
        await make_target(books, key="given", metric="tally"),
        await make_target(books, key="level", metric="tally", counting="level"),
    )
    for on, quantity in ((date(2015, 3, 1), 20.0), (date(2015, 9, 1), 30.0)):
        await make_tally(given, on=on, quantity=quantity)
        await make_tally(level, on=on, quantity=quantity)
    await store_form(world.organiser, THEN, content=EVERY_FIGURE.encode())
    top = await open_form(world.east_organiser, THEN, form="every", year=2015, organisation_id=world.east.id)
    mill = await table_of(top, world.mill.id)

    rules = {cell: figures.rule for cell, figures in (await seen(top)).figures.items()}
    assert rules == {"s": 2, "h": 2, "w": 70, "t": 50, "l": 30, "m": 60, "f": 10}  # 560 members but those of two units
    below = {cell: figures.rule for cell, figures in (await seen(mill)).figures.items()}
    assert below == {"s": None, "h": 1, "w": None, "t": None, "l": None, "m": 300, "f": None}


async def test_people_who_checked_in_count_where_nobody_counted_heads(world: StatisticsWorld) -> None:
    show = await a_show(world.east, at("2016-01-02"))
    groups: tuple[list[str], ...] = (["migrant", "new_generation_migrant"], ["migrant"], [])
    for number, own in enumerate(groups):
        await Attendee(
            session=show.id, on=date(2016, 1, 2), identity=f"{number}", groups=own, present=True, came_by="list",
            checked_in_at=THEN, created_at=THEN, changed_at=THEN,
        ).save()  # fmt: skip
    east = (await opened(world))["EAST"]

    assert [(await seen(east)).figures[cell].rule for cell in ("9B1", "9B2")] == [3, 1]
    await make_headcount(show, on=date(2016, 1, 2), total=50, breakdown={"new_generation_migrant": 9})
    assert [(await seen(east)).figures[cell].rule for cell in ("9B1", "9B2")] == [50, 9]


async def test_a_figure_of_the_system_is_overwritten_with_a_note_only(world: StatisticsWorld) -> None:
    show = await a_show(world.city, at("2016-01-02"))
    await make_headcount(show, on=date(2016, 1, 2), total=500)
    tables = await opened(world)
    with pytest.raises(InvalidError) as refused:
        await save_values(world.organiser, THEN, table_id=tables["CITY"].id, entries=typed(_9B1=620))
    assert codes(refused) == [("9B1", "note-needed")]

    entries = {"9B1": Entry(Decimal(620), "工人文化宫另有一场没有登记")}
    await save_values(world.organiser, THEN, table_id=tables["CITY"].id, entries=entries)

    cell = (await seen(tables["CITY"])).figures["9B1"]
    assert [cell.total, cell.rule] == [620, 500]
    assert (cell.overwritten, cell.entry.note) == (True, "工人文化宫另有一场没有登记")


# --- what is refused -------------------------------------------------------------------------------------------------


async def test_a_part_above_its_whole_is_refused_and_nothing_is_stored(world: StatisticsWorld) -> None:
    tables = await opened(world)
    with pytest.raises(InvalidError) as refused:
        await save_values(world.contact, THEN, table_id=tables["MILL"].id, entries=typed(_1A1=100, _1A2=101, _2A1=3))
    assert codes(refused) == [("1A2", "part-above-whole")]
    assert refused.value.problems[0].facts["whole"] == "当地职工总数"
    assert await totals(tables["MILL"]) == {}

    with pytest.raises(InvalidError) as refused:
        await report(world.contact, tables["MILL"], _1A2=5)
    assert codes(refused) == [("1A2", "part-without-whole")]


async def test_a_sum_that_differs_is_stored_with_a_warning(world: StatisticsWorld) -> None:
    tables = await opened(world)
    await report(world.contact, tables["MILL"], _5A1=100, _5B1=60, _5C1=39)

    assert [(one.cell, one.parts) for one in (await seen(tables["MILL"])).warnings] == [("5A1", Decimal(99))]


@pytest.mark.parametrize(
    ("entries", "problem"),
    [
        ({"99": Entry(Decimal(1))}, ("99", "no-such-cell")),
        ({"1A1": Entry(Decimal("1.5"))}, ("1A1", "not-whole-of-unit")),
        ({"1A1": Entry(value=True)}, ("1A1", "not-number")),
        ({"1A1": Entry(Decimal(1), "长" * 201)}, ("1A1", "too-long")),
    ],
)
async def test_what_no_cell_takes(
    world: StatisticsWorld, entries: Mapping[str, Entry], problem: tuple[str, str]
) -> None:
    tables = await opened(world)
    with pytest.raises(InvalidError) as refused:
        await save_values(world.contact, THEN, table_id=tables["MILL"].id, entries=entries)

    assert codes(refused) == [problem]


async def test_two_at_once_the_second_is_told(world: StatisticsWorld) -> None:
    tables = await opened(world)

    async def save(value: int) -> TableRow:
        return await save_values(world.contact, THEN, table_id=tables["MILL"].id, entries=typed(_1A1=value), revision=1)

    results = await asyncio.gather(*(save(value) for value in (300, 301)), return_exceptions=True)

    assert [type(one) for one in results if isinstance(one, Exception)] == [StaleError]
    assert sum(isinstance(one, TableRow) for one in results) == 1


async def test_a_unit_that_hands_in_meanwhile_is_in_the_sum_and_the_list_or_in_neither(world: StatisticsWorld) -> None:
    tables = await opened(world)
    await report(world.dock_contact, tables["DOCK"], _1A1=200)
    await asyncio.gather(
        report(world.contact, tables["MILL"], _1A1=300), hand_in(world.east_organiser, THEN, table_id=tables["EAST"].id)
    )

    total, late = (await totals(tables["EAST"]))["1A1"], [one.late for one in await lower_tables(tables["EAST"].id)]

    assert (total, sum(late)) in ((500, 0), (200, 1))


# --- return, lock, correct -------------------------------------------------------------------------------------------


async def test_return_submit_lock_and_correct(world: StatisticsWorld) -> None:
    tables = await opened(world)
    mill = tables["MILL"].id
    with pytest.raises(TableStateError):
        await return_table(world.east_organiser, THEN, table_id=mill, note="还没有报")
    await report(world.contact, tables["MILL"], _1A1=300, _1A2=120)
    with pytest.raises(TableStateError):
        await save_values(world.contact, THEN, table_id=mill, entries={})
    with pytest.raises(InvalidError):
        await return_table(world.east_organiser, THEN, table_id=mill, note="  ")
    returned = await return_table(world.east_organiser, THEN, table_id=mill, note="农民工数不对")
    assert (returned.state, returned.returned_note) == (TableState.RETURNED, "农民工数不对")
    await report(world.contact, tables["MILL"], _1A1=300, _1A2=130)
    with pytest.raises(TableStateError):
        await correct_table(world.east_organiser, THEN, table_id=mill, values={"1A1": Decimal(1)}, reason="太早")
    locked = await lock_table(world.east_organiser, THEN, table_id=mill)
    assert (locked.state, locked.returned_note) == (TableState.LOCKED, "")
    with pytest.raises(TableStateError):
        await return_table(world.east_organiser, THEN, table_id=mill, note="锁定以后")

    later = THEN + timedelta(days=3)
    await correct_table(
        world.east_organiser, later, table_id=mill, values={"1A1": Decimal(310), "1A2": Decimal(130)}, reason="漏报10人"
    )

    filled = await seen(tables["MILL"])
    assert filled.totals["1A1"] == 310
    assert [(one.cell, one.old_value, one.new_value, one.reason) for one in filled.corrections] == [
        ("1A1", 300, 310, "漏报10人")
    ]
    assert (await totals(tables["EAST"]))["1A1"] == 310  # still open: it follows
    actions = await db.rows("SELECT action FROM accounts_journal WHERE object_id = $1 ORDER BY id", mill)
    assert [row["action"] for row in actions] == [
        "statistics.changed",
        "statistics.submitted",
        "statistics.returned",
        "statistics.changed",
        "statistics.submitted",
        "statistics.locked",
        "statistics.corrected",
    ]


@pytest.mark.parametrize(
    ("values", "reason", "problem"),
    [
        ({"1A2": Decimal(301)}, "改", ("1A2", "part-above-whole")),
        ({"1A1": Decimal(300)}, "没有改", ("values", "nothing-to-correct")),
        ({"1A1": Decimal(301)}, " ", ("reason", "required")),
        ({"0": Decimal(301)}, "改", ("0", "no-such-cell")),
        ({"1A1": Decimal(-1)}, "改", ("1A1", "below-zero")),
    ],
)
async def test_a_correction_keeps_the_rules(
    world: StatisticsWorld, values: dict[str, Value], reason: str, problem: tuple[str, str]
) -> None:
    tables = await opened(world)
    await report(world.contact, tables["MILL"], _1A1=300, _1A2=120)
    await lock_table(world.organiser, THEN, table_id=tables["MILL"].id)
    with pytest.raises(InvalidError) as refused:
        await correct_table(world.organiser, THEN, table_id=tables["MILL"].id, values=values, reason=reason)

    assert codes(refused) == [problem]
    assert (await totals(tables["MILL"]))["1A1"] == 300


async def test_a_late_unit_is_seen_above_and_taken_in_by_a_correction(world: StatisticsWorld) -> None:
    tables = await opened(world)
    await report(world.dock_contact, tables["DOCK"], _1A1=200)
    await report(world.east_organiser, tables["EAST"], _1A1=20)
    await lock_table(world.organiser, THEN, table_id=tables["EAST"].id)
    with pytest.raises(UpperHandedInError):
        await return_table(world.east_organiser, THEN, table_id=tables["DOCK"].id, note="太晚")

    await report(world.contact, tables["MILL"], _1A1=300)

    east = await seen(tables["EAST"])
    assert (east.totals["1A1"], east.moved) == (220, {"1A1": 520})
    assert {row.organisation_code: row.late for row in await lower_tables(east.row.id)} == {"MILL": True, "DOCK": False}
    await correct_table(
        world.organiser, THEN, table_id=east.row.id, values={"1A1": Decimal(520)}, reason="机械厂晚报，补入"
    )
    east = await seen(tables["EAST"])
    assert (east.totals["1A1"], east.moved, east.corrected["1A1"].old_value) == (520, {}, 220)


# --- opening ---------------------------------------------------------------------------------------------------------


async def test_opening_asks_those_directly_below_and_nobody_else(world: StatisticsWorld) -> None:
    top = await open_form(world.organiser, THEN, form=WARMTH, year=2016, organisation_id=world.city.id)

    assert [row.organisation_code for row in await lower_tables(top.id)] == ["EAST", "WEST"]
    east = await open_below(world.east_organiser, THEN, table_id=(await table_of(top, world.east.id)).id)
    # Neither the women's committee nor the dissolved union.
    assert [row.organisation_code for row in await lower_tables(east.id)] == ["MILL", "DOCK"]
    assert (top.from_on, top.until_on, top.cut_off_on, top.due_on) == (
        date(2015, 12, 22),
        date(2016, 2, 7),
        date(2016, 1, 12),
        date(2016, 1, 12),
    )


async def test_a_unit_that_comes_later_is_asked_later(world: StatisticsWorld) -> None:
    top = await open_form(
        world.organiser, THEN, form=WARMTH, year=2016, organisation_id=world.city.id, organisation_ids=[world.east.id]
    )
    assert (await open_below(world.organiser, THEN, table_id=top.id)).lower == 2
    with pytest.raises(NobodyBelowError):
        await open_below(world.organiser, THEN, table_id=top.id)


async def test_what_opening_refuses(world: StatisticsWorld) -> None:
    async def refusal(actor: Actor, **given: Any) -> str:
        asked = {"form": WARMTH, "year": 2016, "organisation_id": world.city.id, **given}
        try:
            await open_form(actor, THEN, **asked)
        except InvalidError as error:
            return f"{error.problems[0].field} {error.problems[0].code}"
        except OutreachError as error:
            return error.code
        return "opened"

    assert await refusal(world.organiser, year=2051) == "year festival-unknown"
    assert await refusal(world.organiser, year=1999) == "year year-out-of-range"
    assert await refusal(world.organiser, form="nothing") == "not-found"
    assert await refusal(world.organiser, hand_in_on=date(2015, 12, 1)) == "hand_in_on before-period-day"
    assert await refusal(world.organiser, organisation_ids=[world.mill.id]) == "organisation_ids not-found"
    assert await refusal(world.east_organiser) == "not-found"
    assert await refusal(world.contact, organisation_id=world.mill.id) == "forbidden"
    assert await refusal(world.organiser) == "opened"
    assert await refusal(world.organiser) == "statistics-opened"
    # The district has the city's table; it hands that one on.
    assert await refusal(world.east_organiser, organisation_id=world.east.id) == "statistics-opened"


async def test_below_nobody_is_asked_later_than_the_upper_hands_in(world: StatisticsWorld) -> None:
    top = await open_form(world.organiser, THEN, form=WARMTH, year=2016, organisation_id=world.city.id)
    east = await table_of(top, world.east.id)
    with pytest.raises(InvalidError) as refused:
        await open_below(world.east_organiser, THEN, table_id=east.id, due_on=date(2016, 1, 13))

    assert codes(refused) == [("due_on", "due-out-of-range")]


async def test_opened_twice_at_once_there_is_one_round(world: StatisticsWorld) -> None:
    results = await asyncio.gather(
        *(open_form(world.organiser, THEN, form=WARMTH, year=2016, organisation_id=world.city.id) for _ in range(3)),
        return_exceptions=True,
    )

    assert sorted(type(one).__name__ for one in results) == ["AlreadyOpenedError", "AlreadyOpenedError", "TableRow"]
    assert isinstance(next(one for one in results if isinstance(one, Exception)), AlreadyOpenedError)
    assert await db.value("SELECT count(*) FROM statistics_table") == 3


# --- permissions -----------------------------------------------------------------------------------------------------


async def test_strangers_do_not_learn_that_a_table_exists(world: StatisticsWorld) -> None:
    """Rule 9, with tables that would leak."""
    tables = await opened(world)
    await report(world.contact, tables["MILL"], _1A1=300)
    for actor in (world.dock_contact, world.west_organiser, await make_actor(Role.ORGANISER, world.dock)):
        with pytest.raises(NotFoundError):
            await readable_table(actor, tables["MILL"].id)
        with pytest.raises(NotFoundError):
            await save_values(actor, THEN, table_id=tables["MILL"].id, entries={})
        with pytest.raises(NotFoundError):
            await lock_table(actor, THEN, table_id=tables["MILL"].id)
    with pytest.raises(NotFoundError):
        await readable_table(world.contact, tables["EAST"].id)


async def test_who_fills_does_not_decide(world: StatisticsWorld) -> None:
    tables = await opened(world)
    await report(world.contact, tables["MILL"], _1A1=300)
    for command in (
        lambda: lock_table(world.contact, THEN, table_id=tables["MILL"].id),
        lambda: return_table(world.contact, THEN, table_id=tables["MILL"].id, note="自己退"),
        lambda: correct_table(world.contact, THEN, table_id=tables["MILL"].id, values={}, reason="自己改"),
        lambda: remind_below(world.contact, THEN, table_id=tables["MILL"].id),
        lambda: open_below(world.contact, THEN, table_id=tables["MILL"].id),
        lambda: lock_table(world.east_organiser, THEN, table_id=tables["EAST"].id),
    ):
        with pytest.raises(ForbiddenError):
            await command()
    evaluator = await make_actor(Role.EVALUATOR, world.city)
    assert (await readable_table(evaluator, tables["MILL"].id)).state is TableState.SUBMITTED
    with pytest.raises(ForbiddenError):
        await save_values(evaluator, THEN, table_id=tables["DOCK"].id, entries={})


async def test_the_upper_types_for_a_unit_after_a_call(world: StatisticsWorld) -> None:
    tables = await opened(world)
    await report(world.east_organiser, tables["MILL"], _1A1=300)

    assert await totals(tables["EAST"]) == {"1A1": 300}


async def test_each_sees_its_own_list(world: StatisticsWorld) -> None:
    await opened(world)

    async def listed(actor: Actor, **given: Any) -> list[str]:
        return [row.organisation_code for row in (await tables_page(actor, year=2016, limit=50, **given)).items]

    assert await listed(world.organiser, tops=True) == ["CITY"]
    assert await listed(world.east_organiser, tops=True) == ["EAST"]
    assert sorted(await listed(world.east_organiser)) == ["DOCK", "EAST", "MILL"]
    assert await listed(world.contact) == ["MILL"]
    assert await listed(world.contact, organisation_id=world.dock.id) == []


async def test_lists_take_as_many_statements_for_three_tables_as_for_one(world: StatisticsWorld) -> None:
    tables = await opened(world)
    for actor, many in ((world.contact, 1), (world.east_organiser, 3)):
        with counted() as sent:
            found = await tables_page(actor, year=2016, limit=50)
        assert (len(found.items), len(sent)) == (many, 2)
    for code, statements in (("MILL", 3), ("EAST", 5)):
        with counted() as sent:
            await filled_table(tables[code])
        assert len(sent) == statements
    with counted() as sent:
        await lower_tables(tables["CITY"].id)
    assert len(sent) == 1


# --- forms -----------------------------------------------------------------------------------------------------------


async def test_a_changed_form_does_not_change_filled_tables(world: StatisticsWorld) -> None:
    shipped = shipped_forms()[WARMTH].decode()
    tables = await opened(world)
    await report(world.contact, tables["MILL"], _1A1=300)
    changed = shipped.replace("当地职工总数{1A1}", "本地职工总数{1A1}").replace(
        'label = "当地职工总数"', 'label = "本地职工总数"'
    )

    assert (await store_form(world.organiser, THEN, content=changed.encode()))[1] == 1
    assert (await store_form(world.organiser, THEN, content=changed.encode()))[1] == 1  # the same again
    assert (await store_form(world.organiser, THEN, content=(changed + "\n# 改").encode()))[1] == 2

    assert (await seen(tables["MILL"])).form.cells["1A1"].label == "当地职工总数"
    top = await open_form(world.organiser, THEN, form=WARMTH, year=2017, organisation_id=world.city.id)
    assert ((await seen(top)).form.cells["1A1"].label, top.form_version) == ("本地职工总数", 2)


async def test_forms_are_kept_by_the_root_and_seen_below_it_only(world: StatisticsWorld) -> None:
    other = await make_organisation(name="别的市总工会")
    stranger = await make_actor(Role.ORGANISER, other)
    form = shipped_forms()[WARMTH].replace(WARMTH.encode(), b"own-form")
    for actor in (world.east_organiser, world.contact):
        with pytest.raises(ForbiddenError):
            await store_form(actor, THEN, content=form)
    await store_form(world.organiser, THEN, content=form)

    assert [one.code for one in await forms_known_to(world.contact)] == [CENTRES, WARMTH, "own-form"]
    assert [one.code for one in await forms_known_to(stranger)] == [CENTRES, WARMTH]
    with pytest.raises(NotFoundError):
        await open_form(stranger, THEN, form="own-form", year=2016, organisation_id=other.id)
