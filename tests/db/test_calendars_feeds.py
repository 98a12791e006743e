"""Feeds on the database: who is in them, when they are rendered again, and what that costs."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import asyncpg
import icalendar
import pytest

from outreach.accounts.tables import Organisation
from outreach.calendars import feeds, queries
from outreach.calendars.domain.ical import Origin, event_bytes
from outreach.calendars.domain.keys import FeedKey
from outreach.calendars.feeds import Feed
from outreach.calendars.listening import Listener
from outreach.events.commands import change_venue
from outreach.events.domain.drafts import VenueDraft
from outreach.events.tables import Event, Session, Venue
from outreach.programmes.tables import Programme
from outreach.shared import db
from outreach.shared.actors import Role
from outreach.shared.errors import NotFoundError
from outreach.shared.time import local_midnight
from tests.factories.accounts import make_actor, make_organisation
from tests.factories.events import STARTS_AT, make_event, make_provider, make_session, make_venue
from tests.factories.programmes import make_programme
from tests.support.queries import counted

ORIGIN = Origin("http://testserver", "市总工会")
EVERYTHING = FeedKey()


@pytest.fixture(autouse=True)
async def nothing_kept(database: None) -> AsyncIterator[None]:
    await feeds.close()
    yield
    await feeds.close()


async def an_event(organisation: Organisation | None = None, **programme: Any) -> Event:
    return await make_event(await make_programme(organisation or await make_organisation(), **programme))


async def titles(now: datetime, key: FeedKey = EVERYTHING) -> list[str]:
    await feeds.close()
    return titles_in(await feeds.feed(key, ORIGIN, now))


def events_in(feed: Feed) -> list[Any]:
    calendar: Any = icalendar.Calendar.from_ical(feed.body)
    return list(calendar.walk("VEVENT"))


def titles_in(feed: Feed) -> list[str]:
    return [str(event["SUMMARY"]) for event in events_in(feed)]


async def programme_of(event: Event) -> Programme:
    found = await Programme.objects().get(Programme.id == event.programme)
    assert found is not None
    return found


async def revise(session: Session, now: datetime, **changes: Any) -> None:
    """What a command does: one transaction that raises the revision."""
    async with db.atomic():
        revised: dict[Any, Any] = {Session.revision: Session.revision + 1, Session.revised_at: now, **changes}
        await Session.update(revised).where(Session.id == session.id)


async def test_only_what_strangers_may_see_is_in_the_feed(now: datetime) -> None:
    owner = await make_organisation()
    barracks = await make_organisation(parent=owner, kind="guest", name="某部队", code="G1")
    union = await make_organisation(parent=owner)
    event = await an_event(owner)
    secret = await an_event(owner, confidential=True)
    await make_session(event, title="公开")
    await make_session(event, title="工会承接的公开场次", host=union.id)
    await make_session(event, title="登记过的", state="held", starts_at=now - timedelta(days=3))
    await make_session(event, title="草稿", state="draft", published_at=None)
    await make_session(event, title="成员可见", visibility="members")
    await make_session(event, title="接待单位可见", visibility="host", host=union.id)
    await make_session(event, title="军营", host=barracks.id, address="某部队大院")
    await make_session(event, title="没有发布就取消", state="cancelled", published_at=None)
    await make_session(secret, title="保密项目")

    assert await titles(now) == ["登记过的", "公开", "工会承接的公开场次"]


async def test_the_window_reaches_180_days_back_and_400_ahead(now: datetime) -> None:
    event = await an_event()
    today = local_midnight(date(2015, 9, 15))
    for title, starts_at in (
        ("太早", today - timedelta(days=180, hours=2)),
        ("最早", today - timedelta(days=180)),
        ("最晚", today + timedelta(days=400, hours=23)),
        ("太晚", today + timedelta(days=401)),
    ):
        await make_session(event, title=title, starts_at=starts_at)

    assert await titles(now) == ["最早", "最晚"]
    assert await titles(now, FeedKey(year=2015)) == ["太早", "最早"]
    assert await titles(now, FeedKey(year=2016)) == ["最晚", "太晚"]
    assert await titles(now, FeedKey(year=2014)) == []


async def test_a_year_begins_and_ends_at_local_midnight(now: datetime) -> None:
    event = await an_event()
    for title, starts_at in (
        ("除夕夜", datetime(2014, 12, 31, 15, 59, tzinfo=UTC)),
        ("元旦零点", datetime(2014, 12, 31, 16, 0, tzinfo=UTC)),
        ("年末", datetime(2015, 12, 31, 15, 59, tzinfo=UTC)),
        ("下一年", datetime(2015, 12, 31, 16, 0, tzinfo=UTC)),
    ):
        await make_session(event, title=title, starts_at=starts_at)

    assert await titles(now, FeedKey(year=2015)) == ["元旦零点", "年末"]


async def test_cancelled_sessions_stay_30_days_past_their_date(now: datetime) -> None:
    event = await an_event()
    for days in (-31, -30, 9):
        await make_session(event, title=f"{days}", state="cancelled", starts_at=now + timedelta(days=days))

    assert await titles(now) == ["【已取消】-30", "【已取消】9"]
    assert await titles(now, FeedKey(year=2015)) == ["【已取消】-30", "【已取消】9"]


async def test_a_moved_session_says_so_until_it_takes_place_and_the_kept_feed_knows_when(now: datetime) -> None:
    event = await an_event()
    starts_at = now + timedelta(hours=2)
    await make_session(event, title="改过", starts_at=starts_at, moved_from=now + timedelta(days=1), revision=2)

    before = await feeds.feed(EVERYTHING, ORIGIN, starts_at - timedelta(seconds=1))
    after = await feeds.feed(EVERYTHING, ORIGIN, starts_at)
    earlier = await feeds.feed(EVERYTHING, ORIGIN, now)

    assert titles_in(before) == ["【改期】改过"]
    assert titles_in(after) == ["改过"]
    assert after.last_modified == starts_at
    assert earlier.body == before.body


async def test_a_programme_s_feed_has_its_sessions_and_name(now: datetime) -> None:
    owner = await make_organisation()
    lectures = await an_event(owner, code="women", name="职业女性大课堂")
    await make_session(lectures, title="形象礼仪")
    await make_session(await an_event(owner), title="别的项目")

    feed = await feeds.feed(FeedKey("programmes", "2015/women"), ORIGIN, now)

    calendar: Any = icalendar.Calendar.from_ical(feed.body)
    assert str(calendar["X-WR-CALNAME"]) == str(calendar["NAME"]) == "市总工会：职业女性大课堂（2015年）"
    assert calendar["SOURCE"] == "http://testserver/calendars/programmes/2015/women.ics"
    assert titles_in(feed) == ["形象礼仪"]


@pytest.mark.parametrize("given", [{"year": 2014}, {"code": "other"}, {"confidential": True}])
async def test_no_feed_for_an_unknown_or_confidential_programme(now: datetime, given: dict[str, Any]) -> None:
    await make_programme(await make_organisation(), **{"code": "women", **given})

    with pytest.raises(NotFoundError):
        await feeds.feed(FeedKey("programmes", "2015/women"), ORIGIN, now)


async def test_the_same_data_give_the_same_bytes_also_after_a_restart(now: datetime) -> None:
    event = await an_event()
    for number in range(5):
        await make_session(event, title=f"第{number}场", starts_at=STARTS_AT)  # all at once: the order is by id
    first = await feeds.feed(EVERYTHING, ORIGIN, now)
    await feeds.close()

    again = await feeds.feed(EVERYTHING, ORIGIN, now + timedelta(hours=3))

    assert (again.body, again.etag, again.last_modified) == (first.body, first.etag, first.last_modified)


async def test_a_change_is_seen_at_once_by_the_process_that_made_it(now: datetime) -> None:
    session = await make_session(await an_event(), title="原题", starts_at=now + timedelta(days=9))
    before = await feeds.feed(EVERYTHING, ORIGIN, now)
    seen = []

    for title in ("改一", "改二", "改三"):
        await revise(session, now, title=title)
        seen.append(titles_in(await feeds.feed(EVERYTHING, ORIGIN, now)))
    await revise(session, now, visibility="host")
    gone = await feeds.feed(EVERYTHING, ORIGIN, now + timedelta(seconds=5))

    assert titles_in(before) == ["原题"]
    assert seen == [["改一"], ["改二"], ["改三"]]
    assert titles_in(gone) == []
    assert gone.last_modified > before.last_modified
    assert gone.etag != before.etag


async def test_a_change_by_another_process_is_told_at_its_commit(
    now: datetime, dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "_ASK_AFTER_SECONDS", 3600.0)
    session = await make_session(await an_event(), title="原题")
    await feeds.feed(EVERYTHING, ORIGIN, now)
    listener = feeds._stores[ORIGIN].listener
    other = await asyncpg.connect(dsn)
    try:
        await other.execute("UPDATE events_session SET seats_taken = seats_taken + 1 WHERE id = $1", session.id)
        await _settle(dsn)
        told_by_booking = listener.told
        await other.execute(
            "UPDATE events_session SET title = '新题', revision = revision + 1 WHERE id = $1", session.id
        )
        await _settle(dsn, listener)
    finally:
        await other.close()

    assert not told_by_booking
    assert titles_in(await feeds.feed(EVERYTHING, ORIGIN, now)) == ["新题"]


def asked(statements: list[str]) -> list[str]:
    """Without what the pool sends when a connection comes back."""
    return [one for one in statements if "pg_advisory_unlock_all" not in one]


async def _settle(dsn: str, listener: Listener | None = None) -> None:
    """Wait until notifications sent so far have arrived: one sent later has."""
    arrived = asyncio.Event()
    connection = await asyncpg.connect(dsn)
    try:
        await connection.add_listener("settled", lambda *_: arrived.set())
        await connection.execute("NOTIFY settled")
        await asyncio.wait_for(arrived.wait(), 5)
        for _ in range(200):
            if listener is None or listener.told:
                break
            await asyncio.sleep(0.01)
        else:
            raise AssertionError("nothing was told")
        await asyncio.sleep(0.05)
    finally:
        await connection.close()


async def test_a_lost_connection_is_made_up_for_within_a_second(
    now: datetime, dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = await make_session(await an_event(), title="原题")
    await feeds.feed(EVERYTHING, ORIGIN, now)
    store = feeds._stores[ORIGIN]
    await store.listener.close()
    store.listener.told = False
    other = await asyncpg.connect(dsn)
    try:
        await other.execute(
            "UPDATE events_session SET title = '新题', revision = revision + 1 WHERE id = $1", session.id
        )
    finally:
        await other.close()

    monkeypatch.setattr(feeds, "_ASK_AFTER_SECONDS", 0.0)  # a second later

    assert titles_in(await feeds.feed(EVERYTHING, ORIGIN, now)) == ["新题"]


async def test_a_renamed_place_changes_the_feed_and_its_date(now: datetime) -> None:
    owner = await make_organisation()
    venue = await make_venue(owner, name="旧名")
    event = await an_event(owner)
    await make_session(event, venue=venue.id, address="")
    before = await feeds.feed(EVERYTHING, ORIGIN, now)
    async with db.atomic():
        await Venue.update({Venue.name: "新名", Venue.revision: Venue.revision + 1}).where(Venue.id == venue.id)

    later = now + timedelta(minutes=1)
    after = await feeds.feed(EVERYTHING, ORIGIN, later)

    assert "LOCATION:旧名".encode() in before.body
    assert "LOCATION:新名".encode() in after.body
    assert after.last_modified == later


@pytest.mark.parametrize("item_count", [1, 3])
async def test_an_unchanged_feed_asks_nothing_and_a_new_one_five_questions(now: datetime, item_count: int) -> None:
    event = await an_event()
    for _ in range(item_count):
        await make_session(event)
    with counted() as first:
        await feeds.feed(EVERYTHING, ORIGIN, now)
    with counted() as second:
        await feeds.feed(EVERYTHING, ORIGIN, now)

    assert (len(asked(first)), second) == (5, [])  # point, all, last change, texts, since when


async def test_a_booking_or_another_s_change_writes_no_event_again(now: datetime) -> None:
    event = await an_event()
    session = await make_session(event, starts_at=STARTS_AT)
    await make_session(event, starts_at=STARTS_AT + timedelta(days=1))
    await feeds.feed(EVERYTHING, ORIGIN, now)
    async with db.atomic():
        await Session.update({Session.seats_taken: 5}).where(Session.id == session.id)
    with counted() as after_booking:
        await feeds.feed(EVERYTHING, ORIGIN, now)
    await revise(session, now, title="新题")

    with counted() as after_change:
        await feeds.feed(EVERYTHING, ORIGIN, now)

    assert len(asked(after_booking)) == 2  # what was written, and that row
    assert len(asked(after_change)) == 3  # with its texts, and since when the feed is so


async def test_after_one_change_only_that_event_is_written_again(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = await an_event()
    made = [await make_session(event, starts_at=STARTS_AT + timedelta(days=day)) for day in range(5)]
    keys = [EVERYTHING, FeedKey("programmes", f"2015/{(await programme_of(event)).code}"), FeedKey("kinds", "讲座")]
    for key in keys:
        await feeds.feed(key, ORIGIN, now)
    written: list[Any] = []
    real = event_bytes

    def counting(facts: Any, origin: Origin) -> bytes:
        written.append(facts.id)
        return real(facts, origin)

    monkeypatch.setattr("outreach.calendars.index.event_bytes", counting)
    await revise(made[2], now, title="新题")

    seen = [titles_in(await feeds.feed(key, ORIGIN, now))[2] for key in keys]

    assert seen == ["新题"] * 3
    assert written == [made[2].id]


async def test_a_change_that_commits_after_a_later_one_is_not_missed(now: datetime, dsn: str) -> None:
    """The feed is asked for while an older transaction is still open: its rows are told when it has committed."""
    event = await an_event()
    first, second = await make_session(event, title="甲"), await make_session(event, title="乙")
    await feeds.feed(EVERYTHING, ORIGIN, now)
    other = await asyncpg.connect(dsn)
    try:
        async with other.transaction():
            await other.execute(
                "UPDATE events_session SET title = '甲改', revision = revision + 1 WHERE id = $1", first.id
            )
            await revise(second, now, title="乙改")
            during = titles_in(await feeds.feed(EVERYTHING, ORIGIN, now))
            async with db.atomic():
                await db.execute("UPDATE events_session SET seats_taken = 1 WHERE id = $1", second.id)
            await feeds.feed(EVERYTHING, ORIGIN, now)
    finally:
        await other.close()
    async with db.atomic():  # asks anew
        await db.execute("UPDATE events_session SET seats_taken = 2 WHERE id = $1", second.id)

    after = titles_in(await feeds.feed(EVERYTHING, ORIGIN, now))

    assert sorted(during) == ["乙改", "甲"]
    assert sorted(after) == ["乙改", "甲改"]


async def test_feeds_of_a_part_hold_that_part(now: datetime) -> None:
    city = await make_organisation(name="市总工会", code="SZ")
    area = await make_organisation(parent=city, name="吴中区总工会", code="WZ")
    plant = await make_organisation(parent=area, name="机械厂工会", code="JX")
    other = await make_organisation(parent=city, name="服饰工会", code="FS")
    event, own = await an_event(city), await make_event(await make_programme(area), kind="演出")
    lecturer, venue = await make_provider(city, name="沈若兰"), await make_venue(city, name="文化宫")
    await make_session(event, title="市里办的", district="姑苏区", providers=(lecturer,))
    await make_session(event, title="在厂里", host=plant.id, starts_at=STARTS_AT + timedelta(hours=1))
    await make_session(own, title="区里办的", venue=venue.id, starts_at=STARTS_AT + timedelta(hours=2))
    await make_session(event, title="在服饰", host=other.id, kind="讲座/沙龙", starts_at=STARTS_AT + timedelta(hours=3))
    everything = ["市里办的", "在厂里", "区里办的", "在服饰"]

    found = {
        (kind, value): await titles(now, FeedKey(kind, value))
        for kind, value in (
            ("organisations", "SZ"),
            ("organisations", "WZ"),
            ("organisations", "JX"),
            ("organisations", "FS"),
            ("districts", "姑苏区"),
            ("kinds", "演出"),
            ("providers", str(lecturer.id)),
            ("venues", str(venue.id)),
        )
    }

    assert list(found.values()) == [
        everything,
        ["在厂里", "区里办的"],
        ["在厂里"],
        ["在服饰"],
        ["市里办的"],
        ["区里办的"],
        ["市里办的"],
        ["区里办的"],
    ]


async def test_a_session_that_moves_to_another_part_leaves_the_one_feed_and_enters_the_other(now: datetime) -> None:
    owner = await make_organisation()
    here, there = await make_venue(owner), await make_venue(owner)
    session = await make_session(await an_event(owner), title="讲座", venue=here.id)
    keys = [FeedKey("venues", str(one.id)) for one in (here, there)]
    before = [titles_in(await feeds.feed(key, ORIGIN, now)) for key in keys]
    later = STARTS_AT + timedelta(days=2)

    await revise(session, now, venue=there.id, starts_at=later, ends_at=later + timedelta(hours=1))
    after = [titles_in(await feeds.feed(key, ORIGIN, now)) for key in keys]

    assert (before, after) == ([["讲座"], []], [[], ["讲座"]])


async def test_the_same_bytes_whether_a_feed_was_patched_or_made_anew(now: datetime) -> None:
    event = await an_event()
    made = [await make_session(event, title=f"{n}", starts_at=STARTS_AT + timedelta(hours=n)) for n in range(12)]
    await feeds.feed(EVERYTHING, ORIGIN, now)
    longer = STARTS_AT + timedelta(days=9)
    changes: list[dict[str, Any]] = [
        {"title": "新"},
        {"ends_at": longer},
        {"visibility": "host"},
        {"state": "cancelled"},
    ]
    for session, change in zip(made[::3], changes, strict=True):
        await revise(session, now, **change)
        await feeds.feed(EVERYTHING, ORIGIN, now)
    patched = await feeds.feed(EVERYTHING, ORIGIN, now)
    await feeds.close()

    anew = await feeds.feed(EVERYTHING, ORIGIN, now)

    assert patched == anew
    assert len(titles_in(anew)) == 11


@pytest.mark.parametrize(
    "key",
    [
        FeedKey("organisations", "G1"),
        FeedKey("organisations", "nobody"),
        FeedKey("districts", "无此区"),
        FeedKey("districts", ""),
        FeedKey("kinds", "无此类"),
        FeedKey("providers", "01990000-0000-7000-8000-000000000001"),
        FeedKey("venues", "01990000-0000-7000-8000-000000000001"),
    ],
)
async def test_there_is_no_feed_of_what_is_not_there_or_hidden(now: datetime, key: FeedKey) -> None:
    await make_organisation(parent=await make_organisation(), kind="guest", name="某部队", code="G1")

    with pytest.raises(NotFoundError):
        await feeds.feed(key, ORIGIN, now)


async def test_who_gives_confidential_programmes_only_has_no_feed(now: datetime) -> None:
    owner = await make_organisation()
    counsellor = await make_provider(owner)
    await make_session(await an_event(owner, confidential=True), providers=(counsellor,))

    with pytest.raises(NotFoundError):
        await feeds.feed(FeedKey("providers", str(counsellor.id)), ORIGIN, now)


async def test_a_renamed_place_revises_the_sessions_to_come(now: datetime) -> None:
    owner = await make_organisation()
    actor = await make_actor(Role.ORGANISER, owner)
    venue = await make_venue(owner, name="旧名", address="人民路1号")
    event = await an_event(owner)
    to_come = await make_session(event, venue=venue.id, address="")
    past = await make_session(event, venue=venue.id, starts_at=now - timedelta(days=3))
    draft = VenueDraft(organisation_id=owner.id, name="新名", address="人民路1号", district="吴中区")

    await change_venue(actor, now, venue_id=venue.id, draft=draft)
    await change_venue(actor, now, venue_id=venue.id, draft=replace(draft, directions="3号口"))

    feed = await feeds.feed(EVERYTHING, ORIGIN, now)
    found = {str(one["UID"])[8:44]: one for one in events_in(feed)}
    assert found[str(to_come.id)]["SEQUENCE"] == 1
    assert found[str(to_come.id)]["LAST-MODIFIED"].dt == now
    assert str(found[str(to_come.id)]["LOCATION"]) == "新名, 人民路1号"
    assert found[str(past.id)]["SEQUENCE"] == 0


async def test_the_date_of_a_feed_goes_on_after_a_restart_whatever_made_it_change(now: datetime) -> None:
    """A programme becomes confidential: no session was revised, yet readers by date must see the feed as newer."""
    event = await an_event()
    await make_session(event, revised_at=now - timedelta(hours=2))
    before = await feeds.feed(EVERYTHING, ORIGIN, now)
    later = now + timedelta(minutes=5)
    async with db.atomic():
        await db.execute("UPDATE programmes_programme SET confidential = true, revision = revision + 1")
    await feeds.close()  # another process answers

    after = await feeds.feed(EVERYTHING, ORIGIN, later)
    await feeds.close()
    again = await feeds.feed(EVERYTHING, ORIGIN, later + timedelta(minutes=5))

    assert titles_in(after) == []
    assert before.last_modified == now - timedelta(hours=2)
    assert after.last_modified == later
    assert again == after


async def test_identifiers_keep_the_host_under_which_they_were_published_first(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "_hosts", {})
    session = await make_session(await an_event())
    first = await queries.origin_of("https://gh.example.cn", "市总工会")
    second = await queries.origin_of("https://moved.example.cn:8443", "市总工会")

    uids = [str(events_in(await feeds.feed(EVERYTHING, origin, now))[0]["UID"]) for origin in (first, second)]

    assert uids == [f"session-{session.id}@gh.example.cn"] * 2
