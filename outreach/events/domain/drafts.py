"""What a session, a menu item, a provider and a venue consist of, their defaults, and what makes them plausible. Pure.

Every check returns all problems at once, each naming its field.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from outreach.events.domain.parts import PART_CODES
from outreach.events.domain.states import Visibility
from outreach.events.domain.warnings import Absence
from outreach.shared.errors import FieldProblem
from outreach.shared.time import implausible, implausible_day

__all__ = [
    "DISTRICT_LENGTH",
    "LONGEST",
    "MOST_SEATS",
    "PARTS",
    "EventDraft",
    "MenuFacts",
    "ProviderDraft",
    "SessionDraft",
    "SessionGiven",
    "VenueDraft",
    "VenueFacts",
    "absence_problems",
    "completed",
    "event_problems",
    "kind_problems",
    "provider_problems",
    "publishing_problems",
    "session_problems",
    "time_problems",
]

LONGEST = timedelta(days=60)
MOST_SEATS = 100_000
DISTRICT_LENGTH = 40

#: 主办, 承办, 协办
PARTS = ("host", "organiser", "support")


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionDraft:
    """Everything that staff decide about a session; ``capacity`` None: not limited, ``organisers``: (part, id)."""

    event_id: UUID
    organisation_id: UUID
    title: str
    kind: str
    starts_at: datetime
    ends_at: datetime
    provider_ids: tuple[UUID, ...] = ()
    venue_id: UUID | None = None
    host_id: UUID | None = None
    address: str = ""
    district: str = ""
    multi_day: bool = False
    setup_minutes: int = 0
    takedown_minutes: int = 0
    capacity: int | None = None
    claimable: bool = False
    visibility: str = Visibility.PUBLIC.value
    approval_needed: bool = False
    booking_opens_at: datetime | None = None
    booking_closes_at: datetime | None = None
    max_seats_per_booking: int | None = None
    note: str = ""
    organisers: tuple[tuple[str, UUID], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionGiven:
    """What somebody typed of a session; ``None`` is left to the defaults, ``unlimited`` says that seats are not.

    ``programme_id`` is the event's own; given, it is compared.
    """

    event_id: UUID
    starts_at: datetime
    programme_id: UUID | None = None
    organisation_id: UUID | None = None
    title: str | None = None
    kind: str | None = None
    ends_at: datetime | None = None
    provider_ids: tuple[UUID, ...] = ()
    venue_id: UUID | None = None
    host_id: UUID | None = None
    address: str = ""
    district: str | None = None
    multi_day: bool = False
    setup_minutes: int | None = None
    takedown_minutes: int | None = None
    capacity: int | None = None
    unlimited: bool = False
    claimable: bool = False
    visibility: str | None = None
    approval_needed: bool | None = None
    booking_opens_at: datetime | None = None
    booking_closes_at: datetime | None = None
    max_seats_per_booking: int | None = None
    note: str = ""
    organisers: tuple[tuple[str, UUID], ...] = ()


@dataclass(frozen=True, slots=True)
class MenuFacts:
    """What the defaults of a session ask of its event and programme; no ``kinds``: any."""

    title: str
    kind: str
    duration_minutes: int
    programme_id: UUID
    programme_path: str
    kinds: tuple[str, ...]
    approval_needed: bool
    confidential: bool = False


@dataclass(frozen=True, slots=True)
class VenueFacts:
    """What the defaults of a session ask of its venue."""

    district: str
    capacity: int | None
    setup_minutes: int
    takedown_minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDraft:
    """A menu item as staff describe it; audiences in people, ``lead_days`` from an order to the first possible date."""

    programme_id: UUID
    title: str
    kind: str
    duration_minutes: int
    topic: str = ""
    summary: str = ""
    audience: str = ""
    site_needs: str = ""
    min_audience: int | None = None
    max_audience: int | None = None
    provider_ids: tuple[UUID, ...] = ()
    active: bool = True
    orderable: bool = True
    lead_days: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderDraft:
    """A lecturer or a troupe as staff describe it; ``max_per_…`` in sessions, no organisation: the caller's own.

    ``available_parts``: ``PART_CODES`` at which it can come, none: any time; ``absences`` None: those stored stay.
    """

    kind: str
    name: str
    organisation_id: UUID | None = None
    title: str = ""
    topics: tuple[str, ...] = ()
    home_district: str = ""
    availability: str = ""
    max_per_day: int | None = None
    max_per_week: int | None = None
    max_per_month: int | None = None
    parallel_teams: int = 1
    phone: str = ""
    active: bool = True
    available_parts: tuple[str, ...] = ()
    absences: tuple[Absence, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueDraft:
    """A place as staff describe it; ``capacity`` None: open air, no organisation: the caller's own."""

    name: str
    organisation_id: UUID | None = None
    address: str = ""
    district: str = ""
    capacity: int | None = None
    rooms: int = 1
    setup_minutes: int = 0
    takedown_minutes: int = 0
    directions: str = ""
    active: bool = True


_NO_VENUE = VenueFacts("", None, 0, 0)


