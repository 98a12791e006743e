"""Ticks as JSON: what the page of the list sends, and any program that keeps a list."""

from datetime import datetime

from litestar import post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from outreach.attendance.attendees import identity_key
from outreach.attendance.ticking.commands import record_ticks
from outreach.attendance.ticking.schemas import TicksIn, TicksOut, tick_given, tick_out
from outreach.settings import Settings
from outreach.shared.actors import Actor
from outreach.shared.ids import id_in_path

__all__ = ["ROUTES"]


@post(
    "/api/v1/sessions/{session_id:str}/ticks",
    status_code=200,
    tags=["attendance"],
    operation_id="recordTicks",
    summary="Taps on the list of a day, sent at once or later; each is decided by itself",
)
async def post_ticks(
    session_id: FromPath[str],
    data: JSONBody[TicksIn],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    settings: NamedDependency[Settings],
) -> TicksOut:
    """Staff who run the session and the host's contact. The server's time counts; a key has one effect for 30 days."""
    answers = await record_ticks(
        actor,
        now,
        key=identity_key(settings),
        session_id=id_in_path(session_id),
        on=data.on,
        ticks=[tick_given(one) for one in data.ticks],
    )
    return TicksOut(ticks=[tick_out(one.key, answer) for one, answer in zip(data.ticks, answers, strict=True)])


ROUTES = [post_ticks]
