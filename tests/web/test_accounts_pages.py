"""Pages of accounts: the way in, the own account, organisations, people, journal."""

import re
from datetime import timedelta

import httpx
import pytest
from litestar import Litestar

from outreach.accounts.commands import issue_entry_code
from outreach.accounts.passwords import hash_password
from outreach.accounts.tables import Organisation, Person
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from outreach.shared.ids import new_id
from tests.conftest import NOW
from tests.factories.accounts import browser_of, make_actor, make_grant, make_organisation, make_person
from tests.support.clock import FixedClock
from tests.support.pages import form_token, post_form

pytestmark = pytest.mark.usefixtures("database")

PASSWORD = "correct horse battery"
LONG_NAME = "长" * 60


async def make_contact() -> tuple[Person, Organisation]:
    union = await make_organisation(parent=await make_organisation(name="市总工会"), name="机床厂工会")
    person = await make_person(name="陈巧云", login_name="chen", password_hash=await hash_password(PASSWORD))
    await make_grant(person, Role.CONTACT, union)
    return person, union


async def make_organiser() -> tuple[Actor, Organisation, Organisation, Organisation]:
    """An organiser of the first district, that district, a union below it, and a union of another district."""
    city = await make_organisation(name="市总工会")
    here = await make_organisation(parent=city, kind="federation", name="甲区总工会")
    there = await make_organisation(parent=city, kind="federation", name="乙区总工会")
    union = await make_organisation(parent=here, name="机床厂工会")
    beside = await make_organisation(parent=there, name="纺织厂工会")
    return await make_actor(Role.ORGANISER, here, name="顾组织"), here, union, beside


async def log_in(browser: httpx.AsyncClient, **given: str) -> httpx.Response:
    return await post_form(browser, "/login", {"name": "chen", "password": PASSWORD, **given})


async def with_cookie(app: Litestar, token: str) -> httpx.Response:
    """The own account asked for by another browser that has this cookie."""
    async with browser_of(app, None) as browser:
        browser.cookies.set("outreach_login", token)
        return await browser.get("/account")


# --- the way in ------------------------------------------------------------------------------------------------------


async def test_a_login_renews_the_cookie_and_a_logout_kills_it(app: Litestar) -> None:
    """A token that somebody planted before the login opens nothing afterwards, and one copied opens nothing after."""
    await make_contact()
    async with browser_of(app, None) as browser:
        browser.cookies.set("outreach_login", "planted", domain="testserver.local")
        entered = await log_in(browser)
        token = entered.cookies["outreach_login"]
        cookie = entered.headers["set-cookie"]
        again = await browser.get("/login")
        left = await post_form(browser, "/logout", {}, page="/account")
    stolen, planted = await with_cookie(app, token), await with_cookie(app, "planted")

    assert (entered.status_code, entered.headers["location"]) == (303, "/")
    assert len(token) == 43
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert (again.status_code, again.headers["location"]) == (303, "/")
    assert (left.status_code, left.headers["location"]) == (303, "/")
    assert "outreach_login" not in browser.cookies
    assert [stolen.headers["location"], planted.headers["location"]] == ["/login?next=/account"] * 2


async def test_a_second_login_in_the_same_browser_ends_the_first(app: Litestar) -> None:
    await make_contact()
    async with browser_of(app, None) as browser:
        first = (await log_in(browser)).cookies["outreach_login"]
        token = form_token((await browser.get("/account")).text)
        form = {"name": "chen", "password": PASSWORD, "_csrf_token": token}
        second = (await browser.post("/login", data=form)).cookies["outreach_login"]
    answers = [await with_cookie(app, one) for one in (first, second)]

    assert [one.status_code for one in answers] == [303, 200]


