"""Columns that several kinds of files have. Pure."""

from outreach.imports.domain.columns import Column
from outreach.shared.i18n import phrase

__all__ = [
    "ACTIVE",
    "ADDRESS",
    "CAPACITY_ALSO",
    "DATE",
    "DISTRICT",
    "END",
    "EVENT",
    "GIVERS",
    "HOST",
    "ID",
    "OWNER",
    "PROGRAMME",
    "START",
    "VENUE",
]

ID = Column(
    key="id",
    title=phrase("系统编号"),
    english="System number",
    parse="id",
    also=("id",),
    quiet=True,
    keeps=True,
    width=38,
    hint=phrase("导出时带上，用来认出同一条，不要改；新加的行留空。"),
)
PROGRAMME = Column(
    key="programme",
    title=phrase("项目"),
    english="Programme",
    also=("项目名称", "项目代码", "实事项目", "所属项目"),
    required=True,
    listed="programmes",
    width=24,
    hint=phrase("项目的名称、简称或代码。"),
    example="职工心理健康讲座",
)
EVENT = Column(
    key="event",
    title=phrase("活动"),
    english="Event",
    also=("活动名称", "菜单项", "题目", "讲座题目", "节目", "课程", "课程名称", "内容", "主题", "活动内容"),
    required=True,
    listed="events",
    width=30,
    hint=phrase("菜单里的题目，要和菜单里写的一样。"),
    example="倒班职工的睡眠与情绪",
)
DATE = Column(
    key="on",
    title=phrase("日期"),
    english="Date",
    parse="day",
    also=("活动日期", "举办日期", "演出日期", "时间日期", "on"),
    required=True,
    width=14,
    hint=phrase("写成2015-09-24。"),
    example="2015-09-24",
)
START = Column(
    key="start",
    title=phrase("开始"),
    english="Start",
    parse="clock",
    also=("开始时间", "时间", "活动时间", "起始时间", "时刻", "starts_at"),
    required=True,
    width=10,
    hint=phrase("写成14:00；也可以写14:00-15:30。"),
    example="14:00",
)
END = Column(
    key="end",
    title=phrase("结束"),
    english="End",
    parse="clock",
    also=("结束时间", "ends_at"),
    keeps=True,
    width=10,
    hint=phrase("不填就按菜单里的时长。"),
    example="15:30",
)
GIVERS = Column(
    key="providers",
    title=phrase("讲师团队"),
    english="Lecturers and troupes",
    parse="names",
    also=("讲师", "主讲", "主讲人", "授课老师", "团队", "演出团队", "承演团队", "授课人", "老师"),
    listed="providers",
    width=20,
    hint=phrase("姓名或团名，要先在讲师团队里；几个的用顿号隔开。"),
    example="沈若兰",
)
VENUE = Column(
    key="venue",
    title=phrase("场地"),
    english="Venue",
    also=("活动场地", "场馆"),
    listed="venues",
    width=24,
    hint=phrase("场地名称，要先在场地里；不在里面的写在地址里。"),
    example="木渎职工活动中心",
)
ADDRESS = Column(
    key="address",
    title=phrase("地址"),
    english="Address",
    also=("地点", "活动地点", "详细地址", "举办地点", "演出地点"),
    width=28,
    hint=phrase("场地以外的地方，或者哪一个厅。"),
    example="三楼报告厅",
)
DISTRICT = Column(
    key="district",
    title=phrase("地区"),
    english="District",
    also=("区县", "所属区县", "所在地区", "区、县级市", "辖区", "所在区"),
    most=40,
    listed="districts",
    width=12,
    hint=phrase("所在的区或县级市；市直属的留空。"),
    example="吴中区",
)
HOST = Column(
    key="host",
    title=phrase("承接单位"),
    english="Host",
    also=("承办单位", "服务单位", "活动单位", "演出单位", "基层单位", "受益单位"),
    parse="ref",
    listed="units",
    width=28,
    hint=phrase("在谁那里办：单位的名称或编码。"),
    example="胥江机械厂工会",
)
OWNER = Column(
    key="owner",
    title=phrase("归属组织"),
    english="Owner",
    parse="ref",
    also=("所属组织", "归属单位", "管理单位"),
    keeps=True,
    listed="units",
    width=24,
    hint=phrase("谁来管：组织的名称或编码；不填就是您的组织。"),
    example="",
)
ACTIVE = Column(
    key="active",
    title=phrase("在用"),
    english="Active",
    parse="yes",
    also=("是否在用", "启用"),
    keeps=True,
    width=8,
    hint=phrase("是或否，不填就是“是”。"),
    example="是",
)
CAPACITY_ALSO = ("人数上限", "容纳人数", "可容纳人数", "座位数", "座位", "名额数", "可约人数")
