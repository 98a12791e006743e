"""Orders from the wish to the assignment: the whole life, refusals, limits, changes, warnings."""

from datetime import date, datetime, timedelta

import msgspec
import pytest

from outreach.accounts.tables import Organisation
from outreach.attendance.commands import hold_session
from outreach.bookings import session_changes
from outreach.bookings.domain.errors import LimitReachedError
from outreach.bookings.orders import commands
from outreach.bookings.orders.domain.drafts import Window
from outreach.bookings.orders.domain.errors import LinkExpiredError
from outreach.bookings.orders.queries import (
    order_by_id,
    order_for_link,
)
from outreach.events.domain.errors import ClashError, NeedsReasonError, SessionStateError
from outreach.events.domain.parts import DayPart
from outreach.events.queries import session_by_id
from outreach.events.tables import ProviderAbsence
from outreach.shared import db
from outreach.shared.actors import Role
from outreach.shared.errors import ForbiddenError, NotFoundError, StaleError
from outreach.shared.ids import new_id
from outreach.shared.time import ZONE
from tests.factories.accounts import make_actor, make_organisation
from tests.factories.events import STARTS_AT, make_event, make_provider, make_session
from tests.factories.openings import make_opening
from tests.factories.orders import make_order
from tests.factories.programmes import make_programme
from tests.support.orders import AFTERNOON, LATER, RAIN, codes, journal, occupied, refusal, said, told
from tests.support.orders import OrderWorld as World

# --- the whole life ---------------------------------------------------------------------------------------------------


async def test_an_order_goes_from_the_wish_to_the_review(database: None, now: datetime) -> None:
    """Submitted, approved, assigned, accepted, held, reviewed: every step leaves its line and its messages."""
    world = await World().build()
    order = await world.submit(now, note="两个班组", joined_by=(world.small.id,))
    assert (order.state, order.windows, order.joined_names, order.district) == (
        "submitted",
        (AFTERNOON, LATER),
        ("虞山服饰工会",),
        "吴中区",
    )
    assert await told("order-submitted") == [(world.root.id, None)]
    assert await told("order-joined") == [(world.small.id, None)]

    order = await world.approve(now, order)
    assert (order.state, order.approved_at) == ("approved", now)
    assert await told("order-approved") == [(world.union.id, None), (world.small.id, None)]

    order = await world.assign(now, order)
    assert (order.state, order.assignment, order.provider_names) == ("assigned", 1, ("沈若兰",))
    assert order.answer_by == now + timedelta(hours=72)
    assert await occupied() == [(world.provider.id, STARTS_AT, False)]
    assert await told("order-asked") == [(None, world.lecturer.person_id)]
    assert await told("order-assigned") == [(world.root.id, None)]
    assert order.session_id is not None
    draft = await session_by_id(order.session_id)
    assert (draft.state, draft.assigned, draft.visibility, draft.host_id, draft.capacity, draft.seats_taken) == (
        "draft",
        True,
        "host",
        world.union.id,
        80,
        0,
    )
    assert sorted(zip(draft.organiser_parts, draft.organiser_ids, strict=True)) == sorted(
        [("host", world.root.id), ("organiser", world.union.id), ("support", world.small.id)]
    )

    order = await world.accept(now, order)
    session = await session_by_id(draft.id)
    assert (order.state, order.scheduled_at) == ("scheduled", now)
    assert (session.state, session.assigned, session.seats_taken, session.published_at) == ("published", False, 80, now)
    booking = await db.row("SELECT state, is_host, seats, organisation FROM bookings_booking")
    assert booking is not None
    assert tuple(booking) == ("confirmed", True, 80, world.union.id)
    assert await told("order-scheduled") == [
        (world.union.id, None),
        (world.small.id, None),
        (None, world.lecturer.person_id),
    ]
    assert (await said("order-scheduled"))["starts_at"] == "2015-09-24T14:00:00+08:00"
    assert await told("order-accepted") == [(world.root.id, None)]

    later = STARTS_AT + timedelta(hours=2)
    await hold_session(world.organiser, later, session_id=draft.id)
    order = await order_by_id(order.id)
    assert (order.state, order.fulfilled_at) == ("fulfilled", later)
    assert await told("order-fulfilled") == [(world.union.id, None)]

    order = await commands.review_order(
        world.contact, later, order_id=order.id, lecturer=5, content=4, organising=3, again=True, words="再来一次"
    )
    assert (order.state, order.score) == ("reviewed", 4.0)
    assert await journal(order) == [
        ("order.submitted", None, "submitted"),
        ("order.approved", "submitted", "approved"),
        ("order.assigned", "approved", "assigned"),
        ("order.accepted", "assigned", "scheduled"),
        ("order.fulfilled", "scheduled", "fulfilled"),
        ("order.reviewed", "fulfilled", "reviewed"),
    ]


