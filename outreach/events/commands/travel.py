"""The table of travel times between districts, which stands above the defaults by distance."""

from datetime import datetime
from typing import Any
from uuid import UUID

from outreach.accounts.journal import note_within
from outreach.events.domain.permissions import may_keep_travel
from outreach.events.domain.travel import MOST_MINUTES, place_of
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.db import atomic
from outreach.shared.errors import FieldProblem, ForbiddenError, InvalidError, NotFoundError
from outreach.shared.ids import new_id
from outreach.shared.text import clean_line

__all__ = ["remove_travel_time", "set_travel_time"]


async def set_travel_time(actor: Actor, now: datetime, *, district_a: str, district_b: str, minutes: int) -> UUID:
    """Write down how long the way between two districts takes, in either direction; return the row's id.

    The two may be one and the same. A pair that has minutes already gets new ones, under whatever name it was written.

    Raises:
        ForbiddenError: the caller runs neither the whole tree nor a root of it.
        InvalidError: a name is missing, or the minutes are not within 0 to ``MOST_MINUTES``.
    """
    one, other = clean_line(district_a), clean_line(district_b)
    problems = [
        FieldProblem(field, "required") for field, name in (("district_a", one), ("district_b", other)) if not name
    ]
    if not 0 <= minutes <= MOST_MINUTES:
        problems.append(FieldProblem("minutes", "too-large-number", {"most": f"{MOST_MINUTES:,}"}))
    async with _as_keeper(actor):
        if problems:
            raise InvalidError(problems)
        before = await _removed_within(one, other)
        id_ = new_id()
        # The database sorts the names: its own order is what the constraint asks for.
        await db.execute(
            """INSERT INTO events_travel_time (id, district_a, district_b, minutes)
               VALUES ($1, least($2::text, $3::text), greatest($2::text, $3::text), $4)""",
            id_,
            one,
            other,
            minutes,
        )
        facts = {"districts": sorted((one, other)), "minutes": minutes, "before": before}
        await note_within(actor, now, "travel-time.set", "travel_time", id_, facts=facts)
    return id_


async def remove_travel_time(actor: Actor, now: datetime, *, district_a: str, district_b: str) -> None:
    """Go back to the default of a pair.

    Raises:
        ForbiddenError: the caller runs neither the whole tree nor a root of it.
        NotFoundError: the pair has no minutes of its own.
    """
    one, other = clean_line(district_a), clean_line(district_b)
    async with _as_keeper(actor):
        before = await _removed_within(one, other)
        if before is None:
            raise NotFoundError
        facts = {"districts": sorted((one, other)), "before": before}
        await note_within(actor, now, "travel-time.removed", "travel_time", new_id(), facts=facts)


def _as_keeper(actor: Actor) -> Any:
    if not may_keep_travel(actor):
        raise ForbiddenError
    return atomic()


async def _removed_within(one: str, other: str) -> int | None:
    """Delete what the table says of the pair, under any of its names; return the minutes it said."""
    await db.execute("LOCK TABLE events_travel_time IN SHARE ROW EXCLUSIVE MODE")
    wanted = {place_of(one), place_of(other)}
    before: int | None = None
    for row in await db.rows("SELECT id, district_a, district_b, minutes FROM events_travel_time"):
        if {place_of(row["district_a"]), place_of(row["district_b"])} == wanted:
            await db.execute("DELETE FROM events_travel_time WHERE id = $1", row["id"])
            before = row["minutes"]
    return before
