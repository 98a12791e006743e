"""What is kept beside a round: scans of the signed list, sessions that work with what was given."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from outreach.accounts.journal import note_within
from outreach.attendance.closing.commands import MOST_AT_ONCE
from outreach.attendance.closing.domain.evidence import MOST_FILES, shown_name
from outreach.materials.commands.rounds import needed
from outreach.materials.domain.errors import RoundStateError, ScansFullError
from outreach.materials.domain.permissions import may_keep
from outreach.materials.domain.states import RoundState
from outreach.materials.queries import RoundRow, kept_round, round_by_id
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.db import atomic
from outreach.shared.errors import ForbiddenError, NotFoundError, invalid
from outreach.shared.files import Incoming, StoredFile, store_files
from outreach.shared.ids import new_id
from outreach.shared.text import clean_line

__all__ = [
    "FollowUpRow",
    "ScanRow",
    "add_scans",
    "follow_ups_of",
    "link_session",
    "linkable_sessions",
    "remove_scan",
    "scan_by_id",
    "scans_of",
    "unlink_session",
]

_TAKING = (RoundState.CONFIRMED, RoundState.HANDED_OUT)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanRow:
    """One scan of a signed list."""

    id: UUID
    digest: str
    media_type: str
    size_bytes: int
    name: str
    note: str
    created_by_name: str
    created_at: datetime

    @property
    def is_picture(self) -> bool:
        return self.media_type.startswith("image/")


_SCAN = """SELECT s.id, s.digest, s.media_type, s.size_bytes, s.name, s.note,
       coalesce(who.name, '') AS created_by_name, s.created_at
  FROM materials_scan s LEFT JOIN accounts_person who ON who.id = s.created_by
 WHERE s.round = $1 AND s.removed_at IS NULL"""


async def scans_of(round_id: UUID) -> list[ScanRow]:
    """The standing scans of a round, oldest first."""
    return [ScanRow(**one) for one in await db.rows(f"{_SCAN} ORDER BY s.created_at, s.id", round_id)]


async def scan_by_id(round_id: UUID, scan_id: UUID) -> ScanRow:
    """One standing scan of a round.

    Raises:
        NotFoundError: there is none.
    """
    found = await db.row(f"{_SCAN} AND s.id = $2", round_id, scan_id)
    if found is None:
        raise NotFoundError
    return ScanRow(**found)


async def add_scans(
    actor: Actor, now: datetime, *, round_id: UUID, files: Sequence[Incoming], note: str = "", home: Path
) -> int:
    """Keep scans of the signed list (发放签收表), all or none; one that stands there already stays as it is.

    Each file is written before the row that names it. Also in a closed year: a scan is no figure.

    Returns:
        how many were added.

    Raises:
        NotFoundError, ForbiddenError: not the caller's round.
        RoundStateError: nothing was decided yet, or it was cancelled.
        ScansFullError: there would be more than ``MOST_FILES``.
        InvalidError: names ``files`` or ``files.<number>``.
    """
    row = await kept_round(actor, round_id)
    _refuse_unless_taking(row)
    if not files:
        raise invalid("files", "required")
    if len(files) > MOST_AT_ONCE:
        raise invalid("files", "too-many-items", most=MOST_AT_ONCE, count=len(files))
    stored = await store_files(home, files)
    async with atomic():
        row = await _locked(actor, round_id)
        _refuse_unless_taking(row)
        added = 0
        for one, name in stored:
            added += await _insert(actor, now, round_id, one, name, clean_line(note))
        standing = await db.value(
            "SELECT count(*) FROM materials_scan WHERE round = $1 AND removed_at IS NULL", round_id
        )
        if standing > MOST_FILES:
            raise ScansFullError(most=MOST_FILES)
        if added:
            await _note(actor, now, "scanned", row, files=added)
    return added


async def _insert(actor: Actor, now: datetime, round_id: UUID, one: StoredFile, name: str, note: str) -> int:
    return await db.execute(
        """INSERT INTO materials_scan
                  (id, round, digest, media_type, size_bytes, name, note, created_by, created_at, removed_reason)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '')
           ON CONFLICT (round, digest) WHERE removed_at IS NULL DO NOTHING""",
        new_id(),
        round_id,
        one.digest,
        one.media_type,
        one.size_bytes,
        shown_name(name),
        note,
        actor.person_id,
        now,
    )


async def remove_scan(actor: Actor, now: datetime, *, round_id: UUID, scan_id: UUID, reason: str) -> None:
    """Take a scan away, with the reason; the bytes stay.

    Raises:
        NotFoundError, ForbiddenError: not the caller's round, or no such scan.
        InvalidError: names ``reason``.
    """
    said = needed("reason", reason)
    async with atomic():
        row = await _locked(actor, round_id)
        before = await scan_by_id(round_id, scan_id)
        await db.execute(
            """UPDATE materials_scan SET removed_at = $2, removed_by = $3, removed_reason = $4
                WHERE id = $1 AND removed_at IS NULL""",
            scan_id,
            now,
            actor.person_id,
            said,
        )
        await _note(actor, now, "scan_removed", row, said, digest=before.digest)


def _refuse_unless_taking(row: RoundRow) -> None:
    if row.state not in _TAKING:
        raise RoundStateError(state=row.state, scope="undecided" if row.state is RoundState.GATHERED else "")


async def _locked(actor: Actor, round_id: UUID) -> RoundRow:
    """The round, held until the end of the transaction; its year may be closed."""
    await kept_round(actor, round_id)
    await db.execute("SELECT 1 FROM materials_round WHERE id = $1 FOR NO KEY UPDATE", round_id)
    row = await round_by_id(round_id)
    if not may_keep(actor, row.organisation_path):
        raise ForbiddenError
    return row


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpRow:
    """A session of the round's programme; its figures are counted with the programme's, not here."""

    id: UUID
    title: str
    kind: str
    starts_at: datetime
    state: str
    host_name: str
    host_id: UUID | None


_SESSION = """SELECT s.id, s.title, s.kind, s.starts_at, s.state, coalesce(h.name, '') AS host_name, s.host AS host_id
  FROM events_session s LEFT JOIN accounts_organisation h ON h.id = s.host"""


async def follow_ups_of(round_id: UUID) -> list[FollowUpRow]:
    """The sessions linked to a round, in time order."""
    found = await db.rows(
        f"""{_SESSION} JOIN materials_follow_up f ON f.session = s.id
            WHERE f.round = $1 ORDER BY s.starts_at, s.id""",
        round_id,
    )
    return [FollowUpRow(**one) for one in found]


async def linkable_sessions(row: RoundRow, *, limit: int = 200) -> list[FollowUpRow]:
    """Sessions of the round's programme that are not linked to it, the latest first."""
    found = await db.rows(
        f"""{_SESSION} WHERE s.programme = $2 AND s.state <> 'cancelled'
              AND NOT EXISTS (SELECT 1 FROM materials_follow_up f WHERE f.session = s.id AND f.round = $1)
            ORDER BY s.starts_at DESC, s.id LIMIT $3""",  # noqa: S608
        row.id,
        row.programme_id,
        limit,
    )
    return [FollowUpRow(**one) for one in found]


