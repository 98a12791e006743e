"""Has files of names read beside the serving process, two at a time.

A process for each file: what a file of 20 MB takes is given back, a file that kills its reader kills nothing else, and
nobody's page waits for the interpreter.
"""

import asyncio
import os
import sys
from collections.abc import Callable
from typing import Literal

import msgspec

from outreach.attendance.rosters.reading import MOST_BYTES
from outreach.attendance.rosters.worker import Answer, Job
from outreach.shared.errors import TooManyRequestsError, invalid

__all__ = ["read_roster"]

AT_ONCE = 2
#: Who waits behind so many others is asked to come back.
MOST_WAITING = 20
SECONDS = 120.0
_LINE = 64 * 1024 * 1024

_waiting: list[int] = [0]
_turns: dict[int, asyncio.Semaphore] = {}


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
    if len(content) > MOST_BYTES:
        raise invalid("file", "roster-too-large", most=MOST_BYTES // 1024 // 1024)
    if _waiting[0] >= MOST_WAITING:
        raise TooManyRequestsError(retry_after=30)
    job = Job(key=key.hex(), default_unit=default_unit, only_there=only_there, keep=keep, form=form)
    _waiting[0] += 1
    try:
        async with _turn():
            answer, people = await _asked(msgspec.json.encode(job) + b"\n", content, progress)
    finally:
        _waiting[0] -= 1
    if answer.problem:
        raise invalid("file", answer.problem, **answer.facts)
    return answer, people


def _turn() -> asyncio.Semaphore:
    """The turns of this event loop; a program that starts another loop gets new ones."""
    loop = id(asyncio.get_running_loop())
    if loop not in _turns:
        _turns.clear()
        _turns[loop] = asyncio.Semaphore(AT_ONCE)
    return _turns[loop]


async def _asked(job: bytes, content: bytes, progress: Callable[[float], None] | None) -> tuple[Answer, bytes]:
    """Nothing secret is in the arguments or the environment, which others of the machine may read."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "outreach.attendance.rosters.worker",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=_LINE,
        env={"PATH": os.defpath, "PYTHONPATH": os.pathsep.join(part for part in sys.path if part), "LC_ALL": "C.UTF-8"},
    )
    try:
        async with asyncio.timeout(SECONDS):
            _, (answer, people), _ = await asyncio.gather(
                _feed(process, job, content), _answered(process), _listen(process, progress)
            )
            await process.wait()
    except TimeoutError:
        raise invalid("file", "roster-too-wide") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if answer is None:
        raise invalid("file", "roster-too-wide")
    return answer, people


async def _feed(process: asyncio.subprocess.Process, job: bytes, content: bytes) -> None:
    assert process.stdin is not None
    try:
        process.stdin.write(job)
        for start in range(0, len(content), 1 << 18):
            process.stdin.write(content[start : start + (1 << 18)])
            await process.stdin.drain()
        process.stdin.close()
    except (BrokenPipeError, ConnectionResetError):
        pass  # the reader has ended; its answer, or the lack of one, says why


async def _answered(process: asyncio.subprocess.Process) -> tuple[Answer | None, bytes]:
    """The answer and the people; ``None``: the reader ended without one."""
    assert process.stdout is not None
    line = await process.stdout.readline()
    people = await process.stdout.read()
    return (msgspec.json.decode(line, type=Answer) if line.endswith(b"\n") else None), people


async def _listen(process: asyncio.subprocess.Process, progress: Callable[[float], None] | None) -> None:
    assert process.stderr is not None
    while line := await process.stderr.readline():
        if progress is not None and line.startswith(b"@"):
            progress(float(line[1:]))
