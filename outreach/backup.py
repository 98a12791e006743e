"""The whole installation in one file: the database, the keys and the uploaded files.

The file is a gzipped tar with ``database.dump`` (PostgreSQL custom format, one consistent snapshot), ``keys/`` and
``files/``. It holds secrets and telephone numbers, so it is written with mode 0600.
"""

import asyncio
import contextlib
import io
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

from outreach import __version__
from outreach.settings import Settings
from outreach.shared import db
from outreach.shared.postgres import binaries

__all__ = ["BackupError", "back_up", "restore"]

_DUMP, _ABOUT = "database.dump", "about.txt"


class BackupError(Exception):
    """Backing up or restoring cannot go on; the text says what to do."""


async def back_up(settings: Settings, dsn: str, target: Path) -> int:
    """Write ``target``; return its size in bytes. A half-written file is never left under that name."""
    with _folder_beside(target) as folder:
        dump = folder / _DUMP
        await _run(str(binaries().pg_dump), "--format=custom", "--no-owner", "--file", str(dump), dsn=dsn)
        return await asyncio.to_thread(_pack, settings.home, dump, target)


@contextlib.contextmanager
def _folder_beside(target: Path) -> Iterator[Path]:
    """A temporary folder on the file system of ``target``, so that a file of it can be renamed to ``target``."""
    with tempfile.TemporaryDirectory(prefix="outreach-backup-", dir=target.resolve().parent) as folder:
        yield Path(folder)


def _pack(home: Path, dump: Path, target: Path) -> int:
    """Write the archive beside ``dump`` and move it to ``target`` whole; return its size in bytes."""
    made = dump.with_name("backup.tar.gz")
    descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as raw, tarfile.open(fileobj=raw, mode="w:gz") as archive:
        about = f"outreach {__version__}\n".encode()
        entry = tarfile.TarInfo(_ABOUT)
        entry.size = len(about)
        archive.addfile(entry, io.BytesIO(about))
        archive.add(dump, _DUMP)
        for key in sorted(home.glob("*.key")):
            archive.add(key, f"keys/{key.name}")
        if (home / "demo.json").exists():
            archive.add(home / "demo.json", "keys/demo.json")
        for file in sorted((home / "files").glob("*/[!.]*")):  # one that is being written has another name yet
            archive.add(file, f"files/{file.relative_to(home / 'files').as_posix()}")
        archive.close()
        raw.flush()
        os.fsync(raw.fileno())
    made.replace(target)
    return target.stat().st_size


async def restore(settings: Settings, dsn: str, source: Path, *, replace: bool) -> None:
    """Bring back what ``back_up`` wrote.

    Raises:
        BackupError: the file is no backup, or the database holds data and ``replace`` was not given.
    """
    try:
        archive = tarfile.open(source, "r:gz")  # noqa: SIM115 - closed by the stack below
    except (OSError, tarfile.TarError) as error:
        raise BackupError(f"{source} 不是备份文件。 / {source} is not a backup: {error}") from error
    with contextlib.ExitStack() as stack:
        stack.enter_context(archive)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="outreach-restore-")))
        try:
            _unpack(archive, folder)
        except (OSError, tarfile.TarError) as error:
            raise BackupError(f"{source} 已损坏。 / {source} is damaged: {error}") from error
        if not (folder / _DUMP).is_file():
            raise BackupError(f"{source} 里没有数据库。 / There is no database in {source}.")
        if await db.value("SELECT to_regclass('migration') IS NOT NULL"):
            if not replace:
                raise BackupError(
                    "这里已有数据。确定要覆盖时请加 --replace。"
                    " / There is data here already; add --replace to overwrite it."
                )
            await db.execute("DROP SCHEMA public CASCADE")
            await db.execute("CREATE SCHEMA public")
        await _run(
            str(binaries().pg_restore), "--no-owner", "--exit-on-error", "--single-transaction",
            "--dbname", "", str(folder / _DUMP), dsn=dsn,
        )  # fmt: skip
        _put_back(folder, settings.home)


def _unpack(archive: tarfile.TarFile, folder: Path) -> None:
    """Unpack plain files and folders below ``folder`` only.

    ``extractall(filter="data")`` does the same, but Debian 12's Python 3.11.2 has not got it yet.
    """
    for member in archive:
        target = (folder / member.name).resolve()
        if not target.is_relative_to(folder.resolve()) or not (member.isfile() or member.isdir()):
            raise tarfile.TarError(f"unexpected member {member.name!r}")
        if member.isdir():
            target.mkdir(parents=True, exist_ok=True)
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        content = archive.extractfile(member)
        assert content is not None
        with content, target.open("wb") as copied:
            shutil.copyfileobj(content, copied)


def _put_back(folder: Path, home: Path) -> None:
    for key in (folder / "keys").glob("*"):
        copied = home / key.name
        shutil.copyfile(key, copied)
        copied.chmod(0o600)
    if (folder / "files").is_dir():
        shutil.copytree(folder / "files", home / "files", dirs_exist_ok=True)


async def _run(*command: str, dsn: str) -> None:
    """Run a PostgreSQL program with the connection in its environment: no password shows in the process list."""
    from urllib.parse import parse_qs, unquote, urlsplit

    parts = urlsplit(dsn)
    query = parse_qs(parts.query)
    environment = {
        **os.environ,
        "PGHOST": query.get("host", [parts.hostname or ""])[0],
        "PGPORT": query.get("port", [str(parts.port or 5432)])[0],
        "PGUSER": unquote(parts.username or query.get("user", [""])[0]),
        "PGPASSWORD": unquote(parts.password or query.get("password", [""])[0]),
        "PGDATABASE": unquote(parts.path.lstrip("/")),
        "LC_ALL": "C.UTF-8",
    }
    words = [environment["PGDATABASE"] if word == "" else word for word in command]
    process = await asyncio.create_subprocess_exec(*words, env=environment, stderr=asyncio.subprocess.PIPE)
    _out, complaint = await process.communicate()
    if process.returncode:
        raise BackupError(f"{Path(words[0]).name}: {complaint.decode(errors='replace').strip()}")
