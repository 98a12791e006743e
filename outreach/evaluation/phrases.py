"""Words of refusals."""

from outreach.shared.i18n import phrase
from outreach.web.problems import ProblemPhrase

__all__ = ["FIELDS", "PROBLEMS"]

PROBLEMS: dict[str, ProblemPhrase] = {}

FIELDS: dict[str, str] = {
    "verdict-needs-note": phrase("选“调整”或“取消项目”的，请写明理由，来年好照着办。"),
}
