"""The command line: every command says what it does, exits 0 or not, and tells what to do on error.

Only here and in ``app.py`` is the clock read.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine
from datetime import date, datetime
from functools import wraps
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

from outreach import __version__
from outreach.app import connected, install_all_phrases, load_clock
from outreach.attendance.rosters.command_line import attendance_group
from outreach.guide.command_line import start_line
from outreach.imports.command_line import load_groups
from outreach.reports.command_line import report_command
from outreach.settings import Settings, SettingsError, is_every_address, is_given, load_settings, own_address
from outreach.shared import db
from outreach.shared.actors import Role
from outreach.shared.errors import InvalidError, OutreachError
from outreach.shared.i18n import use_locale
from outreach.web.problems import field_messages, message_of

__all__ = ["main"]

R = TypeVar("R")


def _stop(text: str) -> NoReturn:
    """End with a sentence on standard error and exit code 1."""
    raise click.ClickException(text)


def _settings() -> Settings:
    try:
        settings = load_settings()
    except SettingsError as error:
        _stop(str(error))
    use_locale(settings.locale)
    return settings


def _run(work: Callable[[Settings, str], Awaitable[R]], *, migrating: bool = True) -> R:
    """Run ``work`` with the database open; turn refusals into sentences."""
    settings = _settings()
    install_all_phrases()

    async def whole() -> R:
        # A polite stop ends the block below in order, so that the last one out stops the embedded server.
        me = asyncio.current_task()
        assert me is not None
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, me.cancel)
        async with connected(settings, migrating=migrating) as dsn:
            return await work(settings, dsn)

    try:
        return asyncio.run(whole())
    except InvalidError as error:
        lines = [f"{field or '-'}: {text}" for field, text in field_messages(error).items()]
        _stop("\n".join([message_of(error)[0], *lines]))
    except OutreachError as error:
        title, detail = message_of(error)
        # An error of the embedded server words itself; others keep their reason for the keeper.
        own = str(error) if " / " in str(error) else ""
        _stop(own or " ".join(part for part in (title, detail, str(error.facts.get("reason", ""))) if part))
    except (KeyboardInterrupt, asyncio.CancelledError):
        _stop("已中断。 / Interrupted.")


async def _now() -> datetime:
    return (await load_clock()).now()


def _password_from(stdin: bool, prompt: str) -> str:
    if stdin:
        return sys.stdin.readline().rstrip("\n")
    return str(click.prompt(prompt, hide_input=True, confirmation_prompt=True))


def _day(_context: Any, _parameter: Any, text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise click.BadParameter("日期要写成2015-09-15这样。 / Write the day as 2015-09-15.") from None


def command(**options: Any) -> Callable[[Callable[..., Any]], click.Command]:
    """A command of ``outreach``."""
    return main.command(**options)


def in_database(function: Callable[..., Coroutine[Any, Any, R]]) -> Callable[..., R]:
    """Let an async command run with the database open; it receives ``settings`` and ``dsn`` first."""

    @wraps(function)
    def run(**given: Any) -> R:
        return _run(lambda settings, dsn: function(settings, dsn, **given))

    return run


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="outreach")
def main() -> None:
    """排期、预约、签到、统计：工会送文化、送讲座到基层。

    Schedules outreach sessions, takes bookings, counts them against the year's targets.
    Settings come from the environment or .env, all prefixed OUTREACH_; data lies under OUTREACH_HOME (./data).
    """


@command()
@click.option("--admin", metavar="NAME", help="第一个管理员的登录名 · login name of the first administrator")
@click.option("--password-stdin", is_flag=True, help="口令从标准输入读 · read the password from standard input")
@in_database
async def init(settings: Settings, dsn: str, admin: str | None, password_stdin: bool) -> None:
    """建立或升级数据库，设立第一个管理员 · create or migrate the database, make the first administrator."""
    from outreach.accounts.commands import create_first_administrator
    from outreach.programmes.holidays import seed_holidays_within
    from outreach.shared.time import local_day

    exists = await db.value("SELECT EXISTS (SELECT 1 FROM accounts_role_grant WHERE role = 'administrator')")
    if exists and admin is None:
        click.echo("数据库已是最新，管理员已设立。 / The database is up to date and has an administrator.")
        return
    name = admin or click.prompt("管理员登录名 / Administrator's login name")
    now = await _now()
    await create_first_administrator(name=name, password=_password_from(password_stdin, "口令 / Password"), now=now)
    async with db.atomic():
        for year in (local_day(now).year, local_day(now).year + 1):
            await seed_holidays_within(None, now, year)
    click.echo(f"管理员 {name} 已设立。运行 outreach serve 启动网站。 / Administrator {name} made; run: outreach serve")


@command()
@click.option("--year", default=2015, show_default=True, type=click.IntRange(2005, 2026))
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0, 2**31 - 1))
@in_database
async def demo(settings: Settings, dsn: str, year: int, seed: int) -> None:
    """载入苏州示例数据 · load the Suzhou programme with a year of sessions, bookings and attendance."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from outreach.demo import load_demo
    from outreach.shared.time import Clock

    console = Console(stderr=True)
    bar = Progress(TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=console)
    with bar:
        task = bar.add_task("正在载入 / Loading", total=1.0)

        def show(text: str, share: float) -> None:
            bar.update(task, description=text, completed=share)

        loaded = await load_demo(Clock().now(), settings.home, year=year, seed=seed, progress=show)
    click.echo("登录名与口令 / Logins and passwords:")
    for login in loaded.logins:
        click.echo(f"  {login.name:<14} {login.password:<18} {login.role:<14} {login.organisation}")
    click.echo(f"已写入 / written to {settings.home / 'demo.json'}")


