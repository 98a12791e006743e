"""The public interface, row by row: names of paths, fields, filters, problem types, and what they answer."""

import json
import re
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from litestar import Litestar

from outreach.shared.actors import Role
from outreach.shared.time import ZONE
from outreach.web.problems import problem_phrases
from tests.factories.accounts import browser_of, client_of, make_actor, make_organisation
from tests.factories.bookings import make_booking
from tests.factories.events import STARTS_AT, make_event, make_session
from tests.factories.programmes import make_programme, make_target
from tests.support.clock import FixedClock
from tests.support.districts import two_districts

#: Path of a list → fields that every one of its items has, by these names.
FIELDS: dict[str, str] = {
    "/api/v1/organisations": "id code name kind parent_id district ownership industry member_count member_count_on"
    " women_count",
    "/api/v1/programmes?year=2015": "id code name year targets",
    "/api/v1/programmes/{programme_id}/tallies": "id target_id on quantity receiver session_id note",
    "/api/v1/events": "id programme_id title kind topic summary duration_minutes site_needs min_audience max_audience"
    " providers",
    "/api/v1/providers": "id kind name topics availability parallel_teams",
    "/api/v1/venues": "id name address district capacity rooms",
    "/api/v1/sessions": "id event_id programme_id title kind provider_ids venue_id host_id address starts_at ends_at"
    " capacity seats_taken seats_left visibility state unrecorded booking_opens_at booking_closes_at",
    "/api/v1/bookings": "id session_id organisation_id seats contact_name contact_phone note state",
}

TARGET_FIELDS = [
    "id",
    "metric",
    "label",
    "wording",
    "unit",
    "bound",
    "counting",
    "value",
    "actual",
    "planned",
    "percent",
    "pace",
    "forecast",
    "forecast_low",
    "forecast_high",
    "status",
]

PROBLEMS = [
    "already-booked", "booking-closed", "clash", "closed-year", "forbidden", "idempotency-key-reused", "invalid",
    "limit-reached", "not-found", "session-full", "stale", "too-many-requests", "unavailable", "wrong-state",
]  # fmt: skip


async def test_lists_have_items_next_and_total_and_their_fields(app: Litestar, database: None) -> None:
    town = await two_districts()
    found = {}
    async with client_of(app, town.here.organiser) as client:
        for path, names in FIELDS.items():
            body = (await client.get(path.format(**{k: str(v) for k, v in town.here.ids.items()}))).json()
            found[path] = (sorted(body), sorted(set(names.split()) - set(body["items"][0])))

    assert found == {path: (["items", "next", "total"], []) for path in FIELDS}


async def test_every_list_is_walked_by_limit_and_after(app: Litestar, database: None) -> None:
    """``limit`` 1 to 200, ``after`` the cursor before: all of them once, ``total`` the same on every page."""
    town = await two_districts()
    walked, refused = dict[str, tuple[bool, bool]](), dict[str, list[list[Any]]]()
    async with client_of(app, town.organiser) as client:
        for path in FIELDS:
            address = httpx.URL(path.format(**{k: str(v) for k, v in town.here.ids.items()}))
            whole = (await client.get(address)).json()
            ids, cursor, totals = [], "", set()
            while cursor is not None:
                asked: dict[str, Any] = {"limit": 1, **({"after": cursor} if cursor else {})}
                part = (await client.get(address.copy_merge_params(asked))).json()
                ids += [one["id"] for one in part["items"]]
                totals.add(part["total"])
                cursor = part["next"]
            walked[path] = (ids == [one["id"] for one in whole["items"]], totals == {len(ids)})
            refused[path] = [
                [(await client.get(address.copy_merge_params({name: value}))).status_code]
                + [
                    one["field"]
                    for one in (await client.get(address.copy_merge_params({name: value}))).json()["errors"]
                ]
                for name, value in (("limit", 0), ("limit", 201), ("limit", "x"), ("after", "x"))
            ]

    assert walked == dict.fromkeys(FIELDS, (True, True))
    assert refused == {path: [[422, "limit"], [422, "limit"], [422, "limit"], [422, "after"]] for path in FIELDS}


