"""Refusals at the edge: status by family, words by code, problem details (RFC 9457) or a page.

A feature lists its phrases in ``phrases.py`` (``PROBLEMS``, ``FIELDS``); ``app.py`` installs them here. Chinese source
strings, translated when said.
"""

import logging
from collections.abc import Mapping
from typing import Any

import asyncpg
import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, SerializationException, ValidationException
from litestar.response import Redirect
from litestar.utils.scope.state import ScopeState

from outreach.shared.errors import (
    ConflictError,
    FieldProblem,
    ForbiddenError,
    InvalidError,
    LoginRequiredError,
    NotFoundError,
    OutreachError,
    StaleError,
    TooManyRequestsError,
    UnavailableError,
)
from outreach.shared.i18n import gettext, language
from outreach.web.phrases import FIELDS, PROBLEMS, ProblemPhrase
from outreach.web.wording import joined

__all__ = [
    "EXCEPTION_HANDLERS",
    "PROBLEM_JSON",
    "ProblemPhrase",
    "field_messages",
    "field_phrases",
    "install_phrases",
    "install_state_words",
    "message_of",
    "problem_phrases",
    "status_of",
    "wants_page",
]

logger = logging.getLogger(__name__)

PROBLEM_JSON = "application/problem+json"


STATUS: tuple[tuple[type[OutreachError], int], ...] = (
    (InvalidError, 422),
    (LoginRequiredError, 401),
    (ForbiddenError, 403),
    (NotFoundError, 404),
    (StaleError, 412),
    (ConflictError, 409),
    (TooManyRequestsError, 429),
    (UnavailableError, 503),
)

_PROBLEMS = dict(PROBLEMS)
_FIELDS = dict(FIELDS)


def install_phrases(problems: Mapping[str, ProblemPhrase], fields: Mapping[str, str]) -> None:
    """Add a feature's phrases.

    Raises:
        ValueError: a code has a phrase already.
    """
    for code, words in problems.items():
        if _PROBLEMS.setdefault(code, words) != words:
            raise ValueError(f"two phrases for the problem {code!r}")
    for code, text in fields.items():
        if _FIELDS.setdefault(code, text) != text:
            raise ValueError(f"two phrases for the field rule {code!r}")


_STATES: dict[str, str] = {}


def install_state_words(words: Mapping[str, str]) -> None:
    """Let phrases say a state in words (``published`` → 已发布); the JSON fact keeps the code."""
    _STATES.update(words)


def problem_phrases() -> Mapping[str, ProblemPhrase]:
    """Every problem type with its words; each has a page under ``/problems/<code>``."""
    return _PROBLEMS


def field_phrases() -> Mapping[str, str]:
    """Every field rule with its words."""
    return _FIELDS


def status_of(error: OutreachError) -> int:
    """The HTTP status of a refusal, by its family."""
    return next((status for family, status in STATUS if isinstance(error, family)), 422)


def _said(template: str, facts: Mapping[str, Any]) -> str:
    try:
        said = {name: joined(fact, language()) if _is_words(fact) else fact for name, fact in facts.items()}
        if said.get("state") in _STATES:
            said["state"] = gettext(_STATES[said["state"]])
        return gettext(template).format_map(said) if template else ""
    except (KeyError, IndexError):
        return gettext(template).split("{", 1)[0].rstrip("：: ，,")


def _is_words(fact: Any) -> bool:  # lists of objects, such as warnings, are listed by the page
    return isinstance(fact, list | tuple) and all(isinstance(one, str) for one in fact)


def message_of(error: OutreachError) -> tuple[str, str]:
    """Title and detail of a refusal in the locale of the request."""
    words = _PROBLEMS.get(error.code, _PROBLEMS["invalid"])
    detail = words.by_scope.get(str(error.facts.get("scope")), words.detail)
    return gettext(words.title), _said(detail, error.facts)


def field_messages(error: InvalidError) -> dict[str, str]:
    """Field → message, the first one of each field."""
    found: dict[str, str] = {}
    for problem in error.problems:
        found.setdefault(problem.field, _said(_FIELDS.get(problem.code, _FIELDS["unusable"]), problem.facts))
    return found


def wants_page(request: Request[Any, Any, Any]) -> bool:
    """Whether the caller is a person with a browser; the API always answers problem details."""
    return not request.scope["path"].startswith("/api/") and "text/html" in request.headers.get("accept", "")


def refused(request: Request[Any, Any, Any], error: OutreachError) -> Response[Any]:
    """Answer a refusal."""
    status = status_of(error)
    if wants_page(request):
        if isinstance(error, LoginRequiredError):
            return Redirect(_login_path(request), status_code=303)
        return _page(request, error, status)
    title, detail = message_of(error)
    body: dict[str, Any] = {
        "type": f"/problems/{error.code}",
        "title": title,
        "status": status,
        "detail": detail,
        **{name: fact for name, fact in error.facts.items() if name not in ("type", "title", "status", "detail")},
    }
    if isinstance(error, InvalidError):
        body["errors"] = [{"field": name, "message": text} for name, text in field_messages(error).items()]
    return Response(body, status_code=status, media_type=PROBLEM_JSON, headers=_headers(error, status))


def _headers(error: OutreachError, status: int) -> dict[str, str]:
    headers = {"Cache-Control": "no-store"}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if status in (429, 503):
        headers["Retry-After"] = str(error.facts.get("retry_after", 5))
    return headers


def _login_path(request: Request[Any, Any, Any]) -> str:
    from urllib.parse import quote

    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return f"/login?next={quote(wanted, safe='/')}" if request.method == "GET" else "/login"


