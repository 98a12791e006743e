"""Has files of names read beside the serving process (``shared.spreadsheets.asking``)."""

from collections.abc import Callable
from typing import Literal

import msgspec

from outreach.attendance.rosters.worker import Answer, Job
from outreach.shared.errors import invalid
from outreach.shared.spreadsheets.asking import ask_reader
from outreach.shared.spreadsheets.reading import FileRefused

__all__ = ["read_roster"]


async def read_roster(
    content: bytes,
    *,
    key: bytes,
    default_unit: str = "",
    only_there: bool = True,
    keep: int = 5000,
    form: Literal["json", "copy", "none"] = "json",
    progress: Callable[[float], None] | None = None,
) -> tuple[Answer, bytes]:
    """What is in the file, and its people as JSON (a list of lists) or as rows for COPY.

    Raises:
        InvalidError: the file as a whole cannot be taken; names ``file``.
        TooManyRequestsError: others are before, too many of them.
    """
    if not content:
        raise invalid("file", "required")
    job = Job(key=key.hex(), default_unit=default_unit, only_there=only_there, keep=keep, form=form)
    try:
        line, people = await ask_reader(
            "outreach.attendance.rosters.worker", msgspec.json.encode(job), content, progress=progress
        )
    except FileRefused as refused:
        raise invalid("file", f"roster-{refused.code}", **refused.facts) from None
    answer = msgspec.json.decode(line, type=Answer)
    if answer.problem:
        raise invalid("file", answer.problem, **answer.facts)
    return answer, people
