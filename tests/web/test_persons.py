"""Leave, requests, hand-overs and merges on the pages."""

import re
from datetime import date

import httpx
import pytest
from litestar import Litestar

from outreach.accounts.tables import ContactRequest, Leave, Person, RoleGrant
from outreach.persons.asking import PER_ADDRESS
from outreach.persons.tables import Handover, Merge
from outreach.shared import db
from outreach.shared.actors import Role
from outreach.shared.ids import new_id
from tests.factories.accounts import browser_of, make_actor, make_grant, make_organisation, make_person
from tests.factories.bookings import BookingWorld, make_booking
from tests.support.pages import post_form

pytestmark = pytest.mark.usefixtures("database")

ASK = "/become-contact"
PHONE = "13900000001"


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


# --- requests --------------------------------------------------------------------------------------------------------


async def test_the_answer_is_the_same_for_every_unit(client: httpx.AsyncClient) -> None:
    """Neither whether a unit is known, nor whether it has a contact, nor whether a number waits already."""
    city = await make_organisation(name="市总工会")
    with_contact = await make_organisation(parent=city, name="有联系人工会")
    await make_actor(Role.CONTACT, with_contact, phone="13900000009")
    await make_organisation(parent=city, name="没有联系人工会")
    answers = []
    for number, unit in enumerate(("有联系人工会", "没有联系人工会", "不存在的工会", "有联系人工会")):
        given: dict[str, object] = {"unit": unit, "name": "陆新来", "phone": f"1390000001{number % 3}"}
        answers.append(await post_form(client, ASK, given))
    known = await post_form(client, ASK, {"unit": "有联系人工会", "name": "某人", "phone": "13900000009"})
    assert {one.status_code for one in (*answers, known)} == {200}
    plain = {re.sub(r'value="[0-9a-f]{16,}"', "", one.text) for one in (*answers, known)}
    assert len(plain) == 1
    assert "已经收到" in known.text
    assert await ContactRequest.count() == 4


async def test_what_was_typed_stays_and_too_many_are_told_when(client: httpx.AsyncClient) -> None:
    bad = await post_form(client, ASK, {"unit": "", "name": "陆新来", "phone": "1390000000"})
    assert bad.status_code == 422
    assert 'value="陆新来"' in bad.text
    short = await post_form(client, ASK, {"unit": "机床厂工会", "name": "陆新来", "phone": "1390000000"})
    assert "手机号要11位，现在是10位。" in short.text
    for number in range(PER_ADDRESS):
        given: dict[str, object] = {"unit": "机床厂工会", "name": "陆新来", "phone": f"139000001{number:02d}"}
        assert (await post_form(client, ASK, given)).status_code == 200
    full = await post_form(client, ASK, {"unit": "机床厂工会", "name": "陆新来", "phone": PHONE})
    assert (full.status_code, full.headers["retry-after"]) == (429, "86400")
    assert "今天收到的申请太多了" in full.text
    assert 'value="机床厂工会"' in full.text


