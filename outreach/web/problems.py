"""Refusals at the edge: status by family, words by code, problem details (RFC 9457) or a page.

A feature lists its phrases in ``phrases.py`` (``PROBLEMS``, ``FIELDS``); ``app.py`` installs them here. Chinese source
strings, translated when said.
"""

import logging
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

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
from outreach.shared.i18n import gettext, language, phrase
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


class ProblemPhrase(NamedTuple):
    """What a refusal says: ``title`` for the problem type, ``detail`` filled with the error's facts, ``help`` for its
    page under ``/problems/<code>``: why it happens and what to do. ``by_scope``: the detail where the error's ``scope``
    decides what is to be said."""

    title: str
    detail: str = ""
    help: str = ""
    by_scope: Mapping[str, str] = MappingProxyType({})


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

_PROBLEMS: dict[str, ProblemPhrase] = {
    "invalid": ProblemPhrase(
        phrase("有内容要改"),
        phrase("请按下面的说明改正后再提交，什么都还没有保存。"),
        phrase("请求里有一个或几个字段不能用。errors 里逐个写明字段和改法；改正后再发一次即可，此前什么都没有保存。"),
    ),
    "login-required": ProblemPhrase(
        phrase("请先登录"),
        phrase("这一页要登录后才能看。"),
        phrase("没有带登录凭据，或凭据已失效。浏览器请重新登录；程序请在 Authorization 里带上有效的令牌。"),
    ),
    "forbidden": ProblemPhrase(
        phrase("您没有这项权限"),
        phrase("这件事要由负责的工会来办。需要办理时请联系上级工会。"),
        phrase("登录是有效的，但这个人的角色不允许这样做。需要时请管理员调整角色。"),
    ),
    "not-found": ProblemPhrase(
        phrase("没有找到"),
        phrase("地址可能写错了，或者它不对您开放。"),
        phrase("对象不存在，或者按规则不向您显示。请核对地址；确有需要时请联系主办单位。"),
    ),
    "stale": ProblemPhrase(
        phrase("内容已被别人改过"),
        phrase("您打开以后，别人刚保存过。请重新载入，再改一次。"),
        phrase("If-Match 里的版本不是现在的版本。请重新读取对象，合并改动后带上新的 ETag 再提交。"),
    ),
    "too-many-requests": ProblemPhrase(
        phrase("试得太频繁了"),
        phrase("请过{retry_after}秒再试。"),
        phrase("短时间内尝试次数过多。Retry-After 写明多少秒以后可以再试。"),
    ),
    "unavailable": ProblemPhrase(
        phrase("暂时办不了"),
        phrase("系统正忙或正在维护，请稍后再试。您填的内容没有丢。"),
        phrase("数据库暂时连不上或正忙。请按 Retry-After 等一会儿，用同一个 Idempotency-Key 再发一次不会重复。"),
    ),
    "wrong-state": ProblemPhrase(
        phrase("现在的状态不能这样做"),
        phrase("它现在是“{state}”。请刷新后看最新情况。"),
        phrase("对象已被改到别的状态，例如已取消或已办完。请重新读取后再决定。"),
    ),
    "idempotency-key-reused": ProblemPhrase(
        phrase("这个请求编号已经用过"),
        phrase("同一个 Idempotency-Key 曾用于不同的内容，请换一个新的编号。"),
        phrase("Idempotency-Key 与之前的请求相同而内容不同。每一次新的请求要用新的编号。"),
    ),
    "csrf": ProblemPhrase(
        phrase("页面放得太久了"),
        phrase("请重新载入页面后再提交。"),
        phrase("表单里的安全令牌缺失或过期。请重新载入页面；程序请改用令牌登录，或带上 X-CSRF-Token。"),
    ),
    "bad-request": ProblemPhrase(
        phrase("请求无法读懂"),
        phrase("请求的格式不对：{reason}"),
        phrase("内容不是有效的 JSON，或请求头不完整。请核对格式后再发。"),
    ),
    "method-not-allowed": ProblemPhrase(
        phrase("这个地址不支持这种请求"), "", phrase("请按接口文档使用正确的 HTTP 方法。")
    ),
    "unsupported-media-type": ProblemPhrase(
        phrase("内容类型不对"),
        phrase("请用 {expected} 发送。"),
        phrase("Content-Type 不是这个接口所要的类型。"),
    ),
    "too-large": ProblemPhrase(phrase("内容太大"), "", phrase("请求超过了大小上限，请分几次发送。")),
    "internal": ProblemPhrase(
        phrase("程序出错了"),
        phrase("错误已经记下，编号 {reference}。您可以稍后再试，或把编号告诉管理员。"),
        phrase("程序内部出错，已写入日志。把编号告诉管理员可以查到原因。"),
    ),
}

_FIELDS: dict[str, str] = {
    "required": phrase("请填写。"),
    "unknown-field": phrase("没有这个字段，请删去。"),
    "not-an-object": phrase("内容应是一个 JSON 对象。"),
    "not-text": phrase("应是文字。"),
    "not-whole-number": phrase("应是整数。"),
    "not-number": phrase("应是数字。"),
    "not-boolean": phrase("应是 true 或 false。"),
    "not-list": phrase("应是列表。"),
    "not-date": phrase("日期要写成2015-05-12这样。"),
    "not-time": phrase("时间要写成2015-05-12T14:00:00+08:00这样，并带时区。"),
    "not-an-id": phrase("不是有效的编号。"),
    "not-one-of": phrase("只能是：{options}。"),
    "too-small": phrase("不能小于{least}。"),
    "too-large-number": phrase("不能大于{most}。"),
    "too-short": phrase("至少{least}个字。"),
    "too-long": phrase("最多{most}个字，现在是{length}个。"),
    "bad-characters": phrase("里面有不能用的字符（例如控制字符），请重新输入。"),
    "year-out-of-range": phrase("年份{year}不对，应在{first}年到{last}年之间。"),
    "bad-cursor": phrase("翻页标记无效，请从第一页重新开始。"),
    "not-found": phrase("没有找到，或不在您的范围内。"),
    "unusable": phrase("这个值不能用。"),
    "bad-phone": phrase("请填写手机号（11位）或带区号的电话。"),
}


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


def _failed(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """An error of ours: logged with a reference that the person can name; nothing of it leaves the server."""
    from outreach.shared.ids import new_id

    reference = new_id().hex[-8:]
    logger.error("unhandled error %s on %s %s", reference, request.method, request.scope["path"], exc_info=error)
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
    logger.warning("no UTF-8 on %s: %s", request.scope["path"], error)
    return refused(request, InvalidError([FieldProblem("", "not-an-object")]))


def _misused_or_away(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """The driver's own word: a connection that closed under a statement, or a mistake of ours."""
    away = "closed" in str(error) or "another operation" in str(error)
    return _database_away(request, error) if away else _failed(request, error)


def _value_refused_by_database(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """A value that no check caught and the database cannot hold, such as a number beyond its type."""
    logger.warning("database refused a value on %s: %s", request.scope["path"], type(error).__name__)
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
