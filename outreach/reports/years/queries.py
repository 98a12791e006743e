"""What is known of closing a year: what is open, how it was closed, what was corrected since."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from outreach.accounts.queries import OrganisationRow, organisation_by_id, root_organisation
from outreach.attendance.queries import CorrectionRow, correction_row
from outreach.reports.years.domain.checklist import OpenItem, OpenKind
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.errors import NotFoundError
from outreach.shared.ids import id_in_path
from outreach.shared.time import local_day, year_bounds

__all__ = [
    "ClosedTarget",
    "Closing",
    "LateCorrection",
    "YearToClose",
    "corrections_since",
    "last_closing",
    "open_items",
    "own_year",
    "owner_of",
    "owners_of_years",
    "years_of_owner",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class YearToClose:
    """One organisation's year."""

    id: UUID
    organisation_id: UUID
    organisation_code: str
    organisation_name: str
    organisation_path: str
    year: int
    title: str
    state: str
    closed_at: datetime | None

    @property
    def is_closed(self) -> bool:
        return self.state == "closed"


async def owner_of(actor: Actor, organisation: str) -> OrganisationRow:
    """The organisation named by its id, or the first with years that the actor runs, else the first that it runs; an
    administrator's is the installation's.

    Raises:
        NotFoundError: there is none, or the actor does not run it.
    """
    if organisation:
        found = await organisation_by_id(id_in_path(organisation))
    else:
        run = [grant.organisation_id for grant in actor.grants if actor.organises(grant.path) and grant.organisation_id]
        first = run[0] if run else next((id_ for id_, _name in await owners_of_years(actor)), None)
        found = await organisation_by_id(first) if first else await root_organisation()
    if found is None or not actor.organises(found.path):
        raise NotFoundError
    return found


_YEAR = """SELECT y.id, y.organisation AS organisation_id, o.code AS organisation_code, o.name AS organisation_name,
       o.path AS organisation_path, y.year, y.title, y.state, y.closed_at
  FROM programmes_year y JOIN accounts_organisation o ON o.id = y.organisation"""


async def own_year(actor: Actor, organisation_id: UUID, year: int) -> YearToClose:
    """The year, for who runs the organisation.

    Raises:
        NotFoundError: none for this caller.
    """
    found = await db.row(f"{_YEAR} WHERE y.organisation = $1 AND y.year = $2", organisation_id, year)
    if found is None or not actor.organises(found["organisation_path"]):
        raise NotFoundError
    return YearToClose(**found)


async def years_of_owner(organisation_id: UUID) -> list[tuple[int, str]]:
    """Years of an organisation with their states, the newest first."""
    found = await db.rows(
        "SELECT year, state FROM programmes_year WHERE organisation = $1 ORDER BY year DESC", organisation_id
    )
    return [(one["year"], one["state"]) for one in found]


async def owners_of_years(actor: Actor) -> list[tuple[UUID, str]]:
    """Organisations with years that the actor runs, the highest first; id and name."""
    found = await db.rows(
        """SELECT o.id, o.name FROM accounts_organisation o
            WHERE EXISTS (SELECT 1 FROM unnest($1::text[]) run WHERE starts_with(o.path, run))
              AND EXISTS (SELECT 1 FROM programmes_year y WHERE y.organisation = o.id)
            ORDER BY length(o.path), o.code LIMIT 400""",
        list(actor.organised_paths),
    )
    return [(one["id"], one["name"]) for one in found]


_OPEN = """
WITH ours AS (
    SELECT s.id, s.state, s.ends_at, s.assigned FROM events_session s
      JOIN programmes_programme p ON p.id = s.programme
     WHERE p.organisation = $1 AND s.starts_at >= $3 AND s.starts_at < $4 AND s.state IN ('draft', 'published', 'held')
)
SELECT count(*) FILTER (WHERE state = 'published' AND ends_at <= $5)::int AS unrecorded,
       count(*) FILTER (WHERE state = 'held')::int AS held,
       count(*) FILTER (WHERE state = 'published' AND ends_at > $5)::int AS coming,
       count(*) FILTER (WHERE state = 'draft' AND NOT assigned)::int AS drafts,
       (SELECT count(*) FROM bookings_order r JOIN events_event e ON e.id = r.event
          JOIN programmes_programme p ON p.id = e.programme
         WHERE p.organisation = $1 AND extract(year FROM r.first_on) = $2
           AND r.state IN ('submitted', 'endorsed', 'approved', 'assigned'))::int AS orders,
       (SELECT count(*) FROM bookings_booking b
         WHERE b.state = 'pending' AND b.session IN (SELECT id FROM ours))::int AS bookings,
       (SELECT count(*) FROM statistics_table t JOIN statistics_round r ON r.id = t.round
         WHERE r.organisation = $1 AND r.year = $2 AND t.state IN ('open', 'returned'))::int AS statistics,
       (SELECT count(*) FROM programmes_programme p
         WHERE p.organisation = $1 AND p.year = $2 AND p.account = ''
           AND NOT EXISTS (SELECT 1 FROM programmes_target t WHERE t.programme = p.id))::int AS accounts,
       CASE WHEN EXISTS (SELECT 1 FROM reports_text t WHERE t.organisation = $1 AND t.year = $2
                            AND (t.problems <> '' OR t.plans <> '')) THEN 0 ELSE 1 END AS text,
       CASE WHEN EXISTS (SELECT 1 FROM reports_snapshot n WHERE n.organisation = $1 AND n.year = $2
                            AND n.withdrawn_at IS NULL AND n.programme = '' AND n.period = '') THEN 0 ELSE 1 END
           AS snapshot
  FROM ours"""


