"""The first run by hand: from an empty home to a federation that knows its next step."""

import asyncio
import re
from datetime import datetime, timedelta
from uuid import UUID

import httpx
import pytest
from litestar import Litestar

from outreach.accounts import site
from outreach.accounts.commands import create_first_administrator
from outreach.accounts.domain.passwords import LEAST_LENGTH
from outreach.accounts.queries import administrators
from outreach.accounts.tables import Organisation
from outreach.guide.command_line import start_line
from outreach.guide.domain.start_code import start_code
from outreach.guide.domain.steps import Step
from outreach.settings import Settings, secret_of
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from outreach.shared.time import ZONE
from outreach.web.templates import Site
from tests.conftest import NOW
from tests.factories.accounts import browser_of, make_actor, make_grant, make_organisation, make_person
from tests.factories.events import make_event, make_provider, make_session, make_venue
from tests.factories.openings import make_opening
from tests.factories.programmes import make_programme, make_target, make_year
from tests.support.clock import FixedClock
from tests.support.pages import form_token, post_form

pytestmark = pytest.mark.usefixtures("database")

PASSWORD = "风正好扬帆 时平两岸"
BROWSER = {"Accept": "text/html"}


@pytest.fixture(autouse=True)
def _remembers_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a process of the server keeps of its installation is that of another test here."""
    monkeypatch.setattr(administrators._known, "has_one", False)
    monkeypatch.setattr(site._read, "at", float("-inf"))


@pytest.fixture
def code(settings: Settings) -> str:
    return start_code(secret_of(settings))


def typed(code: str, **given: str) -> dict[str, object]:
    return {
        "code": code,
        "name": "顾念慈",
        "login_name": "Gu",
        "password": PASSWORD,
        "password_again": PASSWORD,
        "organisation": "临江市总工会",
        "organisation_code": "LJ",
        "kind": "federation",
        "district": "",
        "year": "2015",
        "site_name": "临江职工服务",
        **given,
    }


async def test_from_an_empty_home_to_the_guide(client: httpx.AsyncClient, code: str) -> None:
    for path in ("/", "/login"):
        assert 'href="/start"' in (await client.get(path, headers=BROWSER)).text
    opened = await client.get(f"/start?code={code}")
    assert f'value="{code}"' in opened.text
    answer = await post_form(client, "/start", typed(code.lower().replace("-", " ")))

    assert (answer.status_code, answer.headers["location"]) == (303, "/desk/guide")
    guide = await client.get("/desk/guide")
    assert guide.status_code == 200
    assert "临江职工服务" in guide.text
    assert "单位是临江市总工会，页头写“临江职工服务”。" in guide.text
    assert "还差9步，先做“同事”" in guide.text
    assert "开始使用的步骤没做" in (await client.get("/desk")).text
    assert "第一次用时一步一步来" in (await client.get("/desk/manage")).text
    row = await db.row(
        """SELECT p.name, p.login_name, o.name AS organisation, o.code, y.year, y.title
             FROM accounts_person p, accounts_organisation o JOIN programmes_year y ON y.organisation = o.id"""
    )
    assert row is not None
    assert dict(row) == {
        "name": "顾念慈",
        "login_name": "gu",
        "organisation": "临江市总工会",
        "code": "LJ",
        "year": 2015,
        "title": "2015年临江市总工会实事项目",
    }
    years = await db.rows('SELECT DISTINCT extract(year FROM "on")::int AS year FROM programmes_holiday ORDER BY 1')
    assert [one["year"] for one in years] == [2015, 2016]


async def test_who_made_it_can_log_in_again(client: httpx.AsyncClient, code: str) -> None:
    await post_form(client, "/start", typed(code))
    client.cookies.clear()
    assert 'href="/start"' not in (await client.get("/login")).text
    answer = await post_form(client, "/login", {"name": "gu", "password": PASSWORD})

    assert answer.headers["location"] == "/desk"


async def test_the_code_is_good_once(app: Litestar, client: httpx.AsyncClient, code: str) -> None:
    page = await client.get("/start")
    token = form_token(page.text)
    cookies = dict(client.cookies)
    await post_form(client, "/start", typed(code))
    assert (await client.get("/start")).headers["location"] == "/desk/guide"
    async with browser_of(app, None) as stranger:
        assert (await stranger.get(f"/start?code={code}")).headers["location"] == "/login"
        stranger.cookies.update(cookies)
        late = await stranger.post("/start", data={**typed(code, login_name="b"), "_csrf_token": token})

    assert late.status_code == 409
    assert "刚填的没有存" in late.text
    assert await db.value("SELECT count(*) FROM accounts_person") == 1


async def test_two_at_once_make_one_administrator(app: Litestar, code: str) -> None:
    async with browser_of(app, None) as one, browser_of(app, None) as other:
        answers = await asyncio.gather(
            post_form(one, "/start", typed(code, login_name="one", organisation_code="A")),
            post_form(other, "/start", typed(code, login_name="other", organisation_code="B")),
        )

    assert sorted(answer.status_code for answer in answers) == [303, 409]
    assert "去登录" in next(answer.text for answer in answers if answer.status_code == 409)
    assert await db.value("SELECT count(*) FROM accounts_organisation") == 1


async def test_what_is_wrong_is_named_and_what_was_typed_stays(client: httpx.AsyncClient, code: str) -> None:
    wrong = typed(
        "ABCD-ABCD-ABCD", password="short", password_again="other", login_name="13800000000", year="2031", name="李某"
    )
    answer = await post_form(client, "/start", wrong)

    assert answer.status_code == 422
    assert "还没提交，有5处要改" in answer.text
    assert f"密码至少{LEAST_LENGTH}位" in answer.text
    assert "李某" in answer.text
    assert 'value="short"' not in answer.text
    assert await db.value("SELECT count(*) FROM accounts_person") == 0
    missing = await post_form(client, "/start", {"code": code})
    assert missing.status_code == 422
    kind = await post_form(client, "/start", typed(code, kind="guest"))
    assert kind.status_code == 422
    assert await db.value("SELECT count(*) FROM accounts_person") == 0


async def test_wrong_codes_are_limited(client: httpx.AsyncClient, code: str, clock: FixedClock) -> None:
    page = await client.get("/start")
    wrong = {**typed("AAAA-AAAA-AAAA"), "_csrf_token": form_token(page.text)}
    refused = [(await client.post("/start", data=wrong)).status_code for _ in range(10)]
    right = await client.post("/start", data={**wrong, "code": code})

    assert refused == [422] * 10
    assert right.status_code == 429
    assert "请过15分钟再试" in right.text
    clock.moment = NOW + timedelta(minutes=16)
    assert (await client.post("/start", data={**wrong, "code": code})).status_code == 303


async def test_a_root_that_was_loaded_at_the_console_is_taken(client: httpx.AsyncClient, code: str) -> None:
    root = await make_organisation(name="临江市总工会", code="ROOT-001")
    await make_organisation(name="别的总工会", code="X")
    taken = await post_form(client, "/start", typed(code, organisation="又一个总工会", organisation_code="X"))
    assert taken.status_code == 422
    assert "这个编码已经用了" in taken.text
    answer = await post_form(client, "/start", typed(code))

    assert answer.status_code == 303
    assert await db.value("SELECT count(*) FROM accounts_organisation") == 2
    assert await db.value("SELECT organisation FROM programmes_year") == root.id


async def test_a_code_that_another_organisation_has_is_named_as_the_form_calls_it(
    client: httpx.AsyncClient, code: str
) -> None:
    await make_organisation(name="别的工会", code="LJ")
    answer = await post_form(client, "/start", typed(code))

    assert answer.status_code == 422
    assert 'href="#organisation-code"' in answer.text
    assert await db.value("SELECT count(*) FROM accounts_role_grant") == 0


@pytest.mark.parametrize(("month", "years"), [(9, ["2015"]), (10, ["2015", "2016"])])
async def test_next_year_is_offered_from_october(
    client: httpx.AsyncClient, clock: FixedClock, month: int, years: list[str]
) -> None:
    clock.moment = datetime(2015, month, 1, 9, tzinfo=ZONE)
    page = await client.get("/start")

    assert [year for year in ("2014", "2015", "2016", "2017") if f'<option value="{year}"' in page.text] == years


async def test_the_name_over_every_page_changes_at_once_for_who_changed_it(app: Litestar) -> None:
    administrator = await make_actor(Role.ADMINISTRATOR, None)
    organiser = await make_actor(Role.ORGANISER, await make_organisation())
    async with browser_of(app, organiser) as browser:
        assert (await browser.get("/desk/site")).status_code == 403
    async with browser_of(app, administrator) as browser:
        bad = await post_form(browser, "/desk/site", {"name": "", "phone": "打电话"})
        assert bad.status_code == 422
        for name in ("临江职工服务", "临江工会服务"):
            said: dict[str, object] = {
                "name": name,
                "tagline": "小字",
                "host_line": "主办：临江市总工会",
                "phone": "0500-12351",
            }
            answer = await post_form(browser, "/desk/site", said)
            assert answer.status_code == 303
            text = (await browser.get("/desk/site")).text
            assert all(words in text for words in (f"{name}<small>小字", "主办：临江市总工会", "0500-12351"))
        # A process that has not heard of it yet: what it keeps is old, and it asks for who may change it.
        app.state.site = Site(name="旧名字")
        assert "旧名字" not in (await browser.get("/desk/site")).text
    async with browser_of(app, None) as stranger:
        assert "临江工会服务" in (await stranger.get("/")).text
    assert await db.value("SELECT count(*) FROM accounts_journal WHERE action = 'site.changed'") == 2


async def guided() -> tuple[Organisation, Actor]:
    root = await make_organisation(name="临江市总工会", code="LJ")
    await make_year(root)
    return root, await make_actor(Role.ORGANISER, root)


async def test_a_step_can_be_skipped_and_picked_up(app: Litestar) -> None:
    _root, organiser = await guided()
    async with browser_of(app, organiser) as browser:
        assert "先做“单位和名称”" in (await browser.get("/desk/guide")).text
        answer = await post_form(browser, "/desk/guide/steps/organisation/skip", {}, page="/desk/guide")
        assert answer.headers["location"] == "/desk/guide"
        page = await browser.get("/desk/guide")
        assert "先做“同事”" in page.text
        assert "已跳过" in page.text
        await post_form(browser, "/desk/guide/steps/organisation/skip", {}, page="/desk/guide")
        await post_form(browser, "/desk/guide/steps/organisation/resume", {"year": "2015"}, page="/desk/guide")
        assert "先做“单位和名称”" in (await browser.get("/desk/guide")).text
        for step in ("nothing", "guide"):
            unknown = await post_form(browser, f"/desk/guide/steps/{step}/skip", {}, page="/desk/guide")
            assert unknown.status_code == 404

    said = await db.rows("SELECT action FROM accounts_journal WHERE action LIKE 'guide.%' ORDER BY id")
    assert [row["action"] for row in said] == ["guide.skipped", "guide.resumed"]


async def test_put_away_it_leaves_the_desk_and_comes_back(app: Litestar) -> None:
    _root, organiser = await guided()
    async with browser_of(app, organiser) as browser:
        assert "开始使用的步骤没做" in (await browser.get("/desk")).text
        answer = await post_form(browser, "/desk/guide/put-away", {}, page="/desk/guide")
        assert answer.headers["location"] == "/desk"
        assert "开始使用的步骤没做" not in (await browser.get("/desk")).text
        page = await browser.get("/desk/guide")
        assert "工作台上不再提醒。" in page.text
        await post_form(browser, "/desk/guide/take-out", {}, page="/desk/guide")
        assert "开始使用的步骤没做" in (await browser.get("/desk")).text


async def test_the_guide_is_for_who_sets_the_whole_up(app: Litestar) -> None:
    root, organiser = await guided()
    part = await make_organisation(parent=root, kind="federation")
    other = await make_organisation(name="外地总工会")
    skip = "/desk/guide/steps/people/skip"
    for actor, expected in (
        (await make_actor(Role.ORGANISER, part), 403),
        (await make_actor(Role.CONTACT, root), 403),
        (None, 303),
        (organiser, 200),
        (await make_actor(Role.ADMINISTRATOR, None), 200),
    ):
        async with browser_of(app, actor) as browser:
            answer = await browser.get("/desk/guide", follow_redirects=False)
            assert answer.status_code == expected
            assert (await browser.get("/desk/guide/examples")).status_code == expected
            if actor is not None and actor.is_staff:
                assert ("/desk/guide" in (await browser.get("/desk/manage")).text) == (expected == 200)
            if expected == 403 and actor is not None and actor.is_staff:
                assert (await post_form(browser, skip, {}, page="/desk/people")).status_code == 403
    stranger = await make_actor(Role.ORGANISER, other)
    async with browser_of(app, stranger) as browser:
        assert "临江" not in (await browser.get("/desk/guide")).text
        assert (await browser.get(f"/desk/guide?organisation={root.id}")).status_code == 404
        foreign: dict[str, object] = {"organisation_id": str(root.id)}
        assert (await post_form(browser, skip, foreign, page="/desk/guide")).status_code == 404
        copying = {**foreign, "example": "suzhou-2015", "programme": "culture", "year": "2015"}
        answer = await post_form(browser, "/desk/guide/examples", copying)
        assert answer.status_code == 404
    assert await db.value("SELECT count(*) FROM guide_step") == 0
    assert await db.value("SELECT count(*) FROM programmes_programme") == 0


async def test_an_administrator_without_anything_is_led_to_the_organisation(app: Litestar) -> None:
    """Made at the console (``outreach init``): there is nothing to hang a step on yet."""
    async with browser_of(app, await make_actor(Role.ADMINISTRATOR, None)) as browser:
        page = await browser.get("/desk/guide")
        assert page.status_code == 200
        assert "/desk/organisations/new" in page.text
        assert "/skip" not in page.text
        assert (await browser.get("/desk/guide/examples")).headers["location"] == "/desk/organisations/new"
        assert "开始使用的步骤没做" in (await browser.get("/desk")).text


async def test_every_step_is_done_by_real_data(app: Litestar, client: httpx.AsyncClient, code: str) -> None:
    await post_form(client, "/start", typed(code))
    root = await Organisation.objects().get(Organisation.code == "LJ")
    assert root is not None

    async def says(*words: str, left: int) -> None:
        text = (await client.get("/desk/guide")).text
        assert all(one in text for one in words), words
        assert (f"还差{left}步" if left else "要做的都做好了") in text

    await says(left=9)
    await make_grant(await make_person(), Role.ORGANISER, root)
    await says("另有1位同事能进工作台。", left=8)
    programme = await make_programme(root)
    await says("2015年已有1个项目，还没有指标。", left=8)
    await make_target(programme)
    await says("2015年已有1个项目、1项指标。", left=7)
    unit = await make_organisation(parent=root)
    await says("已有1个单位。", left=6)
    await make_grant(await make_person(), Role.CONTACT, unit)
    await says("已有1位联系人，管1个单位。", "/desk/people/entry-codes?role=contact", left=5)
    event = await make_event(programme)
    await says("菜单里已有1项。", left=4)
    await make_provider(root)
    await says("已有1位讲师、团队。", left=3)
    await make_venue(root)
    await says("已有1处场地。", left=2)
    draft = await make_session(event, state="draft", published_at=None)
    await says("已有1场草稿，还没有发布。", "发布草稿", left=2)
    await db.execute("UPDATE events_session SET state = 'published' WHERE id = $1", draft.id)
    await says("已发布1场。", left=1)
    assert "接下来：开放预约" in (await client.get("/desk")).text
    await make_opening(programme)
    await says("已设1批。", left=0)
    assert "开始使用的步骤没做" not in (await client.get("/desk")).text
    await make_session(event, state="held")
    await says("已办1场。", left=0)


async def test_a_later_year_is_no_first_run(app: Litestar, clock: FixedClock) -> None:
    root, organiser = await guided()
    await make_session(await make_event(await make_programme(root)))
    await make_year(root, year=2016)
    clock.moment = datetime(2016, 1, 8, 9, tzinfo=ZONE)
    async with browser_of(app, organiser) as browser:
        guide = await browser.get("/desk/guide")
        assert "2016年" in guide.text
        assert "/desk/guide?year=2015" in guide.text
        assert "开始使用的步骤没做" not in (await browser.get("/desk")).text
        assert "已发布1场。" in (await browser.get("/desk/guide?year=2015")).text


async def test_the_guide_stays_with_a_year_that_has_programmes(app: Litestar, clock: FixedClock) -> None:
    """The next year's programmes are entered in autumn; what is left of this one is not forgotten for them."""
    root, organiser = await guided()
    async with browser_of(app, organiser) as browser:

        async def asked(path: str = "/desk/guide") -> tuple[str, list[str]]:
            text = (await browser.get(path)).text
            shown = re.findall(r"市总工会，([0-9]{4})年。", text)
            return shown[0], re.findall(r'href="/desk/guide\?year=([0-9]{4})', text)

        assert await asked() == ("2015", [])
        clock.moment = datetime(2015, 10, 1, 9, tzinfo=ZONE)
        assert await asked() == ("2015", ["2016", "2015"])
        await make_target(await make_programme(root, year=2016))
        await make_year(root, year=2016)
        assert await asked() == ("2016", ["2016", "2015"])
        programme = await make_programme(await make_organisation(parent=root))
        assert await asked() == ("2015", ["2016", "2015"])
        assert await asked("/desk/guide?year=2016") == ("2016", ["2016", "2015"])
        assert "2015年已有1个项目，还没有指标。" in (await browser.get("/desk/guide")).text
        assert "2016年已有1个项目、1项指标。" in (await browser.get("/desk/guide?year=2016")).text
        await db.execute("DELETE FROM programmes_programme WHERE id = $1", programme.id)
        assert (await asked())[0] == "2016"


