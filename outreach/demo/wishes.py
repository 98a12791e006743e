# ruff: noqa: E501 - tables: one thing a line
"""The orders, queues and openings of the demo that pages and stories name. Every unit is invented."""

from typing import NamedTuple

__all__ = ["ABSENCES", "CONTENT", "OFFER", "OPENINGS", "QUEUE", "UNHAPPY", "WISHES", "Wave", "Wish"]


class Wish(NamedTuple):
    """An order. ``windows`` are days from today and parts of the day; ``asked`` is how many days ago it came.

    ``by`` is who is asked to give it: with a ``window`` of their own choice, the first free one from the given day on.
    ``joined`` is how many small units of the district join it; ``refused`` says who declined it first, and why.
    """

    unit: str
    title: str
    state: str
    audience: int
    windows: tuple[tuple[int, str], ...]
    asked: int
    note: str = ""
    by: str = ""
    joined: int = 0
    lacks: str = ""
    reason: str = ""
    rain: bool = False
    returned: str = ""
    refused: tuple[str, str] | None = None


WISHES: tuple[Wish, ...] = (
    # approved, to be assigned
    Wish("浏河港务工会", "露天电影专场", "approved", 300, ((6, "evening"),), 12, "码头二区堆场旁的空地，晚上十点装卸要用，请准时散场", refused=("流动放映二队", "放映机送修，那天赶不回来")),
    Wish("阳山精工工会", "一线班组长的情绪急救", "approved", 80, ((8, "afternoon"), (9, "afternoon")), 10, "多为倒班组长，希望讲怎样开好班前会"),
    Wish("虞山服饰女职工委员会", "亲子沟通：倒班家庭怎样带孩子", "approved", 60, ((9, "afternoon"), (10, "afternoon"), (13, "afternoon"), (14, "afternoon"), (15, "afternoon")), 9),
    Wish("阳澄包装工会", "锡剧折子戏", "approved", 180, ((24, "evening"), (27, "evening")), 8, "三家合办，在阳澄包装的篮球场", joined=2),
    # assigned, to be answered
    Wish("胥江机械厂工会", "评弹进厂区", "assigned", 120, ((24, "noon"),), 48, "午休一小时，食堂二楼", "职工评弹社", returned="台风来了，厂区停工"),
    Wish("独墅湖光电工会", "倒班职工的睡眠与情绪", "assigned", 70, ((21, "afternoon"),), 9, "夜班组较多", "沈若兰"),
    Wish("盛泽丝织三厂工会", "锡剧折子戏", "assigned", 260, ((28, "evening"),), 7, "", "电力职工锡剧队"),
    Wish("木渎家具工会", "露天电影专场", "assigned", 400, ((12, "evening"),), 8, "宿舍区空地，下雨改第二天", "流动放映一队", rain=True),
    # endorsed, to be approved
    Wish("玉山电子工会", "丛书怎样用：班组安全学习", "endorsed", 60, ((23, "afternoon"), (24, "morning")), 5, "想请班组长先看样书"),
    # submitted
    Wish("独墅湖光电工会", "情绪急救：三分钟静下来", "submitted", 90, ((27, "afternoon"), (28, "afternoon")), 2),
    Wish("玉山电子工会", "情绪急救：三分钟静下来", "submitted", 110, ((27, "afternoon"),), 1, "与产线盘点错开，只能这一天"),
    Wish("枫桥电子工会", "手机、短视频与注意力", "submitted", 120, ((23, "afternoon"), (30, "afternoon")), 3, "青年职工多"),
    Wish("木渎家具工会", "灭火与心肺复苏操作训练", "submitted", 60, ((25, "morning"), (26, "morning")), 2, lacks="没有地垫"),
    Wish("盛泽丝织三厂工会", "劳动合同与女职工权益", "submitted", 100, ((24, "afternoon"), (31, "afternoon")), 1),
    Wish("阳山精工工会", "露天电影专场", "submitted", 350, ((25, "evening"), (26, "evening")), 1, "中秋后慰问，厂区广场"),
    # ended
    Wish("枫桥电子工会", "职工合唱与器乐专场", "declined", 300, ((20, "evening"),), 26, reason="合唱团10月排满了，可改点11月的日子"),
    Wish("阳山精工工会", "职场里的边界与拒绝", "declined", 25, ((-20, "afternoon"),), 45, reason="人数太少，请与邻近单位拼场"),
    Wish("沙洲冷轧工会", "评弹进厂区", "withdrawn", 90, ((-6, "noon"),), 30, reason="检修提前，那周职工放假"),
    Wish("虞山服饰工会", "投资理财入门", "withdrawn", 80, ((21, "afternoon"),), 14, reason="与女职工委员会的活动合并"),
)  # fmt: skip


class Wave(NamedTuple):
    """An opening. ``opens`` counts from today; ``topics`` name menu items, ``month`` the published sessions meant.

    ``quotas`` keep places for districts, ``ordered`` are districts out of which an order came through it.
    """

    programme: str
    name: str
    opens: int
    for_whom: str = "all"
    districts: tuple[str, ...] = ()
    unserved_years: int | None = None
    most: int | None = None
    places: int | None = None
    quotas: tuple[tuple[str, int], ...] = ()
    topics: tuple[str, ...] = ()
    month: int | None = None
    ordered: tuple[str, ...] = ()


OPENINGS: tuple[Wave, ...] = (
    Wave("women", "第四季度女性保健讲座（第一批）", -5, most=2, places=16, quotas=(("常熟市", 3), ("太仓市", 2), ("张家港市", 2)), topics=("女性保健", "生殖健康"), ordered=("常熟市", "常熟市", "太仓市", "姑苏区", "吴江区")),
    Wave("women", "第四季度女性保健讲座（第二批，先到两年没有办过的单位）", 7, "unserved", unserved_years=2, most=1, places=12, topics=("女性保健", "生殖健康")),
    Wave("culture", "12月公开场次，先到县级市", 48, "districts", districts=("张家港市", "常熟市", "太仓市", "昆山市"), places=60, month=12),
)  # fmt: skip

#: Who waits for the full session at 平江社区中心: unit ("" for anybody), seats, how often later groups were served.
QUEUE: tuple[tuple[str, int, int], ...] = (("枫桥电子工会", 26, 1), ("胥江机械厂工会", 12, 0), ("", 18, 0), ("", 9, 0))

#: To whom a part is offered of what it waits for at 盛泽丝织三厂会议室: seats offered, seats wanted.
OFFER = ("虞山服饰女职工委员会", 10, 18)

#: Lecturer or troupe, from how many days from today, how many days, why.
ABSENCES: tuple[tuple[str, int, int, str], ...] = (
    ("钱伯远", 20, 5, "外出进修"),
    ("章静宜", 13, 3, "外地授课"),
    ("周蕙宁", 34, 7, "援边医疗"),
    ("园区职工合唱团", 40, 4, "赴省里汇演"),
    ("流动放映二队", 16, 2, "设备检修"),
    ("姚思蕙", -40, 10, "年休假"),
)

#: What hosts write when they are content, and when something should change.
CONTENT = ("讲得实在，班组长当场记了四页", "下次想听怎样排班", "职工说没有听够", "互动多，气氛好", "", "", "", "")
UNHAPPY = ("话筒时断时续，后排听不清", "开场晚了二十分钟，后面赶", "内容偏书本，希望多举车间里的例子")
