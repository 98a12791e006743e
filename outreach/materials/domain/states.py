"""Life of a round (申报 → 汇总 → 确定 → 发放) and of one unit's application in it."""

from enum import StrEnum

from outreach.shared.i18n import phrase

__all__ = [
    "APPLICATION_WORDS",
    "ROUND_WORDS",
    "ApplicationState",
    "RoundState",
    "application_may_become",
    "handed_state",
    "round_may_become",
]


class RoundState(StrEnum):
    """Where a round stands."""

    APPLYING = "applying"
    GATHERED = "gathered"
    CONFIRMED = "confirmed"
    HANDED_OUT = "handed_out"
    CANCELLED = "cancelled"


class ApplicationState(StrEnum):
    """Where one unit's application stands."""

    SUBMITTED = "submitted"
    WITHDRAWN = "withdrawn"
    GRANTED = "granted"
    DECLINED = "declined"
    HANDED_OUT = "handed_out"
    RECEIVED = "received"
    UNCOLLECTED = "uncollected"


ROUND_WORDS: dict[RoundState, str] = {
    RoundState.APPLYING: phrase("申报中"),
    RoundState.GATHERED: phrase("已汇总"),
    RoundState.CONFIRMED: phrase("已确定，发放中"),
    RoundState.HANDED_OUT: phrase("发放完毕"),
    RoundState.CANCELLED: phrase("已取消"),
}

APPLICATION_WORDS: dict[ApplicationState, str] = {
    ApplicationState.SUBMITTED: phrase("已申报"),
    ApplicationState.WITHDRAWN: phrase("已撤回"),
    ApplicationState.GRANTED: phrase("已确定，待领"),
    ApplicationState.DECLINED: phrase("这一轮没有分到"),
    ApplicationState.HANDED_OUT: phrase("已发放，待签收"),
    ApplicationState.RECEIVED: phrase("已签收"),
    ApplicationState.UNCOLLECTED: phrase("没有来领"),
}

_R, _A = RoundState, ApplicationState

_ROUND: dict[RoundState, frozenset[RoundState]] = {
    _R.APPLYING: frozenset({_R.GATHERED, _R.CANCELLED}),
    _R.GATHERED: frozenset({_R.APPLYING, _R.CONFIRMED, _R.CANCELLED}),
    _R.CONFIRMED: frozenset({_R.HANDED_OUT}),
    _R.HANDED_OUT: frozenset(),
    _R.CANCELLED: frozenset(),
}

#: A hand-out that is corrected to nothing takes its application back to where it was before.
_APPLICATION: dict[ApplicationState, frozenset[ApplicationState]] = {
    _A.SUBMITTED: frozenset({_A.WITHDRAWN, _A.GRANTED, _A.DECLINED}),
    _A.WITHDRAWN: frozenset({_A.SUBMITTED}),
    _A.GRANTED: frozenset({_A.DECLINED, _A.HANDED_OUT, _A.UNCOLLECTED}),
    _A.DECLINED: frozenset({_A.GRANTED}),
    _A.HANDED_OUT: frozenset({_A.HANDED_OUT, _A.RECEIVED, _A.GRANTED, _A.UNCOLLECTED}),
    _A.RECEIVED: frozenset({_A.HANDED_OUT, _A.GRANTED, _A.UNCOLLECTED}),
    _A.UNCOLLECTED: frozenset({_A.HANDED_OUT}),
}


def round_may_become(before: RoundState, after: RoundState) -> bool:
    """Whether a round may go from one state to the other."""
    return after in _ROUND[before]


def application_may_become(before: ApplicationState, after: ApplicationState) -> bool:
    """Whether an application may go from one state to the other."""
    return after in _APPLICATION[before]


def handed_state(handed: int, *, round_ended: bool) -> ApplicationState:
    """Where an application stands after a hand-out was made or corrected: its unit has to sign for it (again)."""
    if handed:
        return ApplicationState.HANDED_OUT
    return ApplicationState.UNCOLLECTED if round_ended else ApplicationState.GRANTED
