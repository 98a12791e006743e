"""Sessions for staff: the list, a new draft, an edited draft, publishing."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from outreach.events import commands, menu
from outreach.events.domain.errors import ClashError, NeedsReasonError, SessionStateError
from outreach.events.domain.states import SESSION_WORDS, SessionState
from outreach.events.domain.visibility import may_manage
from outreach.events.forms import MOST_AT_ONCE, PublishForm, SessionForm, session_order, session_values
from outreach.events.menu import EventRow
from outreach.events.occupying import clashes_of, wish_of
from outreach.events.queries import (
    SessionFilter,
    SessionRow,
    filter_choices,
    host_named,
    sessions_page,
    state_counts,
    twin_of_year,
    visible_session,
)
from outreach.events.warnings import warnings_of_session
from outreach.events.wording import warning_text
from outreach.programmes.labels import coming_labels, labels_of_moment
from outreach.shared.actors import Actor
from outreach.shared.errors import ForbiddenError, InvalidError, NotFoundError, StaleError, invalid
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path
from outreach.shared.time import FIRST_YEAR, LAST_YEAR, day_bounds, local_day
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.problems import message_of
from outreach.web.templates import back_to, page

__all__ = ["ROUTES", "listed_page"]

AnyRequest = Request[Any, Any, Any]
STAFF = {"staff": True}
PER_PAGE = 50
#: Tabs whose next session matters most; the others show the latest first.
FORWARD = ("draft", "published", "unrecorded")


@get("/desk/sessions", opt=STAFF, include_in_schema=False)
async def sessions_list(
    request: AnyRequest, actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """What the caller runs, by state, with filters and search; ``all``: as many drafts as go at once, ticked."""
    return await listed_page(request, actor, now, everything=request.query_params.get("all") == "1")


async def listed_page(
    request: AnyRequest,
    actor: Actor,
    now: datetime,
    *,
    everything: bool = False,
    form: FormState | None = None,
    outcomes: Sequence[Any] = (),
    status: int = 200,
) -> Response[Any]:
    """The list as its address asks for it.

    Args:
        everything: every draft of the part shown is ticked.
        form: what was posted, where it was refused as a whole.
        outcomes: what became of drafts that were to be published.
    """
    given = {name: request.query_params.get(name, "")[:100].replace("\x00", "") for name in _FILTERS}
    wanted = _filter(given)
    tab = given["state"] if given["state"] in (*SESSION_WORDS, "unrecorded") else ""
    found = await sessions_page(
        actor,
        _of_tab(wanted, tab),
        now,
        limit=MOST_AT_ONCE if everything else PER_PAGE,
        after=request.query_params.get("after") or None,
        newest_first=tab not in FORWARD,
    )
    return page(
        request,
        "events/sessions.html",
        status=status,
        rows=found.items,
        drafts=[one.id for one in found.items if one.state == SessionState.DRAFT and not one.assigned],
        everything=everything,
        most_at_once=MOST_AT_ONCE,
        all_href=_href(given, state=SessionState.DRAFT.value, all="1"),
        here=_href(given).replace("/desk/sessions", "/desk/sessions/publish", 1),
        form=form or FormState(),
        outcomes=outcomes,
        given=given,
        tabs=_tabs(given, await state_counts(actor, wanted, now), tab),
        filtered=any(value for name, value in given.items() if name != "state"),
        choices=await filter_choices(actor, local_day(now).year),
        paging={
            "total": found.total,
            "after": _href(given, after=found.next, all="1" if everything else None) if found.next else None,
        },
        tab=tab,
    )


_FILTERS = ("state", "q", "programme", "kind", "district", "from", "to")


def _filter(given: dict[str, str]) -> SessionFilter:
    first, last = _day(given["from"]), _day(given["to"])
    return SessionFilter(
        starts_from=day_bounds(first, first)[0] if first else None,
        starts_before=day_bounds(last, last)[1] if last else None,
        programme=given["programme"],
        kind=given["kind"],
        district=given["district"],
        q=given["q"],
        managed=True,
    )


def _of_tab(wanted: SessionFilter, tab: str) -> SessionFilter:
    return replace(wanted, unrecorded=True) if tab == "unrecorded" else replace(wanted, state=tab)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None


def _href(given: dict[str, str], **changed: str | None) -> str:
    kept = {name: value for name, value in {**given, **changed}.items() if value}
    return "/desk/sessions" + (f"?{urlencode(kept)}" if kept else "")


def _tabs(given: dict[str, str], counts: dict[str, int], tab: str) -> list[tuple[str, str, bool]]:
    total = sum(counts[state.value] for state in SessionState)
    words = [("", _("全部"), total), *((state.value, _(SESSION_WORDS[state]), counts[state]) for state in SessionState)]
    words.insert(3, ("unrecorded", _("已过期未登记"), counts["unrecorded"]))
    return [
        (f"{label} {count}", _href(given, state=key or None), key == tab)
        for key, label, count in words
        if count or key in ("", "draft", "published", tab)
    ]


@get("/desk/sessions/new", opt=STAFF, include_in_schema=False)
async def new_page(request: AnyRequest, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Response[Any]:
    """First which item of the menu, then its form; ``copy`` starts from another session."""
    copied = request.query_params.get("copy", "")
    if copied:
        stored = await visible_session(actor, id_in_path(copied))
        values = {**session_values(stored), "starts_at": "", "ends_at": "", "revision": None}
        values |= {"booking_opens_at": "", "booking_closes_at": ""}
        return await _form(request, actor, now, stored.event_id, FormState(values), copied=stored)
    event_id = request.query_params.get("event", "")
    if not event_id:
        events = await menu.usable_events(actor)
        return page(request, "events/session_event.html", events=events)
    event = await menu.event_by_id(actor, id_in_path(event_id))
    return await _form(request, actor, now, event.id, FormState(_fresh(event)))


def _fresh(event: EventRow) -> dict[str, Any]:
    only = list(event.provider_ids) if len(event.provider_ids) == 1 else []
    return {"title": event.title, "kind": event.kind, "visibility": "public", "provider_ids": only}


@post("/desk/sessions/new", opt=STAFF, include_in_schema=False, status_code=200)
async def create(request: AnyRequest, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Response[Any]:
    """Store the draft and go on to it, where clashes are shown and it can be published."""
    values = await read_form(request)
    try:
        form = parse_form(SessionForm, values)
        host_id = await _host(actor, form)
        session_id = await commands.create_session(actor, now, given=form.given(host_id))
    except InvalidError as error:
        event_id = _event_of(values)
        state = FormState.refused(values, error, session_order())
        return await _form(request, actor, now, event_id, state, status=422)
    return back_to(f"/desk/sessions/{session_id}/edit", saying=_("已存为草稿。"))


@get("/desk/sessions/{session_id:str}/edit", opt=STAFF, include_in_schema=False)
async def edit_page(
    request: AnyRequest,
    session_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """A draft, with what stands in its way. What is published is moved, which tells those booked."""
    session = await _managed(actor, id_in_path(session_id))
    if session.state == SessionState.DRAFT and session.assigned:
        saying = _("这场是按点单派出去的，要改时间或换人，请到派单里办。")
        return back_to(f"/desk/sessions/{session.id}", saying=saying)
    if session.state != SessionState.DRAFT:
        return Redirect(f"/desk/sessions/{session.id}/move", status_code=303)
    return await _form(request, actor, now, session.event_id, FormState(session_values(session)), stored=session)


@post("/desk/sessions/{session_id:str}/edit", opt=STAFF, include_in_schema=False, status_code=200)
async def change(
    request: AnyRequest,
    session_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Write the draft anew."""
    session = await _managed(actor, id_in_path(session_id))
    values = await read_form(request)
    try:
        form = parse_form(SessionForm, values)
        given = form.given(await _host(actor, form, session))
        await commands.change_draft(actor, now, session_id=session.id, given=given, revision=form.revision)
    except InvalidError as error:
        state = FormState.refused(values, error, session_order())
        return await _form(request, actor, now, _event_of(values), state, stored=session, status=422)
    except StaleError:
        latest = {**values, "revision": session.revision}
        return await _form(request, actor, now, session.event_id, FormState(latest), stored=session, status=409)
    return back_to(f"/desk/sessions/{session.id}/edit", saying=_("草稿已保存。"))


