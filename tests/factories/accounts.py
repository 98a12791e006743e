"""Organisations, people, and clients that are logged in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import httpx
from litestar import Litestar

from outreach.accounts.authentication import actor_of_person
from outreach.accounts.tables import ApiToken, Organisation, Person, RoleGrant
from outreach.shared.actors import Actor, Role
from outreach.shared.ids import new_id
from outreach.web.security import new_token, token_digest

LONG_AGO = datetime(2014, 1, 1, tzinfo=UTC)

_numbers = iter(range(1, 10**9))


async def make_organisation(*, parent: Organisation | None = None, **given: Any) -> Organisation:
    """An organisation; a grassroots union by default, below ``parent`` or a root of its own."""
    number = next(_numbers)
    id_ = given.pop("id", None) or new_id()
    made = Organisation(
        **{
            "id": id_,
            "code": f"U{number:05d}",
            "name": f"第{number}机械厂工会",
            "kind": "grassroots_union" if parent else "federation",
            "parent": parent.id if parent else None,
            "path": f"{parent.path if parent else '/'}{id_}/",
            "district": "姑苏区" if parent else "",
            "created_at": LONG_AGO,
            **given,
        }
    )
    await made.save()
    return made


async def make_person(**given: Any) -> Person:
    """Somebody without any role."""
    number = next(_numbers)
    made = Person(**{"name": f"测试员{number}", "login_name": f"user{number}", "created_at": LONG_AGO, **given})
    await made.save()
    return made


async def make_grant(person: Person, role: Role, organisation: Organisation | None, **given: Any) -> RoleGrant:
    """A role that began long ago and is open."""
    made = RoleGrant(
        **{
            "person": person.id,
            "organisation": organisation.id if organisation else None,
            "role": role.value,
            "from_on": date(2014, 1, 1),
            "created_at": LONG_AGO,
            **given,
        }
    )
    await made.save()
    return made


async def make_actor(role: Role, organisation: Organisation | None, **given: Any) -> Actor:
    """A person with one role, as commands take it."""
    person = await make_person(**given)
    await make_grant(person, role, organisation)
    actor = await actor_of_person(person.id, datetime(2015, 9, 15, tzinfo=UTC))
    assert actor is not None
    return actor


async def make_api_token(person_id: UUID) -> str:
    """A token of the person, as a program would send it."""
    token = new_token()
    await ApiToken(person=person_id, name="test", token_hash=token_digest(token), created_at=LONG_AGO).save()
    return token


@asynccontextmanager
async def client_of(app: Litestar, actor: Actor | None) -> AsyncIterator[httpx.AsyncClient]:
    """A program's client with the actor's bearer token; ``None``: a stranger's."""
    headers = {"Authorization": f"Bearer {await make_api_token(actor.person_id)}"} if actor else {}
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver", headers=headers) as client:
        yield client


@asynccontextmanager
async def browser_of(app: Litestar, actor: Actor | None) -> AsyncIterator[httpx.AsyncClient]:
    """A browser that is logged in as the actor: cookie, ``Accept: text/html``, follows no redirect.

    Forms need the token of the page: ``tests.support.pages.form_token(response.text)``.
    """
    from outreach.accounts.tables import Login

    cookies = {}
    if actor is not None:
        token = new_token()
        later = datetime(2016, 12, 31, tzinfo=UTC)
        login = Login(
            person=actor.person_id, token_hash=token_digest(token), created_at=LONG_AGO, seen_at=later, expires_at=later
        )
        await login.save()
        cookies["outreach_login"] = token
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    headers = {"Accept": "text/html,application/xhtml+xml"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://testserver", headers=headers, cookies=cookies
    ) as client:
        yield client
