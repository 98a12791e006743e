"""What feeds show: sessions that strangers may see; one statement a question."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from outreach.calendars.domain.ical import EventFacts
from outreach.events.queries import SESSION_SQL, SessionRow, session_row, visible_sql
from outreach.shared import db
from outreach.shared.errors import NotFoundError
from outreach.shared.time import local_day, local_midnight, year_bounds

__all__ = [
    "FeedKey",
    "FeedProgramme",
    "Listed",
    "event_facts",
    "facts_of",
    "feed_programmes",
    "last_change",
    "listed_events",
    "next_boundary",
    "programme_name",
    "version",
]

DAYS_BACK, DAYS_AHEAD, DAYS_CANCELLED = 180, 400, 30


@dataclass(frozen=True, slots=True)
class FeedKey:
    """Which feed: everything, or the programmes with one code of one year.

    ``year`` asks for the whole calendar year instead of the window around today.
    """

    year: int | None = None
    programme_year: int | None = None
    programme_code: str = ""

    @property
    def path(self) -> str:
        """Where it is found."""
        name = f"programmes/{self.programme_year}/{self.programme_code}" if self.programme_code else "public"
        return f"/calendars/{name}.ics" + (f"?year={self.year}" if self.year else "")


@dataclass(frozen=True, slots=True)
class FeedProgramme:
    """A programme that has a feed of its own."""

    code: str
    year: int
    name: str
    mark: str


#: What decides the bytes of one event: its id, and the revisions of everything that it shows.
Listed = tuple[UUID, int, int, int, int, bool, bool]

_SEEN = f"""
  FROM events_session s
  JOIN events_event e ON e.id = s.event
  JOIN programmes_programme p ON p.id = s.programme
  LEFT JOIN accounts_organisation h ON h.id = s.host
  LEFT JOIN events_venue v ON v.id = s.venue
 WHERE {visible_sql(None, 1)[0]} AND NOT p.confidential
"""


async def version() -> tuple[object, ...]:
    """Changes whenever a feed may have changed; a few milliseconds at 10,000 sessions."""
    row = await db.row(
        """
        SELECT s.*, e.revisions AS events, v.revisions AS venues, p.revisions AS programmes, o.revisions AS unions
          FROM (SELECT count(*) AS n, sum(revision) AS revisions, max(revised_at) AS revised_at,
                       sum(hashtext(state || visibility)::bigint) AS states FROM events_session) s,
               (SELECT sum(revision) AS revisions FROM events_event) e,
               (SELECT sum(revision) AS revisions FROM events_venue) v,
               (SELECT sum(revision + confidential::int) AS revisions FROM programmes_programme) p,
               (SELECT sum(revision) + count(*) FILTER (WHERE kind = 'guest') AS revisions
                  FROM accounts_organisation) o
        """
    )
    assert row is not None
    return tuple(row)


async def last_change() -> datetime | None:
    """When a session was last revised, shown or not: one that left a feed changed it as well."""
    found: datetime | None = await db.value("SELECT max(revised_at) FROM events_session")
    return found


async def listed_events(key: FeedKey, now: datetime) -> list[Listed]:
    """The sessions of a feed in their order, without their texts.

    The window reaches 180 days back and 400 ahead; a cancelled session stays 30 days past its date.
    """
    today = local_day(now)
    conditions, args = ["(s.state <> 'cancelled' OR s.ends_at >= $1)"], [_midnight(today, -DAYS_CANCELLED)]
    if key.year is None:
        conditions.append("s.ends_at > $2 AND s.starts_at < $3")
        args += [_midnight(today, -DAYS_BACK), _midnight(today, DAYS_AHEAD + 1)]
    else:
        conditions.append("s.starts_at >= $2 AND s.starts_at < $3")
        args += year_bounds(key.year)
    if key.programme_code:
        conditions.append("p.year = $5 AND p.code = $6")
    more = [key.programme_year, key.programme_code] if key.programme_code else []
    rows = await db.rows(
        f"""
        SELECT s.id, s.revision, e.revision, p.revision, coalesce(v.revision, 0), s.state = 'cancelled',
               s.moved_from IS NOT NULL AND s.state = 'published' AND s.starts_at > $4
        {_SEEN} AND {" AND ".join(conditions)} ORDER BY s.starts_at, s.id
        """,
        *args,
        now,
        *more,
    )
    return [tuple(row) for row in rows]


def _midnight(today: date, days: int) -> datetime:
    return local_midnight(today + timedelta(days=days))


async def next_boundary(now: datetime) -> tuple[datetime, datetime]:
    """The last and the next moment at which a feed changes by time alone: midnight, or a moved session beginning."""
    today = local_day(now)
    row = await db.row(
        """
        SELECT max(starts_at) FILTER (WHERE starts_at <= $1) AS last,
               min(starts_at) FILTER (WHERE starts_at > $1) AS next
          FROM events_session WHERE moved_from IS NOT NULL AND starts_at >= $2 AND starts_at < $3
        """,
        now,
        local_midnight(today),
        _midnight(today, 1),
    )
    assert row is not None
    return row["last"] or local_midnight(today), row["next"] or _midnight(today, 1)


async def facts_of(ids: Sequence[UUID], now: datetime) -> dict[UUID, EventFacts]:
    """What a calendar shows of these sessions."""
    found = await db.rows(SESSION_SQL + " WHERE s.id = ANY($1::uuid[])", list(ids))
    return {row["id"]: event_facts(session_row(row), now) for row in found}


def event_facts(session: SessionRow, now: datetime, *, is_busy: bool = False) -> EventFacts:
    """The part of a session that a calendar shows: nobody's name, no telephone, no note for those who booked."""
    return EventFacts(
        id=session.id,
        title=session.title,
        kind=session.kind,
        topic=session.topic,
        programme_name=session.programme_name,
        audience=session.audience,
        summary=session.summary,
        place=session.place,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        is_cancelled=session.state == "cancelled",
        is_moved=session.moved_from is not None and session.state == "published" and session.starts_at > now,
        revision=session.revision,
        revised_at=session.revised_at,
        is_busy=is_busy,
    )


async def programme_name(code: str, year: int) -> str:
    """What the programme is called; of several with this code, the one of the highest organisation.

    Raises:
        NotFoundError: there is none, or it is confidential.
    """
    name: str | None = await db.value(
        """
        SELECT p.name FROM programmes_programme p JOIN accounts_organisation o ON o.id = p.organisation
         WHERE p.code = $1 AND p.year = $2 AND NOT p.confidential ORDER BY length(o.path), p.id LIMIT 1
        """,
        code,
        year,
    )
    if name is None:
        raise NotFoundError
    return name


async def feed_programmes(year: int) -> list[FeedProgramme]:
    """Programmes of the year that have sessions, in the notice's order, each code once."""
    rows = await db.rows(
        """
        SELECT code, year, name, mark FROM (
            SELECT DISTINCT ON (p.code) p.code, p.year, p.name, p.mark, p.position, length(o.path) AS depth
              FROM programmes_programme p JOIN accounts_organisation o ON o.id = p.organisation
             WHERE p.year = $1 AND p.scheduled AND NOT p.confidential
             ORDER BY p.code, length(o.path), p.id
        ) one ORDER BY depth, position, code
        """,
        year,
    )
    return [FeedProgramme(**row) for row in rows]
