"""The links from a provider's own page to the itineraries of their tours."""

from datetime import datetime

from outreach.bookings.own_links import OwnLink
from outreach.shared.actors import Actor
from outreach.shared.i18n import gettext as _
from outreach.shared.i18n import language
from outreach.shared.time import local_day
from outreach.tours.queries import tours_of_person
from outreach.web.wording import month_day_range

__all__ = ["tour_links"]


async def tour_links(actor: Actor, now: datetime) -> list[OwnLink]:
    """One link for each tour of the caller that is not over, the next first."""
    return [
        OwnLink(
            _("巡回"),
            _("%(name)s行程单") % {"name": tour.name},
            _("%(days)s，%(stops)s家单位")
            % {"days": month_day_range(tour.first_on, tour.last_on, language()), "stops": tour.stops},
            f"/tours/{tour.id}",
        )
        for tour in await tours_of_person(actor.person_id, local_day(now))
    ]
