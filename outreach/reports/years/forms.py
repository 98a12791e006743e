"""Forms and JSON of closing a year and carrying it over."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

from outreach.reports.years.copying import Copyable
from outreach.reports.years.domain.checklist import OpenItem
from outreach.reports.years.queries import Closing, YearToClose
from outreach.shared.errors import FieldProblem, InvalidError
from outreach.shared.text import LINE_PATTERN
from outreach.shared.time import local

__all__ = ["CopyIn", "CopyOut", "ReasonForm", "ReasonIn", "YearOut", "copy_values", "year_out"]

Reason = Annotated[str, Meta(max_length=400, pattern=LINE_PATTERN)]


class ReasonForm(msgspec.Struct, kw_only=True):
    """Why."""

    reason: Reason = ""


class ReasonIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Whose year (the caller's own without `organisation_id`), and why."""

    organisation_id: UUID | None = None
    reason: Reason = ""


class TargetValueIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A target's value in the next year."""

    target_id: UUID
    value: Annotated[float, Meta(gt=0, le=1e12)]


class CopyIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Programmes to carry over into the next year, and targets with new values; the others keep theirs."""

    organisation_id: UUID | None = None
    programme_ids: Annotated[list[UUID], Meta(min_length=1, max_length=500)]
    values: Annotated[list[TargetValueIn], Meta(max_length=5000)] = []


class CopyOut(msgspec.Struct, kw_only=True):
    """What was made; `already` names programmes that the next year had before, and which stayed as they are."""

    year: int
    programmes: int
    targets: int
    items: int
    already: list[str]


class OpenOut(msgspec.Struct, kw_only=True):
    """Something that is open: `kind` and how many."""

    kind: str
    count: int


class ClosedTargetOut(msgspec.Struct, kw_only=True):
    """A target as it stood when the year was closed."""

    id: UUID
    programme: str
    label: str
    unit: str
    value: float
    actual: float
    status: str


class ClosingOut(msgspec.Struct, kw_only=True):
    """How the year was closed."""

    at: datetime
    by_name: str
    reason: str
    as_of: date
    sessions: int
    visits: int
    targets: list[ClosedTargetOut]


class YearOut(msgspec.Struct, kw_only=True):
    """A year: `state` is `open` or `closed`; `open` lists what is to be dealt with, empty once it is closed."""

    organisation_id: UUID
    organisation_name: str
    year: int
    title: str
    state: str
    closed_at: datetime | None
    open: list[OpenOut]
    closing: ClosingOut | None


def year_out(year: YearToClose, items: list[OpenItem], closing: Closing | None) -> YearOut:
    """The year as JSON."""
    return YearOut(
        organisation_id=year.organisation_id,
        organisation_name=year.organisation_name,
        year=year.year,
        title=year.title,
        state=year.state,
        closed_at=local(year.closed_at) if year.closed_at else None,
        open=[OpenOut(kind=one.kind.value, count=one.count) for one in items],
        closing=None
        if closing is None
        else ClosingOut(
            at=local(closing.at),
            by_name=closing.actor_name,
            reason=closing.reason,
            as_of=closing.as_of,
            sessions=closing.sessions,
            visits=closing.visits,
            targets=[
                ClosedTargetOut(
                    id=one.id,
                    programme=one.programme,
                    label=one.label,
                    unit=one.unit,
                    value=one.value,
                    actual=one.actual,
                    status=one.status,
                )
                for one in closing.targets
            ],
        ),
    )


def copy_values(values: Mapping[str, Any], there: list[Copyable]) -> tuple[list[UUID], dict[UUID, float]]:
    """What was ticked and typed on the page of carrying over.

    Raises:
        InvalidError: names every value of a ticked programme that is no number.
    """
    given = values.get("programmes") or []
    ticked = {given} if isinstance(given, str) else {str(one) for one in given}
    chosen = [one for one in there if str(one.programme.id) in ticked]
    typed: dict[UUID, float] = {}
    problems: list[FieldProblem] = []
    for target in (target for one in chosen for target in one.targets):
        field = f"value-{target.id}"
        text = str(values.get(field, "")).replace(",", "").replace("，", "").strip()
        try:
            typed[target.id] = float(text) if text.isascii() else float("nan")
        except ValueError:
            problems.append(FieldProblem(field, "not-a-target-value"))
    if problems:
        raise InvalidError(problems)
    return [one.programme.id for one in chosen], typed
