"""Costs in the database: what counts, what does not, two at once, and how many questions are asked."""

import asyncio
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from outreach.accounts.tables import Organisation
from outreach.attendance.costs.budget import (
    BudgetView,
    Costed,
    budget_view,
    costed_sessions,
    lines_of_year,
    provider_sums,
)
from outreach.attendance.costs.commands import change_cost, record_cost, remove_cost
from outreach.attendance.costs.domain.drafts import CostDraft
from outreach.attendance.costs.domain.errors import TooManyCostsError
from outreach.attendance.costs.fees import fees_of_programme, fees_of_session
from outreach.attendance.costs.queries import (
    CostRow,
    Spending,
    cost_by_id,
    costs_of,
    spending_of_programmes,
    visits_of,
)
from outreach.attendance.tables import Attendee, Cost
from outreach.events.domain.errors import SessionStateError
from outreach.events.tables import Event, Provider, Session
from outreach.programmes.domain.errors import ClosedYearError
from outreach.programmes.tables import Programme
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from outreach.shared.errors import ForbiddenError, InvalidError, NotFoundError, StaleError
from outreach.shared.ids import new_id
from outreach.shared.time import ZONE
from tests.factories.accounts import LONG_AGO, make_actor, make_organisation
from tests.factories.bookings import make_headcount
from tests.factories.events import make_event, make_provider, make_session
from tests.factories.programmes import make_programme, make_year
from tests.support.queries import counted

AS_OF = date(2015, 9, 15)
MAY = datetime(2015, 5, 12, 9, tzinfo=ZONE)
FEE = CostDraft(kind="fee", amount_fen=120_000, half_hours=4, source="本级工会经费")


class World:
    """A federation, its organiser, a programme with a budget, two lecturers, and one held session."""

    root: Organisation
    organiser: Actor
    programme: Programme
    event: Event
    lecturer: Provider
    troupe: Provider
    session: Session


@pytest.fixture
async def world(database: None) -> World:
    made = World()
    made.root = await make_organisation(name="市总工会")
    made.organiser = await make_actor(Role.ORGANISER, made.root)
    made.programme = await make_programme(made.root, budget_yuan=50_000)
    made.event = await make_event(made.programme)
    made.lecturer = await make_provider(made.root, name="沈若兰")
    made.troupe = await make_provider(made.root, name="锡剧团", kind="troupe")
    made.session = await held(made, providers=(made.lecturer,))
    return made


async def held(world: World, **given: Any) -> Session:
    return await make_session(world.event, **{"state": "held", "starts_at": MAY, **given})


async def make_cost(session: Session, **given: Any) -> Cost:
    made = Cost(
        **{
            "session": session.id,
            "kind": "fee",
            "amount_fen": 100_000,
            "source": "财政资金",
            "created_at": LONG_AGO,
            "changed_at": LONG_AGO,
            **given,
        }
    )
    await made.save()
    return made


async def journal() -> list[dict[str, Any]]:
    rows = await db.rows("SELECT action, reason, facts FROM accounts_journal WHERE action LIKE 'cost.%' ORDER BY id")
    return [{"action": r["action"], "reason": r["reason"], **msgspec.json.decode(r["facts"])} for r in rows]


async def spent(world: World, as_of: date = AS_OF) -> Spending:
    return (await spending_of_programmes([world.programme.id], year=2015, as_of=as_of))[world.programme.id]


# --- lines -----------------------------------------------------------------------------------------------------------


