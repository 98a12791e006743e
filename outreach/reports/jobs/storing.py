"""Documents that jobs made, by digest, in a folder of their own: they go after 30 days, and nothing else lies there.

What was asked for, by whom and what came of it is told a year longer, so that an old link says where its file went.
"""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

from outreach.shared import db
from outreach.shared.errors import NotFoundError
from outreach.shared.files import file_path, keep_bytes, stored_bytes

__all__ = ["KEPT", "TOLD", "document_bytes", "forget_jobs", "keep_document_within"]

#: How long a document can be downloaded.
KEPT = timedelta(days=30)
#: How long a job is told of after its end.
TOLD = timedelta(days=365)

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
    """Delete documents finished longer than ``KEPT`` ago, and jobs finished ``TOLD`` ago; return how many documents."""
    async with db.atomic():
        await db.execute(_ALONE)
        gone = await db.rows("SELECT id, digest FROM reports_job WHERE finished_at < $1 AND digest <> ''", now - KEPT)
        await db.execute("UPDATE reports_job SET digest = '' WHERE id = ANY($1::uuid[])", [one["id"] for one in gone])
        await db.execute("DELETE FROM reports_job WHERE finished_at < $1", now - TOLD)
        digests = {one["digest"] for one in gone}
        left = await db.rows("SELECT DISTINCT digest FROM reports_job WHERE digest = ANY($1::text[])", list(digests))
        digests -= {one["digest"] for one in left}
        # A kill before the commit leaves rows that name bytes that are not there; the next round mends them.
        await asyncio.to_thread(_remove, _folder(home), digests)
    return len(gone)


def _remove(folder: Path, digests: set[str]) -> None:
    for digest in digests:
        file_path(folder, digest).unlink(missing_ok=True)
