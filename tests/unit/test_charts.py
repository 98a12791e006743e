"""Charts are well-formed for every figure, on pages and on paper."""

import re
from datetime import date
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.web import charts
from outreach.web.charts import BulletData, BurnUpData, ForecastPoint, Point, SeatsData, by_month

SHOWS = BulletData(
    "送文化进基层场次：已完成118场次。",
    118,
    150,
    planned=36,
    pace=121,
    forecast=152,
    forecast_low=148,
    forecast_high=154,
)
YEAR = BurnUpData(
    label="逐月累计",
    year=2015,
    actual=by_month(2015, (4, 13, 27, 43, 64, 80, 91, 108), Point(date(2015, 9, 15), 118)),
    plan=by_month(2015, (5, 14, 29, 45, 68, 87, 98, 113, 129, 143, 152, 156)),
    forecast=(ForecastPoint(date(2015, 12, 31), 148, 152, 154),),
    goal=150,
    goal_label="超过150",
    unit="场次",
    today=date(2015, 9, 15),
)

figures = st.one_of(st.none(), st.floats(min_value=0, max_value=1e7))


def parse(svg: str) -> ET.Element:
    return ET.fromstring(svg)


def marks(svg: str) -> list[str]:
    return [element.get("class", "") for element in parse(svg).iter() if element.get("class")]


def attribute(svg: str, mark: str, name: str) -> str | None:
    return next(element.get(name) for element in parse(svg).iter() if element.get("class") == mark)


def test_bullet_shows_every_part() -> None:
    svg = charts.bullet(SHOWS)
    assert parse(svg).get("role") == "img"
    assert parse(svg).get("aria-label") == SHOWS.label
    assert marks(svg) == [
        "bullet", "b-track", "b-plan", "b-act", "b-pace-l", "b-pace", "b-goal", "b-fore", "b-fore", "b-fore", "b-dot",
    ]  # fmt: skip
    assert attribute(svg, "b-track", "width") == "84.00%"
    assert attribute(svg, "b-act", "width") == "66.08%"
    assert attribute(svg, "b-plan", "width") == "20.16%"
    assert attribute(svg, "b-goal", "x1") == "84.00%"


def test_bullet_of_about_has_a_bracket() -> None:
    svg = charts.bullet(BulletData("讲座", 27, 50, low_limit=45, high_limit=55))
    assert marks(svg).count("b-tol") == 3
    assert attribute(svg, "b-tol", "x1") == "75.60%"


def test_bullet_past_the_edge_stops_there() -> None:
    svg = charts.bullet(BulletData("展览", 210, 150, planned=30))
    assert attribute(svg, "b-act", "width") == "100.00%"
    assert "b-plan" not in marks(svg)


@pytest.mark.parametrize("goal", [None, 0])
def test_bullet_without_a_target_has_no_track(goal: float | None) -> None:
    svg = charts.bullet(BulletData("没有指标", 21, goal, planned=7))
    assert marks(svg) == ["bullet", "b-plan", "b-act"]
    assert attribute(svg, "b-act", "width") == "63.00%"
    assert marks(charts.bullet(BulletData("没有指标，也没有数", 0, goal))) == ["bullet", "b-none"]


def test_bullet_at_zero_keeps_track_and_target() -> None:
    assert marks(charts.bullet(BulletData("还没开始", 0, 50))) == ["bullet", "b-track", "b-goal"]


def test_public_bullet_tells_neither_pace_nor_forecast() -> None:
    svg = charts.public_bullet("已完成108场次", 108, 150)
    assert marks(svg) == ["bullet", "b-track", "b-act", "b-goal"]
    assert attribute(svg, "b-act", "width") == "72.00%"
    assert attribute(svg, "b-track", "width") == "100.00%"
    assert marks(charts.public_bullet("没有指标", 3, None)) == ["bullet", "b-none"]


def test_seats() -> None:
    svg = charts.seats_bullet(SeatsData("共120个名额", 120, 74, 8))
    assert attribute(svg, "b-act", "width") == "61.67%"
    assert attribute(svg, "b-plan", "width") == "6.67%"
    assert charts.seats_bullet(SeatsData("不限", None, 74)) == ""


def test_burn_up_draws_and_names_its_lines() -> None:
    svg = charts.burn_up(YEAR, locale="zh")
    assert {"c-base", "c-grid", "c-band", "c-goal", "c-now", "c-plan", "c-fore", "c-act", "c-dot"} <= set(marks(svg))
    words = [element.text for element in parse(svg).iter("text")]
    assert words == [
        "50", "100", "超过150", "9月15日", "118场次", "152",
        "1月", "2月", "3月", "4月", "5月", "6月", "7月", "8月", "9月", "10月", "11月", "12月",
    ]  # fmt: skip
    assert "Sep" in [element.text for element in parse(charts.burn_up(YEAR, locale="en")).iter("text")]


def test_burn_up_ends_at_today() -> None:
    path = attribute(charts.burn_up(YEAR), "c-act", "d") or ""
    assert path.startswith("M0.0 202.0L31.0 ")
    assert path.split("L")[-1].startswith("258.0 ")


@pytest.mark.parametrize(
    "data",
    [
        BurnUpData("空", 2015),
        BurnUpData("零", 2015, actual=(Point(date(2015, 1, 2), 0),), unit="场", today=date(2015, 1, 2)),
        BurnUpData("没有指标", 2016, actual=by_month(2016, (1, 2, 3)), today=date(2016, 3, 31)),
        BurnUpData("只有指标", 2015, goal=50, goal_label="50场左右"),
        BurnUpData("超过", 2015, actual=by_month(2015, (200,) * 12), goal=150, goal_label="超过150", unit="场次"),
        BurnUpData("别的年", 2015, actual=(Point(date(2014, 6, 1), 3),), today=date(2016, 2, 1), goal=5),
    ],
)
def test_burn_up_of_little_data_is_still_a_chart(data: BurnUpData) -> None:
    for svg in (charts.burn_up(data), charts.burn_up(data, print_width=340)):
        assert parse(svg).get("aria-label") == data.label
        assert not re.search(r"nan|inf", svg)


