"""Work handed over, against the real database."""

from datetime import date, timedelta
from typing import Any

import pytest

from outreach.accounts.authentication import actor_of_person
from outreach.accounts.domain.errors import LastAdministratorError
from outreach.accounts.tables import JournalEntry, Person, RoleGrant
from outreach.bookings.tables import Booking, Order
from outreach.persons.domain.work import Work, WorkKind
from outreach.persons.handing_over import HandoverGiven, giver_of, hand_over, work_of
from outreach.persons.queries import handover_for, handovers
from outreach.persons.tables import Handover
from outreach.shared.actors import Actor, Role
from outreach.shared.errors import ForbiddenError, InvalidError, NotFoundError
from outreach.shared.ids import new_id
from outreach.statistics.tables import StatisticsForm, StatisticsRound, StatisticsTable
from tests.conftest import NOW
from tests.factories.accounts import LONG_AGO, make_actor, make_grant, make_organisation, make_person
from tests.factories.bookings import BookingWorld, make_booking
from tests.factories.events import make_session
from tests.factories.orders import make_order
from tests.support.queries import counted

pytestmark = pytest.mark.usefixtures("database")

TODAY = date(2015, 9, 15)
OLD, NEW = "13700000001", "13700000002"


class Office(BookingWorld):
    """A union whose contact goes, and who comes."""

    taker: Person
    leaving: Actor

    async def furnish(self) -> "Office":
        await self.build()
        self.leaving = await make_actor(Role.CONTACT, self.union, name="何离任", phone=OLD)
        self.taker = await make_person(name="陆接手", phone=NEW)
        await make_grant(self.taker, Role.CONTACT, self.other)
        return self

    async def work(self) -> list[Work]:
        _person, roles = await giver_of(self.organiser, NOW, self.leaving.person_id)
        return await work_of(self.leaving.person_id, NOW, roles)

    async def give(self, **given: object) -> object:
        _person, roles = await giver_of(self.organiser, NOW, self.leaving.person_id)
        wanted = {"taker_id": self.taker.id, "grant_ids": [one.id for one in roles], **given}
        made = HandoverGiven(**wanted)  # type: ignore[arg-type]
        return await hand_over(self.organiser, NOW, giver_id=self.leaving.person_id, given=made)


async def make_table(office: Office) -> StatisticsTable:
    form = StatisticsForm(
        code="warmth", version=1, title="送温暖统计表", content="", digest="0" * 64, created_at=LONG_AGO
    )
    await form.save()
    asked = StatisticsRound(
        form=form.id, form_code="warmth", organisation=office.root.id, year=2015, from_on=date(2015, 1, 1),
        until_on=date(2015, 12, 31), cut_off_on=date(2015, 12, 31), hand_in_on=date(2016, 1, 10), opened_at=LONG_AGO,
    )  # fmt: skip
    await asked.save()
    made = StatisticsTable(
        round=asked.id, organisation=office.union.id, due_on=date(2016, 1, 5), changed_at=LONG_AGO, created_at=LONG_AGO
    )
    await made.save()
    return made


async def test_contacts_of_open_bookings_and_orders_change_and_the_rest_is_listed() -> None:
    office = await Office().furnish()
    mine: dict[str, Any] = {"contact_name": "何离任", "contact_phone": OLD}
    live = await make_booking(office.session, office.union, **mine)
    past = await make_session(office.event, title="办过的", starts_at=NOW - timedelta(days=3), host=office.union.id)
    over = await make_booking(past, office.union, **mine)
    gone = await make_booking(await make_session(office.event), office.union, state="cancelled", **mine)
    next_ = await make_session(office.event, title="同事联系的")
    hers = await make_booking(next_, office.union, created_by=office.leaving.person_id)
    strange = await make_booking(office.session, office.other, **mine)
    open_ = await make_order(office.event, office.union, **mine)
    done = await make_order(office.event, office.union, state="withdrawn", **mine)
    table = await make_table(office)

    with counted() as sent:
        work = await office.work()
    assert len(sent) == 3  # the person, the roles, the work
    assert {(one.kind, one.id, one.moves) for one in work} == {
        (WorkKind.BOOKING, live.id, True),
        (WorkKind.BOOKING, hers.id, False),
        (WorkKind.ORDER, open_.id, True),
        (WorkKind.TABLE, table.id, False),
        (WorkKind.CLOSING, past.id, False),
    }

    await office.give(note="岗位调整")
    contacts = {one.id: (one.contact_name, one.contact_phone, one.revision) for one in await Booking.objects()}
    assert contacts[live.id] == ("陆接手", NEW, 2)
    assert [contacts[one.id] for one in (over, gone, strange)] == [("何离任", OLD, 1)] * 3
    assert contacts[hers.id] == ("陈巧云", "13800000000", 1)
    orders = {one.id: (one.contact_name, one.contact_phone) for one in await Order.objects()}
    assert (orders[open_.id], orders[done.id]) == (("陆接手", NEW), ("何离任", OLD))
    actions = [one["action"] for one in await JournalEntry.select(JournalEntry.action).order_by(JournalEntry.id)]
    assert actions == ["order.changed", "booking.changed", "role.granted", "role.ended", "person.handed_over"]
    assert OLD not in str(await JournalEntry.select())


