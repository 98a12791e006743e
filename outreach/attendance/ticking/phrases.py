"""What the refusals of ticks say."""

from outreach.shared.i18n import phrase
from outreach.web.problems import ProblemPhrase

__all__ = ["FIELDS", "PROBLEMS"]

PROBLEMS: dict[str, ProblemPhrase] = {
    "tick-key-reused": ProblemPhrase(
        phrase("这一次点名的编号用过了"),
        phrase("没有记上。请刷新页面再点一次。"),
        phrase("每一次点名都要有自己的编号（key）。同一个编号已经用在别的场次上，请换一个新的UUID再发。"),
    ),
}

FIELDS: dict[str, str] = {}
