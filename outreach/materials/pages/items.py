"""库存: what is there, what came and went, one more item, a new round."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from outreach.accounts.queries import organisation_options
from outreach.materials.commands.handing_out import correct_movement
from outreach.materials.commands.items import add_item, change_item
from outreach.materials.commands.rounds import open_round
from outreach.materials.commands.stock import give_out, record_change
from outreach.materials.forms import (
    CorrectForm,
    GiveForm,
    ItemForm,
    MoveForm,
    NameForm,
    RoundForm,
    item_order,
    move_order,
    promise_ids,
    revision_of,
    round_order,
)
from outreach.materials.pages.showing import STAFF, WORDS, AnyRequest, Trouble, forms_of, promise_options, trouble_of
from outreach.materials.queries import items_kept, kept_item, movement_by_id, movements_of_item, rounds_page
from outreach.programmes.asking import Cursor
from outreach.shared.actors import Actor
from outreach.shared.errors import ConflictError, InvalidError, StaleError
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path, new_id
from outreach.shared.time import local_day
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.templates import back_to, page

__all__ = ["ROUTES"]

PER_PAGE, ROUNDS = 50, 50
ITEM = "/desk/materials/items/{item_id:str}"


@get("/desk/materials", opt=STAFF, include_in_schema=False)
async def items_page(
    request: AnyRequest, actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """All stocks that the caller keeps, and their rounds."""
    return await _items(request, actor, now)


@post("/desk/materials", opt=STAFF, include_in_schema=False, status_code=200)
async def create(request: AnyRequest, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Response[Any]:
    """One more item."""
    values = await read_form(request)
    try:
        data = parse_form(ItemForm, values)
        made = await add_item(
            actor, now, organisation_id=data.organisation_id, name=data.name, unit=data.unit, note=data.note,
            form_key=data.form_key,
        )  # fmt: skip
    except InvalidError as error:
        return await _items(request, actor, now, trouble_of("item", values, error, item_order()))
    return back_to(f"/desk/materials/items/{made}", saying=_("已加上%(name)s，现在登记入库。") % {"name": data.name})


async def _items(request: AnyRequest, actor: Actor, now: datetime, trouble: Trouble | None = None) -> Response[Any]:
    options = await organisation_options(actor)
    owners = [(str(one.id), one.label) for one in options]
    empty = {"organisation_id": owners[0][0] if owners else "", "form_key": str(new_id())}
    return page(
        request,
        "materials/items.html",
        status=trouble.status if trouble else 200,
        items=await items_kept(actor),
        rounds=(await rounds_page(actor, kept=True, limit=ROUNDS)).items,
        owners=owners,
        today=local_day(now),
        form=trouble.form if trouble else FormState(empty, {}, item_order()),
        **WORDS,
    )


@get(ITEM, opt=STAFF, include_in_schema=False)
async def item_page(
    request: AnyRequest,
    item_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    after: Cursor = "",
) -> Response[Any]:
    """One stock: movements, and forms for the next one."""
    return await _item(request, actor, now, id_in_path(item_id), after=after)


@post(ITEM + "/movements", opt=STAFF, include_in_schema=False, status_code=200)
async def move(
    request: AnyRequest, item_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Books came in, or were lost."""
    id_, values = id_in_path(item_id), await read_form(request)
    try:
        data = parse_form(MoveForm, values)
        await record_change(
            actor, now, item_id=id_, kind=data.kind, quantity=data.quantity, on=data.on, note=data.note,
            form_key=data.form_key,
        )  # fmt: skip
    except (InvalidError, ConflictError) as error:
        return await _item(request, actor, now, id_, trouble_of("move", values, error, move_order()))
    saying = _("已登记入库。") if data.kind == "receipt" else _("已登记损耗。")
    return back_to(f"/desk/materials/items/{id_}", saying=saying)


