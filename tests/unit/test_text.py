"""Identifiers, cursors, text and days."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.shared.errors import InvalidError, NotFoundError
from outreach.shared.ids import id_in_path, id_of_field, new_id
from outreach.shared.paging import Page, decode_cursor, encode_cursor, page_of
from outreach.shared.time import day_bounds, implausible, local_day, year_bounds


def test_identifiers_sort_by_time() -> None:
    made = [new_id() for _ in range(50)]

    assert made == sorted(made)
    assert {one.version for one in made} == {7}


@pytest.mark.parametrize("text", ["", "x", "'; DROP TABLE", "0" * 31, "\x00"])
def test_a_path_that_is_no_identifier_finds_nothing(text: str) -> None:
    with pytest.raises(NotFoundError):
        id_in_path(text)
    with pytest.raises(InvalidError) as refused:
        id_of_field("event_id", text)

    assert [(one.field, one.code) for one in refused.value.problems] == [("event_id", "not-an-id")]
    given_id = uuid4()
    assert id_in_path(str(given_id)) == given_id


@given(
    st.lists(
        st.text(alphabet=st.characters(exclude_characters="\x00", exclude_categories=["Cs"])), min_size=1, max_size=3
    )
)
def test_a_cursor_gives_its_keys_back(keys: list[str]) -> None:
    assert decode_cursor(encode_cursor(*keys), len(keys)) == tuple(keys)


@given(st.text(max_size=60))
def test_a_made_up_cursor_is_refused_by_name(text: str) -> None:
    with pytest.raises(InvalidError) as refused:
        decode_cursor(text, 2)

    assert [problem.field for problem in refused.value.problems] == ["after"]


def test_a_page_ends_with_the_list() -> None:
    rows = list(range(7))

    first = page_of(rows[:4], 3, 7, lambda row: (str(row),))
    last = page_of(rows[6:], 3, 7, lambda row: (str(row),))

    assert (first.items, first.next, first.total) == ([0, 1, 2], encode_cursor("2"), 7)
    assert last == Page([6], None, 7)


def test_the_local_day_decides_the_year() -> None:
    """16:30 UTC on 31 December is already the next year in Shanghai."""
    assert local_day(datetime(2015, 12, 31, 15, 30, tzinfo=UTC)) == date(2015, 12, 31)
    assert local_day(datetime(2015, 12, 31, 16, 30, tzinfo=UTC)) == date(2016, 1, 1)
    assert year_bounds(2015)[1] == datetime(2015, 12, 31, 16, tzinfo=UTC)
    assert day_bounds(date(2015, 12, 31), date(2015, 12, 31))[0] == datetime(2015, 12, 30, 16, tzinfo=UTC)
    with pytest.raises(ValueError, match="naive"):
        local_day(datetime(2015, 12, 31, 15, 30))  # noqa: DTZ001 - naive on purpose


@pytest.mark.parametrize(("year", "problems"), [(1900, 1), (1999, 1), (2000, 0), (2015, 0), (2100, 0), (9999, 1)])
def test_years_beyond_planning_are_slips(year: int, problems: int) -> None:
    assert len(implausible("starts_at", datetime(year, 6, 1, tzinfo=UTC))) == problems
