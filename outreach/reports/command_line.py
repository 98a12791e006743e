"""``outreach report``: the year-end report into a file."""

from collections.abc import Callable, Coroutine
from datetime import date, datetime
from pathlib import Path
from typing import Any

import anyio
import click

__all__ = ["report_command"]


def report_command(
    in_database: Callable[[Callable[..., Coroutine[Any, Any, None]]], Callable[..., None]],
    clock: Callable[[], Coroutine[Any, Any, datetime]],
    day: Callable[[Any, Any, str | None], date | None],
) -> click.Command:
    """The command.

    Args:
        in_database: lets an async command run with the database open; gives it ``settings`` and ``dsn`` first.
        clock: the installation's now.
        day: reads an option that is a day.
    """

    @click.command()
    @click.argument("year", type=click.IntRange(2000, 2100), required=False)
    @click.option("--year", "named", type=click.IntRange(2000, 2100), help="同 YEAR · the same as YEAR")
    @click.option("--as-of", callback=day, metavar="DATE", help="截至哪一天 · cut by this day (default: today)")
    @click.option("--programme", metavar="CODE", help="只报一个项目 · one programme only")
    @click.option("--organisation", metavar="CODE", help="这个单位和它下面的 · this one and all below it")
    @click.option("--period", metavar="PERIOD", help="2015-03, 2015Q1: 一个月或一个季度 · one month or quarter")
    @click.option(
        "--format", "kind", type=click.Choice(["pdf", "docx", "xlsx", "csv"]), default="pdf", show_default=True
    )
    @click.option("--form", type=click.Choice(["full", "page"]), default="full", help="page: 一页 · one A4 page")
    @click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path))
    @in_database
    async def report(
        _settings: Any, _dsn: str, year: int | None, named: int | None, output: Path, **given: Any
    ) -> None:
        """年终报告 · the year-end report."""
        if (asked := named if year is None else year) is None or named not in (None, asked):
            raise click.UsageError("写明一个年份 / name one year: outreach report 2015 …")
        click.echo(f"正在编制{asked}年报告…… / Making the report of {asked} …", err=True)
        made = await _made(await clock(), asked, **given)
        await anyio.to_thread.run_sync(output.write_bytes, made)
        click.echo(f"{output}: {len(made):,} B", err=True)

    return report


async def _made(
    now: datetime,
    year: int,
    *,
    as_of: date | None,
    programme: str | None,
    organisation: str | None,
    period: str | None,
    kind: str,
    form: str,
) -> bytes:
    # Slow imports, and only here: every command of the program loads this module.
    from outreach.reports.documents import report_document
    from outreach.reports.lifespan import close
    from outreach.shared.time import local_day

    try:
        return await report_document(
            now=now,
            kind=kind,
            year=year,
            as_of=as_of or min(local_day(now), date(year, 12, 31)),
            organisation_code=organisation,
            programme_code=programme,
            period=period,
            form=form,
        )
    finally:
        await close()
