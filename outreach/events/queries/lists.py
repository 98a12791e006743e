"""Lists of sessions, each as far as the caller may see it."""

from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from outreach.events.domain.states import SessionState
from outreach.events.queries.conditions import Conditions, SessionFilter, conditions_of
from outreach.events.queries.rows import SESSION_FROM, SESSION_SQL, SessionRow, session_row
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.paging import Page, moment_after, page_of
from outreach.shared.time import day_bounds


async def sessions_page(
    actor: Actor | None,
    wanted: SessionFilter,
    now: datetime,
    *,
    limit: int,
    after: str | None = None,
    newest_first: bool = False,
) -> Page[SessionRow]:
    """One part of the list by (start, id), of what the caller may see.

    Args:
        limit: at least 1.
        after: cursor of the part before.

    Raises:
        InvalidError: ``after`` is no cursor of ours.
    """
    where = conditions_of(actor, wanted, now)
    total = await db.value(f"SELECT count(*) {SESSION_FROM}{where.sql}", *where.args)
    if after:
        where.add(f"(s.starts_at, s.id) {'<' if newest_first else '>'} (?, ?)", *moment_after(after))
    order = "s.starts_at DESC, s.id DESC" if newest_first else "s.starts_at, s.id"
    found = await db.rows(
        f"{SESSION_SQL}{where.sql} ORDER BY {order} LIMIT ${len(where.args) + 1}", *where.args, limit + 1
    )
    return page_of([session_row(one) for one in found], limit, total, lambda s: (s.starts_at.isoformat(), str(s.id)))


async def state_counts(actor: Actor | None, wanted: SessionFilter, now: datetime) -> dict[str, int]:
    """How many sessions of ``wanted`` (its state left aside) are in each state, and how many are ``unrecorded``."""
    where = conditions_of(actor, wanted, now)
    where.args.append(now)
    found = await db.rows(
        f"""SELECT s.state, count(*) AS number,
                   count(*) FILTER (WHERE s.state = 'published' AND s.ends_at <= ${len(where.args)}) AS unrecorded
            {SESSION_FROM}{where.sql} GROUP BY s.state""",
        *where.args,
    )
    counts = {state.value: 0 for state in SessionState} | {one["state"]: one["number"] for one in found}
    return {**counts, "unrecorded": sum(one["unrecorded"] for one in found)}


async def sessions_of_provider(person_id: UUID, now: datetime, *, limit: int = 50) -> list[SessionRow]:
    """Published sessions that the person gives, alone or with others, and that are not over; soonest first."""
    found = await db.rows(
        SESSION_SQL + " WHERE s.state = 'published' AND s.ends_at > $2 AND $1::uuid = ANY(providers.people)"
        " ORDER BY s.starts_at, s.id LIMIT $3",
        person_id,
        now,
        limit,
    )
    return [session_row(record) for record in found]


async def sessions_of_days(
    actor: Actor | None, wanted: SessionFilter, now: datetime, first: date, last: date
) -> list[SessionRow]:
    """The sessions that start on the days ``first`` to ``last``, without cancelled ones, in time order."""
    start, end = day_bounds(first, last)
    where = conditions_of(actor, wanted, now)
    where.add("s.starts_at >= ?", start)
    where.add("s.starts_at < ?", end)
    where.add("s.state <> 'cancelled'")
    found = await db.rows(f"{SESSION_SQL}{where.sql} ORDER BY s.starts_at, s.id", *where.args)
    return [session_row(one) for one in found]


async def sessions_of_month(
    actor: Actor | None, year: int, month: int, now: datetime, wanted: SessionFilter | None = None
) -> list[SessionRow]:
    """The sessions that start in one month, without cancelled ones, in time order. ``month`` is 1 to 12."""
    first = date(year, month, 1)
    last = date.fromordinal(date(year + month // 12, month % 12 + 1, 1).toordinal() - 1)
    return await sessions_of_days(actor, wanted or SessionFilter(), now, first, last)


class ProgrammeCount(NamedTuple):
    """How many of the upcoming sessions belong to a programme, whichever year's.

    ``programme_ids``: of its years, the soonest session's first, which also gives the name.
    """

    programme_ids: tuple[UUID, ...]
    code: str
    name: str
    mark: str
    number: int


class Upcoming(NamedTuple):
    """What is on next: a part of the list, how many there are of the programme asked for, and of every programme."""

    sessions: list[SessionRow]
    total: int
    programmes: list[ProgrammeCount]


async def upcoming_sessions(
    actor: Actor | None,
    now: datetime,
    *,
    programme_id: UUID | None = None,
    limit: int,
    offset: int = 0,
) -> Upcoming:
    """Published sessions that start after ``now`` and that the caller may see, in time order.

    An organisation's programmes of one code are the same programme in several years; ``programme_id`` is any of them.
    """
    where = Conditions()
    where.add_visible(actor)
    where.add("s.state = 'published'")
    where.add("s.starts_at > ?", now)
    counted = await db.rows(
        f"""SELECT p.id, p.organisation, p.code, coalesce(nullif(p.short_name, ''), p.name) AS name,
                   p.mark, p.position, count(*) AS number {SESSION_FROM}{where.sql}
            GROUP BY p.id ORDER BY min(s.starts_at), p.id""",
        *where.args,
    )
    years: dict[tuple[UUID, str], list[Any]] = {}
    for one in counted:
        years.setdefault((one["organisation"], one["code"]), []).append(one)
    programmes = [
        ProgrammeCount(
            tuple(one["id"] for one in of_one),
            of_one[0]["code"],
            of_one[0]["name"],
            of_one[0]["mark"],
            sum(one["number"] for one in of_one),
        )
        for of_one in sorted(years.values(), key=lambda of_one: of_one[0]["position"])
    ]
    asked = [one for one in programmes if programme_id is None or programme_id in one.programme_ids]
    if programme_id is not None:
        where.add("s.programme = ANY(?)", [id_ for one in asked for id_ in one.programme_ids])
    first = len(where.args) + 1
    found = await db.rows(
        f"{SESSION_SQL}{where.sql} ORDER BY s.starts_at, s.id LIMIT ${first} OFFSET ${first + 1}",
        *where.args,
        limit,
        offset,
    )
    return Upcoming([session_row(one) for one in found], sum(one.number for one in asked), programmes)