@post("/desk/sessions/{session_id:str}/publish", opt=STAFF, include_in_schema=False, status_code=200)
async def publish(
    request: AnyRequest,
    session_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Publish a draft; what stands in the way is shown on its form."""
    session = await _managed(actor, id_in_path(session_id))
    given = await read_form(request)
    values = {**session_values(session), "override_reason": given.get("override_reason", "")}
    try:
        reason = parse_form(PublishForm, given).override_reason
        await commands.publish_session(actor, now, session_id=session.id, override_reason=reason, strict=True)
    except InvalidError as error:
        state = FormState.refused(values, error, session_order())
        return await _form(request, actor, now, session.event_id, state, stored=session, status=422)
    except (ClashError, NeedsReasonError) as error:
        refusal = message_of(error)
        state = FormState(values)
        return await _form(request, actor, now, session.event_id, state, stored=session, status=409, refusal=refusal)
    except SessionStateError:
        return back_to(f"/desk/sessions/{session.id}", saying=_("这场已经不是草稿了，看看最新情况。"))
    return back_to(f"/desk/sessions/{session.id}", saying=_("已发布，各单位可以预约了。"))


async def _managed(actor: Actor, session_id: UUID) -> SessionRow:
    session = await visible_session(actor, session_id)
    if not may_manage(actor, session.facts):
        raise ForbiddenError
    return session


def _event_of(values: dict[str, Any]) -> UUID:
    try:
        return UUID(str(values.get("event_id", "")))
    except ValueError:
        raise NotFoundError from None


async def _host(actor: Actor, form: SessionForm, stored: SessionRow | None = None) -> UUID | None:
    """The organisation whose code or name was typed."""
    if not form.host:
        return None
    if stored is not None and form.host == stored.host_name:
        return stored.host_id
    host_id = await host_named(actor, form.host)
    if host_id is None:
        raise invalid("host", "host-unclear")
    return host_id


async def _form(
    request: AnyRequest,
    actor: Actor,
    now: datetime,
    event_id: UUID,
    form: FormState,
    *,
    stored: SessionRow | None = None,
    copied: SessionRow | None = None,
    status: int = 200,
    refusal: tuple[str, str] | None = None,
) -> Response[Any]:
    """The form of a draft, new or stored, with everything it offers."""
    event = await menu.event_by_id(actor, event_id)
    providers = (await menu.providers_page(actor, active=True, limit=500)).items
    usual = [one for one in providers if one.id in event.provider_ids]
    chosen = [one for one in providers if one.id not in event.provider_ids and one.id in _chosen(form)]
    return page(
        request,
        "events/session_form.html",
        status=status,
        form=form,
        event=event,
        stored=stored,
        copied=copied,
        refusal=refusal,
        kinds=await menu.kinds_of(event.programme_id) or [event.kind],
        near=[*usual, *chosen],
        others=[one for one in providers if one not in usual and one not in chosen],
        venues=(await menu.venues_page(actor, active=True, limit=500)).items,
        organisations=await menu.kept_organisations(actor),
        clashes=await clashes_of(actor, await wish_of(stored.id)) if stored else [],
        warnings=[(one.severity, warning_text(one)) for one in await warnings_of_session(stored, actor)]
        if stored
        else [],
        is_past=stored is not None and stored.starts_at <= now,
        day_labels=await labels_of_moment(stored.starts_at) if stored else [],
        coming=await coming_labels(local_day(now)) if stored is None else [],
        twin=await twin_of_year(actor, stored.event_id, local_day(stored.starts_at).year) if stored else None,
    )


def _chosen(form: FormState) -> set[UUID]:
    given = form.values.get("provider_ids") or []
    texts = given if isinstance(given, list) else [given]
    return {UUID(str(text)) for text in texts if _is_id(str(text))}


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


ROUTES = [sessions_list, new_page, create, edit_page, change, publish]