async def test_a_line_is_recorded_changed_and_removed_and_the_journal_keeps_both_amounts(
    world: World, now: datetime
) -> None:
    draft = CostDraft(
        kind="fee", amount_fen=120_000, half_hours=4, source="本级工会经费", provider_id=world.lecturer.id
    )
    first = await record_cost(world.organiser, now, session_id=world.session.id, draft=draft)
    same = await change_cost(world.organiser, now, cost_id=first.id, changed=lambda _row: draft, revision=1)
    other = CostDraft(kind="fee", amount_fen=150_050, half_hours=4, provider_id=world.lecturer.id, note="加半场")
    second = await change_cost(world.organiser, now, cost_id=first.id, changed=lambda _row: other, revision=1)
    removed = await remove_cost(world.organiser, now, cost_id=first.id, reason=" 记错了场次 ", revision=2)

    assert (first.provider_name, first.amount_fen, first.half_hours, first.revision) == ("沈若兰", 120_000, 4, 1)
    assert same == first
    assert (second.amount_fen, second.note, second.revision) == (150_050, "加半场", 2)
    assert removed == second
    assert await costs_of([world.session.id]) == {world.session.id: []}
    assert await Cost.count() == 1
    recorded = ["讲课费、演出费", "沈若兰", "2课时", "1,200.00元", "本级工会经费"]
    changed = ["讲课费、演出费", "沈若兰", "2课时", "1,500.50元"]
    assert await journal() == [
        {"action": "cost.recorded", "reason": "", "from": ["—"], "from_fen": None, "to": recorded, "to_fen": 120_000},
        {
            "action": "cost.changed",
            "reason": "",
            "from": recorded,
            "from_fen": 120_000,
            "to": changed,
            "to_fen": 150_050,
        },
        {
            "action": "cost.removed",
            "reason": "记错了场次",
            "from": changed,
            "from_fen": 150_050,
            "to": ["—"],
            "to_fen": None,
        },
    ]


async def test_a_form_sent_twice_is_one_line(world: World, now: datetime) -> None:
    async def send(key: UUID) -> CostRow:
        return await record_cost(world.organiser, now, session_id=world.session.id, draft=FEE, form_key=key)

    key = new_id()
    first, second = await asyncio.gather(send(key), send(key))
    third = await send(key)
    another = await send(new_id())

    assert first == second == third
    assert another.id != first.id
    assert [one.id for one in (await costs_of([world.session.id]))[world.session.id]] == [first.id, another.id]
    assert len(await journal()) == 2


async def test_the_key_of_a_form_makes_no_line_elsewhere(world: World, now: datetime) -> None:
    key, elsewhere = new_id(), await held(world)
    await record_cost(world.organiser, now, session_id=world.session.id, draft=FEE, form_key=key)
    with pytest.raises(InvalidError) as refused:
        await record_cost(world.organiser, now, session_id=elsewhere.id, draft=FEE, form_key=key)

    assert [one.field for one in refused.value.problems] == ["form_key"]
    assert (await costs_of([elsewhere.id]))[elsewhere.id] == []


async def test_two_edits_at_once_and_one_wins(world: World, now: datetime) -> None:
    line = await record_cost(world.organiser, now, session_id=world.session.id, draft=FEE)

    async def edit(fen: int) -> int:
        draft = CostDraft(kind="fee", amount_fen=fen)
        row = await change_cost(world.organiser, now, cost_id=line.id, changed=lambda _row: draft, revision=1)
        return row.amount_fen

    done = await asyncio.gather(*(edit(fen) for fen in (100, 200, 300)), return_exceptions=True)

    won = [one for one in done if isinstance(one, int)]
    assert len(won) == 1
    assert [type(one) for one in done if not isinstance(one, int)] == [StaleError, StaleError]
    assert ((await cost_by_id(line.id)).amount_fen, (await cost_by_id(line.id)).revision) == (won[0], 2)
    assert len(await journal()) == 2


async def test_changing_and_removing_at_once(world: World, now: datetime) -> None:
    line = await record_cost(world.organiser, now, session_id=world.session.id, draft=FEE)
    edit = change_cost(
        world.organiser, now, cost_id=line.id, changed=lambda _row: CostDraft(kind="other", amount_fen=5), revision=1
    )
    done = await asyncio.gather(
        edit,
        remove_cost(world.organiser, now, cost_id=line.id, reason="重复", revision=1),
        return_exceptions=True,
    )

    assert sorted(isinstance(one, CostRow) for one in done) == [False, True]
    assert isinstance(next(one for one in done if not isinstance(one, CostRow)), StaleError | NotFoundError)
    assert len(await journal()) == 2


