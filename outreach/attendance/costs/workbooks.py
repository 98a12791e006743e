"""The costs of a programme as a workbook: sums, providers, sessions, single lines."""

from datetime import date

from outreach.attendance.costs.budget import SessionCost, costed_sessions, lines_of_year, provider_sums
from outreach.attendance.costs.domain.money import KIND_WORDS
from outreach.attendance.costs.queries import Spending, spending_of_programmes
from outreach.programmes.queries import ProgrammeRow
from outreach.shared.i18n import gettext as _
from outreach.web.workbooks import Cell, Sheet, workbook

__all__ = ["costs_xlsx"]

#: Sessions asked for at once, and rows of a sheet at most.
PER_READ, MOST_ROWS = 1000, 20_000


def _yuan(fen: int | None) -> int | float | None:
    """A cell in yuan: Excel itself knows no other numbers with decimals than floats."""
    if fen is None:
        return None
    return fen // 100 if fen % 100 == 0 else fen / 100


def _hours(half_hours: int | None) -> int | float | None:
    if half_hours is None:
        return None
    return half_hours // 2 if half_hours % 2 == 0 else half_hours / 2


async def costs_xlsx(programme: ProgrammeRow, as_of: date, title: str) -> bytes:
    """Four sheets; what counts on the day ``as_of``. Made beside the event loop."""
    spending = (await spending_of_programmes([programme.id], year=programme.year, as_of=as_of))[programme.id]
    sheets = [
        _summary(programme, spending),
        await _providers(programme, as_of),
        await _sessions(programme, as_of),
        await _lines(programme, as_of),
    ]
    return await workbook(sheets, title=title, made_on=as_of)


def _summary(programme: ProgrammeRow, spending: Spending) -> Sheet:
    rows: list[list[Cell]] = [
        [_("项目"), programme.name, None],
        [_("预算"), None, programme.budget_yuan],
        [_("已用"), None, _yuan(spending.total_fen)],
        [_("登记了费用的场次"), None, spending.sessions],
        [_("这些场次的人次"), None, spending.visits],
        [_("每场"), None, _yuan(spending.fen_per_session)],
        [_("每人次"), None, _yuan(spending.fen_per_visit)],
    ]
    rows += [[_("资金来源"), source or _("没有写明"), _yuan(fen)] for source, fen in spending.by_source.items()]
    rows += [[_("类别"), _(KIND_WORDS[kind]), _yuan(fen)] for kind, fen in spending.by_kind.items()]
    return Sheet(_("汇总"), [_("内容"), _("说明"), _("数（金额以元计）")], rows)


async def _providers(programme: ProgrammeRow, as_of: date) -> Sheet:
    found, _total = await provider_sums(programme.id, year=programme.year, as_of=as_of, limit=MOST_ROWS)
    rows = [[one.name or _("没有写明"), one.sessions, _hours(one.half_hours), _yuan(one.fen)] for one in found]
    return Sheet(_("讲师团队"), [_("讲师、团队"), _("场次"), _("课时"), _("金额（元）")], rows)


async def _sessions(programme: ProgrammeRow, as_of: date) -> Sheet:
    rows: list[SessionCost] = []
    after = None
    while len(rows) < MOST_ROWS:
        found = await costed_sessions(
            programme.id, year=programme.year, as_of=as_of, show="held", total=0, limit=PER_READ, after=after
        )
        rows += found.items
        after = found.next
        if after is None:
            break
    head = [_("开始"), _("场次"), _("单位"), _("人次"), _("费用（元）"), _("每人次（元）")]
    cells = [
        [one.starts_at, one.title, one.host_name or None, one.visits, _yuan(one.fen), _yuan(one.fen_per_visit)]
        for one in rows
    ]
    return Sheet(_("场次"), head, cells, filtering=True)


async def _lines(programme: ProgrammeRow, as_of: date) -> Sheet:
    found = await lines_of_year(programme.id, year=programme.year, as_of=as_of, limit=MOST_ROWS)
    head = [
        _("开始"),
        _("场次"),
        _("单位"),
        _("类别"),
        _("付给谁"),
        _("课时"),
        _("金额（元）"),
        _("资金来源"),
        _("备注"),
    ]
    cells: list[list[Cell]] = [
        [
            one.starts_at,
            one.title,
            one.host_name or None,
            _(KIND_WORDS[one.kind]),
            one.provider_name or None,
            _hours(one.half_hours),
            _yuan(one.amount_fen),
            one.source or None,
            one.note or None,
        ]
        for one in found
    ]
    return Sheet(_("明细"), head, cells, filtering=True)
