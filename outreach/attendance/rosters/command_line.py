"""``outreach attendance import``: reads a file of this machine and says what came of it."""

from datetime import date, datetime
from pathlib import Path
from uuid import UUID

import anyio

from outreach.attendance.attendees import identity_key
from outreach.attendance.rosters.access import day_of
from outreach.attendance.rosters.commands import Imported, import_roster
from outreach.attendance.rosters.reading import MOST_BYTES, MOST_ROWS
from outreach.attendance.rosters.workbooks import reason_text, remedy_text
from outreach.events.queries import session_by_id
from outreach.settings import Settings
from outreach.shared.errors import invalid

__all__ = ["load_roster"]


async def load_roster(
    settings: Settings,
    now: datetime,
    *,
    session_id: UUID,
    file: Path,
    presence: bool,
    on: date | None,
    dry_run: bool,
    skip_rejected: bool,
) -> tuple[list[str], bool]:
    """Import a file, with a bar on standard error while it is read.

    Returns:
        what to print, and whether rows were rejected so that nobody was stored.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    session = await session_by_id(session_id)
    path = anyio.Path(file)
    if (await path.stat()).st_size > MOST_BYTES:
        raise invalid("file", "roster-too-large", most=MOST_BYTES // 1024 // 1024)
    content = await path.read_bytes()
    console = Console(stderr=True)
    with Progress(TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=console) as bar:
        task = bar.add_task("正在读取 / Reading", total=1.0)
        made = await import_roster(
            None,
            now,
            session_id=session_id,
            content=content,
            name=file.name,
            presence=presence,
            on=on or day_of(session, now),
            key=identity_key(settings),
            dry_run=dry_run,
            refuse_rejected=not skip_rejected,
            keep=MOST_ROWS,
            progress=lambda share: bar.update(task, completed=share),
        )
        bar.update(task, completed=1.0)
    refused = bool(made.answer.rejected_count) and (made.roster is None or made.again)
    return _said(made, dry_run=dry_run), refused


def _said(made: Imported, *, dry_run: bool) -> list[str]:
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
