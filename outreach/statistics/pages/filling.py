"""One table: fill, hand in, return, lock, correct, hand on; and as a workbook."""

from datetime import datetime
from typing import Any
from urllib.parse import quote

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from outreach.shared.actors import Actor
from outreach.shared.errors import ConflictError, ForbiddenError, InvalidError, StaleError
from outreach.shared.i18n import gettext as _
from outreach.statistics.asking import (
    BelowForm,
    cell_order,
    corrected_cells,
    fields_of_cells,
    revision_of,
    typed_cells,
)
from outreach.statistics.commands.deciding import correct_table, lock_table, remind_below, return_table
from outreach.statistics.commands.filling import save_values
from outreach.statistics.commands.opening import open_below
from outreach.statistics.domain.permissions import may_oversee
from outreach.statistics.domain.states import TableState
from outreach.statistics.filled import filled_table
from outreach.statistics.kept import form_in
from outreach.statistics.pages.showing import AnyRequest, Trouble, base_of, correct_page, table_in_path, table_page
from outreach.statistics.workbooks import table_xlsx
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.problems import message_of
from outreach.web.templates import back_to
from outreach.web.workbooks import XLSX

__all__ = ["ROUTES"]

DESK, OWN = "/desk/statistics/{table_id:str}", "/statistics/{table_id:str}"


