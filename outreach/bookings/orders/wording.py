"""What is said of orders: windows, steps, the next step with who acts and by when. Nothing here asks the database."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from outreach.bookings.orders.domain.states import ENDED, ORDER_WORDS, UNSCHEDULED, OrderState
from outreach.bookings.orders.queries import OrderRow
from outreach.bookings.orders.windows import FreeDay
from outreach.events.domain.parts import PART_WORDS
from outreach.shared.i18n import gettext as _
from outreach.shared.time import local_day
from outreach.web.wording import FILTERS

__all__ = [
    "REVIEW_WITHIN",
    "OrderLine",
    "Step",
    "free_day_text",
    "order_line",
    "order_next",
    "order_state",
    "order_steps",
    "weeks_text",
    "window_text",
]


#: So long after a session its host is asked how it was; later it is still taken.
REVIEW_WITHIN = timedelta(days=31)


class Step(NamedTuple):
    """One point of an order's life: ``mark`` is ``ok`` (done), ``now`` or empty (to come)."""

    words: str
    on: str | None
    mark: str


@dataclass(frozen=True, slots=True)
class OrderLine:
    """An order with its state in words, its steps, and what comes next."""

    order: OrderRow
    state: str
    next: str
    summary: str
    steps: tuple[Step, ...]


def weeks_text(days: Iterable[date]) -> str:
    """``9月第4、5周，10月第2周``: the rows of the months' calendars, weeks from Monday, in which the days stand."""
    months: dict[tuple[int, int], list[str]] = {}
    for on in days:
        row = (on.day + on.replace(day=1).weekday() - 1) // 7 + 1
        months.setdefault((on.year, on.month), []).append(str(row))
    named = [
        _("%(month)s月第%(weeks)s周") % {"month": month, "weeks": FILTERS["joined"](rows)}
        for (_year, month), rows in months.items()
    ]
    return str(FILTERS["clauses"](named))


def free_day_text(day: FreeDay) -> str:
    """``9月23日（周三）上午、晚上``."""
    parts = FILTERS["joined"](_(PART_WORDS[part]) for part in day.parts)
    return _("%(day)s%(part)s") % {"day": FILTERS["day_short"](day.on), "part": parts}


def window_text(on: date, part: str) -> str:
    """``9月23日（周三）下午``."""
    return _("%(day)s%(part)s") % {"day": FILTERS["day_short"](on), "part": _(PART_WORDS[part])}


def order_state(state: str) -> str:
    """The word of an order's state; a declined order is 未批准, a declined booking 已拒绝."""
    return _(ORDER_WORDS[OrderState(state)])


def order_line(order: OrderRow, now: datetime) -> OrderLine:
    """All that a list says of an order."""
    return OrderLine(
        order,
        order_state(order.state),
        order_next(order, now),
        _summary(order),
        order_steps(order),
    )


def _summary(order: OrderRow) -> str:
    """When it is, or when it was wished for; who comes; how many."""
    parts: list[str] = []
    if order.session_starts_at is not None and order.state not in ENDED:
        when = FILTERS["when_text"](order.session_starts_at, None, year=False)
        parts.append(_("拟%(when)s") % {"when": when} if order.state == OrderState.ASSIGNED else when)
        parts.append(FILTERS["joined"](order.provider_names))
    else:
        first = order.windows[0]
        wish = window_text(first.on, first.part)
        more = len(order.windows) - 1
        parts.append(_("想在%(wish)s") % {"wish": wish} if not more else _("想在%(wish)s等%(number)s个时间") % {
            "wish": wish, "number": more + 1,
        })  # fmt: skip
    parts.append(_("%(seats)s人") % {"seats": FILTERS["thousands"](order.audience)})
    return str(FILTERS["clauses"](parts))


