"""What papers say of sessions: figures by day, reviews, corrections, orders; one statement each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from outreach.attendance.queries import VISITS_BY_DAY
from outreach.bookings.feedback.queries import ReviewRow
from outreach.events.queries import SESSION_SQL, SessionRow, session_row
from outreach.shared import db
from outreach.shared.errors import FieldProblem, InvalidError, invalid
from outreach.shared.time import day_bounds, implausible_day, year_bounds

__all__ = [
    "DayFigures",
    "OrderFacts",
    "Span",
    "figures_of",
    "orders_of",
    "organisation_names",
    "reviews_of",
    "sessions_of_programme",
]


@dataclass(frozen=True, slots=True)
class Span:
    """From which local day of the start until which, both included; ``None``: open."""

    first: date | None = None
    last: date | None = None
    year: int | None = None

    @classmethod
    def asked(cls, first: str, last: str, year: str = "") -> "Span":
        """What somebody typed into an address or a form.

        Raises:
            InvalidError: names every bad field.
        """
        problems: list[FieldProblem] = []
        days: list[date | None] = []
        for name, text in (("from", first), ("to", last)):
            try:
                day = date.fromisoformat(text.strip()) if text.strip() else None
            except ValueError:
                problems.append(FieldProblem(name, "not-date"))
                day = None
            problems += implausible_day(name, day)
            days.append(day)
        number = int(year) if year.isascii() and year.isdigit() and len(year) == 4 else None
        if year and number is None:
            problems.append(FieldProblem("year", "not-whole-number"))
        elif number is not None:
            problems += implausible_day("year", date(max(number, 1), 1, 1))
        if not problems and days[0] and days[1] and days[0] > days[1]:
            problems.append(FieldProblem("to", "before-first"))
        if problems:
            raise InvalidError(problems)
        return cls(days[0], days[1], number)


async def sessions_of_programme(
    programme_id: UUID, span: Span, *, most: int, states: Sequence[str] = ("published", "held", "closed", "cancelled")
) -> list[SessionRow]:
    """The sessions of a programme that were ever out, in the order of their start.

    Raises:
        InvalidError: more than ``most``; a shorter span is asked for.
    """
    first, last = year_bounds(span.year) if span.year else (None, None)
    begin = day_bounds(span.first, span.first)[0] if span.first else None
    end = day_bounds(span.last, span.last)[1] if span.last else None
    found = await db.rows(
        SESSION_SQL
        + """ WHERE s.programme = $1 AND s.state = ANY($2::text[])
                AND (s.state <> 'cancelled' OR s.published_at IS NOT NULL)
                AND ($3::timestamptz IS NULL OR s.starts_at >= $3) AND ($4::timestamptz IS NULL OR s.starts_at < $4)
                AND ($5::timestamptz IS NULL OR s.starts_at >= $5) AND ($6::timestamptz IS NULL OR s.starts_at < $6)
              ORDER BY s.starts_at, s.id LIMIT $7""",
        programme_id,
        list(states),
        first,
        last,
        begin,
        end,
        most + 1,
    )
    if len(found) > most:
        raise invalid("from", "too-many-sessions", most=f"{most:,}")
    return [session_row(one) for one in found]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFigures:
    """One day of a session: visits as they count, ``named`` those who signed in by name.

    ``workers`` ``None`` and a missing group: not reported. ``counted``: by a head-count, else by the names.
    """

    on: date
    total: int
    workers: int | None
    groups: dict[str, int]
    estimated: bool
    counted: bool
    named: int


async def figures_of(session_ids: Sequence[UUID]) -> dict[UUID, list[DayFigures]]:
    """Figures by session and day; every id asked for is a key."""
    found: dict[UUID, list[DayFigures]] = {id_: [] for id_ in session_ids}
    rows = await db.rows(
        "WITH ours AS (SELECT unnest($1::uuid[]) AS id), days AS ("  # noqa: S608 - ours
        + VISITS_BY_DAY
        + """), present AS (
            SELECT session, "on", count(*)::int AS named FROM attendance_attendee
             WHERE session IN (SELECT id FROM ours) AND present GROUP BY 1, 2
        ), groups AS (
            SELECT session, "on", jsonb_object_agg(name, people) AS groups
              FROM (SELECT a.session, a."on", g AS name, count(*) AS people
                      FROM attendance_attendee a, unnest(a.groups) g
                     WHERE a.session IN (SELECT id FROM ours) AND a.present GROUP BY 1, 2, 3) parts
             GROUP BY 1, 2
        )
        SELECT d.session, d."on", d.total, d.workers, coalesce(h.estimated, false) AS estimated,
               h.id IS NOT NULL AS counted, coalesce(p.named, 0) AS named,
               CASE WHEN h.id IS NOT NULL THEN h.breakdown ELSE coalesce(g.groups, '{}') END AS groups
          FROM days d LEFT JOIN attendance_headcount h ON h.session = d.session AND h."on" = d."on"
          LEFT JOIN present p ON p.session = d.session AND p."on" = d."on"
          LEFT JOIN groups g ON g.session = d.session AND g."on" = d."on"
         ORDER BY d.session, d."on" """,
        list(found),
    )
    for one in rows:
        groups = msgspec.json.decode(one["groups"], type=dict[str, int])
        values = {name: one[name] for name in ("on", "total", "workers", "estimated", "counted", "named")}
        found[one["session"]].append(DayFigures(groups=groups, **values))
    return found


async def reviews_of(session_ids: Sequence[UUID]) -> dict[UUID, list[ReviewRow]]:
    """What units said of each session, the oldest first; every id asked for is a key."""
    found: dict[UUID, list[ReviewRow]] = {id_: [] for id_ in session_ids}
    for one in await db.rows(
        """SELECT r.session AS session_id, r.organisation AS organisation_id, o.name AS organisation_name, r.lecturer,
                  r.content, r.organising, r.again, r.words, r.created_at
             FROM bookings_review r JOIN accounts_organisation o ON o.id = r.organisation
            WHERE r.session = ANY($1::uuid[]) ORDER BY r.created_at, r.id""",
        list(found),
    ):
        found[one["session_id"]].append(ReviewRow(**one))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFacts:
    """The order that a session was made for, and the last scan of its stamped form, if there is one."""

    organisation_id: UUID
    organisation_name: str
    audience: int
    scan_digest: str | None
    scan_media_type: str | None
    scan_bytes: int | None
    scan_at: Any


async def orders_of(session_ids: Sequence[UUID]) -> dict[UUID, OrderFacts]:
    """The order of each session that was made for one."""
    found = await db.rows(
        """SELECT q.session, q.organisation AS organisation_id, u.name AS organisation_name, q.audience,
                  c.digest AS scan_digest, c.media_type AS scan_media_type, c.size_bytes AS scan_bytes,
                  c.created_at AS scan_at
             FROM bookings_order q JOIN accounts_organisation u ON u.id = q.organisation
             LEFT JOIN LATERAL (SELECT * FROM bookings_order_scan x WHERE x.order_id = q.id
                                 ORDER BY x.id DESC LIMIT 1) c ON true
            WHERE q.session = ANY($1::uuid[])""",
        list(session_ids),
    )
    return {one["session"]: OrderFacts(**{k: v for k, v in one.items() if k != "session"}) for one in found}


async def organisation_names(ids: Sequence[UUID]) -> dict[UUID, str]:
    """Names of the organisations that run sessions."""
    found = await db.rows("SELECT id, name FROM accounts_organisation WHERE id = ANY($1::uuid[])", list(set(ids)))
    return {one["id"]: one["name"] for one in found}
