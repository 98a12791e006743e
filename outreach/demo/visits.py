"""How many came: head-counts by session and day, and the tallies for what no session yields."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from outreach.demo.days import Days
from outreach.demo.places import DISTRICTS
from outreach.demo.run import Run

__all__ = ["TALLIED", "Counted", "Entry", "count_visits", "tallies"]

#: Workers who came to culture sessions until the end of August, and from then to today.
_WORKERS = (74_920, 6_540)

# Visits that a culture session has by itself, in the open or at a public place, and at a unit.
_CROWDS = {"演出": (1150, 430), "戏曲": (420, 240), "电影": (980, 520), "展览": (2350, 2350), "交流": (190, 110)}

#: Target → what its entries sum to (flow) or end at (level).
TALLIED: dict[tuple[str, str], int] = {
    ("legal-aid", "lawyers"): 118,
    ("mothers-station", "stations"): 47,
    ("culture", "members-recruited"): 1_036,
    ("psychology", "handbooks"): 14_800,
    ("degree", "students"): 412,
    ("degree", "subsidy"): 50,
    ("safety-books", "book-sets"): 7_460,
}


@dataclass(slots=True)
class Counted:
    """The visits of one session on one day."""

    run: Run
    on: date
    total: int
    workers: int
    estimated: bool
    breakdown: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """One tally."""

    target: tuple[str, str]
    on: date
    quantity: int
    receiver: str
    note: str = ""
    run: Run | None = None


def split(dice: Random, total: int, weights: list[float]) -> list[int]:
    """``total`` in whole parts, near the weights, each at least 1."""
    parts = [max(1, int(total * w / sum(weights))) for w in weights]
    while (rest := total - sum(parts)) != 0:
        parts[dice.choice([n for n, part in enumerate(parts) if rest > 0 or part > 1])] += 1 if rest > 0 else -1
    return parts


def count_visits(runs: list[Run], dice: Random, days: Days) -> list[Counted]:
    """Head-counts of everything held, sums of the culture programme as reported."""
    held = [run for run in runs if run.state in ("held", "closed")]
    culture = [run for run in held if run.planned.dish.programme == "culture"]
    september = date(days.year, 9, 1)
    found = [_simple(run, dice) for run in held if run.planned.dish.programme != "culture"]
    for workers, part in zip(
        _WORKERS,
        ([r for r in culture if r.planned.day < september], [r for r in culture if r.planned.day >= september]),
        strict=True,
    ):
        found += _crowds(part, workers, dice)
    return found


def _simple(run: Run, dice: Random) -> Counted:
    planned = run.planned
    most = planned.capacity or 200
    total = run.came or (planned.capacity or 80) * 3 // 4
    total = max(8, min(most, round(total * dice.uniform(0.9, 1.04))))
    workers = total if dice.random() < 0.7 else max(1, round(total * dice.uniform(0.94, 0.99)))
    women = dice.uniform(0.93, 1) if planned.dish.programme == "women" else dice.uniform(0.25, 0.65)
    return Counted(run, planned.day, total, workers, False, _breakdown(dice, total, women))


def _breakdown(dice: Random, total: int, women: float) -> dict[str, int]:
    """Groups that overlap; some units report none, some leave one out."""
    if dice.random() < 0.12:
        return {}
    migrant = round(total * dice.uniform(0.2, 0.65))
    parts = {"migrant": migrant, "women": min(total, round(total * women))}
    if dice.random() < 0.8:
        parts["new_generation_migrant"] = round(migrant * dice.uniform(0.3, 0.8))
    return dict(sorted(parts.items()))


def _crowds(runs: list[Run], workers: int, dice: Random) -> list[Counted]:
    """Rooms are as full as they were booked; the open ones share what is left of ``workers``."""
    shares = {run.id: _worker_share(run, dice) for run in runs}
    rooms = [run for run in runs if run.planned.capacity is not None]
    found = []
    for run in rooms:
        most = run.planned.capacity or 0
        total = max(12, min(most, round((run.came or most * 0.7) * dice.uniform(0.92, 1.05))))
        count = round(total * shares[run.id])
        workers -= count
        found.append(_crowd(run, run.planned.day, total, count, dice))
    open_ones = [run for run in runs if run.planned.capacity is None]
    weights = [_expected(run) * shares[run.id] * dice.uniform(0.7, 1.3) for run in open_ones]
    for run, count in zip(open_ones, split(dice, workers, weights), strict=True):
        by_day = split(dice, count, [dice.uniform(0.7, 1.3) for _ in run.planned.days])
        for on, part in zip(run.planned.days, by_day, strict=True):
            found.append(_crowd(run, on, round(part / shares[run.id]), part, dice))
    return found


def _expected(run: Run) -> float:
    public, at_unit = _CROWDS[run.planned.dish.kind]
    if run.planned.host is None:
        return public
    return at_unit * 0.6 if run.planned.host.kind == "guest" else at_unit


def _worker_share(run: Run, dice: Random) -> float:
    """At a barracks, a school or a care home the workers are the staff."""
    if run.planned.host is not None and run.planned.host.kind == "guest":
        return dice.uniform(0.2, 0.4)
    return dice.uniform(0.78, 0.9) if run.planned.host is None else dice.uniform(0.93, 1)


def _crowd(run: Run, on: date, total: int, workers: int, dice: Random) -> Counted:
    estimated = run.planned.capacity is None and not run.planned.multi_day
    return Counted(run, on, max(total, workers), workers, estimated, _breakdown(dice, total, dice.uniform(0.35, 0.55)))


# --- tallies ---------------------------------------------------------------------------------------------------------


def tallies(runs: list[Run], dice: Random, days: Days) -> list[Entry]:
    """Everything reported by hand until today, by day."""
    last = days.today - timedelta(days=1)
    found = [
        *_level("legal-aid", "lawyers", ((20, 96), (99, 108), (231, 118)), "职工法律援助律师团", days),
        *_level("degree", "students", ((70, 405), (243, 412)), "在职专升本教育班", days),
        *_level("degree", "subsidy", ((69, 50), (243, 50)), "在读学员学费", days),
        *_spread(dice, "mothers-station", "stations", _station_days(dice, last), days),
        *_spread(dice, "culture", "members-recruited", _branch_days(dice, last), days),
        *_books(runs, dice, days, last),
    ]
    books = [
        (day, f"{d}总工会" if d != "工业园区" else "工业园区总工会")
        for d in DISTRICTS
        for day in _some_days(dice, last, 2)
    ]
    found += _spread(dice, "safety-books", "book-sets", books, days)
    return sorted(found, key=lambda entry: (entry.on, entry.target, entry.receiver, entry.quantity))


def _level(programme: str, key: str, steps: tuple[tuple[int, int], ...], receiver: str, days: Days) -> list[Entry]:
    first = date(days.year, 1, 1)
    return [Entry((programme, key), first + timedelta(days=n), quantity, receiver) for n, quantity in steps]


def _some_days(dice: Random, last: date, n: int) -> list[date]:
    """Working days of the week between March and ``last``."""
    first = date(last.year, 3, 2)
    found = [first + timedelta(days=dice.randint(0, (last - first).days)) for _ in range(n)]
    return sorted(day - timedelta(days=max(0, day.weekday() - 4)) for day in found)


def _station_days(dice: Random, last: date) -> list[tuple[date, str]]:
    return [(day, f"{district}第{n}批") for district in DISTRICTS for n, day in enumerate(_some_days(dice, last, 2), 1)]


def _branch_days(dice: Random, last: date) -> list[tuple[date, str]]:
    branches = ("书画分会", "摄影分会", "戏曲分会", "合唱分会", "灯谜分会", "收藏分会", "羽毛球分会", "太极分会")
    return [(day, branch) for branch in branches for day in _some_days(dice, last, 3)]


def _spread(dice: Random, programme: str, key: str, entries: list[tuple[date, str]], days: Days) -> list[Entry]:
    assert all(day.year == days.year for day, _receiver in entries)
    quantities = split(dice, TALLIED[programme, key], [dice.uniform(0.5, 1.5) for _ in entries])
    return [
        Entry((programme, key), day, quantity, receiver)
        for (day, receiver), quantity in zip(entries, quantities, strict=True)
    ]


def _books(runs: list[Run], dice: Random, days: Days, last: date) -> list[Entry]:
    """Handbooks: a box at every lecture held, the rest through the districts."""
    target = ("psychology", "handbooks")
    held = [r for r in runs if r.planned.dish.programme == "psychology" and r.state in ("held", "closed")]
    at_lectures = [
        Entry(target, run.planned.day, 10 * dice.randint(5, 15), run.planned.title, "讲座现场发放", run) for run in held
    ]
    rest = TALLIED[target] - sum(entry.quantity for entry in at_lectures)
    districts = [(day, f"{district}各基层工会") for district in DISTRICTS for day in _some_days(dice, last, 2)]
    parts = split(dice, rest, [dice.uniform(0.6, 1.4) for _ in districts])
    return at_lectures + [
        Entry(target, day, quantity, receiver) for (day, receiver), quantity in zip(districts, parts, strict=True)
    ]