def test_words_are_escaped() -> None:
    svg = charts.bullet(BulletData('<b>"A&B"</b>', 1, 2))
    assert parse(svg).get("aria-label") == '<b>"A&B"</b>'
    drawn = charts.burn_up(BurnUpData("x", 2015, goal=5, goal_label="<script>"))
    assert "<script>" not in drawn


def test_paper_needs_neither_style_sheet_nor_percentages() -> None:
    for svg in (charts.bullet(SHOWS, print_width=170), charts.burn_up(YEAR, height=180, print_width=340)):
        root = parse(svg)
        assert root.get("viewBox")
        assert "%" not in svg.replace(SHOWS.label, "")
        for element in root.iter():
            if element.tag in ("rect", "path", "circle"):
                assert element.get("fill")
            if element.tag == "text":
                assert element.get("font-family") == charts.PRINT_FONT
        assert [element.get("class") for element in root.iter()][1:] == [None] * (len(list(root.iter())) - 1)


def test_paper_leaves_room_between_months() -> None:
    words = [element.text for element in parse(charts.burn_up(YEAR, print_width=340)).iter("text")]
    assert words[-4:] == ["1月", "4月", "7月", "10月"]


def test_by_month_gives_the_last_days_of_months() -> None:
    assert by_month(2016, (1, 2)) == (Point(date(2016, 1, 31), 1), Point(date(2016, 2, 29), 2))
    assert by_month(2015, [0] * 12)[-1].on == date(2015, 12, 31)


def test_sentence_is_made_from_the_figures() -> None:
    assert charts.burn_up_sentence("送文化进基层场次", YEAR, "超过150场次") == (
        "送文化进基层场次逐月累计：到9月15日118场次；年底预计152场次，范围148至154；指标超过150场次。"
    )
    assert charts.burn_up_sentence("新项目", BurnUpData("", 2015)) == "新项目逐月累计：还没有数。"
    assert charts.burn_up_sentence("New", BurnUpData("", 2015), locale="en") == "New, cumulative: no figures yet."


@given(figures, st.floats(min_value=0, max_value=1e7), st.floats(min_value=0, max_value=1e7), figures, figures)
def test_nothing_of_a_bullet_leaves_its_box(
    goal: float | None, actual: float, planned: float, pace: float | None, forecast: float | None
) -> None:
    svg = charts.bullet(BulletData("x", actual, goal, planned, pace, forecast=forecast))
    for value in re.findall(r'(?:x|x1|x2|cx|width)="(-?[\d.]+)%"', svg):
        assert 0 <= float(value) <= 100


@given(st.lists(st.floats(min_value=0, max_value=1e7), max_size=12), figures)
def test_grid_never_touches_the_target(values: list[float], goal: float | None) -> None:
    data = BurnUpData("x", 2015, actual=by_month(2015, sorted(values)), goal=goal)
    assert marks(charts.burn_up(data)).count("c-grid") <= 3


GRID = charts.MonthGridData("各地区各月场次。", [("吴中<区>", [1, 0, 4, 8, *[0] * 8]), ("", [0] * 12)])


def test_a_grid_shades_by_quarters_of_the_largest() -> None:
    assert [charts.shade_of(value, 8) for value in (0, 1, 2, 3, 4, 6, 7, 8, 9)] == [0, 1, 1, 2, 2, 3, 4, 4, 4]
    assert [charts.shade_of(5, most) for most in (0, -1)] == [0, 0]


def test_a_grid_draws_a_cell_for_every_figure_and_words_its_names() -> None:
    svg = charts.month_grid(GRID)
    assert (parse(svg).get("role"), parse(svg).get("aria-label")) == ("img", GRID.label)
    assert parse(svg).get("height") == "74"
    assert [mark for mark in marks(svg) if mark.startswith("g-")] == ["g-1", "g-2", "g-4"]
    words = [element.text for element in parse(svg).iter() if element.tag.endswith("text")]
    assert words == [*(f"{month}月" for month in range(1, 13)), "吴中<区>", "1", "4", "8"]
    assert charts.month_grid(charts.MonthGridData("空", [])) == ""
    english = charts.month_grid(GRID, locale="en")
    assert "Dec" in [element.text for element in parse(english).iter()]


def test_a_grid_on_paper_carries_its_own_ink_and_size() -> None:
    svg = charts.month_grid(GRID, print_width=500)
    assert "class=" not in svg.replace('class="month-grid"', "")
    assert parse(svg).get("viewBox") == "0 0 500 74"
    assert 'fill="#C2C2C2"' in svg


@given(figures, st.floats(min_value=0, max_value=1e7), figures)
def test_a_bar_that_compares_stays_within_its_edges(value: float | None, full: float, mark: float | None) -> None:
    data = charts.ComparisonData("昆山市：每千名会员375人次。", value, full, mark)
    svg = charts.comparison(data)
    assert parse(svg).get("aria-label") == data.label
    widths = [element.get("width", "0%") for element in parse(svg).iter() if element.tag.endswith("rect")]
    places = [element.get("x1", "0%") for element in parse(svg).iter() if element.tag.endswith("line")]
    assert all(0 <= float(place.rstrip("%")) <= 100 for place in [*widths, *places])
    assert ("b-none" in marks(svg)) == (value is None)
    assert ("b-goal" in marks(svg)) == (mark is not None)
    parse(charts.comparison(data, print_width=200))
