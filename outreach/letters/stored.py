"""The templates that organisations keep: which one serves a letter, putting in an own one, going back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from outreach.accounts.journal import note_within
from outreach.accounts.queries import OrganisationRow, organisation_by_id, root_organisation
from outreach.letters.domain.errors import TemplateBrokenError
from outreach.letters.domain.kinds import KINDS, Kind
from outreach.letters.filling import Filled, filled, sampled, shipped_bytes
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from outreach.shared.db import atomic
from outreach.shared.errors import ForbiddenError, NotFoundError, StaleError
from outreach.shared.files import keep_bytes, stored_bytes
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import new_id
from outreach.shared.spreadsheets.cells import file_name

__all__ = [
    "TemplateRow",
    "bytes_of",
    "keep_template",
    "kind_of",
    "letter_of",
    "own_organisation",
    "reset_template",
    "template_for",
    "templates_for",
]


@dataclass(frozen=True, slots=True)
class TemplateRow:
    """An organisation's own template."""

    id: UUID
    organisation_id: UUID
    organisation_name: str
    organisation_path: str
    kind: str
    digest: str
    name: str
    size_bytes: int
    revision: int
    changed_at: datetime
    changed_by_name: str


_SQL = """
SELECT t.id, t.organisation AS organisation_id, o.name AS organisation_name, o.path AS organisation_path, t.kind,
       t.digest, t.name, t.size_bytes, t.revision, t.changed_at, coalesce(c.name, '') AS changed_by_name
  FROM letters_template t
  JOIN accounts_organisation o ON o.id = t.organisation
  LEFT JOIN accounts_person c ON c.id = t.changed_by
"""


def kind_of(key: str) -> Kind:
    """The kind of a path.

    Raises:
        NotFoundError: there is none.
    """
    if key not in KINDS:
        raise NotFoundError
    return KINDS[key]


async def own_organisation(actor: Actor) -> OrganisationRow:
    """The organisation in whose name staff write: the first one that they organise; an administrator's is the root.

    Raises:
        ForbiddenError: the caller is no organiser, or there is no organisation yet.
    """
    ids = [one.organisation_id for one in actor.grants if one.role is Role.ORGANISER and one.organisation_id]
    if not actor.is_staff:
        raise ForbiddenError
    found = await organisation_by_id(ids[0]) if ids else await root_organisation()
    if found is None:
        raise ForbiddenError
    return found


async def templates_for(path: str, kinds: Sequence[str]) -> dict[str, TemplateRow]:
    """The nearest own template of each kind, of the organisation at ``path`` or one above; one statement."""
    above = [UUID(part) for part in path.strip("/").split("/") if part]
    found = await db.rows(
        f"{_SQL} WHERE t.organisation = ANY($1::uuid[]) AND t.kind = ANY($2::text[]) ORDER BY length(o.path)",
        above,
        list(kinds),
    )
    return {one["kind"]: TemplateRow(**dict(one)) for one in found}


async def template_for(path: str, kind: Kind) -> TemplateRow | None:
    """The one that serves the organisation at ``path``; ``None``: the shipped one does."""
    return (await templates_for(path, [kind.key])).get(kind.key)


async def letter_of(home: Path, path: str, kind: Kind, context: dict[str, Any]) -> Filled:
    """The letter of the organisation at ``path``, from its own template or the shipped one.

    Raises:
        TemplateBrokenError: the own one cannot be filled, or its file is gone.
    """
    row = await template_for(path, kind)
    return await filled(kind, await bytes_of(home, kind, row), context)


async def bytes_of(home: Path, kind: Kind, row: TemplateRow | None) -> bytes:
    """The template itself.

    Raises:
        TemplateBrokenError: its file is not on the disk, or is another.
    """
    if row is None:
        return shipped_bytes(kind)
    try:
        return await stored_bytes(home, row.digest)
    except NotFoundError:
        raise TemplateBrokenError(kind=_(kind.title)) from None


async def keep_template(
    actor: Actor, now: datetime, *, home: Path, kind: Kind, content: bytes, name: str, revision: int | None = None
) -> Filled:
    """Put an own template in the place of the shipped one, once invented content could be filled in; return that.

    Args:
        revision: the one that the caller saw, 0 for the shipped one; ``None``: whatever it is.

    Raises:
        ForbiddenError: the caller organises nothing.
        InvalidError: it cannot be used; names ``file`` or ``text`` once for each thing.
        StaleError: somebody put in another meanwhile.
    """
    owner = await own_organisation(actor)
    made = await sampled(kind, content)
    digest = await keep_bytes(home, content)
    async with atomic():
        await _locked_within(owner.id, kind, revision)
        id_ = await db.value(
            """INSERT INTO letters_template
                   (id, organisation, kind, digest, name, size_bytes, revision, changed_by, changed_at)
               VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $8)
               ON CONFLICT (organisation, kind) DO UPDATE
                  SET digest = excluded.digest, name = excluded.name, size_bytes = excluded.size_bytes,
                      revision = letters_template.revision + 1, changed_by = excluded.changed_by,
                      changed_at = excluded.changed_at
               RETURNING id""",
            new_id(),
            owner.id,
            kind.key,
            digest,
            file_name(name)[:100],
            len(content),
            actor.person_id,
            now,
        )
        await note_within(
            actor, now, "letter_template.changed", "letter_template", id_, organisation_id=owner.id,
            facts={"kind": kind.key, "digest": digest},
        )  # fmt: skip
    return made


async def reset_template(actor: Actor, now: datetime, *, kind: Kind, revision: int | None = None) -> bool:
    """Go back to the shipped one, or that of an organisation above; return whether there was an own one.

    Raises:
        ForbiddenError: the caller organises nothing.
        StaleError: somebody changed it meanwhile.
    """
    owner = await own_organisation(actor)
    async with atomic():
        row = await _locked_within(owner.id, kind, revision)
        if row is None:
            return False
        await db.execute("DELETE FROM letters_template WHERE id = $1", row["id"])
        await note_within(
            actor, now, "letter_template.reset", "letter_template", row["id"], organisation_id=owner.id,
            facts={"kind": kind.key, "digest": row["digest"]},
        )  # fmt: skip
    return True


async def _locked_within(organisation_id: UUID, kind: Kind, revision: int | None) -> Any:
    row = await db.row(
        "SELECT id, digest, revision FROM letters_template WHERE organisation = $1 AND kind = $2 FOR UPDATE",
        organisation_id,
        kind.key,
    )
    present = row["revision"] if row is not None else 0
    if revision is not None and revision != present:
        raise StaleError(revision=present)
    return row
