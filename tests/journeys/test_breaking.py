"""What hostile and unlucky people do to the whole application, and what it does to them."""

import asyncio
import csv
import html
import importlib
import io
import re
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_from_bytes, urljoin, urlsplit
from uuid import UUID
from zipfile import ZipFile

import httpx
import msgspec
import pytest
from icalendar import Calendar
from litestar import Litestar
from pypdf import PdfReader

from outreach.accounts.tables import ApiToken, Login, Person
from outreach.bookings.tables import Booking
from outreach.events.tables import Occupation, Session
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from outreach.shared.time import ZONE
from tests.conftest import NOW
from tests.factories.accounts import browser_of, client_of, make_actor, make_api_token, make_grant, make_organisation
from tests.factories.accounts import make_person as make_somebody
from tests.factories.bookings import make_booking, make_headcount
from tests.factories.events import STARTS_AT, make_event, make_provider, make_session, make_venue
from tests.factories.openings import make_opening
from tests.factories.orders import make_giver, make_order
from tests.factories.programmes import make_programme, make_target
from tests.support.clock import FixedClock
from tests.support.districts import two_districts
from tests.support.pages import form_token, post_form
from tests.support.queries import counted

# --- one district and the other --------------------------------------------------------------------------------------


def _routes(app: Litestar) -> list[tuple[str, str]]:
    """Method and path of everything but static files."""
    found = {
        (method, route.path_format)
        for route in app.routes
        for method in route.methods - {"OPTIONS", "HEAD"}
        if not route.path_format.startswith(("/static", "/api/v1/unused-schema"))
    }
    return sorted(found, key=lambda one: (one[1], one[0]))


def _filled(path: str, ids: dict[str, Any]) -> str:
    words = {"name": "public.ics", "code": "forbidden", "token": "forbidden", "year": 2015, "programme_year": 2015,
             "number": "0000-0000", "kind": "session-moved", "step": "menu",
             "login_id": NOBODY, "token_id": NOBODY, "grant_id": NOBODY, "holiday_id": NOBODY}  # fmt: skip
    return re.sub(r"{(\w+)}", lambda found: str({**words, **ids}[found[1]]), path)


NOBODY = UUID(int=0)

#: What passes the reading of the body, by the last word of the route: only then is the id looked at.
_BODIES: dict[str, dict[str, Any]] = {
    "tallies": {"target_id": "books", "on": "2015-05-12", "quantity": 1},
    "claim": {
        "organisation_id": str(NOBODY), "address": "食堂", "audience": 9, "contact_name": "甲",
        "contact_phone": "13800000000",
    },
    "corrections": {"field": "total", "on": "2015-05-12", "value": 1, "reason": "数错了"},
    "headcount": {"on": "2015-05-12", "total": 1},
    "assign": {"provider_ids": [str(NOBODY)], "starts_at": "2015-09-24T14:00:00+08:00"},
    "substitute": {"provider_ids": [str(NOBODY)], "reason": "病假"},
    "review": {"lecturer": 5, "content": 5, "organising": 5, "again": True},
    "offer": {"seats": 3},
    "queue": {"place": 1, "reason": "老会员先来"},
    "rain-date": {"use": False},
    "limits": {"per_programme": 3, "per_year": 3},
    "reported-headcount": {"on": "2015-05-12", "total": 1},
    "feedback": {"lecturer": 5, "content": 5, "organising": 5, "again": True},
    "attendees": {"name": "甲", "unit": "姑苏机械厂工会"},
    "undo": {"reason": "认错了人"},
    "remove": {"reason": "传错了"},
    "verdict": {"decision": "keep"},
    "costs": {"kind": "other", "amount": "1"},
    "ticks": {"on": "2015-09-25", "ticks": [{"key": str(NOBODY), "name": "甲", "unit": "厂", "present": True}]},
    "values": {"values": {}},
    "applications": {"organisation_id": str(NOBODY), "wanted": 1},
    "return": {"note": "对不上"},
    "/api/v1/statistics/{table_id}/corrections": {"values": {"1A1": 6}, "reason": "数错了"},
}  # fmt: skip

#: The parts of the desk that are closed to everybody but staff, whatever the id.
CLOSED = ("/desk/", "/api/v1/providers", "/api/v1/venues")


@pytest.mark.parametrize("role", ["stranger", "contact", "lecturer", "evaluator", "organiser"])
async def test_nobody_learns_of_the_other_district(app: Litestar, database: None, role: str) -> None:
    """Every route with the ids of another district: 404 (401 for strangers, 403 where only staff come), no secret."""
    town = await two_districts()
    actor: Actor | None = getattr(town.here, role, None)
    there, answers, leaks = town.there, dict[str, int](), list[str]()

    async with client_of(app, actor) as program, browser_of(app, actor) as browser:
        for method, route in _routes(app):
            path = _filled(route, there.ids)
            client = program if route.startswith("/api/") or method != "GET" else browser
            given = _BODIES.get(route) or _BODIES.get(route.rsplit("/", 1)[1], {})
            form = {
                "reason": "要看", "from_on": "2015-10-12", "until_on": "2015-10-13", "on": "2015-09-25",
                "tick": f"{NOBODY}:1", "undo": f"{NOBODY}:1",
            }  # fmt: skip
            body = {"json": given} if route.startswith("/api/") else {"data": form}
            body = {} if method == "GET" else body
            answer = await client.request(method, path, **body)
            if "_id}" in route and not route.startswith(("/menu", "/api/v1/events", "/account/", "/desk/holidays")):
                answers[f"{method} {route}"] = answer.status_code
            leaks += [f"{method} {route}: {secret}" for secret in there.secrets if secret in answer.text]

    if role == "stranger":
        pages = ("", "/share", "/share.png", "/card.png")
        public = {f"GET /sessions/{{session_id}}{page}": 404 for page in pages}
        public |= {"GET /api/v1/sessions/{session_id}": 404}
        expected = {
            route: public.get(route, 401 if route.startswith(("POST", "PATCH", "PUT", "DELETE", "GET /api/")) else 303)
            for route in answers
        }
    elif role == "organiser":
        # The neighbour's menu is public: known, and not for changing.
        expected = {route: 403 if route.endswith("/desk/events/{event_id}/edit") else 404 for route in answers}
    else:
        # Pages that serve units as well tell nothing of whose they are.
        shared = re.compile(r"/roster|/desk/statistics/{table_id}($|/table)|/desk/reports/(fixed|jobs)/")
        closed = (*CLOSED, "/evaluation/") if role != "evaluator" else CLOSED
        expected = {
            route: 403 if route.split(" ")[1].startswith(closed) and not shared.search(route) else 404
            for route in answers
        }
    assert leaks == []
    assert {route: status for route, status in answers.items() if status != expected[route]} == {}
    assert len(answers) >= 247  # the routes were found