async def test_filters_of_sessions(app: Litestar, database: None) -> None:
    city = await make_organisation()
    first, second = await make_programme(city, code="culture"), await make_programme(city, code="talks")
    show, talk = await make_event(first, kind="演出", title="戏"), await make_event(second, title="课")
    await make_session(show, title="戏一", district="姑苏区", starts_at=datetime(2015, 10, 1, 9, tzinfo=ZONE))
    await make_session(talk, title="课一", starts_at=datetime(2015, 10, 2, 9, tzinfo=ZONE), booking_closes_at=STARTS_AT)
    await make_session(talk, title="课二", starts_at=datetime(2015, 10, 2, 14, tzinfo=ZONE), seats_taken=120)
    await make_session(talk, title="课三", starts_at=datetime(2015, 9, 1, 9, tzinfo=ZONE))
    await make_session(talk, title="课四", starts_at=datetime(2015, 10, 3, 9, tzinfo=ZONE), state="cancelled")
    async with client_of(app, None) as client:

        async def asked(**given: Any) -> str:
            answer = await client.get("/api/v1/sessions", params=given)
            assert answer.status_code == 200, answer.text
            return " ".join(one["title"] for one in answer.json()["items"])

        found = {
            "all": await asked(),
            "from": await asked(**{"from": "2015-10-02"}),
            "to": await asked(to="2015-10-01"),
            "a moment": await asked(**{"from": "2015-10-02T09:00:00+08:00", "to": "2015-10-02T14:00:00+08:00"}),
            "programme by code": await asked(programme="culture"),
            "programme by id": await asked(programme=str(first.id)),
            "kind": await asked(kind="演出"),
            "district": await asked(district="姑苏区"),
            "state": await asked(state="cancelled"),
            "open": await asked(open="true"),
            "not only open": await asked(open="false", kind="演出"),
            "q": await asked(q="课二"),
            "unrecorded": await asked(unrecorded="true"),
            "together": await asked(programme="talks", state="published", **{"from": "2015-09-30"}),
        }
        refused = [
            (await client.get("/api/v1/sessions", params=given)).json()["errors"][0]
            for given in ({"from": "gestern"}, {"to": "9999-01-01"}, {"state": "full"}, {"open": "vielleicht"},
                          {"from": "2" * 50}, {"limit": "0"}, {"limit": "201"}, {"limit": "viel"}, {"q": "字" * 201})
        ]  # fmt: skip

    assert found == {
        "all": "课三 戏一 课一 课二 课四",
        "from": "课一 课二 课四",
        "to": "课三 戏一",
        "a moment": "课一",
        "programme by code": "戏一",
        "programme by id": "戏一",
        "kind": "戏一",
        "district": "戏一",
        "state": "课四",
        "open": "戏一 课一",
        "not only open": "戏一",
        "q": "课二",
        "unrecorded": "课三",
        "together": "课一 课二",
    }
    assert [(one["field"], one["message"]) for one in refused] == [
        ("from", "应是日期（2015-05-12）或带时区的时间。"),
        ("to", "应是日期（2015-05-12）或带时区的时间。"),
        ("state", "只能是：draft、published、held、closed、cancelled。"),
        ("open", "应是 true 或 false。"),
        ("from", "最多40个字，现在是50个。"),
        ("limit", "不能小于1。"),
        ("limit", "不能大于200。"),
        ("limit", "应是整数。"),
        ("q", "最多200个字，现在是201个。"),
    ]


async def test_progress_has_the_shape_of_the_interface(app: Litestar, database: None) -> None:
    city = await make_organisation()
    programme = await make_programme(city)
    await make_target(programme, metric="visits", basis="workers", unit="人次")
    async with client_of(app, await make_actor(Role.EVALUATOR, city)) as client:
        one = (await client.get(f"/api/v1/programmes/{programme.id}/progress", params={"as_of": "2015-06-30"})).json()
        year = (await client.get("/api/v1/progress", params={"year": 2015, "as_of": "2015-06-30"})).json()

    assert sorted(one) == ["as_of", "months", "programme", "targets", "unrecorded", "year"]
    assert (one["year"], one["as_of"], one["unrecorded"]) == (2015, "2015-06-30", 0)
    assert [name for name in TARGET_FIELDS if name not in one["targets"][0]] == []
    assert one["targets"][0]["total"] == 0
    assert [sorted(month) for month in one["months"][:1]] == [["actual", "metric", "month", "planned"]]
    assert [(month["metric"], month["month"]) for month in one["months"]] == [
        (metric, month) for metric in ("sessions", "visits") for month in range(1, 13)
    ]
    assert [item["programme"]["id"] for item in year["items"]] == [str(programme.id)]


