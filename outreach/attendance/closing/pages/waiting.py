"""What waits to be closed, and closing many at once as the year ends."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from outreach.attendance.closing.domain.closing import MISSING_WORDS
from outreach.attendance.closing.forms import CloseManyForm, closing_order
from outreach.attendance.closing.overdue import waiting_list
from outreach.attendance.commands import close_session
from outreach.events.queries import session_by_id, visible_session
from outreach.programmes.asking import IdAsked, PageNumber
from outreach.shared.actors import Actor
from outreach.shared.errors import FieldProblem, InvalidError, OutreachError
from outreach.shared.i18n import gettext as _
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.problems import field_messages, message_of
from outreach.web.templates import page

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]
STAFF = {"staff": True}
SHOWN = 100
AllAsked = Annotated[bool, QueryParameter(name="all")]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one session that was to be closed; ``why`` is empty where it is closed now."""

    session_id: UUID
    title: str
    starts_at: datetime | None
    why: str = ""


@get("/desk/closing", opt=STAFF, include_in_schema=False)
async def waiting_page(
    request: AnyRequest,
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    programme: IdAsked = "",
    page_number: PageNumber = 1,
    everything: AllAsked = False,
) -> Response[Any]:
    """Held sessions that are not closed, the overdue ones first; ``all``: every one of the page is ticked."""
    return await _page(request, actor, now, programme, page_number, FormState(), everything=everything)


@post("/desk/closing", opt=STAFF, include_in_schema=False, status_code=200)
async def close_many(
    request: AnyRequest,
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    programme: IdAsked = "",
    page_number: PageNumber = 1,
) -> Response[Any]:
    """Close those that are ticked, each by itself; the answer says which are closed and which are not, and why."""
    values = await read_form(request)
    try:
        data = parse_form(CloseManyForm, values)
    except InvalidError as error:
        problems = [_unless_none(one) for one in error.problems]
        form = FormState.refused(values, InvalidError(problems), [("session_ids", _("场次")), *closing_order()])
        return await _page(request, actor, now, programme, page_number, form, status=422)
    outcomes = [await _close(actor, now, id_, data.missing_reason) for id_ in dict.fromkeys(data.session_ids)]
    left = [one for one in outcomes if one.why]
    form = FormState({"session_ids": [str(one.session_id) for one in left], "missing_reason": data.missing_reason})
    status = 409 if len(left) == len(outcomes) else 200
    return await _page(
        request, actor, now, programme, page_number, form if left else FormState(), status=status, outcomes=outcomes
    )


def _unless_none(problem: FieldProblem) -> FieldProblem:
    """Boxes are ticked, not filled in."""
    is_empty = problem.field == "session_ids" and problem.code == "required"
    return FieldProblem("session_ids", "no-session-chosen") if is_empty else problem


async def _close(actor: Actor, now: datetime, session_id: UUID, reason: str) -> Outcome:
    try:
        done = await close_session(actor, now, session_id=session_id, missing_reason=reason, insisting=True)
    except InvalidError as error:
        session = await session_by_id(session_id)
        return Outcome(session_id, session.title, session.starts_at, next(iter(field_messages(error).values())))
    except OutreachError as error:
        return await _refused(actor, session_id, error)
    return Outcome(session_id, done.title, done.starts_at)


async def _refused(actor: Actor, session_id: UUID, error: OutreachError) -> Outcome:
    """Why not; its title only where the caller may know of it."""
    why = "".join(message_of(error)[:1])
    try:
        session = await visible_session(actor, session_id)
    except OutreachError:
        return Outcome(session_id, _("没有找到的场次"), None, why)
    return Outcome(session_id, session.title, session.starts_at, why)


async def _page(
    request: AnyRequest,
    actor: Actor,
    now: datetime,
    programme: str,
    number: int,
    form: FormState,
    *,
    everything: bool = False,
    status: int = 200,
    outcomes: list[Outcome] | None = None,
) -> Response[Any]:
    chosen = _id(programme)
    found = await waiting_list(actor, now, programme_id=chosen, limit=SHOWN, offset=(number - 1) * SHOWN)
    given = form.values.get("session_ids") or []
    picked = {given} if isinstance(given, str) else {str(one) for one in given}
    return page(
        request,
        "attendance/closing.html",
        status=status,
        found=found,
        form=form,
        chosen=chosen,
        ticked={str(one.session.id) for one in found.items} if everything else picked,
        outcomes=outcomes or [],
        words=MISSING_WORDS,
        here=_href(chosen, number),
        everything=_href(chosen, number, everything=True),
        paging=_numbered(number, found.total, chosen),
    )


def _id(text: str) -> UUID | None:
    """The programme asked for; what is no id chooses none."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def _href(programme: UUID | None, number: int, *, everything: bool = False) -> str:
    asked = {"programme": programme, "page": number if number > 1 else None, "all": 1 if everything else None}
    given = {name: value for name, value in asked.items() if value}
    return f"/desk/closing{'?' if given else ''}{urlencode(given)}"


def _numbered(number: int, total: int, programme: UUID | None) -> dict[str, Any]:
    """The list's pages as ``parts.pages`` takes them."""
    last = max(-(-total // SHOWN), 1)
    return {
        "number": number,
        "total": total,
        "before": _href(programme, number - 1) if 1 < number <= last + 1 else None,
        "after": _href(programme, number + 1) if number < last else None,
    }


ROUTES = [waiting_page, close_many]
