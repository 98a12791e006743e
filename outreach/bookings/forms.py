"""HTML forms of bookings: what is posted, and the fields in their order for the list of errors."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from outreach.bookings.schemas import MOST_SEATS, Note
from outreach.shared.i18n import gettext as _
from outreach.shared.text import Line, LongText, OptionalLine, Phone, ShortLine

__all__ = [
    "BehalfForm",
    "BookForm",
    "CancelSessionForm",
    "ChangeForm",
    "ClaimForm",
    "MoveForm",
    "ReasonForm",
    "book_order",
    "claim_order",
    "move_order",
]

Seats = Annotated[int, Meta(ge=1, le=MOST_SEATS)]
MustPhone = Annotated[Phone, Meta(min_length=1)]
Moment = Annotated[datetime, Meta(tz=True)]


class BookForm(msgspec.Struct, kw_only=True):
    """A contact's request for seats; ``agree``: those on the list agreed to be on it; ``waitlist``: queue when full."""

    organisation_id: UUID
    seats: Seats
    contact_name: ShortLine
    contact_phone: MustPhone
    note: Note = ""
    waitlist: bool = False
    agree: bool = False


class ClaimForm(msgspec.Struct, kw_only=True):
    """领走一场."""

    organisation_id: UUID
    address: Line
    audience: Seats
    contact_name: ShortLine
    contact_phone: MustPhone


class BehalfForm(msgspec.Struct, kw_only=True):
    """A booking that staff enter after a call; ``waitlist``: queue when full."""

    organisation_id: UUID
    seats: Seats
    contact_name: ShortLine
    contact_phone: MustPhone
    note: Note = ""
    waitlist: bool = False


class ChangeForm(msgspec.Struct, kw_only=True):
    """What an organisation changes of its booking; ``revision`` is the one that the page showed."""

    seats: Seats
    contact_name: ShortLine
    contact_phone: MustPhone
    note: Note = ""
    revision: Annotated[int, Meta(ge=1, le=2**31 - 1)]


class ReasonForm(msgspec.Struct, kw_only=True):
    """A reason that the other side reads."""

    reason: Line


class CancelSessionForm(msgspec.Struct, kw_only=True):
    """Whose doing it is that a session is cancelled, and why."""

    by: Literal["organiser", "host", "provider", "weather"]
    reason: Line


class MoveForm(msgspec.Struct, kw_only=True):
    """What staff change of a published session; ``reason`` is told to those who booked, ``override_reason`` sets
    warnings aside."""

    title: Line
    starts_at: Moment
    ends_at: Moment
    venue_id: UUID | None = None
    address: OptionalLine = ""
    provider_ids: list[UUID] = []
    capacity: Seats | None = None
    max_seats_per_booking: Seats | None = None
    booking_opens_at: Moment | None = None
    booking_closes_at: Moment | None = None
    visibility: Literal["public", "members", "host"]
    approval_needed: bool = False
    note: LongText = ""
    reason: OptionalLine = ""
    override_reason: OptionalLine = ""
    revision: Annotated[int, Meta(ge=1, le=2**31 - 1)]


def book_order() -> list[tuple[str, str]]:
    """Fields of the forms that book, with their labels."""
    return [
        ("organisation_id", _("单位")),
        ("seats", _("名额")),
        ("contact_name", _("联系人")),
        ("contact_phone", _("手机")),
        ("note", _("备注")),
        ("waitlist", _("候补")),
        ("agree", _("职工本人同意")),
    ]


def claim_order() -> list[tuple[str, str]]:
    """Fields of the form that claims, with their labels."""
    return [
        ("organisation_id", _("单位")),
        ("address", _("地点")),
        ("audience", _("人数")),
        ("contact_name", _("联系人")),
        ("contact_phone", _("手机")),
    ]


def move_order() -> list[tuple[str, str]]:
    """Fields of the form that changes a published session, with their labels."""
    return [
        ("title", _("标题")),
        ("starts_at", _("开始")),
        ("ends_at", _("结束")),
        ("provider_ids", _("讲师、团队")),
        ("venue_id", _("场地")),
        ("address", _("地址")),
        ("capacity", _("名额")),
        ("max_seats_per_booking", _("每个单位最多")),
        ("booking_opens_at", _("开放预约")),
        ("booking_closes_at", _("预约截止")),
        ("visibility", _("谁能看到")),
        ("note", _("说明")),
        ("reason", _("改动的原因")),
        ("override_reason", _("仍要这样排的理由")),
    ]
