"""What units are told of a round of materials, whom it reaches, and a target that a round counts for."""

from datetime import datetime
from uuid import UUID

import msgspec
import pytest

from outreach.app import install_all_phrases
from outreach.bookings.telling.queries import counts_of, units_to_tell
from outreach.materials.commands.deciding import Decided, confirm_round, save_allocation
from outreach.materials.commands.handing_out import change_grant
from outreach.materials.commands.rounds import cancel_round, gather_round
from outreach.notifications.domain.topics import MessageTopic, topic_of
from outreach.notifications.routing import route
from outreach.notifications.wording import message_href, message_text
from outreach.programmes.commands.programmes import remove_target
from outreach.programmes.domain.errors import TargetInUseError
from outreach.programmes.tables import Target
from outreach.shared import db
from outreach.shared.actors import Role
from tests.factories.accounts import make_actor, make_organisation
from tests.support.materials import MaterialWorld


@pytest.fixture
async def world(database: None, now: datetime) -> MaterialWorld:
    return await MaterialWorld().build(now)


async def told() -> list[tuple[UUID, str, str]]:
    """To whom, in which words, and where it leads; the oldest first."""
    rows = await db.rows(
        """SELECT kind, organisation_id, object_kind, object_id, facts FROM notifications_outbox_message
            ORDER BY created_at, id"""
    )
    assert {topic_of(one["kind"]) for one in rows} <= {MessageTopic.MATERIALS}
    said = []
    for one in rows:
        facts = msgspec.json.decode(one["facts"])
        href = message_href(one["object_kind"], one["object_id"], facts)
        said.append((one["organisation_id"], message_text(one["kind"], facts), href))
    return said


async def test_units_are_told_what_they_get_and_why(world: MaterialWorld, now: datetime) -> None:
    round_id = await world.a_round(now, title="第一批丛书", quantity=300)
    await world.applied(now, round_id, 200, 200, 50)
    await gather_round(world.organiser, now, round_id=round_id)
    lines = await world.lines(round_id)
    decided = (Decided(160, "存在职业危害"), Decided(140, "其余的"), Decided(0, "去年刚发过"))
    parts = {line.id: part for line, part in zip(lines, decided, strict=True)}
    await save_allocation(world.organiser, now, round_id=round_id, parts=parts)
    assert await told() == []
    await confirm_round(world.organiser, now, round_id=round_id)
    href = f"/materials/{round_id}"
    assert set(await told()) == {
        (world.unions[0].id, "物资分配已确定：“第一批丛书”，分到160套。原因：存在职业危害", href),
        (world.unions[1].id, "物资分配已确定：“第一批丛书”，分到140套。原因：其余的", href),
        (world.unions[2].id, "这一轮没有分到：“第一批丛书”。原因：去年刚发过", href),
    }
    await change_grant(world.organiser, now, application_id=lines[0].id, granted=0, reason="书受潮")
    assert (await told())[-1] == (world.unions[0].id, "这一轮没有分到：“第一批丛书”。原因：书受潮", href)


async def test_those_who_applied_hear_that_a_round_is_called_off(world: MaterialWorld, now: datetime) -> None:
    round_id = await world.a_round(now, title="第一批丛书")
    await world.applied(now, round_id, 100, 0, 50)
    await cancel_round(world.organiser, now, round_id=round_id, reason="书没有印")
    said = "物资申报已取消：“第一批丛书”。原因：书没有印"
    assert {one[:2] for one in await told()} == {(world.unions[0].id, said), (world.unions[2].id, said)}


async def test_who_runs_the_stock_rings_those_who_get_something_and_cannot_be_reached(
    world: MaterialWorld, now: datetime
) -> None:
    """The owner of the stock rings, not those of the unit; about nothing to fetch nobody is rung."""
    install_all_phrases()
    below = await make_actor(Role.ORGANISER, world.unions[0])
    foreign = await make_actor(Role.ORGANISER, await make_organisation(name="别的总工会"))
    round_id = await world.a_round(now, title="第一批丛书", quantity=300)
    await world.applied(now, round_id, 200, 0, 50)
    await gather_round(world.organiser, now, round_id=round_id)
    line = (await world.lines(round_id))[1]
    await save_allocation(world.organiser, now, round_id=round_id, parts={line.id: Decided(0, "去年刚发过")})
    await confirm_round(world.organiser, now, round_id=round_id)

    await route(now, {"mail"})

    assert await db.value("SELECT array_agg(DISTINCT owner_id) FROM notifications_delivery") == [world.root.id]
    assert (await counts_of(world.organiser, now)).waiting == 1
    assert [(await counts_of(one, now)).waiting for one in (below, foreign)] == [0, 0]
    [unit] = await units_to_tell(world.organiser, now, base_url="http://x", topic="materials")
    assert (unit.name, next(one.text for one in unit.messages)[:8]) == (world.unions[0].name, "物资分配已确定：")
    assert await units_to_tell(world.organiser, now, base_url="http://x", topic="orders") == []


async def test_a_target_that_a_round_counts_for_stays(world: MaterialWorld, now: datetime) -> None:
    await world.a_round(now)
    with pytest.raises(TargetInUseError):
        await remove_target(world.organiser, now, world.target.id, reason="写错了")
    assert await Target.exists().where(Target.id == world.target.id)
