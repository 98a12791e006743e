"""Reported figures added up and held against the head-count; who speaks for a session; marks of few."""

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.attendance.reported.domain.reports import NEXT, REPORT_WORDS, ReportState, Said, settled, together
from outreach.bookings.domain.afterwards import chosen_unit, rating_units, reporting_units
from outreach.events.domain.ratings import shrunk_mean
from outreach.notifications.wording import message_href, message_text
from outreach.shared.actors import Actor, Grant, Role
from outreach.shared.errors import ForbiddenError, InvalidError

HOST, UNIT, OTHER = uuid4(), uuid4(), uuid4()


def contact_of(*ids: object) -> Actor:
    return Actor(uuid4(), "陈巧云", tuple(Grant(Role.CONTACT, one, "工会", "/x/") for one in ids))  # type: ignore[arg-type]


def test_no_state_is_missing() -> None:
    assert set(NEXT) == set(ReportState) == set(REPORT_WORDS)


def test_one_unit_stays_as_it_is() -> None:
    said = Said(96, 90, True, {"women": 41})

    assert together([said]) == said


def test_parts_are_added_only_where_every_unit_said_them() -> None:
    parts = [Said(20, 18, False, {"women": 7, "migrant": 3}), Said(31, None, True, {"women": 9})]

    assert together(parts) == Said(51, None, True, {"women": 16})


@given(st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 1000)), min_size=1, max_size=6))
def test_the_sum_never_has_a_part_above_its_whole(pairs: list[tuple[int, int]]) -> None:
    added = together([Said(max(one), min(one), False, {"women": min(one)}) for one in pairs])

    assert added.workers is not None
    assert added.workers <= added.total
    assert added.breakdown["women"] <= added.total


@pytest.mark.parametrize(
    ("counted", "state"),
    [
        (Said(96, 90), ReportState.CONFIRMED),
        (Said(95, 90), ReportState.REPLACED),
        (Said(96), ReportState.REPLACED),
        (Said(96, 90, True), ReportState.REPLACED),
        (Said(96, 90, False, {"women": 0}), ReportState.REPLACED),
    ],
)
def test_confirmed_is_only_what_is_counted_to_the_last_figure(counted: Said, state: ReportState) -> None:
    assert settled(Said(96, 90), counted) is state


def test_the_host_reports_and_without_a_host_who_was_there() -> None:
    assert reporting_units(contact_of(HOST, UNIT), HOST, [UNIT]) == [HOST]
    assert reporting_units(contact_of(UNIT), HOST, [UNIT]) == []
    assert reporting_units(contact_of(UNIT), None, [UNIT, OTHER, UNIT]) == [UNIT]
    assert reporting_units(contact_of(UNIT), None, []) == []


def test_the_host_and_who_was_there_rate() -> None:
    assert rating_units(contact_of(HOST, UNIT), HOST, [HOST, UNIT, OTHER]) == [HOST, UNIT]
    assert rating_units(contact_of(OTHER), HOST, [UNIT]) == []


def test_nobody_speaks_for_others_and_several_are_asked_which() -> None:
    assert chosen_unit([UNIT], None) == UNIT
    assert chosen_unit([UNIT, HOST], HOST) == HOST
    for units, wanted in (([], None), ([UNIT], OTHER)):
        with pytest.raises(ForbiddenError):
            chosen_unit(units, wanted)
    with pytest.raises(InvalidError):
        chosen_unit([UNIT, HOST], None)


def test_a_friend_alone_moves_little_and_a_public_much() -> None:
    assert shrunk_mean(5.0, 1, 4.0) == pytest.approx(25 / 6)
    assert shrunk_mean(5.0, 95, 4.0) == pytest.approx(4.95)
    assert shrunk_mean(0.0, 0, 4.0) == pytest.approx(4.0)


@given(st.floats(1, 5), st.integers(0, 10_000), st.floats(1, 5))
def test_a_shrunk_mean_lies_between_both(mean: float, answers: int, prior: float) -> None:
    assert min(mean, prior) - 1e-9 <= shrunk_mean(mean, answers, prior) <= max(mean, prior) + 1e-9


def test_what_the_messages_say() -> None:
    facts = {"title": "睡眠与情绪", "organisation": "胥江机械厂工会", "session_id": "7"}

    assert message_text("headcount-asked", facts) == "请报一下这场来了多少人：“睡眠与情绪”。"
    assert message_text("headcount-reported", {**facts, "visits": 1096}) == (
        "收到报来的人次，等您确认：胥江机械厂工会，“睡眠与情绪”，1,096人次。"
    )
    assert message_text("headcount-confirmed", {**facts, "visits": 0}) == "您报的人次已经确认：“睡眠与情绪”，0人次。"
    assert message_text("headcount-changed", {**facts, "visits": 80, "reported": 96}) == (
        "主办单位登记的人次和您报的不一样：“睡眠与情绪”，80人次（您报的是96人次）。"
    )
    assert message_text("headcount-unused", {**facts, "reported": 96}) == (
        "这场已经结项，您报的人次没有登记：“睡眠与情绪”（您报的是96人次）。"
    )
    assert message_href("report", "1", facts) == "/sessions/7/report"
