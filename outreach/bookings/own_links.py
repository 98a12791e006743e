"""Pages of features above this one that concern somebody now, shown beside their own bookings and duties.

This layer knows neither rounds nor tours. ``app.py`` installs the functions at the start, as it installs phrases.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from outreach.shared.actors import Actor

__all__ = ["OwnLink", "install_own_links", "links_for_contacts", "links_for_providers"]


@dataclass(frozen=True, slots=True)
class OwnLink:
    """Where to go and what is there, in the language spoken now; ``group`` heads the links of one kind."""

    group: str
    words: str
    note: str
    href: str


#: What concerns an actor now; at most one statement.
LinksFunction = Callable[[Actor, datetime], Awaitable[Sequence[OwnLink]]]

_of_contacts: list[LinksFunction] = []
_of_providers: list[LinksFunction] = []


def install_own_links(function: LinksFunction, *, of_providers: bool = False) -> None:
    """Let ``function`` say what concerns contacts, or lecturers and troupes; a second call changes nothing."""
    functions = _of_providers if of_providers else _of_contacts
    if function not in functions:
        functions.append(function)


async def links_for_contacts(actor: Actor, now: datetime) -> list[OwnLink]:
    """What concerns the units of ``actor``; nothing is asked for somebody who is no contact."""
    if not actor.is_contact:
        return []
    return [link for function in _of_contacts for link in await function(actor, now)]


async def links_for_providers(actor: Actor, now: datetime) -> list[OwnLink]:
    """What concerns ``actor`` as a lecturer or troupe; nothing is asked for anybody else."""
    if not actor.is_provider:
        return []
    return [link for function in _of_providers for link in await function(actor, now)]
