"""Parameters of addresses. Litestar takes their limits from ``QueryParameter`` and not from msgspec's ``Meta``."""

from datetime import date, datetime
from typing import Annotated

from litestar.params import QueryParameter

from outreach.shared.errors import InvalidError, invalid
from outreach.shared.paging import DEFAULT_LIMIT, MAX_LIMIT
from outreach.shared.time import FIRST_YEAR, LAST_YEAR, implausible_day, local_day

__all__ = ["DEFAULT_LIMIT", "Cursor", "IdAsked", "Limit", "PageNumber", "TextAsked", "YearAsked", "day_of_year"]

Limit = Annotated[int, QueryParameter(ge=1, le=MAX_LIMIT)]
Cursor = Annotated[str, QueryParameter(max_length=2000)]
IdAsked = Annotated[str, QueryParameter(max_length=40)]
TextAsked = Annotated[str, QueryParameter(max_length=100)]
YearAsked = Annotated[int | None, QueryParameter(ge=FIRST_YEAR, le=LAST_YEAR)]
PageNumber = Annotated[int, QueryParameter(name="page", ge=1, le=10_000)]


def day_of_year(text: str, year: int, now: datetime) -> date:
    """The day asked for; without one today, or the last day of a year that is over.

    Raises:
        InvalidError: it is no day, or one that this program does not plan for; names ``as_of``.
    """
    if not text:
        return min(local_day(now), date(year, 12, 31))
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise invalid("as_of", "not-date") from None
    if problems := implausible_day("as_of", day):
        raise InvalidError(problems)
    return day
