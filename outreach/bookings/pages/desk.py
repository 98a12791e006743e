"""The desk's bookings: what waits for an answer first, and booking on behalf of a union that called."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode
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
from outreach.bookings.pages import queueing
from outreach.bookings.phrases import why_closed
from outreach.bookings.queries import (
    BookingFilter,
    BookingRow,
    bookings_page,
    pending_count,
    readable_booking,
    rivals_of_bookings,
    unit_history,
)
from outreach.bookings.rivalry import contests, newcomers_of, seats_left_of
from outreach.bookings.sheets import bookings_xlsx
from outreach.events.domain.visibility import may_see
from outreach.events.queries import session_by_id
from outreach.shared.actors import Actor
from outreach.shared.errors import ConflictError, FieldProblem, ForbiddenError, InvalidError, NotFoundError
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path
from outreach.shared.paging import id_after
from outreach.shared.time import local_day
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.problems import message_of
from outreach.web.templates import back_to, page
from outreach.web.workbooks import XLSX

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]
STAFF = {"staff": True}
PER_PAGE = 50
#: Rows of a workbook asked at once, and at most.
PER_READ, MOST_ROWS = 1000, 20_000

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
    now: NamedDependency[datetime],
    show: FromQuery[str] = "",
    q: FromQuery[str] = "",
    after: FromQuery[str] = "",
) -> Response[Any]:
    """Bookings that wait first, rivals of one session together; ``q`` finds units, contacts, ends of telephones."""
    q = q.replace("\x00", "")
    waiting = await pending_count(actor)
    chosen = _shown(show) or ("all" if q.strip() or not waiting else "pending")
    found = await bookings_page(actor, _filter(chosen, q), limit=PER_PAGE, after=id_after(after))
    tabs = [
        ("pending", _("待审核%(number)s个") % {"number": waiting}),
        ("confirmed", _("已确认")),
        ("waitlisted", _("候补")),
        ("all", _("全部")),
    ]
    kept = {"show": chosen, "q": q.strip()[:100]}
    following = urlencode({**kept, "after": found.next})
    return page(
        request,
        "bookings/desk.html",
        waiting=waiting,
        chosen=chosen,
        q=kept["q"],
        tabs=[(words, f"/desk/bookings?{urlencode({**kept, 'show': code})}", code == chosen) for code, words in tabs],
        sheet=f"/desk/bookings.xlsx?{urlencode(kept)}",
        paging={"total": found.total, "after": f"/desk/bookings?{following}" if found.next else None},
        may_decide=lambda one: may_decide(actor, one.facts),
        shows_phone=lambda one: may_see_phone(actor, one.facts),
        items=found.items,
        **await _deciding(actor, found.items if chosen == "pending" else [], now),
    )


def _shown(show: str) -> str:
    return show if show in ("all", *BookingState) else ""


def _filter(chosen: str, q: str, *, oldest_first: bool | None = None) -> BookingFilter:
    first = chosen in ("pending", "waitlisted") if oldest_first is None else oldest_first
    return BookingFilter(state="" if chosen == "all" else chosen, oldest_first=first, q=q.strip()[:100])


async def _deciding(actor: Actor, items: Sequence[BookingRow], now: datetime) -> dict[str, Any]:
    """What helps to decide on those that wait: rivals of one session together, seats left, what is known of units."""
    waiting = [one for one in items if one.state == BookingState.PENDING]
    sessions = list(dict.fromkeys(one.session_id for one in waiting))
    decided = {one.session_id for one in waiting if may_decide(actor, one.facts)}
    left = await seats_left_of(sessions) if sessions else {}
    rivals = await rivals_of_bookings(list(decided)) if decided else {}
    found = contests(waiting, rivals, left, decided)
    units = list(dict.fromkeys(one.organisation_id for contest in found for one in contest.bookings))
    return {
        "contests": found,
        "history": await unit_history(units, now) if units else {},
        "newcomers": await newcomers_of(units),
    }


@get("/desk/bookings.xlsx", opt=STAFF, include_in_schema=False)
async def sheet(
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    show: FromQuery[str] = "",
    q: FromQuery[str] = "",
) -> Response[bytes]:
    """The list with the same filter as a workbook, oldest first; telephones where the caller may see them."""
    wanted = _filter(_shown(show) or "all", q.replace("\x00", ""), oldest_first=True)
    rows: list[BookingRow] = []
    after = None
    while len(rows) < MOST_ROWS:
        found = await bookings_page(actor, wanted, limit=PER_READ, after=after)
        rows += found.items
        if found.next is None:
            break
        after = found.items[-1].id
    name = _("预约（%(day)s）") % {"day": local_day(now).isoformat()}
    return Response(
        await bookings_xlsx([(one, may_see_phone(actor, one.facts)) for one in rows], now),
        media_type=XLSX,
        headers={
            "Cache-Control": "private, no-store",
            "Content-Disposition": f"attachment; filename=\"bookings.xlsx\"; filename*=UTF-8''{quote(name)}.xlsx",
        },
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
    waits = row.state == "waitlisted"
    saying = _("已替%(unit)s排上候补，要%(seats)s人。") if waits else _("已替%(unit)s预约%(seats)s人。")
    return back_to(f"/desk/sessions/{id_}", saying=saying % _named(row))


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
        free = error.facts.get("free")
        error = InvalidError([FieldProblem("seats", "seats-free" if free else "none-free", {"free": free})])
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
ROUTES = [index, sheet, new, create, confirm, decline_page, decline, *queueing.ROUTES]
