"""Leave and deputies against the real database."""

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest

from outreach.accounts.authentication import actor_of_person
from outreach.accounts.leave.commands import LeaveGiven, end_leave, set_leave
from outreach.accounts.leave.queries import away_on, colleagues_of, leaves_of
from outreach.accounts.tables import JournalEntry, Leave, Organisation, Person, RoleGrant
from outreach.notifications.receivers import receivers_of
from outreach.shared.actors import Actor, Role
from outreach.shared.errors import ForbiddenError, InvalidError, NotFoundError
from tests.conftest import NOW
from tests.factories.accounts import make_actor, make_grant, make_organisation, make_person
from tests.support.queries import counted

pytestmark = pytest.mark.usefixtures("database")

TODAY = date(2015, 9, 15)


class Office:
    """A city, a union with a contact, a union beside it, an organiser, and somebody who might stand in."""

    city: Organisation
    union: Organisation
    beside: Organisation
    organiser: Actor
    contact: Actor
    other: Person

    async def build(self) -> "Office":
        self.city = await make_organisation(name="市总工会")
        self.union = await make_organisation(parent=self.city, name="机床厂工会")
        self.beside = await make_organisation(parent=self.city, name="纺织厂工会")
        self.organiser = await make_actor(Role.ORGANISER, self.city, name="顾组织")
        self.contact = await make_actor(Role.CONTACT, self.union, name="陈巧云")
        self.other = await make_person(name="沈代办")
        await make_grant(self.other, Role.CONTACT, self.beside)
        return self

    async def receivers(self, on: date = TODAY, organisation: Organisation | None = None) -> list[UUID]:
        """Whom a message to the union reaches."""
        id_ = (organisation or self.union).id
        found = await receivers_of([id_], [], on)
        return [one.id for one in found.of("booking-confirmed", id_, None)]

    async def away(self, days: int = 5, *, deputy: UUID | None = None, actor: Actor | None = None) -> UUID:
        given = LeaveGiven(TODAY, TODAY + timedelta(days=days - 1), deputy or self.other.id, "年休假")
        return await set_leave(actor or self.organiser, NOW, person_id=self.contact.person_id, given=given)


def problems(error: InvalidError) -> list[tuple[str, str]]:
    return [(one.field, one.code) for one in error.problems]


async def test_messages_go_to_the_deputy_for_as_long_as_the_leave_lasts() -> None:
    office = await Office().build()
    assert await office.receivers() == [office.contact.person_id]
    await office.away(5)

    assert await office.receivers() == [office.other.id]
    assert await office.receivers(TODAY + timedelta(days=4)) == [office.other.id]
    assert await office.receivers(TODAY + timedelta(days=5)) == [office.contact.person_id]
    assert await office.receivers(organisation=office.beside) == [office.other.id]
    deputy = await actor_of_person(office.other.id, NOW)
    later = await actor_of_person(office.other.id, NOW + timedelta(days=5))
    assert deputy is not None
    assert later is not None
    assert [one.represents(office.union.id) for one in (deputy, later)] == [True, False]


async def test_receivers_are_found_by_two_statements_with_leave_and_without() -> None:
    office = await Office().build()
    for _ in range(2):
        with counted() as sent:
            await office.receivers()
        assert len(sent) == 2
        if not await Leave.count():
            await office.away()


async def test_a_deputy_without_the_role_or_away_or_shut_out_takes_no_messages_away() -> None:
    """Nothing is told to somebody who may not know of it, and nothing to nobody."""
    office = await Office().build()
    await office.away()
    await RoleGrant.update({RoleGrant.until_on: TODAY}).where(
        RoleGrant.person == office.other.id, RoleGrant.organisation == office.union.id
    )
    assert await office.receivers() == [office.contact.person_id]
    await make_grant(office.other, Role.CONTACT, office.union)
    assert await office.receivers() == [office.other.id]
    await Person.update({Person.disabled_at: NOW}).where(Person.id == office.other.id)
    assert await office.receivers() == [office.contact.person_id]
    await Person.update({Person.disabled_at: None}).where(Person.id == office.other.id)
    third = await make_person()
    await Leave(
        person=office.other.id, deputy=third.id, from_on=TODAY, until_on=date(2015, 9, 20), created_at=NOW
    ).save()
    assert office.contact.person_id in await office.receivers()


