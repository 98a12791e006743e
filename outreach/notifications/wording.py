"""What a message says. Chinese source strings, translated when said; what the facts lack is left out."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from outreach.shared.i18n import gettext as _
from outreach.shared.i18n import language, phrase
from outreach.web.wording import day_text, thousands, when_text

__all__ = ["KINDS", "day_of", "message_href", "message_text", "moment_of"]

#: Kind → the sentence. ``{what}`` is the session (title and time, as far as the facts know), ``{who}`` the
#: organisation, ``{seats}`` people, ``{visits}`` and ``{reported}`` the head-count and what the unit said it was,
#: ``{count}`` sessions that are overdue and ``{oldest}`` the day of the first of them,
#: ``{before}`` the old time, ``{until}`` the last moment, ``{why}`` the reason, ``{where}`` the place, ``{summary}``
#: sentences that were made before, or how much a unit gets (200套).
KINDS: dict[str, str] = {
    "booking-confirmed": phrase("预约已确认：{what}{seats}。"),
    "booking-declined": phrase("预约没有通过：{what}。{why}"),
    "booking-cancelled": phrase("预约已取消：{what}{seats}。{why}"),
    "booking-received": phrase("收到预约，等待审核：{who}，{what}{seats}。"),
    "session-moved": phrase("场次有变动：{what}{before}。您的预约仍然有效，时间不合适请取消。{why}"),
    "session-cancelled": phrase("场次已取消：{what}。{why}"),
    "session-claimed": phrase("场次已被领走：{who}，{what}{seats}。"),
    "session-taken-over": phrase("这场改由别人主讲：{what}。{why}"),
    "booking-waitlisted": phrase("已排进候补：{what}{seats}。有名额时会告诉您。"),
    "booking-promoted": phrase("候补到了，预约已确认：{what}{seats}。"),
    "booking-promoted-pending": phrase("候补到了，等主办单位审核：{what}{seats}。"),
    "booking-offered": phrase("候补到了，请您确认：{what}{seats}{until}。{why}"),
    "booking-offer-expired": phrase("候补名额没有及时确认，已让给后面的单位：{what}。您仍在候补。"),
    "order-submitted": phrase("收到点单，等待审核：{who}，{what}{seats}。"),
    "order-joined": phrase("{who}邀您单位一起点单：{what}{seats}。"),
    "order-endorsed": phrase("上级工会已同意点单：{what}，等主办单位批准。"),
    "order-approved": phrase("点单已批准：{what}，正在安排讲师或团队。"),
    "order-declined": phrase("点单没有批准：{what}。{why}"),
    "order-withdrawn": phrase("点单已撤回：{who}，{what}。{why}"),
    "order-left": phrase("{who}退出了一起点的单：{what}。{why}"),
    "order-changed": phrase("点单有修改：{who}，{what}。"),
    "order-assigned": phrase("已派单，等讲师或团队答复：{what}{seats}{until}。"),
    "order-asked": phrase("请您答复是否接单：{what}，{who}{seats}{until}。"),
    "order-accepted": phrase("讲师或团队已接单：{who}，{what}。"),
    "order-scheduled": phrase("点单已排定：{what}{seats}。"),
    "order-refused": phrase("讲师或团队接不了，要另派：{who}，{what}。{why}"),
    "order-returned": phrase("原来的安排取消了，点单仍然有效，正在重新安排：{what}。{why}"),
    "order-taken-back": phrase("这次派单已收回：{what}。{why}"),
    "order-window-taken": phrase("您要的时间刚被别的单位约走，请另选时间：{what}。"),
    "order-fulfilled": phrase("请您评单：{what}。"),
    "order-reviewed": phrase("收到评单：{who}，{what}。"),
    "session-reviewed": phrase("收到评价：{who}，{what}。"),
    "headcount-asked": phrase("请报一下这场来了多少人：{what}。"),
    "closing-due": phrase("有{count}场办过还没有结项或登记，最早的是{oldest}。"),
    "headcount-reported": phrase("收到报来的人次，等您确认：{who}，{what}{visits}。"),
    "headcount-confirmed": phrase("您报的人次已经确认：{what}{visits}。"),
    "headcount-changed": phrase("主办单位登记的人次和您报的不一样：{what}{visits}{reported}。"),
    "headcount-unused": phrase("这场已经结项，您报的人次没有登记：{what}{reported}。"),
    "statistics-due": phrase("请填报统计表：{what}，最晚{oldest}。"),
    "statistics-returned": phrase("统计表被退回：{what}。{why}"),
    "materials-granted": phrase("物资分配已确定：{what}，分到{summary}。{why}"),
    "materials-declined": phrase("这一轮没有分到：{what}。{why}"),
    "materials-cancelled": phrase("物资申报已取消：{what}。{why}"),
    "contact-request": phrase("有人申请做{who}的联系人，请打电话核实以后办理。"),
    "rain-date-used": phrase("因天气改到备用日：{what}{before}。{why}"),
    "rain-date-released": phrase("备用日不再保留：{what}。"),
    "session-soon": phrase("提醒：{what}{where}{seats}。来不了请尽早取消，名额让给别的单位。"),
    "session-hosted-soon": phrase("提醒：{what}{where}在您单位办。场地和人员请提前准备好。"),
    "duty-soon": phrase("提醒：{what}{where}由您主讲或演出。"),
    "order-waiting": phrase("有{count}张点单等了很久还没有处理，最早的是{oldest}提交的。"),
    "weekly-summary": phrase("{summary}"),
    "hook-paused": phrase("对接{what}连着一天发不出去，已经暂停。修好以后请恢复发送。"),
    "address-asked": phrase("请确认这个邮箱：点下面的链接，以后的通知就发到这里{until}。不是您本人填的，不用理会。"),
}


def message_text(kind: str, facts: Mapping[str, Any]) -> str:
    """The sentence of a message.

    Args:
        kind: one of ``KINDS``; an unknown one is shown by its name.
        facts: what ``enqueue_within`` was given. Known names: ``title`` of the session, ``starts_at`` and ``ends_at``
            (RFC 3339, or aware times), ``old_starts_at``, ``until`` (by when to answer), ``seats`` (people),
            ``visits`` and ``reported`` (visits), ``organisation`` (name), ``reason``, ``count`` (sessions), ``oldest``
            (a day), ``where`` (the place), ``summary`` (sentences, or an amount with its unit).
    """
    template = KINDS.get(kind)
    if template is None:
        return kind
    starts_at, before = moment_of(facts.get("starts_at")), moment_of(facts.get("old_starts_at"))
    until = moment_of(facts.get("until"))
    what = _("“%(title)s”") % {"title": facts["title"]} if facts.get("title") else _("一个场次")
    if starts_at is not None:
        what = _("%(what)s，%(when)s") % {"what": what, "when": _when(starts_at, moment_of(facts.get("ends_at")))}
    said = _(template).format(
        what=what,
        who=facts.get("organisation") or _("一个单位"),
        seats=_("，%(seats)s人") % {"seats": facts["seats"]} if facts.get("seats") else "",
        visits=_visits(_("，%(visits)s人次"), facts.get("visits")),
        reported=_visits(_("（您报的是%(visits)s人次）"), facts.get("reported")),
        before=_("（原定%(when)s）") % {"when": _when(before)} if before is not None and before != starts_at else "",
        count=facts.get("count", ""),
        oldest=day_of(facts.get("oldest")),
        why=_("原因：%(reason)s") % {"reason": facts["reason"]} if facts.get("reason") else "",
        until=_("，最晚%(when)s") % {"when": _when(until)} if until is not None else "",
        where=_("，%(where)s") % {"where": facts["where"]} if facts.get("where") else "",
        summary=facts.get("summary", ""),
    )
    return said.strip()


def message_href(object_kind: str, object_id: object, facts: Mapping[str, Any]) -> str:
    """Where the message leads: the page of the order, figures or session that it names, else the own bookings."""
    if object_kind == "order":
        return f"/orders/{object_id}"
    if object_kind == "statistics":
        return f"/statistics/{object_id}"
    if object_kind == "closing":
        return "/desk/closing"
    if object_kind == "hook":
        return f"/desk/hooks/{object_id}"
    if object_kind == "address":
        return f"/account/messages/confirm/{facts['token']}"
    if object_kind == "material_round":
        return f"/materials/{object_id}"
    if object_kind == "contact_request":
        return f"/desk/requests/{object_id}"
    if object_kind == "desk":
        return str(facts.get("href", "/desk"))
    if object_kind == "report":
        return f"/sessions/{facts['session_id']}/report"
    session = object_id if object_kind == "session" else facts.get("session_id")
    return f"/sessions/{session}" if session else "/my"


def _visits(words: str, visits: int | None) -> str:
    return words % {"visits": thousands(visits)} if visits is not None else ""


def _when(starts_at: dt.datetime, ends_at: dt.datetime | None = None) -> str:
    return when_text(starts_at, ends_at, language())


def day_of(given: object) -> str:
    """A day of the facts in words; empty for what is none."""
    try:
        return day_text(dt.date.fromisoformat(str(given)), language())
    except ValueError:
        return ""


def moment_of(given: object) -> dt.datetime | None:
    """An aware time of the facts (RFC 3339 or a time); ``None`` for what is none."""
    if isinstance(given, str):
        try:
            given = dt.datetime.fromisoformat(given)
        except ValueError:
            return None
    return given if isinstance(given, dt.datetime) and given.tzinfo is not None else None
