"""Whether a promise was kept is said in the right words, on every bound, before and at the end of the year."""

from dataclasses import replace
from typing import Any

import pytest

from outreach.programmes.domain.targets import Bound, Counting, Metric, Status
from outreach.reports.outcomes import outcome_sentence, outcome_word, surplus
from tests.unit.test_reports_wording import LECTURES


def target(**changes: Any) -> Any:
    return replace(LECTURES, **{"wording": "", **changes})


@pytest.mark.parametrize(
    ("bound", "value", "actual", "more"),
    [
        (Bound.MORE_THAN, 150, 150, 0),
        (Bound.MORE_THAN, 150, 151, 0),
        (Bound.MORE_THAN, 150, 153, 2),
        (Bound.AT_LEAST, 50, 49, 0),
        (Bound.AT_LEAST, 50, 50, 0),
        (Bound.AT_LEAST, 50, 53, 3),
        (Bound.PLAIN, 60, 60, 0),
        (Bound.PLAIN, 60, 61, 1),
        (Bound.ABOUT, 50, 44, 0),
        (Bound.ABOUT, 50, 45, 0),
        (Bound.ABOUT, 50, 55, 0),
        (Bound.ABOUT, 50, 56, 1),
    ],
)
def test_what_is_more_than_was_promised(bound: Bound, value: float, actual: float, more: float) -> None:
    assert surplus(target(bound=bound, value=value, actual=actual)) == more


@pytest.mark.parametrize(
    ("changes", "final", "word", "sentence"),
    [
        (
            {"bound": Bound.MORE_THAN, "value": 150.0, "actual": 153, "percent": 102.0, "status": Status.MET},
            True,
            "超额完成",
            "场次：承诺超过150场，实际完成153场，完成率102%，超额完成2场。",
        ),
        (
            {"bound": Bound.MORE_THAN, "value": 150.0, "actual": 151, "percent": 100.7, "status": Status.MET},
            True,
            "完成",
            "场次：承诺超过150场，实际完成151场，完成率100.7%，完成指标。",
        ),
        (
            {"bound": Bound.MORE_THAN, "value": 150.0, "actual": 150, "percent": 100.0},
            True,
            "未完成",
            "场次：承诺超过150场，实际完成150场，完成率100%，未完成指标，差1场。",
        ),
        (
            {"actual": 52, "percent": 104.0, "status": Status.MET},
            True,
            "完成",
            "场次：承诺50场左右，实际完成52场，完成率104%，在“左右”的上下限45—55场之内，完成指标。",
        ),
        (
            {"actual": 57, "percent": 114.0, "status": Status.MET},
            True,
            "超额完成",
            "场次：承诺50场左右，实际完成57场，完成率114%，超过“左右”的上限55场，超额完成2场。",
        ),
        (
            {},
            False,
            "慢于序时",
            "场次：承诺50场左右，已完成27场，完成率54%，比序时少9场，年底预计40场（范围39—41），预计比指标少5场。",
        ),
        (
            {"pace": 25.0, "forecast": 48.0, "forecast_low": 46.0, "forecast_high": 50.0, "status": Status.ON_TRACK},
            False,
            "按序时",
            "场次：承诺50场左右，已完成27场，完成率54%，比序时多2场，年底预计48场（范围46—50），预计能完成指标。",
        ),
        (
            {"pace": 27.0, "forecast": 46.0, "forecast_low": 44.0, "forecast_high": 48.0, "status": Status.AT_RISK},
            False,
            "有风险",
            "场次：承诺50场左右，已完成27场，完成率54%，与序时持平，年底预计46场（范围44—48），预计刚够，有风险。",
        ),
        (
            {"metric": Metric.TALLY, "counting": Counting.LEVEL, "unit": "人", "bound": Bound.AT_LEAST, "value": 60.0,
             "actual": 47, "percent": 78.3},
            False,
            "慢于序时",
            "场次：承诺60人以上，现为47人，完成率78.3%，离指标还差13人。",
        ),
        (
            {"unit": "%", "metric": Metric.TALLY, "counting": Counting.LEVEL, "bound": Bound.AT_LEAST, "value": 50.0,
             "actual": 48.5, "percent": 97.0},
            True,
            "未完成",
            "场次：承诺50%以上，达到48.5%，完成率97%，未完成指标，差1.5%。",
        ),
        (
            {"total": 90.0, "actual": 57, "percent": 114.0, "status": Status.MET},
            False,
            "超额完成",
            "场次：承诺50场左右，已完成57场（总90场），完成率114%，超过“左右”的上限55场，超额完成2场。",
        ),
    ],
)  # fmt: skip
def test_the_sentence_of_a_target(changes: dict[str, Any], final: bool, word: str, sentence: str) -> None:
    one = target(**changes)

    assert outcome_word(one, final=final) == word
    assert outcome_sentence("场次", one, final=final) == sentence
