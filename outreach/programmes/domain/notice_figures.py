"""Figures in the words of a notice: how many, of what, and how the notice binds itself.

``1,000``, ``10万``, ``1.5亿``, ``一百五十``, ``两千`` and ``百分之五十`` are numbers; what counts is the
measure word behind.
"""

import re
from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from typing import Final

from outreach.programmes.domain.notice_text import Span, clauses, plain, sentences
from outreach.programmes.domain.targets import Bound

__all__ = ["MOST_FIGURES", "Doubt", "Figure", "Figures", "figures_in", "number_of"]


class Doubt(StrEnum):
    """Why a figure may be no promise of the year."""

    CONTEXT = "context"
    EACH = "each"
    LIMIT = "limit"
    RANGE = "range"
    OTHER_YEAR = "other-year"
    REPEATED = "repeated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure. Places are those in the paragraph's text.

    Attributes:
        clause, sentence: where it stands.
        before, after: the words of the clause before the figure, and behind it (behind 以上 and 左右, too).
        years: what years its clause names.
    """

    value: float
    unit: str
    bound: Bound
    start: int
    end: int
    clause: Span
    sentence: Span
    before: str
    after: str
    doubt: Doubt | None = None
    years: tuple[int, ...] = ()

    @property
    def is_money(self) -> bool:
        return self.unit.endswith("元")


@dataclass(frozen=True, slots=True)
class Figures:
    """What a paragraph's figures are; ``unread``: clauses with a number that is none of them."""

    found: tuple[Figure, ...]
    unread: tuple[str, ...]


_DIGITS = {word: value for value, word in enumerate("零一二三四五六七八九")} | {"两": 2}
_SMALL = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"万": 10_000, "亿": 100_000_000}
#: Words so far away say nothing of a figure any more.
_NEAR = 60
#: A programme has no more targets.
MOST_FIGURES = 50
_CHINESE = "零一二三四五六七八九十百千万亿两"

#: Measure words, longest first, and what must not follow them: it would be another word.
_UNITS = {
    "人次": "",
    "人/次": "",
    "人(次)": "",
    "场次": "",
    "场(次)": "",
    "课时": "",
    "学时": "",
    "小时": "",
    "万元": "",
    "亿元": "",
    "元": "旦宵",
    "人": "员均才民生力大",
    "名": "称额",
    "位": "于置",
    "场": "所地馆景面",
    "期": "间末",
    "次": "日年月会序",
    "门": "诊店户",
    "节": "日假能目约",
    "堂": "",
    "班": "组子车",
    "个": "月|小时|工作日|季度|百分点|方面|阶段|环节|周|星期|人|五年|年",
    "家": "庭人长",
    "户": "籍外",
    "本": "市区地级次年届单职会着",
    "册": "",
    "套": "",
    "份": "额",
    "件": "",
    "张": "家",
    "副": "主书省市",
    "幅": "度",
    "台": "阶",
    "箱": "",
    "间": "接",
    "座": "谈",
    "所": "有以需在",
    "处": "理于分",
    "支": "持付部援",
    "项": "目",
    "对": "于口接象困职工部企各在",
    "条": "件例",
    "辆": "",
    "盒": "",
    "瓶": "",
    "棵": "",
    "篇": "",
    "枚": "",
    "只": "要有能",
    "岗": "位职",
}
_UNIT = "|".join(
    re.escape(unit) + (f"(?!{following})" if "|" in following else f"(?![{following}])" if following else "")
    for unit, following in _UNITS.items()
)
_NUMBER = rf"(?:\d[\d\x1f]*(?:\.\d+)? ?[余多]?[十百千万亿]{{0,2}}|[{_CHINESE}]{{1,14}})"
_FIGURE = re.compile(
    rf"(?<![\d.A-Za-z\x1f{_CHINESE}])(?:(?P<low>{_NUMBER})(?:{_UNIT})?(?:—|–|-|~|～|至|到|——))?"
    rf"(?P<number>{_NUMBER})(?P<more>[余多])? ?(?:(?P<percent>%)(?![\d])|(?P<unit>{_UNIT}))"
    rf"|百分之(?P<hundredth>[{_CHINESE}]{{1,4}}|\d+(?:\.\d+)?)"
)
_BEHIND = re.compile(r"(?:\(含\))?(?:及以上|以上|之多|左右|上下|以内|以下|之内)")
_LOOSE = re.compile(r"(?<![\d.A-Za-z@/〔\[\x1f])\d[\d\x1f]*(?:\.\d+)?(?![\d.]*[A-Za-z@])")
#: Numbers that say when, where or which, not how many.
_NOT_MANY = re.compile(
    r" ?(?:[年月日号点时分秒天周届级类折岁楼层室米.:：)）〕\]、/＋+—–~-]|公里|个月|个工作日|个小时|小时)"
    r"|[ ]*$"
)

