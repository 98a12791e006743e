"""What snapshots refuse, in words."""

from outreach.shared.i18n import phrase
from outreach.web.problems import ProblemPhrase

__all__ = ["FIELDS", "PROBLEMS"]

PROBLEMS: dict[str, ProblemPhrase] = {
    "snapshot-number-taken": ProblemPhrase(
        phrase("编号刚被另一份定稿用了"),
        phrase("请再试一次，会编下一个号。"),
        phrase("两人同时定稿时，后一份要重新编号再印一遍。请再试一次。"),
    ),
    "snapshot-withdrawn": ProblemPhrase(
        phrase("这份定稿已经撤回"),
        phrase("它早先已被撤回，编号和数字都还在，不能再撤一次。"),
        phrase("定稿只能撤回一次，撤回以后编号保留、文件仍可查阅。需要新的定稿请另外定一份。"),
    ),
    "snapshot-file-gone": ProblemPhrase(
        phrase("定稿的文件不在了"),
        phrase("数字还在，文件没有找到。请管理员从备份里恢复 files 文件夹。"),
        phrase("数据库里有这份定稿，而 OUTREACH_HOME/files 里没有它的文件或文件已损坏。请从备份恢复。"),
    ),
}

FIELDS: dict[str, str] = {}
