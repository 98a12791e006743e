"""Cells: what may be typed, how they come to a total, 其中 and sums, states and permissions."""

from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.shared.actors import Actor, Grant, Role
from outreach.statistics.domain.forms import Cell, CellKind, Rollup
from outreach.statistics.domain.permissions import (
    TableFacts,
    may_fill,
    may_keep_forms,
    may_open,
    may_oversee,
    may_read,
    may_read_form,
)
from outreach.statistics.domain.states import STATE_WORDS, TRANSITIONS, TableState, may_become
from outreach.statistics.domain.values import (
    MOST,
    Entry,
    Value,
    entry_problems,
    figures_of,
    part_problems,
    stored,
    sum_warnings,
    typed_value,
    value_of,
)
from outreach.statistics.toml import form_of, shipped_forms
from outreach.statistics.wording import plain_value, value_text

FORM = form_of(shipped_forms()["chengdu-song-wennuan"])
CENTRES = form_of(shipped_forms()["chengdu-bangfu-zhongxin"])
PEOPLE = Cell(id="a", label="人", unit="人")
MONEY = Cell(id="b", label="款", unit="万元", decimals=2)
YES = Cell(id="c", label="是否", kind=CellKind.YES_NO, rollup=Rollup.ANY)


@pytest.mark.parametrize(
    ("cell", "text", "value"),
    [
        (PEOPLE, "1,200", Decimal(1200)),
        (PEOPLE, " 0 ", Decimal()),
        (PEOPLE, "", None),
        (MONEY, "12.50", Decimal("12.5")),
        (YES, "是", True),
        (YES, "no", False),
        (YES, "", None),
    ],
)
def test_what_a_person_types(cell: Cell, text: str, value: Value) -> None:
    assert typed_value(cell, text) == value


@pytest.mark.parametrize(
    ("cell", "text", "code"),
    [
        (PEOPLE, "-1", "below-zero"),
        (PEOPLE, "约100", "not-number"),
        (PEOPLE, "1e9", "not-number"),
        (PEOPLE, "１２", "not-number"),
        (PEOPLE, "9" * 30, "not-number"),
        (YES, "也许", "not-yes-no"),
    ],
)
def test_what_a_person_may_not_type(cell: Cell, text: str, code: str) -> None:
    with pytest.raises(ValueError, match=code):
        typed_value(cell, text)


@pytest.mark.parametrize(
    ("cell", "entry", "rule", "codes"),
    [
        (PEOPLE, Entry(Decimal("1.5")), None, ["not-whole-of-unit"]),
        (MONEY, Entry(Decimal("1.005")), None, ["too-many-decimals"]),
        (MONEY, Entry(Decimal("1.50")), None, []),
        (PEOPLE, Entry(Decimal(MOST + 1)), None, ["too-large-number"]),
        (PEOPLE, Entry(Decimal(-1)), None, ["below-zero"]),
        (PEOPLE, Entry(value=True), None, ["not-number"]),
        (YES, Entry(Decimal(1)), None, ["not-yes-no"]),
        (PEOPLE, Entry(Decimal(5)), Decimal(6), ["note-needed"]),
        (PEOPLE, Entry(Decimal(5), "漏了一场"), Decimal(6), []),
        (PEOPLE, Entry(Decimal(6)), Decimal(6), []),
        (PEOPLE, Entry(), Decimal(6), []),
    ],
)
def test_what_a_cell_may_hold(cell: Cell, entry: Entry, rule: Decimal | None, codes: list[str]) -> None:
    assert [one.code for one in entry_problems(cell, entry, rule)] == codes


@given(st.decimals(0, MOST, places=2) | st.booleans() | st.none())
def test_nothing_is_lost_in_keeping(value: Value) -> None:
    assert value_of(stored(value)) == value
    assert type(value_of(stored(value))) is type(value)


def test_numbers_as_they_are_shown_and_typed() -> None:
    values: list[Value] = [Decimal("1234.50"), Decimal("81460.00"), Decimal(0), True, False, None]

    assert [value_text(one) for one in values] == ["1,234.5", "81,460", "0", "是", "否", ""]
    assert [plain_value(one) for one in values] == ["1234.5", "81460", "0", "yes", "no", ""]