_LIMIT = re.compile(r"(?:不超过|不得超过|不多于|不高于|不大于|最多|至多|最高|上限为?|控制在)[^，。；、\d]{0,6}$")
_MORE = re.compile(r"(?:(?:超过|多于|突破|大于|高于)[^，。；、\d]{0,4}|[超逾])$")
_LEAST = re.compile(
    r"(?:(?:不少于|不低于|不小于|不下于|不得少于|不得低于|至少|最少)[^，。；、\d]{0,8}"
    r"|(?:达到|提高至|提高到|增加到|增至|扩大到)[^，。；、\d]{0,14}|达)$"
)
_ABOUT = re.compile(r"(?:大约|约为|约|将近|接近|(?<![最附临邻新远])近)$")
_EACH = re.compile(r"(?:每(?!年|一年|个?年度)|人均|平均)[^，。；\d]{0,12}$")
_VAGUE = re.compile(r"(?<=[数几])[十百千万亿]{1,3}(?![0-9])")
_RANK = re.compile(r"(?<![目之以年月日])前$")
_SINGLE_OF = ("场", "场次", "期", "门", "人次")
#: 百场, 万套 are figures; 进万家 and an empty place before 万元 are none.
_BARE = ("百", "千", "万", "亿")
_OF_BARE = ("人次", "场", "场次", "本", "册", "套", "份", "副", "幅", "件", "盒")
_HELD = re.compile(r"(?:举办|组织|开展|召开|送|办好?)$")
_NO_PROMISE = re.compile(r"[的]?(?:实事|好事|大事|战略|代表|百计|万户|争鸣)")
_YEAR = re.compile(r"(20\d\d)年")


def figures_in(text: str) -> Figures:
    """The figures of a paragraph in their order, and the clauses whose numbers nobody understood."""
    simple = plain(text)
    parts, wholes = clauses(simple), sentences(simple)
    found, taken = list[Figure](), list[tuple[int, int]]()
    part = whole = 0
    for hit in _FIGURE.finditer(simple):
        while parts[part].end <= hit.start():
            part += 1
        while wholes[whole].end <= hit.start():
            whole += 1
        made = _figure(hit, parts[part], wholes[whole])
        if made is None:
            continue
        taken.append(hit.span())
        if made is not _PASSED:
            if len(found) == MOST_FIGURES:
                break
            found.append(made)
    return Figures(tuple(found), _unread(text, simple, parts, taken))


class _Passed(Enum):
    """A number that is no figure and that nobody needs to see."""

    PASSED = auto()


_PASSED: Final = _Passed.PASSED


def _figure(hit: re.Match[str], clause: Span, sentence: Span) -> "Figure | _Passed | None":
    text = clause.text
    start = hit.start() - clause.start
    before = text[max(0, start - _NEAR) : start]
    behind = _BEHIND.match(text, hit.end() - clause.start)
    rest = behind.end() if behind else hit.end() - clause.start
    after = text[rest : rest + _NEAR]
    number, unit = _number_and_unit(hit)
    value = number_of(number)
    if value is None or value <= 0:
        return None
    if _is_no_figure(hit, number, unit, value, before, after):
        return _PASSED
    if before.endswith(("数", "几")) and number[0] in "十百千万亿":
        return _PASSED
    low = number_of(hit["low"]) if hit["low"] else None
    has_more = bool(hit["more"]) or "余" in number or "多" in number
    bound = _bound(before, behind[0] if behind else "", has_more)
    return Figure(
        value=low if low and low < value else value,
        unit=unit,
        bound=Bound.AT_LEAST if low else bound,
        start=hit.start(),
        end=clause.start + rest,
        clause=clause,
        sentence=sentence,
        before=before,
        after=after,
        doubt=_doubt(before, behind[0] if behind else "", after, low),
        years=tuple(int(year) for year in _YEAR.findall(before)),
    )


