"""Settings: read once from the environment and ``.env``, typed; a misspelt name stops the start."""

import contextlib
import os
import secrets
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit

import msgspec
from msgspec import Meta

__all__ = [
    "Settings",
    "SettingsError",
    "SmtpServer",
    "is_every_address",
    "is_given",
    "load_settings",
    "opens_only_here",
    "own_address",
    "secret_of",
    "sms_template",
    "smtp_server",
]

PREFIX = "OUTREACH_"
# Read by the test suite and the container build, not by the program.
NOT_OURS = frozenset({"TEST_DATABASE_URL", "PORT"})

_ADDRESS = r"[^\s<>@\",;:\\]+@[A-Za-z0-9.-]+"
_MAIL_FROM = rf"^({_ADDRESS}|[^<>\r\n\x00-\x1f]+ ?<{_ADDRESS}>)$"


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
    """What links begin with, and whose host calendar UIDs keep for ever; no slash at the end. Unset, ``outreach serve``
    takes the address at which it listens."""
    secret_key: Annotated[str, Meta(min_length=32)] | None = None
    """Signs logins; unset: made once and kept under ``home`` with mode 0600."""
    smtp_url: str | None = None
    """``smtp://user:password@host:port`` or ``smtps://…``; ``?starttls=always`` or ``never``, else when it is offered.
    Unset: no mail is sent."""
    mail_from: Annotated[str, Meta(pattern=_MAIL_FROM, max_length=200)] | None = None
    """Who mail comes from: an address, or ``Name <address>``; unset: ``noreply@`` and the host of ``base_url``."""
    sms_url: Annotated[str, Meta(pattern=r"^https?://[^\s]+$", max_length=500)] | None = None
    """Address of an SMS gateway; unset: no SMS is sent."""
    sms_method: Literal["POST", "PUT", "GET"] = "POST"
    """``GET`` puts the fields of a form into the address."""
    sms_body: Annotated[str, Meta(max_length=2000)] = '{"phone":"{phone}","text":"{text}","id":"{id}"}'
    """What the gateway is sent: JSON, or a form ``mobile={phone}&content={text}``; ``{id}`` stays the same."""
    sms_header: Annotated[str, Meta(max_length=1000)] | None = None
    """A line that holds the key, e.g. ``Authorization: Bearer …``."""
    sms_success: Annotated[str, Meta(max_length=200)] | None = None
    """What an answer says that took the message: ``code=0``, ``result.status=ok`` in JSON, or a text that it holds;
    unset: any 2xx."""
    hooks_anywhere: bool = False
    """Webhooks may use plain http and lead into private networks: only where everybody who may set one is trusted."""
    messages: Literal["send", "console"] = "send"
    """``console``: nothing leaves the machine, what would be sent stands in the log (rehearsals, developers)."""
    locale: Literal["zh_CN", "en"] = "zh_CN"
    timezone: Literal["Asia/Shanghai"] = "Asia/Shanghai"
    keep_names_months: Annotated[int, Meta(ge=0, le=120)] = 12
    """How long after its year was closed the names of attendees are kept; figures stay for ever."""
    embed_origins: tuple[Annotated[str, Meta(pattern=r"^https?://[^/\s;,'\"]+$")], ...] = ()
    """Sites whose pages may show ``/embed/…`` in a frame, separated by commas, e.g. ``https://www.example.cn``."""
    log_format: Literal["text", "json"] = "text"


class SmtpServer(msgspec.Struct, frozen=True):
    """Where mail is handed in. ``security``: ``tls`` from the first byte, ``starttls`` or nothing, ``offered`` when the
    server offers it, ``none``."""

    host: str
    port: int
    security: Literal["tls", "starttls", "offered", "none"]
    user: str = ""
    password: str = ""


