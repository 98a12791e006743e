"""Requests to become a unit's contact against the real database."""

import asyncio
from datetime import timedelta
from json import loads

import pytest

from outreach.accounts.authentication import actor_of_person
from outreach.accounts.domain.errors import RoleAlreadyGrantedError
from outreach.accounts.requests.commands import accept_request, decline_request
from outreach.accounts.requests.domain.errors import RequestDecidedError
from outreach.accounts.requests.queries import inbox, request_for, waiting_requests
from outreach.accounts.tables import ContactRequest, JournalEntry, Person
from outreach.counting.desk import waiting_for
from outreach.notifications.tables import OutboxMessage
from outreach.notifications.wording import message_href, message_text
from outreach.persons.asking import KEPT, KEPT_WAITING, PER_ADDRESS, submit_request
from outreach.shared.actors import Actor, Role
from outreach.shared.errors import ForbiddenError, InvalidError, NotFoundError, TooManyRequestsError
from outreach.shared.time import local_day
from tests.conftest import NOW
from tests.factories.accounts import make_actor, make_grant, make_organisation, make_person

pytestmark = pytest.mark.usefixtures("database")

PHONE = "13900000001"


async def ask(unit: str = "机床厂工会", phone: str = PHONE, *, now: object = NOW, address: str = "10.0.0.1") -> None:
    await submit_request(now, unit=unit, name="陆新来", phone=phone, note="接替陈巧云", address=address)  # type: ignore[arg-type]


class Town:
    """A city with two districts, a union in the first."""

    def __init__(self) -> None:
        self.staff: dict[str, Actor] = {}

    async def build(self) -> "Town":
        self.city = await make_organisation(name="市总工会")
        self.here = await make_organisation(parent=self.city, kind="federation", name="甲区总工会")
        self.there = await make_organisation(parent=self.city, kind="federation", name="乙区总工会")
        self.union = await make_organisation(parent=self.here, name="机床厂（集团）工会")
        for name, unit in (("city", self.city), ("here", self.here), ("there", self.there)):
            self.staff[name] = await make_actor(Role.ORGANISER, unit)
        self.staff["administrator"] = await make_actor(Role.ADMINISTRATOR, None)
        return self

    async def seen(self) -> dict[str, int]:
        """How many wait for each; the desk says the same."""
        found = {name: await waiting_requests(one) for name, one in self.staff.items()}
        assert {name: (await waiting_for(one, NOW)).requests for name, one in self.staff.items()} == found
        return found


async def only() -> ContactRequest:
    found = await ContactRequest.objects()
    assert len(found) == 1
    return found[0]


async def test_a_known_unit_leads_to_its_staff_and_an_unknown_one_to_those_of_the_whole() -> None:
    town = await Town().build()
    await ask("机床厂(集团) 工会")
    assert await town.seen() == {"city": 1, "here": 1, "there": 0, "administrator": 1}
    assert (await only()).organisation == town.union.id
    await ask("没有听说过的工会", "13900000002")
    assert await town.seen() == {"city": 2, "here": 1, "there": 0, "administrator": 2}
    await make_organisation(parent=town.there, name="机床厂（集团）工会")
    await ask("机床厂（集团）工会", "13900000003")  # two of that name: nobody guesses
    assert await town.seen() == {"city": 3, "here": 1, "there": 0, "administrator": 3}
    rows = await inbox(town.staff["city"], waiting=True)
    assert (rows[0].unit, rows[0].organisation_name, rows[0].contacts) == (
        "机床厂(集团) 工会",
        "机床厂（集团）工会",
        0,
    )


async def test_the_same_number_waits_once() -> None:
    await Town().build()
    await asyncio.gather(*(ask(phone="+86 139-0000-0001") for _ in range(4)))
    assert (await only()).phone == PHONE
    assert await OutboxMessage.count() == 1


async def told() -> set[tuple[object, object, str]]:
    found = await OutboxMessage.select().where(OutboxMessage.kind == "contact-request")
    assert {one["object_kind"] for one in found} <= {"contact_request"}
    for one in found:
        assert PHONE not in one["facts"]
        assert "陆新来" not in one["facts"]
    return {(one["organisation_id"], one["person_id"], message_text(one["kind"], loads(one["facts"]))) for one in found}


async def test_the_nearest_staff_who_may_answer_are_told_and_nobody_else() -> None:
    town = await Town().build()
    words = "有人申请做{}的联系人，请打电话核实以后办理。"
    await ask("机床厂(集团) 工会")
    assert await told() == {(town.here.id, None, words.format("机床厂（集团）工会"))}
    [asked] = await ContactRequest.objects()
    [message] = await OutboxMessage.objects()
    href = message_href(message.object_kind, message.object_id, {})
    assert href == f"/desk/requests/{asked.id}"
    await ask(" 没有听说过的  工会 ", "13900000002")
    assert (town.city.id, None, words.format("没有听说过的 工会")) in await told()
    assert await OutboxMessage.count() == 2


async def test_who_no_longer_runs_anything_is_not_told_and_administrators_are_where_nobody_does() -> None:
    city = await make_organisation(name="市总工会")
    union = await make_organisation(parent=city, name="机床厂工会")
    former = await make_person(name="前任")
    await make_grant(former, Role.ORGANISER, city, until_on=local_day(NOW))
    administrator = await make_actor(Role.ADMINISTRATOR, None)
    await ask("机床厂工会")
    await ask("没有听说过的工会", "13900000002")
    assert {(office, person) for office, person, _text in await told()} == {(None, administrator.person_id)}
    assert await OutboxMessage.count() == 2
    await make_actor(Role.ORGANISER, union)
    await ask("机床厂工会", "13900000003")
    assert {office for office, _person, _text in await told()} == {None, union.id}


