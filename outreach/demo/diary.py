"""When the demo's providers are needed, and when they are away."""

from datetime import date, timedelta
from uuid import UUID

from outreach.demo.days import Days
from outreach.demo.rows import Batch
from outreach.demo.run import Run
from outreach.demo.supply import Supply
from outreach.demo.wishes import ABSENCES
from outreach.events.tables import ProviderAbsence

__all__ = ["Diary"]


class Diary:
    """Days on which each provider gives something or is away."""

    def __init__(self, days: Days, runs: list[Run]) -> None:
        self.days = days
        self._busy: dict[UUID, set[date]] = {}
        self._away: dict[UUID, set[date]] = {}
        for run in runs:
            if run.state in ("published", "held", "closed"):
                for giver in run.planned.givers:
                    self.enter(giver.id, run.planned.day)
                    self.enter(giver.id, run.planned.days[-1])

    def enter(self, giver: UUID, day: date) -> None:
        """The provider gives something that day."""
        self._busy.setdefault(giver, set()).add(day)

    def is_free(self, giver: UUID, day: date) -> bool:
        """Whether the provider is there and has nothing to do, that day and in the rest of its week."""
        monday = day - timedelta(days=day.weekday())
        week = {monday + timedelta(days=n) for n in range(7)}
        return day not in self._away.get(giver, ()) and not week & self._busy.get(giver, set())

    def write_absences(self, batch: Batch, supply: Supply) -> None:
        """Each absence at the first place from its day on where the provider has nothing to do."""
        for name, offset, length, why in ABSENCES:
            giver = supply.giver(name).id
            start = self.days.today + timedelta(days=offset)
            while self._busy.get(giver, set()) & set(_span(start, length)):
                start += timedelta(days=1)
            self._away.setdefault(giver, set()).update(_span(start, length))
            batch.add(
                ProviderAbsence, self.days.now() - timedelta(days=max(9, -offset + 5)), provider=giver, from_on=start,
                until_on=start + timedelta(days=length), reason=why,
            )  # fmt: skip


def _span(start: date, length: int) -> list[date]:
    return [start + timedelta(days=n) for n in range(length)]
