"""Materials in the database: stock never negative, rounds, hand-outs and their tallies, two at once, closed years."""

import asyncio
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from outreach.counting.queries import programme_progress
from outreach.materials.applications import applications_of_round
from outreach.materials.commands.applying import apply, sign_for, withdraw
from outreach.materials.commands.attaching import (
    add_scans,
    follow_ups_of,
    link_session,
    linkable_sessions,
    remove_scan,
    scans_of,
    unlink_session,
)
from outreach.materials.commands.deciding import Decided, confirm_round, propose_again, save_allocation
from outreach.materials.commands.handing_out import change_grant, correct_movement, hand_out
from outreach.materials.commands.items import add_item
from outreach.materials.commands.rounds import cancel_round, end_round, gather_round, open_round, reopen_round
from outreach.materials.commands.stock import give_out, record_change
from outreach.materials.domain.errors import (
    ApplicationStateError,
    ApplyingOverError,
    NotEnoughStockError,
    RoundStateError,
)
from outreach.materials.queries import items_kept, kept_item, movements_of_item, round_by_id, rounds_page
from outreach.programmes.commands import load_programmes
from outreach.programmes.commands.tallies import remove_tally
from outreach.programmes.domain.errors import ClosedYearError
from outreach.programmes.domain.targets import Status
from outreach.programmes.queries import programmes_of_year, targets_of
from outreach.programmes.tables import ProgrammeYear
from outreach.programmes.toml import shipped_notices
from outreach.shared import db
from outreach.shared.actors import Role
from outreach.shared.errors import ForbiddenError, InvalidError, NotFoundError, StaleError
from outreach.shared.ids import new_id
from tests.factories.accounts import make_actor, make_organisation
from tests.factories.events import make_event, make_session
from tests.factories.programmes import make_programme, make_target, make_year
from tests.support.handing_in import incoming, picture
from tests.support.materials import TODAY, UNTIL, MaterialWorld, ledger, stock_of
from tests.support.queries import counted


@pytest.fixture
async def world(database: None, now: datetime) -> MaterialWorld:
    return await MaterialWorld().build(now)


def codes(error: InvalidError) -> list[tuple[str, str]]:
    return [(one.field, one.code) for one in error.problems]


async def actions(object_id: UUID) -> list[str]:
    return [
        row["action"]
        for row in await db.rows("SELECT action FROM accounts_journal WHERE object_id = $1 ORDER BY id", object_id)
    ]


async def close_year(world: MaterialWorld) -> None:
    await make_year(world.root, state="closed")


# --- stock ----------------------------------------------------------------------------------------------------


async def test_stock_is_the_sum_of_its_movements(world: MaterialWorld, now: datetime) -> None:
    await record_change(world.organiser, now, item_id=world.item_id, kind="loss", quantity=12, on=TODAY, note="受潮")
    await give_out(
        world.organiser, now, item_id=world.item_id, quantity=30, on=TODAY, programme_id=world.programme.id,
        target_id=world.target.id, receiver="讲座现场",
    )  # fmt: skip

    assert await stock_of(world.item_id) == (958, 0)
    assert await ledger(world.item_id) == 958
    assert await world.tallies() == [(30, "讲座现场")]
    assert await actions(world.item_id) == [
        "material.added",
        "material.stocked",
        "material.lost",
        "material.handed_out",
    ]
    assert (await kept_item(world.organiser, world.item_id)).handed == 30


async def test_more_than_there_is_does_not_leave(world: MaterialWorld, now: datetime) -> None:
    with pytest.raises(NotEnoughStockError) as refused:
        await record_change(
            world.organiser, now, item_id=world.item_id, kind="loss", quantity=1001, on=TODAY, note="水"
        )

    assert refused.value.facts == {
        "free": 1000, "wanted": 1001, "unit": "套", "name": "安全生产知识丛书", "scope": "loss",
    }  # fmt: skip
    assert await stock_of(world.item_id) == (1000, 0)


async def test_the_database_itself_refuses_a_negative_stock(world: MaterialWorld) -> None:
    for column, value in (("stock", -1), ("reserved", 1001), ("reserved", -1)):
        with pytest.raises(asyncpg.CheckViolationError):
            await db.execute(f"UPDATE materials_item SET {column} = $2 WHERE id = $1", world.item_id, value)


async def test_movements_are_never_changed(world: MaterialWorld) -> None:
    with pytest.raises(asyncpg.RaiseError, match="corrected, not changed"):
        await db.execute("UPDATE materials_movement SET change = 5 WHERE item = $1", world.item_id)


