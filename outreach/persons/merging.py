"""The commands that make two rows of one human being one, and put that back."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from outreach.accounts.commands.people import CONFLICTS as PERSON_CONFLICTS
from outreach.accounts.commands.people import home_of, lock_manageable
from outreach.accounts.commands.roles import grant_role_within
from outreach.accounts.journal import note_within
from outreach.accounts.queries import GrantRow, PersonRow, person_by_id
from outreach.persons.domain.errors import AlreadyMergedError, NotMergedError
from outreach.persons.domain.merging import EndedRole, Moved
from outreach.persons.handing_over import lock_persons_within
from outreach.persons.queries import merge_by_id
from outreach.shared.actors import Actor
from outreach.shared.db import Conflicts, atomic, execute, row, rows
from outreach.shared.errors import NotFoundError, invalid
from outreach.shared.ids import new_id
from outreach.shared.text import clean_line
from outreach.shared.time import local_day

__all__ = ["merge_persons", "undo_merge"]

CONFLICTS: Conflicts = {**PERSON_CONFLICTS, "persons_merge_once": AlreadyMergedError}

#: Ways in and to be reached; the one who stays gets those that they lack.
_WAYS = ("phone", "login_name")


async def merge_persons(actor: Actor, now: datetime, *, kept_id: UUID, dropped_id: UUID, reason: str = "") -> UUID:
    """Make ``dropped`` part of ``kept``; return the merge's id.

    Roles go over from today, as do telephone and login name where ``kept`` has none, what ``dropped`` is as a lecturer,
    and where ``dropped`` stands in for others. Logins, one-time codes, API tokens and private feeds of ``dropped`` end
    for good and the person is shut out. What ``dropped`` did stays theirs: bookings, orders and the journal name them.

    Raises:
        NotFoundError, ForbiddenError: one of the two is not the actor's to manage.
        AlreadyMergedError: ``dropped`` was merged before.
        InvalidError: they are the same, ``dropped`` is the actor, or ``kept`` is shut out.
    """
    if kept_id == dropped_id:
        raise invalid("dropped_id", "merge-same")
    if dropped_id == actor.person_id:
        raise invalid("dropped_id", "merge-yourself")
    async with atomic(CONFLICTS):
        await lock_persons_within([kept_id, dropped_id])
        for one in (kept_id, dropped_id):
            await lock_manageable(actor, now, one)
        kept, dropped = await _both(kept_id, dropped_id)
        if kept.disabled_at is not None:
            raise invalid("dropped_id", "merge-kept-disabled")
        moved = Moved(
            **await _roles_within(actor, now, kept, dropped),
            ways=await _ways_within(kept, dropped),
            **await _rest_within(now, kept_id, dropped_id),
            was_disabled=dropped.disabled_at is not None,
        )
        await _shut_out_within(now, dropped_id)
        return await _store_within(actor, now, kept, dropped, moved, reason)


async def undo_merge(actor: Actor, now: datetime, *, merge_id: UUID) -> UUID:
    """Put a merge back: roles, telephone, login name, lecturer. Who was shut out needs a new one-time code to enter.

    Returns the id of who was merged.

    Raises:
        NotFoundError, ForbiddenError: it is not the actor's to manage.
        NotMergedError: it was put back before.
        RoleAlreadyGrantedError: the person was given such a role anew meanwhile.
    """
    async with atomic(CONFLICTS):
        found = await merge_by_id(merge_id)
        if found is None:
            raise NotFoundError
        await lock_persons_within([found.kept_id, found.dropped_id])
        for one in (found.kept_id, found.dropped_id):
            await lock_manageable(actor, now, one)
        undone = await execute(
            "UPDATE persons_merge SET undone_at = $2, undone_by = $3 WHERE id = $1 AND undone_at IS NULL",
            merge_id,
            now,
            actor.person_id,
        )
        if not undone:
            raise NotMergedError
        await _put_back_within(now, found.kept_id, found.dropped_id, found.moved)
        await _note(actor, now, "person.merge_undone", found.kept_id, found.kept_name, found.dropped_name)
        await _note(actor, now, "person.merge_undone", found.dropped_id, found.dropped_name, found.kept_name)
        return found.dropped_id


async def _both(kept_id: UUID, dropped_id: UUID) -> tuple[PersonRow, PersonRow]:
    kept, dropped = await person_by_id(kept_id), await person_by_id(dropped_id)
    assert kept is not None
    assert dropped is not None  # both are locked
    return kept, dropped


async def _roles_within(actor: Actor, now: datetime, kept: PersonRow, dropped: PersonRow) -> dict[str, Any]:
    """Give ``kept`` those roles of ``dropped`` that they lack, then end all of ``dropped``'s."""
    today = local_day(now)
    ended, made = [], []
    for one in dropped.grants:
        if one.is_over(today) or one.until_on == one.from_on:
            continue
        if not _holds(kept, one, now):
            made.append(
                await grant_role_within(
                    actor,
                    now,
                    person_id=kept.id,
                    role=one.role,
                    organisation_id=one.organisation_id,
                    from_on=max(one.from_on, today),
                    until_on=one.until_on,
                    is_deputy=one.is_deputy,
                )
            )
        ended.append(EndedRole(id=one.id, until_on=one.until_on))
    await execute(
        "UPDATE accounts_role_grant SET until_on = greatest($2, from_on) WHERE id = ANY($1::uuid[])",
        [one.id for one in ended],
        today,
    )
    return {"ended": ended, "made": made}


