"""The inbox of staff."""

from datetime import datetime
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from outreach.accounts import queries
from outreach.accounts.domain.errors import RoleAlreadyGrantedError
from outreach.accounts.requests.commands import accept_request, decline_request
from outreach.accounts.requests.domain.errors import RequestDecidedError
from outreach.accounts.requests.forms import AcceptForm, DeclineForm
from outreach.accounts.requests.queries import inbox, request_for, waiting_requests
from outreach.accounts.slips import slip
from outreach.settings import Settings
from outreach.shared.actors import Actor
from outreach.shared.errors import InvalidError, OutreachError
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path, id_of_field
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.problems import message_of, status_of
from outreach.web.templates import back_to, page

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]
STAFF = {"staff": True}


@get("/desk/requests", opt=STAFF, include_in_schema=False)
async def inbox_page(request: AnyRequest, actor: NamedDependency[Actor], view: FromQuery[str] = "") -> Response[Any]:
    """Who asks to become a contact."""
    decided = view == "decided"
    rows = await inbox(actor, waiting=not decided)
    waiting = await waiting_requests(actor) if decided else len(rows)
    return page(request, "accounts/requests.html", rows=rows, decided=decided, waiting=waiting)


@get("/desk/requests/{request_id:str}", opt=STAFF, include_in_schema=False)
async def request_page(request: AnyRequest, request_id: FromPath[str], actor: NamedDependency[Actor]) -> Response[Any]:
    """One request: call, then accept or decline."""
    return await _page(request, actor, request_id)


@post("/desk/requests/{request_id:str}/accept", opt=STAFF, include_in_schema=False, status_code=200)
async def accept(
    request: AnyRequest,
    request_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    settings: NamedDependency[Settings],
) -> Response[Any]:
    """A contact, and the slip to hand over."""
    id_, values = id_in_path(request_id), await read_form(request)
    try:
        unit = id_of_field("organisation_id", parse_form(AcceptForm, values).organisation_id)
        made = await accept_request(actor, now, request_id=id_, organisation_id=unit)
    except InvalidError as error:
        form = FormState.refused(values, error, [("organisation_id", _("单位"))])
        return await _page(request, actor, request_id, form=form, status=422)
    except (RequestDecidedError, RoleAlreadyGrantedError) as error:
        return await _page(request, actor, request_id, refusal=error)
    back = f"/desk/people/{made.person_id}"
    if made.issued is None:
        return back_to(back, saying=_("已加为联系人。他有密码，照旧登录。"))
    return slip(request, made.issued, settings.base_url, back)


@post("/desk/requests/{request_id:str}/decline", opt=STAFF, include_in_schema=False, status_code=200)
async def decline(
    request: AnyRequest, request_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """No contact, with the reason."""
    id_, values = id_in_path(request_id), await read_form(request)
    try:
        await decline_request(actor, now, request_id=id_, reason=parse_form(DeclineForm, values).reason)
    except InvalidError as error:
        form = FormState.refused(values, error, [("reason", _("理由"))])
        return await _page(request, actor, request_id, form=form, status=422)
    except RequestDecidedError as error:
        return await _page(request, actor, request_id, refusal=error)
    return back_to("/desk/requests", saying=_("已记下。请打电话告诉申请的人。"))


async def _page(
    request: AnyRequest,
    actor: Actor,
    request_id: str,
    *,
    form: FormState | None = None,
    refusal: OutreachError | None = None,
    status: int = 200,
) -> Response[Any]:
    row = await request_for(actor, id_in_path(request_id))
    options = await queries.organisation_options(actor, including=row.organisation_id)
    return page(
        request,
        "accounts/request.html",
        status=status_of(refusal) if refusal else status,
        row=row,
        form=form or FormState({"organisation_id": str(row.organisation_id or "")}),
        refusal=message_of(refusal) if refusal else None,
        organisations=[(one.id, one.label) for one in options],
    )


ROUTES = [inbox_page, request_page, accept, decline]
