"""Words of refusals; a bad day or an unknown programme is said by the features below."""

from outreach.shared.i18n import phrase
from outreach.web.problems import ProblemPhrase

__all__ = ["FIELDS", "PROBLEMS"]

PROBLEMS: dict[str, ProblemPhrase] = {}
FIELDS: dict[str, str] = {
    "not-by-month": phrase("讲师是当下的人数，不分月份，请去掉月份。"),
    "not-by-district": phrase("这个指标不分地点，请去掉地点。"),
}
