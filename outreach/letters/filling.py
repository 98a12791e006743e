"""Has templates filled beside the serving process, and says in words what is wrong with one."""

from dataclasses import dataclass
from typing import Any

import msgspec

from outreach.letters.domain.errors import TemplateBrokenError
from outreach.letters.domain.kinds import KINDS, MOST_BYTES, MOST_TEXT, Kind, sample_of, schema_of
from outreach.letters.sandbox import Sandbox
from outreach.letters.wording import where_text
from outreach.letters.worker import Answer, Block, Job, Said
from outreach.shared.errors import FieldProblem, InvalidError, invalid
from outreach.shared.i18n import gettext as _
from outreach.shared.spreadsheets.asking import ask_reader, warm
from outreach.shared.spreadsheets.reading import FileRefused
from outreach.web.templates import templates_folder

__all__ = ["Filled", "filled", "sampled", "shipped_bytes", "shipped_text", "warm_up"]

_WORKER = "outreach.letters.worker"


@dataclass(frozen=True, slots=True)
class Filled:
    """A letter, and its paragraphs and tables to be looked at."""

    content: bytes
    blocks: tuple[Block, ...]


def shipped_bytes(kind: Kind) -> bytes:
    """The template that comes with the program."""
    return (templates_folder() / kind.file).read_bytes()


async def warm_up() -> None:
    """Somebody looks for a template: let a process be ready when it comes."""
    await warm(_WORKER)


async def filled(kind: Kind, content: bytes, context: dict[str, Any]) -> Filled:
    """The letter of a stored template.

    Raises:
        TemplateBrokenError: it cannot be filled, although it could be when it was stored.
        TooManyRequestsError: others are before, too many of them.
    """
    try:
        return await _made(kind, content, context)
    except InvalidError:
        raise TemplateBrokenError(kind=_(kind.title)) from None


async def sampled(kind: Kind, content: bytes, context: dict[str, Any] | None = None) -> Filled:
    """A template that somebody sent, filled with invented content, or with ``context``.

    Raises:
        InvalidError: it cannot be used; names ``file`` (``text`` of one that is typed) once for each thing.
        TooManyRequestsError: others are before, too many of them.
    """
    most = MOST_TEXT if kind.is_text else MOST_BYTES
    if not content.strip():
        raise invalid(_field(kind), "required")
    if len(content) > most:
        raise invalid(_field(kind), "template-too-large", most=most // 1_000_000 or f"{most / 1_000_000:g}")
    return await _made(kind, content, sample_of(kind.fields) if context is None else context)


def shipped_text(key: str, context: dict[str, Any]) -> str:
    """A text from the shipped template, which nobody needs to be protected from."""
    kind = KINDS[key]
    sandbox = Sandbox(schema_of(kind.fields), autoescape=False, lines=True)
    return sandbox.from_string(shipped_bytes(kind).decode("utf-8")).render(context).strip()


def _field(kind: Kind) -> str:
    return "text" if kind.is_text else "file"


async def _made(kind: Kind, content: bytes, context: dict[str, Any]) -> Filled:
    job = Job(schema_of(kind.fields), context, kind.is_text)
    try:
        line, made = await ask_reader(_WORKER, msgspec.json.encode(job), content)
    except FileRefused:
        raise invalid(_field(kind), "template-unfillable") from None
    answer = msgspec.json.decode(line, type=Answer)
    if answer.problem:
        raise invalid(_field(kind), f"template-{answer.problem}")
    if answer.troubles:
        raise InvalidError([_problem(kind, one) for one in answer.troubles])
    return Filled(made, tuple(answer.blocks))


def _problem(kind: Kind, one: Said) -> FieldProblem:
    return FieldProblem(_field(kind), f"tag-{one.code}", {**one.facts, "where": where_text(one.where, one.excerpt)})
