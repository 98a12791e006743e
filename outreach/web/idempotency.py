"""``Idempotency-Key``: a repeated request has no second effect and gets the first one's answer.

The answer is stored in the same transaction as the effect, so both survive a ``kill -9`` or neither does. Only
committed 2xx answers are kept, 48 hours, per caller; the same key with another body is refused.

Of the request only a keyed hash is kept: a body may hold a telephone number, and few numbers are quickly tried. Routes
that are safe to repeat by themselves say so (``opt={"repeatable": True}``) and are passed untouched: of who checked in
or said how it was nothing is to be kept, a wrong code counts though its request fails, and a file need not be held in
memory whole.
"""

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Any

from litestar.datastructures import Headers
from litestar.enums import ScopeType
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from litestar.utils.scope.state import ScopeState

from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.errors import InvalidError, invalid

__all__ = ["KEPT", "IdempotencyKeyReusedError", "IdempotencyMiddleware", "forget_old_answers"]

KEPT = timedelta(hours=48)
#: More than any JSON body of ours; the application's own limit, for files, is checked only when a handler reads.
LARGEST_BODY = 5_000_000
#: Of routes that take a file: the largest roster, with what a form puts around it.
LARGEST_FILE = 22_000_000


class IdempotencyKeyReusedError(InvalidError):
    """The key was used for other content before: 422."""

    code = "idempotency-key-reused"


class _NotKeptError(Exception):
    """Rolls the outer transaction back after an answer that is not 2xx; the answer is sent all the same."""


class IdempotencyMiddleware:
    """Wraps POST requests that carry the header; every other request passes untouched."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        actor: Actor | None = scope.get("user")
        key = Headers.from_scope(scope).get("idempotency-key") if scope["type"] == ScopeType.HTTP else None
        # Programs only: a page's form may need more than one transaction, and no browser sends the header.
        asked = scope.get("method") == "POST" and scope["path"].startswith("/api/")
        opt = scope["route_handler"].opt if asked else {}
        if key is None or not asked or actor is None or opt.get("repeatable"):
            await self.app(scope, receive, send)
            return
        if not 1 <= len(key) <= 200 or not key.isprintable():
            raise invalid("Idempotency-Key", "too-long", most=200, length=len(key))
        body = await _whole_body(receive, LARGEST_FILE if opt.get("any_media") else LARGEST_BODY)
        target = scope["path"].encode() + b"?" + scope["query_string"]
        state = scope["litestar_app"].state
        fingerprint = _fingerprint(state.secret, b"\n".join((b"POST", target, body)))
        now: datetime = state.clock.now()
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        try:
            async with db.outer_transaction():
                kept = await _claim(str(actor.person_id), key, fingerprint, now)
                if kept is not None:
                    messages = _replayed(kept, fingerprint)
                else:
                    await self.app(scope, _replay(body, receive), keep)
                    await _store(str(actor.person_id), key, messages)
        except _NotKeptError:
            pass
        except Exception:
            # The answer was made and never sent: what failed afterwards, such as the commit, is answered instead.
            ScopeState.from_scope(scope).response_started = False
            raise
        for message in messages:
            await send(message)


def _fingerprint(secret: bytes, request: bytes) -> str:
    return hmac.new(secret, b"idempotency:" + request, hashlib.sha256).hexdigest()


async def _claim(caller: str, key: str, fingerprint: str, now: datetime) -> Any:
    """Take the key, or return the answer kept under it; waits for a rival with the same key to finish."""
    await db.execute(
        "DELETE FROM web_idempotency_answer WHERE caller = $1 AND key = $2 AND created_at < $3", caller, key, now - KEPT
    )
    taken = await db.value(
        """INSERT INTO web_idempotency_answer (caller, key, fingerprint, status, media_type, body, created_at)
           VALUES ($1, $2, $3, 0, '', '', $4) ON CONFLICT (caller, key) DO NOTHING RETURNING 1""",
        caller,
        key,
        fingerprint,
        now,
    )
    if taken:
        return None
    return await db.row(
        "SELECT fingerprint, status, media_type, body FROM web_idempotency_answer WHERE caller = $1 AND key = $2",
        caller,
        key,
    )


def _replayed(kept: Any, fingerprint: str) -> list[Message]:
    if kept["fingerprint"] != fingerprint:
        raise IdempotencyKeyReusedError
    headers = [
        (b"content-type", kept["media_type"].encode()),
        (b"content-length", str(len(kept["body"])).encode()),
        (b"idempotent-replayed", b"true"),
    ]
    start: Any = {"type": "http.response.start", "status": kept["status"], "headers": headers}
    return [start, {"type": "http.response.body", "body": kept["body"], "more_body": False}]


async def _store(caller: str, key: str, messages: list[Message]) -> None:
    start: Any = messages[0]
    if not 200 <= start["status"] < 300:
        raise _NotKeptError
    body = b"".join(message.get("body", b"") for message in messages[1:])  # type: ignore[misc]
    media_type = next((v.decode() for k, v in start["headers"] if k.lower() == b"content-type"), "application/json")
    await db.execute(
        "UPDATE web_idempotency_answer SET status = $3, media_type = $4, body = $5 WHERE caller = $1 AND key = $2",
        caller,
        key,
        start["status"],
        media_type,
        body,
    )


async def _whole_body(receive: Receive, largest: int) -> bytes:
    """The body, all of it.

    Raises:
        HTTPException: 413, it is larger than ``largest``; 400, the caller went before the end.
    """
    chunks: list[bytes] = []
    size = 0
    while True:
        message: Any = await receive()
        if message["type"] == "http.disconnect":
            raise HTTPException(status_code=400)
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > largest:
            raise HTTPException(status_code=413)
        if not message.get("more_body"):
            return b"".join(chunks)


def _replay(body: bytes, receive: Receive) -> Receive:
    sent = False

    async def again() -> Any:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


async def forget_old_answers(now: datetime) -> int:
    """Delete answers older than 48 hours; return how many."""
    async with db.atomic():
        return await db.execute("DELETE FROM web_idempotency_answer WHERE created_at < $1", now - KEPT)
