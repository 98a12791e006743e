"""The feed of holidays and labels: whole days read back, headers, what changes it, and that sessions stay out of it."""

from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from typing import Any

import asyncpg
import httpx
import icalendar
import pytest

from outreach.calendars import feeds
from outreach.calendars.listening import CHANNEL
from outreach.programmes.domain.labels import LabelKind
from outreach.programmes.holidays import add_holiday, remove_holiday, seed_holidays_within
from outreach.programmes.labels import LabelGiven, hide_label, remove_label, set_label
from outreach.programmes.tables import Holiday
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from tests.factories.accounts import make_actor, make_organisation
from tests.factories.events import make_event, make_session
from tests.factories.programmes import make_programme
from tests.support.clock import FixedClock
from tests.support.queries import counted

OFFICE = "/calendars/office.ics"


@pytest.fixture(autouse=True)
async def nothing_kept(database: None) -> AsyncIterator[None]:
    await feeds.close()
    yield
    await feeds.close()


async def make_staff() -> Actor:
    return await make_actor(Role.ORGANISER, await make_organisation())


async def seed(now: datetime, year: int = 2015) -> None:
    async with db.atomic():
        await seed_holidays_within(None, now, year)


def days_in(response: httpx.Response) -> dict[str, Any]:
    """UID without host → event."""
    calendar: Any = icalendar.Calendar.from_ical(response.content)
    events = calendar.walk("VEVENT")
    found = {str(event["UID"]).partition("@")[0]: event for event in events}
    assert len(found) == len(events)
    return found


def span(event: Any) -> tuple[date, date]:
    return event["DTSTART"].dt, event["DTEND"].dt


async def test_holidays_workdays_festivals_and_campaigns_are_whole_days(
    client: httpx.AsyncClient, now: datetime
) -> None:
    await seed(now)
    await make_session(await make_event(await make_programme(await make_organisation())), title="公开讲座")

    response = await client.get(OFFICE)
    found = days_in(response)

    off, work, campaign = found["holiday-2015-10-01"], found["holiday-2015-10-10"], found["label-warmth-2015"]
    assert (str(off["SUMMARY"]), span(off)) == ("国庆节（休）", (date(2015, 10, 1), date(2015, 10, 2)))
    assert (str(work["SUMMARY"]), span(work)) == ("国庆节（班）", (date(2015, 10, 10), date(2015, 10, 11)))
    # 12-22 to the eve of the Spring Festival on 2016-02-08; the end of an event is the day after.
    assert (str(campaign["SUMMARY"]), span(campaign)) == ("送温暖", (date(2015, 12, 22), date(2016, 2, 8)))
    lunar = found["label-double-ninth-2015"]
    assert (str(lunar["SUMMARY"]), span(lunar)) == ("重阳节", (date(2015, 10, 21), date(2015, 10, 22)))
    assert "label-national-2015" not in found  # its day off says so already
    assert span(found["label-national-2016"]) == (date(2016, 10, 1), date(2016, 10, 2))  # that year has no days yet
    for event in found.values():
        assert type(event["DTSTART"].dt) is type(event["DTEND"].dt) is date
        assert str(event["TRANSP"]) == "TRANSPARENT"
        assert "RRULE" not in event
        assert "VALARM" not in event.to_ical().decode()
    assert b"DTSTART;VALUE=DATE:20151001\r\nDTEND;VALUE=DATE:20151002\r\n" in response.content
    assert "公开讲座".encode() not in response.content
    assert {one["CATEGORIES"].to_ical().decode() for one in found.values()} == {"放假", "调休上班", "节日", "活动时段"}
    assert {span(one)[1].year for one in found.values()} == {2014, 2015, 2016, 2017}


async def test_the_feed_follows_the_rules_of_every_feed(
    client: httpx.AsyncClient, now: datetime, clock: FixedClock
) -> None:
    first = await client.get(OFFICE, headers={"Accept-Encoding": "gzip"})
    clock.moment = now + timedelta(days=1)
    later = await client.get(OFFICE, headers={"Accept-Language": "en", "User-Agent": "MicroMessenger"})
    await feeds.close()  # another process, or this one after a restart
    anew = await client.get(OFFICE)
    head = await client.head(OFFICE)
    unchanged = await client.get(OFFICE, headers={"If-None-Match": first.headers["etag"]})
    by_date = await client.get(OFFICE, headers={"If-Modified-Since": first.headers["last-modified"]})

    assert first.headers.get_list("content-type") == ["text/calendar; charset=utf-8"]
    assert first.headers["cache-control"] == "public, max-age=900"
    assert first.headers["last-modified"] == "Tue, 15 Sep 2015 01:00:00 GMT"
    assert "content-encoding" not in first.headers
    assert "set-cookie" not in first.headers
    assert first.content == later.content == anew.content
    assert {one.headers["etag"] for one in (first, later, anew, head, unchanged, by_date)} == {first.headers["etag"]}
    assert (head.status_code, head.content, dict(head.headers)) == (200, b"", dict(anew.headers))
    assert (unchanged.status_code, by_date.status_code) == (304, 304)
    calendar: Any = icalendar.Calendar.from_ical(first.content)
    assert str(calendar["X-WR-CALNAME"]).endswith("：节假日和活动时段")
    assert str(calendar["SOURCE"]) == "http://testserver/calendars/office.ics"


