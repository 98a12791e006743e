"""From messages to deliveries, and what workers do with them: each once, to the right people, whatever happens."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from outreach.accounts.tables import Organisation, Person
from outreach.notifications.channels import Letter, RefusedError, TryAgainError, UncertainError
from outreach.notifications.claiming import LEASE, TOO_LATE_AFTER, claim, give_back, recover
from outreach.notifications.domain.backing_off import WAITS
from outreach.notifications.routing import STALE_AFTER, route
from outreach.notifications.settling import Ledger, LostLeaseError, Outcome
from outreach.notifications.tables import Choice, Delivery, Hook, OutboxMessage, QuietHours
from outreach.notifications.working import deliver_due, deliver_forever
from outreach.settings import Settings
from outreach.shared import db
from outreach.shared.actors import Role
from outreach.shared.ids import new_id
from outreach.shared.time import ZONE
from tests.factories.accounts import LONG_AGO, make_grant, make_organisation, make_person
from tests.factories.bookings import BookingWorld
from tests.support.clock import FixedClock
from tests.support.letters import Counting, deliveries, make_reader, tell
from tests.support.queries import counted

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
async def union() -> Organisation:
    return await make_organisation(parent=await make_organisation())


async def ways() -> list[tuple[str, str, str]]:
    return sorted([(one.channel, one.address, one.state) for one in await deliveries()])


# --- who gets a message, and by which way -----------------------------------------------------------------------------


async def test_a_message_to_an_organisation_goes_to_each_of_its_contacts_of_today(
    union: Organisation, now: datetime
) -> None:
    """A deputy and a second role count once each; who left, who comes later, who is disabled get nothing."""
    contact = await make_reader(union, email="contact@example.cn")
    await make_grant(contact, Role.ORGANISER, union)
    deputy = await make_reader(email="deputy@example.cn")
    await make_grant(deputy, Role.CONTACT, union, is_deputy=True)
    left = await make_reader(email="left@example.cn")
    await make_grant(left, Role.CONTACT, union, until_on=date(2015, 9, 15))
    coming = await make_reader(email="coming@example.cn")
    await make_grant(coming, Role.CONTACT, union, from_on=date(2015, 9, 16))
    await make_reader(union, email="disabled@example.cn", disabled_at=LONG_AGO)
    await make_reader(union, Role.ORGANISER, email="staff@example.cn")
    await tell("booking-confirmed", now, organisation_id=union.id)

    await route(now, {"mail"})

    assert await ways() == [("mail", "contact@example.cn", "waiting"), ("mail", "deputy@example.cn", "waiting")]


async def test_what_is_for_those_who_run_an_organisation_is_mailed_only_to_who_asked_for_it(
    union: Organisation, now: datetime
) -> None:
    """And never put on the list: they have a desk."""
    await make_reader(union)
    await make_reader(union, Role.ORGANISER)
    asked = await make_reader(union, Role.ORGANISER, email="asked@example.cn")
    await Choice(person=asked.id, topic="desk", channel="mail", wanted=True, changed_at=now).save()
    await make_grant(await make_person(), Role.ORGANISER, union)
    await tell("booking-received", now, organisation_id=union.id)

    await route(now, {"mail"})

    assert await ways() == [("mail", "asked@example.cn", "waiting")]


async def test_an_organisation_without_contacts_is_told_through_who_runs_it(union: Organisation, now: datetime) -> None:
    """What is essential reaches them by mail, all else only at their own wish."""
    await make_reader(union, Role.ORGANISER, email="staff@example.cn")
    await tell("session-moved", now, organisation_id=union.id)
    await tell("order-endorsed", now, organisation_id=union.id)

    await route(now, {"mail"})

    assert await ways() == [("mail", "staff@example.cn", "waiting")]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("session-cancelled", ["list"]),  # essential
        ("headcount-asked", ["list"]),  # waits for an answer
        ("booking-waitlisted", []),  # read when the person comes by
    ],
)
async def test_who_cannot_be_reached_is_put_on_the_list_if_they_must_be_told(
    union: Organisation, now: datetime, kind: str, expected: list[str]
) -> None:
    """No address, an unconfirmed one, or no mail server: each the same."""
    world = await BookingWorld().build()
    await make_grant(await make_person(), Role.CONTACT, union)
    await make_reader(union, email_confirmed_at=None)
    await tell(kind, now, organisation_id=union.id, object_id=world.session.id)

    await route(now, {"mail"})

    found = await deliveries()
    assert [one.channel for one in found] == expected * 2
    assert {one.owner_id for one in found} == ({world.root.id} if expected else set())


async def test_without_a_mail_server_everybody_who_must_be_told_is_on_the_list(
    union: Organisation, now: datetime
) -> None:
    await make_reader(union)
    await tell("session-cancelled", now, organisation_id=union.id)

    await route(now, set())

    assert await ways() == [("list", "", "waiting")]


async def test_an_organisation_without_anybody_is_one_line_of_the_list(union: Organisation, now: datetime) -> None:
    await tell("session-cancelled", now, organisation_id=union.id)
    await tell("booking-waitlisted", now, organisation_id=union.id)

    await route(now, {"mail"})

    assert [(one.channel, one.person) for one in await deliveries()] == [("list", None)]


async def test_a_person_chooses_but_not_about_what_is_essential(union: Organisation, now: datetime) -> None:
    """Who left a topic is not rung instead."""
    person = await make_reader(union, email="me@example.cn")
    for topic in ("bookings", "attendance"):
        await Choice(person=person.id, topic=topic, channel="mail", wanted=False, changed_at=now).save()
    await tell("booking-waitlisted", now, organisation_id=union.id)
    await tell("headcount-asked", now, organisation_id=union.id)
    await tell("booking-cancelled", now, organisation_id=union.id)

    await route(now, {"mail"})

    found = await db.rows(
        "SELECT m.kind, d.channel FROM notifications_delivery d JOIN notifications_outbox_message m ON m.id = d.message"
    )
    assert [tuple(one) for one in found] == [("booking-cancelled", "mail")]


async def test_sms_reaches_who_has_no_mail_and_mail_comes_first(union: Organisation, now: datetime) -> None:
    await make_reader(union, email="mail@example.cn", phone="13800000001")
    await make_grant(await make_person(phone="13800000002"), Role.CONTACT, union)
    await tell("session-moved", now, organisation_id=union.id)

    await route(now, {"mail", "sms"})

    assert await ways() == [("mail", "mail@example.cn", "waiting"), ("sms", "13800000002", "waiting")]


async def test_quiet_hours_hold_back_what_can_wait(union: Organisation, clock: FixedClock) -> None:
    """22:30 on the evening before: 07:00 next morning, but at once for a session tomorrow."""
    now = datetime(2015, 9, 15, 22, 30, tzinfo=ZONE)
    person = await make_reader(union)
    await QuietHours(person=person.id, from_minute=22 * 60, until_minute=7 * 60, changed_at=now).save()
    await tell("booking-waitlisted", now, organisation_id=union.id)
    await tell("session-moved", now, organisation_id=union.id, starts_at="2015-09-24T14:00:00+08:00")
    await tell("session-moved", now, organisation_id=union.id, starts_at="2015-09-16T14:00:00+08:00")

    await route(now, {"mail"})

    morning = datetime(2015, 9, 16, 7, tzinfo=ZONE)
    assert [one.next_at for one in await deliveries()] == [morning, morning, now]


async def test_hooks_of_the_organisation_and_of_those_above_get_what_they_ask_for(now: datetime) -> None:
    """What is told to many units at once is told to a hook once; a paused one and a neighbour's hear nothing."""
    world = await BookingWorld().build()
    elsewhere = await make_organisation()

    async def hook(organisation: Organisation, *kinds: str, paused_at: datetime | None = None) -> Hook:
        made = Hook(
            organisation=organisation.id, name="群", shape="json", url="https://example.cn/x", secret="s",
            kinds=list(kinds), created_at=LONG_AGO, paused_at=paused_at,
        )  # fmt: skip
        await made.save()
        return made

    above = await hook(world.root)
    own = await hook(world.other, "session-moved")
    await hook(world.root, "booking-confirmed")
    await hook(world.root, paused_at=LONG_AGO)
    await hook(elsewhere)
    for unit in (world.union, world.other):
        await tell("session-moved", now, organisation_id=unit.id, object_id=world.session.id)

    await route(now, {"hook"})

    found = [one for one in await deliveries() if one.channel == "hook"]
    assert sorted(one.hook for one in found) == sorted([above.id, own.id])


