"""点单: the order form, from the menu to a submitted order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery

from outreach.accounts.domain.organisations import OrganisationKind
from outreach.accounts.queries import organisation_by_id, organisation_options
from outreach.bookings.admission import openings_for, usage_of
from outreach.bookings.domain.contact import phone_problems
from outreach.bookings.domain.errors import BookingClosedError, LimitReachedError, QuotaUsedError
from outreach.bookings.notices import people_label
from outreach.bookings.orders.commands import submit_order
from outreach.bookings.orders.domain.drafts import (
    MOST_JOINED,
    MenuItem,
    OrderDraft,
    audience_problems,
    window_problems,
)
from outreach.bookings.orders.forms import NewOrderForm, named_in_form, order_fields, typed_windows
from outreach.bookings.orders.units import Site, named_units, site_of, split_names
from outreach.bookings.orders.windows import free_days, free_weeks, free_windows_of
from outreach.bookings.orders.wording import free_day_text, weeks_text
from outreach.bookings.phrases import why_closed
from outreach.bookings.queries import contact_phone_of
from outreach.bookings.wording import opening_lines, usage_lines
from outreach.events.domain.parts import PART_WORDS
from outreach.events.menu import EventRow, event_by_id
from outreach.shared.actors import Actor, Role
from outreach.shared.errors import ConflictError, FieldProblem, InvalidError
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path, new_id
from outreach.shared.time import local_day
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.problems import message_of
from outreach.web.templates import back_to, page
from outreach.web.wording import FILTERS

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]

#: Kinds that staff order for after a call; a federation orders nothing for itself.
ORDERING_KINDS = tuple(kind for kind in OrganisationKind if kind is not OrganisationKind.FEDERATION)

#: Free weeks named above the times.
WEEKS_NAMED = 3


@dataclass(frozen=True, slots=True)
class _Trouble:
    """Why the form came back: bad fields, or a refusal over the page with ways on."""

    form: FormState
    status: int
    title: str = ""
    words: str = ""
    ways: tuple[tuple[str, str], ...] = ()


@get("/orders/new", include_in_schema=False)
async def new(
    request: AnyRequest,
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    event_id: FromQuery[str],
    window: FromQuery[str] = "",
) -> Response[Any]:
    """The form; ``window`` (``2015-09-23.afternoon``) fills the first time in."""
    return await _page(request, actor, now, await event_by_id(actor, id_in_path(event_id)), window=window)


@post("/orders/new", include_in_schema=False, status_code=200)
async def create(
    request: AnyRequest,
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    event_id: FromQuery[str],
) -> Response[Any]:
    """Submit an order; a refusal comes back with everything typed."""
    event, values = await event_by_id(actor, id_in_path(event_id)), await read_form(request)
    numbers = typed_windows(values)[1]
    try:
        draft, key = await _draft(actor, event, values, now)
        made = await submit_order(actor, now, draft=draft, form_key=key)
    except InvalidError as error:
        named = InvalidError(named_in_form(error.problems, numbers))
        return await _page(request, actor, now, event, trouble=_Trouble(_refused(values, named), 422))
    except ConflictError as error:
        return await _page(request, actor, now, event, trouble=_conflict(error, values, event.id))
    return back_to(f"/orders/{made.id}", saying=_("点单已提交，等审核。走到哪一步，这一页随时看得到。"))


def _refused(values: Mapping[str, Any], error: InvalidError) -> FormState:
    """The form with its errors; of several units typed in one field those that were not found are named."""
    form = FormState.refused(values, error, order_fields())
    unclear = {
        one.field: _("没有找到“%(names)s”，或不止一个。请填单位编码或全称，要在同一个上级工会或同一个区。")
        % {"names": FILTERS["joined"](one.facts["names"])}
        for one in error.problems
        if "names" in one.facts
    }
    return FormState(form.values, {**form.errors, **unclear}, form.order)


async def _draft(
    actor: Actor, event: EventRow, values: Mapping[str, Any], now: datetime
) -> tuple[OrderDraft, UUID | None]:
    """The posted form as the command takes it.

    Raises:
        InvalidError: names every bad field, also those that the command would find one after the other.
    """
    windows, _numbers, problems = typed_windows(values)
    if windows or not problems:
        problems += window_problems(windows, now, lead_days=_lead_days(actor, event))
    problems += phone_problems("contact_phone", str(values.get("contact_phone", "")))
    try:
        data = parse_form(NewOrderForm, values)
    except InvalidError as error:
        known = {one.field for one in error.problems}
        raise InvalidError([*error.problems, *(one for one in problems if one.field not in known)]) from None
    joined, support = split_names(data.joined), split_names(data.support)
    found = await named_units(data.organisation_id, [*joined, *support])
    problems += _unit_problems("joined", joined, found) + _unit_problems("support", support, found)
    problems += audience_problems(data.audience, _item(event))
    if problems:
        raise InvalidError(problems)
    return (
        OrderDraft(
            event_id=event.id,
            organisation_id=data.organisation_id,
            joined_by=tuple(dict.fromkeys(found[name] for name in joined)),
            windows=tuple(windows),
            audience=data.audience,
            address=data.address,
            district=data.district,
            site_lacks=data.site_lacks,
            contact_name=data.contact_name,
            contact_phone=data.contact_phone,
            note=data.note,
            agrees_public=data.agrees_public,
            organisers=tuple(("support", one) for one in dict.fromkeys(found[name] for name in support)),
        ),
        data.form_key,
    )


def _lead_days(actor: Actor, event: EventRow) -> int:
    """Who runs the programme may order at short notice."""
    return 0 if actor.organises(event.organisation_path) else event.lead_days


def _item(event: EventRow) -> MenuItem:
    return MenuItem(
        event.title,
        event.active,
        event.orderable,
        True,
        event.confidential,
        event.min_audience,
        event.max_audience,
        event.lead_days,
    )


def _unit_problems(field: str, names: Sequence[str], found: Mapping[str, UUID]) -> list[FieldProblem]:
    if len(names) > MOST_JOINED:
        return [FieldProblem(field, "too-many-joined", {"most": MOST_JOINED})]
    unclear = [name for name in names if name not in found]
    return [FieldProblem(field, "organisation-unclear", {"names": unclear})] if unclear else []


def _conflict(error: ConflictError, values: Mapping[str, Any], event_id: UUID) -> _Trouble:
    """What happened, that what was typed is still there, and two ways on."""
    title, words = message_of(error)
    if isinstance(error, BookingClosedError):
        title, words = _("这项活动现在不能点单"), why_closed(error.facts)
    menu, ready = (_("看别的活动"), "/menu"), (_("看现成的场次"), f"/menu/{event_id}#next")
    ways = ((_("看我的预约和点单"), "/my"), ready) if isinstance(error, LimitReachedError) else (ready, menu)
    if isinstance(error, LimitReachedError | QuotaUsedError | BookingClosedError):
        words = _("%(words)s您填的内容还在。") % {"words": words}
    return _Trouble(FormState(values, {}, order_fields()), 409, title, words, ways)


async def _choices(actor: Actor) -> list[tuple[str, str]]:
    """Units that the caller may order for: its own as contact; staff for any below them, after a call."""
    own = [
        (str(grant.organisation_id), grant.organisation_name) for grant in actor.grants if grant.role is Role.CONTACT
    ]
    if own or not actor.is_staff:
        return own
    return [(str(one.id), one.label) for one in await organisation_options(actor, kinds=ORDERING_KINDS)]


async def _page(
    request: AnyRequest,
    actor: Actor,
    now: datetime,
    event: EventRow,
    *,
    window: str = "",
    trouble: _Trouble | None = None,
) -> Response[Any]:
    choices = await _choices(actor)
    owner = await organisation_by_id(event.organisation_id)
    site = await site_of(UUID(choices[0][0])) if choices and actor.is_contact else Site("", "", "", "")
    free = await free_windows_of([event.id] if event.orderable else [], now)
    form = trouble.form if trouble else FormState(await _first_values(actor, choices, site, window))
    own = [UUID(value) for value, _name in choices] if actor.is_contact else []
    return page(
        request,
        "orders/new.html",
        status=trouble.status if trouble else 200,
        event=event,
        choices=choices,
        has_site=bool(site.address),
        form=form,
        trouble=trouble,
        weeks=weeks_text(free_weeks(free.get(event.id, []))[:WEEKS_NAMED]),
        free=[free_day_text(one) for one in free_days(free.get(event.id, []))],
        parts=[(code, _(words)) for code, words in PART_WORDS.items()],
        least_day=local_day(now) + timedelta(days=_lead_days(actor, event)),
        openings=opening_lines((await openings_for(event_ids=[event.id])).get(event.id, []), now),
        usage=usage_lines(await usage_of(own, now)),
        owner=owner.name if owner else "",
        most_joined=MOST_JOINED,
        people_label=people_label,
    )


async def _first_values(actor: Actor, choices: list[tuple[str, str]], site: Site, window: str) -> dict[str, Any]:
    """What the form starts with: the caller's own name and telephone, and the site of the last order."""
    on, _dot, part = window.partition(".")
    values: dict[str, Any] = {"form_key": str(new_id()), "on_1": on[:10], "part_1": part[:9]}
    if actor.is_contact and choices:
        values |= {
            "organisation_id": choices[0][0],
            "contact_name": actor.name,
            "contact_phone": await contact_phone_of(actor.person_id),
            "address": site.address,
            "district": site.district,
            "site_lacks": site.site_lacks,
        }
    return values


ROUTES = [new, create]