@pytest.mark.parametrize(
    ("wanted", "leads_to"),
    [
        ("/my?x=1", "/my?x=1"),
        ("//evil.example", "/"),
        ("https://evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("/login", "/"),
    ],
)
async def test_a_login_leads_on_to_our_own_pages_only(app: Litestar, wanted: str, leads_to: str) -> None:
    await make_contact()
    async with browser_of(app, None) as browser:
        shown = await browser.get("/login", params={"next": wanted})
        entered = await log_in(browser, next=wanted)

    assert ("evil" in shown.text) is False
    assert entered.headers["location"] == leads_to


async def test_staff_land_on_their_desk(app: Litestar) -> None:
    person, union = await make_contact()
    await make_grant(person, Role.ORGANISER, union)
    async with browser_of(app, None) as browser:
        assert (await log_in(browser)).headers["location"] == "/desk"


async def test_a_wrong_password_keeps_the_name_and_says_what_to_do(app: Litestar) -> None:
    await make_contact()
    async with browser_of(app, None) as browser:
        wrong = await log_in(browser, password="wrong password")
        empty = await log_in(browser, name="", password="")
        unknown = await log_in(browser, name="nobody", password="wrong password")

    assert [one.status_code for one in (wrong, empty, unknown)] == [422] * 3
    assert 'value="chen"' in wrong.text
    assert "忘了密码，请上级工会发一张登录码" in wrong.text
    assert "wrong password" not in wrong.text
    assert "登录名或手机号：请填写。" in empty.text
    assert "outreach_login" not in wrong.cookies
    without = [re.sub(r'value="(chen|nobody|[0-9a-f]{64})"', "", one.text) for one in (wrong, unknown)]
    assert without[0] == without[1]


async def test_too_many_tries_are_refused_even_with_the_right_password(app: Litestar, clock: FixedClock) -> None:
    await make_contact()
    async with browser_of(app, None) as browser:
        for _number in range(10):
            await log_in(browser, password="wrong password")
        refused = await log_in(browser)
        clock.moment = NOW + timedelta(minutes=15)
        accepted = await log_in(browser)

    assert (refused.status_code, refused.headers["retry-after"]) == (429, "900")
    assert "请过15分钟再试" in refused.text
    assert accepted.status_code == 303


@pytest.mark.parametrize(
    "path", ["/login", "/entry", "/entry/AAAA-AAAA-AAAA", "/account", "/account/password", "/account/tokens", "/logout"]
)
async def test_a_form_without_its_token_is_refused(app: Litestar, path: str) -> None:
    actor, *_ = await make_organiser()
    async with browser_of(app, None if path in ("/login", "/entry") else actor) as browser:
        answer = await browser.post(path, data={"name": "x", "password": "x", "code": "AAAA-AAAA-AAAA"})

    assert answer.status_code == 403
    assert "页面放得太久了" in answer.text


# --- entry by code ---------------------------------------------------------------------------------------------------


async def test_a_code_from_paper_lets_in_once(app: Litestar) -> None:
    actor, _here, union, _beside = await make_organiser()
    person = await make_person(name="陈巧云", login_name=None, phone="13800000001")
    await make_grant(person, Role.CONTACT, union)
    issued = await issue_entry_code(actor, NOW, person_id=person.id)
    path = f"/entry/{issued.code}"

    async with browser_of(app, None) as browser:
        typed = await post_form(browser, "/entry", {"code": issued.code.lower().replace("-", " ")})
        looked = [await browser.get(path) for _time in range(3)]
        differing = await post_form(browser, path, {"password": PASSWORD, "password_again": "x"})
        weak = await post_form(browser, path, {"password": "13800000001", "password_again": "13800000001"})
        entered = await post_form(browser, path, {"password": PASSWORD, "password_again": PASSWORD})
        account = await browser.get("/account")
    async with browser_of(app, None) as second:
        again = await second.get(path)
        forced = await post_form(second, path, {"password": PASSWORD, "password_again": PASSWORD}, page="/login")

    assert (typed.status_code, typed.headers["location"]) == (303, path)
    assert [one.status_code for one in looked] == [200] * 3
    assert "陈巧云" in looked[0].text
    assert "机床厂工会" in looked[0].text
    assert "138****0001" in looked[0].text
    assert "13800000001" not in looked[0].text
    assert (differing.status_code, weak.status_code) == (422, 422)
    assert "两次输入的密码不一样" in differing.text
    assert "密码不能和登录名、手机号或姓名一样" in weak.text
    assert entered.status_code == 303
    assert "我的账号" in account.text
    assert (again.status_code, forced.status_code) == (404, 404)
    assert "请上级工会重新发一张" in again.text
    assert "陈巧云" not in again.text
    assert "outreach_login" not in forced.cookies


async def test_a_mistyped_code_is_asked_for_again(app: Litestar) -> None:
    async with browser_of(app, None) as browser:
        answer = await post_form(browser, "/entry", {"code": "K7QM-A4XT"})

    assert answer.status_code == 422
    assert 'value="K7QM-A4XT"' in answer.text
    assert "登录码是12个字母和数字" in answer.text


# --- the own account -------------------------------------------------------------------------------------------------


async def test_an_account_changes_name_language_and_password(app: Litestar) -> None:
    await make_contact()
    async with browser_of(app, None) as browser, browser_of(app, None) as elsewhere:
        await log_in(browser)
        await log_in(elsewhere)
        empty = await post_form(browser, "/account", {"name": "", "locale": "en"})
        renamed = await post_form(browser, "/account", {"name": LONG_NAME, "locale": "zh_CN"})
        too_long = await post_form(browser, "/account", {"name": LONG_NAME + "长", "locale": "zh_CN"})
        given: dict[str, object] = {
            "old_password": PASSWORD,
            "password": "another good one",
            "password_again": "another good one",
        }
        wrong = await post_form(browser, "/account/password", {**given, "old_password": "x"}, page="/account")
        right = await post_form(browser, "/account/password", given, page="/account")
        here, there = await browser.get("/account"), await elsewhere.get("/account")

    assert [one.status_code for one in (empty, too_long, wrong)] == [422] * 3
    assert "最多60个字，现在是61个" in too_long.text
    assert "现在的密码不对" in wrong.text
    assert [one.headers["location"] for one in (renamed, right)] == ["/account"] * 2
    assert (here.status_code, there.status_code) == (200, 303)
    assert LONG_NAME in here.text


async def test_a_language_chosen_on_the_account_wins_over_the_browsers_earlier_choice(app: Litestar) -> None:
    person, _union = await make_contact()
    async with browser_of(app, None) as browser:
        await log_in(browser)
        browser.cookies.set("outreach_lang", "zh_CN", domain="testserver.local")
        await post_form(browser, "/account", {"name": "Chen", "locale": "en"})
        page = await browser.get("/account")

    assert '<html lang="en">' in page.text
    assert await db.value("SELECT locale FROM accounts_person WHERE id = $1", person.id) == "en"


async def test_browsers_are_listed_and_logged_out_one_by_one(app: Litestar) -> None:
    await make_contact()
    stranger = await make_actor(Role.CONTACT, await make_organisation())
    async with browser_of(app, None) as browser, browser_of(app, None) as phone, browser_of(app, stranger) as other:
        phone.headers["User-Agent"] = "Mozilla/5.0 (Linux; Android 14) Chrome/126.0 MicroMessenger/8.0"
        await log_in(browser)
        await log_in(phone)
        listed = (await browser.get("/account")).text
        ids = re.findall(r"/account/logins/([0-9a-f-]+)/revoke", listed)
        foreign = await post_form(other, f"/account/logins/{ids[0]}/revoke", {}, page="/account")
        still = await phone.get("/account")
        ended = await post_form(browser, f"/account/logins/{ids[0]}/revoke", {}, page="/account")
        after = await phone.get("/account")

    assert len(ids) == 1
    assert "微信，Android" in listed
    assert (foreign.status_code, still.status_code) == (404, 200)
    assert (ended.status_code, after.status_code) == (303, 303)


async def test_a_token_is_shown_once_to_staff_and_never_to_contacts(app: Litestar) -> None:
    actor, _here, union, _beside = await make_organiser()
    contact = await make_actor(Role.CONTACT, union)
    async with browser_of(app, actor) as browser:
        made = await post_form(browser, "/account/tokens", {"name": "考勤系统"}, page="/account")
        found = re.search(r'id="token"[^>]*>([\w-]{43})<', made.text)
        assert found is not None
        works = await browser.get(
            "/api/v1/me", headers={"Authorization": f"Bearer {found[1]}", "Accept": "application/json"}
        )
        listed = (await browser.get("/account")).text
        nameless = await post_form(browser, "/account/tokens", {"name": ""}, page="/account")
        token_id = re.findall(r"/account/tokens/([0-9a-f-]+)/revoke", listed)[0]
        revoked = await post_form(browser, f"/account/tokens/{token_id}/revoke", {}, page="/account")
        dead = await browser.get("/api/v1/me", headers={"Authorization": f"Bearer {found[1]}", "Accept": "*/*"})
    async with browser_of(app, contact) as browser:
        page = await browser.get("/account")
        refused = await post_form(browser, "/account/tokens", {"name": "x"}, page="/account")

    assert works.json()["person"]["name"] == "顾组织"
    assert "考勤系统" in listed
    assert found[1] not in listed
    assert nameless.status_code == 422
    assert (revoked.status_code, dead.status_code) == (303, 401)
    assert "接口令牌" not in page.text
    assert refused.status_code == 403


# --- the desk --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/desk/manage",
        "/desk/organisations",
        "/desk/organisations/new",
        "/desk/people",
        "/desk/people/new",
        "/desk/journal",
    ],
)
async def test_the_desk_is_for_staff(app: Litestar, path: str) -> None:
    actor, _here, union, _beside = await make_organiser()
    contact = await make_actor(Role.CONTACT, union)
    async with browser_of(app, actor) as staff, browser_of(app, contact) as other, browser_of(app, None) as stranger:
        answers = [await one.get(path) for one in (staff, other, stranger)]

    assert [one.status_code for one in answers] == [200, 403, 303]


