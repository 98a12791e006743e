"""The budget of one programme against what its sessions cost; the same as a workbook."""

from datetime import date, datetime
from typing import Any, get_args
from urllib.parse import quote, urlencode

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from outreach.attendance.costs.budget import BudgetView, Shown, budget_view, costed_sessions, provider_sums
from outreach.attendance.costs.domain.money import KIND_WORDS, hours_text, yuan_text
from outreach.attendance.costs.queries import Spending, spending_of_programmes
from outreach.attendance.costs.wording import budget_sentence, share_rows
from outreach.attendance.costs.workbooks import costs_xlsx
from outreach.programmes.access import run_programme
from outreach.programmes.asking import day_of_year
from outreach.programmes.queries import ProgrammeRow
from outreach.shared.actors import Actor
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path
from outreach.web.charts import BulletData
from outreach.web.templates import page
from outreach.web.workbooks import XLSX

__all__ = ["ROUTES"]

STAFF = {"staff": True}
PER_PAGE = 20
#: Providers that the page lists; the workbook has them all.
PROVIDERS = 20


@get("/desk/programmes/{programme_id:str}/costs", opt=STAFF, include_in_schema=False)
async def programme_costs(
    request: Request[Any, Any, Any],
    programme_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    as_of: FromQuery[str] = "",
    show: FromQuery[str] = "",
    after: FromQuery[str] = "",
) -> Response[Any]:
    """Budget and spending on a day, by source, kind and provider, and the sessions behind them."""
    programme = await run_programme(actor, id_in_path(programme_id))
    day = day_of_year(as_of, programme.year, now)
    shown: Shown = next((one for one in get_args(Shown) if one == show), "held")
    context = await _context(programme, day, shown, {"as_of": as_of} if as_of else {}, after.replace("\x00", ""))
    return page(request, "attendance/programme_costs.html", **context)


async def _context(
    programme: ProgrammeRow, day: date, shown: Shown, kept: dict[str, str], after: str
) -> dict[str, Any]:
    """What the page shows; ``kept`` is what its own links keep of the address."""
    asked: dict[str, Any] = {"year": programme.year, "as_of": day}
    spending = (await spending_of_programmes([programme.id], **asked))[programme.id]
    view = await budget_view(programme.id, **asked)
    providers, providers_total = await provider_sums(programme.id, **asked, limit=PROVIDERS)
    total = _total(view, shown)
    found = await costed_sessions(programme.id, **asked, show=shown, total=total, limit=PER_PAGE, after=after or None)
    place = f"/desk/programmes/{programme.id}/costs"
    here = f"{place}?{urlencode({**kept, 'show': shown})}"
    return {
        "programme": programme,
        "day": day,
        "spending": spending,
        "view": view,
        "over": _over(programme, spending),
        "news": budget_sentence(programme.budget_yuan, spending),
        "bar": _bar(programme, spending, view),
        "by_source": share_rows(spending.by_source, {"": _("没有写明")}),
        "by_kind": share_rows(spending.by_kind, {kind: _(words) for kind, words in KIND_WORDS.items()}),
        "providers": providers,
        "providers_total": providers_total,
        "sessions": found.items,
        "tabs": _tabs(place, kept, view, shown),
        "paging": {
            "total": total,
            "before": f"{here}#sessions" if after else None,
            "after": f"{here}&{urlencode({'after': found.next})}#sessions" if found.next else None,
        },
        "workbook": f"{place}.xlsx?{urlencode(kept)}",
        "months": [(f"{programme.year}-{month:02}", month) for month in range(1, 13)],
        "yuan_text": yuan_text,
        "hours_text": hours_text,
    }


def _total(view: BudgetView, shown: Shown) -> int:
    return {
        "held": view.held.sessions,
        "missing": view.held.missing,
        "cancelled": view.cancelled.with_lines,
        "later": view.later.with_lines,
    }[shown]


def _tabs(place: str, kept: dict[str, str], view: BudgetView, shown: Shown) -> list[tuple[str, str, bool]]:
    """The sessions that count, those without a line, and those whose cost does not count, as far as there are any."""
    words: list[tuple[Shown, str]] = [
        ("held", _("已办的%(number)s场") % {"number": view.held.sessions}),
        ("missing", _("还没有登记费用的%(number)s场") % {"number": view.held.missing}),
        ("cancelled", _("取消了、有费用的%(number)s场") % {"number": view.cancelled.with_lines}),
        ("later", _("还没有办、有费用的%(number)s场") % {"number": view.later.with_lines}),
    ]
    return [
        (label, f"{place}?{urlencode({**kept, 'show': code})}#sessions", code == shown)
        for code, label in words
        if code in ("held", shown) or _total(view, code)
    ]


def _over(programme: ProgrammeRow, spending: Spending) -> int | None:
    """分 beyond the budget, nought or less within it; ``None``: there is no budget."""
    return None if programme.budget_yuan is None else spending.total_fen - programme.budget_yuan * 100


def _bar(programme: ProgrammeRow, spending: Spending, view: BudgetView) -> BulletData | None:
    if not programme.budget_yuan:
        return None
    label = budget_sentence(programme.budget_yuan, spending)
    return BulletData(label, spending.total_fen, programme.budget_yuan * 100, planned=view.later.fen)


@get("/desk/programmes/{programme_id:str}/costs.xlsx", opt=STAFF, include_in_schema=False)
async def programme_workbook(
    programme_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    as_of: FromQuery[str] = "",
) -> Response[bytes]:
    """The same figures, every session and every line."""
    programme = await run_programme(actor, id_in_path(programme_id))
    day = day_of_year(as_of, programme.year, now)
    name = _("%(programme)s费用（截至%(day)s）") % {"programme": programme.short_name, "day": day.isoformat()}
    return Response(
        await costs_xlsx(programme, day, name),
        media_type=XLSX,
        headers={
            "Cache-Control": "private, no-store",
            "Content-Disposition": f"attachment; filename=\"costs.xlsx\"; filename*=UTF-8''{quote(name)}.xlsx",
        },
    )


ROUTES = [programme_costs, programme_workbook]