def _number_and_unit(hit: re.Match[str]) -> tuple[str, str]:
    if hit["hundredth"]:
        return hit["hundredth"], "%"
    number, unit = hit["number"], "%" if hit["percent"] else hit["unit"]
    unit = {"人/次": "人次", "人(次)": "人次", "场(次)": "场次"}.get(unit, unit)
    if unit == "元" and number[-1] in _LARGE and number[-2:-1] not in _CHINESE:
        return number[:-1], f"{number[-1]}元"
    return number, unit


def _is_no_figure(hit: re.Match[str], number: str, unit: str, value: float, before: str, after: str) -> bool:
    """Ranks, ordinals, quoted sayings, and the small words 一个, 两项 of any text."""
    if before.endswith(("第", "共印")) or unit == "小时" or _NO_PROMISE.match(after):
        return True
    if number in _BARE and unit not in _OF_BARE:
        return True
    if _RANK.search(before) and unit in ("名", "位"):
        return True
    if number[0] not in _CHINESE or unit == "%":
        return False
    if before[-1:] in "“‘「《\"'" and before:
        return True
    if value == 1:
        return unit not in ("场", "期") or not _HELD.search(before)
    return value < 10 and unit not in _SINGLE_OF


def _bound(before: str, behind: str, has_more: bool) -> Bound:
    if has_more or (_MORE.search(before) and not _LIMIT.search(before)):
        return Bound.MORE_THAN
    if behind in ("左右", "上下") or _ABOUT.search(before):
        return Bound.ABOUT
    if behind.endswith(("以上", "之多")) or _LEAST.search(before):
        return Bound.AT_LEAST
    return Bound.PLAIN


def _doubt(before: str, behind: str, after: str, low: float | None) -> Doubt | None:
    if _EACH.search(before) or re.match(r" ?/ ?[人月季周天场个]|每[人月季周场]", after):
        return Doubt.EACH
    if behind.endswith(("以内", "以下", "之内")) or _LIMIT.search(before):
        return Doubt.LIMIT
    return Doubt.RANGE if low else None


def _unread(text: str, simple: str, parts: list[Span], taken: list[tuple[int, int]]) -> tuple[str, ...]:
    places = [hit.start() for hit in _VAGUE.finditer(simple)]
    inside = iter([*taken, (len(simple) + 1, len(simple) + 1)])
    start, end = next(inside)
    for hit in _LOOSE.finditer(simple):
        while end <= hit.start():
            start, end = next(inside)
        if not (start <= hit.start() < end) and not _NOT_MANY.match(simple, hit.end()) and not _is_named(simple, hit):
            places.append(hit.start())
    rows, part = [], 0
    for place in sorted(places):
        while parts[part].end <= place:
            part += 1
        rows.append(text[parts[part].start : parts[part].end].strip())
    return tuple(dict.fromkeys(rows))


def _is_named(simple: str, hit: re.Match[str]) -> bool:
    """``第7``, ``附件1``, a telephone or document number: a name and no quantity."""
    return simple[max(0, hit.start() - 2) : hit.start()].endswith(("第", "附件", "+", "-", "—")) or len(hit[0]) >= 8


def number_of(text: str) -> float | None:
    """``1,000`` · ``10万`` · ``1.5亿`` · ``一百五十`` · ``两千`` · ``60余`` as a number; ``None`` when it is none."""
    text = re.sub(r"[\s,，\x1f余多]", "", plain(text))
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([十百千万亿]{0,3})", text)
    if found:
        value = float(found[1])
        for scale in found[2]:
            value *= (_SMALL | _LARGE)[scale]
        return round(value, 4)
    return _chinese_number(text)


def _chinese_number(text: str) -> float | None:
    """``一万二千``, ``三百零五``, ``二〇``; colloquial ``一百五`` is 150."""
    if not text or any(character not in _CHINESE for character in text):
        return None
    if all(character in _DIGITS for character in text):
        return float("".join(str(_DIGITS[character]) for character in text)) if len(text) < 10 else None
    total = section = digit = 0
    scale = 1
    for character in text:
        if character in _DIGITS:
            digit = _DIGITS[character]
            scale = 1 if digit == 0 else scale
            continue
        if character in _SMALL:
            section += (digit or (1 if section == 0 or character != "十" else 0)) * _SMALL[character]
            scale = _SMALL[character]
        else:
            total = (total + section + digit or 1) * _LARGE[character]
            section, scale = 0, _LARGE[character]
        digit = 0
    rest = digit * scale // 10 if digit and scale >= 100 and text[-2] != "零" else digit
    return float(total + section + rest)
