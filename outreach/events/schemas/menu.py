"""JSON of the menu, providers and venues."""

from dataclasses import replace
from datetime import date
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from outreach.events.domain.drafts import EventDraft, ProviderDraft, VenueDraft
from outreach.events.domain.warnings import Absence
from outreach.events.menu import EventRow, ProviderRow, VenueRow
from outreach.events.schemas.fields import (
    Duration,
    LeadDays,
    Minutes,
    OftenAtMost,
    PartCodes,
    People,
    Profession,
    ProviderIds,
    Seats,
    Topic,
    Topics,
    copied,
    patched,
)
from outreach.shared.text import District, Line, LongText, OptionalLine, Phone, ShortLine


class EventIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A menu item; ``duration_minutes`` is its usual length, ``providers`` the ids of those who can give it.

    ``orderable``: units may order it to their own site, for a day that is at least ``lead_days`` away.
    """

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
    orderable: bool = True
    lead_days: LeadDays = 0

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
    orderable: bool | UnsetType = UNSET
    lead_days: LeadDays | UnsetType = UNSET


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
    orderable: bool
    lead_days: int
    revision: int


class EventList(msgspec.Struct, kw_only=True):
    items: list[EventOut]
    next: str | None
    total: int


class AbsenceIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Days on which a provider is away; ``until_on`` is the first day on which it is back."""

    from_on: date
    until_on: date
    reason: Profession = ""

    def absence(self) -> Absence:
        return Absence(self.from_on, self.until_on, self.reason)


Absences = Annotated[list[AbsenceIn], Meta(max_length=100)]


class ProviderIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A lecturer or a troupe; ``parallel_teams``: sessions at once, ``max_per_…``: sessions, null without limit.

    Without ``organisation_id`` it belongs to the caller's own organisation. ``available_parts``: when it can come, as
    ISO weekday and part of the day (``2-afternoon``), none: any time.
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
    available_parts: PartCodes = []
    absences: Absences = []

    def draft(self) -> ProviderDraft:
        return ProviderDraft(
            **{
                **msgspec.structs.asdict(self),
                "topics": tuple(self.topics),
                "available_parts": tuple(self.available_parts),
                "absences": tuple(one.absence() for one in self.absences),
            }
        )


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
    available_parts: PartCodes | UnsetType = UNSET
    absences: Absences | UnsetType = UNSET


class AbsenceOut(msgspec.Struct, kw_only=True):
    """Days on which a provider is away; ``until_on`` exclusive."""

    from_on: date
    until_on: date
    reason: str


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
    available_parts: list[str]
    absences: list[AbsenceOut]
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


def event_out(row: EventRow) -> EventOut:
    """A menu item as JSON."""
    names = set(EventOut.__struct_fields__) - {"providers", "provider_names"}
    return EventOut(**copied(row, names), providers=list(row.provider_ids), provider_names=list(row.provider_names))


def provider_out(row: ProviderRow) -> ProviderOut:
    """A provider as JSON."""
    return ProviderOut(
        **copied(row, set(ProviderOut.__struct_fields__) - {"topics", "available_parts", "absences"}),
        topics=list(row.topics),
        available_parts=list(row.available_parts),
        absences=[AbsenceOut(from_on=one.from_on, until_on=one.until_on, reason=one.reason) for one in row.absences],
    )


def patched_provider(row: ProviderRow, patch: ProviderPatch) -> ProviderDraft:
    """The stored provider with what ``patch`` gives in its place; absences that it leaves out stay."""
    draft: ProviderDraft = patched(ProviderDraft, row, patch)
    absences = None if patch.absences is UNSET else tuple(one.absence() for one in patch.absences)
    return replace(draft, absences=absences)


def venue_out(row: VenueRow) -> VenueOut:
    """A venue as JSON."""
    return VenueOut(**copied(row, set(VenueOut.__struct_fields__)))
