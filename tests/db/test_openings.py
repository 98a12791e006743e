"""Openings as staff write them, and the questions about them."""

from datetime import timedelta
from typing import Any

import pytest

from outreach.accounts.tables import JournalEntry
from outreach.bookings.openings.commands import change_opening, create_opening, delete_opening
from outreach.bookings.openings.counting import places_taken
from outreach.bookings.openings.schemas import OpeningPatch
from outreach.events.domain.openings import OpeningDraft, OpeningFacts, OpeningInUseError, Quota
from outreach.events.openings import (
    openings_of_sessions,
    openings_page,
    openings_to_choose,
    readable_opening,
    things_of,
)
from outreach.events.tables import Opening, OpeningQuota, OpeningSession
from outreach.shared.actors import Role
from outreach.shared.errors import ForbiddenError, InvalidError, NotFoundError, StaleError
from tests.factories.accounts import make_actor, make_organisation
from tests.factories.bookings import make_booking
from tests.factories.events import STARTS_AT, make_event, make_session
from tests.factories.openings import make_opening
from tests.factories.programmes import make_programme
from tests.support.queries import counted

pytestmark = pytest.mark.usefixtures("database")


def named(refusal: pytest.ExceptionInfo[InvalidError]) -> list[tuple[str, str]]:
    return [(one.field, one.code) for one in refusal.value.problems]


async def make_world() -> tuple[Any, Any, Any, Any]:
    """A city, its programme, a session and a menu item of it."""
    city = await make_organisation()
    programme = await make_programme(city)
    event = await make_event(programme)
    return city, programme, event, await make_session(event)


async def test_an_opening_is_stored_whole_and_journalled(now: Any) -> None:
    """Quotas, sessions and menu items with it; what belongs to another choice is left out."""
    city, programme, event, session = await make_world()
    actor = await make_actor(Role.ORGANISER, city)
    facts = OpeningFacts(
        opens_at=now,
        closes_at=now + timedelta(days=2),
        for_whom="all",
        districts=("吴中区",),
        max_per_organisation=2,
        places=9,
        quotas=(Quota("虎丘区", 2), Quota("吴中区", 3)),
    )

    made = await create_opening(
        actor,
        now,
        draft=OpeningDraft(
            programme_id=programme.id,
            name=" 第一批 ",
            facts=facts,
            session_ids=(session.id, session.id),
            event_ids=(event.id,),
        ),
    )

    row = await readable_opening(actor, made)
    assert (row.name, row.districts, row.places, row.revision) == ("第一批", (), 9, 1)
    assert row.quotas == (Quota("吴中区", 3), Quota("虎丘区", 2))
    assert await things_of([made]) == {made: ((session.id,), (event.id,))}
    [line] = await JournalEntry.select(JournalEntry.action, JournalEntry.object_id, JournalEntry.organisation_id)
    assert line == {"action": "opening.created", "object_id": made, "organisation_id": city.id}


async def test_what_does_not_belong_to_the_programme_is_refused(now: Any) -> None:
    """Every field at once, and nothing is stored."""
    city, programme, _event, _session = await make_world()
    _city, _programme, foreign_event, foreign_session = await make_world()
    actor = await make_actor(Role.ORGANISER, city)
    draft = OpeningDraft(
        programme_id=programme.id,
        name="第一批",
        facts=OpeningFacts(opens_at=now, closes_at=now),
        session_ids=(foreign_session.id,),
        event_ids=(foreign_event.id,),
    )

    with pytest.raises(InvalidError) as refused:
        await create_opening(actor, now, draft=draft)

    assert named(refused) == [
        ("closes_at", "closes-before-opening"),
        ("session_ids", "not-of-programme"),
        ("event_ids", "not-of-programme"),
    ]
    assert (await Opening.count(), await OpeningSession.count()) == (0, 0)


async def test_who_may_write_an_opening(now: Any) -> None:
    """An organiser of the programme's owner or above; one below reads it; a stranger knows nothing of it."""
    city, programme, _event, session = await make_world()
    below = await make_organisation(parent=city, kind="joint_union")
    opening = await make_opening(programme, sessions=(session,))
    draft = OpeningDraft(
        programme_id=programme.id, name="x", facts=OpeningFacts(opens_at=now), session_ids=(session.id,)
    )
    patch = OpeningPatch(name="y").merged
    lower = await make_actor(Role.ORGANISER, below)
    contact = await make_actor(Role.CONTACT, below)
    stranger = await make_actor(Role.ORGANISER, await make_organisation())

    for actor in (lower, contact):
        with pytest.raises(ForbiddenError):
            await create_opening(actor, now, draft=draft)
        with pytest.raises(ForbiddenError):
            await change_opening(actor, now, opening_id=opening.id, changed=patch)
        with pytest.raises(ForbiddenError):
            await delete_opening(actor, now, opening_id=opening.id)
        assert (await readable_opening(actor, opening.id)).name == "第一批"
    with pytest.raises(InvalidError) as refused:
        await create_opening(stranger, now, draft=draft)
    assert named(refused) == [("programme_id", "not-found")]
    for attempt in (
        change_opening(stranger, now, opening_id=opening.id, changed=patch),
        delete_opening(stranger, now, opening_id=opening.id),
        readable_opening(stranger, opening.id),
    ):
        with pytest.raises(NotFoundError):
            await attempt
    assert (await openings_page(stranger, limit=10)).total == 0
    assert (await openings_page(contact, limit=10)).total == 1
    assert (await openings_page(lower, limit=10, managed=True)).total == 0


