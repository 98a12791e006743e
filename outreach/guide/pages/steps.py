"""The steps of the first run, and what is skipped of them."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from outreach.guide import commands
from outreach.guide.domain.steps import MINUTES, OPTIONAL, Step, StepState
from outreach.guide.forms import StepForm
from outreach.guide.queries import guide_of, guided_organisation
from outreach.guide.wording import figure_text, links_of, title_of, why_of
from outreach.programmes.asking import IdAsked, YearAsked
from outreach.shared.actors import Actor
from outreach.shared.errors import NotFoundError
from outreach.shared.i18n import gettext as _
from outreach.web.forms import parse_form, read_form
from outreach.web.templates import back_to, page

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]
STAFF = {"staff": True}
BASE = "/desk/guide"
STEP = f"{BASE}/steps/{{step:str}}"


@get(BASE, opt=STAFF, include_in_schema=False)
async def guide_page(
    request: AnyRequest,
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    year: YearAsked = None,
    organisation: IdAsked = "",
) -> Response[Any]:
    """What is done, what is next, what was skipped."""
    guide = await guide_of(actor, now, await guided_organisation(actor, organisation), year)
    of = guide.organisation
    name, id_ = (of.name, of.id) if of else ("", None)
    rows = [
        {
            "step": step,
            "title": title_of(step),
            "why": why_of(step),
            "state": state,
            "figure": figure_text(step, guide.figures, name, request.app.state.site.name, guide.year),
            "links": links_of(step, guide.figures, id_, guide.year, is_administrator=actor.is_administrator),
            "minutes": MINUTES[step],
            "is_optional": step in OPTIONAL,
        }
        for step, state in guide.states.items()
    ]
    return page(
        request,
        "guide/guide.html",
        guide=guide,
        rows=rows,
        done=sum(row["state"] is StepState.DONE for row in rows),
        left=[title_of(step) for step in guide.left],
        minutes_left=sum(MINUTES[step] for step in guide.left),
        asked=organisation,
    )


@post(f"{STEP}/skip", opt=STAFF, include_in_schema=False, status_code=200)
async def skip(
    request: AnyRequest, step: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Do without a step."""
    known, form = _step(step), parse_form(StepForm, await read_form(request))
    await commands.skip_step(actor, now, step=known, organisation=form.organisation_id)
    return back_to(_back(form), saying=_("已跳过“%(title)s”，随时可以捡回来。") % {"title": title_of(known)})


@post(f"{STEP}/resume", opt=STAFF, include_in_schema=False, status_code=200)
async def resume(
    request: AnyRequest, step: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Have a skipped step back."""
    known, form = _step(step), parse_form(StepForm, await read_form(request))
    await commands.resume_step(actor, now, step=known, organisation=form.organisation_id)
    return back_to(_back(form), saying=_("已捡回“%(title)s”。") % {"title": title_of(known)})


@post(f"{BASE}/put-away", opt=STAFF, include_in_schema=False, status_code=200)
async def put_away(request: AnyRequest, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Response[Any]:
    """Show nothing of it on the desk any more."""
    form = parse_form(StepForm, await read_form(request))
    await commands.put_away(actor, now, organisation=form.organisation_id)
    return back_to("/desk", saying=_("已收起。要再看，从“管理”里打开“开始使用”。"))


@post(f"{BASE}/take-out", opt=STAFF, include_in_schema=False, status_code=200)
async def take_out(request: AnyRequest, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Response[Any]:
    """Show it on the desk again."""
    form = parse_form(StepForm, await read_form(request))
    await commands.take_out(actor, now, organisation=form.organisation_id)
    return back_to(_back(form), saying=_("工作台上又会提醒了。"))


def _step(text: str) -> Step:
    try:
        return Step(text)
    except ValueError:
        raise NotFoundError from None


def _back(form: StepForm) -> str:
    asked = {"year": form.year, "organisation": form.organisation_id}
    given = urlencode({name: value for name, value in asked.items() if value})
    return f"{BASE}?{given}" if given else BASE


ROUTES = [guide_page, skip, resume, put_away, take_out]
