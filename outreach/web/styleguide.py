"""Invented figures for the page of styles, which shows every part of the look once."""

from dataclasses import dataclass, field
from datetime import date

from outreach.web.charts import (
    BulletData,
    BurnUpData,
    ForecastPoint,
    Point,
    SeatsData,
    burn_up_sentence,
    by_month,
)
from outreach.web.wording import progress_sentence

__all__ = ["styleguide_context"]


@dataclass(frozen=True, slots=True)
class _Form:
    """A form that came back: what was typed, what was wrong, in which order the fields stand."""

    values: dict[str, object]
    errors: dict[str, str]
    order: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Session:
    seats_left: int | None
    claimable: bool = False


@dataclass(frozen=True, slots=True)
class _Target:
    label: str
    wording: str
    unit: str
    actual: float
    bar: BulletData
    forecast: float | None
    forecast_low: float | None
    forecast_high: float | None
    status: str


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    name: str
    href: str | None
    words: str = ""
    targets: tuple[_Target, ...] = ()


_SHOWS = BulletData(
    progress_sentence("送文化进基层", 118, "场次", "超过150场次", planned=36, pace=121, forecast=(148, 152, 154)),
    118,
    150,
    planned=36,
    pace=121,
    forecast=152,
    forecast_low=148,
    forecast_high=154,
)
_LECTURES = BulletData(
    progress_sentence("心理健康讲座", 27, "场", "50场左右", planned=14, pace=36, forecast=(38, 40, 41)),
    27,
    50,
    planned=14,
    pace=36,
    low_limit=45,
    high_limit=55,
    forecast=40,
    forecast_low=38,
    forecast_high=41,
)
_LAWYERS = BulletData(progress_sentence("律师团", 118, "名", "100名以上"), 118, 100)

_SHOWS_YEAR = BurnUpData(
    label="",
    year=2015,
    actual=by_month(2015, (4, 13, 27, 43, 64, 80, 91, 108), Point(date(2015, 9, 15), 118)),
    plan=by_month(2015, (5, 14, 29, 45, 68, 87, 98, 113, 129, 143, 152, 156)),
    forecast=(
        ForecastPoint(date(2015, 9, 30), 126, 127, 128),
        ForecastPoint(date(2015, 10, 31), 136, 138, 139),
        ForecastPoint(date(2015, 11, 30), 144, 147, 149),
        ForecastPoint(date(2015, 12, 31), 148, 152, 154),
    ),
    goal=150,
    goal_label="超过150",
    unit="场次",
    today=date(2015, 9, 15),
)
_LECTURES_YEAR = BurnUpData(
    label="",
    year=2015,
    actual=by_month(2015, (1, 2, 6, 10, 15, 19, 21, 24), Point(date(2015, 9, 15), 27)),
    plan=by_month(2015, (2, 4, 10, 16, 22, 28, 31, 34, 39, 44, 48, 50)),
    forecast=(ForecastPoint(date(2015, 12, 31), 38, 40, 41),),
    goal=45,
    goal_label="50场左右，下限45",
    unit="场",
    today=date(2015, 9, 15),
)
_EMPTY_YEAR = BurnUpData(label="", year=2015, actual=(Point(date(2015, 1, 9), 0),), unit="场", today=date(2015, 1, 9))


def _labelled(name: str, data: BurnUpData, wording: str) -> BurnUpData:
    return BurnUpData(
        label=burn_up_sentence(name, data, wording),
        year=data.year,
        actual=data.actual,
        plan=data.plan,
        forecast=data.forecast,
        goal=data.goal,
        goal_label=data.goal_label,
        unit=data.unit,
        today=data.today,
    )


def styleguide_context() -> dict[str, object]:
    """What ``styleguide/page.html`` needs beside the context of every page."""
    return {
        "day": date(2015, 9, 15),
        "bars": {
            "whole": _SHOWS,
            "about": _LECTURES,
            "figure": _LAWYERS,
            "zero": BulletData("已完成0场，指标50场", 0, 50, 12, 6, None, None, 11, 9, 12),
            "above": BulletData("已完成210场，指标150场", 210, 150),
            "no_target": BulletData("已完成21场，没有指标", 21, None, 6),
        },
        "seats": SeatsData("共120个名额，已确认74个，待审核8个，余38个", 120, 74, 8),
        "years": {
            "shows": _labelled("送文化进基层场次", _SHOWS_YEAR, "超过150场次"),
            "lectures": _labelled("心理健康讲座", _LECTURES_YEAR, "50场左右，下限45场"),
            "empty": _labelled("新项目", _EMPTY_YEAR, ""),
        },
        "rows": (
            _Row(1, "特殊困难救助", "#", "没有数字指标，以文字报完成情况。"),
            _Row(
                2,
                "工会法律援助",
                "#",
                "",
                (_Target("律师团", "100名以上", "名", 118, _LAWYERS, None, None, None, "met"),),
            ),
            _Row(
                4,
                "送文化进基层",
                "#",
                "",
                (_Target("场次", "超过150场次", "场次", 118, _SHOWS, 152, 148, 154, "at_risk"),),
            ),
            _Row(
                5,
                "职工心理健康促进计划",
                "#",
                "",
                (
                    _Target("讲座", "50场左右", "场", 27, _LECTURES, 40, 38, 41, "behind"),
                    _Target(
                        "自助手册",
                        "20000本以上",
                        "本",
                        14350,
                        BulletData("自助手册：已完成14,350本", 14350, 20000, 0, 14137, None, None, 20380, 20010, 20900),
                        20380,
                        20010,
                        20900,
                        "on_track",
                    ),
                ),
            ),
        ),
        "form": _Form(
            {
                "seats": "45",
                "contact_name": "陈巧云",
                "contact_phone": "1380000000",
                "note": "",
                "kind": "lecture",
                "visibility": "members",
                "days": ["tue"],
            },
            {
                "seats": "这场只剩38个名额。可改为38个以内，或勾选下面的候补。",
                "contact_phone": "手机号要11位，现在是10位。",
                "agree": "勾选后才能提交。",
            },
            [("seats", "名额"), ("contact_name", "联系人"), ("contact_phone", "手机"), ("agree", "同意")],
        ),
        "sessions": {
            "some": _Session(38),
            "full": _Session(0),
            "open": _Session(None),
            "claimable": _Session(120, claimable=True),
        },
    }
