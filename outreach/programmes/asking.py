"""Parameters of addresses. Litestar takes their limits from ``QueryParameter`` and not from msgspec's ``Meta``."""

from typing import Annotated

from litestar.params import QueryParameter

from outreach.shared.paging import DEFAULT_LIMIT, MAX_LIMIT
from outreach.shared.time import FIRST_YEAR, LAST_YEAR

__all__ = ["DEFAULT_LIMIT", "Cursor", "IdAsked", "Limit", "PageNumber", "TextAsked", "YearAsked"]

Limit = Annotated[int, QueryParameter(ge=1, le=MAX_LIMIT)]
Cursor = Annotated[str, QueryParameter(max_length=2000)]
IdAsked = Annotated[str, QueryParameter(max_length=40)]
TextAsked = Annotated[str, QueryParameter(max_length=100)]
YearAsked = Annotated[int | None, QueryParameter(ge=FIRST_YEAR, le=LAST_YEAR)]
PageNumber = Annotated[int, QueryParameter(name="page", ge=1, le=10_000)]
