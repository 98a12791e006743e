"""Materials as JSON."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from outreach.materials.applications import ApplicationRow
from outreach.materials.domain.allocation import LARGEST_AMOUNT
from outreach.materials.queries import RoundRow
from outreach.shared.text import OptionalLine
from outreach.shared.time import local

__all__ = ["ApplicationIn", "ApplicationOut", "RoundList", "RoundOut", "application_out", "round_out"]


class ApplicationIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What a unit needs; `members` null: as collected of the unit."""

    organisation_id: UUID
    wanted: Annotated[int, Meta(ge=1, le=LARGEST_AMOUNT)]
    members: Annotated[int, Meta(ge=1, le=LARGEST_AMOUNT)] | None = None
    hazard: bool = False
    note: OptionalLine = ""


class ApplicationOut(msgspec.Struct, kw_only=True):
    """One unit's application; `granted` null: not decided, or not confirmed yet."""

    id: UUID
    round_id: UUID
    organisation_id: UUID
    organisation_name: str
    wanted: int
    members: int
    hazard: bool
    note: str
    state: str
    granted: int | None
    handed: int
    applied_at: datetime
    received_at: datetime | None


class RoundOut(msgspec.Struct, kw_only=True):
    """One round; amounts in `unit`. `own`: applications of the caller's own units."""

    id: UUID
    title: str
    item: str
    unit: str
    organisation_id: UUID
    organisation_name: str
    programme_id: UUID
    programme_name: str
    state: str
    quantity: int
    apply_until: date
    note: str
    own: list[ApplicationOut]


class RoundList(msgspec.Struct, kw_only=True):
    """A part of the rounds that the caller may know of, the newest first."""

    items: list[RoundOut]
    next: str | None
    total: int


#: What is only proposed is nobody's business yet.
_UNDECIDED = ("submitted", "withdrawn")


def application_out(one: ApplicationRow) -> ApplicationOut:
    """An application as its unit may read it."""
    return ApplicationOut(
        id=one.id,
        round_id=one.round_id,
        organisation_id=one.organisation_id,
        organisation_name=one.organisation_name,
        wanted=one.wanted,
        members=one.members,
        hazard=one.hazard,
        note=one.note,
        state=one.state,
        granted=None if one.state in _UNDECIDED else one.granted,
        handed=one.handed,
        applied_at=local(one.applied_at),
        received_at=local(one.received_at) if one.received_at else None,
    )


def round_out(row: RoundRow, own: list[ApplicationRow]) -> RoundOut:
    """A round as anybody who may apply reads it."""
    return RoundOut(
        id=row.id,
        title=row.title,
        item=row.item_name,
        unit=row.unit,
        organisation_id=row.organisation_id,
        organisation_name=row.organisation_name,
        programme_id=row.programme_id,
        programme_name=row.programme_name,
        state=row.state,
        quantity=row.quantity,
        apply_until=row.apply_until,
        note=row.note,
        own=[application_out(one) for one in own],
    )
