"""What pictures and notices say of sessions, in the language of the request."""

from collections.abc import Sequence
from datetime import date
from itertools import groupby

from outreach.bookings.notices import people_label
from outreach.events.domain.visibility import may_see_place
from outreach.events.queries import SessionRow
from outreach.shared.actors import Actor
from outreach.shared.i18n import gettext as _
from outreach.shared.time import local_day
from outreach.sharing.posters import Card, MonthPoster, SessionPoster
from outreach.web.templates import Site
from outreach.web.wording import FILTERS

__all__ = ["MOST_ON_A_POSTER", "card", "month_notice", "month_poster", "month_title", "session_poster"]

#: Sessions that a month's poster and notice list; the code and the link lead to all.
MOST_ON_A_POSTER = 16


def _overline(session: SessionRow) -> str:
    return _("%(programme)s，%(kind)s") % {"programme": session.programme_short, "kind": session.kind}


def _place(session: SessionRow, reader: Actor | None) -> str:
    if not may_see_place(reader, session.facts):
        return _("由主办单位通知")
    return session.place


def _state(session: SessionRow) -> str:
    if session.state == "cancelled":
        return _("已取消")
    return _("改期") if session.moved_from is not None and session.state == "published" else ""


def session_poster(session: SessionRow, reader: Actor | None, site: Site, base_url: str) -> SessionPoster:
    """The poster of a session as ``reader`` may see it; no seats, which change faster than a picture is passed on."""
    until = session.closes_at()
    return SessionPoster(
        site=site.name,
        mark=session.programme_mark,
        overline=_overline(session),
        title=session.title,
        facts=(
            (_("时间"), FILTERS["when_text"](session.starts_at, session.ends_at)),
            (_("地点"), _place(session, reader)),
            (people_label(session.kind), FILTERS["joined"](session.provider_names) if session.provider_names else ""),
            (_("对象"), session.audience),
            (_("截止"), FILTERS["moment_text"](until) if session.state == "published" else ""),
        ),
        state=_state(session),
        address=f"{base_url}/sessions/{session.id}",
        call=_("扫码看详情、预约") if session.state == "published" else _("扫码看详情"),
        foot=site.host_line or site.name,
    )


def card(session: SessionRow, reader: Actor | None, site: Site) -> Card:
    """The picture beside a link to a session."""
    lines = (FILTERS["when_text"](session.starts_at, session.ends_at), _place(session, reader))
    return Card(
        site=site.name,
        mark=session.programme_mark,
        overline=_overline(session),
        title=session.title,
        lines=tuple(line for line in lines if line),
        state=_state(session),
    )


def month_title(year: int, month: int, programme: str) -> str:
    """``2015年10月活动安排``, with the programme's name in front where it is of one."""
    when = FILTERS["month_text"](year, month)
    if programme:
        return _("%(programme)s%(month)s安排") % {"programme": programme, "month": when}
    return _("%(month)s活动安排") % {"month": when}


def _days(sessions: Sequence[SessionRow]) -> list[tuple[date, list[SessionRow]]]:
    return [(day, list(found)) for day, found in groupby(sessions, key=lambda one: local_day(one.starts_at))]


def _where(session: SessionRow) -> str:
    return session.venue_name or session.district if may_see_place(None, session.facts) else session.district


def month_poster(sessions: Sequence[SessionRow], title: str, address: str, site: Site) -> MonthPoster:
    """The poster of a month as strangers see it."""
    shown = sessions[:MOST_ON_A_POSTER]
    rest = len(sessions) - len(shown)
    return MonthPoster(
        site=site.name,
        title=title,
        overline=_("公开%(count)s场") % {"count": len(sessions)} if sessions else _("这个月还没有公开的场次。"),
        days=tuple(
            (
                FILTERS["day_short"](day),
                tuple((FILTERS["time_text"](one.starts_at), one.title, _where(one)) for one in found),
            )
            for day, found in _days(shown)
        ),
        more=_("还有%(count)s场，扫码看全部") % {"count": rest} if rest else "",
        address=address,
        call=_("扫码看日历、预约"),
        foot=site.host_line or site.name,
    )


def month_notice(sessions: Sequence[SessionRow], title: str, address: str) -> str:
    """The text for a group: one line a session, then the link."""
    lines = [_("【%(title)s】") % {"title": title}]
    for day, found in _days(sessions[:MOST_ON_A_POSTER]):
        lines.append(FILTERS["day_short"](day))
        for one in found:
            facts = {"time": FILTERS["time_text"](one.starts_at), "title": one.title, "where": _where(one)}
            lines.append(
                _("　%(time)s　%(title)s（%(where)s）") % facts
                if facts["where"]
                else _("　%(time)s　%(title)s") % facts
            )
    rest = len(sessions) - MOST_ON_A_POSTER
    if rest > 0:
        lines.append(_("还有%(count)s场，点链接看全部。") % {"count": rest})
    if not sessions:
        lines.append(_("这个月还没有公开的场次。"))
    lines.append(_("看详情、预约：%(address)s") % {"address": address})
    return "\n".join(lines)
