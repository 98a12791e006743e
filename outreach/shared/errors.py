"""Named refusals: a code, facts, and no words.

Wording (Chinese, English) and HTTP status are chosen at the edge, in ``web/problems.py``. A feature declares its own
errors in ``domain/errors.py`` by subclassing one of the families here.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any, ClassVar

__all__ = [
    "ConflictError",
    "FieldProblem",
    "ForbiddenError",
    "InvalidError",
    "LoginRequiredError",
    "NotFoundError",
    "OutreachError",
    "StaleError",
    "TooManyRequestsError",
    "UnavailableError",
    "invalid",
]


class OutreachError(Exception):
    """A refusal that a caller can understand and act on.

    ``code`` is the last part of the problem type (``/problems/<code>``); ``facts`` are JSON-able members that fill
    the phrase and travel in the answer, so they never carry what the caller may not know.
    """

    code: ClassVar[str] = "refused"

    def __init__(self, **facts: Any) -> None:
        super().__init__(self.code, facts)
        self.facts = facts

    def __str__(self) -> str:
        return f"{self.code} {self.facts}" if self.facts else self.code


@dataclasses.dataclass(frozen=True, slots=True)
class FieldProblem:
    """One bad field: where (``seats``, ``windows.0.date``), which rule (a phrase code), and its facts."""

    field: str
    code: str
    facts: dict[str, Any] = dataclasses.field(default_factory=dict)


class InvalidError(OutreachError):
    """The input cannot be taken: every bad field is named, nothing was stored."""

    code = "invalid"

    def __init__(self, problems: Sequence[FieldProblem] = (), **facts: Any) -> None:
        super().__init__(**facts)
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return f"{self.code} {[(p.field, p.code, p.facts) for p in self.problems]} {self.facts}"


class LoginRequiredError(OutreachError):
    """Nobody is known behind the request: 401."""

    code = "login-required"


class ForbiddenError(OutreachError):
    """The caller is known and may not do this to an object that it may know of: 403."""

    code = "forbidden"


class NotFoundError(OutreachError):
    """The object does not exist, or the caller may not know that it does: 404."""

    code = "not-found"


class ConflictError(OutreachError):
    """The state of things forbids it now: 409."""

    code = "wrong-state"


class StaleError(OutreachError):
    """The object was changed since the caller read it (If-Match): 412."""

    code = "stale"


class TooManyRequestsError(OutreachError):
    """Too many tries; ``retry_after`` seconds tell when to come back: 429."""

    code = "too-many-requests"


class UnavailableError(OutreachError):
    """Something the program needs is away for now: 503 with Retry-After."""

    code = "unavailable"


def invalid(field_name: str, code: str, **facts: Any) -> InvalidError:
    """Return the refusal of one field, ready to raise."""
    return InvalidError([FieldProblem(field_name, code, facts)])
