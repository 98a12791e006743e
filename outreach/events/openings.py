"""Questions about openings. How many places are taken is known to bookings, which lie above."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from outreach.events.domain.openings import OpeningFacts, OpeningState, Quota, state_of
from outreach.programmes.domain.permissions import may_read_programme
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.errors import NotFoundError
from outreach.shared.paging import Page, moment_after, page_of

__all__ = [
    "Opened",
    "OpenedThing",
    "OpeningRow",
    "opening_by_id",
    "openings_of_events",
    "openings_of_sessions",
    "openings_page",
    "openings_to_choose",
    "readable_opening",
    "things_of",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningRow:
    """An opening with its programme and its quotas, sorted by district. What it opens: ``things_of``."""

    id: UUID
    programme_id: UUID
    programme_name: str
    programme_short: str
    programme_mark: str
    programme_year: int
    organisation_id: UUID
    organisation_name: str
    organisation_path: str
    name: str
    opens_at: datetime
    closes_at: datetime | None
    for_whom: str
    districts: tuple[str, ...]
    unserved_years: int | None
    max_per_organisation: int | None
    places: int | None
    quotas: tuple[Quota, ...]
    revision: int
    created_at: datetime

    @property
    def facts(self) -> OpeningFacts:
        """What decides who comes through, and when."""
        return OpeningFacts(
            opens_at=self.opens_at,
            closes_at=self.closes_at,
            for_whom=self.for_whom,
            districts=self.districts,
            unserved_years=self.unserved_years,
            max_per_organisation=self.max_per_organisation,
            places=self.places,
            quotas=self.quotas,
        )

    def state(self, now: datetime) -> OpeningState:
        return state_of(self.facts, now)


# Aliases: w opening, p programme, o owner.
_FROM = """
  FROM events_opening w
  JOIN programmes_programme p ON p.id = w.programme
  JOIN accounts_organisation o ON o.id = p.organisation
