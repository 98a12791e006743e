"""Ordinary pairs of actions wait for each other in one order: unit, opening, order, session, resources (ADR 0010).

A ring is found by the server and answered 503, which is right for the requests and wrong for the people.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from outreach.attendance.commands import hold_session
from outreach.bookings import session_changes
from outreach.bookings.changing import change_booking
from outreach.bookings.commands import book_seats, cancel_booking
from outreach.bookings.openings.commands import change_opening
from outreach.bookings.orders import commands
from outreach.bookings.orders.queries import order_by_id
from outreach.bookings.waiting import expire_offers, move_in_queue, offer_part, take_offer
from outreach.events.commands import change_provider, publish_session
from outreach.events.domain.drafts import ProviderDraft
from outreach.events.domain.openings import OpeningDraft
from outreach.events.occupying import CLASH, occupy_within
from outreach.events.openings import Opened, OpeningRow
from outreach.events.tables import Session
from outreach.shared import db
from outreach.shared.db import atomic
from tests.db.test_orders_races import outcome, race, whole
from tests.factories.bookings import BookingWorld, make_booking
from tests.factories.events import STARTS_AT, make_provider, make_session
from tests.factories.openings import make_opening
from tests.factories.orders import make_giver, make_order
from tests.support.orders import RAIN, OrderWorld

RUNS = 20
HOUR = timedelta(hours=1)


@contextlib.asynccontextmanager
async def held(dsn: str, *provider_ids: UUID) -> AsyncIterator[None]:
    """Somebody else has the providers for a moment: who wants them queues up."""
    connection: Any = await asyncpg.connect(dsn)
    try:
        async with connection.transaction():
            await connection.execute(
                "SELECT 1 FROM events_provider WHERE id = ANY($1) FOR NO KEY UPDATE", list(provider_ids)
            )
            yield
    finally:
        await connection.close()


async def in_line(*rivals: Awaitable[Any]) -> list["asyncio.Task[str]"]:
    """Each is let run until it waits, then the next."""
    started = []
    for one in rivals:
        started.append(asyncio.create_task(outcome(one)))
        await asyncio.sleep(0.15)
    return started


async def tied() -> set[tuple[UUID, int]]:
    found = await db.rows("SELECT session, slot FROM events_occupation")
    return {(one["session"], one["slot"]) for one in found}


async def _troupe_with_two_dates(world: OrderWorld, troupe: Any) -> tuple[Session, Session, Session]:
    """Two short dates on two teams, and a draft from the beginning of one to the end of the other: one must move."""
    first = await make_session(
        world.event, state="draft", providers=(troupe,), starts_at=STARTS_AT, ends_at=STARTS_AT + HOUR
    )
    last = await make_session(
        world.event, state="draft", providers=(troupe,), starts_at=STARTS_AT + 3 * HOUR, ends_at=STARTS_AT + 4 * HOUR
    )
    for one in (first, last):
        await publish_session(world.organiser, STARTS_AT - 24 * HOUR, session_id=one.id)
    await db.execute("UPDATE events_occupation SET slot = 2 WHERE session = $1", last.id)
    long = await make_session(
        world.event, state="draft", providers=(troupe,), starts_at=STARTS_AT, ends_at=STARTS_AT + 4 * HOUR
    )
    return first, last, long


async def test_moving_a_date_while_its_team_is_exchanged_for_another(database: None, dsn: str, now: datetime) -> None:
    """Publishing gives the other date the other team; whoever moves that date meanwhile waits, and is served."""
    world = await OrderWorld().build()
    troupe = await make_provider(world.root, parallel_teams=2)
    first, last, long = await _troupe_with_two_dates(world, troupe)
    sooner = {"starts_at": STARTS_AT - HOUR, "ends_at": STARTS_AT}

    async with held(dsn, troupe.id):
        found = await in_line(
            publish_session(world.organiser, now, session_id=long.id),
            session_changes.change_session(world.organiser, now, session_id=first.id, changes=sooner),
            session_changes.change_session(
                world.organiser, now, session_id=last.id, changes={"starts_at": STARTS_AT + 5 * HOUR}
            ),
        )
    assert await asyncio.gather(*found) == ["done"] * 3
    assert {id_ for id_, _slot in await tied()} == {first.id, last.id, long.id}


async def test_a_date_cancelled_while_its_team_is_exchanged_ties_nobody(database: None, now: datetime) -> None:
    """What is freed is free, although a rival has just written it anew."""
    world = await OrderWorld().build()
    troupe = await make_provider(world.root, parallel_teams=2)
    first, last, long = await _troupe_with_two_dates(world, troupe)

    exchanged, committing = asyncio.Event(), asyncio.Event()

    async def publish_slowly() -> None:
        async with atomic(CLASH):
            await occupy_within(None, long.id)
            exchanged.set()
            await committing.wait()

    publishing = asyncio.create_task(publish_slowly())
    await exchanged.wait()
    found = await in_line(
        *(
            session_changes.cancel_session(world.organiser, now, session_id=one.id, by="weather", reason="台风")
            for one in (first, last)
        )
    )
    committing.set()
    await publishing
    assert await asyncio.gather(*found) == ["done", "done"]
    assert {id_ for id_, _slot in await tied()} == {long.id}


async def test_two_orders_that_exchange_their_lecturers(database: None, dsn: str, now: datetime) -> None:
    """One goes from the first to the second, the other from the second to the first, at the same moment."""
    world = await OrderWorld().build()
    other = await make_provider(world.root)
    await make_giver(world.event, other)
    mine, theirs = [
        await world.assign(
            now, await order_by_id((await make_order(world.event, world.union, state="approved")).id),
            provider_ids=[giver.id], starts_at=STARTS_AT + number * 24 * HOUR,
        )
        for number, giver in enumerate((world.provider, other))
    ]  # fmt: skip
    low, high = sorted((world.provider.id, other.id))
    by_giver = {mine.provider_ids[0]: mine, theirs.provider_ids[0]: theirs}

    def exchanged(old: UUID, new: UUID, day: int) -> Awaitable[Any]:
        return commands.assign_order(
            world.organiser, now, order_id=by_giver[old].id, provider_ids=[new], reason="对调",
            starts_at=STARTS_AT + day * 24 * HOUR,
        )  # fmt: skip

    async with held(dsn, low, high):
        found = await in_line(exchanged(low, high, 5), exchanged(high, low, 6))
    assert await asyncio.gather(*found) == ["done", "done"]
    await whole()

    async with held(dsn, low, high):
        found = await in_line(
            commands.substitute_provider(
                world.organiser, now, order_id=mine.id, provider_ids=[world.provider.id], reason="再换"
            ),
            commands.substitute_provider(
                world.organiser, now, order_id=theirs.id, provider_ids=[other.id], reason="再换"
            ),
        )
    assert await asyncio.gather(*found) == ["done", "done"]
    await whole()


async def test_everything_at_once_to_one_order(database: None, now: datetime) -> None:
    """Every pair of what may happen to a scheduled order, its session and its lecturers."""
    world = await OrderWorld().build()
    other = await make_provider(world.root)
    await make_giver(world.event, other)
    for _run in range(RUNS):
        made = await make_order(world.event, world.union, state="approved")
        order = await world.accept(
            now, await world.assign(now, await order_by_id(made.id), rain_starts_at=RAIN, override_reason="试")
        )
        session_id, day = order.session_id, STARTS_AT + 24 * HOUR
        assert session_id is not None
        booking_id = await db.value("SELECT id FROM bookings_booking WHERE session = $1", session_id)

        found = await race(
            session_changes.change_session(world.organiser, now, session_id=session_id, changes={"starts_at": day}),
            commands.use_rain_date(world.organiser, now, session_id=session_id, reason="下雨"),
            commands.release_rain_date(world.organiser, now, session_id=session_id),
            commands.substitute_provider(
                world.organiser, now, order_id=order.id, provider_ids=[other.id], reason="生病", override_reason="试"
            ),
            world.assign(now, order, provider_ids=[other.id], starts_at=day, reason="改派", override_reason="试"),
            change_booking(world.contact, now, booking_id=booking_id, changes={"seats": 60}),
            cancel_booking(world.organiser, now, booking_id=booking_id, reason="停产"),
            hold_session(world.organiser, RAIN, session_id=session_id),
            session_changes.cancel_session(world.organiser, now, session_id=session_id, by="weather", reason="雨"),
            commands.withdraw_order(world.contact, now, order_id=order.id, reason="停产"),
            change_provider(
                world.organiser, now, provider_id=other.id,
                draft=ProviderDraft(kind="lecturer", name="换的人", organisation_id=world.root.id),
            ),
        )  # fmt: skip

        assert "UnavailableError" not in found
        await db.execute("UPDATE events_session SET seats_taken = 80 WHERE state = 'published'")  # 60 is as right
        await whole()
        if (await order_by_id(order.id)).state not in ("withdrawn", "fulfilled"):
            await commands.withdraw_order(world.contact, now, order_id=order.id, reason="再来")
        await db.execute("DELETE FROM events_occupation")


async def test_everything_at_once_to_one_session_with_a_queue_and_an_opening(database: None, now: datetime) -> None:
    """Units with limits come through an opening, others give seats up, staff arrange, move and rewrite the opening."""
    world = await BookingWorld().build(capacity=40, programme={"max_per_organisation": 3})
    comers = await world.unions(6)
    late = STARTS_AT - HOUR

    def booked(actor: Any, unit: Any, session: Session) -> Awaitable[Any]:
        return book_seats(
            actor, now, session_id=session.id, organisation_id=unit.id, seats=15,
            contact_name="陈巧云", contact_phone="13800000000", waitlist=True,
        )  # fmt: skip

    def same(row: OpeningRow, opened: Opened) -> OpeningDraft:
        return OpeningDraft(
            programme_id=row.programme_id, name=row.name, facts=row.facts,
            session_ids=opened.session_ids, event_ids=opened.event_ids,
        )  # fmt: skip

    for run in range(RUNS):
        session = await make_session(world.event, capacity=40, starts_at=STARTS_AT + run * 24 * HOUR)
        opening = await make_opening(world.programme, sessions=(session,), places=500, max_per_organisation=2)
        seated = await make_booking(session, world.union, seats=20)
        other = await make_booking(session, world.other, seats=20)
        groups = [await make_organisation_of(world) for _number in range(3)]
        waits = [await make_booking(session, unit, seats=15, state="waitlisted") for unit in groups]
        found = await race(
            *(booked(actor, unit, session) for actor, unit in comers),
            cancel_booking(world.contact, now, booking_id=seated.id, reason="停产"),
            change_booking(world.rival, now, booking_id=other.id, changes={"seats": 12}),
            offer_part(world.organiser, now, booking_id=waits[1].id, seats=5, reason="只剩这些"),
            move_in_queue(world.organiser, now, booking_id=waits[2].id, place=1, reason="带队老师有事"),
            take_offer(world.organiser, now, booking_id=waits[1].id),
            session_changes.change_session(
                world.organiser, now, session_id=session.id, changes={"capacity": 60, "note": "请早到"}
            ),
            session_changes.change_session(
                world.organiser, now, session_id=session.id, changes={"starts_at": session.starts_at + HOUR}
            ),
            change_opening(world.organiser, now, opening_id=opening.id, changed=same),
            expire_offers(late),
        )
        assert "UnavailableError" not in found
        counted = await db.row(
            """SELECT s.seats_taken, (SELECT coalesce(sum(b.seats), 0) FROM bookings_booking b
                      WHERE b.session = s.id AND b.state IN ('pending', 'offered', 'confirmed')) AS seats
                 FROM events_session s WHERE s.id = $1""",
            session.id,
        )
        assert counted is not None
        assert counted["seats_taken"] == counted["seats"] <= 60
        await db.execute("UPDATE bookings_booking SET state = 'declined', queue_number = NULL, offer_expires_at = NULL")


async def make_organisation_of(world: BookingWorld) -> Any:
    return (await world.unions(1))[0][1]
