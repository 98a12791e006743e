"""Minutes between districts: by distance, unless staff know better."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.events.domain.travel import (
    _CENTRES,
    UNKNOWN_MINUTES,
    TravelTimes,
    default_minutes,
    place_of,
    travel_times_of,
)

NAMES = st.sampled_from(sorted(_CENTRES)) | st.sampled_from(["高新区", "苏州工业园区", "浦东新区", "火星区", "崇明县"])


@pytest.mark.parametrize(
    ("one", "other", "minutes"),
    [
        ("吴中区", "吴中区", 20),
        ("高新区", "虎丘区", 20),
        ("苏州工业园区", "园区", 20),
        ("姑苏区", "吴中区", 30),
        ("吴中区", "常熟市", 75),
        ("姑苏区", "昆山市", 65),
        ("黄浦区", "静安区", 25),
        ("金山区", "崇明区", 130),
        ("吴中区", "浦东新区", 115),
        ("吴中区", "火星区", UNKNOWN_MINUTES),
        ("火星区", "火星区", 20),
    ],
)
def test_the_default_follows_the_distance(one: str, other: str, minutes: int) -> None:
    assert default_minutes(one, other) == minutes
    assert default_minutes(other, one) == minutes


@given(NAMES, NAMES)
def test_every_default_is_a_plausible_number_of_fives(one: str, other: str) -> None:
    minutes = default_minutes(one, other)
    assert minutes == default_minutes(other, one)
    assert minutes % 5 == 0
    assert 20 <= minutes <= 300
    assert (minutes == 20) >= (place_of(one) == place_of(other))


def test_what_staff_wrote_stands_above_the_default_in_both_directions() -> None:
    times = travel_times_of([("吴中区", "常熟市", 70), ("高新区", "吴中区", 0)])
    assert times.minutes("常熟市", "吴中区") == 70
    assert times.minutes("吴中", "常熟") == 70
    assert times.minutes("吴中区", "虎丘区") == 0
    assert times.minutes("吴中区", "姑苏区") == 30
    assert [times.is_own("常熟市", "吴中区"), times.is_own("常熟市", "姑苏区")] == [True, False]


def test_an_unknown_district_says_nothing_of_the_way() -> None:
    assert TravelTimes().minutes("", "吴中区") is None
    assert TravelTimes().minutes("吴中区", " ") is None
