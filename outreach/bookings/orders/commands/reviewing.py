"""评单 by the unit, and the scan of its stamped form."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from outreach.bookings.orders.domain.permissions import may_approve, may_change, may_review
from outreach.bookings.orders.domain.states import ENDED, OrderState
from outreach.bookings.orders.queries import OrderRow, order_by_id, readable_order
from outreach.bookings.orders.records import (
    allowed,
    locked_order_within,
    move_order_within,
    note_order_within,
    state_error_within,
    tell_within,
)
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.db import atomic
from outreach.shared.errors import FieldProblem, InvalidError
from outreach.shared.files import store_file
from outreach.shared.ids import new_id
from outreach.shared.text import clean_line

__all__ = ["Review", "attach_scan", "check_marks", "review_order", "review_within", "store_review_within"]

LOWEST, HIGHEST = 1, 5


async def review_order(
    actor: Actor,
    now: datetime,
    *,
    order_id: UUID,
    lecturer: int,
    content: int,
    organising: int,
    again: bool,
    words: str = "",
) -> OrderRow:
    """Say how it was, once, after it was held; marks from 1 to 5.

    Raises:
        NotFoundError, ForbiddenError: not the caller's.
        OrderStateError: it is not fulfilled, or reviewed already.
        InvalidError: names every bad field.
    """
    review = Review(lecturer, content, organising, again, words.strip())
    check_marks(review)
    async with atomic():
        order = await locked_order_within(actor, order_id)
        allowed(may_review(actor, order.facts))
        return await review_within(actor, now, order, review)


@dataclass(frozen=True, slots=True)
class Review:
    """How it was: three marks from 1 to 5, whether the unit would take it again, and what to change."""

    lecturer: int
    content: int
    organising: int
    again: bool
    words: str = ""

    @property
    def marks(self) -> dict[str, int]:
        return {"lecturer": self.lecturer, "content": self.content, "organising": self.organising}


def check_marks(review: Review) -> None:
    """Refuse marks that are none.

    Raises:
        InvalidError: names each of them.
    """
    problems = [
        FieldProblem(name, "mark-out-of-range", {"least": LOWEST, "most": HIGHEST})
        for name, mark in review.marks.items()
        if not LOWEST <= mark <= HIGHEST
    ]
    if problems:
        raise InvalidError(problems)


async def review_within(actor: Actor, now: datetime, order: OrderRow, review: Review) -> OrderRow:
    """Keep the unit's review of its order, which is reviewed now; the order's row is locked.

    Raises:
        OrderStateError: it is not fulfilled, or reviewed already.
    """
    if order.state != OrderState.FULFILLED or order.session_id is None:
        raise await state_error_within(actor, order, OrderState.REVIEWED)
    await store_review_within(actor, now, order.session_id, order.organisation_id, review)
    facts = {**review.marks, "again": review.again}
    after = await move_order_within(actor, now, order, OrderState.REVIEWED, facts=facts, reviewed_at=now)
    await tell_within("order-reviewed", now, after, organisations=(after.owner_id,))
    return after


async def store_review_within(
    actor: Actor, now: datetime, session_id: UUID, organisation_id: UUID, review: Review
) -> None:
    """Write the row; there is one per session and organisation."""
    await db.execute(
        """INSERT INTO bookings_review (id, session, organisation, lecturer, content, organising, again, words,
                  created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)""",
        new_id(),
        session_id,
        organisation_id,
        review.lecturer,
        review.content,
        review.organising,
        review.again,
        review.words,
        actor.person_id,
        now,
    )


async def attach_scan(actor: Actor, now: datetime, *, order_id: UUID, name: str, data: bytes, home: Path) -> OrderRow:
    """Keep the scan of the stamped form: JPEG, PNG, HEIC or PDF; a later one takes the place of the earlier in lists.

    Args:
        name: of the file as uploaded.
        home: ``OUTREACH_HOME``.

    Raises:
        NotFoundError, ForbiddenError: not the caller's.
        OrderStateError: the order has ended.
        InvalidError: names ``file``.
    """
    order = await readable_order(actor, order_id)
    allowed(may_change(actor, order.facts) or may_approve(actor, order.facts))
    stored = await store_file(home, data, field="file")
    async with atomic():
        order = await locked_order_within(actor, order_id)
        if order.state in ENDED:
            raise await state_error_within(actor, order, OrderState(order.state))
        await db.execute(
            """INSERT INTO bookings_order_scan (id, order_id, digest, media_type, size_bytes, name, created_by,
                      created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)""",
            new_id(),
            order_id,
            stored.digest,
            stored.media_type,
            stored.size_bytes,
            clean_line(name)[-100:],
            actor.person_id,
            now,
        )
        await db.execute(
            "UPDATE bookings_order SET changed_at = $2, revision = revision + 1 WHERE id = $1", order_id, now
        )
        after = await order_by_id(order_id)
        await note_order_within(actor, now, "order.scan_attached", after, facts={"digest": stored.digest})
    return after
