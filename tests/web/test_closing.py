"""Evidence, closing and corrections as browsers and programs do them."""

import io
import re
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from litestar import Litestar
from PIL import Image
from python_calamine import CalamineWorkbook

from outreach.attendance.closing.queries import evidence_of, records_of
from outreach.attendance.commands import close_session, correct_headcount
from outreach.attendance.queries import corrections_of
from outreach.events.queries import session_by_id
from outreach.shared import db
from outreach.shared.actors import Role
from outreach.shared.files import MOST_BYTES
from outreach.shared.ids import new_id
from tests.factories.accounts import browser_of, client_of, make_actor, make_organisation
from tests.factories.bookings import BookingWorld, make_headcount
from tests.factories.events import STARTS_AT, make_provider, make_session
from tests.factories.programmes import make_target, make_year
from tests.support.clock import FixedClock
from tests.support.handing_in import picture
from tests.support.pages import form_token, post_form
from tests.unit.test_files import PHOTO, camera_jpeg

AFTER = STARTS_AT + timedelta(hours=3)
DAY = date(2015, 9, 24)
Files = list[tuple[str, tuple[str, bytes, str]]]


@pytest.fixture
async def world(database: None, clock: FixedClock) -> BookingWorld:
    """A held session that the union hosts, three hours after its start."""
    clock.moment = AFTER
    made = await BookingWorld().build()
    made.session = await make_session(made.event, host=made.union.id, visibility="host", state="held")
    return made


def files(*given: tuple[str, bytes]) -> Files:
    return [("files", (name, data, "application/octet-stream")) for name, data in given]


async def send(browser: httpx.AsyncClient, path: str, given: Files, **data: str) -> httpx.Response:
    """Open the page for its token, then hand in."""
    opened = await browser.get(path)
    assert opened.status_code == 200
    form = {"kind": "photo", **data, "_csrf_token": form_token(opened.text)}
    return await browser.post(path, data=form, files=given or None)


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, str(answer.json()["type"]).rpartition("/")[2]


# --- evidence on pages ------------------------------------------------------------------------------------------------


async def test_the_host_hands_in_from_a_phone_and_sees_what_was_kept(app: Litestar, world: BookingWorld) -> None:
    """Several files at once; what is served has lost the place where it was taken."""
    path = f"/sessions/{world.session.id}/evidence"
    async with browser_of(app, world.contact) as browser:
        sent = await send(browser, path, files(("IMG_1.jpg", camera_jpeg()), ("IMG_2.HEIC", PHOTO)), note="开场")
        shown = await browser.get(path)
        hrefs = re.findall(rf'<img src="({path}/[0-9a-f-]+)"', shown.text)
        pictures = [await browser.get(href) for href in hrefs]
        again = await browser.get(hrefs[0], headers={"If-None-Match": pictures[0].headers["etag"]})

    assert (sent.status_code, sent.headers["location"]) == (303, path)
    assert "已交2个文件" in shown.text
    assert "开场" in shown.text
    for one in pictures:
        assert one.headers["content-type"] == "image/jpeg"
        assert b"Jinshan" not in one.content
        with Image.open(io.BytesIO(one.content)) as opened:
            assert dict(opened.getexif()) == {}
    assert "filename*=UTF-8''IMG_2.jpg" in pictures[1].headers["content-disposition"]
    assert (again.status_code, again.content) == (304, b"")


async def test_a_pdf_is_saved_and_never_opened_inside_this_site(app: Litestar, world: BookingWorld) -> None:
    path = f"/sessions/{world.session.id}/evidence"
    async with browser_of(app, world.organiser) as browser:
        await send(browser, path, files(("签到表.html", b"%PDF-1.7 <script>alert(1)</script>")), kind="sheet")
        (row,) = (await evidence_of([world.session.id]))[world.session.id]
        served = await browser.get(f"{path}/{row.id}")

    assert served.headers["content-type"] == "application/pdf"
    assert served.headers["content-disposition"].startswith("attachment;")
    assert served.headers["content-disposition"].endswith("%E7%AD%BE%E5%88%B0%E8%A1%A8.pdf")
    assert "sandbox" in served.headers["content-security-policy"]
    assert served.headers["x-content-type-options"] == "nosniff"
    assert served.headers["cache-control"].startswith("private")