async def test_an_address_is_confirmed_through_a_mail_to_itself(now: datetime) -> None:
    person = await make_person(email="new@example.cn")
    await tell("address-asked", now, person_id=person.id, object_kind="person", email="new@example.cn")

    await route(now, {"mail"})

    assert await ways() == [("mail", "new@example.cn", "waiting")]


async def test_old_messages_are_not_sent(union: Organisation, now: datetime) -> None:
    """They stay on their receivers' page; the ones of this week go out."""
    await make_reader(union)
    await tell("booking-confirmed", now - STALE_AFTER - timedelta(minutes=1), organisation_id=union.id)
    await tell("booking-confirmed", now - STALE_AFTER + timedelta(minutes=1), organisation_id=union.id)

    routed = await route(now, {"mail"})

    assert (routed, len(await deliveries())) == (2, 1)


@pytest.mark.parametrize("item_count", [1, 3])
async def test_routing_takes_as_many_statements_for_three_messages_as_for_one(
    union: Organisation, now: datetime, item_count: int
) -> None:
    await make_reader(union)
    for _ in range(item_count):
        await tell("booking-confirmed", now, organisation_id=union.id)
    with counted() as sent:
        await route(now, {"mail"})

    # The batch: BEGIN, messages, grants, people, owners, deliveries, messages done, COMMIT; then an empty one.
    assert len(sent) == 8 + 3


