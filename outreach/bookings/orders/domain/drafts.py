"""What a unit says when it orders, and what makes it plausible. Pure; every check returns all problems at once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from outreach.bookings.domain.contact import phone_problems
from outreach.events.domain.drafts import PARTS
from outreach.events.domain.parts import DayPart, part_bounds
from outreach.shared.errors import FieldProblem
from outreach.shared.text import clean_line, normal_phone
from outreach.shared.time import implausible_day, local_day

__all__ = [
    "MOST_JOINED",
    "MOST_ORGANISERS",
    "MOST_WINDOWS",
    "MenuItem",
    "OrderDraft",
    "Window",
    "audience_problems",
    "cleaned",
    "draft_problems",
    "offer_problems",
    "window_problems",
    "windows_within",
]

MOST_WINDOWS = 5
MOST_JOINED = 20
MOST_ORGANISERS = 20


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """A time that would suit: a local day and a part of it."""

    on: date
    part: DayPart


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDraft:
    """Everything that a unit says of an order; ``windows`` in its order of preference, ``organisers``: (part, id)."""

    event_id: UUID
    organisation_id: UUID
    joined_by: tuple[UUID, ...] = ()
    windows: tuple[Window, ...]
    audience: int
    address: str
    district: str = ""
    site_lacks: str = ""
    contact_name: str
    contact_phone: str
    note: str = ""
    agrees_public: bool = False
    organisers: tuple[tuple[str, UUID], ...] = ()


@dataclass(frozen=True, slots=True)
class MenuItem:
    """What an order asks of the item of the menu and of its programme; audiences in people, None: any."""

    title: str
    active: bool
    orderable: bool
    scheduled: bool
    confidential: bool
    min_audience: int | None
    max_audience: int | None
    lead_days: int


def cleaned(draft: OrderDraft) -> OrderDraft:
    """The draft with its texts in one form."""
    return replace(
        draft,
        address=clean_line(draft.address),
        district=clean_line(draft.district),
        site_lacks=clean_line(draft.site_lacks),
        contact_name=clean_line(draft.contact_name),
        contact_phone=normal_phone(draft.contact_phone),
        note=draft.note.strip(),
    )


def draft_problems(draft: OrderDraft) -> list[FieldProblem]:
    """What is wrong with an order whatever is ordered, leaving aside its windows."""
    problems = phone_problems("contact_phone", draft.contact_phone)
    problems += [
        FieldProblem(name, "required") for name in ("address", "contact_name") if not clean_line(getattr(draft, name))
    ]
    if len(draft.joined_by) > MOST_JOINED:
        problems.append(FieldProblem("joined_by", "too-many-joined", {"most": MOST_JOINED}))
    for number, id_ in enumerate(draft.joined_by):
        if id_ == draft.organisation_id:
            problems.append(FieldProblem(f"joined_by.{number}", "joined-is-orderer"))
        elif id_ in draft.joined_by[:number]:
            problems.append(FieldProblem(f"joined_by.{number}", "named-twice"))
    if len(draft.organisers) > MOST_ORGANISERS:
        problems.append(FieldProblem("organisers", "too-many-joined", {"most": MOST_ORGANISERS}))
    for number, pair in enumerate(draft.organisers):
        if pair[0] not in PARTS:
            problems.append(FieldProblem(f"organisers.{number}.part", "not-one-of", {"options": list(PARTS)}))
        elif pair in draft.organisers[:number]:
            problems.append(FieldProblem(f"organisers.{number}", "named-twice"))
    return problems


def window_problems(
    windows: Sequence[Window], now: datetime, *, lead_days: int = 0, kept: Sequence[Window] = ()
) -> list[FieldProblem]:
    """One to five times, none twice, none past, and new ones no sooner than ``lead_days`` from today.

    Args:
        kept: windows that the order has already; they are not too soon.
    """
    if not windows:
        return [FieldProblem("windows", "window-needed")]
    if len(windows) > MOST_WINDOWS:
        return [FieldProblem("windows", "too-many-windows", {"most": MOST_WINDOWS})]
    first = local_day(now) + timedelta(days=lead_days)
    problems: list[FieldProblem] = []
    for number, window in enumerate(windows):
        field = f"windows.{number}.date"
        implausible = implausible_day(field, window.on)
        if implausible:
            problems += implausible
        elif window in windows[:number]:
            problems.append(FieldProblem(field, "window-twice"))
        elif part_bounds(window.on, window.part)[1] <= now:
            problems.append(FieldProblem(field, "window-past"))
        elif window.on < first and window not in kept:
            problems.append(FieldProblem(field, "window-too-soon", {"days": lead_days, "first": first.isoformat()}))
    return problems


def audience_problems(audience: int, item: MenuItem) -> list[FieldProblem]:
    """Whether the event is made for so many people."""
    if item.min_audience is not None and audience < item.min_audience:
        return [FieldProblem("audience", "audience-too-small", {"least": item.min_audience})]
    if item.max_audience is not None and audience > item.max_audience:
        return [FieldProblem("audience", "audience-too-large", {"most": item.max_audience})]
    return []


def offer_problems(item: MenuItem) -> list[FieldProblem]:
    """Whether the item can be ordered at all: counselling is tallied, and what has no sessions cannot be dispatched."""
    if item.confidential:
        return [FieldProblem("event_id", "confidential-not-ordered")]
    if not (item.active and item.orderable and item.scheduled):
        return [FieldProblem("event_id", "not-orderable")]
    return []


def windows_within(starts_at: datetime, ends_at: datetime) -> list[Window]:
    """Every part of a day that ``[starts_at, ends_at)`` touches; none for a span of the night."""
    first, last = local_day(starts_at), local_day(ends_at)
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [
        Window(day, part)
        for day in days
        for part in DayPart
        if part_bounds(day, part)[0] < ends_at and starts_at < part_bounds(day, part)[1]
    ]
