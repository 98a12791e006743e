"""The application under measurement, with no-op routes beside the real ones as baselines."""

import time
from datetime import datetime
from functools import cache
from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery
from litestar.types import ASGIApp

from outreach.app import create_app
from outreach.settings import load_settings

__all__ = ["application"]


@get("/bench/open", opt={"public": True}, include_in_schema=False, sync_to_thread=False)
def noop_open() -> str:
    """A no-op handler with everything around it that every request has."""
    return "ok"


@get("/bench/closed", include_in_schema=False, sync_to_thread=False)
def noop_closed() -> str:
    """The same behind a login: the bearer token is looked up."""
    return "ok"


@cache
def _as_much(size: int) -> bytes:
    return b"x" * size


@get("/bench/bytes", opt={"public": True}, include_in_schema=False, sync_to_thread=False)
def noop_bytes(size: FromQuery[int]) -> Response[bytes]:
    """A no-op handler that answers with so many bytes."""
    return Response(_as_much(size), media_type="text/calendar", headers={"Content-Encoding": "identity"})


@get("/bench/feed-after-one-change", opt={"public": True}, include_in_schema=False)
async def feed_after_one_change(request: Request[Any, Any, Any], now: NamedDependency[datetime]) -> dict[str, float]:
    """Changes one session as a command does, then takes the public feed; seconds of the latter, wall and CPU."""
    from outreach.calendars import feeds, queries
    from outreach.calendars.domain.keys import FeedKey
    from outreach.shared import db

    origin = await queries.origin_of(request.app.state.settings.base_url, request.app.state.site.name)
    before = await feeds.feed(FeedKey(), origin, now)
    async with db.atomic():
        await db.execute(
            """UPDATE events_session SET title = 'Changed ' || revision, revision = revision + 1, revised_at = $1
                WHERE id = (SELECT id FROM events_session ORDER BY md5(id::text || revision) LIMIT 1)""",
            now,
        )
    began, cpu = time.perf_counter(), time.process_time()
    after = await feeds.feed(FeedKey(), origin, now)
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    assert after.etag != before.etag
    return {"wall": wall, "cpu": cpu}


def application() -> ASGIApp:
    """What ``outreach serve`` serves, without its log line."""
    app = create_app(load_settings())
    app.register(noop_open)
    app.register(noop_closed)
    app.register(noop_bytes)
    app.register(feed_after_one_change)
    return app
