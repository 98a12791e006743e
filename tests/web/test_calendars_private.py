"""A person's own feed: its address is a secret that is shown once, and what it holds is theirs."""

import logging
import re
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from typing import Any

import httpx
import icalendar
import pytest
from litestar import Litestar

from outreach.bookings.tables import Booking
from outreach.calendars import feeds
from outreach.events.domain.parts import DayPart
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from outreach.web.security import token_digest
from tests.factories.accounts import browser_of, make_actor, make_grant, make_organisation, make_person
from tests.factories.bookings import BookingWorld, make_booking
from tests.factories.events import STARTS_AT, make_provider, make_session, make_venue
from tests.factories.orders import make_order
from tests.support.clock import FixedClock

PAGE = "/account/calendar"


@pytest.fixture(autouse=True)
async def nothing_kept(database: None) -> AsyncIterator[None]:
    await feeds.close()
    yield
    await feeds.close()


@pytest.fixture
async def world(database: None) -> BookingWorld:
    return await BookingWorld().build()


async def posted(browser: httpx.AsyncClient, path: str) -> httpx.Response:
    form = await browser.get(PAGE, headers={"Accept": "text/html"})
    found = re.search(r'name="_csrf_token" value="([^"]+)"', form.text)
    assert found is not None
    return await browser.post(path, data={"_csrf_token": found[1]}, headers={"Accept": "text/html"})


async def address_of(app: Litestar, actor: Actor) -> str:
    """A new address for this person, as the page shows it; without the host."""
    async with browser_of(app, actor) as browser:
        return shown_address(await posted(browser, PAGE))


def shown_address(page: httpx.Response) -> str:
    found = re.search(r"http://testserver(/calendars/private/[\w-]{43}\.ics)", page.text)
    assert found is not None, page.text
    return found[1]


def events_in(response: httpx.Response) -> dict[str, Any]:
    """By UID without host."""
    assert response.status_code == 200, response.text
    calendar: Any = icalendar.Calendar.from_ical(response.content)
    return {str(one["UID"]).partition("@")[0]: one for one in calendar.walk("VEVENT")}


def shown(response: httpx.Response) -> list[tuple[str, str]]:
    return [(str(one["STATUS"]), str(one["SUMMARY"])) for one in events_in(response).values()]


async def test_the_address_is_shown_once_and_read_without_a_login(
    app: Litestar, client: httpx.AsyncClient, world: BookingWorld
) -> None:
    await make_booking(world.session, world.union)
    async with browser_of(app, world.contact) as browser:
        made = await posted(browser, PAGE)
        later = await browser.get(PAGE, headers={"Accept": "text/html"})
    path = shown_address(made)

    response = await client.get(path)

    assert shown(response) == [("CONFIRMED", "倒班职工的睡眠与情绪")]
    assert response.headers["content-type"] == "text/calendar; charset=utf-8"
    assert response.headers["cache-control"] == "private, max-age=300"
    assert response.headers["x-robots-tag"] == "noindex"
    assert response.headers["referrer-policy"] == "no-referrer"
    assert made.headers["cache-control"] == "private, no-store"
    assert f'href="webcal://testserver{path}"' in made.text
    assert "<svg" in made.text
    token = path.removeprefix("/calendars/private/").removesuffix(".ics")
    assert token not in later.text
    assert token.encode() not in response.content
    assert await db.value("SELECT token_hash FROM calendars_private_feed") == token_digest(token)


async def test_head_and_304_as_with_every_feed(app: Litestar, client: httpx.AsyncClient, world: BookingWorld) -> None:
    await make_booking(world.session, world.union)
    path = await address_of(app, world.contact)
    whole = await client.get(path)

    head = await client.head(path)
    by_tag = await client.get(path, headers={"If-None-Match": f'"x", W/{whole.headers["etag"]}'})
    by_date = await client.get(path, headers={"If-Modified-Since": whole.headers["last-modified"]})

    assert (head.status_code, head.content, dict(head.headers)) == (200, b"", dict(whole.headers))
    assert (by_tag.status_code, by_date.status_code) == (304, 304)
    assert by_tag.headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("deed", [PAGE, f"{PAGE}/revoke"])
async def test_a_renewed_or_revoked_address_is_unknown_at_once(
    app: Litestar, client: httpx.AsyncClient, world: BookingWorld, deed: str
) -> None:
    path = await address_of(app, world.contact)
    first = await client.get(path)

    async with browser_of(app, world.contact) as browser:
        await posted(browser, deed)
    answers = [
        await client.request(method, path, headers=headers)
        for method, headers in (
            ("GET", {}),
            ("HEAD", {}),
            ("GET", {"If-None-Match": first.headers["etag"]}),
            ("GET", {"If-None-Match": "*"}),
            ("GET", {"If-Modified-Since": first.headers["last-modified"]}),
        )
    ]

    assert first.status_code == 200
    assert [one.status_code for one in answers] == [404] * 5
    assert {one.headers["cache-control"] for one in answers} == {"no-store"}


