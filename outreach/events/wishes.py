"""What a session would tie, stored or only thought of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from outreach.shared import db
from outreach.shared.errors import NotFoundError

__all__ = ["Wish", "wish_of", "wishes_of"]


@dataclass(frozen=True, slots=True)
class Wish:
    """What a session would tie, stored or not; a rain date is tied beside the date itself.

    ``programme_year``: of the programme that is to count it; ``None``: not known.
    """

    session_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    provider_ids: tuple[UUID, ...] = ()
    venue_id: UUID | None = None
    multi_day: bool = False
    setup_minutes: int = 0
    takedown_minutes: int = 0
    rain_starts_at: datetime | None = None
    rain_ends_at: datetime | None = None
    address: str = ""
    programme_year: int | None = None

    @property
    def dates(self) -> list[tuple[datetime, datetime, bool]]:
        """Start, end and whether it is the rain date, of every date that is tied."""
        found = [(self.starts_at, self.ends_at, False)]
        if self.rain_starts_at is not None and self.rain_ends_at is not None:
            found.append((self.rain_starts_at, self.rain_ends_at, True))
        return found


_WISHES = """SELECT s.id AS session_id, s.starts_at, s.ends_at, s.venue AS venue_id, s.multi_day, s.setup_minutes,
                  s.takedown_minutes, s.rain_starts_at, s.rain_ends_at, s.address,
                  p.year AS programme_year,
                  ARRAY(SELECT provider FROM events_session_provider WHERE session = s.id) AS provider_ids
             FROM events_session s JOIN programmes_programme p ON p.id = s.programme
            WHERE s.id = ANY($1::uuid[])"""


async def wish_of(session_id: UUID) -> Wish:
    """What the stored session ties.

    Raises:
        NotFoundError: there is none.
    """
    found = await wishes_of([session_id])
    if not found:
        raise NotFoundError
    return found[session_id]


async def wishes_of(session_ids: Sequence[UUID]) -> dict[UUID, Wish]:
    """What stored sessions tie."""
    found = await db.rows(_WISHES, list(session_ids))
    return {one["session_id"]: Wish(**{**dict(one), "provider_ids": tuple(one["provider_ids"])}) for one in found}
