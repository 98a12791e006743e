"""What staff decide on requests."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from outreach.accounts.commands.people import CONFLICTS as PERSON_CONFLICTS
from outreach.accounts.commands.people import create_person_within
from outreach.accounts.commands.roles import check_may_grant, grant_role_within
from outreach.accounts.commands.ways_in import IssuedCode, issue_entry_code_within
from outreach.accounts.domain.permissions import may_manage_person, may_see_person
from outreach.accounts.journal import note_within
from outreach.accounts.queries import held_by
from outreach.accounts.requests.domain.errors import RequestDecidedError
from outreach.accounts.requests.queries import RequestRow, request_for
from outreach.shared.actors import Actor, Role
from outreach.shared.db import atomic, execute, row
from outreach.shared.errors import invalid
from outreach.shared.text import clean_line
from outreach.shared.time import local_day

__all__ = ["Accepted", "accept_request", "decline_request"]


@dataclass(frozen=True, slots=True)
class Accepted:
    """Who became a contact; ``issued`` is the code to hand over, ``None`` for somebody who has a password."""

    person_id: UUID
    issued: IssuedCode | None


async def accept_request(actor: Actor, now: datetime, *, request_id: UUID, organisation_id: UUID) -> Accepted:
    """Make whoever asked a contact of an organisation; somebody with this number gets the role, else there is a person.

    Raises:
        NotFoundError: there is none for this caller.
        RequestDecidedError: somebody was faster.
        ForbiddenError: the actor does not run the organisation.
        RoleAlreadyGrantedError: the person is its contact already.
        InvalidError: names the bad field; the number belongs to somebody whom the actor may not give roles.
    """
    async with atomic(PERSON_CONFLICTS):
        asked = await _decide_within(actor, now, request_id, "accepted")
        await check_may_grant(actor, Role.CONTACT, organisation_id)
        person_id, needs_code = await _person_within(actor, now, asked, organisation_id)
        await grant_role_within(actor, now, person_id=person_id, role=Role.CONTACT, organisation_id=organisation_id)
        issued = await issue_entry_code_within(actor, now, person_id=person_id) if needs_code else None
        await execute(
            "UPDATE accounts_contact_request SET organisation = $2, person = $3 WHERE id = $1",
            request_id,
            organisation_id,
            person_id,
        )
        await _note(actor, now, asked, "accepted", organisation_id)
        return Accepted(person_id, issued)


async def decline_request(actor: Actor, now: datetime, *, request_id: UUID, reason: str) -> None:
    """Decline a request; whoever decides tells the person by telephone.

    Raises:
        NotFoundError: there is none for this caller.
        RequestDecidedError: somebody was faster.
    """
    async with atomic():
        asked = await _decide_within(actor, now, request_id, "declined", clean_line(reason))
        await _note(actor, now, asked, "declined", asked.organisation_id, clean_line(reason))


async def _decide_within(actor: Actor, now: datetime, request_id: UUID, to: str, reason: str = "") -> RequestRow:
    asked = await request_for(actor, request_id)
    decided = await execute(
        """UPDATE accounts_contact_request SET state = $2, reason = $3, decided_at = $4, decided_by = $5
            WHERE id = $1 AND state = 'waiting'""",
        request_id,
        to,
        reason,
        now,
        actor.person_id,
    )
    if not decided:
        raise RequestDecidedError
    return asked


async def _person_within(actor: Actor, now: datetime, asked: RequestRow, organisation_id: UUID) -> tuple[UUID, bool]:
    """The person with the number, made when there is none; whether a code must be handed over."""
    found = await row(
        "SELECT id, disabled_at, password_hash IS NULL AS fresh FROM accounts_person WHERE phone = $1 FOR UPDATE",
        asked.phone,
    )
    if found is None:
        made = await create_person_within(
            actor, now, name=asked.name, phone=asked.phone, organisation_id=organisation_id
        )
        return made, True
    held = await held_by(found["id"], local_day(now))
    if not may_see_person(actor, held):
        raise invalid("organisation_id", "request-person-elsewhere")
    if found["disabled_at"] is not None:
        raise invalid("organisation_id", "request-person-disabled")
    return found["id"], bool(found["fresh"]) and may_manage_person(actor, held)


async def _note(
    actor: Actor, now: datetime, asked: RequestRow, to: str, organisation_id: UUID | None, reason: str = ""
) -> None:
    facts: dict[str, Any] = {"unit": asked.unit}
    if to == "accepted":
        facts["name"] = asked.name  # who was declined is nobody here, and the journal keeps what it is told for ever
    await note_within(
        actor,
        now,
        f"contact_request.{to}",
        "contact_request",
        asked.id,
        organisation_id=organisation_id,
        from_state="waiting",
        to_state=to,
        reason=reason,
        facts=facts,
    )
