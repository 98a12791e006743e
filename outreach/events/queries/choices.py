"""What stands beside lists of sessions: next dates, choices of filters, a host by its name."""

from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from outreach.events.domain.permissions import may_know_programme
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


class TwinItem(NamedTuple):
    """An item of the menu in another year's programme of the same code and owner, with the same title."""

    event_id: UUID
    title: str
    year: int


async def twin_of_year(actor: Actor, event_id: UUID, year: int) -> TwinItem | None:
    """The item of ``year`` that is to be chosen instead of ``event_id``, when a session is to count there.

    ``None``: ``event_id`` is of that year itself, there is none in use, or the caller runs nothing below its programme.
    """
    found = await db.row(
        """SELECT twin.id AS event_id, twin.title, p.year, o.path
             FROM events_event e JOIN programmes_programme own ON own.id = e.programme
             JOIN programmes_programme p ON p.organisation = own.organisation AND p.code = own.code AND p.year = $2
             JOIN accounts_organisation o ON o.id = p.organisation
             JOIN events_event twin ON twin.programme = p.id AND twin.title = e.title AND twin.active
            WHERE e.id = $1 AND own.year <> $2 ORDER BY twin.id LIMIT 1""",
        event_id,
        year,
    )
    if found is None or not (actor.is_staff and may_know_programme(actor, found["path"])):
        return None
    return TwinItem(found["event_id"], found["title"], found["year"])


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