async def test_accepting_makes_a_contact_with_a_code() -> None:
    town = await Town().build()
    await ask("机床厂（集团）工会")
    made = await accept_request(town.staff["here"], NOW, request_id=(await only()).id, organisation_id=town.union.id)

    assert made.issued is not None
    assert (made.issued.person_name, made.issued.phone) == ("陆新来", PHONE)
    contact = await actor_of_person(made.person_id, NOW)
    assert contact is not None
    assert contact.represents(town.union.id)
    asked = await only()
    assert (asked.state, asked.person, asked.decided_by) == (
        "accepted",
        made.person_id,
        town.staff["here"].person_id,
    )
    lines = {one["action"]: one["facts"] for one in await JournalEntry.select()}
    assert "contact_request.accepted" in lines
    assert PHONE not in str(lines)


async def test_somebody_known_gets_the_role_and_a_code_only_without_a_password() -> None:
    town = await Town().build()
    known = await make_person(name="陆新来", phone=PHONE, password_hash="x")
    await make_grant(known, Role.CONTACT, await make_organisation(parent=town.here))
    await ask()
    made = await accept_request(town.staff["city"], NOW, request_id=(await only()).id, organisation_id=town.union.id)
    assert (made.person_id, made.issued) == (known.id, None)
    await ask()
    waiting = await ContactRequest.objects().get(ContactRequest.state == "waiting")
    assert waiting is not None
    with pytest.raises(RoleAlreadyGrantedError):
        await accept_request(town.staff["city"], NOW, request_id=waiting.id, organisation_id=town.union.id)
    assert await waiting_requests(town.staff["city"]) == 1  # nothing of it was stored


async def test_somebody_elsewhere_or_shut_out_is_left_to_others() -> None:
    town = await Town().build()
    foreign = await make_person(name="陆新来", phone=PHONE)
    await make_grant(foreign, Role.CONTACT, await make_organisation(parent=town.there))
    await ask("机床厂（集团）工会")
    asked = await only()
    for actor, code in (
        (town.staff["here"], "request-person-elsewhere"),
        (town.staff["city"], "request-person-disabled"),
    ):
        if code.endswith("disabled"):
            await Person.update({Person.disabled_at: NOW}).where(Person.id == foreign.id)
        with pytest.raises(InvalidError) as refused:
            await accept_request(actor, NOW, request_id=asked.id, organisation_id=town.union.id)
        assert [one.code for one in refused.value.problems] == [code]
    assert (await only()).state == "waiting"


async def test_one_of_two_who_decide_is_told() -> None:
    town = await Town().build()
    await ask("机床厂（集团）工会")
    id_ = (await only()).id
    found = await asyncio.gather(
        accept_request(town.staff["here"], NOW, request_id=id_, organisation_id=town.union.id),
        decline_request(town.staff["city"], NOW, request_id=id_, reason="已经有两位联系人"),
        return_exceptions=True,
    )
    assert sum(isinstance(one, RequestDecidedError) for one in found) == 1
    assert await Person.count().where(Person.phone == PHONE) == (1 if (await only()).state == "accepted" else 0)


async def test_a_decline_keeps_the_reason_and_names_nobody_in_the_journal() -> None:
    town = await Town().build()
    await ask("机床厂（集团）工会")
    await decline_request(town.staff["here"], NOW, request_id=(await only()).id, reason="  查无 此人 ")
    asked = await only()
    assert (asked.state, asked.reason) == ("declined", "查无 此人")
    line = await JournalEntry.select().where(JournalEntry.action == "contact_request.declined").first()
    assert line is not None
    assert line["reason"] == "查无 此人"
    assert "陆新来" not in str(line)


async def test_others_do_not_know_of_it() -> None:
    town = await Town().build()
    await ask("机床厂（集团）工会")
    id_ = (await only()).id
    for deed in (
        request_for(town.staff["there"], id_),
        decline_request(town.staff["there"], NOW, request_id=id_, reason="x"),
        accept_request(town.staff["there"], NOW, request_id=id_, organisation_id=town.there.id),
    ):
        with pytest.raises(NotFoundError):
            await deed
    with pytest.raises((ForbiddenError, InvalidError)):
        await accept_request(town.staff["here"], NOW, request_id=id_, organisation_id=town.there.id)
    assert (await only()).state == "waiting"


async def test_limits_and_bad_numbers() -> None:
    for number in range(PER_ADDRESS):
        await ask(phone=f"139000001{number:02d}")
    with pytest.raises(TooManyRequestsError):
        await ask(phone="13900000200")
    await ask(phone="13900000200", address="10.0.0.2")
    for bad in ("1390000000", "()", "123"):
        with pytest.raises(InvalidError):
            await ask(phone=bad, address="10.0.0.3")


async def test_names_and_numbers_go_after_a_while() -> None:
    town = await Town().build()
    await ask("机床厂（集团）工会")
    await decline_request(town.staff["here"], NOW, request_id=(await only()).id, reason="查无此人")
    await ask(phone="13900000002", now=NOW + KEPT)
    assert await ContactRequest.count() == 2
    await ask(phone="13900000003", now=NOW + KEPT + timedelta(seconds=1))
    assert {one.phone for one in await ContactRequest.objects()} == {"13900000002", "13900000003"}
    await ask(phone="13900000004", now=NOW + KEPT + KEPT_WAITING + timedelta(days=1))
    assert {one.phone for one in await ContactRequest.objects()} == {"13900000004"}
