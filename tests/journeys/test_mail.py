"""Mail to a real server that refuses, stalls, cuts the line, asks for patience; invitations as calendars read them."""

import asyncio
import contextlib
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

import icalendar
import msgspec
import pytest

from outreach.accounts.tables import Organisation, Person
from outreach.bookings.commands import book_seats, cancel_booking
from outreach.bookings.session_changes import cancel_session, change_session
from outreach.notifications.channels.mail import MailChannel
from outreach.notifications.channels.smtp import Patience
from outreach.notifications.claiming import LEASE
from outreach.notifications.domain.backing_off import WAITS
from outreach.notifications.tables import Delivery
from outreach.notifications.unsent.commands import send_again
from outreach.notifications.working import deliver_due
from outreach.settings import Settings
from outreach.shared.actors import Actor, Role
from outreach.shared.time import ZONE
from tests.factories.accounts import make_actor, make_organisation
from tests.factories.bookings import BookingWorld
from tests.support.clock import FixedClock
from tests.support.letters import deliveries, make_reader, tell
from tests.support.mailing import MailServer, mail_server

pytestmark = pytest.mark.usefixtures("database")

IMPATIENT = Patience(connect_seconds=2, command_seconds=0.5, content_seconds=0.5)


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    async with mail_server() as made:
        yield made


@pytest.fixture
async def union() -> Organisation:
    return await make_organisation(parent=await make_organisation())


@pytest.fixture
def post(settings: Settings, clock: FixedClock, server: MailServer) -> "Post":
    return Post(msgspec.structs.replace(settings, smtp_url=server.url), clock)


class Post:
    """The worker of a test: impatient, one connection unless told otherwise."""

    def __init__(self, settings: Settings, clock: FixedClock) -> None:
        self.settings, self.clock = settings, clock

    async def go(self, parallel: int = 1) -> list[tuple[str, str]]:
        """Deliver what is due; return state and note of every delivery."""
        channel = MailChannel(self.settings, patience=IMPATIENT)
        channel.parallel = parallel
        try:
            await deliver_due(self.clock, self.settings, channels={"mail": channel})
        finally:
            await channel.close()
        return [(one.state, one.error) for one in await deliveries()]


async def one_message(union: Organisation, now: datetime, **person: Any) -> Person:
    reader = await make_reader(union, **person)
    await tell("booking-waitlisted", now, organisation_id=union.id, starts_at="2015-09-24T14:00:00+08:00")
    return reader


# --- a server that does what servers do -------------------------------------------------------------------------------


