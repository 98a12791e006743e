"""Limits and openings against the real database: every count, every wave, and rivals at the same moment."""

import asyncio
from contextvars import Context
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from outreach.accounts.tables import Organisation
from outreach.bookings.admission import UNLIMITED_SQL, admit_within, openings_for, usage_of
from outreach.bookings.domain.errors import BookingClosedError, LimitReachedError, QuotaUsedError
from outreach.bookings.openings.counting import places_taken
from outreach.bookings.tables import Booking, Order, OrderUnit
from outreach.events.tables import Event, Session
from outreach.programmes.tables import Programme
from outreach.shared import db
from outreach.shared.errors import NotFoundError
from outreach.shared.ids import new_id
from outreach.shared.time import ZONE
from tests.factories.accounts import LONG_AGO, make_organisation
from tests.factories.bookings import make_booking
from tests.factories.events import STARTS_AT, make_event, make_session
from tests.factories.openings import make_opening
from tests.factories.programmes import make_programme, make_year
from tests.support.queries import counted


async def make_order(event: Event, organisation: Organisation, *joined: Organisation, **given: Any) -> Order:
    """A submitted order for 24 September, joined by ``joined``."""
    made = Order(
        **{
            "event": event.id,
            "organisation": organisation.id,
            "state": "submitted",
            "audience": 40,
            "address": "一号车间",
            "contact_name": "陈巧云",
            "contact_phone": "13800000000",
            "first_on": date(2015, 9, 24),
            "last_on": date(2015, 9, 24),
            "submitted_at": LONG_AGO,
            "changed_at": LONG_AGO,
            **given,
        }
    )
    await made.save()
    for unit in joined:
        await OrderUnit(order_id=made.id, organisation=unit.id).save()
    return made


class World:
    """A city with one programme, one menu item, one session, and a union with its women's committee and a guest."""

    city: Organisation
    union: Organisation
    women: Organisation
    guest: Organisation
    programme: Programme
    event: Event
    session: Session

    async def build(self, **programme: Any) -> "World":
        self.city = await make_organisation(name="苏州市总工会")
        self.union = await make_organisation(parent=self.city, district="吴中区")
        self.women = await make_organisation(parent=self.union, kind="womens_committee", district="")
        self.guest = await make_organisation(parent=self.union, kind="guest", district="虎丘区")
        self.programme = await make_programme(self.city, **programme)
        self.event = await make_event(self.programme)
        self.session = await make_session(self.event)
        return self

    async def admit(self, now: datetime, unit: Organisation | None = None, **given: Any) -> UUID | None:
        """Ask for a booking of the session in a transaction of its own."""
        asked = {"session_id": self.session.id} if "event_id" not in given else {}
        async with db.atomic():
            return await admit_within(
                now,
                **{
                    "organisation_id": (unit or self.union).id,
                    "programme_id": self.programme.id,
                    "at": STARTS_AT,
                    **asked,
                    **given,
                },
            )


@pytest.fixture
async def world(database: None) -> World:
    return await World().build()


async def test_without_limits_one_question_and_no_lock(world: World, now: datetime) -> None:
    """Where nothing limits, nothing is locked and nothing counted."""
    with counted() as sent:
        assert await world.admit(now) is None

    assert [one for one in sent if "FOR NO KEY" in one] == []
    assert len([one for one in sent if one.lstrip().startswith("SELECT")]) == 1


@pytest.mark.parametrize("state", ["pending", "confirmed", "waitlisted", "offered", "attended", "no_show"])
async def test_every_state_that_holds_a_place_counts(world: World, now: datetime, state: str) -> None:
    """A waiting group and a no-show use the limit like anybody who comes."""
    await Programme.update({Programme.max_per_organisation: 1}).where(Programme.id == world.programme.id)
    waiting = {"queue_number": 1} if state in ("waitlisted", "offered") else {}
    offered = {"offer_expires_at": now} if state == "offered" else {}
    await make_booking(await make_session(world.event), world.union, state=state, **waiting, **offered)

    with pytest.raises(LimitReachedError) as refused:
        await world.admit(now)

    assert refused.value.facts == {"scope": "programme", "limit": 1, "used": 1, "organisation": world.union.name}


@pytest.mark.parametrize("state", ["declined", "cancelled"])
async def test_what_was_given_up_does_not_count(world: World, now: datetime, state: str) -> None:
    """A declined or cancelled booking gives its place in the limit back."""
    await Programme.update({Programme.max_per_organisation: 1}).where(Programme.id == world.programme.id)
    await make_booking(world.session, world.union, state=state)

    assert await world.admit(now) is None


