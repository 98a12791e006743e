"""Which scorecard is asked for: year, day and owner, as pages, programs and files name them."""

from dataclasses import dataclass
from datetime import date, datetime

from outreach.evaluation.scorecard import (
    Allowed,
    Owner,
    Scorecard,
    owner_asked,
    owners_of_year,
    scorecard_of,
    years_with,
)
from outreach.programmes.asking import day_of_year
from outreach.shared.time import local_day

__all__ = ["Asked", "asked_card", "asked_owner"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for, and what else could be: years newest first, owners the highest first."""

    owner: Owner | None
    year: int
    as_of: date
    years: list[int]
    owners: list[Owner]

    @property
    def query(self) -> str:
        """The same in an address, for links to the next page."""
        organisation = f"&organisation={self.owner.code}" if self.owner and len(self.owners) > 1 else ""
        return f"year={self.year}&as_of={self.as_of.isoformat()}{organisation}"


async def asked_owner(
    allowed: Allowed, now: datetime, *, year: int | None, as_of: str = "", organisation: str = ""
) -> Asked:
    """Year, day and owner; without a year that of ``as_of``, else the latest one with programmes that has begun.

    Raises:
        NotFoundError: no such organisation for this reader.
        InvalidError: ``as_of`` is no day.
    """
    years = await years_with(allowed)
    today = local_day(now)
    day = day_of_year(as_of, year or today.year, now)
    if year is None:
        begun = [one for one in years if one <= today.year]
        year = day.year if as_of else next(iter([*begun, *reversed(years)]), today.year)
        day = day_of_year(as_of, year, now)
    owners = await owners_of_year(year, allowed)
    return Asked(await owner_asked(organisation, owners, allowed), year, day, years, owners)


async def asked_card(
    allowed: Allowed, now: datetime, *, year: int | None, as_of: str = "", organisation: str = ""
) -> tuple[Asked, Scorecard]:
    """The scorecard that is asked for; see ``asked_owner``."""
    asked = await asked_owner(allowed, now, year=year, as_of=as_of, organisation=organisation)
    return asked, await scorecard_of(asked.owner, year=asked.year, as_of=asked.as_of, now=now)
