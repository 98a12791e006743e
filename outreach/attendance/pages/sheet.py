"""签到表: one A4 page after another, the header on each."""

from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from outreach.attendance.sheets import bookings_on_sheet, expected_people, sheet_rows
from outreach.bookings.notices import people_label
from outreach.bookings.queries import bookings_of_session, readable_session
from outreach.events.domain.visibility import may_manage
from outreach.shared.actors import Actor
from outreach.shared.errors import ForbiddenError
from outreach.shared.ids import id_in_path
from outreach.web.templates import page

__all__ = ["ROUTES"]


@get("/sessions/{session_id:str}/sign-in-sheet", include_in_schema=False)
async def sign_in_sheet(
    request: Request[Any, Any, Any], session_id: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The sheet to print: all units and names for staff and the host, their own for others who booked."""
    session, _own = await readable_session(actor, id_in_path(session_id))
    listed = bookings_on_sheet(actor, session, await bookings_of_session(session.id))
    if listed is None:
        raise ForbiddenError
    manages = may_manage(actor, session.facts)
    return page(
        request,
        "attendance/sheet.html",
        s=session,
        rows=sheet_rows(listed, await expected_people(actor, session, listed)),
        people_label=people_label(session.kind),
        back=f"/desk/sessions/{session.id}" if manages else f"/sessions/{session.id}",
    )


ROUTES = [sign_in_sheet]
