"""What sharing refuses, in words."""

from outreach.shared.i18n import phrase
from outreach.web.problems import ProblemPhrase

__all__ = ["FIELDS", "PROBLEMS"]

PROBLEMS: dict[str, ProblemPhrase] = {}

FIELDS: dict[str, str] = {
    "month-form": phrase("请写成“2015-10”这样的年月，{first}年到{last}年。"),
    "embed-limit": phrase("一次列1到{most}场。"),
}