async def test_reports_and_figures_of_another_district_do_not_exist(app: Litestar, database: None) -> None:
    """An organiser and an evaluator of one district get the neighbour's report in no format; the city gets all."""
    town = await two_districts()
    statuses, leaks = dict[str, list[int]](), list[str]()
    for who in ("organiser", "evaluator"):
        async with client_of(app, getattr(town.here, who)) as client:
            for kind in ("pdf", "xlsx", "csv"):
                statuses[f"{who} {kind}"] = [
                    (await client.get(f"/reports/2015.{kind}", params=asked)).status_code
                    for asked in (
                        {"organisation": "B"},
                        {"organisation": "SZ"},
                        {"programme": "own-B"},
                        {"organisation": "A", "programme": "own-B"},
                    )
                ]
            for path in ("/reports/2015.csv", "/api/v1/progress?year=2015", "/api/v1/programmes?year=2015"):
                text = (await client.get(path)).text
                leaks += [f"{who} {path} {word}" for word in ("吴中", "own-B", "87658765") if word in text]
    async with client_of(app, town.organiser) as client:
        whole = (await client.get("/reports/2015.csv", params={"organisation": "SZ"})).text

    assert statuses == {
        f"{who} {kind}": [404, 404, 404, 404] for who in ("organiser", "evaluator") for kind in ("pdf", "xlsx", "csv")
    }
    assert leaks == []
    assert [word in whole for word in ("姑苏自办项目", "吴中自办项目", "43214321", "87658765")] == [
        True,
        True,
        True,
        True,
    ]


async def test_lists_hold_nothing_of_another_district(app: Litestar, database: None) -> None:
    """What is not public of the neighbour is in no list, no total, no filter's answer."""
    town = await two_districts()
    here, there = town.here, town.there

    async with client_of(app, here.organiser) as client:
        sessions = (await client.get("/api/v1/sessions")).json()
        by_state = (await client.get("/api/v1/sessions", params={"state": "draft"})).json()
        found = (await client.get("/api/v1/sessions", params={"q": "秘密礼堂"})).json()
        bookings = (await client.get("/api/v1/bookings", params={"session_id": str(there.public.id)})).json()
        named = (await client.get("/api/v1/bookings", params={"organisation_id": str(there.union.id)})).json()
        providers = (await client.get("/api/v1/providers")).json()
        venues = (await client.get("/api/v1/venues")).json()
        unions = (await client.get("/api/v1/organisations")).json()
        programmes = (await client.get("/api/v1/programmes")).json()

    assert sorted(one["title"] for one in sessions["items"]) == [
        "吴中公开课", "姑苏公开课", "姑苏内部专场", "姑苏内部旧场", "姑苏未发布草稿",
    ]  # fmt: skip
    assert sessions["total"] == 5
    assert [one["title"] for one in by_state["items"]] == ["姑苏未发布草稿"]
    assert (found["total"], bookings["total"], named["total"]) == (0, 0, 0)
    assert [one["name"] for one in providers["items"]] == ["姑苏讲师"]
    assert [one["name"] for one in venues["items"]] == ["姑苏秘密礼堂"]
    assert [one["code"] for one in unions["items"]] == ["SZ", "A", "A-1"]
    assert [one["code"] for one in programmes["items"]] == ["own-A"]


async def test_the_city_sees_what_the_neighbour_does_not(app: Litestar, database: None) -> None:
    """A district's organiser reads its union's booking of a city session, without the means to decide it."""
    town = await two_districts()
    event = await make_event(await make_programme(town.city))
    session = await make_session(event, approval_needed=True)
    ours = await make_booking(session, town.here.union, state="pending", contact_phone="13700000001")
    theirs = await make_booking(session, town.there.union, state="pending", contact_phone="13700000002")

    async with client_of(app, town.here.organiser) as client:
        listed = (await client.get("/api/v1/bookings", params={"session_id": str(session.id)})).json()
        confirmed = await client.post(f"/api/v1/bookings/{ours.id}/confirm")
        foreign = await client.get(f"/api/v1/bookings/{theirs.id}")
        sheet = await client.get(f"/sessions/{session.id}/sign-in-sheet")
        manage = await client.get(f"/desk/sessions/{session.id}")
        tallies = await client.get(f"/api/v1/programmes/{event.programme}/tallies")

    assert [(one["id"], one["contact_phone"]) for one in listed["items"]] == [(str(ours.id), None)]
    assert (confirmed.status_code, foreign.status_code) == (403, 404)
    assert (sheet.status_code, manage.status_code) == (403, 403)
    assert tallies.status_code == 403


async def test_an_administrator_without_organisation_makes_everything(app: Litestar, database: None) -> None:
    """Nothing falls over because the one who runs all belongs to none; what needs an owner asks for it by name."""
    administrator = await make_actor(Role.ADMINISTRATOR, None)

    async with client_of(app, administrator) as client:
        nowhere = [
            await client.post("/api/v1/providers", json={"kind": "lecturer", "name": "沈若兰"}),
            await client.post("/api/v1/venues", json={"name": "礼堂"}),
            await client.post("/api/v1/programmes", json={"year": 2015, "code": "p", "name": "项目"}),
        ]
        city = await client.post("/api/v1/organisations", json={"code": "SZ", "name": "市总工会", "kind": "federation"})
        owner = city.json()["id"]
        provider = await client.post("/api/v1/providers", json={"kind": "lecturer", "name": "沈若兰"})
        venue = await client.post("/api/v1/venues", json={"name": "礼堂"})
        programme = await client.post("/api/v1/programmes", json={"year": 2015, "code": "p", "name": "项目"})
        named = {"year": 2015, "code": "p", "name": "项目", "organisation_id": owner}
        programme = await client.post("/api/v1/programmes", json=named) if programme.status_code == 422 else programme
        event = await client.post(
            "/api/v1/events",
            json={"programme_id": programme.json()["id"], "title": "讲座", "kind": "讲座", "duration_minutes": 90},
        )
        session = await client.post(
            "/api/v1/sessions",
            json={
                "event_id": event.json()["id"], "starts_at": "2015-10-12T14:00:00+08:00", "address": "礼堂",
                "provider_ids": [provider.json()["id"]], "venue_id": venue.json()["id"],
            },
        )  # fmt: skip
        published = await client.post(f"/api/v1/sessions/{session.json()['id']}/publish")
    async with browser_of(app, administrator) as browser:
        pages = {
            path: (await browser.get(path)).status_code
            for path in ("/desk", "/desk/manage", "/desk/programmes", "/desk/programmes/new", "/desk/reports", "/my",
                         "/desk/sessions/new", "/desk/providers/new", "/account", "/desk/tallies", "/desk/holidays")
        }  # fmt: skip

    assert [(one.status_code, one.json()["errors"][0]["field"]) for one in nowhere] == [(422, "organisation_id")] * 3
    made = (city, provider, venue, programme, event, session)
    assert [one.status_code for one in made] == [201] * 6
    assert {provider.json()["organisation_id"], session.json()["organisation_id"]} == {owner}
    assert published.status_code == 200
    assert {path: status for path, status in pages.items() if status != 200} == {}


