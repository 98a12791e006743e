"""What the refusals of closing and evidence say."""

from outreach.shared.i18n import phrase
from outreach.web.problems import ProblemPhrase

__all__ = ["FIELDS", "PROBLEMS"]

PROBLEMS: dict[str, ProblemPhrase] = {
    "evidence-full": ProblemPhrase(
        phrase("这场的材料太多了"),
        phrase("每场最多留{most}个文件。请先去掉用不着的，或者把几张照片合成一个PDF再交。"),
        phrase("一个场次最多留存{most}个文件。请先移除（remove）不需要的文件，再上传。"),
    ),
    "year-closed-staff-only": ProblemPhrase(
        phrase("{year}年已经结算"),
        phrase("材料不能再由单位补交。确实要补的，请交给主办单位，由主办单位写明原因补进去。"),
        phrase("{year}年度已结算，只有主办单位的工作人员可以写明原因（reason）补交或移除材料。"),
    ),
}

FIELDS: dict[str, str] = {
    "late-needs-reason": phrase("这场已经结项。补交或去掉材料，请写明原因。"),
    "missing-needs-reason": phrase("该有的还没有齐。请补齐，或者写明原因再结项。"),
    "no-session-chosen": phrase("请至少勾选一场。"),
    "not-for-confidential": phrase("保密项目不留照片和签到表，只收回执表和其他材料。"),
}