async def test_an_organiser_sees_and_changes_its_part_of_the_tree_only(app: Litestar) -> None:
    actor, here, union, beside = await make_organiser()
    async with browser_of(app, actor) as browser:
        listed = (await browser.get("/desk/organisations")).text
        searched = (await browser.get("/desk/organisations", params={"q": "机床"})).text
        nothing = (await browser.get("/desk/organisations", params={"q": "纺织"})).text
        foreign = await browser.get(f"/desk/organisations/{beside.id}")
        form: dict[str, object] = {
            "name": LONG_NAME,
            "code": union.code,
            "kind": "grassroots_union",
            "parent_id": str(here.id),
            "member_count": "1200",
            "revision": "1",
        }
        path = f"/desk/organisations/{union.id}"
        stored = await post_form(browser, path, form)
        stale = await post_form(browser, path, {**form, "name": "我的改动"})
        bad = await post_form(browser, path, {**form, "name": "", "member_count": "-1", "revision": "2"})
        forced = await post_form(browser, f"/desk/organisations/{beside.id}", form, page=path)
        shown = (await browser.get(path)).text

    assert "机床厂工会" in listed
    assert "市总工会" in listed
    assert "纺织厂工会" not in listed
    assert "机床厂工会" in searched
    assert "甲区总工会</a>" not in searched
    assert "没有符合的组织" in nothing
    assert (foreign.status_code, forced.status_code) == (404, 404)
    assert (stored.status_code, stored.headers["location"]) == (303, path)
    assert stale.status_code == 409
    assert "刚被别人改过" in stale.text
    assert 'value="我的改动"' in stale.text
    assert bad.status_code == 422
    assert "名称：请填写。" in bad.text
    assert "会员数：不能小于0。" in bad.text
    assert LONG_NAME in shown