async def test_two_steps_wait_for_the_parent_first(database: None, now: datetime) -> None:
    """The city may not approve before the district has endorsed; then it may."""
    world = await World().build(two_step_orders=True)
    order = await world.submit(now)
    assert await told("order-submitted") == [(world.district.id, None)]

    facts = await refusal(world.approve(now, order))
    with pytest.raises(ForbiddenError):
        await commands.endorse_order(world.contact, now, order_id=order.id)
    endorsed = await commands.endorse_order(world.endorser, now, order_id=order.id)
    approved = await world.approve(now, endorsed)

    assert (facts["state"], facts["endorse_first"]) == ("submitted", True)
    assert (endorsed.state, endorsed.endorsed_at, approved.state) == ("endorsed", now, "approved")
    assert await told("order-endorsed") == [(world.root.id, None), (world.union.id, None)]


async def test_who_is_asked_first_may_decline_with_a_reason(database: None, now: datetime) -> None:
    world = await World().build(two_step_orders=True)
    order = await world.submit(now)

    missing = await codes(commands.decline_order(world.endorser, now, order_id=order.id, reason=" "))
    declined = await commands.decline_order(world.endorser, now, order_id=order.id, reason="人数太少")

    assert missing == [("reason", "reason-needed")]
    assert (declined.state, declined.reason, declined.ended_at) == ("declined", "人数太少", now)
    assert (await said("order-declined"))["reason"] == "人数太少"


async def test_one_step_has_nothing_to_endorse(database: None, now: datetime) -> None:
    world = await World().build()
    order = await world.submit(now)

    assert (await refusal(commands.endorse_order(world.endorser, now, order_id=order.id)))["state"] == "submitted"


# --- submitting and changing ------------------------------------------------------------------------------------------


async def test_what_cannot_be_ordered_is_refused_and_nothing_stored(database: None, now: datetime) -> None:
    """Every bad field at once; foreign and unknown ids are not found."""
    world = await World().build(event={"min_audience": 100, "lead_days": 3})
    gone = await make_organisation(parent=world.district, closed_on=date(2015, 1, 1))
    foreign_event = await make_event(await make_programme(world.foreign))
    secret = await make_event(await make_programme(world.root, confidential=True))
    off = await make_event(world.programme, orderable=False)

    assert await codes(
        world.submit(
            now,
            windows=(Window(date(2015, 9, 16), DayPart.NOON),),
            contact_phone="138",
            joined_by=(world.foreign.id, gone.id),
            organisers=(("support", world.foreign.id),),
        )
    ) == [
        ("contact_phone", "phone-length"),
        ("audience", "audience-too-small"),
        ("windows.0.date", "window-too-soon"),
        ("joined_by.0", "not-found"),
        ("joined_by.1", "organisation-dissolved"),
        ("organisers.0.organisation_id", "not-found"),
    ]
    assert await codes(world.submit(now, event_id=secret.id)) == [("event_id", "confidential-not-ordered")]
    assert await codes(world.submit(now, event_id=off.id)) == [("event_id", "not-orderable")]
    for field, given in (
        ("event_id", {"event_id": foreign_event.id}),
        ("event_id", {"event_id": new_id()}),
        ("organisation_id", {"organisation_id": world.small.id}),
        ("organisation_id", {"organisation_id": new_id()}),
    ):
        with pytest.raises(NotFoundError) as missing:
            await world.submit(now, audience=100, **given)
        assert missing.value.facts == {"field": field}
    assert await db.value("SELECT count(*) FROM bookings_order") == 0


