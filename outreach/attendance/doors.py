"""Doors: how people check in to a session. Made when staff or the host first ask for the poster."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from outreach.attendance.domain.doors import check_open
from outreach.attendance.domain.permissions import may_keep_list
from outreach.bookings.queries import readable_session
from outreach.events.domain.visibility import HIDDEN_HOSTS
from outreach.events.queries import SessionRow
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.errors import ForbiddenError, NotFoundError
from outreach.web.security import token_digest
from outreach.web.throttle import check_tries, count_try

__all__ = [
    "DoorRow",
    "DoorView",
    "booked_unit",
    "door_by_code",
    "door_by_token",
    "door_by_typed_code",
    "door_of",
    "kept_session",
    "units_of",
]

#: Wrong codes that one address may try in a minute; right ones are not counted: a whole hall shares one address.
WRONG_CODES, WRONG_CODES_WINDOW = 10, timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorRow:
    """``token`` is in the poster's address; ``code`` has six digits; minutes before the start and after the end."""

    id: UUID
    session_id: UUID
    token: str
    code: str
    walk_ins: bool
    opens_minutes: int
    closes_minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorView(DoorRow):
    """A door with what a worker in front of it reads of the session."""

    title: str
    state: str
    starts_at: datetime
    ends_at: datetime
    host_id: UUID | None
    host_kind: str | None
    host_name: str | None
    venue_name: str | None
    address: str
    programme_id: UUID
    programme_name: str
    real_names: bool
    owner_name: str
    provider_names: tuple[str, ...]
    year_closed: bool

    @property
    def place(self) -> str:
        """Venue and address; nothing of a barracks or a school, which a photographed poster would carry outside."""
        if self.host_kind in HIDDEN_HOSTS:
            return ""
        return " ".join(part for part in (self.venue_name or "", self.address) if part)

    def check_open(self, now: datetime) -> None:
        """Let a check-in at ``now`` pass; see ``domain.doors.check_open``."""
        check_open(
            "closed" if self.year_closed else self.state,
            self.starts_at,
            self.ends_at,
            now,
            opens_minutes=self.opens_minutes,
            closes_minutes=self.closes_minutes,
        )


_VIEW = """
SELECT d.id, d.session AS session_id, d.token, d.code, d.walk_ins, d.opens_minutes, d.closes_minutes,
       s.title, s.state, s.starts_at, s.ends_at, s.host AS host_id, h.kind AS host_kind, h.name AS host_name,
       v.name AS venue_name, s.address, s.programme AS programme_id, p.name AS programme_name, p.real_names,
       o.name AS owner_name,
       ARRAY(SELECT r.name FROM events_session_provider sp JOIN events_provider r ON r.id = sp.provider
              WHERE sp.session = s.id ORDER BY sp.position) AS provider_names,
       EXISTS (SELECT 1 FROM programmes_year y
                WHERE y.organisation = p.organisation AND y.state = 'closed'
                  AND y.year = extract(year FROM timezone('Asia/Shanghai', s.starts_at))) AS year_closed
  FROM attendance_door d JOIN events_session s ON s.id = d.session
  JOIN programmes_programme p ON p.id = s.programme JOIN accounts_organisation o ON o.id = s.organisation
  LEFT JOIN accounts_organisation h ON h.id = s.host LEFT JOIN events_venue v ON v.id = s.venue
"""


def _view(record: Any) -> DoorView:
    if record is None:
        raise NotFoundError
    return DoorView(**{**record, "provider_names": tuple(record["provider_names"])})


async def door_by_token(token: str) -> DoorView:
    """The door behind a poster's address.

    Raises:
        NotFoundError: no poster has it.
    """
    if not (token.isascii() and token.isprintable()):
        raise NotFoundError
    return _view(await db.row(_VIEW + " WHERE d.token = $1", token))


async def door_by_code(code: str, now: datetime) -> DoorView:
    """The door with a six-digit code; of several, whose sessions are over, the one next to ``now``.

    Raises:
        NotFoundError: none has it.
    """
    order = " ORDER BY s.state NOT IN ('published', 'held'), abs(extract(epoch FROM s.starts_at - $2)), d.id LIMIT 1"
    return _view(await db.row(_VIEW + " WHERE d.code = $1 AND s.state <> 'draft'" + order, code, now))


async def door_by_typed_code(typed: str, now: datetime, *, address: str) -> DoorView:
    """The door whose six digits somebody typed.

    Args:
        address: whom wrong tries count for.

    Raises:
        TooManyRequestsError: too many wrong ones from this address; a right one is not let through either.
        NotFoundError: none has it.
    """
    tries = f"checkin:address:{token_digest(address)}"
    await check_tries(tries, limit=WRONG_CODES, now=now)
    digits = "".join(ch for ch in unicodedata.normalize("NFKC", typed) if ch.isdigit() and ch.isascii())
    try:
        return await door_by_code(digits, now)
    except NotFoundError:
        await count_try(tries, limit=WRONG_CODES, window=WRONG_CODES_WINDOW, now=now)
        raise


async def door_of(session_id: UUID) -> DoorRow | None:
    """The door of a session, if it was opened."""
    found = await db.row(
        """SELECT id, session AS session_id, token, code, walk_ins, opens_minutes, closes_minutes
             FROM attendance_door WHERE session = $1""",
        session_id,
    )
    return DoorRow(**found) if found else None


async def units_of(session_id: UUID) -> list[str]:
    """Names of the units that booked a session or host it, for who types theirs."""
    found = await db.rows(
        """SELECT o.name FROM accounts_organisation o
            WHERE o.id IN (SELECT organisation FROM bookings_booking
                            WHERE session = $1 AND state IN ('pending', 'confirmed', 'attended')
                            UNION SELECT host FROM events_session WHERE id = $1)
            ORDER BY o.name""",
        session_id,
    )
    return [one["name"] for one in found]


async def booked_unit(session_id: UUID, name: str) -> UUID | None:
    """The organisation of that name among those that booked a session or host it."""
    found: UUID | None = await db.value(
        """SELECT o.id FROM accounts_organisation o
            WHERE o.id IN (SELECT organisation FROM bookings_booking
                            WHERE session = $1 AND state IN ('pending', 'confirmed', 'attended')
                            UNION SELECT host FROM events_session WHERE id = $1)
              AND o.name = $2 ORDER BY o.id LIMIT 1""",
        session_id,
        name,
    )
    return found


async def kept_session(actor: Actor, session_id: UUID) -> SessionRow:
    """The session, if the caller keeps the list of its people.

    Raises:
        NotFoundError, ForbiddenError: not the caller's.
    """
    session, _own = await readable_session(actor, session_id)
    if not may_keep_list(actor, session.facts):
        raise ForbiddenError
    return session
