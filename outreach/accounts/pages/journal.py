"""The journal: who did what to which object, when, why."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from outreach.accounts import queries
from outreach.accounts.browser import AnyRequest
from outreach.accounts.queries import JournalRow
from outreach.accounts.wording import action_text, field_text, object_kinds, state_text
from outreach.shared.actors import Actor
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path
from outreach.web.templates import page
from outreach.web.wording import FILTERS

__all__ = ["ROUTES"]

PER_PAGE = 50


@get("/desk/journal", opt={"staff": True}, include_in_schema=False)
async def journal_page(
    request: AnyRequest,
    actor: NamedDependency[Actor],
    q: FromQuery[str] = "",
    kind: FromQuery[str] = "",
    object: FromQuery[str] = "",
    after: FromQuery[str] = "",
) -> Response[Any]:
    """Newest first, of the part of the tree that the actor runs."""
    wanted = {"q": q[:100], "kind": kind[:30], "object": object}
    found = await queries.journal(
        actor,
        text=wanted["q"] or None,
        object_kind=wanted["kind"] or None,
        object_id=id_in_path(object) if object else None,
        limit=PER_PAGE,
        after=after or None,
    )
    given = {name: value for name, value in wanted.items() if value}
    return page(
        request,
        "accounts/journal.html",
        rows=found.items,
        wanted=wanted,
        kinds=object_kinds(),
        action_text=action_text,
        state_text=state_text,
        href=_href,
        fields_text=lambda row: [field_text(name) for name in row.facts.get("fields", ())],
        turned=_turned,
        paging={
            "total": found.total,
            "after": f"/desk/journal?{urlencode({**given, 'after': found.next})}" if found.next else None,
            "first": f"/desk/journal?{urlencode(given)}" if after else None,
        },
    )


#: After these the object has no page any more.
_GONE = frozenset({"opening.deleted"})
_PLACES = {
    "organisation": "/desk/organisations/{}",
    "person": "/desk/people/{}",
    "session": "/desk/sessions/{}",
    "booking": "/bookings/{}",
    "order": "/desk/orders?order={}#order",
    "opening": "/desk/openings/{}/edit",
    "programme": "/desk/programmes/{}",
    "event": "/desk/events/{}/edit",
    "provider": "/desk/providers/{}/edit",
    "venue": "/desk/venues/{}/edit",
    "snapshot": "/desk/reports/fixed/{}",
}


def _href(row: JournalRow) -> str | None:
    place = _PLACES.get(row.object_kind)
    return place.format(row.object_id) if place and row.action not in _GONE else None


def _turned(row: JournalRow) -> tuple[str, str] | None:
    """What stood before and what stands now, where a line tells it: times, people, places in a queue."""
    before, after = (_words(row.facts.get(name)) for name in ("from", "to"))
    return (before, after) if before and after and before != after else None


def _words(fact: Any) -> str:
    if isinstance(fact, list) and all(isinstance(one, str) for one in fact):
        return str(FILTERS["joined"](fact))
    if isinstance(fact, int):
        return _("第%(place)s位") % {"place": fact}
    try:
        return str(FILTERS["when_text"](datetime.fromisoformat(fact), None, year=False))
    except (TypeError, ValueError):
        return ""


ROUTES = [journal_page]