async def test_states_of_the_session(world: World, now: datetime) -> None:
    for state in ("published", "held", "closed", "cancelled"):
        session = await make_session(world.event, state=state, starts_at=MAY)
        row = await record_cost(world.organiser, now, session_id=session.id, draft=FEE)
        assert row.amount_fen == 120_000
    draft = await make_session(world.event, state="draft", published_at=None)
    with pytest.raises(SessionStateError):
        await record_cost(world.organiser, now, session_id=draft.id, draft=FEE)


async def test_a_closed_session_changes_with_a_reason_only(world: World, now: datetime) -> None:
    line = await record_cost(world.organiser, now, session_id=world.session.id, draft=FEE)
    await db.execute("UPDATE events_session SET state = 'closed' WHERE id = $1", world.session.id)
    other = CostDraft(kind="fee", amount_fen=1)
    with pytest.raises(InvalidError) as refused:
        await change_cost(world.organiser, now, cost_id=line.id, changed=lambda _row: other)
    await change_cost(world.organiser, now, cost_id=line.id, changed=lambda _row: other, reason="按发票更正")
    with pytest.raises(InvalidError):
        await remove_cost(world.organiser, now, cost_id=line.id, reason="　")

    assert [one.field for one in refused.value.problems] == ["reason"]
    assert [one["reason"] for one in await journal()] == ["", "按发票更正"]


async def test_nothing_moves_in_a_closed_year(world: World, now: datetime) -> None:
    line = await record_cost(world.organiser, now, session_id=world.session.id, draft=FEE)
    await make_year(world.root, state="closed")
    for refused in (
        record_cost(world.organiser, now, session_id=world.session.id, draft=FEE),
        change_cost(world.organiser, now, cost_id=line.id, changed=lambda _row: CostDraft(kind="other", amount_fen=1)),
        remove_cost(world.organiser, now, cost_id=line.id, reason="重复"),
    ):
        with pytest.raises(ClosedYearError):
            await refused

    assert await cost_by_id(line.id) == line


async def test_only_who_runs_the_session(world: World, now: datetime) -> None:
    line = await record_cost(world.organiser, now, session_id=world.session.id, draft=FEE)
    hidden = await held(world, visibility="host")
    unseen = await make_cost(hidden)
    union = await make_organisation(parent=world.root)
    stranger = await make_actor(Role.ORGANISER, await make_organisation(name="邻市总工会"))
    for actor, known in (
        (await make_actor(Role.CONTACT, union), ForbiddenError),
        (await make_actor(Role.EVALUATOR, world.root), ForbiddenError),
        (stranger, ForbiddenError),
    ):
        for session_id, cost_id, error in (
            (world.session.id, line.id, known),
            (hidden.id, unseen.id, NotFoundError),
        ):
            with pytest.raises(error):
                await record_cost(actor, now, session_id=session_id, draft=FEE)
            with pytest.raises(error):
                await change_cost(actor, now, cost_id=cost_id, changed=lambda _row: FEE)
            with pytest.raises(error):
                await remove_cost(actor, now, cost_id=cost_id, reason="重复")
    with pytest.raises(NotFoundError):
        await remove_cost(world.organiser, now, cost_id=new_id(), reason="重复")

    assert (await Cost.count(), len(await journal())) == (2, 1)


async def test_a_provider_of_another_session_is_refused(world: World, now: datetime) -> None:
    draft = CostDraft(kind="fee", amount_fen=1, provider_id=world.troupe.id)
    with pytest.raises(InvalidError) as refused:
        await record_cost(world.organiser, now, session_id=world.session.id, draft=draft)
    kept = await make_cost(world.session, provider=world.troupe.id)
    changed = await change_cost(world.organiser, now, cost_id=kept.id, changed=lambda _row: draft)

    assert [(one.field, one.code) for one in refused.value.problems] == [("provider_id", "not-found")]
    assert (changed.amount_fen, changed.provider_name) == (1, "锡剧团")


