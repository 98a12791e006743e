"""JSON and forms of programmes."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from outreach.programmes.domain.promise import (
    ANSWER_HOURS,
    CLOSING_DAYS,
    OFFER_HOURS,
    REMIND_DAYS,
    ProgrammeFacts,
    TargetFacts,
    ramp_of,
)
from outreach.programmes.domain.tallies import LARGEST_QUANTITY
from outreach.programmes.domain.targets import Basis, Bound, Counting, Metric
from outreach.programmes.queries import ProgrammeRow, TallyRow, TargetRow
from outreach.shared.text import LINE_PATTERN, VISIBLE_LINE_PATTERN, Code, Line, LongText, OptionalLine, ShortLine
from outreach.shared.time import FIRST_YEAR, LAST_YEAR, local

__all__ = [
    "Budget",
    "CancelHours",
    "ClosingDays",
    "Document",
    "HolidayName",
    "LimitPerUnit",
    "Limits",
    "Mark",
    "Names",
    "ProgrammeFields",
    "ProgrammeIn",
    "ProgrammeList",
    "ProgrammeLists",
    "ProgrammeOut",
    "ProgrammePatch",
    "Promise",
    "Quantity",
    "Shares",
    "ShortName",
    "TallyIn",
    "TallyList",
    "TallyOut",
    "TargetFields",
    "TargetIn",
    "TargetOut",
    "Tolerance",
    "Unit",
    "Values",
    "WaitingHours",
    "Wording",
    "Year",
    "Zones",
    "number",
    "programme_out",
    "tally_out",
]

Year = Annotated[int, Meta(ge=FIRST_YEAR, le=LAST_YEAR)]
Quantity = Annotated[float, Meta(ge=0, le=LARGEST_QUANTITY)]
#: What is promised: a promise of nothing is none.
Promise = Annotated[float, Meta(gt=0, le=LARGEST_QUANTITY)]
#: Of a promise over several years, by year.
Values = Annotated[dict[Annotated[str, Meta(pattern="^20[0-9]{2}$")], Promise], Meta(max_length=30)]
#: Percent of the value that 左右 allows to either side.
Tolerance = Annotated[float, Meta(gt=0, le=100)]
Unit = Annotated[str, Meta(min_length=1, max_length=10, pattern=VISIBLE_LINE_PATTERN)]
Wording = Annotated[str, Meta(max_length=400, pattern=LINE_PATTERN)]
Mark = Annotated[str, Meta(max_length=1, pattern=LINE_PATTERN)]
ShortName = Annotated[str, Meta(max_length=20, pattern=LINE_PATTERN)]
HolidayName = Annotated[str, Meta(max_length=40, pattern=LINE_PATTERN)]
Document = Annotated[str, Meta(max_length=60, pattern=LINE_PATTERN)]
Names = Annotated[tuple[ShortLine, ...], Meta(max_length=50)]
Budget = Annotated[int, Meta(ge=0, le=10**13)]
Zones = Annotated[int, Meta(ge=0, le=1000)]
#: Percent by quarter.
Shares = Annotated[tuple[Annotated[int, Meta(ge=0, le=100)], ...], Meta(max_length=4)]
#: Bookings, claims and orders of one unit.
LimitPerUnit = Annotated[int, Meta(ge=1, le=10_000)]
CancelHours = Annotated[int, Meta(ge=0, le=2160)]
WaitingHours = Annotated[int, Meta(ge=1, le=720)]
ClosingDays = Annotated[int, Meta(ge=1, le=366)]
RemindDays = Annotated[int, Meta(ge=0, le=30)]
Id = Annotated[str, Meta(min_length=1, max_length=40)]


class TargetFields(msgspec.Struct, kw_only=True):
    """What API, form and file give of a promised figure."""

    metric: Metric
    unit: Unit
    bound: Bound
    value: Promise
    counting: Counting
    basis: Basis = Basis.ALL
    label: OptionalLine = ""
    wording: Wording = ""
    tolerance_percent: Tolerance | None = None


class ProgrammeFields(msgspec.Struct, kw_only=True):
    """What API, form and file give of a programme."""

    code: Code
    name: Line
    mark: Mark = ""
    short_name: ShortName = ""
    department: OptionalLine = ""
    scheduled: bool = False
    confidential: bool = False
    approval_needed: bool = False
    budget_yuan: Budget | None = None
    zones: Zones | None = None
    max_per_organisation: LimitPerUnit | None = None
    cancel_hours: CancelHours | None = None
    two_step_orders: bool = False
    offer_hours: WaitingHours = OFFER_HOURS
    answer_hours: WaitingHours = ANSWER_HOURS
    closing_days: ClosingDays = CLOSING_DAYS
    remind_days: RemindDays = REMIND_DAYS
    remind_morning: bool = True


class ProgrammeLists(ProgrammeFields, kw_only=True):
    """The same with its lists as lists; a form has them as text."""

    audiences: Names = ()
    kinds: Names = ()
    forms: Names = ()
    topics: Names = ()
    channels: Names = ()
    reservable_by: Names = ()
    quarter_shares: Shares = ()


class TargetIn(TargetFields, kw_only=True, forbid_unknown_fields=True):
    """One promised figure. `key` names it within the programme; `tolerance_percent` belongs to `about` (10 without).

    `values` are those of a promise over several years, by year; `value` is that of the programme's year.
    """

    key: Code
    kinds: Names = ()
    values: Values = msgspec.field(default_factory=dict)

    def facts(self) -> TargetFacts:
        given = msgspec.structs.asdict(self)
        return TargetFacts(ramp=ramp_of(given.pop("values")), **given)


class ProgrammeIn(ProgrammeLists, kw_only=True, forbid_unknown_fields=True):
    """A new programme. Without `organisation_id` it belongs to the organisation that the caller runs."""

    year: Year
    organisation_id: Id | None = None
    account: LongText = ""
    targets: Annotated[tuple[TargetIn, ...], Meta(max_length=50)] = ()

    def facts(self) -> ProgrammeFacts:
        given = msgspec.structs.asdict(self)
        del given["year"], given["organisation_id"]
        given["targets"] = tuple(target.facts() for target in self.targets)
        return ProgrammeFacts(**given)


class ProgrammePatch(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is to be changed; fields left out stay. `targets` are made or changed by their `key`; others stay."""

    code: Code | UnsetType = UNSET
    name: Line | UnsetType = UNSET
    mark: Mark | UnsetType = UNSET
    short_name: ShortName | UnsetType = UNSET
    department: OptionalLine | UnsetType = UNSET
    scheduled: bool | UnsetType = UNSET
    confidential: bool | UnsetType = UNSET
    approval_needed: bool | UnsetType = UNSET
    audiences: Names | UnsetType = UNSET
    kinds: Names | UnsetType = UNSET
    forms: Names | UnsetType = UNSET
    topics: Names | UnsetType = UNSET
    channels: Names | UnsetType = UNSET
    reservable_by: Names | UnsetType = UNSET
    budget_yuan: Budget | UnsetType | None = UNSET
    zones: Zones | UnsetType | None = UNSET
    quarter_shares: Shares | UnsetType = UNSET
    account: LongText | UnsetType = UNSET
    max_per_organisation: LimitPerUnit | UnsetType | None = UNSET
    cancel_hours: CancelHours | UnsetType | None = UNSET
    two_step_orders: bool | UnsetType = UNSET
    offer_hours: WaitingHours | UnsetType = UNSET
    answer_hours: WaitingHours | UnsetType = UNSET
    closing_days: ClosingDays | UnsetType = UNSET
    remind_days: RemindDays | UnsetType = UNSET
    remind_morning: bool | UnsetType = UNSET
    targets: Annotated[tuple[TargetIn, ...], Meta(max_length=50)] | UnsetType = UNSET

    def changes(self) -> dict[str, object]:
        """The fields given, by name; targets as facts."""
        given = {name: value for name, value in msgspec.structs.asdict(self).items() if value is not UNSET}
        if self.targets is not UNSET:
            given["targets"] = tuple(target.facts() for target in self.targets)
        return given


