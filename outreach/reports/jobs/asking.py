"""What a report is asked for: of whom, which year and day, which part; checked before anything is made."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from outreach.programmes.domain.promise import year_problems
from outreach.reports.domain.errors import NoProgrammesError
from outreach.reports.domain.periods import period_asked
from outreach.reports.queries import Allowed
from outreach.shared import db
from outreach.shared.errors import FieldProblem, InvalidError
from outreach.shared.time import implausible_day, local_day

__all__ = ["Asked", "checked"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A report. ``programme``: a code, empty for all; ``period``: empty for the whole year."""

    organisation_id: UUID
    organisation_code: str
    organisation_path: str
    year: int
    as_of: date
    programme: str = ""
    period: str = ""


async def checked(
    now: datetime,
    *,
    allowed: Allowed,
    year: int,
    as_of: date | None = None,
    organisation: str = "",
    home_id: UUID | None = None,
    programme: str = "",
    period: str = "",
) -> Asked:
    """What is to be reported; two statements.

    Args:
        allowed: says of an organisation's path whether the caller may have it.
        as_of: ``None``: today, or the last day of a year that is over.
        organisation: a code; empty: the highest one with programmes of the year that is allowed, else ``home_id``. One
            without programmes of its own reports what those above it brought to it.
        period: ``2015-09``, ``2015-Q3``; empty: the year.

    Raises:
        NoProgrammesError: there is nothing to report.
        InvalidError: names every bad field.
    """
    problems = year_problems(year) + implausible_day("as_of", as_of)
    if not problems and as_of is not None and as_of.year < year:
        problems.append(FieldProblem("as_of", "as-of-outside-year", {"year": year}))
    if problems:
        raise InvalidError(problems)
    asked_period = period_asked(year, period)
    day = as_of or min(max(local_day(now), date(year, 1, 1)), date(year, 12, 31))
    owners = await db.rows(
        """SELECT o.id, o.code, o.path FROM accounts_organisation o
            WHERE CASE WHEN $2 <> '' THEN o.code = $2
                       ELSE o.id = $3 OR EXISTS (SELECT 1 FROM programmes_programme p
                                                  WHERE p.organisation = o.id AND p.year = $1) END
            ORDER BY EXISTS (SELECT 1 FROM programmes_programme p WHERE p.organisation = o.id AND p.year = $1) DESC,
                     length(o.path), o.code""",
        year,
        organisation,
        home_id,
    )
    owner = next((one for one in owners if allowed(one["path"])), None)
    if owner is None:
        if organisation:
            raise InvalidError([FieldProblem("organisation", "not-found")])
        raise NoProgrammesError(year=year)
    codes = await db.value(
        """SELECT coalesce(array_agg(DISTINCT p.code), '{}') FROM programmes_programme p
             JOIN accounts_organisation o ON o.id = p.organisation
            WHERE p.year = $1 AND (starts_with(o.path, $2) OR starts_with($2, o.path))""",
        year,
        owner["path"],
    )
    if not codes:
        raise NoProgrammesError(year=year)
    if programme and programme not in codes:
        raise InvalidError([FieldProblem("programme", "not-found")])
    return Asked(
        organisation_id=owner["id"],
        organisation_code=owner["code"],
        organisation_path=owner["path"],
        year=year,
        as_of=day,
        programme=programme,
        period="" if asked_period.is_year else asked_period.code,
    )
