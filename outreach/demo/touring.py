"""A troupe's week from unit to unit, with its sessions made; they take the place of as many shows of the year."""

from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from outreach.demo.days import Days, at
from outreach.demo.diary import Diary
from outreach.demo.history import History
from outreach.demo.menu import DISHES
from outreach.demo.plan import Planned
from outreach.demo.rows import Batch
from outreach.demo.run import Run
from outreach.demo.supply import Giver, Supply
from outreach.demo.unions import Somebody, Unions
from outreach.demo.written import Writer
from outreach.tours.tables import Stop, Tour

__all__ = ["give_way", "write_tour", "write_unseen"]


class _Halt(NamedTuple):
    """``only``: this day suits the unit alone, counted from the first; ``earliest`` in minutes after midnight."""

    unit: str
    needs: str
    earliest: int | None = None
    only: int | None = None


#: One show an evening, from the troupe's own town outwards.
_HALTS = (
    _Halt("沙洲冷轧工会", "食堂舞台，提前一小时试音"),
    _Halt("虞山服饰工会", "宿舍区礼堂，三百个座位", only=1),
    _Halt("浏河港务工会", "码头二区堆场搭台，请留两名电工", earliest=18 * 60),
    _Halt("玉山电子工会", "下班后在大厅演，放一百五十把折椅"),
)
_DISH, _BY = "锡剧折子戏", "电力职工锡剧队"
#: Not before so many days: what is nearer is spoken of elsewhere.
_AHEAD = 42


def give_way(runs: list[Run]) -> list[Run]:
    """As many public shows of October and November as the tour has stops: without them the year's number stays.

    They hang on nothing: no order made them, no opening covers them, no page names them.
    """
    able = [
        run
        for run in runs
        if run.planned.dish.programme == "culture"
        and run.state == "published"
        and run.planned.day.month in (10, 11)
        and run.planned.host is None
        and not (run.planned.named or run.planned.multi_day or run.ordered)
    ]
    return able[-len(_HALTS) :]


def write_unseen(run: Run, dice: Random, history: History, unions: Unions, supply: Supply, staff: Somebody) -> None:
    """Draw for a run that gives way what is drawn for all, and keep nothing of it: the rest stays as it was."""
    Writer(Batch(dice), History(history.now), dice, unions, supply, staff).write_session(run)


def write_tour(
    batch: Batch, history: History, days: Days, unions: Unions, supply: Supply, writer: Writer, staff: Somebody,
    diary: Diary,
) -> None:  # fmt: skip
    """The tour, its stops, and their sessions, published two days ago."""
    dish = next(one for one in DISHES if one.title == _DISH)
    giver = supply.giver(_BY)
    week = _free_week(giver, days, diary)
    drafted, made = at(days.today - timedelta(days=6), 10, 30), at(days.today - timedelta(days=4), 15, 45)
    tour = batch.add(
        Tour, drafted, organisation=unions.root.id, event=supply.events[_DISH], provider=giver.id,
        name="锡剧进厂区巡演", first_on=week[0], last_on=week[-1], day_starts=17 * 60, day_ends=21 * 60,
        minutes=dish.minutes, most_per_day=1,
        start_district="张家港市", state="made",
        note="统一乘市总工会的大巴，每天15:30在沙洲路集合。\n道具和字幕机随车。",
        revision=4, created_by=staff.id, made_at=made,
    )  # fmt: skip
    history.note(drafted, staff, "tour.drafted", "tour", tour, unions.root.id)
    for number, (halt, day) in enumerate(zip(_HALTS, week, strict=True), 1):
        union = unions.named(halt.unit)
        starts_at = at(day, 18, 30)
        run = Run(
            batch.new_id(made),
            Planned(
                dish, starts_at, starts_at + timedelta(minutes=dish.minutes), union.district, (giver,), "published",
                host=union, title=dish.title, note=halt.needs,
            ),
            unions.root, "published", made, made,
        )  # fmt: skip
        writer.write_session(run)
        batch.add(
            Stop, drafted, tour=tour, host=union.id, number=number, address=union.site, district=union.district,
            needs=halt.needs, only_on=None if halt.only is None else week[halt.only], earliest=halt.earliest,
            starts_at=starts_at, session=run.id,
        )  # fmt: skip
    history.note(
        made, staff, "tour.made", "tour", tour, unions.root.id, before="draft", after="made",
        facts={"sessions": len(_HALTS)},
    )  # fmt: skip


def _free_week(giver: Giver, days: Days, diary: Diary) -> list[date]:
    """From a Monday on, as many working days as there are stops, in a week in which the troupe has nothing to do."""
    monday = days.today + timedelta(days=_AHEAD - days.today.weekday())
    while True:
        week = [monday + timedelta(days=n) for n in range(len(_HALTS))]
        if all(days.is_workday(day) and diary.is_free(giver.id, day) for day in week):
            return week
        monday += timedelta(days=7)
        assert monday.year == days.year, "the troupe has no free week left in the year"