async def test_many_at_once_never_take_more_than_there_is(world: MaterialWorld, now: datetime) -> None:
    """Eight hand-outs of 300 out of 1,000: exactly three."""

    async def one(number: int) -> bool:
        try:
            await give_out(
                world.organiser, now, item_id=world.item_id, quantity=300, on=TODAY, programme_id=world.programme.id,
                target_id=world.target.id, receiver=f"第{number}车间",
            )  # fmt: skip
        except NotEnoughStockError:
            return False
        return True

    taken = await asyncio.gather(*(one(number) for number in range(8)))

    assert sum(taken) == 3
    assert await stock_of(world.item_id) == (100, 0)
    assert await ledger(world.item_id) == 100
    assert [quantity for quantity, _receiver in await world.tallies()] == [300, 300, 300]


async def test_a_form_sent_twice_has_one_effect(world: MaterialWorld, now: datetime) -> None:
    key = new_id()
    made = await asyncio.gather(
        *(
            record_change(
                world.organiser, now, item_id=world.item_id, kind="receipt", quantity=5, on=TODAY, form_key=key
            )
            for _ in range(3)
        )
    )

    assert len({one.id for one in made}) == 1
    assert await stock_of(world.item_id) == (1005, 0)


async def test_what_is_typed_wrong_is_named(world: MaterialWorld, now: datetime) -> None:
    with pytest.raises(InvalidError) as refused:
        await record_change(
            world.organiser, now, item_id=world.item_id, kind="loss", quantity=0, on=date(2015, 9, 16), note=" "
        )
    assert codes(refused.value) == [("quantity", "too-small"), ("on", "in-the-future"), ("note", "required")]

    lectures = await make_target(world.programme, metric="sessions")
    stranger = await make_programme(await make_organisation())
    for programme, target, field in (
        (world.programme.id, lectures.id, "target_id"),
        (world.programme.id, new_id(), "target_id"),
        (stranger.id, None, "programme_id"),
        (new_id(), None, "programme_id"),
    ):
        with pytest.raises(InvalidError) as refused:
            await give_out(
                world.organiser, now, item_id=world.item_id, quantity=1, on=TODAY, programme_id=programme,
                target_id=target, receiver="某厂",
            )  # fmt: skip
        assert [one.field for one in refused.value.problems] == [field]


async def test_stock_is_for_who_runs_its_owner(world: MaterialWorld, now: datetime) -> None:
    district = await make_actor(Role.ORGANISER, world.unions[0])
    for stranger in (district, world.contacts[0], await make_actor(Role.ORGANISER, await make_organisation())):
        with pytest.raises(NotFoundError):
            await record_change(stranger, now, item_id=world.item_id, kind="receipt", quantity=1, on=TODAY)
        assert await items_kept(stranger) == []
        with pytest.raises(InvalidError):
            await add_item(stranger, now, organisation_id=world.root.id, name="手册", unit="本")


# --- 申报 -----------------------------------------------------------------------------------------------------


async def test_units_apply_change_withdraw_and_apply_again(world: MaterialWorld, now: datetime) -> None:
    round_id = await world.a_round(now)
    await world.applied(now, round_id, 400, 100)
    await world.applied(now, round_id, 500)
    first = (await world.lines(round_id))[0]
    assert (first.wanted, first.members, first.state) == (500, 300, "submitted")

    await withdraw(world.contacts[0], now, application_id=first.id)
    assert [one.wanted for one in await world.lines(round_id)] == [100]
    await world.applied(now, round_id, 450)

    assert [one.wanted for one in await world.lines(round_id)] == [450, 100]
    assert await actions(first.id) == [
        "material_application.submitted", "material_application.submitted", "material_application.withdrawn",
        "material_application.submitted",
    ]  # fmt: skip


async def test_who_may_apply_and_until_when(world: MaterialWorld, now: datetime) -> None:
    round_id = await world.a_round(now)
    union = world.unions[0]
    outside = await make_organisation()
    stranger = await make_actor(Role.CONTACT, outside)
    with pytest.raises(NotFoundError):
        await apply(stranger, now, round_id=round_id, organisation_id=outside.id, wanted=1, members=1)
    for actor, organisation in ((world.contacts[1], union), (world.organiser, outside)):
        with pytest.raises(InvalidError) as refused:
            await apply(actor, now, round_id=round_id, organisation_id=organisation.id, wanted=1, members=1)
        assert codes(refused.value) == [("organisation_id", "not-found")]

    later = now + timedelta(days=6)
    with pytest.raises(ApplyingOverError) as over:
        await apply(world.contacts[0], later, round_id=round_id, organisation_id=union.id, wanted=1)
    assert over.value.facts == {"until": "2015-09-20"}
    made = await apply(world.organiser, later, round_id=round_id, organisation_id=union.id, wanted=7)
    assert (made.wanted, made.applied_by_name) == (7, world.organiser.name)


