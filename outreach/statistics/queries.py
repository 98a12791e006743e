"""Reads of forms, rounds and filled tables; one statement a question."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from outreach.shared import db
from outreach.shared.actors import Actor, Role
from outreach.shared.errors import NotFoundError
from outreach.shared.paging import Page, encode_cursor, id_after
from outreach.statistics.domain.forms import Days
from outreach.statistics.domain.permissions import TableFacts, may_read
from outreach.statistics.domain.states import TableState

__all__ = [
    "LowerRow",
    "TableRow",
    "lower_tables",
    "missing_below",
    "readable_table",
    "table_by_id",
    "tables_page",
    "years_of_tables",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """A filled table with what it hangs on. ``waiting``, ``handed_in``, ``locked``: how many directly below it."""

    id: UUID
    round_id: UUID
    form_code: str
    form_title: str
    form_version: int
    year: int
    organisation_id: UUID
    organisation_name: str
    organisation_code: str
    path: str
    upper_id: UUID | None
    upper_name: str | None
    upper_path: str | None
    upper_state: TableState | None
    from_on: date
    until_on: date
    cut_off_on: date
    hand_in_on: date
    due_on: date
    state: TableState
    returned_note: str
    submitted_at: datetime | None
    locked_at: datetime | None
    changed_at: datetime
    revision: int
    waiting: int
    handed_in: int
    locked: int

    @property
    def facts(self) -> TableFacts:
        return TableFacts(self.organisation_id, self.path, self.upper_path)

    @property
    def days(self) -> Days:
        return Days(self.from_on, self.until_on, self.cut_off_on, self.hand_in_on)

    @property
    def lower(self) -> int:
        """Tables directly below."""
        return self.waiting + self.handed_in + self.locked

    @property
    def title(self) -> str:
        """``2012年送温暖工程统计表``."""
        return f"{self.year}年{self.form_title}"


_COLUMNS = """
    SELECT t.id, t.round AS round_id, f.code AS form_code, f.title AS form_title, f.version AS form_version, r.year,
           t.organisation AS organisation_id, o.name AS organisation_name, o.code AS organisation_code, o.path,
           t.upper AS upper_id, uo.name AS upper_name, uo.path AS upper_path, u.state AS upper_state,
           r.from_on, r.until_on, r.cut_off_on, r.hand_in_on, t.due_on, t.state, t.returned_note, t.submitted_at,
           t.locked_at, t.changed_at, t.revision, l.waiting, l.handed_in, l.locked
"""
_FROM = """
      FROM statistics_table t JOIN statistics_round r ON r.id = t.round JOIN statistics_form f ON f.id = r.form
      JOIN accounts_organisation o ON o.id = t.organisation
      LEFT JOIN statistics_table u ON u.id = t.upper LEFT JOIN accounts_organisation uo ON uo.id = u.organisation
"""
_LOWER = """
      CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE x.state IN ('open', 'returned'))::int AS waiting,
               count(*) FILTER (WHERE x.state = 'submitted')::int AS handed_in,
               count(*) FILTER (WHERE x.state = 'locked')::int AS locked
          FROM statistics_table x WHERE x.upper = t.id) l
"""


def _table(row: Any) -> TableRow:
    upper = row["upper_state"]
    return TableRow(
        **{**row, "state": TableState(row["state"]), "upper_state": TableState(upper) if upper is not None else None}
    )


async def table_by_id(table_id: UUID) -> TableRow | None:
    """The table, whoever asks."""
    row = await db.row(_COLUMNS + _FROM + _LOWER + " WHERE t.id = $1", table_id)
    return None if row is None else _table(row)


async def readable_table(actor: Actor, table_id: UUID) -> TableRow:
    """The table, if the caller may read it.

    Raises:
        NotFoundError: there is none for this caller.
    """
    row = await table_by_id(table_id)
    if row is None or not may_read(actor, row.facts):
        raise NotFoundError
    return row


#: Tables that a caller may read: of organisations that it runs or evaluates ($1), or acts for ($2).
_READABLE = """
     WHERE (EXISTS (SELECT 1 FROM unnest($1::text[]) run WHERE starts_with(o.path, run)) OR t.organisation = ANY($2))
       AND ($3::int IS NULL OR r.year = $3) AND ($4::text IS NULL OR f.code = $4)
       AND ($5::uuid IS NULL OR t.organisation = $5) AND ($6::text IS NULL OR t.state = $6)
       AND (NOT $7 OR t.upper IS NULL OR NOT (EXISTS (SELECT 1 FROM unnest($1::text[]) run
                                                       WHERE starts_with(uo.path, run))))
