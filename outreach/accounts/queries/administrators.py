"""Whether the installation has been set up: somebody may do everything."""

from dataclasses import dataclass
from datetime import datetime

from outreach.shared import db
from outreach.shared.time import local_day

__all__ = ["has_administrator", "nobody_yet"]


@dataclass(slots=True)
class _Known:
    """What this process has seen; the last administrator cannot go, so it is asked until there is one."""

    has_one: bool = False


_known = _Known()


async def has_administrator(now: datetime) -> bool:
    """Whether somebody may do everything."""
    found = await db.value(
        """SELECT 1 FROM accounts_role_grant g JOIN accounts_person p ON p.id = g.person
            WHERE g.role = 'administrator' AND (g.until_on IS NULL OR g.until_on > $1) AND p.disabled_at IS NULL
            LIMIT 1""",
        local_day(now),
    )
    return found is not None


async def nobody_yet(now: datetime) -> bool:
    """Whether a visitor is to be shown how the first administrator is made; asks nothing once there is one."""
    if not _known.has_one:
        _known.has_one = await has_administrator(now)
    return not _known.has_one
