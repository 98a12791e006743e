"""Which reports can be asked for: years, organisations, programmes."""

from collections.abc import Callable
from dataclasses import dataclass

from outreach.reports.data import Owner
from outreach.shared import db

__all__ = ["Allowed", "Choice", "choices_of", "owners_of", "report_years"]

#: Says of an organisation's path whether the caller reads its figures.
Allowed = Callable[[str], bool]

_MOST_CHOICES = 400


@dataclass(frozen=True, slots=True)
class Choice:
    """A programme that a report can be limited to."""

    code: str
    name: str


async def owners_of(year: int) -> list[Owner]:
    """Organisations with programmes of ``year``, the highest first."""
    rows = await db.rows(
        """SELECT o.id, o.code, o.name, o.path FROM accounts_organisation o
            WHERE EXISTS (SELECT 1 FROM programmes_programme p WHERE p.organisation = o.id AND p.year = $1)
            ORDER BY length(o.path), o.code""",
        year,
    )
    return [Owner(**row) for row in rows]


async def report_years(allowed: Allowed, home_path: str | None = None) -> list[int]:
    """Years with programmes that the caller reads, or that serve ``home_path``, newest first."""
    rows = await db.rows(
        """SELECT DISTINCT p.year, o.path FROM programmes_programme p
             JOIN accounts_organisation o ON o.id = p.organisation"""
    )
    return sorted(
        {
            row["year"]
            for row in rows
            if allowed(row["path"]) or (home_path is not None and home_path.startswith(row["path"]))
        },
        reverse=True,
    )


async def choices_of(year: int, allowed: Allowed) -> tuple[list[Owner], list[Choice]]:
    """Organisations and programmes that a report of ``year`` can be asked for.

    Owners of programmes first, then organisations with units below them, which have a part of others' programmes.
    """
    owners = [owner for owner in await owners_of(year) if allowed(owner.path)]
    levels = await db.rows(
        """SELECT o.id, o.code, o.name, o.path FROM accounts_organisation o
            WHERE o.closed_on IS NULL AND o.kind IN ('federation', 'joint_union', 'work_committee', 'industry_union',
                                                     'township_union')
            ORDER BY length(o.path), o.code LIMIT $1""",
        _MOST_CHOICES,
    )
    known = {owner.id for owner in owners}
    owners += [Owner(**row) for row in levels if row["id"] not in known and allowed(row["path"])]
    rows = await db.rows(
        """SELECT DISTINCT ON (p.code) p.code, p.name, p.position FROM programmes_programme p
             JOIN accounts_organisation o ON o.id = p.organisation
            WHERE p.year = $1 AND EXISTS (SELECT 1 FROM unnest($2::text[]) mine
                                           WHERE starts_with(o.path, mine) OR starts_with(mine, o.path))
            ORDER BY p.code, p.position""",
        year,
        [owner.path for owner in owners],
    )
    programmes = [Choice(row["code"], row["name"]) for row in sorted(rows, key=lambda row: row["position"])]
    return owners, programmes
