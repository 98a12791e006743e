"""Moving, changing and cancelling sessions: it touches those who booked, so it lies here and not with the sessions."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from outreach.accounts.journal import note_within
from outreach.bookings.domain.states import BookingState
from outreach.bookings.orders.records import lock_order_of_session_within, return_order_within
from outreach.bookings.promotion import promote_within
from outreach.bookings.queries import BookingRow
from outreach.bookings.records import CONFLICTS, live_bookings_within, move_within
from outreach.events.commands import (
    CLASH,
    locked_within,
    occupy_within,
    recheck_within,
    refuse_assigned,
    refuse_closed_past,
    refuse_closed_year,
    release_within,
    store_within,
)
from outreach.events.domain.drafts import SessionDraft
from outreach.events.domain.errors import SessionStateError
from outreach.events.domain.states import SessionState, move
from outreach.events.queries import SessionRow, draft_of, session_by_id
from outreach.events.warnings import Warning, facts_of, refuse_without_reason, warnings_of_session
from outreach.notifications.outbox import enqueue_within
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.db import atomic
from outreach.shared.errors import FieldProblem, InvalidError
from outreach.shared.text import clean_line
from outreach.shared.time import local

__all__ = ["CANCELLED_BY", "cancel_session", "cancel_session_within", "change_session", "change_session_within"]

#: Whose doing a cancellation is (DESIGN, Life cycles).
CANCELLED_BY = ("organiser", "host", "provider", "weather")

#: What a change of it means for those who come: they are told.
_TOLD = ("starts_at", "ends_at", "venue_id", "address", "provider_ids", "title")
#: What decides which teams and rooms are tied.
_TYING = ("starts_at", "ends_at", "venue_id", "provider_ids", "multi_day", "setup_minutes", "takedown_minutes")
#: What warnings weigh.
_WEIGHED = (*_TYING, "district", "address")


async def change_session(
    actor: Actor,
    now: datetime,
    *,
    session_id: UUID,
    changes: Mapping[str, Any],
    reason: str = "",
    revision: int | None = None,
    override_reason: str = "",
    strict: bool = False,
) -> SessionRow:
    """Change a draft or published session; a published one keeps its identity, and everyone booked is told of a move.

    Moving the start alone keeps the length, and the distance at which booking opens and closes. More seats go to the
    groups that wait. Where a published session ties its people anew, warnings stand in the journal.

    Args:
        changes: fields of ``SessionDraft``; those left out stay.
        reason: told to those who booked.
        revision: the one that the caller read; ``None``: whatever it is.
        override_reason: why warnings are set aside; kept with the session.
        strict: ask for that reason where there is something to set aside.

    Raises:
        NotFoundError, ForbiddenError: not the caller's.
        SessionStateError: it is over or cancelled, or the draft of an order.
        StaleError: it was changed since.
        InvalidError: names every bad field, such as a ``capacity`` below the seats already taken.
        NeedsReasonError: ``strict``, and there are warnings and no reason.
        ClosedYearError: it was to be moved into a year that is closed, or out of one.
        ClashError: a provider or the venue is taken then; nothing was changed.
    """
    async with atomic({**CONFLICTS, **CLASH}):
        return await change_session_within(
            actor,
            now,
            session_id=session_id,
            changes=changes,
            reason=reason,
            revision=revision,
            override_reason=override_reason,
            strict=strict,
        )


async def change_session_within(
    actor: Actor,
    now: datetime,
    *,
    session_id: UUID,
    changes: Mapping[str, Any],
    reason: str = "",
    revision: int | None = None,
    override_reason: str = "",
    strict: bool = False,
) -> SessionRow:
    """``change_session`` inside the open transaction, which the caller opened as ``atomic({**CONFLICTS, **CLASH})``."""
    before = await locked_within(actor, session_id, revision=revision)
    refuse_assigned(before)
    if before.state not in (SessionState.DRAFT, SessionState.PUBLISHED):
        raise SessionStateError(state=before.state)
    old = draft_of(before)
    new = await recheck_within(actor, before, _applied(old, changes))
    problems = _problems(before, new, now)
    problems += _problems_of_bookings(before, new, await live_bookings_within(session_id))
    if problems:
        raise InvalidError(problems)
    if before.state == SessionState.PUBLISHED and new.starts_at != before.starts_at:
        for starts_at in (before.starts_at, new.starts_at):  # neither out of a closed year nor into one
            await refuse_closed_year(before.programme_id, starts_at)
    changed = [name for name in SessionDraft.__dataclass_fields__ if getattr(old, name) != getattr(new, name)]
    if not changed:
        return before
    await store_within(session_id, now, new)
    warnings: list[Warning] = []
    if before.state == SessionState.PUBLISHED:
        warnings = await _tied_anew_within(actor, before, changed, clean_line(override_reason), strict=strict)
        await _followed_within(actor, now, before, changed, clean_line(reason))
    await note_within(
        actor,
        now,
        "session.moved" if before.state == SessionState.PUBLISHED and "starts_at" in changed else "session.changed",
        "session",
        session_id,
        organisation_id=before.organisation_id,
        reason=clean_line(reason),
        facts={
            "fields": changed,
            "from": local(before.starts_at).isoformat(),
            "to": local(new.starts_at).isoformat(),
            **({"warnings": facts_of(warnings), "override_reason": clean_line(override_reason)} if warnings else {}),
        },
    )
    return await session_by_id(session_id)


def _applied(old: SessionDraft, changes: Mapping[str, Any]) -> SessionDraft:
    """``old`` with the changes, and with everything that hangs on the start moved along unless given itself."""
    if "starts_at" not in changes:
        return replace(old, **changes)
    shift = changes["starts_at"] - old.starts_at
    along = {
        name: getattr(old, name) + shift
        for name in ("ends_at", "booking_opens_at", "booking_closes_at")
        if getattr(old, name) is not None
    }
    return replace(old, **{**along, **changes})


def _problems(before: SessionRow, new: SessionDraft, now: datetime) -> list[FieldProblem]:
    """What bookings and publication forbid; everything else was checked before."""
    problems: list[FieldProblem] = []
    if new.capacity is not None and new.capacity < before.seats_taken:
        problems.append(FieldProblem("capacity", "capacity-below-taken", {"taken": before.seats_taken}))
    if new.claimable and (before.seats_taken or new.host_id is not None):
        problems.append(FieldProblem("claimable", "claimable-but-taken"))
    if before.state == SessionState.PUBLISHED:
        if new.starts_at != before.starts_at and new.starts_at <= now:
            problems.append(FieldProblem("starts_at", "start-is-past"))
        if new.venue_id is None and not new.address and not new.claimable:
            problems.append(FieldProblem("address", "no-place-yet"))
    return problems


def _problems_of_bookings(before: SessionRow, new: SessionDraft, live: Sequence[BookingRow]) -> list[FieldProblem]:
    """What those who booked, wait or host forbid."""
    problems: list[FieldProblem] = []
    # Without seats taken somebody may still wait who let an offer go.
    if new.claimable and not before.claimable and live and not before.seats_taken and new.host_id is None:
        problems.append(FieldProblem("claimable", "claimable-but-taken"))
    # Claimed or ordered: the whole of it is booked in the host's name.
    if new.host_id != before.host_id and any(one.is_host for one in live):
        problems.append(FieldProblem("host_id", "host-has-booked"))
    return problems


async def _tied_anew_within(
    actor: Actor, before: SessionRow, changed: list[str], override_reason: str, *, strict: bool
) -> list[Warning]:
    """Tie people and room of a published session anew where that changed; return what speaks against it."""
    if not any(name in changed for name in _WEIGHED):
        return []
    if any(name in changed for name in _TYING):
        await occupy_within(actor, before.id)  # frees what it tied before, under the locks of both
    warnings = await warnings_of_session(await session_by_id(before.id), actor)
    if strict:
        refuse_without_reason(warnings, override_reason)
    if override_reason:
        await db.execute("UPDATE events_session SET override_reason = $2 WHERE id = $1", before.id, override_reason)
    return warnings


async def _followed_within(actor: Actor, now: datetime, before: SessionRow, changed: list[str], reason: str) -> None:
    """What follows from changing a published session: who is concerned is told, who waits is served."""
    if "starts_at" in changed:
        await db.execute("UPDATE events_session SET moved_from = $2 WHERE id = $1", before.id, before.starts_at)
        # An offer stands until the start at most, wherever that lies now.
        await db.execute(
            """UPDATE bookings_booking b SET offer_expires_at = least(b.offer_expires_at, s.starts_at)
                 FROM events_session s WHERE s.id = b.session AND s.id = $1 AND b.state = 'offered'""",
            before.id,
        )
    after = await session_by_id(before.id)
    if any(name in changed for name in _TOLD):
        bookings = await live_bookings_within(before.id)
        await _tell_within("session-moved", now, after, bookings, reason=reason, old_starts_at=before.starts_at)
        gone = [id_ for id_ in before.provider_person_ids if id_ not in after.provider_person_ids]
        for person_id in dict.fromkeys(gone):
            await enqueue_within(
                "session-taken-over",
                now,
                object_kind="session",
                object_id=before.id,
                person_id=person_id,
                facts=_facts(before, reason),
            )
    await promote_within(None, now, before.id, freed=_has_more_seats(before.capacity, after.capacity))


def _has_more_seats(before: int | None, after: int | None) -> bool:
    return before is not None and (after is None or after > before)


async def cancel_session(
    actor: Actor, now: datetime, *, session_id: UUID, by: str, reason: str, revision: int | None = None
) -> SessionRow:
    """Cancel a draft or published session: its bookings are cancelled with the reason and told, its ties freed.

    The order that it came from, if any, returns to those that wait for a date.

    Args:
        by: one of ``CANCELLED_BY``.

    Raises:
        NotFoundError, ForbiddenError: not the caller's.
        SessionStateError: it is held, closed or cancelled already, or the draft of an order.
        ClosedYearError: it has begun, and its year is closed.
        StaleError: it was changed since the caller read it.
    """
    async with atomic():
        await lock_order_of_session_within(session_id)  # order before session, as everywhere
        session = await locked_within(actor, session_id, revision=revision)
        refuse_assigned(session)
        after = await cancel_session_within(actor, now, session=session, by=by, reason=reason)
        await return_order_within(actor, now, session_id=session_id, reason=clean_line(reason), by=by)
        return after


async def cancel_session_within(
    actor: Actor | None, now: datetime, *, session: SessionRow, by: str, reason: str
) -> SessionRow:
    """``cancel_session`` inside the open transaction, without its order. The session's row is locked.

    Args:
        session: as it is under the lock.
        by: one of ``CANCELLED_BY``.

    Raises:
        SessionStateError: it is held, closed or cancelled already.
        ClosedYearError: it has begun, and its year is closed.
    """
    why = clean_line(reason)
    move(SessionState(session.state), SessionState.CANCELLED)
    await refuse_closed_past(now, session)
    bookings = await live_bookings_within(session.id)
    for booking in bookings:
        await move_within(actor, now, booking, BookingState.CANCELLED, reason=why, cancelled_by="session")
    done = await db.execute(
        """UPDATE events_session SET state = 'cancelled', cancelled_at = $3, cancelled_by = $4, cancel_reason = $5,
                  revision = revision + 1, revised_at = $3 WHERE id = $1 AND state = $2""",
        session.id,
        session.state,
        now,
        by,
        why,
    )
    if not done:
        raise SessionStateError(state=(await session_by_id(session.id)).state)
    await release_within(session.id)
    await note_within(
        actor,
        now,
        "session.cancelled",
        "session",
        session.id,
        organisation_id=session.organisation_id,
        from_state=session.state,
        to_state=SessionState.CANCELLED.value,
        reason=why,
        facts={"by": by, "bookings": len(bookings)},
    )
    if session.state == SessionState.PUBLISHED:
        await _tell_within("session-cancelled", now, session, bookings, reason=why)
    return await session_by_id(session.id)


async def _tell_within(
    kind: str,
    now: datetime,
    session: SessionRow,
    bookings: list[BookingRow],
    *,
    reason: str,
    old_starts_at: datetime | None = None,
) -> None:
    """One message to each organisation that booked, to the host, and to those who give the session."""
    facts = _facts(session, reason)
    if old_starts_at is not None:
        facts["old_starts_at"] = local(old_starts_at).isoformat()
    organisations = dict.fromkeys(
        [one.organisation_id for one in bookings] + ([session.host_id] if session.host_id else [])
    )
    for organisation_id in organisations:
        await enqueue_within(
            kind, now, object_kind="session", object_id=session.id, organisation_id=organisation_id, facts=facts
        )
    for person_id in dict.fromkeys(session.provider_person_ids):
        await enqueue_within(kind, now, object_kind="session", object_id=session.id, person_id=person_id, facts=facts)


def _facts(session: SessionRow, reason: str) -> dict[str, Any]:
    return {
        "title": session.title,
        "starts_at": local(session.starts_at).isoformat(),
        "ends_at": local(session.ends_at).isoformat(),
        "reason": reason,
    }
