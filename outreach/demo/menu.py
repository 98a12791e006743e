# ruff: noqa: E501 - tables: one thing a line
"""The menu and who gives it. Every name is invented."""

from typing import NamedTuple

__all__ = ["CANCEL_HOURS", "DISHES", "LECTURERS", "TROUPES", "TWO_STEPS", "Dish", "Lecturer", "Troupe"]

#: Programme → hours before the start until which a unit may cancel without a reason.
CANCEL_HOURS = {"psychology": 24, "women": 24}
#: Programmes whose orders the unit's parent endorses first.
TWO_STEPS = ("safety-books",)

_PSY = "心理健康"


class Dish(NamedTuple):
    """A menu item. ``by`` names troupes; lectures find their lecturers by topic."""

    programme: str
    kind: str
    title: str
    topic: str
    minutes: int
    audience: str
    summary: str
    site_needs: str = ""
    smallest: int = 40
    largest: int = 160
    by: tuple[str, ...] = ()
    days: int = 1

    @property
    def orderable(self) -> bool:
        """Whether units may order it to their own site; exhibitions and what the city itself calls them to are not."""
        return self.days == 1 and self.title not in ("职工歌会", "班组安全知识竞赛")


class Lecturer(NamedTuple):
    name: str
    title: str
    topics: tuple[str, ...]
    district: str
    days: str = "12345"
    per_month: int = 6

    @property
    def parts(self) -> tuple[str, ...]:
        """Weekdays and parts of the day: office hours; those who speak to shift workers come in the evening, too."""
        parts = ("morning", "afternoon", "evening") if _PSY in self.topics else ("morning", "afternoon")
        return tuple(f"{day}-{part}" for day in self.days for part in parts)

    @property
    def availability(self) -> str:
        """The weekdays in words."""
        return (
            "周一至周五" if self.days == "12345" else "、".join("周" + "一二三四五六日"[int(n) - 1] for n in self.days)
        )


class Troupe(NamedTuple):
    name: str
    title: str
    topics: tuple[str, ...]
    district: str
    teams: int = 1
    after_work: bool = False

    @property
    def parts(self) -> tuple[str, ...]:
        """Evenings and weekends for those who have another job, else any time."""
        if not self.after_work:
            return ()
        evenings = tuple(f"{day}-evening" for day in "12345")
        return evenings + tuple(f"{day}-{part}" for day in "67" for part in ("morning", "noon", "afternoon", "evening"))

    @property
    def availability(self) -> str:
        """The same in words."""
        return "工作日晚上和双休日" if self.after_work else "提前一周约定"


_ROOM = "会议室或报告厅，投影、话筒"
_STAGE = "空地或舞台约8米×6米，220伏电源，两支话筒"
_NIGHT = "空地不少于400平方米，220伏电源，天黑后开映"

