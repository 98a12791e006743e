"""Fixing a report, and withdrawing one that was fixed by mistake."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

import msgspec

from outreach.accounts.journal import note_within
from outreach.reports.data import ReportData
from outreach.reports.fixed.domain.errors import NumberTakenError, SnapshotWithdrawnError
from outreach.reports.fixed.freezing import figures_of, sessions_of
from outreach.reports.fixed.queries import SnapshotRow, readable_snapshot
from outreach.reports.jobs.asking import Asked
from outreach.reports.jobs.making import KINDS, document_of
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.db import atomic
from outreach.shared.errors import ForbiddenError, NotFoundError, UnavailableError, invalid
from outreach.shared.files import keep_bytes
from outreach.shared.ids import new_id
from outreach.shared.text import clean_line

__all__ = ["fix_report", "withdraw_snapshot"]

#: How often a report is printed anew because somebody else took its number meanwhile.
_TRIES = 5


@dataclass(frozen=True, slots=True)
class _Document:
    kind: str
    digest: str
    size_bytes: int


async def fix_report(
    actor: Actor,
    now: datetime,
    *,
    asked: Asked,
    data: ReportData,
    home: Path,
    note: str = "",
    also_within: Callable[[UUID], Awaitable[None]] | None = None,
) -> UUID:
    """Fix a report: its documents and figures stay as they are now. Returns the snapshot's id.

    The number stands in the documents, so they are made before it is taken; who comes second prints again.

    Args:
        now: when ``data`` was read.
        data: of ``asked``.
        also_within: what must be stored with it, in the same transaction.

    Raises:
        NotFoundError, ForbiddenError: the actor does not run the organisation.
        ReportPartMissingError: this machine cannot make the documents.
        UnavailableError: others were faster again and again.
    """
    if not actor.organises(asked.organisation_path):
        raise ForbiddenError if actor.evaluates(asked.organisation_path) else NotFoundError
    for _again in range(_TRIES):
        number = await _next_number(asked)
        documents = []
        for kind in KINDS:
            content = await document_of(data, kind, "full", number=number)
            documents.append(_Document(kind, await keep_bytes(home, content), len(content)))
        try:
            async with atomic():
                made = await _insert_within(actor, now, asked, data, number, clean_line(note), documents)
                if also_within is not None:
                    await also_within(made)
                return made
        except NumberTakenError:
            continue
    raise UnavailableError(retry_after=5)


async def _next_number(asked: Asked) -> int:
    found = await db.value(
        "SELECT coalesce(max(number), 0) + 1 FROM reports_snapshot WHERE organisation = $1 AND year = $2",
        asked.organisation_id,
        asked.year,
    )
    return int(found)


async def _insert_within(
    actor: Actor, now: datetime, asked: Asked, data: ReportData, number: int, note: str, documents: list[_Document]
) -> UUID:
    # One after the other, so that no number is left out and none is given twice.
    await db.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('report-number:' || $1::text || ':' || $2::text, 0))",
        str(asked.organisation_id),
        str(asked.year),
    )
    if await _next_number(asked) != number:
        raise NumberTakenError
    made = new_id()
    figures = figures_of(data)
    await db.execute(
        """INSERT INTO reports_snapshot
                  (id, organisation, year, number, as_of, programme, period, title, note, figures, sessions, known_at,
                   fixed_by, fixed_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $12)""",
        made,
        asked.organisation_id,
        asked.year,
        number,
        data.as_of,
        asked.programme,
        asked.period,
        data.title[:200],
        note,
        msgspec.json.encode(figures).decode(),
        msgspec.json.encode(sessions_of(data)).decode(),
        now,
        actor.person_id,
    )
    for one in documents:
        await db.execute(
            "INSERT INTO reports_snapshot_file (id, snapshot, kind, digest, size_bytes) VALUES ($1, $2, $3, $4, $5)",
            new_id(),
            made,
            one.kind,
            one.digest,
            one.size_bytes,
        )
    await note_within(
        actor,
        now,
        "report.fixed",
        "snapshot",
        made,
        organisation_id=asked.organisation_id,
        reason=note,
        facts={
            "year": asked.year,
            "number": number,
            "as_of": data.as_of.isoformat(),
            "programme": asked.programme,
            "period": asked.period,
            "sessions": figures.sessions,
            "visits": figures.visits,
            "digest": documents[0].digest,
        },
    )
    return made


async def withdraw_snapshot(actor: Actor, now: datetime, *, snapshot_id: UUID, reason: str) -> SnapshotRow:
    """Say that a snapshot does not stand any more, with the reason; number, figures and documents stay.

    Raises:
        NotFoundError, ForbiddenError: the actor does not run the organisation.
        SnapshotWithdrawnError: it was withdrawn before.
        InvalidError: no reason.
    """
    why = clean_line(reason)
    async with atomic():
        before = await readable_snapshot(actor, snapshot_id)
        if not actor.organises(before.organisation_path):
            raise ForbiddenError
        if not why:
            raise invalid("reason", "required")
        done = await db.execute(
            """UPDATE reports_snapshot SET withdrawn_at = $2, withdrawn_by = $3, withdrawn_reason = $4
                WHERE id = $1 AND withdrawn_at IS NULL""",
            snapshot_id,
            now,
            actor.person_id,
            why,
        )
        if not done:
            raise SnapshotWithdrawnError
        await note_within(
            actor,
            now,
            "report.withdrawn",
            "snapshot",
            snapshot_id,
            organisation_id=before.organisation_id,
            reason=why,
            facts={"year": before.year, "number": before.number},
        )
        return await readable_snapshot(actor, snapshot_id)