async def test_members_must_be_known(world: MaterialWorld, now: datetime) -> None:
    round_id = await world.a_round(now)
    unknown = await make_organisation(parent=world.root)
    gone = await make_organisation(parent=world.root, closed_on=date(2015, 1, 1), member_count=5)
    with pytest.raises(InvalidError) as refused:
        await apply(world.organiser, now, round_id=round_id, organisation_id=unknown.id, wanted=0)
    assert codes(refused.value) == [("wanted", "too-small"), ("members", "members-unknown")]
    with pytest.raises(InvalidError) as refused:
        await apply(world.organiser, now, round_id=round_id, organisation_id=gone.id, wanted=1)
    assert codes(refused.value) == [("organisation_id", "unit-closed")]


async def test_one_unit_from_two_telephones_is_one_application(world: MaterialWorld, now: datetime) -> None:
    round_id = await world.a_round(now)

    made = await asyncio.gather(
        *(
            apply(world.contacts[0], now, round_id=round_id, organisation_id=world.unions[0].id, wanted=amount)
            for amount in (10, 20, 30)
        )
    )

    assert len({one.id for one in made}) == 1
    assert len(await world.lines(round_id)) == 1


async def test_applying_and_gathering_at_once(world: MaterialWorld, now: datetime) -> None:
    """Whoever comes late is told; whatever was taken is in the proposal."""
    round_id = await world.a_round(now)
    await world.applied(now, round_id, 0, 100)

    async def late() -> bool:
        try:
            await apply(world.contacts[0], now, round_id=round_id, organisation_id=world.unions[0].id, wanted=10)
        except RoundStateError:
            return False
        return True

    taken, _row = await asyncio.gather(late(), gather_round(world.organiser, now, round_id=round_id))

    assert [one.proposed for one in await world.lines(round_id)] == ([10, 100] if taken else [100])


# --- 汇总, 确定 -----------------------------------------------------------------------------------------------


async def test_the_proposal_goes_by_need_and_earlier_rounds(world: MaterialWorld, now: datetime) -> None:
    first = await world.confirmed(now, 0, 100, quantity=100)
    line = (await world.lines(first))[0]
    await hand_out(world.organiser, now, round_id=first, on=TODAY, lines={line.id: None})

    second = await world.a_round(now, quantity=500)
    await world.applied(now, second, 500, 500, 500, hazards=(True, False, False))
    row = await gather_round(world.organiser, now, round_id=second)

    # 300 × 1.5 : 200 − 100 got before : 100 of 500 are 346.2 : 76.9 : 76.9.
    lines = await world.lines(second)
    assert [one.earlier for one in lines] == [0, 100, 0]
    assert [one.proposed for one in lines] == [346, 77, 77]
    assert (row.available, row.granted, row.state) == (500, 500, "gathered")


async def test_an_edited_part_needs_a_reason(world: MaterialWorld, now: datetime) -> None:
    round_id = await world.a_round(now, quantity=600)
    await world.applied(now, round_id, 400, 400, 400)
    row = await gather_round(world.organiser, now, round_id=round_id)
    lines = await world.lines(round_id)
    assert [one.granted for one in lines] == [300, 200, 100]

    with pytest.raises(InvalidError) as refused:
        await save_allocation(
            world.organiser, now, round_id=round_id,
            parts={lines[0].id: Decided(250), lines[1].id: Decided(401, "要得急"), UUID(int=9): Decided(1)},
        )  # fmt: skip
    assert codes(refused.value) == [
        (f"reason-{lines[0].id}", "other-than-proposed"), (f"granted-{lines[1].id}", "more-than-wanted"),
        (f"granted-{UUID(int=9)}", "not-found"),
    ]  # fmt: skip

    after = await save_allocation(
        world.organiser, now, round_id=round_id, revision=row.revision,
        parts={lines[0].id: Decided(250, " 一部分已另外发过 "), lines[1].id: Decided(200, "多余的理由")},
    )  # fmt: skip
    lines = await world.lines(round_id)
    assert [(one.granted, one.reason) for one in lines] == [(250, "一部分已另外发过"), (200, ""), (100, "")]
    assert after.granted == 550
    with pytest.raises(StaleError):
        await save_allocation(world.organiser, now, round_id=round_id, parts={}, revision=row.revision)
    await propose_again(world.organiser, now, round_id=round_id, revision=after.revision)
    assert [one.granted for one in await world.lines(round_id)] == [300, 200, 100]


