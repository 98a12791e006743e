"""A unit's materials: what it may apply for, what it asked for and got, and that it got it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from outreach.accounts.queries import organisation_by_id, organisation_options
from outreach.materials.applications import applications_of_round, own_applications
from outreach.materials.commands.applying import apply, readable_application, sign_for, withdraw
from outreach.materials.commands.attaching import follow_ups_of
from outreach.materials.domain.permissions import may_apply_for, may_keep
from outreach.materials.domain.states import RoundState
from outreach.materials.forms import ApplyForm, apply_order
from outreach.materials.pages.showing import WORDS, AnyRequest, Trouble, trouble_of
from outreach.materials.queries import readable_round, rounds_page
from outreach.programmes.asking import Cursor
from outreach.shared.actors import Actor
from outreach.shared.errors import ConflictError, InvalidError
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path
from outreach.shared.time import local_day
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.templates import back_to, page

__all__ = ["ROUTES"]

PER_PAGE = 30


@get("/materials", include_in_schema=False)
async def rounds(
    request: AnyRequest, actor: NamedDependency[Actor], now: NamedDependency[datetime], after: Cursor = ""
) -> Response[Any]:
    """Rounds for the caller's units, the newest first."""
    found = await rounds_page(actor, limit=PER_PAGE, after=after or None)
    today = local_day(now)
    return page(
        request,
        "materials/own.html",
        rounds=found.items,
        own=await own_applications(actor, [one.id for one in found.items]),
        today=today,
        open_now=[one for one in found.items if one.state is RoundState.APPLYING and today <= one.apply_until],
        paging={
            "total": found.total,
            "before": "/materials" if after else None,
            "after": f"/materials?after={found.next}" if found.next else None,
        },
        **WORDS,
    )


@get("/materials/{round_id:str}", include_in_schema=False)
async def show(
    request: AnyRequest, round_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """One round: what it is for, the form, what came of it."""
    return await _page(request, actor, now, id_in_path(round_id))


@post("/materials/{round_id:str}", include_in_schema=False, status_code=200)
async def ask(
    request: AnyRequest, round_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Apply, or change what was said."""
    id_, values = id_in_path(round_id), await read_form(request)
    try:
        data = parse_form(ApplyForm, values)
        made = await apply(
            actor, now, round_id=id_, organisation_id=data.organisation_id, wanted=data.wanted, members=data.members,
            hazard=data.hazard, note=data.note,
        )  # fmt: skip
    except (InvalidError, ConflictError) as error:
        return await _page(request, actor, now, id_, trouble_of("apply", values, error, apply_order()))
    saying = _("已申报%(wanted)s，截止以前可以修改。") % {"wanted": made.wanted}
    return back_to(f"/materials/{id_}", saying=saying)


@post("/materials/applications/{application_id:str}/withdraw", include_in_schema=False, status_code=200)
async def take_back(
    request: AnyRequest, application_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """The unit does not want it any more."""
    row, one = await readable_application(actor, id_in_path(application_id))
    try:
        await withdraw(actor, now, application_id=one.id)
    except ConflictError as error:
        return await _page(request, actor, now, row.id, trouble_of("withdraw", {}, error))
    return back_to(f"/materials/{row.id}", saying=_("已撤回申报。"))


@post("/materials/applications/{application_id:str}/receive", include_in_schema=False, status_code=200)
async def receive(
    request: AnyRequest, application_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """The unit has got it."""
    row, one = await readable_application(actor, id_in_path(application_id))
    try:
        await sign_for(actor, now, application_id=one.id)
    except ConflictError as error:
        return await _page(request, actor, now, row.id, trouble_of("receive", {}, error))
    return back_to(f"/materials/{row.id}", saying=_("已确认收到。"))


async def _page(
    request: AnyRequest, actor: Actor, now: datetime, round_id: UUID, trouble: Trouble | None = None
) -> Response[Any]:
    row, today = await readable_round(actor, round_id), local_day(now)
    takes = row.state is RoundState.APPLYING and today <= row.apply_until
    units = [
        (str(one.id), one.name)
        for one in (await organisation_options(actor) if takes else [])
        if may_apply_for(actor, row.organisation_path, one.id, one.path)
    ]
    own = (await own_applications(actor, [round_id]))[round_id]
    if actor.is_staff:
        below = await applications_of_round(round_id, paths=actor.organised_paths)
        own += [one for one in below.items if one.id not in {mine.id for mine in own}]
    return page(
        request,
        "materials/own_round.html",
        status=trouble.status if trouble else 200,
        r=row,
        own=own,
        units=units,
        takes=takes and bool(units),
        keeps=may_keep(actor, row.organisation_path),
        today=today,
        follow_ups=[
            one
            for one in await follow_ups_of(round_id)
            if one.state in ("published", "held", "closed") and one.host_id in actor.contact_ids
        ],
        form=trouble.form if trouble and trouble.where == "apply" else await _first(units, own),
        refusal=trouble.refusal if trouble else None,
        **WORDS,
    )


async def _first(units: list[tuple[str, str]], own: list[Any]) -> FormState:
    """The form as it opens: what was said before, else the members that were collected of the first unit."""
    if own and own[0].state == "submitted":
        one = own[0]
        values = {
            "organisation_id": str(one.organisation_id), "wanted": one.wanted, "members": one.members,
            "hazard": one.hazard, "note": one.note,
        }  # fmt: skip
        return FormState(values, {}, apply_order())
    unit = await organisation_by_id(UUID(units[0][0])) if len(units) == 1 else None
    members = unit.member_count if unit is not None and unit.member_count is not None else ""
    chosen = units[0][0] if len(units) == 1 else ""
    return FormState({"organisation_id": chosen, "members": members}, {}, apply_order())


ROUTES = [rounds, show, ask, take_back, receive]
