"""Pace and forecast: the formulas, without a database."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outreach.programmes.domain.forecast import (
    Forecast,
    KindFacts,
    carried_on,
    forecast_courses,
    forecast_sessions,
    forecast_visits,
    kept_chances,
    visits_by_kind,
)
from outreach.programmes.domain.pace import calendar_share, month_ends, pace_of
from outreach.programmes.domain.targets import Bound, Counting

YEARS = st.integers(2000, 2100)
SHARES = st.one_of(
    st.just(()),
    st.tuples(*[st.integers(0, 100)] * 3)
    .filter(lambda parts: sum(parts) <= 100)
    .map(lambda parts: (*parts, 100 - sum(parts))),
)


def test_the_days_elapsed() -> None:
    assert calendar_share(2015, date(2014, 12, 31)) == 0
    assert calendar_share(2015, date(2015, 1, 1)) == 1 / 365
    assert calendar_share(2015, date(2015, 9, 15)) == 258 / 365
    assert calendar_share(2016, date(2016, 9, 15)) == 259 / 366
    assert calendar_share(2015, date(2015, 12, 31)) == 1
    assert calendar_share(2015, date(2100, 1, 1)) == 1


def test_shares_by_quarter_run_evenly_within_each() -> None:
    shares = (30, 30, 30, 10)
    expected = {
        date(2015, 3, 31): 0.3,
        date(2015, 6, 30): 0.6,
        date(2015, 8, 15): 0.6 + 0.3 * 46 / 92,
        date(2015, 9, 30): 0.9,
        date(2015, 12, 31): 1.0,
    }
    for day, share in expected.items():
        assert calendar_share(2015, day, shares) == pytest.approx(share)
    assert calendar_share(2015, date(2015, 10, 1), shares) == pytest.approx(0.9 + 0.1 / 92)


@given(YEARS, st.integers(0, 400), st.integers(0, 60), SHARES)
def test_pace_never_goes_back(year: int, day: int, later: int, shares: tuple[int, ...]) -> None:
    first = date(year, 1, 1) + timedelta(days=day - 20)
    before, after = (calendar_share(year, on, shares) for on in (first, first + timedelta(days=later)))
    assert 0 <= before <= after <= 1


@given(st.lists(st.integers(0, 30), min_size=12, max_size=12), st.floats(0, 1000), st.sampled_from(Bound))
def test_pace_by_plan_rises_to_the_whole_plan(months: list[int], value: float, bound: Bound) -> None:
    whole = sum(months)
    due = [sum(months[: month + 1]) for month in range(12)]
    shares = [calendar_share(2015, end) for end in month_ends(2015)]
    paces = [
        pace_of(value, bound, 10, share=share, plan_due=planned, plan_whole=whole)
        for share, planned in zip(shares, due, strict=True)
    ]
    assert paces == sorted(paces)
    assert paces[-1] in (whole, round(value, 1))


def test_a_plan_too_small_for_the_promise_sets_no_pace() -> None:
    assert pace_of(150, Bound.MORE_THAN, None, share=0.5, plan_due=121, plan_whole=156) == 121
    assert pace_of(150, Bound.MORE_THAN, None, share=0.5, plan_due=10, plan_whole=20) == 75
    assert pace_of(50, Bound.ABOUT, 10, share=0.5, plan_due=36, plan_whole=45) == 36
    assert (
        pace_of(100_000, Bound.AT_LEAST, None, share=0.5, plan_due=121, plan_whole=156, plan_in_units=False) == 77564.1
    )


def test_month_ends() -> None:
    assert [end.day for end in month_ends(2016)] == [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]


YEAR_SO_FAR = KindFacts(held=38, lost=2, planned=(0,) * 9 + (6, 4, 2), counted=38, visits=3800, squares=430_000)


def test_a_kind_is_drawn_to_its_programme_and_that_to_what_is_usual() -> None:
    """By hand: the programme (50 + 0.93 · 12) ÷ (54 + 12), the kind drawn to it as if 12 more had been seen."""
    other = KindFacts(held=12, lost=2, planned=(0,) * 11 + (3,))
    whole = (50 + 0.93 * 12) / (54 + 12)

    assert kept_chances([YEAR_SO_FAR, other]) == pytest.approx(
        [(38 + whole * 12) / (40 + 12), (12 + whole * 12) / (14 + 12)]
    )
    assert kept_chances([KindFacts()]) == pytest.approx([0.93])


def test_what_a_session_brings_is_drawn_to_the_mean_of_the_programme() -> None:
    rare = KindFacts(counted=1, visits=400, squares=160_000)
    whole = (3800 + 400) / 39

    assert visits_by_kind([YEAR_SO_FAR, rare]) == pytest.approx(
        [(3800 + whole * 1.5) / 39.5, (400 + whole * 1.5) / 2.5]
    )
    assert visits_by_kind([KindFacts(seats=80.0)]) == [80.0]


def test_the_middle_is_what_is_done_and_what_the_published_sessions_add() -> None:
    """actual + Σ planned × chance × visits, at the end of each month."""
    chance, mean = kept_chances([YEAR_SO_FAR])[0], visits_by_kind([YEAR_SO_FAR])[0]
    sessions = forecast_sessions(38, [YEAR_SO_FAR])
    visits = forecast_visits(3800, [YEAR_SO_FAR], sure=(0,) * 10 + (50, 0), seed="a")

    assert [one.middle for one in sessions] == pytest.approx(
        [38] * 9 + [38 + 6 * chance, 38 + 10 * chance, 38 + 12 * chance], abs=0.01
    )
    assert visits[-1].middle == pytest.approx(3850 + 12 * chance * mean, abs=0.01)
    assert visits[9].middle == pytest.approx(3800 + 6 * chance * mean, abs=0.01)
    assert sessions[0] == Forecast(38, 38, 38)
    assert (sessions[-1].high, sessions[-1].low < sessions[-1].middle) == (50, True)
    assert visits[-1].low < visits[-1].middle < visits[-1].high


def test_the_same_figures_give_the_same_range_and_others_another() -> None:
    first, again, other = (forecast_visits(3800, [YEAR_SO_FAR], seed=seed) for seed in ("a", "a", "b"))

    assert first == again
    assert first[-1].middle == other[-1].middle
    assert first != other


def test_a_course_is_held_when_one_of_its_sessions_is() -> None:
    ends = forecast_courses(5, [(10, 1), (11, 3)], 0.9, seed="a")

    assert [one.middle for one in ends[8:]] == [5, 5.9, round(5.9 + 1 - 0.1**3, 2), round(5.9 + 1 - 0.1**3, 2)]
    assert (ends[-1].low, ends[-1].high) == (6, 7)


def test_what_no_session_yields_goes_on_at_its_rate() -> None:
    share, months = 258 / 365, [1500.0, 1700, 1600, 1650, 1500, 1800, 1700, 1600, 1300, 0, 0, 0]
    forecast = carried_on(Counting.FLOW, actual=14350, share=share, by_month=months)
    wild = carried_on(Counting.FLOW, actual=14350, share=share, by_month=[14000.0, 350, *[0.0] * 10])

    assert forecast.middle == wild.middle == 20301.36
    assert 14350 < wild.low < forecast.low < 20301.36 < forecast.high < wild.high
    assert carried_on(Counting.FLOW, actual=14350, share=1, by_month=months) == Forecast(14350, 14350, 14350)
    assert carried_on(Counting.FLOW, actual=5, share=0, by_month=months) == Forecast(5, 5, 5)


def test_a_level_stands() -> None:
    assert carried_on(Counting.LEVEL, actual=22, share=0.3, by_month=[22.0, *[0.0] * 11]) == Forecast(22, 22, 22)


KINDS = st.builds(
    lambda held, lost, planned, visits, spread: KindFacts(
        held=held, lost=lost, planned=tuple(planned), counted=held, visits=held * visits,
        squares=held * visits**2 * (1 + spread**2), seats=90.0,
    ),
    st.integers(0, 80), st.integers(0, 20), st.lists(st.integers(0, 60), min_size=12, max_size=12),
    st.floats(0, 5000), st.floats(0, 2),
)  # fmt: skip


@settings(max_examples=25)
@given(st.lists(KINDS, max_size=4), st.integers(0, 10**6))
def test_a_forecast_lies_in_its_range_and_above_what_is_done(kinds: list[KindFacts], actual: int) -> None:
    for ends in (forecast_sessions(actual, kinds), forecast_visits(actual, kinds, seed="a")):
        for one in ends:
            assert actual - 0.01 <= one.low <= one.middle <= one.high
        middles = [one.middle for one in ends]
        assert middles == sorted(middles)
        assert len(ends) == 12


@given(st.integers(0, 10**6), st.floats(0, 1), st.lists(st.floats(0, 10**5), min_size=12, max_size=12))
def test_what_is_carried_on_lies_in_its_range(actual: int, share: float, months: list[float]) -> None:
    forecast = carried_on(Counting.FLOW, actual=actual, share=max(share, 1e-3), by_month=months)
    assert actual - 0.01 <= forecast.low <= forecast.middle <= forecast.high
