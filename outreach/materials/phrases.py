"""What the refusals of materials say."""

from outreach.shared.i18n import phrase
from outreach.web.problems import ProblemPhrase

__all__ = ["FIELDS", "PROBLEMS"]

PROBLEMS: dict[str, ProblemPhrase] = {
    "material-round-state": ProblemPhrase(
        phrase("这一轮现在不能这样办"),
        phrase("这一轮刚有变化。请刷新后看最新情况。"),
        phrase("申报、汇总、确定、发放要依次办。请重新读取这一轮，看它现在到了哪一步。"),
        by_scope={
            "applying": phrase("这一轮还在申报。先汇总、确定，再发放。"),
            "gathered": phrase("这一轮已经汇总，申报截止了，还没有确定。要改请联系主办单位。"),
            "confirmed": phrase("这一轮已经确定。要改哪个单位的数，请在发放里写明理由改。"),
            "handed_out": phrase("这一轮已经发放完毕。登记错的请到库存里更正。"),
            "cancelled": phrase("这一轮已经取消。"),
            "empty": phrase("还没有单位申报，没有可以汇总的。没有人要就取消这一轮。"),
            "undecided": phrase("还有单位没有分配数。请重新计算，或者填好再确定。"),
        },
    ),
    "material-application-state": ProblemPhrase(
        phrase("这份申报现在不能这样办"),
        phrase("这份申报刚有变化。请刷新后看最新情况。"),
        phrase("申报只能在确定以前撤回，发放以后才能签收。请重新读取它现在的状态。"),
        by_scope={
            "submitted": phrase("还没有确定，也没有发放。"),
            "withdrawn": phrase("这份申报已经撤回。"),
            "granted": phrase("已经确定了，还没有发放。"),
            "declined": phrase("这一轮没有分到，没有可以签收的。"),
            "handed_out": phrase("已经发放了。"),
            "received": phrase("已经签收了。"),
            "uncollected": phrase("这一轮已经结束，没有领走的放回了库存。"),
        },
    ),
    "material-applying-over": ProblemPhrase(
        phrase("申报已经截止"),
        phrase("申报到{until}为止。确实需要的，请联系主办单位代为登记。"),
        phrase("过了最后一天，只有主办单位还能登记。"),
    ),
    "not-enough-stock": ProblemPhrase(
        phrase("库存不够"),
        phrase("能用的只有{free}{unit}，这里要{wanted}{unit}。请先登记入库，或者改少一些。"),
        phrase("库存里已经确定给各单位的不能再动。free 是还能用的数，wanted 是要用的数。"),
        by_scope={
            "loss": phrase("没有确定给单位的只有{free}{unit}，要登记损耗{wanted}{unit}。请先在发放里改少各单位的数。"),
            "round": phrase("这一轮最多发{free}{unit}，现在分了{wanted}{unit}。请改少一些。"),
            "confirm": phrase("库存里能用的只有{free}{unit}，现在分了{wanted}{unit}。请先登记入库，或者重新计算。"),
            "correction": phrase("这样更正以后，库存就不够已经确定给各单位的数了。请先登记入库，或者改少各单位的数。"),
        },
    ),
    "material-scans-full": ProblemPhrase(
        phrase("扫描件太多了"),
        phrase("一轮最多留{most}个扫描件。请合成一个PDF再传。"),
        phrase("一轮发放的扫描件有上限。请把几页合成一个PDF。"),
    ),
}

FIELDS: dict[str, str] = {
    "in-the-past": phrase("这一天已经过了。"),
    "not-handed-out": phrase("这个指标不由发放累计。请选发放数逐笔相加的指标。"),
    "members-unknown": phrase("系统里没有这个单位的会员数，请填。"),
    "unit-in-use": phrase("已经按“{unit}”登记过，计量单位不能再改。"),
    "unit-closed": phrase("这个单位已经撤销或合并。"),
    "other-than-proposed": phrase("和按规则算的不一样，请写明理由。"),
    "more-than-wanted": phrase("不能少于0，也不能多于申报的{most}。"),
    "more-than-granted": phrase("最多还能发{most}。"),
    "nobody-to-hand-out": phrase("请至少选一个单位。"),
    "nothing-left": phrase("{name}已经发完了，或者没有分到。"),
    "left-over": phrase("还有{left}{unit}没有领走，请写明原因。"),
    "same-as-before": phrase("和现在的数一样，没有要改的。"),
    "not-within": phrase("要在{least}（已经发的）到{most}（申报的）之间。"),
}
