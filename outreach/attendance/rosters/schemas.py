"""Rosters as JSON, and their forms."""

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from outreach.attendance.rosters.commands import Imported
from outreach.attendance.rosters.workbooks import reason_text, remedy_text
from outreach.shared.text import LINE_PATTERN

__all__ = ["DuplicateOut", "ImportForm", "ImportOut", "RejectedOut", "UploadForm", "import_out"]

#: So many rejected and doubled rows are told; the counts are exact.
MOST_TOLD = 1000


class ImportForm(msgspec.Struct, kw_only=True):
    """What a multipart body says beside the file."""

    presence: bool | None = None
    dry_run: bool | None = None
    on: dt.date | None = None
    filename: Annotated[str, Meta(max_length=255, pattern=LINE_PATTERN)] = ""


class UploadForm(msgspec.Struct, kw_only=True):
    """The form of a page. ``presence``: ``present`` or ``expected``, never guessed."""

    presence: Literal["present", "expected"]
    on: dt.date


class RejectedOut(msgspec.Struct, kw_only=True):
    """A row that was not taken. ``cell`` is its place in the file, ``reason`` a code, ``message`` and ``remedy`` its
    words; long numbers in ``text`` are hidden."""

    cell: str
    line: int
    reason: str
    message: str
    remedy: str
    name: str
    unit: str
    text: str


class DuplicateOut(msgspec.Struct, kw_only=True):
    """A row with somebody who stands in the cell ``first`` already."""

    cell: str
    line: int
    name: str
    unit: str
    first: str


class ImportOut(msgspec.Struct, kw_only=True):
    """What came of a file.

    ``stored``: its people are in the session now. ``again``: the same file was stored before and nothing was written.
    ``new``: people who were not present (or expected) already. ``left_out``: totals, footers and the like; ``absent``:
    people whom the file itself marks as not there. Of ``rejected_rows`` and ``duplicate_rows`` the first 1,000.
    """

    roster_id: UUID | None
    session_id: UUID
    on: dt.date
    presence: bool
    stored: bool
    again: bool
    accepted: int
    new: int
    rejected: int
    duplicates: int
    left_out: int
    absent: int
    rejected_rows: list[RejectedOut]
    duplicate_rows: list[DuplicateOut]


def import_out(session_id: UUID, made: Imported) -> ImportOut:
    """The import as JSON."""
    answer = made.answer
    return ImportOut(
        roster_id=made.roster.id if made.roster else None,
        session_id=session_id,
        on=made.on,
        presence=made.presence,
        stored=made.roster is not None,
        again=made.again,
        accepted=answer.accepted,
        new=made.new,
        rejected=answer.rejected_count,
        duplicates=answer.duplicate_count,
        left_out=answer.left_out,
        absent=answer.absent,
        rejected_rows=[
            RejectedOut(
                cell=one.cell,
                line=one.line,
                reason=one.reason,
                message=reason_text(one),
                remedy=remedy_text(one),
                name=one.name,
                unit=one.unit,
                text=one.text,
            )
            for one in answer.rejected[:MOST_TOLD]
        ],
        duplicate_rows=[
            DuplicateOut(cell=one.cell, line=one.line, name=one.name, unit=one.unit, first=one.first)
            for one in answer.duplicates[:MOST_TOLD]
        ],
    )
