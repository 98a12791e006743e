"""Check-ins and attendees as JSON and as forms."""

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from outreach.attendance.checking_in import CheckedIn
from outreach.attendance.domain.doors import LONGEST_AFTER, LONGEST_BEFORE
from outreach.attendance.people import AttendeeRow
from outreach.shared.i18n import gettext as _
from outreach.shared.text import Line, OptionalLine, Phone, ShortLine
from outreach.shared.time import local

__all__ = [
    "AttendeeIn",
    "AttendeeList",
    "AttendeeOut",
    "CheckinForm",
    "CheckinIn",
    "CheckinOut",
    "CodeForm",
    "DoorForm",
    "UndoIn",
    "attendee_out",
    "checkin_order",
    "checkin_out",
]

SixDigits = Annotated[str, Meta(pattern=r"^[0-9０-９ ]{6,12}\Z")]
Token = Annotated[str, Meta(min_length=1, max_length=64)]
Groups = Annotated[list[Literal["migrant", "new_generation_migrant", "women"]], Meta(max_length=3)]


class CheckinIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """One check-in by the poster's six digits or the token in its address; ``organisation`` is another word for
    ``unit``: its name as people write it."""

    code: SixDigits | None = None
    token: Token | None = None
    name: ShortLine
    unit: OptionalLine = ""
    organisation: OptionalLine = ""
    phone: Phone = ""


class CheckinOut(msgspec.Struct, kw_only=True):
    """``first``: by this request; ``checked_in_at``: the first time, by the server's clock; ``opinion``: ``who`` of
    `giveOpinion`, for this check-in alone."""

    attendee_id: UUID
    session_id: UUID
    on: dt.date
    name: str
    unit: str
    first: bool
    checked_in_at: dt.datetime
    opinion: str


class AttendeeIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A person of one day of a session (default: today, within its days), there or ``expected`` only. Of the phone or
    card number a hash and its last four are kept."""

    name: ShortLine
    unit: OptionalLine = ""
    organisation: OptionalLine = ""
    organisation_id: UUID | None = None
    phone: Phone = ""
    on: dt.date | None = None
    expected: bool = False
    is_worker: bool | None = None
    groups: Groups = []


class AttendeeOut(msgspec.Struct, kw_only=True):
    """A person of a session on one day; ``came_by``: qr, code, list, import, api, or empty. Evaluators read a pseudonym
    as ``name``, an ``id`` that is good for nothing, and no time: row order and times would tell who is who."""

    id: UUID
    session_id: UUID
    on: dt.date
    name: str
    unit: str
    organisation_id: UUID | None
    phone_tail: str
    is_worker: bool | None
    groups: Sequence[str]
    expected: bool
    present: bool
    came_by: str
    checked_in_at: dt.datetime | None
    revision: int


class AttendeeList(msgspec.Struct, kw_only=True):
    """Part of a session's people."""

    items: list[AttendeeOut]
    next: str | None
    total: int


class UndoIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Why the person was not there after all."""

    reason: Line


class CheckinForm(msgspec.Struct, kw_only=True):
    """What a worker types; the number only where it is asked for."""

    name: ShortLine
    unit: Line
    phone: Phone = ""


class CodeForm(msgspec.Struct, kw_only=True):
    """The six digits under the poster's picture."""

    code: SixDigits


class DoorForm(msgspec.Struct, kw_only=True):
    """Who may check in to a session, and when."""

    walk_ins: bool = False
    opens_minutes: Annotated[int, Meta(ge=0, le=LONGEST_BEFORE)]
    closes_minutes: Annotated[int, Meta(ge=0, le=LONGEST_AFTER)]


def checkin_order() -> list[tuple[str, str]]:
    return [("name", _("姓名")), ("unit", _("单位")), ("phone", _("手机"))]


def checkin_out(done: CheckedIn, opinion: str) -> CheckinOut:
    """The check-in as JSON; ``opinion``: ``opinions.who.who_of`` it."""
    return CheckinOut(
        attendee_id=done.attendee_id,
        session_id=done.session_id,
        on=done.on,
        name=done.name,
        unit=done.unit_name,
        first=done.first,
        checked_in_at=local(done.at),
        opinion=opinion,
    )


def attendee_out(row: AttendeeRow) -> AttendeeOut:
    """The person as JSON."""
    return AttendeeOut(
        id=row.id,
        session_id=row.session_id,
        on=row.on,
        name=row.name,
        unit=row.unit_name,
        organisation_id=row.organisation_id,
        phone_tail=row.tail,
        is_worker=row.is_worker,
        groups=row.groups,
        expected=row.expected,
        present=row.present,
        came_by=row.came_by,
        checked_in_at=local(row.checked_in_at) if row.checked_in_at else None,
        revision=row.revision,
    )