async def test_every_file_that_cannot_be_kept_is_called_by_its_name(app: Litestar, world: BookingWorld) -> None:
    """What was typed stays; a program in a picture's clothes, a page in a PDF's, and one byte too many."""
    path = f"/sessions/{world.session.id}/evidence"
    bad = files(
        ("照片.jpg", b"MZ\x90\x00 a program"),
        ("表.pdf", b"<html>%PDF-1.7"),
        ("好.png", picture(kind="PNG")),
        ("大.pdf", b"%PDF-" + b"x" * (MOST_BYTES - 4)),
    )
    async with browser_of(app, world.contact) as browser:
        refused = await send(browser, path, bad, kind="sheet", note="两张<b>")
        none = await send(browser, path, [], kind="photo")
        wrong = await send(browser, path, files(("a.jpg", picture())), kind="selfie")

    assert refused.status_code == 422
    assert re.findall(r"<li><a href=\"#files\.\d\">(.+?)：", refused.text) == ["照片.jpg", "表.pdf", "大.pdf"]
    assert "两张&lt;b&gt;" in refused.text
    assert re.search(r'value="sheet" checked', refused.text)
    assert "文件超过10兆" in refused.text
    assert (none.status_code, wrong.status_code) == (422, 422)
    assert (await evidence_of([world.session.id]))[world.session.id] == []


async def test_a_hand_in_that_is_far_too_large_is_refused(app: Litestar, world: BookingWorld) -> None:
    path = f"/sessions/{world.session.id}/evidence"
    seven = files(*((f"{number}.pdf", b"%PDF-" + b"x" * (MOST_BYTES - 5)) for number in range(7)))
    async with browser_of(app, world.contact) as browser:
        refused = await send(browser, path, seven)

    assert refused.status_code == 413
    assert (await evidence_of([world.session.id]))[world.session.id] == []


async def test_taking_away_on_the_page_keeps_what_was_typed(app: Litestar, world: BookingWorld) -> None:
    path = f"/sessions/{world.session.id}/evidence"
    async with browser_of(app, world.contact) as browser:
        await send(browser, path, files(("a.jpg", picture())))
        (row,) = (await evidence_of([world.session.id]))[world.session.id]
        bad = await post_form(browser, f"{path}/{row.id}/remove", {"reason": "长" * 201}, page=path)
        done = await post_form(browser, f"{path}/{row.id}/remove", {"reason": "拍重了"}, page=path)
        gone = await browser.get(f"{path}/{row.id}")

    assert (bad.status_code, "长" * 201 in bad.text) == (422, True)
    assert (done.status_code, gone.status_code) == (303, 404)


async def test_late_files_are_asked_for_their_reason(app: Litestar, world: BookingWorld) -> None:
    path = f"/sessions/{world.session.id}/evidence"
    await db.execute("UPDATE events_session SET state = 'closed' WHERE id = $1", world.session.id)
    async with browser_of(app, world.contact) as browser:
        asked = await browser.get(path)
        refused = await send(browser, path, files(("a.jpg", picture())))
        taken = await send(browser, path, files(("a.jpg", picture())), reason="刚洗出来")
        await make_year(world.root, state="closed")
        shut = await browser.get(path)
        late = await browser.post(
            path, data={"kind": "photo", "reason": "又一张", "_csrf_token": form_token(asked.text)},
            files=files(("b.jpg", picture(3))),
        )  # fmt: skip

    assert "为什么现在才交" in asked.text
    assert (refused.status_code, "请写明原因" in refused.text) == (422, True)
    assert taken.status_code == 303
    assert 'type="file"' not in shut.text
    assert (late.status_code, "已经结算" in late.text) == (409, True)


