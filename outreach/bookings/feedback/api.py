"""Feedback as JSON."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from outreach.bookings.feedback.commands import Review, give_feedback
from outreach.bookings.schemas import Note
from outreach.shared.actors import Actor
from outreach.shared.ids import id_in_path
from outreach.shared.time import local

__all__ = ["ROUTES"]

Mark = Annotated[int, Meta(ge=1, le=5)]


class FeedbackIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Marks from 1 to 5, whether the unit would take it again, and what to change.

    ``organisation_id``: in whose name, needed only by who speaks for several units of the session.
    """

    lecturer: Mark
    content: Mark
    organising: Mark
    again: bool
    words: Note = ""
    organisation_id: UUID | None = None


class FeedbackOut(msgspec.Struct, kw_only=True):
    """What one unit said of a session."""

    session_id: UUID
    organisation_id: UUID
    organisation_name: str
    lecturer: int
    content: int
    organising: int
    again: bool
    words: str
    created_at: datetime


@post(
    "/api/v1/sessions/{session_id:str}/feedback",
    status_code=201,
    tags=["sessions"],
    operation_id="giveFeedback",
    summary="评价, once, by the host or a unit that was there",
)
async def feedback(
    session_id: FromPath[str],
    data: JSONBody[FeedbackIn],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> FeedbackOut:
    """Of a held or closed session; the order that it was made for, if the unit's own, is reviewed by this."""
    made = await give_feedback(
        actor,
        now,
        session_id=id_in_path(session_id),
        review=Review(data.lecturer, data.content, data.organising, data.again, data.words.strip()),
        organisation_id=data.organisation_id,
    )
    values = {name: getattr(made, name) for name in FeedbackOut.__struct_fields__}
    return FeedbackOut(**{**values, "created_at": local(made.created_at)})


ROUTES = [feedback]
