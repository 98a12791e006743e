"""Warnings where people meet them: publishing by page and by JSON, travel times, availability and absences."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from litestar import Litestar

from outreach.accounts.tables import Organisation
from outreach.events.tables import Event, EventProvider, Provider, ProviderAbsence, Session
from outreach.programmes.tables import Programme
from outreach.shared import db
from outreach.shared.actors import Role
from tests.factories.accounts import browser_of, client_of, make_actor, make_organisation
from tests.factories.events import STARTS_AT, make_event, make_provider, make_session
from tests.factories.programmes import make_programme
from tests.support.pages import post_form

HOUR = timedelta(hours=1)


@dataclass
class Town:
    federation: Organisation
    programme: Programme
    event: Event
    provider: Provider
    draft: Session
    desk: httpx.AsyncClient
    program: httpx.AsyncClient


@pytest.fixture
async def town(app: Litestar, database: None) -> AsyncIterator[Town]:
    """A draft whose lecturer has too little time to come from 常熟."""
    federation = await make_organisation(district="姑苏区")
    programme = await make_programme(federation)
    event = await make_event(programme, lead_days=7)
    provider = await make_provider(federation, name="陆知微", home_district="吴中区")
    await EventProvider(event=event.id, provider=provider.id).save()
    await make_session(event, providers=(provider,), starts_at=STARTS_AT - 2.5 * HOUR, district="常熟市")
    draft = await make_session(event, providers=(provider,), state="draft", published_at=None, district="吴中区")
    organiser = await make_actor(Role.ORGANISER, federation)
    async with browser_of(app, organiser) as desk, client_of(app, organiser) as program:
        yield Town(federation, programme, event, provider, draft, desk, program)


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


async def page(browser: httpx.AsyncClient, path: str, status: int = 200) -> str:
    answer = await browser.get(path)
    assert answer.status_code == status, answer.text[:500]
    return answer.text


TOO_TIGHT = "陆知微11:30—13:00在常熟，路上约75分钟，中间只有60分钟"

# --- publishing ------------------------------------------------------------------------------------------------------


async def test_the_page_asks_why_before_it_publishes(town: Town) -> None:
    edit = f"/desk/sessions/{town.draft.id}/edit"
    publish = f"/desk/sessions/{town.draft.id}/publish"
    html = await page(town.desk, edit)
    assert f'<li class="w">{TOO_TIGHT}</li>' in html
    assert "仍要发布的理由" in html

    refused = await post_form(town.desk, publish, {}, page=edit)
    assert refused.status_code == 409
    assert "要写明理由" in refused.text
    assert TOO_TIGHT in refused.text
    too_long = await post_form(town.desk, publish, {"override_reason": "长" * 401}, page=edit)
    assert too_long.status_code == 422
    assert "长" * 401 in too_long.text
    assert await db.value("SELECT state FROM events_session WHERE id = $1", town.draft.id) == "draft"

    done = await post_form(town.desk, publish, {"override_reason": "派车接送"}, page=edit)
    assert (done.status_code, done.headers["location"]) == (303, f"/desk/sessions/{town.draft.id}")
    stored = await db.row("SELECT state, override_reason FROM events_session WHERE id = $1", town.draft.id)
    assert stored is not None
    assert tuple(stored) == ("published", "派车接送")


async def test_moving_out_of_the_programmes_year_asks_why_and_names_the_other_item(town: Town) -> None:
    session = await make_session(town.event, starts_at=STARTS_AT + timedelta(days=3))
    twin_programme = await make_programme(town.federation, code=town.programme.code, year=2016)
    twin = await make_event(twin_programme, title=town.event.title)
    move = f"/desk/sessions/{session.id}/move"
    given: dict[str, object] = {
        "title": session.title, "starts_at": "2016-01-08T14:00", "ends_at": "2016-01-08T15:30", "address": "报告厅",
        "visibility": "public", "revision": str(session.revision),
    }  # fmt: skip
    refused = await post_form(town.desk, move, given)
    assert refused.status_code == 409, refused.text
    assert (
        "2016年1月8日（周五）不在2015年，算不进这个项目2015年的数字。请选2016年的菜单项，或者写明理由照办"
        in refused.text
    )
    assert f'2016年的菜单里有同名的一项：<a href="/desk/sessions/new?event={twin.id}">' in refused.text
    assert await db.value("SELECT starts_at FROM events_session WHERE id = $1", session.id) == session.starts_at
    done = await post_form(town.desk, move, {**given, "override_reason": "年末补办，数字另外说明"})
    assert done.status_code == 303, done.text
    stored = await db.row("SELECT starts_at, override_reason FROM events_session WHERE id = $1", session.id)
    assert stored is not None
    assert (stored["starts_at"].year, stored["override_reason"]) == (2016, "年末补办，数字另外说明")


async def test_a_draft_outside_the_programmes_year_says_so_and_asks_why(town: Town) -> None:
    draft = await make_session(
        town.event, state="draft", published_at=None, starts_at=STARTS_AT.replace(year=2016, month=1, day=8)
    )
    edit = f"/desk/sessions/{draft.id}/edit"
    html = await page(town.desk, edit)
    assert "2016年1月8日（周五）不在2015年" in html
    assert "同名的一项" not in html  # there is none
    assert (await post_form(town.desk, f"/desk/sessions/{draft.id}/publish", {}, page=edit)).status_code == 409


async def test_without_warnings_the_page_asks_nothing(town: Town) -> None:
    free = await make_session(town.event, state="draft", published_at=None)
    html = await page(town.desk, f"/desk/sessions/{free.id}/edit")
    assert "仍要发布的理由" not in html
    done = await post_form(town.desk, f"/desk/sessions/{free.id}/publish", {}, page=f"/desk/sessions/{free.id}/edit")
    assert done.status_code == 303


async def test_the_draft_of_an_order_is_not_edited_here(town: Town) -> None:
    await Session.update({Session.assigned: True}).where(Session.id == town.draft.id)
    answer = await town.desk.get(f"/desk/sessions/{town.draft.id}/edit")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/desk/sessions/{town.draft.id}")
    refused = await town.program.post(f"/api/v1/sessions/{town.draft.id}/publish")
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/wrong-state")


@pytest.mark.parametrize("body", [None, {}, {"override_reason": "派车接送"}])
async def test_a_program_publishes_without_a_reason_and_reads_the_warnings(
    town: Town, body: dict[str, str] | None
) -> None:
    path = f"/api/v1/sessions/{town.draft.id}"
    assert (await town.program.get(path)).json()["warnings"] == []
    answer = await town.program.post(f"{path}/publish", json=body) if body is not None else None
    answer = answer or await town.program.post(f"{path}/publish")
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["warnings"] == [{"code": "travel", "severity": "warn", "message": TOO_TIGHT}]
    assert told["override_reason"] == (body or {}).get("override_reason")
    assert (await town.program.get(path)).json()["warnings"] == []


async def test_a_publish_with_an_unknown_field_is_refused(town: Town) -> None:
    path = f"/api/v1/sessions/{town.draft.id}/publish"
    answer = await town.program.post(path, json={"reason": "x"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "reason")
    answer = await town.program.post(path, json={"override_reason": "长" * 401})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "override_reason")


async def test_the_rain_date_and_the_reason_are_told(app: Litestar, town: Town) -> None:
    rain = STARTS_AT + timedelta(days=1)
    session = await make_session(
        town.event, rain_starts_at=rain, rain_ends_at=rain + HOUR, override_reason="只对工作人员"
    )
    told = (await town.program.get(f"/api/v1/sessions/{session.id}")).json()
    assert [told[name] for name in ("rain_starts_at", "rain_ends_at", "override_reason")] == [
        "2015-09-25T14:00:00+08:00",
        "2015-09-25T15:00:00+08:00",
        "只对工作人员",
    ]
    async with client_of(app, None) as anyone:
        public = (await anyone.get(f"/api/v1/sessions/{session.id}")).json()
    assert [public["rain_starts_at"], public["override_reason"]] == ["2015-09-25T14:00:00+08:00", None]


# --- travel times ----------------------------------------------------------------------------------------------------


async def test_travel_times_are_shown_set_and_taken_back(town: Town) -> None:
    html = await page(town.desk, "/desk/travel?district=吴中区")
    assert "从吴中区出发" in html
    assert "姑苏区 30分钟" in re.sub(r"\s*按距离估算\s*", " ", words(html))

    values: dict[str, object] = {"district_a": "吴中区", "district_b": "姑苏区", "minutes": "45"}
    done = await post_form(town.desk, "/desk/travel", values)
    assert done.status_code == 303
    html = await page(town.desk, done.headers["location"])
    assert "<b>45分钟</b>" in html
    assert "已填1对" in html
    done = await post_form(town.desk, "/desk/travel/remove", values, page="/desk/travel")
    assert done.status_code == 303
    assert "已填0对" in await page(town.desk, "/desk/travel")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"minutes": "601"}, "minutes"),
        ({"minutes": "-1"}, "minutes"),
        ({"minutes": ""}, "minutes"),
        ({"district_b": ""}, "district-b"),
        ({"district_a": "x" * 41}, "district-a"),
    ],
)
async def test_what_was_typed_wrong_is_named(town: Town, given: dict[str, object], field: str) -> None:
    values: dict[str, object] = {"district_a": "吴中区", "district_b": "姑苏区", "minutes": "45", **given}
    answer = await post_form(town.desk, "/desk/travel", values)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert await db.value("SELECT count(*) FROM events_travel_time") == 0


async def test_only_the_root_keeps_travel_times(app: Litestar, town: Town) -> None:
    below = await make_organisation(parent=town.federation, kind="federation")
    async with browser_of(app, await make_actor(Role.ORGANISER, below)) as district:
        html = await page(district, "/desk/travel")
        assert "由市总工会填" in html
        assert "记下路程" not in html
        values: dict[str, object] = {"district_a": "吴中区", "district_b": "姑苏区", "minutes": "45"}
        assert (await post_form(district, "/desk/travel", values)).status_code == 403
    async with browser_of(app, await make_actor(Role.CONTACT, town.federation)) as contact:
        assert (await contact.get("/desk/travel")).status_code == 403


# --- availability and absences ---------------------------------------------------------------------------------------


async def test_available_parts_are_ticked_and_kept(town: Town) -> None:
    path = f"/desk/providers/{town.provider.id}/edit"
    await ProviderAbsence(
        provider=town.provider.id, from_on=date(2015, 10, 8), until_on=date(2015, 10, 9), created_at=STARTS_AT
    ).save()
    values: dict[str, object] = {
        "kind": "lecturer",
        "name": "陆知微",
        "parallel_teams": "1",
        "active": "on",
        "available_parts": ["3-afternoon", "1-morning"],
    }
    done = await post_form(town.desk, path, values)
    assert done.status_code == 303, done.text
    html = await page(town.desk, path)
    assert re.findall(r'name="available_parts" value="([^"]+)"[^>]*checked', html) == ["1-morning", "3-afternoon"]
    assert "10月8日" in html  # an absence is not lost with the form
    bad = await post_form(town.desk, path, {**values, "available_parts": "9-midnight"})
    assert bad.status_code == 422
    assert 'href="#available-parts"' in bad.text


async def test_absences_are_written_down_and_taken_back(town: Town) -> None:
    edit, away = (f"/desk/providers/{town.provider.id}/{part}" for part in ("edit", "absences"))
    bad = await post_form(town.desk, away, {"from_on": "2015-10-08", "last_on": "2015-10-01"}, page=edit)
    assert bad.status_code == 422
    assert "最后一天不能早于第一天" in bad.text
    assert 'value="2015-10-08"' in bad.text
    assert (await post_form(town.desk, away, {"from_on": ""}, page=edit)).status_code == 422

    values: dict[str, object] = {"from_on": "2015-10-08", "last_on": "2015-10-14", "reason": "进修"}
    done = await post_form(town.desk, away, values, page=edit)
    assert done.status_code == 303
    assert "10月8日至14日" in (html := await page(town.desk, edit))
    assert "进修" in html
    single = await post_form(town.desk, away, {"from_on": "2015-11-02"}, page=edit)
    assert single.status_code == 303
    stored = await db.rows("SELECT from_on, until_on FROM events_provider_absence ORDER BY from_on")
    assert [tuple(one) for one in stored] == [
        (date(2015, 10, 8), date(2015, 10, 15)),
        (date(2015, 11, 2), date(2015, 11, 3)),
    ]
    key: dict[str, object] = {"from_on": "2015-10-08", "until_on": "2015-10-15"}
    assert (await post_form(town.desk, f"{away}/remove", key, page=edit)).status_code == 303
    assert (await post_form(town.desk, f"{away}/remove", key, page=edit)).status_code == 404
    assert "进修" not in await page(town.desk, edit)


async def test_a_program_keeps_parts_and_absences(town: Town) -> None:
    given: dict[str, Any] = {
        "kind": "lecturer",
        "name": "沈若兰",
        "available_parts": ["2-evening", "2-morning", "2-evening"],
        "absences": [{"from_on": "2015-10-08", "until_on": "2015-10-15", "reason": "进修"}],
    }
    made = await town.program.post("/api/v1/providers", json=given)
    assert made.status_code == 201, made.text
    assert made.json()["available_parts"] == ["2-morning", "2-evening"]
    assert made.json()["absences"] == given["absences"]
    path = f"/api/v1/providers/{made.json()['id']}"
    patched = await town.program.patch(path, json={"title": "咨询师"})
    assert patched.json()["absences"] == given["absences"]
    cleared = await town.program.patch(path, json={"absences": [], "available_parts": []})
    assert [cleared.json()[name] for name in ("absences", "available_parts")] == [[], []]
    wrong = {"absences": [{"from_on": "2015-10-08", "until_on": "2015-10-08"}]}
    refused = await town.program.patch(path, json=wrong)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "absences.0.until_on")
    refused = await town.program.patch(path, json={"available_parts": ["8-morning"]})
    assert refused.status_code == 422


async def test_whether_and_how_early_an_item_can_be_ordered_is_set(town: Town) -> None:
    path = f"/desk/events/{town.event.id}/edit"
    html = await page(town.desk, path)
    assert re.search(r'name="orderable" value="on" checked', html)
    assert re.search(r'name="lead_days"[^>]*value="7"', html)
    values: dict[str, object] = {
        "programme_id": str(town.programme.id),
        "title": "睡眠",
        "kind": "讲座",
        "duration_minutes": "90",
        "lead_days": "10",
        "active": "on",
        "providers": str(town.provider.id),
    }
    assert (await post_form(town.desk, path, values)).status_code == 303
    told = (await town.program.get(f"/api/v1/events/{town.event.id}")).json()
    assert (told["orderable"], told["lead_days"]) == (False, 10)
    assert (await post_form(town.desk, path, {**values, "lead_days": "366"})).status_code == 422
    changed = await town.program.patch(f"/api/v1/events/{town.event.id}", json={"orderable": True, "lead_days": 0})
    assert (changed.json()["orderable"], changed.json()["lead_days"]) == (True, 0)
