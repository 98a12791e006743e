"""What the refusals of coverage say."""

from outreach.shared.i18n import phrase
from outreach.web.problems import ProblemPhrase

__all__ = ["FIELDS", "PROBLEMS"]

PROBLEMS: dict[str, ProblemPhrase] = {}

FIELDS: dict[str, str] = {
    "year-twice": phrase("同一年只能填一次。"),
    "guest-without-members": phrase("其他服务对象没有会员，请选一个工会。"),
    "more-people-than-visits": phrase("人数不能比人次（{visits}）还多。只知道人次的，人数不填。"),
    "years-reversed": phrase("末年要在首年之后，最多{most}年。"),
    "nothing-between": phrase("先填首年和末年的目标，中间的年份才能按直线补上。"),
}