# --- nothing, and very much -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["stranger", "contact", "organiser", "administrator"])
async def test_an_empty_installation_has_every_page(app: Litestar, database: None, role: str) -> None:
    """Without a programme, a session or a booking every page and list that takes no id answers."""
    city = None if role in ("stranger", "administrator") else await make_organisation()
    actor = None if role == "stranger" else await make_actor(Role(role), city)
    closed = {"stranger": 303, "contact": 403}.get(role, 200)

    async with client_of(app, actor) as program, browser_of(app, actor) as browser:
        got = {}
        for method, path in _routes(app):
            if method == "GET" and "{" not in path:
                got[path] = (await (program if path.startswith("/api/") else browser).get(path)).status_code
        reports = [(await browser.get(f"/reports/2015.{kind}")).status_code for kind in ("pdf", "xlsx", "csv")]
        feed = await browser.get("/calendars/public.ics")

    expected = dict.fromkeys(got, 200) | {path: closed for path in got if path.startswith("/desk")}
    expected |= {"/favicon.ico": 302, "/language": 422, "/login": 200 if actor is None else 303}
    expected |= {"/desk/bookings/new": 422 if actor and actor.is_staff else closed}
    expected |= {"/orders/new": 422 if actor else 303, "/duties": 403 if actor else 303}
    expected |= dict.fromkeys(("/duties/opinions",), 403 if actor else 303)
    expected |= {"/desk/scorecard/print": closed if closed != 200 else 404}  # nothing to print
    if role == "administrator":
        # Where nothing is of anybody yet, the way leads to the first organisation.
        expected |= dict.fromkeys(("/desk/programmes/new", "/desk/coverage", "/desk/wordings", "/desk/letters"), 303)
        expected |= dict.fromkeys(("/desk/figures", "/desk/figures/sessions", "/desk/guide/examples"), 303)
        expected |= {"/desk/programmes/from-notice": 303, "/start": 303}
        expected |= dict.fromkeys(("/api/v1/coverage", "/api/v1/figures", "/api/v1/outside-services"), 404)
    elif role == "organiser":
        expected |= {"/desk/site": 403}  # the administrators' alone
    if actor is None:
        open_lists = ("/api/v1/docs", "/api/v1/openapi.json", "/api/v1/events", "/api/v1/sessions")
        expected |= {path: 401 for path in got if path.startswith("/api/") and path not in open_lists}
        expected |= dict.fromkeys(("/account/calendar", "/account/messages", "/account/leave", "/materials"), 303)
        expected |= {"/my": 303, "/account": 303, "/rosters/template.xlsx": 303, "/statistics": 303}
        expected |= dict.fromkeys(("/evaluation", "/evaluation/sessions", "/sessions/list-worker.js"), 303)
    elif role == "contact":
        expected |= {"/api/v1/providers": 403, "/api/v1/venues": 403}
        read_by_staff = ("coverage", "figures", "outside-services", "scorecard")
        expected |= {f"/api/v1/{name}": 403 for name in read_by_staff}
        expected |= dict.fromkeys(("/evaluation", "/evaluation/sessions"), 403)
    assert {path: status for path, status in got.items() if status != expected[path]} == {}
    assert reports == [{"stranger": 303, "contact": 403}.get(role, 404)] * 3
    assert feed.content.count(b"BEGIN:VEVENT") == 0


#: Path → statements with twenty thousand sessions, the lookup of the caller among them.
_STATEMENTS = {
    "/": 4, "/calendar": 6, "/calendar?view=list": 5, "/desk": 13, "/desk/sessions": 5, "/menu": 9,
    "/api/v1/sessions": 3, "/api/v1/sessions?open=true&q=夜": 3, "/api/v1/progress?year=2015": 5, "/my": 5,
    "/desk/orders": 13, "/desk/orders?state=to_approve": 7, "/desk/orders/list": 4, "/api/v1/orders": 3,
    "/desk/bookings": 4, "/desk/openings": 4, "/desk/travel": 3,
}  # fmt: skip


async def test_ten_years_of_sessions_take_no_more_statements_than_one(app: Litestar, database: None) -> None:
    """20,000 sessions of 10 programmes and 2,000 open orders: the same literal number of statements as with one each,
    and readable pages."""
    city = await make_organisation()
    organiser = await make_actor(Role.ORGANISER, city)
    union, provider = await make_organisation(parent=city), await make_provider(city)
    for year in range(2006, 2016):
        programme = await make_programme(city, year=year, code="culture")
        await make_target(programme)
        event = await make_event(programme)
        if year == 2015:
            await make_giver(event, provider)
            for state in ("submitted", "approved"):
                await make_order(event, union, state=state)
        await make_session(event, starts_at=datetime(year, 1, 5, 9, tzinfo=ZONE), state="held")
    small = await _statements(app, organiser)
    await db.execute(
        """INSERT INTO bookings_order (id, event, organisation, state, audience, address, district, contact_name,
                  contact_phone, first_on, last_on, submitted_at, changed_at)
           SELECT gen_random_uuid(), r.event, r.organisation, r.state, 60, r.address, r.district, r.contact_name,
                  r.contact_phone, r.first_on + n % 30, r.last_on + n % 30, r.submitted_at, r.changed_at
             FROM bookings_order r, generate_series(1, 1000) n"""
    )
    await db.execute(
        """INSERT INTO bookings_order_window (id, order_id, position, "on", part)
           SELECT gen_random_uuid(), r.id, 1, r.first_on, 'afternoon' FROM bookings_order r
            WHERE NOT EXISTS (SELECT 1 FROM bookings_order_window w WHERE w.order_id = r.id)"""
    )
    await db.execute(
        """INSERT INTO events_session (id, event, programme, organisation, title, kind, address, district, starts_at,
                  ends_at, multi_day, setup_minutes, takedown_minutes, capacity, seats_taken, claimable, visibility,
                  state, approval_needed, note, revision, revised_at, published_at, cancelled_by, cancel_reason,
                  created_at)
           SELECT gen_random_uuid(), e.id, e.programme, s.organisation, '夜场' || n, s.kind, s.address, s.district,
                  make_timestamptz(p.year, 1, 2, 9, 0, 0, 'Asia/Shanghai') + n * interval '4 hours',
                  make_timestamptz(p.year, 1, 2, 10, 0, 0, 'Asia/Shanghai') + n * interval '4 hours', false, 0, 0, 100,
                  0, false, 'public', CASE WHEN n % 10 = 0 THEN 'draft' ELSE 'published' END, false, '', 1,
                  s.revised_at, s.revised_at, '', '', s.created_at
             FROM events_event e JOIN programmes_programme p ON p.id = e.programme, events_session s,
                  generate_series(1, 2000) n WHERE s.event = e.id AND s.title = e.title"""
    )
    large = await _statements(app, organiser)

    assert await db.value("SELECT count(*) FROM events_session") == 20_010
    assert {path: number for path, (number, _size) in small.items()} == _STATEMENTS
    assert {path: number for path, (number, _size) in large.items()} == _STATEMENTS
    assert {path: size for path, (_number, size) in large.items() if size > 400_000} == {}


