"""The form of an opening."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from outreach.accounts.queries import districts as known_districts
from outreach.bookings.openings.commands import change_opening, create_opening, delete_opening
from outreach.bookings.openings.counting import places_taken
from outreach.bookings.openings.forms import (
    CITY,
    fresh_values,
    opening_draft,
    opening_order,
    opening_values,
    quota_field,
)
from outreach.bookings.openings.showing import district_words, opening_view, session_words
from outreach.events.domain.openings import OpeningInUseError
from outreach.events.menu import kept_programmes
from outreach.events.openings import Opened, OpeningRow, openings_to_choose, readable_opening, things_of
from outreach.programmes.domain.permissions import may_change_programme, may_read_programme
from outreach.programmes.queries import ProgrammeRow, programme_by_id
from outreach.shared.actors import Actor
from outreach.shared.errors import ForbiddenError, InvalidError, NotFoundError, StaleError
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path
from outreach.web.forms import FormState, read_form
from outreach.web.problems import message_of
from outreach.web.templates import back_to, page

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]
STAFF = {"staff": True}
ProgrammeAsked = Annotated[str, QueryParameter(max_length=40)]


@get("/desk/openings/new", opt=STAFF, include_in_schema=False)
async def new_page(
    request: AnyRequest, actor: NamedDependency[Actor], now: NamedDependency[datetime], programme: ProgrammeAsked = ""
) -> Response[Any]:
    """First which programme, then its form."""
    if not programme:
        return page(request, "bookings/openings_programme.html", programmes=await kept_programmes(actor))
    return await _form(request, actor, now, await _kept_programme(actor, programme), fresh_values())


@post("/desk/openings/new", opt=STAFF, include_in_schema=False, status_code=200)
async def create(
    request: AnyRequest, actor: NamedDependency[Actor], now: NamedDependency[datetime], programme: ProgrammeAsked = ""
) -> Response[Any]:
    """Store it; from now on its sessions and items go through it only."""
    owner = await _kept_programme(actor, programme)
    values = await read_form(request)
    try:
        draft, _revision = opening_draft(owner.id, values)
        await create_opening(actor, now, draft=draft)
    except InvalidError as error:
        return await _form(request, actor, now, owner, values, error=error, status=422)
    return back_to("/desk/openings", saying=_("已新建开放预约。"))


@get("/desk/openings/{opening_id:str}/edit", opt=STAFF, include_in_schema=False)
async def edit_page(
    request: AnyRequest, opening_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """A stored opening."""
    row, opened = await _kept_opening(actor, opening_id)
    owner = await programme_by_id(row.programme_id)
    return await _form(request, actor, now, owner, opening_values(row, opened), stored=row)


@post("/desk/openings/{opening_id:str}/edit", opt=STAFF, include_in_schema=False, status_code=200)
async def change(
    request: AnyRequest, opening_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Write it anew."""
    row, _opened = await _kept_opening(actor, opening_id)
    owner, values = await programme_by_id(row.programme_id), await read_form(request)
    try:
        draft, revision = opening_draft(owner.id, values)
        await change_opening(actor, now, opening_id=row.id, changed=lambda _row, _opened: draft, revision=revision)
    except InvalidError as error:
        return await _form(request, actor, now, owner, values, stored=row, error=error, status=422)
    except StaleError:
        typed = {**values, "revision": (await readable_opening(actor, row.id)).revision}
        return await _form(request, actor, now, owner, typed, stored=row, stale=True, status=412)
    return back_to("/desk/openings", saying=_("已保存。"))


@post("/desk/openings/{opening_id:str}/delete", opt=STAFF, include_in_schema=False, status_code=200)
async def remove(
    request: AnyRequest, opening_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Take it back, while nothing went through it."""
    row, opened = await _kept_opening(actor, opening_id)
    try:
        await delete_opening(actor, now, opening_id=row.id)
    except OpeningInUseError as error:
        owner, values = await programme_by_id(row.programme_id), opening_values(row, opened)
        return await _form(request, actor, now, owner, values, stored=row, trouble=message_of(error), status=409)
    return back_to("/desk/openings", saying=_("已删去，里面的场次和活动恢复平常的预约。"))


async def _kept_programme(actor: Actor, programme_id: str) -> ProgrammeRow:
    """A programme that the caller runs."""
    found = await programme_by_id(id_in_path(programme_id))
    if not may_read_programme(actor, found.organisation_path):
        raise NotFoundError
    if not may_change_programme(actor, found.organisation_path):
        raise ForbiddenError
    return found


async def _kept_opening(actor: Actor, opening_id: str) -> tuple[OpeningRow, Opened]:
    """An opening that the caller keeps."""
    row = await readable_opening(actor, id_in_path(opening_id))
    if not may_change_programme(actor, row.organisation_path):
        raise ForbiddenError
    return row, (await things_of([row.id]))[row.id]


async def _form(
    request: AnyRequest,
    actor: Actor,
    now: datetime,
    programme: ProgrammeRow,
    values: Mapping[str, Any],
    *,
    stored: OpeningRow | None = None,
    error: InvalidError | None = None,
    stale: bool = False,
    trouble: tuple[str, str] | None = None,
    status: int = 200,
) -> Response[Any]:
    districts = await _districts(actor, stored)
    order = opening_order(districts)
    opened = (await things_of([stored.id]))[stored.id] if stored else Opened()
    sessions, events = await openings_to_choose(programme.id, now, kept=(*opened.session_ids, *opened.event_ids))
    taken = (await places_taken([stored.id]))[stored.id] if stored else {}
    return page(
        request,
        "bookings/openings_form.html",
        status=status,
        programme=programme,
        stored=opening_view(stored, opened, taken, now) if stored else None,
        form=FormState.refused(values, error, order) if error else replace(FormState(values), order=order),
        district_choices=[(one or CITY, district_words(one)) for one in districts],
        quotas=[(quota_field(one), district_words(one)) for one in districts],
        session_choices=[(one.id, session_words(one)) for one in sessions],
        event_choices=[(one.id, one.title) for one in events],
        stale=stale,
        trouble=trouble,
    )


async def _districts(actor: Actor, stored: OpeningRow | None) -> list[str]:
    """Those of the caller's part of the tree, those that the opening names already, and the city's own units."""
    named = [*stored.districts, *(quota.district for quota in stored.quotas)] if stored else []
    return [*dict.fromkeys(one for one in (*await known_districts(actor), *named) if one), ""]


ROUTES = [new_page, create, edit_page, change, remove]
