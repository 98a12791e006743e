"""Who runs the round that a message is about: its staff ring who cannot be reached, its own words are said."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from outreach.notifications.parts import Addressed
from outreach.shared import db

__all__ = ["owners_of_rounds"]


async def owners_of_rounds(messages: Sequence[Addressed]) -> Mapping[UUID, UUID]:
    """The owner of what each round gives; one statement, none where no message is about a round."""
    rounds = [one for one in messages if one.object_kind == "material_round"]
    if not rounds:
        return {}
    found = await db.rows(
        """SELECT given.id, i.organisation AS owner
             FROM unnest($1::uuid[], $2::uuid[]) AS given (id, round)
             JOIN materials_round r ON r.id = given.round JOIN materials_item i ON i.id = r.item""",
        [one.delivery_id for one in rounds],
        [one.object_id for one in rounds],
    )
    return {one["id"]: one["owner"] for one in found}
