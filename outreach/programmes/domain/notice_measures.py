"""What a figure of a notice counts: sessions, visits, people, courses, lecturers, or what has to be written down."""

import re
from collections.abc import Sequence

from outreach.programmes.domain.notice_figures import Doubt, Figure
from outreach.programmes.domain.targets import Basis, Counting, Metric

__all__ = [
    "basis_of",
    "counting_of",
    "doubt_of",
    "is_budget",
    "is_for_one",
    "kind_of",
    "kinds_in",
    "label_of",
    "metric_of",
    "noun_of",
]

#: Kinds of sessions that notices name; the longer ones first.
_KIND = re.compile(
    r"(?<!立功)(?:培训课程|集中学习|操作训练|技能竞赛|劳动竞赛|主题活动|专题活动|招聘会|报告会|座谈会|联谊会|交流会|运动会|演唱会"
    r"|文艺演出|巡回演出|公开课|健步走|讲座|培训班|培训|演出|戏曲|电影|展览|交流|赛事|比赛|竞赛|沙龙|宣讲|论坛|课程|辅导|义诊|演讲"
    r"|观影|联谊|巡演|放映)"
)
#: Words that make a session of a 次, 期 or 个; places and bodies of the same name are none.
_SESSION = re.compile(
    r"(?:讲座|培训班|班次|演出|展览|比赛|赛事|竞赛|活动|沙龙|宣讲|报告会|座谈会|招聘会|联谊|巡演|放映|电影|公开课|论坛|课堂|辅导|观影"
    r"|演讲|义诊|培训)(?!机构|基地|示范点|场地|场所|阵地|中心|室|站|点|圈|补贴|平台|项目|品牌|和活动优惠|课程)"
)
#: Where one of these stands, the service is one of sessions; the others are said of much else, too.
_STRONG = re.compile(
    r"培训课程|集中学习|操作训练|技能竞赛|主题活动|招聘会|讲座|培训班|文艺演出|演出|戏曲|电影|展览|沙龙|宣讲"
)
_HELP = re.compile(r"慰问|救助|资助|补助|帮扶|援助|走访|咨询|体检|筛查")
_LECTURER = re.compile(r"讲师|师资|学者|授课|教员")
_ENGAGED = re.compile(r"聘请|聘任|选聘|聘|组建|组成|邀请|建立|成立|吸纳")
_TRAINED = re.compile(r"培训|参训|轮训|受训|听课")
_TAKES_PART = re.compile(r"参加|参与")
_SERVED = re.compile(r"惠及|受益|覆盖|吸引|服务")
_NO_PARTICIPANT = re.compile(r"学员|在读|律师|志愿者|疗休养|体检|会员")
_LEVEL = re.compile(
    r"在读|持卡|共建成|(?:全市|全区|全县|全省)(?:共|累计)?建成|累计|总数|总量|保持|稳定在|拥有|律师团|志愿者|队伍"
)
_MADE = re.compile(
    r"建成|新建|改造|升级|建立|建设|设立|创建|打造|开发|评选|选树|评定|命名|表彰|扶持|培育|推出|新增|新设|发放|赠送|编印|印发|形成|开办|开设|发展|组建|成立"
    r"|走访|慰问|帮扶|救助|送|配备|配送|签订|举办|实现|完成|提供岗位|达到|吸收"
)
_INPUT = re.compile(r"投入|安排|拨付|拨出|列支|经费|预算|资金")
_FOR_ONE = re.compile(r"给予|每人|每户|每名|人均|最高|一次性|标准|可获得|获得|奖励|不等|起付")
_PLACES = frozenset("个家处所间座支对户")


def metric_of(figure: Figure) -> Metric:
    """What the figure counts, by its measure word and the words of its clause."""
    clause = figure.clause.text
    match figure.unit:
        case "人次":
            return Metric.TALLY if _HELP.search(clause) and not _SESSION.search(clause) else Metric.VISITS
        case "场" | "场次" | "堂" | "节":
            return Metric.SESSIONS
        case "期" | "次" | "班":
            return Metric.SESSIONS if _SESSION.search(clause) else Metric.TALLY
        case "门":
            return Metric.COURSES
        case "个" | "项" | "台":
            return _metric_of_things(figure)
        case "人" | "名" | "位":
            return _metric_of_persons(figure)
    return Metric.TALLY


def _metric_of_things(figure: Figure) -> Metric:
    noun = noun_of(figure.after)
    if noun.endswith("课程"):
        return Metric.COURSES
    if not noun and re.search(r"课程$", figure.before):
        return Metric.COURSES
    return Metric.SESSIONS if _SESSION.search(noun or figure.before[-6:]) else Metric.TALLY


def _metric_of_persons(figure: Figure) -> Metric:
    clause = figure.clause.text
    if _LECTURER.search(clause) and _ENGAGED.search(clause):
        return Metric.LECTURERS
    if _NO_PARTICIPANT.search(clause):
        return Metric.TALLY
    if _TRAINED.search(clause) or _TAKES_PART.search(clause):
        return Metric.PEOPLE
    return Metric.PEOPLE if _SERVED.search(clause) and _SESSION.search(figure.sentence.text) else Metric.TALLY


