"""Book sets of the safety programme: a stock, a round that is being handed out, another that units still apply in."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from outreach.demo.days import Days, at
from outreach.demo.history import History
from outreach.demo.rows import Batch
from outreach.demo.run import Run
from outreach.demo.supply import Supply
from outreach.demo.unions import Somebody, Union, Unions
from outreach.demo.visits import Entry
from outreach.materials.domain.allocation import Applied, allocate
from outreach.materials.domain.states import ApplicationState, RoundState
from outreach.materials.tables import (
    MaterialApplication,
    MaterialFollowUp,
    MaterialItem,
    MaterialMovement,
    MaterialRound,
)
from outreach.programmes.tables import Tally

__all__ = ["Books"]

_TARGET = ("safety-books", "book-sets")
_PRINTED, _DAMAGED, _GIVEN = 2400, 12, 1200
_HAZARD_PERCENT = 150
_WORDS = (
    "存在职业危害的非公有制企业、外来务工人员聚集的行业优先。一套六册，按班组领。\n"
    "确定以后请到市总工会劳动保护部领取，带单位介绍信。"
)


class _Asked(NamedTuple):
    """``handed`` is how many days ago it was handed out; ``decided`` what was granted instead of the rule's part."""

    unit: str
    wanted: int
    hazard: bool = False
    note: str = ""
    handed: int | None = None
    signed: bool = False
    decided: int | None = None
    why: str = ""


_ASKED: tuple[_Asked, ...] = (
    _Asked("沙洲冷轧工会", 240, hazard=True, note="轧制、酸洗两条线", handed=4, signed=True),
    _Asked("盛泽丝织三厂工会", 260, hazard=True, note="织造车间噪声", handed=4, signed=True),
    _Asked("胥江机械厂工会", 180, hazard=True, note="焊接班组每组一套", handed=1),
    _Asked("阳山精工工会", 120, hazard=True),
    _Asked("木渎家具工会", 90, hazard=True, note="喷漆、打磨"),
    _Asked("浏河港务工会", 150, note="装卸工多为外来务工人员"),
    _Asked("虞山服饰工会", 200),
    _Asked("玉山电子工会", 180, hazard=True),
    _Asked("阳澄包装工会", 110, decided=40, why="仓库里还有去年的没有发完"),
    _Asked("枫桥电子工会", 100, decided=0, why="二季度刚领过，先让给没有领过的单位"),
)
_ASKING_NOW = (("独墅湖光电工会", 160, False), ("玉山电子工会", 60, True), ("浏河港务工会", 80, False))


class _Part(NamedTuple):
    """What one unit gets."""

    asked: _Asked
    union: Union
    proposed: int
    granted: int

    @property
    def handed(self) -> int:
        return self.granted if self.asked.handed is not None else 0


