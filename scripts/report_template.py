"""Makes ``templates/print/report.docx``, from which a report becomes a Word document. Run it after changing this file:

    python scripts/report_template.py

The template holds styles after GB/T 9704 and the loops of docxtpl; the words come from the report itself.
"""

import zipfile
from copy import deepcopy
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.section import Section
from docx.shared import Mm, Pt, RGBColor

OUT = Path(__file__).parent.parent / "templates" / "print" / "report.docx"
BODY, BLACK, SONG = "仿宋", "黑体", "宋体"
MADE = (1980, 1, 1, 0, 0, 0)


def font(style: Any, name: str, size: float, *, bold: bool = False) -> None:
    style.font.name, style.font.size, style.font.bold = "Times New Roman", Pt(size), bold
    style.font.color.rgb = RGBColor(0, 0, 0)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for key in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
        fonts.attrib.pop(qn(key), None)
    fonts.set(qn("w:eastAsia"), name)


def spacing(style: Any, points: float, *, indent: float = 0, before: float = 0, after: float = 0) -> None:
    form = style.paragraph_format
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(points)
    form.space_before, form.space_after = Pt(before), Pt(after)
    form.first_line_indent = Pt(indent) if indent else None


def styles(document: Any) -> None:
    normal = document.styles["Normal"]
    font(normal, BODY, 16)
    spacing(normal, 29, indent=32)
    normal.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    for name, face, size, indent in (("Heading 1", BLACK, 16, 32), ("Heading 2", "楷体", 16, 32)):
        style = document.styles[name]
        font(style, face, size)
        spacing(style, 29, indent=indent)
        style.paragraph_format.keep_with_next = True
    title = document.styles["Title"]
    font(title, SONG, 26, bold=True)
    spacing(title, 44, before=120, after=24)
    title.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for border in title.element.pPr.findall(qn("w:pBdr")):
        title.element.pPr.remove(border)
    for name, face, points, line, align in (
        ("Centred", BLACK, 16, 29, WD_ALIGN_PARAGRAPH.CENTER),
        ("Edition", BLACK, 16, 29, WD_ALIGN_PARAGRAPH.RIGHT),
        ("Table Caption", BLACK, 10.5, 18, WD_ALIGN_PARAGRAPH.CENTER),
        ("Table Text", BODY, 9, 13, WD_ALIGN_PARAGRAPH.LEFT),
        ("Table Number", BODY, 9, 13, WD_ALIGN_PARAGRAPH.RIGHT),
        ("Table Head", BLACK, 9, 13, WD_ALIGN_PARAGRAPH.CENTER),
        ("Small", BODY, 12, 20, WD_ALIGN_PARAGRAPH.LEFT),
        ("Imprint", BODY, 16, 29, WD_ALIGN_PARAGRAPH.LEFT),
        ("Contents 1", BODY, 14, 24, WD_ALIGN_PARAGRAPH.LEFT),
        ("Contents 2", BODY, 12, 20, WD_ALIGN_PARAGRAPH.LEFT),
    ):
        style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = normal
        font(style, face, points)
        spacing(style, line)
        style.paragraph_format.alignment = align
        style.paragraph_format.first_line_indent = Pt(0)
        style.paragraph_format.keep_with_next = name == "Table Caption"
    document.styles["Contents 2"].paragraph_format.left_indent = Pt(28)


def page(section: Any, *, landscape: bool = False) -> None:
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (Mm(297), Mm(210)) if landscape else (Mm(210), Mm(297))
    margins = (26, 20, 24, 20) if landscape else (37, 26, 35, 28)
    section.top_margin, section.right_margin, section.bottom_margin, section.left_margin = (Mm(one) for one in margins)
    section.footer_distance = Mm(25)


def mark(paragraph: Any, kind: str) -> None:
    """The begin, the middle or the end of a field."""
    made = OxmlElement("w:fldChar")
    made.set(qn("w:fldCharType"), kind)
    paragraph.add_run()._r.append(made)


def instruction(paragraph: Any, code: str) -> None:
    made = OxmlElement("w:instrText")
    made.set(qn("xml:space"), "preserve")
    made.text = f" {code} "
    paragraph.add_run()._r.append(made)


def field(paragraph: Any, code: str, shown: str) -> None:
    """A field that Word fills; ``shown`` until then."""
    mark(paragraph, "begin")
    instruction(paragraph, code)
    mark(paragraph, "separate")
    paragraph.add_run(shown)
    mark(paragraph, "end")


def footer(section: Any) -> None:
    paragraph = section.footer.paragraphs[0]
    paragraph.alignment, paragraph.paragraph_format.first_line_indent = WD_ALIGN_PARAGRAPH.CENTER, Pt(0)
    paragraph.add_run("— ")
    field(paragraph, "PAGE", "1")
    paragraph.add_run(" —")
    for run in paragraph.runs:
        run.font.size = Pt(14)


