"""Openings (开放预约) with their quotas: one that is open, one to come, one for some districts."""

from datetime import timedelta
from uuid import UUID

from outreach.demo.days import Days, at
from outreach.demo.menu import DISHES
from outreach.demo.rows import Batch
from outreach.demo.run import Run
from outreach.demo.supply import Supply
from outreach.demo.unions import Somebody
from outreach.demo.wishes import OPENINGS, Wave
from outreach.events.tables import Opening, OpeningEvent, OpeningQuota, OpeningSession

__all__ = ["leave_to_waves", "open_waves"]


def open_waves(batch: Batch, days: Days, supply: Supply, staff: Somebody, runs: list[Run]) -> dict[str, UUID]:
    """Write the openings; return their ids by name."""
    made: dict[str, UUID] = {}
    planned_at = at(days.today - timedelta(days=12), 15, 30)
    for wave in OPENINGS:
        id_ = made[wave.name] = batch.add(
            Opening, planned_at, programme=supply.programmes[wave.programme], name=wave.name,
            opens_at=at(days.today + timedelta(days=wave.opens), 9), for_whom=wave.for_whom,
            districts=list(wave.districts), unserved_years=wave.unserved_years, max_per_organisation=wave.most,
            places=wave.places, created_by=staff.id,
        )  # fmt: skip
        for district, places in wave.quotas:
            batch.add(OpeningQuota, planned_at, opening=id_, district=district, places=places)
        for dish in DISHES:
            if dish.programme == wave.programme and dish.topic in wave.topics:
                batch.add(OpeningEvent, planned_at, opening=id_, event=supply.events[dish.title])
        for run in runs:
            if _covers(wave, run):
                batch.add(OpeningSession, planned_at, opening=id_, session=run.id)
    return made


def leave_to_waves(runs: list[Run]) -> None:
    """What an opening covers opens with it, and at no moment of its own."""
    for run in runs:
        if any(_covers(wave, run) for wave in OPENINGS):
            run.opens_at = None


def _covers(wave: Wave, run: Run) -> bool:
    planned = run.planned
    return wave.month == planned.day.month and planned.dish.programme == wave.programme and _bookable(run)


def _bookable(run: Run) -> bool:
    planned = run.planned
    return run.state == "published" and planned.capacity is not None and planned.host is None and not run.bookings