DISHES: tuple[Dish, ...] = (
    # 送文化进基层
    Dish("culture", "演出", "广场文艺演出", "文艺", 120, "职工和家属，带孩子也可以来", "歌舞、小品、器乐、戏曲联唱，节目由各行各业的职工自己编排。最后留十五分钟请现场职工上台。", _STAGE, 200, 2000, ("市职工艺术团",)),
    Dish("culture", "演出", "职工合唱与器乐专场", "音乐", 120, "喜欢音乐的职工", "老歌新唱，配民乐小合奏。演员都是下了班来排练的职工，每首歌前讲一段它的来历。", "室内舞台，钢琴更好", 100, 800, ("园区职工合唱团",)),
    Dish("culture", "演出", "慰问一线职工文艺小分队", "文艺", 60, "工地、车间、港区一线职工", "八个人一辆车，利用午休或交接班演一小时，不耽误生产。", "空地一块，接得上电", 60, 600, ("市职工艺术团",)),
    Dish("culture", "戏曲", "评弹专场", "戏曲", 90, "老少都宜，听不懂苏州话也有字幕", "两个折子加一段开篇，演员是业余评弹社的职工。每场讲一讲三弦和琵琶怎样配合。", "小舞台，安静的室内", 40, 300, ("职工评弹社",)),
    Dish("culture", "戏曲", "锡剧折子戏", "戏曲", 90, "企业职工和社区居民", "三出折子戏，唱词投影在侧屏上。演出前可以到后台看化装。", _STAGE, 80, 500, ("电力职工锡剧队",)),
    Dish("culture", "戏曲", "评弹进厂区", "戏曲", 60, "午休或交接班的职工", "两个人、两件乐器、四十分钟一段书，车间食堂里就能演。", "食堂或会议室", 30, 200, ("职工评弹社",)),
    Dish("culture", "电影", "露天电影专场", "电影", 120, "打工楼、工地、社区的职工和家属", "放一部正片，片前放十分钟安全生产短片。银幕八米宽，自带小凳。", _NIGHT, 150, 3000, ("流动放映一队", "流动放映二队")),
    Dish("culture", "电影", "亲子电影周末场", "电影", 110, "带孩子的职工家庭", "适合小学生的影片，片后有猜谜送书。室内外都可以放。", _NIGHT, 100, 1500, ("流动放映一队", "流动放映二队")),
    Dish("culture", "展览", "职工书画展", "书法美术", 420, "所有职工，随到随看", "各行各业职工的书法、国画、剪纸六十件，开幕当天现场写春联、画扇面。", "展线不少于60米", 100, 6000, ("市职工书画协会",), 6),
    Dish("culture", "展览", "职工收藏展", "收藏", 420, "所有职工，随到随看", "老粮票、劳模奖章、厂徽、旧工具，一件东西一张卡片，写明它的主人和故事。", "带锁展柜或有人值守", 100, 6000, ("市职工书画协会",), 5),
    Dish("culture", "交流", "灯谜竞猜与书法交流", "灯谜", 90, "企业和社区职工，二十人起", "挂两百条灯谜，猜中有奖；同时开三张书案，请书法协会的会员现场教写。", "走廊或活动室，可挂线", 20, 300, ("市灯谜学会小组",)),
    Dish("culture", "交流", "书法交流", "书法", 120, "有兴趣的职工，不要求基础", "从握笔讲起，人人动手，带一张自己写的字回去。笔墨由协会带来。", "长桌、水池", 15, 120, ("市职工书画协会",)),
    Dish("culture", "演出", "职工歌会", "音乐", 120, "各级工会组织职工代表", "行业代表队唱主打歌，全场合唱收尾。", "剧场或体育馆", 200, 1500, ("园区职工合唱团", "市职工艺术团")),
    # 职工心理健康促进计划
    Dish("psychology", "讲座", "倒班职工的睡眠与情绪", "心理健康", 90, "倒班、夜班较多的企业职工，班组长优先", "连上几个夜班之后，白天睡不着、脾气急、注意力差，多半不是意志的问题，是生物钟被打乱了。这一讲用九十分钟说清三件事：倒班时身体发生了什么，下夜班后怎样补觉，班组怎样排班对人更好些。\n\n现场做一次十分钟的放松练习，请穿宽松衣服。每人发一本《苏州市职工心理健康自助手册》。", _ROOM),
    Dish("psychology", "讲座", "一线班组长的情绪急救", "心理健康", 90, "班组长、工段长", "组员在班上哭了、吵了、发呆了，头五分钟怎么办。讲四句可以说的话和四句不要说的话，分组演练。", _ROOM, 30, 100),
    Dish("psychology", "讲座", "新员工适应期的压力管理", "心理健康", 90, "入职一年以内的职工", "离家、换环境、考核、宿舍相处，按入职的第一天、第一个月、第一年来讲。", _ROOM),
    Dish("psychology", "讲座", "情绪急救：三分钟静下来", "心理健康", 90, "所有职工", "呼吸、肌肉放松、注意力转移，三种办法各练一遍，学会一种就够用。", _ROOM),
    Dish("psychology", "讲座", "职场里的边界与拒绝", "心理健康", 90, "办公室、窗口岗位职工", "好说话的人为什么累，怎样把不字说得清楚又不伤人。", _ROOM),
    Dish("psychology", "讲座", "上有老下有小：中年职工的减压", "心理健康", 90, "35岁以上职工", "把压力分成能改的、能等的、要放下的三类，现场各自列一张单子。", _ROOM),
    Dish("psychology", "讲座", "家有考生怎样陪", "心理健康", 90, "孩子中考、高考的职工", "考前一百天，家长做什么、不做什么。", _ROOM),
    Dish("psychology", "讲座", "手机、短视频与注意力", "心理健康", 90, "青年职工", "下班后刷到半夜，第二天出错。讲清上瘾的道理，订一个做得到的小计划。", _ROOM),
    Dish("psychology", "讲座", "班前会里的心理学", "心理健康", 60, "班组长", "五分钟班前会怎样问、怎样看，早一点发现状态不对的人。", _ROOM, 20, 80),
    Dish("psychology", "讲座", "工伤之后：身边人能做什么", "心理健康", 90, "安全员、工会干部、班组职工", "事故以后的四周里，当事人和目击者会经历什么，同事怎样陪。", _ROOM, 20, 100),
    # 职业女性素质提升大课堂进企业
    Dish("women", "讲座", "女性保健：体检报告怎么读", "女性保健", 90, "女职工", "带上自己的体检报告来。逐项讲哪些箭头要紧、哪些复查即可、哪些不用管。", _ROOM),
    Dish("women", "讲座", "更年期的身体与心情", "女性保健", 90, "40岁以上女职工，也欢迎丈夫来听", "讲症状、饮食、运动和用药，最后讲家里人怎样配合。", _ROOM),
    Dish("women", "讲座", "孕期与哺乳期怎样上班", "生殖健康", 90, "备孕、孕期、哺乳期女职工", "排班、产检假、哺乳时间、妈妈驿站怎样用，一件一件讲。", _ROOM, 20, 100),
    Dish("women", "讲座", "两癌筛查知多少", "生殖健康", 90, "女职工", "筛查项目、结果怎样看、疫苗怎样打，留半小时答问。", _ROOM),
    Dish("women", "讲座", "劳动合同与女职工权益", "法律法规", 120, "女职工、工会干部", "用八个案例讲合同、工资、三期保护和举证，案例都隐去单位。", _ROOM),
    Dish("women", "讲座", "反家暴法律常识", "法律法规", 90, "女职工", "什么算家暴、怎样留证据、向谁求助、工会能做什么。", _ROOM),
    Dish("women", "讲座", "亲子沟通：倒班家庭怎样带孩子", "婚姻家庭", 90, "孩子在12岁以下的职工", "一周见不到几面，怎样让孩子觉得父母在。讲三个固定动作。", _ROOM),
    Dish("women", "讲座", "婚姻里的分工与争吵", "婚姻家庭", 90, "已婚职工，可带家属", "吵架有规则。分工谈不拢的时候，先谈时间，再谈钱。", _ROOM),
    Dish("women", "讲座", "形象礼仪与职场着装", "形象礼仪", 90, "女职工", "工装也能穿得精神。现场示范坐、站、递、接，讲淡妆和配色。", _ROOM),
    Dish("women", "讲座", "职场沟通与情绪管理", "形象礼仪", 120, "女职工、窗口岗位职工", "开会、汇报、被误解，三个场面各演一遍，学说清楚，也学听明白。", _ROOM),
    Dish("women", "讲座", "投资理财入门", "投资理财", 90, "女职工", "先记账，再留应急的钱，最后才谈投资。讲骗局的五种样子。", _ROOM),
    Dish("women", "讲座", "家庭账本与保险", "投资理财", 90, "女职工", "社保、医保、商业保险各管什么，一家人怎样搭配。", _ROOM),
    # 发放万套安全生产知识丛书
    Dish("safety-books", "集中学习", "丛书怎样用：班组安全学习", "安全生产", 90, "非公有制企业班组长、安全员", "以丛书第一册为课本，学会带一堂二十分钟的班组安全课。每个单位现场领书。", _ROOM, 30, 200),
    Dish("safety-books", "操作训练", "灭火与心肺复苏操作训练", "安全生产", 120, "外来务工人员集中的企业", "每人上手一次灭火器、一次心肺复苏。", "空地、地垫", 20, 100),
    Dish("safety-books", "操作训练", "粉尘与噪声防护用品佩戴", "安全生产", 90, "存在职业危害的企业", "口罩、耳塞戴对了没有，用仪器测一测。", _ROOM, 20, 100),
    Dish("safety-books", "技能竞赛", "班组安全知识竞赛", "安全生产", 150, "班组代表队，每队三人", "必答、抢答、找隐患实操三轮，题目出自丛书。", "礼堂，三张桌", 30, 300),
)  # fmt: skip

