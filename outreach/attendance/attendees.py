"""Named people of sessions: who is expected, who is there. Every way in writes through ``record_presence_within``."""

import functools
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from outreach.attendance.domain.errors import NoNamesError
from outreach.attendance.domain.headcounts import days_of
from outreach.attendance.domain.identity import Identity
from outreach.attendance.domain.permissions import may_keep_list
from outreach.attendance.queries import year_is_closed
from outreach.bookings.orders.records import lock_order_of_session_within
from outreach.bookings.queries import readable_session
from outreach.events.domain.errors import SessionStateError
from outreach.events.queries import SessionRow, session_by_id
from outreach.programmes.domain.errors import ClosedYearError
from outreach.settings import Settings, secret_of
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.errors import FieldProblem, ForbiddenError, InvalidError
from outreach.shared.ids import new_id
from outreach.shared.time import local_day

__all__ = [
    "KEEPING_THE_FIRST",
    "CameBy",
    "PersonGiven",
    "Recorded",
    "identity_key",
    "lock_session_within",
    "record_presence_within",
    "session_for_list_within",
]

CameBy = Literal["qr", "code", "list", "import", "api"]


@functools.lru_cache(maxsize=8)
def _derived(secret: bytes) -> bytes:
    return hmac.new(secret, b"attendee", hashlib.sha256).digest()


def identity_key(settings: Settings) -> bytes:
    """The key of every attendee's hash; from the installation's secret for identities, which is never rotated."""
    return _derived(_identity_secret(settings))


@functools.lru_cache(maxsize=8)
def _identity_secret(settings: Settings) -> bytes:
    return secret_of(settings, "identity")


#: Who is there (or expected) already stays as first recorded. The table is called ``a``.
KEEPING_THE_FIRST = """
           ON CONFLICT (session, "on", identity) DO UPDATE
              SET present = a.present OR EXCLUDED.present, expected = a.expected OR EXCLUDED.expected,
                  came_by = CASE WHEN a.present THEN a.came_by ELSE EXCLUDED.came_by END,
                  checked_in_at = CASE WHEN a.present THEN a.checked_in_at ELSE EXCLUDED.checked_in_at END,
                  device = CASE WHEN a.present THEN a.device ELSE EXCLUDED.device END,
                  organisation = coalesce(a.organisation, EXCLUDED.organisation),
                  is_worker = coalesce(a.is_worker, EXCLUDED.is_worker),
                  groups = CASE WHEN a.groups = '{}' THEN EXCLUDED.groups ELSE a.groups END,
                  roster = coalesce(a.roster, EXCLUDED.roster),
                  changed_at = EXCLUDED.changed_at, revision = a.revision + 1
            WHERE EXCLUDED.present AND NOT a.present OR EXCLUDED.expected AND NOT a.expected
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonGiven:
    """A person as somebody named them; ``groups`` are keys of ``headcounts.GROUPS``."""

    name: str
    unit_name: str = ""
    organisation_id: UUID | None = None
    identity: Identity
    is_worker: bool | None = None
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One person's row. ``first``: this call made the person present (or, for a list of those expected, expected);
    ``checked_in_at``: the first time, ``None`` for one who is expected only."""

    attendee_id: UUID
    first: bool
    checked_in_at: datetime | None


async def lock_session_within(now: datetime, session_id: UUID, state: str, starts_at: datetime) -> str:
    """Lock a session against closing, cancelling and moving while presence is written, and return its state now.

    Args:
        state, starts_at: as just read. Where the first presence would make the session held, its order and its row are
            locked alone, as every way to that state does; else a share lock, so that a hall checks in at once.
    """
    if state == "published" and now >= starts_at:
        await lock_order_of_session_within(session_id)
        locked = "SELECT state FROM events_session WHERE id = $1 FOR NO KEY UPDATE"
    else:
        locked = "SELECT state FROM events_session WHERE id = $1 FOR SHARE"
    return str(await db.value(locked, session_id))