async def test_the_roles_go_over_today_and_the_paper_tells_what_was() -> None:
    office = await Office().furnish()
    await make_booking(office.session, office.union, contact_name="何离任", contact_phone=OLD)
    made = await office.give(note="岗位调整")

    taker, giver = await actor_of_person(office.taker.id, NOW), await actor_of_person(office.leaving.person_id, NOW)
    assert taker is not None
    assert giver is not None
    assert set(taker.contact_ids) == {office.union.id, office.other.id}
    assert giver.contact_ids == ()
    row = await handover_for(office.organiser, NOW, made)  # type: ignore[arg-type]
    assert (row.giver_name, row.taker_name, row.note) == ("何离任", "陆接手", "岗位调整")
    assert [(one.role, one.unit, one.keeps) for one in row.items.roles] == [(Role.CONTACT, "胥江机械厂工会", False)]
    assert [(one.kind, one.title, one.unit, one.on, one.state) for one in row.items.work] == [
        (WorkKind.BOOKING, office.event.title, "胥江机械厂工会", date(2015, 9, 24), "confirmed")
    ]
    assert [one.id for one in await handovers(office.organiser)] == [made]


async def test_roles_may_be_kept_for_a_while_and_deputies_become_contacts() -> None:
    office = await Office().furnish()
    deputy = await make_grant(
        office.taker, Role.CONTACT, office.union, is_deputy=True, from_on=date(2015, 9, 1), until_on=date(2015, 9, 20)
    )
    await office.give(keeps_roles=True)
    grants = {one.id: one for one in await RoleGrant.objects().where(RoleGrant.organisation == office.union.id)}
    assert grants[deputy.id].until_on == TODAY
    fresh: list[Any] = [one for one in grants.values() if one.person == office.taker.id and one.id != deputy.id]
    assert [(one.from_on, one.until_on, one.is_deputy) for one in fresh] == [(TODAY, None, False)]
    giver = await actor_of_person(office.leaving.person_id, NOW)
    assert giver is not None
    assert giver.represents(office.union.id)


async def test_refusals_store_nothing() -> None:
    office = await Office().furnish()
    await make_booking(office.session, office.union, contact_name="何离任", contact_phone=OLD)
    mute = await make_person(name="无号")
    await make_grant(mute, Role.CONTACT, office.other)
    stranger = await make_person()
    foreign = await make_grant(await make_person(), Role.CONTACT, await make_organisation())
    for given, code in (
        ({"taker_id": office.leaving.person_id}, "taker-self"),
        ({"taker_id": mute.id}, "taker-needs-phone"),
        ({"taker_id": stranger.id}, "person-unknown"),
        ({"taker_id": new_id()}, "person-unknown"),
        ({"grant_ids": []}, "roles-needed"),
        ({"grant_ids": [foreign.id]}, "roles-needed"),
    ):
        with pytest.raises(InvalidError) as refused:
            await office.give(**given)
        assert [one.code for one in refused.value.problems] == [code]
    _person, roles = await giver_of(office.organiser, NOW, office.leaving.person_id)
    with pytest.raises(ForbiddenError):
        await office.give(grant_ids=[roles[0].id, foreign.id])
    elsewhere = await make_actor(Role.ORGANISER, await make_organisation())
    with pytest.raises(NotFoundError):
        await giver_of(elsewhere, NOW, office.leaving.person_id)
    assert await Handover.count() == 0
    assert await JournalEntry.count() == 0


async def test_the_only_administrator_hands_over_to_the_next() -> None:
    first = await make_actor(Role.ADMINISTRATOR, None, name="首任")
    second = await make_person(name="次任")
    _person, roles = await giver_of(first, NOW, first.person_id)
    given = HandoverGiven(second.id, [one.id for one in roles])
    made = await hand_over(first, NOW, giver_id=first.person_id, given=given)
    after = await actor_of_person(second.id, NOW)
    assert after is not None
    assert after.is_administrator
    assert (await handover_for(after, NOW, made)).items.roles[0].unit == ""
    with pytest.raises((NotFoundError, LastAdministratorError)):
        await handover_for(first_without_roles(first), NOW, made)


def first_without_roles(actor: Actor) -> Actor:
    return Actor(actor.person_id, actor.name, ())


async def test_an_organiser_hands_over_sessions_and_what_is_not_closed() -> None:
    office = await Office().furnish()
    leaving = await make_actor(Role.ORGANISER, office.root, name="旧组织")
    mine: dict[str, Any] = {"created_by": leaving.person_id}
    coming = await make_session(office.event, **mine)
    draft = await make_session(office.event, state="draft", **mine)
    held = await make_session(office.event, state="held", starts_at=NOW - timedelta(days=9), **mine)
    await make_session(office.event, state="closed", starts_at=NOW - timedelta(days=9), **mine)
    await make_session(office.event, state="cancelled", **mine)
    _person, roles = await giver_of(office.organiser, NOW, leaving.person_id)
    work = await work_of(leaving.person_id, NOW, roles)
    assert {(one.kind, one.id) for one in work} == {
        (WorkKind.SESSION, coming.id),
        (WorkKind.SESSION, draft.id),
        (WorkKind.CLOSING, held.id),
    }
