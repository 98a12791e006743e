"""Days on which a provider is away. They warn whoever plans; what is tied already stays tied."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from outreach.accounts.journal import note_within
from outreach.events.domain.drafts import absence_problems
from outreach.events.domain.permissions import may_keep
from outreach.events.domain.warnings import Absence
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.db import atomic
from outreach.shared.errors import InvalidError, NotFoundError, invalid
from outreach.shared.ids import new_id
from outreach.shared.text import clean_line

__all__ = ["add_absence", "remove_absence", "write_absences_within"]

MOST_ABSENCES = 100


async def add_absence(actor: Actor, now: datetime, *, provider_id: UUID, absence: Absence) -> None:
    """Write down days on which the provider is away.

    Raises:
        NotFoundError: there is none for this caller.
        InvalidError: the days are in the wrong order or implausible, or there are too many absences.
    """
    problems = absence_problems(absence)
    if problems:
        raise InvalidError(problems)
    async with atomic() as _connection:
        organisation_id = await _changed(actor, provider_id)
        number = await db.value("SELECT count(*) FROM events_provider_absence WHERE provider = $1", provider_id)
        if number >= MOST_ABSENCES:
            raise invalid("from_on", "too-many-absences", most=MOST_ABSENCES)
        await write_absences_within(provider_id, (absence,), now)
        await note_within(
            actor, now, "provider.absence-added", "provider", provider_id, organisation_id=organisation_id,
            facts={"from_on": absence.from_on.isoformat(), "until_on": absence.until_on.isoformat()},
        )  # fmt: skip


async def remove_absence(actor: Actor, now: datetime, *, provider_id: UUID, from_on: date, until_on: date) -> None:
    """Take an absence back.

    Raises:
        NotFoundError: there is no such provider for this caller, or it is not away on exactly those days.
    """
    async with atomic() as _connection:
        organisation_id = await _changed(actor, provider_id)
        removed = await db.execute(
            "DELETE FROM events_provider_absence WHERE provider = $1 AND from_on = $2 AND until_on = $3",
            provider_id,
            from_on,
            until_on,
        )
        if not removed:
            raise NotFoundError
        await note_within(
            actor, now, "provider.absence-removed", "provider", provider_id, organisation_id=organisation_id,
            facts={"from_on": from_on.isoformat(), "until_on": until_on.isoformat()},
        )  # fmt: skip


async def write_absences_within(provider_id: UUID, absences: Sequence[Absence], now: datetime) -> None:
    """Add rows; the caller holds the lock of the provider."""
    for one in absences:
        await db.execute(
            """INSERT INTO events_provider_absence (id, provider, from_on, until_on, reason, created_at)
               VALUES ($1, $2, $3, $4, $5, $6)""",
            new_id(),
            provider_id,
            one.from_on,
            one.until_on,
            clean_line(one.reason),
            now,
        )


async def _changed(actor: Actor, provider_id: UUID) -> UUID:
    """Lock the provider for its keeper and raise its revision; return whose it is."""
    found = await db.row(
        """SELECT r.organisation, o.path FROM events_provider r JOIN accounts_organisation o ON o.id = r.organisation
            WHERE r.id = $1 FOR NO KEY UPDATE OF r""",
        provider_id,
    )
    if found is None or not may_keep(actor, found["path"]):
        raise NotFoundError
    await db.execute("UPDATE events_provider SET revision = revision + 1 WHERE id = $1", provider_id)
    return UUID(str(found["organisation"]))
