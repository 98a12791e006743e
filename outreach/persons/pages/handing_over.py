"""Work handed over: the form, the list, the paper."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from outreach.accounts.leave.forms import person_chosen
from outreach.accounts.leave.queries import colleagues_of
from outreach.accounts.wording import role_text
from outreach.persons.domain.work import by_kind
from outreach.persons.forms import HandoverForm, handover_order
from outreach.persons.handing_over import HandoverGiven, giver_of, hand_over, work_of
from outreach.persons.queries import handover_for, handovers
from outreach.persons.wording import WORK_NAMES, day_heading, state_text
from outreach.shared.actors import Actor
from outreach.shared.errors import InvalidError
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path, id_of_field
from outreach.shared.time import local_day
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.templates import back_to, page

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]
STAFF = {"staff": True}


@get("/desk/handovers", opt=STAFF, include_in_schema=False)
async def list_page(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    """What was handed over."""
    return page(request, "persons/handovers.html", rows=await handovers(actor))


@get("/desk/handovers/{handover_id:str}", opt=STAFF, include_in_schema=False)
async def paper(
    request: AnyRequest, handover_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """The paper (交接单) that both sign."""
    row = await handover_for(actor, now, id_in_path(handover_id))
    return page(
        request,
        "persons/handover_paper.html",
        row=row,
        groups=by_kind(row.items.work),
        back="/desk/handovers",
        **_words(),
    )


@get("/desk/people/{person_id:str}/hand-over", opt=STAFF, include_in_schema=False)
async def form_page(
    request: AnyRequest, person_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """What somebody has in hand, and to whom it shall go."""
    return await _page(request, actor, now, id_in_path(person_id), None)


@post("/desk/people/{person_id:str}/hand-over", opt=STAFF, include_in_schema=False, status_code=200)
async def store(
    request: AnyRequest, person_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Hand it over, then show the paper."""
    id_, values = id_in_path(person_id), await read_form(request)
    try:
        form = parse_form(HandoverForm, values)
        given = HandoverGiven(
            taker_id=await person_chosen(form.taker_id, form.taker_named, field="taker"),
            grant_ids=[id_of_field("grant_ids", one) for one in form.grant_ids],
            keeps_roles=form.keeps_roles,
            note=form.note,
        )
        made = await hand_over(actor, now, giver_id=id_, given=given)
    except InvalidError as error:
        return await _page(request, actor, now, id_, FormState.refused(values, error, handover_order()), status=422)
    return back_to(f"/desk/handovers/{made}", saying=_("已交接。请打印交接单，双方签字。"))


def _words() -> dict[str, Any]:
    return {"work_names": WORK_NAMES, "day_heading": day_heading, "state_text": state_text, "role_text": role_text}


async def _page(
    request: AnyRequest, actor: Actor, now: datetime, person_id: UUID, form: FormState | None, *, status: int = 200
) -> Response[Any]:
    giver, roles = await giver_of(actor, now, person_id)
    work = await work_of(person_id, now, roles)
    colleagues = await colleagues_of(person_id, local_day(now), same_role=False)
    options = [
        (one.id, _("%(role)s，%(unit)s") % {"role": role_text(one.role), "unit": one.organisation_name})
        if one.organisation_name
        else (one.id, role_text(one.role))
        for one in roles
    ]
    fresh = FormState({"grant_ids": [str(one.id) for one in roles]}, {}, handover_order())
    return page(
        request,
        "persons/hand_over.html",
        status=status,
        form=form or fresh,
        giver=giver,
        roles=options,
        groups=by_kind(work),
        moving=len([one for one in work if one.moves]),
        colleagues=[(one.id, one.label) for one in colleagues],
        **_words(),
    )


ROUTES = [list_page, paper, form_page, store]
