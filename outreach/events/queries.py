"""Questions about sessions. Menu, providers and venues: ``menu.py``; what is taken: ``occupying.py``."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from outreach.events.domain.drafts import SessionDraft
from outreach.events.domain.states import SessionState
from outreach.events.domain.visibility import SessionFacts, may_see
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from outreach.shared.errors import NotFoundError, invalid
from outreach.shared.paging import Page, decode_cursor, page_of
from outreach.shared.time import day_bounds

__all__ = [
    "SESSION_FROM",
    "SESSION_SQL",
    "NextDate",
    "ProgrammeCount",
    "SessionFilter",
    "SessionRow",
    "Upcoming",
    "containing",
    "draft_of",
    "filter_choices",
    "host_named",
    "next_by_event",
    "session_by_id",
    "session_row",
    "sessions_of_days",
    "sessions_of_month",
    "sessions_page",
    "state_counts",
    "upcoming_sessions",
    "visible_session",
    "visible_sql",
]


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session with the names that pages, feeds and reports show beside it."""

    id: UUID
    event_id: UUID
    programme_id: UUID
    programme_code: str
    programme_name: str
    programme_short: str
    programme_mark: str
    programme_position: int
    programme_year: int
    confidential: bool
    organisation_id: UUID
    organisation_path: str
    title: str
    kind: str
    topic: str
    summary: str
    audience: str
    host_id: UUID | None
    host_name: str | None
    host_kind: str | None
    venue_id: UUID | None
    venue_name: str | None
    venue_directions: str | None
    address: str
    district: str
    starts_at: datetime
    ends_at: datetime
    multi_day: bool
    setup_minutes: int
    takedown_minutes: int
    capacity: int | None
    seats_taken: int
    claimable: bool
    visibility: str
    state: str
    approval_needed: bool
    booking_opens_at: datetime | None
    booking_closes_at: datetime | None
    max_seats_per_booking: int | None
    note: str
    revision: int
    revised_at: datetime
    moved_from: datetime | None
    published_at: datetime | None
    held_at: datetime | None
    closed_at: datetime | None
    cancelled_at: datetime | None
    cancelled_by: str
    cancel_reason: str
    provider_ids: tuple[UUID, ...]
    provider_names: tuple[str, ...]
    provider_titles: tuple[str, ...]
    provider_person_ids: tuple[UUID, ...]
    organiser_parts: tuple[str, ...]
    organiser_ids: tuple[UUID, ...]
    organiser_names: tuple[str, ...]

    @property
    def seats_left(self) -> int | None:
        """Free seats; ``None``: not limited."""
        return None if self.capacity is None else self.capacity - self.seats_taken

    @property
    def place(self) -> str:
        """Venue and address in one line; empty while a claimable session has no site yet."""
        parts = [self.venue_name or "", self.address]
        return " ".join(part for part in parts if part)

    @property
    def facts(self) -> SessionFacts:
        """What the predicates of visibility ask."""
        return SessionFacts(
            self.state,
            self.visibility,
            self.organisation_path,
            self.host_id,
            self.host_kind,
            self.provider_person_ids,
        )

    def closes_at(self) -> datetime:
        """When booking ends: as set, else when it starts."""
        return self.booking_closes_at or self.starts_at

    def is_unrecorded(self, now: datetime) -> bool:
        """已过期未登记: published, past, no record."""
        return self.state == "published" and self.ends_at <= now

    def is_open(self, now: datetime) -> bool:
        """Whether seats can be booked or the whole date claimed now, leaving aside how many are free."""
        return (
            self.state == "published"
            and (self.booking_opens_at is None or self.booking_opens_at <= now)
            and now < self.closes_at()
            and now < self.starts_at
        )


