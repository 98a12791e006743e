"""The scorecard: every programme that one organisation owns in a year, at a day, in four dimensions."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from outreach.attendance.opinions.domain.opinions import NOTHING_TO_CHANGE
from outreach.attendance.opinions.queries import OpinionSummary
from outreach.counting.figures import ProgrammeProgress, TargetProgress
from outreach.counting.queries import progress_of_programmes
from outreach.evaluation.domain.scores import (
    LEAST_OPINIONS,
    Card,
    OwnerCounts,
    Rank,
    Usual,
    card_of,
    ranks_of,
    usual_of,
)
from outreach.evaluation.facts import counts_of, owner_counts
from outreach.evaluation.verdicts import VerdictRow, verdicts_of
from outreach.programmes.queries import ProgrammeRow, programmes_of_year
from outreach.shared import db
from outreach.shared.errors import NotFoundError

__all__ = [
    "Owner",
    "ProgrammeScore",
    "Scorecard",
    "owner_asked",
    "owners_of_year",
    "score_of",
    "scorecard_of",
    "years_with",
]

#: Whether the reader may read what the organisation at this path owns.
Allowed = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Owner:
    """An organisation that owns programmes."""

    id: UUID
    code: str
    name: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeScore:
    """One programme: its scores, its places beside the others by ``scores.RANKED``, its targets, what was decided."""

    programme: ProgrammeRow
    card: Card
    ranks: dict[str, Rank]
    progress: ProgrammeProgress
    opinions: OpinionSummary | None
    verdict: VerdictRow | None

    @property
    def change(self) -> tuple[str, int] | None:
        """What most attendees would change first (a code of ``CHANGE_WORDS``) and how many of them.

        ``None`` where too few have answered, or nobody would change anything.
        """
        if self.opinions is None or self.opinions.answers < LEAST_OPINIONS:
            return None
        wishes = {code: number for code, number in self.opinions.changes.items() if code != NOTHING_TO_CHANGE}
        code = max(wishes, key=lambda one: wishes[one], default="")
        return (code, wishes[code]) if code and wishes[code] else None

    @property
    def targets(self) -> tuple[TargetProgress, ...]:
        return self.progress.targets


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """All programmes of ``owner`` in ``year`` at ``as_of``, in the order of the notice; ``owner`` ``None``: none."""

    owner: Owner | None
    year: int
    as_of: date
    held_against: OwnerCounts
    usual: Usual
    items: tuple[ProgrammeScore, ...] = ()

    def of(self, programme_id: UUID) -> ProgrammeScore:
        """One of them.

        Raises:
            NotFoundError: it is not among them.
        """
        for one in self.items:
            if one.programme.id == programme_id:
                return one
        raise NotFoundError


async def owners_of_year(year: int, allowed: Allowed) -> list[Owner]:
    """Organisations with programmes of the year that the reader may read, the highest first."""
    found = await db.rows(
        """SELECT o.id, o.code, o.name, o.path FROM accounts_organisation o
            WHERE EXISTS (SELECT 1 FROM programmes_programme p WHERE p.organisation = o.id AND p.year = $1)
            ORDER BY length(o.path), o.code""",
        year,
    )
    return [Owner(**one) for one in found if allowed(one["path"])]


async def years_with(allowed: Allowed) -> list[int]:
    """Years with programmes that the reader may read, newest first."""
    found = await db.rows(
        """SELECT p.year, o.path FROM programmes_programme p JOIN accounts_organisation o ON o.id = p.organisation
            GROUP BY p.year, o.path"""
    )
    return sorted({one["year"] for one in found if allowed(one["path"])}, reverse=True)


async def owner_asked(code: str, owners: list[Owner], allowed: Allowed) -> Owner | None:
    """The owner with this code; without one the highest of ``owners``, ``None`` if there is none.

    Raises:
        NotFoundError: no such organisation, or none that the reader may read.
    """
    if not code:
        return owners[0] if owners else None
    for one in owners:
        if one.code == code:
            return one
    found = await db.row("SELECT id, code, name, path FROM accounts_organisation WHERE code = $1", code)
    if found is None or not allowed(found["path"]):
        raise NotFoundError
    return Owner(**found)


async def scorecard_of(owner: Owner | None, *, year: int, as_of: date, now: datetime) -> Scorecard:
    """Every programme of exactly this owner; what organisations below own has a scorecard of its own."""
    programmes = await programmes_of_year(year, owner.path) if owner else []
    own = [one for one in programmes if owner and one.organisation_id == owner.id]
    if owner is None or not own:
        nothing = OwnerCounts(0, (), had_last_year=False)
        return Scorecard(owner=owner, year=year, as_of=as_of, held_against=nothing, usual=Usual(None, None))
    against = await owner_counts(owner.id, owner.path, year)
    ids = [one.id for one in own]
    counts, said = await counts_of(ids, against, organisation_id=owner.id, path=owner.path, year=year, as_of=as_of)
    usual = usual_of(counts)
    cards = {one.id: card_of(counts[one.id], against, usual, budget_fen=_fen(one.budget_yuan)) for one in own}
    ranks = ranks_of(cards)
    progress = {one.programme.id: one for one in (await progress_of_programmes(own, year, as_of, now=now)).programmes}
    verdicts = await verdicts_of(ids)
    items = tuple(
        ProgrammeScore(
            programme=one,
            card=cards[one.id],
            ranks=ranks[one.id],
            progress=progress[one.id],
            opinions=said.get(one.id),
            verdict=verdicts.get(one.id),
        )
        for one in own
    )
    return Scorecard(owner=owner, year=year, as_of=as_of, held_against=against, usual=usual, items=items)


async def score_of(programme: ProgrammeRow, day: date, now: datetime) -> tuple[Scorecard, ProgrammeScore]:
    """The programme's scores beside those of its owner's others."""
    owner = Owner(programme.organisation_id, "", programme.organisation_name, programme.organisation_path)
    card = await scorecard_of(owner, year=programme.year, as_of=day, now=now)
    return card, card.of(programme.id)


def _fen(yuan: int | None) -> int | None:
    return None if yuan is None else yuan * 100
