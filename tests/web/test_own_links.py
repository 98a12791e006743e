"""Ways from the pages that people know to those of letters, materials and tours."""

from datetime import date, datetime, timedelta

import pytest
from litestar import Litestar

from outreach.materials.applications import applications_of_round
from outreach.materials.commands.applying import withdraw
from outreach.materials.commands.handing_out import hand_out
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from outreach.tours import commands
from tests.conftest import NOW
from tests.db.test_tours import World as TourWorld
from tests.db.test_tours import planned
from tests.factories.accounts import browser_of, make_actor, make_organisation
from tests.factories.bookings import BookingWorld
from tests.factories.events import make_session
from tests.factories.openings import make_opening
from tests.support.clock import FixedClock
from tests.support.materials import TODAY, UNTIL, MaterialWorld
from tests.support.queries import counted
from tests.web.test_persons import words

pytestmark = pytest.mark.usefixtures("database")


async def shown(app: Litestar, actor: Actor, path: str = "/my") -> str:
    async with browser_of(app, actor) as browser:
        answer = await browser.get(path)
    assert answer.status_code == 200
    return answer.text


async def test_a_contact_is_led_to_materials_only_when_there_are_any(
    app: Litestar, now: datetime, clock: FixedClock
) -> None:
    world = await MaterialWorld().build(now)
    foreign = await make_actor(Role.CONTACT, await make_organisation(name="外地工会"))
    assert "/materials" not in await shown(app, world.contacts[0])
    round_id = await world.a_round(now)
    await world.applied(now, round_id, 100)
    for contact in world.contacts[:2]:
        text = await shown(app, contact)
        assert '<a href="/materials">物资申报</a>' in text
        assert "有1轮正在申报，最近的9月20日截止" in words(text)
    assert "/materials" not in await shown(app, foreign)

    clock.moment = datetime.fromisoformat((UNTIL + timedelta(days=1)).isoformat() + "T09:00:00+08:00")
    assert "看申报、分配和签收" in await shown(app, world.contacts[0])
    assert "/materials" not in await shown(app, world.contacts[1])  # nothing to apply for, and never applied
    assert "/materials" not in await shown(app, world.contacts[0], "/my?past=true")


async def test_what_was_handed_out_waits_for_a_signature(app: Litestar, now: datetime) -> None:
    world = await MaterialWorld().build(now)
    round_id = await world.confirmed(now, 100, 50)
    [line, _other] = await world.lines(round_id)
    await hand_out(world.organiser, now, round_id=round_id, on=TODAY, lines={line.id: None})
    later = await world.a_round(now, title="第二轮")
    await world.applied(now, later, 10)
    [asked] = (await applications_of_round(later)).items
    await withdraw(world.contacts[0], now, application_id=asked.id)
    async with browser_of(app, world.contacts[0]) as browser:
        await browser.get("/my")
        with counted() as sent:
            text = (await browser.get("/my")).text
    assert "有1份已发放，等您签收" in text
    assert sum("materials_round" in one for one in sent) == 1
    assert "等您签收" not in await shown(app, world.contacts[1])


async def test_who_travels_finds_the_itinerary_and_nobody_else_does(app: Litestar, clock: FixedClock) -> None:
    world = await TourWorld().build()
    tour_id = await planned(world, 3)
    link = f'href="/tours/{tour_id}"'
    assert link not in await shown(app, world.traveller, "/duties")  # a draft concerns nobody yet
    await commands.make_tour(world.organiser, NOW, tour_id=tour_id, override_reason="有理由")
    other = await make_actor(Role.PROVIDER, world.city)
    for path in ("/duties", "/my"):
        text = await shown(app, world.traveller, path)
        assert link in text
        assert "3家单位" in text
        assert link not in await shown(app, other, path)
    last: date = await db.value("SELECT last_on FROM tours_tour")
    clock.moment = datetime.fromisoformat(f"{last + timedelta(days=1)}T09:00:00+08:00")
    assert link not in await shown(app, world.traveller, "/duties")


async def test_staff_write_letters_from_the_pages_they_are_on(app: Litestar) -> None:
    world = await BookingWorld().build()
    opening = await make_opening(world.programme)
    hosted = await make_session(world.event, host=world.union.id)
    hall = await make_session(world.event)
    draft = await make_session(world.event, host=world.union.id, state="draft")
    async with browser_of(app, world.organiser) as desk:
        assert f'href="/desk/letters/openings/{opening.id}"' in (await desk.get("/desk/openings")).text
        assert (await desk.get(f"/desk/letters/openings/{opening.id}")).status_code == 200
        for session, leads in ((hosted, True), (hall, False), (draft, False)):
            link = f"/desk/letters/sessions/{session.id}"
            assert (f'href="{link}"' in (await desk.get(f"/desk/sessions/{session.id}")).text) is leads
            assert ((await desk.get(link)).status_code == 200) is leads
        assert 'href="/desk/materials"' in (await desk.get("/desk/manage")).text
