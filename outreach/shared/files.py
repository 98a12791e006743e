"""Uploaded files under ``OUTREACH_HOME/files``, by the digest of what is stored; the backup packs that folder.

Pictures are opened and written anew: what was hidden in them (place and time of the camera, things behind the last
byte) is gone, and what cannot be opened is refused. HEIC, as iPhones send it, is kept as JPEG, since few programs of an
office open it. A PDF is kept as it came: whoever serves one says ``attachment`` and ``sandbox``.
"""

import asyncio
import contextlib
import hashlib
import io
import os
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from outreach.shared.errors import FieldProblem, InvalidError, NotFoundError, invalid

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["MOST_BYTES", "Incoming", "StoredFile", "file_path", "forget_unfinished", "store_file", "store_files"]

MOST_BYTES = 10_000_000
#: More than any scanner of an office gives; a small file can claim to be far larger.
MOST_PIXELS = 50_000_000
#: No file takes so long to be written: what is unfinished then was left by a process that was killed.
UNFINISHED_KEPT = timedelta(days=1)
#: Longest side of what is kept: A4 at 300 dpi is 3508.
LONGEST_SIDE = 4_000

#: What may be opened, as Pillow names it, and what is written instead.
_FORMATS = {"JPEG": "JPEG", "PNG": "PNG", "HEIF": "JPEG"}
_MEDIA = {"JPEG": "image/jpeg", "PNG": "image/png"}
#: Pictures are unpacked in memory, so only so many at once.
_unpacking = asyncio.Semaphore(2)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What was stored: sha256 of the stored bytes in hexadecimal, their type and number."""

    digest: str
    media_type: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Incoming:
    """One file on its way: its name as uploaded, and how to read its bytes."""

    name: str
    read: Callable[[], Awaitable[bytes]]


def file_path(home: Path, digest: str) -> Path:
    """Where a stored file lies.

    Raises:
        NotFoundError: ``digest`` is none.
    """
    if len(digest) != 64 or not digest.isascii() or not digest.isalnum():
        raise NotFoundError
    return home / "files" / digest[:2] / digest


async def store_file(home: Path, data: bytes, *, field: str = "file") -> StoredFile:
    """Store a JPEG, PNG, HEIC or PDF whole or not at all, before the row that names it; the same bytes once.

    Args:
        data: at most ``MOST_BYTES``.
        field: named when the file is refused.

    Raises:
        InvalidError: it is empty, too large or none of the four.
    """
    if not data:
        raise invalid(field, "required")
    if len(data) > MOST_BYTES:
        raise invalid(field, "file-too-large", most=MOST_BYTES // 1_000_000)
    async with _unpacking:
        return await asyncio.to_thread(_store, home, data, field)


async def store_files(home: Path, files: Sequence[Incoming]) -> list[tuple[StoredFile, str]]:
    """Store several, each with the name it came with. Outside any transaction: it takes long.

    Raises:
        InvalidError: names ``files.0`` … of each that cannot be taken.
    """
    stored: list[tuple[StoredFile, str]] = []
    problems: list[FieldProblem] = []
    for number, one in enumerate(files):
        try:
            stored.append((await store_file(home, await one.read(), field=f"files.{number}"), one.name))
        except InvalidError as error:
            problems += error.problems
    if problems:
        raise InvalidError(problems)
    return stored


async def keep_bytes(home: Path, data: bytes) -> str:
    """Store what the program itself made, as it is, before the row that names it; return its digest."""
    digest = await asyncio.to_thread(lambda: hashlib.sha256(data).hexdigest())
    await asyncio.to_thread(_write, file_path(home, digest), data)
    return digest


async def stored_bytes(home: Path, digest: str) -> bytes:
    """What is stored under ``digest``.

    Raises:
        NotFoundError: nothing is, or what lies there is something else.
    """
    path = file_path(home, digest)

    def read() -> bytes | None:
        data = path.read_bytes() if path.is_file() else b""
        return data if hashlib.sha256(data).hexdigest() == digest else None

    found = await asyncio.to_thread(read)
    if found is None:
        raise NotFoundError
    return found


def _store(home: Path, data: bytes, field: str) -> StoredFile:
    kept, media_type = (data, "application/pdf") if data.startswith(b"%PDF-") else _picture(data, field)
    digest = hashlib.sha256(kept).hexdigest()
    _write(file_path(home, digest), kept)
    return StoredFile(digest, media_type, len(kept))


def _picture(data: bytes, field: str) -> tuple[bytes, str]:
    """The picture written anew, upright and without anything that is not picture."""
    # Slow imports and only for uploads.
    from pi_heif import register_heif_opener  # type: ignore[import-untyped]
    from PIL import Image, ImageOps, UnidentifiedImageError

    register_heif_opener(thumbnails=False)
    try:
        with Image.open(io.BytesIO(data), formats=tuple(_FORMATS)) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise invalid(field, "picture-too-large", most=MOST_PIXELS // 1_000_000)
            name = _FORMATS[str(opened.format)]
            picture = _on_paper(ImageOps.exif_transpose(opened))
    except InvalidError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise invalid(field, "picture-too-large", most=MOST_PIXELS // 1_000_000) from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, RuntimeError):
        raise invalid(field, "not-a-scan") from None
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    picture.info.clear()
    written = io.BytesIO()
    picture.save(written, format=name, **({"quality": 85} if name == "JPEG" else {"optimize": False}))
    return written.getvalue(), _MEDIA[name]


def _on_paper(picture: "Image.Image") -> "Image.Image":
    """Grey or coloured and nothing else: what is transparent becomes white, not black; 65,536 greys become 256."""
    if picture.mode.startswith("I"):
        return picture.point(lambda value: value * (1 / 256)).convert("L")
    if picture.has_transparency_data:
        from PIL import Image

        drawn = picture.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", drawn.size, "white"), drawn).convert("RGB")
    return picture.convert("L" if picture.mode in ("1", "L") else "RGB")


def _write(path: Path, data: bytes) -> None:
    """Under its name only when it is on the disk whole; a name that is there has these bytes already."""
    if path.exists():
        return
    for folder in (path.parent.parent, path.parent):
        folder.mkdir(mode=0o700, exist_ok=True)
    made = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        made.replace(path)
    except BaseException:
        made.unlink(missing_ok=True)
        raise
    for folder in (path.parent, path.parent.parent):
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


async def forget_unfinished(now: datetime, home: Path) -> None:
    """Delete what is left of files that were being written when the process was killed; finished ones stay."""
    await asyncio.to_thread(_forget_unfinished, now, home)


def _forget_unfinished(now: datetime, home: Path) -> None:
    for left in (home / "files").glob("*/.*"):
        # Another process may do the same at this moment.
        with contextlib.suppress(FileNotFoundError):
            if left.stat().st_mtime < (now - UNFINISHED_KEPT).timestamp():
                left.unlink()
