"""发放签收表 as a workbook: the rows of the printed list, with room for name, telephone, signature and day."""

from collections.abc import Sequence
from datetime import date

from outreach.materials.applications import ApplicationRow, applications_of_round
from outreach.materials.queries import RoundRow
from outreach.shared.i18n import gettext as _
from outreach.shared.paging import MAX_LIMIT
from outreach.web.workbooks import Cell, Sheet, workbook

__all__ = ["MOST_LINES", "list_xlsx", "signed_lines"]

#: Units on one list; larger rounds are printed district by district.
MOST_LINES = 2000
#: Name, telephone, signature and day are written by hand.
_EMPTY: tuple[Cell, ...] = (None, None, None, None)


async def signed_lines(row: RoundRow) -> list[ApplicationRow]:
    """Units that get something, in the order of the union tree; what they got so far among them."""
    lines: list[ApplicationRow] = []
    after: str | None = None
    while len(lines) < MOST_LINES:
        found = await applications_of_round(row.id, granted=True, limit=MAX_LIMIT, after=after)
        lines += found.items
        after = found.next
        if after is None:
            break
    return lines[:MOST_LINES]


async def list_xlsx(row: RoundRow, lines: Sequence[ApplicationRow], today: date) -> bytes:
    """One sheet; made beside the event loop."""
    head = [
        _("序号"),
        _("单位"),
        _("地区"),
        _("数量（%(unit)s）") % {"unit": row.unit},
        _("已发"),
        _("领取人"),
        _("电话"),
        _("签名"),
        _("领取日期"),
    ]
    rows: list[list[Cell]] = [
        [number, one.organisation_name, one.district or None, one.granted, one.handed or None, *_EMPTY]
        for number, one in enumerate(lines, 1)
    ]
    rows.append(
        [_("合计"), None, None, sum(one.granted or 0 for one in lines), sum(one.handed for one in lines), *_EMPTY]
    )
    return await workbook([Sheet(_("发放签收表"), head, rows, total=True)], title=row.title, made_on=today)
