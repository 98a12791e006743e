"""签到 on a worker's own phone: no account, no script, one button. Reading the page changes nothing."""

from datetime import datetime
from typing import Any, NoReturn

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from outreach.attendance.attendee_schemas import CheckinForm, CodeForm, checkin_order
from outreach.attendance.attendees import CameBy, identity_key
from outreach.attendance.checking_in import CheckedIn, check_in, check_ins_of_phone
from outreach.attendance.domain.doors import day_at
from outreach.attendance.domain.errors import CheckinClosedError
from outreach.attendance.domain.identity import Identity, comparable, identity_of
from outreach.attendance.doors import DoorView, door_by_token, door_by_typed_code, units_of
from outreach.attendance.opinions.asking import OpinionAsked, asked_after
from outreach.attendance.phrases import why_no_checkin
from outreach.attendance.remembering import (
    WHO_COOKIE,
    Remembered,
    cookie_header,
    device_of_phone,
    remembered,
)
from outreach.shared.errors import InvalidError, NotFoundError, invalid
from outreach.shared.i18n import gettext as _
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.templates import back_to, page

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]
PUBLIC = {"public": True}


@get("/checkin", opt=PUBLIC, include_in_schema=False)
async def code_page(request: AnyRequest) -> Response[Any]:
    """Six digits, for those who cannot scan."""
    return page(request, "attendance/code.html", form=FormState())


@post("/checkin", opt=PUBLIC, include_in_schema=False, status_code=200)
async def code(request: AnyRequest, now: NamedDependency[datetime]) -> Response[Any]:
    """From the six digits to the session's own page."""
    values = await read_form(request)
    try:
        typed = parse_form(CodeForm, values).code
        door = await _by_code(typed, now, request.client.host if request.client else "")
    except InvalidError as error:
        form = FormState.refused(values, error, [("code", _("签到码"))])
        return page(request, "attendance/code.html", status=422, form=form)
    return back_to(f"/checkin/{door.token}?by=code")


async def _by_code(typed: str, now: datetime, address: str) -> DoorView:
    try:
        return await door_by_typed_code(typed, now, address=address)
    except NotFoundError:
        _unknown_code()


def _unknown_code() -> NoReturn:
    raise invalid("code", "code-unknown")


@get("/checkin/{token:str}", opt=PUBLIC, include_in_schema=False)
async def checkin_page(
    request: AnyRequest,
    token: FromPath[str],
    now: NamedDependency[datetime],
    by: FromQuery[str] = "",
    other: FromQuery[str] = "",
) -> Response[Any]:
    """What it is, and the form; or that this phone has checked in already. ``other``: for a colleague beside it."""
    door = await door_by_token(token)
    who = None if other else _who(request)
    since, opinion = await _done(request, door, now, who) if who else (None, None)
    try:
        door.check_open(now)
    except CheckinClosedError as error:
        refusal = why_no_checkin(error)
        return await _page(request, door, who, by, since=since, opinion=opinion, refusal=refusal)
    return await _page(request, door, who, by, since=since, opinion=opinion)


@post("/checkin/{token:str}", opt=PUBLIC, include_in_schema=False, status_code=200)
async def checkin(request: AnyRequest, token: FromPath[str], now: NamedDependency[datetime]) -> Response[Any]:
    """签到: the first time, or again with the time of the first."""
    door, values, who = await door_by_token(token), await read_form(request), _who(request)
    by = str(values.get("by", ""))
    try:
        given = parse_form(CheckinForm, values)
        made, cookie = await _check_in(request, now, door, given, who, by)
    except InvalidError as error:
        form = FormState.refused(values, error, checkin_order())
        return await _page(request, door, who, by, form=form, status=422)
    except CheckinClosedError as error:
        form = FormState(values, {}, checkin_order())
        return await _page(request, door, who, by, form=form, refusal=why_no_checkin(error), status=409)
    opinion = await asked_after(request.app.state.secret, door, now, made.attendee_id)
    since, again, headers = made.at, not made.first, {"Set-Cookie": cookie}
    return await _page(
        request, door, who, by, since=since, again=again, name=made.name, opinion=opinion, headers=headers
    )


async def _check_in(
    request: AnyRequest,
    now: datetime,
    door: DoorView,
    given: CheckinForm,
    who: Remembered | None,
    by: str,
) -> tuple[CheckedIn, str]:
    """The check-in, and the header with the cookie by which the phone knows its owner next time."""
    device, mark = device_of_phone(who)
    known = who.number if who and comparable(who.name) == comparable(given.name) else None
    key, phone = _key(request), given.phone if door.real_names else ""
    came_by: CameBy = "code" if by == "code" else "qr"
    made = await check_in(
        now,
        door=door,
        key=key,
        name=given.name,
        unit=given.unit,
        phone=phone,
        known=known,
        came_by=came_by,
        device=mark,
    )
    number: Identity | None = identity_of(key, number=phone, name=given.name) if phone else known
    kept = Remembered(
        name=made.name,
        unit=made.unit_name,
        number=number if number and number.by_number else None,
        device=device,
    )
    secure = request.app.state.settings.base_url.startswith("https:")
    return made, cookie_header(request.app.state.secret, kept, secure=secure)


def _key(request: AnyRequest) -> bytes:
    """Settings are no dependency here: Litestar starts a task group for a second one, for every phone of a hall."""
    return identity_key(request.app.state.settings)


def _who(request: AnyRequest) -> Remembered | None:
    return remembered(request.app.state.secret, request.cookies.get(WHO_COOKIE, ""))


async def _done(
    request: AnyRequest, door: DoorView, now: datetime, who: Remembered
) -> tuple[datetime | None, OpinionAsked | None]:
    """When who holds this phone checked in today, and what is asked of them; of an earlier day only the latter."""
    key = _key(request)
    mine = await check_ins_of_phone(door, key, who)
    if not mine:
        return None, None
    today = day_at(door.starts_at, door.ends_at, now)
    since = next((one.at for one in mine if one.on == today), None)
    return since, await asked_after(request.app.state.secret, door, now, mine[0].attendee_id, key=key)


async def _page(
    request: AnyRequest,
    door: DoorView,
    who: Remembered | None,
    by: str,
    *,
    form: FormState | None = None,
    refusal: tuple[str, str] | None = None,
    since: datetime | None = None,
    opinion: OpinionAsked | None = None,
    again: bool = True,
    name: str = "",
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response[Any]:
    values = {"name": who.name, "unit": who.unit} if who else {}
    return page(
        request,
        "attendance/checkin.html",
        status=status,
        headers=headers,
        door=door,
        form=form or FormState(values),
        asking=since is None and (refusal is None or form is not None),
        tail=who.number.tail if who and who.number else "",
        units=[] if since or door.state == "closed" else await units_of(door.session_id),
        by="code" if by == "code" else "",
        refusal=refusal,
        since=since,
        opinion=opinion,
        again=again,
        person=name or (who.name if who else ""),
    )


ROUTES = [code_page, code, checkin_page, checkin]
