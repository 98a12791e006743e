"""What is known of programmes, targets, tallies, years and holidays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from outreach.programmes.domain.promise import ANSWER_HOURS, CLOSING_DAYS, OFFER_HOURS, REMIND_DAYS, ramp_of
from outreach.programmes.domain.targets import Basis, Bound, Counting, Metric
from outreach.shared import db
from outreach.shared.errors import NotFoundError, invalid
from outreach.shared.paging import Page, decode_cursor, page_of

__all__ = [
    "ProgrammeRow",
    "TallyRow",
    "TargetRow",
    "YearRow",
    "programme_by_id",
    "programmes_of_year",
    "programmes_page",
    "tallies_below",
    "tallies_of_programme",
    "tally_by_id",
    "target_by_id",
    "targets_of",
    "year_of",
    "years_of",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeRow:
    """One promised service of one year (实事项目) and whose it is."""

    id: UUID
    organisation_id: UUID
    organisation_name: str
    organisation_path: str
    year: int
    position: int
    code: str
    name: str
    mark: str
    short: str
    department: str
    scheduled: bool
    confidential: bool
    approval_needed: bool
    audiences: tuple[str, ...]
    kinds: tuple[str, ...]
    forms: tuple[str, ...]
    topics: tuple[str, ...]
    channels: tuple[str, ...]
    reservable_by: tuple[str, ...]
    budget_yuan: int | None
    zones: int | None
    quarter_shares: tuple[int, ...]
    account: str
    revision: int
    max_per_organisation: int | None = None
    cancel_hours: int | None = None
    two_step_orders: bool = False
    offer_hours: int = OFFER_HOURS
    answer_hours: int = ANSWER_HOURS
    closing_days: int = CLOSING_DAYS
    remind_days: int = REMIND_DAYS
    remind_morning: bool = True

    @property
    def short_name(self) -> str:
        """A name that fits tabs and headings: the one given, else the name itself."""
        return self.short or self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetRow:
    """One promised figure (指标); ``value`` is in ``unit``, ``tolerance_percent`` is set for 左右 only.

    ``ramp``: of a promise over several years its values by year, this one's among them; empty: of one year.
    """

    id: UUID
    programme_id: UUID
    key: str
    position: int
    metric: Metric
    basis: Basis
    label: str
    wording: str
    unit: str
    bound: Bound
    tolerance_percent: float | None
    value: float
    counting: Counting
    kinds: tuple[str, ...]
    ramp: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class YearRow:
    """One organisation's promise of one year; figures are public as of ``released_as_of``, if at all."""

    id: UUID
    organisation_id: UUID
    organisation_name: str
    organisation_path: str
    year: int
    title: str
    document: str
    submissions_due: date | None
    state: str
    released_as_of: date | None
    max_per_organisation: int | None = None

    @property
    def is_closed(self) -> bool:
        return self.state == "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class TallyRow:
    """One entry for what no session yields (补充填报)."""

    id: UUID
    target_id: UUID
    target_label: str
    unit: str
    programme_id: UUID
    programme_name: str
    on: date
    quantity: float
    receiver: str
    session_id: UUID | None
    note: str
    entered_by: str
    created_at: datetime


_PROGRAMME = """SELECT p.id, p.organisation AS organisation_id, o.name AS organisation_name,
       o.path AS organisation_path, p.year, p.position, p.code, p.name, p.mark, p.short_name AS short, p.department,
       p.scheduled, p.confidential, p.approval_needed, p.audiences, p.kinds, p.forms, p.topics, p.channels,
       p.reservable_by, p.budget_yuan, p.zones, p.quarter_shares, p.account, p.revision,
       p.max_per_organisation, p.cancel_hours, p.two_step_orders, p.offer_hours, p.answer_hours, p.closing_days,
       p.remind_days, p.remind_morning
  FROM programmes_programme p JOIN accounts_organisation o ON o.id = p.organisation"""

_LISTS = ("audiences", "kinds", "forms", "topics", "channels", "reservable_by", "quarter_shares")


def _programme(row: Mapping[str, Any]) -> ProgrammeRow:
    facts = dict(row)
    for name in _LISTS:
        facts[name] = tuple(facts[name] or ())
    return ProgrammeRow(**facts)


