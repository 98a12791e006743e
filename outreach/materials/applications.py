"""What is known of the applications of rounds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from outreach.materials.domain.allocation import Applied
from outreach.materials.domain.states import ApplicationState
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.errors import NotFoundError
from outreach.shared.paging import MAX_LIMIT, Page, decode_cursor, page_of

__all__ = [
    "ApplicationRow",
    "application_by_id",
    "applications_of_round",
    "applications_to_share",
    "own_applications",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationRow:
    """What one unit asked for, was granted and got, in the item's unit; ``None``: not reckoned or not decided."""

    id: UUID
    round_id: UUID
    organisation_id: UUID
    organisation_name: str
    organisation_path: str
    organisation_code: str
    district: str
    wanted: int
    members: int
    hazard: bool
    note: str
    state: ApplicationState
    earlier: int | None
    proposed: int | None
    granted: int | None
    reason: str
    handed: int
    applied_by_name: str
    applied_at: datetime
    received_by_name: str
    received_at: datetime | None
    revision: int

    @property
    def left(self) -> int:
        """What is still to be handed out."""
        return max((self.granted or 0) - self.handed, 0)


_APPLICATION = """SELECT a.id, a.round AS round_id, a.organisation AS organisation_id, o.name AS organisation_name,
       o.path AS organisation_path, o.code AS organisation_code, o.district, a.wanted, a.members, a.hazard, a.note,
       a.state, a.earlier, a.proposed, a.granted, a.reason, a.handed, coalesce(who.name, '') AS applied_by_name,
       a.applied_at, coalesce(got.name, '') AS received_by_name, a.received_at, a.revision
  FROM materials_application a JOIN accounts_organisation o ON o.id = a.organisation
  LEFT JOIN accounts_person who ON who.id = a.applied_by LEFT JOIN accounts_person got ON got.id = a.received_by"""


def _application(row: Mapping[str, Any]) -> ApplicationRow:
    return ApplicationRow(**{**row, "state": ApplicationState(row["state"])})


async def application_by_id(application_id: UUID) -> ApplicationRow:
    """The application, whoever asks.

    Raises:
        NotFoundError: there is none.
    """
    found = await db.row(f"{_APPLICATION} WHERE a.id = $1", application_id)
    if found is None:
        raise NotFoundError
    return _application(found)


async def applications_of_round(
    round_id: UUID,
    *,
    paths: Sequence[str] = ("/",),
    granted: bool = False,
    limit: int = MAX_LIMIT,
    after: str | None = None,
) -> Page[ApplicationRow]:
    """The live applications of a round in the order of the union tree.

    Args:
        paths: only of units at or below one of these.
        granted: only of units that get something.

    Raises:
        InvalidError: ``after`` is no cursor of this list.
    """
    start = decode_cursor(after, 1)[0] if after else None
    where = """a.round = $1 AND a.state <> 'withdrawn' AND (NOT $3 OR coalesce(a.granted, 0) > 0)
          AND EXISTS (SELECT 1 FROM unnest($2::text[]) run WHERE starts_with(o.path, run))"""
    found = await db.rows(
        f"""{_APPLICATION} WHERE {where} AND ($4::text IS NULL OR o.path COLLATE "C" > $4)
            ORDER BY o.path COLLATE "C" LIMIT $5""",
        round_id,
        list(paths),
        granted,
        start,
        limit + 1,
    )
    total = await db.value(
        f"""SELECT count(*) FROM materials_application a JOIN accounts_organisation o ON o.id = a.organisation
             WHERE {where}""",  # noqa: S608
        round_id,
        list(paths),
        granted,
    )
    return page_of([_application(one) for one in found], limit, total, lambda row: (row.organisation_path,))


async def own_applications(actor: Actor, round_ids: Sequence[UUID]) -> dict[UUID, list[ApplicationRow]]:
    """What the caller's own units asked for in these rounds, withdrawn ones among them; every id is a key."""
    found = await db.rows(
        f"{_APPLICATION} WHERE a.round = ANY($1::uuid[]) AND a.organisation = ANY($2::uuid[]) ORDER BY o.name, a.id",
        list(round_ids),
        list(actor.contact_ids),
    )
    by_round: dict[UUID, list[ApplicationRow]] = {one: [] for one in round_ids}
    for one in found:
        by_round[one["round_id"]].append(_application(one))
    return by_round


async def applications_to_share(round_id: UUID) -> list[Applied]:
    """The live applications as the allocation takes them; ``earlier`` is what was handed out in other rounds."""
    found = await db.rows(
        """SELECT a.id, a.wanted, a.members, a.hazard,
                  coalesce((SELECT sum(e.handed) FROM materials_application e JOIN materials_round er ON er.id = e.round
                             WHERE e.organisation = a.organisation AND er.item = r.item AND er.id <> r.id), 0)::int
                      AS earlier
             FROM materials_application a JOIN materials_round r ON r.id = a.round
            WHERE a.round = $1 AND a.state <> 'withdrawn'""",
        round_id,
    )
    return [Applied(**one) for one in found]
