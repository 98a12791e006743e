"""Who is asking, and may they at all.

Every route is closed unless its handler says ``opt={"public": True}``. A browser carries a cookie and proves its forms
with a token bound to that cookie; a program carries a bearer token.
"""

import hashlib
import hmac
import secrets
from datetime import datetime
from typing import Any, Protocol, cast
from urllib.parse import urlsplit

from litestar import Request, Response
from litestar._parsers import parse_url_encoded_form_data
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie, FormMultiDict
from litestar.enums import ScopeType
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler
from litestar.types import ASGIApp, Receive, Scope, Send

from outreach.shared.actors import Actor
from outreach.shared.errors import ForbiddenError, LoginRequiredError
from outreach.shared.i18n import LOCALES, use_locale

__all__ = [
    "CSRF_COOKIE",
    "CSRF_FIELD",
    "CSRF_HEADER",
    "LOGIN_COOKIE",
    "Authenticate",
    "CsrfError",
    "SecurityHeadersMiddleware",
    "admit",
    "csrf_token",
    "form_of",
    "identify",
    "new_token",
    "token_digest",
]

LOGIN_COOKIE = "outreach_login"
CSRF_COOKIE = "outreach_csrf"
CSRF_FIELD = "_csrf_token"
CSRF_HEADER = "x-csrf-token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")


class CsrfError(ForbiddenError):
    """The form was not made by our page for this login, or is too old."""

    code = "csrf"


class Authenticate(Protocol):
    """Finds the person behind a credential; ``None`` when it is unknown, expired or revoked."""

    async def __call__(self, kind: str, token: str, now: datetime) -> Actor | None: ...


def new_token() -> str:
    """A secret of 256 bits, safe in addresses and cookies."""
    return secrets.token_urlsafe(32)


def token_digest(token: str) -> str:
    """What is stored instead of a token. A plain hash is enough: the token is random, not chosen by a person."""
    return hashlib.sha256(token.encode()).hexdigest()


#: Asked so often, and by machines, that nobody needs to be known there.
_ANONYMOUS = ("/static/", "/healthz", "/readyz", "/metrics")


async def identify(scope: Any, state: Any) -> None:
    """Put the actor (or ``None``) into the scope and set the locale of the request.

    Done before routing, so that a page that says "not found" still knows who reads it. When the credential cannot be
    looked up, the error waits in the scope until a guard meets it: then it is answered like any other.
    """
    connection: ASGIConnection[Any, Any, Any, Any] = ASGIConnection(scope)
    kind, token, actor = "", "", None
    authorization = connection.headers.get("authorization", "")
    if not scope["path"].startswith(_ANONYMOUS):
        if authorization[:7].lower() == "bearer ":
            kind, token = "token", authorization[7:].strip()
        elif (cookie := connection.cookies.get(LOGIN_COOKIE)) is not None:
            kind, token = "login", cookie
    if kind:
        authenticate: Authenticate = state.authenticate
        try:
            actor = await authenticate(kind, token, state.clock.now())
        except Exception as error:
            scope["identifying_failed"] = error
    scope["user"], scope["auth"] = actor, kind
    use_locale(_locale(connection, actor, state.settings.locale))


def _locale(connection: ASGIConnection[Any, Any, Any, Any], actor: Actor | None, default: str) -> str:
    """``?lang=`` and its cookie, then the person's choice, then (API only) the program's first wish, then ours."""
    asked = connection.query_params.get("lang") or connection.cookies.get("outreach_lang")
    if asked:
        return "en" if asked.startswith("en") else "zh_CN"
    if actor is not None and connection.scope["auth"] == "login" and actor.locale in LOCALES:
        return actor.locale
    if not connection.scope["path"].startswith("/api/") or connection.scope["path"] == "/api/v1/docs":
        # Many a Chinese reader's telephone or browser is set to English: pages wait to be asked.
        return default
    wish = connection.headers.get("accept-language", "").lower()
    first = wish.split(",")[0].split(";")[0].strip()
    if first.startswith("zh"):
        return "zh_CN"
    return "en" if first.startswith("en") else default


