"""Webhooks: what happens is told to group robots and to other systems, signed, without anybody's name."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from outreach.notifications.channels.calling import Caller, NoAnswerError, NotAllowedError, NotSentError
from outreach.notifications.channels.letter import Letter, RefusedError, TryAgainError, UncertainError
from outreach.notifications.domain.robots import Call, Shape, Verdict, json_call, robot_call, safe_facts, verdict_of
from outreach.notifications.hooks.records import Target, note_failed, note_taken, target_of
from outreach.notifications.languages import in_language
from outreach.notifications.wording import message_text
from outreach.settings import Settings
from outreach.shared.time import local

__all__ = ["Content", "HooksChannel", "call_for", "open_hooks", "try_call"]

logger = logging.getLogger(__name__)

#: A hook that was paused while its delivery was under way is asked again by then.
_PAUSED_WAIT = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Content:
    """What is told. ``said_at``: when it happened; ``facts``: those that may leave the house."""

    delivery_id: UUID
    kind: str
    object_kind: str
    object_id: UUID
    said_at: datetime
    text: str
    href: str
    facts: Mapping[str, Any]
    is_test: bool = False


def call_for(shape: Shape, url: str, secret: str, content: Content, *, at: datetime, site_name: str) -> Call:
    """The request that tells ``content``; other systems know a repeated one by its ``id``."""
    if shape.is_robot:
        return robot_call(shape, url, secret, at=at, sign=site_name, text=content.text, href=content.href)
    body = {
        "id": str(content.delivery_id),
        "kind": content.kind,
        "at": local(content.said_at).isoformat(),
        "object": {"kind": content.object_kind, "id": str(content.object_id), "href": content.href},
        "text": content.text,
        "facts": dict(content.facts),
        **({"test": True} if content.is_test else {}),
    }
    return json_call(url, secret, at=at, delivery=str(content.delivery_id), content=body)


async def try_call(caller: Caller, shape: Shape, call: Call) -> Verdict:
    """Call once and read the answer.

    Raises:
        NoAnswerError: the content left and nothing came back.
    """
    try:
        answer = await caller.call("POST", call.url, call.body, call.headers)
    except NotAllowedError:
        return Verdict(False, "private", again=False)
    except NotSentError as error:
        return Verdict(False, f"connection {error}")
    return verdict_of(shape, answer.status, answer.body, answer.retry_after)


class HooksChannel:
    """Tells hooks. Each one's deliveries come one after the other, in the order of what happened (see claiming)."""

    name = "hook"
    parallel = 4

    def __init__(self, settings: Settings, *, caller: Caller | None = None) -> None:
        self._caller = caller or Caller(anywhere=settings.hooks_anywhere)

    async def send(self, letter: Letter) -> None:
        """Tell one hook.

        A robot knows no repetition: when nothing comes back, a person decides. Other systems know a delivery by its
        id, so it is tried again.

        Raises:
            RefusedError, TryAgainError, UncertainError: see ``Channel.send``.
        """
        target = await target_of(letter.delivery_id)
        if target is None:
            raise RefusedError("no hook")
        if target.is_paused:
            raise TryAgainError("paused", _PAUSED_WAIT)
        call = call_for(
            target.shape, target.url, target.secret, _content(letter, target), at=letter.at, site_name=letter.site_name
        )
        if target.shape.is_robot:
            await letter.begin()
        try:
            verdict = await try_call(self._caller, target.shape, call)
        except NoAnswerError as error:
            await self._failed(letter, target, Verdict(False, f"silence {error}"))
            if target.shape.is_robot:
                raise UncertainError(str(error)) from error
            raise TryAgainError(f"silence {error}") from error
        if verdict.taken:
            await _noted(note_taken(target.hook_id, letter.at))
            return
        await self._failed(letter, target, verdict)
        if not verdict.again:
            raise RefusedError(verdict.reason)
        raise TryAgainError(verdict.reason, verdict.after)

    async def _failed(self, letter: Letter, target: Target, verdict: Verdict) -> None:
        await _noted(
            note_failed(
                target,
                letter.at,
                verdict.reason,
                delivery_id=letter.delivery_id,
                attempt=letter.attempt,
                gone=verdict.gone,
            )
        )

    async def close(self) -> None:
        await self._caller.close()


def _content(letter: Letter, target: Target) -> Content:
    facts = safe_facts(letter.facts)
    with in_language(letter.language):
        text = message_text(letter.kind, facts)
    return Content(
        letter.delivery_id,
        letter.kind,
        letter.object_kind,
        letter.object_id,
        target.said_at,
        text,
        letter.href,
        facts,
    )


async def _noted(noting: Any) -> None:
    """What is noted for people must not turn a delivery that arrived into one that did not."""
    try:
        await noting
    except Exception:
        logger.exception("what became of a hook could not be noted")


def open_hooks(settings: Settings) -> HooksChannel | None:
    """The channel; it needs no settings."""
    return HooksChannel(settings)
