"""HTML forms of staff: what the JSON takes, as check boxes and text fields say it."""

from datetime import date, timedelta
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

from outreach.events.domain.drafts import DISTRICT_LENGTH, EventDraft, ProviderDraft, SessionGiven, VenueDraft
from outreach.events.domain.states import Visibility
from outreach.events.domain.travel import MOST_MINUTES
from outreach.events.domain.warnings import Absence
from outreach.events.menu import EventRow, ProviderRow, VenueRow
from outreach.events.queries import SessionRow
from outreach.events.schemas import EventIn, ProviderIn, VenueIn
from outreach.events.schemas.fields import Minutes, Moment, OverrideReason, Profession, ProviderIds, Seats
from outreach.shared.i18n import gettext as _
from outreach.shared.i18n import language
from outreach.shared.text import VISIBLE_LINE_PATTERN, District, Line, LongText, OptionalLine, ShortLine
from outreach.web.wording import joined

__all__ = [
    "AbsenceForm",
    "AbsenceKey",
    "EventForm",
    "ProviderForm",
    "PublishForm",
    "SessionForm",
    "TravelForm",
    "TravelPair",
    "VenueForm",
    "absence_order",
    "event_order",
    "event_values",
    "provider_order",
    "provider_values",
    "session_order",
    "session_values",
    "travel_order",
    "venue_order",
    "venue_values",
]

Revision = Annotated[int, Meta(ge=1, le=2_000_000_000)]
#: Which codes there are is checked by the command, so that an unknown one is named with the whole field.
TickedParts = Annotated[list[str], Meta(max_length=28)]
DistrictName = Annotated[str, Meta(min_length=1, max_length=DISTRICT_LENGTH, pattern=VISIBLE_LINE_PATTERN)]
#: Drafts that are published with one click at most.
MOST_AT_ONCE = 200
PARTS = {"host_org_id": "host", "organiser_org_id": "organiser", "support_org_id": "support"}


class EventForm(EventIn, kw_only=True):
    """A menu item; an unchecked box is sent as nothing."""

    active: bool = False
    orderable: bool = False
    revision: Revision | None = None

    def draft(self) -> EventDraft:
        given = msgspec.structs.asdict(self)
        del given["revision"]
        return EventDraft(
            **{**{n: v for n, v in given.items() if n != "providers"}, "provider_ids": (*self.providers,)}
        )


class ProviderForm(ProviderIn, kw_only=True):
    """A lecturer or a troupe; topics in one line, separated by 、 or commas."""

    topics_text: OptionalLine = ""
    active: bool = False
    available_parts: TickedParts = msgspec.field(default_factory=list)
    revision: Revision | None = None

    def draft(self) -> ProviderDraft:
        given = msgspec.structs.asdict(self)
        for name in ("topics_text", "revision"):
            del given[name]
        words = self.topics_text.replace("，", "、").replace(",", "、").split("、")
        return ProviderDraft(
            **{
                **given,
                "topics": tuple(word.strip()[:60] for word in words if word.strip()),
                "available_parts": tuple(self.available_parts),
                "absences": None,
            }
        )


class AbsenceForm(msgspec.Struct, kw_only=True):
    """Days on which a provider is away, both included; no last day: one day."""

    from_on: date
    last_on: date | None = None
    reason: Profession = ""

    def absence(self) -> Absence:
        last_on = self.last_on or self.from_on
        return Absence(self.from_on, last_on + timedelta(days=1) if last_on < date.max else last_on, self.reason)


class AbsenceKey(msgspec.Struct, kw_only=True):
    """Which absence is taken back."""

    from_on: date
    until_on: date


class TravelForm(msgspec.Struct, kw_only=True):
    """Minutes between two districts."""

    district_a: DistrictName
    district_b: DistrictName
    minutes: Annotated[int, Meta(ge=0, le=MOST_MINUTES)]


class TravelPair(msgspec.Struct, kw_only=True):
    """Which pair goes back to its default."""

    district_a: DistrictName
    district_b: DistrictName


class PublishManyForm(msgspec.Struct, kw_only=True):
    """The drafts ticked."""

    session_ids: Annotated[list[UUID], Meta(min_length=1, max_length=MOST_AT_ONCE)]


class PublishForm(msgspec.Struct, kw_only=True):
    """Why warnings are set aside."""

    override_reason: OverrideReason = ""


class VenueForm(VenueIn, kw_only=True):
    """A place; an unchecked box is sent as nothing."""

    active: bool = False
    revision: Revision | None = None

    def draft(self) -> VenueDraft:
        given = msgspec.structs.asdict(self)
        del given["revision"]
        return VenueDraft(**given)


