"""Writes of imports: a preview that stores nothing, confirming it, and both in one step for the command line."""

import contextlib
import gc
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import anyio.to_thread
import msgspec

from outreach.accounts.commands.organisations import CONFLICTS as UNIT_CONFLICTS
from outreach.accounts.commands.people import CONFLICTS as PERSON_CONFLICTS
from outreach.accounts.journal import note_within
from outreach.accounts.queries import root_organisation
from outreach.bookings.records import CONFLICTS as BOOKING_CONFLICTS
from outreach.events.commands import CLASH
from outreach.imports.domain.errors import PreviewStaleError
from outreach.imports.domain.planning import Plan, planned
from outreach.imports.domain.reading import Read
from outreach.imports.handlers import Handler, handler_of
from outreach.imports.queries import KEPT, PreviewRow, preview_of
from outreach.imports.running import read_file
from outreach.imports.shown import Shown, shown_of
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from outreach.shared.errors import ForbiddenError
from outreach.shared.ids import new_id
from outreach.shared.spreadsheets.cells import file_name, masked

__all__ = ["Imported", "confirm", "discard", "forget_previews", "import_file", "look_again", "preview"]

#: What was stored is listed so long.
LISTED = timedelta(days=30)
# Any constant: confirmations go one after the other.
_LOCK = 0x696D70
_CONFLICTS: db.Conflicts = {**UNIT_CONFLICTS, **PERSON_CONFLICTS, **BOOKING_CONFLICTS, **CLASH}


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What came of a file of the command line: how many rows of each sort, and what was said of them."""

    made: int
    changed: int
    same: int
    rejected: int
    duplicates: int
    shown: Shown
    stored: bool


async def preview(actor: Actor, now: datetime, *, kind: str, content: bytes, name: str) -> PreviewRow:
    """Read a file and keep what it would change; nothing of it is stored.

    Raises:
        NotFoundError: no such kind.
        ForbiddenError: the caller is no staff.
        InvalidError: the file cannot be taken; names ``file``.
    """
    handler, id_ = _handler(actor, kind), new_id()
    with _uncollected():
        await _preview(handler, actor, now, id_, content, name)
    return await preview_of(actor, now, kind, id_)


async def _preview(handler: Handler, actor: Actor, now: datetime, id_: UUID, content: bytes, name: str) -> None:
    kind = handler.kind.key
    read, packed = await read_file(handler.kind, content)
    plan = await _planned(handler, actor, now, read)
    async with db.atomic():
        digest = hashlib.sha256(content).hexdigest()
        await db.execute(
            """DELETE FROM imports_preview
                WHERE kind = $1 AND digest = $2 AND created_by = $3 AND stored_at IS NULL""",
            kind,
            digest,
            actor.person_id,
        )
        await db.execute(
            """INSERT INTO imports_preview (id, kind, digest, name, created_by, created_at, fingerprint, made, changed,
                                            same, rejected, duplicates, noted, rows, shown)
               VALUES ($1, $2, $3, $4, $5, $6, '', 0, 0, 0, 0, 0, 0, $7, '')""",
            id_,
            kind,
            digest,
            masked(file_name(name))[-100:],
            actor.person_id,
            now,
            packed,
        )
        await _keep_within(id_, plan)


async def look_again(actor: Actor, now: datetime, *, kind: str, preview_id: UUID) -> PreviewRow:
    """Hold the rows of a preview against what is there now, and keep what they would change.

    Raises:
        NotFoundError: there is no such preview of the caller.
    """
    handler = _handler(actor, kind)
    row = await preview_of(actor, now, kind, preview_id)
    if row.stored_at is None:
        plan = await _planned(handler, actor, now, await _rows_of(preview_id))
        async with db.atomic():
            await _keep_within(preview_id, plan)
    return await preview_of(actor, now, kind, preview_id)


async def confirm(actor: Actor, now: datetime, *, kind: str, preview_id: UUID) -> tuple[PreviewRow, bool]:
    """Store what a preview says, all or none; return it, and whether that was done now (else it was before).

    Under the locks the rows are held against what is there once more.

    Raises:
        NotFoundError: there is no such preview of the caller, or it was thrown away.
        PreviewStaleError: they would change something else than the preview said; nothing was stored.
        InvalidError, ConflictError: as the commands of the kind refuse; nothing was stored.
    """
    handler = _handler(actor, kind)
    await preview_of(actor, now, kind, preview_id)
    async with db.atomic(_CONFLICTS):
        await _alone_within()
        row = await preview_of(actor, now, kind, preview_id)
        if row.stored_at is not None:
            return row, False
        shown = await _shown_of(preview_id)
        await handler.lock_within([UUID(id_) for id_ in shown.touched])
        plan = await _planned(handler, actor, now, await _rows_of(preview_id))
        if plan.fingerprint() != row.fingerprint:
            raise PreviewStaleError
        await handler.store_within(actor, now, plan)
        await db.execute(
            "UPDATE imports_preview SET stored_at = $2, rows = '', shown = $3 WHERE id = $1",
            preview_id,
            now,
            msgspec.json.encode(Shown(rejected=shown.rejected, cells=shown.cells)),
        )
        await _note_within(actor, now, preview_id, kind, row.digest, plan)
    return await preview_of(actor, now, kind, preview_id), True


async def import_file(
    actor: Actor,
    now: datetime,
    *,
    kind: str,
    content: bytes,
    dry_run: bool = False,
    progress: Callable[[float], None] | None = None,
) -> Imported:
    """Read and store a file in one step; with one refused row nothing is stored.

    Args:
        dry_run: store nothing in any case.

    Raises:
        InvalidError: the file cannot be taken; names ``file``.
        InvalidError, ConflictError: as the commands of the kind refuse; nothing was stored.
    """
    handler = _handler(actor, kind)
    read, _packed = await read_file(handler.kind, content, progress=progress)
    plan = await _planned(handler, actor, now, read)
    writing = bool(plan.of("new") or plan.of("changed")) and not plan.of("rejected") and not dry_run
    if writing:
        async with db.atomic(_CONFLICTS):
            await _alone_within()
            await handler.lock_within([UUID(one.stored.id) for one in plan.of("changed") if one.stored is not None])
            again = await _planned(handler, actor, now, read)
            if again.fingerprint() != plan.fingerprint():
                raise PreviewStaleError
            await handler.store_within(actor, now, again)
            await _note_within(actor, now, new_id(), kind, hashlib.sha256(content).hexdigest(), again)
    return Imported(
        made=len(plan.of("new")),
        changed=len(plan.of("changed")),
        same=len(plan.of("same")),
        rejected=len(plan.of("rejected")),
        duplicates=len(plan.of("duplicate")),
        shown=shown_of(plan),
        stored=writing,
    )


async def discard(actor: Actor, *, kind: str, preview_id: UUID) -> None:
    """Throw a preview away; one that is gone or stored is left as it is.

    Raises:
        NotFoundError: no such kind.
        ForbiddenError: the caller is no staff.
    """
    _handler(actor, kind)
    async with db.atomic():
        await db.execute(
            "DELETE FROM imports_preview WHERE id = $1 AND kind = $2 AND created_by = $3 AND stored_at IS NULL",
            preview_id,
            kind,
            actor.person_id,
        )


async def forget_previews(now: datetime) -> None:
    """Delete previews that nobody confirmed within a day, the refused rows of the others, and old lines."""
    async with db.atomic():
        await db.execute(
            "DELETE FROM imports_preview WHERE created_at < $1 AND (stored_at IS NULL OR created_at < $2)",
            now - KEPT,
            now - LISTED,
        )
        await db.execute(
            "UPDATE imports_preview SET shown = '' WHERE stored_at < $1 AND shown <> ''::bytea", now - KEPT
        )


def _handler(actor: Actor, kind: str) -> Handler:
    if not actor.is_staff:
        raise ForbiddenError
    return handler_of(kind)


async def _planned(handler: Handler, actor: Actor, now: datetime, read: Read) -> Plan[Any]:
    """Everything is asked first; the rows are compared beside the event loop."""
    known = await handler.known_within(actor, now, read)
    with _uncollected():
        return await anyio.to_thread.run_sync(planned, handler.rules, read, known)


_uncollected_now = [0]


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Thousands of rows without a circle among them: the collector, woken by their number, would walk the whole heap
    for one, which takes longer than planning. What is made inside is to be gone at the end, or it is walked then."""
    _uncollected_now[0] += 1
    gc.disable()
    try:
        yield
    finally:
        _uncollected_now[0] -= 1
        if not _uncollected_now[0]:
            gc.enable()


