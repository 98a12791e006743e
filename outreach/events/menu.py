"""Questions about the menu, providers and venues; one statement each, two for a part of a list."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from outreach.events.domain.permissions import may_keep
from outreach.events.domain.warnings import Absence
from outreach.events.queries import containing
from outreach.events.queries.givers import ABSENCES_SQL, absences_of
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.errors import NotFoundError, invalid
from outreach.shared.paging import Page, decode_cursor, page_of

__all__ = [
    "EventRow",
    "KeptProgramme",
    "ProviderRow",
    "VenueRow",
    "event_by_id",
    "events_page",
    "kept_organisations",
    "kept_programmes",
    "kinds_of",
    "menu_of_year",
    "provider_by_id",
    "providers_page",
    "usable_events",
    "venue_by_id",
    "venues_page",
]


@dataclass(frozen=True, slots=True)
class EventRow:
    """An item of the menu with its programme and those who can give it."""

    id: UUID
    programme_id: UUID
    programme_code: str
    programme_name: str
    programme_mark: str
    confidential: bool
    organisation_id: UUID
    organisation_path: str
    title: str
    kind: str
    topic: str
    summary: str
    audience: str
    duration_minutes: int
    site_needs: str
    min_audience: int | None
    max_audience: int | None
    active: bool
    revision: int
    provider_ids: tuple[UUID, ...]
    provider_names: tuple[str, ...]
    orderable: bool = True
    lead_days: int = 0


@dataclass(frozen=True, slots=True)
class ProviderRow:
    """A lecturer or a troupe; ``phone`` is for staff who must call."""

    id: UUID
    organisation_id: UUID
    organisation_name: str
    organisation_path: str
    kind: str
    name: str
    title: str
    topics: tuple[str, ...]
    home_district: str
    availability: str
    max_per_day: int | None
    max_per_week: int | None
    max_per_month: int | None
    parallel_teams: int
    phone: str
    active: bool
    revision: int
    available_parts: tuple[str, ...] = ()
    absences: tuple[Absence, ...] = ()


@dataclass(frozen=True, slots=True)
class VenueRow:
    """A place; ``capacity`` None: open air."""

    id: UUID
    organisation_id: UUID
    organisation_name: str
    organisation_path: str
    name: str
    address: str
    district: str
    capacity: int | None
    rooms: int
    setup_minutes: int
    takedown_minutes: int
    directions: str
    active: bool
    revision: int


_EVENT = """
SELECT e.id, e.programme AS programme_id, p.code AS programme_code,
       coalesce(nullif(p.short_name, ''), p.name) AS programme_name, p.mark AS programme_mark,
       p.confidential, p.organisation AS organisation_id, o.path AS organisation_path, e.title, e.kind, e.topic,
       e.summary, e.audience,
       e.duration_minutes, e.site_needs, e.min_audience, e.max_audience, e.active, e.revision,
       providers.ids AS provider_ids, providers.names AS provider_names, e.orderable, e.lead_days
  FROM events_event e
  JOIN programmes_programme p ON p.id = e.programme
  JOIN accounts_organisation o ON o.id = p.organisation
  CROSS JOIN LATERAL (
      SELECT coalesce(array_agg(r.id ORDER BY r.name, r.id), '{}') AS ids,
             coalesce(array_agg(r.name ORDER BY r.name, r.id), '{}') AS names
        FROM events_event_provider ep JOIN events_provider r ON r.id = ep.provider
       WHERE ep.event = e.id
  ) providers
"""
_PROVIDER = f"""
SELECT r.id, r.organisation AS organisation_id, o.name AS organisation_name, o.path AS organisation_path, r.kind,
       r.name, r.title, r.topics, r.home_district, r.availability, r.max_per_day, r.max_per_week, r.max_per_month,
       r.parallel_teams, r.phone, r.active, r.revision, r.available_parts, {ABSENCES_SQL} AS absences
  FROM events_provider r JOIN accounts_organisation o ON o.id = r.organisation
