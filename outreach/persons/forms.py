"""Forms of handing over, merging, and asking to become a contact."""

from typing import Annotated

import msgspec
from msgspec import Meta

from outreach.shared.i18n import gettext as _
from outreach.shared.text import LINE_PATTERN, Line, OptionalLine, ShortLine

__all__ = ["HandoverForm", "MergeForm", "RequestForm", "handover_order", "merge_order", "request_order"]

Chosen = Annotated[str, Meta(max_length=40, pattern=LINE_PATTERN)]
Named = Annotated[str, Meta(max_length=60, pattern=LINE_PATTERN)]
Words = Annotated[str, Meta(max_length=400, pattern=LINE_PATTERN)]


class HandoverForm(msgspec.Struct, kw_only=True):
    taker_id: Chosen = ""
    taker_named: Named = ""
    grant_ids: Annotated[list[Chosen], Meta(max_length=200)] = []
    keeps_roles: bool = False
    note: Words = ""


class MergeForm(msgspec.Struct, kw_only=True):
    dropped_id: Chosen = ""
    dropped_named: Named = ""
    reason: Words = ""


class RequestForm(msgspec.Struct, kw_only=True):
    unit: Line
    name: ShortLine
    phone: Annotated[str, Meta(min_length=1, max_length=30, pattern=r"^[0-9+() 　－—-]*\Z")]
    note: OptionalLine = ""


def handover_order() -> list[tuple[str, str]]:
    return [
        ("taker_id", _("接手的人")),
        ("taker_named", _("别的人")),
        ("grant_ids", _("交接哪些角色")),
        ("note", _("说明")),
    ]


def merge_order() -> list[tuple[str, str]]:
    return [("dropped_id", _("要合并进来的人")), ("dropped_named", _("别的人")), ("reason", _("理由"))]


def request_order() -> list[tuple[str, str]]:
    return [("unit", _("单位")), ("name", _("姓名")), ("phone", _("手机")), ("note", _("说明"))]
