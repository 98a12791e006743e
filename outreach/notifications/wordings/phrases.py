"""What own words refuse, in words."""

from outreach.shared.i18n import phrase
from outreach.web.problems import ProblemPhrase

__all__ = ["FIELDS", "PROBLEMS"]

PROBLEMS: dict[str, ProblemPhrase] = {}

FIELDS: dict[str, str] = {
    "unknown-placeholder": phrase("{name}在这条通知里填不了。能用的是：{known}。"),
    "broken-placeholder": phrase("“{brace}”不成对。花括号只用来括住名字，用英文的：{known}。"),
    "nothing-to-say": phrase("正文里要有几个字，不能只有空行。"),
}