async def _statements(app: Litestar, actor: Actor) -> dict[str, tuple[int, int]]:
    """Path → statements sent and bytes answered."""
    found = {}
    async with browser_of(app, actor) as browser:
        for path in _STATEMENTS:
            await browser.get(path)
            with counted() as sent:
                answer = await browser.get(path)
            assert answer.status_code == 200, path
            found[path] = (len(sent), len(answer.content))
    return found


# --- names that are programs ------------------------------------------------------------------------------------------

_NASTY = (
    "{{7*7}}<script>alert(1)</script>\"'&%s",
    '=cmd|"/c calc"!A0,;\\n',
    "@SUM(1+1)*cmd",
    "+7-{0}%(x)s${7*7}",
    "夜🎭👩‍🏭校" + "长" * 54,
)


@pytest.mark.parametrize("name", _NASTY, ids=["markup", "formula", "at", "plus", "emoji of sixty"])
async def test_a_name_is_a_name_wherever_it_appears(app: Litestar, database: None, name: str) -> None:
    """In pages, JSON, calendars, PDF, xlsx and csv it stands as typed; nothing runs, nothing is filled in."""
    city = await make_organisation(name=name, district=name[:40], code="SZ")
    organiser = await make_actor(Role.ORGANISER, city, name=name[:60])
    programme = await make_programme(city, name=name, short_name=name[:20], department=name)
    await make_target(programme, label=name, wording=name, unit=name[:10], metric="sessions", value=3)
    union = await make_organisation(parent=city, name=name)
    provider = await make_provider(city, name=name[:60])
    event = await make_event(programme, title=name, topic=name[:60], summary=name, audience=name, site_needs=name)
    # Another revision than in the other runs of this test: feeds are kept as long as nothing is revised.
    revised_at = NOW + timedelta(minutes=_NASTY.index(name))
    open_ = await make_session(
        event, providers=(provider,), title=name, address=name, district=name[:40], note=name, revised_at=revised_at
    )
    held = await make_session(
        event, title=name, state="held", address=name, district=name[:40], host=union.id,
        starts_at=datetime(2015, 5, 12, 9, tzinfo=ZONE),
    )  # fmt: skip
    await make_headcount(held)
    await make_booking(open_, union, contact_name=name[:60], note=name)
    await make_giver(event, provider)
    order = await make_order(
        event, union, state="approved", contact_name=name[:60], note=name, address=name, site_lacks=name,
        district=name[:40],
    )  # fmt: skip
    opening = await make_opening(programme, name=name, sessions=(open_,), quotas={name[:40]: 3}, places=9)

    async with browser_of(app, organiser) as browser, client_of(app, organiser) as program:
        pages = {
            path: (await browser.get(path)).text
            for path in (
                "/", "/calendar", "/calendar?view=list", "/calendar?day=2015-09-24", "/menu", f"/menu/{event.id}",
                f"/sessions/{open_.id}", f"/sessions/{open_.id}/sign-in-sheet", "/desk", f"/desk/sessions/{open_.id}",
                f"/desk/sessions/{open_.id}/move", "/desk/sessions", "/desk/bookings", "/desk/journal",
                "/desk/organisations", "/desk/people", "/desk/providers", f"/desk/programmes/{programme.id}",
                f"/desk/programmes/{programme.id}/edit", "/desk/reports", f"/desk/events/{event.id}/edit", "/account",
                "/desk/orders", f"/desk/orders?order={order.id}", "/desk/orders/list", f"/orders/{order.id}",
                f"/orders/{order.id}/form", "/desk/openings", f"/desk/openings/{opening.id}/edit",
                f"/orders/new?event_id={event.id}",
            )
        }  # fmt: skip
        read = (await program.get(f"/api/v1/sessions/{open_.id}")).json()
        feed = (await program.get("/calendars/public.ics")).content
        workbook = (await program.get("/reports/2015.xlsx")).content
        lists = [(await program.get(f"/desk/{kind}.xlsx")).content for kind in ("orders", "bookings")]
        sheet = (await program.get("/reports/2015.csv")).content.decode("utf-8-sig")
        pdf = (await program.get("/reports/2015.pdf")).content
        single = (await program.get("/reports/2015.pdf?form=page")).content

    raw = [path for path, text in pages.items() if "<script>alert" in text or "49<script" in text or "${49}" in text]
    unseen = [path for path, text in pages.items() if name[:8] not in _as_read(text)]
    entries = {str(one["SUMMARY"]): str(one["LOCATION"]) for one in Calendar.from_ical(feed).walk("VEVENT")}
    formulas = [
        one
        for parts in (ZipFile(io.BytesIO(book)) for book in (workbook, *lists))
        for one in parts.namelist()
        if one.startswith("xl/worksheets") and b"<f>" in parts.read(one)
    ]
    cells = [cell for line in csv.reader(io.StringIO(sheet)) for cell in line]
    assert raw == []
    assert unseen == []
    assert (read["title"], read["address"], read["provider_names"]) == (name, name, [name[:60]])
    assert entries == {name: name}
    assert formulas == []
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))] == []
    assert [pdf[:5], single[:5], len(PdfReader(io.BytesIO(single)).pages)] == [b"%PDF-", b"%PDF-", 1]


def _as_read(page: str) -> str:
    return html.unescape(page)


# --- the turn of the year ---------------------------------------------------------------------------------------------


