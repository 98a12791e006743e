"""Rows of programmes and targets, written inside an open transaction; permission was asked before."""

from datetime import datetime
from uuid import UUID

import msgspec

from outreach.programmes.domain.errors import ClosedYearError, TargetInUseError
from outreach.programmes.domain.marks import default_mark, default_short_name
from outreach.programmes.domain.promise import ProgrammeFacts, TargetFacts
from outreach.shared import db
from outreach.shared.errors import invalid
from outreach.shared.ids import new_id
from outreach.shared.text import clean_line

__all__ = [
    "CONFLICTS",
    "hold_year_within",
    "insert_programme",
    "insert_target",
    "lock_year",
    "update_programme",
    "update_target",
    "year_within",
]

CONFLICTS: db.Conflicts = {
    "programmes_programme_code_once": lambda: invalid("code", "programme-code-taken"),
    "programmes_target_key_once": lambda: invalid("key", "target-key-taken"),
    "programmes_holiday_on_key": lambda: invalid("on", "holiday-known"),
    # A later app refers to targets: what its rounds hand out is counted for one.
    "materials_round_target_fkey": TargetInUseError,
}

_LISTS = ("audiences", "kinds", "forms", "topics", "channels", "reservable_by")
_LINES = ("code", "name", "mark", "short_name", "department")
_PLAIN = ("scheduled", "confidential", "approval_needed", "budget_yuan", "zones")
_RULES = (
    "max_per_organisation",
    "cancel_hours",
    "two_step_orders",
    "offer_hours",
    "answer_hours",
    "closing_days",
    "remind_days",
    "remind_morning",
)
_COLUMNS = (*_LINES, *_PLAIN, "account", *_LISTS, "quarter_shares", *_RULES)


def _values(facts: ProgrammeFacts) -> list[object]:
    return [
        *(clean_line(getattr(facts, name)) for name in _LINES),
        *(getattr(facts, name) for name in _PLAIN),
        facts.account,
        *([clean_line(one) for one in getattr(facts, name)] for name in _LISTS),
        list(facts.quarter_shares),
        *(getattr(facts, name) for name in _RULES),
    ]


async def year_within(
    organisation_id: UUID, year: int, now: datetime, *, title: str, document: str = "", submissions_due: object = None
) -> UUID:
    """The organisation's year, made when it is new; what it says already stays."""
    await _make_year(organisation_id, year, now, title=title, document=document, submissions_due=submissions_due)
    await lock_year(organisation_id, year)
    found: UUID = await db.value(
        "SELECT id FROM programmes_year WHERE organisation = $1 AND year = $2", organisation_id, year
    )
    return found


async def hold_year_within(organisation_id: UUID, year: int, now: datetime) -> None:
    """Keep the organisation's year, made when it is new, for this transaction alone: numbers and codes of its
    programmes are given one after another.

    Raises:
        ClosedYearError: it is closed.
    """
    await _make_year(organisation_id, year, now, title="", document="", submissions_due=None)
    state = await db.value(
        "SELECT state FROM programmes_year WHERE organisation = $1 AND year = $2 FOR UPDATE", organisation_id, year
    )
    if state == "closed":
        raise ClosedYearError(year=year)


async def _make_year(
    organisation_id: UUID, year: int, now: datetime, *, title: str, document: str, submissions_due: object
) -> None:
    await db.execute(
        """INSERT INTO programmes_year
               (id, organisation, year, title, document, submissions_due, state, created_at)
           VALUES ($1, $2, $3, $4, $5, $6, 'open', $7) ON CONFLICT (organisation, year) DO NOTHING""",
        new_id(),
        organisation_id,
        year,
        title,
        document,
        submissions_due,
        now,
    )


async def lock_year(organisation_id: UUID, year: int) -> None:
    """Hold the year open until the transaction ends, so that nobody closes it meanwhile.

    Raises:
        ClosedYearError: it is closed.
    """
    state = await db.value(
        "SELECT state FROM programmes_year WHERE organisation = $1 AND year = $2 FOR SHARE", organisation_id, year
    )
    if state == "closed":
        raise ClosedYearError(year=year)


async def insert_programme(
    organisation_id: UUID, year: int, position: int, facts: ProgrammeFacts, now: datetime
) -> UUID:
    """Store a new programme with its targets; return its id. Marks and short names not given are chosen."""
    taken = await db.rows(
        "SELECT mark FROM programmes_programme WHERE organisation = $1 AND year = $2", organisation_id, year
    )
    made = new_id()
    values = _values(facts)
    values[_COLUMNS.index("mark")] = facts.mark or default_mark(facts.code, facts.name, {row["mark"] for row in taken})
    values[_COLUMNS.index("short_name")] = clean_line(facts.short_name) or default_short_name(facts.code)
    await db.execute(
        # Column names are ours; every value is a parameter.
        f"""INSERT INTO programmes_programme
                (id, organisation, year, position, created_at, revision, {", ".join(_COLUMNS)})
            VALUES ($1, $2, $3, $4, $5, 1, {_places(6, len(_COLUMNS))})""",  # noqa: S608
        made,
        organisation_id,
        year,
        position,
        now,
        *values,
    )
    for number, target in enumerate(facts.targets, 1):
        await insert_target(made, number, target, now)
    return made


async def update_programme(programme_id: UUID, facts: ProgrammeFacts) -> None:
    """Store everything of ``facts`` but its targets, and raise the revision. An empty mark keeps the one there is."""
    assignments = [f"{name} = ${number}" for number, name in enumerate(_COLUMNS, 2)]
    mark = _COLUMNS.index("mark")
    assignments[mark] = f"mark = coalesce(nullif(${mark + 2}, ''), mark)"
    await db.execute(
        f"UPDATE programmes_programme SET {', '.join(assignments)}, revision = revision + 1 WHERE id = $1",  # noqa: S608
        programme_id,
        *_values(facts),
    )


_TARGET_COLUMNS = (
    "key",
    "metric",
    "basis",
    "label",
    "wording",
    "unit",
    "bound",
    "tolerance_percent",
    "value",
    "counting",
    "kinds",
    "ramp",
)


def _target_values(target: TargetFacts) -> list[object]:
    return [
        target.key,
        target.metric,
        target.basis,
        clean_line(target.label),
        clean_line(target.wording),
        clean_line(target.unit),
        target.bound,
        target.tolerance,
        target.value,
        target.counting,
        list(target.kinds),
        msgspec.json.encode(dict(target.ramp)).decode(),
    ]


async def insert_target(programme_id: UUID, position: int, target: TargetFacts, now: datetime) -> UUID:
    """Store a new target; return its id."""
    made = new_id()
    await db.execute(
        f"""INSERT INTO programmes_target (id, programme, position, created_at, {", ".join(_TARGET_COLUMNS)})
            VALUES ($1, $2, $3, $4, {_places(5, len(_TARGET_COLUMNS))})""",  # noqa: S608
        made,
        programme_id,
        position,
        now,
        *_target_values(target),
    )
    return made


async def update_target(target_id: UUID, target: TargetFacts) -> None:
    """Store everything of ``target``."""
    assignments = (f"{name} = ${number}" for number, name in enumerate(_TARGET_COLUMNS, 2))
    await db.execute(
        f"UPDATE programmes_target SET {', '.join(assignments)} WHERE id = $1",  # noqa: S608
        target_id,
        *_target_values(target),
    )


def _places(first: int, count: int) -> str:
    return ", ".join(f"${number}" for number in range(first, first + count))
