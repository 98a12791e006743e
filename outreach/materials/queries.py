"""What is known of stock and rounds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from outreach.materials.domain.permissions import may_keep, may_read_round
from outreach.materials.domain.states import RoundState
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from outreach.shared.errors import ForbiddenError, NotFoundError
from outreach.shared.paging import MAX_LIMIT, Page, moment_after, page_of

__all__ = [
    "ItemRow",
    "MovementRow",
    "RoundRow",
    "item_by_id",
    "items_kept",
    "kept_item",
    "kept_round",
    "movement_by_id",
    "movements_of_item",
    "readable_round",
    "round_by_id",
    "rounds_page",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRow:
    """Something in stock; ``stock`` and ``reserved`` in ``unit``, promised ones are among those in stock."""

    id: UUID
    organisation_id: UUID
    organisation_name: str
    organisation_path: str
    name: str
    unit: str
    note: str
    stock: int
    reserved: int
    handed: int
    revision: int

    @property
    def free(self) -> int:
        """What nobody has been promised yet."""
        return self.stock - self.reserved


_ITEM = """SELECT i.id, i.organisation AS organisation_id, o.name AS organisation_name, o.path AS organisation_path,
       i.name, i.unit, i.note, i.stock, i.reserved, i.revision,
       (SELECT coalesce(-sum(m.change), 0)::int FROM materials_movement m
          LEFT JOIN materials_movement c ON c.id = m.corrects
         WHERE m.item = i.id AND coalesce(c.kind, m.kind) = 'handout') AS handed
  FROM materials_item i JOIN accounts_organisation o ON o.id = i.organisation"""


async def items_kept(actor: Actor, *, limit: int = MAX_LIMIT) -> list[ItemRow]:
    """The stocks that the actor keeps, higher organisations first, then by name."""
    found = await db.rows(
        f"""{_ITEM} WHERE EXISTS (SELECT 1 FROM unnest($1::text[]) run WHERE starts_with(o.path, run))
            ORDER BY length(o.path), o.path, i.name, i.id LIMIT $2""",  # noqa: S608
        list(actor.organised_paths),
        limit,
    )
    return [ItemRow(**one) for one in found]


async def item_by_id(item_id: UUID) -> ItemRow:
    """The item, whoever asks.

    Raises:
        NotFoundError: there is none.
    """
    found = await db.row(f"{_ITEM} WHERE i.id = $1", item_id)
    if found is None:
        raise NotFoundError
    return ItemRow(**found)


async def kept_item(actor: Actor, item_id: UUID) -> ItemRow:
    """The item, for who keeps it.

    Raises:
        NotFoundError: there is none, or it is not the caller's.
    """
    item = await item_by_id(item_id)
    if not may_keep(actor, item.organisation_path):
        raise NotFoundError
    return item


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementRow:
    """One change of a stock; ``now_is``: the quantity that a movement stands for, corrections included."""

    id: UUID
    item_id: UUID
    kind: str
    change: int
    now_is: int
    on: date
    programme_id: UUID | None
    programme_name: str
    application_id: UUID | None
    round_id: UUID | None
    round_title: str
    receiver: str
    session_id: UUID | None
    tally_id: UUID | None
    corrects: UUID | None
    corrected_kind: str | None
    note: str
    created_by_name: str
    created_at: datetime


_MOVEMENT = """SELECT m.id, m.item AS item_id, m.kind, m.change,
       abs(m.change + coalesce((SELECT sum(c.change) FROM materials_movement c WHERE c.corrects = m.id), 0))::int
           AS now_is,
       m."on", m.programme AS programme_id, coalesce(p.name, '') AS programme_name, m.application AS application_id,
       a.round AS round_id, coalesce(r.title, '') AS round_title, m.receiver, m.session AS session_id, m.tally_id,
       m.corrects, old.kind AS corrected_kind, m.note, coalesce(who.name, '') AS created_by_name, m.created_at
  FROM materials_movement m
  LEFT JOIN programmes_programme p ON p.id = m.programme
  LEFT JOIN materials_application a ON a.id = m.application
  LEFT JOIN materials_round r ON r.id = a.round
  LEFT JOIN materials_movement old ON old.id = m.corrects
  LEFT JOIN accounts_person who ON who.id = m.created_by"""


async def movements_of_item(item_id: UUID, *, limit: int, after: str | None = None) -> Page[MovementRow]:
    """The movements of a stock, the last entered first.

    Raises:
        InvalidError: ``after`` is no cursor of this list.
    """
    start = moment_after(after) if after else (None, None)
    found = await db.rows(
        f"""{_MOVEMENT} WHERE m.item = $1
              AND ($2::timestamptz IS NULL OR (m.created_at, m.id) < ($2::timestamptz, $3::uuid))
            ORDER BY m.created_at DESC, m.id DESC LIMIT $4""",
        item_id,
        *start,
        limit + 1,
    )
    total = await db.value("SELECT count(*) FROM materials_movement WHERE item = $1", item_id)
    rows = [MovementRow(**one) for one in found]
    return page_of(rows, limit, total, lambda row: (row.created_at.isoformat(), str(row.id)))


async def movement_by_id(movement_id: UUID) -> MovementRow:
    """The movement, whoever asks.

    Raises:
        NotFoundError: there is none.
    """
    found = await db.row(f"{_MOVEMENT} WHERE m.id = $1", movement_id)
    if found is None:
        raise NotFoundError
    return MovementRow(**found)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundRow:
    """One round with its item, whose owner runs it, and the sums of its live applications in the item's unit."""

    id: UUID
    item_id: UUID
    item_name: str
    unit: str
    stock: int
    reserved: int
    organisation_id: UUID
    organisation_name: str
    organisation_path: str
    programme_id: UUID
    programme_name: str
    programme_kinds: tuple[str, ...]
    year: int
    target_id: UUID | None
    target_label: str
    title: str
    quantity: int
    apply_until: date
    hazard_percent: int
    note: str
    state: RoundState
    available: int | None
    cancelled_reason: str
    revision: int
    applications: int
    wanted: int
    granted: int
    handed: int

    @property
    def free(self) -> int:
        """What of the stock nobody has been promised yet."""
        return self.stock - self.reserved