async def test_staff_order_for_a_unit_and_need_no_lead(database: None, now: datetime) -> None:
    """The lead time is the organiser's own promise; a dissolved unit cannot order whoever asks."""
    world = await World().build(event={"lead_days": 3})
    tomorrow = world.draft(windows=(Window(date(2015, 9, 16), DayPart.NOON),))

    order = await commands.submit_order(world.organiser, now, draft=tomorrow)
    too_soon = await codes(commands.submit_order(world.endorser, now, draft=tomorrow))
    await Organisation.update({Organisation.closed_on: date(2015, 9, 1)}).where(Organisation.id == world.union.id)

    assert order.organisation_id == world.union.id
    assert too_soon == [("windows.0.date", "window-too-soon")]
    assert await codes(world.submit(now)) == [("organisation_id", "organisation-dissolved")]


async def test_a_form_sent_twice_is_one_order(database: None, now: datetime) -> None:
    world = await World().build()
    key = new_id()

    first = await commands.submit_order(world.contact, now, draft=world.draft(), form_key=key)
    again = await commands.submit_order(world.contact, now, draft=world.draft(), form_key=key)

    assert first == again
    assert await codes(
        commands.submit_order(world.rival, now, draft=world.draft(organisation_id=world.small.id), form_key=key)
    ) == [("form_key", "form-used")]


async def test_limits_count_for_the_unit_and_for_those_who_join(database: None, now: datetime) -> None:
    """A joined unit has used its turn; a declined order gives it back."""
    world = await World().build(max_per_organisation=1)
    order = await world.submit(now, joined_by=(world.small.id,))

    with pytest.raises(LimitReachedError):
        await world.submit(now)
    with pytest.raises(LimitReachedError):
        await commands.submit_order(world.rival, now, draft=world.draft(organisation_id=world.small.id))
    await commands.decline_order(world.organiser, now, order_id=order.id, reason="排满了")
    second = await commands.submit_order(world.rival, now, draft=world.draft(organisation_id=world.small.id))

    assert second.state == "submitted"


async def test_an_order_counts_once_when_it_is_scheduled(database: None, now: datetime) -> None:
    """Its host booking takes over; two of two are used, never three."""
    world = await World().build(max_per_organisation=2)
    await world.scheduled(now)

    await world.submit(now)
    with pytest.raises(LimitReachedError):
        await world.submit(now)


async def test_an_opening_is_kept_with_the_order_and_its_booking(database: None, now: datetime) -> None:
    world = await World().build()
    opening = await make_opening(world.programme, events=(world.event,))

    order = await world.scheduled(now)

    assert order.opening_id == opening.id
    assert await db.value("SELECT opening FROM bookings_booking") == opening.id


async def test_a_unit_changes_its_windows_until_it_is_assigned(database: None, now: datetime) -> None:
    """The organiser hears of it once it had approved; a stale revision and a bad field change nothing."""
    world = await World().build()
    order = await world.submit(now)
    changes = {"windows": (LATER,), "audience": 60, "joined_by": (world.small.id,)}

    with pytest.raises(StaleError):
        await commands.change_order(world.contact, now, order_id=order.id, changes=changes, revision=9)
    changed = await commands.change_order(world.contact, now, order_id=order.id, changes=changes, revision=1)
    assert await told("order-changed") == []
    approved = await world.approve(now, changed)
    await commands.change_order(world.contact, now, order_id=order.id, changes={"note": "改了"})
    assigned = await world.assign(now, approved)

    assert (changed.windows, changed.audience, changed.joined_ids, changed.revision, changed.first_on) == (
        (LATER,),
        60,
        (world.small.id,),
        2,
        LATER.on,
    )
    assert await told("order-changed") == [(world.root.id, None)]
    assert (await refusal(commands.change_order(world.contact, now, order_id=order.id, changes=changes)))["state"] == (
        "assigned"
    )
    with pytest.raises(NotFoundError):
        await commands.change_order(world.stranger, now, order_id=assigned.id, changes=changes)
    with pytest.raises(ForbiddenError):
        await commands.change_order(world.rival, now, order_id=assigned.id, changes=changes)