"""


def _read_paths(actor: Actor) -> list[str]:
    """Roots of the parts of the tree whose figures the actor reads."""
    readers = (Role.ADMINISTRATOR, Role.ORGANISER, Role.EVALUATOR)
    return [grant.path for grant in actor.grants if grant.role in readers]


async def tables_page(
    actor: Actor,
    *,
    year: int | None = None,
    form_code: str | None = None,
    organisation_id: UUID | None = None,
    state: TableState | None = None,
    tops: bool = False,
    limit: int,
    after: str | None = None,
) -> Page[TableRow]:
    """The tables that ``actor`` may read, newest first.

    Args:
        tops: only those whose upper table the actor does not run: where its own work begins.
        after: cursor of an earlier page.

    Raises:
        InvalidError: the cursor was not ours.
    """
    paths = [grant.path for grant in actor.grants if grant.role in (Role.ADMINISTRATOR, Role.ORGANISER, Role.EVALUATOR)]
    given = (paths, list(actor.contact_ids), year, form_code, organisation_id, state, tops)
    start = id_after(after)
    rows = await db.rows(
        _COLUMNS + _FROM + _LOWER + _READABLE + " AND ($8::uuid IS NULL OR t.id < $8) ORDER BY t.id DESC LIMIT $9",
        *given,
        start,
        limit + 1,
    )
    total = await db.value("SELECT count(*)::int" + _FROM + _READABLE, *given)
    shown = [_table(row) for row in rows[:limit]]
    return Page(shown, encode_cursor(str(shown[-1].id)) if len(rows) > limit else None, total)


async def years_of_tables(actor: Actor) -> list[int]:
    """Years of the tables that ``actor`` may read, newest first."""
    rows = await db.rows(
        """SELECT DISTINCT r.year FROM statistics_table t JOIN statistics_round r ON r.id = t.round
             JOIN accounts_organisation o ON o.id = t.organisation
            WHERE t.organisation = ANY($2)
               OR EXISTS (SELECT 1 FROM unnest($1::text[]) run WHERE starts_with(o.path, run))
            ORDER BY r.year DESC""",
        _read_paths(actor),
        list(actor.contact_ids),
    )
    return [row["year"] for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class LowerRow:
    """A table directly below another, for its list. ``late``: handed in, but not in the figures above."""

    id: UUID
    organisation_id: UUID
    organisation_name: str
    organisation_code: str
    state: TableState
    due_on: date
    submitted_at: datetime | None
    reminded_on: date | None
    returned_note: str
    late: bool


async def lower_tables(table_id: UUID, *, waiting_only: bool = False, limit: int = 300) -> list[LowerRow]:
    """The tables directly below, those that are missing first, in the order of the tree; at most ``limit``."""
    rows = await db.rows(
        """SELECT x.id, x.organisation AS organisation_id, o.name AS organisation_name, o.code AS organisation_code,
                  x.state, x.due_on, x.submitted_at, x.reminded_on, x.returned_note,
                  (u.state IN ('submitted', 'locked') AND x.state IN ('submitted', 'locked')
                   AND NOT x.id = ANY(u.included)) AS late
             FROM statistics_table x JOIN statistics_table u ON u.id = x.upper
             JOIN accounts_organisation o ON o.id = x.organisation
            WHERE x.upper = $1 AND (NOT $2 OR x.state IN ('open', 'returned'))
            ORDER BY x.state NOT IN ('open', 'returned'), o.path LIMIT $3""",
        table_id,
        waiting_only,
        limit,
    )
    return [LowerRow(**{**row, "state": TableState(row["state"])}) for row in rows]


async def missing_below(table_ids: Sequence[UUID], each: int = 12) -> dict[UUID, list[str]]:
    """Names of those directly below each table who have not handed in, at most ``each``; one statement."""
    rows = await db.rows(
        """SELECT t.id, ARRAY(SELECT o.name FROM statistics_table x
                                JOIN accounts_organisation o ON o.id = x.organisation
                               WHERE x.upper = t.id AND x.state IN ('open', 'returned')
                               ORDER BY o.path LIMIT $2) AS names
             FROM unnest($1::uuid[]) AS t (id)""",
        list(table_ids),
        each,
    )
    return {row["id"]: row["names"] for row in rows}
