"""What choices refuse, in words."""

from outreach.shared.i18n import phrase
from outreach.web.problems import ProblemPhrase

__all__ = ["FIELDS", "PROBLEMS"]

PROBLEMS: dict[str, ProblemPhrase] = {}

FIELDS: dict[str, str] = {
    "bad-email": phrase("邮箱要写成name@example.cn这样，不带空格和汉字。"),
    "no-quiet-time": phrase("两个时间一样，等于没有免打扰。不要免打扰，请去掉勾选。"),
}
