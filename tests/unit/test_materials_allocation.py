"""分配: by need, never more than was wanted, all of it given, whatever the order."""

import random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.materials.domain.allocation import Applied, allocate, need_of


def unit(number: int, wanted: int, members: int, *, hazard: bool = False, earlier: int = 0) -> Applied:
    return Applied(UUID(int=number), wanted, members, hazard, earlier)


def parts(applied: list[Applied], available: int, percent: int = 150) -> list[int]:
    made = allocate(applied, available, hazard_percent=percent)
    return [made[one.id] for one in applied]


@pytest.mark.parametrize(
    ("applied", "available", "expected"),
    [
        ([], 100, []),
        ([unit(1, 50, 100)], 0, [0]),
        # Enough for all: what was wanted, and the rest stays in stock.
        ([unit(1, 50, 100), unit(2, 30, 10)], 100, [50, 30]),
        # By members.
        ([unit(1, 100, 300), unit(2, 100, 100)], 80, [60, 20]),
        # A hazard counts one and a half.
        ([unit(1, 100, 100, hazard=True), unit(2, 100, 100)], 100, [60, 40]),
        # What was got before counts against: 300 - 200 against 100.
        ([unit(1, 100, 300, earlier=200), unit(2, 100, 100)], 80, [40, 40]),
        # Nobody above its wish; what that leaves goes to the others by members.
        ([unit(1, 10, 300), unit(2, 100, 200), unit(3, 100, 100)], 100, [10, 60, 30]),
        # Largest remainder: 3.33 each; the tie goes by the order of the ids.
        ([unit(1, 9, 10), unit(2, 9, 10), unit(3, 9, 10)], 10, [4, 3, 3]),
        # 6.67 and 3.33.
        ([unit(1, 9, 10), unit(2, 9, 20)], 10, [3, 7]),
        # Who has had one for everybody waits until the others have theirs, then the rest is shared by wish.
        ([unit(1, 20, 50, earlier=60), unit(2, 30, 100)], 25, [0, 25]),
        ([unit(1, 20, 50, earlier=60), unit(2, 30, 100), unit(3, 40, 0)], 45, [5, 30, 10]),
    ],
)
def test_shares_as_a_person_would_reckon(applied: list[Applied], available: int, expected: list[int]) -> None:
    assert parts(applied, available) == expected


def test_a_hazard_may_count_like_the_others() -> None:
    assert parts([unit(1, 100, 100, hazard=True), unit(2, 100, 100)], 100, 100) == [50, 50]


def test_need_is_members_who_have_none_yet() -> None:
    assert need_of(unit(1, 1, 300, hazard=True, earlier=100), 150) == 30_000
    assert need_of(unit(1, 1, 300, earlier=400), 150) == 0


@pytest.mark.parametrize(
    ("applied", "available"),
    [
        ([unit(1, -1, 1)], 1),
        ([unit(1, 1, -1)], 1),
        ([unit(1, 1, 1, earlier=-1)], 1),
        ([unit(1, 1, 1)], -1),
        ([unit(1, 1, 1), unit(1, 2, 2)], 1),
    ],
)
def test_what_cannot_be_is_refused(applied: list[Applied], available: int) -> None:
    with pytest.raises(ValueError, match=r"amounts|twice"):
        allocate(applied, available)


AMOUNT = st.integers(0, 5_000)
APPLIED = st.lists(
    st.tuples(AMOUNT, AMOUNT, st.booleans(), st.integers(0, 500)).map(
        lambda facts: (facts[0], facts[1], facts[2], facts[3])
    ),
    max_size=40,
).map(lambda rows: [Applied(UUID(int=number + 1), *row) for number, row in enumerate(rows)])
PERCENT = st.integers(100, 1000)


@given(APPLIED, st.integers(0, 50_000), PERCENT)
def test_all_of_it_is_given_and_nobody_gets_more_than_wanted(
    applied: list[Applied], available: int, percent: int
) -> None:
    made = allocate(applied, available, hazard_percent=percent)

    assert set(made) == {one.id for one in applied}
    assert all(0 <= made[one.id] <= one.wanted for one in applied)
    assert sum(made.values()) == min(available, sum(one.wanted for one in applied))


@given(APPLIED, st.integers(0, 50_000), PERCENT, st.integers(0, 2**16))
def test_the_order_of_the_applications_does_not_matter(
    applied: list[Applied], available: int, percent: int, seed: int
) -> None:
    shuffled = list(applied)
    random.Random(seed).shuffle(shuffled)

    assert allocate(applied, available, hazard_percent=percent) == allocate(shuffled, available, hazard_percent=percent)


@given(APPLIED, st.integers(0, 50_000), PERCENT)
def test_more_need_never_gets_less(applied: list[Applied], available: int, percent: int) -> None:
    """Of two that want the same, the one with the greater need gets at least as much, but for the last whole one."""
    made = allocate(applied, available, hazard_percent=percent)
    for one in applied:
        for other in applied:
            needs = need_of(one, percent), need_of(other, percent)
            if one.wanted == other.wanted and needs[0] > needs[1] > 0:
                assert made[one.id] >= made[other.id]


@given(APPLIED, st.integers(0, 50_000), PERCENT)
def test_within_one_of_the_exact_share(applied: list[Applied], available: int, percent: int) -> None:
    """Those not filled whole get the same share of their need, within one."""
    made = allocate(applied, available, hazard_percent=percent)
    short = [one for one in applied if need_of(one, percent) and made[one.id] < one.wanted]
    for one in short:
        for other in short:
            mine, theirs = need_of(one, percent), need_of(other, percent)
            assert (made[one.id] - 1) * theirs < (made[other.id] + 1) * mine


def test_five_thousand_units_take_no_time() -> None:
    numbers = random.Random(2015)
    applied = [
        unit(number + 1, numbers.randint(1, 300), numbers.randint(1, 900), hazard=number % 3 == 0)
        for number in range(5000)
    ]

    assert sum(allocate(applied, 10_000).values()) == 10_000
