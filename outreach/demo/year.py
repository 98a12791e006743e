# ruff: noqa: E501 - tables: one thing a line
"""How the year was shared out over months, kinds and districts, and the sessions that pages and stories name."""

from typing import NamedTuple

__all__ = ["CANCELLED", "DRAFTS", "NAMED", "SHARES", "Named", "Share"]


class Share(NamedTuple):
    """Sessions of one programme.

    ``held_by_month`` counts January to August, ``held_september`` those of September before today, ``planned`` those
    published after today in September, October, November and December. ``held_by_district`` follows the order of
    ``DISTRICTS`` and sums to all that were held. ``kinds`` are the shares of the kinds before and after today.
    """

    held_by_month: tuple[int, ...]
    held_september: int
    planned: tuple[int, int, int, int]
    held_by_district: tuple[int, ...]
    kinds: dict[str, tuple[int, int]]

    @property
    def held(self) -> int:
        """Held before today."""
        return sum(self.held_by_month) + self.held_september


SHARES: dict[str, Share] = {
    "culture": Share(
        (11, 7, 12, 14, 22, 16, 13, 13), 10, (14, 13, 6, 3), (19, 10, 13, 9, 12, 16, 9, 11, 7, 12),
        {"演出": (30, 11), "戏曲": (26, 9), "电影": (32, 7), "展览": (14, 4), "交流": (16, 5)},
    ),
    "psychology": Share((1, 1, 3, 4, 6, 4, 2, 3), 3, (5, 6, 2, 1), (3, 2, 4, 2, 3, 5, 2, 1, 1, 4), {"讲座": (27, 14)}),
    "women": Share((2, 1, 11, 4, 7, 4, 2, 3), 4, (6, 6, 2, 1), (5, 3, 4, 2, 4, 7, 3, 3, 2, 5), {"讲座": (38, 15)}),
    "safety-books": Share(
        (0, 0, 1, 2, 3, 4, 1, 1), 1, (1, 2, 1, 0), (1, 2, 1, 2, 2, 1, 1, 1, 1, 1),
        {"集中学习": (6, 2), "操作训练": (5, 2), "技能竞赛": (2, 0)},
    ),
}  # fmt: skip


class Named(NamedTuple):
    """A session that is always there. ``day`` counts from today.

    ``where`` is a venue or, when no venue has that name, a host. ``taken`` is the seats that are taken, ``None`` where
    nobody books; ``bookers`` are organisations, seats and states that are always among them. ``end`` is the kind of end it came to: held, closed, unrecorded, cancelled, draft or published.
    """

    title: str
    day: int
    hour: int
    minute: int
    where: str
    by: str
    end: str
    capacity: int | None = None
    taken: int | None = None
    shown_as: str = ""
    visibility: str = "public"
    approval: bool = False
    claimable: bool = False
    days: int = 1
    moved_minutes: int = 0
    why: str = ""
    note: str = ""
    bookers: tuple[tuple[str, int, str], ...] = ()