"""
_SQL = f"""
SELECT w.id, w.programme AS programme_id, p.name AS programme_name,
       coalesce(nullif(p.short_name, ''), p.name) AS programme_short, p.mark AS programme_mark,
       p.year AS programme_year, o.id AS organisation_id, o.name AS organisation_name, o.path AS organisation_path,
       w.name, w.opens_at, w.closes_at, w.for_whom, w.districts, w.unserved_years, w.max_per_organisation, w.places,
       ARRAY(SELECT q.district FROM events_opening_quota q WHERE q.opening = w.id ORDER BY q.district) AS kept_for,
       ARRAY(SELECT q.places FROM events_opening_quota q WHERE q.opening = w.id ORDER BY q.district) AS kept,
       w.revision, w.created_at
{_FROM}
"""  # noqa: S608 - our own words


def _row(record: Any) -> OpeningRow:
    given = dict(record)
    quotas = zip(given.pop("kept_for"), given.pop("kept"), strict=True)
    given["quotas"] = tuple(Quota(district, places) for district, places in quotas)
    given["districts"] = tuple(given["districts"])
    return OpeningRow(**given)


async def opening_by_id(opening_id: UUID) -> OpeningRow:
    """The opening, whoever asks.

    Raises:
        NotFoundError: there is none.
    """
    found = await db.row(f"{_SQL} WHERE w.id = $1", opening_id)
    if found is None:
        raise NotFoundError
    return _row(found)


async def readable_opening(actor: Actor, opening_id: UUID) -> OpeningRow:
    """The opening, if its programme is one that the caller may know of.

    Raises:
        NotFoundError: there is none, or the caller may not know of it.
    """
    found = await opening_by_id(opening_id)
    if not may_read_programme(actor, found.organisation_path):
        raise NotFoundError
    return found


async def openings_page(
    actor: Actor, *, programme_id: UUID | None = None, managed: bool = False, limit: int, after: str | None = None
) -> Page[OpeningRow]:
    """Openings of programmes in the caller's line of the tree, the latest wave first; two statements.

    Args:
        managed: only those of programmes that the caller organises.

    Raises:
        InvalidError: ``after`` is no cursor of ours.
    """
    paths = list(actor.organised_paths) if managed else [grant.path for grant in actor.grants]
    condition = """ WHERE EXISTS (SELECT 1 FROM unnest($1::text[]) mine
                                   WHERE starts_with(o.path, mine) OR (NOT $2 AND starts_with(mine, o.path)))
                      AND ($3::uuid IS NULL OR w.programme = $3)"""
    args: list[Any] = [paths, managed, programme_id]
    total = await db.value(f"SELECT count(*) {_FROM}{condition}", *args)
    if after:
        opens_at, id_ = moment_after(after)
        condition += " AND (w.opens_at, w.id) < ($5, $6)"
        args += [limit + 1, opens_at, id_]
    else:
        args.append(limit + 1)
    found = await db.rows(f"{_SQL}{condition} ORDER BY w.opens_at DESC, w.id DESC LIMIT $4", *args)
    return page_of([_row(one) for one in found], limit, total, lambda w: (w.opens_at.isoformat(), str(w.id)))


async def openings_of_sessions(session_ids: Sequence[UUID]) -> dict[UUID, list[OpeningRow]]:
    """The openings of each session, the earliest wave first; sessions without any are left out."""
    return await _by_thing("events_opening_session", "session", session_ids)


async def openings_of_events(event_ids: Sequence[UUID]) -> dict[UUID, list[OpeningRow]]:
    """The openings of each menu item, the earliest wave first; items without any are left out."""
    return await _by_thing("events_opening_event", "event", event_ids)


async def _by_thing(table: str, column: str, ids: Sequence[UUID]) -> dict[UUID, list[OpeningRow]]:
    if not ids:
        return {}
    found = await db.rows(
        f"""SELECT l.{column} AS thing, w.* FROM {table} l JOIN ({_SQL}) w ON w.id = l.opening
             WHERE l.{column} = ANY($1) ORDER BY w.opens_at, w.id""",  # noqa: S608 - names above
        list(ids),
    )
    things: dict[UUID, list[OpeningRow]] = {}
    for record in found:
        given = dict(record)
        things.setdefault(given.pop("thing"), []).append(_row(given))
    return things


@dataclass(frozen=True, slots=True)
class OpenedThing:
    """A session (with its start) or a menu item that an opening may open."""

    id: UUID
    title: str
    starts_at: datetime | None
    district: str
    state: str


class Opened(NamedTuple):
    """What an opening opens."""

    session_ids: tuple[UUID, ...] = ()
    event_ids: tuple[UUID, ...] = ()


async def things_of(opening_ids: Sequence[UUID]) -> dict[UUID, Opened]:
    """The sessions in time order and the menu items by title that each opening opens."""
    found = await db.rows(
        """SELECT w AS id,
                  ARRAY(SELECT l.session FROM events_opening_session l JOIN events_session s ON s.id = l.session
                         WHERE l.opening = w ORDER BY s.starts_at, s.id) AS sessions,
                  ARRAY(SELECT l.event FROM events_opening_event l JOIN events_event e ON e.id = l.event
                         WHERE l.opening = w ORDER BY e.title, e.id) AS events
             FROM unnest($1::uuid[]) w""",
        list(opening_ids),
    )
    return {one["id"]: Opened(tuple(one["sessions"]), tuple(one["events"])) for one in found}


async def openings_to_choose(
    programme_id: UUID, now: datetime, *, kept: Sequence[UUID] = ()
) -> tuple[list[OpenedThing], list[OpenedThing]]:
    """What an opening of the programme may open: sessions that are to come, and menu items that can be ordered.

    Args:
        kept: sessions and items that are shown although they are past or retired.
    """
    sessions = await db.rows(
        """SELECT id, title, starts_at, district, state FROM events_session
            WHERE programme = $1 AND ((state IN ('draft', 'published') AND starts_at > $2) OR id = ANY($3))
            ORDER BY starts_at, id LIMIT 500""",
        programme_id,
        now,
        list(kept),
    )
    events = await db.rows(
        """SELECT id, title, NULL::timestamptz AS starts_at, '' AS district, '' AS state FROM events_event
            WHERE programme = $1 AND ((active AND orderable) OR id = ANY($2)) ORDER BY title, id LIMIT 500""",
        programme_id,
        list(kept),
    )
    return [OpenedThing(*one) for one in sessions], [OpenedThing(*one) for one in events]
