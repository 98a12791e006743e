"""The command that hands work over (交接)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from outreach.accounts.commands.people import home_of
from outreach.accounts.commands.roles import ROLE_CONFLICTS, end_role_within, grant_role_within
from outreach.accounts.domain.permissions import may_grant, may_see_person
from outreach.accounts.journal import note_within
from outreach.accounts.queries import GrantRow, PersonRow, held_by, person_by_id
from outreach.bookings.handing_over import hand_over_contacts_within
from outreach.persons.domain.work import HandedOver, HandedRole, Work, WorkKind
from outreach.persons.queries import open_work
from outreach.shared.actors import Actor, Role
from outreach.shared.db import atomic, execute, rows
from outreach.shared.errors import ForbiddenError, NotFoundError, invalid
from outreach.shared.ids import new_id
from outreach.shared.text import clean_line
from outreach.shared.time import local_day

__all__ = ["HandoverGiven", "giver_of", "hand_over", "lock_persons_within", "work_of"]


@dataclass(frozen=True, slots=True)
class HandoverGiven:
    """Which roles of the giver go to whom; with ``keeps_roles`` the giver has them as well until somebody ends them."""

    taker_id: UUID
    grant_ids: Sequence[UUID]
    keeps_roles: bool = False
    note: str = ""


async def giver_of(actor: Actor, now: datetime, person_id: UUID) -> tuple[PersonRow, list[GrantRow]]:
    """The person, and those of their roles that ``actor`` may hand over.

    Raises:
        NotFoundError: the actor may not know of the person.
    """
    today = local_day(now)
    person = await person_by_id(person_id, actor)
    if person is None or not may_see_person(actor, await held_by(person_id, today)):
        raise NotFoundError
    open_ = [one for one in person.grants if not one.is_over(today) and one.until_on != one.from_on]
    return person, [one for one in open_ if may_grant(actor, one.role, one.path if one.organisation_id else None)]


async def work_of(person_id: UUID, now: datetime, roles: Sequence[GrantRow]) -> list[Work]:
    """What hangs on these roles of the person."""
    return await open_work(
        person_id,
        now,
        units=[one.organisation_id for one in roles if one.role is Role.CONTACT and one.organisation_id],
        organisations=[one.organisation_id for one in roles if one.role is Role.ORGANISER and one.organisation_id],
    )


async def hand_over(actor: Actor, now: datetime, *, giver_id: UUID, given: HandoverGiven) -> UUID:
    """Give roles and the open work that hangs on them to somebody else; return the id of the paper.

    The taker gets the roles from today, the giver's end today unless ``keeps_roles``. Open bookings and orders that
    name the giver as contact person name the taker. What belongs to the organisation (tables that are due, sessions to
    be closed) goes with the role and stands on the paper.

    Raises:
        NotFoundError: the actor may not know of the giver.
        ForbiddenError: a role is none that the actor may give.
        InvalidError: names the bad field.
        LastAdministratorError: nobody would be left who may do everything.
    """
    if given.taker_id == giver_id:
        raise invalid("taker_id", "taker-self")
    async with atomic(ROLE_CONFLICTS):
        await lock_persons_within([giver_id, given.taker_id])
        giver, may_give = await giver_of(actor, now, giver_id)
        taker = await _taker(actor, now, given.taker_id)
        roles = [one for one in may_give if one.id in set(given.grant_ids)]
        if not roles:
            raise invalid("grant_ids", "roles-needed")
        if len(roles) < len(set(given.grant_ids)):
            raise ForbiddenError
        work = await work_of(giver_id, now, roles)
        await _move_contacts_within(actor, now, work, taker)
        for one in roles:
            await _give_within(actor, now, one, taker, keeps=given.keeps_roles)
        handed = HandedOver(
            roles=[HandedRole(role=one.role, unit=one.organisation_name, keeps=given.keeps_roles) for one in roles],
            work=work,
        )
        return await _store_within(actor, now, giver, taker, handed, given.note)


async def lock_persons_within(person_ids: Sequence[UUID]) -> None:
    """Lock persons in the order of their ids."""
    await rows("SELECT 1 FROM accounts_person WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE", list(person_ids))


async def _taker(actor: Actor, now: datetime, taker_id: UUID) -> PersonRow:
    taker = await person_by_id(taker_id)
    if taker is None or not may_see_person(actor, await held_by(taker_id, local_day(now))):
        raise invalid("taker_id", "person-unknown")
    if taker.disabled_at is not None:
        raise invalid("taker_id", "person-disabled")
    return taker


async def _move_contacts_within(actor: Actor, now: datetime, work: Sequence[Work], taker: PersonRow) -> None:
    moving = [one for one in work if one.moves]
    if not moving:
        return
    if not taker.phone:
        raise invalid("taker_id", "taker-needs-phone")
    await hand_over_contacts_within(
        actor,
        now,
        order_ids=[one.id for one in moving if one.kind is WorkKind.ORDER],
        booking_ids=[one.id for one in moving if one.kind is WorkKind.BOOKING],
        name=taker.name,
        phone=taker.phone,
    )


async def _give_within(actor: Actor, now: datetime, role: GrantRow, taker: PersonRow, *, keeps: bool) -> None:
    """The role to the taker, who may hold it for a while already, as a deputy; then the giver's ends."""
    today = local_day(now)
    held = [
        one
        for one in taker.grants
        if (one.role, one.organisation_id) == (role.role, role.organisation_id) and not one.is_over(today)
    ]
    if not any(one.until_on is None for one in held):
        for one in held:
            await end_role_within(actor, now, grant_id=one.id)
        await grant_role_within(
            actor,
            now,
            person_id=taker.id,
            role=role.role,
            organisation_id=role.organisation_id,
            until_on=role.until_on,
        )
    if not keeps:
        await end_role_within(actor, now, grant_id=role.id)


async def _store_within(
    actor: Actor, now: datetime, giver: PersonRow, taker: PersonRow, handed: HandedOver, note: str
) -> UUID:
    made = new_id()
    await execute(
        """INSERT INTO persons_handover
               (id, giver, taker, giver_name, taker_name, note, items, created_by, created_by_name, created_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)""",
        made,
        giver.id,
        taker.id,
        giver.name,
        taker.name,
        clean_line(note),
        msgspec.json.encode(handed).decode(),
        actor.person_id,
        actor.name,
        now,
    )
    facts: dict[str, Any] = {"name": giver.name, "to": taker.name, "roles": len(handed.roles), "work": len(handed.work)}
    home = await home_of(taker.id, now)
    await note_within(actor, now, "person.handed_over", "person", giver.id, organisation_id=home, facts=facts)
    return made