async def admit(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """The guard of every route: who may not ask is refused, then what no page of ours sent, then what is no JSON.

    One coroutine: a plain function Litestar would hand to a thread for each request, and it copies the handler for
    each guard.

    Raises:
        LoginRequiredError, ForbiddenError: the caller may not.
        CsrfError: another site sent it.
        HTTPException: 415.
    """
    _refuse_strangers(connection, handler)
    if str(connection.scope.get("method")) not in SAFE_METHODS:
        await _refuse_forged(connection, handler)
        _refuse_other_media(connection, handler)


def _refuse_strangers(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Closed unless marked public; a wrong bearer token is refused even there.

    Raises:
        LoginRequiredError: nobody is known behind the request.
        Exception: what kept us from looking.
    """
    actor: Actor | None = connection.scope.get("user")
    if (failed := connection.scope.get("identifying_failed")) is not None:
        raise cast("Exception", failed)
    if actor is None and (connection.scope.get("auth") == "token" or not handler.opt.get("public")):
        raise LoginRequiredError
    if handler.opt.get("staff") and actor is not None and not actor.is_staff:
        raise ForbiddenError
    if handler.opt.get("administrator") and actor is not None and not actor.is_administrator:
        raise ForbiddenError


def _csrf_value(secret: bytes, cookie: str, login: str) -> str:
    return hmac.digest(secret, f"csrf:{cookie}:{login}".encode(), "sha256").hex()


def csrf_token(request: Request[Any, Any, Any]) -> str:
    """The token for this page's forms. Asks for a cookie where the browser has none yet (see ``set_csrf_cookie``)."""
    cookie = request.cookies.get(CSRF_COOKIE) or str(request.scope.get("csrf_cookie") or "")
    if not cookie:
        cookie = secrets.token_hex(16)
        request.scope["csrf_cookie"] = cookie  # type: ignore[typeddict-unknown-key]
    return _csrf_value(request.app.state.secret, cookie, request.cookies.get(LOGIN_COOKIE, ""))


def set_csrf_cookie(request: Request[Any, Any, Any], response: Response[Any]) -> None:
    """Give the browser the cookie that ``csrf_token`` asked for."""
    cookie = str(request.scope.get("csrf_cookie") or "")
    if cookie:
        response.set_cookie(
            Cookie(
                CSRF_COOKIE,
                value=cookie,
                path="/",
                httponly=True,
                samesite="lax",
                secure=request.app.state.settings.base_url.startswith("https:"),
            )
        )


async def form_of(request: Request[Any, Any, Any]) -> FormMultiDict:
    """The posted form. Litestar keeps the last 1,024 bodies for the next caller who sends the very same one: passwords
    among them, and many megabytes. They are forgotten at once; the request itself remembers its own."""
    form = await request.form()
    parse_url_encoded_form_data.cache_clear()
    return form


async def _refuse_forged(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """An unsafe request by cookie must come from our own page.

    Raises:
        CsrfError: another site sent it, or the token is missing or belongs to another login.
    """
    if connection.scope.get("auth") == "token" or handler.opt.get("no_csrf"):
        return
    origin = connection.headers.get("origin")
    if origin and origin != "null" and urlsplit(origin).netloc != connection.headers.get("host"):
        raise CsrfError
    given = connection.headers.get(CSRF_HEADER)
    if given is None and connection.headers.get("content-type", "").startswith(FORM_TYPES):
        assert isinstance(connection, Request)
        given = (await form_of(connection)).get(CSRF_FIELD)
    cookie = connection.cookies.get(CSRF_COOKIE, "")
    wanted = _csrf_value(connection.app.state.secret, cookie, connection.cookies.get(LOGIN_COOKIE, ""))
    if not cookie or not isinstance(given, str) or not hmac.compare_digest(wanted, given):
        raise CsrfError


def _refuse_other_media(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Of the API: a body that says it is something else than JSON is not read as JSON.

    Raises:
        HTTPException: 415.
    """
    if handler.opt.get("any_media"):  # a file
        return
    if not connection.scope["path"].startswith("/api/"):
        return
    kind = connection.headers.get("content-type", "").partition(";")[0].strip().lower()
    is_json = kind in ("", "application/json") or (kind.startswith("application/") and kind.endswith("+json"))
    if not is_json and _has_body(connection):
        raise HTTPException(status_code=415)


def _has_body(connection: ASGIConnection[Any, Any, Any, Any]) -> bool:
    headers = connection.headers
    return headers.get("content-length", "0").strip() != "0" or "transfer-encoding" in headers


_HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (
        b"content-security-policy",
        (
            b"default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; script-src 'self'; "
            b"object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
        ),
    ),
)


_POLICY = b"content-security-policy"


class SecurityHeadersMiddleware:
    """Adds the headers that every answer carries, unless the handler chose its own."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Any) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                present = {name.lower() for name, _ in headers}
                # X-Frame-Options cannot name sites; a policy that does would be overruled by it in some browsers.
                if any(name.lower() == _POLICY and b"frame-ancestors" in value for name, value in headers):
                    present.add(b"x-frame-options")
                message["headers"] = headers + [pair for pair in _HEADERS if pair[0] not in present]
            await send(message)

        await self.app(scope, receive, send_with_headers)
