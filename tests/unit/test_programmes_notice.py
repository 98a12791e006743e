"""Reading notices: what is promised, in which words, and what is said of figures that are no promise."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.programmes.domain.notice import (
    LONGEST_NOTICE,
    MOST_PROGRAMMES,
    MOST_TARGETS,
    ReadProgramme,
    ReadTarget,
    read_notice,
)
from outreach.programmes.domain.notice_figures import Doubt, number_of
from outreach.programmes.domain.notice_text import cleaned, paragraphs
from outreach.programmes.domain.targets import Basis, Bound, Counting, Metric
from outreach.programmes.toml import shipped_notices

#: The paragraphs of 〔2015〕2号, shortened to the sentences that name the service and those with figures.
SUZHOU = """2015年苏州市总工会普惠职工实事项目

一、对在职工会会员相关特殊困难进行救助。根据《苏州市工会会员特殊困难救助办法》及其“实施细则”，对在职工会会员在遭遇大病、意外伤害及家财损失时给予救助。
二、扩大工会法律援助受助面。组织100名以上执业律师作为志愿者，组成职工法律援助律师团，根据《苏州市工会法律援助办法》，提供无偿法律援助。

三、推动设立“妈妈驿站”关爱“三期”女职工。苏州市总工会对“妈妈驿站”建设给予指导和资金扶持，第一批60个将在年内建成并投入使用。

四、加大送文化进基层活动力度。以全市企业、社区、驻军、养老机构、民工子弟学校等为主要对象，送演出、送戏曲、送电影进基层，在基层开展书法、美术、灯谜、收藏等展览、交流活动。全年送文化进基层超过150场次，组织和吸引不少于10万人次的职工参加活动，职工文体协会各分会新吸收职工会员1000名以上。

五、实施职工心理健康促进计划。运用EAP（员工援助计划）相关原理与方法，提升职工的心理健康水平。主要内容包括：心理健康讲座送进企业。通过组织50场左右的讲座，帮助职工提高对心理健康重要性的认识；编印《苏州市职工心理健康自助手册》。通过免费发放20000本以上手册，广泛普及心理健康知识。
六、资助优秀职工、工会干部进大学深造。目前设工商企业管理等专业，学制为2年半。苏州市总工会根据学员的学习情况，按不低于学费50%的比例进行资助。2015年，在读学员人数为400名左右。

七、职业女性素质提升大课堂进企业。聘请20名以上知名女性学者、专家组成讲师团，到基层企业开办免费讲座。全年计划安排讲座50场以上，各级工会和女职工委员会可到苏州市总工会预约。

八、发放万套安全生产知识丛书。经各级工会摸排、申报，确定对象后，免费发放10000套以上安全生产知识丛书，组织围绕“丛书”的集中学习、操作训练和技能竞赛活动。
"""

#: Annex 3 of 杨工〔2017〕39号, its sentences with figures.
YANGPU = """附件3
2017年度杨浦工会服务职工实事项目

1.做实工会会员服务卡，继续为150000名持卡会员提供普惠、特惠、商惠服务。在普惠服务方面，拓展服务卡专项保障项目，对因患四类重大疾病住院职工给予1万元保障。在商惠服务方面，联手东方购物、苏宁云商等60余个商家提供9折起优惠。

2.提供10000人次“公益乐学”服务，依托沪东工人文化宫，开设沪语、微摄影、美妆、插花、烘焙、茶道、拉丁舞等30门培训课程。

3.投入500000元，为职工购买区域文体活动服务，支持5个职工文化服务圈举办15场区级赛事和主题活动，为基层15个职工文体活动基地、50个职工文体活动示范点提供1000场次文体活动场地补贴和100场次文体活动项目补贴。

4.面向基层和一线，组织3000名立功竞赛先进个人、公共行业从业人员及有毒有害特殊工种岗位的职工参加疗休养；为1000名困难女职工提供体检。

5.在凤城巷、创智天地等，新建10家爱心妈咪小屋，为孕期、产期、哺乳期女职工提供帮助。年内全区共建成50家爱心妈咪小屋。

