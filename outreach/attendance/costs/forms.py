"""HTML forms of costs."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

from outreach.attendance.costs.domain.drafts import CostDraft, draft_of
from outreach.attendance.costs.domain.money import KIND_WORDS, hours_text, plain_yuan
from outreach.attendance.costs.queries import CostRow
from outreach.attendance.costs.schemas import Hours, Kind, Money, Source
from outreach.events.queries import SessionRow
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import new_id
from outreach.shared.text import Line, OptionalLine

__all__ = ["CostForm", "RemoveForm", "cost_order", "empty_values", "kind_options", "stored_values"]


class CostForm(msgspec.Struct, kw_only=True):
    """One line; ``form_key`` of a new one, ``revision`` and ``reason`` of one that is changed."""

    kind: Kind
    amount: Money = ""
    per_hour: Money = ""
    hours: Hours = ""
    provider_id: UUID | None = None
    source: Source = ""
    note: OptionalLine = ""
    form_key: UUID | None = None
    revision: Annotated[int, Meta(ge=1, le=2**31 - 1)] | None = None
    reason: OptionalLine = ""

    def draft(self) -> CostDraft:
        """The line; who is chosen beforehand belongs to a fee, so it goes where the line is none."""
        return draft_of(
            kind=self.kind,
            amount=self.amount.strip(),
            per_hour=self.per_hour.strip(),
            hours=self.hours.strip(),
            provider_id=self.provider_id if self.kind == "fee" else None,
            source=self.source,
            note=self.note,
        )


class RemoveForm(msgspec.Struct, kw_only=True):
    """Why a line is taken back, and what of it was seen."""

    reason: Line
    revision: Annotated[int, Meta(ge=1, le=2**31 - 1)] | None = None


def kind_options() -> list[tuple[str, str]]:
    """Choices of a form."""
    return [(kind, _(words)) for kind, words in KIND_WORDS.items()]


def cost_order() -> list[tuple[str, str]]:
    """Fields of a line with their labels."""
    return [
        ("kind", _("哪一类")),
        ("provider_id", _("付给谁")),
        ("hours", _("课时")),
        ("per_hour", _("每课时")),
        ("amount", _("金额")),
        ("source", _("资金来源")),
        ("note", _("备注")),
        ("reason", _("修改原因")),
    ]


def empty_values(session: SessionRow) -> dict[str, Any]:
    """A new line: a fee, to the only one who gives the session."""
    only = session.provider_ids[0] if len(session.provider_ids) == 1 else ""
    return {"kind": "fee", "provider_id": str(only), "form_key": str(new_id())}


def stored_values(row: CostRow) -> Mapping[str, Any]:
    """What the form of a stored line shows."""
    return {
        "kind": row.kind,
        "provider_id": str(row.provider_id or ""),
        "hours": hours_text(row.half_hours) if row.half_hours else "",
        "amount": plain_yuan(row.amount_fen),
        "source": row.source,
        "note": row.note,
        "revision": row.revision,
    }