async def link_session(actor: Actor, now: datetime, *, round_id: UUID, session_id: UUID) -> None:
    """A session follows up the round: 集中学习, 操作训练, 技能竞赛. Linked again it changes nothing.

    Raises:
        NotFoundError, ForbiddenError: not the caller's round.
        RoundStateError: the round was cancelled.
        InvalidError: no such session of the round's programme; names ``session_id``.
    """
    async with atomic():
        row = await _locked(actor, round_id)
        if row.state is RoundState.CANCELLED:
            raise RoundStateError(state=row.state)
        title = await db.value(
            "SELECT title FROM events_session WHERE id = $1 AND programme = $2 AND state <> 'cancelled'",
            session_id,
            row.programme_id,
        )
        if title is None:
            raise invalid("session_id", "not-found")
        added = await db.execute(
            """INSERT INTO materials_follow_up (id, round, session, created_by, created_at)
               VALUES ($1, $2, $3, $4, $5) ON CONFLICT (round, session) DO NOTHING""",
            new_id(),
            round_id,
            session_id,
            actor.person_id,
            now,
        )
        if added:
            await _note(actor, now, "linked", row, session=title)


async def unlink_session(actor: Actor, now: datetime, *, round_id: UUID, session_id: UUID) -> None:
    """The session no longer belongs to the round; it stays, and the journal keeps that it did.

    Raises:
        NotFoundError, ForbiddenError: not the caller's round, or the session is not linked.
    """
    async with atomic():
        row = await _locked(actor, round_id)
        title = await db.value("SELECT title FROM events_session WHERE id = $1", session_id)
        gone = await db.execute(
            "DELETE FROM materials_follow_up WHERE round = $1 AND session = $2", round_id, session_id
        )
        if not gone:
            raise NotFoundError
        await _note(actor, now, "unlinked", row, session=title)


async def _note(actor: Actor, now: datetime, verb: str, row: RoundRow, reason: str = "", **facts: Any) -> None:
    await note_within(
        actor, now, f"material_round.{verb}", "material_round", row.id, organisation_id=row.organisation_id,
        reason=reason, facts={"title": row.title, **facts},
    )  # fmt: skip
