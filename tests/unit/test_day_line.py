"""The line of a day: what is drawn where."""

import re

from outreach.web.charts import DayLineData, day_line


def _places(svg: str, mark: str) -> list[tuple[float, float]]:
    return [
        (float(x), float(width))
        for x, width in re.findall(rf'<rect class="{mark}" x="([\d.]+)%" y="\d+" width="([\d.]+)%"', svg)
    ]


def test_eight_to_twenty_is_the_whole_line() -> None:
    svg = str(day_line(DayLineData("沈若兰没有别的场次", (14, 15.5), [(8, 9.5)])))

    assert _places(svg, "s-want") == [(50.0, 12.5)]
    assert _places(svg, "s-busy") == [(0.0, 12.5)]
    assert re.findall(r">(\d+)时</text>", svg) == ["8", "12", "16", "20"]


def test_early_and_late_times_make_the_line_longer() -> None:
    svg = str(day_line(DayLineData("晚上", (18.5, 21), [(6.5, 8)])))

    assert re.findall(r">(\d+)时</text>", svg) == ["6", "8", "12", "16", "21"]
    assert _places(svg, "s-busy") == [(3.33, 10.0)]


def test_what_lies_on_other_days_is_cut_at_midnight() -> None:
    svg = str(day_line(DayLineData("过夜", (22, 25), [(-3, 1)], [(1, 2)])))

    assert _places(svg, "s-busy") == [(0.0, 4.17)]
    assert _places(svg, "s-want") == [(91.67, 8.33)]
    assert '<line class="s-way" x1="4.17%" x2="8.33%"' in svg


def test_words_are_escaped() -> None:
    assert 'aria-label="&lt;b&gt;"' in str(day_line(DayLineData("<b>", (14, 15))))
