"""What the command line does: the first administrator, users, tokens."""

from datetime import datetime
from uuid import UUID

from outreach.accounts.commands.people import CONFLICTS, create_person_within
from outreach.accounts.commands.roles import grant_role_within
from outreach.accounts.commands.ways_in import create_api_token_within, issue_entry_code_within
from outreach.accounts.domain.errors import AdministratorExistsError
from outreach.accounts.domain.names import looks_like_phone, normal_login_name, shown_phone
from outreach.accounts.domain.passwords import password_problems
from outreach.accounts.passwords import hash_password
from outreach.accounts.queries import organisation_by_code, person_by_login_name
from outreach.accounts.queries.administrators import had_administrator, has_administrator
from outreach.shared.actors import Role
from outreach.shared.db import atomic, value
from outreach.shared.errors import InvalidError, invalid
from outreach.shared.text import clean_line, normal_phone

__all__ = ["add_user", "create_first_administrator", "create_first_administrator_within", "create_token_for"]

# Any constant: two that set up the same installation at once wait for each other.
_SETUP_LOCK = 0x73657475


async def create_first_administrator(name: str, password: str, now: datetime) -> UUID:
    """Make the administrator of a new installation; the login name is ``name`` in small letters. Return the id.

    Raises:
        AdministratorExistsError: there is one.
        InvalidError: names ``name`` or ``password``.
    """
    hashed = await _hashed(name, password)
    async with atomic(CONFLICTS):
        return await create_first_administrator_within(now, name=name, login_name=name, password_hash=hashed)


async def create_first_administrator_within(
    now: datetime, *, name: str, login_name: str, password_hash: str, is_opening: bool = False
) -> UUID:
    """Make the first administrator inside the open transaction; two at once wait for each other. Return the id.

    Args:
        is_opening: the very first one. Else who keeps the machine may make one when every other is gone.

    Raises:
        AdministratorExistsError: there is one, or at ``is_opening`` there was one.
        InvalidError: names ``login_name``.
    """
    await value("SELECT pg_advisory_xact_lock($1)", _SETUP_LOCK)
    if await (had_administrator() if is_opening else has_administrator(now)):
        raise AdministratorExistsError
    made = await create_person_within(None, now, name=name, login_name=login_name, password_hash=password_hash)
    await grant_role_within(None, now, person_id=made, role=Role.ADMINISTRATOR, organisation_id=None)
    return made


async def add_user(
    name: str, role: Role, organisation_code: str | None, password: str | None, now: datetime
) -> str | None:
    """Add a user, or another role to the one with this login name.

    Args:
        name: name and login name; a telephone number becomes the phone, and stands masked as the name.
        organisation_code: ``None`` for an administrator.
        password: ``None`` to get an entry code instead.

    Returns:
        The entry code to hand over; ``None`` when the person has a password.

    Raises:
        InvalidError: names ``name``, ``organisation`` or ``password``.
        RoleAlreadyGrantedError: the person holds the role there already.
    """
    hashed = None if password is None else await _hashed(name, password)
    async with atomic(CONFLICTS):
        organisation = await organisation_by_code(organisation_code) if organisation_code else None
        if organisation is None and (organisation_code or role is not Role.ADMINISTRATOR):
            raise invalid("organisation", "not-found" if organisation_code else "organisation-needed")
        home = organisation.id if organisation else None
        known = await person_by_login_name(normal_login_name(name))
        if known is not None and password is not None:
            raise invalid("name", "login-name-taken")
        person_id = known.id if known else await _new_user(name, hashed, home, now)
        await grant_role_within(None, now, person_id=person_id, role=role, organisation_id=home)
        if password is not None or (known is not None and known.has_password):
            return None
        return (await issue_entry_code_within(None, now, person_id=person_id)).code


async def _new_user(name: str, hashed: str | None, home: UUID | None, now: datetime) -> UUID:
    by_phone = looks_like_phone(name)
    return await create_person_within(
        None,
        now,
        name=shown_phone(normal_phone(name)) if by_phone else name,
        login_name=None if by_phone else name,
        phone=name if by_phone else None,
        password_hash=hashed,
        organisation_id=home,
    )


async def create_token_for(name: str, now: datetime) -> str:
    """Make an API token of the person with this login name; return the token.

    Raises:
        InvalidError: nobody has the name; names ``name``.
    """
    async with atomic():
        person = await person_by_login_name(normal_login_name(name))
        if person is None or person.disabled_at is not None:
            raise invalid("name", "not-found")
        return (await create_api_token_within(None, now, person_id=person.id, name="command line")).token


async def _hashed(name: str, password: str) -> str:
    """The hash of a password that can be taken.

    Raises:
        InvalidError: names ``name`` or ``password``.
    """
    if not 1 <= len(clean_line(name)) <= 60 or not clean_line(name).isprintable():
        raise invalid("name", "too-long" if len(name) > 60 else "bad-characters", most=60, length=len(name))
    if problems := password_problems("password", password, (name, normal_login_name(name))):
        raise InvalidError(problems)
    return await hash_password(password)
