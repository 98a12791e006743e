"""The organiser's scorecard: all programmes of a year, one of them with its verdict, a print, a workbook."""

from datetime import date, datetime
from typing import Annotated, Any
from urllib.parse import quote

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from outreach.attendance.opinions.queries import words_of_sessions
from outreach.evaluation.asking import asked_card
from outreach.evaluation.domain.verdicts import DECISION_WORDS
from outreach.evaluation.files import scorecard_xlsx
from outreach.evaluation.schemas import VerdictForm
from outreach.evaluation.scorecard import score_of
from outreach.evaluation.sessions import session_ids_of
from outreach.evaluation.showing import details, shown
from outreach.evaluation.verdicts import give_verdict
from outreach.programmes.asking import TextAsked, YearAsked, day_of_year
from outreach.programmes.queries import ProgrammeRow, programme_by_id
from outreach.shared.actors import Actor
from outreach.shared.errors import InvalidError, NotFoundError, StaleError
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.templates import back_to, page
from outreach.web.workbooks import XLSX

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]
DayAsked = Annotated[str, QueryParameter(max_length=10)]
STAFF = {"staff": True}
#: Words of attendees on the page of a programme.
WORDS_SHOWN = 30


@get("/desk/scorecard", opt=STAFF, include_in_schema=False)
async def scorecard_page(
    request: AnyRequest,
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    year: YearAsked = None,
    as_of: DayAsked = "",
    organisation: TextAsked = "",
) -> Response[Any]:
    """Programmes of an organisation that the reader runs, in four dimensions."""
    asked, card = await asked_card(actor.organises, now, year=year, as_of=as_of, organisation=organisation)
    return page(request, "evaluation/scorecard.html", asked=asked, **shown(card))


@get("/desk/scorecard/print", opt=STAFF, include_in_schema=False)
async def print_page(
    request: AnyRequest,
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    year: YearAsked = None,
    as_of: DayAsked = "",
    organisation: TextAsked = "",
) -> Response[Any]:
    """The same on A4, with three lines to sign on."""
    asked, card = await asked_card(actor.organises, now, year=year, as_of=as_of, organisation=organisation)
    if not card.items:
        raise NotFoundError
    return page(request, "evaluation/print.html", asked=asked, **shown(card), back=f"/desk/scorecard?{asked.query}")


@get("/desk/scorecard.xlsx", opt=STAFF, include_in_schema=False)
async def scorecard_sheet(
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    year: YearAsked = None,
    as_of: DayAsked = "",
    organisation: TextAsked = "",
) -> Response[bytes]:
    """Every figure and what it rests on, as a workbook."""
    asked, card = await asked_card(actor.organises, now, year=year, as_of=as_of, organisation=organisation)
    title = _("%(year)s年项目评分（截至%(day)s）") % {"year": asked.year, "day": asked.as_of.isoformat()}
    return Response(
        await scorecard_xlsx(card, with_notes=True),
        media_type=XLSX,
        headers={
            "Cache-Control": "private, no-store",
            "Content-Disposition": f'attachment; filename="scorecard-{asked.year}.xlsx"; '
            f"filename*=UTF-8''{quote(title)}.xlsx",
        },
    )


@get("/desk/scorecard/{programme_id:str}", opt=STAFF, include_in_schema=False)
async def programme_page(
    request: AnyRequest,
    programme_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    as_of: DayAsked = "",
) -> Response[Any]:
    """One programme with everything that is known of it, and the verdict."""
    programme = await _programme(actor, programme_id)
    return await _page(request, now, programme, day_of_year(as_of, programme.year, now))


@post("/desk/scorecard/{programme_id:str}/verdict", opt=STAFF, include_in_schema=False, status_code=200)
async def verdict(
    request: AnyRequest, programme_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Keep, change or drop it next year."""
    programme, values = await _programme(actor, programme_id), await read_form(request)
    try:
        data = parse_form(VerdictForm, values)
        await give_verdict(
            actor, now, programme_id=programme.id, decision=data.decision, note=data.note,
            expected_revision=data.revision,
        )  # fmt: skip
    except InvalidError as error:
        form = FormState.refused(values, error, _order())
        return await _page(request, now, programme, day_of_year("", programme.year, now), form, status=422)
    except StaleError:
        form = FormState(values, {}, _order())
        return await _page(request, now, programme, day_of_year("", programme.year, now), form, status=409)
    words = _(DECISION_WORDS[data.decision])
    return back_to(f"/desk/scorecard/{programme.id}", saying=_("已定：%(decision)s。") % {"decision": words})


def _order() -> list[tuple[str, str]]:
    return [("decision", _("取舍")), ("note", _("理由和要改的"))]


async def _programme(actor: Actor, programme_id: str) -> ProgrammeRow:
    """One that the reader runs; others answer 404."""
    programme = await programme_by_id(id_in_path(programme_id))
    if not actor.organises(programme.organisation_path):
        raise NotFoundError
    return programme


async def _page(
    request: AnyRequest,
    now: datetime,
    programme: ProgrammeRow,
    day: date,
    form: FormState | None = None,
    *,
    status: int = 200,
) -> Response[Any]:
    card, one = await score_of(programme, day, now)
    given = one.verdict
    stored = {"decision": given.decision, "note": given.note} if given else {}
    values = {**(form.values if form else stored), "revision": given.revision if given else 0}
    return page(
        request,
        "evaluation/programme.html",
        status=status,
        one=one,
        **details(card, one),
        said=await words_of_sessions(await session_ids_of(programme.id, as_of=day), limit=WORDS_SHOWN),
        form=FormState(values, form.errors if form else {}, _order()),
        overtaken=status == 409,
        decisions=[(decision.value, _(words)) for decision, words in DECISION_WORDS.items()],
    )


ROUTES = [scorecard_page, print_page, scorecard_sheet, programme_page, verdict]
