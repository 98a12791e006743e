"""Organisations: making, changing and moving them."""

from datetime import date, datetime
from typing import Any, TypedDict, Unpack
from uuid import UUID

from outreach.accounts.domain.organisations import OrganisationKind, Ownership, check_move, check_place, path_below
from outreach.accounts.domain.permissions import may_change_organisation, may_place_below, may_read_organisation
from outreach.accounts.journal import note_within
from outreach.accounts.queries import OrganisationRow, organisation_by_id
from outreach.shared.actors import Actor
from outreach.shared.db import Conflicts, atomic, execute, row, value
from outreach.shared.errors import FieldProblem, ForbiddenError, InvalidError, NotFoundError, StaleError, invalid
from outreach.shared.ids import new_id
from outreach.shared.text import clean_line
from outreach.shared.time import implausible_day, local_day

__all__ = [
    "CONFLICTS",
    "OrganisationChanges",
    "change_organisation",
    "change_organisation_within",
    "create_organisation",
    "create_organisation_within",
    "lock_tree",
]

CONFLICTS: Conflicts = {"accounts_organisation_code_key": lambda: invalid("code", "code-taken")}

# Any constant. Held shared by those who hang something into the tree and alone by those who move a part of it, so that
# no path is written below a place that is just moving, and no two moves make a circle.
_TREE_LOCK = 0x74726565


#: What a change may touch, in the order of the statement that stores it.
_STORED = (
    *("code", "name", "kind", "parent_id", "district", "ownership"),
    *("industry", "member_count", "member_count_on", "women_count", "closed_on"),
)


class _Details(TypedDict, total=False):
    district: str
    ownership: Ownership
    industry: str
    member_count: int | None
    member_count_on: date | None
    women_count: int | None


class OrganisationGiven(_Details):
    """What is said of a new organisation, besides where it stands."""

    code: str
    name: str
    kind: OrganisationKind


class OrganisationChanges(_Details, total=False):
    """What may be changed of an organisation; names left out stay as they are."""

    code: str
    name: str
    kind: OrganisationKind
    parent_id: UUID | None
    closed_on: date | None


async def create_organisation(
    actor: Actor, now: datetime, *, parent_id: UUID | None = None, **given: Unpack[OrganisationGiven]
) -> OrganisationRow:
    """Make an organisation below ``parent_id``, or a root when that is ``None``.

    Raises:
        ForbiddenError: the actor does not run the parent; roots are made by administrators.
        InvalidError: the code is taken, the parent unknown to the actor or of a kind that takes nothing below.
    """
    async with atomic(CONFLICTS):
        await lock_tree(alone=False)
        parent = await _parent_for(actor, parent_id)
        if not may_place_below(actor, parent.path if parent else None):
            raise ForbiddenError
        made = await create_organisation_within(actor, now, parent_id=parent_id, **given)
        return await _read(made)


async def create_organisation_within(
    actor: Actor | None,
    now: datetime,
    *,
    code: str,
    name: str,
    kind: OrganisationKind,
    parent_id: UUID | None = None,
    district: str = "",
    ownership: Ownership = Ownership.UNKNOWN,
    industry: str = "",
    member_count: int | None = None,
    member_count_on: date | None = None,
    women_count: int | None = None,
) -> UUID:
    """Make an organisation inside the open transaction, without asking for permission; return its id.

    Args:
        actor: ``None`` for the program itself.
        parent_id: must exist.
    """
    await lock_tree(alone=False)
    parent = await organisation_by_id(parent_id) if parent_id else None
    if parent_id is not None and parent is None:
        raise invalid("parent_id", "not-found")
    check_place(kind, parent.kind if parent else None)
    _check_days(now, member_count_on)
    made = new_id()
    await execute(
        """INSERT INTO accounts_organisation
               (id, code, name, kind, parent, path, district, ownership, industry, member_count, member_count_on,
                women_count, revision, created_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1, $13)""",
        made,
        code,
        clean_line(name),
        kind,
        parent_id,
        path_below(parent.path if parent else None, made),
        clean_line(district),
        ownership,
        clean_line(industry),
        member_count,
        member_count_on,
        women_count,
        now,
    )
    facts = {"name": clean_line(name), "code": code, "kind": kind}
    await note_within(actor, now, "organisation.created", "organisation", made, organisation_id=made, facts=facts)
    return made


async def change_organisation(
    actor: Actor,
    now: datetime,
    organisation_id: UUID,
    changes: OrganisationChanges,
    *,
    expected_revision: int | None = None,
) -> OrganisationRow:
    """Change an organisation; a new ``parent_id`` moves it with everything below.

    Raises:
        NotFoundError: the actor may not know of it.
        ForbiddenError: the actor does not run it; or, to move it, its old and its new parent.
        StaleError: it is not at ``expected_revision`` any more.
        InvalidError: names the bad field.
    """
    async with atomic(CONFLICTS):
        # What may touch other rows of the tree takes the lock before the row: always the same order.
        await lock_tree(alone="parent_id" in changes or "kind" in changes)
        await value("SELECT 1 FROM accounts_organisation WHERE id = $1 FOR UPDATE", organisation_id)
        before = await organisation_by_id(organisation_id)
        if before is None or not may_read_organisation(actor, before.path):
            raise NotFoundError
        if not may_change_organisation(actor, before.path):
            raise ForbiddenError
        if expected_revision is not None and expected_revision != before.revision:
            raise StaleError
        await _may_move(actor, before, changes)
        return await change_organisation_within(actor, now, before, changes)


