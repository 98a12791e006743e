"""The contact person of open bookings and orders handed over to somebody else, inside an open transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from outreach.accounts.journal import note_within
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.text import clean_line, normal_phone

__all__ = ["hand_over_contacts_within"]

_FIELDS = {"fields": ["contact_name", "contact_phone"]}


async def hand_over_contacts_within(
    actor: Actor,
    now: datetime,
    *,
    order_ids: Sequence[UUID],
    booking_ids: Sequence[UUID],
    name: str,
    phone: str,
) -> None:
    """Name somebody else as the contact person; permission was asked before, what has ended meanwhile stays.

    Orders come before bookings, each kind in the order of its ids, as everywhere.
    """
    for one in await db.rows(_ORDERS, list(order_ids), clean_line(name), normal_phone(phone), now):
        await _note(actor, now, "order", one)
    for one in await db.rows(_BOOKINGS, list(booking_ids), clean_line(name), normal_phone(phone), now):
        await _note(actor, now, "booking", one)


async def _note(actor: Actor, now: datetime, kind: str, one: Any) -> None:
    await note_within(
        actor,
        now,
        f"{kind}.changed",
        kind,
        one["id"],
        organisation_id=one["owner"],
        facts={**_FIELDS, "unit": one["unit"]},
    )


_ORDERS = """
UPDATE bookings_order q SET contact_name = $2, contact_phone = $3, changed_at = $4, revision = q.revision + 1
  FROM events_event e JOIN programmes_programme p ON p.id = e.programme, accounts_organisation u
 WHERE q.id IN (SELECT id FROM bookings_order WHERE id = ANY($1::uuid[])
                   AND state IN ('submitted', 'endorsed', 'approved', 'assigned', 'scheduled')
                 ORDER BY id FOR UPDATE)
   AND e.id = q.event AND u.id = q.organisation
RETURNING q.id, p.organisation AS owner, u.name AS unit
"""
_BOOKINGS = """
UPDATE bookings_booking b SET contact_name = $2, contact_phone = $3, changed_at = $4, revision = b.revision + 1
  FROM events_session s, accounts_organisation u
 WHERE b.id IN (SELECT id FROM bookings_booking WHERE id = ANY($1::uuid[])
                   AND state IN ('pending', 'offered', 'confirmed', 'waitlisted')
                 ORDER BY id FOR UPDATE)
   AND s.id = b.session AND u.id = b.organisation
RETURNING b.id, s.organisation AS owner, u.name AS unit
"""