@pytest.mark.parametrize(
    ("state", "counts"),
    [("submitted", 1), ("endorsed", 1), ("approved", 1), ("assigned", 1), ("declined", 0), ("withdrawn", 0)],
)
async def test_orders_count_until_they_are_scheduled(world: World, now: datetime, state: str, counts: int) -> None:
    """An open order uses the limit; a scheduled one is counted by its host booking, once."""
    await Programme.update({Programme.max_per_organisation: 1}).where(Programme.id == world.programme.id)
    linked = {"session": world.session.id} if state == "assigned" else {}
    await make_order(world.event, world.union, state=state, **linked)

    [used] = await usage_of([world.union.id], now)

    assert (used.scope, used.limit, used.used) == ("programme", 1, counts)


async def test_a_scheduled_order_counts_once(world: World, now: datetime) -> None:
    """By its host booking, in the limit and in the opening, whether the booking names the opening or not."""
    opening = await make_opening(world.programme, events=(world.event,), places=5, max_per_organisation=9)
    await Programme.update({Programme.max_per_organisation: 9}).where(Programme.id == world.programme.id)
    order = {"state": "scheduled", "opening": opening.id, "session": world.session.id}
    await make_order(world.event, world.union, **order)
    named = await make_booking(world.session, world.union, is_host=True, opening=opening.id)

    first = await usage_of([world.union.id], now)
    taken = await places_taken([opening.id])
    await Booking.update({Booking.opening: None}).where(Booking.id == named.id)

    assert [(one.scope, one.used) for one in first] == [("programme", 1), ("opening", 1)]
    assert taken == {opening.id: {"吴中区": 1}}
    assert await usage_of([world.union.id], now) == first
    assert await places_taken([opening.id]) == taken


async def test_womens_committee_and_guest_share(world: World, now: datetime) -> None:
    """What the committee has taken is gone for the union and for the guest; a neighbour is not concerned."""
    await Programme.update({Programme.max_per_organisation: 2}).where(Programme.id == world.programme.id)
    await make_booking(world.session, world.women)
    await make_order(world.event, world.guest)
    neighbour = await make_organisation(parent=world.city)

    for unit in (world.union, world.women, world.guest):
        with pytest.raises(LimitReachedError) as refused:
            await world.admit(now, unit)
        assert (refused.value.facts["used"], refused.value.facts["organisation"]) == (2, unit.name)
    assert await world.admit(now, neighbour) is None
    shown = {one.organisation_id: one.used for one in await usage_of([world.union.id, world.women.id], now)}
    assert shown == {world.union.id: 2, world.women.id: 2}


async def test_limit_of_the_year(world: World, now: datetime) -> None:
    """All programmes of the owner, by the local year in which the session starts."""
    await make_year(world.city, max_per_organisation=2)
    other = await make_event(await make_programme(world.city))
    foreign = await make_event(await make_programme(await make_organisation(name="别市总工会")))
    await make_booking(await make_session(other), world.union)
    await make_booking(await make_session(foreign), world.union)
    late = datetime(2016, 1, 1, 0, 30, tzinfo=ZONE)  # 2015 in UTC
    await make_booking(await make_session(other, starts_at=late), world.union)

    assert await world.admit(now) is None
    await make_booking(await make_session(other), world.union)
    with pytest.raises(LimitReachedError) as refused:
        await world.admit(now)

    assert refused.value.facts == {
        "scope": "year",
        "limit": 2,
        "used": 2,
        "organisation": world.union.name,
        "year": 2015,
    }
    assert await world.admit(now, at=late) is None


async def test_joined_orders_count_for_those_who_joined(world: World, now: datetime) -> None:
    """To the end, and once where order and joining unit are of one group; who joins must have a place left."""
    await Programme.update({Programme.max_per_organisation: 1}).where(Programme.id == world.programme.id)
    small = await make_organisation(parent=world.city)
    free = await make_organisation(parent=world.city)
    order = {"state": "scheduled", "session": world.session.id}
    await make_order(world.event, world.union, small, world.women, **order)
    await make_booking(world.session, world.union, is_host=True)

    assert [one.used for one in await usage_of([world.union.id, small.id], now)] == [1, 1]
    with pytest.raises(LimitReachedError) as refused:
        await world.admit(now, free, event_id=world.event.id, joined_by=[small.id])
    assert refused.value.facts["organisation"] == small.name
    assert await world.admit(now, free, event_id=world.event.id) is None


