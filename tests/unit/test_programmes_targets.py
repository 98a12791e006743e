"""Bounds, percent, status: the formulas, without a database."""

from hypothesis import given
from hypothesis import strategies as st

from outreach.programmes.domain.targets import Bound, Status, is_met, least_value, limits, percent, status_of

VALUES = st.floats(0, 1e9, allow_nan=False)
BOUNDS = st.sampled_from(Bound)
TOLERANCES = st.floats(0.1, 100)


def test_bounds_as_the_notices_mean_them() -> None:
    assert not is_met(Bound.MORE_THAN, 150, 150)
    assert is_met(Bound.MORE_THAN, 150, 151)
    assert is_met(Bound.AT_LEAST, 50, 50)
    assert not is_met(Bound.AT_LEAST, 50, 49)
    assert not is_met(Bound.ABOUT, 50, 44, 10)
    assert is_met(Bound.ABOUT, 50, 45, 10)
    assert is_met(Bound.ABOUT, 50, 70, 10)  # 超额 is no fault
    assert is_met(Bound.PLAIN, 60, 60)
    assert not is_met(Bound.PLAIN, 60, 59)


def test_limits_are_exact() -> None:
    assert limits(50, 10) == (45, 55)
    assert limits(400, 10) == (360, 440)
    assert limits(70, 10) == (63, 77)


def test_percent() -> None:
    assert percent(118, 150) == 78.7
    assert percent(0, 150) == 0
    assert percent(3, 0) == 100


@given(BOUNDS, VALUES, TOLERANCES, VALUES, VALUES)
def test_more_never_breaks_a_promise(bound: Bound, value: float, tolerance: float, low: float, more: float) -> None:
    if is_met(bound, value, low, tolerance):
        assert is_met(bound, value, low + more, tolerance)


@given(BOUNDS, VALUES, TOLERANCES)
def test_the_least_value_is_where_a_promise_begins(bound: Bound, value: float, tolerance: float) -> None:
    least = least_value(bound, value, tolerance)
    assert is_met(bound, value, least, tolerance) is (bound is not Bound.MORE_THAN)
    assert is_met(bound, value, least + 1, tolerance)
    assert not is_met(bound, value, least - 1, tolerance)


@given(BOUNDS, VALUES, TOLERANCES, VALUES, VALUES, VALUES)
def test_status_is_the_first_figure_that_keeps_the_promise(
    bound: Bound, value: float, tolerance: float, actual: float, risk: float, sure: float
) -> None:
    low, middle = actual + sure, actual + sure + risk
    status = status_of(bound, value, tolerance, actual=actual, forecast=middle, forecast_low=low)
    met = [is_met(bound, value, figure, tolerance) for figure in (actual, low, middle)]
    expected = {
        (True, True, True): Status.MET,
        (False, True, True): Status.ON_TRACK,
        (False, False, True): Status.AT_RISK,
        (False, False, False): Status.BEHIND,
    }
    assert status is expected[(met[0], met[1], met[2])]
