"""What people type on pages of letters."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from outreach.shared.i18n import gettext as _
from outreach.shared.text import LINE_PATTERN, LongText, OptionalLine, Phone, ShortLine
from outreach.shared.time import FIRST_YEAR, LAST_YEAR

__all__ = ["ConfirmationForm", "MenuForm", "OpeningForm", "Shape", "TextForm", "order_of"]

#: On the page with the text for a group, or as a file.
Shape = Literal["page", "docx", "pdf"]
OptionalName = Annotated[str, Meta(max_length=60, pattern=LINE_PATTERN)]


class _Letter(msgspec.Struct, kw_only=True):
    """What every letter has: a title of its own, who answers questions, another sentence, and in which shape."""

    title: OptionalLine = ""
    contact_name: ShortLine
    contact_phone: Phone = ""
    note: LongText = ""
    shape: Shape = "page"


class MenuForm(_Letter, kw_only=True):
    """The menu of a season; no ``programme_ids``: all programmes."""

    year: Annotated[int, Meta(ge=FIRST_YEAR, le=LAST_YEAR)]
    season: Annotated[str, Meta(max_length=20, pattern=LINE_PATTERN)] = ""
    how: LongText = ""
    deadline: date | None = None
    programme_ids: Annotated[list[UUID], Meta(max_length=100)] = []


class OpeningForm(_Letter, kw_only=True):
    """The notice of an opening."""


class ConfirmationForm(_Letter, kw_only=True):
    """The letter to a host; ``audience`` in people."""

    number: OptionalLine = ""
    host_contact: OptionalName = ""
    host_phone: Phone = ""
    needs: LongText = ""
    audience: Annotated[int, Meta(ge=1, le=100_000)] | None = None
    reply_by: date | None = None


class TextForm(msgspec.Struct, kw_only=True):
    """A template that is typed, and the revision that was on the page (0: the shipped one)."""

    text: str = ""
    revision: Annotated[int, Meta(ge=0, le=2_000_000_000)] | None = None
    act: Literal["try", "real", "keep"] = "try"


def order_of(form: type[msgspec.Struct]) -> list[tuple[str, str]]:
    """Fields in the order of the page with their labels, as far as the form has them."""
    words = [
        ("number", _("文号")),
        ("title", _("标题")),
        ("year", _("年度")),
        ("season", _("哪一季")),
        ("programme_ids", _("项目")),
        ("how", _("怎样点单")),
        ("deadline", _("截止日期")),
        ("host_contact", _("对方联系人")),
        ("host_phone", _("对方电话")),
        ("audience", _("人数")),
        ("needs", _("请对方准备")),
        ("reply_by", _("请在哪天前回复")),
        ("contact_name", _("我方联系人")),
        ("contact_phone", _("我方电话")),
        ("note", _("另外要说的")),
        ("text", _("模板")),
    ]
    return [(name, label) for name, label in words if name in form.__struct_fields__]
