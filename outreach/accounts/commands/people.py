"""People."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypedDict
from uuid import UUID

from outreach.accounts.commands.roles import (
    ROLE_CONFLICTS,
    check_may_grant,
    check_span,
    grant_role_within,
    leave_an_administrator,
)
from outreach.accounts.domain.names import name_problems, normal_login_name, phone_problems
from outreach.accounts.domain.permissions import may_manage_person, may_see_person
from outreach.accounts.journal import note_within
from outreach.accounts.queries import held_by
from outreach.shared.actors import Actor, Role
from outreach.shared.db import Conflicts, atomic, execute, row, value
from outreach.shared.errors import (
    FieldProblem,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    StaleError,
    invalid,
)
from outreach.shared.i18n import LOCALES, SOURCE_LOCALE
from outreach.shared.ids import new_id
from outreach.shared.text import clean_line, normal_phone
from outreach.shared.time import local_day

__all__ = [
    "CONFLICTS",
    "PersonChanges",
    "change_own",
    "change_person",
    "create_person",
    "create_person_within",
    "home_of",
    "lock_manageable",
]


CONFLICTS: Conflicts = {
    "accounts_person_login_name_key": lambda: invalid("login_name", "login-name-taken"),
    "accounts_person_phone_key": lambda: invalid("phone", "phone-taken"),
    **ROLE_CONFLICTS,
}


class PersonChanges(TypedDict, total=False):
    """What may be changed of a person; names left out stay as they are."""

    name: str
    login_name: str | None
    phone: str | None
    disabled: bool


async def create_person(
    actor: Actor,
    now: datetime,
    *,
    name: str,
    role: Role,
    organisation_id: UUID | None,
    login_name: str | None = None,
    phone: str | None = None,
    from_on: date | None = None,
    until_on: date | None = None,
    is_deputy: bool = False,
) -> UUID:
    """Make a person with a first role; return the person's id.

    Raises:
        ForbiddenError: the actor does not run the organisation, or makes an administrator without being one.
        InvalidError: names the bad field; login name and phone are unique.
    """
    async with atomic(CONFLICTS):
        problems = _problems_of(lambda: _ways_to_name(login_name, phone))
        problems += _problems_of(lambda: check_span(from_on or local_day(now), until_on))
        try:
            await check_may_grant(actor, role, organisation_id)
        except InvalidError as error:
            problems += error.problems
        if problems:
            raise InvalidError(problems)
        made = await create_person_within(
            actor, now, name=name, login_name=login_name, phone=phone, organisation_id=organisation_id
        )
        await grant_role_within(
            actor,
            now,
            person_id=made,
            role=role,
            organisation_id=organisation_id,
            from_on=from_on,
            until_on=until_on,
            is_deputy=is_deputy,
        )
        return made


async def create_person_within(
    actor: Actor | None,
    now: datetime,
    *,
    name: str,
    login_name: str | None = None,
    phone: str | None = None,
    password_hash: str | None = None,
    locale: str = SOURCE_LOCALE,
    organisation_id: UUID | None = None,
) -> UUID:
    """Make a person without any role inside the open transaction; return the person's id.

    Args:
        actor: ``None`` for the program itself.
        login_name, phone: as typed; a lecturer whom only staff call needs neither.
        password_hash: from ``passwords.hash_password``.
        organisation_id: whose part of the tree the journal line belongs to.
    """
    login_name, phone = _ways_to_name(login_name, phone)
    made = new_id()
    await execute(
        """INSERT INTO accounts_person (id, name, login_name, phone, password_hash, locale, revision, created_at)
           VALUES ($1, $2, $3, $4, $5, $6, 1, $7)""",
        made,
        clean_line(name),
        login_name,
        phone,
        password_hash,
        locale,
        now,
    )
    facts = {"name": clean_line(name)}
    await note_within(actor, now, "person.created", "person", made, organisation_id=organisation_id, facts=facts)
    return made


async def change_person(
    actor: Actor, now: datetime, person_id: UUID, changes: PersonChanges, *, expected_revision: int | None = None
) -> None:
    """Change a person; ``disabled`` shuts every way in until it is taken back.

    Raises:
        NotFoundError: the person has no role in the part of the tree that the actor runs.
        ForbiddenError: the person has roles beyond it, too.
        StaleError: the person is not at ``expected_revision`` any more.
        LastAdministratorError: nobody would be left who may do everything.
    """
    async with atomic(CONFLICTS):
        before = await lock_manageable(actor, now, person_id)
        if expected_revision is not None and expected_revision != before["revision"]:
            raise StaleError
        login_name, phone = _ways_to_name(
            changes.get("login_name", before["login_name"]), changes.get("phone", before["phone"])
        )
        disabled = changes.get("disabled", before["disabled_at"] is not None)
        after = {
            "name": clean_line(changes.get("name", before["name"])),
            "login_name": login_name,
            "phone": phone,
            "disabled_at": (before["disabled_at"] or now) if disabled else None,
        }
        fields = sorted(name for name, given in after.items() if given != before[name])
        if not fields:
            return
        if disabled and before["disabled_at"] is None:
            await leave_an_administrator(person_id, local_day(now))
            await _shut_out(person_id, now)
        await execute(
            """UPDATE accounts_person SET name = $2, login_name = $3, phone = $4, disabled_at = $5,
                      revision = revision + 1 WHERE id = $1""",
            person_id,
            *after.values(),
        )
        facts = {"name": after["name"], "fields": fields}
        await note_within(
            actor,
            now,
            "person.changed",
            "person",
            person_id,
            organisation_id=await home_of(person_id, now),
            from_state="disabled" if before["disabled_at"] else "active",
            to_state="disabled" if disabled else "active",
            facts=facts,
        )


async def change_own(actor: Actor, now: datetime, *, name: str, locale: str) -> None:
    """Change the own name and language.

    Raises:
        InvalidError: the language is none of ours.
    """
    if locale not in LOCALES:
        raise invalid("locale", "not-one-of", options=list(LOCALES))
    async with atomic():
        touched = await execute(
            """UPDATE accounts_person SET name = $2, locale = $3, revision = revision + 1
                WHERE id = $1 AND (name, locale) IS DISTINCT FROM ($2, $3)""",
            actor.person_id,
            clean_line(name),
            locale,
        )
        if touched:
            await note_within(
                actor,
                now,
                "person.changed",
                "person",
                actor.person_id,
                organisation_id=await home_of(actor.person_id, now),
                facts={"name": clean_line(name), "fields": ["locale", "name"]},
            )


async def lock_manageable(actor: Actor, now: datetime, person_id: UUID) -> Any:
    """Lock a person whom ``actor`` may manage and return the row.

    Raises:
        NotFoundError: the actor may not know of the person.
        ForbiddenError: the person has roles beyond the actor's reach.
    """
    found = await row(
        """SELECT id, name, login_name, phone, disabled_at, revision FROM accounts_person WHERE id = $1 FOR UPDATE""",
        person_id,
    )
    held = await held_by(person_id, local_day(now))
    if found is None or not may_see_person(actor, held):
        raise NotFoundError
    if not may_manage_person(actor, held):
        raise ForbiddenError
    return found


async def home_of(person_id: UUID, now: datetime) -> UUID | None:
    """The organisation whose journal a line about the person belongs to: that of the first role held."""
    home: UUID | None = await value(
        """SELECT organisation FROM accounts_role_grant WHERE person = $1 AND organisation IS NOT NULL
            ORDER BY (until_on IS NULL OR until_on > $2) DESC, from_on, id LIMIT 1""",
        person_id,
        local_day(now),
    )
    return home


async def _shut_out(person_id: UUID, now: datetime) -> None:
    await execute("UPDATE accounts_login SET revoked_at = $2 WHERE person = $1 AND revoked_at IS NULL", person_id, now)
    await execute(
        "UPDATE accounts_entry_code SET expires_at = $2 WHERE person = $1 AND used_at IS NULL AND expires_at > $2",
        person_id,
        now,
    )


def _problems_of(check: Callable[[], object]) -> list[FieldProblem]:
    try:
        check()
    except InvalidError as error:
        return list(error.problems)
    return []


def _ways_to_name(login_name: str | None, phone: str | None) -> tuple[str | None, str | None]:
    """Both as stored.

    Raises:
        InvalidError: names every bad field.
    """
    stored = normal_login_name(login_name) or None if login_name else None
    digits = normal_phone(phone) or None if phone else None
    problems = name_problems("login_name", stored) + phone_problems("phone", digits)
    if phone and not digits:
        problems.append(FieldProblem("phone", "bad-phone"))
    if problems:
        raise InvalidError(problems)
    return stored, digits
