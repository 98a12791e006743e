"""The form of a festival or campaign over the calendars."""

from datetime import date
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from outreach.programmes.domain.labels import Label, LabelKind
from outreach.programmes.schemas import Year
from outreach.shared.i18n import gettext as _
from outreach.shared.text import LINE_PATTERN, VISIBLE_LINE_PATTERN, Code

__all__ = ["LabelForm", "LabelKeyForm", "label_order", "label_values"]


class LabelKeyForm(msgspec.Struct, kw_only=True):
    """Which shipped label of which year."""

    code: Code
    year: Year


class LabelForm(msgspec.Struct, kw_only=True):
    """A festival or campaign; ``code`` and ``year`` change a shipped one, ``id`` an own one, neither adds one."""

    name: Annotated[str, Meta(min_length=1, max_length=40, pattern=VISIBLE_LINE_PATTERN)]
    kind: LabelKind
    from_on: date
    last_on: date | None = None
    code: Annotated[str, Meta(max_length=40, pattern=LINE_PATTERN)] = ""
    year: Year | None = None
    id: Annotated[str, Meta(max_length=40, pattern=LINE_PATTERN)] = ""


def label_order() -> list[tuple[str, str]]:
    return [("name", _("名称")), ("kind", _("是什么")), ("from_on", _("第一天")), ("last_on", _("最后一天"))]


def label_values(label: Label) -> dict[str, Any]:
    """A label as its form shows it."""
    return {
        "name": label.name,
        "kind": label.kind.value,
        "from_on": label.from_on.isoformat(),
        "last_on": label.last_on.isoformat() if label.last_on != label.from_on else "",
        "code": label.code,
        "year": label.year if label.code else "",
        "id": "" if label.code or label.id is None else str(label.id),
    }
