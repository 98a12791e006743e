"""JSON of the menu, providers, venues and sessions."""

from dataclasses import fields
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from outreach.events.domain.drafts import EventDraft, ProviderDraft, SessionGiven, VenueDraft
from outreach.events.domain.states import Visibility
from outreach.events.domain.visibility import may_manage, may_see_place
from outreach.events.menu import EventRow, ProviderRow, VenueRow
from outreach.events.queries import SessionRow
from outreach.shared.actors import Actor
from outreach.shared.text import Line, LongText, OptionalLine, Phone, ShortLine
from outreach.shared.time import local

__all__ = [
    "EventIn",
    "EventList",
    "EventOut",
    "EventPatch",
    "OrganiserIn",
    "OrganiserOut",
    "ProviderIn",
    "ProviderList",
    "ProviderOut",
    "ProviderPatch",
    "SessionIn",
    "SessionList",
    "SessionOut",
    "VenueIn",
    "VenueList",
    "VenueOut",
    "VenuePatch",
    "event_out",
    "patched",
    "provider_out",
    "session_out",
    "venue_out",
]

Seats = Annotated[int, Meta(ge=1, le=100_000)]
People = Annotated[int, Meta(ge=1, le=1_000_000)]
Minutes = Annotated[int, Meta(ge=0, le=10_080)]
Duration = Annotated[int, Meta(ge=1, le=86_400)]
OftenAtMost = Annotated[int, Meta(ge=1, le=1_000)]
Moment = Annotated[datetime, Meta(tz=True)]
ProviderIds = Annotated[list[UUID], Meta(max_length=50)]
#: As ``OptionalLine`` of other lengths: msgspec takes one ``Meta`` with a length only.
_LINE = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]*\Z"
District = Annotated[str, Meta(max_length=40, pattern=_LINE)]
Topic = Annotated[str, Meta(max_length=60, pattern=_LINE)]
Topics = Annotated[list[Topic], Meta(max_length=50)]
Profession = Annotated[str, Meta(max_length=100, pattern=_LINE)]


class EventIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A menu item; ``duration_minutes`` is its usual length, ``providers`` the ids of those who can give it."""

    programme_id: UUID
    title: Line
    kind: ShortLine
    duration_minutes: Duration
    topic: Topic = ""
    summary: LongText = ""
    audience: OptionalLine = ""
    site_needs: LongText = ""
    min_audience: People | None = None
    max_audience: People | None = None
    providers: ProviderIds = []
    active: bool = True

    def draft(self) -> EventDraft:
        given = msgspec.structs.asdict(self)
        provider_ids = tuple(given.pop("providers"))
        return EventDraft(**given, provider_ids=provider_ids)


class EventPatch(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is to change of a menu item; what is left out stays."""

    title: Line | UnsetType = UNSET
    kind: ShortLine | UnsetType = UNSET
    duration_minutes: Duration | UnsetType = UNSET
    topic: Topic | UnsetType = UNSET
    summary: LongText | UnsetType = UNSET
    audience: OptionalLine | UnsetType = UNSET
    site_needs: LongText | UnsetType = UNSET
    min_audience: People | UnsetType | None = UNSET
    max_audience: People | UnsetType | None = UNSET
    providers: ProviderIds | UnsetType = UNSET
    active: bool | UnsetType = UNSET


class EventOut(msgspec.Struct, kw_only=True):
    """A menu item with its programme and the names of those who can give it."""

    id: UUID
    programme_id: UUID
    programme_code: str
    programme_name: str
    title: str
    kind: str
    topic: str
    summary: str
    audience: str
    duration_minutes: int
    site_needs: str
    min_audience: int | None
    max_audience: int | None
    providers: list[UUID]
    provider_names: list[str]
    active: bool
    revision: int


class EventList(msgspec.Struct, kw_only=True):
    items: list[EventOut]
    next: str | None
    total: int


class ProviderIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A lecturer or a troupe; ``parallel_teams``: sessions at once, ``max_per_…``: sessions, null without limit.

    Without ``organisation_id`` it belongs to the caller's own organisation.
    """

    kind: Literal["lecturer", "troupe"]
    name: ShortLine
    organisation_id: UUID | None = None
    title: Profession = ""
    topics: Topics = []
    home_district: District = ""
    availability: LongText = ""
    max_per_day: OftenAtMost | None = None
    max_per_week: OftenAtMost | None = None
    max_per_month: OftenAtMost | None = None
    parallel_teams: Annotated[int, Meta(ge=1, le=20)] = 1
    phone: Phone = ""
    active: bool = True

    def draft(self) -> ProviderDraft:
        return ProviderDraft(**{**msgspec.structs.asdict(self), "topics": tuple(self.topics)})


class ProviderPatch(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is to change of a provider; what is left out stays."""

    kind: Literal["lecturer", "troupe"] | UnsetType = UNSET
    name: ShortLine | UnsetType = UNSET
    organisation_id: UUID | UnsetType = UNSET
    title: Profession | UnsetType = UNSET
    topics: Topics | UnsetType = UNSET
    home_district: District | UnsetType = UNSET
    availability: LongText | UnsetType = UNSET
    max_per_day: OftenAtMost | UnsetType | None = UNSET
    max_per_week: OftenAtMost | UnsetType | None = UNSET
    max_per_month: OftenAtMost | UnsetType | None = UNSET
    parallel_teams: Annotated[int, Meta(ge=1, le=20)] | UnsetType = UNSET
    phone: Phone | UnsetType = UNSET
    active: bool | UnsetType = UNSET