async def test_every_problem_type_is_documented_at_its_address(app: Litestar, database: None) -> None:
    """Those of the interface, and every other one that the program can answer with, in both languages."""
    codes = sorted(problem_phrases())
    async with browser_of(app, None) as browser:
        statuses = {code: (await browser.get(f"/problems/{code}")).status_code for code in {*codes, *PROBLEMS}}
        english = (await browser.get("/problems/session-full", params={"lang": "en"})).text

    assert {code: status for code, status in statuses.items() if status != 200} == {}
    assert [code for code in PROBLEMS if code not in codes] == []
    assert 'lang="en"' in english


async def test_who_is_wrong_gets_401_403_404_as_problems(app: Litestar, database: None) -> None:
    town = await two_districts()
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    wrong = {"Authorization": "Bearer nonsense"}
    async with (
        httpx.AsyncClient(transport=transport, base_url="http://testserver", headers=wrong) as impostor,
        client_of(app, None) as stranger,
        client_of(app, town.here.contact) as contact,
    ):
        answers = [
            await stranger.get("/api/v1/bookings"),
            await impostor.get("/api/v1/sessions"),
            await impostor.get("/sessions/x"),
            await contact.post(f"/api/v1/sessions/{town.here.public.id}/publish"),
            await contact.get(f"/api/v1/bookings/{town.there.booking.id}"),
            await contact.get("/api/v1/nowhere"),
            await contact.delete(f"/api/v1/bookings/{town.here.booking.id}"),
        ]

    assert [(one.status_code, one.json()["type"]) for one in answers] == [
        (401, "/problems/login-required"), (401, "/problems/login-required"), (401, "/problems/login-required"),
        (403, "/problems/forbidden"), (404, "/problems/not-found"), (404, "/problems/not-found"),
        (405, "/problems/method-not-allowed"),
    ]  # fmt: skip
    assert {one.headers["content-type"] for one in answers} == {"application/problem+json"}
    assert {one.json()["status"] == one.status_code and bool(one.json()["title"]) for one in answers} == {True}


async def test_single_objects_have_tags_that_changes_honour(app: Litestar, database: None) -> None:
    """ETag on every single object; 412 for an old one, a foreign one and an empty one; ``*`` and the right one pass."""
    town = await two_districts()
    here = town.here
    changes: dict[str, dict[str, Any]] = {
        f"/api/v1/organisations/{here.union.id}": {"industry": "机械"},
        f"/api/v1/programmes/{here.programme.id}": {"department": "宣教"},
        f"/api/v1/events/{here.event.id}": {"topic": "心理"},
        f"/api/v1/providers/{here.provider.id}": {"title": "教授"},
        f"/api/v1/venues/{here.venue.id}": {"directions": "三楼"},
        f"/api/v1/sessions/{here.public.id}": {"note": "请早到"},
        f"/api/v1/bookings/{here.booking.id}": {"note": "请早到"},
    }
    found = {}
    async with client_of(app, here.organiser) as client:
        for path, change in changes.items():
            tag = (await client.get(path)).headers["etag"]
            refused = [
                (await client.patch(path, json=change, headers={"If-Match": given})).status_code
                for given in ('"999"', '"abc"', '""', "nonsense", '"1", "2", "999"'.replace("1", "998"))
            ]
            taken = await client.patch(path, json=change, headers={"If-Match": tag})
            old = await client.patch(path, json=change, headers={"If-Match": tag})
            any_ = await client.patch(path, json=change, headers={"If-Match": "*"})
            found[path] = [*refused, taken.status_code, taken.headers["etag"] != tag, old.status_code, any_.status_code]

    assert found == {path: [412, 412, 412, 412, 412, 200, True, 412, 200] for path in changes}


