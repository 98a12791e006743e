"""What the page about subscribing shows: addresses in the forms that calendar programs take."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

import segno
from markupsafe import Markup

from outreach.calendars.queries import FeedKey, FeedProgramme

__all__ = ["Subscription", "qr_code", "subscriptions"]


@dataclass(frozen=True, slots=True)
class Subscription:
    """One feed: its address, and the same as ``webcal:``, which opens a calendar program instead of a file.

    ``programme`` is ``None`` for the feed of all public sessions. ``code`` makes ids of the page.
    """

    code: str
    address: str
    webcal: str
    programme: FeedProgramme | None


def subscriptions(base_url: str, programmes: Sequence[FeedProgramme]) -> list[Subscription]:
    """The feed of everything first, then one for each programme."""
    return [_subscription(base_url, None), *(_subscription(base_url, one) for one in programmes)]


def _subscription(base_url: str, programme: FeedProgramme | None) -> Subscription:
    key = FeedKey() if programme is None else FeedKey(None, programme.year, programme.code)
    address = base_url + quote(key.path)
    return Subscription(
        code="all" if programme is None else programme.code,
        address=address,
        webcal="webcal:" + address.partition(":")[2],
        programme=programme,
    )


def qr_code(address: str) -> Markup:
    """The address as a picture for a telephone's camera; its words stand beside it on the page."""
    out = io.BytesIO()
    segno.make_qr(address, error="m").save(
        out, kind="svg", xmldecl=False, svgns=False, scale=4, border=4, dark="#000", light="#fff", lineclass=None
    )
    # Squares and numbers of ours; the address itself is not in it as text.
    return Markup(out.getvalue().decode())  # noqa: S704
