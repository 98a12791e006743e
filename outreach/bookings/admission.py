"""Limits and openings: the one question that every booking, claim and order is asked, whoever makes it (rule 3).

Locks are taken in the order unit, opening, order, session, resources; see ADR 0010.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from outreach.bookings.domain.errors import BookingClosedError, LimitReachedError, QuotaUsedError
from outreach.bookings.openings.counting import Counts, Places, Used, count, served_at
from outreach.bookings.openings.question import (
    QUESTION_SQL,
    AskedOpening,
    Head,
    Question,
    Rules,
    question_from,
    question_of,
)
from outreach.bookings.openings.usage import Usage, usage_of
from outreach.events.domain.openings import ForWhom, OpeningState, has_place, is_meant_for
from outreach.events.openings import OpeningRow, openings_of_events, openings_of_sessions
from outreach.shared import db
from outreach.shared.errors import ConflictError, NotFoundError, UnavailableError
from outreach.shared.time import ZONE, local

__all__ = ["UNLIMITED_SQL", "OpeningRow", "Usage", "admit_within", "admitted_within", "openings_for", "usage_of"]

#: No limit and no opening concerns session ``s`` of programme ``p`` (aliases of the statement that it is put into):
#: then nobody needs to ask ``admit_within``, and no lock but the session's is taken.
UNLIMITED_SQL = f"""(p.max_per_organisation IS NULL
    AND NOT EXISTS (SELECT 1 FROM events_opening_session opened WHERE opened.session = s.id)
    AND NOT EXISTS (SELECT 1 FROM programmes_year limiting
                     WHERE limiting.organisation = p.organisation AND limiting.max_per_organisation IS NOT NULL
                       AND limiting.year = extract(year FROM s.starts_at AT TIME ZONE '{ZONE.key}')::int))"""  # noqa: S608


_ASK = f"""
SELECT {QUESTION_SQL}
  FROM programmes_programme p
  LEFT JOIN accounts_organisation u ON u.id = ANY($2::uuid[])
{question_from(at="$3::timestamptz", session="$4::uuid", event="$5::uuid")}
 WHERE p.id = $1
 ORDER BY w.opens_at, w.id