class TargetOut(msgspec.Struct, kw_only=True):
    """One promised figure; `value` is in `unit`, `values` are those of a promise over several years, by year."""

    id: UUID
    key: str
    metric: Metric
    basis: Basis
    label: str
    wording: str
    unit: str
    bound: Bound
    tolerance_percent: float | None
    value: float | int
    counting: Counting
    kinds: tuple[str, ...]
    values: dict[str, float | int]


class ProgrammeOut(msgspec.Struct, kw_only=True):
    """A programme with its targets, in the order of the notice."""

    id: UUID
    organisation_id: UUID
    organisation_name: str
    year: int
    position: int
    code: str
    name: str
    short_name: str
    mark: str
    department: str
    scheduled: bool
    confidential: bool
    approval_needed: bool
    audiences: tuple[str, ...]
    kinds: tuple[str, ...]
    forms: tuple[str, ...]
    topics: tuple[str, ...]
    channels: tuple[str, ...]
    reservable_by: tuple[str, ...]
    budget_yuan: int | None
    zones: int | None
    quarter_shares: tuple[int, ...]
    account: str
    max_per_organisation: int | None
    cancel_hours: int | None
    two_step_orders: bool
    offer_hours: int
    answer_hours: int
    closing_days: int
    remind_days: int
    remind_morning: bool
    revision: int
    targets: list[TargetOut]


