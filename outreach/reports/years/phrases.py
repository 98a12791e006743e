"""What closing a year refuses, in words."""

from outreach.shared.i18n import phrase
from outreach.web.problems import ProblemPhrase

__all__ = ["FIELDS", "PROBLEMS"]

PROBLEMS: dict[str, ProblemPhrase] = {
    "year-state": ProblemPhrase(
        phrase("这一年的结账情况刚刚变了"),
        phrase("您或别人刚办过{year}年的结账或重开，没有再办一次。请看现在的情况。"),
        phrase("已经结账的年度不能再结一次，没有结账的不能重开。请重新读取后再决定。"),
    ),
}

FIELDS: dict[str, str] = {
    "open-needs-reason": phrase("还有没办完的事，请写明为什么现在就结账。"),
    "year-to-come": phrase("{year}年还没有开始，不能结账。"),
    "nothing-chosen": phrase("请至少选一个项目。"),
    "not-a-target-value": phrase("请填大于0的数。"),
}
