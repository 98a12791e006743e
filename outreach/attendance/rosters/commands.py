"""Writes of rosters: a preview that stores nobody, confirming it, and both in one step for programs."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from outreach.accounts.journal import note_within
from outreach.attendance.attendees import session_for_list_within
from outreach.attendance.records import held_within
from outreach.attendance.rosters.access import Place, place_of
from outreach.attendance.rosters.domain.cells import file_name, masked
from outreach.attendance.rosters.queries import RosterRow, roster_of, stored_with
from outreach.attendance.rosters.running import read_roster
from outreach.attendance.rosters.storing import copied_within, store_people_within, unpacked_within
from outreach.attendance.rosters.worker import Answer
from outreach.events.queries import SessionRow, session_by_id
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.ids import new_id

__all__ = [
    "Imported",
    "confirm_roster",
    "discard_roster",
    "forget_rosters",
    "import_roster",
    "preview_roster",
]

#: A preview that nobody confirmed, and the refused rows of a stored file.
PREVIEWS_KEPT, REFUSED_KEPT = timedelta(days=2), timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What came of a file. ``roster`` ``None``: only tried; ``again``: the same file was stored before, nothing
    was written; ``new``: people who were not there (or not expected) already."""

    roster: RosterRow | None
    answer: Answer
    on: date
    presence: bool
    new: int = 0
    again: bool = False


async def preview_roster(
    actor: Actor, now: datetime, *, session_id: UUID, content: bytes, name: str, presence: bool, on: date, key: bytes
) -> RosterRow:
    """Read the file and keep what would be stored; a file that is stored already is returned as it was.

    Raises:
        NotFoundError, ForbiddenError, SessionStateError, NoNamesError, ClosedYearError: as for every list.
        InvalidError: the day or the file cannot be taken; names ``on`` or ``file``.
    """
    place = await place_of(actor, session_id)
    presence = presence and place.organisation_id is None
    digest = hashlib.sha256(content).hexdigest()
    async with db.atomic():  # refused before the work, not after it
        await _session_within(actor, now, place, session_id, on, presence)
    known = await stored_with(session_id, digest, presence, on)
    if known is not None:
        return known
    answer, people = await read_roster(
        content, key=key, default_unit=_default_unit(place), only_there=presence, form="json"
    )
    async with db.atomic():
        await _session_within(actor, now, place, session_id, on, presence)
        await db.execute(
            """DELETE FROM attendance_roster WHERE session = $1 AND digest = $2 AND created_by = $3
                  AND stored_at IS NULL""",
            session_id,
            digest,
            actor.person_id,
        )
        roster_id = await _add_within(
            actor.person_id, now, session_id, digest, name, presence, on, answer,
            _rows(answer, people), stored=False,
        )  # fmt: skip
    return await roster_of(session_id, roster_id)


async def confirm_roster(actor: Actor, now: datetime, *, session_id: UUID, roster_id: UUID) -> tuple[RosterRow, int]:
    """Store the people of a preview, all or none, and return how many are new; once stored, again changes nothing.

    Raises:
        NotFoundError, ForbiddenError, SessionStateError, NoNamesError, ClosedYearError, InvalidError:
            as for ``preview_roster``.
    """
    place = await place_of(actor, session_id)
    async with db.atomic():
        await _alone_within(session_id)
        roster = await roster_of(session_id, roster_id, of=place.of(actor))
        if roster.stored_at is not None:
            return roster, 0
        known = await stored_with(session_id, roster.digest, roster.presence, roster.on)
        if known is not None:
            await db.execute("DELETE FROM attendance_roster WHERE id = $1", roster_id)
            return known, 0
        session = await _session_within(actor, now, place, session_id, roster.on, roster.presence)
        await unpacked_within(roster_id)
        stamp = """UPDATE attendance_roster SET stored_at = $2,
                          rows = jsonb_build_object('rejected', coalesce(rows -> 'rejected', '[]'::jsonb))
                    WHERE id = $1 AND stored_at IS NULL"""
        await db.execute(stamp, roster_id, now)
        new = await _finish_within(actor, now, session, roster, place.organisation_id)
    return await roster_of(session_id, roster_id), new


