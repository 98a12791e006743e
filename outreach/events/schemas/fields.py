"""Types of fields that several structures share."""

from dataclasses import fields
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta

from outreach.shared.text import LINE_PATTERN
from outreach.shared.time import local

Seats = Annotated[int, Meta(ge=1, le=100_000)]
People = Annotated[int, Meta(ge=1, le=1_000_000)]
Minutes = Annotated[int, Meta(ge=0, le=10_080)]
Duration = Annotated[int, Meta(ge=1, le=86_400)]
OftenAtMost = Annotated[int, Meta(ge=1, le=1_000)]
Moment = Annotated[datetime, Meta(tz=True)]
ProviderIds = Annotated[list[UUID], Meta(max_length=50)]
Topic = Annotated[str, Meta(max_length=60, pattern=LINE_PATTERN)]
Topics = Annotated[list[Topic], Meta(max_length=50)]
PartCodes = Annotated[
    list[Annotated[str, Meta(pattern=r"^[1-7]-(morning|noon|afternoon|evening)\Z")]], Meta(max_length=28)
]
LeadDays = Annotated[int, Meta(ge=0, le=365)]
OverrideReason = Annotated[str, Meta(max_length=400, pattern=LINE_PATTERN)]
Profession = Annotated[str, Meta(max_length=100, pattern=LINE_PATTERN)]


def copied(row: Any, names: set[str]) -> dict[str, Any]:
    """Those attributes of ``row``, by name."""
    return {name: getattr(row, name) for name in names}


def local_or_none(moment: datetime | None) -> datetime | None:
    """The moment on the local wall clock."""
    return None if moment is None else local(moment)


def patched(draft: Any, row: Any, patch: msgspec.Struct) -> Any:
    """A draft of type ``draft`` from the stored ``row``, with what ``patch`` gives in its place."""
    values = {one.name: getattr(row, one.name) for one in fields(draft)}
    given = {name: value for name, value in msgspec.structs.asdict(patch).items() if value is not UNSET}
    if "providers" in given:
        given["provider_ids"] = given.pop("providers")
    return draft(**{**values, **{name: tuple(v) if isinstance(v, list) else v for name, v in given.items()}})
