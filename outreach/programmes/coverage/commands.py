"""Enter goals of coverage, and services that another system recorded."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from outreach.accounts.domain.organisations import OrganisationKind, ancestor_ids
from outreach.accounts.journal import note_within
from outreach.accounts.queries import OrganisationRow, organisation_by_id
from outreach.programmes.commands.storing import lock_year
from outreach.programmes.domain.permissions import may_change_programme, may_read_programme
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.errors import FieldProblem, ForbiddenError, InvalidError, NotFoundError, invalid
from outreach.shared.ids import new_id
from outreach.shared.text import clean_line
from outreach.shared.time import implausible_day, local_day

__all__ = ["GoalGiven", "record_outside_service", "remove_outside_service", "set_goals"]


@dataclass(frozen=True, slots=True)
class GoalGiven:
    """A goal as somebody gives it; ``percent`` ``None``: the year has none any more."""

    year: int
    percent: float | None
    wording: str = ""


async def set_goals(actor: Actor, now: datetime, *, organisation_id: UUID, goals: Sequence[GoalGiven]) -> None:
    """Set or remove the goals of the years given; other years stay as they are. What is so already changes nothing.

    Raises:
        NotFoundError: the actor may not know the organisation.
        ForbiddenError: the actor does not run it.
        ClosedYearError: a year that would change is closed.
        InvalidError: a year is given twice.
    """
    given = {one.year: GoalGiven(one.year, one.percent, clean_line(one.wording)) for one in goals}
    if len(given) != len(goals):
        raise invalid("goals", "year-twice")
    async with db.atomic():
        await _run(actor, organisation_id)
        before = await _goals_within(organisation_id, sorted(given))
        for year, goal in sorted(given.items()):
            if before.get(year, GoalGiven(year, None)) == (goal if goal.percent is not None else GoalGiven(year, None)):
                continue
            await lock_year(organisation_id, year)
            await _store_within(actor, now, organisation_id, goal)
            await _note_goal_within(actor, now, organisation_id, before.get(year), goal)


async def _goals_within(organisation_id: UUID, years: list[int]) -> dict[int, GoalGiven]:
    found = await db.rows(
        """SELECT year, percent, wording FROM programmes_coverage_goal
            WHERE organisation = $1 AND year = ANY($2::int[]) ORDER BY year FOR UPDATE""",
        organisation_id,
        years,
    )
    return {one["year"]: GoalGiven(**one) for one in found}


async def _store_within(actor: Actor, now: datetime, organisation_id: UUID, goal: GoalGiven) -> None:
    if goal.percent is None:
        await db.execute(
            "DELETE FROM programmes_coverage_goal WHERE organisation = $1 AND year = $2", organisation_id, goal.year
        )
        return
    await db.execute(
        """INSERT INTO programmes_coverage_goal (id, organisation, year, percent, wording, changed_by, changed_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7)
           ON CONFLICT (organisation, year) DO UPDATE
              SET percent = $4, wording = $5, changed_by = $6, changed_at = $7""",
        new_id(),
        organisation_id,
        goal.year,
        goal.percent,
        goal.wording,
        actor.person_id,
        now,
    )


async def _note_goal_within(
    actor: Actor, now: datetime, organisation_id: UUID, before: GoalGiven | None, after: GoalGiven
) -> None:
    await note_within(
        actor,
        now,
        "coverage.goal_removed" if after.percent is None else "coverage.goal_set",
        "organisation",
        organisation_id,
        organisation_id=organisation_id,
        facts={"year": after.year, "from": before.percent if before else None, "to": after.percent},
    )


@dataclass(frozen=True, slots=True)
class _Entry:
    organisation_id: UUID
    on: date
    name: str
    visits: int
    people: int | None
    note: str


async def record_outside_service(
    actor: Actor,
    now: datetime,
    *,
    organisation_id: UUID,
    on: date,
    name: str,
    visits: int,
    people: int | None = None,
    note: str = "",
    form_key: UUID | None = None,
) -> UUID:
    """Enter real-name services that another system recorded; return the entry's id.

    Args:
        organisation_id: whose members were served.
        visits: real-name visits, ``people`` distinct among them, ``None`` where that is not known.
        form_key: of the form: sent twice it is one entry, the first.

    Raises:
        NotFoundError: the actor may not know the organisation.
        ForbiddenError: the actor does not run it.
        ClosedYearError: the year is closed, of the organisation or of one above it whose figures it would change.
        InvalidError: names every bad field.
    """
    async with db.atomic():
        unit = await _run(actor, organisation_id)
        problems = _problems(unit, on, visits, people, local_day(now))
        if problems:
            raise InvalidError(problems)
        await _hold_years_open(unit.path, on.year)
        entry = _Entry(organisation_id, on, clean_line(name), visits, people, clean_line(note))
        made = await _insert_within(actor, now, entry, form_key)
        if made is None:
            before, stored = await _sent_before(actor, form_key)
            if stored == entry:
                return before
            # The browser went back to the form and somebody typed another entry into it.
            made = await _insert_within(actor, now, entry, None)
            assert made is not None  # nothing to collide with
        facts = {"organisation": unit.name, "on": on.isoformat(), "name": entry.name, "visits": visits}
        await _note_service_within(actor, now, "outside_service.recorded", made, organisation_id, facts, people)
    return made


def _problems(unit: OrganisationRow, on: date, visits: int, people: int | None, today: date) -> list[FieldProblem]:
    problems = implausible_day("on", on)
    if not problems and on > today:
        problems.append(FieldProblem("on", "in-the-future"))
    if unit.kind is OrganisationKind.GUEST:
        problems.append(FieldProblem("organisation_id", "guest-without-members"))
    if people is not None and people > visits:
        problems.append(FieldProblem("people", "more-people-than-visits", {"visits": visits}))
    return problems


async def _hold_years_open(path: str, year: int) -> None:
    for organisation_id in sorted(ancestor_ids(path)):
        await lock_year(organisation_id, year)


async def _insert_within(actor: Actor, now: datetime, entry: _Entry, form_key: UUID | None) -> UUID | None:
    """The new entry's id; ``None``: the form was sent before."""
    made: UUID | None = await db.value(
        """INSERT INTO programmes_outside_service
                  (id, organisation, "on", name, visits, people, note, form_key, created_by, created_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
           ON CONFLICT (form_key) DO NOTHING RETURNING id""",
        new_id(),
        *astuple(entry),
        form_key,
        actor.person_id,
        now,
    )
    return made


