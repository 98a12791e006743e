"""Reads of requests: what waits for staff."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from outreach.accounts.requests.domain.rules import may_decide, sees_unmatched
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.errors import NotFoundError

__all__ = ["MOST_SHOWN", "RequestRow", "inbox", "request_for", "waiting_requests"]

#: The inbox shows the oldest that wait; it is worked off, not leafed through.
MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A request as the staff see it who decide on it. ``unit`` as typed; ``organisation_*`` the unit of that name."""

    id: UUID
    unit: str
    organisation_id: UUID | None
    organisation_name: str | None
    path: str | None
    contacts: int
    name: str
    phone: str
    note: str
    state: str
    reason: str
    person_id: UUID | None
    created_at: datetime
    decided_at: datetime | None
    decided_by_name: str | None

    @property
    def is_waiting(self) -> bool:
        return self.state == "waiting"


_REQUEST = """
SELECT q.id, q.unit, q.organisation AS organisation_id, o.name AS organisation_name, o.path, q.name, q.phone, q.note,
       q.state, q.reason, q.person AS person_id, q.created_at, q.decided_at, d.name AS decided_by_name,
       (SELECT count(DISTINCT g.person) FROM accounts_role_grant g
         WHERE g.organisation = q.organisation AND g.role = 'contact' AND g.until_on IS NULL) AS contacts
  FROM accounts_contact_request q LEFT JOIN accounts_organisation o ON o.id = q.organisation
  LEFT JOIN accounts_person d ON d.id = q.decided_by
"""
_MINE = "((q.organisation IS NULL AND $2) OR o.path LIKE ANY($1::text[]))"


async def inbox(actor: Actor, *, waiting: bool) -> list[RequestRow]:
    """What waits for ``actor``, the oldest first; or what was decided of late, the latest first."""
    order = "q.created_at" if waiting else "q.decided_at DESC"
    wanted = "q.state = 'waiting'" if waiting else "q.state <> 'waiting'"
    found = await db.rows(
        _REQUEST + f" WHERE {_MINE} AND {wanted} ORDER BY {order}, q.id LIMIT $3",
        [f"{path}%" for path in actor.organised_paths],
        sees_unmatched(actor),
        MOST_SHOWN,
    )
    return [RequestRow(**row) for row in found]


async def waiting_requests(actor: Actor) -> int:
    """How many wait for ``actor``."""
    number: int = await db.value(
        f"""SELECT count(*) FROM accounts_contact_request q LEFT JOIN accounts_organisation o ON o.id = q.organisation
             WHERE {_MINE} AND q.state = 'waiting'""",  # noqa: S608 - no value of anybody's in it
        [f"{path}%" for path in actor.organised_paths],
        sees_unmatched(actor),
    )
    return number


async def request_for(actor: Actor, request_id: UUID) -> RequestRow:
    """One that ``actor`` decides on or decided on.

    Raises:
        NotFoundError: there is none for this caller.
    """
    row = await db.row(_REQUEST + " WHERE q.id = $1", request_id)
    if row is None or not may_decide(actor, row["path"]):
        raise NotFoundError
    return RequestRow(**row)
