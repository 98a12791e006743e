"""What the organiser's desk asks: which programmes, which day, and what waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from outreach.accounts.requests.domain.rules import sees_unmatched
from outreach.counting.figures import BurnUp, TargetProgress, YearProgress
from outreach.counting.keeping import kept_facts
from outreach.counting.queries import kept_year
from outreach.programmes.domain.permissions import may_read_progress
from outreach.programmes.queries import ProgrammeRow, programmes_of_year, targets_of
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.errors import InvalidError
from outreach.shared.time import implausible_day, local_day

__all__ = ["Waiting", "curves_of", "day_asked", "desk_programmes", "waiting_for", "week_of"]


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for the staff of some part of the tree; the times are those of the oldest."""

    pending: int
    pending_since: datetime | None
    drafts: int
    next_draft_at: datetime | None
    unrecorded: int
    unrecorded_since: datetime | None
    asked: int
    asked_since: datetime | None
    to_assign: int
    assign_by: date | None
    reported: int
    reported_since: datetime | None
    requests: int
    requests_since: datetime | None

    @property
    def total(self) -> int:
        return (
            self.pending + self.drafts + self.unrecorded + self.asked + self.to_assign + self.reported + self.requests
        )


def day_asked(as_of: date | None, now: datetime) -> date:
    """The day asked for, today without one.

    Raises:
        InvalidError: it lies outside the years this program plans for.
    """
    problems = implausible_day("as_of", as_of)
    if problems:
        raise InvalidError(problems)
    return as_of or local_day(now)


def week_of(day: date) -> tuple[date, date]:
    """Monday and Sunday around ``day``."""
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=6)


async def desk_programmes(actor: Actor, year: int) -> list[ProgrammeRow]:
    """The programmes whose progress the actor follows: those of one organisation.

    That is the highest that the actor runs and that has programmes; without one, the nearest above it (a culture
    palace works for its federation).
    """
    known = [one for one in await programmes_of_year(year) if may_read_progress(actor, one.organisation_path)]
    run = [one for one in known if actor.organises(one.organisation_path)]
    paths = [one.organisation_path for one in run or known]
    if not paths:
        return []
    chosen = min(paths, key=lambda path: (len(path), path)) if run else max(paths, key=lambda path: (len(path), path))
    return [one for one in known if one.organisation_path == chosen]


async def curves_of(
    progress: YearProgress, pairs: Sequence[tuple[ProgrammeRow, TargetProgress]], *, now: datetime
) -> list[BurnUp]:
    """The years of some targets of ``progress``, from the facts that it was made of: however many, two statements more
    as long as nothing changed meanwhile."""
    if not pairs:
        return []
    targets = await targets_of([one.programme.id for one in progress.programmes])
    kept = await kept_facts(targets, progress.year, progress.as_of, now)
    rows = {row.id: row for ours in targets.values() for row in ours}
    return [
        kept_year(kept, programme, rows[target.id], progress.as_of) for programme, target in pairs if target.id in rows
    ]


async def waiting_for(actor: Actor, now: datetime) -> Waiting:
    """What waits in the part of the tree that the actor runs: bookings to confirm, orders to endorse or approve
    (``asked``) and to assign, days of which hosts ``reported`` the figures, ``requests`` to become a contact, drafts,
    and past sessions without a record. The draft of an order waits for its provider; what is past in a closed year
    waits for nobody.
    """
    row = await db.row(
        """
        WITH mine AS (
            SELECT s.id, s.state, s.starts_at, s.ends_at
              FROM events_session s JOIN accounts_organisation o ON o.id = s.organisation
              JOIN programmes_programme p ON p.id = s.programme
             WHERE s.state IN ('draft', 'published') AND NOT s.assigned
               AND EXISTS (SELECT 1 FROM unnest($1::text[]) run WHERE starts_with(o.path, run))
               AND NOT (s.state = 'published' AND s.ends_at <= $2
                        AND EXISTS (SELECT 1 FROM programmes_year y
                                     WHERE y.organisation = p.organisation AND y.state = 'closed'
                                       AND y.year = extract(year FROM timezone('Asia/Shanghai', s.starts_at))))
        ), pending AS (
            SELECT count(*)::int AS number, min(b.created_at) AS since
              FROM bookings_booking b JOIN mine ON mine.id = b.session WHERE b.state = 'pending'
        ), orders AS (
            SELECT count(*) FILTER (WHERE q.state <> 'approved')::int AS asked,
                   min(q.submitted_at) FILTER (WHERE q.state <> 'approved') AS asked_since,
                   count(*) FILTER (WHERE q.state = 'approved')::int AS to_assign,
                   min(q.last_on) FILTER (WHERE q.state = 'approved') AS assign_by
              FROM bookings_order q
              JOIN events_event e ON e.id = q.event
              JOIN programmes_programme p ON p.id = e.programme
              JOIN accounts_organisation o ON o.id = p.organisation
              JOIN accounts_organisation u ON u.id = q.organisation
             WHERE q.state IN ('submitted', 'endorsed', 'approved')
               AND EXISTS (SELECT 1 FROM unnest($1::text[]) run
                            WHERE starts_with(o.path, run)
                               OR (q.state = 'submitted' AND p.two_step_orders AND starts_with(u.path, run)))
        ), reported AS (
            SELECT count(DISTINCT (t.session, t."on"))::int AS number, min(t.reported_at) AS since
              FROM attendance_report t JOIN events_session s ON s.id = t.session
              JOIN accounts_organisation o ON o.id = s.organisation
             WHERE t.state = 'reported' AND s.state IN ('published', 'held')
               AND EXISTS (SELECT 1 FROM unnest($1::text[]) run WHERE starts_with(o.path, run))
        ), requests AS (
            SELECT count(*)::int AS number, min(q.created_at) AS since
              FROM accounts_contact_request q LEFT JOIN accounts_organisation o ON o.id = q.organisation
             WHERE q.state = 'waiting'
               AND CASE WHEN o.id IS NULL THEN $3
                        ELSE EXISTS (SELECT 1 FROM unnest($1::text[]) run WHERE starts_with(o.path, run)) END
        )
        SELECT pending.number AS pending, pending.since AS pending_since,
               count(*) FILTER (WHERE mine.state = 'draft')::int AS drafts,
               min(mine.starts_at) FILTER (WHERE mine.state = 'draft') AS next_draft_at,
               count(*) FILTER (WHERE mine.state = 'published' AND mine.ends_at <= $2)::int AS unrecorded,
               min(mine.ends_at) FILTER (WHERE mine.state = 'published' AND mine.ends_at <= $2) AS unrecorded_since,
               orders.asked, orders.asked_since, orders.to_assign, orders.assign_by,
               reported.number AS reported, reported.since AS reported_since,
               requests.number AS requests, requests.since AS requests_since
          FROM pending CROSS JOIN orders CROSS JOIN reported CROSS JOIN requests LEFT JOIN mine ON true
         GROUP BY pending.number, pending.since, orders.asked, orders.asked_since, orders.to_assign, orders.assign_by,
                  reported.number, reported.since, requests.number, requests.since
        """,
        list(actor.organised_paths),
        now,
        sees_unmatched(actor),
    )
    assert row is not None  # an aggregate always has one
    return Waiting(**row)
