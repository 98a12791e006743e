"""What to do about a figure that may fall short, in words."""

from dataclasses import replace
from datetime import date

import pytest

from outreach.counting.advice import OpenCapacity, advice, months_left
from outreach.programmes.domain.targets import Bound, Counting, Metric, Status
from outreach.shared.i18n import current_locale
from tests.unit.test_counting_news import SHOWS

DAY = date(2015, 9, 30)
BEHIND = replace(SHOWS, status=Status.BEHIND, planned=0, actual=40, value=50, bound=Bound.AT_LEAST, unit="场")


@pytest.mark.parametrize(
    ("day", "months"),
    [
        (date(2014, 12, 31), 12), (date(2015, 1, 1), 12), (date(2015, 1, 16), 11), (date(2015, 1, 15), 12),
        (date(2015, 2, 14), 11), (date(2015, 2, 15), 10), (date(2015, 9, 15), 4), (date(2015, 9, 16), 3),
        (date(2015, 9, 30), 3), (date(2015, 12, 15), 1), (date(2015, 12, 16), 0), (date(2015, 12, 31), 0),
        (date(2016, 1, 1), 0),
    ],
)  # fmt: skip
def test_a_month_counts_while_half_of_it_lies_ahead(day: date, months: int) -> None:
    assert months_left(2015, day) == months


def test_what_is_missing_and_how_much_that_is_a_month() -> None:
    said = {
        # 超过150 needs 151, 33 more than 118: 11 in each of three months
        SHOWS: "还差33场次，已排36场次，今年还有3个月，每月要办11场次。",
        BEHIND: "还差10场，今年还有3个月，每月要办4场。",
        replace(BEHIND, bound=Bound.ABOUT, tolerance_percent=10.0): "离下限45还差5场，今年还有3个月，每月要办2场。",
        replace(BEHIND, metric=Metric.VISITS, unit="人次", value=100_000, actual=81_460): (
            "还差18,540人次，今年还有3个月，每月要有6,180人次。"
        ),
        replace(BEHIND, metric=Metric.COURSES, unit="门", actual=48): "还差2门，今年还有3个月，每月要办1门。",
        replace(BEHIND, metric=Metric.TALLY, counting=Counting.LEVEL, unit="名"): "还差10名。",
        replace(BEHIND, metric=Metric.LECTURERS, unit="名"): "还差10名。",
        replace(BEHIND, status=Status.ON_TRACK): "",
        replace(BEHIND, status=Status.MET): "",
    }
    assert {target: advice(target, 2015, DAY) for target in said} == said
    assert advice(BEHIND, 2015, date(2015, 12, 20)) == "还差10场，今年只剩11天。"
    assert advice(BEHIND, 2015, date(2015, 12, 31)) == ""


def test_published_capacity_that_nobody_took() -> None:
    open_ = OpenCapacity(sessions=3, seats=120, unclaimed=2)
    visits = replace(BEHIND, metric=Metric.VISITS, unit="人次")
    tally = replace(BEHIND, metric=Metric.TALLY, unit="本")
    last = date(2015, 12, 20)
    assert advice(BEHIND, 2015, last, open_).endswith("天。已发布的场次里，2场可领走的还没有单位领。")
    assert advice(visits, 2015, last, open_).endswith("。已发布的场次里，2场可领走的还没有单位领，3场还空着120个名额。")
    assert advice(visits, 2015, last, replace(open_, unclaimed=0)).endswith("。已发布的场次里，3场还空着120个名额。")
    assert advice(BEHIND, 2015, last, replace(open_, unclaimed=0)) == "还差10场，今年只剩11天。"
    assert advice(tally, 2015, last, open_) == "还差10本，今年只剩11天。"


def test_sentences_are_apart_in_english() -> None:
    token = current_locale.set("en")
    try:
        assert "  " not in advice(BEHIND, 2015, DAY, OpenCapacity(unclaimed=2))
    finally:
        current_locale.reset(token)
