"""What is left of sessions that took place: who checked in, what they said, what it cost, how it was summed up."""

import hashlib
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

from outreach.attendance.tables import Attendee, Cost, Opinion, SessionRecord
from outreach.demo.days import Days
from outreach.demo.rows import Batch
from outreach.demo.run import Run
from outreach.demo.unions import NAME_PARTS, Somebody, Unions
from outreach.demo.visits import Counted
from outreach.programmes.tables import CoverageGoal, OutsideService
from outreach.reports.tables import ReportText

__all__ = ["Aftermath"]

#: Programmes whose people check in by phone.
_NAMED = ("psychology", "women")
#: Of a unit that sends people often, so many different ones come.
_POOL = 45
_CHANGES = ("content", "depth", "length", "length", "interaction", "interaction", "time", "place", "nothing", "nothing")
_WORDS = {
    "content": ("多讲讲身边的例子", "想听听怎样和孩子沟通"),
    "depth": ("有点浅，可以分初级和提高", "后半段听不太懂"),
    "length": ("一个半小时有点长", "时间太短，刚听进去就结束了"),
    "interaction": ("希望留出提问的时间", "现场练习再多一点"),
    "time": ("下夜班赶过来有点困，能不能放在下午", "能排在周五就好了"),
    "place": ("后排看不清屏幕", "空调太冷"),
    "nothing": ("讲得很实在", "下次还来"),
}
_REMARKS = (
    "现场秩序好，按时开始，按时结束。",
    "听讲的人比预约的多，加了一排椅子。",
    "讲完以后有八位职工留下来单独咨询。",
    "设备中途断电五分钟，没有影响后面的内容。",
)
_PROBLEMS = (
    "心理讲座多排在白天，倒班职工难以参加，夜班和周末的场次偏少。\n"
    "部分乡镇的单位没有合适的场地，点单后要等讲师自带设备。"
)
_PLANS = (
    "讲座增加晚间和周末场次，单独列入菜单，优先安排今年没有服务到的单位。\n"
    "和区工会共用三处职工活动中心，乡镇单位可以就近拼场。"
)
#: 实名制服务 20% in the first year and 80% in the fifth, as a notice says; the years between are the user's.
_RAMP = ((0, 20.0), (1, 35.0), (2, 50.0), (3, 65.0), (4, 80.0))


