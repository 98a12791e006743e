"""The sentences of the desk, from figures made by hand."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from outreach.counting.drawings import bullet_data, burn_up_data, programme_lines
from outreach.counting.figures import BurnUp, Cumulative, CumulativeForecast, ProgrammeProgress, TargetProgress
from outreach.counting.news import finding, riskiest, year_news
from outreach.programmes.domain.targets import Basis, Bound, Counting, Metric, Status
from outreach.programmes.queries import ProgrammeRow

ID = UUID(int=1)

PROGRAMME = ProgrammeRow(
    id=ID, organisation_id=ID, organisation_name="某市总工会", organisation_path="/1/", year=2015, position=4,
    code="culture", name="送文化进基层", mark="文", short="送文化", department="", scheduled=True, confidential=False,
    approval_needed=False, audiences=(), kinds=("演出",), forms=(), topics=(), channels=(), reservable_by=(),
    budget_yuan=None, zones=None, quarter_shares=(), account="", revision=1,
)  # fmt: skip

SHOWS = TargetProgress(
    id=ID, key="sessions", programme_id=ID, metric=Metric.SESSIONS, basis=Basis.ALL, label="场次",
    wording="全年送文化进基层超过150场次", unit="场次", bound=Bound.MORE_THAN, counting=Counting.FLOW, value=150,
    tolerance_percent=None, actual=118, total=None, planned=36, percent=78.7, pace=121, forecast=152.2,
    forecast_low=148.6, forecast_high=154, status=Status.AT_RISK,
)  # fmt: skip


def progress(*targets: TargetProgress) -> ProgrammeProgress:
    return ProgrammeProgress(
        programme=PROGRAMME, year=2015, as_of=date(2015, 9, 15), unrecorded=0, targets=targets, months=()
    )


def test_what_the_desk_says_first() -> None:
    met = replace(SHOWS, actual=160, status=Status.MET)
    on_track = replace(SHOWS, forecast_low=151, status=Status.ON_TRACK)
    behind = replace(SHOWS, forecast=140.5, forecast_low=138, status=Status.BEHIND)
    level = replace(behind, counting=Counting.LEVEL, actual=120, forecast=120, unit="名", wording="")
    about = replace(behind, bound=Bound.ABOUT, tolerance_percent=10.0, value=160, wording="160场次左右")
    said = {
        (): "还没有带数字的指标。",
        (met,): "1项指标中，1项已完成。年初的承诺都已兑现。",
        (met, on_track): "2项指标中，1项已完成，1项按序时。照现在的安排，年初的承诺都能兑现。",
        (SHOWS, met): "2项指标中，1项已完成，1项有风险。送文化场次到年底约152场次，范围149—154，刚够“超过150场次”。",
        (behind, SHOWS): "2项指标中，1项有风险，1项慢于序时。"
        "送文化场次照现在的安排，到年底约141场次，离“超过150场次”还差11场次。",
        (level,): "1项指标中，1项慢于序时。送文化场次现有120名，离“超过150名”还差31名。",
        (about,): "1项指标中，1项慢于序时。"
        "送文化场次照现在的安排，到年底约141场次，离“160场次左右”的下限144还差4场次。",
    }
    assert {targets: year_news([progress(*targets)]) for targets in said} == said


def test_the_finding_above_a_chart() -> None:
    behind = replace(SHOWS, forecast=140.5, status=Status.BEHIND)
    assert finding(PROGRAMME, SHOWS) == "送文化场次：预计刚够，余量只有1场次"
    assert finding(PROGRAMME, replace(SHOWS, forecast=151.2)) == "送文化场次：预计刚够，没有余量"
    assert finding(PROGRAMME, behind) == "送文化场次：再排12场次，才够得着151"
    assert finding(PROGRAMME, replace(behind, metric=Metric.VISITS)) == "送文化场次：照现在的安排还差11场次"
    assert finding(PROGRAMME, replace(SHOWS, status=Status.ON_TRACK)) == "送文化场次：照现在的安排能到152场次"
    assert finding(PROGRAMME, replace(SHOWS, status=Status.MET)) == "送文化场次：“超过150场次”已经兑现"


def test_a_few_days_tell_nothing_of_the_end_of_the_year() -> None:
    books = replace(
        SHOWS, metric=Metric.TALLY, bound=Bound.PLAIN, label="丛书", unit="本", wording="", value=20000, actual=3500,
        pace=55, planned=0, forecast=1_277_500, forecast_low=427_000, forecast_high=2_128_000, status=Status.ON_TRACK,
        too_early=True,
    )  # fmt: skip
    assert year_news([progress(books)]) == "1项指标中，1项按序时。刚到年初，累计填报的年底能到多少，还太早。"
    short = replace(books, value=2_000_000, status=Status.BEHIND)
    assert year_news([progress(short)]) == "1项指标中，1项慢于序时。送文化丛书现有3,500本，年底能到多少，还太早。"
    assert finding(PROGRAMME, short) == "送文化丛书：现有3,500本，年底能到多少还太早"
    ((line,),) = [one.targets for one in programme_lines((progress(short),))]
    assert (line.forecast, line.too_early, line.bar.forecast, "预计" in line.bar.label) == (None, True, None, False)
    nothing = replace(short, actual=0, forecast=0, forecast_low=0, forecast_high=0)
    assert year_news([progress(nothing)]).endswith("送文化丛书现有0本，离“2,000,000本”还差2,000,000本。")
    met = replace(books, actual=20000, status=Status.MET)
    assert year_news([progress(met)]) == "1项指标中，1项已完成。年初的承诺都已兑现。"
    assert finding(PROGRAMME, met) == "送文化丛书：“20,000本”已经兑现"


def test_the_worst_of_each_programme_is_drawn() -> None:
    visits = replace(SHOWS, metric=Metric.VISITS, status=Status.BEHIND)
    tally = replace(SHOWS, metric=Metric.TALLY, status=Status.BEHIND)
    assert riskiest([progress(SHOWS, visits, tally)]) == [(PROGRAMME, visits)]
    assert riskiest([replace(progress(SHOWS), programme=replace(PROGRAMME, scheduled=False))]) == []


def test_a_bar_hides_pace_and_forecast_once_the_promise_is_kept() -> None:
    bar = bullet_data("送文化进基层", SHOWS)
    assert (bar.actual, bar.goal, bar.planned, bar.pace, bar.forecast, bar.low_limit) == (
        118,
        150,
        36,
        121,
        152.2,
        None,
    )
    assert bar.label == (
        "送文化进基层场次：已完成118场次，指标超过150场次，已排未办36场次，序时121场次，"
        "年底预计152.2场次，范围148.6至154，有风险。"
    )
    met = bullet_data("送文化进基层", replace(SHOWS, status=Status.MET))
    assert (met.pace, met.forecast) == (None, None)


def test_the_table_has_words_where_there_are_no_figures() -> None:
    told = replace(PROGRAMME, account="已救助120人", position=1)
    lines = programme_lines((replace(progress(), programme=told), progress(SHOWS)))
    assert [(line.number, line.words, len(line.targets), line.href) for line in lines] == [
        (1, "已救助120人", 0, f"/desk/programmes/{ID}"),
        (4, "没有数字指标，以文字报完成情况。", 1, f"/desk/programmes/{ID}"),
    ]
    assert lines[1].targets[0].wording == "超过150场次"


def test_the_curves_of_about_end_at_its_lower_limit() -> None:
    about = replace(SHOWS, bound=Bound.ABOUT, tolerance_percent=10.0, value=50, wording="组织50场左右的讲座", unit="场")
    data = burn_up_data(
        BurnUp(
            programme=PROGRAMME,
            target=about,
            year=2015,
            as_of=date(2015, 9, 15),
            actual=(Cumulative(date(2015, 9, 15), 27),),
            plan=(),
            forecast=(CumulativeForecast(date(2015, 12, 31), 38, 40, 41),),
        )
    )
    assert (data.goal, data.goal_label, data.today) == (45, "50场左右，下限45", date(2015, 9, 15))
    assert "到9月15日27场；年底预计40场，范围38至41；指标50场左右，下限45" in data.label
