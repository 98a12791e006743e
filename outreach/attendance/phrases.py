"""What the refusals of attendance say."""

from outreach.shared.i18n import phrase
from outreach.web.problems import ProblemPhrase

__all__ = ["FIELDS", "PROBLEMS"]

PROBLEMS: dict[str, ProblemPhrase] = {
    "not-started": ProblemPhrase(
        phrase("这场还没有开始"),
        phrase("开始以后才能登记人次和未到的单位。时间改了的，请先改期。"),
        phrase("场次还没有到开始时间（starts_at），不能登记。改了时间的，请先修改场次。"),
    ),
}

FIELDS: dict[str, str] = {
    "above-total": phrase("不能多于总人次{total}。"),
    "above-its-group": phrase("新生代农民工包含在外来务工人员里，不能多于{most}。"),
    "not-a-day-of-it": phrase("这一天没有办。请填{first}到{last}之间的日期。"),
    "day-to-come": phrase("这一天还没有到，当天开始以后再登记。"),
    "day-twice": phrase("这一天填了两次。"),
    "no-headcount": phrase("这一天还没有登记人次。请先更正总人次。"),
    "does-not-fit": phrase("改成这个数，和其他各项对不上：每一项都不能多于总人次，新生代农民工不能多于外来务工人员。"),
    "not-over-yet": phrase("这场还没有结束。已经办完的才能补录，以后的请新建场次。"),
}
