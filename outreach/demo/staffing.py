"""What people are busy with beside sessions: somebody away, somebody who asks to join, one who stood there twice."""

from datetime import timedelta
from random import Random

import msgspec

from outreach.accounts.tables import ContactRequest, Leave, Person, RoleGrant
from outreach.demo.days import Days, at
from outreach.demo.history import History
from outreach.demo.rows import Batch
from outreach.demo.unions import NAME_PARTS, Somebody, Union, Unions
from outreach.persons.domain.merging import EndedRole, Moved
from outreach.persons.tables import Merge
from outreach.programmes.tables import CalendarLabel

__all__ = ["write_labels", "write_people"]

#: Who is away, who stands in, who asks for which unit, and where one contact stood there twice.
_AWAY, _STANDS_IN = "枫桥电子工会", "阳澄包装工会"
_ASKED, _TWICE = "木渎家具工会", "玉山电子工会"
#: Given to nobody else of the demo.
_ASKING_PHONE = "13800000000"


def write_people(batch: Batch, history: History, dice: Random, days: Days, unions: Unions, staff: Somebody) -> None:
    """A leave with a deputy, a request that waits, two rows of one person made one."""
    _write_leave(batch, history, days, unions, staff)
    _write_request(batch, history, dice, days, unions)
    _write_merge(batch, history, days, unions.named(_TWICE), staff)


def _contact(union: Union) -> Somebody:
    assert union.contact is not None, union.name
    return union.contact


def _write_leave(batch: Batch, history: History, days: Days, unions: Unions, staff: Somebody) -> None:
    """From yesterday, for a week; the deputy is the contact of another unit."""
    union = unions.named(_AWAY)
    away, deputy = _contact(union), _contact(unions.named(_STANDS_IN))
    when = at(days.today - timedelta(days=4), 15, 12)
    from_on, until_on = days.today - timedelta(days=1), days.today + timedelta(days=6)
    grant = batch.add(
        RoleGrant, when, person=deputy.id, organisation=union.id, role="contact", from_on=from_on, until_on=until_on,
        is_deputy=True,
    )  # fmt: skip
    batch.add(
        Leave, when, person=away.id, deputy=deputy.id, from_on=from_on, until_on=until_on, note="年休假",
        grants=[grant], created_by=staff.id,
    )  # fmt: skip
    facts = {"from_on": from_on.isoformat(), "until_on": until_on.isoformat()}
    facts |= {"name": away.name, "deputy": deputy.name}
    history.note(when, staff, "person.leave_set", "person", away.id, union.id, facts=facts)


def _write_request(batch: Batch, history: History, dice: Random, days: Days, unions: Unions) -> None:
    """Since yesterday; the nearest staff, those of the district, are told."""
    union = unions.named(_ASKED)
    when = days.now() - timedelta(hours=17, minutes=35)
    id_ = batch.add(
        ContactRequest, when, unit=union.name, organisation=union.id, phone=_ASKING_PHONE,
        name="".join(dice.choice(part) for part in NAME_PARTS), note="工会换届，接替原来的联系人",
    )  # fmt: skip
    office = unions.districts[union.district]
    history.tell("contact-request", when, "contact_request", id_, office.id, {"organisation": union.name})


def _write_merge(batch: Batch, history: History, days: Days, union: Union, staff: Somebody) -> None:
    """The contact of a unit, typed in a second time with a table and found a week ago."""
    kept = _contact(union)
    made, when = at(days.today - timedelta(days=120), 10, 5), at(days.today - timedelta(days=8), 11, 30)
    dropped = batch.add(Person, made, name=kept.name, disabled_at=when, revision=2)
    grant = batch.add(
        RoleGrant, made, person=dropped, organisation=union.id, role="contact", from_on=made.date(),
        until_on=when.date(),
    )  # fmt: skip
    moved = Moved(ended=[EndedRole(id=grant, until_on=None)])
    reason = "同一位联系人，导入时又建了一次"
    batch.add(
        Merge, when, kept=kept.id, dropped=dropped, kept_name=kept.name, dropped_name=kept.name, reason=reason,
        moved=msgspec.json.encode(moved).decode(), created_by=staff.id, created_by_name=staff.name,
    )  # fmt: skip
    for action, one in (("merged", kept.id), ("merged_away", dropped)):
        facts = {"name": kept.name, "other": kept.name}
        history.note(when, staff, f"person.{action}", "person", one, union.id, reason=reason, facts=facts)


def write_labels(batch: Batch, history: History, days: Days, unions: Unions, staff: Somebody) -> None:
    """A campaign of the federation's own, and a shipped one that runs longer this year."""
    when = at(days.today - timedelta(days=30), 9, 40)
    year = days.year
    for code, name, first, last in (
        ("", "职工文化月", days.of_month(10)[9], days.of_month(11)[9]),
        ("schooling", "金秋助学", days.of_month(8)[0], days.of_month(10)[14]),
    ):
        id_ = batch.add(
            CalendarLabel, when, code=code, year=year, kind="campaign", name=name, from_on=first, last_on=last,
            changed_at=when,
        )  # fmt: skip
        facts = {"name": name, "from_on": first.isoformat(), "last_on": last.isoformat()}
        history.note(when, staff, "calendar_label.set", "holiday", id_, unions.root.id, facts=facts)
