"""三、覆盖与结构: where sessions took place, whom they reached, which part of the members."""

from collections.abc import Iterator, Sequence

from outreach.accounts.domain.organisations import KIND_NAMES
from outreach.attendance.domain.headcounts import GROUPS, PART_OF
from outreach.counting.coverage.figures import Coverage, CoverageRow
from outreach.counting.coverage.news import coverage_news
from outreach.counting.figures import ProgrammeProgress
from outreach.counting.months import Sum
from outreach.reports.content.blocks import Block, Column, Heading, Paragraph, Percent, Table, Value
from outreach.reports.data import ReportData
from outreach.reports.structure import Structure
from outreach.web.wording import percent, thousands

__all__ = ["districts_table", "reach"]

#: Programmes beside each other in one table of districts.
_MOST_BESIDE = 4


def reach(data: ReportData) -> Iterator[Block]:
    """Districts by 地点, units by 归属, kinds of units, groups of people, coverage against the ramp."""
    structure = data.structure
    assert structure is not None, "read with every report"
    yield Heading("覆盖与结构")
    if not structure.whole.sessions and not structure.whole.visits:
        yield Paragraph("这段时间没有已办的场次。")
    else:
        yield Heading("按举办地点", 2)
        yield Paragraph(_districts_sentence(structure))
        yield from _districts(data, structure)
        yield Heading("按归属", 2)
        yield from _units(structure)
        yield Heading("按承接单位类别", 2)
        yield from _kinds(structure)
        yield Heading("其中", 2)
        yield from _groups(structure)
    if any(one.sessions or one.visits for one in structure.above):
        yield Heading("上级项目在本单位的场次", 2)
        yield from _above(structure)
    if data.coverage is not None:
        yield Heading("覆盖率", 2)
        yield from _coverage(data, data.coverage)


def _districts_sentence(structure: Structure) -> str:
    found = {name: Sum.of(one for one in structure.cells if one.district == name)
             for name in {one.district for one in structure.cells}}  # fmt: skip
    named = sorted(((total.sessions, name) for name, total in found.items() if name and total.sessions), reverse=True)
    if not named:
        return "场次都没有填举办地区。"
    most, least = named[0], named[-1]
    words = f"在{len(named)}个地区举办，最多的是{most[1]}（{thousands(most[0])}场）"
    if least[1] != most[1]:
        words += f"，最少的是{least[1]}（{thousands(least[0])}场）"
    without = found[""].sessions if "" in found else 0
    return words + (f"；另有{thousands(without)}场没有填地区" if without else "") + "。"


def _districts(data: ReportData, structure: Structure) -> Iterator[Table]:
    seen = {one.programme_id for one in structure.cells}
    held = [one for one in data.programmes if one.programme.id in seen]
    parts = [held[start : start + _MOST_BESIDE] for start in range(0, len(held), _MOST_BESIDE)]
    for number, part in enumerate(parts, 1):
        last = number == len(parts)
        yield districts_table(data, structure, part, with_sum=last and len(held) > 1)


def districts_table(
    data: ReportData, structure: Structure, part: Sequence[ProgrammeProgress], *, with_sum: bool
) -> Table:
    """Districts down, programmes across; ``with_sum``: all programmes of the report at the end."""
    names = list(data.district_names)
    columns = [Column("地区", 24)]
    for one in part:
        columns += _pair(one.programme.short_name)
    if with_sum:
        columns += _pair("合计")

    def row(label: str, district: str | None) -> tuple[Value, ...]:
        cells = [one for one in structure.cells if district is None or one.district == district]
        values: list[Value] = [label]
        for one in part:
            total = Sum.of(cell for cell in cells if cell.programme_id == one.programme.id)
            values += [total.sessions, total.visits]
        if with_sum:
            values += [Sum.of(cells).sessions, Sum.of(cells).visits]
        return tuple(values)

    return Table(
        title="已办场次和人次（按举办地点）",
        columns=tuple(columns),
        rows=(*(row(name or "未填地区", name) for name in names), row("合计", None)),
        total=True,
    )


def _pair(name: str) -> list[Column]:
    return [Column(title, 0, "number", over=name) for title in ("场次", "人次")]


def _units(structure: Structure) -> Iterator[Block]:
    lines = structure.by_unit()
    whole = structure.whole
    reached = [one for one in structure.homes if one.id != structure.owner_id]
    silent = [line.name for line in lines if not line.sessions and not line.visits]
    words = f"到{thousands(len(reached))}家单位办了活动"
    if silent:
        words += f"；没有办过的有{'、'.join(silent[:6])}{f'等{len(silent)}家' if len(silent) > 6 else ''}"
    yield Paragraph(words + "。场次归承接单位，没有承接单位的归主办单位。")
    rows: list[tuple[Value, ...]] = [
        (
            line.name,
            line.members,
            line.units,
            line.sessions,
            line.visits,
            round(line.visits * 1000 / line.members, 1) if line.members else None,
        )
        for line in lines
    ]
    rows.append(("合计", structure.tree.members[structure.owner_id], len(reached), whole.sessions, whole.visits, None))
    yield Table(
        title="已办场次和人次（按归属）",
        columns=(
            Column("单位"),
            Column("会员数", 22, "number", unit="人"),
            Column("办过的\n单位数", 18, "number", unit="家"),
            Column("场次", 18, "number", unit="场"),
            Column("人次", 22, "number", unit="人次"),
            Column("每千名会员\n人次", 22, "number", unit="人次"),
        ),
        rows=tuple(rows),
        total=True,
        sheet="归属",
    )