6.扎实做好“天天有招聘、周周有面试、月月有职场”工作，组织60场就业招聘会，开发岗位20000个，帮助2500名需要就业的职工实现就业。

7.开设职工心理咨询热线，提供心理咨询预约式服务，为职工缓解压力、释疑解惑。

8.扩充工会法律服务的专业力量和社会资源，提供免费法律维权，实行“应援尽援”和“零门槛”服务。

9.健全窗口延时服务制度，均衡布点，坚持工作日晚上服务至8点、星期六照常提供服务的工作机制。

10.建立完善“工匠”培育制度。进一步实施技师岗位培训计划，培训职工1000名；对晋升技师和高级技师的给予一次性1000—2000元奖励。
"""

#: The plan of Beijing for 2015 to 2019, its headings and its sentences with figures.
BEIJING = """关于进一步做好服务职工工作的实施方案

一、工作目标

2015年各区县、企事业工会实名制服务职工人次达到本区域已采集会员人数的20%，到2019年逐步提高至80%。

二、工作内容

（一）技能助推服务
对获得技师、高级技师职业资格证书或获得市级职业技能竞赛前10名的会员，给予1000至2000元的助推资助。

（二）工会法律服务
要继续做好法律咨询、法律援助代理、代书服务和劳动争议调解服务。

（七）意外保障服务
保障因非工伤意外导致伤残的会员可获得最高5000元保障金，导致身故的会员可获得2万元保障金。

（八）心理关爱服务
在全市建成300家“职工心灵驿站”，面向会员免费开放。

（十）母婴关怀服务
各级工会要根据实际情况，逐步在全市建成2000余家母婴关爱室。

三、工作要求

（一）加强实名制更新
各基层工会要及时处理市总工会关于信息采集更新问题的派单。

四、保障措施

