"""What became of the planned sessions: when they were published, who booked, how many came, what was written down."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from outreach.demo.days import Days, at
from outreach.demo.plan import Planned
from outreach.demo.unions import Union, Unions

__all__ = ["Booked", "Run", "run_year"]

#: States of bookings that hold seats.
SEATED = ("pending", "offered", "confirmed")
_MOST_SEATS = 40
_NOTES = ("请安排前排", "有两位孕期女职工，请留靠走道的座位", "下夜班直接过来，可能晚到五分钟", "需要开车位证明")


@dataclass(slots=True)
class Booked:
    """A booking before it is written."""

    booker: Union
    seats: int
    state: str
    created_at: datetime
    changed_at: datetime
    is_host: bool = False
    note: str = ""
    reason: str = ""
    queue_number: int | None = None
    seats_wanted: int | None = None
    offer_expires_at: datetime | None = None
    times_skipped: int = 0
    cancelled_by: str = ""
    is_late: bool = False


@dataclass(slots=True)
class Run:
    """A session with its history. ``state`` is that of the session; ``ordered``: it came out of an order."""

    id: UUID
    planned: Planned
    owner: Union
    state: str
    created_at: datetime
    published_at: datetime | None
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    moved_at: datetime | None = None
    moved_from: datetime | None = None
    held_at: datetime | None = None
    closed_at: datetime | None = None
    cancelled_at: datetime | None = None
    ordered: bool = False
    bookings: list[Booked] = field(default_factory=list)

    @property
    def seats_taken(self) -> int:
        return sum(b.seats for b in self.bookings if b.state in SEATED)

    @property
    def came(self) -> int:
        """Seats of those who came or will have come."""
        return sum(b.seats for b in self.bookings if b.state in ("attended", "confirmed"))

    @property
    def revision(self) -> int:
        return 1 + (self.moved_at is not None) + (self.cancelled_at is not None)

    @property
    def revised_at(self) -> datetime:
        return self.cancelled_at or self.moved_at or self.published_at or self.created_at


class _Runner:
    def __init__(self, dice: Random, days: Days, unions: Unions) -> None:
        self.dice, self.days, self.unions = dice, days, unions
        self.now = days.now()
        self.by_district: dict[str, list[Union]] = {}
        for union in unions.bookers():
            self.by_district.setdefault(union.district, []).append(union)

    def run(self, id_: UUID, planned: Planned) -> Run:
        dice = self.dice
        first = at(self.days.of_month(1)[0], 10) - timedelta(days=9)
        published = at(
            planned.day - timedelta(days=dice.randint(22, 44)), dice.choice((9, 10, 14, 16)), dice.randint(0, 59)
        )
        published = max(first + timedelta(minutes=dice.randint(0, 400)), min(published, self._lately(4, 12)))
        created = published - timedelta(days=dice.randint(2, 6), minutes=dice.randint(5, 200))
        run = Run(id_, planned, self._owner(planned), self._state(planned.end), created, published)
        if planned.end == "draft":
            run.published_at = None
            return run
        self._set_window(run)
        self._set_changes(run)
        if planned.end in ("held", "closed"):
            self._set_record(run)
        self._book(run)
        return run

    @staticmethod
    def _state(end: str) -> str:
        return "published" if end == "unrecorded" else end

    def _lately(self, least: int, most: int) -> datetime:
        day = self.days.today - timedelta(days=self.dice.randint(least, most))
        return at(day, self.dice.choice((9, 10, 14, 15)), self.dice.randint(0, 59))

    def _between(self, first: datetime, last: datetime) -> datetime:
        """A moment between, by daylight."""
        if last <= first:
            return first
        moment: datetime = first + (last - first) * (self.dice.random() ** 1.6)
        by_day = moment.replace(hour=self.dice.randint(8, 20), minute=self.dice.randint(0, 59), second=0, microsecond=0)
        return min(max(by_day, first), last)

    def _owner(self, planned: Planned) -> Union:
        """The city, or the district that runs it on its own."""
        own = not planned.named and planned.place is not None and planned.dish.kind == "讲座"
        if own and planned.district in ("吴中区", "昆山市", "常熟市") and self.dice.random() < 0.4:
            return self.unions.districts[planned.district]
        return self.unions.root

    def _set_window(self, run: Run) -> None:
        planned = run.planned
        if planned.capacity is None:
            return
        run.closes_at = at(planned.day - timedelta(days=3 if planned.claimable else 1), 17)
        if planned.claimable or planned.host is not None:
            return
        opens_on = planned.day - timedelta(days=28)
        if planned.starts_at > self.now and opens_on > self.days.today:
            run.opens_at = at(opens_on, 9)
            planned.taken = None

    def _set_changes(self, run: Run) -> None:
        planned = run.planned
        assert run.published_at is not None
        if planned.end == "cancelled":
            last = min(self.now, planned.starts_at)
            run.cancelled_at = self._between(
                max(run.published_at, last - timedelta(hours=50)), last - timedelta(hours=3)
            )
        elif planned.moved_minutes:
            run.moved_at = at(self.days.today - timedelta(days=7), 10, 20)
            run.published_at = min(run.published_at, run.moved_at - timedelta(days=12))
            run.created_at = run.published_at - timedelta(days=3)
            run.moved_from = planned.starts_at - timedelta(minutes=planned.moved_minutes)
        elif not planned.named and not planned.multi_day and self.dice.random() < 0.05:
            last = min(self.now, planned.starts_at)
            run.moved_at = self._between(run.published_at + (last - run.published_at) * 0.6, last - timedelta(hours=20))
            run.moved_from = planned.starts_at - timedelta(minutes=self.dice.choice((30, 60, 90)))

    def _set_record(self, run: Run) -> None:
        ends_at = run.planned.ends_at
        if ends_at.hour >= 17:
            run.held_at = at(ends_at.date() + timedelta(days=1), 8, self.dice.randint(30, 59))
        else:
            run.held_at = ends_at + timedelta(minutes=self.dice.randint(20, 90))
        run.held_at = min(run.held_at, self.now - timedelta(minutes=5))
        closed = at(ends_at.date() + timedelta(days=self.dice.randint(6, 12)), 16, self.dice.randint(0, 59))
        if run.planned.end == "closed" and closed < self.now:
            run.closed_at, run.state = closed, "closed"
        else:
            run.state = "held"

    # --- bookings ---------------------------------------------------------------------------------------------------

    def _book(self, run: Run) -> None:
        planned = run.planned
        for name, seats, state in planned.bookers:
            self._add(run, self.unions.named(name), seats, state)
        if planned.host is not None and planned.host.kind != "guest" and not planned.bookers:
            room = planned.capacity or min(400, max(60, planned.host.members // 2))
            seats = int(room * self.dice.uniform(0.6, 0.95))
            if planned.taken is not None:
                seats = min(planned.taken, seats) if planned.visibility == "host" else planned.taken // 2
            self._add(run, planned.host, max(1, seats), self._natural(run), is_host=True)
        if planned.visibility != "host" and not planned.claimable and planned.taken:
            self._fill(run, planned.taken)
        if planned.place is not None and planned.capacity and run.opens_at is None:
            self._turn_some_away(run)

    def _natural(self, run: Run) -> str:
        return {"closed": "attended", "cancelled": "cancelled"}.get(run.state, "confirmed")

    def _fill(self, run: Run, wanted: int) -> None:
        """Bookings until exactly ``wanted`` seats are taken, or were."""
        left = wanted - sum(b.seats for b in run.bookings if b.state in (*SEATED, "attended"))
        for booker in self._queue(run):
            if left <= 0:
                return
            seats = min(left, self.dice.randint(6, _MOST_SEATS), max(3, booker.members // 6))
            if left - seats < 3:
                seats = min(left, _MOST_SEATS)
            self._add(run, booker, seats, self._natural(run))
            left -= seats

    def _queue(self, run: Run) -> Iterable[Union]:
        """Who might book, those of the district first; a union and its committee never both."""
        district = list(self.by_district.get(run.planned.district, []))
        others = self.unions.bookers()
        self.dice.shuffle(district)
        self.dice.shuffle(others)
        seen = {b.booker.path for b in run.bookings}
        keep_out = {"胥江机械厂工会", "胥江机械厂女职工委员会"} if run.planned.starts_at > self.now else set()
        for booker in (*district, *others):
            women_only = run.planned.dish.programme == "women" and booker.kind != "womens_committee"
            if booker.name in keep_out or (women_only and self.dice.random() < 0.6):
                continue
            if any(path.startswith(booker.path) or booker.path.startswith(path) for path in seen):
                continue
            seen.add(booker.path)
            yield booker

    def _turn_some_away(self, run: Run) -> None:
        """Some called it off, some were refused where approval is asked for."""
        queue = iter(self._queue(run))
        if self.dice.random() < 0.35 and (booker := next(queue, None)):
            self._add(run, booker, self.dice.randint(4, 20), "cancelled", reason="生产任务临时调整，去不成了")
        if run.planned.approval and self.dice.random() < 0.25 and (booker := next(queue, None)):
            self._add(run, booker, self.dice.randint(4, 20), "declined", reason="名额先给没有参加过的单位")

    def _add(self, run: Run, booker: Union, seats: int, state: str, *, is_host: bool = False, reason: str = "") -> None:
        assert run.published_at is not None
        last = min(run.closes_at or run.planned.starts_at, run.cancelled_at or self.now, self.now)
        created = self._between(run.published_at, last)
        if state == "pending":
            created = self.now - timedelta(minutes=self.dice.randint(50, 2 * 24 * 60))
        changed = created
        approved = run.planned.approval and state != "pending"
        if state == "attended" and not is_host and self.dice.random() < 0.06:
            state = "no_show"
        if state in ("attended", "no_show"):
            changed = run.closed_at or created
        elif state in ("cancelled", "declined") or approved:
            changed = min(created + timedelta(minutes=self.dice.randint(30, 24 * 60)), max(last, created))
        if run.cancelled_at is not None and state == "cancelled":
            changed, reason = run.cancelled_at, reason or run.planned.why
        elif state == "declined":
            reason = reason or "名额先给了没参加过的单位"
        note = self.dice.choice(_NOTES) if self.dice.random() < 0.08 else ""
        run.bookings.append(Booked(booker, seats, state, created, changed, is_host, note, reason))


def _leave_some_pending(runs: list[Run], dice: Random, now: datetime, wanted: int) -> None:
    """Make the last bookings of sessions with approval pending until ``wanted`` wait altogether."""
    missing = wanted - sum(b.state == "pending" for run in runs for b in run.bookings)
    asked = [run for run in runs if run.planned.approval and run.planned.starts_at > now]
    for run in sorted(asked, key=lambda run: run.planned.named):
        able = [b for b in run.bookings if b.state == "confirmed" and not b.is_host]
        if missing > 0 and able:
            able[-1].state = "pending"
            able[-1].created_at = able[-1].changed_at = now - timedelta(minutes=dice.randint(40, 1400))
            missing -= 1


def run_year(ids: Iterable[UUID], plan: list[Planned], dice: Random, days: Days, unions: Unions) -> list[Run]:
    """Every session with its bookings, by start. Seven bookings wait for an answer."""
    runner = _Runner(dice, days, unions)
    runs = [runner.run(id_, planned) for id_, planned in zip(ids, plan, strict=True)]
    _leave_some_pending(runs, dice, runner.now, 7)
    return runs
