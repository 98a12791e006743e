"""What the pages about subscribing show: addresses in the forms that calendar programs take."""

import io
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

import msgspec
import segno
from markupsafe import Markup

from outreach.calendars.domain.keys import FeedKey
from outreach.calendars.queries import FeedProgramme, name_and_tag
from outreach.events.domain.visibility import own_organisations
from outreach.events.queries import visible_sql
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.errors import NotFoundError
from outreach.shared.time import FIRST_YEAR, LAST_YEAR, local_day, year_bounds

__all__ = [
    "Choices",
    "Subscription",
    "feed_choices",
    "key_of",
    "own_choices",
    "programme_choices",
    "qr_code",
    "subscription",
    "subscription_to",
]


@dataclass(frozen=True, slots=True)
class Subscription:
    """One feed: its address, and the same as ``webcal:``, which opens a calendar program instead of a file.

    ``name`` is empty for the feed of all public sessions.
    """

    name: str
    address: str
    webcal: str


@dataclass(frozen=True, slots=True)
class Choices:
    """Feeds to choose from; each is (what ``?feed=`` says, name)."""

    districts: list[tuple[str, str]]
    kinds: list[tuple[str, str]]
    venues: list[tuple[str, str]]
    providers: list[tuple[str, str]]


def key_of(text: str) -> FeedKey:
    """The feed that ``?feed=`` names, as in its path without ending (``districts/姑苏区``); empty: everything.

    Raises:
        NotFoundError: no feed can be called so.
    """
    kind, _slash, value = text.partition("/")
    if text in ("", "office"):
        return FeedKey(text)
    if kind == "programmes":
        year, _slash, code = value.partition("/")
        if not code or not year.isdecimal() or not FIRST_YEAR <= int(year) <= LAST_YEAR:
            raise NotFoundError
    elif kind in ("venues", "providers"):
        try:
            value = str(UUID(value))
        except ValueError:
            raise NotFoundError from None
    elif kind not in ("districts", "kinds", "organisations"):
        raise NotFoundError
    return FeedKey(kind, value)


async def subscription_to(base_url: str, key: FeedKey) -> Subscription:
    """The feed with its name.

    Raises:
        NotFoundError: there is nothing that it could be about.
    """
    name, tag = await name_and_tag(key)
    return subscription(base_url, key.path, name if tag else "")


def subscription(base_url: str, path: str, name: str = "") -> Subscription:
    """The feed at ``path``, not quoted yet."""
    address = base_url + quote(path)
    return Subscription(name, address, "webcal:" + address.partition(":")[2])


async def feed_choices(now: datetime) -> Choices:
    """Districts, kinds, places and those who give something, of the public sessions of the current year."""
    found = await db.row(
        f"""WITH shown AS (
                SELECT s.id, s.district, s.kind, s.venue FROM events_session s
                  JOIN programmes_programme p ON p.id = s.programme
                  LEFT JOIN accounts_organisation h ON h.id = s.host
                 WHERE {visible_sql(None, 1)[0]} AND NOT p.confidential AND s.state <> 'cancelled'
                   AND s.starts_at >= $1 AND s.starts_at < $2)
            SELECT (SELECT json_agg(DISTINCT district) FROM shown WHERE district <> '') AS districts,
                   (SELECT json_agg(DISTINCT kind) FROM shown) AS kinds,
                   (SELECT json_agg(DISTINCT jsonb_build_array(v.name, v.id)) FROM events_venue v
                     WHERE v.id IN (SELECT venue FROM shown)) AS venues,
                   (SELECT json_agg(DISTINCT jsonb_build_array(r.name, r.id)) FROM events_provider r
                     WHERE r.id IN (SELECT x.provider FROM events_session_provider x JOIN shown ON shown.id = x.session)
                   ) AS providers""",  # noqa: S608 - a condition of ours without arguments
        *year_bounds(local_day(now).year),
    )
    assert found is not None
    return Choices(
        districts=[(f"districts/{name}", name) for name in _list(found["districts"])],
        kinds=[(f"kinds/{name}", name) for name in _list(found["kinds"])],
        venues=[(f"venues/{id_}", name) for name, id_ in _list(found["venues"])],
        providers=[(f"providers/{id_}", name) for name, id_ in _list(found["providers"])],
    )


def _list(text: str | None) -> list[Any]:
    return msgspec.json.decode(text) if text else []


async def own_choices(actor: Actor | None) -> list[tuple[str, str]]:
    """The organisations in whose name the caller works."""
    if actor is None or not (own := own_organisations(actor)):
        return []
    found = await db.rows(
        "SELECT code, name FROM accounts_organisation WHERE id = ANY($1::uuid[]) AND kind <> 'guest' ORDER BY name", own
    )
    return [(f"organisations/{one['code']}", one["name"]) for one in found]


def programme_choices(programmes: list[FeedProgramme]) -> list[tuple[str, str, str]]:
    """What ``?feed=`` says, name and 字标 of each."""
    return [(f"programmes/{one.year}/{one.code}", one.name, one.mark) for one in programmes]


def qr_code(address: str) -> Markup:
    """The address as a picture for a telephone's camera; its words stand beside it on the page."""
    out = io.BytesIO()
    segno.make_qr(address, error="m").save(
        out, kind="svg", xmldecl=False, svgns=False, scale=4, border=4, dark="#000", light="#fff", lineclass=None
    )
    # Squares and numbers of ours; the address itself is not in it as text.
    return Markup(out.getvalue().decode())  # noqa: S704