class ProgrammeList(msgspec.Struct, kw_only=True):
    """Part of the programmes that the caller knows."""

    items: list[ProgrammeOut]
    next: str | None
    total: int


class Limits(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """How many bookings, claims and orders one unit may have; null: as many as it likes.

    `per_programme` is that of this programme, `per_year` that of all programmes of its organisation and year.
    """

    per_programme: LimitPerUnit | None
    per_year: LimitPerUnit | None


class TallyIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """An entry for a target that no session yields. `target_id` is the target's `id`, or its `key`."""

    target_id: Id
    on: date
    quantity: Quantity
    receiver: OptionalLine = ""
    session_id: Id | None = None
    note: Wording = ""


class TallyOut(msgspec.Struct, kw_only=True):
    """One entry."""

    id: UUID
    programme_id: UUID
    target_id: UUID
    on: date
    quantity: float | int
    receiver: str
    session_id: UUID | None
    note: str
    entered_by: str
    created_at: datetime


class TallyList(msgspec.Struct, kw_only=True):
    """Part of a programme's entries, newest day first."""

    items: list[TallyOut]
    next: str | None
    total: int


def number(value: float) -> float | int:
    """A figure as JSON writes it: whole ones without a point."""
    return int(value) if value == int(value) else value


def programme_out(row: ProgrammeRow, targets: list[TargetRow]) -> ProgrammeOut:
    """A programme as JSON."""
    return ProgrammeOut(
        **{name: getattr(row, name) for name in ProgrammeOut.__struct_fields__ if name != "targets"},
        targets=[
            TargetOut(
                **{name: getattr(one, name) for name in TargetOut.__struct_fields__ if name not in ("value", "values")},
                value=number(one.value),
                values={str(year): number(value) for year, value in one.ramp},
            )
            for one in targets
        ],
    )


def tally_out(row: TallyRow) -> TallyOut:
    """An entry as JSON."""
    return TallyOut(
        id=row.id,
        programme_id=row.programme_id,
        target_id=row.target_id,
        on=row.on,
        quantity=number(row.quantity),
        receiver=row.receiver,
        session_id=row.session_id,
        note=row.note,
        entered_by=row.entered_by,
        created_at=local(row.created_at),
    )
