"""Rules of sessions: states, drafts, notices, the month."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from outreach.events.domain.districts import short_district
from outreach.events.domain.drafts import (
    MenuFacts,
    SessionGiven,
    VenueFacts,
    completed,
    publishing_problems,
    session_problems,
    time_problems,
)
from outreach.events.domain.errors import SessionStateError
from outreach.events.domain.states import NEXT, SESSION_WORDS, SessionState, move
from outreach.events.month import grid_bounds, holiday_sentences, month_after, weeks_of
from outreach.programmes.holidays import Holiday
from outreach.shared.time import ZONE

NOW = datetime(2015, 9, 15, 9, 0, tzinfo=ZONE)
START = datetime(2015, 9, 24, 14, 0, tzinfo=ZONE)
ID = UUID(int=1)
MENU = MenuFacts("睡眠", "讲座", 90, ID, f"/{ID}/", ("讲座", "演出"), approval_needed=True)
GIVEN = SessionGiven(event_id=ID, starts_at=START)


def test_every_state_has_successors_and_a_word() -> None:
    assert set(NEXT) == set(SessionState)
    assert set(SESSION_WORDS) == set(SessionState)


@pytest.mark.parametrize("now", SessionState)
@pytest.mark.parametrize("to", SessionState)
def test_a_session_moves_along_the_table_only(now: SessionState, to: SessionState) -> None:
    if to in NEXT[now]:
        assert move(now, to) is to
    else:
        with pytest.raises(SessionStateError):
            move(now, to)


def test_what_is_left_open_is_filled() -> None:
    draft = completed(GIVEN, ID, MENU, VenueFacts("吴中区", 200, 30, 20))
    assert (draft.title, draft.kind, draft.ends_at) == ("睡眠", "讲座", START + timedelta(minutes=90))
    assert (draft.capacity, draft.district, draft.setup_minutes, draft.takedown_minutes) == (200, "吴中区", 30, 20)
    assert (draft.visibility, draft.approval_needed) == ("public", True)
    assert completed(replace(GIVEN, unlimited=True), ID, MENU, VenueFacts("", 200, 0, 0)).capacity is None
    assert completed(replace(GIVEN, host_id=ID), ID, MENU, None).visibility == "host"


def test_times_are_held_against_each_other() -> None:
    def fields(*times: datetime | None) -> list[str]:
        return [problem.field for problem in time_problems(START, *times)]

    hour = timedelta(hours=1)
    assert fields(START + hour) == []
    assert fields(START) == ["ends_at"]
    assert fields(START + timedelta(days=60)) == []
    assert fields(START + timedelta(days=60, seconds=1)) == ["ends_at"]
    assert fields(None, START) == ["booking_opens_at"]
    assert fields(None, None, START + hour) == ["booking_closes_at"]
    assert fields(None, START - hour, START - hour) == ["booking_closes_at"]
    assert fields(START - hour, START, START + hour) == ["ends_at", "booking_opens_at", "booking_closes_at"]
    early = datetime(1, 1, 1, tzinfo=UTC)
    assert [problem.field for problem in time_problems(early, datetime.max.replace(tzinfo=UTC))] == [
        "starts_at",
        "ends_at",
    ]


def test_a_draft_is_held_against_its_programme_and_the_clock() -> None:
    draft = completed(replace(GIVEN, kind="马戏", capacity=200_000), ID, MENU, None)
    assert [problem.field for problem in session_problems(draft, MENU)] == ["kind", "capacity"]
    assert [problem.field for problem in publishing_problems(draft, START)] == ["starts_at", "address"]
    assert publishing_problems(replace(draft, claimable=True), NOW) == []
    assert publishing_problems(replace(draft, address="人民路1号"), NOW) == []


def test_short_names_of_districts() -> None:
    names = ["吴中区", "工业园区", "张家港市", "昆山市", "", "沧浪", "园区", "城区"]
    assert [short_district(name) for name in names] == ["吴中", "园区", "张家港", "昆山", "", "沧浪", "园区", "城区"]


def holiday(day: date, kind: str = "off", name: str = "国庆节") -> tuple[date, Holiday]:
    return day, Holiday(ID, day, kind, name)


HOLIDAYS = dict(
    [
        holiday(date(2015, 9, 27), name="中秋节"),
        *(holiday(date(2015, 10, number)) for number in range(1, 8)),
        holiday(date(2015, 10, 10), "work", ""),
    ]
)


def test_the_month_shows_whole_weeks_and_greys_days_off() -> None:
    weeks = weeks_of(2015, 9, date(2015, 9, 15), HOLIDAYS, [])
    assert [len(week) for week in weeks] == [7] * 5
    assert (weeks[0][0].on, weeks[-1][-1].on) == grid_bounds(2015, 9) == (date(2015, 8, 31), date(2015, 10, 4))
    days = {day.on: day for week in weeks for day in week}
    assert [days[date(2015, 9, number)].is_off for number in (25, 26, 27, 28)] == [False, True, True, False]
    assert (days[date(2015, 9, 27)].mark, days[date(2015, 9, 27)].name) == ("off", "中秋节")
    assert [days[date(2015, 10, number)].name for number in (1, 2)] == ["国庆节", ""]
    assert days[date(2015, 9, 15)].classes == "now none"
    assert days[date(2015, 9, 14)].classes == "past none"
    assert days[date(2015, 9, 27)].classes == "off"
    assert days[date(2015, 10, 1)].classes == "off out none"
    assert [days[date(2015, 8, 31)].label, days[date(2015, 9, 1)].label, days[date(2015, 9, 2)].label] == [
        "8月31日",
        "9月1日",
        "2",
    ]


def test_a_weekend_day_worked_is_white_and_says_so() -> None:
    worked = {day.on: day for week in weeks_of(2015, 10, date(2015, 9, 15), HOLIDAYS, []) for day in week}[
        date(2015, 10, 10)
    ]
    assert (worked.is_off, worked.mark, worked.name, worked.is_past) == (False, "work", "调休上班", False)


def test_holidays_are_told_in_runs() -> None:
    assert holiday_sentences(date(2015, 9, 15), date(2015, 10, 14), HOLIDAYS) == [
        "中秋节9月27日放假",
        "国庆节10月1日至7日放假",
        "10月10日（周六）上班",
    ]
    assert holiday_sentences(date(2015, 10, 8), date(2015, 10, 9), HOLIDAYS) == []


def test_months_turn_over_the_year() -> None:
    assert (month_after(2015, 12), month_after(2015, 1, -1)) == ((2016, 1), (2014, 12))
