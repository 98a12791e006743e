"""Letters for staff: what can be written, then the menu, the notice of an opening, the letter to a host."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from outreach.accounts.journal import note_within
from outreach.accounts.queries import root_organisation
from outreach.accounts.queries.unit_contacts import unit_contacts
from outreach.attendance.access import managed
from outreach.bookings.queries import contact_phone_of
from outreach.events.openings import OpeningRow, openings_page, readable_opening
from outreach.events.queries import SessionRow
from outreach.letters import content
from outreach.letters.domain.errors import NoHostError, TemplateBrokenError
from outreach.letters.domain.kinds import KINDS
from outreach.letters.downloads import DOCX, headers_of
from outreach.letters.filling import shipped_text
from outreach.letters.forms import ConfirmationForm, MenuForm, OpeningForm, order_of
from outreach.letters.real import hosted_sessions
from outreach.letters.stored import letter_of, own_organisation, template_for, templates_for
from outreach.programmes.domain.permissions import may_change_programme
from outreach.reports.rendering import pdf_of
from outreach.settings import Settings
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.errors import ForbiddenError, InvalidError, invalid
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path
from outreach.shared.time import FIRST_YEAR, LAST_YEAR, local_day
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.problems import message_of
from outreach.web.templates import back_to, page, render

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]
STAFF = {"staff": True}
BASE = "/desk/letters"
#: Hosted sessions to come and openings that the first page offers.
MOST_OFFERED = 20


@dataclass(frozen=True, slots=True)
class _Paper:
    """One letter: its kind, what fills it, and whose templates serve it."""

    kind: str
    context: dict[str, Any]
    organisation_path: str
    name: str


@get(BASE, opt=STAFF, include_in_schema=False)
async def letters_page(
    request: AnyRequest, actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """What can be written, and whose templates serve; where nobody could write yet, the form of an organisation."""
    if actor.is_administrator and await root_organisation() is None:
        return back_to("/desk/organisations/new", saying=_("文书要有写的单位，请先新建工会组织。"))
    owner = await own_organisation(actor)
    openings = await openings_page(actor, managed=True, limit=MOST_OFFERED)
    return page(
        request,
        "letters/letters.html",
        owner=owner,
        openings=openings.items,
        sessions=await hosted_sessions(actor, now, most=MOST_OFFERED),
        kinds=list(KINDS.values()),
        own=await templates_for(owner.path, list(KINDS)),
    )


# --- the menu of a season --------------------------------------------------------------------------------------------


@get(f"{BASE}/menu", opt=STAFF, include_in_schema=False)
async def menu_page(
    request: AnyRequest, actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """What the menu says beside its table."""
    year = _year(request.query_params.get("year", ""), now)
    values = {
        "year": year,
        "season": _season(local_day(now)) if year == local_day(now).year else "",
        "how": _("由单位联系人登录后，在“菜单”里选一项点单，写明想要的时间和地点。主办单位收到后答复。"),
        **await _asking(actor),
    }
    return await _menu(request, actor, FormState(values), year)


@post(f"{BASE}/menu", opt=STAFF, include_in_schema=False, status_code=200)
async def write_menu(
    request: AnyRequest,
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    settings: NamedDependency[Settings],
) -> Response[Any]:
    """The menu: on the page, as Word file or as PDF."""
    values, owner = await read_form(request), await own_organisation(actor)
    year = _year(str(values.get("year", "")), now)
    try:
        form = parse_form(MenuForm, values)
        items = await content.menu_items(actor, form.year)
        context = content.menu_context(items, form, issuer=owner, now=now, base_url=settings.base_url)
        if not context["programmes"]:
            raise invalid("programme_ids", "menu-empty", year=form.year)
        paper = _Paper("menu", context, owner.path, context["title"])
        return await _made(request, settings, paper, form.shape) or await _menu(
            request, actor, FormState(values), form.year, text=await _text(settings, paper), letter=context
        )
    except InvalidError as error:
        return await _menu(request, actor, FormState.refused(values, error, order_of(MenuForm)), year, status=422)
    except TemplateBrokenError as error:
        return await _menu(request, actor, FormState(values), year, status=409, refusal=message_of(error))


async def _menu(
    request: AnyRequest, actor: Actor, form: FormState, year: int, *, status: int = 200, **shown: Any
) -> Response[Any]:
    items = await content.menu_items(actor, year)
    programmes = list({one.programme_id: one.programme_name for one in items}.items())
    return page(
        request,
        "letters/menu.html",
        status=status,
        form=form,
        programmes=programmes,
        year=year,
        **{"text": "", "letter": None, "refusal": None, **shown},
    )


def _year(text: str, now: datetime) -> int:
    year = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else local_day(now).year
    return year if FIRST_YEAR <= year <= LAST_YEAR else local_day(now).year


def _season(on: date) -> str:
    """The season that a menu of this day is for."""
    return ("春季", "夏季", "秋季", "冬季")[(on.month - 3) % 12 // 3]


# --- the notice of an opening ----------------------------------------------------------------------------------------


async def _opening(actor: Actor, opening_id: str) -> OpeningRow:
    found = await readable_opening(actor, id_in_path(opening_id))
    if not may_change_programme(actor, found.organisation_path):
        raise ForbiddenError
    return found


@get(f"{BASE}/openings/{{opening_id:str}}", opt=STAFF, include_in_schema=False)
async def opening_page(request: AnyRequest, opening_id: FromPath[str], actor: NamedDependency[Actor]) -> Response[Any]:
    """What the notice says beside what the opening says itself."""
    opening = await _opening(actor, opening_id)
    return _opening_page(request, opening, FormState(await _asking(actor)))


@post(f"{BASE}/openings/{{opening_id:str}}", opt=STAFF, include_in_schema=False, status_code=200)
async def write_opening(
    request: AnyRequest,
    opening_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    settings: NamedDependency[Settings],
) -> Response[Any]:
    """The notice: on the page, as Word file or as PDF."""
    opening, values = await _opening(actor, opening_id), await read_form(request)
    try:
        form = parse_form(OpeningForm, values)
        context = await content.opening_context(opening, form, now=now, base_url=settings.base_url)
        paper = _Paper("opening", context, opening.organisation_path, context["title"])
        return await _made(request, settings, paper, form.shape) or _opening_page(
            request, opening, FormState(values), text=await _text(settings, paper), letter=context
        )
    except InvalidError as error:
        return _opening_page(request, opening, FormState.refused(values, error, order_of(OpeningForm)), status=422)
    except TemplateBrokenError as error:
        return _opening_page(request, opening, FormState(values), status=409, refusal=message_of(error))


def _opening_page(
    request: AnyRequest, opening: OpeningRow, form: FormState, *, status: int = 200, **shown: Any
) -> Response[Any]:
    given = {"text": "", "letter": None, "refusal": None, **shown}
    return page(request, "letters/opening.html", status=status, form=form, opening=opening, **given)


# --- the letter to a host --------------------------------------------------------------------------------------------


async def _session(actor: Actor, session_id: str) -> SessionRow:
    session = await managed(actor, id_in_path(session_id))
    if session.host_id is None or session.state in ("draft", "cancelled"):
        raise NoHostError(session_state=session.state)
    return session


@get(f"{BASE}/sessions/{{session_id:str}}", opt=STAFF, include_in_schema=False)
async def confirmation_page(
    request: AnyRequest, session_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """What the letter says beside what the session says itself."""
    session = await _session(actor, session_id)
    name, phone, people = await content.host_contact_of(session)
    assert session.host_id is not None, "the session was looked at"
    if not name:
        known = (await unit_contacts([session.host_id], local_day(now)))[session.host_id]
        name, phone = (known[0].name, known[0].phone) if known else ("", "")
    values = {
        "host_contact": name,
        "host_phone": phone,
        "audience": people or "",
        "needs": await content.needs_of(session),
        **await _asking(actor),
    }
    return _confirmation(request, session, FormState(values))


@post(f"{BASE}/sessions/{{session_id:str}}", opt=STAFF, include_in_schema=False, status_code=200)
async def write_confirmation(
    request: AnyRequest,
    session_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    settings: NamedDependency[Settings],
) -> Response[Any]:
    """The letter: on the page, as Word file or as PDF; the journal keeps that it was written."""
    session, values = await _session(actor, session_id), await read_form(request)
    try:
        form = parse_form(ConfirmationForm, values)
        issuer = await content.owner_of(session.organisation_id)
        context = content.confirmation_context(session, form, issuer=issuer, now=now, base_url=settings.base_url)
        paper = _Paper("confirmation", context, session.organisation_path, f"{context['host']}_{session.title}")
        made = await _made(request, settings, paper, form.shape)
        if made is not None:
            await _note(actor, now, session.id, session.organisation_id, form.shape)
        return made or _confirmation(
            request, session, FormState(values), text=await _text(settings, paper), letter=context
        )
    except InvalidError as error:
        return _confirmation(request, session, FormState.refused(values, error, order_of(ConfirmationForm)), status=422)
    except TemplateBrokenError as error:
        return _confirmation(request, session, FormState(values), status=409, refusal=message_of(error))


def _confirmation(
    request: AnyRequest, session: SessionRow, form: FormState, *, status: int = 200, **shown: Any
) -> Response[Any]:
    given = {"text": "", "letter": None, "refusal": None, **shown}
    return page(request, "letters/confirmation.html", status=status, form=form, s=session, **given)


async def _note(actor: Actor, now: datetime, session_id: UUID, organisation_id: UUID, shape: str) -> None:
    async with db.atomic():
        await note_within(
            actor, now, "letter.written", "session", session_id,
            organisation_id=organisation_id, facts={"kind": "confirmation", "form": shape},
        )  # fmt: skip


# --- all of them -----------------------------------------------------------------------------------------------------


async def _asking(actor: Actor) -> dict[str, str]:
    """Who answers questions, until somebody else is typed: whoever writes."""
    return {"contact_name": actor.name, "contact_phone": await contact_phone_of(actor.person_id)}


async def _made(request: AnyRequest, settings: Settings, paper: _Paper, shape: str) -> Response[Any] | None:
    """The file; ``None``: it is shown on the page instead."""
    if shape == "docx":
        made = (await letter_of(settings.home, paper.organisation_path, KINDS[paper.kind], paper.context)).content
        return Response(made, media_type=DOCX, headers=headers_of(f"{paper.name}.docx", f"{paper.kind}.docx"))
    if shape == "pdf":
        made = await pdf_of((render(f"letters/{paper.kind}_pdf.html", letter=paper.context), None))
        headers = headers_of(f"{paper.name}.pdf", f"{paper.kind}.pdf")
        return Response(made, media_type="application/pdf", headers=headers)
    return None


async def _text(settings: Settings, paper: _Paper) -> str:
    """The words for a chat group."""
    kind = KINDS[f"{paper.kind}-text"]
    if await template_for(paper.organisation_path, kind) is None:
        return shipped_text(kind.key, paper.context)
    made = await letter_of(settings.home, paper.organisation_path, kind, paper.context)
    return made.content.decode("utf-8").strip()


ROUTES = [
    letters_page,
    menu_page,
    write_menu,
    opening_page,
    write_opening,
    confirmation_page,
    write_confirmation,
]