LECTURERS: tuple[Lecturer, ...] = (
    Lecturer("沈若兰", "心理咨询师", (_PSY, "婚姻家庭"), "吴中区", "2345", 8),
    Lecturer("钱伯远", "职业健康医师", (_PSY,), "姑苏区", "13", 4),
    Lecturer("陆知微", "高校心理教师", (_PSY, "婚姻家庭"), "工业园区", "24", 8),
    Lecturer("何清越", "员工援助顾问", (_PSY, "形象礼仪"), "太仓市", "12345", 8),
    Lecturer("章静宜", "企业培训师", ("形象礼仪", _PSY), "工业园区"),
    Lecturer("吴映雪", "礼仪讲师", ("形象礼仪",), "昆山市"),
    Lecturer("周蕙宁", "妇科主治医师", ("女性保健", "生殖健康"), "吴江区", "35", 4),
    Lecturer("许明澜", "律师", ("法律法规",), "昆山市"),
    Lecturer("蒋晓棠", "家庭教育指导师", ("婚姻家庭", _PSY), "常熟市"),
    Lecturer("顾怀筠", "中医师", ("女性保健",), "姑苏区", "24", 4),
    Lecturer("徐语桐", "助产士", ("生殖健康",), "虎丘区", "56", 4),
    Lecturer("潘书禾", "律师", ("法律法规",), "张家港市"),
    Lecturer("范映溪", "理财规划师", ("投资理财",), "姑苏区"),
    Lecturer("尤佩宁", "银行职员", ("投资理财",), "常熟市", "56", 4),
    Lecturer("陶清岚", "体检中心医师", ("女性保健",), "相城区"),
    Lecturer("姚思蕙", "妇幼保健医师", ("生殖健康", "女性保健"), "太仓市"),
    Lecturer("俞静棠", "劳动仲裁员", ("法律法规",), "吴中区", "3", 2),
    Lecturer("费云舟", "社会工作师", ("婚姻家庭",), "相城区"),
    Lecturer("薛晓禾", "色彩顾问", ("形象礼仪",), "虎丘区"),
    Lecturer("季若溪", "保险精算员", ("投资理财",), "工业园区", "56", 4),
    Lecturer("鲍秀岚", "心理咨询师", (_PSY, "婚姻家庭"), "张家港市"),
    Lecturer("盛雨筠", "产科护士长", ("生殖健康",), "吴江区", "4", 2),
    Lecturer("苗佩澜", "法律援助律师", ("法律法规", "婚姻家庭"), "昆山市"),
    Lecturer("丁守拙", "注册安全工程师", ("安全生产",), "虎丘区"),
)

TROUPES: tuple[Troupe, ...] = (
    Troupe("市职工艺术团", "综合文艺", ("文艺", "音乐"), "姑苏区", 3),
    Troupe("园区职工合唱团", "合唱与民乐", ("音乐",), "工业园区", after_work=True),
    Troupe("职工评弹社", "评弹", ("戏曲",), "姑苏区", 2),
    Troupe("电力职工锡剧队", "锡剧", ("戏曲",), "张家港市", after_work=True),
    Troupe("流动放映一队", "电影放映", ("电影",), "吴中区", 2, after_work=True),
    Troupe("流动放映二队", "电影放映", ("电影",), "常熟市", after_work=True),
    Troupe("市职工书画协会", "书法、美术、收藏", ("书法", "书法美术", "收藏"), "姑苏区", 2),
    Troupe("市灯谜学会小组", "灯谜", ("灯谜",), "姑苏区"),
)
