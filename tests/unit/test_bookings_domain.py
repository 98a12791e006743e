"""States, permissions, telephone numbers and waiting lists of bookings."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.bookings.domain.contact import phone_problems
from outreach.bookings.domain.errors import BookingStateError
from outreach.bookings.domain.permissions import (
    BookingFacts,
    is_meant_for,
    may_act_for,
    may_decide,
    may_read,
    may_see_phone,
)
from outreach.bookings.domain.states import BOOKING_WORDS, LIVE, NEXT, SEATED, BookingState, move
from outreach.bookings.domain.waiting import WaitingGroup, cancel_deadline, offer_end, served
from outreach.bookings.phrases import _WHY, why_closed
from outreach.events.domain.visibility import SessionFacts
from outreach.shared.actors import Actor, Grant, Role
from outreach.shared.ids import new_id
from outreach.shared.time import ZONE

CITY, DISTRICT, UNION, WOMEN = new_id(), new_id(), new_id(), new_id()
PATHS = {
    CITY: f"/{CITY}/",
    DISTRICT: f"/{CITY}/{DISTRICT}/",
    UNION: f"/{CITY}/{DISTRICT}/{UNION}/",
    WOMEN: f"/{CITY}/{DISTRICT}/{UNION}/{WOMEN}/",
}


def person(role: Role, where: UUID) -> Actor:
    return Actor(new_id(), "某人", (Grant(role, where, "", PATHS[where]),))


def test_every_state_has_words_and_a_way_on_or_none() -> None:
    assert set(NEXT) == set(BookingState) == {BookingState(word) for word in BOOKING_WORDS}
    assert {state for state, ways in NEXT.items() if ways} == LIVE
    assert SEATED < LIVE


@given(st.sampled_from(BookingState), st.sampled_from(BookingState))
def test_a_move_is_taken_whole_or_refused_with_the_present_state(now: BookingState, to: BookingState) -> None:
    if to in NEXT[now]:
        assert move(now, to) is to
    else:
        with pytest.raises(BookingStateError) as refusal:
            move(now, to)
        assert refusal.value.facts == {"state": now.value, "wanted": to.value}


def test_only_an_organisations_own_contact_and_its_staff_act_for_it() -> None:
    acting = {
        (role, where): may_act_for(person(role, where), UNION, PATHS[UNION])
        for role, where in (
            (Role.CONTACT, UNION), (Role.CONTACT, WOMEN), (Role.CONTACT, DISTRICT),
            (Role.ORGANISER, CITY), (Role.ORGANISER, DISTRICT), (Role.ORGANISER, WOMEN),
            (Role.PROVIDER, UNION), (Role.EVALUATOR, CITY),
        )
    }  # fmt: skip

    assert {who for who, may in acting.items() if may} == {
        (Role.CONTACT, UNION),
        (Role.ORGANISER, CITY),
        (Role.ORGANISER, DISTRICT),
    }
    assert not may_act_for(person(Role.CONTACT, UNION), WOMEN, PATHS[WOMEN])


def test_the_phone_is_for_the_organisation_itself_and_the_sessions_staff() -> None:
    booking = BookingFacts(UNION, PATHS[UNION], PATHS[CITY])

    assert may_see_phone(person(Role.CONTACT, UNION), booking)
    assert may_see_phone(person(Role.ORGANISER, CITY), booking)
    district = person(Role.ORGANISER, DISTRICT)
    assert (may_read(district, booking), may_decide(district, booking), may_see_phone(district, booking)) == (
        True,
        False,
        False,
    )


@pytest.mark.parametrize(
    ("visibility", "host", "host_kind", "owner", "meant"),
    [
        ("public", None, None, CITY, True),
        ("members", None, None, CITY, True),
        ("members", None, None, WOMEN, False),
        ("host", UNION, "grassroots_union", CITY, True),
        ("host", DISTRICT, "federation", CITY, False),
        ("public", DISTRICT, "guest", CITY, False),
    ],
)
def test_whom_a_session_is_meant_for(
    visibility: str, host: UUID | None, host_kind: str | None, owner: UUID, meant: bool
) -> None:
    facts = SessionFacts("published", visibility, PATHS[owner], host, host_kind)

    assert is_meant_for(facts, UNION, PATHS[UNION]) is meant


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("13800000000", None),
        ("+86 138-0000-0000", None),
        ("0512-6500 0000", None),
        ("65000000", None),
        ("1380000000", {"length": 10}),
        ("138000000000", {"length": 12}),
        ("123456", {"length": 6}),
        ("6500", {}),
        ("", {}),
    ],
)
def test_a_phone_number_has_the_digits_that_it_needs(typed: str, problem: dict[str, int] | None) -> None:
    found = phone_problems("contact_phone", typed)

    assert [one.facts for one in found] == ([] if problem is None else [problem])


def test_every_reason_for_being_closed_is_said_in_words() -> None:
    said = {why: why_closed({"why": why, "opens_at": "2015-09-20T09:00:00+08:00"}) for why in _WHY}

    assert said["not-open-yet"] == "还没有开放预约，2015年9月20日（周日）09:00开放。"
    assert all(words and "%(" not in words for words in said.values())
    assert why_closed({}) != ""


def groups(*seats: int, let_go: tuple[int, ...] = ()) -> list[WaitingGroup]:
    """Groups whose id is their place, from 0."""
    return [WaitingGroup(UUID(int=place), number, place in let_go) for place, number in enumerate(seats)]


@pytest.mark.parametrize(
    ("queue", "free", "plan"),
    [
        (groups(), 10, []),
        (groups(5), 0, []),
        (groups(10), 10, [(0, ())]),
        (groups(40, 12, 15, 10, 3), 30, [(1, (0,)), (2, (0,)), (4, (0, 3))]),
        (groups(40, 12), None, [(0, ()), (1, ())]),
        (groups(10, 10, let_go=(0,)), 20, [(1, ())]),
        (groups(10, let_go=(0,)), 10, []),
    ],
)
def test_free_seats_go_to_the_first_that_fit(
    queue: list[WaitingGroup], free: int | None, plan: list[tuple[int, tuple[int, ...]]]
) -> None:
    found = [(one.id.int, tuple(id_.int for id_ in one.skipped)) for one in served(queue, free)]

    assert found == plan


@given(st.lists(st.tuples(st.integers(1, 30), st.booleans()), max_size=12), st.integers(0, 60))
def test_after_serving_nobody_who_waits_still_fits(wishes: list[tuple[int, bool]], free: int) -> None:
    """Never more is given than there is, nobody twice, everyone in the order of the queue."""
    queue = [WaitingGroup(UUID(int=place), seats, let_go) for place, (seats, let_go) in enumerate(wishes)]
    got = [one.id.int for one in served(queue, free)]

    left = free - sum(queue[place].seats for place in got)
    assert left >= 0
    assert got == sorted(set(got))
    assert not any(queue[place].let_go for place in got)
    assert [one for one in queue if one.id.int not in got and not one.let_go and one.seats <= left] == []


def test_an_offer_ends_in_time_and_a_cancellation_is_late_from_the_deadline_on() -> None:
    start = datetime(2015, 9, 24, 14, 0, tzinfo=ZONE)

    assert offer_end(start - timedelta(hours=30), 24, start) == start - timedelta(hours=6)
    assert offer_end(start - timedelta(hours=3), 24, start) == start
    assert (cancel_deadline(start, None), cancel_deadline(start, 48)) == (start, start - timedelta(hours=48))