async def test_a_disabled_person_s_address_is_unknown(
    app: Litestar, client: httpx.AsyncClient, world: BookingWorld, now: datetime
) -> None:
    path = await address_of(app, world.contact)
    await db.execute("UPDATE accounts_person SET disabled_at = $1 WHERE id = $2", now, world.contact.person_id)

    assert (await client.get(path)).status_code == 404


async def test_the_page_says_when_it_was_last_read_and_ends_it(
    app: Litestar, client: httpx.AsyncClient, world: BookingWorld, now: datetime, clock: FixedClock
) -> None:
    async with browser_of(app, world.contact) as browser:
        before = await browser.get(PAGE, headers={"Accept": "text/html"})
        path = shown_address(await posted(browser, PAGE))
        unread = await browser.get(PAGE, headers={"Accept": "text/html"})
        await client.get(path)
        clock.moment = now + timedelta(seconds=30)
        await client.get(path)
        clock.moment = now + timedelta(hours=2)
        read = await browser.get(PAGE, headers={"Accept": "text/html"})
        ended = await posted(browser, f"{PAGE}/revoke")
        again = await posted(browser, f"{PAGE}/revoke")
        after = await browser.get(PAGE, headers={"Accept": "text/html"})

    assert "还没有地址" in before.text
    assert "还没有日历来读过" in unread.text
    assert "2小时前" in read.text
    assert (ended.status_code, again.status_code) == (303, 404)
    assert "还没有地址" in after.text
    assert await db.value("SELECT reads FROM calendars_private_feed") == 1  # at most once a minute
    assert [row["action"] for row in await db.rows("SELECT action FROM accounts_journal ORDER BY id")] == [
        "private_feed.made",
        "private_feed.revoked",
    ]


async def test_strangers_and_forged_forms_make_nothing(
    app: Litestar, client: httpx.AsyncClient, world: BookingWorld
) -> None:
    async with browser_of(app, world.contact) as browser:
        forged = await browser.post(PAGE, data={})

    assert (await client.get(PAGE)).status_code == 401
    assert forged.status_code == 403
    assert await db.value("SELECT count(*) FROM calendars_private_feed") == 0


async def test_bookings_say_how_they_stand(
    app: Litestar, client: httpx.AsyncClient, world: BookingWorld, now: datetime
) -> None:
    expected = []
    for number, (state, status, mark) in enumerate(
        (
            ("confirmed", "CONFIRMED", ""),
            ("pending", "TENTATIVE", "【待审核】"),
            ("waitlisted", "TENTATIVE", "【候补】"),
            ("cancelled", "CANCELLED", "【已取消】"),
            ("declined", "CANCELLED", "【未获批准】"),
        )
    ):
        session = await make_session(
            world.event, title=f"第{number}场", starts_at=STARTS_AT + timedelta(days=number), visibility="members"
        )
        booking = await make_booking(session, world.union, state=state, contact_name="陈巧云", note="带伞")
        await make_booking(session, world.other)
        expected.append((f"booking-{booking.id}", status, f"{mark}第{number}场"))
    long_ago = await make_session(world.event, starts_at=now - timedelta(days=40), state="held")
    await make_booking(long_ago, world.union, state="cancelled")
    path = await address_of(app, world.contact)

    response = await client.get(path)

    found = events_in(response)
    assert [(uid, str(one["STATUS"]), str(one["SUMMARY"])) for uid, one in found.items()] == expected
    for secret in ("陈巧云", "13800000000", "带伞", "胥江", "虞山"):
        assert secret.encode() not in response.content


async def test_of_several_bookings_of_one_session_the_last_is_shown(
    app: Litestar, client: httpx.AsyncClient, world: BookingWorld
) -> None:
    await make_booking(world.session, world.union, state="cancelled")
    again = await make_booking(world.session, world.union)

    found = events_in(await client.get(await address_of(app, world.contact)))

    assert list(found) == [f"booking-{again.id}"]


async def test_a_booking_that_changes_goes_up_in_sequence_and_the_feed_is_newer(
    app: Litestar, client: httpx.AsyncClient, world: BookingWorld, now: datetime, clock: FixedClock
) -> None:
    booking = await make_booking(world.session, world.union, state="pending")
    path = await address_of(app, world.contact)
    first = await client.get(path)
    clock.moment = now + timedelta(minutes=9)
    await Booking.update(
        {Booking.state: "confirmed", Booking.revision: 2, Booking.changed_at: now + timedelta(minutes=8)}
    ).where(Booking.id == booking.id)

    second = await client.get(path, headers={"If-Modified-Since": first.headers["last-modified"]})

    before, after = (events_in(one)[f"booking-{booking.id}"] for one in (first, second))
    assert (before["SEQUENCE"], after["SEQUENCE"]) == (0, 1)
    assert (str(before["STATUS"]), str(after["STATUS"])) == ("TENTATIVE", "CONFIRMED")
    assert after["DTSTAMP"].dt == now + timedelta(minutes=8)