async def test_lines_of_a_session_are_bounded(world: World, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("outreach.attendance.costs.commands.MOST_COSTS", 1)
    await record_cost(world.organiser, now, session_id=world.session.id, draft=FEE)
    with pytest.raises(TooManyCostsError):
        await record_cost(world.organiser, now, session_id=world.session.id, draft=FEE)


# --- what counts -----------------------------------------------------------------------------------------------------


async def test_spending_counts_held_and_closed_sessions_by_the_day(world: World) -> None:
    await make_cost(world.session, provider=world.lecturer.id, half_hours=4, amount_fen=120_050)
    await make_cost(world.session, kind="venue", amount_fen=30_000, source="")
    await make_cost(world.session, kind="other", amount_fen=99_999, removed_at=LONG_AGO)
    closed = await held(world, state="closed", starts_at=MAY + timedelta(days=40))
    await make_cost(closed, kind="travel", amount_fen=5_000)
    for given in (
        {"state": "cancelled"},
        {"state": "published"},
        {"state": "draft", "published_at": None},
        {"starts_at": datetime(2014, 12, 31, 23, tzinfo=ZONE)},
        {"starts_at": datetime(2016, 1, 1, 0, tzinfo=ZONE)},
        {"starts_at": datetime(2015, 9, 16, 0, tzinfo=ZONE)},
    ):
        await make_cost(await held(world, **given), amount_fen=77_777)
    await make_headcount(world.session, total=100)
    await make_headcount(closed, on=date(2015, 6, 21), total=51)
    unnamed = await held(world)
    await make_headcount(unnamed, total=1000)
    other = await make_programme(world.root)

    assert await spending_of_programmes([world.programme.id, other.id], year=2015, as_of=AS_OF) == {
        world.programme.id: Spending(
            155_050,
            {"财政资金": 125_050, "": 30_000},
            {"fee": 120_050, "venue": 30_000, "travel": 5_000},
            sessions=2,
            visits=151,
        ),
        other.id: Spending(),
    }
    assert (await spent(world)).fen_per_session == 77_525
    assert (await spent(world)).fen_per_visit == 1_027
    assert await spent(world, date(2015, 5, 11)) == Spending()
    assert (await spent(world, date(2015, 5, 12))).total_fen == 150_050
    assert (await spent(world, date(2015, 9, 16))).total_fen == 232_827


async def test_visits_are_counted_by_day_and_once(world: World) -> None:
    last = MAY + timedelta(days=2)
    show = await held(world, multi_day=True, ends_at=last + timedelta(hours=8))
    await make_cost(show, amount_fen=1_000)
    await make_headcount(show, on=date(2015, 5, 12), total=10)
    await make_headcount(show, on=date(2015, 5, 14), total=30)
    for on in (date(2015, 5, 12), date(2015, 5, 13)):
        await Attendee(
            session=show.id, on=on, name="甲", identity="i", present=True, came_by="qr", checked_in_at=MAY,
            created_at=LONG_AGO, changed_at=LONG_AGO,
        ).save()  # fmt: skip

    assert await visits_of(show.id) == 41
    assert (await spent(world)).visits == 41
    assert (await spent(world, date(2015, 5, 13))).visits == 11
    found = await costed_sessions(
        world.programme.id, year=2015, as_of=date(2015, 5, 13), show="held", total=2, limit=50
    )
    assert {one.id: (one.fen, one.visits, one.fen_per_visit) for one in found.items} == {
        show.id: (1_000, 11, 91),
        world.session.id: (None, None, None),
    }


async def test_the_view_of_a_programme(world: World) -> None:
    await make_cost(world.session, provider=world.lecturer.id, half_hours=3, amount_fen=60_000)
    await make_cost(world.session, provider=world.lecturer.id, amount_fen=40_000)
    await make_cost(world.session, amount_fen=1_000)
    await make_cost(world.session, kind="venue", amount_fen=500)
    missing = await held(world, starts_at=MAY + timedelta(days=1), providers=(world.troupe,))
    cancelled = await held(world, state="cancelled")
    await make_cost(cancelled, amount_fen=20_000)
    later = await held(world, state="published", starts_at=MAY + timedelta(days=200))
    await make_cost(later, amount_fen=30_000)
    asked: dict[str, Any] = {"year": 2015, "as_of": AS_OF}

    assert await budget_view(world.programme.id, **asked) == BudgetView(
        held=Costed(2, 1, 101_500), cancelled=Costed(1, 1, 20_000), later=Costed(1, 1, 30_000)
    )
    rows, total = await provider_sums(world.programme.id, **asked, limit=1)
    assert total == 2
    assert [(one.name, one.fen, one.sessions, one.half_hours) for one in rows] == [("沈若兰", 100_000, 1, 3)]
    shown = {
        show: [
            one.id for one in (await costed_sessions(world.programme.id, **asked, show=show, total=9, limit=9)).items
        ]
        for show in ("held", "missing", "cancelled", "later")
    }
    assert shown == {
        "held": [world.session.id, missing.id],
        "missing": [missing.id],
        "cancelled": [cancelled.id],
        "later": [later.id],
    }
    lines = await lines_of_year(world.programme.id, **asked, limit=3)
    assert [one.amount_fen for one in lines] == [60_000, 40_000, 1_000]


async def test_sessions_are_read_page_by_page(world: World) -> None:
    made = [world.session, *[await held(world, starts_at=MAY + timedelta(hours=number)) for number in (1, 1, 2)]]
    found: list[UUID] = []
    after = None
    while True:
        part = await costed_sessions(
            world.programme.id, year=2015, as_of=AS_OF, show="held", total=4, limit=2, after=after
        )
        found += [one.id for one in part.items]
        after = part.next
        if after is None:
            break

    assert sorted(found) == sorted(one.id for one in made)
    assert found[0] == world.session.id
    with pytest.raises(InvalidError):
        await costed_sessions(world.programme.id, year=2015, as_of=AS_OF, show="held", total=4, limit=2, after="x")


async def test_whose_fees_stand_on_the_sheet(world: World) -> None:
    start, end = datetime(2015, 5, 1, tzinfo=ZONE), datetime(2015, 6, 1, tzinfo=ZONE)
    await make_cost(world.session, provider=world.lecturer.id, amount_fen=1)
    await make_cost(world.session, kind="venue", amount_fen=2)
    await make_cost(world.session, amount_fen=3, removed_at=LONG_AGO)
    cancelled = await held(world, state="cancelled", starts_at=MAY + timedelta(days=1))
    await make_cost(cancelled, amount_fen=4)
    published = await held(world, state="published", starts_at=MAY + timedelta(days=2))
    await make_cost(published, amount_fen=5)
    june = await held(world, starts_at=end)
    await make_cost(june, amount_fen=6)

    lines = await fees_of_programme(world.programme.id, start, end)

    assert [(one.amount_fen, one.name, one.cancelled) for one in lines] == [(1, "沈若兰", False), (4, "", True)]
    assert [one.amount_fen for one in await fees_of_session(published.id)] == [5]


# --- how many questions ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 3])
async def test_statements_do_not_grow_with_the_sessions(world: World, number: int) -> None:
    sessions = [world.session, *[await held(world) for _ in range(number - 1)]]
    for one in sessions:
        for _ in range(number):
            await make_cost(one, provider=world.lecturer.id)
        await make_headcount(one)
    programmes = [world.programme, *[await make_programme(world.root) for _ in range(number - 1)]]
    asked: dict[str, Any] = {"year": 2015, "as_of": AS_OF}

    with counted() as sent:
        lines = await costs_of([one.id for one in sessions])
        assert len(sent) == 1
        spending = await spending_of_programmes([one.id for one in programmes], **asked)
        assert len(sent) == 2
        await budget_view(world.programme.id, **asked)
        assert len(sent) == 3
        await provider_sums(world.programme.id, **asked, limit=20)
        assert len(sent) == 4
        found = await costed_sessions(world.programme.id, **asked, show="held", total=number, limit=50)
        assert len(sent) == 5

    assert [len(own) for own in lines.values()] == [number] * number
    assert spending[world.programme.id].visits == 100 * number
    assert len(found.items) == number
