"""The ramp of goals: other years, a proposal for those between, and storing it."""

from datetime import date, datetime
from typing import Any

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromQuery

from outreach.counting.coverage.forms import filled_in, goals_given, ramp_form, ramp_order, years_of
from outreach.counting.coverage.pages.showing import AnyRequest, asked_of, own_goals, show
from outreach.programmes.asking import IdAsked, YearAsked
from outreach.programmes.coverage.commands import set_goals
from outreach.programmes.coverage.queries import goals_for
from outreach.shared.actors import Actor
from outreach.shared.errors import InvalidError
from outreach.shared.i18n import gettext as _
from outreach.web.forms import FormState, read_form
from outreach.web.templates import back_to

__all__ = ["ROUTES"]


@post("/desk/coverage/goals", opt={"staff": True}, include_in_schema=False)
async def goals(
    request: AnyRequest,
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    year: YearAsked = None,
    as_of: FromQuery[date | None] = None,
    organisation: IdAsked = "",
) -> Response[Any]:
    """Store the goals; or show other years or a proposal, which stores nothing."""
    asked = await asked_of(actor, now, organisation, year, as_of)
    values = await read_form(request)
    order = ramp_order(years_of(values))
    try:
        given = ramp_form(values)
        if given.form.do != "save":
            shown = {**values, **(filled_in(given) if given.form.do == "line" else {})}
            state = FormState(shown, {}, order)
            return await show(request, actor, now, asked, ramp=state, proposed=given.form.do == "line")
        own = own_goals(asked, await goals_for(asked.owner.id))
        await set_goals(actor, now, organisation_id=asked.owner.id, goals=goals_given(given, own))
    except InvalidError as error:
        return await show(request, actor, now, asked, ramp=FormState.refused(values, error, order), status=422)
    return back_to(asked.address(), saying=_("已保存各年目标。"))


ROUTES = [goals]
