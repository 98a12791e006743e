"""Makes ``templates/letters/*.docx``, the Word templates of letters. Run it after changing this file:

    python scripts/letter_templates.py

An organiser may change them in Word: the words are plain text, and every placeholder stands in one piece.
"""

from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.shared import Mm, Pt
from report_template import footer, page, still, styles

OUT = Path(__file__).parent.parent / "templates" / "letters"


def letter(*, landscape: bool = False) -> Any:
    document = Document()
    styles(document)
    page(document.sections[0], landscape=landscape)
    footer(document.sections[0])
    document.styles["Title"].paragraph_format.space_before = Pt(0)
    document.styles["Title"].font.size = Pt(22)
    document.styles["Title"].paragraph_format.first_line_indent = Pt(0)
    # What people typed over several lines would be stretched to the margin line by line.
    document.styles["Normal"].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.LEFT
    return document


def lines(document: Any, *texts: str, style: str = "Normal") -> None:
    for text in texts:
        document.add_paragraph(text, style=style)


def optional(document: Any, name: str, text: str, style: str = "Normal") -> None:
    """A paragraph that stands there only when there is something to say."""
    lines(document, f"{{%p if {name} %}}")
    lines(document, text, style=style)
    lines(document, "{%p endif %}")


def table(document: Any, over: str, row: str, columns: list[tuple[str, str, float]]) -> None:
    """A table with a row for each of a list: heads, cells, widths in millimetres."""
    made = document.add_table(rows=4, cols=len(columns), style="Table Grid")
    made.autofit = False
    head, start, cells, end = made.rows
    for place, (title, text, width) in enumerate(columns):
        for one, words, style in ((head, title, "Table Head"), (cells, text, "Table Text")):
            one.cells[place].paragraphs[0].text = words
            one.cells[place].paragraphs[0].style = style
        made.columns[place].width = Mm(width)
        for one in made.rows:
            one.cells[place].width = Mm(width)
    head._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    cells._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    start.cells[0].paragraphs[0].text = f"{{%tr for {row} in {over} %}}"
    end.cells[0].paragraphs[0].text = "{%tr endfor %}"
    for one in (start, end):
        one.cells[0].paragraphs[0].style = "Table Text"


def signed(document: Any) -> None:
    for text in ("{{ issuer }}", "{{ made_on }}"):
        document.add_paragraph(text, style="Edition").paragraph_format.keep_with_next = text != "{{ made_on }}"


def menu() -> Any:
    document = letter()
    lines(document, "{{ title }}", style="Title")
    optional(document, "deadline", "点单截止：{{ deadline }}。")
    lines(document, "怎样点单", style="Heading 1")
    lines(document, "{{ how }}")
    lines(document, "网上菜单：{{ address }}")
    lines(document, "联系人：{{ contact_name }}{% if contact_phone %}，电话：{{ contact_phone }}{% endif %}")
    optional(document, "note", "{{ note }}")
    lines(document, "{%p for programme in programmes %}")
    lines(document, "{{ programme.name }}（{{ programme.count }}项）", style="Heading 1")
    columns = [
        ("序号", "{{ row.number }}", 11),
        ("活动", "{{ row.title }}{% if row.summary %}\n{{ row.summary }}{% endif %}", 50),
        ("种类", "{{ row.kind }}", 15),
        ("对象", "{{ row.audience }}", 22),
        ("人数", "{{ row.people }}", 20),
        ("时长", "{{ row.minutes }}", 16),
        ("场地要求", "{{ row.needs }}{% if row.lead %}\n{{ row.lead }}{% endif %}", 22),
    ]
    table(document, "programme.rows", "row", columns)
    lines(document, "{%p endfor %}")
    signed(document)
    return document


def opening() -> Any:
    document = letter()
    lines(document, "{{ title }}", style="Title")
    lines(document, "各基层工会：", style="Imprint")
    lines(document, "“{{ programme }}”开放“{{ name }}”预约，现将有关事项通知如下。")
    lines(document, "开放时间：{{ opens }}{% if closes %}至{{ closes }}{% endif %}。")
    lines(document, "开放对象：{{ whom }}。")
    optional(document, "limit", "每个单位最多{{ limit }}项。")
    optional(document, "places", "名额共{{ places }}个{% if quotas %}，其中{{ quotas }}{% endif %}，先到先得。")
    lines(document, "{%p if sessions %}")
    lines(document, "可以预约的场次", style="Heading 1")
    columns = [
        ("序号", "{{ session.number }}", 11),
        ("时间", "{{ session.when }}", 46),
        ("活动", "{{ session.title }}", 45),
        ("地点", "{{ session.place }}", 34),
        ("名额", "{{ session.seats }}", 20),
    ]
    table(document, "sessions", "session", columns)
    lines(document, "{%p endif %}", "{%p if events %}")
    lines(document, "可以点单的活动", style="Heading 1")
    columns = [
        ("序号", "{{ event.number }}", 11),
        ("活动", "{{ event.title }}", 75),
        ("种类", "{{ event.kind }}", 20),
        ("时长", "{{ event.minutes }}", 20),
        ("人数", "{{ event.people }}", 30),
    ]
    table(document, "events", "event", columns)
    lines(document, "{%p endif %}")
    optional(document, "note", "{{ note }}")
    lines(document, "预约地址：{{ address }}")
    lines(document, "联系人：{{ contact_name }}{% if contact_phone %}，电话：{{ contact_phone }}{% endif %}")
    signed(document)
    return document


def confirmation() -> Any:
    document = letter()
    lines(document, "{{ number }}", style="Edition")
    lines(document, "{{ title }}", style="Title")
    lines(document, "{{ host }}：", style="Imprint")
    lines(document, "根据“{{ programme }}”安排，定于{{ when }}到贵单位举办“{{ event }}”。有关事项函告如下。")
    lines(document, "一、地点：{{ place }}。")
    lines(
        document,
        "二、{{ people_label }}：{% if providers %}{{ providers }}{% else %}另行通知{% endif %}。"
        "{% if audience %}参加人数约{{ audience }}人。{% endif %}",
    )
    lines(
        document,
        "三、请贵单位准备：{% if needs %}{{ needs }}{% else %}按平常开会布置即可{% endif %}。"
        "{% if arrival %}我方{{ arrival }}到场布置。{% endif %}",
    )
    lines(
        document,
        "四、贵单位联系人：{% if host_contact %}{{ host_contact }}{% else %}请告知{% endif %}"
        "{% if host_phone %}，电话：{{ host_phone }}{% endif %}。",
    )
    lines(document, "五、我方联系人：{{ contact_name }}{% if contact_phone %}，电话：{{ contact_phone }}{% endif %}。")
    optional(document, "note", "{{ note }}")
    optional(document, "reply_by", "请于{{ reply_by }}前回复确认。")
    lines(document, "特此函达。")
    signed(document)
    return document


def saved(document: Any, title: str) -> bytes:
    core = document.core_properties
    core.title, core.author, core.subject = "{{ title }}", "{{ issuer }}", title
    core.language, core.comments = "zh-CN", ""
    core.created = core.modified = datetime(2015, 1, 1)  # noqa: DTZ001 - a label in the file
    made = BytesIO()
    document.save(made)
    return still(made.getvalue())


def main() -> None:
    OUT.mkdir(exist_ok=True)
    for name, document, title in (
        ("menu", menu(), "活动菜单"),
        ("opening", opening(), "开放预约通知"),
        ("confirmation", confirmation(), "活动确认函"),
    ):
        (OUT / f"{name}.docx").write_bytes(saved(document, title))


if __name__ == "__main__":
    main()
