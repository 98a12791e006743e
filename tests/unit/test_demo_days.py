"""The calendar of the demo's year, and sums that come out."""

from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.demo.days import days_of, known_years
from outreach.demo.menu import DISHES, LECTURERS, TROUPES
from outreach.demo.places import DISTRICTS, VENUES
from outreach.demo.visits import split
from outreach.demo.year import NAMED, SHARES


def test_demo_of_2015_starts_on_the_promised_morning() -> None:
    assert days_of(2015).now().isoformat() == "2015-09-15T09:00:00+08:00"


@pytest.mark.parametrize("year", [2005, 2016, 2020, 2025])
def test_any_other_year_starts_on_the_nearest_tuesday(year: int) -> None:
    today = days_of(year).today

    assert (today.isoweekday(), abs((today - date(year, 9, 15)).days) <= 3) == (2, True)


def test_holidays_are_those_of_the_state_council() -> None:
    days = days_of(2015)

    assert [day.isoformat() for day, name in days.off.items() if name == "春节"] == [
        f"2015-02-{n}" for n in range(18, 25)
    ]
    assert days.worked[date(2015, 10, 10)] == "国庆节"
    assert (days.is_workday(date(2015, 9, 6)), days.is_workday(date(2015, 9, 3))) == (True, False)


def test_known_years_cover_those_of_the_notices() -> None:
    first, last = known_years()

    assert first <= 2005
    assert last >= 2025


@given(
    total=st.integers(0, 5_000), weights=st.lists(st.floats(0.1, 10), min_size=1, max_size=40), seed=st.integers(0, 99)
)
def test_split_parts_sum_to_the_whole(total: int, weights: list[float], seed: int) -> None:
    total = max(total, len(weights))

    parts = split(Random(seed), total, weights)

    assert (sum(parts), len(parts), min(parts) >= 1) == (total, len(weights), True)


def test_menu_providers_and_places_have_the_promised_size() -> None:
    assert (len(LECTURERS), len(TROUPES), len(DISTRICTS)) == (24, 8, 10)
    assert {district: len(venues) for district, venues in VENUES.items()} == dict.fromkeys(DISTRICTS, 4)


def test_every_named_session_finds_its_dish_and_provider() -> None:
    titles = {dish.title for dish in DISHES}
    names = {lecturer.name for lecturer in LECTURERS} | {troupe.name for troupe in TROUPES}

    assert [named for named in NAMED if named.title not in titles or named.by not in names] == []


@pytest.mark.parametrize("programme", SHARES)
def test_shares_by_kind_and_district_sum_to_the_sessions(programme: str) -> None:
    share = SHARES[programme]
    before = sum(n for n, _after in share.kinds.values())
    after = sum(n for _before, n in share.kinds.values())

    assert (before, after, sum(share.held_by_district)) == (share.held, sum(share.planned), share.held)
