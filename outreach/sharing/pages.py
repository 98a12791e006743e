"""Pictures, texts and lists that leave the site: poster and card of a session, poster of a month, a list to embed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from litestar import HttpMethod, Request, Response, get, route
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response.base import ASGIResponse
from markupsafe import Markup

from outreach.bookings.notices import group_notice
from outreach.bookings.queries import readable_session
from outreach.calendars.domain.conditions import is_unchanged
from outreach.events.month import month_asked
from outreach.events.queries import SessionFilter, SessionRow, filter_choices, sessions_of_month, sessions_page
from outreach.programmes.labels import campaigns_text, festivals_of_day, labels_between
from outreach.shared.actors import Actor
from outreach.shared.errors import NotFoundError, invalid
from outreach.shared.ids import id_in_path
from outreach.shared.time import FIRST_YEAR, LAST_YEAR, local_day
from outreach.sharing.posters import Picture, picture_of
from outreach.sharing.wording import card, month_notice, month_poster, month_title, session_poster
from outreach.web.templates import page

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]
OPEN = {"public": True}
METHODS = [HttpMethod.GET, HttpMethod.HEAD]
#: Sessions of a list on another site; fewer when it asks for fewer.
MOST_EMBEDDED, EMBEDDED = 50, 10
#: What another site puts into its page.
_FRAME = Markup('<iframe src="{}" title="{}" width="100%" height="640" loading="lazy"></iframe>')


def _base_url(request: AnyRequest) -> str:
    url: str = request.app.state.settings.base_url
    return url


async def _shared(visitor: Actor | None, session_id: str) -> SessionRow:
    """The session, if the visitor may know it and it is out.

    Raises:
        NotFoundError: it is not, or nobody outside may know of it.
    """
    session, _own = await readable_session(visitor, id_in_path(session_id))
    if session.facts.state == "draft":
        raise NotFoundError
    return session


def _picture(request: AnyRequest, picture: Picture, now: datetime, *, is_public: bool, name: str) -> ASGIResponse:
    """A PNG with a strong tag; what strangers may not see is kept by no proxy."""
    headers = {
        "etag": picture.etag,
        "cache-control": "public, max-age=300" if is_public else "private, no-cache",
        "vary": "Cookie, Accept-Language",
        "content-disposition": f'inline; filename="{name}.png"',
    }
    if is_unchanged(request.headers.getall("if-none-match", []), None, etag=picture.etag, last_modified=now, now=now):
        return ASGIResponse(headers=headers, status_code=304)
    headers |= {"content-type": "image/png", "content-length": str(len(picture.body))}
    if request.method == "HEAD":
        return ASGIResponse(headers=headers, is_head_response=True)
    return ASGIResponse(body=picture.body, headers=headers)


@route("/sessions/{session_id:str}/share.png", http_method=METHODS, opt=OPEN, include_in_schema=False)
async def session_picture(
    request: AnyRequest,
    session_id: FromPath[str],
    visitor: NamedDependency[Actor | None],
    now: NamedDependency[datetime],
) -> ASGIResponse:
    """The poster for a chat group, 1080 × 1440."""
    session = await _shared(visitor, session_id)
    content = session_poster(session, visitor, request.app.state.site, _base_url(request))
    is_public = session.is_public and visitor is None
    return _picture(request, await picture_of(content), now, is_public=is_public, name="poster")


@route("/sessions/{session_id:str}/card.png", http_method=METHODS, opt=OPEN, include_in_schema=False)
async def session_card(
    request: AnyRequest,
    session_id: FromPath[str],
    visitor: NamedDependency[Actor | None],
    now: NamedDependency[datetime],
) -> ASGIResponse:
    """The picture beside a link in a chat, 1200 × 630."""
    session = await _shared(visitor, session_id)
    content = card(session, visitor, request.app.state.site)
    is_public = session.is_public and visitor is None
    return _picture(request, await picture_of(content), now, is_public=is_public, name="card")


@get("/sessions/{session_id:str}/share", opt=OPEN, include_in_schema=False)
async def session_sharing(
    request: AnyRequest, session_id: FromPath[str], visitor: NamedDependency[Actor | None]
) -> Response[Any]:
    """The text to copy and the poster to keep."""
    session = await _shared(visitor, session_id)
    return page(
        request,
        "sharing/session.html",
        s=session,
        notice=group_notice(session, visitor, _base_url(request)),
        is_open=session.is_public,
    )


@dataclass(frozen=True, slots=True)
class _Month:
    """A month of the public sessions, of all or of one programme."""

    year: int
    number: int
    programme: str
    title: str
    sessions: Sequence[SessionRow]

    @property
    def query(self) -> str:
        given = {"month": f"{self.year:04}-{self.number:02}"} | (
            {"programme": self.programme} if self.programme else {}
        )
        return urlencode(given)


async def _month(text: str, programme: str, now: datetime) -> _Month:
    """What strangers see of a month: it goes to people whom nobody knows.

    Raises:
        InvalidError: it is no month.
        NotFoundError: no programme of the year that strangers may know has this code.
    """
    today = local_day(now)
    asked = month_asked(text) if text else (today.year, today.month)
    if asked is None:
        raise invalid("month", "month-form", first=FIRST_YEAR, last=LAST_YEAR)
    year, number = asked
    name = ""
    if programme:
        known = dict((await filter_choices(None, year)).programmes)
        if programme not in known:
            raise NotFoundError
        name = known[programme]
    found = await sessions_of_month(None, year, number, now, SessionFilter(programme=programme))
    # Of this month what is still to come: nobody is invited to yesterday.
    since = today if (today.year, today.month) == (year, number) else date(year, number, 1)
    shown = [
        one
        for one in found
        if one.state != "cancelled" and local_day(one.starts_at) >= since and local_day(one.starts_at).month == number
    ]
    return _Month(year, number, programme, month_title(year, number, name), shown)


@route("/calendar/share.png", http_method=METHODS, opt=OPEN, include_in_schema=False)
async def month_picture(
    request: AnyRequest,
    now: NamedDependency[datetime],
    month: FromQuery[str] = "",
    programme: FromQuery[str] = "",
) -> ASGIResponse:
    """The poster of a month."""
    found = await _month(month, programme, now)
    address = f"{_base_url(request)}/calendar?{found.query}"
    content = month_poster(found.sessions, found.title, address, request.app.state.site)
    return _picture(request, await picture_of(content), now, is_public=True, name=f"{found.year:04}-{found.number:02}")


@get("/calendar/share", opt=OPEN, include_in_schema=False)
async def month_sharing(
    request: AnyRequest,
    now: NamedDependency[datetime],
    month: FromQuery[str] = "",
    programme: FromQuery[str] = "",
) -> Response[Any]:
    """The month's text and poster, and the lines that put its list on another site."""
    found = await _month(month, programme, now)
    base_url = _base_url(request)
    site = request.app.state.site
    embedded = f"{base_url}/embed/sessions" + (f"?{urlencode({'programme': programme})}" if programme else "")
    return page(
        request,
        "sharing/month.html",
        found=found,
        notice=month_notice(found.sessions, found.title, f"{base_url}/calendar?{found.query}"),
        embed=str(_FRAME.format(embedded, site.name)),
        choices=(await filter_choices(None, found.year)).programmes,
        origins=request.app.state.settings.embed_origins,
        embedded=embedded,
    )


