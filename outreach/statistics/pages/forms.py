"""Forms of 统计表: which there are, how one looks on paper, uploading a further one after a preview."""

from datetime import datetime
from typing import Any

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath

from outreach.shared.actors import Actor
from outreach.shared.errors import ForbiddenError, InvalidError, invalid
from outreach.shared.i18n import gettext as _
from outreach.shared.time import local_day
from outreach.statistics.domain.forms import Form, days_of_year, pieces
from outreach.statistics.keeping import form_owner, forms_known_to, known_form, store_form
from outreach.statistics.pages.showing import AnyRequest
from outreach.statistics.toml import MOST_BYTES, form_of
from outreach.statistics.wording import rule_text
from outreach.web.forms import FormState, read_form
from outreach.web.problems import field_messages
from outreach.web.templates import back_to, page

__all__ = ["ROUTES"]

STAFF = {"staff": True}
PATH = "/desk/statistics/forms"


@get(PATH, include_in_schema=False, opt=STAFF)
async def forms(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    """The forms that may be opened, and where a further one is uploaded."""
    return await _list(request, actor)


@post(PATH, include_in_schema=False, opt=STAFF, status_code=200)
async def upload(request: AnyRequest, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Response[Any]:
    """Read a file and show the form; nothing is stored yet."""
    await form_owner(actor)
    file = (await read_form(request)).get("file")
    try:
        if not isinstance(file, UploadFile) or not file.filename:
            raise invalid("file", "required")
        content = await file.read(MOST_BYTES + 1)
        made = form_of(content)
    except InvalidError as error:
        return await _list(request, actor, _refused(error), 422)
    return _shown(request, now, made, content=content.decode("utf-8-sig"))


@post(PATH + "/store", include_in_schema=False, opt=STAFF, status_code=200)
async def store(request: AnyRequest, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Response[Any]:
    """Keep the form that was shown."""
    content = str((await read_form(request)).get("content", ""))
    try:
        form, version = await store_form(actor, now, content=content.encode())
    except InvalidError as error:
        return await _list(request, actor, _refused(error), 422)
    saying = _("已存入%(title)s，第%(version)s版。") % {"title": form.title, "version": version}
    return back_to(PATH, saying=saying)


@get(PATH + "/{code:str}", include_in_schema=False, opt=STAFF)
async def show_form(
    request: AnyRequest, code: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """One form as it is printed, with its doubtful places."""
    return _shown(request, now, (await known_form(actor, code)).form)


def _refused(error: InvalidError) -> FormState:
    """All that is wrong with a file stands at its field, place by place."""
    said = [f"{place}：{words}" if place != "file" else words for place, words in field_messages(error).items()]
    more = _("另有%(number)s处。") % {"number": len(said) - 20} if len(said) > 20 else ""
    return FormState({}, {"file": "　".join(said[:20]) + more}, [("file", _("表样文件"))])


async def _list(request: AnyRequest, actor: Actor, form: FormState | None = None, status: int = 200) -> Response[Any]:
    try:
        await form_owner(actor)
        may_upload = True
    except ForbiddenError:
        may_upload = False
    return page(
        request,
        "statistics/forms.html",
        status=status,
        forms=await forms_known_to(actor),
        may_upload=may_upload,
        form=form or FormState(),
    )


def _shown(request: AnyRequest, now: datetime, made: Form, content: str = "") -> Response[Any]:
    year = local_day(now).year
    try:
        days = days_of_year(made, year)
    except InvalidError:  # a festival beyond the table; the form itself is sound
        days = None
    return page(
        request,
        "statistics/form.html",
        made=made,
        year=year,
        days=days,
        content=content,
        pieces=pieces,
        rule_text=rule_text,
    )


ROUTES = [forms, upload, store, show_form]
