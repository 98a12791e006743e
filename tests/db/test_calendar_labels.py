"""Festivals and campaigns in the database: changed, hidden, put back, own ones."""

from datetime import date

import pytest

from outreach.accounts.tables import JournalEntry
from outreach.programmes.domain.labels import LabelKind
from outreach.programmes.labels import (
    LabelGiven,
    coming_labels,
    hide_label,
    label_named,
    labels_between,
    labels_of_moment,
    labels_of_year,
    remove_label,
    set_label,
)
from outreach.programmes.tables import CalendarLabel
from outreach.shared.actors import Actor, Role
from outreach.shared.errors import ForbiddenError, InvalidError, NotFoundError
from outreach.shared.ids import new_id
from tests.conftest import NOW
from tests.factories.accounts import make_actor, make_organisation
from tests.support.queries import counted

pytestmark = pytest.mark.usefixtures("database")


async def make_staff() -> Actor:
    return await make_actor(Role.ORGANISER, await make_organisation())


def given(name: str, first: date, last: date, kind: LabelKind = LabelKind.CAMPAIGN) -> LabelGiven:
    return LabelGiven(name, kind, first, last)


async def names(first: date, last: date) -> list[str]:
    return [one.name for one in await labels_between(first, last)]


async def test_an_empty_installation_has_the_shipped_ones_by_one_statement() -> None:
    with counted() as sent:
        found = await names(date(2016, 1, 1), date(2016, 1, 31))
    assert found == ["送温暖", "元旦", "春风行动"]  # the first began in December
    assert len(sent) == 1


async def test_a_shipped_label_is_changed_for_one_year_only() -> None:
    staff = await make_staff()
    made = await set_label(staff, NOW, given("送温暖", date(2016, 1, 10), date(2016, 2, 6)), code="warmth", year=2015)
    again = await set_label(staff, NOW, given("送温暖", date(2016, 1, 11), date(2016, 2, 6)), code="warmth", year=2015)

    assert made == again
    assert "送温暖" not in await names(date(2015, 12, 22), date(2015, 12, 31))
    assert "送温暖" in await names(date(2016, 1, 11), date(2016, 1, 11))
    assert "送温暖" in await names(date(2016, 12, 22), date(2016, 12, 31))
    assert await CalendarLabel.count() == 1
    await remove_label(staff, NOW, made)
    assert "送温暖" in await names(date(2015, 12, 22), date(2015, 12, 31))
    actions = [one["action"] for one in await JournalEntry.select(JournalEntry.action).order_by(JournalEntry.id)]
    assert actions == ["calendar_label.set", "calendar_label.set", "calendar_label.restored"]


async def test_a_hidden_one_is_gone_from_calendars_and_stays_for_its_keepers() -> None:
    staff = await make_staff()
    await hide_label(staff, NOW, code="army", year=2015)
    assert "八一建军节" not in await names(date(2015, 8, 1), date(2015, 8, 1))
    assert "八一建军节" in await names(date(2016, 8, 1), date(2016, 8, 1))
    kept = {one.code: one for one in await labels_of_year(2015)}["army"]
    assert (kept.is_hidden, kept.from_on) == (True, date(2015, 8, 1))
    await set_label(staff, NOW, given("建军节", date(2015, 8, 1), date(2015, 8, 1)), code="army", year=2015)
    assert "建军节" in await names(date(2015, 8, 1), date(2015, 8, 1))


async def test_an_own_one_moves_with_its_days() -> None:
    staff = await make_staff()
    made = await set_label(staff, NOW, given("  职工  读书月 ", date(2015, 11, 1), date(2015, 11, 30)))
    assert await names(date(2015, 11, 30), date(2015, 11, 30)) == ["职工 读书月"]
    await set_label(staff, NOW, given("职工读书月", date(2016, 4, 1), date(2016, 4, 30)), id_=made)
    assert "职工读书月" not in {one.name for one in await labels_of_year(2015)}
    assert (await label_named(label_id=made)).year == 2016
    await remove_label(staff, NOW, made)
    with pytest.raises(NotFoundError):
        await remove_label(staff, NOW, made)


async def test_refusals() -> None:
    staff, contact = await make_staff(), await make_actor(Role.CONTACT, await make_organisation())
    fine = given("读书月", date(2015, 11, 1), date(2015, 11, 30))
    for refused in (
        set_label(contact, NOW, fine),
        hide_label(contact, NOW, code="army", year=2015),
        remove_label(contact, NOW, new_id()),
    ):
        with pytest.raises(ForbiddenError):
            await refused
    for missing in (
        set_label(staff, NOW, fine, code="unknown", year=2015),
        set_label(staff, NOW, fine, code="army"),
        set_label(staff, NOW, fine, id_=new_id()),
        hide_label(staff, NOW, code="dragon-boat", year=2060),
    ):
        with pytest.raises(NotFoundError):
            await missing
    with pytest.raises(InvalidError):
        await set_label(staff, NOW, given("读书月", date(2015, 11, 2), date(2015, 11, 1)))
    assert await CalendarLabel.count() == 0


async def test_whoever_plans_reads_of_the_day_and_of_what_comes() -> None:
    assert await labels_of_moment(NOW) == ["夏送清凉（6月15日至9月15日）", "金秋助学（8月1日至9月30日）"]
    coming = await coming_labels(date(2015, 9, 20))
    assert coming[0] == "金秋助学（8月1日至9月30日）"
    assert {"中秋节（9月27日）", "国庆节（10月1日）", "重阳节（10月21日）"} < set(coming)