class ProviderOut(msgspec.Struct, kw_only=True):
    """A lecturer or a troupe, as its keepers see it."""

    id: UUID
    organisation_id: UUID
    kind: str
    name: str
    title: str
    topics: list[str]
    home_district: str
    availability: str
    max_per_day: int | None
    max_per_week: int | None
    max_per_month: int | None
    parallel_teams: int
    phone: str
    active: bool
    revision: int


class ProviderList(msgspec.Struct, kw_only=True):
    items: list[ProviderOut]
    next: str | None
    total: int


class VenueIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A place; ``capacity`` in people, null in the open air; ``rooms``: sessions at once.

    Without ``organisation_id`` it belongs to the caller's own organisation.
    """

    name: Line
    organisation_id: UUID | None = None
    address: OptionalLine = ""
    district: District = ""
    capacity: Seats | None = None
    rooms: Annotated[int, Meta(ge=1, le=50)] = 1
    setup_minutes: Minutes = 0
    takedown_minutes: Minutes = 0
    directions: OptionalLine = ""
    active: bool = True

    def draft(self) -> VenueDraft:
        return VenueDraft(**msgspec.structs.asdict(self))


class VenuePatch(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is to change of a place; what is left out stays."""

    name: Line | UnsetType = UNSET
    organisation_id: UUID | UnsetType = UNSET
    address: OptionalLine | UnsetType = UNSET
    district: District | UnsetType = UNSET
    capacity: Seats | UnsetType | None = UNSET
    rooms: Annotated[int, Meta(ge=1, le=50)] | UnsetType = UNSET
    setup_minutes: Minutes | UnsetType = UNSET
    takedown_minutes: Minutes | UnsetType = UNSET
    directions: OptionalLine | UnsetType = UNSET
    active: bool | UnsetType = UNSET


class VenueOut(msgspec.Struct, kw_only=True):
    """A place, as its keepers see it."""

    id: UUID
    organisation_id: UUID
    name: str
    address: str
    district: str
    capacity: int | None
    rooms: int
    setup_minutes: int
    takedown_minutes: int
    directions: str
    active: bool
    revision: int


class VenueList(msgspec.Struct, kw_only=True):
    items: list[VenueOut]
    next: str | None
    total: int


class OrganiserIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """``part``: ``host`` 主办, ``organiser`` 承办, ``support`` 协办."""

    organisation_id: UUID
    part: Literal["host", "organiser", "support"]


class SessionIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A draft. Left out: title, kind and length come from the event, seats, district and set-up from the venue,
    approval from the programme; ``capacity`` null: not limited."""

    event_id: UUID
    starts_at: Moment
    programme_id: UUID | None = None
    organisation_id: UUID | None = None
    title: Line | None = None
    kind: ShortLine | None = None
    ends_at: Moment | None = None
    provider_ids: ProviderIds = []
    venue_id: UUID | None = None
    host_id: UUID | None = None
    address: OptionalLine = ""
    district: District | None = None
    multi_day: bool = False
    setup_minutes: Minutes | None = None
    takedown_minutes: Minutes | None = None
    capacity: Seats | UnsetType | None = UNSET
    claimable: bool = False
    visibility: Visibility | None = None
    approval_needed: bool | None = None
    booking_opens_at: Moment | None = None
    booking_closes_at: Moment | None = None
    max_seats_per_booking: Seats | None = None
    note: LongText = ""
    organisers: Annotated[list[OrganiserIn], Meta(max_length=20)] = []

    def given(self) -> SessionGiven:
        values = msgspec.structs.asdict(self)
        return SessionGiven(
            **{
                **values,
                "provider_ids": tuple(self.provider_ids),
                "capacity": None if self.capacity is UNSET else self.capacity,
                "unlimited": self.capacity is None,
                "visibility": self.visibility.value if self.visibility else None,
                "organisers": tuple((one.part, one.organisation_id) for one in self.organisers),
            }
        )


class OrganiserOut(msgspec.Struct, kw_only=True):
    """An organisation that gives a session."""

    organisation_id: UUID
    name: str
    part: str


class SessionOut(msgspec.Struct, kw_only=True):
    """A session; ``seats_left`` null: not limited; a place that is hidden from the caller is null."""

    id: UUID
    event_id: UUID
    programme_id: UUID
    programme_code: str
    programme_name: str
    organisation_id: UUID
    title: str
    kind: str
    topic: str
    provider_ids: list[UUID]
    provider_names: list[str]
    organisers: list[OrganiserOut]
    venue_id: UUID | None
    venue_name: str | None
    host_id: UUID | None
    host_name: str | None
    address: str | None
    district: str | None
    starts_at: datetime
    ends_at: datetime
    multi_day: bool
    setup_minutes: int
    takedown_minutes: int
    capacity: int | None
    seats_taken: int
    seats_left: int | None
    claimable: bool
    visibility: str
    state: str
    unrecorded: bool
    open: bool
    approval_needed: bool
    booking_opens_at: datetime | None
    booking_closes_at: datetime | None
    max_seats_per_booking: int | None
    note: str
    revision: int
    revised_at: datetime
    moved_from: datetime | None
    cancelled_by: str | None
    cancel_reason: str | None


class SessionList(msgspec.Struct, kw_only=True):
    items: list[SessionOut]
    next: str | None
    total: int


def _copied(row: Any, names: set[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def event_out(row: EventRow) -> EventOut:
    """A menu item as JSON."""
    names = set(EventOut.__struct_fields__) - {"providers", "provider_names"}
    return EventOut(**_copied(row, names), providers=list(row.provider_ids), provider_names=list(row.provider_names))


def provider_out(row: ProviderRow) -> ProviderOut:
    """A provider as JSON."""
    return ProviderOut(**_copied(row, set(ProviderOut.__struct_fields__) - {"topics"}), topics=list(row.topics))


def venue_out(row: VenueRow) -> VenueOut:
    """A venue as JSON."""
    return VenueOut(**_copied(row, set(VenueOut.__struct_fields__)))


def session_out(row: SessionRow, actor: Actor | None, now: datetime) -> SessionOut:
    """A session as JSON for a caller who may see it; times on the local wall clock."""
    place = may_see_place(actor, row.facts)
    return SessionOut(
        id=row.id,
        event_id=row.event_id,
        programme_id=row.programme_id,
        programme_code=row.programme_code,
        programme_name=row.programme_name,
        organisation_id=row.organisation_id,
        title=row.title,
        kind=row.kind,
        topic=row.topic,
        provider_ids=list(row.provider_ids),
        provider_names=list(row.provider_names),
        organisers=[
            OrganiserOut(organisation_id=id_, name=name, part=part)
            for id_, name, part in zip(row.organiser_ids, row.organiser_names, row.organiser_parts, strict=True)
        ],
        venue_id=row.venue_id if place else None,
        venue_name=row.venue_name if place else None,
        host_id=row.host_id if place else None,
        host_name=row.host_name if place else None,
        address=row.address if place else None,
        district=row.district if place else None,
        starts_at=local(row.starts_at),
        ends_at=local(row.ends_at),
        multi_day=row.multi_day,
        setup_minutes=row.setup_minutes,
        takedown_minutes=row.takedown_minutes,
        capacity=row.capacity,
        seats_taken=row.seats_taken,
        seats_left=row.seats_left,
        claimable=row.claimable,
        visibility=row.visibility,
        state=row.state,
        unrecorded=row.is_unrecorded(now),
        open=row.is_open(now),
        approval_needed=row.approval_needed,
        booking_opens_at=_local(row.booking_opens_at),
        booking_closes_at=_local(row.booking_closes_at),
        max_seats_per_booking=row.max_seats_per_booking,
        note=row.note,
        revision=row.revision,
        revised_at=local(row.revised_at),
        moved_from=_local(row.moved_from),
        cancelled_by=row.cancelled_by or None,
        cancel_reason=(row.cancel_reason or None) if may_manage(actor, row.facts) else None,
    )


def _local(moment: datetime | None) -> datetime | None:
    return None if moment is None else local(moment)


def patched(draft: Any, row: Any, patch: msgspec.Struct) -> Any:
    """A draft of type ``draft`` from the stored ``row``, with what ``patch`` gives in its place."""
    values = {one.name: getattr(row, one.name) for one in fields(draft)}
    given = {name: value for name, value in msgspec.structs.asdict(patch).items() if value is not UNSET}
    if "providers" in given:
        given["provider_ids"] = given.pop("providers")
    return draft(**{**values, **{name: tuple(v) if isinstance(v, list) else v for name, v in given.items()}})
