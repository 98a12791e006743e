"""The application against its own OpenAPI document: no 5xx, no undocumented status, whatever is sent."""

import asyncio
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from litestar import Litestar

from outreach.shared.actors import Role
from outreach.web.schema import document
from tests.factories.accounts import client_of, make_actor, make_organisation
from tests.factories.bookings import make_booking
from tests.factories.events import make_event, make_provider, make_session, make_venue
from tests.factories.programmes import make_programme, make_target

#: Requests sent per operation; with all operations a few thousand in a run.
EXAMPLES = 25


def _operations(app: Litestar) -> list[Any]:
    schema = schemathesis.openapi.from_dict(document(app))
    return [found.ok() for found in schema.get_all_operations()]


async def test_no_request_breaks_the_server_or_its_document(app: Litestar, database: None) -> None:
    """Generated requests, valid and invalid ones, are answered with a documented status below 500."""
    root = await make_organisation()
    union = await make_organisation(parent=root)
    actor = await make_actor(Role.ADMINISTRATOR, None)
    programme = await make_programme(root)
    target = await make_target(programme, metric="tally")
    event = await make_event(programme)
    provider, venue = await make_provider(root), await make_venue(root)
    session = await make_session(event, providers=(provider,), venue=venue.id, claimable=False)
    booking = await make_booking(session, union)
    known = {
        "organisation_id": union.id, "programme_id": programme.id, "event_id": event.id, "provider_id": provider.id,
        "venue_id": venue.id, "session_id": session.id, "booking_id": booking.id, "target_id": target.id,
        "name": session.id,
    }  # fmt: skip
    bad: list[str] = []

    async with client_of(app, actor) as client:
        loop = asyncio.get_running_loop()
        for operation in _operations(app):
            allowed = set(operation.definition.raw["responses"])

            def send(case: Any, allowed: set[str] = allowed) -> None:
                path = case.path
                for name, value in (case.path_parameters or {}).items():
                    use_known = name in known and hash(str(value)) % 3
                    path = path.replace("{" + name + "}", str(known[name] if use_known else value).replace("/", "_"))
                request: dict[str, Any] = {"params": case.query or {}, "headers": _headers(case)}
                if isinstance(case.body, dict | list | int | float | str | bool) or case.body is None:
                    request["json"] = case.body
                answer = asyncio.run_coroutine_threadsafe(client.request(case.method, path, **request), loop).result(
                    timeout=30
                )
                if answer.status_code >= 500 or str(answer.status_code) not in allowed:
                    bad.append(f"{case.method} {path} {request} -> {answer.status_code} {answer.text[:300]}")
                    raise AssertionError(bad[-1])

            test = (
                settings(
                    max_examples=EXAMPLES,
                    deadline=None,
                    derandomize=True,
                    database=None,
                    suppress_health_check=list(HealthCheck),
                )(operation.as_strategy_test(send))
                if hasattr(operation, "as_strategy_test")
                else _given(operation, send)
            )
            try:
                await asyncio.to_thread(test)
            except AssertionError as error:
                bad.append(str(error)[:600])

    assert bad == []


def _headers(case: Any) -> dict[str, str]:
    """Generated headers, without the ones that name the caller."""
    given = {str(k): str(v) for k, v in (case.headers or {}).items()}
    return {
        k: v
        for k, v in given.items()
        if k.lower() not in ("authorization", "cookie") and v.isascii() and v.isprintable()
    }


def _given(operation: Any, send: Any) -> Any:
    from hypothesis import given

    @settings(
        max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(case=operation.as_strategy())
    def run(case: Any) -> None:
        send(case)

    return run


@pytest.mark.parametrize(
    ("content", "headers"),
    [
        (b"{broken", {"Content-Type": "application/json"}),
        (b"", {"Content-Type": "application/json"}),
        (b"[]", {"Content-Type": "application/json"}),
        (b"seats=1", {"Content-Type": "application/x-www-form-urlencoded"}),
        (b"\xff\xfe", {"Content-Type": "application/json"}),
        (b'{"seats": 1}', {"Content-Type": "text/plain"}),
        (b'{"seats": ' + b"9" * 5000 + b"}", {"Content-Type": "application/json"}),
        (b"[" * 100_000, {"Content-Type": "application/json"}),
    ],
)
async def test_unreadable_bodies_are_refused_in_words(
    app: Litestar, database: None, content: bytes, headers: dict[str, str]
) -> None:
    """Broken JSON and wrong content types get a 4xx problem, never a 5xx."""
    actor = await make_actor(Role.ADMINISTRATOR, None)

    async with client_of(app, actor) as client:
        answer = await client.post("/api/v1/bookings", content=content, headers=headers)

    assert answer.status_code in (400, 415, 422)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["title"]
