"""Feeds over HTTP: headers, 304, HEAD, what strangers get, and the page about subscribing."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import icalendar
import pytest
from litestar import Litestar

from outreach.calendars import feeds
from outreach.events.tables import Event, Session
from outreach.shared import db
from outreach.shared.actors import Role
from tests.factories.accounts import browser_of, make_actor, make_organisation
from tests.factories.events import make_event, make_provider, make_session, make_venue
from tests.factories.programmes import make_programme
from tests.support.clock import FixedClock

PUBLIC = "/calendars/public.ics"


@pytest.fixture(autouse=True)
async def nothing_kept(database: None) -> AsyncIterator[None]:
    await feeds.close()
    yield
    await feeds.close()


async def an_event(**programme: Any) -> Event:
    return await make_event(await make_programme(await make_organisation(), **programme))


def events_in(response: httpx.Response) -> list[Any]:
    calendar: Any = icalendar.Calendar.from_ical(response.content)
    return list(calendar.walk("VEVENT"))


def titles_in(response: httpx.Response) -> list[str]:
    return [str(event["SUMMARY"]) for event in events_in(response)]


async def test_a_feed_and_its_headers(client: httpx.AsyncClient, now: datetime) -> None:
    await make_session(await an_event(), title="公开讲座", revised_at=now - timedelta(hours=1))

    response = await client.get(PUBLIC, headers={"Accept-Encoding": "gzip"})

    assert response.status_code == 200
    assert response.headers.get_list("content-type") == ["text/calendar; charset=utf-8"]
    assert response.headers["cache-control"] == "public, max-age=900"
    assert response.headers["last-modified"] == "Tue, 15 Sep 2015 00:00:00 GMT"
    assert response.headers["etag"].startswith('"')
    assert "content-encoding" not in response.headers
    assert "set-cookie" not in response.headers
    assert int(response.headers["content-length"]) == len(response.content)
    assert titles_in(response) == ["公开讲座"]


async def test_every_reader_gets_the_same_bytes(client: httpx.AsyncClient) -> None:
    await make_session(await an_event())

    answers = [
        await client.get(PUBLIC, headers=headers)
        for headers in (
            {},
            {"Accept": "text/html", "User-Agent": "Mozilla/5.0 MicroMessenger"},
            {"Accept": "application/json", "Accept-Language": "en"},
            {"Accept": "text/calendar", "User-Agent": "iOS/17 dataaccessd/1.0"},
        )
    ]

    assert len({answer.content for answer in answers}) == 1
    assert len({answer.headers["etag"] for answer in answers}) == 1


async def test_head_is_get_without_its_body(client: httpx.AsyncClient) -> None:
    await make_session(await an_event())
    whole = await client.get(PUBLIC)

    head = await client.head(PUBLIC)
    unchanged = await client.head(PUBLIC, headers={"If-None-Match": whole.headers["etag"]})

    assert (head.status_code, head.content) == (200, b"")
    assert dict(head.headers) == dict(whole.headers)
    assert unchanged.status_code == 304


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If-None-Match": "{etag}"}, 304),
        ({"If-None-Match": "W/{etag}"}, 304),
        ({"If-None-Match": '"x", {etag}'}, 304),
        ({"If-None-Match": "*"}, 304),
        ({"If-None-Match": '"x"'}, 200),
        ({"If-None-Match": '"x"', "If-Modified-Since": "{date}"}, 200),
        ({"If-Modified-Since": "{date}"}, 304),
        ({"If-Modified-Since": "Mon, 01 Jan 2001 00:00:00 GMT"}, 200),
        ({"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}, 200),
        ({"If-Modified-Since": "nonsense"}, 200),
    ],
)
async def test_who_gets_304(client: httpx.AsyncClient, headers: dict[str, str], status: int) -> None:
    await make_session(await an_event())
    first = await client.get(PUBLIC)
    filled = {
        name: value.replace("{etag}", first.headers["etag"]).replace("{date}", first.headers["last-modified"])
        for name, value in headers.items()
    }

    again = await client.get(PUBLIC, headers=filled)

    assert again.status_code == status
    assert again.content == (b"" if status == 304 else first.content)
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["last-modified"] == first.headers["last-modified"]
    assert again.headers["cache-control"] == "public, max-age=900"


async def test_a_session_that_left_the_feed_is_a_change_for_readers_by_date(
    client: httpx.AsyncClient, now: datetime, clock: FixedClock
) -> None:
    session = await make_session(await an_event())
    first = await client.get(PUBLIC)
    clock.moment = now + timedelta(minutes=10)
    async with db.atomic():
        await Session.update(
            {Session.visibility: "host", Session.revision: 2, Session.revised_at: now + timedelta(minutes=9)}
        ).where(Session.id == session.id)

    again = await client.get(PUBLIC, headers={"If-Modified-Since": first.headers["last-modified"]})

    assert again.status_code == 200
    assert titles_in(again) == []
    assert again.headers["last-modified"] == "Tue, 15 Sep 2015 01:09:00 GMT"


async def test_a_programme_s_feed(client: httpx.AsyncClient) -> None:
    await make_session(await an_event(code="women"), title="大课堂")
    await make_session(await an_event(code="culture"), title="演出")

    response = await client.get("/calendars/programmes/2015/women.ics")

    assert titles_in(response) == ["大课堂"]


async def test_a_whole_year_can_be_asked_for(client: httpx.AsyncClient) -> None:
    await make_session(await an_event())

    assert len(titles_in(await client.get(PUBLIC + "?year=2015"))) == 1
    assert titles_in(await client.get(PUBLIC + "?year=2016")) == []


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/calendars/public", 404),
        ("/calendars/private.ics", 404),
        ("/calendars/.ics", 404),
        ("/calendars/programmes/2015/nothing.ics", 404),
        ("/calendars/programmes/1/women.ics", 404),
        ("/calendars/programmes/x/women.ics", 404),
        ("/calendars/districts/nowhere.ics", 404),
        ("/calendars/districts/.ics", 404),
        ("/calendars/kinds/nothing.ics", 404),
        ("/calendars/organisations/nobody.ics", 404),
        ("/calendars/providers/nobody.ics", 404),
        ("/calendars/venues/01990000-0000-7000-8000-000000000001.ics", 404),
        ("/calendars/venues/nowhere.ics?year=x", 422),
        ("/calendars/private/nothing.ics", 404),
        ("/calendars/private/.ics", 404),
        ("/calendars/public.ics?year=1", 422),
        ("/calendars/public.ics?year=x", 422),
        ("/calendars/public.ics?year=99999999999999999999", 422),
        ("/sessions/nothing.ics", 404),
        ("/sessions/01990000-0000-7000-8000-000000000001.ics", 404),
    ],
)
async def test_addresses_that_are_no_feed(client: httpx.AsyncClient, path: str, status: int) -> None:
    assert (await client.get(path)).status_code == status


async def test_the_file_of_one_session_ties_the_reader_and_knows_304(client: httpx.AsyncClient) -> None:
    session = await make_session(await an_event(), title="公开讲座")

    found = await client.get(f"/sessions/{session.id}.ics", headers={"Accept-Encoding": "gzip"})
    again = await client.get(f"/sessions/{session.id}.ics", headers={"If-None-Match": found.headers["etag"]})
    head = await client.head(f"/sessions/{session.id}.ics")

    (event,) = events_in(found)
    assert (str(event["SUMMARY"]), str(event["TRANSP"])) == ("公开讲座", "OPAQUE")
    assert str(event["UID"]) == f"session-{session.id}@testserver"
    assert "content-encoding" not in found.headers
    assert (again.status_code, head.status_code, head.content) == (304, 200, b"")


async def test_the_file_of_a_hidden_session_is_for_those_concerned_and_kept_by_no_proxy(
    app: Litestar, client: httpx.AsyncClient
) -> None:
    owner = await make_organisation()
    union, other = await make_organisation(parent=owner), await make_organisation(parent=owner)
    event = await make_event(await make_programme(owner))
    session = await make_session(event, visibility="host", host=union.id)
    path = f"/sessions/{session.id}.ics"

    assert (await client.get(path)).status_code == 404
    for organisation, status in ((union, 200), (other, 404)):
        actor = await make_actor(Role.CONTACT, organisation)
        async with browser_of(app, actor) as browser:
            response = await browser.get(path)
        assert response.status_code == status
        assert response.headers["cache-control"] != "public, max-age=900"


@pytest.mark.parametrize("given", [{"state": "draft"}, {"state": "cancelled", "published_at": None}])
async def test_a_session_never_published_has_no_file(client: httpx.AsyncClient, given: dict[str, Any]) -> None:
    session = await make_session(await an_event(), **given)

    assert (await client.get(f"/sessions/{session.id}.ics")).status_code == 404


async def test_the_page_about_subscribing_names_the_feeds(client: httpx.AsyncClient) -> None:
    owner = await make_organisation()
    venue, lecturer = await make_venue(owner, name="文化宫"), await make_provider(owner, name="沈若兰")
    women = await make_event(await make_programme(owner, code="women", name="职业女性大课堂"), kind="讲座")
    await make_session(women, venue=venue.id, district="姑苏区", providers=(lecturer,))
    await make_programme(owner, code="relief", name="特殊困难救助", scheduled=False)
    care = await make_programme(owner, code="care", name="员工援助", confidential=True)
    await make_session(await make_event(care, kind="咨询"), district="虎丘区")
    await make_programme(owner, code="old", name="去年的项目", year=2014)

    response = await client.get("/subscribe", headers={"Accept": "text/html"})

    assert response.status_code == 200
    assert "http://testserver/calendars/public.ics" in response.text
    assert 'href="webcal://testserver/calendars/public.ics"' in response.text
    assert "<svg" in response.text
    for feed in ("programmes/2015/women", f"venues/{venue.id}", f"providers/{lecturer.id}"):
        assert f'href="/subscribe?feed={feed}"' in response.text
    for name in ("姑苏区", "讲座", "文化宫", "沈若兰"):
        assert f">{name}</a>" in response.text
    for name in ("特殊困难救助", "员工援助", "去年的项目", "虎丘区", "咨询"):
        assert name not in response.text
    for program in ("Outlook", "谷歌日历", "苹果", "Thunderbird", "华为", "荣耀", "小米", "OPPO", "vivo", "微信"):
        assert program in response.text


@pytest.mark.parametrize(
    ("feed", "path"),
    [
        ("programmes/2015/women", "programmes/2015/women"),
        ("districts/姑苏区", "districts/%E5%A7%91%E8%8B%8F%E5%8C%BA"),
        ("kinds/讲座/沙龙", "kinds/%E8%AE%B2%E5%BA%A7/%E6%B2%99%E9%BE%99"),
        ("organisations/SZ", "organisations/SZ"),
    ],
)
async def test_a_chosen_feed_has_its_address_and_that_address_answers(
    client: httpx.AsyncClient, feed: str, path: str
) -> None:
    owner = await make_organisation(code="SZ")
    event = await make_event(await make_programme(owner, code="women"), kind="讲座/沙龙")
    await make_session(event, title="大课堂", district="姑苏区")
    await make_venue(owner, district="姑苏区")

    page = await client.get("/subscribe", params={"feed": feed}, headers={"Accept": "text/html"})
    found = await client.get(f"/calendars/{path}.ics")

    assert f'href="webcal://testserver/calendars/{path}.ics"' in page.text
    assert titles_in(found) == ["大课堂"]
    assert found.headers["cache-control"] == "public, max-age=900"


@pytest.mark.parametrize(
    "feed", ["nothing", "public", "programmes/2015", "programmes/x/y", "venues/x", "districts/无此区", "private/x", "/"]
)
async def test_a_feed_that_nobody_has_is_not_to_be_chosen(client: httpx.AsyncClient, feed: str) -> None:
    assert (await client.get("/subscribe", params={"feed": feed})).status_code == 404


async def test_wechat_is_told_before_it_tries(client: httpx.AsyncClient) -> None:
    words = "请点右上角的“…”，选“在浏览器打开”，再订阅"
    answers = [
        (await client.get("/subscribe", headers={"Accept": "text/html", "User-Agent": agent})).text
        for agent in ("Mozilla/5.0 (iPhone) MicroMessenger/8.0.40", "Mozilla/5.0 (iPhone) Safari/604.1")
    ]

    assert [words in one for one in answers] == [True, False]
