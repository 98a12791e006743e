"""What sessions lack before they are closed; one statement."""

from collections.abc import Sequence
from uuid import UUID

from outreach.attendance.closing.domain.closing import missing
from outreach.shared import db

__all__ = ["missing_of"]


async def missing_of(session_ids: Sequence[UUID]) -> dict[UUID, tuple[str, ...]]:
    """Keys of ``MISSING_WORDS`` that each session lacks; every id asked for that exists is a key."""
    found = await db.rows(
        """SELECT s.id, p.confidential, coalesce(r.remarks, '') AS remarks,
                  EXISTS (SELECT 1 FROM attendance_headcount h WHERE h.session = s.id)
                  OR EXISTS (SELECT 1 FROM attendance_attendee a WHERE a.session = s.id AND a.present) AS visits,
                  ARRAY(SELECT DISTINCT e.kind::text FROM attendance_evidence e
                         WHERE e.session = s.id AND e.removed_at IS NULL) AS kinds
             FROM events_session s JOIN programmes_programme p ON p.id = s.programme
             LEFT JOIN attendance_record r ON r.session = s.id
            WHERE s.id = ANY($1::uuid[])""",
        list(session_ids),
    )
    return {
        one["id"]: missing(
            visits=one["visits"], kinds=one["kinds"], remarks=one["remarks"], confidential=one["confidential"]
        )
        for one in found
    }
