"""A federation that hands out book sets, with three unions, as in 发放万套安全生产知识丛书 of 2015."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from outreach.accounts.tables import Organisation
from outreach.materials.applications import ApplicationRow, applications_of_round
from outreach.materials.commands.applying import apply
from outreach.materials.commands.deciding import confirm_round
from outreach.materials.commands.items import add_item
from outreach.materials.commands.rounds import gather_round, open_round
from outreach.materials.commands.stock import record_change
from outreach.programmes.tables import Programme, Target
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from tests.factories.accounts import make_actor, make_organisation
from tests.factories.programmes import make_programme, make_target

__all__ = ["UNTIL", "MaterialWorld", "ledger", "stock_of"]

UNTIL, TODAY = date(2015, 9, 20), date(2015, 9, 15)


class MaterialWorld:
    """1,000 sets in stock; unions of 300 (with a hazard), 200 and 100 members."""

    root: Organisation
    unions: list[Organisation]
    contacts: list[Actor]
    organiser: Actor
    programme: Programme
    target: Target
    item_id: UUID

    async def build(self, now: datetime, *, stock: int = 1000) -> "MaterialWorld":
        self.root = await make_organisation(name="市总工会")
        self.organiser = await make_actor(Role.ORGANISER, self.root)
        names = (("胥江机械厂工会", 300), ("虞山服饰工会", 200), ("木渎电子厂工会", 100))
        self.unions = [
            await make_organisation(parent=self.root, name=name, member_count=members) for name, members in names
        ]
        self.contacts = [await make_actor(Role.CONTACT, one) for one in self.unions]
        self.programme = await make_programme(
            self.root, name="发放万套安全生产知识丛书", code="safety-books", kinds=["集中学习", "操作训练", "技能竞赛"]
        )
        self.target = await make_target(
            self.programme, key="book-sets", metric="tally", label="安全生产知识丛书", unit="套", value=10000.0
        )
        self.item_id = await add_item(
            self.organiser, now, organisation_id=self.root.id, name="安全生产知识丛书", unit="套"
        )
        if stock:
            await record_change(
                self.organiser, now, item_id=self.item_id, kind="receipt", quantity=stock, on=TODAY, note="印刷厂"
            )
        return self

    async def a_round(self, now: datetime, **given: Any) -> UUID:
        """Open, of all that is in stock, counted for the target."""
        values: dict[str, Any] = {
            "item_id": self.item_id, "title": "第一轮", "programme_id": self.programme.id, "target_id": self.target.id,
            "quantity": 1000, "apply_until": UNTIL,
        }  # fmt: skip
        return await open_round(self.organiser, now, **{**values, **given})

    async def applied(self, now: datetime, round_id: UUID, *wanted: int, hazards: tuple[bool, ...] = ()) -> None:
        """Each union asks for so many; 0: it does not ask."""
        for number, amount in enumerate(wanted):
            if amount:
                await apply(
                    self.contacts[number], now, round_id=round_id, organisation_id=self.unions[number].id,
                    wanted=amount, hazard=hazards[number] if hazards else False,
                )  # fmt: skip

    async def confirmed(self, now: datetime, *wanted: int, **given: Any) -> UUID:
        """A round that is confirmed as the rule says."""
        round_id = await self.a_round(now, **given)
        await self.applied(now, round_id, *wanted)
        await gather_round(self.organiser, now, round_id=round_id)
        await confirm_round(self.organiser, now, round_id=round_id)
        return round_id

    async def lines(self, round_id: UUID) -> list[ApplicationRow]:
        """The live applications, in the order in which the unions were made."""
        found = {one.organisation_id: one for one in (await applications_of_round(round_id)).items}
        return [found[one.id] for one in self.unions if one.id in found]

    async def tallies(self) -> list[tuple[float, str]]:
        """Quantity and receiver of every entry of the target."""
        rows = await db.rows(
            "SELECT quantity, receiver FROM programmes_tally WHERE target = $1 ORDER BY created_at, id", self.target.id
        )
        return [(row["quantity"], row["receiver"]) for row in rows]


async def stock_of(item_id: UUID) -> tuple[int, int]:
    """What is in stock, and what of it is promised."""
    row = await db.row("SELECT stock, reserved FROM materials_item WHERE id = $1", item_id)
    assert row is not None
    return row["stock"], row["reserved"]


async def ledger(item_id: UUID) -> int:
    """The sum of the movements: always what is in stock."""
    return int(await db.value("SELECT coalesce(sum(change), 0) FROM materials_movement WHERE item = $1", item_id))
