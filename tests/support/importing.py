"""A federation that imports its own data, and for each kind a file with twenty kinds of mistakes, made by code."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from outreach.accounts.tables import Organisation
from outreach.events.tables import Event, Provider, Venue
from outreach.imports import commands
from outreach.imports.queries import PreviewRow, shown_of_preview
from outreach.imports.shown import Shown
from outreach.programmes.tables import Programme, Target
from outreach.shared.actors import Actor, Role
from tests.factories.accounts import make_actor, make_grant, make_organisation, make_person
from tests.factories.events import make_event, make_provider, make_session, make_venue
from tests.factories.programmes import make_programme, make_tally, make_target, make_year
from tests.support.sheets import xlsx_of

__all__ = ["BASE", "HEADS", "MISTAKES", "Federation", "Mistake", "sheet_of"]

CARD = "110105194912310021"


@dataclass
class Federation:
    """A city federation with a unit, beside it another one that it may not know."""

    root: Organisation = field(init=False)
    unit: Organisation = field(init=False)
    other: Organisation = field(init=False)
    organiser: Actor = field(init=False)
    programme: Programme = field(init=False)
    event: Event = field(init=False)
    target: Target = field(init=False)
    provider: Provider = field(init=False)
    venue: Venue = field(init=False)

    async def build(self) -> "Federation":
        self.root = await make_organisation(code="SZ", name="苏州市总工会")
        self.unit = await make_organisation(parent=self.root, code="SZ-1", name="胥江机械厂工会")
        await make_organisation(parent=self.root, code="SZ-2", name="同名工会")
        await make_organisation(parent=self.root, code="SZ-3", name="同名工会")
        await make_organisation(parent=self.unit, code="SZ-W", name="胥江女职委", kind="womens_committee")
        self.other = await make_organisation(code="WX", name="无锡市总工会")
        self.organiser = await make_actor(Role.ORGANISER, self.root)
        self.programme = await make_programme(self.root, name="职工心理健康讲座", code="mind")
        self.event = await make_event(self.programme, title="倒班职工的睡眠与情绪")
        await make_event(self.programme, title="重名的题目")
        await make_event(self.programme, title="重名的题目")
        self.target = await make_target(self.programme, metric="tally", label="发放手册", key="books", unit="册")
        await make_target(self.programme, metric="sessions", label="讲座场次", key="talks", unit="场")
        self.provider = await make_provider(self.root, name="沈若兰")
        await make_provider(self.root, name="退休讲师", active=False)
        await make_provider(self.other, name="外地讲师")
        self.venue = await make_venue(self.root, name="木渎职工活动中心")
        return self

    async def taken(self) -> None:
        """沈若兰 gives a talk on 24 September from 14:00 to 15:30."""
        await make_session(self.event, providers=(self.provider,), occupying=True, venue=self.venue.id)

    async def foreigner(self, phone: str) -> None:
        """Somebody of the federation beside this one."""
        person = await make_person(name="外人", phone=phone)
        await make_grant(person, Role.CONTACT, self.other)

    async def crowd(self) -> None:
        """What makes names ambiguous, and sessions, people and entries that take no change: for ``MISTAKES``."""
        await self.taken()
        await self.foreigner("13700000000")
        await make_grant(await make_person(name="顾明", phone="13600000000"), Role.CONTACT, self.root)
        beyond = await make_person(name="顾大明", phone="13500000000")
        for unit in (self.unit, self.other):
            await make_grant(beyond, Role.CONTACT, unit)
        for _ in range(2):
            await make_grant(await make_person(name="同名的人", phone=None), Role.CONTACT, self.unit)
            await make_provider(self.root, name="重名讲师")
            await make_venue(self.root, name="重名场地")
            await make_event(await make_programme(self.root, name="重名项目"), title="讲座")
            await make_target(self.programme, metric="tally", label="重名指标")
            await make_tally(self.target, on=date(2015, 5, 20), receiver="老厂")
        hidden = await make_programme(self.root, name="保密项目", confidential=True)
        await make_event(hidden, title="心理咨询")
        await make_event(self.programme, title="没有这一类的", kind="观影")
        await self._sessions()

    async def _sessions(self) -> None:
        def at(day: str) -> datetime:
            return datetime.fromisoformat(f"2015-{day}T09:00+08:00")

        for address in ("甲", "乙"):
            await make_session(self.event, starts_at=at("10-15"), address=address)
        await make_session(
            self.event, starts_at=at("10-16"), address="点单的", state="draft", assigned=True, published_at=None
        )
        await make_session(
            self.event, starts_at=at("10-17"), ends_at=at("10-19"), address="展览厅", multi_day=True, capacity=None
        )
        for day in ("10-18", "10-19", "10-20"):
            await make_session(self.event, starts_at=at(day), address="一号厅", seats_taken=40)
        theirs = await make_event(await make_programme(self.other), title="外地的")
        await make_session(theirs, providers=(self.provider,), occupying=True, starts_at=at("10-22"), visibility="host")
        for day, state in (("06-01", "held"), ("06-20", "held"), ("06-21", "draft"), ("06-22", "closed")):
            await make_session(self.event, starts_at=at(day), address="一号厅", state=state)

    async def closed(self, year: int) -> None:
        await make_year(self.root, year=year, state="closed")

    async def preview(self, now: datetime, kind: str, content: bytes) -> tuple[PreviewRow, Shown]:
        row = await commands.preview(self.organiser, now, kind=kind, content=content, name="a.xlsx")
        return row, await shown_of_preview(row.id)

    async def load(self, now: datetime, kind: str, content: bytes) -> PreviewRow:
        """Preview and confirm."""
        row, _shown = await self.preview(now, kind, content)
        return (await commands.confirm(self.organiser, now, kind=kind, preview_id=row.id))[0]


HEADS: dict[str, Sequence[str]] = {
    "units": ("编码", "名称", "类别", "上级", "地区", "所有制", "行业", "会员数", "会员数统计日期", "女职工数"),
    "persons": ("姓名", "单位", "角色", "手机", "邮箱", "副手", "开始日期", "结束日期"),
    "providers": (
        *("姓名或团名", "类别", "职称", "专长", "所在地区", "可来的时段", "一天最多", "一周最多", "一月最多"),
        *("可分几队", "电话", "在用", "归属组织", "系统编号"),
    ),
    "venues": (
        *("场地名称", "地址", "地区", "容量", "厅室数", "布置分钟", "撤场分钟", "到场说明", "在用", "归属组织"),
        "系统编号",
    ),
    "events": (
        *("项目", "年份", "活动名称", "种类", "主题", "时长分钟", "简介", "对象", "场地要求", "最少人数", "最多人数"),
        *("提前天数", "可点单", "在用", "讲师团队", "系统编号"),
    ),
    "sessions": (
        *("项目", "活动", "日期", "开始", "结束", "场地", "地址", "地区", "讲师团队", "承接单位", "名额", "谁能看到"),
        *("整场可领", "状态", "系统编号"),
    ),
    "past": (
        *("项目", "活动", "日期", "开始", "结束", "场地", "地址", "讲师团队", "承接单位", "总人次", "其中职工"),
        *("外来务工人员", "新生代农民工", "女职工", "估算", "系统编号"),
    ),
    "tallies": ("项目", "指标", "日期", "数量", "对象", "备注", "系统编号"),
}  # fmt: skip

#: A good row of each kind, by its columns.
BASE: dict[str, dict[str, Any]] = {
    "units": {"编码": "A{n}", "名称": "第{n}厂工会", "类别": "基层工会", "上级": "SZ"},
    "persons": {"姓名": "张明", "单位": "SZ-1", "角色": "联系人", "手机": "1390000{n:04d}"},
    "providers": {"姓名或团名": "讲师{n}", "类别": "讲师"},
    "venues": {"场地名称": "第{n}活动室"},
    "events": {"项目": "职工心理健康讲座", "活动名称": "第{n}讲", "种类": "讲座", "时长分钟": 90},
    "sessions": {
        "项目": "职工心理健康讲座", "活动": "倒班职工的睡眠与情绪", "日期": "2015-10-08", "开始": "09:00",
        "地址": "第{n}会议室",
    },
    "past": {
        "项目": "职工心理健康讲座", "活动": "倒班职工的睡眠与情绪", "日期": "2015-06-08", "开始": "09:00",
        "地址": "第{n}会议室",
        "总人次": 100,
    },
    "tallies": {"项目": "mind", "指标": "发放手册", "日期": "2015-05-12", "数量": 20, "对象": "第{n}厂"},
}  # fmt: skip


@dataclass(frozen=True)
class Mistake:
    """What is put into which column of a good row, and the code that names it there (or in ``named``)."""

    column: str
    cell: Any
    code: str
    named: str = ""
    also: Mapping[str, Any] = field(default_factory=dict)


def sheet_of(kind: str, rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Good rows with these cells instead, as a workbook."""
    head = HEADS[kind]
    made: list[list[Any]] = [list(head)]
    for number, given in enumerate(rows, 1):
        base = {key: text.format(n=number) if isinstance(text, str) else text for key, text in BASE[kind].items()}
        made.append([{**base, **given}.get(column) for column in head])
    return xlsx_of(made)


