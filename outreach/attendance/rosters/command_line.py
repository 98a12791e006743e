"""``outreach attendance import``: reads a file of this machine and says what came of it."""

import sys
from collections.abc import Callable, Coroutine
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import anyio
import click

__all__ = ["attendance_group"]


def attendance_group(
    in_database: Callable[[Callable[..., Coroutine[Any, Any, None]]], Callable[..., None]],
    clock: Callable[[], Coroutine[Any, Any, datetime]],
    day: Callable[[Any, Any, str | None], date | None],
) -> click.Group:
    """The commands of attendance.

    Args:
        in_database: lets an async command run with the database open; gives it ``settings`` and ``dsn`` first.
        clock: the installation's now.
        day: reads an option that is a day.
    """

    @click.group()
    def attendance() -> None:
        """出席 · attendance."""

    @attendance.command("import")
    @click.argument("session", metavar="SESSION", type=click.UUID)
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option("--dry-run", is_flag=True, help="只读，不存 · read only, store nothing")
    @click.option("--expected", is_flag=True, help="预计参加的人，不计人次 · people expected, not counted")
    @click.option("--on", callback=day, metavar="DATE", help="多天的场次，哪一天 · which day of several")
    @click.option("--skip-rejected", is_flag=True, help="有不收的行，也存其余的人 · store the others")
    @in_database
    async def load(_settings: Any, _dsn: str, **given: Any) -> None:
        """从 xlsx/xls/csv 导入名单，逐行说明不收的原因 · load a roster; all or nothing unless --skip-rejected."""
        said, refused = await _loaded(_settings, await clock(), **given)
        click.echo("\n".join(said))
        if refused:
            sys.exit(1)

    return attendance


async def _loaded(
    settings: Any,
    now: datetime,
    *,
    session: UUID,
    file: Path,
    expected: bool,
    on: date | None,
    dry_run: bool,
    skip_rejected: bool,
) -> tuple[list[str], bool]:
    """Import a file, with a bar on standard error while it is read.

    Returns:
        what to print, and whether rows were rejected so that nobody was stored.
    """
    # Slow imports, and only here: every command of the program loads this module.
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from outreach.attendance.attendees import identity_key
    from outreach.attendance.rosters.access import day_of
    from outreach.attendance.rosters.commands import import_roster
    from outreach.events.queries import session_by_id
    from outreach.shared.errors import invalid
    from outreach.shared.spreadsheets.reading import MOST_BYTES, MOST_ROWS

    about = await session_by_id(session)
    path = anyio.Path(file)
    if (await path.stat()).st_size > MOST_BYTES:
        raise invalid("file", "roster-too-large", most=MOST_BYTES // 1024 // 1024)
    content = await path.read_bytes()
    bar = Progress(TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=Console(stderr=True))
    with bar:
        task = bar.add_task("正在读取 / Reading", total=1.0)
        made = await import_roster(
            None,
            now,
            session_id=session,
            content=content,
            name=file.name,
            presence=not expected,
            on=on or day_of(about, now),
            key=identity_key(settings),
            dry_run=dry_run,
            refuse_rejected=not skip_rejected,
            keep=MOST_ROWS,
            progress=lambda share: bar.update(task, completed=share),
        )
        bar.update(task, completed=1.0)
    refused = bool(made.answer.rejected_count) and not skip_rejected and not made.again
    return _said(made, dry_run=dry_run), refused


def _said(made: Any, *, dry_run: bool) -> list[str]:
    from outreach.attendance.rosters.workbooks import reason_text, remedy_text

    answer = made.answer
    lines = [
        f"第{one.line}行（{one.cell}）：{reason_text(one)}。{remedy_text(one)} {one.text}" for one in answer.rejected
    ]
    lines += [f"第{one.line}行（{one.cell}）：和{one.first}是同一个人，{one.name}。" for one in answer.duplicates]
    figures = (
        f"可收 {answer.accepted} 人，不收 {answer.rejected_count} 行，重复 {answer.duplicate_count} 行。 / "
        f"{answer.accepted} people, {answer.rejected_count} rows rejected, {answer.duplicate_count} doubled."
    )
    if made.again:
        outcome = "这个文件导入过了，没有再存。 / This file was stored before; nothing was written."
    elif made.roster is not None:
        outcome = f"已存入，其中新的 {made.new} 人。 / Stored; {made.new} of them are new."
    elif dry_run:
        outcome = "只读了一遍，没有存。 / Only read; nothing was stored."
    else:
        outcome = (
            "有不收的行，没有存。改好再导入，或加 --skip-rejected。 / Nothing was stored: mend the rows, or add "
            "--skip-rejected."
        )
    return [*lines, figures, outcome]