async def test_a_change_is_in_the_next_answer_and_keeps_the_uid(
    client: httpx.AsyncClient, now: datetime, clock: FixedClock
) -> None:
    staff = await make_staff()
    answers = [await client.get(OFFICE)]
    given = LabelGiven("送温暖", LabelKind.CAMPAIGN, date(2015, 12, 25), date(2016, 2, 6))
    own = LabelGiven("职工读书日", LabelKind.FESTIVAL, date(2015, 11, 3), date(2015, 11, 3))

    async def after(deed: Any) -> Any:
        clock.moment += timedelta(minutes=1)
        made = await deed
        answers.append(await client.get(OFFICE, headers={"If-None-Match": answers[-1].headers["etag"]}))
        return made

    changed = await after(set_label(staff, now, given, code="warmth", year=2015))
    made = await after(set_label(staff, now, own))
    await after(set_label(staff, now, own.__class__("读书日", own.kind, own.from_on, date(2015, 11, 4)), id_=made))
    await after(hide_label(staff, now, code="army", year=2015))
    day = await after(add_holiday(staff, now, on=date(2015, 11, 20), kind="off", name="市庆"))
    await after(remove_holiday(staff, now, day))
    await after(remove_label(staff, now, changed))

    assert [one.status_code for one in answers] == [200] * 8  # each was a change
    found = [days_in(one) for one in answers]
    assert [span(one["label-warmth-2015"])[0].day for one in found] == [22, 25, 25, 25, 25, 25, 25, 22]
    assert [f"label-{made}" in one for one in found] == [False, False, *[True] * 6]
    assert str(found[3][f"label-{made}"]["SUMMARY"]) == "读书日"
    assert span(found[3][f"label-{made}"]) == (date(2015, 11, 3), date(2015, 11, 5))
    assert ["label-army-2015" in one for one in found] == [*[True] * 4, *[False] * 4]
    assert "label-army-2016" in found[-1]
    assert ["holiday-2015-11-20" in one for one in found] == [*[False] * 5, True, False, False]
    sequences = [int(one["label-warmth-2015"]["SEQUENCE"]) for one in found]
    assert sequences == sorted(set(sequences))  # also where it is put back
    dates = [one.headers["last-modified"] for one in answers]
    assert len(set(dates)) == 8
    assert all(one["label-lantern-2015"]["DTSTAMP"].dt <= clock.moment for one in found)


async def test_nothing_is_asked_while_nothing_changed_and_nothing_written_anew_for_other_changes(
    client: httpx.AsyncClient, now: datetime
) -> None:
    first = await client.get(OFFICE)
    with counted() as quiet:
        await client.get(OFFICE)
    await make_organisation()  # something else is written
    async with db.atomic():
        await db.execute("SELECT 1")
    with counted() as asked:
        again = await client.get(OFFICE)

    assert [one for one in quiet if "programmes_" in one or "calendars_answer" in one] == []
    assert sum("programmes_holiday" in one or "programmes_calendar_label" in one for one in asked) == 2
    assert not any("calendars_answer" in one for one in asked)
    assert again.content == first.content


async def test_other_processes_are_told_of_days(database: None, dsn: str) -> None:
    told: list[str] = []
    listener = await asyncpg.connect(dsn)
    try:
        await listener.add_listener(CHANNEL, lambda *_given: told.append("x"))
        staff = await make_staff()
        told.clear()
        now = datetime.fromisoformat("2015-09-15T09:00:00+08:00")
        for deed in (
            add_holiday(staff, now, on=date(2015, 11, 20), kind="off", name="市庆"),
            hide_label(staff, now, code="army", year=2015),
        ):
            told.clear()
            await deed
            await listener.fetchval("SELECT 1")
            assert told == ["x"]
    finally:
        await listener.close()


async def test_one_year_may_be_asked_for_and_an_unnamed_day_says_its_mark(client: httpx.AsyncClient) -> None:
    await Holiday(on=date(2018, 1, 2), kind="work", name="").save()
    found = days_in(await client.get(OFFICE + "?year=2018"))
    assert str(found["holiday-2018-01-02"]["SUMMARY"]) == "班"
    assert {"label-warmth-2017", "label-warmth-2018"} < set(found)  # the first began the year before
    assert "label-warmth-2016" not in found
    assert (await client.get(OFFICE + "?year=1")).status_code == 422


async def test_it_is_linked_where_people_subscribe(client: httpx.AsyncClient) -> None:
    general = await client.get("/subscribe", headers={"Accept": "text/html"})
    page = await client.get("/subscribe?feed=office", headers={"Accept": "text/html"})
    assert 'href="/subscribe?feed=office"' in general.text
    assert 'href="webcal://testserver/calendars/office.ics"' in page.text
    assert "去年、今年和明年" in page.text
    assert "改期的、取消的场次" not in page.text
    assert (await client.get("/subscribe?feed=office/x")).status_code == 404
