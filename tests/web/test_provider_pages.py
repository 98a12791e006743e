"""What a provider is asked: the page by link, its answers, forged, replaced and expired links; the page after login."""

import logging
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from litestar import Litestar

from outreach.bookings.orders import commands
from outreach.bookings.orders.links import LinkGrant, link_token
from outreach.bookings.orders.queries import OrderRow
from outreach.shared import db
from outreach.shared.actors import Role
from tests.conftest import NOW
from tests.factories.accounts import browser_of, client_of, make_actor, make_organisation
from tests.factories.events import STARTS_AT, make_session
from tests.support.clock import FixedClock
from tests.support.dispatching import Dispatch
from tests.support.pages import post_form
from tests.support.queries import counted


def link_of(app: Litestar, order: OrderRow, provider_id: UUID | None = None) -> str:
    """The address that staff send to the provider."""
    grant = LinkGrant(order.id, provider_id or order.provider_ids[0], order.assignment, STARTS_AT)
    return f"/answer/{link_token(app.state.secret, grant)}"


async def _state(order: OrderRow) -> str:
    return str(await db.value("SELECT state FROM bookings_order WHERE id = $1", order.id))


async def test_the_board_gives_out_the_link_that_works(app: Litestar, database: None) -> None:
    world = await Dispatch().build()
    order = await world.assigned()

    async with browser_of(app, world.organiser) as browser:
        shown = await browser.get(f"/desk/orders?order={order.id}")

    assert f"http://testserver{link_of(app, order)}" in shown.text


async def test_a_link_shows_everything_and_changes_nothing_by_itself(app: Litestar, database: None) -> None:
    world = await Dispatch().build()
    order = await world.assigned(note="多为倒班组长", rain_starts_at=STARTS_AT + timedelta(days=4))
    link = link_of(app, order)

    async with browser_of(app, None) as browser:
        with counted() as sent:
            shown = await browser.get(link)
        await browser.head(link)

    assert shown.status_code == 200
    for words in (
        "沈若兰您好，请您看看这一场能不能去", "一线班组长的情绪急救", "阳山精工工会，约80人", "金山路8号食堂二楼",
        "梁佩文", "13800000000", "多为倒班组长", "雨天备用日：9月28日（周一）14:00—15:30",
    ):  # fmt: skip
        assert words in shown.text
    assert '<meta name="robots" content="noindex">' in shown.text
    assert shown.headers["cache-control"] == "private, no-store"
    assert len(sent) == 1
    assert await _state(order) == "assigned"


async def test_accepting_by_link_settles_it_and_the_link_then_says_so(app: Litestar, database: None) -> None:
    world = await Dispatch().build()
    order = await world.assigned()
    link = link_of(app, order)

    async with browser_of(app, None) as browser:
        done = await post_form(browser, link, {"answer": "accept"})
        after = await browser.get(link)

    assert (done.status_code, done.headers["location"]) == (303, link)
    assert "您已经接了这一场，谢谢。9月24日（周四）14:00见。" in after.text
    assert '<button class="btn main">' not in after.text
    assert await _state(order) == "scheduled"


async def test_refusing_by_link_asks_why_once(app: Litestar, database: None) -> None:
    world = await Dispatch().build()
    order = await world.assigned()
    link = link_of(app, order)

    async with browser_of(app, None) as browser:
        nameless = await post_form(browser, link, {"answer": "refuse", "reason": ""})
        done = await post_form(browser, link, {"answer": "refuse", "reason": "那天出差，28日可以"})
        again = await browser.get(link)

    assert nameless.status_code == 422
    assert "请填写。" in nameless.text
    assert done.status_code == 200
    assert "已记下，这一场您不去" in done.text
    assert again.status_code == 409
    assert "您不用再答复" in again.text
    assert await _state(order) == "approved"
    assert await db.value("SELECT reason FROM bookings_order") == "那天出差，28日可以"


async def test_a_form_of_another_site_does_not_answer(app: Litestar, database: None) -> None:
    world = await Dispatch().build()
    order = await world.assigned()

    async with browser_of(app, None) as browser:
        answer = await browser.post(link_of(app, order), data={"answer": "accept"})

    assert answer.status_code == 403
    assert await _state(order) == "assigned"


async def test_forged_links_lead_nowhere(app: Litestar, database: None) -> None:
    world = await Dispatch().build()
    order = await world.assigned()
    good = link_of(app, order)
    grant = LinkGrant(order.id, order.provider_ids[0], order.assignment, STARTS_AT)
    forged = [
        f"/answer/{link_token(b'another secret of forty characters ....', grant)}",
        good[:-1] + ("A" if good[-1] != "A" else "B"),
        good[:20] + ("A" if good[20] != "A" else "B") + good[21:],
        good + "A",
        "/answer/x",
        "/answer/" + "A" * 400,
        link_of(app, order, world.other.id).replace("answer/", "answer/A"),
    ]

    async with browser_of(app, None) as browser:
        seen = {(await browser.get(path)).status_code for path in forged}
        sent = {(await post_form(browser, path, {"answer": "accept"}, page="/login")).status_code for path in forged}

    assert (seen, sent) == ({404}, {404})
    assert await _state(order) == "assigned"


