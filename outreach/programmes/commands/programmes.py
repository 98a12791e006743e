"""Making and changing programmes, their targets and their year."""

from dataclasses import fields, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from outreach.accounts.journal import note_within
from outreach.accounts.queries import organisation_by_id
from outreach.programmes.commands.storing import (
    CONFLICTS,
    hold_year_within,
    insert_programme,
    insert_target,
    lock_year,
    update_programme,
    update_target,
)
from outreach.programmes.domain.errors import TargetInUseError
from outreach.programmes.domain.permissions import may_change_programme, may_read_programme
from outreach.programmes.domain.promise import (
    ProgrammeFacts,
    TargetFacts,
    programme_problems,
    ramp_problems,
    target_problems,
    year_problems,
)
from outreach.programmes.queries import ProgrammeRow, TargetRow, programme_by_id, target_by_id, targets_of
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.errors import (
    FieldProblem,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    StaleError,
    invalid,
)

__all__ = [
    "change_programme",
    "change_target",
    "changeable_within",
    "create_programme",
    "create_programme_within",
    "create_target",
    "create_target_within",
    "noted_within",
    "owner_within",
    "refuse",
    "remove_target",
]


async def create_programme(
    actor: Actor, now: datetime, *, organisation_id: UUID | None, year: int, facts: ProgrammeFacts
) -> UUID:
    """Make a programme with its targets; it takes the next number of the year.

    Args:
        organisation_id: the owner; ``None``: the organisation that the actor runs.

    Raises:
        InvalidError: names the bad field; the code is taken; the organisation is unknown to the actor.
        ForbiddenError: the actor does not run the organisation.
        ClosedYearError: the year is closed.
    """
    async with db.atomic(CONFLICTS):
        return await create_programme_within(actor, now, organisation_id=organisation_id, year=year, facts=facts)


async def create_programme_within(
    actor: Actor, now: datetime, *, organisation_id: UUID | None, year: int, facts: ProgrammeFacts
) -> UUID:
    """Make a programme inside the open transaction; see ``create_programme``.

    ``db.atomic`` was opened with ``CONFLICTS``, or the caller has seen that the code is free.
    """
    refuse(year_problems(year) + programme_problems(facts, year))
    owner = await owner_within(actor, organisation_id)
    await hold_year_within(owner, year, now)
    position = await db.value(
        "SELECT coalesce(max(position), 0) + 1 FROM programmes_programme WHERE organisation = $1 AND year = $2",
        owner,
        year,
    )
    made = await insert_programme(owner, year, position, facts, now)
    await noted_within(actor, now, "programme.created", made, owner, {"code": facts.code, "year": year})
    return made


async def owner_within(actor: Actor, organisation_id: UUID | None) -> UUID:
    """The organisation that is to own a new programme; ``None``: the one that the actor runs.

    Raises:
        InvalidError: it is unknown to the actor, or an administrator named none.
        ForbiddenError: the actor does not run it.
    """
    if organisation_id is None:
        run = [grant.organisation_id for grant in actor.grants if actor.organises(grant.path) and grant.organisation_id]
        if not run:
            raise invalid("organisation_id", "required") if actor.is_administrator else ForbiddenError
        return run[0]
    found = await organisation_by_id(organisation_id)
    if found is None or not may_read_programme(actor, found.path):
        raise invalid("organisation_id", "not-found")
    if not may_change_programme(actor, found.path):
        raise ForbiddenError
    return found.id


async def changeable_within(actor: Actor, programme_id: UUID) -> ProgrammeRow:
    """The programme, locked, its year held open.

    Raises:
        NotFoundError: the actor may not know of it.
        ForbiddenError: the actor does not run its owner.
        ClosedYearError: the year is closed.
    """
    await db.value("SELECT 1 FROM programmes_programme WHERE id = $1 FOR UPDATE", programme_id)
    before = await programme_by_id(programme_id)
    if not may_read_programme(actor, before.organisation_path):
        raise NotFoundError
    if not may_change_programme(actor, before.organisation_path):
        raise ForbiddenError
    await lock_year(before.organisation_id, before.year)
    return before


async def change_programme(
    actor: Actor,
    now: datetime,
    programme_id: UUID,
    changes: dict[str, Any],
    *,
    expected_revision: int | None = None,
) -> None:
    """Change the fields of ``ProgrammeFacts`` named in ``changes``; ``targets`` are made or changed by their key.

    Raises:
        NotFoundError, ForbiddenError, ClosedYearError: as for any change of a programme.
        StaleError: it is not at ``expected_revision`` any more.
        InvalidError: names the bad field.
    """
    async with db.atomic(CONFLICTS):
        before = await changeable_within(actor, programme_id)
        if expected_revision is not None and expected_revision != before.revision:
            raise StaleError
        known = (await targets_of([programme_id]))[programme_id]
        after = replace(_facts(before), **changes)
        refuse(programme_problems(after, before.year) + _problems_of_kept(known, after))
        await update_programme(programme_id, after)
        await _store_targets(programme_id, known, after.targets, now)
        facts = {"code": after.code, "fields": sorted(changes)}
        await noted_within(actor, now, "programme.changed", programme_id, before.organisation_id, facts)


