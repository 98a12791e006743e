"""What the refusals about deliveries say."""

from outreach.shared.i18n import phrase
from outreach.web.problems import ProblemPhrase

__all__ = ["FIELDS", "PROBLEMS"]

PROBLEMS: dict[str, ProblemPhrase] = {
    "delivery-settled": ProblemPhrase(
        phrase("这条通知已经有人处理了"),
        phrase("它不再等着处理，请看最新的列表。"),
        phrase("该通知已不在未送达之列，请重新读取列表。"),
    ),
}

FIELDS: dict[str, str] = {}