async def test_an_order_that_is_changed_does_not_stand_in_its_own_way(world: World, now: datetime) -> None:
    """``but`` leaves it out of every count."""
    opening = await make_opening(world.programme, events=(world.event,), places=1, max_per_organisation=1)
    await Programme.update({Programme.max_per_organisation: 1}).where(Programme.id == world.programme.id)
    order = await make_order(world.event, world.union, opening=opening.id)

    assert await world.admit(now, event_id=world.event.id, but=order.id) == opening.id


async def test_unknown_units_are_not_found(world: World, now: datetime) -> None:
    """The unit that asks, and one that joins."""
    await Programme.update({Programme.max_per_organisation: 1}).where(Programme.id == world.programme.id)

    for given, field in ({"organisation_id": new_id()}, "organisation_id"), ({"joined_by": [new_id()]}, "joined_by"):
        with pytest.raises(NotFoundError) as missing:
            await world.admit(now, **given)
        assert missing.value.facts == {"field": field}
    with pytest.raises(NotFoundError):
        await world.admit(now, programme_id=new_id())


# --- openings ----------------------------------------------------------------------


async def test_the_second_of_opening_is_open_and_that_of_closing_is_not(world: World, now: datetime) -> None:
    """``opens_at`` ≤ now < ``closes_at``."""
    later = now + timedelta(hours=1)
    opening = await make_opening(world.programme, sessions=(world.session,), opens_at=now, closes_at=later)

    with pytest.raises(BookingClosedError) as early:
        await world.admit(now - timedelta(microseconds=1))
    assert await world.admit(now) == opening.id
    assert await world.admit(later - timedelta(microseconds=1)) == opening.id
    with pytest.raises(BookingClosedError) as late:
        await world.admit(later)

    assert early.value.facts == {"why": "not-open-yet", "opens_at": "2015-09-15T09:00:00+08:00"}
    assert late.value.facts == {"why": "opening-over", "closed_at": "2015-09-15T10:00:00+08:00"}


async def test_an_opening_of_the_item_does_not_concern_its_sessions(world: World, now: datetime) -> None:
    """Sessions are opened as sessions, orders as menu items."""
    opening = await make_opening(world.programme, events=(world.event,))

    assert await world.admit(now) is None
    assert await world.admit(now, event_id=world.event.id) == opening.id
    found = await openings_for(session_ids=[world.session.id], event_ids=[world.event.id])
    assert {key: [one.id for one in rows] for key, rows in found.items()} == {world.event.id: [opening.id]}


async def test_districts(world: World, now: datetime) -> None:
    """The unit's own; for a women's committee and a guest the head's. Others learn when it opens to them, if ever."""
    opening = await make_opening(world.programme, sessions=(world.session,), for_whom="districts", districts=["吴中区"])
    elsewhere = await make_organisation(parent=world.city, district="虎丘区")

    for unit in (world.union, world.women, world.guest):
        assert await world.admit(now, unit) == opening.id
    with pytest.raises(BookingClosedError) as never:
        await world.admit(now, elsewhere)
    assert never.value.facts == {"why": "not-for-you"}

    second = datetime(2015, 9, 20, 9, tzinfo=ZONE)
    await make_opening(world.programme, sessions=(world.session,), name="第二批", opens_at=second)
    with pytest.raises(BookingClosedError) as later:
        await world.admit(now, elsewhere)
    assert later.value.facts == {"why": "not-open-yet", "opens_at": "2015-09-20T09:00:00+08:00"}


@pytest.mark.parametrize(
    ("how", "years_ago", "state", "admitted"),
    [
        ("host", 1, "closed", False),
        ("host", 3, "closed", True),
        ("host", 1, "cancelled", True),
        ("booked", 1, "held", False),
        ("booked", 3, "closed", True),
        ("missed", 1, "closed", True),
        ("joined", 1, "closed", False),
        ("women", 1, "closed", False),
        ("elsewhere", 1, "closed", True),
    ],
)
async def test_unserved_first(
    world: World, now: datetime, how: str, years_ago: int, state: str, admitted: bool
) -> None:
    """Served is who had a held session of the owner in the last two years: as host, as guest, by joining an order."""
    opening = await make_opening(world.programme, sessions=(world.session,), for_whom="unserved", unserved_years=2)
    owner = await make_organisation(name="别市总工会") if how == "elsewhere" else world.city
    event = await make_event(await make_programme(owner, year=2015 - years_ago))
    starts_at = STARTS_AT.replace(year=2015 - years_ago)
    past = await make_session(event, starts_at=starts_at, state=state, host=world.union.id if how == "host" else None)
    if how in ("booked", "missed", "women", "elsewhere"):
        unit = world.women if how == "women" else world.union
        await make_booking(past, unit, state="no_show" if how == "missed" else "attended")
    if how == "joined":
        other = await make_organisation(parent=world.city)
        await make_order(event, other, world.guest, state="reviewed", session=past.id)

    if admitted:
        assert await world.admit(now) == opening.id
    else:
        with pytest.raises(BookingClosedError) as refused:
            await world.admit(now)
        assert refused.value.facts == {"why": "not-for-you"}


