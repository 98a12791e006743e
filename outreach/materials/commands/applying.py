"""What units do: apply, withdraw, confirm that they got it."""

from datetime import datetime
from uuid import UUID

from outreach.accounts.journal import note_within
from outreach.accounts.queries import OrganisationRow, organisation_by_id
from outreach.materials.applications import ApplicationRow, application_by_id
from outreach.materials.commands.stock import quantity_problems
from outreach.materials.domain.allocation import LARGEST_AMOUNT
from outreach.materials.domain.errors import ApplicationStateError, ApplyingOverError, RoundStateError
from outreach.materials.domain.permissions import may_apply_for, may_keep, may_read_application, may_sign_for
from outreach.materials.domain.states import ApplicationState, RoundState, application_may_become
from outreach.materials.queries import RoundRow, readable_round, round_by_id
from outreach.programmes.commands.storing import lock_year
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.db import atomic
from outreach.shared.errors import FieldProblem, ForbiddenError, InvalidError, NotFoundError, invalid
from outreach.shared.ids import new_id
from outreach.shared.text import clean_line
from outreach.shared.time import local_day

__all__ = ["apply", "readable_application", "sign_for", "withdraw"]


async def apply(
    actor: Actor,
    now: datetime,
    *,
    round_id: UUID,
    organisation_id: UUID,
    wanted: int,
    members: int | None = None,
    hazard: bool = False,
    note: str = "",
) -> ApplicationRow:
    """Say what a unit needs; said again it replaces what was said before.

    A unit's contact applies until the round's last day. Who runs the round enters for a unit until it is decided (a
    unit that rang up), who runs only the unit as long as units apply.

    Args:
        members: people; ``None``: as collected of the unit.

    Raises:
        NotFoundError: the caller may not know of the round.
        RoundStateError: it takes no applications.
        ApplyingOverError: its last day is over.
        ClosedYearError: the year of its programme is closed.
        InvalidError: names every bad field.
    """
    async with atomic():
        row = await _open_within(actor, now, round_id)
        unit = await organisation_by_id(organisation_id)
        if unit is None or not may_apply_for(actor, row.organisation_path, unit.id, unit.path):
            raise invalid("organisation_id", "not-found")
        people = unit.member_count if members is None else members
        _check(unit, wanted, people)
        before = await db.row(
            """SELECT id, state, wanted FROM materials_application
                WHERE round = $1 AND organisation = $2 FOR NO KEY UPDATE""",
            round_id,
            organisation_id,
        )
        stored = await db.value(
            """INSERT INTO materials_application AS a
                      (id, round, organisation, wanted, members, hazard, note, state, reason, handed, applied_by,
                       applied_at, revision)
               VALUES ($1, $2, $3, $4, $5, $6, $7, 'submitted', '', 0, $8, $9, 1)
               ON CONFLICT (round, organisation) DO UPDATE
                  SET wanted = $4, members = $5, hazard = $6, note = $7, state = 'submitted', proposed = NULL,
                      granted = NULL, earlier = NULL, reason = '', applied_by = $8, applied_at = $9,
                      revision = a.revision + 1
            RETURNING id""",
            new_id(),
            round_id,
            organisation_id,
            wanted,
            people,
            hazard,
            clean_line(note),
            actor.person_id,
            now,
        )
        # What was proposed without this application no longer fits: the round's revision tells those who edit it.
        await db.execute("UPDATE materials_round SET revision = revision + 1 WHERE id = $1", round_id)
        made = await application_by_id(stored)
        await note_within(
            actor, now, "material_application.submitted", "material_application", stored,
            organisation_id=organisation_id, from_state=before["state"] if before else None,
            to_state=ApplicationState.SUBMITTED,
            facts={"title": row.title, "from": before["wanted"] if before else None, "to": wanted},
        )  # fmt: skip
        return made


