"""Warnings of stored and wished sessions, and publishing with a reason why they are set aside."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from outreach.accounts.tables import Organisation
from outreach.events.commands import (
    add_absence,
    change_draft,
    publish_session,
    remove_absence,
    remove_travel_time,
    set_travel_time,
)
from outreach.events.domain.drafts import SessionGiven
from outreach.events.domain.errors import NeedsReasonError, SessionStateError
from outreach.events.domain.warnings import Absence
from outreach.events.menu import provider_by_id
from outreach.events.occupying import Wish
from outreach.events.queries import session_by_id, twin_of_year
from outreach.events.tables import Event, Provider, Session
from outreach.events.warnings import Warning, warnings_of, warnings_of_each, warnings_of_session
from outreach.events.wishes import wishes_of
from outreach.events.wording import warning_text
from outreach.programmes.tables import Holiday
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from outreach.shared.errors import ForbiddenError, InvalidError, NotFoundError
from tests.conftest import NOW
from tests.factories.accounts import make_actor, make_organisation
from tests.factories.events import STARTS_AT, make_event, make_provider, make_session
from tests.factories.programmes import make_programme
from tests.support.queries import counted

HOUR = timedelta(hours=1)


@dataclass
class Town:
    federation: Organisation
    event: Event
    organiser: Actor
    provider: Provider


@pytest.fixture
async def town(database: None) -> Town:
    federation = await make_organisation()
    return Town(
        federation,
        await make_event(await make_programme(federation), min_audience=30, max_audience=200),
        await make_actor(Role.ORGANISER, federation),
        await make_provider(federation, name="陆知微", home_district="工业园区"),
    )


async def warned(town: Town, *, provider: Provider | None = None, **given: Any) -> list[str]:
    wish = {
        "session_id": None,
        "starts_at": STARTS_AT,
        "ends_at": STARTS_AT + 1.5 * HOUR,
        "provider_ids": ((provider or town.provider).id,),
    }
    asked = {"district": "吴中区", "event_id": town.event.id}
    for name in list(given):
        if name in ("district", "audience", "site_lacks"):
            asked[name] = given.pop(name)
    return [warning_text(one) for one in await warnings_of(Wish(**{**wish, **given}), **asked)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("state", "assigned", "counts"),
    [
        ("draft", False, False),
        ("draft", True, True),
        ("published", False, True),
        ("held", False, True),
        ("closed", False, True),
        ("cancelled", False, False),
    ],
)
async def test_what_has_been_promised_counts(town: Town, state: str, assigned: bool, counts: bool) -> None:
    await set_travel_time(town.organiser, NOW, district_a="吴中区", district_b="常熟市", minutes=70)
    await make_session(
        town.event,
        providers=(town.provider,),
        state=state,
        assigned=assigned,
        starts_at=STARTS_AT - 3.5 * HOUR,
        ends_at=STARTS_AT - 1.5 * HOUR,
        district="常熟市",
    )
    expected = ["陆知微10:30—12:30在常熟，路上约70分钟，到场只早20分钟"] if counts else []
    assert await warned(town) == expected


async def test_limits_absences_hours_site_audience_and_days_off_are_weighed(town: Town) -> None:
    await Holiday(on=date(2015, 9, 24), kind="off", name="中秋节").save()
    provider = await make_provider(town.federation, name="沈若兰", max_per_week=1, available_parts=["4-morning"])
    await make_session(town.event, providers=(provider,), starts_at=STARTS_AT - timedelta(days=3))
    await add_absence(
        town.organiser, NOW, provider_id=town.provider.id, absence=Absence(date(2015, 9, 24), date(2015, 9, 26), "进修")
    )
    assert await warned(town) == ["陆知微9月24日至25日不在（进修）", "9月24日是中秋节"]
    assert await warned(town, provider=provider, audience=250, site_lacks="没有投影") == [
        "沈若兰当周已排1场，上限1场，再派就超了",
        "沈若兰可用时间里没有周四下午",
        "场地缺：没有投影",
        "人数250，多于这项活动的最多人数200",
        "9月24日是中秋节",
    ]


async def test_a_rain_date_is_weighed_too_and_ties_those_of_others(town: Town) -> None:
    day = timedelta(days=1)
    await make_session(
        town.event,
        providers=(town.provider,),
        district="常熟市",
        starts_at=STARTS_AT - 7 * day,
        ends_at=STARTS_AT - 7 * day + HOUR,
        rain_starts_at=STARTS_AT + day - 2 * HOUR,
        rain_ends_at=STARTS_AT + day - HOUR,
    )
    assert await warned(town) == []
    found = await warned(town, rain_starts_at=STARTS_AT + day, rain_ends_at=STARTS_AT + day + HOUR)
    assert found == ["陆知微12:00—13:00在常熟，路上约75分钟，中间只有60分钟"]


async def test_what_the_reader_may_not_see_has_no_place(town: Town) -> None:
    district = await make_organisation(parent=town.federation, kind="federation")
    event = await make_event(await make_programme(district))
    lecturer = await make_provider(district, max_per_day=1)
    await make_session(
        town.event, providers=(lecturer,), starts_at=STARTS_AT - 2 * HOUR, visibility="host", district="太仓市"
    )
    draft = await session_by_id((await make_session(event, providers=(lecturer,), state="draft", published_at=None)).id)
    of_district = await make_actor(Role.ORGANISER, district)
    assert [one.code for one in await warnings_of_session(draft, town.organiser)] == ["travel", "load-day"]
    hidden = await warnings_of_session(draft, of_district)
    assert [one.code for one in hidden] == ["load-day"]
    assert "太仓" not in str(hidden)


async def test_the_way_is_nothing_to_speak_of_without_a_district(town: Town) -> None:
    await make_session(town.event, providers=(town.provider,), starts_at=STARTS_AT - 1.5 * HOUR, district="常熟市")
    assert len(await warned(town)) == 1
    assert await warned(town, district="") == []


@pytest.mark.parametrize("number", [1, 3])
async def test_it_takes_the_same_statements_whoever_is_asked(town: Town, number: int) -> None:
    providers = [await make_provider(town.federation) for _number in range(number)]
    for provider in providers:
        await make_session(town.event, providers=(provider,))
    with counted() as sent:
        await warned(town, provider_ids=tuple(one.id for one in providers))
    assert len(sent) == 5


async def test_a_day_outside_the_programmes_year_is_counted_nowhere(town: Town) -> None:
    late, early = STARTS_AT.replace(year=2016, month=1, day=8), STARTS_AT.replace(year=2015, month=12, day=31)
    said = "2016年1月8日（周五）不在2015年，算不进这个项目2015年的数字。请选2016年的菜单项，或者写明理由照办"
    asked: dict[str, Any] = {"provider_ids": (), "ends_at": late + HOUR}
    assert await warned(town, starts_at=late, **asked) == [said]
    rain: dict[str, Any] = {"rain_starts_at": late, "rain_ends_at": late + HOUR}
    assert await warned(town, starts_at=early, ends_at=early + HOUR, provider_ids=(), **rain) == [said]
    draft = await make_session(town.event, state="draft", published_at=None, starts_at=late)
    stored = await wishes_of([draft.id])
    (of_many,) = await warnings_of_each([(stored[draft.id], draft.district)])
    assert [(one.code, one.severity) for one in of_many] == [("other-year", "warn")]
    with pytest.raises(NeedsReasonError) as refused:
        await publish_session(town.organiser, NOW, session_id=draft.id, strict=True)
    assert refused.value.facts == {"warnings": [{"code": "other-year", "on": "2016-01-08", "year": 2015}]}


async def test_the_same_item_of_the_other_year_is_named(town: Town) -> None:
    title, programme = town.event.title, town.event.programme
    code = await db.value("SELECT code FROM programmes_programme WHERE id = $1", programme)
    twin_programme = await make_programme(town.federation, code=code, year=2016)
    await make_event(await make_programme(await make_organisation(), code=code, year=2016), title=title)
    await make_event(twin_programme, title=title, active=False)
    assert await twin_of_year(town.organiser, town.event.id, 2016) is None
    twin = await make_event(twin_programme, title=title)
    assert await twin_of_year(town.organiser, town.event.id, 2016) == (twin.id, title, 2016)
    assert await twin_of_year(town.organiser, town.event.id, 2015) is None
    foreign = await make_actor(Role.ORGANISER, await make_organisation())
    assert await twin_of_year(foreign, town.event.id, 2016) is None


# --- publishing ------------------------------------------------------------------------------------------------------


async def tight(town: Town) -> Session:
    """A draft that its lecturer can hardly reach."""
    await make_session(town.event, providers=(town.provider,), starts_at=STARTS_AT - 2 * HOUR, district="常熟市")
    return await make_session(town.event, providers=(town.provider,), state="draft", published_at=None)


async def test_strictly_published_it_asks_for_the_reason_and_keeps_it(town: Town) -> None:
    draft = await tight(town)
    with pytest.raises(NeedsReasonError) as refused:
        await publish_session(town.organiser, NOW, session_id=draft.id, strict=True)
    assert [one["code"] for one in refused.value.facts["warnings"]] == ["travel"]
    assert (await session_by_id(draft.id)).state == "draft"
    assert await db.value("SELECT count(*) FROM events_occupation WHERE session = $1", draft.id) == 0

    reason = "  主办单位派车接送 "
    published = await publish_session(town.organiser, NOW, session_id=draft.id, strict=True, override_reason=reason)
    assert (published.state, published.override_reason) == ("published", "主办单位派车接送")
    line = await db.row("SELECT reason, facts FROM accounts_journal WHERE action = 'session.published'")
    assert line is not None
    facts = msgspec.json.decode(line["facts"])
    assert (line["reason"], [one["code"] for one in facts["warnings"]]) == ("主办单位派车接送", ["travel"])
    assert [one.code for one in await warnings_of_session(published)] == ["travel"]


async def test_a_note_asks_for_nothing(town: Town) -> None:
    await Holiday(on=date(2015, 9, 24), kind="off", name="中秋节").save()
    draft = await make_session(town.event, state="draft", published_at=None)
    published = await publish_session(town.organiser, NOW, session_id=draft.id, strict=True)
    assert (published.state, published.override_reason) == ("published", "")
    assert [one.severity for one in await warnings_of_session(published)] == ["note"]


async def test_not_strictly_published_it_only_stands_in_the_journal(town: Town) -> None:
    draft = await tight(town)
    assert (await publish_session(town.organiser, NOW, session_id=draft.id)).override_reason == ""
    facts = await db.value("SELECT facts FROM accounts_journal WHERE action = 'session.published'")
    assert [one["code"] for one in msgspec.json.decode(facts)["warnings"]] == ["travel"]


async def test_the_draft_of_an_order_is_left_to_its_order(town: Town) -> None:
    draft = await make_session(town.event, state="draft", assigned=True, published_at=None)
    given = SessionGiven(event_id=town.event.id, starts_at=STARTS_AT)
    for refused in (
        publish_session(town.organiser, NOW, session_id=draft.id),
        change_draft(town.organiser, NOW, session_id=draft.id, given=given),
    ):
        with pytest.raises(SessionStateError) as error:
            await refused
        assert error.value.facts == {"state": "assigned"}


# --- what warnings are made of ---------------------------------------------------------------------------------------


async def rows() -> list[tuple[str, str, int]]:
    found = await db.rows("SELECT district_a, district_b, minutes FROM events_travel_time ORDER BY 1, 2")
    return [(one["district_a"], one["district_b"], one["minutes"]) for one in found]


async def test_a_pair_of_districts_stands_once_whatever_it_is_called(town: Town) -> None:
    await set_travel_time(town.organiser, NOW, district_a=" 虎丘区", district_b="吴中区", minutes=40)
    await set_travel_time(town.organiser, NOW, district_a="吴中区", district_b="高新区", minutes=45)
    assert await rows() == [("吴中区", "高新区", 45)]
    await remove_travel_time(town.organiser, NOW, district_a="高新区", district_b="吴中区")
    assert await rows() == []
    with pytest.raises(NotFoundError):
        await remove_travel_time(town.organiser, NOW, district_a="高新区", district_b="吴中区")
    written = await db.rows("SELECT action, facts FROM accounts_journal ORDER BY id")
    assert [one["action"] for one in written] == ["travel-time.set", "travel-time.set", "travel-time.removed"]
    assert msgspec.json.decode(written[1]["facts"])["before"] == 40


async def test_travel_times_are_kept_by_the_root_and_administrators(town: Town) -> None:
    district = await make_organisation(parent=town.federation, kind="federation")
    for actor in (await make_actor(Role.ORGANISER, district), await make_actor(Role.CONTACT, town.federation)):
        with pytest.raises(ForbiddenError):
            await set_travel_time(actor, NOW, district_a="吴中区", district_b="常熟市", minutes=70)
        with pytest.raises(ForbiddenError):
            await remove_travel_time(actor, NOW, district_a="吴中区", district_b="常熟市")
    keeper = await make_actor(Role.ADMINISTRATOR, None)
    await set_travel_time(keeper, NOW, district_a="吴中区", district_b="吴中区", minutes=0)
    assert await rows() == [("吴中区", "吴中区", 0)]
    with pytest.raises(InvalidError) as refused:
        await set_travel_time(keeper, NOW, district_a="吴中区", district_b=" ", minutes=601)
    assert [problem.field for problem in refused.value.problems] == ["district_b", "minutes"]


async def test_absences_are_kept_by_the_provider_s_organisers(town: Town) -> None:
    id_ = town.provider.id
    week = Absence(date(2015, 10, 8), date(2015, 10, 15), "进修")
    await add_absence(town.organiser, NOW, provider_id=id_, absence=week)
    stored = await provider_by_id(town.organiser, id_)
    assert (stored.absences, stored.revision) == ((week,), 2)
    with pytest.raises(InvalidError) as refused:
        await add_absence(town.organiser, NOW, provider_id=id_, absence=Absence(week.until_on, week.until_on))
    assert [(one.field, one.code) for one in refused.value.problems] == [("until_on", "until-not-after-from")]
    stranger = await make_actor(Role.ORGANISER, await make_organisation())
    with pytest.raises(NotFoundError):
        await add_absence(stranger, NOW, provider_id=id_, absence=week)
    key = {"from_on": week.from_on, "until_on": week.until_on}
    with pytest.raises(NotFoundError):
        await remove_absence(stranger, NOW, provider_id=id_, **key)
    await remove_absence(town.organiser, NOW, provider_id=id_, **key)
    with pytest.raises(NotFoundError):
        await remove_absence(town.organiser, NOW, provider_id=id_, **key)
    assert (await provider_by_id(town.organiser, id_)).absences == ()


async def test_severity_is_of_the_code() -> None:
    assert [Warning(code, {}).severity for code in ("day-off", "travel", "audience")] == ["note", "warn", "warn"]
