"""Forms of 统计表: that both annexes of the notice are complete, the days, and what a file may not say."""

import contextlib
import re
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.programmes.domain.lunar import FIRST_FESTIVAL, LAST_FESTIVAL, spring_festival
from outreach.shared.errors import InvalidError
from outreach.statistics.domain.forms import Figure, Form, Rollup, days_of_year, pieces
from outreach.statistics.toml import MOST_BYTES, form_of, shipped_forms

WARMTH, CENTRES = "chengdu-song-wennuan", "chengdu-bangfu-zhongxin"

#: As the notice prints them: item → row → units of its cells in order; ``?`` is 是/否, ``-`` a row without letter.
PRINTED = {
    WARMTH: """
        1 A人人
        2 A人人
        3 A户户 B户 C户 D户 E户
        4 A家户 B家 C户户户户
        5 A万元 B万元 C万元 D万元 E万元
        6 A万元 B万元 C万元
        7 A人次 B人次 C个 D人次 E人次 F人次 G人次 H人次 I户万元 J对
        8 A名人 B人次人次 C名万元名万元
        9 -人次人次 A人次人次 B人次人次 C人次人次 D人次人次
        10 A人次 B列人次 C节人次 D辆人次 E艘人次 F架人次 G张
        11 A万元
    """,
    CENTRES: """
        1 A个个 B个个 C个个 D个个
        2 A人 B人 C人 D人
        3 A个 B个 C个
        4 A万元 B万元 C万元 D万元 E万元 F万元
        5 A万元 B?
        6 A个 B万元 C个
        7 A个万元 B个
        8 A人次万元 B人次万元 C人次万元 D人次万元 E人次万元 F人次万元 G人次万元 H人次万元 I人次万元 J人次万元 K户
        9 A人次万元 B人次万元 C人次万元 D人次万元 E人次万元 F人次万元 G人次万元 H人次万元 I人次万元 J人次万元
        10 A人次人次 B人次 C人次 D件人万元
        11 A万元万元
        12 A个 B个 C个 D个 E个 F个 H个
    """,
}


def form(code: str) -> Form:
    return form_of(shipped_forms()[code])


@pytest.mark.parametrize("code", [WARMTH, CENTRES])
def test_every_item_row_and_unit_of_the_notice_is_there(code: str) -> None:
    lines = []
    for item in form(code).items:
        rows = [(row.code or "-") + "".join(cell.unit or "?" for cell in row.cells) for row in item.rows]
        lines.append(f"{item.number} {' '.join(rows)}")

    assert lines == [line.strip() for line in PRINTED[code].strip().splitlines()]


@pytest.mark.parametrize(("code", "cells"), [(WARMTH, 67), (CENTRES, 86)])
def test_every_cell_stands_in_its_text_once(code: str, cells: int) -> None:
    made = form(code)
    placed = [
        cell for item in made.items for row in item.rows for kind, cell in pieces(row.text, 2012) if kind == "cell"
    ]

    assert placed == list(made.cells)
    assert len(placed) == cells


def test_what_was_put_back_is_marked_as_doubtful() -> None:
    assert [(one.mark, one.place) for one in form(WARMTH).doubts] == [
        (1, "统计截止"),
        (2, "3(C)、3(D)、3(E)"),
        (3, "4(A)、4(B)"),
        (4, "7(I)"),
    ]
    assert [(one.mark, one.place) for one in form(CENTRES).doubts] == [
        (1, "表头"),
        (2, "1(A)、1(B)、1(C)、1(D)"),
        (3, "3(A)、3(B)"),
        (4, "8(I)"),
        (5, "12(H)"),
    ]


def test_parts_and_sums_are_those_of_the_text() -> None:
    warmth, centres = form(WARMTH), form(CENTRES)

    assert warmth.cells["5A1"].sum_of == ("5B1", "5C1", "5D1", "5E1")
    assert {one: warmth.depths[one] for one in ("9T1", "9T2", "9B1", "9B2")} == {"9T1": 0, "9T2": 1, "9B1": 1, "9B2": 2}
    assert [warmth.cells[one].part_of for one in ("3B1", "3C1", "3D1", "3E1")] == [("3A1",)] * 3 + [()]
    assert warmth.cells["9B2"].rule is not None
    assert (warmth.cells["9B2"].rule.figure, warmth.cells["9B2"].rule.group) == (
        Figure.VISITS,
        "new_generation_migrant",
    )
    assert centres.cells["5B1"].rollup is Rollup.ANY
    assert centres.cells["5A1"].rollup is Rollup.NONE
    assert len(centres.cells["8A1"].sum_of) == 9
    # Every 其中 of the text is a part of something.
    for made in (warmth, centres):
        assert [one.id for one in made.cells.values() if one.label.startswith("其中") and not one.part_of] == []


def test_period_cut_off_and_hand_in_are_three_things() -> None:
    warmth = days_of_year(form(WARMTH), 2012)
    centres = days_of_year(form(CENTRES), 2011)

    assert (warmth.from_on, warmth.until_on) == (date(2011, 12, 22), date(2012, 1, 22))
    assert (warmth.cut_off_on, warmth.hand_in_on, warmth.counted_until) == (date(2012, 1, 12),) * 3
    assert (centres.from_on, centres.until_on, centres.cut_off_on) == (
        date(2011, 1, 1),
        date(2011, 12, 31),
        date(2011, 12, 31),
    )
    assert centres.hand_in_on == date(2012, 1, 12)


