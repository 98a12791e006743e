"""iCalendar text: what is written is read back by the ``icalendar`` library, whatever the title holds."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.calendars.domain.ical import (
    BookingFacts,
    EventFacts,
    OrderFacts,
    Origin,
    booking_event_bytes,
    booking_uid,
    calendar_bytes,
    duty_event_bytes,
    event_bytes,
    invitation_bytes,
    order_event_bytes,
)
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
    """A line break becomes a blank: calcurse leaves out an event whose title has one."""
    assert str(read(written(replace(FACTS, title=title)))["SUMMARY"]) == " ".join(title.split("\r\n")).replace(
        "\n", " "
    )


def test_control_characters_go_and_strange_line_breaks_become_plain_ones() -> None:
    event = read(written(replace(FACTS, title="a\x00b\x07c\td\u2028e\x85f\ufeff")))

    assert str(event["SUMMARY"]) == "abc d e f"
    described = read(written(replace(FACTS, summary="一\x00\r\n二\u2028三\ufffe")))["DESCRIPTION"]
    assert "\n一\n二\n三\n" in str(described)


def test_the_host_of_a_uid_stays_when_the_installation_moves() -> None:
    moved = Origin("https://new.example.cn", "苏州市总工会", uid_host="gh.example.cn")

    event = read(calendar_bytes("公开场次", "/calendars/public.ics", moved, [event_bytes(FACTS, moved)]))

    assert str(event["UID"]) == f"session-{FACTS.id}@gh.example.cn"
    assert str(event["URL"]) == f"https://new.example.cn/sessions/{FACTS.id}"
    assert str(event["ORGANIZER"]) == "mailto:noreply@new.example.cn"


def test_the_address_of_a_feed_is_quoted_and_that_of_a_secret_one_left_out() -> None:
    named: Any = icalendar.Calendar.from_ical(calendar_bytes("姑苏区", "/calendars/districts/姑苏区.ics", ORIGIN, []))
    secret = calendar_bytes("我的", None, ORIGIN, [])

    assert str(named["SOURCE"]) == f"{ORIGIN.base_url}/calendars/districts/%E5%A7%91%E8%8B%8F%E5%8C%BA.ics"
    assert b"SOURCE" not in secret


def test_the_color_is_a_name_of_css_and_the_refresh_is_said_in_both_ways() -> None:
    body = calendar_bytes("公开", "/calendars/public.ics", ORIGIN, [])

    assert b"\r\nCOLOR:firebrick\r\n" in body
    assert b"\r\nREFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n" in body
    assert b"\r\nX-PUBLISHED-TTL:PT1H\r\n" in body
    assert not body.startswith(b"\xef\xbb\xbf")


BOOKING = BookingFacts(
    id=UUID("01990000-0000-7000-8000-00000000000b"),
    session=FACTS,
    state="confirmed",
    seats=20,
    revision=2,
    changed_at=REVISED + timedelta(days=1),
)


def booked(facts: BookingFacts, **addresses: str) -> Any:
    return read(calendar_bytes("我的", None, ORIGIN, [booking_event_bytes(facts, ORIGIN, **addresses)]))


@pytest.mark.parametrize(
    ("given", "status", "transp", "summary"),
    [
        ({"state": "confirmed"}, "CONFIRMED", "OPAQUE", ""),
        ({"state": "attended"}, "CONFIRMED", "OPAQUE", ""),
        ({"state": "no_show"}, "CONFIRMED", "OPAQUE", ""),
        ({"state": "pending"}, "TENTATIVE", "TRANSPARENT", "【待审核】"),
        ({"state": "waitlisted"}, "TENTATIVE", "TRANSPARENT", "【候补】"),
        ({"state": "offered"}, "TENTATIVE", "TRANSPARENT", "【等您确认】"),
        ({"state": "cancelled"}, "CANCELLED", "TRANSPARENT", "【已取消】"),
        ({"state": "declined"}, "CANCELLED", "TRANSPARENT", "【未获批准】"),
        ({"session": replace(FACTS, is_cancelled=True)}, "CANCELLED", "TRANSPARENT", "【已取消】"),
        ({"session": replace(FACTS, is_moved=True)}, "CONFIRMED", "OPAQUE", "【改期】"),
        (
            {"session": replace(FACTS, is_moved=True), "state": "pending"},
            "TENTATIVE",
            "TRANSPARENT",
            "【待审核】【改期】",
        ),
    ],
)
def test_a_booking_says_how_it_stands(given: dict[str, Any], status: str, transp: str, summary: str) -> None:
    event = booked(replace(BOOKING, **given))

    assert (str(event["STATUS"]), str(event["TRANSP"])) == (status, transp)
    assert str(event["SUMMARY"]) == f"{summary}倒班职工的睡眠与情绪"


def test_a_booking_s_sequence_and_time_are_of_both_changes() -> None:
    event = booked(BOOKING)

    assert str(event["UID"]) == booking_uid(BOOKING.id, ORIGIN) == f"booking-{BOOKING.id}@gh.example.cn"
    assert event["SEQUENCE"] == (FACTS.revision - 1) + (BOOKING.revision - 1)
    assert event["DTSTAMP"].dt == event["LAST-MODIFIED"].dt == BOOKING.changed_at.replace(microsecond=0)
    assert "本单位预约：20人" in str(event["DESCRIPTION"])
    assert "ATTENDEE" not in event


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL"])
def test_an_invitation_has_its_method_one_attendee_and_asks_for_no_answer(method: Any) -> None:
    event = booking_event_bytes(BOOKING, ORIGIN, attendee="chen@example.cn", organizer="gh@example.cn")

    body = invitation_bytes(method, [event])

    calendar: Any = icalendar.Calendar.from_ical(body)
    assert str(calendar["METHOD"]) == method
    assert [part.name for part in calendar.subcomponents] == ["VTIMEZONE", "VEVENT"]
    assert not {"X-WR-CALNAME", "NAME", "SOURCE", "REFRESH-INTERVAL"} & set(calendar)
    found = read(body)
    assert str(found["ORGANIZER"]) == "mailto:gh@example.cn"
    assert str(found["ATTENDEE"]) == "mailto:chen@example.cn"
    assert found["ATTENDEE"].params["RSVP"] == "FALSE"


ORDER = OrderFacts(
    id=UUID("01990000-0000-7000-8000-00000000000c"),
    title="锡剧折子戏",
    kind="演出",
    topic="",
    programme_name="送文化",
    place="金山路8号食堂二楼",
    state="submitted",
    audience=80,
    starts_at=datetime(2015, 9, 24, 13, 30, tzinfo=ZONE),
    ends_at=datetime(2015, 9, 24, 17, 30, tzinfo=ZONE),
    wishes=("9月24日下午", "9月25日上午"),
    revision=3,
    assignment_revision=2,
    revised_at=REVISED,
)


@pytest.mark.parametrize(
    ("state", "status", "summary"),
    [
        ("submitted", "TENTATIVE", "【点单】锡剧折子戏"),
        ("endorsed", "TENTATIVE", "【点单】锡剧折子戏"),
        ("approved", "TENTATIVE", "【点单】锡剧折子戏"),
        ("assigned", "TENTATIVE", "【待确认】锡剧折子戏"),
        ("declined", "CANCELLED", "【未获批准】锡剧折子戏"),
        ("withdrawn", "CANCELLED", "【已撤回】锡剧折子戏"),
    ],
)
def test_an_order_is_tentative_until_it_has_a_date(state: str, status: str, summary: str) -> None:
    body = calendar_bytes("我的", None, ORIGIN, [order_event_bytes(replace(ORDER, state=state), ORIGIN)])

    event = read(body)
    assert (str(event["STATUS"]), str(event["TRANSP"]), str(event["SUMMARY"])) == (status, "TRANSPARENT", summary)
    assert str(event["UID"]) == f"order-{ORDER.id}@gh.example.cn"
    assert "希望的时间：9月24日下午；9月25日上午" in str(event["DESCRIPTION"])


def test_a_new_assignment_raises_the_sequence_though_its_draft_begins_anew() -> None:
    before = replace(ORDER, assignment_revision=7)
    after = replace(ORDER, revision=4, assignment_revision=1)

    sequences = [
        read(calendar_bytes("我的", None, ORIGIN, [order_event_bytes(one, ORIGIN)]))["SEQUENCE"]
        for one in (before, after)
    ]

    assert sequences[1] > sequences[0]


def test_a_duty_is_tentative_while_it_is_asked_for() -> None:
    asked, held, off = (
        read(calendar_bytes("我的", None, ORIGIN, [duty_event_bytes(facts, ORIGIN, is_asked=is_asked)]))
        for facts, is_asked in (
            (replace(FACTS, is_busy=True), True),
            (replace(FACTS, is_busy=True), False),
            (replace(FACTS, is_busy=True, is_cancelled=True), False),
        )
    )

    assert [(str(one["STATUS"]), str(one["TRANSP"])) for one in (asked, held, off)] == [
        ("TENTATIVE", "TRANSPARENT"),
        ("CONFIRMED", "OPAQUE"),
        ("CANCELLED", "TRANSPARENT"),
    ]
    assert str(asked["SUMMARY"]) == "【待答复】倒班职工的睡眠与情绪"
    assert str(asked["UID"]) == f"session-{FACTS.id}@gh.example.cn"


def test_nothing_ever_rings() -> None:
    events = [
        event_bytes(replace(FACTS, is_cancelled=True), ORIGIN),
        booking_event_bytes(BOOKING, ORIGIN),
        order_event_bytes(ORDER, ORIGIN),
    ]

    assert b"VALARM" not in b"".join(events)


TEXT = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufeff\ufffe\uffff\u2028\u2029"), max_size=120
)


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
