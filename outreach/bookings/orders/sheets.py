"""汇总表: the orders of a list as a workbook."""

from collections.abc import Sequence
from datetime import datetime

from outreach.bookings.orders.queries import OrderRow
from outreach.bookings.orders.wording import order_state, window_text
from outreach.shared.i18n import gettext as _
from outreach.shared.time import local_day
from outreach.web.wording import FILTERS
from outreach.web.workbooks import Cell, Digits, Sheet, workbook

__all__ = ["orders_xlsx"]


def _head() -> list[str]:
    return [
        _("序号"),
        _("状态"),
        _("项目"),
        _("活动"),
        _("种类"),
        _("单位"),
        _("拼场单位"),
        _("地区"),
        _("地点"),
        _("人数"),
        _("想要的时间"),
        _("最早"),
        _("最晚"),
        _("联系人"),
        _("电话"),
        _("现场缺什么"),
        _("备注"),
        _("提交"),
        _("批准"),
        _("派单次数"),
        _("讲师、团队"),
        _("开始"),
        _("结束"),
        _("评分"),
        _("原因"),
    ]


def _row(number: int, one: OrderRow, phone: bool) -> list[Cell]:
    return [
        number,
        order_state(one.state),
        one.programme_name,
        one.event_title,
        one.event_kind,
        one.organisation_name,
        FILTERS["joined"](one.joined_names) or None,
        one.district,
        one.address,
        one.audience,
        FILTERS["joined"](window_text(window.on, window.part) for window in one.windows),
        one.first_on,
        one.last_on,
        one.contact_name,
        Digits(one.contact_phone) if phone else None,
        one.site_lacks or None,
        one.note or None,
        one.submitted_at,
        one.approved_at,
        one.assignment,
        FILTERS["joined"](one.provider_names) or None,
        one.session_starts_at,
        one.session_ends_at,
        round(one.score, 1) if one.score is not None else None,
        one.reason or None,
    ]


async def orders_xlsx(orders: Sequence[tuple[OrderRow, bool]], now: datetime) -> bytes:
    """One sheet, one row an order; dates are dates, telephone numbers are texts. Made beside the event loop.

    Args:
        orders: each with whether its contact's telephone may be shown to the reader.
    """
    rows = [_row(number, one, phone) for number, (one, phone) in enumerate(orders, 1)]
    sheet = Sheet(_("点单汇总表"), _head(), rows, filtering=True)
    return await workbook([sheet], title=_("点单汇总表"), made_on=local_day(now))
