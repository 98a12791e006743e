"""What is kept in stock: one more item, and what it is called."""

from datetime import datetime
from uuid import UUID

from outreach.accounts.journal import note_within
from outreach.accounts.queries import organisation_by_id
from outreach.materials.commands.stock import CONFLICTS, locked_item
from outreach.materials.domain.permissions import may_keep
from outreach.materials.queries import ItemRow, item_by_id
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.db import atomic
from outreach.shared.errors import StaleError, invalid
from outreach.shared.ids import new_id
from outreach.shared.text import clean_line

__all__ = ["add_item", "change_item"]


async def add_item(
    actor: Actor,
    now: datetime,
    *,
    organisation_id: UUID,
    name: str,
    unit: str,
    note: str = "",
    form_key: UUID | None = None,
) -> UUID:
    """A new item with an empty stock; the same ``form_key`` again returns the item that it made.

    Raises:
        InvalidError: names every bad field.
    """
    async with atomic(CONFLICTS):
        owner = await organisation_by_id(organisation_id)
        if owner is None or not may_keep(actor, owner.path):
            raise invalid("organisation_id", "not-found")
        known = await db.value(
            "SELECT id FROM materials_item WHERE form_key = $1 AND organisation = $2", form_key, organisation_id
        )
        if form_key is not None and known is not None:
            return UUID(str(known))
        made = new_id()
        await db.execute(
            """INSERT INTO materials_item
                      (id, organisation, name, unit, note, stock, reserved, form_key, created_by, created_at, revision)
               VALUES ($1, $2, $3, $4, $5, 0, 0, $6, $7, $8, 1)""",
            made,
            organisation_id,
            clean_line(name),
            clean_line(unit),
            clean_line(note),
            form_key,
            actor.person_id,
            now,
        )
        await note_within(
            actor, now, "material.added", "material", made,
            organisation_id=organisation_id, facts={"title": clean_line(name)},
        )  # fmt: skip
        return made


async def change_item(
    actor: Actor, now: datetime, *, item_id: UUID, name: str, unit: str, note: str = "", revision: int | None = None
) -> ItemRow:
    """Call an item something else; its unit stays once anything was moved, since figures were entered in it.

    Raises:
        NotFoundError: not the caller's item.
        StaleError: it was changed since ``revision``.
        InvalidError: names ``unit``.
    """
    async with atomic():
        item = await locked_item(actor, item_id)
        if revision is not None and revision != item.revision:
            raise StaleError(revision=item.revision)
        after = (clean_line(name), clean_line(unit), clean_line(note))
        if after == (item.name, item.unit, item.note):
            return item
        moved = await db.value("SELECT 1 FROM materials_movement WHERE item = $1 LIMIT 1", item_id)
        if after[1] != item.unit and moved:
            raise invalid("unit", "unit-in-use", unit=item.unit)
        await db.execute(
            "UPDATE materials_item SET name = $2, unit = $3, note = $4, revision = revision + 1 WHERE id = $1",
            item_id,
            *after,
        )
        facts = {"title": after[0], "from": [item.name, item.unit, item.note], "to": list(after)}
        await note_within(
            actor, now, "material.changed", "material", item_id, organisation_id=item.organisation_id, facts=facts
        )
        return await item_by_id(item_id)