async def test_an_order_is_tentative_until_its_booking_takes_its_place(
    app: Litestar, client: httpx.AsyncClient, world: BookingWorld
) -> None:
    wishes = ((date(2015, 9, 28), DayPart.MORNING), (date(2015, 9, 29), DayPart.EVENING))
    waiting = await make_order(world.event, world.union, windows=wishes, state="approved")
    draft = await make_session(world.event, state="draft", assigned=True, published_at=None, address="食堂")
    assigned = await make_order(world.event, world.union, state="assigned", session=draft.id)
    scheduled = await make_order(world.event, world.union, state="scheduled", session=world.session.id)
    booking = await make_booking(world.session, world.union, is_host=True)
    withdrawn = await make_order(world.event, world.union, state="withdrawn")
    await make_order(world.event, world.other)

    found = events_in(await client.get(await address_of(app, world.contact)))

    assert {uid: str(one["STATUS"]) for uid, one in found.items()} == {
        f"order-{waiting.id}": "TENTATIVE",
        f"order-{assigned.id}": "TENTATIVE",
        f"booking-{booking.id}": "CONFIRMED",
        f"order-{withdrawn.id}": "CANCELLED",
    }
    assert f"order-{scheduled.id}" not in found
    first = found[f"order-{waiting.id}"]
    assert (first["DTSTART"].dt.hour, first["DTEND"].dt.hour, first["DTSTART"].dt.date()) == (8, 11, date(2015, 9, 28))
    assert "希望的时间：9月28日上午；9月29日晚上" in str(first["DESCRIPTION"])
    assert found[f"order-{assigned.id}"]["DTSTART"].dt == STARTS_AT


async def test_a_lecturer_s_duties(
    app: Litestar, client: httpx.AsyncClient, world: BookingWorld, now: datetime
) -> None:
    person = await make_person(name="沈若兰")
    await make_grant(person, Role.PROVIDER, world.root)
    lecturer = Actor(person.id, person.name, ())
    giver, other = await make_provider(world.root, person=person.id), await make_provider(world.root)
    given: dict[str, dict[str, Any]] = {
        "给定": {"visibility": "host"},
        "在问": {"state": "draft", "assigned": True, "published_at": None},
        "取消": {"state": "cancelled"},
        "草稿": {"state": "draft", "published_at": None},
        "没发布就取消": {"state": "cancelled", "published_at": None},
    }
    for hours, (title, facts) in enumerate(given.items()):
        starts_at = STARTS_AT + timedelta(hours=hours)
        await make_session(world.event, title=title, starts_at=starts_at, providers=(giver,), **facts)
    await make_session(world.event, title="别人讲", providers=(other,))

    assert shown(await client.get(await address_of(app, lecturer))) == [
        ("CONFIRMED", "给定"),
        ("TENTATIVE", "【待答复】在问"),
        ("CANCELLED", "【已取消】取消"),
    ]


async def test_an_organiser_sees_what_its_own_organisation_booked_and_not_all_that_it_runs(
    app: Litestar, client: httpx.AsyncClient, world: BookingWorld
) -> None:
    area = await make_organisation(parent=world.root)
    await make_booking(world.session, area)
    await make_booking(world.session, world.union)

    found = shown(await client.get(await address_of(app, await make_actor(Role.ORGANISER, area))))

    assert found == [("CONFIRMED", "倒班职工的睡眠与情绪")]


async def test_a_role_that_ended_takes_its_bookings_along(
    app: Litestar, client: httpx.AsyncClient, world: BookingWorld, now: datetime, clock: FixedClock
) -> None:
    await make_booking(world.session, world.union)
    path = await address_of(app, world.contact)
    first = await client.get(path)
    await db.execute("UPDATE accounts_role_grant SET until_on = $1 WHERE person = $2", date(2015, 9, 10),
                     world.contact.person_id)  # fmt: skip
    clock.moment = now + timedelta(minutes=1)

    second = await client.get(path, headers={"If-Modified-Since": first.headers["last-modified"]})

    assert (len(shown(first)), shown(second)) == (1, [])


async def test_the_token_stands_in_no_log(
    app: Litestar, client: httpx.AsyncClient, world: BookingWorld, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    path = await address_of(app, world.contact)
    async with browser_of(app, world.contact) as browser:
        for answer in (await client.get(path), await browser.get(path), await client.post(path)):
            assert answer.status_code in (200, 403, 405)
        await posted(browser, f"{PAGE}/revoke")
        await client.get(path)
        await client.get(path + "/more")
    token = path.removeprefix("/calendars/private/").removesuffix(".ics")

    ours = [one for one in caplog.records if not one.name.startswith(("httpx", "httpcore"))]
    assert token not in "\n".join(f"{one.getMessage()} {one.__dict__}" for one in ours)


async def test_a_place_is_its_name_and_its_address(
    app: Litestar, client: httpx.AsyncClient, world: BookingWorld
) -> None:
    venue = await make_venue(world.root, name="文化宫", address="人民路1号")
    for hours, address in enumerate(("", "三楼")):
        session = await make_session(
            world.event, venue=venue.id, address=address, starts_at=STARTS_AT + timedelta(hours=hours)
        )
        await make_booking(session, world.union)

    found = events_in(await client.get(await address_of(app, world.contact)))

    assert [str(one["LOCATION"]) for one in found.values()] == ["文化宫, 人民路1号", "文化宫, 三楼"]