async def import_roster(
    actor: Actor | None,
    now: datetime,
    *,
    session_id: UUID,
    content: bytes,
    name: str,
    presence: bool,
    on: date,
    key: bytes,
    dry_run: bool = False,
    refuse_rejected: bool = False,
    keep: int = 5000,
    progress: Callable[[float], None] | None = None,
) -> Imported:
    """Read and store a file in one step, for programs and the command line; rejected rows are left aside and told.

    Args:
        actor: ``None``: whoever sits at the machine.
        dry_run: store nothing.
        refuse_rejected: store nothing, either, when a row is rejected.
        keep: of the rejected and the doubled rows, how many are told.

    Raises:
        NotFoundError, ForbiddenError, SessionStateError, NoNamesError, ClosedYearError, InvalidError:
            as for ``preview_roster``.
    """
    place = await place_of(actor, session_id) if actor is not None else Place(await session_by_id(session_id))
    presence = presence and place.organisation_id is None
    digest = hashlib.sha256(content).hexdigest()
    answer, people = await read_roster(
        content,
        key=key,
        default_unit=_default_unit(place),
        only_there=presence,
        keep=keep,
        form="none" if dry_run else "copy",
        progress=progress,
    )
    tried = Imported(roster=None, answer=answer, on=on, presence=presence)
    async with db.atomic():
        await _alone_within(session_id)
        session = await _session_within(actor, now, place, session_id, on, presence)
        known = await stored_with(session_id, digest, presence, on)
        if known is not None:
            return Imported(roster=known, answer=answer, on=on, presence=presence, again=True)
        if dry_run or (refuse_rejected and answer.rejected_count):
            return tried
        roster_id = await _add_within(
            actor.person_id if actor else None, now, session_id, digest, name, presence, on, answer,
            _rows(answer), stored=True,
        )  # fmt: skip
        await copied_within(people)
        roster = await roster_of(session_id, roster_id)
        new = await _finish_within(actor, now, session, roster, place.organisation_id)
    return Imported(roster=roster, answer=answer, on=on, presence=presence, new=new)


async def discard_roster(actor: Actor, *, session_id: UUID, roster_id: UUID) -> None:
    """Throw a preview away; one that is gone or stored is left as it is.

    Raises:
        NotFoundError, ForbiddenError: not the caller's session.
    """
    place = await place_of(actor, session_id)
    async with db.atomic():
        await db.execute(
            """DELETE FROM attendance_roster WHERE session = $1 AND id = $2 AND stored_at IS NULL
                  AND ($3::uuid IS NULL OR created_by = $3)""",
            session_id,
            roster_id,
            place.of(actor),
        )


async def forget_rosters(now: datetime) -> None:
    """Delete previews that nobody confirmed, and the refused rows of files stored long ago: both hold names."""
    async with db.atomic():
        await db.execute(
            "DELETE FROM attendance_roster WHERE stored_at IS NULL AND created_at < $1", now - PREVIEWS_KEPT
        )
        await db.execute(
            "UPDATE attendance_roster SET rows = '[]' WHERE stored_at < $1 AND rows <> '[]'::jsonb", now - REFUSED_KEPT
        )


async def _alone_within(session_id: UUID) -> None:
    """One roster of a session at a time; check-ins go on meanwhile."""
    await db.execute("SELECT pg_advisory_xact_lock(hashtextextended('roster:' || $1::text, 0))", str(session_id))


async def _session_within(
    actor: Actor | None, now: datetime, place: Place, session_id: UUID, on: date, presence: bool
) -> SessionRow:
    # A unit that booked was asked by place_of; the rule of lists knows only who keeps them.
    asking = actor if place.organisation_id is None else None
    return await session_for_list_within(asking, now, session_id=session_id, on=on, expected_only=not presence)


def _default_unit(place: Place) -> str:
    return place.organisation_name or place.session.host_name or ""


def _rows(answer: Answer, people: bytes = b"") -> str:
    """What a preview remembers; the people are JSON already."""
    kept: dict[str, Any] = {"rejected": answer.rejected}
    if people:
        kept |= {"people": msgspec.Raw(people), "duplicates": answer.duplicates}
        kept |= {"left_out": answer.left_out, "absent": answer.absent}
    return msgspec.json.encode(kept).decode()


async def _add_within(
    created_by: UUID | None,
    now: datetime,
    session_id: UUID,
    digest: str,
    name: str,
    presence: bool,
    on: date,
    answer: Answer,
    rows: str,
    *,
    stored: bool,
) -> UUID:
    roster_id = new_id()
    await db.execute(
        """INSERT INTO attendance_roster (id, session, digest, name, presence, "on", accepted, rejected, duplicates,
                                          rows, created_by, created_at, stored_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, CASE WHEN $13 THEN $12::timestamptz END)""",
        roster_id,
        session_id,
        digest,
        masked(file_name(name))[-100:],
        presence,
        on,
        answer.accepted,
        answer.rejected_count,
        answer.duplicate_count,
        rows,
        created_by,
        now,
        stored,
    )
    return roster_id


async def _finish_within(
    actor: Actor | None, now: datetime, session: SessionRow, roster: RosterRow, organisation_id: UUID | None
) -> int:
    new = await store_people_within(
        now,
        session_id=session.id,
        on=roster.on,
        roster_id=roster.id,
        presence=roster.presence,
        created_by=actor.person_id if actor else None,
        organisation_id=organisation_id,
    )
    # No names: the journal outlives the time for which they are kept.
    await note_within(
        actor,
        now,
        "roster.stored",
        "session",
        session.id,
        organisation_id=session.organisation_id,
        facts={
            "roster_id": str(roster.id),
            "digest": roster.digest,
            "presence": roster.presence,
            "on": roster.on.isoformat(),
            "accepted": roster.accepted,
            "new": new,
            "rejected": roster.rejected,
            "duplicates": roster.duplicates,
        },
    )
    if roster.presence and new and session.state == "published" and now >= session.starts_at:
        await held_within(actor, now, session)
    return new
