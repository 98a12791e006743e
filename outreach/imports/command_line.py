"""``outreach organisations load`` and ``outreach sessions load``: read a file, say what came of it."""

import sys
from collections.abc import Callable, Coroutine
from datetime import datetime
from pathlib import Path
from typing import Any

import anyio
import click

__all__ = ["load_groups"]


def load_groups(
    in_database: Callable[[Callable[..., Coroutine[Any, Any, None]]], Callable[..., None]],
    clock: Callable[[], Coroutine[Any, Any, datetime]],
) -> tuple[click.Group, click.Group]:
    """The commands of organisations and of sessions.

    Args:
        in_database: lets an async command run with the database open; gives it ``settings`` and ``dsn`` first.
        clock: the installation's now.
    """

    @click.group()
    def organisations() -> None:
        """工会组织 · organisations."""

    @click.group()
    def sessions() -> None:
        """场次 · sessions."""

    @organisations.command("load")
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option("--dry-run", is_flag=True, help="只读，不存 · read only, store nothing")
    @in_database
    async def load_organisations(_settings: Any, _dsn: str, file: Path, dry_run: bool) -> None:
        """从 xlsx/xls/csv 载入组织，有一行不收就都不存 · load organisations; all or nothing."""
        await _load("units", file, await clock(), dry_run=dry_run)

    @sessions.command("load")
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option("--dry-run", is_flag=True, help="只读，不存 · read only, store nothing")
    @click.option("--past", is_flag=True, help="补录办过的场次和人次 · sessions that were, with their figures")
    @in_database
    async def load_sessions(_settings: Any, _dsn: str, file: Path, dry_run: bool, past: bool) -> None:
        """从 xlsx/xls/csv 载入全年排期，有一行不收就都不存 · load a planned year; all or nothing."""
        await _load("past" if past else "sessions", file, await clock(), dry_run=dry_run)

    return organisations, sessions


async def _load(kind: str, file: Path, now: datetime, *, dry_run: bool) -> None:
    """Import a file, with a bar on standard error while it is read; ends with 1 when a row was refused."""
    # Slow imports, and only here: every command of the program loads this module.
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from outreach.imports.commands import import_file
    from outreach.imports.rules.lookups import at_the_machine
    from outreach.shared.errors import invalid
    from outreach.shared.spreadsheets.reading import MOST_BYTES

    path = anyio.Path(file)
    if (await path.stat()).st_size > MOST_BYTES:
        raise invalid("file", "import-too-large", most=MOST_BYTES // 1024 // 1024)
    bar = Progress(TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=Console(stderr=True))
    with bar:
        task = bar.add_task("正在读取 / Reading", total=1.0)
        made = await import_file(
            at_the_machine(),
            now,
            kind=kind,
            content=await path.read_bytes(),
            dry_run=dry_run,
            progress=lambda share: bar.update(task, completed=share),
        )
        bar.update(task, completed=1.0)
    click.echo("\n".join(_said(kind, made, dry_run=dry_run)))
    if made.rejected:
        sys.exit(1)


def _said(kind: str, made: Any, *, dry_run: bool) -> list[str]:
    from outreach.imports.domain.kinds import KINDS
    from outreach.imports.wording import reason_text, title_of

    of = KINDS[kind]
    lines = [
        f"第{one.line}行（{one.cell}，{title_of(of.column(one.column))}）：{reason_text(of, one)} {one.text}".rstrip()
        for one in made.shown.rejected
    ]
    lines += [f"第{one.line}行（{one.cell}）：和{one.first}重复。" for one in made.shown.duplicates]
    lines += [f"第{one.line}行（{one.cell}）：留意，{reason_text(of, one)}" for one in made.shown.notes]
    figures = (
        f"新建 {made.made} 个，更新 {made.changed} 个，未变 {made.same} 个，不收 {made.rejected} 行，"
        f"重复 {made.duplicates} 行。"
        f" / {made.made} new, {made.changed} changed, {made.same} as they were, {made.rejected} rows rejected,"
        f" {made.duplicates} doubled."
    )
    if made.stored:
        outcome = "已存入。 / Stored."
    elif made.rejected:
        outcome = "有不收的行，什么都没有存。改好再导入。 / Nothing was stored: mend the rows first."
    elif dry_run:
        outcome = "只读了一遍，没有存。 / Only read; nothing was stored."
    else:
        outcome = "没有要存的。 / Nothing to store."
    return [*lines, figures, outcome]
