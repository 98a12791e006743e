"""What is open when a year is to be closed. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from outreach.shared.i18n import phrase

__all__ = ["WHAT", "OpenItem", "OpenKind"]


class OpenKind(StrEnum):
    """What can be open, in the order in which it is dealt with."""

    DAYS = "days"
    UNRECORDED = "unrecorded"
    HELD = "held"
    COMING = "coming"
    DRAFTS = "drafts"
    ORDERS = "orders"
    BOOKINGS = "bookings"
    STATISTICS = "statistics"
    ACCOUNTS = "accounts"
    TEXT = "text"
    SNAPSHOT = "snapshot"


#: What it is, and what becomes of it when the year is closed all the same.
WHAT: dict[OpenKind, tuple[str, str]] = {
    OpenKind.DAYS: (phrase("天，年度才过完"), phrase("结账以后这一年不能再登记")),
    OpenKind.UNRECORDED: (phrase("场已过期未登记"), phrase("结账以后不能再登记，不计入数字")),
    OpenKind.HELD: (phrase("场办过还没有结项"), phrase("可以先全部结项")),
    OpenKind.COMING: (phrase("场已发布、还没有办"), phrase("结账以后办了也不能登记")),
    OpenKind.DRAFTS: (phrase("场还是草稿"), phrase("结账以后不能发布")),
    OpenKind.ORDERS: (phrase("张点单没有办完"), phrase("结账以后不能排在这一年")),
    OpenKind.BOOKINGS: (phrase("个预约待审核"), phrase("场次结项时按没有审核处理")),
    OpenKind.STATISTICS: (phrase("张统计表没有报"), phrase("统计表另行报送，结账以后仍可填")),
    OpenKind.ACCOUNTS: (phrase("个没有指标的项目没有写完成情况"), phrase("结账以后不能再改项目")),
    OpenKind.TEXT: (phrase("份报告没有写问题与来年安排"), phrase("结账以后仍可补写")),
    OpenKind.SNAPSHOT: (phrase("份全年报告没有定稿"), phrase("结账以后仍可定稿")),
}


@dataclass(frozen=True, slots=True)
class OpenItem:
    """So many of one kind; ``href``: where they are dealt with."""

    kind: OpenKind
    count: int
    href: str
