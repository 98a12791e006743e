"""HTML forms of reported figures."""

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

from outreach.attendance.forms import HeadcountForm, figures_order
from outreach.attendance.reported.domain.reports import Said
from outreach.bookings.schemas import Note
from outreach.shared.i18n import gettext as _

__all__ = ["ConfirmForm", "ReportForm", "report_order", "report_values"]


class ReportForm(HeadcountForm, kw_only=True):
    """What came of one day, as the unit says it; in whose name, where the contact speaks for several."""

    remark: Note = ""
    organisation_id: UUID | None = None


class ConfirmForm(msgspec.Struct, kw_only=True):
    """The day whose reports are taken over, and what of them was seen."""

    on: dt.date
    revision: Annotated[int, Meta(ge=1, le=2**31 - 1)]


def report_order() -> list[tuple[str, str]]:
    """Fields of a report, with their labels."""
    return [("organisation_id", _("单位")), *figures_order(), ("remark", _("备注"))]


def report_values(said: Said) -> Mapping[str, Any]:
    """What the form shows of figures."""
    return {"total": said.total, "workers": said.workers, "estimated": said.estimated, **said.breakdown}
