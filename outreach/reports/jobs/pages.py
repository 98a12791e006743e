"""Long reports on pages: begun by a button, watched, downloaded."""

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from outreach.programmes.asking import TextAsked, YearAsked
from outreach.reports.jobs.commands import ask_for_report, cancel_job, try_again
from outreach.reports.jobs.domain.states import STATE_WORDS, STEP_WORDS
from outreach.reports.jobs.downloading import document_answer
from outreach.reports.jobs.making import KINDS
from outreach.reports.jobs.queries import JobRow, jobs_of, may_stop, readable_job
from outreach.reports.jobs.schemas import JobForm
from outreach.reports.jobs.storing import KEPT
from outreach.reports.jobs.wording import failure_words, kind_words, period_words
from outreach.settings import Settings
from outreach.shared.actors import Actor, Role
from outreach.shared.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path
from outreach.shared.time import local_day
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.problems import message_of
from outreach.web.templates import back_to, page

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]
PATH = "/desk/reports/jobs"
SHOWN = 30
KindAsked = Annotated[str, QueryParameter(max_length=5)]
DayAsked = Annotated[str, QueryParameter(max_length=10)]


def _readers_only(actor: Actor) -> None:
    if not (actor.is_staff or actor.has(Role.EVALUATOR)):
        raise ForbiddenError


@get(PATH, include_in_schema=False)
async def jobs_page(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    """The latest ones."""
    _readers_only(actor)
    jobs = await jobs_of(actor, limit=SHOWN)
    return page(request, "reports/jobs.html", jobs=jobs, kind_words=kind_words, state_words=STATE_WORDS)


@get(PATH + "/new", include_in_schema=False)
async def new_page(
    request: AnyRequest,
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    year: YearAsked = None,
    kind: KindAsked = "pdf",
    as_of: DayAsked = "",
    organisation: TextAsked = "",
    programme: TextAsked = "",
    period: DayAsked = "",
    form: KindAsked = "full",
) -> Response[Any]:
    """What a long report leads to: how it is made, and the button that begins."""
    _readers_only(actor)
    if kind not in KINDS:
        raise NotFoundError
    values = {
        "kind": kind,
        "year": year or local_day(now).year,
        "as_of": as_of,
        "organisation": organisation,
        "programme": programme,
        "period": period,
        "form": form,
    }
    return page(request, "reports/jobs_new.html", form=FormState(values), what=kind_words(kind, form))


@post(PATH, include_in_schema=False)
async def begin(
    request: AnyRequest,
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    settings: NamedDependency[Settings],
) -> Response[Any]:
    """Begin, and go to where it is watched."""
    _readers_only(actor)
    values = await read_form(request)
    try:
        data = parse_form(JobForm, values)
        job = await ask_for_report(
            actor,
            now,
            kind=data.kind,
            year=data.year,
            as_of=data.as_of,
            organisation=data.organisation,
            programme=data.programme,
            period=data.period,
            form=data.form,
            home=settings.home,
        )
    except InvalidError as error:
        order = [
            ("year", _("年份")),
            ("as_of", _("截止日")),
            ("organisation", _("单位")),
            ("programme", _("项目")),
            ("period", _("月份或季度")),
        ]
        empty = {
            "kind": "pdf",
            "year": "",
            "as_of": "",
            "organisation": "",
            "programme": "",
            "period": "",
            "form": "full",
        }
        state = FormState.refused({**empty, **values}, error, order)
        what = kind_words("pdf", "full")
        return page(request, "reports/jobs_new.html", status=422, form=state, what=what)
    return back_to(f"{PATH}/{job.id}")


@get(PATH + "/{job_id:str}", include_in_schema=False)
async def job_page(request: AnyRequest, job_id: FromPath[str], actor: NamedDependency[Actor]) -> Response[Any]:
    """How far it is; the page looks again by itself."""
    return _page(request, actor, await readable_job(actor, id_in_path(job_id)))


@post(PATH + "/{job_id:str}/cancel", include_in_schema=False)
async def cancel(
    request: AnyRequest, job_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Call it off."""
    id_ = id_in_path(job_id)
    try:
        await cancel_job(actor, now, job_id=id_)
    except ConflictError as error:
        return _page(request, actor, await readable_job(actor, id_), refusal=error)
    return back_to(f"{PATH}/{id_}", saying=_("已停止。"))


@post(PATH + "/{job_id:str}/again", include_in_schema=False)
async def again(
    request: AnyRequest,
    job_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    settings: NamedDependency[Settings],
) -> Response[Any]:
    """Try once more."""
    id_ = id_in_path(job_id)
    try:
        await try_again(actor, now, job_id=id_, home=settings.home)
    except ConflictError as error:
        return _page(request, actor, await readable_job(actor, id_), refusal=error)
    return back_to(f"{PATH}/{id_}", saying=_("重新开始了。"))


@get(PATH + "/{job_id:str}/file", include_in_schema=False)
async def download(
    job_id: FromPath[str], actor: NamedDependency[Actor], settings: NamedDependency[Settings]
) -> Response[bytes]:
    """The document."""
    return await document_answer(await readable_job(actor, id_in_path(job_id)), settings)


def _page(request: AnyRequest, actor: Actor, job: JobRow, *, refusal: ConflictError | None = None) -> Response[Any]:
    return page(
        request,
        "reports/jobs_one.html",
        status=409 if refusal else 200,
        job=job,
        what=kind_words(job.kind, job.form),
        state=_(STATE_WORDS[job.state]),
        step=_(STEP_WORDS[job.step]),
        failure=failure_words(job.failure) if job.failure else None,
        refusal=message_of(refusal) if refusal else None,
        may_stop=may_stop(actor, job),
        kept_until=job.finished_at + KEPT if job.finished_at else None,
        period=period_words(job.year, job.period),
        same=_same(job),
    )


def _same(job: JobRow) -> str:
    """Where the same is begun once more."""
    asked = {
        "year": job.year,
        "kind": job.kind,
        "as_of": job.as_of.isoformat(),
        "organisation": job.organisation_code,
        "programme": job.programme,
        "period": job.period,
        "form": job.form,
    }
    return f"{PATH}/new?{urlencode(asked)}"


ROUTES = [jobs_page, new_page, begin, job_page, cancel, again, download]
