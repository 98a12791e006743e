"""Tours: drafts and their stops, the order by the way, sessions in one go or not at all, calling it off."""

from datetime import date, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest

from outreach.accounts.tables import Organisation
from outreach.events.domain.errors import ClashError, NeedsReasonError
from outreach.events.queries import session_by_id
from outreach.events.tables import Event, Provider
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from outreach.shared.errors import ForbiddenError, InvalidError, NotFoundError, StaleError
from outreach.shared.time import ZONE
from outreach.tours import commands
from outreach.tours.checking import checked, minutes_on_the_way
from outreach.tours.domain.drafts import StopDraft, TourDraft
from outreach.tours.domain.errors import TourStateError, UnplacedStopsError
from outreach.tours.queries import kept_tour, readable_tour, stops_of, tour_by_id, tours_of_person, tours_page
from tests.conftest import NOW
from tests.factories.accounts import make_actor, make_grant, make_organisation, make_person
from tests.factories.events import make_event, make_provider, make_session
from tests.factories.programmes import make_programme
from tests.support.queries import counted

pytestmark = pytest.mark.usefixtures("database")

#: A Monday.
FIRST = date(2015, 9, 21)


class World:
    """A city with a troupe that has a login, an item of the menu, and ten units in three districts."""

    city: Organisation
    units: list[Organisation]
    organiser: Actor
    traveller: Actor
    provider: Provider
    event: Event

    async def build(self) -> "World":
        self.city = await make_organisation(name="市总工会")
        places = ("吴中区", "昆山市", "常熟市")
        self.units = [
            await make_organisation(parent=self.city, name=f"第{number}厂工会", district=places[number % 3])
            for number in range(10)
        ]
        self.organiser = await make_actor(Role.ORGANISER, self.city, name="顾秀文")
        self.traveller = await make_actor(Role.PROVIDER, self.city, name="书协")
        programme = await make_programme(self.city, name="送文化", kinds=[])
        self.event = await make_event(
            programme, title="送春联", kind="演出", site_needs="八张桌子", duration_minutes=60
        )
        self.provider = await make_provider(
            self.city, kind="troupe", name="书协", home_district="姑苏区", person=self.traveller.person_id
        )
        return self

    def draft(self, **given: object) -> TourDraft:
        return TourDraft(
            **{
                "event_id": self.event.id,
                "provider_id": self.provider.id,
                "name": "新春送春联",
                "first_on": FIRST,
                "last_on": FIRST + timedelta(days=4),
                "minutes": 60,
                "break_starts": 690,
                "break_ends": 780,
                "start_district": "姑苏区",
                **given,
            }  # type: ignore[arg-type]
        )

    async def tour(self, units: int = 10, **given: object) -> UUID:
        tour_id = await commands.add_tour(self.organiser, NOW, draft=self.draft(**given))
        names = "\n".join(f"{one.name}，{one.name}大门" for one in self.units[:units])
        await commands.add_stops(self.organiser, NOW, tour_id=tour_id, text=names)
        return tour_id


@pytest.fixture
async def world(database: None) -> World:
    return await World().build()


async def planned(world: World, units: int = 10, **given: object) -> UUID:
    tour_id = await world.tour(units, **given)
    await commands.propose_order(world.organiser, NOW, tour_id=tour_id)
    return tour_id


async def test_ten_enterprises_in_a_week_become_ten_sessions(world: World) -> None:
    tour_id = await planned(world)
    stops = await stops_of(tour_id)

    assert len(stops) == 10
    assert all(one.starts_at is not None for one in stops)
    districts = [one.district for one in stops]
    # Each district is visited on one stretch of the days.
    assert len([1 for here, there in pairwise(districts) if here != there]) <= 4
    total, to_stop = await minutes_on_the_way(await tour_by_id(tour_id), stops)
    assert total > 0
    assert set(to_stop) == {one.id for one in stops}

    found = await checked(world.organiser, NOW, await tour_by_id(tour_id), stops)
    assert [(one.clashes, one.tight) for one in found] == [((), None)] * 10
    made = await commands.make_tour(world.organiser, NOW, tour_id=tour_id, override_reason="年前都要去")
    sessions = [await session_by_id(id_) for id_ in made]
    assert [(one.state, one.host_name, one.address, one.visibility) for one in sessions] == [
        ("published", one.host_name, f"{one.host_name}大门", "host") for one in stops
    ]
    assert [one.starts_at for one in sessions] == [one.starts_at for one in stops]
    assert await db.value("SELECT count(*) FROM events_occupation") == 10
    assert (await tour_by_id(tour_id)).state == "made"


