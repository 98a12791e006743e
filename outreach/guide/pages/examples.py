"""The shipped documents, to be ticked and copied."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery

from outreach.guide.examples import Copied, copy_programmes, known_codes, shipped
from outreach.guide.forms import CopyForm
from outreach.guide.queries import Guide, guide_of, guided_organisation
from outreach.programmes.asking import IdAsked, YearAsked
from outreach.programmes.domain.errors import ClosedYearError
from outreach.programmes.wording import promise_words, target_name
from outreach.shared.actors import Actor
from outreach.shared.errors import InvalidError, NotFoundError, invalid
from outreach.shared.i18n import gettext as _
from outreach.shared.i18n import language
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.problems import message_of
from outreach.web.templates import back_to, page
from outreach.web.wording import joined

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]
STAFF = {"staff": True}
BASE = "/desk/guide/examples"


@get(BASE, opt=STAFF, include_in_schema=False)
async def examples_page(
    request: AnyRequest,
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    year: YearAsked = None,
    organisation: IdAsked = "",
    all: FromQuery[str] = "",
) -> Response[Any]:
    """Both documents with boxes; ``all`` ticks those of one."""
    guide = await guide_of(actor, now, await guided_organisation(actor, organisation), year)
    if guide.organisation is None:
        return back_to("/desk/organisations/new", saying=_("项目要有主办单位，请先新建工会组织。"))
    ticked = [one.code for one in shipped()[all].programmes] if all in shipped() else []
    return await _page(request, guide, {all: FormState({"programme": ticked})})


@post(BASE, opt=STAFF, include_in_schema=False, status_code=200)
async def copy(request: AnyRequest, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Response[Any]:
    """Copy what was ticked."""
    values = await read_form(request)
    asked = values.get("organisation_id")
    of = await guided_organisation(actor, asked if isinstance(asked, str) else "")
    if of is None:
        raise NotFoundError
    try:
        if not values.get("programme"):
            raise invalid("programme", "nothing-ticked")
        form = parse_form(CopyForm, values)
        made = await copy_programmes(
            actor, now, example=form.example, codes=form.programme, organisation_id=of.id, year=form.year
        )
    except (InvalidError, ClosedYearError) as error:
        guide = await guide_of(actor, now, of, _year(values))
        order = [("programme", _("项目")), ("example", _("示例")), ("year", _("年度"))]
        if isinstance(error, ClosedYearError):
            return await _page(request, guide, {}, refusal=message_of(error), status=409)
        state = FormState.refused(values, error, order)
        return await _page(request, guide, {str(values.get("example", "")): state}, status=422)
    return back_to(f"/desk/programmes?year={form.year}", saying=_saying(made))


def _year(values: Mapping[str, Any]) -> int | None:
    text = values.get("year")
    return int(text) if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) == 4 else None


def _saying(made: Copied) -> str:
    if not made.programmes:
        return _("这些项目都已经有了，没有改动。")
    said = _("已复制%(programmes)s个项目、%(targets)s个指标，接着改数字。") % {
        "programmes": made.programmes,
        "targets": made.targets,
    }
    if made.left_alone:
        names = joined((f"{name}（{code}）" for code, name in made.left_alone), language())
        said += _("原来就有的没有动：%(names)s。") % {"names": names}
    return said


async def _page(
    request: AnyRequest,
    guide: Guide,
    forms: Mapping[str, FormState],
    *,
    refusal: tuple[str, str] | None = None,
    status: int = 200,
) -> Response[Any]:
    assert guide.organisation is not None  # asked before
    known = await known_codes(guide.organisation.id, guide.year)
    offering = [name for name, one in shipped().items() if any(each.code not in known for each in one.programmes)]
    looked_at = [name for name in offering if name in forms]
    return page(
        request,
        "guide/examples.html",
        status=status,
        guide=guide,
        notices=shipped(),
        form_of=lambda name: forms.get(name, FormState()),
        refused=next((one for one in forms.values() if one.errors), FormState()),
        known=known,
        main=next(iter(looked_at or offering), ""),
        promise_words=promise_words,
        target_name=target_name,
        refusal=refusal,
    )


ROUTES = [examples_page, copy]
