"""The form of 五、问题与来年安排."""

from typing import Annotated

import msgspec

from outreach.shared.text import LongText

__all__ = ["TextForm"]


class TextForm(msgspec.Struct, kw_only=True):
    """What was typed, and the revision of what stood there before (0: nothing)."""

    problems: LongText = ""
    plans: LongText = ""
    revision: Annotated[int, msgspec.Meta(ge=0, le=2_000_000_000)] = 0
