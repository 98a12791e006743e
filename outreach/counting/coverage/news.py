"""The sentences of coverage: made from the figures, naming the worst unit."""

from collections.abc import Sequence

from outreach.counting.coverage.figures import Coverage, CoverageRow, RampPoint
from outreach.shared.i18n import gettext as _
from outreach.shared.i18n import language
from outreach.web.charts import BulletData
from outreach.web.wording import clauses, percent, thousands

__all__ = ["bar_of", "coverage_news", "ramp_finding", "ramp_sentence", "worst"]


def worst(coverage: Coverage) -> CoverageRow | None:
    """The unit with the least share of visits; ``None`` where there is nothing to compare."""
    known = [one for one in coverage.by_organisation if one.visit_percent is not None]
    return min(known, key=lambda one: one.visit_percent or 0.0) if len(known) > 1 else None


def coverage_news(coverage: Coverage) -> str:
    """Visits and people in percent of members, against the year's goal, and who is last."""
    whole = coverage.whole
    if whole.visit_percent is None or whole.people_percent is None:
        return _("还没有登记会员数，算不出覆盖率。实名服务%(visits)s人次，%(people)s人。") % {
            "visits": thousands(whole.all_visits),
            "people": thousands(whole.all_people),
        }
    facts = {
        "visits": thousands(whole.all_visits),
        "share": percent(whole.visit_percent),
        "people": percent(whole.people_percent),
        "goal": percent(coverage.goal_percent or 0),
        "reached": percent(coverage.reached(whole.visit_percent) or 0),
    }
    first = (
        _("实名服务%(visits)s人次，是会员数的%(share)s，达到目标%(goal)s的%(reached)s；按人数是%(people)s。") % facts
        if coverage.goal_percent
        else _("实名服务%(visits)s人次，是会员数的%(share)s；按人数是%(people)s。这一年还没有定目标。") % facts
    )
    last = worst(coverage)
    if last is None or last.visit_percent is None:
        return first
    gap = " " if language() == "en" else ""
    return first + gap + _("最低的是%(name)s，%(share)s。") % {"name": last.name, "share": percent(last.visit_percent)}


def bar_of(coverage: Coverage, row: CoverageRow) -> BulletData | None:
    """The bar of a row's visits against the year's goal; ``None`` without members."""
    if row.visit_percent is None:
        return None
    said = _("%(name)s：人次覆盖率%(share)s") % {"name": row.name, "share": percent(row.visit_percent)}
    reached = coverage.reached(row.visit_percent)
    if reached is not None:
        said = clauses([said, _("达到目标的%(reached)s") % {"reached": percent(reached)}], language())
    return BulletData(label=said, actual=row.visit_percent, goal=coverage.goal_percent)


def ramp_finding(coverage: Coverage) -> str:
    """What the line of the years shows, as its heading."""
    share, goal = coverage.whole.visit_percent, coverage.goal_percent
    facts = {"year": coverage.year, "goal": percent(goal or 0), "gap": thousands(round((goal or 0) - (share or 0), 1))}
    if goal is None or share is None:
        return _("各年目标")
    if round(share, 1) >= goal:
        return _("%(year)s年的目标%(goal)s已经达到") % facts
    return _("%(year)s年离目标%(goal)s还差%(gap)s个百分点") % facts


def ramp_sentence(points: Sequence[RampPoint]) -> str:
    """The line of the years for those who cannot see it."""
    parts = []
    for one in points:
        facts = {
            "year": one.year,
            "goal": percent(one.goal_percent or 0),
            "share": percent(one.visit_percent or 0),
        }
        known = one.visit_percent is not None
        parts.append(
            _("%(year)s年目标%(goal)s，实际%(share)s") % facts if known else _("%(year)s年目标%(goal)s") % facts
        )
    between = "; " if language() == "en" else "；"
    return _("覆盖率目标：%(years)s。") % {"years": between.join(parts)}