async def programme_by_id(programme_id: UUID) -> ProgrammeRow:
    """The programme.

    Raises:
        NotFoundError: there is none with this id.
    """
    row = await db.row(f"{_PROGRAMME} WHERE p.id = $1", programme_id)
    if row is None:
        raise NotFoundError
    return _programme(row)


async def programmes_of_year(year: int, organisation_path: str | None = None) -> list[ProgrammeRow]:
    """Programmes of ``year`` owned at or below ``organisation_path`` (``None``: everybody's).

    Higher organisations come first, then the numbers of the notice.
    """
    rows = await db.rows(
        f"""{_PROGRAMME} WHERE p.year = $1 AND ($2::text IS NULL OR starts_with(o.path, $2))
            ORDER BY length(o.path), o.path, p.position, p.code""",
        year,
        organisation_path,
    )
    return [_programme(row) for row in rows]


async def programmes_page(
    paths: Sequence[str], *, year: int | None, limit: int, after: str | None
) -> Page[ProgrammeRow]:
    """Programmes whose owner lies above, at or below one of ``paths``; newest year first, then by owner and number.

    Raises:
        InvalidError: ``after`` is no cursor of this list.
    """
    given = decode_cursor(after, 4) if after else None
    try:
        start = (int(given[0]), given[1], int(given[2]), UUID(given[3])) if given else (None, None, None, None)
    except ValueError:
        raise invalid("after", "bad-cursor") from None
    where = """($2::int IS NULL OR p.year = $2)
          AND EXISTS (SELECT 1 FROM unnest($1::text[]) AS mine
                       WHERE starts_with(o.path, mine) OR starts_with(mine, o.path))"""
    rows = await db.rows(
        f"""{_PROGRAMME} WHERE {where}
              AND ($3::int IS NULL
                   OR (-p.year, o.path COLLATE "C", p.position, p.id) > ($3::int, $4::text, $5::int, $6::uuid))
            ORDER BY -p.year, o.path COLLATE "C", p.position, p.id LIMIT $7""",
        list(paths),
        year,
        *start,
        limit + 1,
    )
    total = await db.value(
        f"""SELECT count(*) FROM programmes_programme p JOIN accounts_organisation o ON o.id = p.organisation
            WHERE {where}""",  # noqa: S608
        list(paths),
        year,
    )
    return page_of(
        [_programme(row) for row in rows],
        limit,
        total,
        lambda row: (str(-row.year), row.organisation_path, str(row.position), str(row.id)),
    )


_TARGET = """SELECT t.id, t.programme AS programme_id, t.key, t.position, t.metric, t.basis, t.label, t.wording, t.unit,
       t.bound, t.tolerance_percent, t.value, t.counting, t.kinds, t.ramp
  FROM programmes_target t"""


def _target(row: Mapping[str, Any]) -> TargetRow:
    facts = dict(row)
    return TargetRow(
        **{
            **facts,
            "metric": Metric(facts["metric"]),
            "basis": Basis(facts["basis"]),
            "bound": Bound(facts["bound"]),
            "counting": Counting(facts["counting"]),
            "ramp": ramp_of(msgspec.json.decode(facts["ramp"], type=dict[str, float])),
            "kinds": tuple(facts["kinds"] or ()),
        }
    )


async def targets_of(programme_ids: Sequence[UUID]) -> dict[UUID, list[TargetRow]]:
    """Targets by programme, in the order of the notice; a programme without figures has an empty list."""
    found: dict[UUID, list[TargetRow]] = {programme_id: [] for programme_id in programme_ids}
    rows = await db.rows(
        f"{_TARGET} WHERE t.programme = ANY($1::uuid[]) ORDER BY t.position, t.key", list(programme_ids)
    )
    for row in rows:
        found[row["programme_id"]].append(_target(row))
    return found


async def target_by_id(target_id: UUID) -> TargetRow:
    """The target.

    Raises:
        NotFoundError: there is none with this id.
    """
    row = await db.row(f"{_TARGET} WHERE t.id = $1", target_id)
    if row is None:
        raise NotFoundError
    return _target(row)


