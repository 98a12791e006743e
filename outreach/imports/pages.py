"""Imports on pages, for staff: the kinds, upload, preview, confirm, and the files to download."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from outreach.counting.first_steps import FirstSteps, first_steps
from outreach.imports import commands
from outreach.imports.domain.columns import Kind
from outreach.imports.domain.errors import PreviewStaleError
from outreach.imports.domain.kinds import KINDS
from outreach.imports.handlers import handler_of
from outreach.imports.lists import lists_for
from outreach.imports.queries import PreviewRow, preview_of, shown_of_preview, stored_by
from outreach.imports.running import warm_up
from outreach.imports.shown import MOST
from outreach.imports.wording import label_text, reason_text, title_of, value_text
from outreach.imports.workbooks import form_workbook, rejected_workbook
from outreach.shared.actors import Actor
from outreach.shared.errors import ConflictError, InvalidError, NotFoundError, invalid
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path
from outreach.shared.time import local_day
from outreach.web.forms import FormState, read_form
from outreach.web.problems import field_messages, message_of
from outreach.web.templates import back_to, page
from outreach.web.workbooks import XLSX

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]
STAFF = {"staff": True}
BASE = "/desk/imports"
OF_KIND = BASE + "/{kind:str}"
ONE = OF_KIND + "/{preview_id:str}"

TABS = ("rejected", "noted", "made", "changed", "duplicates")


@dataclass(frozen=True, slots=True)
class _Trouble:
    title: str
    text: str
    status: int = 409


@get(BASE, opt=STAFF, include_in_schema=False)
async def kinds(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    """What can be imported, and what was."""
    stored = await stored_by(actor)
    return page(request, "imports/kinds.html", kinds=list(KINDS.values()), stored=stored, of=KINDS)


@get(OF_KIND, opt=STAFF, include_in_schema=False)
async def form(request: AnyRequest, kind: FromPath[str]) -> Response[Any]:
    """The form for a file of one kind."""
    made = handler_of(kind).kind
    await warm_up()
    return _form_page(request, made, FormState())


@post(OF_KIND, opt=STAFF, include_in_schema=False, status_code=200)
async def upload(
    request: AnyRequest, kind: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Read a file and show what it would change; nothing is stored yet."""
    made = handler_of(kind).kind
    values = await read_form(request)
    file = values.pop("file", None)
    try:
        if not isinstance(file, UploadFile) or not file.filename:
            raise invalid("file", "required")
        row = await commands.preview(actor, now, kind=kind, content=await file.read(), name=file.filename)
    except InvalidError as error:
        return _form_page(request, made, FormState.refused(values, error, [("file", _("表格文件"))]), 422)
    return back_to(f"{BASE}/{kind}/{row.id}")


@get(ONE, opt=STAFF, include_in_schema=False)
async def show(
    request: AnyRequest,
    kind: FromPath[str],
    preview_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    tab: FromQuery[str] = "",
) -> Response[Any]:
    """What a file would change, or what came of it."""
    row = await preview_of(actor, now, handler_of(kind).kind.key, id_in_path(preview_id))
    return await _preview_page(request, row, tab, first_steps=await first_steps(actor, now) if row.stored_at else None)


