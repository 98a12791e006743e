"""The OpenAPI document: what Litestar derives from the handlers, and what holds for every one of them."""

from typing import Any

from litestar import Litestar

from outreach import __version__
from outreach.web.problems import PROBLEM_JSON

__all__ = ["document"]

_PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457 problem details; `type` is documented at its own address.",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "examples": ["/problems/session-full"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
    "additionalProperties": True,
}

_ALWAYS = {
    400: "Not readable.",
    401: "No or wrong credentials.",
    403: "Not allowed.",
    404: "Not found for the caller.",
    405: "Method not allowed.",
    422: "Bad fields, each named.",
    429: "Too many tries.",
    503: "Try again later.",
}
_UNSAFE = {
    409: "The state of things forbids it.",
    412: "Changed since it was read.",
    413: "Too large.",
    415: "Wrong content type.",
}


def document(app: Litestar) -> dict[str, Any]:
    """The document of ``app``, made once."""
    kept: dict[str, Any] | None = getattr(app.state, "openapi_document", None)
    if kept is not None:
        return kept
    made = app.openapi_schema.to_schema()
    made["info"] = {
        "title": "Outreach",
        "version": __version__,
        "description": "Sessions, bookings, attendance and progress of outreach programmes. Times are RFC 3339 with "
        "offset; lists are pages with `items`, `next`, `total`; errors are RFC 9457 problem details.",
        "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    }
    components = made.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = _PROBLEM_SCHEMA
    components["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "`outreach token create NAME`"},
        "login": {"type": "apiKey", "in": "cookie", "name": "outreach_login"},
    }
    made["security"] = [{"token": []}, {"login": []}]
    for operations in made.get("paths", {}).values():
        for method, operation in operations.items():
            if method in ("get", "post", "put", "patch", "delete"):
                _complete(method, operation)
    app.state.openapi_document = made
    return made


def _complete(method: str, operation: dict[str, Any]) -> None:
    refusals = _ALWAYS if method == "get" else {**_ALWAYS, **_UNSAFE}
    answers = operation.setdefault("responses", {})
    for status, meaning in refusals.items():
        answers[str(status)] = {
            "description": meaning,
            "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    if method in ("patch", "put"):
        operation.setdefault("parameters", []).append(
            {
                "name": "If-Match",
                "in": "header",
                "required": False,
                "schema": {"type": "string", "pattern": r'^(\*|"[0-9]{1,9}")$'},
                "description": "The `ETag` that was read: 412 when the object was changed since.",
            }
        )
    if method == "post":
        operation.setdefault("parameters", []).append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "schema": {"type": "string", "minLength": 1, "maxLength": 200},
                "description": "The same key and body again returns the first answer; kept 48 hours.",
            }
        )
