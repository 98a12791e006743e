"""The desk's list of bookings as a workbook."""

from collections.abc import Sequence
from datetime import datetime

from outreach.bookings.domain.states import BOOKING_WORDS
from outreach.bookings.queries import BookingRow
from outreach.shared.i18n import gettext as _
from outreach.shared.time import local_day
from outreach.web.workbooks import Cell, Digits, Sheet, workbook

__all__ = ["bookings_xlsx"]


def _head() -> list[str]:
    return [
        _("序号"),
        _("状态"),
        _("项目"),
        _("场次"),
        _("开始"),
        _("结束"),
        _("单位"),
        _("名额"),
        _("想要的名额"),
        _("整场"),
        _("候补第几位"),
        _("联系人"),
        _("电话"),
        _("备注"),
        _("原因"),
        _("预约"),
        _("最近变动"),
    ]


def _row(number: int, one: BookingRow, phone: bool) -> list[Cell]:
    return [
        number,
        _(BOOKING_WORDS[one.state]) if one.state != "offered" else _("有空位，等对方确认"),
        one.programme_name,
        one.title,
        one.starts_at,
        one.ends_at,
        one.organisation_name,
        one.seats,
        one.seats_wanted,
        _("是") if one.is_host else None,
        one.place_in_queue,
        one.contact_name,
        Digits(one.contact_phone) if phone else None,
        one.note or None,
        one.reason or None,
        one.created_at,
        one.changed_at,
    ]


async def bookings_xlsx(bookings: Sequence[tuple[BookingRow, bool]], now: datetime) -> bytes:
    """One sheet, one row a booking. Made beside the event loop.

    Args:
        bookings: each with whether its contact's telephone may be shown to the reader.
    """
    rows = [_row(number, one, phone) for number, (one, phone) in enumerate(bookings, 1)]
    sheet = Sheet(_("预约"), _head(), rows, filtering=True)
    return await workbook([sheet], title=_("预约"), made_on=local_day(now))
