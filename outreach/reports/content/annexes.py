"""附件: statistics tables, every session, every correction, how it was counted.

What another feature adds to reports is a provider here: it is asked inside the snapshot that the report reads.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence

from outreach.counting.figures import CountedSession
from outreach.reports import wording
from outreach.reports.content.blocks import Annex, Column, Lines, Paragraph, Table, Value
from outreach.reports.content.method import METHODS
from outreach.reports.data import ReportData
from outreach.reports.statistics_annexes import statistics_annexes
from outreach.shared.time import local
from outreach.web.wording import day_plain, thousands

__all__ = ["PROVIDERS", "Provider", "annexes", "corrections_table", "own_annexes", "sessions_table"]

Provider = Callable[[ReportData], Awaitable[Sequence[Annex]]]

#: Sessions that stand in a table; more are listed line by line.
MOST_IN_A_TABLE = 1000

#: In the order in which they stand before the report's own annexes.
PROVIDERS: list[Provider] = [statistics_annexes]


async def annexes(data: ReportData) -> tuple[Annex, ...]:
    """What others add, first."""
    return tuple([annex for provider in PROVIDERS for annex in await provider(data)])


def own_annexes(data: ReportData) -> Iterator[Annex]:
    """The list of sessions, of corrections, and the method."""
    if len(data.sessions) > MOST_IN_A_TABLE:
        yield Annex("已办场次一览表", tuple(_months_of_lines(data)))
    elif data.sessions:
        yield Annex("已办场次一览表", (sessions_table(data),), landscape=True)
    else:
        yield Annex("已办场次一览表", (Paragraph(f"截至{wording.as_of_text(data)}还没有已办的场次。"),))
    if data.corrections:
        yield Annex("更正一览表", (corrections_table(data),), landscape=True)
    yield Annex("计数和预计的方法", tuple(_method()))


def _method() -> Iterator[Paragraph]:
    for title, sentences in METHODS.items():
        yield Paragraph(f"{title}：{sentences}", note=True)


def _months_of_lines(data: ReportData) -> Iterator[Paragraph | Lines]:
    """A line a session, by month: a table of so many would be a book, and take minutes."""
    short = {one.programme.id: one.programme.short_name for one in data.programmes}
    visits = sum(one.visits or 0 for one in data.sessions)
    count = thousands(len(data.sessions) - len(data.carried))
    yield Paragraph(
        f"共{count}场，{thousands(visits)}人次。每场一行：序号、日期、项目、场次、地点、承接单位、人次（其中职工）。",
        note=True,
    )
    lines: dict[str, list[str]] = {}
    for place, one in enumerate(data.sessions, 1):
        where = "，".join(part for part in (one.title, one.place or one.district, one.host) if part)
        lines.setdefault(f"{local(one.starts_at).month}月", []).append(
            f"{place}　{day_plain(one.starts_at)}　{short[one.programme_id]}　{where}　{_came(one)}"
        )
    for month, ours in lines.items():
        yield Lines(f"{month}（{thousands(len(ours))}场）", tuple(ours))


def _came(one: CountedSession) -> str:
    if one.visits is None:
        return "未报"
    workers = "" if one.workers is None else f"（{thousands(one.workers)}）"
    return f"{thousands(one.visits)}人次{workers}"


def sessions_table(data: ReportData) -> Table:
    """Every session by start, with what it added, and the sum."""
    short = {one.programme.id: one.programme.short_name for one in data.programmes}
    rows: list[tuple[Value, ...]] = []
    for place, one in enumerate(data.sessions, 1):
        carried = "\n上期开始，场次不计入本期" if one.id in data.carried else ""
        rows.append(
            (
                str(place),
                day_plain(one.starts_at),
                short[one.programme_id],
                f"{one.title}{carried}",
                one.kind,
                one.district,
                one.place,
                one.host,
                "未报" if one.visits is None else one.visits,
                "未报" if one.workers is None else one.workers,
            )
        )
    visits, workers = (sum(getattr(one, name) or 0 for one in data.sessions) for name in ("visits", "workers"))
    count = len(data.sessions) - len(data.carried)
    rows.append(("", "合计", f"{count}场", "", "", "", "", "", visits, workers))
    return Table(
        title="已办场次",
        columns=(
            Column("序号", 10, "middle"),
            Column("日期", 17),
            Column("项目", 22),
            Column("场次"),
            Column("种类", 13),
            Column("地区", 16),
            Column("地点", 62),
            Column("承接单位", 40),
            Column("人次", 14, "number"),
            Column("其中\n职工", 14, "number"),
        ),
        rows=tuple(rows),
        total=True,
        small=True,
    )


def corrections_table(data: ReportData) -> Table:
    """Every figure that was changed after the fact, with both values."""
    rows: list[tuple[Value, ...]] = [
        (
            day_plain(one.correction.on or one.session.starts_at),
            one.session.programme_name,
            one.session.title,
            wording.corrected_field(one.correction),
            wording.corrected_value(one.correction.old_value),
            wording.corrected_value(one.correction.new_value),
            one.correction.reason,
            day_plain(one.correction.corrected_at),
        )
        for one in data.corrections
    ]
    return Table(
        title="更正",
        columns=(
            Column("日期", 20),
            Column("项目", 38),
            Column("场次", 50),
            Column("更正哪一项", 28),
            Column("原来", 17, "number"),
            Column("改后", 17, "number"),
            Column("原因"),
            Column("更正日期", 22),
        ),
        rows=tuple(rows),
        small=True,
    )
