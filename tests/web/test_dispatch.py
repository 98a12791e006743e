"""The dispatch board: what it shows and to whom, its deeds and their refusals, the lists, how many statements."""

import io
from datetime import date, datetime, timedelta

import pytest
from litestar import Litestar
from python_calamine import CalamineWorkbook

from outreach.bookings.orders import commands
from outreach.events.domain.parts import DayPart
from outreach.shared import db
from outreach.shared.actors import Role
from tests.conftest import NOW
from tests.factories.accounts import browser_of, make_actor, make_organisation
from tests.factories.bookings import make_booking
from tests.factories.events import STARTS_AT, make_event, make_provider, make_session
from tests.factories.orders import make_giver, make_order
from tests.factories.programmes import make_programme
from tests.support.dispatching import Dispatch
from tests.support.pages import form_token, post_form
from tests.support.queries import counted


async def _state(order_id: object) -> str:
    return str(await db.value("SELECT state FROM bookings_order WHERE id = $1", order_id))


# --- what it shows ---------------------------------------------------------------------------------------------------


async def test_the_most_urgent_order_is_the_news_and_stands_open(app: Litestar, database: None) -> None:
    world = await Dispatch().build()
    await world.order(world.rival, state="approved", windows=((date(2015, 10, 9), DayPart.EVENING),))
    urgent = await world.order(state="approved", note="多为倒班组长", site_lacks="")

    async with browser_of(app, world.organiser) as browser:
        shown = await browser.get("/desk/orders")

    assert "2张点单待派。阳山精工工会的“一线班组长的情绪急救”最急，9月25日前要派定。" in shown.text
    assert shown.text.index("阳山精工工会<br>") < shown.text.index("虞山服饰工会<br>")
    assert f'href="/desk/orders?state=to_assign&amp;order={urgent.id}#order" aria-current="true"' in shown.text
    assert "还有10天" in shown.text
    assert "首选<b>9月24日（周四）下午</b>，也可9月25日（周五）下午" in shown.text
    assert "多为倒班组长" in shown.text
    assert '<a class="nb" href="tel:13800000000">13800000000</a>' in shown.text


async def test_those_who_fit_are_ranked_with_reasons_and_the_line_of_the_day(app: Litestar, database: None) -> None:
    world = await Dispatch().build()
    order = await world.order(state="approved")
    busy = await make_provider(world.city, name="何清越")
    await make_giver(world.event, busy)
    secret = await make_session(world.event, providers=(busy,), occupying=True, starts_at=STARTS_AT)
    await make_session(
        world.event, providers=(world.other,), occupying=True, district="常熟市", address="海虞路3号",
        starts_at=STARTS_AT - timedelta(minutes=120),
    )  # fmt: skip

    async with browser_of(app, world.organiser) as browser:
        shown = await browser.get(f"/desk/orders?order={order.id}")

    text = shown.text
    assert text.index("<b>沈若兰</b>") < text.index("<b>钱伯远</b>") < text.index("<b>何清越</b>")
    assert "本月0场，上限6" in text
    assert "派给沈若兰</button>" in text
    assert "写明理由再派" in text
    assert '<button class="btn sm" disabled>不能派' in text
    assert 'aria-label="沈若兰9月24日没有别的场次"' in text
    assert 'aria-label="钱伯远9月24日12:00—13:30在常熟市有场次"' in text
    assert '<line class="s-way"' in text
    assert text.count('class="btn sm main"') == 1
    assert str(secret.id) not in text


async def test_rivals_are_shown_with_what_is_known_of_each_unit(app: Litestar, database: None) -> None:
    world = await Dispatch().build()
    order = await world.order(state="approved")
    await world.order(world.rival, state="submitted", windows=((date(2015, 9, 24), DayPart.AFTERNOON),))
    elsewhere = await make_organisation(parent=world.city, name="别处工会")
    await make_order(world.event, elsewhere, windows=((date(2015, 11, 2), DayPart.MORNING),))
    past = await make_session(world.event, state="closed", starts_at=STARTS_AT - timedelta(days=90))
    await make_booking(past, world.rival, state="no_show")

    async with browser_of(app, world.organiser) as browser:
        shown = await browser.get(f"/desk/orders?order={order.id}")

    rivals = shown.text.split('id="rivals"')[1].split("</section>")[0]
    assert "虞山服饰工会" in rivals
    assert "未到场1次" in rivals
    assert "别处工会" not in rivals
    assert "第一次来" in shown.text.split('id="order"')[1].split("</dl>")[0]


