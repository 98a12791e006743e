"""Which team or room a session gets: the pure rule."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.events.domain.occupation import (
    Span,
    Taken,
    arranged,
    first_free,
    most_at_once,
    people_spans,
    place_span,
)

START = datetime(2015, 9, 24, 6, 0, tzinfo=UTC)


def span(first: int, last: int) -> Span:
    """A span in hours from ``START``."""
    return Span(START + timedelta(hours=first), START + timedelta(hours=last))


def taken(slot: int, first: int, last: int) -> Taken:
    return Taken(uuid4(), UUID(int=0), slot, span(first, last))


#: The eight ways in which another span can lie to 2—6, and whether it clashes.
EIGHT = [
    ("before", 0, 1, False),
    ("touching the start", 0, 2, False),
    ("over the start", 1, 3, True),
    ("within", 3, 5, True),
    ("the same", 2, 6, True),
    ("around", 1, 7, True),
    ("over the end", 5, 7, True),
    ("touching the end", 6, 8, False),
]


@pytest.mark.parametrize(("first", "last", "clashes"), [case[1:] for case in EIGHT], ids=[case[0] for case in EIGHT])
def test_the_eight_ways_to_lie_beside_each_other(first: int, last: int, clashes: bool) -> None:
    held = [taken(1, 2, 6)]
    assert first_free(1, held, span(first, last)) == (None if clashes else 1)
    assert first_free(2, held, span(first, last)) == (2 if clashes else 1)
    assert (arranged(1, held, span(first, last)) is None) is clashes


def test_an_exhibition_ties_people_at_set_up_and_take_down_only() -> None:
    last = START + timedelta(days=5)
    given = {"setup_minutes": 120, "takedown_minutes": 60}
    assert people_spans(START, last, multi_day=True, setup_minutes=120, takedown_minutes=60) == (
        Span(START - timedelta(hours=2), START),
        Span(last, last + timedelta(hours=1)),
    )
    assert people_spans(START, last, multi_day=True, setup_minutes=0, takedown_minutes=0) == ()
    assert people_spans(START, last, multi_day=False, **given) == (Span(START, last),)
    assert place_span(START, last, **given) == Span(START - timedelta(hours=2), last + timedelta(hours=1))


def test_others_change_slots_when_each_slot_is_busy_for_a_part() -> None:
    early, late = taken(1, 0, 2), taken(2, 2, 4)
    assert first_free(2, [early, late], span(1, 3)) is None
    plan = arranged(2, [early, late], span(1, 3))
    assert plan is not None
    changed, slot = plan
    assert {changed.get(early.id, early.slot), changed.get(late.id, late.slot)} == {3 - slot}


spans = st.tuples(st.integers(0, 40), st.integers(1, 12)).map(lambda pair: span(pair[0], pair[0] + pair[1]))


@given(st.integers(1, 4), st.lists(spans, max_size=12))
def test_sessions_are_taken_as_long_as_a_team_is_free_at_every_moment(slots: int, wishes: list[Span]) -> None:
    held: list[Taken] = []
    for wish in wishes:
        fits = most_at_once([one.span for one in held], wish) < slots
        slot = first_free(slots, held, wish)
        if slot is None and (plan := arranged(slots, held, wish)) is not None:
            changed, slot = plan
            held = [Taken(one.id, one.session_id, changed.get(one.id, one.slot), one.span) for one in held]
        assert (slot is not None) is fits
        if slot is not None:
            held.append(Taken(uuid4(), UUID(int=0), slot, wish))
        assert all(1 <= one.slot <= slots for one in held)
        assert not [
            (one, other)
            for number, one in enumerate(held)
            for other in held[number + 1 :]
            if one.slot == other.slot and one.span.overlaps(other.span)
        ]