async def test_a_mail_arrives_whole(union: Organisation, post: Post, server: MailServer, now: datetime) -> None:
    """Chinese in every place, no invitation, a way to leave the topic."""
    await one_message(union, now, name="陈巧云", email="chen@example.cn")

    assert await post.go() == [("sent", "")]

    (mail,) = server.mails
    assert mail["Subject"] == "已排进候补：倒班职工的睡眠与情绪，9月24日14:00"
    assert mail["To"] == "陈巧云 <chen@example.cn>"
    assert mail["From"] == "工会实事项目 <noreply@testserver>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Unsubscribe"].startswith("<http://testserver/unsubscribe/")
    assert mail["Date"].datetime == now.replace(microsecond=0)
    assert [part.get_content_type() for part in mail.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    plain, html = (part.get_content() for part in mail.iter_parts())
    for text in (plain, html):
        assert "陈巧云，您好：" in text
        assert "已排进候补：“倒班职工的睡眠与情绪”" in text
        assert "http://testserver/sessions/" in text


@pytest.mark.parametrize("where", ["at_rcpt", "at_data"])
async def test_a_refusal_for_good_is_a_dead_letter_at_once(
    union: Organisation, post: Post, server: MailServer, now: datetime, where: str
) -> None:
    await one_message(union, now)
    getattr(server, where).append("550 5.1.1 no such user here")

    assert await post.go() == [("dead", "refused 550 5.1.1 no such user here")]

    assert server.kept == []


@pytest.mark.parametrize("where", ["at_rcpt", "at_data"])
async def test_not_now_and_then_yes(
    union: Organisation, post: Post, server: MailServer, clock: FixedClock, where: str
) -> None:
    await one_message(union, clock.now())
    getattr(server, where).append("451 4.7.1 try later")

    before = await post.go()
    clock.moment += WAITS[0]
    after = await post.go()

    assert (before, after) == ([("waiting", "again 451 4.7.1 try later")], [("sent", "")])
    assert len(server.idents) == 1


async def test_a_server_that_is_not_there_is_tried_until_it_is(
    union: Organisation, post: Post, server: MailServer, clock: FixedClock
) -> None:
    await one_message(union, clock.now())
    there = post.settings
    post.settings = msgspec.structs.replace(there, smtp_url="smtp://127.0.0.1:1")

    ((state, error),) = await post.go()
    clock.moment += WAITS[0]
    post.settings = there

    assert (state, error.partition(" ")[0]) == ("waiting", "again")
    assert await post.go() == [("sent", "")]
    assert len(server.idents) == 1


@pytest.mark.parametrize("deed", ["stall", "cut"])
async def test_silence_before_the_content_is_harmless(
    union: Organisation, post: Post, server: MailServer, clock: FixedClock, deed: str
) -> None:
    """The server cannot have the mail: it is sent again without asking anybody."""
    await one_message(union, clock.now())
    server.at_rcpt.append(deed)

    ((state, _error),) = await post.go()
    clock.moment += WAITS[0]

    assert state == "waiting"
    assert await post.go() == [("sent", "")]
    assert len(server.idents) == 1


@pytest.mark.parametrize("deed", ["stall", "cut", "keep, stall", "keep, cut"])
async def test_silence_after_the_content_is_for_a_person_to_decide(
    union: Organisation, post: Post, server: MailServer, clock: FixedClock, deed: str
) -> None:
    """Whether the server kept the mail cannot be known. Sent again, it has the same Message-ID."""
    await one_message(union, clock.now())
    organiser = await make_actor(Role.ORGANISER, await _root_of(union))
    server.at_data.append(deed)

    ((state, error),) = await post.go()
    clock.moment += timedelta(days=2)
    assert await post.go() == [(state, error)]
    (dead,) = await deliveries()
    await send_again(organiser, clock.now(), delivery_id=dead.id)

    assert (state, error.partition(" ")[0]) == ("dead", "uncertain")
    assert await post.go() == [("sent", "")]
    assert len(server.idents) == (2 if deed.startswith("keep") else 1)
    assert set(server.idents) == {f"<{dead.ident}>"}


async def test_a_day_of_everything_ends_with_each_message_delivered_once_or_in_the_dead_letters(
    union: Organisation, post: Post, server: MailServer, clock: FixedClock
) -> None:
    """40 mails over four connections to a server that refuses, stalls, cuts and asks for patience."""
    for number in range(40):
        person = await make_reader(email=f"reader{number}@example.cn")
        await tell("booking-waitlisted", clock.now(), person_id=person.id)
    server.at_rcpt = ["550 no", "451 later", "250 OK", "cut", "250 OK", "450 later", "552 full", "stall"]
    server.at_data = ["250 taken", "554 spam", "451 later", "keep, cut", "250 taken", "cut", "keep, stall"]

    for wait in WAITS:
        await post.go(parallel=4)
        clock.moment += wait

    found = await deliveries()
    states = Counter((one.state, one.error.partition(" ")[0]) for one in found)
    sent = {f"<{one.ident}>" for one in found if one.state == "sent"}
    uncertain = {f"<{one.ident}>" for one in found if one.error.startswith("uncertain")}
    assert states == {("sent", ""): 35, ("dead", "refused"): 2, ("dead", "uncertain"): 3}
    assert Counter(server.idents).most_common(1)[0][1] == 1
    assert sent <= set(server.idents) <= sent | uncertain
    assert len(set(server.idents) & uncertain) == 2


async def test_connections_are_used_again(
    union: Organisation, post: Post, server: MailServer, clock: FixedClock
) -> None:
    await make_reader(union)
    for _ in range(30):
        await tell("booking-waitlisted", clock.now(), organisation_id=union.id)

    assert await post.go(parallel=2) == [("sent", "")] * 30

    assert server.connections == 2


async def test_a_connection_that_the_server_closed_meanwhile_costs_no_try(
    union: Organisation, post: Post, server: MailServer, clock: FixedClock
) -> None:
    await one_message(union, clock.now())
    channel = MailChannel(post.settings, patience=IMPATIENT)
    await deliver_due(clock, post.settings, channels={"mail": channel})
    for client, _since in channel.connections._idle:
        transport: Any = client.transport
        transport.abort()
    await asyncio.sleep(0)
    await tell("booking-waitlisted", clock.now(), organisation_id=union.id)

    await deliver_due(clock, post.settings, channels={"mail": channel})
    await channel.close()

    assert [(one.state, one.attempts) for one in await deliveries()] == [("sent", 1)] * 2


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("甲\r\nBcc: all@example.cn", id="header"),
        pytest.param("乙\x1b\u2028Bcc: all@example.cn", id="controls"),
        pytest.param("丙" * 60, id="long"),
        pytest.param('a, "b" <c@d>', id="marks"),
        pytest.param("😀堃", id="rare"),
    ],
)
async def test_nothing_that_somebody_typed_ends_a_header(
    union: Organisation, post: Post, server: MailServer, now: datetime, typed: str
) -> None:
    reader = await make_reader(union, name=typed, email="a@example.cn")
    await tell("booking-waitlisted", now, organisation_id=union.id, title=typed)

    assert await post.go() == [("sent", "")]

    (mail,) = server.mails
    assert mail.defects == []
    assert mail["Bcc"] is None
    assert [one.addr_spec for one in mail["To"].addresses] == ["a@example.cn"]
    # The standard library puts blanks between the encoded words of a long name.
    assert mail["To"].addresses[0].display_name.replace(" ", "") == _joined(reader.name)
    assert all(len(line) <= 200 for line in server.kept[0].split(b"\r\n"))