@post(ONE + "/confirm", opt=STAFF, include_in_schema=False, status_code=200)
async def confirm(
    request: AnyRequest,
    kind: FromPath[str],
    preview_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Store what the preview says, all or none."""
    id_ = id_in_path(preview_id)
    try:
        row, done = await commands.confirm(actor, now, kind=kind, preview_id=id_)
    except PreviewStaleError as error:
        row = await commands.look_again(actor, now, kind=kind, preview_id=id_)
        return await _preview_page(request, row, "", _Trouble(*message_of(error)))
    except (ConflictError, InvalidError) as error:
        row = await preview_of(actor, now, kind, id_)
        return await _preview_page(request, row, "", _Trouble(message_of(error)[0], _why(error)))
    counts = {"made": f"{row.made:,}", "changed": f"{row.changed:,}"}
    saying = _("已存入：新%(made)s条，改%(changed)s条。") % counts if done else _("这个文件已经存过了，没有再存。")
    return back_to(f"{BASE}/{kind}/{row.id}", saying=saying)


@post(ONE + "/discard", opt=STAFF, include_in_schema=False, status_code=200)
async def discard(kind: FromPath[str], preview_id: FromPath[str], actor: NamedDependency[Actor]) -> Response[Any]:
    """Throw a preview away."""
    await commands.discard(actor, kind=kind, preview_id=id_in_path(preview_id))
    return back_to(f"{BASE}/{kind}", saying=_("没有导入，读到的内容已经删去。"))


@get(ONE + "/rejected.xlsx", opt=STAFF, include_in_schema=False)
async def rejected(
    kind: FromPath[str], preview_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[bytes]:
    """The refused cells with the reasons."""
    row = await preview_of(actor, now, kind, id_in_path(preview_id))
    shown = await shown_of_preview(row.id)
    if not shown.rejected:
        raise NotFoundError
    content = await rejected_workbook(KINDS[kind], shown.rejected, local_day(now))
    return _download(content, _("没有收的行"))


@get(OF_KIND + "/template.xlsx", opt=STAFF, include_in_schema=False)
async def template(
    kind: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[bytes]:
    """A sheet to fill in, with lists of what there is."""
    made, today = handler_of(kind).kind, local_day(now)
    content = await form_workbook(made, lists=await lists_for(actor, made, today), made_on=today)
    return _download(content, _("%(kind)s导入模板") % {"kind": _(made.title)})


@get(OF_KIND + "/export.xlsx", opt=STAFF, include_in_schema=False)
async def export(kind: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Response[bytes]:
    """What is stored, in the form of the template: to be edited and imported again."""
    handler, today = handler_of(kind), local_day(now)
    rows = await handler.export_within(actor, now)
    lists = await lists_for(actor, handler.kind, today)
    content = await form_workbook(handler.kind, lists=lists, rows=rows, made_on=today)
    return _download(content, f"{_(handler.kind.title)}{today.isoformat()}")


def _download(content: bytes, name: str) -> Response[bytes]:
    headers = {
        "Content-Disposition": f"attachment; filename=\"table.xlsx\"; filename*=UTF-8''{quote(name)}.xlsx",
        "Cache-Control": "private, no-store",
    }
    return Response(content, media_type=XLSX, headers=headers)


def _why(error: ConflictError | InvalidError) -> str:
    if isinstance(error, InvalidError):
        return " ".join(dict.fromkeys(field_messages(error).values()))
    return message_of(error)[1]


def _form_page(request: AnyRequest, kind: Kind, state: FormState, status: int = 200) -> Response[Any]:
    base = f"{BASE}/{kind.key}"
    return page(request, "imports/form.html", status=status, kind=kind, form=state, base=base, title_of=title_of)


async def _preview_page(
    request: AnyRequest,
    row: PreviewRow,
    tab: str,
    trouble: _Trouble | None = None,
    first_steps: FirstSteps | None = None,
) -> Response[Any]:
    kind, shown = KINDS[row.kind], await shown_of_preview(row.id)
    full = {
        "rejected": (row.rejected, shown.rejected),
        "noted": (row.noted, shown.notes),
        "made": (row.made, shown.made),
        "changed": (row.changed, shown.changed),
        "duplicates": (row.duplicates, shown.duplicates),
    }
    tabs = [one for one in TABS if full[one][1]]
    return page(
        request,
        "imports/preview.html",
        first_steps=first_steps,
        status=trouble.status if trouble else 200,
        kind=kind,
        r=row,
        shown=shown,
        counts={one: full[one][0] for one in TABS},
        tabs=tabs,
        tab=tab if tab in tabs else next(iter(tabs), ""),
        most=MOST,
        base=f"{BASE}/{kind.key}",
        trouble=trouble,
        label=lambda one: label_text(kind, one),
        reason=lambda one: reason_text(kind, one),
        words=lambda key: title_of(kind.column(key)),
        said=lambda key, value: value_text(kind.column(key), value),
    )


ROUTES = [kinds, form, upload, show, confirm, discard, rejected, template, export]