async def test_lecturers_come_before_the_menu_that_ticks_them(app: Litestar) -> None:
    _root, organiser = await guided()
    async with browser_of(app, organiser) as browser:
        text = (await browser.get("/desk/guide")).text
    steps = re.findall(r'<li id="([a-z]+)"', text)

    assert steps == [step.value for step in Step]
    assert steps.index("providers") + 1 == steps.index("menu")


@pytest.mark.parametrize("gone", ["expired", "disabled"])
async def test_where_there_once_was_an_administrator_the_code_opens_nothing(
    app: Litestar, client: httpx.AsyncClient, code: str, settings: Settings, gone: str
) -> None:
    """The code is the same for ever and may lie on a printout: only the machine's keeper makes another one."""
    page = await client.get("/start")
    token = form_token(page.text)
    chief = await make_person(disabled_at=NOW if gone == "disabled" else None)
    until = {"until_on": NOW.date() - timedelta(days=30)} if gone == "expired" else {}
    await make_grant(chief, Role.ADMINISTRATOR, None, **until)

    assert (await client.get(f"/start?code={code}")).headers["location"] == "/login"
    late = await client.post("/start", data={**typed(code), "_csrf_token": token})
    assert late.status_code == 409
    assert 'href="/start"' not in (await client.get("/login", headers=BROWSER)).text
    assert await start_line(settings, "http://127.0.0.1:8000") == ""
    assert await db.value("SELECT count(*) FROM accounts_organisation") == 0
    again = await create_first_administrator("second", PASSWORD, NOW)
    assert await db.value("SELECT count(*) FROM accounts_role_grant WHERE person = $1", again) == 1


