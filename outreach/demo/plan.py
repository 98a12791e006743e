"""Finds day, provider and place for every session, so that nobody and no room is needed twice."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

from outreach.demo.days import Days, at
from outreach.demo.menu import DISHES, Dish
from outreach.demo.places import DISTRICTS
from outreach.demo.supply import Giver, Place, Supply
from outreach.demo.unions import Union, Unions
from outreach.demo.year import CANCELLED, DRAFTS, NAMED, SHARES, Named

__all__ = ["Planned", "plan_year"]

_EVENINGS = {"演出", "戏曲", "电影"}
#: Shows for a factory's own people at the change of shifts.
_AT_WORK = ("评弹进厂区", "慰问一线职工文艺小分队")
#: Months too cold for an evening in the open.
_COLD = (1, 2, 12)
#: Shows that are wanted on public holidays all the same.
_HOLIDAY_SHOWS = 4
_MOST_A_DAY = 4
_TRIES = 800
#: Months with few days for it, filled while every kind is still to be had.
_TIGHT = (2, 9)


@dataclass(slots=True)
class Planned:
    """A session before it is written."""

    dish: Dish
    starts_at: datetime
    ends_at: datetime
    district: str
    givers: tuple[Giver, ...]
    end: str
    place: Place | None = None
    host: Union | None = None
    capacity: int | None = None
    taken: int | None = None
    title: str = ""
    visibility: str = "public"
    approval: bool = False
    claimable: bool = False
    multi_day: bool = False
    moved_minutes: int = 0
    why: str = ""
    cancelled_by: str = ""
    note: str = ""
    named: bool = False
    bookers: tuple[tuple[str, int, str], ...] = ()

    @property
    def day(self) -> date:
        return self.starts_at.date()

    @property
    def days(self) -> list[date]:
        """Every day on which it runs."""
        return [self.day + timedelta(days=n) for n in range((self.ends_at.date() - self.day).days + 1)]


class _Diary:
    """Who and what is taken on which day: a lecturer once, a troupe once a team, a place once a room."""

    def __init__(self) -> None:
        self._taken: Counter[tuple[UUID, date]] = Counter()
        self._a_month: Counter[tuple[UUID, int]] = Counter()
        self.a_day: Counter[date] = Counter()

    def free_giver(self, giver: Giver, day: date, days: int) -> bool:
        """Exhibitions tie people on the first and the last day only."""
        ends = {day, day + timedelta(days=days - 1)}
        return (
            all(self._taken[giver.id, one] < giver.teams for one in ends)
            and self._a_month[giver.id, day.month] < giver.per_month
        )

    def free_place(self, place: Place, day: date, days: int) -> bool:
        return all(self._taken[place.id, day + timedelta(days=n)] < place.rooms for n in range(days))

    def busy(self, giver: Giver, day: date) -> int:
        """How much a provider has to do, this month twice."""
        return self._a_month[giver.id, day.month] * 2 + sum(self._a_month[giver.id, n] for n in range(1, 13))

    def enter(self, planned: Planned) -> None:
        self.a_day[planned.day] += 1
        for giver in planned.givers:
            for day in {planned.day, planned.days[-1]}:
                self._taken[giver.id, day] += 1
            self._a_month[giver.id, planned.day.month] += 1
        if planned.place is not None:
            for day in planned.days:
                self._taken[planned.place.id, day] += 1


class _Planner:
    def __init__(self, dice: Random, days: Days, unions: Unions, supply: Supply) -> None:
        self.dice, self.days, self.unions, self.supply = dice, days, unions, supply
        self.diary = _Diary()
        self.planned: list[Planned] = []
        self.holiday_shows = 0
        self.hosts: Counter[UUID] = Counter()

    # --- the sessions that are always there -------------------------------------------------------------------------

    def add_named(self, named: Named) -> None:
        dish = next(d for d in DISHES if d.title == named.title)
        place = next((p for p in self.supply.places if p.name == named.where), None)
        host = self.unions.named(named.where) if named.where and place is None else None
        day = self.days.near_today(named.day)
        starts_at = at(day, named.hour, named.minute)
        ends_at = starts_at + timedelta(minutes=dish.minutes)
        if named.days > 1:
            ends_at = at(day + timedelta(days=named.days - 1), 16, 30)
        where = place or host
        planned = Planned(
            dish, starts_at, ends_at, where.district if where else "", (self.supply.giver(named.by),), named.end,
            place=place, host=host, capacity=named.capacity, taken=named.taken,
            title=(named.shown_as if self.days.year == 2015 else "") or dish.title,
            visibility=named.visibility, approval=named.approval, claimable=named.claimable,
            multi_day=named.days > 1, moved_minutes=named.moved_minutes, why=named.why,
            cancelled_by="weather" if named.end == "cancelled" else "", note=named.note,
            named=True, bookers=named.bookers,
        )  # fmt: skip
        self.diary.enter(planned)
        self.planned.append(planned)

    # --- the rest ---------------------------------------------------------------------------------------------------

    def share_out(self, programme: str) -> None:
        share = SHARES[programme]
        mine = [p for p in self.planned if p.dish.programme == programme]
        over = [p for p in mine if p.end in ("held", "closed")]
        coming = [p for p in mine if p.end == "published" and p.day > self.days.today]
        kinds = [self._deck({k: n[i] for k, n in share.kinds.items()}, [p.dish.kind for p in which])
                 for i, which in enumerate((over, coming))]  # fmt: skip
        districts = self._deck(dict(zip(DISTRICTS, share.held_by_district, strict=True)), [p.district for p in over])
        held = dict(enumerate((*share.held_by_month, share.held_september), 1))
        for month in sorted(held, key=lambda month: month not in _TIGHT):
            for _ in range(held[month] - sum(p.day.month == month for p in over)):
                self._add_one_of(programme, kinds[0], self._before(month), districts.pop(), "closed")
        anywhere = list(DISTRICTS) * 4
        self.dice.shuffle(anywhere)
        for month, wanted in zip((9, 10, 11, 12), share.planned, strict=True):
            for _ in range(wanted - sum(p.day.month == month for p in coming)):
                self._add_one_of(programme, kinds[1], self._after(month), anywhere.pop(), "published")

    def _add_one_of(self, programme: str, kinds: list[str], days: list[date], district: str, end: str) -> None:
        """The last of ``kinds`` for which there is room; it is taken from the list."""
        for kind in dict.fromkeys(reversed(kinds)):
            if self._add(programme, kind, days, district, end) is not None:
                kinds.reverse()
                kinds.remove(kind)
                kinds.reverse()
                return
        raise RuntimeError(f"no room for {programme} in {district}, {days[0]}")

    def add_others(self) -> None:
        """Cancelled ones and drafts."""
        for programme, month, by, why in CANCELLED:
            made = self._add_any(programme, month, "cancelled")
            made.cancelled_by, made.why = by, why
        for programme, month in DRAFTS:
            self._add_any(programme, month, "draft")

    def _deck(self, shares: dict[str, int], without: list[str]) -> list[str]:
        """Every name as often as its share says, less those already there, shuffled."""
        left = Counter(shares)
        left.subtract(without)
        deck = [name for name, n in left.items() for _ in range(n)]
        self.dice.shuffle(deck)
        return deck

    def _add_any(self, programme: str, month: int, end: str) -> Planned:
        kinds = [d.kind for d in DISHES if d.programme == programme and d.days == 1]
        while True:
            kind, district = self.dice.choice(kinds), self.dice.choice(list(DISTRICTS))
            if (made := self._add(programme, kind, self.days.of_month(month), district, end)) is not None:
                return made

    def _before(self, month: int) -> list[date]:
        return [day for day in self.days.of_month(month) if day < self.days.today]

    def _after(self, month: int) -> list[date]:
        return [day for day in self.days.of_month(month) if day > self.days.today]

    def _add(self, programme: str, kind: str, days: list[date], district: str, end: str) -> Planned | None:
        """A session on one of ``days``; ``None`` when in many tries nothing fits."""
        dishes = [d for d in DISHES if d.programme == programme and d.kind == kind]
        for attempt in range(_TRIES):
            planned = self._try(self.dice.choice(dishes), self.dice.choice(days), district, end, attempt)
            if planned is None:
                continue
            if end != "cancelled":
                self.diary.enter(planned)
            self.holiday_shows += planned.day in self.days.off
            self.planned.append(planned)
            return planned
        return None

    def _try(self, dish: Dish, day: date, district: str, end: str, attempt: int) -> Planned | None:
        # A full day is avoided first and accepted when the month is tight.
        if self.diary.a_day[day] >= _MOST_A_DAY + attempt // 150 or not self._suits(dish, day):
            return None
        if (day + timedelta(days=dish.days - 1) - self.days.today).days * (day - self.days.today).days <= 0:
            return None  # today itself, or an exhibition that would run today
        givers = self._givers(dish, day, attempt)
        return None if givers is None else self._placed(dish, day, district, givers, end)

    def _suits(self, dish: Dish, day: date) -> bool:
        run = [day + timedelta(days=n) for n in range(dish.days)]
        if day.month in _COLD and ("露天" in dish.title or "广场" in dish.title):
            return False
        if any(self.days.is_spring_festival(one) or one.year != self.days.year for one in run):
            return False
        if dish.title in _AT_WORK and not self.days.is_workday(day):
            return False
        if day in self.days.off:
            if dish.kind not in _EVENINGS or self.holiday_shows >= _HOLIDAY_SHOWS:
                return False
            return self.dice.random() < 0.5
        if any(one in self.days.off for one in run[1:]):
            return False
        if self.days.is_workday(day):
            return "亲子" not in dish.title or day.weekday() == 4
        return dish.kind in _EVENINGS or (dish.programme == "culture" and self.dice.random() < 0.3)

    def _givers(self, dish: Dish, day: date, attempt: int) -> tuple[Giver, ...] | None:
        able = [g for g in self.supply.able(dish) if self.diary.free_giver(g, day, dish.days)]
        if not dish.by and attempt < _TRIES * 3 // 4:
            able = [g for g in able if str(day.isoweekday()) in g.weekdays]
        if not able:
            return () if dish.kind == "技能竞赛" else None
        self.dice.shuffle(able)
        return (min(able, key=lambda g: self.diary.busy(g, day)),)

    def _placed(self, dish: Dish, day: date, district: str, givers: tuple[Giver, ...], end: str) -> Planned | None:
        starts_at = at(day, *self._time(dish, day))
        ends_at = starts_at + timedelta(minutes=dish.minutes)
        if dish.days > 1:
            ends_at = at(day + timedelta(days=dish.days - 1), 16, 30)
        planned = Planned(
            dish, starts_at, ends_at, district, givers, end, title=dish.title, multi_day=dish.days > 1,
            approval=dish.programme == "psychology",
        )  # fmt: skip
        if end == "published" and dish.kind == "讲座" and self.dice.random() < 0.22:
            planned.claimable, planned.district, planned.capacity = True, "", dish.largest
            return planned
        if dish.title in _AT_WORK or (dish.days == 1 and self.dice.random() < self._at_a_unit(dish, end)):
            return self._hosted(planned)
        return self._at_a_venue(planned)

    @staticmethod
    def _at_a_unit(dish: Dish, end: str) -> float:
        """How often such a session goes to an enterprise or a guest instead of a public place."""
        share = {"演出": 0.5, "戏曲": 0.35, "电影": 0.5, "交流": 0.35, "讲座": 0.42}.get(dish.kind, 0.6)
        return share * (0.6 if end == "published" else 1)

    def _time(self, dish: Dish, day: date) -> tuple[int, int]:
        roll = self.dice.random()
        if dish.days > 1:
            return 9, 30
        if dish.kind == "电影":
            return (19, 0) if 5 <= day.month <= 8 else (18, 30)
        if dish.title in _AT_WORK:
            return (12, 0) if roll < 0.6 else (16, 0)
        if dish.kind in _EVENINGS:
            return (18, 30) if roll < 0.45 else (19, 0)
        if not self.days.is_workday(day):
            return 9, 30
        if "倒班" in dish.title and roll < 0.5:
            return 18, 30  # for those who come off the day shift
        if dish.kind == "交流":
            return (15, 0) if roll < 0.6 else (15, 30)
        return (14, 0) if roll < 0.7 else (13, 30) if roll < 0.85 else (9, 30)

    def _hosted(self, planned: Planned) -> Planned | None:
        culture = planned.dish.programme == "culture"
        women = planned.dish.programme == "women"
        able = [
            u
            for u in (self.unions.committees if women else self.unions.enterprises)
            if u.district == planned.district and self.hosts[u.id] < 3
        ]
        if culture and planned.dish.title not in _AT_WORK and self.dice.random() < 0.3:
            able = [g for g in self.unions.guests if g.district == planned.district]
        if not able:
            return None
        planned.host = self.dice.choice(able)
        self.hosts[planned.host.id] += 1
        agreed = planned.host.kind != "guest" and self.dice.random() < 0.25
        planned.visibility = "public" if agreed else "host"
        if not culture:
            planned.capacity = min(planned.dish.largest, 20 + 10 * self.dice.randint(3, 12))
        return planned

    def _at_a_venue(self, planned: Planned) -> Planned | None:
        dish = planned.dish
        able = [p for p in self.supply.places if p.district == planned.district]
        if dish.days > 1:
            able = [p for p in able if p.rooms > 1 and (p.capacity or 0) >= 300]
        elif "广场" in dish.title or (dish.kind == "电影" and planned.day.month not in _COLD):
            able = [p for p in able if p.capacity is None]
        elif dish.kind in ("演出", "电影", "技能竞赛"):
            able = [p for p in able if (p.capacity or 0) >= 130]
        else:
            able = [p for p in able if p.capacity and p.capacity <= (450 if dish.kind == "戏曲" else 180)]
        able = [p for p in able if self.diary.free_place(p, planned.day, dish.days)]
        if not able:
            return None
        planned.place = self.dice.choice(able)
        if dish.days == 1:
            planned.capacity = planned.place.capacity
        if planned.capacity is not None and self.dice.random() < 0.15:
            planned.visibility = "members"
        if planned.capacity is not None and planned.end != "draft":
            share = min(1.0, max(0.3, self.dice.gauss(0.82, 0.15)))
            if planned.end == "published":
                share *= max(0.1, 1 - (planned.day - self.days.today).days / 70)
            planned.taken = int(planned.capacity * share)
        return planned


def plan_year(dice: Random, days: Days, unions: Unions, supply: Supply) -> list[Planned]:
    """Every session of the year, by start."""
    planner = _Planner(dice, days, unions, supply)
    for named in NAMED:
        planner.add_named(named)
    for programme in SHARES:
        planner.share_out(programme)
    planner.add_others()
    return sorted(planner.planned, key=lambda p: (p.starts_at, p.title, p.district))
