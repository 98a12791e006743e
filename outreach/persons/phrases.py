"""What the refusals of handing over and merging say."""

from outreach.shared.i18n import phrase
from outreach.web.problems import ProblemPhrase

__all__ = ["FIELDS", "PROBLEMS"]

PROBLEMS: dict[str, ProblemPhrase] = {
    "already-merged": ProblemPhrase(
        phrase("这个人已经合并过了"),
        phrase("请先在“重复的人员”里撤回上一次合并，再来办。"),
        phrase("一个人只能合并到另一个人那里一次；要改，先撤回。"),
    ),
    "merge-undone": ProblemPhrase(
        phrase("这次合并已经撤回"),
        phrase("刚刚有同事撤回了它，看看最新情况。"),
        phrase("一次合并只能撤回一次。"),
    ),
}

FIELDS: dict[str, str] = {
    "taker-self": phrase("不能交接给本人，请另选一位。"),
    "taker-needs-phone": phrase("接手的人还没有手机号，预约和点单上没有电话可写。请先在“人员”里补上。"),
    "roles-needed": phrase("请至少选一个要交接的角色。"),
    "merge-same": phrase("选的就是这个人。请选另一条。"),
    "merge-yourself": phrase("不能把自己的账号合并掉。请打开自己的那一页，把另一条合并进来。"),
    "merge-kept-disabled": phrase("要留下的人已停用，请先恢复，或者反过来合并。"),
}
