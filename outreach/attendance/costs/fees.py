"""领取表: fees that are paid out against a signature, by whom they are paid to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from outreach.attendance.costs.domain.capitals import capitals
from outreach.shared import db

__all__ = ["MOST_FEES", "FeeLine", "Payee", "fees_of_programme", "fees_of_session", "payees_of"]

#: Lines of one sheet: more than anybody prints at once.
MOST_FEES = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeLine:
    """One fee: what for, when, how long. ``cancelled``: the session did not take place and the fee is due."""

    provider_id: UUID | None
    name: str
    session_id: UUID
    title: str
    kind: str
    starts_at: datetime
    cancelled: bool
    half_hours: int | None
    amount_fen: int
    source: str
    note: str


@dataclass(frozen=True, slots=True)
class Payee:
    """Who signs for some fees; the name is empty where the fee names nobody, and is written in by hand."""

    name: str
    lines: tuple[FeeLine, ...]

    @property
    def fen(self) -> int:
        return sum(one.amount_fen for one in self.lines)

    @property
    def in_capitals(self) -> str:
        return capitals(self.fen)


_FEES = """SELECT c.provider AS provider_id, coalesce(r.name, '') AS name, s.id AS session_id, s.title, s.kind,
       s.starts_at, s.state = 'cancelled' AS cancelled, c.half_hours, c.amount_fen, c.source, c.note
  FROM attendance_cost c JOIN events_session s ON s.id = c.session LEFT JOIN events_provider r ON r.id = c.provider
 WHERE c.kind = 'fee' AND c.removed_at IS NULL AND """


async def fees_of_session(session_id: UUID) -> list[FeeLine]:
    """The fees of one session, also before it takes place: the sheet is signed there."""
    rows = await db.rows(f"{_FEES} s.id = $1 ORDER BY c.created_at, c.id LIMIT $2", session_id, MOST_FEES)
    return [FeeLine(**one) for one in rows]


async def fees_of_programme(programme_id: UUID, start: datetime, end: datetime) -> list[FeeLine]:
    """Fees of the programme's sessions that started in ``[start, end)``: held, closed, or cancelled with a fee due."""
    rows = await db.rows(
        f"""{_FEES} s.programme = $1 AND s.starts_at >= $2 AND s.starts_at < $3
               AND s.state IN ('held', 'closed', 'cancelled')
             ORDER BY s.starts_at, s.id, c.created_at, c.id LIMIT $4""",
        programme_id,
        start,
        end,
        MOST_FEES,
    )
    return [FeeLine(**one) for one in rows]


def payees_of(lines: Sequence[FeeLine]) -> list[Payee]:
    """One payee for each provider, in the order of their first fee; a fee that names nobody stands alone."""
    by_payee: dict[object, list[FeeLine]] = {}
    for number, one in enumerate(lines):
        by_payee.setdefault(one.provider_id or number, []).append(one)
    return [Payee(own[0].name, tuple(own)) for own in by_payee.values()]
