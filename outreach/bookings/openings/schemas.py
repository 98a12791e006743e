"""JSON of openings."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from outreach.events.domain.openings import MOST_YEARS, ForWhom, OpeningDraft, OpeningFacts, Quota
from outreach.events.openings import Opened, OpeningRow
from outreach.shared.text import VISIBLE_LINE_PATTERN, District
from outreach.shared.time import local

__all__ = [
    "OpeningIn",
    "OpeningList",
    "OpeningOut",
    "OpeningPatch",
    "QuotaIn",
    "opening_out",
]

Name = Annotated[str, Meta(min_length=1, max_length=100, pattern=VISIBLE_LINE_PATTERN)]
Moment = Annotated[datetime, Meta(tz=True)]
Years = Annotated[int, Meta(ge=1, le=MOST_YEARS)]
LimitPerUnit = Annotated[int, Meta(ge=1, le=10_000)]
Places = Annotated[int, Meta(ge=1, le=1_000_000)]
Districts = Annotated[list[District], Meta(max_length=100)]
Ids = Annotated[list[UUID], Meta(max_length=500)]


class QuotaIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Places kept for a district; an empty district stands for units of the city itself (市直属)."""

    district: District
    places: Places


Quotas = Annotated[list[QuotaIn], Meta(max_length=100)]


class OpeningIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """An opening. `districts` belongs to `for_whom` `districts`, `unserved_years` to `unserved`. `places` and
    `max_per_organisation` count bookings, claims and orders; null: no limit. `quotas` keep places; what is left of
    `places` is shared by all districts."""

    programme_id: UUID
    name: Name
    opens_at: Moment
    closes_at: Moment | None = None
    for_whom: ForWhom = ForWhom.ALL
    districts: Districts = []
    unserved_years: Years | None = None
    max_per_organisation: LimitPerUnit | None = None
    places: Places | None = None
    quotas: Quotas = []
    session_ids: Ids = []
    event_ids: Ids = []

    def draft(self) -> OpeningDraft:
        facts = OpeningFacts(
            opens_at=self.opens_at,
            closes_at=self.closes_at,
            for_whom=self.for_whom.value,
            districts=tuple(dict.fromkeys(self.districts)),
            unserved_years=self.unserved_years,
            max_per_organisation=self.max_per_organisation,
            places=self.places,
            quotas=tuple(Quota(one.district, one.places) for one in self.quotas),
        )
        return OpeningDraft(
            programme_id=self.programme_id,
            name=self.name,
            facts=facts,
            session_ids=tuple(self.session_ids),
            event_ids=tuple(self.event_ids),
        )


class OpeningPatch(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is to be changed; fields left out stay, lists are given whole. The programme stays."""

    name: Name | UnsetType = UNSET
    opens_at: Moment | UnsetType = UNSET
    closes_at: Moment | UnsetType | None = UNSET
    for_whom: ForWhom | UnsetType = UNSET
    districts: Districts | UnsetType = UNSET
    unserved_years: Years | UnsetType | None = UNSET
    max_per_organisation: LimitPerUnit | UnsetType | None = UNSET
    places: Places | UnsetType | None = UNSET
    quotas: Quotas | UnsetType = UNSET
    session_ids: Ids | UnsetType = UNSET
    event_ids: Ids | UnsetType = UNSET

    def merged(self, opening: OpeningRow, opened: Opened) -> OpeningDraft:
        """The stored opening with what was given in its place."""
        stored: dict[str, Any] = {
            "programme_id": opening.programme_id,
            "session_ids": list(opened.session_ids),
            "event_ids": list(opened.event_ids),
            "for_whom": ForWhom(opening.for_whom),
            "districts": list(opening.districts),
            "quotas": [QuotaIn(district=one.district, places=one.places) for one in opening.quotas],
            **{
                name: getattr(opening, name)
                for name in ("name", "opens_at", "closes_at", "unserved_years", "max_per_organisation", "places")
            },
        }
        names = self.__struct_fields__
        given = {name: value for name in names if (value := getattr(self, name)) is not UNSET}
        return OpeningIn(**{**stored, **given}).draft()


class QuotaOut(msgspec.Struct, kw_only=True):
    """Places kept for a district; `taken` is what units of the district have, beyond those kept included."""

    district: str
    places: int
    taken: int


class OpeningOut(msgspec.Struct, kw_only=True):
    """An opening. `taken` counts all places; `session_ids` and `event_ids` are what can be booked and ordered."""

    id: UUID
    programme_id: UUID
    programme_name: str
    name: str
    state: str
    opens_at: datetime
    closes_at: datetime | None
    for_whom: str
    districts: list[str]
    unserved_years: int | None
    max_per_organisation: int | None
    places: int | None
    taken: int
    quotas: list[QuotaOut]
    session_ids: list[UUID]
    event_ids: list[UUID]
    revision: int


class OpeningList(msgspec.Struct, kw_only=True):
    """Part of the openings, the latest wave first."""

    items: list[OpeningOut]
    next: str | None
    total: int


def opening_out(row: OpeningRow, opened: Opened, taken: dict[str, int], now: datetime) -> OpeningOut:
    """An opening as JSON; ``taken``: places by district."""
    return OpeningOut(
        id=row.id,
        programme_id=row.programme_id,
        programme_name=row.programme_name,
        name=row.name,
        state=row.state(now).value,
        opens_at=local(row.opens_at),
        closes_at=None if row.closes_at is None else local(row.closes_at),
        for_whom=row.for_whom,
        districts=list(row.districts),
        unserved_years=row.unserved_years,
        max_per_organisation=row.max_per_organisation,
        places=row.places,
        taken=sum(taken.values()),
        quotas=[QuotaOut(district=q.district, places=q.places, taken=taken.get(q.district, 0)) for q in row.quotas],
        session_ids=list(opened.session_ids),
        event_ids=list(opened.event_ids),
        revision=row.revision,
    )
