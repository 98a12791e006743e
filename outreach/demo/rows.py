"""Rows on their way into the database: filled with the tables' own defaults, written by COPY."""

from collections.abc import Callable
from datetime import datetime
from functools import cache
from random import Random
from typing import Any
from uuid import UUID

from piccolo.table import Table

from outreach.accounts.tables import ContactRequest, JournalEntry, Leave, Organisation, Person, RoleGrant
from outreach.attendance.tables import Attendee, Cost, Evidence, Headcount, Opinion, SessionRecord
from outreach.bookings.tables import Booking, Order, OrderAnswer, OrderOrganiser, OrderUnit, OrderWindow, Review
from outreach.events.tables import (
    Event,
    EventProvider,
    Occupation,
    Opening,
    OpeningEvent,
    OpeningQuota,
    OpeningSession,
    Provider,
    ProviderAbsence,
    Session,
    SessionOrganiser,
    SessionProvider,
    Venue,
)
from outreach.materials.tables import (
    MaterialApplication,
    MaterialFollowUp,
    MaterialItem,
    MaterialMovement,
    MaterialRound,
)
from outreach.notifications.tables import OutboxMessage
from outreach.persons.tables import Merge
from outreach.programmes.tables import (
    CalendarLabel,
    CoverageGoal,
    OutsideService,
    Programme,
    ProgrammeYear,
    Tally,
    Target,
)
from outreach.reports.tables import ReportText
from outreach.shared import db
from outreach.tours.tables import Stop, Tour

__all__ = ["WRITTEN", "Batch"]

#: What the demo fills, parents before children.
WRITTEN: tuple[type[Table], ...] = (
    Organisation,
    Person,
    RoleGrant,
    Leave,
    ContactRequest,
    Merge,
    CalendarLabel,
    ProgrammeYear,
    Programme,
    Target,
    Provider,
    ProviderAbsence,
    Venue,
    Event,
    EventProvider,
    Session,
    SessionProvider,
    SessionOrganiser,
    Occupation,
    Opening,
    OpeningQuota,
    OpeningSession,
    OpeningEvent,
    Booking,
    Order,
    OrderWindow,
    OrderUnit,
    OrderOrganiser,
    OrderAnswer,
    Review,
    Headcount,
    Attendee,
    Opinion,
    SessionRecord,
    Evidence,
    Cost,
    Tally,
    CoverageGoal,
    OutsideService,
    ReportText,
    MaterialItem,
    MaterialRound,
    MaterialApplication,
    MaterialMovement,
    MaterialFollowUp,
    Tour,
    Stop,
    JournalEntry,
    OutboxMessage,
)


@cache
def _columns(table: type[Table]) -> tuple[tuple[str, bool, Callable[[], Any]], ...]:
    """Name, whether it must be given, and how to get its default, of every column in the order of the table."""
    columns = table._meta.columns
    return tuple(
        (c._meta.db_column_name, c._meta.required or c._meta.primary_key, c.get_default_value) for c in columns
    )


class Batch:
    """Rows by table. Identifiers come from ``dice``, so that the same seed makes the same ones."""

    def __init__(self, dice: Random) -> None:
        self._dice = dice
        self._rows: dict[type[Table], list[tuple[Any, ...]]] = {table: [] for table in WRITTEN}

    def new_id(self, at: datetime) -> UUID:
        """A UUIDv7 (RFC 9562) of the moment ``at``."""
        stamp = int(at.timestamp() * 1000) << 80
        return UUID(int=stamp | 7 << 76 | self._dice.getrandbits(12) << 64 | 2 << 62 | self._dice.getrandbits(62))

    def add(self, table: type[Table], at: datetime, /, **given: Any) -> UUID:
        """Add a row made at ``at``; what is not given is the table's default. Return its identifier.

        Raises:
            KeyError: a mandatory column is missing.
            TypeError: a column is given that the table does not have.
        """
        names = [name for name, _must, _default in _columns(table)]
        given.setdefault("id", self.new_id(at))
        if "created_at" in names:
            given.setdefault("created_at", at)
        if unknown := given.keys() - set(names):
            raise TypeError(f"{table.__name__} has no {sorted(unknown)}")
        self._rows[table].append(
            tuple(given[name] if must or name in given else default() for name, must, default in _columns(table))
        )
        made: UUID = given["id"]
        return made

    async def write_within(self, progress: Callable[[type[Table]], None]) -> int:
        """Write everything inside the open transaction; return how many rows."""
        for table in WRITTEN:
            progress(table)
            names = [name for name, _must, _default in _columns(table)]
            await db.copy_rows(table._meta.tablename, names, self._rows[table])
        return sum(len(rows) for rows in self._rows.values())
