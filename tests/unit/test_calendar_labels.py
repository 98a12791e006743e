"""Days of the lunar calendar, festivals and campaigns, and how a month writes them."""

from datetime import date, timedelta

import pytest
from chinese_calendar import constants
from hypothesis import given
from hypothesis import strategies as st

from outreach.events.month import weeks_of
from outreach.programmes.domain.labels import (
    MOST_DAYS,
    SHIPPED,
    Label,
    LabelKind,
    label_problems,
    labels_of_day,
    shipped_labels,
)
from outreach.programmes.domain.lunar import FIRST_FESTIVAL, LAST_FESTIVAL, lunar_day, spring_festival
from outreach.programmes.holidays import Holiday
from outreach.programmes.labels import campaigns_text
from outreach.shared.ids import new_id

#: New years of 2000 to 2050 as cnlunar, borax and lunardate agree on them, ten a line.
NEW_YEARS = """
    0205 0124 0212 0201 0122 0209 0129 0218 0207 0126
    0214 0203 0123 0210 0131 0219 0208 0128 0216 0205
    0125 0212 0201 0122 0210 0129 0217 0206 0126 0213
    0203 0123 0211 0131 0219 0208 0128 0215 0204 0124
    0212 0201 0122 0210 0130 0217 0206 0126 0214 0202
    0123
"""


def named(year: int) -> dict[str, tuple[date, date]]:
    return {one.name: (one.from_on, one.last_on) for one in shipped_labels([year])}


def test_new_years_are_those_of_the_published_calendars() -> None:
    found = [spring_festival(year) for year in range(FIRST_FESTIVAL, LAST_FESTIVAL + 1)]
    assert [f"{one:%m%d}" for one in found if one] == NEW_YEARS.split()


@pytest.mark.parametrize(("name", "month", "day"), [("Dragon Boat Festival", 5, 5), ("Mid-autumn Festival", 8, 15)])
def test_lunar_festivals_lie_on_the_days_off_that_were_given_for_them(name: str, month: int, day: int) -> None:
    """Every official list since 2008; in 2012 the first lay on a Saturday and in 2020 the second on National Day."""
    for year in range(2008, max(constants.holidays).year + 1):
        on = lunar_day(year, month, day)
        assert on is not None
        assert constants.holidays.get(on) in (name, "National Day") or on.weekday() >= 5, on


@pytest.mark.parametrize(
    ("year", "month", "day", "expected"),
    [
        (2015, 1, 15, date(2015, 3, 5)),  # 元宵
        (2015, 7, 7, date(2015, 8, 20)),  # 七夕
        (2014, 9, 9, date(2014, 10, 2)),  # 重阳, the year's leap month is its ninth
        (2033, 11, 1, date(2033, 11, 22)),  # the year whose leap month lies after the eleventh
        (2020, 5, 5, date(2020, 6, 25)),  # after a leap fourth month
        (2026, 12, 8, date(2027, 1, 15)),  # 腊八
    ],
)
def test_known_lunar_days(year: int, month: int, day: int, expected: date) -> None:
    assert lunar_day(year, month, day) == expected


def test_beyond_the_table_nothing_is_made_up() -> None:
    assert (lunar_day(1999, 1, 1), lunar_day(2051, 5, 5)) == (None, None)
    assert "端午节" not in named(2051)
    assert "国庆节" in named(2051)
    assert "送温暖" not in named(2050)  # its end would lie in 2051


@given(st.integers(FIRST_FESTIVAL, LAST_FESTIVAL), st.integers(1, 12), st.integers(1, 29))
def test_lunar_days_go_up_within_a_year(year: int, month: int, day: int) -> None:
    on, first = lunar_day(year, month, day), spring_festival(year)
    assert on is not None
    assert first is not None
    assert timedelta() <= on - first < timedelta(days=385)
    if month < 12:
        following = lunar_day(year, month + 1, day)
        assert following is not None
        assert timedelta(days=29) <= following - on <= timedelta(days=60)


