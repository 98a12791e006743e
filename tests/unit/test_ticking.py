"""What becomes of a tap, and as whom a list knows somebody."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.attendance.domain.identity import identity_of
from outreach.attendance.domain.listed import Listed, listed_as
from outreach.attendance.ticking.answers import Answer, Ticked, refused_by
from outreach.attendance.ticking.domain.ticks import Outcome, Person, Tap, seconds_to_keep
from outreach.bookings.domain.contact import phone_problems
from outreach.events.domain.errors import SessionStateError
from outreach.shared.errors import InvalidError

NOW = datetime(2015, 9, 24, 6, 2, tzinfo=UTC)
KEY = b"k" * 32


def person(*, present: bool, revision: int = 1, new: bool = False) -> Person:
    return Person(uuid4(), present, revision, "qr" if present else "", NOW if present else None, new=new)


@pytest.mark.parametrize(
    ("present", "wanted", "seen", "outcome"),
    [
        (False, True, 3, Outcome.DONE),
        (False, True, None, Outcome.DONE),
        (False, True, 2, Outcome.CONFLICT),  # somebody took the person off since
        (True, True, 3, Outcome.ALREADY),
        (True, True, 1, Outcome.ALREADY),
        (True, False, 3, Outcome.DONE),
        (True, False, None, Outcome.DONE),
        (True, False, 2, Outcome.CONFLICT),  # somebody ticked the person since
        (False, False, 3, Outcome.ALREADY),
        (False, False, 1, Outcome.ALREADY),
    ],
)
def test_a_tap_is_done_is_so_already_or_meets_a_change(
    present: bool, wanted: bool, seen: int | None, outcome: Outcome
) -> None:
    one = person(present=present, revision=3)

    assert one.tap(Tap(wanted, seen), NOW) is outcome
    assert one.present is (wanted if outcome is Outcome.DONE else present)
    assert (one.revision, one.changed) == ((4, True) if outcome is Outcome.DONE else (3, False))


def test_what_this_phone_did_itself_is_no_conflict() -> None:
    """Tapped, taken back, tapped again, all before the phone heard anything."""
    one = person(present=False)

    assert [one.tap(Tap(wanted, 1), NOW) for wanted in (True, False, True)] == [Outcome.DONE] * 3
    assert (one.present, one.revision) == (True, 4)


def test_an_answer_sent_again_tells_what_this_phone_did() -> None:
    """The first answer was lost; its row is at 2 by this phone, at 3 by another."""
    mine, theirs = person(present=True, revision=2), person(present=True, revision=3)
    for one in (mine, theirs):
        one.know(2)

    assert mine.tap(Tap(wanted=False, seen=1), NOW) is Outcome.DONE
    assert theirs.tap(Tap(wanted=False, seen=1), NOW) is Outcome.CONFLICT


def test_whom_this_request_added_is_done_once() -> None:
    one = person(present=True, new=True)
    assert [one.tap(Tap(wanted=True, seen=None), NOW) for _ in range(2)] == [Outcome.DONE, Outcome.ALREADY]
    assert not one.changed


@given(st.lists(st.tuples(st.booleans(), st.one_of(st.none(), st.integers(1, 8))), max_size=12), st.booleans())
def test_whatever_is_tapped_presence_and_its_time_belong_together(
    taps: list[tuple[bool, int | None]], present: bool
) -> None:
    one = person(present=present)
    for wanted, seen in taps:
        before = (one.present, one.revision)
        outcome = one.tap(Tap(wanted, seen), NOW)
        assert (one.present, one.revision) == ((wanted, before[1] + 1) if outcome is Outcome.DONE else before)
        assert one.present == (one.checked_in_at is not None) == bool(one.came_by)


def listed(name: str, unit: str = "", number: str = "") -> Listed:
    return Listed(identity=identity_of(KEY, number=number, name=name, unit=unit), name=name, unit_name=unit)


def known(there: Listed, name: str, unit: str = "", number: str = "") -> bool:
    who, by_name = identity_of(KEY, number=number, name=name, unit=unit), identity_of(KEY, name=name, unit=unit)
    found = listed_as([there], who, by_name, name=name, unit=unit, typed=bool(number))
    assert found in (None, there.identity)
    return found is not None


@pytest.mark.parametrize(
    ("there", "name", "unit", "number", "same"),
    [
        (listed("苏婉", "胥江厂"), "苏 婉", "胥江厂", "", True),
        (listed("苏婉"), "苏婉", "胥江厂", "", True),
        (listed("苏婉", "胥江厂"), "苏婉", "虞山厂", "", False),
        (listed("苏婉", "胥江厂", "13912345678"), "苏婉", "胥江厂", "", True),
        (listed("苏婉", "胥江厂", "13912345678"), "小苏", "", "139 1234 5678", True),
        (listed("苏婉", "胥江厂", "13912345678"), "苏婉", "胥江厂", "13900000000", False),
        (listed("苏婉", "胥江厂"), "苏婉", "胥江厂", "13900000000", True),
        (listed("苏婉", "胥江厂"), "顾梅", "胥江厂", "", False),
    ],
)
def test_as_whom_a_list_knows_somebody(there: Listed, name: str, unit: str, number: str, same: bool) -> None:
    assert known(there, name, unit, number) is same


def test_the_kept_page_goes_at_the_end_of_the_second_day_after() -> None:
    starts = datetime(2015, 9, 24, tzinfo=UTC)
    assert seconds_to_keep(starts, starts + timedelta(hours=14)) == (72 - 14) * 3600
    assert seconds_to_keep(starts, starts + timedelta(days=3)) == 0
    assert seconds_to_keep(starts, starts + timedelta(days=30)) == 0


def test_a_stored_answer_has_no_name_and_comes_back_as_it_was() -> None:
    row = Ticked(id=uuid4(), present=True, checked_in_at=NOW, came_by="list", revision=2)
    answers = [
        Answer(outcome=Outcome.DONE, attendee=row),
        refused_by(SessionStateError(state="closed")),
        refused_by(InvalidError(phone_problems("phone", "139"))),
    ]
    for one in answers:
        assert msgspec.json.decode(msgspec.json.encode(one), type=Answer) == one
    assert set(Ticked.__struct_fields__) == {"id", "present", "checked_in_at", "came_by", "revision"}
