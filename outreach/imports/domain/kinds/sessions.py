"""Sessions to come and sessions that were. Pure."""

from outreach.attendance.domain.headcounts import MOST_VISITS
from outreach.events.domain.drafts import MOST_SEATS
from outreach.events.domain.states import Visibility
from outreach.imports.domain.columns import Choice, Column, Kind
from outreach.imports.domain.kinds.shared import (
    ADDRESS,
    CAPACITY_ALSO,
    DATE,
    DISTRICT,
    END,
    EVENT,
    GIVERS,
    HOST,
    ID,
    PROGRAMME,
    START,
    VENUE,
)
from outreach.shared.i18n import phrase

__all__ = ["PAST", "SESSIONS"]

_VISIBILITIES = (
    Choice(Visibility.PUBLIC, phrase("所有人"), "Everybody", ("公开", "全部")),
    Choice(Visibility.MEMBERS, phrase("下级工会"), "Unions below", ("登录的下级工会", "会员", "工会可见")),
    Choice(
        Visibility.HOST, phrase("有关的人"), "Those concerned", ("只有承办单位和相关的人", "承办单位", "内部", "不公开")
    ),
)

_STATES = (
    Choice("draft", phrase("草稿"), "Draft", ("拟定", "计划")),
    Choice("published", phrase("发布"), "Published", ("已发布", "公布")),
)

SESSIONS = Kind(
    key="sessions",
    title=phrase("全年排期"),
    about=phrase("要办的场次：活动、时间、地点、讲师团队；排重了的先看出来"),
    columns=(
        PROGRAMME,
        EVENT,
        DATE,
        START,
        END,
        VENUE,
        ADDRESS,
        DISTRICT,
        GIVERS,
        HOST,
        Column(
            key="capacity",
            title=phrase("名额"),
            english="Capacity",
            parse="positive",
            most=MOST_SEATS,
            also=CAPACITY_ALSO,
            keeps=True,
            width=10,
            hint=phrase("能约多少人；不填就用场地的容量。"),
            example="120",
        ),
        Column(
            key="visibility",
            title=phrase("谁能看到"),
            english="Visible to",
            parse="choice",
            choices=_VISIBILITIES,
            also=("可见范围",),
            keeps=True,
            width=12,
            hint=phrase("不填：在承接单位办的只给有关的人看，别的给所有人看。"),
            example="public",
        ),
        Column(
            key="claimable",
            title=phrase("整场可领"),
            english="Claimable",
            parse="yes",
            also=("可领",),
            keeps=True,
            width=10,
            hint=phrase("是：单位可以把整场领到自己那里。"),
            example="否",
        ),
        Column(
            key="state",
            title=phrase("状态"),
            english="State",
            parse="choice",
            choices=_STATES,
            keeps=True,
            width=10,
            hint=phrase("草稿或发布；不填就是草稿。发布了才占用讲师、团队和场地。"),
            example="draft",
        ),
        ID,
    ),
)

PAST = Kind(
    key="past",
    title=phrase("补录场次"),
    about=phrase("已经办过的场次和人次，一次补齐"),
    columns=(
        PROGRAMME,
        EVENT,
        DATE,
        START,
        END,
        VENUE,
        ADDRESS,
        DISTRICT,
        GIVERS,
        HOST,
        Column(
            key="total",
            title=phrase("总人次"),
            english="Visits",
            parse="whole",
            most=MOST_VISITS,
            required=True,
            also=("人次", "参加人数", "受益人次", "参加人次", "到场人数", "人数", "观众人数", "服务人次"),
            width=10,
            hint=phrase("来了多少人。"),
            example="118",
        ),
        Column(
            key="workers",
            title=phrase("其中职工"),
            english="Workers",
            parse="whole",
            most=MOST_VISITS,
            also=("职工", "职工人次"),
            width=10,
            hint=phrase("没有统计就留空，不要填0。"),
            example="110",
        ),
        Column(
            key="migrant",
            title=phrase("外来务工人员"),
            english="Migrant workers",
            parse="whole",
            most=MOST_VISITS,
            also=("农民工", "其中农民工", "外来务工"),
            width=14,
            hint=phrase("没有统计就留空。"),
            example="40",
        ),
        Column(
            key="new_generation_migrant",
            title=phrase("新生代农民工"),
            english="New-generation migrants",
            parse="whole",
            most=MOST_VISITS,
            also=("新生代",),
            width=14,
            hint=phrase("包含在外来务工人员里。"),
            example="",
        ),
        Column(
            key="women",
            title=phrase("女职工"),
            english="Women",
            parse="whole",
            most=MOST_VISITS,
            also=("其中女职工", "女职工人次"),
            width=10,
            hint=phrase("没有统计就留空。"),
            example="60",
        ),
        Column(
            key="estimated",
            title=phrase("估算"),
            english="Estimated",
            parse="yes",
            also=("是否估算",),
            keeps=True,
            width=8,
            hint=phrase("是：人次是估的。"),
            example="否",
        ),
        ID,
    ),
)
