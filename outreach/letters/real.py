"""Real content for trying a template: the menu of this year, the last opening, the next session at a unit's site."""

from datetime import datetime
from typing import Any

from outreach.bookings.queries import contact_phone_of
from outreach.events.openings import openings_page
from outreach.events.queries import SESSION_SQL, SessionRow, session_row
from outreach.letters import content
from outreach.letters.domain.kinds import Kind
from outreach.letters.forms import ConfirmationForm, MenuForm, OpeningForm
from outreach.letters.stored import own_organisation
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.errors import invalid
from outreach.shared.time import local_day

__all__ = ["hosted_sessions", "real_context"]


async def hosted_sessions(actor: Actor, now: datetime, *, most: int) -> list[SessionRow]:
    """The next published sessions at a unit's site that the caller runs."""
    found = await db.rows(
        f"""{SESSION_SQL} WHERE s.state = 'published' AND s.host IS NOT NULL AND s.starts_at > $1
               AND EXISTS (SELECT 1 FROM unnest($2::text[]) mine WHERE starts_with(o.path, mine))
             ORDER BY s.starts_at, s.id LIMIT $3""",  # noqa: S608 - our own words
        now,
        list(actor.organised_paths),
        most,
    )
    return [session_row(one) for one in found]


async def real_context(actor: Actor, now: datetime, kind: Kind, *, base_url: str) -> dict[str, Any]:
    """What a letter of this kind would say now.

    Raises:
        InvalidError: there is nothing to write about yet.
    """
    asking: dict[str, Any] = {"contact_name": actor.name, "contact_phone": await contact_phone_of(actor.person_id)}
    if kind.paper == "menu":
        form = MenuForm(year=local_day(now).year, **asking)
        items = await content.menu_items(actor, form.year)
        if items:
            issuer = await own_organisation(actor)
            return content.menu_context(items, form, issuer=issuer, now=now, base_url=base_url)
    elif kind.paper == "opening":
        for opening in (await openings_page(actor, managed=True, limit=1)).items:
            return await content.opening_context(opening, OpeningForm(**asking), now=now, base_url=base_url)
    else:
        for session in await hosted_sessions(actor, now, most=1):
            name, phone, people = await content.host_contact_of(session)
            needs = await content.needs_of(session)
            letter = ConfirmationForm(host_contact=name, host_phone=phone, audience=people, needs=needs, **asking)
            issuer_name = await content.owner_of(session.organisation_id)
            return content.confirmation_context(session, letter, issuer=issuer_name, now=now, base_url=base_url)
    raise invalid("text" if kind.is_text else "file", "nothing-real")
