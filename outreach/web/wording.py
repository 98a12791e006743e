"""Chinese dates, times and numbers as pages, messages and documents write them, with an English variant.

Every function is pure and takes ``locale``, ``"zh"`` or ``"en"``. Templates use ``FILTERS``, which speak the
locale of the request. No space stands between Chinese and digits; ranges use ``—``; weekdays stand in full-width
brackets.
"""

import functools
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from markupsafe import Markup

from outreach.shared.i18n import language
from outreach.shared.time import local

__all__ = [
    "FILTERS",
    "Number",
    "ago",
    "approx",
    "approx_range",
    "clauses",
    "counted",
    "day_plain",
    "day_short",
    "day_text",
    "duration",
    "joined",
    "left",
    "local_input",
    "moment_text",
    "month_day_range",
    "month_text",
    "numeral",
    "percent",
    "progress_sentence",
    "seats_text",
    "share",
    "thousands",
    "time_range",
    "time_text",
    "weekday",
    "when_html",
    "when_text",
]

Number = int | float | Decimal

_DIGITS = "零一二三四五六七八九"
_WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
_WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

#: From here on a forecast is written in 万 (zh).
_WAN = 10_000


def _gap(locale: str) -> str:
    """No space stands between Chinese and digits."""
    return " " if locale == "en" else ""


def _day(value: date | datetime) -> date:
    return local(value).date() if isinstance(value, datetime) else value


# --- dates and times -------------------------------------------------------------------------------------------------


def weekday(value: date | datetime, locale: str = "zh") -> str:
    """``周二``; ``Tue``."""
    return (_WEEKDAYS_EN if locale == "en" else _WEEKDAYS)[_day(value).weekday()]


def day_plain(value: date | datetime, locale: str = "zh") -> str:
    """``5月12日``; ``12 May``."""
    day = _day(value)
    return f"{day.day} {_MONTHS_EN[day.month - 1]}" if locale == "en" else f"{day.month}月{day.day}日"


def day_short(value: date | datetime, locale: str = "zh") -> str:
    """``5月12日（周二）``, for tables; ``Tue 12 May``."""
    day = _day(value)
    if locale == "en":
        return f"{weekday(day, locale)} {day_plain(day, locale)}"
    return f"{day_plain(day)}（{weekday(day)}）"


def day_text(value: date | datetime, locale: str = "zh") -> str:
    """``2015年5月12日（周二）``; ``Tue 12 May 2015``."""
    day = _day(value)
    return f"{day_short(day, locale)} {day.year}" if locale == "en" else f"{day.year}年{day_short(day)}"


def month_text(year: int, month: int, locale: str = "zh") -> str:
    """``2015年9月``; ``Sep 2015``. ``month`` is 1 to 12."""
    return f"{_MONTHS_EN[month - 1]} {year}" if locale == "en" else f"{year}年{month}月"


def month_day_range(first: date, last: date, locale: str = "zh") -> str:
    """``9月14日至20日``, ``9月28日至10月4日``; ``14–20 Sep``. Both days are included."""
    if first == last:
        return day_plain(first, locale)
    same_month = (first.year, first.month) == (last.year, last.month)
    if locale == "en":
        return f"{first.day if same_month else day_plain(first, locale)}–{day_plain(last, locale)}"
    return f"{day_plain(first)}至{f'{last.day}日' if same_month else day_plain(last)}"


def time_text(moment: datetime, locale: str = "zh") -> str:
    """``14:00`` on the local wall clock, in both languages."""
    clock = local(moment)
    return f"{clock.hour:02}:{clock.minute:02}"


def moment_text(moment: datetime, locale: str = "zh") -> str:
    """``5月12日14:00``; ``12 May 14:00``."""
    return f"{day_plain(moment, locale)}{_gap(locale)}{time_text(moment)}"


def time_range(start: datetime, end: datetime, locale: str = "zh") -> str:
    """``14:00—15:30`` (``14:00–15:30``); over several days each time carries its day."""
    dash = "–" if locale == "en" else "—"
    if _day(start) == _day(end):
        return f"{time_text(start)}{dash}{time_text(end)}"
    return f"{moment_text(start, locale)}{dash}{moment_text(end, locale)}"


def when_text(start: datetime, end: datetime | None = None, locale: str = "zh", *, year: bool = True) -> str:
    """``2015年5月12日（周二）14:00—15:30`` as plain text, for messages and group notices."""
    write_day = day_text if year else day_short
    gap = _gap(locale)
    if end is None:
        return f"{write_day(start, locale)}{gap}{time_text(start)}"
    if _day(start) == _day(end):
        return f"{write_day(start, locale)}{gap}{time_range(start, end, locale)}"
    dash = " – " if locale == "en" else "—"
    return f"{when_text(start, None, locale, year=year)}{dash}{when_text(end, None, locale, year=False)}"