"""  # noqa: S608


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
    units = (organisation_id, *(one for one in joined_by if one != organisation_id))
    found = await db.rows(_ASK, programme_id, list(units), at, session_id, event_id)
    if not found:
        raise NotFoundError
    question = question_of(found)
    if not question.is_limited:
        return None
    if missing := [unit for unit in units if unit not in question.heads]:
        raise NotFoundError(field="organisation_id" if missing[0] == organisation_id else "joined_by")
    return await admitted_within(now, question, units, but)


async def admitted_within(
    now: datetime, question: Question, units: Sequence[UUID], but: UUID | None = None
) -> UUID | None:
    """``admit_within`` for who has read the question already.

    Args:
        units: who asks, and then those that join; all are in the question.
    """
    rules, openings = question.rules, question.openings
    heads = [question.heads[unit] for unit in units]
    admitting = await _admitting(openings, heads[0], rules.owner_id, now) if openings else []
    limits = (rules.per_programme, rules.per_year, *(one.facts.max_per_organisation for one in admitting))
    sharing = {head.id for head in heads} if any(limit is not None for limit in limits) else set()
    counts = await _counted_within(sharing, admitting[0] if admitting else None, but)
    if sharing:
        for head in heads:
            _refuse_beyond(rules, head, counts.used[head.id])
    return await _place_in(admitting, heads, counts, but) if openings else None


async def openings_for(
    *, session_ids: Sequence[UUID] = (), event_ids: Sequence[UUID] = ()
) -> dict[UUID, list[OpeningRow]]:
    """The openings of sessions and menu items by their id, the earliest wave first; those without any are left out."""
    return {**await openings_of_sessions(session_ids), **await openings_of_events(event_ids)}


_LOCK_HEADS = "SELECT id FROM accounts_organisation WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE"
# The heads before the opening: no row of it is looked at, still less locked, before the condition is known.
_LOCK_OPENING = f"""
WITH heads AS MATERIALIZED ({_LOCK_HEADS})
SELECT 1 FROM events_opening WHERE id = $2 AND (SELECT count(*) FROM heads) >= 0 FOR {{strength}}
"""  # noqa: S608 - our own text


async def _counted_within(head_ids: set[UUID], opening: AskedOpening | None, but: UUID | None) -> Counts:
    """What the groups have and what is taken of the opening, under the locks of their rows.

    An opening without a limit is only held, so that nobody deletes it while we come through it, and not counted.
    """
    limited = opening is not None and opening.facts.places is not None
    if opening is None:
        await db.execute(_LOCK_HEADS, list(head_ids))
    else:
        lock = _LOCK_OPENING.format(strength="NO KEY UPDATE" if limited else "KEY SHARE")
        if await db.value(lock, list(head_ids), opening.id) is None:
            raise UnavailableError(retry_after=1)
    if not head_ids and not limited:
        return Counts({}, {})
    # A statement of its own: the one that waited for a lock would count what there was when it began to wait.
    return await count(head_ids, [opening.id] if opening is not None and limited else [], but=but)


async def _admitting(openings: Sequence[AskedOpening], unit: Head, owner_id: UUID, now: datetime) -> list[AskedOpening]:
    """The openings that are open now and meant for the unit, the earliest first; at least one."""
    asks = any(opening.facts.for_whom == ForWhom.UNSERVED for opening in openings)
    served = await served_at(unit.id, owner_id) if asks else None
    meant = [one for one in openings if is_meant_for(one.facts, unit.district, served, now)]
    admitting = [one for one in meant if one.state(now) is OpeningState.OPEN]
    if admitting:
        return admitting
    coming = [one.facts.opens_at for one in meant if one.state(now) is OpeningState.WAITING]
    if coming:
        raise BookingClosedError(why="not-open-yet", opens_at=local(min(coming)).isoformat())
    over = [one.facts.closes_at for one in meant if one.facts.closes_at is not None]
    if over:
        raise BookingClosedError(why="opening-over", closed_at=local(max(over)).isoformat())
    raise BookingClosedError(why="not-for-you")


def _refuse_beyond(rules: Rules, head: Head, used: Used) -> None:
    in_programme = used.programmes.get(rules.programme_id, 0)
    if rules.per_programme is not None and in_programme >= rules.per_programme:
        raise _limit("programme", rules.per_programme, in_programme, head)
    in_year = used.years.get((rules.owner_id, rules.year), 0)
    if rules.per_year is not None and in_year >= rules.per_year:
        raise _limit("year", rules.per_year, in_year, head, year=rules.year)


def _limit(scope: str, limit: int, used: int, head: Head, **facts: Any) -> LimitReachedError:
    return LimitReachedError(scope=scope, limit=limit, used=used, organisation=head.unit_name, **facts)


async def _place_in(admitting: Sequence[AskedOpening], heads: Sequence[Head], counts: Counts, but: UUID | None) -> UUID:
    """The first opening that has a place for the unit; the refusal of the last one where none has.

    Args:
        counts: of the groups and of the first opening; the others are locked and counted when their turn comes.
    """
    refusal: ConflictError | None = None
    places = counts.openings
    for opening in admitting:
        refusal = _beyond_opening(opening, heads, counts.used)
        if refusal is None:
            if opening is not admitting[0]:
                places = (await _counted_within(set(), opening, but)).openings
            refusal = _without_place(places.get(opening.id), heads[0].district)
        if refusal is None:
            return opening.id
    assert refusal is not None  # _admitting returns at least one
    raise refusal


def _beyond_opening(
    opening: AskedOpening, heads: Sequence[Head], used: Mapping[UUID, Used]
) -> LimitReachedError | None:
    limit = opening.facts.max_per_organisation
    if limit is None:
        return None
    for head in heads:
        mine = used[head.id].openings.get(opening.id, 0)
        if mine >= limit:
            return _limit("opening", limit, mine, head, opening=opening.name)
    return None


def _without_place(opening: Places | None, district: str) -> QuotaUsedError | None:
    """Whether the opening is out of places for the district; ``None``: it has no limit."""
    if opening is None or has_place(opening.places, opening.quotas, opening.taken, district):
        return None
    return QuotaUsedError(
        opening=opening.name,
        district=district,
        kept=any(quota.district == district for quota in opening.quotas),
        places=opening.places,
    )