@post(ITEM + "/hand-outs", opt=STAFF, include_in_schema=False, status_code=200)
async def give(
    request: AnyRequest, item_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """A hand-out without a round."""
    id_, values = id_in_path(item_id), await read_form(request)
    try:
        data = parse_form(GiveForm, values)
        programme_id, target_id = promise_ids(data.promise)
        await give_out(
            actor, now, item_id=id_, quantity=data.quantity, on=data.on, programme_id=programme_id,
            target_id=target_id, receiver=data.receiver, note=data.note, form_key=data.form_key,
        )  # fmt: skip
    except (InvalidError, ConflictError) as error:
        return await _item(request, actor, now, id_, trouble_of("give", values, error, move_order()))
    saying = _("已登记发放，也计入了指标。") if target_id else _("已登记发放。")
    return back_to(f"/desk/materials/items/{id_}", saying=saying)


@post(ITEM, opt=STAFF, include_in_schema=False, status_code=200)
async def rename(
    request: AnyRequest, item_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """What it is called."""
    id_, values = id_in_path(item_id), await read_form(request)
    try:
        data = parse_form(NameForm, values)
        await change_item(
            actor, now, item_id=id_, name=data.name, unit=data.unit, note=data.note, revision=revision_of(values)
        )
    except (InvalidError, StaleError) as error:
        return await _item(request, actor, now, id_, trouble_of("name", values, error, item_order()))
    return back_to(f"/desk/materials/items/{id_}", saying=_("已改好。"))


@post("/desk/materials/movements/{movement_id:str}/correct", opt=STAFF, include_in_schema=False, status_code=200)
async def correct(
    request: AnyRequest, movement_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """How many it really were."""
    id_, values = id_in_path(movement_id), await read_form(request)
    try:
        data = parse_form(CorrectForm, values)
        row = await correct_movement(
            actor, now, movement_id=id_, quantity=data.quantity, reason=data.reason, form_key=data.form_key
        )
    except (InvalidError, ConflictError) as error:
        seen = await movement_by_id(id_)
        trouble = trouble_of(f"correct-{id_}", values, error, move_order())
        return await _item(request, actor, now, seen.item_id, trouble)
    return back_to(f"/desk/materials/items/{row.item_id}", saying=_("已更正，原来的数留在流水里。"))


async def _item(
    request: AnyRequest, actor: Actor, now: datetime, item_id: UUID, trouble: Trouble | None = None, *, after: str = ""
) -> Response[Any]:
    item, today = await kept_item(actor, item_id), local_day(now)
    found = await movements_of_item(item_id, limit=PER_PAGE, after=after or None)
    here = f"/desk/materials/items/{item_id}"

    return page(
        request,
        "materials/item.html",
        status=trouble.status if trouble else 200,
        item=item,
        here=here,
        today=today,
        rows=found.items,
        paging={
            "total": found.total,
            "before": here if after else None,
            "after": f"{here}?after={found.next}" if found.next else None,
        },
        rounds=(await rounds_page(actor, item_id=item_id, kept=True, limit=ROUNDS)).items,
        promises=await promise_options(item.organisation_id, today.year),
        trouble=trouble,
        form=forms_of(trouble, move_order()),
        new_key=lambda: str(new_id()),
        **WORDS,
    )


@get(ITEM + "/rounds", opt=STAFF, include_in_schema=False)
async def round_form(
    request: AnyRequest, item_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """A new round."""
    return await _round_form(request, actor, now, id_in_path(item_id))


@post(ITEM + "/rounds", opt=STAFF, include_in_schema=False, status_code=200)
async def begin_round(
    request: AnyRequest, item_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Ask the units what they need."""
    id_, values = id_in_path(item_id), await read_form(request)
    try:
        data = parse_form(RoundForm, values)
        programme_id, target_id = promise_ids(data.promise)
        made = await open_round(
            actor, now, item_id=id_, title=data.title, programme_id=programme_id, target_id=target_id,
            quantity=data.quantity, apply_until=data.apply_until, hazard_percent=data.hazard_percent,
            note=data.note, form_key=data.form_key,
        )  # fmt: skip
    except (InvalidError, ConflictError) as error:
        return await _round_form(request, actor, now, id_, trouble_of("round", values, error, round_order()))
    return back_to(f"/desk/materials/rounds/{made}", saying=_("已开始申报，下面各单位都能看到。"))


async def _round_form(
    request: AnyRequest, actor: Actor, now: datetime, item_id: UUID, trouble: Trouble | None = None
) -> Response[Any]:
    item, year = await kept_item(actor, item_id), local_day(now).year
    empty = {
        "title": _("%(year)s年%(name)s") % {"year": year, "name": item.name},
        "quantity": item.free or "",
        "hazard_percent": 150,
        "form_key": str(new_id()),
    }
    return page(
        request,
        "materials/round_new.html",
        status=trouble.status if trouble else 200,
        item=item,
        promises=await promise_options(item.organisation_id, year),
        form=trouble.form if trouble else FormState(empty, {}, round_order()),
        refusal=trouble.refusal if trouble else None,
    )


ROUTES = [items_page, create, item_page, rename, move, give, correct, round_form, begin_round]
