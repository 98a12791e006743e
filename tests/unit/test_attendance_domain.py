"""Days, figures and sign-in sheets."""

from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.attendance.domain.headcounts import GROUPS, day_problems, days_of, headcount_problems
from outreach.attendance.sheets import BLANK_ROWS, MOST_ROWS, PER_PAGE, sheet_rows
from outreach.bookings.queries import BookingRow
from outreach.shared.time import ZONE

VISITS = st.integers(0, 1_000_000)


def at(month: int, day: int, hour: int = 0) -> datetime:
    return datetime(2015, month, day, hour, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "days"),
    [
        (at(5, 12, 14), at(5, 12, 16), [date(2015, 5, 12)]),
        (at(5, 12, 22), at(5, 13), [date(2015, 5, 12)]),
        (at(12, 31, 19), at(12, 31, 21), [date(2015, 12, 31)]),
        (at(12, 31, 23), at(12, 31, 23) + timedelta(hours=2), [date(2015, 12, 31), date(2016, 1, 1)]),
        (at(5, 1, 9), at(5, 3, 17), [date(2015, 5, 1), date(2015, 5, 2), date(2015, 5, 3)]),
    ],
)
def test_a_session_takes_place_on_its_local_days(starts_at: datetime, ends_at: datetime, days: list[date]) -> None:
    assert days_of(starts_at, ends_at) == days


def test_a_day_outside_of_the_session_or_to_come_is_named() -> None:
    begins, ends = at(9, 13, 9), at(9, 20, 17)
    codes = {
        on.day: [one.code for one in day_problems(on, begins, ends, date(2015, 9, 15))]
        for on in (date(2015, 9, 12), date(2015, 9, 13), date(2015, 9, 15), date(2015, 9, 16), date(2015, 9, 21))
    }

    assert codes == {12: ["not-a-day-of-it"], 13: [], 15: [], 16: ["day-to-come"], 21: ["not-a-day-of-it"]}


@given(VISITS, st.none() | VISITS, st.dictionaries(st.sampled_from(sorted(GROUPS)), VISITS))
def test_parts_never_exceed_their_whole(total: int, workers: int | None, breakdown: dict[str, int]) -> None:
    """What is accepted keeps rule 6; what is refused names a field that breaks it."""
    named = {one.field for one in headcount_problems(total, workers, breakdown)}

    expected = {f"breakdown.{group}" for group, visits in breakdown.items() if visits > total}
    if workers is not None and workers > total:
        expected.add("workers")
    young, all_migrants = breakdown.get("new_generation_migrant"), breakdown.get("migrant")
    if young is not None and all_migrants is not None and young > all_migrants:
        expected.add("breakdown.new_generation_migrant")
    assert named == expected


def test_zero_and_not_reported_differ() -> None:
    assert headcount_problems(10, None, {"new_generation_migrant": 5}) == []
    assert [one.field for one in headcount_problems(10, None, {"new_generation_migrant": 5, "migrant": 0})] == [
        "breakdown.new_generation_migrant"
    ]


def booking(name: str, seats: int) -> BookingRow:
    return BookingRow(
        id=uuid4(), session_id=uuid4(), organisation_id=uuid4(), organisation_name=name, organisation_path="/",
        seats=seats, state="confirmed", is_host=False, contact_name="", contact_phone="", note="", reason="",
        created_at=at(9, 1), changed_at=at(9, 1), revision=1, title="", starts_at=at(9, 17), ends_at=at(9, 17, 1),
        session_state="published", session_organisation_id=uuid4(), session_organisation_name="",
        session_organisation_path="/", programme_mark="", programme_name="",
    )  # fmt: skip


@given(st.lists(st.integers(1, 100_000), max_size=5))
def test_a_sheet_has_a_line_for_every_seat_and_blank_ones_to_the_end_of_the_page(seats: list[int]) -> None:
    rows = sheet_rows([booking(f"第{number}工会", wanted) for number, wanted in enumerate(seats)])

    filled = [row for row in rows if row.unit]
    assert len(filled) == min(sum(min(one, MOST_ROWS) for one in seats), MOST_ROWS)
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    assert len(rows) % PER_PAGE == 0
    assert len(rows) - len(filled) >= BLANK_ROWS
    assert [bool(row.unit) for row in rows] == sorted((bool(row.unit) for row in rows), reverse=True)
