"""What pages that log somebody in need to know of the browser: its cookie, its address, where it wants to go."""

from typing import Any, TypeVar
from urllib.parse import urlsplit

from litestar import Request, Response
from litestar.datastructures import Cookie

from outreach.accounts.authentication import LOGIN_KEPT
from outreach.accounts.wording import device_of
from outreach.web.security import LOGIN_COOKIE

__all__ = ["AnyRequest", "address_of", "came_from", "drop_login_cookie", "own_path", "set_login_cookie"]

AnyRequest = Request[Any, Any, Any]
R = TypeVar("R", bound=Response[Any])


def set_login_cookie(request: AnyRequest, response: R, token: str) -> R:
    """Give the browser the token of its new login, unreadable for scripts."""
    response.set_cookie(
        Cookie(
            key=LOGIN_COOKIE,
            value=token,
            path="/",
            max_age=int(LOGIN_KEPT.total_seconds()),
            httponly=True,
            samesite="lax",
            secure=request.app.state.settings.base_url.startswith("https:"),
        )
    )
    return response


def drop_login_cookie(response: R) -> R:
    """Make the browser forget its login."""
    response.delete_cookie(LOGIN_COOKIE, path="/")
    return response


def address_of(request: AnyRequest) -> str:
    """The address that a limit of tries counts for; a proxy's where one stands before the server."""
    return request.client.host if request.client else ""


def came_from(request: AnyRequest) -> dict[str, str | None]:
    """What a new login is told of the browser."""
    return {
        "address": address_of(request),
        "device": device_of(request.headers.get("user-agent", "")),
        "old_token": request.cookies.get(LOGIN_COOKIE),
    }


def own_path(wanted: object) -> str | None:
    """``wanted`` when it is a path of this site that can be opened after a login; nothing that leads elsewhere."""
    if not isinstance(wanted, str) or not wanted.startswith("/") or len(wanted) > 2000:
        return None
    if wanted.startswith(("//", "/\\")) or "\\" in wanted or not wanted.isprintable():
        return None
    parts = urlsplit(wanted)
    if parts.scheme or parts.netloc or parts.path in ("/login", "/logout", "/language"):
        return None
    return wanted
