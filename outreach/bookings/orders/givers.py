"""Who could give an order, as the board shows them: why, and the line of their day; what is sent to those assigned.

Nothing here asks the database.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from outreach.bookings.orders.queries import OrderRow
from outreach.events.domain.warnings import warnings_of_site
from outreach.events.fitting import Fit
from outreach.events.wording import reason_text, warning_text
from outreach.shared.i18n import gettext as _
from outreach.shared.time import local, local_day, local_midnight
from outreach.web.charts import DayLineData
from outreach.web.wording import FILTERS

__all__ = ["FitLine", "fit_lines", "links_text", "site_warnings"]

_MARKS = {"fits": "", "mind": "w", "blocks": "x"}


@dataclass(frozen=True, slots=True)
class FitLine:
    """One provider on the board: reasons as (class, words), the line of the day."""

    id: UUID
    name: str
    load: str
    reasons: tuple[tuple[str, str], ...]
    day: DayLineData
    level: str
    is_best: bool


def site_warnings(order: OrderRow) -> tuple[str, ...]:
    """What speaks against the place and the audience, whoever comes: a reason is asked for it too."""
    found = warnings_of_site(
        audience=order.audience, least=order.min_audience, most=order.max_audience, site_lacks=order.site_lacks
    )
    return tuple(warning_text(one) for one in found)


def fit_lines(
    fits: Sequence[Fit], starts_at: datetime, ends_at: datetime, site: Sequence[str] = ()
) -> tuple[FitLine, ...]:
    """The providers in the order given, the first one that fits marked as the best.

    Args:
        site: what speaks against the place: then everybody is sent with a reason only.
    """
    best = next((one.provider_id for one in fits if one.level == "fits"), None)
    return tuple(
        FitLine(
            id=one.provider_id,
            name=one.name,
            load=_load(one),
            reasons=tuple((_MARKS[reason.level], reason_text(reason)) for reason in one.reasons),
            day=_day_line(one, starts_at, ends_at),
            level="warn" if site and one.level == "fits" else one.level,
            is_best=one.provider_id == best,
        )
        for one in fits
    )


def _load(fit: Fit) -> str:
    if fit.max_per_month is None:
        return _("本月%(number)s场") % {"number": fit.month_sessions}
    return _("本月%(number)s场，上限%(most)s") % {"number": fit.month_sessions, "most": fit.max_per_month}


def _day_line(fit: Fit, starts_at: datetime, ends_at: datetime) -> DayLineData:
    midnight = local_midnight(local_day(starts_at))

    def hour(moment: datetime) -> float:
        return (local(moment) - midnight).total_seconds() / 3600

    busy = [(hour(one.starts_at), hour(one.ends_at)) for one in fit.busy]
    wanted = (hour(starts_at), hour(ends_at))
    return DayLineData(_day_sentence(fit, starts_at), wanted, busy, _ways(fit, hour))


def _ways(fit: Fit, hour: Callable[[datetime], float]) -> list[tuple[float, float]]:
    """The journeys between the wanted time and sessions that lie near it."""
    ways = []
    for facts in (one.facts for one in fit.reasons if one.code == "travel"):
        minutes = facts["travel_minutes"] / 60
        if facts["is_before"]:
            left_at = hour(datetime.fromisoformat(facts["ends_at"]))
            ways.append((left_at, left_at + minutes))
        else:
            due = hour(datetime.fromisoformat(facts["starts_at"]))
            ways.append((due - minutes, due))
    return ways


def _day_sentence(fit: Fit, starts_at: datetime) -> str:
    facts = {"name": fit.name, "day": FILTERS["day_plain"](starts_at)}
    if not fit.busy:
        return _("%(name)s%(day)s没有别的场次") % facts
    sessions = FILTERS["joined"](
        _("%(times)s在%(place)s") % {
            "times": FILTERS["time_range"](one.starts_at, one.ends_at),
            "place": one.district or _("别处"),
        }
        for one in fit.busy
    )  # fmt: skip
    return _("%(name)s%(day)s%(sessions)s有场次") % {**facts, "sessions": sessions}


def links_text(order: OrderRow, name: str, address: str) -> str:
    """What staff paste into WeChat for a provider: what, when, where, until when, the link."""
    starts_at, ends_at = order.session_starts_at, order.session_ends_at
    lines = [_("%(name)s您好，有一场请您看能不能去：") % {"name": name}, order.event_title]
    if starts_at is not None and ends_at is not None:
        lines.append(_("时间：%(when)s") % {"when": FILTERS["when_text"](starts_at, ends_at)})
    lines.append(_("地点：%(place)s") % {"place": _place(order)})
    lines.append(
        _("对象：%(unit)s，%(people)s人")
        % {"unit": order.organisation_name, "people": FILTERS["thousands"](order.audience)}
    )
    if order.answer_by is not None:
        lines.append(_("请在%(when)s前点开答复：") % {"when": FILTERS["moment_text"](order.answer_by)})
    return "\n".join([*lines, address])


def _place(order: OrderRow) -> str:
    return order.address if order.district in order.address else order.district + order.address
