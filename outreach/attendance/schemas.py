"""Attendance as JSON."""

import datetime as dt
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from outreach.attendance.commands import Figures
from outreach.attendance.domain.headcounts import MOST_VISITS
from outreach.attendance.queries import CorrectionRow, HeadcountRow
from outreach.events.schemas import SessionIn
from outreach.shared.text import Line, OptionalLine
from outreach.shared.time import local

__all__ = [
    "BreakdownIn",
    "CorrectionIn",
    "CorrectionOut",
    "HeadcountIn",
    "HeadcountOut",
    "HoldIn",
    "PastSessionIn",
    "correction_out",
    "headcount_out",
]

Visits = Annotated[int, Meta(ge=0, le=MOST_VISITS, description="visits")]


class BreakdownIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """其中: overlapping groups, each at most the total; null or left out: not reported."""

    migrant: Visits | UnsetType | None = UNSET
    new_generation_migrant: Visits | UnsetType | None = UNSET
    women: Visits | UnsetType | None = UNSET

    def reported(self) -> dict[str, int]:
        return {name: n for name, n in msgspec.structs.asdict(self).items() if n is not UNSET and n is not None}


class HeadcountIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Visits of one local day of a session; ``workers`` null: not reported."""

    on: dt.date
    total: Visits
    workers: Visits | None = None
    estimated: bool = False
    breakdown: BreakdownIn = msgspec.field(default_factory=BreakdownIn)

    def figures(self) -> Figures:
        return Figures(
            on=self.on,
            total=self.total,
            workers=self.workers,
            estimated=self.estimated,
            breakdown=self.breakdown.reported(),
        )


class HeadcountOut(msgspec.Struct, kw_only=True):
    """Visits of one day; a group that is missing in ``breakdown`` was not reported."""

    session_id: UUID
    on: dt.date
    total: int
    workers: int | None
    estimated: bool
    breakdown: dict[str, int]
    recorded_at: dt.datetime
    revision: int
    session_state: str


class HoldIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Ids of the confirmed bookings whose organisation did not come, and why, where that is known."""

    no_shows: Annotated[list[UUID], Meta(max_length=1000)] = []
    reasons: Annotated[dict[UUID, OptionalLine], Meta(max_length=1000)] = {}


class CorrectionIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """One figure of one day, the right value (null: not reported), and why it was wrong."""

    field: Literal["total", "workers", "breakdown.migrant", "breakdown.new_generation_migrant", "breakdown.women"]
    on: dt.date
    value: Visits | None
    reason: Line


class CorrectionOut(msgspec.Struct, kw_only=True):
    """A correction with both values."""

    id: UUID
    session_id: UUID
    field: str
    on: dt.date | None
    old_value: int | None
    new_value: int | None
    reason: str
    corrected_by_name: str
    corrected_at: dt.datetime


class PastSessionIn(SessionIn, kw_only=True, forbid_unknown_fields=True):
    """补录: a session as for a draft, and what came of it, day by day."""

    headcounts: Annotated[list[HeadcountIn], Meta(min_length=1, max_length=60)]


def headcount_out(row: HeadcountRow, session_state: str) -> HeadcountOut:
    """The head-count as JSON."""
    return HeadcountOut(
        session_id=row.session_id,
        on=row.on,
        total=row.total,
        workers=row.workers,
        estimated=row.estimated,
        breakdown=row.breakdown,
        recorded_at=local(row.recorded_at),
        revision=row.revision,
        session_state=session_state,
    )


def correction_out(row: CorrectionRow) -> CorrectionOut:
    """The correction as JSON."""
    values: dict[str, Any] = {name: getattr(row, name) for name in CorrectionOut.__struct_fields__}
    return CorrectionOut(**{**values, "corrected_at": local(row.corrected_at)})
