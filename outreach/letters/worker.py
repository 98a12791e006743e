"""Fills a template that somebody sent. Runs in a process of its own (``python -m``), never in the serving one.

Nothing of a file is believed: what its zip unfolds to, macros, things embedded or fetched from outside, and every tag
are looked at before docxtpl sees it.
"""

import io
import os
import re
import resource
import signal
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

from outreach.letters.sandbox import Sandbox, Trouble, TroublesFound, troubles_in
from outreach.shared.spreadsheets.confining import confine

__all__ = ["Answer", "Block", "Job", "Said", "answer_of", "main"]

#: Seconds of work; a letter of a few pages takes one.
MOST_SECONDS = 20
#: What the zip may unfold to, and of how many parts it may consist.
MOST_UNFOLDED = 60_000_000
MOST_PARTS = 400
#: Troubles and blocks that are told; nobody reads more.
MOST_TOLD, MOST_BLOCKS = 12, 400

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_NO_TIME = (1980, 1, 1, 0, 0, 0)
#: Parts that run, or carry files of other programs.
_RUNNING = re.compile(r"vbaproject|vbadata|/activex/|/embeddings/|/macrosheets/|\.bin$|\.ole$", re.IGNORECASE)
_OUTSIDE = re.compile(
    rb'<Relationship\b(?=[^>]*TargetMode\s*=\s*["\']External)(?![^>]*/relationships/hyperlink["\'])', re.IGNORECASE
)
_FETCHING = re.compile(rb"\b(DDEAUTO|DDE|INCLUDETEXT|INCLUDEPICTURE|MACROBUTTON|IMPORT|LINK)\s", re.IGNORECASE)
#: Tags of docxtpl that stand for a whole paragraph, row or cell, and those that we do not know.
_WHOLE = re.compile(r"(\{%)(?:p|tr|tc)(?=\s)")
_STRANGE = re.compile(r"\{\{(?:p|r|tr|tc)\s[^}]*\}\}|\{%r\s[^%]*%\}|\{%\s*(?:hm|vm|cellbg|colspan)\b[^%]*%\}")
_QUOTES = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'"})
_TAGS = re.compile(r"\{[{%].*?[%}]\}")
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff\ud800-\udfff]")


class Job(msgspec.Struct):
    """What to fill: placeholders with their lists, and the data. ``is_text``: plain text, else a Word file."""

    schema: dict[str, Any]
    context: dict[str, Any]
    is_text: bool = False


class Said(msgspec.Struct):
    """One thing that is wrong. ``where``: ``paragraph 3``, ``table 1 2``, ``header``, ``line 4``, empty: hidden."""

    code: str
    facts: dict[str, str] = {}
    where: list[str | int] = []
    excerpt: str = ""


class Block(msgspec.Struct):
    """A paragraph of what was made, or the rows of a table."""

    text: str = ""
    style: str = ""
    rows: list[list[str]] = []


class Answer(msgspec.Struct):
    """``problem``: the file as a whole is refused, by a code; ``troubles``: its tags are."""

    problem: str = ""
    troubles: list[Said] = []
    blocks: list[Block] = []


class _Refused(Exception):  # noqa: N818 - a message inside one process, not a refusal
    """The file as a whole, by a code."""


def answer_of(job: Job, content: bytes) -> tuple[Answer, bytes]:
    """The answer, and the letter that was made."""
    try:
        return _of_text(job, content) if job.is_text else _of_word(job, content)
    except _Refused as refused:
        return Answer(str(refused)), b""
    except (MemoryError, RecursionError):
        return Answer("too-large"), b""


def _of_text(job: Job, content: bytes) -> tuple[Answer, bytes]:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise _Refused("unreadable") from None
    lines = text.splitlines()
    if found := troubles_in(lines, job.schema):
        return Answer(troubles=[_said(one, ["line", one.line], "") for one in found[:MOST_TOLD]]), b""
    try:
        made = Sandbox(job.schema, autoescape=False, lines=True).from_string(text).render(job.context)
    except Exception:  # a stranger's template: whatever it is, it cannot be filled
        raise _Refused("unfillable") from None
    return Answer(blocks=[Block(made)]), made.encode("utf-8")


