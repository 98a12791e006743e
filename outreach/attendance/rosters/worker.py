"""Runs in a process of its own: reads a file of names. ``python -m outreach.attendance.rosters.worker``.

On its standard input a line of JSON (``Job``) and the file; on its standard output a line of JSON (``Answer``) and the
people as JSON or as rows for COPY. Standard error tells how far it is, ``@0.25`` a line. No number leaves it.
"""

import os
import signal
import sys
from collections.abc import Iterable
from typing import Literal

import msgspec

from outreach.attendance.rosters.domain.found import Duplicate, Person, Rejected
from outreach.attendance.rosters.domain.people import people_of
from outreach.shared.spreadsheets.confining import confine, tell_progress
from outreach.shared.spreadsheets.reading import MOST_ROWS, FileRefused, sheets_of

__all__ = ["Answer", "Job", "answer_of", "copied", "main"]


class Job(msgspec.Struct, kw_only=True):
    """What to do with the file. ``key`` in hexadecimal digits; see ``people_of`` for the others."""

    key: str
    default_unit: str = ""
    only_there: bool = True
    keep: int = 5000
    form: Literal["json", "copy", "none"] = "json"


class Answer(msgspec.Struct, kw_only=True):
    """What was found. ``problem``: the file as a whole is refused, by the code of a field rule."""

    problem: str = ""
    facts: dict[str, str | int] = {}
    accepted: int = 0
    rejected_count: int = 0
    duplicate_count: int = 0
    left_out: int = 0
    absent: int = 0
    heads: list[str] = []
    rejected: list[Rejected] = []
    duplicates: list[Duplicate] = []


def answer_of(job: Job, content: bytes, progress: bool = False) -> tuple[Answer, bytes]:
    """The answer, and the people in the form asked for."""
    try:
        sheets = sheets_of(content)
        if progress:
            tell_progress(0.3)
        found = people_of(
            sheets,
            bytes.fromhex(job.key),
            default_unit=job.default_unit,
            only_there=job.only_there,
            keep=job.keep,
            progress=lambda share: tell_progress(0.3 + 0.6 * share) if progress else None,
        )
    except FileRefused as refused:
        return Answer(problem=f"roster-{refused.code}", facts=refused.facts), b""
    except MemoryError:
        return Answer(problem="roster-too-wide"), b""
    if found is None:
        return Answer(problem="roster-no-head"), b""
    if len(found.people) + found.rejected_count + found.duplicate_count > MOST_ROWS:
        return Answer(problem="roster-too-many-rows", facts={"most": MOST_ROWS}), b""
    if not found.people and not found.rejected_count and not found.duplicate_count:
        return Answer(problem="roster-nobody"), b""
    answer = Answer(
        accepted=len(found.people),
        rejected_count=found.rejected_count,
        duplicate_count=found.duplicate_count,
        left_out=found.left_out,
        absent=found.absent,
        heads=found.heads,
        rejected=found.rejected,
        duplicates=found.duplicates,
    )
    del sheets
    match job.form:
        case "json":
            return answer, msgspec.json.encode(found.people)
        case "copy":
            return answer, copied(found.people)
    return answer, b""


def copied(people: Iterable[Person]) -> bytes:
    """Rows for COPY in its text format: name, unit, identity, by_number, tail, is_worker, groups."""
    said = {True: "t", False: "f", None: "\\N"}
    # Names and units are clean lines without backslashes (``cells.clean``): nothing in them needs an escape.
    return "".join(
        f"{p.name}\t{p.unit}\t{p.identity}\t{said[p.by_number]}\t{p.tail}\t{said[p.is_worker]}\t{p.groups}\n"
        for p in people
    ).encode()


def main() -> None:
    """Answer one file."""
    confine()
    job = msgspec.json.decode(sys.stdin.buffer.readline(), type=Job)
    signal.alarm(0)
    answer, people = answer_of(job, sys.stdin.buffer.read(), progress=True)
    sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
    sys.stdout.buffer.write(people)
    sys.stdout.buffer.flush()
    os._exit(0)  # nothing to tidy up, and freeing a million cells one by one takes as long as reading them


if __name__ == "__main__":
    main()
