"""Openings (开放预约): from when, for whom, how many places. Pure.

A place is one booking, claim or order, whatever number of people comes with it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from outreach.shared.errors import ConflictError, FieldProblem
from outreach.shared.i18n import phrase
from outreach.shared.time import implausible, local_day

__all__ = [
    "MOST_YEARS",
    "STATE_WORDS",
    "ForWhom",
    "OpeningDraft",
    "OpeningFacts",
    "OpeningInUseError",
    "OpeningState",
    "Quota",
    "cleaned",
    "has_place",
    "is_meant_for",
    "kept_problems",
    "opening_problems",
    "over_quota",
    "rest_of",
    "state_of",
    "unserved_since",
]

#: How far back "not served for so many years" may look.
MOST_YEARS = 10


class OpeningInUseError(ConflictError):
    """Bookings or orders went through the opening, given up ones included: it stays, so that they can be traced."""

    code = "opening-in-use"


class ForWhom(StrEnum):
    """Whom an opening is for."""

    ALL = "all"
    DISTRICTS = "districts"
    UNSERVED = "unserved"


class OpeningState(StrEnum):
    """Where an opening stands; derived from its times."""

    WAITING = "waiting"
    OPEN = "open"
    OVER = "over"


STATE_WORDS: dict[str, str] = {
    OpeningState.WAITING: phrase("未开放"),
    OpeningState.OPEN: phrase("进行中"),
    OpeningState.OVER: phrase("已截止"),
}


@dataclass(frozen=True, slots=True)
class Quota:
    """``places`` of an opening that are kept for ``district``; an empty district is 市直属."""

    district: str
    places: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningFacts:
    """What decides who comes through an opening, and when. ``closes_at`` is exclusive; ``None`` means no limit."""

    opens_at: datetime
    closes_at: datetime | None = None
    for_whom: str = ForWhom.ALL.value
    districts: tuple[str, ...] = ()
    unserved_years: int | None = None
    max_per_organisation: int | None = None
    places: int | None = None
    quotas: tuple[Quota, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningDraft:
    """An opening as somebody states it, with the sessions and menu items that it opens."""

    programme_id: UUID
    name: str
    facts: OpeningFacts
    session_ids: tuple[UUID, ...] = ()
    event_ids: tuple[UUID, ...] = ()


def cleaned(facts: OpeningFacts) -> OpeningFacts:
    """Without what belongs to another kind of opening: the form keeps what was typed before the choice changed."""
    return replace(
        facts,
        districts=facts.districts if facts.for_whom == ForWhom.DISTRICTS else (),
        unserved_years=facts.unserved_years if facts.for_whom == ForWhom.UNSERVED else None,
        quotas=tuple(sorted(facts.quotas, key=lambda quota: quota.district)),
    )


def state_of(facts: OpeningFacts, now: datetime) -> OpeningState:
    """The second of ``opens_at`` is open, that of ``closes_at`` is not any more."""
    if now < facts.opens_at:
        return OpeningState.WAITING
    return OpeningState.OVER if facts.closes_at is not None and now >= facts.closes_at else OpeningState.OPEN


def unserved_since(years: int, today: date) -> date:
    """The first day that counts when units are asked for that were not served in the last ``years`` years."""
    try:
        return today.replace(year=today.year - years)
    except ValueError:  # 29 February
        return today.replace(year=today.year - years, day=28)


def is_meant_for(facts: OpeningFacts, district: str, served_at: datetime | None, now: datetime) -> bool:
    """Whether a unit of ``district`` may come through.

    Args:
        district: of the unit, or of the head that it belongs to; empty: 市直属.
        served_at: start of the last session that the unit or its group had; ``None``: never.
    """
    if facts.for_whom == ForWhom.DISTRICTS:
        return district in facts.districts
    if facts.for_whom == ForWhom.UNSERVED:
        since = unserved_since(facts.unserved_years or 1, local_day(now))
        return served_at is None or local_day(served_at) < since
    return True


# --- places -----------------------------------------------------------------------------------------------------------


def rest_of(places: int | None, quotas: Sequence[Quota]) -> int | None:
    """Places that every district shares; ``None``: no limit."""
    return None if places is None else places - sum(quota.places for quota in quotas)


def over_quota(quotas: Sequence[Quota], taken: Mapping[str, int]) -> int:
    """Places taken from the shared rest: what each district has beyond those kept for it."""
    kept = {quota.district: quota.places for quota in quotas}
    return sum(max(0, number - kept.get(district, 0)) for district, number in taken.items())


def has_place(places: int | None, quotas: Sequence[Quota], taken: Mapping[str, int], district: str) -> bool:
    """Whether one more place may go to ``district``.

    A place that is kept for the district is its own while it is free; beyond them the rest decides. Never more than
    ``places`` in all, even where a unit has moved to another district since.
    """
    if places is None:
        return True
    if sum(taken.values()) >= places:
        return False
    kept = next((quota.places for quota in quotas if quota.district == district), 0)
    rest = places - sum(quota.places for quota in quotas)
    return taken.get(district, 0) < kept or over_quota(quotas, taken) < rest


# --- what an opening may say ------------------------------------------------------------------------------------------


def opening_problems(draft: OpeningDraft) -> list[FieldProblem]:
    """What contradicts itself in an opening, every field at once."""
    facts = draft.facts
    found = implausible("opens_at", facts.opens_at) + implausible("closes_at", facts.closes_at)
    if facts.closes_at is not None and facts.closes_at <= facts.opens_at:
        found.append(FieldProblem("closes_at", "closes-before-opening"))
    if facts.for_whom == ForWhom.DISTRICTS and not facts.districts:
        found.append(FieldProblem("districts", "choose-districts"))
    if facts.for_whom == ForWhom.UNSERVED and facts.unserved_years is None:
        found.append(FieldProblem("unserved_years", "required"))
    if not draft.session_ids and not draft.event_ids:
        found.append(FieldProblem("session_ids", "nothing-opened"))
    districts = [quota.district for quota in facts.quotas]
    if len(set(districts)) < len(districts):
        found.append(FieldProblem("quotas", "district-twice"))
    rest = rest_of(facts.places, facts.quotas)
    if rest is not None and rest < 0:
        kept = sum(quota.places for quota in facts.quotas)
        found.append(FieldProblem("quotas", "quotas-above-places", {"kept": kept, "places": facts.places}))
    return found


def kept_problems(facts: OpeningFacts, taken: Mapping[str, int]) -> list[FieldProblem]:
    """What is promised already and the changed opening would not hold: fewer places than are taken."""
    if facts.places is None:
        return []
    total = sum(taken.values())
    if total > facts.places:
        return [FieldProblem("places", "places-below-taken", {"taken": total})]
    rest = facts.places - sum(quota.places for quota in facts.quotas)
    over = over_quota(facts.quotas, taken)
    return [FieldProblem("quotas", "rest-below-taken", {"taken": over, "rest": rest})] if over > rest else []