async def test_a_session_over_midnight_of_new_year_belongs_to_the_old_year(
    app: Litestar, database: None, clock: FixedClock
) -> None:
    """31 December 23:30 to 1:00: the start day decides, in progress, calendar, lists and feeds alike."""
    city = await make_organisation()
    organiser = await make_actor(Role.ORGANISER, city)
    old, new = await make_programme(city, year=2015), await make_programme(city, year=2016)
    for programme in (old, new):
        await make_target(programme)
        await make_target(programme, metric="visits", unit="人次", position=2)
    night = datetime(2015, 12, 31, 23, 30, tzinfo=ZONE)
    late = await make_session(
        await make_event(old), title="跨年夜场", starts_at=night, ends_at=night + timedelta(minutes=90)
    )
    early = await make_session(
        await make_event(new), title="元旦早场", starts_at=datetime(2016, 1, 1, 0, 0, tzinfo=ZONE)
    )
    first_of_year = await make_session(
        await make_event(old), title="头一场", starts_at=datetime(2015, 1, 1, 0, 0, tzinfo=ZONE), state="held"
    )
    await make_headcount(first_of_year, on=date(2015, 1, 1), total=10)

    async with client_of(app, organiser) as client:
        clock.moment = night + timedelta(minutes=10)
        ahead = (await client.get("/api/v1/progress", params={"year": 2015})).json()["items"][0]
        clock.moment = night + timedelta(hours=20)
        wrong_day = await client.put(f"/api/v1/sessions/{late.id}/headcount", json={"on": "2015-12-30", "total": 30})
        for on, total in (("2015-12-31", 30), ("2016-01-01", 5)):
            await client.put(f"/api/v1/sessions/{late.id}/headcount", json={"on": on, "total": total})
        await client.put(f"/api/v1/sessions/{early.id}/headcount", json={"on": "2016-01-01", "total": 7})
        figures = {
            (year, as_of): [
                one["actual"]
                for one in (await client.get("/api/v1/progress", params={"year": year, "as_of": as_of})).json()[
                    "items"
                ][0]["targets"]
            ]
            for year, as_of in ((2015, "2015-12-30"), (2015, "2015-12-31"), (2015, "2016-01-01"), (2016, "2016-01-01"))
        }
        months = (await client.get("/api/v1/progress", params={"year": 2015})).json()["items"][0]["months"]
        listed = {
            (first, last): [
                one["title"]
                for one in (await client.get("/api/v1/sessions", params={"from": first, "to": last})).json()["items"]
            ]
            for first, last in (("2015-12-31", "2015-12-31"), ("2016-01-01", "2016-12-31"))
        }
        feeds = {
            year: sorted(
                str(one["SUMMARY"])
                for one in Calendar.from_ical(
                    (await client.get("/calendars/public.ics", params={"year": year})).content
                ).walk("VEVENT")
            )
            for year in (2015, 2016)
        }
        december = (await client.get("/calendar?month=2015-12&view=list&whole=1")).text
        january = (await client.get("/calendar?month=2016-01&view=list&whole=1")).text

    assert ahead["unrecorded"] == 0
    assert wrong_day.status_code == 422
    assert figures == {
        (2015, "2015-12-30"): [1, 10],
        (2015, "2015-12-31"): [2, 40],
        (2015, "2016-01-01"): [2, 45],
        (2016, "2016-01-01"): [1, 7],
    }
    assert [(one["month"], one["metric"], one["actual"]) for one in months if one["actual"]] == [
        (1, "sessions", 1), (12, "sessions", 1), (1, "visits", 10), (12, "visits", 35),
    ]  # fmt: skip
    assert listed == {("2015-12-31", "2015-12-31"): ["跨年夜场"], ("2016-01-01", "2016-12-31"): ["元旦早场"]}
    assert feeds == {2015: ["头一场", "跨年夜场"], 2016: ["元旦早场"]}
    assert ["跨年夜场" in december, "元旦早场" in december] == [True, False]
    assert ["跨年夜场" in january, "元旦早场" in january] == [False, True]


# --- who is let in no more --------------------------------------------------------------------------------------------


async def test_what_has_ended_opens_nothing(app: Litestar, database: None) -> None:
    """A role until yesterday, one from tomorrow, a disabled person, a revoked token, an expired login."""
    city = await make_organisation()
    today = date(2015, 9, 15)

    async def somebody(**given: Any) -> Person:
        person = await make_somebody()
        await make_grant(person, Role.ORGANISER, city, **given)
        return person

    over = await somebody(until_on=today)  # the first day without it
    coming = await somebody(from_on=today + timedelta(days=1))
    disabled = await somebody()
    await Person.update({Person.disabled_at: NOW}).where(Person.id == disabled.id)
    revoked = await somebody()
    last_day = await somebody(until_on=today + timedelta(days=1))
    tokens = {person.id: await make_api_token(person.id) for person in (over, coming, disabled, revoked, last_day)}
    await ApiToken.update({ApiToken.revoked_at: NOW}).where(ApiToken.person == revoked.id)

    found = {}
    for name, person in (
        ("over", over),
        ("coming", coming),
        ("disabled", disabled),
        ("revoked", revoked),
        ("last day", last_day),
    ):
        transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
        headers = {"Authorization": f"Bearer {tokens[person.id]}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver", headers=headers) as client:
            found[name] = [
                (await client.get(path)).status_code
                for path in ("/api/v1/me", "/api/v1/providers", "/desk", "/reports/2015.csv", "/api/v1/sessions")
            ]

    assert found == {
        "over": [200, 403, 403, 403, 200],
        "coming": [200, 403, 403, 403, 200],
        "disabled": [401, 401, 401, 401, 401],
        "revoked": [401, 401, 401, 401, 401],
        "last day": [200, 200, 200, 404, 200],
    }


async def test_a_login_that_has_ended_is_a_stranger(app: Litestar, database: None, clock: FixedClock) -> None:
    """Revoked, expired, or of somebody disabled: the public pages stay, everything else asks to log in."""
    city = await make_organisation()
    found = {}
    for name in ("revoked", "expired", "disabled"):
        actor = await make_actor(Role.ORGANISER, city)
        async with browser_of(app, actor) as browser:
            before = (await browser.get("/desk")).status_code
            mine = Login.person == actor.person_id
            if name == "revoked":
                await Login.update({Login.revoked_at: clock.now()}).where(mine)
            elif name == "expired":
                await Login.update({Login.expires_at: clock.now()}).where(mine)
            else:
                await Person.update({Person.disabled_at: clock.now()}).where(Person.id == actor.person_id)
            after = await browser.get("/desk")
            found[name] = (before, after.status_code, after.headers["location"], (await browser.get("/")).status_code)

    assert found == dict.fromkeys(("revoked", "expired", "disabled"), (200, 303, "/login?next=/desk", 200))


# --- all at once ------------------------------------------------------------------------------------------------------