def table(document: Any, name: str) -> None:
    """Head and rows of ``name``, as many columns as it has; the head is repeated on every page."""
    made = document.add_table(rows=4, cols=3, style="Table Grid")
    made.autofit = False
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), "45")
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    made._tbl.tblPr.append(margins)
    head, start, row, end = made.rows
    for place, words in enumerate(("{%tc for title in NAME.columns %}", "{{ title }}", "{%tc endfor %}")):
        head.cells[place].paragraphs[0].text = words.replace("NAME", name)
        head.cells[place].paragraphs[0].style = "Table Head"
    repeated = OxmlElement("w:tblHeader")
    head._tr.get_or_add_trPr().append(repeated)
    start.cells[0].text = f"{{%tr for row in {name}.rows %}}"
    row.cells[0].text = "{%tc for cell in row %}"
    whole = OxmlElement("w:cantSplit")
    row._tr.get_or_add_trPr().append(whole)
    cell = row.cells[1]
    lines = (
        ("{%p if cell.right %}", "Table Number"),
        ("{{ cell.text }}", "Table Number"),
        ("{%p else %}", "Table Text"),
        ("{{ cell.text }}", "Table Text"),
        ("{%p endif %}", "Table Text"),
    )
    cell.paragraphs[0].text, cell.paragraphs[0].style = lines[0]
    for words, style in lines[1:]:
        cell.add_paragraph(words, style=style)
    row.cells[2].text = "{%tc endfor %}"
    end.cells[0].text = "{%tr endfor %}"


def blocks(document: Any, source: str) -> None:
    document.add_paragraph(f"{{%p for block in {source} %}}")
    for kind, style, words in (
        ("h1", "Heading 1", "{{ block.text }}"),
        ("h2", "Heading 2", "{{ block.text }}"),
        ("p", "Normal", "{{ block.text }}"),
        ("note", "Small", "{{ block.text }}"),
    ):
        document.add_paragraph(f"{{%p if block.kind == '{kind}' %}}")
        document.add_paragraph(words, style=style)
        document.add_paragraph("{%p endif %}")
    document.add_paragraph("{%p if block.kind == 'table' %}")
    document.add_paragraph("{{ block.text }}", style="Table Caption")
    table(document, "block")
    document.add_paragraph("{{ block.note }}", style="Small")
    document.add_paragraph("{%p endif %}")
    document.add_paragraph("{%p if block.kind == 'sign' %}")
    document.add_paragraph("填表人：　　　　　　　　　审核人：", style="Small")
    document.add_paragraph("负责人：　　　　　　　　　日　期：　　　　年　　月　　日", style="Small")
    document.add_paragraph("{{ block.text }}（盖章处）", style="Edition")
    document.add_paragraph("{%p endif %}")
    document.add_paragraph("{%p endfor %}")


def section_end(document: Any, *, landscape: bool) -> Section:
    """A paragraph that ends a section of such pages; what follows begins on a new page."""
    carrier = document.add_paragraph(style="Small")
    closing = deepcopy(document.element.body.sectPr)
    carrier._p.get_or_add_pPr().append(closing)
    made = Section(closing, document.part)
    page(made, landscape=landscape)
    return made


def contents(document: Any) -> None:
    """The headings inside a field that Word and WPS fill with pages."""
    opening = document.add_paragraph("目　录", style="Centred")
    opening.paragraph_format.page_break_before = True
    first = document.add_paragraph("{%p for one in contents %}")
    document.add_paragraph("{%p if one.deeper %}")
    document.add_paragraph("{{ one.text }}", style="Contents 2")
    document.add_paragraph("{%p else %}")
    document.add_paragraph("{{ one.text }}", style="Contents 1")
    document.add_paragraph("{%p endif %}")
    document.add_paragraph("{%p endfor %}")
    begin, end = document.add_paragraph(style="Contents 1"), document.add_paragraph(style="Small")
    first._p.addprevious(begin._p)
    mark(begin, "begin")
    instruction(begin, 'TOC \\o "1-2" \\h \\z')
    mark(begin, "separate")
    begin.add_run("（在 Word 或 WPS 里右击此处，选“更新域”，即带上页码。）")
    mark(end, "end")


def main() -> None:
    document: Any = Document()
    styles(document)
    page(document.sections[0])
    footer(document.sections[0])
    document.add_paragraph("{{ edition }}", style="Edition")
    document.add_paragraph("{{ title }}", style="Title")
    document.add_paragraph("（{{ span }}）", style="Centred")
    document.add_paragraph("编制单位：{{ issuer }}", style="Imprint").paragraph_format.space_before = Pt(220)
    document.add_paragraph("数据截至：{{ cut }}", style="Imprint")
    contents(document)
    first = section_end(document, landscape=False)
    first.different_first_page_header_footer = True
    blocks(document, "blocks")
    section_end(document, landscape=False)
    document.add_paragraph("{%p for annex in annexes %}")
    document.add_paragraph("{{ annex.text }}", style="Heading 1")
    blocks(document, "annex.blocks")
    document.add_paragraph("{%p if annex.landscape %}")
    section_end(document, landscape=True)
    document.add_paragraph("{%p endif %}")
    document.add_paragraph("{%p if not annex.landscape and not loop.last %}")
    section_end(document, landscape=False)
    document.add_paragraph("{%p endif %}")
    document.add_paragraph("{%p endfor %}")
    core = document.core_properties
    core.title, core.author, core.subject = "{{ title }}", "{{ issuer }}", "{{ subject }}"
    core.language, core.comments = "zh-CN", ""
    core.created = core.modified = datetime(2015, 1, 1)  # noqa: DTZ001 - a label in the file
    made = BytesIO()
    document.save(made)
    OUT.write_bytes(still(made.getvalue()))


def still(made: bytes) -> bytes:
    """The same package without the times of its making."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(made)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(zipfile.ZipInfo(name, MADE), source.read(name), zipfile.ZIP_DEFLATED)
    return out.getvalue()


if __name__ == "__main__":
    main()
