"""Waiting lists, an offer, and bookings called off too late: laid over the year's bookings as they were made."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from outreach.demo.menu import CANCEL_HOURS
from outreach.demo.run import Booked, Run
from outreach.demo.unions import Union, Unions
from outreach.demo.wishes import OFFER, QUEUE

__all__ = ["lay_waiting"]

_OFFER_HOURS = 24
_LATE = 6
_LATE_REASONS = ("当晚临时加班，通知得晚了", "班车坏在路上", "厂里突击检查，走不开")
_MISSED = ("当天没有来，电话没有接通", "记错了日子", "临时停产，没有来得及说")


def lay_waiting(runs: list[Run], dice: Random, unions: Unions, now: datetime) -> None:
    """Put groups into the queues of two full sessions, offer one of them a part, and note who was late or missing."""
    _queue_up(_full(runs, "平江社区中心", now), dice, unions, now)
    _offer(_full(runs, "盛泽丝织三厂会议室", now), dice, unions, now)
    _say_why(runs, dice)


def _full(runs: list[Run], place: str, now: datetime) -> Run:
    """The coming session at ``place`` that has no seat left."""
    return next(
        run
        for run in runs
        if run.planned.named
        and run.planned.starts_at > now
        and run.planned.place is not None
        and run.planned.place.name == place
        and run.seats_taken == run.planned.capacity
    )


def _others(run: Run, dice: Random, unions: Unions) -> Iterator[Union]:
    """Unions that have nothing to do with the session yet, neither they nor their committee."""
    bookers = unions.bookers()
    dice.shuffle(bookers)
    for union in bookers:
        if not any(_same_house(union, booked.booker) for booked in run.bookings):
            yield union


def _same_house(one: Union, other: Union) -> bool:
    return one.path.startswith(other.path) or other.path.startswith(one.path)


def _without(run: Run, union: Union) -> None:
    """Give the seats of the union's house to the first other booking, so that the session stays full."""
    mine = [b for b in run.bookings if _same_house(b.booker, union)]
    freed = sum(b.seats for b in mine if b.state == "confirmed")
    run.bookings = [b for b in run.bookings if b not in mine]
    if freed:
        next(b for b in run.bookings if b.state == "confirmed").seats += freed


def _queue_up(run: Run, dice: Random, unions: Unions, now: datetime) -> None:
    for number, (name, seats, skipped) in enumerate(QUEUE, 1):
        if name:
            _without(run, unions.named(name))
        union = unions.named(name) if name else next(_others(run, dice, unions))
        made = now - timedelta(hours=30 - 6 * number, minutes=dice.randint(0, 300))
        run.bookings.append(Booked(union, seats, "waitlisted", made, made, queue_number=number, times_skipped=skipped))


def _offer(run: Run, dice: Random, unions: Unions, now: datetime) -> None:
    name, seats, wanted = OFFER
    union = unions.named(name)
    _without(run, union)
    made, offered = now - timedelta(days=2, hours=3), now - timedelta(hours=18)
    left = seats
    for booked in sorted((b for b in run.bookings if b.state == "confirmed"), key=lambda b: -b.seats):
        given = min(left, booked.seats - 3)
        if given > 0:
            booked.seats, left = booked.seats - given, left - given
    assert left == 0
    run.bookings.append(
        Booked(
            union, seats, "offered", made, offered, reason="只剩10个名额，先请您看够不够", queue_number=1,
            seats_wanted=wanted, offer_expires_at=offered + timedelta(hours=_OFFER_HOURS),
        )
    )  # fmt: skip
    later = made + timedelta(hours=5)
    run.bookings.append(Booked(next(_others(run, dice, unions)), 20, "waitlisted", later, later, queue_number=2))


def _say_why(runs: list[Run], dice: Random) -> None:
    over = [run for run in runs if run.state in ("held", "closed") and run.planned.dish.programme in CANCEL_HOURS]
    called_off = [(run, b) for run in over for b in run.bookings if b.state == "cancelled"]
    for run, booked in called_off[-_LATE:]:
        booked.changed_at = run.planned.starts_at - timedelta(hours=dice.randint(3, 18))
        booked.created_at = min(booked.created_at, booked.changed_at)
        booked.reason = dice.choice(_LATE_REASONS)
    for run in runs:
        hours = CANCEL_HOURS.get(run.planned.dish.programme, 0)
        for booked in run.bookings:
            if booked.state == "no_show":
                booked.reason = dice.choice(_MISSED)
            if booked.state != "cancelled":
                continue
            booked.cancelled_by = "unit" if run.cancelled_at is None else "session"
            deadline = run.planned.starts_at - timedelta(hours=hours)
            booked.is_late = bool(hours) and booked.cancelled_by == "unit" and booked.changed_at >= deadline
