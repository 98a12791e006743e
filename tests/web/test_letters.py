"""Pages of letters: written on the page, as Word and PDF; templates tried, put in and taken back; nobody else."""

import io
from urllib.parse import unquote

import httpx
import pytest
from docx import Document
from litestar import Litestar

from outreach.accounts.tables import Organisation
from outreach.events.tables import Opening, Session
from outreach.letters.domain.kinds import KINDS
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from tests.factories.accounts import browser_of, make_actor, make_organisation
from tests.factories.bookings import make_booking
from tests.factories.events import make_event, make_session
from tests.factories.openings import make_opening
from tests.factories.programmes import make_programme
from tests.support.pages import form_token, post_form
from tests.support.papers_read import ReadPdf, docx_text, squeezed
from tests.support.word_templates import repacked, word

pytestmark = pytest.mark.usefixtures("database")

CONTACT = {"contact_name": "周晓燕", "contact_phone": "0512-65220000"}


class World:
    """A city with an item on its menu, an opening, and a session at a unit's site."""

    city: Organisation
    union: Organisation
    organiser: Actor
    opening: Opening
    session: Session

    async def build(self) -> "World":
        self.city = await make_organisation(name="市总工会")
        self.union = await make_organisation(parent=self.city, name="阳山精工工会")
        self.organiser = await make_actor(Role.ORGANISER, self.city, name="顾秀文", phone="13700000009")
        programme = await make_programme(self.city, name="职工心理健康", short_name="心理健康")
        event = await make_event(programme, title="睡眠<&>", site_needs="投影", min_audience=30)
        self.session = await make_session(event, host=self.union.id, title="睡眠<&>")
        self.opening = await make_opening(programme, name="秋季第一批", sessions=(self.session,), events=(event,))
        await make_booking(
            self.session, self.union, is_host=True, contact_name="梁佩文", contact_phone="13700000001", seats=60
        )
        return self

    @property
    def letters(self) -> dict[str, str]:
        return {
            "menu": "/desk/letters/menu",
            "opening": f"/desk/letters/openings/{self.opening.id}",
            "confirmation": f"/desk/letters/sessions/{self.session.id}",
        }


@pytest.fixture
async def world(database: None) -> World:
    return await World().build()


async def test_the_first_page_offers_what_can_be_written(app: Litestar, world: World) -> None:
    async with browser_of(app, world.organiser) as browser:
        text = (await browser.get("/desk/letters")).text

    assert all(path in text for path in world.letters.values())
    assert all(f"/desk/letters/templates/{kind}" in text for kind in KINDS)


@pytest.mark.parametrize("kind", ["menu", "opening", "confirmation"])
async def test_each_letter_says_the_same_on_the_page_in_word_and_as_pdf(app: Litestar, world: World, kind: str) -> None:
    path = world.letters[kind]
    given = {**CONTACT, "note": "请带水杯。", **({"year": "2015", "season": "秋季"} if kind == "menu" else {})}
    async with browser_of(app, world.organiser) as browser:
        opened = await browser.get(path)
        shown = await post_form(browser, path, {**given, "shape": "page"})
        made = await post_form(browser, path, {**given, "shape": "docx"})
        paper = await post_form(browser, path, {**given, "shape": "pdf"})

    assert (opened.status_code, shown.status_code, made.status_code, paper.status_code) == (200, 200, 200, 200)
    assert "顾秀文" in opened.text  # whoever writes answers questions, until somebody else is typed
    assert "13700000009" in opened.text
    assert "周晓燕" in shown.text
    assert "睡眠&lt;&amp;&gt;" in shown.text
    word_text, pdf_text = docx_text(made.content), ReadPdf(paper.content).text
    for words in ("睡眠<&>", "周晓燕", "0512-65220000", "请带水杯。", "市总工会", "2015年9月15日"):
        assert squeezed(words) in word_text, words
        assert squeezed(words) in pdf_text, words
    assert unquote(made.headers["content-disposition"]).endswith(".docx")
    assert made.headers["cache-control"] == "private, no-store"


