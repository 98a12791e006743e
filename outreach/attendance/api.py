"""Head-counts, holding, closing and correcting as JSON."""

from datetime import datetime
from typing import Any

from litestar import Controller, Request, Response, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from outreach.attendance import commands
from outreach.attendance.attendee_api import ATTENDEE_ROUTES
from outreach.attendance.closing.forms import ClosedOut, ClosingIn, closed_out
from outreach.attendance.closing.missing import missing_of
from outreach.attendance.schemas import (
    CorrectionIn,
    CorrectionOut,
    HeadcountIn,
    HeadcountOut,
    HoldIn,
    PastSessionIn,
    correction_out,
    headcount_out,
)
from outreach.events.domain.states import SessionState
from outreach.events.queries import SessionRow
from outreach.events.schemas import SessionIn, SessionOut, session_out
from outreach.shared.actors import Actor
from outreach.shared.ids import id_in_path
from outreach.web.etags import expected_revision, revision_tag

__all__ = ["ROUTES"]


def _session(row: SessionRow, actor: Actor, now: datetime, *, status: int = 200) -> Response[SessionOut]:
    return Response(session_out(row, actor, now), status_code=status, headers={"ETag": revision_tag(row.revision)})


class AttendanceController(Controller):
    """What came of a session."""

    path = "/api/v1/sessions/{session_id:str}"
    tags = ("attendance",)

    @put("/headcount", operation_id="putHeadcount", summary="Head-count of one day, with 其中")
    async def headcount(
        self,
        request: Request[Any, Any, Any],
        session_id: FromPath[str],
        data: JSONBody[HeadcountIn],
        actor: NamedDependency[Actor],
        now: NamedDependency[datetime],
    ) -> Response[HeadcountOut]:
        """From the start of the session on; the first one makes a published session held. Honours `If-Match`."""
        row = await commands.put_headcount(
            actor, now, session_id=id_in_path(session_id), figures=data.figures(), revision=expected_revision(request)
        )
        made = headcount_out(row, SessionState.HELD.value)
        return Response(made, headers={"ETag": revision_tag(row.revision)})

    @post("/hold", status_code=200, operation_id="holdSession", summary="It took place; who did not come")
    async def hold(
        self,
        session_id: FromPath[str],
        actor: NamedDependency[Actor],
        now: NamedDependency[datetime],
        data: JSONBody[HoldIn | None] = None,
    ) -> Response[SessionOut]:
        """Named bookings become no-shows; closing turns the other confirmed ones into attended."""
        given = data or HoldIn()
        row = await commands.hold_session(
            actor, now, session_id=id_in_path(session_id), no_shows=given.no_shows, reasons=given.reasons
        )
        return _session(row, actor, now)

    @post("/close", status_code=200, operation_id="closeSession", summary="Record and evidence are there")
    async def close(
        self,
        session_id: FromPath[str],
        actor: NamedDependency[Actor],
        now: NamedDependency[datetime],
        data: JSONBody[ClosingIn | None] = None,
    ) -> Response[ClosedOut]:
        """Afterwards figures change by correction only. `missing` names what was not there: `visits`, `evidence` (a
        photo or the signed sheet), `remarks`."""
        given = data or ClosingIn()
        row = await commands.close_session(
            actor,
            now,
            session_id=id_in_path(session_id),
            remarks=given.remarks,
            missing_reason=given.missing_reason,
        )
        lacking = (await missing_of([row.id])).get(row.id, ())
        return Response(closed_out(row, actor, now, lacking), headers={"ETag": revision_tag(row.revision)})

    @post("/corrections", status_code=201, operation_id="correctSession", summary="Correct one figure, with a reason")
    async def correct(
        self,
        session_id: FromPath[str],
        data: JSONBody[CorrectionIn],
        actor: NamedDependency[Actor],
        now: NamedDependency[datetime],
    ) -> CorrectionOut:
        """Of a held or closed session, also in a closed year; both values are kept."""
        row = await commands.correct_headcount(
            actor,
            now,
            session_id=id_in_path(session_id),
            field_name=data.field,
            on=data.on,
            value=data.value,
            reason=data.reason,
        )
        return correction_out(row)


@post(
    "/api/v1/sessions/past",
    status_code=201,
    tags=["attendance"],
    operation_id="recordPastSession",
    summary="补录: a session that has taken place, with its head-counts",
)
async def record_past(
    data: JSONBody[PastSessionIn], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[SessionOut]:
    """It is held at once; providers and venue are not checked for clashes, since the time is past."""
    fields = {name: getattr(data, name) for name in SessionIn.__struct_fields__}
    row = await commands.record_past_session(
        actor,
        now,
        given=SessionIn(**fields).given(),
        headcounts=[one.figures() for one in data.headcounts],
    )
    return _session(row, actor, now, status=201)


ROUTES = [*ATTENDEE_ROUTES, AttendanceController, record_past]
