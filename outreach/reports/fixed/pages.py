"""Snapshots on pages: the list, fixing, one beside today, its documents, withdrawing."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from outreach.accounts.wording import action_text
from outreach.programmes.asking import YearAsked
from outreach.reports.fixed import wording
from outreach.reports.fixed.choosing import choices_to_fix, years_to_fix
from outreach.reports.fixed.commands import withdraw_snapshot
from outreach.reports.fixed.comparing import compared
from outreach.reports.fixed.domain.errors import SnapshotFileGoneError
from outreach.reports.fixed.forms import FixForm, WithdrawForm, fix_order
from outreach.reports.fixed.queries import readable_snapshot, snapshots_of, years_fixed
from outreach.reports.jobs.commands import FIX, ask_for_report
from outreach.reports.jobs.making import MEDIA
from outreach.reports.jobs.wording import period_words, periods_of
from outreach.settings import Settings
from outreach.shared.actors import Actor, Role
from outreach.shared.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from outreach.shared.files import stored_bytes
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path
from outreach.shared.time import local_day
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.problems import message_of
from outreach.web.templates import back_to, page

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]
PATH = "/desk/reports/fixed"


@get(PATH, include_in_schema=False)
async def list_page(
    request: AnyRequest, actor: NamedDependency[Actor], now: NamedDependency[datetime], year: YearAsked = None
) -> Response[Any]:
    """What was fixed, the newest first; for organisers the form that fixes."""
    return await _list(request, actor, now, year)


@post(PATH, include_in_schema=False)
async def fix(
    request: AnyRequest,
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    settings: NamedDependency[Settings],
) -> Response[Any]:
    """Begin to fix a report, and go to where it is watched."""
    if not actor.is_staff:
        raise ForbiddenError
    values = await read_form(request)
    try:
        data = parse_form(FixForm, values)
        job = await ask_for_report(
            actor,
            now,
            kind=FIX,
            year=data.year,
            as_of=data.as_of,
            organisation=data.organisation,
            programme=data.programme,
            period=data.period,
            note=data.note,
            home=settings.home,
        )
    except InvalidError as error:
        refused = FormState.refused(values, error, fix_order())
        return await _list(request, actor, now, _year(values), refused, status=422)
    return back_to(f"/desk/reports/jobs/{job.id}")


def _year(values: dict[str, Any]) -> int | None:
    text = str(values.get("year", ""))
    return int(text) if text.isascii() and text.isdigit() and len(text) == 4 else None


async def _list(
    request: AnyRequest,
    actor: Actor,
    now: datetime,
    year: int | None,
    form: FormState | None = None,
    *,
    status: int = 200,
) -> Response[Any]:
    if not (actor.is_staff or actor.has(Role.EVALUATOR)):
        raise ForbiddenError
    fixable = await years_to_fix(actor)
    years = sorted({*fixable, *await years_fixed(actor)}, reverse=True)
    today = local_day(now)
    shown = year if year in years else next((one for one in years if one <= today.year), years[0] if years else None)
    owners, programmes = await choices_to_fix(actor, shown) if shown in fixable and shown is not None else ([], [])
    day = min(today, date(shown, 12, 31)) if shown else today
    return page(
        request,
        "reports/fixed.html",
        status=status,
        years=years,
        year=shown,
        snapshots=await snapshots_of(actor, year=shown) if shown else [],
        owners=owners,
        programmes=programmes,
        periods=periods_of(shown) if shown else [],
        period_names=dict(periods_of(shown)) if shown else {},
        form=form or FormState({"year": shown, "as_of": day.isoformat()}),
    )


@get(PATH + "/{snapshot_id:str}", include_in_schema=False)
async def one_page(
    request: AnyRequest,
    snapshot_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """One snapshot: its documents and figures, and what is otherwise today."""
    return await _one(request, actor, now, id_in_path(snapshot_id))


@post(PATH + "/{snapshot_id:str}/withdraw", include_in_schema=False)
async def withdraw(
    request: AnyRequest,
    snapshot_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Say that it does not stand any more."""
    id_ = id_in_path(snapshot_id)
    values = await read_form(request)
    try:
        done = await withdraw_snapshot(actor, now, snapshot_id=id_, reason=parse_form(WithdrawForm, values).reason)
    except InvalidError as error:
        refused = FormState.refused(values, error, [("reason", _("撤回的原因"))])
        return await _one(request, actor, now, id_, form=refused, status=422)
    except ConflictError as error:
        return await _one(request, actor, now, id_, refusal=error, status=409)
    return back_to(f"{PATH}/{id_}", saying=_("已撤回第%(number)s号定稿。") % {"number": done.number})


@get(PATH + "/{snapshot_id:str}/{name:str}", include_in_schema=False)
async def download(
    snapshot_id: FromPath[str],
    name: FromPath[str],
    actor: NamedDependency[Actor],
    settings: NamedDependency[Settings],
) -> Response[bytes]:
    """``report.pdf``, ``report.docx``, ``report.xlsx``, ``report.csv``: byte for byte as they were fixed."""
    snapshot = await readable_snapshot(actor, id_in_path(snapshot_id))
    stem, _dot, kind = name.partition(".")
    if stem != "report" or kind not in MEDIA:
        raise NotFoundError
    try:
        content = await stored_bytes(settings.home, snapshot.file(kind).digest)
    except NotFoundError:
        raise SnapshotFileGoneError from None
    return Response(
        content,
        media_type=MEDIA[kind],
        headers={
            "Cache-Control": "private, no-store",
            "Content-Disposition": wording.disposition(snapshot, kind),
            "X-Content-Type-Options": "nosniff",
        },
    )


async def _one(
    request: AnyRequest,
    actor: Actor,
    now: datetime,
    snapshot_id: UUID,
    *,
    form: FormState | None = None,
    refusal: ConflictError | None = None,
    status: int = 200,
) -> Response[Any]:
    snapshot = await readable_snapshot(actor, snapshot_id)
    return page(
        request,
        "reports/fixed_one.html",
        status=status,
        one=snapshot,
        found=await compared(snapshot, now),
        wording=wording,
        period=period_words(snapshot.year, snapshot.period),
        action_text=action_text,
        form=form or FormState(),
        refusal=message_of(refusal) if refusal else None,
        may_withdraw=actor.organises(snapshot.organisation_path) and not snapshot.is_withdrawn,
        may_change=actor.organises(snapshot.organisation_path),
    )


ROUTES = [list_page, fix, one_page, withdraw, download]
