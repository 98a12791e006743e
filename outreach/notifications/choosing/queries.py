"""What a person has chosen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from outreach.shared import db

__all__ = ["Chosen", "chosen_by"]


@dataclass(frozen=True, slots=True)
class Chosen:
    """An address and its state, ways by topic, quiet hours (minutes after midnight; ``None``: never chosen)."""

    email: str
    email_confirmed_at: datetime | None
    has_phone: bool
    locale: str
    choices: Mapping[tuple[str, str], bool]
    quiet: tuple[int, int] | None

    @property
    def by_mail(self) -> bool:
        return bool(self.email) and self.email_confirmed_at is not None


async def chosen_by(person_id: UUID) -> Chosen | None:
    """Everything in one statement; ``None``: there is no such person."""
    found = await db.row(
        """SELECT coalesce(p.email, '') AS email, p.email_confirmed_at, coalesce(p.phone, '') <> '' AS has_phone,
                  p.locale, q.from_minute, q.until_minute,
                  (SELECT array_agg(c.topic || ' ' || c.channel || ' ' || c.wanted::int)
                     FROM notifications_choice c WHERE c.person = p.id) AS choices
             FROM accounts_person p LEFT JOIN notifications_quiet_hours q ON q.person = p.id WHERE p.id = $1""",
        person_id,
    )
    if found is None:
        return None
    choices: dict[tuple[str, str], bool] = {}
    for one in found["choices"] or ():
        topic, channel, wanted = one.split(" ")
        choices[topic, channel] = wanted == "1"
    quiet = None if found["from_minute"] is None else (found["from_minute"], found["until_minute"])
    return Chosen(found["email"], found["email_confirmed_at"], found["has_phone"], found["locale"], choices, quiet)
