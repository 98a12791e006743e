"""What attendees say, as a form and as JSON."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from outreach.attendance.opinions.domain.opinions import MOST_WORDS
from outreach.attendance.opinions.giving import Said
from outreach.attendance.opinions.wording import questions_for
from outreach.shared.i18n import gettext as _
from outreach.shared.text import LongText

__all__ = ["OpinionForm", "OpinionIn", "opinion_order"]

Mark = Annotated[int, Meta(ge=1, le=5)]
Change = Literal["content", "depth", "length", "interaction", "time", "place", "nothing"]
Words = Annotated[str, Meta(max_length=MOST_WORDS, pattern=LongText.__metadata__[0].pattern)]
Who = Annotated[str, Meta(max_length=200)]


class OpinionForm(msgspec.Struct, kw_only=True):
    """Three marks and what to change, each one tap; words for those who like to write."""

    useful: Mark
    delivery: Mark
    arrangement: Mark
    change: Change
    words: Words = ""

    @property
    def said(self) -> Said:
        return Said(self.useful, self.delivery, self.arrangement, self.change, self.words)


class OpinionIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Marks from 1 to 5: of use to me, well told or well played, time and place suited.

    ``who``: the member ``opinion`` of the check-in's answer. ``change``: what to change first, empty for not said.
    """

    who: Who
    useful: Mark
    delivery: Mark
    arrangement: Mark
    change: Change | Literal[""] = ""
    words: Words = ""

    @property
    def said(self) -> Said:
        return Said(self.useful, self.delivery, self.arrangement, self.change, self.words)


def opinion_order(kind: str) -> list[tuple[str, str]]:
    """Fields of the form, with what is asked at a session of this kind."""
    return [*questions_for(kind).items(), ("change", _("最想改的是")), ("words", _("还想说的"))]