@get("/embed/sessions", opt=OPEN, include_in_schema=False)
async def embedded_sessions(
    request: AnyRequest,
    now: NamedDependency[datetime],
    programme: FromQuery[str] = "",
    kind: FromQuery[str] = "",
    district: FromQuery[str] = "",
    limit: FromQuery[int] = EMBEDDED,
) -> Response[Any]:
    """Coming public sessions for a frame on another site: no login, no cookie, links open outside of the frame."""
    if not 1 <= limit <= MOST_EMBEDDED:
        raise invalid("limit", "embed-limit", most=MOST_EMBEDDED)
    wanted = SessionFilter(
        programme=_plain(programme),
        kind=_plain(kind),
        district=_plain(district),
        starts_from=now,
        without_cancelled=True,
    )
    found = await sessions_page(None, wanted, now, limit=limit)
    days = [local_day(now), *(local_day(one.starts_at) for one in found.items)]
    labels = await labels_between(min(days), max(days))
    return page(
        request,
        "sharing/embed.html",
        campaigns=campaigns_text([one for one in labels if one.covers(local_day(now))]),
        festivals=lambda moment: festivals_of_day(local_day(moment), labels),
        headers=_framed(request.app.state.settings.embed_origins),
        sessions=found.items,
        total=found.total,
        more="/calendar" + (f"?{urlencode({'programme': programme})}" if programme else ""),
    )


def _plain(text: str) -> str:
    return text[:100].replace("\x00", "")


def _framed(origins: Sequence[str]) -> dict[str, str]:
    """The list may stand in a frame on our own pages and on those sites."""
    ancestors = " ".join(["'self'", *origins])
    return {
        "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
        "script-src 'self'; object-src 'none'; base-uri 'self'; form-action 'none'; "
        f"frame-ancestors {ancestors}",
        "Cache-Control": "public, max-age=300",
    }


ROUTES = [session_picture, session_card, session_sharing, month_picture, month_sharing, embedded_sessions]
