"""Pace and forecast: the formulas, without a database."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.programmes.domain.forecast import Forecast, forecast_of
from outreach.programmes.domain.pace import calendar_share, month_ends, pace_of
from outreach.programmes.domain.targets import Bound, Counting, Metric

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


def test_published_sessions_are_kept_in_95_of_100_cases() -> None:
    assert forecast_of(Metric.SESSIONS, Counting.FLOW, actual=118, planned=36, share=0.7) == Forecast(152.2, 148.6, 154)


def test_what_no_session_yields_goes_on_at_its_rate() -> None:
    share = 258 / 365
    forecast = forecast_of(Metric.TALLY, Counting.FLOW, actual=14350, planned=0, share=share)
    assert forecast == Forecast(20301.36, 19706.22, 20896.49)
    assert forecast_of(Metric.TALLY, Counting.FLOW, actual=14350, planned=0, share=1) == Forecast(14350, 14350, 14350)
    assert forecast_of(Metric.TALLY, Counting.FLOW, actual=5, planned=0, share=0) == Forecast(5, 5, 5)


def test_a_level_stands() -> None:
    for metric in (Metric.TALLY, Metric.LECTURERS):
        assert forecast_of(metric, Counting.LEVEL, actual=22, planned=0, share=0.3) == Forecast(22, 22, 22)


@given(
    st.sampled_from(Metric),
    st.sampled_from(Counting),
    st.integers(0, 10**6),
    st.integers(0, 10**6),
    st.floats(0, 1),
)
def test_a_forecast_lies_in_its_range_and_above_what_is_done(
    metric: Metric, counting: Counting, actual: int, planned: int, share: float
) -> None:
    forecast = forecast_of(metric, counting, actual=actual, planned=planned, share=max(share, 1e-3))
    assert actual - 0.01 <= forecast.low <= forecast.middle <= forecast.high
