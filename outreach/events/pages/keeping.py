"""The menu, the providers and the venues for those who keep them."""

from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from outreach.events import commands, menu
from outreach.events.domain.parts import PART_WORDS
from outreach.events.domain.permissions import may_keep
from outreach.events.forms import (
    EventForm,
    ProviderForm,
    VenueForm,
    event_order,
    event_values,
    provider_order,
    provider_values,
    venue_order,
    venue_values,
)
from outreach.shared.actors import Actor
from outreach.shared.errors import ForbiddenError, InvalidError, StaleError
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path
from outreach.shared.time import local_day
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.templates import back_to, page

__all__ = ["ROUTES", "provider_page"]

AnyRequest = Request[Any, Any, Any]
STAFF = {"staff": True}
PER_PAGE = 50


def _paging(path: str, q: str, found: Any, after: str) -> dict[str, Any]:
    given = {"q": q} if q else {}
    return {
        "total": found.total,
        "after": f"{path}?{urlencode({**given, 'after': found.next})}" if found.next else None,
        "first": f"{path}?{urlencode(given)}" if after else None,
    }


def _clean(text: str) -> str:
    return text[:100].replace("\x00", "").strip()


# --- menu ------------------------------------------------------------------------------------------------------------


@get("/desk/events", opt=STAFF, include_in_schema=False)
async def events_list(
    request: AnyRequest, actor: NamedDependency[Actor], q: FromQuery[str] = "", after: FromQuery[str] = ""
) -> Response[Any]:
    """The menu of the caller's programmes."""
    found = await menu.events_page(actor, q=_clean(q), kept=True, limit=PER_PAGE, after=after or None)
    paging = _paging("/desk/events", _clean(q), found, after)
    return page(request, "events/events.html", rows=found.items, q=_clean(q), paging=paging)


