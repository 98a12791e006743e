"""What reports refuse, in words."""

from outreach.shared.i18n import phrase
from outreach.web.problems import ProblemPhrase

__all__ = ["FIELDS", "PROBLEMS"]

PROBLEMS: dict[str, ProblemPhrase] = {
    "no-programmes": ProblemPhrase(
        phrase("没有可以报告的项目"),
        phrase("{year}年在这个范围里还没有实事项目。请核对年份、单位和项目，或先到“管理”里新建项目。"),
        phrase("所选的年份、单位和项目里没有实事项目，所以没有报告。请核对 year、organisation、programme。"),
    ),
    "report-part-missing": ProblemPhrase(
        phrase("暂时做不了PDF"),
        phrase("服务器上缺少{part}。请管理员运行 outreach doctor 看缺什么，再运行 make setup 补上；Excel 表不受影响。"),
        phrase(
            "PDF 需要系统组件 pango、harfbuzz-subset 和中文字体 pylopdf-fonts-zh-cn。"
            "在服务器上运行 make setup 会装好它们，outreach doctor 逐项检查。"
        ),
    ),
}

FIELDS: dict[str, str] = {
    "not-a-period": phrase("要写成{year}-09（月）或{year}-Q3（季度）这样。"),
    "period-begins-later": phrase("这个月或季度从{since}开始，截止日要在这一天或以后。"),
}
