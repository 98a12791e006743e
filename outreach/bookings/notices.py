"""What to paste into a WeChat group: what, when, where, how many seats, the link."""

from outreach.events.domain.visibility import may_see_place
from outreach.events.queries import SessionRow
from outreach.shared.actors import Actor
from outreach.shared.i18n import gettext as _
from outreach.web.wording import FILTERS

__all__ = ["group_notice", "people_label"]

#: Kinds that somebody speaks at; everything else is shown by a troupe.
SPOKEN = ("讲座", "课程", "培训", "辅导", "咨询")


def people_label(kind: str) -> str:
    """What those who give a session of this kind are called."""
    return _("主讲") if any(word in kind for word in SPOKEN) else _("团队")


def group_notice(session: SessionRow, actor: Actor | None, base_url: str) -> str:
    """The notice of a session as ``actor`` may see it, one fact a line."""
    when = FILTERS["when_text"](session.starts_at, session.ends_at)
    lines = [
        _("【%(programme)s%(kind)s】%(title)s")
        % {"programme": session.programme_short, "kind": session.kind, "title": session.title},
        _("时间：%(when)s") % {"when": when},
    ]
    if session.place and may_see_place(actor, session.facts):
        lines.append(_("地点：%(place)s") % {"place": session.place})
    if session.provider_names:
        people = FILTERS["joined"](session.provider_names)
        lines.append(_("%(label)s：%(people)s") % {"label": people_label(session.kind), "people": people})
    if session.state == "cancelled":
        lines.append(_("这场已经取消。"))
    elif session.state == "published":
        lines.append(_("名额：%(seats)s") % {"seats": _seats(session)})
    link = _("预约：%(address)s") if session.state == "published" else _("详情：%(address)s")
    lines.append(link % {"address": f"{base_url.rstrip('/')}/sessions/{session.id}"})
    return "\n".join(lines)


def _seats(session: SessionRow) -> str:
    until = _("%(when)s截止") % {"when": FILTERS["moment_text"](session.closes_at())}
    if session.claimable:
        return _("整场可领，%(until)s") % {"until": until}
    if session.capacity is None:
        return _("不限人数，%(until)s") % {"until": until}
    facts = {"capacity": session.capacity, "left": session.seats_left, "until": until}
    if not session.seats_left:
        return _("共%(capacity)s个，已约满") % facts
    return _("共%(capacity)s个，还余%(left)s个，%(until)s") % facts
