"""Teams and rooms are never given twice, whatever arrives at once (rule 2)."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from outreach.accounts.tables import Organisation
from outreach.events.commands import occupy_within, publish_session, release_within
from outreach.events.domain.errors import ClashError, SessionStateError
from outreach.events.occupying import CLASH, Wish, clashes_of
from outreach.events.tables import Event, Provider, Session, Venue
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from outreach.shared.db import atomic
from tests.conftest import NOW
from tests.factories.accounts import make_actor, make_organisation
from tests.factories.events import STARTS_AT, make_event, make_provider, make_session, make_venue
from tests.factories.programmes import make_programme

HOUR = timedelta(hours=1)
#: The eight ways to lie beside 14:00—18:00, in hours from 14:00, and whether they clash.
EIGHT = [
    (-2, -1, False),
    (-2, 0, False),
    (-1, 1, True),
    (1, 3, True),
    (0, 4, True),
    (-1, 5, True),
    (3, 5, True),
    (4, 6, False),
]


@dataclass
class Town:
    federation: Organisation
    event: Event
    organiser: Actor
    provider: Provider
    venue: Venue


@pytest.fixture
async def town(database: None) -> Town:
    federation = await make_organisation()
    return Town(
        federation,
        await make_event(await make_programme(federation)),
        await make_actor(Role.ORGANISER, federation),
        await make_provider(federation, name="甲老师"),
        await make_venue(federation, name="文化宫"),
    )


async def draft(town: Town, *providers: Provider, first: float = 0, last: float = 4, **given: Any) -> Session:
    start = STARTS_AT + first * HOUR
    return await make_session(
        town.event,
        providers=providers,
        state="draft",
        starts_at=start,
        ends_at=STARTS_AT + last * HOUR,
        published_at=None,
        **given,
    )


async def publish(town: Town, session: Session) -> str:
    """``published`` or ``clash``."""
    try:
        return (await publish_session(town.organiser, NOW, session_id=session.id)).state
    except ClashError:
        return "clash"


async def slots_of(resource_id: UUID) -> list[int]:
    rows = await db.rows("SELECT slot FROM events_occupation WHERE resource_id = $1 ORDER BY slot", resource_id)
    return [row["slot"] for row in rows]


@pytest.mark.parametrize(("first", "last", "clashes"), EIGHT)
@pytest.mark.parametrize("kind", ["provider", "venue"])
@pytest.mark.parametrize("slots", [1, 2])
async def test_eight_ways_to_lie_beside_each_other(
    town: Town, kind: str, slots: int, first: int, last: int, clashes: bool
) -> None:
    await Provider.update({Provider.parallel_teams: slots}, force=True)
    await Venue.update({Venue.rooms: slots}, force=True)

    async def one(first: int, last: int) -> Session:
        if kind == "provider":
            return await draft(town, town.provider, first=first, last=last)
        return await draft(town, first=first, last=last, venue=town.venue.id)

    for _number in range(slots):
        assert await publish(town, await one(0, 4)) == "published"
    assert await publish(town, await one(first, last)) == ("clash" if clashes else "published")


async def test_of_two_publishers_at_once_exactly_one_wins(town: Town) -> None:
    for _number in range(5):
        rivals = [await draft(town, town.provider, venue=town.venue.id), await draft(town, town.provider)]
        outcomes = await asyncio.gather(*(publish(town, session) for session in rivals))
        states = await db.rows(
            "SELECT state FROM events_session WHERE id = ANY($1) ORDER BY state", [one.id for one in rivals]
        )
        assert sorted(outcomes) == ["clash", "published"]
        assert [row["state"] for row in states] == ["draft", "published"]
        assert await slots_of(town.provider.id) == [1]
        await db.execute("DELETE FROM events_occupation")


async def test_two_teams_take_two_sessions_at_once_and_not_three(town: Town) -> None:
    troupe = await make_provider(town.federation, kind="troupe", parallel_teams=2)
    rivals = [await draft(town, troupe) for _number in range(3)]
    outcomes = await asyncio.gather(*(publish(town, session) for session in rivals))
    assert sorted(outcomes) == ["clash", "published", "published"]
    assert await slots_of(troupe.id) == [1, 2]


async def test_providers_are_locked_in_one_order_so_that_rivals_never_deadlock(town: Town) -> None:
    other = await make_provider(town.federation)
    for _number in range(5):
        rivals = [await draft(town, town.provider, other), await draft(town, other, town.provider)]
        assert sorted(await asyncio.gather(*(publish(town, session) for session in rivals))) == ["clash", "published"]
        await db.execute("DELETE FROM events_occupation")


async def test_one_session_is_published_once_by_two_at_once(town: Town) -> None:
    session = await draft(town, town.provider)

    async def attempt() -> str:
        try:
            return (await publish_session(town.organiser, NOW, session_id=session.id)).state
        except SessionStateError as error:
            return f"was {error.facts['state']}"

    assert sorted(await asyncio.gather(attempt(), attempt())) == ["published", "was published"]
    assert await db.value("SELECT count(*) FROM accounts_journal WHERE action = 'session.published'") == 1


async def test_the_constraint_has_the_last_word(town: Town) -> None:
    session = await draft(town, town.provider)
    assert await publish(town, session) == "published"
    double = """INSERT INTO events_occupation (id, session, resource_kind, resource_id, slot, starts_at, ends_at)
                SELECT gen_random_uuid(), session, resource_kind, resource_id, slot, starts_at, ends_at
                  FROM events_occupation"""
    with pytest.raises(asyncpg.ExclusionViolationError):
        await db.execute(double)
    with pytest.raises(ClashError):
        async with atomic(CLASH):
            await db.execute(double)


async def test_a_venue_is_tied_with_set_up_and_take_down(town: Town) -> None:
    hall = await make_venue(town.federation, setup_minutes=60, takedown_minutes=30)
    assert await publish(town, await draft(town, first=0, last=2, venue=hall.id)) == "published"
    assert await publish(town, await draft(town, first=3, last=4, venue=hall.id)) == "clash"
    assert await publish(town, await draft(town, first=3.5, last=4, venue=hall.id)) == "published"


async def test_an_exhibition_ties_people_at_its_ends_and_the_venue_throughout(town: Town) -> None:
    given = {"multi_day": True, "setup_minutes": 60, "takedown_minutes": 60, "venue": town.venue.id}
    assert await publish(town, await draft(town, town.provider, first=0, last=72, **given)) == "published"
    assert await publish(town, await draft(town, town.provider, first=24, last=26)) == "published"
    assert await publish(town, await draft(town, first=24, last=26, venue=town.venue.id)) == "clash"
    assert await publish(town, await draft(town, town.provider, first=-0.5, last=1)) == "clash"
    assert await publish(town, await draft(town, town.provider, first=72, last=74)) == "clash"
    assert await publish(town, await draft(town, town.provider, first=73, last=74)) == "published"


async def test_others_change_rooms_when_every_room_is_busy_for_a_part(town: Town) -> None:
    hall = await make_venue(town.federation, rooms=2)
    early = await draft(town, first=0, last=2, venue=hall.id)
    whole = await draft(town, first=0, last=4, venue=hall.id)
    late = await draft(town, first=2, last=4, venue=hall.id)
    for session in (whole, early):
        assert await publish(town, session) == "published"
    async with atomic():
        await db.execute("UPDATE events_occupation SET slot = 2 WHERE session = $1", early.id)
        await release_within(whole.id)
    assert await publish(town, late) == "published"
    assert await slots_of(hall.id) == [1, 2]
    middle = await draft(town, first=1, last=3, venue=hall.id)
    assert await publish(town, middle) == "published"
    assert await publish(town, await draft(town, first=1, last=3, venue=hall.id)) == "clash"


async def test_the_clash_names_all_resources_and_only_sessions_that_the_caller_may_see(town: Town) -> None:
    hidden = await draft(town, town.provider, visibility="host", venue=town.venue.id)
    assert await publish(town, hidden) == "published"
    session = await draft(town, town.provider, venue=town.venue.id)

    with pytest.raises(ClashError) as organisers:
        await publish_session(town.organiser, NOW, session_id=session.id)
    assert organisers.value.facts == {
        "resources": ["甲老师", "文化宫"],
        "sessions": [str(hidden.id)],
    }
    with pytest.raises(ClashError) as strangers:
        async with atomic(CLASH):
            await occupy_within(None, session.id)
    assert strangers.value.facts["sessions"] == []
    assert await slots_of(town.provider.id) == [1]


async def test_clashes_are_seen_before_the_leap(town: Town) -> None:
    first = await draft(town, town.provider)
    await publish(town, first)
    wish = Wish(None, STARTS_AT + HOUR, STARTS_AT + 2 * HOUR, (town.provider.id,), town.venue.id)
    found = await clashes_of(town.organiser, wish)
    assert [(one.resource_kind, one.resource_name, one.session_id, one.title) for one in found] == [
        ("provider", "甲老师", first.id, first.title)
    ]
    assert await clashes_of(town.organiser, Wish(None, STARTS_AT + 4 * HOUR, STARTS_AT + 5 * HOUR)) == []
    assert await clashes_of(None, Wish(first.id, STARTS_AT, STARTS_AT + HOUR, (town.provider.id,))) == []
