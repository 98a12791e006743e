"""Templates of letters: what they may contain, the present one, an own one tried or put in, back to the shipped one."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath

from outreach.letters.domain.errors import TemplateBrokenError
from outreach.letters.domain.kinds import MOST_BYTES, Kind, names_of, sample_of
from outreach.letters.downloads import DOCX, headers_of
from outreach.letters.filling import Filled, filled, sampled, shipped_bytes, warm_up
from outreach.letters.forms import TextForm, order_of
from outreach.letters.real import real_context
from outreach.letters.stored import (
    bytes_of,
    keep_template,
    kind_of,
    own_organisation,
    reset_template,
    template_for,
)
from outreach.letters.wording import sentences
from outreach.settings import Settings
from outreach.shared.actors import Actor
from outreach.shared.errors import ConflictError, InvalidError, NotFoundError, StaleError, invalid
from outreach.shared.i18n import gettext as _
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.problems import message_of
from outreach.web.templates import back_to, page

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]
STAFF = {"staff": True}
BASE = "/desk/letters/templates"
ONE = f"{BASE}/{{kind:str}}"


@dataclass(frozen=True, slots=True)
class _Shown:
    """What came of a try: why it was refused, or what it looks like."""

    form: FormState = field(default_factory=FormState)
    status: int = 200
    wrong: tuple[str, ...] = ()
    refusal: tuple[str, str] | None = None
    tried: Filled | None = None


@get(ONE, opt=STAFF, include_in_schema=False)
async def template_page(
    request: AnyRequest, kind: FromPath[str], actor: NamedDependency[Actor], settings: NamedDependency[Settings]
) -> Response[Any]:
    """Which template serves, what it may contain, and the form for an own one."""
    made = kind_of(kind)
    await warm_up()
    return await _page(request, actor, settings, made, _Shown())


@post(ONE, opt=STAFF, include_in_schema=False, status_code=200, request_max_body_size=MOST_BYTES + 200_000)
async def put(
    request: AnyRequest,
    kind: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    settings: NamedDependency[Settings],
) -> Response[Any]:
    """Try an own template with invented content, or put it in."""
    made, values = kind_of(kind), await read_form(request)
    file = values.pop("file", None)
    try:
        form = parse_form(TextForm, values)
        content, name = await _given(made, form, file)
        if form.act != "keep":
            given = await real_context(actor, now, made, base_url=settings.base_url) if form.act == "real" else None
            tried = await sampled(made, content, given)
            return await _page(request, actor, settings, made, _Shown(FormState(values), tried=tried))
        await keep_template(
            actor, now, home=settings.home, kind=made, content=content, name=name, revision=form.revision
        )
    except InvalidError as error:
        state = FormState.refused(values, error, [("file", _("模板文件")), *order_of(TextForm)])
        return await _page(request, actor, settings, made, _Shown(state, 422, tuple(sentences(error))))
    except (ConflictError, StaleError) as error:
        return await _page(request, actor, settings, made, _Shown(FormState(values), 409, refusal=message_of(error)))
    return back_to(f"{BASE}/{kind}", saying=_("已启用本单位的模板。"))


async def _given(kind: Kind, form: TextForm, file: Any) -> tuple[bytes, str]:
    if kind.is_text:
        return f"{form.text}\n".encode() if form.text.strip() else b"", ""
    if not isinstance(file, UploadFile) or not file.filename:
        raise invalid("file", "required")
    return await file.read(), file.filename


@post(f"{ONE}/reset", opt=STAFF, include_in_schema=False, status_code=200)
async def reset(kind: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Response[Any]:
    """Back to the shipped one."""
    made = kind_of(kind)
    done = await reset_template(actor, now, kind=made)
    return back_to(f"{BASE}/{kind}", saying=_("已还原。") if done else _("用的本来就是自带的模板。"))


@get(f"{ONE}/file", opt=STAFF, include_in_schema=False)
async def download(
    request: AnyRequest, kind: FromPath[str], actor: NamedDependency[Actor], settings: NamedDependency[Settings]
) -> Response[bytes]:
    """The template that serves; with ``shipped=1`` the shipped one, to begin with."""
    made = kind_of(kind)
    if made.is_text:
        raise NotFoundError
    row = None
    if request.query_params.get("shipped") != "1":
        row = await template_for((await own_organisation(actor)).path, made)
    content = await bytes_of(settings.home, made, row)
    headers = headers_of(f"{_(made.title)}{_('模板')}.docx", f"{made.key}-template.docx")
    return Response(content, media_type=DOCX, headers=headers)


@get(f"{ONE}/sample", opt=STAFF, include_in_schema=False)
async def sample(
    kind: FromPath[str], actor: NamedDependency[Actor], settings: NamedDependency[Settings]
) -> Response[bytes]:
    """The template that serves, filled with invented content."""
    made = kind_of(kind)
    if made.is_text:
        raise NotFoundError
    row = await template_for((await own_organisation(actor)).path, made)
    letter = await filled(made, await bytes_of(settings.home, made, row), sample_of(made.fields))
    headers = headers_of(f"{_(made.title)}{_('样例')}.docx", f"{made.key}-sample.docx")
    return Response(letter.content, media_type=DOCX, headers=headers)


async def _page(request: AnyRequest, actor: Actor, settings: Settings, kind: Kind, shown: _Shown) -> Response[Any]:
    owner = await own_organisation(actor)
    row = await template_for(owner.path, kind)
    form = shown.form
    if kind.is_text and "text" not in form.values:
        form = FormState({**form.values, "text": await _stored_text(settings, kind, row)}, form.errors, form.order)
    return page(
        request,
        "letters/template.html",
        status=shown.status,
        kind=kind,
        owner=owner,
        row=row,
        own=row is not None and row.organisation_id == owner.id,
        revision=row.revision if row is not None and row.organisation_id == owner.id else 0,
        form=form,
        wrong=shown.wrong,
        refusal=shown.refusal,
        tried=shown.tried,
        names=names_of(kind.fields),
        base=f"{BASE}/{kind.key}",
    )


async def _stored_text(settings: Settings, kind: Kind, row: Any) -> str:
    try:
        return (await bytes_of(settings.home, kind, row)).decode("utf-8").rstrip("\n")
    except TemplateBrokenError:
        return shipped_bytes(kind).decode("utf-8").rstrip("\n")


ROUTES = [template_page, put, reset, download, sample]
