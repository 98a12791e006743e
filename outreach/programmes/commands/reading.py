"""Storing what was read from a notice: several programmes with their targets, all of them or none."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from outreach.programmes.commands.programmes import create_programme_within, owner_within, refuse
from outreach.programmes.commands.storing import CONFLICTS, hold_year_within
from outreach.programmes.domain.promise import ProgrammeFacts, programme_problems, year_problems
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.errors import FieldProblem

__all__ = ["create_programmes"]


async def create_programmes(
    actor: Actor, now: datetime, *, organisation_id: UUID | None, year: int, programmes: Sequence[ProgrammeFacts]
) -> tuple[UUID, ...]:
    """Make the programmes with their targets in their order, behind those that the year has already.

    Args:
        organisation_id: the owner; ``None``: the organisation that the actor runs.

    Raises:
        InvalidError: names the bad field by its programme as ``programmes.0.code``; the organisation is unknown.
        ForbiddenError: the actor does not run the organisation.
        ClosedYearError: the year is closed.
    """
    problems = year_problems(year)
    for number, facts in enumerate(programmes):
        problems += programme_problems(facts, year, f"programmes.{number}.")
    refuse(problems)
    async with db.atomic(CONFLICTS):
        owner = await owner_within(actor, organisation_id)
        refuse(await _taken_codes(owner, year, now, [facts.code for facts in programmes]))
        return tuple(
            [
                await create_programme_within(actor, now, organisation_id=owner, year=year, facts=facts)
                for facts in programmes
            ]
        )


async def _taken_codes(owner: UUID, year: int, now: datetime, codes: Sequence[str]) -> list[FieldProblem]:
    """Codes that the year has, or that are given twice; the year stays held, so that none is taken meanwhile."""
    await hold_year_within(owner, year, now)
    rows = await db.rows("SELECT code FROM programmes_programme WHERE organisation = $1 AND year = $2", owner, year)
    stored = {row["code"] for row in rows}
    found, given = [], set[str]()
    for number, code in enumerate(codes):
        if code in stored:
            found.append(FieldProblem(f"programmes.{number}.code", "programme-code-taken"))
        elif code in given:
            found.append(FieldProblem(f"programmes.{number}.code", "duplicate-code", {"code": code}))
        given.add(code)
    return found