async def _sent_before(actor: Actor, form_key: UUID | None) -> tuple[UUID, _Entry]:
    found = await db.row(
        """SELECT id, organisation AS organisation_id, "on", name, visits, people, note
             FROM programmes_outside_service WHERE form_key = $1 AND created_by = $2""",
        form_key,
        actor.person_id,
    )
    if found is None:
        raise invalid("form_key", "unusable")
    return found["id"], _Entry(*list(found.values())[1:])


async def remove_outside_service(actor: Actor, now: datetime, service_id: UUID, *, reason: str) -> None:
    """Take a mistaken entry out of the figures; the row and the journal keep what it said. Again: nothing changes.

    Raises:
        NotFoundError: no such entry, or the actor may not know its organisation.
        ForbiddenError: the actor does not run it.
        ClosedYearError: as for ``record_outside_service``.
    """
    async with db.atomic():
        row = await db.row("SELECT * FROM programmes_outside_service WHERE id = $1 FOR UPDATE", service_id)
        if row is None:
            raise NotFoundError
        unit = await _run(actor, row["organisation"])
        if row["removed_at"] is not None:
            return
        await _hold_years_open(unit.path, row["on"].year)
        await db.execute("UPDATE programmes_outside_service SET removed_at = $2 WHERE id = $1", service_id, now)
        facts = {
            "organisation": unit.name,
            "on": row["on"].isoformat(),
            "name": row["name"],
            "visits": row["visits"],
        }
        await _note_service_within(
            actor, now, "outside_service.removed", service_id, unit.id, facts, row["people"], reason
        )


async def _note_service_within(
    actor: Actor,
    now: datetime,
    action: str,
    service_id: UUID,
    organisation_id: UUID,
    facts: dict[str, Any],
    people: int | None,
    reason: str = "",
) -> None:
    await note_within(
        actor,
        now,
        action,
        "outside_service",
        service_id,
        organisation_id=organisation_id,
        reason=reason,
        facts={**facts, "people": people},
    )


async def _run(actor: Actor, organisation_id: UUID) -> OrganisationRow:
    found = await organisation_by_id(organisation_id)
    if found is None or not may_read_programme(actor, found.path):
        raise NotFoundError
    if not may_change_programme(actor, found.path):
        raise ForbiddenError
    return found