class Aftermath:
    """Writes what follows a session. Everything is drawn after the rest, so that the rest stays as it is."""

    def __init__(self, batch: Batch, dice: Random, days: Days, unions: Unions, staff: Somebody) -> None:
        self.batch, self.dice, self.days, self.unions, self.staff = batch, dice, days, unions, staff
        self._pools: dict[UUID, list[tuple[str, str]]] = {}

    def write(self, runs: list[Run], counts: list[Counted]) -> None:
        """Everything of the sessions held, and the goals of coverage."""
        came = {(one.run.id, one.on): one.total for one in counts}
        for run in runs:
            if run.state not in ("held", "closed"):
                continue
            if run.planned.dish.programme in _NAMED:
                there = self._write_people(run, came.get((run.id, run.planned.day), 0))
                self._write_opinions(run, there)
            self._write_costs(run)
            if run.state == "closed" and self.dice.random() < 0.8:
                self.batch.add(
                    SessionRecord, run.closed_at or run.planned.ends_at, session=run.id,
                    remarks=self.dice.choice(_REMARKS), changed_by=self.staff.id,
                    changed_at=run.closed_at or run.planned.ends_at,
                )  # fmt: skip
        self._write_coverage()
        self._write_text()

    def _pool(self, union: UUID) -> list[tuple[str, str]]:
        """Names and the last four of a number, of those whom a unit sends."""
        if union not in self._pools:
            names: dict[str, None] = {}
            while len(names) < _POOL:
                names["".join(self.dice.choice(part) for part in NAME_PARTS)] = None
            self._pools[union] = [
                (name, f"{self.dice.randint(0, 9999):04d}" if self.dice.random() < 0.4 else "") for name in names
            ]
        return self._pools[union]

    def _write_people(self, run: Run, total: int) -> list[UUID]:
        """Most of those who were counted have checked in."""
        there: list[UUID] = []
        wanted = round(total * self.dice.uniform(0.84, 0.98))
        for booked in run.bookings:
            if booked.state not in ("attended", "confirmed"):
                continue
            for name, tail in self.dice.sample(self._pool(booked.booker.id), min(booked.seats, _POOL)):
                if len(there) >= wanted:
                    return there
                there.append(self._person(run, booked.booker.id, booked.booker.name, name, tail))
        return there

    def _person(self, run: Run, union: UUID, unit: str, name: str, tail: str) -> UUID:
        at = run.planned.starts_at + timedelta(minutes=self.dice.randint(-25, 12))
        # Random of its own: nobody in the demo has a number that could be hashed.
        identity = hashlib.sha256(f"demo:{union}:{name}".encode()).hexdigest()
        return self.batch.add(
            Attendee, at, session=run.id, on=run.planned.day, name=name, unit_name=unit, organisation=union,
            identity=identity, by_number=bool(tail), tail=tail, is_worker=True, present=True,
            came_by=self.dice.choice(("qr", "qr", "qr", "qr", "code", "list")), checked_in_at=at, changed_at=at,
        )  # fmt: skip

    def _write_opinions(self, run: Run, there: list[UUID]) -> None:
        usual = self.dice.uniform(3.9, 4.8)
        for attendee in self.dice.sample(there, round(len(there) * self.dice.uniform(0.25, 0.6))):
            useful, delivery, arrangement = (
                max(1, min(5, round(self.dice.gauss(usual - minus, 0.7)))) for minus in (0.1, 0, 0.4)
            )
            change = self.dice.choice(_CHANGES) if self.dice.random() < 0.8 else ""
            words = self.dice.choice(_WORDS[change]) if change and self.dice.random() < 0.2 else ""
            self.batch.add(
                Opinion, run.planned.ends_at, id=UUID(int=self.dice.getrandbits(128), version=4), session=run.id,
                given_by=hashlib.sha256(f"demo:opinion:{attendee}".encode()).hexdigest(), useful=useful,
                delivery=delivery, arrangement=arrangement, change=change, words=words, on=run.planned.day,
            )  # fmt: skip

    def _write_costs(self, run: Run) -> None:
        """Lecturers are paid by the hour, troupes by the show; a few bills have not come in."""
        planned = run.planned
        if self.dice.random() < 0.08:
            return
        is_talk = planned.dish.programme in (*_NAMED, "safety-books")
        half_hours = max(2, round((planned.ends_at - planned.starts_at) / timedelta(minutes=30)))
        for giver in planned.givers:
            yuan = half_hours * self.dice.choice((200, 250, 300)) if is_talk else self.dice.randrange(3000, 9000, 200)
            self._cost(run, "fee", yuan, provider=giver.id, half_hours=half_hours if is_talk else None)
        if not is_talk and planned.dish.kind in ("演出", "戏曲"):
            self._cost(run, "travel", self.dice.randrange(400, 1600, 50), note="车辆")
        if planned.dish.kind == "电影":
            self._cost(run, "materials", self.dice.randrange(600, 1400, 100), note="放映")
        if planned.multi_day:
            self._cost(run, "materials", self.dice.randrange(2000, 6000, 100), note="展板")

    def _cost(self, run: Run, kind: str, yuan: int, **given: object) -> None:
        at = run.held_at or run.planned.ends_at
        self.batch.add(
            Cost, at, session=run.id, kind=kind, amount_fen=yuan * 100,
            source=self.dice.choice(("本级工会经费", "本级工会经费", "本级工会经费", "上级补助", "财政资金")),
            created_by=self.staff.id, changed_at=at, **given,
        )  # fmt: skip

    def _write_text(self) -> None:
        """The organiser's chapter of the report, as far as it is written by now."""
        at = self.days.now() - timedelta(days=3)
        self.batch.add(
            ReportText, at, organisation=self.unions.root.id, year=self.days.year, problems=_PROBLEMS, plans=_PLANS,
            changed_by=self.staff.id, changed_at=at,
        )  # fmt: skip

    def _write_coverage(self) -> None:
        at = datetime.combine(date(self.days.year, 1, 12), datetime.min.time(), self.days.now().tzinfo)
        at += timedelta(hours=10)
        for after, percent in _RAMP:
            self.batch.add(
                CoverageGoal, at, organisation=self.unions.root.id, year=self.days.year + after, percent=percent,
                wording="" if 0 < after < 4 else f"实名制服务职工人次达到已采集会员人数的{percent:.0f}%",
                changed_by=self.staff.id, changed_at=at,
            )  # fmt: skip
        for district in self.unions.districts.values():
            for name, months in (("在职职工医疗互助", (3, 6, 9)), ("职工体检", (5,)), ("法律咨询", (4, 8))):
                for month in months:
                    visits = self.dice.randint(120, 900)
                    self.batch.add(
                        OutsideService, at.replace(month=month, day=10), organisation=district.id,
                        on=date(self.days.year, month, 8), name=name, visits=visits,
                        people=visits - self.dice.randint(0, 40) if month != 9 else None, created_by=self.staff.id,
                    )  # fmt: skip
