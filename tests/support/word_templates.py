"""Word templates as organisers break them."""

import io
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

from docx import Document

__all__ = ["repacked", "word"]


def word(*paragraphs: str, table: list[list[str]] | None = None, header: str = "", footer: str = "") -> bytes:
    """A Word file with these paragraphs, a table behind them, and texts above and below each page."""
    document = Document()
    for text in paragraphs:
        document.add_paragraph(text)
    if table:
        made = document.add_table(rows=len(table), cols=len(table[0]))
        for row, texts in zip(made.rows, table, strict=True):
            for cell, text in zip(row.cells, texts, strict=True):
                cell.text = text
    if header:
        document.sections[0].header.paragraphs[0].text = header
    if footer:
        document.sections[0].footer.paragraphs[0].text = footer
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def repacked(
    content: bytes,
    added: Mapping[str, bytes] | None = None,
    changed: Mapping[str, Callable[[bytes], bytes]] | None = None,
) -> bytes:
    """The same package with parts added, and some written anew."""
    out = io.BytesIO()
    changes: Mapping[str, Any] = changed or {}
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            data = source.read(name)
            target.writestr(name, changes[name](data) if name in changes else data)
        for name, data in (added or {}).items():
            target.writestr(name, data)
    return out.getvalue()
