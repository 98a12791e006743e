"""The first page of an empty installation: the first administrator, the federation, the year."""

from datetime import datetime
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery
from litestar.response import Redirect

from outreach.accounts.browser import came_from, set_login_cookie
from outreach.accounts.domain.errors import AdministratorExistsError
from outreach.accounts.domain.organisations import OrganisationKind
from outreach.accounts.domain.passwords import LEAST_LENGTH
from outreach.accounts.queries.administrators import had_administrator
from outreach.guide.commands import Beginning, begin
from outreach.guide.forms import StartForm, kind_options, start_order, years_offered
from outreach.shared.actors import Actor
from outreach.shared.errors import InvalidError, TooManyRequestsError
from outreach.shared.i18n import gettext as _
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.problems import message_of
from outreach.web.templates import back_to, page

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]
PUBLIC = {"public": True}


@get("/start", opt=PUBLIC, include_in_schema=False)
async def start_page(
    request: AnyRequest,
    visitor: NamedDependency[Actor | None],
    now: NamedDependency[datetime],
    code: FromQuery[str] = "",
) -> Response[Any]:
    """The form, with the code of the address in it; once there was an administrator, the way in and no word more."""
    if await had_administrator():
        return Redirect("/desk/guide" if visitor is not None and visitor.is_staff else "/login", status_code=303)
    years = years_offered(now)
    values = {"code": code[:100], "kind": OrganisationKind.FEDERATION.value, "year": years[0][0]}
    return _page(request, now, FormState(values))


@post("/start", opt=PUBLIC, include_in_schema=False, status_code=200)
async def start(request: AnyRequest, now: NamedDependency[datetime]) -> Response[Any]:
    """Everything in one go, and into the guide. Refused, the form comes back with what was typed, but the passwords."""
    values = await read_form(request)
    try:
        given = Beginning(**msgspec.structs.asdict(parse_form(StartForm, values)))
        made = await begin(now, given=given, secret=request.app.state.secret, **came_from(request))  # type: ignore[arg-type]
    except InvalidError as error:
        return _page(request, now, FormState.refused(values, error, start_order()), status=422)
    except TooManyRequestsError as error:
        wait = int(error.facts.get("retry_after", 60))
        headers = {"Retry-After": str(wait)}
        return _page(request, now, FormState(values), status=429, wait_minutes=-(-wait // 60), headers=headers)
    except AdministratorExistsError as error:
        return page(request, "guide/taken.html", status=409, refusal=message_of(error))
    saying = _("管理员已设立，您已登录。接着一步一步来。")
    return set_login_cookie(request, back_to("/desk/guide", saying=saying), made.token)


def _page(
    request: AnyRequest,
    now: datetime,
    form: FormState,
    *,
    status: int = 200,
    wait_minutes: int = 0,
    headers: dict[str, str] | None = None,
) -> Response[Any]:
    return page(
        request,
        "guide/start.html",
        status=status,
        headers=headers,
        form=form,
        kinds=kind_options(),
        years=years_offered(now),
        least=LEAST_LENGTH,
        wait_minutes=wait_minutes,
    )


ROUTES = [start_page, start]
