"""Orders: those that became sessions of the year, and those that wait, each with its windows, units and history."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from outreach.bookings.tables import Order, OrderAnswer, OrderOrganiser, OrderUnit, OrderWindow, Review
from outreach.demo.days import Days, at
from outreach.demo.diary import Diary
from outreach.demo.drafts import Drafts
from outreach.demo.history import History
from outreach.demo.menu import DISHES, TWO_STEPS, Dish
from outreach.demo.rows import Batch
from outreach.demo.run import Run
from outreach.demo.supply import Supply
from outreach.demo.unions import Somebody, Union, Unions
from outreach.demo.wishes import CONTENT, OPENINGS, UNHAPPY, WISHES, Wish
from outreach.demo.written import Writer
from outreach.events.domain.parts import DayPart, part_of
from outreach.shared.time import local

__all__ = ["Ordering", "mark_ordered"]

_ANSWER = timedelta(hours=72)
#: How many in a hundred of the sessions that are recorded were reviewed by their hosts, too.
_REVIEWED = 78
#: How an order came back to approved, by what it was.
_BACK = {"scheduled": "returned", "assigned": "refused"}
#: Those whose hosts still have to say how it was.
_UNREVIEWED = ("胥江机械厂工会",)


@dataclass(slots=True)
class _Made:
    """An order on its way: ``steps`` are its states with the moments they were reached."""

    id: UUID
    union: Union
    dish: Dish
    steps: list[tuple[str, datetime]]
    windows: list[tuple[date, DayPart]]
    audience: int

    @property
    def state(self) -> str:
        return self.steps[-1][0]


def mark_ordered(runs: list[Run]) -> list[Run]:
    """Those that a unit ordered to its own site: it is the host and has the host's booking."""
    found = [
        run
        for run in runs
        if run.planned.dish.orderable and _host_seats(run) and run.state in ("published", "held", "closed")
    ]
    for run in found:
        run.ordered = True
    return found


def _host_seats(run: Run) -> int:
    return next((b.seats for b in run.bookings if b.is_host), 0)


