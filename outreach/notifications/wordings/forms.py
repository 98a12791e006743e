"""HTML forms of own words."""

from typing import Annotated

import msgspec
from msgspec import Meta

from outreach.shared.i18n import gettext as _
from outreach.shared.text import VISIBLE_LINE_PATTERN, LongText

__all__ = ["ResetForm", "WordingForm", "wording_order"]

Id = Annotated[str, Meta(max_length=36)]
Language = Annotated[str, Meta(pattern=r"^(zh_CN|en)\Z")]
Subject = Annotated[str, Meta(min_length=1, max_length=120, pattern=VISIBLE_LINE_PATTERN)]


class WordingForm(msgspec.Struct, kw_only=True):
    """Own words of one organisation for one kind in one language; ``revision`` 0: there were none."""

    organisation_id: Id
    language: Language
    subject: Subject
    body: LongText
    revision: Annotated[int, Meta(ge=0, le=2_147_483_647)] = 0


class ResetForm(msgspec.Struct, kw_only=True):
    organisation_id: Id
    language: Language


def wording_order() -> list[tuple[str, str]]:
    return [("subject", _("标题")), ("body", _("正文"))]
