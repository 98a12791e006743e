"""What calendars ask the database; one statement a question."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from outreach.calendars.domain.ical import BookingFacts, EventFacts, Origin, host_of
from outreach.calendars.domain.keys import FeedKey
from outreach.shared import db
from outreach.shared.errors import NotFoundError

__all__ = [
    "SESSION_COLUMNS",
    "SESSION_FACTS",
    "FeedProgramme",
    "booking_facts",
    "event_facts",
    "facts_of",
    "feed_programmes",
    "name_and_tag",
    "noted_answer",
    "origin_of",
]


@dataclass(frozen=True, slots=True)
class FeedProgramme:
    """A programme that has a feed of its own."""

    code: str
    year: int
    name: str
    mark: str


#: What a calendar shows of a session; append WHERE. Aliases: s session, e event, p programme, v venue.
SESSION_COLUMNS = """s.id, s.title, s.kind, e.topic, p.name AS programme_name, e.audience, e.summary,
       v.name AS venue_name, coalesce(nullif(s.address, ''), v.address, '') AS address, s.starts_at, s.ends_at, s.state,
       s.moved_from, s.revision, s.revised_at"""
_SESSION_JOINS = """JOIN events_event e ON e.id = s.event
  JOIN programmes_programme p ON p.id = s.programme
  LEFT JOIN events_venue v ON v.id = s.venue"""
SESSION_FACTS = f"SELECT {SESSION_COLUMNS} FROM events_session s {_SESSION_JOINS}"  # noqa: S608


def event_facts(found: Any, now: datetime, *, is_busy: bool = False) -> EventFacts:
    """A record with the columns of ``SESSION_FACTS``: nobody's name, no telephone, no note for those who booked."""
    return EventFacts(
        id=found["id"],
        title=found["title"],
        kind=found["kind"],
        topic=found["topic"],
        programme_name=found["programme_name"],
        audience=found["audience"],
        summary=found["summary"],
        place=", ".join(part for part in (found["venue_name"], found["address"]) if part),
        starts_at=found["starts_at"],
        ends_at=found["ends_at"],
        is_cancelled=found["state"] == "cancelled",
        is_moved=found["moved_from"] is not None and found["state"] == "published" and found["starts_at"] > now,
        revision=found["revision"],
        revised_at=found["revised_at"],
        is_busy=is_busy,
    )


async def facts_of(ids: Sequence[UUID], now: datetime, *, is_busy: bool = False) -> dict[UUID, EventFacts]:
    """What a calendar shows of these sessions."""
    found = await db.rows(SESSION_FACTS + " WHERE s.id = ANY($1::uuid[])", list(ids))
    return {one["id"]: event_facts(one, now, is_busy=is_busy) for one in found}


_BOOKING_FACTS = f"""
SELECT b.id AS booking_id, b.state AS booking_state, b.seats, b.revision AS booking_revision, b.changed_at,
       {SESSION_COLUMNS}
  FROM bookings_booking b JOIN events_session s ON s.id = b.session {_SESSION_JOINS}
"""  # noqa: S608 - our own columns


async def booking_facts(booking_ids: Sequence[UUID], now: datetime) -> dict[UUID, BookingFacts]:
    """What calendars and invitations show of these bookings."""
    found = await db.rows(_BOOKING_FACTS + " WHERE b.id = ANY($1::uuid[])", list(booking_ids))
    return {
        one["booking_id"]: BookingFacts(
            id=one["booking_id"],
            session=event_facts(one, now),
            state=one["booking_state"],
            seats=one["seats"],
            revision=one["booking_revision"],
            changed_at=one["changed_at"],
        )
        for one in found
    }


_hosts: dict[str, str] = {}


async def origin_of(base_url: str, name: str) -> Origin:
    """Who publishes. The host under which the installation published first is kept: UIDs stay when it moves."""
    if base_url not in _hosts:
        await db.execute(
            """INSERT INTO accounts_installation_fact (name, value) VALUES ('calendar_host', to_jsonb($1::text))
               ON CONFLICT (name) DO NOTHING""",
            host_of(base_url),
        )
        _hosts[base_url] = await db.value(
            "SELECT value #>> '{}' FROM accounts_installation_fact WHERE name = 'calendar_host'"
        )
    return Origin(base_url, name, _hosts[base_url])


