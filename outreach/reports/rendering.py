"""Documents are made in a process of their own, behind everything else, one at a time.

Rendering in a thread of the serving process made others wait 130 ms; beside a process that is niced, 14 ms.
"""

import asyncio
import hashlib
import logging
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, partial
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

import anyio

from outreach.reports.domain.errors import ReportPartMissingError
from outreach.reports.worker import Filling, Job, PartMissing, Shape, fill, prepare, render
from outreach.shared.errors import UnavailableError

__all__ = ["SANS", "SERIF", "close", "docx_of", "font_files", "own_process", "pdf_of"]

logger = logging.getLogger(__name__)

T = TypeVar("T")

SANS, SERIF = "Noto Sans SC", "Noto Serif SC"
_FONTS = "pylopdf_fonts_zh_cn"
_KEPT = 8

#: The process, once there is one: made with the first document, spawned, since a fork would copy connections and locks.
_workers: list[ProcessPoolExecutor] = []
_made: OrderedDict[bytes, bytes] = OrderedDict()
#: The same for a task that has a process of its own.
_own: ContextVar[list[ProcessPoolExecutor] | None] = ContextVar("own_process", default=None)


@contextmanager
def own_process() -> Iterator[None]:
    """Documents made inside come from a process of their own, which is killed at the end, also in the middle of one.

    A long report makes no short one wait, and can be called off.
    """
    pools: list[ProcessPoolExecutor] = []
    token = _own.set(pools)
    try:
        yield
    finally:
        _own.reset(token)
        for pool in pools:
            for process in list((pool._processes or {}).values()):
                process.kill()
            pool.shutdown(wait=False, cancel_futures=True)


@cache
def font_files() -> tuple[tuple[str, str], ...]:
    """Families and files of the fonts that every document embeds.

    Raises:
        ReportPartMissingError: the package with the fonts is not installed.
    """
    found = find_spec(_FONTS)
    if found is None or not found.submodule_search_locations:
        raise ReportPartMissingError(part="中文字体 pylopdf-fonts-zh-cn", reason="not installed")
    folder = Path(found.submodule_search_locations[0])
    return (SANS, str(folder / "NotoSansSC-Regular.otf")), (SERIF, str(folder / "NotoSerifSC-Regular.otf"))


async def pdf_of(*attempts: tuple[str, float | None]) -> bytes:
    """The PDF of the first attempt that fits, see ``worker.Job``; the same HTML gives the same bytes.

    Raises:
        ReportPartMissingError: fonts or system libraries are missing.
        UnavailableError: the process that renders was killed; the next try starts a new one.
    """
    return await _rendered(render, Job(attempts, font_files()), repr(attempts))


async def docx_of(template: Path, context: dict[str, Any], shapes: Sequence[Shape]) -> bytes:
    """The template filled with ``context`` (texts, lists and mappings only); the same gives the same bytes.

    Args:
        shapes: of every table that it becomes, in their order.

    Raises:
        ReportPartMissingError, UnavailableError: see ``pdf_of``.
    """
    return await _rendered(fill, Filling(str(template), context, shapes), f"{template} {context!r} {shapes!r}")


async def _rendered(function: Callable[[T], bytes], job: T, of: str) -> bytes:
    """What ``function`` makes of ``job`` in the process beside; ``of`` is all that it depends on."""
    key = hashlib.sha256(of.encode()).digest()
    if key in _made:
        _made.move_to_end(key)
        return _made[key]
    try:
        made = await asyncio.get_running_loop().run_in_executor(_worker(), function, job)
    except PartMissing as missing:
        part, reason = missing.args
        logger.error("documents cannot be made: %s", reason)
        raise ReportPartMissingError(part=part) from missing
    except BrokenProcessPool as broken:
        if (pools := _own.get()) is None:
            await close()
        else:
            pools.clear()
        raise UnavailableError(retry_after=5) from broken
    _made[key] = made
    if len(_made) > _KEPT:
        _made.popitem(last=False)
    return made


def _worker() -> ProcessPoolExecutor:
    pools = _own.get()
    workers = _workers if pools is None else pools
    if not workers:
        workers.append(ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=prepare))
    return workers[0]


async def close() -> None:
    """Stop the process and forget what it made; a document under way is finished first."""
    _made.clear()
    while _workers:
        pool = _workers.pop()
        await anyio.to_thread.run_sync(partial(pool.shutdown, cancel_futures=True))
