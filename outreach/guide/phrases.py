"""What the refusals of the first run say."""

from outreach.shared.i18n import phrase
from outreach.web.problems import ProblemPhrase

__all__ = ["FIELDS", "PROBLEMS"]

PROBLEMS: dict[str, ProblemPhrase] = {}

FIELDS: dict[str, str] = {
    "start-code-wrong": phrase(
        "启动码不对。它印在运行outreach serve的窗口里，12个字母和数字，分三组；重新启动也是同一个。"
    ),
    "nothing-ticked": phrase("请至少勾一个项目。"),
    "example-unknown": phrase("没有这份示例，请从页面上选。"),
    "programme-not-in-example": phrase("这份示例里没有：{codes}。请从页面上选。"),
}
