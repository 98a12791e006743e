"""What the measurements of bookings and orders start from: a federation, its unions, sessions and a menu."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from outreach.accounts.tables import Organisation
from outreach.app import connected
from outreach.events.tables import Event, Session
from outreach.programmes.tables import Programme
from outreach.settings import Settings
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from tests.factories.accounts import make_actor, make_api_token, make_organisation
from tests.factories.events import make_event
from tests.factories.programmes import make_programme

__all__ = ["Stock", "database", "make_sessions", "make_stock", "make_unions"]


@dataclass
class Stock:
    """``headers`` are those of an administrator's program."""

    root: Organisation
    actor: Actor
    programme: Programme
    event: Event
    headers: dict[str, str]
    unions: list[UUID] = field(default_factory=list)


@asynccontextmanager
async def database(home: Path, *, migrating: bool = False) -> AsyncIterator[str]:
    """The database of the measured installation; yields its DSN."""
    async with connected(Settings(home=home), migrating=migrating) as dsn:
        yield dsn


async def make_stock(**programme: Any) -> Stock:
    """A root with a programme of this year and one menu item; inside ``database``."""
    root = await make_organisation(name="市总工会")
    actor = await make_actor(Role.ADMINISTRATOR, None)
    token = await make_api_token(actor.person_id)
    promised = await make_programme(root, year=datetime.now(UTC).year, **programme)
    event = await make_event(promised)
    return Stock(root, actor, promised, event, {"Authorization": f"Bearer {token}"})


async def make_unions(root: Organisation, by_district: dict[str, int]) -> list[tuple[UUID, str]]:
    """So many unions below the root in each district; with their districts, mixed."""
    for district, count in by_district.items():
        await db.execute(
            """INSERT INTO accounts_organisation
                      (id, code, name, kind, parent, path, district, ownership, industry, revision, created_at)
               SELECT made.id, 'B' || $2 || made.n, $2 || made.n || '厂工会', 'grassroots_union', $1,
                      $3 || made.id || '/', $2, '', '', 1, now()
                 FROM (SELECT gen_random_uuid() AS id, n FROM generate_series(1, $4::int) n) made""",
            root.id,
            district,
            root.path,
            count,
        )
    found = await db.rows(
        "SELECT id, district FROM accounts_organisation WHERE parent = $1 ORDER BY md5(code)", root.id
    )
    return [(one["id"], one["district"]) for one in found]


async def make_sessions(event: Event, count: int, capacity: int) -> list[Session]:
    """Published ones from nine days ahead on, one an hour."""
    soon = datetime.now(UTC) + timedelta(days=9)
    made = [
        Session(
            event=event.id, programme=event.programme, organisation=await _owner(event), title=event.title,
            kind=event.kind, address="礼堂", district="吴中区", starts_at=soon + timedelta(hours=number),
            ends_at=soon + timedelta(hours=number + 1), capacity=capacity, visibility="public", state="published",
            revised_at=soon - timedelta(days=30), published_at=soon - timedelta(days=30),
            created_at=soon - timedelta(days=31),
        )
        for number in range(count)
    ]  # fmt: skip
    await Session.insert(*made)
    return made


async def _owner(event: Event) -> UUID:
    owner: UUID = await db.value("SELECT organisation FROM programmes_programme WHERE id = $1", event.programme)
    return owner