async def test_staff_accept_with_a_slip_and_decline_with_a_reason(app: Litestar, client: httpx.AsyncClient) -> None:
    city = await make_organisation(name="市总工会")
    union = await make_organisation(parent=city, name="机床厂工会")
    for name, phone in (("陆新来", PHONE), ("何不对", "13900000002")):
        await post_form(client, ASK, {"unit": "机床厂工会", "name": name, "phone": phone, "note": "接替陈巧云"})
    first, second = await ContactRequest.objects().order_by(ContactRequest.created_at, ContactRequest.id)
    async with browser_of(app, await make_actor(Role.ORGANISER, city)) as desk:
        hub = await desk.get("/desk/manage")
        home = await desk.get("/desk")
        listed = await desk.get("/desk/requests")
        opened = await desk.get(f"/desk/requests/{first.id}")
        without = await post_form(desk, f"/desk/requests/{first.id}/accept", {}, page=f"/desk/requests/{first.id}")
        slip = await post_form(
            desk, f"/desk/requests/{first.id}/accept", {"organisation_id": str(union.id)},
            page=f"/desk/requests/{first.id}",
        )  # fmt: skip
        again = await desk.get(f"/desk/requests/{first.id}")
        silent = await post_form(desk, f"/desk/requests/{second.id}/decline", {}, page=f"/desk/requests/{second.id}")
        declined = await post_form(
            desk, f"/desk/requests/{second.id}/decline", {"reason": "查无此人"}, page=f"/desk/requests/{second.id}"
        )
        decided = await desk.get("/desk/requests?view=decided")
        unit = await desk.get(f"/desk/organisations/{union.id}")
        after = await desk.get("/desk")
    assert "有2份等着办" in hub.text
    assert "2 联系人申请等着办 最早的一份是刚刚的 去办" in words(home.text)
    assert 'href="/desk/requests"' in home.text
    assert "联系人申请等着办" not in after.text
    assert [one in listed.text for one in ("机床厂工会", "陆新来", PHONE, "何不对")] == [True] * 4
    assert "这个单位现在没有联系人。" in opened.text
    assert f'value="{union.id}" selected' in opened.text
    assert (without.status_code, silent.status_code) == (422, 422)
    assert slip.status_code == 200
    assert re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", slip.text)
    assert "已接受。" in again.text
    assert "加为联系人并发登录码" not in again.text
    assert declined.headers["location"] == "/desk/requests"
    assert "没有接受：查无此人" in decided.text
    assert "陆新来" in unit.text


async def test_only_the_staff_of_the_unit_see_a_request(app: Litestar, client: httpx.AsyncClient) -> None:
    union = await make_organisation(parent=await make_organisation(), name="机床厂工会")
    await post_form(client, ASK, {"unit": "机床厂工会", "name": "陆新来", "phone": PHONE})
    [asked] = await ContactRequest.objects()
    async with browser_of(app, await make_actor(Role.ORGANISER, await make_organisation(name="别市"))) as other:
        assert "陆新来" not in (await other.get("/desk/requests")).text
        assert (await other.get(f"/desk/requests/{asked.id}")).status_code == 404
        declined = await post_form(other, f"/desk/requests/{asked.id}/decline", {"reason": "x"}, page=ASK)
        assert declined.status_code == 404
    async with browser_of(app, await make_actor(Role.CONTACT, union)) as contact:
        assert (await contact.get("/desk/requests")).status_code == 403
    assert (await client.get("/login")).text.count(ASK) == 1


# --- leave -----------------------------------------------------------------------------------------------------------


async def test_staff_write_down_a_leave_and_it_shows(app: Litestar) -> None:
    world = await BookingWorld().build()
    person = world.contact.person_id
    other = await make_person(name="沈代办", login_name="shen")
    await make_grant(other, Role.CONTACT, world.other)
    colleague = await make_person(name="陆同事")
    await make_grant(colleague, Role.CONTACT, world.union)
    path = f"/desk/people/{person}/leave"
    async with browser_of(app, world.organiser) as desk:
        empty = await desk.get(path)
        given: dict[str, object] = {
            "from_on": "2015-09-15",
            "last_on": "2015-09-18",
            "deputy_named": "SHEN",
            "note": "年休假",
        }
        stored = await post_form(desk, path, given)
        twice = await post_form(desk, path, given)
        nobody = await post_form(desk, path, {**given, "from_on": "2015-12-01", "last_on": "2015-12-02",
                                              "deputy_named": ""})  # fmt: skip
        unknown = await post_form(desk, path, {**given, "deputy_named": "谁也不是"})
        shown = await desk.get(path)
        pages = [await desk.get(one) for one in ("/desk/people", f"/desk/people/{person}",
                                                 f"/desk/organisations/{world.union.id}")]  # fmt: skip
        [leave] = await Leave.objects()
        ended = await post_form(desk, f"/desk/leaves/{leave.id}/end", {}, page=path)
    assert "没有记下的请假。" in empty.text
    assert "陆同事（胥江机械厂工会）" in empty.text
    assert stored.headers["location"] == path
    assert "这几天里已经有一段请假" in twice.text
    assert "请选一个人，或者填登录名、手机号。" in nobody.text
    assert "没有找到这个人。" in unknown.text
    assert "正在请假，到9月18日为止由沈代办代理。" in shown.text
    for page in pages:
        assert "由沈代办代理" in page.text
    assert "联系人（代理）" in pages[2].text
    assert "也在虞山服饰工会" in pages[2].text
    assert ended.headers["location"] == path
    assert await RoleGrant.count().where(RoleGrant.until_on.is_null(), RoleGrant.person == other.id) == 1


