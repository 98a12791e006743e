"""Ways in: passwords, logins, entry codes, API tokens."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from outreach.accounts.authentication import LOGIN_KEPT
from outreach.accounts.commands.people import home_of, lock_manageable
from outreach.accounts.domain.entry_codes import ENTRY_CODE_VALID, new_entry_code, normal_entry_code
from outreach.accounts.domain.errors import EntryCodeSpentError, LoginRefusedError, NoLoginNameError
from outreach.accounts.domain.names import looks_like_phone, normal_login_name
from outreach.accounts.domain.passwords import password_problems
from outreach.accounts.domain.permissions import may_keep_tokens
from outreach.accounts.journal import note_within
from outreach.accounts.passwords import check_password, hash_password
from outreach.accounts.queries import entry_person
from outreach.shared.actors import Actor
from outreach.shared.db import atomic, execute, row, value
from outreach.shared.errors import FieldProblem, ForbiddenError, InvalidError, NotFoundError, invalid
from outreach.shared.ids import new_id
from outreach.shared.text import clean_line, normal_phone
from outreach.web.security import new_token, token_digest
from outreach.web.throttle import count_try, forget_tries

__all__ = [
    "TRIES_PER_ADDRESS",
    "TRIES_PER_NAME",
    "TRIES_WINDOW",
    "IssuedCode",
    "NewLogin",
    "NewToken",
    "create_api_token",
    "create_api_token_within",
    "enter_by_code",
    "issue_entry_code",
    "issue_entry_code_within",
    "log_in",
    "log_out",
    "revoke_api_token",
    "revoke_login",
    "set_password",
    "start_login_within",
]

#: A name may be tried so often in the window; a success starts it anew.
TRIES_PER_NAME = 10
#: Whole office buildings share one address, so it may try more; successes count, too.
TRIES_PER_ADDRESS = 200
TRIES_WINDOW = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class NewLogin:
    """A login just made; ``token`` goes into the cookie and is stored nowhere."""

    id: UUID
    person_id: UUID
    token: str


@dataclass(frozen=True, slots=True)
class IssuedCode:
    """A code just issued; it is shown once and stored nowhere."""

    code: str
    expires_at: datetime
    person_name: str
    login_name: str | None
    phone: str | None


@dataclass(frozen=True, slots=True)
class NewToken:
    """An API token just made; ``token`` is shown once and stored nowhere."""

    id: UUID
    name: str
    token: str


async def log_in(
    now: datetime, *, name: str, password: str, address: str, device: str = "", old_token: str | None = None
) -> NewLogin:
    """Log in by login name or phone. The browser's old login ends, whoever it belonged to.

    Args:
        address: where the request came from, for the limit of tries.
        device: what the list of own logins shows.
        old_token: the cookie that the browser sent.

    Raises:
        LoginRefusedError: wrong name or password, or the person is disabled; which is not said.
        TooManyRequestsError: too often tried from this address or for this name.
    """
    typed = normal_login_name(name)
    by_phone = looks_like_phone(typed)
    key = normal_phone(typed) if by_phone else typed
    await count_try(f"login:address:{token_digest(address)}", limit=TRIES_PER_ADDRESS, window=TRIES_WINDOW, now=now)
    tries = f"login:name:{token_digest(key)}"
    await count_try(tries, limit=TRIES_PER_NAME, window=TRIES_WINDOW, now=now)
    found = await row(_BY_PHONE if by_phone else _BY_LOGIN_NAME, key)
    right = await check_password(password, found["password_hash"] if found else None)
    if found is None or not right:
        raise _refused()
    async with atomic():
        # The password may have been changed, or the person disabled, while it was being checked.
        still = await value(
            "SELECT 1 FROM accounts_person WHERE id = $1 AND password_hash = $2 AND disabled_at IS NULL FOR UPDATE",
            found["id"],
            found["password_hash"],
        )
        if not still:
            raise _refused()
        made = await start_login_within(
            now, person_id=found["id"], name=found["name"], device=device, old_token=old_token
        )
    await forget_tries(tries)
    return made


_BY_LOGIN_NAME = """SELECT id, name, password_hash FROM accounts_person WHERE login_name = $1 AND disabled_at IS NULL"""
_BY_PHONE = """SELECT id, name, password_hash FROM accounts_person WHERE phone = $1 AND disabled_at IS NULL"""


async def start_login_within(
    now: datetime, *, person_id: UUID, name: str, device: str = "", old_token: str | None = None
) -> NewLogin:
    """Log a person in inside the open transaction, without asking for a password. ``name`` is for the journal."""
    made = await _start_login(person_id, now, device, old_token)
    await _note_person(None, now, "login.started", person_id, name, by=person_id)
    return made


async def log_out(actor: Actor, now: datetime) -> None:
    """End the login by which the actor came; does nothing for a token or a login that has ended."""
    if actor.login_id is None:
        return
    async with atomic():
        if await _end_login(actor.login_id, actor.person_id, now):
            await _note_person(actor, now, "login.ended", actor.person_id, actor.name)


async def revoke_login(actor: Actor, now: datetime, *, login_id: UUID) -> None:
    """End one of the actor's own logins in another browser.

    Raises:
        NotFoundError: it is somebody else's, or has ended.
    """
    async with atomic():
        if not await _end_login(login_id, actor.person_id, now):
            raise NotFoundError
        await _note_person(actor, now, "login.revoked", actor.person_id, actor.name)


async def set_password(actor: Actor, now: datetime, *, old_password: str, password: str) -> None:
    """Change the own password; every other login of the person ends.

    Raises:
        InvalidError: the old password is wrong or the new one cannot be taken.
        TooManyRequestsError: the old one was wrong too often.
    """
    tries = f"password:{actor.person_id}"
    await count_try(tries, limit=TRIES_PER_NAME, window=TRIES_WINDOW, now=now)
    found = await row(
        "SELECT name, login_name, phone, password_hash FROM accounts_person WHERE id = $1", actor.person_id
    )
    if found is None or not await check_password(old_password, found["password_hash"]):
        raise invalid("old_password", "password-wrong")
    _check_new_password(password, found)
    hashed = await hash_password(password)
    async with atomic():
        changed = await execute(
            "UPDATE accounts_person SET password_hash = $2 WHERE id = $1 AND password_hash = $3",
            actor.person_id,
            hashed,
            found["password_hash"],
        )
        if not changed:  # it was changed elsewhere meanwhile: the old one is not right any more
            raise invalid("old_password", "password-wrong")
        await _end_logins(actor.person_id, now, but=actor.login_id)
        await _note_person(actor, now, "password.changed", actor.person_id, actor.name)
    await forget_tries(tries)


async def issue_entry_code(actor: Actor, now: datetime, *, person_id: UUID) -> IssuedCode:
    """Make the one-time code with which a person sets a password; an earlier one stops working.

    Raises:
        NotFoundError: the person has no role in the part of the tree that the actor runs.
        ForbiddenError: the person has roles beyond it, for instance administrator.
        NoLoginNameError: the person has neither login name nor phone.
    """
    async with atomic():
        person = await lock_manageable(actor, now, person_id)
        if person["disabled_at"] is not None:
            raise ForbiddenError
        return await issue_entry_code_within(actor, now, person_id=person_id)


async def issue_entry_code_within(actor: Actor | None, now: datetime, *, person_id: UUID) -> IssuedCode:
    """Make a code inside the open transaction, without asking for permission.

    Raises:
        NoLoginNameError: the person has neither login name nor phone.
    """
    person = await row("SELECT name, login_name, phone FROM accounts_person WHERE id = $1", person_id)
    if person is None:
        raise NotFoundError
    if person["login_name"] is None and person["phone"] is None:
        raise NoLoginNameError
    await _spend_codes(person_id, now)
    code, expires_at = new_entry_code(), now + ENTRY_CODE_VALID
    await execute(
        """INSERT INTO accounts_entry_code (id, person, code_hash, issued_by, created_at, expires_at)
           VALUES ($1, $2, $3, $4, $5, $6)""",
        new_id(),
        person_id,
        token_digest(code),
        actor.person_id if actor else None,
        now,
        expires_at,
    )
    await _note_person(actor, now, "entry_code.issued", person_id, person["name"])
    return IssuedCode(code, expires_at, person["name"], person["login_name"], person["phone"])


async def enter_by_code(
    now: datetime, *, code: str, password: str, address: str, device: str = "", old_token: str | None = None
) -> NewLogin:
    """Set a password with a code and log in; the code is used up, every other login of the person ends.

    Args: as of ``log_in``; ``code`` as typed.

    Raises:
        EntryCodeSpentError: the code is unknown, used or too old.
        InvalidError: the password cannot be taken; the code stays good.
        TooManyRequestsError: too often tried from this address.
    """
    await count_try(f"entry:address:{token_digest(address)}", limit=TRIES_PER_ADDRESS, window=TRIES_WINDOW, now=now)
    normal = normal_entry_code(code)
    person = await entry_person(token_digest(normal), now) if normal else None
    if normal is None or person is None:
        raise EntryCodeSpentError
    names = {"name": person.name, "login_name": person.login_name, "phone": person.phone}
    _check_new_password(password, names)
    hashed = await hash_password(password)
    async with atomic():
        taken = await value(
            """UPDATE accounts_entry_code SET used_at = $2
                WHERE code_hash = $1 AND used_at IS NULL AND expires_at > $2 RETURNING person""",
            token_digest(normal),
            now,
        )
        changed = await execute(
            "UPDATE accounts_person SET password_hash = $2 WHERE id = $1 AND disabled_at IS NULL", taken, hashed
        )
        if taken is None or not changed:  # somebody was faster, or the person was disabled meanwhile
            raise EntryCodeSpentError
        await _spend_codes(taken, now)
        await _end_logins(taken, now, but=None)
        made = await _start_login(taken, now, device, old_token)
        await _note_person(None, now, "entry_code.used", taken, person.name, by=taken)
    return made


async def create_api_token(actor: Actor, now: datetime, *, name: str) -> NewToken:
    """Make a token with which a program acts as the actor.

    Raises:
        ForbiddenError: the actor is no staff.
    """
    if not may_keep_tokens(actor):
        raise ForbiddenError
    async with atomic():
        return await create_api_token_within(actor, now, person_id=actor.person_id, name=name)


async def create_api_token_within(actor: Actor | None, now: datetime, *, person_id: UUID, name: str) -> NewToken:
    """Make a token of a person inside the open transaction, without asking for permission."""
    made = NewToken(new_id(), clean_line(name), new_token())
    await execute(
        "INSERT INTO accounts_api_token (id, person, name, token_hash, created_at) VALUES ($1, $2, $3, $4, $5)",
        made.id,
        person_id,
        made.name,
        token_digest(made.token),
        now,
    )
    await _note_person(actor, now, "api_token.created", person_id, made.name)
    return made


async def revoke_api_token(actor: Actor, now: datetime, *, token_id: UUID) -> None:
    """End one of the actor's own tokens.

    Raises:
        NotFoundError: it is somebody else's, or has ended.
    """
    async with atomic():
        name = await value(
            """UPDATE accounts_api_token SET revoked_at = $3
                WHERE id = $1 AND person = $2 AND revoked_at IS NULL RETURNING name""",
            token_id,
            actor.person_id,
            now,
        )
        if name is None:
            raise NotFoundError
        await _note_person(actor, now, "api_token.revoked", actor.person_id, name)


def _refused() -> LoginRefusedError:
    return LoginRefusedError([FieldProblem("password", "login-refused")])


def _check_new_password(password: str, person: Any) -> None:
    names = (person["login_name"], person["phone"], person["name"])
    if problems := password_problems("password", password, names):
        raise InvalidError(problems)


async def _start_login(person_id: UUID, now: datetime, device: str, old_token: str | None) -> NewLogin:
    if old_token:
        await execute(
            "UPDATE accounts_login SET revoked_at = $2 WHERE token_hash = $1 AND revoked_at IS NULL",
            token_digest(old_token),
            now,
        )
    made = NewLogin(new_id(), person_id, new_token())
    await execute(
        """INSERT INTO accounts_login (id, person, token_hash, device, created_at, seen_at, expires_at)
           VALUES ($1, $2, $3, $4, $5, $5, $6)""",
        made.id,
        person_id,
        token_digest(made.token),
        device[:120],
        now,
        now + LOGIN_KEPT,
    )
    return made


async def _end_login(login_id: UUID, person_id: UUID, now: datetime) -> bool:
    ended = await execute(
        "UPDATE accounts_login SET revoked_at = $3 WHERE id = $1 AND person = $2 AND revoked_at IS NULL",
        login_id,
        person_id,
        now,
    )
    return ended == 1


async def _end_logins(person_id: UUID, now: datetime, *, but: UUID | None) -> None:
    await execute(
        """UPDATE accounts_login SET revoked_at = $2
            WHERE person = $1 AND revoked_at IS NULL AND id IS DISTINCT FROM $3""",
        person_id,
        now,
        but,
    )


async def _spend_codes(person_id: UUID, now: datetime) -> None:
    await execute(
        "UPDATE accounts_entry_code SET expires_at = $2 WHERE person = $1 AND used_at IS NULL AND expires_at > $2",
        person_id,
        now,
    )


async def _note_person(
    actor: Actor | None, now: datetime, action: str, person_id: UUID, name: str, *, by: UUID | None = None
) -> None:
    """A journal line about a way in; ``by`` the person themself where nobody was logged in yet."""
    if actor is None and by is not None:
        actor = Actor(by, name, ())
    home = await home_of(person_id, now)
    await note_within(actor, now, action, "person", person_id, organisation_id=home, facts={"name": name})