def test_festivals_and_campaigns_of_a_year() -> None:
    found = named(2015)
    assert found["除夕"] == (date(2015, 2, 18), date(2015, 2, 18))
    assert found["春节"] == (date(2015, 2, 19), date(2015, 2, 19))
    assert found["端午节"] == (date(2015, 6, 20), date(2015, 6, 20))
    assert found["中秋节"] == (date(2015, 9, 27), date(2015, 9, 27))
    assert found["重阳节"] == (date(2015, 10, 21), date(2015, 10, 21))
    assert found["三八国际妇女节"] == (date(2015, 3, 8), date(2015, 3, 8))
    assert found["五一国际劳动节"] == (date(2015, 5, 1), date(2015, 5, 1))
    assert found["安全生产月"] == (date(2015, 6, 1), date(2015, 6, 30))
    assert found["职业病防治法宣传周"] == (date(2015, 4, 25), date(2015, 5, 1))
    assert found["送温暖"] == (date(2015, 12, 22), date(2016, 2, 7))  # the eve of the Spring Festival of 2016
    assert {"夏送清凉", "金秋助学"} < set(found)
    assert len(SHIPPED) == len(found)


@given(st.integers(2000, 2100))
def test_shipped_labels_begin_in_their_year_and_are_in_order(year: int) -> None:
    labels = shipped_labels([year])
    assert all(one.from_on.year == year and not label_problems(one.from_on, one.last_on) for one in labels)
    assert [one.from_on for one in labels] == sorted(one.from_on for one in labels)


def test_a_public_holiday_is_not_said_twice() -> None:
    labels = shipped_labels([2015])
    assert labels_of_day(date(2015, 5, 1), labels, kind=LabelKind.FESTIVAL) == ["五一国际劳动节"]
    assert labels_of_day(date(2015, 5, 1), labels, kind=LabelKind.FESTIVAL, day_off="劳动节") == []
    assert labels_of_day(date(2015, 5, 1), labels, kind=LabelKind.CAMPAIGN) == ["职业病防治法宣传周"]


def test_days_of_a_label() -> None:
    on = date(2015, 9, 15)
    assert label_problems(on, on) == []
    assert label_problems(on, on + timedelta(days=MOST_DAYS - 1)) == []
    for last, code in (
        (on - timedelta(days=1), "last-before-first"),
        (on + timedelta(days=MOST_DAYS), "label-too-long"),
        (date(1066, 10, 14), "year-out-of-range"),
    ):
        assert [(one.field, one.code) for one in label_problems(on, last)] == [("last_on", code)]


def test_the_month_writes_festivals_beside_holidays() -> None:
    holidays = {date(2015, 9, 27): Holiday(new_id(), date(2015, 9, 27), "off", "中秋节")}
    own = Label("", 2015, LabelKind.FESTIVAL, "厂庆", date(2015, 9, 27), date(2015, 9, 28))
    weeks = weeks_of(2015, 9, date(2015, 9, 15), holidays, [], [*shipped_labels([2015]), own])
    days = {day.on: day for week in weeks for day in week}
    assert (days[date(2015, 9, 10)].names, days[date(2015, 9, 10)].classes) == ("教师节", "past")
    assert days[date(2015, 9, 27)].names == "中秋节、厂庆"
    assert days[date(2015, 9, 28)].names == "厂庆"
    assert (days[date(2015, 10, 1)].names, days[date(2015, 10, 1)].classes) == ("国庆节", "out none")
    assert days[date(2015, 9, 16)].names == ""


def test_campaigns_in_words() -> None:
    assert [one for one in campaigns_text(shipped_labels([2015])) if one.startswith(("送温暖", "安全"))] == [
        "安全生产月（6月1日至30日）",
        "送温暖（12月22日至2月7日）",
    ]