async def test_adding_units_asks_for_their_limits_again(database: None, now: datetime) -> None:
    """The order itself does not count against the change."""
    world = await World().build(max_per_organisation=1)
    order = await world.submit(now)
    other = await make_organisation(parent=world.district)
    await make_order(world.event, other)

    changed = await commands.change_order(
        world.contact, now, order_id=order.id, changes={"joined_by": (world.small.id,)}
    )
    with pytest.raises(LimitReachedError):
        await commands.change_order(
            world.contact, now, order_id=order.id, changes={"joined_by": (world.small.id, other.id)}
        )

    assert changed.joined_ids == (await order_by_id(order.id)).joined_ids == (world.small.id,)


# --- assigning --------------------------------------------------------------------------------------------------------


async def test_an_order_whose_windows_are_past_is_not_approved(database: None, now: datetime) -> None:
    world = await World().build()
    order = await world.submit(now)

    assert await codes(world.approve(datetime(2015, 10, 1, tzinfo=ZONE), order)) == [
        ("windows.0.date", "window-past"),
        ("windows.1.date", "window-past"),
    ]


async def test_a_bad_assignment_names_its_fields(database: None, now: datetime) -> None:
    world = await World().build()
    order = await world.approve(now, await world.submit(now))
    foreign = await make_provider(world.foreign)

    assert await codes(
        world.assign(now, order, provider_ids=[], starts_at=now, rain_starts_at=now + timedelta(minutes=30))
    ) == [("provider_ids", "required"), ("starts_at", "start-is-past"), ("rain_starts_at", "rain-date-not-later")]
    assert await codes(world.assign(now, order, provider_ids=[foreign.id])) == [("provider_ids", "not-found")]
    assert await codes(world.assign(now, order, ends_at=STARTS_AT - timedelta(hours=1))) == [
        ("ends_at", "ends-before-start")
    ]
    assert await db.value("SELECT count(*) FROM events_session") == 0


async def test_a_taken_provider_is_a_clash_and_nothing_is_half_made(database: None, now: datetime) -> None:
    world = await World().build()
    taken = await make_session(world.event, providers=(world.provider,), occupying=True)
    order = await world.approve(now, await world.submit(now))

    with pytest.raises(ClashError) as clash:
        await world.assign(now, order)

    assert clash.value.facts == {"resources": ["沈若兰"], "sessions": [str(taken.id)]}
    assert await order_by_id(order.id) == order
    assert await db.value("SELECT count(*) FROM events_session") == 1


async def test_warnings_need_a_reason_which_stands_with_the_session(database: None, now: datetime) -> None:
    world = await World().build(event={"site_needs": "投影"})
    await ProviderAbsence(
        provider=world.provider.id, from_on=date(2015, 9, 24), until_on=date(2015, 9, 25), created_at=now
    ).save()
    order = await world.approve(now, await world.submit(now, site_lacks="没有投影"))

    with pytest.raises(NeedsReasonError) as asked:
        await world.assign(now, order)
    assigned = await world.assign(now, order, override_reason="本人同意调课，自带投影")

    assert [one["code"] for one in asked.value.facts["warnings"]] == ["absent", "site-unmet"]
    assert assigned.override_reason == "本人同意调课，自带投影"
    facts = await db.value("SELECT facts FROM accounts_journal WHERE action = 'order.assigned'")
    assert msgspec.json.decode(facts)["override_reason"] == "本人同意调课，自带投影"


