"""Questions about evidence and about what is said of a session when it is closed; one statement each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from outreach.attendance.queries import CorrectionRow, correction_row
from outreach.shared import db
from outreach.shared.errors import NotFoundError

__all__ = ["EvidenceRow", "RecordRow", "corrections_of_sessions", "evidence_by_id", "evidence_of", "records_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRow:
    """One file; ``organisation_id`` is the unit that handed it in, ``None``: staff did."""

    id: UUID
    session_id: UUID
    kind: str
    digest: str
    media_type: str
    size_bytes: int
    name: str
    note: str
    organisation_id: UUID | None
    organisation_name: str
    created_by_name: str
    created_at: datetime

    @property
    def is_picture(self) -> bool:
        return self.media_type.startswith("image/")


_EVIDENCE = """SELECT e.id, e.session AS session_id, e.kind, e.digest, e.media_type, e.size_bytes, e.name, e.note,
       e.organisation AS organisation_id, coalesce(o.name, '') AS organisation_name,
       coalesce(who.name, '') AS created_by_name, e.created_at
  FROM attendance_evidence e LEFT JOIN accounts_organisation o ON o.id = e.organisation
  LEFT JOIN accounts_person who ON who.id = e.created_by
 WHERE e.removed_at IS NULL"""


async def evidence_of(session_ids: Sequence[UUID]) -> dict[UUID, list[EvidenceRow]]:
    """The standing evidence of each session, oldest first; every id asked for is a key."""
    by_session: dict[UUID, list[EvidenceRow]] = {id_: [] for id_ in session_ids}
    found = await db.rows(f"{_EVIDENCE} AND e.session = ANY($1::uuid[]) ORDER BY e.created_at, e.id", list(by_session))
    for one in found:
        by_session[one["session_id"]].append(EvidenceRow(**one))
    return by_session


async def evidence_by_id(session_id: UUID, evidence_id: UUID) -> EvidenceRow:
    """One standing file of a session.

    Raises:
        NotFoundError: there is none.
    """
    found = await db.row(f"{_EVIDENCE} AND e.session = $1 AND e.id = $2", session_id, evidence_id)
    if found is None:
        raise NotFoundError
    return EvidenceRow(**found)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRow:
    """What is said of a session: ``remarks`` 情况说明; ``missing_reason``: why it was closed without what is asked."""

    session_id: UUID
    remarks: str
    missing_reason: str
    changed_at: datetime
    revision: int


async def corrections_of_sessions(session_ids: Sequence[UUID]) -> list[CorrectionRow]:
    """The corrections of all these sessions, oldest first."""
    found = await db.rows(
        """SELECT c.id, c.session AS session_id, c.field, c."on", c.old_value, c.new_value, c.reason,
                  coalesce(p.name, '') AS corrected_by_name, c.corrected_at
             FROM attendance_correction c LEFT JOIN accounts_person p ON p.id = c.corrected_by
            WHERE c.session = ANY($1::uuid[]) ORDER BY c.corrected_at, c.id""",
        list(session_ids),
    )
    return [correction_row(one) for one in found]


async def records_of(session_ids: Sequence[UUID]) -> dict[UUID, RecordRow]:
    """The record of each session that has one."""
    found = await db.rows(
        """SELECT session AS session_id, remarks, missing_reason, changed_at, revision
             FROM attendance_record WHERE session = ANY($1::uuid[])""",
        list(session_ids),
    )
    return {one["session_id"]: RecordRow(**one) for one in found}