def _holds(kept: PersonRow, role: GrantRow, now: datetime) -> bool:
    """Whether a role of the one who stays would overlap."""
    begins = max(role.from_on, local_day(now))
    return any(
        (one.role, one.organisation_id) == (role.role, role.organisation_id)
        and (one.until_on is None or one.until_on > begins)
        for one in kept.grants
    )


async def _ways_within(kept: PersonRow, dropped: PersonRow) -> list[str]:
    """Names of the ways that went over."""
    ways = [name for name in _WAYS if getattr(kept, name) is None and getattr(dropped, name) is not None]
    await _hand_ways_within(dropped.id, kept.id, ways)
    return ways


async def _hand_ways_within(giver_id: UUID, taker_id: UUID, ways: list[str]) -> None:
    """Telephone and login name are unique: taken from one before the other has them."""
    if not ways:
        return
    given = await row("SELECT phone, login_name FROM accounts_person WHERE id = $1", giver_id)
    assert given is not None  # locked
    await execute(
        """UPDATE accounts_person SET phone = CASE WHEN 'phone' = ANY($2::text[]) THEN NULL ELSE phone END,
                  login_name = CASE WHEN 'login_name' = ANY($2::text[]) THEN NULL ELSE login_name END,
                  revision = revision + 1 WHERE id = $1""",
        giver_id,
        ways,
    )
    await execute(
        """UPDATE accounts_person SET phone = CASE WHEN 'phone' = ANY($2::text[]) THEN $3 ELSE phone END,
                  login_name = CASE WHEN 'login_name' = ANY($2::text[]) THEN $4 ELSE login_name END,
                  revision = revision + 1 WHERE id = $1""",
        taker_id,
        ways,
        given["phone"],
        given["login_name"],
    )


