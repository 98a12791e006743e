"""What stands beside lists of sessions: next dates, choices of filters, a host by its name."""

from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from outreach.events.queries.conditions import Conditions
from outreach.events.queries.rows import SESSION_FROM
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.time import day_bounds


async def host_named(actor: Actor, text: str) -> UUID | None:
    """The organisation with this code or full name among those that the caller runs; ``None`` unless exactly one."""
    found = await db.rows(
        """SELECT o.id FROM accounts_organisation o
            WHERE (lower(o.code) = lower($2) OR o.name = $2) AND o.closed_on IS NULL
              AND EXISTS (SELECT 1 FROM unnest($1::text[]) mine WHERE starts_with(o.path, mine)) LIMIT 2""",
        list(actor.organised_paths),
        text.strip(),
    )
    return found[0]["id"] if len(found) == 1 else None


class NextDate(NamedTuple):
    """When an item of the menu is on next, and how often from now on."""

    starts_at: datetime
    number: int


async def next_by_event(actor: Actor | None, now: datetime, year: int) -> dict[UUID, NextDate]:
    """Published sessions to come of the programmes of ``year`` that the caller may see, by item of the menu."""
    where = Conditions()
    where.add_visible(actor)
    where.add("s.state = 'published'")
    where.add("s.starts_at > ?", now)
    where.add("p.year = ?", year)
    found = await db.rows(
        f"SELECT s.event, min(s.starts_at) AS starts_at, count(*) AS number {SESSION_FROM}{where.sql} GROUP BY s.event",
        *where.args,
    )
    return {one["event"]: NextDate(one["starts_at"], one["number"]) for one in found}


class FilterChoices(NamedTuple):
    """What the filters above a list offer."""

    programmes: list[tuple[str, str]]
    kinds: list[str]
    districts: list[str]


async def filter_choices(actor: Actor | None, year: int) -> FilterChoices:
    """Programmes (code, name), kinds and districts of the sessions of ``year`` that the caller may see."""
    where = Conditions()
    where.add_visible(actor)
    start, end = day_bounds(date(year, 1, 1), date(year, 12, 31))
    where.add("s.starts_at >= ?", start)
    where.add("s.starts_at < ?", end)
    found = await db.rows(
        f"""SELECT p.position, p.code, coalesce(nullif(p.short_name, ''), p.name) AS name, s.kind, s.district
            {SESSION_FROM}{where.sql}
            GROUP BY 1, 2, 3, 4, 5 ORDER BY p.position, p.code, s.kind, s.district""",
        *where.args,
    )
    return FilterChoices(
        list(dict.fromkeys((one["code"], one["name"]) for one in found)),
        list(dict.fromkeys(one["kind"] for one in found)),
        sorted({one["district"] for one in found if one["district"]}),
    )
