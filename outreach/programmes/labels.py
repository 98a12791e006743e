"""Festivals and campaign periods over the calendars: the shipped ones, as somebody changed them, and own ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from outreach.accounts.journal import note_within
from outreach.programmes.commands.storing import CONFLICTS
from outreach.programmes.domain.labels import (
    SHIPPED,
    Label,
    LabelKind,
    label_problems,
    labels_of_day,
    shipped_labels,
)
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.errors import ForbiddenError, InvalidError, NotFoundError
from outreach.shared.i18n import gettext as _
from outreach.shared.i18n import language
from outreach.shared.ids import new_id
from outreach.shared.text import clean_line
from outreach.shared.time import local_day
from outreach.web.wording import month_day_range

__all__ = [
    "LabelGiven",
    "campaigns_text",
    "coming_labels",
    "festivals_of_day",
    "hide_label",
    "label_named",
    "labels_between",
    "labels_of_moment",
    "labels_of_year",
    "remove_label",
    "set_label",
]

#: How far ahead whoever makes a session is reminded of what comes.
AHEAD_DAYS = 60


@dataclass(frozen=True, slots=True)
class LabelGiven:
    """What somebody wrote of a label; see ``Label``."""

    name: str
    kind: LabelKind
    from_on: date
    last_on: date


# --- reads -----------------------------------------------------------------------------------------------------------


async def labels_between(first: date, last: date) -> list[Label]:
    """Labels that have a day from ``first`` to ``last``, both included, by their first day."""
    merged = await _merged(first.year - 1, last.year)
    return [one for one in merged if not one.is_hidden and one.touches(first, last)]


async def labels_of_year(year: int) -> list[Label]:
    """Every label that begins in ``year``, those that were hidden too: what its keepers see."""
    return [one for one in await _merged(year, year) if year in (one.year, one.from_on.year)]


async def label_named(*, code: str = "", year: int | None = None, label_id: UUID | None = None) -> Label:
    """The shipped label ``code`` of ``year`` as it stands, or the row ``label_id``.

    Raises:
        NotFoundError: there is none.
    """
    if label_id is not None:
        row = await db.row(_ROW + " WHERE id = $1", label_id)
        if row is None:
            raise NotFoundError
        return _label(row)
    found = [one for one in await _merged(year, year) if (one.code, one.year) == (code, year)] if code and year else []
    if not found:
        raise NotFoundError
    return found[0]


_ROW = """
SELECT id, code, year, kind, name, from_on, last_on, hidden AS is_hidden FROM programmes_calendar_label
"""


async def _merged(first_year: int, last_year: int) -> list[Label]:
    """What is shipped for these years, with the rows of the table in their place, and the rows that stand alone."""
    rows = await db.rows(
        _ROW + " WHERE year BETWEEN $1 AND $2 OR extract(year FROM last_on)::int BETWEEN $1 AND $2 ORDER BY id",
        first_year,
        last_year,
    )
    written = [_label(row) for row in rows]
    known = {(one.code, one.year) for one in written if one.code}
    shipped = [one for one in shipped_labels(range(first_year, last_year + 1)) if (one.code, one.year) not in known]
    return sorted([*shipped, *written], key=lambda one: (one.from_on, one.last_on, one.name))


def _label(row: Any) -> Label:
    return Label(**{**row, "kind": LabelKind(row["kind"])})


def festivals_of_day(on: date, labels: Sequence[Label], *, day_off: str = "") -> list[str]:
    """Festivals of a day in the reader's language, without one that the public holiday ``day_off`` names already."""
    return [_(name) for name in labels_of_day(on, labels, kind=LabelKind.FESTIVAL, day_off=day_off)]


def campaigns_text(labels: Sequence[Label]) -> list[str]:
    """Campaigns with their days: ``送温暖（12月22日至2月18日）``, in the reader's language."""
    return [_with_days(one) for one in labels if one.kind is LabelKind.CAMPAIGN]


def _with_days(label: Label) -> str:
    days = month_day_range(label.from_on, label.last_on, language())
    return _("%(name)s（%(days)s）") % {"name": _(label.name), "days": days}


async def labels_of_moment(moment: datetime) -> list[str]:
    """Festivals and campaigns of the day on which ``moment`` lies, in the reader's language."""
    on = local_day(moment)
    labels = await labels_between(on, on)
    return [*festivals_of_day(on, labels), *campaigns_text(labels)]


