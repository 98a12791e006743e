"""JSON of sessions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from outreach.events.domain.drafts import SessionGiven
from outreach.events.domain.states import Visibility
from outreach.events.domain.visibility import may_manage, may_see_place
from outreach.events.domain.warnings import Warning
from outreach.events.queries import SessionRow
from outreach.events.schemas.fields import Minutes, Moment, OverrideReason, ProviderIds, Seats, local_or_none
from outreach.events.wording import warning_text
from outreach.shared.actors import Actor
from outreach.shared.text import District, Line, LongText, OptionalLine, ShortLine
from outreach.shared.time import local


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


class WarningOut(msgspec.Struct, kw_only=True):
    """What speaks against a session without forbidding it; ``severity``: ``warn``, or ``note`` for a day off."""

    code: str
    severity: str
    message: str


class SessionOut(msgspec.Struct, kw_only=True):
    """A session; ``seats_left`` null: not limited; a place that is hidden from the caller is null.

    ``warnings`` are looked for when a session is published or changed; other answers have none.
    """

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
    rain_starts_at: datetime | None
    rain_ends_at: datetime | None
    override_reason: str | None
    warnings: list[WarningOut]


class PublishIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """``override_reason``: why warnings are set aside; it stands in the journal and on the session."""

    override_reason: OverrideReason = ""


class SessionList(msgspec.Struct, kw_only=True):
    items: list[SessionOut]
    next: str | None
    total: int


def session_out(row: SessionRow, actor: Actor | None, now: datetime, warnings: Sequence[Warning] = ()) -> SessionOut:
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
        booking_opens_at=local_or_none(row.booking_opens_at),
        booking_closes_at=local_or_none(row.booking_closes_at),
        max_seats_per_booking=row.max_seats_per_booking,
        note=row.note,
        revision=row.revision,
        revised_at=local(row.revised_at),
        moved_from=local_or_none(row.moved_from),
        cancelled_by=row.cancelled_by or None,
        cancel_reason=(row.cancel_reason or None) if may_manage(actor, row.facts) else None,
        rain_starts_at=local_or_none(row.rain_starts_at),
        rain_ends_at=local_or_none(row.rain_ends_at),
        override_reason=(row.override_reason or None) if may_manage(actor, row.facts) else None,
        warnings=[WarningOut(code=one.code, severity=one.severity, message=warning_text(one)) for one in warnings],
    )
