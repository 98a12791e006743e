"""Files and locks that survive a kill in the middle."""

import fcntl
import os
import secrets
import time
from pathlib import Path

from outreach.shared.postgres.programs import PostgresUnavailableError

__all__ = ["leave_to_owner", "lines_of", "open_lock", "open_own", "sync_folder", "try_lock", "wait_for_lock", "write"]


def open_own(path: Path, flags: int) -> int:
    """Open a file of ours, made if need be (0600); root leaves it to whom the folder belongs."""
    descriptor = os.open(path, flags | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    leave_to_owner(descriptor, path.parent)
    return descriptor


def open_lock(path: Path) -> int:
    """Open the file of a lock; closing the descriptor lets the lock go."""
    return open_own(path, os.O_RDWR)


def leave_to_owner(descriptor: int, folder: Path) -> None:
    """Root's new file becomes that of whom ``folder`` belongs to."""
    if os.geteuid() == 0:
        owner = folder.stat()
        os.fchown(descriptor, owner.st_uid, owner.st_gid)


def try_lock(descriptor: int, kind: int) -> bool:
    """Take a lock of ``kind`` (``fcntl.LOCK_EX`` or ``LOCK_SH``) if nobody stands in the way; say whether."""
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def wait_for_lock(descriptor: int, seconds: float, folder: Path, kind: int = fcntl.LOCK_EX) -> None:
    """Take a lock, waiting at most ``seconds``.

    Raises:
        PostgresUnavailableError: another process keeps it.
    """
    deadline = time.monotonic() + seconds
    while not try_lock(descriptor, kind):
        if time.monotonic() > deadline:
            raise PostgresUnavailableError(
                f"另一个进程一直在启动或停止 {folder} 中的数据库，请稍后再试，或结束那个进程。",
                f"Another process has been starting or stopping the database in {folder} all this time: "
                "try again later or end that process.",
            )
        time.sleep(0.02)


def write(path: Path, content: str, mode: int = 0o600, owner: int | None = None) -> None:
    """Write whole or not at all, with its mode and owner from the first byte on."""
    made = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        leave_to_owner(descriptor, path.parent)
        if owner is not None:
            os.fchown(descriptor, owner, -1)
        os.fchmod(descriptor, mode)
        file.write(content)
        file.flush()
        os.fsync(descriptor)
    made.replace(path)


def sync_folder(folder: Path) -> None:
    """Make a rename inside ``folder`` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def lines_of(path: Path) -> list[str]:
    """The lines of a file that a server may be writing or removing; none when it cannot be read."""
    try:
        return path.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return []
