"""五、问题与来年安排: who writes it, where it is printed, and what happens when two write at once."""

from datetime import datetime

from litestar import Litestar

from outreach.reports.documents import report_document
from outreach.shared.actors import Role
from tests.factories.accounts import browser_of, client_of, make_actor, make_organisation
from tests.factories.programmes import make_programme
from tests.support.pages import post_form
from tests.support.papers_read import docx_text

PATH = "/desk/reports/2015/text"


async def test_what_the_organiser_writes_stands_in_the_next_report(
    app: Litestar, database: None, now: datetime
) -> None:
    city = await make_organisation(name="某市总工会", code="CITY")
    await make_programme(city)
    organiser = await make_actor(Role.ORGANISER, city, name="顾秀文")
    async with browser_of(app, organiser) as browser:
        empty = await browser.get(PATH)
        form: dict[str, object] = {
            "problems": "讲师不够。\r\n\r\n <b>场地</b>少。",
            "plans": "早排期。",
            "revision": "0",
        }
        saved = await post_form(browser, PATH, form)
        shown = await browser.get(PATH)
        desk = await browser.get("/desk/reports")

    assert "保存这两段" in empty.text
    assert (saved.status_code, saved.headers["location"]) == (303, "/desk/reports?year=2015")
    assert "讲师不够。\n&lt;b&gt;场地&lt;/b&gt;少。</textarea>" in shown.text
    assert "顾秀文" in shown.text
    for link in (PATH, "/desk/reports/fixed?year=2015", "/desk/reports/jobs", "/desk/years"):
        assert f'href="{link}"' in desk.text
    made = docx_text(await report_document(kind="docx", year=2015, as_of=now.date(), now=now))
    assert "（一）存在问题讲师不够。<b>场地</b>少。（二）来年安排早排期。填表人" in made


async def test_the_second_of_two_writers_sees_the_first_and_keeps_what_was_typed(app: Litestar, database: None) -> None:
    city = await make_organisation(name="某市总工会", code="CITY")
    await make_programme(city)
    async with browser_of(app, await make_actor(Role.ORGANISER, city)) as browser:
        await post_form(browser, PATH, {"problems": "第一个人写的", "plans": "", "revision": "0"})
        late = await post_form(browser, PATH, {"problems": "第二个人写的", "plans": "", "revision": "0"})
        long = await post_form(browser, PATH, {"problems": "长" * 4001, "plans": "", "revision": "1"})
        again = await post_form(browser, PATH, {"problems": "第二个人写的", "plans": "", "revision": "1"})
        shown = await browser.get(PATH)

    assert late.status_code == 409
    assert "刚才有别人改过" in late.text
    assert "<p>第一个人写的</p>" in late.text
    assert "第二个人写的</textarea>" in late.text
    assert 'name="revision" value="1"' in late.text
    assert long.status_code == 422
    assert (again.status_code, "第二个人写的" in shown.text) == (303, True)


async def test_only_who_runs_the_organisation_writes(app: Litestar, database: None) -> None:
    city = await make_organisation(name="某市总工会", code="CITY")
    await make_programme(city)
    union = await make_organisation(parent=city, code="U1")
    other = await make_organisation(code="OTHER")

    async def status(role: Role, organisation: object, path: str = PATH) -> int:
        async with client_of(app, await make_actor(role, organisation)) as client:  # type: ignore[arg-type]
            return (await client.get(path)).status_code

    assert await status(Role.ORGANISER, city, f"{PATH}?organisation=U1") == 200
    assert await status(Role.ORGANISER, other, f"{PATH}?organisation=CITY") == 404
    assert await status(Role.ORGANISER, city, f"{PATH}?organisation=NOBODY") == 404
    assert await status(Role.ORGANISER, city, "/desk/reports/1015/text") == 404
    assert await status(Role.EVALUATOR, city) == 403
    assert await status(Role.CONTACT, union) == 403