（一）加大经费投入
各级工会组织要确保70%以上的留成经费用于服务职工工作。
"""

#: Sentences written as notices write, with what they promise.
SENTENCES = (
    ("全年开展“送戏进企业”文艺演出不少于六十场", "sessions at_least 60 场"),
    ("受益职工达到3.5万人次以上", "visits at_least 35000 人次"),
    ("举办各类公益培训班40个以上，参训职工不少于1200人", "sessions at_least 40 个;people at_least 1200 人"),
    ("新建户外劳动者爱心驿站25个", "tally plain 25 个"),
    ("为全市8000名环卫工人送去夏季清凉用品", "tally plain 8000 名"),
    ("发放法律宣传资料5万份以上", "tally at_least 50000 份"),
    ("组织劳模宣讲团进基层宣讲约80场", "sessions about 80 场"),
    ("组建由15名专家组成的健康讲师团", "lecturers plain 15 名"),
    ("组织1,200名一线职工疗休养", "tally plain 1200 名"),
    ("职工书屋总数达到300家", "tally at_least 300 家"),
    ("举办青年职工交友联谊活动10场（次）", "sessions plain 10 场次"),
    ("发放助学金，资助学生近500名", "tally about 500 名"),
    ("建立职工心理咨询室二十个", "tally plain 20 个"),
    ("工会会员服务卡发卡量突破50万张", "tally more_than 500000 张"),
    ("争取职工满意度不低于百分之九十五", "tally at_least 95 %"),
    ("举办职工篮球、羽毛球等赛事8项", "sessions plain 8 项"),
    ("赠送互助保险一万二千份", "tally plain 12000 份"),
    ("为女职工提供“两癌”筛查3000人次", "tally plain 3000 人次"),
    ("举办讲座100余场次，听课职工超1万人", "sessions more_than 100 场次;people more_than 10000 人"),
    ("选树市级劳模创新工作室十二个", "tally plain 12 个"),
    ("购买图书15000余册", "tally more_than 15000 册"),
    ("放映公益电影240场左右、观影职工２.４万人次", "sessions about 240 场;visits plain 24000 人次"),
    ("扶持基层文体社团至少35支", "tally at_least 35 支"),
    ("全年服务职工群众力争超过100万人次", "visits more_than 1000000 人次"),
    ("开设书法、摄影等公益课程二十门", "courses plain 20 门"),
)


def facts_of(one: ReadTarget) -> tuple[str, str, float, str]:
    return str(one.metric), str(one.bound), one.value, one.unit


def targets_of(text: str) -> list[ReadTarget]:
    return [target for programme in read_notice(text) for target in programme.targets]


def by_code(text: str, year: int | None = None) -> dict[str, ReadProgramme]:
    return {one.code: one for one in read_notice(text, year=year)}


@pytest.mark.parametrize(("name", "text", "count"), [("suzhou-2015", SUZHOU, 12), ("yangpu-2017", YANGPU, 14)])
def test_every_target_of_the_shipped_notices_is_read(name: str, text: str, count: int) -> None:
    """Programme, metric, bound, value, unit and how it is counted, each against the file written by hand."""
    shipped = tomllib.loads(shipped_notices()[name].decode())
    expected = {
        one["code"]: sorted(
            (two["metric"], two["bound"], float(two["value"]), two["unit"], two["counting"])
            for two in one.get("target", [])
        )
        for one in shipped["programme"]
    }
    read = {
        one.code: sorted((*facts_of(two), str(two.counting)) for two in one.targets if two.taken)
        for one in read_notice(text, year=shipped["year"])
        if one.taken
    }

    assert read == expected
    assert sum(map(len, expected.values())) == count


def test_wordings_are_the_clauses_of_the_notice() -> None:
    shipped = tomllib.loads(shipped_notices()["suzhou-2015"].decode())
    promised = [two["wording"] for one in shipped["programme"] for two in one.get("target", [])]
    read = [one.wording for one in targets_of(SUZHOU) if one.taken]

    assert len(read) == len(promised)
    assert [wording for wording in promised if not any(wording in whole for whole in read)] == []
    assert all(one in SUZHOU for one in read)


def test_headings_are_names_and_marks() -> None:
    read = read_notice(SUZHOU, year=2015)

    assert [(one.number, one.name, one.mark, one.short_name) for one in read][3:5] == [
        ("四、", "加大送文化进基层活动力度", "文", "送文化"),
        ("五、", "实施职工心理健康促进计划", "心", "心理健康"),
    ]
    assert [one.code for one in read if one.scheduled] == ["culture", "psychology", "women", "safety-books"]
    assert by_code(SUZHOU)["culture"].kinds == ("演出", "戏曲", "电影", "展览", "交流")
    assert [one.name for one in read_notice(YANGPU)][:6] == [
        "做实工会会员服务卡",
        "提供“公益乐学”服务",
        "为职工购买区域文体活动服务",
        "疗休养",
        "新建爱心妈咪小屋",
        "扎实做好“天天有招聘、周周有面试、月月有职场”工作",
    ]


def test_whose_visits_and_what_a_budget_is() -> None:
    visits = next(one for one in by_code(SUZHOU)["culture"].targets if one.metric is Metric.VISITS)
    assert visits.basis is Basis.WORKERS
    sports = by_code(YANGPU)["sports-culture"]
    assert sports.budget_yuan == 500_000
    assert [(one.label, one.kinds) for one in sports.targets if one.taken] == [
        ("区级赛事和主题活动", ("区级赛事", "主题活动")),
        ("文体活动场地补贴", ("文体活动场地补贴",)),
        ("文体活动项目补贴", ("文体活动项目补贴",)),
    ]
    assert set(sports.kinds) == {kind for one in sports.targets for kind in one.kinds}
    rooms = by_code(YANGPU)["mothers-room"].targets
    assert [(one.label, one.counting) for one in rooms] == [
        ("新建爱心妈咪小屋", Counting.FLOW),
        ("建成爱心妈咪小屋", Counting.LEVEL),
    ]


def test_figures_that_describe_are_shown_and_not_taken() -> None:
    doubtful = [(one.value, one.doubt) for one in targets_of(YANGPU) if not one.taken]
    assert doubtful == [(60, Doubt.CONTEXT), (5, Doubt.CONTEXT), (15, Doubt.CONTEXT), (50, Doubt.CONTEXT)]
    assert [(one.wording, one.doubt) for one in targets_of(SUZHOU) if one.doubt] == [
        ("发放万套安全生产知识丛书", Doubt.REPEATED)
    ]
    assert by_code(YANGPU)["service-card"].unread == ("对因患四类重大疾病住院职工给予1万元保障",)


def test_goals_duties_and_other_years_are_no_programmes() -> None:
    read = read_notice(BEIJING, year=2015)

    assert [one.number + one.name for one in read if one.taken] == [
        "（一）技能助推服务",
        "（二）工会法律服务",
        "（七）意外保障服务",
        "（八）心理关爱服务",
        "（十）母婴关怀服务",
    ]
    assert [facts_of(one) for programme in read for one in programme.targets] == [
        ("tally", "at_least", 20, "%"),
        ("tally", "at_least", 80, "%"),
        ("tally", "plain", 300, "家"),
        ("tally", "more_than", 2000, "家"),
        ("tally", "at_least", 70, "%"),
    ]
    goals = read[0]
    assert (goals.name, goals.taken, [one.doubt for one in goals.targets]) == (
        "工作目标",
        False,
        [None, Doubt.OTHER_YEAR],
    )
    assert read[1].unread == ("给予1000至2000元的助推资助",)


@pytest.mark.parametrize(("text", "promised"), SENTENCES)
def test_sentences_as_notices_write_them(text: str, promised: str) -> None:
    found = targets_of(text)
    expected = [one.split() for one in promised.split(";")]
    assert [facts_of(one) for one in found] == [(one[0], one[1], float(one[2]), one[3]) for one in expected]
    assert all(one.taken for one in found)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,000", 1000),
        ("１，０００", 1000),
        ("10万", 100_000),
        ("1.5亿", 150_000_000),
        ("一百五十", 150),
        ("一百五", 150),
        ("两千", 2000),
        ("三百零五", 305),
        ("一万二千", 12_000),
        ("十二", 12),
        ("二〇", 20),
        ("60余", 60),
        ("8.5万", 85_000),
        ("百", 100),
        ("很多", None),
        ("", None),
        ("1.2.3", None),
    ],
)
def test_numbers(text: str, value: float | None) -> None:
    assert number_of(text) == value


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("举办讲座50场", Bound.PLAIN),
        ("举办讲座超过50场", Bound.MORE_THAN),
        ("举办讲座多于50场", Bound.MORE_THAN),
        ("举办讲座50多场", Bound.MORE_THAN),
        ("举办讲座50场以上", Bound.AT_LEAST),
        ("举办不少于50场讲座", Bound.AT_LEAST),
        ("至少举办50场讲座", Bound.AT_LEAST),
        ("举办讲座不低于50场", Bound.AT_LEAST),
        ("讲座达到50场", Bound.AT_LEAST),
        ("举办讲座50场左右", Bound.ABOUT),
        ("举办讲座约50场", Bound.ABOUT),
        ("举办讲座近50场", Bound.ABOUT),
        ("最近50场讲座", Bound.PLAIN),
    ],
)
def test_bounds(text: str, bound: Bound) -> None:
    assert [(one.bound, one.value) for one in targets_of(text)] == [(bound, 50)]


@pytest.mark.parametrize(
    ("text", "doubt", "value"),
    [
        ("举办讲座不超过50场", Doubt.LIMIT, 50),
        ("举办讲座50场以内", Doubt.LIMIT, 50),
        ("每月举办讲座2场", Doubt.EACH, 2),
        ("每场不少于50人", Doubt.EACH, 50),
        ("举办讲座45—55场", Doubt.RANGE, 45),
        ("2014年举办讲座50场", Doubt.OTHER_YEAR, 50),
        ("依托20个服务站开展工作", Doubt.CONTEXT, 20),
    ],
)
def test_doubts(text: str, doubt: Doubt, value: float) -> None:
    found = [target for one in read_notice(text, year=2015) for target in one.targets]
    assert [(one.doubt, one.value) for one in found] == [(doubt, value)]
    assert found[0].taken is (doubt is Doubt.RANGE)


@pytest.mark.parametrize(
    "text",
    [
        "经市总工会第7次主席办公会议审议通过。",
        "对获得竞赛前10名的会员给予奖励。",
        "关爱“三期”女职工，开展“四项帮扶行动”。",
        "请在2月16日前报送，共印5份，电话：00000000。",
        "做好一项工作，写好一个方案，当好千家万户的贴心人。",
        "学制为2年半，服务至8点，为职工办好十件实事。",
    ],
)
def test_numbers_that_are_no_figures(text: str) -> None:
    assert targets_of(text) == []


def test_numbers_not_understood_are_named() -> None:
    [read] = read_notice("一、实现数百万职工参与健步走，栽下50颗种子，举办讲座5场。")
    assert [one.value for one in read.targets] == [5]
    assert read.unread == ("实现数百万职工参与健步走", "栽下50颗种子")


def test_text_without_numbers_is_one_programme_and_without_figures_none_is_taken() -> None:
    [one] = read_notice("全年开展心理讲座50场，发放手册2万本。")
    assert (one.number, one.taken, len(one.targets)) == ("", True, 2)
    [none] = read_notice("全年做好心理服务工作。")
    assert (none.taken, none.targets) == (False, ())
    assert read_notice("") == ()
    assert read_notice(" \n\x00\u200b\u3000\n") == ()


def test_paragraphs_run_together_are_told_apart() -> None:
    text = "一、送文化。举办演出20场。二、送健康。举办义诊10场；三、送法律。讲座5场。"
    assert [(one.number, [target.value for target in one.targets]) for one in read_notice(text)] == [
        ("一、", [20]),
        ("二、", [10]),
        ("三、", [5]),
    ]


def test_control_characters_go_and_broken_lines_are_whole_again() -> None:
    assert cleaned("全\u200b年\x00举办\u202e讲座\r\n50\u3000场") == "全年举办讲座\n50 场"
    broken = (
        "一、心理健康。全年面向基层企业和一线职工组织五十\n场左右的心理健康讲座，帮助职工提高认识，另外再\n"
        "发放手册20000本以上。"
    )
    assert [(one.value, one.unit) for one in targets_of(broken)] == [(50, "场"), (20_000, "本")]
    assert [one.number for one in paragraphs(cleaned(broken))] == ["一、"]


def test_codes_and_marks_are_given_once() -> None:
    read = read_notice("\n".join(f"{number}.心理讲座{number}场。" for number in range(1, 6)))
    assert [one.code for one in read] == ["psychology", *(f"psychology-{number}" for number in range(2, 6))]
    assert len({one.mark for one in read}) > 1


@pytest.mark.parametrize(
    "text",
    [
        (SUZHOU + YANGPU + BEIJING) * 60,
        "1场" * 100_000,
        "一百" * 100_000,
        "1、一场\n" * 40_000,
        "1—" * 100_000,
        "1,111" * 40_000,
        "数百万" * 70_000,
        "不少于的" * 50_000,
        "\n" * 200_000,
    ],
)
def test_a_long_text_is_read(text: str) -> None:
    """However it is made; ``bench notice`` shows that the time grows with the length and no faster."""
    read = read_notice(text[:LONGEST_NOTICE])

    assert len(read) <= MOST_PROGRAMMES
    assert sum(len(one.targets) for one in read) < MOST_TARGETS + 50


@given(
    st.lists(
        st.sampled_from(
            [
                *"一二三四五六七八九十百千万亿两、。；，\n 0123456789.,%“”（）()—至约近第前每",
                "人次",
                "场",
                "不少于",
                "以上",
                "个",
                "附件",
                "元",
            ]
        ),
        max_size=60,
    ).map("".join)
    | st.text(max_size=200)
)
def test_any_text_is_read(text: str) -> None:
    read = read_notice(text, year=2015)
    words = "".join(cleaned(text).split())

    assert len({one.code for one in read}) == len(read)
    for one in read:
        assert one.mark or not one.name
        for target in one.targets:
            assert target.value > 0
            assert "".join(target.wording.split()) in words
            assert 0 < len(target.wording) <= 400
            assert len(target.label) <= 20
            assert 0 < len(target.unit) <= 10
