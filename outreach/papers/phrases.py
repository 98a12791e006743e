"""What papers refuse, in words."""

from outreach.shared.i18n import phrase
from outreach.web.problems import ProblemPhrase

__all__ = ["FIELDS", "PROBLEMS"]

PROBLEMS: dict[str, ProblemPhrase] = {
    "packages-busy": ProblemPhrase(
        phrase("正在打包别的材料"),
        phrase("同时只打两个材料包，请过{retry_after}秒再下载。"),
        phrase("每个进程同时只发两个材料包。请按 Retry-After 等一会儿再下载。"),
    ),
    "no-certificates": ProblemPhrase(
        phrase("这场不能开学时证明"),
        phrase("保密项目不留姓名，还没有办的场次没有人到场，都不开学时证明。"),
        phrase("保密项目不留姓名，没有办过的场次没有人到场；why 写明是哪一种。"),
    ),
    "name-erased": ProblemPhrase(
        phrase("姓名已按规定清除"),
        phrase("选中的人里有{count}人的姓名已按规定清除，开不了证明。请去掉这些人再试。"),
        phrase("年度结账12个月以后姓名按规定清除，人次不变。姓名清除以后开不了证明。"),
    ),
}

FIELDS: dict[str, str] = {
    "too-many-sessions": phrase("这段时间超过{most}场。请选短一些的时间，分几次下载。"),
    "before-first": phrase("最后一天不能早于第一天。"),
    "nobody-chosen": phrase("请至少选一个人。"),
    "not-there": phrase("选中的人里有人不在到场名单上。请刷新页面再选。"),
    "not-half-lessons": phrase("学时写到半个为止，例如2或2.5。"),
}