# --- workers ----------------------------------------------------------------------------------------------------------


async def test_two_workers_at_once_deliver_500_messages_once_each(
    union: Organisation, clock: FixedClock, settings: Settings
) -> None:
    person = await make_reader(union)
    for _ in range(500):
        await tell("booking-confirmed", clock.now(), organisation_id=union.id)
    mail = [Counting(), Counting()]

    tried = await asyncio.gather(*(deliver_due(clock, settings, channels={"mail": one}) for one in mail))

    assert sum(tried) == 500
    assert Counter(one.message_id for one in (*mail[0].taken, *mail[1].taken)).most_common(1)[0][1] == 1
    assert min(tried) > 0
    assert {(one.state, one.person) for one in await deliveries()} == {("sent", person.id)}
    assert await deliver_due(clock, settings, channels={"mail": mail[0]}) == 0


async def test_a_letter_is_in_the_language_of_its_reader(
    union: Organisation, clock: FixedClock, settings: Settings
) -> None:
    await make_reader(union, name="陈巧云")
    await make_reader(union, name="Ann", locale="en")
    await tell("booking-cancelled", clock.now(), organisation_id=union.id, starts_at="2015-09-24T14:00:00+08:00")
    await tell("booking-waitlisted", clock.now(), organisation_id=union.id)
    mail = Counting(parallel=1)

    await deliver_due(clock, settings, channels={"mail": mail})

    first, english, optional, _last = mail.taken
    assert (first.language, english.language) == ("zh_CN", "en")
    assert first.subject == "预约已取消：倒班职工的睡眠与情绪，9月24日14:00"
    assert first.text.startswith("预约已取消：“倒班职工的睡眠与情绪”")
    assert "24 Sep" in english.text
    assert first.unsubscribe_href is None
    assert optional.unsubscribe_href is not None
    assert optional.unsubscribe_href.startswith("http://testserver/unsubscribe/")


