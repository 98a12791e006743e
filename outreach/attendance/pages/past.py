"""What is past: sessions without a record, and those that nobody had planned here."""

from datetime import datetime
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency

from outreach.accounts.queries import organisation_options
from outreach.attendance import commands
from outreach.attendance.domain.headcounts import GROUPS
from outreach.attendance.forms import PastForm, past_order, plain_fields
from outreach.attendance.queries import unrecorded_sessions
from outreach.events.menu import events_page, providers_page, venues_page
from outreach.shared.actors import Actor
from outreach.shared.errors import ConflictError, InvalidError
from outreach.shared.i18n import gettext as _
from outreach.shared.time import local_day
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.problems import message_of
from outreach.web.templates import back_to, page

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]
STAFF = {"staff": True}
SHOWN = 200


@get("/desk/unrecorded", opt=STAFF, include_in_schema=False)
async def unrecorded(
    request: AnyRequest, actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """已过期未登记, oldest first."""
    sessions, total = await unrecorded_sessions(actor, now, limit=SHOWN)
    return page(
        request,
        "attendance/unrecorded.html",
        sessions=sessions,
        total=total,
        days_since=lambda moment: (local_day(now) - local_day(moment)).days,
    )


@get("/desk/sessions/past", opt=STAFF, include_in_schema=False)
async def past_page(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    """The form for a session that has taken place."""
    return await _page(request, actor, FormState())


@post("/desk/sessions/past", opt=STAFF, include_in_schema=False, status_code=200)
async def record_past(
    request: AnyRequest, actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """补录: enter it straight as held."""
    values = await read_form(request)
    try:
        data = parse_form(PastForm, values)
        row = await commands.record_past_session(actor, now, given=data.given(), headcounts=[data.figures()])
    except InvalidError as error:
        return await _page(request, actor, FormState.refused(values, plain_fields(error), past_order()), status=422)
    except ConflictError as error:
        return await _page(request, actor, FormState(values), status=409, refusal=message_of(error))
    return back_to(f"/desk/sessions/{row.id}", saying=_("已补录，计入场次和人次。"))


async def _page(
    request: AnyRequest,
    actor: Actor,
    form: FormState,
    *,
    status: int = 200,
    refusal: tuple[str, str] | None = None,
) -> Response[Any]:
    events = await events_page(actor, kept=True, limit=SHOWN)
    providers = await providers_page(actor, limit=SHOWN)
    venues = await venues_page(actor, limit=SHOWN)
    hosts = await organisation_options(actor)
    return page(
        request,
        "attendance/past.html",
        status=status,
        form=form,
        refusal=refusal,
        events=_by_programme([(one.programme_name, str(one.id), one.title) for one in events.items]),
        providers=[(str(one.id), one.name) for one in providers.items],
        venues=[(str(one.id), one.name) for one in venues.items],
        hosts=[(str(one.id), one.label) for one in hosts],
        groups=GROUPS,
    )


def _by_programme(rows: list[tuple[str, str, str]]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Options in groups: one a programme."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for programme, value, words in rows:
        groups.setdefault(programme, []).append((value, words))
    return list(groups.items())


ROUTES = [unrecorded, past_page, record_past]