async def test_limit_of_the_opening(world: World, now: datetime) -> None:
    """Counts what came through it only; the next wave has its own."""
    first = await make_opening(world.programme, sessions=(world.session,), max_per_organisation=1)
    await make_booking(await make_session(world.event), world.union)  # through no opening
    assert await world.admit(now) == first.id
    await make_booking(await make_session(world.event), world.women, opening=first.id)

    with pytest.raises(LimitReachedError) as refused:
        await world.admit(now)
    second = await make_opening(
        world.programme, sessions=(world.session,), name="第二批", opens_at=now, max_per_organisation=1
    )

    assert refused.value.facts == {
        "scope": "opening",
        "limit": 1,
        "used": 1,
        "organisation": world.union.name,
        "opening": "第一批",
    }
    assert await world.admit(now) == second.id


async def test_quotas(world: World, now: datetime) -> None:
    """Two places are kept for 吴中, one is shared; the rest never eats what is kept."""
    opening = await make_opening(world.programme, sessions=(world.session,), places=3, quotas={"吴中区": 2})
    far = [await make_organisation(parent=world.city, district="虎丘区") for _number in range(2)]
    assert await world.admit(now, far[0]) == opening.id
    await make_booking(world.session, far[0], opening=opening.id)

    with pytest.raises(QuotaUsedError) as rest:
        await world.admit(now, far[1])
    assert rest.value.facts == {"opening": "第一批", "district": "虎丘区", "kept": False, "places": 3}
    for unit in (world.union, world.women):
        assert await world.admit(now, unit) == opening.id
        await make_booking(world.session, unit, opening=opening.id)
    with pytest.raises(QuotaUsedError) as own:
        await world.admit(now, world.guest)
    assert own.value.facts == {"opening": "第一批", "district": "吴中区", "kept": True, "places": 3}
    assert await places_taken([opening.id]) == {opening.id: {"吴中区": 2, "虎丘区": 1}}


async def test_the_next_wave_takes_who_found_no_place(world: World, now: datetime) -> None:
    """Waves that are open at the same time are tried in the order of their opening."""
    first = await make_opening(world.programme, sessions=(world.session,), places=1)
    second = await make_opening(world.programme, sessions=(world.session,), name="第二批", opens_at=now, places=1)
    other = await make_organisation(parent=world.city)

    assert await world.admit(now) == first.id
    await make_booking(world.session, world.union, opening=first.id)
    assert await world.admit(now, other) == second.id


async def test_the_condition_for_bookings_without_limits(world: World, now: datetime) -> None:
    """``UNLIMITED_SQL`` says the same as ``admit_within``: true exactly where nothing has to be asked."""
    asked = f"""SELECT {UNLIMITED_SQL} FROM events_session s JOIN programmes_programme p ON p.id = s.programme
                 WHERE s.id = $1"""
    assert await db.value(asked, world.session.id) is True

    year = await make_year(world.city, max_per_organisation=3)
    assert await db.value(asked, world.session.id) is False
    assert await db.value(asked, (await make_session(world.event, starts_at=STARTS_AT.replace(year=2016))).id) is True
    await year.update_self({"max_per_organisation": None})
    await Programme.update({Programme.max_per_organisation: 3}).where(Programme.id == world.programme.id)
    assert await db.value(asked, world.session.id) is False
    await Programme.update({Programme.max_per_organisation: None}).where(Programme.id == world.programme.id)
    await make_opening(world.programme, sessions=(world.session,))
    assert await db.value(asked, world.session.id) is False


# --- at the same moment ------------------------------------------------------------