async def test_a_contact_finds_colleagues_only(app: Litestar) -> None:
    world = await BookingWorld().build()
    colleague = await make_person(name="陆同事", phone="13900000007")
    async with browser_of(app, world.contact) as browser:
        alone = await browser.get("/account/leave")
        days: dict[str, object] = {"from_on": "2015-09-20", "last_on": "2015-09-21"}
        # Somebody else's number tells nothing, known or not.
        typed = [
            await post_form(browser, "/account/leave", {**days, "deputy_named": one}, page="/account")
            for one in ("13900000007", "13900000008")
        ]
        await make_grant(colleague, Role.CONTACT, world.union)
        listed = await browser.get("/account/leave")
        rival = await post_form(browser, "/account/leave", {**days, "deputy_id": str(world.rival.person_id)})
        stored = await post_form(browser, "/account/leave", {**days, "deputy_id": str(colleague.id)})
        [leave] = await Leave.objects()
        account = await browser.get("/account")
        foreign = await post_form(browser, f"/account/leaves/{new_id()}/end", {}, page="/account/leave")
        ended = await post_form(browser, f"/account/leaves/{leave.id}/end", {}, page="/account/leave")
    assert "您的单位只有您一位联系人" in alone.text
    assert [one.status_code for one in typed] == [422, 422]
    assert len({words(one.text).replace("13900000007", "").replace("13900000008", "") for one in typed}) == 1
    assert "陆同事" in listed.text
    assert "没有找到这个人。" in rival.text
    assert (stored.status_code, ended.status_code, foreign.status_code) == (303, 303, 404)
    assert "/account/leave" in account.text
    async with browser_of(app, world.rival) as other:
        assert (await other.get(f"/desk/people/{world.contact.person_id}/leave")).status_code == 403


# --- hand-over -------------------------------------------------------------------------------------------------------


async def test_work_is_handed_over_and_printed(app: Litestar) -> None:
    world = await BookingWorld().build()
    await db.execute("UPDATE accounts_person SET phone = '13700000001' WHERE id = $1", world.contact.person_id)
    await make_booking(world.session, world.union, contact_name=world.contact.name, contact_phone="13700000001")
    taker = await make_person(name="陆接手", phone="13700000002")
    await make_grant(taker, Role.CONTACT, world.union, until_on=date(2015, 9, 20), is_deputy=True)
    path = f"/desk/people/{world.contact.person_id}/hand-over"
    async with browser_of(app, world.organiser) as desk:
        form = await desk.get(path)
        [grant] = await RoleGrant.objects().where(RoleGrant.person == world.contact.person_id)
        nobody = await post_form(desk, path, {"grant_ids": str(grant.id)})
        no_role = await post_form(desk, path, {"taker_id": str(taker.id)})
        done = await post_form(desk, path, {"taker_id": str(taker.id), "grant_ids": str(grant.id), "note": "岗位调整"})
        [stored] = await Handover.objects()
        paper = await desk.get(f"/desk/handovers/{stored.id}")
        listed = await desk.get("/desk/handovers")
    assert "还没到日子的预约" in form.text
    assert "倒班职工的睡眠与情绪" in form.text
    assert "请选一个人，或者填登录名、手机号。" in nobody.text
    assert "请至少选一个要交接的角色。" in no_role.text
    assert done.headers["location"] == f"/desk/handovers/{stored.id}"
    text = words(paper.text)
    for part in (
        "工作交接单",
        "陆接手",
        "胥江机械厂工会",
        "倒班职工的睡眠与情绪",
        "9月24日（周四）",
        "移交人：",
        "接收人：",
        "监交人：",
    ):
        assert part in text, part
    assert "1370000000" not in paper.text
    assert "1个角色，1件事" in listed.text
    async with browser_of(app, await make_actor(Role.ORGANISER, await make_organisation(name="别市"))) as other:
        assert (await other.get(path)).status_code == 404
        assert (await other.get(f"/desk/handovers/{stored.id}")).status_code == 404
        assert "陆接手" not in (await other.get("/desk/handovers")).text


