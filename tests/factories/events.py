"""Menu items, providers, venues, sessions."""

from datetime import datetime, timedelta
from typing import Any

from outreach.accounts.tables import Organisation
from outreach.events.tables import Event, Occupation, Provider, Session, SessionProvider, Venue
from outreach.programmes.tables import Programme
from outreach.shared.time import ZONE
from tests.factories.accounts import LONG_AGO, _numbers

#: When a made session starts: nine days after the tests' now.
STARTS_AT = datetime(2015, 9, 24, 14, 0, tzinfo=ZONE)


async def make_provider(organisation: Organisation, **given: Any) -> Provider:
    made = Provider(
        **{
            "organisation": organisation.id,
            "kind": "lecturer",
            "name": f"讲师{next(_numbers)}",
            "created_at": LONG_AGO,
            **given,
        }
    )
    await made.save()
    return made


async def make_venue(organisation: Organisation, **given: Any) -> Venue:
    made = Venue(
        **{
            "organisation": organisation.id,
            "name": f"第{next(_numbers)}职工活动中心",
            "address": "金山路1号三楼报告厅",
            "district": "吴中区",
            "capacity": 200,
            "created_at": LONG_AGO,
            **given,
        }
    )
    await made.save()
    return made


async def make_event(programme: Programme, **given: Any) -> Event:
    made = Event(
        **{
            "programme": programme.id,
            "title": "倒班职工的睡眠与情绪",
            "kind": "讲座",
            "duration_minutes": 90,
            "created_at": LONG_AGO,
            **given,
        }
    )
    await made.save()
    return made


async def make_session(
    event: Event, *, providers: tuple[Provider, ...] = (), occupying: bool = False, **given: Any
) -> Session:
    """A published public session with 120 seats, 14:00 to 15:30 on 2015-09-24.

    ``occupying`` writes the occupations that publishing would have made (first team, first room).
    """
    programme = await Programme.objects().get(Programme.id == event.programme)
    assert programme is not None
    starts_at = given.pop("starts_at", STARTS_AT)
    made = Session(
        **{
            "event": event.id,
            "programme": programme.id,
            "organisation": programme.organisation,
            "title": event.title,
            "kind": event.kind,
            "address": "吴中区木渎镇职工活动中心三楼报告厅",
            "district": "吴中区",
            "starts_at": starts_at,
            "ends_at": starts_at + timedelta(minutes=90),
            "capacity": 120,
            "visibility": "public",
            "state": "published",
            "revised_at": LONG_AGO,
            "published_at": LONG_AGO,
            "created_at": LONG_AGO,
            **given,
        }
    )
    await made.save()
    for position, provider in enumerate(providers, 1):
        await SessionProvider(session=made.id, provider=provider.id, position=position).save()
        if occupying:
            await Occupation(
                session=made.id,
                resource_kind="provider",
                resource_id=provider.id,
                slot=1,
                starts_at=made.starts_at,
                ends_at=made.ends_at,
            ).save()
    if occupying and made.venue is not None:
        await Occupation(
            session=made.id,
            resource_kind="venue",
            resource_id=made.venue,
            slot=1,
            starts_at=made.starts_at,
            ends_at=made.ends_at,
        ).save()
    return made
