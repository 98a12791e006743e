"""Sentences of a report follow from its figures."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from outreach.counting.figures import CountedSession, DistrictFigure, ProgrammeProgress, TargetProgress, YearProgress
from outreach.programmes.domain.targets import Basis, Bound, Counting, Metric, Status
from outreach.programmes.queries import ProgrammeRow
from outreach.reports import documents, wording
from outreach.reports.data import Owner, ReportData
from outreach.reports.domain.periods import Period
from outreach.reports.outcomes import outcome_sentence
from outreach.reports.sheets import report_csv

ID = UUID(int=1)
OWNER = Owner(ID, "SZ", "某市总工会", "/1/")


def a_programme(number: int = 1, name: str = "职工心理健康促进计划", short: str = "心理讲座") -> ProgrammeRow:
    return ProgrammeRow(
        id=UUID(int=number),
        organisation_id=ID,
        organisation_name=OWNER.name,
        organisation_path=OWNER.path,
        year=2015,
        position=number,
        code=f"p{number}",
        name=name,
        mark="心",
        short=short,
        department="",
        scheduled=True,
        confidential=False,
        approval_needed=False,
        audiences=(),
        kinds=("讲座",),
        forms=(),
        topics=(),
        channels=(),
        reservable_by=(),
        budget_yuan=None,
        zones=None,
        quarter_shares=(),
        account="",
        revision=1,
    )


LECTURES = TargetProgress(
    id=ID,
    key="lectures",
    programme_id=UUID(int=1),
    metric=Metric.SESSIONS,
    basis=Basis.ALL,
    label="讲座",
    wording="组织50场左右的讲座",
    unit="场",
    bound=Bound.ABOUT,
    counting=Counting.FLOW,
    value=50,
    tolerance_percent=10,
    actual=27,
    total=None,
    planned=14,
    percent=54.0,
    pace=36,
    forecast=40.3,
    forecast_low=38.9,
    forecast_high=41,
    status=Status.BEHIND,
)


def report(*programmes: ProgrammeProgress, **given: Any) -> ReportData:
    unrecorded = given.pop("unrecorded", 0)
    progress = YearProgress(
        year=2015, as_of=date(2015, 9, 15), title="", document="", programmes=programmes, unrecorded=unrecorded
    )
    return ReportData(
        **{
            "owner": OWNER,
            "year": 2015,
            "as_of": date(2015, 9, 15),
            "progress": progress,
            "period": Period(2015),
            **given,
        }
    )


def progress(*targets: TargetProgress, programme: ProgrammeRow | None = None) -> ProgrammeProgress:
    return ProgrammeProgress(
        programme=programme or a_programme(),
        year=2015,
        as_of=date(2015, 9, 15),
        unrecorded=0,
        targets=targets,
        months=(),
    )


def test_the_news_names_counts_by_state_and_what_is_behind() -> None:
    visits = replace(
        LECTURES, metric=Metric.VISITS, basis=Basis.WORKERS, unit="人次", actual=3029, status=Status.MET, label="人次"
    )

    assert wording.overall(report(progress(LECTURES, visits))) == (
        "2项指标中，1项已完成，1项慢于序时。心理讲座已办27场，参加职工3,029人次，比序时少9场。"
    )


@pytest.mark.parametrize("status", [Status.BEHIND, Status.AT_RISK, Status.ON_TRACK])
def test_a_few_days_are_not_carried_on_to_the_end_of_the_year(status: Status) -> None:
    books = replace(
        LECTURES, metric=Metric.TALLY, bound=Bound.PLAIN, label="丛书", unit="本", wording="", value=20000.0,
        actual=3500, pace=3500, forecast=1_277_500.0, forecast_low=427_000.0, forecast_high=2_128_000.0, status=status,
        too_early=True,
    )  # fmt: skip
    data = report(progress(books))
    said = [
        wording.exceptions(data, status),
        wording.foreseen(data.programmes[0], books),
        outcome_sentence("丛书", books, final=False),
        *wording.asks(data),
    ]
    assert said == [
        "心理讲座丛书（20,000本，完成3,500本，年底多少还太早）",
        "心理讲座丛书（年底多少还太早）",
        "丛书：承诺20,000本，已完成3,500本，完成率54%，与序时持平，年底能到多少还太早。",
    ]


def test_a_year_without_figures_is_told_in_words() -> None:
    assert wording.overall(report(progress())) == "共1个项目，没有数字指标，以文字报完成情况。"


@pytest.mark.parametrize(
    ("changes", "asks"),
    [
        ({}, ["心理讲座讲座年底预计40场，比指标少5场，请定是否再加排。"]),
        (
            {"bound": Bound.MORE_THAN, "value": 150.0, "forecast": 150.0, "forecast_low": 149.0},
            ["心理讲座讲座年底预计150场，比指标少1场，请定是否再加排。"],
        ),
        (
            {
                "status": Status.AT_RISK,
                "bound": Bound.MORE_THAN,
                "value": 150.0,
                "forecast": 152.2,
                "forecast_low": 148.6,
            },
            ["心理讲座讲座年底预计152场，最低149场，请留出3场以上的余量。"],
        ),
        (
            {"metric": Metric.TALLY, "bound": Bound.AT_LEAST, "value": 20000.0, "forecast": 18000.0, "unit": "本"},
            ["心理讲座讲座年底预计1.80万本，比指标少2,000本，请定怎样补上。"],
        ),
        ({"status": Status.ON_TRACK}, []),
        ({"status": Status.MET}, []),
    ],
)
def test_what_the_figures_ask_the_leaders(changes: dict[str, Any], asks: list[str]) -> None:
    assert wording.asks(report(progress(replace(LECTURES, **changes)))) == asks


def test_unrecorded_sessions_are_asked_for_last() -> None:
    assert wording.asks(report(progress(LECTURES), unrecorded=3))[-1] == "3场已过期未登记，请督促登记，登记后计入。"
    assert wording.unrecorded_note(report(progress(LECTURES), unrecorded=3)) == "另有3场已过期未登记，不计入以上各数。"
    assert wording.unrecorded_note(report(progress(LECTURES))) == ""


def test_totals_say_visits_and_workers() -> None:
    session = CountedSession(
        id=ID, starts_at=datetime(2015, 5, 12, 6, tzinfo=UTC), ends_at=datetime(2015, 5, 12, 8, tzinfo=UTC),
        programme_id=ID, programme_name="", programme_mark="", title="", kind="", place="", district="", host="",
        visits=1200, workers=None, state="held",
    )  # fmt: skip

    assert wording.totals_sentence(report(sessions=(session, replace(session, visits=None)))) == (
        "共举办各类活动2场，参加1,200人次。"
    )
    assert wording.totals_sentence(report(sessions=(replace(session, workers=900),))) == (
        "共举办各类活动1场，参加1,200人次，其中职工900人次。"
    )


def test_districts_beyond_twelve_are_put_together_and_the_sum_stays() -> None:
    names = tuple(f"第{number}区" for number in range(1, 16))
    districts = tuple(
        DistrictFigure(district=name, programme_id=UUID(int=1), programme_name="", sessions=number, visits=0, workers=0)
        for number, name in enumerate(names, 1)
    )

    shown, rows = documents.district_rows(report(progress(LECTURES), district_names=names, districts=districts))

    assert shown == [*names[3:], "其他"]
    assert rows[0].cells == (*range(4, 16), 1 + 2 + 3)
    assert rows[0].total == sum(rows[0].cells) == sum(range(1, 16))


def test_a_text_that_looks_like_a_formula_is_none_in_csv() -> None:
    programme = a_programme(name="=1+1")

    text = report_csv(report(progress(replace(LECTURES, label="@总数"), programme=programme))).decode("utf-8-sig")

    assert text.splitlines()[1].startswith("1,'=1+1,某市总工会,'@总数,组织50场左右的讲座,50场左右,场,50,27,,54,14,36")
