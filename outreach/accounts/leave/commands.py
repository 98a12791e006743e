"""Writes of leave."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from outreach.accounts.commands.people import home_of, lock_manageable
from outreach.accounts.commands.roles import grant_role_within
from outreach.accounts.domain.permissions import may_grant, may_see_person
from outreach.accounts.journal import note_within
from outreach.accounts.leave.domain.rules import leave_problems
from outreach.accounts.leave.queries import away_on, colleagues_of, leave_by_id
from outreach.accounts.queries import held_by
from outreach.shared.actors import Actor, Role
from outreach.shared.db import Conflicts, atomic, execute, row, rows
from outreach.shared.errors import InvalidError, NotFoundError, invalid
from outreach.shared.ids import new_id
from outreach.shared.text import clean_line
from outreach.shared.time import local_day

__all__ = ["LeaveGiven", "end_leave", "set_leave"]

CONFLICTS: Conflicts = {"accounts_leave_no_overlap": lambda: invalid("from_on", "leave-overlaps")}


@dataclass(frozen=True, slots=True)
class LeaveGiven:
    """Days away, both included, and who stands in."""

    from_on: date
    last_on: date
    deputy_id: UUID
    note: str = ""


async def set_leave(actor: Actor, now: datetime, *, person_id: UUID, given: LeaveGiven) -> UUID:
    """Write down that a person is away; return the leave's id.

    Messages to an organisation go to the deputy instead, where the deputy has the same role there. Where staff who may
    grant it write the leave, the deputy is given the person's roles (代理) for these days; a person for themself
    chooses among those who have them already.

    Raises:
        NotFoundError: the actor may not know of the person.
        ForbiddenError: the person has roles beyond the actor's reach.
        InvalidError: names the bad field; the days overlap another leave, or the deputy is none for it.
    """
    today = local_day(now)
    if problems := leave_problems(given.from_on, given.last_on, today):
        raise InvalidError(problems)
    if given.deputy_id == person_id:
        raise invalid("deputy_id", "deputy-self")
    async with atomic(CONFLICTS):
        await _lock_both(person_id, given.deputy_id)
        if actor.person_id != person_id:
            await lock_manageable(actor, now, person_id)
        await _check_deputy(actor, person_id, given, today)
        until_on = given.last_on + timedelta(days=1)
        granted = await _stand_in_within(actor, now, person_id, given.deputy_id, max(given.from_on, today), until_on)
        made = new_id()
        await execute(
            """INSERT INTO accounts_leave (id, person, deputy, from_on, until_on, note, grants, created_by, created_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)""",
            made,
            person_id,
            given.deputy_id,
            given.from_on,
            until_on,
            clean_line(given.note),
            granted,
            actor.person_id,
            now,
        )
        deputy = await row("SELECT name FROM accounts_person WHERE id = $1", given.deputy_id)
        facts = {"from_on": given.from_on.isoformat(), "until_on": until_on.isoformat()}
        await _note(actor, now, "person.leave_set", person_id, {**facts, "deputy": deputy["name"] if deputy else ""})
        return made


async def end_leave(actor: Actor, now: datetime, *, leave_id: UUID) -> UUID:
    """Take a leave back, or cut it short today; roles that the deputy was given for it end. Returns the person's id.

    Raises:
        NotFoundError: it is over or taken back, or the actor may not know of it.
        ForbiddenError: the person has roles beyond the actor's reach.
    """
    today = local_day(now)
    async with atomic():
        found = await leave_by_id(leave_id)
        if found is None or found.is_over(today):
            raise NotFoundError
        if actor.person_id != found.person_id:
            await lock_manageable(actor, now, found.person_id)
        ended = await row(
            "UPDATE accounts_leave SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL RETURNING grants", leave_id, now
        )
        if ended is None:
            raise NotFoundError
        await execute(
            """UPDATE accounts_role_grant SET until_on = greatest($2, from_on)
                WHERE id = ANY($1::uuid[]) AND (until_on IS NULL OR until_on > $2)""",
            list(ended["grants"]),
            today,
        )
        facts = {"from_on": found.from_on.isoformat(), "until_on": found.until_on.isoformat()}
        await _note(actor, now, "person.leave_ended", found.person_id, {**facts, "deputy": found.deputy_name})
        return found.person_id


async def _lock_both(one: UUID, other: UUID) -> None:
    """Both persons, always in the same order."""
    await rows("SELECT 1 FROM accounts_person WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE", [one, other])


async def _check_deputy(actor: Actor, person_id: UUID, given: LeaveGiven, today: date) -> None:
    found = await row("SELECT disabled_at FROM accounts_person WHERE id = $1", given.deputy_id)
    if actor.person_id == person_id and not actor.is_staff:
        known = {one.id for one in await colleagues_of(person_id, today, same_role=True)}
        is_known = given.deputy_id in known
    else:
        is_known = may_see_person(actor, await held_by(given.deputy_id, today))
    if found is None or not is_known:
        raise invalid("deputy_id", "person-unknown")
    if found["disabled_at"] is not None:
        raise invalid("deputy_id", "person-disabled")
    if await away_on([given.deputy_id], max(given.from_on, today)):
        raise invalid("deputy_id", "deputy-away")


async def _stand_in_within(
    actor: Actor, now: datetime, person_id: UUID, deputy_id: UUID, from_on: date, until_on: date
) -> list[UUID]:
    """Give the deputy those roles of the person that the actor may give and the deputy lacks; return the grants."""
    lacking: list[Any] = await rows(
        """SELECT g.organisation, g.role, o.path, min(coalesce(g.until_on, $4)) AS until_on
             FROM accounts_role_grant g JOIN accounts_organisation o ON o.id = g.organisation
            WHERE g.person = $1 AND g.role IN ('contact', 'organiser') AND g.from_on <= $3
              AND (g.until_on IS NULL OR g.until_on > $3)
              AND NOT EXISTS (SELECT 1 FROM accounts_role_grant d
                               WHERE d.person = $2 AND d.role = g.role AND d.organisation = g.organisation
                                 AND (d.until_on IS NULL OR d.until_on > $3))
            GROUP BY g.organisation, g.role, o.path ORDER BY o.path, g.role""",
        person_id,
        deputy_id,
        from_on,
        until_on,
    )
    return [
        await grant_role_within(
            actor,
            now,
            person_id=deputy_id,
            role=Role(one["role"]),
            organisation_id=one["organisation"],
            from_on=from_on,
            until_on=min(one["until_on"], until_on),
            is_deputy=True,
        )
        for one in lacking
        if may_grant(actor, Role(one["role"]), one["path"])
    ]


async def _note(actor: Actor, now: datetime, action: str, person_id: UUID, facts: dict[str, Any]) -> None:
    name = await row("SELECT name FROM accounts_person WHERE id = $1", person_id)
    home = await home_of(person_id, now)
    facts = {"name": name["name"] if name else "", **facts}
    await note_within(actor, now, action, "person", person_id, organisation_id=home, facts=facts)