def _joined(name: str) -> str:
    """Without blanks and what no header may hold."""
    return "".join(name.replace("\x1b", " ").split())


async def test_an_address_that_is_none_is_refused_without_asking_a_server(
    union: Organisation, post: Post, server: MailServer, now: datetime
) -> None:
    await one_message(union, now, email="a@b.cn>\r\nRCPT TO:<all@example.cn")

    assert await post.go() == [("dead", "refused address")]

    assert server.connections == 0


# --- invitations ------------------------------------------------------------------------------------------------------


async def _root_of(union: Organisation) -> Organisation:
    found = await Organisation.objects().get(Organisation.id == union.parent)
    assert found is not None
    return found


class Invited:
    """The invitation in a mail, as a calendar program reads it."""

    def __init__(self, mail: EmailMessage) -> None:
        parts = list(mail.walk())
        self.kinds = [part.get_content_type() for part in parts]
        calendar, file = (part for part in parts if part.get_content_type() in ("text/calendar", "application/ics"))
        self.method_of_part = calendar.get_param("method")
        self.is_same = calendar.get_payload(decode=True) == file.get_payload(decode=True)
        self.file_name = file.get_filename()
        read: Any = icalendar.Calendar.from_ical(file.get_content())
        self.method = str(read["METHOD"])
        event: Any = read.walk("VEVENT")[0]
        self.uid, self.sequence, self.status = str(event["UID"]), int(event["SEQUENCE"]), str(event["STATUS"])
        self.starts_at, self.summary = event["DTSTART"].dt, str(event["SUMMARY"])
        self.place = str(event.get("LOCATION", ""))
        self.organizer, self.attendee = event["ORGANIZER"], event["ATTENDEE"]
        self.ident = str(mail["Message-ID"])