async def test_what_fails_for_now_is_tried_again_later_and_later_and_then_left_to_a_person(
    union: Organisation, clock: FixedClock, settings: Settings
) -> None:
    """About two days; nothing between two tries."""
    await make_reader(union)
    await tell("booking-confirmed", clock.now(), organisation_id=union.id)

    async def later(_letter: Letter) -> None:
        raise TryAgainError("451 busy")

    mail, started = Counting(answer=later), clock.now()
    for wait in WAITS:
        assert await deliver_due(clock, settings, channels={"mail": mail}) == 1
        assert await deliver_due(clock, settings, channels={"mail": mail}) == 0
        assert [(one.state, one.error) for one in await deliveries()] == [("waiting", "again 451 busy")]
        clock.moment += wait
    assert await deliver_due(clock, settings, channels={"mail": mail}) == 1

    assert [(one.state, one.error, one.attempts) for one in await deliveries()] == [("dead", "tried 451 busy", 9)]
    assert timedelta(days=1.5) < clock.now() - started < timedelta(days=3)


async def test_the_other_side_may_ask_for_more_time(union: Organisation, clock: FixedClock, settings: Settings) -> None:
    await make_reader(union)
    await tell("booking-confirmed", clock.now(), organisation_id=union.id)

    async def later(_letter: Letter) -> None:
        raise TryAgainError("450 greylisted", timedelta(minutes=5))

    await deliver_due(clock, settings, channels={"mail": Counting(answer=later)})

    assert [one.next_at - clock.now() for one in await deliveries()] == [timedelta(minutes=5)]


@pytest.mark.parametrize(
    ("error", "noted"),
    [
        (RefusedError("550 no such user"), "refused 550 no such user"),
        (UncertainError("connection lost"), "uncertain connection lost"),
    ],
)
async def test_what_is_refused_or_uncertain_is_never_sent_again_by_itself(
    union: Organisation, clock: FixedClock, settings: Settings, error: Exception, noted: str
) -> None:
    await make_reader(union)
    await tell("booking-confirmed", clock.now(), organisation_id=union.id)

    async def refuse(_letter: Letter) -> None:
        raise error

    mail = Counting(answer=refuse)
    await deliver_due(clock, settings, channels={"mail": mail})
    clock.moment += timedelta(days=3)
    again = await deliver_due(clock, settings, channels={"mail": mail})

    assert [(one.state, one.error) for one in await deliveries()] == [("dead", noted)]
    assert again == 0


async def test_a_channel_that_breaks_hurts_its_own_letters_only(
    union: Organisation, clock: FixedClock, settings: Settings
) -> None:
    """Before the content left it is tried again; afterwards a person decides."""
    await make_reader(union)
    for title in ("甲", "乙", "丙"):
        await tell("booking-confirmed", clock.now(), organisation_id=union.id, title=title)

    async def break_(letter: Letter) -> None:
        if letter.facts["title"] == "甲":
            raise ZeroDivisionError
        if letter.facts["title"] == "乙":
            await letter.begin()
            raise ZeroDivisionError

    await deliver_due(clock, settings, channels={"mail": Counting(answer=break_)})

    assert [one.state for one in await deliveries()] == ["waiting", "dead", "sent"]


# --- leases -----------------------------------------------------------------------------------------------------------


async def _one_held(union: Organisation, now: datetime) -> None:
    await make_reader(union)
    await tell("booking-confirmed", now, organisation_id=union.id)
    await route(now, {"mail"})


async def test_a_lease_that_ran_out_before_the_content_left_waits_again(union: Organisation, now: datetime) -> None:
    await _one_held(union, now)
    assert len(await claim(now, "mail", 10)) == 1
    assert await claim(now + LEASE, "mail", 10) == []
    assert await recover(now + LEASE) == 0

    assert await recover(now + LEASE + timedelta(seconds=1)) == 1
    (again,) = await claim(now + LEASE + timedelta(seconds=1), "mail", 10)

    assert again.attempt == 2