async def session_for_list_within(
    actor: Actor | None, now: datetime, *, session_id: UUID, on: date, expected_only: bool = False
) -> SessionRow:
    """The session, locked, if the caller may write people of that day now: lists, imports, single entries.

    Args:
        actor: ``None`` where the program itself writes, or who may was asked before.

    A published session whose people are written as present from its start on is to be made held by the caller
    (``records.held_within``).

    Raises:
        NotFoundError, ForbiddenError: not the caller's session.
        SessionStateError: it is neither published nor held (nor, for people expected, a draft).
        NoNamesError: its programme is confidential.
        ClosedYearError: its year is closed.
        InvalidError: the session is not on that day, or people cannot be there yet; names ``on``.
    """
    if actor is None:
        session = await session_by_id(session_id)
    else:
        session, _own = await readable_session(actor, session_id)
        if not may_keep_list(actor, session.facts):
            raise ForbiddenError
    state = await lock_session_within(now, session_id, session.state, session.starts_at)
    if state not in ("published", "held") and not (expected_only and state == "draft"):
        raise SessionStateError(state=state)
    if session.confidential:
        raise NoNamesError
    if await year_is_closed(session):
        raise ClosedYearError(year=local_day(session.starts_at).year)
    days = days_of(session.starts_at, session.ends_at)
    if not days[0] <= on <= days[-1]:
        facts = {"first": days[0].isoformat(), "last": days[-1].isoformat()}
        raise InvalidError([FieldProblem("on", "not-a-day-of-it", facts)])
    if not expected_only and on > local_day(now):
        raise InvalidError([FieldProblem("on", "day-to-come")])
    return replace(session, state=state)


async def record_presence_within(
    actor: Actor | None,
    now: datetime,
    *,
    session_id: UUID,
    on: date,
    people: Sequence[PersonGiven],
    came_by: CameBy,
    roster_id: UUID | None = None,
    expected_only: bool = False,
    device: str = "",
) -> list[Recorded]:
    """Write people as present (or as expected) at a session on one day; who is so already stays as first recorded.

    The caller holds at least a share lock on the session and has checked its state, day and closed year.

    Returns:
        one answer for each of ``people``, in their order; the same identity given twice gets the same one.
    """
    by_identity = {one.identity.hash: one for one in reversed(people)}
    # Always in the same order: two lists with the same people wait for each other and never cross.
    distinct = [by_identity[key] for key in sorted(by_identity)]
    written = await db.rows(
        f"""INSERT INTO attendance_attendee AS a
                  (id, session, "on", name, unit_name, organisation, identity, by_number, tail, is_worker, groups,
                   expected, present, came_by, checked_in_at, device, roster, created_by, created_at, changed_at,
                   revision)
           SELECT g.id, $1, $2, g.name, g.unit, g.organisation, g.identity, g.by_number, g.tail, g.is_worker,
                  string_to_array(g.groups, ','), $12, NOT $12, CASE WHEN $12 THEN '' ELSE $13 END,
                  CASE WHEN $12 THEN NULL ELSE $14::timestamptz END, $15, $16, $17, $14, $14, 1
             FROM unnest($3::uuid[], $4::text[], $5::text[], $6::uuid[], $7::text[], $8::bool[], $9::text[],
                         $10::bool[], $11::text[])
                  AS g (id, name, unit, organisation, identity, by_number, tail, is_worker, groups)
           {KEEPING_THE_FIRST}
           RETURNING id, identity, checked_in_at""",  # noqa: S608 - our own text
        session_id,
        on,
        [new_id() for _ in distinct],
        [one.name for one in distinct],
        [one.unit_name for one in distinct],
        [one.organisation_id for one in distinct],
        [one.identity.hash for one in distinct],
        [one.identity.by_number for one in distinct],
        [one.identity.tail for one in distinct],
        [one.is_worker for one in distinct],
        [",".join(one.groups) for one in distinct],
        expected_only,
        came_by,
        now,
        device,
        roster_id,
        actor.person_id if actor else None,
    )
    found = {
        one["identity"]: Recorded(attendee_id=one["id"], first=True, checked_in_at=one["checked_in_at"])
        for one in written
    }
    if there := [key for key in by_identity if key not in found]:
        # Asked afterwards: the insert's own view is older than the rows of those who were faster.
        for one in await db.rows(
            """SELECT id, identity, checked_in_at FROM attendance_attendee
                WHERE session = $1 AND "on" = $2 AND identity = ANY($3::text[])""",
            session_id,
            on,
            there,
        ):
            found[one["identity"]] = Recorded(attendee_id=one["id"], first=False, checked_in_at=one["checked_in_at"])
    return [found[one.identity.hash] for one in people]