def _kinds(structure: Structure) -> Iterator[Block]:
    lines = structure.by_kind()
    if not lines:
        yield Paragraph("场次都没有承接单位。")
        return
    units, non_public = sum(line.units for line in lines), sum(line.non_public for line in lines)
    known = [one for one in structure.homes if one.id != structure.owner_id and one.ownership]
    if known:
        part = percent(round(non_public * 100 / len(known), 1))
        yield Paragraph(f"承接单位中，登记了所有制的有{len(known)}家，其中非公企业{non_public}家，占{part}。")
    rows: list[tuple[Value, ...]] = [
        (KIND_NAMES[line.kind], line.units, line.non_public, line.sessions, line.visits) for line in lines
    ]
    total = (sum(line.sessions for line in lines), sum(line.visits for line in lines))
    yield Table(
        title="承接单位类别",
        columns=(
            Column("类别"),
            Column("单位数", 24, "number", unit="家"),
            Column("其中\n非公企业", 24, "number", unit="家"),
            Column("场次", 24, "number", unit="场"),
            Column("人次", 26, "number", unit="人次"),
        ),
        rows=(*rows, ("合计", units, non_public, *total)),
        total=True,
        sheet="承接单位类别",
    )


def _groups(structure: Structure) -> Iterator[Block]:
    whole = structure.whole
    rows: list[tuple[Value, ...]] = [
        ("总人次", whole.visits, None, None, None),
        ("其中：职工", whole.workers, whole.visits, _part(whole.workers, whole.visits), None),
    ]
    rows += [
        (
            f"　　　{'　其中：' if one.group in PART_OF else ''}{GROUPS[one.group]}",
            one.visits,
            one.of_visits,
            _part(one.visits, one.of_visits),
            one.estimated,
        )
        for one in structure.groups
    ]
    yield Table(
        title="其中人次",
        columns=(
            Column("群体"),
            Column("人次", 26, "number", unit="人次"),
            Column("报了这一项的\n总人次", 28, "number", unit="人次"),
            Column("占比", 20, "number", unit="%"),
            Column("其中估算", 24, "number", unit="人次"),
        ),
        rows=tuple(rows),
        note="各群体有重叠，不能相加；没有报的场次不计入，占比只对报了这一项的场次算。",
        sheet="其中",
    )


def _part(part: int, whole: int) -> Percent | None:
    return Percent(round(part * 100 / whole, 1)) if whole else None


def _above(structure: Structure) -> Iterator[Block]:
    names = dict(structure.above_names)
    sums = {key: Sum.of(one for one in structure.above if one.programme_id == key) for key in names}
    rows: list[tuple[Value, ...]] = [
        (names[key], total.sessions, total.visits) for key, total in sums.items() if total.sessions or total.visits
    ]
    whole = Sum.of(structure.above)
    yield Paragraph("上级工会的项目在本单位和下级单位办的场次，不计入以上各数。")
    yield Table(
        title="上级项目在本单位的场次",
        columns=(Column("项目"), Column("场次", 26, "number", unit="场"), Column("人次", 30, "number", unit="人次")),
        rows=(*rows, ("合计", whole.sessions, whole.visits)),
        total=True,
        sheet="上级项目",
    )


def _coverage(data: ReportData, coverage: Coverage) -> Iterator[Block]:
    since = "" if data.period.is_year else "（年初至今）"
    system = "只含本系统的服务。" if coverage.only_this_system else "含补填的系统外服务。"
    yield Paragraph(coverage_news(coverage) + system)
    yield Table(
        title=f"覆盖率{since}",
        columns=(
            Column("单位"),
            Column("已采集\n会员数", 21, "number", unit="人"),
            Column("实名服务\n人次", 21, "number", unit="人次"),
            Column("人次\n覆盖率", 18, "number", unit="%"),
            Column("实名服务\n人数", 20, "number", unit="人"),
            Column("人数\n覆盖率", 18, "number", unit="%"),
            Column("没有姓名的\n人次占", 20, "number", unit="%"),
        ),
        rows=(*(_covered(one) for one in coverage.by_organisation), _covered(coverage.whole, "合计")),
        total=True,
        note="一个人在几个单位都到过的，各单位各算一次，合计只算一次。",
        sheet="覆盖率",
    )
    if data.ramp:
        yield Table(
            title="各年目标和实际",
            columns=(
                Column("年份", 30, "middle"),
                Column("目标", 0, "number", unit="%"),
                Column("人次覆盖率", 0, "number", unit="%"),
                Column("人数覆盖率", 0, "number", unit="%"),
            ),
            rows=tuple(
                (f"{one.year}年", _share(one.goal_percent), _share(one.visit_percent), _share(one.people_percent))
                for one in data.ramp
            ),
            sheet="各年目标",
        )


def _share(value: float | None) -> Percent | None:
    return None if value is None else Percent(round(value, 1))


def _covered(row: CoverageRow, name: str = "") -> tuple[Value, ...]:
    return (
        name or row.name,
        row.members,
        row.all_visits,
        _share(row.visit_percent),
        row.all_people,
        _share(row.people_percent),
        _share(row.unnamed_percent),
    )