async def noted_answer(path: str, etag: str, changed_at: datetime, now: datetime) -> datetime:
    """Since when the feed at ``path`` has the bytes with this tag, for every process and after a restart.

    A time that readers were given before is never used for other bytes, whatever changed: a feed from which a session
    vanished because its programme became confidential is newer as well.

    Args:
        changed_at: when what it shows last changed, as far as that is known.
    """
    # Not in atomic(): no other writer minds, and feeds need not be asked for anew because of it. Nor is the disk
    # waited for: after a loss of power the time is found anew.
    found: datetime = await db.value(
        """WITH quick AS (SELECT set_config('synchronous_commit', 'off', true))
           INSERT INTO calendars_answer AS a (path, etag, modified_at) SELECT $1, $2, $3::timestamptz FROM quick
           ON CONFLICT (path) DO UPDATE SET etag = excluded.etag, modified_at = CASE
               WHEN a.etag = excluded.etag THEN a.modified_at
               WHEN excluded.modified_at > a.modified_at THEN excluded.modified_at
               ELSE greatest($4::timestamptz, a.modified_at + interval '1 second') END
           RETURNING modified_at""",
        path,
        etag,
        min(changed_at, now).replace(microsecond=0),
        now.replace(microsecond=0),
    )
    return found


async def name_and_tag(key: FeedKey) -> tuple[str, str]:
    """What the feed is about, and the tag of the sessions in it.

    Raises:
        NotFoundError: there is no such programme, district, kind, organisation, provider or venue, or it is not public.
    """
    if not key.kind:
        return "公开场次", ""
    if key.kind == "office":
        return "节假日和活动时段", "office"
    args: list[Any] = [key.value]
    if key.kind == "programmes":
        year, _slash, code = key.value.partition("/")
        args = [code, int(year)]
    elif key.kind in ("providers", "venues"):
        args = [UUID(key.value)]
    found = await db.row(_NAMES[key.kind], *args)
    if found is None or found["name"] is None:
        raise NotFoundError
    return found["name"], f"{key.kind}/{found['tag']}"


_NAMES = {
    # Of several with this code, the one of the highest organisation gives the name.
    "programmes": """
        SELECT p.name || '（' || p.year || '年）' AS name, p.year || '/' || p.code AS tag
          FROM programmes_programme p JOIN accounts_organisation o ON o.id = p.organisation
         WHERE p.code = $1 AND p.year = $2 AND NOT p.confidential ORDER BY length(o.path), p.id LIMIT 1""",
    "districts": """
        SELECT $1 AS name, $1 AS tag WHERE $1 <> '' AND (
               EXISTS (SELECT 1 FROM accounts_organisation WHERE district = $1 AND kind <> 'guest')
            OR EXISTS (SELECT 1 FROM events_venue WHERE district = $1))""",
    "kinds": """
        SELECT $1 AS name, $1 AS tag WHERE EXISTS (
            SELECT 1 FROM programmes_programme WHERE $1 = ANY(kinds) AND scheduled AND NOT confidential)
            OR EXISTS (SELECT 1 FROM events_event e JOIN programmes_programme p ON p.id = e.programme
                        WHERE e.kind = $1 AND NOT p.confidential)""",
    "organisations": "SELECT name, id::text AS tag FROM accounts_organisation WHERE code = $1 AND kind <> 'guest'",
    "providers": """
        SELECT r.name, r.id::text AS tag FROM events_provider r WHERE r.id = $1 AND EXISTS (
            SELECT 1 FROM events_event_provider x JOIN events_event e ON e.id = x.event
              JOIN programmes_programme p ON p.id = e.programme WHERE x.provider = r.id AND NOT p.confidential
            UNION ALL
            SELECT 1 FROM events_session_provider x JOIN events_session s ON s.id = x.session
              JOIN programmes_programme p ON p.id = s.programme
             WHERE x.provider = r.id AND NOT p.confidential AND s.state <> 'draft' AND s.visibility = 'public')""",
    "venues": "SELECT v.name, v.id::text AS tag FROM events_venue v WHERE v.id = $1",
}


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
