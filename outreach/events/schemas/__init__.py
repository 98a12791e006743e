"""JSON of the menu, providers, venues and sessions."""

from outreach.events.schemas.fields import patched
from outreach.events.schemas.menu import (
    EventIn,
    EventList,
    EventOut,
    EventPatch,
    ProviderIn,
    ProviderList,
    ProviderOut,
    ProviderPatch,
    VenueIn,
    VenueList,
    VenueOut,
    VenuePatch,
    event_out,
    provider_out,
    venue_out,
)
from outreach.events.schemas.sessions import OrganiserIn, OrganiserOut, SessionIn, SessionList, SessionOut, session_out

__all__ = [
    "EventIn",
    "EventList",
    "EventOut",
    "EventPatch",
    "OrganiserIn",
    "OrganiserOut",
    "ProviderIn",
    "ProviderList",
    "ProviderOut",
    "ProviderPatch",
    "SessionIn",
    "SessionList",
    "SessionOut",
    "VenueIn",
    "VenueList",
    "VenueOut",
    "VenuePatch",
    "event_out",
    "patched",
    "provider_out",
    "session_out",
    "venue_out",
]
