"""Months and quarters that a report can be of."""

from datetime import date

import pytest

from outreach.reports.domain.periods import Period, period_asked
from outreach.shared.errors import InvalidError


@pytest.mark.parametrize(
    ("text", "since", "until", "name", "code"),
    [
        (None, date(2016, 1, 1), date(2016, 12, 31), "", "2016"),
        ("", date(2016, 1, 1), date(2016, 12, 31), "", "2016"),
        ("2016", date(2016, 1, 1), date(2016, 12, 31), "", "2016"),
        ("2016-02", date(2016, 2, 1), date(2016, 2, 29), "2月", "2016-02"),
        ("2016-12", date(2016, 12, 1), date(2016, 12, 31), "12月", "2016-12"),
        ("2016-Q1", date(2016, 1, 1), date(2016, 3, 31), "第一季度", "2016-Q1"),
        ("2016-Q4", date(2016, 10, 1), date(2016, 12, 31), "第四季度", "2016-Q4"),
    ],
)
def test_a_period_knows_its_days_and_its_name(text: str | None, since: date, until: date, name: str, code: str) -> None:
    period = period_asked(2016, text)

    assert (period.since_on, period.until_on, period.name, period.code) == (since, until, name, code)
    assert period_asked(2016, period.code) == period


@pytest.mark.parametrize(
    "text", ["2016-00", "2016-13", "2016-9", "2016-Q0", "2016-Q5", "2015-09", "Q3", "2016-09-01", "x"]
)
def test_anything_else_is_refused_by_name(text: str) -> None:
    with pytest.raises(InvalidError) as refused:
        period_asked(2016, text)

    assert [(one.field, one.code) for one in refused.value.problems] == [("period", "not-a-period")]


def test_a_month_is_cut_no_later_than_its_end_and_a_year_where_it_is_asked() -> None:
    assert Period(2015, 8, 8).cut(date(2015, 9, 15)) == date(2015, 8, 31)
    assert Period(2015, 9, 9).cut(date(2015, 9, 15)) == date(2015, 9, 15)
    assert Period(2015).cut(date(2016, 2, 1)) == date(2016, 2, 1)
    assert Period(2015, 7, 9).before_on == date(2015, 6, 30)
