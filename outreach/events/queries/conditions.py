"""What a list of sessions is narrowed to, as SQL: who may see it, and what was asked for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from outreach.events.domain.visibility import own_organisations
from outreach.shared.actors import Actor, Role


def visible_sql(actor: Actor | None, first: int) -> tuple[str, list[Any]]:
    """``may_see`` as a condition on the aliases s, o and h, with its arguments numbered from ``$first``.

    The two are held against each other by a test over every combination.
    """
    # A draft that was cancelled was never to be seen, and is not now.
    out = "(s.state <> 'draft' AND (s.state <> 'cancelled' OR s.published_at IS NOT NULL))"
    public = f"({out} AND s.visibility = 'public' AND h.kind IS DISTINCT FROM 'guest')"
    if actor is None:
        return public, []
    own_paths = [g.path for g in actor.grants if g.role is Role.CONTACT]
    staff_paths = list(actor.organised_paths)
    condition = f"""({public}
        OR ({out} AND s.visibility = 'members' AND h.kind IS DISTINCT FROM 'guest'
            AND EXISTS (SELECT 1 FROM unnest(${first}::text[]) own WHERE starts_with(own, o.path)))
        OR EXISTS (SELECT 1 FROM unnest(${first + 1}::text[]) staff WHERE starts_with(o.path, staff))
        OR s.host = ANY(${first + 2}::uuid[])
        OR EXISTS (SELECT 1 FROM events_session_provider own_sp JOIN events_provider own_r ON own_r.id = own_sp.provider
                    WHERE own_sp.session = s.id AND own_r.person = ${first + 3}::uuid)
        OR EXISTS (SELECT 1 FROM events_session_organiser own_so
                    WHERE own_so.session = s.id AND own_so.organisation = ANY(${first + 4}::uuid[])))"""  # noqa: S608 - numbers of arguments only
    person = actor.person_id if actor.is_provider else None
    return condition, [own_paths, staff_paths, list(actor.contact_ids), person, own_organisations(actor)]


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


class Conditions:
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


def conditions_of(actor: Actor | None, wanted: SessionFilter, now: datetime) -> Conditions:
    where = Conditions()
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
