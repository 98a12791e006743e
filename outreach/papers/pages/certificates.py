"""学时证明: whom to certify, the papers to print, and the public page on which a number is checked."""

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect

from outreach.attendance.domain.headcounts import days_of
from outreach.bookings.feedback.queries import RATABLE
from outreach.events.queries import SessionRow
from outreach.papers.certificates import (
    MOST_AT_ONCE,
    Certificate,
    certified_session,
    check_certificate,
    issue_certificates,
)
from outreach.papers.domain.certificates import LESSON_MINUTES, halves_a_day, said_hours
from outreach.papers.downloads import headers_of
from outreach.papers.forms import CertificatesForm, halves_given
from outreach.papers.people import people_present
from outreach.reports.rendering import pdf_of
from outreach.settings import Settings
from outreach.shared.actors import Actor
from outreach.shared.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path
from outreach.shared.text import clean_line
from outreach.shared.time import local_day
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.problems import message_of
from outreach.web.templates import page, render

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]
DESK, OWN = "/desk/sessions/{session_id:str}/certificates", "/sessions/{session_id:str}/certificates"
Words = Annotated[str, QueryParameter(name="q", max_length=200, pattern=r"^[^\x00]*\Z")]
PageNumber = Annotated[int, QueryParameter(name="page", ge=1, le=100_000)]


async def _session(request: AnyRequest, actor: Actor, session_id: str) -> SessionRow:
    on_desk = request.scope["path"].startswith("/desk/")
    if on_desk and not actor.is_staff:
        raise ForbiddenError
    return await certified_session(actor, id_in_path(session_id), on_desk=on_desk)


@get([DESK, OWN], include_in_schema=False)
async def certificates_page(
    request: AnyRequest,
    session_id: FromPath[str],
    actor: NamedDependency[Actor],
    q: Words = "",
    number: PageNumber = 1,
) -> Response[Any]:
    """Who was there, and how many 学时."""
    return await _page(request, await _session(request, actor, session_id), None, q=q, number=number)


@post([DESK, OWN], include_in_schema=False, status_code=200)
async def issue(
    request: AnyRequest,
    session_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    settings: NamedDependency[Settings],
) -> Response[Any]:
    """The papers, to print or as PDF; a form sent twice gives the same numbers."""
    session, values = await _session(request, actor, session_id), await read_form(request)
    try:
        data = parse_form(CertificatesForm, values)
        made = await issue_certificates(
            actor, now, settings, session=session, people=data.people, halves=halves_given(data.hours)
        )
    except InvalidError as error:
        return await _page(request, session, FormState.refused(values, error, _order()), status=422)
    except ConflictError as error:
        return await _page(request, session, FormState(values), status=409, refusal=message_of(error))
    return await _papers(request, session, made, settings, data.form)


def _order() -> list[tuple[str, str]]:
    return [("hours", _("学时")), ("people", _("开给谁"))]


async def _page(
    request: AnyRequest,
    session: SessionRow,
    form: FormState | None,
    *,
    q: str = "",
    number: int = 1,
    status: int = 200,
    refusal: tuple[str, str] | None = None,
) -> Response[Any]:
    words = clean_line(q)
    is_held = session.state in RATABLE
    people, total = (
        await people_present(session, q=words, limit=MOST_AT_ONCE, skip=(number - 1) * MOST_AT_ONCE)
        if is_held
        else ([], 0)
    )
    if form is None:
        first = said_hours(halves_a_day(session.starts_at, session.ends_at))
        form = FormState({"hours": first, "people": [str(one.id) for one in people if one.name]})
    base = request.scope["path"]
    return page(
        request,
        "papers/certificates.html",
        status=status,
        s=session,
        form=form,
        refusal=refusal,
        people=people,
        total=total,
        is_held=is_held,
        q=words,
        base=base,
        on_desk=base.startswith("/desk/"),
        several_days=len(days_of(session.starts_at, session.ends_at)) > 1,
        lesson_minutes=LESSON_MINUTES,
        pages=_pages(base, words, number, total),
    )


def _pages(base: str, q: str, number: int, total: int) -> dict[str, Any]:
    def href(to: int) -> str:
        return f"{base}?page={to}{f'&q={quote(q)}' if q else ''}"

    last = max(1, -(-total // MOST_AT_ONCE))
    return {
        "total": total,
        "before": href(number - 1) if 1 < number <= last else None,
        "after": href(number + 1) if number < last else None,
    }


async def _papers(
    request: AnyRequest, session: SessionRow, made: list[Certificate], settings: Settings, form: str
) -> Response[Any]:
    papers = [(one, _qr(f"{settings.base_url}/certificates/{one.number}")) for one in made]
    address = f"{settings.base_url}/certificates"
    if form == "pdf":
        html = render("papers/certificates_pdf.html", papers=papers, address=address)
        name = f"{_('学时证明')}_{local_day(session.starts_at).isoformat()}.pdf"
        headers = headers_of(name, "certificates.pdf")
        return Response(await pdf_of((html, None)), media_type="application/pdf", headers=headers)
    return page(
        request, "papers/certificates_print.html", papers=papers, address=address, s=session,
        back=request.scope["path"],
    )  # fmt: skip


def _qr(link: str) -> str:
    import segno  # only here: certificates are printed a few times a week

    made: str = segno.make_qr(link, error="m").svg_inline(border=2, light="#fff", omitsize=True)
    return made


@get("/certificates", opt={"public": True}, include_in_schema=False)
async def number_page(
    request: AnyRequest, number: Annotated[str, QueryParameter(max_length=200)] = ""
) -> Response[Any] | Redirect:
    """Where somebody types the number of a certificate."""
    if typed := clean_line(number):
        return Redirect(f"/certificates/{quote(typed, safe='')}", status_code=303)
    return page(request, "papers/check.html", found=None, number="", unknown=False)


@get("/certificates/{number:str}", opt={"public": True}, include_in_schema=False)
async def check(
    request: AnyRequest,
    number: FromPath[str],
    now: NamedDependency[datetime],
    settings: NamedDependency[Settings],
) -> Response[Any]:
    """Whether a certificate is ours, and what it says."""
    address = request.client.host if request.client else ""
    try:
        found = await check_certificate(number, now, settings, address=address)
    except NotFoundError:
        return page(request, "papers/check.html", status=404, found=None, number=number[:60], unknown=True)
    return page(request, "papers/check.html", found=found, number=found.number, unknown=False)


ROUTES = [certificates_page, issue, number_page, check]
