"""Whose year is looked at, cut at which day: what every figure of the analysis starts from."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from outreach.accounts.queries.organisations import OrganisationRow, organisation_by_code
from outreach.counting.coverage.access import cut_asked, readable_owner
from outreach.programmes.queries import ProgrammeRow, programmes_of_year
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from outreach.shared.ids import id_in_path
from outreach.shared.time import day_bounds, year_bounds

__all__ = ["Ours", "OwnerOfYear", "Scope", "Span", "owners_of_years", "scope_asked", "year_earlier"]

#: Most owners of programmes that a form offers.
_MOST_OWNERS = 400


@dataclass(frozen=True, slots=True)
class Span:
    """A year cut at a day: sessions that start in ``[since, until)`` are in the figures, of days up to ``as_of``."""

    year: int
    as_of: date

    @property
    def since(self) -> datetime:
        return year_bounds(self.year)[0]

    @property
    def last(self) -> datetime:
        """The end of the year, exclusive."""
        return year_bounds(self.year)[1]

    @property
    def tomorrow(self) -> datetime:
        """The end of the day asked for, exclusive, in whatever year it lies."""
        return day_bounds(self.as_of, self.as_of)[1]

    @property
    def until(self) -> datetime:
        return min(self.last, self.tomorrow)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """Programmes of one year of which a part of the tree has something.

    ``own`` ones, owned at or below ``path``, count in full; of those owned ``above`` it only what is at home in the
    part (by 归属, ``facts.IN_PART``).
    """

    path: str
    own: tuple[ProgrammeRow, ...]
    above: tuple[ProgrammeRow, ...]

    @property
    def all(self) -> tuple[ProgrammeRow, ...]:
        return (*self.own, *self.above)

    @property
    def ids(self) -> list[UUID]:
        return [one.id for one in self.all]

    @property
    def own_ids(self) -> list[UUID]:
        return [one.id for one in self.own]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """An organisation, a span, and its programmes of that year; ``before``: of the year before."""

    owner: OrganisationRow
    span: Span
    now: Ours
    before: Ours

    @property
    def last_year(self) -> Span:
        """The year before, cut at the same day."""
        return Span(self.span.year - 1, year_earlier(self.span.as_of))


def year_earlier(day: date) -> date:
    """The same day a year before; 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


async def scope_asked(
    actor: Actor, now: datetime, *, year: int | None, as_of: date | None, organisation: str = ""
) -> Scope:
    """The part of the tree asked for by code or id (the caller's own without one) with its programmes.

    Raises:
        NotFoundError: no such organisation, or the caller may not know of it.
        ForbiddenError: the caller neither runs nor evaluates it.
        InvalidError: a day outside the years this program plans for.
    """
    shown, day = cut_asked(year, as_of, now)
    owner = await readable_owner(actor, await _id_of(organisation) if organisation else None)
    return Scope(
        owner=owner,
        span=Span(shown, day),
        now=await _ours(shown, owner.path),
        before=await _ours(shown - 1, owner.path),
    )


async def _id_of(organisation: str) -> UUID:
    found = await organisation_by_code(organisation)
    return found.id if found else id_in_path(organisation)


async def _ours(year: int, path: str) -> Ours:
    found = await programmes_of_year(year)
    return Ours(
        path=path,
        own=tuple(one for one in found if one.organisation_path.startswith(path)),
        above=tuple(
            one
            for one in found
            if path.startswith(one.organisation_path) and not one.organisation_path.startswith(path)
        ),
    )


@dataclass(frozen=True, slots=True)
class OwnerOfYear:
    """An organisation that owns programmes of a year."""

    year: int
    id: UUID
    name: str


async def owners_of_years(actor: Actor) -> list[OwnerOfYear]:
    """Owners of programmes in the part of the tree that the caller runs or evaluates; newest year first, higher
    organisations first. One statement."""
    paths = [grant.path for grant in actor.grants if grant.role in (Role.ADMINISTRATOR, Role.ORGANISER, Role.EVALUATOR)]
    rows = await db.rows(
        """SELECT DISTINCT p.year, o.id, o.name, o.path, length(o.path) FROM programmes_programme p
             JOIN accounts_organisation o ON o.id = p.organisation
            WHERE EXISTS (SELECT 1 FROM unnest($1::text[]) mine WHERE starts_with(o.path, mine))
            ORDER BY p.year DESC, length(o.path), o.path LIMIT $2""",
        paths,
        _MOST_OWNERS,
    )
    return [OwnerOfYear(row["year"], row["id"], row["name"]) for row in rows]
