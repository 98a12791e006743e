"""Forms of snapshots."""

from datetime import date
from typing import Annotated

import msgspec
from msgspec import Meta

from outreach.reports.jobs.schemas import CodeAsked, NoteText, PeriodAsked, Year
from outreach.shared.i18n import gettext as _
from outreach.shared.text import LINE_PATTERN

__all__ = ["FixForm", "WithdrawForm", "fix_order"]


class FixForm(msgspec.Struct, kw_only=True):
    """What to fix."""

    year: Year
    as_of: date | None = None
    organisation: CodeAsked = ""
    programme: CodeAsked = ""
    period: PeriodAsked = ""
    note: NoteText = ""


class WithdrawForm(msgspec.Struct, kw_only=True):
    """Why a snapshot does not stand any more."""

    reason: Annotated[str, Meta(max_length=400, pattern=LINE_PATTERN)] = ""


def fix_order() -> list[tuple[str, str]]:
    """Fields in the order of the page, with their labels."""
    return [
        ("year", _("年份")),
        ("as_of", _("截止日")),
        ("organisation", _("单位")),
        ("period", _("月份或季度")),
        ("programme", _("项目")),
        ("note", _("说明")),
    ]
