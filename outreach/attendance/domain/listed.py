"""As whom a list knows a person who says a name, a unit and perhaps a number. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from outreach.attendance.domain.identity import Identity, comparable

__all__ = ["Listed", "listed_as"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """Who is expected or present already, with the name and unit as they were first typed."""

    identity: Identity
    name: str
    unit_name: str


def listed_as(
    listed: Iterable[Listed], who: Identity, by_name: Identity, *, name: str, unit: str, typed: bool
) -> Identity | None:
    """The identity under which the person is listed; ``None``: not listed.

    A list may have numbers where none is asked for, and the other way round: it is the same person.

    Args:
        listed: those to compare with, the likeliest first.
        by_name: the identity that name and unit alone give.
        typed: a number was typed; another number is then another person of the same name.
    """
    for one in listed:
        if one.identity.hash in (who.hash, by_name.hash):
            return one.identity
        same_name = comparable(one.name) == comparable(name)
        same_unit = comparable(one.unit_name) in ("", comparable(unit))
        if same_name and same_unit and not (typed and one.identity.by_number):
            return one.identity
    return None
