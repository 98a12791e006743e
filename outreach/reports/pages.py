"""Reports to download, the page that offers them, and what the organiser writes into them.

For staff and evaluators of the organisation; only who runs it writes.
"""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from urllib.parse import quote

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Redirect

from outreach.accounts.queries.organisations import OrganisationRow, organisation_by_code, organisation_by_id
from outreach.counting.coverage.access import own_organisation_id
from outreach.reports import statistics, wording
from outreach.reports.choices import choices_of, report_years
from outreach.reports.documents import made_of
from outreach.reports.domain.errors import NoProgrammesError
from outreach.reports.domain.periods import period_asked
from outreach.reports.forms import TextForm
from outreach.reports.jobs.direct import made_or_beside
from outreach.reports.queries import report_data, report_news
from outreach.reports.texts import text_of, write_text
from outreach.shared.actors import Actor, Role
from outreach.shared.errors import ForbiddenError, InvalidError, NotFoundError, StaleError, invalid
from outreach.shared.i18n import gettext as _
from outreach.shared.time import FIRST_YEAR, LAST_YEAR, implausible_day, local_day
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.templates import back_to, page
from outreach.web.workbooks import XLSX

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]
Short = Annotated[str | None, QueryParameter(max_length=40)]

MEDIA = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": XLSX,
    "csv": "text/csv",
}
STAFF = {"staff": True}


def _readers_only(actor: Actor) -> None:
    if not (actor.is_staff or actor.has(Role.EVALUATOR)):
        raise ForbiddenError


def _asked(name: str) -> tuple[int, str]:
    """``(2015, "pdf")`` of ``2015.pdf``."""
    year, dot, kind = name.partition(".")
    if not dot or kind not in MEDIA or not (year.isascii() and year.isdigit() and len(year) == 4):
        raise NotFoundError
    if not FIRST_YEAR <= int(year) <= LAST_YEAR:
        raise NotFoundError
    return int(year), kind


def _day(text: str | None, year: int, now: datetime) -> date:
    """The day asked for; without one today, or the last day of a year that is over."""
    if not text:
        return min(local_day(now), date(year, 12, 31))
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise invalid("as_of", "not-date") from None
    if problems := implausible_day("as_of", day):
        raise InvalidError(problems)
    return day


@get("/reports/{name:str}", include_in_schema=False)
async def download(
    request: AnyRequest,
    name: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    as_of: FromQuery[str | None] = None,
    organisation: FromQuery[str | None] = None,
    programme: FromQuery[str | None] = None,
    period: Short = None,
    table: Short = None,
    form: FromQuery[Literal["full", "page"]] = "full",
) -> Response[Any]:
    """``/reports/2015.pdf``, ``.docx``, ``.xlsx``, ``.csv``."""
    _readers_only(actor)
    year, kind = _asked(name)
    data = await report_data(
        year=year,
        as_of=_day(as_of, year, now),
        organisation_code=organisation,
        programme_code=programme,
        period=period_asked(year, period),
        allowed=actor.evaluates,
        home_id=own_organisation_id(actor),
        now=now,
    )
    made = await made_or_beside(
        request,
        lambda: made_of(data, kind, form, table=table or ""),
        year=year,
        kind=kind,
        form=form,
        sessions=len(data.sessions),
    )
    if isinstance(made, Redirect):
        return made
    title = f"{data.title}（截至{data.as_of.isoformat()}）.{kind}"
    how = "inline" if kind == "pdf" else "attachment"
    return Response(
        made,
        media_type=MEDIA[kind],
        headers={
            "Cache-Control": "private, no-store",
            "Content-Disposition": f'{how}; filename="report-{data.period.code}.{kind}"; '
            f"filename*=UTF-8''{quote(title)}",
        },
    )