async def _rest_within(now: datetime, kept_id: UUID, dropped_id: UUID) -> dict[str, Any]:
    """The lecturer behind the person, and leave: where ``dropped`` stands in, and ``dropped``'s own."""
    providers = await rows(
        "UPDATE events_provider SET person = $1, revision = revision + 1 WHERE person = $2 RETURNING id",
        kept_id,
        dropped_id,
    )
    stands_in = await rows(
        """UPDATE accounts_leave SET deputy = $1 WHERE deputy = $2 AND person <> $1 AND ended_at IS NULL
              AND until_on > $3 RETURNING id""",
        kept_id,
        dropped_id,
        local_day(now),
    )
    leaves = await rows(
        """UPDATE accounts_leave SET ended_at = $3 WHERE (person = $2 OR (deputy = $2 AND person = $1))
              AND ended_at IS NULL AND until_on > $4 RETURNING id""",
        kept_id,
        dropped_id,
        now,
        local_day(now),
    )
    await execute(
        """UPDATE accounts_role_grant SET until_on = greatest($2, from_on)
            WHERE id IN (SELECT unnest(grants) FROM accounts_leave WHERE id = ANY($1::uuid[]))
              AND (until_on IS NULL OR until_on > $2)""",
        [one["id"] for one in leaves],
        local_day(now),
    )
    return {
        "providers": [one["id"] for one in providers],
        "stands_in": [one["id"] for one in stands_in],
        "leaves": [one["id"] for one in leaves],
    }


async def _shut_out_within(now: datetime, person_id: UUID) -> None:
    for table in ("accounts_login", "accounts_api_token", "calendars_private_feed"):
        await execute(
            f"UPDATE {table} SET revoked_at = $2 WHERE person = $1 AND revoked_at IS NULL",  # noqa: S608 - our names
            person_id,
            now,
        )
    await execute(
        "UPDATE accounts_entry_code SET expires_at = $2 WHERE person = $1 AND used_at IS NULL AND expires_at > $2",
        person_id,
        now,
    )
    await execute(
        "UPDATE accounts_person SET disabled_at = coalesce(disabled_at, $2), revision = revision + 1 WHERE id = $1",
        person_id,
        now,
    )


async def _store_within(
    actor: Actor, now: datetime, kept: PersonRow, dropped: PersonRow, moved: Moved, reason: str
) -> UUID:
    made = new_id()
    await execute(
        """INSERT INTO persons_merge
               (id, kept, dropped, kept_name, dropped_name, reason, moved, created_by, created_by_name, created_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)""",
        made,
        kept.id,
        dropped.id,
        kept.name,
        dropped.name,
        clean_line(reason),
        msgspec.json.encode(moved).decode(),
        actor.person_id,
        actor.name,
        now,
    )
    await _note(actor, now, "person.merged", kept.id, kept.name, dropped.name, reason)
    await _note(actor, now, "person.merged_away", dropped.id, dropped.name, kept.name, reason)
    return made


async def _put_back_within(now: datetime, kept_id: UUID, dropped_id: UUID, moved: Moved) -> None:
    today = local_day(now)
    await execute(
        """UPDATE accounts_role_grant SET until_on = greatest($2, from_on)
            WHERE id = ANY($1::uuid[]) AND (until_on IS NULL OR until_on > $2)""",
        moved.made,
        today,
    )
    for one in moved.ended:
        await execute("UPDATE accounts_role_grant SET until_on = $2 WHERE id = $1", one.id, one.until_on)
    await _hand_ways_within(kept_id, dropped_id, moved.ways)
    await execute(
        "UPDATE events_provider SET person = $2, revision = revision + 1 WHERE id = ANY($1::uuid[]) AND person = $3",
        moved.providers,
        dropped_id,
        kept_id,
    )
    await execute(
        "UPDATE accounts_leave SET deputy = $2 WHERE id = ANY($1::uuid[]) AND deputy = $3 AND person <> $2",
        moved.stands_in,
        dropped_id,
        kept_id,
    )
    if not moved.was_disabled:
        await execute(
            "UPDATE accounts_person SET disabled_at = NULL, revision = revision + 1 WHERE id = $1", dropped_id
        )


async def _note(
    actor: Actor, now: datetime, action: str, person_id: UUID, name: str, other: str, reason: str = ""
) -> None:
    home = await home_of(person_id, now)
    facts = {"name": name, "other": other}
    await note_within(
        actor, now, action, "person", person_id, organisation_id=home, reason=clean_line(reason), facts=facts
    )
