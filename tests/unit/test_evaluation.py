"""Scores from counts, places beside each other, what a verdict needs, and the eyes of an evaluator."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.evaluation.domain.readers import evaluator
from outreach.evaluation.domain.scores import (
    LEAST_BOOKINGS,
    LEAST_OPINIONS,
    LEAST_REVIEWS,
    RANKED,
    Card,
    Counts,
    OwnerCounts,
    Rank,
    Usual,
    card_of,
    ranked,
    ranks_of,
    usual_of,
)
from outreach.evaluation.domain.verdicts import Decision, verdict_problems
from outreach.shared.actors import Actor, Grant, Role
from outreach.shared.errors import ForbiddenError

OWNER = OwnerCounts(40, ("姑苏区", "吴中区", "相城区", "虎丘区"), had_last_year=True)
NOBODY = Usual(None, None)


def card(counts: Counts, *, usual: Usual | None = None, budget_fen: int | None = None) -> Card:
    return card_of(counts, OWNER, usual or usual_of({1: counts}), budget_fen=budget_fen)


def test_every_figure_says_what_it_rests_on() -> None:
    made = card(
        Counts(
            sessions=4, counted=3, visits=300, workers=270, people=90, named=120, came=9, no_shows=1, seats=400,
            seats_used=300, reviews=4, review_marks=18, again=3, opinions=30, opinion_marks=126, costed=2,
            costed_visits=250, spent_fen=500_001, units=12, units_below=10, ownership_known=8, non_public=6,
            new_units=5, districts=3,
        ),
        budget_fen=1_000_000,
    )  # fmt: skip

    part, said, cost, reach = made.participation, made.satisfaction, made.cost, made.reach
    assert (part.visits_per_session.value, part.visits_per_session.rests_on) == (100, 3)
    assert (part.attendance.value, part.attendance.rests_on) == (0.9, 10)
    assert (part.seats_used.value, part.seats_used.rests_on) == (0.75, 400)
    assert said.attendees.value == pytest.approx(4.2)
    assert said.attendees.rests_on == 30
    assert (said.answered.value, said.answered.rests_on) == (0.25, 120)
    assert (said.hosts.value, said.again.value) == (4.5, 0.75)
    assert (cost.of_budget.value, cost.per_session.value, cost.per_visit.value) == (0.500001, 250_001, 2000)
    assert (cost.per_session.rests_on, cost.per_visit.rests_on) == (2, 250)
    assert (reach.of_units.value, reach.of_districts.value, reach.non_public.value) == (0.25, 0.75, 0.75)
    assert reach.new_units == 5


def test_nothing_is_said_of_nothing() -> None:
    made = card(Counts())

    assert made.participation.visits_per_session.value is None
    assert made.participation.attendance.value is None
    assert made.participation.seats_used.value is None
    assert (made.satisfaction.attendees.value, made.satisfaction.answered.value) == (None, None)
    assert (made.cost.of_budget.value, made.cost.per_session.value, made.cost.per_visit.value) == (None, None, None)
    assert made.reach.non_public.value is None


@pytest.mark.parametrize(
    ("field", "least"), [("opinions", LEAST_OPINIONS), ("reviews", LEAST_REVIEWS), ("came", LEAST_BOOKINGS)]
)
def test_too_few_are_not_rated(field: str, least: int) -> None:
    def value(number: int) -> float | None:
        counts = Counts(sessions=9, opinion_marks=number * 4, review_marks=number * 4)
        made = card(replace(counts, **{field: number}))
        return {
            "opinions": made.satisfaction.attendees.value,
            "reviews": made.satisfaction.hosts.value,
            "came": made.participation.attendance.value,
        }[field]

    assert value(least - 1) is None
    assert value(least) is not None


def test_without_a_year_before_nothing_is_new() -> None:
    first_year = OwnerCounts(40, (), had_last_year=False)

    made = card_of(Counts(sessions=1, units=3, new_units=3), first_year, NOBODY, budget_fen=None)

    assert made.reach.new_units is None
    assert made.reach.of_districts.value is None


def test_few_answers_are_drawn_to_the_mean_of_all_programmes() -> None:
    many, few = Counts(opinions=95, opinion_marks=95 * 4.0), Counts(opinions=5, opinion_marks=25.0)
    usual = usual_of({"many": many, "few": few})

    assert usual.opinion == pytest.approx(4.05)
    assert card(few, usual=usual).satisfaction.attendees.shrunk == pytest.approx((25 + 5 * 4.05) / 10)
    assert card(few, usual=usual).satisfaction.attendees.value == 5


def test_equals_share_a_place_and_nobody_is_first_alone() -> None:
    assert ranked({"a": 5.0, "b": 5.0, "c": 3.0, "d": None}) == {"a": Rank(1, 3), "b": Rank(1, 3), "c": Rank(3, 3)}
    assert ranked({"a": 5.0, "b": 2.0}, lowest_first=True) == {"a": Rank(2, 2), "b": Rank(1, 2)}
    assert ranked({"a": 5.0, "b": None}) == {}


@given(st.dictionaries(st.integers(), st.none() | st.floats(allow_nan=False, allow_infinity=False), max_size=12))
def test_places_follow_the_values(values: dict[int, float | None]) -> None:
    places = ranked(values)
    known = {key: value for key, value in values.items() if value is not None}

    assert set(places) == (set(known) if len(known) > 1 else set())
    for one, place in places.items():
        assert 1 <= place.place <= place.of == len(known)
        for other, beside in places.items():
            assert (known[one] > known[other]) == (place.place < beside.place)


def test_a_programme_without_sessions_takes_no_place() -> None:
    cards = {name: card(Counts(sessions=number, visits=number)) for name, number in (("a", 2), ("b", 1), ("c", 0))}

    ranks = ranks_of(cards)

    assert ranks["a"]["participation"] == Rank(1, 2)
    assert ranks["c"] == {}
    assert {name for one in ranks.values() for name in one} <= set(RANKED)


def test_costs_compare_only_where_most_are_written_down() -> None:
    cards = {
        "whole": card(Counts(sessions=4, costed=4, costed_visits=10, spent_fen=1000)),
        "half": card(Counts(sessions=4, costed=2, costed_visits=10, spent_fen=500)),
        "little": card(Counts(sessions=4, costed=1, costed_visits=10, spent_fen=10)),
    }

    ranks = ranks_of(cards)

    assert (ranks["half"]["cost"], ranks["whole"]["cost"]) == (Rank(1, 2), Rank(2, 2))
    assert "cost" not in ranks["little"]


@given(
    st.builds(
        Counts,
        **{
            name: st.integers(0, 10**6)
            for name in (
                "sessions", "counted", "visits", "named", "came", "no_shows", "seats", "seats_used", "again", "reviews",
                "opinions", "costed", "costed_visits", "spent_fen", "units_below", "ownership_known", "districts",
            )
        },
    ),
    st.none() | st.integers(0, 10**9),
)  # fmt: skip
def test_no_counts_break_a_card(counts: Counts, budget_fen: int | None) -> None:
    made = card(counts, budget_fen=budget_fen)

    assert made.participation.visits == counts.visits
    assert (made.satisfaction.attendees.value is None) == (counts.opinions < LEAST_OPINIONS)


@pytest.mark.parametrize(
    ("decision", "note", "bad"),
    [
        (Decision.KEEP, "", []),
        (Decision.CHANGE, " \n", ["verdict-needs-note"]),
        (Decision.DROP, "", ["verdict-needs-note"]),
        (Decision.DROP, "报名的人一年比一年少", []),
        (Decision.KEEP, "长" * 401, ["too-long"]),
    ],
)
def test_change_and_drop_need_a_note(decision: Decision, note: str, bad: list[str]) -> None:
    assert [one.code for one in verdict_problems(decision, note)] == bad


def test_an_evaluators_eyes_see_neither_names_nor_further() -> None:
    here, there, host = (f"/{uuid4()}/" for _ in range(3))
    unit = uuid4()
    person = Actor(
        UUID(int=1),
        "顾秀文",
        (
            Grant(Role.ORGANISER, uuid4(), "区", here),
            Grant(Role.EVALUATOR, uuid4(), "市", there),
            Grant(Role.CONTACT, unit, "厂", host),
        ),
    )

    seen = evaluator(person)

    assert (seen.evaluates(here), seen.evaluates(there), seen.evaluates(host)) == (True, True, False)
    assert not seen.organises(here)
    assert not seen.represents(unit)
    assert not seen.is_staff
    with pytest.raises(ForbiddenError):
        evaluator(Actor(UUID(int=2), "梁佩文", (Grant(Role.CONTACT, unit, "厂", host),)))