@pytest.mark.parametrize(
    "day",
    [
        "2000-02-05",
        "2008-02-07",
        "2012-01-23",
        "2015-02-19",
        "2016-02-08",
        "2017-01-28",
        "2018-02-16",
        "2019-02-05",
        "2020-01-25",
        "2021-02-12",
        "2022-02-01",
        "2023-01-22",
        "2024-02-10",
        "2025-01-29",
        "2026-02-17",
        "2033-01-31",
        "2034-02-19",
        "2050-01-23",
    ],
)
def test_known_spring_festivals(day: str) -> None:
    expected = date.fromisoformat(day)

    assert spring_festival(expected.year) == expected


def test_every_festival_lies_where_a_lunar_year_can_begin() -> None:
    days = [spring_festival(year) for year in range(FIRST_FESTIVAL, LAST_FESTIVAL + 1)]
    known = [one for one in days if one is not None]

    assert len(known) == 51
    assert all((1, 21) <= (one.month, one.day) <= (2, 20) for one in known)
    # Twelve lunar months or thirteen, each of 29 or 30 days.
    assert {(b - a).days for a, b in pairwise(known)} <= {353, 354, 355, 383, 384, 385}
    # A new moon every 29.530588 days: those in between drift from none of the tabled days by more than a day.
    for one in known[1:]:
        moons = (one - known[0]).days / 29.530588
        assert abs(moons - round(moons)) * 29.53 < 1.1


def test_beyond_the_table_no_festival_is_made_up() -> None:
    assert (spring_festival(1999), spring_festival(2051)) == (None, None)
    with pytest.raises(InvalidError) as refused:
        days_of_year(form(WARMTH), 2051)
    assert [(p.field, p.code) for p in refused.value.problems] == [("year", "festival-unknown")]


MINIMAL = """
code = "small"
title = "小表"
[period]
from = { on = "01-01" }
until = { on = "12-31" }
[cut_off]
on = "12-31"
[hand_in]
on = "01-10"
years = 1
[[item]]
number = 1
[[item.row]]
code = "A"
text = "总数{1A1}，其中{1A2}。"
cells = [
  { id = "1A1", label = "总数", unit = "人" },
  { id = "1A2", label = "其中", unit = "人", part_of = "1A1" },
]
"""


def test_a_further_form_needs_no_code() -> None:
    made = form_of(MINIMAL.encode())

    assert (made.code, list(made.cells), made.unit_label) == ("small", ["1A1", "1A2"], "填报单位")


@pytest.mark.parametrize(
    ("old", "new", "field", "code"),
    [
        ('code = "small"', "", "code", "required"),
        ('part_of = "1A1"', 'part_of = "9Z9"', "item1.A.1A2.part_of", "no-such-cell"),
        ('unit = "人" }', 'unit = "人", part_of = "1A2" }', "item", "part-in-circle"),
        ("{1A2}", "{1A3}", "item1.A.text", "place-without-cell"),
        ("{1A2}", "{1A1}", "item1.A.text", "cell-not-once"),
        ("{1A2}", "{1A2", "item1.A.text", "cell-not-once"),
        ('id = "1A2"', 'id = "1A1"', "item1.A.1A1", "duplicate-code"),
        ('on = "01-10"', 'on = "02-29"', "hand_in.on", "not-day-of-year"),
        ('on = "01-10"', 'on = "1月10日"', "hand_in.on", "bad-characters"),
        ('on = "01-10"', 'on = "01-10"\nfestival = 1', "hand_in", "day-or-festival"),
        ('from = { on = "01-01" }', 'from = { on = "01-01", years = 1 }', "period", "period-backwards"),
        ("[cut_off]", "[cutoff]", "cut_off", "required"),
        ("number = 1", "number = 0", "item0.number", "too-small"),
        ("number = 1", "number = 1\nlevel = 2", "item1.level", "unknown-field"),
        ('label = "其中"', 'label = "其中", rule = { figure = "visits" }', "item1.A.1A2.rule.programmes", "required"),
        ('label = "其中"', 'label = "其中", rule = { figure = "wages" }', "item1.A.1A2.rule.figure", "not-one-of"),
        (
            'label = "其中"',
            'label = "其中", rule = { figure = "tally", programmes = ["x"] }',
            "item1.A.1A2.rule.target",
            "target-only-of-tally",
        ),
        ('label = "其中"', 'label = "其中", kind = "yes_no"', "item1.A.1A2", "only-of-numbers"),
        ('label = "其中"', 'label = "其中", rollup = "any"', "item1.A.1A2.rollup", "rollup-not-of-kind"),
        ('title = "小表"', "title = 小表", "file", "broken-toml"),
        ("[[item]]", "[item]", "item", "not-list-of-tables"),
    ],
)
def test_a_bad_file_is_refused_with_the_place(old: str, new: str, field: str, code: str) -> None:
    assert old in MINIMAL
    with pytest.raises(InvalidError) as refused:
        form_of(MINIMAL.replace(old, new, 1).encode())

    assert (field, code) in [(problem.field, problem.code) for problem in refused.value.problems]


def test_a_file_that_is_no_text_or_too_large_is_refused() -> None:
    for content, code in ((b"\xff\xfe", "not-utf-8"), (b"#" * (MOST_BYTES + 1), "too-large-file")):
        with pytest.raises(InvalidError) as refused:
            form_of(content)
        assert [(p.field, p.code) for p in refused.value.problems] == [("file", code)]


@given(st.text(max_size=200), st.integers(0, 400))
def test_whatever_a_file_says_it_is_a_form_or_refused(rubbish: str, at: int) -> None:
    with contextlib.suppress(InvalidError):
        form_of((MINIMAL[:at] + rubbish + MINIMAL[at:]).encode("utf-8", "surrogatepass"))


def test_the_forms_name_no_person_and_no_telephone() -> None:
    for content in shipped_forms().values():
        assert re.search(r"\d{7,}|@|陈", content.decode()) is None
