"""JSON of the scorecard. Money is a text in yuan with two decimals, as costs are; marks go from 1 to 5."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from outreach.attendance.costs.domain.money import plain_yuan
from outreach.bookings.schemas import Note
from outreach.counting.schemas import ProgrammeName, TargetProgressOut, programme_progress_out
from outreach.evaluation.domain.scores import Card, Figure, Mark, Rank
from outreach.evaluation.domain.verdicts import Decision
from outreach.evaluation.scorecard import Owner, ProgrammeScore, Scorecard
from outreach.evaluation.verdicts import VerdictRow
from outreach.shared.time import local

__all__ = ["ScorecardOut", "VerdictForm", "VerdictIn", "VerdictOut", "scorecard_out", "verdict_out"]


class VerdictIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """项目取舍; `change` and `drop` need a `note`."""

    decision: Decision
    note: Note = ""


class VerdictForm(VerdictIn, kw_only=True):
    """The same from a page, with the revision that it showed; 0: nothing was decided."""

    revision: Annotated[int, Meta(ge=0, le=2**31 - 1)]


class VerdictOut(msgspec.Struct, kw_only=True):
    """What was decided; `note` and `decided_by_name` are empty for evaluators."""

    programme_id: UUID
    decision: Decision
    note: str
    decided_by_name: str
    decided_at: datetime
    revision: int


class OwnerOut(msgspec.Struct, kw_only=True):
    """Whose programmes they are."""

    id: UUID
    code: str
    name: str


class FigureOut(msgspec.Struct, kw_only=True):
    """A share or mean, and what it rests on; `value` is `null` where that is less than `least`."""

    value: float | None
    rests_on: int
    least: int


class MarkOut(msgspec.Struct, kw_only=True):
    """A mean of marks; `shrunk` is drawn towards the mean of all programmes, the more the fewer have answered."""

    value: float | None
    shrunk: float | None
    rests_on: int
    least: int


class MoneyOut(msgspec.Struct, kw_only=True):
    """Yuan for one session or visit, and how many of them it rests on."""

    value: str | None
    rests_on: int


class ParticipationOut(msgspec.Struct, kw_only=True):
    """`sessions_counted`: those of which the visits are known. `attendance`: bookings whose people came."""

    sessions: int
    sessions_counted: int
    visits: int
    workers: int | None
    people: int
    units: int
    visits_per_session: FigureOut
    attendance: FigureOut
    seats_used: FigureOut


class SatisfactionOut(msgspec.Struct, kw_only=True):
    """`answered`: answers of those who had checked in; `change`: what most would change, `null` without enough."""

    attendees: MarkOut
    answered: FigureOut
    hosts: MarkOut
    again: FigureOut
    change: str | None


class SpendingOut(msgspec.Struct, kw_only=True):
    """`sessions_costed`: those whose costs are written down."""

    spent: str
    budget: str | None
    of_budget: FigureOut
    sessions_costed: int
    per_session: MoneyOut
    per_visit: MoneyOut


class ReachOut(msgspec.Struct, kw_only=True):
    """`units_below`: served units below the owner; `new_units` is `null` when there was no year before."""

    units_below: int
    of_units: FigureOut
    districts: int
    of_districts: FigureOut
    non_public: FigureOut
    new_units: int | None


class RankOut(msgspec.Struct, kw_only=True):
    """A place among `of` programmes of the owner that have the figure."""

    place: int
    of: int


class ProgrammeScoreOut(msgspec.Struct, kw_only=True):
    """One programme. `ranks` has `participation` (visits), `satisfaction` (attendees), `hosts`, `cost` (per visit) and
    `reach` (units), as far as there is something to compare."""

    programme: ProgrammeName
    participation: ParticipationOut
    satisfaction: SatisfactionOut
    cost: SpendingOut
    reach: ReachOut
    ranks: dict[str, RankOut]
    targets: list[TargetProgressOut]
    verdict: VerdictOut | None


class ScorecardOut(msgspec.Struct, kw_only=True):
    """Every programme that `organisation` owns in the year; `null` when the caller reads none."""

    organisation: OwnerOut | None
    year: int
    as_of: date
    items: list[ProgrammeScoreOut]
    next: str | None
    total: int


def verdict_out(row: VerdictRow, *, nameless: bool = False) -> VerdictOut:
    """A verdict; ``nameless``: without what people wrote and who they are."""
    return VerdictOut(
        programme_id=row.programme_id,
        decision=row.decision,
        note="" if nameless else row.note,
        decided_by_name="" if nameless else row.decided_by_name,
        decided_at=local(row.decided_at),
        revision=row.revision,
    )


def scorecard_out(card: Scorecard, *, nameless: bool) -> ScorecardOut:
    """A year has few programmes: all of them at once."""
    items = [_programme(one, nameless) for one in card.items]
    return ScorecardOut(
        organisation=_owner(card.owner), year=card.year, as_of=card.as_of, items=items, next=None, total=len(items)
    )


def _owner(owner: Owner | None) -> OwnerOut | None:
    return OwnerOut(id=owner.id, code=owner.code, name=owner.name) if owner else None


def _programme(one: ProgrammeScore, nameless: bool) -> ProgrammeScoreOut:
    progress = programme_progress_out(one.progress)
    return ProgrammeScoreOut(
        programme=progress.programme,
        participation=_participation(one.card),
        satisfaction=_satisfaction(one),
        cost=_cost(one.card),
        reach=_reach(one.card),
        ranks={name: _rank(rank) for name, rank in one.ranks.items()},
        targets=progress.targets,
        verdict=verdict_out(one.verdict, nameless=nameless) if one.verdict else None,
    )


def _rank(rank: Rank) -> RankOut:
    return RankOut(place=rank.place, of=rank.of)


def _figure(figure: Figure) -> FigureOut:
    return FigureOut(value=_rounded(figure.value), rests_on=figure.rests_on, least=figure.least)


def _mark(mark: Mark) -> MarkOut:
    return MarkOut(value=_rounded(mark.value), shrunk=_rounded(mark.shrunk), rests_on=mark.rests_on, least=mark.least)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _money(figure: Figure) -> MoneyOut:
    return MoneyOut(value=None if figure.value is None else plain_yuan(int(figure.value)), rests_on=figure.rests_on)


def _participation(card: Card) -> ParticipationOut:
    given = card.participation
    return ParticipationOut(
        sessions=given.sessions,
        sessions_counted=given.counted,
        visits=given.visits,
        workers=given.workers,
        people=given.people,
        units=given.units,
        visits_per_session=_figure(given.visits_per_session),
        attendance=_figure(given.attendance),
        seats_used=_figure(given.seats_used),
    )


def _satisfaction(one: ProgrammeScore) -> SatisfactionOut:
    given = one.card.satisfaction
    return SatisfactionOut(
        attendees=_mark(given.attendees),
        answered=_figure(given.answered),
        hosts=_mark(given.hosts),
        again=_figure(given.again),
        change=one.change[0] if one.change else None,
    )


def _cost(card: Card) -> SpendingOut:
    given = card.cost
    return SpendingOut(
        spent=plain_yuan(given.spent_fen),
        budget=None if given.budget_fen is None else plain_yuan(given.budget_fen),
        of_budget=_figure(given.of_budget),
        sessions_costed=given.costed,
        per_session=_money(given.per_session),
        per_visit=_money(given.per_visit),
    )


def _reach(card: Card) -> ReachOut:
    given = card.reach
    return ReachOut(
        units_below=given.units_below,
        of_units=_figure(given.of_units),
        districts=given.districts,
        of_districts=_figure(given.of_districts),
        non_public=_figure(given.non_public),
        new_units=given.new_units,
    )
