"""Ticks as JSON."""

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

from outreach.attendance.ticking.answers import Answer, Refusal, Ticked
from outreach.attendance.ticking.commands import TickGiven
from outreach.attendance.ticking.domain.ticks import MOST_TICKS, Outcome
from outreach.shared.errors import InvalidError, OutreachError
from outreach.shared.text import LINE_PATTERN, OptionalLine, Phone
from outreach.web.problems import field_messages, message_of

__all__ = ["TickIn", "TickOut", "TicksIn", "TicksOut", "refusal_of", "tick_given", "tick_out"]

Revision = Annotated[int, Meta(ge=0, le=2**31 - 1)]
NameOrNone = Annotated[str, Meta(max_length=60, pattern=LINE_PATTERN)]


class TickIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """One tap on a person of the list, or (``attendee_id`` null) on somebody named, who is added if need be.

    ``key``: made on the phone, one for every tap: sent again it has no second effect. ``seen_revision``: of the row as
    the phone knew it; null: whatever it is. ``made_at``: by the phone's clock; counts for nothing and is not kept.
    """

    key: UUID
    attendee_id: UUID | None = None
    name: NameOrNone = ""
    unit: OptionalLine = ""
    phone: Phone = ""
    present: bool
    seen_revision: Revision | None = None
    made_at: Annotated[dt.datetime, Meta(tz=True)] | None = None
    reason: OptionalLine = ""


class TicksIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Taps on the list of one day, in the order in which they were made."""

    on: dt.date
    ticks: Annotated[list[TickIn], Meta(min_length=1, max_length=MOST_TICKS)]


class TickFieldError(msgspec.Struct, kw_only=True):
    field: str
    message: str


class TickProblem(msgspec.Struct, kw_only=True):
    """Why a tap was refused, as problem details say it."""

    type: str
    title: str
    detail: str
    errors: list[TickFieldError]


class TickOut(msgspec.Struct, kw_only=True):
    """What became of a tap: `done`; `already` so, with the first time and way; `conflict`: changed since the phone saw
    it, with the row as it stands; `refused`, with the reason."""

    key: UUID
    outcome: Outcome
    attendee: Ticked | None
    problem: TickProblem | None


class TicksOut(msgspec.Struct, kw_only=True):
    """An answer for each tap, in their order."""

    ticks: list[TickOut]


def tick_given(data: TickIn) -> TickGiven:
    """The tap without the phone's clock."""
    return TickGiven(**{name: getattr(data, name) for name in TickGiven.__dataclass_fields__})


class _SaidError(OutreachError):
    def __init__(self, code: str, facts: dict[str, Any]) -> None:
        super().__init__(**facts)
        self.code = code  # type: ignore[misc]


def refusal_of(refusal: Refusal) -> OutreachError:
    """The refusal as an error again, so that it gets the words that every refusal gets."""
    return InvalidError(refusal.fields) if refusal.fields else _SaidError(refusal.code, refusal.facts)


def tick_out(key: UUID, answer: Answer) -> TickOut:
    """The answer to one tap, in the language of the request."""
    problem = None
    if answer.refusal is not None:
        error = refusal_of(answer.refusal)
        title, detail = message_of(error)
        messages = field_messages(error) if isinstance(error, InvalidError) else {}
        problem = TickProblem(
            type=f"/problems/{answer.refusal.code}",
            title=title,
            detail=detail,
            errors=[TickFieldError(field=name, message=text) for name, text in messages.items()],
        )
    return TickOut(key=key, outcome=answer.outcome, attendee=answer.attendee, problem=problem)
