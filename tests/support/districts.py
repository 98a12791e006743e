"""Two districts of one city, each with its own people and secrets: what one knows the other must not see."""

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from outreach.accounts.tables import Organisation, Person
from outreach.attendance.tables import Attendee, Cost, Evidence, Roster
from outreach.bookings.tables import Booking, Order
from outreach.events.tables import Event, Opening, Provider, Session, Venue
from outreach.notifications.tables import Delivery, Hook, OutboxMessage
from outreach.programmes.tables import OutsideService, Programme, Tally, Target
from outreach.reports.tables import ReportJob, ReportSnapshot
from outreach.shared.actors import Actor, Role
from outreach.shared.time import ZONE
from outreach.statistics.commands.opening import open_form
from tests.factories.accounts import LONG_AGO, make_actor, make_organisation
from tests.factories.bookings import make_booking, make_headcount
from tests.factories.events import make_event, make_provider, make_session, make_venue
from tests.factories.openings import make_opening
from tests.factories.orders import make_giver, make_order
from tests.factories.programmes import make_programme, make_tally, make_target
from tests.support.own_things import own_things

#: The telephone of a lecturer is made of its district's code.
_DIGITS = str.maketrans({"A": "7", "B": "8"})

__all__ = ["District", "TwoDistricts", "two_districts"]


@dataclass(slots=True)
class District:
    """A district's organisations, people and things; ``secrets`` are words that stand nowhere else."""

    place: Organisation
    union: Organisation
    organiser: Actor
    contact: Actor
    lecturer: Actor
    evaluator: Actor
    programme: Programme
    target: Target
    tally: Tally
    event: Event
    provider: Provider
    venue: Venue
    draft: Session
    public: Session
    hosted: Session
    held: Session
    booking: Booking
    order: Order
    opening: Opening
    secrets: tuple[str, ...] = ()
    ids: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class TwoDistricts:
    """A city with two districts; ``administrator`` has no organisation."""

    city: Organisation
    organiser: Actor
    administrator: Actor
    here: District
    there: District


async def two_districts() -> TwoDistricts:
    """Write both into the database."""
    city = await make_organisation(name="市总工会", code="SZ")
    return TwoDistricts(
        city=city,
        organiser=await make_actor(Role.ORGANISER, city),
        administrator=await make_actor(Role.ADMINISTRATOR, None),
        here=await _district(city, "A", "姑苏", "13900000001"),
        there=await _district(city, "B", "吴中", "13900000002"),
    )


