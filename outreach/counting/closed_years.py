"""What a closed year keeps of its figures that is not in its sessions and entries: who its lecturers were.

Inside the transaction that closes or opens the year; permission was asked before.
"""

from uuid import UUID

from outreach.shared import db

__all__ = ["keep_lecturers_within", "release_lecturers_within"]


async def keep_lecturers_within(organisation_id: UUID, year: int) -> None:
    """Keep who the lecturers of each programme are: who leaves the menu later was one of that year all the same."""
    await db.execute(
        """INSERT INTO counting_closed_programme (programme, lecturers)
           SELECT p.id, ARRAY(SELECT DISTINCT r.id FROM events_event e JOIN events_event_provider ep ON ep.event = e.id
                                JOIN events_provider r ON r.id = ep.provider AND r.kind = 'lecturer' AND r.active
                               WHERE e.programme = p.id ORDER BY r.id)
             FROM programmes_programme p WHERE p.organisation = $1 AND p.year = $2
           ON CONFLICT (programme) DO UPDATE SET lecturers = excluded.lecturers""",
        organisation_id,
        year,
    )


async def release_lecturers_within(organisation_id: UUID, year: int) -> None:
    """Count the lecturers of the year again as they are today."""
    await db.execute(
        """DELETE FROM counting_closed_programme
            WHERE programme IN (SELECT id FROM programmes_programme WHERE organisation = $1 AND year = $2)""",
        organisation_id,
        year,
    )