@get("/desk/reports", include_in_schema=False)
async def desk(
    request: AnyRequest,
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    year: FromQuery[int | None] = None,
) -> Response[Any]:
    """Which report, of which day and part; the year's news above."""
    _readers_only(actor)
    home = await _home(actor)
    years = await report_years(actor.evaluates, home.path if home else None)
    today = local_day(now)
    shown = year if year in years else next((one for one in years if one <= today.year), years[0] if years else None)
    if shown is None:
        return page(request, "reports/desk.html", years=[], year=None, form=FormState())
    day = _day(None, shown, now)
    news, owner = "", None
    try:
        data = await report_news(
            year=shown, as_of=day, allowed=actor.evaluates, home_id=home.id if home else None, now=now
        )
        news, owner = wording.overall(data), data.owner
    except NoProgrammesError:  # removed between the two questions
        pass
    owners, programmes = await choices_of(shown, actor.evaluates)
    return page(
        request,
        "reports/desk.html",
        years=years,
        year=shown,
        day=day,
        news=news,
        owners=[(one.code, one.name) for one in owners],
        programmes=[(one.code, one.name) for one in programmes],
        periods=_periods(shown),
        is_staff=actor.is_staff,
        may_write=owner is not None and actor.organises(owner.path),
        form=FormState({"as_of": day.isoformat()}),
    )


async def _home(actor: Actor) -> OrganisationRow | None:
    found = own_organisation_id(actor)
    return await organisation_by_id(found) if found else None


def _periods(year: int) -> list[tuple[str, list[tuple[str, str]]]]:
    """Quarters and months as a form offers them."""
    quarters = [_("第一季度"), _("第二季度"), _("第三季度"), _("第四季度")]
    return [
        (_("季度"), [(f"{year}-Q{number}", name) for number, name in enumerate(quarters, 1)]),
        (
            _("月"),
            [(f"{year}-{month:02d}", _("%(month)s月") % {"month": month}) for month in range(1, 13)],
        ),
    ]


@get("/desk/reports/{year:int}/text", opt=STAFF, include_in_schema=False)
async def text_page(
    request: AnyRequest,
    year: FromPath[int],
    actor: NamedDependency[Actor],
    organisation: Short = None,
) -> Response[Any]:
    """五、问题与来年安排, to be written."""
    owner = await _written_for(actor, year, organisation)
    return await _text_page(request, owner, year)


@post("/desk/reports/{year:int}/text", opt=STAFF, include_in_schema=False, status_code=200)
async def write(
    request: AnyRequest,
    year: FromPath[int],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    organisation: Short = None,
) -> Response[Any]:
    """Keep what was written."""
    owner, values = await _written_for(actor, year, organisation), await read_form(request)
    try:
        data = parse_form(TextForm, values)
        await write_text(
            actor, now, organisation_id=owner.id, year=year, problems=data.problems, plans=data.plans,
            expected_revision=data.revision,
        )  # fmt: skip
    except InvalidError as error:
        return await _text_page(request, owner, year, FormState.refused(values, error, _order()), status=422)
    except StaleError:
        return await _text_page(request, owner, year, FormState(values, {}, _order()), status=409)
    return back_to(f"/desk/reports?year={year}", saying=_("已保存，下一份报告里就有。"))


def _order() -> list[tuple[str, str]]:
    return [("problems", _("存在问题")), ("plans", _("来年安排"))]


async def _written_for(actor: Actor, year: int, code: str | None) -> OrganisationRow:
    """The organisation whose report it is: the one named, else the one that the desk shows."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise NotFoundError
    if code:
        found = await organisation_by_code(code)
    else:
        owners, _programmes = await choices_of(year, actor.organises)
        found = await organisation_by_id(owners[0].id) if owners else await _home(actor)
    if found is None or not actor.organises(found.path):
        raise NotFoundError
    return found


async def _text_page(
    request: AnyRequest, owner: OrganisationRow, year: int, form: FormState | None = None, *, status: int = 200
) -> Response[Any]:
    stored = await text_of(owner.id, year)
    values = {**(form.values if form else {"problems": stored.problems, "plans": stored.plans})}
    values["revision"] = stored.revision
    return page(
        request,
        "reports/text.html",
        status=status,
        owner=owner,
        year=year,
        stored=stored,
        overtaken=status == 409,
        form=FormState(values, form.errors if form else {}, _order()),
    )


ROUTES = [download, desk, text_page, write, *statistics.ROUTES]
