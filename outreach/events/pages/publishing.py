"""Publishing many drafts at once from the desk's list."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, post
from litestar.di import NamedDependency

from outreach.events.commands import publish_session
from outreach.events.domain.errors import ClashError, NeedsReasonError, SessionStateError
from outreach.events.domain.states import SessionState
from outreach.events.forms import PublishManyForm
from outreach.events.pages.sessions import listed_page
from outreach.events.queries import visible_session
from outreach.events.wording import refusal_texts
from outreach.shared.actors import Actor
from outreach.shared.errors import FieldProblem, InvalidError, OutreachError
from outreach.shared.i18n import gettext as _
from outreach.shared.i18n import language
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.problems import field_messages, message_of
from outreach.web.templates import back_to
from outreach.web.wording import clauses

__all__ = ["ROUTES"]

STAFF = {"staff": True}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one draft; ``why`` is empty where it is published now, ``starts_at`` where it is not known."""

    session_id: UUID
    title: str
    starts_at: datetime | None
    why: str = ""


@post("/desk/sessions/publish", opt=STAFF, include_in_schema=False, status_code=200)
async def publish_many(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Publish those that are ticked, each by itself; what is not published stays a draft and is named."""
    values = await read_form(request)
    try:
        chosen = dict.fromkeys(parse_form(PublishManyForm, values).session_ids)
    except InvalidError as error:
        problems = [_unless_none(one) for one in error.problems]
        form = FormState.refused(values, InvalidError(problems), [("session_ids", _("场次"))])
        return await listed_page(request, actor, now, form=form, status=422)
    outcomes = [await _publish(actor, now, one) for one in chosen]
    left = [one for one in outcomes if one.why]
    if not left:
        saying = _("已发布%(published)s场，各单位可以预约了。") % {"published": len(outcomes)}
        return back_to("/desk/sessions?state=published", saying=saying)
    status = 409 if len(left) == len(outcomes) else 200
    return await listed_page(request, actor, now, outcomes=outcomes, status=status)


def _unless_none(problem: FieldProblem) -> FieldProblem:
    """Boxes are ticked, not filled in."""
    is_empty = problem.field == "session_ids" and problem.code == "required"
    return FieldProblem("session_ids", "no-session-chosen") if is_empty else problem


async def _publish(actor: Actor, now: datetime, session_id: UUID) -> Outcome:
    try:
        done = await publish_session(actor, now, session_id=session_id, strict=True)
    except OutreachError as error:
        return await _refused(actor, session_id, error)
    return Outcome(session_id, done.title, done.starts_at)


async def _refused(actor: Actor, session_id: UUID, error: OutreachError) -> Outcome:
    """Why not; its title only where the caller may know of it."""
    why = _why(error)
    try:
        session = await visible_session(actor, session_id)
    except OutreachError:
        return Outcome(session_id, _("没有找到的场次"), None, why)
    if isinstance(error, SessionStateError) and session.state == SessionState.PUBLISHED:
        why = _("已经发布了")
    return Outcome(session_id, session.title, session.starts_at, why)


def _why(error: OutreachError) -> str:
    if isinstance(error, InvalidError):
        return next(iter(field_messages(error).values()))
    title, detail = message_of(error)
    if isinstance(error, NeedsReasonError):
        return clauses((title, *refusal_texts(error)), language())
    return clauses((title, detail), language()) if isinstance(error, ClashError) else title


ROUTES = [publish_many]
