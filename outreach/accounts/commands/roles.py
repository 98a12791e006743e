"""Roles: who is what, where, from which day to which."""

from datetime import date, datetime
from typing import TypedDict, Unpack
from uuid import UUID

from outreach.accounts.domain.errors import LastAdministratorError, RoleAlreadyGrantedError
from outreach.accounts.domain.permissions import may_grant, may_read_organisation, may_see_person
from outreach.accounts.journal import note_within
from outreach.accounts.queries import held_by, organisation_by_id
from outreach.shared.actors import Actor, Role
from outreach.shared.db import Conflicts, atomic, execute, row, rows, value
from outreach.shared.errors import (
    FieldProblem,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    invalid,
)
from outreach.shared.ids import new_id
from outreach.shared.time import implausible_day, local_day

__all__ = [
    "ROLE_CONFLICTS",
    "check_may_grant",
    "check_span",
    "end_role",
    "end_role_within",
    "grant_role",
    "grant_role_within",
    "leave_an_administrator",
]

ROLE_CONFLICTS: Conflicts = {"accounts_role_grant_once": RoleAlreadyGrantedError}

#: Those who may let others in: a code issued before somebody got such a role must not lead to it.
_POWERFUL = frozenset({Role.ADMINISTRATOR, Role.ORGANISER})


# Any constant: those who stop being administrator go one after the other.
_ADMINISTRATORS_LOCK = 0x61646D6E


class Span(TypedDict, total=False):
    """From which day (today) to which (open) a role is held, and whether in place of another; all may be left out."""

    from_on: date | None
    until_on: date | None
    is_deputy: bool


async def grant_role(
    actor: Actor,
    now: datetime,
    *,
    person_id: UUID,
    role: Role,
    organisation_id: UUID | None,
    **span: Unpack[Span],
) -> UUID:
    """Give a person another role; return the grant's id.

    Raises:
        NotFoundError: the person has no role in the part of the tree that the actor runs.
        ForbiddenError: the actor does not run the organisation, or makes an administrator without being one.
        RoleAlreadyGrantedError: the person holds it there already.
        InvalidError: names the bad field.
    """
    async with atomic(ROLE_CONFLICTS):
        await value("SELECT 1 FROM accounts_person WHERE id = $1 FOR UPDATE", person_id)
        if not may_see_person(actor, await held_by(person_id, local_day(now))):
            raise NotFoundError
        await check_may_grant(actor, role, organisation_id)
        return await grant_role_within(
            actor, now, person_id=person_id, role=role, organisation_id=organisation_id, **span
        )


async def grant_role_within(
    actor: Actor | None,
    now: datetime,
    *,
    person_id: UUID,
    role: Role,
    organisation_id: UUID | None,
    from_on: date | None = None,
    until_on: date | None = None,
    is_deputy: bool = False,
) -> UUID:
    """Give a role inside the open transaction, without asking for permission; return the grant's id.

    Args:
        actor: ``None`` for the program itself.
        organisation_id: ``None`` for an administrator and for nobody else.
        from_on: first day; today when ``None``.
        until_on: first day without it; open when ``None``.
    """
    begins = from_on or local_day(now)
    check_span(begins, until_on)
    if role is Role.ADMINISTRATOR and organisation_id is not None:
        raise invalid("organisation_id", "no-organisation")
    if role is not Role.ADMINISTRATOR and organisation_id is None:
        raise invalid("organisation_id", "organisation-needed")
    held = await value(
        """SELECT 1 FROM accounts_role_grant WHERE person = $1 AND role = $2 AND organisation IS NOT DISTINCT FROM $3
              AND (until_on IS NULL OR until_on > $4)""",
        person_id,
        role,
        organisation_id,
        begins,
    )
    if held:
        raise RoleAlreadyGrantedError
    made = new_id()
    await execute(
        """INSERT INTO accounts_role_grant (id, person, organisation, role, from_on, until_on, is_deputy, created_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)""",
        made,
        person_id,
        organisation_id,
        role,
        begins,
        until_on,
        is_deputy,
        now,
    )
    if role in _POWERFUL:
        await execute(
            "UPDATE accounts_entry_code SET expires_at = $2 WHERE person = $1 AND used_at IS NULL AND expires_at > $2",
            person_id,
            now,
        )
    facts = {"name": await _name_of(person_id), "role": role, "from_on": begins.isoformat()}
    await note_within(
        actor, now, "role.granted", "person", person_id, organisation_id=organisation_id, to_state=role, facts=facts
    )
    return made