async def test_who_waited_for_an_opening_counts_what_it_has_become(world: World, now: datetime) -> None:
    """Places and quotas that the organiser changes meanwhile decide, not those of the moment when the waiting began."""
    opening = await make_opening(world.programme, sessions=(world.session,), places=5, quotas={"吴中区": 5})

    async with db.atomic():
        await db.execute("UPDATE events_opening SET places = 2, name = '第二批' WHERE id = $1", opening.id)
        await db.execute(
            "UPDATE events_opening_quota SET district = '虎丘区', places = 2 WHERE opening = $1", opening.id
        )
        asking = asyncio.create_task(world.admit(now), context=Context())
        await _somebody_waits()

    with pytest.raises(QuotaUsedError) as refused:
        await asking
    assert refused.value.facts == {"opening": "第二批", "district": "吴中区", "kept": False, "places": 2}


async def test_the_unit_is_locked_before_the_opening(world: World, now: datetime) -> None:
    """Who waits for the unit's row keeps nobody from the opening."""
    opening = await make_opening(world.programme, sessions=(world.session,), places=5, max_per_organisation=1)

    async with db.atomic():
        await db.execute("SELECT 1 FROM accounts_organisation WHERE id = $1 FOR NO KEY UPDATE", world.union.id)
        asking = asyncio.create_task(world.admit(now), context=Context())
        await _somebody_waits()
        await db.execute("SELECT 1 FROM events_opening WHERE id = $1 FOR NO KEY UPDATE NOWAIT", opening.id)

    assert await asking == opening.id


async def _somebody_waits() -> None:
    for _look in range(500):
        if await db.value("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted)"):
            return
        await asyncio.sleep(0.01)
    raise AssertionError("nobody waits for a lock")


async def _take(world: World, now: datetime, unit: Organisation, session: Session) -> bool:
    """Admit and store, as every command does; False: refused."""
    try:
        async with db.atomic():
            opening = await admit_within(
                now, organisation_id=unit.id, programme_id=world.programme.id, at=STARTS_AT, session_id=session.id
            )
            await db.execute(
                """INSERT INTO bookings_booking (id, session, organisation, seats, state, is_host, contact_name,
                        contact_phone, created_at, changed_at, opening)
                   VALUES ($1, $2, $3, 1, 'confirmed', false, '陈巧云', '13800000000', $4, $4, $5)""",
                new_id(),
                session.id,
                unit.id,
                now,
                opening,
            )
    except (LimitReachedError, QuotaUsedError):
        return False
    return True


@pytest.mark.parametrize("scope", ["programme", "year", "opening"])
async def test_two_requests_of_one_unit_at_the_last_place(world: World, now: datetime, scope: str) -> None:
    """The union and its women's committee at the same moment, limit one: exactly one of them, twenty times."""
    sessions = [await make_session(world.event) for _number in range(2)]
    if scope == "programme":
        await Programme.update({Programme.max_per_organisation: 1}).where(Programme.id == world.programme.id)
    elif scope == "year":
        await make_year(world.city, max_per_organisation=1)
    else:
        await make_opening(world.programme, sessions=tuple(sessions), max_per_organisation=1)

    for _run in range(20):
        taken = await asyncio.gather(
            _take(world, now, world.union, sessions[0]), _take(world, now, world.women, sessions[1])
        )
        assert sorted(taken) == [False, True]
        assert await Booking.count() == 1
        await Booking.delete(force=True)


async def test_quotas_under_a_rush(world: World, now: datetime) -> None:
    """200 units at once for 25 places, ten of them kept: every kept place goes to its district, none too many."""
    opening = await make_opening(
        world.programme, sessions=(world.session,), places=25, quotas={"吴中区": 6, "虎丘区": 4, "相城区": 3}
    )
    districts = ["吴中区"] * 20 + ["虎丘区"] * 3 + ["相城区"] * 10 + ["姑苏区"] * 100 + [""] * 67
    units = [await make_organisation(parent=world.city, district=district) for district in districts]

    won = sum(await asyncio.gather(*(_take(world, now, unit, world.session) for unit in units)))

    [taken] = (await places_taken([opening.id])).values()
    over = max(0, taken["吴中区"] - 6) + max(0, taken["相城区"] - 3) + taken.get("姑苏区", 0) + taken.get("", 0)
    assert won == sum(taken.values()) == 24  # 虎丘 had three units only: its fourth place stays kept
    assert taken["虎丘区"] == 3
    assert taken["吴中区"] >= 6
    assert taken["相城区"] >= 3
    assert over == 12
