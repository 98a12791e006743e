"""Words and numbers of statistics tables, for pages and paper."""

from decimal import Decimal

from outreach.attendance.domain.headcounts import GROUPS
from outreach.shared.i18n import gettext as _
from outreach.shared.i18n import phrase
from outreach.statistics.domain.forms import Figure, Rule
from outreach.statistics.domain.states import STATE_WORDS, TableState
from outreach.statistics.domain.values import Value
from outreach.web.wording import joined

__all__ = ["STATE_MARKS", "plain_value", "rule_text", "state_text", "value_text"]

#: Which of the page's marks a state wears.
STATE_MARKS: dict[TableState, str] = {
    TableState.OPEN: "pending",
    TableState.SUBMITTED: "submitted",
    TableState.RETURNED: "declined",
    TableState.LOCKED: "closed",
}

_FIGURES: dict[Figure, str] = {
    Figure.SESSIONS: phrase("场次"),
    Figure.VISITS: phrase("人次"),
    Figure.TALLY: phrase("补充填报"),
    Figure.MEMBERS: phrase("已采集会员数"),
    Figure.WOMEN_MEMBERS: phrase("女会员数"),
}


def state_text(state: TableState) -> str:
    """``待填报``."""
    return _(STATE_WORDS[state])


def value_text(value: Value) -> str:
    """``1,234.5``, ``是``; nothing for what was not reported."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("是") if value else _("否")
    return f"{_short(value):,}"


def plain_value(value: Value) -> str:
    """As it is typed into a field: ``1234.5``, ``yes``."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return format(_short(value), "f")


def _short(value: Decimal) -> Decimal:
    """Without zeros behind the point."""
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


def rule_text(rule: Rule) -> str:
    """What a rule counts: ``人次，项目culture，新生代农民工``."""
    parts = [_(_FIGURES[rule.figure])]
    if rule.programmes:
        parts.append(_("项目%(codes)s") % {"codes": joined(rule.programmes)})
    if rule.kinds:
        parts.append(joined(rule.kinds))
    if rule.target:
        parts.append(_("指标%(target)s") % {"target": rule.target})
    if rule.group:
        parts.append(_(GROUPS[rule.group]))
    if rule.workers:
        parts.append(_("其中职工"))
    if rule.by == "host":
        parts.append(_("按办的单位"))
    return "，".join(parts)
