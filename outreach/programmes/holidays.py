"""Days off and weekend days worked: an editable table, seeded from the official calendar of ``chinesecalendar``.

That calendar raises for a year it does not know (a new one appears each November), so it is only asked while seeding;
a year without rows is a warning on the page and never an error.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import anyio.to_thread

from outreach.accounts.journal import note_within
from outreach.programmes.commands.storing import CONFLICTS
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.errors import ForbiddenError, InvalidError, NotFoundError
from outreach.shared.i18n import phrase
from outreach.shared.ids import new_id
from outreach.shared.text import clean_line
from outreach.shared.time import implausible_day

__all__ = [
    "HOLIDAY_NAMES",
    "Holiday",
    "add_holiday",
    "holidays_between",
    "official_holidays",
    "remove_holiday",
    "seed_holidays",
    "seed_holidays_within",
    "years_without_holidays",
]

#: The calendar's names → ours.
HOLIDAY_NAMES: dict[str, str] = {
    "New Year's Day": phrase("元旦"),
    "Spring Festival": phrase("春节"),
    "Tomb-sweeping Day": phrase("清明节"),
    "Labour Day": phrase("劳动节"),
    "Dragon Boat Festival": phrase("端午节"),
    "National Day": phrase("国庆节"),
    "Mid-autumn Festival": phrase("中秋节"),
    "Anti-Fascist 70th Day": phrase("抗战胜利纪念日"),
}


@dataclass(frozen=True, slots=True)
class Holiday:
    """One day: ``kind`` is ``off`` 休 (a day off that is named) or ``work`` 班 (a weekend day worked)."""

    id: UUID
    on: date
    kind: str
    name: str

    @property
    def is_off(self) -> bool:
        return self.kind == "off"


async def holidays_between(first: date, last: date) -> dict[date, Holiday]:
    """Days off and weekend days worked from ``first`` to ``last``, both included."""
    rows = await db.rows(
        'SELECT id, "on", kind, name FROM programmes_holiday WHERE "on" BETWEEN $1 AND $2 ORDER BY "on"', first, last
    )
    return {row["on"]: Holiday(**row) for row in rows}


async def years_without_holidays(years: Iterable[int]) -> list[int]:
    """Those of ``years`` for which the table has no day at all: the pages say so."""
    asked = sorted(set(years))
    rows = await db.rows(
        """SELECT DISTINCT extract(year FROM "on")::int AS year FROM programmes_holiday
            WHERE extract(year FROM "on")::int = ANY($1::int[])""",
        asked,
    )
    known = {row["year"] for row in rows}
    return [year for year in asked if year not in known]


async def official_holidays(year: int) -> list[tuple[date, str, str]]:
    """Day, kind and name of the official calendar; empty for a year that it does not know."""
    return await anyio.to_thread.run_sync(_official, year)


def _official(year: int) -> list[tuple[date, str, str]]:
    # 0.1 s to load, and only a keeper who seeds a year needs it.
    from chinese_calendar import constants

    off = [(day, "off", name) for day, name in constants.holidays.items() if day.year == year]
    work = [(day, "work", name) for day, name in constants.workdays.items() if day.year == year]
    return [(day, kind, HOLIDAY_NAMES.get(name, "")) for day, kind, name in sorted(off + work)]


async def seed_holidays(actor: Actor, now: datetime, year: int) -> int:
    """Fill the days of ``year`` that the table does not have; return how many were new (0: the year is not out yet).

    Raises:
        ForbiddenError: the actor is no staff.
    """
    _may_edit(actor)
    async with db.atomic(CONFLICTS):
        return await seed_holidays_within(actor, now, year)


async def seed_holidays_within(actor: Actor | None, now: datetime, year: int) -> int:
    """``seed_holidays`` inside the open transaction, without asking for permission."""
    days = await official_holidays(year)
    rows = await db.rows(
        """INSERT INTO programmes_holiday (id, "on", kind, name)
           SELECT * FROM unnest($1::uuid[], $2::date[], $3::text[], $4::text[])
           ON CONFLICT ("on") DO NOTHING RETURNING 1""",
        [new_id() for _ in days],
        [day for day, _kind, _name in days],
        [kind for _day, kind, _name in days],
        [name for _day, _kind, name in days],
    )
    if rows:
        await note_within(actor, now, "holidays.seeded", "holiday", new_id(), facts={"year": year, "days": len(rows)})
    return len(rows)


async def add_holiday(actor: Actor, now: datetime, *, on: date, kind: str, name: str) -> UUID:
    """Add one day, or replace what the table says of it; return its id.

    Raises:
        ForbiddenError: the actor is no staff.
        InvalidError: the day is implausible.
    """
    _may_edit(actor)
    problems = implausible_day("on", on)
    if problems:
        raise InvalidError(problems)
    async with db.atomic(CONFLICTS):
        made: UUID = await db.value(
            """INSERT INTO programmes_holiday (id, "on", kind, name) VALUES ($1, $2, $3, $4)
               ON CONFLICT ("on") DO UPDATE SET kind = excluded.kind, name = excluded.name RETURNING id""",
            new_id(),
            on,
            kind,
            clean_line(name),
        )
        await note_within(
            actor, now, "holiday.set", "holiday", made, facts={"on": on.isoformat(), "kind": kind, "name": name}
        )
        return made


async def remove_holiday(actor: Actor, now: datetime, holiday_id: UUID) -> None:
    """Make a day an ordinary one again.

    Raises:
        ForbiddenError: the actor is no staff.
        NotFoundError: there is none with this id.
    """
    _may_edit(actor)
    async with db.atomic(CONFLICTS):
        row = await db.row('DELETE FROM programmes_holiday WHERE id = $1 RETURNING "on", kind', holiday_id)
        if row is None:
            raise NotFoundError
        facts = {"on": row["on"].isoformat(), "kind": row["kind"]}
        await note_within(actor, now, "holiday.removed", "holiday", holiday_id, facts=facts)


def _may_edit(actor: Actor) -> None:
    if not actor.is_staff:
        raise ForbiddenError
