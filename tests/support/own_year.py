"""What a federation brings along: its units, people and year as rows of the import files, and what they add up to.

The clock is the real one. What was lies between 1 January and yesterday (on 1 January: in its first minute), what is to
come within the next weeks, whatever year they fall in: so the same days can be written on every day of the year.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from outreach.shared.time import ZONE
from tests.support.filling import Cell

__all__ = [
    "BOOKS", "CONTACT", "CULTURE", "DISTRICTS", "DRAFT", "LECTURER", "MIND", "PHONE", "PROVIDERS", "PUBLISHED", "ROOT",
    "SECOND", "SHOW", "TALK", "TROUPE", "UNION", "VENUES", "Row", "Year", "moment", "past", "persons", "plan", "show",
    "talk", "tallies", "tonight", "units",
]  # fmt: skip

Row = dict[str, Cell]

ROOT = "青溪市总工会"
CULTURE, MIND = "送文化进基层", "职工心理健康促进计划"
SHOW, TALK = "折子戏专场", "倒班职工的睡眠与情绪"
TROUPE, LECTURER, SECOND = "青溪锡剧团", "沈若兰", "顾望舒"
HALL, ROOM = "青溪工人文化宫", "河西职工活动中心"
BOOKS = "《职工心理健康自助手册》"
PUBLISHED, DRAFT = "发布", "草稿"
CONTACT, PHONE = "陈巧云", "13800000003"
UNION = "第3机械厂工会"
DISTRICTS = ("河东区", "河西区")


def moment() -> datetime:
    """Now, on the wall clock of the installation."""
    return datetime.now(ZONE)


@dataclass
class Year:
    """The days of this test, and what was written into its files."""

    today: date
    #: Sessions that were: (programme, day, district, visits, workers).
    done: list[tuple[str, date, str, int, int]] = field(default_factory=list)
    #: Published sessions to come: (programme, day).
    planned: list[tuple[str, date]] = field(default_factory=list)
    books: int = 0

    def figures(self, **only: Any) -> tuple[int, int, int]:
        """Sessions, visits and of which workers of this year; ``only``: programme, month or district."""
        rows = [
            (visits, workers)
            for programme, day, district, visits, workers in self.done
            if day.year == self.number
            and only.items() <= {"programme": programme, "month": day.month, "district": district}.items()
        ]
        return len(rows), sum(visits for visits, _workers in rows), sum(workers for _visits, workers in rows)

    def coming(self, programme: str) -> int:
        """Its published sessions between now and 31 December."""
        return sum(one == programme and day.year == self.number for one, day in self.planned)

    @property
    def as_of(self) -> date:
        """The last day of this year on which something was."""
        return max([self.today, *(day for _programme, day, *_figures in self.done if day.year == self.number)])

    @property
    def number(self) -> int:
        return self.today.year

    def before(self, days: int) -> tuple[date, str]:
        """A day of this year so many days ago, and the hours of a session on it."""
        day = max(date(self.number, 1, 1), self.today - timedelta(days=days))
        return (day, "14:00-15:30") if day < self.today else (day, "00:00-00:01")

    def after(self, days: int) -> date:
        return self.today + timedelta(days=days)

    @property
    def last_day(self) -> date:
        """31 December; on that day itself the next one."""
        day = date(self.number, 12, 31)
        return day if day > self.today else date(self.number + 1, 12, 31)


def units() -> list[Row]:
    """Thirty: two districts, a culture palace, twenty-six unions below the districts, a women's committee."""
    counted = date(2015, 1, 1)
    rows: list[Row] = [
        {"编码": f"QX-{place}", "名称": f"{district}总工会", "类别": "总工会", "上级": ROOT, "地区": district}
        for place, district in enumerate(DISTRICTS, 1)
    ]
    rows.append({"编码": "QX-W", "名称": "青溪市工人文化宫", "类别": "工人文化宫", "上级": ROOT})
    rows += [
        {
            "编码": f"QX-{1 + number % 2}-{number:03d}", "名称": f"第{number}机械厂工会", "类别": "基层工会",
            "上级": f"{DISTRICTS[number % 2]}总工会", "地区": DISTRICTS[number % 2], "所有制": "非公有", "行业": "机械",
            "会员数": 100 + number, "会员数统计日期": counted,
        }
        for number in range(1, 27)
    ]  # fmt: skip
    rows.append({"编码": "QX-2-003-W", "名称": f"{UNION}女职工委员会", "类别": "女职工委员会", "上级": UNION})
    return rows


