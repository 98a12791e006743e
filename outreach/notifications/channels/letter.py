"""What a channel is given, and what it may answer: one message to one address."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

__all__ = ["Calendar", "Channel", "Letter", "RefusedError", "TryAgainError", "UncertainError"]


@dataclass(frozen=True, slots=True)
class Calendar:
    """A calendar object that goes with a letter; ``method`` is REQUEST or CANCEL."""

    body: bytes
    method: str


async def _nothing() -> None:
    """Nothing is noted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One message to one address, worded in the language of who reads it.

    Args:
        address: mail address or telephone as it was when routed; empty for hooks and the console.
        href: absolute; where the message leads.
        ident: ``left@host`` without brackets, the same at every try: made from UID, SEQUENCE and method of the
            invitation that it carries, else from the delivery.
        parts: the invitation, or ``None``.
        rows: further facts (label, value) for ways that have room for them, such as the place.
        actions: further links (words, absolute address), such as the one to cancel.
        unsubscribe_href: absolute; ``None`` for what is essential.
        attempt: 1 at the first try.
        at: the moment of this try.
        begin: to be awaited right before the content leaves, by channels whose other side may keep a message and yet
            not say so: when nothing comes back after it, a person decides. Raises ``LostLeaseError`` when the
            delivery is no longer this worker's; let it out.
    """

    delivery_id: UUID
    message_id: UUID
    kind: str
    topic: str
    object_kind: str
    object_id: UUID
    facts: Mapping[str, Any]
    language: str
    address: str
    person_id: UUID | None
    person_name: str = ""
    organisation_id: UUID | None
    hook_id: UUID | None = None
    subject: str
    text: str
    href: str
    ident: str
    parts: Calendar | None = None
    rows: tuple[tuple[str, str], ...] = ()
    actions: tuple[tuple[str, str], ...] = ()
    unsubscribe_href: str | None = None
    attempt: int = 1
    at: datetime
    site_name: str = ""
    site_phone: str = ""
    begin: Callable[[], Awaitable[None]] = field(default=_nothing, compare=False)


class Channel(Protocol):
    """A way out. ``send`` returns when the other side has taken the letter, and raises when it has not."""

    name: str
    #: How many letters may be under way at once in one process.
    parallel: int

    async def send(self, letter: Letter) -> None:
        """Hand over one letter.

        Raises:
            RefusedError: for good.
            TryAgainError: for now.
            UncertainError: it went out and nothing came back.
        """

    async def close(self) -> None:
        """Leave politely."""


class RefusedError(Exception):
    """The other side will never take this letter; the text says why and is shown to staff."""


class TryAgainError(Exception):
    """Not now. ``after``: when the other side said how long to wait."""

    def __init__(self, reason: str, after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.after = after


class UncertainError(Exception):
    """The content went out and no answer came: it may have arrived. A person decides whether it goes again."""
