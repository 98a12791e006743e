"""What the system itself counted for a cell: the rules' closed vocabulary, asked of the database.

A session belongs to one organisation of the tree: the owner of its programme, or its host where the rule says so.
A table counts what belongs to its organisation and all below it, without the organisations that have a table of their
own directly below: so the figures of a round add up, and nothing is counted twice.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from outreach.attendance.queries import VISITS_BY_DAY
from outreach.shared import db
from outreach.shared.time import day_bounds
from outreach.statistics.domain.forms import Days, Figure, Form, Rule

__all__ = ["Scope", "rule_figures"]


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose figures: an organisation with all below it, but for ``without`` and what lies below those."""

    organisation_id: UUID
    path: str
    without: frozenset[UUID]

    def holds(self, path: str) -> bool:
        """Whether the organisation at ``path`` is in it."""
        below = path[len(self.path) :] if path.startswith(self.path) else None
        if below is None:
            return False
        return not any(UUID(part) in self.without for part in below.split("/") if part)


@dataclass(frozen=True, slots=True)
class _Fact:
    """One figure of one programme: of sessions of one kind by owner and host, or of a tally's target."""

    owner: str
    host: str
    programme: str
    name: str
    measure: str
    amount: Decimal


async def rule_figures(form: Form, days: Days, scope: Scope) -> dict[str, Decimal]:
    """Cell → what the system counted; a cell without rule, or of which the system knows nothing, is left out.

    At most three statements, whatever the form asks.
    """
    rules = form.rules
    wanted = {rule.figure for rule in rules.values()}
    facts: list[_Fact] = []
    members: Mapping[Figure, int] = {}
    if wanted & {Figure.SESSIONS, Figure.VISITS}:
        facts += await _of_sessions(_programmes(rules.values(), Figure.SESSIONS, Figure.VISITS), days, scope.path)
    if Figure.TALLY in wanted:
        facts += await _of_tallies(_programmes(rules.values(), Figure.TALLY), days, scope.path)
    if wanted & {Figure.MEMBERS, Figure.WOMEN_MEMBERS}:
        members = await _of_members(scope)
    found: dict[str, Decimal] = {}
    for cell, rule in rules.items():
        amount = Decimal(members[rule.figure]) if rule.figure in members else _amount(rule, facts, scope)
        if amount is not None:
            found[cell] = round(amount, form.cells[cell].decimals)
    return found


def _programmes(rules: Iterable[Rule], *figures: Figure) -> list[str]:
    return sorted({code for rule in rules if rule.figure in figures for code in rule.programmes})


def _measure(rule: Rule) -> str:
    if rule.figure is Figure.VISITS:
        return f"group {rule.group}" if rule.group else "workers" if rule.workers else "visits"
    return rule.figure.value


def _amount(rule: Rule, facts: Sequence[_Fact], scope: Scope) -> Decimal | None:
    """``None``: no such programme is known here, so there is nothing to say; zero: it is, and nothing took place."""
    ours = [
        fact
        for fact in facts
        if fact.programme in rule.programmes and scope.holds(fact.host if rule.by == "host" else fact.owner)
    ]
    if rule.figure is Figure.TALLY:
        ours = [fact for fact in ours if fact.measure == "tally" and fact.name == rule.target]
        return sum((fact.amount for fact in ours), Decimal()) if ours else None
    ours = [fact for fact in ours if fact.measure != "tally"]
    if not ours:
        return None
    measure = _measure(rule)
    return sum(
        (fact.amount for fact in ours if fact.measure == measure and (not rule.kinds or fact.name in rule.kinds)),
        Decimal(),
    )