class SessionForm(msgspec.Struct, kw_only=True):
    """A draft; ``host`` is a code or a full name, looked up by the page."""

    event_id: UUID
    title: Line
    kind: ShortLine
    starts_at: Moment
    ends_at: Moment | None = None
    provider_ids: ProviderIds = []
    other_provider_id: UUID | None = None
    venue_id: UUID | None = None
    address: OptionalLine = ""
    district: District = ""
    host: OptionalLine = ""
    multi_day: bool = False
    setup_minutes: Minutes | None = None
    takedown_minutes: Minutes | None = None
    capacity: Seats | None = None
    unlimited: bool = False
    claimable: bool = False
    visibility: Visibility = Visibility.PUBLIC
    approval_needed: bool = False
    booking_opens_at: Moment | None = None
    booking_closes_at: Moment | None = None
    max_seats_per_booking: Seats | None = None
    note: LongText = ""
    host_org_id: UUID | None = None
    organiser_org_id: UUID | None = None
    support_org_id: UUID | None = None
    revision: Revision | None = None

    def given(self, host_id: UUID | None) -> SessionGiven:
        """What was typed, with the host that was found for it. An empty district is that of the venue."""
        extra = (self.other_provider_id,) if self.other_provider_id else ()
        organisers = tuple((part, id_) for name, part in PARTS.items() if (id_ := getattr(self, name)) is not None)
        names = set(SessionGiven.__dataclass_fields__) & set(self.__struct_fields__)
        return SessionGiven(
            **{
                **{name: getattr(self, name) for name in names},
                "provider_ids": (*self.provider_ids, *extra),
                "host_id": host_id,
                "district": self.district or None,
                "visibility": self.visibility.value,
                "organisers": organisers,
            }
        )


def event_values(row: EventRow) -> dict[str, Any]:
    """What the form shows of a stored menu item."""
    values = {name: getattr(row, name) for name in EventForm.__struct_fields__ if hasattr(row, name)}
    return {**values, "providers": list(row.provider_ids)}


def provider_values(row: ProviderRow) -> dict[str, Any]:
    """What the form shows of a stored provider."""
    values = {name: getattr(row, name) for name in ProviderForm.__struct_fields__ if hasattr(row, name)}
    return {**values, "topics_text": joined(row.topics, language())}


def venue_values(row: VenueRow) -> dict[str, Any]:
    """What the form shows of a stored place."""
    return {name: getattr(row, name) for name in VenueForm.__struct_fields__ if hasattr(row, name)}


def session_values(row: SessionRow) -> dict[str, Any]:
    """What the form shows of a stored session."""
    values = {name: getattr(row, name) for name in SessionForm.__struct_fields__ if hasattr(row, name)}
    by_part = dict(zip(row.organiser_parts, row.organiser_ids, strict=True))
    return {
        **values,
        "provider_ids": list(row.provider_ids),
        "host": row.host_name or "",
        "unlimited": row.capacity is None,
        **{name: by_part.get(part) for name, part in PARTS.items()},
    }


def event_order() -> list[tuple[str, str]]:
    """Fields of the form with their labels, in order."""
    return [
        ("programme_id", _("项目")),
        ("title", _("名称")),
        ("kind", _("种类")),
        ("topic", _("主题")),
        ("audience", _("对象")),
        ("duration_minutes", _("时长")),
        ("min_audience", _("最少人数")),
        ("max_audience", _("最多人数")),
        ("site_needs", _("场地要求")),
        ("summary", _("内容介绍")),
        ("lead_days", _("至少提前")),
        ("providers", _("讲师团队")),
    ]


def provider_order() -> list[tuple[str, str]]:
    """Fields of the form with their labels, in order."""
    return [
        ("kind", _("类别")),
        ("name", _("姓名或团名")),
        ("title", _("职称或简介")),
        ("organisation_id", _("所属组织")),
        ("topics_text", _("专长")),
        ("home_district", _("所在地区")),
        ("phone", _("电话")),
        ("available_parts", _("哪些时段能来")),
        ("availability", _("补充说明")),
        ("parallel_teams", _("同时能出几队")),
        ("max_per_day", _("每天最多")),
        ("max_per_week", _("每周最多")),
        ("max_per_month", _("每月最多")),
    ]


def absence_order() -> list[tuple[str, str]]:
    """Fields of the form with their labels, in order."""
    return [("from_on", _("第一天")), ("until_on", _("最后一天")), ("last_on", _("最后一天")), ("reason", _("原因"))]


def travel_order() -> list[tuple[str, str]]:
    """Fields of the form with their labels, in order."""
    return [("district_a", _("从")), ("district_b", _("到")), ("minutes", _("路上"))]


def venue_order() -> list[tuple[str, str]]:
    """Fields of the form with their labels, in order."""
    return [
        ("name", _("名称")),
        ("organisation_id", _("所属组织")),
        ("address", _("地址")),
        ("district", _("地区")),
        ("capacity", _("容纳人数")),
        ("rooms", _("同时可用的厅室")),
        ("setup_minutes", _("布置时间")),
        ("takedown_minutes", _("撤场时间")),
        ("directions", _("怎么走")),
    ]


def session_order() -> list[tuple[str, str]]:
    """Fields of the form with their labels, in order."""
    return [
        ("event_id", _("活动")),
        ("title", _("场次名称")),
        ("kind", _("种类")),
        ("starts_at", _("开始")),
        ("ends_at", _("结束")),
        ("provider_ids", _("讲师团队")),
        ("other_provider_id", _("另请一位")),
        ("venue_id", _("场地")),
        ("address", _("地址")),
        ("district", _("地区")),
        ("host", _("在哪个单位办")),
        ("setup_minutes", _("布置时间")),
        ("takedown_minutes", _("撤场时间")),
        ("capacity", _("名额")),
        ("visibility", _("谁能看到")),
        ("booking_opens_at", _("开放预约")),
        ("booking_closes_at", _("预约截止")),
        ("max_seats_per_booking", _("每个单位最多")),
        ("note", _("给参加者的说明")),
        ("organisers", _("主办、承办、协办")),
    ]
