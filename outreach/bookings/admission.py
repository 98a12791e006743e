"""Limits and openings: the one question that every booking, claim and order is asked, whoever makes it (rule 3).

Locks are taken in the order unit, opening, order, session, resources; see ADR 0010.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from outreach.bookings.domain.errors import BookingClosedError, LimitReachedError, QuotaUsedError
from outreach.bookings.openings.counting import Used, group_use, places_taken, served_at
from outreach.bookings.openings.usage import Usage, usage_of
from outreach.events.domain.openings import ForWhom, OpeningState, has_place, is_meant_for
from outreach.events.openings import OpeningRow, opening_by_id, openings_of_events, openings_of_sessions
from outreach.shared import db
from outreach.shared.errors import ConflictError, NotFoundError, UnavailableError
from outreach.shared.time import ZONE, local, local_day

__all__ = ["UNLIMITED_SQL", "OpeningRow", "Usage", "admit_within", "openings_for", "usage_of"]

#: No limit and no opening concerns session ``s`` of programme ``p`` (aliases of the statement that it is put into):
#: then nobody needs to ask ``admit_within``, and no lock but the session's is taken.
UNLIMITED_SQL = f"""(p.max_per_organisation IS NULL
    AND NOT EXISTS (SELECT 1 FROM events_opening_session opened WHERE opened.session = s.id)
    AND NOT EXISTS (SELECT 1 FROM programmes_year limiting
                     WHERE limiting.organisation = p.organisation AND limiting.max_per_organisation IS NOT NULL
                       AND limiting.year = extract(year FROM s.starts_at AT TIME ZONE '{ZONE.key}')::int))"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class _Rules:
    """What limits things of a programme in a year; ``None``: nothing does."""

    programme_id: UUID
    owner_id: UUID
    per_programme: int | None
    year: int
    per_year: int | None


@dataclass(frozen=True, slots=True)
class _Head:
    """A union or sponsor whose group shares limits, and the unit that asks."""

    id: UUID
    district: str
    unit_name: str


async def admit_within(
    now: datetime,
    *,
    organisation_id: UUID,
    programme_id: UUID,
    at: datetime,
    session_id: UUID | None = None,
    event_id: UUID | None = None,
    joined_by: Sequence[UUID] = (),
    but: UUID | None = None,
) -> UUID | None:
    """Whether the unit may have one more booking or claim of a session, or one more order of a menu item.

    Call it before the order's or session's row is locked and before the new row is stored, in the same transaction:
    until the commit nobody else of the unit's group, and nobody else at a scarce opening, is admitted.

    Args:
        at: start of the session, or of the order's first window; decides the year.
        session_id: of what is booked or claimed; or ``event_id``: of what is ordered.
        joined_by: units that join the order: it counts for each of them, too.
        but: a booking or order that this one replaces and that does not count (an order that is changed).

    Returns:
        The opening through which it goes, to be stored with it; ``None`` where no opening concerns it.

    Raises:
        NotFoundError: the programme or a unit does not exist.
        BookingClosedError: ``why`` is ``not-open-yet`` (with ``opens_at``), ``opening-over`` (with ``closed_at``) or
            ``not-for-you``.
        LimitReachedError: the group has used up what a limit allows.
        QuotaUsedError: the opening has no place left for the unit's district.
        UnavailableError: the opening was deleted at this moment; the same request may be sent again.
    """
    rules = await _rules(programme_id, at)
    openings = await _openings(session_id, event_id)
    if not openings and rules.per_programme is None and rules.per_year is None:
        return None
    units = (organisation_id, *(one for one in joined_by if one != organisation_id))
    heads = await _heads(units)
    asking = heads[organisation_id]
    admitting = await _admitting(openings, asking, rules.owner_id, now) if openings else []
    per_unit = (rules.per_programme, rules.per_year, *(one.max_per_organisation for one in admitting))
    used: dict[UUID, Used] = {}
    if any(limit is not None for limit in per_unit):
        used = await _locked_use({head.id for head in heads.values()}, but)
        for unit in units:
            _refuse_beyond(rules, heads[unit], used[heads[unit].id])
    return await _place_in(admitting, [heads[unit] for unit in units], used, but) if openings else None


async def openings_for(
    *, session_ids: Sequence[UUID] = (), event_ids: Sequence[UUID] = ()
) -> dict[UUID, list[OpeningRow]]:
    """The openings of sessions and menu items by their id, the earliest wave first; those without any are left out."""
    return {**await openings_of_sessions(session_ids), **await openings_of_events(event_ids)}


async def _rules(programme_id: UUID, at: datetime) -> _Rules:
    year = local_day(at).year
    found = await db.row(
        """SELECT p.organisation, p.max_per_organisation AS per_programme, y.max_per_organisation AS per_year
             FROM programmes_programme p
             LEFT JOIN programmes_year y ON y.organisation = p.organisation AND y.year = $2 WHERE p.id = $1""",
        programme_id,
        year,
    )
    if found is None:
        raise NotFoundError
    return _Rules(programme_id, found["organisation"], found["per_programme"], year, found["per_year"])


