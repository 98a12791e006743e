"""What people type on pages of papers."""

from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from outreach.papers.domain.certificates import MOST_HALVES
from outreach.shared.errors import invalid

__all__ = ["CertificatesForm", "halves_given"]


class CertificatesForm(msgspec.Struct, kw_only=True):
    """Whom to certify, 学时 of one day, and whether to show a page to print or a PDF."""

    hours: Annotated[float, Meta(ge=0, le=MOST_HALVES / 2)]
    people: Annotated[list[UUID], Meta(max_length=1000)] = []
    form: Literal["page", "pdf"] = "page"


def halves_given(hours: float) -> int:
    """学时 as halves.

    Raises:
        InvalidError: not a multiple of a half.
    """
    halves = round(hours * 2)
    if abs(hours * 2 - halves) > 1e-9 or halves < 1:
        raise invalid("hours", "not-half-lessons")
    return halves