async def test_confirming_promises_the_stock_and_tells_everybody(world: MaterialWorld, now: datetime) -> None:
    round_id = await world.a_round(now, quantity=300)
    await world.applied(now, round_id, 300, 300, 1)
    await gather_round(world.organiser, now, round_id=round_id)
    lines = await world.lines(round_id)
    await save_allocation(world.organiser, now, round_id=round_id, parts={lines[2].id: Decided(0, "已有")})

    row = await confirm_round(world.organiser, now, round_id=round_id)

    assert (row.state, row.granted) == ("confirmed", 299)
    assert await stock_of(world.item_id) == (1000, 299)
    assert [one.state for one in await world.lines(round_id)] == ["granted", "granted", "declined"]
    told = await db.rows("SELECT kind, organisation_id FROM notifications_outbox_message ORDER BY organisation_id")
    assert [(one["kind"], one["organisation_id"]) for one in told] == [
        ("materials-granted", world.unions[0].id), ("materials-granted", world.unions[1].id),
        ("materials-declined", world.unions[2].id),
    ]  # fmt: skip
    with pytest.raises(NotEnoughStockError):
        await record_change(world.organiser, now, item_id=world.item_id, kind="loss", quantity=702, on=TODAY, note="水")


async def test_two_rounds_confirmed_at_once_promise_no_set_twice(world: MaterialWorld, now: datetime) -> None:
    rounds = [await world.a_round(now, title=title, quantity=700) for title in ("甲", "乙")]
    for one in rounds:
        await world.applied(now, one, 400, 300)
        await gather_round(world.organiser, now, round_id=one)

    async def confirm(round_id: UUID) -> bool:
        try:
            await confirm_round(world.organiser, now, round_id=round_id)
        except NotEnoughStockError:
            return False
        return True

    confirmed = await asyncio.gather(*(confirm(one) for one in rounds))

    assert sorted(confirmed) == [False, True]
    assert await stock_of(world.item_id) == (1000, 700)


async def test_one_round_confirmed_twice_at_once_is_confirmed_once(world: MaterialWorld, now: datetime) -> None:
    round_id = await world.a_round(now)
    await world.applied(now, round_id, 100)
    await gather_round(world.organiser, now, round_id=round_id)

    done = await asyncio.gather(
        *(confirm_round(world.organiser, now, round_id=round_id) for _ in range(3)), return_exceptions=True
    )

    assert sorted(type(one).__name__ for one in done) == ["RoundRow", "RoundStateError", "RoundStateError"]
    assert await stock_of(world.item_id) == (1000, 100)


async def test_what_came_in_after_gathering_is_decided_before_confirming(world: MaterialWorld, now: datetime) -> None:
    round_id = await world.a_round(now)
    await world.applied(now, round_id, 100)
    with pytest.raises(RoundStateError):
        await confirm_round(world.organiser, now, round_id=round_id)
    await gather_round(world.organiser, now, round_id=round_id)
    with pytest.raises(RoundStateError):
        await world.applied(now, round_id, 0, 50)
    await apply(world.organiser, now, round_id=round_id, organisation_id=world.unions[1].id, wanted=50)

    with pytest.raises(RoundStateError) as refused:
        await confirm_round(world.organiser, now, round_id=round_id)

    assert refused.value.facts["scope"] == "undecided"
    await propose_again(world.organiser, now, round_id=round_id)
    assert (await confirm_round(world.organiser, now, round_id=round_id)).granted == 150


async def test_a_round_may_be_opened_again_or_called_off(world: MaterialWorld, now: datetime) -> None:
    round_id = await world.a_round(now)
    with pytest.raises(RoundStateError) as empty:
        await gather_round(world.organiser, now, round_id=round_id)
    assert empty.value.facts["scope"] == "empty"
    await world.applied(now, round_id, 100)
    await gather_round(world.organiser, now, round_id=round_id)
    later = UNTIL + timedelta(days=10)
    row = await reopen_round(world.organiser, now, round_id=round_id, apply_until=later, reason="太少")
    assert (row.state, row.apply_until, row.granted) == ("applying", later, 0)

    row = await cancel_round(world.organiser, now, round_id=round_id, reason="书没有印")

    assert (row.state, row.cancelled_reason) == ("cancelled", "书没有印")
    assert await db.value("SELECT kind FROM notifications_outbox_message") == "materials-cancelled"
    with pytest.raises(RoundStateError):
        await gather_round(world.organiser, now, round_id=round_id)


async def test_rounds_are_run_by_who_runs_the_owner(world: MaterialWorld, now: datetime) -> None:
    round_id = await world.a_round(now)
    await world.applied(now, round_id, 100)
    with pytest.raises(ForbiddenError):
        await gather_round(world.contacts[0], now, round_id=round_id)
    stranger = await make_actor(Role.ORGANISER, await make_organisation())
    with pytest.raises(NotFoundError):
        await gather_round(stranger, now, round_id=round_id)
    assert (await rounds_page(stranger, limit=10)).total == 0
    assert (await rounds_page(world.contacts[0], limit=10)).total == 1
    assert (await rounds_page(world.contacts[0], kept=True, limit=10)).total == 0


# --- 发放 -----------------------------------------------------------------------------------------------------


