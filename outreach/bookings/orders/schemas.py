"""Orders as JSON. Input refuses unknown fields and names every bad one."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from outreach.bookings.orders.domain.drafts import MOST_JOINED, MOST_ORGANISERS, MOST_WINDOWS, OrderDraft, Window
from outreach.bookings.orders.domain.permissions import may_approve, may_see_phone
from outreach.bookings.orders.queries import OrderRow
from outreach.bookings.orders.wording import order_next
from outreach.bookings.schemas import MOST_SEATS, Note, given_of
from outreach.events.domain.parts import DayPart
from outreach.shared.actors import Actor
from outreach.shared.text import District, Line, OptionalLine, Phone, ShortLine
from outreach.shared.time import local

__all__ = [
    "AnswerIn",
    "AssignIn",
    "DeclineOrderIn",
    "LeaveOrderIn",
    "OrderIn",
    "OrderList",
    "OrderOut",
    "OrderPatch",
    "OrderReasonIn",
    "RainDateIn",
    "ReviewIn",
    "SubstituteIn",
    "order_out",
]

People = Annotated[int, Meta(ge=1, le=MOST_SEATS, description="people")]
MustPhone = Annotated[Phone, Meta(min_length=1)]
Moment = Annotated[datetime, Meta(tz=True)]
Mark = Annotated[int, Meta(ge=1, le=5)]
ProviderIds = Annotated[list[UUID], Meta(min_length=1, max_length=20)]


class WindowIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A day and a part of it."""

    date: date
    part: DayPart


class OrganiserIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """主办 (`host`), 承办 (`organiser`) or 协办 (`support`)."""

    part: Literal["host", "organiser", "support"]
    organisation_id: UUID


Windows = Annotated[list[WindowIn], Meta(min_length=1, max_length=MOST_WINDOWS)]
Joined = Annotated[list[UUID], Meta(max_length=MOST_JOINED)]
Organisers = Annotated[list[OrganiserIn], Meta(max_length=MOST_ORGANISERS)]


class OrderIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """点单: a unit's wish for an event at its own site. `windows` in its order of preference."""

    event_id: UUID
    organisation_id: UUID
    joined_by: Joined = msgspec.field(default_factory=list)
    windows: Windows
    audience: People
    address: Line
    district: District = ""
    site_lacks: Note = ""
    contact_name: ShortLine
    contact_phone: MustPhone
    note: Note = ""
    agrees_public: bool = False
    organisers: Organisers = msgspec.field(default_factory=list)

    def draft(self) -> OrderDraft:
        """What the command takes."""
        return OrderDraft(**_drafted(msgspec.structs.asdict(self)))


