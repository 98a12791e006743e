"""Costs in words: the sentence over a budget, and parts of a whole."""

from collections.abc import Mapping
from decimal import Decimal

from outreach.attendance.costs.domain.money import yuan_text
from outreach.attendance.costs.queries import Spending
from outreach.shared.i18n import gettext as _
from outreach.shared.i18n import language
from outreach.web.wording import clauses, percent

__all__ = ["budget_sentence", "share_rows"]


def budget_sentence(budget_yuan: int | None, spending: Spending) -> str:
    """``预算50,000元，已用12,345.50元（24.7%），每场1,234.55元，每人次12.35元。``

    Means are of the sessions that have a line; what is beyond the budget is said at once.
    """
    budget = _("预算%(yuan)s元") % {"yuan": f"{budget_yuan:,}"} if budget_yuan is not None else _("没有定预算")
    parts = [budget, _spent(budget_yuan, spending)]
    if spending.fen_per_session is not None:
        parts.append(_("每场%(yuan)s元") % {"yuan": yuan_text(spending.fen_per_session)})
    if spending.fen_per_visit is not None:
        parts.append(_("每人次%(yuan)s元") % {"yuan": yuan_text(spending.fen_per_visit)})
    return _("%(sentence)s。") % {"sentence": clauses(parts, language())}


def _spent(budget_yuan: int | None, spending: Spending) -> str:
    if not spending.sessions:
        return _("还没有登记费用")
    spent = _("已用%(yuan)s元") % {"yuan": yuan_text(spending.total_fen)}
    if budget_yuan is None:
        return spent
    if budget_yuan:
        part = percent(Decimal(spending.total_fen) / budget_yuan, language())
        spent = _("%(spent)s（%(percent)s）") % {"spent": spent, "percent": part}
    over = spending.total_fen - budget_yuan * 100
    return clauses([spent, _("超出预算%(yuan)s元") % {"yuan": yuan_text(over)}], language()) if over > 0 else spent


def share_rows(sums: Mapping[str, int], words: Mapping[str, str]) -> list[tuple[str, int, str]]:
    """Words, 分 and part of the whole (``24.7%``) of each sum; a code without words stands for itself."""
    whole = sum(sums.values())
    return [
        (words.get(code, code), fen, percent(Decimal(fen) * 100 / whole, language()) if whole else "")
        for code, fen in sums.items()
    ]
