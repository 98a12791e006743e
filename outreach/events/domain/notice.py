"""The text that a contact pastes into the union's WeChat group, and short names of districts. Pure."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from outreach.shared.i18n import gettext as _
from outreach.shared.i18n import language
from outreach.shared.time import local

__all__ = ["Noticed", "group_notice", "short_district"]


class Noticed(Protocol):
    """What the notice tells of a session."""

    @property
    def id(self) -> UUID: ...
    @property
    def title(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def programme_name(self) -> str: ...
    @property
    def provider_names(self) -> tuple[str, ...]: ...
    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...
    @property
    def place(self) -> str: ...
    @property
    def seats_left(self) -> int | None: ...
    @property
    def claimable(self) -> bool: ...
    @property
    def host_id(self) -> UUID | None: ...
    @property
    def state(self) -> str: ...
    def closes_at(self) -> datetime: ...
    def is_open(self, now: datetime) -> bool: ...


_WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


def _day_and_time(moment: datetime) -> str:
    here = local(moment)
    if language() == "en":
        return here.strftime("%a %-d %b %Y %H:%M")
    return f"{here.year}年{here.month}月{here.day}日（{_WEEKDAYS[here.weekday()]}）{here:%H:%M}"


def _when(start: datetime, end: datetime) -> str:
    dash = "–" if language() == "en" else "—"
    same_day = local(start).date() == local(end).date()
    return _day_and_time(start) + dash + (f"{local(end):%H:%M}" if same_day else _day_and_time(end))


def group_notice(session: Noticed, base_url: str, now: datetime) -> str:
    """What, when, where, seats left, deadline and link, one to a line, ready to be pasted.

    For sessions whose place the caller may see. ``base_url``: where the site is reached, without a slash at the end.
    """
    lines = [
        _("【%(programme)s】%(title)s") % {"programme": session.programme_name, "title": session.title},
        _("时间：%(when)s") % {"when": _when(session.starts_at, session.ends_at)},
    ]
    if session.place:
        lines.append(_("地点：%(place)s") % {"place": session.place})
    if session.provider_names:
        lines.append(_("主讲（演出）：%(names)s") % {"names": "、".join(session.provider_names)})
    lines += _booking_lines(session, now)
    lines.append(f"{base_url.rstrip('/')}/sessions/{session.id}")
    return "\n".join(lines)


def _booking_lines(session: Noticed, now: datetime) -> list[str]:
    if session.state == "cancelled":
        return [_("这场已取消。")]
    if not session.is_open(now):
        return []
    deadline = _("预约截止：%(when)s") % {"when": _day_and_time(session.closes_at())}
    if session.claimable and session.host_id is None:
        return [_("整场可领：一个单位可以把这场请到自己单位。"), deadline]
    if session.seats_left is None:
        return [_("名额：不限"), deadline]
    if session.seats_left <= 0:
        return [_("名额：已约满")]
    return [_("名额：还剩%(left)s个") % {"left": f"{session.seats_left:,}"}, deadline]


def short_district(name: str) -> str:
    """吴中区 → 吴中, 工业园区 → 园区, 张家港市 → 张家港: for places where every character counts."""
    if name.endswith("园区") and len(name) > 2:
        return "园区"
    return name[:-1] if len(name) > 2 and name[-1] in "区县市" else name