async def test_a_new_organisation_hangs_below_the_one_it_was_started_from(app: Litestar) -> None:
    actor, here, _union, beside = await make_organiser()
    async with browser_of(app, actor) as browser:
        started = (await browser.get("/desk/organisations/new", params={"parent": str(here.id)})).text
        foreign = (await browser.get("/desk/organisations/new", params={"parent": str(beside.id)})).text
        form: dict[str, object] = {
            "name": "新工会",
            "code": "NEW-1",
            "kind": "grassroots_union",
            "parent_id": str(here.id),
        }
        made = await post_form(browser, "/desk/organisations/new", form)
        twice = await post_form(browser, "/desk/organisations/new", form)
        elsewhere = await post_form(
            browser, "/desk/organisations/new", {**form, "code": "NEW-2", "parent_id": str(beside.id)}
        )
        shown = (await browser.get(made.headers["location"])).text

    assert f'<option value="{here.id}" selected>' in started
    assert "纺织厂" not in foreign
    assert made.status_code == 303
    assert "新工会" in shown
    assert (twice.status_code, elsewhere.status_code) == (422, 422)
    assert "这个编码已经用了" in twice.text


async def test_a_person_is_made_gets_a_slip_and_roles_that_end(app: Litestar) -> None:
    actor, _here, union, _beside = await make_organiser()
    async with browser_of(app, actor) as browser:
        form: dict[str, object] = {
            "name": LONG_NAME,
            "phone": "138 0000 0001",
            "role": "contact",
            "organisation_id": str(union.id),
        }
        bad = await post_form(browser, "/desk/people/new", {**form, "phone": "1380000000", "organisation_id": ""})
        made = await post_form(browser, "/desk/people/new", form)
        path = made.headers["location"]
        slip = await post_form(browser, f"{path}/entry-code", {}, page=path)
        granted = await post_form(
            browser,
            f"{path}/roles",
            {"role": "organiser", "organisation_id": str(union.id), "is_deputy": "on"},
            page=path,
        )
        again = await post_form(
            browser, f"{path}/roles", {"role": "organiser", "organisation_id": str(union.id)}, page=path
        )
        shown = (await browser.get(path)).text
        ends = re.findall(r"/desk/people/roles/([0-9a-f-]+)/end", shown)
        ended = await post_form(browser, f"/desk/people/roles/{ends[0]}/end", {}, page=path)
        listed = (await browser.get("/desk/people", params={"q": "机床厂", "role": "organiser"})).text
        journal = (await browser.get("/desk/journal", params={"object": path.rsplit("/", 1)[1]})).text
        raised = await post_form(browser, f"{path}/roles", {"role": "administrator"}, page=path)

    assert bad.status_code == 422
    assert "手机号要11位，现在是10位。" in bad.text
    assert slip.status_code == 200
    code = re.search(r"<dd>([A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4})</dd>", slip.text)
    assert code is not None
    assert f"http://testserver/entry/{code[1]}" in slip.text
    assert "<svg" in slip.text
    assert slip.headers["cache-control"] == "private, no-store"
    assert (granted.status_code, again.status_code, ended.status_code) == (303, 409, 303)
    assert "（代理）" in shown
    assert len(ends) == 2
    assert LONG_NAME in listed
    assert "发登录码" in journal
    assert "13800000001" not in journal
    assert raised.status_code == 403


