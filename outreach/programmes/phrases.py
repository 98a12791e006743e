"""Words of refusals."""

from outreach.shared.i18n import phrase
from outreach.web.problems import ProblemPhrase

__all__ = ["FIELDS", "PROBLEMS"]

PROBLEMS: dict[str, ProblemPhrase] = {
    "closed-year": ProblemPhrase(
        phrase("这一年已经结账"),
        phrase("{year}年已经结账，数字只能由主办单位写明理由更正。"),
        phrase(
            "年度结账以后，项目、指标、填报和场次都不能再直接改。确有错误时，由主办单位写明理由更正，报告里会标出来。"
        ),
    ),
    "programmes-exist": ProblemPhrase(
        phrase("这一年的项目已经有了"),
        phrase("{organisation}的{year}年项目已经装入。要用文件更新它们，请加上 --update。"),
        phrase("同一单位同一年的项目已经存在。为了不误改，要明确要求更新（--update）才会用文件覆盖。"),
    ),
    "target-in-use": ProblemPhrase(
        phrase("这个指标已经在用"),
        phrase("它有填报的数字，或者有一轮物资按它计数，不能删去；有填报的也不能换统计办法。请先看一看填报和物资。"),
        phrase(
            "指标下有填报记录、或有物资按它计数时，不能删除或换统计办法，否则数字就没有了出处。请先撤回那些填报，或另建一个指标。"
        ),
    ),
}

FIELDS: dict[str, str] = {
    "duplicate-code": phrase("“{code}”出现了两次，请改成不同的代码。"),
    "programme-code-taken": phrase("这一年已经有项目用了这个代码，请换一个。"),
    "target-key-taken": phrase("这个项目里已经有指标用了这个代码，请换一个。"),
    "tolerance-only-of-about": phrase("只有“左右”才有上下浮动，请删去，或把约束改成“左右”。"),
    "basis-only-of-visits": phrase("只有人次才分“全体”和“其中职工”。"),
    "kinds-only-of-sessions": phrase("这种指标不按场次统计，不能限定种类。"),
    "kinds-not-of-programme": phrase("项目的种类里没有“{kinds}”，请先加到项目里，或从这里删去。"),
    "kinds-counted": phrase("还有指标在统计“{kinds}”，请先改那些指标。"),
    "quarter-shares-sum": phrase("四个季度的百分比加起来要等于100，现在填了{count}个，合计{sum}。不用就全部空着。"),
    "year-not-in-values": phrase("各年的数值里没有{year}年，请补上。"),
    "value-not-of-values": phrase("各年的数值里{year}年是{value}，请改成一样的。"),
    "not-years": phrase("请写成“2015=20，2019=80”：年份在前，数值在后，每年一个，数值大于0。"),
    "counted-by-itself": phrase("这个指标由系统按场次或讲师统计，不用填报。"),
    "not-in-year": phrase("日期要在{year}年里。"),
    "not-whole-of-unit": phrase("单位是“{unit}”，请填整数。"),
    "too-many-names": phrase("最多写{most}个，现在有{count}个。"),
    "nothing-taken": phrase("一个项目也没有勾。请勾上要存的项目。"),
    "not-taken": phrase("这个项目没有勾，它的指标不会存下。请勾上它，或选别的项目。"),
    "holiday-known": phrase("这一天已经在表里了。"),
    "last-before-first": phrase("最后一天不能早于第一天。"),
    "label-too-long": phrase("一个时段最多{most}天，请缩短，或分成几个。"),
    "organisation-ambiguous": phrase("有几个组织都叫“{name}”，请先改成不同的名称。"),
    "not-utf-8": phrase("文件不是UTF-8编码，请另存为UTF-8后再装入。"),
    "broken-toml": phrase("第{line}行第{column}列的写法不对，请对照样例改正。"),
    "broken-toml-at-end": phrase("文件到末尾还没有写完，请对照样例改正。"),
    "not-list-of-tables": phrase("请写成 [[{name}]] 的形式。"),
}
