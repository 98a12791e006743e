"""What a programme and its targets say, and what they may not say: rules over several fields."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from outreach.programmes.domain.targets import Basis, Bound, Counting, Metric
from outreach.shared.errors import FieldProblem
from outreach.shared.time import FIRST_YEAR, LAST_YEAR

__all__ = [
    "ANSWER_HOURS",
    "CLOSING_DAYS",
    "DEFAULT_TOLERANCE_PERCENT",
    "OFFER_HOURS",
    "REMIND_DAYS",
    "ProgrammeFacts",
    "TargetFacts",
    "programme_problems",
    "quarter_share_problems",
    "ramp_of",
    "ramp_problems",
    "target_problems",
    "year_problems",
]

#: What 左右 means where nobody said otherwise. Ours, not the notice's, and editable.
DEFAULT_TOLERANCE_PERCENT = 10.0
#: How long a place offered from the waiting list is kept, where nobody said otherwise.
OFFER_HOURS = 24
#: How long a provider has to answer, where nobody said otherwise.
ANSWER_HOURS = 72
#: How long after its end a session is to be closed, where nobody said otherwise.
CLOSING_DAYS = 14
#: Units, hosts and providers are reminded so many days before a session.
REMIND_DAYS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetFacts:
    """One promised figure as somebody states it; ``key`` is unique within the programme.

    ``ramp``: of a promise over several years its values by year, in their order; ``value`` is that of the programme's.
    """

    key: str
    metric: Metric
    unit: str
    bound: Bound
    value: float
    counting: Counting
    basis: Basis = Basis.ALL
    label: str = ""
    wording: str = ""
    tolerance_percent: float | None = None
    kinds: tuple[str, ...] = ()
    ramp: tuple[tuple[int, float], ...] = ()

    @property
    def tolerance(self) -> float | None:
        """What is stored: ours for a 左右 without its own, nothing for any other bound."""
        if self.bound is not Bound.ABOUT:
            return None
        return DEFAULT_TOLERANCE_PERCENT if self.tolerance_percent is None else self.tolerance_percent


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeFacts:
    """One promised service as somebody states it; ``code`` is unique within organisation and year.

    Attributes:
        max_per_organisation: bookings, claims and orders of one unit; ``None``: no limit.
        cancel_hours: before the start; a unit that cancels later is late; ``None``: in time until it starts.
        two_step_orders: orders are endorsed by the unit's parent organisation first.
        offer_hours: how long a place offered from the waiting list is kept.
        answer_hours: how long a provider has to answer an assignment.
        closing_days: after the end of a session, until it must be closed.
        remind_days: before a session its units, host and providers are reminded; 0: not.
        remind_morning: they are reminded in the morning of the day before, too.
    """

    code: str
    name: str
    mark: str = ""
    short_name: str = ""
    department: str = ""
    scheduled: bool = False
    confidential: bool = False
    approval_needed: bool = False
    audiences: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    reservable_by: tuple[str, ...] = ()
    budget_yuan: int | None = None
    zones: int | None = None
    quarter_shares: tuple[int, ...] = ()
    account: str = ""
    max_per_organisation: int | None = None
    cancel_hours: int | None = None
    two_step_orders: bool = False
    offer_hours: int = OFFER_HOURS
    answer_hours: int = ANSWER_HOURS
    closing_days: int = CLOSING_DAYS
    remind_days: int = REMIND_DAYS
    remind_morning: bool = True
    targets: tuple[TargetFacts, ...] = ()


def target_problems(target: TargetFacts, kinds: Sequence[str], prefix: str = "") -> list[FieldProblem]:
    """What contradicts itself in ``target`` of a programme with these ``kinds``."""
    found = []
    if target.tolerance_percent is not None and target.bound is not Bound.ABOUT:
        found.append(FieldProblem(f"{prefix}tolerance_percent", "tolerance-only-of-about"))
    if target.basis is Basis.WORKERS and target.metric is not Metric.VISITS:
        found.append(FieldProblem(f"{prefix}basis", "basis-only-of-visits"))
    if target.kinds and not target.metric.comes_from_sessions:
        found.append(FieldProblem(f"{prefix}kinds", "kinds-only-of-sessions"))
    unknown = [kind for kind in target.kinds if kind not in kinds] if target.metric.comes_from_sessions else []
    if unknown:
        found.append(FieldProblem(f"{prefix}kinds", "kinds-not-of-programme", {"kinds": unknown}))
    return found


def ramp_of(values: Mapping[str, float]) -> tuple[tuple[int, float], ...]:
    """Values by year (``{"2015": 20}``) in the order of the years."""
    return tuple(sorted((int(year), value) for year, value in values.items()))


def ramp_problems(target: TargetFacts, year: int, prefix: str = "") -> list[FieldProblem]:
    """What contradicts itself in the values over several years of a target of a programme of ``year``."""
    values = dict(target.ramp)
    if not values:
        return []
    if year not in values:
        return [FieldProblem(f"{prefix}values", "year-not-in-values", {"year": year})]
    if values[year] != target.value:
        return [FieldProblem(f"{prefix}value", "value-not-of-values", {"year": year, "value": f"{values[year]:g}"})]
    return []


def quarter_share_problems(shares: Sequence[int], prefix: str = "") -> list[FieldProblem]:
    """Shares by quarter are four percentages that sum to 100, or none."""
    if not shares or (len(shares) == 4 and sum(shares) == 100):
        return []
    return [FieldProblem(f"{prefix}quarter_shares", "quarter-shares-sum", {"sum": sum(shares), "count": len(shares)})]


def programme_problems(programme: ProgrammeFacts, year: int, prefix: str = "") -> list[FieldProblem]:
    """What contradicts itself in ``programme``; its targets are looked at, too, as ``targets.0.kinds``."""
    found = quarter_share_problems(programme.quarter_shares, prefix)
    seen: set[str] = set()
    for number, target in enumerate(programme.targets):
        place = f"{prefix}targets.{number}."
        if target.key in seen:
            found.append(FieldProblem(f"{place}key", "duplicate-code", {"code": target.key}))
        seen.add(target.key)
        found += target_problems(target, programme.kinds, place) + ramp_problems(target, year, place)
    return found


def year_problems(year: int, field: str = "year") -> list[FieldProblem]:
    """Return the problem of a year outside those this program plans for, or nothing."""
    if FIRST_YEAR <= year <= LAST_YEAR:
        return []
    return [FieldProblem(field, "year-out-of-range", {"first": FIRST_YEAR, "last": LAST_YEAR, "year": year})]
