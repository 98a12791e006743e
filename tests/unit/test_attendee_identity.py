"""The same person however typed, different people never alike, and no number to be read anywhere."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.attendance.domain.doors import check_open, day_at, differ
from outreach.attendance.domain.errors import CheckinClosedError
from outreach.attendance.domain.identity import comparable, identity_of, lost_digits, normal_number
from outreach.attendance.remembering import Remembered, cookie_of, device_of_phone, remembered
from outreach.shared.errors import NotFoundError
from outreach.shared.time import ZONE

KEY = b"k" * 32
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
digits = st.integers(min_value=13_000_000_000, max_value=19_999_999_999).map(str)
names = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2, max_size=4)


@given(digits, st.integers(0, 8))
def test_a_number_is_the_same_however_typed_or_stored(number: str, way: int) -> None:
    typed = (
        f"+86 {number}",
        f"0086-{number}",
        f"{number[:3]}-{number[3:7]} {number[7:]}",
        number.translate(FULL_WIDTH),
        f"{number}.0",
        f"{number[0]}.{number[1:]}E+10",
        f"'{number}",
        f"  {number}\u3000",
        f"{number} / 0512-66660000",
    )[way]

    found = identity_of(KEY, number=typed, name="甲", unit="乙")

    assert found == identity_of(KEY, number=number)
    assert (found.by_number, found.tail) == (True, number[-4:])
    assert number not in repr(found)


@given(digits, digits)
def test_different_numbers_are_different_people(one: str, other: str) -> None:
    assert (identity_of(KEY, number=one) == identity_of(KEY, number=other)) is (one == other)


@given(names, names, st.integers(0, 3))
def test_a_name_and_unit_are_the_same_however_typed(name: str, unit: str, way: int) -> None:
    blanks = ("", " ", "\u3000", "\u200b")[way]

    found = identity_of(KEY, name=f" {blanks.join(name)}{blanks}", unit=blanks.join(unit) + " ")

    assert found == identity_of(KEY, name=name, unit=unit)
    assert (found.by_number, found.tail, len(found.hash)) == (False, "", 64)


@given(names, names, names)
def test_name_and_unit_do_not_run_together(name: str, middle: str, unit: str) -> None:
    """甲乙 of 丙 is not 甲 of 乙丙."""
    assert identity_of(KEY, name=name + middle, unit=unit) != identity_of(KEY, name=name, unit=middle + unit)


@pytest.mark.parametrize("number", ["", "无", "没有手机", "8012", "—", "x" * 41, "同上"])
def test_what_is_no_number_leaves_name_and_unit(number: str) -> None:
    assert identity_of(KEY, number=number, name="甲", unit="乙") == identity_of(KEY, name="甲", unit="乙")


def test_other_keys_make_other_hashes() -> None:
    assert identity_of(KEY, number="13800001234").hash != identity_of(b"o" * 32, number="13800001234").hash


def test_nobody_is_nobody() -> None:
    with pytest.raises(ValueError, match="neither"):
        identity_of(KEY, number="无", name=" ")


def test_points_in_names_and_widths_of_letters() -> None:
    assert comparable("买买提•艾力") == comparable("买买提·艾力") == comparable("买买提・艾力")
    assert comparable("ＡＢＢ 公司") == comparable("abb公司")


@pytest.mark.parametrize(
    ("text", "number", "lost"),
    [
        ("1.38E+10", "13800000000", True),
        ("1.3800001234E+10", "13800001234", False),
        ("13800001234.0", "13800001234", False),
        ("13800001234.5", "138000012345", False),
        ("13800001234", "13800001234", False),
        ("SZ-00123456", "SZ00123456", False),
        ("1E99", "", True),
    ],
)
def test_floats_that_lost_their_digits_are_told(text: str, number: str, lost: bool) -> None:
    assert (normal_number(text), lost_digits(text)) == (number, lost)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2015, 9, day, hour, minute, tzinfo=ZONE)


START, END = at(24, 14), at(24, 15, 30)


@pytest.mark.parametrize(
    ("state", "now", "why"),
    [
        ("published", at(24, 12, 59), "too-early"),
        ("published", at(24, 13), None),
        ("held", at(24, 17, 30), None),
        ("held", at(24, 17, 31), "over"),
        ("closed", at(24, 15), "over"),
        ("cancelled", at(24, 14), "cancelled"),
    ],
)
def test_the_window_is_told_by_the_servers_clock(state: str, now: datetime, why: str | None) -> None:
    def ask() -> None:
        check_open(state, START, END, now, opens_minutes=60, closes_minutes=120)

    if why is None:
        ask()
        return
    with pytest.raises(CheckinClosedError) as refused:
        ask()
    assert refused.value.facts["why"] == why
    assert ("opens_at" in refused.value.facts) is (why == "too-early")


def test_a_draft_has_no_door() -> None:
    with pytest.raises(NotFoundError):
        check_open("draft", START, END, START, opens_minutes=60, closes_minutes=120)


def test_the_day_of_a_presence_lies_within_the_session() -> None:
    assert day_at(at(24, 0, 30), at(26, 0), at(23, 23, 50)) == at(24, 0).date()
    assert day_at(at(24, 0, 30), at(26, 0), at(25, 10)) == at(25, 0).date()
    assert day_at(at(24, 0, 30), at(26, 0), at(26, 1)) == at(25, 0).date()


@pytest.mark.parametrize(
    ("headcount", "checkins", "asked"),
    [(100, 80, False), (100, 79, True), (100, 121, True), (0, 1, True), (100, 0, False)],
)
def test_more_than_a_fifth_is_asked(headcount: int, checkins: int, asked: bool) -> None:
    assert differ(headcount, checkins) is asked


def test_the_phones_cookie_is_signed_and_holds_no_number() -> None:
    who = Remembered(
        name="苏婉",
        unit="胥江机械厂工会",
        number=identity_of(KEY, number="13800001234"),
        device=device_of_phone(None)[0],
    )
    cookie = cookie_of(b"s" * 32, who)

    assert remembered(b"s" * 32, cookie) == who
    assert cookie.isascii()
    assert len(cookie) < 1000
    for forged in ("", ".", "x", cookie + "0", "A" + cookie, cookie.split(".")[0], "é.é", "x" * 3000):
        assert remembered(b"s" * 32, forged) is None
    assert remembered(b"o" * 32, cookie) is None