def _said(one: Trouble, where: list[str | int], excerpt: str) -> Said:
    return Said(one.code, one.facts, where, excerpt)


# --- Word --------------------------------------------------------------------------------------------------------


def _of_word(job: Job, content: bytes) -> tuple[Answer, bytes]:
    _check_package(content)
    # Slow (0.5 s), and only for a file that is what it says.
    from docxtpl import DocxTemplate  # type: ignore[import-untyped]

    try:
        template = DocxTemplate(io.BytesIO(content))
        template.init_docx()
        body = template.docx.element.body
    except Exception:  # whatever the library stumbles over, it is no Word file that can be filled
        raise _Refused("unreadable") from None
    if troubles := _troubles(template, job.schema):
        return Answer(troubles=troubles[:MOST_TOLD]), b""
    try:
        template.render(_cleaned(job.context), Sandbox(job.schema, autoescape=True), autoescape=True)
        made = io.BytesIO()
        template.save(made)
        written = _without_times(made)
        body = _opened(written)
    except TroublesFound as found:
        return Answer(troubles=[_said(one, [], "") for one in found.troubles[:MOST_TOLD]]), b""
    except Exception:  # as above; the sentence says that it could not be filled
        raise _Refused("unfillable") from None
    return Answer(blocks=list(_blocks(body))[:MOST_BLOCKS]), written


def _check_package(content: bytes) -> None:
    """Raise the code of what makes the file dangerous or no Word file."""
    if content[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise _Refused("locked" if "EncryptedPackage".encode("utf-16-le") in content else "old-word")
    if content[:4] != b"PK\x03\x04":
        raise _Refused("not-word")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = package.infolist()
            if len(parts) > MOST_PARTS or sum(one.file_size for one in parts) > MOST_UNFOLDED:
                raise _Refused("bomb")
            if any(one.flag_bits & 1 for one in parts):
                raise _Refused("locked")
            names = {one.filename for one in parts}
            if len(names) != len(parts) or any(".." in name or name.startswith("/") for name in names):
                raise _Refused("unreadable")
            if "word/document.xml" not in names or "[Content_Types].xml" not in names:
                raise _Refused("not-word")
            if any(_RUNNING.search(f"/{name}") for name in names):
                raise _Refused("macros")
            for one in parts:
                if one.filename.lower().endswith((".xml", ".rels")):
                    _check_part(one.filename, package.read(one))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError):
        raise _Refused("unreadable") from None


def _check_part(name: str, data: bytes) -> None:
    head = data.lstrip(b"\xef\xbb\xbf \r\n\t")[:200]
    if not head.startswith(b"<") or b"\x00" in head or re.search(rb'encoding=["\'](?!utf-8)', head, re.IGNORECASE):
        raise _Refused("unreadable")
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise _Refused("unreadable")
    if name == "[Content_Types].xml" and (b"macroEnabled" in data or b"vbaProject" in data):
        raise _Refused("macros")
    if name.endswith(".rels") and _OUTSIDE.search(data):
        raise _Refused("outside")
    if name.startswith("word/") and b"altChunk" in data:
        raise _Refused("outside")
    if name.startswith("word/") and b"instrText" in data:
        pieces = re.findall(rb"<w:instrText[^>]*>([^<]*)<", data)
        if any(_FETCHING.search(between.join(pieces) + b" ") for between in (b"", b" ")):
            raise _Refused("outside")


def _troubles(template: Any, schema: dict[str, Any]) -> list[Said]:
    """What is wrong with the tags, part by part, each with its place."""
    found: list[Said] = []
    for name, element in _parts(template):
        lines, places = _lines_of(element, name)
        for number, text in enumerate(lines, 1):
            found += [
                Said("not-allowed", {"tag": tag[:60]}, places[number - 1], _excerpt(text))
                for tag in _STRANGE.findall(text)
            ]
        if not found:
            found += [
                _said(one, places[one.line - 1] if one.line <= len(places) else [], _excerpt_at(lines, one.line))
                for one in troubles_in([_WHOLE.sub(r"\1", text) for text in lines], schema)
            ]
    return found


