"""Who gets in, who does not, and what every answer carries."""

import httpx
import pytest
from litestar import Litestar
from litestar._parsers import parse_url_encoded_form_data

from outreach.shared.actors import Role
from outreach.web.observing import ObservingMiddleware, metrics_text
from outreach.web.security import SecurityHeadersMiddleware
from tests.factories.accounts import browser_of, client_of, make_actor, make_api_token, make_organisation
from tests.support.pages import form_token


async def test_a_wrong_token_is_refused_even_where_strangers_may_read(client: httpx.AsyncClient) -> None:
    """A program with a revoked token learns of it at once."""
    answer = await client.get("/api/v1/sessions", headers={"Authorization": "Bearer wrong"})

    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/login-required")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("path", ["/desk", "/my", "/account", "/desk/people", "/desk/sessions/new"])
async def test_a_stranger_is_sent_to_the_login_page_and_back(app: Litestar, database: None, path: str) -> None:
    async with browser_of(app, None) as browser:
        answer = await browser.get(path, params={"x": "1"})

    assert (answer.status_code, answer.headers["location"]) == (303, f"/login?next={path}%3Fx%3D1")


@pytest.mark.parametrize("path", ["/desk", "/desk/people", "/desk/bookings", "/desk/journal", "/desk/tallies"])
async def test_a_contact_may_not_see_the_desk(app: Litestar, database: None, path: str) -> None:
    union = await make_organisation(parent=await make_organisation())
    contact = await make_actor(Role.CONTACT, union)

    async with browser_of(app, contact) as browser:
        answer = await browser.get(path)

    assert answer.status_code == 403


async def test_an_unsafe_request_by_cookie_needs_the_token_of_its_own_login(app: Litestar, database: None) -> None:
    """Without token, with another login's token, or from another site: refused, and the login stands."""
    union = await make_organisation(parent=await make_organisation())
    first, second = await make_actor(Role.CONTACT, union), await make_actor(Role.CONTACT, union)

    async with browser_of(app, first) as browser, browser_of(app, second) as other:
        page, others = await browser.get("/account"), await other.get("/account")
        token, stolen = form_token(page.text), form_token(others.text)
        refused = [
            await browser.post("/logout"),
            await browser.post("/logout", data={"_csrf_token": stolen}),
            await browser.post("/logout", data={"_csrf_token": token}, headers={"Origin": "https://evil.example"}),
            await browser.post("/api/v1/bookings", json={}),
        ]
        still = await browser.get("/account")
        accepted = await browser.post("/logout", data={"_csrf_token": token}, headers={"Origin": "http://testserver"})
        after = await browser.get("/account")

    assert [one.status_code for one in refused] == [403] * 4
    assert still.status_code == 200
    assert (accepted.status_code, after.status_code) == (303, 303)


async def test_a_program_needs_no_form_token(app: Litestar, database: None) -> None:
    administrator = await make_actor(Role.ADMINISTRATOR, None)

    async with client_of(app, administrator) as client:
        answer = await client.post("/api/v1/organisations", json={"code": "SZ", "name": "市总", "kind": "federation"})

    assert answer.status_code == 201


async def test_every_answer_carries_the_security_headers_and_is_counted(app: Litestar, database: None) -> None:
    """Also the answers that no route of ours made."""
    whole = ObservingMiddleware(SecurityHeadersMiddleware(app))
    transport = httpx.ASGITransport(app=whole)  # type: ignore[arg-type]

    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        answers = [await client.get(path) for path in ("/", "/nothing", "/api/v1/sessions", "/static/icon.svg")]

    for answer in answers:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'self'" in answer.headers["content-security-policy"]
        assert answer.headers["x-frame-options"] == "DENY"
    assert b'outreach_http_requests_total{method="GET",route="/api/v1/sessions",status="200"}' in metrics_text()


async def test_an_error_of_ours_tells_a_reference_and_nothing_else(
    app: Litestar, database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No trace, SQL or path leaves the server; the log has them under the reference."""
    administrator = await make_actor(Role.ADMINISTRATOR, None)
    token = await make_api_token(administrator.person_id)

    async def broken(*_args: object) -> None:
        raise RuntimeError("SELECT secret FROM /srv/place")

    monkeypatch.setattr(app.state, "authenticate", broken)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        answer = await client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})

    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(answer.json()) == {"type", "title", "status", "detail", "reference"}
    assert "SELECT" not in answer.text
    assert "/srv" not in answer.text


async def test_the_language_follows_the_wish_of_the_caller(client: httpx.AsyncClient) -> None:
    """Chinese first; English for who asks; the cookie of the switch wins."""
    plain = await client.get("/api/v1/nothing")
    english = await client.get("/api/v1/nothing", headers={"Accept-Language": "en-GB,en;q=0.8"})
    chosen = await client.get("/language", params={"to": "en", "next": "https://evil.example/"})
    kept = await client.get("/api/v1/nothing", headers={"Accept-Language": "zh-CN"})

    assert plain.json()["title"] == "没有找到"
    assert english.json()["title"] == "Not found"
    assert chosen.headers["location"] == "/"
    assert kept.json()["title"] == "Not found"


@pytest.mark.parametrize("by_header", [True, False], ids=["token in the header", "token in the form"])
async def test_no_posted_form_is_kept_in_memory(app: Litestar, database: None, by_header: bool) -> None:
    """Litestar would keep the last 1,024 of them, with their passwords."""
    async with browser_of(app, None) as browser:
        token = form_token((await browser.get("/login")).text)
        headers = {"X-CSRF-Token": token} if by_header else {}
        answer = await browser.post(
            "/login", data={"name": "zhou", "password": "a secret of mine", "_csrf_token": token}, headers=headers
        )

    assert answer.status_code == 422
    assert parse_url_encoded_form_data.cache_info().currsize == 0
