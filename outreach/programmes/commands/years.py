"""What an organisation says of a year: its notice, its limits, what is released to everybody."""

from datetime import date, datetime
from uuid import UUID

from outreach.accounts.queries import organisation_by_id
from outreach.programmes.commands.programmes import changeable_within, noted_within, refuse
from outreach.programmes.commands.storing import CONFLICTS, year_within
from outreach.programmes.domain.permissions import may_change_programme, may_read_programme
from outreach.programmes.domain.promise import year_problems
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.errors import ForbiddenError, NotFoundError, StaleError, invalid
from outreach.shared.time import implausible_day, local_day

__all__ = ["change_year", "release_public_figures", "set_limits"]


async def change_year(
    actor: Actor,
    now: datetime,
    *,
    organisation_id: UUID,
    year: int,
    title: str,
    document: str,
    submissions_due: date | None,
    max_per_organisation: int | None,
) -> None:
    """Set what the notice of an organisation's year says, making the year when it is new.

    Args:
        max_per_organisation: bookings, claims and orders of one unit in the year, of all its programmes; ``None``: no
            limit.

    Raises:
        NotFoundError: the actor may not know the organisation.
        ForbiddenError: the actor does not run it.
        ClosedYearError: the year is closed.
        InvalidError: names the bad field.
    """
    refuse(year_problems(year) + implausible_day("submissions_due", submissions_due))
    async with db.atomic(CONFLICTS):
        await _may_run(actor, organisation_id)
        year_id = await year_within(organisation_id, year, now, title=title)
        await db.execute(
            """UPDATE programmes_year SET title = $2, document = $3, submissions_due = $4, max_per_organisation = $5
                WHERE id = $1""",
            year_id,
            title,
            document,
            submissions_due,
            max_per_organisation,
        )
        await noted_within(actor, now, "year.changed", year_id, organisation_id, {"year": year}, kind="year")


async def set_limits(
    actor: Actor,
    now: datetime,
    *,
    programme_id: UUID,
    per_programme: int | None,
    per_year: int | None,
    expected_revision: int | None = None,
) -> None:
    """Set how many bookings, claims and orders one unit may have; what it has already stays.

    Args:
        per_programme: of this programme; ``None``: no limit.
        per_year: of all programmes of its organisation and year; ``None``: no limit.

    Raises:
        NotFoundError, ForbiddenError, ClosedYearError: as for any change of a programme.
        StaleError: the programme is not at ``expected_revision`` any more.
    """
    async with db.atomic(CONFLICTS):
        before = await changeable_within(actor, programme_id)
        if expected_revision is not None and expected_revision != before.revision:
            raise StaleError
        await db.execute(
            "UPDATE programmes_programme SET max_per_organisation = $2, revision = revision + 1 WHERE id = $1",
            programme_id,
            per_programme,
        )
        year_id = await year_within(before.organisation_id, before.year, now, title="")
        await db.execute("UPDATE programmes_year SET max_per_organisation = $2 WHERE id = $1", year_id, per_year)
        facts = {"code": before.code, "year": before.year, "per_programme": per_programme, "per_year": per_year}
        await noted_within(actor, now, "programme.changed", programme_id, before.organisation_id, facts)


async def release_public_figures(
    actor: Actor, now: datetime, *, organisation_id: UUID, year: int, as_of: date | None
) -> None:
    """Let everybody see the figures of the year as of a day that is past; ``None`` takes them back.

    Raises:
        NotFoundError: no such year, or the actor may not know the organisation.
        ForbiddenError: the actor does not run it.
        InvalidError: the day is not in the year, or not past.
    """
    if as_of is not None and as_of.year != year:
        raise invalid("as_of", "not-in-year", year=year)
    if as_of is not None and as_of > local_day(now):
        raise invalid("as_of", "in-the-future")
    async with db.atomic(CONFLICTS):
        await _may_run(actor, organisation_id)
        row = await db.row(
            "UPDATE programmes_year SET released_as_of = $3 WHERE organisation = $1 AND year = $2 RETURNING id",
            organisation_id,
            year,
            as_of,
        )
        if row is None:
            raise NotFoundError
        facts = {"year": year, "as_of": as_of.isoformat() if as_of else None}
        await noted_within(actor, now, "year.released", row["id"], organisation_id, facts, kind="year")


async def _may_run(actor: Actor, organisation_id: UUID) -> None:
    found = await organisation_by_id(organisation_id)
    if found is None or not may_read_programme(actor, found.path):
        raise NotFoundError
    if not may_change_programme(actor, found.path):
        raise ForbiddenError
