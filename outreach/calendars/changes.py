"""What was written to the tables that public feeds show, and what feeds must know of each session."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from outreach.calendars.queries import SESSION_COLUMNS
from outreach.events.queries import visible_sql
from outreach.shared import db

__all__ = ["Changed", "changed_since", "last_change", "listed", "touched"]


@dataclass(frozen=True, slots=True)
class Changed:
    """What was written since a point: rows by table, how many sessions there are, and where the next question begins.

    ``point`` is PostgreSQL's number of the oldest transaction that was still running: everything before it was seen.
    """

    sessions: tuple[UUID, ...]
    events: tuple[UUID, ...]
    venues: tuple[UUID, ...]
    programmes: tuple[UUID, ...]
    organisations: tuple[UUID, ...]
    providers: tuple[UUID, ...]
    count: int
    point: str

    @property
    def is_something(self) -> bool:
        """Whether any row was written."""
        return bool(self.sessions or self.events) or self.may_rename

    @property
    def may_rename(self) -> bool:
        """Whether something was written that gives feeds their names."""
        return bool(self.venues or self.programmes or self.organisations or self.providers)


_POINT = "(pg_snapshot_xmin(pg_current_snapshot())::text::numeric % 4294967296)::text AS point"
_NEW = "age(xmin) <= age($1::text::xid)"
_CHANGED = f"""
SELECT s.sessions, ARRAY(SELECT id FROM events_event WHERE {_NEW}) AS events,
       ARRAY(SELECT id FROM events_venue WHERE {_NEW}) AS venues,
       ARRAY(SELECT id FROM programmes_programme WHERE {_NEW}) AS programmes,
       ARRAY(SELECT id FROM accounts_organisation WHERE {_NEW}) AS organisations,
       ARRAY(SELECT id FROM events_provider WHERE {_NEW}) AS providers, s.count, {_POINT}
  FROM (SELECT count(*) AS count, coalesce(array_agg(id) FILTER (WHERE {_NEW}), '{{}}') AS sessions
          FROM events_session) s
"""  # noqa: S608 - a condition of ours


async def changed_since(point: str | None) -> Changed:
    """Which rows that feeds show were written after ``point``, a ``Changed.point``; ``None``: the point of now alone.

    A row carries the number of the transaction that wrote it (``xmin``), and every transaction below the oldest one
    still running has been seen: so no change is missed, whatever order they commit in, and nothing has to be written
    for it. Some rows may be told twice. A few milliseconds at 10,000 sessions.
    """
    if point is None:
        found = await db.row(f"SELECT count(*) AS count, {_POINT} FROM events_session")  # noqa: S608
        assert found is not None
        return Changed((), (), (), (), (), (), found["count"], found["point"])
    found = await db.row(_CHANGED, point)
    assert found is not None
    values: dict[str, Any] = {name: tuple(one) if isinstance(one, list) else one for name, one in found.items()}
    return Changed(**values)


_LISTED = f"""
SELECT {{columns}}, s.state = 'cancelled' AS is_cancelled,
       s.moved_from IS NOT NULL AND s.state = 'published' AS was_moved, e.revision AS event_revision,
       p.revision AS programme_revision, coalesce(v.revision, 0) AS venue_revision, p.year, p.code, s.district,
       s.venue, o.path, h.path AS host_path,
       ARRAY(SELECT sp.provider FROM events_session_provider sp WHERE sp.session = s.id) AS providers,
       {visible_sql(None, 1)[0]} AND NOT p.confidential AS is_shown
  FROM events_session s
  JOIN events_event e ON e.id = s.event
  JOIN programmes_programme p ON p.id = s.programme
  JOIN accounts_organisation o ON o.id = s.organisation
  LEFT JOIN accounts_organisation h ON h.id = s.host
  LEFT JOIN events_venue v ON v.id = s.venue
"""  # noqa: S608 - a condition of ours without arguments


_ALL = f"""
SELECT * FROM ({_LISTED.format(columns="s.id, s.kind, s.starts_at, s.ends_at, s.revision, s.revised_at")}) one
 WHERE is_shown"""  # noqa: S608
_TOUCHED = f"""{_LISTED.format(columns=SESSION_COLUMNS)}
 WHERE s.id = ANY($1::uuid[]) OR s.event = ANY($2::uuid[]) OR s.venue = ANY($3::uuid[])
    OR s.programme = ANY($4::uuid[]) OR s.organisation = ANY($5::uuid[]) OR s.host = ANY($5::uuid[])"""
_ONLY_THESE = f"{_LISTED.format(columns=SESSION_COLUMNS)} WHERE s.id = ANY($1::uuid[])"


async def listed() -> list[Any]:
    """Every session that strangers may see, without its texts."""
    return await db.rows(_ALL)


async def touched(changed: Changed) -> list[Any]:
    """Every session that ``changed`` touches, seen or not, with the columns of ``queries.SESSION_FACTS``."""
    others = (changed.events, changed.venues, changed.programmes, changed.organisations)
    if not any(others):
        return await db.rows(_ONLY_THESE, changed.sessions)  # by its key: the other question reads the whole table
    return await db.rows(_TOUCHED, changed.sessions, *others)


async def last_change() -> datetime | None:
    """When a session was last revised, shown or not: one that left a feed changed it as well."""
    found: datetime | None = await db.value("SELECT max(revised_at) FROM events_session")
    return found
