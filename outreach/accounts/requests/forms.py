"""Forms of requests."""

from typing import Annotated

import msgspec
from msgspec import Meta

from outreach.shared.text import LINE_PATTERN, VISIBLE_LINE_PATTERN

__all__ = ["AcceptForm", "DeclineForm"]


class AcceptForm(msgspec.Struct, kw_only=True):
    organisation_id: Annotated[str, Meta(max_length=40, pattern=LINE_PATTERN)]


class DeclineForm(msgspec.Struct, kw_only=True):
    reason: Annotated[str, Meta(min_length=1, max_length=400, pattern=VISIBLE_LINE_PATTERN)]
