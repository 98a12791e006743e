"""Documents that jobs made, by digest, in a folder of their own: they go after 30 days, and nothing else lies there."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

from outreach.shared import db
from outreach.shared.errors import NotFoundError
from outreach.shared.files import file_path, keep_bytes, stored_bytes

__all__ = ["KEPT", "document_bytes", "forget_jobs", "keep_document_within"]

#: How long a document can be downloaded, and how long a job that brought none is shown.
KEPT = timedelta(days=30)

_ALONE = "SELECT pg_advisory_xact_lock(hashtextextended('report-job-files', 0))"


def _folder(home: Path) -> Path:
    """Under ``files``, so that the backup packs it."""
    return home / "files" / "reports"


async def keep_document_within(home: Path, content: bytes) -> str:
    """Store a document before the row that names it; nobody takes away an equal one meanwhile. Returns its digest."""
    await db.execute(_ALONE)
    folder = _folder(home)
    await asyncio.to_thread(lambda: folder.mkdir(mode=0o700, parents=True, exist_ok=True))
    return await keep_bytes(folder, content)


async def document_bytes(home: Path, digest: str) -> bytes:
    """A stored document.

    Raises:
        NotFoundError: it is not there (any more).
    """
    if not digest:
        raise NotFoundError
    return await stored_bytes(_folder(home), digest)


async def forget_jobs(now: datetime, *, home: Path) -> int:
    """Delete what was finished 30 days ago, rows and bytes; return how many jobs."""
    async with db.atomic():
        await db.execute(_ALONE)
        gone = await db.rows("DELETE FROM reports_job WHERE finished_at < $1 RETURNING digest", now - KEPT)
        digests = {one["digest"] for one in gone} - {""}
        left = await db.rows("SELECT DISTINCT digest FROM reports_job WHERE digest = ANY($1::text[])", list(digests))
        digests -= {one["digest"] for one in left}
        # A kill before the commit leaves rows without bytes; the next round takes the rows.
        await asyncio.to_thread(_remove, _folder(home), digests)
    return len(gone)


def _remove(folder: Path, digests: set[str]) -> None:
    for digest in digests:
        file_path(folder, digest).unlink(missing_ok=True)
