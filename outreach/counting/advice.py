"""What to do about a figure that may fall short, in words: how much is missing, how much that is for each month from
now, and which of the published sessions could still bring more."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from outreach.counting.figures import TargetProgress
from outreach.counting.news import needed
from outreach.programmes.domain.targets import Bound, Counting, Metric, Status
from outreach.shared import db
from outreach.shared.i18n import gettext as _
from outreach.shared.i18n import language
from outreach.web.wording import clauses, thousands

__all__ = ["NOTHING_OPEN", "OpenCapacity", "advice", "months_left", "open_capacity"]


@dataclass(frozen=True, slots=True)
class OpenCapacity:
    """What of a programme's published sessions to come nobody took yet.

    Attributes:
        sessions: those with free seats, and ``seats``, how many they are.
        unclaimed: dates that a unit may take to its site and none did.
    """

    sessions: int = 0
    seats: int = 0
    unclaimed: int = 0


NOTHING_OPEN = OpenCapacity()


async def open_capacity(programme_ids: Sequence[UUID], now: datetime) -> dict[UUID, OpenCapacity]:
    """By programme, as it is now; a programme of which everything is taken is left out. One statement.

    A date that waits for its host has its seats with it, so that they are not named a second time.
    """
    rows = await db.rows(
        """
        SELECT s.programme,
               count(*) FILTER (WHERE s.seats_taken < s.capacity AND NOT w.waits)::int AS sessions,
               coalesce(sum(s.capacity - s.seats_taken) FILTER (WHERE NOT w.waits), 0)::int AS seats,
               count(*) FILTER (WHERE w.waits)::int AS unclaimed
          FROM events_session s JOIN programmes_programme p ON p.id = s.programme
         CROSS JOIN LATERAL (SELECT s.claimable AND s.host IS NULL AS waits) w
         WHERE s.programme = ANY($1::uuid[]) AND s.state = 'published' AND s.starts_at > $2
           AND extract(year FROM timezone('Asia/Shanghai', s.starts_at)) = p.year
         GROUP BY s.programme
        """,
        list(programme_ids),
        now,
    )
    found = {row["programme"]: OpenCapacity(row["sessions"], row["seats"], row["unclaimed"]) for row in rows}
    return {programme: one for programme, one in found.items() if one != NOTHING_OPEN}


def months_left(year: int, as_of: date) -> int:
    """Whole months of the year after the day; a month begun counts while at least half of it lies ahead."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    if as_of < first:
        return 12
    if as_of >= last:
        return 0
    after = date(as_of.year + as_of.month // 12, as_of.month % 12 + 1, 1)
    begun = date(as_of.year, as_of.month, 1)
    ahead = (after - as_of).days - 1
    return 12 - as_of.month + (ahead * 2 >= (after - begun).days)


def advice(target: TargetProgress, year: int, as_of: date, capacity: OpenCapacity = NOTHING_OPEN) -> str:
    """One or two sentences for a target that is at risk or behind in a year that still runs; else nothing."""
    if target.status not in (Status.AT_RISK, Status.BEHIND) or as_of >= date(year, 12, 31):
        return ""
    missing = math.ceil(round(needed(target) - target.actual, 6))
    parts = [_missing(target, missing)]
    if target.planned and target.metric in (Metric.SESSIONS, Metric.COURSES):
        parts.append(_("已排%(planned)s%(unit)s") % {"planned": thousands(target.planned), "unit": target.unit})
    if target.counting is Counting.FLOW and target.metric is not Metric.LECTURERS:
        parts += _each(target, missing, year, as_of)
    gap = " " if language() == "en" else ""
    said = _("%(parts)s。") % {"parts": clauses(parts, language())}
    open_ = _open(target, capacity)
    return f"{said}{gap}{open_}" if open_ else said


def _missing(target: TargetProgress, missing: int) -> str:
    facts = {"least": thousands(needed(target)), "missing": thousands(missing), "unit": target.unit}
    if target.bound is Bound.ABOUT:
        return _("离下限%(least)s还差%(missing)s%(unit)s") % facts
    return _("还差%(missing)s%(unit)s") % facts


def _each(target: TargetProgress, missing: int, year: int, as_of: date) -> list[str]:
    months = months_left(year, as_of)
    if not months:
        return [_("今年只剩%(days)s天") % {"days": (date(year, 12, 31) - as_of).days}]
    facts = {"each": thousands(math.ceil(missing / months)), "unit": target.unit, "months": months}
    each = (
        _("每月要办%(each)s%(unit)s")
        if target.metric in (Metric.SESSIONS, Metric.COURSES)
        else _("每月要有%(each)s%(unit)s")
    )
    return [_("今年还有%(months)s个月") % facts, each % facts]


def _open(target: TargetProgress, capacity: OpenCapacity) -> str:
    """Of published sessions; seats bring visits and people, and a date that nobody takes is not held."""
    if not target.metric.comes_from_sessions:
        return ""
    parts = []
    if capacity.unclaimed:
        parts.append(_("%(number)s场可领走的还没有单位领") % {"number": thousands(capacity.unclaimed)})
    if capacity.seats and target.metric in (Metric.VISITS, Metric.PEOPLE):
        facts = {"sessions": thousands(capacity.sessions), "seats": thousands(capacity.seats)}
        parts.append(_("%(sessions)s场还空着%(seats)s个名额") % facts)
    return _("已发布的场次里，%(parts)s。") % {"parts": clauses(parts, language())} if parts else ""
