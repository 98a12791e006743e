"""The desk's bookings: what waits for an answer first, and booking on behalf of a union that called."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from outreach.accounts.domain.organisations import OrganisationKind
from outreach.accounts.queries import organisation_options
from outreach.bookings import commands
from outreach.bookings.domain.errors import BookingClosedError, SessionFullError
from outreach.bookings.domain.permissions import may_decide, may_see_phone
from outreach.bookings.domain.states import BookingState
from outreach.bookings.forms import BehalfForm, ReasonForm, book_order
from outreach.bookings.phrases import why_closed
from outreach.bookings.queries import BookingFilter, BookingRow, bookings_page, pending_count, readable_booking
from outreach.events.domain.visibility import may_see
from outreach.events.queries import session_by_id
from outreach.shared.actors import Actor
from outreach.shared.errors import ConflictError, FieldProblem, ForbiddenError, InvalidError, NotFoundError
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path, id_of_field
from outreach.shared.paging import decode_cursor
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.problems import message_of
from outreach.web.templates import back_to, page

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]
STAFF = {"staff": True}
PER_PAGE = 50

#: Kinds that book; a federation does not.
BOOKING_KINDS = (
    OrganisationKind.GRASSROOTS_UNION,
    OrganisationKind.WOMENS_COMMITTEE,
    OrganisationKind.GUEST,
    OrganisationKind.DIRECT_UNIT,
    OrganisationKind.COMPANY_UNION,
    OrganisationKind.TOWNSHIP_UNION,
    OrganisationKind.JOINT_UNION,
    OrganisationKind.WORK_COMMITTEE,
)


@get("/desk/bookings", opt=STAFF, include_in_schema=False)
async def index(
    request: AnyRequest,
    actor: NamedDependency[Actor],
    show: FromQuery[str] = "",
    after: FromQuery[str] = "",
) -> Response[Any]:
    """Bookings that wait first; further tabs for the rest."""
    waiting = await pending_count(actor)
    chosen = show if show in ("all", *BookingState) else ("pending" if waiting else "all")
    wanted = BookingFilter(state="" if chosen == "all" else chosen, oldest_first=chosen == "pending")
    cursor = id_of_field("after", decode_cursor(after, 1)[0]) if after else None
    found = await bookings_page(actor, wanted, limit=PER_PAGE, after=cursor)
    tabs = [("pending", _("待审核%(number)s个") % {"number": waiting}), ("confirmed", _("已确认")), ("all", _("全部"))]
    following = {"show": chosen, "after": found.next}
    return page(
        request,
        "bookings/desk.html",
        items=found.items,
        waiting=waiting,
        chosen=chosen,
        tabs=[(words, f"/desk/bookings?show={code}", code == chosen) for code, words in tabs],
        paging={"total": found.total, "after": f"/desk/bookings?{urlencode(following)}" if found.next else None},
        may_decide=lambda one: may_decide(actor, one.facts),
        shows_phone=lambda one: may_see_phone(actor, one.facts),
    )


@post("/desk/bookings/{booking_id:str}/confirm", opt=STAFF, include_in_schema=False, status_code=200)
async def confirm(
    booking_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Approve a booking."""
    try:
        row = await commands.confirm_booking(actor, now, booking_id=id_in_path(booking_id))
    except ConflictError as error:
        return back_to("/desk/bookings", saying=_faster(error))
    return back_to("/desk/bookings", saying=_("已确认%(unit)s的预约，%(seats)s人。") % _named(row))


@get("/desk/bookings/{booking_id:str}/decline", opt=STAFF, include_in_schema=False)
async def decline_page(request: AnyRequest, booking_id: FromPath[str], actor: NamedDependency[Actor]) -> Response[Any]:
    """Asks for the reason."""
    return await _decline_page(request, actor, id_in_path(booking_id), FormState())


@post("/desk/bookings/{booking_id:str}/decline", opt=STAFF, include_in_schema=False, status_code=200)
async def decline(
    request: AnyRequest,
    booking_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Refuse a booking with a reason."""
    id_, values = id_in_path(booking_id), await read_form(request)
    try:
        reason = parse_form(ReasonForm, values).reason
        row = await commands.decline_booking(actor, now, booking_id=id_, reason=reason)
    except InvalidError as error:
        form = FormState.refused(values, error, [("reason", _("原因"))])
        return await _decline_page(request, actor, id_, form, status=422)
    except ConflictError as error:
        return back_to("/desk/bookings", saying=_faster(error))
    return back_to("/desk/bookings", saying=_("已拒绝%(unit)s的预约，名额已让出。") % _named(row))


def _named(row: BookingRow) -> dict[str, Any]:
    return {"unit": row.organisation_name, "seats": row.seats}


def _faster(error: ConflictError) -> str:
    """Somebody else decided first."""
    return _("没有办成：别人刚刚处理过这个预约。") if error.code == "wrong-state" else message_of(error)[1]


async def _decline_page(
    request: AnyRequest, actor: Actor, booking_id: UUID, form: FormState, *, status: int = 200
) -> Response[Any]:
    booking = await readable_booking(actor, booking_id)
    if not may_decide(actor, booking.facts):
        raise ForbiddenError
    return page(request, "bookings/decline.html", status=status, b=booking, form=form)


@get("/desk/bookings/new", opt=STAFF, include_in_schema=False)
async def new(request: AnyRequest, actor: NamedDependency[Actor], session_id: FromQuery[str]) -> Response[Any]:
    """The form for a booking that a union asked for by telephone."""
    return await _new_page(request, actor, id_in_path(session_id))


@post("/desk/bookings/new", opt=STAFF, include_in_schema=False, status_code=200)
async def create(
    request: AnyRequest,
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    session_id: FromQuery[str],
) -> Response[Any]:
    """Book on behalf of a union."""
    id_, values = id_in_path(session_id), await read_form(request)
    try:
        data = msgspec.structs.asdict(parse_form(BehalfForm, values))
        row = await commands.book_seats(actor, now, session_id=id_, **data)
    except (InvalidError, ConflictError) as error:
        return await _new_page(request, actor, id_, typed=values, error=error)
    return back_to(f"/desk/sessions/{id_}", saying=_("已替%(unit)s预约%(seats)s人。") % _named(row))


async def _new_page(
    request: AnyRequest,
    actor: Actor,
    session_id: UUID,
    *,
    typed: Mapping[str, Any] | None = None,
    error: InvalidError | ConflictError | None = None,
) -> Response[Any]:
    session = await session_by_id(session_id)
    if not may_see(actor, session.facts):
        raise NotFoundError
    refusal = None
    form, status = FormState(typed or {}), 200 if error is None else 409
    if isinstance(error, SessionFullError):
        error = InvalidError([FieldProblem("seats", "seats-free", {"free": error.facts.get("free", 0)})])
    if isinstance(error, InvalidError):
        form, status = FormState.refused(typed or {}, error, book_order()), 422
    elif error is not None:
        title, words = message_of(error)
        refusal = (title, why_closed(error.facts) if isinstance(error, BookingClosedError) else words)
    return page(
        request,
        "bookings/behalf.html",
        status=status,
        s=session,
        form=form,
        refusal=refusal,
        organisations=[(str(one.id), one.label) for one in await organisation_options(actor, kinds=BOOKING_KINDS)],
    )


# "new" before the ids: the router prefers a fixed word over a parameter in any order, people read from above.
ROUTES = [index, new, create, confirm, decline_page, decline]
