"""The forecast, played backwards: 240 simulated years, cut at the end of each month, beside a straight line.

Every year has three kinds of sessions with a chance and a size of their own, months with bad weather in which more is
lost than usual, and crowds that differ from session to session. Nobody told the forecast any of it. A straight line
takes what was reached by the day and divides it by the part of the year that lies behind.
"""

import math
import statistics
from dataclasses import dataclass, field
from random import Random

from bench.support import Row
from outreach.programmes.domain.forecast import KindFacts, forecast_sessions, forecast_visits

__all__ = ["measure", "table"]

YEARS = 240
MONTHS = range(1, 12)
KINDS = 3
#: 10 to 90 % is to hold so many of 100 ends.
LEAST_HELD, MOST_HELD = 0.72, 0.92


@dataclass(frozen=True, slots=True)
class _Session:
    kind: int
    month: int
    held: bool
    visits: int


@dataclass(slots=True)
class _Month:
    inside: dict[str, int] = field(default_factory=lambda: {"sessions": 0, "visits": 0})
    errors: dict[str, list[float]] = field(default_factory=lambda: {"sessions": [], "visits": []})
    straight: dict[str, list[float]] = field(default_factory=lambda: {"sessions": [], "visits": []})


def _year(dice: Random) -> list[_Session]:
    """Sessions of a year: more in spring and autumn, none moved into it later."""
    seasons = (5, 4, 9, 10, 12, 9, 5, 6, 12, 12, 9, 7)
    chances = [dice.betavariate(28, 2) for _ in range(KINDS)]
    sizes = [dice.lognormvariate(math.log(160), 0.7) for _ in range(KINDS)]
    spread = dice.uniform(0.25, 0.6)
    weather = [dice.choice((0, 0, 0, 0, 0.12)) for _ in range(12)]
    made = []
    for _number in range(dice.randint(60, 220)):
        kind, month = dice.randrange(KINDS), dice.choices(range(12), seasons)[0]
        held = dice.random() < chances[kind] - weather[month]
        sigma = math.sqrt(math.log(1 + spread**2))
        visits = round(sizes[kind] * dice.lognormvariate(-(sigma**2) / 2, sigma))
        made.append(_Session(kind, month, held, visits if held else 0))
    return made


def _facts(sessions: list[_Session], cut: int) -> list[KindFacts]:
    found = []
    for kind in range(KINDS):
        ours = [one for one in sessions if one.kind == kind]
        past = [one for one in ours if one.month < cut]
        counted = [one.visits for one in past if one.held]
        planned = [sum(one.month == month and month >= cut for one in ours) for month in range(12)]
        found.append(
            KindFacts(
                held=len(counted),
                lost=len(past) - len(counted),
                planned=tuple(planned),
                counted=len(counted),
                visits=sum(counted),
                squares=sum(amount**2 for amount in counted),
                seats=150,
            )
        )
    return found


def table() -> dict[int, _Month]:
    """Month of the cut → how often the range held the end, and the errors of both, as parts of the end."""
    dice = Random("years")
    months = {cut: _Month() for cut in MONTHS}
    for number in range(YEARS):
        sessions = _year(dice)
        ends = {"sessions": sum(one.held for one in sessions), "visits": sum(one.visits for one in sessions)}
        for cut in MONTHS:
            kinds = _facts(sessions, cut)
            done = {"sessions": sum(one.held for one in kinds), "visits": sum(one.visits for one in kinds)}
            told = {
                "sessions": forecast_sessions(int(done["sessions"]), kinds)[-1],
                "visits": forecast_visits(done["visits"], kinds, seed=f"{number}/{cut}")[-1],
            }
            for what, end in ends.items():
                forecast = told[what]
                months[cut].inside[what] += forecast.low <= end <= forecast.high
                months[cut].errors[what].append(abs(forecast.middle - end) / end)
                months[cut].straight[what].append(abs(done[what] * 12 / cut - end) / end)
    return months


def measure() -> list[Row]:
    """One row for each figure, the months in it from January to November."""
    months = table()
    rows = []
    for what in ("sessions", "visits"):
        held = [months[cut].inside[what] / YEARS for cut in MONTHS]
        errors = [statistics.median(months[cut].errors[what]) for cut in MONTHS]
        straight = [statistics.median(months[cut].straight[what]) for cut in MONTHS]
        rows.append(
            Row(
                f"forecast of {what}, {YEARS} simulated years: ends within 10–90 % by month, %",
                " ".join(f"{part * 100:.0f}" for part in held),
                "",
                None,
                "72 to 92 each month",
                all(LEAST_HELD <= part <= MOST_HELD for part in held),
            )
        )
        rows.append(
            Row(
                "median error of it by month, %",
                " ".join(f"{part * 100:.1f}" for part in errors),
                "straight line " + " ".join(f"{part * 100:.1f}" for part in straight),
                None,
                "below it each month",
                all(ours < line for ours, line in zip(errors, straight, strict=True)),
            )
        )
    return rows
