"""Codes for many who never logged in: whom they are for, the sheets, and what is said of an address of this machine."""

import asyncio
import html
import re
from datetime import timedelta
from typing import Any

import httpx
import msgspec
import pytest
from litestar import Litestar

from outreach.accounts.commands import enter_by_code, entry_codes, issue_entry_code
from outreach.accounts.domain.errors import EntryCodeSpentError
from outreach.accounts.queries import never_entered as asking
from outreach.accounts.queries.never_entered import Wanted, never_entered
from outreach.accounts.tables import Organisation
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from outreach.shared.errors import ForbiddenError
from tests.conftest import NOW
from tests.factories.accounts import browser_of, make_actor, make_grant, make_organisation, make_person
from tests.support.clock import FixedClock
from tests.support.pages import post_form
from tests.support.queries import counted

pytestmark = pytest.mark.usefixtures("database")

BASE = "/desk/people/entry-codes"
CODE = re.compile(r'<dd class="code">([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})</dd>')


async def city() -> tuple[Organisation, Organisation, Actor]:
    """A federation, one union below it, and its organiser, who has a password."""
    root = await make_organisation(name="市总工会")
    union = await make_organisation(parent=root, name="机床厂工会")
    return root, union, await make_actor(Role.ORGANISER, root, password_hash="x")


async def contact_of(union: Organisation, name: str, **given: Any) -> Any:
    person = await make_person(name=name, **given)
    await make_grant(person, Role.CONTACT, union)
    return person


async def names_of(actor: Actor, **given: Any) -> list[str]:
    return sorted(one.name for one in (await never_entered(actor, NOW, Wanted(**given))).rows)


async def issue(browser: httpx.AsyncClient, **given: str) -> httpx.Response:
    return await post_form(browser, BASE, dict(given), page=BASE)


async def test_they_are_for_contacts_and_staff_who_never_logged_in(app: Litestar) -> None:
    root, union, organiser = await city()
    elsewhere = await make_organisation(name="外地总工会")
    await contact_of(union, "没来过", phone="13900000001")
    await contact_of(union, "来过", password_hash="x")
    await contact_of(union, "停用的", disabled_at=NOW)
    await contact_of(union, "无名的", login_name=None)
    await contact_of(elsewhere, "外地的")
    both = await contact_of(union, "两边的")
    await make_grant(both, Role.CONTACT, elsewhere)
    await make_grant(await make_person(name="卸任的"), Role.CONTACT, union, until_on=NOW.date())
    await make_grant(await make_person(name="同事"), Role.ORGANISER, root)
    await make_grant(await make_person(name="讲师"), Role.PROVIDER, root)
    await make_grant(await make_person(name="管理员乙"), Role.ADMINISTRATOR, None)

    assert await names_of(organiser) == ["同事", "没来过"]
    assert await names_of(organiser, role=Role.PROVIDER) == ["讲师"]
    assert await names_of(organiser, role=Role.CONTACT) == ["没来过"]
    assert await names_of(organiser, organisation_id=root.id) == ["同事"]
    assert await names_of(organiser, text="机床") == await names_of(organiser, text="139000") == ["没来过"]
    chief = await make_actor(Role.ADMINISTRATOR, None, password_hash="x")
    assert await names_of(chief) == sorted(["两边的", "同事", "外地的", "没来过", "管理员乙"])
    async with browser_of(app, organiser) as browser:
        shown = (await browser.get(BASE)).text
        assert "有2人还没有登录过" in shown
        assert "还有1人没有手机号和登录名" in shown
        assert "外地的" not in shown
        listed = (await browser.get("/desk/people?role=contact&q=机床")).text
        onward = html.unescape(re.findall(r'href="(/desk/people/entry-codes[^"]*)"', listed)[0])
        assert "有1人还没有登录过" in (await browser.get(onward)).text
        assert (await browser.get(f"{BASE}?organisation=x")).status_code == 404
        assert (await issue(browser, role="guest")).status_code == 422
    async with browser_of(app, await make_actor(Role.CONTACT, union)) as browser:
        assert (await browser.get(BASE)).status_code == 403
    with pytest.raises(ForbiddenError):
        await entry_codes.issue_entry_codes(await make_actor(Role.CONTACT, union), NOW, wanted=Wanted())


async def test_the_sheets_let_in_and_every_code_is_noted(app: Litestar) -> None:
    _root, union, organiser = await city()
    people = [await contact_of(union, f"联系人{number:02}", phone=f"139000000{number:02}") for number in range(10)]
    async with browser_of(app, organiser) as browser:
        sheets = await issue(browser)
        again = await issue(browser)
        codes = CODE.findall(sheets.text)
        journal = (await browser.get("/desk/journal")).text

    assert (sheets.status_code, sheets.headers["cache-control"]) == (200, "private, no-store")
    assert len(set(codes)) == 10
    assert sheets.text.count('<section class="slips"') == 2
    assert sheets.text.count("<svg") == 10
    for code, person in zip(codes, people, strict=True):
        slip = re.sub("<[^>]*>", "", next(one for one in sheets.text.split("<article>") if code in one))
        assert all(words in slip for words in (person.name, person.phone, "机床厂工会", "9月29日"))
        assert f"http://testserver/entry/{code}" in slip
    assert "没有要发的人" in again.text
    assert journal.count("发登录码") >= 10
    noted = await db.rows("SELECT object_id, organisation_id FROM accounts_journal WHERE action = 'entry_code.issued'")
    assert {row["object_id"] for row in noted} == {one.id for one in people}
    assert {row["organisation_id"] for row in noted} == {union.id}
    entered = await enter_by_code(NOW, code=codes[3], password="three words apart", address="x")
    assert entered.person_id == people[3].id


