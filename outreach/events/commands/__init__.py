"""What changes the menu, providers, venues and sessions.

Functions ending in ``_within`` join the transaction of the caller, which locked the session's row first.
"""

from outreach.events.commands.absences import add_absence, remove_absence
from outreach.events.commands.many import create_many_within
from outreach.events.commands.menu import add_event, change_event
from outreach.events.commands.publishing import publish_session
from outreach.events.commands.resources import add_provider, add_venue, change_provider, change_venue
from outreach.events.commands.sessions import (
    change_draft,
    create_session,
    create_within,
    locked_within,
    recheck_within,
    refuse_assigned,
    refuse_closed_past,
    refuse_closed_year,
    store_within,
)
from outreach.events.commands.travel import remove_travel_time, set_travel_time
from outreach.events.occupying import (
    CLASH,
    lock_resources_within,
    occupy_within,
    release_rain_within,
    release_within,
    revise_within,
)

__all__ = [
    "CLASH",
    "add_absence",
    "add_event",
    "add_provider",
    "add_venue",
    "change_draft",
    "change_event",
    "change_provider",
    "change_venue",
    "create_many_within",
    "create_session",
    "create_within",
    "lock_resources_within",
    "locked_within",
    "occupy_within",
    "publish_session",
    "recheck_within",
    "refuse_assigned",
    "refuse_closed_past",
    "refuse_closed_year",
    "release_rain_within",
    "release_within",
    "remove_absence",
    "remove_travel_time",
    "revise_within",
    "set_travel_time",
    "store_within",
]
