"""Where a stored file leads on: to what was stored, to the next kind, to the codes, to the first run's next step."""

import html
import re

import httpx
import pytest
from litestar import Litestar

from outreach.imports.domain.kinds import KINDS
from outreach.shared.actors import Role
from tests.factories.accounts import browser_of, make_actor
from tests.support.importing import Federation, sheet_of
from tests.support.pages import form_token, post_form

pytestmark = pytest.mark.usefixtures("database")

CODES = "/desk/people/entry-codes"


@pytest.fixture
async def city(database: None) -> Federation:
    return await Federation().build()


async def stored(browser: httpx.AsyncClient, kind: str) -> str:
    """The page of a file of this kind once it was stored."""
    data = {"_csrf_token": form_token((await browser.get(f"/desk/imports/{kind}")).text)}
    sent = await browser.post(f"/desk/imports/{kind}", data=data, files={"file": ("a.xlsx", sheet_of(kind, [{}]))})
    path = sent.headers["location"]
    before = (await browser.get(path)).text
    assert CODES not in before
    assert (await browser.post(f"{path}/confirm", data={"_csrf_token": form_token(before)})).status_code == 303
    return (await browser.get(path)).text


def onward(text: str) -> list[str]:
    """The addresses below the figures of what was stored."""
    acts = text[text.index('<p class="acts">', text.index('class="figs"')) :].partition("</p>")[0]
    return [html.unescape(href) for href in re.findall(r'href="([^"]+)"', acts)]


@pytest.mark.parametrize("kind", KINDS)
async def test_a_stored_file_leads_to_its_list_and_to_the_next_kind(app: Litestar, city: Federation, kind: str) -> None:
    order = [*KINDS, None]
    following = order[order.index(kind) + 1]
    async with browser_of(app, city.organiser) as browser:
        links = onward(await stored(browser, kind))
        answers = {link: (await browser.get(link)).status_code for link in links}

    assert set(answers.values()) == {200}
    assert not any(link.startswith(("/desk/imports", CODES)) for link in links[:1])
    assert [link for link in links if link.startswith("/desk/imports/")] == [
        *([f"/desk/imports/{following}"] if following else []),
        f"/desk/imports/{kind}",
    ]
    assert (CODES in links) is (kind == "persons")


async def test_the_next_step_stands_there_while_there_is_one(app: Litestar, city: Federation) -> None:
    async with browser_of(app, await make_actor(Role.ADMINISTRATOR, None)) as browser:
        text = await stored(browser, "units")
        await post_form(browser, "/desk/guide/put-away", {}, page="/desk/guide")
        afterwards = await stored(browser, "venues")

    assert onward(text)[0] == "/desk/guide"
    assert "下一步：" in text
    assert onward(afterwards)[0] == "/desk/venues"
    assert "下一步：" not in afterwards
