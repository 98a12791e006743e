"""Duplicates merged and put back, against the real database."""

from datetime import date
from typing import Any

import pytest

from outreach.accounts.authentication import actor_of_person, authenticate
from outreach.accounts.domain.errors import RoleAlreadyGrantedError
from outreach.accounts.tables import ApiToken, EntryCode, JournalEntry, Leave, Login, Organisation, Person, RoleGrant
from outreach.calendars.tables import PrivateFeed
from outreach.events.tables import Provider
from outreach.persons.domain.errors import AlreadyMergedError, NotMergedError
from outreach.persons.merging import merge_persons, undo_merge
from outreach.persons.queries import merges, same_names
from outreach.persons.tables import Merge
from outreach.shared.actors import Actor, Role
from outreach.shared.errors import ForbiddenError, InvalidError, NotFoundError
from outreach.shared.ids import new_id
from outreach.web.security import token_digest
from tests.conftest import NOW
from tests.factories.accounts import LONG_AGO, make_actor, make_api_token, make_grant, make_organisation, make_person
from tests.factories.bookings import BookingWorld, make_booking
from tests.factories.events import make_provider

pytestmark = pytest.mark.usefixtures("database")

TODAY = date(2015, 9, 15)
PHONE = "13700000001"


class Town:
    """A city, a union, and one human being in two rows."""

    city: Organisation
    union: Organisation
    organiser: Actor
    kept: Person
    dropped: Person

    async def build(self) -> "Town":
        self.city = await make_organisation(name="市总工会")
        self.union = await make_organisation(parent=self.city, name="机床厂工会")
        self.organiser = await make_actor(Role.ORGANISER, self.city)
        self.kept = await make_person(name="陈巧云", login_name="chen")
        self.dropped = await make_person(name="陈巧云", login_name=None, phone=PHONE, password_hash="x")
        await make_grant(self.kept, Role.CONTACT, self.union)
        return self

    async def merge(self, actor: Actor | None = None) -> object:
        return await merge_persons(
            actor or self.organiser, NOW, kept_id=self.kept.id, dropped_id=self.dropped.id, reason="建了两次"
        )

    async def people(self) -> tuple[Any, Any]:
        kept = await Person.objects().get(Person.id == self.kept.id)
        dropped = await Person.objects().get(Person.id == self.dropped.id)
        assert kept is not None
        assert dropped is not None
        return kept, dropped


async def test_roles_ways_in_and_the_lecturer_go_over() -> None:
    town = await Town().build()
    beside = await make_organisation(parent=town.city, name="纺织厂工会")
    same = await make_grant(town.dropped, Role.CONTACT, town.union)
    other = await make_grant(town.dropped, Role.CONTACT, beside, until_on=date(2016, 1, 1))
    old = await make_grant(town.dropped, Role.PROVIDER, beside, until_on=date(2015, 1, 1))
    lecturer = await make_provider(town.city, person=town.dropped.id)
    await town.merge()

    kept, dropped = await town.people()
    assert (kept.phone, kept.login_name, kept.disabled_at) == (PHONE, "chen", None)
    assert (dropped.phone, dropped.disabled_at) == (None, NOW)
    actor = await actor_of_person(town.kept.id, NOW)
    assert actor is not None
    assert set(actor.contact_ids) == {town.union.id, beside.id}
    grants = {one.id: one for one in await RoleGrant.objects()}
    assert [grants[one.id].until_on for one in (same, other, old)] == [TODAY, TODAY, date(2015, 1, 1)]
    made = [one for one in grants.values() if one.person == town.kept.id and one.organisation == beside.id]
    assert [(one.from_on, one.until_on) for one in made] == [(TODAY, date(2016, 1, 1))]
    stored = await Provider.objects().get(Provider.id == lecturer.id)
    assert stored is not None
    assert stored.person == town.kept.id
    actions = {one["action"] for one in await JournalEntry.select(JournalEntry.action)}
    assert {"person.merged", "person.merged_away", "role.granted"} <= actions
    assert PHONE not in str(await JournalEntry.select())
    assert PHONE not in str(await Merge.select())


async def test_every_way_in_of_the_other_row_is_shut() -> None:
    town = await Town().build()
    await make_grant(town.dropped, Role.CONTACT, town.union)
    token = await make_api_token(town.dropped.id)
    later = date(2016, 1, 1)
    await Login(
        person=town.dropped.id, token_hash=token_digest("cookie"), created_at=LONG_AGO, seen_at=NOW,
        expires_at=NOW.replace(year=later.year),
    ).save()  # fmt: skip
    await EntryCode(
        person=town.dropped.id, code_hash="c" * 64, created_at=LONG_AGO, expires_at=NOW.replace(year=later.year)
    ).save()
    await PrivateFeed(person=town.dropped.id, token_hash="f" * 64, created_at=LONG_AGO).save()
    assert await authenticate("token", token, NOW) is not None
    await town.merge()

    assert await authenticate("token", token, NOW) is None
    assert await authenticate("login", "cookie", NOW) is None
    assert [one.revoked_at for one in await ApiToken.objects()] == [NOW]
    assert [one.revoked_at for one in await Login.objects()] == [NOW]
    assert [one.revoked_at for one in await PrivateFeed.objects()] == [NOW]
    assert [one.expires_at for one in await EntryCode.objects()] == [NOW]


async def test_what_the_other_row_did_stays_its_own() -> None:
    world = await BookingWorld().build()
    twice = await make_person(name=world.contact.name)
    await make_grant(twice, Role.CONTACT, world.other)
    booking = await make_booking(world.session, world.other, created_by=twice.id)
    await merge_persons(world.organiser, NOW, kept_id=world.contact.person_id, dropped_id=twice.id)
    stored = await type(booking).objects().get(type(booking).id == booking.id)
    assert stored is not None
    assert stored.created_by == twice.id


