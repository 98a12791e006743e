"""The application against its own OpenAPI document: no 5xx, no undocumented status, whatever is sent."""

import asyncio
import itertools
import json
import zlib
from collections import Counter
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from litestar import Litestar
from schemathesis import GenerationMode
from schemathesis.core.result import Ok

from outreach.shared.actors import Role
from outreach.web.schema import document
from tests.factories.accounts import client_of, make_actor, make_organisation
from tests.factories.bookings import make_booking
from tests.factories.events import make_event, make_provider, make_session, make_venue
from tests.factories.openings import make_opening
from tests.factories.orders import make_giver, make_order
from tests.factories.programmes import make_programme, make_target

#: Requests per operation and mode; with all operations some four thousand in a run.
EXAMPLES = 18


async def test_no_request_breaks_the_server_or_its_document(app: Litestar, database: None) -> None:
    """Generated requests, valid and invalid ones, are answered with a documented status below 500."""
    root = await make_organisation()
    union = await make_organisation(parent=root)
    actor = await make_actor(Role.ADMINISTRATOR, None)
    programme = await make_programme(root)
    target = await make_target(programme, metric="tally")
    event = await make_event(programme)
    provider, venue = await make_provider(root), await make_venue(root)
    session = await make_session(event, providers=(provider,), venue=venue.id)
    booking = await make_booking(session, await make_organisation(parent=root))
    await make_giver(event, provider)
    order = await make_order(event, union)
    opening = await make_opening(programme, events=(await make_event(programme),))
    known = {
        "organisation_id": union.id, "parent_id": root.id, "programme_id": programme.id, "event_id": event.id,
        "provider_id": provider.id, "venue_id": venue.id, "session_id": session.id, "booking_id": booking.id,
        "order_id": order.id, "opening_id": opening.id, "target_id": target.id, "host_id": None,
        "provider_ids": [str(provider.id)],
    }  # fmt: skip
    seen: Counter[int] = Counter()
    bad: list[str] = []

    async with client_of(app, actor) as client:
        loop = asyncio.get_running_loop()
        found = list(schemathesis.openapi.from_dict(document(app)).get_all_operations())
        operations = [one.ok() for one in found if isinstance(one, Ok)]
        assert len(operations) == len(found)
        for operation, mode in itertools.product(operations, GenerationMode):
            documented = set(operation.definition.raw["responses"])

            def send(case: Any, documented: set[str] = documented) -> None:
                method, path, request = _request(case, known)
                sent = asyncio.run_coroutine_threadsafe(client.request(method, path, **request), loop)
                answer = sent.result(timeout=30)
                seen[answer.status_code] += 1
                if answer.status_code >= 500 or str(answer.status_code) not in documented:
                    raise AssertionError(f"{method} {path} {request} -> {answer.status_code} {answer.text[:300]}")

            try:
                await asyncio.to_thread(_tried(operation, mode, send))
            except AssertionError as error:
                bad.append(str(error)[:800])
            except Unsatisfiable:
                continue  # nothing invalid can be sent to an operation without parameters

    assert bad == []
    # The test is worth something only if requests get past the door, and if refusals are met, too.
    assert seen[200] + seen[201] > 200, seen
    assert seen[422] > 200, seen
    assert seen[404] > 50, seen


def _tried(operation: Any, mode: GenerationMode, send: Any) -> Any:
    @settings(
        max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode))
    def run(case: Any) -> None:
        send(case)

    return run


def _request(case: Any, known: dict[str, Any]) -> tuple[str, str, dict[str, Any]]:
    """What the case would send; two of three ids are ones that exist, so that handlers get to work."""

    def real(name: str, value: Any) -> Any:
        return known[name] if name in known and zlib.crc32(repr(value).encode()) % 3 else value

    path = case.path
    for name, value in (case.path_parameters or {}).items():
        path = path.replace("{" + name + "}", quote(str(real(name, value)).replace("/", "_"), safe="%"))
    headers = {str(k): str(v) for k, v in (case.headers or {}).items()}
    request: dict[str, Any] = {
        "params": case.query or {},
        "headers": {
            k: v
            for k, v in headers.items()
            if k.lower() not in ("authorization", "cookie") and v.isascii() and v.isprintable()
        },
    }
    body = case.body
    if isinstance(body, dict):
        body = {k: (str(v) if isinstance(v := real(k, given), UUID) else v) for k, given in body.items()}
    if isinstance(body, dict | list | int | float | str | bool) or body is None:
        request["content"] = json.dumps(body).encode()
        request["headers"]["Content-Type"] = "application/json"
    return case.method, path, request


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