async def _district(city: Organisation, code: str, name: str, phone: str) -> District:
    place = await make_organisation(parent=city, name=f"{name}区总工会", code=code, kind="federation", district=name)
    union = await make_organisation(parent=place, name=f"{name}机械厂工会", code=f"{code}-1", district=name)
    lecturer = await make_actor(Role.PROVIDER, place, name=f"{name}讲师")
    person = await Person.objects().get(Person.id == lecturer.person_id)
    programme = await make_programme(place, code=f"own-{code}", name=f"{name}自办项目", scheduled=True)
    target = await make_target(programme, metric="tally", key="books", unit="册", label=f"{name}手册")
    event = await make_event(programme, title=f"{name}公开课")
    provider = await make_provider(
        place, name=f"{name}讲师", phone=f"{phone[:-1]}{code}".translate(_DIGITS), person=person
    )
    venue = await make_venue(place, name=f"{name}秘密礼堂", address=f"{name}路内部1号")
    draft = await make_session(event, state="draft", title=f"{name}未发布草稿", published_at=None)
    public = await make_session(event, title=f"{name}公开课", providers=(provider,), approval_needed=True)
    hosted = await make_session(
        event,
        title=f"{name}内部专场",
        host=union.id,
        visibility="host",
        address=f"{name}机械厂食堂",
        starts_at=datetime(2015, 9, 25, 9, tzinfo=ZONE),
    )
    held = await make_session(
        event, title=f"{name}内部旧场", state="held", visibility="host", host=union.id,
        address=f"{name}机械厂车间", starts_at=datetime(2015, 5, 12, 9, tzinfo=ZONE),
    )  # fmt: skip
    await make_headcount(held, total=77)
    booking = await make_booking(
        public, union, state="pending", contact_name=f"{name}联系人", contact_phone=phone, note=f"{name}备注"
    )
    await make_giver(event, provider)
    order = await make_order(
        event, union, state="approved", contact_name=f"{name}联系人", contact_phone=phone, note=f"{name}备注",
        address=f"{name}机械厂食堂",
    )  # fmt: skip
    opening = await make_opening(programme, name=f"{name}内部第一批", sessions=(hosted,))
    roster = Roster(session=hosted.id, digest=code * 64, presence=False, on=date(2015, 9, 25), created_at=LONG_AGO)
    await roster.save()
    attendee = Attendee(
        session=hosted.id, on=date(2015, 9, 25), name=f"{name}职工甲", unit_name=union.name, identity=code * 64,
        expected=True, roster=roster.id, created_at=LONG_AGO, changed_at=LONG_AGO,
    )  # fmt: skip
    await attendee.save()
    organiser = await make_actor(Role.ORGANISER, place)
    table = await open_form(
        organiser, datetime(2015, 9, 1, 9, tzinfo=ZONE), form="chengdu-song-wennuan", year=2015,
        organisation_id=place.id, organisation_ids=[union.id],
    )  # fmt: skip
    evidence = Evidence(
        session=hosted.id, kind="photo", digest=code.lower() * 64, media_type="image/jpeg", size_bytes=9,
        name=f"{name}现场.jpg", created_at=LONG_AGO,
    )  # fmt: skip
    await evidence.save()
    cost = Cost(
        session=hosted.id, kind="other", amount_fen=91_00, note=f"{name}茶水", created_at=LONG_AGO, changed_at=LONG_AGO
    )
    await cost.save()
    service = OutsideService(
        organisation=place.id, on=date(2015, 5, 12), name=f"{name}体检", visits=9, created_at=LONG_AGO
    )
    await service.save()
    snapshot = ReportSnapshot(
        organisation=place.id, year=2015, number=1, as_of=date(2015, 8, 31), title=f"{name}区报告定稿", figures="{}",
        sessions="[]", known_at=LONG_AGO, fixed_by=organiser.person_id, fixed_at=LONG_AGO, note=f"{name}定稿说明",
    )  # fmt: skip
    await snapshot.save()
    job = ReportJob(
        organisation=place.id, year=2015, as_of=date(2015, 8, 31), kind="pdf", state="done", step="storing",
        percent=100, asked_by=organiser.person_id, asked_at=LONG_AGO, finished_at=LONG_AGO, title=f"{name}内部报告",
    )  # fmt: skip
    await job.save()
    hook = Hook(
        organisation=place.id, name=f"{name}工作群", shape="json", url=f"https://hooks.example/{code}-secret-key",
        secret=f"whsec_{code}", kinds=["session-moved"], created_at=LONG_AGO,
    )  # fmt: skip
    await hook.save()
    message = OutboxMessage(
        kind="session-moved", organisation_id=union.id, object_kind="session", object_id=hosted.id,
        facts=json.dumps({"title": hosted.title}), created_at=LONG_AGO, delivered_at=LONG_AGO,
    )  # fmt: skip
    await message.save()
    delivery = Delivery(
        message=message.id, channel="hook", hook=hook.id, state="dead", next_at=LONG_AGO, error=f"{name}没有收下",
        created_at=LONG_AGO, changed_at=LONG_AGO, owner_id=place.id,
    )  # fmt: skip
    await delivery.save()
    books = {"A": 43_214_321, "B": 87_658_765}[code]
    tally = await make_tally(target, receiver=f"{name}某小学", quantity=books)
    secrets = (
        draft.title, hosted.title, held.title, hosted.address, held.address, phone, provider.phone,
        f"{name}联系人", f"{name}备注", f"{name}某小学", str(books), f"{name}秘密礼堂", opening.name,
        attendee.name, evidence.name, cost.note, service.name,
        snapshot.title, snapshot.note, job.title, hook.name, hook.url, hook.secret, delivery.error,
    )  # fmt: skip
    made = District(
        place=place, union=union, lecturer=lecturer, programme=programme, target=target, tally=tally, event=event,
        provider=provider, venue=venue, draft=draft, public=public, hosted=hosted, held=held, booking=booking,
        order=order, opening=opening,
        organiser=organiser,
        contact=await make_actor(Role.CONTACT, union),
        evaluator=await make_actor(Role.EVALUATOR, place),
        secrets=secrets,
    )  # fmt: skip
    own, own_secrets = await own_things(place, union, organiser, programme, event, provider, name=name, code=code)
    made.secrets += own_secrets
    made.ids = own | {
        "organisation_id": union.id, "programme_id": programme.id, "target_id": target.id, "tally_id": tally.id,
        "event_id": event.id, "provider_id": provider.id, "venue_id": venue.id, "session_id": hosted.id,
        "booking_id": booking.id, "person_id": made.contact.person_id, "order_id": order.id, "opening_id": opening.id,
        "attendee_id": attendee.id, "roster_id": roster.id, "evidence_id": evidence.id, "cost_id": cost.id,
        "service_id": service.id, "table_id": table.id, "snapshot_id": snapshot.id, "job_id": job.id,
        "hook_id": hook.id, "delivery_id": delivery.id,
    }  # fmt: skip
    return made
