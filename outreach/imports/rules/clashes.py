"""Who is asked to be in two places at once: with what is stored, and inside the file (rule 2). Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from outreach.events.domain.occupation import Span, most_at_once

__all__ = ["Clash", "Ties", "Wanted", "clashes_among", "days_of"]


class Wanted(NamedTuple):
    """One resource of a row: the column that names it, its id, name and number of teams or rooms, and the time
    with its days (``days_of``)."""

    column: str
    resource: str
    name: str
    slots: int
    span: Span
    days: range


@dataclass(frozen=True, slots=True)
class Clash:
    """What stands in the way: a code of the field rules and its facts, in the row's ``column``."""

    column: str
    code: str
    facts: Mapping[str, Any]


@dataclass(slots=True)
class Ties:
    """What ties resources, by resource and day, so that a year of sessions is looked through once."""

    _by_day: dict[tuple[str, int], list[tuple[Span, Mapping[str, Any]]]] = field(default_factory=dict)

    def tie(self, resource: str, span: Span, who: Mapping[str, Any], days: range | None = None) -> None:
        """``who``: ``cell`` of a row, or ``title`` (perhaps ``None``) of a stored session."""
        for on in days or days_of(span):
            self._by_day.setdefault((resource, on), []).append((span, who))

    def clash(self, wanted: Wanted) -> Clash | None:
        """What keeps the resource from being free, if all of its teams or rooms are taken at some moment."""
        near = {id(one): one for on in wanted.days for one in self._by_day.get((wanted.resource, on), ())}
        taken = [one for one in near.values() if one[0].overlaps(wanted.span)]
        if len(taken) < wanted.slots or most_at_once([span for span, _who in taken], wanted.span) < wanted.slots:
            return None
        span, who = taken[0]
        facts = {"name": wanted.name, "starts_at": span.starts_at.isoformat(), "ends_at": span.ends_at.isoformat()}
        if "cell" in who:
            return Clash(wanted.column, "clash-row", {**facts, "cell": who["cell"]})
        if who["title"] is None:
            return Clash(wanted.column, "clash-hidden", facts)
        return Clash(wanted.column, "clash-stored", {**facts, "title": who["title"]})


def days_of(span: Span) -> range:
    """Days since 1970 in UTC: any division of time would do, and this one costs nothing."""
    return range(int(span.starts_at.timestamp()) // 86_400, int(span.ends_at.timestamp()) // 86_400 + 1)


def clashes_among(
    rows: Sequence[tuple[str, bool, Sequence[Wanted]]],
    ties: Ties,
    report: Callable[[int, Clash], None],
) -> None:
    """Hold rows against ``ties`` and each other; what is taken is tied for those after.

    Args:
        rows: cell, whether it is published, what it wants.
        report: gets the number of the row and what stands in its way.
    """
    for published in (True, False):
        for number, (cell, is_published, wanted) in enumerate(rows):
            if is_published is not published:
                continue
            found = [clash for one in wanted if (clash := ties.clash(one)) is not None]
            for clash in found:
                report(number, clash)
            if published and found:
                continue  # refused: it ties nobody
            for one in wanted:
                ties.tie(one.resource, one.span, {"cell": cell}, one.days)