@command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64))
@click.option("--no-work", is_flag=True, help="不在此运行后台工作 · leave background work to `outreach work`")
def serve(host: str, port: int, workers: int, no_work: bool) -> None:
    """启动网站、接口、日历，并运行后台工作 · serve web, API, feeds, and background work; migrates first."""

    address = own_address(host, port)
    is_named = is_given("base_url")

    async def look(settings: Settings, _dsn: str) -> tuple[bool, str]:
        """Migrates before the workers start, so that a failure is one sentence."""
        is_demo = await db.value("SELECT EXISTS (SELECT 1 FROM accounts_installation_fact WHERE name = 'demo')")
        return bool(is_demo), await start_line(settings, settings.base_url if is_named else address)

    is_demo, to_start = _run(look)
    if is_demo and host not in ("127.0.0.1", "::1", "localhost"):
        _stop(
            "演示用的口令还在，只能在本机打开。请改用 --host 127.0.0.1，或用新的 OUTREACH_HOME。 / "
            "Demo passwords stand: serve on 127.0.0.1 or use another OUTREACH_HOME."
        )
    # Slow import, and only here.
    from granian import Granian
    from granian.constants import Interfaces

    from outreach.asgi import WITHOUT_WORK

    if no_work:
        os.environ[WITHOUT_WORK] = "1"
    if not is_named:
        # Read by the workers: what they print begins with the address at which they can be found.
        os.environ["OUTREACH_BASE_URL"] = address
    click.echo(f"打开 / Open {address}   （Ctrl+C 停止 / stops）", err=True)
    if not is_named and is_every_address(host):
        click.echo(
            "别的电脑和手机要用这台机器的网址，请设OUTREACH_BASE_URL。 / "
            "Other machines need this one's address: set OUTREACH_BASE_URL.",
            err=True,
        )
    if to_start:
        click.echo(to_start, err=True)
    Granian(
        "outreach.asgi:application",
        factory=True,
        address=host,
        port=port,
        workers=workers,
        interface=Interfaces.ASGI,
        websockets=False,
        log_access=False,
        respawn_failed_workers=True,
        # A worker that does not end by itself keeps the service from stopping; what was acknowledged is safe.
        workers_kill_timeout=20,
    ).serve()


@command()
@in_database
async def work(settings: Settings, dsn: str) -> None:
    """单独运行后台工作 · background work in a process of its own."""
    from outreach.web.observing import configure_logging
    from outreach.work import run_work

    configure_logging(settings.log_format)
    await run_work(await load_clock(), settings)