async def test_a_lease_that_ran_out_after_the_content_left_is_for_a_person(union: Organisation, now: datetime) -> None:
    await _one_held(union, now)
    (held,) = await claim(now, "mail", 10)
    await Ledger(lambda: now).begin(held, "message-1@testserver")

    await recover(now + LEASE + timedelta(seconds=1))

    (found,) = await deliveries()
    assert (found.state, found.error, found.ident) == ("dead", "uncertain", "message-1@testserver")


async def test_who_lost_the_lease_neither_sends_nor_overwrites(union: Organisation, now: datetime) -> None:
    await _one_held(union, now)
    (slow,) = await claim(now, "mail", 10)
    later = now + LEASE + timedelta(seconds=1)
    await recover(later)
    (quick,) = await claim(later, "mail", 10)
    ledger = Ledger(lambda: later)

    with pytest.raises(LostLeaseError):
        await ledger.begin(slow, "slow")
    overwritten = await ledger.settle(slow, Outcome("dead", error="refused"))
    kept = await ledger.settle(quick, Outcome("sent"))

    assert (overwritten, kept) == (False, True)
    assert [(one.state, one.ident) for one in await deliveries()] == [("sent", "")]


async def test_what_kills_every_worker_is_not_tried_for_ever(union: Organisation, now: datetime) -> None:
    await _one_held(union, now)
    for _ in range(len(WAITS) + 1):
        assert len(await claim(now, "mail", 1)) == 1
        now += LEASE + timedelta(seconds=1)
        await recover(now)

    assert [(one.state, one.error) for one in await deliveries()] == [("dead", "tried")]


async def test_what_is_given_back_has_not_been_tried(union: Organisation, now: datetime) -> None:
    await _one_held(union, now)
    held = await claim(now, "mail", 1)

    await give_back([*held, replace(held[0], id=new_id())], now)

    (found,) = await deliveries()
    assert (found.state, found.attempts) == ("waiting", 0)


async def test_what_no_server_took_for_a_week_is_left_to_a_person(union: Organisation, now: datetime) -> None:
    """The mail server of the settings went away and came back."""
    await _one_held(union, now)

    await recover(now + TOO_LATE_AFTER)
    assert [one.state for one in await deliveries()] == ["waiting"]
    await recover(now + TOO_LATE_AFTER + timedelta(seconds=1))

    assert [(one.state, one.error) for one in await deliveries()] == [("dead", "late")]


async def test_a_worker_that_is_stopped_ends_what_it_began_and_gives_back_the_rest(
    union: Organisation, clock: FixedClock, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make_reader(union)
    for _ in range(20):
        await tell("booking-confirmed", clock.now(), organisation_id=union.id)
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(letter: Letter) -> None:
        await letter.begin()
        begun.set()
        await go_on.wait()

    mail = Counting(answer=slowly, parallel=2)
    monkeypatch.setattr("outreach.notifications.working.open_channels", lambda _settings: {"mail": mail})
    worker = asyncio.create_task(deliver_forever(clock, settings))
    await asyncio.wait_for(begun.wait(), 10)
    asyncio.get_running_loop().call_later(0.2, go_on.set)
    worker.cancel()
    await asyncio.gather(worker, return_exceptions=True)

    states = Counter((one.state, one.attempts) for one in await deliveries())
    assert states == {("sent", 1): 2, ("waiting", 0): 18}
    assert len(mail.taken) == 2


async def test_nothing_is_left_to_route_after_an_upgrade(now: datetime) -> None:
    """The migration settles what was written before there were deliveries."""
    from outreach.notifications.piccolo_migrations.notifications_0006_switched_on import STATEMENTS

    person: Person = await make_reader()
    await tell("booking-confirmed", now, person_id=person.id)

    await db.execute(STATEMENTS[0])

    assert await route(now, {"mail"}) == 0
    assert await OutboxMessage.count().where(OutboxMessage.delivered_at.is_null()) == 0
    assert await Delivery.count() == 0