async def _of_sessions(programmes: Sequence[str], days: Days, path: str) -> list[_Fact]:
    """Held sessions that begin in the period, and visits of its days, by owner, host, programme and kind.

    Each programme of these years is there with nothing, too, so that nothing and unknown differ.
    """
    first, last = day_bounds(days.from_on, days.counted_until)
    rows = await db.rows(
        """
        WITH ours AS (
            SELECT s.id, o.path AS owner, coalesce(h.path, o.path) AS host, p.code, s.kind, s.starts_at
              FROM events_session s JOIN programmes_programme p ON p.id = s.programme
              JOIN accounts_organisation o ON o.id = p.organisation
              LEFT JOIN accounts_organisation h ON h.id = s.host
             WHERE p.code = ANY($1::text[]) AND (starts_with(o.path, $2) OR starts_with(h.path, $2))
               AND s.starts_at < $4 AND s.ends_at > $3 AND s.state IN ('held', 'closed')
        ), days AS ("""  # noqa: S608 - ours
        + VISITS_BY_DAY
        + """        ), groups AS (
            SELECT c.session, c."on", g.key AS name, g.value::int AS visits
              FROM attendance_headcount c, jsonb_each_text(c.breakdown) g
             WHERE c.session IN (SELECT id FROM ours) AND g.value IS NOT NULL
            UNION ALL
            SELECT a.session, a."on", g.name, count(*)::int
              FROM attendance_attendee a, unnest(a.groups) g (name)
             WHERE a.session IN (SELECT id FROM ours) AND a.present
               AND NOT EXISTS (SELECT 1 FROM attendance_headcount c WHERE c.session = a.session AND c."on" = a."on")
             GROUP BY a.session, a."on", g.name
        ), figures AS (
            SELECT session, 'visits' AS measure, total AS amount FROM days WHERE "on" BETWEEN $5 AND $6
            UNION ALL
            SELECT session, 'workers', workers FROM days WHERE "on" BETWEEN $5 AND $6
            UNION ALL
            SELECT session, 'group ' || name, visits FROM groups WHERE "on" BETWEEN $5 AND $6
            UNION ALL
            SELECT id, 'sessions', 1 FROM ours WHERE starts_at >= $3
        )
        SELECT ours.owner, ours.host, ours.code, ours.kind, f.measure, coalesce(sum(f.amount), 0) AS amount
          FROM figures f JOIN ours ON ours.id = f.session
         GROUP BY 1, 2, 3, 4, 5
        UNION ALL
        SELECT o.path, o.path, p.code, '', '', 0
          FROM programmes_programme p JOIN accounts_organisation o ON o.id = p.organisation
         WHERE p.code = ANY($1::text[]) AND starts_with(o.path, $2)
           AND p.year BETWEEN extract(year FROM $5::date) AND extract(year FROM $6::date)
        """,
        list(programmes),
        path,
        first,
        last,
        days.from_on,
        days.counted_until,
    )
    return [_Fact(*row.values()) for row in rows]


async def _of_tallies(programmes: Sequence[str], days: Days, path: str) -> list[_Fact]:
    """Entries of the period: summed where the target adds up, else the latest until its end."""
    rows = await db.rows(
        """
        SELECT o.path AS owner, o.path AS host, p.code, t.key, 'tally' AS measure,
               CASE WHEN t.counting = 'flow' THEN coalesce(sum(y.quantity) FILTER (WHERE y."on" >= $3), 0)
                    ELSE (array_agg(y.quantity ORDER BY y."on" DESC, y.created_at DESC, y.id DESC))[1] END::numeric
          FROM programmes_tally y JOIN programmes_target t ON t.id = y.target
          JOIN programmes_programme p ON p.id = t.programme
          JOIN accounts_organisation o ON o.id = p.organisation
         WHERE p.code = ANY($1::text[]) AND starts_with(o.path, $2) AND y."on" <= $4
           AND p.year BETWEEN extract(year FROM $3::date) AND extract(year FROM $4::date)
         GROUP BY o.path, p.code, t.id, t.key, t.counting
        """,
        list(programmes),
        path,
        days.from_on,
        days.counted_until,
    )
    return [_Fact(*row.values()) for row in rows]


async def _of_members(scope: Scope) -> Mapping[Figure, int]:
    """Collected members of the organisation itself, without those that the tables below report; never below zero."""
    rows = await db.rows(
        """SELECT id, member_count, women_count FROM accounts_organisation WHERE id = $1 OR id = ANY($2::uuid[])""",
        scope.organisation_id,
        list(scope.without),
    )
    found: dict[Figure, int] = {}
    for figure, column in ((Figure.MEMBERS, "member_count"), (Figure.WOMEN_MEMBERS, "women_count")):
        own = next((row[column] for row in rows if row["id"] == scope.organisation_id), None)
        if own is not None:
            below = sum(row[column] or 0 for row in rows if row["id"] != scope.organisation_id)
            found[figure] = max(own - below, 0)
    return found
