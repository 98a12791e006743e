"""``outreach doctor``: what an installation needs, each thing with one sentence that says what to do about it."""

import contextlib
import ctypes
import importlib.util
import shutil
import stat
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import anyio.to_thread
import asyncpg

from outreach.app import connected
from outreach.counting.checking import Checked, check_counters
from outreach.notifications.channels import TryAgainError
from outreach.notifications.channels.mail import greeting_of, sender_of
from outreach.notifications.channels.smtp import Connections, Patience
from outreach.settings import Settings, smtp_server
from outreach.shared import db
from outreach.shared.errors import UnavailableError
from outreach.shared.i18n import gettext as _
from outreach.shared.i18n import language
from outreach.shared.migrations import pending_migrations
from outreach.shared.postgres import EmbeddedPostgres
from outreach.shared.time import Clock
from outreach.web.wording import joined

__all__ = ["Finding", "diagnose"]

FIRST_PLAUSIBLE_YEAR = 2020
CLOCKS_APART = timedelta(seconds=5)
DISK_WARNING, DISK_REFUSAL = 1_000_000_000, 100_000_000  # bytes free
_MAIL_SECONDS = 5.0
MARKS_WARNING = 20_000  # changes that wait for the recount, which is there once a minute

_LIBRARIES = {
    "linux": ("libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz-subset.so.0"),
    "darwin": ("libpango-1.0.dylib", "libpangoft2-1.0.dylib", "libharfbuzz-subset.dylib"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor. ``ok``: fine, must be mended (``False``), or worth knowing (``None``)."""

    name: str
    ok: bool | None
    message: str


async def diagnose(settings: Settings, clock: Clock | None = None) -> list[Finding]:
    """Look at everything once, changing nothing but starting the embedded database for as long as it is asked.

    Args:
        clock: the machine's own, never that of a demo: it is the machine that is examined.
    """
    clock = clock or Clock()
    return [
        *await _database(settings, clock),
        _clock(clock.now()),
        *await anyio.to_thread.run_sync(_printing),
        await _mail(settings),
        _disk(settings.home),
        *_keys(settings),
    ]


async def _database(settings: Settings, clock: Clock) -> list[Finding]:
    if settings.database_url is None and not EmbeddedPostgres(settings.home).status().initialised:
        return [Finding("database", False, _("数据库尚未建立，请运行 outreach init（或 outreach demo）。"))]
    try:
        async with connected(settings, migrating=False):
            version = await db.value("SELECT split_part(version(), ' ', 2)")
            there = await db.value("SELECT clock_timestamp()")
            apart = abs(there - clock.now())
            pending = await pending_migrations()
            counted = None if pending else await check_counters()
    except (UnavailableError, OSError, asyncpg.PostgresError) as error:
        reason = error.facts.get("reason", error) if isinstance(error, UnavailableError) else error
        return [Finding("database", False, _("数据库无法使用：{reason}").format(reason=reason))]
    return [
        Finding("database", True, _("数据库可用（PostgreSQL {version}）。").format(version=version)),
        Finding("migrations", False, _("有 {n} 项数据库升级尚未执行，请运行 outreach init。").format(n=len(pending)))
        if pending
        else Finding("migrations", True, _("数据库结构是最新的。")),
        Finding("database-clock", True, _("数据库与本机的时钟一致。"))
        if apart <= CLOCKS_APART
        else Finding(
            "database-clock",
            False,
            _("数据库与本机的时钟相差 {seconds} 秒，请为两台机器开启自动校时（NTP）。").format(
                seconds=round(apart.total_seconds())
            ),
        ),
        *([] if counted is None else [_counters(counted)]),
    ]


def _counters(checked: Checked) -> Finding:
    """The figures of a year are read from counters: they must say what the rows say."""
    if not checked.agrees:
        wrong = checked.wrong_sessions + checked.wrong_people
        return Finding("counters", False, _("有 {n} 处计数与登记不符，请运行 outreach recount。").format(n=wrong))
    if checked.waiting > MARKS_WARNING:
        return Finding(
            "counters",
            None,
            _("有 {n} 处登记还没有重算，数字仍然准确，但读得慢；请确认 outreach work 或 serve 在运行。").format(
                n=checked.waiting
            ),
        )
    return Finding("counters", True, _("计数与登记一致（核对了 {n} 场）。").format(n=checked.sessions))


def _clock(now: datetime) -> Finding:
    if now.year < FIRST_PLAUSIBLE_YEAR:
        return Finding("clock", False, _("本机时钟显示 {year} 年，请校正时间。").format(year=now.year))
    return Finding("clock", True, _("本机时钟正常。"))


def _printing() -> list[Finding]:
    """Fonts and libraries of the PDF reports."""
    fonts = importlib.util.find_spec("pylopdf_fonts_zh_cn")
    found = [
        Finding("fonts", True, _("报告所用的中文字体已安装。"))
        if fonts is not None
        else Finding("fonts", False, _("缺少中文字体 pylopdf-fonts-zh-cn，请重新运行 make setup。"))
    ]
    missing = [name for name in _LIBRARIES.get(sys.platform, ()) if not _loads(name)]
    if not missing:
        found.append(Finding("pdf", True, _("PDF 所需的系统组件（pango、harfbuzz-subset）已安装。")))
    elif all("harfbuzz-subset" in name for name in missing):
        found.append(
            Finding(
                "pdf", None, _("缺少 libharfbuzz-subset0，PDF 会慢十几倍，请运行 make setup 或用系统的包管理器安装。")
            )
        )
    else:
        found.append(
            Finding(
                "pdf",
                False,
                _("缺少系统组件 {names}，无法生成 PDF，请运行 make setup 或用系统的包管理器安装。").format(
                    names=joined(missing, language())
                ),
            )
        )
    return found


def _loads(library: str) -> bool:
    # Homebrew's folder is not searched by the system's Python.
    for name in (library, f"/opt/homebrew/lib/{library}", f"/usr/local/lib/{library}"):
        try:
            ctypes.CDLL(name)
        except OSError:
            continue
        return True
    return False


async def _mail(settings: Settings) -> Finding:
    """Whether mail can be handed in: the server answers, the connection is as safe as asked for, the login is right."""
    if settings.messages == "console":
        return Finding("mail", None, _("演练（OUTREACH_MESSAGES=console）：什么都不发出去，只记在日志里。"))
    if settings.smtp_url is None:
        return Finding("mail", None, _("未设置邮件服务器（OUTREACH_SMTP_URL）：不发邮件，要告诉的人列在待通知清单里。"))
    host = urlsplit(settings.smtp_url).hostname or "?"
    try:
        server = smtp_server(settings.smtp_url)
        connections = Connections(server, greeting_of(settings), Patience(_MAIL_SECONDS, _MAIL_SECONDS, _MAIL_SECONDS))
        client = await connections.open()
        is_encrypted = client.get_transport_info("sslcontext") is not None
        with contextlib.suppress(Exception):
            await client.quit(timeout=1)
    except (ValueError, TryAgainError) as error:
        return Finding(
            "mail",
            False,
            _("邮件服务器 {host} 无法使用：{reason}。请检查 OUTREACH_SMTP_URL。").format(host=host, reason=error),
        )
    known = _("，登录成功") if server.user else ""
    safe = _("，连接已加密") if is_encrypted else _("，连接没有加密")
    return Finding(
        "mail",
        True,
        _("邮件服务器 {host} 可用{safe}{known}，发件人是 {sender}。").format(
            host=host, safe=safe, known=known, sender=sender_of(settings)[1]
        ),
    )


def _disk(home: Path) -> Finding:
    place = next(folder for folder in (home.absolute(), *home.absolute().parents) if folder.exists())
    free = shutil.disk_usage(place).free
    text = f"{free / 1e9:.1f} GB"
    if free < DISK_WARNING:
        warning = _("磁盘只剩 {free}，请清理或扩容；写满后无法登记任何数据。").format(free=text)
        return Finding("disk", None if free >= DISK_REFUSAL else False, warning)
    return Finding("disk", True, _("磁盘剩余 {free}。").format(free=text))


def _keys(settings: Settings) -> list[Finding]:
    """The keys under home; who can read one can sign in as anybody, or find out whose number a hash is."""
    found = []
    for name in ("secret", "identity"):
        path = settings.home / f"{name}.key"
        if name == "secret" and settings.secret_key is not None:
            found.append(Finding(name, True, _("登录密钥由 OUTREACH_SECRET_KEY 给出。")))
        elif not path.exists():
            found.append(Finding(name, None, _("密钥 {path} 尚未生成，首次使用时自动生成。").format(path=path)))
        elif stat.S_IMODE(path.stat().st_mode) & 0o077:
            found.append(
                Finding(name, False, _("其他用户可以读取密钥 {path}，请运行 chmod 600 {path}。").format(path=path))
            )
        else:
            found.append(Finding(name, True, _("密钥 {path} 只有本用户可读。").format(path=path)))
    return found