def order_next(order: OrderRow, now: datetime) -> str:
    """Who acts next and by when, or how it ended."""
    last = {"day": FILTERS["day_plain"](order.last_on), "owner": order.owner_name}
    if order.state in UNSCHEDULED and order.state != OrderState.ASSIGNED and order.last_on < local_day(now):
        return _("您选的时间都过去了，请另选时间")
    match OrderState(order.state):
        case OrderState.SUBMITTED if order.two_step:
            return _("等%(endorser)s同意，最晚%(day)s") % {**last, "endorser": order.endorser_name}
        case OrderState.SUBMITTED | OrderState.ENDORSED:
            return _("等%(owner)s批准，最晚%(day)s") % last
        case OrderState.APPROVED:
            return _("等%(owner)s派讲师或团队，最晚%(day)s") % last
        case OrderState.ASSIGNED:
            until = order.answer_by or order.session_starts_at
            day = FILTERS["moment_text"](until) if until is not None else last["day"]
            facts = {"who": FILTERS["joined"](order.provider_names), "day": day}
            return _("等%(who)s答复，最晚%(day)s") % facts
        case OrderState.SCHEDULED:
            return _after_scheduling(order, now)
        case OrderState.FULFILLED:
            return _("请您评单，三个问题，一分钟")
        case OrderState.REVIEWED:
            return _("已经办完，谢谢您的评价")
        case OrderState.DECLINED:
            return _with_reason(_("没有批准，不占您单位的次数"), order.reason)
        case OrderState.WITHDRAWN:
            return _with_reason(_("已经撤回，不占您单位的次数"), order.reason)


def _after_scheduling(order: OrderRow, now: datetime) -> str:
    starts_at, ends_at = order.session_starts_at, order.session_ends_at
    if starts_at is None or ends_at is None or ends_at <= now:
        return _("等%(owner)s登记人次") % {"owner": order.owner_name}
    return _("请您单位备好场地和签到表，%(when)s举办") % {"when": FILTERS["moment_text"](starts_at)}


def _with_reason(words: str, reason: str) -> str:
    return _("%(words)s。原因：%(reason)s") % {"words": words, "reason": reason} if reason else words


def order_steps(order: OrderRow) -> tuple[Step, ...]:
    """The order's life with its dates; exactly one step is the present one unless all is done."""
    held = order.session_starts_at if order.state in (OrderState.FULFILLED, OrderState.REVIEWED) else None
    path: list[tuple[str, str, datetime | None]] = [(_("已提交"), _("提交"), order.submitted_at)]
    if order.two_step or order.endorsed_at:
        path.append((_("上级已同意"), _("等上级同意"), order.endorsed_at))
    path += [
        (_("已批准"), _("等批准"), order.approved_at),
        (_("已派单"), _("等派单"), order.assigned_at),
        (_("已排定"), _("等答复"), order.scheduled_at),
        (_("已举办"), _("等举办"), held or order.fulfilled_at),
        (_("已评单"), _("等您评单"), order.reviewed_at),
    ]
    reached = _reached(order, [moment for _done, _now, moment in path])
    done = [Step(words, _day(moment), "ok") for words, _now, moment in path[:reached]]
    if order.state in ENDED:
        return (*done, Step(order_state(order.state), _day(order.ended_at), "now"))
    if reached == len(path):
        return tuple(done)
    present = Step(path[reached][1], _until(order, reached == len(path) - 3), "now")
    return (*done, present, *(Step(_to_come(words), None, "") for words, _now, _at in path[reached + 1 :]))


def _reached(order: OrderRow, moments: Sequence[datetime | None]) -> int:
    """How many steps are done: a refused or cancelled assignment leaves its time behind and is not done."""
    done = {
        OrderState.SUBMITTED: 1,
        OrderState.ENDORSED: len(moments) - 5,
        OrderState.APPROVED: len(moments) - 4,
        OrderState.ASSIGNED: len(moments) - 3,
        OrderState.SCHEDULED: len(moments) - 2,
        OrderState.FULFILLED: len(moments) - 1,
        OrderState.REVIEWED: len(moments),
    }
    if order.state in ENDED:
        approved = len(moments) - 4
        return next((at for at, moment in enumerate(moments[:approved]) if moment is None), approved)
    return done[OrderState(order.state)]


def _to_come(words: str) -> str:
    """``已排定`` is ``排定`` while it is to come."""
    return {_("已派单"): _("派单"), _("已批准"): _("批准"), _("已排定"): _("排定日期"), _("已举办"): _("举办"),
            _("已评单"): _("评单")}.get(words, words)  # fmt: skip


def _until(order: OrderRow, awaits_answer: bool) -> str | None:
    """The day that stands under the present step."""
    if awaits_answer and order.answer_by is not None:
        return _("%(day)s前") % {"day": FILTERS["day_plain"](order.answer_by)}
    if order.state == OrderState.FULFILLED and order.fulfilled_at is not None:
        return _("%(day)s前") % {"day": FILTERS["day_plain"](order.fulfilled_at + REVIEW_WITHIN)}
    if order.state == OrderState.SCHEDULED and order.session_starts_at is not None:
        return str(FILTERS["day_plain"](order.session_starts_at))
    return None


def _day(moment: datetime | None) -> str | None:
    return FILTERS["day_plain"](moment) if moment is not None else None
