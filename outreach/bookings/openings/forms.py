"""The HTML form of an opening."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

from outreach.bookings.openings.schemas import LimitPerUnit, Moment, Name, Places, Years
from outreach.events.domain.openings import ForWhom, OpeningDraft, OpeningFacts, Quota
from outreach.events.openings import Opened, OpeningRow
from outreach.shared.errors import FieldProblem, InvalidError
from outreach.shared.i18n import gettext as _
from outreach.shared.text import LINE_PATTERN
from outreach.web.forms import parse_form

__all__ = ["CITY", "OpeningForm", "opening_draft", "opening_order", "opening_values", "quota_field"]

#: How a form names units of the city itself, whose district is empty: an empty box would be no answer.
CITY = "-"
_QUOTA = "quota:"
_DISTRICT_LENGTH, _MOST_PLACES = 40, 1_000_000

DistrictBox = Annotated[str, Meta(min_length=1, max_length=_DISTRICT_LENGTH, pattern=LINE_PATTERN)]


class OpeningForm(msgspec.Struct, kw_only=True):
    """What is typed of an opening; places kept for districts come in fields of their own, see ``quota_field``."""

    name: Name
    opens_at: Moment
    closes_at: Moment | None = None
    for_whom: ForWhom = ForWhom.ALL
    districts: Annotated[list[DistrictBox], Meta(max_length=100)] = []
    unserved_years: Years | None = None
    max_per_organisation: LimitPerUnit | None = None
    places: Places | None = None
    session_ids: Annotated[list[UUID], Meta(max_length=500)] = []
    event_ids: Annotated[list[UUID], Meta(max_length=500)] = []
    revision: Annotated[int, Meta(ge=1, le=2_000_000_000)] | None = None


def quota_field(district: str) -> str:
    """The name of the field that keeps places for ``district``."""
    return f"{_QUOTA}{district or CITY}"


def opening_draft(programme_id: UUID, values: Mapping[str, Any]) -> tuple[OpeningDraft, int | None]:
    """What the posted form says, and the revision that it was made from.

    Raises:
        InvalidError: names every bad field.
    """
    quotas, problems = _quotas(values)
    try:
        form = parse_form(OpeningForm, values)
    except InvalidError as error:
        raise InvalidError([*error.problems, *problems]) from None
    if problems:
        raise InvalidError(problems)
    facts = OpeningFacts(
        opens_at=form.opens_at,
        closes_at=form.closes_at,
        for_whom=form.for_whom.value,
        districts=tuple(dict.fromkeys("" if one == CITY else one for one in form.districts)),
        unserved_years=form.unserved_years,
        max_per_organisation=form.max_per_organisation,
        places=form.places,
        quotas=quotas,
    )
    draft = OpeningDraft(
        programme_id=programme_id,
        name=form.name,
        facts=facts,
        session_ids=tuple(form.session_ids),
        event_ids=tuple(form.event_ids),
    )
    return draft, form.revision


def _quotas(values: Mapping[str, Any]) -> tuple[tuple[Quota, ...], list[FieldProblem]]:
    quotas: list[Quota] = []
    problems: list[FieldProblem] = []
    for name, given in values.items():
        district = name.removeprefix(_QUOTA)
        text = given[-1] if isinstance(given, list) else given
        if not name.startswith(_QUOTA) or not isinstance(text, str) or not text or len(district) > _DISTRICT_LENGTH:
            continue
        if not (text.isascii() and text.isdigit()):
            problems.append(FieldProblem(name, "not-whole-number"))
        elif len(text) > len(str(_MOST_PLACES)) or int(text) > _MOST_PLACES:
            problems.append(FieldProblem(name, "too-large-number", {"most": f"{_MOST_PLACES:,}"}))
        elif int(text) > 0:
            quotas.append(Quota("" if district == CITY else district, int(text)))
    return tuple(quotas), problems


def opening_values(row: OpeningRow, opened: Opened) -> dict[str, Any]:
    """What the form of a stored opening shows."""
    return {
        **{name: getattr(row, name) for name in OpeningForm.__struct_fields__ if hasattr(row, name)},
        "districts": [one or CITY for one in row.districts],
        "session_ids": list(opened.session_ids),
        "event_ids": list(opened.event_ids),
        **{quota_field(quota.district): quota.places for quota in row.quotas},
    }


def opening_order(districts: Sequence[str]) -> list[tuple[str, str]]:
    """Fields of the form with their labels, in order."""
    return [
        ("name", _("名称")),
        ("opens_at", _("什么时候开放")),
        ("closes_at", _("什么时候截止")),
        ("for_whom", _("面向谁")),
        ("districts", _("哪些地区")),
        ("unserved_years", _("几年没有办过")),
        ("max_per_organisation", _("每个单位最多")),
        ("places", _("总名额")),
        ("quotas", _("留给各区的名额")),
        *((quota_field(one), _("留给%(district)s的名额") % {"district": one or _("市直属")}) for one in districts),
        ("session_ids", _("开放哪些场次")),
        ("event_ids", _("开放哪些活动点单")),
    ]


def fresh_values(opens_at: datetime | None = None) -> dict[str, Any]:
    """What a new form shows."""
    return {"for_whom": ForWhom.ALL.value, "opens_at": opens_at}