async def _openings(session_id: UUID | None, event_id: UUID | None) -> list[OpeningRow]:
    if session_id is not None:
        return (await openings_of_sessions([session_id])).get(session_id, [])
    return (await openings_of_events([event_id])).get(event_id, []) if event_id is not None else []


async def _heads(units: Sequence[UUID]) -> dict[UUID, _Head]:
    found = await db.rows(
        """SELECT u.id, u.name, coalesce(h.id, u.id) AS head, coalesce(h.district, u.district) AS district
             FROM accounts_organisation u
             LEFT JOIN accounts_organisation h ON h.id = u.parent AND u.kind IN ('womens_committee', 'guest')
            WHERE u.id = ANY($1)""",
        list(units),
    )
    heads = {one["id"]: _Head(one["head"], one["district"], one["name"]) for one in found}
    if missing := [unit for unit in units if unit not in heads]:
        raise NotFoundError(field="organisation_id" if missing[0] == units[0] else "joined_by")
    return heads


async def _locked_use(head_ids: set[UUID], but: UUID | None) -> dict[UUID, Used]:
    """What the groups have, with the rows of their heads locked, always in the same order."""
    await db.execute(
        "SELECT 1 FROM accounts_organisation WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE", list(head_ids)
    )
    return await group_use(list(head_ids), but=but)


async def _admitting(openings: Sequence[OpeningRow], unit: _Head, owner_id: UUID, now: datetime) -> list[OpeningRow]:
    """The openings that are open now and meant for the unit, the earliest first; at least one."""
    asks = any(opening.for_whom == ForWhom.UNSERVED for opening in openings)
    served = await served_at(unit.id, owner_id) if asks else None
    meant = [one for one in openings if is_meant_for(one.facts, unit.district, served, now)]
    admitting = [one for one in meant if one.state(now) is OpeningState.OPEN]
    if admitting:
        return admitting
    coming = [one.opens_at for one in meant if one.state(now) is OpeningState.WAITING]
    if coming:
        raise BookingClosedError(why="not-open-yet", opens_at=local(min(coming)).isoformat())
    over = [one.closes_at for one in meant if one.closes_at is not None]
    if over:
        raise BookingClosedError(why="opening-over", closed_at=local(max(over)).isoformat())
    raise BookingClosedError(why="not-for-you")


def _refuse_beyond(rules: _Rules, head: _Head, used: Used) -> None:
    in_programme = used.programmes.get(rules.programme_id, 0)
    if rules.per_programme is not None and in_programme >= rules.per_programme:
        raise _limit("programme", rules.per_programme, in_programme, head)
    in_year = used.years.get((rules.owner_id, rules.year), 0)
    if rules.per_year is not None and in_year >= rules.per_year:
        raise _limit("year", rules.per_year, in_year, head, year=rules.year)


def _limit(scope: str, limit: int, used: int, head: _Head, **facts: Any) -> LimitReachedError:
    return LimitReachedError(scope=scope, limit=limit, used=used, organisation=head.unit_name, **facts)


async def _place_in(
    admitting: Sequence[OpeningRow], heads: Sequence[_Head], used: dict[UUID, Used], but: UUID | None
) -> UUID:
    """The first opening that has a place for the unit; the refusal of the last one where none has."""
    refusal: ConflictError | None = None
    for opening in admitting:
        refusal = _beyond_opening(opening, heads, used) or await _without_place(opening, heads[0].district, but)
        if refusal is None:
            return opening.id
    assert refusal is not None  # _admitting returns at least one
    raise refusal


def _beyond_opening(opening: OpeningRow, heads: Sequence[_Head], used: dict[UUID, Used]) -> LimitReachedError | None:
    limit = opening.max_per_organisation
    if limit is None:
        return None
    for head in heads:
        mine = used[head.id].openings.get(opening.id, 0)
        if mine >= limit:
            return _limit("opening", limit, mine, head, opening=opening.name)
    return None


async def _without_place(opening: OpeningRow, district: str, but: UUID | None) -> QuotaUsedError | None:
    """Whether the opening is out of places for the district, counted under the lock of its row.

    An opening without a limit is only held, so that nobody deletes it while we come through it.
    """
    strength = "KEY SHARE" if opening.places is None else "NO KEY UPDATE"
    held = await db.value(f"SELECT 1 FROM events_opening WHERE id = $1 FOR {strength}", opening.id)  # noqa: S608
    if held is None:
        raise UnavailableError(retry_after=1)
    current = opening if opening.places is None else await opening_by_id(opening.id)  # it may have changed meanwhile
    if current.places is None:
        return None
    taken = (await places_taken([opening.id], but=but))[opening.id]
    if has_place(current.places, current.quotas, taken, district):
        return None
    return QuotaUsedError(
        opening=current.name,
        district=district,
        kept=any(quota.district == district for quota in current.quotas),
        places=current.places,
    )
