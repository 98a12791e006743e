"""Runs in a process of its own with nothing else of the program in it: makes PDF of HTML, fills Word templates."""

import os
import threading
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from multiprocessing import connection, parent_process
from pathlib import Path
from typing import Any

__all__ = ["Filling", "Job", "PartMissing", "Shape", "fill", "prepare", "render"]


#: Tagged, so that a screen reader finds headings, tables and what charts say.
_KIND: dict[str, Any] = {"pdf_variant": "pdf/ua-1"}
#: Word documents are packages of files; their times would make every one differ.
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_TWIPS_PER_MM = 1440 / 25.4
_NO_TIME = (1980, 1, 1, 0, 0, 0)


class PartMissing(Exception):  # noqa: N818 - a message between two processes, not a refusal
    """A library or font is missing: what it is called, and the loader's own word."""


@dataclass(frozen=True, slots=True)
class Job:
    """What to render.

    Attributes:
        attempts: HTML and the size of its root's type in points; the first that fits one page is taken. A size of
            ``None`` takes the document as it is, over as many pages as it needs.
        fonts: families and their files.
    """

    attempts: tuple[tuple[str, float | None], ...]
    fonts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """What a template cannot say of a table.

    Attributes:
        widths: millimetres of the columns.
        merged: places of columns whose cell is written once for the rows of ``runs``.
        runs: how many rows below the head belong together, one number a run; empty: nothing is merged.
        half_points: size of the type; ``None``: the template's.
    """

    widths: Sequence[float]
    merged: Sequence[int] = ()
    runs: Sequence[int] = ()
    half_points: int | None = None


@dataclass(frozen=True, slots=True)
class Filling:
    """A Word template and what it is filled with: texts, lists and mappings.

    Attributes:
        shapes: of every table, in their order.
    """

    template: str
    context: dict[str, Any]
    shapes: Sequence[Shape]


def prepare() -> None:
    """Step back behind those who wait for a page, and never outlive the process that asked."""
    os.nice(10)
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_leave_with, args=(parent.sentinel,), daemon=True).start()


def _leave_with(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)


@cache
def _tools(fonts: tuple[tuple[str, str], ...]) -> tuple[Any, Any, Any]:
    """WeasyPrint, the fonts it knows, and the sheet that names them; made once in the life of the process."""
    for _family, file in fonts:
        if not Path(file).is_file():
            raise PartMissing("中文字体 pylopdf-fonts-zh-cn", file)
    try:
        # Slow (0.5 s) and loads pango: never in the serving process.
        import weasyprint
        from weasyprint.text.fonts import FontConfiguration
        from weasyprint.urls import URLFetcher
    except (ImportError, OSError) as error:
        raise PartMissing("系统组件 pango 或 harfbuzz", str(error)) from error

    configuration = FontConfiguration()
    faces = "".join(
        f"@font-face {{ font-family: '{family}'; src: url('{Path(file).as_uri()}'); }}\n" for family, file in fonts
    )
    files = URLFetcher(allowed_protocols=["file"])
    sheet = weasyprint.CSS(string=faces, font_config=configuration, url_fetcher=files)
    return weasyprint, configuration, sheet


def render(job: Job) -> bytes:
    """The PDF. The same job gives the same bytes.

    Raises:
        PartMissing: this machine cannot make documents.
    """
    weasyprint, configuration, faces = _tools(job.fonts)
    from weasyprint.urls import URLFetcher

    nothing = URLFetcher(allowed_protocols=[])

    def laid_out(html: str, size: float | None) -> Any:
        sheets = [faces]
        if size is not None:
            size_rule = f"html {{ font-size: {size}pt !important }}"
            sheets.append(weasyprint.CSS(string=size_rule, url_fetcher=nothing))
        return weasyprint.HTML(string=html, url_fetcher=nothing).render(font_config=configuration, stylesheets=sheets)

    document = None
    for html, size in job.attempts:
        document = laid_out(html, size)
        if size is None or len(document.pages) == 1:
            return bytes(document.write_pdf(**_KIND))
    assert document is not None, "a job has at least one attempt"
    return bytes(document.copy(document.pages[:1]).write_pdf(**_KIND))


def fill(filling: Filling) -> bytes:
    """The Word document. The same filling gives the same bytes.

    Raises:
        PartMissing: the library is not installed.
    """
    try:
        # Slow (0.3 s): never in the serving process.
        from docxtpl import DocxTemplate  # type: ignore[import-untyped]
    except ImportError as error:
        raise PartMissing("docxtpl", str(error)) from error
    template = DocxTemplate(filling.template)
    template.render(filling.context, autoescape=True)
    for table, shape in zip(template.docx.element.body.iterchildren(f"{_WORD}tbl"), filling.shapes, strict=True):
        _widen(table, shape.widths)
        _merge(table, shape)
        if shape.half_points is not None:
            _resize(table, shape.half_points)
    made = BytesIO()
    template.save(made)
    out = BytesIO()
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(zipfile.ZipInfo(name, _NO_TIME), source.read(name), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _widen(table: Any, widths: Sequence[float]) -> None:
    """Give the columns their widths; without them Word makes all alike."""
    twips = [str(round(width * _TWIPS_PER_MM)) for width in widths]
    for column, width in zip(table.find(f"{_WORD}tblGrid"), twips, strict=True):
        column.set(f"{_WORD}w", width)
    for row in table.iterchildren(f"{_WORD}tr"):
        for cell, width in zip(row.iterchildren(f"{_WORD}tc"), twips, strict=True):
            given = cell.find(f"{_WORD}tcPr/{_WORD}tcW")
            given.set(f"{_WORD}w", width)
            given.set(f"{_WORD}type", "dxa")


def _merge(table: Any, shape: Shape) -> None:
    """Make one cell of those below each other that say the same."""
    rows = list(table.iterchildren(f"{_WORD}tr"))[1:]
    first = 0
    for count in shape.runs:
        for place, row in enumerate(rows[first : first + count]):
            cells = list(row.iterchildren(f"{_WORD}tc"))
            for column in shape.merged:
                merge = cells[column].tcPr._add_vMerge()
                merge.val = "continue" if place else "restart"
                for text in cells[column].iter(f"{_WORD}t") if place else ():
                    text.text = ""
        first += count


def _resize(table: Any, half_points: int) -> None:
    for run in table.iter(f"{_WORD}r"):
        size = run.get_or_add_rPr()._add_sz()
        size.set(f"{_WORD}val", str(half_points))