def _time_tag(moment: datetime, words: str) -> Markup:
    return Markup('<time datetime="{}">{}</time>').format(local(moment).strftime("%Y-%m-%dT%H:%M+08:00"), words)


def when_html(start: datetime, end: datetime | None = None, locale: str = "zh", *, year: bool = True) -> Markup:
    """Day and times as ``<time>`` and ``.nb`` parts, so that a line breaks between them and never inside one."""
    write_day = day_text if year else day_short
    gap = _gap(locale)
    first = _time_tag(start, write_day(start, locale))
    if end is None:
        return Markup('{}{}<span class="nb">{}</span>').format(first, gap, time_text(start))
    if _day(start) == _day(end):
        return Markup('{}{}<span class="nb">{}</span>').format(first, gap, time_range(start, end, locale))
    last = _time_tag(end, day_short(end, locale))
    dash = "–" if locale == "en" else "—"
    return Markup('{}{}<span class="nb">{}</span>{}{}{}<span class="nb">{}</span>').format(
        first, gap, time_text(start), dash, last, gap, time_text(end)
    )


def local_input(moment: datetime, locale: str = "zh") -> str:
    """``2015-09-17T14:00``: what ``<input type="datetime-local">`` takes, on the local wall clock."""
    return local(moment).strftime("%Y-%m-%dT%H:%M")