async def test_approving_cancelling_booking_and_moving_at_once_keep_the_books_right(
    app: Litestar, database: None
) -> None:
    """Whatever wins, every answer is a known one, and the seats taken are those of the live bookings."""
    city = await make_organisation()
    organiser = await make_actor(Role.ORGANISER, city)
    event = await make_event(await make_programme(city))
    session = await make_session(event, capacity=50, approval_needed=True)
    unions = [await make_organisation(parent=city) for _ in range(12)]
    contacts = [await make_actor(Role.CONTACT, union) for union in unions]
    waiting = [await make_booking(session, union, state="pending", seats=5) for union in unions[:6]]

    async with client_of(app, organiser) as desk:
        clients = [await _entered(app, contact) for contact in contacts]
        jobs = [desk.post(f"/api/v1/bookings/{one.id}/confirm") for one in waiting]
        jobs += [clients[number].post(f"/api/v1/bookings/{one.id}/cancel") for number, one in enumerate(waiting)]
        jobs += [desk.post(f"/api/v1/bookings/{one.id}/decline", json={"reason": "满"}) for one in waiting[:3]]
        jobs += [
            clients[number].post(
                "/api/v1/bookings",
                json={
                    "session_id": str(session.id), "organisation_id": str(unions[number].id), "seats": 9,
                    "contact_name": "甲", "contact_phone": "13800000000",
                },
            )
            for number in range(6, 12)
        ]  # fmt: skip
        jobs += [desk.patch(f"/api/v1/sessions/{session.id}", json={"capacity": 45})]
        jobs += [
            desk.patch(f"/api/v1/sessions/{session.id}", json={"starts_at": f"2015-09-2{day}T14:00:00+08:00"})
            for day in (5, 6)
        ]
        answers = await asyncio.gather(*jobs)
        for client in clients:
            await client.aclose()

    known = {"/problems/wrong-state", "/problems/session-full", "/problems/invalid"}
    bad = [one.text for one in answers if one.status_code >= 400 and one.json()["type"] not in known]
    live = await db.value(
        "SELECT coalesce(sum(seats), 0) FROM bookings_booking WHERE state IN ('pending', 'confirmed')"
    )
    taken, capacity = tuple(await db.row("SELECT seats_taken, capacity FROM events_session WHERE id = $1", session.id))  # type: ignore[arg-type]
    assert bad == []
    assert taken == live
    assert taken <= capacity
    assert Counter(one.status_code for one in answers[-2:]) == {200: 2}


async def _entered(app: Litestar, actor: Actor) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    headers = {"Authorization": f"Bearer {await make_api_token(actor.person_id)}"}
    return httpx.AsyncClient(transport=transport, base_url="http://testserver", headers=headers)


async def test_of_drafts_that_want_the_same_lecturer_one_is_published(app: Litestar, database: None) -> None:
    """Eight at once: one 200, seven clashes; the same draft eight times at once: one 200, seven wrong states."""
    city = await make_organisation()
    organiser = await make_actor(Role.ORGANISER, city)
    event = await make_event(await make_programme(city))
    lecturer, room = await make_provider(city), await make_venue(city)
    rivals = [
        await make_session(event, state="draft", providers=(lecturer,), venue=room.id, published_at=None)
        for _ in range(8)
    ]
    alone = await make_session(event, state="draft", published_at=None, starts_at=STARTS_AT + timedelta(days=1))

    async with client_of(app, organiser) as desk:
        answers = await asyncio.gather(*(desk.post(f"/api/v1/sessions/{one.id}/publish") for one in rivals))
        again = await asyncio.gather(*(desk.post(f"/api/v1/sessions/{alone.id}/publish") for _ in range(8)))

    assert Counter(one.status_code for one in answers) == {200: 1, 409: 7}
    assert {one.json()["type"] for one in answers if one.status_code == 409} == {"/problems/clash"}
    assert Counter(one.status_code for one in again) == {200: 1, 409: 7}
    assert {one.json()["type"] for one in again if one.status_code == 409} == {"/problems/wrong-state"}
    assert await Occupation.count() == 2
    assert await Session.count().where(Session.state == "published") == 2


async def test_one_key_sent_ten_times_at_once_books_once(app: Litestar, database: None) -> None:
    """All ten get the one answer; the key with another body is refused, and another caller may use it."""
    city = await make_organisation()
    union, other = await make_organisation(parent=city), await make_organisation(parent=city)
    session = await make_session(await make_event(await make_programme(city)))
    body = {
        "session_id": str(session.id), "organisation_id": str(union.id), "seats": 9, "contact_name": "甲",
        "contact_phone": "13800000000",
    }  # fmt: skip
    key = {"Idempotency-Key": "one"}

    async with (
        client_of(app, await make_actor(Role.CONTACT, union)) as client,
        client_of(app, await make_actor(Role.CONTACT, other)) as stranger,
    ):
        answers = await asyncio.gather(*(client.post("/api/v1/bookings", json=body, headers=key) for _ in range(10)))
        reused = await client.post("/api/v1/bookings", json={**body, "seats": 8}, headers=key)
        too_long = await client.post("/api/v1/bookings", json=body, headers={"Idempotency-Key": "k" * 201})
        huge = await client.post("/api/v1/bookings", json={**body, "note": "x" * 6_000_000}, headers=key)
        theirs = await stranger.post("/api/v1/bookings", json={**body, "organisation_id": str(other.id)}, headers=key)

    assert {(one.status_code, one.text) for one in answers} == {(201, answers[0].text)}
    assert await Booking.count().where(Booking.organisation == union.id) == 1
    assert (reused.status_code, reused.json()["type"]) == (422, "/problems/idempotency-key-reused")
    assert (too_long.status_code, too_long.json()["errors"][0]["field"]) == (422, "Idempotency-Key")
    assert theirs.status_code == 201
    assert (huge.status_code, huge.json()["type"]) == (413, "/problems/too-large")


# --- forms from elsewhere ---------------------------------------------------------------------------------------------


async def test_no_form_is_taken_without_our_token(app: Litestar, database: None) -> None:
    """Every POST route by cookie: no token, another browser's token, another site's origin; nothing happens."""
    town = await two_districts()
    statuses = set()
    async with browser_of(app, town.here.organiser) as browser, browser_of(app, town.here.organiser) as second:
        token = form_token((await browser.get("/account")).text)
        await second.get("/account")
        for method, route in _routes(app):
            if method == "GET":
                continue
            path = _filled(route, town.here.ids)
            for answer in (
                await browser.request(method, path, data={"name": "x"}),
                await second.request(method, path, data={"name": "x", "_csrf_token": token}),
                await browser.request(
                    method, path, data={"_csrf_token": token}, headers={"Origin": "https://evil.example"}
                ),
                await browser.request(method, path, data={"_csrf_token": ""}),
            ):
                statuses.add((answer.status_code, route if answer.status_code != 403 else ""))

    # Workers check in without a login, by JSON: a form does not even reach the question.
    assert statuses == {(403, ""), (415, "/api/v1/checkins"), (415, "/api/v1/opinions"), (404, "/unsubscribe/{token}")}


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example", "/%09/evil.example",
        "javascript:alert(1)", "/\t\\evil.example", "/a\r\nSet-Cookie: x=1", "evil.example", "///evil.example",
        "/login?next=//evil.example",
    ],
)  # fmt: skip
async def test_no_address_leads_out_of_the_site(app: Litestar, database: None, wanted: str) -> None:
    """``next=`` of the login and of the language leads to our pages only, and never breaks a header."""
    from outreach.accounts.passwords import hash_password

    person = await make_somebody(login_name="gu", password_hash=await hash_password("a long first password"))
    await make_grant(person, Role.ORGANISER, await make_organisation())
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(
        transport=transport, base_url="http://testserver", headers={"Accept": "text/html"}
    ) as browser:
        language = await browser.get("/language", params={"to": "en", "next": wanted})
        opened = await browser.get("/login", params={"next": wanted})
        entered = await browser.post(
            "/login",
            params={"next": wanted},
            data={
                "name": "gu", "password": "a long first password", "next": wanted,
                "_csrf_token": form_token(opened.text),
            },
        )  # fmt: skip

    targets = [one.headers["location"] for one in (language, entered)]
    assert [one.status_code for one in (language, entered)] == [303, 303]
    assert [one for one in targets if not re.fullmatch(r"/(?![/\\])[!-\[\]-~]*", one)] == []
    assert {urlsplit(urljoin("http://testserver/login", one)).netloc for one in targets} == {"testserver"}
    assert "x" not in language.cookies