def completed(given: SessionGiven, owner_id: UUID, menu: MenuFacts, venue: VenueFacts | None) -> SessionDraft:
    """Fill what was left open: title, kind and length from the menu, seats and times of set-up from the venue,
    approval from the programme. A session at a host's site is seen by the host only, unless said otherwise; one of a
    confidential programme in any case by those concerned only.

    ``given`` passed ``time_problems`` before, or adding the length may leave the calendar.
    """
    place = venue or _NO_VENUE
    is_hidden = given.host_id is not None or menu.confidential
    visibility = given.visibility or (Visibility.HOST if is_hidden else Visibility.PUBLIC).value
    return SessionDraft(
        event_id=given.event_id,
        organisation_id=owner_id,
        title=given.title or menu.title,
        kind=given.kind or menu.kind,
        starts_at=given.starts_at,
        ends_at=given.ends_at or given.starts_at + timedelta(minutes=menu.duration_minutes),
        provider_ids=tuple(dict.fromkeys(given.provider_ids)),
        venue_id=given.venue_id,
        host_id=given.host_id,
        address=given.address,
        district=place.district if given.district is None else given.district,
        multi_day=given.multi_day,
        setup_minutes=place.setup_minutes if given.setup_minutes is None else given.setup_minutes,
        takedown_minutes=place.takedown_minutes if given.takedown_minutes is None else given.takedown_minutes,
        capacity=None if given.unlimited else given.capacity or place.capacity,
        claimable=given.claimable,
        visibility=visibility,
        approval_needed=menu.approval_needed if given.approval_needed is None else given.approval_needed,
        booking_opens_at=given.booking_opens_at,
        booking_closes_at=given.booking_closes_at,
        max_seats_per_booking=given.max_seats_per_booking,
        note=given.note,
        organisers=tuple(dict.fromkeys(given.organisers)),
    )


def time_problems(
    starts_at: datetime,
    ends_at: datetime | None,
    booking_opens_at: datetime | None = None,
    booking_closes_at: datetime | None = None,
) -> list[FieldProblem]:
    """What is wrong with the times of a session: years, order, length, and when it can be booked."""
    problems = [
        *implausible("starts_at", starts_at),
        *implausible("ends_at", ends_at),
        *implausible("booking_opens_at", booking_opens_at),
        *implausible("booking_closes_at", booking_closes_at),
    ]
    if problems:
        return problems
    if ends_at is not None and ends_at <= starts_at:
        problems.append(FieldProblem("ends_at", "ends-before-start"))
    elif ends_at is not None and ends_at - starts_at > LONGEST:
        problems.append(FieldProblem("ends_at", "longer-than-days", {"days": LONGEST.days}))
    if booking_opens_at is not None and booking_opens_at >= starts_at:
        problems.append(FieldProblem("booking_opens_at", "opens-after-start"))
    if booking_closes_at is not None and booking_closes_at > starts_at:
        problems.append(FieldProblem("booking_closes_at", "closes-after-start"))
    elif booking_opens_at is not None and booking_closes_at is not None and booking_closes_at <= booking_opens_at:
        problems.append(FieldProblem("booking_closes_at", "closes-before-opening"))
    return problems


def kind_problems(kind: str, kinds: Sequence[str]) -> list[FieldProblem]:
    """A kind that the programme does not know would never be counted."""
    if not kinds or kind in kinds:
        return []
    return [FieldProblem("kind", "not-one-of", {"options": list(kinds)})]


def session_problems(draft: SessionDraft, menu: MenuFacts) -> list[FieldProblem]:
    """What is wrong with a session, whatever its state."""
    problems = time_problems(draft.starts_at, draft.ends_at, draft.booking_opens_at, draft.booking_closes_at)
    problems += kind_problems(draft.kind, menu.kinds)
    if menu.confidential and draft.visibility != Visibility.HOST:
        problems.append(FieldProblem("visibility", "confidential-programme"))
    if draft.capacity is not None and not 1 <= draft.capacity <= MOST_SEATS:
        problems.append(FieldProblem("capacity", "too-large-number", {"most": f"{MOST_SEATS:,}"}))
    return problems


def publishing_problems(draft: SessionDraft, now: datetime) -> list[FieldProblem]:
    """What a draft still lacks to be published: a start to come, and a place unless somebody may claim it."""
    problems = []
    if draft.starts_at <= now:
        problems.append(FieldProblem("starts_at", "start-is-past"))
    if draft.venue_id is None and not draft.address and not draft.claimable:
        problems.append(FieldProblem("address", "no-place-yet"))
    return problems


def event_problems(draft: EventDraft, kinds: Sequence[str]) -> list[FieldProblem]:
    """What is wrong with a menu item."""
    problems = kind_problems(draft.kind, kinds)
    if draft.min_audience is not None and draft.max_audience is not None and draft.min_audience > draft.max_audience:
        problems.append(FieldProblem("max_audience", "less-than-least", {"least": draft.min_audience}))
    return problems


def provider_problems(draft: ProviderDraft) -> list[FieldProblem]:
    """What is wrong with a lecturer's or a troupe's times."""
    problems = []
    if any(code not in PART_CODES for code in draft.available_parts):
        problems.append(FieldProblem("available_parts", "not-one-of", {"options": list(PART_CODES)}))
    for number, away in enumerate(draft.absences or ()):
        problems += absence_problems(away, f"absences.{number}.")
    return problems


def absence_problems(away: Absence, prefix: str = "") -> list[FieldProblem]:
    """Days within the calendar, the last not before the first; ``prefix`` goes before the names of the fields."""
    problems = [
        *implausible_day(f"{prefix}from_on", away.from_on),
        *implausible_day(f"{prefix}until_on", away.until_on),
    ]
    if not problems and away.until_on <= away.from_on:
        problems.append(FieldProblem(f"{prefix}until_on", "until-not-after-from"))
    return problems
