"""The logins and tokens of a person."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from outreach.shared import db

__all__ = ["ApiTokenRow", "LoginRow", "api_tokens_of", "logins_of"]


@dataclass(frozen=True, slots=True)
class LoginRow:
    """A browser that is logged in."""

    id: UUID
    device: str
    created_at: datetime
    seen_at: datetime


async def logins_of(person_id: UUID, now: datetime) -> list[LoginRow]:
    """The browsers in which the person is logged in now, last seen first."""
    found = await db.rows(
        """SELECT id, device, created_at, seen_at FROM accounts_login
            WHERE person = $1 AND revoked_at IS NULL AND expires_at > $2 ORDER BY seen_at DESC, id DESC LIMIT 100""",
        person_id,
        now,
    )
    return [LoginRow(**row) for row in found]


@dataclass(frozen=True, slots=True)
class ApiTokenRow:
    """A token of a person that is in force."""

    id: UUID
    name: str
    created_at: datetime
    used_on: date | None


async def api_tokens_of(person_id: UUID) -> list[ApiTokenRow]:
    """The person's tokens in force, newest first."""
    found = await db.rows(
        """SELECT id, name, created_at, used_on FROM accounts_api_token
            WHERE person = $1 AND revoked_at IS NULL ORDER BY id DESC LIMIT 200""",
        person_id,
    )
    return [ApiTokenRow(**row) for row in found]