@command()
def doctor() -> None:
    """检查数据库、字体、邮件、时钟、磁盘、密钥 · check everything; non-zero when something must be mended."""
    from outreach.doctor import diagnose

    settings = _settings()
    install_all_phrases()
    findings = asyncio.run(diagnose(settings))
    for finding in findings:
        mark = {True: "✓", False: "✗", None: "!"}[finding.ok]
        click.echo(f"{mark} {finding.name}: {finding.message}")
    if any(finding.ok is False for finding in findings):
        sys.exit(1)


@command()
@in_database
async def recount(settings: Settings, dsn: str) -> None:
    """把全部计数按登记重算一遍 · count everything anew from the attendance."""
    from outreach.counting import checking, counters

    await checking.count_everything_anew()
    done = await counters.recount(await _now())
    click.echo(f"已重算 {done} 处。 / Counted {done} places anew.")


@main.group()
def programmes() -> None:
    """实事项目和指标 · programmes and targets."""


@programmes.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--update", is_flag=True, help="改动已有的项目 · change programmes that exist")
@in_database
async def programmes_load(settings: Settings, dsn: str, file: Path, update: bool) -> None:
    """从 TOML 载入一年的项目和指标 · load a year's programmes and targets from TOML."""
    from outreach.programmes.commands import load_programmes

    loaded = await load_programmes(_text_of(file), now=await _now(), update=update)
    click.echo(f"{loaded}")


def _text_of(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        _stop(f"{file} 不是 UTF-8 文字。 / {file} is not UTF-8 text.")


main.add_command(attendance_group(in_database, _now, _day))
for group in load_groups(in_database, _now):
    main.add_command(group)


@main.group()
def users() -> None:
    """人员 · people."""


@users.command("add")
@click.argument("name")
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]))
@click.option("--organisation", "organisation_code", metavar="CODE", help="组织代码 · code of the organisation")
@click.option("--password-stdin", is_flag=True, help="口令从标准输入读；不给则发进入码 · else an entry code is made")
@in_database
async def users_add(
    settings: Settings, dsn: str, name: str, role: str, organisation_code: str | None, password_stdin: bool
) -> None:
    """添加一个人 · add somebody; prints a one-time entry code when no password is given."""
    from outreach.accounts.commands import add_user

    password = sys.stdin.readline().rstrip("\n") if password_stdin else None
    code = await add_user(
        name=name, role=Role(role), organisation_code=organisation_code, password=password, now=await _now()
    )
    click.echo(f"{name} 已添加。 / {name} added." + (f"\n{settings.base_url}/entry/{code}" if code else ""), err=True)
    if code:
        click.echo(code)


@main.group()
def token() -> None:
    """接口令牌 · API tokens."""


@token.command("create")
@click.argument("name")
@in_database
async def token_create(settings: Settings, dsn: str, name: str) -> None:
    """为登录名 NAME 发一个令牌，只在标准输出显示这一次 · make a token for NAME; the token alone is printed."""
    from outreach.accounts.commands import create_token_for

    click.echo(await create_token_for(name=name, now=await _now()))


main.add_command(report_command(in_database, _now, _day))


@command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@in_database
async def backup(settings: Settings, dsn: str, file: Path) -> None:
    """整个系统备份成一个文件 · the whole installation in one file."""
    from outreach.backup import BackupError, back_up

    try:
        size = await back_up(settings, dsn, file)
    except BackupError as error:
        _stop(str(error))
    click.echo(
        f"{file}: {size:,} B。内含密钥与电话，请妥善保管。 / Holds keys and phone numbers: keep it safe.", err=True
    )


@command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="覆盖现有数据 · overwrite what is there")
def restore(file: Path, replace: bool) -> None:
    """从备份恢复 · bring a backup back."""
    from outreach.backup import BackupError
    from outreach.backup import restore as bring_back

    async def bring(settings: Settings, dsn: str) -> None:
        await bring_back(settings, dsn, file, replace=replace)

    try:
        _run(bring, migrating=False)
    except BackupError as error:
        _stop(str(error))
    click.echo("已恢复。 / Restored.", err=True)