_YEAR = """SELECT y.id, y.organisation AS organisation_id, o.name AS organisation_name,
       o.path AS organisation_path, y.year, y.title, y.document, y.submissions_due, y.state, y.released_as_of,
       y.max_per_organisation
  FROM programmes_year y JOIN accounts_organisation o ON o.id = y.organisation"""


async def year_of(organisation_id: UUID, year: int) -> YearRow | None:
    """What the organisation promised for ``year``, or ``None``."""
    row = await db.row(f"{_YEAR} WHERE y.organisation = $1 AND y.year = $2", organisation_id, year)
    return YearRow(**row) if row else None


async def years_of(
    *, organisation_path: str | None = None, year: int | None = None, released: bool = False
) -> list[YearRow]:
    """Years owned at or below ``organisation_path``, newest first, then higher organisations first.

    ``released`` leaves only those whose figures the public may see.
    """
    rows = await db.rows(
        f"""{_YEAR} WHERE ($1::text IS NULL OR starts_with(o.path, $1)) AND ($2::int IS NULL OR y.year = $2)
              AND (NOT $3 OR y.released_as_of IS NOT NULL)
            ORDER BY y.year DESC, length(o.path), o.path""",
        organisation_path,
        year,
        released,
    )
    return [YearRow(**row) for row in rows]


async def tallies_of_programme(
    programme_id: UUID, *, target: str = "", limit: int, after: str | None = None
) -> Page[TallyRow]:
    """Entries of the programme, newest day first; ``target`` (a key) leaves only its own.

    Raises:
        InvalidError: ``after`` is no cursor of this list.
    """
    which = "p.id = $1 AND ($2 = '' OR t.key = $2)"
    return await _tallies(which, programme_id, target, limit=limit, after=after)


async def tallies_below(paths: Sequence[str], year: int, *, limit: int, after: str | None = None) -> Page[TallyRow]:
    """Like ``tallies_of_programme``, of all programmes of ``year`` owned at or below one of ``paths``."""
    which = "EXISTS (SELECT 1 FROM unnest($1::text[]) run WHERE starts_with(o.path, run)) AND p.year = $2"
    return await _tallies(which, list(paths), year, limit=limit, after=after)


async def tally_by_id(tally_id: UUID) -> TallyRow:
    """The entry.

    Raises:
        NotFoundError: there is none with this id.
    """
    row = await db.row(f"{_TALLY} {_TALLY_SOURCE} WHERE y.id = $1", tally_id)
    if row is None:
        raise NotFoundError
    return TallyRow(**row)


_TALLY = """SELECT y.id, t.id AS target_id, t.label AS target_label, t.unit, p.id AS programme_id,
       p.name AS programme_name, y."on", y.quantity, y.receiver, y.session_id, y.note,
       coalesce(who.name, '') AS entered_by, y.created_at"""

_TALLY_SOURCE = """FROM programmes_tally y JOIN programmes_target t ON t.id = y.target
  JOIN programmes_programme p ON p.id = t.programme JOIN accounts_organisation o ON o.id = p.organisation
  LEFT JOIN accounts_person who ON who.id = y.created_by"""


async def _tallies(which: str, *args: Any, limit: int, after: str | None) -> Page[TallyRow]:
    given = decode_cursor(after, 2) if after else None
    try:
        on, id_ = (date.fromisoformat(given[0]), UUID(given[1])) if given else (None, None)
    except ValueError:
        raise invalid("after", "bad-cursor") from None
    n = len(args)
    rows = await db.rows(
        f"""{_TALLY} {_TALLY_SOURCE}
            WHERE {which} AND (${n + 1}::date IS NULL OR (y."on", y.id) < (${n + 1}::date, ${n + 2}::uuid))
            ORDER BY y."on" DESC, y.id DESC LIMIT ${n + 3}""",
        *args,
        on,
        id_,
        limit + 1,
    )
    total = await db.value(f"SELECT count(*) {_TALLY_SOURCE} WHERE {which}", *args)
    return page_of([TallyRow(**row) for row in rows], limit, total, lambda row: (row.on.isoformat(), str(row.id)))
