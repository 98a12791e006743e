"""Runs in a process of its own: reads a file. ``python -m outreach.imports.worker`` (``shared.spreadsheets.asking``).

On its standard input a line of JSON (``Job``) and the file; on its standard output a line of JSON (``Answer``) and what
was read (``domain.reading.Read``) as MessagePack.
"""

import os
import signal
import sys

import msgspec

from outreach.imports.domain.kinds import KINDS, MOST_ROWS
from outreach.imports.domain.reading import rows_of
from outreach.shared.spreadsheets.confining import confine, tell_progress
from outreach.shared.spreadsheets.reading import FileRefused, sheets_of

__all__ = ["Answer", "Job", "answer_of", "main"]


class Job(msgspec.Struct):
    """Which kind of file it is."""

    kind: str


class Answer(msgspec.Struct):
    """``problem``: the file as a whole is refused, by a code such as ``no-head``."""

    problem: str = ""
    facts: dict[str, str | int | list[str]] = {}


def answer_of(job: Job, content: bytes, progress: bool = False) -> tuple[Answer, bytes]:
    """The answer, and what was read."""
    try:
        sheets = sheets_of(content)
        if progress:
            tell_progress(0.4)
        read = rows_of(KINDS[job.kind], sheets)
    except FileRefused as refused:
        return Answer(refused.code, refused.facts), b""
    except MemoryError:
        return Answer("too-wide"), b""
    if read is None:
        return Answer("no-head"), b""
    if read.lacking:
        return Answer("no-column", {"columns": read.lacking}), b""
    if not read.rows:
        return Answer("no-rows"), b""
    if len(read.rows) > MOST_ROWS:
        return Answer("too-many-rows", {"most": MOST_ROWS}), b""
    return Answer(), msgspec.msgpack.encode(read)


def main() -> None:
    """Answer one file."""
    confine(giving_way=0)
    job = msgspec.json.decode(sys.stdin.buffer.readline(), type=Job)
    signal.alarm(0)
    answer, read = answer_of(job, sys.stdin.buffer.read(), progress=True)
    sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
    sys.stdout.buffer.write(read)
    sys.stdout.buffer.flush()
    os._exit(0)  # nothing to tidy up


if __name__ == "__main__":
    main()
