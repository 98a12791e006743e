"""What a message says. Chinese source strings, translated when said; what the facts lack is left out."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from outreach.shared.i18n import gettext as _
from outreach.shared.i18n import language, phrase
from outreach.web.wording import when_text

__all__ = ["KINDS", "message_href", "message_text"]

#: Kind → the sentence. ``{what}`` is the session (title and time, as far as the facts know), ``{who}`` the
#: organisation, ``{seats}`` people, ``{before}`` the old time, ``{why}`` the reason.
KINDS: dict[str, str] = {
    "booking-confirmed": phrase("预约已确认：{what}{seats}。"),
    "booking-declined": phrase("预约没有通过：{what}。{why}"),
    "booking-cancelled": phrase("预约已取消：{what}{seats}。{why}"),
    "booking-received": phrase("收到预约，等待审核：{who}，{what}{seats}。"),
    "session-moved": phrase("场次有变动：{what}{before}。您的预约仍然有效，时间不合适请取消。{why}"),
    "session-cancelled": phrase("场次已取消：{what}。{why}"),
    "session-claimed": phrase("场次已被领走：{who}，{what}{seats}。"),
}


def message_text(kind: str, facts: Mapping[str, Any]) -> str:
    """The sentence of a message.

    Args:
        kind: one of ``KINDS``; an unknown one is shown by its name.
        facts: what ``enqueue_within`` was given. Known names: ``title`` of the session, ``starts_at`` and ``ends_at``
            (RFC 3339, or aware times), ``old_starts_at``, ``seats`` (people), ``organisation`` (name), ``reason``.
    """
    template = KINDS.get(kind)
    if template is None:
        return kind
    starts_at, before = _moment(facts.get("starts_at")), _moment(facts.get("old_starts_at"))
    what = _("“%(title)s”") % {"title": facts["title"]} if facts.get("title") else _("一个场次")
    if starts_at is not None:
        what = _("%(what)s，%(when)s") % {"what": what, "when": _when(starts_at, _moment(facts.get("ends_at")))}
    said = _(template).format(
        what=what,
        who=facts.get("organisation") or _("一个单位"),
        seats=_("，%(seats)s人") % {"seats": facts["seats"]} if facts.get("seats") else "",
        before=_("（原定%(when)s）") % {"when": _when(before)} if before is not None and before != starts_at else "",
        why=_("原因：%(reason)s") % {"reason": facts["reason"]} if facts.get("reason") else "",
    )
    return said.strip()


def message_href(object_kind: str, object_id: object, facts: Mapping[str, Any]) -> str:
    """Where the message leads: the session's page when facts or object name it, else the own bookings."""
    session = object_id if object_kind == "session" else facts.get("session_id")
    return f"/sessions/{session}" if session else "/my"


def _when(starts_at: dt.datetime, ends_at: dt.datetime | None = None) -> str:
    return when_text(starts_at, ends_at, language())


def _moment(given: object) -> dt.datetime | None:
    if isinstance(given, str):
        try:
            given = dt.datetime.fromisoformat(given)
        except ValueError:
            return None
    return given if isinstance(given, dt.datetime) and given.tzinfo is not None else None
