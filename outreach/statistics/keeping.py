"""Which forms there are: those that come with the program, and those that were uploaded. A version never changes."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from outreach.accounts.journal import note_within
from outreach.accounts.queries import organisation_by_id, root_organisation
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.db import atomic
from outreach.shared.errors import ForbiddenError, NotFoundError, invalid
from outreach.shared.ids import new_id
from outreach.statistics.domain.forms import Form
from outreach.statistics.domain.permissions import may_keep_forms, may_read_form
from outreach.statistics.toml import form_of, shipped_forms

__all__ = ["KnownForm", "form_owner", "forms_known_to", "known_form", "store_form", "version_within"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownForm:
    """The newest version of a form. ``version`` 0: it came with the program and nobody has used it yet."""

    code: str
    version: int
    title: str
    owner_id: UUID | None
    owner_name: str
    created_at: datetime | None
    content: str

    @property
    def form(self) -> Form:
        return form_of(self.content.encode())


async def forms_known_to(actor: Actor) -> list[KnownForm]:
    """Forms that ``actor`` may use, by title; an uploaded one stands before a shipped one of the same code."""
    rows = await db.rows(
        """SELECT DISTINCT ON (f.organisation, f.code) f.code, f.version, f.title, f.organisation AS owner_id,
                  coalesce(o.name, '') AS owner_name, f.created_at, f.content, f.digest, o.path
             FROM statistics_form f LEFT JOIN accounts_organisation o ON o.id = f.organisation
            ORDER BY f.organisation, f.code, f.version DESC"""
    )
    found: dict[str, KnownForm] = {}
    shipped = shipped_forms()
    for row in rows:
        if not may_read_form(actor, row["path"]):
            continue
        facts = {name: row[name] for name in KnownForm.__dataclass_fields__}
        if row["owner_id"] is not None:
            found[row["code"]] = KnownForm(**facts)
        elif row["code"] in shipped and row["digest"] == _digest(shipped[row["code"]]):
            found.setdefault(row["code"], KnownForm(**facts))
    for code, content in shipped.items():
        if code not in found:
            title = form_of(content).title
            found[code] = KnownForm(
                code=code, version=0, title=title, owner_id=None, owner_name="", created_at=None,
                content=content.decode(),
            )  # fmt: skip
    return sorted(found.values(), key=lambda one: (one.title, one.code))


async def known_form(actor: Actor, code: str) -> KnownForm:
    """The form with this code.

    Raises:
        NotFoundError: there is none for this caller.
    """
    for one in await forms_known_to(actor):
        if one.code == code:
            return one
    raise NotFoundError


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


async def version_within(now: datetime, known: KnownForm) -> UUID:
    """The stored version with this content, made if there is none yet."""
    return (await _stored_within(now, known.content, known.owner_id, None))[0]


async def _stored_within(
    now: datetime, content: str, owner_id: UUID | None, created_by: UUID | None
) -> tuple[UUID, int, bool]:
    form, digest = form_of(content.encode()), _digest(content.encode())
    # One after the other: two at once would number their versions alike.
    await db.execute("SELECT pg_advisory_xact_lock(hashtext($1))", f"statistics_form {owner_id} {form.code}")
    known = await db.row(
        """SELECT max(version) AS newest, (array_agg(id) FILTER (WHERE digest = $3))[1] AS same,
                  max(version) FILTER (WHERE digest = $3) AS version
             FROM statistics_form WHERE code = $1 AND organisation IS NOT DISTINCT FROM $2""",
        form.code,
        owner_id,
        digest,
    )
    assert known is not None, "an aggregate has one row"
    if known["same"] is not None:
        return known["same"], known["version"], False
    id_, version = new_id(), (known["newest"] or 0) + 1
    await db.execute(
        """INSERT INTO statistics_form (id, organisation, code, version, title, content, digest, created_by, created_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)""",
        id_,
        owner_id,
        form.code,
        version,
        form.title,
        content,
        digest,
        created_by,
        now,
    )
    return id_, version, True


async def form_owner(actor: Actor) -> UUID:
    """The organisation for which ``actor`` may upload forms: the root of its tree.

    Raises:
        ForbiddenError: the actor does not run it.
    """
    for grant in actor.grants:
        id_ = UUID(grant.path.split("/")[1]) if grant.path != "/" else None
        root = await (organisation_by_id(id_) if id_ else root_organisation())
        if root is not None and may_keep_forms(actor, root.path):
            return root.id
    raise ForbiddenError


async def store_form(actor: Actor, now: datetime, *, content: bytes) -> tuple[Form, int]:
    """Keep a form; return it with its version. The same file again changes nothing, another one is a new version.

    Tables that are filled already stay with the version that they were opened with.

    Raises:
        ForbiddenError: the actor does not run the root of its tree.
        InvalidError: names every bad place of the file.
    """
    owner = await form_owner(actor)
    form = form_of(content)
    text = content.decode("utf-8-sig")
    if "\x00" in text:
        raise invalid("file", "bad-characters")
    async with atomic():
        id_, version, is_new = await _stored_within(now, text, owner, actor.person_id)
        if is_new:
            facts = {"code": form.code, "title": form.title, "version": version}
            await note_within(
                actor, now, "statistics.form_stored", "statistics_form", id_, organisation_id=owner, facts=facts
            )
    return form, version