async def test_hand_outs_leave_the_stock_and_become_tallies(world: MaterialWorld, now: datetime) -> None:
    round_id = await world.confirmed(now, 400, 200)
    lines = await world.lines(round_id)

    await hand_out(world.organiser, now, round_id=round_id, on=TODAY, lines={lines[0].id: 150})
    await hand_out(world.organiser, now, round_id=round_id, on=TODAY, lines={lines[0].id: None, lines[1].id: None})

    assert await stock_of(world.item_id) == (400, 0)
    assert await ledger(world.item_id) == 400
    assert await world.tallies() == [(150, "胥江机械厂工会"), (250, "胥江机械厂工会"), (200, "虞山服饰工会")]
    assert [(one.handed, one.state) for one in await world.lines(round_id)] == [
        (400, "handed_out"), (200, "handed_out"),
    ]  # fmt: skip
    added = await db.value("SELECT count(*) FROM accounts_journal WHERE action = 'tally.added'")
    assert added == 3


async def test_nobody_gets_more_than_granted_even_at_once(world: MaterialWorld, now: datetime) -> None:
    round_id = await world.confirmed(now, 400)
    line = (await world.lines(round_id))[0]

    done = await asyncio.gather(
        *(hand_out(world.organiser, now, round_id=round_id, on=TODAY, lines={line.id: 300}) for _ in range(3)),
        return_exceptions=True,
    )

    assert sorted(type(one).__name__ for one in done) == ["InvalidError", "InvalidError", "list"]
    assert await stock_of(world.item_id) == (700, 100)
    assert await world.tallies() == [(300, "胥江机械厂工会")]


async def test_a_hand_out_sent_twice_is_one(world: MaterialWorld, now: datetime) -> None:
    round_id = await world.confirmed(now, 400, 200)
    lines, key = await world.lines(round_id), new_id()
    wanted: dict[UUID, int | None] = {lines[0].id: 100, lines[1].id: 100}

    done = await asyncio.gather(
        *(hand_out(world.organiser, now, round_id=round_id, on=TODAY, lines=wanted, form_key=key) for _ in range(3))
    )

    assert len({tuple(one.id for one in made) for made in done}) == 1
    assert await stock_of(world.item_id) == (800, 400)


async def test_all_lines_or_none(world: MaterialWorld, now: datetime) -> None:
    round_id = await world.confirmed(now, 400, 200)
    lines = await world.lines(round_id)
    with pytest.raises(InvalidError) as refused:
        await hand_out(
            world.organiser, now, round_id=round_id, on=TODAY, lines={lines[0].id: 1, lines[1].id: 201, UUID(int=1): 1}
        )
    assert codes(refused.value) == [(f"quantity-{lines[1].id}", "more-than-granted"), ("lines", "not-found")]
    assert await stock_of(world.item_id) == (1000, 600)
    for wrong, field in (({}, "lines"), ({lines[0].id: 1}, "on")):
        with pytest.raises(InvalidError) as refused:
            on = TODAY if field == "lines" else date(2015, 9, 16)
            await hand_out(world.organiser, now, round_id=round_id, on=on, lines=wrong)
        assert [one.field for one in refused.value.problems] == [field]


async def test_a_unit_signs_and_signs_again_after_a_correction(world: MaterialWorld, now: datetime) -> None:
    round_id = await world.confirmed(now, 400)
    line = (await world.lines(round_id))[0]
    with pytest.raises(ApplicationStateError):
        await sign_for(world.contacts[0], now, application_id=line.id)
    (moved,) = await hand_out(world.organiser, now, round_id=round_id, on=TODAY, lines={line.id: None})
    with pytest.raises(NotFoundError):
        await sign_for(world.contacts[1], now, application_id=line.id)
    with pytest.raises(ForbiddenError):
        await sign_for(world.organiser, now, application_id=line.id)
    await sign_for(world.contacts[0], now, application_id=line.id)
    assert (await sign_for(world.contacts[0], now, application_id=line.id)).state == "received"

    await correct_movement(world.organiser, now, movement_id=moved.id, quantity=380, reason="点错了")

    line = (await world.lines(round_id))[0]
    assert (line.state, line.handed, line.received_at) == ("handed_out", 380, None)
    assert await stock_of(world.item_id) == (620, 20)
    assert await world.tallies() == [(380, "胥江机械厂工会")]


