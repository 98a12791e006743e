"""The notice of a year, and what is released to everybody."""

from datetime import date, datetime
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from outreach.accounts.queries import OrganisationRow
from outreach.programmes.asking import IdAsked
from outreach.programmes.commands.years import change_year, release_public_figures
from outreach.programmes.domain.promise import year_problems
from outreach.programmes.forms import ReleaseForm, YearForm, year_order, year_values
from outreach.programmes.pages.browser import STAFF, AnyRequest, own_organisation
from outreach.programmes.queries import YearRow, year_of
from outreach.shared.actors import Actor
from outreach.shared.errors import InvalidError, NotFoundError
from outreach.shared.i18n import gettext as _
from outreach.shared.time import local_day
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.templates import back_to, page

__all__ = ["ROUTES"]


@get("/desk/programmes/years/{year:int}", opt=STAFF, include_in_schema=False)
async def year_page(
    request: AnyRequest,
    year: FromPath[int],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    organisation: IdAsked = "",
) -> Response[Any]:
    """The notice as a form, and the day of the released figures."""
    owner, row = await _year(actor, organisation, year)
    return _page(request, owner, row, year, now, FormState(year_values(row, year, owner.name), {}, year_order()))


@post("/desk/programmes/years/{year:int}", opt=STAFF, include_in_schema=False)
async def change(
    request: AnyRequest,
    year: FromPath[int],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    organisation: IdAsked = "",
) -> Response[Any]:
    """Store the notice."""
    owner, row = await _year(actor, organisation, year)
    values = await read_form(request)
    try:
        form = parse_form(YearForm, values)
        await change_year(
            actor,
            now,
            organisation_id=owner.id,
            year=year,
            title=form.title,
            document=form.document,
            submissions_due=form.submissions_due,
            max_per_organisation=form.max_per_organisation,
        )
    except InvalidError as error:
        return _page(request, owner, row, year, now, FormState.refused(values, error, year_order()), status=422)
    return back_to(f"/desk/programmes?year={year}", saying=_("已保存通知。"))


@post("/desk/programmes/years/{year:int}/release", opt=STAFF, include_in_schema=False)
async def release(
    request: AnyRequest,
    year: FromPath[int],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    organisation: IdAsked = "",
) -> Response[Any]:
    """Release the figures as of a day, or take them back with an empty one."""
    owner, row = await _year(actor, organisation, year)
    values = await read_form(request)
    try:
        form = parse_form(ReleaseForm, values)
        await release_public_figures(actor, now, organisation_id=owner.id, year=year, as_of=form.as_of)
    except InvalidError as error:
        kept = FormState(year_values(row, year, owner.name), {}, year_order())
        refused = FormState.refused(values, error, [("as_of", _("截至哪一天"))])
        return _page(request, owner, row, year, now, kept, releasing=refused, status=422)
    saying = _("已公布，大家都能在“进展”里看到。") if form.as_of else _("已收回，“进展”里不再显示。")
    return back_to(f"/desk/programmes?year={year}", saying=saying)


async def _year(actor: Actor, organisation: str, year: int) -> tuple[OrganisationRow, YearRow | None]:
    if year_problems(year):
        raise NotFoundError
    owner = await own_organisation(actor, organisation)
    return owner, await year_of(owner.id, year)


def _page(
    request: AnyRequest,
    owner: OrganisationRow,
    row: YearRow | None,
    year: int,
    now: datetime,
    form: FormState,
    *,
    releasing: FormState | None = None,
    status: int = 200,
) -> Response[Any]:
    last = min(local_day(now), date(year, 12, 31))
    return page(
        request,
        "programmes/year.html",
        status=status,
        owner=owner,
        row=row,
        year=year,
        form=form,
        releasing=releasing or FormState({"as_of": (row.released_as_of if row else None) or last}),
        last=last,
        begun=last.year == year,
    )


ROUTES = [year_page, change, release]
