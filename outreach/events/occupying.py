"""What sessions tie: teams of providers and rooms of venues. Joins an open transaction.

The rows of the resources are locked first, in the order of their ids, so that two sessions never choose the same slot.
Whoever frees a slot locks them as well, since a rival who rearranges the slots writes rows of other sessions anew.
The exclusion constraint ``events_occupation_no_clash`` has the last word whatever path a row comes by.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias
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
from outreach.events.wishes import Wish, wish_of
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
    "lock_all_within",
    "lock_resources_within",
    "occupy_each_within",
    "occupy_within",
    "release_rain_within",
    "release_within",
    "revise_within",
    "wish_of",
]

#: For ``atomic()`` of every command that occupies.
CLASH: Conflicts = {"events_occupation_no_clash": lambda: ClashError(resources=[], sessions=[])}


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


#: An occupation on its way into the table, whose it is, and whether it is of the rain date.
_Row: TypeAlias = tuple[Taken, _Resource, bool]


_PROVIDERS = "SELECT id, name, parallel_teams FROM events_provider WHERE id = ANY($1::uuid[]) ORDER BY id"
_VENUES = "SELECT id, name, rooms, setup_minutes, takedown_minutes FROM events_venue WHERE id = ANY($1::uuid[])"


async def _resources(wishes: Sequence[Wish]) -> list[list[_Resource]]:
    """What each wish ties, providers in the order of their ids before the venue."""
    provider_ids = {id_ for one in wishes for id_ in one.provider_ids}
    venue_ids = {one.venue_id for one in wishes if one.venue_id is not None}
    providers = await db.rows(_PROVIDERS, list(provider_ids)) if provider_ids else []
    venues = {one["id"]: one for one in await db.rows(_VENUES, list(venue_ids))} if venue_ids else {}
    by_id = {one["id"]: one for one in providers}
    return [
        [
            *_people(one, [by_id[id_] for id_ in sorted(by_id.keys() & set(one.provider_ids))]),
            *_place(one, venues.get(one.venue_id)),
        ]
        for one in wishes
    ]


def _people(wish: Wish, providers: Sequence[Any]) -> list[_Resource]:
    tied = tuple(
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
    if not tied:
        return []
    return [_Resource("provider", one["id"], one["name"], one["parallel_teams"], tied) for one in providers]


def _place(wish: Wish, venue: Any) -> list[_Resource]:
    if venue is None:
        return []
    setup = max(wish.setup_minutes, venue["setup_minutes"])
    takedown = max(wish.takedown_minutes, venue["takedown_minutes"])
    tied = tuple(
        (place_span(starts_at, ends_at, setup_minutes=setup, takedown_minutes=takedown), is_rain)
        for starts_at, ends_at, is_rain in wish.dates
    )
    return [_Resource("venue", venue["id"], venue["name"], venue["rooms"], tied)]


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
    venue_ids = [venue_id] if venue_id is not None else []
    await lock_all_within([session_id] if session_id is not None else [], provider_ids, venue_ids)


async def lock_all_within(session_ids: Sequence[UUID], provider_ids: Sequence[UUID], venue_ids: Sequence[UUID]) -> None:
    """``lock_resources_within`` for several sessions at once, in the same order."""
    if not session_ids and not provider_ids and not venue_ids:
        return
    for table, kind, wanted in (
        ("events_provider", "provider", provider_ids),
        ("events_venue", "venue", venue_ids),
    ):
        await db.execute(
            f"""SELECT 1 FROM {table} WHERE id IN (
                    SELECT unnest($1::uuid[]) UNION
                    SELECT resource_id FROM events_occupation WHERE session = ANY($2::uuid[]) AND resource_kind = $3)
                ORDER BY id FOR NO KEY UPDATE""",  # noqa: S608 - one of two names above
            list(wanted),
            list(session_ids),
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
    await occupy_each_within(actor, [await wish_of(session_id)])


async def occupy_each_within(actor: Actor | None, wishes: Sequence[Wish]) -> None:
    """``occupy_within`` for stored sessions, one after the other; their rows are written at once.

    Raises:
        ClashError: of the first that finds some taken.
    """
    session_ids = [one.session_id for one in wishes if one.session_id is not None]
    provider_ids = {id_ for one in wishes for id_ in one.provider_ids}
    await lock_all_within(session_ids, list(provider_ids), [one.venue_id for one in wishes if one.venue_id is not None])
    await db.execute("DELETE FROM events_occupation WHERE session = ANY($1::uuid[])", session_ids)
    wanted = await _resources(wishes)
    everything = [one for of_one in wanted for one in of_one]
    if not everything:
        return
    reach = _reach(everything)
    by_resource = await _taken(list({one.id for one in everything}), None, reach)
    unwritten: list[_Row] = []
    for wish, resources in zip(wishes, wanted, strict=True):
        assert wish.session_id is not None  # stored
        full: list[_Resource] = []
        for resource in resources:
            for span, is_rain in resource.tied:
                slot = first_free(resource.slots, by_resource[resource.id], span)
                if slot is None and resource.slots > 1:
                    # What is rearranged must see everything, and changes where everything is.
                    await _insert(unwritten)
                    unwritten.clear()
                    slot = await _rearranged(resource, span)
                    by_resource |= await _taken([resource.id], None, reach)
                if slot is None:
                    full.append(resource)
                    break
                one = Taken(new_id(), wish.session_id, slot, span)
                by_resource[resource.id].append(one)
                unwritten.append((one, resource, is_rain))
        if full:
            raise await _clash_error(actor, full, by_resource)
    await _insert(unwritten)


async def _insert(rows: Sequence[_Row]) -> None:
    await db.connection().executemany(
        """INSERT INTO events_occupation
               (id, session, resource_kind, resource_id, slot, starts_at, ends_at, is_rain)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)""",
        [
            (one.id, one.session_id, to.kind, to.id, one.slot, one.span.starts_at, one.span.ends_at, is_rain)
            for one, to, is_rain in rows
        ],
    )


async def _rearranged(resource: _Resource, wanted: Span) -> int | None:
    """Free a slot by letting others change places; ``None`` when all are busy at some moment."""
    everything = (await _taken([resource.id], None, None))[resource.id]
    plan = arranged(resource.slots, everything, wanted)
    if plan is None:
        return None
    changed, slot = plan
    # Out first and in again: the constraint looks at every row, and two of them may swap.
    moving = await db.rows("DELETE FROM events_occupation WHERE id = ANY($1::uuid[]) RETURNING *", list(changed))
    spans = {one["id"]: Span(one["starts_at"], one["ends_at"]) for one in moving}
    await _insert(
        [
            (Taken(one["id"], one["session"], changed[one["id"]], spans[one["id"]]), resource, one["is_rain"])
            for one in moving
        ]
    )
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
    (resources,) = await _resources([wish])
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
