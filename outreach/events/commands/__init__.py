"""What changes the menu, providers, venues and sessions.

Functions ending in ``_within`` join the transaction of the caller, which locked the session's row first.
"""

from outreach.events.commands.menu import (
    add_event,
    add_provider,
    add_venue,
    change_event,
    change_provider,
    change_venue,
)
from outreach.events.commands.sessions import (
    change_draft,
    create_session,
    create_within,
    locked_within,
    publish_session,
    recheck_within,
    store_within,
)
from outreach.events.occupying import CLASH, occupy_within, release_within, revise_within

__all__ = [
    "CLASH",
    "add_event",
    "add_provider",
    "add_venue",
    "change_draft",
    "change_event",
    "change_provider",
    "change_venue",
    "create_session",
    "create_within",
    "locked_within",
    "occupy_within",
    "publish_session",
    "recheck_within",
    "release_within",
    "revise_within",
    "store_within",
]
