"""Many sessions stored at once are what they would be one by one: rows, occupations, journal, refusals (rules 1, 2)."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from outreach.accounts.tables import Organisation
from outreach.events.commands import CLASH, create_many_within, create_within
from outreach.events.commands.publishing import publish_within
from outreach.events.domain.drafts import SessionGiven
from outreach.events.domain.errors import ClashError
from outreach.programmes.domain.errors import ClosedYearError
from outreach.programmes.tables import Holiday
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from outreach.shared.db import atomic
from outreach.shared.errors import ForbiddenError, InvalidError, OutreachError
from outreach.shared.ids import new_id
from tests.conftest import NOW
from tests.factories.accounts import make_actor, make_organisation
from tests.factories.events import STARTS_AT, make_event, make_provider, make_session, make_venue
from tests.factories.programmes import make_programme, make_year
from tests.support.queries import counted

pytestmark = pytest.mark.usefixtures("database")

HOUR = timedelta(hours=1)


@dataclass
class Town:
    """Two of them are alike but for their ids; ``ids`` by what they stand for."""

    federation: Organisation = field(init=False)
    organiser: Actor = field(init=False)
    ids: dict[str, UUID] = field(default_factory=dict)

    async def build(self, *, confidential: bool = False) -> "Town":
        self.federation = await make_organisation(name="市总工会")
        self.organiser = await make_actor(Role.ORGANISER, self.federation)
        district = await make_organisation(parent=self.federation, name="区总工会", district="吴中区")
        host = await make_organisation(parent=district, name="机械厂工会")
        programme = await make_programme(self.federation, confidential=confidential)
        talk = await make_event(programme, min_audience=30)
        show = await make_event(programme, title="送戏", duration_minutes=120)
        off = await make_event(programme, title="下架的", active=False)
        busy = await make_provider(self.federation, name="甲老师", max_per_day=1, max_per_week=2, max_per_month=3)
        part = await make_provider(self.federation, name="乙老师", available_parts=["2-afternoon", "4-morning"])
        troupe = await make_provider(self.federation, name="锡剧团", kind="troupe", parallel_teams=2)
        gone = await make_provider(self.federation, name="退休讲师", active=False)
        hall = await make_venue(self.federation, name="文化宫", rooms=2, setup_minutes=30, takedown_minutes=30)
        room = await make_venue(self.federation, name="活动室", capacity=40, district="常熟市")
        await db.execute(
            """INSERT INTO events_provider_absence (id, provider, from_on, until_on, reason, created_at)
               VALUES ($1, $2, $3, $4, '出差', $5)""",
            new_id(),
            part.id,
            date(2015, 9, 28),
            date(2015, 10, 2),
            NOW,
        )
        stored = await make_session(talk, providers=(busy, troupe), occupying=True, venue=room.id, district="常熟市")
        made: dict[str, Any] = {
            "federation": self.federation, "district": district, "host": host, "programme": programme, "talk": talk,
            "show": show, "off": off, "busy": busy, "part": part, "troupe": troupe, "gone": gone, "hall": hall,
            "room": room, "stored": stored,
        }  # fmt: skip
        self.ids = {name: one.id for name, one in made.items()} | {"organiser": self.organiser.person_id}
        return self


@dataclass(frozen=True)
class Planned:
    """A session by the names of what it asks for."""

    event: str
    starts_hours: float
    hours: float | None = None
    providers: tuple[str, ...] = ()
    venue: str = ""
    host: str = ""
    address: str = ""
    owner: str = ""
    published: bool = True
    more: Mapping[str, Any] = field(default_factory=dict)

    def given(self, town: Town) -> SessionGiven:
        starts_at = STARTS_AT + self.starts_hours * HOUR
        return SessionGiven(
            event_id=town.ids.get(self.event, UUID(int=7)),
            starts_at=starts_at,
            ends_at=starts_at + self.hours * HOUR if self.hours is not None else None,
            provider_ids=tuple(town.ids[one] for one in self.providers),
            venue_id=town.ids[self.venue] if self.venue else None,
            host_id=town.ids[self.host] if self.host else None,
            organisation_id=town.ids[self.owner] if self.owner else None,
            address=self.address,
            **self.more,
        )


async def one_by_one(town: Town, planned: Planned) -> UUID:
    async with atomic(CLASH):
        session_id = await create_within(town.organiser, NOW, given=planned.given(town))
        if planned.published:
            await publish_within(town.organiser, NOW, session_id=session_id)
    return session_id


async def at_once(town: Town, planned: Sequence[Planned]) -> list[UUID]:
    async with atomic(CLASH):
        return await create_many_within(
            town.organiser,
            NOW,
            given=[one.given(town) for one in planned],
            published=[one.published for one in planned],
        )


async def stored(town: Town, session_ids: Sequence[UUID]) -> dict[str, list[dict[str, Any]]]:
    """Every row that belongs to the sessions, ids replaced by what they stand for."""
    names = {id_: name for name, id_ in town.ids.items()} | {id_: n for n, id_ in enumerate(session_ids)}
    found: dict[str, list[dict[str, Any]]] = {}
    for table, column, order, left_out in (
        ("events_session", "id", "id", ()),
        ("events_session_provider", "session", "session, position", ("id",)),
        ("events_session_organiser", "session", "session, part", ("id",)),
        ("events_occupation", "session", "session, resource_kind, resource_id", ("id",)),
        ("accounts_journal", "object_id", "id", ("id", "actor_name")),
    ):
        rows = await db.rows(
            f"SELECT * FROM {table} WHERE {column} = ANY($1::uuid[]) ORDER BY {order}",
            list(session_ids),
        )
        found[table] = [
            {key: names.get(value, value) if isinstance(value, UUID) else value for key, value in one.items()}
            for one in (dict(row) for row in rows)
        ]
        for one in found[table]:
            for key in left_out:
                del one[key]
            if "actor_id" in one:
                assert one.pop("actor_id") == "organiser"
        if table != "accounts_journal":  # by what they stand for: ids of one moment come in any order
            found[table].sort(key=lambda one: [str(value) for value in one.values()])
    return found


def some(number: int, seed: int) -> list[Planned]:
    """Near each other in three weeks, so that teams, rooms, ways and limits are asked for."""
    chosen = random.Random(seed)  # the same on every machine
    plans = []
    for n in range(number):
        published = chosen.random() < 0.8
        venue = chosen.choice(["", "hall", "hall", "room"])
        plans.append(
            Planned(
                event=chosen.choice(["talk", "show"]),
                starts_hours=24 * chosen.randrange(20) + chosen.choice([-5, -4, -3, -1, 0, 0.5, 1, 2, 3]),
                hours=chosen.choice([None, 1, 1.5, 3]),
                providers=tuple(chosen.sample(["busy", "part", "troupe"], chosen.randrange(3))),
                venue=venue,
                host=chosen.choice(["", "", "host"]),
                address=f" 第{n}会议室 " if not venue else "",
                owner=chosen.choice(["", "", "district"]),
                published=published,
                more=chosen.choice(
                    [
                        {},
                        {"capacity": 30, "claimable": False},
                        {"visibility": "members", "district": "昆山市"},
                        {"multi_day": True, "setup_minutes": 60},
                        {"title": " 另一个 题目 ", "note": " 带水 ", "unlimited": True},
                    ]
                ),
            )
        )
    return plans


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_the_same_rows_as_one_by_one(seed: int) -> None:
    """Sessions with their defaults, people, teams and rooms, warnings in the journal and its order."""
    await Holiday(on=date(2015, 10, 1), kind="off", name="国庆节").save()
    first, second = await Town().build(), await Town().build()
    taken: list[Planned] = []
    ids: list[UUID] = []
    clashes = 0
    for planned in [*some(60, seed), Planned("talk", 24 * 120, address="下一年的")]:
        try:
            ids.append(await one_by_one(first, planned))
        except ClashError:
            clashes += 1
        else:
            taken.append(planned)

    made = await at_once(second, taken)

    expected, found = await stored(first, ids), await stored(second, made)
    assert found == expected
    assert clashes > 0
    assert {one["slot"] for one in found["events_occupation"]} == {1, 2}
    codes = {code for one in found["accounts_journal"] for code in _codes(one["facts"])}
    assert codes >= {"load-day", "load-week", "absent", "unavailable", "travel", "day-off", "other-year"}


def _codes(facts: str) -> list[str]:
    return [one["code"] for one in msgspec.json.decode(facts).get("warnings", [])]


async def test_rooms_are_rearranged_among_what_is_stored_and_what_is_not_yet_written() -> None:
    """Free at every moment, though each room is busy for a part of the time."""
    first, second = await Town().build(), await Town().build()
    plans = [
        Planned("talk", 0, 2, venue="hall"),
        Planned("talk", 0, 6, venue="hall"),
        Planned("talk", 4, 3, venue="hall"),  # the first room again
        Planned("talk", 8, 4, venue="hall"),
        Planned("talk", 24, 1, venue="room", providers=("busy",)),
    ]
    for town in (first, second):
        ids = await at_once(town, plans[:3])
        async with atomic():  # as after cancellations: what fits is spread over both rooms
            await db.execute("UPDATE events_occupation SET slot = 3 WHERE session = $1", ids[2])
            await db.execute("DELETE FROM events_occupation WHERE session = $1", ids[1])
            await db.execute("UPDATE events_occupation SET slot = 2 WHERE session = $1", ids[2])
    wanted = [replace(plans[3], starts_hours=9), Planned("talk", 2, 8, venue="hall"), plans[4]]

    singly = [await one_by_one(first, one) for one in wanted]
    made = await at_once(second, wanted)

    assert await stored(first, singly) == await stored(second, made)


SEATS, SEEN = {"capacity": 200_000}, {"visibility": "public"}
PROGRAMME, ORGANISER = {"programme_id": UUID(int=9)}, {"organisers": (("host", UUID(int=9)),)}

#: What is wrong, what is planned, and how it is refused.
BAD: list[tuple[str, list[Planned], type[OutreachError]]] = [
    ("an item off the menu", [Planned("off", 1, address="甲")], InvalidError),
    ("no such item", [Planned("nothing", 1, address="甲")], InvalidError),
    ("somebody out of use", [Planned("talk", 1, providers=("gone",), address="甲")], InvalidError),
    ("somebody of others", [Planned("talk", 1, providers=("foreigner",), address="甲")], InvalidError),
    ("a place of others", [Planned("talk", 1, venue="foreign hall")], InvalidError),
    ("a host of others", [Planned("talk", 1, host="foreign", address="甲")], InvalidError),
    ("an owner of others", [Planned("talk", 1, owner="foreign", address="甲")], InvalidError),
    ("no such organiser", [Planned("talk", 1, address="甲", more=ORGANISER)], InvalidError),
    ("another programme", [Planned("talk", 1, address="甲", more=PROGRAMME)], InvalidError),
    ("an end before the start", [Planned("talk", 1, -1, address="甲")], InvalidError),
    ("too many seats", [Planned("talk", 1, address="甲", more=SEATS)], InvalidError),
    ("seen by all though confidential", [Planned("talk", 1, address="甲", more=SEEN)], InvalidError),
    ("in the past", [Planned("talk", -24 * 30, address="甲")], InvalidError),
    ("no place", [Planned("talk", 1)], InvalidError),
    (
        "a lecturer twice",
        [
            Planned("talk", 24, address="甲", providers=("busy",)),
            Planned("show", 25, address="乙", providers=("busy",)),
        ],
        ClashError,
    ),
    ("a room that is taken", [Planned("talk", 1, venue="room")], ClashError),
    ("a closed year", [Planned("talk", 24 * 120, address="甲")], ClosedYearError),
]


@pytest.mark.parametrize(("what", "plans", "error"), BAD, ids=[one[0] for one in BAD])
async def test_refused_as_one_by_one_and_nothing_is_stored(
    what: str, plans: list[Planned], error: type[OutreachError]
) -> None:
    """A good one before it is not stored either."""
    towns = [await Town().build(confidential="confidential" in what) for _ in range(2)]
    other = await make_organisation(name="别的总工会")
    foreigner, hall = await make_provider(other), await make_venue(other)
    for town in towns:
        town.ids |= {"foreign": other.id, "foreigner": foreigner.id, "foreign hall": hall.id}
        await make_year(town.federation, year=2016, state="closed")

    with pytest.raises(error) as singly:
        for one in plans:
            await one_by_one(towns[0], one)
    before = await db.value("SELECT count(*) FROM events_session")
    with pytest.raises(error) as together:
        await at_once(towns[1], [Planned("talk", 24 * 9, address="好的"), *plans])

    assert _said(together.value, towns[1]) == _said(singly.value, towns[0])
    assert await db.value("SELECT count(*) FROM events_session") == before
    assert await db.value("SELECT count(*) FROM events_occupation WHERE resource_id = $1", towns[1].ids["busy"]) == 1
    assert await db.value("SELECT count(*) FROM accounts_journal WHERE actor_id = $1", towns[1].ids["organiser"]) == 0


def _said(error: OutreachError, town: Town) -> Any:
    if isinstance(error, InvalidError):
        return [(one.field, one.code, one.facts) for one in error.problems]
    names = {str(id_): name for name, id_ in town.ids.items()}
    sessions = error.facts.get("sessions", [])
    return {**error.facts, "sessions": [names.get(one, "one before") for one in sessions]}


async def test_who_is_no_organiser_makes_none() -> None:
    town = await Town().build()
    town.organiser = await make_actor(Role.CONTACT, town.federation)
    with pytest.raises(ForbiddenError):
        await at_once(town, [Planned("talk", 1, address="甲")])
    town.organiser = await make_actor(Role.ORGANISER, town.federation)
    assert await at_once(town, []) == []


async def test_it_takes_the_same_statements_for_three_and_for_thirty() -> None:
    numbers = []
    for number in (3, 30):
        town = await Town().build()
        plans = [
            Planned("talk", 24 * n + 1, 1, providers=("troupe",), venue="hall", host="host") for n in range(1, number)
        ]
        with counted() as sent:
            await at_once(town, plans)
        numbers.append(len([one for one in sent if not one.startswith("COMMIT")]))
    assert numbers[0] == numbers[1] <= 26