async def test_times_carry_their_offset_and_days_are_days(app: Litestar, database: None) -> None:
    """RFC 3339 with offset; nowhere a moment without zone or in another one."""
    town = await two_districts()
    moments, odd = 0, []

    def look(value: Any, path: str) -> None:
        nonlocal moments
        if isinstance(value, dict):
            for name, one in value.items():
                if (name.endswith("_at") or name == "moved_from") and one is not None:
                    moments += 1
                    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+08:00", str(one)):
                        odd.append(f"{path} {name} {one}")
                if (
                    (name.endswith("_on") or name in ("on", "as_of"))
                    and one is not None
                    and not re.fullmatch(r"\d{4}-\d\d-\d\d", str(one))
                ):
                    odd.append(f"{path} {name} {one}")
                look(one, path)
        elif isinstance(value, list):
            for one in value:
                look(one, path)

    async with client_of(app, town.organiser) as client:
        for path in FIELDS:
            address = path.format(**{k: str(v) for k, v in town.here.ids.items()})
            look((await client.get(address)).json(), path)

    assert odd == []
    assert moments > 30


async def test_health_metrics_document_and_docs(app: Litestar, database: None) -> None:
    """They need no login; the document is OpenAPI 3.1; the page loads nothing from elsewhere."""
    async with client_of(app, None) as client:
        answers = {
            path: await client.get(path)
            for path in ("/healthz", "/readyz", "/metrics", "/api/v1/openapi.json", "/api/v1/docs")
        }
        head = await client.head("/calendars/public.ics")

    document = json.loads(answers["/api/v1/openapi.json"].content)
    docs = answers["/api/v1/docs"].text
    assert {path: answer.status_code for path, answer in answers.items()} == dict.fromkeys(answers, 200)
    assert document["openapi"].startswith("3.1")
    assert re.findall(r'(?:src|href)="(?:https?:)?//[^"]*"', docs) == []
    assert re.search("^# HELP outreach_http_requests", answers["/metrics"].text, re.MULTILINE)
    assert (head.status_code, head.content) == (200, b"")
    for path in (
        "/api/v1/organisations", "/api/v1/programmes", "/api/v1/programmes/{programme_id}/progress",
        "/api/v1/progress", "/api/v1/programmes/{programme_id}/tallies", "/api/v1/events", "/api/v1/providers",
        "/api/v1/venues", "/api/v1/sessions", "/api/v1/sessions/{session_id}/publish",
        "/api/v1/sessions/{session_id}/cancel", "/api/v1/sessions/{session_id}/close",
        "/api/v1/sessions/{session_id}/hold", "/api/v1/sessions/{session_id}/corrections",
        "/api/v1/sessions/{session_id}/claim", "/api/v1/sessions/{session_id}/headcount", "/api/v1/bookings",
        "/api/v1/bookings/{booking_id}/confirm", "/api/v1/bookings/{booking_id}/decline",
        "/api/v1/bookings/{booking_id}/cancel",
    ):  # fmt: skip
        assert path in document["paths"]


async def test_calendars_and_reports_answer_under_their_names(app: Litestar, database: None) -> None:
    town = await two_districts()
    here = town.here
    async with client_of(app, None) as stranger, client_of(app, here.organiser) as client:
        feeds = {
            path: ((await stranger.get(path)).status_code, (await stranger.head(path)).status_code)
            for path in (
                "/calendars/public.ics",
                "/calendars/programmes/2015/own-A.ics",
                f"/sessions/{here.public.id}.ics",
            )
        }
        missing = [
            (await stranger.get(path)).status_code
            for path in (
                "/calendars/programmes/2014/own-A.ics", "/calendars/programmes/2015/none.ics",
                f"/sessions/{here.draft.id}.ics", f"/sessions/{here.hosted.id}.ics", "/calendars/public",
            )
        ]  # fmt: skip
        reports = {
            path: (await client.get(path)).headers["content-type"].split(";")[0]
            for path in (
                "/reports/2015.pdf?as_of=2015-06-30&organisation=A&programme=own-A", "/reports/2015.pdf?form=page",
                "/reports/2015.xlsx?as_of=2015-06-30", "/reports/2015.csv?programme=own-A",
            )
        }  # fmt: skip
        refused = [
            (await client.get(path)).status_code
            for path in ("/reports/2015.pdf?as_of=1900-01-01", "/reports/2015.csv?as_of=x", "/reports/1999.pdf",
                         "/reports/2014.pdf", "/reports/2015.doc")
        ]  # fmt: skip

    assert feeds == dict.fromkeys(feeds, (200, 200))
    assert missing == [404, 404, 404, 404, 404]
    assert list(reports.values()) == [
        "application/pdf", "application/pdf",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "text/csv",
    ]  # fmt: skip
    assert refused == [422, 422, 404, 404, 404]