def _parts(template: Any) -> Iterator[tuple[str, Any]]:
    """The body, headers, footers, footnotes and properties: whatever docxtpl fills."""
    from docx.opc.oxml import parse_xml  # slow, see above
    from lxml import etree  # type: ignore[import-untyped]

    yield "body", template.docx.element.body
    for name, uri in (("header", template.HEADER_URI), ("footer", template.FOOTER_URI)):
        for _key, part in template.get_headers_footers(uri):
            yield name, parse_xml(part.blob)
    for part in template.docx.part.package.iter_parts():
        if part.content_type.endswith("wordprocessingml.footnotes+xml"):
            yield "footnote", parse_xml(part.blob)
    properties = etree.Element("properties")
    for name in ("author", "comments", "identifier", "language", "subject", "title"):
        etree.SubElement(etree.SubElement(properties, f"{_W}p"), f"{_W}t").text = getattr(
            template.docx.core_properties, name
        )
    yield "properties", properties


def _lines_of(element: Any, part: str) -> tuple[list[str], list[list[str | int]]]:
    """The paragraphs as text in the order of the file, and where each stands."""
    lines: list[str] = []
    places: list[list[str | int]] = []
    tables = list(element.iter(f"{_W}tbl"))
    paragraphs = 0
    for paragraph in element.iter(f"{_W}p"):
        text = "".join(_pieces(paragraph))
        table = next((one for one in paragraph.iterancestors(f"{_W}tbl")), None)
        if part != "body":
            place: list[str | int] = [part]
        elif table is None:
            paragraphs += bool(text.strip())
            place = ["paragraph", max(paragraphs, 1)]
        else:
            row = next(one for one in paragraph.iterancestors(f"{_W}tr"))
            place = ["table", tables.index(table) + 1, list(table.iterchildren(f"{_W}tr")).index(row) + 1]
        lines.append(_TAGS.sub(lambda tag: tag[0].translate(_QUOTES), text))
        places.append(place)
    return lines, places


def _pieces(paragraph: Any) -> Iterator[str]:
    """The texts of a paragraph without those of paragraphs inside it, such as of a text box."""
    for one in paragraph.iter(f"{_W}t", f"{_W}tab", f"{_W}br"):
        if next(one.iterancestors(f"{_W}p")) is paragraph:
            yield (one.text or "").replace("\n", " ") if one.tag == f"{_W}t" else " "


def _excerpt(text: str) -> str:
    return text.strip()[:24]


def _excerpt_at(lines: Sequence[str], line: int) -> str:
    return _excerpt(lines[line - 1]) if 0 < line <= len(lines) else ""


def _cleaned(value: Any) -> Any:
    """The data without what XML cannot hold; a new line stays one."""
    if isinstance(value, str):
        return _FORBIDDEN.sub("", value.replace("\r\n", "\n").replace("\t", " "))
    if isinstance(value, list):
        return [_cleaned(one) for one in value]
    return {name: _cleaned(one) for name, one in value.items()}


def _without_times(made: io.BytesIO) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(zipfile.ZipInfo(name, _NO_TIME), source.read(name), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _opened(written: bytes) -> Any:
    """The body of what was made, opened anew: what does not open here does not open in Word."""
    from docx import Document

    return Document(io.BytesIO(written)).element.body


def _blocks(body: Any) -> Iterator[Block]:
    text: Callable[[Any], str] = lambda one: "".join(_pieces(one))  # noqa: E731
    for one in body:
        if one.tag == f"{_W}p":
            style = one.find(f"{_W}pPr/{_W}pStyle")
            yield Block(text(one), style.get(f"{_W}val", "") if style is not None else "")
        elif one.tag == f"{_W}tbl":
            yield Block(
                rows=[
                    ["\n".join(text(p) for p in cell.iter(f"{_W}p")) for cell in row.iterchildren(f"{_W}tc")]
                    for row in one.iterchildren(f"{_W}tr")
                ][:200]
            )


def main() -> None:
    """Answer one template."""
    confine(giving_way=0)
    job = msgspec.json.decode(sys.stdin.buffer.readline(), type=Job)
    signal.alarm(0)
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    answer, made = answer_of(job, sys.stdin.buffer.read())
    sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
    sys.stdout.buffer.write(made)
    sys.stdout.buffer.flush()
    os._exit(0)  # nothing to tidy up


if __name__ == "__main__":
    main()