# --- merges ----------------------------------------------------------------------------------------------------------


async def test_duplicates_are_found_merged_and_put_back(app: Litestar) -> None:
    city = await make_organisation(name="市总工会")
    union = await make_organisation(parent=city, name="机床厂工会")
    kept = await make_person(name="陈巧云", login_name="chen")
    dropped = await make_person(name="陈巧云", login_name=None, phone=PHONE)
    for one in (kept, dropped):
        await make_grant(one, Role.CONTACT, union)
    path = f"/desk/people/{kept.id}/merge"
    async with browser_of(app, await make_actor(Role.ORGANISER, city)) as desk:
        twins = await desk.get("/desk/merges")
        form = await desk.get(path)
        nobody = await post_form(desk, path, {})
        itself = await post_form(desk, path, {"dropped_named": "chen"})
        done = await post_form(desk, path, {"dropped_id": str(dropped.id), "reason": "建了两次"})
        [merge] = await Merge.objects()
        again = await post_form(desk, path, {"dropped_id": str(dropped.id)})
        listed = await desk.get("/desk/merges")
        undone = await post_form(desk, f"/desk/merges/{merge.id}/undo", {}, page="/desk/merges")
        twice = await post_form(desk, f"/desk/merges/{merge.id}/undo", {}, page=path)
    assert "有1个姓名出现了不止一次" in twins.text
    assert f"陈巧云，机床厂工会，{PHONE}" in form.text
    assert "请选一个人，或者填登录名、手机号。" in nobody.text
    assert "选的就是这个人。" in itself.text
    assert done.headers["location"] == f"/desk/people/{kept.id}"
    assert (again.status_code, twice.status_code) == (409, 409)
    assert "陈巧云合并到陈巧云" in listed.text
    assert undone.headers["location"] == f"/desk/people/{dropped.id}"
    stored = await Person.objects().get(Person.id == dropped.id)
    assert stored is not None
    assert stored.phone == PHONE
    assert stored.disabled_at is None


async def test_pages_of_people_out_of_reach_are_closed(app: Litestar, client: httpx.AsyncClient) -> None:
    world = await BookingWorld().build()
    administrator = await make_actor(Role.ADMINISTRATOR, None)
    person = await Person.objects().get(Person.id == administrator.person_id)
    assert person is not None
    await make_grant(person, Role.CONTACT, world.union)
    async with browser_of(app, world.organiser) as desk:
        for page in ("leave", "merge"):
            assert (await desk.get(f"/desk/people/{administrator.person_id}/{page}")).status_code == 403
            assert (await desk.get(f"/desk/people/{new_id()}/{page}")).status_code == 404
        assert (await desk.get(f"/desk/people/{administrator.person_id}/hand-over")).status_code == 200
        assert (await desk.get(f"/desk/people/{new_id()}/hand-over")).status_code == 404
    async with browser_of(app, world.contact) as contact:
        for page in ("/desk/handovers", "/desk/merges", f"/desk/people/{world.rival.person_id}/hand-over"):
            assert (await contact.get(page)).status_code == 403
    headers = {"Accept": "text/html"}
    assert (await client.get("/account/leave", headers=headers)).headers["location"].startswith("/login")
