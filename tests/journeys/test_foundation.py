"""From an empty database to a booked lecture, a subscribed calendar and a signed year-end PDF, through HTTP alone."""

import io
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from icalendar import Calendar
from litestar import Litestar
from pypdf import PdfReader

from outreach.accounts.commands import create_first_administrator
from outreach.accounts.queries import organisation_by_code
from outreach.programmes.commands import load_programmes
from outreach.shared.actors import Role
from outreach.shared.time import ZONE
from tests.factories.accounts import client_of, make_actor, make_api_token
from tests.support.clock import FixedClock

SUZHOU = Path(__file__).parents[2] / "outreach" / "programmes" / "data" / "suzhou-2015.toml"


def _ok(answer: httpx.Response, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_a_lecture_goes_from_promise_to_signed_report(app: Litestar, database: None, clock: FixedClock) -> None:
    """Organiser plans and publishes; a union books; a calendar subscribes; figures are recorded; the PDF shows them."""
    administrator_id = await create_first_administrator(name="admin", password="a long first password", now=clock.now())
    administrator = httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app),  # type: ignore[arg-type]
        base_url="http://testserver",
        headers={"Authorization": f"Bearer {await make_api_token(administrator_id)}"},
    )
    city = _ok(
        await administrator.post(
            "/api/v1/organisations", json={"code": "SZ", "name": "苏州市总工会", "kind": "federation"}
        ),
        201,
    )
    union = _ok(
        await administrator.post(
            "/api/v1/organisations",
            json={
                "code": "XJ", "name": "胥江机械厂工会", "kind": "grassroots_union", "parent_id": city["id"],
                "district": "姑苏区", "member_count": 860, "member_count_on": "2014-12-31",
            },
        ),
        201,
    )  # fmt: skip
    await load_programmes(SUZHOU.read_text(encoding="utf-8"), now=clock.now())
    organisation = await organisation_by_code("SZ")
    grassroots = await organisation_by_code("XJ")
    assert organisation is not None
    assert grassroots is not None
    organiser_actor = await make_actor(Role.ORGANISER, organisation)  # type: ignore[arg-type]
    contact_actor = await make_actor(Role.CONTACT, grassroots)  # type: ignore[arg-type]

    async with client_of(app, organiser_actor) as organiser, client_of(app, contact_actor) as contact:
        async with client_of(app, None) as stranger:
            # The organiser sees the year's promises.
            year = _ok(await organiser.get("/api/v1/programmes", params={"year": 2015}))
            assert year["total"] == 8
            psychology = next(one for one in year["items"] if one["code"] == "psychology")

            # A lecture is put on the menu, planned and published.
            event = _ok(
                await organiser.post(
                    "/api/v1/events",
                    json={
                        "programme_id": psychology["id"], "title": "倒班职工的睡眠与情绪", "kind": "讲座",
                        "duration_minutes": 90,
                    },
                ),
                201,
            )  # fmt: skip
            lecturer = _ok(await organiser.post("/api/v1/providers", json={"kind": "lecturer", "name": "沈若兰"}), 201)
            venue = _ok(
                await organiser.post(
                    "/api/v1/venues",
                    json={"name": "木渎职工活动中心", "address": "金山南路东侧", "district": "吴中区", "capacity": 120},
                ),
                201,
            )
            starts_at = datetime(2015, 9, 17, 14, 0, tzinfo=ZONE)
            session = _ok(
                await organiser.post(
                    "/api/v1/sessions",
                    json={
                        "event_id": event["id"], "provider_ids": [lecturer["id"]], "venue_id": venue["id"],
                        "starts_at": starts_at.isoformat(), "ends_at": (starts_at + timedelta(minutes=90)).isoformat(),
                        "capacity": 120, "visibility": "public",
                    },
                ),
                201,
            )  # fmt: skip
            assert session["state"] == "draft"
            assert (await stranger.get(f"/api/v1/sessions/{session['id']}")).status_code == 404
            published = _ok(await organiser.post(f"/api/v1/sessions/{session['id']}/publish"))
            assert published["state"] == "published"

            # The union's contact finds it and books it.
            found = _ok(await contact.get("/api/v1/sessions", params={"open": "true", "q": "睡眠"}))
            assert [one["id"] for one in found["items"]] == [session["id"]]
            booking = _ok(
                await contact.post(
                    "/api/v1/bookings",
                    headers={"Idempotency-Key": "three-taps"},
                    json={
                        "session_id": session["id"], "organisation_id": union["id"], "seats": 20,
                        "contact_name": "陈巧云", "contact_phone": "13800000000",
                    },
                ),
                201,
            )  # fmt: skip
            assert booking["state"] == "confirmed"
            seen = _ok(await stranger.get(f"/api/v1/sessions/{session['id']}"))
            assert (seen["seats_taken"], seen["seats_left"]) == (20, 100)

            # A calendar program subscribes.
            feed = await stranger.get("/calendars/public.ics")
            assert feed.headers["content-type"] == "text/calendar; charset=utf-8"
            entries = list(Calendar.from_ical(feed.content).walk("VEVENT"))
            assert [str(one["SUMMARY"]) for one in entries] == ["倒班职工的睡眠与情绪"]
            assert entries[0]["UID"] == f"session-{session['id']}@testserver"
            again = await stranger.get("/calendars/public.ics", headers={"If-None-Match": feed.headers["etag"]})
            assert (again.status_code, again.content) == (304, b"")

            # It takes place; the organiser records the head-count.
            clock.moment = starts_at + timedelta(hours=2)
            before = _ok(await organiser.get(f"/api/v1/programmes/{psychology['id']}/progress"))
            assert (before["targets"][0]["actual"], before["unrecorded"]) == (0, 1)
            await _recorded(organiser, session["id"])
            progress = _ok(await organiser.get(f"/api/v1/programmes/{psychology['id']}/progress"))
            lectures = progress["targets"][0]
            assert (lectures["value"], lectures["actual"], lectures["bound"]) == (50, 1, "about")
            assert lectures["status"] == "behind"
            assert progress["unrecorded"] == 0
            closed = _ok(await organiser.post(f"/api/v1/sessions/{session['id']}/close"))
            assert closed["state"] == "closed"
            assert _ok(await contact.get(f"/api/v1/bookings/{booking['id']}"))["state"] == "attended"

            # The year-end PDF shows the promise, the actual figure and the forecast.
            report = await organiser.get("/reports/2015.pdf", params={"as_of": "2015-12-31"})
            assert report.headers["content-type"] == "application/pdf"
            text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(report.content)).pages)
            squeezed = "".join(text.split())
            assert "组织50场左右的讲座" in squeezed
            assert "倒班职工的睡眠与情绪" in squeezed
            assert (await stranger.get("/reports/2015.pdf")).status_code == 401
    await administrator.aclose()


async def _recorded(organiser: httpx.AsyncClient, session_id: str) -> None:
    answer = await organiser.put(
        f"/api/v1/sessions/{session_id}/headcount",
        json={
            "on": "2015-09-17", "total": 96, "workers": 90, "estimated": False,
            "breakdown": {"migrant": 30, "new_generation_migrant": 12, "women": 41},
        },
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
