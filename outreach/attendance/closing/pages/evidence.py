"""Evidence of one session: what is there, handing in from a phone, taking away, and the bytes themselves."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

import anyio
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from outreach.attendance.closing.commands import add_evidence, readable_evidence_session, remove_evidence
from outreach.attendance.closing.domain.evidence import EVIDENCE_WORDS, kinds_for
from outreach.attendance.closing.forms import (
    LARGEST_HAND_IN,
    EvidenceForm,
    RemoveIn,
    evidence_order,
    files_given,
    plain_values,
)
from outreach.attendance.closing.queries import EvidenceRow, evidence_by_id, evidence_of
from outreach.attendance.queries import year_is_closed
from outreach.events.domain.visibility import may_manage
from outreach.settings import Settings
from outreach.shared.actors import Actor
from outreach.shared.errors import ConflictError, InvalidError, NotFoundError
from outreach.shared.files import file_path
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.problems import message_of
from outreach.web.templates import back_to, page

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]
ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "application/pdf": "pdf"}


@dataclass(frozen=True, slots=True)
class _Trouble:
    """Why the page came back; ``removing``: the file whose form was refused."""

    form: FormState
    refusal: tuple[str, str] | None = None
    status: int = field(default=422)
    removing: UUID | None = None


@get("/sessions/{session_id:str}/evidence", include_in_schema=False)
async def evidence_page(
    request: AnyRequest, session_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """The files by kind, and the form."""
    return await _page(request, actor, now, id_in_path(session_id))


@post(
    "/sessions/{session_id:str}/evidence",
    include_in_schema=False,
    status_code=200,
    request_max_body_size=LARGEST_HAND_IN,
)
async def hand_in(
    request: AnyRequest,
    session_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    settings: NamedDependency[Settings],
) -> Response[Any]:
    """Keep all files or none."""
    id_, values = id_in_path(session_id), await read_form(request)
    files, typed = files_given(values), plain_values(values)
    try:
        form = parse_form(EvidenceForm, typed)
        rows = await add_evidence(
            actor, now, session_id=id_, kind=form.kind, files=files, note=form.note, reason=form.reason,
            home=settings.home,
        )  # fmt: skip
    except InvalidError as error:
        return await _page(request, actor, now, id_, _Trouble(FormState.refused(typed, error, evidence_order(files))))
    except ConflictError as error:
        return await _page(request, actor, now, id_, _Trouble(FormState(typed), message_of(error), 409))
    return back_to(f"/sessions/{id_}/evidence", saying=_("已收到%(files)s个文件。") % {"files": len(rows)})


@post("/sessions/{session_id:str}/evidence/{evidence_id:str}/remove", include_in_schema=False, status_code=200)
async def remove(
    request: AnyRequest,
    session_id: FromPath[str],
    evidence_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Take one away, with the reason."""
    id_, one, values = id_in_path(session_id), id_in_path(evidence_id), await read_form(request)
    try:
        data = parse_form(RemoveIn, values)
        await remove_evidence(actor, now, session_id=id_, evidence_id=one, reason=data.reason)
    except InvalidError as error:
        form = FormState.refused(values, error, [("reason", _("原因"))])
        return await _page(request, actor, now, id_, _Trouble(form, removing=one))
    except ConflictError as error:
        return await _page(request, actor, now, id_, _Trouble(FormState(), message_of(error), 409))
    return back_to(f"/sessions/{id_}/evidence", saying=_("已去掉，原因记在操作日志里。"))


@get("/sessions/{session_id:str}/evidence/{evidence_id:str}", include_in_schema=False)
async def show(
    request: AnyRequest,
    session_id: FromPath[str],
    evidence_id: FromPath[str],
    actor: NamedDependency[Actor],
    settings: NamedDependency[Settings],
) -> Response[bytes]:
    """The bytes, for who may read them. A PDF is never opened inside this site."""
    session = await readable_evidence_session(actor, id_in_path(session_id))
    row = await evidence_by_id(session.id, id_in_path(evidence_id))
    headers = {
        "Cache-Control": "private, no-cache",
        "ETag": f'"{row.digest}"',
        "Content-Disposition": _disposition(row),
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
    }
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(b"", status_code=304, headers=headers)
    path = anyio.Path(file_path(settings.home, row.digest))
    if not await path.is_file():
        raise NotFoundError
    return Response(await path.read_bytes(), media_type=row.media_type, headers=headers)


def _disposition(row: EvidenceRow) -> str:
    """Pictures are shown, a PDF is saved; the ending is that of what is stored, whatever the name said."""
    how, ending = ("inline" if row.is_picture else "attachment"), ENDINGS[row.media_type]
    stem = row.name.rpartition(".")[0] or row.name or str(row.kind)
    return f"{how}; filename=\"evidence.{ending}\"; filename*=UTF-8''{quote(f'{stem}.{ending}', safe='')}"


async def _page(
    request: AnyRequest, actor: Actor, now: datetime, session_id: UUID, trouble: _Trouble | None = None
) -> Response[Any]:
    session = await readable_evidence_session(actor, session_id)
    rows = (await evidence_of([session_id]))[session_id]
    kinds = kinds_for(confidential=session.confidential)
    staff, year_closed = may_manage(actor, session.facts), await year_is_closed(session)
    shown = {kind: [one for one in rows if one.kind == kind] for kind in EVIDENCE_WORDS}
    adding = trouble.form if trouble and not trouble.removing else FormState({"kind": kinds[0]})
    return page(
        request,
        "attendance/evidence.html",
        status=trouble.status if trouble else 200,
        s=session,
        shown={kind: found for kind, found in shown.items() if found},
        total=len(rows),
        words=EVIDENCE_WORDS,
        kinds=[(kind, _(EVIDENCE_WORDS[kind])) for kind in kinds],
        form=adding,
        removing=trouble.removing if trouble else None,
        removal=trouble.form if trouble and trouble.removing else None,
        refusal=trouble.refusal if trouble else None,
        staff=staff,
        takes=session.state in ("published", "held", "closed") and session.starts_at <= now,
        late=session.state == "closed" or year_closed,
        year_closed=year_closed,
        removable=[one.id for one in rows if staff or one.organisation_id == session.host_id],
    )


ROUTES = [evidence_page, hand_in, remove, show]
