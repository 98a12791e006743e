"""Forms of requests."""

from typing import Annotated

import msgspec
from msgspec import Meta

from outreach.shared.i18n import gettext as _
from outreach.shared.text import LINE_PATTERN, VISIBLE_LINE_PATTERN, Line, OptionalLine, ShortLine

__all__ = ["AcceptForm", "DeclineForm", "RequestForm", "request_order"]


class RequestForm(msgspec.Struct, kw_only=True):
    unit: Line
    name: ShortLine
    phone: Annotated[str, Meta(min_length=1, max_length=30, pattern=r"^[0-9+() 　－—-]*\Z")]
    note: OptionalLine = ""


class AcceptForm(msgspec.Struct, kw_only=True):
    organisation_id: Annotated[str, Meta(max_length=40, pattern=LINE_PATTERN)]


class DeclineForm(msgspec.Struct, kw_only=True):
    reason: Annotated[str, Meta(min_length=1, max_length=400, pattern=VISIBLE_LINE_PATTERN)]


def request_order() -> list[tuple[str, str]]:
    return [("unit", _("单位")), ("name", _("姓名")), ("phone", _("手机")), ("note", _("说明"))]