#: Everything of ``SessionRow``; append WHERE, ORDER BY, LIMIT. Aliases: s session, e event, p programme, o owner,
#: h host, v venue.
SESSION_SQL = """
SELECT s.id, s.event AS event_id, s.programme AS programme_id, p.code AS programme_code, p.name AS programme_name,
       coalesce(nullif(p.short_name, ''), p.name) AS programme_short, p.mark AS programme_mark,
       p.position AS programme_position, p.year AS programme_year, p.confidential, s.organisation AS organisation_id,
       o.path AS organisation_path, s.title, s.kind, e.topic, e.summary, e.audience,
       s.host AS host_id, h.name AS host_name, h.kind AS host_kind, s.venue AS venue_id, v.name AS venue_name,
       v.directions AS venue_directions, s.address, s.district, s.starts_at, s.ends_at, s.multi_day, s.setup_minutes,
       s.takedown_minutes, s.capacity, s.seats_taken, s.claimable, s.visibility, s.state, s.approval_needed,
       s.booking_opens_at, s.booking_closes_at, s.max_seats_per_booking, s.note, s.revision, s.revised_at, s.moved_from,
       s.published_at, s.held_at, s.closed_at, s.cancelled_at, s.cancelled_by, s.cancel_reason,
       providers.ids AS provider_ids, providers.names AS provider_names, providers.titles AS provider_titles,
       providers.people AS provider_person_ids, organisers.parts AS organiser_parts, organisers.ids AS organiser_ids,
       organisers.names AS organiser_names
  FROM events_session s
  JOIN events_event e ON e.id = s.event
  JOIN programmes_programme p ON p.id = s.programme
  JOIN accounts_organisation o ON o.id = s.organisation
  LEFT JOIN accounts_organisation h ON h.id = s.host
  LEFT JOIN events_venue v ON v.id = s.venue
  CROSS JOIN LATERAL (
      SELECT coalesce(array_agg(r.id ORDER BY sp.position), '{}') AS ids,
             coalesce(array_agg(r.name ORDER BY sp.position), '{}') AS names,
             coalesce(array_agg(r.title ORDER BY sp.position), '{}') AS titles,
             coalesce(array_agg(r.person) FILTER (WHERE r.person IS NOT NULL), '{}') AS people
        FROM events_session_provider sp JOIN events_provider r ON r.id = sp.provider
       WHERE sp.session = s.id
  ) providers
  CROSS JOIN LATERAL (
      SELECT coalesce(array_agg(so.part ORDER BY so.part, so.id), '{}') AS parts,
             coalesce(array_agg(g.id ORDER BY so.part, so.id), '{}') AS ids,
             coalesce(array_agg(g.name ORDER BY so.part, so.id), '{}') AS names
        FROM events_session_organiser so JOIN accounts_organisation g ON g.id = so.organisation
       WHERE so.session = s.id
  ) organisers
"""


#: What counting needs of ``SESSION_SQL``: the same aliases, without providers.
SESSION_FROM = """
  FROM events_session s
  JOIN events_event e ON e.id = s.event
  JOIN programmes_programme p ON p.id = s.programme
  JOIN accounts_organisation o ON o.id = s.organisation
  LEFT JOIN accounts_organisation h ON h.id = s.host
  LEFT JOIN events_venue v ON v.id = s.venue
"""


_TUPLES = (
    "provider_ids",
    "provider_names",
    "provider_titles",
    "provider_person_ids",
    "organiser_parts",
    "organiser_ids",
    "organiser_names",
)


def session_row(record: Any) -> SessionRow:
    """A record of ``SESSION_SQL`` as row."""
    values = dict(record)
    for name in _TUPLES:
        values[name] = tuple(values[name])
    return SessionRow(**values)


def draft_of(session: SessionRow) -> SessionDraft:
    """What staff decided about a stored session; change it with ``dataclasses.replace``."""
    return SessionDraft(
        event_id=session.event_id,
        organisation_id=session.organisation_id,
        title=session.title,
        kind=session.kind,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        provider_ids=session.provider_ids,
        venue_id=session.venue_id,
        host_id=session.host_id,
        address=session.address,
        district=session.district,
        multi_day=session.multi_day,
        setup_minutes=session.setup_minutes,
        takedown_minutes=session.takedown_minutes,
        capacity=session.capacity,
        claimable=session.claimable,
        visibility=session.visibility,
        approval_needed=session.approval_needed,
        booking_opens_at=session.booking_opens_at,
        booking_closes_at=session.booking_closes_at,
        max_seats_per_booking=session.max_seats_per_booking,
        note=session.note,
        organisers=tuple(zip(session.organiser_parts, session.organiser_ids, strict=True)),
    )


