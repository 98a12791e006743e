"""Openings: who may come, when, and how places are shared between districts."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.events.domain.openings import (
    OpeningDraft,
    OpeningFacts,
    OpeningState,
    Quota,
    cleaned,
    has_place,
    is_meant_for,
    kept_problems,
    opening_problems,
    over_quota,
    rest_of,
    state_of,
    unserved_since,
)
from outreach.shared.time import ZONE

NOON = datetime(2015, 9, 15, 12, tzinfo=ZONE)
DISTRICTS = ["吴中区", "虎丘区", "姑苏区", ""]


def facts(**given: Any) -> OpeningFacts:
    return OpeningFacts(**{"opens_at": NOON, **given})


def test_the_moments_of_opening_and_closing() -> None:
    """Open from the first moment on, closed from the last one on; without an end it stays open."""
    second = timedelta(seconds=1)
    limited = facts(closes_at=NOON + second)

    assert [state_of(limited, NOON + step * second) for step in (-1, 0, 1)] == [
        OpeningState.WAITING,
        OpeningState.OPEN,
        OpeningState.OVER,
    ]
    assert state_of(facts(), NOON.replace(year=2030)) is OpeningState.OPEN


def test_whom_it_is_for() -> None:
    """Districts by name, the city's own by an empty one; unserved by the last session."""
    districts = facts(for_whom="districts", districts=("吴中区", ""))
    unserved = facts(for_whom="unserved", unserved_years=2)
    edge = datetime(2013, 9, 15, 0, 0, tzinfo=ZONE)

    assert [is_meant_for(districts, one, None, NOON) for one in DISTRICTS] == [True, False, False, True]
    assert is_meant_for(facts(), "", NOON, NOON)
    assert [is_meant_for(unserved, "", served, NOON) for served in (None, edge, edge - timedelta(seconds=1))] == [
        True,
        False,
        True,
    ]


def test_two_years_before_a_leap_day() -> None:
    """29 February has no day two years before."""
    assert unserved_since(2, date(2016, 2, 29)) == date(2014, 2, 28)


def test_what_belongs_to_another_choice_goes() -> None:
    """Districts typed before the choice changed are not stored."""
    typed = facts(for_whom="all", districts=("吴中区",), unserved_years=2, quotas=(Quota("虎丘区", 1), Quota("", 1)))

    assert cleaned(typed) == facts(for_whom="all", quotas=(Quota("", 1), Quota("虎丘区", 1)))


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({}, []),
        ({"closes_at": NOON}, [("closes_at", "closes-before-opening")]),
        ({"for_whom": "districts"}, [("districts", "choose-districts")]),
        ({"for_whom": "unserved"}, [("unserved_years", "required")]),
        ({"quotas": (Quota("吴中区", 1), Quota("吴中区", 2))}, [("quotas", "district-twice")]),
        ({"places": 2, "quotas": (Quota("吴中区", 3),)}, [("quotas", "quotas-above-places")]),
        ({"opens_at": NOON.replace(year=1999)}, [("opens_at", "year-out-of-range")]),
    ],
)
def test_what_an_opening_may_not_say(given: dict[str, Any], named: list[tuple[str, str]]) -> None:
    """Each contradiction names its field."""
    draft = OpeningDraft(programme_id=UUID(int=1), name="第一批", facts=facts(**given), event_ids=(UUID(int=2),))

    assert [(one.field, one.code) for one in opening_problems(draft)] == named


def test_an_opening_opens_something() -> None:
    """Without a session and a menu item there is nothing to open."""
    found = opening_problems(OpeningDraft(programme_id=UUID(int=1), name="第一批", facts=facts()))

    assert [(one.field, one.code) for one in found] == [("session_ids", "nothing-opened")]


def test_places_that_are_taken_stay() -> None:
    """Fewer places than are taken, or so many kept that the rest is less than others have."""
    taken = {"吴中区": 3, "虎丘区": 2}

    assert [one.code for one in kept_problems(facts(places=4), taken)] == ["places-below-taken"]
    assert kept_problems(facts(places=5), taken) == []
    kept = facts(places=6, quotas=(Quota("姑苏区", 2),))
    assert [(one.code, one.facts) for one in kept_problems(kept, taken)] == [
        ("rest-below-taken", {"taken": 5, "rest": 4})
    ]
    assert kept_problems(facts(), taken) == []


def test_no_limit_has_always_a_place() -> None:
    """Without places in all, the rest has no end."""
    assert rest_of(None, (Quota("吴中区", 2),)) is None
    assert has_place(None, (Quota("吴中区", 2),), {"吴中区": 99}, "吴中区")


def test_a_unit_that_moved_takes_no_place_that_is_not_there() -> None:
    """Three came from 虎丘 and two of them moved to 姑苏, for which a place is kept: four in all stay four."""
    quotas = (Quota("吴中区", 1), Quota("姑苏区", 1))

    assert not has_place(4, quotas, {"虎丘区": 4}, "吴中区")


@st.composite
def rushes(draw: st.DrawFn) -> tuple[int, tuple[Quota, ...], list[str]]:
    """Places, quotas that fit in them, and the districts of those who come, in order."""
    kept = draw(st.dictionaries(st.sampled_from(DISTRICTS), st.integers(1, 5), max_size=4))
    places = sum(kept.values()) + draw(st.integers(0, 6))
    comers = draw(st.lists(st.sampled_from(DISTRICTS), max_size=40))
    return places or 1, tuple(Quota(*one) for one in kept.items()), comers


@given(rushes())
def test_whoever_comes_in_whatever_order(rush: tuple[int, tuple[Quota, ...], list[str]]) -> None:
    """The rest is never overdrawn, a kept place is never refused while it is free, and nobody is refused needlessly."""
    places, quotas, comers = rush
    kept = {quota.district: quota.places for quota in quotas}
    rest = places - sum(kept.values())
    taken: dict[str, int] = {}

    for district in comers:
        own_is_free = taken.get(district, 0) < kept.get(district, 0)
        rest_is_free = over_quota(quotas, taken) < rest
        admitted = has_place(places, quotas, taken, district)
        assert admitted == (own_is_free or rest_is_free)
        if admitted:
            taken[district] = taken.get(district, 0) + 1
        assert sum(max(0, number - kept.get(one, 0)) for one, number in taken.items()) <= rest
        assert sum(taken.values()) <= places
        assert kept_problems(facts(places=places, quotas=quotas), taken) == []


@given(rushes(), st.sampled_from(DISTRICTS))
def test_giving_up_frees_a_place_for_the_same_district(
    rush: tuple[int, tuple[Quota, ...], list[str]], district: str
) -> None:
    """Whoever gives a place up could have it again."""
    places, quotas, comers = rush
    taken: dict[str, int] = {}
    for comer in comers:
        if has_place(places, quotas, taken, comer):
            taken[comer] = taken.get(comer, 0) + 1

    if taken.get(district, 0):
        taken[district] -= 1
        assert has_place(places, quotas, taken, district)
