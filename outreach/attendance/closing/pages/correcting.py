"""The form of a correction: one figure of a session that took place, the right value, and why it was wrong."""

from datetime import datetime
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from outreach.attendance.access import managed
from outreach.attendance.closing.correcting import correct_headcount
from outreach.attendance.domain.headcounts import GROUPS, days_of
from outreach.attendance.forms import CorrectionForm, correction_order, field_words
from outreach.attendance.people import presence_by_day
from outreach.attendance.queries import corrections_of, headcounts_of
from outreach.events.queries import SessionRow
from outreach.shared.actors import Actor
from outreach.shared.errors import ConflictError, InvalidError
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path
from outreach.shared.time import local_day
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.problems import message_of
from outreach.web.templates import back_to, page

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]
STAFF = {"staff": True}


@get("/desk/sessions/{session_id:str}/correct", opt=STAFF, include_in_schema=False)
async def correct_page(
    request: AnyRequest, session_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """The form of a correction."""
    session = await managed(actor, id_in_path(session_id))
    return await _correct_page(request, session, now, FormState({"on": local_day(session.starts_at).isoformat()}))


@post("/desk/sessions/{session_id:str}/correct", opt=STAFF, include_in_schema=False, status_code=200)
async def correct(
    request: AnyRequest,
    session_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Correct one figure, with the reason."""
    session, values = await managed(actor, id_in_path(session_id)), await read_form(request)
    try:
        data = parse_form(CorrectionForm, values)
        await correct_headcount(
            actor,
            now,
            session_id=session.id,
            field_name=data.field,
            on=data.on,
            value=data.value,
            reason=data.reason,
        )
    except InvalidError as error:
        return await _correct_page(request, session, now, FormState.refused(values, error, correction_order()), 422)
    except ConflictError as error:
        return await _correct_page(request, session, now, FormState(values), 409, message_of(error))
    return back_to(f"/desk/sessions/{session.id}", saying=_("已更正，原来的数和原因都留着。"))


async def _correct_page(
    request: AnyRequest,
    session: SessionRow,
    now: datetime,
    form: FormState,
    status: int = 200,
    refusal: tuple[str, str] | None = None,
) -> Response[Any]:
    return page(
        request,
        "attendance/correct.html",
        status=status,
        s=session,
        form=form,
        refusal=refusal,
        headcounts=await headcounts_of(session.id),
        presence=await presence_by_day(session.id),
        corrections=await corrections_of(session.id),
        words=dict(field_words()),
        days=[one for one in days_of(session.starts_at, session.ends_at) if one <= local_day(now)],
        fields=field_words(),
        groups=GROUPS,
    )


ROUTES = [correct_page, correct]
