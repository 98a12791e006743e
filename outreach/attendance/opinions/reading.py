"""Who reads what attendees said of a session, and from how many answers on."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from outreach.attendance.domain.permissions import may_keep_list, may_read_pseudonyms
from outreach.attendance.opinions.domain.opinions import LEAST_FOR_STAFF, LEAST_TO_SHOW, OpinionSummary, shown_from
from outreach.attendance.opinions.queries import (
    OpinionWords,
    check_ins_of_sessions,
    opinions_of_sessions,
    words_of_sessions,
)
from outreach.bookings.queries import readable_session
from outreach.events.domain.visibility import SessionFacts
from outreach.events.queries import SessionRow, session_by_id
from outreach.shared.actors import Actor
from outreach.shared.errors import ForbiddenError

__all__ = ["SessionOpinions", "least_for", "opinions_for"]

#: More words than anybody reads.
MOST_SHOWN = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOpinions:
    """What one reader may know of a session.

    ``summary``: without marks where fewer than ``least`` answered; ``None``: nobody did. ``check_ins``: who could.
    """

    session: SessionRow
    least: int
    check_ins: int
    summary: OpinionSummary | None
    words: Sequence[OpinionWords]

    @property
    def answers(self) -> int:
        return self.summary.answers if self.summary else 0

    @property
    def missing(self) -> int:
        """How many answers are wanting before anything else is shown."""
        return max(self.least - self.answers, 0)

    @property
    def return_rate(self) -> float | None:
        """回收率, 0 to 1; ``None`` without check-ins, or where some were taken back after answering."""
        return self.answers / self.check_ins if 0 < self.answers <= self.check_ins else None


def least_for(actor: Actor, facts: SessionFacts) -> int | None:
    """From how many answers on the actor reads more than their number; ``None``: not even that."""
    if may_keep_list(actor, facts) or may_read_pseudonyms(actor, facts):
        return LEAST_FOR_STAFF
    return LEAST_TO_SHOW if actor.is_provider and actor.person_id in facts.provider_person_ids else None


def _reads_words(actor: Actor, session: SessionRow) -> bool:
    """Words may name somebody: evaluators, who read pseudonyms, read marks and what to change only."""
    return may_keep_list(actor, session.facts) or not may_read_pseudonyms(actor, session.facts)


async def opinions_for(actor: Actor, session_id: UUID) -> SessionOpinions:
    """What the actor may know of what attendees said of a session.

    Raises:
        NotFoundError, ForbiddenError: not for this caller.
    """
    session = await session_by_id(session_id)
    least = least_for(actor, session.facts)
    if least is None:
        await readable_session(actor, session_id)
        raise ForbiddenError
    said = (await opinions_of_sessions([session_id])).get(session_id)
    reads = _reads_words(actor, session)
    return SessionOpinions(
        session=session,
        least=least,
        check_ins=(await check_ins_of_sessions([session_id])).get(session_id, 0),
        summary=shown_from(said, least) if said else None,
        words=await words_of_sessions([session_id], limit=MOST_SHOWN, least=least) if reads else [],
    )