def test_own_and_below_come_to_a_total() -> None:
    entries = {"9B1": Entry(Decimal(30), "补一场"), "1A1": Entry(Decimal(7))}
    figures = figures_of(
        FORM, entries, {"9B1": Decimal(20), "9A1": Decimal(5)}, {"9B1": Decimal(100), "2A1": Decimal(4)}
    )

    assert [figures["9B1"].total, figures["9B1"].rule] == [130, 20]
    assert figures["9B1"].overwritten
    assert (figures["9A1"].total, figures["9A1"].own, figures["9A1"].overwritten) == (5, 5, False)
    assert (figures["1A1"].total, figures["2A1"].total, figures["3A1"].total) == (7, 4, None)


@pytest.mark.parametrize(
    ("own", "below", "total"),
    [(None, True, True), (None, False, False), (False, True, False), (True, None, True), (None, None, None)],
)
def test_yes_where_one_below_says_yes_unless_typed(own: Value, below: Value, total: Value) -> None:
    figures = figures_of(CENTRES, {"5B1": Entry(own)}, {}, {"5B1": below, "5A1": Decimal(9)})

    assert figures["5B1"].total == total
    assert figures["5A1"].total is None  # it is not summed


def test_a_part_above_its_whole_is_named() -> None:
    problems = part_problems(FORM, {"9T1": Decimal(50), "9B1": Decimal(60), "9B2": Decimal(60), "9T2": Decimal(50)})

    assert [(one.field, one.code, one.facts["value"], one.facts["most"]) for one in problems] == [
        ("9B1", "part-above-whole", "60", "50"),
        ("9B2", "part-above-whole", "60", "50"),
    ]


def test_a_part_without_its_whole_matters_when_the_table_is_handed_in() -> None:
    totals: dict[str, Value] = {"1A2": Decimal(5)}

    assert part_problems(FORM, totals) == []
    assert [(one.field, one.code) for one in part_problems(FORM, totals, complete=True)] == [
        ("1A2", "part-without-whole")
    ]


def test_a_sum_that_does_not_add_up_is_a_warning() -> None:
    totals: dict[str, Value] = {"5A1": Decimal(100), "5B1": Decimal(60), "5C1": Decimal("39.5")}

    assert [(one.cell, one.total, one.parts) for one in sum_warnings(FORM, totals)] == [
        ("5A1", Decimal(100), Decimal("99.5"))
    ]
    assert sum_warnings(FORM, {**totals, "5D1": Decimal("0.5")}) == []
    assert sum_warnings(FORM, {"5A1": Decimal(100)}) == []


def test_the_life_of_a_table_names_every_state() -> None:
    assert set(TRANSITIONS) == set(TableState) == set(STATE_WORDS)
    assert may_become(TableState.SUBMITTED, TableState.RETURNED)
    assert not any(may_become(TableState.LOCKED, after) for after in TableState)


def actor(role: Role, path: str) -> Actor:
    id_ = UUID(path.strip("/").split("/")[-1]) if path != "/" else None
    return Actor(uuid4(), "某人", (Grant(role, id_, "某单位", path),))


def test_who_may_do_what() -> None:
    city, district, unit, other = (uuid4() for _ in range(4))
    at = {"city": f"/{city}/", "district": f"/{city}/{district}/", "unit": f"/{city}/{district}/{unit}/"}
    table = TableFacts(unit, at["unit"], at["district"])
    people = {
        "administrator": actor(Role.ADMINISTRATOR, "/"),
        "city": actor(Role.ORGANISER, at["city"]),
        "district": actor(Role.ORGANISER, at["district"]),
        "unit": actor(Role.ORGANISER, at["unit"]),
        "contact": actor(Role.CONTACT, at["unit"]),
        "contact above": actor(Role.CONTACT, at["district"]),
        "evaluator": actor(Role.EVALUATOR, at["city"]),
        "neighbour": actor(Role.ORGANISER, f"/{city}/{other}/"),
        "provider": actor(Role.PROVIDER, at["unit"]),
    }
    all_staff = ["administrator", "city", "district", "unit"]

    def who(may: object) -> list[str]:
        return [name for name, one in people.items() if may(one)]  # type: ignore[operator]

    assert who(lambda one: may_read(one, table)) == [*all_staff, "contact", "evaluator"]
    assert who(lambda one: may_fill(one, table)) == [*all_staff, "contact"]
    assert who(lambda one: may_oversee(one, table)) == ["administrator", "city", "district"]
    assert who(lambda one: may_open(one, at["unit"])) == all_staff
    assert who(lambda one: may_oversee(one, TableFacts(city, at["city"], None))) == ["administrator", "city"]
    assert who(lambda one: may_keep_forms(one, at["city"])) == ["administrator", "city"]
    assert who(lambda one: may_read_form(one, f"/{other}/")) == ["administrator"]
    assert who(lambda one: may_read_form(one, None)) == list(people)