async def _alone_within() -> None:
    await db.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)


async def _rows_of(preview_id: UUID) -> Read:
    packed = await db.value("SELECT rows FROM imports_preview WHERE id = $1", preview_id)
    return msgspec.msgpack.decode(packed, type=Read)


async def _shown_of(preview_id: UUID) -> Shown:
    return msgspec.json.decode(
        await db.value("SELECT shown FROM imports_preview WHERE id = $1", preview_id), type=Shown
    )


async def _keep_within(preview_id: UUID, plan: Plan[Any]) -> None:
    shown = shown_of(plan)
    await db.execute(
        """UPDATE imports_preview
              SET fingerprint = $2, made = $3, changed = $4, same = $5, rejected = $6, duplicates = $7, noted = $8,
                  shown = $9
            WHERE id = $1 AND stored_at IS NULL""",
        preview_id,
        plan.fingerprint(),
        len(plan.of("new")),
        len(plan.of("changed")),
        len(plan.of("same")),
        len(plan.of("rejected")),
        len(plan.of("duplicate")),
        sum(bool(one.notes) for status in ("new", "changed") for one in plan.of(status)),
        msgspec.json.encode(shown),
    )


async def _note_within(actor: Actor, now: datetime, id_: UUID, kind: str, digest: str, plan: Plan[Any]) -> None:
    """No names and no numbers: the lines of what was made and changed say the rest."""
    own = next((one.organisation_id for one in actor.grants if one.role is Role.ORGANISER), None)
    root = None if own else await root_organisation()
    facts = {
        "kind": kind,
        "digest": digest,
        "new": len(plan.of("new")),
        "changed": len(plan.of("changed")),
        "rejected": len(plan.of("rejected")),
    }
    await note_within(
        actor, now, "import.stored", "import", id_, organisation_id=own or (root.id if root else None), facts=facts
    )
