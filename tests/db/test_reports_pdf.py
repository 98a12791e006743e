"""The year-end report as PDF, read back: headings, figures, tags, bookmarks, repeated heads, the draft's word."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from outreach.reports import rendering
from outreach.reports.content.blocks import Document, Heading
from outreach.reports.content.document import document_of
from outreach.reports.data import ReportData
from outreach.reports.documents import made_of, report_document
from outreach.reports.domain.errors import NoProgrammesError
from outreach.reports.domain.periods import period_asked
from outreach.reports.queries import report_data
from outreach.shared.actors import Role
from outreach.shared.errors import InvalidError
from outreach.statistics.commands.filling import hand_in
from outreach.statistics.commands.opening import open_form
from tests.factories.accounts import make_actor, make_organisation
from tests.factories.bookings import make_headcount
from tests.factories.events import STARTS_AT, make_event, make_session
from tests.factories.programmes import make_programme, make_tally, make_target, make_year
from tests.support.papers_read import ReadPdf, squeezed
from tests.support.small_year import SmallYear, make_small_year

AS_OF = date(2015, 9, 15)
LONG = "苏" * 56 + "总工会女"


@pytest.fixture(autouse=True)
async def no_document_kept() -> Any:
    rendering._made.clear()
    yield
    await rendering.close()


async def data_of(now: datetime, as_of: date = AS_OF, **given: Any) -> ReportData:
    period = period_asked(as_of.year, given.pop("period", None))
    return await report_data(year=as_of.year, as_of=as_of, period=period, now=now, **given)


async def read(data: ReportData, **given: Any) -> tuple[ReadPdf, Document]:
    """The PDF, and the blocks it was made of."""
    return ReadPdf(await made_of(data, "pdf", **given)), document_of(data, data.annexes)


async def the_year() -> SmallYear:
    """The small year, with a programme in words, one tallied, and a rare name."""
    year = await make_small_year()
    await make_programme(
        year.city, code="relief", name="特殊困难救助", position=3, scheduled=False, account="已救助堃、玥、祎等家庭。"
    )
    books = await make_programme(year.city, code="books", name="安全生产丛书", position=4, scheduled=False)
    tallied = await make_target(
        books, metric="tally", label="丛书", unit="套", value=10000.0, wording="免费发放10000套以上"
    )
    for month in (1, 2, 5, 6, 8):
        await make_tally(tallied, on=date(2015, month, 7), quantity=1492.0)
    return year


async def test_every_heading_and_figure_can_be_read_and_found_by_a_screen_reader(database: None, now: datetime) -> None:
    await the_year()
    pdf, document = await read(await data_of(now))

    for heading in [*(one.text for one in document.contents), *(one.title for one in document.annexes)]:
        assert squeezed(heading) in pdf.text, heading
    for part in (
        "编制单位苏州市总工会",
        "（2015年1月1日至9月15日）",
        "2015年共安排4个实事项目，有数字指标的3个，指标3项",
        "共举办各类活动6场，参加250人次，其中职工130人次",
        "场次：承诺10场以上，已完成4场，完成率40%",
        "7,460套",
        "已救助堃、玥、祎等家庭",
        "没有数字指标，完成情况见下文",
        "填表人：审核人：负责人：日期：",
        "（盖章处）",
        "附件1已办场次一览表",
        "锡剧折子戏",
        "年底预计：由场次产生的",
    ):
        assert part in pdf.text, part
    for table in document.tables:
        assert squeezed(table.caption) in pdf.text
    assert "�" not in pdf.text

    assert (str(pdf.root["/Lang"]), bool(pdf.root["/MarkInfo"]["/Marked"])) == ("zh-CN", True)
    assert pdf.root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert b'pdfuaid:part="1"' in pdf.root["/Metadata"].get_object().get_data()
    assert pdf.reader.metadata is not None
    assert pdf.reader.metadata.title == document.title
    assert pdf.fonts() == {("Noto-Serif-SC", True), ("Noto-Sans-SC", True)}
    counts, said = pdf.tags()
    headings = [one.level for one in document.contents]
    assert counts["H1"] == 1
    assert counts["H2"] == headings.count(1) + len(document.annexes) + 1  # 目录
    assert counts["H3"] == headings.count(2)
    assert counts["THead"] >= len(document.tables)
    assert counts["Figure"] == len(said) == 3
    assert all(one.endswith(("场。", "人次。", "套。", "以上。")) and "到9月15日" in one for one in said), said


async def test_contents_bookmarks_and_pages_agree_and_no_heading_stands_alone(database: None, now: datetime) -> None:
    await the_year()
    pdf, document = await read(await data_of(now))

    expected = [
        *((one.level, one.text) for one in document.contents),
        *((1, f"{one.label} {one.title}") for one in document.annexes),
    ]
    assert [(level, words) for level, words, _page in pdf.bookmarks()] == expected
    listed = [line.rstrip("0123456789").rstrip(" .") for line in pdf.pages[1][1:-1]]
    printed = [int(line.replace(" ", "").rpartition(".")[2]) for line in pdf.pages[1][1:-1]]
    assert [squeezed(one) for one in listed] == [squeezed(words) for _level, words in expected]
    assert printed == [page + 1 for _level, _words, page in pdf.bookmarks()]
    for _level, words, page in pdf.bookmarks():
        assert squeezed(words.partition(" ")[2] or words) in squeezed("".join(pdf.pages[page])), words
    headings = {squeezed(one.text) for one in document.blocks if isinstance(one, Heading)}
    captions = {squeezed(one.caption) for one in document.tables}
    for number, lines in enumerate(pdf.pages[2:], 3):
        *body, footer = lines
        assert squeezed(footer) == f"—{number}—"
        assert squeezed(body[-1]) not in headings | captions, body[-1]


async def test_long_lists_lie_on_their_side_and_repeat_their_heads(database: None, now: datetime) -> None:
    programme = await make_programme(await make_organisation(name=LONG), name="送" * 60)
    await make_target(programme)
    event = await make_event(programme)
    for number in range(70):
        session = await make_session(
            event, title=f"第{number}场专场演出", state="held", starts_at=STARTS_AT - timedelta(days=100, hours=number)
        )
        await make_headcount(session, on=session.starts_at.date(), total=100 + number)
    pdf, document = await read(await data_of(now))

    annex = next(page for _level, words, page in pdf.bookmarks() if "一览表" in words)
    after = next(page for _level, words, page in pdf.bookmarks() if "方法" in words)
    assert pdf.landscape == list(range(annex, after))
    assert len(pdf.landscape) >= 3
    for page in pdf.landscape:
        assert "序号日期项目场次种类地区地点承接单位" in squeezed("".join(pdf.pages[page])), page
    listed = squeezed("".join("".join(pdf.pages[page]) for page in pdf.landscape))
    assert all(f"第{number}场专场演出" in listed for number in range(70))
    assert LONG in squeezed("".join(pdf.pages[0]))
    assert "送" * 60 in pdf.text
    assert document.tables[-1].rows[-1][-2:] == (sum(range(100, 170)), 0)
    visits = f"{sum(range(100, 170)):,}"
    assert f"合计70场{visits}0" in listed


async def test_a_draft_says_so_on_every_page_and_a_fixed_report_nowhere(database: None, now: datetime) -> None:
    await the_year()
    data = await data_of(now, programme_code="books")
    draft, _document = await read(data)
    fixed, _document = await read(data, draft=False, edition="第3号定稿")

    assert draft.watermarked == list(range(len(draft.pages)))
    assert draft.pages[0][0] == "草稿"
    assert fixed.watermarked == []
    assert fixed.pages[0][0] == "第3号定稿"
    assert "草稿" not in fixed.text
    assert "（尚未填写。）" in draft.text
    assert "（尚未填写。）" not in fixed.text


async def test_the_same_data_give_the_same_bytes_at_another_moment_in_another_process(
    database: None, now: datetime
) -> None:
    await the_year()
    first = await made_of(await data_of(now), "pdf")
    await rendering.close()

    assert await made_of(await data_of(now + timedelta(minutes=7)), "pdf") == first


@pytest.mark.parametrize(
    ("given", "title", "there", "missing"),
    [
        ({"programme_code": "books"}, "2015年普惠职工实事项目（安全生产丛书）完成情况报告", "7,460套", "送文化进基层"),
        ({"period": "2015-05"}, "2015年普惠职工实事项目5月完成情况报告", "5月共举办各类活动2场，参加40人次", "睡前"),
        (
            {"period": "2015-Q1"},
            "2015年普惠职工实事项目第一季度完成情况报告",
            "第一季度共举办各类活动3场",
            "送戏进军营",
        ),
        (
            {"organisation_code": "WUZHONG"},
            "吴中区总工会2015年普惠职工实事项目完成情况报告",
            "共举办各类活动3场，参加100人次",
            "姑苏机械厂",
        ),
    ],
)
async def test_reports_of_a_part_tell_of_the_part_only(
    database: None, now: datetime, given: dict[str, Any], title: str, there: str, missing: str
) -> None:
    year = await the_year()
    await type(year.district).update({"code": "WUZHONG"}).where(type(year.district).id == year.district.id)
    data = await data_of(now, **given)
    pdf, document = await read(data)

    assert document.title == title
    assert there in pdf.text
    assert missing not in pdf.text


async def test_a_year_without_sessions_its_last_day_and_no_data_at_all(database: None) -> None:
    after = datetime(2016, 1, 4, tzinfo=UTC)
    with pytest.raises(NoProgrammesError):
        await report_document(kind="pdf", year=2015, as_of=AS_OF, now=after)
    programme = await make_programme(await make_organisation(name="某市总工会"), name="送文化进基层")
    await make_target(programme, bound="more_than", value=150.0, unit="场次", wording="")
    pdf, _document = await read(await data_of(after, date(2015, 12, 31)))

    for part in (
        "场次：承诺超过150场次，实际完成0场次，完成率0%，未完成指标，差151场次。",
        "没有完成的有：",
        "这段时间没有已办的场次。",
        "截至2015年12月31日还没有已办的场次。",
    ):
        assert part in pdf.text, part
    assert "预计比指标" not in pdf.text


async def test_a_month_that_begins_after_the_day_asked_for_is_refused(database: None, now: datetime) -> None:
    await make_programme(await make_organisation())

    with pytest.raises(InvalidError) as refused:
        await data_of(now, period="2015-Q4")

    assert [(one.field, one.code) for one in refused.value.problems] == [("as_of", "period-begins-later")]


async def test_statistics_tables_that_were_handed_in_are_the_first_annexes(database: None, now: datetime) -> None:
    city = await make_organisation(name="苏州市总工会")
    await make_year(city)
    await make_programme(city)
    actor = await make_actor(Role.ORGANISER, city)
    table = await open_form(actor, now, form="chengdu-song-wennuan", year=2015, organisation_id=city.id)
    open_still = document_of(data := await data_of(now), data.annexes)
    await hand_in(actor, now, table_id=table.id)
    pdf, document = await read(await data_of(now))

    assert "送温暖" not in "".join(one.title for one in open_still.annexes)
    assert document.annexes[0].title == "2015年送温暖工程统计表"
    assert "附件12015年送温暖工程统计表" in pdf.text
    assert "当地职工总数" in pdf.text


async def test_ten_years_of_data_change_neither_the_questions_nor_the_figures(database: None, now: datetime) -> None:
    year = await the_year()
    before = await data_of(now)
    for number in range(2005, 2014):
        programme = await make_programme(year.city, year=number, code="culture")
        await make_target(programme)
        session = await make_session(
            await make_event(programme), state="held", starts_at=datetime(number, 5, 5, 6, tzinfo=UTC)
        )
        await make_headcount(session, on=date(number, 5, 5), total=1000)
    after = await data_of(now)

    assert document_of(after, after.annexes) == document_of(before, before.annexes)
