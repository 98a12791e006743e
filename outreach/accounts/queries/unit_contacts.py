"""Whom to ring at a unit: its contacts with their telephones, for those who may read them."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from outreach.shared import db

__all__ = ["UnitContact", "unit_contacts"]


class UnitContact(NamedTuple):
    """A contact of a unit; ``phone`` is empty when nobody wrote it down."""

    name: str
    phone: str


async def unit_contacts(organisation_ids: Sequence[UUID], today: date) -> dict[UUID, list[UnitContact]]:
    """Those valid today of each unit, deputies last; one statement. Who asks has the right to call them."""
    found = await db.rows(
        """SELECT g.organisation, p.name, coalesce(p.phone, '') AS phone
             FROM accounts_role_grant g JOIN accounts_person p ON p.id = g.person
            WHERE g.organisation = ANY($1::uuid[]) AND g.role = 'contact' AND p.disabled_at IS NULL
              AND g.from_on <= $2 AND (g.until_on IS NULL OR g.until_on > $2)
            ORDER BY g.is_deputy, g.from_on, p.name, p.id""",
        list(organisation_ids),
        today,
    )
    by_unit: dict[UUID, list[UnitContact]] = {id_: [] for id_ in organisation_ids}
    for one in found:
        by_unit[one["organisation"]].append(UnitContact(one["name"], one["phone"]))
    return by_unit
