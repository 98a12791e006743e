"""The list of a year's programmes, and the form of one."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from outreach.programmes.asking import IdAsked, YearAsked
from outreach.programmes.commands.programmes import change_programme, create_programme
from outreach.programmes.domain.permissions import may_change_programme, may_read_programme
from outreach.programmes.domain.promise import ANSWER_HOURS, CLOSING_DAYS, OFFER_HOURS, REMIND_DAYS, ProgrammeFacts
from outreach.programmes.forms import ProgrammeForm, programme_order, programme_values
from outreach.programmes.pages.browser import STAFF, AnyRequest, changeable, own_organisation
from outreach.programmes.queries import ProgrammeRow, programmes_of_year, targets_of, years_of
from outreach.programmes.wording import promise_words, target_name
from outreach.shared.actors import Actor
from outreach.shared.errors import InvalidError, NotFoundError, StaleError
from outreach.shared.i18n import gettext as _
from outreach.shared.time import local_day
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.templates import back_to, page

__all__ = ["ROUTES"]

#: From this month on the next year is prepared.
NEXT_YEAR_FROM_MONTH = 10


@get("/desk/programmes", opt=STAFF, include_in_schema=False)
async def programmes_page(
    request: AnyRequest,
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    year: YearAsked = None,
) -> Response[Any]:
    """Programmes of a year in the actor's line of the tree, with their targets."""
    today = local_day(now)
    shown = year or today.year
    programmes = [one for one in await programmes_of_year(shown) if may_read_programme(actor, one.organisation_path)]
    years = [one for one in await years_of() if may_read_programme(actor, one.organisation_path)]
    return page(
        request,
        "programmes/list.html",
        year=shown,
        programmes=programmes,
        targets=await targets_of([one.id for one in programmes]),
        years=sorted({one.year for one in years} | {today.year, _last_to_prepare(today), shown}, reverse=True),
        notices=[one for one in years if one.year == shown],
        may_change=lambda path: may_change_programme(actor, path),
        copied_from=await _copied_from(actor, shown, programmes) if shown >= today.year else [],
        copied_to=shown + 1 if shown == today.year < _last_to_prepare(today) else None,
        promise_words=promise_words,
        target_name=target_name,
    )


def _last_to_prepare(today: date) -> int:
    """The year whose programmes are set up now: from October on the next one."""
    return today.year + 1 if today.month >= NEXT_YEAR_FROM_MONTH else today.year


async def _copied_from(actor: Actor, year: int, programmes: Sequence[ProgrammeRow]) -> list[tuple[UUID, str]]:
    """Organisations of the actor's that had programmes the year before and have none in ``year``."""
    there = {one.organisation_id for one in programmes}
    before = [
        one
        for one in await programmes_of_year(year - 1)
        if one.organisation_id not in there and may_change_programme(actor, one.organisation_path)
    ]
    return list(dict.fromkeys((one.organisation_id, one.organisation_name) for one in before))


@get("/desk/programmes/new", opt=STAFF, include_in_schema=False)
async def new_programme_page(
    request: AnyRequest,
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    year: YearAsked = None,
    organisation: IdAsked = "",
) -> Response[Any]:
    """An empty form; who has no organisation to own it yet is led to make one."""
    try:
        owner = await own_organisation(actor, organisation)
    except NotFoundError:
        if organisation:
            raise
        return back_to("/desk/organisations/new", saying=_("项目要有主办单位，请先新建工会组织。"))
    values = {
        "scheduled": True,
        "offer_hours": OFFER_HOURS,
        "answer_hours": ANSWER_HOURS,
        "closing_days": CLOSING_DAYS,
        "remind_days": REMIND_DAYS,
        "remind_morning": "yes",
    }
    return _form(request, None, FormState(values, {}, programme_order()), year or local_day(now).year, owner.name)


@post("/desk/programmes/new", opt=STAFF, include_in_schema=False)
async def create(
    request: AnyRequest,
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    year: YearAsked = None,
    organisation: IdAsked = "",
) -> Response[Any]:
    """Make the programme."""
    owner = await own_organisation(actor, organisation)
    wanted = year or local_day(now).year
    values = await read_form(request)
    try:
        facts = parse_form(ProgrammeForm, values).facts()
        made = await create_programme(actor, now, organisation_id=owner.id, year=wanted, facts=facts)
    except InvalidError as error:
        return _form(request, None, FormState.refused(values, error, programme_order()), wanted, owner.name, 422)
    return back_to(f"/desk/programmes/{made}/edit", saying=_("已新建项目。接着加指标。"))


@get("/desk/programmes/{programme_id:str}/edit", opt=STAFF, include_in_schema=False)
async def edit_programme_page(
    request: AnyRequest, programme_id: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The form of a stored programme, and its targets."""
    row = await changeable(actor, programme_id)
    return await _edit_page(request, row, FormState(programme_values(row), {}, programme_order()))


@post("/desk/programmes/{programme_id:str}/edit", opt=STAFF, include_in_schema=False)
async def change(
    request: AnyRequest, programme_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Store the form."""
    row = await changeable(actor, programme_id)
    values = await read_form(request)
    try:
        form = parse_form(ProgrammeForm, values)
        await change_programme(actor, now, row.id, _changes(form.facts()), expected_revision=form.revision)
    except InvalidError as error:
        return await _edit_page(request, row, FormState.refused(values, error, programme_order()), 422)
    except StaleError:
        fresh = await changeable(actor, programme_id)
        state = FormState({**values, "revision": fresh.revision}, {}, programme_order())
        return await _edit_page(request, fresh, state, 412)
    return back_to(f"/desk/programmes/{row.id}", saying=_("已保存项目。"))


def _changes(facts: ProgrammeFacts) -> dict[str, Any]:
    return {name: getattr(facts, name) for name in facts.__dataclass_fields__ if name != "targets"}


def _form(
    request: AnyRequest, row: ProgrammeRow | None, form: FormState, year: int, owner: str, status: int = 200
) -> Response[Any]:
    return page(
        request,
        "programmes/programme.html",
        status=status,
        row=row,
        form=form,
        year=year,
        owner=owner,
        targets=[],
        stale=False,
    )


async def _edit_page(request: AnyRequest, row: ProgrammeRow, form: FormState, status: int = 200) -> Response[Any]:
    context: Mapping[str, Any] = {
        "targets": (await targets_of([row.id]))[row.id],
        "promise_words": promise_words,
        "target_name": target_name,
    }
    return page(
        request,
        "programmes/programme.html",
        status=status,
        row=row,
        form=form,
        year=row.year,
        owner=row.organisation_name,
        stale=status == 412,
        **context,
    )


ROUTES = [programmes_page, new_programme_page, create, edit_programme_page, change]
