"""What is said of bookings, waiting, openings and limits on the pages of units. Nothing here asks the database."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from outreach.bookings.domain.waiting import cancel_deadline
from outreach.bookings.openings.showing import whom_words
from outreach.bookings.openings.usage import Usage
from outreach.bookings.queries import BookingRow
from outreach.events.domain.openings import OpeningState
from outreach.events.openings import OpeningRow
from outreach.shared.i18n import gettext as _
from outreach.web.wording import FILTERS

__all__ = [
    "LEAST_ANSWERS",
    "OpeningLine",
    "UsageLine",
    "booking_state",
    "cancel_rule",
    "next_step",
    "opening_lines",
    "usage_lines",
]


#: Ratings are shown from so many on: with fewer, one angry or friendly host would speak for all.
LEAST_ANSWERS = 3


@dataclass(frozen=True, slots=True)
class OpeningLine:
    """One wave: what it is called, when it is open, for whom; ``is_open``: right now."""

    name: str
    when: str
    for_whom: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class UsageLine:
    """A limit as it concerns a unit: what is used, what is left (never below zero), and the rule in words."""

    scope: str
    name: str
    used: int
    left: int
    rule: str


def opening_lines(openings: Iterable[OpeningRow], now: datetime) -> list[OpeningLine]:
    """Waves that are open or will be, soonest first."""
    ahead = [one for one in openings if one.state(now) is not OpeningState.OVER]
    return [
        OpeningLine(one.name, _opening_when(one, now), whom_words(one), one.state(now) is OpeningState.OPEN)
        for one in sorted(ahead, key=lambda one: (one.opens_at, one.id))
    ]


def _opening_when(opening: OpeningRow, now: datetime) -> str:
    if opening.state(now) is OpeningState.WAITING:
        return _("%(when)s开放") % {"when": FILTERS["when_text"](opening.opens_at, None, year=False)}
    if opening.closes_at is None:
        return _("已经开放")
    return _("已经开放，%(when)s截止") % {"when": FILTERS["when_text"](opening.closes_at, None, year=False)}


def usage_lines(found: Iterable[Usage]) -> list[UsageLine]:
    """Limits in words, the year's before the tightest; each once: two unions of one person may share a sponsor's."""
    lines = [UsageLine(one.scope, one.name, one.used, max(0, one.limit - one.used), _rule(one)) for one in found]
    return sorted(dict.fromkeys(lines), key=lambda one: (one.scope != "year", one.left))


def _rule(usage: Usage) -> str:
    facts = {"limit": usage.limit, "name": usage.name}
    if usage.scope == "year":
        return _("每个单位每年最多%(limit)s次，预约、领走和点单合在一起算。女职工委员会与本单位工会共用。") % facts
    if usage.scope == "programme":
        return _("%(name)s：每个单位全年最多%(limit)s次。") % facts
    return _("%(name)s：每个单位最多%(limit)s次。") % facts


def booking_state(booking: BookingRow) -> str:
    """``候补第2位`` for a waiting group; empty where the usual word of the state says enough."""
    if booking.state == "waitlisted" and booking.place_in_queue:
        return _("候补第%(place)s位") % {"place": booking.place_in_queue}
    if booking.state == "cancelled" and booking.is_late:
        return _("临时取消")
    return ""


def cancel_rule(starts_at: datetime, cancel_hours: int | None, now: datetime) -> str:
    """Until when a unit cancels without more ado, and what happens later; empty when the session has begun."""
    until = cancel_deadline(starts_at, cancel_hours)
    facts = {"when": FILTERS["when_text"](until, None, year=False)}
    if now >= starts_at:
        return ""
    if now >= until:
        return _("已过取消期限（%(when)s）。现在取消会记为临时取消，主办单位看得到原因。") % facts
    if cancel_hours:
        return _("%(when)s以前取消，不留记录。以后取消会记为临时取消。") % facts
    return _("开始以前都可以取消。")


def next_step(booking: BookingRow, now: datetime) -> str:
    """A booking always says who acts next and by when, or how it ended."""
    day = FILTERS["day_plain"](booking.starts_at)
    owner = booking.session_organisation_name
    match booking.state:
        case "pending":
            return _("等%(owner)s答复，最晚%(day)s") % {"owner": owner, "day": day}
        case "waitlisted" | "offered":
            return _while_waiting(booking, now)
        case "confirmed" if booking.ends_at <= now:
            return _("等%(owner)s登记人次") % {"owner": owner}
        case "confirmed" if booking.is_host:
            return _("%(day)s在您单位办，请备好场地和签到表") % {"day": day}
        case "confirmed":
            return _("打印签到表，%(day)s带去") % {"day": day}
        case "cancelled" if booking.cancelled_by == "session":
            return booking.reason or _("整场取消，不占您的次数")
        case "declined" | "cancelled":
            return booking.reason or _("可另选一场")
        case "attended":
            return _("已办完，谢谢参加")
        case "no_show":
            return _("没有到场，下次去不了请提前取消")
        case _:
            return ""


def _while_waiting(booking: BookingRow, now: datetime) -> str:
    if booking.starts_at <= now:
        return _("没有等到空位，可另选一场")
    if booking.state == "waitlisted":
        return _("有空位马上通知您，最晚等到%(day)s") % {"day": FILTERS["day_plain"](booking.starts_at)}
    if booking.offer_is_over(now):
        return _("没有及时确认，名额已让给后面的单位，您仍在候补")
    until = FILTERS["moment_text"](booking.offer_expires_at or booking.starts_at)
    return _("请您在%(until)s以前接受或放弃") % {"until": until}