class Ordering:
    """Writes the orders of the year. ``waves`` are the openings' ids by name."""

    def __init__(
        self, batch: Batch, history: History, dice: Random, days: Days, unions: Unions, supply: Supply, writer: Writer,
        staff: Somebody, diary: Diary, waves: dict[str, UUID],
    ) -> None:  # fmt: skip
        self.batch, self.history, self.dice, self.days = batch, history, dice, days
        self.unions, self.supply, self.staff, self.waves = unions, supply, staff, waves
        self.now = days.now()
        self.drafts = Drafts(batch, history, days, unions, supply, writer, staff, diary)

    # --- those that became sessions ---------------------------------------------------------------------------------

    def write_past(self, run: Run) -> None:
        """The order out of which a session of the year came."""
        host = run.planned.host
        assert host is not None
        assert run.published_at is not None
        assigned = run.created_at
        asked = assigned - timedelta(days=self.dice.randint(4, 9), minutes=self.dice.randint(0, 200))
        steps = [("submitted", asked)]
        if run.planned.dish.programme in TWO_STEPS:
            steps.append(("endorsed", asked + timedelta(days=1, minutes=self.dice.randint(10, 300))))
        steps += [
            ("approved", asked + timedelta(days=2, minutes=self.dice.randint(10, 300))),
            ("assigned", assigned),
            ("scheduled", run.published_at),
        ]
        steps += self._afterwards(run, host)
        first = (run.planned.day, part_of(run.planned.starts_at))
        second = (run.planned.day + timedelta(days=1), first[1])
        made = _Made(
            self.batch.new_id(asked), host, run.planned.dish, steps, [first, second][: self.dice.randint(1, 2)],
            _host_seats(run),
        )  # fmt: skip
        self._write(made, session=run.id, public=run.planned.visibility == "public")
        for giver in run.planned.givers:
            self._answer(made, giver.id, run.published_at, accepted=True)

    def _afterwards(self, run: Run, host: Union) -> list[tuple[str, datetime]]:
        """Held, and perhaps reviewed."""
        if run.held_at is None:
            return []
        reviewed = run.held_at + timedelta(days=self.dice.randint(1, 4), minutes=self.dice.randint(5, 400))
        waits = run.planned.named and host.name in _UNREVIEWED
        if waits or reviewed > self.now or self.dice.randint(1, 100) > _REVIEWED:
            return [("fulfilled", run.held_at)]
        self._review(run, host, reviewed)
        return [("fulfilled", run.held_at), ("reviewed", reviewed)]

    def _review(self, run: Run, host: Union, when: datetime) -> None:
        unhappy = self.dice.random() < 0.12
        scores = [self.dice.choice((3, 4) if unhappy else (4, 5, 5, 5)) for _ in range(3)]
        self.batch.add(
            Review, when, session=run.id, organisation=host.id, lecturer=scores[0], content=scores[1],
            organising=scores[2], again=not unhappy or self.dice.random() < 0.5,
            words=self.dice.choice(UNHAPPY if unhappy else CONTENT), created_by=_contact(host).id,
        )  # fmt: skip

    # --- those that wait --------------------------------------------------------------------------------------------

    def write_wishes(self) -> None:
        """The named orders, then those that came through an opening."""
        for wish in WISHES:
            self._wish(wish)
        used = {wish.unit for wish in WISHES}
        for wave in OPENINGS:
            dishes = [d for d in DISHES if d.programme == wave.programme and d.topic in wave.topics]
            opened = at(self.days.today + timedelta(days=wave.opens), 9)
            for number, district in enumerate(wave.ordered):
                able = [u for u in self.unions.enterprises if u.district == district and u.name not in used]
                union = self.dice.choice(able)
                used.add(union.name)
                asked = opened + timedelta(seconds=self.dice.randint(1, 40) + 2000 * number)
                windows = self._windows(tuple((35 + 2 * number + n, "afternoon") for n in (0, 1)))
                dish = self.dice.choice(dishes)
                audience = self.dice.randint(dish.smallest, min(dish.largest, 120))
                made = _Made(self.batch.new_id(asked), union, dish, [("submitted", asked)], windows, audience)
                self._write(made, opening=self.waves[wave.name])

    def _windows(self, wanted: tuple[tuple[int, str], ...]) -> list[tuple[date, DayPart]]:
        """Days moved to the next one that suits, each once."""
        found: list[tuple[date, DayPart]] = []
        for offset, word in wanted:
            part, day = DayPart(word), self.days.today + timedelta(days=offset)
            while not self._suits(day, part) or (day, part) in found:
                day += timedelta(days=1)
            found.append((day, part))
        return found

    def _suits(self, day: date, part: DayPart) -> bool:
        return self.days.is_workday(day) or (part is DayPart.EVENING and day not in self.days.off)

    def _wish(self, wish: Wish) -> None:
        dish = next(d for d in DISHES if d.title == wish.title)
        union = self.unions.named(wish.unit)
        asked = at(self.days.today - timedelta(days=wish.asked), 8 + wish.asked % 9, 7 * wish.asked % 60)
        made = _Made(
            self.batch.new_id(asked), union, dish, self._steps(wish, dish, asked), self._windows(wish.windows),
            wish.audience,
        )  # fmt: skip
        session = None
        tries = sum(state == "assigned" for state, _at in made.steps)
        joined = self._neighbours(union, wish.joined)
        if wish.refused:
            by, why = wish.refused
            assigned, ended = (when for _state, when in made.steps[-2:])
            self.drafts.refused(union, dish, made.windows[0], wish.audience, by, why, assigned, ended)
            tries = 1
            self._answer(made, self.supply.giver(by).id, ended, accepted=False)
        if made.state == "assigned":
            made.windows[0], session = self.drafts.assigned(
                union, dish, made.windows[0], wish.audience, wish.by, made.steps[-1][1], joined, rain=wish.rain
            )
        self._write(made, session=session, wish=wish, joined=joined, tries=tries)
        giver = self.supply.giver(wish.by) if wish.by else None
        if giver is not None and giver.person is not None:
            facts = self._facts(made) | {"until": local(made.steps[-1][1] + _ANSWER).isoformat()}
            self.history.tell("order-asked", made.steps[-1][1], "order", made.id, giver.person, facts, to_person=True)

    def _steps(self, wish: Wish, dish: Dish, asked: datetime) -> list[tuple[str, datetime]]:
        steps = [("submitted", asked)]
        if wish.state == "submitted":
            return steps
        if dish.programme in TWO_STEPS:
            steps.append(("endorsed", asked + timedelta(days=1, hours=2)))
        if wish.state in ("approved", "assigned"):
            steps.append(("approved", asked + timedelta(days=2, hours=3)))
        if wish.refused:
            steps += [("assigned", asked + timedelta(days=5)), ("approved", asked + timedelta(days=6))]
        if wish.returned:  # given a date, and thrown back by the weather
            cancelled = at(self.days.today - timedelta(days=20), 15, 10)
            steps += [("assigned", asked + timedelta(days=4)), ("scheduled", asked + timedelta(days=5))]
            steps.append(("approved", cancelled))
        if wish.state == "assigned":
            steps.append(("assigned", at(self.days.today - timedelta(days=1), 16, 20)))
        elif wish.state in ("declined", "withdrawn"):
            steps.append((wish.state, asked + timedelta(days=3, hours=1)))
        return steps

    def _neighbours(self, union: Union, wanted: int) -> list[Union]:
        near = [u for u in self.unions.enterprises if u.district == union.district and u.id != union.id]
        return near[:wanted]

    # --- rows -------------------------------------------------------------------------------------------------------

    def _write(
        self, made: _Made, *, session: UUID | None = None, public: bool = False, opening: UUID | None = None,
        wish: Wish | None = None, joined: list[Union] | None = None, tries: int = 1,
    ) -> None:  # fmt: skip
        contact, reached = _contact(made.union), _reached(made.steps)
        asked = made.steps[0][1]
        on = [day for day, _part in made.windows]
        reason = (wish.reason or wish.returned or (wish.refused or ("", ""))[1]) if wish else ""
        assigned = "assigned" in reached and made.state not in ("approved", "submitted")
        self.batch.add(
            Order, asked, id=made.id, event=self.supply.events[made.dish.title], organisation=made.union.id,
            state=made.state, audience=made.audience, address=made.union.site, district=made.union.district,
            site_lacks=wish.lacks if wish else "", contact_name=contact.name, contact_phone=contact.phone,
            note=wish.note if wish else "", agrees_public=public, opening=opening, session=session,
            assignment=tries if assigned or (wish is not None and wish.refused) else 0,
            answer_by=reached["assigned"] + _ANSWER if made.state == "assigned" else None,
            reason=reason, first_on=min(on), last_on=max(on), submitted_at=asked,
            endorsed_at=reached.get("endorsed"), approved_at=reached.get("approved"),
            assigned_at=reached.get("assigned") if assigned else None,
            scheduled_at=reached.get("scheduled") if session and made.state != "assigned" else None,
            fulfilled_at=reached.get("fulfilled"), reviewed_at=reached.get("reviewed"),
            ended_at=reached.get("declined") or reached.get("withdrawn"), changed_at=made.steps[-1][1],
            created_by=contact.id, revision=len(made.steps),
        )  # fmt: skip
        for position, (day, part) in enumerate(made.windows, 1):
            self.batch.add(OrderWindow, asked, order_id=made.id, position=position, on=day, part=part.value)
        for unit in joined or ():
            self.batch.add(OrderUnit, asked, order_id=made.id, organisation=unit.id)
            self.batch.add(OrderOrganiser, asked, order_id=made.id, organisation=unit.id, part="support")
        for before, after, when in _moves(made.steps):
            self._note(made, contact, before, after, when, reason)

    def _answer(self, made: _Made, giver: UUID, when: datetime, *, accepted: bool) -> None:
        """What a provider said, mostly on the telephone."""
        self.batch.add(
            OrderAnswer, when, order_id=made.id, assignment=1, provider=giver, accepted=accepted,
            way=self.dice.choice(("phone", "phone", "link")), answered_at=when,
        )  # fmt: skip

    def _note(
        self, made: _Made, contact: Somebody, before: str | None, after: str, when: datetime, reason: str
    ) -> None:
        words = {"scheduled": "accepted", "approved": _BACK.get(before or "", "approved")}
        action = words.get(after, after)
        by_unit = after in ("submitted", "withdrawn", "reviewed")
        why = reason if action in ("returned", "refused", "declined", "withdrawn") else ""
        self.history.note(
            when, contact if by_unit else self.staff, f"order.{action}", "order", made.id, self.unions.root.id,
            before=before, after=after, reason=why,
            facts={"title": made.dish.title, "organisation": made.union.name},
        )  # fmt: skip
        receiver = self.unions.root.id if action in ("submitted", "withdrawn", "reviewed", "refused") else made.union.id
        kind = "order-scheduled" if action == "accepted" else f"order-{action}"
        self.history.tell(kind, when, "order", made.id, receiver, self._facts(made) | {"reason": why})

    @staticmethod
    def _facts(made: _Made) -> dict[str, Any]:
        """What messages about the order say."""
        return {
            "title": made.dish.title, "seats": made.audience, "organisation": made.union.name,
            "order_id": str(made.id),
        }  # fmt: skip


def _contact(union: Union) -> Somebody:
    assert union.contact is not None, union.name
    return union.contact


def _reached(steps: list[tuple[str, datetime]]) -> dict[str, datetime]:
    """When each state was reached first; an assignment counts by the last."""
    return {**dict(reversed(steps)), **{state: when for state, when in steps if state == "assigned"}}


def _moves(steps: list[tuple[str, datetime]]) -> Iterator[tuple[str | None, str, datetime]]:
    before: str | None = None
    for state, when in steps:
        yield before, state, when
        before = state
