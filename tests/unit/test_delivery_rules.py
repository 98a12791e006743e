"""When a message goes, again and at the latest; what it is about; the link that leaves a topic."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.notifications.domain.backing_off import WAITS, next_try
from outreach.notifications.domain.quiet import not_before
from outreach.notifications.domain.topics import (
    ASKING,
    ESSENTIAL,
    TO_STAFF,
    TOPIC_OF,
    MessageTopic,
    needs_telling,
    topic_of,
)
from outreach.notifications.domain.unsubscribing import read_token, token_for
from outreach.notifications.domain.ways import Reachable, ways_of
from outreach.notifications.subjects import SUBJECTS, subject_of
from outreach.notifications.wording import KINDS
from outreach.shared.time import ZONE, local

NOW = datetime(2015, 9, 15, 22, 30, tzinfo=ZONE)


def test_every_message_has_a_topic_and_a_subject() -> None:
    assert set(KINDS) - {"address-asked"} == set(TOPIC_OF)
    assert set(KINDS) == set(SUBJECTS)
    assert set(KINDS) >= ESSENTIAL | ASKING | TO_STAFF


def test_what_staff_find_on_their_desk_is_never_rung_about() -> None:
    assert {kind for kind in TO_STAFF if needs_telling(kind)} == set()
    assert topic_of("something-new") is MessageTopic.DESK


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_subject_is_one_short_line(kind: str) -> None:
    facts = {"title": "倒班职工的睡眠与情绪" * 20, "starts_at": "2015-09-24T14:00:00+08:00", "count": 3}

    assert 4 <= len(subject_of(kind, facts)) <= 120
    assert subject_of(kind, {"title": "甲"}).endswith("：甲")


def test_waits_grow_to_about_two_days_and_end() -> None:
    assert list(WAITS) == sorted(WAITS)
    assert [next_try(attempts, NOW) for attempts in (1, 2, len(WAITS))] == [
        NOW + timedelta(minutes=1), NOW + timedelta(minutes=5), NOW + timedelta(days=1),
    ]  # fmt: skip
    assert next_try(len(WAITS) + 1, NOW) is None
    assert timedelta(days=1.5) < sum(WAITS, timedelta()) < timedelta(days=2.5)


@pytest.mark.parametrize(
    ("from_minute", "until_minute", "expected"),
    [
        (22 * 60, 7 * 60, datetime(2015, 9, 16, 7, tzinfo=ZONE)),  # spans midnight
        (22 * 60 + 30, 23 * 60, datetime(2015, 9, 15, 23, tzinfo=ZONE)),  # begins now
        (22 * 60, 22 * 60 + 30, NOW),  # the end is exclusive
        (12 * 60, 14 * 60, NOW),
        (0, 0, NOW),  # none
        (22 * 60, 0, datetime(2015, 9, 16, 0, tzinfo=ZONE)),
    ],
)
def test_quiet_hours(from_minute: int, until_minute: int, expected: datetime) -> None:
    assert not_before(NOW, from_minute, until_minute) == expected


@given(
    st.datetimes(datetime(2015, 1, 1), datetime(2016, 12, 31)),  # noqa: DTZ001 - hypothesis wants them so
    st.integers(0, 1439),
    st.integers(0, 1439),
)
def test_quiet_hours_end_within_a_day_and_outside_of_themselves(moment: datetime, start: int, end: int) -> None:
    now = moment.replace(tzinfo=ZONE)

    later = not_before(now, start, end)

    assert now <= later <= now + timedelta(days=1)
    assert not_before(later, start, end) == later
    assert later == now or (local(later).hour * 60 + local(later).minute) == end


def test_a_token_is_good_for_its_person_and_topic_only() -> None:
    person = uuid4()
    token = token_for(person, "reminders", b"k" * 32)

    assert read_token(token, b"k" * 32) == (person, "reminders")
    assert read_token(token, b"o" * 32) is None
    assert read_token(token[:-2], b"k" * 32) is None


@given(st.text(max_size=80))
def test_whatever_else_stands_in_the_address_is_no_token(text: str) -> None:
    assert read_token(text, b"k" * 32) is None


@pytest.mark.parametrize("where", range(0, 40, 3))
def test_no_character_of_a_token_can_be_changed(where: int) -> None:
    token = token_for(uuid4(), "reminders", b"k" * 32)
    changed = token[:where] + ("A" if token[where] != "A" else "B") + token[where + 1 :]

    assert read_token(changed, b"k" * 32) is None


def test_with_the_console_nothing_else_is_used() -> None:
    who = Reachable(email="a@example.cn", phone="13800000000")

    assert ways_of("session-moved", who, {"console", "mail", "sms"}) == {"console": "a@example.cn"}


def test_what_is_essential_goes_by_sms_when_that_is_the_only_way_whatever_was_chosen() -> None:
    who = Reachable(phone="13800000000", choices={("sessions", "sms"): False})

    assert ways_of("session-moved", who, {"mail", "sms"}) == {"sms": "13800000000"}
