"""The page on which a unit says how a session was."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from outreach.bookings.feedback.commands import Review, give_feedback
from outreach.bookings.feedback.queries import RATABLE, reviews_by, units_to_rate
from outreach.bookings.orders.forms import ReviewForm, review_fields
from outreach.bookings.queries import readable_session
from outreach.shared.actors import Actor
from outreach.shared.errors import ConflictError, ForbiddenError, InvalidError
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.problems import message_of
from outreach.web.templates import back_to, page

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]


class FeedbackForm(ReviewForm, kw_only=True):
    """评价; in whose name, where the contact speaks for several units."""

    organisation_id: UUID | None = None


@get("/sessions/{session_id:str}/feedback", include_in_schema=False)
async def feedback_page(request: AnyRequest, session_id: FromPath[str], actor: NamedDependency[Actor]) -> Response[Any]:
    """Three marks, whether again, and what to change; afterwards what was said."""
    return await _page(request, actor, id_in_path(session_id), FormState({}, {}, _order()))


@post("/sessions/{session_id:str}/feedback", include_in_schema=False, status_code=200)
async def feedback(
    request: AnyRequest, session_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """评价."""
    id_, values = id_in_path(session_id), await read_form(request)
    try:
        data = parse_form(FeedbackForm, values)
        review = Review(data.lecturer, data.content, data.organising, data.again == "yes", data.words.strip())
        await give_feedback(actor, now, session_id=id_, review=review, organisation_id=data.organisation_id)
    except InvalidError as error:
        return await _page(request, actor, id_, FormState.refused(values, error, _order()), status=422)
    except ConflictError as error:
        form = FormState(values, {}, _order())
        return await _page(request, actor, id_, form, status=409, refusal=message_of(error))
    return back_to(f"/sessions/{id_}", saying=_("谢谢，评价已收到。"))


def _order() -> list[tuple[str, str]]:
    return [("organisation_id", _("单位")), *review_fields()]


async def _page(
    request: AnyRequest,
    actor: Actor,
    session_id: UUID,
    form: FormState,
    *,
    status: int = 200,
    refusal: tuple[str, str] | None = None,
) -> Response[Any]:
    session, own = await readable_session(actor, session_id)
    units = units_to_rate(actor, session, own)
    if not units:
        raise ForbiddenError
    said = await reviews_by(session_id, units)
    done = {one.organisation_id for one in said}
    names = {grant.organisation_id: grant.organisation_name for grant in actor.grants}
    return page(
        request,
        "bookings/feedback.html",
        status=status,
        s=session,
        form=form,
        refusal=refusal,
        said=said,
        units=[(str(one), names[one]) for one in units if one not in done],
        is_held=session.state in RATABLE,
    )


ROUTES = [feedback_page, feedback]
