"""Say how a session was."""

from datetime import datetime
from uuid import UUID

from outreach.accounts.journal import note_within
from outreach.bookings.domain.afterwards import chosen_unit
from outreach.bookings.domain.errors import AlreadyRatedError, NotHeldError
from outreach.bookings.feedback.queries import RATABLE, ReviewRow, reviews_by, units_to_rate
from outreach.bookings.orders.commands.reviewing import Review, check_marks, review_within, store_review_within
from outreach.bookings.orders.domain.states import OrderState
from outreach.bookings.orders.queries import order_of_session
from outreach.bookings.orders.records import lock_order_of_session_within
from outreach.bookings.queries import readable_session
from outreach.events.queries import SessionRow
from outreach.notifications.outbox import enqueue_within
from outreach.shared.actors import Actor
from outreach.shared.db import atomic
from outreach.shared.time import local

__all__ = ["Review", "give_feedback"]


async def give_feedback(
    actor: Actor, now: datetime, *, session_id: UUID, review: Review, organisation_id: UUID | None = None
) -> ReviewRow:
    """Keep what the host, or a unit that was there, says of a held or closed session; once per unit.

    The unit that ordered the session reviews its order by this.

    Args:
        organisation_id: in whose name, where the actor speaks for several.

    Raises:
        NotFoundError, ForbiddenError: not the caller's.
        NotHeldError: nobody has recorded that it took place.
        AlreadyRatedError: the unit has said it.
        InvalidError: names every bad field.
    """
    check_marks(review)
    async with atomic({"bookings_review_once": AlreadyRatedError}):
        await lock_order_of_session_within(session_id)
        session, own = await readable_session(actor, session_id)
        unit = chosen_unit(units_to_rate(actor, session, own), organisation_id)
        if session.state not in RATABLE:
            raise NotHeldError(state=session.state)
        if await reviews_by(session_id, [unit]):
            raise AlreadyRatedError
        order = await order_of_session(session_id)
        if order is not None and order.organisation_id == unit and order.state == OrderState.FULFILLED:
            await review_within(actor, now, order, review)
            return (await reviews_by(session_id, [unit]))[0]
        await store_review_within(actor, now, session_id, unit, review)
        made = (await reviews_by(session_id, [unit]))[0]
        await _tell_within(actor, now, session, made)
    return made


async def _tell_within(actor: Actor, now: datetime, session: SessionRow, made: ReviewRow) -> None:
    """The journal's line, and the message to who runs the session; neither carries the words."""
    await note_within(
        actor,
        now,
        "session.reviewed",
        "session",
        session.id,
        organisation_id=session.organisation_id,
        facts={
            "organisation": made.organisation_name,
            "lecturer": made.lecturer,
            "content": made.content,
            "organising": made.organising,
            "again": made.again,
        },
    )
    await enqueue_within(
        "session-reviewed",
        now,
        object_kind="session",
        object_id=session.id,
        organisation_id=session.organisation_id,
        facts={
            "title": session.title,
            "starts_at": local(session.starts_at).isoformat(),
            "ends_at": local(session.ends_at).isoformat(),
            "organisation": made.organisation_name,
        },
    )
