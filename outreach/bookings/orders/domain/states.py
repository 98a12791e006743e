"""The life of an order (DESIGN, Life cycles): 点单 → 审核 → 派单 → 接单 → 排期 → 评单."""

from enum import StrEnum

from outreach.bookings.orders.domain.errors import OrderStateError
from outreach.shared.i18n import phrase

__all__ = ["ENDED", "NEXT", "OPEN", "ORDER_WORDS", "UNSCHEDULED", "OrderState", "move"]


class OrderState(StrEnum):
    """Assigned has a draft session that ties its providers, scheduled a published one."""

    SUBMITTED = "submitted"
    ENDORSED = "endorsed"
    APPROVED = "approved"
    ASSIGNED = "assigned"
    SCHEDULED = "scheduled"
    FULFILLED = "fulfilled"
    REVIEWED = "reviewed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


NEXT: dict[OrderState, frozenset[OrderState]] = {
    OrderState.SUBMITTED: frozenset(
        {OrderState.ENDORSED, OrderState.APPROVED, OrderState.DECLINED, OrderState.WITHDRAWN}
    ),
    OrderState.ENDORSED: frozenset({OrderState.APPROVED, OrderState.DECLINED, OrderState.WITHDRAWN}),
    OrderState.APPROVED: frozenset({OrderState.ASSIGNED, OrderState.DECLINED, OrderState.WITHDRAWN}),
    OrderState.ASSIGNED: frozenset({OrderState.SCHEDULED, OrderState.APPROVED, OrderState.WITHDRAWN}),
    OrderState.SCHEDULED: frozenset({OrderState.FULFILLED, OrderState.APPROVED, OrderState.WITHDRAWN}),
    OrderState.FULFILLED: frozenset({OrderState.REVIEWED}),
    OrderState.REVIEWED: frozenset(),
    OrderState.DECLINED: frozenset(),
    OrderState.WITHDRAWN: frozenset(),
}

#: Somebody still has to do something before it has a date.
OPEN = frozenset({OrderState.SUBMITTED, OrderState.ENDORSED, OrderState.APPROVED, OrderState.ASSIGNED})
#: Counted by limits as an order; from scheduled on its host booking counts.
UNSCHEDULED = OPEN
ENDED = frozenset({OrderState.DECLINED, OrderState.WITHDRAWN})

ORDER_WORDS: dict[str, str] = {
    OrderState.SUBMITTED: phrase("已提交"),
    OrderState.ENDORSED: phrase("上级已同意"),
    OrderState.APPROVED: phrase("已批准"),
    OrderState.ASSIGNED: phrase("已派单"),
    OrderState.SCHEDULED: phrase("已排定"),
    OrderState.FULFILLED: phrase("已举办"),
    OrderState.REVIEWED: phrase("已评单"),
    OrderState.DECLINED: phrase("未批准"),
    OrderState.WITHDRAWN: phrase("已撤回"),
}


def move(now: OrderState, to: OrderState) -> OrderState:
    """Return ``to`` if an order in ``now`` may become it.

    Raises:
        OrderStateError: it may not.
    """
    if to not in NEXT[now]:
        raise OrderStateError(state=now.value, wanted=to.value)
    return to
