"""Tours: the desk's list, a draft and its stops, the sessions in one go; the itinerary for who travels."""

from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from outreach.accounts.queries.unit_contacts import unit_contacts
from outreach.events.menu import providers_page, usable_events
from outreach.events.queries.givers import known_districts
from outreach.events.wording import warning_text
from outreach.shared.actors import Actor
from outreach.shared.errors import ConflictError, InvalidError, StaleError
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path
from outreach.shared.time import local_day
from outreach.tours import commands
from outreach.tours.checking import checked, minutes_on_the_way
from outreach.tours.domain.permissions import may_keep
from outreach.tours.domain.routing import MOST_STOPS
from outreach.tours.domain.states import STATE_WORDS
from outreach.tours.forms import (
    CancelForm,
    HostsForm,
    MakeForm,
    StopForm,
    TourForm,
    stop_order,
    stop_values,
    tour_order,
    tour_values,
)
from outreach.tours.queries import StopRow, TourRow, kept_tour, readable_tour, stop_of, stops_of, tours_page
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.problems import message_of
from outreach.web.templates import back_to, page

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]
STAFF = {"staff": True}
BASE = "/desk/tours"
ONE = f"{BASE}/{{tour_id:str}}"
STOP = f"{ONE}/stops/{{stop_id:str}}"
PER_PAGE = 30


@dataclass(frozen=True, slots=True)
class _Trouble:
    """Why a page came back: the form that was refused, or a refusal of the whole."""

    hosts: FormState = field(default_factory=FormState)
    cancelling: FormState | None = None
    refusal: tuple[str, str] | None = None
    status: int = 200


@get(BASE, opt=STAFF, include_in_schema=False)
async def tours_list(request: AnyRequest, actor: NamedDependency[Actor], after: FromQuery[str] = "") -> Response[Any]:
    """The tours that the caller keeps."""
    found = await tours_page(actor, limit=PER_PAGE, after=after or None)
    paging = {
        "total": found.total,
        "after": f"{BASE}?after={found.next}" if found.next else None,
        "first": BASE if after else None,
    }
    return page(request, "tours/tours.html", rows=found.items, paging=paging, state_words=STATE_WORDS)