NAMED: tuple[Named, ...] = (
    # what is over
    Named("锡剧折子戏", -26, 18, 30, "胥江机械厂工会", "电力职工锡剧队", "closed", visibility="host"),
    Named("评弹进厂区", -19, 19, 0, "胥江机械厂工会", "职工评弹社", "cancelled", 80, 25, why="台风来了，厂区停工，已转到10月，不占次数", bookers=(("胥江机械厂工会", 25, "cancelled"),)),
    Named("倒班职工的睡眠与情绪", -14, 14, 0, "木渎镇职工活动中心", "沈若兰", "closed", 120, 108),
    Named("露天电影专场", -13, 18, 30, "周市打工楼广场", "流动放映一队", "closed"),
    Named("评弹专场", -10, 19, 0, "平江社区中心", "职工评弹社", "held", 90, 84, "评弹专场：书场进社区"),
    Named("反家暴法律常识", -9, 14, 0, "横塘培训室", "苗佩澜", "held", 70, 61),
    Named("锡剧折子戏", -7, 18, 30, "沙洲冷轧工会", "电力职工锡剧队", "unrecorded"),
    Named("女性保健：体检报告怎么读", -7, 14, 0, "城厢职工报告厅", "姚思蕙", "held", 120, 97),
    Named("一线班组长的情绪急救", -6, 14, 0, "独墅湖科技培训室", "何清越", "held", 100, 88),
    Named("书法交流", -5, 15, 0, "望亭社区教室", "市职工书画协会", "held", 60, 52, bookers=(("胥江机械厂工会", 12, "declined"),)),
    Named("投资理财入门", -4, 14, 0, "虞山服饰工会", "尤佩宁", "unrecorded", 120, 75),
    Named("广场文艺演出", -3, 19, 0, "枫桥广场", "市职工艺术团", "unrecorded"),
    # what comes
    Named("职场沟通与情绪管理", 0, 14, 0, "独墅湖科技培训室", "章静宜", "published", 100, 84),
    Named("露天电影专场", 0, 18, 30, "胥口打工楼广场", "流动放映一队", "published"),
    Named("形象礼仪与职场着装", 1, 13, 30, "玉山电子阶梯教室", "吴映雪", "published", 110, 88, bookers=(("胥江机械厂工会", 20, "confirmed"),)),
    Named("灯谜竞猜与书法交流", 1, 15, 30, "金阊街道文化站", "市灯谜学会小组", "published", 100, 60),
    Named("倒班职工的睡眠与情绪", 2, 14, 0, "木渎镇职工活动中心", "沈若兰", "published", 120, 82, approval=True, moved_minutes=30, note="请穿宽松衣服，每人发一本手册。", bookers=(("阳山精工工会", 20, "confirmed"), ("独墅湖光电工会", 8, "pending"),)),
    Named("评弹专场", 2, 19, 0, "平江社区中心", "职工评弹社", "published", 90, 90),
    Named("女性保健：体检报告怎么读", 3, 13, 30, "盛泽丝织三厂会议室", "周蕙宁", "published", 80, 80, note="请带上自己的体检报告。"),
    Named("锡剧折子戏", 3, 18, 30, "阳澄包装工会", "电力职工锡剧队", "published", 260, 200),
    Named("职工书画展", 4, 9, 30, "浏河港务展厅", "市职工书画协会", "draft", shown_as="职工书画展开幕"),
    Named("新员工适应期的压力管理", 7, 14, 0, "", "陆知微", "published", 100, None, claimable=True),
    Named("倒班职工的睡眠与情绪", 8, 14, 0, "虞山职工报告厅", "鲍秀岚", "published", 140, 60, approval=True, bookers=(("虞山服饰工会", 15, "pending"),)),
    Named("劳动合同与女职工权益", 9, 14, 0, "玉山电子阶梯教室", "许明澜", "published", 110, 58, bookers=(("虞山服饰女职工委员会", 25, "confirmed"),)),
    Named("职工合唱与器乐专场", 9, 18, 30, "园区文化馆小剧场", "园区职工合唱团", "published", 300, 160, approval=True, bookers=(("胥江机械厂工会", 30, "pending"), ("阳山精工工会", 16, "confirmed"),)),
    Named("职工书画展", 10, 9, 30, "浏河港务展厅", "市职工书画协会", "published", days=5),
    Named("亲子沟通：倒班家庭怎样带孩子", 10, 14, 0, "越溪培训室", "蒋晓棠", "published", 80, 71),
    Named("评弹专场", 10, 19, 0, "沧浪职工剧院", "职工评弹社", "published", 200, 176, "中秋评弹专场"),
    Named("广场文艺演出", 11, 19, 0, "浒墅关文体中心", "市职工艺术团", "published", 600, 400, "中秋文艺演出"),
    Named("情绪急救：三分钟静下来", 14, 14, 0, "城厢职工报告厅", "何清越", "published", 120, 60, approval=True, bookers=(("浏河港务工会", 20, "pending"),)),
    Named("形象礼仪与职场着装", 15, 14, 0, "黄埭职工之家", "薛晓禾", "published", 130, 100),
    Named("职工歌会", 15, 18, 30, "花桥文体中心", "园区职工合唱团", "published", 560, 250, "国庆职工歌会"),
)  # fmt: skip

# Programme, month, by whom it was cancelled, why; beside the named ones.
CANCELLED: tuple[tuple[str, int, str, str], ...] = (
    ("culture", 4, "host", "厂里赶订单，当晚要加班"),
    ("culture", 7, "weather", "台风预警，当晚停办"),
    ("culture", 7, "weather", "雷暴大雨，当晚停办"),
    ("women", 5, "provider", "讲师临时有门诊任务"),
    ("psychology", 6, "host", "厂区线路检修，会议室停电"),
    ("culture", 10, "organiser", "与全市职工运动会同日，并到下一场"),
)

# Programme and month of the drafts that still wait to be published.
DRAFTS: tuple[tuple[str, int], ...] = (
    ("culture", 10), ("culture", 11), ("culture", 12), ("women", 10), ("women", 11),
    ("women", 12), ("safety-books", 11), ("culture", 11),
)  # fmt: skip
