"""Coverage of an owner's members: who was there by name, rolled up the union tree. The rules are in ``domain.tree``.

Real-name visits are attendees who were present, one a session, day and identity, of the sessions that are in the
figures of the year (``counting.queries``): held or closed, of programmes owned at or below the owner, whoever else
hosts them. They belong to the attendee's organisation, else to the session's host, else to nobody known.
"""

from datetime import date
from typing import Any
from uuid import UUID

from outreach.accounts.domain.organisations import OrganisationKind
from outreach.attendance.queries import VISITS_BY_DAY
from outreach.counting.coverage.counts import NOBODY, STRANGER, Counts
from outreach.counting.coverage.domain.tree import DIRECT, OTHERS, Node, Place, Tree
from outreach.counting.coverage.figures import Coverage, CoverageRow, RampPoint
from outreach.programmes.coverage.queries import GoalRow, OutsideSum, goals_for, outside_by_unit, outside_by_year
from outreach.shared import db
from outreach.shared.errors import NotFoundError
from outreach.shared.i18n import gettext as _
from outreach.shared.time import day_bounds, year_bounds

__all__ = ["Coverage", "CoverageRow", "RampPoint", "coverage_of", "ramp_of"]

_OURS = """
    SELECT s.id, s.host, p.year
      FROM events_session s JOIN programmes_programme p ON p.id = s.programme
      JOIN accounts_organisation w ON w.id = p.organisation
     WHERE starts_with(w.path, $1) AND s.state IN ('held', 'closed')
"""
_OF_ONE_YEAR = f"{_OURS} AND p.year = $2 AND s.starts_at >= $3 AND s.starts_at < $4"


async def coverage_of(owner_id: UUID, *, year: int, as_of: date) -> Coverage:
    """Coverage of ``owner_id`` and all below it in ``year``, cut at ``as_of``: five statements, whatever there is.

    Raises:
        NotFoundError: there is no such organisation.
    """
    tree = await _tree(owner_id, as_of)
    goal = next((one for one in await goals_for(owner_id) if one.year == year), None)
    counts = Counts(tree)
    await _add_visits(counts, year, as_of)
    await _add_people(counts, year, as_of)
    last = min(as_of, date(year, 12, 31))
    for unit, outside in (await outside_by_unit(tree.owner.path, date(year, 1, 1), last)).items():
        counts.add_outside(unit, outside)
    return Coverage(
        year=year,
        as_of=as_of,
        owner_id=owner_id,
        owner_name=tree.owner.name,
        goal_percent=goal.percent if goal else None,
        goal_of=goal.organisation_name if goal else "",
        whole=_whole(counts),
        by_organisation=_organisations(counts),
        by_district=_districts(counts),
        only_this_system=not counts.outside,
    )


async def _tree(owner_id: UUID, as_of: date) -> Tree:
    found = await db.rows(
        """SELECT o.id, o.parent AS parent_id, o.path, o.name, o.kind, o.district, o.member_count AS members,
                  coalesce(o.closed_on <= $2, false) AS closed
             FROM accounts_organisation o
            WHERE starts_with(o.path, (SELECT path FROM accounts_organisation WHERE id = $1))
            ORDER BY length(o.path), o.code""",
        owner_id,
        as_of,
    )
    if not found:
        raise NotFoundError
    return Tree([Node(**{**one, "kind": OrganisationKind(one["kind"])}) for one in found])


