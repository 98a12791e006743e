"""Many sessions drafted and published at once: the rules and the rows of one by one, in statements for all of them.

A year of two thousand sessions took sixty thousand round trips one by one.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from outreach.accounts.journal import Line, note_all_within
from outreach.events.commands.checking import Surroundings, checked, surroundings_of
from outreach.events.commands.sessions import insert_drafts_within
from outreach.events.domain.drafts import SessionDraft, SessionGiven, publishing_problems
from outreach.events.domain.errors import SessionStateError
from outreach.events.domain.states import SessionState, move
from outreach.events.occupying import occupy_each_within
from outreach.events.warnings import facts_of, warnings_of_each
from outreach.events.wishes import Wish, wishes_of
from outreach.programmes.commands import lock_year
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.errors import ForbiddenError, InvalidError
from outreach.shared.ids import new_id
from outreach.shared.time import local_day

__all__ = ["create_many_within"]


async def create_many_within(
    actor: Actor, now: datetime, *, given: Sequence[SessionGiven], published: Sequence[bool]
) -> list[UUID]:
    """``create_within`` for each and ``publish_within`` for those that are ``published``, one after the other.

    The caller opened ``atomic(CLASH)``. Return the ids in the order of ``given``.

    Raises:
        ForbiddenError: the caller is no organiser.
        InvalidError: names every bad field of the first that has any.
        ClosedYearError: the year of one that is published is closed.
        ClashError: a provider or a venue of one that is published is taken, by what is stored or by one before it.
    """
    if not actor.is_staff:
        raise ForbiddenError
    around = await surroundings_of(given)
    drafts: list[tuple[UUID, SessionDraft]] = []
    publishing: list[tuple[UUID, SessionDraft]] = []
    for one, is_published in zip(given, published, strict=True):
        draft = checked(actor, one, around)
        problems = publishing_problems(draft, now) if is_published else []
        if problems:
            raise InvalidError(problems)
        drafts.append((new_id(), draft))
        if is_published:
            publishing.append(drafts[-1])
    await _lock_years_within(around, [draft for _id, draft in publishing])
    if drafts:
        await insert_drafts_within(actor, now, drafts)
    warned = await _publish_within(actor, now, publishing) if publishing else {}
    await note_all_within(actor, now, "session", _lines(drafts, warned))
    return [session_id for session_id, _draft in drafts]


async def _lock_years_within(around: Surroundings, drafts: Sequence[SessionDraft]) -> None:
    """Each year once, in the same order for everybody, before people and places are locked."""
    programmes = {(around.menu[one.event_id][0].programme_path, local_day(one.starts_at).year) for one in drafts}
    for path, year in sorted(programmes):
        await lock_year(UUID(path.rstrip("/").rsplit("/", 1)[-1]), year)


async def _publish_within(
    actor: Actor, now: datetime, publishing: Sequence[tuple[UUID, SessionDraft]]
) -> dict[UUID, list[dict[str, object]]]:
    """Tie what they tie, and publish them; return the warnings of each."""
    move(SessionState.DRAFT, SessionState.PUBLISHED)
    session_ids = [session_id for session_id, _draft in publishing]
    stored = await wishes_of(session_ids)
    wishes: list[tuple[Wish, str]] = [(stored[session_id], draft.district) for session_id, draft in publishing]
    await occupy_each_within(actor, [wish for wish, _district in wishes])
    warnings = await warnings_of_each(wishes, actor)
    updated = await db.execute(
        """UPDATE events_session
              SET state = 'published', published_at = $2, revision = revision + 1, revised_at = $2,
                  override_reason = ''
            WHERE id = ANY($1::uuid[]) AND state = 'draft'""",
        session_ids,
        now,
    )
    if updated != len(session_ids):
        raise SessionStateError(state=SessionState.DRAFT.value)
    return {session_id: facts_of(found) for session_id, found in zip(session_ids, warnings, strict=True)}


def _lines(drafts: Sequence[tuple[UUID, SessionDraft]], warned: dict[UUID, list[dict[str, object]]]) -> list[Line]:
    """Drafted, and published where that was done, session after session."""
    draft_state, published_state = SessionState.DRAFT.value, SessionState.PUBLISHED.value
    lines: list[Line] = []
    for session_id, draft in drafts:
        owner_id = draft.organisation_id
        lines.append(
            Line(action="session.drafted", object_id=session_id, organisation_id=owner_id, to_state=draft_state)
        )
        if session_id in warned:
            warnings = warned[session_id]
            lines.append(
                Line(
                    action="session.published", object_id=session_id, organisation_id=owner_id,
                    from_state=draft_state, to_state=published_state,
                    facts={"warnings": warnings} if warnings else None,
                )
            )  # fmt: skip
    return lines