async def test_another_time_is_tried_by_address(app: Litestar, database: None) -> None:
    world = await Dispatch().build()
    order = await world.order(state="approved")

    async with browser_of(app, world.organiser) as browser:
        second = await browser.get(f"/desk/orders?order={order.id}&at=2015-09-25T15:00&rain=2015-09-28T14:00")
        outside = await browser.get(f"/desk/orders?order={order.id}&at=2015-10-08T09:00")
        nonsense = await browser.get(f"/desk/orders?order={order.id}&at=9999-12-31T23:59&rain=tomorrow&page=x")

    assert 'name="starts_at" value="2015-09-25T15:00"' in second.text
    assert 'name="rain_starts_at" value="2015-09-28T14:00"' in second.text
    assert "不在单位选的时间里" not in second.text
    assert "10月8日（周四）09:00不在单位选的时间里" in outside.text
    assert 'name="starts_at" value="2015-09-24T14:00"' in nonsense.text


@pytest.mark.parametrize(("orders", "people"), [(1, 1), (3, 4)])
async def test_the_board_asks_the_same_number_of_questions_whatever_there_is(
    app: Litestar, database: None, orders: int, people: int
) -> None:
    world = await Dispatch().build()
    for number in range(orders):
        unit = await make_organisation(parent=world.city)
        await world.order(unit, state="approved", submitted_at=NOW - timedelta(days=number))
    for _number in range(people):
        provider = await make_provider(world.city)
        await make_giver(world.event, provider)
        await make_session(world.event, providers=(provider,), starts_at=STARTS_AT - timedelta(hours=5))

    async with browser_of(app, world.organiser) as browser:
        with counted() as sent:
            shown = await browser.get("/desk/orders")

    assert shown.status_code == 200
    assert len(sent) == 13
    chosen = await db.value("SELECT id FROM bookings_order LIMIT 1")
    async with browser_of(app, world.organiser) as browser:
        with counted() as sent:
            await browser.get(f"/desk/orders?order={chosen}&at=2015-09-25T15:00&page=1")
    assert len(sent) == 14


async def test_contacts_stay_off_and_other_trees_do_not_exist(app: Litestar, database: None) -> None:
    world = await Dispatch().build()
    order = await world.order(state="approved")
    stranger = await make_actor(Role.ORGANISER, await make_organisation())
    paths = ("/desk/orders", f"/desk/orders?order={order.id}", "/desk/orders/list", "/desk/orders.xlsx")

    async with browser_of(app, None) as browser:
        assert {(await browser.get(path)).status_code for path in paths} == {303}
    async with browser_of(app, world.contact) as browser:
        assert {(await browser.get(path)).status_code for path in paths} == {403}
    async with browser_of(app, stranger) as browser:
        answers = [await browser.get(path) for path in paths]
    assert [one.status_code for one in answers] == [200, 404, 200, 200]
    assert "阳山精工工会" not in answers[0].text + answers[2].text


@pytest.mark.parametrize(
    "deed", ["endorse", "approve", "decline", "assign", "accept", "refuse", "take-back", "substitute", "rain"]
)
async def test_no_deed_is_open_to_a_contact_or_another_tree(app: Litestar, database: None, deed: str) -> None:
    world = await Dispatch().build()
    order = await world.order()
    stranger = await make_actor(Role.ORGANISER, await make_organisation())
    path = f"/desk/orders/{order.id}/{deed}"
    typed: dict[str, object] = {
        "reason": "不行", "provider_ids": str(world.lecturer.id), "starts_at": "2015-09-24T14:00",
    }  # fmt: skip

    for actor, status in ((world.contact, 403), (stranger, 404)):
        async with browser_of(app, actor) as browser:
            assert (await post_form(browser, path, typed, page="/account")).status_code == status
    async with browser_of(app, world.organiser) as browser:
        assert (await browser.post(path, data=typed)).status_code == 403  # without the token of a page
    assert await _state(order.id) == "submitted"


