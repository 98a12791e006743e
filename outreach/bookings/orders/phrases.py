"""What the refusals of orders say."""

from outreach.shared.i18n import phrase
from outreach.web.problems import ProblemPhrase

__all__ = ["FIELDS", "PROBLEMS"]

PROBLEMS: dict[str, ProblemPhrase] = {
    "link-expired": ProblemPhrase(
        phrase("这个链接已经失效"),
        phrase("请打电话给{organisation}，由工作人员替您登记答复。"),
        phrase(
            "派单的链接只对一次派单有效。why 写明原因：over 答复时间已过；replaced 已经改派、撤回，或点单已经取消。"
            "organisation 是可以打电话问的单位。"
        ),
    ),
    "answer-too-late": ProblemPhrase(
        phrase("这场已经开始，不能再接单"),
        phrase("去了的话，请打电话给{organisation}，由工作人员替您登记。"),
        phrase(
            "场次开始以后（started_at），讲师或团队不能再自己接单；由 organisation 的工作人员打电话问清以后登记"
            "（by_phone: true）。"
        ),
    ),
}

FIELDS: dict[str, str] = {
    "window-needed": phrase("请至少选一个时间。"),
    "too-many-windows": phrase("最多选{most}个时间。"),
    "window-twice": phrase("这个时间选了两次。"),
    "window-past": phrase("这个时间已经过去，请另选。"),
    "window-too-soon": phrase("要提前{days}天点单，最早可选{first}。"),
    "too-many-joined": phrase("最多{most}个。"),
    "joined-is-orderer": phrase("这是点单的单位自己，不用再填。"),
    "named-twice": phrase("写了两次，请留一个。"),
    "confidential-not-ordered": phrase("这项服务不在这里点单，请直接联系主办单位。"),
    "not-orderable": phrase("这个活动现在不接受点单，请看别的活动。"),
    "form-used": phrase("这张表已经提交过，请重新打开点单页。"),
    "rain-date-not-later": phrase("雨天备用日要晚于原定时间。"),
    "no-rain-date": phrase("这场没有可用的雨天备用日。"),
    "say-by-phone": phrase("替讲师或团队答复，请先打电话，并注明“电话确认”。"),
    "mark-out-of-range": phrase("请从{least}到{most}打分。"),
    "file-too-large": phrase("文件超过{most}兆，请压缩或重拍后再传。"),
    "picture-too-large": phrase("图片超过{most}百万像素，请缩小后再传。"),
    "not-a-scan": phrase("打不开这个文件。请传JPG、PNG、HEIC图片或PDF。"),
}