async def test_what_a_toast_says_is_text(app: Litestar, database: None) -> None:
    """A flash cookie that somebody forged, or a name with line breaks in it, is shown as text and breaks no header."""
    organiser = await make_actor(Role.ORGANISER, await make_organisation())
    async with browser_of(app, organiser) as browser:
        name = "名\r\nSet-Cookie: a=1<script>"
        made = await post_form(browser, "/desk/providers/new", {"name": name, "kind": "lecturer", "parallel_teams": 1})
        kept = await post_form(
            browser,
            "/desk/providers/new",
            {"name": "<script>alert(1)</script>", "kind": "lecturer", "parallel_teams": 1},
        )
        shown = await browser.get(kept.headers["location"])
        browser.cookies.set("outreach_flash", "%3Cimg%20src=x%20onerror=alert(1)%3E%0D%0A%FF")
        forged = await browser.get("/desk/providers")

    assert made.status_code == 422
    assert kept.status_code == 303
    assert "&lt;script&gt;alert(1)" in shown.text
    assert "<script>alert" not in shown.text
    assert forged.status_code == 200
    assert "<img src=x" not in forged.text


# --- too late, too early ----------------------------------------------------------------------------------------------


async def test_time_is_up_to_the_moment(app: Litestar, database: None, clock: FixedClock) -> None:
    """Booking and claiming end at their moment: one second before it yes, at it no; before it opens no."""
    city = await make_organisation()
    event = await make_event(await make_programme(city))
    opens, closes = STARTS_AT - timedelta(days=5), STARTS_AT - timedelta(days=1)
    second = timedelta(seconds=1)

    async def booked(at: datetime, **given: Any) -> tuple[int, str]:
        session = await make_session(event, **given)
        union = await make_organisation(parent=city)
        clock.moment = at
        body: dict[str, Any] = {"organisation_id": str(union.id), "contact_name": "甲", "contact_phone": "13800000000"}
        async with client_of(app, await make_actor(Role.CONTACT, union)) as client:
            if session.claimable:
                claim = {**body, "address": "食堂", "audience": 30}
                answer = await client.post(f"/api/v1/sessions/{session.id}/claim", json=claim)
            else:
                answer = await client.post("/api/v1/bookings", json={**body, "session_id": str(session.id), "seats": 2})
        return answer.status_code, answer.json().get("why", answer.json().get("state", ""))

    window = {"booking_opens_at": opens, "booking_closes_at": closes}
    found = {
        "a second early": await booked(opens - second, **window),
        "as it opens": await booked(opens, **window),
        "the last second": await booked(closes - second, **window),
        "as it closes": await booked(closes, **window),
        "without a window, before": await booked(STARTS_AT - second),
        "without a window, at the start": await booked(STARTS_AT),
        "claim before the start": await booked(STARTS_AT - second, claimable=True),
        "claim at the start": await booked(STARTS_AT, claimable=True),
        "claim after the deadline": await booked(closes, claimable=True, **window),
        "cancelled": await booked(opens, state="cancelled"),
        "held": await booked(opens, state="held"),
    }

    assert found == {
        "a second early": (409, "not-open-yet"),
        "as it opens": (201, "confirmed"),
        "the last second": (201, "confirmed"),
        "as it closes": (409, "over"),
        "without a window, before": (201, "confirmed"),
        "without a window, at the start": (409, "over"),
        "claim before the start": (201, "confirmed"),
        "claim at the start": (409, "over"),
        "claim after the deadline": (409, "over"),
        "cancelled": (409, "cancelled"),
        "held": (409, "held"),
    }


async def test_a_page_open_since_before_the_deadline_keeps_what_was_typed(
    app: Litestar, database: None, clock: FixedClock
) -> None:
    """The form was open, the time is up: 409, the reason in words, the typed name still there."""
    city = await make_organisation()
    union = await make_organisation(parent=city)
    session = await make_session(await make_event(await make_programme(city)), booking_closes_at=STARTS_AT)
    async with browser_of(app, await make_actor(Role.CONTACT, union)) as browser:
        path = f"/sessions/{session.id}"
        token = form_token((await browser.get(path)).text)
        clock.moment = STARTS_AT
        given = {
            "organisation_id": str(union.id), "seats": 3, "contact_name": "沈若兰", "contact_phone": "13800000000",
            "agree": "on", "_csrf_token": token,
        }  # fmt: skip
        answer = await browser.post(f"{path}/book", data=given)

    assert answer.status_code == 409
    assert "这场现在不能预约" in answer.text
    assert await Booking.count() == 0


# --- every field of every form, every word of every address -----------------------------------------------------------

_WILD = ("0", "-1", "1000000000", "9" * 400, "字" * 100_000, "铃\x07\x00铃", "1900-01-01", "9999-12-31T23:59",
         "2015-02-30", "{{7*7}}", "\ud800", "%", "null", "\u202e倒", "1e999", "NaN", "", str(NOBODY))  # fmt: skip


def _form_fields() -> list[str]:
    """Every name of a field in a form."""
    found = set[str]()
    for file in Path("outreach").rglob("*forms.py"):
        module = importlib.import_module(".".join(file.with_suffix("").parts))
        for one in vars(module).values():
            if isinstance(one, type) and issubclass(one, msgspec.Struct):
                found |= set(one.__struct_fields__)
    return sorted(found)