# --- deeds -----------------------------------------------------------------------------------------------------------


async def test_an_order_is_approved_assigned_and_confirmed_by_telephone(app: Litestar, database: None) -> None:
    world = await Dispatch().build()
    order = await world.order()
    base = f"/desk/orders/{order.id}"

    async with browser_of(app, world.organiser) as browser:
        approved = await post_form(browser, f"{base}/approve", {}, page="/desk/orders")
        typed: dict[str, object] = {
            "provider_ids": str(world.lecturer.id), "starts_at": "2015-09-24T14:00", "ends_at": "2015-09-24T15:30",
        }  # fmt: skip
        assigned = await post_form(browser, f"{base}/assign", typed, page="/desk/orders")
        waiting = await browser.get(f"/desk/orders?order={order.id}")
        accepted = await post_form(browser, f"{base}/accept", {}, page="/desk/orders")
        settled = await browser.get(f"/desk/orders?order={order.id}")

    back = f"/desk/orders?order={order.id}#order"
    assert [(one.status_code, one.headers["location"]) for one in (approved, assigned, accepted)] == [(303, back)] * 3
    assert "1张派单等答复。阳山精工工会的“一线班组长的情绪急救”最急" in waiting.text
    assert "沈若兰您好，有一场请您看能不能去：" in waiting.text
    assert "http://testserver/answer/" in waiting.text
    assert "沈若兰已接单，9月24日举办，还有9天。" in settled.text
    assert "/answer/" not in settled.text
    assert await db.value("SELECT state FROM events_session") == "published"


async def test_a_warning_asks_for_the_reason_and_keeps_what_was_typed(app: Litestar, database: None) -> None:
    world = await Dispatch().build()
    order = await world.order(state="approved", site_lacks="没有投影")
    path = f"/desk/orders/{order.id}/assign"
    typed: dict[str, object] = {
        "provider_ids": str(world.lecturer.id), "starts_at": "2015-09-25T14:30", "rain_starts_at": "2015-09-28T14:30",
    }  # fmt: skip

    async with browser_of(app, world.organiser) as browser:
        asked = await post_form(browser, path, typed, page="/desk/orders")
        done = await post_form(browser, path, {**typed, "override_reason": "自带投影"}, page="/desk/orders")

    assert asked.status_code == 409
    assert "要写明理由才能派" in asked.text
    assert '<li class="w">场地缺：没有投影</li>' in asked.text
    assert 'name="starts_at" value="2015-09-25T14:30"' in asked.text
    assert 'name="rain_starts_at" value="2015-09-28T14:30"' in asked.text
    assert '<details class="confirm" data-confirm="why-1" open>' in asked.text
    assert done.status_code == 303
    assert await db.value("SELECT override_reason FROM events_session") == "自带投影"


async def test_a_taken_lecturer_is_refused_and_nothing_changes(app: Litestar, database: None) -> None:
    world = await Dispatch().build()
    order = await world.order(state="approved")
    await make_session(world.event, providers=(world.lecturer,), occupying=True, starts_at=STARTS_AT)
    typed: dict[str, object] = {"provider_ids": str(world.lecturer.id), "starts_at": "2015-09-24T14:00"}

    async with browser_of(app, world.organiser) as browser:
        refused = await post_form(browser, f"/desk/orders/{order.id}/assign", typed, page="/desk/orders")
        bad = await post_form(
            browser, f"/desk/orders/{order.id}/assign", {**typed, "starts_at": "gestern"}, page="/desk/orders"
        )

    assert (refused.status_code, bad.status_code) == (409, 422)
    assert "还没提交，有1处要改" in bad.text
    assert await _state(order.id) == "approved"


