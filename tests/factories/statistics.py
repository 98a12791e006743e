"""A small tree that fills 统计表: a city, two districts, three units, their people."""

from datetime import UTC, date, datetime
from typing import Any

from outreach.accounts.tables import Organisation
from outreach.shared.actors import Actor, Role
from tests.factories.accounts import make_actor, make_organisation

#: 2016-01-05 09:00 in Shanghai: in the period, before the hand-in day.
THEN = datetime(2016, 1, 5, 1, 0, tzinfo=UTC)
WARMTH, CENTRES = "chengdu-song-wennuan", "chengdu-bangfu-zhongxin"


class StatisticsWorld:
    """``city`` above ``east`` and ``west``; ``east`` above ``mill`` and ``dock``, ``west`` above ``farm``."""

    city: Organisation
    east: Organisation
    west: Organisation
    mill: Organisation
    dock: Organisation
    farm: Organisation
    organiser: Actor
    east_organiser: Actor
    west_organiser: Actor
    contact: Actor
    dock_contact: Actor
    farm_contact: Actor

    async def build(self) -> "StatisticsWorld":
        long_open: dict[str, Any] = {"created_at": datetime(2010, 1, 1, tzinfo=UTC)}
        self.city = await make_organisation(name="市总工会", code="CITY", **long_open)
        self.east = await make_organisation(parent=self.city, name="东区总工会", code="EAST", kind="federation")
        self.west = await make_organisation(parent=self.city, name="西区总工会", code="WEST", kind="federation")
        self.mill = await make_organisation(parent=self.east, name="胥江机械厂工会", code="MILL", member_count=300)
        self.dock = await make_organisation(parent=self.east, name="河东码头工会", code="DOCK", member_count=200)
        self.farm = await make_organisation(parent=self.west, name="西山农场工会", code="FARM")
        await make_organisation(parent=self.east, name="女职工委员会", kind="womens_committee")
        await make_organisation(parent=self.east, name="已撤工会", closed_on=date(2011, 1, 1))
        self.organiser = await make_actor(Role.ORGANISER, self.city, name="市里的人")
        self.east_organiser = await make_actor(Role.ORGANISER, self.east)
        self.west_organiser = await make_actor(Role.ORGANISER, self.west)
        self.contact = await make_actor(Role.CONTACT, self.mill, name="厂里的人")
        self.dock_contact = await make_actor(Role.CONTACT, self.dock)
        self.farm_contact = await make_actor(Role.CONTACT, self.farm)
        return self
