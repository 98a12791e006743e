"""What sessions tie: teams of providers and rooms of venues. Joins an open transaction.

The rows of the resources are locked first, in the order of their ids, so that two sessions never choose the same slot.
Whoever frees a slot locks them as well, since a rival who rearranges the slots writes rows of other sessions anew.
The exclusion constraint ``events_occupation_no_clash`` has the last word whatever path a row comes by.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from outreach.events.domain.errors import ClashError
from outreach.events.domain.occupation import (
    Span,
    Taken,
    arranged,
    first_free,
    most_at_once,
    people_spans,
    place_span,
)
from outreach.events.domain.visibility import SessionFacts, may_see
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.db import Conflicts
from outreach.shared.errors import NotFoundError
from outreach.shared.ids import new_id

__all__ = [
    "CLASH",
    "Clash",
    "Wish",
    "clashes_of",
    "lock_resources_within",
    "occupy_within",
    "release_rain_within",
    "release_within",
    "revise_within",
    "wish_of",
]

#: For ``atomic()`` of every command that occupies.
CLASH: Conflicts = {"events_occupation_no_clash": lambda: ClashError(resources=[], sessions=[])}


@dataclass(frozen=True, slots=True)
class Wish:
    """What a session would tie, stored or not; a rain date is tied beside the date itself."""

    session_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    provider_ids: tuple[UUID, ...] = ()
    venue_id: UUID | None = None
    multi_day: bool = False
    setup_minutes: int = 0
    takedown_minutes: int = 0
    rain_starts_at: datetime | None = None
    rain_ends_at: datetime | None = None
    address: str = ""

    @property
    def dates(self) -> list[tuple[datetime, datetime, bool]]:
        """Start, end and whether it is the rain date, of every date that is tied."""
        found = [(self.starts_at, self.ends_at, False)]
        if self.rain_starts_at is not None and self.rain_ends_at is not None:
            found.append((self.rain_starts_at, self.rain_ends_at, True))
        return found


@dataclass(frozen=True, slots=True)
class Clash:
    """A resource that is taken, and by which session; ``session_id`` and ``title`` only when the caller may see it."""

    resource_kind: str
    resource_name: str
    slots: int
    session_id: UUID | None
    title: str | None
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class _Resource:
    kind: str
    id: UUID
    name: str
    slots: int
    tied: tuple[tuple[Span, bool], ...]  # with whether it is of the rain date

    @property
    def spans(self) -> list[Span]:
        return [span for span, _is_rain in self.tied]


async def wish_of(session_id: UUID) -> Wish:
    """What the stored session ties.

    Raises:
        NotFoundError: there is none.
    """
    found = await db.row(
        """SELECT s.starts_at, s.ends_at, s.venue AS venue_id, s.multi_day, s.setup_minutes, s.takedown_minutes,
                  s.rain_starts_at, s.rain_ends_at, s.address,
                  ARRAY(SELECT provider FROM events_session_provider WHERE session = s.id) AS provider_ids
             FROM events_session s WHERE s.id = $1""",
        session_id,
    )
    if found is None:
        raise NotFoundError
    return Wish(session_id=session_id, **{**dict(found), "provider_ids": tuple(found["provider_ids"])})


_PROVIDERS = "SELECT id, name, parallel_teams FROM events_provider WHERE id = ANY($1::uuid[]) ORDER BY id"
_VENUE = "SELECT name, rooms, setup_minutes, takedown_minutes FROM events_venue WHERE id = $1"


async def _resources(wish: Wish, *, locking: bool) -> list[_Resource]:
    if locking:
        await lock_resources_within(wish.session_id, wish.provider_ids, wish.venue_id)
    people = tuple(
        (span, is_rain)
        for starts_at, ends_at, is_rain in wish.dates
        for span in people_spans(
            starts_at,
            ends_at,
            multi_day=wish.multi_day,
            setup_minutes=wish.setup_minutes,
            takedown_minutes=wish.takedown_minutes,
        )
    )
    found: list[_Resource] = []
    if wish.provider_ids and people:
        given = await db.rows(_PROVIDERS, list(wish.provider_ids))
        found += [_Resource("provider", one["id"], one["name"], one["parallel_teams"], people) for one in given]
    if wish.venue_id is not None:
        place = await db.row(_VENUE, wish.venue_id)
        if place is not None:
            setup = max(wish.setup_minutes, place["setup_minutes"])
            takedown = max(wish.takedown_minutes, place["takedown_minutes"])
            spans = tuple(
                (place_span(starts_at, ends_at, setup_minutes=setup, takedown_minutes=takedown), is_rain)
                for starts_at, ends_at, is_rain in wish.dates
            )
            found.append(_Resource("venue", wish.venue_id, place["name"], place["rooms"], spans))
    return found


async def _taken(resource_ids: Sequence[UUID], but: UUID | None, within: Span | None) -> dict[UUID, list[Taken]]:
    """Occupations by resource, without those of the session ``but``; only those that overlap ``within`` if given."""
    found = await db.rows(
        """SELECT id, session, resource_id, slot, starts_at, ends_at FROM events_occupation
            WHERE resource_id = ANY($1::uuid[]) AND ($2::uuid IS NULL OR session <> $2)
              AND ($3::timestamptz IS NULL OR tstzrange(starts_at, ends_at) && tstzrange($3, $4))
            ORDER BY starts_at, id""",
        list(resource_ids),
        but,
        within.starts_at if within else None,
        within.ends_at if within else None,
    )
    by_resource: dict[UUID, list[Taken]] = {id_: [] for id_ in resource_ids}
    for one in found:
        by_resource[one["resource_id"]].append(
            Taken(one["id"], one["session"], one["slot"], Span(one["starts_at"], one["ends_at"]))
        )
    return by_resource


async def lock_resources_within(
    session_id: UUID | None, provider_ids: Sequence[UUID] = (), venue_id: UUID | None = None
) -> None:
    """Lock what the session ties and what it is going to tie: providers before venues, each in the order of the ids.

    Who is about to free one session and tie another calls it first with the providers of both.
    """
    if session_id is None and not provider_ids and venue_id is None:
        return
    for table, kind, wanted in (
        ("events_provider", "provider", list(provider_ids)),
        ("events_venue", "venue", [venue_id] if venue_id is not None else []),
    ):
        await db.execute(
            f"""SELECT 1 FROM {table} WHERE id IN (
                    SELECT unnest($1::uuid[]) UNION
                    SELECT resource_id FROM events_occupation WHERE session = $2 AND resource_kind = $3)
                ORDER BY id FOR NO KEY UPDATE""",  # noqa: S608 - one of two names above
            wanted,
            session_id,
            kind,
        )


def _reach(resources: Sequence[_Resource]) -> Span:
    spans = [span for one in resources for span in one.spans]
    return Span(min(span.starts_at for span in spans), max(span.ends_at for span in spans))


async def occupy_within(actor: Actor | None, session_id: UUID) -> None:
    """Tie the session's providers and venue for its times, its rain date too: for each the first free team or room.

    What the session tied before is freed first. The caller has locked the session's row and opened ``atomic(CLASH)``.

    Raises:
        ClashError: some are taken; names them all, and the clashing sessions that ``actor`` may see.
    """
    wish = await wish_of(session_id)
    resources = await _resources(wish, locking=True)
    await _free_within(session_id)
    if not resources:
        return
    by_resource = await _taken([one.id for one in resources], session_id, _reach(resources))
    full: list[_Resource] = []
    for resource in resources:
        for span, is_rain in resource.tied:
            slot = first_free(resource.slots, by_resource[resource.id], span)
            if slot is None:
                slot = await _rearranged(resource, span)
                by_resource |= await _taken([resource.id], None, _reach(resources))
            if slot is None:
                full.append(resource)
                break
            one = Taken(new_id(), session_id, slot, span)
            # At once: what is rearranged for the next span must see it.
            await _insert(one, resource, is_rain)
            by_resource[resource.id].append(one)
    if full:
        raise await _clash_error(actor, full, by_resource)


async def _insert(one: Taken, resource: _Resource, is_rain: bool) -> None:
    await db.execute(
        """INSERT INTO events_occupation
               (id, session, resource_kind, resource_id, slot, starts_at, ends_at, is_rain)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)""",
        one.id,
        one.session_id,
        resource.kind,
        resource.id,
        one.slot,
        one.span.starts_at,
        one.span.ends_at,
        is_rain,
    )


async def _rearranged(resource: _Resource, wanted: Span) -> int | None:
    """Free a slot by letting others change places; ``None`` when all are busy at some moment."""
    if resource.slots == 1:
        return None
    everything = (await _taken([resource.id], None, None))[resource.id]
    plan = arranged(resource.slots, everything, wanted)
    if plan is None:
        return None
    changed, slot = plan
    # Out first and in again: the constraint looks at every row, and two of them may swap.
    moving = await db.rows("DELETE FROM events_occupation WHERE id = ANY($1::uuid[]) RETURNING *", list(changed))
    for one in moving:
        span = Span(one["starts_at"], one["ends_at"])
        await _insert(Taken(one["id"], one["session"], changed[one["id"]], span), resource, one["is_rain"])
    return slot


async def _clash_error(
    actor: Actor | None, full: Sequence[_Resource], by_resource: dict[UUID, list[Taken]]
) -> ClashError:
    taken = [one for resource in full for span in resource.spans for one in _in_the_way(resource, by_resource, span)]
    seen = await _visible_titles(actor, [one.session_id for one in taken])
    names = list(dict.fromkeys(one.name for one in full))
    return ClashError(resources=names, sessions=[str(id_) for id_ in seen])


def _in_the_way(resource: _Resource, by_resource: dict[UUID, list[Taken]], span: Span) -> list[Taken]:
    overlapping = [one for one in by_resource[resource.id] if one.span.overlaps(span)]
    return overlapping if most_at_once([one.span for one in overlapping], span) >= resource.slots else []


async def _visible_titles(actor: Actor | None, session_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Titles of those sessions that the caller may see, in time order."""
    found = await db.rows(
        """SELECT s.id, s.title, s.state, s.visibility, o.path, s.host, h.kind,
                  ARRAY(SELECT r.person FROM events_session_provider sp JOIN events_provider r ON r.id = sp.provider
                         WHERE sp.session = s.id AND r.person IS NOT NULL) AS people,
                  ARRAY(SELECT so.organisation FROM events_session_organiser so WHERE so.session = s.id) AS organisers
             FROM events_session s JOIN accounts_organisation o ON o.id = s.organisation
             LEFT JOIN accounts_organisation h ON h.id = s.host
            WHERE s.id = ANY($1::uuid[]) ORDER BY s.starts_at, s.id""",
        list(session_ids),
    )
    return {
        one["id"]: one["title"]
        for one in found
        if may_see(
            actor,
            SessionFacts(
                one["state"],
                one["visibility"],
                one["path"],
                one["host"],
                one["kind"],
                tuple(one["people"]),
                tuple(one["organisers"]),
            ),
        )
    }


