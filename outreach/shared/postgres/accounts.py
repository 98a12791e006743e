"""As whom the server runs. PostgreSQL refuses root, whose files then belong to another in a user namespace."""

import contextlib
import os
import pwd
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from outreach.shared.postgres.programs import PostgresUnavailableError, binaries, environment

__all__ = ["Account", "account_for"]


@dataclass(frozen=True, slots=True)
class Account:
    """As whom the server's processes run: words before the command, and the account to change to, if any."""

    prefix: tuple[str, ...] = ()
    uid: int | None = None
    gid: int | None = None

    @property
    def identity(self) -> dict[str, Any]:
        """Arguments of ``subprocess`` that change the account."""
        return {} if self.uid is None else {"user": self.uid, "group": self.gid, "extra_groups": []}

    def make_folder(self, path: Path) -> None:
        """Make a private folder of the account's own. One that exists stays as it is: it may be a planted link."""
        path.mkdir(mode=0o700)
        if self.uid is not None:
            os.chown(path, self.uid, -1, follow_symlinks=False)


OURSELVES = Account()
NAMESPACE = Account(prefix=("unshare", "--user", "--map-user=1000", "--map-group=1000", "--"))


def account_for(folder: Path, data: Path) -> Account:
    """As whom the server runs: whoever its data belong to, or at first whoever can be trusted with them.

    Raises:
        PostgresUnavailableError: no ordinary account can enter ``folder``.
    """
    if os.geteuid() != 0:
        return OURSELVES
    if data.is_dir():
        owner = data.stat()
        if owner.st_uid != 0:
            return Account(uid=owner.st_uid, gid=owner.st_gid)
        if _may_enter(folder, NAMESPACE):
            return NAMESPACE
    else:
        for account in _accounts_for_root():
            if account.uid is not None:
                # Our own folder, not one of its parents; the password in it stays 0600.
                folder.chmod(0o711)
            if _may_enter(folder, account):
                return account
        folder.chmod(0o700)
    raise PostgresUnavailableError(
        f"PostgreSQL 不能以 root 身份运行，而普通账户进不了 {folder}："
        "请以普通用户运行，或把 OUTREACH_HOME 设在 /var/lib/outreach 之类的目录，或设置 OUTREACH_DATABASE_URL。",
        f"PostgreSQL refuses to run as root and no ordinary account can enter {folder}: "
        "run as an ordinary user, set OUTREACH_HOME to a folder such as /var/lib/outreach, "
        "or set OUTREACH_DATABASE_URL.",
    )


def _accounts_for_root() -> Iterator[Account]:
    yield NAMESPACE
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            yield Account(uid=entry.pw_uid, gid=entry.pw_gid)


def _may_enter(folder: Path, account: Account) -> bool:
    script = 'cd "$1" && test -x "$2"'
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        command = [*account.prefix, "/bin/sh", "-c", script, "sh", str(folder), str(binaries().postgres)]
        tried = subprocess.run(
            command, check=False, capture_output=True, timeout=30, env=environment(), **account.identity
        )
        return tried.returncode == 0
    return False
