"""The public form of those who want to become a unit's contact; staff decide on ``/desk/requests``."""

from datetime import datetime
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency

from outreach.persons.asking import submit_request
from outreach.persons.forms import RequestForm, request_order
from outreach.shared.errors import InvalidError, TooManyRequestsError
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.templates import page

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]
PUBLIC = {"public": True}


@get("/become-contact", opt=PUBLIC, include_in_schema=False)
async def asking_page(request: AnyRequest) -> Response[Any]:
    """Where somebody without an account asks to become a unit's contact."""
    return _asking(request, FormState({}, {}, request_order()))


@post("/become-contact", opt=PUBLIC, include_in_schema=False, status_code=200)
async def ask(request: AnyRequest, now: NamedDependency[datetime]) -> Response[Any]:
    """Into the inbox; the answer is the same for every unit."""
    values = await read_form(request)
    try:
        given = msgspec.structs.asdict(parse_form(RequestForm, values))
        await submit_request(now, **given, address=request.client.host if request.client else "")
    except InvalidError as error:
        return _asking(request, FormState.refused(values, error, request_order()), status=422)
    except TooManyRequestsError as error:
        wait = str(int(error.facts.get("retry_after", 60)))
        form = FormState(values, {}, request_order())
        return _asking(request, form, status=429, is_full=True, headers={"Retry-After": wait})
    return _asking(request, FormState({}, {}, request_order()), is_sent=True)


def _asking(
    request: AnyRequest,
    form: FormState,
    *,
    status: int = 200,
    is_sent: bool = False,
    is_full: bool = False,
    headers: dict[str, str] | None = None,
) -> Response[Any]:
    return page(
        request,
        "persons/become_contact.html",
        status=status,
        headers=headers or {},
        form=form,
        is_sent=is_sent,
        is_full=is_full,
    )


ROUTES = [asking_page, ask]