class OrderPatch(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What of an order changes while it has no date; a field that is left out stays."""

    joined_by: Joined | UnsetType = UNSET
    windows: Windows | UnsetType = UNSET
    audience: People | UnsetType = UNSET
    address: Line | UnsetType = UNSET
    district: District | UnsetType = UNSET
    site_lacks: Note | UnsetType = UNSET
    contact_name: ShortLine | UnsetType = UNSET
    contact_phone: MustPhone | UnsetType = UNSET
    note: Note | UnsetType = UNSET
    agrees_public: bool | UnsetType = UNSET
    organisers: Organisers | UnsetType = UNSET

    def changes(self) -> dict[str, Any]:
        """The given fields of ``OrderDraft``."""
        return _drafted(given_of(self))


def _drafted(given: dict[str, Any]) -> dict[str, Any]:
    if "windows" in given:
        given["windows"] = tuple(Window(one.date, one.part) for one in given["windows"])
    if "organisers" in given:
        given["organisers"] = tuple((one.part, one.organisation_id) for one in given["organisers"])
    if "joined_by" in given:
        given["joined_by"] = tuple(given["joined_by"])
    return given


class AssignIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """派单. Without `ends_at` as long as the event takes, without `address` at the order's.

    `override_reason` sets warnings aside; `reason` is asked for when an order is assigned anew.
    """

    provider_ids: ProviderIds
    starts_at: Moment
    ends_at: Moment | None = None
    address: OptionalLine = ""
    rain_starts_at: Moment | None = None
    override_reason: OptionalLine = ""
    reason: OptionalLine = ""


class AnswerIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """`by_phone`: staff called the providers, who agreed."""

    by_phone: bool = False


class DeclineOrderIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Before it is assigned: an approver declines the order. Assigned: its provider declines, or staff who called."""

    by_phone: bool = False
    reason: OptionalLine = ""


class OrderReasonIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Why; kept, and told to those concerned."""

    reason: OptionalLine = ""


class LeaveOrderIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """`organisation_id`: the joined unit; needed from staff who run it, and from the contact of several."""

    organisation_id: UUID | None = None
    reason: OptionalLine = ""


class SubstituteIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """换讲师: others at the same time, and why."""

    provider_ids: ProviderIds
    reason: Line
    override_reason: OptionalLine = ""


class ReviewIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """评单: marks from 1 to 5, whether the unit would order it again, and what to change."""

    lecturer: Mark
    content: Mark
    organising: Mark
    again: bool
    words: Note = ""


class RainDateIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """`use` true: move the session to its rain date, with a reason; false: release that day."""

    use: bool
    reason: OptionalLine = ""


class WindowOut(msgspec.Struct, kw_only=True):
    """A day and a part of it."""

    date: date
    part: DayPart


class NamedOut(msgspec.Struct, kw_only=True):
    """An organisation by name."""

    id: UUID
    name: str


class OrganiserOut(msgspec.Struct, kw_only=True):
    """主办 (`host`), 承办 (`organiser`) or 协办 (`support`)."""

    part: str
    organisation_id: UUID
    name: str


class GiverOut(msgspec.Struct, kw_only=True):
    """A provider of the present assignment; `phone` is null for everybody but staff who must call."""

    id: UUID
    name: str
    phone: str | None
    accepted: bool


class OrderOut(msgspec.Struct, kw_only=True):
    """点单. `assignment` goes up each time providers are named; `starts_at` and `ends_at` are those of its session.

    `contact_phone` is null for everybody but the unit itself, the staff who must call and the providers assigned.
    """

    id: UUID
    state: str
    next_step: str
    event_id: UUID
    event_title: str
    kind: str
    programme_id: UUID
    organisation_id: UUID
    organisation_name: str
    joined_by: list[NamedOut]
    windows: list[WindowOut]
    audience: int
    address: str
    district: str
    site_lacks: str
    contact_name: str
    contact_phone: str | None
    note: str
    agrees_public: bool
    organisers: list[OrganiserOut]
    session_id: UUID | None
    starts_at: datetime | None
    ends_at: datetime | None
    rain_starts_at: datetime | None
    providers: list[GiverOut]
    assignment: int
    answer_by: datetime | None
    reason: str
    score: float | None
    submitted_at: datetime
    changed_at: datetime
    revision: int


class OrderList(msgspec.Struct, kw_only=True):
    """A page of orders, the oldest first."""

    items: list[OrderOut]
    next: str | None
    total: int


def _local(moment: datetime | None) -> datetime | None:
    return None if moment is None else local(moment)


def order_out(actor: Actor, row: OrderRow, now: datetime) -> OrderOut:
    """The order as ``actor`` may see it."""
    calls = may_approve(actor, row.facts)
    return OrderOut(
        id=row.id,
        state=row.state,
        next_step=order_next(row, now),
        event_id=row.event_id,
        event_title=row.event_title,
        kind=row.event_kind,
        programme_id=row.programme_id,
        organisation_id=row.organisation_id,
        organisation_name=row.organisation_name,
        joined_by=[NamedOut(id=id_, name=name) for id_, name in zip(row.joined_ids, row.joined_names, strict=True)],
        windows=[WindowOut(date=one.on, part=one.part) for one in row.windows],
        audience=row.audience,
        address=row.address,
        district=row.district,
        site_lacks=row.site_lacks,
        contact_name=row.contact_name,
        contact_phone=row.contact_phone if may_see_phone(actor, row.facts) else None,
        note=row.note,
        agrees_public=row.agrees_public,
        organisers=[
            OrganiserOut(part=part, organisation_id=id_, name=name)
            for (part, id_), name in zip(row.organisers, row.organiser_names, strict=True)
        ],
        session_id=row.session_id,
        starts_at=_local(row.session_starts_at),
        ends_at=_local(row.session_ends_at),
        rain_starts_at=_local(row.rain_starts_at),
        providers=[
            GiverOut(id=id_, name=name, phone=phone if calls else None, accepted=id_ in row.accepted_ids)
            for id_, name, phone in zip(row.provider_ids, row.provider_names, row.provider_phones, strict=True)
        ],
        assignment=row.assignment,
        answer_by=_local(row.answer_by),
        reason=row.reason,
        score=row.score,
        submitted_at=local(row.submitted_at),
        changed_at=local(row.changed_at),
        revision=row.revision,
    )
