"""五、问题与来年安排: what the organiser writes into the report of an organisation and year."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from outreach.accounts.journal import note_within
from outreach.programmes.domain.permissions import may_change_programme, may_read_programme
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.errors import ForbiddenError, NotFoundError, StaleError
from outreach.shared.ids import new_id

__all__ = ["NOTHING_WRITTEN", "ReportTextRow", "text_of", "write_text"]


@dataclass(frozen=True, slots=True)
class ReportTextRow:
    """What stands written; paragraphs are lines. ``revision`` 0: nobody wrote anything yet."""

    problems: str = ""
    plans: str = ""
    changed_by_name: str = ""
    changed_at: datetime | None = None
    revision: int = 0


NOTHING_WRITTEN = ReportTextRow()


async def text_of(organisation_id: UUID, year: int) -> ReportTextRow:
    """The text of exactly this organisation."""
    row = await db.row(
        """SELECT t.problems, t.plans, coalesce(p.name, '') AS changed_by_name, t.changed_at, t.revision
             FROM reports_text t LEFT JOIN accounts_person p ON p.id = t.changed_by
            WHERE t.organisation = $1 AND t.year = $2""",
        organisation_id,
        year,
    )
    return ReportTextRow(**row) if row else NOTHING_WRITTEN


async def write_text(
    actor: Actor,
    now: datetime,
    *,
    organisation_id: UUID,
    year: int,
    problems: str,
    plans: str,
    expected_revision: int | None = None,
) -> ReportTextRow:
    """Write the text, or write it again; the same once more changes nothing. A closed year does not matter: figures
    are closed, words about them are not, and a fixed report keeps its own.

    Args:
        expected_revision: of the text that the caller saw, 0 for none; ``None``: not asked.

    Raises:
        NotFoundError, ForbiddenError: not for this caller.
        StaleError: somebody else wrote meanwhile.
    """
    problems, plans = _clean(problems), _clean(plans)
    async with db.atomic():
        path = await db.value("SELECT path FROM accounts_organisation WHERE id = $1 FOR NO KEY UPDATE", organisation_id)
        if path is None or not may_read_programme(actor, path):
            raise NotFoundError
        if not may_change_programme(actor, path):
            raise ForbiddenError
        before = await text_of(organisation_id, year)
        if (before.problems, before.plans) == (problems, plans):
            return before
        if expected_revision is not None and expected_revision != before.revision:
            raise StaleError
        await db.execute(
            """INSERT INTO reports_text AS t (id, organisation, year, problems, plans, changed_by, changed_at, revision)
               VALUES ($1, $2, $3, $4, $5, $6, $7, 1)
               ON CONFLICT (organisation, year) DO UPDATE
                  SET problems = EXCLUDED.problems, plans = EXCLUDED.plans, changed_by = EXCLUDED.changed_by,
                      changed_at = EXCLUDED.changed_at, revision = t.revision + 1""",
            new_id(),
            organisation_id,
            year,
            problems,
            plans,
            actor.person_id,
            now,
        )
        await note_within(
            actor,
            now,
            "report.written",
            "organisation",
            organisation_id,
            organisation_id=organisation_id,
            facts={"year": year, "characters": len(problems) + len(plans)},
        )
        return await text_of(organisation_id, year)


def _clean(text: str) -> str:
    """Lines without outer blanks, empty ones left out."""
    return "\n".join(line.strip() for line in text.replace("\r", "\n").split("\n") if line.strip())
