"""HTML forms of the list, for phones without the script."""

import datetime as dt
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path
from outreach.shared.text import Line, OptionalLine, Phone, ShortLine

__all__ = ["AddForm", "TickForm", "UndoForm", "add_order", "seen", "undo_order"]

#: The person's id and the revision that the page showed.
Seen = Annotated[str, Meta(pattern=r"^[0-9a-f-]{36}:[0-9]{1,9}\Z")]


class TickForm(msgspec.Struct, kw_only=True):
    """The button of one person."""

    on: dt.date
    tick: Seen


class UndoForm(msgspec.Struct, kw_only=True):
    """Take a person off again, and why."""

    on: dt.date
    undo: Seen
    reason: Line


class AddForm(msgspec.Struct, kw_only=True):
    """Somebody who came and is on no list."""

    on: dt.date
    name: ShortLine
    unit: OptionalLine = ""
    phone: Phone = ""


def seen(text: str) -> tuple[UUID, int]:
    """Id and revision of ``id:revision``.

    Raises:
        NotFoundError: the first part is no id.
    """
    id_, _colon, revision = text.partition(":")
    return id_in_path(id_), int(revision)


def add_order() -> list[tuple[str, str]]:
    return [("name", _("姓名")), ("unit", _("单位")), ("phone", _("手机"))]


def undo_order() -> list[tuple[str, str]]:
    return [("reason", _("原因"))]
