"""The page of what could not be sent: who sees what, and the buttons."""

from datetime import datetime

import pytest
from litestar import Litestar

from outreach.accounts.tables import JournalEntry
from outreach.notifications.channels import Letter, RefusedError, UncertainError
from outreach.notifications.tables import Delivery
from outreach.notifications.working import deliver_due
from outreach.settings import Settings
from outreach.shared.actors import Role
from tests.factories.accounts import browser_of, make_actor, make_organisation
from tests.factories.bookings import BookingWorld
from tests.support.clock import FixedClock
from tests.support.letters import Counting, deliveries, make_reader, tell
from tests.support.pages import form_token, post_form
from tests.support.queries import counted

pytestmark = pytest.mark.usefixtures("database")


async def _dead(clock: FixedClock, settings: Settings, error: Exception, *, times: int = 1) -> BookingWorld:
    """A unit elsewhere booked here; the mails to its contact came back."""
    world = await BookingWorld().build()
    elsewhere = await make_organisation(name="太仓市总工会")
    world.other = await make_organisation(parent=elsewhere, name="太仓毛纺厂工会")
    await make_reader(world.other, name="陈巧云", email="chen@example.cn")
    for _ in range(times):
        await tell("session-moved", clock.now(), organisation_id=world.other.id, object_id=world.session.id)

    async def refuse(_letter: Letter) -> None:
        raise error

    await deliver_due(clock, settings, channels={"mail": Counting(answer=refuse)})
    return world


async def test_who_runs_the_session_and_who_runs_the_unit_see_it_and_nobody_else(
    app: Litestar, clock: FixedClock, settings: Settings
) -> None:
    world = await _dead(clock, settings, RefusedError("550 no such user"))
    theirs = await make_actor(Role.ORGANISER, world.other)
    neighbour = await make_actor(Role.ORGANISER, world.union)
    administrator = await make_actor(Role.ADMINISTRATOR, None)

    seen = {}
    for name, actor in (("owner", world.organiser), ("unit", theirs), ("all", administrator), ("no", neighbour)):
        async with browser_of(app, actor) as browser:
            answer = await browser.get("/desk/messages")
            assert answer.status_code == 200
            seen[name] = [word in answer.text for word in ("陈巧云", "chen@example.cn", "550 no such user")]
    async with browser_of(app, world.contact) as browser:
        closed = await browser.get("/desk/messages")

    assert seen == {"owner": [True] * 3, "unit": [True] * 3, "all": [True] * 3, "no": [False] * 3}
    assert closed.status_code == 403


async def test_a_neighbour_can_neither_send_nor_drop_it(app: Litestar, clock: FixedClock, settings: Settings) -> None:
    world = await _dead(clock, settings, RefusedError("550 no such user"))
    neighbour = await make_actor(Role.ORGANISER, world.union)
    (dead,) = await deliveries()

    async with browser_of(app, neighbour) as browser:
        token = form_token((await browser.get("/account")).text)
        answers = [
            await browser.post(f"/desk/messages/{path}", data={"_csrf_token": token})
            for path in (f"{dead.id}/again", f"{dead.id}/drop", "again", "nonsense/again")
        ]

    assert [one.status_code for one in answers] == [404, 404, 303, 404]
    assert [one.state for one in await deliveries()] == ["dead"]


@pytest.mark.parametrize(("deed", "state"), [("again", "waiting"), ("drop", "dropped")])
async def test_a_person_decides_once_and_the_journal_says_so(
    app: Litestar, clock: FixedClock, settings: Settings, deed: str, state: str
) -> None:
    world = await _dead(clock, settings, UncertainError("connection lost"))
    (dead,) = await deliveries()

    async with browser_of(app, world.organiser) as browser:
        first = await post_form(browser, f"/desk/messages/{dead.id}/{deed}", {}, page="/desk/messages")
        again = await post_form(browser, f"/desk/messages/{dead.id}/{deed}", {}, page="/desk/manage")

    (after,) = await deliveries()
    assert (first.status_code, first.headers["location"]) == (303, "/desk/messages")
    assert (again.status_code, "这条通知已经有人处理了" in again.text) == (409, True)
    assert (after.state, after.attempts) == (state, 0)
    noted = await JournalEntry.select(JournalEntry.action, JournalEntry.organisation_id).where(
        JournalEntry.object_id == dead.id
    )
    action = {"again": "delivery.sent_again", "drop": "delivery.dropped"}[deed]
    assert noted == [{"action": action, "organisation_id": world.root.id}]


async def test_all_go_again_but_those_that_may_have_arrived(
    app: Litestar, clock: FixedClock, settings: Settings
) -> None:
    world = await _dead(clock, settings, RefusedError("550 no such user"), times=3)
    first = (await deliveries())[0]
    await Delivery.update({Delivery.error: "uncertain connection lost"}).where(Delivery.id == first.id)

    async with browser_of(app, world.organiser) as browser:
        answer = await post_form(browser, "/desk/messages/again", {}, page="/desk/messages")
        after = await browser.get("/desk/messages")

    assert answer.status_code == 303
    assert [one.state for one in await deliveries()] == ["dead", "waiting", "waiting"]
    assert "有1条通知没有送到" in after.text
    assert "对方没有回音，可能已经收到" in after.text


async def test_nothing_to_decide(app: Litestar, now: datetime) -> None:
    world = await BookingWorld().build()
    async with browser_of(app, world.organiser) as browser:
        answer = await browser.get("/desk/messages")

    assert "没有要处理的" in answer.text
    assert "还没有设置邮件服务器" in answer.text


@pytest.mark.parametrize("item_count", [1, 3])
async def test_the_list_asks_the_same_for_three_as_for_one(
    app: Litestar, clock: FixedClock, settings: Settings, item_count: int
) -> None:
    world = await _dead(clock, settings, RefusedError("550"), times=item_count)
    async with browser_of(app, world.organiser) as browser:
        with counted() as sent:
            answer = await browser.get("/desk/messages")

    assert answer.text.count("再发一次</") + answer.text.count("再发一次<span") >= item_count
    assert len(sent) == 4  # who asks, the list, how many, the counts
