"""Create, change and take back openings. Limits of programmes and years are the programmes' own."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from outreach.bookings.openings.counting import places_taken
from outreach.events.commands.openings import (
    change_opening_within,
    create_opening_within,
    delete_opening_within,
    locked_opening_within,
)
from outreach.events.domain.openings import OpeningDraft, OpeningInUseError, kept_problems
from outreach.events.openings import Opened, OpeningRow, things_of
from outreach.shared.actors import Actor
from outreach.shared.db import Conflicts, atomic
from outreach.shared.errors import InvalidError

__all__ = ["change_opening", "create_opening", "delete_opening"]

_IN_USE: Conflicts = {
    "bookings_booking_opening_fkey": OpeningInUseError,
    "bookings_order_opening_fkey": OpeningInUseError,
}


async def create_opening(actor: Actor, now: datetime, *, draft: OpeningDraft) -> UUID:
    """Let sessions and menu items of a programme be booked, claimed and ordered through an opening only.

    Raises:
        ForbiddenError: the caller does not run the programme's owner.
        InvalidError: names every bad field.
    """
    async with atomic():
        return await create_opening_within(actor, now, draft=draft)


async def change_opening(
    actor: Actor,
    now: datetime,
    *,
    opening_id: UUID,
    changed: Callable[[OpeningRow, Opened], OpeningDraft],
    revision: int | None = None,
) -> int:
    """Write an opening anew; return its new revision. What came through it stays.

    Args:
        changed: what the stored opening is to become; its programme stays.
        revision: the one that the caller read; ``None``: whatever it is.

    Raises:
        NotFoundError, ForbiddenError: not the caller's.
        StaleError: it was changed since.
        InvalidError: names every bad field; fewer places than are taken.
    """
    async with atomic():
        opening = await locked_opening_within(actor, opening_id, revision=revision)
        draft = changed(opening, (await things_of([opening_id]))[opening_id])
        new_revision = await change_opening_within(actor, now, opening=opening, draft=draft)
        if problems := kept_problems(draft.facts, (await places_taken([opening_id]))[opening_id]):
            raise InvalidError(problems)
    return new_revision


async def delete_opening(actor: Actor, now: datetime, *, opening_id: UUID, revision: int | None = None) -> None:
    """Take an opening back through which nothing went: its sessions can be booked by everybody again.

    Raises:
        NotFoundError, ForbiddenError: not the caller's.
        StaleError: it was changed since ``revision``.
        OpeningInUseError: bookings or orders went through it.
    """
    async with atomic(_IN_USE):
        opening = await locked_opening_within(actor, opening_id, revision=revision)
        await delete_opening_within(actor, now, opening=opening)