async def end_role(actor: Actor, now: datetime, *, grant_id: UUID) -> UUID:
    """End a role today; it gives no right any more from this moment. Return the person's id.

    Raises:
        NotFoundError: it is not in the part of the tree that the actor runs, or is over already.
        LastAdministratorError: nobody would be left who may do everything.
    """
    async with atomic():
        return await end_role_within(actor, now, grant_id=grant_id)


async def end_role_within(actor: Actor, now: datetime, *, grant_id: UUID) -> UUID:
    """``end_role`` inside the open transaction; permission is asked all the same."""
    today = local_day(now)
    found = await row(
        """SELECT g.person, g.role, g.organisation, o.path FROM accounts_role_grant g
             LEFT JOIN accounts_organisation o ON o.id = g.organisation WHERE g.id = $1""",
        grant_id,
    )
    if found is None or not may_grant(actor, Role(found["role"]), found["path"]):
        raise NotFoundError
    if found["role"] == Role.ADMINISTRATOR:
        await leave_an_administrator(found["person"], today)
    ended = await value(
        """UPDATE accounts_role_grant SET until_on = greatest($2, from_on)
            WHERE id = $1 AND (until_on IS NULL OR until_on > $2) AND until_on IS DISTINCT FROM from_on
           RETURNING person""",
        grant_id,
        today,
    )
    if ended is None:
        raise NotFoundError
    await note_within(
        actor,
        now,
        "role.ended",
        "person",
        found["person"],
        organisation_id=found["organisation"],
        from_state=found["role"],
        facts={"name": await _name_of(found["person"]), "role": found["role"]},
    )
    person: UUID = found["person"]
    return person


async def check_may_grant(actor: Actor, role: Role, organisation_id: UUID | None) -> None:
    organisation = await organisation_by_id(organisation_id) if organisation_id else None
    if organisation_id is not None and (organisation is None or not may_read_organisation(actor, organisation.path)):
        raise invalid("organisation_id", "not-found")
    if role is not Role.ADMINISTRATOR and organisation is None:
        raise invalid("organisation_id", "organisation-needed")
    if not may_grant(actor, role, organisation.path if organisation else None):
        raise ForbiddenError


async def leave_an_administrator(leaving: UUID, today: date) -> None:
    """Wait for others who leave at this moment, then see who is left.

    Raises:
        LastAdministratorError: ``leaving`` is the only one who can still come in.
    """
    await value("SELECT pg_advisory_xact_lock($1)", _ADMINISTRATORS_LOCK)
    left = await rows(
        """SELECT g.person FROM accounts_role_grant g JOIN accounts_person p ON p.id = g.person
            WHERE g.role = 'administrator' AND g.from_on <= $1 AND (g.until_on IS NULL OR g.until_on > $1)
              AND p.disabled_at IS NULL""",
        today,
    )
    persons = {found["person"] for found in left}
    if persons == {leaving}:
        raise LastAdministratorError


async def _name_of(person_id: UUID) -> str:
    name: str | None = await value("SELECT name FROM accounts_person WHERE id = $1", person_id)
    if name is None:
        raise NotFoundError
    return name


def check_span(from_on: date, until_on: date | None) -> None:
    problems = implausible_day("from_on", from_on) + implausible_day("until_on", until_on)
    if not problems and until_on is not None and until_on <= from_on:
        problems = [FieldProblem("until_on", "until-before-from")]
    if problems:
        raise InvalidError(problems)
