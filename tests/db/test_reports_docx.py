"""The report as a Word document, read back: the same words and tables as the PDF, and other programs can open it."""

import io
import shutil
from datetime import date, datetime, timedelta
from pathlib import Path

import anyio
import pytest
from docx import Document
from docx.enum.section import WD_ORIENT

from outreach.reports import rendering
from outreach.reports.content.blocks import Heading, Lines, Paragraph, text_of
from outreach.reports.content.document import document_of
from outreach.reports.data import ReportData
from outreach.reports.documents import made_of
from outreach.reports.queries import report_data
from tests.factories.programmes import make_programme
from tests.support.papers_read import ReadPdf, docx_text, squeezed
from tests.support.small_year import make_small_year

AS_OF = date(2015, 9, 15)
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


async def the_data(now: datetime) -> ReportData:
    year = await make_small_year()
    await make_programme(
        year.city, code="relief", name="救助<&>", position=3, scheduled=False, account="救助堃、玥、祎。"
    )
    return await report_data(year=2015, as_of=AS_OF, now=now)


async def test_it_says_what_the_pdf_says(database: None, now: datetime) -> None:
    data = await the_data(now)
    blocks = document_of(data, data.annexes)
    made = await made_of(data, "docx")
    text, paper = docx_text(made), ReadPdf(await made_of(data, "pdf")).text.replace("草稿", "")

    for part in (blocks.blocks, *(annex.blocks for annex in blocks.annexes)):
        for block in part:
            if isinstance(block, Heading | Paragraph):
                assert squeezed(block.text) in text, block.text
                assert isinstance(block, Paragraph) or squeezed(block.text) in paper
            if isinstance(block, Lines):
                assert all(squeezed(line) in text for line in block.lines)
    assert "救助<&>" in text
    assert "编制单位：苏州市总工会" in text
    assert "填表人：" in text and "（盖章处）" in text  # noqa: PT018
    properties = Document(io.BytesIO(made)).core_properties
    assert (properties.title, properties.author, properties.language) == (blocks.title, "苏州市总工会", "zh-CN")


async def test_its_tables_hold_every_cell_and_repeat_their_heads(database: None, now: datetime) -> None:
    data = await the_data(now)
    blocks = document_of(data, data.annexes)
    document = Document(io.BytesIO(await made_of(data, "docx")))

    assert len(document.tables) == len(blocks.tables)
    for made, table in zip(document.tables, blocks.tables, strict=True):
        head, *rows = made.rows
        assert [cell.text for cell in head.cells] == [column.words for column in table.columns]
        assert head._tr.trPr.find(f"{_W}tblHeader") is not None
        assert len(rows) == len(table.rows)
        for row, values in zip(rows, table.rows, strict=True):
            first_lines = [cell.text.split("\n")[0] for cell in row.cells]
            assert first_lines == [text_of(value).split("\n")[0] for value in values]
    levels = [one.style.name for one in document.paragraphs if one.style and one.style.name.startswith("Heading")]
    assert levels.count("Heading 1") == 5 + len(blocks.annexes)
    orientations = [one.orientation for one in document.sections]
    assert orientations.count(WD_ORIENT.LANDSCAPE) == sum(one.landscape for one in blocks.annexes) == 1
    assert all("PAGE" in one.footer._element.xml for one in document.sections)


async def test_the_same_data_give_the_same_bytes_and_a_fixed_one_says_so(database: None, now: datetime) -> None:
    data = await the_data(now)
    first = await made_of(data, "docx")
    await rendering.close()
    again = await made_of(await report_data(year=2015, as_of=AS_OF, now=now + timedelta(minutes=3)), "docx")
    fixed = docx_text(await made_of(data, "docx", draft=False, edition="第3号定稿"))

    assert again == first
    assert docx_text(first).startswith("草稿")
    assert fixed.startswith("第3号定稿")
    assert "草稿" not in fixed


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed on this machine")
async def test_libreoffice_opens_it(database: None, now: datetime, tmp_path: Path) -> None:
    file = tmp_path / "report.docx"
    file.write_bytes(await made_of(await the_data(now), "docx"))
    await anyio.run_process(
        ["soffice", "--headless", f"-env:UserInstallation={(tmp_path / 'office').as_uri()}", "--convert-to", "pdf",
         "--outdir", str(tmp_path), str(file)],
    )  # fmt: skip
    opened = ReadPdf((tmp_path / "report.pdf").read_bytes())

    assert opened.landscape
    for part in ("一、总体情况", "共举办各类活动6场，参加250人次", "附件1已办场次一览表", "锡剧折子戏"):
        assert part in opened.text, part
