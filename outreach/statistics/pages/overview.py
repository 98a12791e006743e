"""Which tables there are, who is missing and by when; opening a form for a year; a unit's own list."""

from datetime import datetime
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency

from outreach.accounts.queries import root_organisation
from outreach.programmes.asking import YearAsked
from outreach.shared.actors import Actor, Role
from outreach.shared.errors import ConflictError, InvalidError
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_of_field
from outreach.shared.paging import MAX_LIMIT
from outreach.shared.time import local_day
from outreach.statistics.asking import OpenForm, open_order
from outreach.statistics.commands.opening import open_form
from outreach.statistics.keeping import forms_known_to
from outreach.statistics.pages.showing import AnyRequest
from outreach.statistics.queries import missing_below, tables_page, years_of_tables
from outreach.statistics.wording import STATE_MARKS, state_text
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.problems import message_of
from outreach.web.templates import back_to, page

__all__ = ["ROUTES"]

STAFF = {"staff": True}


@get("/desk/statistics", include_in_schema=False, opt=STAFF)
async def overview(
    request: AnyRequest, actor: NamedDependency[Actor], now: NamedDependency[datetime], year: YearAsked = None
) -> Response[Any]:
    """Tables of a year, where the caller's own work begins."""
    return await _page(request, actor, now, year)


@post("/desk/statistics", include_in_schema=False, opt=STAFF, status_code=200)
async def open_for_year(
    request: AnyRequest, actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Open a form and ask those directly below."""
    values = await read_form(request)
    try:
        data = parse_form(OpenForm, values)
        row = await open_form(
            actor, now, form=data.form, year=data.year, hand_in_on=data.hand_in_on,
            organisation_id=id_of_field("organisation_id", data.organisation_id),
        )  # fmt: skip
    except InvalidError as error:
        return await _page(request, actor, now, None, FormState.refused(values, error, open_order()), 422)
    except ConflictError as error:
        form = FormState(values, {}, open_order())
        return await _page(request, actor, now, None, form, 409, message_of(error))
    saying = _("已布置%(title)s，通知了%(number)s个单位。") % {"title": row.title, "number": row.lower}
    return back_to(f"/desk/statistics/{row.id}", saying=saying)


async def _page(
    request: AnyRequest,
    actor: Actor,
    now: datetime,
    year: int | None,
    form: FormState | None = None,
    status: int = 200,
    refusal: tuple[str, str] | None = None,
) -> Response[Any]:
    years, today = await years_of_tables(actor), local_day(now)
    shown = year or (years[0] if years else today.year)
    tables = (await tables_page(actor, year=shown, tops=True, limit=MAX_LIMIT)).items
    own = await _own_organisations(actor)
    return page(
        request,
        "statistics/overview.html",
        status=status,
        year=shown,
        years=sorted({*years, shown}, reverse=True),
        today=today,
        tables=tables,
        missing=await missing_below([row.id for row in tables]),
        forms=await forms_known_to(actor),
        own=own,
        form=form or FormState({"year": str(shown), "organisation_id": own[0][0] if own else ""}, {}, open_order()),
        refusal=refusal,
        STATE_MARKS=STATE_MARKS,
        state_text=state_text,
    )


async def _own_organisations(actor: Actor) -> list[tuple[str, str]]:
    """Organisations that the caller runs by a role of its own; an administrator runs the root."""
    own = {
        str(grant.organisation_id): grant.organisation_name
        for grant in actor.grants
        if grant.role is Role.ORGANISER and grant.organisation_id
    }
    if actor.is_administrator and (root := await root_organisation()) is not None:
        own.setdefault(str(root.id), root.name)
    return list(own.items())


@get("/statistics", include_in_schema=False)
async def own_tables(
    request: AnyRequest, actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """The tables of the caller's own units."""
    found = await tables_page(actor, tops=True, limit=MAX_LIMIT)
    return page(
        request,
        "statistics/own.html",
        tables=found.items,
        today=local_day(now),
        STATE_MARKS=STATE_MARKS,
        state_text=state_text,
    )


ROUTES = [overview, open_for_year, own_tables]
