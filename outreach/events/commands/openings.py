"""Write openings, inside a transaction of bookings: they know how many places are taken."""

from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from outreach.accounts.journal import note_within
from outreach.events.domain.openings import OpeningDraft, OpeningFacts, cleaned, opening_problems
from outreach.events.openings import OpeningRow, opening_by_id
from outreach.programmes.domain.permissions import may_change_programme, may_read_programme
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.errors import FieldProblem, ForbiddenError, InvalidError, NotFoundError, StaleError, invalid
from outreach.shared.ids import new_id
from outreach.shared.text import clean_line

__all__ = [
    "change_opening_within",
    "create_opening_within",
    "delete_opening_within",
    "locked_opening_within",
]

_COLUMNS = tuple(one.name for one in fields(OpeningFacts) if one.name != "quotas")


async def create_opening_within(actor: Actor, now: datetime, *, draft: OpeningDraft) -> UUID:
    """Store an opening; return its id.

    Raises:
        ForbiddenError: the caller does not run the programme's owner.
        InvalidError: names every bad field.
    """
    owner = await db.row(
        """SELECT o.id, o.path FROM programmes_programme p JOIN accounts_organisation o ON o.id = p.organisation
            WHERE p.id = $1""",
        draft.programme_id,
    )
    if owner is None or not may_read_programme(actor, owner["path"]):
        raise invalid("programme_id", "not-found")
    if not may_change_programme(actor, owner["path"]):
        raise ForbiddenError
    await _check(draft)
    await _refuse_second_within(draft)
    opening_id = new_id()
    numbers = ", ".join(f"${number}" for number in range(6, 6 + len(_COLUMNS)))
    await db.execute(
        f"""INSERT INTO events_opening (id, programme, name, created_by, created_at, revision, {", ".join(_COLUMNS)})
            VALUES ($1, $2, $3, $4, $5, 1, {numbers})""",  # noqa: S608 - names of columns
        opening_id,
        draft.programme_id,
        clean_line(draft.name),
        actor.person_id,
        now,
        *_values(draft.facts),
    )
    await _write_parts(opening_id, draft)
    await _note(actor, now, "opening.created", opening_id, owner["id"], draft)
    return opening_id


async def locked_opening_within(actor: Actor, opening_id: UUID, *, revision: int | None = None) -> OpeningRow:
    """The opening for its keeper, locked: nobody is admitted through its last places meanwhile.

    Raises:
        NotFoundError: there is none for this caller.
        ForbiddenError: the caller does not run the programme's owner.
        StaleError: it was changed since ``revision``.
    """
    await db.execute("SELECT 1 FROM events_opening WHERE id = $1 FOR UPDATE", opening_id)
    opening = await opening_by_id(opening_id)
    if not may_read_programme(actor, opening.organisation_path):
        raise NotFoundError
    if not may_change_programme(actor, opening.organisation_path):
        raise ForbiddenError
    if revision is not None and revision != opening.revision:
        raise StaleError(revision=opening.revision)
    return opening


async def change_opening_within(actor: Actor, now: datetime, *, opening: OpeningRow, draft: OpeningDraft) -> int:
    """Write a locked opening anew; return its new revision. What came through it stays.

    Raises:
        InvalidError: names every bad field.
    """
    await _check(draft)
    settings = ", ".join(f"{column} = ${number}" for number, column in enumerate(_COLUMNS, 3))
    await db.execute(
        f"UPDATE events_opening SET name = $2, {settings}, revision = revision + 1 WHERE id = $1",  # noqa: S608
        opening.id,
        clean_line(draft.name),
        *_values(draft.facts),
    )
    await _remove_parts(opening.id)
    await _write_parts(opening.id, draft)
    await _note(actor, now, "opening.changed", opening.id, opening.organisation_id, draft)
    return opening.revision + 1


async def delete_opening_within(actor: Actor, now: datetime, *, opening: OpeningRow) -> None:
    """Take a locked opening back; its sessions and menu items are open to everybody unless another one holds them.

    The database refuses when something came through it.
    """
    await _remove_parts(opening.id)
    await db.execute("DELETE FROM events_opening WHERE id = $1", opening.id)
    await note_within(
        actor, now, "opening.deleted", "opening", opening.id,
        organisation_id=opening.organisation_id, facts={"name": opening.name},
    )  # fmt: skip


def _values(facts: OpeningFacts) -> list[Any]:
    given = [getattr(cleaned(facts), name) for name in _COLUMNS]
    return [list(value) if isinstance(value, tuple) else value for value in given]


async def _check(draft: OpeningDraft) -> None:
    """Raise every problem at once: what contradicts itself, and what does not belong to the programme."""
    problems = opening_problems(draft)
    for field, table, ids in (
        ("session_ids", "events_session", draft.session_ids),
        ("event_ids", "events_event", draft.event_ids),
    ):
        known = await db.value(
            f"SELECT count(*) FROM {table} WHERE id = ANY($1) AND programme = $2",  # noqa: S608 - names above
            list(set(ids)),
            draft.programme_id,
        )
        if known < len(set(ids)):
            problems.append(FieldProblem(field, "not-of-programme"))
    if problems:
        raise InvalidError(problems)


async def _refuse_second_within(draft: OpeningDraft) -> None:
    """A form sent twice would open the same sessions twice, and give away twice the places.

    Raises:
        InvalidError: the programme has an opening of that name which opens at that moment.
    """
    # Of two at the same moment the second waits here for what the first has made.
    await db.execute("SELECT 1 FROM programmes_programme WHERE id = $1 FOR NO KEY UPDATE", draft.programme_id)
    same = await db.value(
        "SELECT EXISTS (SELECT 1 FROM events_opening WHERE programme = $1 AND name = $2 AND opens_at = $3)",
        draft.programme_id,
        clean_line(draft.name),
        draft.facts.opens_at,
    )
    if same:
        raise invalid("name", "opening-twice")


async def _remove_parts(opening_id: UUID) -> None:
    for table in ("events_opening_quota", "events_opening_session", "events_opening_event"):
        await db.execute(f"DELETE FROM {table} WHERE opening = $1", opening_id)  # noqa: S608 - names above


async def _write_parts(opening_id: UUID, draft: OpeningDraft) -> None:
    for table, columns, records in (
        (
            "events_opening_quota",
            ("district", "places"),
            [(quota.district, quota.places) for quota in draft.facts.quotas],
        ),
        ("events_opening_session", ("session",), [(id_,) for id_ in dict.fromkeys(draft.session_ids)]),
        ("events_opening_event", ("event",), [(id_,) for id_ in dict.fromkeys(draft.event_ids)]),
    ):
        await db.copy_rows(table, ("id", "opening", *columns), [(new_id(), opening_id, *one) for one in records])


async def _note(
    actor: Actor, now: datetime, action: str, opening_id: UUID, organisation_id: UUID, draft: OpeningDraft
) -> None:
    facts = {
        "name": clean_line(draft.name),
        "opens_at": draft.facts.opens_at.isoformat(),
        "for_whom": draft.facts.for_whom,
        "places": draft.facts.places,
        "sessions": len(draft.session_ids),
        "events": len(draft.event_ids),
    }
    await note_within(actor, now, action, "opening", opening_id, organisation_id=organisation_id, facts=facts)
