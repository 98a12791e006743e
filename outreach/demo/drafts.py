"""The drafts that assigned orders have: sessions nobody sees yet, which tie their providers already."""

from datetime import date, datetime, timedelta
from uuid import UUID

from outreach.demo.days import Days
from outreach.demo.diary import Diary
from outreach.demo.history import History
from outreach.demo.menu import Dish
from outreach.demo.rows import Batch
from outreach.demo.supply import Giver, Supply
from outreach.demo.unions import Somebody, Union, Unions
from outreach.demo.written import Writer
from outreach.events.domain.occupation import Span
from outreach.events.domain.parts import DayPart, part_code, usual_start
from outreach.events.tables import Session, SessionOrganiser, SessionProvider

__all__ = ["Drafts"]

#: How far ahead a free day is looked for.
_HORIZON = 60

Window = tuple[date, DayPart]


class Drafts:
    """Finds a free day for each provider, and writes what the assignment of an order makes."""

    def __init__(
        self, batch: Batch, history: History, days: Days, unions: Unions, supply: Supply, writer: Writer,
        staff: Somebody, diary: Diary,
    ) -> None:  # fmt: skip
        self.batch, self.history, self.days, self.unions, self.supply = batch, history, days, unions, supply
        self.writer, self.staff, self.diary = writer, staff, diary

    def assigned(
        self, union: Union, dish: Dish, window: Window, audience: int, by: str, when: datetime,
        joined: list[Union], *, rain: bool,
    ) -> tuple[Window, UUID]:  # fmt: skip
        """The draft that waits for the answer; the window that it took, and its id."""
        giver = self.supply.giver(by)
        day = self._free_day(giver, *window, spare=1 if rain else 0)
        starts_at = usual_start(day, window[1])
        later = starts_at + timedelta(days=1) if rain else None
        id_ = self._session(union, dish, giver, audience, starts_at, when, rain_starts_at=later)
        parts = [("host", self.unions.root), ("organiser", union), *(("support", one) for one in joined)]
        for part, organisation in parts:
            self.batch.add(SessionOrganiser, when, session=id_, organisation=organisation.id, part=part)
        length = timedelta(minutes=dish.minutes)
        self.writer.tie(id_, when, "provider", giver.id, giver.teams, Span(starts_at, starts_at + length))
        if later is not None:
            self.writer.tie(id_, when, "provider", giver.id, giver.teams, Span(later, later + length), is_rain=True)
        self.diary.enter(giver.id, day)
        self.history.note(when, self.staff, "session.drafted", "session", id_, self.unions.root.id, after="draft")
        return (day, window[1]), id_

    def refused(
        self, union: Union, dish: Dish, window: Window, audience: int, by: str, why: str, assigned: datetime,
        ended: datetime,
    ) -> None:  # fmt: skip
        """The draft of an assignment that the provider declined."""
        giver = self.supply.giver(by)
        id_ = self._session(
            union, dish, giver, audience, usual_start(*window), assigned, state="cancelled", assigned=False, revision=2,
            revised_at=ended, cancelled_at=ended, cancelled_by="provider", cancel_reason=why,
        )  # fmt: skip
        self.history.note(assigned, self.staff, "session.drafted", "session", id_, self.unions.root.id, after="draft")
        self.history.note(
            ended, self.staff, "session.cancelled", "session", id_, self.unions.root.id, before="draft",
            after="cancelled", reason=why,
        )  # fmt: skip

    def _session(
        self, union: Union, dish: Dish, giver: Giver, audience: int, starts_at: datetime, when: datetime, *,
        rain_starts_at: datetime | None = None, **given: object,
    ) -> UUID:  # fmt: skip
        length = timedelta(minutes=dish.minutes)
        row = {
            "state": "draft", "assigned": True, "revised_at": when, "rain_starts_at": rain_starts_at,
            "rain_ends_at": rain_starts_at + length if rain_starts_at else None, **given,
        }  # fmt: skip
        id_ = self.batch.add(
            Session, when, event=self.supply.events[dish.title], programme=self.supply.programmes[dish.programme],
            organisation=self.unions.root.id, title=dish.title, kind=dish.kind, host=union.id, address=union.site,
            district=union.district, starts_at=starts_at, ends_at=starts_at + length, capacity=audience,
            visibility="host", created_by=self.staff.id, **row,
        )  # fmt: skip
        self.batch.add(SessionProvider, when, session=id_, provider=giver.id, position=1)
        return id_

    def _free_day(self, giver: Giver, first: date, part: DayPart, *, spare: int) -> date:
        """The first day from ``first`` on when the provider may come, and has the ``spare`` days after it free."""
        for offset in range(_HORIZON):
            day = first + timedelta(days=offset)
            run = [day + timedelta(days=n) for n in range(spare + 1)]
            if all(self._suits(giver, one, part) and self.diary.is_free(giver.id, one) for one in run):
                return day
        raise RuntimeError(f"{giver.name} has no free day in {_HORIZON} days from {first}")

    def _suits(self, giver: Giver, day: date, part: DayPart) -> bool:
        if day.year != self.days.year or day in self.days.off:
            return False
        if part is not DayPart.EVENING and not self.days.is_workday(day):
            return False
        return not giver.parts or part_code(day, part) in giver.parts
