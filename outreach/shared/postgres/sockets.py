"""Where the socket lies: its path must be short, its folder private and on a file system that takes sockets."""

import contextlib
import json
import os
import secrets
import socket
import tempfile
from pathlib import Path

from outreach.shared.postgres.accounts import Account
from outreach.shared.postgres.files import write
from outreach.shared.postgres.programs import PostgresUnavailableError

__all__ = ["place_file", "socket_folder"]

# sun_path holds 104 bytes on macOS, 108 on Linux, a final zero included; "/.s.PGSQL.5432.lock" is not bound.
_LONGEST_FOLDER = 104 - 1 - len("/.s.PGSQL.5432")


def place_file(folder: Path) -> Path:
    """Where a temporary socket folder is kept in mind."""
    return folder / "socket.json"


def socket_folder(folder: Path, account: Account) -> Path:
    """A private folder whose path is short enough for a socket: below ``folder``, else a temporary one kept in mind.

    Raises:
        PostgresUnavailableError: there is nowhere to put one.
    """
    near = folder / "run"
    if _fits(near):
        with contextlib.suppress(FileExistsError):
            account.make_folder(near)
        if _is_private(near, account) and _takes_sockets(near):
            return near
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        place = json.loads(place_file(folder).read_text(encoding="utf-8"))
        # A copy of this home must not share the folder of the original.
        if place["home"] == str(folder.parent) and _is_private(Path(place["folder"]), account):
            return Path(place["folder"])
    for parent in (tempfile.gettempdir(), "/tmp", os.environ.get("XDG_RUNTIME_DIR", "")):  # noqa: S108
        made = Path(parent, f"outreach-{secrets.token_hex(8)}")
        if parent and _fits(made):
            with contextlib.suppress(OSError):
                account.make_folder(made)
                write(place_file(folder), json.dumps({"home": str(folder.parent), "folder": str(made)}))
                return made
    raise PostgresUnavailableError(
        f"{folder} 的路径太长，临时目录也无法使用，请把 OUTREACH_HOME 改为较短的路径。",
        f"The path {folder} is too long for a socket and no temporary folder can be used: "
        "choose a shorter OUTREACH_HOME.",
    )


def _fits(folder: Path) -> bool:
    """Whether a socket below ``folder`` can be named: short enough, and without the comma that separates hosts."""
    return len(os.fsencode(folder)) <= _LONGEST_FOLDER and "," not in str(folder)


def _is_private(folder: Path, account: Account) -> bool:
    """Whether ``folder`` is a real folder of the server's account that nobody else may enter."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    owner = os.geteuid() if account.uid is None else account.uid
    return found.st_mode & 0o170777 == 0o040700 and found.st_uid == owner


def _takes_sockets(folder: Path) -> bool:
    """Whether the file system of ``folder`` can hold a socket (shared folders of virtual machines often cannot)."""
    trial = folder / f".t{secrets.token_hex(3)}"
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as one:
        try:
            one.bind(str(trial))
        except OSError:
            return False
    trial.unlink()
    return True
