"""HTML forms of the dispatch board and of providers: what is posted, and the fields in their order."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from outreach.shared.i18n import gettext as _
from outreach.shared.text import Line, OptionalLine

__all__ = [
    "AssignForm",
    "ReasonForm",
    "SubstituteForm",
    "assign_fields",
    "reason_fields",
    "substitute_fields",
]

Moment = Annotated[datetime, Meta(tz=True)]
Providers = Annotated[list[UUID], Meta(min_length=1, max_length=20)]


class AssignForm(msgspec.Struct, kw_only=True):
    """派单: who gives it and when; ``override_reason`` sets warnings aside, ``revision`` is the one the page showed."""

    provider_ids: Providers
    starts_at: Moment
    ends_at: Moment | None = None
    address: OptionalLine = ""
    rain_starts_at: Moment | None = None
    override_reason: OptionalLine = ""
    revision: Annotated[int, Meta(ge=1, le=2**31 - 1)] | None = None


class SubstituteForm(msgspec.Struct, kw_only=True):
    """换讲师: the reason is told to everybody concerned."""

    provider_ids: Providers
    reason: Line
    override_reason: OptionalLine = ""


class ReasonForm(msgspec.Struct, kw_only=True):
    """A reason that the other side reads."""

    reason: Line


def assign_fields() -> list[tuple[str, str]]:
    """Fields of ``AssignForm`` with their labels."""
    return [
        ("provider_ids", _("讲师或团队")),
        ("starts_at", _("开始")),
        ("ends_at", _("结束")),
        ("address", _("地点")),
        ("rain_starts_at", _("雨天备用日")),
        ("override_reason", _("仍要派的理由")),
    ]


def substitute_fields() -> list[tuple[str, str]]:
    """Fields of ``SubstituteForm`` with their labels."""
    return [
        ("provider_ids", _("讲师或团队")),
        ("reason", _("换人的原因")),
        ("override_reason", _("仍要派的理由")),
    ]


def reason_fields() -> list[tuple[str, str]]:
    """The field of ``ReasonForm`` with its label."""
    return [("reason", _("原因"))]