async def test_a_merge_is_put_back() -> None:
    town = await Town().build()
    beside = await make_organisation(parent=town.city, name="纺织厂工会")
    open_ = await make_grant(town.dropped, Role.CONTACT, beside)
    lecturer = await make_provider(town.city, person=town.dropped.id)
    made = await town.merge()
    [row] = await merges(town.organiser)
    assert (row.id, row.kept_name, row.dropped_name, row.reason) == (made, "陈巧云", "陈巧云", "建了两次")

    assert await undo_merge(town.organiser, NOW, merge_id=row.id) == town.dropped.id
    kept, dropped = await town.people()
    assert (kept.phone, dropped.phone, dropped.disabled_at) == (None, PHONE, None)
    actor, again = await actor_of_person(kept.id, NOW), await actor_of_person(dropped.id, NOW)
    assert actor is not None
    assert again is not None
    assert (actor.contact_ids, again.contact_ids) == ((town.union.id,), (beside.id,))
    assert (await RoleGrant.objects().get(RoleGrant.id == open_.id)).until_on is None  # type: ignore[union-attr]
    assert (await Provider.objects().get(Provider.id == lecturer.id)).person == dropped.id  # type: ignore[union-attr]
    with pytest.raises(NotMergedError):
        await undo_merge(town.organiser, NOW, merge_id=row.id)
    await town.merge()  # and once more
    assert await Merge.count() == 2


async def test_a_role_given_anew_meanwhile_keeps_a_merge_from_being_put_back() -> None:
    town = await Town().build()
    beside = await make_organisation(parent=town.city, name="纺织厂工会")
    await make_grant(town.dropped, Role.CONTACT, beside)
    made = await town.merge()
    await make_grant(town.dropped, Role.CONTACT, beside, from_on=TODAY)
    with pytest.raises(RoleAlreadyGrantedError):
        await undo_merge(town.organiser, NOW, merge_id=made)  # type: ignore[arg-type]
    assert (await merges(town.organiser))[0].undone_at is None


async def test_leave_follows() -> None:
    town = await Town().build()
    await make_grant(town.dropped, Role.CONTACT, town.union)
    third = await make_person()
    days: dict[str, Any] = {"from_on": TODAY, "until_on": date(2015, 9, 20), "created_at": NOW}
    stands_in = Leave(person=third.id, deputy=town.dropped.id, **days)
    away = Leave(person=town.dropped.id, deputy=third.id, **days)
    between = Leave(person=town.kept.id, deputy=town.dropped.id, **days)
    for one in (stands_in, away, between):
        await one.save()
    made = await town.merge()
    found: dict[Any, Any] = {one.id: one for one in await Leave.objects()}
    assert (found[stands_in.id].deputy, found[stands_in.id].ended_at) == (town.kept.id, None)
    assert [found[one.id].ended_at for one in (away, between)] == [NOW, NOW]
    await undo_merge(town.organiser, NOW, merge_id=made)  # type: ignore[arg-type]
    assert (await Leave.objects().get(Leave.id == stands_in.id)).deputy == town.dropped.id  # type: ignore[union-attr]


async def test_refusals() -> None:
    town = await Town().build()
    await make_grant(town.dropped, Role.CONTACT, town.union)
    elsewhere = await make_actor(Role.ORGANISER, await make_organisation())
    with pytest.raises(NotFoundError):
        await town.merge(elsewhere)
    with pytest.raises(InvalidError) as same:
        await merge_persons(town.organiser, NOW, kept_id=town.kept.id, dropped_id=town.kept.id)
    with pytest.raises(InvalidError) as own:
        await merge_persons(town.organiser, NOW, kept_id=town.kept.id, dropped_id=town.organiser.person_id)
    assert [one.value.problems[0].code for one in (same, own)] == ["merge-same", "merge-yourself"]
    with pytest.raises(NotFoundError):
        await undo_merge(town.organiser, NOW, merge_id=new_id())
    administrator = await make_actor(Role.ADMINISTRATOR, None)
    held = await Person.objects().get(Person.id == administrator.person_id)
    assert held is not None
    await make_grant(held, Role.CONTACT, town.union)
    with pytest.raises(ForbiddenError):
        await merge_persons(town.organiser, NOW, kept_id=town.kept.id, dropped_id=administrator.person_id)
    third = await make_person()
    await make_grant(third, Role.CONTACT, town.union)
    await town.merge()
    with pytest.raises(AlreadyMergedError):
        await merge_persons(town.organiser, NOW, kept_id=third.id, dropped_id=town.dropped.id)
    with pytest.raises(InvalidError) as shut_out:
        await merge_persons(town.organiser, NOW, kept_id=town.dropped.id, dropped_id=third.id)
    assert shut_out.value.problems[0].code == "merge-kept-disabled"


async def test_people_of_one_name_are_shown_to_those_who_run_both() -> None:
    town = await Town().build()
    await make_grant(town.dropped, Role.CONTACT, town.union)
    beside = await make_organisation(name="别市总工会")
    namesake = await make_person(name="陈巧云")
    await make_grant(namesake, Role.CONTACT, beside)
    [found] = await same_names(town.organiser)
    assert (found.name, [id_ for id_, _words in found.people]) == ("陈巧云", [town.kept.id, town.dropped.id])
    assert found.people[1][1] == f"机床厂工会，{PHONE}"
    assert await same_names(await make_actor(Role.ORGANISER, beside)) == []
    assert await same_names(town.organiser, "没有这个人") == []