class Books:
    """Reckons the parts at once, since what is handed out stands among the year's entries; writes at the end."""

    def __init__(self, unions: Unions) -> None:
        self.unions = unions
        applied = [
            Applied(UUID(int=n), one.wanted, unions.named(one.unit).members, one.hazard)
            for n, one in enumerate(_ASKED, 1)
        ]
        parts = allocate(applied, _GIVEN, hazard_percent=_HAZARD_PERCENT)
        self.parts: list[_Part] = []
        for one, asked in zip(applied, _ASKED, strict=True):
            proposed = parts[one.id]
            granted = proposed if asked.decided is None else min(proposed, asked.decided)
            self.parts.append(_Part(asked, unions.named(asked.unit), proposed, granted))
        self.granted = sum(part.granted for part in self.parts)
        self.handed = sum(part.handed for part in self.parts)

    def leave_room(self, entries: list[Entry]) -> list[Entry]:
        """The entries with so much less of the book sets as this round has handed out: the year's sum stays."""
        left, made = self.handed, []
        for entry in entries:
            taken = min(left, entry.quantity // 2) if entry.target == _TARGET else 0
            left -= taken
            made.append(replace(entry, quantity=entry.quantity - taken) if taken else entry)
        assert left == 0, "half of the year's book sets are more than one round hands out"
        return made

    def write(
        self, batch: Batch, history: History, days: Days, supply: Supply, staff: Somebody, runs: list[Run]
    ) -> None:
        """The stock, both rounds, and what was handed out."""
        _Writing(self, batch, history, days, supply, staff).write(runs)


class _Writing:
    def __init__(
        self, books: Books, batch: Batch, history: History, days: Days, supply: Supply, staff: Somebody
    ) -> None:
        self.books, self.batch, self.history, self.days, self.staff = books, batch, history, days, staff
        self.programme, self.target = supply.programmes["safety-books"], supply.targets[_TARGET]
        self.owner = books.unions.root.id
        self.item = batch.new_id(self._moment(34))

    def write(self, runs: list[Run]) -> None:
        self._write_stock()
        current = self._write_round("第二批安全生产知识丛书", _GIVEN, RoundState.CONFIRMED, opened=26, until=-10)
        for part in self.books.parts:
            self._write_part(current, part)
        self._follow_up(current, runs)
        following = self._write_round("第三批安全生产知识丛书", 900, RoundState.APPLYING, opened=2, until=10)
        for number, (name, wanted, hazard) in enumerate(_ASKING_NOW):
            union = self.books.unions.named(name)
            self._write_application(following, union, wanted, self._moment(1, 10 + number), hazard=hazard)

    def _moment(self, ago: int, hour: int = 9, minute: int = 0) -> datetime:
        return min(at(self.days.today - timedelta(days=ago), hour, minute), self.days.now())

    def _note(self, when: datetime, action: str, id_: UUID, **given: object) -> None:
        kind = action.partition(".")[0]
        self.history.note(when, self.staff, action, kind, id_, self.owner, **given)  # type: ignore[arg-type]

    def _write_stock(self) -> None:
        added = self._moment(34)
        self.batch.add(
            MaterialItem, added, id=self.item, organisation=self.owner, name="安全生产知识丛书", unit="套",
            note="一套六册",
            stock=_PRINTED - _DAMAGED - self.books.handed, reserved=self.books.granted - self.books.handed,
            created_by=self.staff.id, revision=4,
        )  # fmt: skip
        self._note(added, "material.added", self.item, facts={"name": "安全生产知识丛书", "unit": "套"})
        self._move(self._moment(33, 15), "receipt", _PRINTED, note="印刷厂第二批到货")
        self._move(self._moment(20, 16), "loss", -_DAMAGED, note="库房漏雨受潮")

    def _move(self, when: datetime, kind: str, change: int, **given: object) -> None:
        self.batch.add(
            MaterialMovement, when, item=self.item, kind=kind, change=change, on=when.date(), created_by=self.staff.id,
            **given,
        )  # fmt: skip
        verb = {"receipt": "stocked", "loss": "lost", "handout": "handed_out"}[kind]
        self._note(when, f"material.{verb}", self.item, facts={"name": "安全生产知识丛书", "quantity": abs(change)})

    def _write_round(self, title: str, quantity: int, state: RoundState, *, opened: int, until: int) -> UUID:
        """``until`` counts from today."""
        when, is_over = self._moment(opened), state is RoundState.CONFIRMED
        id_ = self.batch.add(
            MaterialRound, when, item=self.item, programme=self.programme, target=self.target, title=title,
            quantity=quantity, apply_until=self.days.today + timedelta(days=until), hazard_percent=_HAZARD_PERCENT,
            note=_WORDS, state=state.value, available=quantity if is_over else None, created_by=self.staff.id,
            confirmed_at=self._moment(5, 16) if is_over else None, revision=3 if is_over else 1,
        )  # fmt: skip
        self._note(when, "material_round.opened", id_, after="applying", facts={"title": title})
        if is_over:
            gathered, facts = self._moment(8, 10), {"title": title, "quantity": self.books.granted}
            self._note(
                gathered, "material_round.gathered", id_, before="applying", after="gathered", facts={"title": title}
            )
            self._note(
                self._moment(5, 16), "material_round.confirmed", id_, before="gathered", after="confirmed", facts=facts
            )
        return id_

    def _write_application(
        self, round_id: UUID, union: Union, wanted: int, when: datetime, *, hazard: bool, **given: object
    ) -> UUID:
        contact = union.contact
        assert contact is not None, union.name
        id_ = self.batch.add(
            MaterialApplication, when, round=round_id, organisation=union.id, wanted=wanted, members=union.members,
            hazard=hazard, applied_by=contact.id, applied_at=when, **{"state": "submitted", **given},
        )  # fmt: skip
        self.history.note(
            when, contact, "material_application.submitted", "material_application", id_, union.id, after="submitted",
            facts={"to": wanted},
        )  # fmt: skip
        return id_

    def _write_part(self, round_id: UUID, part: _Part) -> None:
        asked, union = part.asked, part.union
        state, received = ApplicationState.GRANTED if part.granted else ApplicationState.DECLINED, None
        if asked.handed is not None:
            state = ApplicationState.RECEIVED if asked.signed else ApplicationState.HANDED_OUT
            received = self._moment(1, 8, 40) if asked.signed else None
        reason = asked.why if part.granted != part.proposed else ""
        number = self.books.parts.index(part)
        id_ = self._write_application(
            round_id, union, asked.wanted, self._moment(24 - number, 10, 20 + number), hazard=asked.hazard,
            note=asked.note, state=state.value, earlier=0, proposed=part.proposed, granted=part.granted, reason=reason,
            handed=part.handed, received_at=received,
            received_by=union.contact.id if received and union.contact else None, revision=3,
        )  # fmt: skip
        facts = {"title": "第二批安全生产知识丛书", "summary": f"{part.granted}套", "reason": reason}
        kind = "materials-granted" if part.granted else "materials-declined"
        self.history.tell(kind, self._moment(5, 16), "material_round", round_id, union.id, facts)
        if asked.handed is not None:
            self._hand_out(id_, part, self._moment(asked.handed, 14, 10 + number))

    def _hand_out(self, application_id: UUID, part: _Part, when: datetime) -> None:
        tally = self.batch.add(
            Tally, when, target=self.target, on=when.date(), quantity=float(part.handed), receiver=part.union.name,
            note="第二批安全生产知识丛书", created_by=self.staff.id,
        )  # fmt: skip
        self.history.note(when, self.staff, "tally.added", "tally", tally, self.owner, facts={"quantity": part.handed})
        self._move(
            when, "handout", -part.handed, programme=self.programme, application=application_id,
            receiver=part.union.name, tally_id=tally,
        )  # fmt: skip

    def _follow_up(self, round_id: UUID, runs: list[Run]) -> None:
        """Learning and training with the books, as far as it is planned."""
        coming = [
            run
            for run in runs
            if run.planned.dish.programme == "safety-books" and run.state == "published"
            and _is_ahead(run.planned.day, self.days.today)
        ]  # fmt: skip
        for run in coming[:2]:
            when = self._moment(4, 11)
            self.batch.add(MaterialFollowUp, when, round=round_id, session=run.id, created_by=self.staff.id)
            self._note(when, "material_round.linked", round_id, facts={"title": run.planned.title})


def _is_ahead(day: date, today: date) -> bool:
    return day > today