async def test_one_clash_and_nothing_is_made(world: World) -> None:
    tour_id = await planned(world, 3)
    stops = await stops_of(tour_id)
    assert stops[1].starts_at is not None
    await make_session(
        world.event, title="早就定的", providers=(world.provider,), occupying=True, starts_at=stops[1].starts_at
    )
    found = await checked(world.organiser, NOW, await tour_by_id(tour_id), stops)
    assert [[one.title for one in line.clashes] for line in found] == [[], ["早就定的"], []]

    with pytest.raises(ClashError):
        await commands.make_tour(world.organiser, NOW, tour_id=tour_id, override_reason="有理由")
    assert await db.value("SELECT count(*) FROM events_session") == 1
    assert (await tour_by_id(tour_id)).state == "draft"
    # Put in order anew, it goes around what was fixed meanwhile.
    await commands.propose_order(world.organiser, NOW, tour_id=tour_id)
    assert len(await commands.make_tour(world.organiser, NOW, tour_id=tour_id, override_reason="有理由")) == 3


async def test_times_of_their_own_are_warned_of(world: World) -> None:
    """Typed by hand, two stops in two towns an hour apart leave no time for the way: a reason is asked for."""
    tour_id = await world.tour(2)
    first, second = await stops_of(tour_id)
    for stop, hour in ((first, 9), (second, 10)):
        at = datetime(2015, 9, 22, hour, 5 * (hour - 9), tzinfo=ZONE)
        await commands.change_stop(
            world.organiser, NOW, tour_id=tour_id, stop_id=stop.id,
            draft=StopDraft(address="门口", district=stop.district, starts_at=at),
        )  # fmt: skip
    stops = await stops_of(tour_id)
    found = await checked(world.organiser, NOW, await tour_by_id(tour_id), stops)

    assert found[0].tight is None
    assert found[1].tight is not None
    assert found[1].tight.there == 5
    with pytest.raises(NeedsReasonError):
        await commands.make_tour(world.organiser, NOW, tour_id=tour_id)
    assert await db.value("SELECT count(*) FROM events_session") == 0


async def test_stops_keep_their_windows_and_what_does_not_fit_stays_out(world: World) -> None:
    tour_id = await world.tour(3, first_on=FIRST, last_on=FIRST, minutes=240, break_starts=None, break_ends=None)
    found = await commands.propose_order(world.organiser, NOW, tour_id=tour_id)
    assert len(found.left_out) == 2

    with pytest.raises(UnplacedStopsError) as refused:
        await commands.make_tour(world.organiser, NOW, tour_id=tour_id)
    assert len(refused.value.facts["hosts"]) == 2


async def test_days_off_and_absences_are_left_out(world: World) -> None:
    await db.execute(
        """INSERT INTO events_provider_absence (id, provider, from_on, until_on, reason, created_at)
           VALUES (gen_random_uuid(), $1, $2, $3, '', $4)""",
        world.provider.id,
        FIRST,
        FIRST + timedelta(days=2),
        NOW,
    )
    tour_id = await planned(world, 4, last_on=FIRST + timedelta(days=6), most_per_day=2)

    on = sorted({one.starts_at.astimezone(ZONE).date() for one in await stops_of(tour_id) if one.starts_at})
    assert on[0] >= FIRST + timedelta(days=2)
    assert on[-1] <= FIRST + timedelta(days=4)
    assert len(on) == 2


async def test_units_that_are_not_ours_are_named(world: World) -> None:
    stranger = await make_organisation(name="外地工会")
    tour_id = await world.tour(1)

    with pytest.raises(InvalidError) as refused:
        await commands.add_stops(world.organiser, NOW, tour_id=tour_id, text=f"{stranger.name}\n没有这家")
    assert refused.value.problems[0].facts == {"names": ["外地工会", "没有这家"]}
    # One that is there already is left out, codes are taken, and the usual address is found.
    await make_session(world.event, host=world.units[1].id, address="一号车间")
    text = f"{world.units[0].name}\n{world.units[1].code}"
    assert await commands.add_stops(world.organiser, NOW, tour_id=tour_id, text=text) == 1
    assert [one.address for one in await stops_of(tour_id)] == ["第0厂工会大门", "一号车间"]


async def test_a_made_tour_is_called_off_with_its_sessions(world: World) -> None:
    tour_id = await planned(world, 3)
    made = await commands.make_tour(world.organiser, NOW, tour_id=tour_id, override_reason="有理由")
    await db.execute("UPDATE events_session SET state = 'held' WHERE id = $1", made[0])

    assert await commands.cancel_tour(world.organiser, NOW, tour_id=tour_id, reason="下大雪") == 2
    assert [(await session_by_id(id_)).state for id_ in made] == ["held", "cancelled", "cancelled"]
    assert (await session_by_id(made[1])).cancel_reason == "下大雪"
    with pytest.raises(TourStateError):
        await commands.cancel_tour(world.organiser, NOW, tour_id=tour_id, reason="再取消")
    actions = [one["action"] for one in await db.rows("SELECT action FROM accounts_journal WHERE object_kind = 'tour'")]
    assert actions[-2:] == ["tour.made", "tour.cancelled"]


