"""点单 from the menu to the review: the unit by forms, the organiser and the lecturer meanwhile."""

from datetime import date, datetime, timedelta

import httpx
from litestar import Litestar

from outreach.attendance.commands import Figures, put_headcount
from outreach.bookings.orders.commands import accept_order, approve_order, assign_order, endorse_order
from outreach.shared import db
from outreach.shared.actors import Role
from outreach.shared.time import ZONE
from tests.factories.accounts import browser_of, make_actor, make_organisation
from tests.factories.events import make_event, make_provider
from tests.factories.orders import make_giver
from tests.factories.programmes import make_programme
from tests.support.clock import FixedClock
from tests.support.pages import post_form

AFTERNOON = datetime(2015, 9, 24, 14, tzinfo=ZONE)


async def _followed(browser: httpx.AsyncClient, answer: httpx.Response) -> str:
    assert answer.status_code == 303, answer.text
    return (await browser.get(answer.headers["location"])).text


async def test_a_lecture_is_ordered_followed_held_and_reviewed_by_forms(
    app: Litestar, database: None, clock: FixedClock
) -> None:
    root = await make_organisation(name="市总工会")
    district = await make_organisation(parent=root, name="姑苏区总工会", kind="federation")
    union = await make_organisation(parent=district, name="胥江机械厂工会")
    contact = await make_actor(Role.CONTACT, union, name="陈巧云", phone="13800000000")
    organiser, above = await make_actor(Role.ORGANISER, root), await make_actor(Role.ORGANISER, district)
    event = await make_event(await make_programme(root, two_step_orders=True), title="亲子沟通")
    lecturer = await make_provider(root, name="蒋晓棠")
    await make_giver(event, lecturer)

    async with browser_of(app, contact) as mine:
        menu = await mine.get("/menu")
        new = f"/orders/new?event_id={event.id}"
        assert f'href="{new}"' in menu.text
        wish: dict[str, object] = {
            "organisation_id": str(union.id), "on_1": "2015-09-24", "part_1": "afternoon", "audience": "80",
            "address": "金山路8号食堂二楼", "contact_name": "陈巧云", "contact_phone": "13800000000",
        }  # fmt: skip
        submitted = await _followed(mine, await post_form(mine, new, wish))
        assert "点单已提交，等审核。" in submitted
        assert "等姑苏区总工会同意，最晚9月24日" in submitted
        order_id = await db.value("SELECT id FROM bookings_order")
        page = f"/orders/{order_id}"

        await endorse_order(above, clock.moment, order_id=order_id)
        assert "等市总工会批准" in (await mine.get(page)).text
        await approve_order(organiser, clock.moment, order_id=order_id)
        assert "等市总工会派讲师或团队" in (await mine.get(page)).text
        await assign_order(
            organiser, clock.moment, order_id=order_id, provider_ids=[lecturer.id], starts_at=AFTERNOON,
            override_reason="已商量",
        )  # fmt: skip
        assert "等蒋晓棠答复" in (await mine.get("/my")).text
        await accept_order(organiser, clock.moment, order_id=order_id, by_phone=True)
        session_id = await db.value("SELECT session FROM bookings_order")
        assert "加进手机日历" in (await mine.get(page)).text
        host_booking = await db.value("SELECT id FROM bookings_booking")
        hosting = await mine.get(f"/bookings/{host_booking}")
        assert "来自点单" in hosting.text
        assert f'href="{page}"' in hosting.text
        assert f'action="/bookings/{host_booking}"' not in hosting.text

        clock.moment = AFTERNOON - timedelta(days=2)
        assert "后天这场在您单位办，要备好签到表" in (await mine.get("/my")).text
        assert (await mine.get(f"/sessions/{session_id}/sign-in-sheet")).status_code == 200

        clock.moment = AFTERNOON + timedelta(hours=3)
        assert "等市总工会登记人次" in (await mine.get(page)).text
        figures = Figures(on=date(2015, 9, 24), total=76)
        await put_headcount(organiser, clock.moment, session_id=session_id, figures=figures)
        assert "9月24日的亲子沟通还没评单" in (await mine.get("/my")).text
        marks: dict[str, object] = {"lecturer": "5", "content": "5", "organising": "4", "again": "yes", "words": ""}
        reviewed = await _followed(mine, await post_form(mine, f"{page}/review", marks, page=page))
        assert "谢谢，评价已收到。" in reviewed
        assert "您单位给了4.7分，满分5分。" in reviewed
        assert 'aria-current="step"' not in reviewed
        assert "还没评单" not in (await mine.get("/my")).text

    assert await db.value("SELECT state FROM bookings_order") == "reviewed"