async def _open_within(actor: Actor, now: datetime, round_id: UUID) -> RoundRow:
    """The round, locked, if the caller may apply in it now."""
    seen = await readable_round(actor, round_id)
    await lock_year(seen.organisation_id, seen.year)
    await db.execute("SELECT 1 FROM materials_round WHERE id = $1 FOR NO KEY UPDATE", round_id)
    row = await round_by_id(round_id)
    keeps = may_keep(actor, row.organisation_path)
    if row.state is not RoundState.APPLYING and not (keeps and row.state is RoundState.GATHERED):
        raise RoundStateError(state=row.state)
    if not keeps and local_day(now) > row.apply_until:
        raise ApplyingOverError(until=row.apply_until.isoformat())
    return row


def _check(unit: OrganisationRow, wanted: int, members: int | None) -> None:
    problems = [FieldProblem("wanted", one.code, one.facts) for one in quantity_problems(wanted)]
    if unit.closed_on is not None:
        problems.append(FieldProblem("organisation_id", "unit-closed"))
    if members is None:
        problems.append(FieldProblem("members", "members-unknown"))
    elif not 0 <= members <= LARGEST_AMOUNT:
        problems.append(FieldProblem("members", "unusable"))
    if problems:
        raise InvalidError(problems)


async def readable_application(actor: Actor, application_id: UUID) -> tuple[RoundRow, ApplicationRow]:
    """The application and its round, for its unit and who runs that.

    Raises:
        NotFoundError: not for this caller.
    """
    one = await application_by_id(application_id)
    if not may_read_application(actor, one.organisation_id, one.organisation_path):
        raise NotFoundError
    return await readable_round(actor, one.round_id), one


async def withdraw(actor: Actor, now: datetime, *, application_id: UUID) -> ApplicationRow:
    """Take an application back before it is decided.

    Raises:
        NotFoundError: not the caller's.
        RoundStateError, ApplyingOverError, ClosedYearError: as for ``apply``.
        ApplicationStateError: it is not waiting.
    """
    seen_round, seen = await readable_application(actor, application_id)
    async with atomic():
        row = await _open_within(actor, now, seen_round.id)
        await _become(seen, ApplicationState.WITHDRAWN, now, actor)
        await db.execute("UPDATE materials_round SET revision = revision + 1 WHERE id = $1", row.id)
        await _note(actor, now, "withdrawn", row, seen, ApplicationState.WITHDRAWN)
        return await application_by_id(application_id)


async def sign_for(actor: Actor, now: datetime, *, application_id: UUID) -> ApplicationRow:
    """The unit confirms that it got what was handed out (签收). Said again it changes nothing.

    Raises:
        NotFoundError, ForbiddenError: not the caller's unit.
        ApplicationStateError: nothing was handed out yet.
    """
    row, seen = await readable_application(actor, application_id)
    if not may_sign_for(actor, seen.organisation_id):
        raise ForbiddenError
    async with atomic():
        await db.execute("SELECT 1 FROM materials_application WHERE id = $1 FOR NO KEY UPDATE", application_id)
        seen = await application_by_id(application_id)
        if seen.state is ApplicationState.RECEIVED:
            return seen
        await _become(seen, ApplicationState.RECEIVED, now, actor)
        await _note(actor, now, "received", row, seen, ApplicationState.RECEIVED)
        return await application_by_id(application_id)


async def _become(seen: ApplicationRow, after: ApplicationState, now: datetime, actor: Actor) -> None:
    received = after is ApplicationState.RECEIVED
    moved = application_may_become(seen.state, after) and await db.execute(
        """UPDATE materials_application
              SET state = $3, revision = revision + 1, received_at = CASE WHEN $4 THEN $5::timestamptz END,
                  received_by = CASE WHEN $4 THEN $6::uuid END
            WHERE id = $1 AND state = $2""",
        seen.id,
        seen.state,
        after,
        received,
        now,
        actor.person_id,
    )
    if not moved:
        raise ApplicationStateError(state=seen.state)


async def _note(
    actor: Actor, now: datetime, verb: str, row: RoundRow, seen: ApplicationRow, after: ApplicationState
) -> None:
    await note_within(
        actor, now, f"material_application.{verb}", "material_application", seen.id,
        organisation_id=seen.organisation_id, from_state=seen.state, to_state=after,
        facts={"title": row.title, "quantity": seen.handed or seen.wanted},
    )  # fmt: skip