_LONG = "长" * 201
_TOMORROW = date(2015, 9, 16)
_NOBODY = "00000000-0000-7000-8000-000000000000"

MISTAKES: dict[str, list[Mistake]] = {
    "units": [
        Mistake("编码", None, "required"),
        Mistake("编码", "苏州1", "bad-code"),
        Mistake("编码", "A" * 41, "too-long"),
        Mistake("编码", "WX", "code-taken"),
        Mistake("编码", "#N/A", "cell-error"),
        Mistake("名称", None, "required"),
        Mistake("名称", _LONG, "too-long"),
        Mistake("名称", f"张明 {CARD}", "identity-number"),
        Mistake("类别", "没见过的工会", "not-of-list"),
        Mistake("类别", "女职工委员会", "needs-parent", "上级", {"上级": None}),
        Mistake("上级", None, "parent-required"),
        Mistake("上级", "无锡市总工会", "unit-unknown"),
        Mistake("上级", "同名工会", "unit-several"),
        Mistake("上级", "SZ-W", "takes-nothing-below"),
        Mistake("所有制", "混合", "not-of-list"),
        Mistake("会员数", -5, "too-small"),
        Mistake("会员数", 12.5, "not-whole-number"),
        Mistake("会员数", "约一百", "not-number"),
        Mistake("会员数", 30_000_000, "too-large-number"),
        Mistake("会员数统计日期", "1月5日", "day-without-year"),
        Mistake("会员数统计日期", "2015-02-30", "no-such-day"),
        Mistake("会员数统计日期", "2015-12-01", "in-the-future"),
        Mistake("会员数统计日期", "1915-01-01", "year-out-of-range"),
        Mistake("行业", "业" * 61, "too-long"),
        Mistake("上级", "SZ-2", "parent-differs", "", {"编码": "SZ-1", "名称": "胥江机械厂工会"}),
        Mistake("上级", "Q1", "parent-circle", "", {"编码": "Q1"}),
        Mistake("上级", "A9", "parent-rejected"),
    ],
    "persons": [
        Mistake("姓名", None, "required"),
        Mistake("姓名", "张明、李芳", "several-names"),
        Mistake("姓名", "张明13800000001", "name-digits"),
        Mistake("姓名", "明" * 61, "too-long"),
        Mistake("姓名", "#REF!", "cell-error"),
        Mistake("单位", None, "required"),
        Mistake("单位", "不存在的厂", "unit-unknown"),
        Mistake("单位", "WX", "unit-unknown"),
        Mistake("单位", "同名工会", "unit-several"),
        Mistake("角色", None, "required"),
        Mistake("角色", "管理员", "not-of-list"),
        Mistake("手机", "1390000", "phone-length"),
        Mistake("手机", "没电话了", "bad-phone"),
        Mistake("手机", "1.39E+10", "number-cut-short"),
        Mistake("手机", "13700000000", "phone-taken"),
        Mistake("手机", "13600000000", "phone-of-another"),
        Mistake("邮箱", "张三@", "bad-email"),
        Mistake("副手", "也许", "not-yes-no"),
        Mistake("开始日期", "去年", "not-date"),
        Mistake("结束日期", "2015-01-01", "until-before-from", "", {"开始日期": "2015-05-01"}),
        Mistake("开始日期", "2015-13-01", "no-such-day"),
        Mistake("姓名", f"张明{CARD}", "identity-number"),
        Mistake("姓名", "同名的人", "person-several", "", {"手机": None}),
        Mistake("姓名", "顾明明", "person-beyond", "", {"手机": "13500000000"}),
        Mistake("开始日期", "1900-01-01", "year-out-of-range"),
        Mistake("结束日期", "6月1日", "day-without-year"),
    ],
    "providers": [
        Mistake("姓名或团名", None, "required"),
        Mistake("姓名或团名", "长" * 61, "too-long"),
        Mistake("姓名或团名", "#VALUE!", "cell-error"),
        Mistake("姓名或团名", f"沈若兰{CARD}", "identity-number"),
        Mistake("类别", None, "required"),
        Mistake("类别", "歌手", "not-of-list"),
        Mistake("职称", "职" * 101, "too-long"),
        Mistake("专长", "长" * 61, "too-long"),
        Mistake("专长", "、".join(f"专长{n}" for n in range(21)), "too-many-items"),
        Mistake("所在地区", "区" * 41, "too-long"),
        Mistake("可来的时段", "有空就来", "not-parts"),
        Mistake("可来的时段", "周五至周一下午", "not-parts"),
        Mistake("一天最多", 0, "too-small"),
        Mistake("一周最多", 1.5, "not-whole-number"),
        Mistake("一月最多", "很多", "not-number"),
        Mistake("可分几队", 21, "too-large-number"),
        Mistake("电话", "22", "bad-phone"),
        Mistake("电话", "139000", "phone-length"),
        Mistake("在用", "暂停", "not-yes-no"),
        Mistake("归属组织", "WX", "unit-unknown"),
        Mistake("归属组织", "同名工会", "unit-several"),
        Mistake("姓名或团名", "重名讲师", "resource-several"),
        Mistake("电话", "1.39E+10", "number-cut-short"),
        Mistake("专长", "#N/A", "cell-error"),
        Mistake("系统编号", "abc", "id-changed"),
        Mistake("系统编号", _NOBODY, "id-unknown"),
    ],
    "venues": [
        Mistake("场地名称", None, "required", "", {"容量": 5}),
        Mistake("场地名称", _LONG, "too-long"),
        Mistake("场地名称", "#DIV/0!", "cell-error"),
        Mistake("场地名称", f"会议室{CARD}号", "identity-number"),
        Mistake("地址", _LONG, "too-long"),
        Mistake("地区", "区" * 41, "too-long"),
        Mistake("容量", 0, "too-small"),
        Mistake("容量", -20, "too-small"),
        Mistake("容量", "一百", "not-number"),
        Mistake("容量", 99.5, "not-whole-number"),
        Mistake("容量", 200_000, "too-large-number"),
        Mistake("厅室数", 51, "too-large-number"),
        Mistake("厅室数", 0, "too-small"),
        Mistake("布置分钟", 1441, "too-large-number"),
        Mistake("布置分钟", "半天", "not-number"),
        Mistake("撤场分钟", -1, "too-small"),
        Mistake("到场说明", _LONG, "too-long"),
        Mistake("在用", "或许", "not-yes-no"),
        Mistake("容量", "#NUM!", "cell-error"),
        Mistake("归属组织", "不存在", "unit-unknown"),
        Mistake("归属组织", "同名工会", "unit-several"),
        Mistake("归属组织", "WX", "unit-unknown"),
        Mistake("场地名称", "重名场地", "resource-several"),
        Mistake("厅室数", "两间", "not-number"),
        Mistake("撤场分钟", 12.5, "not-whole-number"),
        Mistake("到场说明", f"找张明{CARD}", "identity-number"),
        Mistake("地址", "#REF!", "cell-error"),
        Mistake("系统编号", "x1", "id-changed"),
        Mistake("系统编号", _NOBODY, "id-unknown"),
    ],
    "events": [
        Mistake("项目", None, "required"),
        Mistake("项目", "没有的项目", "programme-unknown"),
        Mistake("项目", "重名项目", "programme-several"),
        Mistake("项目", "#N/A", "cell-error"),
        Mistake("年份", "2014", "programme-unknown", "项目"),
        Mistake("年份", "今年", "not-number"),
        Mistake("年份", 1999, "year-out-of-range"),
        Mistake("活动名称", None, "required"),
        Mistake("活动名称", _LONG, "too-long"),
        Mistake("活动名称", f"和张明{CARD}谈心", "identity-number"),
        Mistake("活动名称", "#REF!", "cell-error"),
        Mistake("活动名称", "重名的题目", "resource-several"),
        Mistake("种类", None, "required"),
        Mistake("种类", "观影", "not-one-of"),
        Mistake("种类", "类" * 61, "too-long"),
        Mistake("主题", "题" * 61, "too-long"),
        Mistake("时长分钟", None, "required"),
        Mistake("时长分钟", 0, "too-small"),
        Mistake("时长分钟", "一个半小时", "not-number"),
        Mistake("时长分钟", 90.5, "not-whole-number"),
        Mistake("时长分钟", 90_000, "too-large-number"),
        Mistake("简介", "长" * 4001, "too-long"),
        Mistake("简介", f"主讲\n{CARD}", "identity-number"),
        Mistake("对象", _LONG, "too-long"),
        Mistake("场地要求", "#VALUE!", "cell-error"),
        Mistake("最少人数", 0, "too-small"),
        Mistake("最多人数", 49, "less-than-least", "", {"最少人数": 50}),
        Mistake("最多人数", "不限", "not-number"),
        Mistake("最多人数", 2_000_000, "too-large-number"),
        Mistake("提前天数", 366, "too-large-number"),
        Mistake("提前天数", -1, "too-small"),
        Mistake("提前天数", "两周", "not-number"),
        Mistake("可点单", "看情况", "not-yes-no"),
        Mistake("在用", "暂停", "not-yes-no"),
        Mistake("讲师团队", "外地讲师", "name-unknown"),
        Mistake("讲师团队", "沈若兰、退休讲师", "name-inactive"),
        Mistake("讲师团队", "重名讲师", "name-several"),
        Mistake("讲师团队", "、".join(f"讲师{n}" for n in range(51)), "too-many-items"),
        Mistake("系统编号", "abc", "id-changed"),
        Mistake("系统编号", _NOBODY, "id-unknown"),
    ],
    "sessions": [
        Mistake("项目", None, "required"),
        Mistake("项目", "没有的项目", "programme-unknown"),
        Mistake("活动", None, "required"),
        Mistake("活动", "没有的题目", "event-unknown"),
        Mistake("活动", "重名的题目", "event-several"),
        Mistake("日期", None, "required"),
        Mistake("日期", "10月8日", "day-without-year"),
        Mistake("日期", "2015-09-31", "no-such-day"),
        Mistake("日期", "2015-09-01", "start-is-past-row"),
        Mistake("日期", "下周", "not-date"),
        Mistake("开始", None, "required"),
        Mistake("开始", "25:00", "not-clock"),
        Mistake("开始", "上午", "not-clock"),
        Mistake("结束", "08:00", "ends-before-start"),
        Mistake("场地", "没有的场地", "name-unknown"),
        Mistake("地址", _LONG, "too-long"),
        Mistake("讲师团队", "外地讲师", "name-unknown"),
        Mistake("讲师团队", "退休讲师", "name-inactive"),
        Mistake("讲师团队", "沈若兰", "clash-stored", "", {"日期": "2015-09-24", "开始": "14:30", "状态": "发布"}),
        Mistake("承接单位", "WX", "unit-unknown"),
        Mistake("名额", 0, "too-small"),
        Mistake("名额", "不限", "not-number"),
        Mistake("谁能看到", "朋友圈", "not-of-list"),
        Mistake("整场可领", "看情况", "not-yes-no"),
        Mistake("状态", "发布", "no-place-yet", "地址", {"地址": None}),
        Mistake("项目", "重名项目", "programme-several", "", {"活动": "讲座"}),
        Mistake("讲师团队", "重名讲师", "name-several"),
        Mistake("讲师团队", "沈若兰", "clash-hidden", "", {"日期": "2015-10-22", "状态": "发布"}),
        Mistake("活动", "没有这一类的", "not-one-of"),
        Mistake("谁能看到", "所有人", "confidential-programme", "", {"项目": "保密项目", "活动": "心理咨询"}),
        Mistake("开始", "09:00", "session-several", "", {"日期": "2015-10-15", "地址": None}),
        Mistake("名额", 55, "session-of-order", "", {"日期": "2015-10-16", "地址": "点单的"}),
        Mistake("名额", 55, "session-many-days", "", {"日期": "2015-10-17", "地址": "展览厅"}),
        Mistake("名额", 39, "capacity-below-taken", "", {"日期": "2015-10-18", "地址": "一号厅"}),
        Mistake("整场可领", "是", "claimable-but-taken", "", {"日期": "2015-10-19", "地址": "一号厅"}),
        Mistake("状态", "草稿", "cannot-unpublish", "", {"日期": "2015-10-20", "地址": "一号厅"}),
        Mistake("名额", 55, "session-over", "", {"日期": "2015-06-01", "地址": "一号厅"}),
        Mistake("系统编号", _NOBODY, "id-unknown"),
    ],
    "past": [
        Mistake("项目", None, "required"),
        Mistake("项目", "没有的项目", "programme-unknown"),
        Mistake("活动", "没有的题目", "event-unknown"),
        Mistake("日期", "6月8日", "day-without-year"),
        Mistake("日期", "2015-10-01", "not-over-yet"),
        Mistake("日期", "2015-06-31", "no-such-day"),
        Mistake("开始", "九点一刻", "not-clock"),
        Mistake("结束", "09:00", "ends-before-start"),
        Mistake("场地", "没有的场地", "name-unknown"),
        Mistake("地址", None, "no-place-yet"),
        Mistake("讲师团队", "谁也不是", "name-unknown"),
        Mistake("承接单位", "同名工会", "unit-several"),
        Mistake("总人次", None, "required"),
        Mistake("总人次", -1, "too-small"),
        Mistake("总人次", "一百多", "not-number"),
        Mistake("总人次", 2_000_000, "too-large-number"),
        Mistake("总人次", 99.5, "not-whole-number"),
        Mistake("其中职工", 101, "above-total"),
        Mistake("女职工", 500, "above-total"),
        Mistake("新生代农民工", 30, "above-its-group", "", {"外来务工人员": 20}),
        Mistake("估算", "大概", "not-yes-no"),
        Mistake("讲师团队", "退休讲师", "name-inactive"),
        Mistake("地址", _LONG, "too-long"),
        Mistake("日期", "去年夏天", "not-date"),
        Mistake("活动", "重名的题目", "event-several"),
        Mistake("讲师团队", "沈若兰", "only-figures", "", {"日期": "2015-06-20", "地址": "一号厅"}),
        Mistake("总人次", 90, "session-draft-row", "", {"日期": "2015-06-21", "地址": "一号厅"}),
        Mistake("总人次", 90, "session-closed-row", "", {"日期": "2015-06-22", "地址": "一号厅"}),
        Mistake("系统编号", "1", "id-changed"),
    ],
    "tallies": [
        Mistake("项目", None, "required"),
        Mistake("项目", "没有的项目", "programme-unknown"),
        Mistake("项目", "#NAME?", "cell-error"),
        Mistake("指标", None, "required"),
        Mistake("指标", "没有的指标", "target-unknown"),
        Mistake("指标", "讲座场次", "counted-by-itself"),
        Mistake("指标", "标" * 401, "too-long"),
        Mistake("日期", None, "required"),
        Mistake("日期", "5月12日", "day-without-year"),
        Mistake("日期", "2015-02-29", "no-such-day"),
        Mistake("日期", _TOMORROW.isoformat(), "in-the-future"),
        Mistake("日期", "1999-05-12", "year-out-of-range"),
        Mistake("日期", "春天", "not-date"),
        Mistake("数量", None, "required"),
        Mistake("数量", -3, "too-small"),
        Mistake("数量", 2.5, "not-whole-of-unit"),
        Mistake("数量", "若干", "not-number"),
        Mistake("数量", 2_000_000_000, "too-large-number"),
        Mistake("对象", _LONG, "too-long"),
        Mistake("对象", f"张明 {CARD}", "identity-number"),
        Mistake("备注", "注" * 401, "too-long"),
        Mistake("项目", "重名项目", "programme-several"),
        Mistake("指标", "重名指标", "target-several"),
        Mistake("数量", 30, "tally-several", "", {"日期": "2015-05-20", "对象": "老厂"}),
        Mistake("系统编号", "1", "id-changed"),
        Mistake("系统编号", _NOBODY, "id-unknown"),
    ],
}