async def test_a_unit_that_agrees_is_seen_and_a_guest_never(database: None, now: datetime) -> None:
    """Rule 10: ordered sessions are for those concerned unless the host agrees; a barracks cannot."""
    world = await World().build()
    guest = await make_organisation(parent=world.union, kind="guest", name="驻军某部")
    contact = await make_actor(Role.CONTACT, guest)
    other = await make_provider(world.root)
    seen = await world.assign(now, await world.approve(now, await world.submit(now, agrees_public=True)))
    hidden = await commands.submit_order(contact, now, draft=world.draft(organisation_id=guest.id, agrees_public=True))
    hidden = await world.assign(now, await world.approve(now, hidden), provider_ids=[other.id])

    assert seen.session_id is not None
    assert hidden.session_id is not None
    assert (await session_by_id(seen.session_id)).visibility == "public"
    assert (await session_by_id(hidden.session_id)).visibility == "host"


async def test_the_draft_of_an_order_changes_through_its_order_only(database: None, now: datetime) -> None:
    world = await World().build()
    order = await world.assign(now, await world.approve(now, await world.submit(now)))
    assert order.session_id is not None

    with pytest.raises(SessionStateError):
        await session_changes.cancel_session(
            world.organiser, now, session_id=order.session_id, by="organiser", reason=""
        )
    with pytest.raises(SessionStateError):
        await session_changes.change_session(
            world.organiser, now, session_id=order.session_id, changes={"address": "别处"}
        )


async def test_second_assignment_needs_a_reason_and_replaces_the_first(database: None, now: datetime) -> None:
    """Without a reason the second caller has come second and is told who was faster."""
    world = await World().build()
    other = await make_provider(world.root, name="周立群")
    order = await world.assign(now, await world.approve(now, await world.submit(now)))
    grant = world.grant(order)

    lost = await refusal(world.assign(now, order, provider_ids=[other.id]))
    again = await world.assign(now, order, provider_ids=[other.id], reason="换一位")

    assert (lost["state"], lost["by"]) == ("assigned", "高蕾")
    assert (again.state, again.assignment, again.provider_names) == ("assigned", 2, ("周立群",))
    assert await told("order-taken-back") == [(None, world.lecturer.person_id)]
    assert await occupied() == [(other.id, STARTS_AT, False)]
    assert await db.value("SELECT count(*) FROM events_session WHERE state = 'cancelled'") == 1
    with pytest.raises(LinkExpiredError) as gone:
        await order_for_link(now, grant)
    assert (gone.value.facts["why"], gone.value.facts["organisation"]) == ("replaced", "市总工会")


async def test_a_scheduled_order_assigned_anew_loses_its_date(database: None, now: datetime) -> None:
    world = await World().build()
    other = await make_provider(world.root)
    order = await world.scheduled(now)

    again = await world.assign(now, order, provider_ids=[other.id], starts_at=RAIN, reason="讲师住院")

    assert (again.state, again.session_id != order.session_id) == ("assigned", True)
    assert await told("order-returned") == [(world.union.id, None)]
    assert await told("session-cancelled") == [(None, world.lecturer.person_id)]
    assert await occupied() == [(other.id, RAIN, False)]
    assert await db.value("SELECT state FROM bookings_booking") == "cancelled"


async def test_taking_back_frees_the_provider(database: None, now: datetime) -> None:
    world = await World().build()
    order = await world.assign(now, await world.approve(now, await world.submit(now)))

    back = await commands.take_back_order(world.organiser, now, order_id=order.id, reason="单位要求改天")

    assert (back.state, back.session_id, back.reason) == ("approved", None, "单位要求改天")
    assert await occupied() == []
    assert (await refusal(commands.take_back_order(world.organiser, now, order_id=order.id, reason="")))["state"] == (
        "approved"
    )
