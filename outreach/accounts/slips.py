"""The slip with a one-time code that staff print and hand over."""

from typing import Any

from litestar import Request, Response

from outreach.accounts.commands import IssuedCode
from outreach.web.templates import page

__all__ = ["slip"]


def slip(request: Request[Any, Any, Any], issued: IssuedCode, base_url: str, back: str) -> Response[Any]:
    """The page; the code is shown on this answer and never again."""
    import segno  # only here: codes are printed a few times a day

    link = f"{base_url}/entry/{issued.code}"
    qr: str = segno.make(link, error="m").svg_inline(scale=5, border=2, light="#fff")
    return page(request, "accounts/slip.html", issued=issued, link=link, qr=qr, back=back)
