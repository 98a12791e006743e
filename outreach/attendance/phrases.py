"""What the refusals of attendance say."""

from datetime import datetime

from outreach.attendance.domain.errors import CheckinClosedError
from outreach.shared.i18n import gettext as _
from outreach.shared.i18n import language, phrase
from outreach.web.problems import ProblemPhrase
from outreach.web.wording import when_text

__all__ = ["FIELDS", "PROBLEMS", "why_no_checkin"]

PROBLEMS: dict[str, ProblemPhrase] = {
    "not-started": ProblemPhrase(
        phrase("这场还没有开始"),
        phrase("开始以后才能登记人次和未到的单位。时间改了的，请先改期。"),
        phrase("场次还没有到开始时间（starts_at），不能登记。改了时间的，请先修改场次。"),
    ),
    "checkin-closed": ProblemPhrase(
        phrase("现在不能签到"),
        phrase("这场现在不能签到，请找现场工作人员。"),
        phrase(
            "签到只在开放时间内有效，以服务器的时间为准。why写明原因：too-early还没开放（opens_at是开放时间）；"
            "over已经结束；cancelled场次已取消；not-on-list这场只限名单上的人。名单有误的，请现场工作人员补登。"
        ),
    ),
    "no-names": ProblemPhrase(
        phrase("这个项目不登记姓名"),
        phrase("保密项目只登记人次，不开放签到，也不留名单。"),
        phrase("项目设为保密（例如心理咨询）时，场次只登记人次，不能开放签到、导入名单或登记个人。"),
    ),
}

#: Why nobody can check in, in words for who stands there.
_WHY_NOT: dict[str, str] = {
    "too-early": phrase("还没有到签到时间，%(when)s开放。到时再扫一次就行。"),
    "over": phrase("签到已经结束。确实参加了的，请找现场工作人员补登。"),
    "cancelled": phrase("这场已经取消，不用签到。"),
    "not-on-list": phrase(
        "这场只限名单上的人签到，名单上没有找到您。请看看姓名和单位有没有写错，或者找现场工作人员补登。"
    ),
}


def why_no_checkin(error: CheckinClosedError) -> tuple[str, str]:
    """Title and sentence of the refusal."""
    opens_at = error.facts.get("opens_at")
    when = when_text(datetime.fromisoformat(opens_at), None, language()) if opens_at else ""
    title = _("签到还没有开放") if error.facts["why"] == "too-early" else _("没有签到")
    return title, _(_WHY_NOT[error.facts["why"]]) % {"when": when}


FIELDS: dict[str, str] = {
    "above-total": phrase("不能多于总人次{total}。"),
    "above-its-group": phrase("新生代农民工包含在外来务工人员里，不能多于{most}。"),
    "not-a-day-of-it": phrase("这一天没有办。请填{first}到{last}之间的日期。"),
    "day-to-come": phrase("这一天还没有到，当天开始以后再登记。"),
    "code-unknown": phrase("没有这个签到码。请照海报上的六位数字再输一次。"),
    "day-twice": phrase("这一天填了两次。"),
    "no-headcount": phrase("这一天还没有登记人次。请先更正总人次。"),
    "does-not-fit": phrase("改成这个数，和其他各项对不上：每一项都不能多于总人次，新生代农民工不能多于外来务工人员。"),
    "not-over-yet": phrase("这场还没有结束。已经办完的才能补录，以后的请新建场次。"),
}
