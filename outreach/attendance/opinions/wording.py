"""What is asked and said of opinions, in words of the session's kind."""

from collections.abc import Sequence

from outreach.attendance.opinions.domain.opinions import (
    CHANGE_WORDS,
    NOTHING_TO_CHANGE,
    QUESTIONS,
    OpinionSummary,
)
from outreach.bookings.notices import SPOKEN
from outreach.shared.i18n import gettext as _
from outreach.shared.i18n import phrase
from outreach.web.wording import FILTERS

__all__ = ["change_words", "news_of", "questions_for", "to_change"]

_SPOKEN, _PLAYED, _OTHER = phrase("讲得清楚"), phrase("演得精彩"), phrase("活动办得好")
#: Kinds that are played before an audience have one of these characters.
_PLAYED_KINDS = ("演", "戏", "曲", "剧", "乐", "舞", "歌", "影")


def questions_for(kind: str) -> dict[str, str]:
    """The questions as they are put to people of a session of this kind (讲座, 演出 …), by their names."""
    delivery = _OTHER
    if any(word in kind for word in SPOKEN):
        delivery = _SPOKEN
    elif any(character in kind for character in _PLAYED_KINDS):
        delivery = _PLAYED
    return {name: _(words) for name, words in {**QUESTIONS, "delivery": delivery}.items()}


def change_words() -> dict[str, str]:
    """What can be changed, by code."""
    return {code: _(words) for code, words in CHANGE_WORDS.items()}


def to_change(summary: OpinionSummary) -> list[tuple[str, int]]:
    """What people would change, most wanted first: codes with how many; those that nobody named are left out."""
    named = [(code, number) for code, number in summary.changes.items() if number and code != NOTHING_TO_CHANGE]
    return sorted(named, key=lambda one: -one[1])


def news_of(summary: OpinionSummary | None, least: int) -> str:
    """The page's sentence. It leads with what to change: nearly everybody gives full marks, which says nothing."""
    if summary is None or not summary.answers:
        return _("还没有人评价。")
    if summary.answers < least:
        facts = {"answers": summary.answers, "missing": least - summary.answers}
        return _("收到%(answers)s份，还差%(missing)s份才显示。") % facts
    wanted = to_change(summary)
    if not wanted:
        return _("收到%(answers)s份，没有人说要改什么。") % {"answers": summary.answers}
    most = [change_words()[code] for code, number in wanted if number == wanted[0][1]]
    said = {"answers": summary.answers, "what": _joined(most), "number": wanted[0][1]}
    if len(most) > 1:
        return _("%(answers)s份里，最想改的是%(what)s，各%(number)s份。") % said
    return _("%(answers)s份里，最想改的是%(what)s，%(number)s份。") % said


def _joined(words: Sequence[str]) -> str:
    return str(FILTERS["joined"](words))