def _facts(row: ProgrammeRow) -> ProgrammeFacts:
    names = [one.name for one in fields(ProgrammeFacts) if one.name not in ("short_name", "targets")]
    return ProgrammeFacts(short_name=row.short, **{name: getattr(row, name) for name in names})


def refuse(problems: list[FieldProblem]) -> None:
    """Raise ``InvalidError`` when there are problems."""
    if problems:
        raise InvalidError(problems)


def _problems_of_kept(known: list[TargetRow], after: ProgrammeFacts) -> list[FieldProblem]:
    """Kinds that targets count and the programme would lose."""
    given = {target.key for target in after.targets}
    gone = {kind for one in known if one.key not in given for kind in one.kinds if kind not in after.kinds}
    return [FieldProblem("kinds", "kinds-counted", {"kinds": sorted(gone)})] if gone else []


async def _store_targets(
    programme_id: UUID, known: list[TargetRow], given: tuple[TargetFacts, ...], now: datetime
) -> None:
    ids = {one.key: one.id for one in known}
    last = max((one.position for one in known), default=0)
    for target in given:
        if target.key in ids:
            await update_target(ids[target.key], target)
        else:
            last += 1
            await insert_target(programme_id, last, target, now)


async def create_target(actor: Actor, now: datetime, programme_id: UUID, facts: TargetFacts) -> UUID:
    """Add a target to a programme.

    Raises:
        NotFoundError, ForbiddenError, ClosedYearError: as for any change of a programme.
        InvalidError: names the bad field; the key is taken.
    """
    async with db.atomic(CONFLICTS):
        return await create_target_within(actor, now, programme_id, facts)


async def create_target_within(actor: Actor, now: datetime, programme_id: UUID, facts: TargetFacts) -> UUID:
    """Add a target inside the open transaction; see ``create_target``."""
    programme = await changeable_within(actor, programme_id)
    refuse(target_problems(facts, programme.kinds) + ramp_problems(facts, programme.year))
    position = await db.value(
        "SELECT coalesce(max(position), 0) + 1 FROM programmes_target WHERE programme = $1", programme_id
    )
    made = await insert_target(programme_id, position, facts, now)
    await _touch(programme_id)
    await noted_within(actor, now, "target.created", made, programme.organisation_id, {"key": facts.key}, kind="target")
    return made


async def change_target(actor: Actor, now: datetime, target_id: UUID, facts: TargetFacts) -> None:
    """Replace what a target says.

    Raises:
        NotFoundError, ForbiddenError, ClosedYearError: as for any change of a programme.
        TargetInUseError: it has entries and would no longer take any.
        InvalidError: names the bad field; the key is taken.
    """
    async with db.atomic(CONFLICTS):
        before = await target_by_id(target_id)
        programme = await changeable_within(actor, before.programme_id)
        refuse(target_problems(facts, programme.kinds) + ramp_problems(facts, programme.year))
        if facts.metric is not before.metric and await _has_entries(target_id):
            raise TargetInUseError
        await update_target(target_id, facts)
        await _touch(before.programme_id)
        noted = {"key": facts.key, "value": facts.value, "old_value": before.value}
        await noted_within(actor, now, "target.changed", target_id, programme.organisation_id, noted, kind="target")


async def remove_target(actor: Actor, now: datetime, target_id: UUID, *, reason: str) -> None:
    """Take a target back that has no entries.

    Raises:
        NotFoundError, ForbiddenError, ClosedYearError: as for any change of a programme.
        TargetInUseError: it has entries, or a round of materials counts for it.
    """
    async with db.atomic(CONFLICTS):
        before = await target_by_id(target_id)
        programme = await changeable_within(actor, before.programme_id)
        if await _has_entries(target_id):
            raise TargetInUseError
        await db.execute("DELETE FROM programmes_target WHERE id = $1", target_id)
        await _touch(before.programme_id)
        noted = {"key": before.key, "value": before.value, "wording": before.wording}
        await noted_within(
            actor, now, "target.removed", target_id, programme.organisation_id, noted, kind="target", reason=reason
        )


async def _has_entries(target_id: UUID) -> bool:
    return await db.value("SELECT 1 FROM programmes_tally WHERE target = $1 LIMIT 1", target_id) is not None


async def _touch(programme_id: UUID) -> None:
    await db.execute("UPDATE programmes_programme SET revision = revision + 1 WHERE id = $1", programme_id)


async def noted_within(
    actor: Actor,
    now: datetime,
    action: str,
    object_id: UUID,
    organisation_id: UUID,
    facts: dict[str, Any],
    *,
    kind: str = "programme",
    reason: str = "",
) -> None:
    """A line in the journal about a programme, a target or a year."""
    await note_within(actor, now, action, kind, object_id, organisation_id=organisation_id, facts=facts, reason=reason)