async def _add_visits(counts: Counts, year: int, as_of: date) -> None:
    """Visits with and without a name by unit; unnamed ones are those of the host, whoever they were."""
    found = await db.rows(
        f"""
        WITH ours AS ({_OF_ONE_YEAR}), named AS (
            SELECT a.session, a."on", a.organisation, count(*)::int AS visits
              FROM attendance_attendee a
             WHERE a.session IN (SELECT id FROM ours) AND a.present AND a."on" <= $5
             GROUP BY a.session, a."on", a.organisation
        ), days AS ({VISITS_BY_DAY}), known AS (
            SELECT session, "on", sum(visits) AS visits FROM named GROUP BY session, "on"
        ), units AS (
            SELECT coalesce(n.organisation, o.host) AS unit, n.visits, 0 AS unnamed
              FROM named n JOIN ours o ON o.id = n.session
            UNION ALL
            SELECT o.host, 0, greatest(d.total - coalesce(k.visits, 0), 0)
              FROM days d JOIN ours o ON o.id = d.session
              LEFT JOIN known k ON k.session = d.session AND k."on" = d."on"
             WHERE d."on" <= $5
        )
        SELECT unit, sum(visits)::int8 AS visits, sum(unnamed)::int8 AS unnamed FROM units GROUP BY unit
        """,  # noqa: S608 - our own text
        *_cut(counts.tree, year, as_of),
    )
    for one in found:
        place = counts.place_of(one["unit"])
        counts.visits[place] += one["visits"]
        counts.unnamed[place] += one["unnamed"]


#: The place of an attendee ``a`` of a session ``o``: by the unit, else by the host. Asking the organisations' own table
#: tells the planner how few rows it finds.
_PLACED = """
              FROM attendance_attendee a JOIN ours o ON o.id = a.session
              LEFT JOIN accounts_organisation x ON x.id = coalesce(a.organisation, o.host)
              LEFT JOIN units u ON u.unit = x.id
"""
_PLACE = "CASE WHEN x.id IS NULL THEN $8::int ELSE coalesce(u.place, $9::int) END"


async def _add_people(counts: Counts, year: int, as_of: date) -> None:
    """Identities by the set of places where they were: from these any row's people follow.

    Nearly everybody has one place, and is grouped without making lists.
    """
    places = counts.tree.places
    found = await db.rows(
        f"""
        WITH ours AS MATERIALIZED ({_OF_ONE_YEAR}), units AS (
            SELECT * FROM unnest($6::uuid[], $7::int[]) AS g (unit, place)
        ), seen AS MATERIALIZED (
            SELECT a.identity, min({_PLACE}) AS first, max({_PLACE}) AS last {_PLACED}
             WHERE a.present AND a."on" <= $5 GROUP BY a.identity
        ), several AS (
            SELECT array_agg(DISTINCT {_PLACE}) AS places {_PLACED}
              JOIN seen ON seen.identity = a.identity AND seen.first <> seen.last
             WHERE a.present AND a."on" <= $5 GROUP BY a.identity
        )
        SELECT ARRAY[first] AS places, count(*)::int8 AS people FROM seen WHERE first = last GROUP BY first
        UNION ALL
        SELECT places, count(*)::int8 FROM several GROUP BY places
        """,  # noqa: S608 - our own text
        *_cut(counts.tree, year, as_of),
        list(places),
        [counts.numbers[place] for place in places.values()],
        counts.numbers[NOBODY],
        counts.numbers[STRANGER],
    )
    by_number = {number: place for place, number in counts.numbers.items()}
    for one in found:
        where = frozenset(by_number[number] for number in one["places"])
        counts.people[where] = counts.people.get(where, 0) + one["people"]


def _cut(tree: Tree, year: int, as_of: date) -> tuple[Any, ...]:
    first, last = year_bounds(year)
    return tree.owner.path, year, first, min(last, day_bounds(as_of, as_of)[1]), as_of


def _whole(counts: Counts) -> CoverageRow:
    tree = counts.tree
    places = [one for one in counts.numbers if one.row != OTHERS]
    return counts.row(
        tree.owner.name, "whole", places, organisation_id=tree.owner.id, members=tree.members[tree.owner.id]
    )


def _organisations(counts: Counts) -> list[CoverageRow]:
    tree = counts.tree

    def of(row: UUID | str) -> list[Place]:
        return [one for one in counts.numbers if one.row == row]

    rows = [
        counts.row(node.name, "unit", of(node.id), organisation_id=node.id, members=tree.members[node.id])
        for node in tree.units
    ]
    rows.append(counts.row(_direct(tree), "direct", of(DIRECT), members=tree.direct_members))
    return _with_rest(counts, rows)


