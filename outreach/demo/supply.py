"""Programmes with their targets, the menu, who gives it and where."""

import tomllib
from dataclasses import dataclass, field
from datetime import date, datetime
from importlib.resources import files
from typing import Any
from uuid import UUID

from outreach.demo.days import Days, at
from outreach.demo.menu import CANCEL_HOURS, DISHES, LECTURERS, TROUPES, TWO_STEPS, Dish
from outreach.demo.places import VENUES
from outreach.demo.rows import Batch
from outreach.demo.unions import People, Unions
from outreach.events.tables import Event, EventProvider, Provider, Venue
from outreach.programmes.domain.marks import default_short_name
from outreach.programmes.tables import Programme, ProgrammeYear, Target

__all__ = ["Giver", "Place", "Supply", "stock_up"]

_MARKS = dict(zip(
    ("relief", "legal-aid", "mothers-station", "culture", "psychology", "degree", "women", "safety-books"),
    "困法妈文心学女安",
    strict=True,
))  # fmt: skip

_ACCOUNTS = {
    "relief": "上半年已受理大病医疗、意外伤害和家财损失救助申请，符合条件的全部发放到位。第三季度情况9月30日前报。",
    "legal-aid": "律师团已排出每周值班表，六个县级市、区的工会设了固定接待点。",
    "mothers-station": "第一批驿站按统一标识建设，建成一个、验收一个、公布一个。",
    "degree": "新学年已开学，工商企业管理、机械制造、电气工程三个专业按业余、就近原则授课。",
}

# Limits, deadlines and budgets, by programme.
_RULES: dict[str, dict[str, Any]] = {
    "culture": {"cancel_hours": 0, "budget_yuan": 1_200_000},
    "psychology": {
        "max_per_organisation": 6,
        "cancel_hours": CANCEL_HOURS["psychology"],
        "budget_yuan": 60_000,
    },
    "women": {"cancel_hours": CANCEL_HOURS["women"], "budget_yuan": 65_000},
    "safety-books": {"answer_hours": 48},
}

_LEAD_DAYS = {"culture": 7, "psychology": 5, "women": 5, "safety-books": 5}


@dataclass(frozen=True, slots=True)
class Giver:
    """A lecturer or a troupe; ``teams`` can work at once, ``weekdays`` as ISO digits.

    ``parts`` are the weekdays and parts of the day when it can come, e.g. ``2-afternoon``; empty: at any time.
    """

    id: UUID
    name: str
    topics: tuple[str, ...]
    teams: int
    per_month: int
    weekdays: str = "1234567"
    parts: tuple[str, ...] = ()
    person: UUID | None = None


@dataclass(frozen=True, slots=True)
class Place:
    id: UUID
    name: str
    address: str
    district: str
    capacity: int | None
    rooms: int


@dataclass(slots=True)
class Supply:
    """``events`` by title, ``targets`` by (programme, key)."""

    programmes: dict[str, UUID] = field(default_factory=dict)
    targets: dict[tuple[str, str], UUID] = field(default_factory=dict)
    events: dict[str, UUID] = field(default_factory=dict)
    givers: list[Giver] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)

    def giver(self, name: str) -> Giver:
        return next(g for g in self.givers if g.name == name)

    def able(self, dish: Dish) -> list[Giver]:
        """Who can give it: the troupes it names, else the lecturers of its topic."""
        return [g for g in self.givers if (g.name in dish.by if dish.by else dish.topic in g.topics)]