async def test_codes_that_are_good_are_ended_only_when_somebody_says_so(app: Litestar, clock: FixedClock) -> None:
    _root, union, organiser = await city()
    held, fresh = await contact_of(union, "有码的"), await contact_of(union, "没码的")
    old = await issue_entry_code(organiser, NOW, person_id=held.id)
    clock.moment = NOW + timedelta(minutes=5)
    async with browser_of(app, organiser) as browser:
        before = await browser.get(BASE)
        assert "另有1人手里的登录码还没用" in before.text
        assert 'data-confirm="renew"' not in before.text
        assert CODE.findall((await issue(browser)).text)
        clock.moment += timedelta(minutes=5)
        link = html.unescape(re.findall(r'href="([^"]*renew=[^"]*)"', (await browser.get(BASE)).text)[0])
        asked = await browser.get(link)
        assert "其中2人手里有还没用的登录码" in asked.text
        moment = re.findall(r'name="renew" value="([^"]+)"', asked.text)[0]
        clock.moment += timedelta(minutes=5)
        renewed = CODE.findall((await issue(browser, renew=moment)).text)
        # Sent once more (the page is loaded anew): what was printed stays good.
        again = await issue(browser, renew=moment)
        wrong = await issue(browser, renew="yesterday")

    assert len(renewed) == 2
    assert CODE.findall(again.text) == CODE.findall(wrong.text) == []
    good = await db.rows("SELECT person FROM accounts_entry_code WHERE expires_at > $1", clock.moment)
    assert sorted(row["person"] for row in good) == sorted([held.id, fresh.id])
    with pytest.raises(EntryCodeSpentError):
        await enter_by_code(clock.moment, code=old.code, password="three words apart", address="x")


async def test_so_many_at_once_and_it_says_who_is_left(app: Litestar, monkeypatch: pytest.MonkeyPatch) -> None:
    _root, union, organiser = await city()
    for number in range(5):
        await contact_of(union, f"联系人{number}")
    monkeypatch.setattr(asking, "MOST_CODES", 3)
    async with browser_of(app, organiser) as browser:
        asked = (await browser.get(BASE)).text
        first = await issue(browser)
        second = await issue(browser)

    assert "还有5人要发" in asked
    assert "其余2人下一次再发" in asked
    assert (len(CODE.findall(first.text)), len(CODE.findall(second.text))) == (3, 2)
    assert "还有2人没有发。" in first.text
    assert "接着发下一批" in first.text
    assert "没有发。" not in second.text


async def test_two_who_print_at_once_make_one_code_each(app: Litestar) -> None:
    _root, union, organiser = await city()
    for number in range(6):
        await contact_of(union, f"联系人{number}")
    made = await asyncio.gather(
        *(entry_codes.issue_entry_codes(organiser, NOW, wanted=Wanted()) for _number in range(3))
    )

    assert sorted(len(one.codes) for one in made) == [0, 0, 6]
    assert await db.value("SELECT count(*) FROM accounts_entry_code WHERE expires_at > $1", NOW) == 6


async def test_two_hundred_cost_as_many_statements_as_one(app: Litestar) -> None:
    _root, union, organiser = await city()
    await contact_of(union, "一个")
    with counted() as few:
        await entry_codes.issue_entry_codes(organiser, NOW, wanted=Wanted())
    for number in range(201):
        await contact_of(union, f"联系人{number}")
    with counted() as many:
        made = await entry_codes.issue_entry_codes(organiser, NOW, wanted=Wanted())

    assert (len(made.codes), made.left) == (200, 1)
    assert len(few) == len(many)


@pytest.mark.parametrize(
    ("base_url", "is_said"),
    [
        ("http://127.0.0.1:8123", True),
        ("http://localhost:8000", True),
        ("http://[::1]:8000", True),
        ("http://192.168.1.20:8000", False),
        ("http://outreach.example", False),
    ],
)
async def test_an_address_that_only_this_machine_opens_is_said(
    app: Litestar, monkeypatch: pytest.MonkeyPatch, base_url: str, is_said: bool
) -> None:
    _root, union, organiser = await city()
    person = await contact_of(union, "陈巧云")
    settings = msgspec.structs.replace(app.state.settings, base_url=base_url)
    monkeypatch.setitem(app.state._state, "settings", settings)
    async with browser_of(app, organiser) as browser:
        many = await issue(browser)
        one = await post_form(browser, f"/desk/people/{person.id}/entry-code", {}, page=f"/desk/people/{person.id}")
    async with browser_of(app, await make_actor(Role.ADMINISTRATOR, None)) as browser:
        site = await browser.get("/desk/site")

    for answer in (many, one, site):
        assert answer.status_code == 200
        assert ("OUTREACH_BASE_URL" in answer.text) is is_said
    for paper in (many, one):
        assert f"{base_url}/entry/" in paper.text
        # Told on the screen alone.
        assert ('class="note warn on-screen"' in paper.text) is is_said
