"""What attendees said of one session, for who runs it, hosts it, evaluates it or gave it."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from outreach.attendance.access import managed
from outreach.attendance.opinions.domain.opinions import ASKED_FOR, LEAST_FOR_STAFF, LEAST_TO_SHOW
from outreach.attendance.opinions.reading import opinions_for
from outreach.attendance.opinions.wording import change_words, news_of, questions_for, to_change
from outreach.shared.actors import Actor
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path
from outreach.web.templates import page

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]


@get("/desk/sessions/{session_id:str}/opinions", opt={"staff": True}, include_in_schema=False)
async def desk_opinions(request: AnyRequest, session_id: FromPath[str], actor: NamedDependency[Actor]) -> Response[Any]:
    """For who runs the session."""
    session = await managed(actor, id_in_path(session_id))
    return await _page(request, actor, session.id, (_("场次"), f"/desk/sessions/{session.id}"))


@get("/sessions/{session_id:str}/opinions", include_in_schema=False)
async def opinions(request: AnyRequest, session_id: FromPath[str], actor: NamedDependency[Actor]) -> Response[Any]:
    """For the host's contact, evaluators, and who gave it."""
    id_ = id_in_path(session_id)
    return await _page(request, actor, id_, (_("场次"), f"/sessions/{id_}"))


async def _page(request: AnyRequest, actor: Actor, session_id: UUID, back: tuple[str, str]) -> Response[Any]:
    found = await opinions_for(actor, session_id)
    return page(
        request,
        "attendance/opinions.html",
        found=found,
        news=news_of(found.summary, found.least),
        questions=questions_for(found.session.kind),
        changes=change_words(),
        wanted=to_change(found.summary) if found.summary else [],
        back=back,
        asked_days=ASKED_FOR.days,
        least_staff=LEAST_FOR_STAFF,
        least_giver=LEAST_TO_SHOW,
    )


ROUTES = [desk_opinions, opinions]