def duration(length: timedelta, locale: str = "zh") -> str:
    """The two largest units: ``1天8小时``, ``8小时``, ``25分钟``; less than a minute is ``不到1分钟``."""
    minutes = int(length.total_seconds() // 60)
    days, hours = divmod(minutes // 60, 24)
    if locale == "en":
        words = [_plural(days, "day"), _plural(hours, "hour")] if minutes >= 60 else [_plural(minutes, "minute")]
        return " ".join(word for word in words if not word.startswith("0 ")) or "less than a minute"
    if minutes < 1:
        return "不到1分钟"
    if minutes < 60:
        return f"{minutes}分钟"
    return "".join(f"{amount}{unit}" for amount, unit in ((days, "天"), (hours, "小时")) if amount)


def _plural(amount: int, noun: str) -> str:
    return f"{amount} {noun}" if amount == 1 else f"{amount} {noun}s"


def left(until: datetime | date, now: datetime, locale: str = "zh") -> str:
    """``还有1天8小时`` until a moment, ``还有107天`` until a day; ``已经过了`` when it is past."""
    if isinstance(until, datetime):
        if until <= now:
            return "past" if locale == "en" else "已经过了"
        words = duration(until - now, locale)
    else:
        days = (until - local(now).date()).days
        if days < 0:
            return "past" if locale == "en" else "已经过了"
        if days == 0:
            return "today" if locale == "en" else "就在今天"
        words = _plural(days, "day") if locale == "en" else f"{days}天"
    return f"{words} left" if locale == "en" else f"还有{words}"


def ago(moment: datetime, now: datetime, locale: str = "zh") -> str:
    """``2天前``, ``3小时前``, ``25分钟前``, ``刚刚``: the largest unit only, rounded down."""
    minutes = int((now - moment).total_seconds() // 60)
    if minutes < 1:
        return "just now" if locale == "en" else "刚刚"
    for size, unit, noun in ((24 * 60, "天", "day"), (60, "小时", "hour"), (1, "分钟", "minute")):
        if minutes >= size:
            amount = minutes // size
            return f"{_plural(amount, noun)} ago" if locale == "en" else f"{amount}{unit}前"
    raise AssertionError("the last size is 1")


# --- numbers ---------------------------------------------------------------------------------------------------------


def _rounded(value: Number, places: int) -> Decimal:
    return Decimal(str(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def thousands(value: Number, locale: str = "zh") -> str:
    """``81,460`` from 1,000 on; a part of one keeps one decimal place (``12.5``), ``3.0`` is ``3``."""
    rounded = _rounded(value, 1)
    return f"{int(rounded):,}" if rounded == rounded.to_integral_value() else f"{rounded:,}"


def approx(value: Number, locale: str = "zh") -> str:
    """A forecast, rounded: whole below 1,000, then three digits: ``152``, ``1,040``, ``2.04万``, ``10.5万``."""
    if locale == "en" or abs(float(value)) < _WAN:
        digits = len(str(abs(int(_rounded(value, 0)))))
        return f"{int(_rounded(value, min(0, 3 - digits))):,}"
    return f"{_in_wan(value)}万"


def _in_wan(value: Number) -> str:
    in_wan = Decimal(str(value)) / _WAN
    whole_digits = len(str(abs(int(in_wan))))
    return f"{_rounded(in_wan, max(0, 3 - whole_digits)):,}"


def approx_range(low: Number, high: Number, locale: str = "zh") -> str:
    """``148—154``, ``10.3—10.6万``: the unit once when both ends carry it."""
    if locale == "en":
        return f"{approx(low, locale)}–{approx(high, locale)}"
    first = _in_wan(low) if min(abs(float(low)), abs(float(high))) >= _WAN else approx(low)
    return f"{first}—{approx(high)}"


def percent(value: Number, locale: str = "zh") -> str:
    """``70.7%`` from a figure that is already in hundredths (the API's ``percent``); ``78.0`` is ``78%``."""
    return f"{thousands(value)}%"


def share(value: Number, locale: str = "zh") -> str:
    """``70.7%`` from a part of one, ``0.707``."""
    return percent(Decimal(str(value)) * 100)


def numeral(number: int, locale: str = "zh") -> str:
    """``一``, ``十二``, ``二十`` for 1 to 99 (numbers of programmes and headings); digits in English."""
    if locale == "en" or not 0 < number < 100:
        return str(number)
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else ("十" if tens == 1 else f"{_DIGITS[tens]}十")
    return head + (_DIGITS[ones] if ones else "")


def counted(number: int, locale: str = "zh") -> str:
    """``numeral`` before a measure word: ``两个``, not ``二个``; ``十二个`` stays."""
    return "两" if number == 2 and locale != "en" else numeral(number, locale)


def seats_text(seats_left: int | None, locale: str = "zh", *, claimable: bool = False) -> str:
    """``余38``, ``满``, ``不限`` (``None``: no limit), ``整场可领`` for a date that waits for a host."""
    if claimable:
        return "whole session" if locale == "en" else "整场可领"
    if seats_left is None:
        return "no limit" if locale == "en" else "不限"
    if seats_left <= 0:
        return "full" if locale == "en" else "满"
    return f"{seats_left:,} left" if locale == "en" else f"余{seats_left:,}"


def joined(words: Iterable[str], locale: str = "zh") -> str:
    """``甲、乙、丙``; ``a, b, c``."""
    return (", " if locale == "en" else "、").join(words)


def clauses(parts: Iterable[str], locale: str = "zh") -> str:
    """``讲座，沈若兰``; ``Lecture, Shen Ruolan``: parts of a sentence, those that are empty left out."""
    return (", " if locale == "en" else "，").join(part for part in parts if part)


def progress_sentence(
    name: str,
    actual: Number,
    unit: str,
    wording: str = "",
    *,
    planned: Number | None = None,
    pace: Number | None = None,
    forecast: tuple[Number, Number, Number] | None = None,
    status: str = "",
    locale: str = "zh",
) -> str:
    """What a bullet bar says, for those who cannot see it.

    ``wording`` is the notice's own text of the target (empty: none), ``planned`` what is published and not yet
    held, ``forecast`` (low, middle, high) at the end of the year, ``status`` the word of the state.
    """
    english = locale == "en"
    gap = " " if english else ""

    def amount(value: Number) -> str:
        return f"{thousands(value)}{'' if unit == '%' else gap}{unit}"

    parts = [f"{amount(actual)} done" if english else f"已完成{amount(actual)}"]
    if wording:
        parts.append(f"target {wording}" if english else f"指标{wording}")
    if planned:
        parts.append(f"{amount(planned)} still planned" if english else f"已排未办{amount(planned)}")
    if pace is not None:
        parts.append(f"pace {amount(pace)}" if english else f"序时{amount(pace)}")
    if forecast is not None:
        low, middle, high = forecast
        if english:
            parts.append(f"forecast {amount(middle)}, range {thousands(low)} to {thousands(high)}")
        else:
            parts.append(f"年底预计{amount(middle)}，范围{thousands(low)}至{thousands(high)}")
    if status:
        parts.append(status)
    return f"{name}: {', '.join(parts)}." if english else f"{name}：{'，'.join(parts)}。"


# --- for templates ---------------------------------------------------------------------------------------------------


def _in_locale(function: Callable[..., Any]) -> Callable[..., Any]:
    """Bind ``locale`` to the locale of the request at the moment of the call, unless the template gives one."""

    @functools.wraps(function)
    def spoken(*args: Any, **named: Any) -> Any:
        named.setdefault("locale", language())
        return function(*args, **named)

    return spoken


FILTERS: dict[str, Callable[..., Any]] = {
    function.__name__: _in_locale(function)
    for function in (
        ago,
        approx,
        approx_range,
        clauses,
        counted,
        day_plain,
        day_short,
        day_text,
        duration,
        joined,
        left,
        local_input,
        month_day_range,
        moment_text,
        month_text,
        numeral,
        percent,
        progress_sentence,
        seats_text,
        share,
        thousands,
        time_range,
        time_text,
        weekday,
        when_html,
        when_text,
    )
}
"""For templates, as filters and as globals: ``{{ on|day_short }}``, ``{{ when_html(s.starts_at, s.ends_at) }}``."""
