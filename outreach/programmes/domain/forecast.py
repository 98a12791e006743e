"""What the end of the year will show, by the simple rule in force until chances are learnt from the year itself.

Sessions published and not yet held are kept in 95 of 100 cases, 85 at worst, all at best. What no session yields is
carried on at the rate of the year so far, ±10 % of what is still to come. Of a level the latest figure stands.
"""

from dataclasses import dataclass

from outreach.programmes.domain.targets import Counting, Metric

__all__ = ["KEPT", "KEPT_AT_BEST", "KEPT_AT_WORST", "RATE_MARGIN", "Forecast", "forecast_of"]

KEPT, KEPT_AT_WORST, KEPT_AT_BEST = 0.95, 0.85, 1.0
RATE_MARGIN = 0.10

_PLACES = 2


@dataclass(frozen=True, slots=True)
class Forecast:
    """A figure at the end of the year with its range, in the target's unit."""

    middle: float
    low: float
    high: float


def forecast_of(metric: Metric, counting: Counting, *, actual: float, planned: float, share: float) -> Forecast:
    """The forecast from what is done, what is planned and the part of the year (0 to 1) that lies behind.

    Tallies of a flow: the rate so far goes on, so ``actual ÷ share`` at the end; before the year nothing is known.
    """
    if metric.comes_from_sessions:
        return _rounded(actual + KEPT * planned, actual + KEPT_AT_WORST * planned, actual + KEPT_AT_BEST * planned)
    if metric is Metric.TALLY and counting is Counting.FLOW and share > 0:
        to_come = actual / share - actual
        margin = RATE_MARGIN * to_come
        return _rounded(actual + to_come, actual + to_come - margin, actual + to_come + margin)
    return _rounded(actual, actual, actual)


def _rounded(middle: float, low: float, high: float) -> Forecast:
    return Forecast(round(middle, _PLACES), round(low, _PLACES), round(high, _PLACES))
