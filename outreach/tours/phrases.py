"""What the refusals of tours say."""

from outreach.shared.i18n import phrase
from outreach.web.problems import ProblemPhrase

__all__ = ["FIELDS", "PROBLEMS"]

PROBLEMS: dict[str, ProblemPhrase] = {
    "tour-state": ProblemPhrase(
        phrase("这次巡回已经不能改了"),
        phrase("场次已经建好的，到各场的页面改时间、地点；已经取消的，请另建一次。"),
        phrase("只有草稿能改。场次建好以后，改各场自己的时间、地点；取消了的不能恢复。"),
    ),
    "stops-unplaced": ProblemPhrase(
        phrase("还有单位没有排上时间"),
        phrase("先排好顺序再建场次。没有排上的：{hosts}。"),
        phrase("每一站都要有时间才能建场次；hosts是还没有时间的单位，没有一站时是空的。"),
    ),
}

FIELDS: dict[str, str] = {
    "tour-too-long": phrase("一次巡回最多{most}天。请分成几次。"),
    "longer-than-day": phrase("比一天的时间还长。请改短，或把一天的时间放宽。"),
    "not-of-tour": phrase("这一天不在这次巡回里。"),
    "window-too-short": phrase("这段时间放不下一场，一场要{minutes}分钟。"),
    "hosts-unknown": phrase("没有找到：{names}。请写单位的全称或编码，一行一家。"),
    "hosts-several": phrase("有几个单位叫：{names}。请改写编码。"),
    "too-many-stops": phrase("一次巡回最多{most}家。请分成几次。"),
    "not-clock": phrase("时间要写成14:00这样。"),
}