async def test_a_change_keeps_what_is_promised(now: Any) -> None:
    """Places that are taken are not taken away; a change made from an older state is refused."""
    city, programme, event, session = await make_world()
    actor = await make_actor(Role.ORGANISER, city)
    opening = await make_opening(programme, sessions=(session,), places=5, quotas={"吴中区": 1})
    for district in ("吴中区", "虎丘区", "虎丘区"):
        unit = await make_organisation(parent=city, district=district)
        await make_booking(session, unit, opening=opening.id)

    async def change(**given: Any) -> int:
        return await change_opening(actor, now, opening_id=opening.id, changed=OpeningPatch(**given).merged, revision=1)

    from outreach.bookings.openings.schemas import QuotaIn

    for given, problem in (
        ({"places": 2}, ("places", "places-below-taken")),
        ({"quotas": [QuotaIn(district="姑苏区", places=3)]}, ("quotas", "rest-below-taken")),
    ):
        with pytest.raises(InvalidError) as refused:
            await change(**given)
        assert named(refused) == [problem]
    assert (await OpeningQuota.select(OpeningQuota.district))[0] == {"district": "吴中区"}
    assert await change(places=3, event_ids=[event.id]) == 2
    with pytest.raises(StaleError):
        await change(places=4)
    row = await readable_opening(actor, opening.id)
    assert (row.name, row.places, row.revision) == ("第一批", 3, 2)
    assert await things_of([opening.id]) == {opening.id: ((session.id,), (event.id,))}


async def test_an_opening_goes_only_while_nothing_went_through_it(now: Any) -> None:
    """A booking that was given up holds it, too: its way can be traced."""
    city, programme, _event, session = await make_world()
    actor = await make_actor(Role.ORGANISER, city)
    used = await make_opening(programme, sessions=(session,), quotas={"吴中区": 1})
    fresh = await make_opening(programme, sessions=(session,), quotas={"吴中区": 1})
    unit = await make_organisation(parent=city)
    await make_booking(session, unit, opening=used.id, state="cancelled")

    with pytest.raises(OpeningInUseError):
        await delete_opening(actor, now, opening_id=used.id)
    await delete_opening(actor, now, opening_id=fresh.id)

    assert [one["id"] for one in await Opening.select(Opening.id)] == [used.id]
    assert (await OpeningQuota.count(), await OpeningSession.count()) == (1, 1)
    found = await openings_of_sessions([session.id])
    assert [one.id for one in found[session.id]] == [used.id]


async def test_what_can_be_opened(now: Any) -> None:
    """Sessions to come and items that can be ordered; what is opened already stays in the list."""
    _city, programme, event, session = await make_world()
    past = await make_session(event, starts_at=STARTS_AT.replace(month=5))
    retired = await make_event(programme, active=False)
    await make_event(programme, orderable=False)

    sessions, events = await openings_to_choose(programme.id, now)
    assert ([one.id for one in sessions], [one.id for one in events]) == ([session.id], [event.id])
    sessions, events = await openings_to_choose(programme.id, now, kept=[past.id, retired.id])
    assert [one.id for one in sessions] == [past.id, session.id]
    assert {one.id for one in events} == {event.id, retired.id}


@pytest.mark.parametrize("item_count", [1, 3])
async def test_a_list_takes_the_same_statements_however_long(now: Any, item_count: int) -> None:
    """Two for the page, one for what is opened, one for places."""
    city, programme, _event, session = await make_world()
    actor = await make_actor(Role.ORGANISER, city)
    for number in range(item_count):
        opening = await make_opening(programme, sessions=(session,), opens_at=now + timedelta(hours=number))
        await make_booking(session, await make_organisation(parent=city), opening=opening.id)

    with counted() as sent:
        found = await openings_page(actor, limit=50)
        ids = [one.id for one in found.items]
        await things_of(ids)
        await places_taken(ids)

    assert (len(found.items), found.total, len(sent)) == (item_count, item_count, 4)


async def test_pages_by_cursor(now: Any) -> None:
    """The latest wave first; the cursor goes on where the page ended."""
    city, programme, _event, session = await make_world()
    actor = await make_actor(Role.ORGANISER, city)
    made = [
        (await make_opening(programme, sessions=(session,), opens_at=now + timedelta(hours=number // 2))).id
        for number in range(5)
    ]

    seen, after = [], None
    while True:
        part = await openings_page(actor, programme_id=programme.id, limit=2, after=after)
        seen += [one.id for one in part.items]
        after = part.next
        if after is None:
            break

    assert (len(seen), set(seen)) == (5, set(made))
    assert seen[0] == made[4]
    with pytest.raises(InvalidError):
        await openings_page(actor, limit=2, after="nonsense")
