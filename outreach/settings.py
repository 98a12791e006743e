"""Settings: read once from the environment and ``.env``, typed; a misspelt name stops the start."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

__all__ = ["Settings", "SettingsError", "load_settings", "secret_of"]

PREFIX = "OUTREACH_"
# Read by the test suite and the container build, not by the program.
NOT_OURS = frozenset({"TEST_DATABASE_URL", "PORT"})


class SettingsError(ValueError):
    """A setting is unknown or unusable; the message names it and says what to do."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What the keeper may choose; every name is ``OUTREACH_`` + the upper-case field."""

    home: Path = Path("data")
    database_url: str | None = None
    """``postgresql://…``; unset: the embedded PostgreSQL under ``home``."""
    read_urls: tuple[str, ...] = ()
    """Read replicas, separated by commas."""
    base_url: Annotated[str, Meta(pattern=r"^https?://[^/\s]+$")] = "http://127.0.0.1:8000"
    """What links and calendar UIDs begin with; no slash at the end."""
    secret_key: Annotated[str, Meta(min_length=32)] | None = None
    """Signs logins; unset: made once and kept under ``home`` with mode 0600."""
    smtp_url: str | None = None
    locale: Literal["zh_CN", "en"] = "zh_CN"
    timezone: Literal["Asia/Shanghai"] = "Asia/Shanghai"
    keep_names_months: Annotated[int, Meta(ge=0, le=120)] = 12
    """How long after its year was closed the names of attendees are kept; figures stay for ever."""
    log_format: Literal["text", "json"] = "text"


def _dotenv(path: Path) -> dict[str, str]:
    """``NAME=value`` lines of a ``.env`` file; comments, blank lines and quotes around values are understood."""
    if not path.is_file():
        return {}
    found: dict[str, str] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if equals and not name.startswith("#"):
            found[name.strip()] = value.strip().strip("'\"")
    return found


def load_settings(env: Mapping[str, str] | None = None, dotenv: Path = Path(".env")) -> Settings:
    """The settings in ``env`` (default: the process's), those of ``.env`` below them.

    Raises:
        SettingsError: a name is unknown or a value unusable.
    """
    merged = {**_dotenv(dotenv), **(os.environ if env is None else env)}
    given: dict[str, Any] = {
        name.removeprefix(PREFIX).lower(): value
        for name, value in merged.items()
        if name.startswith(PREFIX) and name.removeprefix(PREFIX) not in NOT_OURS and value != ""
    }
    known = {field.name for field in msgspec.structs.fields(Settings)}
    if unknown := sorted(PREFIX + name.upper() for name in given.keys() - known):
        raise SettingsError(
            f"不认识的设置：{', '.join(unknown)}。请改正拼写或删去。 / Unknown settings: {', '.join(unknown)}; "
            f"known are {', '.join(sorted(PREFIX + name.upper() for name in known))}."
        )
    if "read_urls" in given:
        given["read_urls"] = tuple(part.strip() for part in given["read_urls"].split(",") if part.strip())
    if "base_url" in given:
        given["base_url"] = given["base_url"].rstrip("/")
    try:
        return msgspec.convert(given, Settings, strict=False, dec_hook=lambda kind, value: kind(value))
    except msgspec.ValidationError as error:
        raise SettingsError(f"设置无法使用：{error}。 / A setting cannot be used: {error}.") from error


def secret_of(settings: Settings, name: str = "secret") -> bytes:
    """The key called ``name``, made once under ``home`` with mode 0600.

    ``secret`` signs logins and may be given as ``OUTREACH_SECRET_KEY``; ``identity`` hashes telephone numbers and
    is never rotated with it, since the distinct people of a year are counted by those hashes.
    """
    if name == "secret" and settings.secret_key is not None:
        return settings.secret_key.encode()
    path = settings.home / f"{name}.key"
    if not path.exists():
        settings.home.mkdir(parents=True, exist_ok=True)
        made = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(made, path)  # refuses to replace: of two processes starting at once, both read the winner's key
        except FileExistsError:
            pass
        finally:
            made.unlink()
    return path.read_text().strip().encode()
