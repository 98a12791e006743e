"""What speaks against a session without forbidding it."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from outreach.events.domain.errors import NeedsReasonError
from outreach.events.domain.occupation import Span
from outreach.events.domain.travel import TravelTimes, travel_times_of
from outreach.events.domain.warnings import (
    Absence,
    Giver,
    Stint,
    Warning,
    day_off,
    needing_reason,
    refuse_without_reason,
    travel_trouble,
    warnings_of_giver,
    warnings_of_site,
)
from outreach.events.wording import refusal_texts, warning_text
from outreach.shared.time import ZONE

#: 70 minutes from 吴中 to 常熟, as in the pictures.
TIMES = travel_times_of([("吴中区", "常熟市", 70)])
ON = date(2015, 9, 23)  # a Wednesday


def at(hour: float, on: date = ON) -> datetime:
    return datetime.combine(on, datetime.min.time(), ZONE) + timedelta(hours=hour)


def stint(first: float, last: float, district: str = "吴中区", on: date = ON, **given: Any) -> Stint:
    return Stint(uuid4(), Span(at(first, on), at(last, on)), district, **given)


def giver(**given: Any) -> Giver:
    return Giver(uuid4(), "陆知微", **given)


def said(*stints: Stint, wanted: Stint, times: TravelTimes = TIMES, **given: Any) -> list[str]:
    return [warning_text(one) for one in warnings_of_giver(giver(**given), [wanted], stints, times)]


WANTED = stint(14, 15.5)


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (stint(10.5, 12.5, "常熟市"), ["陆知微10:30—12:30在常熟，路上约70分钟，到场只早20分钟"]),
        (stint(10.5, 13, "常熟市"), ["陆知微10:30—13:00在常熟，路上约70分钟，中间只有60分钟"]),
        (stint(10, 12, "常熟市"), []),
        (stint(16.5, 18, "常熟市"), ["陆知微16:30—18:00在常熟，路上约70分钟，中间只有60分钟"]),
        (stint(17, 18, "常熟市"), ["陆知微17:00—18:00在常熟，路上约70分钟，去那边只早20分钟"]),
        (stint(17.25, 18, "常熟市"), []),
        (stint(13, 13.5), []),
        (stint(13, 13.75), ["陆知微13:00—13:45在吴中，路上约20分钟，中间只有15分钟"]),
        (stint(13, 13.75, address="木渎镇"), ["陆知微13:00—13:45在吴中，路上约20分钟，中间只有15分钟"]),
        (stint(10.5, 13.9, ""), []),
        (stint(10, 12, "常熟市", takedown_minutes=30), ["陆知微10:00—12:00在常熟，路上约70分钟，到场只早20分钟"]),
        (
            stint(10, 12.5, "常熟市", takedown_minutes=30),
            ["陆知微10:00—12:30在常熟，路上和布置撤场要100分钟，中间只有90分钟"],
        ),
        (stint(10.5, 14.5, "常熟市"), []),  # a clash, not a warning
        (stint(10.5, 13, "常熟市", on=ON - timedelta(days=1)), []),
    ],
)
def test_too_little_time_on_the_way_is_named(other: Stint, words: list[str]) -> None:
    assert said(other, wanted=WANTED) == words


def test_both_neighbours_are_named_and_set_up_counts_on_both_sides() -> None:
    wanted = stint(14, 15.5, setup_minutes=60, takedown_minutes=60)
    around = [stint(16.75, 18), stint(12, 13.25)]
    assert [one.facts["is_before"] for one in travel_trouble(giver(), wanted, around, TIMES)] == [True, False]
    assert travel_trouble(giver(), stint(14, 15.5), around, TIMES) == []


def test_in_one_and_the_same_place_nobody_travels() -> None:
    hall: dict[str, Any] = {"address": "木渎镇职工活动中心"}
    assert said(stint(12.5, 14, **hall), wanted=stint(14, 15.5, **hall)) == []


def test_a_troupe_sends_its_other_team() -> None:
    far = [stint(10.5, 13, "常熟市"), stint(11, 13.5, "常熟市")]
    assert said(far[0], wanted=WANTED, parallel_teams=2) == []
    assert len(said(*far, wanted=WANTED, parallel_teams=2)) == 2
    assert said(*far, wanted=WANTED, parallel_teams=3) == []
    # One team can do both, one after the other.
    assert said(far[0], stint(16, 17, "常熟市"), wanted=WANTED, parallel_teams=2) == []


def test_loads_are_counted_by_day_iso_week_and_month() -> None:
    monday, sunday, first = date(2015, 9, 21), date(2015, 9, 27), date(2015, 9, 1)
    taken = [stint(8, 9, on=monday), stint(8, 9, on=sunday), stint(8, 9, on=first), stint(19, 20)]
    limits: dict[str, Any] = {"max_per_day": 1, "max_per_week": 3, "max_per_month": 4}
    assert said(*taken, wanted=WANTED, **limits) == [
        "陆知微当天已排1场，上限1场，再派就超了",
        "陆知微当周已排3场，上限3场，再派就超了",
        "陆知微当月已排4场，上限4场，再派就超了",
    ]
    assert said(*taken, wanted=WANTED, max_per_day=2, max_per_week=4, max_per_month=5) == []
    beyond = [stint(8, 9, on=monday - timedelta(days=1)), stint(8, 9, on=date(2015, 10, 1))]
    assert said(*beyond, wanted=WANTED, max_per_week=1) == []
    assert said(stint(8, 9, counts=False), wanted=WANTED, max_per_day=1) == []


def test_a_rain_date_counts_for_its_day_only() -> None:
    rain = stint(14, 15.5, on=ON + timedelta(days=1), counts=False)
    taken = [stint(8, 9, on=ON + timedelta(days=1))]
    warnings = warnings_of_giver(giver(max_per_day=1, max_per_week=2), [WANTED, rain], taken, TIMES)
    assert [one.code for one in warnings] == ["load-day"]


def test_absence_and_hours_that_were_not_offered() -> None:
    away = Absence(ON - timedelta(days=2), ON + timedelta(days=1), "进修")
    assert said(wanted=WANTED, absences=(away,)) == ["陆知微9月21日至23日不在（进修）"]
    assert said(wanted=WANTED, absences=(Absence(ON, ON + timedelta(days=1)),)) == ["陆知微9月23日不在"]
    assert said(wanted=WANTED, absences=(Absence(ON - timedelta(days=2), ON),)) == []
    assert said(wanted=WANTED, available_parts=("2-afternoon", "3-morning")) == ["陆知微可用时间里没有周三下午"]
    assert said(wanted=WANTED, available_parts=("3-afternoon",)) == []


@pytest.mark.parametrize(
    ("on", "words"),
    [
        (date(2015, 9, 23), None),
        (date(2015, 9, 26), None),  # a Saturday that is worked
        (date(2015, 9, 20), "9月20日（周日）是休息日"),
        (date(2015, 10, 1), "10月1日是国庆节"),
        (date(2015, 9, 27), "9月27日是中秋节"),
    ],
)
def test_a_day_off_is_a_note(on: date, words: str | None) -> None:
    named = {
        date(2015, 9, 26): ("work", ""),
        date(2015, 9, 27): ("off", "中秋节"),
        date(2015, 10, 1): ("off", "国庆节"),
    }
    found = day_off(on, named)
    assert (warning_text(found) if found else None) == words
    assert found is None or needing_reason([found]) == []


def test_the_site_and_the_audience_are_held_against_the_menu() -> None:
    found = warnings_of_site(audience=250, least=30, most=200, site_lacks=" 没有投影 ")
    assert [warning_text(one) for one in found] == ["场地缺：没有投影", "人数250，多于这项活动的最多人数200"]
    few = warnings_of_site(audience=29, least=30, most=None)
    assert [warning_text(one) for one in few] == ["人数29，少于这项活动的最少人数30"]
    assert warnings_of_site(audience=30, least=30, most=30) == []
    assert warnings_of_site(audience=None, least=30, most=30) == []


def test_warnings_ask_for_a_reason_and_notes_do_not() -> None:
    warn, note = (
        Warning("site-unmet", {"lacks": "没有投影"}),
        Warning("day-off", {"on": "2015-10-01", "name": "国庆节"}),
    )
    refuse_without_reason([note], "")
    refuse_without_reason([warn], "现场带投影去")
    with pytest.raises(NeedsReasonError) as refused:
        refuse_without_reason([note, warn], "  ")
    assert refused.value.facts == {"warnings": [{"code": "site-unmet", "lacks": "没有投影"}]}
    assert refusal_texts(refused.value) == ["场地缺：没有投影"]
