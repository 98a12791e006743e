"""A rain date holds its people and its place as the date itself does, until it is released."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from outreach.accounts.tables import Organisation
from outreach.events.commands import CLASH, occupy_within, publish_session, release_rain_within
from outreach.events.domain.errors import ClashError
from outreach.events.occupying import Wish, clashes_of
from outreach.events.queries import session_by_id
from outreach.events.tables import Event, Provider, Session, Venue
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from outreach.shared.db import atomic
from tests.conftest import NOW
from tests.factories.accounts import make_actor, make_organisation
from tests.factories.events import STARTS_AT, make_event, make_provider, make_session, make_venue
from tests.factories.programmes import make_programme

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass
class Town:
    federation: Organisation
    event: Event
    organiser: Actor
    troupe: Provider
    venue: Venue


@pytest.fixture
async def town(database: None) -> Town:
    federation = await make_organisation()
    return Town(
        federation,
        await make_event(await make_programme(federation)),
        await make_actor(Role.ORGANISER, federation),
        await make_provider(federation, name="流动放映队", kind="troupe"),
        await make_venue(federation, setup_minutes=60),
    )


async def open_air(town: Town, *, days: int = 0, rain: bool = True) -> Session:
    start = STARTS_AT + days * DAY
    return await make_session(
        town.event,
        providers=(town.troupe,),
        venue=town.venue.id,
        state="draft",
        published_at=None,
        starts_at=start,
        rain_starts_at=start + DAY if rain else None,
        rain_ends_at=start + DAY + 2 * HOUR if rain else None,
    )


async def tied(session: Session) -> list[tuple[str, bool, timedelta, timedelta]]:
    found = await db.rows(
        """SELECT resource_kind, is_rain, starts_at - $2 AS first, ends_at - $2 AS last FROM events_occupation
            WHERE session = $1 ORDER BY resource_kind, starts_at""",
        session.id,
        session.starts_at,
    )
    return [(one["resource_kind"], one["is_rain"], one["first"], one["last"]) for one in found]


async def test_both_dates_are_tied_and_releasing_frees_one(town: Town) -> None:
    film = await open_air(town)
    await publish_session(town.organiser, NOW, session_id=film.id)
    assert await tied(film) == [
        ("provider", False, 0 * HOUR, 1.5 * HOUR),
        ("provider", True, DAY, DAY + 2 * HOUR),
        ("venue", False, -HOUR, 1.5 * HOUR),
        ("venue", True, DAY - HOUR, DAY + 2 * HOUR),
    ]
    next_day = await open_air(town, days=1, rain=False)
    with pytest.raises(ClashError) as refused:
        await publish_session(town.organiser, NOW, session_id=next_day.id)
    assert refused.value.facts["sessions"] == [str(film.id)]
    before = await open_air(town, days=-1)  # its rain date falls on the first date
    with pytest.raises(ClashError):
        await publish_session(town.organiser, NOW, session_id=before.id)

    async with atomic():
        await release_rain_within(film.id)
    assert [one[1] for one in await tied(film)] == [False, False]
    stored = await session_by_id(film.id)
    assert (stored.rain_starts_at, stored.rain_ends_at) == (None, None)
    assert (await publish_session(town.organiser, NOW, session_id=next_day.id)).state == "published"


async def test_tied_anew_what_was_tied_before_is_free(town: Town) -> None:
    film = await open_air(town)
    await publish_session(town.organiser, NOW, session_id=film.id)
    await Session.update({Session.starts_at: STARTS_AT + 3 * HOUR, Session.ends_at: STARTS_AT + 4 * HOUR}).where(
        Session.id == film.id
    )
    async with atomic(CLASH):
        await occupy_within(town.organiser, film.id)
    assert [(kind, is_rain) for kind, is_rain, _first, _last in await tied(film)] == [
        ("provider", False),
        ("provider", True),
        ("venue", False),
        ("venue", True),
    ]
    early = await open_air(town, rain=False)
    assert (await publish_session(town.organiser, NOW, session_id=early.id)).state == "published"


async def test_a_second_team_takes_the_rain_date_of_another(town: Town) -> None:
    await Provider.update({Provider.parallel_teams: 2}, force=True)
    await Venue.update({Venue.rooms: 2}, force=True)
    for number in range(2):
        film = await open_air(town)
        await publish_session(town.organiser, NOW, session_id=film.id)
        slots = await db.rows("SELECT slot FROM events_occupation WHERE session = $1", film.id)
        assert {one["slot"] for one in slots} == {number + 1}
    third = await open_air(town)
    with pytest.raises(ClashError):
        await publish_session(town.organiser, NOW, session_id=third.id)
    assert await tied(third) == []


async def test_a_clash_with_the_rain_date_is_seen_before_the_leap(town: Town) -> None:
    film = await open_air(town)
    await publish_session(town.organiser, NOW, session_id=film.id)
    wish = Wish(None, STARTS_AT + 2 * DAY, STARTS_AT + 2 * DAY + HOUR, (town.troupe.id,))
    assert await clashes_of(town.organiser, wish) == []
    rainy = Wish(
        None,
        STARTS_AT + 2 * DAY,
        STARTS_AT + 2 * DAY + HOUR,
        (town.troupe.id,),
        rain_starts_at=STARTS_AT + DAY,
        rain_ends_at=STARTS_AT + DAY + HOUR,
    )
    assert [one.session_id for one in await clashes_of(town.organiser, rainy)] == [film.id]