@get(f"{BASE}/new", opt=STAFF, include_in_schema=False)
async def new_page(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    """An empty form with the usual hours."""
    usual = {"day_starts": "09:00", "day_ends": "17:00", "break_starts": "11:30", "break_ends": "13:00", "minutes": 60}
    return await _form_page(request, actor, FormState(usual))


@post(f"{BASE}/new", opt=STAFF, include_in_schema=False, status_code=200)
async def create(request: AnyRequest, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Response[Any]:
    """Store the draft and go on to its stops."""
    values = await read_form(request)
    try:
        tour_id = await commands.add_tour(actor, now, draft=parse_form(TourForm, values).draft())
    except InvalidError as error:
        return await _form_page(request, actor, FormState.refused(values, error, tour_order()), status=422)
    return back_to(f"{BASE}/{tour_id}", saying=_("已存为草稿，接着选单位。"))


@get(f"{ONE}/edit", opt=STAFF, include_in_schema=False)
async def edit_page(request: AnyRequest, tour_id: FromPath[str], actor: NamedDependency[Actor]) -> Response[Any]:
    """The form of a draft."""
    tour = await kept_tour(actor, id_in_path(tour_id))
    return await _form_page(request, actor, FormState(tour_values(tour)), tour)


@post(f"{ONE}/edit", opt=STAFF, include_in_schema=False, status_code=200)
async def change(
    request: AnyRequest, tour_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Write a draft anew."""
    tour, values = await kept_tour(actor, id_in_path(tour_id)), await read_form(request)
    try:
        form = parse_form(TourForm, values)
        await commands.change_tour(actor, now, tour_id=tour.id, draft=form.draft(), revision=form.revision)
    except InvalidError as error:
        return await _form_page(request, actor, FormState.refused(values, error, tour_order()), tour, status=422)
    except (ConflictError, StaleError) as error:
        state = FormState({**values, "revision": tour.revision})
        return await _form_page(request, actor, state, tour, status=409, refusal=message_of(error))
    return back_to(f"{BASE}/{tour.id}", saying=_("已保存。天数、钟点改过的，请重新排顺序。"))


@get(ONE, opt=STAFF, include_in_schema=False)
async def show(request: AnyRequest, tour_id: FromPath[str], actor: NamedDependency[Actor]) -> Response[Any]:
    """A tour and its stops."""
    return await _tour_page(request, await kept_tour(actor, id_in_path(tour_id)), _Trouble())


@post(f"{ONE}/stops", opt=STAFF, include_in_schema=False, status_code=200)
async def put_down(
    request: AnyRequest, tour_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Put units down as stops."""
    tour, values = await kept_tour(actor, id_in_path(tour_id)), await read_form(request)
    try:
        form = parse_form(HostsForm, values)
        number = await commands.add_stops(actor, now, tour_id=tour.id, text=form.hosts)
    except InvalidError as error:
        state = FormState.refused(values, error, [("hosts", _("单位"))])
        return await _tour_page(request, tour, _Trouble(hosts=state, status=422))
    except ConflictError as error:
        return await _tour_page(request, tour, _Trouble(refusal=message_of(error), status=409))
    return back_to(f"{BASE}/{tour.id}", saying=_("已加上%(number)s家。") % {"number": number})


@get(STOP, opt=STAFF, include_in_schema=False)
async def stop_page(
    request: AnyRequest, tour_id: FromPath[str], stop_id: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The form of one stop."""
    tour = await kept_tour(actor, id_in_path(tour_id))
    stop = await stop_of(tour.id, id_in_path(stop_id))
    return await _stop_page(request, tour, stop, FormState(stop_values(stop)))


@post(STOP, opt=STAFF, include_in_schema=False, status_code=200)
async def change_stop(
    request: AnyRequest,
    tour_id: FromPath[str],
    stop_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Write one stop anew."""
    tour, values = await kept_tour(actor, id_in_path(tour_id)), await read_form(request)
    stop = await stop_of(tour.id, id_in_path(stop_id))
    try:
        form = parse_form(StopForm, values)
        await commands.change_stop(actor, now, tour_id=tour.id, stop_id=stop.id, draft=form.draft())
    except InvalidError as error:
        return await _stop_page(request, tour, stop, FormState.refused(values, error, stop_order()), status=422)
    except ConflictError as error:
        return await _stop_page(request, tour, stop, FormState(values), status=409, refusal=message_of(error))
    return back_to(f"{BASE}/{tour.id}", saying=_("已保存。"))


@post(f"{STOP}/remove", opt=STAFF, include_in_schema=False, status_code=200)
async def remove_stop(
    request: AnyRequest,
    tour_id: FromPath[str],
    stop_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Take a unit off."""
    tour = await kept_tour(actor, id_in_path(tour_id))
    try:
        await commands.remove_stop(actor, now, tour_id=tour.id, stop_id=id_in_path(stop_id))
    except ConflictError as error:
        return await _tour_page(request, tour, _Trouble(refusal=message_of(error), status=409))
    return back_to(f"{BASE}/{tour.id}", saying=_("已去掉这家。"))


@post(f"{ONE}/propose", opt=STAFF, include_in_schema=False, status_code=200)
async def propose(
    request: AnyRequest, tour_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Put the stops in order."""
    tour = await kept_tour(actor, id_in_path(tour_id))
    try:
        found = await commands.propose_order(actor, now, tour_id=tour.id)
    except (ConflictError, StaleError) as error:
        return await _tour_page(request, tour, _Trouble(refusal=message_of(error), status=409))
    placed = {"placed": len(found.visits), "left": len(found.left_out), "minutes": found.way}
    if found.left_out:
        saying = _("排上了%(placed)s家，还有%(left)s家放不下。路上共%(minutes)s分钟。") % placed
    else:
        saying = _("%(placed)s家都排上了，路上共%(minutes)s分钟。") % placed
    return back_to(f"{BASE}/{tour.id}", saying=saying)


@get(f"{ONE}/make", opt=STAFF, include_in_schema=False)
async def make_page(
    request: AnyRequest, tour_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """What stands in the way, before anything is made."""
    tour = await kept_tour(actor, id_in_path(tour_id))
    return await _make_page(request, actor, now, tour, FormState({"publish": "on"}))


@post(f"{ONE}/make", opt=STAFF, include_in_schema=False, status_code=200)
async def make(
    request: AnyRequest, tour_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Make all sessions or none."""
    tour, values = await kept_tour(actor, id_in_path(tour_id)), await read_form(request)
    try:
        form = parse_form(MakeForm, values)
        made = await commands.make_tour(
            actor, now, tour_id=tour.id, revision=form.revision, publish=form.publish,
            override_reason=form.override_reason,
        )  # fmt: skip
    except InvalidError as error:
        names = [(f"stops.{one.id}", one.host_name) for one in await stops_of(tour.id)]
        state = FormState.refused(values, error, [*names, ("override_reason", _("原因"))])
        return await _make_page(request, actor, now, tour, state, status=422)
    except (ConflictError, StaleError) as error:
        return await _make_page(request, actor, now, tour, FormState(values), status=409, refusal=message_of(error))
    said = _("已建好并发布%(number)s场。") if form.publish else _("已建好%(number)s场草稿。")
    return back_to(f"{BASE}/{tour.id}", saying=said % {"number": len(made)})


@post(f"{ONE}/cancel", opt=STAFF, include_in_schema=False, status_code=200)
async def cancel(
    request: AnyRequest, tour_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Call the tour off, with the reason."""
    tour, values = await kept_tour(actor, id_in_path(tour_id)), await read_form(request)
    try:
        number = await commands.cancel_tour(actor, now, tour_id=tour.id, reason=parse_form(CancelForm, values).reason)
    except InvalidError as error:
        state = FormState.refused(values, error, [("reason", _("原因"))])
        return await _tour_page(request, tour, _Trouble(cancelling=state, status=422))
    except ConflictError as error:
        return await _tour_page(request, tour, _Trouble(refusal=message_of(error), status=409))
    saying = _("已取消，%(number)s场一起取消了。") % {"number": number} if number else _("已取消。")
    return back_to(f"{BASE}/{tour.id}", saying=saying)


@get("/tours/{tour_id:str}", include_in_schema=False)
async def itinerary(
    request: AnyRequest, tour_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """The itinerary, to print and on a phone: times, sites, needs, and whom to ring."""
    tour = await readable_tour(actor, id_in_path(tour_id))
    stops = await stops_of(tour.id)
    _total, to_stop = await minutes_on_the_way(tour, stops)
    going = [one for one in stops if one.starts_at is not None and not one.is_off]
    days = groupby(going, key=lambda one: local_day(one.starts_at) if one.starts_at else None)
    return page(
        request,
        "tours/itinerary.html",
        t=tour,
        days=[(on, list(found)) for on, found in days],
        unplaced=[one for one in stops if one.starts_at is None],
        off=[one for one in stops if one.is_off],
        to_stop=to_stop,
        contacts=await unit_contacts([one.host_id for one in stops], local_day(now)),
        back=f"{BASE}/{tour.id}" if may_keep(actor, tour.facts) else None,
    )


# --- what they show --------------------------------------------------------------------------------------------------


async def _form_page(
    request: AnyRequest,
    actor: Actor,
    form: FormState,
    tour: TourRow | None = None,
    *,
    status: int = 200,
    refusal: tuple[str, str] | None = None,
) -> Response[Any]:
    events = [(one.id, f"{one.title}（{one.programme_name}）") for one in await usable_events(actor)]
    if tour is not None and tour.event_id not in dict(events):
        events.append((tour.event_id, tour.event_title))
    found = await providers_page(actor, active=True, limit=500)
    providers = [(one.id, one.name) for one in found.items]
    if tour is not None and tour.provider_id not in dict(providers):
        providers.append((tour.provider_id, tour.provider_name))
    return page(
        request, "tours/form.html", status=status, form=form, t=tour, events=events, providers=providers,
        districts=await known_districts(), refusal=refusal,
    )  # fmt: skip


async def _tour_page(request: AnyRequest, tour: TourRow, trouble: _Trouble) -> Response[Any]:
    stops = await stops_of(tour.id)
    total, to_stop = await minutes_on_the_way(tour, stops)
    return page(
        request,
        "tours/tour.html",
        status=trouble.status,
        t=tour,
        state_words=STATE_WORDS,
        stops=stops,
        days=_by_day(stops),
        to_stop=to_stop,
        total=total,
        unplaced=[one for one in stops if one.starts_at is None],
        most=MOST_STOPS,
        hosts=trouble.hosts,
        cancelling=trouble.cancelling,
        refusal=trouble.refusal,
    )


def _by_day(stops: list[StopRow]) -> list[tuple[Any, list[StopRow]]]:
    timed = [one for one in stops if one.starts_at is not None]
    return [
        (on, list(found))
        for on, found in groupby(timed, key=lambda one: local_day(one.starts_at) if one.starts_at else None)
    ]


async def _stop_page(
    request: AnyRequest,
    tour: TourRow,
    stop: StopRow,
    form: FormState,
    *,
    status: int = 200,
    refusal: tuple[str, str] | None = None,
) -> Response[Any]:
    return page(
        request, "tours/stop.html", status=status, t=tour, stop=stop, form=form, refusal=refusal,
        districts=await known_districts(),
    )  # fmt: skip


async def _make_page(
    request: AnyRequest,
    actor: Actor,
    now: datetime,
    tour: TourRow,
    form: FormState,
    *,
    status: int = 200,
    refusal: tuple[str, str] | None = None,
) -> Response[Any]:
    stops = await stops_of(tour.id)
    found = await checked(actor, now, tour, stops) if tour.state == "draft" else []
    names: dict[UUID, str] = {one.id: one.host_name for one in stops}
    return page(
        request,
        "tours/make.html",
        status=status,
        t=tour,
        form=form,
        found=found,
        names=names,
        unplaced=[one for one in stops if one.starts_at is None],
        clashing=sum(bool(one.clashes) for one in found),
        warned=sum(bool(one.warnings or one.tight) for one in found),
        warning_text=warning_text,
        refusal=refusal,
    )


ROUTES = [
    tours_list,
    new_page,
    create,
    edit_page,
    change,
    show,
    put_down,
    stop_page,
    change_stop,
    remove_stop,
    propose,
    make_page,
    make,
    cancel,
    itinerary,
]