async def test_correcting_a_hand_out_corrects_its_tally(world: MaterialWorld, now: datetime) -> None:
    moved = await give_out(
        world.organiser, now, item_id=world.item_id, quantity=30, on=TODAY, programme_id=world.programme.id,
        target_id=world.target.id, receiver="讲座现场",
    )  # fmt: skip
    await correct_movement(world.organiser, now, movement_id=moved.id, quantity=50, reason="少记了")
    await correct_movement(world.organiser, now, movement_id=moved.id, quantity=20, reason="又数了一遍")

    assert await stock_of(world.item_id) == (980, 0)
    assert await ledger(world.item_id) == 980
    assert await world.tallies() == [(20, "讲座现场")]
    found = (await movements_of_item(world.item_id, limit=10)).items
    assert [(one.kind, one.change, one.now_is) for one in found] == [
        ("correction", 30, 30), ("correction", -20, 20), ("handout", -30, 20), ("receipt", 1000, 1000),
    ]  # fmt: skip
    changed = await db.rows(
        "SELECT facts->>'quantity' AS q FROM accounts_journal WHERE action = 'tally.changed' ORDER BY id"
    )
    assert [float(one["q"]) for one in changed] == [50, 20]
    with pytest.raises(InvalidError) as same:
        await correct_movement(world.organiser, now, movement_id=moved.id, quantity=20, reason="再")
    assert codes(same.value) == [("quantity", "same-as-before")]
    with pytest.raises(NotFoundError):
        await correct_movement(world.organiser, now, movement_id=found[0].id, quantity=1, reason="再")


async def test_a_tally_taken_back_by_hand_stays_taken_back(world: MaterialWorld, now: datetime) -> None:
    moved = await give_out(
        world.organiser, now, item_id=world.item_id, quantity=30, on=TODAY, programme_id=world.programme.id,
        target_id=world.target.id, receiver="讲座现场",
    )  # fmt: skip
    assert moved.tally_id is not None
    await remove_tally(world.organiser, now, moved.tally_id, reason="不算")
    await correct_movement(world.organiser, now, movement_id=moved.id, quantity=0, reason="没有发")

    assert await world.tallies() == []
    assert await stock_of(world.item_id) == (1000, 0)


async def test_a_receipt_is_not_corrected_below_what_is_promised(world: MaterialWorld, now: datetime) -> None:
    await world.confirmed(now, 400)
    receipt = (await movements_of_item(world.item_id, limit=10)).items[0]
    with pytest.raises(NotEnoughStockError):
        await correct_movement(world.organiser, now, movement_id=receipt.id, quantity=399, reason="少了一箱")
    await correct_movement(world.organiser, now, movement_id=receipt.id, quantity=400, reason="少了一箱")

    assert await stock_of(world.item_id) == (400, 400)


async def test_a_grant_changes_after_confirming_with_a_reason(world: MaterialWorld, now: datetime) -> None:
    round_id = await world.confirmed(now, 600, 400)
    lines = await world.lines(round_id)
    await hand_out(world.organiser, now, round_id=round_id, on=TODAY, lines={lines[0].id: 100})
    for granted, code in ((99, "not-within"), (601, "not-within"), (600, "same-as-before")):
        with pytest.raises(InvalidError) as refused:
            await change_grant(world.organiser, now, application_id=lines[0].id, granted=granted, reason="改")
        assert codes(refused.value) == [("granted", code)]

    one = await change_grant(world.organiser, now, application_id=lines[0].id, granted=500, reason="书受潮")
    other = await change_grant(world.organiser, now, application_id=lines[1].id, granted=0, reason="停产")

    assert (one.granted, one.state, other.granted, other.state) == (500, "handed_out", 0, "declined")
    assert await stock_of(world.item_id) == (900, 400)
    await change_grant(world.organiser, now, application_id=lines[1].id, granted=400, reason="又开工")
    assert await stock_of(world.item_id) == (900, 800)


async def test_the_end_frees_what_nobody_came_for(world: MaterialWorld, now: datetime) -> None:
    round_id = await world.confirmed(now, 400, 200)
    lines = await world.lines(round_id)
    (moved,) = await hand_out(world.organiser, now, round_id=round_id, on=TODAY, lines={lines[0].id: None})
    with pytest.raises(InvalidError) as refused:
        await end_round(world.organiser, now, round_id=round_id)
    assert codes(refused.value) == [("reason", "left-over")]

    row = await end_round(world.organiser, now, round_id=round_id, reason="停产")

    assert row.state == "handed_out"
    assert await stock_of(world.item_id) == (600, 0)
    assert [one.state for one in await world.lines(round_id)] == ["handed_out", "uncollected"]
    with pytest.raises(RoundStateError):
        await hand_out(world.organiser, now, round_id=round_id, on=TODAY, lines={lines[1].id: None})
    # Corrected after the end, it goes back into the free stock: nothing is promised any more.
    await correct_movement(world.organiser, now, movement_id=moved.id, quantity=0, reason="没有来领")
    assert await stock_of(world.item_id) == (1000, 0)
    assert [one.state for one in await world.lines(round_id)] == ["uncollected", "uncollected"]
    assert await world.tallies() == [(0, "胥江机械厂工会")]


# --- a closed year --------------------------------------------------------------------------------------------


