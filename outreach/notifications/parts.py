"""What features above this one know of a message: invitations, further facts, and who runs what it is about.

This layer knows no sessions. ``app.py`` and ``work.py`` install the functions at the start, as they install phrases.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from outreach.notifications.channels.letter import Calendar

__all__ = ["Addressed", "Origin", "Parts", "find_owners", "find_parts", "install_owners", "install_parts"]


@dataclass(frozen=True, slots=True)
class Origin:
    """Who sends: ``base_url`` without a slash at the end, the name over every page, whom mail comes from."""

    base_url: str
    site_name: str
    from_address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressed:
    """One message to one person, as far as those who add to it must know. ``delivery_id`` tells them apart; for the
    question who runs it, it is the message's own."""

    delivery_id: UUID
    message_id: UUID
    kind: str
    object_kind: str
    object_id: UUID
    facts: Mapping[str, Any]
    organisation_id: UUID | None
    person_id: UUID | None = None
    person_name: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What is added to a letter, in the language spoken now. ``ident``: UID, SEQUENCE and method of ``calendar``;
    ``where``: the place, for own words."""

    calendar: Calendar | None = None
    ident: str = ""
    where: str = ""
    rows: tuple[tuple[str, str], ...] = ()
    actions: tuple[tuple[str, str], ...] = ()


#: From the letters of one language to what is added to them, by delivery; one call for a whole batch.
PartsFunction = Callable[[Sequence[Addressed], Origin, datetime], Awaitable[Mapping[UUID, Parts]]]
#: From messages to the organisation that runs what each is about, by ``delivery_id``.
OwnersFunction = Callable[[Sequence[Addressed]], Awaitable[Mapping[UUID, UUID]]]

_parts: dict[str, PartsFunction] = {}
_owners: list[OwnersFunction] = []


def install_parts(kinds: Sequence[str], function: PartsFunction) -> None:
    """Let ``function`` add to letters of these kinds; a second call replaces the first."""
    for kind in kinds:
        _parts[kind] = function


def install_owners(function: OwnersFunction) -> None:
    """Let ``function`` say who runs what messages are about; the first that knows is believed."""
    if function not in _owners:
        _owners.append(function)


async def find_parts(letters: Sequence[Addressed], origin: Origin, now: datetime) -> dict[UUID, Parts]:
    """What is added to these letters; those without additions are left out."""
    found: dict[UUID, Parts] = {}
    by_function: dict[PartsFunction, list[Addressed]] = {}
    for one in letters:
        if one.kind in _parts:
            by_function.setdefault(_parts[one.kind], []).append(one)
    for function, ones in by_function.items():
        found |= await function(ones, origin, now)
    return found


async def find_owners(messages: Sequence[Addressed]) -> dict[UUID, UUID]:
    """The organisation that runs what each message is about; unknown ones are left out."""
    found: dict[UUID, UUID] = {}
    for function in _owners:
        found = {**await function([one for one in messages if one.delivery_id not in found]), **found}
    return found