async def test_the_letter_to_a_host_begins_with_what_is_known(app: Litestar, world: World) -> None:
    async with browser_of(app, world.organiser) as browser:
        opened = await browser.get(world.letters["confirmation"])
        await post_form(browser, world.letters["confirmation"], {**CONTACT, "shape": "docx"})

    assert all(words in opened.text for words in ("梁佩文", "13700000001", "投影", 'value="60"'))
    assert await db.value("SELECT count(*) FROM accounts_journal WHERE action = 'letter.written'") == 1


async def test_without_a_host_there_is_no_letter(app: Litestar, world: World) -> None:
    await db.execute("UPDATE events_session SET host = NULL")
    async with browser_of(app, world.organiser) as browser:
        answer = await browser.get(world.letters["confirmation"])

    assert answer.status_code == 409
    assert "承办单位" in answer.text


@pytest.mark.parametrize("kind", ["menu", "opening", "confirmation"])
async def test_what_was_typed_stays_when_something_is_wrong(app: Litestar, world: World, kind: str) -> None:
    async with browser_of(app, world.organiser) as browser:
        answer = await post_form(
            browser, world.letters[kind], {"contact_name": "", "note": "留着", "year": "2015", "shape": "docx"}
        )

    assert answer.status_code == 422
    assert "留着" in answer.text
    assert 'id="e-contact-name"' in answer.text


async def test_a_year_without_a_menu_is_said(app: Litestar, world: World) -> None:
    async with browser_of(app, world.organiser) as browser:
        answer = await post_form(browser, "/desk/letters/menu", {**CONTACT, "year": "2014", "shape": "pdf"})

    assert answer.status_code == 422
    assert "2014年" in answer.text


async def test_strangers_write_nothing(app: Litestar, world: World) -> None:
    other = await make_actor(Role.ORGANISER, await make_organisation(name="外地总工会"))
    contact = await make_actor(Role.CONTACT, world.union)
    for actor, expected in ((contact, 403), (None, 303)):
        async with browser_of(app, actor) as browser:
            for path in [*world.letters.values(), "/desk/letters", "/desk/letters/templates/menu"]:
                assert (await browser.get(path)).status_code == expected, path
    async with browser_of(app, other) as browser:
        assert (await browser.get(world.letters["opening"])).status_code == 404
        assert (await browser.get(world.letters["confirmation"])).status_code == 403  # it is public, so it is known
        assert "睡眠" not in (await browser.get("/desk/letters/menu")).text
        assert "阳山精工" not in (await browser.get("/desk/letters")).text


# --- templates -------------------------------------------------------------------------------------------------------


async def upload(
    browser: httpx.AsyncClient, path: str, content: bytes, act: str = "keep", **given: str
) -> httpx.Response:
    token = form_token((await browser.get(path)).text)
    data = {"_csrf_token": token, "act": act, **given}
    return await browser.post(path, data=data, files={"file": ("模板.docx", content)})


async def test_an_own_template_serves_until_it_is_taken_back(app: Litestar, world: World) -> None:
    path = "/desk/letters/templates/confirmation"
    own = word("我们自己的函：{{ host }}", "{{ when }}")
    async with browser_of(app, world.organiser) as browser:
        shipped = await browser.get(f"{path}/file")
        assert "{{ host }}" in docx_text(shipped.content).replace("host", " host ").replace("{{", "{{")
        sample = await browser.get(f"{path}/sample")
        assert "某某精工工会" in docx_text(sample.content)

        tried = await upload(browser, path, own, "try")
        assert "我们自己的函：某某精工工会" in tried.text
        real = await upload(browser, path, own, "real")
        assert "我们自己的函：阳山精工工会" in real.text
        assert await db.value("SELECT count(*) FROM letters_template") == 0

        kept = await upload(browser, path, own, revision="0")
        assert kept.status_code == 303
        made = await post_form(browser, world.letters["confirmation"], {**CONTACT, "shape": "docx"})
        assert docx_text(made.content).startswith("我们自己的函：阳山精工工会")
        assert (await browser.get(f"{path}/file")).content == own
        assert (await browser.get(f"{path}/file?shipped=1")).content == shipped.content

        late = await upload(browser, path, own, revision="0")
        assert late.status_code == 409
        back = await post_form(browser, f"{path}/reset", {}, page=path)
        assert back.status_code == 303
        assert (await browser.get(f"{path}/file")).content == shipped.content


