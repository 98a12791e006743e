"""Has files read beside the serving process (``shared.spreadsheets.asking``)."""

from collections.abc import Callable

import msgspec

from outreach.imports.domain.columns import Kind
from outreach.imports.domain.reading import Read
from outreach.imports.wording import title_of
from outreach.imports.worker import Answer, Job
from outreach.shared.errors import invalid
from outreach.shared.spreadsheets.asking import ask_reader, warm
from outreach.shared.spreadsheets.reading import FileRefused

__all__ = ["read_file", "warm_up"]

_WORKER = "outreach.imports.worker"


async def read_file(
    kind: Kind, content: bytes, *, progress: Callable[[float], None] | None = None
) -> tuple[Read, bytes]:
    """The rows of a file, and the same as MessagePack.

    Raises:
        InvalidError: the file as a whole cannot be taken; names ``file``.
        TooManyRequestsError: others are before, too many of them.
    """
    if not content:
        raise invalid("file", "required")
    try:
        line, rows = await ask_reader(_WORKER, msgspec.json.encode(Job(kind.key)), content, progress=progress)
    except FileRefused as refused:
        raise invalid("file", f"import-{refused.code}", **refused.facts) from None
    answer = msgspec.json.decode(line, type=Answer)
    if answer.problem:
        columns = answer.facts.get("columns")
        said = {"columns": [title_of(kind.column(key)) for key in columns]} if isinstance(columns, list) else {}
        raise invalid("file", f"import-{answer.problem}", **{**answer.facts, **said})
    return msgspec.msgpack.decode(rows, type=Read), rows


async def warm_up() -> None:
    """Somebody looks for a file: let a reader be ready when it comes."""
    await warm(_WORKER)