async def test_no_form_breaks_whatever_is_typed(app: Litestar, database: None) -> None:
    """Each POST page empty, and with a wild text in its every field, in turns: answered, never 5xx."""
    town = await two_districts()
    fields, bad, seen = _form_fields(), list[str](), Counter[int]()
    bodies = [b"", *(_wild_query(fields, turn) for turn in range(6))]
    bodies.append(b"&".join(bodies[1:3]))  # every field twice
    for actor, part in ((town.here.organiser, "/"), (town.here.contact, "/bookings")):
        async with browser_of(app, actor) as browser:
            headers = {
                "X-CSRF-Token": form_token((await browser.get("/account")).text),
                "Content-Type": "application/x-www-form-urlencoded",
            }
            for method, route in _routes(app):
                if method == "GET" or not route.startswith(part) or route.startswith(("/api/", "/logout")):
                    continue
                for number, body in enumerate(bodies):
                    answer = await browser.post(_filled(route, town.here.ids), content=body, headers=headers)
                    seen[answer.status_code] += 1
                    if answer.status_code >= 500:
                        bad.append(f"{route} {number}: {answer.status_code}")

    assert bad == []
    assert len(fields) >= 230  # the forms were found
    assert seen[422] > 200


def _wild_query(names: Sequence[str], turn: int) -> bytes:
    """Every name with a wild text, another one each turn, percent-encoded."""
    texts = [_WILD[(3 * turn + number) % len(_WILD)] for number in range(len(names))]
    pairs = zip(names, (quote_from_bytes(text[:5000].encode("utf-8", "surrogatepass")) for text in texts), strict=True)
    return "&".join(f"{name}={text}" for name, text in pairs).encode()


_UNREADABLE_FORMS = [
    (b"--x\r\nhello", "multipart/form-data; boundary=x"),
    (b"hello", "multipart/form-data"),
    (b"name=%ff%fe&name=%00", "application/x-www-form-urlencoded"),
    (b"\xff\xfe=\xff", "application/x-www-form-urlencoded"),
    (b"&".join(b"a%d=1" % number for number in range(5000)), "application/x-www-form-urlencoded"),
    (b"{}", "application/json"),
    (b"name", "text/plain"),
]  # fmt: skip


@pytest.mark.parametrize("with_header", [True, False], ids=["token in the header", "token in the form"])
async def test_a_form_that_cannot_be_read_is_refused(app: Litestar, database: None, with_header: bool) -> None:
    """Broken multipart, other encodings and types: 4xx, never 5xx."""
    town = await two_districts()
    async with browser_of(app, town.here.organiser) as browser:
        token = form_token((await browser.get("/account")).text)
        answers = {}
        for content, kind in _UNREADABLE_FORMS:
            for path in (
                "/account",
                "/login",
                "/desk/providers/new",
                "/entry",
                f"/desk/people/{town.here.contact.person_id}",
            ):
                headers = {"Content-Type": kind, **({"X-CSRF-Token": token} if with_header else {})}
                answer = await browser.post(path, content=content, headers=headers)
                answers[path, kind, content[:20]] = answer.status_code

    assert {one: status for one, status in answers.items() if not 400 <= status < 500} == {}


async def test_no_address_breaks_whatever_stands_in_it(app: Litestar, database: None) -> None:
    """Each page and list with its every parameter wild: answered, never 5xx."""
    town = await two_districts()
    names = (
        "q", "after", "limit", "page", "year", "month", "day", "view", "programme", "organisation", "as_of", "from",
        "to", "kind", "district", "state", "open", "unrecorded", "show", "past", "session_id", "organisation_id",
        "event_id", "copy", "role", "on", "form", "lang", "whole", "next",
    )  # fmt: skip
    bad = []
    # As long as a server takes an address: what is longer is refused before it reaches us.
    queries = [_wild_query(names, turn).replace(quote("字" * 5000).encode(), b"%E5%AD%97") for turn in range(3)]
    for actor in (None, town.here.organiser, town.here.contact):
        async with browser_of(app, actor) as browser, client_of(app, actor) as program:
            for method, route in _routes(app):
                if method != "GET" or route in ("/styleguide", "/api/v1/openapi.json", "/api/v1/docs", "/metrics"):
                    continue
                client = program if route.startswith("/api/") else browser
                alone = [
                    f"{name}={quote(text)}".encode()
                    for name in ("q", "after", "as_of")
                    for text in ("\x00W10", "'\"%_\\")
                ]
                for query in (*queries, *alone):
                    path = _filled(route, town.here.ids).encode() + b"?" + query
                    answer = await client.get(httpx.URL(scheme="http", host="testserver", raw_path=path))
                    if answer.status_code >= 500:
                        bad.append(f"{route} {query[:60]!r}: {answer.status_code}")
            for path in (
                b"/%ff%fe", b"/sessions/%00", b"/calendars/programmes/99999999999/x.ics", b"/..%2f..%2fetc/passwd",
                b"/api/v1/sessions/%F0%9F%8E%AD", b"/static/..%2f..%2fapp.py", b"/problems/%00",
            ):  # fmt: skip
                answer = await browser.get(httpx.URL(scheme="http", host="testserver", raw_path=path))
                if answer.status_code != 404 and not (actor is None and answer.status_code == 303):
                    bad.append(f"{path!r}: {answer.status_code}")

    assert bad == []


async def test_a_confidential_programme_shows_nothing_outside(app: Litestar, database: None) -> None:
    """Counselling is tallied, not booked here: its menu and its sessions are for those concerned, by no way else."""
    city = await make_organisation()
    programme = await make_programme(city, confidential=True, name="心理咨询预约")
    event = await make_event(programme, title="个别咨询")
    draft = {"event_id": str(event.id), "starts_at": "2015-10-12T14:00:00+08:00", "address": "咨询室"}
    contact = await make_actor(Role.CONTACT, await make_organisation(parent=city))

    async with client_of(app, await make_actor(Role.ORGANISER, city)) as desk, client_of(app, contact) as client:
        refused = await desk.post("/api/v1/sessions", json={**draft, "visibility": "public"})
        made = (await desk.post("/api/v1/sessions", json=draft)).json()
        published = await desk.post(f"/api/v1/sessions/{made['id']}/publish")
        opened = await desk.patch(f"/api/v1/sessions/{made['id']}", json={"visibility": "members"})
        texts = {
            path: (await client.get(path)).text
            for path in ("/", "/calendar", "/menu", "/api/v1/events", "/api/v1/sessions", "/calendars/public.ics")
        }
        statuses = [
            (await client.get(path)).status_code
            for path in (
                f"/api/v1/events/{event.id}", f"/menu/{event.id}", f"/api/v1/sessions/{made['id']}",
                f"/sessions/{made['id']}", f"/sessions/{made['id']}.ics",
            )
        ]  # fmt: skip

    assert [(one.status_code, one.json()["errors"][0]["field"]) for one in (refused, opened)] == [
        (422, "visibility"), (422, "visibility"),
    ]  # fmt: skip
    assert (made["visibility"], published.status_code) == ("host", 200)
    assert [path for path, text in texts.items() if "个别咨询" in text or "咨询室" in text] == []
    assert statuses == [404, 404, 404, 404, 404]