async def test_a_leave_is_taken_back_with_the_roles_it_gave() -> None:
    office = await Office().build()
    leave_id = await office.away()
    given = await RoleGrant.objects().get(RoleGrant.is_deputy == True)  # noqa: E712 - a column
    assert given is not None
    assert (given.person, given.organisation, given.role) == (office.other.id, office.union.id, "contact")
    assert (given.from_on, given.until_on) == (TODAY, TODAY + timedelta(days=5))

    assert await end_leave(office.organiser, NOW, leave_id=leave_id) == office.contact.person_id
    assert await office.receivers() == [office.contact.person_id]
    assert await leaves_of(office.contact.person_id, TODAY) == []
    with pytest.raises(NotFoundError):
        await end_leave(office.organiser, NOW, leave_id=leave_id)
    actions = {one["action"] for one in await JournalEntry.select(JournalEntry.action)}
    assert {"person.leave_set", "person.leave_ended", "role.granted"} <= actions
    await office.away()  # the days are free again


async def test_a_contact_chooses_among_colleagues_and_gives_no_role_away() -> None:
    office = await Office().build()
    with pytest.raises(InvalidError) as stranger:
        await office.away(actor=office.contact)
    assert problems(stranger.value) == [("deputy_id", "person-unknown")]

    await make_grant(office.other, Role.CONTACT, office.union)
    assert [one.id for one in await colleagues_of(office.contact.person_id, TODAY, same_role=True)] == [office.other.id]
    await office.away(actor=office.contact)
    assert await office.receivers() == [office.other.id]
    assert await RoleGrant.count().where(RoleGrant.is_deputy == True) == 0  # noqa: E712 - a column
    found = await away_on([office.contact.person_id, office.other.id], TODAY)
    assert {id_: one.deputy_name for id_, one in found.items()} == {office.contact.person_id: "沈代办"}


async def test_refusals() -> None:
    office = await Office().build()
    with pytest.raises(InvalidError) as own:
        await office.away(deputy=office.contact.person_id)
    assert problems(own.value) == [("deputy_id", "deputy-self")]
    await office.away()
    with pytest.raises(InvalidError) as twice:
        await office.away(2)
    assert problems(twice.value) == [("from_on", "leave-overlaps")]

    elsewhere = await make_actor(Role.ORGANISER, await make_organisation(name="别市总工会"))
    with pytest.raises(NotFoundError):
        await office.away(actor=elsewhere)
    leave = await Leave.objects().first()
    assert leave is not None
    with pytest.raises(NotFoundError):
        await end_leave(elsewhere, NOW, leave_id=leave.id)
    administrator = await make_actor(Role.ADMINISTRATOR, None)
    await make_grant(await _person(administrator), Role.CONTACT, office.union)
    with pytest.raises(ForbiddenError):
        given = LeaveGiven(TODAY, TODAY, office.contact.person_id)
        await set_leave(office.organiser, NOW, person_id=administrator.person_id, given=given)
    await Person.update({Person.disabled_at: NOW}).where(Person.id == office.other.id)
    with pytest.raises(InvalidError) as shut_out:
        given = LeaveGiven(date(2015, 12, 1), date(2015, 12, 2), office.other.id)
        await set_leave(office.organiser, NOW, person_id=office.contact.person_id, given=given)
    assert problems(shut_out.value) == [("deputy_id", "person-disabled")]


async def _person(actor: Actor) -> Person:
    found = await Person.objects().get(Person.id == actor.person_id)
    assert found is not None
    return found


async def test_an_organiser_on_leave_does_not_give_the_administrators_role() -> None:
    office = await Office().build()
    administrator = await make_actor(Role.ADMINISTRATOR, None)
    await make_grant(await _person(administrator), Role.ORGANISER, office.city)
    given = LeaveGiven(TODAY, date(2015, 9, 20), office.other.id)
    await set_leave(administrator, NOW, person_id=administrator.person_id, given=given)
    deputy = await actor_of_person(office.other.id, datetime(2015, 9, 16, 1, 0, tzinfo=NOW.tzinfo))
    assert deputy is not None
    assert (deputy.is_administrator, deputy.organises(office.city.path)) == (False, True)
