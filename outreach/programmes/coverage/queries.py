"""What was entered for coverage: goals of years, services that another system recorded."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from outreach.shared import db
from outreach.shared.errors import NotFoundError, invalid
from outreach.shared.paging import DEFAULT_LIMIT, Page, decode_cursor, page_of

__all__ = [
    "GoalRow",
    "OutsideRow",
    "OutsideSum",
    "goals_for",
    "outside_by_unit",
    "outside_by_year",
    "outside_service_by_id",
    "outside_services",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalRow:
    """Which share of members is to be served in a year; ``wording``: the notice's own, if it names the year."""

    year: int
    percent: float
    wording: str
    organisation_id: UUID
    organisation_name: str


async def goals_for(organisation_id: UUID) -> list[GoalRow]:
    """The goals that hold for an organisation, by year: its own, else that of the nearest one above it."""
    found = await db.rows(
        """SELECT DISTINCT ON (g.year) g.year, g.percent, g.wording, o.id AS organisation_id,
                  o.name AS organisation_name
             FROM accounts_organisation below
             JOIN accounts_organisation o ON starts_with(below.path, o.path)
             JOIN programmes_coverage_goal g ON g.organisation = o.id
            WHERE below.id = $1
            ORDER BY g.year, length(o.path) DESC""",
        organisation_id,
    )
    return [GoalRow(**one) for one in found]


@dataclass(frozen=True, slots=True)
class OutsideSum:
    """Services of another system: ``people`` ``None`` where one entry at least does not know theirs."""

    visits: int = 0
    people: int | None = 0

    def __add__(self, other: "OutsideSum") -> "OutsideSum":
        both = None if self.people is None or other.people is None else self.people + other.people
        return OutsideSum(self.visits + other.visits, both)


_SUMS = "sum(t.visits)::int8 AS visits, CASE WHEN count(t.people) = count(*) THEN sum(t.people)::int8 END AS people"


async def outside_by_unit(path: str, first: date, last: date) -> dict[UUID, OutsideSum]:
    """What was entered for each organisation at or below ``path``, from ``first`` to ``last``, both included."""
    found = await db.rows(
        f"""SELECT t.organisation, {_SUMS}
              FROM programmes_outside_service t JOIN accounts_organisation o ON o.id = t.organisation
             WHERE t.removed_at IS NULL AND t."on" BETWEEN $2 AND $3 AND starts_with(o.path, $1)
             GROUP BY t.organisation""",  # noqa: S608 - our own text
        path,
        first,
        last,
    )
    return {one["organisation"]: OutsideSum(one["visits"], one["people"]) for one in found}


async def outside_by_year(path: str, first: date, last: date) -> dict[int, OutsideSum]:
    """The same by year, of all organisations at or below ``path`` together."""
    found = await db.rows(
        f"""SELECT extract(year FROM t."on")::int AS year, {_SUMS}
              FROM programmes_outside_service t JOIN accounts_organisation o ON o.id = t.organisation
             WHERE t.removed_at IS NULL AND t."on" BETWEEN $2 AND $3 AND starts_with(o.path, $1)
             GROUP BY 1""",  # noqa: S608 - our own text
        path,
        first,
        last,
    )
    return {one["year"]: OutsideSum(one["visits"], one["people"]) for one in found}


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideRow:
    """One entry: real-name services of another system for one organisation's members."""

    id: UUID
    organisation_id: UUID
    organisation_name: str
    organisation_path: str
    on: date
    name: str
    visits: int
    people: int | None
    note: str
    entered_by: str
    created_at: datetime
    removed_at: datetime | None


_ROW = """SELECT t.id, t.organisation AS organisation_id, o.name AS organisation_name, o.path AS organisation_path,
       t."on", t.name, t.visits, t.people, t.note, coalesce(p.name, '') AS entered_by, t.created_at, t.removed_at
  FROM programmes_outside_service t JOIN accounts_organisation o ON o.id = t.organisation
  LEFT JOIN accounts_person p ON p.id = t.created_by
"""


async def outside_service_by_id(service_id: UUID) -> OutsideRow:
    """One entry, removed ones too, whoever asks.

    Raises:
        NotFoundError: there is none with this id.
    """
    found = await db.row(_ROW + " WHERE t.id = $1", service_id)
    if found is None:
        raise NotFoundError
    return OutsideRow(**found)


async def outside_services(
    path: str, year: int, *, limit: int = DEFAULT_LIMIT, after: str | None = None
) -> Page[OutsideRow]:
    """Standing entries of ``year`` at or below ``path``, the newest day first; two statements.

    Raises:
        InvalidError: the cursor was not ours.
    """
    given = (path, date(year, 1, 1), date(year, 12, 31))
    where = """ t.removed_at IS NULL AND t."on" BETWEEN $2 AND $3 AND starts_with(o.path, $1)"""
    on, id_ = _after(after)
    found = await db.rows(
        f"""{_ROW} WHERE {where} AND ($4::date IS NULL OR (t."on", t.id) < ($4::date, $5::uuid))
             ORDER BY t."on" DESC, t.id DESC LIMIT $6""",
        *given,
        on,
        id_,
        limit + 1,
    )
    total = await db.value(
        f"""SELECT count(*) FROM programmes_outside_service t JOIN accounts_organisation o ON o.id = t.organisation
             WHERE {where}""",  # noqa: S608 - our own text
        *given,
    )
    return page_of([OutsideRow(**one) for one in found], limit, total, _keys)


def _keys(row: Any) -> tuple[str, ...]:
    return (row.on.isoformat(), str(row.id))


def _after(cursor: str | None) -> tuple[date | None, UUID | None]:
    if not cursor:
        return None, None
    on, id_ = decode_cursor(cursor, 2)
    try:
        return date.fromisoformat(on), UUID(id_)
    except ValueError:
        raise invalid("after", "bad-cursor") from None