@get([DESK, OWN], include_in_schema=False)
async def show(
    request: AnyRequest, table_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """The table: to be filled while it is open, else to be read."""
    return await table_page(request, actor, now, await table_in_path(request, actor, table_id))


@post([DESK, OWN], include_in_schema=False, status_code=200)
async def fill(
    request: AnyRequest, table_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Store what was typed, and hand the table in where the button says so."""
    row, values = await table_in_path(request, actor, table_id), await read_form(request)
    form, handing_in = await form_in(row.round_id), values.get("then") == "submit"
    try:
        row = await save_values(
            actor, now, table_id=row.id, entries=typed_cells(form, values),
            revision=revision_of(values), then_hand_in=handing_in,
        )  # fmt: skip
    except InvalidError as error:
        state = FormState.refused(values, fields_of_cells(error, form), cell_order(form))
        return await table_page(request, actor, now, row, Trouble(422, state))
    except (StaleError, ConflictError) as error:
        row = await table_in_path(request, actor, table_id)
        status, state = (412 if isinstance(error, StaleError) else 409), FormState(values, {}, cell_order(form))
        return await table_page(request, actor, now, row, Trouble(status, state, message_of(error)))
    saying = _("已报送%(title)s。") if handing_in else _("已存下%(title)s，还没有报送。")
    return back_to(f"{base_of(request)}/{row.id}", saying=saying % {"title": row.title})


@post(DESK + "/return", include_in_schema=False, status_code=200, opt={"staff": True})
async def give_back(
    request: AnyRequest, table_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Back to be filled again, with a note."""
    row, values = await table_in_path(request, actor, table_id), await read_form(request)
    try:
        await return_table(actor, now, table_id=row.id, note=str(values.get("note", "")))
    except InvalidError as error:
        trouble = Trouble(422, returning=FormState.refused(values, error))
        return await table_page(request, actor, now, row, trouble)
    except ConflictError as error:
        return await _refused(request, actor, now, table_id, error)
    return back_to(
        f"/desk/statistics/{row.id}", saying=_("已退回，%(name)s会看到原因。") % {"name": row.organisation_name}
    )


@post(DESK + "/lock", include_in_schema=False, status_code=200, opt={"staff": True})
async def lock(
    request: AnyRequest, table_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Figures stand from now on."""
    row = await table_in_path(request, actor, table_id)
    try:
        await lock_table(actor, now, table_id=row.id, revision=revision_of(await read_form(request)))
    except (ConflictError, StaleError) as error:
        return await _refused(request, actor, now, table_id, error)
    return back_to(f"/desk/statistics/{row.id}", saying=_("已锁定。以后只能写明理由更正。"))


@post(DESK + "/remind", include_in_schema=False, status_code=200, opt={"staff": True})
async def remind(
    request: AnyRequest, table_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Tell those who are missing."""
    row = await table_in_path(request, actor, table_id)
    told = await remind_below(actor, now, table_id=row.id)
    saying = _("已提醒%(number)s个单位。") % {"number": told} if told else _("没有报的单位今天都提醒过了。")
    return back_to(f"/desk/statistics/{row.id}", saying=saying)


@post(DESK + "/below", include_in_schema=False, status_code=200, opt={"staff": True})
async def hand_on(
    request: AnyRequest, table_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Ask those directly below."""
    row, values = await table_in_path(request, actor, table_id), await read_form(request)
    try:
        before = row.lower
        row = await open_below(actor, now, table_id=row.id, due_on=parse_form(BelowForm, values).due_on)
    except InvalidError as error:
        trouble = Trouble(422, below=FormState.refused(values, error, [("due_on", _("下级上报日期"))]))
        return await table_page(request, actor, now, row, trouble)
    except ConflictError as error:
        return await _refused(request, actor, now, table_id, error)
    saying = _("已布置给%(number)s个单位。") % {"number": row.lower - before}
    return back_to(f"/desk/statistics/{row.id}", saying=saying)


async def _refused(
    request: AnyRequest, actor: Actor, now: datetime, table_id: str, error: ConflictError | StaleError
) -> Response[Any]:
    row = await table_in_path(request, actor, table_id)
    status = 412 if isinstance(error, StaleError) else 409
    return await table_page(request, actor, now, row, Trouble(status, refusal=message_of(error)))


@get(DESK + "/correct", include_in_schema=False, opt={"staff": True})
async def correct_form(request: AnyRequest, table_id: FromPath[str], actor: NamedDependency[Actor]) -> Response[Any]:
    """A locked table, to be corrected."""
    row = await table_in_path(request, actor, table_id)
    if not may_oversee(actor, row.facts):
        raise ForbiddenError
    if row.state is not TableState.LOCKED:
        return back_to(f"/desk/statistics/{row.id}")
    return await correct_page(request, row)


@post(DESK + "/correct", include_in_schema=False, status_code=200, opt={"staff": True})
async def correct(
    request: AnyRequest, table_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Store what differs; both values stay."""
    row, values = await table_in_path(request, actor, table_id), await read_form(request)
    form = await form_in(row.round_id)
    try:
        await correct_table(
            actor, now, table_id=row.id, values=corrected_cells(form, values),
            reason=str(values.get("reason", "")), revision=revision_of(values),
        )  # fmt: skip
    except InvalidError as error:
        order = [*cell_order(form), ("reason", _("理由"))]
        state = FormState.refused(values, fields_of_cells(error, form), order)
        return await correct_page(request, row, state, 422)
    except StaleError:
        row = await table_in_path(request, actor, table_id)
        return await correct_page(request, row, FormState({**values, "revision": str(row.revision)}), 412)
    return back_to(f"/desk/statistics/{row.id}", saying=_("已更正，新旧数都留着。"))


@get([DESK + "/table.xlsx", OWN + "/table.xlsx"], include_in_schema=False)
async def as_workbook(request: AnyRequest, table_id: FromPath[str], actor: NamedDependency[Actor]) -> Response[bytes]:
    """The table as xlsx."""
    row = await table_in_path(request, actor, table_id)
    name = quote(f"{row.title}（{row.organisation_name}）.xlsx")
    return Response(
        await table_xlsx(await filled_table(row)),
        media_type=XLSX,
        headers={
            "Content-Disposition": f"attachment; filename=\"statistics.xlsx\"; filename*=UTF-8''{name}",
            "Cache-Control": "private, no-store",
        },
    )


ROUTES = [show, fill, give_back, lock, remind, hand_on, correct_form, correct, as_workbook]