async def test_a_closed_year_takes_no_hand_out_and_no_correction(world: MaterialWorld, now: datetime) -> None:
    round_id = await world.confirmed(now, 400, 200)
    lines = await world.lines(round_id)
    (moved,) = await hand_out(world.organiser, now, round_id=round_id, on=TODAY, lines={lines[0].id: 100})
    open_one = await world.a_round(now, title="第二轮")
    await close_year(world)

    with pytest.raises(ClosedYearError):
        await hand_out(world.organiser, now, round_id=round_id, on=TODAY, lines={lines[1].id: None})
    with pytest.raises(ClosedYearError):
        await correct_movement(world.organiser, now, movement_id=moved.id, quantity=1, reason="错")
    with pytest.raises(ClosedYearError):
        await give_out(
            world.organiser, now, item_id=world.item_id, quantity=1, on=TODAY, programme_id=world.programme.id,
            target_id=None, receiver="某厂",
        )  # fmt: skip
    with pytest.raises(ClosedYearError):
        await world.a_round(now)
    with pytest.raises(ClosedYearError):
        await world.applied(now, open_one, 10)
    with pytest.raises(ClosedYearError):
        await change_grant(world.organiser, now, application_id=lines[1].id, granted=1, reason="改")
    assert await stock_of(world.item_id) == (900, 500)
    assert await world.tallies() == [(100, "胥江机械厂工会")]
    # What nobody came for does not stay promised for ever; no figure changes by that.
    assert (await end_round(world.organiser, now, round_id=round_id, reason="没有来领")).state == "handed_out"
    assert (await cancel_round(world.organiser, now, round_id=open_one, reason="明年再发")).state == "cancelled"
    assert await stock_of(world.item_id) == (900, 0)
    assert await world.tallies() == [(100, "胥江机械厂工会")]
    # The stock itself belongs to no year, and a unit may still sign.
    await record_change(world.organiser, now, item_id=world.item_id, kind="receipt", quantity=5, on=TODAY)
    assert (await sign_for(world.contacts[0], now, application_id=lines[0].id)).state == "received"


async def test_closing_and_handing_out_at_once(world: MaterialWorld, now: datetime) -> None:
    """The hand-out holds the year open: it is before the closing, or refused."""
    round_id = await world.confirmed(now, 400)
    line = (await world.lines(round_id))[0]
    year = await make_year(world.root)

    async def close() -> None:
        async with db.atomic():
            await db.execute("SELECT 1 FROM programmes_year WHERE id = $1 FOR UPDATE", year.id)
            await db.execute("UPDATE programmes_year SET state = 'closed' WHERE id = $1", year.id)

    made, _none = await asyncio.gather(
        hand_out(world.organiser, now, round_id=round_id, on=TODAY, lines={line.id: None}), close(),
        return_exceptions=True,
    )  # fmt: skip

    assert (await ProgrammeYear.objects().get(ProgrammeYear.id == year.id)).state == "closed"  # type: ignore[union-attr]
    assert len(await world.tallies()) == (0 if isinstance(made, ClosedYearError) else 1)


# --- scans, follow-ups ----------------------------------------------------------------------------------------


async def test_scans_are_kept_once_and_taken_away_with_a_reason(
    world: MaterialWorld, now: datetime, tmp_path: Path
) -> None:
    round_id = await world.a_round(now)
    await world.applied(now, round_id, 100)
    with pytest.raises(RoundStateError):
        await add_scans(world.organiser, now, round_id=round_id, files=[incoming(picture())], home=tmp_path)
    await gather_round(world.organiser, now, round_id=round_id)
    await confirm_round(world.organiser, now, round_id=round_id)
    (tmp_path / "files").mkdir()

    added = await add_scans(
        world.organiser, now, round_id=round_id, files=[incoming(picture(), "签收表13900000000.jpg")], home=tmp_path
    )
    again = await add_scans(world.organiser, now, round_id=round_id, files=[incoming(picture())], home=tmp_path)

    assert (added, again) == (1, 0)
    (scan,) = await scans_of(round_id)
    assert (scan.name, scan.media_type) == ("签收表****0000.jpg", "image/jpeg")
    for bad in ([], [incoming(b"MZ hello")]):
        with pytest.raises(InvalidError):
            await add_scans(world.organiser, now, round_id=round_id, files=bad, home=tmp_path)
    with pytest.raises(ForbiddenError):
        await remove_scan(world.contacts[0], now, round_id=round_id, scan_id=scan.id, reason="错")
    with pytest.raises(InvalidError):
        await remove_scan(world.organiser, now, round_id=round_id, scan_id=scan.id, reason=" ")
    await remove_scan(world.organiser, now, round_id=round_id, scan_id=scan.id, reason="传错了")
    assert await scans_of(round_id) == []
    assert (await actions(round_id))[-2:] == ["material_round.scanned", "material_round.scan_removed"]


