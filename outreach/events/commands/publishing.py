"""Publish a draft, with what speaks against it weighed."""

from datetime import datetime
from uuid import UUID

from outreach.accounts.journal import note_within
from outreach.events.commands.sessions import locked_within, refuse_assigned, refuse_closed_year
from outreach.events.domain.drafts import publishing_problems
from outreach.events.domain.errors import SessionStateError
from outreach.events.domain.states import SessionState, move
from outreach.events.occupying import CLASH, occupy_within
from outreach.events.queries import SessionRow, draft_of, session_by_id
from outreach.events.warnings import facts_of, refuse_without_reason, warnings_of_session
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.db import atomic
from outreach.shared.errors import InvalidError
from outreach.shared.text import clean_line

__all__ = ["publish_session", "publish_within"]


async def publish_session(
    actor: Actor,
    now: datetime,
    *,
    session_id: UUID,
    revision: int | None = None,
    override_reason: str = "",
    strict: bool = False,
) -> SessionRow:
    """Publish a draft: from now on it is seen, can be booked, and ties its providers and its venue.

    Warnings stand in the journal with the reason why they were set aside; the session keeps the reason.

    Args:
        strict: ask for that reason where there is something to set aside.

    Raises:
        NotFoundError: there is none for this caller.
        ForbiddenError: the caller sees it and does not run it.
        SessionStateError: it is no draft, or the draft of an order, which its provider's answer publishes.
        StaleError: it was changed since.
        InvalidError: it has begun, or has no place and cannot be claimed.
        NeedsReasonError: ``strict``, and there are warnings and no reason.
        ClosedYearError: its year is closed.
        ClashError: a provider or the venue is taken; the session stays a draft.
    """
    async with atomic(CLASH) as _connection:
        return await publish_within(
            actor, now, session_id=session_id, revision=revision, override_reason=override_reason, strict=strict
        )


async def publish_within(
    actor: Actor,
    now: datetime,
    *,
    session_id: UUID,
    revision: int | None = None,
    override_reason: str = "",
    strict: bool = False,
) -> SessionRow:
    """``publish_session`` inside the open transaction, which the caller opened as ``atomic(CLASH)``."""
    session = await locked_within(actor, session_id, revision=revision)
    refuse_assigned(session)
    move(SessionState(session.state), SessionState.PUBLISHED)
    problems = publishing_problems(draft_of(session), now)
    if problems:
        raise InvalidError(problems)
    await refuse_closed_year(session.programme_id, session.starts_at)
    await occupy_within(actor, session_id)
    reason = clean_line(override_reason)
    warnings = await warnings_of_session(session, actor)
    if strict:
        refuse_without_reason(warnings, reason)
    updated = await db.execute(
        """UPDATE events_session
              SET state = 'published', published_at = $2, revision = revision + 1, revised_at = $2,
                  override_reason = $3
            WHERE id = $1 AND state = 'draft'""",
        session_id,
        now,
        reason,
    )
    if not updated:
        raise SessionStateError(state=session.state)
    await note_within(
        actor, now, "session.published", "session", session_id,
        organisation_id=session.organisation_id, from_state=session.state, to_state=SessionState.PUBLISHED.value,
        reason=reason, facts={"warnings": facts_of(warnings)} if warnings else None,
    )  # fmt: skip
    return await session_by_id(session_id)
