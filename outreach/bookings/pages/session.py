"""The page of one session: what strangers read, and where contacts book or claim it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from outreach.bookings import claims, commands
from outreach.bookings.admission import openings_for
from outreach.bookings.domain.afterwards import TOOK_PART, reporting_units
from outreach.bookings.domain.contact import phone_problems
from outreach.bookings.domain.errors import BookingClosedError, SessionFullError
from outreach.bookings.domain.permissions import is_meant_for
from outreach.bookings.feedback.queries import unrated_units
from outreach.bookings.forms import BookForm, ClaimForm, book_order, claim_order
from outreach.bookings.notices import group_notice, people_label
from outreach.bookings.open_data import open_data
from outreach.bookings.orders.queries import ratings_of
from outreach.bookings.phrases import why_closed
from outreach.bookings.queries import (
    BookingRow,
    Seating,
    contact_phone_of,
    other_dates,
    owner_name_of,
    readable_session,
    seating_of,
)
from outreach.bookings.queue import waiting_groups
from outreach.bookings.wording import LEAST_ANSWERS, booking_state, next_step, opening_lines
from outreach.events.domain.visibility import may_manage, may_see_place
from outreach.events.queries import SessionRow
from outreach.shared.actors import Actor, Role
from outreach.shared.errors import ConflictError, FieldProblem, InvalidError
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path
from outreach.shared.time import local_day
from outreach.web.charts import SeatsData
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.problems import message_of
from outreach.web.templates import back_to, page
from outreach.web.wording import FILTERS

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class _Trouble:
    """Why a form came back: a refusal over the page, or bad fields in it."""

    form: FormState = field(default_factory=FormState)
    title: str = ""
    words: str = ""
    status: int = 422


@get("/sessions/{session_id:str}", opt={"public": True}, include_in_schema=False)
async def session_page(
    request: AnyRequest,
    session_id: FromPath[str],
    visitor: NamedDependency[Actor | None],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """One session."""
    session, own = await readable_session(visitor, id_in_path(session_id))
    return await _page(request, visitor, now, session, own)


@post("/sessions/{session_id:str}/book", include_in_schema=False, status_code=200)
async def book(
    request: AnyRequest,
    session_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Reserve seats; a refusal comes back with everything typed."""
    id_, values = id_in_path(session_id), await read_form(request)
    session, _own = await readable_session(actor, id_)
    try:
        made = await commands.book_seats(actor, now, session_id=id_, **_agreed(values, session))
    except (InvalidError, ConflictError) as error:
        return await _refused(request, actor, now, id_, values, error)
    told = {
        "pending": _("预约已提交，等主办单位审核。"),
        "waitlisted": _("已经排上候补，有空位马上通知您。"),
    }.get(made.state, _("预约已确认，%(seats)s人。"))
    return back_to(f"/bookings/{made.id}", saying=told % {"seats": made.seats})


