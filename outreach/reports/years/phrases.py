"""What closing a year refuses, in words."""

from outreach.shared.i18n import phrase
from outreach.web.problems import ProblemPhrase

__all__ = ["FIELDS", "PROBLEMS"]

PROBLEMS: dict[str, ProblemPhrase] = {
    "year-state": ProblemPhrase(
        phrase("别人刚办过了"),
        phrase("{year}年的结账情况已经变了。请刷新后看最新情况。"),
        phrase("已经结账的年度不能再结一次，没有结账的不能重开。请重新读取后再决定。"),
    ),
    "already-copied": ProblemPhrase(
        phrase("来年已经有这些项目"),
        phrase("{year}年已有代码为{codes}的项目，什么都没有复制。请去掉它们再办。"),
        phrase("同一单位同一年里项目代码不能重复，所以一个项目只能复制到来年一次。请只选还没有的项目。"),
    ),
}

FIELDS: dict[str, str] = {
    "open-needs-reason": phrase("还有没办完的事，请写明为什么现在就结账。"),
    "year-to-come": phrase("{year}年还没有开始，不能结账。"),
    "nothing-chosen": phrase("请至少选一个项目。"),
    "not-a-target-value": phrase("请填大于0的数。"),
}
