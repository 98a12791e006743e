"""What the page of a check-in says of the three questions."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from outreach.attendance.doors import DoorView
from outreach.attendance.opinions.domain.errors import OpinionClosedError
from outreach.attendance.opinions.domain.opinions import check_time
from outreach.attendance.opinions.who import given_by, who_of
from outreach.shared import db

__all__ = ["OpinionAsked", "asked_after"]


@dataclass(frozen=True, slots=True)
class OpinionAsked:
    """``state``: ``later`` (the session has not begun), ``open``, ``ended`` (open, and the session is over), ``done``.

    ``href`` leads to the questions, and is empty before the session begins.
    """

    state: Literal["later", "open", "ended", "done"]
    href: str = ""


async def asked_after(
    secret: bytes, door: DoorView, now: datetime, attendee_id: UUID, *, key: bytes | None = None
) -> OpinionAsked | None:
    """What somebody who has checked in is asked now; ``None``: nothing any more.

    Args:
        secret: of the application.
        key: ``attendees.identity_key(settings)``, to look whether it was answered; ``None`` asks the database nothing,
            which is enough for one who checks in this moment.
    """
    try:
        check_time(door.state, door.starts_at, door.ends_at, now)
    except OpinionClosedError as error:
        return OpinionAsked("later") if error.facts["why"] == "too-early" else None
    href = f"/checkin/{door.token}/opinion?who={who_of(secret, attendee_id)}"
    if key is not None and await has_answered(key, attendee_id):
        return OpinionAsked("done", href)
    return OpinionAsked("open" if now < door.ends_at else "ended", href)


async def has_answered(key: bytes, attendee_id: UUID) -> bool:
    """Whether there is an answer of this check-in."""
    found = await db.value("SELECT 1 FROM attendance_opinion WHERE given_by = $1", given_by(key, attendee_id))
    return found is not None
