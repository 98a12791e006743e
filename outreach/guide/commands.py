"""Writes of the first run: the beginning of everything in one transaction, and what is skipped."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from outreach.accounts.authentication import actor_of_person
from outreach.accounts.commands.organisations import create_organisation_within
from outreach.accounts.commands.people import CONFLICTS as PERSON_CONFLICTS
from outreach.accounts.commands.setup import create_first_administrator_within
from outreach.accounts.commands.ways_in import (
    TRIES_PER_NAME,
    TRIES_WINDOW,
    NewLogin,
    start_login_within,
)
from outreach.accounts.domain.errors import AdministratorExistsError
from outreach.accounts.domain.names import name_problems, normal_login_name
from outreach.accounts.domain.organisations import OrganisationKind
from outreach.accounts.domain.passwords import password_problems
from outreach.accounts.journal import note_within
from outreach.accounts.passwords import hash_password
from outreach.accounts.queries.administrators import had_administrator
from outreach.accounts.site import store_site_within
from outreach.guide.domain.start_code import is_start_code
from outreach.guide.domain.steps import WHOLE_GUIDE, Step
from outreach.guide.queries import guided_organisation
from outreach.guide.wording import TITLES
from outreach.programmes.commands.storing import year_within
from outreach.programmes.forms import year_values
from outreach.programmes.holidays import seed_holidays_within
from outreach.shared.actors import Actor
from outreach.shared.db import Conflicts, atomic, execute, value
from outreach.shared.errors import FieldProblem, ForbiddenError, InvalidError, invalid
from outreach.shared.ids import new_id
from outreach.shared.text import clean_line
from outreach.shared.time import local_day
from outreach.web.security import token_digest
from outreach.web.templates import Site
from outreach.web.throttle import check_tries, count_try

__all__ = ["Beginning", "begin", "put_away", "resume_step", "skip_step", "take_out"]

CONFLICTS: Conflicts = {
    **PERSON_CONFLICTS,
    "accounts_organisation_code_key": lambda: invalid("organisation_code", "code-taken"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """What is said on the first page. ``code`` as typed; ``site_name`` empty: the organisation's name."""

    code: str
    name: str
    login_name: str
    password: str
    password_again: str
    organisation: str
    organisation_code: str
    kind: OrganisationKind
    district: str
    year: int
    site_name: str


async def begin(
    now: datetime,
    *,
    given: Beginning,
    secret: bytes,
    address: str,
    device: str = "",
    old_token: str | None = None,
) -> NewLogin:
    """Make the first administrator, the root organisation, the name over every page, the year and its days off; log in.

    A root of this name that is there already (loaded at the console) is taken as it is.

    Args:
        secret: the installation's, from which the start code is derived.
        address, device, old_token: as of ``log_in``.

    Raises:
        AdministratorExistsError: there is an administrator or there was one; perhaps somebody was faster.
        InvalidError: names every bad field; ``code`` when it is wrong.
        TooManyRequestsError: too many wrong codes from this address.
    """
    if await had_administrator():
        raise AdministratorExistsError
    tries = f"start:address:{token_digest(address)}"
    await check_tries(tries, limit=TRIES_PER_NAME, now=now)
    problems = _problems(given, now)
    if not is_start_code(secret, given.code):
        await count_try(tries, limit=TRIES_PER_NAME, window=TRIES_WINDOW, now=now)
        problems.insert(0, FieldProblem("code", "start-code-wrong"))
    if problems:
        raise InvalidError(problems)
    hashed = await hash_password(given.password)
    async with atomic(CONFLICTS):
        person_id = await create_first_administrator_within(
            now, name=given.name, login_name=given.login_name, password_hash=hashed, is_opening=True
        )
        actor = await actor_of_person(person_id, now)
        assert actor is not None  # made in this transaction
        await _set_up_within(actor, now, given)
        return await start_login_within(now, person_id=person_id, name=actor.name, device=device, old_token=old_token)