async def open_items(organisation_id: UUID, year: int, now: datetime) -> list[OpenItem]:
    """What is open in a year of exactly this organisation, in the order in which it is dealt with; one statement."""
    first, end = year_bounds(year)
    row = await db.row(_OPEN, organisation_id, year, first, end, now)
    assert row is not None  # an aggregate
    counts: dict[str, int] = {**row, "days": max(0, (date(year + 1, 1, 1) - local_day(now)).days)}
    return [OpenItem(kind, counts[kind], href) for kind, href in _links(year).items() if counts[kind]]


def _links(year: int) -> dict[OpenKind, str]:
    days = f"from={year}-01-01&to={year}-12-31"
    return {
        OpenKind.DAYS: "/desk",
        OpenKind.UNRECORDED: "/desk/unrecorded",
        OpenKind.HELD: "/desk/closing",
        OpenKind.COMING: f"/desk/sessions?state=published&{days}",
        OpenKind.DRAFTS: f"/desk/sessions?state=draft&{days}",
        OpenKind.ORDERS: "/desk/orders",
        OpenKind.BOOKINGS: "/desk/bookings?state=pending",
        OpenKind.STATISTICS: f"/desk/statistics?year={year}",
        OpenKind.ACCOUNTS: f"/desk/programmes?year={year}",
        OpenKind.TEXT: f"/desk/reports/{year}/text",
        OpenKind.SNAPSHOT: f"/desk/reports/fixed?year={year}",
    }


class ClosedTarget(msgspec.Struct, kw_only=True, frozen=True):
    """A target as it stood when the year was closed."""

    id: UUID
    programme: str
    key: str
    label: str
    unit: str
    value: float
    actual: float
    status: str


class _ClosedFacts(msgspec.Struct, kw_only=True):
    as_of: date
    sessions: int
    visits: int
    targets: list[ClosedTarget]
    open: dict[str, int] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """How a year was closed: the line of the journal, with the figures."""

    at: datetime
    actor_name: str
    reason: str
    as_of: date
    sessions: int
    visits: int
    targets: tuple[ClosedTarget, ...]


async def last_closing(year: YearToClose) -> Closing | None:
    """How the year was closed; ``None``: it is open."""
    if not year.is_closed:
        return None
    found = await db.row(
        """SELECT at, actor_name, reason, facts FROM accounts_journal
            WHERE object_id = $1 AND action = 'year.closed' ORDER BY id DESC LIMIT 1""",
        year.id,
    )
    if found is None:
        return None  # closed before this was written down
    facts = msgspec.json.decode(found["facts"], type=_ClosedFacts)
    return Closing(
        at=found["at"],
        actor_name=found["actor_name"],
        reason=found["reason"],
        as_of=facts.as_of,
        sessions=facts.sessions,
        visits=facts.visits,
        targets=tuple(facts.targets),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LateCorrection:
    """A figure that was corrected after the year was closed."""

    session_id: UUID
    title: str
    starts_at: datetime
    programme_name: str
    correction: CorrectionRow


async def corrections_since(organisation_id: UUID, year: int, since: datetime) -> list[LateCorrection]:
    """Corrections of the sessions of a year after a moment, the oldest first; one statement."""
    first, end = year_bounds(year)
    found = await db.rows(
        """SELECT c.id, c.session AS session_id, c.field, c."on", c.old_value, c.new_value, c.reason,
                  coalesce(who.name, '') AS corrected_by_name, c.corrected_at,
                  s.title, s.starts_at, p.name AS programme_name
             FROM attendance_correction c JOIN events_session s ON s.id = c.session
             JOIN programmes_programme p ON p.id = s.programme LEFT JOIN accounts_person who ON who.id = c.corrected_by
            WHERE p.organisation = $1 AND s.starts_at >= $2 AND s.starts_at < $3 AND c.corrected_at >= $4
            ORDER BY c.corrected_at, c.id LIMIT 500""",
        organisation_id,
        first,
        end,
        since,
    )
    return [_late(dict(one)) for one in found]


def _late(values: dict[str, Any]) -> LateCorrection:
    title, starts_at, name = (values.pop(key) for key in ("title", "starts_at", "programme_name"))
    return LateCorrection(
        session_id=values["session_id"],
        title=title,
        starts_at=starts_at,
        programme_name=name,
        correction=correction_row(values),
    )