def _page(request: Request[Any, Any, Any], error: OutreachError, status: int) -> Response[Any]:
    from outreach.web.templates import page

    title, detail = message_of(error)
    return page(
        request,
        "errors/refused.html",
        status=status,
        headers=_headers(error, status),
        title=title,
        detail=detail,
        problem_code=error.code,
        facts=error.facts,
        messages=field_messages(error) if isinstance(error, InvalidError) else {},
    )


class _HttpError(OutreachError):
    """What Litestar refused before a handler was asked."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(**facts)
        self.code = code  # type: ignore[misc]


_HTTP_CODES = {
    400: "bad-request",
    401: "login-required",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    413: "too-large",
    415: "unsupported-media-type",
    429: "too-many-requests",
    503: "unavailable",
}


def _refused_by_litestar(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    if isinstance(error, ValidationException):
        return refused(request, InvalidError(_problems_of(request, error)))
    if isinstance(error.__cause__, SerializationException) or isinstance(error, SerializationException):
        return refused(request, InvalidError([FieldProblem("", "not-an-object")]))
    status = error.status_code
    if status >= 500:
        return _failed(request, error)
    problem = _HttpError(_HTTP_CODES.get(status, "bad-request"), reason="", expected="application/json")
    if wants_page(request):
        return _page(request, problem, status)
    title, detail = message_of(problem)
    body = {"type": f"/problems/{problem.code}", "title": title, "status": status, "detail": detail}
    headers = {**(error.headers or {}), "Cache-Control": "no-store"}
    return Response(body, status_code=status, media_type=PROBLEM_JSON, headers=headers)


def _problems_of(request: Request[Any, Any, Any], error: ValidationException) -> list[FieldProblem]:
    """All bad fields of a body, not only the first one that the decoder met."""
    from outreach.web.forms import problems_in

    given = error.extra if isinstance(error.extra, list) else []
    problems: list[FieldProblem] = []
    data = request.scope["route_handler"].parsed_data_field if "route_handler" in request.scope else None
    for item in given:
        key = str(item.get("key", ""))
        if item.get("source") == "body" or key in ("data", ""):
            raw = ScopeState.from_scope(request.scope).json
            if data is not None and not problems:
                problems += problems_in(data.annotation, raw if isinstance(raw, dict) else None)
        else:
            problems.append(_problem_of_argument(request, key))
    return problems or [FieldProblem("", "not-an-object")]


def _problem_of_argument(request: Request[Any, Any, Any], argument: str) -> FieldProblem:
    """What is wrong with a parameter of the address, by the name that it has there (``from`` for ``from_``)."""
    from outreach.web.forms import problem_of_text

    handler = request.scope.get("route_handler")
    described = handler.parsed_fn_signature.parameters.get(argument) if handler is not None else None
    if described is None:
        return FieldProblem(argument, "unusable")
    name = getattr(described.kwarg_definition, "name", None) or argument
    text = request.query_params.get(name)
    if text is None:
        return FieldProblem(name, "required" if name not in request.path_params else "unusable")
    return problem_of_text(name, described.annotation, described.kwarg_definition, text)


def _route(request: Request[Any, Any, Any]) -> str:
    """The route's pattern for the log: an address may hold a secret."""
    return str(request.scope.get("path_template") or "unmatched")


def _failed(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """An error of ours: logged with a reference that the person can name; nothing of it leaves the server."""
    from outreach.shared.ids import new_id

    reference = new_id().hex[-8:]
    logger.error("unhandled error %s on %s %s", reference, request.method, _route(request), exc_info=error)
    problem = _HttpError("internal", reference=reference)
    if wants_page(request):
        return _page(request, problem, 500)
    title, detail = message_of(problem)
    body = {"type": "/problems/internal", "title": title, "status": 500, "detail": detail, "reference": reference}
    return Response(body, status_code=500, media_type=PROBLEM_JSON, headers={"Cache-Control": "no-store"})


def _database_away(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    logger.error("database unavailable: %s", error)
    return refused(request, UnavailableError(retry_after=5))


def _no_text(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """A body that is no UTF-8; Litestar lets this one through where it names all other slips of JSON."""
    logger.warning("no UTF-8 on %s: %s", _route(request), error)
    return refused(request, InvalidError([FieldProblem("", "not-an-object")]))


def _misused_or_away(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """The driver's own word: a connection that closed under a statement, or a mistake of ours."""
    away = "closed" in str(error) or "another operation" in str(error)
    return _database_away(request, error) if away else _failed(request, error)


def _value_refused_by_database(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """A value that no check caught and the database cannot hold, such as a number beyond its type."""
    logger.warning("database refused a value on %s: %s", _route(request), type(error).__name__)
    return refused(request, InvalidError([FieldProblem("", "unusable")]))


EXCEPTION_HANDLERS: Any = {
    OutreachError: refused,
    HTTPException: _refused_by_litestar,
    SerializationException: _refused_by_litestar,
    msgspec.ValidationError: lambda request, error: refused(request, InvalidError([FieldProblem("", "unusable")])),
    UnicodeDecodeError: _no_text,
    RecursionError: lambda request, error: refused(request, InvalidError([FieldProblem("", "not-an-object")])),
    asyncpg.DataError: _value_refused_by_database,
    asyncpg.PostgresConnectionError: _database_away,
    asyncpg.TooManyConnectionsError: _database_away,
    asyncpg.OperatorInterventionError: _database_away,
    asyncpg.InterfaceError: _misused_or_away,
    asyncpg.InternalClientError: _misused_or_away,
    ConnectionError: _database_away,
    Exception: _failed,
}
