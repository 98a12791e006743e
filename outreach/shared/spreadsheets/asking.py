"""Has files read beside the serving process, two at a time.

A process for each file: what a file of 20 MB takes is given back, a file that kills its reader kills nothing else, and
nobody's page waits for the interpreter. A reader may be started ahead (``warm``), while somebody still looks for the
file; it reads one file like any other and ends.
"""

import asyncio
import contextlib
import os
import sys
from collections.abc import Callable

from outreach.shared.errors import TooManyRequestsError
from outreach.shared.spreadsheets.reading import MOST_BYTES, FileRefused

__all__ = ["ask_reader", "close_spares", "warm"]

AT_ONCE = 2
#: Who waits behind so many others is asked to come back.
MOST_WAITING = 20
SECONDS = 120.0
_LINE = 64 * 1024 * 1024

_waiting: list[int] = [0]
_turns: dict[int, asyncio.Semaphore] = {}
#: By module: the loop it was started in, and the process.
_spares: dict[str, tuple[int, asyncio.subprocess.Process]] = {}


async def ask_reader(
    module: str, job: bytes, content: bytes, *, progress: Callable[[float], None] | None = None
) -> tuple[bytes, bytes]:
    """What ``python -m module`` answers to a line with the job and the file: its first line, and the rest.

    Args:
        module: calls ``confining.confine`` first; on standard error ``@0.25`` a line says how far it is.
        job: JSON without line ends.

    Raises:
        FileRefused: empty, too large, or the reader ended without an answer.
        TooManyRequestsError: others are before, too many of them.
    """
    if not content:
        raise FileRefused("empty")
    if len(content) > MOST_BYTES:
        raise FileRefused("too-large", most=MOST_BYTES // 1024 // 1024)
    if _waiting[0] >= MOST_WAITING:
        raise TooManyRequestsError(retry_after=30)
    _waiting[0] += 1
    try:
        async with _turn():
            return await _asked(module, job + b"\n", content, progress)
    finally:
        _waiting[0] -= 1


async def warm(module: str) -> None:
    """Start a reader ahead, if none waits already."""
    loop = id(asyncio.get_running_loop())
    spare = _spares.get(module)
    if spare is None or spare[0] != loop or spare[1].returncode is not None:
        _spares[module] = (loop, await _started(module))


async def close_spares() -> None:
    """End the readers that wait for a file."""
    while _spares:
        loop, process = _spares.popitem()[1]
        if loop == id(asyncio.get_running_loop()) and process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.communicate()


def _turn() -> asyncio.Semaphore:
    """The turns of this event loop; a program that starts another loop gets new ones."""
    loop = id(asyncio.get_running_loop())
    if loop not in _turns:
        _turns.clear()
        _turns[loop] = asyncio.Semaphore(AT_ONCE)
    return _turns[loop]


async def _started(module: str) -> asyncio.subprocess.Process:
    """Nothing secret is in the arguments or the environment, which others of the machine may read."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=_LINE,
        env={"PATH": os.defpath, "PYTHONPATH": os.pathsep.join(part for part in sys.path if part), "LC_ALL": "C.UTF-8"},
    )


async def _ready(module: str) -> asyncio.subprocess.Process:
    loop, spare = _spares.pop(module, (0, None))
    if spare is not None and loop == id(asyncio.get_running_loop()) and spare.returncode is None:
        return spare
    return await _started(module)


async def _asked(
    module: str, job: bytes, content: bytes, progress: Callable[[float], None] | None
) -> tuple[bytes, bytes]:
    process = await _ready(module)
    try:
        async with asyncio.timeout(SECONDS):
            _, (line, rest), _ = await asyncio.gather(
                _feed(process, job, content), _answered(process), _listen(process, progress)
            )
            await process.wait()
    except TimeoutError:
        raise FileRefused("too-wide") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if not line.endswith(b"\n"):
        raise FileRefused("too-wide")
    return line, rest


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


async def _answered(process: asyncio.subprocess.Process) -> tuple[bytes, bytes]:
    """The line of the answer, without an end where the reader gave none, and what follows it."""
    assert process.stdout is not None
    return await process.stdout.readline(), await process.stdout.read()


async def _listen(process: asyncio.subprocess.Process, progress: Callable[[float], None] | None) -> None:
    assert process.stderr is not None
    while line := await process.stderr.readline():
        if progress is not None and line.startswith(b"@"):
            progress(float(line[1:]))
