"""Names and codes for what a notice calls by a whole sentence."""

import re
from collections.abc import Collection

from outreach.programmes.domain.marks import default_short_name
from outreach.programmes.domain.notice_figures import Figure
from outreach.programmes.domain.notice_text import clauses, plain

__all__ = ["SAID_FIRST", "code_of", "known_code", "name_of"]

#: What a service is about → its code. The first that fits counts, so the narrower ones stand first.
_CODES: tuple[tuple[str, str], ...] = (
    (r"妈妈驿站", "mothers-station"),
    (r"妈咪小屋|母婴|哺乳", "mothers-room"),
    (r"公益乐学", "gongyi-lexue"),
    (r"会员服务卡|会员卡", "service-card"),
    (r"丛书", "safety-books"),
    (r"安全生产|劳动保护", "safety"),
    (r"法律援助", "legal-aid"),
    (r"法律|维权", "legal-service"),
    (r"心理咨询|心理热线", "counselling"),
    (r"心理", "psychology"),
    (r"学历|专升本|进大学", "degree"),
    (r"职业女性|女职工素质|女性.{0,6}(?:课堂|讲座)", "women"),
    (r"疗休养|疗养", "recuperation"),
    (r"招聘|实现就业", "job-fairs"),
    (r"送文化|文化进", "culture"),
    (r"文体", "sports-culture"),
    (r"工匠|技师|技能|带徒", "craftsmen"),
    (r"延时服务", "late-hours"),
    (r"意外|家财损失保障", "accident-cover"),
    (r"特殊困难|困难救助", "relief"),
    (r"困难|帮扶|送温暖", "hardship"),
    (r"互助保障|医疗互助", "mutual-aid"),
    (r"康复", "rehabilitation"),
    (r"体检|健康|健步", "health"),
    (r"助学", "school-aid"),
    (r"阅读|书屋|读书", "reading"),
    (r"婚恋|联谊|交友", "friendship"),
    (r"普法", "law-lectures"),
)
_PATTERNS = tuple((re.compile(pattern), code) for pattern, code in _CODES)
_LONGEST_NAME = 30
#: Characters in which a paragraph says what it is about.
SAID_FIRST = 160
_BINDING = re.compile(r"(?:超过|多于|不少于|不低于|至少|达到|大约|约|近|逾)$")


def known_code(*texts: str) -> str:
    """The code of the service that the first text speaks of, else the next; empty when it is unknown."""
    for words in texts:
        for pattern, code in _PATTERNS:
            if pattern.search(words):
                return code
    return ""


def code_of(known: str, number: int, taken: Collection[str]) -> str:
    """A code that is free among ``taken``: the known one, else ``p3`` for the third paragraph."""
    wanted = known or f"p{number}"
    if wanted not in taken:
        return wanted
    return next(code for count in range(2, len(taken) + 3) if (code := f"{wanted}-{count}") not in taken)


def name_of(text: str, figures: Collection[Figure]) -> str:
    """What to call the paragraph: its heading, else the first clause that says what it is about, without figures."""
    heading = re.split(r"[。；：:\n]", text, maxsplit=1)[0].strip()
    if 2 <= len(heading) <= _LONGEST_NAME and not any(one.start < len(heading) and one.unit != "套" for one in figures):
        return heading
    known = known_code(text[:SAID_FIRST])
    patterns = [pattern for pattern, code in _PATTERNS if code == known]
    said = [_without(clause.start, text[clause.start : clause.end], figures) for clause in clauses(plain(text[:600]))]
    fitting = [one for one in said if 3 < len(one) <= _LONGEST_NAME]
    for clause in fitting:
        if any(pattern.search(clause) for pattern in patterns):
            return clause
    return default_short_name(known) or next(iter(fitting), heading[:_LONGEST_NAME])


def _without(start: int, clause: str, figures: Collection[Figure]) -> str:
    """The clause without its figures."""
    made, place = "", start
    for one in figures:
        if start <= one.start < start + len(clause):
            made += _BINDING.sub("", clause[place - start : one.start - start])
            place = one.end
    return (made + clause[place - start :]).strip(" 、的")
