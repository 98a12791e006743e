"""HTML forms of the list of people to tell."""

from typing import Annotated

import msgspec
from msgspec import Meta

__all__ = ["ToldForm"]


class ToldForm(msgspec.Struct, kw_only=True):
    """Messages that somebody has told, or has not told after all."""

    message_ids: Annotated[list[Annotated[str, Meta(max_length=36)]], Meta(min_length=1, max_length=200)]
