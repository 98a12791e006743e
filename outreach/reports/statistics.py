"""Statistics tables as documents: one table as PDF, and all of an organisation and year in one workbook."""

from typing import Any
from urllib.parse import quote

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from outreach.programmes.asking import IdAsked, TextAsked
from outreach.reports.rendering import pdf_of
from outreach.shared.actors import Actor, Role
from outreach.shared.errors import ForbiddenError, NotFoundError
from outreach.shared.ids import id_in_path
from outreach.shared.time import FIRST_YEAR, LAST_YEAR
from outreach.statistics.filled import filled_table
from outreach.statistics.gathering import statistics_workbook
from outreach.statistics.printing import table_html
from outreach.statistics.queries import readable_table
from outreach.web.workbooks import XLSX

__all__ = ["ROUTES"]

DESK, OWN = "/desk/statistics/{table_id:str}/table.pdf", "/statistics/{table_id:str}/table.pdf"


@get([DESK, OWN], include_in_schema=False)
async def table_pdf(
    request: Request[Any, Any, Any], table_id: FromPath[str], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """The table in the form's own layout; the desk's address is for staff only."""
    row = await readable_table(actor, id_in_path(table_id))
    if request.scope["path"].startswith("/desk/") and not actor.is_staff:
        raise ForbiddenError
    made = await pdf_of((table_html(await filled_table(row)), None))
    name = quote(f"{row.title}（{row.organisation_name}）.pdf")
    return Response(
        made,
        media_type="application/pdf",
        headers={
            "Content-Disposition": f"inline; filename=\"statistics.pdf\"; filename*=UTF-8''{name}",
            "Cache-Control": "private, no-store",
        },
    )


@get("/reports/{year:int}/statistics.xlsx", include_in_schema=False)
async def year_workbook(
    year: FromPath[int],
    actor: NamedDependency[Actor],
    organisation: IdAsked = "",
    form: TextAsked = "",
) -> Response[bytes]:
    """The tables of one organisation (its code) and year; without one, of the highest that the caller may read."""
    if not (actor.is_staff or actor.has(Role.EVALUATOR)):
        raise ForbiddenError
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise NotFoundError
    made = await statistics_workbook(actor, year=year, organisation_code=organisation or None, form_code=form or None)
    name = quote(f"{year}年统计表.xlsx")
    return Response(
        made,
        media_type=XLSX,
        headers={
            "Content-Disposition": f"attachment; filename=\"statistics-{year}.xlsx\"; filename*=UTF-8''{name}",
            "Cache-Control": "private, no-store",
        },
    )


ROUTES = [table_pdf, year_workbook]