def visible_sql(actor: Actor | None, first: int) -> tuple[str, list[Any]]:
    """``may_see`` as a condition on the aliases s, o and h, with its arguments numbered from ``$first``.

    The two are held against each other by a test over every combination.
    """
    public = "(s.state <> 'draft' AND s.visibility = 'public' AND h.kind IS DISTINCT FROM 'guest')"
    if actor is None:
        return public, []
    own_paths = [g.path for g in actor.grants if g.role is Role.CONTACT]
    staff_paths = list(actor.organised_paths)
    condition = f"""({public}
        OR (s.state <> 'draft' AND s.visibility = 'members' AND h.kind IS DISTINCT FROM 'guest'
            AND EXISTS (SELECT 1 FROM unnest(${first}::text[]) own WHERE starts_with(own, o.path)))
        OR EXISTS (SELECT 1 FROM unnest(${first + 1}::text[]) staff WHERE starts_with(o.path, staff))
        OR s.host = ANY(${first + 2}::uuid[])
        OR EXISTS (SELECT 1 FROM events_session_provider own_sp JOIN events_provider own_r ON own_r.id = own_sp.provider
                    WHERE own_sp.session = s.id AND own_r.person = ${first + 3}::uuid))"""  # noqa: S608 - numbers of arguments only
    person = actor.person_id if actor.is_provider else None
    return condition, [own_paths, staff_paths, list(actor.contact_ids), person]


async def session_by_id(session_id: UUID) -> SessionRow:
    """The session, whoever asks.

    Raises:
        NotFoundError: there is none.
    """
    found = await db.row(SESSION_SQL + " WHERE s.id = $1", session_id)
    if found is None:
        raise NotFoundError
    return session_row(found)


async def visible_session(actor: Actor | None, session_id: UUID) -> SessionRow:
    """The session, if it exists for this caller.

    Raises:
        NotFoundError: there is none, or the caller may not know of it.
    """
    session = await session_by_id(session_id)
    if not may_see(actor, session.facts):
        raise NotFoundError
    return session


@dataclass(frozen=True, slots=True)
class SessionFilter:
    """Which sessions a list shows; ``None`` and empty mean: all.

    Attributes:
        starts_from: first moment included.
        starts_before: first moment left out.
        programme: id or code of a programme.
        open: only those that can be booked or claimed now.
        unrecorded: only those that are past and have no record.
        event_id: only sessions of one item of the menu.
        managed: only those that the caller organises.
    """

    starts_from: datetime | None = None
    starts_before: datetime | None = None
    programme: str = ""
    kind: str = ""
    district: str = ""
    state: str = ""
    open: bool = False
    unrecorded: bool = False
    q: str = ""
    event_id: UUID | None = None
    managed: bool = False
    without_cancelled: bool = False


