"""PDF and Word files as tests read them back."""

import io
from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import pdfplumber
from docx import Document
from pypdf import PdfReader

__all__ = ["ReadPdf", "docx_text", "squeezed"]


def squeezed(text: str) -> str:
    """Without the line breaks and blanks of a layout."""
    return "".join(text.split())


class ReadPdf:
    """A PDF read back: text, tags, bookmarks, fonts.

    Attributes:
        pages: text of every page by lines; the word across a draft is left out.
        watermarked: pages, from 0, that carry the large word 草稿.
    """

    def __init__(self, made: bytes) -> None:
        self.reader = PdfReader(io.BytesIO(made))
        self.root: Any = self.reader.root_object
        self.pages: list[list[str]] = []
        self.watermarked: list[int] = []
        with pdfplumber.open(io.BytesIO(made)) as pdf:
            for number, page in enumerate(pdf.pages):
                large = [one for one in page.chars if one["size"] > 100]
                if {"草", "稿"} <= {one["text"] for one in large}:
                    self.watermarked.append(number)
                small = page.filter(lambda one: one["object_type"] != "char" or one["size"] < 100)
                self.pages.append((small.extract_text() or "").splitlines())

    @cached_property
    def text(self) -> str:
        """All of it, cell by cell where there are tables."""
        return squeezed("".join(page.extract_text() for page in self.reader.pages))

    @property
    def landscape(self) -> list[int]:
        """Pages, from 0, that lie on their side."""
        return [number for number, one in enumerate(self.reader.pages) if one.mediabox.width > one.mediabox.height]

    def bookmarks(self) -> list[tuple[int, str, int]]:
        """Level, words, page from 0."""

        def walk(items: Any, level: int) -> Iterator[tuple[int, str, int]]:
            for one in items:
                if isinstance(one, list):
                    yield from walk(one, level + 1)
                else:
                    yield level, str(one.title), self.reader.get_destination_page_number(one) or 0

        return list(walk(self.reader.outline, 1))

    def fonts(self) -> set[tuple[str, bool]]:
        """Names of the fonts, and whether each is embedded."""
        found = set()
        for page in self.reader.pages:
            for entry in page["/Resources"]["/Font"].values():  # type: ignore[index]
                described = entry.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
                embedded = any(key in described for key in ("/FontFile", "/FontFile2", "/FontFile3"))
                found.add((str(described["/FontName"]).partition("+")[2], embedded))
        return found

    def tags(self) -> tuple[Counter[str], list[str]]:
        """How many of each structure element there are, and what figures say to those who do not see them."""
        counts: Counter[str] = Counter()
        said: list[str] = []
        waiting: list[Any] = [self.root["/StructTreeRoot"]]
        while waiting:
            one = waiting.pop()
            one = one.get_object() if hasattr(one, "get_object") else one
            if isinstance(one, list):
                waiting += one
            elif isinstance(one, dict):
                if kind := one.get("/S"):
                    counts[str(kind).lstrip("/")] += 1
                    if kind == "/Figure":
                        said.append(str(one.get("/Alt", "")))
                if (below := one.get("/K")) is not None:
                    waiting.append(below)
        return counts, said


def docx_text(made: bytes) -> str:
    """Every paragraph and cell, without blanks."""
    document = Document(io.BytesIO(made))
    paragraphs = [one.text for one in document.paragraphs]
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return squeezed("".join([*paragraphs, *cells]))
