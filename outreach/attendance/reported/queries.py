"""What units reported, and what of it waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from outreach.attendance.reported.domain.reports import ReportState, Said, together
from outreach.shared import db
from outreach.shared.actors import Actor

__all__ = ["DayOfReports", "ReportRow", "WaitingDay", "days_of_reports", "reports_of", "waiting_days"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRow:
    """What one unit said of one day of a session."""

    id: UUID
    session_id: UUID
    on: date
    organisation_id: UUID
    organisation_name: str
    total: int
    workers: int | None
    estimated: bool
    breakdown: dict[str, int]
    remark: str
    reported_by_name: str
    reported_at: datetime
    state: str
    settled_at: datetime | None
    revision: int

    @property
    def said(self) -> Said:
        return Said(self.total, self.workers, self.estimated, self.breakdown)

    @property
    def waits(self) -> bool:
        return self.state == ReportState.REPORTED


_COLUMNS = """t.id, t.session AS session_id, t."on", t.organisation AS organisation_id, u.name AS organisation_name,
       t.total, t.workers, t.estimated, t.breakdown, t.remark, coalesce(who.name, '') AS reported_by_name,
       t.reported_at, t.state, t.settled_at, t.revision"""
_FROM = """attendance_report t JOIN accounts_organisation u ON u.id = t.organisation
       LEFT JOIN accounts_person who ON who.id = t.reported_by"""


def _report_row(record: Any) -> ReportRow:
    values = {name: record[name] for name in ReportRow.__dataclass_fields__}
    return ReportRow(**{**values, "breakdown": msgspec.json.decode(record["breakdown"], type=dict[str, int])})


async def reports_of(session_id: UUID, *, on: date | None = None) -> list[ReportRow]:
    """Every report of a session, or of one day of it, by day and name; one statement."""
    found = await db.rows(
        f"""SELECT {_COLUMNS} FROM {_FROM} WHERE t.session = $1 AND ($2::date IS NULL OR t."on" = $2)
            ORDER BY t."on", u.name, t.id""",  # noqa: S608 - names of columns
        session_id,
        on,
    )
    return [_report_row(one) for one in found]


@dataclass(frozen=True, slots=True)
class DayOfReports:
    """What was said of one day: ``counting`` is the host's, without a host everybody's; ``proposed`` adds it up."""

    on: date
    reports: tuple[ReportRow, ...]
    host_id: UUID | None

    @property
    def counting(self) -> tuple[ReportRow, ...]:
        hosts = tuple(one for one in self.reports if one.organisation_id == self.host_id)
        return hosts or self.reports

    @property
    def proposed(self) -> Said:
        return together([one.said for one in self.counting])

    @property
    def waits(self) -> bool:
        return any(one.waits for one in self.reports)

    @property
    def revision(self) -> int:
        """Grows with every change to any of them, so that nobody confirms what he has not seen."""
        return sum(one.revision for one in self.reports)


def days_of_reports(reports: Sequence[ReportRow], host_id: UUID | None) -> list[DayOfReports]:
    """The reports of a session by day."""
    days: dict[date, list[ReportRow]] = {}
    for one in reports:
        days.setdefault(one.on, []).append(one)
    return [DayOfReports(on, tuple(ones), host_id) for on, ones in sorted(days.items())]


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingDay:
    """A day of a session whose reports wait for the organiser; ``counted``: its head-count, if there is one."""

    session_id: UUID
    title: str
    starts_at: datetime
    ends_at: datetime
    state: str
    programme_mark: str
    programme_name: str
    host_name: str
    units: int
    counted: int | None
    day: DayOfReports


async def waiting_days(actor: Actor, *, limit: int) -> tuple[list[WaitingDay], int]:
    """What hosts reported and waits, of the sessions that the actor runs, the oldest first; how many days in all.

    Two statements whatever their number.
    """
    paths = list(actor.organised_paths)
    waiting = """FROM attendance_report t JOIN events_session s ON s.id = t.session
         JOIN accounts_organisation o ON o.id = s.organisation
        WHERE t.state = 'reported' AND s.state IN ('published', 'held')
          AND EXISTS (SELECT 1 FROM unnest($1::text[]) run WHERE starts_with(o.path, run))
        GROUP BY t.session, t."on" """
    found = await db.rows(
        f"""SELECT {_COLUMNS}, s.title, s.starts_at, s.ends_at, s.state AS session_state, s.host,
                   p.mark AS programme_mark, p.name AS programme_name, coalesce(h.name, '') AS host_name,
                   (SELECT count(*)::int FROM bookings_booking b
                     WHERE b.session = s.id AND b.state IN ('confirmed', 'attended')) AS units,
                   (SELECT c.total FROM attendance_headcount c
                     WHERE c.session = s.id AND c."on" = t."on") AS counted
              FROM (SELECT t.session, t."on", min(t.reported_at) AS since {waiting}
                     ORDER BY since, t.session LIMIT $2) chosen
              JOIN {_FROM} ON t.session = chosen.session AND t."on" = chosen."on"
              JOIN events_session s ON s.id = t.session
              JOIN programmes_programme p ON p.id = s.programme
              LEFT JOIN accounts_organisation h ON h.id = s.host
             ORDER BY chosen.since, t.session, t."on", u.name, t.id""",  # noqa: S608 - our own text
        paths,
        limit,
    )
    total = await db.value(f"SELECT count(*) FROM (SELECT 1 {waiting}) days", paths)  # noqa: S608 - our own text
    days: dict[tuple[UUID, date], list[Any]] = {}
    for one in found:
        days.setdefault((one["session_id"], one["on"]), []).append(one)
    return [_waiting_day(ones) for ones in days.values()], int(total)


def _waiting_day(records: Sequence[Any]) -> WaitingDay:
    first = records[0]
    return WaitingDay(
        session_id=first["session_id"],
        title=first["title"],
        starts_at=first["starts_at"],
        ends_at=first["ends_at"],
        state=first["session_state"],
        programme_mark=first["programme_mark"],
        programme_name=first["programme_name"],
        host_name=first["host_name"],
        units=first["units"],
        counted=first["counted"],
        day=DayOfReports(first["on"], tuple(_report_row(one) for one in records), first["host"]),
    )
