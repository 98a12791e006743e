"""The slip with a one-time code that staff print and hand over."""

from typing import Any

from litestar import Request, Response

from outreach.accounts.commands import IssuedCode
from outreach.settings import opens_only_here
from outreach.web.templates import page

__all__ = ["link_of", "qr_of", "slip"]


def slip(request: Request[Any, Any, Any], issued: IssuedCode, base_url: str, back: str) -> Response[Any]:
    """The page; the code is shown on this answer and never again."""
    link = link_of(issued, base_url)
    only_here = opens_only_here(base_url)
    return page(
        request, "accounts/slip.html", issued=issued, link=link, qr=qr_of(link, scale=5), back=back, only_here=only_here
    )


def link_of(issued: IssuedCode, base_url: str) -> str:
    """Where the code is entered by being opened."""
    return f"{base_url}/entry/{issued.code}"


def qr_of(link: str, *, scale: int | None = None) -> str:
    """The link as SVG: a module is so many pixels wide, or without ``scale`` the whole as wide as its place."""
    import segno  # only here: codes are printed a few times a day

    made: str = segno.make_qr(link, error="m").svg_inline(
        scale=scale or 1, border=2, light="#fff", omitsize=scale is None
    )
    return made