@get("/desk/events/new", opt=STAFF, include_in_schema=False)
async def new_event(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    """An empty form."""
    return await _event_form(request, actor, FormState({"active": True, "orderable": True, "lead_days": 3}))


@post("/desk/events/new", opt=STAFF, include_in_schema=False, status_code=200)
async def add_event(
    request: AnyRequest, actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Something new on the menu."""
    values = await read_form(request)
    try:
        event_id = await commands.add_event(actor, now, draft=parse_form(EventForm, values).draft())
    except InvalidError as error:
        return await _event_form(request, actor, FormState.refused(values, error, event_order()), status=422)
    return back_to(f"/menu/{event_id}", saying=_("已放上菜单。"))


@get("/desk/events/{event_id:str}/edit", opt=STAFF, include_in_schema=False)
async def edit_event(request: AnyRequest, event_id: FromPath[str], actor: NamedDependency[Actor]) -> Response[Any]:
    """A stored item."""
    event = await _kept_event(actor, event_id)
    return await _event_form(request, actor, FormState(event_values(event)), stored=event)


@post("/desk/events/{event_id:str}/edit", opt=STAFF, include_in_schema=False, status_code=200)
async def change_event(
    request: AnyRequest, event_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Write it anew."""
    event = await _kept_event(actor, event_id)
    values = await read_form(request)
    try:
        form = parse_form(EventForm, values)
        await commands.change_event(actor, now, event_id=event.id, draft=form.draft(), revision=form.revision)
    except InvalidError as error:
        state = FormState.refused(values, error, event_order())
        return await _event_form(request, actor, state, stored=event, status=422)
    except StaleError:
        state = FormState({**values, "revision": event.revision})
        return await _event_form(request, actor, state, stored=event, status=409)
    return back_to(f"/menu/{event.id}", saying=_("已保存。"))


async def _kept_event(actor: Actor, event_id: str) -> menu.EventRow:
    """An item that the caller keeps; of others the page under ``/menu`` is enough."""
    event = await menu.event_by_id(actor, id_in_path(event_id))
    if not may_keep(actor, event.organisation_path):
        raise ForbiddenError
    return event


async def _event_form(
    request: AnyRequest, actor: Actor, form: FormState, *, stored: Any = None, status: int = 200
) -> Response[Any]:
    programmes = await menu.kept_programmes(actor)
    return page(
        request,
        "events/event_form.html",
        status=status,
        form=form,
        stored=stored,
        programmes=programmes,
        kinds=list(dict.fromkeys(kind for one in programmes for kind in one.kinds)),
        providers=(await menu.providers_page(actor, active=True, limit=500)).items,
    )


# --- providers -------------------------------------------------------------------------------------------------------


@get("/desk/providers", opt=STAFF, include_in_schema=False)
async def providers_list(
    request: AnyRequest, actor: NamedDependency[Actor], q: FromQuery[str] = "", after: FromQuery[str] = ""
) -> Response[Any]:
    """Lecturers and troupes that the caller keeps."""
    found = await menu.providers_page(actor, q=_clean(q), limit=PER_PAGE, after=after or None)
    paging = _paging("/desk/providers", _clean(q), found, after)
    return page(request, "events/providers.html", rows=found.items, q=_clean(q), paging=paging)


@get("/desk/providers/new", opt=STAFF, include_in_schema=False)
async def new_provider(
    request: AnyRequest, actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """An empty form."""
    empty = FormState({"active": True, "parallel_teams": 1, "kind": "lecturer"})
    return await provider_page(request, actor, now, empty)


@post("/desk/providers/new", opt=STAFF, include_in_schema=False, status_code=200)
async def add_provider(
    request: AnyRequest, actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """A lecturer or a troupe more."""
    values = await read_form(request)
    try:
        form = parse_form(ProviderForm, values)
        await commands.add_provider(actor, now, draft=form.draft())
    except InvalidError as error:
        state = FormState.refused(values, error, provider_order())
        return await provider_page(request, actor, now, state, status=422)
    return back_to("/desk/providers", saying=_("已新建“%(name)s”。") % {"name": form.name})


@get("/desk/providers/{provider_id:str}/edit", opt=STAFF, include_in_schema=False)
async def edit_provider(
    request: AnyRequest, provider_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """A stored one."""
    row = await menu.provider_by_id(actor, id_in_path(provider_id))
    return await provider_page(request, actor, now, FormState(provider_values(row)), stored=row)


@post("/desk/providers/{provider_id:str}/edit", opt=STAFF, include_in_schema=False, status_code=200)
async def change_provider(
    request: AnyRequest, provider_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Write it anew."""
    row = await menu.provider_by_id(actor, id_in_path(provider_id))
    values = await read_form(request)
    try:
        form = parse_form(ProviderForm, values)
        await commands.change_provider(actor, now, provider_id=row.id, draft=form.draft(), revision=form.revision)
    except InvalidError as error:
        state = FormState.refused(values, error, provider_order())
        return await provider_page(request, actor, now, state, stored=row, status=422)
    except StaleError:
        state = FormState({**values, "revision": row.revision})
        return await provider_page(request, actor, now, state, stored=row, status=409)
    return back_to("/desk/providers", saying=_("“%(name)s”已保存。") % {"name": form.name})


async def provider_page(
    request: AnyRequest,
    actor: Actor,
    now: datetime,
    form: FormState,
    *,
    stored: menu.ProviderRow | None = None,
    away: FormState | None = None,
    status: int = 200,
) -> Response[Any]:
    """The form of a lecturer or a troupe; ``away``: the form of an absence that was refused."""
    today = local_day(now)
    return page(
        request,
        "events/provider_form.html",
        status=status,
        form=form,
        stored=stored,
        organisations=await _organisations(actor, stored),
        away=away or FormState(),
        absences=[(one, one.until_on - timedelta(days=1)) for one in stored.absences if one.until_on > today]
        if stored
        else [],
        weekdays=[WEEK + timedelta(days=number) for number in range(7)],
        parts=[(str(part), _(words)) for part, words in PART_WORDS.items()],
        given_parts=_listed(form.values.get("available_parts")),
    )


#: A Monday, for the names of the days.
WEEK = date(2015, 9, 14)


def _listed(given: Any) -> list[str]:
    return [given] if isinstance(given, str) else list(given or [])


# --- venues ----------------------------------------------------------------------------------------------------------


@get("/desk/venues", opt=STAFF, include_in_schema=False)
async def venues_list(
    request: AnyRequest, actor: NamedDependency[Actor], q: FromQuery[str] = "", after: FromQuery[str] = ""
) -> Response[Any]:
    """Places that the caller keeps."""
    found = await menu.venues_page(actor, q=_clean(q), limit=PER_PAGE, after=after or None)
    paging = _paging("/desk/venues", _clean(q), found, after)
    return page(request, "events/venues.html", rows=found.items, q=_clean(q), paging=paging)


@get("/desk/venues/new", opt=STAFF, include_in_schema=False)
async def new_venue(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    """An empty form."""
    values = {"active": True, "rooms": 1, "setup_minutes": 0, "takedown_minutes": 0}
    return await _venue_form(request, actor, FormState(values))


@post("/desk/venues/new", opt=STAFF, include_in_schema=False, status_code=200)
async def add_venue(
    request: AnyRequest, actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """A place more."""
    values = await read_form(request)
    try:
        form = parse_form(VenueForm, values)
        await commands.add_venue(actor, now, draft=form.draft())
    except InvalidError as error:
        return await _venue_form(request, actor, FormState.refused(values, error, venue_order()), status=422)
    return back_to("/desk/venues", saying=_("已新建“%(name)s”。") % {"name": form.name})


@get("/desk/venues/{venue_id:str}/edit", opt=STAFF, include_in_schema=False)
async def edit_venue(request: AnyRequest, venue_id: FromPath[str], actor: NamedDependency[Actor]) -> Response[Any]:
    """A stored one."""
    row = await menu.venue_by_id(actor, id_in_path(venue_id))
    return await _venue_form(request, actor, FormState(venue_values(row)), stored=row)


@post("/desk/venues/{venue_id:str}/edit", opt=STAFF, include_in_schema=False, status_code=200)
async def change_venue(
    request: AnyRequest, venue_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Write it anew."""
    row = await menu.venue_by_id(actor, id_in_path(venue_id))
    values = await read_form(request)
    try:
        form = parse_form(VenueForm, values)
        await commands.change_venue(actor, now, venue_id=row.id, draft=form.draft(), revision=form.revision)
    except InvalidError as error:
        state = FormState.refused(values, error, venue_order())
        return await _venue_form(request, actor, state, stored=row, status=422)
    except StaleError:
        state = FormState({**values, "revision": row.revision})
        return await _venue_form(request, actor, state, stored=row, status=409)
    return back_to("/desk/venues", saying=_("“%(name)s”已保存。") % {"name": form.name})


async def _venue_form(
    request: AnyRequest, actor: Actor, form: FormState, *, stored: Any = None, status: int = 200
) -> Response[Any]:
    organisations = await _organisations(actor, stored)
    return page(request, "events/venue_form.html", status=status, form=form, stored=stored, organisations=organisations)


async def _organisations(actor: Actor, stored: Any) -> list[tuple[UUID, str]]:
    """What can own it: the usual ones, and the one that does."""
    usual = await menu.kept_organisations(actor)
    if stored is not None and stored.organisation_id not in [id_ for id_, _name in usual]:
        return [(stored.organisation_id, stored.organisation_name), *usual]
    return usual


ROUTES = [
    events_list,
    new_event,
    add_event,
    edit_event,
    change_event,
    providers_list,
    new_provider,
    add_provider,
    edit_provider,
    change_provider,
    venues_list,
    new_venue,
    add_venue,
    edit_venue,
    change_venue,
]
