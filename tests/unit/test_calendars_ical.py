"""iCalendar text: what is written is read back by the ``icalendar`` library, whatever the title holds."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.calendars.domain.ical import EventFacts, Origin, calendar_bytes, event_bytes
from outreach.shared.time import ZONE

ORIGIN = Origin("https://gh.example.cn:8443", "苏州市总工会")
REVISED = datetime(2015, 9, 1, 2, 3, 4, 567, tzinfo=UTC)
FACTS = EventFacts(
    id=UUID("01990000-0000-7000-8000-000000000001"),
    title="倒班职工的睡眠与情绪",
    kind="讲座",
    topic="睡眠",
    programme_name="职工心理健康促进计划",
    audience="倒班职工",
    summary="白天睡不着怎么办。",
    place="木渎职工活动中心 金山路1号",
    starts_at=datetime(2015, 9, 24, 14, 0, tzinfo=ZONE),
    ends_at=datetime(2015, 9, 24, 15, 30, tzinfo=ZONE),
    is_cancelled=False,
    is_moved=False,
    revision=3,
    revised_at=REVISED,
)


def written(facts: EventFacts = FACTS) -> bytes:
    return calendar_bytes("公开场次", "/calendars/public.ics", ORIGIN, [event_bytes(facts, ORIGIN)])


def read(body: bytes) -> Any:
    calendar: Any = icalendar.Calendar.from_ical(body)
    assert calendar.errors == []
    (event,) = calendar.walk("VEVENT")
    assert event.errors == []
    return event


def test_an_event_says_what_when_where_and_which_revision() -> None:
    event = read(written())

    assert str(event["UID"]) == "session-01990000-0000-7000-8000-000000000001@gh.example.cn"
    assert event["DTSTAMP"].dt == event["LAST-MODIFIED"].dt == REVISED.replace(microsecond=0)
    assert event["SEQUENCE"] == 2
    assert event["DTSTART"].to_ical() == b"20150924T140000"
    assert event["DTSTART"].params["TZID"] == event["DTEND"].params["TZID"] == "Asia/Shanghai"
    assert event["DTSTART"].dt == FACTS.starts_at
    assert event["DTEND"].dt == FACTS.ends_at
    assert str(event["SUMMARY"]) == "倒班职工的睡眠与情绪"
    assert str(event["LOCATION"]) == "木渎职工活动中心 金山路1号"
    assert event["CATEGORIES"].cats == ["讲座", "睡眠"]
    assert str(event["URL"]) == f"https://gh.example.cn:8443/sessions/{FACTS.id}"
    assert (str(event["STATUS"]), str(event["TRANSP"])) == ("CONFIRMED", "TRANSPARENT")
    assert "ATTENDEE" not in event


def test_the_whole_calendar_byte_for_byte() -> None:
    assert written(replace(FACTS, audience="", summary="")).decode().split("\r\n") == (
        [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//Outreach//Sessions//ZH",
            "CALSCALE:GREGORIAN",
            "METHOD:PUBLISH",
            "NAME:公开场次",
            "X-WR-CALNAME:公开场次",
            "COLOR:firebrick",
            "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
            "SOURCE;VALUE=URI:https://gh.example.cn:8443/calendars/public.ics",
            "URL:https://gh.example.cn:8443/calendar",
            "X-PUBLISHED-TTL:PT1H",
            "X-WR-TIMEZONE:Asia/Shanghai",
            "BEGIN:VTIMEZONE",
            "TZID:Asia/Shanghai",
            "BEGIN:STANDARD",
            "DTSTART:19700101T000000",
            "TZNAME:CST",
            "TZOFFSETFROM:+0800",
            "TZOFFSETTO:+0800",
            "END:STANDARD",
            "END:VTIMEZONE",
            "BEGIN:VEVENT",
            "SUMMARY:倒班职工的睡眠与情绪",
            "DTSTART;TZID=Asia/Shanghai:20150924T140000",
            "DTEND;TZID=Asia/Shanghai:20150924T153000",
            "DTSTAMP:20150901T020304Z",
            "UID:session-01990000-0000-7000-8000-000000000001@gh.example.cn",
            "SEQUENCE:2",
            "CATEGORIES:讲座,睡眠",
            "DESCRIPTION:项目：职工心理健康促进计划\\n详情和预约：htt",
            " ps://gh.example.cn:8443/sessions/01990000-0000-7000-8000-000000000001",
            "LAST-MODIFIED:20150901T020304Z",
            "LOCATION:木渎职工活动中心 金山路1号",
            "ORGANIZER;CN=苏州市总工会:mailto:noreply@gh.example.cn",
            "STATUS:CONFIRMED",
            "TRANSP:TRANSPARENT",
            "URL:https://gh.example.cn:8443/sessions/01990000-0000-7000-8000-0000000000",
            " 01",
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        ]
    )


def test_an_empty_feed_still_carries_the_zone_and_no_event() -> None:
    calendar: Any = icalendar.Calendar.from_ical(calendar_bytes("空", "/calendars/public.ics", ORIGIN, []))

    assert [part.name for part in calendar.subcomponents] == ["VTIMEZONE"]
    assert str(calendar["METHOD"]) == "PUBLISH"
    assert "UID" not in calendar


def test_a_cancelled_session_says_so_and_ties_nobody() -> None:
    event = read(written(replace(FACTS, is_cancelled=True, is_busy=True)))

    assert (str(event["STATUS"]), str(event["TRANSP"])) == ("CANCELLED", "TRANSPARENT")
    assert str(event["SUMMARY"]) == "【已取消】倒班职工的睡眠与情绪"


def test_a_moved_session_says_so_and_a_person_s_own_copy_ties_them() -> None:
    event = read(written(replace(FACTS, is_moved=True, is_busy=True)))

    assert (str(event["SUMMARY"]), str(event["TRANSP"])) == ("【改期】倒班职工的睡眠与情绪", "OPAQUE")


@pytest.mark.parametrize(
    "title",
    [
        "养生🧘🏽‍♀️与😴",
        "李玥、堃、祎老师谈心",
        'a,b;c\\d"e:f\\n',
        "一" * 200,
        "第一行\n第二行\r\n第三行",
        "😴" * 100,
    ],
)
def test_awkward_titles_come_back_as_they_were(title: str) -> None:
    assert str(read(written(replace(FACTS, title=title)))["SUMMARY"]) == title.replace("\r\n", "\n")


def test_control_characters_go_and_strange_line_breaks_become_plain_ones() -> None:
    event = read(written(replace(FACTS, title="a\x00b\x07c\td\u2028e\x85f\ufeff")))

    assert str(event["SUMMARY"]) == "abc d\ne\nf"


TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufeff\u2028\u2029"), max_size=120)


@given(title=TEXT, place=TEXT, summary=TEXT, kind=TEXT.filter(bool), minutes=st.integers(1, 10_000))
def test_any_text_is_read_back_from_short_crlf_lines(
    title: str, place: str, summary: str, kind: str, minutes: int
) -> None:
    facts = replace(
        FACTS,
        title=title,
        place=place,
        summary=summary,
        kind=kind,
        topic="",
        ends_at=FACTS.starts_at + timedelta(minutes=minutes),
    )
    body = written(facts)

    lines = body.split(b"\r\n")
    assert max(len(line) for line in lines) <= 75
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    for line in lines:
        line.decode()  # no character is cut in two
    event = read(body)
    assert str(event["SUMMARY"]) == title
    assert str(event.get("LOCATION", "")) == place
    assert event["CATEGORIES"].cats == [kind]
    assert event["DTEND"].dt == facts.ends_at