async def test_every_link_of_the_guide_opens(app: Litestar) -> None:
    root, organiser = await guided()
    programme = await make_programme(root)
    await make_session(await make_event(programme), state="draft", published_at=None)
    await make_grant(await make_person(), Role.CONTACT, root)
    for actor in (organiser, await make_actor(Role.ADMINISTRATOR, None)):
        async with browser_of(app, actor) as browser:
            text = (await browser.get("/desk/guide")).text
            part = text[text.index("first-steps") : text.index("</ol>", text.index("first-steps"))]
            links = {one.split('"')[0].replace("&amp;", "&") for one in part.split('href="')[1:]}
            answers = {link: (await browser.get(link)).status_code for link in sorted(links)}
        assert len(answers) > 15
        assert {link: status for link, status in answers.items() if status != 200} == {}


async def test_programmes_are_copied_from_an_example_once(app: Litestar) -> None:
    root, organiser = await guided()
    async with browser_of(app, organiser) as browser:
        page = await browser.get("/desk/guide/examples?year=2015")
        assert "超过150场次" in page.text
        assert " checked" not in page.text
        ticked = await browser.get("/desk/guide/examples?year=2015&all=suzhou-2015")
        assert ticked.text.count(" checked") == 8
        none: dict[str, object] = {"example": "suzhou-2015", "year": "2015", "organisation_id": str(root.id)}
        refused = await post_form(browser, "/desk/guide/examples", none)
        assert refused.status_code == 422
        assert "请至少勾一个项目。" in refused.text
        chosen = {**none, "programme": ["culture", "psychology", "women"]}
        answer = await post_form(browser, "/desk/guide/examples", chosen)
        assert answer.headers["location"] == "/desk/programmes?year=2015"
        listed = await browser.get("/desk/programmes?year=2015")
        assert "已复制3个项目、7个指标，接着改数字。" in listed.text
        again = await post_form(browser, "/desk/guide/examples", {**none, "programme": ["culture", "legal-aid"]})
        assert again.status_code == 303
        said = (await browser.get("/desk/programmes?year=2015")).text
        assert "已复制1个项目、1个指标" in said
        assert "送文化进基层（culture）" in said
        assert "已经有了" in (await browser.get("/desk/guide/examples?year=2015")).text
        wrong = await post_form(browser, "/desk/guide/examples", {**none, "programme": ["craftsmen"]})
        assert wrong.status_code == 422
        assert "这份示例里没有：craftsmen" in wrong.text
        unknown = await post_form(browser, "/desk/guide/examples", {**chosen, "example": "nowhere"})
        assert unknown.status_code == 422
        bad = await post_form(browser, "/desk/guide/examples", {**chosen, "organisation_id": "x"})
        assert bad.status_code == 404

    rows = await db.rows("SELECT organisation, code, department FROM programmes_programme ORDER BY position")
    assert [(row["code"], row["department"]) for row in rows] == [
        ("culture", ""),
        ("psychology", ""),
        ("women", ""),
        ("legal-aid", ""),
    ]
    assert {UUID(str(row["organisation"])) for row in rows} == {root.id}
    texts = await db.rows("SELECT label || wording AS said FROM programmes_target")
    assert [row["said"] for row in texts if "苏州" in row["said"]] == []


async def test_a_closed_year_takes_no_copies(app: Litestar) -> None:
    root, organiser = await guided()
    await db.execute("UPDATE programmes_year SET state = 'closed'")
    given: dict[str, object] = {
        "example": "suzhou-2015", "year": "2015", "organisation_id": str(root.id), "programme": "culture",
    }  # fmt: skip
    async with browser_of(app, organiser) as browser:
        answer = await post_form(browser, "/desk/guide/examples", given)

    assert answer.status_code == 409
    assert await db.value("SELECT count(*) FROM programmes_programme") == 0
