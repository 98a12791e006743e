"""Writes around closing: the remarks, and evidence handed in and taken away."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

from outreach.accounts.journal import note_within
from outreach.attendance.closing.domain.errors import EvidenceFullError, StaffOnlyError
from outreach.attendance.closing.domain.evidence import EVIDENCE_WORDS, MOST_FILES, kinds_for, may_hand_in, shown_name
from outreach.attendance.closing.queries import EvidenceRow, RecordRow, evidence_by_id, evidence_of, records_of
from outreach.attendance.closing.records import remark_within
from outreach.attendance.domain.errors import NotStartedError
from outreach.attendance.queries import year_is_closed
from outreach.bookings.queries import readable_session
from outreach.events.commands import locked_within
from outreach.events.domain.errors import SessionStateError
from outreach.events.domain.states import SessionState
from outreach.events.domain.visibility import may_manage
from outreach.events.queries import SessionRow
from outreach.programmes.domain.errors import ClosedYearError
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.db import atomic
from outreach.shared.errors import FieldProblem, ForbiddenError, InvalidError, invalid
from outreach.shared.files import Incoming, StoredFile, store_files
from outreach.shared.ids import new_id
from outreach.shared.text import clean_line
from outreach.shared.time import local, local_day

__all__ = ["MOST_AT_ONCE", "add_evidence", "readable_evidence_session", "remark_session", "remove_evidence"]

#: Files of one hand-in: read one after the other, never all in memory.
MOST_AT_ONCE = 20
_TAKING = (SessionState.PUBLISHED, SessionState.HELD, SessionState.CLOSED)


async def remark_session(actor: Actor, now: datetime, *, session_id: UUID, remarks: str) -> RecordRow | None:
    """Say what is to be said of a session (情况说明) from its start until it is closed.

    Returns:
        the record; ``None``: nothing was ever said.

    Raises:
        NotFoundError, ForbiddenError: not the caller's session.
        SessionStateError: it is neither published nor held.
        NotStartedError: it has not begun.
        ClosedYearError: its year is closed.
    """
    async with atomic():
        session = await locked_within(actor, session_id)
        if session.state not in (SessionState.PUBLISHED, SessionState.HELD):
            raise SessionStateError(state=session.state)
        if now < session.starts_at:
            raise NotStartedError(starts_at=local(session.starts_at).isoformat())
        if await year_is_closed(session):
            raise ClosedYearError(year=local_day(session.starts_at).year)
        await remark_within(actor, now, session, remarks.strip())
        return (await records_of([session_id])).get(session_id)


async def readable_evidence_session(actor: Actor, session_id: UUID) -> SessionRow:
    """The session, for who hands in its evidence and reads it: staff who run it, the contact of its host.

    Raises:
        NotFoundError, ForbiddenError: not the caller's.
    """
    session, _own = await readable_session(actor, session_id)
    if not may_hand_in(actor, session.facts):
        raise ForbiddenError
    return session


async def add_evidence(
    actor: Actor,
    now: datetime,
    *,
    session_id: UUID,
    kind: str,
    files: Sequence[Incoming],
    note: str = "",
    reason: str = "",
    home: Path,
) -> list[EvidenceRow]:
    """Keep files of a session that has begun: all of them or none; one that stands there in this kind stays as it is.

    Each file is written before the rows that name it, so that a row never points at nothing.

    Args:
        reason: mandatory once the session is closed.
        home: ``OUTREACH_HOME``.

    Returns:
        the rows of the files given, in the order of the session's list.

    Raises:
        NotFoundError, ForbiddenError: not the caller's session.
        SessionStateError: it is a draft or cancelled.
        NotStartedError: it has not begun.
        StaffOnlyError: its year is closed, and the caller does not run it.
        EvidenceFullError: there would be more than ``MOST_FILES``.
        InvalidError: names ``kind``, ``reason``, ``files`` or ``files.<number>``.
    """
    session = await readable_evidence_session(actor, session_id)
    await _refuse_unless_taking(actor, now, session, reason)
    _check(kind, files, confidential=session.confidential)
    stored = await store_files(home, files)
    async with atomic():
        session = await _locked_within(actor, now, session_id, reason)
        _check(kind, files, confidential=session.confidential)
        added = await _insert_within(actor, now, session, kind, stored, clean_line(note))
        if added:
            await _note_within(actor, now, "evidence.added", session, reason, {"kind": kind, "files": added})
        digests = {one.digest for one, _name in stored}
        standing = (await evidence_of([session_id]))[session_id]
        if len(standing) > MOST_FILES:
            raise EvidenceFullError(most=MOST_FILES)
        return [one for one in standing if one.kind == kind and one.digest in digests]


async def remove_evidence(
    actor: Actor, now: datetime, *, session_id: UUID, evidence_id: UUID, reason: str
) -> EvidenceRow:
    """Take one file away, with the reason; a host's contact only what its own unit handed in. The bytes stay.

    Raises:
        NotFoundError, ForbiddenError: not the caller's session or file, or it is gone already.
        SessionStateError, NotStartedError, StaffOnlyError: as for adding.
        InvalidError: names ``reason``.
    """
    await readable_evidence_session(actor, session_id)
    if not clean_line(reason):
        raise invalid("reason", "required")
    async with atomic():
        session = await _locked_within(actor, now, session_id, reason)
        before = await evidence_by_id(session_id, evidence_id)
        if not may_manage(actor, session.facts) and before.organisation_id != session.host_id:
            raise ForbiddenError
        await db.execute(
            """UPDATE attendance_evidence SET removed_at = $2, removed_by = $3, removed_reason = $4
                WHERE id = $1 AND removed_at IS NULL""",
            evidence_id,
            now,
            actor.person_id,
            clean_line(reason),
        )
        await _note_within(
            actor, now, "evidence.removed", session, reason, {"kind": before.kind, "digest": before.digest}
        )
    return before


async def _locked_within(actor: Actor, now: datetime, session_id: UUID, reason: str) -> SessionRow:
    """The session, locked against closing and other hand-ins, if its evidence may be changed now."""
    await db.execute("SELECT 1 FROM events_session WHERE id = $1 FOR NO KEY UPDATE", session_id)
    session = await readable_evidence_session(actor, session_id)
    await _refuse_unless_taking(actor, now, session, reason)
    return session


async def _refuse_unless_taking(actor: Actor, now: datetime, session: SessionRow, reason: str) -> None:
    if session.state not in _TAKING:
        raise SessionStateError(state=session.state)
    if now < session.starts_at:
        raise NotStartedError(starts_at=local(session.starts_at).isoformat())
    year_closed = await year_is_closed(session)
    if year_closed and not may_manage(actor, session.facts):
        raise StaffOnlyError(year=local_day(session.starts_at).year)
    if (session.state == SessionState.CLOSED or year_closed) and not clean_line(reason):
        raise invalid("reason", "late-needs-reason")


def _check(kind: str, files: Sequence[Incoming], *, confidential: bool) -> None:
    problems = []
    if kind not in kinds_for(confidential=confidential):
        refused = "not-for-confidential" if kind in EVIDENCE_WORDS else "not-one-of"
        problems.append(FieldProblem("kind", refused, {"options": list(kinds_for(confidential=confidential))}))
    if not files:
        problems.append(FieldProblem("files", "required"))
    if len(files) > MOST_AT_ONCE:
        problems.append(FieldProblem("files", "too-many-items", {"most": MOST_AT_ONCE, "count": len(files)}))
    if problems:
        raise InvalidError(problems)


async def _insert_within(
    actor: Actor, now: datetime, session: SessionRow, kind: str, files: Sequence[tuple[StoredFile, str]], note: str
) -> int:
    """The rows of files that do not stand there yet; return how many."""
    unit = None if may_manage(actor, session.facts) else session.host_id
    added = 0
    for one, name in files:
        added += await db.execute(
            """INSERT INTO attendance_evidence
                      (id, session, kind, digest, media_type, size_bytes, name, note, organisation, created_by,
                       created_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
               ON CONFLICT (session, kind, digest) WHERE removed_at IS NULL DO NOTHING""",
            new_id(),
            session.id,
            kind,
            one.digest,
            one.media_type,
            one.size_bytes,
            shown_name(name),
            note,
            unit,
            actor.person_id,
            now,
        )
    return added


async def _note_within(
    actor: Actor, now: datetime, action: str, session: SessionRow, reason: str, facts: dict[str, object]
) -> None:
    await note_within(
        actor,
        now,
        action,
        "session",
        session.id,
        organisation_id=session.organisation_id,
        reason=clean_line(reason),
        facts=facts,
    )
