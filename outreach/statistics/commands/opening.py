"""An organisation asks those directly below it to fill a form (布置)."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from outreach.accounts.journal import note_within
from outreach.accounts.queries import OrganisationRow, organisation_by_id
from outreach.notifications.outbox import enqueue_within
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.db import atomic
from outreach.shared.errors import ForbiddenError, InvalidError, NotFoundError, StaleError, invalid
from outreach.shared.ids import new_id
from outreach.shared.time import FIRST_YEAR, LAST_YEAR, implausible_day
from outreach.statistics.domain.errors import AlreadyOpenedError, NobodyBelowError, TableStateError
from outreach.statistics.domain.forms import days_of_year
from outreach.statistics.domain.permissions import may_open
from outreach.statistics.domain.states import FILLABLE
from outreach.statistics.keeping import known_form, version_within
from outreach.statistics.queries import TableRow, readable_table, table_by_id

__all__ = ["open_below", "open_form"]

#: They fill nothing themselves: their unions and sponsors do.
_NOT_ASKED = ["womens_committee", "guest"]


async def open_form(
    actor: Actor,
    now: datetime,
    *,
    form: str,
    year: int,
    organisation_id: UUID,
    hand_in_on: date | None = None,
    organisation_ids: Sequence[UUID] | None = None,
) -> TableRow:
    """Open a form for a year: the organisation's own table, and one for each organisation directly below.

    Args:
        form: its code; the newest version is taken and kept.
        hand_in_on: by when it is due; ``None``: as the form says.
        organisation_ids: only these of the organisations directly below; ``None``: all but women's committees and
            guests, who fill nothing themselves.

    Returns:
        The table at the top.

    Raises:
        NotFoundError: no such organisation or form for this caller.
        ForbiddenError: the caller does not run the organisation.
        AlreadyOpenedError: the organisation has a table of this form and year.
        InvalidError: names the bad field.
    """
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise invalid("year", "year-out-of-range", first=FIRST_YEAR, last=LAST_YEAR, year=year)
    async with atomic({"statistics_round_once": lambda: AlreadyOpenedError(year=year)}):
        owner = await _own(actor, organisation_id)
        known = await known_form(actor, form)
        days = days_of_year(known.form, year)
        due = hand_in_on or days.hand_in_on
        if problems := implausible_day("hand_in_on", due):
            raise InvalidError(problems)
        if due < days.from_on:
            raise invalid("hand_in_on", "before-period-day", first=days.from_on.isoformat())
        await _refuse_second(owner, form, year)
        round_id, top = new_id(), new_id()
        await db.execute(
            """INSERT INTO statistics_round
                   (id, form, form_code, organisation, year, from_on, until_on, cut_off_on, hand_in_on, opened_by,
                    opened_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)""",
            round_id,
            await version_within(now, known),
            form,
            owner.id,
            year,
            days.from_on,
            days.until_on,
            days.cut_off_on,
            due,
            actor.person_id,
            now,
        )
        await _insert_tables(round_id, {top: owner.id}, None, due, now)
        made = await table_by_id(top)
        assert made is not None, "just made"
        asked = await _ask_below(made, due, organisation_ids, now)
        facts = {"title": made.title, "organisations": asked}
        await note_within(
            actor, now, "statistics.opened", "statistics", top, organisation_id=owner.id, to_state="open", facts=facts
        )
        return await _read_again(top)


async def open_below(
    actor: Actor,
    now: datetime,
    *,
    table_id: UUID,
    due_on: date | None = None,
    organisation_ids: Sequence[UUID] | None = None,
    revision: int | None = None,
) -> TableRow:
    """Hand a table on: one for each organisation directly below that has none yet.

    Args:
        due_on: by when they hand in; not after the table itself is due, which is the default.
        revision: as the caller read the table; ``None``: whatever it is.

    Raises:
        NotFoundError: no such table for this caller.
        ForbiddenError: the caller does not run its organisation.
        TableStateError: the table is handed in.
        NobodyBelowError: there is no organisation that has none yet.
        InvalidError: names the bad field.
        StaleError: somebody changed the table since.
    """
    async with atomic({"statistics_table_once": NobodyBelowError}):
        row = await readable_table(actor, table_id)
        if not may_open(actor, row.path):
            raise ForbiddenError
        await db.execute("SELECT 1 FROM statistics_table WHERE id = $1 FOR UPDATE", table_id)
        row = await _read_again(table_id)
        if row.state not in FILLABLE:
            raise TableStateError(state=row.state, scope=row.state)
        if revision is not None and revision != row.revision:
            raise StaleError
        due = due_on or row.due_on
        if not row.from_on <= due <= row.due_on:
            raise invalid("due_on", "due-out-of-range", first=row.from_on.isoformat(), last=row.due_on.isoformat())
        asked = await _ask_below(row, due, organisation_ids, now)
        if not asked:
            raise NobodyBelowError
        await db.execute(
            "UPDATE statistics_table SET revision = revision + 1, changed_at = $2 WHERE id = $1", table_id, now
        )
        await note_within(
            actor,
            now,
            "statistics.opened_below",
            "statistics",
            table_id,
            organisation_id=row.organisation_id,
            facts={"title": row.title, "organisations": asked},
        )
        return await _read_again(table_id)


async def _read_again(table_id: UUID) -> TableRow:
    row = await table_by_id(table_id)
    assert row is not None, "tables are never deleted"
    return row


async def _own(actor: Actor, organisation_id: UUID) -> OrganisationRow:
    owner = await organisation_by_id(organisation_id)
    if owner is None or not (actor.evaluates(owner.path) or actor.represents(owner.id)):
        raise NotFoundError
    if not may_open(actor, owner.path):
        raise ForbiddenError
    return owner


async def _refuse_second(owner: OrganisationRow, form: str, year: int) -> None:
    there = await db.value(
        """SELECT t.id FROM statistics_table t JOIN statistics_round r ON r.id = t.round
            WHERE t.organisation = $1 AND r.form_code = $2 AND r.year = $3""",
        owner.id,
        form,
        year,
    )
    if there is not None:
        raise AlreadyOpenedError(year=year, table_id=str(there))


async def _ask_below(row: TableRow, due: date, chosen: Sequence[UUID] | None, now: datetime) -> int:
    """Tables for the organisations directly below that have none, and a message to each; how many."""
    below = await db.rows(
        """SELECT o.id FROM accounts_organisation o
            WHERE o.parent = $1 AND o.closed_on IS NULL AND NOT o.kind = ANY($2::text[])
              AND ($3::uuid[] IS NULL OR o.id = ANY($3::uuid[]))
            ORDER BY o.path""",
        row.organisation_id,
        _NOT_ASKED,
        None if chosen is None else list(chosen),
    )
    ids = [one["id"] for one in below]
    if chosen is not None and set(chosen) - set(ids):
        raise invalid("organisation_ids", "not-found")
    there = await db.rows("SELECT organisation FROM statistics_table WHERE upper = $1", row.id)
    new = {new_id(): one for one in ids if one not in {other["organisation"] for other in there}}
    await _insert_tables(row.round_id, new, row.id, due, now)
    for table_id, organisation_id in new.items():
        await enqueue_within(
            "statistics-due",
            now,
            object_kind="statistics",
            object_id=table_id,
            organisation_id=organisation_id,
            facts={"title": row.title, "oldest": due.isoformat()},
        )
    return len(new)


async def _insert_tables(
    round_id: UUID, organisations: dict[UUID, UUID], upper: UUID | None, due: date, now: datetime
) -> None:
    await db.execute(
        """INSERT INTO statistics_table
               (id, round, organisation, upper, due_on, state, entries, included, returned_note, changed_at, created_at,
                revision)
           SELECT given.id, $1, given.organisation, $4, $5, 'open', '{}', '{}', '', $6, $6, 1
             FROM unnest($2::uuid[], $3::uuid[]) AS given (id, organisation)""",
        round_id,
        list(organisations),
        list(organisations.values()),
        upper,
        due,
        now,
    )
