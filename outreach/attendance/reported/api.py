"""Reported figures as JSON."""

import datetime as dt
from datetime import datetime
from uuid import UUID

import msgspec
from litestar import put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from outreach.attendance.reported.commands import report_headcount
from outreach.attendance.reported.queries import ReportRow
from outreach.attendance.schemas import HeadcountIn
from outreach.bookings.schemas import Note
from outreach.shared.actors import Actor
from outreach.shared.ids import id_in_path
from outreach.shared.time import local

__all__ = ["ROUTES"]


class ReportedHeadcountIn(HeadcountIn, kw_only=True, forbid_unknown_fields=True):
    """What a unit says came of one local day of a session.

    ``organisation_id``: in whose name, needed only by who speaks for several units of the session.
    """

    remark: Note = ""
    organisation_id: UUID | None = None


class ReportedHeadcountOut(msgspec.Struct, kw_only=True):
    """What a unit said; ``state``: `reported` waits and does not count, `confirmed`, `replaced` by other figures."""

    session_id: UUID
    organisation_id: UUID
    organisation_name: str
    on: dt.date
    total: int
    workers: int | None
    estimated: bool
    breakdown: dict[str, int]
    remark: str
    state: str
    reported_at: datetime
    revision: int


def _out(row: ReportRow) -> ReportedHeadcountOut:
    values = {name: getattr(row, name) for name in ReportedHeadcountOut.__struct_fields__}
    return ReportedHeadcountOut(**{**values, "reported_at": local(row.reported_at)})


@put(
    "/api/v1/sessions/{session_id:str}/reported-headcount",
    tags=["attendance"],
    operation_id="reportHeadcount",
    summary="Figures of one day, by the host or a unit that was there; they wait for the organiser",
)
async def report(
    session_id: FromPath[str],
    data: JSONBody[ReportedHeadcountIn],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> ReportedHeadcountOut:
    """From the start of the session until it is closed; said again it replaces what the unit said before.

    Without a host each unit says how many of its own people came. Who runs the session confirms by `putHeadcount`.
    """
    row = await report_headcount(
        actor,
        now,
        session_id=id_in_path(session_id),
        figures=data.figures(),
        remark=data.remark,
        organisation_id=data.organisation_id,
    )
    return _out(row)


ROUTES = [report]
