"""Every bad field is named, with the rule it broke."""

from datetime import date, datetime
from typing import Annotated, Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta

from outreach.shared.errors import FieldProblem, InvalidError
from outreach.shared.text import Line, LongText, normal_phone
from outreach.web.forms import parse_form, problems_in


class Window(msgspec.Struct, forbid_unknown_fields=True):
    on: date


class Thing(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    title: Line
    seats: Annotated[int, Meta(ge=1, le=300)]
    at: Annotated[datetime, Meta(tz=True)] | None = None
    kinds: Annotated[list[Line], Meta(max_length=5)] = []
    windows: list[Window] = []
    agreed: bool = False
    note: LongText = ""


GOOD: dict[str, Any] = {"title": "心理讲座", "seats": 20}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"seats": 0}, ("seats", "too-small")),
        ({"seats": -1}, ("seats", "too-small")),
        ({"seats": 10**9}, ("seats", "too-large-number")),
        ({"seats": 10**400}, ("seats", "not-whole-number")),
        ({"seats": "many"}, ("seats", "not-whole-number")),
        ({"seats": 1.5}, ("seats", "not-whole-number")),
        ({"seats": True}, ("seats", "not-whole-number")),
        ({"seats": None}, ("seats", "required")),
        ({"title": ""}, ("title", "required")),
        ({"title": "   "}, ("title", "required")),
        ({"title": "x" * 100_000}, ("title", "too-long")),
        ({"title": "a\x00b"}, ("title", "bad-characters")),
        ({"title": "a\x1bb"}, ("title", "bad-characters")),
        ({"title": "a\nb"}, ("title", "bad-characters")),
        ({"title": "a\u202eb"}, ("title", "bad-characters")),
        ({"title": 5}, ("title", "not-text")),
        ({"note": "\x07"}, ("note", "bad-characters")),
        ({"at": "2015-09-17"}, ("at", "not-time")),
        ({"at": "2015-09-17T14:00:00"}, ("at", "not-time")),
        ({"agreed": "yes"}, ("agreed", "not-boolean")),
        ({"kinds": "讲座"}, ("kinds", "not-list")),
        ({"kinds": ["讲座", 3]}, ("kinds.1", "not-text")),
        ({"windows": [{"on": "x"}]}, ("windows.0.on", "not-date")),
        ({"colour": "red"}, ("colour", "unknown-field")),
    ],
)
def test_a_bad_field_is_named_with_its_rule(change: dict[str, Any], expected: tuple[str, str]) -> None:
    """One bad value gives exactly one problem, at its place."""
    found = problems_in(Thing, {**GOOD, **change})

    assert [(one.field, one.code) for one in found] == [expected]


def test_all_bad_fields_are_named_at_once() -> None:
    """Nobody corrects a form one error at a time."""
    found = problems_in(Thing, {"seats": 0, "colour": "red"})

    assert {(one.field, one.code) for one in found} == {
        ("title", "required"),
        ("seats", "too-small"),
        ("colour", "unknown-field"),
    }


@pytest.mark.parametrize("title", ["🎭 评弹专场", "堃玥祎", 'a "quoted", title', "x" * 200])
def test_unusual_titles_are_welcome(title: str) -> None:
    """Emoji, rare characters and punctuation are text like any other."""
    assert problems_in(Thing, {**GOOD, "title": title}) == []


def test_a_form_becomes_the_struct() -> None:
    """Texts of a form are read as the fields' types; a time without zone is local."""
    made = parse_form(
        Thing, {"title": "讲座", "seats": "20", "at": "2015-09-17T14:00", "kinds": "甲", "agreed": "on", "other": "x"}
    )

    assert (made.seats, made.kinds, made.agreed) == (20, ["甲"], True)
    assert made.at is not None
    assert made.at.isoformat() == "2015-09-17T14:00:00+08:00"


def test_a_form_with_nothing_in_it_names_what_is_required() -> None:
    """Empty texts count as not given."""
    with pytest.raises(InvalidError) as refused:
        parse_form(Thing, {"title": "", "seats": "", "at": ""})

    assert {(one.field, one.code) for one in refused.value.problems} == {("title", "required"), ("seats", "required")}


@given(
    raw=st.dictionaries(
        st.sampled_from(["title", "seats", "at", "kinds", "windows", "agreed", "note", "x"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
        ),
    )
)
def test_whatever_is_sent_is_either_taken_or_explained(raw: dict[str, Any]) -> None:
    """The explanation and the decoder agree: no problems exactly when the struct can be made."""
    problems = problems_in(Thing, raw)
    try:
        msgspec.convert(raw, Thing)
        taken = True
    except (msgspec.ValidationError, ValueError):
        taken = False

    assert taken == (problems == [])
    assert all(isinstance(one, FieldProblem) for one in problems)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("138 0000 0000", "13800000000"),
        ("+86 138-0000-0000", "13800000000"),
        ("１３８００００００００", "13800000000"),
        ("0512-6500 0000", "051265000000"),
    ],
)
def test_phone_numbers_are_compared_by_digits(typed: str, expected: str) -> None:
    assert normal_phone(typed) == expected