def counting_of(figure: Figure, metric: Metric) -> Counting:
    """Whether the latest figure counts (在读, 持卡, 共建成) or all of them add up."""
    if metric is Metric.LECTURERS or figure.unit == "%":
        return Counting.LEVEL
    if metric is Metric.TALLY and _LEVEL.search(figure.clause.text):
        return Counting.LEVEL
    return Counting.FLOW


def basis_of(figure: Figure, metric: Metric) -> Basis:
    """Whose visits: ``10万人次的职工`` are those of workers."""
    workers = re.match(r"的?(?:[^，。；]{0,6})职工", figure.after) or re.search(r"职工$", figure.before)
    return Basis.WORKERS if metric is Metric.VISITS and workers else Basis.ALL


def doubt_of(figure: Figure, metric: Metric, year: int | None) -> Doubt | None:
    """Why the figure may be no promise of ``year``; ``None``: nothing speaks against it."""
    if figure.doubt:
        return figure.doubt
    if year is not None and figure.years and year not in figure.years:
        return Doubt.OTHER_YEAR
    if metric is Metric.TALLY and figure.unit in _PLACES and not _MADE.search(figure.clause.text):
        return Doubt.CONTEXT
    if (
        metric is Metric.TALLY
        and figure.unit in _PLACES
        and re.search(r"(?:支持|联手|依托|等|为基层|、)$", figure.before)
    ):
        return Doubt.CONTEXT
    return None


def is_budget(figure: Figure) -> bool:
    """Money that is put in, and not what somebody gets."""
    return figure.is_money and bool(_INPUT.search(figure.clause.text)) and not is_for_one(figure)


def is_for_one(figure: Figure) -> bool:
    """Money for one person or household: no promise that adds up."""
    return figure.is_money and bool(_FOR_ONE.search(figure.clause.text) or figure.doubt)


#: Where the name of the counted thing ends.
_AFTER_NOUN = re.compile(
    r"[，。；、：“”‘’（）()0-9]|作为|组成|将|进行|提供|参加|参与|实现|开展|举办|用于|为|在|并|投入|面向|给予|以及|送上|解决|建立|发放|进(?=大学|企业|基层|社区)|$"
)
_BEFORE_NOUN = re.compile(
    r"^(?:其中|全年|年内|今年|计划|安排|力争|确保|通过|组织|免费|继续|面向|帮助|共|20\d\d年|全市|全区|逐步|各级工会|、|以及|和|并|按)+"
)
_BINDING = re.compile(
    r"(?:不少于|不低于|不小于|不下于|超过|多于|至少|达到|提高至|大约|约|将近|近|逾|超|突破|人数|总数|数量|为|共计|共|达|的)+$"
)
_LONGEST_LABEL = 20


def noun_of(after: str) -> str:
    """The name of what is counted, from behind the figure (``名以上执业律师作为志愿者`` → ``执业律师``)."""
    rest = after.lstrip("的 ")
    quoted = re.match(r"[“《「]([^”》」]{1,20})[”》」]", rest)
    if quoted:
        return quoted[1]
    end = _AFTER_NOUN.search(rest)
    noun = rest[: end.start() if end else len(rest)].rstrip("和及与等 ")
    return noun if len(noun) > 1 else ""


def label_of(figure: Figure, *, with_deed: bool = False) -> str:
    """What a target for the figure may be called; ``with_deed`` puts its verb before the noun (新建爱心妈咪小屋)."""
    noun = noun_of(figure.after)
    if not noun or noun == "比例":
        noun = _said_before(figure)
    elif with_deed:
        noun = re.split(r"[、“”（）()]", _said_before(figure))[-1] + noun
    return (noun or figure.clause.text.strip())[:_LONGEST_LABEL]


def _said_before(figure: Figure) -> str:
    parts = re.split(r"[0-9]", figure.before)
    words = parts[-1].strip().removeprefix("年" if len(parts) > 1 else "")
    words = _BEFORE_NOUN.sub("", _BINDING.sub("", words))
    return re.sub(rf"^{_BINDING.pattern[:-2]}+", "", words).rsplit("、", 1)[-1]


def kind_of(figure: Figure) -> tuple[str, ...]:
    """Which kinds of sessions the figure counts, where its clause says so (区级赛事和主题活动, 讲座)."""
    noun = noun_of(figure.after)
    if noun:
        return tuple(one for one in re.split(r"[、和与及]", noun) if len(one) > 1)
    return tuple(hit[0] for hit in _KIND.finditer(figure.before))[-1:]


def kinds_in(text: str) -> tuple[str, ...]:
    """The kinds of sessions that a paragraph names, in its order; empty where it names none for sure."""
    found: Sequence[str] = list(dict.fromkeys(hit[0] for hit in _KIND.finditer(text)))
    if not any(_STRONG.fullmatch(kind) for kind in found):
        return ()
    return tuple(kind for kind in found if not any(kind != other and kind in other for other in found))
