"""The order of a tour: as many stops as fit, as little way as possible, the same in whatever order they come."""

import itertools
import random
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outreach.tours.domain import routing
from outreach.tours.domain.routing import MOST_STOPS, STEP, Day, Proposal, Wish, proposed, way_of

FIRST = date(2016, 1, 25)
PLACES = ("甲", "乙", "丙", "丁")
#: Positions on a line, so that ways are a metric.
AT = {"": 0, "甲": 10, "乙": 30, "丙": 60, "丁": 100}


def way(here: str, there: str) -> int:
    return 20 if here == there and here else abs(AT[here] - AT[there])


def days(count: int = 2, **given: object) -> list[Day]:
    return [Day(FIRST + timedelta(days=number), 540, 1020, **given) for number in range(count)]  # type: ignore[arg-type]


def brute_force(wishes: list[Wish], on: list[Day], base: str) -> tuple[int, int]:
    """Fewest stops left out and least way: every assignment to the days (or none) in every order."""
    road = routing._Road(sorted(wishes, key=lambda one: one.key), on, way, base)
    best = (len(wishes) + 1, 0)
    for where in itertools.product(range(len(on) + 1), repeat=len(wishes)):
        groups = [[stop for stop, day in enumerate(where) if day == number] for number in range(len(on))]
        for orders in itertools.product(*(itertools.permutations(group) for group in groups)):
            if all(road.beginnings(number, order) is not None for number, order in enumerate(orders)):
                best = min(best, (where.count(len(on)), sum(road.way(order) for order in orders)))
    return best


def check(found: Proposal, wishes: list[Wish], on: list[Day], base: str) -> None:
    """What every proposal keeps, however it was found."""
    by_key = {one.key: one for one in wishes}
    by_day = {one.on: one for one in on}
    assert sorted([one.key for one in found.visits] + list(found.left_out)) == sorted(by_key)
    assert list(found.visits) == sorted(found.visits)
    for number, visit in enumerate(found.visits):
        wish, day = by_key[visit.key], by_day[visit.on]
        ends = visit.starts + wish.minutes
        assert visit.starts % STEP == 0
        assert max(day.starts, wish.earliest or 0) <= visit.starts
        assert ends <= min(day.ends, wish.latest or day.ends)
        assert wish.only_on in (None, visit.on)
        assert not any(visit.starts < until and since < ends for since, until in day.busy)
        before = found.visits[number - 1] if number else None
        if before is not None and before.on == visit.on:
            earlier = by_key[before.key]
            assert before.starts + earlier.minutes + way(earlier.place, wish.place) <= visit.starts
    for day in on:
        assert day.most is None or sum(one.on == day.on for one in found.visits) <= day.most
    assert found.way == way_of(found.visits, {one.key: one.place for one in wishes}, way, base)


@st.composite
def tours(draw: st.DrawFn, most: int) -> tuple[list[Wish], list[Day]]:
    count = draw(st.integers(1, 3))
    on = [
        Day(
            FIRST + timedelta(days=number),
            540,
            draw(st.sampled_from((720, 1020))),
            ((690, 780),) if draw(st.booleans()) else (),
            draw(st.sampled_from((None, None, 2))),
        )
        for number in range(count)
    ]
    wishes = []
    for key in range(draw(st.integers(0, most))):
        minutes = draw(st.sampled_from((30, 60, 90)))
        earliest = draw(st.sampled_from((None, None, 600, 803)))
        latest = draw(st.sampled_from((None, None, 960)))
        day = draw(st.sampled_from((None, None, None, FIRST, FIRST + timedelta(days=1))))
        wishes.append(Wish(key, draw(st.sampled_from(PLACES)), minutes, day, earliest, latest))
    return wishes, on


@settings(max_examples=40)
@given(tours(most=4), st.sampled_from(("", "乙")))
def test_few_stops_are_as_good_as_every_order_tried(tour: tuple[list[Wish], list[Day]], base: str) -> None:
    wishes, on = tour
    found = proposed(wishes, on, way, base)

    check(found, wishes, on, base)
    assert (len(found.left_out), found.way) == brute_force(wishes, on, base)


@settings(max_examples=25)
@given(tours(most=12), st.randoms(use_true_random=False))
def test_every_proposal_keeps_the_rules_and_does_not_depend_on_the_order_given(
    tour: tuple[list[Wish], list[Day]], shuffling: random.Random
) -> None:
    wishes, on = tour
    found = proposed(wishes, on, way, "甲")
    check(found, wishes, on, "甲")
    shuffled = list(wishes)
    shuffling.shuffle(shuffled)

    assert proposed(shuffled, reversed(on), way, "甲") == found


@settings(max_examples=40)
@given(tours(most=7))
def test_the_search_for_many_stops_comes_near_the_best(tour: tuple[list[Wish], list[Day]]) -> None:
    """On tours that both can do: never better, and at most one stop less and a quarter more way."""
    wishes, on = tour
    best = proposed(wishes, on, way, "甲")
    road = routing._Road(sorted(wishes, key=lambda one: one.key), on, way, "甲")
    found = road.proposal(routing._searched(road))
    check(found, wishes, on, "甲")

    assert len(found.left_out) >= len(best.left_out)
    assert len(found.left_out) <= len(best.left_out) + 1
    if len(found.left_out) == len(best.left_out):
        assert best.way <= found.way <= best.way * 1.25 + 20


def test_ten_enterprises_in_a_week_are_grouped_by_district() -> None:
    """送春联: two districts a day at most, none visited twice without need."""
    wishes = [Wish(key, PLACES[key % 3], 60) for key in range(10)]
    on = [Day(one.on, 540, 1020, ((690, 780),), 2) for one in days(5)]
    found = proposed(wishes, on, way, "甲")

    assert found.left_out == ()
    assert len({one.on for one in found.visits}) == 5
    check(found, wishes, on, "甲")


def test_more_than_fits_is_left_out_and_nothing_else() -> None:
    found = proposed([Wish(key, "甲", 240) for key in range(3)], days(1), way, "甲")

    assert len(found.visits) == 1
    assert len(found.left_out) == 2


def test_without_stops_or_days_there_is_nothing_to_do() -> None:
    assert proposed([], days(), way, "甲") == Proposal((), (), 0)
    assert proposed([Wish(1, "甲", 30)], [], way, "甲") == Proposal((), (1,), 0)


def test_too_many_or_twice_the_same_is_refused() -> None:
    with pytest.raises(ValueError, match="too many"):
        proposed([Wish(key, "甲", 30) for key in range(MOST_STOPS + 1)], days(), way, "甲")
    with pytest.raises(ValueError, match="one key"):
        proposed([Wish(1, "甲", 30), Wish(1, "乙", 30)], days(), way, "甲")
