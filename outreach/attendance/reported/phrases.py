"""What the refusals of reported figures say."""

from outreach.shared.i18n import phrase
from outreach.web.problems import ProblemPhrase

__all__ = ["FIELDS", "PROBLEMS"]

PROBLEMS: dict[str, ProblemPhrase] = {
    "report-closed": ProblemPhrase(
        phrase("这场已经结项，不能再报"),
        phrase("数字不对的，请告诉主办单位，由主办单位更正并写明原因。"),
        phrase("场次已结项，单位不能再报人次。请联系主办单位更正。"),
    ),
    "correct-instead": ProblemPhrase(
        phrase("这场已经结项"),
        phrase("报来的数没有登记进去。要改数字，请用“更正数字”，写明原因，原来的数也留着。"),
        phrase("场次已结项，报来的人次不能再确认。请用更正（corrections）改数字。"),
    ),
    "nothing-to-confirm": ProblemPhrase(
        phrase("这一天没有等确认的数"),
        phrase("可能别人已经办了。请看下面登记的人次。"),
        phrase("这一天没有单位报来、还在等确认的人次，可能已经有人确认或另行登记。"),
    ),
}

FIELDS: dict[str, str] = {}