_ROUND = """SELECT r.id, r.item AS item_id, i.name AS item_name, i.unit, i.stock, i.reserved,
       i.organisation AS organisation_id, o.name AS organisation_name, o.path AS organisation_path,
       r.programme AS programme_id, p.name AS programme_name, p.kinds AS programme_kinds, p.year,
       r.target AS target_id, coalesce(t.label, '') AS target_label, r.title, r.quantity, r.apply_until,
       r.hazard_percent, r.note, r.state, r.available, r.cancelled_reason, r.revision,
       sums.applications, sums.wanted, sums.granted, sums.handed
  FROM materials_round r JOIN materials_item i ON i.id = r.item
  JOIN accounts_organisation o ON o.id = i.organisation
  JOIN programmes_programme p ON p.id = r.programme LEFT JOIN programmes_target t ON t.id = r.target
  CROSS JOIN LATERAL (
      SELECT count(*)::int AS applications, coalesce(sum(a.wanted), 0)::int8 AS wanted,
             coalesce(sum(a.granted), 0)::int8 AS granted, coalesce(sum(a.handed), 0)::int8 AS handed
        FROM materials_application a WHERE a.round = r.id AND a.state <> 'withdrawn') sums"""


def _round(row: Mapping[str, Any]) -> RoundRow:
    facts = dict(row)
    return RoundRow(
        **{**facts, "state": RoundState(facts["state"]), "programme_kinds": tuple(facts["programme_kinds"] or ())}
    )


async def round_by_id(round_id: UUID) -> RoundRow:
    """The round, whoever asks.

    Raises:
        NotFoundError: there is none.
    """
    found = await db.row(f"{_ROUND} WHERE r.id = $1", round_id)
    if found is None:
        raise NotFoundError
    return _round(found)


async def readable_round(actor: Actor, round_id: UUID) -> RoundRow:
    """The round, for who may know of it.

    Raises:
        NotFoundError: there is none, or the caller may not know of it.
    """
    row = await round_by_id(round_id)
    if not may_read_round(actor, row.organisation_path):
        raise NotFoundError
    return row


async def kept_round(actor: Actor, round_id: UUID) -> RoundRow:
    """The round, for who runs it.

    Raises:
        NotFoundError: there is none, or the caller may not know of it.
        ForbiddenError: the caller only applies in it.
    """
    row = await readable_round(actor, round_id)
    if not may_keep(actor, row.organisation_path):
        raise ForbiddenError
    return row


async def rounds_page(
    actor: Actor, *, item_id: UUID | None = None, kept: bool = False, limit: int, after: str | None = None
) -> Page[RoundRow]:
    """Rounds that the caller may know of, the newest first.

    Args:
        kept: only those that the caller runs.

    Raises:
        InvalidError: ``after`` is no cursor of this list.
    """
    below = [grant.path for grant in actor.grants if grant.role in (Role.CONTACT, Role.ORGANISER)]
    start = moment_after(after) if after else (None, None)
    where = """(EXISTS (SELECT 1 FROM unnest($1::text[]) run WHERE starts_with(o.path, run))
                OR EXISTS (SELECT 1 FROM unnest($2::text[]) own WHERE starts_with(own, o.path)))
          AND ($3::uuid IS NULL OR r.item = $3)"""
    asked = (list(actor.organised_paths), [] if kept else below, item_id)
    total = await db.value(
        f"""SELECT count(*) FROM materials_round r JOIN materials_item i ON i.id = r.item
              JOIN accounts_organisation o ON o.id = i.organisation WHERE {where}""",  # noqa: S608
        *asked,
    )
    found = await db.rows(
        f"""{_ROUND.replace("r.revision,", "r.revision, r.created_at,")} WHERE {where}
              AND ($4::timestamptz IS NULL OR (r.created_at, r.id) < ($4::timestamptz, $5::uuid))
            ORDER BY r.created_at DESC, r.id DESC LIMIT $6""",
        *asked,
        *start,
        limit + 1,
    )
    moments = {one["id"]: one["created_at"] for one in found}
    rows = [_round({name: one[name] for name in RoundRow.__dataclass_fields__}) for one in found]
    return page_of(rows, limit, total, lambda row: (moments[row.id].isoformat(), str(row.id)))
