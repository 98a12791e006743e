"""For each kind: its rules, what it is held against, its locks, how it is stored and exported."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from outreach.imports.domain.columns import Kind
from outreach.imports.domain.kinds import KINDS
from outreach.imports.domain.planning import Plan, Rules
from outreach.imports.domain.reading import Read
from outreach.imports.rules import events, past, persons, sessions, tallies, units
from outreach.imports.rules.resources import PROVIDERS, VENUES, ResourceRules
from outreach.shared.actors import Actor
from outreach.shared.errors import NotFoundError

__all__ = ["HANDLERS", "Handler", "handler_of"]


@dataclass(frozen=True, slots=True)
class Handler:
    """One kind. ``lock_within`` gets the ids of what is about to change and is called before anything is read."""

    rules: Rules[Any]
    known_within: Callable[[Actor, datetime, Read], Awaitable[Any]]
    lock_within: Callable[[Sequence[UUID]], Awaitable[None]]
    store_within: Callable[[Actor, datetime, Plan[Any]], Awaitable[None]]
    export_within: Callable[[Actor, datetime], Awaitable[list[Mapping[str, Any]]]]

    @property
    def kind(self) -> Kind:
        return self.rules.kind


def _handler(rules: Rules[Any], of: Any) -> Handler:
    return Handler(rules, of.known_within, of.lock_within, of.store_within, of.export_within)


HANDLERS: dict[str, Handler] = {
    "units": _handler(units.UnitRules(), units),
    "persons": _handler(persons.PersonRules(), persons),
    "providers": _handler(ResourceRules(KINDS["providers"]), PROVIDERS),
    "venues": _handler(ResourceRules(KINDS["venues"]), VENUES),
    "events": _handler(events.EventRules(), events),
    "sessions": _handler(sessions.SessionRules(), sessions),
    "past": _handler(past.PastRules(), past),
    "tallies": _handler(tallies.TallyRules(), tallies),
}


def handler_of(kind: str) -> Handler:
    """The one of a kind.

    Raises:
        NotFoundError: there is no such kind.
    """
    if kind not in HANDLERS:
        raise NotFoundError
    return HANDLERS[kind]