async def change_organisation_within(
    actor: Actor | None, now: datetime, before: OrganisationRow, changes: OrganisationChanges
) -> OrganisationRow:
    """Store ``changes`` of an organisation that is locked in the open transaction, without asking for permission."""
    cleaned = _cleaned(changes)
    differing = {name: given for name, given in cleaned.items() if given != getattr(before, name)}
    if not differing:
        return before
    _check_days(now, differing.get("member_count_on"), differing.get("closed_on"))
    after = {name: differing.get(name, getattr(before, name)) for name in _STORED}
    path = before.path
    if "parent_id" in differing or "kind" in differing:
        path = await _place(before, after["kind"], after["parent_id"])
    await execute(
        """UPDATE accounts_organisation
              SET code = $2, name = $3, kind = $4, parent = $5, district = $6, ownership = $7, industry = $8,
                  member_count = $9, member_count_on = $10, women_count = $11, closed_on = $12, revision = revision + 1
            WHERE id = $1""",
        before.id,
        *after.values(),
    )
    if path != before.path:
        await execute(
            """UPDATE accounts_organisation SET path = $2::text || substr(path, length($1::text) + 1)
                WHERE path LIKE $1 || '%'""",
            before.path,
            path,
        )
    facts: dict[str, Any] = {"name": after["name"], "fields": sorted(differing)}
    if path != before.path:
        facts["old_parent_id"] = str(before.parent_id) if before.parent_id else None
    action = "organisation.moved" if path != before.path else "organisation.changed"
    await note_within(actor, now, action, "organisation", before.id, organisation_id=before.id, facts=facts)
    return await _read(before.id)


async def lock_tree(*, alone: bool) -> None:
    """Hold the tree inside the open transaction: ``alone`` to move parts of it, else to hang something into it."""
    await value("SELECT pg_advisory_xact_lock($1)" if alone else "SELECT pg_advisory_xact_lock_shared($1)", _TREE_LOCK)


async def _read(organisation_id: UUID) -> OrganisationRow:
    found = await organisation_by_id(organisation_id)
    assert found is not None  # written in this transaction
    return found


async def _parent_for(actor: Actor, parent_id: UUID | None) -> OrganisationRow | None:
    parent = await organisation_by_id(parent_id) if parent_id else None
    if parent_id is not None and (parent is None or not may_read_organisation(actor, parent.path)):
        raise invalid("parent_id", "not-found")
    return parent


async def _may_move(actor: Actor, before: OrganisationRow, changes: OrganisationChanges) -> None:
    if "parent_id" not in changes or changes["parent_id"] == before.parent_id:
        return
    new_parent = await _parent_for(actor, changes["parent_id"])
    old_parent = await organisation_by_id(before.parent_id) if before.parent_id else None
    places = (old_parent.path if old_parent else None, new_parent.path if new_parent else None)
    if not all(may_place_below(actor, place) for place in places):
        raise ForbiddenError


async def _place(before: OrganisationRow, kind: OrganisationKind, parent_id: UUID | None) -> str:
    parent = await organisation_by_id(parent_id) if parent_id else None
    if parent_id is not None and parent is None:
        raise invalid("parent_id", "not-found")
    has_below = await row("SELECT 1 FROM accounts_organisation WHERE parent = $1 LIMIT 1", before.id) is not None
    check_place(kind, parent.kind if parent else None, has_below=has_below)
    if kind is OrganisationKind.CULTURE_PALACE and has_below:
        await _refuse_committees_below(before.id)
    check_move(before.path, parent.path if parent else None)
    return path_below(parent.path if parent else None, before.id)


async def _refuse_committees_below(organisation_id: UUID) -> None:
    found = await row(
        "SELECT 1 FROM accounts_organisation WHERE parent = $1 AND kind = $2 LIMIT 1",
        organisation_id,
        OrganisationKind.WOMENS_COMMITTEE,
    )
    if found is not None:
        raise invalid("kind", "has-organisations-below")


def _cleaned(changes: OrganisationChanges) -> dict[str, Any]:
    lines = ("name", "district", "industry")
    return {name: clean_line(given) if name in lines else given for name, given in changes.items()}  # type: ignore[arg-type]


def _check_days(now: datetime, member_count_on: date | None, closed_on: date | None = None) -> None:
    problems = implausible_day("member_count_on", member_count_on) + implausible_day("closed_on", closed_on)
    if not problems and member_count_on is not None and member_count_on > local_day(now):
        problems = [FieldProblem("member_count_on", "in-the-future")]
    if problems:
        raise InvalidError(problems)