def _problems(given: Beginning, now: datetime) -> list[FieldProblem]:
    login_name = normal_login_name(given.login_name)
    problems = name_problems("login_name", login_name)
    problems += password_problems("password", given.password, (login_name, clean_line(given.name)))
    if given.password != given.password_again:
        problems.append(FieldProblem("password_again", "passwords-differ"))
    this_year = local_day(now).year
    if abs(given.year - this_year) > 1:
        last = this_year + 1
        problems.append(FieldProblem("year", "year-out-of-range", {"first": this_year - 1, "last": last}))
    return problems


#: Fields of an organisation, as this form calls them; what needs something above it is of the wrong kind.
_NAMED_HERE = {"name": "organisation", "code": "organisation_code", "parent_id": "kind"}


async def _set_up_within(actor: Actor, now: datetime, given: Beginning) -> None:
    name = clean_line(given.organisation)
    owner = await value(
        "SELECT id FROM accounts_organisation WHERE parent IS NULL AND name = $1 ORDER BY created_at LIMIT 1", name
    )
    if owner is None:
        try:
            owner = await create_organisation_within(
                actor, now, code=given.organisation_code, name=name, kind=given.kind, district=given.district
            )
        except InvalidError as error:  # the fields are named as in the form of an organisation
            raise InvalidError(
                [FieldProblem(_NAMED_HERE.get(one.field, one.field), one.code, one.facts) for one in error.problems]
            ) from None
    site = Site(name=clean_line(given.site_name) or name, host_line=name)
    await store_site_within(actor, now, site=site)
    title = str(year_values(None, given.year, name)["title"])
    year_id = await year_within(owner, given.year, now, title=title)
    await note_within(
        actor, now, "year.created", "year", year_id, organisation_id=owner, facts={"year": given.year, "title": title}
    )
    for year in (given.year, given.year + 1):
        await seed_holidays_within(actor, now, year)


async def skip_step(actor: Actor, now: datetime, *, step: Step, organisation: str = "") -> None:
    """Do without a step.

    Args:
        organisation: id of the root; empty: the one that the actor runs.

    Raises:
        NotFoundError, ForbiddenError: the actor does not set the organisation up.
    """
    await _skip(actor, now, step.value, "guide.skipped", organisation)


async def resume_step(actor: Actor, now: datetime, *, step: Step, organisation: str = "") -> None:
    """Have a skipped step back; see ``skip_step``."""
    await _resume(actor, now, step.value, "guide.resumed", organisation)


async def put_away(actor: Actor, now: datetime, *, organisation: str = "") -> None:
    """Show nothing of the first run on the desk any more; see ``skip_step``."""
    await _skip(actor, now, WHOLE_GUIDE, "guide.put_away", organisation)


async def take_out(actor: Actor, now: datetime, *, organisation: str = "") -> None:
    """Show it on the desk again; see ``skip_step``."""
    await _resume(actor, now, WHOLE_GUIDE, "guide.taken_out", organisation)


async def _skip(actor: Actor, now: datetime, what: str, action: str, organisation: str) -> None:
    async with atomic():
        of = await _guided_within(actor, organisation)
        new = await execute(
            """INSERT INTO guide_step (id, organisation, step, skipped_at, skipped_by) VALUES ($1, $2, $3, $4, $5)
               ON CONFLICT (organisation, step) DO NOTHING""",
            new_id(),
            of,
            what,
            now,
            actor.person_id,
        )
        if new:
            await note_within(actor, now, action, "guide", of, organisation_id=of, facts=_facts(what))


async def _resume(actor: Actor, now: datetime, what: str, action: str, organisation: str) -> None:
    async with atomic():
        of = await _guided_within(actor, organisation)
        if await execute("DELETE FROM guide_step WHERE organisation = $1 AND step = $2", of, what):
            await note_within(actor, now, action, "guide", of, organisation_id=of, facts=_facts(what))


def _facts(what: str) -> dict[str, str]:
    return {"step": what} if what == WHOLE_GUIDE else {"step": what, "name": TITLES[Step(what)]}


async def _guided_within(actor: Actor, organisation: str) -> UUID:
    found = await guided_organisation(actor, organisation)
    if found is None:  # nothing to hang it on yet
        raise ForbiddenError
    return found.id
