"""What the refusals of requests say."""

from outreach.shared.i18n import phrase
from outreach.web.problems import ProblemPhrase

__all__ = ["FIELDS", "PROBLEMS"]

PROBLEMS: dict[str, ProblemPhrase] = {
    "request-decided": ProblemPhrase(
        phrase("这份申请已经办过了"),
        phrase("刚刚有同事办了这份申请，看看最新情况。"),
        phrase("一份申请只办一次：接受，或者写明理由不接受。"),
    ),
}

FIELDS: dict[str, str] = {
    "request-person-disabled": phrase("用这个手机号的账号已停用。请先在“人员”里核实，再决定要不要恢复。"),
    "request-person-elsewhere": phrase("这个手机号已经有人用，他的角色不在您的范围内。请市总工会把他加到这个单位。"),
}
