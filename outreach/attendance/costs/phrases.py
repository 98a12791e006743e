"""What the refusals of costs say."""

from outreach.shared.i18n import phrase
from outreach.web.problems import ProblemPhrase

__all__ = ["FIELDS", "PROBLEMS"]

PROBLEMS: dict[str, ProblemPhrase] = {
    "too-many-costs": ProblemPhrase(
        phrase("这一场的费用太多了"),
        phrase("一场最多记{most}笔。请把零散的几笔合成一笔，备注里写明。"),
        phrase("一个场次最多登记{most}笔费用（most）。请合并零散的支出。"),
    ),
}

FIELDS: dict[str, str] = {
    "not-money": phrase("请填以元为单位的金额，最多两位小数，例如1200或1,200.50。"),
    "bad-cost-hours": phrase("课时要填0.5到200之间的数，可以有半个课时，例如2或1.5。"),
    "hours-for-rate": phrase("填了每课时的金额，也请填课时。"),
    "amount-differs": phrase("按每课时算出来是{reckoned}元，和这里填的不一样。改成一样的，或者空着不填。"),
    "only-of-a-fee": phrase("只有讲课费、演出费才填这一项，请空着。"),
    "bad-fee-month": phrase("月份要写成2015-09这样。"),
    "private-number": phrase("里面像是有身份证号或银行账号。这些号码不存在系统里，请删去，打印领取表以后手写。"),
}
