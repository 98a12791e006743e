"""Entry codes for many at once."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from outreach.accounts.commands.ways_in import IssuedCode
from outreach.accounts.domain.entry_codes import ENTRY_CODE_VALID, new_entry_code
from outreach.accounts.journal import Line, note_all_within
from outreach.accounts.queries.never_entered import NeverEnteredRow, Wanted, never_entered
from outreach.shared.actors import Actor
from outreach.shared.db import atomic, execute, rows
from outreach.shared.errors import ForbiddenError
from outreach.shared.ids import new_id
from outreach.shared.time import local_day
from outreach.web.security import token_digest

__all__ = ["CodesIssued", "UnitCode", "issue_entry_codes"]


@dataclass(frozen=True, slots=True)
class UnitCode:
    """A code just issued, and the names of the units for which its holder acts."""

    issued: IssuedCode
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CodesIssued:
    """What one press of the button made; ``left``: people whom the next one is for."""

    codes: list[UnitCode]
    left: int


async def issue_entry_codes(actor: Actor, now: datetime, *, wanted: Wanted) -> CodesIssued:
    """Make a code for everybody wanted who never logged in, ``MOST_CODES`` at most, by unit and name.

    Each is noted in the journal. Earlier codes of theirs stop working; without ``renewed_at`` nobody has one.

    Raises:
        ForbiddenError: the actor runs nothing.
    """
    if not actor.is_staff:
        raise ForbiddenError
    async with atomic():
        before = await never_entered(actor, now, wanted)
        chosen = sorted(one.id for one in before.rows)
        # In one order, so that two who print at once wait for each other and the second makes none.
        await rows("SELECT id FROM accounts_person WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE", chosen)
        still = (await never_entered(actor, now, wanted, among=chosen)).rows
        made = [(one, new_entry_code()) for one in still]
        expires_at = now + ENTRY_CODE_VALID
        await _store_within(actor, now, made, expires_at)
    codes = [
        UnitCode(IssuedCode(code, expires_at, one.name, one.login_name, one.phone), one.units) for one, code in made
    ]
    return CodesIssued(sorted(codes, key=lambda one: (one.units, one.issued.person_name)), before.total - len(chosen))


async def _store_within(
    actor: Actor, now: datetime, made: list[tuple[NeverEnteredRow, str]], expires_at: datetime
) -> None:
    persons = [one.id for one, _code in made]
    await execute(
        """UPDATE accounts_entry_code SET expires_at = $2
            WHERE person = ANY($1::uuid[]) AND used_at IS NULL AND expires_at > $2""",
        persons,
        now,
    )
    await execute(
        """INSERT INTO accounts_entry_code (id, person, code_hash, issued_by, created_at, expires_at)
           SELECT n.id, n.person, n.code_hash, $4, $5, $6
             FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS n (id, person, code_hash)""",
        [new_id() for _one in made],
        persons,
        [token_digest(code) for _one, code in made],
        actor.person_id,
        now,
        expires_at,
    )
    homes = await _homes_of(persons, now)
    lines = [
        Line(action="entry_code.issued", object_id=one.id, organisation_id=homes.get(one.id), facts={"name": one.name})
        for one, _code in made
    ]
    await note_all_within(actor, now, "person", lines)


async def _homes_of(persons: list[UUID], now: datetime) -> dict[UUID, UUID]:
    """``home_of`` for each of them, by one statement."""
    found = await rows(
        """SELECT DISTINCT ON (person) person, organisation FROM accounts_role_grant
            WHERE person = ANY($1::uuid[]) AND organisation IS NOT NULL
            ORDER BY person, (until_on IS NULL OR until_on > $2) DESC, from_on, id""",
        persons,
        local_day(now),
    )
    return {row["person"]: row["organisation"] for row in found}