class _Conditions:
    """WHERE under construction: every value is a numbered argument."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.args: list[Any] = []

    def add(self, condition: str, *values: Any) -> None:
        """Add a condition; each ``?`` in it stands for the next value."""
        for value in values:
            self.args.append(value)
            condition = condition.replace("?", f"${len(self.args)}", 1)
        self.parts.append(condition)

    def add_visible(self, actor: Actor | None) -> None:
        condition, values = visible_sql(actor, len(self.args) + 1)
        self.args += values
        self.parts.append(condition)

    @property
    def sql(self) -> str:
        return " WHERE " + " AND ".join(self.parts or ["true"])


#: ``SessionRow.is_open`` with a seat or the whole date left. ``?`` is now.
_OPEN = """(s.state = 'published' AND (s.booking_opens_at IS NULL OR s.booking_opens_at <= ?)
    AND ? < coalesce(s.booking_closes_at, s.starts_at) AND ? < s.starts_at
    AND (s.capacity IS NULL OR s.seats_taken < s.capacity) AND NOT (s.claimable AND s.host IS NOT NULL))"""


def _conditions(actor: Actor | None, wanted: SessionFilter, now: datetime) -> _Conditions:
    where = _Conditions()
    where.add_visible(actor)
    if wanted.starts_from is not None:
        where.add("s.starts_at >= ?", wanted.starts_from)
    if wanted.starts_before is not None:
        where.add("s.starts_at < ?", wanted.starts_before)
    if wanted.programme:
        where.add("(p.code = ? OR p.id::text = ?)", wanted.programme, wanted.programme.lower())
    for column, text in (("s.kind", wanted.kind), ("s.district", wanted.district), ("s.state", wanted.state)):
        if text:
            where.add(f"{column} = ?", text)
    if wanted.open:
        where.add(_OPEN, now, now, now)
    if wanted.unrecorded:
        where.add("(s.state = 'published' AND s.ends_at <= ?)", now)
    if wanted.event_id is not None:
        where.add("s.event = ?", wanted.event_id)
    if wanted.managed:
        paths = list(actor.organised_paths) if actor else []
        where.add("EXISTS (SELECT 1 FROM unnest(?::text[]) mine WHERE starts_with(o.path, mine))", paths)
    if wanted.without_cancelled:
        where.add("s.state <> 'cancelled'")
    for word in wanted.q.split()[:5]:
        where.add(
            """(s.title ILIKE ? OR s.address ILIKE ? OR s.district ILIKE ? OR v.name ILIKE ? OR e.topic ILIKE ?
                OR EXISTS (SELECT 1 FROM events_session_provider w JOIN events_provider x ON x.id = w.provider
                            WHERE w.session = s.id AND x.name ILIKE ?))""",
            *[containing(word)] * 6,
        )
    return where


def containing(word: str) -> str:
    """A pattern for ILIKE that finds ``word`` anywhere, as it is written."""
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


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
    where = _conditions(actor, wanted, now)
    total = await db.value(f"SELECT count(*) {SESSION_FROM}{where.sql}", *where.args)
    if after:
        where.add(f"(s.starts_at, s.id) {'<' if newest_first else '>'} (?, ?)", *_cursor(after))
    order = "s.starts_at DESC, s.id DESC" if newest_first else "s.starts_at, s.id"
    found = await db.rows(
        f"{SESSION_SQL}{where.sql} ORDER BY {order} LIMIT ${len(where.args) + 1}", *where.args, limit + 1
    )
    return page_of([session_row(one) for one in found], limit, total, lambda s: (s.starts_at.isoformat(), str(s.id)))


def _cursor(after: str) -> tuple[datetime, UUID]:
    starts_at, id_ = decode_cursor(after, 2)
    try:
        moment = datetime.fromisoformat(starts_at)
        if moment.tzinfo is None:
            raise ValueError
        return moment, UUID(id_)
    except ValueError:
        raise invalid("after", "bad-cursor") from None


async def state_counts(actor: Actor | None, wanted: SessionFilter, now: datetime) -> dict[str, int]:
    """How many sessions of ``wanted`` (its state left aside) are in each state, and how many are ``unrecorded``."""
    where = _conditions(actor, wanted, now)
    where.args.append(now)
    found = await db.rows(
        f"""SELECT s.state, count(*) AS number,
                   count(*) FILTER (WHERE s.state = 'published' AND s.ends_at <= ${len(where.args)}) AS unrecorded
            {SESSION_FROM}{where.sql} GROUP BY s.state""",
        *where.args,
    )
    counts = {state.value: 0 for state in SessionState} | {one["state"]: one["number"] for one in found}
    return {**counts, "unrecorded": sum(one["unrecorded"] for one in found)}


async def sessions_of_days(
    actor: Actor | None, wanted: SessionFilter, now: datetime, first: date, last: date
) -> list[SessionRow]:
    """The sessions that start on the days ``first`` to ``last``, without cancelled ones, in time order."""
    start, end = day_bounds(first, last)
    where = _conditions(actor, wanted, now)
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
    """How many of the upcoming sessions belong to a programme."""

    programme_id: UUID
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
    """Published sessions that start after ``now`` and that the caller may see, in time order."""
    where = _Conditions()
    where.add_visible(actor)
    where.add("s.state = 'published'")
    where.add("s.starts_at > ?", now)
    counted = await db.rows(
        f"""SELECT p.id AS programme_id, p.code, coalesce(nullif(p.short_name, ''), p.name) AS name,
                   p.mark, count(*) AS number {SESSION_FROM}{where.sql}
            GROUP BY p.id ORDER BY p.position, p.id""",
        *where.args,
    )
    programmes = [ProgrammeCount(**dict(one)) for one in counted]
    if programme_id is not None:
        where.add("s.programme = ?", programme_id)
    first = len(where.args) + 1
    found = await db.rows(
        f"{SESSION_SQL}{where.sql} ORDER BY s.starts_at, s.id LIMIT ${first} OFFSET ${first + 1}",
        *where.args,
        limit,
        offset,
    )
    total = sum(one.number for one in programmes if programme_id in (None, one.programme_id))
    return Upcoming([session_row(one) for one in found], total, programmes)


async def host_named(actor: Actor, text: str) -> UUID | None:
    """The organisation with this code or full name among those that the caller runs; ``None`` unless exactly one."""
    found = await db.rows(
        """SELECT o.id FROM accounts_organisation o
            WHERE (lower(o.code) = lower($2) OR o.name = $2) AND o.closed_on IS NULL
              AND EXISTS (SELECT 1 FROM unnest($1::text[]) mine WHERE starts_with(o.path, mine)) LIMIT 2""",
        list(actor.organised_paths),
        text.strip(),
    )
    return found[0]["id"] if len(found) == 1 else None


class NextDate(NamedTuple):
    """When an item of the menu is on next, and how often from now on."""

    starts_at: datetime
    number: int


async def next_by_event(actor: Actor | None, now: datetime, year: int) -> dict[UUID, NextDate]:
    """Published sessions to come of the programmes of ``year`` that the caller may see, by item of the menu."""
    where = _Conditions()
    where.add_visible(actor)
    where.add("s.state = 'published'")
    where.add("s.starts_at > ?", now)
    where.add("p.year = ?", year)
    found = await db.rows(
        f"SELECT s.event, min(s.starts_at) AS starts_at, count(*) AS number {SESSION_FROM}{where.sql} GROUP BY s.event",
        *where.args,
    )
    return {one["event"]: NextDate(one["starts_at"], one["number"]) for one in found}


class FilterChoices(NamedTuple):
    """What the filters above a list offer."""

    programmes: list[tuple[str, str]]
    kinds: list[str]
    districts: list[str]


async def filter_choices(actor: Actor | None, year: int) -> FilterChoices:
    """Programmes (code, name), kinds and districts of the sessions of ``year`` that the caller may see."""
    where = _Conditions()
    where.add_visible(actor)
    start, end = day_bounds(date(year, 1, 1), date(year, 12, 31))
    where.add("s.starts_at >= ?", start)
    where.add("s.starts_at < ?", end)
    found = await db.rows(
        f"""SELECT p.position, p.code, coalesce(nullif(p.short_name, ''), p.name) AS name, s.kind, s.district
            {SESSION_FROM}{where.sql}
            GROUP BY 1, 2, 3, 4, 5 ORDER BY p.position, p.code, s.kind, s.district""",
        *where.args,
    )
    return FilterChoices(
        list(dict.fromkeys((one["code"], one["name"]) for one in found)),
        list(dict.fromkeys(one["kind"] for one in found)),
        sorted({one["district"] for one in found if one["district"]}),
    )
