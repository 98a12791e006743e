"""The name over every page: stored once, read by every process."""

import contextlib
import time
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import msgspec

from outreach.accounts.journal import note_within
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.errors import ForbiddenError
from outreach.shared.ids import new_id
from outreach.shared.text import clean_line
from outreach.web.templates import Site

__all__ = ["change_site", "keep_site", "store_site_within", "stored_site"]

#: Other processes show a changed name so much later at most; to administrators, who change it, it is read anew.
KEPT_SECONDS = 5.0


@dataclass(slots=True)
class _Read:
    """When this process read it last, by its own clock."""

    at: float = float("-inf")


_read = _Read()


async def stored_site() -> Site | None:
    """What stands over and under every page; ``None``: nobody has said yet."""
    fact = await db.value("SELECT /* kept */ value FROM accounts_installation_fact WHERE name = 'site'")
    return msgspec.json.decode(fact, type=Site) if fact else None


async def keep_site(state: Any, actor: Actor | None) -> None:
    """Let ``state.site`` be what is stored: for an administrator as it is now, for others as of a few seconds ago.

    A database that does not answer changes nothing: the page that says so has the name of before.
    """
    if (actor is None or not actor.is_administrator) and time.monotonic() - _read.at < KEPT_SECONDS:
        return
    _read.at = time.monotonic()
    with contextlib.suppress(Exception):
        state.site = await stored_site() or Site()


async def change_site(actor: Actor, now: datetime, *, site: Site) -> None:
    """Say what stands over and under every page.

    Raises:
        ForbiddenError: the actor is no administrator.
    """
    if not actor.is_administrator:
        raise ForbiddenError
    async with db.atomic():
        await store_site_within(actor, now, site=site)


async def store_site_within(actor: Actor, now: datetime, *, site: Site) -> None:
    """Store it inside the open transaction, without asking for permission; nothing is noted when nothing changes."""
    cleaned = Site(**{name: clean_line(text) for name, text in asdict(site).items()})
    if cleaned == await stored_site():
        return
    await db.execute(
        """INSERT INTO accounts_installation_fact (name, value) VALUES ('site', $1)
           ON CONFLICT (name) DO UPDATE SET value = excluded.value""",
        msgspec.json.encode(cleaned).decode(),
    )
    await note_within(actor, now, "site.changed", "site", new_id(), facts={"name": cleaned.name})
