"""Ranking providers for a time and place, and free times of the menu, with few statements whatever there is."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from outreach.accounts.tables import Organisation
from outreach.events.domain.parts import DayPart
from outreach.events.domain.ratings import Rating
from outreach.events.fitting import Fit, FreeWindow, fitting_providers, next_windows
from outreach.events.tables import Event, EventProvider, Provider, TravelTime
from outreach.events.wording import reason_text
from outreach.programmes.tables import Programme
from outreach.shared.actors import Role
from outreach.shared.time import ZONE
from tests.conftest import NOW
from tests.factories.accounts import make_actor, make_organisation
from tests.factories.events import STARTS_AT, make_event, make_provider, make_session
from tests.factories.programmes import make_programme
from tests.support.queries import counted

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass
class Town:
    federation: Organisation
    programme: Programme
    event: Event


@pytest.fixture
async def town(database: None) -> Town:
    federation = await make_organisation()
    programme = await make_programme(federation)
    return Town(federation, programme, await make_event(programme, topic="心理", title="一线班组长的情绪急救"))


async def lecturer(town: Town, name: str, *, listed: bool = True, **given: Any) -> Provider:
    made = await make_provider(given.pop("organisation", town.federation), name=name, **given)
    if listed:
        await EventProvider(event=town.event.id, provider=made.id).save()
    return made


async def fits(town: Town, **given: Any) -> list[Fit]:
    return await fitting_providers(
        town.event.id,
        **{
            "starts_at": STARTS_AT,
            "ends_at": STARTS_AT + 1.5 * HOUR,
            "district": "吴中区",
            "now": NOW,
            **given,
        },
    )


async def test_they_come_ranked_with_reasons(town: Town) -> None:
    await TravelTime(district_a="吴中区", district_b="常熟市", minutes=70).save()
    shen = await lecturer(town, "沈若兰", home_district="吴中区", max_per_month=6, phone="13800000000", title="咨询师")
    lu = await lecturer(town, "陆知微", home_district="工业园区")
    he = await lecturer(town, "何清越", home_district="相城区")
    earlier = await make_event(
        await make_programme(town.federation, year=2014), topic="心理", title="一线班组长的情绪急救"
    )
    for number in range(3):
        await make_session(earlier, providers=(shen,), state="closed", starts_at=NOW - (200 + number) * DAY)
    await make_session(town.event, providers=(shen,), state="held", starts_at=NOW - 2 * DAY)
    await make_session(town.event, providers=(shen,), state="cancelled", starts_at=STARTS_AT)
    await make_session(
        town.event,
        providers=(lu,),
        title="别处的讲座",
        starts_at=STARTS_AT - 3.5 * HOUR,
        ends_at=STARTS_AT - 1.5 * HOUR,
        district="常熟市",
    )
    draft = await make_session(
        town.event, providers=(he,), state="draft", assigned=True, starts_at=STARTS_AT - HOUR / 2, district="太仓市"
    )

    found = await fits(town, ratings={shen.id: Rating(4.8, 6, 4.5)})
    assert [(one.name, one.level) for one in found] == [("沈若兰", "fits"), ("陆知微", "warn"), ("何清越", "block")]
    first, second, third = found
    assert [reason_text(reason) for reason in first.reasons] == [
        "讲过这个题目4次，评价4.8（6个单位评）",
        "家在吴中区，路上约20分钟",
        "当天没有别的场次",
    ]
    assert (first.month_sessions, first.max_per_month, first.given_before, first.rating, first.travel_minutes) == (
        1,
        6,
        4,
        4.8,
        20,
    )
    assert (first.kind, first.title, first.phone, first.home_district, first.busy) == (
        "lecturer",
        "咨询师",
        "13800000000",
        "吴中区",
        (),
    )
    assert [reason_text(reason) for reason in second.reasons] == [
        "题目相符，还没讲过",
        "10:30—12:30在常熟，路上约70分钟，到场只早20分钟",
    ]
    assert [(busy.title, busy.district) for busy in second.busy] == [("别处的讲座", "常熟市")]
    assert [reason_text(reason) for reason in third.reasons][1:] == ["13:30—15:00在太仓有场次，时间重叠，不能派"]
    # Assigned anew, an order's own draft is not in the way.
    again = await fits(town, but_session=draft.id)
    assert {one.name: one.level for one in again}["何清越"] == "fits"


async def test_those_of_the_topic_below_the_owner_come_behind_and_retired_ones_not_at_all(town: Town) -> None:
    district = await make_organisation(parent=town.federation, kind="federation")
    await lecturer(town, "题目相同", listed=False, organisation=district, topics=["心理"], home_district="吴中区")
    await lecturer(town, "别的题目", listed=False, topics=["法律"])
    await lecturer(town, "别的城市", listed=False, organisation=await make_organisation(), topics=["心理"])
    await lecturer(town, "不再安排", active=False)
    await lecturer(town, "点了名的", home_district="张家港市")
    assert [one.name for one in await fits(town)] == ["点了名的", "题目相同"]


async def test_what_the_asker_may_not_see_is_only_a_time(town: Town) -> None:
    district = await make_organisation(parent=town.federation, kind="federation")
    busy = await lecturer(town, "甲老师")
    await make_session(town.event, providers=(busy,), title="营区慰问", visibility="host", district="太仓市")
    (seen,) = await fits(town, actor=await make_actor(Role.ORGANISER, town.federation))
    (hidden,) = await fits(town, actor=await make_actor(Role.ORGANISER, district))
    assert [(one.title, one.district) for one in (*seen.busy, *hidden.busy)] == [("营区慰问", "太仓市"), ("", "")]
    assert reason_text(hidden.reasons[-1]) == "14:00—15:30有场次，时间重叠，不能派"


@pytest.mark.parametrize("number", [3, 30])
async def test_ranking_takes_four_statements_for_any_number_of_providers(town: Town, number: int) -> None:
    for at in range(number):
        one = await lecturer(town, f"讲师{at}", topics=["心理"])
        await make_session(town.event, providers=(one,), starts_at=STARTS_AT + at * DAY)
    with counted() as sent:
        assert len(await fits(town)) == number
    assert len(sent) == 4


async def test_free_times_begin_after_the_lead_and_leave_out_days_off(town: Town) -> None:
    giver = await lecturer(town, "甲老师", available_parts=["5-afternoon", "1-morning", "6-evening"])
    await make_session(town.event, providers=(giver,), starts_at=datetime(2015, 9, 21, 9, tzinfo=ZONE))
    nobody = await make_event(town.programme, title="没有人讲的")
    late = await make_event(town.programme, title="要早说的", lead_days=13)
    await EventProvider(event=late.id, provider=giver.id).save()

    found = await next_windows([town.event.id, nobody.id, late.id], NOW, most=3)
    assert found == {
        town.event.id: [
            FreeWindow(date(2015, 9, 18), DayPart.AFTERNOON, 1),
            FreeWindow(date(2015, 9, 19), DayPart.EVENING, 1),
            FreeWindow(date(2015, 9, 25), DayPart.AFTERNOON, 1),
        ],
        nobody.id: [],
        late.id: [
            FreeWindow(date(2015, 9, 28), DayPart.MORNING, 1),
            FreeWindow(date(2015, 10, 2), DayPart.AFTERNOON, 1),
            FreeWindow(date(2015, 10, 3), DayPart.EVENING, 1),
        ],
    }
    assert await next_windows([], NOW) == {}


@pytest.mark.parametrize("number", [1, 5])
async def test_free_times_take_four_statements_for_any_number_of_events(town: Town, number: int) -> None:
    giver = await lecturer(town, "甲老师")
    events = [town.event.id]
    for _at in range(number - 1):
        event = await make_event(town.programme)
        await EventProvider(event=event.id, provider=giver.id).save()
        events.append(event.id)
    with counted() as sent:
        assert {len(one) for one in (await next_windows(events, NOW)).values()} == {6}
    assert len(sent) == 4