async def test_nobody_else_reads_or_hands_in(app: Litestar, world: BookingWorld) -> None:
    """Another district: 404; evaluators, providers and booked units: refused; a stranger logs in. No answer leaks."""
    lecturer = await make_actor(Role.PROVIDER, world.root)
    provider = await make_provider(world.root, person=lecturer.person_id)
    world.session = await make_session(
        world.event, host=world.union.id, visibility="host", state="held", providers=(provider,)
    )
    path = f"/sessions/{world.session.id}/evidence"
    async with browser_of(app, world.organiser) as browser:
        await send(browser, path, files(("王小明签到.jpg", picture())), note="秘密说明")
    (row,) = (await evidence_of([world.session.id]))[world.session.id]
    elsewhere = await make_actor(Role.ORGANISER, await make_organisation())
    await db.execute("UPDATE events_session SET visibility = 'members' WHERE id = $1", world.session.id)
    evaluator = await make_actor(Role.EVALUATOR, world.root)
    asked = (
        ("GET", path), ("POST", path), ("GET", f"{path}/{row.id}"), ("POST", f"{path}/{row.id}/remove"),
        ("GET", f"/api/v1{path}/"), ("POST", f"/api/v1{path}"), ("POST", f"/api/v1{path}/{row.id}/remove"),
    )  # fmt: skip
    for actor, wanted in ((elsewhere, 404), (evaluator, 404), (lecturer, 403), (world.rival, 403), (None, 401)):
        async with client_of(app, actor) as client:
            for method, address in asked:
                data: Any = {"data": {"kind": "photo"}, "files": files(("a.jpg", picture(5)))}
                if address.endswith("remove"):
                    data = {"json": {"reason": "不见了"}}
                answer = await client.request(method, address, **(data if method == "POST" else {}))
                assert answer.status_code == wanted, (wanted, method, address)
                assert not {"王小明", "秘密说明", row.digest} & set(
                    re.findall(r"王小明|秘密说明|[0-9a-f]{64}", answer.text)
                )
    async with browser_of(app, None) as browser:
        stranger = await browser.get(f"{path}/{row.id}")
    assert stranger.status_code == 303
    assert stranger.headers["location"].startswith("/login")
    assert len((await evidence_of([world.session.id]))[world.session.id]) == 1


# --- evidence for programs --------------------------------------------------------------------------------------------


async def test_a_program_hands_in_reads_and_takes_away(app: Litestar, world: BookingWorld) -> None:
    path = f"/api/v1/sessions/{world.session.id}/evidence"
    async with client_of(app, world.contact) as client:
        made = await client.post(path, data={"kind": "sheet"}, files=files(("表.heic", PHOTO)))
        again = await client.post(path, data={"kind": "sheet"}, files=files(("另名.heic", PHOTO)))
        bad = await client.post(path, data={"kind": "sheet"}, files=files(("a.jpg", picture()), ("b.jpg", b"MZ")))
        empty = await client.post(path, data={"kind": "sheet"})
        json = await client.post(path, json={"kind": "sheet"})
        (item,) = made.json()["items"]
        listed = await client.get(path)
        served = await client.get(item["href"])
        nameless = await client.post(f"{path}/{item['id']}/remove", json={})
        gone = await client.post(f"{path}/{item['id']}/remove", json={"reason": "拍重了"})
        twice = await client.post(f"{path}/{item['id']}/remove", json={"reason": "拍重了"})
        after = await client.get(path)

    assert (made.status_code, item["kind"], item["media_type"], item["name"]) == (201, "sheet", "image/jpeg", "表.heic")
    assert (item["organisation_name"], item["created_at"][-6:]) == ("胥江机械厂工会", "+08:00")
    assert (again.status_code, again.json()) == (201, made.json())
    assert [one["field"] for one in bad.json()["errors"]] == ["files.1"]
    assert [one["field"] for one in empty.json()["errors"]] == ["files"]
    assert json.status_code == 422
    assert listed.json() == {"items": [item], "next": None, "total": 1}
    assert (served.status_code, len(served.content)) == (200, item["size_bytes"])
    assert (nameless.status_code, gone.status_code, twice.status_code) == (422, 200, 404)
    assert after.json() == {"items": [], "next": None, "total": 0}