async def test_people_of_others_are_not_known_and_the_more_powerful_not_touched(app: Litestar) -> None:
    actor, _here, union, beside = await make_organiser()
    stranger, both = (
        await make_person(name="外人", phone="13900000009"),
        await make_person(name="两边", login_name="both"),
    )
    await make_grant(stranger, Role.CONTACT, beside)
    await make_grant(both, Role.CONTACT, union)
    await make_grant(both, Role.CONTACT, beside)
    async with browser_of(app, actor) as browser:
        listed = (await browser.get("/desk/people")).text
        answers = [
            await browser.get(f"/desk/people/{stranger.id}"),
            await browser.get(f"/desk/people/{new_id()}"),
            await browser.get("/desk/people/not-an-id"),
            await post_form(browser, f"/desk/people/{stranger.id}", {"name": "x"}, page="/desk/people/new"),
            await post_form(browser, f"/desk/people/{stranger.id}/entry-code", {}, page="/desk/people/new"),
        ]
        shown = (await browser.get(f"/desk/people/{both.id}")).text
        code = await post_form(browser, f"/desk/people/{both.id}/entry-code", {}, page="/desk/people/new")
        changed = await post_form(browser, f"/desk/people/{both.id}", {"name": "x"}, page="/desk/people/new")

    assert "外人" not in listed
    assert "13900000009" not in listed
    assert [one.status_code for one in answers] == [404] * 5
    assert "纺织厂工会" not in shown
    assert "发登录码" not in shown
    assert (code.status_code, changed.status_code) == (403, 403)


async def test_the_last_administrator_is_told_to_find_another_first(app: Litestar) -> None:
    administrator = await make_actor(Role.ADMINISTRATOR, None, name="管理员甲")
    async with browser_of(app, administrator) as browser:
        path = f"/desk/people/{administrator.person_id}"
        answer = await post_form(
            browser, path, {"name": "管理员甲", "login_name": "a1", "disabled": "on", "revision": "1"}
        )
        shown = (await browser.get(path)).text
        grant = re.findall(r"/desk/people/roles/([0-9a-f-]+)/end", shown)[0]
        ended = await post_form(browser, f"/desk/people/roles/{grant}/end", {}, page=path)

    assert answer.status_code == 409
    assert "最后一位管理员" in answer.text
    assert 'value="a1"' in answer.text
    assert ended.status_code == 409


async def test_a_long_list_goes_on_to_the_next_page(app: Litestar) -> None:
    actor, here, _union, _beside = await make_organiser()
    for _number in range(55):
        await make_organisation(parent=here)
    async with browser_of(app, actor) as browser:
        first = (await browser.get("/desk/organisations")).text
        following = re.search(r'href="(/desk/organisations\?after=[^"]+)" rel="next"', first)
        assert following is not None
        second = (await browser.get(following[1])).text
        broken = await browser.get("/desk/organisations?after=xx")

    assert "共58条" in first
    assert second.count("/desk/organisations/0") == 8
    assert "回到第一页" in second
    assert broken.status_code == 422