async def test_an_invitation_follows_its_booking_from_confirmation_to_cancellation(
    post: Post, server: MailServer, clock: FixedClock
) -> None:
    """Confirmed, moved, renamed, another room, cancelled: one UID, a higher SEQUENCE each time, each contact alone."""
    world = await BookingWorld().build()
    await make_reader(world.union, email="one@example.cn", name="陈巧云")
    await make_reader(world.union, email="two@example.cn")
    booking = await _book(world, clock)
    await post.go()
    for changes in (
        {"starts_at": datetime(2015, 9, 25, 9, tzinfo=ZONE)},
        {"title": "睡个好觉，堃"},
        {"address": "虎丘路2号三楼，小会议室"},
    ):
        clock.moment += timedelta(hours=1)
        await change_session(world.organiser, clock.now(), session_id=world.session.id, changes=changes)
        await post.go()
    clock.moment += timedelta(hours=1)
    await cancel_booking(world.contact, clock.now(), booking_id=booking, reason="去不了")
    await post.go()

    assert [str(one["To"]) for one in server.mails] == ["陈巧云 <one@example.cn>", server.mails[1]["To"]] * 5
    first = [Invited(one) for one in server.mails if "one@" in str(one["To"])]
    assert {one.uid for one in first} == {f"booking-{booking}@testserver"}
    assert [(one.method, one.method_of_part, one.status) for one in first] == [
        *[("REQUEST", "REQUEST", "CONFIRMED")] * 4,
        ("CANCEL", "CANCEL", "CANCELLED"),
    ]
    assert [one.sequence for one in first] == [0, 1, 2, 3, 4]
    assert [one.starts_at.isoformat() for one in first] == [
        "2015-09-24T14:00:00+08:00",
        *["2015-09-25T09:00:00+08:00"] * 4,
    ]
    assert [one.summary for one in first][1:3] == ["【改期】倒班职工的睡眠与情绪", "【改期】睡个好觉，堃"]
    assert first[3].place == "虎丘路2号三楼，小会议室"
    assert all(one.is_same and one.file_name == "invite.ics" for one in first)
    assert first[0].kinds == [
        "multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/calendar", "application/ics",
    ]  # fmt: skip
    assert len(set(server.idents)) == 10
    assert first[1].ident.startswith(f"<booking-{booking}.1.request.")
    last = first[-1]
    assert (str(last.organizer), str(last.attendee)) == ("mailto:noreply@testserver", "mailto:one@example.cn")
    assert last.attendee.params["RSVP"] == "FALSE"


async def _book(world: BookingWorld, clock: FixedClock) -> Any:
    made = await book_seats(
        world.contact, clock.now(), session_id=world.session.id, organisation_id=world.union.id, seats=20,
        contact_name="陈巧云", contact_phone="13800000000",
    )  # fmt: skip
    return made.id


async def test_the_links_to_act_stand_in_the_body_and_lead_to_pages(
    post: Post, server: MailServer, clock: FixedClock
) -> None:
    """No answer is asked of the calendar program; opening a link changes nothing."""
    world = await BookingWorld().build()
    await make_reader(world.union)
    booking = await _book(world, clock)
    await post.go()

    (mail,) = server.mails
    for part in mail.walk():
        if part.get_content_type() in ("text/plain", "text/html"):
            assert f"http://testserver/bookings/{booking}/cancel" in part.get_content()
            assert "吴中区木渎镇职工活动中心三楼报告厅" in part.get_content()
    assert mail["List-Unsubscribe"] is None


async def test_a_cancelled_session_cancels_the_invitation(post: Post, server: MailServer, clock: FixedClock) -> None:
    world = await BookingWorld().build()
    await make_reader(world.union)
    await _book(world, clock)
    await post.go()
    await cancel_session(world.organiser, clock.now(), session_id=world.session.id, by="weather", reason="台风")
    await post.go()

    assert [Invited(one).method for one in server.mails] == ["REQUEST", "CANCEL"]