async def test_who_comes_second_learns_who_was_faster_and_sees_the_present_state(app: Litestar, database: None) -> None:
    world = await Dispatch().build()
    order = await world.order()
    colleague = await make_actor(Role.ORGANISER, world.city, name="周明")

    async with browser_of(app, world.organiser) as browser:
        opened = await browser.get("/desk/orders")
        await commands.decline_order(colleague, NOW, order_id=order.id, reason="今年名额用完")
        late = await browser.post(f"/desk/orders/{order.id}/approve", data={"_csrf_token": form_token(opened.text)})

    assert late.status_code == 409
    assert "周明先办了，点单现在是“未批准”" in late.text
    assert "今年名额用完" in late.text
    assert await _state(order.id) == "declined"


async def test_two_steps_are_endorsed_by_the_units_own_superior_first(app: Litestar, database: None) -> None:
    world = await Dispatch().build(two_step_orders=True)
    district = await make_organisation(parent=world.city, name="姑苏区总工会", kind="federation")
    unit = await make_organisation(parent=district, name="胥江机械厂工会")
    order = await world.order(unit)
    endorser = await make_actor(Role.ORGANISER, district, name="区里")

    async with browser_of(app, endorser) as browser:
        shown = await browser.get("/desk/orders")
        endorsed = await post_form(browser, f"/desk/orders/{order.id}/endorse", {}, page="/desk/orders")
    async with browser_of(app, world.organiser) as browser:
        approving = await browser.get(f"/desk/orders?order={order.id}")

    assert "同意点单" in shown.text
    assert "批准点单" not in shown.text
    assert endorsed.status_code == 303
    assert await _state(order.id) == "endorsed"
    assert "批准点单" in approving.text


async def test_declining_needs_a_reason_and_tells_it(app: Litestar, database: None) -> None:
    world = await Dispatch().build()
    order = await world.order()
    path = f"/desk/orders/{order.id}/decline"

    async with browser_of(app, world.organiser) as browser:
        nameless = await post_form(browser, path, {"reason": "　"}, page="/desk/orders")
        done = await post_form(browser, path, {"reason": "换成9月以后"}, page="/desk/orders")

    assert nameless.status_code == 422
    assert '<details class="confirm" data-confirm="decline" open>' in nameless.text
    assert (done.status_code, done.headers["location"]) == (303, "/desk/orders")
    assert await db.value("SELECT reason FROM bookings_order") == "换成9月以后"


async def test_an_assignment_is_taken_back_or_given_to_another(app: Litestar, database: None) -> None:
    world = await Dispatch().build()
    order = await world.assigned()
    base = f"/desk/orders/{order.id}"

    async with browser_of(app, world.organiser) as browser:
        looking = await browser.get(f"/desk/orders?order={order.id}&swap=1")
        swapped = await post_form(
            browser, f"{base}/substitute", {"provider_ids": str(world.other.id), "reason": "生病"}, page="/desk/orders"
        )
        back = await post_form(browser, f"{base}/take-back", {"reason": "单位改时间"}, page="/desk/orders")

    assert "换成钱伯远</summary>" in looking.text
    assert "换成沈若兰" not in looking.text
    assert (swapped.status_code, back.status_code) == (303, 303)
    assert await _state(order.id) == "approved"
    assert await db.value("SELECT state FROM events_session") == "cancelled"


async def test_a_refusal_on_the_telephone_frees_the_time(app: Litestar, database: None) -> None:
    world = await Dispatch().build()
    order = await world.assigned()

    async with browser_of(app, world.organiser) as browser:
        done = await post_form(browser, f"/desk/orders/{order.id}/refuse", {"reason": "出差"}, page="/desk/orders")
        shown = await browser.get(f"/desk/orders?order={order.id}")

    assert done.status_code == 303
    assert "上次退回的原因" in shown.text
    assert "派给沈若兰" in shown.text
    assert await db.value("SELECT count(*) FROM events_occupation") == 0


