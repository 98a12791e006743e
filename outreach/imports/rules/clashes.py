"""Who is asked to be in two places at once: with what is stored, and inside the file (rule 2). Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from outreach.events.domain.occupation import Span, most_at_once
from outreach.shared.time import local

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
    """What ties resources, by resource and day, so that a year of sessions is looked through once.

    ``cell``: where a row of the file stands, by its number.
    """

    cell: Callable[[int], str] = str
    _by_day: dict[str, dict[int, list[tuple[Span, int | str | None]]]] = field(default_factory=dict)

    def tie(self, resource: str, span: Span, who: int | str | None, days: range | None = None) -> None:
        """``who``: the number of a row, or the title of a stored session, ``None`` where it stays unsaid."""
        of_resource, one = self._by_day.setdefault(resource, {}), (span, who)
        for on in days or days_of(span):
            of_resource.setdefault(on, []).append(one)

    def clash(self, wanted: Wanted) -> Clash | None:
        """What keeps the resource from being free, if all of its teams or rooms are taken at some moment."""
        of_resource = self._by_day.get(wanted.resource)
        if of_resource is None:
            return None
        starts_at, ends_at = wanted.span.starts_at, wanted.span.ends_at
        taken = [
            one
            for on in wanted.days
            for one in of_resource.get(on, ())
            if one[0].starts_at < ends_at and starts_at < one[0].ends_at
        ]
        if len(taken) < wanted.slots:
            return None
        taken = list({id(one): one for one in taken}.values())  # what lasts over several days once
        if len(taken) < wanted.slots or most_at_once([span for span, _who in taken], wanted.span) < wanted.slots:
            return None
        span, who = taken[0]
        facts = {"name": wanted.name, "starts_at": span.starts_at.isoformat(), "ends_at": span.ends_at.isoformat()}
        if isinstance(who, int):
            return Clash(wanted.column, "clash-row", {**facts, "cell": self.cell(who)})
        if who is None:
            return Clash(wanted.column, "clash-hidden", facts)
        return Clash(wanted.column, "clash-stored", {**facts, "title": who})


def days_of(span: Span) -> range:
    """Local days, by their ordinals: any division of time would do, and rows have their times in the local zone."""
    return range(local(span.starts_at).toordinal(), local(span.ends_at).toordinal() + 1)


def clashes_among(
    rows: Sequence[tuple[bool, Sequence[Wanted]]],
    ties: Ties,
    report: Callable[[int, Clash], None],
) -> None:
    """Hold rows against ``ties`` and each other; what is taken is tied for those after.

    Args:
        rows: whether it is published, what it wants.
        report: gets the number of the row and what stands in its way.
    """
    for published in (True, False):
        for number, (is_published, wanted) in enumerate(rows):
            if is_published is not published:
                continue
            found = [clash for one in wanted if (clash := ties.clash(one)) is not None]
            for clash in found:
                report(number, clash)
            if published and found:
                continue  # refused: it ties nobody
            for one in wanted:
                ties.tie(one.resource, one.span, number, one.days)
