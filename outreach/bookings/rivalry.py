"""What helps an organiser to decide between units that want the same seats; one statement each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from outreach.bookings.queries import BookingRow
from outreach.shared import db

__all__ = ["Contest", "contests", "newcomers_of", "seats_left_of"]


@dataclass(frozen=True, slots=True)
class Contest:
    """Bookings of one session that wait for an answer, the oldest first; ``seats_left`` ``None``: not limited.

    Those that wait hold their seats already: ``seats_left`` is what is free beyond them.
    """

    first: BookingRow
    bookings: tuple[BookingRow, ...]
    seats_left: int | None

    @property
    def seats(self) -> int:
        return sum(one.seats for one in self.bookings)


def contests(
    found: Iterable[BookingRow],
    rivals: Mapping[UUID, Sequence[BookingRow]],
    seats_left: Mapping[UUID, int | None],
    decided: Iterable[UUID],
) -> list[Contest]:
    """The sessions of ``found`` in their order, each with all that wait there.

    Args:
        decided: sessions that the reader decides about; of others only the bookings found are shown.
    """
    by_session: dict[UUID, list[BookingRow]] = {}
    for one in found:
        by_session.setdefault(one.session_id, []).append(one)
    mine = set(decided)
    return [
        Contest(own[0], tuple(rivals.get(id_, own) if id_ in mine else own), seats_left.get(id_))
        for id_, own in by_session.items()
    ]


async def seats_left_of(session_ids: Sequence[UUID]) -> dict[UUID, int | None]:
    """Free seats by session; ``None``: not limited."""
    found = await db.rows(
        "SELECT id, capacity - seats_taken AS free FROM events_session WHERE id = ANY($1::uuid[])", list(session_ids)
    )
    return {one["id"]: one["free"] for one in found}


async def newcomers_of(organisation_ids: Sequence[UUID]) -> frozenset[UUID]:
    """Those that never took part in a session that was held, neither as host nor by a booking or an order joined."""
    if not organisation_ids:
        return frozenset()
    found = await db.rows(
        """SELECT wanted.id FROM unnest($1::uuid[]) wanted(id)
            WHERE NOT EXISTS (SELECT 1 FROM bookings_booking b
                               WHERE b.organisation = wanted.id AND b.state = 'attended')
              AND NOT EXISTS (SELECT 1 FROM events_session s WHERE s.host = wanted.id AND s.state IN ('held', 'closed'))
              AND NOT EXISTS (SELECT 1 FROM bookings_order_unit x JOIN bookings_order q ON q.id = x.order_id
                               WHERE x.organisation = wanted.id AND q.state IN ('fulfilled', 'reviewed'))""",
        list(organisation_ids),
    )
    return frozenset(one["id"] for one in found)