async def test_the_rain_date_is_used_or_released(app: Litestar, database: None) -> None:
    world = await Dispatch().build()
    rain = STARTS_AT + timedelta(days=4)
    order = await world.scheduled(rain_starts_at=rain)
    base = f"/desk/orders/{order.id}"

    async with browser_of(app, world.organiser) as browser:
        shown = await browser.get(f"/desk/orders?order={order.id}")
        moved = await post_form(browser, f"{base}/rain", {"reason": "暴雨"}, page="/desk/orders")
        again = await post_form(browser, f"{base}/release-rain", {}, page="/desk/orders")

    assert "雨天备用日：9月28日（周一）14:00—15:30" in shown.text
    assert (moved.status_code, again.status_code) == (303, 422)
    assert await db.value("SELECT starts_at FROM events_session") == rain


# --- lists -----------------------------------------------------------------------------------------------------------


async def test_all_orders_are_searched_by_unit_phone_state_and_programme(app: Litestar, database: None) -> None:
    world = await Dispatch().build()
    await world.order(contact_phone="13812345678")
    await world.order(world.rival, state="withdrawn", contact_phone="13800001111")
    culture = await make_event(await make_programme(world.city, code="culture"), title="锡剧折子戏")
    await make_order(culture, world.rival)

    found = {}
    async with browser_of(app, world.organiser) as browser:
        for query in ("", "q=虞山", "q=5678", "q=678", "state=withdrawn", "programme=culture", "state=nonsense"):
            text = (await browser.get(f"/desk/orders/list?{query}")).text
            found[query] = text.count('<td role="cell" class="key">')

    assert found == {
        "": 3, "q=虞山": 2, "q=5678": 1, "q=678": 0, "state=withdrawn": 1, "programme=culture": 1, "state=nonsense": 3,
    }  # fmt: skip


async def test_the_workbook_holds_real_dates_and_numbers_and_phones_as_text(app: Litestar, database: None) -> None:
    world = await Dispatch().build()
    await world.scheduled(contact_phone="051265550000", note="=1+1")
    await world.order(world.rival, contact_phone="13800001111")

    async with browser_of(app, world.organiser) as browser:
        answer = await browser.get("/desk/orders.xlsx?state=scheduled")

    assert answer.headers["content-disposition"].startswith('attachment; filename="orders.xlsx"')
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert len(rows) == 2
    row = dict(zip(rows[0], rows[1], strict=True))
    assert row["单位"] == "阳山精工工会"
    assert row["人数"] == 80
    assert row["电话"] == "051265550000"
    assert row["备注"] == "=1+1"
    assert row["开始"] == datetime(2015, 9, 24, 14, 0)  # noqa: DTZ001 - a sheet knows the wall clock only
    assert row["最早"] == date(2015, 9, 24)


# --- the journal -----------------------------------------------------------------------------------------------------


async def test_the_journal_tells_orders_in_words_and_leads_to_the_board(app: Litestar, database: None) -> None:
    world = await Dispatch().build()
    order = await world.scheduled(rain_starts_at=STARTS_AT + timedelta(days=1))
    await commands.substitute_provider(
        world.organiser, NOW, order_id=order.id, provider_ids=(world.other.id,), reason="讲师生病"
    )
    assert order.session_id is not None
    await commands.use_rain_date(world.organiser, NOW, session_id=order.session_id, reason="台风")

    async with browser_of(app, world.organiser) as browser:
        found = await browser.get("/desk/journal", params={"object": str(order.id)})
        of_session = await browser.get(f"/desk/sessions/{order.session_id}")

    for said in ("派单", "接单", "换讲师团队", "改到备用日", "已派单 → 已排定", "沈若兰 → 钱伯远", "原因：讲师生病"):
        assert said in found.text, said
    assert "9月24日（周四）14:00 → 9月25日（周五）14:00" in found.text
    assert f'href="/desk/orders?order={order.id}#order">一线班组长的情绪急救</a>' in found.text
    assert "接单，阳山精工工会，已排定" in of_session.text
