"""确定 and 发放: the allocation is edited and confirmed, units get what is theirs."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from outreach.materials.applications import application_by_id, applications_of_round
from outreach.materials.commands.deciding import confirm_round, save_allocation
from outreach.materials.commands.handing_out import change_grant, hand_out
from outreach.materials.forms import GrantForm, HandOutForm, parts_typed, revision_of
from outreach.materials.pages.showing import STAFF, AnyRequest, round_page, trouble_of
from outreach.shared.actors import Actor
from outreach.shared.errors import ConflictError, InvalidError, StaleError
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path
from outreach.web.forms import parse_form, read_form
from outreach.web.templates import back_to

__all__ = ["ROUTES"]

ROUND = "/desk/materials/rounds/{round_id:str}"


@post(ROUND + "/allocation", opt=STAFF, include_in_schema=False, status_code=200)
async def allocate(
    request: AnyRequest, round_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Keep the parts as they were typed."""
    id_, values = id_in_path(round_id), await read_form(request)
    try:
        await save_allocation(actor, now, round_id=id_, parts=parts_typed(values), revision=revision_of(values))
    except (InvalidError, ConflictError, StaleError) as error:
        return await round_page(request, actor, now, id_, trouble_of("allocation", values, error, await _order(id_)))
    return back_to(f"/desk/materials/rounds/{id_}", saying=_("已存下分配，还没有确定。"))


async def _order(round_id: UUID) -> list[tuple[str, str]]:
    """The fields of an allocation, each called by its unit."""
    units = (await applications_of_round(round_id)).items
    return [(f"{part}-{one.id}", one.organisation_name) for one in units for part in ("granted", "reason")]


@post(ROUND + "/confirm", opt=STAFF, include_in_schema=False, status_code=200)
async def confirm(
    request: AnyRequest, round_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Promise it."""
    id_, values = id_in_path(round_id), await read_form(request)
    try:
        row = await confirm_round(actor, now, round_id=id_, revision=revision_of(values))
    except (ConflictError, StaleError) as error:
        return await round_page(request, actor, now, id_, trouble_of("confirm", {}, error))
    saying = _("已确定，通知了%(number)s个单位。") % {"number": row.applications}
    return back_to(f"/desk/materials/rounds/{id_}", saying=saying)


@post(ROUND + "/hand-outs", opt=STAFF, include_in_schema=False, status_code=200)
async def give(
    request: AnyRequest, round_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Units took theirs."""
    id_, values = id_in_path(round_id), await read_form(request)
    try:
        data = parse_form(HandOutForm, values)
        part = data.quantity if len(data.application_id) == 1 else None
        made = await hand_out(
            actor, now, round_id=id_, on=data.on, lines=dict.fromkeys(data.application_id, part), note=data.note,
            form_key=data.form_key,
        )  # fmt: skip
    except (InvalidError, ConflictError) as error:
        order = [("lines", _("单位")), ("on", _("日期")), ("quantity", _("数量"))]
        return await round_page(request, actor, now, id_, trouble_of("hand-out", values, error, order))
    saying = _("已登记发给%(number)s个单位。") % {"number": len(made)}
    return back_to(f"/desk/materials/rounds/{id_}", saying=saying)


@post("/desk/materials/applications/{application_id:str}/grant", opt=STAFF, include_in_schema=False, status_code=200)
async def grant(
    request: AnyRequest, application_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """What one unit gets after all."""
    id_, values = id_in_path(application_id), await read_form(request)
    try:
        data = parse_form(GrantForm, values)
        one = await change_grant(actor, now, application_id=id_, granted=data.granted, reason=data.reason)
    except (InvalidError, ConflictError) as error:
        round_id = (await application_by_id(id_)).round_id
        order = [("granted", _("数量")), ("reason", _("理由"))]
        return await round_page(request, actor, now, round_id, trouble_of(f"grant-{id_}", values, error, order))
    return back_to(
        f"/desk/materials/rounds/{one.round_id}", saying=_("已改，通知了%(name)s。") % {"name": one.organisation_name}
    )


ROUTES = [allocate, confirm, give, grant]
