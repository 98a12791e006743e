"""Words of refusals."""

from outreach.shared.i18n import phrase
from outreach.web.problems import ProblemPhrase

__all__ = ["FIELDS", "PROBLEMS"]

PROBLEMS: dict[str, ProblemPhrase] = {
    "statistics-state": ProblemPhrase(
        phrase("这张表现在不能这样办"),
        phrase("它的状态刚变过。请刷新后看最新情况。"),
        phrase(
            "统计表有四种状态：待填报、已报、退回重填、已锁定。待填报和退回的可以填；已报的可以由上级退回或锁定；"
            "锁定以后只能写明理由更正。"
        ),
        {
            "open": phrase("它还没有报上来。等下级报送以后再办。"),
            "submitted": phrase("它已经报上去了。要改的话，请上级退回。"),
            "returned": phrase("它已经退回重填。等下级重新报送以后再办。"),
            "locked": phrase("它已经锁定。数字不对的，由上级写明理由更正。"),
            "unlocked": phrase("它还没有锁定，不用更正：退回重填就可以改。"),
        },
    ),
    "statistics-opened": ProblemPhrase(
        phrase("这张表已经布置过"),
        phrase("本单位{year}年的这张表已经有了。要下级填报，请打开那张表，再布置给下级。"),
        phrase("一个单位一年只有一张同样的统计表。上级已经布置下来的，在那张表里再布置给自己的下级。"),
    ),
    "statistics-nobody-below": ProblemPhrase(
        phrase("没有可以布置的下级"),
        phrase("下面没有单位，或者都已经有这张表了。"),
        phrase("统计表布置给直接下级组织。女职工委员会和其他服务对象不单独填报；已经有表的不会再发一次。"),
    ),
    "statistics-upper-handed-in": ProblemPhrase(
        phrase("上级的表已经报出，不能退回这张"),
        phrase("{upper}的表已经报出，合计里有这一张。请先请上级退回那张表，或者锁定以后更正。"),
        phrase("上级汇总表报出以后，合进去的下级表不能再退回，否则合计就没有了出处。可以先退回上级的表，或者用更正。"),
    ),
}

FIELDS: dict[str, str] = {
    "no-such-cell": phrase("表里没有“{cell}”这一格。"),
    "not-yes-no": phrase("请填是或否。"),
    "below-zero": phrase("不能小于0。"),
    "too-many-decimals": phrase("最多{most}位小数。"),
    "note-needed": phrase("和系统统计的{rule}不一样，请写明原因；照系统数就空着。"),
    "part-above-whole": phrase("{value}大于{place}“{whole}”的{most}。其中数不能大于总数。"),
    "part-without-whole": phrase("填了其中数，{place}“{whole}”还空着。请先填总数。"),
    "nothing-to-correct": phrase("没有改动。请改要更正的那几格。"),
    "festival-unknown": phrase("只知道{first}年到{last}年的春节，请换一个年份。"),
    "before-period-day": phrase("不能早于统计期间的第一天{first}。"),
    "due-out-of-range": phrase("要在{first}到{last}之间：不晚于本单位的上报日期。"),
    "too-large-file": phrase("文件太大，最多{most}千字节。"),
    "day-or-festival": phrase('请写一个日子：on = "01-12"，或者 festival = -1（春节前一天）。'),
    "not-day-of-year": phrase("“{on}”不是每年都有的日子，请写成01-12这样。"),
    "place-without-cell": phrase("文字里的“{cell}”没有对应的格。"),
    "cell-not-once": phrase("“{cell}”在文字里要正好出现一次。"),
    "broken-place": phrase("文字里的花括号没有配对。"),
    "part-in-circle": phrase("其中数绕成了圈，或者超过8层。请检查 part_of。"),
    "only-of-numbers": phrase("填是否的格没有单位、小数、其中、合计和算法。"),
    "rollup-not-of-kind": phrase("数字的汇总是 sum 或 none，是否的汇总是 any 或 none。"),
    "target-only-of-tally": phrase("填报数要写明指标（target），别的算法不写。"),
    "workers-only-of-visits": phrase("其中职工只用于人次，也不能再分组。"),
    "only-of-sessions": phrase("种类和归属只用于场次和人次。"),
    "period-backwards": phrase("统计期间的开始晚于结束。"),
    "before-period": phrase("早于统计期间的开始。"),
}
