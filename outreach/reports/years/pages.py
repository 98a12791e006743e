"""Closing a year on pages: what is open, closing, later corrections, opening again, carrying over."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from outreach.evaluation.domain.verdicts import DECISION_WORDS
from outreach.programmes.asking import IdAsked
from outreach.programmes.schemas import number
from outreach.reports.wording import corrected_field
from outreach.reports.years.commands import (
    AT_ONCE,
    HeldClosed,
    close_held,
    close_year,
    own_progress,
    own_totals,
    reopen_year,
)
from outreach.reports.years.copying import Copied, Copyable, copy_year, copyable, value_of
from outreach.reports.years.domain.checklist import WHAT, OpenKind
from outreach.reports.years.forms import ReasonForm, copy_values
from outreach.reports.years.queries import (
    Closing,
    YearToClose,
    corrections_since,
    last_closing,
    open_items,
    own_year,
    owner_of,
    owners_of_years,
    years_of_owner,
)
from outreach.shared.actors import Actor
from outreach.shared.errors import ConflictError, InvalidError, NotFoundError
from outreach.shared.i18n import gettext as _
from outreach.shared.i18n import language
from outreach.shared.time import FIRST_YEAR, LAST_YEAR, local_day
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.problems import field_messages, message_of
from outreach.web.templates import back_to, page
from outreach.web.wording import joined

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]
STAFF = {"staff": True}
PATH = "/desk/years"


@dataclass(frozen=True, slots=True)
class _Trouble:
    """What was refused, shown on the page itself: of which form (``closing``, ``reopening``)."""

    of: str
    form: FormState
    status: int
    refusal: tuple[str, str] | None = None


@get(PATH, opt=STAFF, include_in_schema=False)
async def newest(
    request: AnyRequest, actor: NamedDependency[Actor], now: NamedDependency[datetime], organisation: IdAsked = ""
) -> Response[Any]:
    """To the year that is to be closed next: the oldest open one that has begun, else the latest."""
    owners = await owners_of_years(actor)
    if not owners and not organisation:
        return page(request, "reports/years_none.html")
    owner = await owner_of(actor, organisation)
    years = await years_of_owner(owner.id)
    if not years and organisation:
        raise NotFoundError
    if not years:
        organisation = str(owners[0][0])
        years = await years_of_owner(owners[0][0])
    today = local_day(now).year
    waiting = [year for year, state in years if state == "open" and year <= today]
    chosen = min(waiting) if waiting else years[0][0]
    return back_to(f"{PATH}/{chosen}{_query(organisation)}")


def _query(organisation: str) -> str:
    return f"?{urlencode({'organisation': organisation})}" if organisation else ""


async def _year(actor: Actor, organisation: str, year: int) -> YearToClose:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise NotFoundError
    return await own_year(actor, (await owner_of(actor, organisation)).id, year)


@get(PATH + "/{year:int}", opt=STAFF, include_in_schema=False)
async def year_page(
    request: AnyRequest,
    year: FromPath[int],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    organisation: IdAsked = "",
) -> Response[Any]:
    """What is open, or how it was closed and what was corrected since."""
    return await _page(request, actor, now, await _year(actor, organisation, year), organisation)


@post(PATH + "/{year:int}/close", opt=STAFF, include_in_schema=False)
async def close(
    request: AnyRequest,
    year: FromPath[int],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    organisation: IdAsked = "",
) -> Response[Any]:
    """Close the year."""
    saying = _("%(year)s年已结账。") % {"year": year}
    return await _decide(request, actor, now, year, organisation, of="closing", command=close_year, saying=saying)


@post(PATH + "/{year:int}/reopen", opt=STAFF, include_in_schema=False)
async def reopen(
    request: AnyRequest,
    year: FromPath[int],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    organisation: IdAsked = "",
) -> Response[Any]:
    """Open it again: the administrator's."""
    saying = _("%(year)s年已重开。") % {"year": year}
    return await _decide(request, actor, now, year, organisation, of="reopening", command=reopen_year, saying=saying)


async def _decide(
    request: AnyRequest,
    actor: Actor,
    now: datetime,
    year: int,
    organisation: str,
    *,
    of: str,
    command: Callable[..., Awaitable[object]],
    saying: str,
) -> Response[Any]:
    """Do it with the reason typed; a refusal comes back on the page of the year as it is now."""
    row = await _year(actor, organisation, year)
    values = await read_form(request)
    try:
        reason = parse_form(ReasonForm, values).reason
        await command(actor, now, organisation_id=row.organisation_id, year=year, reason=reason)
    except (InvalidError, ConflictError) as error:
        row = await _year(actor, organisation, year)
        return await _page(request, actor, now, row, organisation, _trouble(of, values, error))
    return back_to(f"{PATH}/{year}{_query(organisation)}", saying=saying)


def _trouble(of: str, values: dict[str, Any], error: InvalidError | ConflictError) -> _Trouble:
    order = [("reason", _("原因")), ("year", _("年份"))]
    if isinstance(error, InvalidError):
        return _Trouble(of, FormState.refused(values, error, order), 422)
    return _Trouble(of, FormState(values), 409, message_of(error))


@post(PATH + "/{year:int}/close-held", opt=STAFF, include_in_schema=False, status_code=200)
async def close_all_held(
    request: AnyRequest,
    year: FromPath[int],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    organisation: IdAsked = "",
) -> Response[Any]:
    """Close the held sessions, each by itself; the answer says which were refused, and why."""
    row = await _year(actor, organisation, year)
    values = await read_form(request)
    try:
        reason = parse_form(ReasonForm, values).reason
        done = await close_held(actor, now, organisation_id=row.organisation_id, year=year, reason=reason)
    except (InvalidError, ConflictError) as error:
        return await _page(request, actor, now, row, organisation, _trouble("held", values, error))
    return await _page(request, actor, now, row, organisation, held=done, held_reason=reason)