def smtp_server(url: str) -> SmtpServer:
    """What ``OUTREACH_SMTP_URL`` says.

    Raises:
        ValueError: it says something else; the message never holds the password.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.path not in ("", "/"):
        raise ValueError("smtp://user:password@host:port")
    asked = parse_qs(parts.query, keep_blank_values=True)
    wish = asked.pop("starttls", [""])
    kinds: dict[str, Literal["starttls", "offered", "none"]] = {"": "offered", "always": "starttls", "never": "none"}
    if asked or len(wish) != 1 or wish[0] not in kinds or (parts.scheme == "smtps" and wish[0]):
        raise ValueError("smtp://…?starttls=always, smtp://…?starttls=never, smtps://…")
    return SmtpServer(
        host=parts.hostname,
        port=parts.port or (465 if parts.scheme == "smtps" else 25),
        security="tls" if parts.scheme == "smtps" else kinds[wish[0]],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


def sms_template(body: str) -> Any:
    """What ``OUTREACH_SMS_BODY`` says: a JSON object, or the pairs of a form.

    Raises:
        ValueError: it is neither, or lacks ``{phone}`` or ``{text}``.
    """
    if "{phone}" not in body or "{text}" not in body:
        raise ValueError("{phone} {text}")
    if body.lstrip().startswith(("{", "[")) and not body.startswith(("{phone}", "{text}", "{id}")):
        return msgspec.json.decode(body.encode())  # its errors are ValueErrors
    return parse_qsl(body, keep_blank_values=True, strict_parsing=True)


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


def _given(env: Mapping[str, str] | None, dotenv: Path) -> dict[str, str]:
    """What was said, by field; empty is not said."""
    merged = {**_dotenv(dotenv), **(os.environ if env is None else env)}
    return {
        name.removeprefix(PREFIX).lower(): value
        for name, value in merged.items()
        if name.startswith(PREFIX) and name.removeprefix(PREFIX) not in NOT_OURS and value != ""
    }


def is_given(field: str, env: Mapping[str, str] | None = None, dotenv: Path = Path(".env")) -> bool:
    """Whether somebody chose the setting ``field``, else its default holds; the rest as of ``load_settings``."""
    return field in _given(env, dotenv)


def own_address(host: str, port: int) -> str:
    """Where a browser on this machine finds a server that listens at ``host`` and ``port``: a ``base_url``.

    All addresses of the machine (``0.0.0.0``, ``::``) are none that a browser opens: this machine's own then.
    """
    if is_every_address(host):
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def is_every_address(host: str) -> bool:
    """Whether a server at ``host`` listens at all addresses of the machine."""
    with contextlib.suppress(ValueError):
        return ip_address(host).is_unspecified
    return False


def opens_only_here(base_url: str) -> bool:
    """Whether links that begin with ``base_url`` open on this machine alone: people's telephones cannot."""
    host = urlsplit(base_url).hostname or ""
    with contextlib.suppress(ValueError):
        return ip_address(host).is_loopback
    return host == "localhost" or host.endswith(".localhost")


def load_settings(env: Mapping[str, str] | None = None, dotenv: Path = Path(".env")) -> Settings:
    """The settings in ``env`` (default: the process's), those of ``.env`` below them.

    Raises:
        SettingsError: a name is unknown or a value unusable.
    """
    given: dict[str, Any] = _given(env, dotenv)
    known = {field.name for field in msgspec.structs.fields(Settings)}
    if unknown := sorted(PREFIX + name.upper() for name in given.keys() - known):
        raise SettingsError(
            f"不认识的设置：{', '.join(unknown)}。请改正拼写或删去。 / Unknown settings: {', '.join(unknown)}; "
            f"known are {', '.join(sorted(PREFIX + name.upper() for name in known))}."
        )
    for name in ("read_urls", "embed_origins"):
        if name in given:
            given[name] = tuple(part.strip().rstrip("/") for part in given[name].split(",") if part.strip())
    if "base_url" in given:
        given["base_url"] = given["base_url"].rstrip("/")
    try:
        made = msgspec.convert(given, Settings, strict=False, dec_hook=lambda kind, value: kind(value))
    except msgspec.ValidationError as error:
        raise SettingsError(f"设置无法使用：{error}。 / A setting cannot be used: {error}.") from error
    if made.smtp_url is not None:
        try:
            smtp_server(made.smtp_url)
        except ValueError as error:
            raise SettingsError(
                f"设置无法使用：OUTREACH_SMTP_URL（smtp_url）要写成 {error}。 / "
                f"OUTREACH_SMTP_URL (smtp_url) cannot be used: write {error}."
            ) from error
    if made.sms_url is not None:
        try:
            sms_template(made.sms_body)
        except ValueError as error:
            raise SettingsError(
                f"设置无法使用：OUTREACH_SMS_BODY 要写成JSON或表单，里面有 {{phone}} 和 {{text}}：{error}。 / "
                f"OUTREACH_SMS_BODY cannot be used: write JSON or a form with {{phone}} and {{text}}: {error}."
            ) from error
    return made


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