async def coming_labels(today: date) -> list[str]:
    """Festivals and campaigns of the next ``AHEAD_DAYS`` days with their days: what whoever plans has in mind."""
    labels = await labels_between(today, today + timedelta(days=AHEAD_DAYS))
    return [_with_days(one) for one in labels]


# --- writes ----------------------------------------------------------------------------------------------------------


async def set_label(
    actor: Actor, now: datetime, given: LabelGiven, *, code: str = "", year: int | None = None, id_: UUID | None = None
) -> UUID:
    """Add an own label (neither ``code`` nor ``id_``), change one (``id_``), or a shipped one of ``year`` (``code``).

    A shipped one that was hidden is shown again. Returns the row's id.

    Raises:
        ForbiddenError: the actor is no staff.
        InvalidError: the days are implausible, in the wrong order or too many.
        NotFoundError: nothing has that code or id.
    """
    _may_edit(actor)
    if problems := label_problems(given.from_on, given.last_on):
        raise InvalidError(problems)
    if code and (code not in SHIPPED or year is None):
        raise NotFoundError
    async with db.atomic(CONFLICTS):
        if id_ is not None:
            made = await _change_within(now, id_, given)
        else:
            made = await _write_within(now, given, code=code, year=year if code and year else given.from_on.year)
        facts = {"name": clean_line(given.name), "from_on": given.from_on.isoformat()}
        facts |= {"last_on": given.last_on.isoformat()}
        await note_within(actor, now, "calendar_label.set", "holiday", made, facts=facts)
        return made


async def _write_within(now: datetime, given: LabelGiven, *, code: str, year: int, hidden: bool = False) -> UUID:
    made: UUID = await db.value(
        """INSERT INTO programmes_calendar_label (id, code, year, kind, name, from_on, last_on, hidden, changed_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
           ON CONFLICT (code, year) WHERE code <> '' DO UPDATE
              SET kind = excluded.kind, name = excluded.name, from_on = excluded.from_on, last_on = excluded.last_on,
                  hidden = excluded.hidden, changed_at = excluded.changed_at
           RETURNING id""",
        new_id(),
        code,
        year,
        given.kind,
        clean_line(given.name),
        given.from_on,
        given.last_on,
        hidden,
        now,
    )
    return made


async def _change_within(now: datetime, id_: UUID, given: LabelGiven) -> UUID:
    changed: UUID | None = await db.value(
        """UPDATE programmes_calendar_label
              SET kind = $2, name = $3, from_on = $4, last_on = $5, hidden = false, changed_at = $6,
                  year = CASE WHEN code = '' THEN $7 ELSE year END
            WHERE id = $1 RETURNING id""",
        id_,
        given.kind,
        clean_line(given.name),
        given.from_on,
        given.last_on,
        now,
        given.from_on.year,
    )
    if changed is None:
        raise NotFoundError
    return changed


async def hide_label(actor: Actor, now: datetime, *, code: str, year: int) -> None:
    """Do without a shipped label in one year.

    Raises:
        ForbiddenError: the actor is no staff.
        NotFoundError: nothing shipped has that code in that year.
    """
    _may_edit(actor)
    async with db.atomic(CONFLICTS):
        label = await label_named(code=code, year=year)
        given = LabelGiven(label.name, label.kind, label.from_on, label.last_on)
        made = await _write_within(now, given, code=code, year=year, hidden=True)
        facts = {"name": label.name, "year": year}
        await note_within(actor, now, "calendar_label.hidden", "holiday", made, facts=facts)


async def remove_label(actor: Actor, now: datetime, label_id: UUID) -> None:
    """Take an own label away, or let a changed or hidden one be as it was shipped.

    Raises:
        ForbiddenError: the actor is no staff.
        NotFoundError: there is none with this id.
    """
    _may_edit(actor)
    async with db.atomic(CONFLICTS):
        row = await db.row("DELETE FROM programmes_calendar_label WHERE id = $1 RETURNING code, name, year", label_id)
        if row is None:
            raise NotFoundError
        action = "calendar_label.restored" if row["code"] else "calendar_label.removed"
        facts = {"name": row["name"], "year": row["year"]}
        await note_within(actor, now, action, "holiday", label_id, facts=facts)


def _may_edit(actor: Actor) -> None:
    if not actor.is_staff:
        raise ForbiddenError