"""  # noqa: S608 - ours
_VENUE = """
SELECT v.id, v.organisation AS organisation_id, o.name AS organisation_name, o.path AS organisation_path, v.name,
       v.address, v.district, v.capacity, v.rooms, v.setup_minutes, v.takedown_minutes, v.directions, v.active,
       v.revision
  FROM events_venue v JOIN accounts_organisation o ON o.id = v.organisation
"""
_KEPT = "EXISTS (SELECT 1 FROM unnest($1::text[]) mine WHERE starts_with(o.path, mine))"


def _event_row(record: Any) -> EventRow:
    values = dict(record)
    values["provider_ids"], values["provider_names"] = tuple(values["provider_ids"]), tuple(values["provider_names"])
    return EventRow(**values)


def _provider_row(record: Any) -> ProviderRow:
    values = dict(record)
    values["topics"], values["available_parts"] = tuple(values["topics"]), tuple(values["available_parts"])
    values["absences"] = absences_of(values["absences"])
    return ProviderRow(**values)


def _venue_row(record: Any) -> VenueRow:
    return VenueRow(**dict(record))


async def event_by_id(actor: Actor | None, event_id: UUID) -> EventRow:
    """The menu item; one that is off the menu or confidential exists for its keepers only.

    Raises:
        NotFoundError: there is none for this caller.
    """
    found = await db.row(_EVENT + " WHERE e.id = $1", event_id)
    if found is None:
        raise NotFoundError
    if not (found["active"] and not found["confidential"]) and not may_keep(actor, found["organisation_path"]):
        raise NotFoundError
    return _event_row(found)


async def provider_by_id(actor: Actor, provider_id: UUID) -> ProviderRow:
    """The provider, for those who keep it.

    Raises:
        NotFoundError: there is none for this caller.
    """
    found = await db.row(_PROVIDER + " WHERE r.id = $1", provider_id)
    if found is None or not may_keep(actor, found["organisation_path"]):
        raise NotFoundError
    return _provider_row(found)


async def venue_by_id(actor: Actor, venue_id: UUID) -> VenueRow:
    """The venue, for those who keep it.

    Raises:
        NotFoundError: there is none for this caller.
    """
    found = await db.row(_VENUE + " WHERE v.id = $1", venue_id)
    if found is None or not may_keep(actor, found["organisation_path"]):
        raise NotFoundError
    return _venue_row(found)


async def _part(
    question: str, where: str, args: list[Any], key: str, *, limit: int, after: str | None
) -> tuple[list[Any], int]:
    """``limit + 1`` records of ``question`` by (key, id) after the cursor, and how many there are in all."""
    alias = key.split(".", maxsplit=1)[0]
    total = await db.value(f"SELECT count(*) FROM ({question} WHERE {where}) counted", *args)  # noqa: S608 - ours
    if after:
        text, id_ = decode_cursor(after, 2)
        try:
            args = [*args, text, UUID(id_)]
        except ValueError:
            raise invalid("after", "bad-cursor") from None
        where += f" AND ({key}, {alias}.id) > (${len(args) - 1}, ${len(args)})"
    order = f" ORDER BY {key}, {alias}.id LIMIT ${len(args) + 1}"
    return await db.rows(f"{question} WHERE {where}{order}", *args, limit + 1), total


async def events_page(
    actor: Actor | None,
    *,
    programme: str = "",
    kind: str = "",
    q: str = "",
    kept: bool = False,
    limit: int,
    after: str | None = None,
) -> Page[EventRow]:
    """The menu by title. Items that are off it or confidential are shown to their keepers only.

    Args:
        kept: only what the caller keeps.
    """
    paths = list(actor.organised_paths) if actor else []
    shown = "false" if kept else "e.active AND NOT p.confidential"
    where = f"""({shown} OR {_KEPT}) AND ($2 = '' OR p.code = $2 OR p.id::text = lower($2))
        AND ($3 = '' OR e.kind = $3) AND (e.title ILIKE $4 OR e.topic ILIKE $4)"""
    found, total = await _part(
        _EVENT, where, [paths, programme, kind, containing(q)], "e.title", limit=limit, after=after
    )
    return page_of([_event_row(one) for one in found], limit, total, lambda e: (e.title, str(e.id)))


async def menu_of_year(year: int) -> list[EventRow]:
    """What is on the menu of one year, by programme and title; confidential programmes are not booked here."""
    found = await db.rows(
        _EVENT + " WHERE e.active AND p.year = $1 AND NOT p.confidential ORDER BY p.position, p.id, e.title, e.id", year
    )
    return [_event_row(one) for one in found]


async def providers_page(
    actor: Actor, *, kind: str = "", q: str = "", active: bool = False, limit: int, after: str | None = None
) -> Page[ProviderRow]:
    """The lecturers and troupes that the caller keeps, by name."""
    where = f"""{_KEPT} AND ($2 = '' OR r.kind = $2) AND (r.name ILIKE $3 OR array_to_string(r.topics, ' ') ILIKE $3)
        AND (r.active OR NOT $4)"""
    args = [list(actor.organised_paths), kind, containing(q), active]
    found, total = await _part(_PROVIDER, where, args, "r.name", limit=limit, after=after)
    return page_of([_provider_row(one) for one in found], limit, total, lambda r: (r.name, str(r.id)))


async def venues_page(
    actor: Actor, *, district: str = "", q: str = "", active: bool = False, limit: int, after: str | None = None
) -> Page[VenueRow]:
    """The places that the caller keeps, by name."""
    where = f"""{_KEPT} AND ($2 = '' OR v.district = $2) AND (v.name ILIKE $3 OR v.address ILIKE $3)
        AND (v.active OR NOT $4)"""
    args = [list(actor.organised_paths), district, containing(q), active]
    found, total = await _part(_VENUE, where, args, "v.name", limit=limit, after=after)
    return page_of([_venue_row(one) for one in found], limit, total, lambda v: (v.name, str(v.id)))


@dataclass(frozen=True, slots=True)
class KeptProgramme:
    """A programme with sessions whose items of the menu the caller may keep or use."""

    id: UUID
    year: int
    code: str
    name: str
    kinds: tuple[str, ...]


async def kept_programmes(actor: Actor) -> list[KeptProgramme]:
    """Programmes with sessions that the caller keeps, the latest year first."""
    found = await db.rows(
        f"""SELECT p.id, p.year, p.code, coalesce(nullif(p.short_name, ''), p.name) AS name, p.kinds
              FROM programmes_programme p JOIN accounts_organisation o ON o.id = p.organisation
             WHERE p.scheduled AND {_KEPT} ORDER BY p.year DESC, p.position, p.id""",  # noqa: S608 - ours
        list(actor.organised_paths),
    )
    return [KeptProgramme(**{**dict(one), "kinds": tuple(one["kinds"])}) for one in found]


async def kinds_of(programme_id: UUID) -> list[str]:
    """The kinds of sessions that a programme knows; none: any."""
    return list(await db.value("SELECT kinds FROM programmes_programme WHERE id = $1", programme_id) or [])


async def usable_events(actor: Actor) -> list[EventRow]:
    """What the caller can make sessions of: menus of its own organisations and of those above."""
    found = await db.rows(
        f"""{_EVENT} WHERE e.active AND EXISTS (
                SELECT 1 FROM unnest($1::text[]) mine WHERE starts_with(o.path, mine) OR starts_with(mine, o.path))
            ORDER BY p.year DESC, p.position, p.id, e.title, e.id""",  # noqa: S608 - ours
        list(actor.organised_paths),
    )
    return [_event_row(one) for one in found]


async def kept_organisations(actor: Actor, *, hosts: bool = False) -> list[tuple[UUID, str]]:
    """Organisations that the caller runs, by path; without enterprise unions and guests unless ``hosts``."""
    found = await db.rows(
        f"""SELECT o.id, o.name FROM accounts_organisation o
             WHERE o.closed_on IS NULL AND {_KEPT}
               AND ($2 OR o.kind NOT IN ('grassroots_union', 'womens_committee', 'guest'))
             ORDER BY o.path""",  # noqa: S608 - ours
        list(actor.organised_paths),
        hosts,
    )
    return [(one["id"], one["name"]) for one in found]