@pytest.mark.parametrize(
    ("content", "sentences"),
    [
        (word("好", "给{{ hots }}的函"), ["第2段", "hots", "是不是要写“host”"]),
        (word("{% if note %}好"), ["第1段", "endif"]),
        (word("好", table=[["{{ nichts }}"]]), ["第1个表格第1行", "nichts", "没有这一项"]),
        (b"hello", ["不是Word文件"]),
        (repacked(word("好"), {"word/vbaProject.bin": b"x"}), ["宏"]),
    ],
)
async def test_a_broken_template_gives_sentences_and_no_error_page(
    app: Litestar, world: World, content: bytes, sentences: list[str]
) -> None:
    for act in ("try", "keep"):
        async with browser_of(app, world.organiser) as browser:
            answer = await upload(browser, "/desk/letters/templates/confirmation", content, act)

        assert answer.status_code == 422
        assert all(words in answer.text for words in sentences)
        assert await db.value("SELECT count(*) FROM letters_template") == 0


async def test_without_anything_real_a_try_says_so(app: Litestar, world: World) -> None:
    other = await make_actor(Role.ORGANISER, await make_organisation(name="外地总工会"))
    async with browser_of(app, other) as browser:
        for kind in ("menu", "opening", "confirmation"):
            answer = await upload(browser, f"/desk/letters/templates/{kind}", word("{{ title }}"), "real")
            assert answer.status_code == 422
            assert "还没有真实的内容" in answer.text


async def test_a_typed_template_is_tried_and_kept(app: Litestar, world: World) -> None:
    path = "/desk/letters/templates/opening-text"
    async with browser_of(app, world.organiser) as browser:
        opened = await browser.get(path)
        assert "{% for session in sessions %}" in opened.text
        wrong = await post_form(browser, path, {"text": "{{ nichts }}\n好", "act": "keep"})
        assert wrong.status_code == 422
        assert "第1行" in wrong.text
        assert "nichts" in wrong.text
        tried = await post_form(browser, path, {"text": "群里说：{{ name }}", "act": "try"})
        assert "群里说：秋季第一批" in tried.text
        kept = await post_form(browser, path, {"text": "群里说：{{ name }}！", "act": "keep", "revision": "0"})
        assert kept.status_code == 303
        shown = await post_form(browser, world.letters["opening"], {**CONTACT, "shape": "page"})

    assert "群里说：秋季第一批！" in shown.text


async def test_a_template_that_breaks_later_gives_a_sentence(app: Litestar, world: World) -> None:
    """Its file was lost with a disk: the page says what to do."""
    async with browser_of(app, world.organiser) as browser:
        await upload(browser, "/desk/letters/templates/opening", word("{{ title }}"))
        await db.execute("UPDATE letters_template SET digest = repeat('0', 64)")
        answer = await post_form(browser, world.letters["opening"], {**CONTACT, "shape": "docx"})

    assert answer.status_code == 409
    assert "模板" in answer.text


async def test_what_is_downloaded_opens_again(app: Litestar, world: World) -> None:
    """A template that is downloaded and sent back unchanged is taken: edit and upload is a circle."""
    for kind in ("menu", "opening", "confirmation"):
        path = f"/desk/letters/templates/{kind}"
        async with browser_of(app, world.organiser) as browser:
            content = (await browser.get(f"{path}/file")).content
            Document(io.BytesIO(content))
            assert (await upload(browser, path, content)).status_code == 303
