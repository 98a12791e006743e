"""其中: visits of the groups that head-counts name. Groups overlap, and each rests on the head-counts that name it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from outreach.attendance.domain.headcounts import GROUPS
from outreach.counting.facts import IN_PART
from outreach.counting.scope import Ours, Span
from outreach.shared import db

__all__ = ["GroupFigure", "group_figures"]


@dataclass(frozen=True, slots=True)
class GroupFigure:
    """Visits of one group, a key of ``GROUPS``.

    Attributes:
        visits: of the group.
        of_visits: of everybody, on the same days: the group is a part of these, not of all visits.
        estimated: how much of ``visits`` was not measured.
    """

    group: str
    visits: int
    of_visits: int
    estimated: int


async def group_figures(ours: Ours, span: Span, *, since_on: date | None = None) -> Sequence[GroupFigure]:
    """In the order of ``GROUPS``; groups that nobody reported are left out. Workers are in ``months.Sum``.

    Args:
        since_on: leaves out the days before it.
    """
    rows = await db.rows(
        f"""
        SELECT g.key AS name, sum(g.value::int)::int8 AS visits, sum(h.total)::int8 AS of_visits,
               coalesce(sum(g.value::int) FILTER (WHERE h.estimated), 0)::int8 AS estimated
          FROM events_session s JOIN attendance_headcount h ON h.session = s.id
         CROSS JOIN LATERAL jsonb_each_text(h.breakdown) g
         WHERE s.programme = ANY($1::uuid[]) AND s.starts_at >= $2 AND s.starts_at < $3
           AND s.state IN ('held', 'closed') AND h."on" <= $4 AND ($5::date IS NULL OR h."on" >= $5)
           AND (s.programme = ANY($6::uuid[]) OR {IN_PART.format(path="$7")})
         GROUP BY g.key
        """,  # noqa: S608 - ours
        ours.ids,
        span.since,
        span.until,
        span.as_of,
        since_on,
        ours.own_ids,
        ours.path,
    )
    found = {row["name"]: GroupFigure(row["name"], row["visits"], row["of_visits"], row["estimated"]) for row in rows}
    return [found[name] for name in GROUPS if name in found]
