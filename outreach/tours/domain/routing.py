"""In which order a provider visits units on the days it has, with as little way as possible. Pure.

Minutes are counted from the local midnight of each day. Every day begins and ends at the base; the way from there to
the first stop lies before the hours of the day, as people travel before they work. A stop begins within its own window
and the hours of the day, is not interrupted by what is fixed on that day, and begins at full five minutes.

What counts, in this order: as many stops as possible, then few minutes on the way, then early days and early hours.
Up to ``EXACT_MOST`` stops nothing better exists: every order is looked at, by sets of visited stops (Held and Karp),
with time and way as two aims, of which only what nothing else beats in both is kept. Beyond that, stops are put where
they cost least, in several orders, and moved, swapped and taken out again as long as it gets better. Both are
deterministic: the same stops give the same tour in whatever order they come.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import NamedTuple

__all__ = ["EXACT_MOST", "MOST_STOPS", "STEP", "Day", "Proposal", "Visit", "Way", "Wish", "proposed", "way_of"]

EXACT_MOST = 8
MOST_STOPS = 15
#: Sessions begin at such minutes.
STEP = 5
#: How often everything is taken out and put in again.
_ROUNDS = 3

#: Minutes between two districts.
Way = Callable[[str, str], int]


@dataclass(frozen=True, slots=True)
class Day:
    """A day on the road: stops begin from ``starts`` and are over by ``ends``; ``busy``: spans taken by other things.

    ``most``: stops; ``None``: as many as fit.
    """

    on: date
    starts: int
    ends: int
    busy: tuple[tuple[int, int], ...] = ()
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """A stop to be visited: ``key`` names it and decides between equals, ``minutes`` is what it takes on the spot."""

    key: int
    place: str
    minutes: int
    only_on: date | None = None
    earliest: int | None = None
    latest: int | None = None


class Visit(NamedTuple):
    """When a stop begins."""

    on: date
    starts: int
    key: int


class Proposal(NamedTuple):
    """The visits by time, the stops that did not fit, and the minutes on the way, from the base and back each day."""

    visits: tuple[Visit, ...]
    left_out: tuple[int, ...]
    way: int


def proposed(wishes: Iterable[Wish], days: Iterable[Day], way: Way, base: str) -> Proposal:
    """The best tour, or a good one beyond ``EXACT_MOST`` stops.

    Raises:
        ValueError: more than ``MOST_STOPS``, or two stops with one key.
    """
    stops = sorted(wishes, key=lambda one: one.key)
    if len(stops) > MOST_STOPS or len({one.key for one in stops}) < len(stops):
        raise ValueError("too many stops, or two with one key")
    road = _Road(stops, sorted(days, key=lambda one: one.on), way, base)
    plan = _exact(road) if len(stops) <= EXACT_MOST else _searched(road)
    return road.proposal(plan)


def way_of(proposal: Sequence[Visit], places: dict[int, str], way: Way, base: str) -> int:
    """Minutes on the way of visits that somebody arranged by hand."""
    total = 0
    for on in sorted({one.on for one in proposal}):
        stations = [base, *(places[one.key] for one in sorted(proposal) if one.on == on), base]
        total += sum(way(here, there) for here, there in pairwise(stations))
    return total


#: The stops of each day, by their places in the list of stops, in the order of visiting.
_Plan = tuple[tuple[int, ...], ...]


class _Road:
    """The stops, the days, and the ways between them, looked up once."""

    def __init__(self, stops: Sequence[Wish], days: Sequence[Day], way: Way, base: str) -> None:
        self.stops, self.days = stops, days
        names = [*(one.place for one in stops), base]
        self.ways = [[way(here, there) for there in names] for here in names]
        self.base = len(stops)
        self._known: dict[tuple[int, tuple[int, ...]], tuple[int, ...] | None] = {}

    def start(self, stop: int, day: Day, ready: int) -> int | None:
        """The earliest beginning at or after ``ready``; ``None``: not on this day."""
        one = self.stops[stop]
        if one.only_on not in (None, day.on):
            return None
        at = _rounded(max(ready, day.starts, one.earliest or 0))
        moved = True
        while moved:
            moved = False
            for taken_from, taken_until in day.busy:
                if at < taken_until and taken_from < at + one.minutes:
                    at, moved = _rounded(taken_until), True
        ends = day.ends if one.latest is None else min(day.ends, one.latest)
        return at if at + one.minutes <= ends else None

    def beginnings(self, number: int, order: tuple[int, ...]) -> tuple[int, ...] | None:
        """When each stop of a day begins; ``None``: not all of them fit in this order."""
        if (number, order) not in self._known:
            self._known[number, order] = self._beginnings(self.days[number], order)
        return self._known[number, order]

    def _beginnings(self, day: Day, order: tuple[int, ...]) -> tuple[int, ...] | None:
        if day.most is not None and len(order) > day.most:
            return None
        found: list[int] = []
        here, ready = self.base, 0
        for stop in order:
            at = self.start(stop, day, ready + self.ways[here][stop] if found else 0)
            if at is None:
                return None
            found.append(at)
            here, ready = stop, at + self.stops[stop].minutes
        return tuple(found)

    def way(self, order: Sequence[int]) -> int:
        """Minutes on the way of one day."""
        if not order:
            return 0
        inner = sum(self.ways[here][there] for here, there in pairwise(order))
        return self.ways[self.base][order[0]] + inner + self.ways[order[-1]][self.base]

    def score(self, plan: _Plan) -> tuple[int, int, tuple[tuple[int, int, int], ...]]:
        """Less is better: stops left out, minutes on the way, then early days and hours."""
        visits = tuple(
            (number, at, stop)
            for number, order in enumerate(plan)
            for stop, at in zip(order, self.beginnings(number, order) or (), strict=True)
        )
        return len(self.stops) - len(visits), sum(self.way(order) for order in plan), visits

    def proposal(self, plan: _Plan) -> Proposal:
        left, way, visits = self.score(plan)
        placed = {stop for _day, _at, stop in visits}
        assert left == len(self.stops) - len(placed), "a plan holds each stop once"
        return Proposal(
            tuple(Visit(self.days[day].on, at, self.stops[stop].key) for day, at, stop in visits),
            tuple(one.key for number, one in enumerate(self.stops) if number not in placed),
            way,
        )


def _rounded(minute: int) -> int:
    return -(-minute // STEP) * STEP


# --- few stops: every order ------------------------------------------------------------------------------------------


class _Label(NamedTuple):
    """A way to have visited a set of stops by now: minutes travelled, the visits, when the last stop is over."""

    way: int
    path: tuple[tuple[int, int, int], ...]
    ready: int


def _exact(road: _Road) -> _Plan:
    # What was visited by the end of the days so far, with the least way; equals are told apart by their visits.
    best: dict[int, tuple[int, tuple[tuple[int, int, int], ...]]] = {0: (0, ())}
    for number, day in enumerate(road.days):
        evening = dict(best)
        # By visited set, last stop and stops of today; grows by one stop at a time.
        today: dict[tuple[int, int, int], list[_Label]] = {
            (mask, road.base, 0): [_Label(way, path, 0)] for mask, (way, path) in best.items()
        }
        while today:
            today = _one_stop_more(road, number, day, today)
            for (mask, last, _count), labels in today.items():
                for one in labels:
                    closed = (one.way + road.ways[last][road.base], one.path)
                    if mask not in evening or closed < evening[mask]:
                        evening[mask] = closed
        best = evening
    most = max(mask.bit_count() for mask in best)
    _way, path = min(value for mask, value in best.items() if mask.bit_count() == most)
    return tuple(tuple(stop for day, _at, stop in path if day == number) for number in range(len(road.days)))


def _one_stop_more(
    road: _Road, number: int, day: Day, today: dict[tuple[int, int, int], list[_Label]]
) -> dict[tuple[int, int, int], list[_Label]]:
    found: dict[tuple[int, int, int], list[_Label]] = {}
    for (mask, last, count), labels in today.items():
        if day.most is not None and count >= day.most:
            continue
        for stop in range(len(road.stops)):
            if mask & (1 << stop):
                continue
            minutes = road.ways[last][stop]
            # Without a limit the number of today's stops decides nothing.
            key = (mask | (1 << stop), stop, count + 1 if day.most is not None else 0)
            for one in labels:
                at = road.start(stop, day, one.ready + minutes if last != road.base else 0)
                if at is not None:
                    ready = at + road.stops[stop].minutes
                    _keep(found.setdefault(key, []), _Label(one.way + minutes, (*one.path, (number, at, stop)), ready))
    return found


def _keep(labels: list[_Label], new: _Label) -> None:
    """Add ``new`` unless one is as early with as little way; drop what it beats. Equals: the earlier visits stay."""
    for one in labels:
        if one.ready <= new.ready and (one.way, one.path) <= (new.way, new.path):
            return
    labels[:] = [one for one in labels if not (new.ready <= one.ready and (new.way, new.path) <= (one.way, one.path))]
    labels.append(new)


# --- more stops: put in, moved, taken out ----------------------------------------------------------------------------


def _searched(road: _Road) -> _Plan:
    numbers = range(len(road.stops))

    def width(stop: int) -> int:
        one = road.stops[stop]
        return (one.latest or 24 * 60) - (one.earliest or 0) - (24 * 60 if one.only_on else 0)

    orders = (
        sorted(numbers, key=lambda stop: (width(stop), stop)),
        sorted(numbers, key=lambda stop: (-road.ways[road.base][stop], stop)),
        sorted(numbers, key=lambda stop: (road.stops[stop].place, stop)),
    )
    empty: _Plan = tuple(() for _day in road.days)
    best = min((_improved(road, _filled(road, empty, order)) for order in orders), key=road.score)
    return _shaken(road, best)


def _filled(road: _Road, plan: _Plan, missing: Iterable[int]) -> _Plan:
    """Each missing stop put where it costs least, in this order; what fits nowhere stays out."""
    for stop in missing:
        choices = list(_insertions(road, plan, stop))
        if choices:
            plan = min(choices, key=road.score)
    return plan


def _insertions(road: _Road, plan: _Plan, stop: int) -> Iterable[_Plan]:
    for number, order in enumerate(plan):
        for place in range(len(order) + 1):
            longer = (*order[:place], stop, *order[place:])
            if road.beginnings(number, longer) is not None:
                yield _with(plan, number, longer)


def _with(plan: _Plan, number: int, order: tuple[int, ...]) -> _Plan:
    return (*plan[:number], order, *plan[number + 1 :])


def _without(plan: _Plan, gone: Iterable[int]) -> _Plan:
    out = set(gone)
    return tuple(tuple(stop for stop in order if stop not in out) for order in plan)


def _missing(road: _Road, plan: _Plan) -> list[int]:
    placed = {stop for order in plan for stop in order}
    return [stop for stop in range(len(road.stops)) if stop not in placed]


def _improved(road: _Road, plan: _Plan) -> _Plan:
    """Moves and swaps of single stops and turned stretches, the best one each time, until none helps."""
    score = road.score(plan)
    while True:
        candidate = min(_neighbours(road, plan), key=road.score, default=plan)
        better = road.score(candidate)
        if better >= score:
            return plan
        plan, score = candidate, better


def _neighbours(road: _Road, plan: _Plan) -> Iterable[_Plan]:
    placed = [stop for order in plan for stop in order]
    for stop in _missing(road, plan):
        yield from _insertions(road, plan, stop)
        for other in placed:  # it takes the place of one that fits elsewhere, or that lies farther off
            for changed in _insertions(road, _without(plan, [other]), stop):
                yield changed
                yield from _insertions(road, changed, other)
    for stop in placed:
        yield from _insertions(road, _without(plan, [stop]), stop)
    for place, stop in enumerate(placed):
        for other in placed[place + 1 :]:
            swapped = tuple(
                tuple(other if one == stop else stop if one == other else one for one in order) for order in plan
            )
            if _fits(road, swapped):
                yield swapped
    for number, order in enumerate(plan):
        for first in range(len(order)):
            for last in range(first + 2, len(order) + 1):
                turned = (*order[:first], *reversed(order[first:last]), *order[last:])
                if road.beginnings(number, turned) is not None:
                    yield _with(plan, number, turned)


def _fits(road: _Road, plan: _Plan) -> bool:
    return all(road.beginnings(number, order) is not None for number, order in enumerate(plan))


def _shaken(road: _Road, plan: _Plan) -> _Plan:
    """Whole days, pairs of days and districts taken out and put in anew, as long as it gets better."""
    best, score = plan, road.score(plan)
    for _round in range(_ROUNDS):
        before = score
        for gone in _groups(road, best):
            bare = _without(best, gone)
            out = _missing(road, bare)
            for order in (out, out[::-1]):
                candidate = _improved(road, _filled(road, bare, order))
                if (better := road.score(candidate)) < score:
                    best, score = candidate, better
        if score == before:
            break
    return best


def _groups(road: _Road, plan: _Plan) -> list[tuple[int, ...]]:
    days = [order for order in plan if order]
    pairs = [(*one, *other) for place, one in enumerate(days) for other in days[place + 1 :]]
    places = sorted({one.place for one in road.stops})
    placed = [stop for order in plan for stop in order]
    districts = [tuple(stop for stop in placed if road.stops[stop].place == place) for place in places]
    return [*days, *pairs, *(one for one in districts if one)]