async def test_a_session_lives_through_the_api(app: Litestar, database: None, clock: FixedClock) -> None:
    """Draft, published, booked, held with a no-show, head-count, closed, corrected: statuses and states literally."""
    city = await make_organisation()
    union, other = await make_organisation(parent=city), await make_organisation(parent=city)
    event = await make_event(await make_programme(city))
    session = await make_session(event, state="draft", published_at=None)
    path = f"/api/v1/sessions/{session.id}"
    count = {"on": "2015-09-24", "total": 50, "workers": None, "estimated": True, "breakdown": {"women": 20}}
    async with client_of(app, await make_actor(Role.ORGANISER, city)) as client:
        seen = [(await client.post(f"{path}/publish")).json()["state"]]
        absent = await make_booking(session, other)
        present = await make_booking(session, union)
        early = [await client.post(f"{path}/hold", json={}), await client.put(f"{path}/headcount", json=count)]
        clock.moment = STARTS_AT + timedelta(hours=1)
        seen.append((await client.post(f"{path}/hold", json={"no_shows": [str(absent.id)]})).json()["state"])
        recorded = await client.put(f"{path}/headcount", json=count)
        too_many = await client.put(f"{path}/headcount", json={**count, "breakdown": {"women": 51}})
        group = {"migrant": 10, "new_generation_migrant": 11}
        sub_group = await client.put(f"{path}/headcount", json={**count, "breakdown": group})
        seen.append((await client.post(f"{path}/close")).json()["state"])
        late = await client.put(f"{path}/headcount", json=count)
        corrected = await client.post(
            f"{path}/corrections", json={"field": "total", "on": "2015-09-24", "value": 55, "reason": "数错了"}
        )
        states = [(await client.get(f"/api/v1/bookings/{one.id}")).json()["state"] for one in (absent, present)]

    assert seen == ["published", "held", "closed"]
    assert [(one.status_code, one.json()["type"]) for one in early] == [(409, "/problems/not-started")] * 2
    assert (recorded.status_code, recorded.json()["workers"], recorded.json()["breakdown"]) == (
        200,
        None,
        {"women": 20},
    )
    assert [(one.status_code, one.json()["errors"][0]["field"]) for one in (too_many, sub_group)] == [
        (422, "breakdown.women"), (422, "breakdown.new_generation_migrant"),
    ]  # fmt: skip
    assert (late.status_code, late.json()["type"]) == (409, "/problems/wrong-state")
    assert (corrected.status_code, corrected.json()["old_value"], corrected.json()["new_value"]) == (201, 50, 55)
    assert states == ["no_show", "attended"]


@pytest.mark.parametrize("waitlist", [False, True])
async def test_refusals_of_bookings_have_their_types(app: Litestar, database: None, waitlist: bool) -> None:
    city = await make_organisation()
    union = await make_organisation(parent=city)
    event = await make_event(await make_programme(city))
    full = await make_session(event, capacity=10, seats_taken=10)
    over = await make_session(event, booking_closes_at=datetime(2015, 9, 1, tzinfo=ZONE))
    mine, waiting = await make_session(event), await make_session(event, approval_needed=True)
    await make_booking(mine, union)
    async with client_of(app, await make_actor(Role.CONTACT, union)) as client:
        answers = [
            await client.post(
                "/api/v1/bookings",
                json={
                    "session_id": str(session.id), "organisation_id": str(union.id), "seats": 2, "contact_name": "甲",
                    "contact_phone": "13800000000", "waitlist": waitlist,
                },
            )
            for session in (full, over, mine, waiting)
        ]  # fmt: skip
        unknown_state = await client.get("/api/v1/bookings", params={"state": "full"})

    assert [(one.status_code, one.json().get("type", one.json().get("state"))) for one in answers] == [
        (201, "waitlisted") if waitlist else (409, "/problems/session-full"),
        (409, "/problems/booking-closed"), (409, "/problems/already-booked"), (201, "pending"),
    ]  # fmt: skip
    assert [one["field"] for one in unknown_state.json()["errors"]] == ["state"]