def _districts(counts: Counts) -> list[CoverageRow]:
    members = counts.tree.district_members()
    named = dict.fromkeys([one.district for one in counts.tree.places.values() if one.district])
    rows = []
    for district in [*named, ""]:
        places = [one for one in counts.numbers if one.district == district]
        name = district or _direct(counts.tree)
        rows.append(counts.row(name, "district" if district else "direct", places, members=members.get(district)))
    return _with_rest(counts, rows)


def _with_rest(counts: Counts, rows: list[CoverageRow]) -> list[CoverageRow]:
    """``rows`` that say something, and below them people whom no unit, or no unit of the owner's, claims."""
    rest = [
        counts.row(_("没有对应到单位"), "unmatched", [NOBODY]),
        counts.row(_("其他服务对象和外单位"), "others", [STRANGER]),
    ]
    return [one for one in [*rows, *rest] if one.part == "unit" or one.members or one.all_visits or one.unnamed_visits]


def _direct(tree: Tree) -> str:
    return _("市直属") if tree.owner.parent_id is None else _("直属单位")


async def ramp_of(coverage: Coverage) -> list[RampPoint]:
    """The years with a goal, and what was reached in each that has begun; four statements.

    The year of ``coverage`` is cut where it is, earlier years at their last day, as their own pages are; later ones
    than ``as_of`` have no figure.
    Shares are of today's members: how many there were in earlier years is not kept.
    """
    goals = await goals_for(coverage.owner_id)
    tree = await _tree(coverage.owner_id, coverage.as_of)
    members = coverage.whole.members
    years = [one.year for one in goals if one.year <= coverage.as_of.year and one.year != coverage.year]
    counted = await _by_year(tree, years, coverage.as_of) if years else {}
    if coverage.year <= coverage.as_of.year:
        counted[coverage.year] = coverage.whole
    return [_point(one, counted.get(one.year), members) for one in goals]


def _point(goal: GoalRow, row: CoverageRow | None, members: int | None) -> RampPoint:
    if row is None or not members:
        return RampPoint(year=goal.year, goal_percent=goal.percent)
    return RampPoint(
        year=goal.year,
        goal_percent=goal.percent,
        visit_percent=row.visit_percent,
        people_percent=row.people_percent,
    )


async def _by_year(tree: Tree, years: list[int], as_of: date) -> dict[int, CoverageRow]:
    found = await db.rows(
        f"""
        WITH ours AS (
            {_OURS} AND p.year = ANY($2::int[])
               AND extract(year FROM timezone('Asia/Shanghai', s.starts_at)) = p.year
        ), units AS (
            SELECT * FROM unnest($4::uuid[]) AS u (unit)
        ), people AS (
            SELECT o.year, a.identity, count(*) AS visits
              FROM attendance_attendee a JOIN ours o ON o.id = a.session
             WHERE a.present AND a."on" <= least($3, make_date(o.year, 12, 31))
               AND (coalesce(a.organisation, o.host) IS NULL
                    OR coalesce(a.organisation, o.host) IN (SELECT unit FROM units))
             GROUP BY o.year, a.identity
        )
        SELECT year, sum(visits)::int8 AS visits, count(*)::int8 AS people FROM people GROUP BY year
        """,  # noqa: S608 - our own text
        tree.owner.path,
        years,
        as_of,
        [unit for unit, place in tree.places.items() if place != STRANGER],
    )
    outside = await outside_by_year(tree.owner.path, date(min(years), 1, 1), as_of)
    counted = {one["year"]: one for one in found}
    return {
        year: CoverageRow(
            name=str(year),
            part="whole",
            members=tree.members[tree.owner.id],
            visits=counted[year]["visits"] if year in counted else 0,
            people=counted[year]["people"] if year in counted else 0,
            outside_visits=outside.get(year, OutsideSum()).visits,
            outside_people=outside.get(year, OutsideSum()).people,
        )
        for year in years
    }
