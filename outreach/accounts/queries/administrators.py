"""Whether the installation has been set up: somebody may do everything, or could once."""

from dataclasses import dataclass
from datetime import datetime

from outreach.shared import db
from outreach.shared.time import local_day

__all__ = ["had_administrator", "has_administrator", "nobody_yet"]


@dataclass(slots=True)
class _Known:
    """What this process has seen; once there was an administrator that stays so."""

    has_one: bool = False


_known = _Known()


async def has_administrator(now: datetime) -> bool:
    """Whether somebody may do everything today."""
    found = await db.value(
        """SELECT 1 FROM accounts_role_grant g JOIN accounts_person p ON p.id = g.person
            WHERE g.role = 'administrator' AND (g.until_on IS NULL OR g.until_on > $1) AND p.disabled_at IS NULL
            LIMIT 1""",
        local_day(now),
    )
    return found is not None


async def had_administrator() -> bool:
    """Whether there was an administrator at any time: one whose role is over or who was disabled counts.

    The start code is the same for ever, and may lie on a printout. It opens an installation before its first
    administrator, and never again.
    """
    return await db.value("SELECT 1 FROM accounts_role_grant WHERE role = 'administrator' LIMIT 1") is not None


async def nobody_yet() -> bool:
    """Whether a visitor is to be shown how the first administrator is made; asks nothing once there was one."""
    if not _known.has_one:
        _known.has_one = await had_administrator()
    return not _known.has_one
