"""What a unit says of a day, several units together, and what becomes of it (其中 as in a head-count)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from outreach.shared.i18n import phrase

__all__ = ["NEXT", "REPORT_WORDS", "ReportState", "Said", "settled", "together"]


class ReportState(StrEnum):
    """Reported waits and never counts; confirmed: the head-count says the same; replaced: it says something else."""

    REPORTED = "reported"
    CONFIRMED = "confirmed"
    REPLACED = "replaced"


#: A unit may report again whatever became of it; then it waits again.
NEXT: dict[ReportState, frozenset[ReportState]] = {
    ReportState.REPORTED: frozenset({ReportState.CONFIRMED, ReportState.REPLACED}),
    ReportState.CONFIRMED: frozenset({ReportState.REPORTED, ReportState.REPLACED}),
    ReportState.REPLACED: frozenset({ReportState.REPORTED, ReportState.CONFIRMED}),
}

REPORT_WORDS: dict[str, str] = {
    ReportState.REPORTED: phrase("等主办单位确认"),
    ReportState.CONFIRMED: phrase("已确认"),
    ReportState.REPLACED: phrase("主办单位另行登记"),
}


@dataclass(frozen=True, slots=True)
class Said:
    """Visits of one day: ``workers`` None and a group that is missing in ``breakdown`` were not said."""

    total: int
    workers: int | None = None
    estimated: bool = False
    breakdown: Mapping[str, int] = field(default_factory=dict)


def together(parts: Sequence[Said]) -> Said:
    """The units of one day added up: 其中 only where every one of them said it, estimated where one of them did.

    Args:
        parts: at least one.
    """
    workers = [one.workers for one in parts if one.workers is not None]
    groups = set.intersection(*(set(one.breakdown) for one in parts))
    return Said(
        total=sum(one.total for one in parts),
        workers=sum(workers) if len(workers) == len(parts) else None,
        estimated=any(one.estimated for one in parts),
        breakdown={group: sum(one.breakdown[group] for one in parts) for group in sorted(groups)},
    )


def settled(proposed: Said, counted: Said) -> ReportState:
    """What becomes of reports that together propose these figures, when those others are the head-count."""
    return ReportState.CONFIRMED if proposed == counted else ReportState.REPLACED
