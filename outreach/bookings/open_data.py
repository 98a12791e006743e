"""What chats and search engines read of a public session: schema.org/Event as JSON-LD, and a line for a link."""

from typing import Any

import msgspec
from markupsafe import Markup

from outreach.events.domain.visibility import may_see_place
from outreach.events.queries import SessionRow
from outreach.shared.i18n import gettext as _
from outreach.shared.time import local
from outreach.web.wording import FILTERS

__all__ = ["OpenData", "open_data"]


class OpenData(msgspec.Struct, frozen=True):
    """Attributes: ``line`` says when and where; ``json_ld`` is safe inside a ``<script>``."""

    line: str
    json_ld: Markup


def open_data(session: SessionRow, owner: str, base_url: str) -> OpenData | None:
    """``None`` for a session that strangers may not see, or that is not out.

    Source of the names: schema.org/Event, with what Google's page on events asks for. Nobody's name is in it: who
    speaks stands on the page.
    """
    if not session.is_public:
        return None
    place = session.place if may_see_place(None, session.facts) else ""
    when = FILTERS["when_text"](session.starts_at, session.ends_at)
    line = _("%(when)s，%(place)s") % {"when": when, "place": place} if place else when
    # "<" cannot end the script early, whatever a title holds.
    text = msgspec.json.encode(_event(session, owner, base_url, place)).decode().replace("<", "\\u003c")
    return OpenData(line, Markup(text))  # noqa: S704


def _event(session: SessionRow, owner: str, base_url: str, place: str) -> dict[str, Any]:
    address = f"{base_url}/sessions/{session.id}"
    is_moved = session.moved_from is not None and session.state == "published"
    status = "EventCancelled" if session.state == "cancelled" else "EventRescheduled" if is_moved else "EventScheduled"
    found: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Event",
        "name": session.title,
        "startDate": local(session.starts_at).isoformat(),
        "endDate": local(session.ends_at).isoformat(),
        "eventStatus": f"https://schema.org/{status}",
        "eventAttendanceMode": "https://schema.org/OfflineEventAttendanceMode",
        "location": {
            "@type": "Place",
            "name": session.venue_name or place or session.district or owner,
            "address": place or session.district or owner,
        },
        "organizer": {"@type": "Organization", "name": owner, "url": base_url},
        "image": [f"{address}/card.png"],
        "url": address,
        "isAccessibleForFree": True,
        "inLanguage": "zh-CN",
    }
    if session.moved_from is not None and is_moved:
        found["previousStartDate"] = local(session.moved_from).isoformat()
    if session.summary:
        found["description"] = session.summary
    if session.audience:
        found["audience"] = {"@type": "Audience", "audienceType": session.audience}
    return found