async def test_a_replaced_link_says_whom_to_call(app: Litestar, database: None, clock: FixedClock) -> None:
    world = await Dispatch().build()
    order = await world.assigned()
    first = link_of(app, order)
    await commands.substitute_provider(
        world.organiser, NOW, order_id=order.id, provider_ids=(world.other.id,), reason="生病"
    )

    async with browser_of(app, None) as browser:
        replaced = await browser.get(first)
        late = await post_form(browser, first, {"answer": "accept"}, page="/login")

    for one in (replaced, late):
        assert one.status_code == 409
        assert "已经改派、收回或撤销了" in one.text
        assert "市总工会" in one.text
    assert await _state(order) == "assigned"


async def test_an_expired_link_says_whom_to_call(app: Litestar, database: None, clock: FixedClock) -> None:
    world = await Dispatch().build()
    order = await world.assigned()
    clock.moment = STARTS_AT

    async with browser_of(app, None) as browser:
        shown = await browser.get(link_of(app, order))

    assert shown.status_code == 409
    assert "这条链接过期了" in shown.text
    assert "市总工会" in shown.text


async def test_a_link_stands_in_no_log(
    app: Litestar, database: None, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    world = await Dispatch().build()
    link = link_of(app, await world.assigned())

    with caplog.at_level(logging.DEBUG):
        async with browser_of(app, None) as browser:
            await browser.get(link)
    printed = capsys.readouterr()

    own = [record.getMessage() for record in caplog.records if not record.name.startswith("httpx")]
    assert link.removeprefix("/answer/") not in printed.out + printed.err + "".join(own)


# --- logged in -------------------------------------------------------------------------------------------------------


async def test_duties_show_what_waits_and_the_own_dates_only(app: Litestar, database: None) -> None:
    world = await Dispatch().build()
    await world.assigned()
    await world.assigned(world.other, unit=world.rival)
    mine = await make_session(
        world.event, providers=(world.lecturer,), title="倒班与睡眠", starts_at=STARTS_AT + timedelta(days=7)
    )
    await make_session(world.event, providers=(world.other,), title="别人的一讲", visibility="host")

    async with browser_of(app, world.own) as browser:
        with counted() as sent:
            shown = await browser.get("/duties")

    assert "有1场等您答复" in shown.text
    assert "阳山精工工会" in shown.text
    assert f'href="/sessions/{mine.id}"' in shown.text
    for foreign in ("虞山服饰工会", "别人的一讲"):
        assert foreign not in shown.text
    assert len(sent) == 4  # orders, dates, tours, and who asks


async def test_a_provider_answers_when_logged_in(app: Litestar, database: None) -> None:
    world = await Dispatch().build()
    order = await world.assigned()

    async with browser_of(app, world.own) as browser:
        nameless = await post_form(browser, f"/duties/{order.id}/refuse", {"reason": ""}, page="/duties")
        accepted = await post_form(browser, f"/duties/{order.id}/accept", {}, page="/duties")
        late = await post_form(browser, f"/duties/{order.id}/refuse", {"reason": "不行"}, page="/account")
        empty = await browser.get("/duties")

    assert nameless.status_code == 422
    assert "不接，告诉主办单位" in nameless.text
    assert (accepted.status_code, late.status_code) == (303, 409)
    assert "9月24日（周四）14:00有一场：一线班组长的情绪急救。" in empty.text
    assert await _state(order) == "scheduled"


async def test_a_provider_who_is_late_reads_whom_to_call(app: Litestar, database: None, clock: FixedClock) -> None:
    """Once it has begun; on the page as in JSON."""
    world = await Dispatch().build()
    order = await world.assigned()
    clock.moment = STARTS_AT

    async with browser_of(app, world.own) as browser, client_of(app, world.own) as client:
        page = await post_form(browser, f"/duties/{order.id}/accept", {}, page="/duties")
        json = await client.post(f"/api/v1/orders/{order.id}/accept")

    assert page.status_code == 409
    assert "这场已经开始，不能再接单" in page.text
    assert "请打电话给市总工会" in page.text
    assert (json.status_code, json.json()["type"]) == (409, "/problems/answer-too-late")
    assert await _state(order) == "assigned"


async def test_duties_are_closed_to_everybody_else(app: Litestar, database: None) -> None:
    world = await Dispatch().build()
    order = await world.assigned()
    colleague = await make_actor(Role.PROVIDER, world.city)
    foreign = await make_actor(Role.ORGANISER, await make_organisation())
    path = f"/duties/{order.id}/accept"

    answers: dict[str, tuple[int, int]] = {}
    for name, actor in (
        ("contact", world.contact), ("staff", world.organiser), ("colleague", colleague), ("foreign", foreign),
    ):  # fmt: skip
        async with browser_of(app, actor) as browser:
            shown: httpx.Response = await browser.get("/duties")
            sent = await post_form(browser, path, {}, page="/account")
            answers[name] = (shown.status_code, sent.status_code)
    async with browser_of(app, None) as browser:
        stranger = await browser.get("/duties")

    assert answers == {"contact": (403, 403), "staff": (403, 403), "colleague": (200, 404), "foreign": (403, 404)}
    assert (stranger.status_code, stranger.headers["location"]) == (303, "/login?next=/duties")
    assert await _state(order) == "assigned"
