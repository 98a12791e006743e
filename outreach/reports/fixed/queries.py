"""What is known of snapshots. Who reads the organisation's figures reads them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from outreach.reports.fixed.domain.figures import FixedFigures, FixedSession
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from outreach.shared.errors import NotFoundError

__all__ = ["SnapshotFileRow", "SnapshotRow", "fixed_sessions", "readable_snapshot", "snapshots_of", "years_fixed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotFileRow:
    """One document of a snapshot."""

    kind: str
    digest: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotRow:
    """定稿第 ``number`` 号 of one organisation and year. ``known_at``: when its figures were read."""

    id: UUID
    organisation_id: UUID
    organisation_code: str
    organisation_name: str
    organisation_path: str
    year: int
    number: int
    as_of: date
    programme: str
    programme_name: str
    period: str
    title: str
    note: str
    figures: FixedFigures
    files: tuple[SnapshotFileRow, ...]
    known_at: datetime
    fixed_by_name: str
    fixed_at: datetime
    withdrawn_at: datetime | None
    withdrawn_by_name: str
    withdrawn_reason: str

    @property
    def is_withdrawn(self) -> bool:
        return self.withdrawn_at is not None

    def file(self, kind: str) -> SnapshotFileRow:
        """Its document of this kind.

        Raises:
            NotFoundError: it has none.
        """
        found = next((one for one in self.files if one.kind == kind), None)
        if found is None:
            raise NotFoundError
        return found


_SELECT = """SELECT n.id, n.organisation AS organisation_id, o.code AS organisation_code, o.name AS organisation_name,
       o.path AS organisation_path, n.year, n.number, n.as_of, n.programme, n.period, n.title, n.note, n.figures,
       coalesce((SELECT p.name FROM programmes_programme p JOIN accounts_organisation u ON u.id = p.organisation
                  WHERE p.code = n.programme AND p.year = n.year AND starts_with(u.path, o.path)
                  ORDER BY length(u.path) LIMIT 1), '') AS programme_name,
       (SELECT json_agg(json_build_object('kind', f.kind, 'digest', f.digest, 'size_bytes', f.size_bytes)
                        ORDER BY array_position(ARRAY['pdf', 'docx', 'xlsx', 'csv'], f.kind::text))
          FROM reports_snapshot_file f WHERE f.snapshot = n.id) AS files,
       n.known_at, coalesce(who.name, '') AS fixed_by_name, n.fixed_at, n.withdrawn_at,
       coalesce(back.name, '') AS withdrawn_by_name, n.withdrawn_reason
  FROM reports_snapshot n JOIN accounts_organisation o ON o.id = n.organisation
  LEFT JOIN accounts_person who ON who.id = n.fixed_by LEFT JOIN accounts_person back ON back.id = n.withdrawn_by"""


def _snapshot(record: Any) -> SnapshotRow:
    files = msgspec.json.decode(record["files"] or "[]", type=list[SnapshotFileRow])
    figures = msgspec.json.decode(record["figures"], type=FixedFigures)
    return SnapshotRow(**{**record, "files": tuple(files), "figures": figures})


async def readable_snapshot(actor: Actor, snapshot_id: UUID) -> SnapshotRow:
    """The snapshot, for who reads figures of its organisation.

    Raises:
        NotFoundError: none for this caller.
    """
    found = await db.row(f"{_SELECT} WHERE n.id = $1", snapshot_id)
    if found is None or not actor.evaluates(found["organisation_path"]):
        raise NotFoundError
    return _snapshot(found)


def _read_paths(actor: Actor) -> list[str]:
    read = (Role.ADMINISTRATOR, Role.ORGANISER, Role.EVALUATOR)
    return [grant.path for grant in actor.grants if grant.role in read]


_READ = "EXISTS (SELECT 1 FROM unnest($1::text[]) mine WHERE starts_with(o.path, mine))"


async def snapshots_of(
    actor: Actor, *, year: int | None = None, organisation_id: UUID | None = None, limit: int = 100
) -> list[SnapshotRow]:
    """Snapshots that the actor reads, the newest year and number first; one statement."""
    found = await db.rows(
        f"""{_SELECT} WHERE {_READ} AND ($2::int IS NULL OR n.year = $2) AND ($3::uuid IS NULL OR n.organisation = $3)
            ORDER BY n.year DESC, length(o.path), o.code, n.number DESC LIMIT $4""",
        _read_paths(actor),
        year,
        organisation_id,
        limit,
    )
    return [_snapshot(one) for one in found]


async def years_fixed(actor: Actor) -> list[int]:
    """Years with snapshots that the actor reads, the newest first."""
    found = await db.rows(
        f"""SELECT DISTINCT n.year FROM reports_snapshot n JOIN accounts_organisation o ON o.id = n.organisation
             WHERE {_READ} ORDER BY n.year DESC""",  # noqa: S608 - ours
        _read_paths(actor),
    )
    return [one["year"] for one in found]


async def fixed_sessions(snapshot_id: UUID) -> tuple[FixedSession, ...]:
    """The sessions in its figures."""
    found = await db.value("SELECT sessions FROM reports_snapshot WHERE id = $1", snapshot_id)
    return msgspec.json.decode(found, type=tuple[FixedSession, ...])