def persons() -> list[Row]:
    """A contact for every second union, one organiser."""
    rows: list[Row] = [
        {"姓名": f"联系人{'甲乙丙丁戊己庚辛壬癸子丑寅'[number // 2]}", "单位": f"第{number}机械厂工会",
         "角色": "联系人", "手机": f"138000000{number:02d}"}
        for number in range(1, 27, 2)
    ]  # fmt: skip
    rows[1]["姓名"] = CONTACT
    rows.append({"姓名": "顾明", "单位": ROOT, "角色": "组织者", "手机": "13800000099"})
    return rows


PROVIDERS: list[Row] = [
    {"姓名或团名": TROUPE, "类别": "团队", "专长": "锡剧、曲艺", "所在地区": "河东区", "电话": "13800000091"},
    {"姓名或团名": LECTURER, "类别": "讲师", "职称": "心理咨询师", "专长": "心理健康、睡眠", "所在地区": "河西区",
     "一天最多": 2, "电话": "13800000092"},
    {"姓名或团名": SECOND, "类别": "讲师", "专长": "心理健康", "所在地区": "河东区", "电话": "13800000093"},
]  # fmt: skip
VENUES: list[Row] = [
    {"场地名称": HALL, "地址": "河东路1号", "地区": "河东区", "容量": 300, "厅室数": 1},
    {"场地名称": ROOM, "地址": "河西路8号", "地区": "河西区", "容量": 80},
]


def show(on: date, state: str, start: str = "19:00") -> Row:
    return {"项目": CULTURE, "活动": SHOW, "日期": on, "开始": start, "场地": HALL, "讲师团队": TROUPE, "名额": 120,
            "状态": state}  # fmt: skip


def talk(on: date, state: str, start: str = "14:00") -> Row:
    return {"项目": MIND, "活动": TALK, "日期": on, "开始": start, "地区": "河西区", "讲师团队": LECTURER,
            "整场可领": "是", "状态": state}  # fmt: skip


def plan(year: Year) -> list[Row]:
    """Twelve sessions to come, every second published, the others drafts; one on 31 December, one in the next year."""
    shows = [show(year.after(12 + 2 * number), DRAFT if number % 2 else PUBLISHED) for number in range(5)]
    talks = [talk(year.after(13 + 2 * number), DRAFT if number % 2 else PUBLISHED) for number in range(5)]
    later = talk(date(year.number + 1, 1, 10), DRAFT, "09:30")
    return [*shows, show(year.last_day, DRAFT, "09:30"), *talks, later]


def tonight(year: Year) -> Row:
    """A show that is booked and then brought forward, so that this test can record who came. In the last two minutes of
    a day it is planned for the first hour of the next."""
    late = f"{moment():%H:%M}" >= "23:58"
    return show(year.after(1), PUBLISHED, "00:30") if late else show(year.today, PUBLISHED, "23:59")


def past(year: Year) -> list[Row]:
    """Nine sessions that were, with their figures; noted in ``year`` as well."""
    rows: list[Row] = []
    for number in range(5):
        day, hours = year.before(7 + 30 * number)
        visits, workers = 90 + 7 * number, 60 + 5 * number
        rows.append(
            {"项目": CULTURE, "活动": SHOW, "日期": day, "开始": hours, "场地": HALL, "地址": f"{number + 1}号厅",
             "地区": "河东区", "总人次": visits, "其中职工": workers}
        )  # fmt: skip
        year.done.append((CULTURE, day, "河东区", visits, workers))
    for number in range(4):
        day, hours = year.before(11 + 40 * number)
        visits, workers, host = 41 + 3 * number, 41, 2 + 3 * number
        rows.append(
            {"项目": MIND, "活动": TALK, "日期": day, "开始": hours, "承接单位": f"第{host}机械厂工会",
             "地址": "食堂二楼", "地区": DISTRICTS[host % 2], "总人次": visits, "其中职工": workers}
        )  # fmt: skip
        year.done.append((MIND, day, DISTRICTS[host % 2], visits, workers))
    return rows


def tallies(year: Year) -> list[Row]:
    rows: list[Row] = [
        {"项目": MIND, "指标": BOOKS, "日期": year.before(3 + 20 * number)[0], "数量": quantity,
         "对象": f"第{number + 1}机械厂工会"}
        for number, quantity in enumerate((1200, 850, 1450))
    ]  # fmt: skip
    year.books = sum(int(str(row["数量"])) for row in rows)
    return rows
