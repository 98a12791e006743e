"""What refusals of the menu, providers, venues and sessions say."""

from outreach.shared.i18n import phrase
from outreach.web.problems import ProblemPhrase

__all__ = ["FIELDS", "PROBLEMS"]

PROBLEMS: dict[str, ProblemPhrase] = {
    "clash": ProblemPhrase(
        phrase("时间冲突"),
        phrase("这个时间已经有别的场次：{resources}。请换时间，或换讲师、团队、场地。"),
        phrase(
            "讲师、团队或场地在这段时间（场地连同布置和撤场）已经排给别的场次。resources 写明是谁，"
            "sessions 列出您看得到的冲突场次。请换一个时间，或换别的讲师、团队、场地；场次仍是草稿，内容没有丢。"
        ),
    ),
    "needs-reason": ProblemPhrase(
        phrase("要写明理由"),
        phrase("有要留意的地方。仍要这样安排，请写明理由。"),
        phrase(
            "没有什么挡着，但有要留意的地方，例如路上时间太紧、这周排得太满、讲师那天请假。warnings 逐条列出。"
            "换时间或换人，或者在 override_reason 里写明理由再发一次；理由记在操作日志里，也留在场次上。"
        ),
    ),
}

FIELDS: dict[str, str] = {
    "ends-before-start": phrase("结束要晚于开始。"),
    "longer-than-days": phrase("一场最长{days}天，请核对结束时间。"),
    "opens-after-start": phrase("开放预约要早于开始时间。"),
    "closes-after-start": phrase("预约截止不能晚于开始时间。"),
    "closes-before-opening": phrase("预约截止要晚于开放预约。"),
    "start-is-past": phrase("开始时间已经过了。以后的场次才能发布；已经办过的请用补录。"),
    "no-place-yet": phrase("还没有地点。请选场地或填地址，或者设为整场可领。"),
    "less-than-least": phrase("最多人数不能少于最少人数{least}。"),
    "other-programme": phrase("这个活动属于另一个项目。"),
    "host-unclear": phrase("没有找到，或不止一个。请填单位编码或全称。"),
    "confidential-programme": phrase("这个项目要保密，场次只能让有关单位看到。"),
    "until-not-after-from": phrase("最后一天不能早于第一天。"),
    "too-many-absences": phrase("已经有{most}段了，请先删去过了的。"),
    "no-session-chosen": phrase("请至少勾选一场。"),
    "not-a-moment": phrase("应是日期（2015-05-12）或带时区的时间。"),
}