async def test_sessions_of_the_programme_follow_up_a_round(world: MaterialWorld, now: datetime) -> None:
    round_id = await world.a_round(now)
    row = await round_by_id(round_id)
    event = await make_event(world.programme, title="安全操作训练", kind="操作训练")
    session = await make_session(event, host=world.unions[0].id)
    foreign = await make_session(await make_event(await make_programme(world.root)))
    assert [one.id for one in await linkable_sessions(row)] == [session.id]

    await link_session(world.organiser, now, round_id=round_id, session_id=session.id)
    await link_session(world.organiser, now, round_id=round_id, session_id=session.id)

    assert [(one.title, one.kind, one.host_name) for one in await follow_ups_of(round_id)] == [
        ("安全操作训练", "操作训练", "胥江机械厂工会")
    ]
    assert await linkable_sessions(row) == []
    with pytest.raises(InvalidError):
        await link_session(world.organiser, now, round_id=round_id, session_id=foreign.id)
    await unlink_session(world.organiser, now, round_id=round_id, session_id=session.id)
    with pytest.raises(NotFoundError):
        await unlink_session(world.organiser, now, round_id=round_id, session_id=session.id)
    assert await follow_ups_of(round_id) == []


# --- reading --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 3])
async def test_lists_ask_as_often_for_one_as_for_three(world: MaterialWorld, now: datetime, number: int) -> None:
    for _ in range(number - 1):
        await world.a_round(now)
    round_id = await world.a_round(now)
    await world.applied(now, round_id, *([10] * number))

    with counted() as sent:
        rounds = await rounds_page(world.organiser, limit=2)
        lines = await applications_of_round(round_id)
        await movements_of_item(world.item_id, limit=2)
        await items_kept(world.organiser)

    assert len(sent) == 7
    assert (rounds.total, lines.total) == (number, number)
    if rounds.next:
        rest = await rounds_page(world.organiser, limit=2, after=rounds.next)
        assert {one.id for one in rest.items}.isdisjoint(one.id for one in rounds.items)


# --- the promises of 2015 ----------------------------------------------------------------------------------------


async def test_the_books_and_handbooks_of_2015_are_counted_by_handing_them_out(database: None, now: datetime) -> None:
    """发放10000套以上丛书 by two rounds to forty enterprises, 免费发放20000本以上手册 at lectures."""
    city = await make_organisation(name="苏州市总工会")
    await load_programmes(shipped_notices()["suzhou-2015"], now=now)
    organiser = await make_actor(Role.ORGANISER, city)
    programmes = {one.code: one for one in await programmes_of_year(2015, city.path)}
    books, minds = programmes["safety-books"], programmes["psychology"]
    targets = await targets_of([books.id, minds.id])
    sets = next(one for one in targets[books.id] if one.key == "book-sets")
    handbooks = next(one for one in targets[minds.id] if one.key == "handbooks")
    units = [
        await make_organisation(parent=city, member_count=100 + 10 * number, ownership="non_public")
        for number in range(40)
    ]
    item = await add_item(organiser, now, organisation_id=city.id, name="安全生产知识丛书", unit="套")
    await record_change(organiser, now, item_id=item, kind="receipt", quantity=10_000, on=TODAY, note="印刷厂")

    for title, quantity in (("上半年", 6_000), ("下半年", 4_000)):
        round_id = await open_round(
            organiser, now, item_id=item, title=title, programme_id=books.id, target_id=sets.id, quantity=quantity,
            apply_until=UNTIL,
        )  # fmt: skip
        for number, one in enumerate(units):
            await apply(organiser, now, round_id=round_id, organisation_id=one.id, wanted=500, hazard=number % 2 == 0)
        assert (await gather_round(organiser, now, round_id=round_id)).granted == quantity
        await confirm_round(organiser, now, round_id=round_id)
        lines = {one.id: None for one in (await applications_of_round(round_id)).items if one.left}
        await hand_out(organiser, now, round_id=round_id, on=TODAY, lines=lines)
        await end_round(organiser, now, round_id=round_id)
    book = await add_item(organiser, now, organisation_id=city.id, name="职工心理健康自助手册", unit="本")
    await record_change(organiser, now, item_id=book, kind="receipt", quantity=21_000, on=TODAY)
    for place in range(50):
        await give_out(
            organiser, now, item_id=book, quantity=400, on=TODAY, programme_id=minds.id, target_id=handbooks.id,
            receiver=f"第{place + 1}场讲座",
        )  # fmt: skip

    assert await stock_of(item) == (0, 0)
    assert await stock_of(book) == (1_000, 0)
    figures = {
        target.key: (target.actual, target.status)
        for programme in (books, minds)
        for target in (await programme_progress(programme.id, TODAY, now=now)).targets
    }
    assert figures["book-sets"] == (10_000, Status.MET)
    assert figures["handbooks"] == (20_000, Status.MET)