def stock_up(batch: Batch, days: Days, unions: Unions, people: People, *, persons: dict[str, UUID]) -> Supply:
    """Everything that can be scheduled. ``persons`` are the providers who log in, by the provider's name."""
    supply = Supply()
    began = at(date(days.year - 1, 12, 22), 9)
    _promise(batch, supply, days, unions.root.id, began)
    _engage(batch, supply, unions.root.id, people, persons, began)
    for district, venues in VENUES.items():
        for name, address, capacity, rooms, directions in venues:
            id_ = batch.add(
                Venue, began, organisation=unions.districts[district].id, name=name, address=address, district=district,
                capacity=capacity, rooms=rooms, directions=directions, setup_minutes=30, takedown_minutes=30,
            )  # fmt: skip
            supply.places.append(Place(id_, name, address, district, capacity, rooms))
    for dish in DISHES:
        event = batch.add(
            Event, began, programme=supply.programmes[dish.programme], title=dish.title, kind=dish.kind,
            topic=dish.topic,
            summary=dish.summary, audience=dish.audience, duration_minutes=dish.minutes, site_needs=dish.site_needs,
            min_audience=dish.smallest, max_audience=dish.largest,
            orderable=dish.orderable, lead_days=_LEAD_DAYS[dish.programme],
        )  # fmt: skip
        supply.events[dish.title] = event
        for giver in supply.able(dish):
            batch.add(EventProvider, began, event=event, provider=giver.id)
    return supply


def _promise(batch: Batch, supply: Supply, days: Days, owner: UUID, began: datetime) -> None:
    """The year as the notice has it: its file, shipped with the programmes, with the year put in place of 2015."""
    text = files("outreach.programmes").joinpath("data/suzhou-2015.toml").read_text(encoding="utf-8")
    notice: dict[str, Any] = tomllib.loads(text)
    in_year = {name: str(notice[name]).replace("2015", str(days.year)) for name in ("title", "document")}
    due = notice["submissions_due"].replace(year=days.year)
    batch.add(
        ProgrammeYear, began, organisation=owner, year=days.year, submissions_due=due, state="open",
        released_as_of=date(days.year, 8, 31), **in_year,
    )  # fmt: skip
    for position, programme in enumerate(notice["programme"], 1):
        targets = programme.pop("target", [])
        code = programme["code"]
        programme.pop("organisation", None)
        supply.programmes[code] = batch.add(
            Programme, began, organisation=owner, year=days.year, position=position, mark=_MARKS[code],
            short_name=default_short_name(code),
            approval_needed=code == "psychology", two_step_orders=code in TWO_STEPS,
            account=_ACCOUNTS.get(code, ""), **_RULES.get(code, {}), **programme,
        )  # fmt: skip
        for place, target in enumerate(targets, 1):
            key = target.pop("id")
            supply.targets[code, key] = batch.add(
                Target, began, programme=supply.programmes[code], key=key, position=place, **target
            )


def _engage(
    batch: Batch, supply: Supply, owner: UUID, people: People, persons: dict[str, UUID], began: datetime
) -> None:
    for lecturer in LECTURERS:
        id_ = batch.add(
            Provider, began, organisation=owner, kind="lecturer", name=lecturer.name, title=lecturer.title,
            topics=list(lecturer.topics), home_district=lecturer.district, availability=lecturer.availability,
            max_per_day=1, max_per_week=2, max_per_month=lecturer.per_month, person=persons.get(lecturer.name),
            phone=people.phone(), available_parts=list(lecturer.parts),
        )  # fmt: skip
        supply.givers.append(
            Giver(
                id_,
                lecturer.name,
                lecturer.topics,
                1,
                lecturer.per_month,
                lecturer.days,
                lecturer.parts,
                persons.get(lecturer.name),
            )
        )
    for troupe in TROUPES:
        id_ = batch.add(
            Provider, began, organisation=owner, kind="troupe", name=troupe.name, title=troupe.title,
            topics=list(troupe.topics), home_district=troupe.district, availability=troupe.availability,
            max_per_day=troupe.teams, max_per_week=4 * troupe.teams, max_per_month=12 * troupe.teams,
            parallel_teams=troupe.teams, person=persons.get(troupe.name), phone=people.phone(),
            available_parts=list(troupe.parts),
        )  # fmt: skip
        supply.givers.append(
            Giver(
                id_,
                troupe.name,
                troupe.topics,
                troupe.teams,
                18 * troupe.teams,
                parts=troupe.parts,
                person=persons.get(troupe.name),
            )
        )
