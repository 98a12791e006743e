"""The sentences of the dispatch board: the news of each tab, what comes next of an order. Nothing here asks the
database."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from outreach.bookings.orders.domain.states import OrderState
from outreach.bookings.orders.queries import OrderRow
from outreach.shared.i18n import gettext as _
from outreach.shared.time import local_day
from outreach.web.wording import FILTERS

__all__ = ["due_of", "empty_words", "heading_of", "is_over", "lede_of", "left_of", "next_of"]


def heading_of(tab: str) -> str:
    """What the list of a tab is called."""
    return {
        "to_approve": _("待审核的点单"),
        "to_assign": _("待派的点单"),
        "to_answer": _("等讲师答复的点单"),
        "scheduled": _("已排定的点单"),
    }[tab]


def empty_words(tab: str) -> tuple[str, str]:
    """What is missing on an empty tab, and why."""
    return {
        "to_approve": (_("没有等审核的点单"), _("单位点单以后，先到这里审核。")),
        "to_assign": (_("没有等派的点单"), _("点单批准以后，到这里派讲师或团队。")),
        "to_answer": (_("没有等答复的派单"), _("派单以后，讲师或团队答复之前，点单在这里。")),
        "scheduled": (_("没有已排定的点单"), _("讲师或团队接单以后，点单在这里，直到办完。")),
    }[tab]


def lede_of(tab: str, count: int, first: OrderRow | None, now: datetime) -> str:
    """The news of a tab: how many wait, which is the most urgent, until when."""
    if first is None or not count:
        return _("%(what)s。") % {"what": empty_words(tab)[0]}
    facts = {
        "number": FILTERS["thousands"](count),
        "unit": first.organisation_name,
        "title": first.event_title,
        "day": FILTERS["day_plain"](due_of(first)),
        "ago": FILTERS["ago"](first.submitted_at, now),
    }
    if tab == "scheduled" and due_of(first) < local_day(now):
        return _("%(number)s张点单已排定。%(unit)s的“%(title)s”%(day)s办过了，还没有登记人次。") % facts
    if tab == "scheduled":
        return _("%(number)s张点单已排定，最近的一场是%(unit)s的“%(title)s”，%(day)s。") % facts
    if tab == "to_answer":
        return _("%(number)s张派单等答复。%(unit)s的“%(title)s”最急，%(day)s前要有答复，到时打电话问。") % facts
    over = due_of(first) < local_day(now)
    if tab == "to_approve":
        if over:
            return _("%(number)s张点单待审核。%(unit)s的“%(title)s”选的时间都过了，请单位另选时间。") % facts
        return _("%(number)s张点单待审核。%(unit)s的“%(title)s”最急，%(ago)s提交，%(day)s前要排定。") % facts
    if over:
        return _("%(number)s张点单待派。%(unit)s的“%(title)s”选的时间都过了，请打电话另约时间。") % facts
    return _("%(number)s张点单待派。%(unit)s的“%(title)s”最急，%(day)s前要派定。") % facts


def due_of(order: OrderRow) -> date:
    """The day by which something must be settled, or on which it takes place."""
    if order.state == OrderState.ASSIGNED and order.answer_by is not None:
        return local_day(order.answer_by)
    if order.state == OrderState.SCHEDULED and order.session_starts_at is not None:
        return local_day(order.session_starts_at)
    return order.last_on


def left_of(order: OrderRow, now: datetime) -> str:
    """How much time is left, for the list."""
    return _("未登记") if is_over(order, now) else str(FILTERS["left"](due_of(order), now))


def is_over(order: OrderRow, now: datetime) -> bool:
    """Whether its session has ended and nobody has recorded it."""
    return order.state == OrderState.SCHEDULED and order.session_ends_at is not None and order.session_ends_at <= now


def next_of(order: OrderRow, now: datetime) -> str:
    """Who acts next and by when, said to staff; units read ``wording.order_next``."""
    facts = {
        "day": FILTERS["day_plain"](due_of(order)),
        "left": FILTERS["left"](due_of(order), now),
        "endorser": order.endorser_name,
        "people": FILTERS["joined"](order.provider_names),
        "ago": FILTERS["ago"](order.changed_at, now),
    }
    match OrderState(order.state):
        case OrderState.SUBMITTED | OrderState.ENDORSED | OrderState.APPROVED if order.last_on < local_day(now):
            return _("单位选的时间都过了。打电话另约，或请单位改时间。")
        case OrderState.SUBMITTED if order.two_step:
            return _("等%(endorser)s同意，再由主办单位批准。%(day)s前要排定，%(left)s。") % facts
        case OrderState.SUBMITTED | OrderState.ENDORSED:
            return _("等审核。%(day)s前要排定，%(left)s。") % facts
        case OrderState.APPROVED:
            return _("等派单。%(day)s前要派定，%(left)s。") % facts
        case OrderState.ASSIGNED | OrderState.SCHEDULED:
            return _dated_next(order, now, facts)
        case OrderState.FULFILLED:
            return _("已举办，等单位评单。")
        case OrderState.REVIEWED:
            score = f"{order.score:.1f}" if order.score is not None else ""
            return _("单位评了%(score)s分。") % {"score": score}
        case OrderState.DECLINED:
            return _("没有批准，%(ago)s。") % facts
        case OrderState.WITHDRAWN:
            return _("单位撤回了，%(ago)s。") % facts


def _dated_next(order: OrderRow, now: datetime, facts: Mapping[str, Any]) -> str:
    """What comes next of an order that has a session."""
    if order.state == OrderState.ASSIGNED and order.answer_by is not None and order.answer_by <= now:
        return _("%(people)s没有按时答复。打电话问清楚，再记下接单或不接。") % facts
    if order.state == OrderState.ASSIGNED:
        until = FILTERS["moment_text"](order.answer_by or order.session_starts_at)
        return _("等%(people)s答复，%(until)s前。") % {**facts, "until": until}
    if is_over(order, now):
        return _("%(day)s办过了，还没有登记人次；登记了才算进指标。") % facts
    return _("%(people)s已接单，%(day)s举办，%(left)s。") % facts
