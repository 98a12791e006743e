"""The parts of a report that are sentences: what was promised, kept, missed, corrected."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from outreach.attendance.queries import CorrectionRow
from outreach.counting.figures import CountedSession
from outreach.programmes.domain.targets import Bound, Metric, Status
from outreach.reports import wording
from outreach.reports.content.blocks import Annex, Chart, Column, Heading, Paragraph, Table, numbered
from outreach.reports.content.overall import overall
from outreach.reports.content.remarks import remarks
from outreach.reports.data import CorrectedFigure
from outreach.reports.domain.periods import Period
from outreach.reports.texts import ReportTextRow
from tests.unit.test_reports_wording import ID, LECTURES, a_programme, progress, report

YEAR_END = {"as_of": date(2015, 12, 31)}


def sentences(blocks: Any) -> list[str]:
    return [one.text for one in blocks if isinstance(one, Paragraph)]


def a_correction(number: int = 0, **given: Any) -> CorrectedFigure:
    at = datetime(2015, 9, 1, 1, tzinfo=UTC)
    session = CountedSession(
        id=ID, starts_at=datetime(2015, 5, 12, 6, tzinfo=UTC), ends_at=datetime(2015, 5, 12, 8, tzinfo=UTC),
        programme_id=ID, programme_name="心理讲座", programme_mark="", title=f"睡眠与情绪{number}", kind="", place="",
        district="", host="", visits=98, workers=None, state="closed",
    )  # fmt: skip
    row: dict[str, Any] = {
        "id": UUID(int=number), "session_id": ID, "field": "total", "on": date(2015, 5, 12), "old_value": 96,
        "new_value": 98, "reason": "漏了两位", "corrected_by_name": "", "corrected_at": at, **given,
    }  # fmt: skip
    return CorrectedFigure(session, CorrectionRow(**row))


@pytest.mark.parametrize(
    ("short", "label", "name"),
    [
        ("送文化", "场次", "送文化场次"),
        ("心理讲座", "讲座", "心理讲座讲座"),
        ("安全丛书", "安全生产丛书", "安全生产丛书"),
        ("心理健康", "《职工心理健康自助手册》", "《职工心理健康自助手册》"),
        ("", "场次", "场次"),
    ],
)
def test_a_target_is_named_with_its_programme_once(short: str, label: str, name: str) -> None:
    assert wording.target_name(short, label) == name


def test_the_year_that_is_over_is_told_in_met_exceeded_and_short() -> None:
    targets = [
        replace(LECTURES, label="场次", bound=Bound.MORE_THAN, value=150.0, actual=153, status=Status.MET),
        replace(LECTURES, label="专场", bound=Bound.MORE_THAN, value=150.0, actual=151, status=Status.MET),
        replace(LECTURES, label="讲座", actual=46, status=Status.MET),
        replace(LECTURES, label="展览", bound=Bound.MORE_THAN, value=150.0, actual=150),
    ]

    assert sentences(overall(report(progress(*targets), **YEAR_END))) == [
        "2015年共安排1个实事项目，有数字指标的1个，指标4项。截至2015年12月31日，1项超额完成，2项完成，1项未完成。",
        "心理讲座已办153场。",
        "超额完成的有：心理讲座场次（超过150场，完成153场）。",
        "没有完成的有：心理讲座展览（超过150场，完成150场）。",
    ]


def test_the_year_under_way_is_told_by_state_the_worst_named_with_its_forecast() -> None:
    targets = [
        replace(LECTURES, label="手册", metric=Metric.TALLY, unit="本", bound=Bound.AT_LEAST, value=20000.0,
                actual=21000, status=Status.MET),
        LECTURES,
        replace(LECTURES, label="课程", metric=Metric.COURSES, unit="门", bound=Bound.PLAIN, value=12.0, actual=9,
                forecast=11.6, status=Status.AT_RISK),
        replace(LECTURES, label="讲师", metric=Metric.LECTURERS, unit="名", bound=Bound.AT_LEAST, value=20.0, actual=18,
                forecast=20.0, status=Status.ON_TRACK),
    ]  # fmt: skip

    found = sentences(overall(report(progress(*targets), progress(programme=a_programme(2)), unrecorded=3)))

    assert found == [
        (
            "2015年共安排2个实事项目，有数字指标的1个，指标4项。截至2015年9月15日，1项超额完成，1项按序时，1项有风险，"
            "1项慢于序时；1个项目没有数字指标，以文字报完成情况。"
        ),
        "心理讲座已办27场，比序时少9场。",
        "超额完成的有：心理讲座手册（20,000本以上，完成21,000本）。",
        "慢于序时的有：心理讲座讲座（50场左右，完成27场，年底预计40场）。",
        "有风险的有：心理讲座课程（12门，完成9门，年底预计12门）。",
        "照现在的安排能完成的有：心理讲座讲师（年底预计20名）。",
        "另有3场已过期未登记，不计入以上各数。",
    ]


def test_a_year_in_words_only_has_no_targets_to_count() -> None:
    assert sentences(overall(report(progress()))) == [
        "2015年共安排1个实事项目，其中1个项目没有数字指标，以文字报完成情况。"
    ]


def test_a_day_that_has_not_come_is_said_and_nothing_is_called_missed() -> None:
    asked = report(progress(LECTURES), ahead=True, **YEAR_END)

    assert not asked.is_final
    assert sentences(overall(asked))[-1] == "截止日还没有到，各数只含今天以前已经登记的。"
    assert report(progress(LECTURES), **YEAR_END).is_final


@pytest.mark.parametrize(
    ("period", "as_of", "span"),
    [
        (Period(2015), date(2015, 9, 15), "2015年1月1日至9月15日"),
        (Period(2015), date(2015, 12, 31), "2015年1月1日至12月31日"),
        (Period(2015, 4, 6), date(2015, 6, 30), "2015年4月1日至6月30日"),
        (Period(2016), date(2015, 9, 15), "2016年1月1日至12月31日"),
    ],
)
def test_the_cover_says_the_days_it_tells_of(period: Period, as_of: date, span: str) -> None:
    assert wording.span_text(report(period=period, year=period.year, as_of=as_of)) == span


def test_what_is_behind_is_a_problem_and_at_the_end_all_that_was_missed() -> None:
    risky = replace(LECTURES, label="课程", status=Status.AT_RISK)

    assert wording.shortfalls(report(progress(LECTURES, risky), unrecorded=2)) == [
        "慢于序时的指标1项：心理讲座讲座（50场左右，完成27场）。",
        "2场已过期未登记，不计入各数，须尽快登记。",
    ]
    assert wording.shortfalls(report(progress(LECTURES, risky), **YEAR_END)) == [
        "未完成的指标2项：心理讲座讲座（50场左右，完成27场）；心理讲座课程（50场左右，完成27场）。"
    ]


def test_the_organisers_words_are_paragraphs_and_missing_ones_are_said_in_a_draft_only() -> None:
    written = report(progress(), text=ReportTextRow(problems="天气不好。\n讲师不够。", plans=""))

    assert sentences(remarks(written, draft=True)) == ["天气不好。", "讲师不够。", "（尚未填写。）"]
    assert sentences(remarks(written, draft=False)) == ["天气不好。", "讲师不够。", "无。"]


def test_corrections_stand_with_both_values_and_many_of_them_in_the_annex_only() -> None:
    asked = report(progress(), corrections=(a_correction(), a_correction(1, field="workers", old_value=None)))
    blocks = list(remarks(asked, draft=True))
    tables = [one for one in blocks if isinstance(one, Table)]

    assert Heading("登记以后的更正", 2) in blocks
    assert "登记以后更正过2个数，都记了原因，报告用改后的数。" in sentences(blocks)
    assert tables[0].rows == (
        ("5月12日", "睡眠与情绪0", "总人次", 96, 98, "漏了两位"),
        ("5月12日", "睡眠与情绪1", "其中职工", "未报", 98, "漏了两位"),
    )
    many = list(remarks(report(progress(), corrections=tuple(a_correction(n) for n in range(13))), draft=True))
    assert not [one for one in many if isinstance(one, Table)]
    assert "登记以后更正过13个数，原来的数、改后的数和原因见附件“更正一览表”。" in sentences(many)


def test_headings_tables_and_charts_are_numbered_through_the_annexes() -> None:
    table = Table(title="甲", columns=(Column("一"),), rows=())
    chart = Chart(title="线", sentence="一条线", picture=None)  # type: ignore[arg-type]
    body, annexes = numbered(
        [Heading("总"), Heading("分", 2), table, Heading("分", 2), chart, Heading("末"), Heading("分", 2)],
        [Annex("附", (table,)), Annex("再附", ())],
    )

    assert [one.text for one in body if isinstance(one, Heading)] == [
        "一、总", "（一）分", "（二）分", "二、末", "（一）分",
    ]  # fmt: skip
    assert [one.caption for one in body if isinstance(one, Table | Chart)] == ["表1　甲", "图1　线"]
    assert [(one.label, one.anchor) for one in annexes] == [("附件1", "annex-1"), ("附件2", "annex-2")]
    assert [one.caption for one in annexes[0].blocks if isinstance(one, Table)] == ["表2　甲"]


def test_rows_of_one_programme_stay_together_and_the_programme_names_them() -> None:
    columns = (Column("序号", kind="middle", merged=True), Column("项目", merged=True), Column("指标"))
    table = Table(title="", columns=columns, rows=(("一", "甲", "a"), ("一", "甲", "b"), ("二", "乙", "c")))

    assert [len(group) for group in table.groups()] == [2, 1]
    assert table.naming == 1
    assert Table(title="", columns=(Column("地区"), Column("场次")), rows=()).naming == 0
