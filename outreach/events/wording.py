"""What warnings and reasons say, in the language of the request."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from outreach.events.domain.districts import short_district
from outreach.events.domain.errors import NeedsReasonError
from outreach.events.domain.fitting import Reason
from outreach.events.domain.parts import PART_WORDS, part_of
from outreach.events.domain.warnings import Warning
from outreach.shared.i18n import gettext as _
from outreach.shared.i18n import language
from outreach.web.wording import day_plain, day_short, day_text, month_day_range, time_range, weekday

__all__ = ["reason_text", "refusal_texts", "warning_text"]


def warning_text(warning: Warning) -> str:
    """``沈若兰10:30—12:30在常熟，路上约70分钟，到场只早20分钟``."""
    facts = warning.facts
    if warning.code in ("site-unmet", "audience", "day-off", "other-year"):
        return _of_session(warning)
    gap = " " if language() == "en" else ""
    return f"{facts['provider']}{gap}{_of_provider(warning.code, facts)}"


def refusal_texts(error: NeedsReasonError) -> list[str]:
    """What a refusal that asks for a reason lists."""
    return [
        warning_text(Warning(one["code"], {name: fact for name, fact in one.items() if name != "code"}))
        for one in error.facts.get("warnings", [])
    ]


def reason_text(reason: Reason) -> str:
    """``讲过这个题目6次，评价4.8（12个单位评）``, ``家在吴中区，路上约20分钟``."""
    facts = reason.facts
    if reason.code == "given-before":
        return _given_before(facts)
    if reason.code == "topic":
        return _("题目相符，还没演过") if facts["kind"] == "troupe" else _("题目相符，还没讲过")
    if reason.code == "home":
        said = (
            _("从%(district)s出发，路上约%(minutes)s分钟")
            if facts["kind"] == "troupe"
            else _("家在%(district)s，路上约%(minutes)s分钟")
        )
        return said % {"district": facts["district"], "minutes": facts["minutes"]}
    if reason.code == "free-day":
        return _("当天没有别的场次")
    if reason.code == "overlap":
        return _("%(where)s有场次，时间重叠，不能派") % {"where": _where(facts)}
    return _of_provider(reason.code, facts)


def _given_before(facts: Mapping[str, Any]) -> str:
    said = _("演过这个节目%(number)s次") if facts["kind"] == "troupe" else _("讲过这个题目%(number)s次")
    words = said % {"number": facts["number"]}
    if facts["rating"] is None:
        return words
    rated = {"given": words, "rating": f"{facts['rating']:.1f}", "answers": facts["answers"]}
    if not facts["answers"]:
        return _("%(given)s，评价%(rating)s") % rated
    return _("%(given)s，评价%(rating)s（%(answers)s个单位评）") % rated


_LOADS = ("day", "week", "month")


def _of_provider(code: str, facts: Mapping[str, Any]) -> str:
    if code == "travel":
        return _way(facts)
    if code == "absent":
        return _away(facts)
    if code == "unavailable":
        at = datetime.fromisoformat(facts["starts_at"])
        return _("可用时间里没有%(day)s%(part)s") % {"day": weekday(at, language()), "part": _(PART_WORDS[part_of(at)])}
    if code.startswith("load-"):
        said = (
            _("当天已排%(number)s场，上限%(most)s场，再派就超了"),
            _("当周已排%(number)s场，上限%(most)s场，再派就超了"),
            _("当月已排%(number)s场，上限%(most)s场，再派就超了"),
        )[_LOADS.index(code.removeprefix("load-"))]
        return said % {"number": facts["would_be"] - 1, "most": facts["most"]}
    said = (
        _("当天已排%(number)s场，再派就到上限"),
        _("当周已排%(number)s场，再派就到上限"),
        _("当月已排%(number)s场，再派就到上限"),
    )[_LOADS.index(code.removeprefix("last-of-"))]
    return said % {"number": facts["number"]}


def _where(facts: Mapping[str, Any]) -> str:
    """``10:30—12:30在常熟``."""
    starts_at, ends_at = (datetime.fromisoformat(facts[name]) for name in ("starts_at", "ends_at"))
    times = time_range(starts_at, ends_at, language())
    if not facts["district"]:
        return times
    return _("%(times)s在%(district)s") % {"times": times, "district": short_district(facts["district"])}


def _way(facts: Mapping[str, Any]) -> str:
    spare = facts["minutes_there"] - facts["minutes_needed"]
    named = {"where": _where(facts), "minutes": facts["travel_minutes"], "there": facts["minutes_there"]}
    named |= {"needed": facts["minutes_needed"], "spare": spare}
    if spare < 0 and facts["minutes_needed"] != facts["travel_minutes"]:
        return _("%(where)s，路上和布置撤场要%(needed)s分钟，中间只有%(there)s分钟") % named
    if spare < 0:
        return _("%(where)s，路上约%(minutes)s分钟，中间只有%(there)s分钟") % named
    if facts["is_before"]:
        return _("%(where)s，路上约%(minutes)s分钟，到场只早%(spare)s分钟") % named
    return _("%(where)s，路上约%(minutes)s分钟，去那边只早%(spare)s分钟") % named


def _away(facts: Mapping[str, Any]) -> str:
    days = month_day_range(date.fromisoformat(facts["from_on"]), date.fromisoformat(facts["last_on"]), language())
    if facts["reason"]:
        return _("%(days)s不在（%(reason)s）") % {"days": days, "reason": facts["reason"]}
    return _("%(days)s不在") % {"days": days}


def _of_session(warning: Warning) -> str:
    facts = warning.facts
    if warning.code == "site-unmet":
        return _("场地缺：%(lacks)s") % {"lacks": facts["lacks"]}
    if warning.code == "audience":
        if facts["least"] is not None and facts["audience"] < facts["least"]:
            return _("人数%(number)s，少于这项活动的最少人数%(least)s") % {
                "number": facts["audience"],
                "least": facts["least"],
            }
        return _("人数%(number)s，多于这项活动的最多人数%(most)s") % {
            "number": facts["audience"],
            "most": facts["most"],
        }
    on = date.fromisoformat(facts["on"])
    if warning.code == "other-year":
        said = _("%(day)s不在%(year)s年，算不进这个项目%(year)s年的数字。请选%(other)s年的菜单项，或者写明理由照办")
        return said % {"day": day_text(on, language()), "year": facts["year"], "other": on.year}
    if facts["name"]:
        return _("%(day)s是%(holiday)s") % {"day": day_plain(on, language()), "holiday": _(facts["name"])}
    return _("%(day)s是休息日") % {"day": day_short(on, language())}
