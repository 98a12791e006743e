"""The name over every page, and what stands under it."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency

from outreach.accounts.browser import AnyRequest
from outreach.accounts.forms import SiteForm, site_order
from outreach.accounts.site import change_site
from outreach.settings import opens_only_here
from outreach.shared.actors import Actor
from outreach.shared.errors import InvalidError
from outreach.shared.i18n import gettext as _
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.templates import Site, back_to, page

__all__ = ["ROUTES"]

ADMINISTRATOR = {"staff": True, "administrator": True}


@get("/desk/site", opt=ADMINISTRATOR, include_in_schema=False)
async def site_page(request: AnyRequest) -> Response[Any]:
    """What stands there now, as a form."""
    return _page(request, FormState(asdict(request.app.state.site)))


@post("/desk/site", opt=ADMINISTRATOR, include_in_schema=False, status_code=200)
async def change(request: AnyRequest, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Response[Any]:
    """Store it; the next page of this browser has it."""
    values = await read_form(request)
    try:
        site = Site(**msgspec.structs.asdict(parse_form(SiteForm, values)))
    except InvalidError as error:
        return _page(request, FormState.refused(values, error, site_order()), status=422)
    await change_site(actor, now, site=site)
    return back_to("/desk/site", saying=_("已保存，每一页都换上了。"))


def _page(request: AnyRequest, form: FormState, *, status: int = 200) -> Response[Any]:
    only_here = opens_only_here(request.app.state.settings.base_url)
    return page(request, "accounts/site.html", status=status, form=form, only_here=only_here)


ROUTES = [site_page, change]
