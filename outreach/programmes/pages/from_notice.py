"""Programmes and targets read from the text of a notice, looked through, and stored in one go."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency

from outreach.accounts.queries import OrganisationRow
from outreach.programmes.asking import IdAsked, YearAsked
from outreach.programmes.commands.reading import create_programmes
from outreach.programmes.domain.errors import ClosedYearError
from outreach.programmes.domain.notice import MOST_PROGRAMMES, MOST_TARGETS, ReadProgramme, read_notice
from outreach.programmes.notice_forms import (
    NoticeForm,
    empty_rows,
    notice_order,
    notice_values,
    row_choices,
    shown_programmes,
    taken_programmes,
)
from outreach.programmes.pages.browser import STAFF, AnyRequest, own_organisation
from outreach.shared.actors import Actor
from outreach.shared.errors import InvalidError, NotFoundError
from outreach.shared.i18n import gettext as _
from outreach.shared.time import local_day
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.problems import message_of
from outreach.web.templates import back_to, page

__all__ = ["ROUTES"]

PATH = "/desk/programmes/from-notice"


@get(PATH, opt=STAFF, include_in_schema=False)
async def empty_page(
    request: AnyRequest,
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    year: YearAsked = None,
    organisation: IdAsked = "",
) -> Response[Any]:
    """A field to paste the notice into; who has no organisation to own programmes yet is led to make one."""
    try:
        owner = await own_organisation(actor, organisation)
    except NotFoundError:
        if organisation:
            raise
        return back_to("/desk/organisations/new", saying=_("项目要有主办单位，请先新建工会组织。"))
    return _page(request, owner, year or local_day(now).year, FormState({"text": ""}))


@post(PATH, opt=STAFF, include_in_schema=False, status_code=200)
async def read(
    request: AnyRequest,
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    year: YearAsked = None,
    organisation: IdAsked = "",
) -> Response[Any]:
    """Read the text and show what it promises; nothing is stored."""
    owner = await own_organisation(actor, organisation)
    wanted = year or local_day(now).year
    values = await read_form(request)
    try:
        text = parse_form(NoticeForm, values).text
    except InvalidError as error:
        return _page(request, owner, wanted, FormState.refused(values, error, notice_order({})), status=422)
    found = read_notice(text, year=wanted)
    return _page(request, owner, wanted, FormState(notice_values(text, found)), found)


@post(f"{PATH}/save", opt=STAFF, include_in_schema=False, status_code=200)
async def save(
    request: AnyRequest,
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    year: YearAsked = None,
    organisation: IdAsked = "",
) -> Response[Any]:
    """Make the programmes that are ticked, with their targets: all of them or none."""
    owner = await own_organisation(actor, organisation)
    wanted = year or local_day(now).year
    values = await read_form(request)
    try:
        taken = taken_programmes(values)
        try:
            await create_programmes(actor, now, organisation_id=owner.id, year=wanted, programmes=taken.programmes)
        except InvalidError as error:
            raise taken.on_page(error) from None
    except InvalidError as error:
        form = FormState.refused(values, error, notice_order(values))
        return _page(request, owner, wanted, form, _read_again(values, wanted), status=422)
    except ClosedYearError as error:
        form = FormState(values, {"programmes": message_of(error)[1]}, notice_order(values))
        return _page(request, owner, wanted, form, _read_again(values, wanted), status=409)
    figures = sum(len(one.targets) for one in taken.programmes)
    saying = _("已新建%(programmes)s个项目、%(targets)s项指标。") % {
        "programmes": len(taken.programmes),
        "targets": figures,
    }
    return back_to(f"/desk/programmes?year={wanted}", saying=saying)


def _read_again(values: Mapping[str, Any], year: int) -> tuple[ReadProgramme, ...]:
    """What the page told beside its fields: why rows are not ticked, and which numbers are none."""
    try:
        return read_notice(parse_form(NoticeForm, values).text, year=year)
    except InvalidError:
        return ()


def _page(
    request: AnyRequest,
    owner: OrganisationRow,
    year: int,
    form: FormState,
    found: Sequence[ReadProgramme] | None = None,
    *,
    status: int = 200,
) -> Response[Any]:
    shown = shown_programmes(form.values, found or ()) if found is not None else []
    targets = [target for one in found or () for target in one.targets]
    return page(
        request,
        "programmes/from_notice.html",
        status=status,
        owner=owner,
        year=year,
        form=form,
        is_read=found is not None,
        programmes=[one for one in shown if not one.is_aside],
        aside=[one for one in shown if one.is_aside],
        empty_rows=empty_rows(form.values) if shown else range(0),
        figures=len(targets),
        left=sum(not target.taken for target in targets),
        is_cut=len(found or ()) >= MOST_PROGRAMMES or len(targets) >= MOST_TARGETS,
        choices=row_choices(),
    )


ROUTES = [empty_page, read, save]