@post("/sessions/{session_id:str}/claim", include_in_schema=False, status_code=200)
async def claim(
    request: AnyRequest,
    session_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """领走一场; a refusal comes back with everything typed."""
    id_, values = id_in_path(session_id), await read_form(request)
    try:
        data = msgspec.structs.asdict(parse_form(ClaimForm, values))
        made = await claims.claim_session(actor, now, session_id=id_, **data)
    except BookingClosedError as error:
        if error.facts.get("why") == "claimed":
            return _lost(request, error)
        return await _refused(request, actor, now, id_, values, error)
    except (InvalidError, ConflictError) as error:
        return await _refused(request, actor, now, id_, values, error)
    return back_to(f"/bookings/{made.id}", saying=_("这一场归您单位了，时间和联系人已告诉主办单位。"))


def _agreed(values: Mapping[str, Any], session: SessionRow) -> dict[str, Any]:
    """The form of a booking without the tick that it needs, as ``book_seats`` takes it.

    What the command would refuse one after the other is said at once.

    Raises:
        InvalidError: names every bad field, the missing tick among them.
    """
    problems = [] if values.get("agree") else [FieldProblem("agree", "agree-first")]
    problems += phone_problems("contact_phone", str(values.get("contact_phone", "")))
    try:
        data = parse_form(BookForm, values)
    except InvalidError as error:
        raise InvalidError([*error.problems, *problems]) from None
    most, left = session.max_seats_per_booking, session.seats_left
    # With nothing left it is no slip of the pen: the page then says that others were faster. Who queues may want more.
    if left and data.seats > left and not data.waitlist:
        problems.append(FieldProblem("seats", "seats-free", {"free": left}))
    elif most is not None and data.seats > most:
        problems.append(FieldProblem("seats", "too-many-for-one", {"most": most}))
    if problems:
        raise InvalidError(problems)
    return {name: getattr(data, name) for name in BookForm.__struct_fields__ if name != "agree"}


def _lost(request: AnyRequest, error: ConflictError) -> Response[Any]:
    """Somebody was faster, and since then the date is hidden: the page itself is gone, two ways lead on."""
    title, words = _("刚刚被别的单位领走了"), why_closed(error.facts)
    ways = [(_("看近期场次"), "/"), (_("看日历"), "/calendar")]
    return page(request, "errors/refused.html", status=409, title=title, detail=words, ways=ways, next="")


async def _refused(
    request: AnyRequest,
    actor: Actor,
    now: datetime,
    session_id: UUID,
    values: Mapping[str, Any],
    error: InvalidError | ConflictError,
) -> Response[Any]:
    session, own = await readable_session(actor, session_id)
    order = claim_order() if session.claimable else book_order()
    seating = await seating_of(session_id)
    if isinstance(error, InvalidError):
        trouble = _Trouble(FormState.refused(values, error, order))
    elif isinstance(error, SessionFullError) and error.facts.get("free"):
        bad = InvalidError([FieldProblem("seats", "seats-free", {"free": error.facts["free"]})])
        trouble = _Trouble(FormState.refused(values, bad, order), status=409)
    else:
        title, words = _conflict(error, session, seating, now)
        trouble = _Trouble(FormState(values, {}, order), title, words, 409)
    return await _page(request, actor, now, session, own, trouble=trouble)


def _conflict(error: ConflictError, session: SessionRow, seating: Seating, now: datetime) -> tuple[str, str]:
    """Title and sentence for the one who lost: what happened, when, and that what was typed is still there."""
    if isinstance(error, SessionFullError):
        since = seating.last_taken_at
        if since is not None and (now - since).total_seconds() < 3600:
            words = _("最后的名额在%(time)s被别的单位约走。您填的内容还在。") % {"time": FILTERS["time_text"](since)}
        else:
            words = _("这场的名额已经约完。您填的内容还在。")
        return _("刚刚被约满了"), words
    if isinstance(error, BookingClosedError):
        return _("这场现在不能预约"), why_closed(error.facts)
    return message_of(error)


@dataclass(frozen=True, slots=True)
class _Choice:
    """An organisation that the visitor may book for here."""

    id: UUID
    name: str

    @property
    def pair(self) -> tuple[str, str]:
        """Value and words of an option."""
        return str(self.id), self.name


def _choices(visitor: Actor | None, session: SessionRow, own: list[BookingRow]) -> list[_Choice]:
    booked = {one.organisation_id for one in own if one.is_live}
    return [
        _Choice(grant.organisation_id, grant.organisation_name)
        for grant in (visitor.grants if visitor else ())
        if grant.role is Role.CONTACT
        and grant.organisation_id is not None
        and grant.organisation_id not in booked
        and is_meant_for(session.facts, grant.organisation_id, grant.path)
    ]


async def _page(
    request: AnyRequest,
    visitor: Actor | None,
    now: datetime,
    session: SessionRow,
    own: list[BookingRow],
    *,
    trouble: _Trouble | None = None,
) -> Response[Any]:
    seating = await seating_of(session.id)
    choices = _choices(visitor, session, own)
    is_full = session.seats_left is not None and session.seats_left <= 0 and not session.claimable
    openings = opening_lines((await openings_for(session_ids=[session.id])).get(session.id, []), now)
    is_open = session.is_open(now) and (not openings or any(one.is_open for one in openings))
    form = trouble.form if trouble else FormState(await _first_values(visitor, choices, is_open))
    needs_ways = is_full or session.state == "cancelled" or bool(trouble and trouble.title)
    owner, base_url = await owner_name_of(session), request.app.state.settings.base_url
    rating = (await ratings_of(event_ids=[session.event_id])).get(session.event_id)
    return page(
        request,
        "bookings/session.html",
        status=trouble.status if trouble else 200,
        s=session,
        own=own,
        seating=seating,
        bar=_bar(session, seating),
        choices=choices,
        form=form,
        trouble=trouble,
        is_open=is_open,
        is_full=is_full,
        openings=openings,
        waiting=await waiting_groups(session.id),
        states={one.id: booking_state(one) for one in own},
        steps={one.id: next_step(one, now) for one in own},
        reports=_reports(visitor, session, own, now),
        rates=bool(await unrated_units(visitor, session, own)),
        papers=_papers(visitor, session, own, now),
        rating=rating if rating and rating.answers >= LEAST_ANSWERS else None,
        manages=may_manage(visitor, session.facts),
        shows_place=may_see_place(visitor, session.facts),
        people_label=people_label(session.kind),
        owner=owner,
        notice=group_notice(session, visitor, base_url),
        shared=open_data(session, owner, base_url),
        month=local_day(session.starts_at).month,
        others=await other_dates(visitor, session, now) if needs_ways else [],
    )


def _reports(visitor: Actor | None, session: SessionRow, own: list[BookingRow], now: datetime) -> bool:
    """Whether the visitor is asked how many came: from the start on, until the session is closed."""
    if visitor is None or session.state not in ("published", "held") or now < session.starts_at:
        return False
    booked = [one.organisation_id for one in own if one.state in TOOK_PART]
    return bool(reporting_units(visitor, session.host_id, booked))


def _papers(visitor: Actor | None, session: SessionRow, own: list[BookingRow], now: datetime) -> list[tuple[str, str]]:
    """What the contact of the host, or of a unit that booked, prints, hands in and reads: (words, address)."""
    if visitor is None or session.state not in ("published", "held", "closed"):
        return []
    at, named = f"/sessions/{session.id}", not session.confidential
    if session.host_id is not None and visitor.represents(session.host_id):
        before = [(_("导入名单"), f"{at}/roster"), (_("签到海报"), f"{at}/poster")] if named else []
        before += [(_("打印签到表"), f"{at}/sign-in-sheet"), (_("打印回执表"), f"{at}/receipt")]
        listed = [(_("现场点名"), f"{at}/list")] if named else []
        if now < session.starts_at:
            return listed + before
        after = [(_("交照片和材料"), f"{at}/evidence")]
        after += [(_("参加人怎么说"), f"{at}/opinions"), (_("开学时证明"), f"{at}/certificates")] if named else []
        return [*listed, *after, *before] if session.state != "closed" else [*after, before[-1]]
    if named and session.state != "closed" and any(one.state in TOOK_PART for one in own):
        return [(_("导入名单"), f"{at}/roster")]
    return []


async def _first_values(visitor: Actor | None, choices: list[_Choice], is_open: bool) -> dict[str, Any]:
    """What a form starts with: the visitor's own name and telephone."""
    if visitor is None or not choices or not is_open:
        return {}
    phone = await contact_phone_of(visitor.person_id)
    return {"contact_name": visitor.name, "contact_phone": phone, "organisation_id": str(choices[0].id)}


def _bar(session: SessionRow, seating: Seating) -> SeatsData | None:
    if session.capacity is None:
        return None
    label = _("共%(capacity)s个名额，已确认%(confirmed)s个，待审核%(pending)s个，余%(left)s个") % {
        "capacity": session.capacity,
        "confirmed": seating.confirmed,
        "pending": seating.pending,
        "left": session.seats_left,
    }
    return SeatsData(label=label, capacity=session.capacity, confirmed=seating.confirmed, pending=seating.pending)


ROUTES = [session_page, book, claim]
