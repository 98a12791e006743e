"""Openings."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from outreach.events.tables import Event, Opening, OpeningEvent, OpeningQuota, OpeningSession, Session
from outreach.programmes.tables import Programme
from outreach.shared.time import ZONE
from tests.factories.accounts import LONG_AGO


async def make_opening(
    programme: Programme,
    *,
    sessions: tuple[Session, ...] = (),
    events: tuple[Event, ...] = (),
    quotas: Mapping[str, int] | None = None,
    **given: Any,
) -> Opening:
    """An opening for all, since 2015-09-01, without limits."""
    made = Opening(
        **{
            "programme": programme.id,
            "name": "第一批",
            "opens_at": datetime(2015, 9, 1, 9, tzinfo=ZONE),
            "for_whom": "all",
            "created_at": LONG_AGO,
            **given,
        }
    )
    await made.save()
    for session in sessions:
        await OpeningSession(opening=made.id, session=session.id).save()
    for event in events:
        await OpeningEvent(opening=made.id, event=event.id).save()
    for district, places in (quotas or {}).items():
        await OpeningQuota(opening=made.id, district=district, places=places).save()
    return made
