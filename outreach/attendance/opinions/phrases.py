"""What the refusals of opinions say."""

from datetime import datetime

from outreach.attendance.opinions.domain.errors import OpinionClosedError
from outreach.shared.i18n import gettext as _
from outreach.shared.i18n import language, phrase
from outreach.web.problems import ProblemPhrase
from outreach.web.wording import when_text

__all__ = ["FIELDS", "PROBLEMS", "why_no_opinion"]

PROBLEMS: dict[str, ProblemPhrase] = {
    "opinion-closed": ProblemPhrase(
        phrase("现在不能评价"),
        phrase("这场现在不能评价。"),
        phrase(
            "签到以后，从活动开始起，到结束后14天内可以答三个问题，以服务器的时间为准。why写明原因："
            "too-early活动还没开始（starts_at是开始时间）；over已经过了14天；cancelled场次已取消；"
            "not-there签到已被撤销，或者只在名单上、没有签到。"
        ),
    ),
}

#: Why nobody can answer, for who holds the phone: title and sentence.
_WHY_NOT: dict[str, tuple[str, str]] = {
    "too-early": (phrase("活动结束后再打开这个页面"), phrase("活动%(when)s开始。到时答三个问题，几秒钟就好。")),
    "over": (phrase("评价已经截止"), phrase("活动结束14天以后就不再收了，谢谢您来参加。")),
    "cancelled": (phrase("这场已经取消"), phrase("没有办的活动不用评价。")),
    "not-there": (
        phrase("没有您的签到"),
        phrase("签过到的人才能评价。您的签到可能被撤销了，确实参加了的，请找现场工作人员补登。"),
    ),
}


def why_no_opinion(error: OpinionClosedError) -> tuple[str, str]:
    """Title and sentence of the refusal."""
    title, words = _WHY_NOT[error.facts["why"]]
    starts_at = error.facts.get("starts_at")
    when = when_text(datetime.fromisoformat(starts_at), None, language()) if starts_at else ""
    return _(title), _(words) % {"when": when}


FIELDS: dict[str, str] = {
    "check-in-unknown": phrase("没有找到这次签到。请扫海报上的码，从签到页面点进来。"),
}
