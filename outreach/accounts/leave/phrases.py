"""What the refusals of leave say."""

from outreach.shared.i18n import phrase
from outreach.web.problems import ProblemPhrase

__all__ = ["FIELDS", "PROBLEMS"]

PROBLEMS: dict[str, ProblemPhrase] = {}

FIELDS: dict[str, str] = {
    "leave-days-order": phrase("最后一天不能早于第一天。"),
    "leave-over": phrase("这几天已经过去了。"),
    "leave-too-long": phrase("一次最多{most}天。时间更长的，请办工作交接。"),
    "leave-overlaps": phrase("这几天里已经有一段请假，请先销掉那一段，或换个日期。"),
    "person-needed": phrase("请选一个人，或者填登录名、手机号。"),
    "deputy-self": phrase("代理人不能是本人。"),
    "person-unknown": phrase("没有找到这个人。请照“人员”里的登录名或手机号填。"),
    "person-disabled": phrase("这个人的账号已停用，请另选一位。"),
    "deputy-away": phrase("代理人这几天自己也请假，请另选一位。"),
}
