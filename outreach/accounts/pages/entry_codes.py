"""Codes for many who never logged in: who they are, and the sheets to print."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import anyio
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery

from outreach.accounts.browser import AnyRequest
from outreach.accounts.commands.entry_codes import issue_entry_codes
from outreach.accounts.forms import CodesForm
from outreach.accounts.queries import organisation_by_id
from outreach.accounts.queries.never_entered import MOST_CODES, Wanted, never_entered
from outreach.accounts.slips import link_of, qr_of
from outreach.accounts.wording import role_options
from outreach.settings import Settings, opens_only_here
from outreach.shared.actors import Actor, Role
from outreach.shared.ids import id_in_path
from outreach.web.forms import parse_form, read_form
from outreach.web.templates import page

__all__ = ["ROUTES"]

STAFF = {"staff": True}
BASE = "/desk/people/entry-codes"
#: Two beside each other, four below each other on a sheet of A4.
PER_SHEET = 8


@get(BASE, opt=STAFF, include_in_schema=False)
async def choose(
    request: AnyRequest,
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    q: FromQuery[str] = "",
    role: FromQuery[str] = "",
    organisation: FromQuery[str] = "",
    renew: FromQuery[str] = "",
) -> Response[Any]:
    """Who would get one, before anything is made."""
    given = {"q": q[:100], "role": role if role in set(Role) else "", "organisation": organisation}
    wanted = _wanted(**given, renew=renew)
    of = await organisation_by_id(wanted.organisation_id) if wanted.organisation_id else None
    found = await never_entered(actor, now, wanted)
    asked = {name: value for name, value in given.items() if value}
    return page(
        request,
        "accounts/entry_codes.html",
        found=found,
        wanted={**given, "renew": wanted.renewed_at.isoformat() if wanted.renewed_at else ""},
        organisation_name=of.name if of is not None and actor.organises(of.path) else "",
        left=found.total - len(found.rows),
        most=MOST_CODES,
        roles=role_options(list(Role)),
        renewing=f"{BASE}?{urlencode({**asked, 'renew': now.isoformat()})}",
        fresh_only=f"{BASE}?{urlencode(asked)}" if asked else BASE,
    )


@post(BASE, opt=STAFF, include_in_schema=False, status_code=200)
async def issue(
    request: AnyRequest,
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    settings: NamedDependency[Settings],
) -> Response[Any]:
    """The sheets; the codes are shown on this answer and never again."""
    form = parse_form(CodesForm, await read_form(request))
    given = {"q": form.q, "role": form.role or "", "organisation": form.organisation}
    made = await issue_entry_codes(actor, now, wanted=_wanted(**given, renew=form.renew))
    links = [link_of(one.issued, settings.base_url) for one in made.codes]
    drawn = await anyio.to_thread.run_sync(lambda: [qr_of(link) for link in links])
    slips = list(zip(made.codes, links, drawn, strict=True))
    asked = {name: value for name, value in {**given, "renew": form.renew}.items() if value}
    return page(
        request,
        "accounts/slips.html",
        sheets=[slips[at : at + PER_SHEET] for at in range(0, len(slips), PER_SHEET)],
        total=len(slips),
        left=made.left,
        again=f"{BASE}?{urlencode(asked)}" if asked else BASE,
        back="/desk/people",
        only_here=opens_only_here(settings.base_url),
    )


def _wanted(*, q: str, role: str, organisation: str, renew: str) -> Wanted:
    return Wanted(
        text=q or None,
        role=Role(role) if role else None,
        organisation_id=id_in_path(organisation) if organisation else None,
        renewed_at=_moment(renew),
    )


def _moment(text: str) -> datetime | None:
    try:
        made = datetime.fromisoformat(text)
    except ValueError:
        return None
    return made if made.tzinfo is not None else None


ROUTES = [choose, issue]