async def test_mails_that_waited_together_carry_one_invitation_the_newest(
    post: Post, server: MailServer, clock: FixedClock
) -> None:
    """A server comes back after a day in which a booking was confirmed, moved and cancelled: nothing comes to life."""
    world = await BookingWorld().build()
    await make_reader(world.union)
    booking = await _book(world, clock)
    clock.moment += timedelta(hours=1)
    moved = {"starts_at": datetime(2015, 9, 25, 9, tzinfo=ZONE)}
    await change_session(world.organiser, clock.now(), session_id=world.session.id, changes=moved)
    clock.moment += timedelta(hours=1)
    await cancel_booking(world.contact, clock.now(), booking_id=booking, reason="")
    await post.go()

    carrying = [one for one in server.mails if any(p.get_content_type() == "text/calendar" for p in one.walk())]
    assert [one["Subject"].partition("：")[0] for one in server.mails] == ["预约已确认", "场次有变动", "预约已取消"]
    assert [Invited(one).method for one in carrying] == ["CANCEL"]
    assert len(set(server.idents)) == 3


async def test_what_was_never_confirmed_is_not_cancelled_in_a_calendar(
    post: Post, server: MailServer, clock: FixedClock
) -> None:
    world = await BookingWorld().build(approval_needed=True)
    await make_reader(world.union)
    booking = await _book(world, clock)
    await cancel_booking(world.contact, clock.now(), booking_id=booking, reason="")
    await post.go()

    assert ["text/calendar" in [p.get_content_type() for p in one.walk()] for one in server.mails] == [False]


# --- the plug is pulled -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("when", ["before the content", "after the content"])
async def test_a_killed_worker_loses_nothing_and_at_most_doubles_one_mail_under_one_name(
    union: Organisation, post: Post, server: MailServer, clock: FixedClock, dsn: str, when: str
) -> None:
    """``outreach work`` in a process of its own, killed with -9 while the server has the mail and has not said so."""
    from datetime import UTC

    now = datetime.now(UTC)
    await one_message(union, now)
    organiser: Actor = await make_actor(Role.ORGANISER, await _root_of(union))
    (server.at_rcpt if when == "before the content" else server.at_data).append(
        "stall" if when == "before the content" else "keep, stall"
    )
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "outreach", "work",
        env={
            **{name: text for name, text in os.environ.items() if not name.startswith("OUTREACH_")},
            "OUTREACH_HOME": str(post.settings.home), "OUTREACH_DATABASE_URL": dsn, "OUTREACH_SMTP_URL": server.url,
            "OUTREACH_BASE_URL": "http://testserver", "OUTREACH_SECRET_KEY": "t" * 40,
        },
        stdin=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        await _until(lambda: _sending(server, when))
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(worker.pid, signal.SIGKILL)
        await worker.wait()
    (left,) = await deliveries()
    assert left.state == "sending"
    clock.moment = datetime.now(UTC) + LEASE
    ((state, error),) = await post.go()

    if when == "before the content":
        assert (state, error) == ("sent", "")
        assert len(server.idents) == 1
        return
    assert (state, error) == ("dead", "uncertain")
    assert len(server.idents) == 1
    await send_again(organiser, clock.now(), delivery_id=left.id)
    assert await post.go() == [("sent", "")]
    assert Counter(server.idents) == {f"<{left.ident}>": 2}


async def _sending(server: MailServer, when: str) -> bool:
    """Whether the worker waits for the answer that never comes."""
    return len(server.kept) == 1 if when == "after the content" else server.at_rcpt == []


async def _until(met: Any) -> None:
    async with asyncio.timeout(60):
        while not await met():  # noqa: ASYNC110 - what it waits for happens in another process
            await asyncio.sleep(0.05)


async def test_dead_letters_are_counted_once_however_often_somebody_presses_the_button(
    union: Organisation, post: Post, server: MailServer, clock: FixedClock
) -> None:
    await one_message(union, clock.now())
    organiser = await make_actor(Role.ORGANISER, await _root_of(union))
    server.at_data.append("554 spam")
    await post.go()
    (dead,) = await deliveries()

    done = await asyncio.gather(
        *(send_again(organiser, clock.now(), delivery_id=dead.id) for _ in range(4)), return_exceptions=True
    )
    await asyncio.gather(post.go(), post.go())

    assert sum(one is None for one in done) == 1
    assert len(server.idents) == 1
    assert await Delivery.count() == 1