async def test_drafts_are_changed_and_made_tours_are_not(world: World) -> None:
    tour_id = await planned(world, 2)
    before = await tour_by_id(tour_id)
    with pytest.raises(StaleError):
        await commands.change_tour(
            world.organiser, NOW, tour_id=tour_id, draft=world.draft(name="改名"), revision=before.revision - 1
        )
    await commands.change_tour(world.organiser, NOW, tour_id=tour_id, draft=world.draft(name="改名"))
    assert all(one.starts_at is not None for one in await stops_of(tour_id))
    await commands.change_tour(world.organiser, NOW, tour_id=tour_id, draft=world.draft(minutes=30))
    assert all(one.starts_at is None for one in await stops_of(tour_id))
    await commands.propose_order(world.organiser, NOW, tour_id=tour_id)
    made = await commands.make_tour(world.organiser, NOW, tour_id=tour_id, publish=False)
    assert [(await session_by_id(id_)).state for id_ in made] == ["draft", "draft"]

    stop = (await stops_of(tour_id))[0]
    for command in (
        commands.change_tour(world.organiser, NOW, tour_id=tour_id, draft=world.draft()),
        commands.add_stops(world.organiser, NOW, tour_id=tour_id, text=world.units[5].name),
        commands.remove_stop(world.organiser, NOW, tour_id=tour_id, stop_id=stop.id),
        commands.propose_order(world.organiser, NOW, tour_id=tour_id),
        commands.make_tour(world.organiser, NOW, tour_id=tour_id),
    ):
        with pytest.raises(TourStateError):
            await command


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"last_on": FIRST - timedelta(days=1)}, ["last_on"]),
        ({"last_on": FIRST + timedelta(days=20)}, ["last_on"]),
        ({"day_ends": 500}, ["day_ends"]),
        ({"break_ends": None}, ["break_ends"]),
        ({"break_ends": 600}, ["break_ends"]),
        ({"minutes": 700}, ["minutes"]),
        ({"first_on": date(1915, 1, 1)}, ["first_on"]),
    ],
)
async def test_every_bad_field_of_a_tour_is_named(world: World, given: dict[str, object], fields: list[str]) -> None:
    with pytest.raises(InvalidError) as refused:
        await commands.add_tour(world.organiser, NOW, draft=world.draft(**given))

    assert [one.field for one in refused.value.problems] == fields


async def test_who_keeps_and_who_reads(world: World) -> None:
    """Staff of the city; who travels once it is made; nobody else, not even that it exists."""
    tour_id = await planned(world, 2)
    other = await make_actor(Role.ORGANISER, await make_organisation(name="外地总工会"))
    contact = await make_actor(Role.CONTACT, world.units[0])
    lecturer = await make_actor(Role.PROVIDER, world.city)
    for actor in (other, contact, lecturer, world.traveller):
        with pytest.raises(NotFoundError):
            await readable_tour(actor, tour_id)
    await commands.make_tour(world.organiser, NOW, tour_id=tour_id, override_reason="有理由")

    assert (await readable_tour(world.traveller, tour_id)).name == "新春送春联"
    with pytest.raises(ForbiddenError):
        await kept_tour(world.traveller, tour_id)
    for actor in (other, contact, lecturer):
        with pytest.raises(NotFoundError):
            await readable_tour(actor, tour_id)
    assert [one.id for one in await tours_of_person(world.traveller.person_id, FIRST)] == [tour_id]
    with pytest.raises(ForbiddenError):
        await commands.add_tour(contact, NOW, draft=world.draft())
    with pytest.raises(InvalidError):
        await commands.add_tour(other, NOW, draft=world.draft())


async def test_the_list_takes_two_statements_whatever_its_length(world: World) -> None:
    found = await tours_page(world.organiser, limit=2)
    for expected in (1, 3):
        while await db.value("SELECT count(*) FROM tours_tour") < expected:
            await commands.add_tour(world.organiser, NOW, draft=world.draft())
        with counted() as queries:
            found = await tours_page(world.organiser, limit=2)
        assert (found.total, len(found.items), len(queries)) == (expected, min(expected, 2), 2)
    assert found.next is not None
    rest = await tours_page(world.organiser, limit=2, after=found.next)
    assert len({one.id for one in [*found.items, *rest.items]}) == 3


async def test_contacts_of_units_are_those_of_today(world: World) -> None:
    from outreach.accounts.queries.unit_contacts import UnitContact, unit_contacts

    unit = world.units[0]
    for name, phone, given in (
        ("梁佩文", "13700000001", {}),
        ("副手", None, {"is_deputy": True}),
        ("已离任", "13700000002", {"until_on": date(2015, 1, 1)}),
    ):
        await make_grant(await make_person(name=name, phone=phone), Role.CONTACT, unit, **given)

    found = await unit_contacts([unit.id, world.units[1].id], FIRST)
    assert found == {unit.id: [UnitContact("梁佩文", "13700000001"), UnitContact("副手", "")], world.units[1].id: []}
