"""A snapshot beside today: which figures differ, by how much, and what was done since."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from outreach.attendance.closing.queries import corrections_of_sessions
from outreach.attendance.queries import CorrectionRow
from outreach.reports.domain.errors import NoProgrammesError
from outreach.reports.domain.periods import period_asked
from outreach.reports.fixed.domain.figures import (
    Difference,
    FixedFigures,
    FixedSession,
    SessionChange,
    changes,
    differences,
)
from outreach.reports.fixed.freezing import figures_of, sessions_of
from outreach.reports.fixed.queries import SnapshotRow, fixed_sessions
from outreach.reports.jobs.asking import Asked
from outreach.reports.jobs.making import data_of
from outreach.shared import db
from outreach.shared.time import day_bounds

__all__ = ["MOST_NAMED", "Comparison", "Deed", "EarlierSession", "NamedChange", "compared"]

#: Sessions and deeds that are named; the others are counted.
MOST_NAMED = 60


_NOTHING = FixedFigures(targets=(), programmes=0, sessions=0, visits=0, workers=0, unrecorded=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedChange:
    """A session that is counted otherwise today, with the corrections that were made since."""

    change: SessionChange
    title: str
    starts_at: datetime
    state: str
    corrections: tuple[CorrectionRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What else was done since and changes figures: tallies, targets, closing and opening the year."""

    at: datetime
    actor_name: str
    action: str
    reason: str
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierSession:
    """A session before the month or quarter reported, recorded or corrected since: targets add up from January."""

    id: UUID
    title: str
    starts_at: datetime
    reasons: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """All that differs. ``changed``: sessions in all; each list of what was done names at most ``MOST_NAMED``."""

    differences: list[Difference]
    sessions: list[NamedChange]
    changed: int
    deeds: list[Deed]
    earlier: list[EarlierSession]


async def compared(snapshot: SnapshotRow, now: datetime) -> Comparison:
    """The snapshot beside the same report as it would be made at ``now``."""
    asked = Asked(
        organisation_id=snapshot.organisation_id,
        organisation_code=snapshot.organisation_code,
        organisation_path=snapshot.organisation_path,
        year=snapshot.year,
        as_of=snapshot.as_of,
        programme=snapshot.programme,
        period=snapshot.period,
    )
    today, counted = _NOTHING, tuple[FixedSession, ...]()
    with suppress(NoProgrammesError):
        data = await data_of(asked, now)
        today, counted = figures_of(data), sessions_of(data)
    differing = differences(snapshot.figures, today)
    if not differing:
        return Comparison(differences=[], sessions=[], changed=0, deeds=[], earlier=[])
    moved = changes(await fixed_sessions(snapshot.id), counted)
    return Comparison(
        differences=differing,
        sessions=await _named(moved[:MOST_NAMED], snapshot.known_at),
        changed=len(moved),
        deeds=await _deeds(snapshot),
        earlier=await _earlier(snapshot, {one.target.programme_id for one in differing if one.target is not None}),
    )


async def _named(moved: list[SessionChange], since: datetime) -> list[NamedChange]:
    ids = [one.id for one in moved]
    known = {
        one["id"]: one
        for one in await db.rows(
            "SELECT id, title, starts_at, state FROM events_session WHERE id = ANY($1::uuid[])", ids
        )
    }
    corrections: dict[UUID, list[CorrectionRow]] = {}
    for one in await corrections_of_sessions(ids):
        if one.corrected_at > since:
            corrections.setdefault(one.session_id, []).append(one)
    return [
        NamedChange(
            change=one,
            title=known[one.id]["title"],
            starts_at=known[one.id]["starts_at"],
            state=known[one.id]["state"],
            corrections=tuple(corrections.get(one.id, ())),
        )
        for one in moved
        if one.id in known
    ]


async def _earlier(snapshot: SnapshotRow, programmes: set[UUID]) -> list[EarlierSession]:
    period = period_asked(snapshot.year, snapshot.period)
    if period.first_month == 1 or not programmes:
        return []
    found = await db.rows(
        """SELECT s.id, s.title, s.starts_at, coalesce(why.reasons, '{}') AS reasons
             FROM events_session s
             LEFT JOIN LATERAL (SELECT array_agg(c.reason ORDER BY c.corrected_at, c.id) AS reasons
                                  FROM attendance_correction c
                                 WHERE c.session = s.id AND c.corrected_at > $4) why ON true
            WHERE s.programme = ANY($1::uuid[]) AND s.starts_at >= $2 AND s.starts_at < $3
              AND (why.reasons IS NOT NULL
                   OR EXISTS (SELECT 1 FROM accounts_journal j
                               WHERE j.object_id = s.id AND j.at > $4
                                 AND j.action IN ('session.held', 'headcount.recorded')))
            ORDER BY s.starts_at, s.id LIMIT $5""",
        list(programmes),
        *day_bounds(date(snapshot.year, 1, 1), period.before_on),
        snapshot.known_at,
        MOST_NAMED,
    )
    return [EarlierSession(**one) for one in found]


_DEEDS = (
    "tally.added",
    "tally.removed",
    "target.created",
    "target.changed",
    "target.removed",
    "programme.created",
    "programme.changed",
    "year.closed",
    "year.reopened",
)


async def _deeds(snapshot: SnapshotRow) -> list[Deed]:
    found = await db.rows(
        """SELECT j.at, j.actor_name, j.action, j.reason, j.facts
             FROM accounts_journal j JOIN accounts_organisation o ON o.id = j.organisation_id
            WHERE j.at > $1 AND j.action = ANY($2::text[]) AND starts_with(o.path, $3)
              AND coalesce(j.facts ->> 'year', left(j.facts ->> 'on', 4), $4::text) = $4::text
            ORDER BY j.id LIMIT $5""",
        snapshot.known_at,
        list(_DEEDS),
        snapshot.organisation_path,
        str(snapshot.year),
        MOST_NAMED,
    )
    return [Deed(**{**one, "facts": msgspec.json.decode(one["facts"])}) for one in found]
