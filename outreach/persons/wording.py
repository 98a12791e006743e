"""Words of what is handed over."""

from outreach.bookings.domain.states import BOOKING_WORDS
from outreach.bookings.orders.domain.states import ORDER_WORDS
from outreach.events.domain.states import SESSION_WORDS
from outreach.persons.domain.work import Work, WorkKind
from outreach.shared.i18n import gettext as _
from outreach.shared.i18n import phrase
from outreach.statistics.domain.states import STATE_WORDS

__all__ = ["WORK_NAMES", "day_heading", "state_text"]

WORK_NAMES: dict[WorkKind, str] = {
    WorkKind.ORDER: phrase("没有办完的点单"),
    WorkKind.BOOKING: phrase("还没到日子的预约"),
    WorkKind.TABLE: phrase("要报的统计表"),
    WorkKind.SESSION: phrase("要办的场次"),
    WorkKind.CLOSING: phrase("办过还没有结项的场次"),
}
_DAYS: dict[WorkKind, str] = {
    WorkKind.ORDER: phrase("最早的日子"),
    WorkKind.BOOKING: phrase("日期"),
    WorkKind.TABLE: phrase("截止"),
    WorkKind.SESSION: phrase("日期"),
    WorkKind.CLOSING: phrase("日期"),
}


def day_heading(kind: WorkKind) -> str:
    """What the day of such a thing is."""
    return _(_DAYS[kind])


def state_text(one: Work) -> str:
    """How it stood when it was handed over."""
    words: dict[str, str] = {
        WorkKind.ORDER: ORDER_WORDS,
        WorkKind.BOOKING: BOOKING_WORDS,
        WorkKind.TABLE: {state.value: text for state, text in STATE_WORDS.items()},
        WorkKind.SESSION: SESSION_WORDS,
        WorkKind.CLOSING: SESSION_WORDS,
    }[one.kind]
    return _(words[one.state]) if one.state in words else one.state
