"""Costs as JSON: money is text in yuan (``"1200.50"``), never a number with a point."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from outreach.attendance.costs.domain.drafts import CostDraft, draft_of
from outreach.attendance.costs.domain.money import hours_text, plain_yuan
from outreach.attendance.costs.queries import CostRow
from outreach.shared.text import LINE_PATTERN, Line, OptionalLine
from outreach.shared.time import local

__all__ = ["CostIn", "CostList", "CostOut", "CostPatch", "CostRemoval", "Hours", "Kind", "Money", "Source", "cost_out"]

Kind = Annotated[str, Meta(max_length=9, pattern=LINE_PATTERN, description="fee, travel, venue, materials, other")]
Money = Annotated[str, Meta(max_length=40, pattern=LINE_PATTERN, description='yuan, two decimals: "1200.50"')]
Hours = Annotated[str, Meta(max_length=20, pattern=LINE_PATTERN, description='of a fee, whole or half: "1.5"')]
Source = Annotated[str, Meta(max_length=60, pattern=LINE_PATTERN, description="资金来源")]


class CostIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """One line. ``amount`` may be left out where ``per_hour`` and ``hours`` give it; a fee may name its
    ``provider_id``, one of the session's."""

    kind: Kind
    amount: Money = ""
    per_hour: Money = ""
    hours: Hours | None = None
    provider_id: UUID | None = None
    source: Source = ""
    note: OptionalLine = ""

    def draft(self) -> CostDraft:
        return draft_of(
            kind=self.kind,
            amount=self.amount,
            per_hour=self.per_hour,
            hours=self.hours or "",
            provider_id=self.provider_id,
            source=self.source,
            note=self.note,
        )


class CostPatch(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What of a line changes; a field that is left out stays. ``reason`` is asked for once the session is closed."""

    kind: Kind | UnsetType = UNSET
    amount: Money | UnsetType = UNSET
    hours: Hours | UnsetType | None = UNSET
    provider_id: UUID | UnsetType | None = UNSET
    source: Source | UnsetType = UNSET
    note: OptionalLine | UnsetType = UNSET
    reason: OptionalLine = ""

    def draft_over(self, row: CostRow) -> CostDraft:
        """The stored line with what changes."""
        stored = {
            "kind": row.kind,
            "amount": plain_yuan(row.amount_fen),
            "hours": hours_text(row.half_hours) if row.half_hours else None,
            "provider_id": row.provider_id,
            "source": row.source,
            "note": row.note,
        }
        given = {name: value for name in stored if (value := getattr(self, name)) is not UNSET}
        return CostIn(**{**stored, **given}).draft()


class CostRemoval(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Why a line is taken back."""

    reason: Line


class CostOut(msgspec.Struct, kw_only=True):
    """One line; ``amount`` in yuan, ``hours`` null: not by the hour."""

    id: UUID
    session_id: UUID
    kind: str
    amount: str
    hours: str | None
    provider_id: UUID | None
    provider_name: str
    source: str
    note: str
    created_at: datetime
    revision: int


class CostList(msgspec.Struct, kw_only=True):
    """All lines of a session, oldest first, and their sum; ``visits``: counted at the session so far."""

    items: list[CostOut]
    next: None
    total: int
    amount: str
    visits: int
    per_visit: str | None


def cost_out(row: CostRow) -> CostOut:
    """The line as JSON."""
    return CostOut(
        id=row.id,
        session_id=row.session_id,
        kind=row.kind,
        amount=plain_yuan(row.amount_fen),
        hours=hours_text(row.half_hours) if row.half_hours else None,
        provider_id=row.provider_id,
        provider_name=row.provider_name,
        source=row.source,
        note=row.note,
        created_at=local(row.created_at),
        revision=row.revision,
    )