@get(PATH + "/{year:int}/copy", opt=STAFF, include_in_schema=False)
async def copy_page(
    request: AnyRequest, year: FromPath[int], actor: NamedDependency[Actor], organisation: IdAsked = ""
) -> Response[Any]:
    """What can be carried over, ticked as it was decided."""
    row = await _year(actor, organisation, year)
    there = await copyable(row)
    values: dict[str, Any] = {"programmes": [str(one.programme.id) for one in there if one.suggested]}
    for target in (target for one in there for target in one.targets):
        values[f"value-{target.id}"] = str(number(value_of(target, year + 1)))
    return _copy_page(request, row, organisation, there, FormState(values))


@post(PATH + "/{year:int}/copy", opt=STAFF, include_in_schema=False)
async def copy(
    request: AnyRequest,
    year: FromPath[int],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    organisation: IdAsked = "",
) -> Response[Any]:
    """Carry over what is ticked."""
    row = await _year(actor, organisation, year)
    values = await read_form(request)
    there = await copyable(row)
    try:
        chosen, typed = copy_values(values, there)
        made = await copy_year(actor, now, year=row, chosen=chosen, values=typed)
    except InvalidError as error:
        labels = {f"value-{target.id}": target.label or target.key for one in there for target in one.targets}
        order = [("programmes", _("项目")), *((field, label) for field, label in labels.items())]
        return _copy_page(request, row, organisation, there, FormState.refused(values, error, order), status=422)
    except ConflictError as error:
        return _copy_page(request, row, organisation, there, FormState(values), status=409, refusal=message_of(error))
    return back_to(f"/desk/programmes?year={made.year}", saying=_copied(made))


def _copied(made: Copied) -> str:
    """What was carried over, and what was there already."""
    facts = {
        "year": made.year,
        "programmes": made.programmes,
        "items": made.items,
        "names": joined(made.already, language()),
    }
    if not made.programmes:
        return _("%(year)s年早已有%(names)s，没有再复制，也没有改动。") % facts
    saying = _("已复制%(programmes)s个项目、%(items)s个菜单项到%(year)s年。") % facts
    return saying + (_("%(names)s早已有了，没有改动。") % facts if made.already else "")


def _copy_page(
    request: AnyRequest,
    row: YearToClose,
    organisation: str,
    there: list[Copyable],
    form: FormState,
    *,
    status: int = 200,
    refusal: tuple[str, str] | None = None,
) -> Response[Any]:
    given = form.values.get("programmes") or []
    return page(
        request,
        "reports/years_copy.html",
        status=status,
        row=row,
        here=f"{PATH}/{row.year}/copy{_query(organisation)}",
        back=f"{PATH}/{row.year}{_query(organisation)}",
        there=there,
        ticked={given} if isinstance(given, str) else {str(one) for one in given},
        decisions=DECISION_WORDS,
        form=form,
        refusal=refusal,
    )


async def _page(
    request: AnyRequest,
    actor: Actor,
    now: datetime,
    row: YearToClose,
    organisation: str,
    trouble: _Trouble | None = None,
    *,
    held: HeldClosed | None = None,
    held_reason: str = "",
) -> Response[Any]:
    closing = await last_closing(row)
    forms = {name: FormState() for name in ("closing", "reopening", "held")}
    if held is not None and held.refused:
        forms["held"] = FormState({"reason": held_reason})
    if trouble is not None:
        forms[trouble.of] = trouble.form
    items = [] if row.is_closed else await open_items(row.organisation_id, row.year, now)
    return page(
        request,
        "reports/years.html",
        status=trouble.status if trouble else 200,
        row=row,
        query=_query(organisation),
        owners=[(str(id_), name) for id_, name in await owners_of_years(actor)],
        years=await years_of_owner(row.organisation_id),
        items=items,
        days_left=next((one.count for one in items if one.kind is OpenKind.DAYS), 0),
        held_waiting=next((one.count for one in items if one.kind is OpenKind.HELD), 0),
        what=WHAT,
        at_once=AT_ONCE,
        closing=closing,
        today=await _today(row, closing, now) if closing else None,
        corrections=await corrections_since(row.organisation_id, row.year, row.closed_at) if row.closed_at else [],
        corrected_field=corrected_field,
        forms=forms,
        refusal=trouble.refusal if trouble else None,
        held=held,
        held_refused=[(id_, title, _why(error)) for id_, title, error in held.refused] if held else [],
        may_close=row.year <= local_day(now).year,
        may_reopen=actor.is_administrator,
    )


def _why(error: Any) -> str:
    if isinstance(error, InvalidError):
        return next(iter(field_messages(error).values()), message_of(error)[0])
    return message_of(error)[0]


async def _today(row: YearToClose, closing: Closing, now: datetime) -> dict[str, Any]:
    """What stands otherwise than when the year was closed: ``targets`` by id, ``sessions`` and ``visits``."""
    progress = await own_progress(row, now)
    today = {target.id: target.actual for one in progress.programmes for target in one.targets}
    sessions, visits = await own_totals(row, progress)
    return {
        "targets": {one.id: today[one.id] for one in closing.targets if today.get(one.id, one.actual) != one.actual},
        "sessions": sessions if sessions != closing.sessions else None,
        "visits": visits if visits != closing.visits else None,
    }


ROUTES = [newest, year_page, close, reopen, close_all_held, copy_page, copy]