async def test_a_program_sends_large_files_with_a_key(app: Litestar, world: BookingWorld) -> None:
    """A file needs no key to be kept once, and is not refused for one."""
    path = f"/api/v1/sessions/{world.session.id}/evidence"
    scan = b"%PDF-1.7" + b"\n" * 6_000_000
    async with client_of(app, world.contact) as client:
        answers = [
            await client.post(
                path, data={"kind": "sheet"}, files=files(("表.pdf", scan)), headers={"Idempotency-Key": "k"}
            )
            for _ in range(2)
        ]
    assert [one.status_code for one in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["total"] == 1


async def test_closing_by_a_program_stays_lenient(app: Litestar, world: BookingWorld) -> None:
    """Without a body as before; what is missing is told; two at once close once."""
    path = f"/api/v1/sessions/{world.session.id}/close"
    async with client_of(app, world.organiser) as client:
        plain = await client.post(path)
        second = await client.post(path)
        other = await make_session(world.event, state="held")
        await make_headcount(other, on=DAY)
        said = await client.post(
            f"/api/v1/sessions/{other.id}/close", json={"remarks": "办得好", "missing_reason": "没有拍照"}
        )
        wrong = await client.post(f"/api/v1/sessions/{new_id()}/close", json={"remark": "x"})

    assert (plain.status_code, plain.json()["state"]) == (200, "closed")
    assert plain.json()["missing"] == ["visits", "evidence", "remarks"]
    assert code_of(second) == (409, "wrong-state")
    assert (said.status_code, said.json()["missing"]) == (200, ["evidence"])
    assert (await records_of([other.id]))[other.id].missing_reason == "没有拍照"
    assert [one["field"] for one in wrong.json()["errors"]] == ["remark"]


# --- closing on the desk ----------------------------------------------------------------------------------------------


async def test_the_desk_page_says_what_is_there_and_what_is_missing(app: Litestar, world: BookingWorld) -> None:
    """Remarks are saved by themselves; closing with something missing keeps what was typed and asks why."""
    path = f"/desk/sessions/{world.session.id}"
    await make_headcount(world.session, on=DAY, total=96)
    async with browser_of(app, world.organiser) as browser:
        shown = (await browser.get(path)).text
        saved = await post_form(browser, f"{path}/remarks", {"remarks": "加了二十个座"}, page=path)
        refused = await post_form(
            browser, f"{path}/close", {"remarks": "加了三十个座", "missing_reason": ""}, page=path
        )
        done = await post_form(
            browser, f"{path}/close", {"remarks": "加了三十个座", "missing_reason": "相机坏了"}, page=path
        )
        after = (await browser.get(path)).text
        late = await browser.post(f"{path}/remarks", data={"remarks": "x", "_csrf_token": form_token(shown)})

    assert "96人次" in shown
    assert f'href="/sessions/{world.session.id}/evidence">还没有，去交' in shown
    assert (saved.status_code, refused.status_code, done.status_code) == (303, 422, 303)
    assert "加了三十个座</textarea>" in refused.text
    assert 'href="#missing-reason"' in refused.text
    assert "结项时没有齐：相机坏了" in after
    assert "加了三十个座" in after
    assert late.status_code == 409
    assert 'id="papers"' in after
    assert f'href="/desk/sessions/{world.session.id}/evidence.zip"' in after


async def test_a_lost_race_is_told_on_the_page(app: Litestar, world: BookingWorld) -> None:
    path = f"/desk/sessions/{world.session.id}"
    async with browser_of(app, world.organiser) as browser:
        token = form_token((await browser.get(path)).text)
        await close_session(world.organiser, AFTER, session_id=world.session.id)
        lost = await browser.post(f"{path}/close", data={"remarks": "好", "missing_reason": "x", "_csrf_token": token})

    assert lost.status_code == 409


async def test_many_are_closed_at_once_and_the_rest_is_named(
    app: Litestar, world: BookingWorld, clock: FixedClock
) -> None:
    """One that lacks something, one of another owner and one that is closed already stay; each says why."""
    clock.moment = AFTER + timedelta(days=20)
    second = await make_session(world.event, state="held", starts_at=STARTS_AT - timedelta(days=3), title="第二场")
    done = await make_session(world.event, state="closed", title="早结了")
    theirs = await BookingWorld().build(state="held", visibility="host", title="别家的场次")
    async with browser_of(app, world.organiser) as browser:
        page = await browser.get("/desk/closing?all=1")
        token = form_token(page.text)
        ids = [str(one.id) for one in (world.session, second, done, theirs.session)]
        without = await browser.post("/desk/closing", data={"session_ids": ids, "_csrf_token": token})
        form = {"session_ids": ids, "missing_reason": "年底统一结项", "_csrf_token": token}
        with_reason = await browser.post("/desk/closing", data=form)
        again = await browser.post("/desk/closing", data=form)
        nothing = await browser.post("/desk/closing", data={"_csrf_token": token})
        odd = await browser.post("/desk/closing", data={"session_ids": ["x"], "_csrf_token": token})
        left = await browser.get("/desk/closing?page=3&programme=nobody")

    assert page.text.count(" checked>") == 2
    assert "有2场办过还没有结项，其中2场过了时限" in page.text
    assert "看1场还没有登记的" in page.text
    assert (without.status_code, without.text.count("请补齐，或者写明原因再结项")) == (409, 2)
    assert (with_reason.status_code, "结项2场，2场没有办" in with_reason.text) == (200, True)
    assert "别家的场次" not in with_reason.text
    assert "没有找到的场次" in with_reason.text
    assert (again.status_code, nothing.status_code, odd.status_code, left.status_code) == (409, 422, 422, 200)
    assert [(await session_by_id(one.id)).state for one in (world.session, second, theirs.session)] == [
        "closed", "closed", "held",
    ]  # fmt: skip


async def test_only_staff_close(app: Litestar, world: BookingWorld) -> None:
    for path in ("/desk/closing", f"/desk/sessions/{world.session.id}/correct"):
        async with browser_of(app, world.contact) as browser:
            assert (await browser.get(path)).status_code == 403
        async with browser_of(app, None) as browser:
            assert (await browser.get(path)).status_code == 303


# --- corrections ------------------------------------------------------------------------------------------------------


async def test_both_values_stand_on_the_page_and_in_the_report(app: Litestar, world: BookingWorld) -> None:
    await make_target(world.programme)
    await make_headcount(world.session, on=DAY, total=96)
    await close_session(world.organiser, AFTER, session_id=world.session.id)
    path = f"/desk/sessions/{world.session.id}"
    async with browser_of(app, world.organiser) as browser:
        form: dict[str, object] = {"on": "2015-09-24", "field": "total", "value": "98", "reason": "=漏了两位"}
        assert (await post_form(browser, f"{path}/correct", form)).status_code == 303
        shown, again = await browser.get(path), await browser.get(f"{path}/correct")
        sheet = await browser.get("/reports/2015.xlsx?as_of=2015-12-31")
        same = await browser.get("/reports/2015.xlsx?as_of=2015-12-31")

    for page in (shown, again):
        assert "总人次：96改为98" in page.text
    book = CalamineWorkbook.from_filelike(io.BytesIO(sheet.content))
    head, row = book.get_sheet_by_name("更正").to_python()
    told = dict(zip(head, row, strict=True))
    day = date(2015, 9, 24)
    assert {name: told[name] for name in ("场次日期", "项目", "场次", "哪一天", "更正哪一项", "原因", "更正日期")} == {
        "场次日期": day, "项目": world.programme.name, "场次": world.session.title, "哪一天": day,
        "更正哪一项": "总人次", "原因": "=漏了两位", "更正日期": day,
    }  # fmt: skip
    assert [value for name, value in told.items() if str(name).startswith(("原来的数", "改后的数"))] == [96, 98]
    assert sheet.content == same.content


async def test_the_official_report_lists_corrections(app: Litestar, world: BookingWorld) -> None:
    from outreach.reports.documents import report_html
    from outreach.reports.queries import report_data

    await make_target(world.programme)
    await make_headcount(world.session, on=DAY, total=96)
    before = report_html(await report_data(year=2015, as_of=date(2015, 12, 31), now=AFTER))
    await correct_headcount(
        world.organiser, AFTER, session_id=world.session.id, field_name="workers", on=DAY, value=90, reason="补报职工数"
    )
    after = report_html(await report_data(year=2015, as_of=date(2015, 12, 31), now=AFTER))

    assert "更正一览表" not in before
    assert "登记以后更正过1个数" in after
    assert re.search(r'其中职工</td><td class="n">未报</td><td class="n">90</td><td>补报职工数', after)
    assert len(await corrections_of(world.session.id)) == 1


# --- the programme's days ---------------------------------------------------------------------------------------------


async def test_the_days_until_closing_are_the_programmes(app: Litestar, world: BookingWorld) -> None:
    """By form and by program; its limits are told."""
    path = f"/api/v1/programmes/{world.programme.id}"
    edit = f"/desk/programmes/{world.programme.id}/edit"
    async with client_of(app, world.organiser) as client:
        usual = (await client.get(path)).json()["closing_days"]
        changed = await client.patch(path, json={"closing_days": 30})
        bad = [await client.patch(path, json={"closing_days": value}) for value in (0, 367, None)]
    async with browser_of(app, world.organiser) as browser:
        form: dict[str, object] = {"name": "送文化", "code": world.programme.code, "revision": "2", "closing_days": "0"}
        refused = await post_form(browser, edit, form)
        saved = await post_form(browser, edit, {**form, "closing_days": "45"})
        shown = await browser.get(edit)

    assert (usual, changed.json()["closing_days"]) == (14, 30)
    assert [[one["field"] for one in answer.json()["errors"]] for answer in bad] == [["closing_days"]] * 3
    assert (refused.status_code, saved.status_code) == (422, 303)
    assert re.search(r'name="closing_days"[^>]*value="45"', shown.text)