async def clashes_of(actor: Actor | None, wish: Wish) -> list[Clash]:
    """What would stand in the way if the session were published now, for a warning before the leap."""
    resources = await _resources(wish, locking=False)
    if not resources:
        return []
    by_resource = await _taken([one.id for one in resources], wish.session_id, _reach(resources))
    found = [
        (resource, one)
        for resource in resources
        for one in dict.fromkeys(t for span in resource.spans for t in _in_the_way(resource, by_resource, span))
    ]
    titles = await _visible_titles(actor, [one.session_id for _resource, one in found])
    return [
        Clash(
            resource.kind,
            resource.name,
            resource.slots,
            one.session_id if one.session_id in titles else None,
            titles.get(one.session_id),
            one.span.starts_at,
            one.span.ends_at,
        )
        for resource, one in found
    ]


async def release_within(session_id: UUID) -> None:
    """Free what the session ties."""
    await lock_resources_within(session_id)
    await _free_within(session_id)


async def _free_within(session_id: UUID) -> None:
    await db.execute("DELETE FROM events_occupation WHERE session = $1", session_id)


async def release_rain_within(session_id: UUID) -> None:
    """Give up the session's rain date, if it has one: its people and its place are free then."""
    await lock_resources_within(session_id)
    await db.execute("DELETE FROM events_occupation WHERE session = $1 AND is_rain", session_id)
    await db.execute(
        """UPDATE events_session SET rain_starts_at = NULL, rain_ends_at = NULL
            WHERE id = $1 AND rain_starts_at IS NOT NULL""",
        session_id,
    )


async def revise_within(session_id: UUID, now: datetime) -> int:
    """Raise the session's revision, which calendars read as SEQUENCE; return the new one.

    Raises:
        NotFoundError: there is no such session.
    """
    revision = await db.value(
        "UPDATE events_session SET revision = revision + 1, revised_at = $2 WHERE id = $1 RETURNING revision",
        session_id,
        now,
    )
    if revision is None:
        raise NotFoundError
    return int(revision)
