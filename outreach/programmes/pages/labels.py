"""Festivals and campaign periods over the calendars."""

from datetime import datetime
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from outreach.programmes.asking import IdAsked, YearAsked
from outreach.programmes.domain.labels import Label, LabelKind
from outreach.programmes.label_forms import LabelForm, LabelKeyForm, label_order, label_values
from outreach.programmes.labels import LabelGiven, hide_label, label_named, remove_label, set_label
from outreach.programmes.pages.browser import STAFF, AnyRequest
from outreach.shared.actors import Actor
from outreach.shared.errors import InvalidError
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path
from outreach.shared.time import local_day
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.templates import back_to, page

__all__ = ["ROUTES"]


@get("/desk/holidays/labels", opt=STAFF, include_in_schema=False)
async def label_page(
    request: AnyRequest,
    now: NamedDependency[datetime],
    year: YearAsked = None,
    code: IdAsked = "",
    label: IdAsked = "",
) -> Response[Any]:
    """A new label, or one as it stands: a shipped one by ``code`` and ``year``, an own one by ``label``."""
    if not code and not label:
        values = {"kind": LabelKind.CAMPAIGN.value}
        return await _page(request, FormState(values, {}, label_order()), year or local_day(now).year, None)
    found = await label_named(code=code, year=year, label_id=id_in_path(label) if label else None)
    return await _page(request, FormState(label_values(found), {}, label_order()), found.year, found)


@post("/desk/holidays/labels", opt=STAFF, include_in_schema=False, status_code=200)
async def store(request: AnyRequest, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Response[Any]:
    """Write down a label, new or changed."""
    values = await read_form(request)
    try:
        form = parse_form(LabelForm, values)
        given = LabelGiven(form.name, form.kind, form.from_on, form.last_on or form.from_on)
        own = id_in_path(form.id) if form.id else None
        await set_label(actor, now, given, code=form.code, year=form.year, id_=own)
    except InvalidError as error:
        state = FormState.refused(values, error, label_order())
        return await _page(request, state, local_day(now).year, None, status=422)
    return _back(form.year or form.from_on.year, _("“%(name)s”已写到日历上。") % {"name": form.name})


@post("/desk/holidays/labels/hide", opt=STAFF, include_in_schema=False, status_code=200)
async def hide(request: AnyRequest, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Response[Any]:
    """Do without a shipped label in one year."""
    form = parse_form(LabelKeyForm, await read_form(request))
    await hide_label(actor, now, code=form.code, year=form.year)
    return _back(form.year, _("这一年的日历上不再写它。"))


@post("/desk/holidays/labels/{label_id:str}/remove", opt=STAFF, include_in_schema=False, status_code=200)
async def remove(
    label_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Take an own label away, or let a shipped one be as it was."""
    found = await label_named(label_id=id_in_path(label_id))
    await remove_label(actor, now, id_in_path(label_id))
    return _back(found.year, _("已恢复原样。") if found.code else _("已从日历上删去。"))


def _back(year: int, saying: str) -> Response[Any]:
    return back_to(f"/desk/holidays?year={year}", saying=saying)


async def _page(
    request: AnyRequest, form: FormState, year: int, label: Label | None, *, status: int = 200
) -> Response[Any]:
    kinds = [(LabelKind.CAMPAIGN.value, _("活动时段")), (LabelKind.FESTIVAL.value, _("节日"))]
    is_known = label is not None or bool(form.values.get("code") or form.values.get("id"))
    return page(
        request,
        "programmes/label.html",
        status=status,
        form=form,
        year=year,
        kinds=kinds,
        is_known=is_known,
    )


ROUTES = [label_page, store, hide, remove]
