"""Openings as the desk shows them: where each stands, and what is taken of it. Nothing here asks the database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from outreach.events.domain.openings import STATE_WORDS, ForWhom, OpeningState, over_quota, rest_of
from outreach.events.domain.states import SESSION_WORDS
from outreach.events.openings import Opened, OpenedThing, OpeningRow
from outreach.shared.i18n import gettext as _
from outreach.shared.i18n import language
from outreach.web.wording import clauses, joined, moment_text, when_text

__all__ = ["OpeningView", "PlacesLine", "district_words", "news_of", "opening_view", "session_words", "whom_words"]

#: The shape that a state has on the page: nothing yet, going on, over.
_SHAPES = {OpeningState.WAITING: "draft", OpeningState.OPEN: "published", OpeningState.OVER: "closed"}


@dataclass(frozen=True, slots=True)
class PlacesLine:
    """Places of one kind: kept for a district, or shared. ``sentence`` is for those who cannot see the bar."""

    label: str
    taken: int
    places: int
    sentence: str


@dataclass(frozen=True, slots=True)
class OpeningView:
    """One row of the list."""

    row: OpeningRow
    shape: str
    state: str
    whom: str
    things: str
    taken: int
    lines: tuple[PlacesLine, ...]
    by_district: str


def district_words(district: str) -> str:
    """``吴中区``; units without a district are the city's own."""
    return district or _("市直属")


def session_words(session: OpenedThing) -> str:
    """``9月24日（周四）14:00，倒班职工的睡眠，吴中区，草稿`` in a list to tick."""
    when = when_text(session.starts_at, None, language(), year=False) if session.starts_at else ""
    state = "" if session.state == "published" else _(SESSION_WORDS[session.state])
    return clauses([when, session.title, session.district, state], language())


def whom_words(row: OpeningRow) -> str:
    """For whom the opening is."""
    if row.for_whom == ForWhom.DISTRICTS:
        return joined([district_words(one) for one in row.districts], language())
    if row.for_whom == ForWhom.UNSERVED:
        return _("近%(years)s年没有办过的单位") % {"years": row.unserved_years or 1}
    return _("所有单位")


def opening_view(row: OpeningRow, opened: Opened, taken: Mapping[str, int], now: datetime) -> OpeningView:
    """``taken``: places by district."""
    state = row.state(now)
    words = [
        _("%(number)s场") % {"number": len(opened.session_ids)} if opened.session_ids else "",
        _("%(number)s项活动") % {"number": len(opened.event_ids)} if opened.event_ids else "",
    ]
    most_first = sorted(taken.items(), key=lambda one: (-one[1], one[0]))
    districts = [f"{district_words(district)}{number}" for district, number in most_first]
    return OpeningView(
        row=row,
        shape=_SHAPES[state],
        state=_(STATE_WORDS[state]),
        whom=whom_words(row),
        things=joined([word for word in words if word], language()),
        taken=sum(taken.values()),
        lines=_lines(row, taken),
        by_district=joined(districts, language()),
    )


def _lines(row: OpeningRow, taken: Mapping[str, int]) -> tuple[PlacesLine, ...]:
    rest = rest_of(row.places, row.quotas)
    lines = [_line(district_words(q.district), min(taken.get(q.district, 0), q.places), q.places) for q in row.quotas]
    if rest:
        lines.append(_line(_("各区共用") if row.quotas else _("总名额"), over_quota(row.quotas, taken), rest))
    return tuple(lines)


def _line(label: str, taken: int, places: int) -> PlacesLine:
    facts = {"label": label, "taken": taken, "places": places}
    return PlacesLine(label, taken, places, _("%(label)s：已约%(taken)s个，共%(places)s个") % facts)


def news_of(views: list[OpeningView], now: datetime) -> str:
    """The sentence over the list."""
    running = [one for one in views if one.row.state(now) is OpeningState.OPEN]
    coming = [one.row for one in views if one.row.state(now) is OpeningState.WAITING]
    parts = []
    if running:
        facts = {"number": len(running), "taken": sum(one.taken for one in running)}
        parts.append(_("%(number)s批正在开放，已约出%(taken)s个名额。") % facts)
    if coming:
        first = min(coming, key=lambda row: row.opens_at)
        named = {"name": first.name, "when": moment_text(first.opens_at, language())}
        parts.append(_("“%(name)s”%(when)s开放。") % named)
    return "".join(parts) or _("现在没有开放的批次。")
