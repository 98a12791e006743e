"""Dates and numbers as pages write them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.shared.i18n import use_locale
from outreach.shared.time import ZONE
from outreach.web import wording as w

TUESDAY = date(2015, 5, 12)
START = datetime(2015, 5, 12, 14, 0, tzinfo=ZONE)
END = datetime(2015, 5, 12, 15, 30, tzinfo=ZONE)


def test_days_carry_their_weekday_in_full_width_brackets() -> None:
    assert w.day_text(TUESDAY) == "2015年5月12日（周二）"
    assert w.day_short(TUESDAY) == "5月12日（周二）"
    assert w.day_plain(TUESDAY) == "5月12日"
    assert w.day_text(TUESDAY, "en") == "Tue 12 May 2015"
    assert w.day_short(TUESDAY, "en") == "Tue 12 May"
    assert w.month_text(2015, 9) == "2015年9月"
    assert w.month_text(2015, 9, "en") == "Sep 2015"


def test_moments_are_written_in_the_local_zone() -> None:
    late = datetime(2015, 5, 12, 16, 30, tzinfo=UTC)
    assert w.day_text(late) == "2015年5月13日（周三）"
    assert w.time_text(late) == "00:30"
    assert w.local_input(late) == "2015-05-13T00:30"


def test_days_and_times_stand_apart_in_english_only() -> None:
    assert w.moment_text(START) == "5月12日14:00"
    assert w.moment_text(START, "en") == "12 May 14:00"


def test_names_and_clauses_are_joined_as_the_language_does() -> None:
    assert w.joined(("甲", "乙")) == "甲、乙"
    assert w.joined(("a", "b"), "en") == "a, b"
    assert w.clauses(("讲座", "", "沈若兰")) == "讲座，沈若兰"
    assert w.clauses(("lecture", ""), "en") == "lecture"


def test_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        w.time_text(datetime(2015, 5, 12, 14, 0))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("first", "last", "zh", "en"),
    [
        (date(2015, 9, 14), date(2015, 9, 20), "9月14日至20日", "14–20 Sep"),
        (date(2015, 9, 28), date(2015, 10, 4), "9月28日至10月4日", "28 Sep–4 Oct"),
        (TUESDAY, TUESDAY, "5月12日", "12 May"),
    ],
)
def test_ranges_of_days(first: date, last: date, zh: str, en: str) -> None:
    assert w.month_day_range(first, last) == zh
    assert w.month_day_range(first, last, "en") == en


def test_times_of_one_day_and_of_several() -> None:
    assert w.time_range(START, END) == "14:00—15:30"
    assert w.time_range(START, END, "en") == "14:00–15:30"
    assert w.time_range(START, END + timedelta(days=2)) == "5月12日14:00—5月14日15:30"
    assert w.when_text(START, END) == "2015年5月12日（周二）14:00—15:30"
    assert w.when_text(START, END, year=False) == "5月12日（周二）14:00—15:30"
    assert w.when_text(START) == "2015年5月12日（周二）14:00"
    assert w.when_text(START, END, "en") == "Tue 12 May 2015 14:00–15:30"
    assert w.when_text(START, END + timedelta(days=2)) == "2015年5月12日（周二）14:00—5月14日（周四）15:30"


def test_when_html_keeps_day_and_time_whole() -> None:
    assert w.when_html(START, END) == (
        '<time datetime="2015-05-12T14:00+08:00">2015年5月12日（周二）</time><span class="nb">14:00—15:30</span>'
    )
    assert w.when_html(START, None, year=False) == (
        '<time datetime="2015-05-12T14:00+08:00">5月12日（周二）</time><span class="nb">14:00</span>'
    )
    several = w.when_html(START, END + timedelta(days=2))
    assert several.count("<time") == 2


@pytest.mark.parametrize(
    ("length", "zh", "en"),
    [
        (timedelta(days=1, hours=8), "1天8小时", "1 day 8 hours"),
        (timedelta(days=2), "2天", "2 days"),
        (timedelta(hours=8, minutes=59), "8小时", "8 hours"),
        (timedelta(minutes=25), "25分钟", "25 minutes"),
        (timedelta(seconds=59), "不到1分钟", "less than a minute"),
    ],
)
def test_duration(length: timedelta, zh: str, en: str) -> None:
    assert w.duration(length) == zh
    assert w.duration(length, "en") == en


def test_what_is_left_and_how_long_ago() -> None:
    now = datetime(2015, 9, 15, 9, 0, tzinfo=ZONE)
    assert w.left(datetime(2015, 9, 16, 17, 0, tzinfo=ZONE), now) == "还有1天8小时"
    assert w.left(date(2015, 12, 31), now) == "还有107天"
    assert w.left(date(2015, 12, 31), now, "en") == "107 days left"
    assert w.left(now.date(), now) == "就在今天"
    assert w.left(date(2015, 9, 14), now) == "已经过了"
    assert w.left(now, now) == "已经过了"
    assert w.ago(now - timedelta(days=2, hours=5), now) == "2天前"
    assert w.ago(now - timedelta(hours=3), now) == "3小时前"
    assert w.ago(now - timedelta(minutes=1), now, "en") == "1 minute ago"
    assert w.ago(now - timedelta(seconds=5), now) == "刚刚"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (999, "999"), (1000, "1,000"), (81460, "81,460"), (12.5, "12.5"), (3.0, "3"), (-1200, "-1,200")],
)
def test_thousands(value: float, text: str) -> None:
    assert w.thousands(value) == text


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [
        (0, "0", "0"),
        (152.4, "152", "152"),
        (1036, "1,040", "1,040"),
        (10520, "1.05万", "10,500"),
        (20380, "2.04万", "20,400"),
        (105058, "10.5万", "105,000"),
        (1_234_567, "123万", "1,230,000"),
    ],
)
def test_forecasts_are_rounded_to_three_digits(value: float, zh: str, en: str) -> None:
    assert w.approx(value) == zh
    assert w.approx(value, "en") == en


def test_ranges_of_forecasts_say_the_unit_once() -> None:
    assert w.approx_range(148, 154) == "148—154"
    assert w.approx_range(102574, 106300) == "10.3—10.6万"
    assert w.approx_range(20010, 20900) == "2.00—2.09万"
    assert w.approx_range(9800, 10300) == "9,800—1.03万"
    assert w.approx_range(148, 154, "en") == "148–154"


def test_percent_takes_hundredths_and_share_parts_of_one() -> None:
    assert w.percent(70.68) == "70.7%"
    assert w.percent(78.0) == "78%"
    assert w.share(0.707) == "70.7%"
    assert w.share(1) == "100%"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1, "一"),
        (8, "八"),
        (10, "十"),
        (11, "十一"),
        (20, "二十"),
        (35, "三十五"),
        (99, "九十九"),
        (0, "0"),
        (100, "100"),
    ],
)
def test_numerals(number: int, text: str) -> None:
    assert w.numeral(number) == text
    assert w.numeral(number, "en") == str(number)


@pytest.mark.parametrize(
    ("number", "text"), [(1, "一"), (2, "两"), (12, "十二"), (20, "二十"), (22, "二十二"), (100, "100")]
)
def test_two_of_something_are_written_as_one_says_them(number: int, text: str) -> None:
    assert w.counted(number) == text
    assert w.counted(number, "en") == str(number)


def test_seats() -> None:
    assert [w.seats_text(38), w.seats_text(0), w.seats_text(None)] == ["余38", "满", "不限"]
    assert w.seats_text(120, claimable=True) == "整场可领"
    assert w.seats_text(38, "en") == "38 left"


def test_progress_sentence_says_what_the_bar_shows() -> None:
    assert w.progress_sentence(
        "送文化进基层场次", 118, "场次", "超过150场次", planned=36, pace=121, forecast=(148, 152, 154), status="有风险"
    ) == (
        "送文化进基层场次：已完成118场次，指标超过150场次，已排未办36场次，序时121场次，年底预计152场次，范围148至154，有风险。"
    )
    assert w.progress_sentence("Shows", 118, "sessions", locale="en") == "Shows: 118 sessions done."
    assert w.progress_sentence("资助", 50, "%", "不低于50%") == "资助：已完成50%，指标不低于50%。"


def test_filters_speak_the_language_of_the_request() -> None:
    use_locale("en")
    try:
        assert w.FILTERS["day_short"](TUESDAY) == "Tue 12 May"
        assert w.FILTERS["day_short"](TUESDAY, locale="zh") == "5月12日（周二）"
    finally:
        use_locale("zh_CN")
    assert w.FILTERS["day_short"](TUESDAY) == "5月12日（周二）"


@given(st.integers(min_value=0, max_value=10**9))
def test_a_forecast_is_never_off_by_more_than_half_a_percent(value: int) -> None:
    text = w.approx(value)
    shown = float(text.removesuffix("万").replace(",", "")) * (10_000 if text.endswith("万") else 1)
    assert abs(shown - value) <= max(0.5, value * 0.00501)
