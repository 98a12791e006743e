"""Entering figures that no session yields."""

from datetime import datetime
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from outreach.programmes.asking import Cursor, IdAsked, YearAsked
from outreach.programmes.commands.tallies import add_tally, remove_tally
from outreach.programmes.domain.permissions import may_change_programme
from outreach.programmes.domain.targets import Metric
from outreach.programmes.forms import ReasonForm, TallyForm, tally_order
from outreach.programmes.pages.browser import STAFF, AnyRequest
from outreach.programmes.queries import ProgrammeRow, TargetRow, programmes_of_year, tallies_below, targets_of
from outreach.programmes.wording import promise_words, target_name
from outreach.shared.actors import Actor
from outreach.shared.errors import InvalidError, invalid
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path
from outreach.shared.time import local_day
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.templates import back_to, page

__all__ = ["ROUTES"]

PER_PAGE = 30


@get("/desk/tallies", opt=STAFF, include_in_schema=False)
async def tallies_page(
    request: AnyRequest,
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    year: YearAsked = None,
    programme: IdAsked = "",
    after: Cursor = "",
) -> Response[Any]:
    """A form, and the entries of the year."""
    shown = year or local_day(now).year
    form = FormState({"on": local_day(now)}, {}, tally_order())
    return await _page(request, actor, now, shown, form, programme=programme, after=after)


@post("/desk/tallies", opt=STAFF, include_in_schema=False)
async def create(
    request: AnyRequest,
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    year: YearAsked = None,
) -> Response[Any]:
    """Enter a figure."""
    shown = year or local_day(now).year
    values = await read_form(request)
    try:
        form = parse_form(TallyForm, values)
        target = await _target_named(actor, shown, form.target_id)
        await add_tally(
            actor,
            now,
            programme_id=target.programme_id,
            target=form.target_id,
            on=form.on,
            quantity=form.quantity,
            receiver=form.receiver,
            note=form.note,
        )
    except InvalidError as error:
        return await _page(request, actor, now, shown, FormState.refused(values, error, tally_order()), status=422)
    return back_to(f"/desk/tallies?year={shown}", saying=_("已填报。"))


@post("/desk/tallies/{tally_id:str}/remove", opt=STAFF, include_in_schema=False)
async def remove(
    request: AnyRequest, tally_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Take a mistaken entry back."""
    values = await read_form(request)
    try:
        await remove_tally(actor, now, id_in_path(tally_id), reason=parse_form(ReasonForm, values).reason)
    except InvalidError as error:
        form = FormState({"on": local_day(now)}, {}, tally_order())
        refused = FormState.refused(values, error)
        return await _page(request, actor, now, local_day(now).year, form, removal=(tally_id, refused), status=422)
    return back_to("/desk/tallies", saying=_("已撤回这一笔。"))


async def _tallied(actor: Actor, year: int) -> list[tuple[ProgrammeRow, list[TargetRow]]]:
    """Programmes that the actor runs with their targets that take entries."""
    programmes = [one for one in await programmes_of_year(year) if may_change_programme(actor, one.organisation_path)]
    targets = await targets_of([one.id for one in programmes])
    found = [(one, [target for target in targets[one.id] if target.metric is Metric.TALLY]) for one in programmes]
    return [(programme, own) for programme, own in found if own]


async def _target_named(actor: Actor, year: int, target_id: str) -> TargetRow:
    for _programme, targets in await _tallied(actor, year):
        for target in targets:
            if str(target.id) == target_id:
                return target
    raise invalid("target_id", "not-found")


async def _page(
    request: AnyRequest,
    actor: Actor,
    now: datetime,
    year: int,
    form: FormState,
    *,
    programme: str = "",
    after: str = "",
    removal: tuple[str, FormState] | None = None,
    status: int = 200,
) -> Response[Any]:
    tallied = await _tallied(actor, year)
    # The programme asked for comes first, so that its targets are at hand.
    tallied.sort(key=lambda pair: str(pair[0].id) != programme)
    options = [(one.name, [(str(target.id), _words(one, target)) for target in targets]) for one, targets in tallied]
    found = await tallies_below(actor.organised_paths, year, limit=PER_PAGE, after=after or None)
    return page(
        request,
        "programmes/tallies.html",
        status=status,
        year=year,
        form=form,
        options=options,
        rows=found.items,
        paging={
            "total": found.total,
            "before": f"/desk/tallies?year={year}" if after else None,
            "after": f"/desk/tallies?year={year}&after={found.next}" if found.next else None,
        },
        removal=removal,
    )


def _words(programme: ProgrammeRow, target: TargetRow) -> str:
    name = target_name(target.label, target.metric, target.basis, programme.kinds)
    return _("%(name)s（%(promise)s）") % {
        "name": name,
        "promise": promise_words(target.wording, target.bound, target.value, target.unit),
    }


ROUTES = [tallies_page, create, remove]
